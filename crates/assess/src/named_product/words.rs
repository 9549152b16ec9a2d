//! Names of makers and products cut into words, and the tables of words that decide nothing.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

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
    "iot",
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
            words.push(whole_number(std::mem::take(&mut word)));
        }
    }
    if !word.is_empty() {
        words.push(whole_number(word));
    }
    words
}

/// "3.0T" is "3T": a decimal that says nothing, before the letters of a unit.
fn whole_number(word: String) -> String {
    match word.split_once(".0") {
        Some((number, unit))
            if !unit.is_empty()
                && unit.chars().all(char::is_alphabetic)
                && unit != "x"
                && number.chars().all(|it| it.is_ascii_digit()) =>
        {
            format!("{number}{unit}")
        }
        _ => word,
    }
}

/// Words that may stand in a name or not, and leave it the same: "Model 8015", "the X system".
const FILLERS: &[&str] =
    &["device", "devices", "model", "models", "number", "product", "system", "systems", "the"];

/// The words of a name in the order of the alphabet, without those that may be left out; empty where none is left that tells.
pub(super) fn bag(words: &[String]) -> String {
    let mut kept: Vec<&str> = words.iter().map(String::as_str).filter(|it| !FILLERS.contains(it)).collect();
    if kept.len() < 2 && !kept.iter().any(|it| it.len() > 2 && is_telling(it)) {
        return String::new();
    }
    kept.sort_unstable();
    // "Modules" is "Module".
    let one = |it: &&str| if it.len() > 4 { it.trim_end_matches('s').to_owned() } else { (*it).to_owned() };
    kept.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Words that operating systems are named by.
const SYSTEM_WORDS: &[&str] = &[
    "android",
    "edition",
    "embedded",
    "ios",
    "linux",
    "microsoft",
    "professional",
    "r2",
    "server",
    "vista",
    "windows",
    "xp",
];

/// Whether a word names an operating system by itself.
pub(super) fn is_system_word(word: &str) -> bool {
    matches!(word, "windows" | "linux" | "android" | "ios")
}

/// Whether words name an operating system and nothing else: "Windows Server 2003 R2".
pub(super) fn is_operating_system(words: &[String]) -> bool {
    let is_number = |it: &String| it.chars().all(|it| it.is_ascii_digit() || it == '.');
    words.iter().any(|it| is_system_word(it))
        && words.iter().all(|it| SYSTEM_WORDS.contains(&it.as_str()) || is_number(it))
}

/// What whole kinds of products are called by.
const KINDS: &[&str] = &[
    "anesthesia",
    "cardiology",
    "dialysis",
    "imaging",
    "laboratory",
    "radiology",
    "respiratory",
    "surgical",
];

/// Whether words name all products of a kind: "Imaging and Ultrasound Products".
pub(super) fn is_kind(words: &[String]) -> bool {
    words.iter().any(|it| matches!(it.as_str(), "products" | "devices" | "equipment"))
        && words.iter().all(|it| !is_telling(it) || KINDS.contains(&it.as_str()) || it == "equipment")
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
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| PRODUCT_WORDS.iter().copied().collect());
    !WORDS.contains(word)
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
    let tells = |it: &&String| !MAKER_WORDS.contains(&it.as_str()) && it.as_str() != "and";
    let kept: Vec<String> = all.iter().filter(tells).cloned().collect();
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

/// Whether two words may be one: but for a single letter, and short ones but for a letter at the end ("MR", "MRI").
pub(super) fn may_be_one(a: &str, b: &str) -> bool {
    let goes_on = |short: &str, long: &str| {
        short.len() > 1 && long.len() == short.len() + 1 && !has_digit(long) && long.starts_with(short)
    };
    nearly(a, b) || goes_on(a, b) || goes_on(b, a)
}

/// Whether two words are one but for a single letter: "Millenium", "Millennium". Short words and numbers are never.
pub(super) fn nearly(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if a.len().min(b.len()) < 5 || has_digit(a) || has_digit(b) {
        return false;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[common..], &b[common..]);
    match a.len().cmp(&b.len()) {
        Ordering::Equal => a[1..] == b[1..],
        Ordering::Less => a == &b[1..],
        Ordering::Greater => &a[1..] == b,
    }
}
