//! Ranges in English words: "prior to 6.2", "6.2 and earlier", "2.5 through 3.11".

use super::super::{Boundary, End, LooseVersion, Span};

/// What stands behind the version: "6.2 and earlier".
const AND_EARLIER: &[&str] =
    &["prior", "earlier", "below", "lower", "older", "previous", "before", "less", "under"];
const AND_LATER: &[&str] =
    &["later", "newer", "higher", "above", "greater", "up", "onward", "onwards", "subsequent", "beyond"];

/// What stands before the version and ends a range with it, which is itself outside.
const BEFORE: &[&[&str]] = &[
    &["up", "to", "but", "not", "including"],
    &["up", "to", "but", "excluding"],
    &["prior", "to"],
    &["earlier", "than"],
    &["lower", "than"],
    &["older", "than"],
    &["less", "than"],
    &["before"],
    &["below"],
    &["under"],
];

/// What stands before the version that a range begins with, and whether it is inside.
const FROM: &[(&[&str], End)] = &[
    (&["back", "to"], End::Inside),
    (&["starting", "with"], End::Inside),
    (&["starting", "from"], End::Inside),
    (&["beginning", "with"], End::Inside),
    (&["since"], End::Inside),
    (&["later", "than"], End::Outside),
    (&["newer", "than"], End::Outside),
    (&["higher", "than"], End::Outside),
    (&["greater", "than"], End::Outside),
    (&["above"], End::Outside),
    (&["after"], End::Outside),
];

/// A phrase as words: as written, and in lower case without the punctuation around them.
struct Words<'p> {
    written: Vec<&'p str>,
    lower: Vec<String>,
}

/// "prior to 6.2", "6.2 and earlier", "versions 2.5 through 3.11", "up to 7.6.2", "Rev J-M".
pub(super) fn by_words(piece: &str) -> Option<Span> {
    let piece = piece.replace(['–', '—'], " - ");
    let written: Vec<&str> = piece.split_whitespace().collect();
    let lower = written
        .iter()
        .map(|it| it.to_lowercase().trim_matches([',', '.', ':', ';', ')', '(']).to_owned())
        .collect();
    let words = Words { written, lower };
    (0..words.lower.len()).find_map(|at| words.range_at(at)).or_else(|| letters(&words.lower))
}

impl Words<'_> {
    /// The range that a phrase at this word states.
    fn range_at(&self, at: usize) -> Option<Span> {
        self.ends_before(at)
            .or_else(|| self.reaches_to(at))
            .or_else(|| self.begins(at))
            .or_else(|| self.and_more(at))
    }

    fn is(&self, at: usize, list: &[&str]) -> bool {
        self.lower.get(at).is_some_and(|it| list.contains(&it.as_str()))
    }

    /// Where a phrase that begins at this word ends.
    fn phrase(&self, at: usize, phrase: &[&str]) -> Option<usize> {
        phrase
            .iter()
            .enumerate()
            .all(|(index, word)| self.is(at + index, &[word]))
            .then_some(at + phrase.len())
    }

    /// "prior to", "earlier than", "before".
    fn ends_before(&self, at: usize) -> Option<Span> {
        let end = BEFORE.iter().find_map(|it| self.phrase(at, it))?;
        if self.follows_and(at) {
            return None;
        }
        let equal = self.phrase(end, &["or", "equal", "to"]);
        let to = self.after(equal.unwrap_or(end))?;
        Some(up_to(&to, if equal.is_some() { End::Inside } else { End::Outside }))
    }

    /// "up to", "through", "2.5 to 3.11", "2.5 - 3.11", "between 2.5 and 3.11".
    fn reaches_to(&self, at: usize) -> Option<Span> {
        let through = self.is(at, &["through", "thru"]);
        if through || self.phrase(at, &["up", "to"]).is_some() || self.is(at, &["until"]) {
            let to = self.after(skip(&self.lower, at + 1, &["to", "and", "including"]))?;
            // "Up to 7.6.2" does not say whether 7.6.2 is one of them.
            let said = through || self.lower.iter().any(|it| it == "including");
            let end = if said { End::Inside } else { End::Unsaid };
            let from = self.before(at).map(|it| boundary(&it, End::Inside));
            return Some(Span::Range { from, to: Some(boundary(&to, end)) });
        }
        let between = self.is(at, &["and"]) && self.lower[..at].iter().any(|it| it == "between");
        if between || self.is(at, &["to"]) || self.written[at] == "-" {
            let (from, to) = (self.before(at)?, self.after(at + 1)?);
            let (from, to) = (boundary(&from, End::Inside), boundary(&to, End::Inside));
            return Some(Span::Range { from: Some(from), to: Some(to) });
        }
        None
    }

    /// "newer than 2.0", "starting with 2.0".
    fn begins(&self, at: usize) -> Option<Span> {
        let (phrase, end) = FROM.iter().find(|(phrase, _)| self.phrase(at, phrase).is_some())?;
        if self.follows_and(at) {
            return None;
        }
        let next = at + phrase.len();
        let equal = self.phrase(next, &["or", "equal", "to"]);
        let from = self.after(equal.unwrap_or(next))?;
        let end = if equal.is_some() { End::Inside } else { *end };
        Some(Span::Range { from: Some(boundary(&from, end)), to: None })
    }

    /// "6.2 and earlier", "6.2 and all prior versions", "2.0 or later", "2.0 onwards".
    fn and_more(&self, at: usize) -> Option<Span> {
        let alone = self.is(at, &["onward", "onwards"]);
        let next = match alone {
            true => at,
            false if self.is(at, &["and", "or", "&"]) => skip(&self.lower, at + 1, &["all", "any", "every"]),
            false => return None,
        };
        if self.is(next, AND_EARLIER) {
            return self.before(at).map(|it| up_to(&it, End::Inside));
        }
        if self.is(next, AND_LATER) {
            let from = boundary(&self.before(at)?, End::Inside);
            return Some(Span::Range { from: Some(from), to: None });
        }
        None
    }

    /// Whether "and" or "or" stands before a word: it speaks of the version before it then.
    fn follows_and(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|it| self.is(it, &["and", "or", "all", "any"]))
            && self.follows_version(at)
    }

    fn follows_version(&self, at: usize) -> bool {
        (at.saturating_sub(3)..at).any(|it| is_version(tidy(self.written[it])))
    }

    /// The first version from `at` on, with "version" and the like passed over.
    fn after(&self, at: usize) -> Option<String> {
        (at..self.written.len().min(at + 4))
            .find_map(|it| version_at(&self.written, it))
            .map(|(it, _)| it)
            .or_else(|| {
                let letter = self.written.get(at).copied().map(tidy)?;
                is_letter(letter).then(|| letter.to_owned())
            })
    }

    /// The version that ends right before `at`, with what is put on top of it.
    fn before(&self, at: usize) -> Option<String> {
        let ends = |start: usize| version_at(&self.written, start).filter(|(_, end)| *end == at);
        (at.saturating_sub(5)..at).find_map(ends).map(|(it, _)| it).or_else(|| {
            let last = tidy(self.written.get(at.checked_sub(1)?)?);
            let said = at.checked_sub(2).is_some_and(|it| LooseVersion::says_nothing(&self.lower[it]));
            (is_letter(last) && (said || at == 1)).then(|| last.to_owned())
        })
    }
}

/// A family of versions that a single letter stands for.
fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.starts_with(|it: char| it.is_ascii_uppercase())
}

/// Words that go on a version, if a number comes behind them: "1.8.4 Service Pack 01", "8.5 GMA 3".
const GOES_ON: &[&str] =
    &["build", "gma", "hf", "hotfix", "mr", "pack", "patch", "service", "sp", "sr", "update"];

/// The version that begins at a word, with what is put on top of it, and where it ends.
pub(in super::super) fn version_at(words: &[&str], at: usize) -> Option<(String, usize)> {
    let first = words.get(at)?;
    let mut version = tidy(first).to_owned();
    if !is_version(&version) {
        return None;
    }
    let mut end = at + 1;
    let mut last = *first;
    while !last.ends_with([',', ';', ':', '.', ')']) {
        let rest = words.get(end..).unwrap_or_default();
        let said = rest.iter().take_while(|it| GOES_ON.contains(&it.to_lowercase().as_str())).count();
        let numbered =
            rest.get(said).is_some_and(|it| said > 0 && it.starts_with(|it: char| it.is_ascii_digit()));
        let taken = match rest.first() {
            _ if numbered => said + 1,
            Some(word) if is_release(tidy(word)) => 1,
            _ => break,
        };
        for word in &rest[..taken] {
            version.push(' ');
            version.push_str(tidy(word));
            last = word;
        }
        end += taken;
    }
    Some((version, end))
}

/// `SR2`, `D15`, `SP1`: letters and a number behind a version.
fn is_release(word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_uppercase).count();
    (1..=3).contains(&letters)
        && word.len() > letters
        && word.len() < 7
        && word[letters..].chars().all(|it| it.is_ascii_digit())
}

/// `rev b-m`: families from one letter to another.
fn letters(lower: &[String]) -> Option<Span> {
    let [.., last] = lower else { return None };
    let prefixed = lower.len() > 1 && lower[0].starts_with("rev");
    let (from, to) = last.split_once('-')?;
    (prefixed && from.len() == 1 && to.len() == 1)
        .then(|| Span::Range { from: Some(boundary(from, End::Inside)), to: Some(boundary(to, End::Inside)) })
}

fn boundary(version: &str, end: End) -> Boundary {
    Boundary { version: LooseVersion::parse(version), end }
}

fn up_to(version: &str, end: End) -> Span {
    Span::Range { from: None, to: Some(boundary(version, end)) }
}

fn tidy(word: &str) -> &str {
    word.trim_matches([',', ';', ':', '(', ')', '.'])
}

pub(super) fn is_version(word: &str) -> bool {
    word.contains(|it: char| it.is_ascii_digit())
}

fn skip(lower: &[String], mut at: usize, list: &[&str]) -> usize {
    while lower.get(at).is_some_and(|it| list.contains(&it.as_str())) {
        at += 1;
    }
    at
}
