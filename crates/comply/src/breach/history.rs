//! How the clocks of a case moved as more was learned. What was due then stays on record.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clocks::{Clocks, Recipient, clocks};
use super::states::StateRules;
use super::{BadEvent, Case, Recorded};

/// A limit that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whose.
    pub recipient: Recipient,
    /// Where it stood; `None` where it was not there.
    pub from: Option<Date>,
    /// Where it stands; `None` where it fell away.
    pub to: Option<Date>,
}

/// The clocks after what was recorded at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The moment.
    pub at: Timestamp,
    /// The clocks as known then.
    pub clocks: Clocks,
    /// What moved by it.
    pub moved: Vec<Moved>,
}

/// The clocks after each moment at which something was recorded, oldest first.
///
/// # Errors
/// As [`clocks`]; the first moment at which the events do not fit together.
pub fn history(
    case: &Case,
    events: &[Recorded],
    states: &StateRules,
    zone: &TimeZone,
) -> Result<Vec<Step>, BadEvent> {
    let mut in_order = events.to_vec();
    in_order.sort_by_key(|it| it.at);
    let mut steps: Vec<Step> = Vec::new();
    for end in 1..=in_order.len() {
        let at = in_order[end - 1].at;
        if in_order.get(end).is_some_and(|next| next.at == at) {
            continue;
        }
        let clocks = clocks(case, &in_order[..end], states, zone)?;
        let moved = moved(steps.last().map(|step| &step.clocks), &clocks);
        steps.push(Step { at, clocks, moved });
    }
    Ok(steps)
}

fn moved(before: Option<&Clocks>, after: &Clocks) -> Vec<Moved> {
    let limit = |clocks: Option<&Clocks>, recipient: &Recipient| {
        clocks.and_then(|clocks| clocks.to(recipient)).map(|due| due.limit)
    };
    let all = before.into_iter().chain([after]).flat_map(|clocks| &clocks.due);
    let recipients: std::collections::BTreeSet<&Recipient> = all.map(|due| &due.recipient).collect();
    recipients
        .into_iter()
        .map(|recipient| Moved {
            recipient: recipient.clone(),
            from: limit(before, recipient),
            to: limit(Some(after), recipient),
        })
        .filter(|it| it.from != it.to)
        .collect()
}
