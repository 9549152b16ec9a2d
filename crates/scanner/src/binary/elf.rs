//! ELF (System V ABI, gABI 4.1): segments, sections, the libraries that are needed, the build id.

use super::{Layout, Part};
use crate::content::Content;
use crate::fields::{be16, be32, be64, byte, le16, le32, le64};

/// Entries of the tables; a kernel has some sixty sections, a program built with one for each function some thousands.
const MAX_ENTRIES: u16 = 8192;
/// Bytes of a table of names, of dynamic entries, of notes.
const MAX_TABLE: u64 = 1 << 20;
/// Libraries; a large program has a hundred.
const MAX_NEEDED: usize = 256;
const MAX_NAME: usize = 256;
/// Types of segments, and tags of dynamic entries.
const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const NOTE: u32 = 4;
const NEEDED: u64 = 1;
const STRINGS: u64 = 5;

/// How numbers are written.
#[derive(Clone, Copy)]
struct Form {
    is_wide: bool,
    is_little: bool,
}

impl Form {
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        if self.is_little { le16(bytes, at) } else { be16(bytes, at) }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        if self.is_little { le32(bytes, at) } else { be32(bytes, at) }
    }

    /// A number as wide as an address, at one place in the one form and at another in the other.
    fn word(self, bytes: &[u8], narrow: usize, wide: usize) -> u64 {
        match (self.is_wide, self.is_little) {
            (false, _) => self.u32(bytes, narrow).into(),
            (true, true) => le64(bytes, wide),
            (true, false) => be64(bytes, wide),
        }
    }
}

pub(super) fn layout(content: &Content<'_>) -> Option<Layout> {
    let header = content.up_to(0, 64).ok()?;
    if !header.starts_with(b"\x7fELF") || header.len() < 52 {
        return None;
    }
    let form = Form { is_wide: byte(&header, 4) == 2, is_little: byte(&header, 5) != 2 };
    let mut layout = Layout::default();
    let (mut dynamic, mut notes) = (None, Vec::new());
    let (size, count) = if form.is_wide { (56, 56) } else { (32, 44) };
    for segment in
        table(content, form.word(&header, 28, 32), size, form.u16(&header, count)).chunks_exact(size)
    {
        let part = Part {
            name: String::new(),
            offset: form.word(segment, 4, 8),
            address: form.word(segment, 8, 16),
            length: form.word(segment, 16, 32),
        };
        match form.u32(segment, 0) {
            LOAD => layout.parts.push(part),
            DYNAMIC => dynamic = Some(part),
            NOTE => notes.push(part),
            _ => {}
        }
    }
    sections(content, &header, form, &mut layout);
    layout.build_id = notes.iter().take(16).find_map(|part| build_id(content, form, part));
    if let Some(part) = dynamic {
        layout.needed = needed(content, form, &part, &layout);
    }
    Some(layout)
}

fn table(content: &Content<'_>, at: u64, size: usize, count: u16) -> Vec<u8> {
    content.up_to(at, size * usize::from(count.min(MAX_ENTRIES))).unwrap_or_default()
}

fn sections(content: &Content<'_>, header: &[u8], form: Form, layout: &mut Layout) {
    let (size, count, names) = if form.is_wide { (64, 60, 62) } else { (40, 48, 50) };
    let all = table(content, form.word(header, 32, 40), size, form.u16(header, count));
    let part = |section: &[u8]| Part {
        name: String::new(),
        address: form.word(section, 12, 16),
        offset: form.word(section, 16, 24),
        length: form.word(section, 20, 32),
    };
    let at = usize::from(form.u16(header, names)) * size;
    let names = all.get(at..at + size).map(part);
    let names =
        names.map(|it| content.up_to(it.offset, it.length.min(MAX_TABLE) as usize).unwrap_or_default());
    let names = names.unwrap_or_default();
    for section in all.chunks_exact(size) {
        let name = text(names.get(form.u32(section, 0) as usize..).unwrap_or_default());
        if !name.is_empty() {
            layout.parts.push(Part { name, ..part(section) });
        }
    }
}

/// A text up to its zero.
fn text(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MAX_NAME)];
    String::from_utf8_lossy(&bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]).into_owned()
}

/// The note of type 3 of the owner `GNU`.
fn build_id(content: &Content<'_>, form: Form, part: &Part) -> Option<String> {
    let bytes = content.up_to(part.offset, part.length.min(MAX_TABLE) as usize).ok()?;
    let mut rest = bytes.as_slice();
    while rest.len() >= 12 {
        let (owner, length) = (form.u32(rest, 0) as usize, form.u32(rest, 4) as usize);
        let start = 12 + owner.checked_next_multiple_of(4)?;
        let end = start.checked_add(length)?;
        let body = rest.get(start..end)?;
        if form.u32(rest, 8) == 3 && rest.get(12..16) == Some(b"GNU\0") && length <= 64 {
            return Some(hex::encode(body));
        }
        rest = rest.get(start + length.checked_next_multiple_of(4)?..)?;
    }
    None
}

fn needed(content: &Content<'_>, form: Form, part: &Part, layout: &Layout) -> Vec<String> {
    let bytes = content.up_to(part.offset, part.length.min(MAX_TABLE) as usize).unwrap_or_default();
    let size = if form.is_wide { 16 } else { 8 };
    let entries = || bytes.chunks_exact(size).map(|it| (form.word(it, 0, 0), form.word(it, 4, 8)));
    let strings = entries().find(|(tag, _)| *tag == STRINGS).and_then(|(_, address)| layout.offset(address));
    let Some(strings) = strings else { return Vec::new() };
    let names = entries().filter(|(tag, _)| *tag == NEEDED).take(MAX_NEEDED);
    let names = names.filter_map(|(_, at)| content.up_to(strings.checked_add(at)?, MAX_NAME).ok());
    names.map(|name| text(&name)).filter(|name| !name.is_empty()).collect()
}
