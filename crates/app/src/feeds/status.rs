//! How old and how whole the data is.

use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};
use jiff::Timestamp;

use super::data::Data;
use super::manifest::Held;
use super::sources::{Need, SOURCES, Source};
use super::starter;

impl Data {
    /// Every source with its state at a moment; data older than `max_age_days` whole days is stale.
    pub fn status(&self, now: Timestamp, max_age_days: u32) -> DataStatus {
        let current = self.current();
        let held = |source: &Source| current.manifest.as_ref()?.sources.get(source.name);
        let shown = SOURCES.iter().filter(|source| source.need == Need::Expected || held(source).is_some());
        let mut sources: Vec<SourceStatus> =
            shown.map(|source| status_of(source.name, held(source), now, max_age_days)).collect();
        let expected = |status: &SourceStatus| {
            Source::named(&status.name).is_some_and(|source| source.need == Need::Expected)
        };
        let complete = sources.iter().all(|status| {
            status.state == SourceState::Fresh || (!expected(status) && status.state != SourceState::Partial)
        });
        let advisories = current.db.advisory_count();
        let starter_only = current.manifest.is_none() && advisories > 0;
        if starter_only {
            sources.push(SourceStatus {
                name: starter::SOURCE.to_owned(),
                state: SourceState::Partial,
                as_of: None,
                fetched_at: None,
                records: advisories,
                age_days: None,
                note: Some(format!(
                    "starter data, {advisories} advisories: run `bedrail db update` for all of them"
                )),
            });
        }
        DataStatus { sources, complete, starter_only, snapshot: current.snapshot().to_string(), advisories }
    }
}

fn status_of(name: &str, held: Option<&Held>, now: Timestamp, max_age_days: u32) -> SourceStatus {
    let Some(held) = held else {
        return SourceStatus {
            name: name.to_owned(),
            state: SourceState::Missing,
            as_of: None,
            fetched_at: None,
            records: 0,
            age_days: None,
            note: Some("never fetched".to_owned()),
        };
    };
    let age_days = held.as_of.map(|as_of| (now.as_second() - as_of.as_second()).div_euclid(86_400).max(0));
    let state = if held.records == 0 {
        SourceState::Empty
    } else if held.missing > 0 {
        SourceState::Partial
    } else if age_days.is_none_or(|days| days > i64::from(max_age_days)) {
        SourceState::Stale
    } else {
        SourceState::Fresh
    };
    SourceStatus {
        name: name.to_owned(),
        state,
        as_of: held.as_of,
        fetched_at: held.fetched_at,
        records: held.records,
        age_days,
        note: held.note.clone(),
    }
}
