//! Java: classes of the libraries that are told by their code, and what archives say of themselves.

use sha2::{Digest, Sha256};

use crate::class_file::{self, ClassFile};
use crate::examine::Examiner;
use crate::facts::{ClassFact, Declared, Manifest};
use crate::library::{Forms, LIBRARIES, Library, marks};

/// Endings of class files: Java's own, and those under which agents hide classes from their host (Elastic APM, OpenTelemetry).
const CLASS_ENDINGS: &[&str] = &["class", "esclazz", "classdata"];

/// Whether an entry may be a class that is looked for, by its name alone.
pub(crate) fn is_class_of_interest(path: &str) -> bool {
    let Some((path, ending)) = path.rsplit_once('.') else { return false };
    if !CLASS_ENDINGS.contains(&ending) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let looked_for = |library: &Library| {
        // Classes of the package itself have names that many have (`Category`): those count only below a package of that name.
        let stands_there = |class: &&str| {
            path.ends_with(*class)
                && (class.contains('/') || path[..path.len() - class.len()].ends_with(below(library)))
        };
        library.classes.iter().any(|class| class.ends_with(name) && stands_there(class))
    };
    LIBRARIES.iter().any(looked_for)
}

/// The last part of the package: `core/`, `log4j/`.
fn below(library: &Library) -> &'static str {
    match library.ending {
        "log4j/core" => "core/",
        _ => "log4j/",
    }
}

/// Whether these are the first bytes of a class file. Programs for several processors of macOS begin alike; what is their number of
/// parts is here the version of the format, 45 or more (JVMS §4.1).
pub(crate) fn is_class(head: &[u8]) -> bool {
    head.len() >= 8 && head.starts_with(&class_file::MAGIC) && u16::from_be_bytes([head[6], head[7]]) >= 45
}

/// Looks whether a class is one of a library.
pub(crate) fn class(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    // A class that cannot be read cannot be run either.
    let Ok(class) = ClassFile::parse(bytes) else { return };
    let Some((library, name, package)) = identify(&class, examiner.is_thorough()) else { return };
    let fact = ClassFact {
        place: examiner.place(path),
        root: root(path, &class),
        package,
        library,
        class: name,
        code: class.code,
        marks: marks(&class),
        sha256: hex::encode(Sha256::digest(bytes)),
    };
    examiner.facts.classes.push(fact);
}

/// Which class of which library it is, and the package that the library has here.
fn identify(class: &ClassFile<'_>, thorough: bool) -> Option<(usize, &'static str, String)> {
    let own = std::str::from_utf8(class.name).ok()?;
    let forms = Forms::get();
    for (at, library) in LIBRARIES.iter().enumerate() {
        for name in library.classes {
            let Some(package) = own.strip_suffix(name).and_then(|rest| rest.strip_suffix('/')) else {
                continue;
            };
            let is_known = class.code.is_some_and(|code| forms.of(name, code).next().is_some());
            let is_named = package == library.ending || package.ends_with(&format!("/{}", library.ending));
            if is_known || is_named {
                return Some((at, name, package.to_owned()));
            }
        }
    }
    if !thorough {
        return None;
    }
    // Renamed: by its instructions alone, and only where these are of classes that are telling.
    let classes = forms.classes_of(class.code?);
    let telling = LIBRARIES.iter().enumerate().find_map(|(at, library)| {
        let name = library.telling.iter().find(|name| classes.contains(**name))?;
        Some((at, *name))
    });
    telling.map(|(at, name)| (at, name, String::new()))
}

/// The folder in which the class's package begins.
fn root(path: &str, class: &ClassFile<'_>) -> String {
    let without_ending = path.rsplit_once('.').map_or(path, |(path, _)| path);
    let own = String::from_utf8_lossy(class.name);
    let root = without_ending.strip_suffix(&*own).unwrap_or_default();
    // Classes for newer versions of Java stand beside those for all (JAR file specification, multi-release).
    match root.split_once("META-INF/versions/") {
        Some((before, _)) => before.to_owned(),
        None => root.to_owned(),
    }
}

/// `META-INF/maven/GROUP/ARTIFACT/pom.properties`.
pub(crate) fn pom_properties(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
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
    examiner.facts.declared.push(Declared { place, root, group, artifact, version });
}

/// `META-INF/MANIFEST.MF` (JAR file specification): `Name: value`, a line that begins with a blank continues the one before. The
/// main section alone.
pub(crate) fn manifest(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
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
    examiner.facts.manifests.push(Manifest { place, attributes });
}
