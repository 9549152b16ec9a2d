//! `yarn.lock` and `pnpm-lock.yaml`, read line by line as their programs write them.

use super::add;
use crate::examine::Examiner;
use crate::fields::text_of;

/// `yarn.lock`: a line of what was asked for, then its version; since version 2 also what it became.
pub(in crate::detect) fn yarn(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
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

/// The name before the second `@`: the first may be a part of it. Of an alias (`mine@npm:lodash@4.17.20`) what it stands for.
fn name(asked: &str) -> &str {
    let asked = asked.trim_matches('"');
    let Some(end) = second_at(asked) else { return asked };
    let meant = asked.get(end + 1..).and_then(|rest| rest.strip_prefix("npm:"));
    match meant.and_then(|meant| meant.get(..second_at(meant)?)) {
        Some(meant) => meant,
        None => asked.get(..end).unwrap_or(asked),
    }
}

fn second_at(text: &str) -> Option<usize> {
    text.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at)
}

/// One package of `pnpm-lock.yaml`: its key, and what lines below say where the key does not (packages of no registry).
#[derive(Default)]
struct Package<'t> {
    key: &'t str,
    name: Option<&'t str>,
    version: Option<&'t str>,
    /// A folder of the project itself.
    is_folder: bool,
}

/// `pnpm-lock.yaml`: the keys of `packages:`, `/name/1.2.3_peer@4.5.6` at first, then `/name@1.2.3(peer)`, then `name@1.2.3`; a long key stands
/// behind `? `, and its colon on the next line.
pub(in crate::detect) fn pnpm(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let mut is_inside = false;
    let mut package = Package::default();
    for line in text.lines().chain(["end:"]) {
        let line = line.trim_end();
        let is_top = !line.starts_with(' ') && !line.is_empty();
        let key = line.strip_prefix("  ").filter(|it| is_inside && !it.starts_with([' ', ':']));
        if is_top || key.is_some() {
            let package = std::mem::take(&mut package);
            if let Some((name, version)) = named(&package).filter(|_| !package.is_folder) {
                add("npm", name, version, path, examiner);
            }
        }
        if is_top {
            is_inside = line == "packages:";
        } else if let Some(key) = key {
            let key = key.strip_prefix("? ").or_else(|| key.strip_suffix(':')).unwrap_or_default();
            package.key = key.trim_matches(['\'', '"']);
        } else if let Some(line) = line.strip_prefix("    ").or_else(|| line.strip_prefix("  : ")) {
            let value = |key| line.strip_prefix(key).map(|it: &str| it.trim().trim_matches(['\'', '"']));
            // What it depends on stands further in.
            package.name = package.name.or_else(|| value("name: "));
            package.version = package.version.or_else(|| value("version: "));
            package.is_folder |= line.starts_with("resolution:") && line.contains("type: directory");
        }
    }
}

/// Name and version of a package: of its lines, else of its key.
fn named<'t>(package: &Package<'t>) -> Option<(&'t str, &'t str)> {
    let of_key = split(package.key);
    let name = package.name.or(of_key.map(|(name, _)| name))?;
    let version = package.version.or(of_key.map(|(_, version)| version))?;
    (!version.contains('/')).then_some((name, version))
}

/// Name and version of a key, without its peers. What a key of the oldest form begins with may be another registry's host.
fn split(key: &str) -> Option<(&str, &str)> {
    let key = key.split('(').next().unwrap_or_default();
    let without_host = |key: &'_ str| {
        let (host, rest) = key.split_once('/')?;
        (host.contains('.') && rest.contains('/') && !key.starts_with('@')).then_some(rest.len())
    };
    let key = match key.strip_prefix('/') {
        Some(key) => key,
        None => without_host(key).and_then(|rest| key.get(key.len() - rest..)).unwrap_or(key),
    };
    let space = if key.starts_with('@') { key.find('/')? + 1 } else { 0 };
    let end = space + key.get(space..)?.find(['/', '@'])?;
    let version = key.get(end + 1..)?;
    Some((key.get(..end)?, version.split('_').next().unwrap_or(version)))
}
