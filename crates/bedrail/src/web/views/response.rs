//! The risk analysis and the plan for incidents.

use bedrail_app::response::{EntryRow, FollowUp, Plan};
use bedrail_app::risk_analysis::{Asset, BroughtRow, Level, RiskAnalysis, RiskLine, SignedRow, THREATS};
use serde::Serialize;
use utoipa::ToSchema;

/// The risk analysis.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskAnalysisView {
    /// When it was looked at, RFC 3339.
    at: String,
    /// Risks by the level that stays.
    counts: LevelCountsView,
    /// Products, those with most devices first.
    products: Vec<RiskProductView>,
    /// Risks: unknown ones first, then the worst.
    risks: Vec<RiskView>,
    /// Threats of the newest workbook that was brought from elsewhere. They are signed with the risks.
    brought: Vec<BroughtView>,
    /// Threats that are looked at.
    threats: Vec<ThreatView>,
    /// Signed analyses, the newest first.
    signed: Vec<SignedView>,
    /// How the newest stands; null where none was signed.
    covered: Option<CoveredView>,
    /// What is signed by who signs it as it stands here: SHA-256 of products and risks, in hexadecimal.
    seen: String,
}

/// A threat of a workbook from elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BroughtThreatView)]
pub(crate) struct BroughtView {
    /// The threat.
    threat: String,
    /// The weakness that it uses.
    vulnerability: String,
    /// The workbook.
    file: String,
    /// Its sheet and row.
    place: String,
    /// `low`, `moderate`, `high`; null where it is not graded in words that are known.
    likelihood: Option<String>,
    /// As the likelihood.
    impact: Option<String>,
    /// The level before measures.
    level: &'static str,
}

/// Risks by level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LevelCountsView {
    /// Low.
    low: u64,
    /// Moderate.
    moderate: u64,
    /// High.
    high: u64,
    /// Critical.
    critical: u64,
    /// Judged by nobody.
    unknown: u64,
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskProductView {
    /// Maker and model.
    name: String,
    /// Its devices.
    devices: u64,
    /// Whether they hold patient data; null where nobody said.
    holds: Option<bool>,
    /// What, and where that is known from.
    holds_what: String,
    /// Devices that face the outside.
    outside: u64,
    /// Devices with a weakness that is known to be exploited.
    known_exploited: u64,
    /// Devices with a weakness that affects them.
    affected: u64,
    /// Devices of which it cannot be told.
    cannot_tell: u64,
}

impl From<&Asset> for RiskProductView {
    fn from(it: &Asset) -> RiskProductView {
        RiskProductView {
            name: it.name.clone(),
            devices: it.devices,
            holds: it.holds,
            holds_what: it.holds_what.clone(),
            outside: it.outside,
            known_exploited: it.known_exploited,
            affected: it.affected,
            cannot_tell: it.unclear,
        }
    }
}

/// A threat.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThreatView {
    /// The stable code.
    code: &'static str,
    /// In words.
    words: &'static str,
}

/// A risk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskView {
    /// The product.
    product: String,
    /// The threat's code.
    threat: &'static str,
    /// What the inventory shows; empty where a person added the line.
    shows: String,
    /// `low`, `moderate`, `high`; null where nobody judged it.
    likelihood: Option<&'static str>,
    /// The same.
    impact: Option<&'static str>,
    /// The level before measures: `low`, `moderate`, `high`, `critical`, `unknown`.
    inherent: &'static str,
    /// `reduce`, `accept`, `avoid`, `transfer`, `undecided`.
    treatment: &'static str,
    /// Measures in place.
    measures: Vec<String>,
    /// The level that stays.
    residual: &'static str,
    /// Who sees to it.
    owner: Option<String>,
    /// Until when, an ISO date.
    due: Option<String>,
    /// The action that carries it out, by id.
    action: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Whether its day is past.
    overdue: bool,
    /// When it was judged, RFC 3339.
    judged: Option<String>,
    /// By whom.
    by: Option<String>,
}

impl From<&RiskLine> for RiskView {
    fn from(it: &RiskLine) -> RiskView {
        let said = it.judged.as_ref().map(|judged| &judged.line);
        let plan = said.and_then(|line| line.plan.as_ref());
        RiskView {
            product: it.asset.clone(),
            threat: it.threat.code,
            shows: it.shows.clone(),
            likelihood: said.and_then(|line| line.likelihood).map(|grade| grade.code()),
            impact: said.and_then(|line| line.impact).map(|grade| grade.code()),
            inherent: it.inherent.code(),
            treatment: said.map_or("undecided", |line| line.treatment.code()),
            measures: said.map(|line| line.measures.clone()).unwrap_or_default(),
            residual: it.residual.code(),
            owner: plan.map(|plan| plan.owner.clone()),
            due: plan.and_then(|plan| plan.due.clone()),
            action: plan.and_then(|plan| plan.action.clone()),
            reason: plan.map(|plan| plan.reason.clone()),
            overdue: it.overdue,
            judged: it.judged.as_ref().map(|judged| judged.at.to_string()),
            by: it.judged.as_ref().map(|judged| judged.by.clone()),
        }
    }
}

/// A signed analysis.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedView {
    /// Counted from 1.
    number: u64,
    /// What it covers.
    scope: String,
    /// SHA-256 of its document, in hexadecimal.
    sha256: String,
    /// Devices that it covers.
    devices: u64,
    /// Its risks.
    risks: u64,
    /// Of them, those that nobody judged.
    unknown: u64,
    /// When it was signed, RFC 3339.
    at: String,
    /// By whom.
    by: String,
}

impl From<&SignedRow> for SignedView {
    fn from(it: &SignedRow) -> SignedView {
        SignedView {
            number: it.number,
            scope: it.scope.clone(),
            sha256: it.sha256.clone(),
            devices: it.devices,
            risks: it.lines,
            unknown: it.unknown,
            at: it.at.to_string(),
            by: it.author.clone(),
        }
    }
}

/// How the newest signed analysis stands beside today's inventory.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoveredView {
    /// Its number.
    number: u64,
    /// Whether its document is kept and is the one that was signed.
    holds: bool,
    /// Devices of today that it covers.
    covered: u64,
    /// Devices of today.
    today: u64,
    /// How many joined since.
    joined: u64,
    /// The first of them, by id.
    joined_first: Vec<String>,
    /// How many are gone that it covers.
    gone: u64,
}

impl From<&RiskAnalysis> for RiskAnalysisView {
    fn from(it: &RiskAnalysis) -> RiskAnalysisView {
        let [low, moderate, high, critical, unknown] = it.counts;
        RiskAnalysisView {
            at: it.at.to_string(),
            counts: LevelCountsView { low, moderate, high, critical, unknown },
            products: it.assets.iter().map(RiskProductView::from).collect(),
            risks: it.lines.iter().map(RiskView::from).collect(),
            brought: it.brought.iter().map(BroughtView::from).collect(),
            threats: THREATS.iter().map(|row| ThreatView { code: row.code, words: row.words }).collect(),
            signed: it.signed.iter().map(SignedView::from).collect(),
            covered: it.covered.as_ref().map(|covered| CoveredView {
                number: covered.signed.number,
                holds: covered.holds,
                covered: covered.share.0,
                today: covered.share.1,
                joined: covered.joined_total,
                joined_first: covered.joined.iter().map(|(id, _)| id.to_string()).collect(),
                gone: covered.gone,
            }),
            seen: it.seen.clone(),
        }
    }
}

impl From<&(BroughtRow, Level)> for BroughtView {
    fn from((row, level): &(BroughtRow, Level)) -> BroughtView {
        BroughtView {
            threat: row.threat.clone(),
            vulnerability: row.vulnerability.clone(),
            file: row.file_name.clone(),
            place: row.place.clone(),
            likelihood: row.likelihood.clone(),
            impact: row.impact.clone(),
            level: level.code(),
        }
    }
}

/// The plan for incidents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// When it was looked at, RFC 3339.
    at: String,
    /// Entries in force.
    entries: Vec<PlanEntryView>,
    /// What follows from exercises, with the actions that carry it out.
    follow_ups: Vec<FollowUpView>,
    /// Wards of the inventory.
    wards: u64,
    /// Of them, those without downtime steps.
    wards_without: Vec<String>,
    /// Playbooks.
    playbooks: Vec<PlaybookView>,
}

/// An entry of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanEntryView {
    /// `contact`, `downtime`, `disconnect`, `exercise`.
    kind: String,
    /// The role, the ward, what is disconnected, the exercise.
    name: String,
    /// Where it holds.
    place: String,
    /// Its place in the order.
    rank: u64,
    /// Who.
    person: String,
    /// How they are reached.
    reach: String,
    /// Steps, conditions, notes.
    body: String,
    /// What follows from an exercise.
    follow_ups: String,
    /// The day of an exercise, an ISO date.
    day: Option<String>,
    /// When it was said, RFC 3339.
    at: String,
    /// By whom.
    by: String,
}

impl From<&EntryRow> for PlanEntryView {
    fn from(it: &EntryRow) -> PlanEntryView {
        PlanEntryView {
            kind: it.kind.clone(),
            name: it.name.clone(),
            place: it.place.clone(),
            rank: it.rank,
            person: it.person.clone(),
            reach: it.reach.clone(),
            body: it.body.clone(),
            follow_ups: it.follow_ups.clone(),
            day: it.day.map(|day| day.to_string()),
            at: it.at.to_string(),
            by: it.author.clone(),
        }
    }
}

/// A line of what follows from an exercise.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowUpView {
    /// The exercise, by its name.
    exercise: String,
    /// Its place.
    place: String,
    /// The line.
    what: String,
    /// `not_put_down`, or where its action stands: `open`, `not_shown`, `closed`, `dropped`.
    stage: &'static str,
    /// Its action, by id.
    action: Option<String>,
    /// Who does it.
    owner: Option<String>,
    /// By the end of which day, an ISO date.
    due: Option<String>,
    /// What shows that it is done.
    proof: Option<String>,
}

impl From<&FollowUp> for FollowUpView {
    fn from(it: &FollowUp) -> FollowUpView {
        let action = it.action.as_ref();
        FollowUpView {
            exercise: it.exercise.clone(),
            place: it.place.clone(),
            what: it.what.clone(),
            stage: it.stage(),
            action: action.map(|action| action.id.to_string()),
            owner: action.map(|action| action.owner.clone()),
            due: action.map(|action| action.due.to_string()),
            proof: it.proof().map(str::to_owned),
        }
    }
}

/// A playbook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaybookView {
    /// The stable id.
    id: String,
    /// Its title.
    title: String,
    /// How one sees that it is this.
    signs: Vec<String>,
    /// What is done, in order.
    steps: Vec<String>,
}

impl From<&Plan> for PlanView {
    fn from(it: &Plan) -> PlanView {
        PlanView {
            at: it.at.to_string(),
            entries: it.entries.iter().map(PlanEntryView::from).collect(),
            follow_ups: it.follow_ups.iter().map(FollowUpView::from).collect(),
            wards: it.wards,
            wards_without: it.wards_without.clone(),
            playbooks: it
                .playbooks
                .iter()
                .map(|book| PlaybookView {
                    id: book.id.clone(),
                    title: book.title.clone(),
                    signs: book.signs.clone(),
                    steps: book.steps.clone(),
                })
                .collect(),
        }
    }
}
