//! Android's sparse images (libsparse/sparse_format.h): chunks of blocks, one behind the other.

use std::io;

use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{le16, le32};
use crate::report::Reason;

const KIND: &str = "Android sparse image";
const RAW: u16 = 0xcac1;
/// One value over and over, nothing at all, a checksum.
const OTHERS: [u16; 3] = [0xcac2, 0xcac3, 0xcac4];

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let header = image.bytes_at(0, 28).map_err(failed)?;
    let (header_length, chunk_length) = (u64::from(le16(&header, 8)), u64::from(le16(&header, 10)));
    let block_size = u64::from(le32(&header, 12));
    if header_length < 28 || chunk_length < 12 || !block_size.is_power_of_two() || block_size < 512 {
        return Err(damaged("its header is of no use"));
    }
    let mut pieces = Pieces::new(image);
    let (mut at, mut start) = (header_length, 0_u64);
    for _ in 0..le32(&header, 20) {
        examiner.meter.entry()?;
        let chunk = image.bytes_at(at, 12).map_err(failed)?;
        let (kind, total) = (le16(&chunk, 0), u64::from(le32(&chunk, 8)));
        let length = u64::from(le32(&chunk, 4)) * block_size;
        if kind == RAW {
            pieces.add(Piece { start, length, at: Some(at + chunk_length) }).map_err(damaged)?;
        } else if !OTHERS.contains(&kind) {
            return Err(damaged("a chunk of no known kind"));
        }
        if total < chunk_length {
            return Err(damaged("a chunk has no length"));
        }
        at = at.saturating_add(total);
        start = start.saturating_add(length);
    }
    let content = pieces.content(start, &examiner.meter);
    examiner.volume(b"disk", &content)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
