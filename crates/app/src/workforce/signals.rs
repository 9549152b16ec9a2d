//! What people and policies show of the programme: a small function for each signal. A figure that was never counted shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_comply::signal::Value;
use bedrail_model::ids::PolicyId;
use bedrail_model::workforce::{Policy, PolicyVersion, Tally};
use bedrail_store::View;
use bedrail_store::workforce::{night, policies};
use bedrail_workforce::template;
use jiff::civil::Date;

use super::night::{READ, SIGNED, TRAINED};
use crate::Error;

/// What is known of people and policies.
#[derive(Debug, Default)]
pub(crate) struct People {
    today: Date,
    policies: Vec<Policy>,
    in_force: Vec<(PolicyId, PolicyVersion)>,
    figures: BTreeMap<String, Tally>,
}

/// What is said of a signal: its value, and where to look.
pub(crate) type Said = Option<(Value, String)>;
/// How a value comes about.
type How = fn(&People) -> Said;

/// Signals and how each comes about.
pub(crate) const COMPUTED: &[(&str, How)] = &[
    ("policy.approved", approved),
    ("policy.review_overdue", review_overdue),
    ("policy.citation_coverage_pct", citations),
    ("policy.read_pct", read_share),
    ("attestation.coverage_pct", signed_share),
    ("training.current_pct", trained_share),
    ("training.overdue", training_overdue),
];

/// Templates of rules that bind some houses alone.
const SOMETIMES: &[&str] = &["group-health-plan"];

/// Reads what is known now: policies, and the figures that were counted last.
pub(crate) async fn read(view: &View, today: Date) -> Result<People, Error> {
    let all = night::figures(view).await?;
    let figures = all.into_iter().map(|(name, tally, _)| (name, tally)).collect();
    let in_force = policies::in_force(view, today).await?;
    Ok(People { today, policies: policies::all(view).await?, in_force, figures })
}

impl People {
    /// Requirements that a policy in force answers.
    fn answered(&self) -> BTreeSet<&str> {
        let here = self.policies.iter().filter(|it| it.retired.is_none());
        let here = here.filter(|it| {
            self.in_force.iter().any(|(id, version)| *id == it.id && version.approved.is_some())
        });
        here.flat_map(|it| it.cites.iter().map(String::as_str)).collect()
    }

    fn share(&self, name: &str, words: &str, link: &str) -> Said {
        let tally = self.figures.get(name).filter(|tally| tally.asked > 0)?;
        let said = format!("{} of {} people {words}, as counted last ({link})", tally.done, tally.asked);
        Some((Value::Share { met: tally.done, of: tally.asked }, said))
    }
}

fn approved(people: &People) -> Said {
    if people.policies.is_empty() {
        return None;
    }
    let answered = people.answered();
    let needed = template::all().iter().filter(|it| !SOMETIMES.contains(&it.code.as_str()));
    let (mut met, mut of) = (0, 0);
    for template in needed {
        of += 1;
        met += u64::from(template.cites.iter().all(|id| answered.contains(id.as_str())));
    }
    Some((
        Value::Share { met, of },
        format!("{met} of {of} policies that are needed are approved and in force (/policies)"),
    ))
}

fn review_overdue(people: &People) -> Said {
    let here = || people.policies.iter().filter(|it| it.retired.is_none() && it.review_by.is_some());
    let late = here().filter(|it| it.review_by.is_some_and(|by| by < people.today)).count() as u64;
    let all = here().count();
    (all > 0).then(|| {
        (Value::Count(late), format!("{late} of {all} policies are past the day of their review (/policies)"))
    })
}

/// Of the Security Rule, whose 164.316(a) asks for it.
fn citations(people: &People) -> Said {
    if people.policies.is_empty() {
        return None;
    }
    let answered = people.answered();
    let of_rule =
        template::all().iter().filter(|it| !SOMETIMES.contains(&it.code.as_str())).flat_map(|it| &it.cites);
    let asked: BTreeSet<&str> = of_rule.map(String::as_str).filter(|id| id.starts_with("sr-")).collect();
    let (met, of) = (asked.intersection(&answered).count() as u64, asked.len() as u64);
    Some((
        Value::Share { met, of },
        format!("{met} of {of} citations have a policy in force behind them (/policies)"),
    ))
}

fn read_share(people: &People) -> Said {
    people.share(READ, "have read and signed every policy that they must follow", "/policies")
}

fn signed_share(people: &People) -> Said {
    people.share(SIGNED, "have signed all that they must sign", "/attestations")
}

fn trained_share(people: &People) -> Said {
    people.share(TRAINED, "are current on every course", "/training")
}

fn training_overdue(people: &People) -> Said {
    let tally = people.figures.get(TRAINED).filter(|tally| tally.asked > 0)?;
    let said = format!(
        "{} of {} people are past the day of a course, as counted last (/training)",
        tally.late, tally.asked
    );
    Some((Value::Count(tally.late), said))
}
