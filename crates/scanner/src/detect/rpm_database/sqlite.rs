//! The table `Packages` of a SQLite database (Database File Format, sqlite.org/fileformat2.html), read without SQLite: a database
//! that lies in an image cannot be opened by it, and must not be written to. What a write-ahead log beside it holds is not read.

use super::{MAX_HEADER, Take, damaged, failed};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be16, be32, byte};
use crate::report::Reason;

pub(super) fn each<'s>(
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
    take: Take<'_, 's>,
) -> Result<(), Reason> {
    let header = content.bytes_at(0, 100).map_err(|error| failed(&error))?;
    let page_size = match be16(&header, 16) {
        1 => 65536,
        size => u64::from(size),
    };
    if !page_size.is_power_of_two() || page_size < 512 {
        return Err(damaged("its pages have a size that none has"));
    }
    let file = File { content, page_size, usable: page_size - u64::from(byte(&header, 20)) };
    let mut root = None;
    // The first page has the schema: type, name, table, root, text.
    file.rows(1, examiner, &mut |row, _| {
        let columns = columns(row).unwrap_or_default();
        if let [kind, name, _, page, ..] = columns.as_slice()
            && *kind == b"table"
            && *name == b"Packages"
        {
            root = Some(page.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
        }
        Ok(())
    })?;
    let root = root.ok_or_else(|| damaged("it has no table of packages"))?;
    file.rows(root, examiner, &mut |row, examiner| match columns(row).as_deref() {
        // The number is the key of the row, and stands there.
        Some([.., header]) => take(header, examiner),
        _ => Err(damaged("a row cannot be read")),
    })
}

struct File<'f, 's> {
    content: &'f Content<'s>,
    page_size: u64,
    /// Bytes of a page without those reserved at its end.
    usable: u64,
}

impl<'s> File<'_, 's> {
    fn page(&self, number: u32) -> Result<Vec<u8>, Reason> {
        let before = number.checked_sub(1).ok_or_else(|| damaged("a page has no number"))?;
        let at = u64::from(before) * self.page_size;
        self.content.bytes_at(at, self.page_size as usize).map_err(|error| failed(&error))
    }

    /// Every row of a table (§1.6).
    fn rows(&self, root: u32, examiner: &mut Examiner<'s>, take: Take<'_, 's>) -> Result<(), Reason> {
        let mut pages = vec![root];
        let mut left = self.content.length() / self.page_size + 1;
        while let Some(number) = pages.pop() {
            examiner.meter.entry()?;
            left = left.checked_sub(1).ok_or_else(|| damaged("its pages go in circles"))?;
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let count = usize::from(be16(&page, start + 3));
            let (kind, first) = (byte(&page, start), start + if byte(&page, start) == 5 { 12 } else { 8 });
            let cells = (0..count).map(|at| usize::from(be16(&page, first + at * 2)));
            match kind {
                5 => {
                    pages.push(be32(&page, start + 8));
                    pages.extend(cells.map(|cell| be32(&page, cell)));
                    if pages.len() as u64 > left {
                        return Err(damaged("its pages go in circles"));
                    }
                }
                13 => {
                    for cell in cells {
                        take(&self.payload(&page, cell)?, examiner)?;
                    }
                }
                _ => return Err(damaged("a page is of no known kind")),
            }
        }
        Ok(())
    }

    /// The bytes of a row: in its page as far as they fit, then in a chain of others (§1.6, §1.7).
    fn payload(&self, page: &[u8], cell: usize) -> Result<Vec<u8>, Reason> {
        let cut = || damaged("a row is cut off");
        let mut rest = page.get(cell..).ok_or_else(cut)?;
        let length = varint(&mut rest).ok_or_else(cut)?;
        varint(&mut rest).ok_or_else(cut)?; // the key
        if length > MAX_HEADER {
            return Err(damaged("a row is larger than any is"));
        }
        let most = self.usable.saturating_sub(35);
        let least = (self.usable.saturating_sub(12) * 32 / 255).saturating_sub(23);
        let fits = least + length.saturating_sub(least) % self.usable.saturating_sub(4).max(1);
        let here = if length <= most {
            length
        } else if fits <= most {
            fits
        } else {
            least
        };
        let mut bytes = rest.get(..here as usize).ok_or_else(cut)?.to_vec();
        let mut next = be32(rest, here as usize);
        while (bytes.len() as u64) < length {
            let page = self.page(next)?;
            next = be32(&page, 0);
            let wanted = (length - bytes.len() as u64).min(self.usable.saturating_sub(4)) as usize;
            bytes.extend(page.get(4..4 + wanted).filter(|more| !more.is_empty()).ok_or_else(cut)?);
        }
        Ok(bytes)
    }
}

/// The columns of a row as bytes (§2.1): numbers as they stand.
fn columns(row: &[u8]) -> Option<Vec<&[u8]>> {
    let mut head = row;
    let length = usize::try_from(varint(&mut head)?).ok()?;
    let head_length = length.checked_sub(row.len() - head.len())?;
    let (mut head, mut body) = (head.get(..head_length)?, row.get(length..)?);
    let mut columns = Vec::new();
    while !head.is_empty() && columns.len() < 64 {
        let length = match varint(&mut head)? {
            kind @ 0..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            8..=11 => 0,
            kind => (kind - 12) / 2,
        };
        let (column, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
        columns.push(column);
        body = rest;
    }
    Some(columns)
}

/// A number of one to nine bytes (§1.6).
fn varint(from: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for at in 0..9 {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        if at == 8 {
            return Some(value << 8 | u64::from(*byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    Some(value)
}
