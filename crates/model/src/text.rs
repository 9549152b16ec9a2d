//! Untrusted text shown harmless. Texts are kept as documents give them; whatever prints one calls a function here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A text that can be printed to a terminal, a log or a page without acting on it.
///
/// Control characters (C0, DEL, C1, so every terminal escape), line and paragraph separators, bidirectional controls
/// (Unicode UAX #9 §2, as in "Trojan Source"), zero-width and other invisible format characters, and
/// non-characters become their escape `\u{1b}`. Line breaks and tabs too: a name has none. Everything else is untouched.
pub fn harmless(text: &str) -> Cow<'_, str> {
    escape(text, is_harmful)
}

/// Like [`harmless`] for texts of several lines: line feeds and tabs stay.
pub fn harmless_lines(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_harmful(character) && !matches!(character, '\n' | '\t'))
}

/// A text without outer blanks, and with one between words: what a person typed, as it is kept and compared.
pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that a spreadsheet shows instead of computing (OWASP, "CSV Injection"): one that starts with `=`, `+`, `-`, `@`,
/// a tab, a carriage return, or the full-width form of such a sign gets an apostrophe before it. Plain numbers such as
/// `-5` stay numbers. Control characters are escaped first, as by [`harmless`].
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    let shown = harmless(text);
    let starts_formula =
        shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    if !starts_formula || is_plain_number(&shown) { shown } else { Cow::Owned(format!("'{shown}")) }
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
        && digits != "."
}

fn escape(text: &str, harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&harmful) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for character in text[first..].chars() {
        if harmful(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", character as u32);
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        || (character as u32) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_untouched_and_borrowed() {
        for text in ["log4j-core", "Müller & Söhne <GmbH>", "日本語", "naïve €", "👩 👨", ""] {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn terminal_escapes_and_hidden_characters_are_shown() {
        for (text, shown) in [
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("a\rb\nc\td", r"a\u{d}b\u{a}c\u{9}d"),
            ("user\u{202e}gpj.exe", r"user\u{202e}gpj.exe"),
            ("open\u{200b}ssl", r"open\u{200b}ssl"),
            ("bell\u{7}\u{7f}", r"bell\u{7}\u{7f}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
        assert_eq!(harmless_lines("a\n\tb\u{1b}"), "a\n\tb\\u{1b}");
    }

    #[test]
    fn formulas_are_neutralised_and_numbers_kept() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 30 123", "'+49 30 123"),
            ("-cmd", "'-cmd"),
            ("  =1", "'  =1"),
            ("\t=1", r"\u{9}=1"),
            ("-5", "-5"),
            ("+1.5", "+1.5"),
            ("-1+1", "'-1+1"),
            ("openssl", "openssl"),
        ] {
            assert_eq!(csv_safe(text), safe);
        }
    }
}
