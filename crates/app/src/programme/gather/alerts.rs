//! Alerts that other programs send, and whether somebody says what they are.

use bedrail_comply::signal::Value;
use bedrail_model::alert::SourceKind;
use bedrail_store::{View, alerts, programme as rows};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::{Known, Told, unless_untold};
use crate::Error;
use crate::alerts::prove::{self, Period};

/// An alert waits for its disposition this long before it counts.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// Days of which it is asked whether all came that was sent.
const LOOKED_BACK: i64 = 30;

/// What is known of alerts.
#[derive(Debug)]
pub(super) struct Alerts {
    /// Sources of other programs.
    sources: usize,
    /// Those of them that say nothing for longer than they may.
    silent: Vec<String>,
    /// Those of them of which it shows that not all came that they sent.
    lossy: Vec<String>,
    /// Items that wait too long.
    waiting: u64,
}

impl Alerts {
    /// Our own findings are a source, too; that they are all there is shows nothing of what other programs see.
    pub(super) async fn read(view: &View, now: Timestamp) -> Result<Alerts, Error> {
        let mut sources = alerts::sources(view).await?;
        sources.retain(|source| source.kind != SourceKind::Own.code());
        let waiting = if sources.is_empty() { 0 } else { rows::alerts_waiting(view, now - WAITS).await? };
        let today = now.to_zoned(TimeZone::UTC).date();
        let period = Period { from: today.saturating_sub(LOOKED_BACK.days()), to: today };
        let lossy = prove::that_lost(view, &sources, period).await?;
        let silent = sources.iter().filter(|source| crate::alerts::is_silent(source, now));
        Ok(Alerts {
            silent: silent.map(|source| source.name.clone()).collect(),
            lossy,
            sources: sources.len(),
            waiting,
        })
    }
}

/// None waiting is said only while every source speaks and nothing shows that some of it was lost: what does not arrive cannot wait.
pub(super) fn waiting(known: &Known) -> Vec<Told> {
    let alerts = &known.alerts;
    if alerts.sources == 0 {
        return Told::unknown("no source of alerts is set up but Bedrail's own judgement (/alerts)");
    }
    let words = format!(
        "{} alerts wait for more than 24 hours for somebody to say what they are (/alerts)",
        alerts.waiting
    );
    let mut why = Vec::new();
    if !alerts.silent.is_empty() {
        why.push(format!("silent for longer than they may be: {} (/alerts)", alerts.silent.join(", ")));
    }
    if !alerts.lossy.is_empty() {
        let names = alerts.lossy.join(", ");
        why.push(format!(
            "not all came that was sent in the last {LOOKED_BACK} days: {names} (/alerts/account)"
        ));
    }
    let untold = (!why.is_empty()).then(|| why.join("; "));
    unless_untold(Told::all(Value::Count(alerts.waiting), words), untold)
}
