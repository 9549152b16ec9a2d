//! The audit log: who did what, when. Written by the one door for change; read here.

use bedrail_model::ids::AuditId;
use jiff::Timestamp;

use crate::page::{MAX_LIMIT, Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, and by which way: `admin (web)`.
    pub actor: String,
    /// What: `sbom.add`, `devices.import`.
    pub action: String,
    /// To what, in words.
    pub subject: String,
    /// Counts and digests, in words.
    pub detail: String,
}

/// The log, newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor, page: &PageRequest) -> Result<Page<AuditEntry>, Error> {
    let view = ctx.view(actor, Right::SeeAudit).await?;
    let (rows, total) =
        bedrail_store::audit::page(&view, actor.period(), page.limit.clamp(1, MAX_LIMIT), page.offset)
            .await?;
    let rows = rows.into_iter().map(|row| AuditEntry {
        id: row.id,
        at: row.at,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail: row.detail,
    });
    Ok(Page { rows: rows.collect(), total, offset: page.offset })
}
