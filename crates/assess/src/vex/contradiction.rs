//! Statements that contradict each other on one weakness in one thing.

use bedrail_model::vex::Status;
use jiff::Timestamp;

/// What one issuer says of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion<'a> {
    /// What the caller calls the statement.
    pub statement: usize,
    /// Who says it.
    pub issuer: &'a str,
    /// What is said.
    pub status: Status,
    /// When it was said; `None` where it is not known.
    pub dated: Option<Timestamp>,
}

/// Two statements that cannot both be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Contradiction {
    /// The one that calls it affected.
    pub affected: usize,
    /// The one that says that it is not, or not any more.
    pub other: usize,
}

/// Contradictions among what is said of one weakness in one thing. What an issuer said later takes the place of what it
/// said before; of two without a date both stand.
pub fn contradictions(opinions: &[Opinion<'_>]) -> Vec<Contradiction> {
    let standing: Vec<&Opinion<'_>> = opinions.iter().filter(|it| !is_replaced(it, opinions)).collect();
    let mut found = Vec::new();
    for affected in standing.iter().filter(|it| it.status == Status::Affected) {
        for other in standing.iter().filter(|it| matches!(it.status, Status::NotAffected | Status::Fixed)) {
            found.push(Contradiction { affected: affected.statement, other: other.statement });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn is_replaced(one: &Opinion<'_>, all: &[Opinion<'_>]) -> bool {
    all.iter().any(|later| {
        later.issuer == one.issuer
            && matches!((one.dated, later.dated), (Some(one), Some(later)) if later > one)
    })
}
