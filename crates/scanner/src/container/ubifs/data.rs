//! A file of a UBIFS image: blocks of 4 KiB, each in a node of its own, packed or not. What is in no node is zeros.

use std::cell::RefCell;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use super::damaged;
use super::index::Place;
use super::nodes::Image;
use crate::container::lzo;
use crate::content::{ReadAt, zeros};
use crate::fields::{le16, le32};
use crate::report::Reason;

const BLOCK: u64 = 4096;

/// The bytes of a file.
pub(super) struct File<'s> {
    image: Image<'s>,
    places: Rc<[Place]>,
    /// Those with its blocks.
    of: Range<usize>,
    size: u64,
    /// The block that was unpacked last.
    last: RefCell<Option<(u64, Rc<[u8]>)>>,
}

impl<'s> File<'s> {
    pub(super) fn new(image: &Image<'s>, places: &Rc<[Place]>, of: Range<usize>, size: u64) -> File<'s> {
        File { image: image.clone(), places: Rc::clone(places), of, size, last: RefCell::default() }
    }

    fn unpacked(&self, place: &Place) -> io::Result<Rc<[u8]>> {
        if let Some((_, bytes)) = self.last.borrow().as_ref().filter(|(number, _)| *number == place.number())
        {
            return Ok(Rc::clone(bytes));
        }
        let node = self.image.node(place)?;
        let length = le32(&node, 40) as usize;
        if length as u64 > BLOCK {
            return Err(io::Error::other(damaged("a block of a file is larger than any can be")));
        }
        let mut bytes = unpack(le16(&node, 44), node.get(48..).unwrap_or_default(), length)?;
        if bytes.len() < length {
            return Err(io::Error::other(damaged("a block of a file unpacks to less than it says")));
        }
        bytes.resize(BLOCK as usize, 0);
        let bytes: Rc<[u8]> = bytes.into();
        *self.last.borrow_mut() = Some((place.number(), Rc::clone(&bytes)));
        Ok(bytes)
    }
}

impl ReadAt for File<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let (number, within) = (offset / BLOCK, (offset % BLOCK) as usize);
        let places = self.places.get(self.of.clone()).unwrap_or_default();
        let next = places.partition_point(|place| place.number() < number);
        let Some(place) = places.get(next).filter(|place| place.number() == number) else {
            let until = places.get(next).map_or(self.size, |place| place.number() * BLOCK);
            let wanted = until.saturating_sub(offset).min(buffer.len() as u64) as usize;
            return Ok(zeros(&mut buffer[..wanted]));
        };
        let bytes = self.unpacked(place)?;
        let from = bytes.get(within..).unwrap_or_default();
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}

/// Unpacks a block that has so many bytes.
fn unpack(method: u16, packed: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut read = |from: &mut dyn Read| from.take(length as u64).read_to_end(&mut bytes).map(drop);
    match method {
        0 => read(&mut &packed[..])?,
        1 => bytes = lzo::unpack(packed, length).map_err(|what| io::Error::other(damaged(what)))?,
        2 => read(&mut flate2::bufread::DeflateDecoder::new(packed))?,
        3 => read(&mut zstd::stream::read::Decoder::with_buffer(packed)?)?,
        method => {
            let what = format!("a file packed by method {method} of UBIFS");
            return Err(io::Error::other(Reason::Unsupported(what)));
        }
    }
    Ok(bytes)
}
