//! What we do not know: one fact a row, its question ready to be sent, and where the answer goes.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::actions::ActionRow;
use bedrail_app::answered::{self, FactRow};
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::rights::Right;
use bedrail_app::unknowns::{self, Ask, Kind, Unknown, UnknownDetail, Unknowns, Whom};
use bedrail_app::{Error, page::MAX_LIMIT};
use bedrail_model::action::State as ActionState;
use bedrail_model::clock::Standing;
use jiff::Timestamp;

use super::{Page, id_of, refuse, show};
use crate::unknown_question::{question, subject};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::{Encoded, Link};
use crate::web::parts::{Choice, Pager};
use crate::web::query::UnknownsQuery;
use crate::web::state::State;
use crate::web::taken::{FactSent, ModelSent, day};
use crate::web::texts::TextOf;
use crate::web::texts::keys::UnknownsPage as Texts;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// Rows on a page unless asked otherwise: the top ten.
const TOP: u32 = 10;
/// The longest body of a mail that a link carries: beyond it some programs cut it off.
const MAIL_BYTES: usize = 6_000;

/// Each kind with its name.
const KINDS: &[(Kind, TextOf<Texts>)] = &[
    (Kind::Identity, |t| t.identity),
    (Kind::ReleaseVersion, |t| t.release_version),
    (Kind::Bill, |t| t.bill),
    (Kind::Versions, |t| t.versions),
    (Kind::Identifiers, |t| t.identifiers),
    (Kind::Distribution, |t| t.distribution),
    (Kind::ProductNames, |t| t.product_names),
    (Kind::Condition, |t| t.condition),
    (Kind::MakersWord, |t| t.makers_word),
    (Kind::Data, |t| t.data),
    (Kind::Name, |t| t.name),
    (Kind::AdvisoryCondition, |t| t.advisory_condition),
    (Kind::AdvisoryWord, |t| t.advisory_word),
    (Kind::Statements, |t| t.statements),
];

#[derive(Template)]
#[template(path = "unknowns.html")]
struct UnknownsPage {
    frame: Frame,
    headline: String,
    first_ten: String,
    at: String,
    text: String,
    kinds: Vec<Choice>,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
    facts: Vec<FactLine>,
    records: bool,
}

struct RowView {
    link: String,
    fact: String,
    components: String,
    devices: String,
    tone: Tone,
    weaknesses: String,
    whom: String,
    asked: Option<String>,
}

struct FactLine {
    id: String,
    about: String,
    sentence: String,
    said: String,
    document: Option<String>,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownPage {
    frame: Frame,
    key: String,
    fact: String,
    headline: String,
    settles: String,
    tone: Tone,
    weaknesses: String,
    problem: Option<String>,
    done: Option<String>,
    question: String,
    mail: String,
    doors: Vec<(String, &'static str)>,
    answers: Vec<Choice>,
    holds: Vec<Choice>,
    products: Vec<Choice>,
    components: Vec<String>,
    typed: Typed,
    whom: String,
    asked: Vec<(Tone, String)>,
    wards: Vec<(String, String, String)>,
    records: bool,
    decides: bool,
}

/// What stood in the form.
#[derive(Default)]
struct Typed {
    subject: String,
    version: String,
    purl: String,
    said_by: String,
    said_on: String,
    source: String,
}

/// `GET /unknowns`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<UnknownsQuery>,
) -> Page {
    let asked = query.paging.request();
    let limit = if query.link().to_string().contains("limit=") { asked.limit } else { TOP };
    let request = PageRequest { limit, ..asked };
    let actor = frame.visitor.actor();
    let list = unknowns::list(&state.ctx, &actor, &query.filter()?, &request).await?;
    let facts = answered::list(&state.ctx, &actor, None, &PageRequest::at(0, MAX_LIMIT)).await?;
    show(&list_view(frame, (&list, &facts), &query, &request, state.now()))
}

fn list_view(
    frame: Frame,
    (list, facts): (&Unknowns, &List<FactRow>),
    query: &UnknownsQuery,
    request: &PageRequest,
    now: Timestamp,
) -> UnknownsPage {
    let t = &texts().unknowns;
    UnknownsPage {
        records: frame.visitor.may(Right::RecordFacts),
        frame,
        headline: (t.headline)(list.devices, list.fleet, list.page.total),
        first_ten: if list.first_ten > 0 { (t.first_ten)(list.first_ten) } else { String::new() },
        at: words::time_ago(list.at, now),
        text: query.text.clone().unwrap_or_default(),
        kinds: Choice::list(KINDS.iter().map(|(kind, name)| (kind.code(), name(t))), query.kind.as_deref()),
        active: query.text.is_some() || query.kind.is_some(),
        rows: list.page.rows.iter().map(|row| row_view(row, now)).collect(),
        pager: Pager::of(&query.link(), &list.page, request, t.count),
        facts: facts.rows.iter().map(fact_line).collect(),
    }
}

fn row_view(row: &Unknown, now: Timestamp) -> RowView {
    let (tone, weaknesses) = weaknesses(row);
    let shown: Vec<&str> = row.components.iter().take(3).map(String::as_str).collect();
    let mut components = shown.join(", ");
    if row.component_count > shown.len() as u64 {
        components.push_str(", …");
    }
    RowView {
        link: format!("/unknowns/{}", row.key),
        fact: row.fact.clone(),
        components,
        devices: words::number(row.devices),
        tone,
        weaknesses,
        whom: whom(row),
        asked: row.asked.as_ref().map(|asked| waiting(asked, now)),
    }
}

/// How many weaknesses wait for it, and how pressing that is.
fn weaknesses(row: &Unknown) -> (Tone, String) {
    let t = &texts().unknowns;
    let words = match row.weaknesses {
        None => t.weaknesses_all.to_owned(),
        Some(all) => (t.weaknesses)(all, row.exploited),
    };
    (if row.exploited > 0 { Tone::Plan } else { Tone::Unknown }, words)
}

fn whom(row: &Unknown) -> String {
    let t = &texts().unknowns;
    match (row.kind.whom(), &row.maker) {
        (Whom::Maker, Some(maker)) => maker.clone(),
        (Whom::Maker, None) => t.maker.to_owned(),
        (Whom::Ward, _) => t.ward.to_owned(),
        (Whom::House, _) => t.house.to_owned(),
    }
}

fn waiting(row: &ActionRow, now: Timestamp) -> String {
    let whom = row.action.asked.as_ref().map_or("", |asked| asked.whom.as_str());
    (texts().unknowns.waiting)(whom, &words::due(row.action.due, now))
}

fn fact_line(row: &FactRow) -> FactLine {
    let (it, t) = (&row.fact, &texts().unknowns);
    FactLine {
        id: it.id.to_string(),
        about: row.about.clone(),
        sentence: it.fact.sentence(),
        said: (t.said)(&it.said_by, &words::civil(it.said_on), &it.source),
        document: it.document.map(|id| format!("/documents/{id}")),
        revoked: it.revoked.as_ref().map(|(at, _, reason)| (t.taken_back)(&words::day(*at), reason)),
    }
}

/// What was answered and holds, for the page of a release: each in a sentence, with who said it.
pub(super) fn standing(facts: &[FactRow]) -> Vec<(String, String)> {
    let standing = facts.iter().map(fact_line).filter(|fact| fact.revoked.is_none());
    standing.map(|fact| (format!("{} {}", fact.about, fact.sentence), fact.said)).collect()
}

/// `GET /unknowns/{key}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(key): Path<String>) -> Page {
    let detail = unknowns::get(&state.ctx, &frame.visitor.actor(), &key).await?;
    show(&view(frame, &detail, Typed::default(), state.now()))
}

fn view(frame: Frame, detail: &UnknownDetail, typed: Typed, now: Timestamp) -> UnknownPage {
    let (it, t) = (&detail.unknown, &texts().unknowns);
    let (tone, weaknesses) = weaknesses(it);
    let question = question(detail);
    let no_place = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    let tone_of = |row: &ActionRow| match row.standing {
        Standing::Late | Standing::Over => Tone::Plan,
        _ if row.action.state == ActionState::Open => Tone::Plain,
        _ => Tone::Known,
    };
    let mut headline = it.fact.clone();
    if let Some(first) = headline.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    UnknownPage {
        records: frame.visitor.may(Right::RecordFacts),
        decides: frame.visitor.may(Right::Decide),
        frame,
        key: it.key.clone(),
        fact: it.fact.clone(),
        headline,
        settles: (t.found)(it.devices),
        tone,
        weaknesses,
        problem: None,
        done: None,
        mail: mail(it, &question),
        question,
        doors: doors(it),
        answers: answer_choices(it),
        holds: holds(it),
        products: Choice::list(it.product_names().iter().zip(&it.products), None),
        components: it.components.clone(),
        typed,
        whom: if it.kind.whom() == Whom::Maker {
            it.maker.clone().unwrap_or_default()
        } else {
            String::new()
        },
        asked: detail.asked.iter().map(|row| (tone_of(row), waiting(row, now))).collect(),
        wards: detail
            .wards
            .iter()
            .map(|(site, ward, devices)| {
                let (a, f) =
                    (no_place(ward, texts().affected.no_ward), no_place(site, texts().affected.no_site));
                (a, f, words::number(*devices))
            })
            .collect(),
    }
}

/// A mail with the question, its body cut where it would be too long for a link.
fn mail(it: &Unknown, question: &str) -> String {
    let mut body = question;
    if body.len() > MAIL_BYTES {
        let end = (0..=MAIL_BYTES).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
        body = &body[..end];
    }
    let mut link = String::from("mailto:");
    let body = body.replace('\n', "\r\n");
    let _ = write!(link, "?subject={}&body={}", Encoded(&subject(it)), Encoded(&body));
    link
}

/// Where the answer goes besides the form.
fn doors(it: &Unknown) -> Vec<(String, &'static str)> {
    let t = &texts().unknowns;
    let mut doors = Vec::new();
    let release = it.releases.first();
    let devices = release.map(|(id, _)| Link::to("/devices").with("release", id).to_string());
    match it.kind {
        Kind::Bill | Kind::Versions | Kind::Identifiers | Kind::Distribution | Kind::ProductNames => {
            if let (Some((id, _)), Some((maker, model, version))) = (release, &it.only) {
                let upload = Link::to("/releases/upload").with("maker", maker).with("model", model);
                doors.push((upload.with_some("version", version.as_ref()).to_string(), t.go_upload));
                if it.kind != Kind::Bill {
                    doors.push((format!("/releases/{id}/quality"), t.go_letter));
                }
            }
        }
        Kind::Identity | Kind::ReleaseVersion => doors.push(("/devices/import".to_owned(), t.go_import)),
        Kind::Name | Kind::AdvisoryCondition | Kind::AdvisoryWord => {
            doors.extend(it.advisory.iter().map(|(id, _)| (format!("/medical/{id}"), t.go_name)));
        }
        Kind::Statements => doors.push(("/vex".to_owned(), t.go_vex)),
        Kind::Data => doors.push(("/data".to_owned(), t.go_data)),
        Kind::Condition | Kind::MakersWord => {}
    }
    if matches!(it.kind, Kind::MakersWord | Kind::Condition)
        && let (Some((id, _)), Some(weakness)) = (release, it.some_weaknesses.first())
    {
        let link = Link::to("/decisions/new").with("release", id).with("weakness", weakness);
        doors.push((link.to_string(), t.go_decide));
    }
    doors.extend(devices.map(|link| (link, t.go_devices)));
    doors
}

/// The answers that can be recorded for a kind; none where another door is the only one.
fn answer_choices(it: &Unknown) -> Vec<Choice> {
    let t = &texts().unknowns;
    let pairs: &[(&str, &str)] = match it.kind {
        Kind::Condition if it.products.is_empty() => &[("runs_on", t.answer_runs_on)],
        Kind::Condition => &[("has", t.yes), ("runs_on", t.answer_runs_other), ("has_not", t.no)],
        Kind::Versions | Kind::Identifiers => &[("contains", t.answer_contains)],
        Kind::Bill => {
            &[("lacks", t.answer_lacks), ("contains", t.answer_contains), ("runs_on", t.answer_runs_on)]
        }
        _ => &[],
    };
    // Nothing is chosen beforehand: a wrong "no" can hurt a patient.
    let none = (!pairs.is_empty()).then_some(("", texts().decisions.choose));
    Choice::list(none.into_iter().chain(pairs.iter().copied()), None)
}

/// What an answer may hold for: the releases of the group, each of them, whole models. Nothing is chosen beforehand.
fn holds(it: &Unknown) -> Vec<Choice> {
    let t = &texts().unknowns;
    let mut choices: Vec<(String, String)> = vec![(String::new(), texts().decisions.choose.to_owned())];
    if it.release_count > 1 {
        choices.push(("releases".to_owned(), (t.all_releases)(it.release_count)));
    }
    choices.extend(it.releases.iter().map(|(id, name)| (id.to_string(), name.clone())));
    choices.push(("models".to_owned(), t.all_models.to_owned()));
    Choice::list(choices, None)
}

/// `POST /unknowns/{key}/ask`
pub(crate) async fn ask(
    Extract(state): Extract<State>,
    Path(key): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let actor = form.visitor.actor();
    let asked = async {
        let due = day(&field("due"), texts().unknowns.ask_due)?;
        unknowns::ask(
            &state.ctx,
            &actor,
            &Ask { key: key.clone(), whom: field("whom"), owner: field("owner"), due },
        )
        .await
    };
    match asked.await {
        Ok(_) => Ok(Redirect::to(&format!("/unknowns/{}", Encoded(&key))).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let detail = unknowns::get(&state.ctx, &actor, &key).await?;
            let page = view(form.frame("/unknowns"), &detail, Typed::default(), state.now());
            refuse(&UnknownPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /unknowns/{key}/answer`
pub(crate) async fn answer(
    Extract(state): Extract<State>,
    Path(key): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let file = form.file.take();
    let actor = form.visitor.actor();
    let detail = unknowns::get(&state.ctx, &actor, &key).await?;
    let sent = sent(&form, &detail);
    let recorded = match sent.record(file) {
        Ok(command) => answered::record(&state.ctx, &actor, command).await,
        Err(error) => Err(error),
    };
    let t = &texts().unknowns;
    match recorded {
        Ok(done) => {
            let words = (t.done)(done.releases, done.devices, done.changed, done.closed);
            let page = view(form.frame("/unknowns"), &detail, Typed::default(), state.now());
            show(&UnknownPage { done: Some(words), ..page }).map(IntoResponse::into_response)
        }
        Err(error @ Error::Invalid { .. }) => {
            let page = view(form.frame("/unknowns"), &detail, typed(&form), state.now());
            refuse(&UnknownPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn typed(form: &Submission) -> Typed {
    let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
    Typed {
        subject: field("subject"),
        version: field("version"),
        purl: field("purl"),
        said_by: field("said_by"),
        said_on: field("said_on"),
        source: field("source"),
    }
}

/// The answer as the form says it.
fn sent(form: &Submission, detail: &UnknownDetail) -> FactSent {
    let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let kind = field("kind");
    let product = matches!(kind.as_str(), "has" | "has_not");
    let subject = if product { field("product") } else { field("subject") };
    let it = &detail.unknown;
    let model = |(maker, model): &(String, String)| ModelSent { maker: maker.clone(), model: model.clone() };
    let (releases, models) = match field("about").as_str() {
        "releases" => (detail.every_release.iter().map(ToString::to_string).collect(), Vec::new()),
        "models" => (Vec::new(), it.models.iter().map(model).collect()),
        "" => (Vec::new(), Vec::new()),
        release => (vec![release.to_owned()], Vec::new()),
    };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    FactSent {
        releases,
        models,
        kind,
        subject,
        version: some(field("version")),
        purl: some(field("purl")),
        cpe: None,
        said_by: field("said_by"),
        said_on: field("said_on"),
        source: field("source"),
        question: Some(it.key.clone()),
    }
}

/// `POST /unknowns/take-back`
pub(crate) async fn take_back(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    let id = id_of(form.field("id").unwrap_or_default())?;
    let reason = form.field("reason").unwrap_or_default();
    answered::revoke(&state.ctx, &form.visitor.actor(), id, reason).await?;
    Ok(Redirect::to("/unknowns#answers"))
}

/// The list with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let (query, request) = (UnknownsQuery::default(), PageRequest::default());
    let facts = List { rows: vec![sample::fact()], total: 1, offset: 0, next: None };
    let list = sample::unknowns();
    show(&list_view(sample::frame("/unknowns"), (&list, &facts), &query, &request, sample::now()))
}

/// One of them with made-up values.
#[cfg(test)]
pub(crate) fn sample_one() -> Page {
    use crate::web::sample;
    let page = view(sample::frame("/unknowns"), &sample::unknown(), Typed::default(), sample::now());
    show(&UnknownPage { problem: Some(sample::HOSTILE.to_owned()), ..page })
}
