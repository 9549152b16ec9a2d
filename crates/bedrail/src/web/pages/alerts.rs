//! Alerts: what has to be looked at now, who has it, and what became of one.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::Error;
use bedrail_app::alerts::decide::VERDICTS;
use bedrail_app::alerts::links as link_kinds;
use bedrail_app::alerts::own;
use bedrail_app::alerts::policy::{self, NewPolicy};
use bedrail_app::alerts::short;
use bedrail_app::alerts::work::{self, Detail, Item, Queue, Reason, Step};
use bedrail_app::page::PageRequest;
use bedrail_app::priority::When;
use bedrail_app::rights::Right;
use bedrail_model::alert::Outcome;
use bedrail_model::ids::AlertItemId;
use bedrail_model::incident::{Harm, Incident, IncidentKind};
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::alert_desk::{LinkView, decision_words, links, may_wait, waits};
use super::{Page, id_of, show};
use crate::rank;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, Pager};
use crate::web::query::AlertsQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    headline: String,
    text: String,
    states: Vec<Choice>,
    whens: Vec<Choice>,
    outcomes: Vec<Choice>,
    untaken: bool,
    late: bool,
    undecided: bool,
    paused: bool,
    active: bool,
    beside: Vec<(String, &'static str)>,
    rows: Vec<RowView>,
    reasons: Vec<Choice>,
    pager: Pager,
    may: bool,
}

struct RowView {
    id: String,
    events: u64,
    times: String,
    name: String,
    rule: String,
    source: String,
    device: Option<(String, String)>,
    address: String,
    attacker: String,
    path: String,
    outcome_tone: Tone,
    outcome: &'static str,
    tone: Tone,
    when: &'static str,
    due: String,
    owner: Option<String>,
    closed: Option<String>,
    last: String,
    again: Option<String>,
    is_own: bool,
    paused: Option<String>,
    verdict: Option<&'static str>,
}

/// The ways beside the queue.
pub(super) fn beside(here: &str) -> Vec<(String, &'static str)> {
    let t = &texts().alerts;
    let all = [
        ("/alerts", t.queue),
        ("/alerts/account", t.account),
        ("/alerts/sources", t.sources),
        ("/alerts/policies", t.policies),
        ("/alerts/rota", texts().desk.rota),
        ("/alerts/printed", texts().desk.printed),
    ];
    all.into_iter().filter(|(path, _)| *path != here).map(|(path, name)| (path.to_owned(), name)).collect()
}

/// Reasons that a person chooses from.
pub(super) fn reasons() -> Vec<Choice> {
    let own = work::REASONS.iter().filter(|row| row.reason != Reason::Elsewhere);
    Choice::list(own.map(|row| (row.code, row.words)), None)
}

/// `GET /alerts`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<AlertsQuery>,
) -> Page {
    let request = query.paging.request();
    let queue = work::list(&state.ctx, &frame.visitor.actor(), &query.filter()?, &request).await?;
    show(&view(frame, &queue, &query, &request, state.now()))
}

fn view(
    frame: Frame,
    queue: &Queue,
    query: &AlertsQuery,
    request: &PageRequest,
    now: Timestamp,
) -> AlertsPage {
    let t = &texts().alerts;
    let open = |when: When| queue.open.iter().find(|(it, _)| *it == when).map_or(0, |(_, items)| *items);
    let states = [("open", t.open), ("closed", t.closed), ("all", t.all)];
    let whens = When::ALL.map(|when| (when.code(), rank::alert(when)));
    AlertsPage {
        may: frame.visitor.may(Right::HandleAlerts),
        frame,
        headline: (t.headline)(
            open(When::Immediate),
            open(When::OutOfCycle),
            open(When::Scheduled) + open(When::Defer),
        ),
        text: query.text.clone().unwrap_or_default(),
        states: Choice::list(states, Some(query.state.as_deref().unwrap_or("open"))),
        whens: Choice::list(whens, query.when.as_deref()),
        outcomes: Choice::list(Outcome::ALL.map(|it| (it.code(), outcome(it))), query.outcome.as_deref()),
        untaken: query.untaken.unwrap_or_default(),
        late: query.late.unwrap_or_default(),
        undecided: query.undecided.unwrap_or_default(),
        paused: query.paused.unwrap_or_default(),
        active: query.is_active(),
        beside: beside("/alerts"),
        rows: queue.page.rows.iter().map(|item| row_view(item, now)).collect(),
        reasons: reasons(),
        pager: Pager::of(
            &query.link(),
            &queue.page,
            request,
            if queue.at_least { t.count_more } else { t.count },
        ),
    }
}

/// How something ended, in words.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    let t = &texts().alerts;
    match outcome {
        Outcome::Blocked => t.blocked,
        Outcome::Allowed => t.allowed,
        Outcome::Unknown => t.unknown_outcome,
        Outcome::Success => t.success,
    }
}

fn row_view(it: &Item, now: Timestamp) -> RowView {
    let t = &texts().alerts;
    RowView {
        id: it.id.to_string(),
        events: it.events.0,
        times: (t.events)(it.events.0),
        name: harmless(it.rule.1.as_deref().unwrap_or(&it.rule.0)).into_owned(),
        rule: harmless(&it.rule.0).into_owned(),
        source: harmless(&it.source.1).into_owned(),
        device: it.device.as_ref().map(|(id, name)| (id.to_string(), harmless(name).into_owned())),
        address: it.address.map(|address| address.to_string()).unwrap_or_default(),
        attacker: it.attacker.as_deref().map(|from| (t.from)(from)).unwrap_or_default(),
        path: harmless(&it.path).into_owned(),
        outcome_tone: match it.outcome {
            Outcome::Success => Tone::Act,
            Outcome::Allowed => Tone::Plan,
            Outcome::Unknown => Tone::Unknown,
            Outcome::Blocked => Tone::Known,
        },
        outcome: outcome(it.outcome),
        tone: match (it.closed.is_some(), it.late, it.when) {
            (true, ..) => Tone::Known,
            (false, true, _) | (false, false, When::Immediate) => Tone::Act,
            (false, false, When::OutOfCycle) => Tone::Plan,
            (false, false, _) => Tone::Plain,
        },
        when: if it.closed.is_some() { t.closed } else { rank::alert(it.when) },
        due: due_words(it, now),
        owner: it.taken.as_ref().map(|(owner, _)| harmless(owner).into_owned()),
        closed: it.closed.as_ref().map(|closed| {
            (t.closed_by)(&harmless(&closed.by), closed.reason.words(), &harmless(&closed.sentence))
        }),
        last: words::time_ago(it.span.1, now),
        is_own: it.is_own,
        again: (it.reopened > 0).then(|| (t.came_again)(it.reopened)),
        paused: it.paused_until.map(|until| (texts().desk.stands_still)(&words::minute(until))),
        verdict: it.decision.as_ref().map(|decision| decision.verdict.words()),
    }
}

/// What is due next, and when; empty where nothing is.
pub(super) fn due_words(it: &Item, now: Timestamp) -> String {
    let t = &texts().alerts;
    let Some((step, at)) = it.next() else { return String::new() };
    let what = match step {
        Step::Acknowledge => t.take_by,
        Step::Decide => t.decide_by,
        Step::Close => t.close_by,
    };
    (t.due)(what, &words::until(at, now))
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertPage {
    frame: Frame,
    row: RowView,
    severity: String,
    first: String,
    opened: String,
    due: Vec<(&'static str, String)>,
    beside: Vec<(String, &'static str)>,
    steps: Vec<StepView>,
    events: Vec<EventView>,
    events_missing: bool,
    reasons: Vec<Choice>,
    network: Option<String>,
    not_stopped: bool,
    success: bool,
    may: bool,
    decides: bool,
    may_wait: bool,
    number: String,
    why: Option<(String, String)>,
    decision: Option<String>,
    links: Vec<LinkView>,
    verdicts: Vec<Choice>,
    waits: Vec<Choice>,
    link_kinds: Vec<Choice>,
    same_rule: String,
    same_attacker: Option<String>,
    about: Option<String>,
    incidents: Vec<(String, String)>,
    incident_kinds: Vec<Choice>,
    harms: Vec<Choice>,
    may_incident: bool,
}

struct StepView {
    at: String,
    what: &'static str,
    who: String,
    text: String,
}

struct EventView {
    at: String,
    flaw: String,
    sensor: String,
    from: String,
    to: String,
    original: String,
}

/// `GET /alerts/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let (actor, id) = (frame.visitor.actor(), id_of(&id)?);
    let detail = work::get(&state.ctx, &actor, id).await?;
    let part_of = bedrail_app::incidents::of_alert(&state.ctx, &actor, id).await?;
    show(&detail_view(frame, &detail, &part_of, state.now()))
}

/// What happened, by its code.
fn step_words(kind: &str) -> &'static str {
    let (t, d) = (&texts().alerts, &texts().desk);
    match kind {
        "decided" => d.step_decided,
        "judged" => d.step_judged,
        "paused" => d.step_paused,
        "resumed" => d.step_resumed,
        "linked" => d.step_linked,
        "unlinked" => d.step_unlinked,
        "told_duty" => d.step_told_duty,
        "told_deputy" => d.step_told_deputy,
        "taken" => t.step_taken,
        "handed_over" => t.step_handed_over,
        "closed" => t.step_closed,
        "reopened" => t.step_reopened,
        "told" => t.step_told,
        _ => t.step_comment,
    }
}

fn detail_view(frame: Frame, detail: &Detail, part_of: &[Incident], now: Timestamp) -> AlertPage {
    let (t, it) = (&texts().alerts, &detail.item);
    let side = |address: Option<std::net::IpAddr>, port: Option<u16>| match (address, port) {
        (Some(address), Some(port)) => std::net::SocketAddr::new(address, port).to_string(),
        (Some(address), None) => address.to_string(),
        (None, _) => String::new(),
    };
    let events = detail.events.iter().map(|event| EventView {
        at: words::time(event.at()),
        flaw: event.time_flaw().map(|flaw| (t.time_flaw)(&harmless(flaw))).unwrap_or_default(),
        sensor: event.sensor.as_deref().map(|sensor| harmless(sensor).into_owned()).unwrap_or_default(),
        from: side(event.from, event.from_port),
        to: side(event.to, event.to_port),
        original: harmless(&event.original).into_owned(),
    });
    let steps = detail.steps.iter().map(|step| StepView {
        at: words::time(step.at),
        what: step_words(&step.kind),
        who: harmless(&step.who).into_owned(),
        text: harmless(&step.text).into_owned(),
    });
    AlertPage {
        may: frame.visitor.may(Right::HandleAlerts),
        decides: frame.visitor.may(Right::Decide),
        may_incident: frame.visitor.may(Right::HandleIncidents),
        incidents: part_of
            .iter()
            .map(|it| {
                (
                    format!("/incidents/{}", it.id),
                    (texts().incidents.headline)(it.number, &harmless(&it.title)),
                )
            })
            .collect(),
        incident_kinds: Choice::list(IncidentKind::ALL.iter().map(|kind| (kind.code(), kind.words())), None),
        harms: Choice::list(Harm::ALL.iter().map(|it| (it.code(), it.words())), Some(Harm::NotKnown.code())),
        frame,
        row: row_view(it, now),
        severity: it.severity.to_string(),
        first: words::time(it.span.0),
        opened: words::time(it.opened),
        due: [t.take_by, t.decide_by, t.close_by].into_iter().zip(it.due.map(words::time)).collect(),
        beside: beside(""),
        steps: steps.collect(),
        events: events.collect(),
        events_missing: detail.events_missing,
        reasons: reasons(),
        may_wait: may_wait(it),
        number: short::of(it.id),
        // What the program tells of itself is about no device.
        why: (it.closed.is_none() && !it.is_own)
            .then(|| ((t.why)(rank::alert(detail.why.when())), rank::alert_sentence(&detail.why))),
        decision: it.decision.as_ref().map(decision_words),
        links: links(&detail.links),
        verdicts: Choice::list(VERDICTS.iter().map(|row| (row.code, row.words)), None),
        waits: waits(),
        link_kinds: Choice::list(link_kinds::KINDS.map(|(_, code, words)| (code, words)), None),
        network: it.attacker.clone(),
        not_stopped: matches!(it.outcome, Outcome::Allowed | Outcome::Unknown),
        success: it.outcome == Outcome::Success,
        same_rule: Link::to("/alerts").with("state", "all").with("rule", &it.rule.0).to_string(),
        about: own::page_of(&it.rule.0).filter(|_| it.is_own),
        same_attacker: it
            .attacker
            .as_ref()
            .map(|from| Link::to("/alerts").with("state", "all").with("attacker", from).to_string()),
    }
}

/// The items that a form chose, each with the events that were shown.
pub(super) fn chosen(submission: &Submission) -> Result<Vec<(AlertItemId, u64)>, Failure> {
    let mut seen = Vec::new();
    for (name, value) in submission.all() {
        if name == "item" {
            let (id, events) = value.split_once(' ').unwrap_or((value, ""));
            let events = events.parse().map_err(|_| Error::invalid("the form is not ours"))?;
            seen.push((id_of(id)?, events));
        }
    }
    if seen.is_empty() {
        return Err(Error::Invalid {
            message: "no alert was chosen".into(),
            hint: Some("tick those that are meant".into()),
        }
        .into());
    }
    Ok(seen)
}

/// Back to where the form stood.
pub(super) fn back(submission: &Submission, seen: &[(AlertItemId, u64)]) -> Redirect {
    match (submission.field("back"), seen) {
        (Some("item"), [(id, _)]) => Redirect::to(&format!("/alerts/{id}")),
        _ => Redirect::to("/alerts"),
    }
}

/// `POST /alerts/take`
pub(crate) async fn take(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let seen = chosen(&submission)?;
    let ids: Vec<AlertItemId> = seen.iter().map(|(id, _)| *id).collect();
    let (owner, from) = (submission.field("owner"), submission.field("from"));
    work::take(&state.ctx, &submission.visitor.actor(), &ids, owner, from).await?;
    Ok(back(&submission, &seen))
}

/// `POST /alerts/close`
pub(crate) async fn close(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let seen = chosen(&submission)?;
    let reason = Reason::named(submission.field("reason").unwrap_or_default())?;
    let sentence = submission.field("sentence").unwrap_or_default();
    work::close(&state.ctx, &submission.visitor.actor(), &seen, reason, sentence).await?;
    Ok(back(&submission, &seen))
}

/// `POST /alerts/{id}/comment`
pub(crate) async fn comment(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let text = submission.field("text").unwrap_or_default();
    let item: AlertItemId = id_of(&id)?;
    work::comment(&state.ctx, &submission.visitor.actor(), item, text).await?;
    Ok(Redirect::to(&format!("/alerts/{item}")))
}

/// `POST /alerts/{id}/reopen`
pub(crate) async fn reopen(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let text = submission.field("text").unwrap_or_default();
    let item: AlertItemId = id_of(&id)?;
    work::reopen(&state.ctx, &submission.visitor.actor(), item, text).await?;
    Ok(Redirect::to(&format!("/alerts/{item}")))
}

/// `POST /alerts/{id}/policy`: a policy that closes what is like this item.
pub(crate) async fn policy(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let actor = submission.visitor.actor();
    let item = work::one(&state.ctx, &actor, id_of(&id)?).await?;
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let days = field("days").parse().map_err(|_| Error::invalid("for how many days is a number"))?;
    let new = NewPolicy {
        name: field("name").to_owned(),
        sentence: field("sentence").to_owned(),
        reason: Reason::named(field("reason"))?,
        rule: item.rule.0,
        source: Some(item.source.0),
        attacker: submission.field("only_attacker").and(item.attacker),
        device: submission.field("only_device").and(item.device.map(|(id, _)| id)),
        path: None,
        not_stopped: submission.field("not_stopped").is_some(),
        days,
    };
    policy::add(&state.ctx, &actor, &new).await?;
    Ok(Redirect::to("/alerts/policies"))
}

/// The pages with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let item = sample::alert();
    let page = bedrail_app::page::Page { rows: vec![item], total: 1, offset: 0, next: None };
    let queue = Queue { page, at_least: true, open: When::ALL.map(|when| (when, 1)).to_vec() };
    let (query, request) = (AlertsQuery::default(), PageRequest::default());
    show(&view(sample::frame("/alerts"), &queue, &query, &request, sample::now()))
}

/// One item.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    let step = work::Happened {
        at: sample::now(),
        kind: "comment".into(),
        who: sample::HOSTILE.into(),
        text: sample::HOSTILE.into(),
    };
    let link = link_kinds::Link {
        kind: link_kinds::Kind::Incident,
        target: sample::HOSTILE.into(),
        text: sample::HOSTILE.into(),
        added: sample::now(),
        by: sample::HOSTILE.into(),
    };
    let detail = Detail {
        item: sample::alert(),
        why: sample::alert_why(),
        steps: vec![step],
        pauses: Vec::new(),
        links: vec![link],
        events: Vec::new(),
        events_missing: true,
    };
    show(&detail_view(sample::frame("/alerts"), &detail, &[sample::incident().incident], sample::now()))
}
