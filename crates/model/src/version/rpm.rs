//! RPM's order: `[epoch:]version[-release]`, each part by `rpmvercmp` (rpm-version(7), `rpmio/rpmvercmp.c`).

use super::Refusal;
use super::digits::{put_number, split_digits, split_while};

/// In a part: `~` below the end, `^` above it, then words, then numbers.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const WORD: u8 = 0x10;
const NUMBER: u8 = 0x20;

pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    if text.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()) {
        return Err("[EPOCH:]VERSION[-RELEASE] without spaces");
    }
    let (epoch, rest) = split_digits(text);
    let text = match rest.strip_prefix(b":") {
        Some(rest) => {
            put_number(out, 0, epoch);
            rest
        }
        None => {
            put_number(out, 0, b"");
            text
        }
    };
    let (version, release) = match text.iter().rposition(|&byte| byte == b'-') {
        Some(hyphen) => (&text[..hyphen], Some(&text[hyphen + 1..])),
        None => (text, None),
    };
    put_part(version, out);
    if let Some(release) = release {
        put_part(release, out);
    }
    Ok(())
}

/// Everything but letters, digits, `~` and `^` only separates.
fn put_part(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some((&first, rest)) = text.split_first() {
        text = match first {
            b'~' => {
                out.push(TILDE);
                rest
            }
            b'^' => {
                out.push(CARET);
                rest
            }
            b'0'..=b'9' => {
                let (digits, rest) = split_digits(text);
                put_number(out, NUMBER, digits);
                rest
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                let (word, rest) = split_while(text, |byte| byte.is_ascii_alphabetic());
                out.push(WORD);
                out.extend_from_slice(word);
                out.push(0);
                rest
            }
            _ => rest,
        };
    }
    out.push(END);
}
