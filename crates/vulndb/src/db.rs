//! All advisories: a base and the deltas on top of it, newest first, as one.
//!
//! A newer segment replaces an advisory by its id: what an older one says of it no longer counts. A delta holds every
//! record of the alias groups that it touches, so a group is always whole within one segment.

use std::sync::Arc;

use bedrail_model::advisory::{AdvisoryView, AffectedView};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::release::{Kinship, kinship};

use crate::error::ReadError;
use crate::segment::Segment;

/// All advisories. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Db {
    layers: Arc<Vec<Layer>>,
}

#[derive(Debug)]
struct Layer {
    segment: Arc<Segment>,
    /// Advisories that newer layers replace, by row number; empty where none is.
    replaced: Vec<bool>,
}

/// An advisory in a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvisoryRef {
    layer: u16,
    number: u32,
}

/// A weakness in a [`Db`]: an alias group, or an advisory that is alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupRef {
    layer: u16,
    alone: bool,
    number: u32,
}

/// An entry of a package.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    /// The advisory.
    pub advisory: AdvisoryRef,
    /// The weakness that it belongs to.
    pub group: GroupRef,
    /// The source whose copy of the advisory says so; it may be another than the one that says what the advisory is.
    pub source: SourceRef,
    /// What it says of the package.
    pub affected: AffectedView<'d>,
}

/// A source of advisories in a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef {
    layer: u16,
    number: u32,
}

/// A package, as search by name gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageName {
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: String,
}

impl Db {
    /// Puts segments together, the newest first, the base last.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn new(segments: Vec<Arc<Segment>>) -> Result<Db, ReadError> {
        let mut layers: Vec<Layer> = Vec::with_capacity(segments.len());
        for segment in segments {
            let mut replaced = Vec::new();
            for newer in &layers {
                for number in 0..newer.segment.advisory_count() {
                    if let Some(old) = segment.find_advisory(newer.segment.id_of(number)?)? {
                        replaced.resize(segment.advisory_count() as usize, false);
                        replaced[old as usize] = true;
                    }
                }
            }
            layers.push(Layer { segment, replaced });
        }
        Ok(Db { layers: Arc::new(layers) })
    }

    /// The segments, newest first.
    pub fn segments(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.layers.iter().map(|layer| &layer.segment)
    }

    /// The id of the newest state of the data; empty where none is held.
    pub fn snapshot(&self) -> &str {
        self.layers.first().map_or("", |layer| layer.segment.snapshot())
    }

    /// Whether entries are held for an ecosystem and, where it has releases, for this one. What is held for a variant of a
    /// release (longer support, certified builds) says nothing of how much is held for the release.
    pub fn holds(&self, ecosystem: Ecosystem, release: Option<&str>) -> bool {
        let releases = self.layers.iter().filter_map(|layer| layer.segment.releases().get(&ecosystem));
        releases.into_iter().any(|releases| match release {
            Some(release) => {
                let is_it = |held: &String| kinship(ecosystem, held, release) == Kinship::Same;
                releases.contains_key(release) || releases.contains_key("") || releases.keys().any(is_it)
            }
            None => true,
        })
    }

    /// How many advisories it holds, each id once.
    pub fn advisory_count(&self) -> u64 {
        let live = |layer: &Layer| {
            let replaced = layer.replaced.iter().filter(|replaced| **replaced).count();
            u64::from(layer.segment.advisory_count()) - replaced as u64
        };
        self.layers.iter().map(live).sum()
    }

    /// Calls `with` for every entry of a package; entries of one advisory come one after the other.
    ///
    /// # Errors
    /// When the index is damaged there.
    #[inline]
    pub fn entries<'d>(
        &'d self,
        ecosystem: Ecosystem,
        name: &str,
        mut with: impl FnMut(Entry<'d>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for (at, layer) in self.layers.iter().enumerate() {
            let Some(package) = layer.segment.find_package(ecosystem, name)? else { continue };
            for entry in package.entries() {
                let entry = entry?;
                if !layer.is_replaced(entry.advisory) {
                    let advisory = AdvisoryRef { layer: at as u16, number: entry.advisory };
                    let source = SourceRef { layer: at as u16, number: entry.source };
                    let group = self.group_of(advisory)?;
                    with(Entry { advisory, group, source, affected: entry.affected })?;
                }
            }
        }
        Ok(())
    }

    /// The weakness that an advisory belongs to.
    ///
    /// # Errors
    /// When the index is damaged there.
    #[inline]
    pub fn group_of(&self, advisory: AdvisoryRef) -> Result<GroupRef, ReadError> {
        let AdvisoryRef { layer, number } = advisory;
        Ok(match self.segment(layer).group_of(number)? {
            Some(group) => GroupRef { layer, alone: false, number: group },
            None => GroupRef { layer, alone: true, number },
        })
    }

    /// An advisory.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn advisory(&self, advisory: AdvisoryRef) -> Result<AdvisoryView<'_>, ReadError> {
        self.segment(advisory.layer).advisory(advisory.number)
    }

    /// The id of an advisory.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn id_of(&self, advisory: AdvisoryRef) -> Result<&str, ReadError> {
        self.segment(advisory.layer).id_of(advisory.number)
    }

    /// The name of a source.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn source(&self, source: SourceRef) -> Result<&str, ReadError> {
        self.segment(source.layer).source(source.number)
    }

    /// The advisory with this very id, withdrawn ones too.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn find_advisory(&self, id: &str) -> Result<Option<AdvisoryRef>, ReadError> {
        for (at, layer) in self.layers.iter().enumerate() {
            if let Some(number) = layer.segment.find_advisory(id)? {
                return Ok(Some(AdvisoryRef { layer: at as u16, number }));
            }
        }
        Ok(None)
    }

    /// The weakness that has this id, be it a record's own or only an alias.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn find_weakness(&self, id: &str) -> Result<Option<GroupRef>, ReadError> {
        if let Some(advisory) = self.find_advisory(id)? {
            return self.group_of(advisory).map(Some);
        }
        for (at, layer) in self.layers.iter().enumerate() {
            let Some(number) = layer.segment.find_group(id)? else { continue };
            let records = layer.segment.group(number)?.records;
            if !records.iter().any(|record| layer.is_replaced(*record)) {
                return Ok(Some(GroupRef { layer: at as u16, alone: false, number }));
            }
        }
        Ok(None)
    }

    /// All ids of a weakness, the one it is called by first, and its records.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn group(&self, group: GroupRef) -> Result<(Vec<&str>, Vec<AdvisoryRef>), ReadError> {
        let GroupRef { layer, alone, number } = group;
        if alone {
            let advisory = AdvisoryRef { layer, number };
            return Ok((vec![self.advisory(advisory)?.id], vec![advisory]));
        }
        let view = self.segment(layer).group(number)?;
        let records = view.records.into_iter().map(|number| AdvisoryRef { layer, number }).collect();
        Ok((view.ids, records))
    }

    /// The weaknesses that an advisory mentions, sorted.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn mentions_of(&self, advisory: AdvisoryRef) -> Result<Vec<&str>, ReadError> {
        self.segment(advisory.layer).mentions_of(advisory.number)
    }

    /// The configurations of an advisory in compiled form; empty where it has none.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn configurations_of(&self, advisory: AdvisoryRef) -> Result<&[u8], ReadError> {
        self.segment(advisory.layer).configurations_of(advisory.number)
    }

    /// The advisories that mention this id; they are about other weaknesses as well, and not in its alias group.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn mentioned_by(&self, id: &str) -> Result<Vec<AdvisoryRef>, ReadError> {
        let mut advisories = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            let records = layer.segment.mentioned_by(id)?.into_iter();
            let live = records.filter(|number| !layer.is_replaced(*number));
            advisories.extend(live.map(|number| AdvisoryRef { layer: at as u16, number }));
        }
        Ok(advisories)
    }

    /// The packages that an advisory names.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn packages_of(&self, advisory: AdvisoryRef) -> Result<Vec<PackageName>, ReadError> {
        let segment = self.segment(advisory.layer);
        let packages = segment.packages_of(advisory.number)?.into_iter().map(|number| {
            let package = segment.package(number)?;
            Ok(PackageName { ecosystem: package.ecosystem, name: package.name.to_owned() })
        });
        packages.collect()
    }

    /// Packages whose name contains a text, whatever its case, shortest names first, at most `limit`.
    ///
    /// # Errors
    /// When the index is damaged there.
    pub fn packages_named(&self, text: &str, limit: usize) -> Result<Vec<PackageName>, ReadError> {
        let wanted = text.to_lowercase();
        let mut found = Vec::new();
        for layer in self.layers.iter() {
            for (ecosystem, name) in layer.segment.package_names()? {
                if contains_folded(name, &wanted) {
                    found.push(PackageName { ecosystem, name: name.to_owned() });
                }
            }
        }
        found.sort_unstable_by(|a, b| {
            (a.name.len(), &a.name, a.ecosystem).cmp(&(b.name.len(), &b.name, b.ecosystem))
        });
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }

    /// All advisories that are not replaced.
    pub fn advisories(&self) -> impl Iterator<Item = AdvisoryRef> + '_ {
        self.layers.iter().enumerate().flat_map(|(at, layer)| {
            let live = (0..layer.segment.advisory_count()).filter(|number| !layer.is_replaced(*number));
            live.map(move |number| AdvisoryRef { layer: at as u16, number })
        })
    }

    /// The file that holds an advisory, and its row number there.
    pub(crate) fn place(&self, advisory: AdvisoryRef) -> (&Segment, u32) {
        (self.segment(advisory.layer), advisory.number)
    }

    fn segment(&self, layer: u16) -> &Segment {
        &self.layers[usize::from(layer)].segment
    }
}

impl Layer {
    #[inline]
    fn is_replaced(&self, number: u32) -> bool {
        self.replaced.get(number as usize).is_some_and(|replaced| *replaced)
    }
}

/// Whether `text` contains `wanted`, which is in lower case, by ASCII case folding: package names have no other case.
fn contains_folded(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let Some((first, _)) = wanted.split_first() else { return true };
    text.windows(wanted.len())
        .any(|window| window[0].to_ascii_lowercase() == *first && window.eq_ignore_ascii_case(wanted))
}
