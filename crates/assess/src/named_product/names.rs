//! Whether a name of ours is a name of an advisory: the same, another, or one that a person has to look at.

use std::collections::BTreeSet;

use bedrail_model::product_advisory::range_text::{LooseVersion, Standing};

use super::words::{brackets, compact, has_digit, is_telling, maker_names, maker_words, nearly, words};

/// A maker and a product, cut up once and compared often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    maker: String,
    product: String,
    makers: BTreeSet<String>,
    maker_words: Vec<String>,
    /// Each way to write the product in one: with and without what stands in brackets.
    forms: BTreeSet<String>,
    /// The words of each way to read the product: whole, without brackets, and each product of a list.
    readings: Vec<Vec<String>>,
    /// Words that stand in the place of versions and are models.
    models: Vec<String>,
    /// Numbers from one model to another: `mx`, 400, 550.
    spans: Vec<(String, u64, u64)>,
    /// Whether it names a series of models: "Efficia CM Series".
    series: bool,
    /// A version in the name: "Xeleris 2.1", "IntelliSpace Portal 8.0.x". It is none of the words.
    pub(super) version: Option<String>,
}

/// How a name of ours stands to one of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// Another product, or the same name of another maker that shares nothing with it.
    Different,
    /// It may be the same; a person has to say. The more points, the likelier.
    Maybe(u8),
    /// The same but for case, punctuation, marks, legal form and the maker's name in front.
    Same,
}

impl Likeness {
    /// Points from which on one name holds the telling words of the other: the same, or a part of it.
    pub(crate) const CONTAINED: u8 = 60;
    /// Points from which on the names share a model number or telling words. Below, only the text around explains ours.
    pub(super) const SHARED: u8 = 30;
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
            if skip < all.len() { all[skip..].to_vec() } else { all }
        };
        let product_text = without_exceptions(product);
        let (outside, inside) = brackets(product_text);
        let mut whole = without_maker(product_text);
        let version = whole.iter().rposition(|it| is_version(it));
        let version = version.filter(|_| whole.len() > 1).map(|at| whole.remove(at));
        let mut forms: BTreeSet<String> = [compact(&whole), compact(&without_maker(product))].into();
        // "Patient Information Center iX (PIC iX)": a short form may stand in brackets, a condition too.
        if inside.iter().all(|it| is_abbreviation(it, &outside)) {
            forms.insert(compact(&without_maker(&outside)));
            forms.extend(inside.iter().map(|it| compact(&without_maker(it))));
        }
        forms.remove("");
        let listed = outside.split(['/', ',']).flat_map(|it| it.split(" and "));
        let short_forms = inside.iter().filter(|it| is_abbreviation(it, &outside));
        let mut readings = vec![whole];
        readings.push(without_maker(&outside));
        readings.extend(listed.chain(short_forms.map(String::as_str)).map(without_maker));
        readings.dedup();
        readings.retain(|it| !it.is_empty());
        readings.truncate(12);
        Name {
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
            models: Vec::new(),
            version,
        }
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
        let scattered = parts.len() > 1
            && parts.iter().any(|it| has_digit(it) && it.len() > 2)
            && parts.iter().all(|it| self.words().contains(it) || beside.contains(it));
        windows(self.words()) || windows(&beside) || scattered
    }

    /// Whether the name is one that two makers will hardly give by chance: a model number, or two telling words, or a long one.
    fn is_distinct(&self) -> bool {
        let told = telling(self.words());
        told.iter().any(|it| has_digit(it) || it.len() > 5) || told.len() > 1
    }

    fn words(&self) -> &[String] {
        self.readings.first().map_or(&[], Vec::as_slice)
    }

    /// Whether a word is in a reading of this name, perhaps written together or apart, or within a span of models.
    fn holds(&self, reading: &[String], word: &str) -> bool {
        if reading.iter().chain(&self.models).any(|it| nearly(it, word)) {
            return true;
        }
        let joined = |size: usize| reading.windows(size).any(|it| found_in(&it.concat(), word));
        if (has_digit(word) || word.len() >= 5) && (1..=3).any(joined) {
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
        self.spans.iter().any(within)
            || (self.words().iter().any(stem) && (self.series || self.words().contains(&number)))
    }
}

/// "LOGIQ, not including LOGIQ 100 Pro": what stands before the exception.
fn without_exceptions(product: &str) -> &str {
    let lower = product.to_ascii_lowercase();
    let at =
        [" not including", " except", " excluding", ", not "].iter().filter_map(|it| lower.find(it)).min();
    at.map_or(product, |at| product[..at].trim_end_matches(','))
}

/// All the words of an advisory's title and product names: what a name of ours may be explained by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    words: BTreeSet<String>,
    compact: String,
    /// The words of the title alone.
    title: BTreeSet<String>,
}

impl Context {
    /// From the title and the names.
    pub fn new<'t>(title: &'t str, names: impl IntoIterator<Item = &'t str>) -> Context {
        let all: Vec<String> = [title].into_iter().chain(names).flat_map(words).collect();
        let title = words(title).into_iter().collect();
        Context { compact: compact(&all), words: all.into_iter().collect(), title }
    }

    /// Whether a word stands in it just so, or written together with others.
    fn names(&self, word: &str) -> bool {
        self.words.contains(word) || (word.len() > 3 && self.compact.contains(word))
    }

    fn holds(&self, word: &str) -> bool {
        self.words.contains(word)
            || (word.len() >= 5
                && (found_in(&self.compact, word) || self.words.iter().any(|it| nearly(it, word))))
    }
}

/// Compare one of our names, with the version that stands beside it, with a name of an advisory.
pub fn compare(ours: &Name, version: &str, theirs: &Name, context: &Context) -> Likeness {
    let same_product = ours.forms.iter().any(|it| theirs.forms.contains(it));
    let maker = compare_makers(ours, theirs, context);
    if maker == Maker::Same && same_product {
        return Likeness::Same;
    }
    let points = if same_product { 99 } else { compare_products(ours, version, theirs, context) };
    match maker {
        // An earlier maker, a successor or a seller: the document does not say it, a person may know.
        Maker::Other if points >= Likeness::CONTAINED && ours.is_distinct() => {
            Likeness::Maybe(Likeness::SHARED)
        }
        Maker::Other => Likeness::Different,
        Maker::Same | Maker::Near if points > 0 => Likeness::Maybe(points),
        Maker::Same | Maker::Near => Likeness::Different,
    }
}

/// Whether two names are worth comparing: their makers are alike, their products are equal, or a telling word of ours
/// stands in the advisory.
pub(super) fn may_be(ours: &Name, theirs: &Name, context: &Context) -> bool {
    compare_makers(ours, theirs, context) != Maker::Other
        || ours.forms.iter().any(|it| theirs.forms.contains(it))
        || ours.readings.iter().any(|it| telling(it).iter().any(|word| context.names(word)))
}

/// Whether two names share a word of their makers: what a list says of others is not looked at.
pub(super) fn shares_maker(ours: &Name, theirs: &Name) -> bool {
    ours.maker_keys().any(|it| theirs.makers.contains(it) || theirs.maker_words.iter().any(|word| word == it))
}

/// How a product of ours stands to a statement on all products of a maker.
pub(super) fn compare_all_of_maker(ours: &Name, theirs: &Name) -> Likeness {
    if ours.makers.iter().any(|it| theirs.makers.contains(it)) {
        Likeness::Same
    } else if shares_maker(ours, theirs) {
        Likeness::Maybe(Likeness::SHARED)
    } else {
        Likeness::Different
    }
}

#[derive(PartialEq, Eq)]
enum Maker {
    Same,
    Near,
    Other,
}

fn compare_makers(ours: &Name, theirs: &Name, context: &Context) -> Maker {
    if ours.makers.iter().any(|it| theirs.makers.contains(it)) {
        return Maker::Same;
    }
    // A maker that the document does not name apart may stand in the product's name.
    if theirs.makers.is_empty() || ours.makers.is_empty() {
        return Maker::Near;
    }
    let first = (ours.maker_words.first(), theirs.maker_words.first());
    let near = matches!(first, (Some(a), Some(b)) if nearly(a, b))
        || ours.makers.iter().any(|a| theirs.makers.iter().any(|b| nearly(a, b)))
        || theirs.maker_words.iter().any(|it| it.len() > 1 && ours.maker_words.contains(it))
        || (!ours.maker_words.is_empty() && ours.maker_words.iter().all(|it| context.names(it)));
    if near { Maker::Near } else { Maker::Other }
}

/// The most points that a reading of ours gets beside a reading of theirs; 0 where it is another product.
fn compare_products(ours: &Name, version: &str, theirs: &Name, context: &Context) -> u8 {
    let beside = words(version);
    let pairs = ours.readings.iter().flat_map(|a| theirs.readings.iter().map(move |b| (a, b)));
    pairs
        .map(|(mine, other)| Pair { ours, theirs, mine, other, beside: &beside, context }.points())
        .max()
        .unwrap_or_default()
}

/// One reading of our name beside one of theirs.
struct Pair<'p> {
    ours: &'p Name,
    theirs: &'p Name,
    mine: &'p [String],
    other: &'p [String],
    /// The words of our version: an operating system or a model may stand there.
    beside: &'p [String],
    context: &'p Context,
}

impl Pair<'_> {
    fn points(&self) -> u8 {
        let (mine, other) = (telling(self.mine), telling(self.other));
        let (mine_lacks, other_lacks): (Vec<&str>, Vec<&str>) = (
            mine.iter().copied().filter(|it| !self.theirs_hold(it)).collect(),
            other.iter().copied().filter(|it| !self.ours_hold(it)).collect(),
        );
        let unexplained = mine_lacks.iter().filter(|it| !self.context.holds(it)).count();
        if another_model(&mine, &other, &mine_lacks, &other_lacks, self.context) {
            return 0;
        }
        let shared = (mine.len() - mine_lacks.len()).min(other.len() - other_lacks.len());
        let model = mine.iter().any(|it| it.len() > 2 && has_digit(it) && !mine_lacks.contains(it));
        let basis = match (mine_lacks.is_empty(), other_lacks.is_empty()) {
            _ if mine.is_empty() => 0,
            (true, true) if shared > 0 => 80,
            (true, false) | (false, true) if shared > 0 => Likeness::CONTAINED + 8,
            _ if model && shared > 0 => Likeness::SHARED + 20,
            _ if shared > 1 || (shared > 0 && unexplained == 0) => Likeness::SHARED + 8,
            _ if unexplained == 0 => 15,
            _ => return 0,
        };
        let count = |it: usize| u8::try_from(it.min(4)).unwrap_or(4);
        (basis + count(shared)).saturating_sub(count(mine_lacks.len()) + count(other_lacks.len())).max(1)
    }

    fn theirs_hold(&self, word: &str) -> bool {
        let joined = self.mine.windows(2).any(|pair| {
            (pair[0] == word || pair[1] == word)
                && has_digit(&pair[1])
                && self.theirs.holds(self.other, &pair.concat())
        });
        joined
            || self.theirs.holds(self.other, word)
            || stands_for(self.mine, word, self.other)
            || self.theirs.maker_words.iter().any(|it| it == word)
    }

    fn ours_hold(&self, word: &str) -> bool {
        self.ours.holds(self.mine, word)
            || stands_for(self.other, word, self.mine)
            || self.beside.iter().any(|it| it == word)
            || self.ours.maker_words.iter().any(|it| it == word)
    }
}

/// Whether a word, perhaps with those behind it, is shortened in the other reading, or is such a short form itself:
/// "PCU" is "PC unit".
fn stands_for(reading: &[String], word: &str, other: &[String]) -> bool {
    let shortened = |long: &[String], short: &str| {
        let initials: String = long[1..].iter().filter_map(|it| it.chars().next()).collect();
        let first = long[0].chars().next().map(String::from).unwrap_or_default();
        short.len() > 2
            && (format!("{}{initials}", long[0]) == short || format!("{first}{initials}") == short)
    };
    let windows =
        |list: &[String], test: &dyn Fn(&[String]) -> bool| (2..=4).any(|it| list.windows(it).any(test));
    windows(other, &|long| shortened(long, word))
        || windows(reading, &|long| {
            long.iter().any(|it| it == word) && other.iter().any(|it| shortened(long, it))
        })
}

/// The words that tell; all of them where none does ("Remote Controller").
fn telling(reading: &[String]) -> Vec<&str> {
    let told: Vec<&str> = reading.iter().map(String::as_str).filter(|it| is_telling(it)).collect();
    if told.is_empty() { reading.iter().map(String::as_str).collect() } else { told }
}

/// Both have model numbers, none is common, and ours does not stand in the title.
fn another_model(
    mine: &[&str],
    other: &[&str],
    mine_lacks: &[&str],
    other_lacks: &[&str],
    context: &Context,
) -> bool {
    let numbers = |list: &[&str]| list.iter().filter(|it| has_digit(it)).count();
    numbers(mine) > 0
        && numbers(other) > 0
        && numbers(mine_lacks) == numbers(mine)
        && numbers(other_lacks) == numbers(other)
        && !mine_lacks.iter().any(|it| has_digit(it) && it.len() > 2 && context.title.contains(*it))
}

/// Whether a word is in a text written in one, not as a part of a longer number.
fn found_in(compact: &str, word: &str) -> bool {
    let digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
    compact.match_indices(word).any(|(at, _)| {
        let before = compact[..at].chars().next_back();
        let after = compact[at + word.len()..].chars().next();
        !has_digit(word)
            || !(digit(after) || (word.starts_with(|it: char| it.is_ascii_digit()) && digit(before)))
    })
}

/// `2.1`, `8.0.x`: a number with a dot.
fn is_version(word: &str) -> bool {
    word.contains('.') && word.starts_with(|it: char| it.is_ascii_digit())
}

/// Whether a text in brackets is a short form of what stands outside: few letters, in the order in which they stand
/// there, from the first letter of a word on. "(USB)" behind "Ultra Station" is none.
fn is_abbreviation(inside: &str, outside: &str) -> bool {
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
            (!prefix.is_empty() && (second.is_empty() || second == prefix) && from < to)
                .then(|| (prefix.to_owned(), from, to))
        })
        .collect()
}
