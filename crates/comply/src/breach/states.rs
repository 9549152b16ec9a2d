//! Clocks of State law. They come from dated rows with a citation, or from counsel's tick; a State without either is "cannot
//! tell", and never falls back on the 60 days of HIPAA.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::Fault;

/// A row of a State's law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRule {
    /// Postal code.
    pub jurisdiction: String,
    /// Calendar days after discovery, inclusive.
    pub days: i64,
    /// Where it stands written.
    pub citation: String,
    /// When it was checked.
    pub checked_on: Date,
    /// Who checked it.
    pub checked_by: String,
}

/// What counsel says of one State in one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Postal code.
    pub jurisdiction: String,
    /// The last day; `None` where counsel says that nothing is due there.
    pub due: Option<Date>,
    /// Who.
    pub by: String,
    /// When.
    pub on: Date,
    /// Why, with the citation.
    pub note: String,
}

/// The clock of one affected State.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateClock {
    /// By a row.
    Due {
        /// The last day.
        on: Date,
        /// The citation.
        citation: String,
    },
    /// By counsel.
    Ticked(Tick),
    /// Nobody knows: notice cannot be signed off until somebody does.
    CannotTell,
}

/// The rows, and counsel's ticks for a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateRules {
    /// Rows, by postal code.
    pub rows: BTreeMap<String, StateRule>,
    /// Ticks, by postal code.
    pub ticks: BTreeMap<String, Tick>,
}

/// A file of rows that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidStates(pub Fault);

#[derive(Deserialize)]
struct File {
    jurisdictions: BTreeSet<String>,
    #[serde(default)]
    clocks: Vec<serde_saphyr::Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    jurisdiction: String,
    days: i64,
    starts: String,
    citation: String,
    checked_on: String,
    checked_by: String,
}

impl StateRules {
    /// The rows in the program: none, until counsel adds some.
    ///
    /// # Errors
    /// [`InvalidStates`]; a test sees to it that ours have no fault.
    pub fn embedded() -> Result<StateRules, InvalidStates> {
        let name = "state-clocks.yaml";
        StateRules::read(name, crate::catalog::text(name))
    }

    /// The rows of a file.
    ///
    /// # Errors
    /// [`InvalidStates`] with the line of the first fault: no such jurisdiction, no citation, nobody who checked it, no date.
    pub fn read(name: &str, text: &str) -> Result<StateRules, InvalidStates> {
        let file: File = crate::catalog::yaml(name, text).map_err(InvalidStates)?;
        let mut rows = BTreeMap::new();
        for row in file.clocks {
            let line = row.referenced.line();
            let fault = |message: String| InvalidStates(Fault { file: name.to_owned(), line, message });
            let row = row.value;
            if !file.jurisdictions.contains(&row.jurisdiction) {
                return Err(fault(format!("{:?} is no jurisdiction of the list", row.jurisdiction)));
            }
            if row.citation.trim().is_empty() || row.checked_by.trim().is_empty() {
                return Err(fault(format!(
                    "{}: a clock names its citation and who checked it",
                    row.jurisdiction
                )));
            }
            if !(0..=3660).contains(&row.days) || row.starts != "discovery" {
                return Err(fault(format!(
                    "{}: `days` after `starts: discovery` are asked for",
                    row.jurisdiction
                )));
            }
            let Ok(checked_on) = row.checked_on.parse() else {
                return Err(fault(format!("{}: `checked_on` is no date", row.jurisdiction)));
            };
            let rule = StateRule {
                jurisdiction: row.jurisdiction.clone(),
                days: row.days,
                citation: row.citation,
                checked_on,
                checked_by: row.checked_by,
            };
            if rows.insert(row.jurisdiction.clone(), rule).is_some() {
                return Err(fault(format!("{} stands there twice", row.jurisdiction)));
            }
        }
        Ok(StateRules { rows, ticks: BTreeMap::new() })
    }

    /// The clocks of affected States.
    pub(super) fn of<'a>(
        &self,
        affected: impl Iterator<Item = &'a String>,
        discovered: Option<Date>,
    ) -> BTreeMap<String, StateClock> {
        affected.map(|state| (state.clone(), self.clock(state, discovered))).collect()
    }

    fn clock(&self, state: &str, discovered: Option<Date>) -> StateClock {
        if let Some(tick) = self.ticks.get(state) {
            return StateClock::Ticked(tick.clone());
        }
        match (self.rows.get(state), discovered) {
            (Some(rule), Some(discovered)) => StateClock::Due {
                on: discovered.saturating_add(rule.days.days()),
                citation: rule.citation.clone(),
            },
            _ => StateClock::CannotTell,
        }
    }
}
