//! PE programs (Microsoft, PE Format): their sections.

use super::{Layout, Part};
use crate::content::Content;
use crate::fields::{le16, le32, le64};

/// Sections, at the most ("COFF File Header").
const MAX_SECTIONS: u16 = 96;

pub(super) fn layout(content: &Content<'_>) -> Option<Layout> {
    let at = u64::from(le32(&content.up_to(60, 4).ok()?, 0));
    let header = content.up_to(at, 56).ok()?;
    if !header.starts_with(b"PE\0\0") {
        return None;
    }
    // The optional header of 64 bits has a wider address of the image, in the same place but for its begin.
    let base = if le16(&header, 24) == 0x20b { le64(&header, 48) } else { le32(&header, 52).into() };
    let count = le16(&header, 6).min(MAX_SECTIONS);
    let table = content.up_to(at + 24 + u64::from(le16(&header, 20)), usize::from(count) * 40).ok()?;
    let part = |section: &[u8]| {
        let name = section.get(..8).unwrap_or_default();
        Part {
            name: String::from_utf8_lossy(name).trim_end_matches('\0').to_owned(),
            address: base.saturating_add(le32(section, 12).into()),
            offset: le32(section, 20).into(),
            length: le32(section, 16).into(),
        }
    };
    Some(Layout { parts: table.chunks_exact(40).map(part).collect(), base, ..Layout::default() })
}
