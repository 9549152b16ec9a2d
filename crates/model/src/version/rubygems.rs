//! RubyGems' order: `Gem::Version` (<https://docs.ruby-lang.org/en/master/Gem/Version.html>). Segments are numbers and
//! words; a word is below any number, and a list that ends goes on with zeros. A platform behind a hyphen, as bills of materials
//! write it (`1.15.0-x86_64-linux`), is no part of the version (`Gem::NameTuple#full_name`) and has no say.

use super::Refusal;
use super::digits::{put_number, split_digits, split_while, strip_zeros};

/// Zeros in the middle are written as what follows them decides: before a word they keep the version below the end of
/// a shorter one, before a larger number above it.
const WORD: u8 = 0x10;
const ZERO_BEFORE_WORD: u8 = 0x20;
const END: u8 = 0x30;
const ZERO_BEFORE_NUMBER: u8 = 0x40;
const NUMBER: u8 = 0x50;

/// How the platforms of gems begin (`Gem::Platform`): the processor, or what stands alone.
const PLATFORMS: &[&[u8]] = &[
    b"java",
    b"jruby",
    b"x86_64",
    b"x86",
    b"x64",
    b"i386",
    b"i686",
    b"amd64",
    b"aarch64",
    b"arm64",
    b"arm",
    b"armv7",
    b"powerpc",
    b"ppc64",
    b"ppc64le",
    b"s390x",
    b"riscv64",
    b"universal",
    b"mswin32",
    b"mswin64",
    b"mingw32",
];

/// The version in front of a platform.
fn without_platform(text: &[u8]) -> &[u8] {
    let Some(hyphen) = text.iter().position(|&byte| byte == b'-') else { return text };
    let first = text[hyphen + 1..].split(|&byte| byte == b'-').next().unwrap_or_default();
    if PLATFORMS.contains(&first) { &text[..hyphen] } else { text }
}

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let text = without_platform(text);
    if !is_correct(text) {
        return Err("a number, then letters and digits between dots, optionally a hyphen and more");
    }
    let mut zeros = 0;
    let mut words = false;
    let mut rest = text;
    while let Some(&first) = rest.first() {
        match first {
            b'0'..=b'9' => {
                let digits;
                (digits, rest) = split_digits(rest);
                if strip_zeros(digits).is_empty() {
                    zeros += 1;
                } else {
                    put_zeros(out, &mut zeros, ZERO_BEFORE_NUMBER);
                    put_number(out, NUMBER, digits);
                }
            }
            b'.' => rest = &rest[1..],
            // A hyphen stands for `.pre.`.
            other => {
                let word;
                (word, rest) = match other {
                    b'-' => (&b"pre"[..], &rest[1..]),
                    _ => split_while(rest, |byte| byte.is_ascii_alphabetic()),
                };
                // The zeros that end the numbers in front of the first word do not count.
                zeros = if words { zeros } else { 0 };
                words = true;
                put_zeros(out, &mut zeros, ZERO_BEFORE_WORD);
                out.push(WORD);
                out.extend_from_slice(word);
                out.push(0);
            }
        }
    }
    out.push(END);
    Ok(())
}

fn put_zeros(out: &mut Vec<u8>, zeros: &mut usize, class: u8) {
    out.extend(std::iter::repeat_n(class, *zeros));
    *zeros = 0;
}

/// `Gem::Version::VERSION_PATTERN`.
fn is_correct(text: &[u8]) -> bool {
    let (release, pre) = match text.iter().position(|&byte| byte == b'-') {
        Some(hyphen) => (&text[..hyphen], Some(&text[hyphen + 1..])),
        None => (text, None),
    };
    let mut parts = release.split(|&byte| byte == b'.');
    parts.next().is_some_and(super::digits::all_digits)
        && parts.all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric))
        && pre.is_none_or(|pre| {
            pre.split(|&byte| byte == b'.').all(|part| {
                !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            })
        })
}
