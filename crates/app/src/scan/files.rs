//! Scanning files: what the scanner finds inside of them becomes an inventory, and each part of it is judged by the data.
//!
//! The scanner says what is there, the data says which weaknesses a version has; which of them lie in a class that is missing or
//! mended, `code` says.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bedrail_assess::Platform;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, Warning};
use bedrail_model::finding::{Evidence, Judgement};
use bedrail_scanner::report::{Confidence, Found, Place, Report};

use super::{Assessed, ScanError, ScanOptions, ScanReport, Target, assess, judge_for, report};
use crate::feeds::{Data, DataDir, FeedError, Judge};

mod code;

pub use bedrail_scanner::budget::{Limits, Shared as Progress};
pub use bedrail_scanner::{Depth, Options as Scanning, Walk, count, is_document};

/// The format of an inventory that a scan of files made.
pub const FILES: &str = "Files";

/// Places kept of one component; a library may lie in thousands of images.
const MAX_PLACES: usize = 1_000;
/// Components named in one warning.
const MAX_NAMED: usize = 10;
/// Files told as evidence of one judgement; the component has all of them.
const MAX_EVIDENCE: usize = 20;

/// Looks into files and folders.
pub fn look_into(paths: &[PathBuf], scanning: &Scanning, progress: &Progress) -> Inside {
    inside(bedrail_scanner::scan(paths, scanning, progress))
}

/// What is inside: the inventory, and of each component what is known of its code.
pub struct Inside {
    /// The parts; what was not scanned is among the warnings, as lost.
    pub inventory: Inventory,
    /// Files that were looked at.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// For each component the first of its kind that was found.
    found: Vec<Found>,
}

impl Inside {
    /// The same with a word on each part whose code says what its version does not, for whoever judges by a bill of materials alone: a
    /// bill names parts and versions, and what it says of code anybody may have written (decision 1306).
    #[must_use]
    pub fn for_a_bill(mut self) -> Inside {
        let said = self.found.iter().filter_map(|found| {
            let gone = code::not_in(found);
            let version = found.version.as_deref().unwrap_or("of unknown version");
            let message = || {
                format!(
                    "{} {version}: a class is not there, and with it a weakness: {}. By its version it counts as affected all the same, \
                     until a person decides",
                    found.name,
                    gone.join("; ")
                )
            };
            (!gone.is_empty())
                .then(|| Warning { place: found.place.to_string(), message: message(), lost: false })
        });
        self.inventory.warnings.extend(said.collect::<Vec<_>>());
        self
    }
}

/// Judges what is inside of files.
///
/// # Errors
/// [`ScanError::Data`] when the vulnerability data held is damaged.
pub fn judge_files(
    data_dir: &Path,
    name: &str,
    inside: Inside,
    options: &ScanOptions,
) -> Result<ScanReport, ScanError> {
    let data = Data::open(&DataDir::new(data_dir))?;
    let current = data.current();
    let mut judge = judge_for(&current, options);
    let parts = inside.inventory.components.iter().zip(&inside.found);
    let assessed: Result<Vec<Assessed>, FeedError> =
        parts.map(|(component, found)| part(&mut judge, component, found)).collect();
    let target = Target { name: name.to_owned(), sha256: String::new(), size_bytes: inside.bytes };
    let status = data.status(options.now, options.max_data_age_days);
    Ok(report(target, inside.inventory, assessed?, status, options))
}

/// One component: judged in every version that its code fits, then held against its code.
fn part(judge: &mut Judge<'_>, component: &Component, found: &Found) -> Result<Assessed, FeedError> {
    let device = Platform::default();
    let mut each = Vec::new();
    for version in versions(found) {
        let mut one = component.clone();
        one.purl = purl(found, version);
        one.version = version.map(str::to_owned);
        each.push(assess(judge, &one, (&[], &device))?);
    }
    let mut assessed = merge(each);
    if assessed.judgements.is_empty() {
        return Ok(assessed);
    }
    let shown = shown(found);
    for judgement in &mut assessed.judgements {
        code::hold_against(judgement, found);
        judgement.evidence.extend(evidence(judgement, &shown));
    }
    Ok(assessed)
}

/// The versions to judge: one that is sure, or all that fit.
fn versions(found: &Found) -> Vec<Option<&str>> {
    match found.versions.as_slice() {
        [] => vec![found.version.as_deref()],
        several => several.iter().map(|version| Some(version.as_str())).collect(),
    }
}

/// One answer for all versions that it may be: affected where all are, cannot tell where some are.
fn merge(mut each: Vec<Assessed>) -> Assessed {
    if each.len() < 2 {
        return each.pop().unwrap_or_default();
    }
    let count = each.len();
    let mut merged = Assessed::default();
    let mut judgements: Vec<(Judgement, usize)> = Vec::new();
    for one in each {
        merged.not_assessed = merged.not_assessed.or(one.not_assessed);
        merged.sources = one.sources;
        for judgement in one.judgements {
            let affected = usize::from(judgement.answer == Answer::Affected);
            match judgements.iter_mut().find(|(it, _)| it.weakness.id == judgement.weakness.id) {
                Some((it, times)) => {
                    *times += affected;
                    if judgement.answer < it.answer {
                        *it = judgement;
                    }
                }
                None => judgements.push((judgement, affected)),
            }
        }
    }
    for (mut judgement, affected) in judgements {
        if judgement.answer == Answer::Affected && affected < count {
            judgement.answer = Answer::CannotTell;
            judgement.reason = Reason::VersionUncertain;
        }
        merged.judgements.push(judgement);
    }
    merged
}

/// What the files show of a component, to stand behind what the records say of each weakness.
fn shown(found: &Found) -> Vec<String> {
    // What a package database says needs no more proof; what classes, strings or a lock file say does.
    if found.code.is_none() && found.cpes.is_empty() && found.confidence != Confidence::Low {
        return Vec::new();
    }
    let shown = found.evidence.iter().take(MAX_EVIDENCE).map(|it| {
        let sha256 = it.sha256.as_ref().map(|hash| format!(", SHA-256 {hash}")).unwrap_or_default();
        format!("{} ({}{sha256}), confidence {}", it.shows, it.place, found.confidence.code())
    });
    shown.collect()
}

fn evidence(judgement: &Judgement, shown: &[String]) -> Vec<Evidence> {
    let Some(first) = judgement.evidence.first() else { return Vec::new() };
    let of_files = |rule: &String| Evidence {
        source: "files".into(),
        rule: rule.clone(),
        reason: judgement.reason,
        missing: None,
        ..first.clone()
    };
    shown.iter().map(of_files).collect()
}

/// The inventory of what was found: one component for all places where the same was found in the same state.
fn inside(report: Report) -> Inside {
    let mut inventory = Inventory { format: FILES.to_owned(), ..Inventory::default() };
    let mut kept: Vec<Found> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for found in report.found {
        for remark in &found.remarks {
            inventory.warnings.push(Warning {
                place: found.place.to_string(),
                message: format!("{}: {remark}", found.name),
                lost: false,
            });
        }
        let state = format!(
            "{:?}",
            (
                &found.kind,
                &found.namespace,
                &found.name,
                &found.version,
                &found.qualifiers,
                &found.versions,
                &found.code
            )
        );
        let at = *known.entry(state).or_insert_with(|| {
            inventory.components.push(component(&found, kept.len()));
            kept.push(found.clone());
            kept.len() - 1
        });
        // Seen itself counts more than named by a lock file.
        if found.confidence > kept[at].confidence {
            kept[at] = found.clone();
        }
        let locations = &mut inventory.components[at].locations;
        let places = found.evidence.iter().map(|it| it.place.to_string());
        locations.extend(places.take(MAX_PLACES.saturating_sub(locations.len())));
    }
    inventory.warnings.extend(hidden(&report.hidden));
    inventory.warnings.extend(report.not_scanned.iter().map(|it| Warning {
        place: it.place.to_string(),
        message: format!("not scanned: {}", it.reason),
        lost: it.reason.is_gap(),
    }));
    if report.stopped {
        let message = "the scan was stopped before its end; this is what was found so far".to_owned();
        inventory.warnings.push(Warning { place: String::new(), message, lost: true });
    }
    inventory.subject = system(&inventory);
    Inside { inventory, files: report.files, bytes: report.bytes, found: kept }
}

/// What is only in lower layers of an image: no part of what runs from it, and said, file by file.
fn hidden(all: &[Found]) -> Vec<Warning> {
    let mut by_place: BTreeMap<&Place, Vec<String>> = BTreeMap::new();
    for found in all {
        let name = format!("{} {}", found.name, found.version.as_deref().unwrap_or("of unknown version"));
        by_place.entry(&found.place).or_default().push(name);
    }
    let warning = |(place, names): (&Place, Vec<String>)| {
        let more = match names.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = names.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let message = format!(
            "only in a lower layer of the image, not in what runs from it (a later layer removes or replaces it): {named}{more}"
        );
        Warning { place: place.to_string(), message, lost: false }
    };
    by_place.into_iter().map(warning).collect()
}

/// The operating system that all of it is, where there is one.
fn system(inventory: &Inventory) -> Option<ComponentIndex> {
    let is_system = |component: &Component| component.kind == ComponentKind::OperatingSystem;
    let mut all = inventory.components.iter().enumerate().filter(|(_, component)| is_system(component));
    let (at, _) = all.next()?;
    all.next().is_none().then(|| u32::try_from(at).ok().map(ComponentIndex))?
}

fn component(found: &Found, at: usize) -> Component {
    Component {
        kind: if found.is_system { ComponentKind::OperatingSystem } else { ComponentKind::Library },
        reference: format!("found-{}", at + 1),
        group: found
            .namespace
            .clone()
            .filter(|_| matches!(found.kind, "maven" | "npm" | "composer" | "golang")),
        name: found.name.clone(),
        version: found.version.clone(),
        purl: purl(found, found.version.as_deref()),
        cpes: found.cpes.clone(),
        place: found.place.to_string(),
        ..Component::default()
    }
}

/// The package URL (purl specification 1.0); none for what no package manager knows: an archive of Java without its group.
fn purl(found: &Found, version: Option<&str>) -> Option<String> {
    if found.is_system || found.kind == "maven" && found.namespace.is_none() {
        return None;
    }
    let mut purl = format!("pkg:{}", found.kind);
    // Each segment of a name space by itself (`github.com/a`).
    for part in found.namespace.iter().flat_map(|space| space.split('/')).chain([found.name.as_str()]) {
        purl.push('/');
        encode(part, &mut purl);
    }
    if let Some(version) = version {
        purl.push('@');
        encode(version, &mut purl);
    }
    for (at, (key, value)) in found.qualifiers.iter().enumerate() {
        purl.push(if at == 0 { '?' } else { '&' });
        purl.push_str(key);
        purl.push('=');
        encode(value, &mut purl);
    }
    Some(purl)
}

/// Percent-encoding: letters, digits and `.-_~:` as they are.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests;
