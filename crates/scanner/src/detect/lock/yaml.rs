//! `yarn.lock` and `pnpm-lock.yaml`, read line by line as their programs write them.

use super::add;
use crate::examine::Examiner;

/// `yarn.lock`: a line of what was asked for, then its version; since version 2 also what it became.
pub(in crate::detect) fn yarn(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    let mut asked = "";
    let mut version = "";
    let mut became = None;
    for line in text.lines().chain(["end:"]) {
        if let Some(line) = line.strip_suffix(':').filter(|line| !line.starts_with([' ', '#'])) {
            let name = became.take().unwrap_or_else(|| name(asked));
            if !asked.contains("@workspace:") && asked != "__metadata" {
                add("npm", name, version, path, examiner);
            }
            (asked, version) = (line.trim_matches('"').split(", ").next().unwrap_or_default(), "");
        } else if let Some(rest) = line.strip_prefix("  version") {
            version = rest.trim_start_matches([':', ' ']).trim_matches('"');
        } else if let Some(rest) = line.strip_prefix("  resolution: ") {
            became = Some(name(rest.trim_matches('"')));
        }
    }
}

/// The name before the second `@`: the first may be a part of it.
fn name(asked: &str) -> &str {
    let asked = asked.trim_matches('"');
    let end = asked.char_indices().skip(1).find(|(_, it)| *it == '@').map_or(asked.len(), |(at, _)| at);
    &asked[..end]
}

/// `pnpm-lock.yaml`: the keys of `packages:`, `/name/1.2.3` at first, then `/name@1.2.3(peer)`, then `name@1.2.3`.
pub(in crate::detect) fn pnpm(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = String::from_utf8_lossy(bytes);
    let mut is_inside = false;
    for line in text.lines() {
        if !line.starts_with(' ') {
            is_inside = line.trim_end() == "packages:" || is_inside && line.trim().is_empty();
            continue;
        }
        let key = line.strip_prefix("  ").filter(|key| is_inside && !key.starts_with(' '));
        let Some(key) = key.and_then(|key| key.trim_end().strip_suffix(':')) else { continue };
        let key = key.trim_matches(['\'', '"']);
        let key = key.trim_start_matches('/').split('(').next().unwrap_or_default();
        let at = key.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at);
        let parts = at.map(|at| (&key[..at], &key[at + 1..])).or_else(|| key.rsplit_once('/'));
        if let Some((name, version)) = parts {
            // Peers stand behind `_` in the oldest form.
            add("npm", name, version.split('_').next().unwrap_or(version), path, examiner);
        }
    }
}
