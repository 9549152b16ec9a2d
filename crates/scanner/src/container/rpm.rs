//! RPM packages (RPM v4 package format): a lead, a signature and a header, both tables of tags, then a compressed cpio archive.

use std::io::{self, Read};

use super::compressed;
use crate::examine::{Examiner, fill};
use crate::report::{Confidence, Evidence, Found, Place, Reason};

const KIND: &str = "rpm package";
const LEAD: u64 = 96;
/// Bytes of a header's data, as rpm itself limits them (256 MiB); real ones stay below this.
const MAX_HEADER: u64 = 64 << 20;

/// Tags of the header (rpmtag.h).
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const VENDOR: u32 = 1011;
const ARCH: u32 = 1022;
const PAYLOAD_COMPRESSOR: u32 = 1125;

pub(super) fn open(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    skip(from, LEAD)?;
    let signature = Header::read(from)?;
    // The signature alone is padded to eight bytes.
    skip(from, (8 - signature.data.len() as u64 % 8) % 8)?;
    let header = Header::read(from)?;
    let place = examiner.container_place();
    if let Some(found) = package(&header, place) {
        examiner.facts.packages.push(found);
    }
    match header.text(PAYLOAD_COMPRESSOR).as_deref() {
        // Gzip where it is not said.
        None | Some("gzip") => compressed::gzip(from, examiner),
        Some("xz") => compressed::xz(from, examiner),
        Some("lzma") => compressed::lzma(from, examiner),
        Some("zstd") => compressed::zstd(from, examiner),
        Some("bzip2") => compressed::bzip2(from, examiner),
        Some(other) => Err(Reason::Unsupported(format!("an rpm payload compressed by {other}"))),
    }
}

/// A package in a database of those that are installed: its header without the mark.
pub(crate) fn installed(header: &[u8], place: Place) -> Option<Found> {
    let mut intro = header;
    let header = Header::read_behind_mark(&mut intro).ok()?;
    // Keys are kept like packages.
    package(&header, place).filter(|found| found.name != "gpg-pubkey")
}

fn package(header: &Header, place: Place) -> Option<Found> {
    let (name, version) = (header.text(NAME)?, header.text(VERSION)?);
    let release = header.text(RELEASE).map(|it| format!("-{it}")).unwrap_or_default();
    let mut qualifiers = Vec::new();
    qualifiers.extend(header.text(ARCH).map(|arch| ("arch", arch)));
    qualifiers.extend(header.number(EPOCH).map(|epoch| ("epoch", epoch.to_string())));
    let namespace = header.text(VENDOR).and_then(|vendor| distribution(&vendor));
    let shows = "the header of the rpm package".to_owned();
    Some(Found {
        kind: "rpm",
        namespace: namespace.map(str::to_owned),
        name,
        version: Some(format!("{version}{release}")),
        qualifiers,
        versions: Vec::new(),
        declared: None,
        code: None,
        cpes: Vec::new(),
        evidence: vec![Evidence { place: place.clone(), shows, sha256: None }],
        place,
        confidence: Confidence::High,
        remarks: Vec::new(),
        is_system: false,
    })
}

/// The distribution's name space of a package URL, by the vendor's name.
fn distribution(vendor: &str) -> Option<&'static str> {
    const VENDORS: &[(&str, &str)] = &[
        ("Red Hat", "redhat"),
        ("Fedora", "fedora"),
        ("CentOS", "centos"),
        ("Rocky", "rocky"),
        ("AlmaLinux", "almalinux"),
        ("Oracle", "oracle"),
        ("openSUSE", "opensuse"),
        ("SUSE", "suse"),
        ("Amazon", "amazon"),
    ];
    VENDORS.iter().find(|(part, _)| vendor.contains(part)).map(|(_, namespace)| *namespace)
}

/// A table of tags: sixteen bytes each (tag, type, offset, count), then the data.
struct Header {
    index: Vec<[u32; 4]>,
    data: Vec<u8>,
}

impl Header {
    fn read(from: &mut dyn Read) -> Result<Header, Reason> {
        let mut mark = [0; 8];
        fill_exactly(from, &mut mark)?;
        if !mark.starts_with(b"\x8e\xad\xe8\x01") {
            return Err(damaged("a header has no magic number"));
        }
        Header::read_behind_mark(from)
    }

    fn read_behind_mark(from: &mut dyn Read) -> Result<Header, Reason> {
        let mut intro = [0; 8];
        fill_exactly(from, &mut intro)?;
        let (count, size) = (u64::from(word(&intro)), u64::from(word(&intro[4..])));
        if count * 16 > MAX_HEADER || size > MAX_HEADER {
            return Err(damaged("a header is larger than any can be"));
        }
        let index = read(from, count * 16)?;
        let entry = |entry: &[u8]| [word(entry), word(&entry[4..]), word(&entry[8..]), word(&entry[12..])];
        Ok(Header { index: index.chunks_exact(16).map(entry).collect(), data: read(from, size)? })
    }

    fn at(&self, tag: u32) -> Option<&[u8]> {
        let [_, _, offset, _] = self.index.iter().find(|entry| entry[0] == tag)?;
        self.data.get(*offset as usize..)
    }

    fn text(&self, tag: u32) -> Option<String> {
        let from = self.at(tag)?;
        let end = memchr::memchr(0, from)?;
        Some(String::from_utf8_lossy(&from[..end]).into_owned()).filter(|text| !text.is_empty())
    }

    fn number(&self, tag: u32) -> Option<u32> {
        self.at(tag).filter(|from| from.len() >= 4).map(word)
    }
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn read(from: &mut dyn Read, count: u64) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    from.take(count).read_to_end(&mut bytes).map_err(|error| Reason::of_read(KIND, &error))?;
    if (bytes.len() as u64) < count { Err(damaged("it ends inside a header")) } else { Ok(bytes) }
}

fn fill_exactly(from: &mut dyn Read, buffer: &mut [u8]) -> Result<(), Reason> {
    let filled = fill(from, buffer).map_err(|error| Reason::of_read(KIND, &error))?;
    if filled < buffer.len() { Err(damaged("it ends inside a header")) } else { Ok(()) }
}

fn skip(from: &mut dyn Read, count: u64) -> Result<(), Reason> {
    let skipped = io::copy(&mut from.take(count), &mut io::sink());
    skipped.map(drop).map_err(|error| Reason::of_read(KIND, &error))
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
