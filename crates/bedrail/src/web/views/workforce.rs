//! People, policies and what is asked, as the API shows them.

use bedrail_app::page::Page;
use bedrail_app::workforce::duties::{Detail, PersonRow, Standing};
use bedrail_app::workforce::import::{Outcome, Report};
use bedrail_app::workforce::policies;
use bedrail_app::workforce::roster;
use bedrail_model::workforce::{PolicyVersion, Tally, Worker};
use jiff::ToSpan as _;
use serde::Serialize;
use utoipa::ToSchema;

/// A person of the roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkerView {
    /// Id.
    id: String,
    /// The name.
    name: String,
    /// The address for mail at work.
    mail: Option<String>,
    /// The number by which another system knows the person.
    external: Option<String>,
    /// `staff`, `contractor`, `volunteer`, `student`.
    kind: &'static str,
    /// Roles and groups.
    roles: Vec<String>,
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// The first day.
    starts: String,
    /// The last day.
    last: Option<String>,
    /// `hand`, `csv`, `scim`.
    source: &'static str,
}

impl From<&Worker> for WorkerView {
    fn from(it: &Worker) -> WorkerView {
        WorkerView {
            id: it.id.to_string(),
            name: it.name.clone(),
            mail: it.mail.clone(),
            external: it.external.clone(),
            kind: it.kind.code(),
            roles: it.roles.clone(),
            site: it.site.clone(),
            ward: it.ward.clone(),
            starts: it.starts.to_string(),
            last: it.until.map(|until| until.saturating_sub(1.day()).to_string()),
            source: it.source.code(),
        }
    }
}

/// A person with what is asked of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkerDetailView {
    /// The person.
    person: WorkerView,
    /// The sign-in name of the account with the same address.
    account: Option<String>,
    /// What is asked, what is open first.
    asked: Vec<AskedView>,
}

/// Something that is or was asked of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedView {
    /// What it is called.
    title: String,
    /// `policy`, `course`, `statement`.
    kind: &'static str,
    /// By when, inclusive.
    due: String,
    /// `open`, `done`, `closed`.
    stage: &'static str,
    /// Whether it is open past its day.
    late: bool,
    /// When it was done or closed.
    ended: Option<String>,
    /// How it was shown: `account`, `link`, `sheet`, `import`.
    how: Option<&'static str>,
    /// Why it was closed: `left`, `moved`, `replaced`, `ended`.
    closed_for: Option<&'static str>,
    /// The first day on which it no longer holds.
    expires: Option<String>,
    /// SHA-256 of what was signed.
    sha256: Option<String>,
    /// The number of the certificate.
    certificate: Option<String>,
}

impl From<&roster::Detail> for WorkerDetailView {
    fn from(detail: &roster::Detail) -> WorkerDetailView {
        let asked = detail.items.iter().map(|it| AskedView {
            title: it.duty.title.clone(),
            kind: it.duty.kind.code(),
            due: it.assignment.due.to_string(),
            stage: it.assignment.stage.code(),
            late: it.assignment.is_late(detail.today),
            ended: it.assignment.ended.map(|at| at.to_string()),
            how: it.assignment.how.map(bedrail_model::workforce::How::code),
            closed_for: it.assignment.closed_for.map(bedrail_model::workforce::ClosedFor::code),
            expires: it.assignment.expires.map(|day| day.to_string()),
            sha256: it.assignment.sha256.clone(),
            certificate: it.assignment.certificate.clone(),
        });
        WorkerDetailView {
            person: WorkerView::from(&detail.worker),
            account: detail.account.clone(),
            asked: asked.collect(),
        }
    }
}

/// What a list says and what becomes of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// New.
    added: u64,
    /// Changed.
    changed: u64,
    /// Unchanged.
    unchanged: u64,
    /// Not taken.
    refused: u64,
    /// People of the roster whom the list does not name; they stay.
    absent: u64,
    /// Heads of columns that are not taken.
    passed_over: Vec<String>,
    /// Lines that change something or are refused, up to 2,000.
    lines: Vec<ReportLineView>,
}

/// A line of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportLineView {
    /// Its number, counted as an editor does.
    line: u64,
    /// `added`, `changed`, `refused`.
    outcome: &'static str,
    /// What changed, or why it is not taken.
    detail: String,
}

impl From<&Report> for ReportView {
    fn from(it: &Report) -> ReportView {
        let lines = it.lines.iter().map(|line| {
            let (outcome, detail) = match &line.outcome {
                Outcome::Added => ("added", String::new()),
                Outcome::Changed(what) => ("changed", what.join(", ")),
                Outcome::Unchanged => ("unchanged", String::new()),
                Outcome::Refused(why) => ("refused", why.clone()),
            };
            ReportLineView { line: line.number, outcome, detail }
        });
        ReportView {
            added: it.added,
            changed: it.changed,
            unchanged: it.unchanged,
            refused: it.refused,
            absent: it.absent,
            passed_over: it.passed_over.clone(),
            lines: lines.collect(),
        }
    }
}

/// A policy in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyRowView {
    /// Id.
    id: String,
    /// What it is called.
    title: String,
    /// Requirements that it answers.
    cites: Vec<String>,
    /// The version in force on the day asked for.
    in_force: Option<u64>,
    /// Its SHA-256.
    sha256: Option<String>,
    /// The newest version, where it is another one.
    draft: Option<u64>,
    /// The day by which it is looked at again.
    review_by: Option<String>,
    /// Whether that day is over.
    overdue: bool,
    /// Who signed the version in force, of whom it is asked.
    signed: Option<(u64, u64)>,
    /// Whether it was given up.
    retired: bool,
}

impl From<&policies::Row> for PolicyRowView {
    fn from(it: &policies::Row) -> PolicyRowView {
        PolicyRowView {
            id: it.policy.id.to_string(),
            title: it.policy.title.clone(),
            cites: it.policy.cites.clone(),
            in_force: it.in_force.as_ref().map(|it| it.version),
            sha256: it.in_force.as_ref().map(|it| it.sha256.clone()),
            draft: it.draft.as_ref().map(|it| it.version),
            review_by: it.policy.review_by.map(|day| day.to_string()),
            overdue: it.overdue,
            signed: it.signing.map(|(_, tally)| (tally.done, tally.asked)),
            retired: it.policy.retired.is_some(),
        }
    }
}

/// A policy with its versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyView {
    /// As in the list.
    policy: PolicyRowView,
    /// Versions, the newest first.
    versions: Vec<PolicyVersionView>,
}

/// A version of a policy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyVersionView {
    /// Counted from 1.
    version: u64,
    /// SHA-256 of what is signed.
    sha256: String,
    /// The text, in Markdown.
    body: String,
    /// The name of the document that it is.
    document: Option<String>,
    /// What is in the document and not in the text, each in a sentence.
    left_out: Vec<String>,
    /// What changed.
    note: String,
    /// Who wrote it.
    author: String,
    /// When.
    at: String,
    /// Who approved it.
    approved_by: Option<String>,
    /// The first day in force.
    from: Option<String>,
    /// The first day no longer.
    until: Option<String>,
}

impl From<&PolicyVersion> for PolicyVersionView {
    fn from(it: &PolicyVersion) -> PolicyVersionView {
        PolicyVersionView {
            version: it.version,
            sha256: it.sha256.clone(),
            body: it.body.clone(),
            document: it.document.as_ref().map(|(_, name)| name.clone()),
            left_out: it.left_out.clone(),
            note: it.note.clone(),
            author: it.author.clone(),
            at: it.at.to_string(),
            approved_by: it.approved.as_ref().map(|(_, by)| by.clone()),
            from: it.from.map(|day| day.to_string()),
            until: it.until.map(|day| day.to_string()),
        }
    }
}

impl From<&policies::Detail> for PolicyView {
    fn from(it: &policies::Detail) -> PolicyView {
        PolicyView {
            policy: PolicyRowView::from(&it.row),
            versions: it.versions.iter().map(PolicyVersionView::from).collect(),
        }
    }
}

/// How something stands with people.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct TallyView {
    /// People of whom it is asked.
    asked: u64,
    /// Of those, who have done it, and it holds.
    done: u64,
    /// Of those who have not, who are late.
    late: u64,
}

impl From<Tally> for TallyView {
    fn from(it: Tally) -> TallyView {
        TallyView { asked: it.asked, done: it.done, late: it.late }
    }
}

/// Something that is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingView {
    /// Id.
    id: String,
    /// `policy`, `course`, `statement`.
    kind: &'static str,
    /// What it is called.
    title: String,
    /// Of which roles; `*` for everybody.
    roles: Vec<String>,
    /// A day by which it is due.
    due: Option<String>,
    /// SHA-256 of what is signed or learned.
    sha256: String,
    /// How it stood when it was last counted.
    tally: TallyView,
}

fn standing(duty: &bedrail_model::workforce::Duty, tally: Tally) -> StandingView {
    StandingView {
        id: duty.id.to_string(),
        kind: duty.kind.code(),
        title: duty.title.clone(),
        roles: duty.roles.clone(),
        due: duty.due.map(|day| day.to_string()),
        sha256: duty.sha256.clone(),
        tally: tally.into(),
    }
}

impl From<&Standing> for StandingView {
    fn from(it: &Standing) -> StandingView {
        standing(&it.duty, it.tally)
    }
}

/// Something that is asked, by wards.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedDutyView {
    /// As in the list.
    asked: StandingView,
    /// The text, in Markdown.
    body: String,
    /// By ward.
    wards: Vec<DutyWardView>,
    /// People who have still to do it, in all.
    missing_total: u64,
    /// Up to 500 of them.
    missing: Vec<MissingView>,
}

/// A ward.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutyWardView {
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// How it stands.
    tally: TallyView,
}

/// Somebody who has still to do it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingView {
    /// Id of the person.
    id: String,
    /// The name.
    name: String,
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// By when, inclusive.
    due: String,
}

impl AskedDutyView {
    /// The view of a duty and of who is missing.
    pub(crate) fn of(detail: &Detail, missing: &Page<PersonRow>) -> AskedDutyView {
        let ward = |(site, ward, tally): &(String, String, Tally)| DutyWardView {
            site: site.clone(),
            ward: ward.clone(),
            tally: (*tally).into(),
        };
        let person = |it: &PersonRow| MissingView {
            id: it.worker.to_string(),
            name: it.name.clone(),
            site: it.site.clone(),
            ward: it.ward.clone(),
            due: it.due.to_string(),
        };
        AskedDutyView {
            asked: standing(&detail.duty, detail.tally),
            body: detail.body.clone(),
            wards: detail.wards.iter().map(ward).collect(),
            missing_total: missing.total,
            missing: missing.rows.iter().map(person).collect(),
        }
    }
}
