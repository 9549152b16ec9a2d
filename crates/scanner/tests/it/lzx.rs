//! Cabinets packed by LZX. No free tool packs them, so they are packed here, from Microsoft's "LZX Data Compression Format"; cabextract
//! and 7z say whether they are what they should be.

use std::collections::HashMap;
use std::fs;

use crate::made::*;
use crate::tools::*;

const FRAME: usize = 32 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Verbatim = 1,
    Aligned = 2,
    Stored = 3,
}

/// Bits in words of 16, and between them bytes.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Writer {
    fn put(&mut self, value: usize, count: u32) {
        for at in (0..count).rev() {
            self.held = self.held << 1 | (value >> at & 1) as u32;
            self.count += 1;
            if self.count == 16 {
                self.bytes.extend((self.held as u16).to_le_bytes());
                (self.held, self.count) = (0, 0);
            }
        }
    }

    fn align(&mut self) {
        while self.count > 0 {
            self.put(0, 1);
        }
    }
}

/// A byte, or a repetition: its length and its distance.
enum Token {
    Byte(u8),
    Repetition(usize, usize),
}

/// A symbol, its extra length, and the slot's bits: their value and how many.
type Coded = (usize, Option<usize>, usize, u32);

struct Encoder {
    window_bits: u32,
    /// Lengths of codes of the block before: of the symbols, and of lengths.
    lengths: [Vec<u8>; 2],
    recent: [usize; 3],
    writer: Writer,
    frames: Vec<(Vec<u8>, usize)>,
    seen: HashMap<[u8; 4], usize>,
}

fn extra(slot: usize) -> u32 {
    if slot < 4 { 0 } else { (slot as u32 / 2 - 1).min(17) }
}

fn base(slot: usize) -> usize {
    (0..slot).map(|slot| 1 << extra(slot)).sum()
}

/// Lengths of a complete code for the symbols that are used, with one bit more or less.
fn code_lengths(used: &[bool]) -> Vec<u8> {
    let mut used = used.to_vec();
    for at in 0..2 {
        if used.iter().filter(|it| **it).count() < 2 {
            used[at] = true;
        }
    }
    let count = used.iter().filter(|it| **it).count();
    let short = count.ilog2();
    let shorter = (2 << short) - count;
    let mut number = 0;
    let mut length = || {
        number += 1;
        short as u8 + u8::from(number > shorter)
    };
    used.iter().map(|it| if *it { length() } else { 0 }).collect()
}

/// The codes of these lengths.
fn codes(lengths: &[u8]) -> Vec<usize> {
    let mut all = vec![0; lengths.len()];
    let mut code = 0;
    for length in 1..=16 {
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, it)| **it == length) {
            all[symbol] = code;
            code += 1;
        }
        code <<= 1;
    }
    all
}

impl Encoder {
    fn new(window_bits: u32) -> Encoder {
        let slots = (0..=50).take_while(|slot| base(*slot) < 1 << window_bits).count();
        Encoder {
            window_bits,
            lengths: [vec![0; 256 + slots * 8], vec![0; 249]],
            recent: [1; 3],
            writer: Writer::default(),
            frames: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn end_frame(&mut self, length: usize) {
        self.writer.align();
        self.frames.push((std::mem::take(&mut self.writer.bytes), length));
    }

    /// Finds repetitions in a part; none reaches over the end of a frame.
    fn tokens(&mut self, all: &[u8], mut at: usize, end: usize) -> Vec<Token> {
        let mut tokens = Vec::new();
        let farthest = (1 << self.window_bits) - 3;
        while at < end {
            let most = (end - at).min(FRAME - at % FRAME).min(257);
            let key = all.get(at..at + 4).map(|it| <[u8; 4]>::try_from(it).unwrap());
            let before = key.and_then(|key| self.seen.insert(key, at)).filter(|it| at - it <= farthest);
            let length = before.map_or(0, |before| {
                (0..most).take_while(|more| all[before + more] == all[at + more]).count()
            });
            if length < 4 {
                tokens.push(Token::Byte(all[at]));
                at += 1;
            } else {
                tokens.push(Token::Repetition(length, at - before.unwrap()));
                at += length;
            }
        }
        tokens
    }

    fn coded(&mut self, token: &Token) -> Coded {
        let (length, distance) = match token {
            Token::Byte(byte) => return (usize::from(*byte), None, 0, 0),
            Token::Repetition(length, distance) => (*length - 2, *distance),
        };
        let slot = if let Some(slot) = self.recent.iter().position(|it| *it == distance) {
            self.recent.swap(0, slot);
            slot
        } else {
            self.recent = [distance, self.recent[0], self.recent[1]];
            (3..50).rfind(|slot| base(*slot) <= distance + 2).unwrap()
        };
        let value = if slot < 3 { 0 } else { distance + 2 - base(slot) };
        let longer = length.checked_sub(7);
        (256 + slot * 8 + length.min(7), longer, value, if slot < 3 { 0 } else { extra(slot) })
    }

    /// Writes how lengths of codes change, with runs of zeros and of others.
    fn change(&mut self, which: usize, part: std::ops::Range<usize>, new: &[u8]) {
        let by: Vec<usize> =
            part.clone().map(|at| usize::from((self.lengths[which][at] + 17 - new[at]) % 17)).collect();
        let new = &new[part.clone()];
        let mut symbols: Vec<(usize, usize, u32, Option<usize>)> = Vec::new();
        let mut at = 0;
        while at < new.len() {
            let run = new[at..].iter().take_while(|it| **it == new[at]).count();
            let (symbol, count) = match run {
                20.. if new[at] == 0 => ((18, run.min(51) - 20, 5, None), run.min(51)),
                4.. if new[at] == 0 => ((17, run.min(19) - 4, 4, None), run.min(19)),
                4.. => ((19, run.min(5) - 4, 1, Some(by[at])), run.min(5)),
                _ => ((by[at], 0, 0, None), 1),
            };
            symbols.push(symbol);
            at += count;
        }
        let mut used = [false; 20];
        for (symbol, _, _, then) in &symbols {
            used[*symbol] = true;
            used[then.unwrap_or(*symbol)] = true;
        }
        let lengths = code_lengths(&used);
        let codes = codes(&lengths);
        lengths.iter().for_each(|length| self.writer.put(usize::from(*length), 4));
        for (symbol, value, bits, then) in symbols {
            self.writer.put(codes[symbol], lengths[symbol].into());
            self.writer.put(value, bits);
            if let Some(then) = then {
                self.writer.put(codes[then], lengths[then].into());
            }
        }
        self.lengths[which][part].copy_from_slice(new);
    }

    /// A block of the bytes from a place on.
    fn block(&mut self, kind: Kind, all: &[u8], at: usize, length: usize) {
        self.writer.put(kind as usize, 3);
        self.writer.put(length, 24);
        if kind == Kind::Stored {
            return self.stored(all, at, length);
        }
        let tokens = self.tokens(all, at, at + length);
        let lengths: Vec<usize> =
            tokens.iter().map(|it| if let Token::Repetition(length, _) = it { *length } else { 1 }).collect();
        let coded: Vec<Coded> = tokens.iter().map(|token| self.coded(token)).collect();
        let mut used = [vec![false; self.lengths[0].len()], vec![false; 249]];
        for (symbol, longer, ..) in &coded {
            used[0][*symbol] = true;
            if let Some(longer) = longer {
                used[1][*longer] = true;
            }
        }
        // A code of its own for the lowest bits of distances: the first symbol is shorter, the last two are longer.
        let aligned = [2, 3, 3, 3, 3, 3, 4, 4];
        let aligned_codes = codes(&aligned);
        if kind == Kind::Aligned {
            aligned.iter().for_each(|length| self.writer.put(usize::from(*length), 3));
        }
        let new = used.map(|used| code_lengths(&used));
        self.change(0, 0..256, &new[0]);
        self.change(0, 256..new[0].len(), &new[0]);
        self.change(1, 0..249, &new[1]);
        let codes = [codes(&new[0]), codes(&new[1])];
        let mut place = at;
        for ((symbol, longer, value, bits), length) in coded.into_iter().zip(lengths) {
            self.writer.put(codes[0][symbol], new[0][symbol].into());
            if let Some(longer) = longer {
                self.writer.put(codes[1][longer], new[1][longer].into());
            }
            if kind == Kind::Aligned && bits >= 3 {
                self.writer.put(value >> 3, bits - 3);
                self.writer.put(aligned_codes[value & 7], aligned[value & 7].into());
            } else {
                self.writer.put(value, bits);
            }
            place += length;
            if place.is_multiple_of(FRAME) {
                self.end_frame(FRAME);
            }
        }
    }

    fn stored(&mut self, all: &[u8], at: usize, length: usize) {
        if self.writer.count == 0 {
            self.writer.put(0, 16);
        }
        self.writer.align();
        let recent = self.recent.map(|it| (it as u32).to_le_bytes()).concat();
        self.writer.bytes.extend(recent);
        for (place, byte) in (at + 1..).zip(&all[at..at + length]) {
            self.writer.bytes.push(*byte);
            if place.is_multiple_of(FRAME) {
                self.end_frame(FRAME);
            }
        }
        if length % 2 == 1 {
            self.writer.bytes.push(0);
        }
    }
}

/// Calls become places, frame by frame (0xe8).
fn translated(bytes: &[u8], size: i32) -> Vec<u8> {
    let mut all = bytes.to_vec();
    for (number, frame) in all.chunks_mut(FRAME).enumerate() {
        let mut at = 0;
        while at + 10 < frame.len() {
            if frame[at] != 0xe8 {
                at += 1;
                continue;
            }
            let here = (number * FRAME + at) as i32;
            let distance = i32::from_le_bytes(frame[at + 1..at + 5].try_into().unwrap());
            if distance >= -here && distance < size {
                let place = if distance < size - here { distance + here } else { distance - size };
                frame[at + 1..at + 5].copy_from_slice(&place.to_le_bytes());
            }
            at += 5;
        }
    }
    all
}

/// The frames of bytes in such blocks over and over, with the size that calls are translated by.
fn pack(
    bytes: &[u8],
    window_bits: u32,
    blocks: &[(Kind, usize)],
    size: Option<i32>,
) -> Vec<(Vec<u8>, usize)> {
    let translated = size.map_or_else(|| bytes.to_vec(), |size| translated(bytes, size));
    let mut encoder = Encoder::new(window_bits);
    encoder.writer.put(usize::from(size.is_some()), 1);
    if let Some(size) = size {
        encoder.writer.put(size as usize, 32);
    }
    let mut at = 0;
    for (kind, length) in blocks.iter().cycle() {
        let length = (*length).min(bytes.len() - at);
        if length == 0 {
            break;
        }
        encoder.block(*kind, &translated, at, length);
        at += length;
    }
    if !bytes.len().is_multiple_of(FRAME) {
        encoder.end_frame(bytes.len() % FRAME);
    }
    encoder.frames
}

/// A cabinet with one folder of these files.
fn cabinet(window_bits: u32, frames: &[(Vec<u8>, usize)], files: &[(&str, usize)]) -> Vec<u8> {
    let lists: usize = files.iter().map(|(name, _)| 17 + name.len()).sum();
    let data = 36 + 8 + lists;
    let size = data + frames.iter().map(|(packed, _)| 8 + packed.len()).sum::<usize>();
    let mut cabinet = b"MSCF\0\0\0\0".to_vec();
    for word in [size as u32, 0, 44, 0] {
        cabinet.extend(word.to_le_bytes());
    }
    cabinet.extend([3, 1]);
    for half in [1, files.len() as u16, 0, 7, 0] {
        cabinet.extend(half.to_le_bytes());
    }
    cabinet.extend((data as u32).to_le_bytes());
    cabinet.extend((frames.len() as u16).to_le_bytes());
    cabinet.extend((3 | (window_bits as u16) << 8).to_le_bytes());
    let mut start = 0;
    for (name, length) in files {
        cabinet.extend((*length as u32).to_le_bytes());
        cabinet.extend((start as u32).to_le_bytes());
        cabinet.extend([0, 0, 0x21, 0x50, 0, 0, 0x20, 0]);
        cabinet.extend(name.bytes().chain([0]));
        start += length;
    }
    for (packed, length) in frames {
        cabinet.extend([0; 4]);
        cabinet.extend((packed.len() as u16).to_le_bytes());
        cabinet.extend((*length as u16).to_le_bytes());
        cabinet.extend(packed);
    }
    cabinet
}

/// A program that calls, text, noise, and what repeats itself near and far; in a zip that is not packed, so that a wrong byte is told.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut random = Random(7);
    let mut program = Vec::new();
    for at in 0..20_000_i32 {
        let random = random.next();
        program.extend([0x55, 0x8b, random as u8 & 3]);
        if random.is_multiple_of(3) {
            let call = if at % 97 == 0 { random as i32 } else { (random as i32 & 0xffff) - 0x7fff };
            program.push(0xe8);
            program.extend(call.to_le_bytes());
        }
    }
    let lines: String = (0..8000).map(|at| format!("line {} of a text\r\n", at * at % 1000)).collect();
    let noise = noise(70_001);
    let bytes = [&program[..], &noise, lines.as_bytes(), &noise, &program[..50_000], &[0; 9000]].concat();
    let archive = zip_with(&[("all.bin", &bytes), ("x.jar", &jar())], stored);
    vec![("first.zip", archive), ("empty.txt", Vec::new()), ("second.jar", jar())]
}

/// The window, the blocks over and over, and the size that calls are translated by.
type Form = (u32, &'static [(Kind, usize)], Option<i32>);

#[test]
fn cabinets_packed_by_lzx_are_read() {
    use Kind::{Aligned, Stored, Verbatim};
    let files = files();
    let all = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>();
    let sizes: Vec<(&str, usize)> = files.iter().map(|(name, bytes)| (*name, bytes.len())).collect();
    let forms: &[Form] = &[
        (15, &[(Verbatim, 32768)], None),
        (16, &[(Aligned, 32768)], None),
        (17, &[(Stored, 32768)], None),
        (18, &[(Verbatim, 100_000), (Aligned, 50_001)], Some(1 << 20)),
        (19, &[(Stored, 10_001), (Verbatim, 777), (Stored, 40_001), (Aligned, 99_999)], Some(700_000)),
        (20, &[(Aligned, 1 << 20)], Some(12_000_000)),
        (21, &[(Verbatim, 1 << 20)], None),
        // A stored block of an odd length that ends with its frame.
        (21, &[(Verbatim, 1), (Stored, 32767), (Aligned, 5), (Stored, 32763)], Some(200_000)),
        (15, &[(Stored, 1), (Verbatim, 700), (Stored, 3), (Aligned, 1500)], None),
    ];
    let folder = Folder::new();
    for (number, (window_bits, blocks, size)) in forms.iter().enumerate() {
        let name = format!("{number}-{window_bits}.cab");
        let bytes = cabinet(*window_bits, &pack(&all, *window_bits, blocks, *size), &sizes);
        fs::write(folder.0.path().join(&name), &bytes).unwrap();
        let report = scan_image(&folder, &name);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{name}");
        assert_eq!(
            cores(&folder, &report),
            [format!("{name}!/first.zip!/x.jar"), format!("{name}!/second.jar")],
            "{name}"
        );
        for (tool, arguments) in
            [("cabextract", vec!["-q", "-d", "out", &name]), ("7z", vec!["x", "-y", "-bd", "-oout", &name])]
        {
            if run(folder.0.path(), tool, &arguments).is_some() {
                for (file, bytes) in &files {
                    let there = fs::read(folder.0.path().join("out").join(file)).unwrap();
                    assert!(there == *bytes, "{tool} {name} {file}");
                }
                fs::remove_dir_all(folder.0.path().join("out")).unwrap();
            }
        }
    }
}

#[test]
fn damaged_cabinets_packed_by_lzx_say_so() {
    let files = [("first.jar", jar()), ("noise.bin", noise(3000)), ("second.jar", jar())];
    let all = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>();
    let sizes: Vec<(&str, usize)> = files.iter().map(|(name, bytes)| (*name, bytes.len())).collect();
    for (kind, name) in [(Kind::Verbatim, "verbatim"), (Kind::Aligned, "aligned"), (Kind::Stored, "stored")] {
        let blocks = [(kind, 2000), (kind, 1001)];
        let whole = cabinet(16, &pack(&all, 16, &blocks, Some(1 << 20)), &sizes);
        let (folder, report) = scan_bytes("a.cab", &whole);
        assert_eq!(cores(&folder, &report).len(), 2, "{name}: {:?}", folder.not_scanned(&report));
        assert_survives(&format!("lzx-{name}"), &whole, whole.len());
        for cut in (44..whole.len()).step_by(whole.len() / 40) {
            let (folder, report) = scan_bytes("a.cab", &whole[..cut]);
            assert!(!folder.not_scanned(&report).is_empty(), "{name} cut off at {cut}");
        }
        for window in [14, 22] {
            let mut other = whole.clone();
            other[36 + 7] = window;
            let (folder, report) = scan_bytes("a.cab", &other);
            let said = folder.not_scanned(&report);
            assert!(said.len() == 1 && said[0].contains("a window that none has"), "{said:?}");
        }
    }
}
