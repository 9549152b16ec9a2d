//! Real jars of Maven Central, where `scripts/install-scanner-jars.sh` put them.

use std::fs;
use std::path::{Path, PathBuf};

use bedrail_scanner::report::{Confidence, Found};

use crate::made::*;

/// The jars of an artifact with their versions; none where they are not at hand.
fn jars(artifact: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/scanner-jars");
    let Ok(entries) = fs::read_dir(folder) else {
        println!("skipped: no jars (scripts/install-scanner-jars.sh)");
        return Vec::new();
    };
    let mut jars: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let stem = path.file_stem()?.to_str()?.to_owned();
            let version = stem.strip_prefix(&format!("{artifact}-"))?;
            let is_other = artifact == "log4j" && version.contains("api-");
            (version.starts_with(|c: char| c.is_ascii_digit()) && !is_other)
                .then(|| (version.to_owned(), path.clone()))
        })
        .collect();
    jars.sort();
    jars
}

/// Releases that no class tells apart (`docs/scanner.md`).
const TWINS: &[&[&str]] = &[
    &["2.13.2", "2.13.3"],
    &["2.21.0", "2.21.1"],
    &["1.2.18.5", "1.2.19"],
    &["1.2.22", "1.2.23"],
    &["1.2.26", "1.2.27"],
];

fn expected(version: &str) -> Vec<String> {
    let twins = TWINS.iter().find(|twins| twins.contains(&version)).copied();
    twins.unwrap_or(&[version]).iter().map(|it| (*it).to_owned()).collect()
}

fn one<'r>(found: &'r [Found], artifact: &str, what: &str) -> &'r Found {
    let of_it: Vec<&Found> = found.iter().filter(|it| it.name == artifact).collect();
    assert_eq!(of_it.len(), 1, "{what}: {found:?}");
    of_it[0]
}

/// Every entry of a jar.
fn entries(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        entries.push((entry.name().unwrap().into_owned(), bytes));
    }
    entries
}

fn packed(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<(&str, &[u8])> =
        entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip_with(&entries, stored)
}

/// The 3.x previews have other classes and are told by pom.properties.
fn is_told(version: &str) -> bool {
    !version.starts_with("3.")
}

/// One release of each behaviour (`docs/scanner.md`): what is repacked is repacked with these.
const EACH_BEHAVIOUR: &[&str] = &[
    "2.0-beta8",
    "2.0-beta9",
    "2.0.2",
    "2.3",
    "2.3.1",
    "2.3.2",
    "2.8.2",
    "2.12.1",
    "2.12.2",
    "2.12.3",
    "2.12.4",
    "2.14.1",
    "2.15.0",
    "2.16.0",
    "2.17.0",
    "2.17.1",
    "2.25.4",
];

fn is_repacked(version: &str) -> bool {
    EACH_BEHAVIOUR.contains(&version)
}

#[test]
fn every_release_is_told_by_its_code_alone() {
    for artifact in ["log4j-core", "log4j", "reload4j"] {
        for (version, path) in jars(artifact).into_iter().filter(|(version, _)| is_told(version)) {
            // Other names of the same length: the archive stays as it is.
            let mut bytes = fs::read(&path).unwrap();
            for name in [&b"/pom.properties"[..], b"/pom.xml"] {
                let hits: Vec<usize> = memchr::memmem::find_iter(&bytes, name).collect();
                for at in hits {
                    bytes[at + 1] = b'x';
                }
            }
            let (_folder, report) = scan_bytes("renamed.bin", &bytes);
            let found = one(&report.found, artifact, &version);
            assert_eq!(found.versions, expected(&version), "{artifact} {version}");
            assert_eq!(found.confidence, Confidence::High, "{artifact} {version}");
        }
    }
}

#[test]
fn every_release_as_published_is_told_exactly() {
    for artifact in ["log4j-core", "log4j", "reload4j", "log4j-1.2-api"] {
        for (version, path) in jars(artifact) {
            let (_folder, report) = scan_bytes("x.jar", &fs::read(&path).unwrap());
            let found = one(&report.found, artifact, &version);
            // Old jars have no pom.properties to tell twins apart.
            let fits = found.version.as_deref() == Some(&*version) || found.versions == expected(&version);
            assert!(fits, "{artifact} {version}: {:?} {:?}", found.version, found.versions);
            assert_eq!(found.declared, None, "{artifact} {version}: {:?}", found.remarks);
            assert_eq!(report.not_scanned, [], "{artifact} {version}");
        }
    }
}

#[test]
fn what_is_no_log4j_is_not_taken_for_it() {
    for artifact in [
        "log4j-api",
        "logback-core",
        "logback-classic",
        "commons-text",
        "commons-collections",
        "h2",
        "snakeyaml",
        "fastjson",
    ] {
        for (version, path) in jars(artifact) {
            let (_folder, report) = scan_bytes("x.jar", &fs::read(&path).unwrap());
            let log4j = report
                .found
                .iter()
                .find(|it| ["log4j-core", "log4j", "reload4j", "log4j-1.2-api"].contains(&&*it.name));
            assert_eq!(log4j, None, "{artifact} {version}");
            assert!(
                report.found.iter().any(|it| it.version.as_deref() == Some(&*version)),
                "{artifact} {version}: {:?}",
                report.found
            );
        }
    }
}

#[test]
fn a_removed_class_is_seen_to_be_missing() {
    for (version, path) in jars("log4j-core").into_iter().filter(|(version, _)| is_repacked(version)) {
        let mut all = entries(&path);
        let had = all.iter().any(|(name, _)| name.ends_with("lookup/JndiLookup.class"));
        all.retain(|(name, _)| !name.ends_with("lookup/JndiLookup.class"));
        let (_folder, report) = scan_bytes("x.jar", &packed(&all));
        let found = one(&report.found, "log4j-core", &version);
        assert!(found.code.as_ref().unwrap().lacks("lookup/JndiLookup"), "{version}");
        assert_eq!(found.version.as_deref(), Some(&*version), "{version}");
        let (_folder, report) = scan_bytes("x.jar", &fs::read(&path).unwrap());
        let found = one(&report.found, "log4j-core", &version);
        assert_eq!(!found.code.as_ref().unwrap().lacks("lookup/JndiLookup"), had, "{version}");
    }
}

#[test]
fn a_class_that_was_only_renamed_is_found() {
    for (version, path) in jars("log4j-core").into_iter().filter(|(version, _)| is_repacked(version)) {
        let mut all = entries(&path);
        let Some(lookup) = all.iter().position(|(name, _)| name.ends_with("lookup/JndiLookup.class")) else {
            continue;
        };
        let own = all[lookup].0.trim_end_matches(".class").to_owned();
        // The file and the class in it; then only the class's instructions tell it.
        all[lookup] = ("com/x/Y.class".to_owned(), moved(&all[lookup].1, &own, "com/x/Y"));
        let (_folder, report) = scan_bytes("x.jar", &packed(&all));
        let found = one(&report.found, "log4j-core", &version);
        assert!(!found.code.as_ref().unwrap().lacks("lookup/JndiLookup"), "{version}");
        assert!(
            found.remarks.iter().any(|it| it.contains("by another name (com/x/Y.class)")),
            "{version}: {:?}",
            found.remarks
        );
        assert_eq!(found.version.as_deref(), Some(&*version), "{version}");
    }
}

#[test]
fn a_release_that_never_had_a_class_hides_none_of_another_library() {
    let core = jars("log4j-core").into_iter().find(|(version, _)| version == "2.14.1");
    for (version, path) in jars("log4j-1.2-api").into_iter().filter(|_| core.is_some()) {
        let mut all = entries(&path);
        let lookup = format!("{CORE}/lookup/JndiLookup");
        let of_core = entries(&core.as_ref().unwrap().1);
        let (_, class) = of_core.iter().find(|(name, _)| *name == format!("{lookup}.class")).unwrap();
        all.push(("com/x/Y.class".to_owned(), moved(class, &lookup, "com/x/Y")));
        let (_folder, report) = scan_bytes("app.jar", &packed(&all));
        one(&report.found, "log4j-1.2-api", &version);
        let found = one(&report.found, "log4j-core", &version);
        assert!(found.evidence.iter().any(|it| it.place.name() == "com/x/Y.class"), "{version}: {found:?}");
    }
}

/// Moves classes to another package as a shader does: in their texts, whose lengths change.
fn moved(class: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut bytes = class[..10].to_vec();
    let count = u16::from_be_bytes([class[8], class[9]]);
    let (mut at, mut index) = (10, 1);
    while index < count {
        let length = match class[at] {
            1 => {
                let length = usize::from(u16::from_be_bytes([class[at + 1], class[at + 2]]));
                let text = memchr_replace(&class[at + 3..at + 3 + length], from, to);
                bytes.push(1);
                bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
                bytes.extend(text);
                at += 3 + length;
                index += 1;
                continue;
            }
            7 | 8 | 16 | 19 | 20 => 3,
            15 => 4,
            5 | 6 => {
                index += 1;
                9
            }
            _ => 5,
        };
        bytes.extend(&class[at..at + length]);
        at += length;
        index += 1;
    }
    bytes.extend(&class[at..]);
    bytes
}

fn memchr_replace(text: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, from.as_bytes()) {
        out.extend(&rest[..at]);
        out.extend(to.as_bytes());
        rest = &rest[at + from.len()..];
    }
    out.extend(rest);
    out
}

#[test]
fn moved_to_any_package_every_release_is_told() {
    for (version, path) in jars("log4j-core").into_iter().filter(|(version, _)| is_repacked(version)) {
        for (what, to) in [("keeps its last part", "com/maker/shaded/log4j/core"), ("keeps nothing", "mk/x")]
        {
            let classes = entries(&path)
                .into_iter()
                .filter(|(name, _)| name.starts_with(CORE) && name.ends_with(".class"));
            let all: Vec<_> =
                classes.map(|(name, bytes)| (name.replace(CORE, to), moved(&bytes, CORE, to))).collect();
            let (_folder, report) = scan_bytes("app.jar", &packed(&all));
            let found = one(&report.found, "log4j-core", &version);
            assert!(found.versions.contains(&version), "{version} {what}: {:?}", found.versions);
            let moved_to = format!("its classes were moved to {}", to.replace('/', "."));
            assert!(found.remarks.contains(&moved_to), "{version} {what}: {:?}", found.remarks);
        }
    }
}

#[test]
fn classes_that_were_renamed_one_by_one_are_found_by_looking_at_everything() {
    for (version, path) in jars("log4j-core").into_iter().filter(|(version, _)| is_repacked(version)) {
        let classes =
            entries(&path).into_iter().filter(|(name, _)| name.starts_with(CORE) && name.ends_with(".class"));
        let renamed = |(at, (name, bytes)): (usize, (String, Vec<u8>))| {
            let own = name.trim_end_matches(".class").to_owned();
            (format!("a/c{at}.class"), moved(&bytes, &own, &format!("a/c{at}")))
        };
        let all: Vec<_> = classes.enumerate().map(renamed).collect();
        let folder = Folder::new().with("app.jar", &packed(&all));
        let report = folder.scan_with(&thorough());
        let found = one(&report.found, "log4j-core", &version);
        assert!(found.versions.contains(&version), "{version}: {:?}", found.versions);
    }
}

#[test]
fn unpacked_into_a_folder_the_same_is_found() {
    for (version, path) in
        jars("log4j-core").into_iter().filter(|(version, _)| ["2.14.1", "2.17.1"].contains(&&**version))
    {
        let mut folder = Folder::new();
        for (name, bytes) in entries(&path).iter().filter(|(name, _)| !name.ends_with('/')) {
            folder = folder.with(&format!("app/{name}"), bytes);
        }
        let report = folder.scan();
        assert_eq!(folder.found(&report), [format!("app log4j-core {version}")]);
        let found = &report.found[0];
        assert_eq!((found.confidence, found.versions.len()), (Confidence::High, 1), "{:?}", found.remarks);
    }
}

#[test]
fn a_jar_cut_off_in_its_middle_still_shows_what_is_before() {
    for (version, path) in jars("log4j-core").into_iter().filter(|(version, _)| version == "2.14.1") {
        let bytes = fs::read(path).unwrap();
        let (folder, report) = scan_bytes("x.jar", &bytes[..bytes.len() * 3 / 4]);
        let found = one(&report.found, "log4j-core", &version);
        assert!(found.versions.contains(&version), "{:?}", found.versions);
        assert!(!found.code.as_ref().unwrap().whole);
        assert!(!folder.not_scanned(&report).is_empty());
    }
}
