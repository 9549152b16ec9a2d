//! zip archives (APPNOTE 6.3.10) and everything that is one: jar, war, ear, aar, apk, nupkg, wheels, packed programs.
//!
//! The list of entries at the end is believed first, as every program that uses such files does. Where it is damaged or
//! missing, the entries are found one by one by their own headers, and it is said. An entry is unpacked only when somebody
//! reads it, and only as far.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::budget::{Meter, Metered};
use crate::content::{Bytes, Content, MAX_ROOM};
use crate::examine::Examiner;
use crate::java;
use crate::report::Reason;

mod directory;
mod headers;
mod inflate;

pub(super) use directory::ends_as_zip;

const KIND: &str = "zip archive";
/// Packed bytes of an entry that are read at once, with its own header; most entries are smaller.
const AT_ONCE: u64 = 64 << 10;
/// Memory that xz may ask for its dictionary.
const XZ_MEMORY: u64 = 128 << 20;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let damage = match directory::find(content, examiner.meter.limits.directory_bytes) {
        Ok(directory) => listed(content, &directory, examiner)?,
        Err(reason @ Reason::Unreadable(_)) => return Err(reason),
        Err(reason) => Some(reason.to_string()),
    };
    let mut encrypted = 0;
    if let Some(damage) = damage {
        examiner.container_not_whole(Reason::NoDirectory(damage));
        headers::each(content, |entry| one(content, entry, &mut encrypted, examiner))?;
    }
    if encrypted > 0 {
        examiner.container_not_whole(Reason::Encrypted(encrypted));
    }
    java::archive(examiner);
    Ok(())
}

/// Every entry of the list; returns what is wrong with the list.
fn listed<'s>(
    content: &Content<'s>,
    directory: &directory::Directory,
    examiner: &mut Examiner<'s>,
) -> Result<Option<String>, Reason> {
    let (mut damage, mut encrypted) = (None, 0);
    examiner.twice(|examiner| {
        encrypted = 0;
        damage = directory.each(|entry| one(content, entry, &mut encrypted, examiner))?;
        Ok(damage.is_none())
    })?;
    // With a damaged list the entries are counted once more.
    if damage.is_none() && encrypted > 0 {
        examiner.container_not_whole(Reason::Encrypted(encrypted));
    }
    Ok(damage)
}

/// One entry, as its list or its own header tells it.
#[derive(Debug, Clone, Copy)]
struct Entry<'d> {
    name: &'d [u8],
    flags: u16,
    method: u16,
    crc: u32,
    /// Bytes in the archive.
    packed: u64,
    /// Bytes when it is unpacked, as far as it says the truth; 0 where it does not say.
    size: u64,
    /// Where its own header begins.
    header: u64,
}

impl Entry<'_> {
    /// Flag bit 0 (APPNOTE §4.4.4); method 99 is AES (WinZip).
    fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0 || self.method == 99
    }
}

fn one<'s>(
    content: &Content<'s>,
    entry: Entry<'_>,
    encrypted: &mut u64,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    // Some programs of Windows write their own separator (APPNOTE §4.4.17.1 forbids it).
    let name = match memchr::memchr2(b'/', b'\\', entry.name) {
        Some(at) if entry.name.get(at) == Some(&b'\\') => {
            let slashed = |byte: &u8| if *byte == b'\\' { b'/' } else { *byte };
            Cow::Owned(entry.name.iter().map(slashed).collect())
        }
        _ => Cow::Borrowed(entry.name),
    };
    if name.ends_with(b"/") {
        return Ok(());
    }
    if entry.is_encrypted() {
        *encrypted += 1;
        return Ok(());
    }
    let meter = Rc::clone(&examiner.meter);
    let mut bytes = Packed { content, entry, meter, state: State::Unopened, held: None };
    examiner.entry(&name, &mut bytes)?;
    if let State::Ended { sound: false } = bytes.state {
        let name = String::from_utf8_lossy(&name).into_owned();
        let what = "its checksum is wrong".to_owned();
        examiner.not_scanned(&name, Reason::Damaged { kind: "zip entry", what })?;
    }
    Ok(())
}

/// The bytes of an entry, unpacked as they are read.
struct Packed<'c, 's, 'd> {
    content: &'c Content<'s>,
    entry: Entry<'d>,
    meter: Rc<Meter<'s>>,
    state: State<'s>,
    /// Its bytes as they are in the archive, where they were read already.
    held: Option<Cursor<Vec<u8>>>,
}

enum State<'s> {
    Unopened,
    Open(Box<dyn Read + 's>, crc32fast::Hasher),
    Ended { sound: bool },
}

impl<'s> Packed<'_, 's, '_> {
    /// The bytes as they are in the archive: behind the entry's own header, whose name and extra field have lengths of their own.
    fn raw(&self) -> io::Result<Content<'s>> {
        let header = self.content.bytes_at(self.entry.header, headers::LENGTH)?;
        let start =
            headers::body(&header).ok_or_else(|| damaged("an entry has no header where the list says"))?;
        let raw = self.content.window(self.entry.header + start, self.entry.packed);
        if raw.length() < self.entry.packed {
            return Err(damaged("an entry reaches beyond the end"));
        }
        Ok(raw)
    }

    /// The bytes as they are in the archive, to be read in order.
    fn reader(&mut self) -> io::Result<Box<dyn BufRead + 's>> {
        if let Some(bytes) = self.held.take() {
            return Ok(Box::new(bytes));
        }
        if self.entry.packed <= AT_ONCE
            && let Ok(Some(bytes)) = self.at_once()
        {
            return Ok(Box::new(bytes));
        }
        Ok(Box::new(BufReader::with_capacity(AT_ONCE as usize, self.raw()?.reader())))
    }

    /// A small entry, read together with its own header; not where that header is longer than usual, or something is wrong.
    fn at_once(&self) -> io::Result<Option<Cursor<Vec<u8>>>> {
        // An extra field of its own has mostly a time and an owner.
        const EXTRA: usize = 64;
        let count = headers::LENGTH + self.entry.name.len() + EXTRA + self.entry.packed as usize;
        let mut bytes = self.content.up_to(self.entry.header, count)?;
        let end = headers::body(&bytes).map(|start| (start, start + self.entry.packed));
        let Some((start, end)) = end.filter(|(_, end)| *end <= bytes.len() as u64) else { return Ok(None) };
        bytes.truncate(end as usize);
        let mut bytes = Cursor::new(bytes);
        bytes.set_position(start);
        Ok(Some(bytes))
    }

    fn open(&mut self) -> io::Result<Box<dyn Read + 's>> {
        let reader = self.reader()?;
        // APPNOTE §4.4.5.
        let unpacked: Box<dyn Read + 's> = match self.entry.method {
            0 => Box::new(reader),
            8 => Box::new(inflate::Inflate::new(reader)),
            12 => Box::new(bzip2::bufread::BzDecoder::new(reader)),
            93 => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
            95 => {
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(reader, stream))
            }
            other => {
                let what = format!("a zip entry packed by method {other}");
                return Err(io::Error::other(Reason::Unsupported(what)));
            }
        };
        Ok(Box::new(Metered::new(unpacked, &self.meter)))
    }
}

impl Read for Packed<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.state, State::Unopened) {
            self.state = State::Open(self.open()?, crc32fast::Hasher::new());
        }
        let State::Open(reader, crc) = &mut self.state else { return Ok(0) };
        let read = reader.read(buffer)?;
        crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() {
            self.state = State::Ended { sound: crc.clone().finalize() == self.entry.crc };
        }
        Ok(read)
    }
}

impl<'s> Bytes<'s> for Packed<'_, 's, '_> {
    fn window(&mut self) -> Option<Content<'s>> {
        if self.entry.method == 0 { self.raw().ok() } else { None }
    }

    fn room(&self) -> usize {
        self.entry.size.min(MAX_ROOM) as usize
    }

    fn whole(&mut self) -> Option<io::Result<Vec<u8>>> {
        let Entry { method: 8, size: 1..=MAX_ROOM, packed: 1..=AT_ONCE, .. } = self.entry else {
            return None;
        };
        if !matches!(self.state, State::Unopened) {
            return None;
        }
        let packed = match self.held.take() {
            Some(held) => held,
            None => self.at_once().ok()??,
        };
        let body = packed.get_ref().get(packed.position() as usize..)?;
        let Some(whole) = inflate::whole(body, self.entry.size as usize) else {
            self.held = Some(packed);
            return None;
        };
        if let Err(reason) = self.meter.expand(self.entry.size) {
            return Some(Err(io::Error::other(reason)));
        }
        self.state = State::Ended { sound: crc32fast::hash(&whole) == self.entry.crc };
        Some(Ok(whole))
    }

    fn fingerprint(&mut self) -> Option<[u8; 32]> {
        if !matches!(self.state, State::Unopened) || self.entry.packed > AT_ONCE {
            return None;
        }
        let bytes = self.at_once().ok()??;
        let packed = bytes.get_ref().get(bytes.position() as usize..)?;
        let mut hasher = Sha256::new();
        // The checksum counts: with another one the same bytes would not be sound.
        hasher.update(self.entry.method.to_le_bytes());
        hasher.update(self.entry.crc.to_le_bytes());
        hasher.update(packed);
        self.held = Some(bytes);
        Some(hasher.finalize().into())
    }

    fn is_sound(&self) -> bool {
        matches!(self.state, State::Ended { sound: true })
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::other(Reason::Damaged { kind: KIND, what: what.to_owned() })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
