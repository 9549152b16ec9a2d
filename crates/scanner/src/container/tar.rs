//! tar (POSIX.1-2017 pax and ustar, GNU tar's additions, Unix version 7), read from first to last byte.

use std::collections::HashMap;
use std::io::{self, Read};

use super::ahead::Ahead;
use crate::content::{Content, Stream};
use crate::detect;
use crate::document::is_surely_text;
use crate::examine::{Examiner, fill};
use crate::layers::Layer;
use crate::report::Reason;

const BLOCK: usize = 512;
const KIND: &str = "tar archive";

/// Bytes of a record that gives a long name; the longest path of Linux has 4 KiB, pax records hold other things beside it.
const MAX_RECORD: u64 = 1 << 20;

/// Bytes of a file that is kept in mind for hard links to it, and of all of them in one archive.
const MAX_KEPT: u64 = 256 << 10;
const MAX_ALL_KEPT: u64 = 16 << 20;

pub(super) fn open(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    let mut layer = examiner.layer();
    let mut from = Ahead::new(from);
    let outcome = loop {
        match entries(&mut from, &mut layer, examiner).and_then(|()| is_another_behind(&mut from, examiner)) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(reason) => break Err(reason),
        }
    };
    examiner.facts.layers.extend(layer);
    outcome
}

/// One archive alone, to the zeros at its end.
pub(super) fn one(from: &mut dyn Read, examiner: &mut Examiner<'_>) -> Result<(), Reason> {
    entries(&mut Ahead::new(from), &mut None, examiner)
}

fn entries<'s>(
    from: &mut Ahead<'_>,
    layer: &mut Option<Layer>,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let (mut next, mut kept) = (Next::default(), Kept::default());
    loop {
        let mut header = [0; BLOCK];
        match fill(from, &mut header).map_err(failed)? {
            BLOCK => {}
            0 => return Ok(()),
            _ => return Err(damaged("it ends inside a header")),
        }
        if header.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if !is_header(&header) {
            return Err(damaged("a header's sum is wrong"));
        }
        let size = next.size.take().map_or_else(|| number(&header[124..136]), Some);
        let size = size.ok_or_else(|| damaged("a size cannot be read"))?;
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        match header[156] {
            b'L' | b'K' | b'x' | b'X' => next.read(header[156], &record(from, size)?),
            // What holds for all entries.
            b'g' => drop(record(from, size)?),
            kind => {
                let name = next.name.take().unwrap_or_else(|| name(&header));
                let target = next.link.take().unwrap_or_else(|| until_zero(&header[157..257]).to_vec());
                if let Some(layer) = layer {
                    layer.add(&name, kind == b'5');
                }
                let mut body = from.take(size);
                match kind {
                    0 | b'0' | b'7' | b'S' => kept.entry(&name, size, &mut body, examiner)?,
                    b'1' => kept.link(&name, &target, examiner)?,
                    b'2' => examiner.layer_link(&name, &target),
                    // Devices and folders have no bytes, whatever their size says.
                    _ => {}
                }
                skip(&mut body).map_err(failed)?;
                if body.limit() > 0 {
                    return Err(damaged("it ends inside an entry"));
                }
            }
        }
        skip(&mut from.take(padding)).map_err(failed)?;
    }
}

/// Whether another archive stands behind the zeros at the end of one (tar(1), `--ignore-zeros`).
fn is_another_behind(from: &mut Ahead<'_>, examiner: &Examiner<'_>) -> Result<bool, Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    if !from.past_zeros(&examiner.meter).map_err(failed)? {
        return Ok(false);
    }
    if is_header(from.peek(BLOCK).map_err(failed)?) {
        return Ok(true);
    }
    Err(damaged("what stands behind its end is no tar archive"))
}

/// Small texts of an archive, by their paths: a hard link has the name of its file alone, and what is known by its path may be such a link.
#[derive(Default)]
struct Kept<'s> {
    files: HashMap<Vec<u8>, Content<'s>>,
    bytes: u64,
}

impl<'s> Kept<'s> {
    /// Looks at an entry, and keeps it where it is a small text.
    fn entry(
        &mut self,
        name: &[u8],
        size: u64,
        body: &mut dyn Read,
        examiner: &mut Examiner<'s>,
    ) -> Result<(), Reason> {
        let shared = examiner.meter.shared;
        if size == 0
            || size > MAX_KEPT
            || self.bytes + size > MAX_ALL_KEPT
            || !shared.take_memory(size, examiner.meter.limits.memory)
        {
            return examiner.entry(name, &mut Stream(body));
        }
        let mut bytes = Vec::new();
        let read = body.read_to_end(&mut bytes);
        let is_text = is_surely_text(bytes.get(..BLOCK).unwrap_or(&bytes));
        let content = Content::of_memory(bytes, size, shared);
        examiner.entry(name, &mut Stream(content.reader()))?;
        read.map_err(|error| Reason::of_read(KIND, &error))?;
        if is_text {
            self.bytes += size;
            self.files.insert(plain(name).to_vec(), content);
        }
        Ok(())
    }

    /// Looks at a hard link whose name says what is in it.
    fn link(&self, name: &[u8], target: &[u8], examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let (text, target_text) = (String::from_utf8_lossy(name), String::from_utf8_lossy(target));
        let Some(detector) = detect::by_path(&text) else { return Ok(()) };
        if let Some(content) = self.files.get(plain(target)) {
            return examiner.entry(name, &mut Stream(content.reader()));
        }
        // Read as the same under its other name.
        if detect::by_path(&target_text).is_some_and(|it| it.name == detector.name) {
            return Ok(());
        }
        let other = format!("{target_text}, which was not kept while the archive was read");
        examiner.not_scanned(&text, Reason::NeedsOther { kind: "hard link", other })
    }
}

fn plain(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    name.strip_prefix(b"/").unwrap_or(name)
}

/// What records before an entry say of it.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    /// What a link leads to.
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Next {
    fn read(&mut self, kind: u8, record: &[u8]) {
        if kind == b'L' {
            self.name = Some(until_zero(record).to_vec());
            return;
        }
        if kind == b'K' {
            self.link = Some(until_zero(record).to_vec());
            return;
        }
        // pax: `LENGTH KEY=VALUE\n`, the length counting itself.
        let mut rest = record;
        while let Some(blank) = memchr::memchr(b' ', rest) {
            let length = std::str::from_utf8(&rest[..blank]).ok().and_then(|it| it.parse::<usize>().ok());
            let Some(line) = length.filter(|it| *it > blank + 1).and_then(|it| rest.get(blank + 1..it - 1))
            else {
                return;
            };
            if let Some(equals) = memchr::memchr(b'=', line) {
                let value = &line[equals + 1..];
                match &line[..equals] {
                    b"path" => self.name = Some(value.to_vec()),
                    b"linkpath" => self.link = Some(value.to_vec()),
                    b"size" => self.size = std::str::from_utf8(value).ok().and_then(|it| it.parse().ok()),
                    _ => {}
                }
            }
            rest = &rest[(blank + 1 + line.len() + 1).min(rest.len())..];
        }
    }
}

fn record(from: &mut dyn Read, size: u64) -> Result<Vec<u8>, Reason> {
    if size > MAX_RECORD {
        return Err(damaged("a name is longer than any can be"));
    }
    let mut record = Vec::new();
    let read = from.take(size).read_to_end(&mut record).map_err(|error| Reason::of_read(KIND, &error))?;
    if (read as u64) < size {
        return Err(damaged("it ends inside a name"));
    }
    Ok(record)
}

/// Whether the sum of a header is right: of unsigned bytes, or of signed ones as old programs wrote it.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else { return false };
    let Some(said) = number(&block[148..156]) else { return false };
    let others =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let unsigned: u64 = others.clone().map(u64::from).sum();
    let signed: i64 = others.map(|byte| i64::from(byte.cast_signed())).sum();
    (said == unsigned || i64::try_from(said) == Ok(signed)) && unsigned > 256
}

/// A number in octal digits, or, where the first bit is set, in base 256 (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let low = &field[field.len() - 8..];
        return Some(low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    }
    let digits = until_zero(field);
    let text = std::str::from_utf8(digits).ok()?.trim();
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn name(header: &[u8]) -> Vec<u8> {
    let (name, prefix) = (until_zero(&header[..100]), until_zero(&header[345..500]));
    // GNU keeps times where ustar keeps the prefix, and says so by a blank behind the mark.
    if prefix.is_empty() || &header[257..263] != b"ustar\0" {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn until_zero(field: &[u8]) -> &[u8] {
    memchr::memchr(0, field).map_or(field, |end| &field[..end])
}

fn skip(from: &mut impl Read) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
