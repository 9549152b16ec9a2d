//! `release` of a Java runtime (JEP 223, "Release file"): `KEY="value"`.

use super::package;
use crate::examine::Examiner;
use crate::fields::text_of;

pub(super) fn java_release(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let value = |key: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once('='));
        let value = pairs.find(|(name, _)| *name == key).map(|(_, value)| value.trim().trim_matches('"'));
        value.filter(|value| !value.is_empty())
    };
    let Some(version) = value("JAVA_VERSION") else { return };
    let is_oracle = value("IMPLEMENTOR").is_some_and(|it| it.starts_with("Oracle"));
    let name = if is_oracle { "jdk" } else { "openjdk" };
    let shows = "the release file of a Java runtime";
    let mut found = package("generic", name, Some(version), examiner.place(path), shows);
    found.cpes = cpes(name, version);
    examiner.facts.packages.push(found);
}

/// NVD's names: `1.8.0_292` is the update 292 of `1.8.0`. Of OpenJDK its records call the same 8, too.
fn cpes(name: &str, version: &str) -> Vec<String> {
    let named =
        |version: &str, update: &str| format!("cpe:2.3:a:oracle:{name}:{version}:{update}:*:*:*:*:*:*");
    let (version, update) = match version.split_once('_') {
        Some((version, update)) => (version, format!("update{update}")),
        // Up to 8 the first release is the one without an update.
        None if version.starts_with("1.") => (version, "-".to_owned()),
        None => (version, "*".to_owned()),
    };
    let short = version.strip_prefix("1.").and_then(|it| it.strip_suffix(".0"));
    let short = short.filter(|_| name == "openjdk").map(|version| named(version, &update));
    [named(version, &update)].into_iter().chain(short).collect()
}
