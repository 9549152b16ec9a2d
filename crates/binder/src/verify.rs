//! Checking a binder, from its first byte to its last: each header is written again and compared, each file is unpacked and
//! hashed, and nothing may stand between or behind them.

use std::fmt;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use sha2::{Digest as _, Sha256};

use crate::layout::{self, Header, LOCAL, LOCAL_MARK, Method};
use crate::manifest::{Manifest, path_fault};
use crate::seal::sums;
use crate::{KEY, MANIFEST, MOST_ENTRIES, MOST_ENTRY_BYTES, MOST_PATH_BYTES, README, SIGNATURE, SUMS, pem};

/// What is known of the key beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust<'a> {
    /// This key, as the organisation gave it by another way.
    Key(&'a [u8; 32]),
    /// Nothing: the report names the key of the binder, for people to compare.
    Unknown,
}

/// A binder that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its manifest.
    pub manifest: Manifest,
    /// The key that signed it, in hexadecimal: to be compared with the one that was noted.
    pub key: String,
    /// Bytes of the ZIP.
    pub bytes: u64,
}

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file in the binder, or the byte.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Why a binder does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("the binder cannot be read")]
    Read(#[from] io::Error),
    /// It is not as it was sealed.
    #[error("the binder is not as it was sealed:\n{}", .0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<Fault>),
}

fn fault(place: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { place: place.into(), message: message.into() }
}

fn stop(place: impl Into<String>, message: impl Into<String>) -> Broken {
    Broken::Faults(vec![fault(place, message)])
}

/// What was found of one file.
struct Found {
    header: Header,
    digest: String,
    packed_digest: String,
    /// Of the binder's own files alone.
    content: Vec<u8>,
}

/// The largest of the binder's own files: a manifest of 60,000 lines.
const MOST_OWN_BYTES: u32 = 128 << 20;

/// Checks a binder. `right` says whether a signature (third) of a message (second) was made by the owner of a public key (first).
///
/// # Errors
/// [`Broken`], with every file that is not as it was sealed; where the ZIP itself is not in its form, with the byte.
pub fn verify(
    mut binder: impl Read,
    trust: Trust<'_>,
    right: &dyn Fn(&[u8], &[u8], &[u8]) -> bool,
) -> Result<Verified, Broken> {
    let mut offset: u64 = 0;
    let mut found: Vec<Found> = Vec::new();
    loop {
        let mut mark = [0; 4];
        exactly(&mut binder, &mut mark, offset)?;
        if mark != LOCAL_MARK {
            end(&mut binder, &mark, &found, offset)?;
            break;
        }
        if found.len() >= MOST_ENTRIES {
            return Err(stop(format!("byte {offset}"), format!("more than {MOST_ENTRIES} files")));
        }
        let file = one(&mut binder, offset)?;
        offset += (LOCAL + file.header.name.len()) as u64 + u64::from(file.header.packed);
        found.push(file);
    }
    let headers: Vec<Header> = found.iter().map(|file| file.header.clone()).collect();
    let bytes = offset + layout::end(&headers, u32::try_from(offset).unwrap_or(u32::MAX)).len() as u64;
    check(&found, bytes, trust, right)
}

fn exactly(binder: &mut impl Read, into: &mut [u8], offset: u64) -> Result<(), Broken> {
    binder.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => stop(format!("behind byte {offset}"), "the binder is cut off"),
        _ => Broken::Read(error),
    })
}

/// What stands behind the last file: nothing but what follows from the files.
fn end(binder: &mut impl Read, mark: &[u8], found: &[Found], offset: u64) -> Result<(), Broken> {
    let headers: Vec<Header> = found.iter().map(|file| file.header.clone()).collect();
    let place = format!("behind byte {offset}");
    let at = u32::try_from(offset).map_err(|_| stop(place.clone(), "the binder is too large"))?;
    let expected = layout::end(&headers, at);
    let mut rest = mark.to_vec();
    binder.take(expected.len() as u64 + 1).read_to_end(&mut rest)?;
    if rest == expected {
        Ok(())
    } else {
        Err(stop(place, "the directory of the ZIP is not the one that was sealed"))
    }
}

/// One file, from behind the mark of its header.
fn one(binder: &mut impl Read, offset: u64) -> Result<Found, Broken> {
    let place = format!("byte {offset}");
    let mut bytes = [0; LOCAL];
    bytes[..4].copy_from_slice(&LOCAL_MARK);
    exactly(binder, &mut bytes[4..], offset)?;
    let at = u32::try_from(offset).map_err(|_| stop(place.clone(), "the binder is too large"))?;
    let (mut header, length) = Header::read(&bytes, at)
        .filter(|(_, length)| *length <= MOST_PATH_BYTES)
        .ok_or_else(|| stop(place.clone(), "a header is not in its form"))?;
    let mut name = vec![0; length];
    exactly(binder, &mut name, offset)?;
    header.name = String::from_utf8(name).map_err(|_| stop(place.clone(), "a name is not UTF-8"))?;
    if let Some(why) = path_fault(&header.name) {
        return Err(stop(place, why));
    }
    if header.local()[..LOCAL] != bytes {
        return Err(stop(header.name, "its header is not the one that was sealed"));
    }
    unpack(binder, header)
}

fn unpack(binder: &mut impl Read, header: Header) -> Result<Found, Broken> {
    let own = [README, MANIFEST, SUMS, SIGNATURE, KEY].contains(&header.name.as_str());
    if u64::from(header.size) > MOST_ENTRY_BYTES || (own && header.size > MOST_OWN_BYTES) {
        return Err(stop(header.name, "it is larger than any that is sealed"));
    }
    let mut raw = Tee { inner: binder.take(header.packed.into()), hash: Sha256::new(), count: 0 };
    let mut out =
        Unpacked { hash: Sha256::new(), crc: crc32fast::Hasher::new(), content: Vec::new(), count: 0, own };
    let wrong = || stop(header.name.as_str(), "its bytes cannot be unpacked");
    match header.method {
        Method::Stored => out.take(&mut raw, header.size).map_err(Broken::Read)?,
        Method::Deflated => {
            let mut decoder = DeflateDecoder::new(&mut raw);
            out.take(&mut decoder, header.size).map_err(|_| wrong())?;
            if decoder.total_in() != u64::from(header.packed) {
                return Err(wrong());
            }
        }
    }
    if raw.count != u64::from(header.packed) || out.count != u64::from(header.size) {
        return Err(stop(
            header.name,
            "it does not have the size that its header says, or the binder is cut off",
        ));
    }
    if out.crc.finalize() != header.crc {
        return Err(stop(header.name, "its content was changed (CRC)"));
    }
    Ok(Found {
        digest: hex::encode(out.hash.finalize()),
        packed_digest: hex::encode(raw.hash.finalize()),
        content: out.content,
        header,
    })
}

/// Hashes what is read through it.
struct Tee<R> {
    inner: R,
    hash: Sha256,
    count: u64,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.count += read as u64;
        Ok(read)
    }
}

struct Unpacked {
    hash: Sha256,
    crc: crc32fast::Hasher,
    content: Vec<u8>,
    count: u64,
    own: bool,
}

impl Unpacked {
    /// Takes up to one byte more than there should be, so that more is noticed and a bomb is not unpacked.
    fn take(&mut self, from: &mut impl Read, size: u32) -> io::Result<()> {
        let mut from = from.take(u64::from(size) + 1);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = from.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            let bytes = &buffer[..read];
            self.hash.update(bytes);
            self.crc.update(bytes);
            self.count += read as u64;
            if self.own {
                self.content.extend_from_slice(bytes);
            }
        }
    }
}

fn check(
    found: &[Found],
    bytes: u64,
    trust: Trust<'_>,
    right: &dyn Fn(&[u8], &[u8], &[u8]) -> bool,
) -> Result<Verified, Broken> {
    let names: Vec<&str> = found.iter().map(|file| file.header.name.as_str()).collect();
    let form = names.len() >= 5
        && names[0] == README
        && names[names.len() - 4..] == [MANIFEST, SUMS, SIGNATURE, KEY]
        && names[1..names.len() - 4]
            .iter()
            .all(|name| ![README, MANIFEST, SUMS, SIGNATURE, KEY].contains(name));
    if !form {
        return Err(stop("the ZIP", "it has not the files of a binder in their order; is it one?"));
    }
    let [manifest_file, sums_file, signature, key_file] = &found[found.len() - 4..] else {
        return Err(stop("the ZIP", "it has not the files of a binder"));
    };
    let entries = &found[1..found.len() - 4];
    let mut faults = Vec::new();
    let key = pem::read(&key_file.content).unwrap_or_default();
    if key == [0; 32] {
        faults.push(fault(KEY, "it is no key in the form in which keys are sealed"));
    } else if matches!(trust, Trust::Key(known) if *known != key) {
        faults.push(fault(KEY, "it is another key than the one that is trusted"));
    } else if !right(&key, &sums_file.content, &signature.content) {
        faults.push(fault(SIGNATURE, "the signature is not right: the sums or the signature were changed"));
    }
    let hashed = found[..found.len() - 3].iter().map(|file| (file.header.name.as_str(), file.digest.clone()));
    if sums(hashed).as_bytes() != sums_file.content {
        faults.extend(sums_faults(found, &sums_file.content));
    }
    match serde_json::from_slice::<Manifest>(&manifest_file.content) {
        Ok(manifest) => {
            manifest_faults(&manifest, &manifest_file.content, entries, &mut faults);
            if faults.is_empty() {
                return Ok(Verified { manifest, key: hex::encode(key), bytes });
            }
        }
        Err(error) => faults.push(fault(MANIFEST, format!("it cannot be read: {error}"))),
    }
    Err(Broken::Faults(faults))
}

/// Which files have another sum than the one that was signed.
fn sums_faults(found: &[Found], content: &[u8]) -> Vec<Fault> {
    let text = String::from_utf8_lossy(content);
    let signed: std::collections::HashMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once("  ").map(|(sum, name)| (name, sum))).collect();
    let mut faults = Vec::new();
    for file in &found[..found.len() - 3] {
        match signed.get(file.header.name.as_str()) {
            Some(sum) if *sum == file.digest => {}
            Some(_) => faults.push(fault(&file.header.name, "its content was changed (SHA-256)")),
            None => faults.push(fault(&file.header.name, "it has no sum: it was put in later")),
        }
    }
    if faults.is_empty() {
        faults.push(fault(SUMS, "it names files that are not there, or is not in its form"));
    }
    faults
}

fn manifest_faults(manifest: &Manifest, content: &[u8], entries: &[Found], faults: &mut Vec<Fault>) {
    if manifest.schema != crate::SCHEMA {
        faults.push(fault(MANIFEST, format!("schema {:?} is not known here", manifest.schema)));
    }
    if manifest.to_bytes() != content || !manifest.holds() {
        faults.push(fault(MANIFEST, "chain or order of its lines do not hold, or it is not in its form"));
    }
    if manifest.entries.len() != entries.len() {
        let message = format!("it names {} files, there are {}", manifest.entries.len(), entries.len());
        faults.push(fault(MANIFEST, message));
    }
    for (line, file) in manifest.entries.iter().zip(entries) {
        let same = line.path == file.header.name
            && line.sha256 == file.digest
            && line.packed_sha256 == file.packed_digest
            && line.size == u64::from(file.header.size);
        if !same {
            faults
                .push(fault(&file.header.name, format!("it is not as the manifest says of {:?}", line.path)));
        }
    }
}
