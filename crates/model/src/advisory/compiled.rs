//! The compiled form of what a record says of one package.
//!
//! Compiling sorts the events of each range in the order of versions, computes their comparison keys once, and leaves
//! out listed versions that a range already covers (each is proved by evaluating it). What stays is a few dozen bytes
//! that are judged without allocating. Layout, in the alphabet of [`pack`](super::pack):
//! `flags, release, ranges, [range flags, events, [kind, text, key]…]…, listed keys, [key]…, listed texts, [text]…`.

use std::borrow::Cow;

use super::pack::{Malformed, Unpack, put_bytes, put_number};
use super::{Affected, EventKind, RangeKind};
use crate::version::Order;

const ALL_VERSIONS: u8 = 1;
const COMMITS_ONLY: u8 = 2;
const CONFIGURED: u8 = 4;
const UNREADABLE: u8 = 1;

/// The compiled entry of a product that the record's configurations name: they have the say, and it nothing of its own.
pub const BY_CONFIGURATION: &[u8] = &[CONFIGURED, 0, 0, 0, 0];

/// What a boundary of a range does; the numbers are what the index stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum BoundaryKind {
    /// Affected from here on, inclusive.
    Introduced = 0,
    /// Not affected from here on, inclusive.
    Fixed = 1,
    /// Not affected after here, exclusive.
    LastAffected = 2,
    /// Only what is before is spoken of, exclusive.
    Limit = 3,
    /// Not known to be affected after here: GitHub's `<= x` where the range has no upper bound.
    LastKnown = 4,
    /// Not known to be affected from here on: GitHub's `< x` where the range has no upper bound.
    KnownBefore = 5,
}

impl BoundaryKind {
    const ALL: [BoundaryKind; 6] = [
        BoundaryKind::Introduced,
        BoundaryKind::Fixed,
        BoundaryKind::LastAffected,
        BoundaryKind::Limit,
        BoundaryKind::LastKnown,
        BoundaryKind::KnownBefore,
    ];

    /// The boundary in words, before its version.
    pub const fn words(self) -> &'static str {
        match self {
            BoundaryKind::Introduced => "introduced",
            BoundaryKind::Fixed => "fixed",
            BoundaryKind::LastAffected => "last affected",
            BoundaryKind::Limit => "before",
            BoundaryKind::LastKnown => "last known affected",
            BoundaryKind::KnownBefore => "known affected before",
        }
    }
}

/// One boundary of a compiled range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary<'a> {
    /// What it does.
    pub kind: BoundaryKind,
    /// The version as the record writes it.
    pub version: &'a str,
    /// Its comparison key. Empty for "introduced 0", which is before everything, and where the version is unreadable.
    pub key: &'a [u8],
}

/// Compiles what a record says of one package.
///
/// `list_only` says that the record's list of versions, where it has one, is all that counts: reports of malicious
/// packages name a range over all versions beside the list of the bad ones.
pub fn compile(affected: &Affected<'_>, list_only: bool, out: &mut Vec<u8>) {
    let order = affected.ecosystem.order();
    let list_only = list_only && !affected.versions.is_empty();
    let ranges: Vec<CompiledRange<'_>> = affected
        .ranges
        .iter()
        .filter(|range| range.kind == RangeKind::Versions && !list_only)
        .map(|range| CompiledRange::new(&range.events, affected.last_known.as_deref(), order))
        .collect();
    let all_versions = ranges.iter().any(CompiledRange::is_everything);
    let commits_only = ranges.is_empty() && affected.versions.is_empty() && !affected.ranges.is_empty();

    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(flag(all_versions, ALL_VERSIONS) | flag(commits_only, COMMITS_ONLY));
    put_bytes(out, affected.release.as_deref().unwrap_or_default().as_bytes());
    put_number(out, ranges.len() as u64);
    for range in &ranges {
        range.write(out);
    }
    let listed: &[Cow<'_, str>] = if all_versions { &[] } else { &affected.versions };
    write_listed(listed, &ranges, order, out);
}

struct CompiledBoundary<'a> {
    kind: BoundaryKind,
    version: &'a str,
    key: Vec<u8>,
}

struct CompiledRange<'a> {
    readable: bool,
    boundaries: Vec<CompiledBoundary<'a>>,
}

impl<'a> CompiledRange<'a> {
    fn new(events: &'a [super::Event<'a>], last_known: Option<&'a str>, order: Option<Order>) -> Self {
        let mut range = CompiledRange { readable: true, boundaries: Vec::with_capacity(events.len() + 1) };
        for event in events {
            let kind = match event.kind {
                EventKind::Introduced => BoundaryKind::Introduced,
                EventKind::Fixed => BoundaryKind::Fixed,
                EventKind::LastAffected => BoundaryKind::LastAffected,
                EventKind::Limit if event.version == "*" => continue,
                EventKind::Limit => BoundaryKind::Limit,
            };
            range.push(kind, &event.version, order);
        }
        let introduced = |boundary: &CompiledBoundary<'_>| boundary.kind == BoundaryKind::Introduced;
        let open = !range.boundaries.is_empty() && range.boundaries.iter().all(introduced);
        if let (true, Some((kind, version))) = (open, last_known.and_then(read_last_known)) {
            range.push(kind, version, order);
        }
        if range.readable {
            // Stable: events at the same version keep the order of the record.
            range.boundaries.sort_by(|a, b| a.key.cmp(&b.key));
        }
        range
    }

    fn push(&mut self, kind: BoundaryKind, version: &'a str, order: Option<Order>) {
        let mut key = Vec::new();
        let beginning = kind == BoundaryKind::Introduced && version == "0";
        if !beginning && !write_key(order, version, &mut key) {
            self.readable = false;
        }
        self.boundaries.push(CompiledBoundary { kind, version, key });
    }

    /// From the beginning and with no upper bound.
    fn is_everything(&self) -> bool {
        let introduced = |boundary: &CompiledBoundary<'_>| boundary.kind == BoundaryKind::Introduced;
        self.boundaries.iter().all(introduced)
            && self.boundaries.iter().any(|boundary| boundary.version == "0")
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(if self.readable { 0 } else { UNREADABLE });
        put_number(out, self.boundaries.len() as u64);
        for boundary in &self.boundaries {
            out.push(boundary.kind as u8);
            put_bytes(out, boundary.version.as_bytes());
            put_bytes(out, &boundary.key);
        }
    }

    fn contains(&self, key: &[u8]) -> bool {
        let boundaries = self.boundaries.iter().map(|boundary| (boundary.kind, boundary.key.as_slice()));
        self.readable && inside(boundaries, key, None)
    }
}

/// Reads `<= 1.2` or `< 1.2`.
fn read_last_known(text: &str) -> Option<(BoundaryKind, &str)> {
    let text = text.trim();
    let (kind, version) = match text.strip_prefix("<=") {
        Some(version) => (BoundaryKind::LastKnown, version),
        None => (BoundaryKind::KnownBefore, text.strip_prefix('<')?),
    };
    let version = version.trim();
    (!version.is_empty() && !version.contains([',', ' '])).then_some((kind, version))
}

/// Appends the key of a version; false, and nothing appended, where the order cannot read it.
fn write_key(order: Option<Order>, version: &str, key: &mut Vec<u8>) -> bool {
    let before = key.len();
    match order.map(|order| order.write_key(version, key)) {
        Some(Ok(())) => true,
        _ => {
            key.truncate(before);
            false
        }
    }
}

/// Writes the listed versions that no range covers: readable ones as sorted keys, the others as texts.
fn write_listed(
    listed: &[Cow<'_, str>],
    ranges: &[CompiledRange<'_>],
    order: Option<Order>,
    out: &mut Vec<u8>,
) {
    let mut keys = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut texts: Vec<&str> = Vec::new();
    for version in listed {
        let start = keys.len();
        let placed = order.is_some_and(|order| order.places(version));
        if !placed || !write_key(order, version, &mut keys) {
            texts.push(version);
        } else if ranges.iter().any(|range| range.contains(&keys[start..])) {
            keys.truncate(start);
        } else {
            spans.push((start, keys.len()));
        }
    }
    let key_at = |&(start, end): &(usize, usize)| &keys[start..end];
    spans.sort_by(|a, b| key_at(a).cmp(key_at(b)));
    spans.dedup_by(|a, b| key_at(a) == key_at(b));
    texts.sort_unstable();
    texts.dedup();
    put_number(out, spans.len() as u64);
    for span in &spans {
        put_bytes(out, key_at(span));
    }
    put_number(out, texts.len() as u64);
    for text in texts {
        put_bytes(out, text.as_bytes());
    }
}

/// OSV's evaluation of one range: the boundaries are in order, each that the version has reached switches the state. `public`
/// is the key of the version without its local label, where it has one: of that version it is a build, and not after it.
#[inline]
fn inside<'k>(
    boundaries: impl Iterator<Item = (BoundaryKind, &'k [u8])>,
    key: &[u8],
    public: Option<&[u8]>,
) -> bool {
    let (mut affected, mut limited, mut below_limit) = (false, false, false);
    for (kind, boundary) in boundaries {
        match kind {
            BoundaryKind::Introduced if key >= boundary => affected = true,
            BoundaryKind::Fixed | BoundaryKind::KnownBefore if key >= boundary => affected = false,
            BoundaryKind::LastAffected | BoundaryKind::LastKnown
                if key > boundary && public != Some(boundary) =>
            {
                affected = false;
            }
            BoundaryKind::Limit => {
                limited = true;
                below_limit |= key < boundary;
            }
            _ => {}
        }
    }
    affected && (!limited || below_limit)
}

/// What a record says of one package, in compiled form.
#[derive(Debug, Clone, Copy)]
pub struct AffectedView<'a> {
    flags: u8,
    release: &'a str,
    ranges: u32,
    rest: &'a [u8],
}

impl<'a> AffectedView<'a> {
    /// Opens a compiled entry.
    ///
    /// # Errors
    /// When the bytes are not such an entry.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut unpack = Unpack::new(bytes);
        let flags = unpack.byte()?;
        let release = unpack.text()?;
        let ranges = unpack.index()?;
        Ok(AffectedView { flags, release, ranges, rest: unpack.rest() })
    }

    /// The release of the distribution that it speaks of; `None` is all of them.
    pub fn release(&self) -> Option<&'a str> {
        (!self.release.is_empty()).then_some(self.release)
    }

    /// Whether every version there is, readable or not, is affected.
    pub const fn all_versions(&self) -> bool {
        self.flags & ALL_VERSIONS != 0
    }

    /// Whether it gives commits and nothing that a version could be compared with.
    pub const fn commits_only(&self) -> bool {
        self.flags & COMMITS_ONLY != 0
    }

    /// Whether the record's configurations say what is affected, and this entry nothing of its own.
    pub const fn by_configuration(&self) -> bool {
        self.flags & CONFIGURED != 0
    }

    /// The ranges, in the order of the record.
    pub const fn ranges(&self) -> Ranges<'a> {
        Ranges { left: self.ranges, unpack: Unpack::new(self.rest) }
    }

    /// Whether it names the package and gives neither a range nor a version, and no configuration has the say.
    ///
    /// # Errors
    /// When the bytes are malformed.
    #[inline]
    pub fn says_nothing(&self) -> Result<bool, Malformed> {
        Ok(self.ranges == 0 && !self.by_configuration() && self.listed()?.is_empty())
    }

    /// The versions that it lists beyond its ranges.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn listed(&self) -> Result<Listed<'a>, Malformed> {
        let mut ranges = self.ranges();
        for range in ranges.by_ref() {
            range?;
        }
        let mut unpack = ranges.unpack;
        let count = unpack.index()?;
        let keys = unpack;
        for _ in 0..count {
            unpack.bytes()?;
        }
        let texts_count = unpack.index()?;
        Ok(Listed { keys, keys_count: count, texts: unpack, texts_count })
    }
}

/// The ranges of an [`AffectedView`].
#[derive(Debug, Clone)]
pub struct Ranges<'a> {
    left: u32,
    unpack: Unpack<'a>,
}

impl<'a> Iterator for Ranges<'a> {
    type Item = Result<RangeView<'a>, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let range = RangeView::read(&mut self.unpack);
        if range.is_err() {
            self.left = 0;
        }
        Some(range)
    }
}

/// One compiled range.
#[derive(Debug, Clone, Copy)]
pub struct RangeView<'a> {
    readable: bool,
    count: u32,
    boundaries: Unpack<'a>,
}

impl<'a> RangeView<'a> {
    #[inline]
    fn read(unpack: &mut Unpack<'a>) -> Result<Self, Malformed> {
        let readable = unpack.byte()? & UNREADABLE == 0;
        let count = unpack.index()?;
        let boundaries = *unpack;
        for _ in 0..count {
            read_boundary(unpack)?;
        }
        Ok(RangeView { readable, count, boundaries })
    }

    /// Whether every boundary can be placed in the ecosystem's order.
    pub const fn readable(&self) -> bool {
        self.readable
    }

    /// Its boundaries, in the order of versions.
    pub fn boundaries(&self) -> impl Iterator<Item = Boundary<'a>> + use<'a> {
        let mut unpack = self.boundaries;
        (0..self.count).map_while(move |_| read_boundary(&mut unpack).ok())
    }

    /// Whether a version with this key lies inside; `public` is its key without a local label, where it has one. Means nothing
    /// for a range that is not [`readable`](Self::readable).
    #[inline]
    pub fn contains(&self, key: &[u8], public: Option<&[u8]>) -> bool {
        inside(self.boundaries().map(|boundary| (boundary.kind, boundary.key)), key, public)
    }

    /// The range in words: `introduced 2.13.0, fixed 2.15.0`.
    pub fn rule(&self) -> String {
        let words: Vec<String> = self
            .boundaries()
            .map(|boundary| format!("{} {}", boundary.kind.words(), boundary.version))
            .collect();
        words.join(", ")
    }
}

#[inline]
fn read_boundary<'a>(unpack: &mut Unpack<'a>) -> Result<Boundary<'a>, Malformed> {
    let kind = *BoundaryKind::ALL.get(usize::from(unpack.byte()?)).ok_or(Malformed)?;
    let version = unpack.bytes()?;
    let key = unpack.bytes()?;
    Ok(Boundary { kind, version: std::str::from_utf8(version).map_err(|_| Malformed)?, key })
}

/// The versions that an entry lists beyond its ranges.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    keys: Unpack<'a>,
    keys_count: u32,
    texts: Unpack<'a>,
    texts_count: u32,
}

impl<'a> Listed<'a> {
    /// Whether it lists nothing.
    pub const fn is_empty(&self) -> bool {
        self.keys_count == 0 && self.texts_count == 0
    }

    /// Whether a version with this key is listed.
    #[inline]
    pub fn has_key(&self, key: &[u8]) -> bool {
        let mut keys = self.keys;
        (0..self.keys_count)
            .map_while(|_| keys.bytes().ok())
            .take_while(|listed| *listed <= key)
            .any(|listed| listed == key)
    }

    /// Whether this very text is listed among the versions that the ecosystem's order cannot read.
    pub fn has_text(&self, text: &str) -> bool {
        let mut texts = self.texts;
        (0..self.texts_count).map_while(|_| texts.bytes().ok()).any(|listed| listed == text.as_bytes())
    }

    /// How many versions it lists, readable and not.
    pub const fn count(&self) -> (u32, u32) {
        (self.keys_count, self.texts_count)
    }
}
