//! Incidents.

use bedrail_app::incidents::{
    ClockLine, EventLine, IncidentDetail, IncidentRow, MovedLine, Penalty, StateAnswer, StateLine,
};
use bedrail_model::incident::{Assessment, Incident, Letter, What};
use serde::Serialize;
use utoipa::ToSchema;

/// An incident in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentHeadView {
    /// Id.
    id: String,
    /// Counted from 1 in the organisation.
    number: u64,
    /// What people call it.
    title: String,
    /// The code of its kind.
    kind: &'static str,
    /// When it was opened, RFC 3339.
    opened: String,
    /// By whom, and by which way.
    author: String,
    /// Who sees to it.
    owner: String,
    /// When it was closed, RFC 3339.
    closed: Option<String>,
    /// With which sentence.
    closed_for: Option<String>,
}

impl From<&Incident> for IncidentHeadView {
    fn from(it: &Incident) -> IncidentHeadView {
        IncidentHeadView {
            id: it.id.to_string(),
            number: it.number,
            title: it.title.clone(),
            kind: it.kind.code(),
            opened: it.opened.to_string(),
            author: it.author.clone(),
            owner: it.owner.clone(),
            closed: it.closed.as_ref().map(|closed| closed.at.to_string()),
            closed_for: it.closed.as_ref().map(|closed| closed.sentence.clone()),
        }
    }
}

/// Somebody who is to be told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BreachClockView {
    /// `individuals`, `media`, `secretary`, `covered_entity`.
    recipient: &'static str,
    /// The State, for media.
    state: Option<String>,
    /// The house's own target, an ISO date.
    target: String,
    /// The last day in time.
    limit: String,
    /// The last day before any delay for law enforcement.
    base: String,
    /// Nobody is told before this day.
    not_before: Option<String>,
    /// Where the limit stands written.
    citation: String,
    /// When it was done.
    done: Option<String>,
    /// Days to the limit; negative past it.
    days_left: i64,
}

impl From<&ClockLine> for BreachClockView {
    fn from(it: &ClockLine) -> BreachClockView {
        BreachClockView {
            recipient: it.recipient,
            state: it.state.clone(),
            target: it.target.to_string(),
            limit: it.limit.to_string(),
            base: it.base.to_string(),
            not_before: it.not_before.map(|day| day.to_string()),
            citation: it.citation.clone(),
            done: it.done.map(|day| day.to_string()),
            days_left: it.days_left,
        }
    }
}

/// An incident in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentRowView {
    /// The incident.
    #[serde(flatten)]
    incident: IncidentHeadView,
    /// People affected; null where nobody counted.
    affected: Option<u64>,
    /// Whether people are told, where that is decided; null while a breach is presumed and nobody decided.
    decided: Option<bool>,
    /// What is due next.
    next: Option<BreachClockView>,
    /// Affected States by whose law it cannot be told when notice is due.
    states_unknown: u64,
}

impl From<&IncidentRow> for IncidentRowView {
    fn from(row: &IncidentRow) -> IncidentRowView {
        IncidentRowView {
            incident: IncidentHeadView::from(&row.incident),
            affected: row.affected,
            decided: row.decided,
            next: row.next.as_ref().map(BreachClockView::from),
            states_unknown: row.states_unknown,
        }
    }
}

/// A limit that moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedView {
    /// Whose.
    recipient: &'static str,
    /// The State, for media.
    state: Option<String>,
    /// Where it stood.
    from: Option<String>,
    /// Where it stands.
    to: Option<String>,
}

impl From<&MovedLine> for MovedView {
    fn from(it: &MovedLine) -> MovedView {
        MovedView {
            recipient: it.recipient,
            state: it.state.clone(),
            from: it.from.map(|day| day.to_string()),
            to: it.to.map(|day| day.to_string()),
        }
    }
}

/// An event of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentEventView {
    /// Counted from 1 in the incident.
    number: u64,
    /// When it was recorded, RFC 3339.
    at: String,
    /// By whom, and by which way.
    author: String,
    /// The code of what.
    kind: &'static str,
    /// In words.
    words: String,
    /// Said with it.
    note: String,
    /// The event in whose place it stands.
    corrects: Option<u64>,
    /// The event that took its place.
    corrected_by: Option<u64>,
    /// Whether it is privileged.
    privileged: bool,
    /// Limits that moved by it.
    moved: Vec<MovedView>,
}

/// The code of a kind of event.
pub(crate) const fn kind_of(what: &What) -> &'static str {
    match what {
        What::Note => "note",
        What::Occurred { .. } => "occurred",
        What::Known { .. } => "known",
        What::AssociateDiscovered { .. } => "associate_discovered",
        What::AssociateTold { .. } => "associate_told",
        What::Counted { .. } => "counted",
        What::LawEnforcement { .. } => "law_enforcement",
        What::Harm { .. } => "harm",
        What::StateChecked { .. } => "state_checked",
        What::Notified { .. } => "notified",
        What::Withdrawn => "withdrawn",
    }
}

impl From<&EventLine> for IncidentEventView {
    fn from(line: &EventLine) -> IncidentEventView {
        let it = &line.event;
        IncidentEventView {
            number: it.number,
            at: it.at.to_string(),
            author: it.author.clone(),
            kind: kind_of(&it.what),
            words: line.words.clone(),
            note: it.note.clone(),
            corrects: it.corrects,
            corrected_by: line.corrected_by,
            privileged: it.privileged,
            moved: line.moved.iter().map(MovedView::from).collect(),
        }
    }
}

/// The clock of a State.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateClockView {
    /// Postal code.
    state: String,
    /// Affected residents.
    residents: u64,
    /// `due`, `nothing_due`, `cannot_tell`.
    answer: &'static str,
    /// The last day.
    due: Option<String>,
    /// The citation, or who of counsel said it.
    source: Option<String>,
}

impl From<&StateLine> for StateClockView {
    fn from(it: &StateLine) -> StateClockView {
        let (answer, due, source) = match &it.answer {
            StateAnswer::Due { on, citation } => ("due", Some(*on), Some(citation.clone())),
            StateAnswer::Checked { due, by } => {
                (if due.is_some() { "due" } else { "nothing_due" }, *due, Some(by.clone()))
            }
            StateAnswer::CannotTell => ("cannot_tell", None, None),
        };
        let due = due.map(|day| day.to_string());
        StateClockView { state: it.state.clone(), residents: it.residents, answer, due, source }
    }
}

/// An answer to a factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorView {
    /// The code of the factor.
    factor: &'static str,
    /// The answer.
    answer: String,
    /// What it rests on.
    evidence: String,
}

/// A version of the assessment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssessmentView {
    /// Counted from 1.
    version: u64,
    /// When it was written, RFC 3339.
    at: String,
    /// By whom.
    author: String,
    /// By which method the data was secured.
    secured_by: Option<String>,
    /// Whether the key was apart.
    key_apart: Option<bool>,
    /// The exception that is claimed.
    exception: Option<&'static str>,
    /// Why it applies.
    exception_why: Option<String>,
    /// Answers to the factors.
    factors: Vec<FactorView>,
    /// How they weigh together.
    weighed: Option<&'static str>,
    /// Why.
    reason: String,
    /// When it was approved, RFC 3339; a draft without.
    approved: Option<String>,
    /// By whom.
    approved_by: Option<String>,
    /// Whether people are told.
    notifiable: Option<bool>,
}

impl From<&Assessment> for AssessmentView {
    fn from(it: &Assessment) -> AssessmentView {
        let factor = |answer: &bedrail_model::incident::FactorAnswer| FactorView {
            factor: answer.factor.code(),
            answer: answer.answer.clone(),
            evidence: answer.evidence.clone(),
        };
        AssessmentView {
            version: it.version,
            at: it.at.to_string(),
            author: it.author.clone(),
            secured_by: it.secured.as_ref().map(|(method, _)| method.clone()),
            key_apart: it.secured.as_ref().map(|(_, apart)| *apart),
            exception: it.exception.as_ref().map(|(exception, _)| exception.code()),
            exception_why: it.exception.as_ref().map(|(_, why)| why.clone()),
            factors: it.factors.iter().map(factor).collect(),
            weighed: it.weighed.map(bedrail_model::incident::Weighed::code),
            reason: it.reason.clone(),
            approved: it.approved.as_ref().map(|approved| approved.at.to_string()),
            approved_by: it.approved.as_ref().map(|approved| approved.by.clone()),
            notifiable: it.approved.as_ref().map(|approved| approved.notifiable),
        }
    }
}

/// A version of a letter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LetterView {
    /// Counted from 1 in the incident.
    number: u64,
    /// `individual`, `media`, `hhs`.
    kind: &'static str,
    /// The State, for media.
    state: Option<String>,
    /// Counted from 1 for this kind and State.
    version: u64,
    /// The text, with fields that name people left as fields.
    text: String,
    /// When it was written, RFC 3339.
    at: String,
    /// By whom.
    author: String,
    /// The day on which it went out; a draft without.
    sent: Option<String>,
    /// How.
    how: Option<String>,
    /// What shows it.
    proof: Option<String>,
}

impl From<&Letter> for LetterView {
    fn from(it: &Letter) -> LetterView {
        LetterView {
            number: it.number,
            kind: it.kind.code(),
            state: it.state.clone(),
            version: it.version,
            text: it.text.clone(),
            at: it.at.to_string(),
            author: it.author.clone(),
            sent: it.sent.as_ref().map(|sent| sent.on.to_string()),
            how: it.sent.as_ref().map(|sent| sent.how.clone()),
            proof: it.sent.as_ref().map(|sent| sent.proof.clone()),
        }
    }
}

/// A report on a device that is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceReportView {
    /// To whom.
    to: String,
    /// The last day.
    due: String,
    /// Where it stands written.
    citation: String,
    /// Days to it; negative past it.
    days_left: i64,
}

/// What the record says of a factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrefilledView {
    /// The code of the factor.
    factor: &'static str,
    /// The sentence.
    text: String,
    /// Where it comes from.
    source: String,
}

/// What one violation of one provision could cost, in US dollars: a range, no prediction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PenaltyView {
    /// 1 to 4.
    tier: u8,
    /// The least.
    least: u64,
    /// The most.
    most: u64,
    /// The most in a calendar year by the rule.
    cap: u64,
    /// The same while the notice of 2019 stands.
    notice_cap: u64,
}

impl From<&Penalty> for PenaltyView {
    fn from(it: &Penalty) -> PenaltyView {
        let Penalty { tier, least, most, cap, notice_cap } = *it;
        PenaltyView { tier, least, most, cap, notice_cap }
    }
}

/// A step of the checklist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChecklistStepView {
    /// The code.
    step: &'static str,
    /// What is done.
    words: &'static str,
    /// When it was done, RFC 3339.
    done: Option<String>,
    /// By whom.
    by: Option<String>,
    /// Said with it.
    note: Option<String>,
}

/// A device that is involved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvolvedDeviceView {
    /// Id.
    id: String,
    /// What people call it.
    name: String,
}

/// An incident with everything that the caller may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    /// The incident.
    #[serde(flatten)]
    incident: IncidentHeadView,
    /// The answer to what is asked first; null where nobody answered.
    harm: Option<&'static str>,
    /// When it counts as discovered, an ISO date.
    discovered: Option<String>,
    /// Where that comes from.
    discovered_by: Option<&'static str>,
    /// The first event of its alerts, where that was before the discovery.
    earlier_sign: Option<String>,
    /// People affected.
    affected: Option<u64>,
    /// Of them, those without a State on record.
    without_state: u64,
    /// Whether a breach is presumed; else nobody has to be told.
    presumed: bool,
    /// Whom the law wants told.
    clocks: Vec<BreachClockView>,
    /// Clocks of affected States.
    states: Vec<StateClockView>,
    /// Reports on devices that are due.
    device_reports: Vec<DeviceReportView>,
    /// Whether counsel has checked the rows of those reports.
    device_reports_counsel: String,
    /// The timeline, in the order in which it was recorded.
    events: Vec<IncidentEventView>,
    /// Devices that are involved.
    devices: Vec<InvolvedDeviceView>,
    /// Alert items, by id.
    alerts: Vec<String>,
    /// Vendors that it concerns, with the clocks of their notice.
    vendors: Vec<ConcernedVendorView>,
    /// The checklist.
    steps: Vec<ChecklistStepView>,
    /// What the record says of the factors.
    prefilled: Vec<PrefilledView>,
    /// The decision in force.
    decision: Option<AssessmentView>,
    /// All versions of the assessment, for who sees what is privileged.
    assessments: Vec<AssessmentView>,
    /// Letters that went out, and drafts for who sees what is privileged.
    letters: Vec<LetterView>,
    /// Penalties, for who sees what is privileged; empty where they cannot be told.
    penalties: Option<Vec<PenaltyView>>,
    /// Who may read what is privileged because counsel named them; for who sees what is privileged.
    readers: Vec<ReaderView>,
    /// What keeps it open.
    open_ends: Vec<String>,
    /// Whether privileged parts are not shown.
    withheld: bool,
}

/// A vendor that an incident concerns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConcernedVendorView {
    /// The vendor's id.
    vendor: String,
    /// Its name.
    name: String,
    /// Days within which it agreed to tell; null where none are on record.
    agreed_days: Option<u32>,
    /// When it discovered it, an ISO date; null where nobody knows.
    discovered: Option<String>,
    /// When it told us, an ISO date.
    told: Option<String>,
    /// By when it must tell, an ISO date; null where nobody knows when it found out.
    due: Option<String>,
    /// Whether it told late, or is late.
    late: bool,
}

impl From<&bedrail_app::vendors::VendorNotice> for ConcernedVendorView {
    fn from(it: &bedrail_app::vendors::VendorNotice) -> ConcernedVendorView {
        ConcernedVendorView {
            vendor: it.vendor.to_string(),
            name: it.name.clone(),
            agreed_days: it.agreed_days,
            discovered: it.discovered.map(|day| day.to_string()),
            told: it.told.map(|day| day.to_string()),
            due: it.notice.map(|notice| notice.due().to_string()),
            late: it.late,
        }
    }
}

/// A single reader of what is privileged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReaderView {
    /// Counted from 1 in the incident.
    number: u64,
    /// The name that the member signed in with then.
    name: String,
    /// Why they read it.
    reason: String,
    /// When they were named, RFC 3339.
    at: String,
    /// By whom.
    by: String,
    /// When it was taken back, RFC 3339; null while they read it.
    ended: Option<String>,
}

impl From<&bedrail_model::incident::Reader> for ReaderView {
    fn from(it: &bedrail_model::incident::Reader) -> ReaderView {
        ReaderView {
            number: it.number,
            name: it.name.clone(),
            reason: it.reason.clone(),
            at: it.at.to_string(),
            by: it.by.clone(),
            ended: it.ended.as_ref().map(|(at, _)| at.to_string()),
        }
    }
}

impl From<&IncidentDetail> for IncidentView {
    fn from(it: &IncidentDetail) -> IncidentView {
        let report = |line: &bedrail_app::incidents::ReportLine| DeviceReportView {
            to: line.to.clone(),
            due: line.due.to_string(),
            citation: line.citation.clone(),
            days_left: line.days_left,
        };
        let step = |line: &bedrail_app::incidents::StepLine| ChecklistStepView {
            step: line.row.code,
            words: line.row.words,
            done: line.done.as_ref().map(|done| done.at.to_string()),
            by: line.done.as_ref().map(|done| done.by.clone()),
            note: line.done.as_ref().map(|done| done.note.clone()),
        };
        let prefilled = |line: &bedrail_app::incidents::PrefillLine| PrefilledView {
            factor: line.factor.code(),
            text: line.text.clone(),
            source: line.source.clone(),
        };
        let penalties = it.penalties.as_ref().map(|told| told.as_deref().unwrap_or_default());
        IncidentView {
            incident: IncidentHeadView::from(&it.incident),
            harm: it.harm.map(|(harm, _)| harm.code()),
            discovered: it.discovered.map(|(on, _)| on.to_string()),
            discovered_by: it.discovered.map(|(_, by)| by),
            earlier_sign: it.earlier_sign.map(|day| day.to_string()),
            affected: it.affected,
            without_state: it.without_state,
            presumed: it.presumed,
            clocks: it.clocks.iter().map(BreachClockView::from).collect(),
            states: it.states.iter().map(StateClockView::from).collect(),
            device_reports: it.reports.iter().map(report).collect(),
            device_reports_counsel: it.reports_checked.clone(),
            events: it.events.iter().map(IncidentEventView::from).collect(),
            devices: it
                .devices
                .iter()
                .map(|line| InvolvedDeviceView { id: line.id.to_string(), name: line.name.clone() })
                .collect(),
            alerts: it.alerts.iter().map(|line| line.id.to_string()).collect(),
            vendors: it.vendors.joined.iter().map(ConcernedVendorView::from).collect(),
            steps: it.steps.iter().map(step).collect(),
            prefilled: it.prefilled.iter().map(prefilled).collect(),
            decision: it.decision.as_ref().map(AssessmentView::from),
            assessments: it.assessments.iter().map(AssessmentView::from).collect(),
            letters: it.letters.iter().map(LetterView::from).collect(),
            penalties: penalties.map(|all| all.iter().map(PenaltyView::from).collect()),
            readers: it.readers.iter().map(ReaderView::from).collect(),
            open_ends: it.open_ends.clone(),
            withheld: it.withheld,
        }
    }
}
