//! Findings and components made ready for showing: names, paths, evidence.

use std::collections::{BTreeMap, HashMap, HashSet};

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{ContentId, SoftwareId};
use bedrail_store::findings::FindingRow as Row;
use bedrail_store::software::{self, JudgementDetail};
use bedrail_store::{View, weaknesses};

use crate::Error;
use crate::decisions::single::Said;
use crate::decisions::{Brief, Rulings, key_of};
use crate::devices::FindingRow;
use crate::fleet::Fleet;
use crate::names::Deciders;

/// Standing findings of a class with everything that stands behind them, the most pressing first: affected before cannot
/// tell, known exploited first, then by severity and by FIRST's estimate; what a decision took away last. `own` is what is
/// said of the one device that they are shown for, where something was decided for it alone.
pub(crate) async fn findings(
    fleet: &Fleet,
    view: &View,
    (class, rulings, own): (u32, &Rulings, BTreeMap<String, Said>),
    standing: Vec<Row>,
) -> Result<Vec<FindingRow>, Error> {
    let content = fleet.content_of(class);
    let ids: Vec<String> = standing.iter().map(|row| row.weakness.clone()).collect();
    let facts = weaknesses::by_ids(view, &ids).await?;
    let facts: HashMap<String, Weakness> = facts.into_iter().map(|one| (one.id.clone(), one)).collect();
    let used: HashSet<SoftwareId> = standing.iter().map(|row| row.software).collect();
    let used: Vec<SoftwareId> = used.into_iter().collect();
    let details = software::details(view, &used).await?;
    let mut details: HashMap<(SoftwareId, String), JudgementDetail> =
        details.into_iter().map(|detail| ((detail.software, detail.weakness.clone()), detail)).collect();
    let facts_of = |row: &Row| {
        fleet.bills.software_at(row.software).map(|at| &fleet.bills.software[at as usize].row.facts)
    };
    let named: Vec<_> = standing.iter().filter_map(facts_of).collect();
    let deciders = Deciders::of(view, named.into_iter()).await?;
    let mut shown: Vec<FindingRow> = standing
        .into_iter()
        .filter_map(|row| {
            let weakness = facts.get(&row.weakness)?.clone();
            let detail = details.remove(&(row.software, row.weakness.clone()));
            let said = own.get(&row.weakness).cloned();
            let said = said.unwrap_or_else(|| said_of(fleet, class, rulings, &row));
            let identified = facts_of(&row).and_then(|facts| deciders.on(facts));
            Some(FindingRow { identified, ..finding(fleet, content, &row, (weakness, said), detail) })
        })
        .collect();
    shown.sort_by(|a, b| pressing(a).cmp(&pressing(b)).then_with(|| epss(b).total_cmp(&epss(a))));
    Ok(shown)
}

fn pressing(row: &FindingRow) -> (Answer, bool, std::cmp::Reverse<bedrail_model::severity::Severity>) {
    (row.answer, row.weakness.kev.is_none(), std::cmp::Reverse(row.weakness.severity))
}

fn epss(row: &FindingRow) -> f64 {
    row.weakness.epss.map_or(0.0, |epss| epss.score)
}

/// What is said of a finding for all devices of its class.
fn said_of(fleet: &Fleet, class: u32, rulings: &Rulings, row: &Row) -> Said {
    if let Some(decision) = row.ruled_out {
        return (Answer::NotAffected, Reason::Decided, rulings.brief(decision));
    }
    if !rulings.any_on(&row.weakness) {
        return (row.answer, row.reason, None);
    }
    let facts = fleet.bills.software_at(row.software).map(|at| &fleet.bills.software[at as usize].row.facts);
    let decision = rulings.on(&row.weakness, fleet.place_of(class), facts.map(key_of).as_deref());
    (row.answer, row.reason, decision.map(Brief::of))
}

fn finding(
    fleet: &Fleet,
    content: Option<ContentId>,
    row: &Row,
    (weakness, (answer, reason, decision)): (Weakness, Said),
    detail: Option<JudgementDetail>,
) -> FindingRow {
    let software =
        fleet.bills.software_at(row.software).map(|at| &fleet.bills.software[at as usize].row.facts);
    let (fixed_in, evidence) =
        detail.map_or_else(Default::default, |detail| (detail.fixed_in, detail.evidence));
    FindingRow {
        weakness,
        answer,
        reason,
        component: software.map_or_else(String::new, |facts| facts.name.clone()),
        version: software.and_then(|facts| facts.version.clone()),
        purl: software.and_then(|facts| facts.purl.clone()),
        path: content.map_or_else(Vec::new, |content| fleet.bills.path(content, row.component)),
        fixed_in,
        evidence,
        first_seen: row.first_seen,
        decision,
        identified: None,
    }
}
