//! What people of an organisation decided on a weakness: what holds, where it holds, and why.
//!
//! A decision is on one weakness, whatever its ids. It says what an OpenVEX statement says ([`Status`]) or, beyond that,
//! that the risk is accepted until a day. Its laws are here; which of several counts is `assess::decisions`.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{DecisionId, DeviceId, ReleaseId};
use crate::severity::Severity;
use crate::vex::{Justification, Status};

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody looks into it.
    UnderInvestigation,
    /// It is there, and something is done.
    Affected,
    /// It cannot do harm here.
    NotAffected(Justification),
    /// It was there, and is mended.
    Fixed,
    /// It is there and stays, until a day.
    RiskAccepted {
        /// The last day on which it holds.
        until: Date,
        /// Who answers for it, by name or office.
        approver: String,
    },
}

impl Verdict {
    /// The stable codes, in the order they are offered.
    pub const CODES: [&str; 5] =
        ["under_investigation", "affected", "not_affected", "fixed", "risk_accepted"];

    /// The stable code used in JSON, forms and the database.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::RiskAccepted { .. } => "risk_accepted",
            _ => self.status().name(),
        }
    }

    /// What others are told of it. An accepted risk is a risk: affected.
    pub fn status(&self) -> Status {
        match self {
            Verdict::UnderInvestigation => Status::UnderInvestigation,
            Verdict::Affected | Verdict::RiskAccepted { .. } => Status::Affected,
            Verdict::NotAffected(_) => Status::NotAffected,
            Verdict::Fixed => Status::Fixed,
        }
    }

    /// Whether it takes a finding away.
    pub fn rules_out(&self) -> bool {
        matches!(self, Verdict::NotAffected(_) | Verdict::Fixed)
    }

    /// Whether what is left is known and dealt with: nobody needs to look at it first.
    pub fn is_handled(&self) -> bool {
        !matches!(self, Verdict::UnderInvestigation)
    }

    /// Whether it speaks of the components alone that it was taken on. Another component with the same weakness is another
    /// question.
    pub fn is_narrow(&self) -> bool {
        self.rules_out() || matches!(self, Verdict::RiskAccepted { .. })
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        match self {
            Verdict::RiskAccepted { until, .. } => day <= *until,
            _ => true,
        }
    }
}

/// Where a decision holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// On these devices, sorted.
    Devices(Vec<DeviceId>),
    /// On every device of a release.
    Release(ReleaseId),
    /// On every release of a model, or those up to a version, inclusive. A release of which the version cannot be placed is
    /// not among them.
    Model {
        /// The maker.
        maker: String,
        /// The model.
        model: String,
        /// The last version; `None` for all, those to come too.
        up_to: Option<String>,
    },
    /// Everywhere in the organisation, now and later.
    Organisation,
}

impl Scope {
    /// The stable code used in JSON, forms and the database.
    pub fn code(&self) -> &'static str {
        match self {
            Scope::Devices(_) => "devices",
            Scope::Release(_) => "release",
            Scope::Model { .. } => "model",
            Scope::Organisation => "organisation",
        }
    }

    /// The narrower, the higher: of two decisions the narrower counts.
    pub fn narrowness(&self) -> u8 {
        match self {
            Scope::Organisation => 0,
            Scope::Model { .. } => 1,
            Scope::Release(_) => 2,
            Scope::Devices(_) => 3,
        }
    }
}

/// What was known when a decision was taken. Where it has changed, the decision comes up for review.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basis {
    /// Ids of the records, sorted.
    pub records: Vec<String>,
    /// The severity.
    pub severity: Severity,
    /// Whether it was known to be exploited.
    pub exploited: bool,
}

/// Where a decision comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A person took it.
    Person,
    /// A person accepted what a VEX statement says; its id.
    Statement(String),
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Id.
    pub id: DecisionId,
    /// The weakness, by the id it was decided under.
    pub weakness: String,
    /// Where it holds.
    pub scope: Scope,
    /// What is decided.
    pub verdict: Verdict,
    /// Keys of the components that it was taken on ([`component_key`]), sorted; empty where none was known.
    pub components: Vec<String>,
    /// Why, in a sentence of who decided.
    pub reason: String,
    /// Who decided, and by which way: `ann (web)`.
    pub author: String,
    /// When.
    pub decided: Timestamp,
    /// On which day it is to be looked at again, whatever happens.
    pub review_on: Option<Date>,
    /// Where it comes from.
    pub origin: Origin,
    /// What was known then.
    pub basis: Basis,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
}

/// Why a decision is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// An accepted risk has run out.
    RunOut(Date),
    /// The day has come that was set for it.
    Due(Date),
    /// The weakness is known to be exploited now.
    NowExploited,
    /// The weakness is rated higher now.
    Severer {
        /// As it was.
        from: Severity,
        /// As it is.
        to: Severity,
    },
    /// Records came to the weakness.
    NewRecords(Vec<String>),
    /// Components in its scope have the weakness that it was not taken on; they are not covered by it.
    OtherComponents(Vec<String>),
    /// The statement that it was accepted from was replaced by a later one of its issuer, or put aside.
    StatementGone,
}

impl Decision {
    /// Whether it covers a component: one that it was taken on, or any for a decision that takes nothing away. `None` is a
    /// device of which no component is known.
    pub fn covers(&self, component: Option<&str>) -> bool {
        if !self.verdict.is_narrow() {
            return true;
        }
        match component {
            None => self.components.is_empty(),
            Some(key) => self.components.binary_search_by(|one| one.as_str().cmp(key)).is_ok(),
        }
    }

    /// What has changed in what was known, and days that have come. What only the fleet knows is not among it.
    pub fn reviews(&self, now: &Basis, day: Date) -> Vec<Review> {
        let mut found = Vec::new();
        if let Verdict::RiskAccepted { until, .. } = &self.verdict
            && day > *until
        {
            found.push(Review::RunOut(*until));
        }
        if let Some(on) = self.review_on.filter(|on| day >= *on) {
            found.push(Review::Due(on));
        }
        if now.exploited && !self.basis.exploited {
            found.push(Review::NowExploited);
        }
        if now.severity > self.basis.severity {
            found.push(Review::Severer { from: self.basis.severity, to: now.severity });
        }
        let new = now.records.iter().filter(|id| !self.basis.records.contains(id));
        let new: Vec<String> = new.cloned().collect();
        if !new.is_empty() {
            found.push(Review::NewRecords(new));
        }
        found
    }
}

/// What makes components of two releases the same thing for a decision: the package URL without version, qualifiers and
/// subpath, else the name in lower case.
pub fn component_key(name: &str, purl: Option<&str>) -> String {
    match purl.filter(|purl| purl.starts_with("pkg:")) {
        Some(purl) => {
            let base = purl.split(['?', '#']).next().unwrap_or(purl);
            // The version stands behind the last `@` of the last segment; `@` in a namespace is written `%40`.
            let last = base.rfind('/').map_or(0, |at| at + 1);
            let end = base[last..].rfind('@').filter(|at| *at > 0).map_or(base.len(), |at| last + at);
            base[..end].to_lowercase()
        }
        None => name.trim().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_known_again_whatever_its_version() {
        let key = |purl| component_key("log4j", Some(purl));
        assert_eq!(
            key("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar"),
            key("pkg:maven/org.apache.logging.log4j/log4j-core@2.17.0")
        );
        assert_eq!(key("pkg:npm/@scope/name@1.0"), "pkg:npm/@scope/name");
        assert_eq!(key("pkg:npm/%40scope/name@1.0#a/b"), "pkg:npm/%40scope/name");
        assert_eq!(key("pkg:npm/@name"), "pkg:npm/@name");
        assert_eq!(component_key(" Log4J ", None), "log4j");
        assert_eq!(component_key("Log4J", Some("no purl")), "log4j");
    }

    #[test]
    fn what_takes_a_finding_away_covers_only_what_it_was_taken_on() {
        let decision = |verdict, components: &[&str]| Decision {
            id: DecisionId::generate(),
            weakness: "CVE-2021-44228".into(),
            scope: Scope::Organisation,
            verdict,
            components: components.iter().map(|&key| key.to_owned()).collect(),
            reason: String::new(),
            author: String::new(),
            decided: Timestamp::UNIX_EPOCH,
            review_on: None,
            origin: Origin::Person,
            basis: Basis::default(),
            withdrawn: None,
        };
        let out = decision(Verdict::Fixed, &["a", "c"]);
        assert!(out.covers(Some("a")) && out.covers(Some("c")));
        assert!(!out.covers(Some("b")) && !out.covers(None));
        let blind = decision(Verdict::NotAffected(Justification::ComponentNotPresent), &[]);
        assert!(blind.covers(None) && !blind.covers(Some("a")), "a bill that came later speaks against it");
        let open = decision(Verdict::Affected, &["a"]);
        assert!(open.covers(Some("b")) && open.covers(None));
    }

    #[test]
    fn an_accepted_risk_ends_with_its_day() {
        let until = jiff::civil::date(2026, 3, 31);
        let verdict = Verdict::RiskAccepted { until, approver: "CISO".into() };
        assert!(verdict.holds_on(until) && !verdict.holds_on(jiff::civil::date(2026, 4, 1)));
        assert!(!verdict.rules_out() && verdict.is_handled());
        assert_eq!((verdict.code(), verdict.status()), ("risk_accepted", Status::Affected));
    }
}
