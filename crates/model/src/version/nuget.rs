//! NuGet's order: `NuGetVersion` and `VersionComparer.Default` of NuGet.Versioning
//! (<https://learn.microsoft.com/nuget/concepts/package-versioning>): one to four numbers, missing ones are zero; labels
//! as in SemVer but whatever their case, and a number is what fits 32 bits with its sign; metadata has no say.

use super::Refusal;
use super::digits::{all_digits, exceeds, put_number, strip_zeros};

/// Class bytes of labels; their end is below all, no labels at all is above all.
const END: u8 = 0x01;
const NUMBER: u8 = 0x10;
const WORD: u8 = 0x60;
const RELEASE: u8 = 0xFF;

const LARGEST: &[u8] = b"2147483647";
const SHAPE: Refusal = "one to four numbers, optionally -LABELS and +METADATA";

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let (text, metadata) = split_at_byte(text, b'+');
    let (numbers, labels) = split_at_byte(text, b'-');
    let mut missing = 4_usize;
    for number in numbers.split(|&byte| byte == b'.') {
        missing = missing.checked_sub(1).ok_or(SHAPE)?;
        if !all_digits(number) {
            return Err(SHAPE);
        }
        let digits = strip_zeros(number);
        if exceeds(digits, LARGEST) {
            return Err("numbers up to 2147483647");
        }
        put_number(out, 0, digits);
    }
    out.extend(std::iter::repeat_n(0, missing));
    match labels {
        Some(labels) => put_labels(labels, out)?,
        None => out.push(RELEASE),
    }
    metadata.map_or(Ok(()), |metadata| metadata.split(|&byte| byte == b'.').try_for_each(check))
}

fn split_at_byte(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&other| other == byte) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    }
}

fn put_labels(labels: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    for label in labels.split(|&byte| byte == b'.') {
        check(label)?;
        if label.len() > 1 && label[0] == b'0' && all_digits(label) {
            return Err("numbers in labels without leading zeros");
        }
        match std::str::from_utf8(label).ok().and_then(|text| text.parse::<i32>().ok()) {
            Some(number) => {
                out.push(NUMBER);
                out.extend_from_slice(&(number.cast_unsigned() ^ 0x8000_0000).to_be_bytes());
            }
            None => {
                out.push(WORD);
                out.extend(label.iter().map(u8::to_ascii_lowercase));
                out.push(0);
            }
        }
    }
    out.push(END);
    Ok(())
}

fn check(label: &[u8]) -> Result<(), Refusal> {
    let good = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if label.is_empty() || !label.iter().all(good) {
        return Err("labels of letters, digits and hyphens between dots");
    }
    Ok(())
}
