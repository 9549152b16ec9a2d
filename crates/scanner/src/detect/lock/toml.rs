//! Lock files of TOML: tables `[[package]]` with `name` and `version`, one a line, as their programs write them.

use super::add;
use crate::examine::Examiner;

/// `Cargo.lock`: what has no source is the project itself.
pub(in crate::detect) fn cargo(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    packages(bytes, |name, version, has_source| {
        if has_source {
            add("cargo", name, version, path, examiner);
        }
    });
}

/// `poetry.lock`, and `uv.lock` and `pdm.lock`, which are alike.
pub(in crate::detect) fn poetry(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    packages(bytes, |name, version, _| {
        add("pypi", &crate::detect::python::plain(name), version, path, examiner);
    });
}

fn packages(bytes: &[u8], mut take: impl FnMut(&str, &str, bool)) {
    let text = String::from_utf8_lossy(bytes);
    let mut package: Option<(Option<&str>, Option<&str>, bool)> = None;
    for line in text.lines().chain(["["]) {
        if line.starts_with('[') {
            if let Some((Some(name), Some(version), has_source)) = package {
                take(name, version, has_source);
            }
            package = (line.trim_end() == "[[package]]").then_some((None, None, false));
        } else if let (Some(package), Some((key, value))) = (&mut package, line.split_once(" = ")) {
            let value = value.trim().trim_matches('"');
            match key {
                "name" => package.0 = Some(value),
                "version" => package.1 = Some(value),
                "source" => package.2 = true,
                _ => {}
            }
        }
    }
}
