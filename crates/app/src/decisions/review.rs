//! Which decisions are to be looked at again, and why.

use std::collections::{BTreeSet, HashMap, HashSet};

use bedrail_assess::decisions::holds_for;
use bedrail_model::decision::{Decision, Origin, Review, Scope};
use bedrail_model::finding::Weakness;
use bedrail_store::findings::{self, FindingRow};
use bedrail_store::{View, vex, weaknesses};

use super::rulings::{Rulings, key_of};
use super::{DecisionRow, basis, ids, names_of, place};
use crate::fleet::Fleet;
use crate::{Context, Error};

/// What is known of weaknesses now, as far as decisions on them stand on it.
struct Known {
    weaknesses: HashMap<String, Weakness>,
    /// Findings on those that a decision on certain components was taken on.
    findings: HashMap<String, Vec<FindingRow>>,
    /// Statements that do not stand any more.
    gone: HashSet<String>,
}

impl Known {
    /// Of decisions in force, each with the id that its weakness is called by.
    async fn of<'d>(
        view: &View,
        decisions: impl Iterator<Item = (&'d str, &'d Decision)>,
    ) -> Result<Known, Error> {
        let (mut called, mut narrow, mut stated) = (BTreeSet::new(), BTreeSet::new(), false);
        for (name, decision) in decisions {
            called.insert(name.to_owned());
            stated |= matches!(decision.origin, Origin::Statement(_)) && decision.withdrawn.is_none();
            if looks_at_findings(decision) {
                narrow.insert(name.to_owned());
            }
        }
        let held = weaknesses::by_ids(view, &called.into_iter().collect::<Vec<_>>()).await?;
        let mut findings: HashMap<String, Vec<FindingRow>> = HashMap::new();
        for row in findings::of_weaknesses(view, &narrow.into_iter().collect::<Vec<_>>()).await? {
            findings.entry(row.weakness.clone()).or_default().push(row);
        }
        let weaknesses = held.into_iter().map(|one| (one.id.clone(), one)).collect();
        let gone = if stated { vex::gone(view).await? } else { Vec::new() };
        Ok(Known { weaknesses, findings, gone: gone.into_iter().map(|id| id.to_string()).collect() })
    }

    /// Why a decision in force is to be looked at again.
    fn reviews(&self, fleet: &Fleet, name: &str, decision: &Decision, day: jiff::civil::Date) -> Vec<Review> {
        let weakness = self.weaknesses.get(name);
        let mut reviews = weakness.map_or_else(Vec::new, |it| decision.reviews(&basis(it), day));
        let found = self.findings.get(name).map_or(&[][..], Vec::as_slice);
        reviews.extend(of_fleet(fleet, decision, found));
        if matches!(&decision.origin, Origin::Statement(id) if self.gone.contains(id)) {
            reviews.push(Review::StatementGone);
        }
        reviews
    }
}

/// Decisions as they are shown.
pub(super) async fn rows(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    decisions: Vec<Decision>,
) -> Result<Vec<DecisionRow>, Error> {
    let names = weaknesses::names(view, &ids(&decisions)).await?;
    let name = |id: &str| names.get(&id.to_uppercase()).cloned().unwrap_or_else(|| id.to_owned());
    let called: Vec<String> = decisions.iter().map(|decision| name(&decision.weakness)).collect();
    let known = Known::of(view, called.iter().map(String::as_str).zip(&decisions)).await?;
    let devices = names_of(fleet, decisions.iter().map(|decision| &decision.scope));
    let day = ctx.clock.today();
    let row = |(decision, called): (Decision, String)| {
        let in_force = decision.withdrawn.is_none();
        DecisionRow {
            place: place(fleet, &decision.scope, &devices),
            weakness: known.weaknesses.get(&called).cloned(),
            reviews: if in_force { known.reviews(fleet, &called, &decision, day) } else { Vec::new() },
            decision,
        }
    };
    Ok(decisions.into_iter().zip(called).map(row).collect())
}

/// How many decisions in force are to be looked at again.
pub(crate) async fn count(ctx: &Context, fleet: &Fleet, view: &View) -> Result<u64, Error> {
    let rulings = Rulings::of(ctx, view).await?;
    if rulings.book.is_empty() {
        return Ok(0);
    }
    let known = Known::of(view, rulings.book.all()).await?;
    let again =
        |(name, decision): &(&str, &Decision)| !known.reviews(fleet, name, decision, rulings.day).is_empty();
    Ok(rulings.book.all().filter(again).count() as u64)
}

/// Whether other components in its scope are another question.
fn looks_at_findings(decision: &Decision) -> bool {
    decision.withdrawn.is_none()
        && decision.verdict.is_narrow()
        && !matches!(decision.scope, Scope::Devices(_))
}

/// What only the fleet knows: other components with the weakness where the decision holds.
fn of_fleet(fleet: &Fleet, decision: &Decision, found: &[FindingRow]) -> Option<Review> {
    if !looks_at_findings(decision) {
        return None;
    }
    let mut others = BTreeSet::new();
    for row in found.iter().filter(|row| row.closed.is_none()) {
        let Some(class) = fleet.products.class_index.get(&row.class) else { continue };
        let Some(software) = fleet.bills.software_at(row.software) else { continue };
        let facts = &fleet.bills.software[software as usize].row.facts;
        if holds_for(&decision.scope, fleet.place_of(*class)) && !decision.covers(Some(&key_of(facts))) {
            others.insert(facts.name.clone());
        }
    }
    (!others.is_empty()).then(|| Review::OtherComponents(others.into_iter().collect()))
}
