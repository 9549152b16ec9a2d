//! Which devices face the outside: what is judged, and the evidence.

use bedrail_app::exposure::{
    DeviceReach, EvidenceFile, ExposureList, ExposureReport, JoinedDevice, LooseAddress, ReachRow, SeenPiece,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageView;
use super::device::FactsView;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// How far a device can be reached from, as declared or seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgedView {
    /// Whether it faces the outside: `yes`, `cannot_tell`, `no`.
    outside: &'static str,
    /// `outside`, `unknown`, `flat`, `isolated`, `offline`.
    exposure: &'static str,
    /// What the device lists declare, in the same words.
    declared: &'static str,
    /// The list that declares it.
    declared_by: Option<String>,
    /// Who says so: `declared`, `nmap`, `shodan`, `internetdb`, `nat`; `null` where nobody does.
    source: Option<&'static str>,
    /// `low`, `medium`, `high`, at its age; `null` where it cannot be told.
    confidence: Option<&'static str>,
    /// When it was seen or said, RFC 3339; `null` where the source does not tell.
    seen: Option<String>,
    /// How old that is, in whole days; of evidence without a time since it was received.
    age_days: Option<i64>,
    /// Whether it is believed less for its age.
    stale: bool,
    /// Whether a list says that it does not face the outside and it was seen that it does.
    contradicted: bool,
    /// Pieces of evidence that are too weak to decide.
    hints: usize,
    /// All of it in a sentence.
    why: String,
}

impl From<&DeviceReach> for JudgedView {
    fn from(reach: &DeviceReach) -> JudgedView {
        let judged = &reach.judged;
        JudgedView {
            outside: judged.outside.code(),
            exposure: judged.exposure.code(),
            declared: reach.declared.code(),
            declared_by: reach.declared_by.clone(),
            source: judged.source.map(|it| it.code()),
            confidence: judged.confidence.map(|it| it.code()),
            seen: judged.seen.map(|at| at.to_string()),
            age_days: judged.age.map(|age| age.as_secs().div_euclid(DAY)),
            stale: judged.stale,
            contradicted: judged.contradicted,
            hints: judged.hints,
            why: judged.sentence.clone(),
        }
    }
}

/// A piece of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeenView {
    /// The address that can be reached.
    address: String,
    /// The port; `null` where all are meant or none is named.
    port: Option<u16>,
    /// `tcp`, `udp`, `sctp`, `unknown`.
    protocol: &'static str,
    /// What answers there, in the words of the source.
    service: Option<String>,
    /// The address inside that a border hands it on to.
    inside: Option<String>,
    /// The port inside.
    inside_port: Option<u16>,
    /// `nmap`, `shodan`, `internetdb`, `nat`.
    source: &'static str,
    /// When it was seen, RFC 3339; `null` where the source does not tell.
    seen: Option<String>,
    /// How old it is, in whole days: since it was seen, else since the file was received.
    age_days: i64,
    /// `low`, `medium`, `high`, at its age.
    confidence: &'static str,
    /// Whether it is believed less for its age.
    stale: bool,
    /// Whether it decides; else it is a hint.
    decides: bool,
    /// Why it is believed as far as it is.
    why: String,
    /// The file that it stands in, by id.
    import: String,
    /// The file's name.
    file_name: String,
    /// Where in the file.
    place: String,
    /// When the file was received, RFC 3339.
    received: String,
}

impl From<&SeenPiece> for SeenView {
    fn from(it: &SeenPiece) -> SeenView {
        let evidence = &it.evidence;
        let inside = evidence.inside.map(|inside| inside.address).or(it.via);
        SeenView {
            address: evidence.address.to_string(),
            port: evidence.port,
            protocol: evidence.protocol.code(),
            service: evidence.service.clone(),
            inside: inside.map(|address| address.to_string()),
            inside_port: evidence.inside.and_then(|inside| inside.port),
            source: evidence.source.code(),
            seen: evidence.seen.map(|at| at.to_string()),
            age_days: it.age.as_secs().div_euclid(DAY),
            confidence: it.confidence.code(),
            stale: it.stale,
            decides: it.decides,
            why: evidence.why.to_string(),
            import: it.import.to_string(),
            file_name: it.file_name.clone(),
            place: it.place.clone(),
            received: it.received.to_string(),
        }
    }
}

/// A device with how far it can be reached from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReachRowView {
    /// Device id.
    id: String,
    /// What people call it.
    name: String,
    /// What the lists say; exposure as declared or seen.
    facts: FactsView,
    /// What is judged.
    judged: JudgedView,
    /// Evidence: what decides first, then the most credible, then the newest; of one address at most 50 pieces.
    evidence: Vec<SeenView>,
}

impl From<&ReachRow> for ReachRowView {
    fn from(row: &ReachRow) -> ReachRowView {
        ReachRowView {
            id: row.device.to_string(),
            name: row.name.clone(),
            facts: FactsView::from(&row.facts),
            judged: JudgedView::from(&row.reach),
            evidence: row.reach.evidence.iter().map(SeenView::from).collect(),
        }
    }
}

/// An address that is no one device's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LooseAddressView {
    /// The address that can be reached.
    address: String,
    /// The address inside that a border hands it on to.
    inside: Option<String>,
    /// Pieces of evidence on it.
    pieces: u64,
    /// Those that decide.
    firm: u64,
    /// The devices that have it; none for an unknown device.
    devices: Vec<NamedDeviceView>,
}

/// A device by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedDeviceView {
    /// Device id.
    id: String,
    /// What people call it.
    name: String,
}

impl From<&LooseAddress> for LooseAddressView {
    fn from(it: &LooseAddress) -> LooseAddressView {
        let device = |(id, name): &(bedrail_model::ids::DeviceId, String)| NamedDeviceView {
            id: id.to_string(),
            name: name.clone(),
        };
        LooseAddressView {
            address: it.address.to_string(),
            inside: it.inside.map(|inside| inside.to_string()),
            pieces: it.pieces,
            firm: it.firm,
            devices: it.devices.iter().map(device).collect(),
        }
    }
}

/// A file with evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExposureImportView {
    /// Its id.
    id: String,
    /// Its name.
    file_name: String,
    /// SHA-256 of its bytes.
    sha256: String,
    /// What it was read as.
    format: String,
    /// From where somebody looked: `outside`, `inside`, `unknown`.
    from: &'static str,
    /// Pieces of evidence in it.
    pieces: u64,
    /// Things in it that could not be read.
    lost: u64,
    /// When it was received, RFC 3339.
    received: String,
    /// By whom.
    received_by: String,
    /// When its evidence was taken away, RFC 3339.
    removed: Option<String>,
}

impl From<&EvidenceFile> for ExposureImportView {
    fn from(row: &EvidenceFile) -> ExposureImportView {
        ExposureImportView {
            id: row.id.to_string(),
            file_name: row.name.clone(),
            sha256: row.sha256.clone(),
            format: row.format.clone(),
            from: row.vantage.code(),
            pieces: row.pieces,
            lost: row.lost,
            received: row.received.to_string(),
            received_by: row.received_by.clone(),
            removed: row.removed.as_ref().map(|(at, _)| at.to_string()),
        }
    }
}

/// Devices that face the outside or of which there is a sign, and what is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExposureListView {
    /// Devices that face the outside, as declared or seen.
    outside: u64,
    /// Of these, devices that were seen.
    seen: u64,
    /// Of these, devices of which a list says otherwise.
    contradicted: u64,
    /// Devices of which nobody has said or seen it.
    cannot_tell: u64,
    /// Devices of which a list says that they do not face the outside.
    inside: u64,
    /// Contradictions first, then those that were seen, then those that are declared alone, then those with hints.
    devices: PageView<ReachRowView>,
    /// Addresses that several devices have.
    several: Vec<LooseAddressView>,
    /// Addresses that no device has: unknown devices.
    unknown: Vec<LooseAddressView>,
    /// Files, the newest first.
    imports: Vec<ExposureImportView>,
}

impl From<&ExposureList> for ExposureListView {
    fn from(list: &ExposureList) -> ExposureListView {
        ExposureListView {
            outside: list.totals.outside,
            seen: list.totals.seen,
            contradicted: list.totals.contradicted,
            cannot_tell: list.totals.cannot_tell,
            inside: list.totals.inside,
            devices: PageView::of(&list.devices),
            several: list.several.iter().map(LooseAddressView::from).collect(),
            unknown: list.unknown.iter().map(LooseAddressView::from).collect(),
            imports: list.files.iter().map(ExposureImportView::from).collect(),
        }
    }
}

/// A device that a file says something of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JoinedView {
    /// Device id.
    id: String,
    /// What people call it.
    name: String,
    /// Pieces of evidence on it.
    pieces: u64,
    /// Those that decide.
    firm: u64,
    /// What the device lists declare.
    declared: &'static str,
    /// Whether it was not known before that it faces the outside.
    is_new: bool,
    /// Whether a list says otherwise.
    contradicted: bool,
}

impl From<&JoinedDevice> for JoinedView {
    fn from(it: &JoinedDevice) -> JoinedView {
        JoinedView {
            id: it.device.to_string(),
            name: it.name.clone(),
            pieces: it.pieces,
            firm: it.firm,
            declared: it.declared.code(),
            is_new: it.is_new,
            contradicted: it.is_contradicted(),
        }
    }
}

/// Something that was mended or not read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemarkOnFileView {
    /// Where in the file.
    place: String,
    /// What.
    message: String,
    /// Whether something is missing for it.
    lost: bool,
}

/// The report on a file with evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExposureReportView {
    /// Its id; `null` where nothing was stored.
    import: Option<String>,
    /// Whether it was held already; nothing was changed then.
    unchanged: bool,
    /// Whether nothing was to be stored.
    dry_run: bool,
    /// What it was read as.
    format: String,
    /// From where somebody looked: `outside`, `inside`, `unknown`.
    from: &'static str,
    /// Pieces of evidence in it.
    pieces: u64,
    /// Devices that were not known to face the outside.
    newly_outside: u64,
    /// Devices of which a list says otherwise.
    contradicted: u64,
    /// Devices that something is said of.
    joined: Vec<JoinedView>,
    /// Addresses that several devices have.
    several: Vec<LooseAddressView>,
    /// Addresses that no device has: unknown devices.
    unknown: Vec<LooseAddressView>,
    /// Addresses of the border that a NAT list hands on.
    handed_on: Vec<LooseAddressView>,
    /// What was mended or not read.
    warnings: Vec<RemarkOnFileView>,
}

impl From<&ExposureReport> for ExposureReportView {
    fn from(report: &ExposureReport) -> ExposureReportView {
        let remark = |it: &bedrail_model::component::Warning| RemarkOnFileView {
            place: it.place.clone(),
            message: it.message.clone(),
            lost: it.lost,
        };
        ExposureReportView {
            import: report.import.map(|id| id.to_string()),
            unchanged: report.unchanged,
            dry_run: report.dry_run,
            format: report.format.clone(),
            from: report.vantage.code(),
            pieces: report.pieces,
            newly_outside: report.newly_outside(),
            contradicted: report.contradicted(),
            joined: report.joined.iter().map(JoinedView::from).collect(),
            several: report.several.iter().map(LooseAddressView::from).collect(),
            unknown: report.unknown.iter().map(LooseAddressView::from).collect(),
            handed_on: report.handed_on.iter().map(LooseAddressView::from).collect(),
            warnings: report.warnings.iter().map(remark).collect(),
        }
    }
}
