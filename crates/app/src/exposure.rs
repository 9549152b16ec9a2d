//! Which devices face the outside, by whom that was said or seen, when, and how far it can be believed: files with evidence are
//! taken in, joined with devices by address, and judged together with what the device lists declare.
//!
//! Nothing is looked up anywhere: asking Shodan would tell others about us, so it is not built (design decision 17).

use bedrail_model::component::Warning;
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::exposure::{Confidence, Evidence, Vantage};
use bedrail_model::ids::{DeviceId, DocumentId, ExposureImportId};
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;

pub use bedrail_assess::exposure::{Judged, OLD_AFTER, Outside, STALE_AFTER, ago, what};

use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error};

mod import;
mod listing;
pub(crate) mod reach;

/// Pieces of evidence that one file may have; a scan of a whole network of 65,536 addresses has fewer.
pub const MOST_PIECES: usize = 200_000;

/// A file as a person hands it over.
#[derive(Debug, Clone)]
pub struct ImportExposure {
    /// The file's name, for the record.
    pub file_name: String,
    /// The file.
    pub document: Document,
    /// From where somebody looked: a scan does not say it.
    pub vantage: Vantage,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// A device that a file says something of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedDevice {
    /// Id.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// Pieces of evidence on it.
    pub pieces: u64,
    /// Those that decide.
    pub firm: u64,
    /// The exposure that the lists declare.
    pub declared: Exposure,
    /// Whether it was not known before that it faces the outside.
    pub is_new: bool,
}

impl JoinedDevice {
    /// Whether a list says that it does not face the outside, and the file that it does.
    pub fn is_contradicted(&self) -> bool {
        self.firm > 0 && Outside::of(self.declared) == Outside::No
    }
}

/// An address that is no one device's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseAddress {
    /// The address that can be reached.
    pub address: IpAddr,
    /// Who it is inside, where a border translates.
    pub inside: Option<IpAddr>,
    /// Pieces of evidence on it.
    pub pieces: u64,
    /// Those that decide.
    pub firm: u64,
    /// The devices that have it, by name; none for an unknown device.
    pub devices: Vec<(DeviceId, String)>,
}

/// The report on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureReport {
    /// Its id; `None` where nothing was stored.
    pub import: Option<ExposureImportId>,
    /// Whether it was held already; nothing was changed then.
    pub unchanged: bool,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// What it was read as.
    pub format: String,
    /// From where somebody looked.
    pub vantage: Vantage,
    /// Pieces of evidence in it.
    pub pieces: u64,
    /// Devices that something is said of: those that were not known to face the outside first, then by name.
    pub joined: Vec<JoinedDevice>,
    /// Addresses that several devices have: the evidence is nobody's until the list is put right.
    pub several: Vec<LooseAddress>,
    /// Addresses that no device has: unknown devices.
    pub unknown: Vec<LooseAddress>,
    /// Addresses of the border that a NAT list hands on: the evidence is with the devices inside.
    pub handed_on: Vec<LooseAddress>,
    /// What was mended or not read.
    pub warnings: Vec<Warning>,
}

impl ExposureReport {
    /// Devices that were not known to face the outside.
    pub fn newly_outside(&self) -> u64 {
        self.joined.iter().filter(|it| it.is_new).count() as u64
    }

    /// Devices of which a list says otherwise.
    pub fn contradicted(&self) -> u64 {
        self.joined.iter().filter(|it| it.is_contradicted()).count() as u64
    }
}

/// A piece of evidence on a device, as it stands today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPiece {
    /// The file that it stands in.
    pub import: ExposureImportId,
    /// The original as received.
    pub document: DocumentId,
    /// The file's name.
    pub file_name: String,
    /// When the file was received.
    pub received: Timestamp,
    /// Where in the file.
    pub place: String,
    /// What it says.
    pub evidence: Evidence,
    /// The address inside that a NAT list hands it on to, where it was seen at the border.
    pub via: Option<IpAddr>,
    /// How old it is: since it was seen, else since the file was received.
    pub age: SignedDuration,
    /// How far it can be believed today.
    pub confidence: Confidence,
    /// Whether that is less than when it was seen.
    pub stale: bool,
    /// Whether it decides; else it is a hint.
    pub decides: bool,
}

/// How far a device can be reached from: what is judged, and all that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceReach {
    /// What is judged.
    pub judged: Judged,
    /// The exposure that the lists declare.
    pub declared: Exposure,
    /// The list that declares it: "list devices.csv, line 12, 3 March 2026".
    pub declared_by: Option<String>,
    /// Evidence: what decides first, then the most credible, then the newest.
    pub evidence: Vec<SeenPiece>,
}

/// A device of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachRow {
    /// Id.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// What the lists say; exposure as declared or seen.
    pub facts: DeviceFacts,
    /// How far it can be reached from.
    pub reach: DeviceReach,
}

/// A file with evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Id.
    pub id: ExposureImportId,
    /// The original as received.
    pub document: DocumentId,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// What it was read as.
    pub format: String,
    /// From where somebody looked.
    pub vantage: Vantage,
    /// Pieces of evidence in it.
    pub pieces: u64,
    /// Things in it that could not be read.
    pub lost: u64,
    /// When it was received.
    pub received: Timestamp,
    /// By whom.
    pub received_by: String,
    /// When its evidence was taken away, and by whom.
    pub removed: Option<(Timestamp, String)>,
}

/// How many devices of the organisation stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReachTotals {
    /// Devices that face the outside, as declared or seen.
    pub outside: u64,
    /// Of these, devices that were seen.
    pub seen: u64,
    /// Of these, devices of which a list says otherwise.
    pub contradicted: u64,
    /// Devices of which nobody has said or seen it.
    pub cannot_tell: u64,
    /// Devices of which a list says that they do not.
    pub inside: u64,
}

/// What is known of an organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureList {
    /// Exact totals.
    pub totals: ReachTotals,
    /// Devices that face the outside or of which there is a sign: contradictions first, then those that were seen, then those that
    /// are declared alone, then those with hints.
    pub devices: Page<ReachRow>,
    /// Addresses that several devices have.
    pub several: Vec<LooseAddress>,
    /// Addresses that no device has.
    pub unknown: Vec<LooseAddress>,
    /// Files, the newest first, those that were removed too.
    pub files: Vec<EvidenceFile>,
}

/// Takes a file in: its evidence counts from then on, in every list, total and priority.
///
/// # Errors
/// [`Error::Invalid`] when the file cannot be read at all; nothing is stored then.
pub async fn import(ctx: &Context, actor: &Actor, command: ImportExposure) -> Result<ExposureReport, Error> {
    import::run(ctx, actor, command).await
}

/// Takes the evidence of a file away again; the file itself stays.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or its evidence is gone already.
pub async fn remove(ctx: &Context, actor: &Actor, id: ExposureImportId) -> Result<(), Error> {
    import::remove(ctx, actor, id).await
}

/// Devices that face the outside or of which there is a sign, and what is open.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor, page: &PageRequest) -> Result<ExposureList, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    listing::list(&fleet, &view, page, ctx.clock.now()).await
}

/// How far one device can be reached from.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn of_device(ctx: &Context, actor: &Actor, id: DeviceId) -> Result<ReachRow, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let mut rows = listing::rows(&fleet, &view, &[id], ctx.clock.now()).await?;
    rows.pop().ok_or_else(|| Error::not_found(format!("device {id}")))
}
