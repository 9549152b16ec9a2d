//! The bytes of a file (`btrfs_file_extent_item`): extents of its subvolume's tree, packed or not, in the item itself or elsewhere. What is
//! in none is zeros.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use super::node::Pointer;
use super::volume::Volume;
use super::{EXTENT, Inode, damaged, last};
use crate::container::lzo;
use crate::content::{ReadAt, zeros};
use crate::fields::{byte, le16, le32, le64};
use crate::report::Reason;

/// Kinds of extents: in the item, elsewhere, room that was not written.
const INLINE: u8 = 0;
const REGULAR: u8 = 1;
const UNWRITTEN: u8 = 2;
/// Bytes of an extent in front of what is in the item, and of one whose bytes are elsewhere.
const HEAD: usize = 21;
const WHOLE: usize = 53;
/// Bytes that one extent which is packed unpacks to at the most (`BTRFS_MAX_UNCOMPRESSED`), and those that it is packed to.
const MAX_PACKED: u64 = 128 << 10;
/// Bytes of an extent that is not packed, read and checked at once.
const PART: u64 = 16 << 10;
/// `BTRFS_INODE_NODATASUM`: the data has no checksums.
const NO_SUMS: u64 = 1;

/// The bytes of a file.
pub(super) struct File<'s> {
    volume: Rc<Volume<'s>>,
    tree: Pointer,
    subvolume: u64,
    number: u64,
    size: u64,
    has_sums: bool,
    /// The part that was read last.
    kept: RefCell<Option<Part>>,
}

/// So many bytes from a place on; zeros where there are none.
#[derive(Clone)]
struct Part {
    start: u64,
    end: u64,
    bytes: Option<Rc<[u8]>>,
}

impl<'s> File<'s> {
    pub(super) fn new(volume: &Rc<Volume<'s>>, file: &Inode) -> File<'s> {
        File {
            volume: Rc::clone(volume),
            tree: file.subvolume.root,
            subvolume: file.subvolume.number,
            number: file.number,
            size: file.size,
            has_sums: file.flags & NO_SUMS == 0,
            kept: RefCell::default(),
        }
    }

    fn part(&self, offset: u64) -> Result<Part, Reason> {
        if let Some(item) = self.volume.up_to(&self.tree, (self.number, EXTENT, offset))? {
            let (number, kind, start) = item.key();
            if (number, kind) == (self.number, EXTENT) {
                let extent = Extent::parse(start, item.bytes())?;
                if offset < extent.end {
                    return self.read(&extent, item.bytes(), offset);
                }
            }
        }
        // A hole, up to the next.
        let mut end = self.size;
        let from = (self.number, EXTENT, offset.saturating_add(1));
        self.volume.range(&self.tree, from, last(self.number, EXTENT), &mut |key, _| {
            end = end.min(key.2);
            Ok(false)
        })?;
        Ok(Part { start: offset, end, bytes: None })
    }

    /// The part of an extent with this place.
    fn read(&self, extent: &Extent, item: &[u8], offset: u64) -> Result<Part, Reason> {
        let (start, end) = (extent.start, extent.end);
        match extent.kind {
            INLINE => {
                let packed = item.get(HEAD..).unwrap_or_default();
                let length = extent.unpacked as usize;
                let bytes = unpack(extent.packing, packed, (length, 0), self.volume.sector())?;
                Ok(Part { start, end, bytes: Some(bytes.into()) })
            }
            UNWRITTEN => Ok(Part { start, end, bytes: None }),
            REGULAR if extent.address == 0 => Ok(Part { start, end, bytes: None }),
            REGULAR if extent.packing == 0 => {
                let part = PART.max(self.volume.sector() as u64);
                let before = (offset - start) / part * part;
                let length = part.min(end - start - before);
                let address = extent.address.checked_add(extent.within + before);
                let address = address.ok_or_else(|| damaged("an extent of a file lies nowhere"))?;
                let bytes = self.data(address, length)?;
                let start = start + before;
                Ok(Part { start, end: start + length, bytes: Some(bytes.into()) })
            }
            _ => {
                let packed = self.data(extent.address, extent.packed)?;
                let (length, sector) = (extent.unpacked as usize, self.volume.sector());
                // What is behind the end of a file in its last sector may not be packed.
                let whole = unpack(extent.packing, &packed, (length, sector - 1), sector)?;
                let within = extent.within as usize;
                let bytes = whole.get(within..within + (end - start) as usize);
                let bytes = bytes.ok_or_else(|| damaged("an extent of a file reaches beyond its end"))?;
                Ok(Part { start, end, bytes: Some(bytes.into()) })
            }
        }
    }

    fn data(&self, address: u64, length: u64) -> Result<Vec<u8>, Reason> {
        let (bytes, is_right) = self.volume.data(address, length as usize, self.has_sums)?;
        if !is_right {
            let file = format!("file {} of subvolume {}", self.number, self.subvolume);
            self.volume.remark(&format!("a checksum of data is wrong ({file})"));
        }
        Ok(bytes)
    }
}

impl ReadAt for File<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let is_in = |part: &Part| (part.start..part.end).contains(&offset);
        let kept = self.kept.borrow().as_ref().filter(|part| is_in(part)).cloned();
        let part = match kept {
            Some(part) => part,
            None => self.part(offset).map_err(io::Error::other)?,
        };
        let wanted = part.end.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let room = buffer.get_mut(..wanted).unwrap_or_default();
        let within = offset.saturating_sub(part.start) as usize;
        let count = match &part.bytes {
            None => zeros(room),
            Some(bytes) => {
                let from = bytes.get(within..).and_then(|from| from.get(..wanted));
                room.copy_from_slice(from.ok_or(io::ErrorKind::InvalidData)?);
                wanted
            }
        };
        *self.kept.borrow_mut() = Some(part);
        Ok(count)
    }
}

/// What an item says of an extent.
struct Extent {
    start: u64,
    /// The first byte of the file that is behind it.
    end: u64,
    kind: u8,
    packing: u8,
    /// Where its bytes lie, as they are packed, and how many they are.
    address: u64,
    packed: u64,
    /// Bytes that it unpacks to, and the one of these that is the first here.
    unpacked: u64,
    within: u64,
}

impl Extent {
    fn parse(start: u64, item: &[u8]) -> Result<Extent, Reason> {
        let (packing, kind, unpacked) = (byte(item, 16), byte(item, 20), le64(item, 8));
        if byte(item, 17) != 0 || le16(item, 18) != 0 {
            return Err(Reason::Unsupported("an encrypted file".to_owned()));
        }
        let wrong = || damaged("an extent of a file is of no use");
        let is_whole = item.len() >= if kind == INLINE { HEAD } else { WHOLE };
        if kind > UNWRITTEN || !is_whole {
            return Err(wrong());
        }
        let is_inline = kind == INLINE;
        let field = |at: usize| if is_inline { 0 } else { le64(item, at) };
        let length = if is_inline { unpacked } else { field(45) };
        let end = start.checked_add(length).filter(|_| length > 0 || is_inline).ok_or_else(wrong)?;
        let (address, packed, within) = (field(21), field(29), field(37));
        let extent = Extent { start, end, kind, packing, address, packed, unpacked, within };
        let is_read = kind == REGULAR && address != 0;
        let room = if packing == 0 { packed } else { unpacked };
        let is_inside = within.checked_add(length).is_some_and(|end| end <= room);
        let is_large = (is_inline || is_read && packing != 0) && unpacked.max(packed) > MAX_PACKED;
        if is_read && !is_inside || is_large { Err(wrong()) } else { Ok(extent) }
    }
}

/// Unpacks what an extent holds, zeros where so many bytes may be lacking.
fn unpack(
    packing: u8,
    packed: &[u8],
    (length, lacking): (usize, usize),
    sector: usize,
) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    let mut read = |from: &mut dyn Read| from.take(length as u64).read_to_end(&mut bytes);
    let outcome = match packing {
        0 => read(&mut &packed[..]),
        1 => read(&mut flate2::bufread::ZlibDecoder::new(packed)),
        2 => {
            bytes = unpack_lzo(packed, length, sector)?;
            Ok(bytes.len())
        }
        3 => zstd::stream::read::Decoder::with_buffer(packed)
            .and_then(|decoder| read(&mut decoder.single_frame())),
        other => return Err(Reason::Unsupported(format!("a file packed by method {other} of btrfs"))),
    };
    if outcome.is_err() || bytes.len() + lacking < length {
        return Err(damaged("an extent of a file cannot be unpacked"));
    }
    bytes.resize(length, 0);
    Ok(bytes)
}

/// LZO: the length of all of it, then for each sector a length and what it is packed to. No length lies in two sectors.
fn unpack_lzo(packed: &[u8], length: usize, sector: usize) -> Result<Vec<u8>, Reason> {
    let cut = || damaged("an extent of a file cannot be unpacked");
    let packed = packed.get(..le32(packed, 0) as usize).ok_or_else(cut)?;
    let (mut bytes, mut at) = (Vec::new(), 4);
    while bytes.len() < length && at < packed.len() {
        let left = sector - at % sector;
        if left < 4 {
            at += left;
        }
        let end = (at + 4).saturating_add(le32(packed, at) as usize);
        let segment = packed.get(at + 4..end).filter(|it| !it.is_empty()).ok_or_else(cut)?;
        bytes.extend(lzo::unpack(segment, sector).map_err(damaged)?);
        at = end;
    }
    bytes.truncate(length);
    Ok(bytes)
}
