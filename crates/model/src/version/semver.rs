//! Semantic Versioning 2.0.0 (<https://semver.org/spec/v2.0.0.html>, items 2, 9, 10, 11) and its dialects:
//! npm's `semver`, Go's `golang.org/x/mod/semver`, Dart's `pub_semver`. Elixir's `Version` is the strict one.

use super::Refusal;
use super::digits::{all_digits, exceeds, put_number, split_digits, split_while, strip_zeros};

/// Class bytes after the three numbers. Identifiers: negative numbers (Dart only), numbers, words; then their end
/// below all of them, since fewer identifiers sort first (item 11.4.4).
const END: u8 = 0x01;
const NEGATIVE: u8 = 0x10;
const NUMBER: u8 = 0x30;
const WORD: u8 = 0x60;
/// No pre-release: above every pre-release (item 11.3).
const RELEASE: u8 = 0xFF;

const SHAPE: Refusal = "MAJOR.MINOR.PATCH, optionally -PRERELEASE and +BUILD";

/// How an identifier of a pre-release or build becomes part of the key.
type PutIdentifier = fn(&[u8], &mut Vec<u8>) -> Result<(), Refusal>;

/// What sets one dialect apart from the others.
pub(super) struct Dialect {
    /// The largest MAJOR, MINOR or PATCH, as digits.
    largest: Option<&'static [u8]>,
    leading_zeros: bool,
    put_identifier: PutIdentifier,
    /// Whether build metadata decides between versions that are equal otherwise.
    build_counts: bool,
}

/// The specification itself.
pub(super) const STRICT: Dialect =
    Dialect { largest: None, leading_zeros: false, put_identifier: put_strict, build_counts: false };

/// Dart: numbers are 64-bit integers that may have leading zeros, and build metadata counts.
pub(super) const PUB: Dialect = Dialect {
    largest: Some(b"9223372036854775807"),
    leading_zeros: true,
    put_identifier: put_dart,
    build_counts: true,
};

/// JavaScript: MAJOR, MINOR and PATCH stop at `Number.MAX_SAFE_INTEGER`.
const NPM: Dialect = Dialect {
    largest: Some(b"9007199254740991"),
    leading_zeros: false,
    put_identifier: put_npm,
    build_counts: false,
};

/// npm reads at most this many characters (`MAX_LENGTH` in its `internal/constants.js`).
const NPM_LONGEST: usize = 256;

/// npm: a `v` or `=` in front is passed over.
pub(super) fn write_npm(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    if text.len() > NPM_LONGEST {
        return Err("at most 256 characters");
    }
    let (_, text) = split_while(text, |byte| matches!(byte, b'v' | b'=' | b' '));
    write(text, &NPM, out)
}

/// Go: a `v` in front is passed over, and `1` and `1.2` stand for `1.0.0` and `1.2.0` where nothing follows.
pub(super) fn write_go(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let text = text.strip_prefix(b"v").unwrap_or(text);
    let dots = text.iter().filter(|&&byte| byte == b'.').count();
    if dots >= 2 || !text.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.') {
        return write(text, &STRICT, out);
    }
    for part in text.split(|&byte| byte == b'.') {
        put_core(part, &STRICT, out)?;
    }
    out.extend(std::iter::repeat_n(0, 2 - dots));
    out.push(RELEASE);
    Ok(())
}

/// The release that a package of Bitnami was made of, where a revision stands behind it.
pub(super) fn without_revision(version: &str) -> Option<&str> {
    let (version, _) = version.split_once('+').unwrap_or((version, ""));
    let (release, revision) = version.split_once('-')?;
    all_digits(revision.as_bytes()).then_some(release)
}

/// Bitnami (<https://github.com/bitnami/go-version>): `-N` is the Nth revision of a package and comes after the release that it is
/// made of. What else stands behind a hyphen is the pre-release that whoever wrote the software meant.
pub(super) fn write_bitnami(version: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let Some(release) = without_revision(version) else { return write(version.as_bytes(), &STRICT, out) };
    // The whole is read as well, so that what stands behind it is refused as everywhere.
    write(version.as_bytes(), &STRICT, &mut Vec::new())?;
    write(release.as_bytes(), &STRICT, out)?;
    let (revision, _) = split_digits(&version.as_bytes()[release.len() + 1..]);
    put_number(out, NUMBER, revision);
    Ok(())
}

/// Writes the key of a version without a prefix.
pub(super) fn write(text: &[u8], dialect: &Dialect, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let (major, rest) = split_digits(text);
    let (minor, rest) = split_digits(rest.strip_prefix(b".").ok_or(SHAPE)?);
    let (patch, rest) = split_digits(rest.strip_prefix(b".").ok_or(SHAPE)?);
    for number in [major, minor, patch] {
        put_core(number, dialect, out)?;
    }
    let (rest, build) = match rest.iter().position(|&byte| byte == b'+') {
        Some(plus) => (&rest[..plus], Some(&rest[plus + 1..])),
        None => (rest, None),
    };
    match rest.split_first() {
        None => out.push(RELEASE),
        Some((b'-', prerelease)) => put_identifiers(prerelease, dialect.put_identifier, out)?,
        Some(_) => return Err(SHAPE),
    }
    match (build, dialect.build_counts) {
        (Some(build), true) => put_identifiers(build, dialect.put_identifier, out),
        (Some(build), false) => check_build(build),
        (None, _) => Ok(()),
    }
}

fn put_core(digits: &[u8], dialect: &Dialect, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if !all_digits(digits) {
        return Err(SHAPE);
    }
    if !dialect.leading_zeros && digits.len() > 1 && digits[0] == b'0' {
        return Err("numbers without leading zeros");
    }
    let digits = strip_zeros(digits);
    if dialect.largest.is_some_and(|largest| exceeds(digits, largest)) {
        return Err("numbers that the ecosystem's own tool can hold");
    }
    put_number(out, 0, digits);
    Ok(())
}

fn put_identifiers(text: &[u8], put: PutIdentifier, out: &mut Vec<u8>) -> Result<(), Refusal> {
    for identifier in text.split(|&byte| byte == b'.') {
        check_identifier(identifier)?;
        put(identifier, out)?;
    }
    out.push(END);
    Ok(())
}

fn check_build(build: &[u8]) -> Result<(), Refusal> {
    build.split(|&byte| byte == b'.').try_for_each(check_identifier)
}

fn check_identifier(identifier: &[u8]) -> Result<(), Refusal> {
    let good = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if identifier.is_empty() || !identifier.iter().all(good) {
        return Err("identifiers of letters, digits and hyphens between dots");
    }
    Ok(())
}

/// Item 11.4: numbers by value, below words; words by ASCII.
fn put_strict(identifier: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    if !all_digits(identifier) {
        put_word(identifier, out);
    } else if identifier.len() > 1 && identifier[0] == b'0' {
        return Err("numbers without leading zeros");
    } else {
        put_number(out, NUMBER, identifier);
    }
    Ok(())
}

fn put_word(word: &[u8], out: &mut Vec<u8>) {
    out.push(WORD);
    out.extend_from_slice(word);
    out.push(0);
}

/// npm compares numbers as JavaScript does: beyond 2^53 as the nearest double.
fn put_npm(identifier: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    if identifier.len() < 16 || !all_digits(identifier) || identifier[0] == b'0' {
        return put_strict(identifier, out);
    }
    let double: f64 = std::str::from_utf8(identifier).ok().and_then(|text| text.parse().ok()).ok_or(SHAPE)?;
    put_number(out, NUMBER, format!("{double:.0}").as_bytes());
    Ok(())
}

/// Dart's `int.tryParse` decides what a number is: a sign, decimal or `0x` hexadecimal, 64 bits; else it is a word.
fn put_dart(identifier: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let (negative, magnitude) = match identifier.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, identifier),
    };
    let (radix, digits) = match magnitude.strip_prefix(b"0x").or_else(|| magnitude.strip_prefix(b"0X")) {
        Some(rest) => (16, rest),
        None => (10, magnitude),
    };
    let all = !digits.is_empty() && digits.iter().all(|&byte| char::from(byte).is_digit(radix));
    let value = std::str::from_utf8(digits).ok().filter(|_| all);
    match value.and_then(|text| i64::from_str_radix(text, radix).ok()) {
        Some(number) if negative && number > 0 => put_negative(number, out),
        Some(number) => put_number(out, NUMBER, number.to_string().as_bytes()),
        None if radix == 16 && all => return Err("hexadecimal numbers of at most 63 bits"),
        None => put_word(identifier, out),
    }
    Ok(())
}

/// The more digits, and the larger they are, the lower.
fn put_negative(magnitude: i64, out: &mut Vec<u8>) {
    let digits = magnitude.to_string();
    out.push(NEGATIVE + 19 - digits.len() as u8);
    out.extend(digits.bytes().map(|digit| b'0' + b'9' - digit));
}
