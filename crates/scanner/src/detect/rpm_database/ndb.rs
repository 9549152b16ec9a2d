//! rpm's own "new database" (rpm, lib/backend/ndb/rpmpkg.c): a table of slots, then blobs in blocks of sixteen bytes.

use super::{MAX_HEADER, Take, damaged, failed};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::le32;
use crate::report::Reason;

const PAGE: u64 = 4096;
/// Pages of slots: 256 slots each.
const MAX_PAGES: u32 = 4096;

pub(super) fn each<'s>(
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
    take: Take<'_, 's>,
) -> Result<(), Reason> {
    let header = content.bytes_at(0, 32).map_err(|error| failed(&error))?;
    let pages = le32(&header, 12);
    if pages > MAX_PAGES {
        return Err(damaged("it has more slots than any has"));
    }
    let slots = content.up_to(32, (u64::from(pages) * PAGE).saturating_sub(32) as usize);
    let slots = slots.map_err(|error| failed(&error))?;
    for slot in slots.chunks_exact(16) {
        let (package, block) = (le32(slot, 4), u64::from(le32(slot, 8)));
        if !slot.starts_with(b"Slot") || block == 0 {
            continue;
        }
        examiner.meter.entry()?;
        let blob = content.up_to(block * 16, 16).map_err(|error| failed(&error))?;
        let length = u64::from(le32(&blob, 12));
        if !blob.starts_with(b"BlbS") || le32(&blob, 4) != package || length > MAX_HEADER {
            return Err(damaged("a package is not where its slot says"));
        }
        let header = content.bytes_at(block * 16 + 16, length as usize).map_err(|error| failed(&error))?;
        take(&header, examiner)?;
    }
    Ok(())
}
