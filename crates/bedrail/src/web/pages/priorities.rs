//! What first: one ordered list, each rank explained, and what would change if some devices were isolated.

use askama::Template;
use axum::extract::{Query, State as Extract};
use bedrail_app::page::PageRequest;
use bedrail_app::priority::{self, Priorities, PriorityRow, When};
use jiff::Timestamp;

use super::{Page, show};
use crate::rank;
use crate::web::assets;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, Pager, WeaknessWords};
use crate::web::query::PrioritiesQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "priorities.html")]
struct PrioritiesPage {
    frame: Frame,
    headline: String,
    handled: String,
    at: String,
    what_if: Option<String>,
    isolate_outside: String,
    counts: Vec<(Tone, &'static str, String, String)>,
    text: String,
    whens: Vec<Choice>,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
}

struct RowView {
    weakness: WeaknessWords,
    ask: String,
    release: String,
    release_name: String,
    devices: String,
    tone: Tone,
    when: &'static str,
    because: String,
    isolate: String,
    decide: String,
}

/// `GET /priorities`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<PrioritiesQuery>,
) -> Page {
    let request = query.paging.request();
    let list = priority::list(&state.ctx, &frame.visitor.actor(), &query.filter()?, &request).await?;
    show(&view(frame, &list, &query, &request, state.now()))
}

fn tone(when: When) -> Tone {
    match when {
        When::Immediate => Tone::Act,
        When::OutOfCycle => Tone::Plan,
        When::Scheduled | When::Defer => Tone::Plain,
    }
}

fn view(
    frame: Frame,
    list: &Priorities,
    query: &PrioritiesQuery,
    request: &PageRequest,
    now: Timestamp,
) -> PrioritiesPage {
    let t = &texts().priorities;
    let when = query.when();
    let pairs = When::ALL.into_iter().zip(list.counts);
    PrioritiesPage {
        frame,
        headline: (t.headline)(list.counts[0], list.counts[1], list.counts.iter().sum()),
        handled: (t.handled)(list.handled),
        at: words::time_ago(list.at, now),
        what_if: list.what_if.as_ref().map(|(devices, is)| (t.what_if)(*devices, is, &list.counts)),
        isolate_outside: query.link().with("isolate", "outside").without("offset").to_string(),
        counts: pairs
            .map(|(when, count)| {
                let link = query.link().with("when", when.code()).without("offset").to_string();
                (tone(when), rank::when(when), words::number(count), link)
            })
            .collect(),
        text: query.text.clone().unwrap_or_default(),
        whens: Choice::list(When::ALL.map(|it| (it.code(), rank::when(it))), when.map(When::code)),
        active: query.text.is_some() || when.is_some() || list.what_if.is_some(),
        rows: list.page.rows.iter().map(|row| row_view(row, query, now)).collect(),
        pager: Pager::of(&query.link(), &list.page, request, t.count),
    }
}

fn row_view(row: &PriorityRow, query: &PrioritiesQuery, now: Timestamp) -> RowView {
    RowView {
        ask: Link::to("/affected").with("q", &row.weakness.id).to_string(),
        weakness: WeaknessWords::of(&row.weakness, now),
        release: format!("/releases/{}", row.release),
        release_name: row.release_name.clone(),
        devices: (texts().counts.devices)(row.devices),
        tone: tone(row.rank.when),
        when: rank::when(row.rank.when),
        because: crate::web::error::sentence(&rank::sentence(row)),
        isolate: query.link().with("isolate", row.release).without("offset").to_string(),
        decide: Link::to("/decisions/new")
            .with("release", row.release)
            .with("weakness", &row.weakness.id)
            .to_string(),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let (query, request) = (PrioritiesQuery::default(), PageRequest::default());
    show(&view(sample::frame("/priorities"), &sample::priorities(), &query, &request, sample::now()))
}
