//! Java archives that are known by their manifest or their name alone. They have no Maven group, so that no advisory can name them.

use std::collections::HashMap;

use crate::facts::{Declared, Manifest};
use crate::report::{Found, Place};

/// What stands behind the number of a version as a part of it.
const QUALIFIERS: &[&str] = &[
    "alpha",
    "beta",
    "rc",
    "m",
    "cr",
    "sp",
    "ga",
    "final",
    "release",
    "snapshot",
    "b",
    "build",
    "p",
    "pre",
    "ea",
    "dev",
    "preview",
    "milestone",
    "jre",
    "android",
    "redhat",
    "incubating",
];

/// What the archives are of which something is said: none for those that something better speaks for.
pub(super) fn of_manifests(
    manifests: &[Manifest],
    declared: &[Declared],
    is_spoken_for: impl Fn(&Place) -> bool,
) -> Vec<Found> {
    let mut by_container: HashMap<&[String], Vec<&Declared>> = HashMap::new();
    for said in declared {
        by_container.entry(said.place.around()).or_default().push(said);
    }
    let mut found = Vec::new();
    for manifest in manifests {
        // On a disk it is the manifest of an unpacked archive, in its folder.
        let around = manifest.place.around();
        let container = Place::of(around);
        if around.is_empty() || is_spoken_for(&container) {
            continue;
        }
        let declared = by_container.get(around).map_or(&[][..], Vec::as_slice);
        let said = Said::of(manifest, &container);
        if declared.iter().any(|it| said.names(&it.artifact)) {
            continue;
        }
        // What has no version is told where nothing else is known; a name of a file alone is none of a library.
        let is_told = manifest.is_written && declared.is_empty() && is_java_archive(container.name());
        if said.version.is_some() || is_told {
            found.push(said.found(manifest, container));
        }
    }
    found
}

/// Whether a name is one of a Java archive: other zip archives have manifests, too.
pub(crate) fn is_java_archive(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["jar", "war", "ear", "sar", "rar", "jpi", "hpi", "kar"];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.iter().any(|it| ending.eq_ignore_ascii_case(it))
}

/// What a manifest and the name of its archive say.
struct Said {
    /// The name of the file, without its ending and its version.
    stem: String,
    symbolic: Option<String>,
    title: Option<String>,
    name: String,
    version: Option<String>,
}

impl Said {
    fn of(manifest: &Manifest, container: &Place) -> Said {
        let value = |name: &str| {
            // A build that did not fill in its own texts says nothing.
            let mut all = manifest.attributes.iter().filter(|(it, value)| {
                it.eq_ignore_ascii_case(name) && !value.is_empty() && !value.contains("${")
            });
            all.next().map(|(_, value)| value.clone())
        };
        let file = container.name().rsplit('/').next().unwrap_or_default();
        let (stem, by_name) = split_version(file);
        let version = value("Implementation-Version").or_else(|| value("Bundle-Version"));
        let symbolic = value("Bundle-SymbolicName");
        let symbolic = symbolic.map(|it| it.split(';').next().unwrap_or_default().trim().to_owned());
        let title = value("Implementation-Title");
        let name = if by_name.is_some() { Some(stem.to_owned()) } else { None };
        let name = name.or_else(|| symbolic.clone()).or_else(|| title.clone());
        Said {
            name: name.unwrap_or_else(|| stem.to_owned()),
            version: version.or_else(|| by_name.map(str::to_owned)),
            stem: stem.to_owned(),
            symbolic,
            title,
        }
    }

    /// Whether it is this artifact: by the name of its file, or as its manifest names it (`org.apache.commons.io` is `commons-io`).
    fn names(&self, artifact: &str) -> bool {
        let plain = |name: &str| name.to_lowercase().replace(|it: char| !it.is_alphanumeric(), "-");
        let artifact = plain(artifact);
        let behind = format!("-{artifact}");
        let mut names = [&self.symbolic, &self.title].into_iter().flatten().map(|it| plain(it));
        plain(&self.stem) == artifact || names.any(|name| name == artifact || name.ends_with(&behind))
    }

    fn found(self, manifest: &Manifest, container: Place) -> Found {
        let (place, shows) = if manifest.is_written {
            (manifest.place.clone(), "the archive's manifest")
        } else {
            (container.clone(), "the archive's name; it has no manifest")
        };
        let mut found = crate::detect::package("maven", &self.name, self.version.as_deref(), place, shows);
        found.place = container;
        found
    }
}

/// `commons-io-2.11.0.jar` is `commons-io` and `2.11.0`, `log4j-1.2-api-2.14.1.jar` is `log4j-1.2-api` and `2.14.1`: the version is the last part
/// that begins with a digit, with what belongs to it on both sides.
fn split_version(file: &str) -> (&str, Option<&str>) {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut version = None;
    for (at, _) in stem.rmatch_indices('-') {
        let part = stem.get(at + 1..).unwrap_or_default().split('-').next().unwrap_or_default();
        let letters = part.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.').to_ascii_lowercase();
        if part.starts_with(|it: char| it.is_ascii_digit()) {
            version = Some(at);
        } else if version.is_some() && !QUALIFIERS.contains(&letters.as_str()) {
            break;
        }
    }
    version.map_or((stem, None), |at| (stem.get(..at).unwrap_or_default(), stem.get(at + 1..)))
}
