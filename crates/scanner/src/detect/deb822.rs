//! Debian's package database and control files (deb-control(5)): paragraphs of `Name: value`.

use std::collections::HashMap;

use super::package;
use crate::examine::Examiner;
use crate::report::Confidence;

/// `var/lib/dpkg/status`: a paragraph for each package; those that are not installed are left out.
pub(super) fn status(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    paragraphs(path, bytes, examiner, |fields| {
        fields.get("Status").is_none_or(|status| status.ends_with(" installed"))
    });
}

/// `control` of a package. Other files have that name, too: this one has an architecture.
pub(super) fn control(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    paragraphs(path, bytes, examiner, |fields| fields.contains_key("Architecture"));
}

fn paragraphs(
    path: &str,
    bytes: &[u8],
    examiner: &mut Examiner<'_>,
    counts: impl Fn(&HashMap<&str, &str>) -> bool,
) {
    let text = String::from_utf8_lossy(bytes);
    let mut fields = HashMap::new();
    for line in text.lines().chain([""]) {
        if line.is_empty() {
            if counts(&fields) {
                add(path, &fields, examiner);
            }
            fields.clear();
        } else if !line.starts_with([' ', '\t'])
            && let Some((name, value)) = line.split_once(':')
        {
            fields.insert(name, value.trim());
        }
    }
}

fn add(path: &str, fields: &HashMap<&str, &str>, examiner: &mut Examiner<'_>) {
    let (Some(name), Some(version)) = (fields.get("Package"), fields.get("Version")) else { return };
    let mut found = package("deb", name, Some(version), examiner.place(path), "Debian's package database");
    found.confidence = Confidence::High;
    found.qualifiers.extend(fields.get("Architecture").map(|arch| ("arch", (*arch).to_owned())));
    // Advisories name source packages: `Source: openssl (3.0.11-1)`.
    if let Some(source) = fields.get("Source") {
        found.qualifiers.push(("upstream", source.replace(" (", "@").replace(')', "")));
    }
    examiner.facts.packages.push(found);
}
