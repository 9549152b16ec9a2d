//! LZX as Windows images and cabinets have it (Microsoft's "LZX Data Compression Format" and [MS-PATCH] §2, without what its DELTA adds):
//! blocks of bytes and of repetitions, of which a packed one brings its codes as changes of those before it. In an image each chunk
//! begins anew; in a cabinet everything goes on from frame to frame.

use super::words::{Bits, Codes, repeat};
use crate::fields::le32;

/// Unpacked bytes of a frame, and of a block in an image that says nothing else.
pub(super) const FRAME: usize = 32 << 10;
/// Sizes of the window, as powers of two.
const WINDOWS: std::ops::RangeInclusive<u32> = 15..=21;
/// Symbols below are bytes; all others a length and a slot of distances.
const BYTES: usize = 256;
const LENGTHS: usize = 249;
const SHORTEST: usize = 2;
/// A length that says that more of it stands behind.
const LONG: usize = 7;
/// Slots of distances: the first three are distances that were used last.
const SLOTS: usize = 50;
const MAX_SYMBOLS: usize = BYTES + SLOTS * 8;
/// By how much a distance is less than its number, those of the first slots being taken.
const TAKEN: u32 = 2;
/// In an image, the size that calls are translated by, whatever there is.
const SIZE_IN_IMAGES: i32 = 12_000_000;
/// Frames of a cabinet in which calls are translated.
const TRANSLATED_FRAMES: u64 = 32768;

/// Bits that stand behind a slot.
const fn extra(slot: usize) -> u32 {
    match slot {
        0..2 => 0,
        2..36 => (slot as u32 >> 1) - 1,
        _ => 17,
    }
}

/// The first number of each slot.
const BASES: [u32; SLOTS + 1] = {
    let mut bases = [0; SLOTS + 1];
    let mut slot = 0;
    while slot < SLOTS {
        bases[slot + 1] = bases[slot] + (1 << extra(slot));
        slot += 1;
    }
    bases
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Verbatim,
    Aligned,
    Stored,
}

/// How blocks say how long they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Image,
    Cabinet,
}

/// What is known between blocks, chunks and frames.
pub(super) struct Lzx {
    form: Form,
    window_bits: u32,
    symbols: usize,
    /// Lengths of the codes of the block before, of which those of the next are changes.
    symbol_lengths: [u8; MAX_SYMBOLS],
    length_lengths: [u8; LENGTHS],
    of_symbols: Codes,
    of_lengths: Codes,
    of_distances: Codes,
    of_codes: Codes,
    recent: [u32; 3],
    kind: Kind,
    /// Bytes of the block that are still to come.
    left: usize,
    is_odd: bool,
    /// Whether a byte is still to be passed over, so that words begin behind a stored block.
    is_padded: bool,
    bytes: Vec<u8>,
    /// In a cabinet, what its first bits say: the size that calls are translated by. `None` before they were read.
    translated: Option<i32>,
    /// Bytes of a cabinet that came before this frame.
    before: u64,
}

impl Lzx {
    /// For chunks of an image; `None` where none has such a window.
    pub(super) fn of_image(window_bits: u32) -> Option<Lzx> {
        Lzx::new(Form::Image, window_bits)
    }

    /// For the frames of a folder of a cabinet; `None` where none has such a window.
    pub(super) fn of_cabinet(window_bits: u32) -> Option<Lzx> {
        Lzx::new(Form::Cabinet, window_bits)
    }

    fn new(form: Form, window_bits: u32) -> Option<Lzx> {
        if !WINDOWS.contains(&window_bits) {
            return None;
        }
        let slots = BASES.iter().take_while(|base| **base < 1 << window_bits).count();
        Some(Lzx {
            form,
            window_bits,
            symbols: BYTES + slots * 8,
            symbol_lengths: [0; MAX_SYMBOLS],
            length_lengths: [0; LENGTHS],
            of_symbols: Codes::new(),
            of_lengths: Codes::new(),
            of_distances: Codes::new(),
            of_codes: Codes::new(),
            recent: [1; 3],
            kind: Kind::Stored,
            left: 0,
            is_odd: false,
            is_padded: false,
            bytes: Vec::new(),
            translated: None,
            before: 0,
        })
    }

    /// A chunk of an image, of exactly so many bytes and no more than its window; `None` where that cannot be.
    pub(super) fn chunk(&mut self, packed: &[u8], length: usize) -> Option<Vec<u8>> {
        if length > 1 << self.window_bits {
            return None;
        }
        self.symbol_lengths.fill(0);
        self.length_lengths.fill(0);
        self.recent = [1; 3];
        (self.left, self.is_padded) = (0, false);
        self.bytes = Vec::with_capacity(length);
        self.unpack(&mut Bits::new(packed), length)?;
        let mut chunk = std::mem::take(&mut self.bytes);
        translate(&mut chunk, 0, SIZE_IN_IMAGES);
        Some(chunk)
    }

    /// The next frame of a cabinet, of exactly so many bytes; `None` where that cannot be.
    pub(super) fn frame(&mut self, packed: &[u8], length: usize) -> Option<Vec<u8>> {
        if length > FRAME {
            return None;
        }
        let mut bits = Bits::new(packed);
        let size = match self.translated {
            Some(size) => size,
            None if bits.take(1) == 0 => 0,
            None => (bits.take(16) << 16 | bits.take(16)).cast_signed(),
        };
        self.translated = Some(size);
        // What is further back than the window goes, now and then.
        let window = 1 << self.window_bits;
        if self.bytes.len() >= window * 2 {
            self.bytes.drain(..self.bytes.len() - window);
        }
        let start = self.bytes.len();
        self.unpack(&mut bits, start + length)?;
        let mut frame = self.bytes.get(start..)?.to_vec();
        // The window keeps the bytes as they were packed.
        if size != 0 && self.before < TRANSLATED_FRAMES * FRAME as u64 {
            translate(&mut frame, self.before as i32, size);
        }
        self.before = self.before.saturating_add(length as u64);
        Some(frame)
    }

    /// Unpacks until there are so many bytes.
    fn unpack(&mut self, bits: &mut Bits<'_>, end: usize) -> Option<()> {
        while self.bytes.len() < end {
            if self.left == 0 {
                self.header(bits)?;
                continue;
            }
            let before = self.bytes.len();
            let until = end.min(before.saturating_add(self.left));
            match self.kind {
                Kind::Stored => self.bytes.extend_from_slice(bits.raw(until - before)?),
                kind => self.symbols(bits, until, kind == Kind::Aligned)?,
            }
            self.left -= until - before;
            if self.left == 0 && self.kind == Kind::Stored && self.is_odd {
                self.is_padded = bits.byte().is_none();
            }
        }
        (!bits.is_beyond()).then_some(())
    }

    /// What stands in front of a block.
    fn header(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        if self.is_padded {
            bits.byte()?;
            self.is_padded = false;
        }
        self.kind = match bits.take(3) {
            1 => Kind::Verbatim,
            2 => Kind::Aligned,
            3 => Kind::Stored,
            _ => return None,
        };
        self.left = match self.form {
            Form::Image if bits.take(1) == 1 => FRAME,
            Form::Image if self.window_bits < 16 => bits.take(16) as usize,
            Form::Image | Form::Cabinet => bits.take(24) as usize,
        };
        self.is_odd = self.left % 2 == 1;
        if self.kind == Kind::Stored {
            bits.align();
            let recent = bits.raw(12)?;
            self.recent = [le32(recent, 0), le32(recent, 4), le32(recent, 8)];
            return Some(());
        }
        if self.kind == Kind::Aligned {
            let mut lengths = [0; 8];
            lengths.fill_with(|| bits.take(3) as u8);
            self.of_distances.build(&lengths)?;
        }
        let (bytes, repetitions) = self.symbol_lengths.get_mut(..self.symbols)?.split_at_mut(BYTES);
        change(bits, bytes, &mut self.of_codes)?;
        change(bits, repetitions, &mut self.of_codes)?;
        self.of_symbols.build(self.symbol_lengths.get(..self.symbols)?)?;
        change(bits, &mut self.length_lengths, &mut self.of_codes)?;
        self.of_lengths.build(&self.length_lengths)
    }

    /// Bytes and repetitions of a packed block; none of them reaches beyond the end.
    fn symbols(&mut self, bits: &mut Bits<'_>, until: usize, is_aligned: bool) -> Option<()> {
        while self.bytes.len() < until {
            let symbol = self.of_symbols.read(bits)?;
            let Some(repetition) = symbol.checked_sub(BYTES) else {
                self.bytes.push(symbol as u8);
                continue;
            };
            let mut length = repetition & LONG;
            if length == LONG {
                length += self.of_lengths.read(bits)?;
            }
            length += SHORTEST;
            let distance = self.distance(bits, repetition >> 3, is_aligned)?;
            if length > until - self.bytes.len() {
                return None;
            }
            repeat(&mut self.bytes, distance as usize, length)?;
        }
        Some(())
    }

    fn distance(&mut self, bits: &mut Bits<'_>, slot: usize, is_aligned: bool) -> Option<u32> {
        if slot < self.recent.len() {
            self.recent.swap(0, slot);
            return self.recent.first().copied();
        }
        let (base, extra) = (*BASES.get(slot)?, extra(slot));
        let number = if is_aligned && extra >= 3 {
            base + (bits.take(extra - 3) << 3) + self.of_distances.read(bits)? as u32
        } else {
            base + bits.take(extra)
        };
        let distance = number - TAKEN;
        self.recent = [distance, self.recent[0], self.recent[1]];
        Some(distance)
    }
}

/// Changes the lengths of codes, by symbols of a code of its own.
fn change(bits: &mut Bits<'_>, lengths: &mut [u8], of_codes: &mut Codes) -> Option<()> {
    let mut own = [0; 20];
    own.fill_with(|| bits.take(4) as u8);
    of_codes.build(&own)?;
    let mut rest = lengths;
    while let Some(first) = rest.first().copied() {
        let (count, length) = match of_codes.read(bits)? {
            17 => (4 + bits.take(4) as usize, 0),
            18 => (20 + bits.take(5) as usize, 0),
            19 => {
                let count = 4 + bits.take(1) as usize;
                (count, changed(first, of_codes.read(bits)?)?)
            }
            symbol => (1, changed(first, symbol)?),
        };
        let (here, behind) = rest.split_at_mut_checked(count)?;
        here.fill(length);
        rest = behind;
    }
    Some(())
}

fn changed(length: u8, by: usize) -> Option<u8> {
    let by = u8::try_from(by).ok().filter(|by| *by < 17)?;
    Some((length + 17 - by) % 17)
}

/// Turns what calls in programs for x86 (0xe8) lead to from places into distances, as they were before they were packed.
fn translate(bytes: &mut [u8], before: i32, size: i32) {
    let Some(end) = bytes.len().checked_sub(10) else { return };
    let mut at = 0;
    while let Some(next) = bytes.get(at..end).and_then(|rest| memchr::memchr(0xe8, rest)) {
        at += next;
        let here = before.wrapping_add(at as i32);
        if let Some(place) = bytes.get_mut(at + 1..at + 5) {
            let value = le32(place, 0).cast_signed();
            if value >= here.wrapping_neg() && value < size {
                let by = if value >= 0 { here.wrapping_neg() } else { size };
                place.copy_from_slice(&value.wrapping_add(by).to_le_bytes());
            }
        }
        at += 5;
    }
}
