//! Alpine's order: apk-package(5) and `src/version.c` of apk-tools:
//! `N{.N}{letter}{_suffix{N}}{~hash}{-rN}`. Where two versions part, what kind of token comes next decides, unless it is
//! the same kind. Numbers behind a letter (`5.1p1`) are read as apk-tools 2 read them: old advisories have them.

use super::Refusal;
use super::digits::{put_number, split_digits, split_while};

/// Class bytes from low to high: the suffixes of pre-releases, the end, revision, hash, the number of a suffix, the
/// other suffixes, a letter, a further number. A number with a leading zero is a decimal fraction, below all others.
const PRE_SUFFIX: u8 = 0x01;
const END: u8 = 0x08;
const REVISION: u8 = 0x10;
const HASH: u8 = 0x30;
const SUFFIX_NUMBER: u8 = 0x31;
const POST_SUFFIX: u8 = 0x52;
const LETTER: u8 = 0x58;
const FRACTION: u8 = 0x59;
const NUMBER: u8 = 0x5A;

/// In order, with the byte that each is written as.
const SUFFIXES: [(&[u8], u8); 9] = [
    (b"alpha", PRE_SUFFIX),
    (b"beta", PRE_SUFFIX + 1),
    (b"pre", PRE_SUFFIX + 2),
    (b"rc", PRE_SUFFIX + 3),
    (b"cvs", POST_SUFFIX),
    (b"svn", POST_SUFFIX + 1),
    (b"git", POST_SUFFIX + 2),
    (b"hg", POST_SUFFIX + 3),
    (b"p", POST_SUFFIX + 4),
];

const SHAPE: Refusal = "N{.N}{letter}{_suffix{N}}{~hash}{-rN}";

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let (first, mut rest) = split_digits(text);
    if first.is_empty() {
        return Err(SHAPE);
    }
    put_number(out, NUMBER, first);
    loop {
        while let Some(after) = rest.strip_prefix(b".") {
            let digits;
            (digits, rest) = split_digits(after);
            put_further(digits, out)?;
        }
        let Some((letter @ b'a'..=b'z', after)) = rest.split_first() else { break };
        out.extend_from_slice(&[LETTER, *letter]);
        let digits;
        (digits, rest) = split_digits(after);
        if digits.is_empty() {
            break;
        }
        put_number(out, NUMBER, digits);
    }
    while let Some(after) = rest.strip_prefix(b"_") {
        rest = put_suffix(after, out)?;
    }
    if let Some(after) = rest.strip_prefix(b"~") {
        let hash;
        (hash, rest) = split_while(after, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hash.is_empty() {
            return Err(SHAPE);
        }
        out.push(HASH);
        out.extend_from_slice(hash);
        out.push(0);
    }
    if let Some(after) = rest.strip_prefix(b"-r") {
        let digits;
        (digits, rest) = split_digits(after);
        if digits.is_empty() {
            return Err(SHAPE);
        }
        put_number(out, REVISION, digits);
    }
    out.push(END);
    if rest.is_empty() { Ok(()) } else { Err(SHAPE) }
}

fn put_further(digits: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    match digits.first() {
        None => return Err(SHAPE),
        Some(b'0') => {
            out.push(FRACTION);
            out.extend_from_slice(digits);
            out.push(0);
        }
        Some(_) => put_number(out, NUMBER, digits),
    }
    Ok(())
}

fn put_suffix<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Refusal> {
    let (word, rest) = split_while(text, |byte| byte.is_ascii_lowercase());
    let (_, class) = SUFFIXES.iter().find(|(suffix, _)| *suffix == word).ok_or(SHAPE)?;
    out.push(*class);
    let (digits, rest) = split_digits(rest);
    if !digits.is_empty() {
        put_number(out, SUFFIX_NUMBER, digits);
    }
    Ok(rest)
}
