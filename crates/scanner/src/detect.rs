//! Files that say what is installed or packed here, told by their path. A new one is one row, one function and its tests.

use std::sync::OnceLock;

use serde_json::Value;

use crate::content::Content;
use crate::examine::Examiner;
use crate::java;
use crate::layers;
use crate::report::{Confidence, Evidence, Found, NotScanned, Place, Reason};

mod apk;
mod conda;
mod deb822;
mod java_release;
mod languages;
mod lock;
mod npm;
mod os_release;
mod python;
mod rpm_database;
mod sbom;

/// How a file is read.
#[derive(Clone, Copy)]
pub(crate) enum Examine {
    /// As a text, whole.
    Text(ReadText),
    /// From any place to any place.
    Database(ReadDatabase),
}

/// One kind of file.
pub(crate) struct Detector {
    /// What it is, as reports have it.
    pub(crate) name: &'static str,
    /// How its path ends; a leading `/` means that a whole name begins there, `*` stands for anything but `/`.
    ending: &'static str,
    /// Reads it.
    pub(crate) examine: Examine,
}

type ReadText = fn(&str, &[u8], &mut Examiner<'_>);
type ReadDatabase = for<'s> fn(&str, &Content<'s>, &mut Examiner<'s>) -> Result<(), Reason>;

const fn text(name: &'static str, ending: &'static str, examine: ReadText) -> Detector {
    Detector { name, ending, examine: Examine::Text(examine) }
}

const fn database(name: &'static str, ending: &'static str, examine: ReadDatabase) -> Detector {
    Detector { name, ending, examine: Examine::Database(examine) }
}

/// Every kind.
#[rustfmt::skip]
pub(crate) const DETECTORS: &[Detector] = &[
    text("Maven coordinates", "/pom.properties", java::pom_properties),
    text("Maven coordinates", "/pom.xml", java::pom_xml),
    text("manifest of a Java archive", "META-INF/MANIFEST.MF", java::manifest),
    // deb-control(5): the database of installed packages, whole or one file a package (distroless images), and a package's own file.
    // Below `var`, which often is a volume of its own.
    text("Debian package database", "lib/dpkg/status", deb822::status),
    text("Debian package database", "lib/dpkg/status.d/", deb822::status),
    text("Debian control file", "/control", deb822::control),
    // opkg_conf.c: in usr/lib/opkg (OpenWrt), var/lib/opkg (Yocto) and lib/opkg.
    text("opkg package database", "lib/opkg/status", deb822::opkg_status),
    // apk-package(5): Alpine's database.
    text("Alpine package database", "lib/apk/db/installed", apk::installed),
    text("operating system", "etc/os-release", os_release::os_release),
    // Below `usr`, which may be a volume of its own.
    text("operating system", "lib/os-release", os_release::os_release),
    text("npm package", "/package.json", npm::package_json),
    // docker-save's own list; OCI layouts are told by what is in their blobs.
    text("container image", "/manifest.json", layers::docker_manifest),
    // Core metadata 2.4; in wheels, eggs and their installed form.
    text("Python package", ".dist-info/METADATA", python::metadata),
    text("Python package", ".egg-info/PKG-INFO", python::metadata),
    text("Python package", "EGG-INFO/PKG-INFO", python::metadata),
    // distutils wrote a file where setuptools has a folder.
    text("Python package", ".egg-info", python::metadata),
    text("Python package", "/PKG-INFO", python::source_metadata),
    text("conda package", "conda-meta/*.json", conda::installed),
    // rpm: the three backends, and where distributions have them.
    database("rpm database", "/rpmdb.sqlite", rpm_database::installed),
    database("rpm database", "lib/rpm/Packages", rpm_database::installed),
    database("rpm database", "sysimage/rpm/Packages", rpm_database::installed),
    database("rpm database", "lib/rpm/Packages.db", rpm_database::installed),
    database("rpm database", "sysimage/rpm/Packages.db", rpm_database::installed),
    text("Ruby gem", ".gemspec", languages::gemspec),
    text("Composer package", "composer/installed.json", languages::composer_installed),
    text("NuGet package", ".deps.json", languages::deps_json),
    text("NuGet package", ".nuspec", languages::nuspec),
    text("lock file of npm", "/package-lock.json", lock::npm),
    text("lock file of npm", "/npm-shrinkwrap.json", lock::npm),
    text("lock file of Yarn", "/yarn.lock", lock::yarn),
    text("lock file of pnpm", "/pnpm-lock.yaml", lock::pnpm),
    text("lock file of Python", "/poetry.lock", lock::poetry),
    text("lock file of Python", "/uv.lock", lock::poetry),
    text("lock file of Python", "/pdm.lock", lock::poetry),
    text("lock file of Python", "/Pipfile.lock", lock::pipfile),
    text("lock file of Python", "/requirements.txt", lock::requirements),
    text("lock file of Python", "/requirements-*.txt", lock::requirements),
    text("lock file of Python", "-requirements.txt", lock::requirements),
    text("lock file of Python", "/requirements/*.txt", lock::requirements),
    text("lock file of Cargo", "/Cargo.lock", lock::cargo),
    text("lock file of Go", "/go.mod", lock::go_mod),
    text("lock file of Bundler", "/Gemfile.lock", lock::gemfile),
    text("lock file of Composer", "/composer.lock", lock::composer),
    text("lock file of NuGet", "/packages.lock.json", lock::nuget),
    text("lock file of NuGet", "/packages.config", lock::packages_config),
    text("lock file of Gradle", "/gradle.lockfile", lock::gradle),
    // Anything may be called `release`: in folders that Java runtimes lie in.
    text("Java runtime", "/j*/release", java_release::java_release),
    text("Java runtime", "/openjdk*/release", java_release::java_release),
    text("Java runtime", "/temurin*/release", java_release::java_release),
    text("Java runtime", "/zulu*/release", java_release::java_release),
    text("Java runtime", "/amazon-corretto*/release", java_release::java_release),
    text("Java runtime", "/graalvm*/release", java_release::java_release),
    text("inventory (SBOM)", ".cdx.json", sbom::inventory),
    text("inventory (SBOM)", ".spdx.json", sbom::inventory),
    text("inventory (SBOM)", ".spdx", sbom::inventory),
    text("inventory (SBOM)", "/bom.json", sbom::inventory),
    text("inventory (SBOM)", "/bom.xml", sbom::inventory),
];

/// The kind that a path names.
pub(crate) fn by_path(path: &str) -> Option<&'static Detector> {
    let is_folder_of = |detector: &Detector| {
        let folder = || path.rfind('/').map_or("", |at| &path[..=at]);
        detector.ending.ends_with('/') && path.len() > detector.ending.len() && {
            let folder = folder();
            folder.ends_with(detector.ending) && folder.len() < path.len()
        }
    };
    let ends = |detector: &Detector| match detector.ending.split_once('*') {
        Some((before, behind)) => path.strip_suffix(behind).is_some_and(|path| begins(path, before)),
        None => path.ends_with(detector.ending) || detector.ending.strip_prefix('/') == Some(path),
    };
    // Most paths end like none of them: the last two bytes tell.
    let last = last_two(path.as_bytes())?;
    let is_folder = |it: &&Detector| it.ending.ends_with('/');
    let folders = || DETECTORS.iter().filter(is_folder).find(|it| is_folder_of(it));
    if !ends_like_some(last) {
        return folders();
    }
    let mut files =
        DETECTORS.iter().filter(|it| !is_folder(it) && last_two(it.ending.as_bytes()) == Some(last));
    files.find(|detector| ends(detector)).or_else(folders)
}

/// Whether a path ends with these bytes and some more in the same name.
fn begins(path: &str, before: &str) -> bool {
    let at_start = before.strip_prefix('/').and_then(|before| path.strip_prefix(before));
    let inside = path.rfind(before).and_then(|at| path.get(at + before.len()..));
    [at_start, inside].into_iter().flatten().any(|rest| !rest.contains('/'))
}

/// Whether any row that names a file ends with these two bytes: one bit for each two.
fn ends_like_some(last: [u8; 2]) -> bool {
    static ENDINGS: OnceLock<Vec<u64>> = OnceLock::new();
    let bit = |last: [u8; 2]| (usize::from(last[0]) << 2 | usize::from(last[1] >> 6), last[1] & 63);
    let endings = ENDINGS.get_or_init(|| {
        let mut bits = vec![0; 1 << 10];
        let named = DETECTORS.iter().filter(|it| !it.ending.ends_with('/'));
        for (word, at) in named.filter_map(|it| last_two(it.ending.as_bytes())).map(bit) {
            if let Some(word) = bits.get_mut(word) {
                *word |= 1 << at;
            }
        }
        bits
    });
    let (word, at) = bit(last);
    endings.get(word).is_some_and(|word| word >> at & 1 == 1)
}

fn last_two(bytes: &[u8]) -> Option<[u8; 2]> {
    bytes.last_chunk().copied()
}

/// The bytes behind the mark of UTF-8 that some editors write.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A file of JSON; where it cannot be read, that is said.
pub(crate) fn json(
    kind: &'static str,
    path: &str,
    bytes: &[u8],
    examiner: &mut Examiner<'_>,
) -> Option<Value> {
    match serde_json::from_slice(without_mark(bytes)) {
        Ok(value) => Some(value),
        Err(error) => {
            let reason = Reason::Damaged { kind, what: error.to_string() };
            examiner.facts.not_scanned.push(NotScanned { place: examiner.place(path), reason });
            None
        }
    }
}

/// A package that a file names.
pub(crate) fn package(
    kind: &'static str,
    name: &str,
    version: Option<&str>,
    place: Place,
    shows: &str,
) -> Found {
    Found {
        kind,
        namespace: None,
        name: name.to_owned(),
        version: version.map(str::to_owned),
        qualifiers: Vec::new(),
        versions: Vec::new(),
        declared: None,
        code: None,
        cpes: Vec::new(),
        evidence: vec![Evidence { place: place.clone(), shows: shows.to_owned(), sha256: None }],
        place,
        confidence: Confidence::Fair,
        remarks: Vec::new(),
        is_system: false,
    }
}
