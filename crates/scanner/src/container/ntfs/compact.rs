//! Files that CompactOS packed (wofapi.h and ntifs.h, WOF_EXTERNAL_INFO and FILE_PROVIDER_EXTERNAL_INFO_V1): the bytes stand in a stream
//! of their own, packed as resources of Windows images are; the file itself has nothing but its size.

use std::rc::Rc;

use crate::budget::Meter;
use crate::container::chunks::{Chunks, Unpacker};
use crate::content::Content;
use crate::fields::le32;

/// The name of the stream, in UTF-16.
pub(super) const STREAM: &[u8] = b"W\0o\0f\0C\0o\0m\0p\0r\0e\0s\0s\0e\0d\0D\0a\0t\0a\0";
/// The provider for which the bytes are in the file; those of the other one are in a Windows image somewhere.
const FILE: u32 = 2;
const VERSION: u32 = 1;

/// What unpacks a file with this reparse point; `None` where that is not known.
pub(super) fn unpacker(reparse_point: &[u8]) -> Option<Unpacker> {
    let [version, provider, own_version, method] = [8, 12, 16, 20].map(|at| le32(reparse_point, at));
    if reparse_point.len() < 24 || version != VERSION || provider != FILE || own_version != VERSION {
        return None;
    }
    match method {
        0 => Unpacker::xpress(12),
        1 => Unpacker::lzx(15),
        2 => Unpacker::xpress(13),
        3 => Unpacker::xpress(14),
        _ => None,
    }
}

/// The bytes of a file by those of the stream.
pub(super) fn content<'s>(
    packed: Content<'s>,
    size: u64,
    unpacker: Unpacker,
    meter: &Rc<Meter<'s>>,
) -> Content<'s> {
    Content::made(Chunks::new(packed, size, &Rc::new(unpacker), 1), size, meter)
}
