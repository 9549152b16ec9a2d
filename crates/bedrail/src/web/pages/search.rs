//! The search: everything that bears a name, from one box on every page.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::{Html, IntoResponse, Redirect, Response};
use bedrail_app::rights::Right;
use bedrail_app::search::{self, DEFAULT_LIMIT, Found};

use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::found::{self, GroupWords, HitWords};
use crate::web::frame::Frame;
use crate::web::query::SearchQuery;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::viewer::texts;

/// Hits of each kind under the box while somebody types.
const WHILE_TYPING: usize = 5;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    t: &'static Texts,
    text: String,
    headline: String,
    /// The address that asks the main question about the text, for who may, with its words.
    ask: Option<(String, String)>,
    groups: Vec<GroupWords>,
}

#[derive(Template)]
#[template(path = "suggestions.html")]
struct Suggestions {
    /// The question, where the text is one; then all hits; each with its address.
    ask: Option<(String, String)>,
    groups: Vec<GroupWords>,
    everything: Option<(String, String)>,
    nothing: Option<String>,
}

/// `GET /search`: goes straight to the one right hit, and to the main question where the text is one.
pub(crate) async fn page(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let Some(text) = query.text() else {
        return Ok(show(&view(frame, None))?.into_response());
    };
    let found = search::search(&state.ctx, &frame.visitor.actor(), text, query.limit(DEFAULT_LIMIT)).await?;
    if found.question {
        return Ok(Redirect::to(&found::question(text)).into_response());
    }
    if let Some(hit) = found.only() {
        return Ok(Redirect::to(&HitWords::of(hit).link).into_response());
    }
    Ok(show(&view(frame, Some(&found)))?.into_response())
}

fn view(frame: Frame, found: Option<&Found>) -> SearchPage {
    let t = texts();
    let text = found.map(|found| found.text.clone()).unwrap_or_default();
    let groups: Vec<GroupWords> = found
        .map(|found| found.groups.iter().map(|group| GroupWords::of(group, &found.text)).collect())
        .unwrap_or_default();
    let counts: Vec<String> = groups.iter().map(|group| group.counted.clone()).collect();
    let headline = match (&found, counts.is_empty()) {
        (None, _) => t.search.nothing_yet.to_owned(),
        (Some(_), true) => (t.found_nothing)(&text),
        (Some(_), false) => (t.found)(&text, &counts),
    };
    let ask =
        found.filter(|_| frame.may("fleet.see")).map(|_| (found::question(&text), (t.ask_about)(&text)));
    SearchPage { frame, t, text, headline, ask, groups }
}

/// `GET /search/suggestions`: what stands under the box while somebody types.
pub(crate) async fn suggestions(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<SearchQuery>,
) -> Page {
    let Some(text) = query.text() else { return Ok(Html(String::new())) };
    let found = search::search(&state.ctx, &visitor.actor(), text, query.limit(WHILE_TYPING)).await?;
    show(&suggestions_view(&found, visitor.may(Right::SeeFleet)))
}

fn suggestions_view(found: &Found, may_ask: bool) -> Suggestions {
    let (t, text) = (texts(), &found.text);
    let all = crate::web::link::Link::to("/search").with("q", text).to_string();
    let total = found.total();
    Suggestions {
        ask: may_ask.then(|| (found::question(text), (t.ask_about)(text))),
        groups: found.groups.iter().map(|group| GroupWords::of(group, text)).collect(),
        everything: (total > 1).then(|| (all, (t.everything)(text))),
        nothing: (total == 0).then(|| (t.found_nothing)(text)),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/search"), Some(&sample::found())))
}

/// The part with made-up values.
#[cfg(test)]
pub(crate) fn sample_suggestions() -> Page {
    show(&suggestions_view(&crate::web::sample::found(), true))
}
