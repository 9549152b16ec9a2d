//! One index file, open: a base or a delta. Knows nothing of other files; [`Db`](crate::db::Db) puts them together.

use std::collections::BTreeMap;
use std::path::Path;

use bedrail_model::advisory::pack::Unpack;
use bedrail_model::advisory::{AdvisoryView, AffectedView};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::severity::{Cvss, Severity};

use crate::error::{OpenError, ReadError};
use crate::hash;
use crate::layout::{Kind, NO_GROUP, ROW, Section, behind_hyphen, key_fingerprint};
use crate::map::{Map, read_u32, read_u64};
use crate::vector;

/// An open index file.
#[derive(Debug)]
pub struct Segment {
    map: Map,
    ecosystems: Vec<Ecosystem>,
    sources: Vec<String>,
    snapshot: String,
    releases: BTreeMap<Ecosystem, BTreeMap<String, u64>>,
}

/// An alias group as the index holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView<'s> {
    /// All ids, the one it is called by first, the others sorted.
    pub ids: Vec<&'s str>,
    /// Row numbers of its records.
    pub records: Vec<u32>,
}

/// A package of the index.
#[derive(Debug, Clone, Copy)]
pub struct PackageView<'s> {
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: &'s str,
    entries: Unpack<'s>,
}

/// What an advisory says of a package.
#[derive(Debug, Clone, Copy)]
pub struct EntryView<'s> {
    /// Row number of the advisory.
    pub advisory: u32,
    /// Number of the source whose copy of the advisory says so; see [`Segment::source`].
    pub source: u32,
    /// What it says.
    pub affected: AffectedView<'s>,
}

/// An entry: row number of the advisory, number of the source, and what it says in bytes.
pub(crate) type RawEntry<'s> = (u32, u32, &'s [u8]);

impl Segment {
    /// Opens a file: header, table of checksums and the small sections are checked, the rest when it is first read.
    ///
    /// # Errors
    /// [`OpenError`] when the file is damaged, or written by another version of this program.
    pub fn open(path: &Path) -> Result<Segment, OpenError> {
        let map = Map::open(path, Kind::Advisories)?;
        let damaged =
            |_| OpenError::Damaged { path: path.to_owned(), what: "its description cannot be read" };
        let ecosystems: Vec<Ecosystem> = Ecosystem::all().collect();
        let mut segment = Segment {
            map,
            ecosystems,
            sources: Vec::new(),
            snapshot: String::new(),
            releases: BTreeMap::new(),
        };
        if segment.read_meta().map_err(damaged)? == key_fingerprint() {
            Ok(segment)
        } else {
            Err(OpenError::Outdated { path: path.to_owned() })
        }
    }

    /// Checks every block of the file against its checksum, read before or not.
    ///
    /// # Errors
    /// With the place of the first that does not have its checksum.
    pub fn verify(&self) -> Result<(), ReadError> {
        self.map.check_all()
    }

    /// Reads the description; the answer is the fingerprint of its keys. With another fingerprint nothing else is read.
    fn read_meta(&mut self) -> Result<u64, ReadError> {
        let meta = self.map.whole(self.map.section(Section::Meta))?;
        let fingerprint = read_u64(meta, 0).ok_or(ReadError::Malformed)?;
        if fingerprint != key_fingerprint() {
            return Ok(fingerprint);
        }
        let mut unpack = Unpack::new(&meta[8..]);
        let snapshot = unpack.text()?.to_owned();
        let sources =
            (0..unpack.index()?).map(|_| unpack.text().map(str::to_owned)).collect::<Result<_, _>>()?;
        let mut releases: BTreeMap<Ecosystem, BTreeMap<String, u64>> = BTreeMap::new();
        for _ in 0..unpack.index()? {
            let ecosystem = self.ecosystem(unpack.byte()?)?;
            let release = unpack.text()?.to_owned();
            releases.entry(ecosystem).or_default().insert(release, unpack.number()?);
        }
        (self.snapshot, self.sources, self.releases) = (snapshot, sources, releases);
        Ok(fingerprint)
    }

    /// The names of the sources that its advisories are from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The id of the state of the data, as evidence cites it.
    pub fn snapshot(&self) -> &str {
        &self.snapshot
    }

    /// The ecosystems it has entries for, each with its releases (empty text: all releases) and their numbers of entries.
    pub const fn releases(&self) -> &BTreeMap<Ecosystem, BTreeMap<String, u64>> {
        &self.releases
    }

    /// How many advisories it holds, withdrawn ones too.
    pub fn advisory_count(&self) -> u32 {
        self.rows(Section::AdvisoryRows)
    }

    /// How many packages it names.
    pub fn package_count(&self) -> u32 {
        self.rows(Section::PackageRows)
    }

    /// The aliases that a record itself names.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn aliases_of(&self, number: u32) -> Result<Vec<&str>, ReadError> {
        let mut rest = self.behind_description(number)?;
        let mut aliases = read_texts(&mut rest)?;
        if let Some(short) = aliases.iter_mut().find(|alias| alias.is_empty()) {
            *short = behind_hyphen(self.id_of(number)?);
        }
        Ok(aliases)
    }

    /// The weaknesses that a record mentions, sorted; a withdrawn record mentions none.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn mentions_of(&self, number: u32) -> Result<Vec<&str>, ReadError> {
        let mut rest = self.behind_description(number)?;
        read_texts(&mut rest)?;
        read_texts(&mut rest)
    }

    /// The configurations of a record in compiled form; empty where it has none, and of a withdrawn record.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn configurations_of(&self, number: u32) -> Result<&[u8], ReadError> {
        let mut rest = self.behind_description(number)?;
        skip_texts(&mut rest)?;
        skip_texts(&mut rest)?;
        Ok(rest.bytes()?)
    }

    /// Row numbers of the records that mention this id, ascending.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn mentioned_by(&self, id: &str) -> Result<Vec<u32>, ReadError> {
        let mut records = Vec::new();
        for row in self.find(Section::MentionRows, hash::of_id(id)) {
            let (_, record, _) = self.row(Section::MentionRows, row?)?;
            if self.mentions_of(record)?.binary_search(&id).is_ok() {
                records.push(record);
            }
        }
        Ok(records)
    }

    /// An advisory by row number.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn advisory(&self, number: u32) -> Result<AdvisoryView<'_>, ReadError> {
        let mut unpack = self.advisory_frame(number)?;
        let id = unpack.text()?;
        let source = self.source(unpack.index()?)?;
        let (published, modified, withdrawn) = (unpack.moment()?, unpack.moment()?, unpack.moment()?);
        let severity = Severity::ALL.get(usize::from(unpack.byte()?)).copied().ok_or(ReadError::Malformed)?;
        let score = f64::from(unpack.byte()?) / 10.0;
        let cvss = vector::read(&mut unpack)?.map(|vector| Cvss { vector: vector.into_owned(), score });
        let summary = unpack.text()?;
        let digest = read_u64(unpack.rest(), 0).ok_or(ReadError::Malformed)?;
        Ok(AdvisoryView { id, source, published, modified, withdrawn, severity, cvss, summary, digest })
    }

    /// The id of an advisory by row number.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn id_of(&self, number: u32) -> Result<&str, ReadError> {
        Ok(self.advisory_frame(number)?.text()?)
    }

    fn advisory_frame(&self, number: u32) -> Result<Unpack<'_>, ReadError> {
        let (_, offset, _) = self.row(Section::AdvisoryRows, number)?;
        self.frame(Section::AdvisoryData, offset)
    }

    /// The reader of an advisory at its aliases; what stands before them is passed over unread.
    fn behind_description(&self, number: u32) -> Result<Unpack<'_>, ReadError> {
        const DIGEST: usize = 8;
        let mut unpack = self.advisory_frame(number)?;
        unpack.bytes()?;
        // The source, and three moments.
        for _ in 0..4 {
            unpack.number()?;
        }
        // Severity and score.
        unpack.byte()?;
        unpack.byte()?;
        vector::skip(&mut unpack)?;
        unpack.bytes()?;
        Ok(Unpack::new(unpack.rest().get(DIGEST..).ok_or(ReadError::Malformed)?))
    }

    /// The row number of the advisory with this id.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn find_advisory(&self, id: &str) -> Result<Option<u32>, ReadError> {
        for number in self.find(Section::AdvisoryRows, hash::of_id(id)) {
            let number = number?;
            if self.id_of(number)? == id {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The alias group of an advisory; `None` when it is alone.
    ///
    /// # Errors
    /// When the file is damaged there.
    #[inline]
    pub fn group_of(&self, number: u32) -> Result<Option<u32>, ReadError> {
        let (_, _, group) = self.row(Section::AdvisoryRows, number)?;
        Ok((group != NO_GROUP).then_some(group))
    }

    /// The alias group that has this id.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn find_group(&self, id: &str) -> Result<Option<u32>, ReadError> {
        for number in self.find(Section::AliasRows, hash::of_id(id)) {
            let (_, group, _) = self.row(Section::AliasRows, number?)?;
            if self.group(group)?.ids.contains(&id) {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// An alias group by number.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn group(&self, number: u32) -> Result<GroupView<'_>, ReadError> {
        let starts = self.map.section(Section::GroupStarts);
        let start = self.map.bytes(starts, u64::from(number) * 4, 4)?;
        let mut unpack = self.frame(Section::GroupData, read_u32(start, 0).ok_or(ReadError::Malformed)?)?;
        let mut ids = read_texts(&mut unpack)?;
        if let [name, .., last] = &mut ids[..]
            && name.is_empty()
        {
            *name = behind_hyphen(last);
        }
        let records = (0..unpack.index()?).map(|_| unpack.index()).collect::<Result<_, _>>()?;
        Ok(GroupView { ids, records })
    }

    /// Row numbers of the packages that an advisory names.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn packages_of(&self, advisory: u32) -> Result<Vec<u32>, ReadError> {
        let starts = self.map.section(Section::AdvisoryPackageStarts);
        let bounds = self.map.bytes(starts, u64::from(advisory) * 4, 8)?;
        let bounds = [0, 4].map(|at| read_u32(bounds, at).unwrap_or_default());
        let length = bounds[1].checked_sub(bounds[0]).ok_or(ReadError::Malformed)?;
        let list = self.map.section(Section::AdvisoryPackages);
        let list = self.map.bytes(list, u64::from(bounds[0]) * 4, u64::from(length) * 4)?;
        Ok(list.chunks_exact(4).filter_map(|number| read_u32(number, 0)).collect())
    }

    /// The package with a normalised name.
    ///
    /// # Errors
    /// When the file is damaged there.
    #[inline]
    pub fn find_package(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<Option<PackageView<'_>>, ReadError> {
        for number in self.find(Section::PackageRows, hash::of_package(ecosystem.name(), name)) {
            let package = self.package(number?)?;
            if package.ecosystem == ecosystem && package.name == name {
                return Ok(Some(package));
            }
        }
        Ok(None)
    }

    /// A package by row number. Rows are sorted by hash, so equal packages of two files are found by walking both.
    ///
    /// # Errors
    /// When the file is damaged there.
    #[inline]
    pub fn package(&self, number: u32) -> Result<PackageView<'_>, ReadError> {
        let (_, name, data) = self.row(Section::PackageRows, number)?;
        let mut names = self.frame(Section::PackageNames, name)?;
        let ecosystem = self.ecosystem(names.byte()?)?;
        let name = utf8(names.rest())?;
        Ok(PackageView { ecosystem, name, entries: self.frame(Section::PackageData, data)? })
    }

    /// The hash that orders the packages.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn package_hash(&self, number: u32) -> Result<u64, ReadError> {
        self.row(Section::PackageRows, number).map(|row| row.0)
    }

    /// The names of all packages in the order of their rows, without their entries.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn package_names(&self) -> Result<impl Iterator<Item = (Ecosystem, &str)>, ReadError> {
        let mut unpack = Unpack::new(self.map.whole(self.map.section(Section::PackageNames))?);
        Ok(std::iter::from_fn(move || {
            let (code, name) = unpack.bytes().ok()?.split_first()?;
            Some((self.ecosystem(*code).ok()?, utf8(name).ok()?))
        }))
    }

    /// The source with this number.
    ///
    /// # Errors
    /// When there is none: the file is damaged.
    pub fn source(&self, number: u32) -> Result<&str, ReadError> {
        self.sources.get(number as usize).map(String::as_str).ok_or(ReadError::Malformed)
    }

    fn ecosystem(&self, code: u8) -> Result<Ecosystem, ReadError> {
        self.ecosystems.get(usize::from(code)).copied().ok_or(ReadError::Malformed)
    }

    fn rows(&self, section: Section) -> u32 {
        (self.map.section(section).len() / ROW as u64) as u32
    }

    #[inline]
    fn row(&self, section: Section, number: u32) -> Result<(u64, u32, u32), ReadError> {
        let row = self.map.bytes(self.map.section(section), u64::from(number) * ROW as u64, ROW as u64)?;
        let fields = (read_u64(row, 0), read_u32(row, 8), read_u32(row, 12));
        let (Some(hash), Some(first), Some(second)) = fields else { return Err(ReadError::Malformed) };
        Ok((hash, first, second))
    }

    /// Row numbers with a hash, by binary search for the first of them.
    #[inline]
    fn find(&self, section: Section, wanted: u64) -> impl Iterator<Item = Result<u32, ReadError>> {
        let (mut low, mut high, mut failed) = (0, self.rows(section), None);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.row(section, middle) {
                Ok((hash, ..)) if hash < wanted => low = middle + 1,
                Ok(_) => high = middle,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let end = self.rows(section);
        let mut next = low;
        std::iter::from_fn(move || {
            if let Some(error) = failed.take() {
                next = end;
                return Some(Err(error));
            }
            if next >= end {
                return None;
            }
            match self.row(section, next) {
                Ok((hash, ..)) if hash == wanted => next += 1,
                Ok(_) => return None,
                Err(error) => {
                    next = end;
                    return Some(Err(error));
                }
            }
            Some(Ok(next - 1))
        })
    }

    /// A value that stands at a place with its length before it.
    #[inline]
    fn frame(&self, section: Section, at: u32) -> Result<Unpack<'_>, ReadError> {
        const LONGEST_NUMBER: u64 = 10;
        let (span, at) = (self.map.section(section), u64::from(at));
        let head = self.map.up_to(span, at, LONGEST_NUMBER)?;
        let mut unpack = Unpack::new(head);
        let length = unpack.number()?;
        let start = at + (head.len() - unpack.rest().len()) as u64;
        Ok(Unpack::new(self.map.bytes(span, start, length)?))
    }
}

fn skip_texts(unpack: &mut Unpack<'_>) -> Result<(), ReadError> {
    for _ in 0..unpack.index()? {
        unpack.bytes()?;
    }
    Ok(())
}

fn read_texts<'s>(unpack: &mut Unpack<'s>) -> Result<Vec<&'s str>, ReadError> {
    Ok((0..unpack.index()?).map(|_| unpack.text()).collect::<Result<_, _>>()?)
}

#[inline]
fn utf8(bytes: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(bytes).map_err(|_| ReadError::Malformed)
}

impl<'s> PackageView<'s> {
    /// The entries, grouped by advisory.
    pub fn entries(&self) -> impl Iterator<Item = Result<EntryView<'s>, ReadError>> + use<'s> {
        let mut unpack = self.entries;
        let count = unpack.index();
        let mut left = *count.as_ref().unwrap_or(&1);
        let mut failed = count.is_err();
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            if failed {
                return Some(Err(ReadError::Malformed));
            }
            let entry = read_entry(&mut unpack);
            failed = entry.is_err();
            left *= u32::from(!failed);
            Some(entry)
        })
    }
}

impl<'s> PackageView<'s> {
    /// The entries, to be copied into another file.
    pub(crate) fn raw_entries(&self) -> Result<Vec<RawEntry<'s>>, ReadError> {
        let mut unpack = self.entries;
        (0..unpack.index()?).map(|_| Ok((unpack.index()?, unpack.index()?, unpack.bytes()?))).collect()
    }
}

#[inline]
fn read_entry<'s>(unpack: &mut Unpack<'s>) -> Result<EntryView<'s>, ReadError> {
    let (advisory, source) = (unpack.index()?, unpack.index()?);
    Ok(EntryView { advisory, source, affected: AffectedView::new(unpack.bytes()?)? })
}
