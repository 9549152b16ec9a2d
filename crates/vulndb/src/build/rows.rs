//! Rows between the workers and the end of a build: an advisory, or an entry of a package.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bedrail_model::advisory::pack::{Malformed, Unpack, put_bytes, put_moment, put_number};
use bedrail_model::advisory::{Advisory, compile, compiled};
use bedrail_model::configuration;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::severity::{Cvss, Severity};
use jiff::Timestamp;

use crate::hash::{self, Hasher};
use crate::layout::behind_hyphen;
use crate::vector;

/// A record compiled: what a worker uses again for each record.
#[derive(Default)]
pub(crate) struct Rows {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    names: String,
    configurations: Vec<u8>,
}

struct Entry {
    hash: u64,
    ecosystem: u8,
    name: (usize, usize),
    bytes: (usize, usize),
}

/// An entry of a package, ready to be written.
pub(crate) struct PackageRow<'r> {
    pub(crate) hash: u64,
    pub(crate) ecosystem: u8,
    pub(crate) name: &'r str,
    pub(crate) entry: &'r [u8],
}

impl Rows {
    /// Compiles what a record affects; a withdrawn record affects nothing.
    pub(crate) fn compile(&mut self, advisory: &Advisory<'_>) {
        self.entries.clear();
        self.bytes.clear();
        self.names.clear();
        self.configurations.clear();
        let affected = if advisory.withdrawn.is_some() { &[][..] } else { &advisory.affected[..] };
        for affected in affected {
            let name = affected.ecosystem.normalise_name(&affected.name);
            let name_at = self.names.len();
            self.names.push_str(&name);
            let bytes_at = self.bytes.len();
            compile(affected, advisory.malicious(), &mut self.bytes);
            self.entries.push(Entry {
                hash: hash::of_package(affected.ecosystem.name(), &name),
                ecosystem: affected.ecosystem.index(),
                name: (name_at, self.names.len()),
                bytes: (bytes_at, self.bytes.len()),
            });
        }
        if advisory.withdrawn.is_none() {
            self.compile_configurations(&advisory.configurations);
        }
    }

    /// Compiles configurations, and notes each product that they call vulnerable.
    fn compile_configurations(&mut self, configurations: &[configuration::Node<'_>]) {
        configuration::compile(configurations, &mut self.configurations);
        let mut products = BTreeSet::new();
        // What was just written is a tree.
        _ = configuration::compiled::each_group(&self.configurations, |group, negated| {
            if group.vulnerable && !negated {
                products.insert(group.product);
            }
        });
        for product in products {
            let (name_at, bytes_at) = (self.names.len(), self.bytes.len());
            self.names.push_str(product);
            self.bytes.extend_from_slice(compiled::BY_CONFIGURATION);
            self.entries.push(Entry {
                hash: hash::of_package(Ecosystem::CPE.name(), product),
                ecosystem: Ecosystem::CPE.index(),
                name: (name_at, self.names.len()),
                bytes: (bytes_at, self.bytes.len()),
            });
        }
    }

    pub(crate) fn packages(&self) -> impl Iterator<Item = PackageRow<'_>> {
        self.entries.iter().map(|entry| PackageRow {
            hash: entry.hash,
            ecosystem: entry.ecosystem,
            name: &self.names[entry.name.0..entry.name.1],
            entry: &self.bytes[entry.bytes.0..entry.bytes.1],
        })
    }

    /// What is kept of a record beside its packages. Call it after [`Rows::compile`].
    pub(crate) fn describe<'a>(&'a self, advisory: &'a Advisory<'_>, source: u16) -> Description<'a> {
        let (severity, cvss) = rate(advisory);
        let aliases = other_ids(&advisory.aliases, &advisory.id);
        let mut mentions = other_ids(&advisory.mentions, &advisory.id);
        mentions.retain(|id| advisory.withdrawn.is_none() && aliases.binary_search(id).is_err());
        let mut description = Description {
            id: &advisory.id,
            source,
            published: advisory.published,
            modified: advisory.modified,
            withdrawn: advisory.withdrawn,
            severity,
            cvss,
            summary: one_line(&advisory.summary).into(),
            aliases,
            mentions,
            configurations: &self.configurations,
            digest: 0,
        };
        description.digest = self.digest(&description);
        description
    }

    /// Over everything that a judgement shows or depends on; dates and the source are left out.
    fn digest(&self, of: &Description<'_>) -> u64 {
        let mut hasher = Hasher::new()
            .part(of.id.as_bytes())
            .number(of.withdrawn.is_some().into())
            .number(of.severity as u64)
            .part(of.cvss.as_ref().map_or("", |cvss| &cvss.vector).as_bytes())
            .part(of.summary.as_bytes());
        for ids in [&of.aliases, &of.mentions] {
            hasher =
                ids.iter().fold(hasher.number(ids.len() as u64), |hasher, id| hasher.part(id.as_bytes()));
        }
        for package in self.packages() {
            hasher = hasher.number(package.hash).part(package.entry);
        }
        hasher.part(of.configurations).finish()
    }
}

/// What is kept of a record beside its packages.
pub(crate) struct Description<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: u16,
    pub(crate) published: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) withdrawn: Option<Timestamp>,
    pub(crate) severity: Severity,
    pub(crate) cvss: Option<Cvss>,
    pub(crate) summary: Cow<'a, str>,
    pub(crate) aliases: Vec<&'a str>,
    pub(crate) mentions: Vec<&'a str>,
    /// Compiled; empty where the record has none.
    pub(crate) configurations: &'a [u8],
    pub(crate) digest: u64,
}

impl<'a> Description<'a> {
    /// Writes the row of a record: what sorting needs, then the advisory as the file will hold it.
    pub(crate) fn write(&self, number: u32, out: &mut Vec<u8>) {
        let mut data = Vec::with_capacity(160 + self.summary.len());
        put_bytes(&mut data, self.id.as_bytes());
        put_number(&mut data, self.source.into());
        put_moment(&mut data, self.published);
        put_moment(&mut data, self.modified);
        put_moment(&mut data, self.withdrawn);
        data.push(self.severity as u8);
        data.push(self.cvss.as_ref().map_or(0, |cvss| (cvss.score * 10.0).round() as u8));
        vector::put(&mut data, self.cvss.as_ref().map_or("", |cvss| &cvss.vector));
        put_bytes(&mut data, self.summary.as_bytes());
        data.extend_from_slice(&self.digest.to_le_bytes());
        let kept = |alias: &&'a str| if *alias == behind_hyphen(self.id) { "" } else { *alias };
        put_texts(&mut data, &self.aliases.iter().map(kept).collect::<Vec<_>>());
        put_texts(&mut data, &self.mentions);
        put_bytes(&mut data, self.configurations);

        out.extend_from_slice(&hash::of_id(self.id).to_le_bytes());
        put_number(out, number.into());
        put_number(out, self.source.into());
        put_moment(out, self.modified);
        out.push(self.withdrawn.is_some().into());
        put_bytes(out, &data);
        put_texts(out, &self.aliases);
        put_texts(out, &self.mentions);
    }
}

/// The ids beside a record's own, sorted, each once.
fn other_ids<'a>(ids: &'a [Cow<'_, str>], own: &str) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    ids.retain(|id| !id.is_empty() && *id != own);
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn put_texts(out: &mut Vec<u8>, texts: &[&str]) {
    put_number(out, texts.len() as u64);
    for text in texts {
        put_bytes(out, text.as_bytes());
    }
}

/// The highest rating that the record gives, and the vector with the highest score.
fn rate(advisory: &Advisory<'_>) -> (Severity, Option<Cvss>) {
    let vectors = advisory.vectors.iter().filter_map(|vector| Cvss::parse(vector).ok());
    let highest = vectors.max_by(|a, b| a.score.total_cmp(&b.score));
    let by_score = highest.as_ref().map_or(Severity::Unknown, Cvss::severity);
    (by_score.max(advisory.severity_word.unwrap_or_default()), highest)
}

/// A summary is one line; other white space than blanks, and control characters, become blanks.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

impl PackageRow<'_> {
    /// Writes the row; the answer is its length.
    pub(crate) fn write(&self, number: u32, out: &mut Vec<u8>) -> usize {
        let before = out.len();
        out.extend_from_slice(&self.hash.to_le_bytes());
        put_number(out, number.into());
        out.push(self.ecosystem);
        put_bytes(out, self.name.as_bytes());
        put_bytes(out, self.entry);
        out.len() - before
    }
}

/// An advisory's row as read back.
pub(crate) struct AdvisoryRow<'r> {
    pub(crate) hash: u64,
    pub(crate) number: u32,
    pub(crate) source: u16,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) withdrawn: bool,
    pub(crate) id: &'r str,
    pub(crate) data: &'r [u8],
    pub(crate) aliases: Vec<&'r str>,
    pub(crate) mentions: Vec<&'r str>,
}

impl<'r> AdvisoryRow<'r> {
    pub(crate) fn read(unpack: &mut Unpack<'r>) -> Result<Self, Malformed> {
        let hash = read_hash(unpack)?;
        let number = unpack.index()?;
        let source = unpack.index()? as u16;
        let modified = unpack.moment()?;
        let withdrawn = unpack.byte()? != 0;
        let data = unpack.bytes()?;
        let aliases = (0..unpack.index()?).map(|_| unpack.text()).collect::<Result<_, _>>()?;
        let mentions = (0..unpack.index()?).map(|_| unpack.text()).collect::<Result<_, _>>()?;
        let id = Unpack::new(data).text()?;
        Ok(AdvisoryRow { hash, number, source, modified, withdrawn, id, data, aliases, mentions })
    }
}

/// A package's entry as read back.
pub(crate) struct EntryRow<'r> {
    pub(crate) hash: u64,
    pub(crate) number: u32,
    /// The source of the copy that it is from; not part of the row, the copy knows it.
    pub(crate) source: u16,
    pub(crate) ecosystem: u8,
    pub(crate) name: &'r str,
    pub(crate) entry: &'r [u8],
}

impl<'r> EntryRow<'r> {
    /// Whether both are of one package.
    pub(crate) fn same_package(&self, other: &EntryRow<'_>) -> bool {
        (self.hash, self.ecosystem, self.name) == (other.hash, other.ecosystem, other.name)
    }

    pub(crate) fn read(unpack: &mut Unpack<'r>) -> Result<Self, Malformed> {
        Ok(EntryRow {
            hash: read_hash(unpack)?,
            number: unpack.index()?,
            source: 0,
            ecosystem: unpack.byte()?,
            name: unpack.text()?,
            entry: unpack.bytes()?,
        })
    }
}

fn read_hash(unpack: &mut Unpack<'_>) -> Result<u64, Malformed> {
    let mut bytes = [0; 8];
    for byte in &mut bytes {
        *byte = unpack.byte()?;
    }
    Ok(u64::from_le_bytes(bytes))
}
