//! Incidents: what happened, what was learned of it and when, and what was decided. An event is never changed: a correction
//! is one more event that takes the place of an earlier one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{AccountId, AlertItemId, DeviceId, IncidentId};

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
    /// What kind of thing happened.
    IncidentKind {
        /// Data was encrypted by an attacker: unsecured PHI was acquired, by the guidance of OCR of 2016.
        Ransomware = "ransomware", "ransomware";
        /// Somebody got into a device.
        DeviceCompromise = "device_compromise", "compromise of a device";
        /// A device or a medium is gone.
        LostDevice = "lost_device", "lost or stolen device";
        /// It happened at a vendor.
        VendorBreach = "vendor_breach", "breach at a vendor";
        /// A record went to the wrong person.
        MisdirectedRecord = "misdirected_record", "record sent to the wrong person";
        /// Something else.
        Other = "other", "something else";
    }
}

coded! {
    /// Who knew of it. An associate has events of its own.
    KnownBy {
        /// The office that answers for privacy.
        Entity = "entity", "the privacy office";
        /// A member of the workforce, or an agent (45 CFR 164.404(a)(2)).
        Workforce = "workforce", "a member of the workforce or an agent";
        /// Whoever did it: that knowledge does not count.
        Wrongdoer = "wrongdoer", "whoever did it";
        /// Nobody, but with reasonable diligence somebody would have.
        Diligence = "diligence", "nobody, but with reasonable diligence somebody would have";
    }
}

coded! {
    /// "Did somebody die, or was somebody seriously injured?"
    Harm {
        /// Somebody died.
        Death = "death", "somebody died";
        /// Somebody was seriously injured (21 CFR 803.3).
        SeriousInjury = "serious_injury", "somebody was seriously injured";
        /// Nobody was.
        None = "none", "nobody died or was seriously injured";
        /// Nobody knows yet.
        NotKnown = "not_known", "not known yet whether somebody died or was seriously injured";
    }
}

coded! {
    /// The three exceptions to "breach" (45 CFR 164.402(1)).
    Exception {
        /// (i)
        GoodFaithWorkforce = "good_faith_workforce", "unintentional, by the workforce in good faith, and it went no further";
        /// (ii)
        InadvertentInternal = "inadvertent_internal", "inadvertent, between authorised persons of one house, and it went no further";
        /// (iii)
        CouldNotRetain = "could_not_retain", "whoever got it could not have kept it";
    }
}

coded! {
    /// The four factors (45 CFR 164.402(2)).
    Factor {
        /// (i)
        Nature = "nature", "Kind of data";
        /// (ii)
        Recipient = "recipient", "Who got it";
        /// (iii)
        AcquiredOrViewed = "acquired_or_viewed", "Taken or looked at";
        /// (iv)
        Mitigation = "mitigation", "How far the risk was reduced";
    }
}

coded! {
    /// How the four factors weigh together.
    Weighed {
        /// A low probability that the data was compromised.
        LowProbability = "low_probability", "a low probability that the data was compromised";
        /// Not a low one.
        NotLow = "not_low", "not a low probability";
    }
}

coded! {
    /// Whom a letter is for.
    LetterKind {
        /// Affected individuals (45 CFR 164.404).
        Individual = "individual", "letter to affected individuals";
        /// Media of a State (45 CFR 164.406).
        Media = "media", "notice to media of a State";
        /// The Secretary of HHS (45 CFR 164.408).
        Hhs = "hhs", "report to the Secretary of HHS";
    }
}

/// How an incident was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// By whom, and by which way.
    pub by: String,
    /// With which sentence.
    pub sentence: String,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Id.
    pub id: IncidentId,
    /// Counted from 1 in the organisation.
    pub number: u64,
    /// What people call it.
    pub title: String,
    /// What kind.
    pub kind: IncidentKind,
    /// When the record was opened.
    pub opened: Timestamp,
    /// Who opened it, and by which way.
    pub author: String,
    /// Who sees to it.
    pub owner: String,
    /// How it was closed; `None` while it is open.
    pub closed: Option<Closed>,
}

/// Something that was learned, done or said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A note.
    Note,
    /// It happened on this day, or from this day to another, both inclusive.
    Occurred {
        /// The first day.
        from: Date,
        /// The last day, where it was more than one.
        to: Option<Date>,
    },
    /// Somebody knew on this day.
    Known {
        /// Who.
        by: KnownBy,
        /// When.
        on: Date,
    },
    /// A business associate discovered it on this day.
    AssociateDiscovered {
        /// When.
        on: Date,
        /// Whether it acts as our agent.
        agent: bool,
    },
    /// A business associate told us on this day.
    AssociateTold {
        /// When.
        on: Date,
    },
    /// So many people are affected.
    Counted {
        /// In all.
        total: u64,
        /// Residents by State, by postal code.
        by_state: BTreeMap<String, u64>,
    },
    /// Law enforcement asked for a delay of notices (45 CFR 164.412).
    LawEnforcement {
        /// Whether in writing.
        written: bool,
        /// The day of the statement.
        on: Date,
        /// The first day on which notice is allowed again, as a written one states.
        until: Option<Date>,
        /// Whether statement and official are documented.
        documented: bool,
    },
    /// Whether somebody was harmed.
    Harm {
        /// The answer.
        harm: Harm,
        /// When the house became aware of it.
        on: Date,
    },
    /// Counsel said by when a State asks for notice.
    StateChecked {
        /// The State, by postal code.
        state: String,
        /// The last day; `None` where nothing is due there.
        due: Option<Date>,
    },
    /// Somebody was told.
    Notified {
        /// By which letter.
        kind: LetterKind,
        /// Of which State, for media.
        state: Option<String>,
        /// When.
        on: Date,
    },
    /// An earlier event was wrong and nothing takes its place.
    Withdrawn,
}

/// An event of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Counted from 1 in the incident.
    pub number: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it, and by which way.
    pub author: String,
    /// What.
    pub what: What,
    /// Said with it.
    pub note: String,
    /// The event in whose place this one stands.
    pub corrects: Option<u64>,
    /// Whether it is seen by those alone who see privileged records.
    pub privileged: bool,
}

/// An answer to a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorAnswer {
    /// Which.
    pub factor: Factor,
    /// The answer, in words.
    pub answer: String,
    /// What it rests on.
    pub evidence: String,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// When.
    pub at: Timestamp,
    /// Who, and by which way.
    pub by: String,
    /// What came out: whether people are told.
    pub notifiable: bool,
}

/// A version of the assessment of an incident as a breach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Counted from 1.
    pub version: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it, and by which way.
    pub author: String,
    /// By which method of the guidance of HHS the data was secured, and whether the key was apart.
    pub secured: Option<(String, bool)>,
    /// The exception that is claimed, and why.
    pub exception: Option<(Exception, String)>,
    /// Answers to the factors.
    pub factors: Vec<FactorAnswer>,
    /// How they weigh together.
    pub weighed: Option<Weighed>,
    /// Why.
    pub reason: String,
    /// Who approved it; a draft until then.
    pub approved: Option<Approval>,
}

/// Somebody who may read what is privileged in one incident, because counsel named them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Counted from 1 in the incident; whoever is named again gets another.
    pub number: u64,
    /// The member.
    pub account: AccountId,
    /// The name that they signed in with then.
    pub name: String,
    /// Why.
    pub reason: String,
    /// When they were named.
    pub at: Timestamp,
    /// By whom, and by which way.
    pub by: String,
    /// When and by whom it was taken back.
    pub ended: Option<(Timestamp, String)>,
}

/// That a letter went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The day.
    pub on: Date,
    /// How: first-class mail, e-mail by agreement, portal.
    pub how: String,
    /// What shows it: a certificate of mailing, a confirmation number.
    pub proof: String,
    /// Who noted it, and by which way.
    pub by: String,
    /// When it was noted.
    pub at: Timestamp,
}

/// A version of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Counted from 1 in the incident; each version is a number.
    pub number: u64,
    /// For whom.
    pub kind: LetterKind,
    /// Of which State, for media.
    pub state: Option<String>,
    /// Counted from 1 for this kind and State.
    pub version: u64,
    /// The text, with the fields that name people left as fields.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it, and by which way.
    pub author: String,
    /// That it went out.
    pub sent: Option<Sending>,
}

/// A step of the checklist that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDone {
    /// The stable code of the step.
    pub step: String,
    /// When.
    pub at: Timestamp,
    /// By whom, and by which way.
    pub by: String,
    /// Said with it.
    pub note: String,
}

/// What an incident is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Devices.
    pub devices: Vec<DeviceId>,
    /// Alert items.
    pub alerts: Vec<AlertItemId>,
}
