//! What Go's linker writes into every program (debug/buildinfo): the version of Go, and the modules. Since Go 1.18 both stand behind
//! the mark; before, pointers to them do.

use super::Layout;
use crate::content::Content;
use crate::detect::package;
use crate::examine::Examiner;
use crate::fields::{be32, be64, byte, le32, le64};
use crate::report::Confidence;

/// The mark, sixteen bytes with what follows it: the size of a pointer, and flags.
pub(super) const MARK: &[u8] = b"\xff Go buildinf:";
const HEADER: u64 = 32;
/// Bytes of the list of modules; one of a thousand modules has a hundred thousand.
const MAX_MODULES: u64 = 4 << 20;
const MAX_VERSION: u64 = 256;
/// Before and behind the list.
const SENTINEL: usize = 16;

pub(super) fn build_information<'s>(
    name: &str,
    content: &Content<'s>,
    at: u64,
    layout: &Layout,
    examiner: &mut Examiner<'s>,
) {
    let texts = content.up_to(at, HEADER as usize).ok().and_then(|header| {
        if byte(&header, 15) & 2 != 0 {
            inline(content, at + HEADER)
        } else {
            pointed(content, &header, layout)
        }
    });
    let Some((version, modules)) = texts else { return };
    // The mark stands in programs that look for it, too.
    if !version.starts_with("go") && !version.starts_with("devel ") {
        return;
    }
    let mut add = |path: &str, version: Option<&str>, shows: &str, remark: Option<String>| {
        let (space, last) = path.rsplit_once('/').map_or((None, path), |(space, last)| (Some(space), last));
        let mut found = package("golang", last, version, examiner.place(name), shows);
        found.namespace = space.map(str::to_owned);
        found.confidence = Confidence::High;
        found.remarks.extend(remark);
        examiner.facts.packages.push(found);
    };
    let shows = "the version of Go that built the program";
    match release(&version) {
        Some(release) => add("stdlib", Some(release), shows, None),
        None => {
            let remark = format!("it was built by a Go that is no release ({})", version.escape_debug());
            add("stdlib", None, shows, Some(remark));
        }
    }
    let shows = "linked into the program (Go's build information)";
    let mut last: Option<(&str, &str)> = None;
    for line in modules.lines().chain([""]) {
        let words: Vec<&str> = line.split('\t').collect();
        let mut remark = None;
        // A line `=>` says what a module was replaced by: another one, or a folder, which has no version.
        match words.as_slice() {
            ["=>", path, version, ..] if version.starts_with('v') => {
                last = Some((path, version));
                continue;
            }
            ["=>", folder, ..] => {
                remark =
                    Some(format!("its code was replaced by that of a folder, {folder}, when it was built"));
            }
            _ => {}
        }
        if let Some((path, version)) = last.take().filter(|(_, version)| version.starts_with('v')) {
            add(path, Some(version), shows, remark);
        }
        if let ["mod" | "dep", path, version, ..] = words.as_slice() {
            last = Some((path, version));
        }
    }
}

/// The release of `go1.20.3`, with what it was built with behind a blank; none of `devel go1.24-abc`.
fn release(version: &str) -> Option<&str> {
    let version = version.strip_prefix("go")?.split([' ', '-']).next()?;
    version.starts_with(|it: char| it.is_ascii_digit()).then_some(version)
}

/// Two texts, each behind its length.
fn inline(content: &Content<'_>, at: u64) -> Option<(String, String)> {
    let (version, at) = prefixed(content, at, MAX_VERSION)?;
    let (modules, _) = prefixed(content, at, MAX_MODULES)?;
    Some((version, without_sentinels(&modules)))
}

/// A text behind its length (a varint), and where it ends.
fn prefixed(content: &Content<'_>, at: u64, limit: u64) -> Option<(String, u64)> {
    let head = content.up_to(at, 10).ok()?;
    let mut length = 0_u64;
    let end = head.iter().position(|byte| byte & 0x80 == 0)?;
    for byte in head.get(..=end)?.iter().rev() {
        length = length.checked_mul(128)? | u64::from(byte & 0x7f);
    }
    let start = at + end as u64 + 1;
    if length > limit {
        return None;
    }
    let bytes = content.bytes_at(start, length as usize).ok()?;
    Some((String::from_utf8_lossy(&bytes).into_owned(), start + length))
}

/// Two pointers to Go's own texts, which are a pointer and a length.
fn pointed(content: &Content<'_>, header: &[u8], layout: &Layout) -> Option<(String, String)> {
    let (width, is_big) = (usize::from(byte(header, 14)), byte(header, 15) & 1 != 0);
    let number = |bytes: &[u8], at: usize| match (width, is_big) {
        (4, false) => Some(u64::from(le32(bytes, at))),
        (4, true) => Some(u64::from(be32(bytes, at))),
        (8, false) => Some(le64(bytes, at)),
        (8, true) => Some(be64(bytes, at)),
        _ => None,
    };
    let text = |address: u64, limit: u64| {
        let at = content.bytes_at(layout.offset(address)?, width * 2).ok()?;
        let (start, length) = (number(&at, 0)?, number(&at, width)?);
        if length > limit {
            return None;
        }
        let bytes = content.bytes_at(layout.offset(start)?, length as usize).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let version = text(number(header, 16)?, MAX_VERSION)?;
    let modules = number(header, 16 + width).and_then(|address| text(address, MAX_MODULES));
    Some((version, modules.map(|it| without_sentinels(&it)).unwrap_or_default()))
}

fn without_sentinels(modules: &str) -> String {
    // Some of the sentinel's bytes are no UTF-8: the list begins and ends with its lines.
    let start = modules.find("path\t").or_else(|| modules.find("mod\t")).unwrap_or(0);
    let list = modules.get(start..).unwrap_or_default();
    let end = list.rfind('\n').map_or(list.len().saturating_sub(SENTINEL), |at| at + 1);
    list.get(..end).unwrap_or_default().to_owned()
}
