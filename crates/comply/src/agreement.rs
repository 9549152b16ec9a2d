//! Agreements with business associates: the twelve clauses, how an agreement stands on a day, when to remind, how long a vendor has
//! to tell of a breach, and the questions that a vendor is asked.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::breach::OUTER_LIMIT_DAYS;

/// A clause that an agreement must have (45 CFR 164.504(e)(2), 164.314(a)(2)).
#[derive(Debug, PartialEq, Eq)]
pub struct Clause {
    /// The stable id, as the catalogue has it.
    pub id: &'static str,
    /// What it says, in our words.
    pub says: &'static str,
    /// Where it stands written.
    pub citation: &'static str,
}

const fn clause(id: &'static str, citation: &'static str, says: &'static str) -> Clause {
    Clause { id, says, citation }
}

/// All twelve, in the order of the rule.
pub const CLAUSES: &[Clause] = &[
    clause(
        "uses",
        "45 CFR 164.504(e)(2)(i)",
        "It says what the vendor may and must do with PHI, and bars the rest",
    ),
    clause(
        "no_further",
        "45 CFR 164.504(e)(2)(ii)(A)",
        "No use or disclosure beyond the agreement or the law",
    ),
    clause(
        "safeguards",
        "45 CFR 164.504(e)(2)(ii)(B), 164.314(a)(2)(i)(A)",
        "Safeguards that fit, and the Security Rule for ePHI",
    ),
    clause(
        "report",
        "45 CFR 164.504(e)(2)(ii)(C), 164.314(a)(2)(i)(C)",
        "It tells of other uses, of security incidents and of breaches",
    ),
    clause(
        "subcontractors",
        "45 CFR 164.504(e)(2)(ii)(D), 164.314(a)(2)(i)(B)",
        "Subcontractors take on the same restrictions",
    ),
    clause("access", "45 CFR 164.504(e)(2)(ii)(E)", "PHI is made available when a person asks for access"),
    clause("amend", "45 CFR 164.504(e)(2)(ii)(F)", "PHI is made available for amendment, and amended"),
    clause("accounting", "45 CFR 164.504(e)(2)(ii)(G)", "What an accounting of disclosures needs is given"),
    clause(
        "ce_duty",
        "45 CFR 164.504(e)(2)(ii)(H)",
        "The Privacy Rule holds where the vendor carries out a duty of ours",
    ),
    clause("hhs_books", "45 CFR 164.504(e)(2)(ii)(I)", "Books and records are open to HHS"),
    clause(
        "return",
        "45 CFR 164.504(e)(2)(ii)(J)",
        "At the end PHI is returned or destroyed, or stays protected where neither can be",
    ),
    clause("terminate", "45 CFR 164.504(e)(2)(iii)", "We may end it when the vendor breaks it"),
];

impl Clause {
    /// The clause of an id.
    pub fn of(id: &str) -> Option<&'static Clause> {
        CLAUSES.iter().find(|clause| clause.id == id)
    }
}

/// The clauses that nobody found in the document, in the order of the rule.
pub fn missing<'a>(found: impl IntoIterator<Item = &'a str>) -> Vec<&'static Clause> {
    let found: Vec<&str> = found.into_iter().collect();
    CLAUSES.iter().filter(|clause| !found.contains(&clause.id)).collect()
}

/// How an agreement, or a vendor with all its agreements, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// There is none.
    None,
    /// It was ended.
    Ended,
    /// Its last day has passed.
    Expired,
    /// It is not signed.
    Draft,
    /// It is in force.
    Signed,
}

impl Standing {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Standing::None => "none",
            Standing::Draft => "draft",
            Standing::Signed => "signed",
            Standing::Expired => "expired",
            Standing::Ended => "ended",
        }
    }
}

/// The days of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// When it was signed; nothing for a draft.
    pub signed: Option<Date>,
    /// From when on it holds, inclusive; from the signature on where it is not said.
    pub effective: Option<Date>,
    /// The last day on which it holds, inclusive; nothing where it has no end.
    pub expires: Option<Date>,
    /// The day on which it was ended; from then on it does not hold.
    pub ended: Option<Date>,
}

/// How an agreement stands on a day. One that is signed and does not hold yet is a draft: PHI that flows now has no agreement.
pub fn standing(days: &Days, today: Date) -> Standing {
    if days.ended.is_some_and(|ended| ended <= today) {
        return Standing::Ended;
    }
    let Some(signed) = days.signed else { return Standing::Draft };
    if days.effective.unwrap_or(signed) > today {
        return Standing::Draft;
    }
    match days.expires {
        Some(expires) if expires < today => Standing::Expired,
        _ => Standing::Signed,
    }
}

/// How a vendor stands: by the best of its agreements.
pub fn best(standings: impl IntoIterator<Item = Standing>) -> Standing {
    standings.into_iter().max().unwrap_or(Standing::None)
}

/// Days before an end at which people are reminded. The house's own default.
pub const REMIND_BEFORE: [i64; 4] = [90, 30, 7, 0];

/// The latest reminder that is due for an end: so many days before it, or -1 from the day after on. Nothing while it is far.
pub fn reminder(ends: Date, today: Date) -> Option<i64> {
    let left = i64::from((ends - today).get_days());
    if left < 0 {
        return Some(-1);
    }
    REMIND_BEFORE.into_iter().rev().find(|before| left <= *before)
}

/// The days by which a vendor that found a breach must have told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// By the agreement.
    pub agreed: Option<Date>,
    /// The outer limit of the law, inclusive (45 CFR 164.410(b)); no agreement makes it longer.
    pub limit: Date,
}

impl Notice {
    /// The earlier of both.
    pub fn due(&self) -> Date {
        self.agreed.map_or(self.limit, |agreed| agreed.min(self.limit))
    }
}

/// The clock of a vendor's notice, from the day on which the vendor discovered the breach.
pub fn notice(discovered: Date, agreed_days: Option<u32>) -> Notice {
    let after = |days: i64| discovered.saturating_add(days.days());
    Notice { agreed: agreed_days.map(|days| after(i64::from(days))), limit: after(OUTER_LIMIT_DAYS) }
}

/// A question that a vendor is asked about its safeguards.
#[derive(Debug, PartialEq, Eq)]
pub struct Question {
    /// The stable id.
    pub id: &'static str,
    /// The question.
    pub text: &'static str,
    /// The answer that asks for nothing more: yes, or no.
    pub good: &'static str,
}

const fn question(id: &'static str, good: &'static str, text: &'static str) -> Question {
    Question { id, text, good }
}

/// The short questionnaire. Our own questions; each is answered by yes, no or "do not know".
pub const QUESTIONS: &[Question] = &[
    question(
        "risk_analysis",
        "yes",
        "Did you write a risk analysis of the systems that hold our data within a year?",
    ),
    question("official", "yes", "Does a named person answer for security?"),
    question("training", "yes", "Was everybody who works with our data trained within a year?"),
    question("factor", "yes", "Does every remote sign-in ask for a second factor?"),
    question("rest", "yes", "Is our data encrypted where it is stored, laptops and backups included?"),
    question("transit", "yes", "Is it encrypted on its way?"),
    question("backup", "yes", "Did you restore a backup as a test within a year?"),
    question("updates", "yes", "Are weaknesses that are known to be exploited closed within 30 days?"),
    question("leavers", "yes", "Do people lose their access on the day they leave?"),
    question("subcontractors", "yes", "Did every subcontractor with our data sign the same duties?"),
    question("abroad", "no", "Is our data held or looked at outside of the United States?"),
    question("breach", "no", "Did you have a breach of data of patients within three years?"),
];

/// How a question may be answered.
pub const ANSWERS: [&str; 3] = ["yes", "no", "unknown"];

impl Question {
    /// The question of an id.
    pub fn of(id: &str) -> Option<&'static Question> {
        QUESTIONS.iter().find(|question| question.id == id)
    }
}
