//! People of the workforce and what is asked of them: to sign a text, to take a course. People are apart from accounts; who has
//! one is joined by the address for mail.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{DocumentId, DutyId, PolicyId, WorkerId};

/// Makes an enum with a stable code and words for each variant.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal, $words:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$each])* $variant,)+ }

        impl $name {
            /// All, in the order they are offered.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The stable code used in JSON, forms and the database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// In words.
            pub const fn words(self) -> &'static str {
                match self { $($name::$variant => $words),+ }
            }

            /// The one that a stable code names.
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

coded! {
    /// How somebody belongs to the workforce (45 CFR 160.103: employees, volunteers, trainees and others under direct control).
    WorkerKind {
        /// Employed.
        Staff = "staff", "staff";
        /// Works under a contract.
        Contractor = "contractor", "contractor";
        /// Unpaid.
        Volunteer = "volunteer", "volunteer";
        /// Learns here.
        Student = "student", "student";
    }
}

coded! {
    /// Where a row of the roster came from last.
    RosterSource {
        /// A person typed it.
        Hand = "hand", "by hand";
        /// A file.
        Csv = "csv", "from a file";
        /// A directory (SCIM 2.0).
        Scim = "scim", "from the directory";
    }
}

coded! {
    /// What is asked.
    DutyKind {
        /// To read and sign a version of a policy.
        Policy = "policy", "policy";
        /// To take a course.
        Course = "course", "course";
        /// To sign a statement.
        Statement = "statement", "statement";
    }
}

coded! {
    /// How something was shown to be done.
    How {
        /// Signed in with an account.
        Account = "account", "signed in";
        /// By a personal link.
        Link = "link", "by a personal link";
        /// On a printed sheet.
        Sheet = "sheet", "on a printed sheet";
        /// Taken over from a learning system.
        Import = "import", "taken over from a learning system";
    }
}

coded! {
    /// How an assignment stands.
    Stage {
        /// Waits for the person.
        Open = "open", "open";
        /// Done.
        Done = "done", "done";
        /// Closed without being done, with a reason.
        Closed = "closed", "closed";
    }
}

coded! {
    /// Why an assignment was closed without being done.
    ClosedFor {
        /// The person left.
        Left = "left", "the person left";
        /// No role of the person asks for it any more.
        Moved = "moved", "no role of the person asks for it any more";
        /// A newer version took its place.
        Replaced = "replaced", "a newer version took its place";
        /// It is not asked for any more.
        Ended = "ended", "it is not asked for any more";
    }
}

/// A member of the workforce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Id.
    pub id: WorkerId,
    /// The name.
    pub name: String,
    /// The name by which a directory knows the person (SCIM `userName`).
    pub user_name: Option<String>,
    /// The number by which another system knows the person: a staff number, SCIM `externalId`.
    pub external: Option<String>,
    /// The address for mail at work, in small letters.
    pub mail: Option<String>,
    /// How they belong.
    pub kind: WorkerKind,
    /// Roles and groups, in order, each once.
    pub roles: Vec<String>,
    /// Site; may be empty.
    pub site: String,
    /// Ward; may be empty.
    pub ward: String,
    /// The first day.
    pub starts: Date,
    /// The first day on which they are no longer there.
    pub until: Option<Date>,
    /// Where the row came from last.
    pub source: RosterSource,
}

impl Worker {
    /// Whether they belong to the workforce on a day.
    pub fn is_there(&self, day: Date) -> bool {
        self.starts <= day && self.until.is_none_or(|until| until > day)
    }

    /// Whether they left by a day.
    pub fn has_left(&self, day: Date) -> bool {
        self.until.is_some_and(|until| until <= day)
    }
}

/// The role that stands for everybody.
pub const EVERYBODY: &str = "*";

/// Something that is asked of everybody with one of some roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Id.
    pub id: DutyId,
    /// What kind.
    pub kind: DutyKind,
    /// The policy's id, the course's code; empty for a statement.
    pub subject: String,
    /// The version of the policy or the course.
    pub version: u64,
    /// SHA-256 of what is signed or learned, in hexadecimal digits.
    pub sha256: String,
    /// What it is called.
    pub title: String,
    /// The text of a statement; empty for others.
    pub body: String,
    /// The roles that it is asked of; [`EVERYBODY`] for all.
    pub roles: Vec<String>,
    /// Days that somebody has to do it.
    pub days: u32,
    /// A day by which it is due, where there is one.
    pub due: Option<Date>,
    /// Days for which it holds once done; `None` for good.
    pub valid_days: Option<u32>,
    /// When it was opened.
    pub opened: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

/// A duty of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What.
    pub duty: DutyId,
    /// Whose.
    pub worker: WorkerId,
    /// Counted from 1: what is repeated has several.
    pub round: u64,
    /// Since when.
    pub assigned: Date,
    /// By when, inclusive.
    pub due: Date,
    /// How it stands.
    pub stage: Stage,
    /// Why it was asked for out of turn; empty where its role asks for it.
    pub note: String,
    /// When it was done or closed.
    pub ended: Option<Timestamp>,
    /// Who wrote it down, where that is not the person.
    pub ended_by: Option<String>,
    /// How it was shown to be done.
    pub how: Option<How>,
    /// Why it was closed.
    pub closed_for: Option<ClosedFor>,
    /// The first day on which it no longer holds.
    pub expires: Option<Date>,
    /// SHA-256 of what was signed.
    pub sha256: Option<String>,
    /// Right answers, and questions.
    pub score: Option<(u64, u64)>,
    /// The number of the certificate.
    pub certificate: Option<String>,
    /// The scan of the sheet.
    pub document: Option<DocumentId>,
}

impl Assignment {
    /// Whether it is done and still holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.stage == Stage::Done && self.expires.is_none_or(|expires| expires > day)
    }

    /// Whether it is open past its day.
    pub fn is_late(&self, day: Date) -> bool {
        self.stage == Stage::Open && self.due < day
    }
}

/// How a duty stands at a place, or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// People of whom it is asked.
    pub asked: u64,
    /// Of those, who have done it, and it holds.
    pub done: u64,
    /// Of those who have not, who are past their day.
    pub late: u64,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Id.
    pub id: PolicyId,
    /// The code of the template that it was made of.
    pub template: Option<String>,
    /// What it is called.
    pub title: String,
    /// Ids of the requirements that it answers.
    pub cites: Vec<String>,
    /// The roles that sign it; [`EVERYBODY`] for all, none where nobody does.
    pub roles: Vec<String>,
    /// Days that somebody has to sign it.
    pub sign_days: u32,
    /// Months between reviews.
    pub review_months: u32,
    /// The last day by which it is looked at again; none before the first publication.
    pub review_by: Option<Date>,
    /// When it was given up, and why.
    pub retired: Option<(Timestamp, String)>,
}

/// A version of a policy. Its text never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Counted from 1.
    pub version: u64,
    /// SHA-256 of the text, or of text and document, in hexadecimal digits.
    pub sha256: String,
    /// The text, in Markdown; may be empty where there is a document.
    pub body: String,
    /// A document that was brought: its id, name and SHA-256.
    pub document: Option<(DocumentId, String)>,
    /// What is in the document and not in the text, each in a sentence.
    pub left_out: Vec<String>,
    /// What changed.
    pub note: String,
    /// When it was written.
    pub at: Timestamp,
    /// By whom, and by which way.
    pub author: String,
    /// When it was approved, and by whom.
    pub approved: Option<(Timestamp, String)>,
    /// The first day on which it is in force.
    pub from: Option<Date>,
    /// The first day on which it is no longer.
    pub until: Option<Date>,
}

impl PolicyVersion {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from.is_some_and(|from| from <= day) && self.until.is_none_or(|until| until > day)
    }
}

/// A look at a policy that found it good for another while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReview {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What was found.
    pub note: String,
    /// The day by which it is looked at again from then on.
    pub next: Date,
}
