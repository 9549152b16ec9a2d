//! What people type, checked: lines, texts and choices with their limits.

use bedrail_model::text::squeezed;

use crate::Error;

/// The longest line, in characters.
const LONGEST_LINE: usize = 200;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 4_000;

/// A line, which may be empty.
pub(crate) fn line(what: &str, given: &str) -> Result<String, Error> {
    if given.chars().any(|it| it.is_control() && !it.is_whitespace()) {
        return Err(Error::invalid(format!("{what} has a control character in it")));
    }
    let line = squeezed(given);
    match line.chars().count() {
        0..=LONGEST_LINE => Ok(line),
        _ => Err(Error::invalid(format!("{what} is too long ({LONGEST_LINE} characters)"))),
    }
}

/// A line that must be there.
pub(crate) fn needed_line(what: &str, given: &str) -> Result<String, Error> {
    match line(what, given)? {
        line if line.is_empty() => Err(Error::invalid(format!("{what} is missing"))),
        line => Ok(line),
    }
}

/// A text of several lines, which may be empty and may have tabs in it.
pub(crate) fn text(what: &str, given: &str) -> Result<String, Error> {
    checked(what, given, LONGEST_TEXT, &['\n', '\t'])
}

/// A text of several lines and at most so many characters, which may be empty.
pub(crate) fn text_within(what: &str, given: &str, most: usize) -> Result<String, Error> {
    checked(what, given, most, &['\n'])
}

fn checked(what: &str, given: &str, most: usize, signs: &[char]) -> Result<String, Error> {
    let text = given.trim().replace("\r\n", "\n");
    if text.chars().count() > most {
        return Err(Error::invalid(format!("{what} is too long ({most} characters)")));
    }
    if text.chars().any(|it| it.is_control() && !signs.contains(&it)) {
        return Err(Error::invalid(format!("{what} has a control character in it")));
    }
    Ok(text)
}

/// A text that must be there.
pub(crate) fn needed_text(what: &str, given: &str) -> Result<String, Error> {
    match text(what, given)? {
        text if text.is_empty() => Err(Error::invalid(format!("{what} is missing"))),
        text => Ok(text),
    }
}

/// One of several codes; the fallback where nothing was typed.
pub(crate) fn choice(what: &str, given: &str, codes: &[&str], fallback: &str) -> Result<String, Error> {
    match given.trim() {
        "" => Ok(fallback.to_owned()),
        given if codes.contains(&given) => Ok(given.to_owned()),
        _ => Err(Error::Invalid {
            message: format!("{what} is none of those that there are"),
            hint: Some(format!("one of: {}", codes.join(", "))),
        }),
    }
}
