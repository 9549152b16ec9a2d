//! Data status: how old and how whole is what the answers stand on?

use askama::Template;
use axum::extract::State as Extract;
use bedrail_app::credits;
use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::draw::bars::{self, Age};
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words::{self, DataNote};

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    frame: Frame,
    headline: String,
    data: DataNote,
    snapshot: String,
    ages: Option<AgesView>,
    rows: Vec<RowView>,
    credits: Vec<&'static str>,
}

/// How old each source is, drawn; the table of the sources stands behind it.
struct AgesView {
    reading: String,
    wide: String,
    narrow: String,
}

struct RowView {
    name: String,
    tone: Tone,
    state: &'static str,
    as_of: String,
    age: String,
    records: String,
    fetched: String,
    note: String,
}

/// `GET /data`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    let status = state.ctx.data_status();
    show(&view(frame, &status, state.now()))
}

fn view(frame: Frame, status: &DataStatus, now: Timestamp) -> DataPage {
    DataPage {
        frame,
        headline: headline(status),
        data: DataNote::of(status, now),
        snapshot: status.snapshot.clone(),
        ages: ages(status),
        credits: credits::all(),
        rows: status.sources.iter().map(|source| row_view(source, now)).collect(),
    }
}

fn headline(status: &DataStatus) -> String {
    let (t, advisories) = (&texts().data, status.advisories);
    if status.starter_only {
        return (t.only_starter)(advisories);
    }
    let poor = status.sources.iter().filter(|source| source.state != SourceState::Fresh).count() as u64;
    match (status.sources.len() as u64, poor) {
        (0, _) => t.none_held.to_owned(),
        (all, 0) => (t.all_sound)(all, advisories),
        (all, poor) => (t.some_poor)(poor, all, advisories),
    }
}

fn ages(status: &DataStatus) -> Option<AgesView> {
    let t = &texts().data;
    let age = |source: &SourceStatus| Age {
        name: source.name.clone(),
        tone: Tone::of_source(source.state),
        days: source.age_days.map(|days| days.max(0) as u64),
        word: state_word(source.state),
    };
    let ages: Vec<Age> = status.sources.iter().map(age).collect();
    let oldest = ages.iter().filter_map(|age| Some((age.days?, &age.name))).max()?;
    let missing = ages.iter().filter(|age| age.days.is_none()).count() as u64;
    let reading = match missing {
        0 => (t.oldest)(oldest.1, oldest.0),
        missing => (t.oldest_and)(oldest.1, oldest.0, missing),
    };
    let draw = |width, names, class| bars::ages(&ages, width, names, class, t.picture);
    Some(AgesView {
        reading,
        wide: draw(760.0, 150.0, "wide-only"),
        narrow: draw(360.0, 100.0, "narrow-only"),
    })
}

/// How a source stands, in a word.
fn state_word(state: SourceState) -> &'static str {
    let t = &texts().data;
    match state {
        SourceState::Fresh => t.fresh,
        SourceState::Stale => t.stale,
        SourceState::Partial => t.partial,
        SourceState::Empty => t.empty,
        SourceState::Missing => t.missing,
    }
}

fn row_view(source: &SourceStatus, now: Timestamp) -> RowView {
    RowView {
        name: source.name.clone(),
        tone: Tone::of_source(source.state),
        state: state_word(source.state),
        as_of: source.as_of.map(words::day).unwrap_or_default(),
        age: source.age_days.map(|days| (texts().counts.days)(days.max(0) as u64)).unwrap_or_default(),
        records: words::number(source.records),
        fetched: source.fetched_at.map(|at| words::time_ago(at, now)).unwrap_or_default(),
        note: source.note.clone().filter(|note| note != state_word(source.state)).unwrap_or_default(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/data"), &sample::data(false), sample::now()))
}
