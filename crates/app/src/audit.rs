//! The audit log: who did what, when. Written by the one door for change; read here.

use bedrail_model::ids::AuditId;
use jiff::Timestamp;

use crate::page::{Page, PageRequest};
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
pub async fn list(_ctx: &Context, _actor: &Actor, _page: &PageRequest) -> Result<Page<AuditEntry>, Error> {
    Err(Error::not_found("this"))
}
