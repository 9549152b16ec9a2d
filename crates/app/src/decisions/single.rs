//! Numbers and findings of single devices for which something was decided: those of their class do not hold for them.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::DeviceId;
use bedrail_store::{View, weaknesses};

use super::{Brief, Rulings};
use crate::affected::weakness_marks;
use crate::devices::DeviceRow;
use crate::fleet::Fleet;
use crate::{Context, Error};

/// What is said of one device and one weakness, the decision on the device included.
pub(crate) type Said = (Answer, Reason, Option<Brief>);

/// What is said of a device where something was decided for it alone, by weakness.
pub(crate) async fn said(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    rulings: &Rulings,
    (device, class): (DeviceId, u32),
) -> Result<BTreeMap<String, Said>, Error> {
    let mut found = BTreeMap::new();
    for id in rulings.singly_on(device) {
        let marks = weakness_marks(ctx, fleet, view, id).await?;
        if let Some(mark) = marks.of_device(device, class) {
            let brief = mark.decision.and_then(|decision| rulings.brief(decision.id));
            found.insert(id.to_owned(), (mark.answer, mark.reason, brief));
        }
    }
    Ok(found)
}

/// Corrects the numbers of devices for which something was decided.
pub(crate) async fn correct(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    rows: &mut [DeviceRow],
) -> Result<(), Error> {
    let rulings = Rulings::of(ctx, view).await?;
    if !rulings.any_single() {
        return Ok(());
    }
    let ids: BTreeSet<&str> = rows.iter().flat_map(|row| rulings.singly_on(row.id)).collect();
    let names: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let known = weaknesses::by_ids(view, &names).await?;
    for id in names {
        let exploited = known.iter().any(|one| one.id == id && one.kev.is_some());
        let marks = weakness_marks(ctx, fleet, view, &id).await?;
        for row in rows.iter_mut() {
            let Some(class) = fleet.products.class_index.get(&row.class).copied() else { continue };
            let own = marks.single.get(&row.id).map(|mark| mark.answer);
            let Some(own) = own else { continue };
            let of_class = marks.of(class).map(|mark| mark.answer);
            shift(row, of_class, -1, exploited);
            shift(row, Some(own), 1, exploited);
        }
    }
    Ok(())
}

fn shift(row: &mut DeviceRow, answer: Option<Answer>, by: i32, exploited: bool) {
    let moved = |count: &mut u32| *count = count.saturating_add_signed(by);
    match answer {
        Some(Answer::Affected) => {
            moved(&mut row.affected);
            if exploited {
                moved(&mut row.known_exploited);
            }
        }
        Some(Answer::CannotTell) => moved(&mut row.cannot_tell),
        Some(Answer::NotAffected) | None => {}
    }
}
