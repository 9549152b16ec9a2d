//! Incidents: the list, one with its clocks, timeline, assessment and letters, and what their forms send.

mod one;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{Redirect, Response};
use bedrail_app::Error;
use bedrail_app::incidents::{self, FIELDS, IncidentRow, LetterFormat};
use bedrail_app::rights::Right;
use bedrail_app::vendors::{self, OwnIncidentRow};
use bedrail_model::incident::{Factor, Harm, IncidentKind, KnownBy};
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::releases::attachment;
use super::{Page, id_of, show};
use crate::web::api::programme::some_day;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_incident::{
    AssessmentSent, EventSent, FactorSent, LetterSent, OpenSent, SendingSent, states,
};
use crate::web::texts::keys::IncidentsPage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

pub(crate) use one::one;
#[cfg(test)]
pub(crate) use one::sample_one;

#[derive(Template)]
#[template(path = "incidents.html")]
struct IncidentsPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
    kinds: Vec<Choice>,
    harms: Vec<Choice>,
    knowers: Vec<Choice>,
    today: String,
    may: bool,
}

struct RowView {
    link: String,
    name: String,
    kind: &'static str,
    tone: Tone,
    state: &'static str,
    people: String,
    decision: (Tone, &'static str),
    due: Option<(Tone, String, String)>,
}

/// How pressing so many days are.
fn pressing(days: i64) -> Tone {
    match days {
        ..0 => Tone::Act,
        0..15 => Tone::Plan,
        _ => Tone::Plain,
    }
}

/// Choices of an enum of the model.
macro_rules! choices {
    ($type:ident, $chosen:expr) => {
        Choice::list($type::ALL.iter().map(|it| (it.code(), it.words())), $chosen)
    };
}
use choices;

/// `GET /incidents`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    let rows = incidents::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &rows, state.now()))
}

fn list_view(frame: Frame, rows: &[IncidentRow], now: Timestamp) -> IncidentsPage {
    let t = &texts().incidents;
    let open = rows.iter().filter(|row| row.incident.closed.is_none()).count() as u64;
    IncidentsPage {
        headline: (t.list_headline)(open, rows.len() as u64),
        rows: rows.iter().map(|row| row_view(row, t)).collect(),
        kinds: choices!(IncidentKind, None),
        harms: choices!(Harm, Some(Harm::NotKnown.code())),
        knowers: choices!(KnownBy, Some(KnownBy::Workforce.code())),
        today: now.to_zoned(TimeZone::UTC).date().to_string(),
        may: frame.visitor.may(Right::HandleIncidents),
        frame,
    }
}

fn row_view(row: &IncidentRow, t: &Texts) -> RowView {
    let it = &row.incident;
    let runs = it.closed.is_none();
    let due = row.next.as_ref().filter(|_| runs).map(|line| {
        let whom = (t.recipient)(line.recipient, line.state.as_deref().unwrap_or_default());
        let left = format!("{} · {}", words::civil(line.limit), (t.left)(line.days_left));
        (pressing(line.days_left), whom, left)
    });
    let report = row.report.as_ref().filter(|_| runs).map(|line| {
        let left = format!("{} · {}", words::civil(line.due), (t.left)(line.days_left));
        (pressing(line.days_left), line.to.clone(), left)
    });
    RowView {
        link: format!("/incidents/{}", it.id),
        name: (t.headline)(it.number, &harmless(&it.title)),
        kind: it.kind.words(),
        tone: if runs { Tone::Plan } else { Tone::Known },
        state: if runs { t.running } else { t.closed },
        people: row.affected.map_or_else(|| t.not_counted.to_owned(), words::number),
        decision: match row.decided {
            None => (Tone::Unknown, t.presumed),
            Some(true) => (Tone::Known, t.told),
            Some(false) => (Tone::Known, t.not_told),
        },
        // Somebody was harmed: that report comes first.
        due: report.or(due),
    }
}

fn text(submission: &Submission, name: &str) -> String {
    submission.field(name).unwrap_or_default().to_owned()
}

fn said(submission: &Submission, name: &str) -> Option<String> {
    submission.field(name).map(str::to_owned)
}

/// A number that a form sends.
fn number(submission: &Submission, name: &str) -> Result<Option<u64>, Error> {
    let wrong = |_| Error::invalid(format!("“{name}” is no number"));
    submission.field(name).map(|text| text.replace(',', "").parse().map_err(wrong)).transpose()
}

fn all_of(submission: &Submission, name: &str) -> Vec<String> {
    let values = submission.all().iter().filter(|(key, value)| key == name && !value.trim().is_empty());
    values.map(|(_, value)| value.trim().to_owned()).collect()
}

/// `POST /incidents/open`
pub(crate) async fn open(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sent = OpenSent {
        title: text(&submission, "title"),
        kind: text(&submission, "kind"),
        owner: text(&submission, "owner"),
        alerts: all_of(&submission, "alert"),
        devices: all_of(&submission, "device"),
        harm: said(&submission, "harm"),
        discovered: said(&submission, "discovered"),
        known_by: said(&submission, "known_by"),
        from: said(&submission, "from"),
        to: said(&submission, "to"),
        note: text(&submission, "note"),
    };
    let command = sent.command(state.ctx.clock.today())?;
    let id = incidents::open(&state.ctx, &submission.visitor.actor(), &command).await?;
    Ok(Redirect::to(&format!("/incidents/{id}")))
}

/// `POST /incidents/{id}/event`
pub(crate) async fn event(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let is = |name: &str| submission.field(name).is_some();
    let sent = EventSent {
        kind: text(&submission, "kind"),
        on: said(&submission, "on"),
        until: said(&submission, "until"),
        code: said(&submission, "code"),
        agent: is("agent"),
        written: is("written"),
        documented: is("documented"),
        total: number(&submission, "total")?,
        by_state: states(&text(&submission, "by_state"))?,
        state: said(&submission, "state"),
        note: text(&submission, "note"),
        corrects: number(&submission, "corrects")?,
        privileged: is("privileged"),
    };
    let actor = submission.visitor.actor();
    incidents::add_event(&state.ctx, &actor, id_of(&id)?, sent.command()?).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#timeline")))
}

/// `POST /incidents/{id}/attach`
pub(crate) async fn attach(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let (devices, alerts) = (all_of(&submission, "device"), all_of(&submission, "alert"));
    let actor = submission.visitor.actor();
    incidents::attach_named(&state.ctx, &actor, id_of(&id)?, &devices, &alerts).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#devices")))
}

/// `POST /incidents/{id}/step`
pub(crate) async fn step(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let (step, note) = (text(&submission, "step"), text(&submission, "note"));
    incidents::tick(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &step, &note).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#checklist")))
}

/// `POST /incidents/{id}/assess`
pub(crate) async fn assess(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let mut factors = BTreeMap::new();
    for factor in Factor::ALL {
        let code = factor.code();
        let answer = text(&submission, &format!("answer-{code}"));
        let evidence = text(&submission, &format!("evidence-{code}"));
        factors.insert(code.to_owned(), FactorSent { answer, evidence });
    }
    let sent = AssessmentSent {
        seen: number(&submission, "seen")?.unwrap_or_default(),
        secured_by: said(&submission, "secured_by"),
        key_apart: submission.field("key_apart").is_some(),
        exception: said(&submission, "exception"),
        exception_why: text(&submission, "exception_why"),
        factors,
        weighed: said(&submission, "weighed"),
        reason: text(&submission, "reason"),
    };
    let actor = submission.visitor.actor();
    incidents::assess(&state.ctx, &actor, id_of(&id)?, sent.command()?).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#assessment")))
}

/// `POST /incidents/{id}/vendor`: a vendor whose it is, or other days of one.
pub(crate) async fn vendor(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let row = OwnIncidentRow {
        vendor: id_of(&text(&submission, "vendor"))?,
        incident: id_of(&id)?,
        discovered: some_day(submission.field("discovered"))?,
        told: some_day(submission.field("told"))?,
    };
    vendors::own_incident(&state.ctx, &submission.visitor.actor(), &row).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#vendors")))
}

/// `POST /incidents/{id}/decide`
pub(crate) async fn decide(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let version = number(&submission, "version")?.unwrap_or_default();
    incidents::decide(&state.ctx, &submission.visitor.actor(), id_of(&id)?, version).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#assessment")))
}

/// `POST /incidents/{id}/letter`
pub(crate) async fn letter(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| Some((name.to_owned(), said(&submission, &format!("field-{name}"))?));
    let sent = LetterSent {
        kind: text(&submission, "kind"),
        state: said(&submission, "state"),
        fields: FIELDS.iter().filter_map(|row| field(row.name)).collect(),
    };
    let actor = submission.visitor.actor();
    incidents::write(&state.ctx, &actor, id_of(&id)?, &sent.command()?).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#letters")))
}

/// `POST /incidents/{id}/sent`
pub(crate) async fn sent(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sent = SendingSent {
        on: text(&submission, "on"),
        how: text(&submission, "how"),
        proof: text(&submission, "proof"),
    };
    let letter = number(&submission, "number")?.unwrap_or_default();
    let actor = submission.visitor.actor();
    incidents::sent(&state.ctx, &actor, id_of(&id)?, letter, &sent.command()?).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#letters")))
}

/// The letter that a path names, in the form that it names, for the page and for the API.
pub(crate) async fn letter_as_file(
    state: &State,
    visitor: &SignedIn,
    (id, number, format): (&str, &str, &str),
) -> Result<Response, Failure> {
    let missing = || Error::not_found(format!("letter {number}"));
    let format = LetterFormat::from_ending(format).ok_or_else(missing)?;
    let number = number.parse().map_err(|_| missing())?;
    let file = incidents::letter_file(&state.ctx, &visitor.actor(), id_of(id)?, number, format).await?;
    Ok(attachment(&file.name, file.bytes))
}

/// `GET /incidents/{id}/letters/{number}/{format}`
pub(crate) async fn letter_file(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number, format)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    letter_as_file(&state, &visitor, (&id, &number, &format)).await
}

/// `POST /incidents/{id}/readers`
pub(crate) async fn name_reader(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let (who, reason) = (text(&submission, "who"), text(&submission, "reason"));
    incidents::name_reader(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &who, &reason).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#readers")))
}

/// `POST /incidents/{id}/readers/end`
pub(crate) async fn end_reader(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let reader = number(&submission, "number")?.unwrap_or_default();
    incidents::end_reader(&state.ctx, &submission.visitor.actor(), id_of(&id)?, reader).await?;
    Ok(Redirect::to(&format!("/incidents/{id}#readers")))
}

/// `POST /incidents/{id}/close`
pub(crate) async fn close(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sentence = text(&submission, "sentence");
    incidents::close(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &sentence).await?;
    Ok(Redirect::to(&format!("/incidents/{id}")))
}

/// `POST /incidents/{id}/reopen`
pub(crate) async fn reopen(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let sentence = text(&submission, "sentence");
    incidents::reopen(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &sentence).await?;
    Ok(Redirect::to(&format!("/incidents/{id}")))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample_list() -> Page {
    use crate::web::sample;
    let detail = sample::incident();
    let row = IncidentRow {
        incident: detail.incident,
        affected: detail.affected,
        decided: None,
        next: detail.clocks.first().cloned(),
        report: None,
        states_unknown: 1,
    };
    show(&list_view(sample::frame("/incidents"), &[row], sample::now()))
}
