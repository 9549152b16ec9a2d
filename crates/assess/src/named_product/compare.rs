//! Whether a name of ours is a name of an advisory: the same, another, or one that a person has to look at.

use super::context::Context;
use super::names::{Name, Reading};
use super::words::{has_digit, is_operating_system, is_telling, nearly, words};

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
    /// Points of a name that holds ours, or is held by it, of a maker that the advisory does not name. No other name gets so
    /// many: what two names share is worth more, a brand less.
    pub(super) const OF_ANOTHER_MAKER: u8 = 30;
    /// Points of what an advisory says of all products of a kind, and of what other products carry.
    pub(super) const OF_A_KIND: u8 = 10;

    /// Whether names of so many points are so near that the version of one is the version of the other.
    pub(super) const fn is_near(points: u8) -> bool {
        points >= Likeness::CONTAINED || points == Likeness::OF_ANOTHER_MAKER
    }
}

/// One of our names with the version that stands beside it, made ready to be compared with all names of one advisory.
pub(super) struct Asked<'a> {
    ours: &'a Name,
    /// The words of our version: an operating system or a model may stand there.
    beside: Vec<String>,
    context: &'a Context,
    /// For each reading of our name, what the rest of the advisory says of it.
    around: Vec<Around>,
    /// Whether the advisory explains one of our words as a short form, or shortens ours so.
    shortened: bool,
}

/// What an advisory says of a reading of our name, the names of its products apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Nothing.
    Nothing,
    /// The title, and no name of a product, has a word of it: the products may be parts of it.
    OfTitle,
    /// A text mentions it.
    Mentioned,
    /// Title and names have all its words, and so many that they lack.
    Explained,
}

impl<'a> Asked<'a> {
    pub(super) fn new(ours: &'a Name, version: &str, context: &'a Context) -> Asked<'a> {
        let shortened = context.short_forms.iter().any(|(short, long)| {
            ours.told.contains(short) || long.iter().filter(|it| ours.told.contains(it)).count() > 1
        });
        let around = ours.readings().map(|it| around(ours, it, context)).collect();
        Asked { ours, beside: words(version), context, around, shortened }
    }

    /// How our name stands to one of the advisory, of a maker that stands so to ours.
    pub(super) fn compare(&self, theirs: &Name, maker: Maker) -> Likeness {
        let (ours, context) = (self.ours, self.context);
        let same_product = ours.forms.iter().any(|it| theirs.forms.contains(it));
        if maker == Maker::Same && same_product {
            return Likeness::Same;
        }
        let points = if same_product { 99 } else { self.compare_products(theirs) };
        match maker {
            // An earlier maker, a successor or a seller: the document does not say it, a person may know.
            Maker::Other if points >= Likeness::CONTAINED && ours.is_distinct => {
                Likeness::Maybe(Likeness::OF_ANOTHER_MAKER)
            }
            // A model that the advisory names, and a title that has the rest of our name.
            Maker::Other
                if points >= 40 && ours.is_distinct && self.around.first() == Some(&Around::Explained) =>
            {
                Likeness::Maybe(Likeness::OF_A_KIND)
            }
            Maker::Other
                if self.around.contains(&Around::Mentioned) && is_mentioned_with_maker(ours, context) =>
            {
                Likeness::Maybe(Likeness::OF_A_KIND)
            }
            Maker::Other => Likeness::Different,
            // What is said of a whole kind, and of the system below, may be said of any product of the maker.
            Maker::Same if points == 0 && theirs.of_any => Likeness::Maybe(Likeness::OF_A_KIND),
            Maker::Same | Maker::Near if points > 0 => Likeness::Maybe(points),
            Maker::Same | Maker::Near => Likeness::Different,
        }
    }

    /// The most points that a reading of ours gets beside a reading of theirs; 0 where it is another product.
    fn compare_products(&self, theirs: &Name) -> u8 {
        if !self.shortened && !theirs.may_share(self.ours) {
            return self.points_around(theirs);
        }
        let mine = self.ours.readings().zip(&self.around);
        let pairs =
            mine.flat_map(|(mine, around)| theirs.readings().map(move |other| (mine, *around, other)));
        pairs
            .map(|(mine, around, other)| Pair { asked: self, theirs, mine, around, other }.points())
            .max()
            .unwrap_or_default()
    }

    /// The points beside a name that shares nothing with ours.
    fn points_around(&self, theirs: &Name) -> u8 {
        let numbered = |it: &[String]| it.iter().any(|it| has_digit(it));
        let theirs = theirs.telling.first().is_some_and(|it| numbered(it));
        let another = |mine: &[String]| {
            theirs && numbered(mine) && !stands_in_title(mine.iter().map(String::as_str), self.context)
        };
        let readings = self.ours.telling.iter().zip(&self.around);
        let points = readings.map(|(mine, around)| match around {
            Around::Explained if !another(mine) => 13,
            Around::OfTitle if !another(mine) => 11,
            Around::Mentioned => 11,
            Around::Explained | Around::OfTitle | Around::Nothing => 0,
        });
        points.max().unwrap_or_default()
    }
}

/// What the title, the names and the texts of an advisory say of a reading of our name.
fn around(ours: &Name, reading: Reading<'_>, context: &Context) -> Around {
    let told = reading.telling;
    if told.is_empty() || is_operating_system(reading.words) {
        return Around::Nothing;
    }
    if told.iter().all(|it| context.holds(it)) {
        return Around::Explained;
    }
    let of_a_name = told.iter().any(|it| it.len() > 3 || has_digit(it));
    let shortened = || ours.whole_short_forms.iter().any(|it| context.mentions_short(it));
    if (of_a_name && told.iter().all(|it| context.mentions(it))) || (reading.words.len() > 1 && shortened()) {
        return Around::Mentioned;
    }
    let is_of_title = |it: &String| {
        context.is_of_title_alone(it) && !COMMON_WORDS.contains(&it.as_str()) && !ours.is_maker_word(it)
    };
    if told.iter().any(is_of_title) { Around::OfTitle } else { Around::Nothing }
}

/// Whether a text mentions the maker as well as the product.
fn is_mentioned_with_maker(ours: &Name, context: &Context) -> bool {
    !ours.maker_words.is_empty() && ours.is_distinct && ours.maker_words.iter().all(|it| context.mentions(it))
}

/// Compare one of our names, with the version that stands beside it, with a name of an advisory.
pub fn compare(ours: &Name, version: &str, theirs: &Name, context: &Context) -> Likeness {
    let maker = compare_makers(ours, theirs, context);
    Asked::new(ours, version, context).compare(theirs, maker)
}

/// Whether an advisory may speak of a product of a maker that it does not name: a telling word of it stands there, or a
/// text mentions both.
pub(super) fn may_speak_of(ours: &Name, context: &Context) -> bool {
    ours.told.iter().any(|it| context.names(it)) || is_mentioned_with_maker(ours, context)
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
        Likeness::Maybe(Likeness::OF_ANOTHER_MAKER)
    } else {
        Likeness::Different
    }
}

/// How a maker of ours stands to one of an advisory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Same,
    Near,
    Other,
}

pub(super) fn compare_makers(ours: &Name, theirs: &Name, context: &Context) -> Maker {
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

/// One reading of our name beside one of theirs.
struct Pair<'p> {
    asked: &'p Asked<'p>,
    theirs: &'p Name,
    mine: Reading<'p>,
    around: Around,
    other: Reading<'p>,
}

impl Pair<'_> {
    fn points(&self) -> u8 {
        let mine: Vec<&str> = self.mine.telling.iter().map(String::as_str).collect();
        let other: Vec<&str> = self.other.telling.iter().map(String::as_str).collect();
        let (mine_lacks, other_lacks): (Vec<&str>, Vec<&str>) = (
            mine.iter().copied().filter(|it| !self.theirs_hold(it)).collect(),
            other.iter().copied().filter(|it| !self.ours_hold(it)).collect(),
        );
        let context = self.asked.context;
        if another_model(&mine, &other, &mine_lacks, &other_lacks, context) {
            return if self.around == Around::Mentioned { 11 } else { 0 };
        }
        let shared = (mine.len() - mine_lacks.len()).min(other.len() - other_lacks.len());
        // "CX 50" beside "CX50": the model may be one word of either name.
        let held_model = |told: &[&str], lacks: &[&str]| {
            told.iter().any(|it| it.len() > 2 && has_digit(it) && !lacks.contains(it))
        };
        let model = held_model(&mine, &mine_lacks) || held_model(&other, &other_lacks);
        let explained = self.around == Around::Explained;
        let basis = match (mine_lacks.is_empty(), other_lacks.is_empty()) {
            (true, true) => 80,
            (true, false) | (false, true) if shared > 0 => Likeness::CONTAINED + 8,
            _ if model => 50,
            _ if shared > 1 || (shared > 0 && explained) => 40,
            _ if self.is_more_than_a_brand(&mine, &mine_lacks, &other_lacks) => 20,
            _ if mine.iter().any(|it| other.iter().any(|theirs| same_number(it, theirs))) => 20,
            _ if self.around != Around::Nothing => 13,
            _ => return 0,
        };
        let count = |it: usize| u8::try_from(it.min(4)).unwrap_or(4);
        (basis + count(shared)).saturating_sub(count(mine_lacks.len()) + count(other_lacks.len())).max(1)
    }

    /// Whether a single word that both have is more than the brand in front of two products of a family: its name stands
    /// elsewhere, or the other is a part of such a product.
    fn is_more_than_a_brand(&self, mine: &[&str], mine_lacks: &[&str], other_lacks: &[&str]) -> bool {
        let Some(shared) = mine.iter().position(|it| !mine_lacks.contains(it)) else { return false };
        let first = self.other.telling.first();
        let is_brand = shared == 0 && first.is_some_and(|it| !other_lacks.contains(&it.as_str()));
        let is_part = || self.other.words.iter().any(|it| PARTS.contains(&it.as_str()));
        !COMMON_WORDS.contains(&mine[shared]) && (!is_brand || is_part())
    }

    fn theirs_hold(&self, word: &str) -> bool {
        let joined = self.mine.words.windows(2).any(|pair| {
            (pair[0] == word || pair[1] == word)
                && has_digit(&pair[1])
                && self.theirs.holds(self.other.words, &pair.concat())
        });
        joined
            || self.theirs.holds(self.other.words, word)
            || self.is_shortened(word, self.mine.words, (self.asked.ours, self.theirs), self.other.words)
            || self.theirs.maker_words.iter().any(|it| it == word)
    }

    fn ours_hold(&self, word: &str) -> bool {
        let ours = self.asked.ours;
        ours.holds(self.mine.words, word)
            || self.is_shortened(word, self.other.words, (self.theirs, ours), self.mine.words)
            || self.asked.beside.iter().any(|it| it == word)
            || ours.maker_words.iter().any(|it| it == word)
    }

    /// Whether a word of one reading is a short form of words of the other, or one of the words that the other shortens:
    /// "PCU" is "PC unit". The advisory itself may explain it.
    fn is_shortened(
        &self,
        word: &str,
        reading: &[String],
        (own, others): (&Name, &Name),
        other: &[String],
    ) -> bool {
        if others.short_forms.contains_key(word) {
            return true;
        }
        if other.iter().any(|it| own.short_forms.get(it).is_some_and(|long| long.iter().any(|it| it == word)))
        {
            return true;
        }
        let stands_in = |it: &String, list: &[String]| !is_telling(it) || list.contains(it);
        let explained = &self.asked.context.short_forms;
        explained.get(word).is_some_and(|long| long.iter().all(|it| stands_in(it, other)))
            || other
                .iter()
                .filter_map(|it| explained.get(it))
                .any(|long| long.iter().any(|it| it == word) && long.iter().all(|it| stands_in(it, reading)))
    }
}

/// Parts of devices, which have the brand of what they are for.
const PARTS: &[&str] =
    &["accessory", "adapter", "antenna", "battery", "cable", "card", "cartridge", "module"];

/// Words of names that many products share and that make no two alike by themselves.
const COMMON_WORDS: &[&str] = &[
    "1",
    "2",
    "3",
    "4",
    "5",
    "advanced",
    "analysis",
    "analyzer",
    "cardiac",
    "care",
    "center",
    "central",
    "clinical",
    "console",
    "control",
    "core",
    "data",
    "diagnostic",
    "digital",
    "display",
    "enterprise",
    "gateway",
    "generator",
    "health",
    "home",
    "hub",
    "i",
    "ii",
    "iii",
    "image",
    "imaging",
    "information",
    "integrated",
    "interface",
    "iv",
    "manager",
    "max",
    "mini",
    "mobile",
    "network",
    "operating",
    "panel",
    "plus",
    "portable",
    "portal",
    "pro",
    "programmer",
    "s",
    "service",
    "smart",
    "suite",
    "test",
    "tool",
    "touch",
    "viewer",
    "windows",
    "workstation",
    "xp",
];

/// The words that tell; all of them where none does ("Remote Controller").
pub(super) fn telling(reading: &[String]) -> Vec<String> {
    let told: Vec<String> = reading.iter().filter(|it| is_telling(it)).cloned().collect();
    if told.is_empty() { reading.to_vec() } else { told }
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
    // "2090W" may be a "2090".
    let variant = |a: &&str| other.iter().any(|b| same_number(a, b));
    numbers(mine) > 0
        && numbers(other) > 0
        && numbers(mine_lacks) == numbers(mine)
        && numbers(other_lacks) == numbers(other)
        && !mine.iter().any(variant)
        && !stands_in_title(mine.iter().copied(), context)
        && !mine_lacks.iter().any(|it| is_model_of_title(it, context))
}

fn is_model_of_title(word: &str, context: &Context) -> bool {
    has_digit(word) && word.len() > 2 && context.title.contains(word)
}

/// Whether the title has all of a name, or a model number of it.
fn stands_in_title<'w>(told: impl Iterator<Item = &'w str> + Clone, context: &Context) -> bool {
    told.clone().all(|it| context.title.contains(it))
        || told.into_iter().any(|it| is_model_of_title(it, context))
}

/// Whether two models have the same number of three digits and more, and the same letters before it, if both have any.
fn same_number(a: &str, b: &str) -> bool {
    let cut = |word: &str| -> Option<(String, String)> {
        let at = word.find(|it: char| it.is_ascii_digit())?;
        let number: String = word[at..].chars().take_while(char::is_ascii_digit).collect();
        (number.len() > 2).then(|| (word[..at].to_owned(), number))
    };
    match (cut(a), cut(b)) {
        (Some(a), Some(b)) => a.1 == b.1 && (a.0 == b.0 || a.0.is_empty() || b.0.is_empty()),
        _ => false,
    }
}

/// Whether a word is in a text written in one, not as a part of a longer number.
pub(super) fn found_in(compact: &str, word: &str) -> bool {
    let digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
    compact.match_indices(word).any(|(at, _)| {
        let before = compact[..at].chars().next_back();
        let after = compact[at + word.len()..].chars().next();
        !has_digit(word)
            || !(digit(after) || (word.starts_with(|it: char| it.is_ascii_digit()) && digit(before)))
    })
}
