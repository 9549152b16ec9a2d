//! Searching for the marks of the rules, in one pass over a file.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::rules::{Behind, LIBRARIES, RULES, Rule, Version};
use super::{Layout, go};
use crate::content::Content;
use crate::detect::package;
use crate::examine::Examiner;
use crate::fields::byte;
use crate::report::Reason;

/// Bytes that are looked at at once, and how many of them again with the next ones: longer than any text that counts.
const CHUNK: usize = 1 << 20;
const OVERLAP: usize = 512;
/// Bytes of a version, and between a mark and a version further on.
const MAX_VERSION: usize = 40;
const MAX_GAP: usize = 160;
/// Different things that are told of one file.
const MAX_HITS: usize = 256;

/// What was seen in a file.
#[derive(Default)]
pub(super) struct Seen {
    /// Each with its rule and its version, and where it was seen first.
    hits: Vec<Hit>,
    /// Where Go's build information may be.
    pub(super) go: Vec<u64>,
}

struct Hit {
    rule: &'static Rule,
    version: Option<String>,
    at: u64,
    /// The text there.
    text: String,
}

/// The marks of all rules, and Go's behind them.
fn marks() -> Option<&'static AhoCorasick> {
    static MARKS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let build = || {
        let marks = RULES.iter().map(|rule| rule.mark.as_bytes()).chain([go::MARK]);
        // `U-Boot SPL ` before `U-Boot `.
        AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(marks).ok()
    };
    MARKS.get_or_init(build).as_ref()
}

/// Takes a piece of a file: where it begins, its bytes, and which of them it did not have before.
pub(super) type TakeChunk<'t> = &'t mut dyn FnMut(u64, &[u8], Range<usize>);

/// Looks through a file; whoever looks for something else in it sees each piece, too.
///
/// # Errors
/// Where its bytes cannot be had, and what ends the scan.
pub(super) fn search<'s>(
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
    other: TakeChunk<'_>,
) -> Result<Seen, Reason> {
    let Some(marks) = marks() else { return Ok(Seen::default()) };
    let mut seen = Seen::default();
    each_chunk(content, examiner, &mut |start, bytes, is_new| {
        for found in marks.find_iter(bytes).filter(|found| is_new.contains(&found.start())) {
            let at = start + found.start() as u64;
            match RULES.get(found.pattern().as_usize()) {
                Some(rule) => seen.add(rule, bytes, found.start(), found.end(), at),
                None if seen.go.len() < 16 => seen.go.push(at),
                None => {}
            }
        }
        other(start, bytes, is_new);
    })?;
    Ok(seen)
}

/// Hands out a file piece by piece, each with some of the one before and after it; and which part of it is its own.
fn each_chunk<'s>(
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
    take: TakeChunk<'_>,
) -> Result<(), Reason> {
    let failed = |error| Reason::of_read("file", &error);
    let length = usize::try_from(content.length()).unwrap_or(usize::MAX);
    let mut bytes = vec![0; OVERLAP + CHUNK.min(length) + OVERLAP];
    let mut at = 0;
    while at < content.length() {
        examiner.meter.entry()?;
        let before = at.min(OVERLAP as u64);
        let filled = content.fill_at(at - before, &mut bytes).map_err(failed)?;
        let before = before as usize;
        if filled <= before {
            break;
        }
        let bytes = &bytes[..filled];
        // Much of an image is empty.
        if bytes.iter().any(|byte| *byte != 0) {
            take(at - before as u64, bytes, before..before + CHUNK);
        }
        at += CHUNK as u64;
    }
    Ok(())
}

impl Seen {
    /// Whether any rule was met.
    pub(super) fn is_any(&self) -> bool {
        !self.hits.is_empty()
    }

    fn add(&mut self, rule: &'static Rule, bytes: &[u8], start: usize, end: usize, at: u64) {
        let rest = bytes.get(end..).unwrap_or_default();
        let (version, length) = match rule.version {
            Version::Here(behind) => match here(rest, behind) {
                Some(version) => (Some(version), version.len()),
                None => return,
            },
            Version::Further(before) => match further(bytes.get(start..).unwrap_or_default(), before) {
                Some((version, length)) => (Some(version), length.saturating_sub(end - start)),
                None => return,
            },
            Version::Elsewhere(..) | Version::Unknown => (None, 0),
        };
        let is_known = |hit: &Hit| hit.rule.component == rule.component && hit.version.as_deref() == version;
        if self.hits.len() < MAX_HITS && !self.hits.iter().any(is_known) {
            let text = bytes.get(start..end + length).unwrap_or_default();
            let text = String::from_utf8_lossy(text).into_owned();
            self.hits.push(Hit { rule, version: version.map(str::to_owned), at, text });
        }
    }
}

/// A version at the begin of these bytes: two numbers with a dot between them, and it is no name of a file.
fn version(bytes: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_+~".contains(byte);
    let end = bytes.iter().take(MAX_VERSION).position(|byte| !is_part(byte))?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?.trim_end_matches(['.', '-', '_']);
    let text = text.strip_suffix(".so").unwrap_or(text);
    let is_file = [".tar", ".zip", ".tgz"].iter().any(|ending| text.contains(ending));
    let second = text.split_once('.').and_then(|(_, rest)| rest.bytes().next());
    let is_number = |byte: u8| byte.is_ascii_digit();
    (is_number(byte(bytes, 0)) && second.is_some_and(is_number) && !is_file).then_some(text)
}

fn here(rest: &[u8], behind: Behind) -> Option<&str> {
    let version = version(rest)?;
    let next = rest.get(version.len()..)?;
    let is_right = match behind {
        Behind::Any => true,
        Behind::Text(text) => next.starts_with(text.as_bytes()),
        Behind::Patch => version
            .rsplit_once('p')
            .is_some_and(|(_, it)| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit())),
        Behind::End => matches!(byte(next, 0), 0 | b'\n' | b'\r'),
        Behind::Date => {
            let day = next.trim_ascii_start();
            // OpenSSL of Red Hat says that it is built for FIPS.
            let day = day.strip_prefix(b"FIPS ").unwrap_or(day);
            day.len() < next.len() && byte(day, 0).is_ascii_digit() && day.get(..12).is_some_and(has_month)
        }
    };
    is_right.then_some(version)
}

fn has_month(date: &[u8]) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().any(|month| memchr::memmem::find(date, month.as_bytes()).is_some())
}

/// A version behind another mark in the same text, and how far that is from the begin.
fn further<'b>(text: &'b [u8], before: &str) -> Option<(&'b str, usize)> {
    let text = &text[..text.len().min(MAX_GAP + MAX_VERSION)];
    let end = memchr::memchr(0, text).map_or(text.len(), |end| (end + 1).min(text.len()));
    let text = &text[..end];
    let at = memchr::memmem::find(text, before.as_bytes())? + before.len();
    // ThreadX has a letter in front.
    let at = at + usize::from(byte(text, at) == b'G' || byte(text, at) == b'V');
    let version = version(text.get(at..)?)?;
    Some((version, at + version.len()))
}

/// Reports what was seen, with what is known of the file.
pub(super) fn report<'s>(
    name: &str,
    content: &Content<'s>,
    seen: &Seen,
    layout: &Layout,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let about = layout.words();
    let is_elsewhere = |component: &str| {
        let mut libraries = LIBRARIES.iter().filter(|(of, _)| *of == component);
        libraries.any(|(_, library)| layout.needed.iter().any(|needed| needed.starts_with(library)))
    };
    for hit in seen.hits.iter().filter(|hit| !is_elsewhere(hit.rule.component)) {
        let is_told = |other: &Hit| other.rule.component == hit.rule.component && other.version.is_some();
        let (mut version, mut at) = (hit.version.clone(), hit.at);
        if let Version::Elsewhere(begin, count) = hit.rule.version {
            if let Some((found, place)) = only_version(content, begin, count, examiner)? {
                (version, at) = (Some(found), place);
            }
        } else if version.is_none() && seen.hits.iter().any(is_told) {
            continue;
        }
        let shows =
            format!("rule {}: \"{}\" at byte {at}{about}", hit.rule.component, hit.text.escape_debug());
        let component = hit.rule.component;
        let mut found = package("generic", component, version.as_deref(), examiner.place(name), &shows);
        found.cpes.push(cpe(hit.rule.cpe, version.as_deref()));
        examiner.facts.packages.push(found);
    }
    Ok(())
}

/// The one text of so many numbers that begins so, and where it is; none where there are several.
fn only_version<'s>(
    content: &Content<'s>,
    begin: &str,
    count: usize,
    examiner: &mut Examiner<'s>,
) -> Result<Option<(String, u64)>, Reason> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    let mut first = 0;
    each_chunk(content, examiner, &mut |start, bytes, is_new| {
        for zero in memchr::memchr_iter(0, bytes).filter(|zero| is_new.contains(zero)) {
            let text = bytes.get(zero + 1..).unwrap_or_default();
            if !text.starts_with(begin.as_bytes()) || !byte(text, 0).is_ascii_digit() || all.len() > 1 {
                continue;
            }
            let Some(version) = version(text).filter(|it| byte(text, it.len()) == 0) else { continue };
            let numbers: Vec<&str> = version.split('.').collect();
            if numbers.len() == count
                && numbers.iter().all(|it| it.parse::<u16>().is_ok())
                && all.insert(version.to_owned())
            {
                first = start + zero as u64 + 1;
            }
        }
    })?;
    Ok(if all.len() == 1 { all.pop_first().map(|version| (version, first)) } else { None })
}

/// A formatted string (NISTIR 7695 §6.2). OpenSSH's `p1` is an update there; what a builder added behind a version is not in it.
pub(super) fn cpe(product: &str, version: Option<&str>) -> String {
    let version =
        version.map_or("*", |version| version.split(['-', '+', '~', '_']).next().unwrap_or(version));
    match version.split_once('p').filter(|_| product.ends_with(":openssh")) {
        Some((version, patch)) => format!("cpe:2.3:{product}:{version}:p{patch}:*:*:*:*:*:*"),
        None => format!("cpe:2.3:{product}:{version}:*:*:*:*:*:*:*"),
    }
}
