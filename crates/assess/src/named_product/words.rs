//! Names of makers and products cut into words, and the tables of words that decide nothing.

use std::collections::BTreeSet;

/// Legal forms and words of the trade that stand behind the names of makers: "Philips Medical Systems" is Philips.
const MAKER_WORDS: &[&str] = &[
    "ab",
    "ag",
    "aps",
    "as",
    "bv",
    "co",
    "company",
    "companies",
    "corp",
    "corporation",
    "developments",
    "diagnostics",
    "gmbh",
    "group",
    "health",
    "healthcare",
    "healthineers",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "international",
    "kg",
    "laboratories",
    "labs",
    "life",
    "limited",
    "llc",
    "llp",
    "ltd",
    "medical",
    "medizintechnik",
    "melsungen",
    "nv",
    "oy",
    "oyj",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
    "systems",
    "technologies",
    "technology",
    "the",
    "yhtyma",
];

/// Words that many products of the field bear and that tell none from another.
const PRODUCT_WORDS: &[&str] = &[
    "a",
    "all",
    "an",
    "and",
    "application",
    "app",
    "based",
    "bedside",
    "cardiograph",
    "cardiographs",
    "client",
    "clinician",
    "component",
    "controller",
    "delivery",
    "device",
    "devices",
    "electrocardiograph",
    "embedded",
    "enabled",
    "family",
    "for",
    "handheld",
    "in",
    "including",
    "infusion",
    "line",
    "machine",
    "management",
    "medical",
    "model",
    "models",
    "module",
    "monitor",
    "monitoring",
    "monitors",
    "number",
    "of",
    "on",
    "option",
    "patient",
    "platform",
    "product",
    "products",
    "pump",
    "pumps",
    "reader",
    "remote",
    "resting",
    "revision",
    "series",
    "server",
    "software",
    "solution",
    "station",
    "syringe",
    "system",
    "systems",
    "the",
    "transmitter",
    "ultrasound",
    "unit",
    "units",
    "used",
    "version",
    "versions",
    "vital",
    "signs",
    "web",
    "wireless",
    "with",
    "worn",
];

/// The words of a text: lower case, without accents and marks; numbers with dots stay whole.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().flat_map(char::to_lowercase).map(plain).peekable();
    while let Some(it) = chars.next() {
        let inside_number = it == '.'
            && word.ends_with(|last: char| last.is_ascii_digit())
            && chars.peek().is_some_and(|next| next.is_ascii_digit() || *next == 'x');
        if it.is_alphanumeric() || inside_number {
            word.push(it);
        } else if matches!(it, '\'' | '’' | '®' | '™' | '©' | '\u{301}' | '\u{308}') {
            // "N'Vision" is "NVision"; marks say nothing.
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A letter without its accent, for those that makers' names bear.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        _ => letter,
    }
}

/// Everything in one: "Supply Roller" and "SupplyRoller" are the same.
pub(super) fn compact(words: &[String]) -> String {
    words.concat()
}

/// Whether a word tells a product from another.
pub(super) fn is_telling(word: &str) -> bool {
    !PRODUCT_WORDS.contains(&word)
}

pub(super) fn has_digit(word: &str) -> bool {
    word.contains(|it: char| it.is_ascii_digit())
}

/// The names a maker's text gives: as a whole, in brackets, and each of several makers.
pub(super) fn maker_names(text: &str) -> BTreeSet<String> {
    let (outside, inside) = brackets(text);
    let pieces = outside.split([',', '/', ';']).flat_map(|it| it.split(" and ")).map(str::to_owned);
    let texts = [outside.clone()].into_iter().chain(inside).chain(pieces);
    texts.map(|it| maker_name(&it)).filter(|it| !it.is_empty()).collect()
}

fn maker_name(text: &str) -> String {
    let all = words(text);
    let kept: Vec<String> = all.iter().filter(|it| !MAKER_WORDS.contains(&it.as_str())).cloned().collect();
    if kept.is_empty() { compact(&all) } else { compact(&kept) }
}

/// The telling words of a maker, for the weaker comparisons.
pub(super) fn maker_words(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|it| !MAKER_WORDS.contains(&it.as_str()) && it != "and").collect()
}

/// A text without what stands in brackets, and each of those.
pub(super) fn brackets(text: &str) -> (String, Vec<String>) {
    let mut outside = String::new();
    let mut inside = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        outside.push_str(before);
        outside.push(' ');
        let (inner, tail) = after.split_once(')').unwrap_or((after, ""));
        inside.push(inner.to_owned());
        rest = tail;
    }
    outside.push_str(rest);
    (outside, inside)
}

/// A title without what says that it is one: "Philips Alice 6 Vulnerabilities (Update B)".
pub(super) fn title_name(title: &str) -> String {
    let (outside, _) = brackets(title);
    let said = ["vulnerability", "vulnerabilities", "advisory", "security", "update"];
    let kept = outside.split_whitespace().filter(|it| !said.contains(&it.to_lowercase().as_str()));
    kept.collect::<Vec<_>>().join(" ")
}

/// Whether two words are one but for a single letter: "Millenium", "Millennium". Short words and numbers are never.
pub(super) fn nearly(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if a.len().min(b.len()) < 5 || a.len().abs_diff(b.len()) > 1 || has_digit(a) || has_digit(b) {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let common = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[common..], &b[common..]);
    match (a.len(), b.len()) {
        (x, y) if x == y => a[1..] == b[1..],
        (x, y) if x < y => a == &b[1..],
        _ => &a[1..] == b,
    }
}
