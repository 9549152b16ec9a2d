//! Python's order: PEP 440 (<https://peps.python.org/pep-0440/>, "Summary of permitted suffixes and relative ordering"
//! and appendix B), as the `packaging` library reads and sorts. A version that does not follow it sorts before all that
//! do, by the rule of setuptools before PEP 440, which `packaging` kept as `LegacyVersion` up to its version 21.

use smallvec::SmallVec;

use super::Refusal;
use super::digits::{all_digits, put_number, split_digits, split_while, strip_zeros};

/// First byte: a legacy version, or the epoch of another.
const LEGACY: u8 = 0x00;
const EPOCH: u8 = 0x01;
/// Release numbers, and their end below any further number.
const RELEASE_END: u8 = 0x01;
const RELEASE: u8 = 0x02;
/// Pre-release: a development release of the final one sorts first, then a, b, rc, then none.
const PRE_DEVELOPMENT_ONLY: u8 = 0x01;
const PRE_NONE: u8 = 0x10;
const POST_NONE: u8 = 0x00;
const POST: u8 = 0x01;
const DEVELOPMENT: u8 = 0x01;
const DEVELOPMENT_NONE: u8 = 0x40;
/// Local version: none, the end of the list, words, numbers.
const LOCAL_NONE: u8 = 0x00;
const LOCAL_END: u8 = 0x01;
const LOCAL_WORD: u8 = 0x02;
const LOCAL_NUMBER: u8 = 0x10;

const PRE: [(&[u8], u8); 8] = [
    (b"alpha", 0x02),
    (b"a", 0x02),
    (b"beta", 0x03),
    (b"b", 0x03),
    (b"preview", 0x04),
    (b"pre", 0x04),
    (b"rc", 0x04),
    (b"c", 0x04),
];

pub(super) fn write(version: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match Parts::parse(version.as_bytes()) {
        Some(parts) => parts.write(out),
        None => return write_legacy(version, out),
    }
    Ok(())
}

/// Whether a version follows PEP 440.
pub(super) fn is_readable(version: &str) -> bool {
    Parts::parse(version.trim_ascii().as_bytes()).is_some()
}

/// A version in the grammar of PEP 440, appendix B; slices of its text.
struct Parts<'a> {
    epoch: &'a [u8],
    release: &'a [u8],
    pre: Option<(u8, &'a [u8])>,
    post: Option<&'a [u8]>,
    development: Option<&'a [u8]>,
    local: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let text = match text.first() {
            Some(b'v' | b'V') => &text[1..],
            _ => text,
        };
        let (first, rest) = split_digits(text);
        let (epoch, text) = match rest.strip_prefix(b"!") {
            Some(rest) if !first.is_empty() => (first, rest),
            _ => (&b""[..], text),
        };
        let (release, rest) = split_release(text)?;
        let (pre, rest) = match PRE.iter().find_map(|(word, class)| Some((*class, labelled(rest, word)?))) {
            Some((class, (number, rest))) => (Some((class, number)), rest),
            None => (None, rest),
        };
        let (post, rest) = split_post(rest);
        let (development, rest) = match labelled(rest, b"dev") {
            Some((number, rest)) => (Some(number), rest),
            None => (None, rest),
        };
        let local = match rest.split_first() {
            None => None,
            Some((b'+', local)) if is_local(local) => Some(local),
            Some(_) => return None,
        };
        Some(Self { epoch, release, pre, post, development, local })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_number(out, EPOCH, self.epoch);
        let mut end = out.len();
        for number in self.release.split(|&byte| byte == b'.') {
            put_number(out, RELEASE, number);
            if !strip_zeros(number).is_empty() {
                end = out.len();
            }
        }
        out.truncate(end);
        out.push(RELEASE_END);
        match self.pre {
            Some((class, number)) => {
                out.push(class);
                put_number(out, 0, number);
            }
            None if self.post.is_none() && self.development.is_some() => out.push(PRE_DEVELOPMENT_ONLY),
            None => out.push(PRE_NONE),
        }
        match self.post {
            Some(number) => put_number(out, POST, number),
            None => out.push(POST_NONE),
        }
        match self.development {
            Some(number) => put_number(out, DEVELOPMENT, number),
            None => out.push(DEVELOPMENT_NONE),
        }
        match self.local {
            Some(local) => write_local(local, out),
            None => out.push(LOCAL_NONE),
        }
    }
}

/// `N(.N)*`.
fn split_release(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = split_digits(text).0.len();
    if length == 0 {
        return None;
    }
    while let Some(rest) = text[length..].strip_prefix(b".") {
        let digits = split_digits(rest).0.len();
        if digits == 0 {
            break;
        }
        length += 1 + digits;
    }
    Some(text.split_at(length))
}

/// A word with separators around it that need not be there, and the number behind it, empty where there is none.
fn labelled<'a>(text: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let text = skip_separator(text);
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then(|| split_digits(skip_separator(rest)))
}

fn skip_separator(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'-' | b'_' | b'.') => &text[1..],
        _ => text,
    }
}

/// `-N`, or a word for it.
fn split_post(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    if let Some(rest) = text.strip_prefix(b"-") {
        let (digits, rest) = split_digits(rest);
        if !digits.is_empty() {
            return (Some(digits), rest);
        }
    }
    let words: [&[u8]; 3] = [b"post", b"rev", b"r"];
    match words.iter().find_map(|word| labelled(text, word)) {
        Some((number, rest)) => (Some(number), rest),
        None => (None, text),
    }
}

fn is_local(local: &[u8]) -> bool {
    local_parts(local).all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric))
}

fn local_parts(local: &[u8]) -> impl Iterator<Item = &[u8]> {
    local.split(|byte| matches!(byte, b'-' | b'_' | b'.'))
}

fn write_local(local: &[u8], out: &mut Vec<u8>) {
    for part in local_parts(local) {
        if all_digits(part) {
            put_number(out, LOCAL_NUMBER, part);
        } else {
            out.push(LOCAL_WORD);
            out.extend(part.iter().map(u8::to_ascii_lowercase));
            out.push(0);
        }
    }
    out.push(LOCAL_END);
}

/// A part of a legacy version: what it is compared as.
#[derive(Clone, Copy, PartialEq)]
enum LegacyPart<'a> {
    /// Digits, filled up to eight with zeros and then compared as text.
    Number(&'a [u8]),
    /// A word or other characters, compared as text below all numbers.
    Word(&'a [u8]),
}

const FINAL: LegacyPart<'static> = LegacyPart::Word(b"final");
const FINAL_HYPHEN: LegacyPart<'static> = LegacyPart::Word(b"final-");
const FILLED_DIGITS: usize = 8;

fn write_legacy(version: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if version.contains('\0') {
        return Err("text without NUL");
    }
    let lower = version.to_lowercase();
    let mut parts = SmallVec::<[LegacyPart<'_>; 24]>::new();
    let mut rest = lower.as_bytes();
    while !rest.is_empty() {
        let part;
        (part, rest) = split_legacy(rest);
        if let Some(part) = part {
            push_legacy(&mut parts, part);
        }
    }
    push_legacy(&mut parts, FINAL);
    out.push(LEGACY);
    for part in parts {
        match part {
            LegacyPart::Number(digits) => {
                out.extend(std::iter::repeat_n(b'0', FILLED_DIGITS.saturating_sub(digits.len())));
                out.extend_from_slice(digits);
            }
            LegacyPart::Word(word) => {
                out.push(b'*');
                out.extend_from_slice(word);
            }
        }
        out.push(0);
    }
    Ok(())
}

fn split_legacy(text: &[u8]) -> (Option<LegacyPart<'_>>, &[u8]) {
    match text[0] {
        b'0'..=b'9' => {
            let (digits, rest) = split_digits(text);
            (Some(LegacyPart::Number(digits)), rest)
        }
        b'a'..=b'z' => {
            let (word, rest) = split_while(text, |byte| byte.is_ascii_lowercase());
            let word: &[u8] = match word {
                b"pre" | b"preview" | b"rc" => b"c",
                b"dev" => b"@",
                other => other,
            };
            (Some(LegacyPart::Word(word)), rest)
        }
        b'.' => (None, &text[1..]),
        b'-' => (Some(FINAL_HYPHEN), &text[1..]),
        _ => {
            let (other, rest) = split_while(text, |byte| {
                !byte.is_ascii_digit() && !byte.is_ascii_lowercase() && byte != b'.' && byte != b'-'
            });
            (Some(LegacyPart::Word(other)), rest)
        }
    }
}

/// Before a word, zeros are dropped; before one that sorts below "final", hyphens as well.
fn push_legacy<'a>(parts: &mut SmallVec<[LegacyPart<'a>; 24]>, part: LegacyPart<'a>) {
    if let LegacyPart::Word(word) = part {
        while word < b"final" && parts.last() == Some(&FINAL_HYPHEN) {
            parts.pop();
        }
        while parts.last().is_some_and(|last| is_zero(*last)) {
            parts.pop();
        }
    }
    parts.push(part);
}

fn is_zero(part: LegacyPart<'_>) -> bool {
    match part {
        LegacyPart::Number(digits) => digits.len() <= FILLED_DIGITS && strip_zeros(digits).is_empty(),
        LegacyPart::Word(_) => false,
    }
}
