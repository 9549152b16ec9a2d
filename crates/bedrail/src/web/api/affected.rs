//! The main question.

use axum::Json;
use axum::extract::{Query, State as Extract};
use bedrail_app::{Error, affected};

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::{AffectedQuery, Paging};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::affected::AffectedView;

/// Which of my devices are affected?
#[utoipa::path(
    get, path = "/affected", tag = "affected", params(AffectedQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = AffectedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn ask(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AffectedQuery>,
) -> Answered<AffectedView> {
    let question = query.question()?.ok_or_else(|| Error::Invalid {
        message: "there is no question".to_owned(),
        hint: Some("send it as `q`: a weakness id, a purl, a component name or a maker".to_owned()),
    })?;
    let page = query.paging.request();
    let answer = affected::ask(&state.ctx, &visitor.actor(), &question, &page).await?;
    Ok(Json(AffectedView::of(&answer)))
}
