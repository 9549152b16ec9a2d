//! People of the workforce, policies, courses and statements.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::page::PageRequest;
use bedrail_app::workforce::duties::{self, NewStatement};
use bedrail_app::workforce::import::{self, ImportRoster};
use bedrail_app::workforce::policies::{self, NewPolicy, NewVersion};
use bedrail_app::workforce::roster::{self, Facts};
use bedrail_app::workforce::sheets;
use bedrail_app::workforce::training::{self, AssignCourse};
use bedrail_app::workforce::{list as lists, personal, wording};
use bedrail_model::workforce::{DutyKind, Stage, WorkerKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::programme::{iso_day, some_day};
use super::upload::{ListAndScan, Upload};
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::pages::id_of;
use crate::web::query::{Paging, RosterQuery};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::workforce::{
    AskedDutyView, PolicyRowView, PolicyView, ReportView, StandingView, WorkerDetailView, WorkerView,
};

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeView {
    /// Id.
    id: String,
}

fn made(id: &impl ToString) -> (StatusCode, Json<MadeView>) {
    (StatusCode::CREATED, Json(MadeView { id: id.to_string() }))
}

/// What is said of a person.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkerSent {
    /// The name.
    pub(crate) name: String,
    /// The address for mail at work.
    pub(crate) mail: String,
    /// The number by which another system knows the person.
    pub(crate) external: String,
    /// `staff` (without it), `contractor`, `volunteer`, `student`.
    pub(crate) kind: Option<String>,
    /// Roles and groups.
    pub(crate) roles: Vec<String>,
    /// Site.
    pub(crate) site: String,
    /// Ward.
    pub(crate) ward: String,
    /// The first day, as an ISO date; today without it.
    pub(crate) starts: Option<String>,
    /// The last day, as an ISO date.
    pub(crate) last: Option<String>,
}

impl WorkerSent {
    /// As the use case takes it.
    pub(crate) fn facts(self) -> Result<Facts, Error> {
        let kind = self.kind.filter(|kind| !kind.is_empty());
        let unknown = || Error::invalid("`kind` is staff, contractor, volunteer or student");
        Ok(Facts {
            name: self.name,
            mail: self.mail,
            external: self.external,
            kind: kind.map(|kind| WorkerKind::from_code(&kind).ok_or_else(unknown)).transpose()?,
            roles: lists::roles(&self.roles.join("\n")),
            site: self.site,
            ward: self.ward,
            starts: some_day(self.starts.as_deref())?,
            last: some_day(self.last.as_deref())?,
        })
    }
}

/// People of the roster, by name.
#[utoipa::path(
    get, path = "/roster", tag = "workforce", params(RosterQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<WorkerView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn people(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<RosterQuery>,
) -> Answered<PageView<WorkerView>> {
    let found = roster::list(&state.ctx, &visitor.actor(), &query.looked(), &query.page()).await?;
    Ok(Json(PageView::of(&found)))
}

/// Adds a person.
#[utoipa::path(
    post, path = "/roster", tag = "workforce", request_body = WorkerSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = MadeView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<WorkerSent>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    Ok(made(&roster::add(&state.ctx, &visitor.actor(), &sent.facts()?).await?))
}

/// One person, with what is asked of them.
#[utoipa::path(
    get, path = "/roster/{id}", tag = "workforce", params(("id" = String, Path, description = "Id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = WorkerDetailView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn person(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<WorkerDetailView> {
    let detail = roster::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(WorkerDetailView::from(&detail)))
}

/// Puts what is said of a person in the place of what was.
#[utoipa::path(
    put, path = "/roster/{id}", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = WorkerSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<WorkerSent>,
) -> Result<StatusCode, Failure> {
    roster::set(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.facts()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The last day of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaveSent {
    /// As an ISO date.
    last: String,
}

/// Notes that a person leaves; what is open is closed on the day after.
#[utoipa::path(
    post, path = "/roster/{id}/leave", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = LeaveSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn leave(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<LeaveSent>,
) -> Result<StatusCode, Failure> {
    roster::leave(&state.ctx, &visitor.actor(), id_of(&id)?, iso_day(&sent.last)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A personal link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonalLinkView {
    /// Its path on this server; shown this once.
    path: String,
}

/// Makes a personal link, which opens once; earlier ones of the person end.
#[utoipa::path(
    post, path = "/roster/{id}/link", tag = "workforce", params(("id" = String, Path, description = "Id")),
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = PersonalLinkView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn link(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<PersonalLinkView>), Failure> {
    let path = personal::make(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok((StatusCode::CREATED, Json(PersonalLinkView { path })))
}

/// Of a list that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PeopleListQuery {
    /// Whether it is looked through only.
    #[serde(deserialize_with = "blank")]
    dry_run: Option<bool>,
    /// The file's name, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

fn list_of(query: PeopleListQuery, upload: Upload) -> ImportRoster {
    ImportRoster {
        file_name: query.file_name.or(upload.file_name).unwrap_or_default(),
        document: upload.document,
        dry_run: query.dry_run.unwrap_or_default(),
    }
}

/// Takes a roster over (CSV in UTF-8), or looks it through.
#[utoipa::path(
    post, path = "/roster/import", tag = "workforce", params(PeopleListQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReportView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn bring(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<PeopleListQuery>,
    upload: Upload,
) -> Answered<ReportView> {
    let _permit = state.begin_upload()?;
    let report = import::roster(&state.ctx, &visitor.actor(), list_of(query, upload)).await?;
    Ok(Json(ReportView::from(&report)))
}

/// Takes completions of a learning system over (CSV in UTF-8), or looks them through.
#[utoipa::path(
    post, path = "/training/import", tag = "workforce", params(PeopleListQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReportView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn completions(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<PeopleListQuery>,
    upload: Upload,
) -> Answered<ReportView> {
    let _permit = state.begin_upload()?;
    let report = training::import(&state.ctx, &visitor.actor(), list_of(query, upload)).await?;
    Ok(Json(ReportView::from(&report)))
}

/// A course and who takes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CourseAssignSent {
    /// `security-and-phishing`, `privacy-and-devices`.
    course: String,
    /// Roles, parted by commas; `*` for everybody.
    roles: String,
    /// Days that somebody has; 30 without it.
    #[serde(default)]
    days: Option<u32>,
}

/// Asks roles to take a course.
#[utoipa::path(
    post, path = "/training/assign", tag = "workforce", request_body = CourseAssignSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = MadeView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn assign(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<CourseAssignSent>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let command = AssignCourse { course: sent.course, roles: sent.roles, days: sent.days.unwrap_or(30) };
    Ok(made(&training::assign(&state.ctx, &visitor.actor(), &command).await?))
}

/// Of the list of policies.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct InForceQuery {
    /// What was in force on this day, as an ISO date; today without it.
    #[serde(deserialize_with = "blank")]
    on: Option<String>,
    /// Only policies with these words in the title, in what is in force or in the newest text.
    #[serde(deserialize_with = "blank")]
    text: Option<String>,
}

/// Policies, with what is in force on a day.
#[utoipa::path(
    get, path = "/policies", tag = "workforce", params(InForceQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<PolicyRowView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn policies_on(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<InForceQuery>,
) -> Answered<Vec<PolicyRowView>> {
    let actor = visitor.actor();
    let mut listed = policies::list(&state.ctx, &actor, some_day(query.on.as_deref())?).await?;
    if let Some(text) = query.text {
        let found = wording::find(&state.ctx, &actor, &text).await?;
        listed.rows.retain(|row| found.iter().any(|it| it.policy == row.policy.id));
    }
    Ok(Json(listed.rows.iter().map(PolicyRowView::from).collect()))
}

/// A new policy.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewPolicySent {
    /// The code of a template; none for a policy of one's own.
    template: Option<String>,
    /// What it is called; the template's title without it.
    title: String,
    /// Values of the template's variables.
    values: BTreeMap<String, String>,
    /// The text of a policy of one's own, in Markdown.
    body: String,
    /// Roles that sign it, parted by commas; `*` for everybody; empty for nobody.
    roles: String,
    /// Days to sign; 30 without it.
    sign_days: Option<u32>,
}

/// Makes a policy, of a template or of one's own words: a draft.
#[utoipa::path(
    post, path = "/policies", tag = "workforce", request_body = NewPolicySent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = MadeView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn make(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<NewPolicySent>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let NewPolicySent { template, title, values, body, roles, sign_days } = sent;
    let new = NewPolicy { template, title, values, body, roles, sign_days };
    Ok(made(&policies::make(&state.ctx, &visitor.actor(), &new).await?))
}

/// One policy with its versions.
#[utoipa::path(
    get, path = "/policies/{id}", tag = "workforce", params(("id" = String, Path, description = "Id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PolicyView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn policy(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<PolicyView> {
    let detail = policies::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(PolicyView::from(&detail)))
}

/// A version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyVersionSent {
    /// The version that the writer saw last.
    seen: u64,
    /// The text, in Markdown.
    body: String,
    /// What changed.
    #[serde(default)]
    note: String,
}

/// The number of a version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyNumberView {
    /// Counted from 1.
    version: u64,
}

/// Writes a version: a draft until it is approved and published.
#[utoipa::path(
    post, path = "/policies/{id}/versions", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = PolicyVersionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = PolicyNumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn write(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PolicyVersionSent>,
) -> Result<(StatusCode, Json<PolicyNumberView>), Failure> {
    let new = NewVersion { seen: sent.seen, body: sent.body, note: sent.note };
    let version = policies::write(&state.ctx, &visitor.actor(), id_of(&id)?, &new).await?;
    Ok((StatusCode::CREATED, Json(PolicyNumberView { version })))
}

/// Which version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyChosenSent {
    /// Counted from 1.
    version: u64,
}

/// Brings a document along as a version: PDF, DOCX without macros, or text. Its words become the text of the version.
#[utoipa::path(
    post, path = "/policies/{id}/documents", tag = "workforce", params(("id" = String, Path, description = "Id"), FileNameQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = PolicyNumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn bring_document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<FileNameQuery>,
    upload: Upload,
) -> Result<(StatusCode, Json<PolicyNumberView>), Failure> {
    let _permit = state.begin_upload()?;
    let file = (query.file_name.or(upload.file_name).unwrap_or_default(), upload.document);
    let note = query.note.unwrap_or_default();
    let version = policies::bring(&state.ctx, &visitor.actor(), id_of(&id)?, file, &note).await?;
    Ok((StatusCode::CREATED, Json(PolicyNumberView { version })))
}

/// Of a document that is brought.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct FileNameQuery {
    /// The file's name, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
    /// What changed.
    #[serde(deserialize_with = "blank")]
    note: Option<String>,
}

/// Approves the newest version; not by who wrote it, where somebody else could.
#[utoipa::path(
    post, path = "/policies/{id}/approve", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = PolicyChosenSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn approve(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PolicyChosenSent>,
) -> Result<StatusCode, Failure> {
    policies::approve(&state.ctx, &visitor.actor(), id_of(&id)?, sent.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Publishes an approved version: in force from today; its roles are asked to sign it.
#[utoipa::path(
    post, path = "/policies/{id}/publish", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = PolicyChosenSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn publish(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PolicyChosenSent>,
) -> Result<StatusCode, Failure> {
    policies::publish(&state.ctx, &visitor.actor(), id_of(&id)?, sent.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a look at a policy found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyReviewSent {
    /// In a sentence.
    note: String,
}

/// By when it is looked at again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyNextView {
    /// As an ISO date.
    next: String,
}

/// Notes that a policy is good as it is: the day of its next review renews itself by that.
#[utoipa::path(
    post, path = "/policies/{id}/review", tag = "workforce", params(("id" = String, Path, description = "Id")), request_body = PolicyReviewSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PolicyNextView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn review(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PolicyReviewSent>,
) -> Answered<PolicyNextView> {
    let next = policies::review(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.note).await?;
    Ok(Json(PolicyNextView { next: next.to_string() }))
}

/// What is asked: statements, policies to sign, courses.
#[utoipa::path(
    get, path = "/attestations", tag = "workforce",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<StandingView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn asked(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<StandingView>> {
    let rows = duties::list(&state.ctx, &visitor.actor(), DutyKind::ALL).await?;
    Ok(Json(rows.iter().map(StandingView::from).collect()))
}

/// A statement that a group is asked to sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementSent {
    /// What it is called.
    title: String,
    /// What is signed, in Markdown.
    body: String,
    /// Roles that sign it, parted by commas; `*` for everybody.
    roles: String,
    /// By when, as an ISO date.
    #[serde(default)]
    due: Option<String>,
    /// Days that who joins later has; 30 without it.
    #[serde(default)]
    days: Option<u32>,
    /// Days after which it is asked again; never without it.
    #[serde(default)]
    valid_days: Option<u32>,
}

/// Asks a group to sign a statement.
#[utoipa::path(
    post, path = "/attestations", tag = "workforce", request_body = StatementSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = MadeView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn open(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<StatementSent>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let new = NewStatement {
        title: sent.title,
        body: sent.body,
        roles: sent.roles,
        due: some_day(sent.due.as_deref())?,
        days: sent.days.unwrap_or(30),
        valid_days: sent.valid_days,
    };
    Ok(made(&duties::open(&state.ctx, &visitor.actor(), &new).await?))
}

/// One of them by wards, with who is missing.
#[utoipa::path(
    get, path = "/attestations/{id}", tag = "workforce", params(("id" = String, Path, description = "Id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AskedDutyView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn duty(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<AskedDutyView> {
    let (id, actor) = (id_of(&id)?, visitor.actor());
    let detail = duties::get(&state.ctx, &actor, id).await?;
    let page = PageRequest::at(0, bedrail_app::page::MAX_LIMIT);
    let missing = duties::people(&state.ctx, &actor, id, Stage::Open, ("", ""), &page).await?;
    Ok(Json(AskedDutyView::of(&detail, &missing)))
}

/// Closes a statement or a course: it is asked of nobody any more.
#[utoipa::path(
    post, path = "/attestations/{id}/close", tag = "workforce", params(("id" = String, Path, description = "Id")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn close(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    duties::close(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of a list that is taken in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct SignedListQuery {
    /// Whether it is looked through only; the scan is not needed then.
    #[serde(deserialize_with = "blank")]
    dry_run: Option<bool>,
}

/// What a list of who signed is sent with.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is the shape of the form, for the description")]
pub(crate) struct SignedListForm {
    /// CSV in UTF-8: mail, staff number or name; signed (the day); version.
    #[schema(value_type = String, format = Binary)]
    list: Vec<u8>,
    /// The scan of the signed sheets: PDF, PNG or JPEG.
    #[schema(value_type = String, format = Binary)]
    scan: Vec<u8>,
}

/// Takes a list of who signed on paper in, with the scan as proof, or looks it through. A signature of another text than the one that is
/// asked for is refused by its line.
#[utoipa::path(
    post, path = "/attestations/{id}/signed", tag = "workforce", params(("id" = String, Path, description = "Id"), SignedListQuery), request_body(content = SignedListForm, content_type = "multipart/form-data"),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReportView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn signed(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<SignedListQuery>,
    files: ListAndScan,
) -> Answered<ReportView> {
    let _permit = state.begin_upload()?;
    let (actor, id) = (visitor.actor(), id_of(&id)?);
    duties::get(&state.ctx, &actor, id).await?;
    let command = files.command(query.dry_run.unwrap_or_default())?;
    let report = sheets::take_list(&state.ctx, &actor, id, &command).await?;
    Ok(Json(ReportView::from(&report)))
}
