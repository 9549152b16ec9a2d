//! Configurations: what NVD says a weakness touches, as trees of criteria over everything a device is.
//!
//! A [`Node`] is a tree as a record gives it; [`compile`] brings it to the bytes that the index keeps, [`compiled`] reads
//! those without allocating. Layout, in the alphabet of [`pack`](crate::advisory::pack): a node is its kind and then, for
//! `any` and `all`, the number of children and the children; for `not` its child; for a group of criteria over one product
//! the product and, with its length, what follows: for each criterion `flags, lengths, rest of the version, [update], [start],
//! [end], [others]`. The lengths are how many bytes the version has in common with the one before it, and how many more.
//!
//! Layout of the feeds: <https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema>, `configurations`.

pub mod compiled;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::advisory::pack::{put_bytes, put_number};
use crate::cpe::{Attribute, Fields};
use crate::version::Order;

/// A tree of criteria.
#[expect(clippy::large_enum_variant, reason = "almost all nodes are criteria")]
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// One of these.
    Any(Vec<Node<'a>>),
    /// All of these.
    All(Vec<Node<'a>>),
    /// Not this.
    Not(Box<Node<'a>>),
    /// A product in some of its versions.
    Criterion(Criterion<'a>),
}

/// A product in some of its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion<'a> {
    /// Whether the product is what has the weakness; otherwise it is only what the weak one must run on or with.
    pub vulnerable: bool,
    /// Its name; the version is any where there are bounds.
    pub name: Fields<'a>,
    /// From which version on.
    pub start: Option<Bound<'a>>,
    /// Up to which version.
    pub end: Option<Bound<'a>>,
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<'a> {
    /// The version, without quoting.
    pub version: Cow<'a, str>,
    /// Whether the version itself belongs to the range.
    pub inclusive: bool,
}

pub(crate) const ANY: u8 = 0;
pub(crate) const ALL: u8 = 1;
pub(crate) const NOT: u8 = 2;
pub(crate) const VULNERABLE: u8 = 3;
pub(crate) const PLATFORM: u8 = 4;

/// The largest number in half a byte; in the lower half it says that the lengths follow as numbers.
pub(crate) const NIBBLE: usize = 15;

/// How a criterion is written.
pub(crate) mod flag {
    /// The update is "does not apply"; without this and [`UPDATE`] it is any.
    pub(crate) const NO_UPDATE: u8 = 1;
    /// An update is written.
    pub(crate) const UPDATE: u8 = 2;
    pub(crate) const START: u8 = 4;
    pub(crate) const END: u8 = 8;
    /// Attributes behind the update are written.
    pub(crate) const OTHERS: u8 = 16;
    /// Of a bound: the version belongs to the range.
    pub(crate) const INCLUSIVE: u8 = 1;
}

/// The attributes behind the update, in their order.
pub(crate) const OTHERS: &[Attribute] = &[
    Attribute::Edition,
    Attribute::Language,
    Attribute::SoftwareEdition,
    Attribute::TargetSoftware,
    Attribute::TargetHardware,
    Attribute::Other,
];

/// Compiles trees, one of which must hold; nothing is written where there are none.
pub fn compile(configurations: &[Node<'_>], out: &mut Vec<u8>) {
    match configurations {
        [] => {}
        [one] => write_node(one, out),
        several => write_several(ANY, several, out),
    }
}

fn write_node(node: &Node<'_>, out: &mut Vec<u8>) {
    match node {
        Node::Any(children) => write_several(ANY, children, out),
        Node::All(children) => write_several(ALL, children, out),
        Node::Not(child) => {
            out.push(NOT);
            write_node(child, out);
        }
        Node::Criterion(criterion) => {
            write_group(criterion.vulnerable, &product(criterion), &[criterion], out);
        }
    }
}

/// Children that are trees keep their order. Criteria beside one another, one of which must hold, come together by product.
fn write_several(kind: u8, children: &[Node<'_>], out: &mut Vec<u8>) {
    let mut groups: BTreeMap<(String, bool), Vec<&Criterion<'_>>> = BTreeMap::new();
    let mut trees = Vec::new();
    for child in children {
        match child {
            Node::Criterion(criterion) if kind == ANY => {
                groups.entry((product(criterion), criterion.vulnerable)).or_default().push(criterion);
            }
            tree => trees.push(tree),
        }
    }
    let count = trees.len() + groups.len();
    if count != 1 {
        out.push(kind);
        put_number(out, count as u64);
    }
    trees.into_iter().for_each(|tree| write_node(tree, out));
    for ((product, vulnerable), criteria) in groups {
        write_group(vulnerable, &product, &criteria, out);
    }
}

/// Part, vendor and product; also where one of them is open, which no candidate's product equals.
fn product(criterion: &Criterion<'_>) -> String {
    let text = |attribute| criterion.name.get(attribute);
    format!("{}:{}:{}", text(Attribute::Part), text(Attribute::Vendor), text(Attribute::Product))
}

fn write_group(vulnerable: bool, product: &str, criteria: &[&Criterion<'_>], out: &mut Vec<u8>) {
    let mut written: Vec<(&str, Vec<u8>, u8)> = criteria.iter().map(|one| write_criterion(one)).collect();
    written.sort_unstable();
    written.dedup();
    let (mut body, mut before) = (Vec::new(), "");
    for (version, rest, flags) in &written {
        let shared = before.char_indices().zip(version.chars()).take_while(|((_, a), b)| a == b).last();
        let shared = shared.map_or(0, |((at, same), _)| at + same.len_utf8());
        body.push(*flags);
        put_shared(&mut body, shared, &version.as_bytes()[shared..]);
        body.extend_from_slice(rest);
        before = version;
    }
    out.push(if vulnerable { VULNERABLE } else { PLATFORM });
    put_bytes(out, product.as_bytes());
    put_bytes(out, &body);
}

/// How much of the version before is shared, and what is new. Most are short: both lengths are then one byte.
fn put_shared(body: &mut Vec<u8>, shared: usize, rest: &[u8]) {
    if shared <= NIBBLE && rest.len() < NIBBLE {
        body.push((shared << 4 | rest.len()) as u8);
    } else {
        body.push(NIBBLE as u8);
        put_number(body, shared as u64);
        put_number(body, rest.len() as u64);
    }
    body.extend_from_slice(rest);
}

/// The version, what is written behind it, and the flags.
fn write_criterion<'c>(criterion: &'c Criterion<'_>) -> (&'c str, Vec<u8>, u8) {
    let mut rest = Vec::new();
    let mut flags = match criterion.name.get(Attribute::Update) {
        "*" => 0,
        "-" => flag::NO_UPDATE,
        update => {
            put_bytes(&mut rest, update.as_bytes());
            flag::UPDATE
        }
    };
    for (bound, flag) in [(&criterion.start, flag::START), (&criterion.end, flag::END)] {
        if let Some(bound) = bound {
            flags |= flag;
            write_bound(bound, &mut rest);
        }
    }
    let others: Vec<(usize, &str)> =
        OTHERS.iter().map(|attribute| criterion.name.get(*attribute)).enumerate().collect();
    let others: Vec<&(usize, &str)> = others.iter().filter(|(_, text)| *text != "*").collect();
    if !others.is_empty() {
        flags |= flag::OTHERS;
        put_number(&mut rest, others.len() as u64);
        for (at, text) in others {
            rest.push(*at as u8);
            put_bytes(&mut rest, text.as_bytes());
        }
    }
    (criterion.name.get(Attribute::Version), rest, flags)
}

/// A version that the order cannot place has an empty key.
fn write_bound(bound: &Bound<'_>, out: &mut Vec<u8>) {
    out.push(if bound.inclusive { flag::INCLUSIVE } else { 0 });
    put_bytes(out, bound.version.as_bytes());
    let mut key = Vec::new();
    _ = Order::Generic.write_key(&bound.version, &mut key);
    put_bytes(out, &key);
}
