//! The audit log: who did what, when, and does the chain hold?

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use bedrail_app::page::{Page as Listed, PageRequest};
use bedrail_app::{Error, audit, exports};

use super::releases::attachment;
use super::{Page, show};
use crate::web::assets;
use crate::web::error::{Failure, sentence};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Pager;
use crate::web::query::AuditQuery;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    headline: String,
    query: AuditQuery,
    rows: Vec<RowView>,
    pager: Pager,
}

struct RowView {
    sequence: i64,
    at: String,
    actor: String,
    address: String,
    action: String,
    subject: String,
    detail: String,
    change: Option<(String, String)>,
}

impl From<audit::AuditEntry> for RowView {
    fn from(entry: audit::AuditEntry) -> RowView {
        let change = (entry.before.is_some() || entry.after.is_some())
            .then(|| (entry.before.unwrap_or_default(), entry.after.unwrap_or_default()));
        RowView {
            sequence: entry.sequence,
            at: words::time(entry.at),
            actor: entry.actor,
            address: entry.address.unwrap_or_default(),
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
            change,
        }
    }
}

/// `GET /audit`
pub(crate) async fn page(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<AuditQuery>,
) -> Page {
    let request = query.paging.request();
    let log = audit::list(&state.ctx, &frame.visitor.actor(), &query.filter()?, &request).await?;
    let headline = headline(&log, &request, state.now());
    let pager = Pager::of(&query.link(), &log, &request, texts().counts.entries);
    let rows = log.rows.into_iter().map(RowView::from).collect();
    show(&AuditPage { frame, headline, query, rows, pager })
}

fn headline(log: &Listed<audit::AuditEntry>, request: &PageRequest, now: jiff::Timestamp) -> String {
    match log.rows.first().filter(|_| request.offset == 0) {
        Some(last) => (texts().audit.headline)(log.total, &words::ago(last.at, now), &last.actor),
        None => (texts().audit.in_log)(log.total),
    }
}

#[derive(Template)]
#[template(path = "audit_check.html")]
struct CheckPage {
    frame: Frame,
    holds: bool,
    headline: String,
    reading: String,
}

/// `GET /audit/check`: walks the whole chain.
pub(crate) async fn check(frame: Frame, Extract(state): Extract<State>) -> Page {
    let t = &texts().audit;
    let (holds, headline, reading) = match audit::head(&state.ctx, &frame.visitor.actor()).await {
        Ok((chain, key)) => {
            (true, (t.all_hold)(chain.entries), (t.head)(chain.sequence, &hex::encode(chain.hash), &key))
        }
        Err(Error::Conflict { message }) => (false, sentence(&message), t.broken.to_owned()),
        Err(error) => return Err(error.into()),
    };
    show(&CheckPage { frame, holds, headline, reading })
}

/// `POST /audit/export`: the whole log as lines that `bedrail audit verify` checks anywhere.
pub(crate) async fn export(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let first = PageRequest::at(0, 1);
    let log = audit::list(&state.ctx, &form.visitor.actor(), &audit::AuditFilter::default(), &first).await?;
    if log.total > exports::LONG {
        let id = exports::ask(&state.ctx, &form.visitor.actor(), &exports::Export::Audit).await?;
        return Ok(Redirect::to(&format!("/jobs/{id}")).into_response());
    }
    let mut lines = Vec::new();
    audit::export(&state.ctx, &form.visitor.actor(), &mut lines).await?;
    Ok(attachment("audit.jsonl", lines))
}
