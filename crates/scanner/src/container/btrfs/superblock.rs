//! The superblock (`btrfs_super_block`) and its copies: the newest whose checksum is right counts.

use std::io;

use super::{damaged, failed, sum};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64};
use crate::report::Reason;

/// Where it stands, and its copies on devices that are large enough.
const PLACES: [u64; 3] = [64 << 10, 64 << 20, 256 << 30];
const BYTES: usize = 4096;
const MARK: &[u8] = b"_BHRfS_M";
/// Where the list of the chunks stands that the tree of chunks lies in, and how many bytes it may have.
const SYSTEM_CHUNKS: usize = 811;
const MAX_SYSTEM_CHUNKS: usize = 2048;
/// Bits of `incompat_flags`: nodes bear another id than the superblock, and all that change nothing for us or are read.
const OTHER_ID: u64 = 0x400;
const KNOWN: u64 = 0x1_0fff;
/// Those that have a name and are not read.
const NAMES: [(u64, &str); 3] =
    [(0x1000, "zones"), (0x2000, "extent tree v2"), (0x4000, "a tree of stripes")];
/// Levels of a tree (`BTRFS_MAX_LEVEL`).
pub(super) const MAX_LEVELS: u8 = 8;

/// What it says.
pub(super) struct Superblock {
    /// The id that nodes bear.
    pub(super) id: [u8; 16],
    pub(super) generation: u64,
    /// Where the trees of roots and of chunks begin, and the log; the level of each.
    pub(super) roots: (u64, u8),
    pub(super) chunks: (u64, u8),
    pub(super) chunk_generation: u64,
    pub(super) log: u64,
    pub(super) devices: u64,
    /// The number of this device, and its bytes.
    pub(super) device: u64,
    pub(super) total: u64,
    /// Bytes of a sector and of a node.
    pub(super) sector: usize,
    pub(super) node: usize,
    pub(super) sums: Option<sum::Kind>,
    pub(super) system_chunks: Vec<u8>,
}

impl Superblock {
    fn parse(bytes: &[u8]) -> Result<Superblock, Reason> {
        let features = le64(bytes, 188);
        let unknown = features & !KNOWN;
        if unknown != 0 {
            let names: Vec<_> = NAMES.iter().filter(|it| unknown & it.0 != 0).map(|it| it.1).collect();
            let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            let what = format!("a btrfs file system with unknown features ({unknown:#x}{names})");
            return Err(Reason::Unsupported(what));
        }
        let length = le32(bytes, 160) as usize;
        let id_at = if features & OTHER_ID != 0 { 571 } else { 32 };
        let id = bytes.get(id_at..).and_then(|it| it.first_chunk()).copied();
        let system_chunks = bytes.get(SYSTEM_CHUNKS..).and_then(|it| it.get(..length));
        let superblock = Superblock {
            id: id.unwrap_or_default(),
            generation: le64(bytes, 72),
            roots: (le64(bytes, 80), byte(bytes, 198)),
            chunks: (le64(bytes, 88), byte(bytes, 199)),
            chunk_generation: le64(bytes, 164),
            log: le64(bytes, 96),
            devices: le64(bytes, 136),
            device: le64(bytes, 201),
            total: le64(bytes, 209),
            sector: le32(bytes, 144) as usize,
            node: le32(bytes, 148) as usize,
            sums: sum::Kind::of(le16(bytes, 196)),
            system_chunks: system_chunks.filter(|_| length <= MAX_SYSTEM_CHUNKS).unwrap_or_default().to_vec(),
        };
        if superblock.is_sound() { Ok(superblock) } else { Err(damaged("its superblock is of no use")) }
    }

    fn is_sound(&self) -> bool {
        let sizes = 2048..=65536;
        self.sector.is_power_of_two()
            && self.node.is_power_of_two()
            && sizes.contains(&self.sector)
            && sizes.contains(&self.node)
            && self.node >= self.sector
            && self.roots.1 < MAX_LEVELS
            && self.chunks.1 < MAX_LEVELS
            && !self.system_chunks.is_empty()
    }
}

/// A superblock or a copy of it.
struct Copy {
    bytes: Vec<u8>,
    is_marked: bool,
    is_sound: bool,
}

impl Copy {
    fn read(content: &Content<'_>, at: u64) -> io::Result<Copy> {
        let bytes = content.up_to(at, BYTES)?;
        let is_marked = bytes.get(64..72) == Some(MARK);
        let stored = bytes.get(..32).unwrap_or_default();
        let is_right = |kind: sum::Kind| kind.is_right(stored, bytes.get(32..).unwrap_or_default());
        let is_sound = bytes.len() == BYTES
            && is_marked
            && le64(&bytes, 48) == at
            && sum::Kind::of(le16(&bytes, 196)).is_some_and(is_right);
        Ok(Copy { bytes, is_marked, is_sound })
    }

    fn id(&self) -> &[u8] {
        self.bytes.get(32..48).unwrap_or_default()
    }
}

/// Whether a copy of the superblock is sound.
pub(super) fn has_copy(content: &Content<'_>) -> io::Result<bool> {
    for at in PLACES.into_iter().skip(1).filter(|at| *at < content.length()) {
        if Copy::read(content, at)?.is_sound {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The superblock that was written last.
pub(super) fn newest(content: &Content<'_>, examiner: &mut Examiner<'_>) -> Result<Superblock, Reason> {
    let mut first = Copy::read(content, PLACES[0]).map_err(|error| failed(&error))?;
    let mut best: Option<Copy> = None;
    for at in PLACES.into_iter().skip(1).filter(|at| *at < content.length()) {
        let copy = match Copy::read(content, at) {
            Ok(copy) => copy,
            Err(error) => {
                examiner.container_not_whole(failed(&error));
                continue;
            }
        };
        // One of another file system was there before.
        if first.is_marked && le64(&first.bytes, 48) == PLACES[0] && copy.id() != first.id() {
            continue;
        }
        if copy.is_marked && !copy.is_sound {
            examiner.container_not_whole(damaged("a copy of its superblock is damaged"));
        } else if copy.is_sound {
            let newer = |other: &Copy| le64(&copy.bytes, 72) > le64(&other.bytes, 72);
            if best.as_ref().is_none_or(newer) {
                best = Some(copy);
            }
        }
    }
    if let Some(best) = best
        && (!first.is_sound || le64(&best.bytes, 72) > le64(&first.bytes, 72))
    {
        let what = "its first superblock is damaged or older than a copy, which was used instead";
        examiner.container_not_whole(damaged(what));
        first = best;
    } else if !first.is_sound {
        let kind = le16(&first.bytes, 196);
        examiner.container_not_whole(match sum::Kind::of(kind) {
            Some(_) => damaged("the checksum of its superblock is wrong"),
            None => Reason::Unsupported(format!("a kind of checksums ({kind}), which were not looked at,")),
        });
    }
    Superblock::parse(&first.bytes)
}
