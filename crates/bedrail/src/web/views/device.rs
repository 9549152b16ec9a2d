//! Devices and the import of device lists.

use bedrail_app::devices::{DeviceDetail, DeviceGrid, DeviceRow, ImportReport, RowOutcome, RowReport};
use bedrail_app::support::Support;
use bedrail_model::answer::Reason;
use bedrail_model::device::DeviceFacts;
use serde::Serialize;
use utoipa::ToSchema;

use super::exposure::JudgedView;
use super::firewall::BetweenView;
use super::weakness::FindingView;

/// What device lists say of a device; `null` is "not said".
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactsView {
    asset_tag: Option<String>,
    serial: Option<String>,
    udi: Option<String>,
    maker: Option<String>,
    model: Option<String>,
    version: Option<String>,
    operating_system: Option<String>,
    kind: Option<String>,
    site: Option<String>,
    ward: Option<String>,
    owner: Option<String>,
    address: Option<String>,
    host_name: Option<String>,
    /// `outside`, `unknown`, `flat`, `isolated`, `offline`; as declared or seen.
    exposure: &'static str,
    /// ISO date.
    support_ends: Option<String>,
}

impl From<&DeviceFacts> for FactsView {
    fn from(facts: &DeviceFacts) -> FactsView {
        FactsView {
            asset_tag: facts.asset_tag.clone(),
            serial: facts.serial.clone(),
            udi: facts.udi.clone(),
            maker: facts.maker.clone(),
            model: facts.model.clone(),
            version: facts.version.clone(),
            operating_system: facts.operating_system.clone(),
            kind: facts.kind.clone(),
            site: facts.site.clone(),
            ward: facts.ward.clone(),
            owner: facts.owner.clone(),
            address: facts.address.clone(),
            host_name: facts.host_name.clone(),
            exposure: facts.exposure.code(),
            support_ends: facts.support_ends.clone(),
        }
    }
}

/// One row of the device list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceRowView {
    /// Id.
    id: String,
    /// What people call it.
    name: String,
    /// What the lists say.
    facts: FactsView,
    /// The exposure that the lists declare.
    declared_exposure: &'static str,
    /// Its release by id.
    release: String,
    /// Whether the release has a bill of materials.
    has_sbom: bool,
    /// Weaknesses that affect it.
    affected: u32,
    /// Weaknesses and components of which it cannot be told.
    cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    known_exploited: u32,
}

impl From<&DeviceRow> for DeviceRowView {
    fn from(row: &DeviceRow) -> DeviceRowView {
        DeviceRowView {
            id: row.id.to_string(),
            name: row.name.clone(),
            facts: FactsView::from(&row.facts),
            declared_exposure: row.declared.code(),
            release: row.release.to_string(),
            has_sbom: row.has_sbom,
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            known_exploited: row.known_exploited,
        }
    }
}

/// One device with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceView {
    /// The row of the list.
    device: DeviceRowView,
    /// Where each fact comes from.
    sources: Vec<SourceOfFact>,
    /// Findings, the most pressing first.
    findings: Vec<FindingView>,
    /// Components that cannot be judged, grouped by reason.
    not_assessed: Vec<NotAssessedView>,
    /// Components in its bill of materials; `null` where there is none.
    components: Option<u64>,
    /// How far it can be reached from, as declared or seen.
    exposure: JudgedView,
    /// Until when its operating system is supported; `null` where no list of release cycles is held, or none is said.
    system_support: Option<SystemSupportView>,
    /// Firewalls that stand in front of it, and what they do about its weaknesses. They change no answer.
    between: Vec<BetweenView>,
    /// What happened to it, newest first.
    timeline: Vec<EventView>,
}

/// Where a fact comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceOfFact {
    /// The field.
    field: String,
    /// The list and its line.
    source: String,
}

/// Components that cannot be judged for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotAssessedView {
    /// A stable code.
    reason: &'static str,
    /// How many.
    components: u64,
    /// Some of their names.
    names: Vec<String>,
}

impl From<&(Reason, u64, Vec<String>)> for NotAssessedView {
    fn from((reason, components, names): &(Reason, u64, Vec<String>)) -> NotAssessedView {
        NotAssessedView { reason: reason.code(), components: *components, names: names.clone() }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// When, RFC 3339.
    at: String,
    /// What.
    what: String,
}

impl From<&DeviceDetail> for DeviceView {
    fn from(detail: &DeviceDetail) -> DeviceView {
        let source = |(field, source): &(String, String)| SourceOfFact {
            field: field.clone(),
            source: source.clone(),
        };
        DeviceView {
            device: DeviceRowView::from(&detail.row),
            sources: detail.sources.iter().map(source).collect(),
            findings: detail.findings.iter().map(FindingView::from).collect(),
            not_assessed: detail.not_assessed.iter().map(NotAssessedView::from).collect(),
            components: detail.components,
            system_support: detail.system_support.as_ref().map(SystemSupportView::from),
            exposure: JudgedView::from(&detail.reach),
            between: detail.between.iter().map(BetweenView::from).collect(),
            timeline: detail
                .timeline
                .iter()
                .map(|(at, what)| EventView { at: at.to_string(), what: what.clone() })
                .collect(),
        }
    }
}

/// Until when the operating system of a device is supported by who makes it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemSupportView {
    /// `ended`, `ends` or `not_known`.
    state: &'static str,
    /// The last day, where one is told.
    day: Option<String>,
    /// The product and its release cycle, or why it is not known.
    grounds: String,
}

impl From<&Support> for SystemSupportView {
    fn from(said: &Support) -> SystemSupportView {
        let (state, day, grounds) = match said {
            Support::Ended(day, grounds) => ("ended", *day, format!("{} {}", grounds.product, grounds.cycle)),
            Support::Ends(day, grounds) => ("ends", *day, format!("{} {}", grounds.product, grounds.cycle)),
            Support::NotKnown(why) => ("not_known", None, why.words().to_owned()),
        };
        SystemSupportView { state, day: day.map(|day| day.to_string()), grounds }
    }
}

/// Wards by kinds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GridView {
    /// Kinds, the most frequent first.
    kinds: Vec<String>,
    /// One row per site and ward.
    wards: Vec<GridRowView>,
    /// Devices in all.
    devices: u64,
    /// Devices whose release has no bill of materials.
    without_sbom: u64,
    /// Devices past their end of support, by year-month.
    support_ends: Vec<MonthView>,
    /// Names of sites.
    sites: Vec<String>,
    /// Names of makers.
    makers: Vec<String>,
}

/// One ward of the grid.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GridRowView {
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// Devices per kind, in the order of `kinds`.
    devices: Vec<u64>,
    /// Devices whose release has no bill of materials.
    without_sbom: u64,
}

/// Devices whose support ended in a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthView {
    /// Year and month.
    month: String,
    /// Devices.
    devices: u64,
}

impl From<&DeviceGrid> for GridView {
    fn from(grid: &DeviceGrid) -> GridView {
        let ward = |(site, ward, devices, without): &(String, String, Vec<u64>, u64)| GridRowView {
            site: site.clone(),
            ward: ward.clone(),
            devices: devices.clone(),
            without_sbom: *without,
        };
        let month = |(month, devices): &(String, u64)| MonthView { month: month.clone(), devices: *devices };
        GridView {
            kinds: grid.kinds.clone(),
            wards: grid.wards.iter().map(ward).collect(),
            devices: grid.devices,
            without_sbom: grid.without_sbom,
            support_ends: grid.support_ends.iter().map(month).collect(),
            sites: grid.sites.clone(),
            makers: grid.makers.clone(),
        }
    }
}

/// The report on an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// Whether nothing was stored.
    dry_run: bool,
    /// New devices.
    added: usize,
    /// Known devices that changed.
    changed: usize,
    /// Known devices with nothing new.
    unchanged: usize,
    /// Rows not taken over.
    refused: usize,
    /// How each column was understood.
    columns: Vec<ColumnView>,
    /// Remarks on the whole file.
    warnings: Vec<String>,
    /// Every row, in file order.
    rows: Vec<RowView>,
    /// Releases that the rows name and that have no bill of materials yet.
    releases_without_sbom: u64,
}

/// How a column was understood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    /// As the file has it.
    header: String,
    /// The field; `null` where it is not used.
    field: Option<String>,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowView {
    /// Line in the file, from 1, header included.
    line: u64,
    /// `added`, `changed`, `unchanged`, `refused`.
    outcome: &'static str,
    /// What was noticed.
    messages: Vec<String>,
}

impl From<&RowReport> for RowView {
    fn from(row: &RowReport) -> RowView {
        RowView { line: row.line, outcome: row.outcome.code(), messages: row.messages.clone() }
    }
}

impl From<&ImportReport> for ImportView {
    fn from(report: &ImportReport) -> ImportView {
        let column = |(header, field): &(String, Option<String>)| ColumnView {
            header: header.clone(),
            field: field.clone(),
        };
        ImportView {
            dry_run: report.dry_run,
            added: report.count(RowOutcome::Added),
            changed: report.count(RowOutcome::Changed),
            unchanged: report.count(RowOutcome::Unchanged),
            refused: report.count(RowOutcome::Refused),
            columns: report.columns.iter().map(column).collect(),
            warnings: report.warnings.clone(),
            rows: report.rows.iter().map(RowView::from).collect(),
            releases_without_sbom: report.releases_without_sbom,
        }
    }
}
