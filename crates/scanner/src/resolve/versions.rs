//! Which versions a group of classes fits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use bedrail_model::version::Order;

use crate::facts::ClassFact;
use crate::library::{Form, Forms, Library};

/// What the versions are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// Instructions of published jars.
    Code,
    /// What the texts in the classes show of their behaviour.
    Marks,
}

/// What a group is.
pub(super) struct Told<'f> {
    pub(super) group: &'static str,
    pub(super) artifact: &'static str,
    /// Oldest first; empty where no version is known to behave so.
    pub(super) versions: Vec<&'static str>,
    pub(super) basis: Basis,
    /// The classes, each with the versions that have it in this form.
    pub(super) classes: Vec<(&'f ClassFact, Vec<&'static str>)>,
    /// Whether the newest version that is known is among them, so that it may be a newer one.
    pub(super) fits_newer: bool,
}

impl Told<'_> {
    /// Whether the table knows a version of this artifact.
    pub(super) fn is_known(&self, version: &str) -> bool {
        known(self.artifact).is_some_and(|it| it.versions.contains(&version))
    }
}

/// What the table knows of an artifact, by version and by class.
#[derive(Default)]
struct Known {
    /// Oldest first.
    versions: Vec<&'static str>,
    /// The classes that a version has, one for each of their forms.
    classes: HashMap<&'static str, Vec<&'static str>>,
    /// The versions that have a class.
    having: HashMap<&'static str, HashSet<&'static str>>,
}

fn known(artifact: &str) -> Option<&'static Known> {
    static KNOWN: OnceLock<HashMap<&'static str, Known>> = OnceLock::new();
    let build = || {
        let mut all: HashMap<&'static str, Known> = HashMap::new();
        for form in &Forms::get().all {
            let known = all.entry(form.artifact).or_default();
            for version in &form.versions {
                known.classes.entry(version).or_default().push(form.class);
                known.having.entry(form.class).or_default().insert(version);
            }
        }
        for known in all.values_mut() {
            known.versions = sorted(known.classes.keys().copied());
        }
        all
    };
    KNOWN.get_or_init(build).get(artifact)
}

/// What a group of classes is; nothing where it only looks like one of the library.
pub(super) fn told<'f>(library: &Library, group: &'f [ClassFact], whole: bool) -> Vec<Told<'f>> {
    let by_code = by_code(library, group, whole);
    if !by_code.is_empty() {
        return by_code;
    }
    if group.iter().any(|class| library.telling.contains(&class.class)) {
        return vec![by_marks(library, group)];
    }
    Vec::new()
}

fn of_artifact(artifact: &str) -> impl Iterator<Item = &'static Form> {
    Forms::get().all.iter().filter(move |form| form.artifact == artifact)
}

/// By instructions: the versions that most classes speak for. Classes that speak for others only are a second library.
fn by_code<'f>(library: &Library, group: &'f [ClassFact], whole: bool) -> Vec<Told<'f>> {
    let forms = Forms::get();
    let mut left: Vec<(&ClassFact, Vec<&Form>)> = Vec::new();
    for class in group {
        let of = class.code.map(|code| forms.of(class.class, code).collect::<Vec<_>>()).unwrap_or_default();
        let is_twice = left.iter().any(|(it, _)| (it.class, it.code) == (class.class, class.code));
        if !of.is_empty() && !is_twice {
            left.push((class, of));
        }
    }
    let unknown: Vec<(&ClassFact, Vec<&'static str>)> = group
        .iter()
        .filter(|class| class.code.is_none_or(|code| forms.of(class.class, code).next().is_none()))
        .map(|class| (class, Vec::new()))
        .collect();
    let mut all = Vec::new();
    while !left.is_empty() {
        let mut support: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
        for (_, forms) in &left {
            for form in forms {
                let rank = library.artifacts.iter().position(|(_, artifact)| *artifact == form.artifact);
                for version in &form.versions {
                    *support.entry((rank.unwrap_or(usize::MAX), version)).or_default() += 1;
                }
            }
        }
        let most = support.values().copied().max().unwrap_or_default();
        let Some(rank) =
            support.iter().filter(|(_, count)| **count == most).map(|((rank, _), _)| *rank).min()
        else {
            break;
        };
        let Some((group_name, artifact)) = library.artifacts.get(rank).copied() else { break };
        let best = support.iter().filter(|((it, _), count)| *it == rank && **count == most);
        let mut versions = sorted(best.map(|((_, version), _)| *version));
        if whole {
            keep_least_missing(artifact, group, &mut versions);
        }
        let speaks = |forms: &[&Form]| {
            forms
                .iter()
                .any(|form| form.artifact == artifact && form.versions.iter().any(|it| versions.contains(it)))
        };
        let (mine, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, forms)| speaks(forms));
        left = others;
        let of_mine = mine.into_iter().map(|(class, forms)| {
            let mine = forms.into_iter().filter(|form| form.artifact == artifact);
            (class, sorted(mine.flat_map(|form| form.versions.iter().copied())))
        });
        let classes: Vec<_> = of_mine.chain(unknown.iter().cloned()).collect();
        let fits_newer = fits_newer(artifact, &classes, &versions);
        all.push(Told { group: group_name, artifact, versions, basis: Basis::Code, classes, fits_newer });
    }
    all
}

/// Of versions whose classes are alike, those that lack the fewest of their classes here: a class that only the later one has tells them
/// apart by not being there.
fn keep_least_missing(artifact: &str, group: &[ClassFact], versions: &mut Vec<&'static str>) {
    let Some(known) = known(artifact) else { return };
    let is_here = |class: &str| group.iter().any(|it| it.class == class);
    let missing = |version: &&'static str| {
        let of_it = known.classes.get(version).into_iter().flatten();
        of_it.filter(|class| !is_here(class)).count()
    };
    let least = versions.iter().map(missing).min().unwrap_or_default();
    versions.retain(|version| missing(version) == least);
}

/// By behaviour: the versions whose classes bear the same marks. A rebuilt library has other instructions and the same marks.
fn by_marks<'f>(library: &Library, group: &'f [ClassFact]) -> Told<'f> {
    let (group_name, artifact) = library.artifacts[0];
    let everything: BTreeSet<&'static str> =
        of_artifact(artifact).flat_map(|form| form.versions.iter().copied()).collect();
    let bears = |version: &str, class: &ClassFact| {
        let mut forms = of_artifact(artifact).filter(|form| form.class == class.class);
        forms.any(|form| form.versions.contains(&version) && form.marks == class.marks)
    };
    let fitting = everything.into_iter().filter(|version| group.iter().all(|class| bears(version, class)));
    let versions = sorted(fitting);
    let classes: Vec<_> = group.iter().map(|class| (class, Vec::new())).collect();
    let fits_newer = fits_newer(artifact, &classes, &versions);
    Told { group: group_name, artifact, versions, basis: Basis::Marks, classes, fits_newer }
}

/// Whether the newest version that has such classes at all is among these.
fn fits_newer(
    artifact: &str,
    classes: &[(&ClassFact, Vec<&'static str>)],
    versions: &[&'static str],
) -> bool {
    let Some(known) = known(artifact) else { return false };
    let has = |class: &str, version: &str| known.having.get(class).is_some_and(|it| it.contains(version));
    let mut newest_first = known.versions.iter().rev();
    let newest = newest_first.find(|version| classes.iter().all(|(class, _)| has(class.class, version)));
    newest.is_some_and(|newest| versions.contains(newest))
}

/// Each once, oldest first.
fn sorted(versions: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut sorted: Vec<&'static str> = versions.collect();
    sorted.sort_unstable_by_key(|version| (ages().get(version), *version));
    sorted.dedup();
    sorted
}

/// The place of every version in the order of their ages.
fn ages() -> &'static HashMap<&'static str, usize> {
    static AGES: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
    AGES.get_or_init(|| {
        let all: BTreeSet<&'static str> =
            Forms::get().all.iter().flat_map(|form| form.versions.iter().copied()).collect();
        let mut all: Vec<&'static str> = all.into_iter().collect();
        all.sort_by_cached_key(|version| Order::Maven.key(version).ok());
        all.into_iter().enumerate().map(|(age, version)| (version, age)).collect()
    })
}
