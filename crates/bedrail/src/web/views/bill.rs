//! How good a bill of materials is, and what changed from one to another.

use bedrail_app::bills::{BillQuality, Change, Comparison, Direction, QualityReport, SETS, Standing};
use bedrail_app::support::{Grounds, SupportOf, SupportReport};
use bedrail_model::answer::Answer;
use bedrail_model::component::{ComponentIndex, Inventory};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bill_letter::{letter, title};
use crate::web::words::{count, number};

/// How good a bill of materials is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityView {
    /// Maker, model and version, or the file.
    release: String,
    /// Components that count: all but services.
    components: usize,
    /// The element sets, each apart.
    sets: Vec<SetView>,
    /// Licences that are no expression of the SPDX list.
    odd_licences: Vec<OddLicenceView>,
    /// What the document itself says is not fully listed.
    known_gaps: Vec<String>,
    /// Things that were lost when it was read.
    losses: usize,
    /// A letter to the supplier that asks for what is missing; `null` where there is nothing to ask for.
    letter: Option<String>,
    /// Until when its components are supported; `null` where no list of support ends is held or it cannot be read.
    support: Option<SupportView>,
}

/// Until when components are supported by who makes them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupportView {
    /// When the list was taken over.
    list_taken: String,
    /// Those whose support has ended, the longest ago first.
    ended: Vec<EndView>,
    /// Those whose end is announced, the next first.
    ending: Vec<EndView>,
    /// Components that are supported with no end announced.
    no_end_announced: usize,
    /// Components of which it is not known, by the reason.
    not_known: Vec<NotKnownView>,
}

/// The end of a component's support.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndView {
    /// The component, by index.
    component: u32,
    name: String,
    version: Option<String>,
    /// The product of the list.
    product: String,
    /// Its release cycle.
    cycle: String,
    /// The last day, where it is told.
    day: Option<String>,
}

/// Components of which the end of support is not known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotKnownView {
    why: &'static str,
    components: usize,
}

impl SupportView {
    fn of(report: &SupportReport, inventory: &Inventory) -> SupportView {
        let end = |at: ComponentIndex, day: Option<Date>, grounds: &Grounds| EndView {
            component: at.0,
            name: inventory.component(at).name.clone(),
            version: inventory.component(at).version.clone(),
            product: grounds.product.clone(),
            cycle: grounds.cycle.clone(),
            day: day.map(|day| day.to_string()),
        };
        let not_known = report.not_known().into_iter();
        SupportView {
            list_taken: report.taken.to_string(),
            ended: report.ended().into_iter().map(|(at, day, grounds)| end(at, day, grounds)).collect(),
            ending: report
                .ending()
                .into_iter()
                .map(|(at, day, grounds)| end(at, Some(day), grounds))
                .collect(),
            no_end_announced: report.open(),
            not_known: not_known
                .map(|(why, components)| NotKnownView { why: why.words(), components })
                .collect(),
        }
    }
}

/// How a document does by one element set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetView {
    /// The stable code: `ntia_2021`, `cisa_2025_draft`, `fda_premarket`.
    code: &'static str,
    title: &'static str,
    /// Where the set stands, and in which state it is.
    citation: &'static str,
    url: &'static str,
    /// Elements that are whole.
    whole: usize,
    /// Elements that something lacks.
    lacking: usize,
    /// Elements of which it cannot be told from the document.
    cannot_tell: usize,
    elements: Vec<ElementView>,
}

/// One element of a set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ElementView {
    /// The stable code.
    element: &'static str,
    /// As the set names it.
    name: &'static str,
    /// `whole`, `lacking`, `cannot_tell`.
    standing: &'static str,
    /// Components that have it, where it is one of components.
    having: Option<usize>,
    /// Components that lack it, by index.
    lacking_on: Vec<u32>,
    /// Why it cannot be told.
    why: Option<&'static str>,
}

/// A licence that is no expression.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OddLicenceView {
    licence: String,
    /// Components that bear it, by index.
    components: Vec<u32>,
}

impl From<&BillQuality> for QualityView {
    fn from(quality: &BillQuality) -> QualityView {
        let (report, inventory) = (&quality.report, &quality.inventory);
        let indices = |all: &[ComponentIndex]| all.iter().map(|at| at.0).collect();
        let odd = report.odd_licences.iter();
        QualityView {
            release: quality.release.clone(),
            components: report.components,
            sets: SETS.iter().map(|set| SetView::of(set, report)).collect(),
            odd_licences: odd
                .map(|(licence, bearers)| OddLicenceView {
                    licence: licence.clone(),
                    components: indices(bearers),
                })
                .collect(),
            known_gaps: gaps(inventory, report),
            losses: report.losses,
            letter: letter(&quality.release, inventory, report),
            support: match &quality.support {
                SupportOf::Told(said) => Some(SupportView::of(said, inventory)),
                SupportOf::NoList | SupportOf::Damaged(_) => None,
            },
        }
    }
}

/// What the document itself says is missing, in words.
fn gaps(inventory: &Inventory, report: &QualityReport) -> Vec<String> {
    let gap = |(component, statement): &(Option<ComponentIndex>, String)| match component {
        Some(at) => format!("{}: {statement}", title(inventory, *at)),
        None => statement.clone(),
    };
    report.gaps.iter().map(gap).collect()
}

impl SetView {
    fn of(set: &'static bedrail_app::bills::ElementSet, report: &QualityReport) -> SetView {
        let counts = report.counts(set);
        let element = |(element, name): &(bedrail_app::bills::Element, &'static str)| {
            let standing = report.of(*element);
            ElementView {
                element: element.code(),
                name,
                standing: match standing {
                    Standing::Whole => "whole",
                    Standing::LackingOn(_) | Standing::Lacking => "lacking",
                    Standing::CannotTell(_) => "cannot_tell",
                },
                having: report.having(*element),
                lacking_on: match standing {
                    Standing::LackingOn(lacking) => lacking.iter().map(|at| at.0).collect(),
                    _ => Vec::new(),
                },
                why: match standing {
                    Standing::CannotTell(why) => Some(why),
                    _ => None,
                },
            }
        };
        SetView {
            code: set.code,
            title: set.title,
            citation: set.citation,
            url: set.url,
            whole: counts.whole,
            lacking: counts.lacking,
            cannot_tell: counts.cannot_tell,
            elements: set.elements.iter().map(element).collect(),
        }
    }
}

/// What changed from one bill of materials to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparisonView {
    /// The earlier: a release or a file.
    before: String,
    /// The later.
    after: String,
    /// The answer in a sentence.
    headline: String,
    /// Components that are the same in both.
    same: usize,
    /// Components with another version.
    versions: Vec<VersionChangeView>,
    /// Components only in the later.
    added: Vec<PartView>,
    /// Components only in the earlier.
    removed: Vec<PartView>,
    /// Whether weaknesses of both are known; where not, the three lists below say nothing.
    judged: bool,
    /// Weaknesses that are said only of the later.
    new: Vec<SaidView>,
    /// Weaknesses that are said only of the earlier.
    gone: Vec<SaidView>,
    /// Weaknesses of which another thing is said.
    changed: Vec<SaidView>,
}

/// A component with another version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionChangeView {
    name: String,
    before: Option<String>,
    after: Option<String>,
    /// `up`, `down`, `same` (written otherwise) or `unknown`, by the order of its ecosystem.
    direction: &'static str,
}

/// A component that came or went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartView {
    name: String,
    version: Option<String>,
    purl: Option<String>,
}

/// What is said of a weakness.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SaidView {
    id: String,
    /// Of the earlier: `affected` or `cannot_tell`; `null` where nothing.
    before: Option<&'static str>,
    /// Of the later.
    after: Option<&'static str>,
}

impl From<&Comparison> for ComparisonView {
    fn from(comparison: &Comparison) -> ComparisonView {
        let (before, after) = (&comparison.before, &comparison.after);
        let part = |inventory: &Inventory, at: ComponentIndex| {
            let component = inventory.component(at);
            let (name, version, purl) =
                (component.name.clone(), component.version.clone(), component.purl.clone());
            PartView { name, version, purl }
        };
        let (mut versions, mut added, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        for change in &comparison.bill.changes {
            match *change {
                Change::Version { before: old, after: new, direction } => versions.push(VersionChangeView {
                    name: after.inventory.component(new).name.clone(),
                    before: before.inventory.component(old).version.clone(),
                    after: after.inventory.component(new).version.clone(),
                    direction: direction.code(),
                }),
                Change::Added(at) => added.push(part(&after.inventory, at)),
                Change::Removed(at) => removed.push(part(&before.inventory, at)),
            }
        }
        let said = |id: &String, before: Option<Answer>, after: Option<Answer>| SaidView {
            id: id.clone(),
            before: before.map(Answer::code),
            after: after.map(Answer::code),
        };
        ComparisonView {
            before: before.name.clone(),
            after: after.name.clone(),
            headline: headline(comparison),
            same: comparison.bill.same,
            versions,
            added,
            removed,
            judged: comparison.judged(),
            new: comparison.new.iter().map(|(id, answer)| said(id, None, Some(*answer))).collect(),
            gone: comparison.gone.iter().map(|(id, answer)| said(id, Some(*answer), None)).collect(),
            changed: comparison
                .changed
                .iter()
                .map(|(id, old, new)| said(id, Some(*old), Some(*new)))
                .collect(),
        }
    }
}

/// The answer in a sentence: "3 components came, 1 went, 5 have another version (1 an older one); 2 weaknesses are new, 4 gone."
pub(crate) fn headline(comparison: &Comparison) -> String {
    let (mut added, mut removed, mut versions, mut down) = (0, 0, 0, 0);
    for change in &comparison.bill.changes {
        match change {
            Change::Added(_) => added += 1,
            Change::Removed(_) => removed += 1,
            Change::Version { direction, .. } => {
                versions += 1;
                down += u64::from(*direction == Direction::Down);
            }
        }
    }
    let parts = if added + removed + versions == 0 {
        "every component is the same".to_owned()
    } else {
        let older = if down > 0 { format!(" ({} to an older one)", number(down)) } else { String::new() };
        format!(
            "{} came, {} went, {} changed version{older}",
            count(added, "component"),
            number(removed),
            number(versions)
        )
    };
    let weaknesses = if comparison.judged() {
        let (new, gone) = (comparison.new.len() as u64, comparison.gone.len() as u64);
        let changed = comparison.changed.len() as u64;
        let other = if changed > 0 {
            format!(", of {} another thing is said", number(changed))
        } else {
            String::new()
        };
        format!("{} new, {} gone{other}", count(new, "weakness"), number(gone))
    } else {
        "weaknesses were not judged: there is no data".to_owned()
    };
    format!("{parts}; {weaknesses}.")
}
