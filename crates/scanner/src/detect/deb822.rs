//! Debian's package database and control files (deb-control(5)): paragraphs of `Name: value`.

use std::collections::HashMap;

use super::package;
use crate::examine::Examiner;
use crate::fields::text_of;
use crate::report::Confidence;

/// States of which no files are on the disk (dpkg(1), "Package states"). In all others a part of them is, at the least.
const ABSENT: [&str; 2] = ["not-installed", "config-files"];

/// `var/lib/dpkg/status`: a paragraph for each package; those that are not there are left out.
pub(super) fn status(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    paragraphs(DEBIAN, path, bytes, examiner, is_there);
}

/// opkg's database (OpenWrt, Yocto), written alike.
pub(super) fn opkg_status(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    paragraphs(OPKG, path, bytes, examiner, is_there);
}

fn is_there(fields: &HashMap<&str, &str>) -> bool {
    let state = fields.get("Status").and_then(|status| status.split_whitespace().last());
    state.is_none_or(|state| !ABSENT.contains(&state))
}

/// The package URL's type, and what speaks for a package.
type Kind = (&'static str, &'static str);
const DEBIAN: Kind = ("deb", "Debian's package database");
const OPKG: Kind = ("opkg", "opkg's package database");

/// `control` of a package. Other files have that name, too: this one has an architecture.
pub(super) fn control(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    // opkg's packages have the same file; what they are called tells (opkg, "IPK").
    let kind = if examiner.is_within(".ipk") { OPKG } else { DEBIAN };
    paragraphs(kind, path, bytes, examiner, |fields| fields.contains_key("Architecture"));
}

fn paragraphs(
    kind: Kind,
    path: &str,
    bytes: &[u8],
    examiner: &mut Examiner<'_>,
    counts: impl Fn(&HashMap<&str, &str>) -> bool,
) {
    let text = text_of(bytes);
    let mut fields = HashMap::new();
    for line in text.lines().chain([""]) {
        if line.is_empty() {
            if counts(&fields) {
                add(kind, path, &fields, examiner);
            }
            fields.clear();
        } else if !line.starts_with([' ', '\t'])
            && let Some((name, value)) = line.split_once(':')
        {
            fields.insert(name, value.trim());
        }
    }
}

fn add((kind, shows): Kind, path: &str, fields: &HashMap<&str, &str>, examiner: &mut Examiner<'_>) {
    let (Some(name), Some(version)) = (fields.get("Package"), fields.get("Version")) else { return };
    let mut found = package(kind, name, Some(version), examiner.place(path), shows);
    found.confidence = Confidence::High;
    found.qualifiers.extend(fields.get("Architecture").map(|arch| ("arch", (*arch).to_owned())));
    // Advisories name source packages: `Source: openssl (3.0.11-1)`. Without it the source bears the same name (deb-control(5)).
    match fields.get("Source") {
        Some(source) => found.qualifiers.push(("upstream", source.replace(" (", "@").replace(')', ""))),
        None if kind == DEBIAN.0 => found.qualifiers.push(("upstream", (*name).to_owned())),
        None => {}
    }
    examiner.facts.packages.push(found);
}
