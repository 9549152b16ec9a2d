//! The small registers that the Privacy Rule asks for: what each records, and its clock. One table of kinds; a further register is
//! a row.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// A field of an entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// The stable code.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What belongs there, in a sentence.
    pub help: &'static str,
    /// Whether an entry is refused without it.
    pub needed: bool,
}

const fn field(code: &'static str, name: &'static str, help: &'static str, needed: bool) -> Field {
    Field { code, name, help, needed }
}

/// The clock of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Answered within so many days; may be extended once by so many, with a written reason. Days of the calendar.
    Answer {
        /// From the day of receipt, which is not counted.
        days: i64,
        /// Days that one extension adds; none where there is none.
        extension: Option<i64>,
        /// Whether the law sets it; otherwise it is the house's own.
        by_law: bool,
    },
    /// Holds until it is replaced, and is looked at again every so many days. The house's own.
    Review(i64),
    /// None.
    None,
}

/// A register.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub what: &'static str,
    /// Where it stands written.
    pub citation: &'static str,
    /// Whom or what an entry is about: a person's name is sensitive.
    pub about: &'static str,
    /// Whether that is a person.
    pub person: bool,
    /// What is recorded besides.
    pub fields: &'static [Field],
    /// How an entry may end: code and words.
    pub outcomes: &'static [(&'static str, &'static str)],
    /// Its clock.
    pub clock: Clock,
}

/// An answer to a request.
const GRANTED_DENIED: &[(&str, &str)] =
    &[("granted", "granted"), ("partly", "granted in part"), ("denied", "denied in writing")];

/// All registers, in the order of pages.
pub const KINDS: &[Kind] = &[
    Kind {
        code: "access",
        name: "Access requests",
        what: "A person asks to see or get the own records.",
        citation: "45 CFR 164.524(b)(2)",
        about: "Who asks",
        person: true,
        fields: &[
            field("records", "Which records", "What is asked for, and of which time.", true),
            field(
                "form",
                "In which form",
                "Paper, file, portal, or to somebody else whom the person names.",
                false,
            ),
            field("fee", "Fee", "What was charged, and for what; only what copying costs.", false),
        ],
        outcomes: GRANTED_DENIED,
        clock: Clock::Answer { days: 30, extension: Some(30), by_law: true },
    },
    Kind {
        code: "amendment",
        name: "Amendment requests",
        what: "A person asks to have the own records corrected.",
        citation: "45 CFR 164.526(b)(2)",
        about: "Who asks",
        person: true,
        fields: &[
            field("change", "What is to be changed", "The entry, and what it should say.", true),
            field(
                "statement",
                "Statement of disagreement",
                "Where it was denied and the person disagrees.",
                false,
            ),
        ],
        outcomes: GRANTED_DENIED,
        clock: Clock::Answer { days: 60, extension: Some(30), by_law: true },
    },
    Kind {
        code: "accounting",
        name: "Accounting of disclosures",
        what: "A person asks to whom the own records were given.",
        citation: "45 CFR 164.528(c)(1)",
        about: "Who asks",
        person: true,
        fields: &[
            field("period", "For which time", "Up to six years back from the day of the request.", true),
            field("fee", "Fee", "The first within twelve months is free of charge.", false),
        ],
        outcomes: &[("given", "list given"), ("none", "nothing to list, said in writing")],
        clock: Clock::Answer { days: 60, extension: Some(30), by_law: true },
    },
    Kind {
        code: "restriction",
        name: "Restrictions and other ways to reach a person",
        what: "A person asks not to have something told, or to be reached at another address.",
        citation: "45 CFR 164.522",
        about: "Who asks",
        person: true,
        fields: &[
            field(
                "asked",
                "What is asked",
                "Such as: nothing to the health plan, for it was paid in full.",
                true,
            ),
            field("flag", "Where it is marked", "How everybody who looks at the record learns of it.", false),
        ],
        outcomes: &[
            ("agreed", "agreed"),
            ("must", "agreed: paid in full, so it must be"),
            ("denied", "not agreed"),
        ],
        clock: Clock::Answer { days: 30, extension: None, by_law: false },
    },
    Kind {
        code: "complaint",
        name: "Complaints",
        what: "Somebody says that privacy was not kept.",
        citation: "45 CFR 164.530(d)",
        about: "Who complains",
        person: true,
        fields: &[
            field("subject", "What it is about", "In a few words, as it was said.", true),
            field("found", "What was found", "What looking into it showed.", false),
        ],
        outcomes: &[
            ("founded", "founded, mended"),
            ("unfounded", "not founded"),
            ("elsewhere", "handed to whom it concerns"),
        ],
        clock: Clock::Answer { days: 30, extension: None, by_law: false },
    },
    Kind {
        code: "sanction",
        name: "Sanctions",
        what: "Somebody of the workforce broke the rules, and what followed.",
        citation: "45 CFR 164.530(e), 164.308(a)(1)(ii)(C)",
        about: "Of whom",
        person: true,
        fields: &[
            field("event", "What happened", "The rule that was broken; no names of patients.", true),
            field("sanction", "What followed", "Such as: talk, training, warning, end of work.", true),
            field("approver", "Approved by", "Who decided it.", true),
        ],
        outcomes: &[("applied", "applied"), ("dropped", "dropped, with the reason noted")],
        clock: Clock::None,
    },
    Kind {
        code: "notice",
        name: "Notice of privacy practices",
        what: "Each version of the notice, since when, and where it is posted and given.",
        citation: "45 CFR 164.520",
        about: "Version",
        person: false,
        fields: &[
            field("posted", "Where it is posted", "Walls and website, one a line.", true),
            field(
                "given",
                "How it is given",
                "At the first visit, and how the signature is kept or why there is none.",
                true,
            ),
            field(
                "changed",
                "What changed",
                "Such as the wording for substance use records, due 16 February 2026.",
                false,
            ),
        ],
        outcomes: &[("replaced", "replaced by a newer version")],
        clock: Clock::Review(365),
    },
    Kind {
        code: "minimum",
        name: "Minimum necessary",
        what: "Which role needs which data of patients.",
        citation: "45 CFR 164.502(b), 164.514(d)",
        about: "Role",
        person: false,
        fields: &[
            field("needs", "What it needs", "Kinds of records, and for what.", true),
            field("limits", "What it does not get", "And how that is kept away.", false),
        ],
        outcomes: &[("replaced", "replaced"), ("gone", "the role is gone")],
        clock: Clock::Review(365),
    },
];

impl Kind {
    /// The register of a code.
    pub fn of(code: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// The words of an outcome.
    pub fn outcome(&self, code: &str) -> Option<&'static str> {
        self.outcomes.iter().find(|(outcome, _)| *outcome == code).map(|(_, words)| *words)
    }

    /// The last day on which an entry is in time, inclusive, with its extension where there is one; nothing where no clock
    /// runs. Days of the calendar: it does not move to a Monday.
    pub fn due(&self, received: Date, extended: bool) -> Option<Date> {
        match self.clock {
            Clock::Answer { days, extension, .. } => {
                let more = extension.filter(|_| extended).unwrap_or_default();
                Some(received.saturating_add((days + more).days()))
            }
            Clock::Review(days) => Some(received.saturating_add(days.days())),
            Clock::None => None,
        }
    }

    /// The new last day, where an entry may be extended on a day: once, and before the first last day has passed, for the
    /// person is told within it (45 CFR 164.524(b)(2)(ii), 164.526(b)(2)(ii), 164.528(c)(1)(ii)).
    ///
    /// # Errors
    /// [`NoExtension`].
    pub fn extend(&self, received: Date, extended: bool, on: Date) -> Result<Date, NoExtension> {
        let Clock::Answer { extension: Some(_), .. } = self.clock else { return Err(NoExtension::Never) };
        if extended {
            return Err(NoExtension::Twice);
        }
        let first = self.due(received, false).unwrap_or(received);
        if on > first {
            return Err(NoExtension::Late { first });
        }
        Ok(self.due(received, true).unwrap_or(first))
    }
}

/// Why an entry is not extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoExtension {
    /// The register has none.
    #[error("this register knows no extension")]
    Never,
    /// It was extended.
    #[error("it was extended once already, and the law gives one extension")]
    Twice,
    /// The first last day has passed.
    #[error("the last day, {first}, has passed; the person had to be told of an extension by then")]
    Late {
        /// That day.
        first: Date,
    },
}
