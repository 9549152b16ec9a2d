//! Devices: import of lists, the list, one device.

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{ClassId, DeviceId, ReleaseId};
use jiff::Timestamp;

use crate::decisions::{Brief, single};
use crate::exposure::DeviceReach;
use crate::page::{Direction, Page, PageRequest};
use crate::rights::Right;
use crate::support::Support;
use crate::{Actor, Context, Document, Error};

mod detail;
mod identity;
pub(crate) mod import;
mod listing;
pub(crate) mod report;
mod sources;

pub(crate) use listing::{search, shown};
pub(crate) use sources::of as source_of;

/// A device list as a person hands it over.
#[derive(Debug, Clone)]
pub struct ImportDevices {
    /// The file's name, for the report and the record.
    pub file_name: String,
    /// The file.
    pub document: Document,
    /// `header=field` pairs that a person chose, before the known synonyms.
    pub mapping: Vec<(String, String)>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What became of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// A new device.
    Added,
    /// A known device that changed.
    Changed,
    /// A known device, nothing new.
    Unchanged,
    /// Not taken over; the messages say why.
    Refused,
}

impl RowOutcome {
    /// All outcomes.
    pub const ALL: [RowOutcome; 4] =
        [RowOutcome::Added, RowOutcome::Changed, RowOutcome::Unchanged, RowOutcome::Refused];

    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            RowOutcome::Added => "added",
            RowOutcome::Changed => "changed",
            RowOutcome::Unchanged => "unchanged",
            RowOutcome::Refused => "refused",
        }
    }

    /// The outcome that a stable code names.
    pub fn from_code(code: &str) -> Option<RowOutcome> {
        RowOutcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// The report on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    /// Line in the file, counted from 1, the header included.
    pub line: u64,
    /// What became of it.
    pub outcome: RowOutcome,
    /// What was noticed, in words, with the column.
    pub messages: Vec<String>,
}

/// The report on an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// How each column was understood: header and field, `None` where it is not used.
    pub columns: Vec<(String, Option<String>)>,
    /// Remarks on the whole file.
    pub warnings: Vec<String>,
    /// Every row, in file order.
    pub rows: Vec<RowReport>,
    /// Releases that the rows name and that have no bill of materials yet.
    pub releases_without_sbom: u64,
}

/// How many devices have each outcome.
impl ImportReport {
    /// Rows with an outcome.
    pub fn count(&self, outcome: RowOutcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// All outcomes: "3 added, 1 changed, 0 unchanged, 0 refused".
    pub(crate) fn words(&self) -> String {
        let each = RowOutcome::ALL.map(|outcome| format!("{} {}", self.count(outcome), outcome.code()));
        each.join(", ")
    }
}

/// Which devices, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Free text: serial, tag, maker, model, ward, owner, address.
    pub text: Option<String>,
    /// Site by name.
    pub site: Option<String>,
    /// Ward by name.
    pub ward: Option<String>,
    /// Kind by name.
    pub kind: Option<String>,
    /// Maker by name.
    pub maker: Option<String>,
    /// Release.
    pub release: Option<ReleaseId>,
    /// Exposure.
    pub exposure: Option<Exposure>,
    /// Only devices with an open finding of this answer.
    pub answer: Option<Answer>,
    /// Only devices with (true) or without (false) an owner.
    pub owned: Option<bool>,
    /// Only devices whose release has (true) or has no (false) bill of materials.
    pub sbom: Option<bool>,
    /// Column to sort by.
    pub sort: DeviceSort,
    /// Direction.
    pub direction: Direction,
}

/// Columns that the device list sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceSort {
    /// Exposure, the most reachable first, then findings.
    #[default]
    Exposure,
    /// Name: asset tag, else serial, else host name.
    Name,
    /// Maker, then model.
    Maker,
    /// Site, then ward.
    Place,
    /// Number of weaknesses that affect it.
    Affected,
    /// End of support.
    SupportEnds,
}

/// One row of the device list.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRow {
    /// Id.
    pub id: DeviceId,
    /// What people call it: asset tag, else serial, else UDI, else host name.
    pub name: String,
    /// What the lists say; maker, model, version as the release has them, exposure as declared or seen.
    pub facts: DeviceFacts,
    /// The exposure that the lists declare.
    pub declared: Exposure,
    /// Its release.
    pub release: ReleaseId,
    /// Its class.
    pub class: ClassId,
    /// Whether the release has a bill of materials.
    pub has_sbom: bool,
    /// Weaknesses that affect it.
    pub affected: u32,
    /// Weaknesses and components of which it cannot be told.
    pub cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    pub known_exploited: u32,
}

/// A finding as seen from a device or a release.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// What the weakness is.
    pub weakness: Weakness,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// Component name and version.
    pub component: String,
    /// Its version.
    pub version: Option<String>,
    /// Its purl.
    pub purl: Option<String>,
    /// Names on the way from the release down to the component, the component last.
    pub path: Vec<String>,
    /// Versions that fix it.
    pub fixed_in: Vec<String>,
    /// Records that had a say.
    pub evidence: Vec<bedrail_model::finding::Evidence>,
    /// When it was first found.
    pub first_seen: Timestamp,
    /// What was decided on it.
    pub decision: Option<Brief>,
    /// Who said what the component is, where its bill gives a name alone.
    pub identified: Option<crate::names::Identified>,
}

/// One device with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceDetail {
    /// The row of the list.
    pub row: DeviceRow,
    /// Where each fact comes from: field name and source ("list devices.csv, line 12, 3 March 2026").
    pub sources: Vec<(String, String)>,
    /// Findings, the most pressing first.
    pub findings: Vec<FindingRow>,
    /// Components of its release that cannot be judged, grouped by reason: reason, count, some names.
    pub not_assessed: Vec<(Reason, u64, Vec<String>)>,
    /// Components in its bill of materials; `None` where there is none.
    pub components: Option<u64>,
    /// Until when its operating system has the support of who makes that, by the list of release cycles; `None` where no list is
    /// held, or no operating system is said.
    pub system_support: Option<Support>,
    /// How far it can be reached from, and who says so since when.
    pub reach: DeviceReach,
    /// Firewalls that stand in front of it, with what they do about its weaknesses. They change no answer.
    pub between: Vec<crate::firewall::Between>,
    /// What happened to it, newest first: when and what.
    pub timeline: Vec<(Timestamp, String)>,
}

/// Wards by kinds: the grid of the devices page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceGrid {
    /// Kinds, the most frequent first; the rest is folded into "other".
    pub kinds: Vec<String>,
    /// One row per site and ward: site, ward, number of devices per kind, devices whose release has no bill of materials.
    pub wards: Vec<(String, String, Vec<u64>, u64)>,
    /// Devices in all.
    pub devices: u64,
    /// Devices whose release has no bill of materials.
    pub without_sbom: u64,
    /// Devices whose end of support is known and lies behind us, by year-month of its end, oldest first.
    pub support_ends: Vec<(String, u64)>,
    /// Names to filter by.
    pub sites: Vec<String>,
    /// Names to filter by.
    pub makers: Vec<String>,
}

/// Takes over a device list: adds new devices, updates known ones (same maker and serial, or same asset tag or UDI),
/// makes sites, releases and classes on the way, and judges new classes. All rows that are not refused are stored
/// together, or none.
///
/// # Errors
/// [`Error::Invalid`] when the file cannot be read at all; nothing is stored then.
pub async fn import(ctx: &Context, actor: &Actor, command: ImportDevices) -> Result<ImportReport, Error> {
    import::run(ctx, actor, command).await
}

/// The device list.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &DeviceFilter,
    page: &PageRequest,
) -> Result<Page<DeviceRow>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let mut found = listing::page(&fleet, &view, filter, page).await?;
    single::correct(ctx, &fleet, &view, &mut found.rows).await?;
    Ok(found)
}

/// One device.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn get(ctx: &Context, actor: &Actor, id: DeviceId) -> Result<DeviceDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    detail::load(ctx, &fleet, &view, id).await
}

/// Wards by kinds.
///
/// # Errors
/// When the database cannot be used.
pub async fn grid(ctx: &Context, actor: &Actor) -> Result<DeviceGrid, Error> {
    let (fleet, _) = ctx.fleet(actor, Right::SeeFleet).await?;
    Ok(listing::grid(&fleet, ctx.clock.now()))
}
