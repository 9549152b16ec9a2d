//! A hash database of Berkeley DB (db-5.3, src/dbinc/db_page.h): pages with pairs of keys and values, large values in chains of pages.

use super::{MAX_HEADER, Take, damaged, failed};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be16, be32, byte, le16, le32};
use crate::report::Reason;

/// The mark of a hash database, at byte 12, in the order of the machine that wrote it.
const MARK: u32 = 0x0006_1561;
/// Bytes of the header of a page.
const HEADER: usize = 26;
/// Kinds of pages, and the kind of a value that lies in other pages.
const HASH: [u8; 2] = [2, 13];
const OVERFLOW: u8 = 7;
const IN_PAGES: u8 = 3;

pub(super) fn is_one(head: &[u8]) -> bool {
    le32(head, 12) == MARK || be32(head, 12) == MARK
}

pub(super) fn each<'s>(
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
    take: Take<'_, 's>,
) -> Result<(), Reason> {
    let head = content.bytes_at(0, 512).map_err(|error| failed(&error))?;
    let file = File { content, is_little: le32(&head, 12) == MARK, page_size: 0 };
    let page_size = u64::from(file.u32(&head, 20));
    if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
        return Err(damaged("its pages have a size that none has"));
    }
    let file = File { page_size, ..file };
    for number in 1..=file.u32(&head, 32) {
        examiner.meter.entry()?;
        if u64::from(number) * page_size >= content.length() {
            return Err(damaged("it is shorter than it says"));
        }
        let page = file.page(number)?;
        if !HASH.contains(&byte(&page, 25)) {
            continue;
        }
        // Keys and values take turns.
        for index in (1..usize::from(file.u16(&page, 20))).step_by(2) {
            let at = usize::from(file.u16(&page, HEADER + index * 2));
            if byte(&page, at) == IN_PAGES {
                let (first, length) = (file.u32(&page, at + 4), u64::from(file.u32(&page, at + 8)));
                take(&file.value(first, length)?, examiner)?;
            }
        }
    }
    Ok(())
}

struct File<'f, 's> {
    content: &'f Content<'s>,
    is_little: bool,
    page_size: u64,
}

impl File<'_, '_> {
    fn u16(&self, bytes: &[u8], at: usize) -> u16 {
        if self.is_little { le16(bytes, at) } else { be16(bytes, at) }
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        if self.is_little { le32(bytes, at) } else { be32(bytes, at) }
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, Reason> {
        let at = u64::from(number) * self.page_size;
        self.content.bytes_at(at, self.page_size as usize).map_err(|error| failed(&error))
    }

    /// A value that lies in a chain of pages.
    fn value(&self, first: u32, length: u64) -> Result<Vec<u8>, Reason> {
        if length > MAX_HEADER {
            return Err(damaged("a package is larger than any is"));
        }
        let (mut bytes, mut next) = (Vec::new(), first);
        let mut left = self.content.length() / self.page_size + 1;
        while (bytes.len() as u64) < length {
            left = left.checked_sub(1).ok_or_else(|| damaged("its pages go in circles"))?;
            let page = self.page(next)?;
            // On such a page this says how many bytes there are.
            let here = usize::from(self.u16(&page, 22));
            let more = page.get(HEADER..HEADER + here).filter(|more| !more.is_empty());
            let more = more.filter(|_| byte(&page, 25) == OVERFLOW);
            bytes.extend(more.ok_or_else(|| damaged("a package is cut off"))?);
            next = self.u32(&page, 16);
        }
        bytes.truncate(length as usize);
        Ok(bytes)
    }
}
