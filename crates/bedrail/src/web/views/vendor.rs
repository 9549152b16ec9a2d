//! Vendors, registers, the guide and clients, as the API shows them.

use std::collections::BTreeMap;

use bedrail_app::clients::{ClientDetail, ClientLine};
use bedrail_app::guide::{Dated, Guide};
use bedrail_app::registers::{EntryDetail, EntryLine, RegisterLine};
use bedrail_app::vendors::{MakerLine, VendorDetail, VendorLine};
use serde::Serialize;
use utoipa::ToSchema;

use super::programme::ProgrammeFiguresView;

/// A vendor in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorRowView {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// What it does.
    services: String,
    /// What data of patients it holds; empty where nobody said.
    holds: String,
    /// Whether it holds electronic PHI: `yes`, `no`, `unknown`.
    ephi: String,
    /// Whether it is a business associate: the same.
    associate: String,
    /// How it stands: `none`, `draft`, `signed`, `expired`, `ended`.
    standing: &'static str,
    /// Whether ePHI flows without an agreement in force.
    bare: bool,
    /// The last day of the agreement in force.
    ends: Option<String>,
    /// Clauses that the newest draft lacks.
    missing_clauses: Vec<&'static str>,
    /// Requests that wait.
    waiting: u64,
    /// Of these, those that are late.
    late: u64,
}

impl From<&VendorLine> for VendorRowView {
    fn from(it: &VendorLine) -> VendorRowView {
        VendorRowView {
            id: it.row.id.to_string(),
            name: it.row.name.clone(),
            services: it.row.services.clone(),
            holds: it.row.holds.clone(),
            ephi: it.row.ephi.clone(),
            associate: it.row.associate.clone(),
            standing: it.standing.code(),
            bare: it.bare,
            ends: it.ends.map(|(day, _)| day.to_string()),
            missing_clauses: it.gaps.clone(),
            waiting: it.waiting.0,
            late: it.waiting.1,
        }
    }
}

/// A clause that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClauseView {
    /// Which.
    clause: String,
    /// Where it stands.
    place: String,
    /// When it was checked.
    checked: String,
    /// By whom.
    checked_by: String,
}

/// An agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementView {
    /// Id.
    id: String,
    /// Title.
    title: String,
    /// How it stands.
    standing: &'static str,
    /// SHA-256 of the text.
    sha256: Option<String>,
    /// Clauses that were found.
    clauses: Vec<ClauseView>,
    /// Clauses that nobody found.
    missing_clauses: Vec<&'static str>,
    /// The day of the signature.
    signed: Option<String>,
    /// The last day on which it holds.
    expires: Option<String>,
    /// The day of its end.
    ended: Option<String>,
    /// What became of PHI: `returned`, `destroyed`, `kept`.
    ended_how: Option<String>,
}

/// A request to a maker.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorRequestView {
    /// Id.
    id: String,
    /// `sbom`, `mds2`.
    kind: String,
    /// Of which model.
    about: String,
    /// The day on which it was asked.
    asked: String,
    /// The last day.
    due: String,
    /// The day of the answer.
    answered: Option<String>,
}

/// An incident of a vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorIncidentView {
    /// The incident.
    incident: String,
    /// When the vendor discovered it.
    discovered: Option<String>,
    /// When it told.
    told: Option<String>,
    /// By when it must tell; `null` where nobody knows when it found out.
    due: Option<String>,
    /// Whether it is late.
    late: bool,
}

/// A questionnaire: its link is not in here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuestionnaireView {
    /// When the link was made.
    made: String,
    /// When it expires.
    expires: String,
    /// When it was answered.
    answered: Option<String>,
    /// By question: `yes`, `no`, `unknown`.
    answers: BTreeMap<String, String>,
}

/// A vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorView {
    /// As in the list.
    vendor: VendorRowView,
    /// Contact.
    contact: String,
    /// Contact for security.
    security_contact: String,
    /// Days to tell of a breach.
    notice_days: Option<u32>,
    /// Subcontractors.
    subcontractors: Vec<String>,
    /// The day on which it confirmed their agreements.
    attested: Option<String>,
    /// The day on which the relation is looked at anew.
    renewal: Option<String>,
    /// What it is called as a maker of devices.
    maker: String,
    /// Agreements, the newest first.
    agreements: Vec<AgreementView>,
    /// Questionnaires, the newest first.
    questionnaires: Vec<QuestionnaireView>,
    /// Requests, the newest first.
    requests: Vec<VendorRequestView>,
    /// Incidents.
    incidents: Vec<VendorIncidentView>,
}

fn day(day: Option<jiff::civil::Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

impl From<&VendorDetail> for VendorView {
    fn from(it: &VendorDetail) -> VendorView {
        let row = &it.line.row;
        let agreement = |it: &bedrail_app::vendors::AgreementDetail| AgreementView {
            id: it.row.id.to_string(),
            title: it.row.title.clone(),
            standing: it.standing.code(),
            sha256: it.row.document.as_ref().map(|(_, sha256, _)| hex::encode(sha256)),
            clauses: it
                .row
                .clauses
                .iter()
                .map(|it| ClauseView {
                    clause: it.clause.clone(),
                    place: it.place.clone(),
                    checked: it.checked.to_string(),
                    checked_by: it.checked_by.clone(),
                })
                .collect(),
            missing_clauses: it.missing.clone(),
            signed: it.row.signed.as_ref().map(|(on, _)| on.to_string()),
            expires: day(it.row.expires),
            ended: it.row.ended.as_ref().map(|end| end.on.to_string()),
            ended_how: it.row.ended.as_ref().map(|end| end.how.clone()),
        };
        VendorView {
            vendor: VendorRowView::from(&it.line),
            contact: row.contact.clone(),
            security_contact: row.security_contact.clone(),
            notice_days: row.notice_days,
            subcontractors: row.subcontractors.clone(),
            attested: day(row.attested),
            renewal: day(row.renewal),
            maker: row.maker.clone(),
            agreements: it.agreements.iter().map(agreement).collect(),
            questionnaires: it
                .links
                .iter()
                .map(|it| QuestionnaireView {
                    made: it.made.to_string(),
                    expires: it.expires.to_string(),
                    answered: it.used.as_ref().map(|(at, _)| at.to_string()),
                    answers: it.answers.iter().map(|(q, a, _)| (q.clone(), a.clone())).collect(),
                })
                .collect(),
            requests: it
                .requests
                .iter()
                .map(|it| VendorRequestView {
                    id: it.id.to_string(),
                    kind: it.kind.clone(),
                    about: it.about.clone(),
                    asked: it.asked.to_string(),
                    due: it.due.to_string(),
                    answered: it.answered.as_ref().map(|(on, _)| on.to_string()),
                })
                .collect(),
            incidents: it
                .incidents
                .iter()
                .map(|it| VendorIncidentView {
                    incident: it.row.incident.to_string(),
                    discovered: day(it.row.discovered),
                    told: day(it.row.told),
                    due: it.notice.map(|notice| notice.due().to_string()),
                    late: it.late,
                })
                .collect(),
        }
    }
}

/// A maker of devices with its score.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MakerScoreView {
    /// Its name.
    maker: String,
    /// The vendor that says it is this maker.
    vendor: Option<String>,
    /// Devices.
    devices: u64,
    /// Releases.
    releases: u64,
    /// Of these, those with a bill of materials.
    with_bill: u64,
    /// Requests.
    asked: u64,
    /// Answered.
    answered: u64,
    /// Waiting past their day.
    late: u64,
    /// Days to an answer, in the middle.
    days_to_answer: Option<i64>,
}

impl From<&MakerLine> for MakerScoreView {
    fn from(it: &MakerLine) -> MakerScoreView {
        MakerScoreView {
            maker: it.maker.clone(),
            vendor: it.vendor.map(|id| id.to_string()),
            devices: it.devices,
            releases: it.releases,
            with_bill: it.with_bill,
            asked: it.asked,
            answered: it.answered,
            late: it.late,
            days_to_answer: it.days,
        }
    }
}

/// A register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterRowView {
    /// Its code.
    kind: &'static str,
    /// Its name.
    name: &'static str,
    /// Where it stands written.
    citation: &'static str,
    /// Entries.
    entries: u64,
    /// Open ones.
    open: u64,
    /// Late ones.
    late: u64,
    /// When somebody last looked at the whole.
    reviewed: Option<String>,
    /// The codes of its fields.
    fields: Vec<&'static str>,
    /// The codes of its outcomes.
    outcomes: Vec<&'static str>,
}

impl From<&RegisterLine> for RegisterRowView {
    fn from(it: &RegisterLine) -> RegisterRowView {
        RegisterRowView {
            kind: it.kind.code,
            name: it.kind.name,
            citation: it.kind.citation,
            entries: it.entries,
            open: it.open,
            late: it.late,
            reviewed: it.reviewed.as_ref().map(|(at, _)| at.to_string()),
            fields: it.kind.fields.iter().map(|field| field.code).collect(),
            outcomes: it.kind.outcomes.iter().map(|(code, _)| *code).collect(),
        }
    }
}

/// An entry in a list: whom it is about is not in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterEntryRowView {
    /// Id.
    id: String,
    /// Counted by register.
    number: u64,
    /// The day of receipt.
    received: String,
    /// The last day, while it is open.
    due: Option<String>,
    /// Days left; below zero past it.
    days_left: Option<i64>,
    /// Whether it was extended.
    extended: bool,
    /// The outcome, in words.
    outcome: Option<&'static str>,
}

impl From<&EntryLine> for RegisterEntryRowView {
    fn from(it: &EntryLine) -> RegisterEntryRowView {
        RegisterEntryRowView {
            id: it.id.to_string(),
            number: it.number,
            received: it.received.to_string(),
            due: day(it.due),
            days_left: it.left,
            extended: it.extended,
            outcome: it.outcome,
        }
    }
}

/// An entry. That it was read is in the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterEntryView {
    /// As in the list.
    entry: RegisterEntryRowView,
    /// Whom or what it is about.
    about: String,
    /// What it says, by field.
    values: BTreeMap<String, String>,
    /// What the person was written about the extension.
    extended_for: Option<String>,
    /// What was done at the end.
    closed_for: Option<String>,
}

impl From<&EntryDetail> for RegisterEntryView {
    fn from(it: &EntryDetail) -> RegisterEntryView {
        RegisterEntryView {
            entry: RegisterEntryRowView::from(&it.line),
            about: it.about.clone(),
            values: it.values.clone(),
            extended_for: it.row.extended.as_ref().map(|(_, why)| why.clone()),
            closed_for: it.row.closed.as_ref().map(|closed| closed.why.clone()),
        }
    }
}

/// Something to do next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuideStepView {
    /// The stable code.
    code: &'static str,
    /// What.
    what: String,
    /// Why.
    why: &'static str,
    /// About how long it takes.
    minutes: u32,
    /// The page where it is done.
    link: &'static str,
}

/// A date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatedView {
    /// The day.
    day: String,
    /// What is due.
    what: String,
    /// The page where it is done.
    link: String,
}

impl From<&Dated> for DatedView {
    fn from(it: &Dated) -> DatedView {
        DatedView { day: it.day.to_string(), what: it.what.clone(), link: it.link.clone() }
    }
}

/// The guide.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuideView {
    /// What to do next, at most five.
    steps: Vec<GuideStepView>,
    /// The dates of the next year, and what is late.
    dates: Vec<DatedView>,
}

impl From<&Guide> for GuideView {
    fn from(it: &Guide) -> GuideView {
        let step = |it: &bedrail_app::guide::Step| GuideStepView {
            code: it.code,
            what: it.what.clone(),
            why: it.why,
            minutes: it.minutes,
            link: it.link,
        };
        GuideView {
            steps: it.steps.iter().map(step).collect(),
            dates: it.dates.iter().map(DatedView::from).collect(),
        }
    }
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientRowView {
    /// The organisation.
    id: String,
    /// Its name.
    name: String,
    /// The two figures; `null` where it asks for a second factor.
    figures: Option<ProgrammeFiguresView>,
    /// Vendors that hold ePHI without an agreement in force.
    bare_vendors: u64,
    /// Requests past their last day; `null` where one may not see the registers.
    late_requests: Option<u64>,
    /// Open tasks.
    open_tasks: u64,
    /// When it was last signed off.
    signed_off: Option<String>,
}

impl From<&ClientLine> for ClientRowView {
    fn from(it: &ClientLine) -> ClientRowView {
        ClientRowView {
            id: it.org.to_string(),
            name: it.name.clone(),
            figures: it.figures.map(ProgrammeFiguresView::from),
            bare_vendors: it.bare_vendors,
            late_requests: it.late_requests,
            open_tasks: it.tasks.0,
            signed_off: it.signed_off.as_ref().map(|note| note.at.to_string()),
        }
    }
}

/// Something written down with a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientNoteView {
    /// Id.
    id: String,
    /// `note`, `task`, `sign_off`.
    kind: String,
    /// What it says.
    body: String,
    /// The last day of a task.
    due: Option<String>,
    /// When.
    at: String,
    /// By whom.
    author: String,
    /// When a task was done.
    done: Option<String>,
}

/// A client with what was written down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientDetailView {
    /// As in the list.
    client: ClientRowView,
    /// What was written down, the newest first.
    notes: Vec<ClientNoteView>,
    /// What is due in the next year.
    dates: Vec<DatedView>,
}

impl From<&ClientDetail> for ClientDetailView {
    fn from(it: &ClientDetail) -> ClientDetailView {
        let note = |it: &bedrail_app::clients::ClientNoteRow| ClientNoteView {
            id: it.id.to_string(),
            kind: it.kind.clone(),
            body: it.body.clone(),
            due: day(it.due),
            at: it.at.to_string(),
            author: it.author.clone(),
            done: it.done.as_ref().map(|(at, _)| at.to_string()),
        };
        ClientDetailView {
            client: ClientRowView::from(&it.line),
            notes: it.notes.iter().map(note).collect(),
            dates: it.dates.iter().map(DatedView::from).collect(),
        }
    }
}
