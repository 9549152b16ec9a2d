//! How old and how whole the vulnerability data is. No answer is better than the data behind it.

use jiff::Timestamp;

/// The state of one source of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceState {
    /// Whole and young enough.
    Fresh,
    /// Whole, but older than the age allowed.
    Stale,
    /// It holds less than it says, or a part of it could not be read.
    Partial,
    /// It was fetched and held nothing.
    Empty,
    /// It was never fetched.
    Missing,
}

impl SourceState {
    /// The stable code used in JSON, CSV and pages.
    pub const fn code(self) -> &'static str {
        match self {
            SourceState::Fresh => "fresh",
            SourceState::Stale => "stale",
            SourceState::Partial => "partial",
            SourceState::Empty => "empty",
            SourceState::Missing => "missing",
        }
    }
}

/// One source of data and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// Name: `osv/Maven`, `kev`, `epss`, `starter`.
    pub name: String,
    /// How the data stands.
    pub state: SourceState,
    /// The newest date inside the data: it speaks of the world as of then.
    pub as_of: Option<Timestamp>,
    /// When we fetched it.
    pub fetched_at: Option<Timestamp>,
    /// Records held.
    pub records: u64,
    /// Whole days from `as_of` to the moment asked about.
    pub age_days: Option<i64>,
    /// What is wrong or worth knowing, in words.
    pub note: Option<String>,
}

/// All expected sources and the verdict on them together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataStatus {
    /// Every expected source, missing ones too, in a fixed order.
    pub sources: Vec<SourceStatus>,
    /// Whether every source is whole and fresh.
    pub complete: bool,
    /// Whether only the built-in starter advisories are held.
    pub starter_only: bool,
    /// Id of the state of the data, as evidence cites it.
    pub snapshot: String,
    /// Advisories held.
    pub advisories: u64,
}

impl DataStatus {
    /// The oldest `as_of` of all sources that have one: the whole speaks of the world as of then.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.sources.iter().filter_map(|source| source.as_of).min()
    }
}
