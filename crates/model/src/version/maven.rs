//! Maven's order: `ComparableVersion` of maven-artifact 3.9 (<https://maven.apache.org/pom.html#version-order-specification>).
//!
//! Maven reads a version as a list of numbers and qualifiers that may end in a further list (`1.0-rc-1` is
//! `[1, [rc, [1]]]`): a chain of lists. It drops zeros and release words (`ga`, `final`) at the end of each list, and compares
//! place by place, a missing item counting as zero.
//!
//! Its answers run in circles for a few odd versions: `1 < 1-sp < 1.0.alpha.1 < 1`, since a zero equals nothing at all,
//! yet is above any list. The key gives each version one place; [`compare`] answers for a pair as Maven does. The two
//! differ only inside such a circle.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::Refusal;
use super::digits::{put_number, split_digits, strip_zeros};

/// Class bytes, from low to high. What is below zero (or nothing) comes before [`END`], what is above, after it; a zero
/// or release word in the middle takes the side of what follows it.
const PRE_QUALIFIER: u8 = 0x10;
const RELEASE_BEFORE_LOWER: u8 = 0x18;
const LIST_BELOW: u8 = 0x1A;
const ZERO_BEFORE_LOWER: u8 = 0x1C;
const END: u8 = 0x20;
const RELEASE_BEFORE_HIGHER: u8 = 0x22;
const SERVICE_PACK: u8 = 0x24;
const QUALIFIER: u8 = 0x25;
const LIST_ABOVE: u8 = 0x30;
const ZERO_BEFORE_HIGHER: u8 = 0x38;
const NUMBER: u8 = 0x40;

/// The qualifiers that Maven knows, in order; anything else is above them, by alphabet.
const KNOWN: [&[u8]; 7] = [b"alpha", b"beta", b"milestone", b"rc", b"snapshot", b"", b"sp"];
const RELEASE: usize = 5;

/// One item of the chain of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item<'a> {
    /// A number, without leading zeros: zero is empty.
    Number(&'a [u8]),
    /// A qualifier of [`KNOWN`].
    Known(usize),
    /// Any other qualifier, in lower case.
    Other(&'a [u8]),
    /// The rest of the chain is a list of its own.
    List,
}

/// The items of a version, and on which side of nothing at all the rest of the chain is, from each item on.
type Chain<'a> = SmallVec<[(Item<'a>, Ordering); 16]>;

pub(super) fn write(version: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if !version.is_ascii() && version.chars().any(reads_otherwise_in_java) {
        return Err("digits and lower-case letters of ASCII");
    }
    with_chain(version, |chain| {
        for (item, side) in chain {
            match (*item, *side) {
                (Item::Number(b""), Ordering::Less) => out.push(ZERO_BEFORE_LOWER),
                (Item::Number(b""), _) => out.push(ZERO_BEFORE_HIGHER),
                (Item::Number(digits), _) => put_number(out, NUMBER, digits),
                (Item::Known(RELEASE), Ordering::Less) => out.push(RELEASE_BEFORE_LOWER),
                (Item::Known(RELEASE), _) => out.push(RELEASE_BEFORE_HIGHER),
                (Item::Known(rank @ ..RELEASE), _) => out.push(PRE_QUALIFIER + rank as u8),
                (Item::Known(_), _) => out.push(SERVICE_PACK),
                (Item::Other(word), _) => {
                    out.push(QUALIFIER);
                    out.extend_from_slice(word);
                    out.push(0);
                }
                (Item::List, Ordering::Less) => out.push(LIST_BELOW),
                (Item::List, _) => out.push(LIST_ABOVE),
            }
        }
        out.push(END);
    });
    Ok(())
}

/// Java's digits and lower case beyond ASCII, and its order of characters beyond 16 bits, are not ours.
fn reads_otherwise_in_java(c: char) -> bool {
    !c.is_ascii() && (c.is_numeric() || c.is_uppercase() || c > '\u{D7FF}')
}

/// Maven's own answer for a pair.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    with_chain(a, |a| with_chain(b, |b| compare_chains(a, b)))
}

/// Two lists at the same place go on with their items; lists stand last, so the chains stay side by side.
fn compare_chains(a: &[(Item<'_>, Ordering)], b: &[(Item<'_>, Ordering)]) -> Ordering {
    for (&(left, _), &(right, _)) in a.iter().zip(b) {
        let found = compare_items(left, right);
        if found != Ordering::Equal {
            return found;
        }
    }
    match (a.get(b.len()), b.get(a.len())) {
        (Some((_, side)), _) => *side,
        (_, Some((_, side))) => side.reverse(),
        (None, None) => Ordering::Equal,
    }
}

/// Qualifiers are below lists, lists below numbers.
fn compare_items(left: Item<'_>, right: Item<'_>) -> Ordering {
    let kind = |item| match item {
        Item::Known(_) | Item::Other(_) => 0,
        Item::List => 1,
        Item::Number(_) => 2,
    };
    match (left, right) {
        (Item::Number(left), Item::Number(right)) => left.len().cmp(&right.len()).then(left.cmp(right)),
        (Item::Known(left), Item::Known(right)) => left.cmp(&right),
        (Item::Other(left), Item::Other(right)) => left.cmp(right),
        (Item::Known(_), Item::Other(_)) => Ordering::Less,
        (Item::Other(_), Item::Known(_)) => Ordering::Greater,
        (left, right) => kind(left).cmp(&kind(right)),
    }
}

/// Reads a version; upper case is written out in lower case first, which few need.
fn with_chain<R>(version: &str, then: impl FnOnce(&[(Item<'_>, Ordering)]) -> R) -> R {
    if version.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let lower: SmallVec<[u8; 64]> = version.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
        then(&normalise(&parse(&lower)))
    } else {
        then(&normalise(&parse(version.as_bytes())))
    }
}

fn parse(text: &[u8]) -> SmallVec<[Item<'_>; 16]> {
    let mut items = SmallVec::new();
    // Whether anything stands before the place of reading in the innermost list, and where its next item begins.
    let mut start = 0;
    let mut digits = false;
    for (place, &byte) in text.iter().enumerate() {
        match byte {
            b'.' | b'-' => {
                items.push(if place == start {
                    Item::Number(b"")
                } else {
                    item(digits, &text[start..place])
                });
                start = place + 1;
                if byte == b'-' {
                    items.push(Item::List);
                }
            }
            b'0'..=b'9' => {
                if !digits && place > start {
                    open_list_if_filled(&mut items);
                    items.push(qualifier_before_digit(&text[start..place]));
                    items.push(Item::List);
                    start = place;
                }
                digits = true;
            }
            _ => {
                if digits && place > start {
                    items.push(item(true, &text[start..place]));
                    items.push(Item::List);
                    start = place;
                }
                digits = false;
            }
        }
    }
    if start < text.len() {
        if !digits {
            open_list_if_filled(&mut items);
        }
        items.push(item(digits, &text[start..]));
    }
    items
}

/// `.x` is read as `-x` for any qualifier that ends a part.
fn open_list_if_filled(items: &mut SmallVec<[Item<'_>; 16]>) {
    if items.last().is_some_and(|last| *last != Item::List) {
        items.push(Item::List);
    }
}

fn item(digits: bool, text: &[u8]) -> Item<'_> {
    if digits { Item::Number(strip_zeros(split_digits(text).0)) } else { qualifier(text) }
}

fn qualifier_before_digit(text: &[u8]) -> Item<'_> {
    match text {
        b"a" => Item::Known(0),
        b"b" => Item::Known(1),
        b"m" => Item::Known(2),
        _ => qualifier(text),
    }
}

fn qualifier(text: &[u8]) -> Item<'_> {
    match text {
        b"ga" | b"final" | b"release" => Item::Known(RELEASE),
        b"cr" => Item::Known(3),
        _ => KNOWN.iter().position(|known| *known == text).map_or(Item::Other(text), Item::Known),
    }
}

/// Drops, from the end, what equals nothing: zeros, release words and empty lists at the end of each list.
fn normalise<'a>(items: &[Item<'a>]) -> Chain<'a> {
    let mut chain = Chain::new();
    let mut trailing = true;
    let mut side = Ordering::Equal;
    for &item in items.iter().rev() {
        let own = side_of(item);
        if item == Item::List {
            trailing = true;
            if chain.is_empty() {
                continue;
            }
        } else if own != Ordering::Equal {
            trailing = false;
            side = own;
        } else if trailing {
            continue;
        }
        chain.push((item, side));
    }
    chain.reverse();
    chain
}

/// On which side of nothing an item is by itself.
fn side_of(item: Item<'_>) -> Ordering {
    match item {
        Item::Number(b"") | Item::List => Ordering::Equal,
        Item::Known(rank) => rank.cmp(&RELEASE),
        Item::Number(_) | Item::Other(_) => Ordering::Greater,
    }
}
