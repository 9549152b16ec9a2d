//! The audit log: who did what, when?

use askama::Template;
use axum::extract::{Query, State as Extract};
use bedrail_app::audit;

use super::{Page, show};
use crate::web::assets;
use crate::web::frame::Frame;
use crate::web::parts::Pager;
use crate::web::query::ListQuery;
use crate::web::state::State;
use crate::web::words;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
    pager: Pager,
}

struct RowView {
    at: String,
    actor: String,
    action: String,
    subject: String,
    detail: String,
}

/// `GET /audit`
pub(crate) async fn page(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ListQuery>,
) -> Page {
    let request = query.page();
    let log = audit::list(&state.ctx, &frame.visitor.actor(), &request).await?;
    let headline = match log.rows.first().filter(|_| log.offset == 0) {
        Some(last) => format!(
            "{}; the last was {} by {}.",
            words::count(log.total, "entry"),
            words::ago(last.at, state.now()),
            last.actor
        ),
        None => format!("{} in the log.", words::count(log.total, "entry")),
    };
    let pager = Pager::of(&query.link("/audit"), &log, &request, "entry");
    let row = |entry: audit::AuditEntry| RowView {
        at: words::minute(entry.at),
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail,
    };
    show(&AuditPage { frame, headline, rows: log.rows.into_iter().map(row).collect(), pager })
}
