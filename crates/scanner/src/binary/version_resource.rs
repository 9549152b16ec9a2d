//! What programs for Windows say of themselves: the version resource (Microsoft, PE Format, "The .rsrc Section"; Win32,
//! `VS_VERSIONINFO`, `VS_FIXEDFILEINFO`, `StringFileInfo`).

use super::Layout;
use crate::content::Content;
use crate::detect::package;
use crate::examine::Examiner;
use crate::fields::{le16, le32, utf16_le};

/// The type of resources that version resources have (`RT_VERSION`).
const VERSION: u32 = 16;
/// The place of resources among the data directories.
const RESOURCES: usize = 2;
/// Entries of a table of resources: the types are some twenty; of one program the version is there once, in some languages.
const MAX_ENTRIES: usize = 4096;
const MAX_VERSIONS: usize = 4;
const MAX_LANGUAGES: usize = 4;
/// Bytes of a version resource; those of real programs have one or two thousand.
const MAX_BYTES: u32 = 64 << 10;
/// Characters of a text that is kept.
const MAX_TEXT: usize = 256;
const SIGNATURE: u32 = 0xfeef_04bd;
/// Depth of blocks: the resource, `StringFileInfo`, a language, a text.
const MAX_BLOCKS: usize = 512;

/// What one version resource says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// File and product by four numbers each.
    numbers: Option<([u16; 4], [u16; 4])>,
    texts: Vec<(String, String)>,
}

impl Said {
    fn text(&self, key: &str) -> Option<&str> {
        let mut all = self.texts.iter().filter(|(it, value)| it == key && !value.is_empty());
        all.next().map(|(_, value)| value.as_str())
    }
}

/// Reports the product that a program says it is of.
pub(super) fn report<'s>(name: &str, content: &Content<'s>, layout: &Layout, examiner: &mut Examiner<'s>) {
    let Some((at, said)) = find(content, layout) else { return };
    let product = ["ProductName", "FileDescription", "InternalName", "OriginalFilename"];
    let Some((key, product)) = product.iter().find_map(|key| Some((*key, said.text(key)?))) else { return };
    let by_numbers = said.numbers.map(|(file, product)| if product == [0; 4] { file } else { product });
    let by_numbers = by_numbers.filter(|numbers| *numbers != [0; 4]).map(words);
    let version = ["ProductVersion", "FileVersion"].iter().find_map(|key| version(said.text(key)?));
    let version = version.or(by_numbers);
    let mut shows = format!("rule version resource: {key} \"{}\"", product.escape_debug());
    for key in ["ProductVersion", "FileVersion", "CompanyName", "FileDescription", "OriginalFilename"] {
        if let Some(text) = said.text(key) {
            shows.push_str(&format!(", {key} \"{}\"", text.escape_debug()));
        }
    }
    if let Some((file, product)) = said.numbers {
        shows.push_str(&format!(", in numbers file {}, product {}", words(file), words(product)));
    }
    shows.push_str(&format!(" at byte {at}"));
    let mut found = package("generic", product, version.as_deref(), examiner.place(name), &shows);
    found.namespace = said.text("CompanyName").map(str::to_owned);
    examiner.facts.packages.push(found);
}

fn words([a, b, c, d]: [u16; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}

/// A version as texts have it: `10.0.19041.1 (WinBuild.160101.0800)` and `1, 2, 0, 4` are common.
fn version(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if !text.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let numbers: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_number = |it: &&str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() > 1 && numbers.iter().all(is_number) {
        return Some(numbers.join("."));
    }
    text.split([' ', '(', ',']).next().map(str::to_owned)
}

/// Where the first version resource that says something is, and what it says.
fn find(content: &Content<'_>, layout: &Layout) -> Option<(u64, Said)> {
    let resources = content_of_resources(content, layout)?;
    let types = entries(&resources, 0);
    let versions = types.iter().find(|(id, _)| *id == VERSION).and_then(|(_, to)| folder(*to))?;
    for (_, name) in entries(&resources, versions).into_iter().take(MAX_VERSIONS) {
        let Some(languages) = folder(name) else { continue };
        for (_, leaf) in entries(&resources, languages).into_iter().take(MAX_LANGUAGES) {
            let Some((at, size)) = place(&resources, layout, leaf) else { continue };
            let Ok(bytes) = content.up_to(at, size.min(MAX_BYTES) as usize) else { continue };
            let said = parse(&bytes);
            if !said.texts.is_empty() {
                return Some((at, said));
            }
        }
    }
    None
}

/// The table of resources; its places count from its begin.
fn content_of_resources<'s>(content: &Content<'s>, layout: &Layout) -> Option<Content<'s>> {
    let header_at = u64::from(le32(&content.up_to(60, 4).ok()?, 0));
    let header = content.up_to(header_at, 24 + 240).ok()?;
    if !header.starts_with(b"PE\0\0") {
        return None;
    }
    // Behind the fixed part of the optional header, which is wider for 64 bits.
    let directories = if le16(&header, 24) == 0x20b { 24 + 112 } else { 24 + 96 };
    if le32(&header, directories - 4) as usize <= RESOURCES {
        return None;
    }
    let address = le32(&header, directories + RESOURCES * 8);
    let at = layout.offset(layout.base.checked_add(address.into())?)?;
    (address > 0).then(|| content.window(at, u64::MAX))
}

/// The entries of one table: what each is, and where it leads.
fn entries(resources: &Content<'_>, at: u32) -> Vec<(u32, u32)> {
    let header = resources.up_to(at.into(), 16).unwrap_or_default();
    let count = usize::from(le16(&header, 12)) + usize::from(le16(&header, 14));
    let table = resources.up_to(u64::from(at) + 16, count.min(MAX_ENTRIES) * 8).unwrap_or_default();
    table.chunks_exact(8).map(|entry| (le32(entry, 0), le32(entry, 4))).collect()
}

/// The upper bit means a further table.
fn folder(to: u32) -> Option<u32> {
    (to & 0x8000_0000 != 0).then_some(to & 0x7fff_ffff)
}

fn place(resources: &Content<'_>, layout: &Layout, leaf: u32) -> Option<(u64, u32)> {
    if folder(leaf).is_some() {
        return None;
    }
    let entry = resources.bytes_at(leaf.into(), 16).ok()?;
    let at = layout.offset(layout.base.checked_add(le32(&entry, 0).into())?)?;
    Some((at, le32(&entry, 4)))
}

/// A block: its key, its value, and the blocks in it, one behind the other.
struct Block<'b> {
    key: String,
    value: &'b [u8],
    within: &'b [u8],
    length: usize,
}

/// The block at the begin of these bytes. Every part begins at a multiple of four, counted from the begin of the resource.
fn block(bytes: &[u8], value_in_words: bool) -> Option<Block<'_>> {
    let (length, value_length) = (usize::from(le16(bytes, 0)), usize::from(le16(bytes, 2)));
    let bytes = bytes.get(..length)?;
    let key = bytes.get(6..)?;
    let end = key.chunks_exact(2).position(|unit| unit == [0, 0])?;
    let start = (6 + (end + 1) * 2).next_multiple_of(4);
    // Texts count in characters; some compilers count bytes all the same, so that a value ends with its block.
    let is_text = value_in_words && le16(bytes, 4) == 1;
    let value_length = if is_text { value_length * 2 } else { value_length };
    let rest = bytes.get(start..).unwrap_or_default();
    let value = &rest[..value_length.min(rest.len())];
    let within = rest.get(value.len().next_multiple_of(4)..).unwrap_or_default();
    Some(Block { key: utf16_le(key.get(..end * 2)?), value, within, length })
}

/// All blocks that stand behind one another.
fn blocks(mut bytes: &[u8]) -> Vec<Block<'_>> {
    let mut all = Vec::new();
    while let Some(block) = block(bytes, true) {
        bytes = bytes.get(block.length.next_multiple_of(4)..).unwrap_or_default();
        all.push(block);
        if all.len() >= MAX_BLOCKS {
            break;
        }
    }
    all
}

fn parse(bytes: &[u8]) -> Said {
    let mut said = Said::default();
    let Some(root) = block(bytes, false).filter(|root| root.key == "VS_VERSION_INFO") else { return said };
    let fixed = root.value;
    if fixed.len() >= 24 && le32(fixed, 0) == SIGNATURE {
        let numbers = |at: usize| [at + 2, at, at + 6, at + 4].map(|at| le16(fixed, at));
        said.numbers = Some((numbers(8), numbers(16)));
    }
    let tables = blocks(root.within).into_iter().filter(|it| it.key == "StringFileInfo");
    // The first language: the others say the same in other words.
    let first = tables.flat_map(|table| blocks(table.within)).next();
    for text in first.into_iter().flat_map(|language| blocks(language.within)) {
        let value = utf16_le(text.value).chars().take(MAX_TEXT).collect::<String>().trim().to_owned();
        said.texts.push((text.key, value));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_as_programs_write_them() {
        for (text, expected) in [
            ("10.0.19041.1 (WinBuild.160101.0800)", Some("10.0.19041.1")),
            ("1, 2, 0, 4", Some("1.2.0.4")),
            ("3.0.11", Some("3.0.11")),
            ("v2.5.1-beta", Some("2.5.1-beta")),
            (" 7.1 ", Some("7.1")),
            ("Release", None),
            ("", None),
        ] {
            assert_eq!(version(text).as_deref(), expected, "{text}");
        }
    }
}
