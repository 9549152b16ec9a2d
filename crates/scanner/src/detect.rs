//! Files that say what is installed or packed here, told by their path. A new one is one row, one function and its tests.

use crate::examine::Examiner;
use crate::java;
use crate::layers;
use crate::report::{Confidence, Evidence, Found, Place};

mod apk;
mod deb822;
mod npm;
mod os_release;
mod python;

/// One kind of file.
pub(crate) struct Detector {
    /// What it is, as reports have it.
    pub(crate) name: &'static str,
    /// How its path ends; a leading `/` means that a whole name begins there.
    ending: &'static str,
    /// Reads it.
    pub(crate) examine: fn(&str, &[u8], &mut Examiner<'_>),
}

/// Every kind.
#[rustfmt::skip]
pub(crate) const DETECTORS: &[Detector] = &[
    Detector { name: "Maven coordinates", ending: "/pom.properties", examine: java::pom_properties },
    Detector { name: "manifest of a Java archive", ending: "META-INF/MANIFEST.MF", examine: java::manifest },
    // deb-control(5): the database of installed packages, whole or one file a package (distroless images), and a package's own file.
    Detector { name: "Debian package database", ending: "var/lib/dpkg/status", examine: deb822::status },
    Detector { name: "Debian package database", ending: "var/lib/dpkg/status.d/", examine: deb822::status },
    Detector { name: "Debian control file", ending: "/control", examine: deb822::control },
    // apk-package(5): Alpine's database.
    Detector { name: "Alpine package database", ending: "lib/apk/db/installed", examine: apk::installed },
    Detector { name: "operating system", ending: "etc/os-release", examine: os_release::os_release },
    Detector { name: "operating system", ending: "usr/lib/os-release", examine: os_release::os_release },
    Detector { name: "npm package", ending: "/package.json", examine: npm::package_json },
    // docker-save's own list; OCI layouts are told by what is in their blobs.
    Detector { name: "container image", ending: "/manifest.json", examine: layers::docker_manifest },
    // Core metadata 2.4; in wheels, eggs and their installed form.
    Detector { name: "Python package", ending: ".dist-info/METADATA", examine: python::metadata },
    Detector { name: "Python package", ending: ".egg-info/PKG-INFO", examine: python::metadata },
    Detector { name: "Python package", ending: "EGG-INFO/PKG-INFO", examine: python::metadata },
];

/// The kind that a path names.
pub(crate) fn by_path(path: &str) -> Option<&'static Detector> {
    let is_folder_of = |detector: &Detector| {
        let folder = path.rfind('/').map_or("", |at| &path[..=at]);
        detector.ending.ends_with('/') && folder.ends_with(detector.ending) && folder.len() < path.len()
    };
    let ends = |detector: &Detector| {
        let at_start = detector.ending.strip_prefix('/').is_some_and(|name| name == path);
        path.ends_with(detector.ending) || at_start
    };
    // Most paths end like none of them: the last byte tells.
    let last = path.as_bytes().last()?;
    let may_be = |detector: &&Detector| {
        detector.ending.as_bytes().last() == Some(last) || detector.ending.ends_with('/')
    };
    DETECTORS.iter().filter(may_be).find(|detector| ends(detector) || is_folder_of(detector))
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
        evidence: vec![Evidence { place: place.clone(), shows: shows.to_owned(), sha256: None }],
        place,
        confidence: Confidence::Fair,
        remarks: Vec::new(),
        is_system: false,
    }
}
