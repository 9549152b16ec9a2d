//! How urgent items are: the judgement that findings are ranked by, asked with what is known of the device.

use std::collections::{BTreeSet, HashMap, HashSet};

pub use bedrail_assess::alerts::Item as Judged;
use bedrail_assess::alerts::{self as judgement, Step};
use bedrail_assess::priority::When;
use bedrail_model::alert::Outcome;
use bedrail_model::clinical::harm_of_kind;
use bedrail_model::device::Exposure;
use bedrail_model::ids::{ClassId, DeviceId};
use bedrail_model::severity::Severity;
use bedrail_store::alerts::items::{ItemRow, URGENCIES};
use bedrail_store::devices::DeviceRow;
use bedrail_store::{View, devices, findings};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::rota;
use crate::Error;
use crate::exposure::reach;

/// What is known of the devices that some items are about.
#[derive(Debug, Default)]
pub(super) struct Known {
    devices: HashMap<DeviceId, (Exposure, Option<String>, ClassId)>,
    weak: HashSet<(String, ClassId)>,
    zone: Option<TimeZone>,
}

/// By what is known now it is judged when to act on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What goes into the judgement.
    pub judged: Judged,
    /// The weaknesses that its rule names and that are open on its device, or of which that cannot be told.
    pub weaknesses: Vec<String>,
    /// Whether its device is known.
    pub has_device: bool,
}

impl Why {
    /// When to act.
    pub fn when(&self) -> When {
        judgement::when(&self.judged)
    }
}

/// What ranks an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) rule: &'a str,
    pub(super) rule_name: Option<&'a str>,
    pub(super) severity: Severity,
    pub(super) outcome: Outcome,
    pub(super) device: Option<DeviceId>,
}

impl<'a> Asked<'a> {
    /// Of an item that is stored.
    pub(super) fn of(item: &'a ItemRow) -> Asked<'a> {
        Asked {
            rule: &item.about.rule,
            rule_name: item.about.rule_name.as_deref(),
            severity: Severity::from_word(&item.about.severity).unwrap_or_default(),
            outcome: Outcome::from_code(&item.about.outcome).unwrap_or(Outcome::Success),
            device: item.about.device,
        }
    }
}

impl Known {
    /// All that ranks these items.
    pub(super) async fn of(view: &View, items: impl Iterator<Item = Asked<'_>>) -> Result<Known, Error> {
        let zone = Some(rota::zone(view).await?);
        let (mut ids, mut weaknesses) = (HashSet::new(), HashSet::new());
        for item in items {
            if let Some(device) = item.device {
                ids.insert(device);
                weaknesses.extend(weaknesses_in(item.rule, item.rule_name));
            }
        }
        if ids.is_empty() {
            return Ok(Known { zone, ..Known::default() });
        }
        let ids: Vec<DeviceId> = ids.into_iter().collect();
        let rows = devices::by_ids(view, &ids).await?;
        let seen = reach::seen_outside(view, &rows).await?;
        let exposure = |row: &DeviceRow| {
            if seen.contains(&row.id) { Exposure::Outside } else { row.facts.exposure }
        };
        let devices =
            rows.into_iter().map(|row| (row.id, (exposure(&row), row.facts.kind, row.class))).collect();
        let weaknesses: Vec<String> = weaknesses.into_iter().collect();
        let mut weak = HashSet::new();
        if !weaknesses.is_empty() {
            for (weakness, open) in findings::open_affected(view, &weaknesses).await? {
                weak.extend(open.into_iter().map(|(class, ..)| (weakness.clone(), class)));
            }
            // Whether such a device is touched is not known: an attempt on it counts as one on a weak device.
            for (weakness, open) in findings::open_unclear(view, &weaknesses).await? {
                weak.extend(open.into_iter().map(|(class, ..)| (weakness.clone(), class)));
            }
        }
        Ok(Known { devices, weak, zone })
    }

    /// By when an item is to be taken, decided and closed, where the organisation is.
    pub(super) fn due(&self, when: When, opened: Timestamp) -> [Timestamp; 3] {
        due(when, opened, self.zone.as_ref().unwrap_or(&TimeZone::UTC))
    }

    /// When to act on an item.
    pub(super) fn when(&self, item: Asked<'_>) -> When {
        judgement::when(&self.why(item).judged)
    }

    /// What that is judged by.
    pub(super) fn why(&self, item: Asked<'_>) -> Why {
        let device = item.device.and_then(|id| self.devices.get(&id));
        let is_weak = |weakness: &String| {
            device.is_some_and(|(.., class)| self.weak.contains(&(weakness.clone(), *class)))
        };
        let weaknesses: Vec<String> = weaknesses_in(item.rule, item.rule_name)
            .filter(is_weak)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let judged = Judged {
            outcome: item.outcome,
            severity: item.severity,
            exposure: device.map_or(Exposure::Unknown, |(exposure, ..)| *exposure),
            harm: device.and_then(|(_, kind, _)| harm_of_kind(kind.as_deref())),
            is_weak: !weaknesses.is_empty(),
        };
        Why { judged, weaknesses, has_device: device.is_some() }
    }
}

/// The weaknesses that a rule names, in capital letters.
pub(super) fn weaknesses_in<'a>(
    rule: &'a str,
    rule_name: Option<&'a str>,
) -> impl Iterator<Item = String> + 'a {
    let words = [Some(rule), rule_name].into_iter().flatten();
    words
        .flat_map(|text| text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-'))
        .filter_map(cve)
}

/// A CVE id, as rules write it: `CVE-2021-44228`, `CVE_2021_44228` is written apart by then, in any case.
fn cve(word: &str) -> Option<String> {
    let upper = word.to_ascii_uppercase();
    let (year, number) = upper.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)).then_some(upper)
}

/// Outcomes, the mildest first: of what is equally urgent the worse comes first.
const OUTCOMES: [Outcome; URGENCIES as usize] =
    [Outcome::Blocked, Outcome::Unknown, Outcome::Allowed, Outcome::Success];

/// When to act and how it ended, as it is stored: the higher, the sooner.
pub(super) fn urgency(when: When, outcome: Outcome) -> u8 {
    let at = When::ALL.iter().position(|each| *each == when).unwrap_or(0);
    let within = OUTCOMES.iter().position(|each| *each == outcome).unwrap_or(0);
    let number = |at: usize| u8::try_from(at).unwrap_or(0);
    number(When::ALL.len() - 1 - at) * URGENCIES + number(within)
}

/// When to act on an item that was stored so urgent.
pub(super) fn when_of(urgency: u8) -> When {
    let at = (When::ALL.len() - 1).saturating_sub(usize::from(urgency / URGENCIES));
    When::ALL.get(at).copied().unwrap_or(When::ALL[0])
}

/// By when an item that was opened at a moment is to be taken, decided and closed.
pub(super) fn due(when: When, opened: Timestamp, zone: &TimeZone) -> [Timestamp; 3] {
    Step::ALL.map(|step| judgement::clock(when, step, opened).target(zone, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_weaknesses_in_many_ways() {
        let found = |name| weaknesses_in("1:2034647", Some(name)).collect::<Vec<_>>().join(" ");
        for (text, expected) in [
            ("ET EXPLOIT Apache log4j RCE Attempt (CVE-2021-44228)", "CVE-2021-44228"),
            ("log4shell cve-2021-44228/CVE-2021-45046", "CVE-2021-44228 CVE-2021-45046"),
            ("CVE-21-44228 CVE-2021- CVE-2021-12", ""),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn urgencies_are_stored_in_the_order_of_acting() {
        let mut last = None;
        for when in When::ALL.into_iter().rev() {
            for outcome in OUTCOMES {
                let stored = urgency(when, outcome);
                assert_eq!(when_of(stored), when);
                assert!(last < Some(stored), "{when:?} {outcome:?}");
                last = Some(stored);
            }
        }
    }
}
