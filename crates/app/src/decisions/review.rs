//! Which decisions are to be looked at again, and why.

use std::collections::{BTreeSet, HashMap};

use bedrail_assess::decisions::holds_for;
use bedrail_model::decision::{Decision, Review, Scope};
use bedrail_model::finding::Weakness;
use bedrail_store::findings::{self, FindingRow};
use bedrail_store::{View, weaknesses};

use super::rulings::{key_of, today};
use super::{DecisionRow, basis, ids, place};
use crate::fleet::Fleet;
use crate::{Context, Error};

/// Decisions as they are shown.
pub(super) async fn rows(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    decisions: Vec<Decision>,
) -> Result<Vec<DecisionRow>, Error> {
    let names = weaknesses::names(view, &ids(&decisions)).await?;
    let name = |id: &str| names.get(&id.to_uppercase()).cloned().unwrap_or_else(|| id.to_owned());
    let called: BTreeSet<String> = decisions.iter().map(|decision| name(&decision.weakness)).collect();
    let called: Vec<String> = called.into_iter().collect();
    let known = weaknesses::by_ids(view, &called).await?;
    let known: HashMap<String, Weakness> = known.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut found: HashMap<String, Vec<FindingRow>> = HashMap::new();
    for row in findings::of_weaknesses(view, &called).await? {
        found.entry(row.weakness.clone()).or_default().push(row);
    }
    let day = today(ctx);
    let row = |decision: Decision| {
        let called = name(&decision.weakness);
        let weakness = known.get(&called).cloned();
        let mut reviews = Vec::new();
        if decision.withdrawn.is_none() {
            if let Some(weakness) = &weakness {
                reviews = decision.reviews(&basis(weakness), day);
            }
            let here = found.get(&called).map_or(&[][..], Vec::as_slice);
            reviews.extend(of_fleet(fleet, &decision, here));
        }
        DecisionRow { place: place(fleet, &decision.scope), weakness, reviews, decision }
    };
    Ok(decisions.into_iter().map(row).collect())
}

/// What only the fleet knows: other components with the weakness where the decision holds.
fn of_fleet(fleet: &Fleet, decision: &Decision, found: &[FindingRow]) -> Option<Review> {
    if !decision.verdict.is_narrow() || matches!(decision.scope, Scope::Devices(_)) {
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
