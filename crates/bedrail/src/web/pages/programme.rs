//! The programme: two figures, every requirement with its state and why, and one requirement with all that it stands on.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{Redirect, Response};
use bedrail_app::programme::{
    self, ANCHOR_KINDS, Decide, Detail, FactView, Filter, NewAnchor, OUTCOMES, Period, Programme, Prove, Row,
    STATES, SignalView, StateWord as State_, WantedBinder,
};
use bedrail_app::rights::Right;
use bedrail_app::{Actor, Error};
use bedrail_model::engagement::Scope;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::{Page, id_of, refuse, show};
use crate::web::api::programme::{iso_day, some_day};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::query::ProgrammeQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "programme.html")]
struct ProgrammePage {
    frame: Frame,
    headline: String,
    evidenced: String,
    overdue: String,
    problem: Option<String>,
    catalogues: Vec<Choice>,
    states: Vec<Choice>,
    query: ProgrammeQuery,
    narrowed: bool,
    rows: Vec<RowView>,
    binders: bool,
    engagement: Option<String>,
    may_anchor: bool,
    anchor_kinds: Vec<Choice>,
    today: String,
}

struct RowView {
    link: String,
    citation: String,
    title: String,
    designation: &'static str,
    tone: Tone,
    state: String,
    age: String,
    reason: String,
    evidence: String,
}

/// The mark of a state: what is past its date asks for a day, what failed for action.
fn mark(row: &Row) -> (Tone, String) {
    let t = &texts().programme;
    if row.applies != "yes" {
        let word = if row.applies == "no" { t.not_applicable } else { t.not_assessed };
        return (Tone::Plain, word.to_owned());
    }
    let tone = match (row.state, row.overdue) {
        (State_::No, _) => Tone::Act,
        (_, true) | (State_::Partly, _) => Tone::Plan,
        (State_::Unknown, _) => Tone::Unknown,
        (State_::Claimed, _) => Tone::Known,
        (State_::Evidenced, _) => Tone::Good,
    };
    let word = state_word(row.state);
    (tone, if row.overdue { (t.and_overdue)(word) } else { word.to_owned() })
}

fn state_word(state: State_) -> &'static str {
    let t = &texts().programme;
    match state {
        State_::Evidenced => t.evidenced,
        State_::Claimed => t.claimed,
        State_::Partly => t.partly,
        State_::Unknown => t.unknown,
        State_::No => t.no,
    }
}

fn row(it: &Row, now: Timestamp) -> RowView {
    let (tone, state) = mark(it);
    RowView {
        link: format!("/programme/{}", it.id),
        citation: it.citation.clone(),
        title: it.title.clone(),
        designation: it.designation,
        tone,
        state,
        age: it.oldest.map(|at| words::ago(at, now)).unwrap_or_default(),
        reason: it.reason.clone(),
        evidence: it.evidence.join("; "),
    }
}

fn share(percent: Option<u32>, count: u32, of: u32) -> String {
    (texts().programme.share)(percent, u64::from(count), u64::from(of))
}

fn list_view(frame: Frame, listed: &Programme, query: ProgrammeQuery, now: Timestamp) -> ProgrammePage {
    let (t, figures) = (&texts().programme, listed.figures);
    let names = listed.catalogues.iter().map(|it| (it.id.clone(), it.name.clone()));
    let states = STATES.iter().map(|it| (it.code(), state_word(*it)));
    ProgrammePage {
        headline: (t.headline)(listed.rows.len() as u64),
        evidenced: share(figures.evidenced_percent(), figures.evidenced, figures.of),
        overdue: share(figures.overdue_percent(), figures.overdue, figures.of),
        problem: None,
        catalogues: Choice::list(names, query.catalogue.as_deref()),
        states: Choice::list(states, query.state.as_deref()),
        narrowed: query.narrowed(),
        rows: listed.rows.iter().map(|it| row(it, now)).collect(),
        binders: programme::may_seal(&frame.visitor.actor()),
        engagement: engagement(&frame.visitor.actor()),
        may_anchor: frame.visitor.may(Right::KeepProgramme) && frame.visitor.may(Right::SeeAudit),
        anchor_kinds: Choice::list(ANCHOR_KINDS.iter().copied(), None),
        today: now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        frame,
        query,
    }
}

/// `POST /programme/anchors`: a head of the audit log that was noted outside.
pub(crate) async fn anchor(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    use axum::response::IntoResponse as _;
    let actor = form.visitor.actor();
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let written = match iso_day(&text("noted")) {
        Ok(noted) => {
            let new = NewAnchor {
                head: text("head"),
                kind: text("kind"),
                keeper: text("keeper"),
                place: text("place"),
                noted,
                reply: None,
            };
            programme::anchor(&state.ctx, &actor, &new).await
        }
        Err(error) => Err(error),
    };
    match written {
        Ok(_) => Ok(Redirect::to("/programme#anchors").into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let listed = programme::list(&state.ctx, &actor, &Filter::default()).await?;
            let page = list_view(form.frame("/programme"), &listed, ProgrammeQuery::default(), state.now());
            refuse(&ProgrammePage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// What an auditor's engagement is about, in words.
fn engagement(actor: &Actor) -> Option<String> {
    let day = |at: Option<Timestamp>| {
        at.map_or_else(|| "\u{2026}".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
    };
    let mut parts: Vec<String> = actor.scope().map(Scope::words).into_iter().collect();
    if let (from, to) = actor.period()
        && (from, to) != (None, None)
    {
        // The end is exclusive; people name the last day.
        let last = to.map(|to| to - jiff::SignedDuration::from_secs(1));
        parts.push(format!("{} to {}", day(from), day(last)));
    }
    let words = (!parts.is_empty()).then(|| parts.join("; "))?;
    Some((texts().programme.engagement)(&harmless(&words)))
}

/// `GET /programme`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ProgrammeQuery>,
) -> Page {
    let listed = programme::list(&state.ctx, &frame.visitor.actor(), &query.filter()?).await?;
    show(&list_view(frame, &listed, query, state.now()))
}

/// `POST /programme/binders`: the evidence of a period, sealed in the background.
pub(crate) async fn binder(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    use axum::response::IntoResponse as _;
    let actor = form.visitor.actor();
    let wanted = (|| {
        let day = |name| iso_day(form.field(name).unwrap_or_default());
        let lines = |name| {
            let all = form.field(name).unwrap_or_default().lines().map(str::trim);
            all.filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let scope = Scope { requirements: lines("requirements"), sites: lines("sites") };
        Ok::<_, Error>(WantedBinder { period: Period { from: day("from")?, to: day("to")? }, scope })
    })();
    let asked = match wanted {
        Ok(wanted) => programme::ask(&state.ctx, &actor, wanted).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(id) => Ok(Redirect::to(&format!("/jobs/{id}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let listed = programme::list(&state.ctx, &actor, &Filter::default()).await?;
            let page = list_view(form.frame("/programme"), &listed, ProgrammeQuery::default(), state.now());
            refuse(&ProgrammePage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "requirement.html")]
struct RequirementPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    citation: String,
    title: String,
    designation: &'static str,
    version: String,
    tone: Tone,
    state: String,
    reason: String,
    meaning: String,
    question: String,
    evidence: Vec<String>,
    manual: Option<(String, String)>,
    signals: Vec<SignalPart>,
    proofs: Vec<ProofPart>,
    decisions: Vec<DecisionPart>,
    /// Signals that a document can be brought for: id and what is to be typed.
    asked: Vec<(String, String)>,
    keeps: bool,
    addressable: bool,
    outcomes: Vec<Choice>,
    today: String,
}

struct SignalPart {
    id: &'static str,
    how: &'static str,
    about: String,
    met_when: String,
    source: String,
    tone: Tone,
    state: &'static str,
    facts: Vec<FactPart>,
    unknown: Vec<String>,
}

struct FactPart {
    system: String,
    value: String,
    holds: String,
    age: String,
    evidence: String,
}

struct ProofPart {
    id: String,
    name: String,
    link: String,
    shows: String,
    about: String,
    collected: String,
    state: String,
    stands: bool,
}

struct DecisionPart {
    outcome: String,
    systems: String,
    reason: String,
    approver: String,
    days: String,
}

fn outcome_words(code: &str) -> &str {
    OUTCOMES.iter().find(|(outcome, _)| *outcome == code).map_or(code, |(_, words)| words)
}

fn fact(it: &FactView, now: Timestamp) -> FactPart {
    let t = &texts().programme;
    let day = words::civil(it.holds_until);
    FactPart {
        system: it.system.clone(),
        value: it.value.clone(),
        holds: if it.holds { (t.holds_until)(&day) } else { (t.lapsed_after)(&day) },
        age: words::ago(it.observed, now),
        evidence: it.evidence.clone(),
    }
}

fn signal(it: &SignalView, now: Timestamp) -> SignalPart {
    let t = &texts().programme;
    SignalPart {
        id: it.id,
        how: it.how,
        about: (t.about)(it.about),
        met_when: it.met_when.clone(),
        source: (t.source)(it.kind, &it.source),
        tone: match it.state {
            State_::No => Tone::Act,
            State_::Partly => Tone::Plan,
            State_::Unknown => Tone::Unknown,
            State_::Claimed => Tone::Known,
            State_::Evidenced => Tone::Good,
        },
        state: state_word(it.state),
        facts: it.facts.iter().map(|it| fact(it, now)).collect(),
        unknown: it.unknown.iter().map(|(system, why)| (t.nothing_known)(system, why)).collect(),
    }
}

fn one_view(frame: Frame, detail: &Detail, now: Timestamp) -> RequirementPage {
    let t = &texts().programme;
    let (tone, state) = mark(&detail.row);
    let proof = |it: &programme::ProofRow| ProofPart {
        id: it.id.to_string(),
        name: it.file_name.clone(),
        link: format!("/documents/{}", it.document),
        shows: format!("{}: {} ({})", it.signal, it.shows, it.system),
        about: (t.period)(&words::civil(it.about_from), it.about_to.map(words::civil).as_deref()),
        collected: (t.collected_by)(&words::civil(it.collected), &it.collector),
        state: match (&it.withdrawn, it.expires) {
            (Some((at, by)), _) => (t.withdrawn)(&words::day(*at), by),
            (None, Some(day)) => (t.expires_on)(&words::civil(day)),
            (None, None) => String::new(),
        },
        stands: it.withdrawn.is_none(),
    };
    let decision = |it: &programme::DecisionRow| DecisionPart {
        outcome: match &it.measure {
            Some(measure) => format!("{}: {measure}", outcome_words(&it.outcome)),
            None => outcome_words(&it.outcome).to_owned(),
        },
        systems: if it.systems.is_empty() { t.all_systems.to_owned() } else { it.systems.join(", ") },
        reason: it.reason.clone(),
        approver: it.approver.clone(),
        days: (t.decided_review)(&words::civil(it.decided), &words::civil(it.review_by)),
    };
    RequirementPage {
        problem: None,
        id: detail.row.id.clone(),
        citation: detail.row.citation.clone(),
        title: detail.row.title.clone(),
        designation: detail.row.designation,
        version: detail.version.clone(),
        tone,
        state,
        reason: detail.row.reason.clone(),
        meaning: detail.meaning.clone(),
        question: detail.question.clone(),
        evidence: detail.row.evidence.clone(),
        manual: detail.manual.clone(),
        signals: detail.signals.iter().map(|it| signal(it, now)).collect(),
        proofs: detail.proofs.iter().map(proof).collect(),
        decisions: detail.decisions.iter().map(decision).collect(),
        asked: detail
            .signals
            .iter()
            .map(|it| (it.id.to_owned(), format!("{} ({})", it.how, it.form)))
            .collect(),
        keeps: frame.visitor.may(Right::KeepProgramme),
        addressable: detail.addressable,
        outcomes: Choice::list(OUTCOMES.iter().copied(), None),
        today: now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        frame,
    }
}

/// `GET /programme/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = programme::get(&state.ctx, &frame.visitor.actor(), &id).await?;
    show(&one_view(frame, &detail, state.now()))
}

/// What a form came to: back to the requirement, or the page again with what was wrong.
async fn ended<T>(
    state: &State,
    form: &Submission,
    id: &str,
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    use axum::response::IntoResponse as _;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/programme/{id}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let detail = programme::get(&state.ctx, &form.visitor.actor(), id).await?;
            let page = one_view(form.frame("/programme"), &detail, state.now());
            refuse(&RequirementPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /programme/{id}/proofs`: a document and what it shows.
pub(crate) async fn prove(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let file = form.file.take();
    let text = |name| form.field(name).map(str::to_owned);
    let command = (|| {
        let (file_name, document) = file.ok_or_else(|| Error::invalid("choose a file first"))?;
        Ok::<_, Error>(Prove {
            requirement: id.clone(),
            signal: text("signal"),
            system: text("system"),
            shows: text("shows").unwrap_or_default(),
            about_from: iso_day(form.field("about_from").unwrap_or_default())?,
            about_to: some_day(form.field("about_to"))?,
            collected: some_day(form.field("collected"))?,
            collector: text("collector").unwrap_or_default(),
            expires: some_day(form.field("expires"))?,
            file_name,
            document,
        })
    })();
    let done = match command {
        Ok(command) => programme::prove(&state.ctx, &form.visitor.actor(), command).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, &id, done).await
}

/// `POST /programme/{id}/decisions`
pub(crate) async fn decide(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let text = |name| form.field(name).map(str::to_owned);
    let command = (|| {
        Ok::<_, Error>(Decide {
            requirement: id.clone(),
            outcome: text("outcome").unwrap_or_default(),
            measure: text("measure"),
            systems: form.field("systems").unwrap_or_default().lines().map(str::to_owned).collect(),
            reason: text("reason").unwrap_or_default(),
            approver: text("approver").unwrap_or_default(),
            decided: None,
            review_by: iso_day(form.field("review_by").unwrap_or_default())?,
            proof: None,
        })
    })();
    let done = match command {
        Ok(command) => programme::decide(&state.ctx, &form.visitor.actor(), &command).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, &id, done).await
}

/// `POST /programme/proofs/{id}/withdraw`
pub(crate) async fn withdraw(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    programme::withdraw(&state.ctx, &form.visitor.actor(), id_of(&id)?).await?;
    // The requirement that it was brought for is where it was taken back.
    let back = form
        .field("requirement")
        .filter(|id| id.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it)));
    Ok(Redirect::to(&back.map_or_else(|| "/programme".to_owned(), |id| format!("/programme/{id}"))))
}

#[cfg(test)]
fn sample_row() -> Row {
    use crate::web::sample::HOSTILE;
    Row {
        id: "sr-164-312-a-2-iii".to_owned(),
        catalogue: "hipaa-security-rule".to_owned(),
        citation: "45 CFR 164.312(a)(2)(iii)".to_owned(),
        title: "Automatic logoff".to_owned(),
        family: "technical".to_owned(),
        designation: "addressable",
        applies: "yes",
        state: State_::Partly,
        overdue: true,
        oldest: Some(crate::web::sample::now()),
        reason: HOSTILE.to_owned(),
        evidence: vec![HOSTILE.to_owned()],
    }
}

/// The list with made-up values.
#[cfg(test)]
pub(super) fn sample_list() -> Page {
    use crate::web::sample;
    let figures = programme::Figures { of: 80, evidenced: 12, overdue: 3 };
    let listed = Programme { at: sample::now(), figures, catalogues: Vec::new(), rows: vec![sample_row()] };
    show(&list_view(sample::frame("/programme"), &listed, ProgrammeQuery::default(), sample::now()))
}

/// One requirement with made-up values.
#[cfg(test)]
pub(super) fn sample_one() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let fact = FactView {
        system: HOSTILE.to_owned(),
        value: "3".to_owned(),
        observed: sample::now(),
        known: sample::now(),
        holds_until: jiff::civil::date(2026, 3, 9),
        holds: true,
        word: "computed",
        evidence: HOSTILE.to_owned(),
    };
    let signal = SignalView {
        id: "device.no_autologoff",
        about: "medical devices",
        how: "devices that do not log off",
        met_when: "none".to_owned(),
        valid_days: 365,
        kind: "manual",
        source: HOSTILE.to_owned(),
        form: "how many, as 0",
        state: State_::No,
        facts: vec![fact],
        unknown: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
    };
    let decision = programme::DecisionRow {
        id: bedrail_model::ids::ProgrammeDecisionId::generate(),
        requirement: sample_row().id,
        outcome: "alternative".to_owned(),
        measure: Some(HOSTILE.to_owned()),
        systems: vec![HOSTILE.to_owned()],
        reason: HOSTILE.to_owned(),
        approver: HOSTILE.to_owned(),
        decided: jiff::civil::date(2026, 2, 1),
        review_by: jiff::civil::date(2027, 2, 1),
        proof: None,
        added: sample::now(),
        added_by: HOSTILE.to_owned(),
    };
    let detail = Detail {
        row: sample_row(),
        version: "hipaa-security-rule/1".to_owned(),
        meaning: String::new(),
        question: HOSTILE.to_owned(),
        signals: vec![signal],
        proofs: Vec::new(),
        decisions: vec![decision],
        addressable: true,
        manual: None,
    };
    show(&one_view(sample::frame("/programme"), &detail, sample::now()))
}
