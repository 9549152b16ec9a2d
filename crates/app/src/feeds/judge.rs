//! What the data says of a component: its package URL to packages, packages to records, records to judgements.

use std::sync::Arc;

use bedrail_assess::{Name, Panel, Platform, Subject, evidence};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::finding::Judgement;
use bedrail_model::purl::{Coordinates, NoCoordinates, Purl};
use bedrail_vulndb::{AdvisoryRef, GroupRef, ReadError, SourceRef};

use super::by_name;
use super::data::Current;
use super::error::FeedError;
use super::known::Known;

/// A component, as a bill of materials names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Question<'q> {
    /// Its package URL, as given.
    pub purl: Option<&'q str>,
    /// Its version, as given beside the package URL; used where the package URL has none.
    pub version: Option<&'q str>,
}

/// What the data says of a component.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdict {
    /// The judgement on each weakness, affected first, then cannot tell; "not affected" only where asked for.
    pub judgements: Vec<Judgement>,
    /// Why the component as a whole cannot be judged, where it cannot. It then has no judgements.
    pub unassessed: Option<Reason>,
}

/// A record, and the source whose copy of it speaks of the package.
type Told = (AdvisoryRef, SourceRef);

/// Judges components, one after the other, against one state of the data.
#[derive(Debug)]
pub struct Judge<'d> {
    current: &'d Current,
    panel: Panel<'d, GroupRef, Told>,
    memory: by_name::Memory<'d>,
    known: Known,
    not_affected: bool,
}

impl<'d> Judge<'d> {
    /// A judge over a state of the data.
    pub fn new(current: &'d Current) -> Judge<'d> {
        Judge {
            current,
            panel: Panel::new(),
            memory: by_name::Memory::default(),
            known: Known::default(),
            not_affected: false,
        }
    }

    /// Judgements "not affected" are given, too, where a record speaks of the package.
    #[must_use]
    pub fn with_not_affected(mut self) -> Judge<'d> {
        self.not_affected = true;
        self
    }

    /// What the data says of one component.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn judge(&mut self, question: &Question<'_>) -> Result<Verdict, FeedError> {
        let coordinates = match coordinates(question) {
            Ok(coordinates) => coordinates,
            Err(reason) => return Ok(Verdict { judgements: Vec::new(), unassessed: Some(reason) }),
        };
        let subjects: Vec<Subject<'_>> = coordinates
            .packages
            .iter()
            .map(|package| {
                let version = package.version.as_deref();
                Subject::new(package.ecosystem, package.release.as_deref(), &package.name, version)
            })
            .collect();
        let verdict = self.judge_subjects(&subjects)?;
        if coordinates.source_unknown && verdict == Verdict::default() && !self.is_named(&subjects)? {
            return Ok(Verdict { judgements: Vec::new(), unassessed: Some(Reason::SourceUnknown) });
        }
        Ok(verdict)
    }

    /// Whether a record of any release of their distributions names one of the packages: then its name is one of a source package.
    fn is_named(&self, subjects: &[Subject<'_>]) -> Result<bool, FeedError> {
        let mut named = false;
        for subject in subjects {
            self.current.db.entries(subject.ecosystem, subject.name, |_| {
                named = true;
                Ok(())
            })?;
        }
        Ok(named)
    }

    /// What the data says of one component, also by its product names within a device where data is held for those.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn judge_part(
        &mut self,
        question: &Question<'_>,
        names: &[Name],
        device: &Platform,
    ) -> Result<Verdict, FeedError> {
        let by_purl = self.judge(question)?;
        if names.is_empty() || !self.knows_products() {
            return Ok(by_purl);
        }
        let to = (self.current, &mut self.memory, &mut self.known);
        by_name::judge(to, (names, device), by_purl, self.not_affected)
    }

    /// Whether data is held that speaks of products by their names.
    pub fn knows_products(&self) -> bool {
        self.current.db.holds(Ecosystem::CPE, None)
    }

    /// What the data says of one component that is known by these packages.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn judge_subjects(&mut self, subjects: &[Subject<'_>]) -> Result<Verdict, FeedError> {
        let held = |subject: &Subject<'_>| self.current.db.holds(subject.ecosystem, subject.release);
        if !subjects.iter().any(held) {
            return Ok(Verdict { judgements: Vec::new(), unassessed: Some(Reason::NoData) });
        }
        self.hear(subjects)?;
        if !self.panel.pressing() && !self.not_affected {
            return Ok(Verdict::default());
        }
        self.settle(subjects)
    }

    /// Hears every record that names one of the packages. Allocates nothing once it is warm.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn hear(&mut self, subjects: &[Subject<'_>]) -> Result<bool, ReadError> {
        self.panel.clear();
        let panel = &mut self.panel;
        for (number, subject) in subjects.iter().enumerate() {
            self.current.db.entries(subject.ecosystem, subject.name, |entry| {
                let told = (entry.advisory, entry.source);
                Ok(panel.hear(entry.group, told, entry.affected, (number, subject))?)
            })?;
        }
        Ok(panel.pressing())
    }

    fn settle(&mut self, subjects: &[Subject<'_>]) -> Result<Verdict, FeedError> {
        let verdicts: Vec<_> = self
            .panel
            .settle()
            .map(|verdict| (verdict.group, verdict.reason, verdict.records.to_vec()))
            .collect();
        let mut judgements = Vec::new();
        for (group, reason, records) in verdicts {
            if reason.answer() == Answer::NotAffected && !self.not_affected {
                continue;
            }
            let mut names = Vec::with_capacity(records.len());
            for record in &records {
                let (advisory, source) = record.advisory;
                let id = self.current.db.advisory(advisory)?.id;
                let source = self.known.source(self.current, source)?;
                names.push((record.advisory, (id.to_owned(), source)));
            }
            let name = |wanted: Told| {
                names
                    .iter()
                    .find(|(told, _)| *told == wanted)
                    .map_or_else(|| (String::new(), Arc::from("")), |(_, name)| name.clone())
            };
            let weakness = self.known.weakness(self.current, group)?;
            let snapshot = self.current.snapshot();
            judgements.push(evidence::judgement(
                weakness,
                (reason, &records),
                &self.panel,
                subjects,
                snapshot,
                name,
            ));
        }
        judgements.sort_by(|a, b| (a.answer, &a.weakness.id).cmp(&(b.answer, &b.weakness.id)));
        Ok(Verdict { judgements, unassessed: None })
    }
}

/// The packages that a component may be known by, or why it is known by none.
///
/// # Errors
/// The reason why nothing can be said of the component.
pub fn coordinates(question: &Question<'_>) -> Result<Coordinates, Reason> {
    let purl = question.purl.map(str::trim).filter(|purl| !purl.is_empty()).ok_or(Reason::NoIdentifier)?;
    let purl = Purl::parse(purl).map_err(|_| Reason::NoIdentifier)?;
    let mut coordinates = purl.coordinates().map_err(|error| match error {
        NoCoordinates::EcosystemUnknown { .. } => Reason::EcosystemUnknown,
        NoCoordinates::DistributionUnknown { .. } => Reason::DistributionUnknown,
        NoCoordinates::NamespaceMissing { .. } => Reason::NoIdentifier,
    })?;
    if purl.version().is_none() {
        for package in coordinates.packages.iter_mut().filter(|package| package.version.is_none()) {
            package.version = question.version.map(str::to_owned);
        }
    }
    Ok(coordinates)
}
