//! Whether an answer is complete: everything of the input was read, and every source that could change the answer is
//! whole and young enough. `docs/exit-codes.md` has the table.

use std::collections::BTreeSet;

use bedrail_model::component::Inventory;
use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};

use crate::feeds::sources::Source;

use super::{Assessed, ScanOptions, ScanSource, asked};

/// Sources that have a say whatever the input: the bar `kev` and the column "known exploited" stand on it.
///
/// EPSS is not among them: it orders findings and changes no answer and no exit code.
const ALWAYS_RELEVANT: &[&str] = &["kev"];

/// One thing that keeps an answer from being complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incomplete {
    /// A part of the document could not be read: this many losses, each among the warnings.
    InputLost(usize),
    /// So many things were not looked into, or not to their end; each is among the warnings.
    NotScanned(usize),
    /// The document lists no component, so nothing was judged.
    NoComponents,
    /// Nothing that is known was found in the files, so nothing was judged.
    NothingFound,
    /// Only the built-in starter advisories are held: this many.
    StarterOnly(u64),
    /// A source that has a say is not whole or not young.
    Source {
        /// Its name.
        name: String,
        /// How it stands.
        state: SourceState,
        /// Its age in days, where known.
        age_days: Option<i64>,
        /// The age allowed, in days.
        max_age_days: u32,
        /// What is wrong with it, in words.
        note: Option<String>,
    },
}

impl Incomplete {
    /// The stable code used in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Incomplete::InputLost(_) => "input_lost",
            Incomplete::NotScanned(_) => "not_scanned",
            Incomplete::NoComponents => "no_components",
            Incomplete::NothingFound => "nothing_found",
            Incomplete::StarterOnly(_) => "starter_only",
            Incomplete::Source { state: SourceState::Missing, .. } => "source_missing",
            Incomplete::Source { state: SourceState::Empty, .. } => "source_empty",
            Incomplete::Source { state: SourceState::Partial, .. } => "source_partial",
            Incomplete::Source { state: SourceState::Stale | SourceState::Fresh, .. } => "source_stale",
        }
    }
}

impl std::fmt::Display for Incomplete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Incomplete::InputLost(1) => f.write_str("1 part of the document could not be read"),
            Incomplete::InputLost(count) => write!(f, "{count} parts of the document could not be read"),
            Incomplete::NotScanned(1) => f.write_str("1 thing was not looked into"),
            Incomplete::NotScanned(count) => write!(f, "{count} things were not looked into"),
            Incomplete::NothingFound => f.write_str("no known software was found, so nothing was judged"),
            Incomplete::NoComponents => {
                f.write_str("the document lists no components, so nothing was judged")
            }
            Incomplete::StarterOnly(count) => {
                write!(f, "starter data, {count} advisories; `bedrail db update` fetches all")
            }
            Incomplete::Source { name, state, age_days, max_age_days, note } => {
                match (state, age_days) {
                    (SourceState::Missing, _) => write!(f, "{name} was never fetched")?,
                    (SourceState::Empty, _) => write!(f, "{name} is empty")?,
                    (SourceState::Partial, _) => write!(f, "{name} is partial")?,
                    (SourceState::Stale | SourceState::Fresh, Some(days)) => {
                        write!(f, "{name} is {days} days old ({max_age_days} allowed)")?;
                    }
                    (SourceState::Stale | SourceState::Fresh, None) => write!(f, "{name} is of unknown age")?,
                }
                match note {
                    Some(note) if *state != SourceState::Missing => write!(f, " ({note})"),
                    Some(_) | None => Ok(()),
                }
            }
        }
    }
}

/// Every source, with whether it has a say on these components. One that has a say and could be fetched, but that no
/// installation is bound to hold and this one does not, is there as missing.
pub(super) fn sources(data: &DataStatus, assessed: &[Assessed]) -> Vec<ScanSource> {
    let named: BTreeSet<&str> =
        assessed.iter().flat_map(|it| it.sources.iter().map(String::as_str)).collect();
    let is_relevant = |name: &str| ALWAYS_RELEVANT.contains(&name) || named.contains(name);
    let held = data.sources.iter().cloned();
    let is_held = |name: &str| data.sources.iter().any(|status| status.name == name);
    let missing = named.iter().filter(|name| Source::named(name).is_some() && !is_held(name));
    let missing = missing.map(|name| SourceStatus {
        name: (*name).to_owned(),
        state: SourceState::Missing,
        as_of: None,
        fetched_at: None,
        records: 0,
        age_days: None,
        note: None,
    });
    held.chain(missing).map(|status| ScanSource { relevant: is_relevant(&status.name), status }).collect()
}

/// Everything that keeps the answer from being complete.
pub(super) fn gaps(
    inventory: &Inventory,
    data: &DataStatus,
    sources: &[ScanSource],
    options: &ScanOptions,
) -> Vec<Incomplete> {
    let mut gaps = Vec::new();
    let of_files = inventory.format == super::files::FILES;
    let lost = inventory.warnings.iter().filter(|warning| warning.lost).count();
    if lost > 0 {
        gaps.push(if of_files { Incomplete::NotScanned(lost) } else { Incomplete::InputLost(lost) });
    }
    if asked(inventory) == 0 {
        gaps.push(if of_files { Incomplete::NothingFound } else { Incomplete::NoComponents });
    }
    if data.starter_only {
        // It says that no source was fetched; naming each would say it again.
        gaps.push(Incomplete::StarterOnly(data.advisories));
        return gaps;
    }
    let missing = sources.iter().filter(|it| it.relevant && it.status.state != SourceState::Fresh);
    let (years, missing): (Vec<&ScanSource>, Vec<&ScanSource>) =
        missing.partition(|it| it.status.state == SourceState::Missing && it.status.name.starts_with(YEARS));
    gaps.extend(in_one(&years, options));
    gaps.extend(missing.into_iter().map(|it| Incomplete::Source {
        name: it.status.name.clone(),
        state: it.status.state,
        age_days: it.status.age_days,
        max_age_days: options.max_data_age_days,
        note: it.status.note.clone(),
    }));
    gaps
}

/// How the names of NVD's feeds begin, one a year: those that were never fetched are told of together.
const YEARS: &str = "nvd/";

fn in_one(years: &[&ScanSource], options: &ScanOptions) -> Option<Incomplete> {
    let names: Vec<&str> = years.iter().filter_map(|it| it.status.name.strip_prefix(YEARS)).collect();
    (!names.is_empty()).then(|| Incomplete::Source {
        name: format!("{YEARS}{}", names.join(", ")),
        state: SourceState::Missing,
        age_days: None,
        max_age_days: options.max_data_age_days,
        note: None,
    })
}
