//! Scanning a bill of materials, or what is inside of files: no store, no server, no async; only what was handed in and the
//! vulnerability data.
//!
//! [`report`] is the pure heart: what was read, what the data says of each component, how whole the data is, and from
//! these a [`ScanReport`] in a fixed order. It decides nothing about exit codes and prints nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use bedrail_assess::{Name, Platform};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::component::{Component, ComponentIndex, Inventory};
use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::{Judgement, Weakness};
use bedrail_model::severity::Severity;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::credits;
use crate::feeds::data::Current;
use crate::feeds::sources::{SOURCES, SourceKind};
use crate::feeds::{Data, DataDir, FeedError, Judge, Question, judge};
use crate::intake::{self, IntakeError};
use crate::products::{self, Products};

mod accept;
mod complete;
pub mod files;
pub(crate) mod upload;

pub use crate::products::ByName;
pub use accept::{AcceptError, AcceptedGap, parse_accepted};
pub use complete::Incomplete;

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// The file as named on the command line; `-` for standard input.
    pub name: String,
    /// SHA-256 of the bytes as received, lower-case hex; empty for files and folders that were looked into.
    pub sha256: String,
    /// Their number.
    pub size_bytes: u64,
}

/// How to judge.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The moment taken as now.
    pub now: Timestamp,
    /// Data older than this many days is too old for a complete answer.
    pub max_data_age_days: u32,
    /// Gaps that are agreed on.
    pub accepted: Vec<AcceptedGap>,
    /// Whether weaknesses that do not affect are reported too.
    pub not_affected: NotAffected,
    /// When components are judged by their product names (CPE).
    pub by_name: ByName,
}

/// Whether weaknesses that were looked at and do not affect are part of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotAffected {
    /// They are left out.
    #[default]
    Hide,
    /// They are reported.
    Show,
}

/// What the data says of one component.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assessed {
    /// One judgement per weakness that names its package.
    pub judgements: Vec<Judgement>,
    /// Why the component as a whole cannot be judged, where so.
    pub not_assessed: Option<Reason>,
    /// The sources that could name it: `osv/Maven`; none where its identifier belongs to no source.
    pub sources: Vec<String>,
}

/// One component and one weakness.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanFinding {
    /// Which component.
    pub component: ComponentIndex,
    /// What the data says.
    pub judgement: Judgement,
    /// Why "cannot tell" is agreed on here, where it is.
    pub accepted: Option<String>,
}

/// A component that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAssessed {
    /// Which component.
    pub component: ComponentIndex,
    /// Why not.
    pub reason: Reason,
    /// Why the gap is agreed on, where it is.
    pub accepted: Option<String>,
}

/// One source of data and whether it has a say on this input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSource {
    /// The source.
    pub status: bedrail_model::data_status::SourceStatus,
    /// Whether a gap in it can change this answer.
    pub relevant: bool,
}

/// The answer on one document.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanReport {
    /// What was handed in.
    pub target: Target,
    /// What was understood of it.
    pub inventory: Inventory,
    /// The moment taken as now.
    pub judged_at: Timestamp,
    /// The data behind the answer.
    pub data: DataStatus,
    /// Its sources, each with whether it matters here.
    pub sources: Vec<ScanSource>,
    /// Affected first, then cannot tell, then not affected where asked for; in each the most pressing first.
    pub findings: Vec<ScanFinding>,
    /// Components that cannot be judged, in document order.
    pub not_assessed: Vec<NotAssessed>,
    /// What keeps the answer from being complete; empty when it is.
    pub incomplete: Vec<Incomplete>,
    /// Agreed gaps that met nothing.
    pub unused_accepted: Vec<AcceptedGap>,
}

/// A scan that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The document cannot be read.
    #[error(transparent)]
    Unreadable(#[from] IntakeError),
    /// The vulnerability data cannot be used.
    #[error(transparent)]
    Data(#[from] FeedError),
}

/// Judges a bill of materials against the data in a folder.
///
/// # Errors
/// [`ScanError`] when the document cannot be read at all or the data held is damaged.
pub fn scan(
    data_dir: &Path,
    name: &str,
    bytes: &[u8],
    options: &ScanOptions,
) -> Result<ScanReport, ScanError> {
    let inventory = intake::read_sbom(bytes)?;
    let data = Data::open(&DataDir::new(data_dir))?;
    let current = data.current();
    let assessed = assess_all(&inventory, options, || judge_for(&current, options));
    let target = Target {
        name: name.to_owned(),
        sha256: hex::encode(Sha256::digest(bytes)),
        size_bytes: bytes.len() as u64,
    };
    Ok(report(target, inventory, assessed?, data.status(options.now, options.max_data_age_days), options))
}

/// A judge that gives what the options ask for.
fn judge_for<'d>(current: &'d Current, options: &ScanOptions) -> Judge<'d> {
    let judge = Judge::new(current);
    if options.not_affected == NotAffected::Show { judge.with_not_affected() } else { judge }
}

/// Components from which on a second thread is worth its start.
const WORTH_A_THREAD: usize = 500;

/// What the data says of each component, in their order: several judges, each with a part of them.
fn assess_all<'d>(
    inventory: &Inventory,
    options: &ScanOptions,
    judge: impl Fn() -> Judge<'d> + Sync,
) -> Result<Vec<Assessed>, FeedError> {
    let products = Products::of(inventory);
    let device = products.platform();
    let part = |components: &[Component]| -> Result<Vec<Assessed>, FeedError> {
        let mut judge = judge();
        let assessed = components.iter().map(|component| {
            let names = products::ready(&products.asked(component, options.by_name));
            assess(&mut judge, component, (&names, &device))
        });
        assessed.collect()
    };
    let components = inventory.components.as_slice();
    let judges = available_parallelism().map_or(1, NonZero::get).min(components.len() / WORTH_A_THREAD + 1);
    let mut parts = components.chunks(components.len().div_ceil(judges).max(1));
    let first = parts.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = parts.map(|components| scope.spawn(|| part(components))).collect();
        let mut all = part(first)?;
        for other in others {
            all.append(&mut other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(all)
    })
}

/// What the data says of one component.
fn assess(
    judge: &mut Judge<'_>,
    component: &Component,
    (names, device): (&[Name], &Platform),
) -> Result<Assessed, FeedError> {
    let question = Question { purl: component.purl.as_deref(), version: component.version.as_deref() };
    let verdict = judge.judge_part(&question, names, device)?;
    let packages = judge::coordinates(&question).map(|coordinates| coordinates.packages).unwrap_or_default();
    let mut sources: Vec<String> =
        packages.iter().map(|package| format!("osv/{}", package.ecosystem.name())).collect();
    if !names.is_empty() && judge.knows_products() {
        let of_nvd = SOURCES.iter().filter(|source| source.kind == SourceKind::Nvd);
        sources.extend(of_nvd.map(|source| source.name.to_owned()));
    }
    Ok(Assessed { judgements: verdict.judgements, not_assessed: verdict.unassessed, sources })
}

/// Counts for the sentence at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Components that were looked at, services included; not the product itself where it has no identifier.
    pub components: usize,
    /// Weaknesses that affect at least one of them.
    pub weaknesses: usize,
    /// Components with at least one of them.
    pub affected_components: usize,
    /// Critical ones among the weaknesses, malicious packages included.
    pub critical: usize,
    /// Known exploited ones among the weaknesses.
    pub known_exploited: usize,
    /// Pairs of component and weakness of which it cannot be told.
    pub cannot_tell: usize,
    /// Components that cannot be judged at all.
    pub not_assessed: usize,
}

impl ScanReport {
    /// Whether nothing that could change the answer is missing.
    pub fn complete(&self) -> bool {
        self.incomplete.is_empty()
    }

    /// Whom to credit for what the findings say.
    pub fn credits(&self) -> Vec<&'static str> {
        credits::of_judgements(self.findings.iter().map(|finding| &finding.judgement))
    }

    /// The moment of which the answer speaks: the oldest `as_of` of the sources that have a say on it.
    pub fn as_of(&self) -> Option<Timestamp> {
        let with_a_say = self.sources.iter().filter(|source| source.relevant);
        with_a_say.filter_map(|source| source.status.as_of).min()
    }

    /// Whether something cannot be told that nobody agreed on.
    pub fn has_open_unknowns(&self) -> bool {
        self.not_assessed.iter().any(|gap| gap.accepted.is_none())
            || self
                .findings
                .iter()
                .any(|finding| finding.judgement.answer == Answer::CannotTell && finding.accepted.is_none())
    }

    /// Findings that affect.
    pub fn affected(&self) -> impl Iterator<Item = &ScanFinding> {
        self.findings.iter().filter(|finding| finding.judgement.answer == Answer::Affected)
    }

    /// The counts for the sentence at the top.
    pub fn counts(&self) -> Counts {
        let weaknesses: BTreeMap<&str, &Weakness> = self
            .affected()
            .map(|finding| (finding.judgement.weakness.id.as_str(), &*finding.judgement.weakness))
            .collect();
        let components: HashSet<ComponentIndex> = self.affected().map(|finding| finding.component).collect();
        Counts {
            components: asked(&self.inventory),
            weaknesses: weaknesses.len(),
            affected_components: components.len(),
            critical: weaknesses.values().filter(|weakness| rank(weakness) == Rank::Critical).count(),
            known_exploited: weaknesses.values().filter(|weakness| weakness.kev.is_some()).count(),
            cannot_tell: self.findings.iter().filter(|it| it.judgement.answer == Answer::CannotTell).count(),
            not_assessed: self.not_assessed.len(),
        }
    }
}

/// How a weakness stands in lists and against a bar; the most pressing is the largest.
///
/// A malicious package counts as critical, whatever its rating: it is hostile on purpose. A weakness that no source
/// rates stands below `low` but above "no harm": it is not known to be harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Rated as no harm.
    None,
    /// Not rated.
    Unrated,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical, or malicious.
    Critical,
}

/// The rank of a weakness.
pub fn rank(weakness: &Weakness) -> Rank {
    match weakness.severity {
        _ if weakness.malicious => Rank::Critical,
        Severity::Critical => Rank::Critical,
        Severity::High => Rank::High,
        Severity::Medium => Rank::Medium,
        Severity::Low => Rank::Low,
        Severity::Unknown => Rank::Unrated,
        Severity::None => Rank::None,
    }
}

/// Puts the answer together. `assessed` has one entry per component of the inventory, in its order.
pub fn report(
    target: Target,
    inventory: Inventory,
    assessed: Vec<Assessed>,
    data: DataStatus,
    options: &ScanOptions,
) -> ScanReport {
    let sources = complete::sources(&data, &assessed);
    let incomplete = complete::gaps(&inventory, &data, &sources, options);
    let mut accepted = accept::Matcher::new(&options.accepted);
    let mut findings = Vec::new();
    let mut not_assessed = Vec::new();
    for (index, assessed) in assessed.into_iter().enumerate() {
        let component = ComponentIndex(u32::try_from(index).unwrap_or(u32::MAX));
        let unknown = assessed.not_assessed.is_some()
            || assessed.judgements.iter().any(|judgement| judgement.answer == Answer::CannotTell);
        let agreed = if unknown { accepted.reason(inventory.component(component)) } else { None };
        if let Some(reason) = assessed.not_assessed
            && is_asked(&inventory, component)
        {
            not_assessed.push(NotAssessed { component, reason, accepted: agreed.clone() });
        }
        for judgement in assessed.judgements {
            if judgement.answer != Answer::NotAffected || options.not_affected == NotAffected::Show {
                let accepted = agreed.clone().filter(|_| judgement.answer == Answer::CannotTell);
                findings.push(ScanFinding { component, judgement, accepted });
            }
        }
    }
    sort(&mut findings, &inventory);
    ScanReport {
        target,
        judged_at: options.now,
        sources,
        findings,
        not_assessed,
        incomplete,
        unused_accepted: accepted.unused(),
        inventory,
        data,
    }
}

/// How many components something is asked of.
fn asked(inventory: &Inventory) -> usize {
    let unasked = inventory.subject.is_some_and(|subject| !is_asked(inventory, subject));
    inventory.components.len() - usize::from(unasked)
}

/// Whether anything is asked of a component. The product that the document is about is not a part of itself: where it has
/// no identifier, nobody expects an advisory to name it.
fn is_asked(inventory: &Inventory, index: ComponentIndex) -> bool {
    let component = inventory.component(index);
    inventory.subject != Some(index) || component.purl.is_some() || !component.cpes.is_empty()
}

/// The one order of findings: answer, known exploited, rank, likelihood, then names, so that equal input prints equally.
fn sort(findings: &mut [ScanFinding], inventory: &Inventory) {
    findings.sort_by_cached_key(|finding| {
        let weakness = &finding.judgement.weakness;
        let component = inventory.component(finding.component);
        let likelihood = weakness.epss.map_or(0, |epss| (epss.score * 1e6) as u32);
        (
            (finding.judgement.answer, Reverse(weakness.kev.is_some()), Reverse(rank(weakness))),
            (Reverse(likelihood), weakness.id.clone()),
            (component.name.clone(), component.version.clone(), finding.component),
        )
    });
}
