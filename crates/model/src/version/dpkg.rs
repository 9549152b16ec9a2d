//! Debian's order: `[epoch:]upstream[-revision]`, Debian Policy 5.6.12 and `deb-version(7)`; odd strings as dpkg's
//! `lib/dpkg/parsehelp.c` and `lib/dpkg/version.c` treat them.

use super::Refusal;
use super::digits::{all_digits, exceeds, put_number, split_digits, split_while, strip_zeros};

/// In a run of other than digits: `~`, then the end of the run, then letters, then everything else (from 0x80 up).
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const OTHER: u8 = 0x80;

/// The largest epoch, C's `INT_MAX`.
const LARGEST_EPOCH: &[u8] = b"2147483647";

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    if !text.iter().all(u8::is_ascii_graphic) {
        return Err("printable ASCII without spaces");
    }
    let text = match text.iter().position(|&byte| byte == b':') {
        Some(colon) => {
            put_epoch(&text[..colon], out)?;
            &text[colon + 1..]
        }
        None => {
            put_number(out, 0, b"");
            text
        }
    };
    let (upstream, revision) = match text.iter().rposition(|&byte| byte == b'-') {
        Some(hyphen) => (&text[..hyphen], Some(&text[hyphen + 1..])),
        None => (text, None),
    };
    if upstream.is_empty() {
        return Err("an upstream version");
    }
    if revision.is_some_and(<[u8]>::is_empty) {
        return Err("a revision after the hyphen");
    }
    put_part(upstream, out);
    put_part(revision.unwrap_or(b"0"), out);
    Ok(())
}

/// dpkg reads the epoch with C's `strtol`, which takes a plus sign.
fn put_epoch(epoch: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let epoch = epoch.strip_prefix(b"+").unwrap_or(epoch);
    let digits = strip_zeros(epoch);
    if !all_digits(epoch) || exceeds(digits, LARGEST_EPOCH) {
        return Err("a whole number before the colon");
    }
    put_number(out, 0, digits);
    Ok(())
}

/// Runs of other than digits and of digits in turn. The end is an empty run.
fn put_part(mut text: &[u8], out: &mut Vec<u8>) {
    loop {
        let (run, rest) = split_while(text, |byte| !byte.is_ascii_digit());
        out.extend(run.iter().map(|&byte| match byte {
            b'~' => TILDE,
            letter if letter.is_ascii_alphabetic() => letter,
            other => other | OTHER,
        }));
        out.push(END);
        let (digits, rest) = split_digits(rest);
        if run.is_empty() && digits.is_empty() {
            return;
        }
        put_number(out, 0, digits);
        text = rest;
    }
}
