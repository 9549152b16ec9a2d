//! CVSS vectors in a few bytes: base metrics in the order of the specification are digits of one number, in a mixed radix.
//!
//! A vector is its kind *n* and what that says: nothing (0), a text (1), or a number *n* (2 and on, a row of [`VERSIONS`]).

use std::borrow::Cow;

use bedrail_model::advisory::pack::{Malformed, Unpack, put_bytes, put_number};

const NONE: u64 = 0;
const TEXT: u64 = 1;
/// The kind of the first row of [`VERSIONS`].
const FIRST: u64 = 2;

/// A version: how its vectors begin, and its base metrics with their values (CVSS v2.0 §2.4, v3.0 and v3.1 §6, v4.0 §7).
type Version = (&'static str, &'static [(&'static str, &'static str)]);

const BASE_2: &[(&str, &str)] =
    &[("AV", "LAN"), ("AC", "LMH"), ("Au", "NSM"), ("C", "NPC"), ("I", "NPC"), ("A", "NPC")];
const BASE_3: &[(&str, &str)] = &[
    ("AV", "NALP"),
    ("AC", "LH"),
    ("PR", "NLH"),
    ("UI", "NR"),
    ("S", "UC"),
    ("C", "HLN"),
    ("I", "HLN"),
    ("A", "HLN"),
];
const BASE_4: &[(&str, &str)] = &[
    ("AV", "NALP"),
    ("AC", "LH"),
    ("AT", "NP"),
    ("PR", "NLH"),
    ("UI", "NPA"),
    ("VC", "HLN"),
    ("VI", "HLN"),
    ("VA", "HLN"),
    ("SC", "HLN"),
    ("SI", "HLN"),
    ("SA", "HLN"),
];
const VERSIONS: &[Version] =
    &[("", BASE_2), ("CVSS:3.0/", BASE_3), ("CVSS:3.1/", BASE_3), ("CVSS:4.0/", BASE_4)];

/// Writes a vector; an empty text is none.
pub(crate) fn put(out: &mut Vec<u8>, vector: &str) {
    if vector.is_empty() {
        return put_number(out, NONE);
    }
    for (kind, version) in (FIRST..).zip(VERSIONS) {
        if let Some(number) = number_of(vector, version) {
            put_number(out, kind);
            return put_number(out, number);
        }
    }
    put_number(out, TEXT);
    put_bytes(out, vector.as_bytes());
}

/// Reads what [`put`] wrote.
///
/// # Errors
/// When it is something else.
pub(crate) fn read<'s>(unpack: &mut Unpack<'s>) -> Result<Option<Cow<'s, str>>, Malformed> {
    match unpack.number()? {
        NONE => Ok(None),
        TEXT => Ok(Some(unpack.text()?.into())),
        kind => {
            let version = usize::try_from(kind - FIRST).ok().and_then(|row| VERSIONS.get(row));
            text_of(unpack.number()?, version.ok_or(Malformed)?).map(|text| Some(text.into()))
        }
    }
}

/// Passes over what [`put`] wrote.
///
/// # Errors
/// When it is cut off.
pub(crate) fn skip(unpack: &mut Unpack<'_>) -> Result<(), Malformed> {
    match unpack.number()? {
        NONE => {}
        TEXT => _ = unpack.bytes()?,
        _ => _ = unpack.number()?,
    }
    Ok(())
}

/// The number of a vector that has exactly the base metrics of a version, in their order.
fn number_of(vector: &str, (beginning, metrics): &Version) -> Option<u64> {
    let mut parts = vector.strip_prefix(beginning)?.split('/');
    let mut number = 0;
    for (metric, values) in *metrics {
        let value = parts.next()?.strip_prefix(metric)?.strip_prefix(':')?;
        let [value] = value.as_bytes() else { return None };
        let digit = values.bytes().position(|one| one == *value)?;
        number = number * values.len() as u64 + digit as u64;
    }
    parts.next().is_none().then_some(number)
}

fn text_of(mut number: u64, (beginning, metrics): &Version) -> Result<String, Malformed> {
    let mut values = Vec::with_capacity(metrics.len());
    for (metric, choice) in metrics.iter().rev() {
        let radix = choice.len() as u64;
        let digit = (number % radix) as usize;
        values.push((metric, &choice[digit..=digit]));
        number /= radix;
    }
    if number != 0 {
        return Err(Malformed);
    }
    let mut text = String::with_capacity(beginning.len() + 6 * metrics.len());
    text.push_str(beginning);
    for (at, (metric, value)) in values.into_iter().rev().enumerate() {
        let slash = if at == 0 { "" } else { "/" };
        text.extend([slash, metric, ":", value]);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_as_written_and_most_are_short() {
        for (vector, most) in [
            ("", 1),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 3),
            ("AV:L/AC:H/Au:M/C:C/I:C/A:C", 3),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 3),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:N/I:N/A:N", 3),
            ("CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 4),
            // Metrics beside the base ones, or in another order, stay a text.
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P", 60),
            ("CVSS:3.1/AC:L/AV:N/PR:N/UI:N/S:U/C:H/I:H/A:H", 60),
            ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 60),
            ("CVSS:3.1/AV:N", 60),
        ] {
            let mut bytes = Vec::new();
            put(&mut bytes, vector);
            assert!(bytes.len() <= most, "{vector}: {} bytes", bytes.len());
            let mut unpack = Unpack::new(&bytes);
            let read = read(&mut unpack).unwrap();
            assert_eq!(read.as_deref().unwrap_or_default(), vector);
            assert!(unpack.is_empty());
            let mut unpack = Unpack::new(&bytes);
            skip(&mut unpack).unwrap();
            assert!(unpack.is_empty());
        }
        for bytes in [&[9, 0][..], &[2], &[2, 0xff, 0x7f], &[1, 5, b'A']] {
            assert!(read(&mut Unpack::new(bytes)).is_err(), "{bytes:?}");
        }
    }
}
