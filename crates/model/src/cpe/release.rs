//! Version and update as one: people and programs write the patch level of a product into either.
//!
//! NVD's dictionary has `ntp:4.2.8:p18`, bills of materials have `ntp:4.2.8p18` for the same release. Compared attribute
//! by attribute the two exclude each other, and `4.2.8` would be held for all of its patch levels.

use super::binding::quoted_value;
use super::relation::{Relation, relation};
use super::{Attribute, Cpe, Text, Value};

/// The words by which an update begins, as NVD's dictionary has them in the attribute `update`. Letters alone
/// (OpenSSL's `1.0.2k`) are part of a version there and stay in it.
const UPDATE_WORDS: &[&str] =
    &["alpha", "beta", "hotfix", "milestone", "p", "patch", "pl", "pre", "preview", "rc", "sp", "update"];

/// The relations of version and update: as they are written, or, where that would exclude, in one spelling.
pub(super) fn compare(criterion: &Cpe, candidate: &Cpe) -> [Relation; 2] {
    let relations = |criterion: (Value, Value), candidate: (Value, Value)| {
        [relation(&criterion.0, &candidate.0), relation(&criterion.1, &candidate.1)]
    };
    let written = relations(pair(criterion), pair(candidate));
    if written.contains(&Relation::Disjoint) {
        return relations(split(criterion), split(candidate));
    }
    written
}

/// The relations of version and update by their texts in a formatted string, as `compare` gives them; `None` where the texts
/// alone do not settle it. Nothing is read or kept: NVD's records list versions by the hundred.
pub fn compare_written(criterion: (&str, &str), candidate: (&str, &str)) -> Option<[Relation; 2]> {
    let relations =
        [relation_written(criterion.0, candidate.0)?, relation_written(criterion.1, candidate.1)?];
    let as_they_are = !relations.contains(&Relation::Disjoint)
        || [criterion, candidate].into_iter().all(|(version, update)| {
            let open = version == "*" && update == "-";
            let respelled = update.len() > 1 && update.contains(['.', '-', '_', '+', '~', '\\']);
            !open && !respelled && !may_split(version)
        });
    as_they_are.then_some(relations)
}

/// The relations of version and update of a criterion, by their texts in a formatted string, to those of a candidate; `None`
/// where the texts are no values.
pub fn compare_release((version, update): (&str, &str), candidate: &Cpe) -> Option<[Relation; 2]> {
    let mut criterion = Cpe::default();
    criterion.0[Attribute::Version as usize] = quoted_value(version, 0).ok()?;
    criterion.0[Attribute::Update as usize] = quoted_value(update, 0).ok()?;
    Some(compare(&criterion, candidate))
}

/// The relation of two texts of formatted strings without wild cards.
pub fn relation_written(source: &str, target: &str) -> Option<Relation> {
    let wild = |text: &str| text.len() > 1 && text.contains(['*', '?']);
    if wild(source) || wild(target) || matches!((source, target), ("?", _) | (_, "?")) {
        return None;
    }
    Some(match (source, target) {
        _ if source == target => Relation::Equal,
        ("*", _) => Relation::Superset,
        (_, "*") => Relation::Subset,
        _ => Relation::Disjoint,
    })
}

/// Whether a version as written may have its update in it.
fn may_split(version: &str) -> bool {
    // A sign that is quoted behind the numbers may be one that is passed over.
    suffix(version).is_some()
        || version.find(|c: char| c.is_ascii_alphabetic()).is_some_and(|at| version[at..].contains('\\'))
}

fn pair(cpe: &Cpe) -> (Value, Value) {
    (cpe.get(Attribute::Version).clone(), cpe.get(Attribute::Update).clone())
}

/// Version and update of a name, where the version ends in an update and none is named beside it: taken apart. Where an
/// update is named it stays, in one spelling.
fn split(cpe: &Cpe) -> (Value, Value) {
    let (version, update) = pair(cpe);
    // Whoever writes no update may have it in the version; of a version that is not known, neither is it.
    if matches!((&version, &update), (Value::Any, Value::NotApplicable)) {
        return (version, Value::Any);
    }
    if let (Some(text), Value::Any | Value::NotApplicable) = (version.literal(), &update)
        && let Some((base, suffix)) = suffix(text)
    {
        return (Value::Text(Text::plain(base)), Value::Text(Text::plain(&plain(suffix))));
    }
    let update = match update.literal() {
        Some(text) => Value::Text(Text::plain(&plain(text))),
        None => update,
    };
    (version, update)
}

/// The version before, and the update: `4.2.8p18` is `4.2.8` and `p18`, `1.0-beta_2` is `1.0` and `beta_2`.
fn suffix(version: &str) -> Option<(&str, &str)> {
    // A letter of ASCII is a character of its own whatever stands before it.
    let mut pairs = version.as_bytes().windows(2);
    let start = 1 + pairs.position(|pair| pair[1].is_ascii_alphabetic() && !pair[0].is_ascii_alphabetic())?;
    let (base, update) = version.split_at(start);
    let word = update.trim_end_matches(|c: char| c.is_ascii_digit() || separates(c));
    let base = base.trim_end_matches(separates);
    let named = UPDATE_WORDS.contains(&word);
    // `1.0.rc`, `2.0-p`: a letter alone needs its number.
    let numbered = update.ends_with(|c: char| c.is_ascii_digit());
    (named && !base.is_empty() && (numbered || word.len() > 2)).then_some((base, update))
}

const fn separates(character: char) -> bool {
    matches!(character, '.' | '-' | '_' | '+' | '~')
}

/// An update without the signs that some put between word and number: `beta_2` is `beta2`.
fn plain(update: &str) -> String {
    let mut plain = String::with_capacity(update.len());
    let mut characters = update.chars().peekable();
    while let Some(character) = characters.next() {
        let between = separates(character)
            && plain.ends_with(|c: char| c.is_ascii_alphabetic())
            && characters.peek().is_some_and(char::is_ascii_digit);
        if !between {
            plain.push(character);
        }
    }
    plain
}
