//! The plan for incidents: contacts, downtime steps, who may disconnect what, exercises, playbooks, and the pack.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{Redirect, Response};
use bedrail_app::Error;
use bedrail_app::response::{self, EntryKind, EntryRow, FollowUp, Plan};
use bedrail_app::rights::Right;
use bedrail_model::action::Stage;
use bedrail_model::text::harmless;

use super::releases::attachment;
use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_response::{EntrySent, FollowUpSent};
use crate::web::texts::keys::ResponsePage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "response.html")]
struct ResponsePage {
    frame: Frame,
    headline: String,
    wards_without: Vec<String>,
    without_words: String,
    groups: Vec<Group>,
    kinds: Vec<Choice>,
    playbooks: Vec<Book>,
    may: bool,
}

struct Group {
    code: &'static str,
    title: &'static str,
    none: &'static str,
    rows: Vec<RowView>,
}

struct RowView {
    name: String,
    key: String,
    place: String,
    who: String,
    lines: Vec<String>,
    follow_ups: Vec<FollowView>,
}

/// A line of what follows from an exercise.
struct FollowView {
    /// Of the fields of its form.
    id: String,
    what: String,
    key: String,
    /// How its action stands; nothing where nobody put one down.
    action: Option<(Tone, String)>,
}

struct Book {
    title: String,
    signs: Vec<String>,
    steps: Vec<String>,
}

/// `GET /response`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    let plan = response::get(&state.ctx, &frame.visitor.actor()).await?;
    show(&view(frame, &plan))
}

fn heads(t: &Texts, kind: EntryKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        EntryKind::Contact => (t.contact, t.no_contact, t.contact_one),
        EntryKind::Downtime => (t.downtime, t.no_downtime, t.downtime_one),
        EntryKind::Disconnect => (t.disconnect, t.no_disconnect, t.disconnect_one),
        EntryKind::Exercise => (t.exercise, t.no_exercise, t.exercise_one),
    }
}

fn follow_view(at: usize, it: &FollowUp) -> FollowView {
    let t = &texts().response;
    let action = it.action.as_ref().map(|action| {
        let owner = harmless(&action.owner).into_owned();
        match action.stage() {
            Stage::Closed => (Tone::Good, (t.follow_done)(&owner, &harmless(it.proof().unwrap_or_default()))),
            Stage::Dropped => (Tone::Unknown, (t.follow_dropped)(&owner)),
            Stage::Open | Stage::NotShown => (Tone::Plan, (t.follow_open)(&owner, &words::civil(action.due))),
        }
    });
    FollowView {
        id: format!("follow-{at}"),
        what: harmless(&it.what).into_owned(),
        key: it.what.clone(),
        action,
    }
}

fn row_view(row: &EntryRow, follow_ups: &[FollowUp]) -> RowView {
    let named =
        if row.place.is_empty() { row.name.clone() } else { format!("{} · {}", row.place, row.name) };
    let day = row.day.map(words::civil).unwrap_or_default();
    let who = [row.person.as_str(), row.reach.as_str(), day.as_str()];
    let who = who.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ");
    let lines = row.body.lines().map(|line| harmless(line).into_owned()).collect();
    let mine = follow_ups.iter().enumerate().filter(|(_, it)| it.is_of(row));
    RowView {
        name: harmless(&named).into_owned(),
        key: row.name.clone(),
        place: row.place.clone(),
        who: harmless(&who).into_owned(),
        lines,
        follow_ups: mine.map(|(at, it)| follow_view(at, it)).collect(),
    }
}

fn view(frame: Frame, plan: &Plan) -> ResponsePage {
    let t = &texts().response;
    let row = |row: &EntryRow| row_view(row, &plan.follow_ups);
    let group = |kind: &EntryKind| {
        let (title, none, _) = heads(t, *kind);
        Group { code: kind.code(), title, none, rows: plan.of(*kind).map(row).collect() }
    };
    let without = plan.wards_without.len() as u64;
    ResponsePage {
        headline: (t.headline)(
            plan.of(EntryKind::Contact).count() as u64,
            plan.wards.saturating_sub(without),
            plan.wards,
        ),
        without_words: (t.without)(without),
        wards_without: plan.wards_without.iter().map(|ward| harmless(ward).into_owned()).collect(),
        groups: EntryKind::ALL.iter().map(group).collect(),
        kinds: Choice::list(EntryKind::ALL.iter().map(|kind| (kind.code(), heads(t, *kind).2)), None),
        playbooks: plan
            .playbooks
            .iter()
            .map(|it| Book { title: it.title.clone(), signs: it.signs.clone(), steps: it.steps.clone() })
            .collect(),
        may: frame.visitor.may(Right::HandleIncidents),
        frame,
    }
}

/// `POST /response/entry`
pub(crate) async fn put(Extract(state): Extract<State>, submission: Submission) -> Result<Redirect, Failure> {
    let text = |name: &str| submission.field(name).unwrap_or_default().to_owned();
    let rank = submission.field("rank").unwrap_or("0");
    let sent = EntrySent {
        kind: text("kind"),
        name: text("name"),
        place: text("place"),
        rank: rank.parse().map_err(|_| Error::invalid(format!("“{rank}” is no number")))?,
        person: text("person"),
        reach: text("reach"),
        body: text("body"),
        follow_ups: text("follow_ups"),
        day: submission.field("day").map(str::to_owned),
        withdrawn: submission.field("withdrawn").is_some(),
    };
    response::put(&state.ctx, &submission.visitor.actor(), &sent.command()?).await?;
    Ok(Redirect::to("/response"))
}

/// `POST /response/follow-up`
pub(crate) async fn follow(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let text = |name: &str| submission.field(name).unwrap_or_default().to_owned();
    let sent = FollowUpSent {
        exercise: text("exercise"),
        place: text("place"),
        what: text("what"),
        owner: text("owner"),
        due: text("due"),
        proof_needed: submission.field("proof_needed").map(str::to_owned),
    };
    response::follow(&state.ctx, &submission.visitor.actor(), &sent.command()?).await?;
    Ok(Redirect::to("/response#exercise"))
}

/// The pack as one ZIP, for the page and for the API.
pub(crate) async fn packed(state: &State, visitor: &SignedIn) -> Result<Response, Failure> {
    let pack = response::pack(&state.ctx, &visitor.actor()).await?;
    Ok(attachment("response-pack.zip", pack.zip.clone()))
}

/// `GET /response/pack.zip`
pub(crate) async fn pack(visitor: SignedIn, Extract(state): Extract<State>) -> Result<Response, Failure> {
    packed(&state, &visitor).await
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let entry = |kind: EntryKind| EntryRow {
        kind: kind.code().to_owned(),
        name: HOSTILE.to_owned(),
        place: HOSTILE.to_owned(),
        rank: 1,
        person: HOSTILE.to_owned(),
        reach: HOSTILE.to_owned(),
        body: format!("{HOSTILE}\n{HOSTILE}"),
        follow_ups: HOSTILE.to_owned(),
        day: Some(jiff::civil::date(2026, 3, 1)),
        withdrawn: false,
        at: sample::now(),
        author: HOSTILE.to_owned(),
    };
    let plan = Plan {
        entries: EntryKind::ALL.map(entry).to_vec(),
        follow_ups: vec![FollowUp {
            exercise: HOSTILE.to_owned(),
            place: HOSTILE.to_owned(),
            what: HOSTILE.to_owned(),
            action: None,
        }],
        playbooks: Vec::new(),
        wards_without: vec![HOSTILE.to_owned()],
        wards: 3,
        at: sample::now(),
    };
    show(&view(sample::frame("/response"), &plan))
}
