//! Cabinet files ([MS-CAB]): files lie behind one another in folders, which are packed in blocks of 32 KiB; each block of MSZIP
//! ([MS-MCI]) and of LZX may refer to the bytes before it.

use std::io::{self, Read};
use std::rc::Rc;

use super::lzx::Lzx;
use crate::budget::Metered;
use crate::content::{Content, Stream};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

const KIND: &str = "cabinet file";
/// Flags of the header (§2.1): there is one before, one behind, and room that somebody reserved.
const BEFORE: u16 = 1;
const BEHIND: u16 = 2;
const RESERVED: u16 = 4;
/// Folders of files that go on in another cabinet.
const CONTINUED: std::ops::RangeInclusive<u16> = 0xfffd..=0xffff;
/// Unpacked bytes of a block, and how far back it may refer.
const BLOCK: usize = 32 << 10;
const MAX_NAME: usize = 256;

struct Folder {
    at: u64,
    blocks: u16,
    packing: u16,
}

struct File {
    name: Vec<u8>,
    size: u64,
    start: u64,
    folder: u16,
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.bytes_at(0, 40).map_err(|error| failed(&error))?;
    let flags = le16(&header, 30);
    let mut at = 36;
    let (mut of_folder, mut of_block) = (0, 0);
    if flags & RESERVED != 0 {
        at = 40 + u64::from(le16(&header, 36));
        (of_folder, of_block) = (usize::from(byte(&header, 38)), usize::from(byte(&header, 39)));
    }
    // Names of the cabinets around it, two texts each.
    for flag in [BEFORE, BEHIND] {
        for _ in 0..if flags & flag == 0 { 0 } else { 2 } {
            at += text(content, at)?.len() as u64 + 1;
        }
    }
    let length = 8 + of_folder;
    let folders =
        content.up_to(at, length * usize::from(le16(&header, 26))).map_err(|error| failed(&error))?;
    let folder = |it: &[u8]| Folder { at: le32(it, 0).into(), blocks: le16(it, 4), packing: le16(it, 6) };
    let folders: Vec<Folder> = folders.chunks_exact(length).map(folder).collect();
    let mut files = files(content, le32(&header, 16).into(), le16(&header, 28))?;
    if files.iter().any(|file| CONTINUED.contains(&file.folder)) {
        let other = "the cabinets before or behind it".to_owned();
        examiner.container_not_whole(Reason::NeedsOther { kind: KIND, other });
    }
    files.sort_by_key(|file| file.start);
    for (number, folder) in (0..).zip(&folders) {
        let here = files.iter().filter(|file| file.folder == number);
        if let Err(reason) = each(content, folder, of_block, here, examiner) {
            if reason.ends_file() {
                return Err(reason);
            }
            examiner.container_not_whole(reason);
        }
    }
    Ok(())
}

fn files(content: &Content<'_>, mut at: u64, count: u16) -> Result<Vec<File>, Reason> {
    let mut files = Vec::new();
    for _ in 0..count {
        let head = content.bytes_at(at, 16).map_err(|error| failed(&error))?;
        let name = text(content, at + 16)?;
        at += 17 + name.len() as u64;
        let name = name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        files.push(File {
            name,
            size: le32(&head, 0).into(),
            start: le32(&head, 4).into(),
            folder: le16(&head, 8),
        });
    }
    Ok(files)
}

/// A text up to its zero.
fn text(content: &Content<'_>, at: u64) -> Result<Vec<u8>, Reason> {
    let mut bytes = content.up_to(at, MAX_NAME).map_err(|error| failed(&error))?;
    let end = memchr::memchr(0, &bytes).ok_or_else(|| damaged("a name has no end"))?;
    bytes.truncate(end);
    Ok(bytes)
}

/// The files of a folder, one behind the other.
fn each<'s, 'f>(
    content: &Content<'s>,
    folder: &Folder,
    of_block: usize,
    files: impl Iterator<Item = &'f File>,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let blocks = Blocks {
        content,
        at: folder.at,
        left: folder.blocks,
        packing: Packing::of_folder(folder.packing)?,
        reserved: of_block,
        block: Vec::new(),
        read: 0,
    };
    let meter = Rc::clone(&examiner.meter);
    let mut bytes = Metered::new(blocks, &meter);
    let mut at = 0;
    for file in files {
        let gap = file.start.checked_sub(at).ok_or_else(|| damaged("its files overlap"))?;
        copy(&mut (&mut bytes).take(gap), gap)?;
        let mut body = (&mut bytes).take(file.size);
        examiner.entry(&file.name, &mut Stream(&mut body))?;
        let left = body.limit();
        copy(&mut body, left)?;
        at = file.start + file.size;
    }
    Ok(())
}

/// Reads on to the end of a part.
fn copy(part: &mut impl Read, length: u64) -> Result<(), Reason> {
    let read = io::copy(part, &mut io::sink()).map_err(|error| failed(&error))?;
    if read < length { Err(damaged("it ends inside a file")) } else { Ok(()) }
}

/// How a folder is packed, and what its next block may refer to.
enum Packing {
    Not,
    Deflate(Vec<u8>),
    Lzx(Box<Lzx>),
}

impl Packing {
    /// By the number that says it (§2.2); that of LZX says the size of the window, too.
    fn of_folder(number: u16) -> Result<Packing, Reason> {
        match number & 0x0f {
            0 => Ok(Packing::Not),
            1 => Ok(Packing::Deflate(Vec::new())),
            2 => Err(Reason::Unsupported("a cabinet file packed by Quantum".to_owned())),
            3 => {
                let lzx = Lzx::of_cabinet(u32::from(number >> 8 & 0x1f));
                lzx.map(|lzx| Packing::Lzx(Box::new(lzx)))
                    .ok_or_else(|| damaged("it is packed with a window that none has"))
            }
            _ => Err(damaged("it is packed by no known method")),
        }
    }

    fn unpack(&mut self, bytes: Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
        match self {
            Packing::Not => Ok(bytes),
            Packing::Deflate(before) => inflate(before, &bytes, length),
            Packing::Lzx(lzx) => Ok(lzx.frame(&bytes, length).ok_or(io::ErrorKind::InvalidData)?),
        }
    }
}

/// A block of MSZIP.
fn inflate(before: &mut Vec<u8>, bytes: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let deflated = bytes.strip_prefix(b"CK").filter(|_| length <= BLOCK).ok_or(io::ErrorKind::InvalidData)?;
    // What it may refer to, as a block of deflate that is not packed (RFC 1951 §3.2.4), stands in front.
    let mut stream = Vec::new();
    if !before.is_empty() {
        let length = before.len() as u16;
        stream.push(0);
        stream.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        stream.extend(&*before);
    }
    stream.extend(deflated);
    let mut all = Vec::new();
    let wanted = before.len() + length;
    flate2::bufread::DeflateDecoder::new(stream.as_slice()).take(wanted as u64).read_to_end(&mut all)?;
    if all.len() < wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let block = all.split_off(before.len());
    all.extend(&block);
    *before = all.split_off(all.len().saturating_sub(BLOCK));
    Ok(block)
}

/// The unpacked bytes of a folder.
struct Blocks<'c, 's> {
    content: &'c Content<'s>,
    at: u64,
    left: u16,
    packing: Packing,
    reserved: usize,
    block: Vec<u8>,
    read: usize,
}

impl Blocks<'_, '_> {
    /// The next block (§2.4); the last one may be shorter than the others.
    fn next(&mut self) -> io::Result<()> {
        let head = self.content.bytes_at(self.at, 8 + self.reserved)?;
        let (packed, unpacked) = (usize::from(le16(&head, 4)), usize::from(le16(&head, 6)));
        let bytes = self.content.bytes_at(self.at + head.len() as u64, packed)?;
        self.at += (head.len() + packed) as u64;
        self.read = 0;
        self.block = self.packing.unpack(bytes, unpacked)?;
        Ok(())
    }
}

impl Read for Blocks<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read >= self.block.len() {
            let Some(left) = self.left.checked_sub(1) else { return Ok(0) };
            self.left = left;
            self.next()?;
        }
        let from = self.block.get(self.read..).unwrap_or_default();
        let wanted = from.len().min(buffer.len());
        buffer[..wanted].copy_from_slice(&from[..wanted]);
        self.read += wanted;
        Ok(wanted)
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
