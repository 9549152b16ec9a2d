//! Discovery (45 CFR 164.404(a)(2), 164.410(a)(2)): the first day on which the breach was known, or with reasonable diligence
//! would have been, to the entity, including its workforce and agents other than whoever committed it.

use jiff::civil::Date;

use super::{Event, Knower, Role};

/// When it counts as discovered, and where that comes from.
pub(super) fn discovered<'a>(
    role: Role,
    events: impl Iterator<Item = &'a Event>,
) -> Option<(Date, &'static str)> {
    let dates = events.filter_map(|event| match event {
        Event::Known(Knower::Entity, on) => Some((*on, "known to the entity")),
        Event::Known(Knower::Workforce, on) => Some((*on, "known to the workforce")),
        Event::Known(Knower::Diligence, on) => Some((*on, "would have been known with reasonable diligence")),
        Event::AssociateDiscovered { on, .. } if role == Role::BusinessAssociate => {
            Some((*on, "discovered by the business associate"))
        }
        Event::AssociateDiscovered { on, agent: true } => {
            Some((*on, "known to a business associate that is an agent"))
        }
        Event::AssociateTold(on) if role == Role::CoveredEntity => {
            Some((*on, "told by the business associate"))
        }
        // An associate that is no agent: its knowledge is not the entity's. Nor is the wrongdoer's.
        Event::AssociateDiscovered { .. }
        | Event::AssociateTold(_)
        | Event::Known(Knower::Wrongdoer, _)
        | Event::Occurred(_)
        | Event::Counted(_)
        | Event::LawEnforcement(_)
        | Event::Ransomware
        | Event::Assessed(_)
        | Event::Notified { .. } => None,
    });
    dates.min_by_key(|(on, _)| *on)
}
