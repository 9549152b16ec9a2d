//! Alerts that other programs send, and whether somebody says what they are.

use bedrail_comply::signal::Value;
use bedrail_model::alert::SourceKind;
use bedrail_store::{View, alerts, programme as rows};
use jiff::{SignedDuration, Timestamp};

use super::{Known, Told, unless_untold};
use crate::Error;

/// An alert waits for its disposition this long before it counts.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// What is known of alerts.
#[derive(Debug)]
pub(super) struct Alerts {
    /// Sources of other programs.
    sources: usize,
    /// Those of them that say nothing for longer than they may.
    silent: Vec<String>,
    /// Items that wait too long.
    waiting: u64,
}

impl Alerts {
    /// Our own findings are a source, too; that they are all there is shows nothing of what other programs see.
    pub(super) async fn read(view: &View, now: Timestamp) -> Result<Alerts, Error> {
        let mut sources = alerts::sources(view).await?;
        sources.retain(|source| source.kind != SourceKind::Own.code());
        let waiting = if sources.is_empty() { 0 } else { rows::alerts_waiting(view, now - WAITS).await? };
        let silent = sources.iter().filter(|source| crate::alerts::is_silent(source, now));
        Ok(Alerts {
            silent: silent.map(|source| source.name.clone()).collect(),
            sources: sources.len(),
            waiting,
        })
    }
}

/// None waiting is said only while every source speaks: what does not arrive cannot wait.
pub(super) fn waiting(known: &Known) -> Vec<Told> {
    let alerts = &known.alerts;
    if alerts.sources == 0 {
        return Told::unknown("no source of alerts is set up but Bedrail's own judgement (/alerts)");
    }
    let words = format!(
        "{} alerts wait for more than 24 hours for somebody to say what they are (/alerts)",
        alerts.waiting
    );
    let why = || format!("silent for longer than they may be: {} (/alerts)", alerts.silent.join(", "));
    unless_untold(Told::all(Value::Count(alerts.waiting), words), (!alerts.silent.is_empty()).then(why))
}
