//! How two names stand to each other: NISTIR 7696, each attribute by itself, then all together.

use std::fmt;

use super::{Attribute, Cpe, Text, Value, release};

/// How a value (or a name) stands to another (NISTIR 7696, 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The first covers the second and more.
    Superset,
    /// The first is covered by the second, which says less.
    Subset,
    /// They say the same.
    Equal,
    /// They exclude each other.
    Disjoint,
    /// It is not defined: the second has wild cards of its own.
    Undefined,
}

/// Whether what a criterion names covers a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coverage {
    /// It does.
    Match,
    /// It does not: this attribute says so.
    No(Attribute),
    /// It cannot be told: the candidate does not say enough of this attribute.
    Unknown(Attribute),
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Coverage::Match => "match",
            Coverage::No(_) => "no",
            Coverage::Unknown(_) => "unknown",
        })
    }
}

/// The relations of all attributes of a criterion to those of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison([Relation; 11]);

impl Comparison {
    /// The relation of one attribute.
    pub fn of(&self, attribute: Attribute) -> Relation {
        self.0[attribute as usize]
    }

    /// The relation of the names (NISTIR 7696, 6.2, table 6-4); undefined where the attributes point both ways.
    pub fn relation(&self) -> Relation {
        let all = |wanted: &[Relation]| self.0.iter().all(|relation| wanted.contains(relation));
        if self.0.contains(&Relation::Disjoint) {
            Relation::Disjoint
        } else if all(&[Relation::Equal]) {
            Relation::Equal
        } else if all(&[Relation::Equal, Relation::Superset]) {
            Relation::Superset
        } else if all(&[Relation::Equal, Relation::Subset]) {
            Relation::Subset
        } else {
            Relation::Undefined
        }
    }

    /// The answer, with the first attribute that makes it. One attribute that excludes outweighs what is not known of
    /// the others: whatever those are, the candidate is something else.
    pub fn coverage(&self) -> Coverage {
        let first = |wanted: &[Relation]| {
            Attribute::ALL.into_iter().find(|attribute| wanted.contains(&self.of(*attribute)))
        };
        if let Some(attribute) = first(&[Relation::Disjoint]) {
            return Coverage::No(attribute);
        }
        match first(&[Relation::Subset, Relation::Undefined]) {
            Some(attribute) => Coverage::Unknown(attribute),
            None => Coverage::Match,
        }
    }
}

impl Cpe {
    /// Compares a criterion (this name) with a candidate, attribute by attribute. Version and update are compared as one:
    /// `4.2.8p18` is version `4.2.8`, update `p18`, on whichever side and in whichever way it is written.
    pub fn compare(&self, candidate: &Cpe) -> Comparison {
        let mut relations =
            Attribute::ALL.map(|attribute| relation(self.get(attribute), candidate.get(attribute)));
        let [version, update] = release::compare(self, candidate);
        relations[Attribute::Version as usize] = version;
        relations[Attribute::Update as usize] = update;
        Comparison(relations)
    }
}

/// NISTIR 7696, table 6-2: the relation of a source to a target.
pub(super) fn relation(source: &Value, target: &Value) -> Relation {
    use Value::{Any, NotApplicable as Na, Text as Some_};
    match (source, target) {
        // Rows 4, 8, 11 and 17: a target with wild cards.
        (_, Some_(target)) if !target.is_plain() => Relation::Undefined,
        // Rows 1, 2, 3.
        (Any, Any) => Relation::Equal,
        (Any, Na | Some_(_)) => Relation::Superset,
        // Rows 5, 13, 15.
        (Na | Some_(_), Any) => Relation::Subset,
        // Rows 6, 7, 12, 16.
        (Na, Na) => Relation::Equal,
        (Na, Some_(_)) | (Some_(_), Na) => Relation::Disjoint,
        // Rows 9, 10, 14.
        (Some_(source), Some_(target)) => texts(source, target),
    }
}

/// NISTIR 7696, 6.3: a source, perhaps with wild cards, and a target without.
fn texts(source: &Text, target: &Text) -> Relation {
    if source.is_plain() {
        return if source.middle == target.middle { Relation::Equal } else { Relation::Disjoint };
    }
    let fits = |place: usize| {
        let (before, after) = (&target.middle[..place], &target.middle[place + source.middle.len()..]);
        source.before.takes(before.chars().count()) && source.after.takes(after.chars().count())
    };
    if places(&target.middle, &source.middle).any(fits) { Relation::Superset } else { Relation::Disjoint }
}

/// Every place where a text has a part, also where they overlap; an empty part is everywhere.
fn places<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = usize> + 'a {
    let places = text.char_indices().map(|(place, _)| place).chain([text.len()]);
    places.filter(move |place| text[*place..].starts_with(part))
}
