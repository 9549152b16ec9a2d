//! Lock files of lines: `Gemfile.lock`, `requirements.txt`, `go.mod`, `gradle.lockfile`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::add;
use crate::detect::without_mark;
use crate::examine::Examiner;
use crate::fields::text_of;

/// `Gemfile.lock` (Bundler): below `specs:` four blanks, a name and its version; what it depends on has six.
pub(in crate::detect) fn gemfile(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    for line in text.lines() {
        let Some(line) = line.strip_prefix("    ").filter(|line| !line.starts_with(' ')) else { continue };
        if let Some((name, version)) = line.strip_suffix(')').and_then(|line| line.split_once(" (")) {
            // Behind a dash is the platform.
            add("gem", name, version.split('-').next().unwrap_or(version), path, examiner);
        }
    }
}

/// `requirements.txt` (pip): only what names one version exactly. PowerShell writes it in UTF-16.
pub(in crate::detect) fn requirements(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = decoded(bytes);
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

/// A text in UTF-8, or in UTF-16 where its mark says so.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |rest: &[u8], number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|pair| number(*pair)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => text_of(without_mark(bytes)),
    }
}

/// `go.mod` (Go Modules Reference): since Go 1.17 it names all modules.
pub(in crate::detect) fn go_mod(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let mut block = None;
    let (mut required, mut replaced) = (Vec::new(), HashMap::new());
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if let Some(kind) = line.strip_suffix('(').filter(|_| block.is_none()) {
            block = Some(kind.trim_end());
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, words) = match (block, words.as_slice()) {
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
            ("replace", [from, "=>", to, version]) => drop(replaced.insert((*from, None), (*to, *version))),
            // Of this version alone.
            ("replace", [from, of, "=>", to, version]) => {
                replaced.insert((*from, Some(*of)), (*to, *version));
            }
            _ => {}
        }
    }
    for (name, version) in required {
        let instead = replaced.get(&(name, Some(version))).or_else(|| replaced.get(&(name, None)));
        let (name, version) = instead.copied().unwrap_or((name, version));
        add("golang", name, version, path, examiner);
    }
}

/// `gradle.lockfile` (Gradle user manual, "Locking Versions"): `group:artifact:version=configurations`.
pub(in crate::detect) fn gradle(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let coordinates = line.split('=').next().unwrap_or_default();
        if let Some((name, version)) = coordinates.rsplit_once(':') {
            add("maven", name, version, path, examiner);
        }
    }
}
