//! Firmware as text: Intel HEX (Intel, Hexadecimal Object File Format Specification, revision A) and Motorola S-records (the M68000 family
//! reference, appendix C). Records that follow one another are put together; what they leave out is erased flash.

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use crate::budget::Metered;
use crate::content::{Content, Stream};
use crate::examine::Examiner;
use crate::fields::{be16, byte};
use crate::report::Reason;

const KIND: &str = "file of hexadecimal records";
/// Bytes of a line: a record has up to 255 bytes, each as two digits.
const MAX_LINE: u64 = 1 << 10;
/// Bytes between two records that are erased flash in one image; behind more, another part begins.
const MAX_GAP: u64 = 1 << 20;

/// What a line is.
enum Record {
    Data(u64, Vec<u8>),
    /// What addresses of later lines count from.
    Base(u64),
    /// Where the program starts, how many lines there are.
    Other,
    End,
}

/// Whether the first line is such a record, with a sum that is right.
pub(super) fn is_header(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    parse(line.trim_ascii_end()).is_some()
}

/// The same, where the first line is longer than the first bytes of a file.
pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    content.up_to(0, MAX_LINE as usize).map(|first| is_header(&first))
}

/// One line; `None` where it is no record, or its sum is wrong.
fn parse(line: &[u8]) -> Option<Record> {
    match line {
        [b':', digits @ ..] => intel(&hex::decode(digits).ok()?),
        [b'S', kind, digits @ ..] => motorola(*kind, &hex::decode(digits).ok()?),
        _ => None,
    }
}

/// A length, an address, a kind, the data, a sum that makes all of it zero.
fn intel(bytes: &[u8]) -> Option<Record> {
    let (head, rest) = bytes.split_at_checked(4)?;
    let (data, _) = rest.split_at_checked(usize::from(byte(head, 0)))?;
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if sum != 0 || rest.len() != data.len() + 1 {
        return None;
    }
    Some(match byte(head, 3) {
        0 => Record::Data(be16(head, 1).into(), data.to_vec()),
        1 => Record::End,
        2 => Record::Base(u64::from(be16(data, 0)) << 4),
        4 => Record::Base(u64::from(be16(data, 0)) << 16),
        3 | 5 => Record::Other,
        _ => return None,
    })
}

/// A length, an address of two to four bytes, the data, a sum that makes all of it 255.
fn motorola(kind: u8, bytes: &[u8]) -> Option<Record> {
    let (length, rest) = bytes.split_first()?;
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if sum != 0xff || rest.len() != usize::from(*length) {
        return None;
    }
    let wide = match kind {
        b'1'..=b'3' => usize::from(kind - b'0') + 1,
        b'0' | b'5' | b'6' => return Some(Record::Other),
        b'7'..=b'9' => return Some(Record::End),
        _ => return None,
    };
    let (address, data) = rest.split_at_checked(wide)?;
    let data = data.split_last()?.1.to_vec();
    Some(Record::Data(address.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), data))
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let mut records = Records::new(content.reader());
    records.advance().map_err(failed)?;
    while let Some((start, _)) = records.next {
        let meter = Rc::clone(&examiner.meter);
        let mut run = Metered::new(Run { at: start, taken: 0, records: &mut records }, &meter);
        examiner.entry(format!("bytes at {start:#x}.bin").as_bytes(), &mut Stream(&mut run))?;
        io::copy(&mut run, &mut io::sink()).map_err(failed)?;
    }
    if let Some(line) = records.first_wrong {
        let what = format!("{} of its lines are no records, line {line} first", records.wrong);
        examiner.container_not_whole(damaged(&what));
    }
    if !records.has_end {
        examiner.container_not_whole(damaged("its last record is missing"));
    }
    Ok(())
}

struct Records<R> {
    from: BufReader<R>,
    line: u64,
    base: u64,
    /// The next data: where it belongs, and what it is.
    next: Option<(u64, Vec<u8>)>,
    has_end: bool,
    wrong: u64,
    first_wrong: Option<u64>,
}

impl<R: Read> Records<R> {
    fn new(from: R) -> Records<R> {
        let from = BufReader::with_capacity(64 << 10, from);
        Records { from, line: 0, base: 0, next: None, has_end: false, wrong: 0, first_wrong: None }
    }

    /// Goes to the next data; what stands behind the last record does not count.
    fn advance(&mut self) -> io::Result<()> {
        self.next = None;
        let mut line = Vec::new();
        while !self.has_end {
            line.clear();
            if self.from.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            self.line += 1;
            match parse(line.trim_ascii()) {
                Some(Record::Data(_, data)) if data.is_empty() => {}
                Some(Record::Data(address, data)) => {
                    self.next = Some((self.base + address, data));
                    return Ok(());
                }
                Some(Record::Base(base)) => self.base = base,
                Some(Record::Other) => {}
                Some(Record::End) => self.has_end = true,
                None if line.trim_ascii().is_empty() => {}
                None => {
                    self.wrong += 1;
                    self.first_wrong.get_or_insert(self.line);
                }
            }
        }
        Ok(())
    }
}

/// Records that follow one another, as bytes.
struct Run<'r, R> {
    /// Where the next byte belongs.
    at: u64,
    /// Bytes of the record at hand that were handed out.
    taken: usize,
    records: &'r mut Records<R>,
}

impl<R: Read> Read for Run<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((address, data)) = &self.records.next else { return Ok(0) };
        let start = address + self.taken as u64;
        let Some(gap) = start.checked_sub(self.at).filter(|gap| *gap <= MAX_GAP) else { return Ok(0) };
        let wanted = buffer.len();
        let count = if gap > 0 {
            let count = usize::try_from(gap).unwrap_or(usize::MAX).min(wanted);
            buffer.iter_mut().take(count).for_each(|byte| *byte = 0xff);
            count
        } else {
            let rest = data.get(self.taken..).unwrap_or_default();
            let count = rest.len().min(wanted);
            buffer.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            self.taken += count;
            count
        };
        self.at += count as u64;
        if self.taken == data.len() {
            self.taken = 0;
            self.records.advance()?;
        }
        Ok(count)
    }
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
