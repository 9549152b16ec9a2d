//! Severity and CVSS: the vector as published, its score, and the five words people use.

use std::fmt;

use crate::device::Exposure;

/// How severe a weakness is, as the qualitative scale of CVSS v3.1 §5 and v4.0 §6 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Severity {
    /// No source rates it. Not the same as harmless: it sorts above `None` in every list that matters.
    #[default]
    Unknown,
    /// Score 0.0.
    None,
    /// Score 0.1 to 3.9.
    Low,
    /// Score 4.0 to 6.9.
    Medium,
    /// Score 7.0 to 8.9.
    High,
    /// Score 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// All severities, ascending.
    pub const ALL: [Severity; 6] = [
        Severity::Unknown,
        Severity::None,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// The stable code used in JSON, CSV, URLs and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Severity::Unknown => "unknown",
            Severity::None => "none",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity that a stable code or a word of an advisory database (`MODERATE`, `IMPORTANT`) names.
    pub fn from_word(word: &str) -> Option<Severity> {
        match word.to_ascii_lowercase().as_str() {
            "unknown" => Some(Severity::Unknown),
            "none" => Some(Severity::None),
            "low" => Some(Severity::Low),
            "medium" | "moderate" => Some(Severity::Medium),
            "high" | "important" => Some(Severity::High),
            "critical" => Some(Severity::Critical),
            _ => None,
        }
    }

    /// The word for a score of 0.0 to 10.0.
    pub fn from_score(score: f64) -> Severity {
        match score {
            s if s >= 9.0 => Severity::Critical,
            s if s >= 7.0 => Severity::High,
            s if s >= 4.0 => Severity::Medium,
            s if s > 0.0 => Severity::Low,
            _ => Severity::None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A CVSS rating as published: the vector and the score computed from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cvss {
    /// The vector as the source gives it, such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H`.
    pub vector: String,
    /// The score of the vector, 0.0 to 10.0, base score; for v4.0 the threat and environmental metrics that the vector gives count too.
    pub score: f64,
}

impl Cvss {
    /// Reads a vector of CVSS v2, v3.0, v3.1 or v4.0 and computes its score.
    ///
    /// # Errors
    /// [`InvalidVector`] when the vector is of no known version or breaks its grammar.
    pub fn parse(vector: &str) -> Result<Cvss, InvalidVector> {
        let invalid = || InvalidVector(vector.to_owned());
        let score = if vector.starts_with("CVSS:4") {
            let parsed: Option<cvss_rs::v4_0::CvssV4> = vector.parse().ok();
            parsed.and_then(|v| v.calculated_score()).map(|(score, _)| score).ok_or_else(invalid)?
        } else if vector.starts_with("CVSS:3") {
            let parsed: Option<cvss_rs::v3::CvssV3> = vector.parse().ok();
            parsed.and_then(|v| v.calculated_base_score()).ok_or_else(invalid)?
        } else {
            let parsed: Option<cvss_rs::v2_0::CvssV2> = vector.parse().ok();
            parsed.and_then(|v| v.calculated_base_score()).ok_or_else(invalid)?
        };
        Ok(Cvss { vector: vector.to_owned(), score })
    }

    /// The score where the device stands, of a vector of version 3: reachable from a network beside it only where it is isolated,
    /// from itself only where it is not connected; with high requirements on integrity and availability where lives hang on it
    /// (CVSS v3.1 §4, environmental metrics). `None` for vectors of other versions.
    pub fn environmental(&self, exposure: Exposure, vital: bool) -> Option<f64> {
        if !self.vector.starts_with("CVSS:3") {
            return None;
        }
        let reach = match exposure {
            Exposure::Outside | Exposure::Unknown | Exposure::Flat => None,
            Exposure::Isolated => Some("A"),
            Exposure::Offline => Some("L"),
        };
        let here = self.vector.split('/').find_map(|part| part.strip_prefix("AV:")).unwrap_or("N");
        // What can be attacked from less far away stays so.
        let farther = |reach: &&str| "PLAN".find(here) > "PLAN".find(*reach);
        let reach = reach.filter(farther).map(|reach| format!("/MAV:{reach}")).unwrap_or_default();
        let needs = if vital { "/IR:H/AR:H" } else { "" };
        let base: Vec<&str> = self
            .vector
            .split('/')
            .filter(|part| !["MAV:", "IR:", "AR:"].iter().any(|metric| part.starts_with(metric)))
            .collect();
        let parsed: cvss_rs::v3::CvssV3 = format!("{}{reach}{needs}", base.join("/")).parse().ok()?;
        parsed.calculated_environmental_score()
    }

    /// The qualitative severity of the score.
    pub fn severity(&self) -> Severity {
        Severity::from_score(self.score)
    }
}

/// A CVSS vector that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CVSS v2, v3 or v4 vector")]
pub struct InvalidVector(String);
