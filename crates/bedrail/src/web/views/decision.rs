//! Decisions on weaknesses.

use bedrail_app::decisions::{Brief, DecisionRow, Preview, Touched};
use bedrail_model::decision::{Origin, Review, Scope, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::weakness::WeaknessView;

/// What is decided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerdictView {
    /// `under_investigation`, `affected`, `not_affected`, `fixed`, `risk_accepted`.
    verdict: &'static str,
    /// Of `not_affected`: OpenVEX's label.
    justification: Option<&'static str>,
    /// Of `risk_accepted`: the last day, as an ISO date.
    until: Option<String>,
    /// Of `risk_accepted`: who answers for it.
    approver: Option<String>,
}

impl From<&Verdict> for VerdictView {
    fn from(verdict: &Verdict) -> VerdictView {
        let (justification, until, approver) = match verdict {
            Verdict::NotAffected(justification) => (Some(justification.name()), None, None),
            Verdict::RiskAccepted { until, approver } => {
                (None, Some(until.to_string()), Some(approver.clone()))
            }
            _ => (None, None, None),
        };
        VerdictView { verdict: verdict.code(), justification, until, approver }
    }
}

/// A decision in short, beside an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BriefView {
    /// Id.
    id: String,
    /// What is decided.
    #[serde(flatten)]
    verdict: VerdictView,
    /// Why.
    reason: String,
    /// Who, and by which way.
    author: String,
    /// When, RFC 3339.
    decided: String,
}

impl From<&Brief> for BriefView {
    fn from(brief: &Brief) -> BriefView {
        BriefView {
            id: brief.id.to_string(),
            verdict: VerdictView::from(&brief.verdict),
            reason: brief.reason.clone(),
            author: brief.author.clone(),
            decided: brief.decided.to_string(),
        }
    }
}

/// Why a decision is to be looked at again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewView {
    /// `run_out`, `due`, `now_exploited`, `severer`, `new_records`, `other_components`, `statement_gone`, `nothing_left`.
    why: &'static str,
    /// What moved, in words.
    detail: String,
}

impl From<&Review> for ReviewView {
    fn from(review: &Review) -> ReviewView {
        let (why, detail) = match review {
            Review::RunOut(day) => ("run_out", day.to_string()),
            Review::Due(day) => ("due", day.to_string()),
            Review::NowExploited => ("now_exploited", String::new()),
            Review::Severer { from, to } => ("severer", format!("{} to {}", from.code(), to.code())),
            Review::NewRecords(ids) => ("new_records", ids.join(" ")),
            Review::StatementGone => ("statement_gone", String::new()),
            Review::OtherComponents(names) => ("other_components", names.join(", ")),
        };
        ReviewView { why, detail }
    }
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionView {
    /// Id.
    id: String,
    /// The weakness, by the id it was decided under.
    weakness: String,
    /// The weakness as it is known now.
    known: Option<WeaknessView>,
    /// `devices`, `release`, `model`, `organisation`.
    scope: &'static str,
    /// Where it holds, in words.
    place: String,
    /// Devices, where it holds on single ones: how many.
    devices: Option<usize>,
    /// The release by id, where it holds on one.
    release: Option<String>,
    /// What is decided.
    #[serde(flatten)]
    verdict: VerdictView,
    /// Why.
    reason: String,
    /// What decisions know the components by that it was taken on.
    components: Vec<String>,
    /// Who, and by which way.
    author: String,
    /// When, RFC 3339.
    decided: String,
    /// The day on which it is to be looked at again.
    review_on: Option<String>,
    /// The VEX statement that was accepted, where one was.
    statement: Option<String>,
    /// When it was taken back.
    withdrawn: Option<String>,
    /// Why it is to be looked at again now.
    reviews: Vec<ReviewView>,
}

impl From<&DecisionRow> for DecisionView {
    fn from(row: &DecisionRow) -> DecisionView {
        let it = &row.decision;
        DecisionView {
            id: it.id.to_string(),
            weakness: it.weakness.clone(),
            known: row.weakness.as_ref().map(WeaknessView::from),
            scope: it.scope.code(),
            place: row.place.clone(),
            devices: match &it.scope {
                Scope::Devices(devices) => Some(devices.len()),
                _ => None,
            },
            release: match &it.scope {
                Scope::Release(id) => Some(id.to_string()),
                _ => None,
            },
            verdict: VerdictView::from(&it.verdict),
            reason: it.reason.clone(),
            components: it.components.clone(),
            author: it.author.clone(),
            decided: it.decided.to_string(),
            review_on: it.review_on.map(|day| day.to_string()),
            statement: match &it.origin {
                Origin::Person => None,
                Origin::Statement(id) => Some(id.clone()),
            },
            withdrawn: it.withdrawn.map(|at| at.to_string()),
            reviews: row.reviews.iter().map(ReviewView::from).collect(),
        }
    }
}

/// What a decision on one weakness will touch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TouchedView {
    /// The weakness by id.
    weakness: String,
    /// Devices in scope that are affected.
    affected: u64,
    /// Devices in scope of which it cannot be told.
    cannot_tell: u64,
    /// Devices in scope for which something was decided before.
    decided: u64,
    /// Affected and unclear ones that face the outside.
    outside: u64,
    /// Releases of affected and unclear ones.
    releases: u64,
    /// Components that have the weakness, each with its version.
    components: Vec<String>,
}

impl From<&Touched> for TouchedView {
    fn from(touched: &Touched) -> TouchedView {
        TouchedView {
            weakness: touched.weakness.id.clone(),
            affected: touched.affected,
            cannot_tell: touched.cannot_tell,
            decided: touched.decided,
            outside: touched.outside,
            releases: touched.releases,
            components: touched.components.clone(),
        }
    }
}

/// What a decision will touch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// On each weakness.
    touched: Vec<TouchedView>,
    /// Devices in scope, whatever is said of them.
    devices: u64,
    /// What to think of before.
    warnings: Vec<String>,
}

impl From<&Preview> for PreviewView {
    fn from(preview: &Preview) -> PreviewView {
        PreviewView {
            touched: preview.touched.iter().map(TouchedView::from).collect(),
            devices: preview.devices,
            warnings: preview.warnings.clone(),
        }
    }
}
