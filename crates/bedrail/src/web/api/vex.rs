//! Statements of others on weaknesses in products (VEX).

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use bedrail_app::Error;
use bedrail_app::vex::{self, Accept, AddVex, Export, Format, Pin};
use bedrail_model::ids::VexStatementId;
use bedrail_model::vex::Justification;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::upload::SignedUpload;
use crate::web::error::Problem;
use crate::web::form::blank;
use crate::web::query::{Paging, VexQuery};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::ActionSent;
use crate::web::views::PageView;
use crate::web::views::vex::{IssuerView, StatementView, VexReceiptView};

/// Of the file that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AddVexQuery {
    /// The file's name, for the record, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

/// Takes a document in, OpenVEX, CSAF or CycloneDX: the body itself, or the field `file` of a multipart form, whose field `signature` is an OpenPGP
/// signature of it. One that is held already may be sent again with its signature.
#[utoipa::path(
    post, path = "/vex", tag = "vex", params(AddVexQuery), security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = VexReceiptView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AddVexQuery>,
    SignedUpload { upload, signature }: SignedUpload,
) -> Answered<VexReceiptView> {
    let _permit = state.begin_upload()?;
    let file_name = query.file_name.or(upload.file_name).unwrap_or_else(|| "vex".to_owned());
    let command = AddVex { file_name, document: upload.document, signature };
    let receipt = vex::add(&state.ctx, &visitor.actor(), command).await?;
    Ok(Json(VexReceiptView::from(&receipt)))
}

/// Statements, the pressing first. Without a standing, all but the replaced.
#[utoipa::path(
    get, path = "/vex-statements", tag = "vex", params(VexQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<StatementView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<VexQuery>,
) -> Answered<PageView<StatementView>> {
    let (list, _) =
        vex::list(&state.ctx, &visitor.actor(), &query.filter()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&list)))
}

/// One statement.
#[utoipa::path(
    get, path = "/vex-statements/{id}", tag = "vex", params(("id" = String, Path, description = "Id of the statement")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = StatementView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<StatementView> {
    let row = vex::get(&state.ctx, &visitor.actor(), statement_id(&id)?).await?;
    Ok(Json(StatementView::from(&row)))
}

/// Whether a statement is put aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AsideSent {
    /// False takes it up again.
    aside: bool,
}

/// Puts a statement aside, or takes it up again.
#[utoipa::path(
    put, path = "/vex-statements/{id}/aside", tag = "vex", params(("id" = String, Path, description = "Id of the statement")),
    request_body = AsideSent, security(("session" = []), ("token" = [])),
    responses((status = 200, body = StatementView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set_aside(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<AsideSent>,
) -> Answered<StatementView> {
    vex::decline(&state.ctx, &visitor.actor(), statement_id(&id)?, sent.aside).await?;
    one(visitor, Extract(state), Path(id)).await
}

/// What is accepted of a statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptSent {
    /// Id of the release of which it is accepted.
    release: String,
    /// The justification that is meant, where the statement gives its reason in free text only.
    #[serde(default)]
    justification: Option<String>,
    /// Why it is accepted; the statement's own words where nothing is said.
    #[serde(default)]
    reason: Option<String>,
    /// Of `affected`: what is done about it; where `what` is empty, the statement's own advice.
    #[serde(default)]
    action: Option<ActionSent>,
}

/// Accepts what a statement says of a release: it becomes a decision.
#[utoipa::path(
    post, path = "/vex-statements/{id}/accept", tag = "vex", params(("id" = String, Path, description = "Id of the statement")),
    request_body = AcceptSent, security(("session" = []), ("token" = [])),
    responses((status = 200, body = StatementView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn accept(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<AcceptSent>,
) -> Answered<StatementView> {
    let justification = match sent.justification.as_deref() {
        None => None,
        Some(word) => Some(
            Justification::from_name(word)
                .ok_or_else(|| Error::invalid("`justification` is none of OpenVEX's words"))?,
        ),
    };
    let command = Accept {
        statement: statement_id(&id)?,
        release: sent.release.parse().map_err(|_| Error::not_found("this release"))?,
        justification,
        reason: sent.reason,
        action: sent.action.as_ref().map(ActionSent::action).transpose()?,
    };
    vex::accept(&state.ctx, &visitor.actor(), &command).await?;
    one(visitor, Extract(state), Path(id)).await
}

/// Which decisions are written, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ExportQuery {
    /// `openvex`, `csaf` or `cyclonedx`; OpenVEX without it.
    #[serde(deserialize_with = "blank")]
    format: Option<String>,
    /// Id of a release; all without it.
    #[serde(deserialize_with = "blank")]
    release: Option<String>,
}

/// A document as written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedView {
    /// The document, as text.
    document: String,
    /// What the format could not say, or what was left out.
    unsaid: Vec<String>,
}

/// Our decisions in force as statements for others.
#[utoipa::path(
    get, path = "/vex-export", tag = "vex", params(ExportQuery), security(("session" = []), ("token" = [])),
    responses((status = 200, body = ExportedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn export(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ExportQuery>,
) -> Answered<ExportedView> {
    let format = match query.format.as_deref() {
        None => Format::OpenVex,
        Some(code) => Format::from_code(code)
            .ok_or_else(|| Error::invalid("`format` is `openvex`, `csaf` or `cyclonedx`"))?,
    };
    let release = match query.release.as_deref() {
        None => None,
        Some(id) => Some(id.parse().map_err(|_| Error::not_found("this release"))?),
    };
    let written = vex::export(&state.ctx, &visitor.actor(), &Export { format, release }).await?;
    Ok(Json(ExportedView { document: written.text, unsaid: written.unsaid }))
}

/// Issuers: those whose word counts, and those of which documents are held.
#[utoipa::path(
    get, path = "/vex-issuers", tag = "vex", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<IssuerView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn issuers(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<IssuerView>> {
    let found = vex::issuers(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(IssuerView::from).collect()))
}

/// Whose word counts, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinSent {
    /// The makers of whose products it may speak; none for all.
    #[serde(default)]
    makers: Vec<String>,
    /// Whether its statements may be accepted without a person, where no rule asks for one.
    #[serde(default)]
    automatic: bool,
    /// The public key that its documents must be signed by: PEM (Ed25519, ECDSA P-256 or P-384, RSA) for DSSE envelopes, or an OpenPGP certificate
    /// for signatures beside a document. Without one, whoever pins it trusts the way its documents come.
    #[serde(default)]
    signing_key: String,
}

/// Says that an issuer's word counts.
#[utoipa::path(
    put, path = "/vex-issuers/{key}", tag = "vex", params(("key" = String, Path, description = "What the issuer is known by")),
    request_body = PinSent, security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<IssuerView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn pin(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(key): Path<String>,
    Sent(sent): Sent<PinSent>,
) -> Answered<Vec<IssuerView>> {
    let command = Pin { key, makers: sent.makers, automatic: sent.automatic, signing_key: sent.signing_key };
    vex::pin(&state.ctx, &visitor.actor(), &command).await?;
    issuers(visitor, Extract(state)).await
}

/// Says that an issuer's word does not count any more.
#[utoipa::path(
    delete, path = "/vex-issuers/{key}", tag = "vex", params(("key" = String, Path, description = "What the issuer is known by")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<IssuerView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn unpin(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(key): Path<String>,
) -> Answered<Vec<IssuerView>> {
    vex::unpin(&state.ctx, &visitor.actor(), &key).await?;
    issuers(visitor, Extract(state)).await
}

/// The id of a statement.
pub(crate) fn statement_id(text: &str) -> Result<VexStatementId, Error> {
    text.parse().map_err(|_| Error::not_found("this statement"))
}
