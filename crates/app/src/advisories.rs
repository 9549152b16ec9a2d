//! Advisories: what a record says, and whether it touches us.

use bedrail_model::finding::Weakness;
use jiff::Timestamp;

use crate::affected::Totals;
use crate::feeds::MentionedBy;
use bedrail_store::weaknesses::{self, CountRow};

use crate::page::{MAX_LIMIT, Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, affected};

/// A weakness as the records tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisoryDetail {
    /// The alias group.
    pub weakness: Weakness,
    /// The records of the group.
    pub records: Vec<Record>,
    /// Records of other groups that mention it: advisories of distributions that fix it.
    pub mentioned_by: Vec<MentionedBy>,
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
pub async fn get(ctx: &Context, actor: &Actor, id: &str) -> Result<AdvisoryDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let known = ctx.weakness(&view, id.trim()).await?;
    let weakness = known.ok_or_else(|| Error::not_found(format!("advisory {id}")))?;
    let totals = affected::totals(ctx, &fleet, &view, &weakness.id).await?;
    let records = ctx.inner.judge.records(&weakness.id);
    let mentioned_by = ctx.inner.judge.mentioned_by(&weakness.id);
    Ok(AdvisoryDetail { weakness, records, mentioned_by, totals })
}

/// Weaknesses that touch the organisation: known exploited first, then by severity, then by devices.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    text: Option<&str>,
    page: &PageRequest,
) -> Result<Page<AdvisoryRow>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let limit = page.limit.clamp(1, MAX_LIMIT);
    let offset = page.skip_counted()?;
    let (rows, total) = weaknesses::page(&view, text.unwrap_or_default(), limit, offset).await?;
    let rows: Vec<AdvisoryRow> = rows.into_iter().map(AdvisoryRow::from).collect();
    Ok(Page::counted(rows, total, offset))
}

impl From<CountRow> for AdvisoryRow {
    fn from(row: CountRow) -> AdvisoryRow {
        AdvisoryRow {
            weakness: row.weakness,
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            releases: row.releases,
        }
    }
}
