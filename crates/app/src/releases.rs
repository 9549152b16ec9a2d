//! Products and releases: what is inside a model.

use bedrail_model::answer::Reason;
use bedrail_model::component::Inventory;
use bedrail_model::ids::{DocumentId, ReleaseId};
use jiff::Timestamp;

use crate::devices::FindingRow;
use crate::page::{Direction, Page, PageRequest};
use crate::{Actor, Context, Error};

/// Which releases, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseFilter {
    /// Free text: maker, model, version.
    pub text: Option<String>,
    /// Only releases with (true) or without (false) a bill of materials.
    pub sbom: Option<bool>,
    /// Column to sort by.
    pub sort: ReleaseSort,
    /// Direction.
    pub direction: Direction,
}

/// Columns that the list sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseSort {
    /// Maker, model, version.
    #[default]
    Name,
    /// Number of devices.
    Devices,
    /// Number of weaknesses that affect it.
    Affected,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Id.
    pub id: ReleaseId,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Version.
    pub version: Option<String>,
    /// Devices that run it.
    pub devices: u64,
    /// Components in its bill of materials; `None` where there is none.
    pub components: Option<u64>,
    /// Weaknesses that affect it.
    pub affected: u32,
    /// Weaknesses and components of which it cannot be told.
    pub cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    pub known_exploited: u32,
}

/// The bill of materials of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseSbom {
    /// The document as received.
    pub document: DocumentId,
    /// Its file name.
    pub file_name: String,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// When it was added.
    pub added: Timestamp,
    /// What was understood of it, components with their tree and relations, warnings and losses.
    pub inventory: Inventory,
    /// Per component of the inventory: ids of weaknesses that affect it, and the reason where it cannot be judged.
    pub marks: Vec<ComponentMark>,
}

/// What is said of one component of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComponentMark {
    /// Weaknesses that affect it.
    pub affected: Vec<String>,
    /// Weaknesses of which it cannot be told.
    pub cannot_tell: Vec<String>,
    /// Why it cannot be judged at all, where so.
    pub not_assessed: Option<Reason>,
}

/// One release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseDetail {
    /// The row of the list.
    pub row: ReleaseRow,
    /// Its bill of materials.
    pub sbom: Option<ReleaseSbom>,
    /// Findings, the most pressing first.
    pub findings: Vec<FindingRow>,
}

/// The list of releases.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    _ctx: &Context,
    _actor: &Actor,
    _filter: &ReleaseFilter,
    _page: &PageRequest,
) -> Result<Page<ReleaseRow>, Error> {
    Err(Error::not_found("this"))
}

/// One release.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn get(_ctx: &Context, _actor: &Actor, _id: ReleaseId) -> Result<ReleaseDetail, Error> {
    Err(Error::not_found("this"))
}
