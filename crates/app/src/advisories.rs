//! Advisories: what a record says, and whether it touches us.

use bedrail_model::finding::Weakness;
use jiff::Timestamp;

use crate::affected::Totals;
use crate::page::{Page, PageRequest};
use crate::{Actor, Context, Error};

/// A weakness as the records tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisoryDetail {
    /// The alias group.
    pub weakness: Weakness,
    /// The records of the group.
    pub records: Vec<Record>,
    /// Whether and how it touches the organisation.
    pub totals: Totals,
}

/// One record of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Id.
    pub id: String,
    /// Source: `osv/Maven`.
    pub source: String,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// The text, where the original is held. Markdown; show it as plain text.
    pub details: Option<String>,
    /// Packages and ranges in words: `Maven org.apache.logging.log4j:log4j-core`, `introduced 2.13.0, fixed 2.15.0`.
    pub affected: Vec<(String, String)>,
    /// Links, `https` only.
    pub references: Vec<String>,
    /// Licence of the source and whom to credit.
    pub credit: String,
}

/// A weakness that has findings in the organisation, for the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisoryRow {
    /// The weakness.
    pub weakness: Weakness,
    /// Affected devices.
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Releases with a finding.
    pub releases: u64,
}

/// One weakness by any id of its alias group.
///
/// # Errors
/// [`Error::NotFound`] when the data held does not know it.
pub async fn get(_ctx: &Context, _actor: &Actor, _id: &str) -> Result<AdvisoryDetail, Error> {
    Err(Error::not_found("this"))
}

/// Weaknesses that touch the organisation: known exploited first, then by severity, then by devices.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    _ctx: &Context,
    _actor: &Actor,
    _text: Option<&str>,
    _page: &PageRequest,
) -> Result<Page<AdvisoryRow>, Error> {
    Err(Error::not_found("this"))
}
