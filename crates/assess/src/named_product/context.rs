//! What an advisory says beside the names of its products: what a name of ours may be explained by.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::compare::found_in;
use super::names::is_abbreviation;
use super::words::{compact, has_digit, nearly, words};

/// The words of an advisory's title, product names and texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    words: BTreeSet<String>,
    compact: String,
    /// Each four letters that follow one another in it, as one of 65,536 bits: most words are found to be missing by their
    /// first four.
    fours: Vec<u64>,
    /// The words of the title alone.
    pub(super) title: BTreeSet<String>,
    /// Words of the title that no name of a product has: what the products are parts of may be called so.
    title_alone: BTreeSet<String>,
    /// Words of the texts that are written like names: with a capital or a digit.
    mentioned: HashSet<String>,
    /// Short forms that the advisory explains, "Patient Information Center iX (PIC iX)", with the words before them.
    pub(super) short_forms: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// From the title and the names.
    pub fn new<'t>(title: &'t str, names: impl IntoIterator<Item = &'t str>) -> Context {
        let names: Vec<&str> = names.into_iter().collect();
        let of_names: HashSet<String> = names.iter().flat_map(|it| words(it)).collect();
        let title_alone = words(title).into_iter().filter(|it| it.len() > 3 && !of_names.contains(it));
        let texts: Vec<&str> = [title].into_iter().chain(names).collect();
        let all: Vec<String> = texts.iter().flat_map(|it| words(it)).collect();
        let mut context = Context {
            title_alone: title_alone.collect(),
            compact: compact(&all),
            words: all.into_iter().collect(),
            title: words(title).into_iter().collect(),
            ..Context::default()
        };
        context.fours = vec![0; 1024];
        for bit in context.compact.as_bytes().windows(4).filter_map(four) {
            context.fours[bit >> 6] |= 1 << (bit & 63);
        }
        for text in texts {
            context.explain(text);
        }
        context
    }

    /// Take in a text of the advisory: what it mentions, and the short forms that it explains.
    pub(super) fn read(&mut self, text: &str) {
        for token in text.split(|it: char| !(it.is_alphanumeric() || matches!(it, '-' | '\'' | '’' | '.')))
        {
            if token.chars().any(|it| it.is_uppercase() || it.is_ascii_digit()) {
                self.mentioned.extend(words(token));
            }
        }
        self.explain(text);
    }

    fn explain(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('(') {
            let Some((inner, tail)) = after.split_once(')') else { break };
            let short = compact(&words(inner));
            let preceding: Vec<String> = words(before);
            let preceding = &preceding[preceding.len().saturating_sub(6)..];
            // The words from the last one on that begins with the first letter.
            let begins = |it: &String| short.chars().next().is_some_and(|first| it.starts_with(first));
            let start = (0..preceding.len())
                .rev()
                .find(|at| begins(&preceding[*at]) && is_abbreviation(inner, &preceding[*at..].join(" ")));
            if let (Some(start), 2..=6) = (start, short.len()) {
                self.short_forms.entry(short).or_insert_with(|| preceding[start..].to_vec());
            }
            rest = tail;
        }
    }

    /// Whether a word stands in the title or a name just so, or written together with others.
    pub(super) fn names(&self, word: &str) -> bool {
        self.may_contain(word)
            && (self.words.contains(word) || (word.len() > 3 && self.compact.contains(word)))
    }

    fn may_contain(&self, word: &str) -> bool {
        four(word.as_bytes())
            .is_none_or(|bit| self.fours.get(bit >> 6).is_some_and(|it| it & (1 << (bit & 63)) != 0))
    }

    /// Whether a word stands in the title or a name, a letter behind the first aside.
    pub(super) fn holds(&self, word: &str) -> bool {
        if self.words.contains(word) {
            return true;
        }
        let Some(first) = word.chars().next().filter(|_| word.len() >= 5) else { return false };
        let mut alike = self.words.range(String::from(first)..).take_while(|it| it.starts_with(first));
        alike.any(|it| nearly(it, word)) || (self.may_contain(word) && found_in(&self.compact, word))
    }

    /// Whether a text of the advisory mentions a word as a name.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.mentioned.contains(word) || self.words.contains(word)
    }

    /// Whether a word stands in the title and in no name of a product.
    pub(super) fn is_of_title_alone(&self, word: &str) -> bool {
        self.title_alone.contains(word)
    }

    /// Whether a text mentions a short form, which is none of the words that the names consist of.
    pub(super) fn mentions_short(&self, word: &str) -> bool {
        !has_digit(word) && self.mentioned.contains(word)
    }
}

/// The bit of the first four letters, if there are so many.
fn four(letters: &[u8]) -> Option<usize> {
    let four = u32::from_le_bytes(*letters.first_chunk::<4>()?);
    Some((four.wrapping_mul(2_654_435_769) >> 16) as usize)
}
