//! Decisions: what was decided on weaknesses, what is to be looked at again, and taking one.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::decisions::{self, Brief, DecisionRow, DecisionState};
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::rights::Right;
use bedrail_model::decision::{Review, Verdict};
use bedrail_model::vex::Justification;
use jiff::Timestamp;

use super::{Page, id_of, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager, WeaknessWords, advisory_link};
use crate::web::query::DecisionsQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "decisions.html")]
struct DecisionsPage {
    frame: Frame,
    headline: String,
    text: String,
    states: Vec<Choice>,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
}

struct RowView {
    link: String,
    weakness: String,
    summary: String,
    tone: Tone,
    verdict: String,
    place: String,
    reason: String,
    who: String,
    reviews: Vec<String>,
}

#[derive(Template)]
#[template(path = "decision.html")]
struct DecisionPage {
    frame: Frame,
    id: String,
    row: RowView,
    weakness: Option<WeaknessWords>,
    weakness_link: String,
    facts: Vec<(&'static str, String)>,
    components: Vec<String>,
    may_take_back: bool,
    again: String,
}

/// What was decided, beside a finding or a device.
pub(crate) struct DecidedView {
    /// Colour: handled, or not yet.
    pub(crate) tone: Tone,
    /// "not affected: the weak code never runs".
    pub(crate) words: String,
    /// The page of the decision.
    pub(crate) link: String,
    /// Why, who and when.
    pub(crate) reason: String,
}

impl DecidedView {
    /// A decision in short.
    pub(crate) fn of(brief: &Brief) -> DecidedView {
        DecidedView {
            tone: tone(&brief.verdict),
            words: verdict_words(&brief.verdict),
            link: format!("/decisions/{}", brief.id),
            reason: (texts().decisions.said)(&brief.reason, &brief.author, &words::day(brief.decided)),
        }
    }
}

/// The colour of what was decided.
fn tone(verdict: &Verdict) -> Tone {
    if verdict.is_handled() { Tone::Known } else { Tone::Unknown }
}

/// What was decided, in a clause.
pub(crate) fn verdict_words(verdict: &Verdict) -> String {
    let t = &texts().decisions;
    match verdict {
        Verdict::UnderInvestigation => t.under_investigation.to_owned(),
        Verdict::Affected => t.affected.to_owned(),
        Verdict::Fixed => t.fixed.to_owned(),
        Verdict::NotAffected(justification) => (t.not_affected_for)(justification_words(*justification)),
        Verdict::RiskAccepted { until, approver } => (t.accepted_until)(&words::civil(*until), approver),
    }
}

/// A justification, in a clause.
pub(crate) fn justification_words(justification: Justification) -> &'static str {
    let t = &texts().decisions;
    match justification {
        Justification::ComponentNotPresent => t.not_present,
        Justification::VulnerableCodeNotPresent => t.code_not_present,
        Justification::VulnerableCodeNotInExecutePath => t.not_executed,
        Justification::VulnerableCodeCannotBeControlledByAdversary => t.not_controlled,
        Justification::InlineMitigationsAlreadyExist => t.mitigated,
    }
}

/// Why it is to be looked at again, in a sentence.
fn review_words(review: &Review) -> String {
    let t = &texts().decisions;
    match review {
        Review::RunOut(day) => (t.run_out)(&words::civil(*day)),
        Review::Due(day) => (t.due_since)(&words::civil(*day)),
        Review::NowExploited => t.now_exploited.to_owned(),
        Review::Severer { from, to } => (t.severer)(from.code(), to.code()),
        Review::NewRecords(ids) => (t.new_records)(&ids.join(", ")),
        Review::StatementGone => t.statement_gone.to_owned(),
        Review::OtherComponents(names) => (t.other_components)(&names.join(", ")),
    }
}

/// `GET /decisions`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<DecisionsQuery>,
) -> Page {
    let (filter, request) = (query.filter()?, query.paging.request());
    let list = decisions::list(&state.ctx, &frame.visitor.actor(), &filter, &request).await?;
    show(&list_view(frame, &list, &query, &request))
}

fn list_view(
    frame: Frame,
    list: &List<DecisionRow>,
    query: &DecisionsQuery,
    request: &PageRequest,
) -> DecisionsPage {
    let (state, t) = (query.state(), &texts().decisions);
    let word = |state| match state {
        DecisionState::InForce => t.in_force,
        DecisionState::ToReview => t.to_review,
        DecisionState::TakenBack => t.taken_back,
    };
    DecisionsPage {
        frame,
        headline: (t.headline)(state, list.total),
        text: query.text.clone().unwrap_or_default(),
        states: Choice::list(DecisionState::ALL.map(|it| (it.code(), word(it))), Some(state.code())),
        active: query.text.is_some() || query.weakness.is_some() || state != DecisionState::InForce,
        rows: list.rows.iter().map(row_view).collect(),
        pager: Pager::of(&query.link(), list, request, t.count),
    }
}

fn row_view(row: &DecisionRow) -> RowView {
    let it = &row.decision;
    RowView {
        link: format!("/decisions/{}", it.id),
        weakness: it.weakness.clone(),
        summary: row.weakness.as_ref().map(|known| known.summary.clone()).unwrap_or_default(),
        tone: if row.reviews.is_empty() { tone(&it.verdict) } else { Tone::Plan },
        verdict: verdict_words(&it.verdict),
        place: row.place.clone(),
        reason: it.reason.clone(),
        who: (texts().decisions.by)(&it.author, &words::day(it.decided)),
        reviews: row.reviews.iter().map(review_words).collect(),
    }
}

/// `GET /decisions/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let row = decisions::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&view(frame, &row, state.now()))
}

fn view(frame: Frame, row: &DecisionRow, now: Timestamp) -> DecisionPage {
    let (it, t) = (&row.decision, &texts().decisions);
    let mut facts = vec![
        (t.where_it_holds, row.place.clone()),
        (t.decided_by, it.author.clone()),
        (t.decided_on, words::minute(it.decided)),
    ];
    facts.extend(it.review_on.map(|day| (t.review_day, words::civil(day))));
    facts.extend(it.withdrawn.map(|at| (t.taken_back, words::minute(at))));
    DecisionPage {
        may_take_back: it.withdrawn.is_none() && frame.visitor.may(Right::Decide),
        again: super::deciding::again(it),
        frame,
        id: it.id.to_string(),
        row: row_view(row),
        weakness: row.weakness.as_ref().map(|known| WeaknessWords::of(known, now)),
        weakness_link: advisory_link(&it.weakness),
        facts,
        components: it.components.clone(),
    }
}

/// `POST /decisions/{id}/take-back`
pub(crate) async fn take_back(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    decisions::take_back(&state.ctx, &submission.visitor.actor(), id).await?;
    Ok(Redirect::to(&format!("/decisions/{id}")).into_response())
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let list = List { rows: vec![sample::decision()], total: 1, offset: 0, next: None };
    let query = DecisionsQuery::default();
    show(&list_view(sample::frame("/decisions"), &list, &query, &PageRequest::default()))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    show(&view(sample::frame("/decisions/x"), &sample::decision(), sample::now()))
}
