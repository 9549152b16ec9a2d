//! Campaigns.

use bedrail_app::campaigns::{CampaignDetail, CampaignRow, CampaignWard, OpenQuestion, StepRow};
use bedrail_model::campaign::{Campaign, Counts, Look};
use serde::Serialize;
use utoipa::ToSchema;

use super::action::ActionView;
use super::data::DataStatusView;

/// Devices, counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceCountsView {
    /// All devices.
    devices: u64,
    /// Affected ones.
    affected: u64,
    /// Those of which it cannot be told.
    cannot_tell: u64,
    /// Of both, those that face the outside.
    outside: u64,
    /// Affected ones for which it is decided what is done.
    handled: u64,
    /// Those that would count, but for a decision.
    ruled_out: u64,
}

impl From<Counts> for DeviceCountsView {
    fn from(counts: Counts) -> DeviceCountsView {
        DeviceCountsView {
            devices: counts.devices,
            affected: counts.affected,
            cannot_tell: counts.cannot_tell,
            outside: counts.outside,
            handled: counts.handled,
            ruled_out: counts.ruled_out,
        }
    }
}

/// A campaign in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignHeadView {
    /// Id.
    id: String,
    /// The weakness, by id.
    weakness: String,
    /// What people call it.
    name: String,
    /// When it was started, RFC 3339.
    started: String,
    /// By whom, and by which way.
    author: String,
    /// When it ended, RFC 3339.
    closed: Option<String>,
    /// Who ended it.
    closed_by: Option<String>,
    /// Why, in a sentence.
    closed_for: Option<String>,
}

impl From<&Campaign> for CampaignHeadView {
    fn from(it: &Campaign) -> CampaignHeadView {
        let closed = it.closed.as_ref();
        CampaignHeadView {
            id: it.id.to_string(),
            weakness: it.weakness.clone(),
            name: it.name.clone(),
            started: it.started.to_string(),
            author: it.author.clone(),
            closed: closed.map(|closed| closed.at.to_string()),
            closed_by: closed.map(|closed| closed.by.clone()),
            closed_for: closed.map(|closed| closed.sentence.clone()),
        }
    }
}

/// A campaign in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignRowView {
    /// The campaign.
    #[serde(flatten)]
    campaign: CampaignHeadView,
    /// How it stood when it was started.
    start: DeviceCountsView,
    /// How it stands now, or stood at its end.
    now: DeviceCountsView,
    /// Its actions that are open or not shown.
    open_actions: u64,
}

impl From<&CampaignRow> for CampaignRowView {
    fn from(row: &CampaignRow) -> CampaignRowView {
        CampaignRowView {
            campaign: CampaignHeadView::from(&row.campaign),
            start: row.start.into(),
            now: row.now.into(),
            open_actions: row.open_actions,
        }
    }
}

/// A ward of a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignWardView {
    /// Site; empty where lists name none.
    site: String,
    /// Ward; empty where lists name none.
    ward: String,
    /// How it stood at the start.
    start: DeviceCountsView,
    /// How it stands now, or stood at the end.
    now: DeviceCountsView,
    /// Who is on it: the action of this ward.
    on_it: Option<ActionView>,
}

impl From<&CampaignWard> for CampaignWardView {
    fn from(row: &CampaignWard) -> CampaignWardView {
        CampaignWardView {
            site: row.ward.site.clone(),
            ward: row.ward.ward.clone(),
            start: row.start.into(),
            now: row.now.into(),
            on_it: row.on_it.as_ref().map(ActionView::from),
        }
    }
}

/// A fact that nobody knows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenQuestionView {
    /// Why it cannot be told without it.
    reason: &'static str,
    /// The fact.
    fact: String,
    /// Devices that it would settle.
    devices: u64,
    /// The same question among all that is not known, by its key.
    key: Option<String>,
    /// Who was asked, and has not answered.
    asked: Option<String>,
}

impl From<&OpenQuestion> for OpenQuestionView {
    fn from(row: &OpenQuestion) -> OpenQuestionView {
        let asked = row.asked.as_ref().and_then(|row| row.action.asked.as_ref());
        OpenQuestionView {
            reason: row.reason.code(),
            fact: row.fact.clone(),
            devices: row.devices,
            key: row.key.clone(),
            asked: asked.map(|asked| asked.whom.clone()),
        }
    }
}

/// How a ward stood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookWardView {
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// Its devices.
    #[serde(flatten)]
    counts: DeviceCountsView,
}

/// How the campaign stood at a moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignLookView {
    /// When, RFC 3339.
    at: String,
    /// `start`, `step`, `day`, `end`.
    occasion: &'static str,
    /// Whether the vulnerability data behind it was whole and fresh; where not, a zero proves nothing.
    data_whole: bool,
    /// Wards with a device that was affected, unclear or ruled out.
    wards: Vec<LookWardView>,
}

impl From<&Look> for CampaignLookView {
    fn from(look: &Look) -> CampaignLookView {
        let ward = |one: &bedrail_model::campaign::WardCounts| LookWardView {
            site: one.ward.site.clone(),
            ward: one.ward.ward.clone(),
            counts: one.counts.into(),
        };
        CampaignLookView {
            at: look.at.to_string(),
            occasion: look.occasion.code(),
            data_whole: look.sound,
            wards: look.wards.iter().map(ward).collect(),
        }
    }
}

/// A step and its time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignStepView {
    /// `known`, `questions`, `owners`, `shields`, `fixes`, `whole`.
    step: &'static str,
    /// Parts of it that are done.
    done: u64,
    /// Parts that it has.
    all: u64,
    /// When its first part was put down, RFC 3339.
    begun: Option<String>,
    /// When its last part was done, RFC 3339.
    ended: Option<String>,
}

impl From<&StepRow> for CampaignStepView {
    fn from(row: &StepRow) -> CampaignStepView {
        CampaignStepView {
            step: row.step.code(),
            done: row.done,
            all: row.all,
            begun: row.begun.map(|at| at.to_string()),
            ended: row.ended.map(|at| at.to_string()),
        }
    }
}

/// A campaign with everything in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignView {
    /// The campaign.
    #[serde(flatten)]
    campaign: CampaignHeadView,
    /// Whether the data knows the weakness.
    known: bool,
    /// Affected devices now.
    affected: u64,
    /// Devices of which it cannot be told now.
    cannot_tell: u64,
    /// Of both, those that face the outside.
    outside: u64,
    /// Devices in the organisation.
    fleet: u64,
    /// Devices that would count, but for a decision.
    ruled_out: u64,
    /// Wards.
    wards: Vec<CampaignWardView>,
    /// What nobody knows.
    questions: Vec<OpenQuestionView>,
    /// Its actions.
    actions: Vec<ActionView>,
    /// How it stood, the first look first.
    looks: Vec<CampaignLookView>,
    /// What took how long.
    steps: Vec<CampaignStepView>,
    /// How old and whole the data is.
    data: DataStatusView,
}

impl From<&CampaignDetail> for CampaignView {
    fn from(detail: &CampaignDetail) -> CampaignView {
        CampaignView {
            campaign: CampaignHeadView::from(&detail.campaign),
            known: detail.known,
            affected: detail.totals.affected,
            cannot_tell: detail.totals.cannot_tell,
            outside: detail.totals.outside,
            fleet: detail.totals.fleet,
            ruled_out: detail.totals.ruled_out,
            wards: detail.wards.iter().map(CampaignWardView::from).collect(),
            questions: detail.questions.iter().map(OpenQuestionView::from).collect(),
            actions: detail.actions.iter().map(ActionView::from).collect(),
            looks: detail.looks.iter().map(CampaignLookView::from).collect(),
            steps: detail.steps.iter().map(CampaignStepView::from).collect(),
            data: DataStatusView::from(&detail.data),
        }
    }
}
