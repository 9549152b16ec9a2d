//! cpio: the new ASCII format with and without checksums, and the old one (cpio(5)); initial RAM disks and rpm payloads.

use std::io::{self, Read};
use std::rc::Rc;

use super::ahead::Ahead;
use crate::content::Stream;
use crate::examine::{Examiner, fill};
use crate::report::Reason;

const KIND: &str = "cpio archive";
/// The longest path of Linux, and room.
const MAX_NAME: u64 = 64 << 10;
/// How the name of what lies behind an archive ends.
pub(super) const BEHIND: &str = " (behind the first archive)";
/// Bytes by which it is told what lies behind an archive.
const HEAD: usize = 512;

/// An archive and what lies behind it: an initial RAM disk is several, padded with zeros, and the last of them mostly packed (Linux,
/// "initramfs buffer format").
pub(super) fn open(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let mut from = Ahead::new(from);
    loop {
        one(&mut from, examiner)?;
        let meter = Rc::clone(&examiner.meter);
        if !from.past_zeros(&meter).map_err(failed)? {
            return Ok(());
        }
        let head = from.peek(HEAD).map_err(failed)?;
        if is_header(head) {
            continue;
        }
        if !super::is_known(head) {
            return Err(damaged("what stands behind its end is of no kind that this program knows"));
        }
        let name = examiner.container_name();
        let name = name.rsplit('/').next().unwrap_or(name);
        let name = format!("{name}{BEHIND}");
        examiner.entry(name.as_bytes(), &mut Stream(&mut from))?;
        return io::copy(&mut from, &mut io::sink()).map(drop).map_err(failed);
    }
}

fn is_header(head: &[u8]) -> bool {
    matches!(head.get(..6), Some(b"070701" | b"070702" | b"070707"))
}

/// One archive alone, to the end of its last entry and no further.
pub(super) fn one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    loop {
        let mut magic = [0; 6];
        if fill(from, &mut magic).map_err(failed)? < magic.len() {
            return Err(damaged("it ends without its last entry"));
        }
        let header = match &magic {
            b"070701" | b"070702" => new_ascii(from)?,
            b"070707" => old_ascii(from)?,
            _ if magic.iter().all(|byte| *byte == 0) => return Ok(()),
            _ => return Err(damaged("a header has no magic number")),
        };
        if header.name_length == 0 || header.name_length > MAX_NAME {
            return Err(damaged("a name is longer than any can be"));
        }
        let mut name = Vec::new();
        from.take(header.name_length).read_to_end(&mut name).map_err(failed)?;
        name.pop(); // the zero at its end
        skip(from, header.padding(header.length + header.name_length)).map_err(failed)?;
        if name == b"TRAILER!!!" {
            return Ok(());
        }
        let mut body = from.take(header.size);
        // A regular file (stat(2), S_IFREG).
        if header.mode & 0o170_000 == 0o100_000 && header.size > 0 {
            examiner.entry(&name, &mut Stream(&mut body))?;
        }
        io::copy(&mut body, &mut io::sink()).map_err(failed)?;
        if body.limit() > 0 {
            return Err(damaged("it ends inside an entry"));
        }
        skip(from, header.padding(header.size)).map_err(failed)?;
    }
}

struct Header {
    mode: u64,
    size: u64,
    name_length: u64,
    /// Bytes of the header itself.
    length: u64,
    /// To how many bytes names and bodies are padded.
    align: u64,
}

impl Header {
    fn padding(&self, length: u64) -> u64 {
        (self.align - length % self.align) % self.align
    }
}

/// Thirteen numbers of eight hexadecimal digits.
fn new_ascii(from: &mut dyn Read) -> Result<Header, Reason> {
    let fields = numbers(from, &[8; 13], 16)?;
    Ok(Header { mode: fields[1], size: fields[6], name_length: fields[11], length: 110, align: 4 })
}

/// Numbers in octal digits.
fn old_ascii(from: &mut dyn Read) -> Result<Header, Reason> {
    let fields = numbers(from, &[6, 6, 6, 6, 6, 6, 6, 11, 6, 11], 8)?;
    Ok(Header { mode: fields[2], size: fields[9], name_length: fields[8], length: 76, align: 1 })
}

fn numbers(from: &mut dyn Read, widths: &[usize], radix: u32) -> Result<Vec<u64>, Reason> {
    let mut text = vec![0; widths.iter().sum()];
    let filled = fill(from, &mut text).map_err(|error| Reason::of_read(KIND, &error))?;
    let mut rest = text.get(..filled).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
    let mut numbers = Vec::with_capacity(widths.len());
    for width in widths {
        let digits = rest.get(..*width).ok_or_else(|| damaged("it ends inside a header"))?;
        let number = u64::from_str_radix(digits, radix);
        numbers.push(number.map_err(|_| damaged("a header holds what is no number"))?);
        rest = &rest[*width..];
    }
    Ok(numbers)
}

fn skip(from: &mut dyn Read, count: u64) -> io::Result<()> {
    io::copy(&mut from.take(count), &mut io::sink()).map(drop)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
