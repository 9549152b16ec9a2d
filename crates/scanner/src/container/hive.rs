//! Hives of the Windows registry: which Windows it is, what is installed and which updates are in (Microsoft does not publish the
//! format; M. Suhanov, Windows registry file format specification). Transaction logs are not replayed: where a hive was not
//! closed, that is said.

use std::io;
use std::rc::Rc;

use crate::budget::Meter;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, utf16_le};
use crate::report::Reason;

mod windows;

const KIND: &str = "registry hive";
/// Cells are counted from behind the header.
const HEADER: u64 = 4096;
/// Keys below one key; Windows 10 has some twenty thousand packages.
const MAX_KEYS: usize = 1 << 18;
/// Values of a key that are looked at.
const MAX_VALUES: u32 = 4096;
/// Bytes of a name (255 characters), and of a value that is read.
const MAX_NAME: usize = 512;
const MAX_VALUE: u32 = 4096;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.up_to(0, 512).map_err(|error| failed(&error))?;
    if header.len() < 512 {
        return Err(damaged("its header is cut off"));
    }
    // Type 0 is a hive; the others are logs, which begin alike.
    if le32(&header, 28) != 0 {
        return Ok(());
    }
    let is_whole = HEADER + u64::from(le32(&header, 40)) <= content.length();
    // The sum over all that stands before it; and two counters that a writer makes equal at its end.
    let sum = header.chunks_exact(4).take(127).fold(0, |sum, word| sum ^ le32(word, 0));
    let is_closed = le32(&header, 4) == le32(&header, 8) && sum == le32(&header, 508);
    if !is_whole {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    if !is_closed {
        let other =
            "its transaction logs (.LOG1, .LOG2): it was not closed, and changes in them were not looked at";
        examiner.container_not_whole(Reason::NeedsOther { kind: KIND, other: other.to_owned() });
    }
    let hive = Hive { content, meter: Rc::clone(&examiner.meter) };
    let root = hive.key(le32(&header, 36))?;
    windows::look(&hive, &root, examiner)
}

struct Hive<'c, 's> {
    content: &'c Content<'s>,
    meter: Rc<Meter<'s>>,
}

/// A key, as its record says.
struct Key {
    name: String,
    count: u32,
    list: u32,
    values: u32,
    value_list: u32,
}

/// What a value holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Number(u32),
}

impl Hive<'_, '_> {
    /// So many bytes of a cell at the most; its own length ends it.
    fn cell(&self, at: u32, count: usize) -> Result<Vec<u8>, Reason> {
        let at = HEADER + u64::from(at);
        let size = self.content.bytes_at(at, 4).map_err(|error| failed(&error))?;
        // The size is negative where the cell is in use.
        let size = i32::from_le_bytes([byte(&size, 0), byte(&size, 1), byte(&size, 2), byte(&size, 3)]);
        let length =
            size.checked_neg().filter(|size| *size > 4).ok_or_else(|| damaged("a cell is not in use"))?;
        let length = usize::try_from(length - 4).unwrap_or_default();
        self.content.up_to(at + 4, length.min(count)).map_err(|error| failed(&error))
    }

    fn key(&self, at: u32) -> Result<Key, Reason> {
        self.meter.entry()?;
        let record = self.cell(at, 76 + MAX_NAME)?;
        if !record.starts_with(b"nk") {
            return Err(damaged("a key is none"));
        }
        let length = usize::from(le16(&record, 72));
        Ok(Key {
            name: name(&record, 76, length, le16(&record, 2) & 0x20 != 0),
            count: le32(&record, 20),
            list: le32(&record, 28),
            values: le32(&record, 36),
            value_list: le32(&record, 40),
        })
    }

    /// The places of the keys below a key.
    fn below(&self, key: &Key) -> Result<Vec<u32>, Reason> {
        if key.count == 0 || key.list == u32::MAX {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        let list = self.list(key.list)?;
        if !list.starts_with(b"ri") {
            add(&list, &mut all)?;
            return Ok(all);
        }
        // A list of lists; there is no list of lists of lists.
        for at in list.get(4..).unwrap_or_default().chunks_exact(4).take(le16(&list, 2).into()) {
            add(&self.list(le32(at, 0))?, &mut all)?;
        }
        Ok(all)
    }

    fn list(&self, at: u32) -> Result<Vec<u8>, Reason> {
        self.meter.entry()?;
        let count = usize::from(le16(&self.cell(at, 4)?, 2));
        self.cell(at, 4 + count * 8)
    }

    /// The key of this name below a key; names have no case.
    fn child(&self, key: &Key, name: &str) -> Result<Option<Key>, Reason> {
        for at in self.below(key)? {
            let child = self.key(at)?;
            if child.name.eq_ignore_ascii_case(name) {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    /// The key of this path; `None` where there is none.
    fn path(&self, key: &Key, path: &str) -> Result<Option<Key>, Reason> {
        let mut names = path.split('\\');
        let Some(mut found) = names.next().map_or(Ok(None), |name| self.child(key, name))? else {
            return Ok(None);
        };
        for name in names {
            match self.child(&found, name)? {
                Some(child) => found = child,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// The values of a key that have one of these names.
    fn values(&self, key: &Key, names: &[&'static str]) -> Result<Vec<(&'static str, Value)>, Reason> {
        let mut found = Vec::new();
        if key.values == 0 || key.value_list == u32::MAX {
            return Ok(found);
        }
        let list = self.cell(key.value_list, key.values.min(MAX_VALUES) as usize * 4)?;
        for at in list.chunks_exact(4) {
            let record = self.cell(le32(at, 0), 20 + MAX_NAME)?;
            if !record.starts_with(b"vk") {
                return Err(damaged("a value is none"));
            }
            let length = usize::from(le16(&record, 2));
            let name = name(&record, 20, length, le16(&record, 16) & 1 != 0);
            let Some(name) = names.iter().find(|it| it.eq_ignore_ascii_case(&name)) else { continue };
            found.extend(self.data(&record)?.map(|value| (*name, value)));
        }
        Ok(found)
    }

    /// What a value holds, where it is a text or a number.
    fn data(&self, record: &[u8]) -> Result<Option<Value>, Reason> {
        const HERE: u32 = 0x8000_0000;
        let (size, at, kind) = (le32(record, 4), le32(record, 8), le32(record, 12));
        let bytes = match size {
            0 | HERE => Vec::new(),
            // Up to four bytes stand in the place of the place.
            size if size & HERE != 0 => {
                let length = (size & !HERE).min(4) as usize;
                record.get(8..8 + length).unwrap_or_default().to_vec()
            }
            // What is larger than any text here is not asked for; it lies in several cells, too.
            size if size > MAX_VALUE => return Ok(None),
            size => self.cell(at, size as usize)?,
        };
        Ok(match kind {
            // REG_SZ, REG_EXPAND_SZ.
            1 | 2 => Some(Value::Text(utf16_le(&bytes).trim().to_owned()))
                .filter(|it| *it != Value::Text(String::new())),
            // REG_DWORD.
            4 if bytes.len() == 4 => Some(Value::Number(le32(&bytes, 0))),
            _ => None,
        })
    }
}

/// The keys of a list: `lf` and `lh` have a hint or a hash behind each, `li` has none.
fn add(list: &[u8], all: &mut Vec<u32>) -> Result<(), Reason> {
    let width = match list.get(..2) {
        Some(b"lf" | b"lh") => 8,
        Some(b"li") => 4,
        _ => return Err(damaged("a list of keys is none")),
    };
    let entries = list.get(4..).unwrap_or_default().chunks_exact(width).take(le16(list, 2).into());
    for entry in entries {
        if all.len() >= MAX_KEYS {
            return Err(damaged("more keys stand below one key than any hive has"));
        }
        all.push(le32(entry, 0));
    }
    Ok(())
}

/// A name of so many bytes: Latin-1 or UTF-16.
fn name(record: &[u8], at: usize, length: usize, is_narrow: bool) -> String {
    let bytes = record.get(at..).unwrap_or_default();
    let bytes = &bytes[..length.min(bytes.len())];
    if is_narrow { bytes.iter().copied().map(char::from).collect() } else { utf16_le(bytes) }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
