//! Disks that lie in blocks in an image file, found by a table: what qcow2, VMDK, VHD, VHDX and VDI have in common. Blocks are
//! looked up and unpacked as they are read, so that a large disk costs what is read of it.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::content::{Content, ReadAt, zeros};
use crate::examine::Examiner;
use crate::report::Reason;

mod android;
mod qcow2;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

pub(super) use android::open as open_android;
pub(super) use qcow2::open as open_qcow2;
pub(super) use vdi::open as open_vdi;
pub(super) use vhd::open as open_vhd;
pub(super) use vhdx::open as open_vhdx;
pub(super) use vmdk::open as open_vmdk;

/// Bytes of a block that is packed: 2 MiB is the most that any of these formats has.
const MAX_PACKED: u64 = 2 << 20;

/// Where a block lies.
enum Block {
    /// Nowhere: it was never written.
    Zeros,
    At(u64),
    Packed(Packing, u64, u64),
}

/// How a block is packed.
#[derive(Clone, Copy)]
enum Packing {
    Deflate,
    Zlib,
    Zstd,
}

/// A table of blocks.
trait Table {
    /// Where a block lies.
    fn find(&self, image: &Content<'_>, block: u64) -> io::Result<Block>;
}

struct Disk<'s, T> {
    image: Content<'s>,
    table: T,
    block_size: u64,
    /// The packed block that was read last.
    last: RefCell<Option<(u64, Rc<[u8]>)>>,
}

/// Looks at a disk of this many bytes.
fn open<'s>(
    image: &Content<'s>,
    table: impl Table + 's,
    block_size: u64,
    length: u64,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let disk =
        Disk { image: image.clone(), table, block_size: block_size.max(512), last: RefCell::default() };
    let content = Content::made(disk, length, &examiner.meter);
    examiner.volume(b"disk", &content)
}

impl<T: Table> ReadAt for Disk<'_, T> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let (block, within) = (offset / self.block_size, offset % self.block_size);
        let wanted = (self.block_size - within).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..wanted];
        match self.table.find(&self.image, block)? {
            Block::Zeros => Ok(zeros(buffer)),
            Block::At(at) => self.image.read_at(at.saturating_add(within), buffer),
            Block::Packed(packing, at, length) => {
                let bytes = self.unpack(packing, at, length)?;
                let from = bytes.get(within as usize..).unwrap_or_default();
                let read = from.len().min(buffer.len());
                buffer[..read].copy_from_slice(&from[..read]);
                Ok(read)
            }
        }
    }
}

impl<T> Disk<'_, T> {
    fn unpack(&self, packing: Packing, at: u64, length: u64) -> io::Result<Rc<[u8]>> {
        if let Some((_, bytes)) = self.last.borrow().as_ref().filter(|(it, _)| *it == at) {
            return Ok(Rc::clone(bytes));
        }
        if length > MAX_PACKED * 2 || self.block_size > MAX_PACKED {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let packed = self.image.up_to(at, length as usize)?;
        let mut bytes = Vec::new();
        let packed = packed.as_slice();
        let reader: Box<dyn Read + '_> = match packing {
            Packing::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            Packing::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(packed)),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(packed)?),
        };
        // Some writers leave bytes behind the packed ones, so that only this many count.
        let wanted = self.block_size;
        match reader.take(wanted).read_to_end(&mut bytes) {
            Err(_) if bytes.len() as u64 == wanted => {}
            read => drop(read?),
        }
        let bytes: Rc<[u8]> = bytes.into();
        *self.last.borrow_mut() = Some((at, Rc::clone(&bytes)));
        Ok(bytes)
    }
}
