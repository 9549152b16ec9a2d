//! Sealing.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::layout::{self, Header, Method};
use crate::manifest::{Description, Line, Manifest, path_fault};
use crate::{KEY, MANIFEST, MOST_BYTES, MOST_ENTRIES, MOST_ENTRY_BYTES, README, SIGNATURE, SUMS, pem};

/// What README.txt says.
const README_TEXT: &str = include_str!("README.txt");

/// A file that goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, with `/`; see [`SealError::Path`].
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// Since when its content was known.
    pub known_at: Timestamp,
    /// Its content.
    pub content: Vec<u8>,
}

/// Who signs. The key stays with whoever has it.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The public key (Ed25519).
    pub public_key: [u8; 32],
    /// Makes the signature of a message, 64 bytes.
    pub sign: &'a dyn Fn(&[u8]) -> Vec<u8>,
}

/// A binder that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its manifest.
    pub manifest: Manifest,
    /// Bytes of the ZIP.
    pub bytes: u64,
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A path that some system would take for another.
    #[error("{path:?} is no path for a binder: {why}")]
    Path {
        /// The path.
        path: String,
        /// Why.
        why: &'static str,
    },
    /// Entries come in the order of their paths, each once, with no two that differ in case alone.
    #[error("{after:?} does not come after {before:?}; entries come in order of path, each once")]
    Order {
        /// The one before.
        before: String,
        /// The one that does not follow.
        after: String,
    },
    /// An entry is too large.
    #[error("{path:?} has {size} bytes; an entry has at most {MOST_ENTRY_BYTES}")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        size: u64,
    },
    /// Too much for one binder.
    #[error(
        "the binder would have more than {MOST_ENTRIES} entries or {MOST_BYTES} bytes; seal shorter periods"
    )]
    TooMuch,
    /// A signature of the wrong length.
    #[error("the signer gave {0} bytes instead of the 64 of Ed25519")]
    Signature(usize),
    /// It ends before it begins.
    #[error("the binder's period ends before it begins")]
    Period,
    /// It cannot be written.
    #[error("the binder cannot be written")]
    Write(#[from] io::Error),
}

struct Zip<W> {
    out: W,
    headers: Vec<Header>,
    offset: u64,
    sums: Vec<(String, [u8; 32])>,
}

/// What was packed.
struct Packed {
    digest: [u8; 32],
    packed_digest: [u8; 32],
}

impl<W: Write> Zip<W> {
    fn add(&mut self, name: &str, content: &[u8], method: Method) -> Result<Packed, SealError> {
        let size = content.len() as u64;
        if size > MOST_ENTRY_BYTES {
            return Err(SealError::TooLarge { path: name.to_owned(), size });
        }
        let deflated = match method {
            Method::Stored => None,
            Method::Deflated => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(content)?;
                // What does not shrink is stored.
                Some(encoder.finish()?).filter(|packed| packed.len() < content.len())
            }
        };
        let method = if deflated.is_some() { Method::Deflated } else { Method::Stored };
        let data = deflated.as_deref().unwrap_or(content);
        let too_much = |_| SealError::TooMuch;
        let header = Header {
            name: name.to_owned(),
            method,
            crc: crc32fast::hash(content),
            packed: u32::try_from(data.len()).map_err(too_much)?,
            size: u32::try_from(size).map_err(too_much)?,
            offset: u32::try_from(self.offset).map_err(too_much)?,
        };
        let local = header.local();
        self.offset += local.len() as u64 + data.len() as u64;
        if self.headers.len() >= MOST_ENTRIES || self.offset > MOST_BYTES {
            return Err(SealError::TooMuch);
        }
        self.out.write_all(&local)?;
        self.out.write_all(data)?;
        self.headers.push(header);
        let digest = Sha256::digest(content).into();
        self.sums.push((name.to_owned(), digest));
        Ok(Packed { digest, packed_digest: Sha256::digest(data).into() })
    }

    fn finish(mut self) -> Result<u64, SealError> {
        let offset = u32::try_from(self.offset).map_err(|_| SealError::TooMuch)?;
        let end = layout::end(&self.headers, offset);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.offset + end.len() as u64)
    }
}

/// The sums in the form of `sha256sum`.
pub(crate) fn sums<'a>(all: impl Iterator<Item = (&'a str, String)>) -> String {
    all.map(|(name, sum)| format!("{sum}  {name}\n")).collect()
}

/// Seals a binder. Entries are taken one at a time, in order of path, so that only one is in memory.
///
/// # Errors
/// [`SealError`]; what was written until then is no binder.
pub fn seal(
    out: impl Write,
    binder: Description,
    entries: impl IntoIterator<Item = Entry>,
    signer: Signer<'_>,
) -> Result<Sealed, SealError> {
    if binder.to < binder.from {
        return Err(SealError::Period);
    }
    let mut zip = Zip { out, headers: Vec::new(), offset: 0, sums: Vec::new() };
    zip.add(README, README_TEXT.as_bytes(), Method::Stored)?;
    let mut lines: Vec<Line> = Vec::new();
    let own = [README, MANIFEST, SUMS, SIGNATURE, KEY].map(str::to_lowercase);
    let mut folded: std::collections::BTreeSet<String> = own.into();
    for entry in entries {
        if let Some(why) = path_fault(&entry.path) {
            return Err(SealError::Path { path: entry.path, why });
        }
        let before = lines.last().map_or("", |line| line.path.as_str());
        // Systems that do not tell cases apart would unpack one over the other.
        if entry.path.as_str() <= before || !folded.insert(entry.path.to_lowercase()) {
            return Err(SealError::Order { before: before.to_owned(), after: entry.path });
        }
        let packed = zip.add(&entry.path, &entry.content, Method::Deflated)?;
        lines.push(Line {
            path: entry.path,
            sha256: hex::encode(packed.digest),
            size: entry.content.len() as u64,
            packed_sha256: hex::encode(packed.packed_digest),
            media_type: entry.media_type,
            known_at: entry.known_at,
            chain: String::new(),
        });
    }
    let manifest = Manifest::new(binder, lines);
    zip.add(MANIFEST, &manifest.to_bytes(), Method::Stored)?;
    let sums = sums(zip.sums.iter().map(|(name, digest)| (name.as_str(), hex::encode(digest))));
    let signature = (signer.sign)(sums.as_bytes());
    if signature.len() != 64 {
        return Err(SealError::Signature(signature.len()));
    }
    zip.add(SUMS, sums.as_bytes(), Method::Stored)?;
    zip.add(SIGNATURE, &signature, Method::Stored)?;
    zip.add(KEY, pem::write(&signer.public_key).as_bytes(), Method::Stored)?;
    Ok(Sealed { manifest, bytes: zip.finish()? })
}
