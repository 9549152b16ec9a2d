//! Lock files of lines: `Gemfile.lock`, `requirements.txt`, `go.mod`, `gradle.lockfile`.

use super::add;
use crate::examine::Examiner;

/// `Gemfile.lock` (Bundler): below `specs:` four blanks, a name and its version; what it depends on has six.
pub(in crate::detect) fn gemfile(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        let Some(line) = line.strip_prefix("    ").filter(|line| !line.starts_with(' ')) else { continue };
        if let Some((name, version)) = line.strip_suffix(')').and_then(|line| line.split_once(" (")) {
            // Behind a dash is the platform.
            add("gem", name, version.split('-').next().unwrap_or(version), path, examiner);
        }
    }
}

/// `requirements.txt` (pip): only what names one version exactly.
pub(in crate::detect) fn requirements(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        let line = line.split(['#', ';', '\\']).next().unwrap_or_default();
        let Some((name, version)) = line.split_once("==") else { continue };
        let version = version.trim_start_matches('=').split_whitespace().next().unwrap_or_default();
        let name = name.split('[').next().unwrap_or_default().trim();
        // `==1.*` is no one version.
        if !version.contains(['*', ',']) && !name.contains(' ') {
            add("pypi", &crate::detect::python::plain(name), version, path, examiner);
        }
    }
}

/// `go.mod` (Go Modules Reference): since Go 1.17 it names all modules.
pub(in crate::detect) fn go_mod(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    let mut block = None;
    let (mut required, mut replaced) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, words) = match (block, words.as_slice()) {
            (None, [kind, "("]) => {
                block = Some(*kind);
                continue;
            }
            (Some(_), [")"]) => {
                block = None;
                continue;
            }
            (None, [kind, rest @ ..]) => (*kind, rest),
            (Some(kind), rest) => (kind, rest),
            (None, []) => continue,
        };
        match (kind, words) {
            ("require", [name, version]) => required.push((*name, *version)),
            ("replace", [from, .., "=>", to, version]) => replaced.push((*from, *to, *version)),
            _ => {}
        }
    }
    for (name, version) in required {
        let instead = replaced.iter().find(|(from, ..)| *from == name);
        let (name, version) = instead.map_or((name, version), |(_, to, version)| (*to, *version));
        add("golang", name, version, path, examiner);
    }
}

/// `gradle.lockfile` (Gradle user manual, "Locking Versions"): `group:artifact:version=configurations`.
pub(in crate::detect) fn gradle(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let coordinates = line.split('=').next().unwrap_or_default();
        if let Some((name, version)) = coordinates.rsplit_once(':') {
            add("maven", name, version, path, examiner);
        }
    }
}
