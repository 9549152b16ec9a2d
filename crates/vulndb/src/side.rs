//! KEV and EPSS: tables beside the advisories, by CVE number. They change daily and decide no match, so they are a file
//! of their own.

use std::path::Path;

use bedrail_model::finding::{Epss, KnownExploited};
use jiff::civil::Date;

use crate::error::{BuildError, OpenError, ReadError};
use crate::layout::{Kind, Section};
use crate::map::{Map, read_u32, read_u64};
use crate::write::FileWriter;

/// Bytes of a row: the CVE number u64, then 8 bytes of what is known.
const ROW: usize = 16;
/// "No percentile" and "no due date".
const NONE: u32 = u32::MAX;

/// The open tables.
#[derive(Debug)]
pub struct SideTables {
    map: Map,
}

/// The number of a CVE id, year first, so that numbers sort as ids do. `None` where it is no CVE id.
fn number_of(id: &str) -> Option<u64> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let year: u16 = year.parse().ok()?;
    let number: u64 = number.parse().ok().filter(|number| *number < 1 << 40)?;
    Some(u64::from(year) << 40 | number)
}

impl SideTables {
    /// Writes the tables. Ids that are no CVE ids are left out; the answer is how many there were. Of several rows for one
    /// id the last stands.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(
        path: &Path,
        kev: &[(String, KnownExploited)],
        epss: &[(String, Epss)],
    ) -> Result<u64, BuildError> {
        let mut out = FileWriter::create(path, Kind::Side)?;
        let kev_rows = kev.iter().map(|(id, entry)| (number_of(id), kev_row(entry)));
        let epss_rows = epss.iter().map(|(id, entry)| (number_of(id), epss_row(*entry)));
        let mut left_out = write_table(&mut out, Section::Kev, kev_rows)?;
        left_out += write_table(&mut out, Section::Epss, epss_rows)?;
        out.finish()?;
        Ok(left_out)
    }

    /// Opens the tables.
    ///
    /// # Errors
    /// [`OpenError`] when the file is damaged or written by another version of this program.
    pub fn open(path: &Path) -> Result<SideTables, OpenError> {
        Map::open(path, Kind::Side).map(|map| SideTables { map })
    }

    /// Checks every block of the file against its checksum, read before or not.
    ///
    /// # Errors
    /// With the place of the first that does not have its checksum.
    pub fn verify(&self) -> Result<(), ReadError> {
        self.map.check_all()
    }

    /// CISA's entry for a CVE id.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn kev(&self, id: &str) -> Result<Option<KnownExploited>, ReadError> {
        let Some(row) = self.find(Section::Kev, id)? else { return Ok(None) };
        let days = |packed: u32| date_of(packed & 0x7fff_ffff).ok_or(ReadError::Malformed);
        let (added, due) = (row[0], row[1]);
        Ok(Some(KnownExploited {
            added: days(added)?,
            due: if due == NONE { None } else { Some(days(due)?) },
            ransomware: added >> 31 == 1,
        }))
    }

    /// FIRST's estimate for a CVE id.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn epss(&self, id: &str) -> Result<Option<Epss>, ReadError> {
        let row = self.find(Section::Epss, id)?;
        Ok(row.map(|[score, percentile]| Epss {
            score: f64::from(score) / SCALE,
            percentile: (percentile != NONE).then(|| f64::from(percentile) / SCALE),
        }))
    }

    fn find(&self, section: Section, id: &str) -> Result<Option<[u32; 2]>, ReadError> {
        let Some(wanted) = number_of(id) else { return Ok(None) };
        let span = self.map.section(section);
        let (mut low, mut high) = (0, span.len() / ROW as u64);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = self.map.bytes(span, middle * ROW as u64, ROW as u64)?;
            let number = read_u64(row, 0).ok_or(ReadError::Malformed)?;
            match number.cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    return Ok(Some([8, 12].map(|at| read_u32(row, at).unwrap_or(NONE))));
                }
            }
        }
        Ok(None)
    }
}

/// Probabilities are kept in hundred-thousandths of a thousandth: FIRST gives nine digits at most.
const SCALE: f64 = 1e9;

fn epss_row(entry: Epss) -> [u32; 2] {
    let scaled = |probability: f64| (probability.clamp(0.0, 1.0) * SCALE).round() as u32;
    [scaled(entry.score), entry.percentile.map_or(NONE, scaled)]
}

fn kev_row(entry: &KnownExploited) -> [u32; 2] {
    [days_of(entry.added) | u32::from(entry.ransomware) << 31, entry.due.map_or(NONE, days_of)]
}

/// Days since 0000-01-01, which fit 23 bits.
fn days_of(date: Date) -> u32 {
    let span = Date::constant(0, 1, 1).until(date).map(|span| span.get_days()).unwrap_or_default();
    span.max(0) as u32
}

fn date_of(days: u32) -> Option<Date> {
    Date::constant(0, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn write_table(
    out: &mut FileWriter,
    section: Section,
    rows: impl Iterator<Item = (Option<u64>, [u32; 2])>,
) -> Result<u64, BuildError> {
    let (mut table, mut left_out) = (Vec::new(), 0);
    for (number, row) in rows {
        match number {
            Some(number) => table.push((number, row)),
            None => left_out += 1,
        }
    }
    // Stable, then the last of equals: a later row replaces an earlier one.
    table.sort_by_key(|(number, _)| *number);
    out.begin(section)?;
    for (index, (number, row)) in table.iter().enumerate() {
        if table.get(index + 1).is_none_or(|next| next.0 != *number) {
            out.write(&number.to_le_bytes())?;
            out.write(&row[0].to_le_bytes())?;
            out.write(&row[1].to_le_bytes())?;
        }
    }
    Ok(left_out)
}
