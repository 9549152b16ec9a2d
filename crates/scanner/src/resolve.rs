//! From what was seen to what is there: classes become libraries with versions, and what archives say of themselves is held
//! against it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::facts::{ClassFact, Declared, Facts};
use crate::layers;
use crate::library::{LIBRARIES, Library};
use crate::report::{Code, Confidence, Evidence, Found, NotScanned, Place};

mod archives;
mod managed;
mod systems;
mod versions;

pub(crate) use archives::is_java_archive;
use systems::Systems;
use versions::{Basis, Told};

/// What was found, what is hidden by later layers of images, and what was not looked into, each in the order of places.
pub(crate) fn put_together(mut facts: Facts, stopped: bool) -> (Vec<Found>, Vec<Found>, Vec<NotScanned>) {
    let (mut hidden, view) = layers::hide(&mut facts);
    let mut not_scanned = std::mem::take(&mut facts.not_scanned);
    let systems = std::mem::take(&mut facts.systems);
    // What is hidden belongs to a system that mostly is not.
    let below: Vec<_> = std::mem::take(&mut hidden.systems).into_iter().chain(systems.clone()).collect();
    let found = found(facts, &Systems::new(&systems, &view), &not_scanned, stopped);
    let mut hidden = self::found(hidden, &Systems::new(&below, &view), &not_scanned, stopped);
    // The same in a later layer is not gone.
    let is_there: HashSet<_> = found.iter().map(identity).collect();
    hidden.retain(|it| !is_there.contains(&identity(it)));
    not_scanned.sort();
    not_scanned.dedup();
    (found, hidden, not_scanned)
}

fn identity(found: &Found) -> (&str, Option<&str>, &str, Option<&str>) {
    (found.kind, found.namespace.as_deref(), &found.name, found.version.as_deref())
}

fn found(facts: Facts, systems: &Systems<'_>, not_scanned: &[NotScanned], stopped: bool) -> Vec<Found> {
    let Facts { classes, declared, manifests, mut packages, .. } = facts;
    let mut declared = Declarations::of(declared);
    let mut found = Vec::new();
    for group in groups(classes) {
        let whole = !stopped && is_whole(&group, not_scanned);
        let library = &LIBRARIES[group[0].library];
        let mine = declared.take(library, &group[0]);
        found.extend(libraries(library, &group, mine, whole));
    }
    let declared = declared.rest();
    // Something better speaks for the archive of such a manifest.
    let spoken_for: HashSet<Place> = found.iter().map(|it| it.place.clone()).collect();
    packages.extend(archives::of_manifests(&manifests, &declared, |place| spoken_for.contains(place)));
    found.extend(declared.into_iter().map(|it| of_declared(it, stopped, not_scanned)));
    for package in &mut packages {
        systems.name(package);
    }
    let (strings, packages): (Vec<_>, Vec<_>) = packages.into_iter().partition(|it| !it.cpes.is_empty());
    let managed: Vec<_> = packages.iter().filter_map(managed::Package::of).collect();
    found.extend(strings.into_iter().filter(|it| !managed::is_of_package(it, &managed)));
    drop(managed);
    found.extend(packages);
    found.sort_by(|a, b| (&a.place, &a.name, &a.version).cmp(&(&b.place, &b.name, &b.version)));
    found
}

/// Classes that belong together: the same container, root, package and library.
fn groups(classes: Vec<ClassFact>) -> Vec<Vec<ClassFact>> {
    let mut groups: BTreeMap<(Vec<String>, String, String, usize), Vec<ClassFact>> = BTreeMap::new();
    let key = |class: &ClassFact| {
        (class.place.around().to_vec(), class.root.clone(), class.package.clone(), class.library)
    };
    let (renamed, named): (Vec<_>, Vec<_>) = classes.into_iter().partition(|class| class.is_renamed);
    for class in named {
        groups.entry(key(&class)).or_default().push(class);
    }
    let mut strangers = Vec::new();
    for class in renamed {
        // It is part of every library here that lacks it.
        let lacks = |group: &&mut Vec<ClassFact>| {
            let first = &group[0];
            first.library == class.library
                && first.place.around() == class.place.around()
                && class.place.name().starts_with(&first.root)
                && group.iter().all(|it| it.class != class.class || it.is_renamed)
        };
        let homes: Vec<_> = groups.values_mut().filter(lacks).collect();
        if homes.is_empty() {
            strangers.push(class);
        } else {
            homes.into_iter().for_each(|group| group.push(class.clone()));
        }
    }
    for class in strangers {
        groups.entry(key(&class)).or_default().push(class);
    }
    groups.into_values().collect()
}

/// Whether the container was read to its end, so that a class that was not seen is not there.
fn is_whole(group: &[ClassFact], not_scanned: &[NotScanned]) -> bool {
    let around = group[0].place.around();
    !not_scanned.iter().any(|it| match around {
        [] => it.place.parts().first().is_some_and(|file| file.starts_with(&group[0].root)),
        around => it.place.is_within(around) || around.starts_with(it.place.parts()),
    })
}

/// What `pom.properties` and `pom.xml` say, by the containers around them: a tree has thousands.
struct Declarations {
    by_container: HashMap<Vec<String>, Vec<(usize, Declared)>>,
}

impl Declarations {
    fn of(mut all: Vec<Declared>) -> Declarations {
        // `pom.xml` counts where there is nothing beside it.
        let folder = |it: &Declared| {
            let name = it.place.name();
            let end = name.rfind('/').unwrap_or_default();
            (it.place.around().to_vec(), name.get(..end).unwrap_or_default().to_owned())
        };
        let told: HashSet<_> = all.iter().filter(|it| it.file != "pom.xml").map(folder).collect();
        all.retain(|it| it.file != "pom.xml" || !told.contains(&folder(it)));
        let mut by_container: HashMap<Vec<String>, Vec<(usize, Declared)>> = HashMap::new();
        for (at, declared) in all.into_iter().enumerate() {
            by_container.entry(declared.place.around().to_vec()).or_default().push((at, declared));
        }
        Declarations { by_container }
    }

    /// Takes what is said of a library: in the same root, or, where the classes were moved, in the same container.
    fn take(&mut self, library: &Library, class: &ClassFact) -> Vec<Declared> {
        let Some(here) = self.by_container.get_mut(class.place.around()) else { return Vec::new() };
        let is_of = |it: &Declared| {
            let artifact =
                library.artifacts.iter().any(|(group, name)| *group == it.group && *name == it.artifact);
            let moved = class.package != library.package && !class.place.around().is_empty();
            artifact && (it.root == class.root || moved)
        };
        here.extract_if(.., |(_, it)| is_of(it)).map(|(_, it)| it).collect()
    }

    /// What nobody took, in the order in which it was found.
    fn rest(self) -> Vec<Declared> {
        let mut rest: Vec<(usize, Declared)> = self.by_container.into_values().flatten().collect();
        rest.sort_unstable_by_key(|(at, _)| *at);
        rest.into_iter().map(|(_, it)| it).collect()
    }
}

/// The libraries of a group: one as a rule, several where classes of several versions are mixed.
fn libraries(library: &Library, group: &[ClassFact], mut declared: Vec<Declared>, whole: bool) -> Vec<Found> {
    let told = versions::told(library, group, whole);
    let is_mixed = told.len() > 1;
    let mut found: Vec<Found> = Vec::new();
    for told in told {
        let at = declared.iter().position(|it| it.artifact == told.artifact);
        let said = at.map(|at| declared.remove(at));
        let mut one = of_code(library, group, &told, said.as_ref(), whole);
        if is_mixed {
            one.remarks.push("classes of several versions are mixed here".to_owned());
        }
        found.push(one);
    }
    found
}

fn of_code(
    library: &Library,
    group: &[ClassFact],
    told: &Told<'_>,
    said: Option<&Declared>,
    whole: bool,
) -> Found {
    let first = &group[0];
    let mut remarks = Vec::new();
    if first.package.is_empty() {
        remarks.push("its classes were renamed; they are told by their instructions".to_owned());
    } else if first.package != library.package {
        remarks.push(format!("its classes were moved to {}", first.package.replace('/', ".")));
    }
    for class in group.iter().filter(|class| class.is_renamed && !first.is_renamed) {
        remarks.push(format!("its class {} is here by another name ({})", class.class, class.place.name()));
    }
    let (version, lie) = agree(told, said);
    if let Some(lie) = &lie {
        let code = words(&told.versions);
        let file = said.map_or("pom.properties", |it| it.file);
        remarks.push(format!("{file} says {lie}, but its code is that of {code}"));
    } else if told.versions.len() > 1
        && version.as_deref().is_none_or(|it| said.is_none_or(|said| said.version != it))
    {
        remarks.push(format!("its code is that of {}", words(&told.versions)));
    }
    if told.basis != Basis::Code {
        remarks.push("its code is of no published jar; the version is told by what the code does".to_owned());
    }
    let mut present: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for class in group {
        let marks = class.marks.iter().map(|mark| (*mark).to_owned());
        present.entry(class.class.to_owned()).or_default().extend(marks);
    }
    let agreed = lie.is_none() && told.basis == Basis::Code;
    // Versions that the classes cannot tell apart are told by pom.properties, where it names one of them.
    let trusts = said.is_some() && lie.is_none();
    Found {
        kind: "maven",
        namespace: Some(told.group.to_owned()),
        name: told.artifact.to_owned(),
        versions: if trusts { version.iter().cloned().collect() } else { owned(&told.versions) },
        version,
        qualifiers: Vec::new(),
        declared: lie,
        cpes: Vec::new(),
        code: Some(Code { present, whole }),
        place: container(first),
        evidence: evidence(told, said),
        confidence: if agreed { Confidence::High } else { Confidence::Fair },
        remarks,
        is_system: false,
    }
}

/// The version to name, and what `pom.properties` says where that is another.
fn agree(told: &Told<'_>, said: Option<&Declared>) -> (Option<String>, Option<String>) {
    let oldest = told.versions.first().map(|it| (*it).to_owned());
    let Some(said) = said else { return (oldest, None) };
    // A vendor's own build of a release: `2.14.1.redhat-00001`.
    let matches = |version: &&&str| {
        let rest = said.version.strip_prefix(**version);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['.', '-', '+']) && told.basis == Basis::Code
        })
    };
    let exact = told.versions.iter().find(|version| **version == said.version);
    match exact.or_else(|| told.versions.iter().rev().find(matches)) {
        Some(version) => (Some((*version).to_owned()), None),
        // Newer than all that the table knows, and behaves like the newest.
        None if told.versions.is_empty() || told.fits_newer && !told.is_known(&said.version) => {
            (Some(said.version.clone()), None)
        }
        None => (oldest, Some(said.version.clone())),
    }
}

fn evidence(told: &Told<'_>, said: Option<&Declared>) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = told
        .classes
        .iter()
        .map(|(class, versions)| {
            let shows = match versions.as_slice() {
                [] => format!("{} in a form of no published jar", class.class),
                versions => format!("{} of {}", class.class, words(versions)),
            };
            Evidence { place: class.place.clone(), shows, sha256: Some(class.sha256.clone()) }
        })
        .collect();
    evidence.extend(said.map(|said| Evidence {
        place: said.place.clone(),
        shows: format!("{} says {}", said.file, said.version),
        sha256: None,
    }));
    evidence
}

/// The container, or the folder on a disk.
fn container(class: &ClassFact) -> Place {
    match class.place.around() {
        [] => Place::file(class.root.trim_end_matches('/')),
        around => Place::of(around),
    }
}

fn place_of_declared(said: &Declared) -> Place {
    match said.place.around() {
        [] => Place::file(said.root.trim_end_matches('/')),
        around => Place::of(around),
    }
}

/// An artifact that is known by `pom.properties` alone.
fn of_declared(said: Declared, stopped: bool, not_scanned: &[NotScanned]) -> Found {
    let is_told_by_code =
        LIBRARIES.iter().any(|library| library.artifacts.contains(&(&said.group, &said.artifact)));
    let around = said.place.around();
    let whole = !stopped
        && !not_scanned.iter().any(|it| it.place.is_within(around) || around.starts_with(it.place.parts()));
    let place = place_of_declared(&said);
    let remark = format!("none of the classes that are looked for was found beside its {}", said.file);
    Found {
        kind: "maven",
        namespace: Some(said.group),
        name: said.artifact,
        versions: Vec::new(),
        version: Some(said.version.clone()),
        qualifiers: Vec::new(),
        declared: None,
        cpes: Vec::new(),
        code: is_told_by_code.then(|| Code { present: BTreeMap::new(), whole }),
        place,
        evidence: vec![Evidence {
            place: said.place,
            shows: format!("{} says {}", said.file, said.version),
            sha256: None,
        }],
        confidence: Confidence::Fair,
        remarks: is_told_by_code.then_some(remark).into_iter().collect(),
        is_system: false,
    }
}

fn owned(versions: &[&str]) -> Vec<String> {
    versions.iter().map(|it| (*it).to_owned()).collect()
}

/// `2.14.1`, `2.13.2 or 2.13.3`, `2.0 to 2.17.1`.
fn words(versions: &[&str]) -> String {
    match versions {
        [] => "an unknown version".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} or {two}"),
        [first, .., last] => format!("one of {} versions from {first} to {last}", versions.len()),
    }
}
