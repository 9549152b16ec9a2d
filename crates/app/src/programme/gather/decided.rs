//! Decisions on measures: their reasons, and when they are looked at again.

use std::collections::HashSet;

use bedrail_comply::signal::Value;
use bedrail_store::programme::DecisionRow;

use super::{Known, Told};

/// The last decision on each requirement for the same systems; they come the newest first.
fn in_force(known: &Known) -> Vec<&DecisionRow> {
    let mut met: HashSet<(&str, &[String])> = HashSet::new();
    known.decisions.iter().filter(|row| met.insert((&row.requirement, &row.systems))).collect()
}

/// No decision is taken in without a sentence, so that sentences show nothing; a document behind the sentence does.
pub(super) fn reasons_documented(known: &Known) -> Vec<Told> {
    let rows = in_force(known);
    if rows.is_empty() {
        return Told::unknown("no decision on a measure was written down yet (/programme)");
    }
    let stands = |row: &&&DecisionRow| {
        let named = row.proof.and_then(|id| known.proofs.iter().find(|proof| proof.id == id));
        named.is_some_and(|proof| proof.withdrawn.is_none())
    };
    let (met, of) = (rows.iter().filter(stands).count() as u64, rows.len() as u64);
    Told::all(
        Value::Share { met, of },
        format!("{met} of {of} decisions on measures have a document behind their reason (/programme)"),
    )
}

/// Measures that stand in the place of a specification, and those that were put in as it says.
pub(super) fn measures_overdue(known: &Known) -> Vec<Told> {
    let today = known.today();
    let rows: Vec<&DecisionRow> =
        in_force(known).into_iter().filter(|row| row.outcome != "not_reasonable").collect();
    if rows.is_empty() {
        return Told::unknown("no measure with a review date was written down yet (/programme)");
    }
    let late = rows.iter().filter(|row| row.review_by < today).count() as u64;
    Told::all(
        Value::Count(late),
        format!("{late} of {} measures are past their review date (/programme)", rows.len()),
    )
}
