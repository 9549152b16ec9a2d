//! Lock files of TOML: tables `[[package]]` with `name` and `version`, one a line, as their programs write them.

use super::add;
use crate::examine::Examiner;
use crate::fields::text_of;

/// `Cargo.lock`: what has no source is the project itself.
pub(in crate::detect) fn cargo(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    packages(bytes, |name, version, source| {
        if source.is_some() {
            add("cargo", name, version, path, examiner);
        }
    });
}

/// `poetry.lock`, and `uv.lock` and `pdm.lock`, which are alike. In `uv.lock` the project itself and other folders of it stand among its
/// packages.
pub(in crate::detect) fn poetry(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    const FOLDERS: [&str; 3] = ["virtual = ", "editable = ", "directory = "];
    packages(bytes, |name, version, source| {
        let source = source.unwrap_or_default().trim_start_matches(['{', ' ']);
        if !FOLDERS.iter().any(|folder| source.starts_with(folder)) {
            add("pypi", &crate::detect::python::plain(name), version, path, examiner);
        }
    });
}

fn packages(bytes: &[u8], mut take: impl FnMut(&str, &str, Option<&str>)) {
    let text = text_of(bytes);
    let mut package: Option<(Option<&str>, Option<&str>, Option<&str>)> = None;
    for line in text.lines().chain(["["]) {
        if line.starts_with('[') {
            if let Some((Some(name), Some(version), source)) = package {
                take(name, version, source);
            }
            package = (line.trim_end() == "[[package]]").then_some((None, None, None));
        } else if let (Some(package), Some((key, value))) = (&mut package, line.split_once(" = ")) {
            let value = value.trim().trim_matches('"');
            match key {
                "name" => package.0 = Some(value),
                "version" => package.1 = Some(value),
                "source" => package.2 = Some(value),
                _ => {}
            }
        }
    }
}
