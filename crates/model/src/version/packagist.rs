//! Packagist's order: `VersionParser::normalize` of composer/semver (<https://getcomposer.org/doc/articles/versions.md>),
//! then PHP's `version_compare` (<https://www.php.net/version_compare>). Branches (`dev-main`) have no place; numeric
//! ones (`1.x-dev`) have.

use super::Refusal;
use super::digits::{exceeds, put_number, split_digits, strip_zeros};

/// Class bytes: words in the order of `version_compare`, the end of the version, numbers, patch levels.
const UNKNOWN: u8 = 0x08;
const DEVELOPMENT: u8 = 0x10;
const ALPHA: u8 = 0x11;
const BETA: u8 = 0x12;
const CANDIDATE: u8 = 0x13;
const END: u8 = 0x20;
const NUMBER: u8 = 0x30;
const PATCH: u8 = 0x60;

/// What a branch writes for `x`, and PHP's largest integer, at which numbers stop.
const ANY: &[u8] = b"9999999";
const LARGEST: &[u8] = b"9223372036854775807";

const SHAPE: Refusal =
    "up to four numbers or a date, optionally with a stability; branches cannot be compared";

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let text = without_flag(text);
    if text.len() >= 4 && text[..4].eq_ignore_ascii_case(b"dev-") {
        return Err(SHAPE);
    }
    let text = without_build(text);
    let start = out.len();
    for rule in [write_classical, write_date, write_branch] {
        if rule(text, out).is_some() {
            out.push(END);
            return Ok(());
        }
        out.truncate(start);
    }
    Err(SHAPE)
}

/// `1.0@beta` is `1.0`.
fn without_flag(text: &[u8]) -> &[u8] {
    let flags: [&[u8]; 5] = [b"stable", b"rc", b"beta", b"alpha", b"dev"];
    match text.iter().rposition(|&byte| byte == b'@') {
        Some(at) if flags.iter().any(|flag| text[at + 1..].eq_ignore_ascii_case(flag)) => &text[..at],
        _ => text,
    }
}

/// `1.0+abc` is `1.0`; a comma or space keeps composer from cutting.
fn without_build(text: &[u8]) -> &[u8] {
    let plain = |part: &[u8]| !part.iter().any(|&byte| byte == b',' || byte.is_ascii_whitespace());
    match text.iter().position(|&byte| byte == b'+') {
        Some(plus) if plus > 0 && plain(&text[..plus]) && plus + 1 < text.len() => {
            if text[plus + 1..].iter().any(u8::is_ascii_whitespace) { text } else { &text[..plus] }
        }
        _ => text,
    }
}

fn without_v(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'v' | b'V') => &text[1..],
        _ => text,
    }
}

/// `v?N(.N)?(.N)?(.N)?` and a stability, the first number of at most five digits; missing numbers are zero.
fn write_classical(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (major, mut rest) = split_digits(without_v(text));
    if major.is_empty() || major.len() > 5 {
        return None;
    }
    put_php_number(out, major);
    for _ in 0..3 {
        match further_number(rest) {
            Some((digits, after)) => {
                put_php_number(out, digits);
                rest = after;
            }
            None => put_number(out, NUMBER, b""),
        }
    }
    write_stability(rest, out)
}

fn further_number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (digits, rest) = split_digits(text.strip_prefix(b".")?);
    (!digits.is_empty()).then_some((digits, rest))
}

fn put_php_number(out: &mut Vec<u8>, digits: &[u8]) {
    let digits = strip_zeros(digits);
    put_number(out, NUMBER, if exceeds(digits, LARGEST) { LARGEST } else { digits });
}

/// `v?YYYY([.:-]?NN){1,6}([.:-]?N{1,3})?` and a stability; other than digits become dots. As many as fit are taken, and
/// fewer where the rest would not fit otherwise.
fn write_date(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let text = without_v(text);
    if split_digits(text).0.len() < 4 {
        return None;
    }
    let start = out.len();
    let mut ends = vec![4];
    for _ in 0..6 {
        match ends.last().and_then(|&end| after_digits(text, end, 2)) {
            Some(end) => ends.push(end),
            None => break,
        }
    }
    for &end in ends[1..].iter().rev() {
        let tails = (1..=3).rev().filter_map(|count| after_digits(text, end, count));
        for end in tails.chain([end]) {
            for number in text[..end].split(|byte| !byte.is_ascii_digit()) {
                put_php_number(out, number);
            }
            if write_stability(&text[end..], out).is_some() {
                return Some(());
            }
            out.truncate(start);
        }
    }
    None
}

/// Where `[.:-]?` and this many digits end.
fn after_digits(text: &[u8], from: usize, count: usize) -> Option<usize> {
    let separator = usize::from(matches!(text.get(from), Some(b'.' | b':' | b'-')));
    let end = from + separator + count;
    text.get(from + separator..end)?.iter().all(u8::is_ascii_digit).then_some(end)
}

/// `N(.N|.x){0,3}` and `dev`: a numeric branch, above every version that it will hold.
fn write_branch(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let length = text.len().checked_sub(3)?;
    let (branch, dev) = text.split_at(length);
    if !dev.eq_ignore_ascii_case(b"dev") {
        return None;
    }
    let branch = match branch.split_last() {
        Some((b'.' | b'-', branch)) => branch,
        _ => branch,
    };
    let mut parts = without_v(branch.trim_ascii()).split(|&byte| byte == b'.');
    let (major, rest) = split_digits(parts.next()?);
    if major.is_empty() || !rest.is_empty() {
        return None;
    }
    put_php_number(out, major);
    for _ in 0..3 {
        match parts.next() {
            None | Some(b"x" | b"X" | b"*") => put_number(out, NUMBER, ANY),
            Some(part) if super::digits::all_digits(part) => put_php_number(out, part),
            Some(_) => return None,
        }
    }
    out.push(DEVELOPMENT);
    parts.next().is_none().then_some(())
}

/// The words of a stability, the longest first, and what each is written as; `stable` is for none.
const STABILITIES: [(&[u8], Option<u8>); 9] = [
    (b"stable", None),
    (b"alpha", Some(ALPHA)),
    (b"patch", Some(PATCH)),
    (b"beta", Some(BETA)),
    (b"rc", Some(CANDIDATE)),
    (b"pl", Some(PATCH)),
    (b"a", Some(ALPHA)),
    (b"b", Some(BETA)),
    (b"p", Some(PATCH)),
];

/// `[._-]?(WORD([.-]?N)*)?([.-]?dev)?` to the end.
fn write_stability(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = match text.first() {
        Some(b'.' | b'_' | b'-') => &text[1..],
        _ => text,
    };
    let word = STABILITIES.iter().find(|(word, _)| starts_with_word(rest, word));
    if let Some((word, class)) = word {
        let spelled = &rest[..word.len()];
        rest = &rest[word.len()..];
        let numbers = rest;
        while let Some(after) = stability_number(rest) {
            rest = after;
        }
        let numbers = &numbers[..numbers.len() - rest.len()];
        if spelled == b"stable" {
            return is_dev(rest).map(|_| ());
        }
        // Any other spelling of "stable" is kept, and PHP does not know the word.
        out.push(class.unwrap_or(UNKNOWN));
        for number in numbers.split(|byte| !byte.is_ascii_digit()).filter(|part| !part.is_empty()) {
            put_php_number(out, number);
        }
    }
    // Without a word, the separator may as well belong to "dev".
    let dev = is_dev(rest).or_else(|| word.is_none().then(|| is_dev(text)).flatten())?;
    if dev {
        out.push(DEVELOPMENT);
    }
    Some(())
}

fn starts_with_word(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word)
}

fn stability_number(text: &[u8]) -> Option<&[u8]> {
    let text = match text.first() {
        Some(b'.' | b'-') => &text[1..],
        _ => text,
    };
    let (digits, rest) = split_digits(text);
    (!digits.is_empty()).then_some(rest)
}

/// Whether the rest is `[.-]?dev` (yes), nothing (no), or neither.
fn is_dev(text: &[u8]) -> Option<bool> {
    let text = match text.first() {
        None => return Some(false),
        Some(b'.' | b'-') => &text[1..],
        Some(_) => text,
    };
    text.eq_ignore_ascii_case(b"dev").then_some(true)
}
