//! The seam to the vulnerability data: what is asked of it while bills of materials are matched.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use bedrail_assess::{Name, Platform};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::data_status::DataStatus;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::finding::{Judgement, Weakness};
use bedrail_model::ids::PlatformId;
use bedrail_store::software::{SoftwareFacts, Standing};
use bedrail_vulndb::db::PackageName;
use jiff::Timestamp;

use crate::Error;
use crate::feeds::data::Current;
use crate::feeds::{self, Data, DataDir, FeedError, MentionedBy, Question};

/// What the data says of one software identity.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Affected and cannot tell; what is not affected is not kept.
    pub(crate) judgements: Vec<Judgement>,
    /// Why it cannot be judged at all.
    pub(crate) unassessed: Option<Reason>,
}

impl Verdict {
    /// The verdict in one line.
    pub(crate) fn standing(&self) -> Standing {
        let worst = self.judgements.iter().map(|judgement| (judgement.answer, judgement.reason)).min();
        Standing { unassessed: self.unassessed, worst }
    }
}

/// The vulnerability data, and how old it may be.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) data: Data,
    max_age_days: u32,
}

/// A damaged index is a fault to be mended, never an all-clear: it goes to the log, and what was asked cannot be told.
fn damaged<T>(answer: Result<T, FeedError>, otherwise: T) -> T {
    answer.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the vulnerability data cannot be read");
        otherwise
    })
}

impl Judge {
    /// Opens the data in a data folder; where none was fetched, the starter advisories.
    pub(crate) fn open(data_dir: &Path, max_age_days: u32) -> Result<Judge, Error> {
        let data = Data::open(&DataDir::new(data_dir)).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the vulnerability data cannot be opened"
            );
            Error::Unavailable {
                message: "the vulnerability data cannot be opened".into(),
                hint: Some("fetch it anew with `bedrail db update`".into()),
            }
        })?;
        Ok(Judge { data, max_age_days })
    }

    /// One state of the data, for judging many identities by the same.
    pub(crate) fn session(&self) -> Session {
        Session(self.data.current())
    }

    /// The weakness that an id of its alias group names.
    pub(crate) fn weakness(&self, id: &str) -> Option<Weakness> {
        damaged(self.data.weakness(id), None)
    }

    /// The records that mention a weakness, which is named by any of its ids.
    pub(crate) fn mentioned_by(&self, id: &str) -> Vec<MentionedBy> {
        damaged(self.data.mentioned_by(id), Vec::new())
    }

    /// The records of the alias group that an id belongs to.
    pub(crate) fn records(&self, id: &str) -> Vec<crate::advisories::Record> {
        damaged(self.data.advisories_of(id), Vec::new())
    }

    /// The packages that the records of a weakness speak of, and those that mention it.
    pub(crate) fn packages(&self, id: &str) -> Vec<PackageName> {
        damaged(self.data.packages_of(id), Vec::new())
    }

    /// Whether the records of a weakness, and those that mention it, name no package at all.
    pub(crate) fn names_nothing(&self, id: &str) -> bool {
        damaged(self.data.names_nothing(id), true)
    }

    /// How old and whole the data is.
    pub(crate) fn status(&self, now: Timestamp) -> DataStatus {
        self.data.status(now, self.max_age_days)
    }

    /// What tells the state of the data in use from others.
    pub(crate) fn stand(&self) -> String {
        self.data.current().stand()
    }
}

/// One state of the data.
pub(crate) struct Session(Arc<Current>);

impl Session {
    /// Judges software identities one after the other; `platforms` are the devices that those with product names are in.
    pub(crate) fn judge<T>(
        &self,
        all: Vec<T>,
        platforms: &HashMap<PlatformId, Platform>,
        facts: impl Fn(&T) -> &SoftwareFacts,
    ) -> Vec<(T, Verdict)> {
        let nothing = Platform::default();
        let mut judge = feeds::Judge::new(&self.0);
        let mut verdict = |facts: &SoftwareFacts| {
            if !facts.judged {
                return Verdict::default();
            }
            let question = Question { purl: facts.purl.as_deref(), version: facts.version.as_deref() };
            let blind = feeds::Verdict { judgements: Vec::new(), unassessed: Some(Reason::NoData) };
            let names = names_of(facts);
            let device = facts.platform.and_then(|id| platforms.get(&id)).unwrap_or(&nothing);
            let said = damaged(judge.judge_part(&question, &names, device), blind);
            let told =
                said.judgements.into_iter().filter(|judgement| judgement.answer != Answer::NotAffected);
            Verdict { judgements: told.collect(), unassessed: said.unassessed }
        };
        all.into_iter()
            .map(|one| {
                let verdict = verdict(facts(&one));
                (one, verdict)
            })
            .collect()
    }
}

/// The product names that a software is judged by.
fn names_of(facts: &SoftwareFacts) -> Vec<Name> {
    facts.names.iter().filter_map(|(name, origin)| Name::new(name.parse().ok()?, *origin)).collect()
}

/// The packages and products that a software may be known by, as a changed advisory names them: `Maven group:name`,
/// `CPE o:acme:pump_firmware`.
pub(crate) fn packages_of(facts: &SoftwareFacts) -> Vec<String> {
    let question = Question { purl: facts.purl.as_deref(), version: facts.version.as_deref() };
    let packages = feeds::judge::coordinates(&question).map(|found| found.packages).unwrap_or_default();
    let packages = packages.iter().map(|package| package_key(package.ecosystem, &package.name));
    let mut keys: Vec<String> = packages.collect();
    keys.extend(names_of(facts).iter().map(|name| package_key(Ecosystem::CPE, name.product())));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The ecosystems that a software is known in: that of its package URL, and [`Ecosystem::CPE`] where it has product names.
pub(crate) fn ecosystems_of(facts: &SoftwareFacts) -> Vec<Ecosystem> {
    let question = Question { purl: facts.purl.as_deref(), version: facts.version.as_deref() };
    let packages = feeds::judge::coordinates(&question).map(|found| found.packages).unwrap_or_default();
    let named = (!names_of(facts).is_empty()).then_some(Ecosystem::CPE);
    packages.iter().map(|package| package.ecosystem).chain(named).collect()
}

/// How a package is looked up: ecosystem and normalised name.
pub(crate) fn package_key(ecosystem: bedrail_model::ecosystem::Ecosystem, name: &str) -> String {
    format!("{ecosystem} {name}")
}
