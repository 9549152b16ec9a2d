//! Policies: the list with templates that wait, one policy with its versions, its text on paper, two versions side by side.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::workforce::compare::Became;
use bedrail_app::workforce::policies::{self, Detail, NewPolicy, NewVersion, Policies, Row, SIGN_DAYS};
use bedrail_app::workforce::wording::{self, Found};
use bedrail_app::workforce::{markdown, template};
use bedrail_model::ids::PolicyId;
use bedrail_model::workforce::{EVERYBODY, PolicyReview, PolicyVersion};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Page, id_of, refuse, show};
use crate::web::api::programme::some_day;
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::{Submission, blank};
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    frame: Frame,
    headline: String,
    on: String,
    words: String,
    problem: Option<String>,
    found: Option<(String, Vec<FoundView>)>,
    rows: Vec<RowView>,
    open: Vec<TemplateView>,
    may: bool,
}

struct FoundView {
    link: String,
    title: String,
    stands: String,
    passage: String,
}

fn found(it: &Found) -> FoundView {
    let t = &texts().policies;
    let (link, stands) = match (it.version, it.in_force) {
        (0, _) => (format!("/policies/{}", it.policy), t.in_title.to_owned()),
        (version, true) => {
            (format!("/policies/{}/versions/{version}", it.policy), (t.found_in_force)(version))
        }
        (version, false) => (format!("/policies/{}/versions/{version}", it.policy), (t.draft)(version)),
    };
    FoundView { link, title: it.title.clone(), stands, passage: it.passage.clone() }
}

struct RowView {
    link: String,
    title: String,
    state: (Tone, String),
    draft: Option<String>,
    signed: Option<(String, String)>,
    review: Option<(Tone, String)>,
}

struct TemplateView {
    code: &'static str,
    title: &'static str,
    answers: String,
}

fn row(it: &Row) -> RowView {
    let t = &texts().policies;
    let state = match (&it.policy.retired, &it.in_force) {
        (Some(_), _) => (Tone::Plain, t.retired.to_owned()),
        (None, Some(version)) => {
            let day = version.from.map(words::civil).unwrap_or_default();
            (Tone::Good, (t.version_of)(version.version, &day))
        }
        (None, None) => (Tone::Unknown, t.not_in_force.to_owned()),
    };
    let draft = it.draft.as_ref().filter(|_| it.policy.retired.is_none());
    let review = it.policy.review_by.filter(|_| it.policy.retired.is_none());
    RowView {
        link: format!("/policies/{}", it.policy.id),
        title: it.policy.title.clone(),
        state,
        draft: draft.map(|it| {
            if it.approved.is_some() { (t.draft_approved)(it.version) } else { (t.draft)(it.version) }
        }),
        signed: it
            .signing
            .map(|(duty, tally)| (format!("/attestations/{duty}"), (t.signed_of)(tally.done, tally.asked))),
        review: review.map(|day| (if it.overdue { Tone::Act } else { Tone::Plain }, words::civil(day))),
    }
}

fn list_view(frame: Frame, listed: &Policies, on: Option<Date>) -> PoliciesPage {
    let t = &texts().policies;
    let here = || listed.rows.iter().filter(|row| row.policy.retired.is_none() || on.is_some());
    let in_force = here().filter(|row| row.in_force.is_some()).count() as u64;
    let drafts = here().filter(|row| row.draft.is_some()).count() as u64;
    let overdue = here().filter(|row| row.overdue).count() as u64;
    let open = listed.open.iter().map(|it| TemplateView {
        code: &it.code,
        title: &it.title,
        answers: (t.answers)(it.cites.len() as u64),
    });
    PoliciesPage {
        headline: match on {
            Some(day) => (t.headline_on)(&words::civil(day), in_force),
            None => (t.headline)(in_force, drafts, overdue),
        },
        on: on.unwrap_or(listed.today).to_string(),
        words: String::new(),
        problem: None,
        found: None,
        rows: listed.rows.iter().map(row).collect(),
        open: open.collect(),
        may: frame.visitor.may(Right::KeepWorkforce),
        frame,
    }
}

/// What the address of the list carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OnQuery {
    #[serde(deserialize_with = "blank")]
    on: Option<String>,
    /// Words that are looked for in the texts.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
}

/// `GET /policies`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>, Query(query): Query<OnQuery>) -> Page {
    let on = some_day(query.on.as_deref())?;
    let actor = frame.visitor.actor();
    let listed = policies::list(&state.ctx, &actor, on).await?;
    let page = list_view(frame, &listed, on);
    let Some(text) = query.text else { return show(&page) };
    let page = match wording::find(&state.ctx, &actor, &text).await {
        Ok(all) => PoliciesPage {
            found: Some((
                (texts().policies.found_words)(&text, all.len() as u64),
                all.iter().map(found).collect(),
            )),
            ..page
        },
        Err(error @ Error::Invalid { .. }) => PoliciesPage { problem: Some(told(&error)), ..page },
        Err(error) => return Err(error.into()),
    };
    show(&PoliciesPage { words: text, ..page })
}

#[derive(Template)]
#[template(path = "policy_new.html")]
struct NewPage {
    frame: Frame,
    problem: Option<String>,
    template: Option<(String, String)>,
    title: String,
    values: Vec<(&'static str, &'static str, String)>,
    body: String,
    preview: String,
    roles: String,
    days: u32,
}

/// Which template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TemplateQuery {
    #[serde(deserialize_with = "blank")]
    template: Option<String>,
}

fn new_view(frame: Frame, code: Option<&str>) -> Result<NewPage, Failure> {
    let chosen = match code {
        Some(code) => Some(template::of(code).ok_or_else(|| Error::not_found("this template"))?),
        None => None,
    };
    let names = chosen.map(|it| template::variables(&it.body)).unwrap_or_default();
    let values = template::VARIABLES.iter().filter(|it| names.contains(&it.name)).map(|it| {
        let usual = if it.name == "organisation" { frame.organisation.clone() } else { it.usual.to_owned() };
        (it.name, it.what, usual)
    });
    Ok(NewPage {
        problem: None,
        template: chosen.map(|it| (it.code.clone(), it.title.clone())),
        title: chosen.map(|it| it.title.clone()).unwrap_or_default(),
        values: values.collect(),
        body: String::new(),
        preview: chosen.map(|it| markdown::html(&it.body)).unwrap_or_default(),
        roles: EVERYBODY.to_owned(),
        days: SIGN_DAYS,
        frame,
    })
}

/// `GET /policies/new`
pub(crate) async fn new(frame: Frame, Query(query): Query<TemplateQuery>) -> Page {
    frame.need(Right::KeepWorkforce)?;
    show(&new_view(frame, query.template.as_deref())?)
}

fn days(form: &Submission, name: &str, usual: u32) -> Result<u32, Error> {
    match form.field(name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| Error::invalid("days are a whole number")),
    }
}

/// `POST /policies`
pub(crate) async fn make(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let code = form.field("template").map(str::to_owned);
    let command = days(&form, "sign_days", SIGN_DAYS).map(|sign_days| NewPolicy {
        template: code.clone(),
        title: text("title"),
        values: form
            .fields_under("value.")
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect::<BTreeMap<_, _>>(),
        body: text("body"),
        roles: text("roles"),
        sign_days: Some(sign_days),
    });
    let done = match command {
        Ok(command) => policies::make(&state.ctx, &form.visitor.actor(), &command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(id) => Ok(Redirect::to(&format!("/policies/{id}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let page = new_view(form.frame("/policies"), code.as_deref())?;
            refuse(&NewPage { problem: Some(told(&error)), title: text("title"), body: text("body"), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    title: String,
    state: (Tone, String),
    review: Option<(Tone, String)>,
    cites: Vec<(String, String)>,
    text: String,
    document: Option<(String, String)>,
    left_out: Vec<String>,
    versions: Vec<VersionView>,
    newest: u64,
    body: String,
    approve: Option<(u64, String)>,
    cannot: Option<String>,
    publish: Option<(u64, String, String)>,
    reviews: Vec<String>,
    roles: String,
    days: u32,
    signed: Option<(String, String)>,
    in_force: bool,
    retired: bool,
    may: bool,
}

struct VersionView {
    number: u64,
    written: String,
    approved: String,
    force: String,
    note: String,
    hash: String,
}

fn version(it: &PolicyVersion) -> VersionView {
    let t = &texts().policies;
    VersionView {
        number: it.version,
        written: (t.written)(&it.author, &words::minute(it.at)),
        approved: it
            .approved
            .as_ref()
            .map_or_else(|| t.not_approved.to_owned(), |(at, by)| (t.approved_by)(by, &words::minute(*at))),
        force: it
            .from
            .map(|from| (t.from_to)(&words::civil(from), it.until.map(words::civil).as_deref()))
            .unwrap_or_default(),
        note: it.note.clone(),
        hash: it.sha256.clone(),
    }
}

/// What is in the document of a version and not in its text.
fn left_out(it: &PolicyVersion) -> Vec<String> {
    // Documents of the time before their words were read.
    if it.document.is_some() && it.body.is_empty() && it.left_out.is_empty() {
        return vec![texts().policies.never_read.to_owned()];
    }
    it.left_out.clone()
}

fn review(it: &PolicyReview) -> String {
    let t = &texts().policies;
    format!("{} ({})", it.note, (t.reviewed)(&it.by, &words::minute(it.at), &words::civil(it.next)))
}

fn roles_in_words(roles: &[String]) -> String {
    let t = &texts().policies;
    match roles {
        [] => t.nobody.to_owned(),
        roles if roles.iter().any(|role| role == EVERYBODY) => t.everybody.to_owned(),
        roles => roles.join(", "),
    }
}

fn one_view(frame: Frame, detail: &Detail) -> PolicyPage {
    let t = &texts().policies;
    let policy = &detail.row.policy;
    let listed = row(&detail.row);
    let newest = detail.versions.first();
    let shown = detail.versions.iter().find(|it| it.is_in_force(detail.today)).or(newest);
    let may = frame.visitor.may(Right::KeepWorkforce) && policy.retired.is_none();
    let waits = newest.filter(|it| it.approved.is_none() && policy.retired.is_none());
    let ready = newest.filter(|it| it.approved.is_some() && it.from.is_none() && may);
    PolicyPage {
        problem: None,
        id: policy.id.to_string(),
        title: policy.title.clone(),
        state: listed.state,
        review: listed.review,
        cites: detail.answers.clone(),
        text: shown.map(|it| markdown::html(&it.body)).unwrap_or_default(),
        document: shown
            .and_then(|it| it.document.as_ref())
            .map(|(id, name)| (format!("/policies/{}/documents/{id}", policy.id), name.clone())),
        left_out: shown.map(left_out).unwrap_or_default(),
        versions: detail.versions.iter().map(version).collect(),
        newest: newest.map_or(0, |it| it.version),
        body: newest.map(|it| it.body.clone()).unwrap_or_default(),
        approve: waits.filter(|_| detail.approval.is_ok()).map(|it| (it.version, (t.approve)(it.version))),
        cannot: waits.and_then(|_| detail.approval.clone().err()).map(|why| (t.cannot_approve)(&why)),
        publish: ready.map(|it| {
            let what = (t.publish_what)(&roles_in_words(&policy.roles), u64::from(policy.sign_days));
            (it.version, what, (t.publish)(it.version))
        }),
        reviews: detail.reviews.iter().map(review).collect(),
        roles: policy.roles.join(", "),
        days: policy.sign_days,
        signed: listed.signed,
        in_force: detail.row.in_force.is_some(),
        retired: policy.retired.is_some(),
        may,
        frame,
    }
}

/// `GET /policies/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = policies::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&one_view(frame, &detail))
}

/// What a form came to: back to the policy, or its page again with what was wrong.
async fn ended<T>(
    state: &State,
    form: &Submission,
    id: PolicyId,
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/policies/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let detail = policies::get(&state.ctx, &form.visitor.actor(), id).await?;
            let page = one_view(form.frame("/policies"), &detail);
            let body = form.field("body").map_or(page.body.clone(), str::to_owned);
            refuse(&PolicyPage { problem: Some(told(&error)), body, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn number(form: &Submission, name: &str) -> Result<u64, Error> {
    form.field(name).unwrap_or("0").parse().map_err(|_| Error::invalid("a version is a number"))
}

/// `POST /policies/{id}/write`
pub(crate) async fn write(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    let done = match number(&form, "seen") {
        Ok(seen) => {
            let new = NewVersion { seen, body: text("body"), note: text("note") };
            policies::write(&state.ctx, &form.visitor.actor(), id, &new).await
        }
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/bring`
pub(crate) async fn bring(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let id = id_of(&id)?;
    let note = form.field("note").unwrap_or_default().to_owned();
    let done = match form.file.take() {
        Some(file) => policies::bring(&state.ctx, &form.visitor.actor(), id, file, &note).await,
        None => Err(Error::invalid("choose a file first")),
    };
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/approve`
pub(crate) async fn approve(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = match number(&form, "version") {
        Ok(version) => policies::approve(&state.ctx, &form.visitor.actor(), id, version).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/publish`
pub(crate) async fn publish(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let done = match number(&form, "version") {
        Ok(version) => policies::publish(&state.ctx, &form.visitor.actor(), id, version).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/review`
pub(crate) async fn looked(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let note = form.field("note").unwrap_or_default();
    let done = policies::review(&state.ctx, &form.visitor.actor(), id, note).await;
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/roles`
pub(crate) async fn roles(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let roles = form.field("roles").unwrap_or_default();
    let done = match days(&form, "sign_days", SIGN_DAYS) {
        Ok(days) => policies::set_roles(&state.ctx, &form.visitor.actor(), id, roles, days).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, id, done).await
}

/// `POST /policies/{id}/retire`
pub(crate) async fn retire(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let why = form.field("why").unwrap_or_default();
    let done = policies::retire(&state.ctx, &form.visitor.actor(), id, why).await;
    ended(&state, &form, id, done).await
}

#[derive(Template)]
#[template(path = "policy_text.html")]
struct TextPage {
    frame: Frame,
    headline: String,
    facts: Vec<String>,
    hash: String,
    text: String,
    document: Option<(String, String)>,
    left_out: Vec<String>,
    back: String,
}

/// `GET /policies/{id}/versions/{index}`: for reading and for paper.
pub(crate) async fn text(
    frame: Frame,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
) -> Page {
    let number = number.parse().map_err(|_| Error::not_found("this version"))?;
    let (policy, found) = policies::version(&state.ctx, &frame.visitor.actor(), id_of(&id)?, number).await?;
    let t = &texts().policies;
    let it = version(&found);
    let facts = [it.force, it.written, it.approved, it.note];
    show(&TextPage {
        headline: (t.print_head)(&policy.title, found.version),
        facts: facts.into_iter().filter(|fact| !fact.is_empty()).collect(),
        hash: found.sha256.clone(),
        text: markdown::html(&found.body),
        left_out: left_out(&found),
        document: found.document.map(|(id, name)| (format!("/policies/{}/documents/{id}", policy.id), name)),
        back: format!("/policies/{}", policy.id),
        frame,
    })
}

/// `GET /policies/{id}/documents/{document}`: a document that a version is, to be saved.
pub(crate) async fn document(
    frame: Frame,
    Extract(state): Extract<State>,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let found =
        policies::document(&state.ctx, &frame.visitor.actor(), id_of(&id)?, id_of(&document)?).await?;
    Ok(super::releases::attachment(&found.0, found.1))
}

#[derive(Template)]
#[template(path = "policy_compare.html")]
struct ComparePage {
    frame: Frame,
    headline: String,
    title: String,
    wordless: Vec<String>,
    lines: Vec<(&'static str, &'static str, String)>,
    back: String,
}

/// `GET /policies/{id}/compare/{index}`: a version against the one before.
pub(crate) async fn compare(
    frame: Frame,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
) -> Page {
    let number: u64 = number.parse().map_err(|_| Error::not_found("this version"))?;
    let before = number.saturating_sub(1);
    let compared =
        policies::compared(&state.ctx, &frame.visitor.actor(), id_of(&id)?, (before, number)).await?;
    let t = &texts().policies;
    let line = |line: bedrail_app::workforce::compare::Line| match line.became {
        Became::Same => ("", "", line.text),
        Became::Gone => ("gone", t.gone, line.text),
        Became::New => ("new", t.added, line.text),
    };
    show(&ComparePage {
        headline: (t.compared)(before, number),
        title: compared.policy.title.clone(),
        wordless: compared
            .wordless
            .iter()
            .map(|(version, why)| (t.wordless)(*version, &why.join(" ")))
            .collect(),
        lines: compared.lines.into_iter().map(line).collect(),
        back: format!("/policies/{}", compared.policy.id),
        frame,
    })
}
