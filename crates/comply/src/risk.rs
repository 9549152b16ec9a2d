//! Risk analysis (45 CFR 164.308(a)(1)(ii)(A)): threats and weaknesses on the assets of today, likelihood, impact, treatment, the
//! risk that stays. Signing freezes the table by its hash; afterwards one can say which assets joined and what share it
//! still covers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// How likely, or how bad; three steps, for finer ones would claim more than anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Low.
    Low,
    /// Moderate.
    Moderate,
    /// High.
    High,
}

/// The level of a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Low.
    Low,
    /// Moderate.
    Moderate,
    /// High.
    High,
    /// Critical.
    Critical,
    /// Likelihood or impact is not known: comes first in every list, for it is work.
    Unknown,
}

impl Grade {
    /// All of them, the least first.
    pub const ALL: [Grade; 3] = [Grade::Low, Grade::Moderate, Grade::High];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Grade::Low => "low",
            Grade::Moderate => "moderate",
            Grade::High => "high",
        }
    }

    /// The grade that a code names.
    pub fn from_code(code: &str) -> Option<Grade> {
        Grade::ALL.into_iter().find(|it| it.code() == code)
    }
}

impl Level {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Moderate => "moderate",
            Level::High => "high",
            Level::Critical => "critical",
            Level::Unknown => "unknown",
        }
    }
}

/// The level by likelihood (rows) and impact. Our own table: the rule asks for likelihood and impact and leaves the scale to us.
pub fn level(likelihood: Option<Grade>, impact: Option<Grade>) -> Level {
    let (Some(likelihood), Some(impact)) = (likelihood, impact) else { return Level::Unknown };
    match (likelihood, impact) {
        (Grade::Low, Grade::Low | Grade::Moderate) | (Grade::Moderate, Grade::Low) => Level::Low,
        (Grade::Low, Grade::High) | (Grade::Moderate, Grade::Moderate) | (Grade::High, Grade::Low) => {
            Level::Moderate
        }
        (Grade::Moderate, Grade::High) | (Grade::High, Grade::Moderate) => Level::High,
        (Grade::High, Grade::High) => Level::Critical,
    }
}

/// What is done about a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// It is lessened by measures.
    Reduce,
    /// It is accepted, by somebody.
    Accept,
    /// What carries it is given up.
    Avoid,
    /// It is passed on, by contract or insurance.
    Transfer,
    /// Nothing was decided.
    Undecided,
}

impl Treatment {
    /// All of them.
    pub const ALL: [Treatment; 5] =
        [Treatment::Reduce, Treatment::Accept, Treatment::Avoid, Treatment::Transfer, Treatment::Undecided];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Treatment::Reduce => "reduce",
            Treatment::Accept => "accept",
            Treatment::Avoid => "avoid",
            Treatment::Transfer => "transfer",
            Treatment::Undecided => "undecided",
        }
    }

    /// The treatment that a code names.
    pub fn from_code(code: &str) -> Option<Treatment> {
        Treatment::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A line of the analysis: one threat by one weakness to one asset (a device class, a system).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The asset.
    pub asset: String,
    /// Whether it holds ePHI; not known is said.
    pub holds_ephi: Option<bool>,
    /// The threat.
    pub threat: String,
    /// The weakness: a finding's id, or words.
    pub vulnerability: String,
    /// How likely, before measures.
    pub likelihood: Option<Grade>,
    /// How bad.
    pub impact: Option<Grade>,
    /// What is done.
    pub treatment: Treatment,
    /// Measures in place, in words.
    pub measures: Vec<String>,
    /// How likely with them; `None` where nobody judged it anew: then the risk stays as it is.
    pub likelihood_after: Option<Grade>,
    /// How bad with them.
    pub impact_after: Option<Grade>,
    /// Who carries the treatment out, and until when.
    pub plan: Option<Plan>,
}

/// Who carries a treatment out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Who.
    pub owner: String,
    /// Until when it is done, or looked at again; an ISO date.
    pub due: Option<String>,
    /// The action that carries it out, by id.
    pub action: Option<String>,
    /// Why this treatment.
    pub reason: String,
}

impl Line {
    /// The level before measures.
    pub fn inherent(&self) -> Level {
        level(self.likelihood, self.impact)
    }

    /// The risk that stays. Without a measure, or without a new judgement, it is the one before; measures never make it worse.
    pub fn residual(&self) -> Level {
        if self.measures.is_empty() || self.inherent() == Level::Unknown {
            return self.inherent();
        }
        level(self.likelihood_after.or(self.likelihood), self.impact_after.or(self.impact))
            .min(self.inherent())
    }
}

/// An analysis under work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Analysis {
    /// What it covers, in words.
    pub scope: String,
    /// The assets that were there and were looked at, with a line or without.
    pub assets: BTreeSet<String>,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The version of the catalogue that it was made by.
    pub catalogue: String,
}

/// A signed analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed, byte for byte.
    pub document: String,
    /// Its SHA-256.
    pub digest: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The assets that it covers.
    pub assets: BTreeSet<String>,
}

/// Why an analysis cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSign {
    /// No scope.
    #[error("an analysis says what it covers")]
    Scope,
    /// No assets.
    #[error("an analysis without assets covers nothing")]
    Empty,
    /// Nobody signs.
    #[error("somebody signs by name")]
    Signer,
    /// A line about an asset that is not covered.
    #[error("the line on {0:?} is about an asset that is not in its scope")]
    Outside(String),
}

impl Analysis {
    /// Freezes it.
    ///
    /// # Errors
    /// [`CannotSign`].
    pub fn sign(&self, by: &str, at: Timestamp) -> Result<Signed, CannotSign> {
        if self.scope.trim().is_empty() {
            return Err(CannotSign::Scope);
        }
        if self.assets.is_empty() {
            return Err(CannotSign::Empty);
        }
        if by.trim().is_empty() {
            return Err(CannotSign::Signer);
        }
        if let Some(line) = self.lines.iter().find(|line| !self.assets.contains(&line.asset)) {
            return Err(CannotSign::Outside(line.asset.clone()));
        }
        // Sets and lines as given, keys in the order of the types: the same analysis is the same bytes.
        let document = serde_json::to_string(self).unwrap_or_default();
        let digest = Sha256::digest(document.as_bytes()).into();
        Ok(Signed { document, digest, at, by: by.to_owned(), assets: self.assets.clone() })
    }
}

/// How a signed analysis stands beside the assets of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Assets of today that it covers.
    pub covered: u64,
    /// Assets of today.
    pub today: u64,
    /// Assets that joined since.
    pub joined: Vec<String>,
    /// Assets that it covers and that are gone.
    pub gone: Vec<String>,
}

impl Signed {
    /// Whether the document is still the one that was signed.
    pub fn holds(&self) -> bool {
        <[u8; 32]>::from(Sha256::digest(self.document.as_bytes())) == self.digest
    }

    /// What it covers of the assets of today.
    pub fn coverage(&self, today: &BTreeSet<String>) -> Coverage {
        Coverage {
            covered: today.intersection(&self.assets).count() as u64,
            today: today.len() as u64,
            joined: today.difference(&self.assets).cloned().collect(),
            gone: self.assets.difference(today).cloned().collect(),
        }
    }
}
