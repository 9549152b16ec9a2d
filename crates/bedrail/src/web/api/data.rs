//! The state of the data, and the first page.

use axum::Json;
use axum::extract::State as Extract;
use bedrail_app::today;

use super::Answered;
use crate::web::error::Problem;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::data::{DataStatusView, TodayView};

/// How old and how whole the vulnerability data is.
#[utoipa::path(
    get, path = "/data/status", tag = "data", security(("session" = []), ("token" = [])),
    responses((status = 200, body = DataStatusView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn status(_visitor: SignedIn, Extract(state): Extract<State>) -> Answered<DataStatusView> {
    Ok(Json(DataStatusView::from(&state.ctx.data_status())))
}

/// What needs a person now.
#[utoipa::path(
    get, path = "/today", tag = "today", security(("session" = []), ("token" = [])),
    responses((status = 200, body = TodayView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn today(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<TodayView> {
    let today = today::today(&state.ctx, &visitor.actor()).await?;
    Ok(Json(TodayView::from(&today)))
}
