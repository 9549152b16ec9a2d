//! The order of versions whose rule nobody says: products that only a CPE names.
//!
//! NVD bounds its ranges by versions of every maker, so there is no one rule. Taken is what all conventions agree on:
//! - numbers between dots compare as numbers, and zeros at the end have no say (PEP 440, Maven, NuGet);
//! - `alpha` < `beta` < `rc` < the release, without a number as with 0 (PEP 440, "Pre-releases");
//! - a letter behind the last number is a later fix, after `z` comes `za` (OpenSSL's release strategy: 0.9.8zh, 1.0.2k);
//! - `p18`, `patch 3`, `pl2` are levels of patches (NTP, OpenSSH portable), `sp1` service packs, `update45` and `u45`
//!   updates, `-8` and `_45` builds (ImageMagick 6.9.9-8, Java 1.6.0_45): all after the release, in the order of their number.
//!
//! Refused is what conventions do not agree on: a number with a zero in front (`1.05` may come before or after `1.5`),
//! a letter with a number (`1.0b2` may be a beta), other words, brackets, dates. Levels of two kinds on one release (`1.0-sp1`
//! and `1.0p3`) have places, but [`is_certain`] says that nobody knows which came first.

use super::Refusal;
use super::digits::{all_digits, put_number, split_digits};

/// Where classes of numbers begin: behind every suffix, so that `1.0p3` < `1.0.1`.
const NUMBER: u8 = 0x40;
/// No suffix: the release itself.
const RELEASE: u8 = 0x10;
/// A letter, as OpenSSL numbers its fixes.
const LETTER: u8 = 0x11;
/// A number behind `-` or `_`.
const BUILD: u8 = 0x12;
/// Letters, builds and levels of patches: after the release, and of different kinds not to be compared.
const LEVELS: std::ops::RangeInclusive<u8> = LETTER..=0x15;
/// More digits than any version has; some tools would not read them either.
const MOST_DIGITS: usize = 18;

/// The words behind the numbers, and what each is kept as.
const WORDS: &[(&str, u8)] = &[
    ("alpha", 0x01),
    ("beta", 0x02),
    ("rc", 0x03),
    ("patch", 0x13),
    ("pl", 0x13),
    ("p", 0x13),
    ("sp", 0x14),
    ("update", 0x15),
    ("u", 0x15),
];

const EXPECTED: Refusal =
    "numbers between dots, perhaps with one letter, alpha, beta, rc, p, sp or update and a number";

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let lower = text.to_ascii_lowercase();
    let text = match lower.split_first() {
        Some((b'v', rest)) if rest.first().is_some_and(u8::is_ascii_digit) => rest,
        _ => &lower[..],
    };
    let mut numbers = Vec::with_capacity(4);
    let (number, mut rest) = split_digits(text);
    numbers.push(checked(number)?);
    while let Some((number, behind)) = rest.strip_prefix(b".").map(split_digits)
        && !number.is_empty()
    {
        numbers.push(checked(number)?);
        rest = behind;
    }
    while numbers.len() > 1 && numbers.last().is_some_and(|number| number.iter().all(|digit| *digit == b'0'))
    {
        numbers.pop();
    }
    numbers.iter().for_each(|number| put_number(out, NUMBER, number));
    write_suffix(rest, out)
}

/// A number that means the same to everybody.
fn checked(digits: &[u8]) -> Result<&[u8], Refusal> {
    let fraction = digits.starts_with(b"0") && digits.iter().any(|digit| *digit != b'0');
    match digits {
        [] => Err(EXPECTED),
        _ if fraction => Err("numbers without zeros in front, which some read as fractions"),
        _ if digits.len() > MOST_DIGITS => Err("numbers of at most 18 digits"),
        _ => Ok(digits),
    }
}

fn write_suffix(rest: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    match rest {
        [] => out.push(RELEASE),
        [b'z', letter] if letter.is_ascii_lowercase() => out.extend([LETTER, b'z', *letter]),
        // `1.x` and `1.0x` stand for any number.
        [letter] if letter.is_ascii_lowercase() && *letter != b'x' => out.extend([LETTER, *letter]),
        [b'-' | b'_', number @ ..] if all_digits(number) && number.len() <= MOST_DIGITS => {
            out.push(BUILD);
            put_number(out, NUMBER, number);
        }
        _ => {
            let word = strip_separator(rest);
            let known = WORDS.iter().find_map(|(known, class)| {
                let number = strip_separator(word.strip_prefix(known.as_bytes())?);
                let release = *class < RELEASE && number.is_empty();
                (release || (all_digits(number) && number.len() <= MOST_DIGITS)).then_some((*class, number))
            });
            let (class, number) = known.ok_or(EXPECTED)?;
            out.push(class);
            put_number(out, NUMBER, number);
        }
    }
    Ok(())
}

fn strip_separator(text: &[u8]) -> &[u8] {
    match text {
        [b'-' | b'_' | b'.', rest @ ..] => rest,
        _ => text,
    }
}

/// The release in front of what a distribution adds when it packages it: `-6`, `-6+deb11u1`, `-r2`, `+dfsg`, `~bpo12`, `u1`. None
/// where nothing of that stands there. Some makers number their own releases so (ImageMagick 6.9.9-8): it may be either.
pub(super) fn without_packaging(version: &str) -> Option<&str> {
    let bytes = version.as_bytes();
    let numbered = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let begins = |at: usize| match bytes[at] {
        b'-' => numbered(at + 1) || (bytes.get(at + 1) == Some(&b'r') && numbered(at + 2)),
        b'u' => numbered(at - 1) && numbered(at + 1),
        b'+' => true,
        b'~' => !WORDS.iter().any(|(word, _)| version[at + 1..].starts_with(word)),
        _ => false,
    };
    (1..bytes.len()).find(|at| begins(*at)).map(|at| &version[..at])
}

/// Whether a key is of the same release as this one, whatever their suffixes.
pub(super) fn is_same_release(a: &[u8], b: &[u8]) -> bool {
    fn numbers(mut key: &[u8]) -> &[u8] {
        let whole = key;
        while let Some((class, rest)) = key.split_first().filter(|(class, _)| **class >= NUMBER) {
            key = &rest[usize::from(class - NUMBER)..];
        }
        &whole[..whole.len() - key.len()]
    }
    numbers(a) == numbers(b)
}

/// Whether two keys stand to each other as their bytes do. Not where both are the same release with levels of two kinds.
pub(super) fn is_certain(a: &[u8], b: &[u8]) -> bool {
    let level = |byte: u8| LEVELS.contains(&byte);
    let differ = a.iter().zip(b).find(|(a, b)| a != b);
    !differ.is_some_and(|(a, b)| level(*a) && level(*b))
}
