//! Actions: what is being done, by whom, by when, what remains?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::accounts::tokens::{self, NewToken};
use bedrail_app::actions::proof::Check;
use bedrail_app::actions::{self, ActionRow, Step, calendar as feed_of};
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::rights::Right;
use bedrail_app::{Error, exports};
use bedrail_model::action::{Action, KINDS, Stage, State as ActionState};
use bedrail_model::clock::Standing;
use jiff::Timestamp;

use super::{Page, id_of, show};
use crate::web::api::actions::{PlanSent, as_calendar, step_of};
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::Failure;
use crate::web::export;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager, advisory_link};
use crate::web::query::ActionsQuery;
use crate::web::state::State;
use crate::web::taken::{ActionSent, moment_of_form, window_of};
use crate::web::tone::Tone;
use crate::web::viewer::{self, texts};
use crate::web::words;

#[derive(Template)]
#[template(path = "actions.html")]
struct ActionsPage {
    frame: Frame,
    headline: String,
    text: String,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    new_kinds: Vec<Choice>,
    currency: String,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
    csv: String,
    may: bool,
    may_link: bool,
}

struct RowView {
    id: String,
    what: String,
    kind: &'static str,
    weakness: Option<(String, String)>,
    decision: Option<String>,
    campaign: Option<String>,
    owner: String,
    due_day: String,
    tone: Tone,
    due: String,
    limit: Option<String>,
    remarks: Vec<String>,
    open: bool,
    stage_tone: Tone,
    stage: String,
    stage_remark: String,
    /// What the program sees, where that shows it to be done.
    ready: Option<String>,
    kinds: Vec<Choice>,
    amount: String,
    from: String,
    to: String,
}

/// `GET /actions`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ActionsQuery>,
) -> Page {
    let request = query.paging.request();
    let actor = frame.visitor.actor();
    let list = actions::list(&state.ctx, &actor, &query.filter()?, &request).await?;
    let currency = actions::currency(&state.ctx, &actor).await?.to_string();
    show(&view(frame, &list, (&query, &request), &currency, state.now()))
}

fn kinds(chosen: Option<&str>) -> Vec<Choice> {
    Choice::list(KINDS.iter().map(|row| (row.code, row.name)), chosen)
}

fn view(
    frame: Frame,
    list: &List<ActionRow>,
    (query, request): (&ActionsQuery, &PageRequest),
    currency: &str,
    now: Timestamp,
) -> ActionsPage {
    let t = &texts().actions;
    let state = query.state.as_deref().unwrap_or("open");
    let late = list.rows.iter().filter(|row| matches!(row.standing, Standing::Late | Standing::Over)).count();
    let states = [
        ("open", t.open),
        ("not_shown", t.not_shown),
        ("closed", t.closed),
        ("done", t.done),
        ("dropped", t.dropped),
    ];
    let named = states.iter().find(|(code, _)| *code == state).map_or(state, |(code, words)| match *code {
        "open" => "open",
        _ => words,
    });
    ActionsPage {
        may: frame.visitor.may(Right::Decide),
        may_link: frame.visitor.may(Right::UseTokens) && frame.visitor.may(Right::ReadCalendar),
        frame,
        headline: (t.headline)(named, list.total, late as u64),
        text: query.text.clone().unwrap_or_default(),
        states: Choice::list(states, Some(state)),
        kinds: kinds(query.kind.as_deref()),
        new_kinds: kinds(None),
        currency: (texts().campaigns.cost_what)(currency),
        active: query.text.is_some() || query.state.is_some() || query.late.is_some() || query.kind.is_some(),
        rows: list.rows.iter().map(|row| row_view(row, now)).collect(),
        csv: query.link().at("/actions.csv").to_string(),
        pager: Pager::of(&query.link(), list, request, t.count),
    }
}

/// The day of an action, with its tone.
pub(super) fn when_words(row: &ActionRow, now: Timestamp) -> (Tone, String) {
    let tone = match row.standing {
        Standing::Over => Tone::Act,
        Standing::Late => Tone::Plan,
        Standing::Running | Standing::Held => Tone::Plain,
        Standing::InTime | Standing::StoppedLate | Standing::StoppedOver => Tone::Known,
    };
    (tone, words::due(row.action.due, now))
}

/// How its devices stand.
fn check_words(check: &Check) -> String {
    if check.devices == 0 {
        return texts().actions.check_none.to_owned();
    }
    let done = check.gone + check.met;
    let left = (check.open, check.unclear, check.by_word);
    let told = (texts().actions.check)(done, check.devices, left.0, left.1, left.2);
    let needs_data = check.gone > 0 && !(check.sound && check.recorded);
    if needs_data { format!("{told} {}", texts().actions.check_data) } else { told }
}

/// Where an action stands: its tone, a word, and what there is to say of it.
pub(super) fn stage_words(row: &ActionRow) -> (Tone, String, String) {
    let (it, t) = (&row.action, &texts().actions);
    let check = row.check.as_ref();
    let said = match &it.state {
        ActionState::Open => String::new(),
        ActionState::Done { at, by, proof } => (t.was_done)(&words::day(*at), by, proof),
        ActionState::Dropped { at, by, reason } => (t.was_dropped)(&words::day(*at), by, reason),
    };
    match it.stage() {
        Stage::Open if check.is_some_and(Check::shows) => {
            (Tone::Known, t.ready.to_owned(), check.map(Check::evidence).unwrap_or_default())
        }
        Stage::Open => (Tone::Plain, t.open.to_owned(), check.map(check_words).unwrap_or_default()),
        Stage::NotShown => {
            let seen = check.map_or_else(|| t.check_later.to_owned(), check_words);
            (Tone::Plan, t.not_shown.to_owned(), format!("{said} {seen}"))
        }
        Stage::Closed => {
            let seen = it.seen.as_ref().map(|seen| (t.seen)(&words::day(seen.at), &seen.evidence));
            (Tone::Known, t.closed.to_owned(), format!("{said} {}", seen.unwrap_or_default()))
        }
        Stage::Dropped => (Tone::Plain, t.dropped.to_owned(), said),
    }
}

/// What else there is to say of an action.
fn remarks(it: &Action) -> Vec<String> {
    let t = &texts().actions;
    let all = [
        it.ward.as_ref().map(|ward| (texts().campaigns.place)(&ward.ward, &ward.site)),
        it.window.map(|window| (t.window)(&words::minute(window.from), &words::minute(window.to))),
        it.proof_needed.as_ref().map(|text| (t.proof)(text)),
        it.remaining_risk.as_ref().map(|text| (t.remains)(text)),
        it.amount.map(|amount| (t.costs)(&amount.to_string())),
        it.cost.as_ref().map(|text| (t.costs)(text)),
    ];
    all.into_iter().flatten().collect()
}

/// A moment as a field of a form has it, in the viewer's zone.
fn local(at: Timestamp) -> String {
    at.to_zoned(viewer::rule()).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn row_view(row: &ActionRow, now: Timestamp) -> RowView {
    let (it, t) = (&row.action, &texts().actions);
    let (tone, due) = when_words(row, now);
    let (stage_tone, stage, stage_remark) = stage_words(row);
    let open = it.stage() == Stage::Open;
    let cents = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
    RowView {
        id: it.id.to_string(),
        what: it.what.clone(),
        kind: it.kind.row().name,
        weakness: it.weakness.as_ref().map(|id| (id.clone(), advisory_link(id))),
        decision: it.decision.map(|id| format!("/decisions/{id}")),
        campaign: it.campaign.map(|id| format!("/campaigns/{id}")),
        owner: it.owner.clone(),
        due_day: it.due.to_string(),
        tone,
        due,
        limit: it.limit.as_ref().map(|(day, source)| (t.limit)(&words::civil(*day), source)),
        remarks: remarks(it),
        open,
        stage_tone,
        stage,
        stage_remark,
        ready: row.check.as_ref().filter(|check| open && check.shows()).map(Check::evidence),
        kinds: kinds(Some(it.kind.code())),
        amount: it.amount.map(|amount| cents(amount.cents)).unwrap_or_default(),
        from: it.window.map(|window| local(window.from)).unwrap_or_default(),
        to: it.window.map(|window| local(window.to)).unwrap_or_default(),
    }
}

/// `POST /actions`: an action by itself, about a weakness or about none.
pub(crate) async fn add(Extract(state): Extract<State>, submission: Submission) -> Result<Redirect, Failure> {
    let text = |name: &str| submission.field(name).map(str::to_owned);
    let sent = ActionSent {
        what: text("what").unwrap_or_default(),
        owner: text("owner").unwrap_or_default(),
        due: text("due").unwrap_or_default(),
        kind: text("kind"),
        amount: text("amount"),
        proof_needed: text("proof_needed"),
        remaining_risk: text("remaining_risk"),
        ..ActionSent::default()
    };
    let mut action = sent.action()?;
    action.window = window(&submission)?;
    let weakness = submission.field("weakness");
    actions::add(&state.ctx, &submission.visitor.actor(), &action, weakness).await?;
    Ok(Redirect::to("/actions"))
}

/// The maintenance window of a form.
pub(super) fn window(submission: &Submission) -> Result<Option<bedrail_model::action::Window>, Error> {
    let moment = |name: &str| moment_of_form(submission.field(name));
    window_of(moment("window_from")?, moment("window_to")?)
}

/// `POST /actions/{id}/step`
pub(crate) async fn step(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let step = step_of(field("step"), field("note"), field("owner"), field("due"))?;
    actions::step(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &step).await?;
    Ok(Redirect::to("/actions"))
}

/// `POST /actions/{id}/plan`: another kind, window and amount.
pub(crate) async fn plan(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let text = |name: &str| submission.field(name).map(str::to_owned);
    let sent = PlanSent { kind: text("kind"), amount: text("amount"), ..PlanSent::default() };
    let mut plan = sent.plan()?;
    plan.window = window(&submission)?;
    actions::step(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &Step::Planned(plan)).await?;
    Ok(Redirect::to("/actions"))
}

/// `GET /actions.csv`
pub(crate) async fn csv(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ActionsQuery>,
) -> Result<Response, Failure> {
    let (ctx, actor, filter) = (state.ctx.clone(), frame.visitor.actor(), query.filter()?);
    let fetch = move |offset| {
        let (ctx, actor, filter) = (ctx.clone(), actor.clone(), filter.clone());
        async move {
            let page = PageRequest::at(offset, bedrail_app::page::MAX_LIMIT);
            let list = actions::list(&ctx, &actor, &filter, &page).await?;
            Ok((list.rows.iter().map(exports::action_row).collect(), list.total))
        }
    };
    export::stream("actions.csv", exports::ACTIONS_HEADER, fetch).await
}

#[derive(Template)]
#[template(path = "calendar_link.html")]
struct LinkPage {
    frame: Frame,
    link: String,
}

/// What the token of a calendar link is called.
const LINK_NAME: &str = "calendar";

/// `POST /actions/calendar/link`: a link for a calendar program, shown this once. It is a token that reads the calendar and
/// nothing else, ended like every token.
pub(crate) async fn link(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Response, Failure> {
    let new = NewToken {
        name: LINK_NAME.to_owned(),
        rights: vec![Right::ReadCalendar],
        days: tokens::DAYS_AT_MOST,
    };
    let (_, text) = tokens::make(&state.ctx, &submission.visitor.actor(), &new).await?;
    let base = state.options.public_url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    let frame = submission.frame("/actions");
    let page = show(&LinkPage { frame, link: format!("{base}/calendar/{text}.ics") })?;
    Ok(([(axum::http::header::CACHE_CONTROL, "no-store")], page).into_response())
}

/// `GET /calendar/{secret}`: the calendar, for who has a link that stands.
pub(crate) async fn feed(
    caller: Caller,
    Extract(state): Extract<State>,
    Path(secret): Path<String>,
) -> Result<Response, Failure> {
    let missing = || Failure::of_status(StatusCode::NOT_FOUND);
    let text = secret.strip_suffix(".ics").unwrap_or(&secret);
    let (account, actor) = match tokens::visit(&state.ctx, text, caller.address).await {
        Err(Error::NotFound { .. }) => return Err(missing()),
        found => found?,
    };
    // A token that may more does not belong into an address.
    let narrow = actor.rights().iter().eq([Right::ReadCalendar]);
    if !narrow || account.must_change_password || account.must_set_up_factor {
        return Err(missing());
    }
    Ok(as_calendar(feed_of::feed(&state.ctx, &actor).await?).into_response())
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let rows = vec![sample::action(), sample::not_shown()];
    let list = List { rows, total: 2, offset: 0, next: None };
    let (query, request) = (ActionsQuery::default(), PageRequest::default());
    show(&view(sample::frame("/actions"), &list, (&query, &request), "USD", sample::now()))
}
