//! Lock files: the exact versions that a project was built with. They say what was to be installed, not what is there, so what they
//! name is of low confidence.

use serde_json::Value;

use super::{json, package};
use crate::examine::Examiner;
use crate::fields::text_of;
use crate::report::Confidence;

mod lines;
mod toml;
mod yaml;

pub(super) use lines::{gemfile, go_mod, gradle, requirements};
pub(super) use toml::{cargo, poetry};
pub(super) use yaml::{pnpm, yarn};

/// Folders of folders that `package-lock.json` of the first kind may have.
const MAX_DEPTH: usize = 32;

/// Adds what a lock file names.
fn add(kind: &'static str, name: &str, version: &str, path: &str, examiner: &mut Examiner<'_>) {
    if name.is_empty() || !version.starts_with(|it: char| it.is_ascii_digit() || it == 'v') {
        return;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let shows = format!("named by the lock file {file}, not seen itself");
    // Where a name space is a part of the name: `@babel/core`, `symfony/console`, `github.com/a/b`, `group:artifact`.
    let (namespace, name) = match kind {
        "npm" | "composer" | "golang" => {
            name.rsplit_once('/').map_or((None, name), |(space, name)| (Some(space), name))
        }
        "maven" => name.rsplit_once(':').map_or((None, name), |(space, name)| (Some(space), name)),
        _ => (None, name),
    };
    let mut found = package(kind, name, Some(version), examiner.place(path), &shows);
    found.namespace = namespace.map(str::to_owned);
    found.confidence = Confidence::Low;
    examiner.facts.packages.push(found);
}

/// `package-lock.json` and `npm-shrinkwrap.json` (npm documentation, "package-lock.json"): since version 2 by the folder that a package
/// is put into, before that packages in packages.
pub(super) fn npm(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(lock) = json("lock file", path, bytes, examiner) else { return };
    if let Some(packages) = lock.get("packages").and_then(Value::as_object) {
        for (folder, package) in packages {
            let Some((_, name)) = folder.rsplit_once("node_modules/") else { continue };
            let name = text(package, "name").unwrap_or(name);
            if let Some(version) = text(package, "version") {
                add("npm", name, version, path, examiner);
            }
        }
    } else {
        npm_nested(&lock, 0, path, examiner);
    }
}

fn npm_nested(lock: &Value, depth: usize, path: &str, examiner: &mut Examiner<'_>) {
    let Some(packages) = lock.get("dependencies").and_then(Value::as_object).filter(|_| depth < MAX_DEPTH)
    else {
        return;
    };
    for (name, package) in packages {
        if let Some(version) = text(package, "version") {
            // An alias: `npm:lodash@4.17.20`.
            let meant = version.strip_prefix("npm:").and_then(|it| it.rsplit_once('@'));
            let (name, version) = meant.unwrap_or((name, version));
            add("npm", name, version, path, examiner);
        }
        npm_nested(package, depth + 1, path, examiner);
    }
}

/// `composer.lock`.
pub(super) fn composer(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(lock) = json("lock file", path, bytes, examiner) else { return };
    let lists = ["packages", "packages-dev"].into_iter().filter_map(|list| lock.get(list)?.as_array());
    for package in lists.flatten() {
        if let (Some(name), Some(version)) = (text(package, "name"), text(package, "version")) {
            add("composer", name, version.strip_prefix('v').unwrap_or(version), path, examiner);
        }
    }
}

/// `Pipfile.lock`: `"name": {"version": "==1.2.3"}`.
pub(super) fn pipfile(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(lock) = json("lock file", path, bytes, examiner) else { return };
    let lists = ["default", "develop"].into_iter().filter_map(|list| lock.get(list)?.as_object());
    for (name, package) in lists.flatten() {
        if let Some(version) = text(package, "version").and_then(|it| it.strip_prefix("==")) {
            add("pypi", &super::python::plain(name), version, path, examiner);
        }
    }
}

/// `packages.lock.json` of NuGet: by target framework, then by name.
pub(super) fn nuget(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(lock) = json("lock file", path, bytes, examiner) else { return };
    let Some(frameworks) = lock.get("dependencies").and_then(Value::as_object) else { return };
    for (name, package) in frameworks.values().filter_map(Value::as_object).flatten() {
        if let Some(version) = text(package, "resolved") {
            add("nuget", name, version, path, examiner);
        }
    }
}

/// `packages.config` of NuGet: `<package id="NAME" version="1.2.3" />`.
pub(super) fn packages_config(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    for tag in text.split("<package ").skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let value = |key: &str| {
            let (_, rest) = tag.split_once(key)?;
            rest.split(['"', '\'']).nth(1)
        };
        if let (Some(name), Some(version)) = (value("id="), value("version=")) {
            add("nuget", name, version, path, examiner);
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}
