//! NTFS (Microsoft does not publish the format; Linux-NTFS project, NTFS documentation 0.5): every record of the master file table
//! that is in use is a folder or a file, so that damaged folders hide nothing. Journal and log are not replayed: where a volume was
//! not unmounted, that is said. Alternate streams are not looked at.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use crate::budget::Meter;
use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le64, utf16_le};
use crate::report::Reason;

mod compact;
mod data;
mod lznt1;
mod record;

use record::{Attribute, Record};

const KIND: &str = "NTFS file system";
/// Records of the table that are not files of somebody.
const ROOT: u64 = 5;
const VOLUME: u64 = 3;
const EXTEND: u64 = 11;
const FIRST: u64 = 24;
/// Bytes of the table that are read at once.
const CHUNK: u64 = 256 << 10;
/// Folders around a file, and bytes of all names of folders: a Windows has 200,000 folders.
const MAX_DEPTH: usize = 256;
const MAX_NAMES: usize = 128 << 20;
/// Kinds of attributes.
const LIST: u32 = 0x20;
const FILE_NAME: u32 = 0x30;
const VOLUME_INFORMATION: u32 = 0x70;
const DATA: u32 = 0x80;
const REPARSE_POINT: u32 = 0xc0;
/// What a reparse point stands for ([MS-FSCC] §2.1.2.1): files whose bytes lie elsewhere. All other kinds are links.
pub(super) const WOF: u32 = 0x8000_0017;
pub(super) const DEDUPLICATED: u32 = 0x8000_0013;
/// Names of eight and three characters, which stand beside the real one.
const DOS: u8 = 2;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let sector = content.up_to(0, 512).map_err(|error| failed(&error))?;
    let layout = Layout::parse(&sector).ok_or_else(|| damaged("its first sector is of no use"))?;
    if layout.end > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let mut volume = Volume {
        content: content.clone(),
        layout,
        table: content.clone(),
        meter: Rc::clone(&examiner.meter),
    };
    volume.table = volume.table()?;
    if volume.is_dirty() {
        let what = "it was not unmounted; changes in its log were not looked at";
        examiner.container_not_whole(damaged(what));
    }
    let mut walk = Walk { volume: &volume, folders: HashMap::new(), names: 0, said: Said::default() };
    walk.each(examiner, Walk::folder)?;
    walk.said = Said::default();
    walk.each(examiner, Walk::file)?;
    walk.said.report(examiner);
    Ok(())
}

/// Sizes in bytes.
struct Layout {
    cluster: u64,
    record: u64,
    table: u64,
    end: u64,
}

impl Layout {
    fn parse(sector: &[u8]) -> Option<Layout> {
        let bytes = u64::from(le16(sector, 11));
        let is_sound = matches!(bytes, 512 | 1024 | 2048 | 4096);
        // More than 128 sectors are a power of two, negative; so is a record that is smaller than a cluster.
        let cluster = match byte(sector, 13) {
            count @ 1..=0x80 => u64::from(count) * bytes,
            power @ 0xf4..=0xff => bytes << (256 - u32::from(power)),
            _ => return None,
        };
        let record = match byte(sector, 64) {
            count @ 1..=0x7f => u64::from(count) * cluster,
            power @ 0xf0..=0xff => 1 << (256 - u32::from(power)),
            _ => return None,
        };
        let is_sound = is_sound && cluster.is_power_of_two() && (512..=64 << 10).contains(&record);
        let table = le64(sector, 48).checked_mul(cluster)?;
        let end = le64(sector, 40).checked_mul(bytes)?;
        is_sound.then_some(Layout { cluster, record, table, end })
    }
}

struct Volume<'s> {
    content: Content<'s>,
    layout: Layout,
    /// The master file table.
    table: Content<'s>,
    meter: Rc<Meter<'s>>,
}

impl<'s> Volume<'s> {
    /// The table is a file, its first record tells where it lies; the part in which that record lies is known by the first sector.
    fn table(&mut self) -> Result<Content<'s>, Reason> {
        self.table = self.content.window(self.layout.table, self.layout.record * 16);
        let first = self.record(0)?.ok_or_else(|| damaged("its table of files is not where it should be"))?;
        // Where it lies in many pieces, records of the first piece tell of the others.
        let alone = self.data(0, &first, false)?;
        self.table = alone.content.ok_or_else(|| damaged("its table of files is of no use"))?;
        let whole =
            self.data(0, &first, true)?.content.ok_or_else(|| damaged("its table of files is of no use"))?;
        if whole.length() > self.content.length() {
            return Err(damaged("its table of files is larger than the volume"));
        }
        Ok(whole)
    }

    /// A record; `None` where it was never in use.
    fn record(&self, number: u64) -> Result<Option<Record>, Reason> {
        let size = self.layout.record;
        let at = number.checked_mul(size).ok_or_else(|| damaged("a record lies beyond any end"))?;
        let bytes = self.table.up_to(at, size as usize).map_err(|error| failed(&error))?;
        Record::parse(bytes).map_err(damaged)
    }

    fn is_dirty(&self) -> bool {
        let Ok(Some(record)) = self.record(VOLUME) else { return false };
        let flags = record.attributes().find(|it| it.kind == VOLUME_INFORMATION);
        flags.is_some_and(|it| le16(it.resident().unwrap_or_default(), 10) & 1 != 0)
    }
}

/// What could not be looked at, by its reason.
#[derive(Default)]
struct Said {
    damaged: u64,
    encrypted: u64,
    elsewhere: u64,
}

impl Said {
    fn report(&self, examiner: &mut Examiner<'_>) {
        if self.damaged > 0 {
            let what = format!("{} records of its table of files are of no use", self.damaged);
            examiner.container_not_whole(Reason::Damaged { kind: KIND, what });
        }
        if self.encrypted > 0 {
            examiner.container_not_whole(Reason::Encrypted(self.encrypted));
        }
        if self.elsewhere > 0 {
            let count = self.elsewhere;
            let what = format!(
                "what {count} files hold elsewhere (deduplication, WIMBoot, CompactOS of a kind that is not known)"
            );
            examiner.container_not_whole(Reason::Unsupported(what));
        }
    }
}

struct Walk<'v, 's> {
    volume: &'v Volume<'s>,
    /// The folder around each folder, and its name.
    folders: HashMap<u64, (u64, String)>,
    names: usize,
    said: Said,
}

type Each<'v, 's> = fn(&mut Walk<'v, 's>, u64, &Record, &mut Examiner<'s>) -> Result<(), Reason>;

impl<'v, 's> Walk<'v, 's> {
    /// Hands out every record that is in use and no part of another.
    fn each(&mut self, examiner: &mut Examiner<'s>, take: Each<'v, 's>) -> Result<(), Reason> {
        let (size, table) = (self.volume.layout.record, &self.volume.table);
        let mut at = 0;
        while at < table.length() {
            examiner.meter.entry()?;
            let chunk = table.up_to(at, CHUNK as usize).map_err(|error| failed(&error))?;
            if chunk.is_empty() {
                break;
            }
            for (number, bytes) in (at / size..).zip(chunk.chunks_exact(size as usize)) {
                if !bytes.starts_with(b"FILE") && !bytes.starts_with(b"BAAD") {
                    continue;
                }
                match Record::parse(bytes.to_vec()) {
                    Ok(Some(record)) if record.is_used() && record.base() == 0 => {
                        take(self, number, &record, examiner)?;
                    }
                    Ok(_) => {}
                    Err(_) => self.said.damaged += 1,
                }
            }
            at += CHUNK;
        }
        Ok(())
    }

    fn folder(&mut self, number: u64, record: &Record, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        if !record.is_folder() || number < FIRST && number != EXTEND {
            return Ok(());
        }
        examiner.meter.entry()?;
        if let Some((parent, name)) = self.name(number, record)? {
            self.names += name.len() + 64;
            if self.names > MAX_NAMES {
                return Err(damaged("it has more folders than any volume"));
            }
            self.folders.insert(number, (parent, name));
        }
        Ok(())
    }

    fn file(&mut self, number: u64, record: &Record, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        if record.is_folder() || number < FIRST {
            return Ok(());
        }
        let Some((parent, name)) = self.name(number, record)? else { return examiner.meter.entry() };
        let path = self.path(parent, &name);
        let read = self.volume.data(number, record, true);
        let data = match read {
            Ok(data) => data,
            Err(reason) => {
                examiner.meter.entry()?;
                return examiner.not_scanned(&path, reason);
            }
        };
        match data.reparse {
            None => {}
            Some(WOF | DEDUPLICATED) => {
                self.said.elsewhere += 1;
                return examiner.meter.entry();
            }
            Some(_) => return examiner.meter.entry(),
        }
        if data.is_encrypted {
            self.said.encrypted += 1;
            return examiner.meter.entry();
        }
        match data.content {
            Some(content) => examiner.entry(path.as_bytes(), &mut Window::new(content)),
            None => examiner.meter.entry(),
        }
    }

    /// The folder that a file lies in, and its name: the first that is no short one.
    fn name(&self, number: u64, record: &Record) -> Result<Option<(u64, String)>, Reason> {
        if let Some(name) = record.attributes().filter_map(|it| name(&it)).next() {
            return Ok(Some(name));
        }
        let parts = self.volume.parts(number, record, &[FILE_NAME])?;
        Ok(parts.iter().flat_map(Record::attributes).filter_map(|it| name(&it)).next())
    }

    /// The path of a file. What lies in no folder that is known has one of its own, so that nothing is lost.
    fn path(&self, mut folder: u64, name: &str) -> String {
        let mut names = vec![name];
        while folder != ROOT {
            match self.folders.get(&folder) {
                Some((parent, name)) if names.len() < MAX_DEPTH => {
                    names.push(name);
                    folder = *parent;
                }
                _ => {
                    names.push("(in no folder)");
                    break;
                }
            }
        }
        names.reverse();
        names.join("/")
    }
}

fn name(attribute: &Attribute<'_>) -> Option<(u64, String)> {
    let value = attribute.resident().filter(|_| attribute.kind == FILE_NAME)?;
    let length = usize::from(byte(value, 64)) * 2;
    let name = value.get(66..66 + length).filter(|_| byte(value, 65) != DOS)?;
    Some((record::number(le64(value, 0)), utf16_le(name)))
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
