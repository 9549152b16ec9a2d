//! Names of makers and products, cut up once.

use std::collections::{BTreeSet, HashMap};

use bedrail_model::product_advisory::range_text::{LooseVersion, Standing};

use super::compare::{found_in, telling};
use super::words::{
    bag, brackets, compact, has_digit, is_kind, is_operating_system, is_telling, maker_names, maker_words,
    may_be_one, words,
};

/// A maker and a product, cut up once and compared often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    maker: String,
    product: String,
    pub(super) makers: BTreeSet<String>,
    pub(super) maker_words: Vec<String>,
    /// Each way to write the product in one: with and without what stands in brackets; and its words in order.
    pub(super) forms: BTreeSet<String>,
    /// The words of each way to read the product: whole, without brackets, and each product of a list.
    readings: Vec<Vec<String>>,
    /// The marks of the short forms together.
    short_marks: u64,
    /// The telling words of each reading.
    pub(super) telling: Vec<Vec<String>>,
    /// Whether the name is one that two makers will hardly give by chance: a model number, or two telling words, or a long one.
    pub(super) is_distinct: bool,
    /// The telling words of all readings, each once.
    pub(super) told: Vec<String>,
    /// The short forms of the whole name.
    pub(super) whole_short_forms: Vec<String>,
    /// Words that stand in the place of versions and are models.
    models: Vec<String>,
    /// Numbers from one model to another: `mx`, 400, 550.
    spans: Vec<(String, u64, u64)>,
    /// Whether it names a series of models: "Efficia CM Series".
    series: bool,
    /// What it could be shortened to, and the words that are: `dts`, "datacaptor", "terminal", "server".
    pub(super) short_forms: HashMap<String, Vec<String>>,
    /// The pairs of letters of its words: most names have too few in common to be compared word by word.
    print: Print,
    /// Whether what is said of it may be said of any product of its maker: it names a kind, a system below, or what others
    /// carry.
    pub(super) of_any: bool,
    /// A version in the name: "Xeleris 2.1", "IntelliSpace Portal 8.0.x". It is none of the words.
    pub(super) version: Option<String>,
}

/// A way to read a product's name.
#[derive(Clone, Copy)]
pub(super) struct Reading<'n> {
    pub(super) words: &'n [String],
    /// Those of them that tell it from others.
    pub(super) telling: &'n [String],
}

/// The pairs of letters of a text, each as one of 1,024 bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Print([u64; 16]);

impl Print {
    fn pairs(text: &str) -> impl Iterator<Item = usize> {
        text.chars()
            .zip(text.chars().skip(1))
            .map(|(a, b)| ((a as usize).wrapping_mul(37) ^ (b as usize)) & 1023)
    }

    fn add(&mut self, text: &str) {
        for pair in Print::pairs(text) {
            self.0[pair >> 6] |= 1 << (pair & 63);
        }
    }

    /// Whether a word could be in the text: so many of its pairs are.
    fn may_hold(&self, word: &str, needed: usize) -> bool {
        let held = Print::pairs(word).filter(|pair| self.0[pair >> 6] & (1 << (pair & 63)) != 0).count();
        held >= needed || word.len() < 2
    }
}

impl Name {
    /// Cut a name up.
    pub fn new(maker: &str, product: &str) -> Name {
        let makers = maker_names(maker);
        let maker_words = maker_words(maker);
        let without_maker = |text: &str| -> Vec<String> {
            let all = words(text);
            let skip = all.iter().zip(&maker_words).take_while(|(a, b)| a == b).count();
            let skip = if all.first().is_some_and(|it| makers.contains(it)) { skip.max(1) } else { skip };
            // "OpenClinic GA client" of OpenClinic GA is not the client alone.
            if all[skip..].iter().any(|it| is_telling(it)) { all[skip..].to_vec() } else { all }
        };
        let product_text = without_exceptions(product);
        let (outside, inside) = brackets(product_text);
        let mut whole = without_maker(product_text);
        let version = whole.iter().rposition(|it| is_version(it));
        let version = version.filter(|_| whole.len() > 1).map(|at| whole.remove(at));
        let mut forms: BTreeSet<String> =
            [compact(&whole), compact(&without_maker(product)), bag(&whole)].into();
        // "Patient Information Center iX (PIC iX)": a short form may stand in brackets, a condition too.
        if inside.iter().all(|it| is_abbreviation(it, &outside)) {
            forms.insert(compact(&without_maker(&outside)));
            forms.insert(bag(&without_maker(&outside)));
            forms.extend(inside.iter().map(|it| compact(&without_maker(it))));
        }
        forms.remove("");
        let listed = outside.split(['/', ',']).flat_map(|it| it.split(" and "));
        let in_brackets = inside.iter().filter(|it| is_abbreviation(it, &outside));
        let mut readings = vec![whole];
        readings.push(without_maker(&outside));
        readings.extend(listed.chain(in_brackets.map(String::as_str)).map(without_maker));
        readings.dedup();
        readings.retain(|it| !it.is_empty());
        readings.truncate(12);
        let mut name = Name {
            short_forms: short_forms(maker, &outside),
            print: Print::default(),
            maker: maker.to_owned(),
            product: product.to_owned(),
            spans: model_spans(product_text),
            series: words(product_text)
                .iter()
                .any(|it| matches!(it.as_str(), "series" | "family" | "line" | "products")),
            makers,
            maker_words,
            forms,
            readings,
            short_marks: 0,
            telling: Vec::new(),
            is_distinct: false,
            told: Vec::new(),
            whole_short_forms: Vec::new(),
            models: Vec::new(),
            of_any: false,
            version,
        };
        name.of_any = name.is_kind() || is_operating_system(name.words());
        let is_whole = |words: &[String]| name.words().iter().all(|it| words.contains(it));
        let whole = name.short_forms.iter().filter(|(_, words)| is_whole(words));
        name.whole_short_forms = whole.map(|(short, _)| short.clone()).collect();
        name.whole_short_forms.sort_unstable();
        name.short_marks = name.short_forms.keys().fold(0, |marks, it| marks | mark(it));
        name.make_print();
        name
    }

    fn make_print(&mut self) {
        let mut print = Print::default();
        for reading in &self.readings {
            print.add(&compact(reading));
        }
        for model in &self.models {
            print.add(model);
        }
        self.print = print;
        self.telling = self.readings.iter().map(|it| telling(it)).collect();
        let told: BTreeSet<&String> = self.telling.iter().flatten().collect();
        self.told = told.into_iter().cloned().collect();
        let first = self.telling.first().map_or(&[][..], Vec::as_slice);
        self.is_distinct = first.iter().any(|it| has_digit(it) || it.len() > 5) || first.len() > 1;
    }

    /// Whether a telling word of ours could be in this name, or shortened in it.
    pub(super) fn may_share(&self, ours: &Name) -> bool {
        // A model may be one of a span or of a family: its letters alone are enough.
        let families = self.series || !self.spans.is_empty() || !self.told.iter().any(|it| has_digit(it));
        let needed = |word: &str| match has_digit(word) {
            true if families => 1,
            // Of "2090W" the number alone may be there.
            true => longest_number(word).unwrap_or(word.len()) - 1,
            // A letter that differs takes two pairs away.
            false => word.len().saturating_sub(3).max(1),
        };
        ours.told.iter().any(|word| self.print.may_hold(word, needed(word)))
            || self.is_shortened(ours)
            || ours.is_shortened(self)
    }

    /// Whether a word of the other is a short form of this name.
    fn is_shortened(&self, other: &Name) -> bool {
        let mut words = other.told.iter().filter(|it| self.short_marks & mark(it) != 0);
        words.any(|it| self.short_forms.contains_key(it))
    }

    /// Whether it names all products of a kind.
    pub(super) fn is_kind(&self) -> bool {
        is_kind(self.words())
    }

    /// Take in models and names of products that stand in the place of versions.
    pub(super) fn add_models(&mut self, text: &str) {
        let numbered = |it: &String| has_digit(it) && !it.contains('.') && it.len() > 2;
        self.models.extend(words(text).into_iter().filter(numbered));
        let named = |it: &[String]| {
            it.iter().any(|it| it.len() > 3 && !has_digit(it) && is_telling(it)) && it.len() < 8
        };
        let names = text.split('|').map(words).filter(|it| named(it));
        self.readings.extend(names.take(12));
        self.make_print();
    }

    /// The maker as written.
    pub fn maker(&self) -> &str {
        &self.maker
    }

    /// The product as written.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// The names of the maker and their words, for looking up statements that may be about it.
    pub fn maker_keys(&self) -> impl Iterator<Item = &str> {
        self.makers.iter().map(String::as_str).chain(self.maker_words.iter().map(String::as_str))
    }

    /// What a decision on this name is kept by: equal for all ways to write it that make no difference.
    pub fn key(&self) -> String {
        let maker = self.makers.iter().max_by_key(|it| it.len()).map_or("", String::as_str);
        let product = self.readings.first().map(|it| compact(it)).unwrap_or_default();
        format!("{maker}|{product}{}", self.version.as_deref().unwrap_or_default())
    }

    /// Whether a model that stands in the place of a version is in the name, or in the version that stands beside it.
    pub(super) fn names_version(&self, model: &LooseVersion, version: &str) -> bool {
        if !model.may_be_a_model() {
            return false;
        }
        let beside = words(version);
        let windows = |list: &[String]| {
            (1..=3).any(|size| {
                list.windows(size)
                    .any(|it| LooseVersion::parse(&it.join(" ")).stand_to(model) == Standing::Equal)
            })
        };
        let parts = model.words();
        let scattered = parts.iter().any(|it| has_digit(it) && it.len() > 2)
            && parts.iter().all(|it| self.words().contains(it) || beside.contains(it));
        windows(self.words()) || windows(&beside) || scattered
    }

    /// Whether a word is one of the maker's.
    pub(super) fn is_maker_word(&self, word: &str) -> bool {
        self.makers.contains(word) || self.maker_words.iter().any(|it| it == word)
    }

    pub(super) fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        self.readings.iter().zip(&self.telling).map(|(words, telling)| Reading { words, telling })
    }

    pub(super) fn words(&self) -> &[String] {
        self.readings.first().map_or(&[], Vec::as_slice)
    }

    /// Whether a word is in a reading of this name, perhaps written together or apart, or within a span of models.
    pub(super) fn holds(&self, reading: &[String], word: &str) -> bool {
        if reading.iter().chain(&self.models).any(|it| may_be_one(it, word)) {
            return true;
        }
        let joined = |size: usize| reading.windows(size).any(|it| found_in(&it.concat(), word));
        let long = has_digit(word) || word.len() >= 5;
        if long && self.print.may_hold(word, word.chars().count() - 1) && (1..=3).any(joined) {
            return true;
        }
        let Some((letters, number)) = model_number(word) else { return false };
        if letters.is_empty() {
            return false;
        }
        let stem = |it: &String| it.trim_end_matches(|it: char| it.is_ascii_digit()) == letters;
        let within =
            |(prefix, from, to): &(String, u64, u64)| prefix == letters && (*from..=*to).contains(&number);
        let number = number.to_string();
        // "CX" may be the family of the CX50, if the name gives no number itself.
        let family = || self.series || (letters.len() > 1 && !reading.iter().any(|it| has_digit(it)));
        self.spans.iter().any(within) || (reading.iter().any(stem) && (reading.contains(&number) || family()))
    }
}

/// "LOGIQ, not including LOGIQ 100 Pro": what stands before the exception.
fn without_exceptions(product: &str) -> &str {
    let lower = product.to_ascii_lowercase();
    let at =
        [" not including", " except", " excluding", ", not "].iter().filter_map(|it| lower.find(it)).min();
    at.map_or(product, |at| product[..at].trim_end_matches(','))
}

/// `2.1`, `8.0.x`: a number with a dot. "1.5T" is a size.
fn is_version(word: &str) -> bool {
    word.contains('.') && word.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | 'x'))
}

/// One of 64 bits for a short form, by its first and last letter and its length.
fn mark(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let (first, last) =
        (bytes.first().copied().unwrap_or_default(), bytes.last().copied().unwrap_or_default());
    1 << ((usize::from(first) * 31 + usize::from(last) * 7 + bytes.len()) & 63)
}

/// What a maker's and a product's words together could be shortened to, by two words and more that follow one another: their
/// capitals or first letters ("PIIC"), the last or first one whole ("PICiX").
fn short_forms(maker: &str, product: &str) -> HashMap<String, Vec<String>> {
    let split = |text: &str| -> Vec<(String, String)> {
        let tokens = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).take(24);
        tokens.map(|it| (it.to_lowercase(), capitals(it))).collect()
    };
    let maker = split(maker);
    let product: Vec<_> = split(product);
    let skip = product.iter().zip(&maker).take_while(|(a, b)| a.0 == b.0).count();
    let all: Vec<_> = maker.iter().take(1).chain(&product[skip..]).collect();
    let mut found = HashMap::new();
    for size in 2..=6 {
        for window in all.windows(size) {
            let initials: String = window.iter().map(|it| it.1.as_str()).collect();
            let first: String = window.iter().filter_map(|it| it.0.chars().next()).collect();
            let head: String = window[..size - 1].iter().filter_map(|it| it.0.chars().next()).collect();
            let rest: String = window[1..].iter().filter_map(|it| it.0.chars().next()).collect();
            let (whole_first, whole_last) = (&window[0].0, &window[size - 1].0);
            let forms = [initials, first, format!("{head}{whole_last}"), format!("{whole_first}{rest}")];
            let words: Vec<String> = window.iter().map(|it| it.0.clone()).collect();
            for form in forms.into_iter().filter(|it| (3..=7).contains(&it.len())) {
                found.entry(form).or_insert_with(|| words.clone());
            }
        }
    }
    found
}

/// The capitals of a word in lower case, and its first letter: `is` of "IntelliSpace". Short forms stay whole.
fn capitals(word: &str) -> String {
    if word.len() < 4 && word.chars().skip(1).any(char::is_uppercase) {
        return word.to_lowercase();
    }
    let kept = word.char_indices().filter(|(at, it)| *at == 0 || it.is_uppercase());
    kept.flat_map(|(_, it)| it.to_lowercase()).collect()
}

/// Whether a text in brackets is a short form of what stands outside: few letters, in the order in which they stand
/// there, from the first letter of a word on. "(USB)" behind "Ultra Station" is none.
pub(super) fn is_abbreviation(inside: &str, outside: &str) -> bool {
    let letters: Vec<char> =
        inside.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.len() > 6 || letters.iter().any(|it| it.is_ascii_digit()) {
        return false;
    }
    let outside = words(outside);
    (0..outside.len()).any(|start| {
        let mut left = letters.iter().peekable();
        outside[start].starts_with(|it| Some(&it) == letters.first()) && {
            for letter in outside[start..].concat().chars() {
                left.next_if(|it| **it == letter);
            }
            left.peek().is_none()
        }
    })
}

/// How many digits the longest number in a word has, if it has three and more.
fn longest_number(word: &str) -> Option<usize> {
    let runs = word.split(|it: char| !it.is_ascii_digit()).map(str::len);
    runs.max().filter(|digits| *digits > 2)
}

/// The letters and the number of a model: `mx450`.
fn model_number(word: &str) -> Option<(&str, u64)> {
    let at = word.find(|it: char| it.is_ascii_digit())?;
    Some((&word[..at], word[at..].parse().ok()?))
}

/// "MX400-550", "MP2-MP90".
fn model_spans(product: &str) -> Vec<(String, u64, u64)> {
    let lower = product.to_lowercase();
    let pieces = lower.split(|it: char| !(it.is_alphanumeric() || it == '-'));
    pieces
        .filter_map(|piece| {
            let (from, to) = piece.split_once('-')?;
            let (prefix, from) = model_number(from)?;
            let (second, to) = model_number(to)?;
            (!prefix.is_empty() && (second.is_empty() || second == prefix))
                .then(|| (prefix.to_owned(), from, to))
        })
        .collect()
}
