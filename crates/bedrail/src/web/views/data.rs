//! The state of the data, the first page, the audit log.

use bedrail_app::audit::AuditEntry;
use bedrail_app::today::{Task, Today};
use bedrail_model::answer::Answer;
use bedrail_model::data_status::{DataStatus, SourceStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::advisory::AdvisoryRowView;

/// All sources of data and the verdict on them together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DataStatusView {
    /// Whether every source is whole and fresh.
    complete: bool,
    /// Whether only the advisories that came with the program are held.
    starter_only: bool,
    /// Id of the state of the data.
    snapshot: String,
    /// Advisories held.
    advisories: u64,
    /// The whole speaks of the world as of then, RFC 3339.
    as_of: Option<String>,
    /// Every expected source.
    sources: Vec<SourceView>,
}

/// One source of data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceView {
    /// `osv/Maven`, `kev`, `epss`, `starter`.
    name: String,
    /// `fresh`, `stale`, `partial`, `empty`, `missing`.
    state: &'static str,
    /// The newest date inside it, RFC 3339.
    as_of: Option<String>,
    /// When it was fetched, RFC 3339.
    fetched_at: Option<String>,
    /// Records held.
    records: u64,
    /// Whole days since `as_of`.
    age_days: Option<i64>,
    /// What is worth knowing.
    note: Option<String>,
}

impl From<&SourceStatus> for SourceView {
    fn from(source: &SourceStatus) -> SourceView {
        SourceView {
            name: source.name.clone(),
            state: source.state.code(),
            as_of: source.as_of.map(|at| at.to_string()),
            fetched_at: source.fetched_at.map(|at| at.to_string()),
            records: source.records,
            age_days: source.age_days,
            note: source.note.clone(),
        }
    }
}

impl From<&DataStatus> for DataStatusView {
    fn from(status: &DataStatus) -> DataStatusView {
        DataStatusView {
            complete: status.complete,
            starter_only: status.starter_only,
            snapshot: status.snapshot.clone(),
            advisories: status.advisories,
            as_of: status.as_of().map(|at| at.to_string()),
            sources: status.sources.iter().map(SourceView::from).collect(),
        }
    }
}

/// What needs a person now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TodayView {
    /// Devices in the organisation.
    devices: u64,
    /// Releases in the organisation.
    releases: u64,
    /// Releases without a bill of materials.
    releases_without_sbom: u64,
    /// Devices that run one of those.
    devices_without_sbom: u64,
    /// Devices by exposure and worst answer.
    exposure: Vec<ExposureView>,
    /// Known exploited weaknesses that touch devices, the widest first.
    urgent: Vec<AdvisoryRowView>,
    /// Things to do, the most important first.
    tasks: Vec<TaskView>,
    /// How old and whole the data is.
    data: DataStatusView,
}

/// Devices of one exposure and one worst answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExposureView {
    /// `outside`, `unknown`, `flat`, `isolated`, `offline`.
    exposure: &'static str,
    /// `affected`, `cannot_tell`, `nothing_found`, `no_bill_of_materials`.
    state: &'static str,
    /// Devices.
    devices: u64,
}

/// One thing to do.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TaskView {
    /// `alerts_now`, `notice_runs`, `exploited_outside`, `exploited`, `seen_outside`, `review_decisions`, `nobody_on`, `ask_for_sbom`, `past_support`, `update_data`, `import_devices`.
    task: &'static str,
    /// The weakness, where it is about one.
    weakness: Option<String>,
    /// The release by id, where it is about one.
    release: Option<String>,
    /// The incident by id, where it is about one.
    incident: Option<String>,
    /// Devices that it concerns.
    devices: Option<u64>,
    /// Details in words.
    detail: Option<String>,
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> TaskView {
        let of = |task, devices: u64| TaskView { task, devices: Some(devices), ..TaskView::default() };
        match task {
            Task::AlertsNow { alerts } => {
                TaskView { task: "alerts_now", detail: Some(alerts.to_string()), ..TaskView::default() }
            }
            Task::NoticeRuns { incident, limit, .. } => TaskView {
                task: "notice_runs",
                incident: Some(incident.to_string()),
                detail: Some(limit.to_string()),
                ..TaskView::default()
            },
            Task::ExploitedOutside { weakness, devices } => {
                TaskView { weakness: Some(weakness.clone()), ..of("exploited_outside", *devices) }
            }
            Task::Exploited { weakness, devices } => {
                TaskView { weakness: Some(weakness.clone()), ..of("exploited", *devices) }
            }
            Task::ReviewDecisions { decisions } => TaskView {
                task: "review_decisions",
                detail: Some(decisions.to_string()),
                ..TaskView::default()
            },
            Task::SeenOutside { devices } => of("seen_outside", *devices),
            Task::NobodyOn { devices } => of("nobody_on", *devices),
            Task::AskForSbom { release, id, devices } => TaskView {
                release: Some(id.to_string()),
                detail: Some(release.clone()),
                ..of("ask_for_sbom", *devices)
            },
            Task::PastSupport { devices } => of("past_support", *devices),
            Task::UpdateData { why } => {
                TaskView { task: "update_data", detail: Some(why.clone()), ..TaskView::default() }
            }
            Task::ImportDevices => TaskView { task: "import_devices", ..TaskView::default() },
        }
    }
}

impl From<&Today> for TodayView {
    fn from(today: &Today) -> TodayView {
        let state = |answer: Option<Answer>| match answer {
            Some(Answer::Affected) => "affected",
            Some(Answer::CannotTell) => "cannot_tell",
            Some(Answer::NotAffected) => "nothing_found",
            None => "no_bill_of_materials",
        };
        let exposure = today.exposure.iter().map(|(exposure, answer, devices)| ExposureView {
            exposure: exposure.code(),
            state: state(*answer),
            devices: *devices,
        });
        TodayView {
            devices: today.devices,
            releases: today.releases,
            releases_without_sbom: today.without_sbom.0,
            devices_without_sbom: today.without_sbom.1,
            exposure: exposure.collect(),
            urgent: today.urgent.iter().map(AdvisoryRowView::from).collect(),
            tasks: today.tasks.iter().map(TaskView::from).collect(),
            data: DataStatusView::from(&today.data),
        }
    }
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntryView {
    /// Its number: one, two, three, without a gap.
    sequence: i64,
    /// Id.
    id: String,
    /// When, RFC 3339.
    at: String,
    /// Who, and by which way.
    actor: String,
    /// What: `sbom.add`.
    action: String,
    /// To what.
    subject: String,
    /// Counts and digests, in words.
    detail: String,
    /// From which address, where it came over the network.
    address: Option<String>,
    /// What was before, where one thing changed.
    before: Option<String>,
    /// What is after.
    after: Option<String>,
}

impl From<&AuditEntry> for AuditEntryView {
    fn from(entry: &AuditEntry) -> AuditEntryView {
        AuditEntryView {
            sequence: entry.sequence,
            address: entry.address.clone(),
            before: entry.before.clone(),
            after: entry.after.clone(),
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
        }
    }
}
