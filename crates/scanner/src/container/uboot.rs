//! U-Boot's images (include/image.h): a header of 64 bytes, then one file or several, compressed or not.

use std::io;

use super::{behind, compressed};
use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::{be32, byte};
use crate::report::Reason;

const KIND: &str = "U-Boot image";
const HEADER: u64 = 64;
/// A list of sizes, then that many files.
const MULTI: u8 = 4;
/// Files of one image; real ones have three (kernel, RAM disk, device tree).
const MAX_FILES: usize = 64;

/// Whether the header's own checksum is right (`ih_hcrc`, over the header with zeros in its place).
pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    let mut header = content.up_to(0, HEADER as usize)?;
    let said = be32(&header, 4);
    if let Some(place) = header.get_mut(4..8) {
        place.fill(0);
    }
    Ok(header.len() as u64 == HEADER && crc32fast::hash(&header) == said)
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let header = content.bytes_at(0, HEADER as usize).map_err(failed)?;
    let body = content.window(HEADER, be32(&header, 12).into());
    if body.length() < u64::from(be32(&header, 12)) {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    inside(&header, &body, examiner)?;
    behind::look(KIND, content, HEADER + u64::from(be32(&header, 12)), examiner)
}

fn inside<'s>(header: &[u8], body: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let name = header.get(32..64).unwrap_or_default();
    let name = &name[..memchr::memchr(0, name).unwrap_or(name.len())];
    if byte(header, 30) == MULTI {
        return several(body, examiner);
    }
    // `ih_comp`. Gzip and its like are seen by their own marks; LZMA has none.
    match byte(header, 31) {
        3 => compressed::lzma(&mut body.reader(), examiner),
        4 => compressed::lzop(&mut body.reader(), examiner),
        _ => examiner.entry(if name.is_empty() { b"image" } else { name }, &mut Window::new(body.clone())),
    }
}

fn several<'s>(body: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let list = body.up_to(0, (MAX_FILES + 1) * 4).map_err(|error| Reason::of_read(KIND, &error))?;
    let sizes: Vec<u64> =
        list.chunks_exact(4).map(|size| u64::from(be32(size, 0))).take_while(|size| *size != 0).collect();
    if sizes.len() > MAX_FILES {
        return Err(damaged("it has more files than any has"));
    }
    let mut at = (sizes.len() as u64 + 1) * 4;
    for (number, size) in (1..).zip(sizes) {
        examiner.entry(format!("file {number}").as_bytes(), &mut Window::new(body.window(at, size)))?;
        at += size.next_multiple_of(4);
    }
    Ok(())
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
