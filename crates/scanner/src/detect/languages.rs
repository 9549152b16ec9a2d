//! What is installed for Ruby, PHP and .NET, as their package managers leave it.

use serde_json::Value;

use super::{json, package};
use crate::examine::Examiner;
use crate::fields::text_of;
use crate::report::Confidence;

/// `specifications/NAME-VERSION.gemspec` of an installed gem: a program, of which two assignments are read.
pub(super) fn gemspec(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    if !path.contains("specifications/") {
        return;
    }
    let text = text_of(bytes);
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix("s.")?.strip_prefix(key));
        let value = lines.find_map(|rest| rest.trim_start().strip_prefix('='))?;
        value.split(['"', '\'']).nth(1).filter(|value| !value.is_empty())
    };
    let (Some(name), Some(version)) = (value("name"), value("version")) else { return };
    let found =
        package("gem", name, Some(version), examiner.place(path), "the installed gem's specification");
    examiner.facts.packages.push(found);
}

/// `vendor/composer/installed.json`: a list, or an object with one.
pub(super) fn composer_installed(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(all) = json("list of packages", path, bytes, examiner) else { return };
    let Some(packages) = all.get("packages").unwrap_or(&all).as_array() else { return };
    for one in packages {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        let (Some(name), Some(version)) = (text("name"), text("version")) else { continue };
        let (space, name) = name.split_once('/').map_or((None, name), |(space, name)| (Some(space), name));
        let version = version.strip_prefix('v').unwrap_or(version);
        let mut found = package(
            "composer",
            name,
            Some(version),
            examiner.place(path),
            "Composer's list of what is installed",
        );
        found.namespace = space.map(str::to_owned);
        examiner.facts.packages.push(found);
    }
}

/// `NAME.deps.json` beside a .NET program (runtime configuration files): packages that it was put together with.
pub(super) fn deps_json(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(deps) = json("list of packages", path, bytes, examiner) else { return };
    let Some(libraries) = deps.get("libraries").and_then(Value::as_object) else { return };
    for (key, library) in libraries {
        // The runtime itself, where it is packed with the program, is a package as well.
        let key = match library.get("type").and_then(Value::as_str) {
            Some("package") => key,
            Some("runtimepack") => key.strip_prefix("runtimepack.").unwrap_or(key),
            _ => continue,
        };
        if let Some((name, version)) = key.split_once('/') {
            let found = package(
                "nuget",
                name,
                Some(version),
                examiner.place(path),
                "the program's list of its packages",
            );
            examiner.facts.packages.push(found);
        }
    }
}

/// `NAME.nuspec` (NuGet, ".nuspec reference"): of an XML file the first `id` and `version`.
pub(super) fn nuspec(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let metadata = text.split_once("<metadata").map_or("", |(_, rest)| rest);
    let value = |tag: &str| {
        let (_, rest) = metadata.split_once(&format!("<{tag}>"))?;
        rest.split_once('<').map(|(value, _)| value.trim()).filter(|value| !value.is_empty())
    };
    let (Some(name), Some(version)) = (value("id"), value("version")) else { return };
    let mut found =
        package("nuget", name, Some(version), examiner.place(path), "the package's specification");
    found.confidence = Confidence::High;
    examiner.facts.packages.push(found);
}
