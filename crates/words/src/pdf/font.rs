//! Fonts: how the bytes of a string are codes (ISO 32000-1, §9.6, §9.7), what a code means (§9.10.2) and how wide it is.

use std::collections::HashMap;

use hayro_syntax::object::{Array, Dict, Name, Number, Object, Stream};

use super::cmap::ToUnicode;

/// How wide a letter is where the file does not say, in units of the size: about the middle of Latin type.
const USUAL: f64 = 0.5;
/// Widths of one font at most.
const MOST_WIDTHS: usize = 70_000;

/// A code of a string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    pub(crate) code: u32,
    /// Whether it is the single byte 32, by which the space between words grows (§9.3.3).
    pub(crate) blank: bool,
}

/// What codes mean where the font has no map of its own.
#[derive(Debug)]
enum Usual {
    /// One byte each, by a table.
    Byte(Box<[Option<String>; 256]>),
    /// Two bytes that are UTF-16 (the predefined maps `Uni…-UCS2` and `Uni…-UTF16`).
    Utf16,
    /// Two bytes that say nothing.
    Nothing,
}

/// A font.
#[derive(Debug)]
pub(crate) struct Font {
    own: Option<ToUnicode>,
    usual: Usual,
    widths: HashMap<u32, f64>,
    other_width: f64,
}

impl Font {
    /// Reads a font. What is wrong with it makes its letters unknown.
    pub(crate) fn read(dict: &Dict<'_>) -> Font {
        let own = dict.get::<Stream<'_>>("ToUnicode").and_then(|it| it.decoded_data().ok());
        let own = own.map(|bytes| ToUnicode::read(&bytes));
        let composite = dict.get::<Name<'_>>("Subtype").is_some_and(|it| it.as_str() == "Type0");
        if composite { composite_font(dict, own) } else { simple_font(dict, own) }
    }

    /// The codes of a string.
    pub(crate) fn codes<'b>(&self, bytes: &'b [u8]) -> Box<dyn Iterator<Item = Code> + 'b> {
        match self.usual {
            Usual::Byte(_) => {
                Box::new(bytes.iter().map(|it| Code { code: u32::from(*it), blank: *it == b' ' }))
            }
            Usual::Utf16 | Usual::Nothing => Box::new(bytes.chunks_exact(2).map(|it| {
                let code = it.iter().fold(0, |code, byte| (code << 8) | u32::from(*byte));
                Code { code, blank: false }
            })),
        }
    }

    /// What a code means; `None` where nobody knows.
    pub(crate) fn meaning(&self, code: u32) -> Option<String> {
        if let Some(found) = self.own.as_ref().and_then(|own| own.meaning(code)) {
            return Some(found);
        }
        match &self.usual {
            Usual::Byte(table) => table.get(code as usize)?.clone(),
            Usual::Utf16 => char::from_u32(code).map(String::from),
            Usual::Nothing => None,
        }
    }

    /// How wide a code is, in units of the size.
    pub(crate) fn width(&self, code: u32) -> f64 {
        self.widths.get(&code).copied().unwrap_or(self.other_width)
    }
}

fn composite_font(dict: &Dict<'_>, own: Option<ToUnicode>) -> Font {
    let named = dict.get::<Name<'_>>("Encoding").map(|it| it.as_str().to_owned()).unwrap_or_default();
    let usual = if named.starts_with("Uni") { Usual::Utf16 } else { Usual::Nothing };
    let descendant = dict.get::<Array<'_>>("DescendantFonts").and_then(|it| it.iter::<Dict<'_>>().next());
    let mut font = Font { own, usual, widths: HashMap::new(), other_width: 1.0 };
    let Some(descendant) = descendant else { return font };
    if let Some(usual) = descendant.get::<Number>("DW") {
        font.other_width = usual.as_f64() / 1000.0;
    }
    let Some(widths) = descendant.get::<Array<'_>>("W") else { return font };
    // Groups of `c [w …]` and `first last w` (§9.7.4.3).
    let (mut first, mut last) = (None, None);
    for item in widths.iter::<Object<'_>>() {
        if font.widths.len() > MOST_WIDTHS {
            break;
        }
        match (item, first, last) {
            (Object::Number(number), None, _) => first = Some(number.as_i64()),
            (Object::Array(list), Some(at), None) => {
                for (code, width) in (at..).zip(list.iter::<Number>()) {
                    font.widths.insert(u32::try_from(code).unwrap_or_default(), width.as_f64() / 1000.0);
                }
                first = None;
            }
            (Object::Number(number), Some(_), None) => last = Some(number.as_i64()),
            (Object::Number(width), Some(from), Some(to)) => {
                for code in (from..=to).take(MOST_WIDTHS) {
                    font.widths.insert(u32::try_from(code).unwrap_or_default(), width.as_f64() / 1000.0);
                }
                (first, last) = (None, None);
            }
            _ => (first, last) = (None, None),
        }
    }
    font
}

fn simple_font(dict: &Dict<'_>, own: Option<ToUnicode>) -> Font {
    let mut font = Font { own, usual: usual_of(dict), widths: HashMap::new(), other_width: USUAL };
    let unit = match dict.get::<Array<'_>>("FontMatrix") {
        Some(matrix) => matrix.iter::<f64>().next().unwrap_or(0.001),
        None => 0.001,
    };
    let first = dict.get::<Number>("FirstChar").map_or(0, |it| it.as_i64());
    if let Some(widths) = dict.get::<Array<'_>>("Widths") {
        for (code, width) in (first..).zip(widths.iter::<Number>()).take(256) {
            font.widths.insert(u32::try_from(code).unwrap_or_default(), width.as_f64() * unit);
        }
    }
    font
}

/// The table of a simple font: its base encoding (§9.6.6), and what differs from it.
fn usual_of(dict: &Dict<'_>) -> Usual {
    let named = dict.get::<Name<'_>>("Encoding").map(|it| it.as_str().to_owned());
    let own = dict.get::<Dict<'_>>("Encoding");
    let base =
        named.or_else(|| own.as_ref()?.get::<Name<'_>>("BaseEncoding").map(|it| it.as_str().to_owned()));
    let is_symbol = dict.get::<Name<'_>>("BaseFont").is_some_and(|it| {
        let name = it.as_str();
        name.ends_with("Symbol") || name.contains("Dingbats")
    });
    let encoding = match base.as_deref() {
        Some("MacRomanEncoding") => Some(encoding_rs::MACINTOSH),
        _ if is_symbol => None,
        // Without a word on it the letters of most files are those of Windows; they differ from the standard ones in quotes alone.
        _ => Some(encoding_rs::WINDOWS_1252),
    };
    // Annex D.2, note 3: in the letters of Windows as PDFs name them, codes that are not used are bullets.
    let bullet = (base.as_deref() == Some("WinAnsiEncoding")).then(|| "\u{2022}".to_owned());
    let mut table: Box<[Option<String>; 256]> = Box::new([const { None }; 256]);
    for (code, meaning) in (0_u8..=255).zip(table.iter_mut()) {
        let unused = bullet.clone().filter(|_| code > b' ');
        *meaning = encoding.and_then(|it| decoded(it, code)).or(unused);
    }
    let mut code = 0_usize;
    let differences = own.and_then(|it| it.get::<Array<'_>>("Differences"));
    for item in differences.iter().flat_map(|it| it.iter::<Object<'_>>()) {
        match item {
            Object::Number(number) => code = usize::try_from(number.as_i64()).unwrap_or(usize::MAX),
            Object::Name(name) => {
                if let Some(meaning) = table.get_mut(code) {
                    *meaning = named_glyph(name.as_str());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    Usual::Byte(table)
}

fn decoded(encoding: &'static encoding_rs::Encoding, code: u8) -> Option<String> {
    let bytes = [code];
    let (text, _, wrong) = encoding.decode(&bytes);
    (!wrong && !text.chars().any(char::is_control)).then(|| text.into_owned())
}

/// Names of glyphs in the order of the codes 0x21 to 0x7e of ASCII, where they are no letters.
const ASCII: &[(char, &str)] = &[
    (' ', "space"),
    ('!', "exclam"),
    ('"', "quotedbl"),
    ('#', "numbersign"),
    ('$', "dollar"),
    ('%', "percent"),
    ('&', "ampersand"),
    ('\'', "quotesingle"),
    ('(', "parenleft"),
    (')', "parenright"),
    ('*', "asterisk"),
    ('+', "plus"),
    (',', "comma"),
    ('-', "hyphen"),
    ('.', "period"),
    ('/', "slash"),
    ('0', "zero"),
    ('1', "one"),
    ('2', "two"),
    ('3', "three"),
    ('4', "four"),
    ('5', "five"),
    ('6', "six"),
    ('7', "seven"),
    ('8', "eight"),
    ('9', "nine"),
    (':', "colon"),
    (';', "semicolon"),
    ('<', "less"),
    ('=', "equal"),
    ('>', "greater"),
    ('?', "question"),
    ('@', "at"),
    ('[', "bracketleft"),
    ('\\', "backslash"),
    (']', "bracketright"),
    ('^', "asciicircum"),
    ('_', "underscore"),
    ('`', "grave"),
    ('{', "braceleft"),
    ('|', "bar"),
    ('}', "braceright"),
    ('~', "asciitilde"),
];
/// Further names that texts in Latin letters use (Adobe Glyph List).
const OTHERS: &[(&str, &str)] = &[
    ("\u{2019}", "quoteright"),
    ("\u{2018}", "quoteleft"),
    ("\u{201c}", "quotedblleft"),
    ("\u{201d}", "quotedblright"),
    ("\u{201e}", "quotedblbase"),
    ("\u{201a}", "quotesinglbase"),
    ("\u{2013}", "endash"),
    ("\u{2014}", "emdash"),
    ("\u{2022}", "bullet"),
    ("\u{2026}", "ellipsis"),
    ("\u{2020}", "dagger"),
    ("\u{2021}", "daggerdbl"),
    ("\u{2122}", "trademark"),
    ("\u{20ac}", "Euro"),
    ("\u{2212}", "minus"),
    ("fi", "fi"),
    ("fl", "fl"),
    ("ff", "ff"),
    ("ffi", "ffi"),
    ("ffl", "ffl"),
    ("§", "section"),
    ("¶", "paragraph"),
    ("©", "copyright"),
    ("®", "registered"),
    ("°", "degree"),
    ("±", "plusminus"),
    ("µ", "mu"),
    ("·", "periodcentered"),
    ("«", "guillemotleft"),
    ("»", "guillemotright"),
    ("½", "onehalf"),
    ("¼", "onequarter"),
    ("¾", "threequarters"),
    ("£", "sterling"),
    ("¥", "yen"),
    ("¢", "cent"),
    ("\u{a0}", "nbspace"),
    ("\u{a0}", "nonbreakingspace"),
    ("\u{ad}", "sfthyphen"),
    ("ß", "germandbls"),
    ("Æ", "AE"),
    ("æ", "ae"),
    ("Ø", "Oslash"),
    ("ø", "oslash"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("ı", "dotlessi"),
    ("Š", "Scaron"),
    ("š", "scaron"),
    ("Ž", "Zcaron"),
    ("ž", "zcaron"),
    ("Ÿ", "Ydieresis"),
    ("Ð", "Eth"),
    ("ð", "eth"),
    ("Þ", "Thorn"),
    ("þ", "thorn"),
    ("×", "multiply"),
    ("÷", "divide"),
    ("¿", "questiondown"),
    ("¡", "exclamdown"),
    ("\u{2264}", "lessequal"),
    ("\u{2265}", "greaterequal"),
    ("\u{2610}", "checkbox"),
];
/// Letters with a mark: the letters, and how the mark is called.
const MARKED: &[(&str, &str)] = &[
    ("ÀÈÌÒÙàèìòù", "grave"),
    ("ÁÉÍÓÚÝáéíóúý", "acute"),
    ("ÂÊÎÔÛâêîôû", "circumflex"),
    ("ÃÑÕãñõ", "tilde"),
    ("ÄËÏÖÜäëïöüÿ", "dieresis"),
    ("Åå", "ring"),
    ("Çç", "cedilla"),
];
const BARE: &[(&str, &str)] = &[
    ("AEIOUaeiou", "grave"),
    ("AEIOUYaeiouy", "acute"),
    ("AEIOUaeiou", "circumflex"),
    ("ANOano", "tilde"),
    ("AEIOUaeiouy", "dieresis"),
    ("Aa", "ring"),
    ("Cc", "cedilla"),
];

/// What a glyph means by its name (Adobe Glyph List Specification, §2); `None` for a name that says nothing.
fn named_glyph(name: &str) -> Option<String> {
    let name = name.split('.').next().unwrap_or(name);
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && letter.is_ascii_alphabetic()
    {
        return Some(name.to_owned());
    }
    if let Some((sign, _)) = ASCII.iter().find(|(_, known)| *known == name) {
        return Some(sign.to_string());
    }
    if let Some((meaning, _)) = OTHERS.iter().find(|(_, known)| *known == name) {
        return Some((*meaning).to_owned());
    }
    for ((marked, mark), (bare, _)) in MARKED.iter().zip(BARE) {
        let Some(letter) = name.strip_suffix(mark) else { continue };
        let found = bare.chars().zip(marked.chars()).find(|(bare, _)| letter == bare.to_string());
        if let Some((_, sign)) = found {
            return Some(sign.to_string());
        }
    }
    let digits = name.strip_prefix("uni").filter(|it| it.len() >= 4 && it.len().is_multiple_of(4));
    let digits = digits.or_else(|| name.strip_prefix('u').filter(|it| (4..=6).contains(&it.len())));
    let code = u32::from_str_radix(digits?.get(..digits?.len().min(6)).unwrap_or_default(), 16).ok()?;
    char::from_u32(code).filter(|it| !it.is_control()).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_mean_what_their_names_say() {
        for (name, meaning) in [
            ("A", Some("A")),
            ("hyphen", Some("-")),
            ("eacute", Some("é")),
            ("Udieresis", Some("Ü")),
            ("ydieresis", Some("ÿ")),
            ("fi", Some("fi")),
            ("uni00A7", Some("§")),
            ("u2014", Some("—")),
            ("a.sc", Some("a")),
            ("g123", None),
            ("uniD800", None),
            ("", None),
        ] {
            assert_eq!(named_glyph(name).as_deref(), meaning, "{name}");
        }
        for ((marked, mark), (bare, same)) in MARKED.iter().zip(BARE) {
            assert_eq!((marked.chars().count(), mark), (bare.chars().count(), same));
        }
    }
}
