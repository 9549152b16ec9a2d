//! Weaknesses of devices: known exploited ones, actions, accepted risks, how long a fix takes.

use std::collections::{BTreeMap, HashMap};

use bedrail_comply::signal::Value;
use bedrail_model::action::{Action, Stage};
use bedrail_model::decision::{Decision, Verdict};
use bedrail_store::{View, signals};
use jiff::{SignedDuration, Timestamp};

use super::{Known, Told, unless_untold};
use crate::Error;
use crate::fleet::Brief;

/// How far back fixes count.
const QUARTER: SignedDuration = SignedDuration::from_hours(92 * 24);

/// None found is said only where all devices could be judged by whole data.
pub(super) fn known_exploited(known: &Known) -> Vec<Told> {
    let fleet = &known.fleet;
    let told = known.count(
        |device| fleet.class(device).known_exploited > 0,
        "have a weakness that is known to be exploited",
        "/priorities",
    );
    let untold = |device: &&Brief| fleet.is_blind(device.class) || fleet.class(device).cannot_tell > 0;
    let untold = fleet.devices.briefs.iter().filter(untold).count();
    let why = if untold > 0 {
        Some(format!("of {untold} devices it cannot be told of every weakness (/unknowns)"))
    } else if !known.data.complete || known.data.starter_only {
        Some("the vulnerability data is not whole or too old (/data)".to_owned())
    } else {
        None
    };
    unless_untold(told, why)
}

pub(super) fn actions_overdue(known: &Known) -> Vec<Told> {
    let today = known.today();
    let late =
        |action: &&Action| matches!(action.stage(), Stage::Open | Stage::NotShown) && action.due < today;
    let (late, all) = (known.actions.iter().filter(late).count() as u64, known.actions.len());
    if all == 0 {
        return Told::unknown("no action was put down yet (/actions)");
    }
    Told::all(
        Value::Count(late),
        format!("{late} of {all} actions are past their day and not shown (/actions)"),
    )
}

pub(super) fn accepted_expired(known: &Known) -> Vec<Told> {
    let today = known.today();
    let accepted = |decision: &&Decision| {
        decision.withdrawn.is_none() && matches!(decision.verdict, Verdict::RiskAccepted { .. })
    };
    let over = |decision: &&Decision| matches!(decision.verdict, Verdict::RiskAccepted { until, .. } if until < today);
    let all = known.weaknesses.iter().filter(accepted).count();
    let over = known.weaknesses.iter().filter(accepted).filter(over).count() as u64;
    if all == 0 {
        return Told::unknown("no risk was accepted (/decisions)");
    }
    Told::all(Value::Count(over), format!("{over} of {all} accepted risks ran out (/decisions)"))
}

/// A fix that was shown.
#[derive(Debug)]
pub(super) struct Fixed {
    /// Whole days from the first finding of the weakness to what showed it gone, rounded up.
    days: i64,
    /// The severity class of the weakness, in words.
    severity: String,
}

/// Fixes of the last quarter that the program saw.
pub(super) async fn fixed(view: &View, actions: &[Action], now: Timestamp) -> Result<Vec<Fixed>, Error> {
    let since = now - QUARTER;
    let shown: Vec<(&str, Timestamp)> = actions
        .iter()
        .filter(|action| action.stage() == Stage::Closed)
        .filter_map(|action| Some((action.weakness.as_deref()?, action.seen.as_ref()?.at)))
        .filter(|(_, at)| *at >= since)
        .collect();
    let mut ids: Vec<String> = shown.iter().map(|(weakness, _)| (*weakness).to_owned()).collect();
    ids.sort();
    ids.dedup();
    let first: HashMap<String, (Timestamp, String)> = signals::first_found(view, &ids)
        .await?
        .into_iter()
        .map(|(id, at, class)| (id, (at, class)))
        .collect();
    let fix = |(weakness, at): (&str, Timestamp)| {
        let (found, severity) = first.get(weakness)?;
        let seconds = (at.as_second() - found.as_second()).max(0);
        Some(Fixed { days: (seconds + 86_399) / 86_400, severity: severity.clone() })
    };
    Ok(shown.into_iter().filter_map(fix).collect())
}

/// The mean of the worst severity class, rounded up.
pub(super) fn days_to_fix(known: &Known) -> Vec<Told> {
    let mut classes: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for fix in &known.fixed {
        let class = classes.entry(&fix.severity).or_default();
        *class = (class.0 + fix.days, class.1 + 1);
    }
    let worst = classes
        .into_iter()
        .map(|(severity, (days, fixes))| ((days + fixes - 1) / fixes, severity, fixes))
        .max();
    let Some((days, severity, fixes)) = worst else {
        return Told::unknown("no fix was shown in the last quarter (/actions)");
    };
    let words = format!(
        "{days} days from the first finding to the shown fix, over {fixes} fixes of class {severity}, the slowest (/actions)"
    );
    Told::all(Value::Days(days), words)
}
