//! Databases of Windows Installer (the layout of their tables is not published; Wine's `msi` and msitools describe it): the product
//! that is installed, by the table `Property`.

use super::{Entry, Streams};
use crate::detect::package;
use crate::examine::Examiner;
use crate::fields::{byte, le16};

/// What names of tables begin with; streams of their own begin otherwise.
pub(super) const TABLE: char = '!';
/// Bytes of the lengths of all texts (a million of them) and of other tables, and characters of a text that is kept.
const MAX_POOL: u64 = 4 << 20;
const MAX_TABLE: u64 = 16 << 20;
const MAX_TEXT: usize = 256;

/// The letters that names are packed of, two in one character.
const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";

/// The name of a stream as it was before it was packed.
pub(super) fn decoded(name: &str) -> String {
    let letter = |at: u32| char::from(byte(LETTERS, (at & 0x3f) as usize));
    let mut out = String::new();
    for it in name.chars() {
        match u32::from(it) {
            code @ 0x3800..0x4800 => out.extend([letter(code - 0x3800), letter((code - 0x3800) >> 6)]),
            code @ 0x4800..0x4840 => out.push(letter(code - 0x4800)),
            0x4840 => out.push(TABLE),
            _ => out.push(it),
        }
    }
    out
}

/// Reports the product, where the file says one.
pub(super) fn product<'s>(streams: &Streams<'s>, entries: &[Entry], examiner: &mut Examiner<'s>) {
    let table = |name: &str, most: u64| {
        let entry = entries.iter().find(|it| it.is_table() && it.name.get(1..) == Some(name))?;
        let content = streams.content(entry).ok()?;
        content.up_to(0, content.length().min(most) as usize).ok()
    };
    let (Some(pool), Some(data), Some(rows)) =
        (table("_StringPool", MAX_POOL), table("_StringData", MAX_TABLE), table("Property", MAX_POOL))
    else {
        return;
    };
    let properties = properties(&Texts { pool: &pool, data: &data }, &rows);
    let value = |key: &str| properties.iter().find(|(it, _)| it == key).map(|(_, value)| value.as_str());
    let Some(name) = value("ProductName") else { return };
    let shows = format!(
        "rule MSI: the table Property says ProductName \"{}\", ProductVersion \"{}\", Manufacturer \"{}\"",
        name.escape_debug(),
        value("ProductVersion").unwrap_or_default().escape_debug(),
        value("Manufacturer").unwrap_or_default().escape_debug()
    );
    let mut found = package("generic", name, value("ProductVersion"), examiner.container_place(), &shows);
    found.namespace = value("Manufacturer").map(str::to_owned);
    examiner.facts.packages.push(found);
}

/// All texts of a database: their lengths, and their bytes behind one another.
struct Texts<'t> {
    pool: &'t [u8],
    data: &'t [u8],
}

impl Texts<'_> {
    /// Bytes of a reference to a text.
    fn width(&self) -> usize {
        if le16(self.pool, 2) & 0x8000 == 0 { 2 } else { 3 }
    }

    /// The texts of these numbers, each as it comes; numbers count from 1.
    fn all(&self) -> Vec<&[u8]> {
        let mut all: Vec<&[u8]> = vec![b""];
        let (mut at, mut from) = (4, 0_usize);
        while at + 4 <= self.pool.len() {
            let (mut length, count) = (usize::from(le16(self.pool, at)), le16(self.pool, at + 2));
            // A length of more than 16 bits stands in the entry behind.
            if length == 0 && count != 0 {
                at += 4;
                length = usize::from(le16(self.pool, at + 2)) << 16 | usize::from(le16(self.pool, at));
            }
            at += 4;
            let Some(text) = from.checked_add(length).and_then(|end| self.data.get(from..end)) else { break };
            all.push(text);
            from += length;
        }
        all
    }
}

/// The rows of `Property`: first all keys, then all values.
fn properties(texts: &Texts<'_>, rows: &[u8]) -> Vec<(String, String)> {
    let (width, all) = (texts.width(), texts.all());
    let count = rows.len() / (width * 2);
    let text = |at: usize| {
        let number =
            usize::from(le16(rows, at)) | if width == 3 { usize::from(byte(rows, at + 2)) << 16 } else { 0 };
        all.get(number).map(|bytes| readable(bytes)).unwrap_or_default()
    };
    (0..count).map(|at| (text(at * width), text((count + at) * width))).collect()
}

/// Texts are of the code page of the database; what is no UTF-8 is taken for Latin-1.
fn readable(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned);
    text.chars().take(MAX_TEXT).collect()
}
