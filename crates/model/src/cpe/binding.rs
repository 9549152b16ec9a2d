//! Reading names in both bindings, and writing values of the newer one.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::{Attribute, Cpe, MAX_CPE_BYTES, Open, Text, Value};

/// A text that is no CPE name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no CPE name: at byte {place} {problem}", text.escape_debug())]
pub struct Unreadable {
    /// The text as given, cut to its first 120 characters.
    pub text: String,
    /// Where reading stopped, in bytes from 0.
    pub place: usize,
    /// What is wrong there, in words.
    pub problem: &'static str,
}

const FORMATTED: &str = "cpe:2.3:";
const URI: &str = "cpe:/";
/// Components of the URI binding (NISTIR 7695, 6.1): part to language.
const URI_COMPONENTS: usize = 7;
/// What a packed edition holds (NISTIR 7695, 6.1.2.4), in its order.
const PACKED: [Attribute; 5] = [
    Attribute::Edition,
    Attribute::SoftwareEdition,
    Attribute::TargetSoftware,
    Attribute::TargetHardware,
    Attribute::Other,
];

/// What is wrong, and where.
type Problem = (usize, &'static str);

impl FromStr for Cpe {
    type Err = Unreadable;

    /// Reads a formatted string (CPE 2.3) or a URI (CPE 2.2).
    ///
    /// More is read than the grammar allows where the meaning is plain, since the names in bills of materials are often
    /// written by hand: components that are left out or empty stand for any value; punctuation need not be quoted.
    ///
    /// # Errors
    /// When it is neither, when the part is none of `a`, `o`, `h`, when a wild card stands inside a value, or when there
    /// are too many components.
    fn from_str(text: &str) -> Result<Cpe, Unreadable> {
        let text = text.trim();
        let read = match (strip_prefix(text, FORMATTED), strip_prefix(text, URI)) {
            _ if text.len() > MAX_CPE_BYTES => Err((MAX_CPE_BYTES, "it is too long")),
            (Some(rest), _) => formatted(rest, FORMATTED.len()),
            (None, Some(rest)) => uri(rest, URI.len()),
            (None, None) => Err((0, "it begins neither with `cpe:2.3:` nor with `cpe:/`")),
        };
        read.map_err(|(place, problem)| Unreadable { text: text.chars().take(120).collect(), place, problem })
    }
}

/// The rest behind a prefix, whatever its case (RFC 3986, 3.1: schemes have none).
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// NISTIR 7695, 6.2.3: eleven components between colons; a backslash quotes what follows it.
fn formatted(rest: &str, start: usize) -> Result<Cpe, Problem> {
    let mut cpe = Cpe::default();
    let mut attributes = Attribute::ALL.into_iter();
    let mut begin = 0;
    loop {
        let end = component_end(&rest[begin..]).map_or(rest.len(), |length| begin + length);
        let attribute = attributes.next().ok_or((start + begin, "there are more than eleven components"))?;
        cpe.0[attribute as usize] = quoted_value(&rest[begin..end], start + begin)?;
        if end == rest.len() {
            break;
        }
        begin = end + 1;
    }
    check_part(&cpe, start)?;
    Ok(cpe)
}

/// Where the component that the text begins with ends: at a colon that is not quoted.
fn component_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        let ends = byte == b':' && !quoted;
        quoted = byte == b'\\' && !quoted;
        ends
    })
}

/// One character of a value: itself, or a wild card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain(char),
    One,
    Many,
}

/// NISTIR 7695, 6.2.3.2.
pub(super) fn quoted_value(text: &str, start: usize) -> Result<Value, Problem> {
    match text {
        "" | "*" => return Ok(Value::Any),
        "-" => return Ok(Value::NotApplicable),
        _ => {}
    }
    let mut signs = Vec::with_capacity(text.len());
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        signs.push(match character {
            '\\' => match characters.next() {
                Some((_, quoted)) => plain(quoted, start + place)?,
                None => return Err((start + place, "a backslash quotes nothing")),
            },
            '*' => Sign::Many,
            '?' => Sign::One,
            other => plain(other, start + place)?,
        });
    }
    text_of(&signs, start)
}

fn plain(character: char, place: usize) -> Result<Sign, Problem> {
    if character.is_control() || character.is_whitespace() {
        return Err((place, "there is a space or a control character"));
    }
    Ok(Sign::Plain(character))
}

/// A text of signs: wild cards at its ends are what it is open to; inside they have no meaning (NISTIR 7695, 5.3.2).
fn text_of(signs: &[Sign], start: usize) -> Result<Value, Problem> {
    let (before, taken) = opening(signs.iter());
    let signs = &signs[taken..];
    let (after, taken) = opening(signs.iter().rev());
    let signs = &signs[..signs.len() - taken];
    let mut middle = String::with_capacity(signs.len());
    for sign in signs {
        match sign {
            Sign::Plain(character) if character.is_ascii() => middle.push(character.to_ascii_lowercase()),
            Sign::Plain(character) => middle.extend(character.to_lowercase()),
            Sign::One | Sign::Many => return Err((start, "a wild card stands inside a value")),
        }
    }
    Ok(match (middle.is_empty(), before) {
        (true, Open::Any) => Value::Any,
        _ => Value::Text(Text { middle: middle.into(), before, after }),
    })
}

/// How open an end is, and how many signs say so; the signs come in their order from that end.
fn opening<'a>(mut signs: impl Iterator<Item = &'a Sign> + Clone) -> (Open, usize) {
    let single = signs.clone().take_while(|sign| **sign == Sign::One).count();
    match (single, signs.next()) {
        (0, Some(Sign::Many)) => (Open::Any, 1),
        (0, _) => (Open::No, 0),
        (single, _) => (Open::UpTo(u8::try_from(single).unwrap_or(u8::MAX)), single),
    }
}

/// NISTIR 7695, 6.1.3: up to seven components between colons, percent-encoded; the sixth may hold five packed ones.
fn uri(rest: &str, start: usize) -> Result<Cpe, Problem> {
    let mut cpe = Cpe::default();
    let mut place = start;
    for (index, component) in rest.split(':').enumerate() {
        let attribute = Attribute::ALL.get(index).filter(|_| index < URI_COMPONENTS);
        let attribute = *attribute.ok_or((place, "there are more than seven components"))?;
        match component.strip_prefix('~').filter(|_| attribute == Attribute::Edition) {
            Some(packed) => unpack(packed, place + 1, &mut cpe)?,
            None => cpe.0[attribute as usize] = encoded_value(component, place)?,
        }
        place += component.len() + 1;
    }
    check_part(&cpe, start)?;
    Ok(cpe)
}

/// NISTIR 7695, 6.1.3.3.
fn unpack(packed: &str, start: usize, cpe: &mut Cpe) -> Result<(), Problem> {
    let mut place = start;
    let mut pieces = packed.split('~');
    for attribute in PACKED {
        let piece = pieces.next().ok_or((start, "a packed edition has fewer than five parts"))?;
        cpe.0[attribute as usize] = encoded_value(piece, place)?;
        place += piece.len() + 1;
    }
    match pieces.next() {
        None => Ok(()),
        Some(_) => Err((start, "a packed edition has more than five parts")),
    }
}

/// NISTIR 7695, 6.1.3.2: `%01` is `?`, `%02` is `*`, and what else is encoded is itself. A lone `*`, which the grammar does
/// not know, is often written for any value.
fn encoded_value(text: &str, start: usize) -> Result<Value, Problem> {
    match text {
        "" | "*" => return Ok(Value::Any),
        "-" => return Ok(Value::NotApplicable),
        _ => {}
    }
    let mut signs = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let place = start + text.len() - rest.len();
        rest = &rest[character.len_utf8()..];
        signs.push(match character {
            '%' => {
                let digits = rest.get(..2).ok_or((place, "a percent sign encodes nothing"))?;
                let code =
                    u8::from_str_radix(digits, 16).map_err(|_| (place, "a percent sign encodes nothing"))?;
                rest = &rest[2..];
                match code {
                    1 => Sign::One,
                    2 => Sign::Many,
                    0x80.. => return Err((place, "an encoded character is not ASCII")),
                    code => plain(char::from(code), place)?,
                }
            }
            '*' | '?' => return Err((place, "a wild card stands inside a value")),
            other => plain(other, place)?,
        });
    }
    text_of(&signs, start)
}

/// NISTIR 7695, 5.3.3.1. Any part is allowed for names that are searched by.
fn check_part(cpe: &Cpe, place: usize) -> Result<(), Problem> {
    match cpe.get(Attribute::Part) {
        Value::Any | Value::NotApplicable => Ok(()),
        part if part.literal().is_some_and(|part| matches!(part, "a" | "o" | "h")) => Ok(()),
        Value::Text(_) => Err((place, "the part is none of `a`, `o`, `h`")),
    }
}

/// A value in the formatted string: what is no letter, digit, `_`, `.` or `-` is quoted, and so is a lone `-`
/// (NISTIR 7695, 6.2.2.1).
pub(super) fn write_value(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = match value {
        Value::Any => return f.write_char('*'),
        Value::NotApplicable => return f.write_char('-'),
        Value::Text(text) => text,
    };
    write_open(text.before, f)?;
    for character in text.middle.chars() {
        let bare = character.is_alphanumeric() || matches!(character, '_' | '.' | '-');
        if !bare || *text.middle == *"-" {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    write_open(text.after, f)
}

fn write_open(open: Open, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match open {
        Open::No => Ok(()),
        Open::Any => f.write_char('*'),
        Open::UpTo(most) => (0..most).try_for_each(|_| f.write_char('?')),
    }
}
