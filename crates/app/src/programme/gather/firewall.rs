//! What firewalls show: devices that face the outside behind one that blocks, and how old its rules are.

use bedrail_comply::signal::Value;
use bedrail_model::device::Exposure;

use super::{Known, Said};

/// Nobody who registered no firewall has said that there is none. That all devices are behind one is said only where it is known of
/// every device whether it faces the outside.
pub(super) fn coverage(known: &Known) -> Said {
    if known.firewalls.is_empty() {
        return None;
    }
    let (of, met, _) = known.firewalls.outside(&known.fleet);
    let untold = known.fleet.devices.briefs.iter().any(|device| device.exposure == Exposure::Unknown);
    let words = format!(
        "{met} of {of} devices that face the outside stand behind a firewall that blocks (/firewall)"
    );
    (of > 0).then_some((Value::Share { met, of }, words)).filter(|_| met < of || !untold)
}

/// The oldest rules before a device that faces the outside count; where one firewall does not say, nothing is known.
pub(super) fn rules_age(known: &Known) -> Said {
    let (_, _, days) = known.firewalls.outside(&known.fleet);
    let words = "the oldest rules before a device that faces the outside, by their own day (/firewall)";
    days.map(|days| (Value::Days(days), words.to_owned()))
}
