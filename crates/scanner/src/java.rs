//! Java: classes of the libraries that are told by their code, and what archives say of themselves.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use crate::class_file::{self, ClassFile};
use crate::examine::Examiner;
use crate::facts::{ClassFact, Declared, Manifest};
use crate::fields::text_of;
use crate::library::{Forms, LIBRARIES, Library, marks};
use crate::resolve::is_java_archive;

mod pom;
mod release;

pub(crate) use pom::pom_xml;
pub(crate) use release::SharedFolder;

/// Endings of class files: Java's own, and those under which agents hide classes from their host (Elastic APM, OpenTelemetry).
const CLASS_ENDINGS: &[&str] = &["class", "esclazz", "classdata"];

/// Whether an entry may be a class that is looked for, by its name alone.
pub(crate) fn is_class_of_interest(path: &str) -> bool {
    let Some((path, ending)) = path.rsplit_once('.') else { return false };
    CLASS_ENDINGS.contains(&ending) && is_looked_for(path.as_bytes())
}

/// Whether an entry bears the name of a class, and of none that is looked for: what nearly all entries of an archive are.
pub(crate) fn is_other_class(path: &[u8]) -> bool {
    path.strip_suffix(b".class").is_some_and(|path| !is_looked_for(path))
}

/// Classes of the package itself have names that many have (`Category`): those count only below a package of that name.
fn is_looked_for(path: &[u8]) -> bool {
    let stands_there = |(library, class): &(usize, &str)| {
        path.strip_suffix(class.as_bytes())
            .is_some_and(|before| class.contains('/') || before.ends_with(below(*library).as_bytes()))
    };
    looked_for(path).iter().any(stands_there)
}

/// The classes that are looked for, each with the place of its library, whose names are as long as this one, less their folders: an archive
/// has thousands of entries, and their length alone tells most of them apart.
fn looked_for(path: &[u8]) -> &'static [(usize, &'static str)] {
    static BY_LENGTH: OnceLock<Vec<Vec<(usize, &'static str)>>> = OnceLock::new();
    let length = |path: &[u8]| path.len() - memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    let by_length = BY_LENGTH.get_or_init(|| {
        let mut by_length = Vec::new();
        for (at, library) in LIBRARIES.iter().enumerate() {
            for class in library.classes {
                let length = length(class.as_bytes());
                if by_length.len() <= length {
                    by_length.resize_with(length + 1, Vec::new);
                }
                if let Some(classes) = by_length.get_mut(length) {
                    classes.push((at, *class));
                }
            }
        }
        by_length
    });
    by_length.get(length(path)).map_or(&[], Vec::as_slice)
}

/// The last part of a library's package: `core/`, `log4j/`.
fn below(library: usize) -> &'static str {
    match LIBRARIES.get(library).map(|it| it.ending) {
        Some("log4j/core") => "core/",
        _ => "log4j/",
    }
}

/// Whether these are the first bytes of a class file. Programs for several processors of macOS begin alike; what is their number of
/// parts is here the version of the format, 45 or more (JVMS §4.1).
pub(crate) fn is_class(head: &[u8]) -> bool {
    head.len() >= 8 && head.starts_with(&class_file::MAGIC) && u16::from_be_bytes([head[6], head[7]]) >= 45
}

/// What a class file is, wherever it lies.
#[derive(Debug)]
pub(crate) struct Identified {
    library: usize,
    class: &'static str,
    package: String,
    /// Its own name, as far as it is text.
    own: String,
    code: Option<[u8; 16]>,
    marks: Vec<&'static str>,
    sha256: String,
}

/// Class files of a scan that were looked at, by the fingerprints of their bytes: releases share most of their classes, and a library lies in many
/// places. Of those that are nothing that is looked for that alone is kept.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<[u8; 32], Option<Arc<Identified>>>>);

impl Seen {
    /// Class files that are kept in mind: some ten megabytes.
    const MOST: usize = 100_000;

    /// What was found of a class file, if it was looked at.
    pub(crate) fn get(&self, fingerprint: &[u8; 32]) -> Option<Option<Arc<Identified>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(fingerprint).cloned()
    }

    pub(crate) fn keep(&self, fingerprint: [u8; 32], identified: Option<Arc<Identified>>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < Seen::MOST {
            seen.insert(fingerprint, identified);
        }
    }
}

/// Looks whether a class is one of a library.
pub(crate) fn class(bytes: &[u8]) -> Option<Identified> {
    // A class that cannot be read cannot be run either.
    let class = ClassFile::parse(bytes).ok()?;
    let (library, name, package) = identify(&class)?;
    Some(Identified {
        library,
        class: name,
        package,
        own: String::from_utf8_lossy(class.name).into_owned(),
        code: class.code,
        marks: marks(&class, bytes),
        sha256: hex::encode(Sha256::digest(bytes)),
    })
}

/// A class of a library, at this place.
pub(crate) fn found(path: &str, it: &Identified, examiner: &mut Examiner<'_>) {
    let root = root(path, &it.own);
    let fact = ClassFact {
        place: examiner.place(path),
        is_renamed: it.package.is_empty() || root.is_none(),
        root: root.unwrap_or_else(|| if examiner.is_inside() { String::new() } else { folder(path) }),
        package: it.package.clone(),
        library: it.library,
        class: it.class,
        code: it.code,
        marks: it.marks.clone(),
        sha256: it.sha256.clone(),
    };
    examiner.facts.classes.push(fact);
}

/// Which class of which library it is, and the package that the library has here.
fn identify(class: &ClassFile<'_>) -> Option<(usize, &'static str, String)> {
    let own = std::str::from_utf8(class.name).ok()?;
    let forms = Forms::get();
    for (at, name) in looked_for(class.name).iter().copied() {
        let Some(package) = own.strip_suffix(name).and_then(|rest| rest.strip_suffix('/')) else {
            continue;
        };
        let is_known = class.code.is_some_and(|code| forms.of(name, code).next().is_some());
        let is_named = LIBRARIES.get(at).is_some_and(|library| {
            package == library.ending || package.ends_with(&format!("/{}", library.ending))
        });
        if is_known || is_named {
            return Some((at, name, package.to_owned()));
        }
    }
    // Renamed: by its instructions, or by what it says of itself.
    let classes: &[&str] = class.code.map_or(&[], |code| forms.classes_of(code));
    for (at, library) in LIBRARIES.iter().enumerate().filter(|_| !classes.is_empty()) {
        if let Some(name) = library.by_instructions().find(|name| classes.contains(name)) {
            return Some((at, name, String::new()));
        }
    }
    is_jndi_plugin(class).then(|| (0, LIBRARIES[0].missed[0], String::new()))
}

/// Whether a class registers itself as Log4j's lookup of the name `jndi`: what `JndiLookup` is, built from changed sources and renamed
/// (`@Plugin(name = "jndi", category = "Lookup")`).
fn is_jndi_plugin(class: &ClassFile<'_>) -> bool {
    class.has_text("jndi")
        && class.has_text("Lookup")
        && class.texts.iter().any(|text| text.ends_with(b"config/plugins/Plugin;"))
}

/// The folder in which the class's package begins; none where its file is not called as it is.
fn root(path: &str, own: &str) -> Option<String> {
    let without_ending = path.rsplit_once('.').map_or(path, |(path, _)| path);
    let root = without_ending.strip_suffix(own)?;
    // Classes for newer versions of Java stand beside those for all (JAR file specification, multi-release).
    Some(root.split_once("META-INF/versions/").map_or(root, |(before, _)| before).to_owned())
}

/// The folder that a file is in.
fn folder(path: &str) -> String {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default().to_owned()
}

/// Whether a class that weaknesses lie in was not among those seen, in one of the libraries that were, and its release is not known to be without
/// it; or a library was named, and none of its classes was seen. Then the rest of the container is worth looking at.
pub(crate) fn is_something_missed(
    classes: &[ClassFact],
    declared: &[Declared],
    around: &[String],
    passed_over: &SharedFolder,
) -> bool {
    let mut seen: BTreeMap<(usize, &str, &str), Vec<&ClassFact>> = BTreeMap::new();
    for fact in classes.iter().filter(|fact| fact.place.around() == around) {
        seen.entry((fact.library, &fact.root, &fact.package)).or_default().push(fact);
    }
    let lacks = |library: usize, there: &[&ClassFact]| {
        let is_there = |class: &&str| there.iter().any(|it| it.class == *class);
        LIBRARIES.get(library).is_some_and(|it| !it.missed.iter().all(is_there))
    };
    let is_named_alone = |said: &Declared| {
        let named = |it: &Library| it.artifacts.contains(&(&said.group, &said.artifact));
        said.place.around() == around && seen.is_empty() && LIBRARIES.iter().any(named)
    };
    let mut seen_in_part =
        seen.iter().filter(|((library, ..), there)| lacks(*library, there)).map(|(_, there)| there);
    seen_in_part.any(|there| !release::is_whole_and_alone(there, passed_over))
        || declared.iter().any(is_named_alone)
}

/// `META-INF/maven/GROUP/ARTIFACT/pom.properties`.
pub(crate) fn pom_properties(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let value = |key| value(key).filter(|value| !value.is_empty());
    let (Some(group), Some(artifact), Some(version)) =
        (value("groupId"), value("artifactId"), value("version"))
    else {
        return;
    };
    let root = path.split_once("META-INF/").map_or("", |(root, _)| root).to_owned();
    let place = examiner.place(path);
    examiner.facts.declared.push(Declared { place, root, group, artifact, version, file: "pom.properties" });
}

/// `META-INF/MANIFEST.MF` (JAR file specification): `Name: value`, a line that begins with a blank continues the one before. The
/// main section alone.
pub(crate) fn manifest(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let mut attributes: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.is_empty() {
            break;
        }
        if let Some(more) = line.strip_prefix(' ') {
            if let Some((_, value)) = attributes.last_mut() {
                value.push_str(more);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            attributes.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    let place = examiner.place(path);
    examiner.facts.manifests.push(Manifest { place, attributes, is_written: true });
}

/// An archive that was gone through: where it is one of Java without a manifest, its name stands for it.
pub(crate) fn archive(examiner: &mut Examiner<'_>) {
    let container = examiner.container_place();
    let mut manifests = examiner.facts.manifests.iter().rev();
    if is_java_archive(container.name()) && !manifests.any(|it| it.place.around() == container.parts()) {
        let place = container.inside("META-INF/MANIFEST.MF");
        examiner.facts.manifests.push(Manifest { place, attributes: Vec::new(), is_written: false });
    }
}
