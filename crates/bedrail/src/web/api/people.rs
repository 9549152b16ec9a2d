//! Members and invitations.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bedrail_app::accounts::{erasure, invitations};
use bedrail_app::people;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::etag::{self, IfMatch};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::people::{
    EraseInvitedBody, ErasedInvitedView, ErasedView, GrantBody, InvitationView, InviteBody, InvitedView,
    MemberView,
};

/// The members of the organisation, by sign-in name.
#[utoipa::path(
    get, path = "/people", tag = "people", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<MemberView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<MemberView>> {
    let members = people::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(members.iter().map(MemberView::from).collect()))
}

/// One member.
#[utoipa::path(
    get, path = "/people/{id}", tag = "people", params(("id" = String, Path, description = "Id of the account")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = MemberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    let member = people::one(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok((etag::of_version(&member.version()), Json(MemberView::from(&member))))
}

/// Changes what a membership gives, from the member's next request on.
#[utoipa::path(
    put, path = "/people/{id}", tag = "people",
    params(("id" = String, Path, description = "Id of the account"),
        ("If-Match" = String, Header, description = "The `ETag` or `version` of the membership that was seen, or `*`")),
    request_body = GrantBody, security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Changed"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Changed meanwhile, or the last administrator", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "Without If-Match", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    seen: IfMatch,
    Sent(grant): Sent<GrantBody>,
) -> Result<impl IntoResponse, Failure> {
    let (seen, grant) = (seen.required()?, grant.grant()?);
    let version = people::set(&state.ctx, &visitor.actor(), id_of(&id)?, &seen, &grant).await?;
    Ok((StatusCode::NO_CONTENT, etag::of_version(&version)))
}

/// Ends a membership: out at once, sessions and tokens in this organisation included.
#[utoipa::path(
    delete, path = "/people/{id}", tag = "people", params(("id" = String, Path, description = "Id of the account")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Ended"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The last administrator", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn end(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    people::end(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes an account that this organisation looks after: it opens nothing anywhere from its next request on.
#[utoipa::path(
    post, path = "/people/{id}/close", tag = "people", params(("id" = String, Path, description = "Id of the account")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Closed"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn close(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    people::close(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Erases everything that names a person, in every organisation and in the audit log, for good.
#[utoipa::path(
    post, path = "/people/{id}/erase", tag = "people", params(("id" = String, Path, description = "Id of the account")),
    security(("session" = [])),
    responses((status = 200, body = ErasedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One's own account, or the last administrator", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn erase(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<ErasedView> {
    let erased = erasure::erase(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(ErasedView::from(erased)))
}

/// Unlinks a member from the identity at the organisation's provider; sessions and tokens end.
#[utoipa::path(
    delete, path = "/people/{id}/identities", tag = "people", params(("id" = String, Path, description = "Id of the account")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Unlinked"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No member, or nothing is linked", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn unlink(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    people::unlink_sign_in(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Erases somebody who was invited and never joined: open invitations, and names and addresses in the audit log, for good.
#[utoipa::path(
    post, path = "/invitations/erase", tag = "people", request_body = EraseInvitedBody, security(("session" = [])),
    responses((status = 200, body = ErasedInvitedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn erase_invited(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(wanted): Sent<EraseInvitedBody>,
) -> Answered<ErasedInvitedView> {
    let erased = erasure::erase_invited(&state.ctx, &visitor.actor(), &wanted.named).await?;
    Ok(Json(ErasedInvitedView::from(erased)))
}

/// Open invitations, newest first.
#[utoipa::path(
    get, path = "/invitations", tag = "people", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<InvitationView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn invitations(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<InvitationView>> {
    let open = invitations::open(&state.ctx, &visitor.actor()).await?;
    Ok(Json(open.iter().map(InvitationView::from).collect()))
}

/// Invites somebody.
#[utoipa::path(
    post, path = "/invitations", tag = "people", request_body = InviteBody, security(("session" = []), ("token" = [])),
    responses((status = 201, body = InvitedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn invite(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(wanted): Sent<InviteBody>,
) -> Result<(StatusCode, Json<InvitedView>), Failure> {
    let (id, code) = invitations::invite(&state.ctx, &visitor.actor(), &wanted.invite()?).await?;
    Ok((StatusCode::CREATED, Json(InvitedView { id: id.to_string(), code })))
}

/// Takes an invitation back.
#[utoipa::path(
    delete, path = "/invitations/{id}", tag = "people", params(("id" = String, Path, description = "Id of the invitation")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Taken back"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn take_back(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    invitations::take_back(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
