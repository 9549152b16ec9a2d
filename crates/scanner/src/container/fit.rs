//! Flattened device trees (Devicetree Specification 0.4, §5), and the images that U-Boot keeps in them (Flat Image Tree: doc/usage/fit
//! of U-Boot). A tree that only describes hardware has nothing inside.

use std::cell::RefCell;
use std::io;

use super::{behind, compressed};
use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::be32;
use crate::report::Reason;

const KIND: &str = "device tree";
/// Tokens of the structure (§5.4.1).
const BEGIN: u32 = 1;
const END_NODE: u32 = 2;
const PROPERTY: u32 = 3;
const NOTHING: u32 = 4;
const END: u32 = 9;
/// Bytes of a name; those of nodes have 31, those of properties, too.
const MAX_NAME: usize = 256;
/// Bytes between two trees.
const MAX_PADDING: usize = 1 << 20;
/// Bytes between two parts of a tree that are not looked at by themselves: reserved memory, names that no property has.
const MAX_GAP: u64 = 4 << 10;
/// Bytes of the names of properties; real trees have a few thousand.
const MAX_NAMES: usize = 64 << 10;
/// Parts of one tree that do not follow one another.
const MAX_READ: usize = 1 << 10;
/// Nodes inside one another.
const MAX_DEPTH: usize = 64;

/// Where the parts of a tree lie (§5.2).
struct Tree<'s> {
    content: Content<'s>,
    structure: u64,
    strings: u64,
    /// Behind the tree, where images may lie that are not in it.
    behind: u64,
    /// What was read of it: where that begins and where it ends.
    read: RefCell<Vec<(u64, u64)>>,
}

/// What is said of one image.
#[derive(Default)]
struct Image {
    name: Vec<u8>,
    data: Option<(u64, u64)>,
    /// Where its bytes begin behind the tree, or from the start of the file, and how many they are.
    offset: Option<u64>,
    position: Option<u64>,
    size: Option<u64>,
    is_lzma: bool,
    is_encrypted: bool,
}

/// Whether the numbers in front are those of a tree.
pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    content.up_to(0, 40).map(|header| is_head(&header))
}

/// Whether bytes begin with numbers that a tree has.
pub(crate) fn is_head(header: &[u8]) -> bool {
    let (size, structure, strings) = (be32(header, 4), be32(header, 8), be32(header, 12));
    let is_inside = |at: u32| (40..size).contains(&at);
    // Its version, and the oldest that it can be read as.
    let is_readable = be32(header, 20) >= 16 && be32(header, 24) <= 17;
    header.len() >= 40 && is_inside(structure) && strings <= size && is_readable
}

/// Every tree that stands in front, and what makers put behind them.
pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let mut start = 0;
    loop {
        let end = start + open_one(&content.window(start, u64::MAX), examiner)?;
        let padded = content.up_to(end, MAX_PADDING).map_err(|error| failed(&error))?;
        let padding = padded.iter().position(|byte| !matches!(byte, 0 | 0xff)).unwrap_or(padded.len());
        start = end + padding as u64;
        if !is_head(padded.get(padding..).unwrap_or_default()) {
            return behind::look(KIND, content, end, examiner);
        }
    }
}

/// One tree, where what stands behind it is looked at by somebody else. Returns where it ends, with images that are not in it: whatever its
/// header says, what was not read as a part of it belongs to somebody else.
pub(super) fn open_one<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let header = content.bytes_at(0, 40).map_err(|error| failed(&error))?;
    let size = u64::from(be32(&header, 4));
    if size > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let (structure, strings) = (be32(&header, 8), be32(&header, 12));
    let tree = Tree {
        content: content.clone(),
        structure: structure.into(),
        strings: strings.into(),
        behind: size.next_multiple_of(4),
        read: RefCell::new(vec![(0, 40)]),
    };
    let names = usize::try_from(be32(&header, 32)).unwrap_or(MAX_NAMES).min(MAX_NAMES);
    let names = content.up_to(tree.strings, names).map_err(|error| failed(&error))?;
    let is_name = |byte: &u8| *byte == 0 || byte.is_ascii_graphic();
    tree.has_read(tree.strings, tree.strings + names.iter().take_while(|byte| is_name(byte)).count() as u64);
    tree.walk(examiner)?;
    tree.end()
}

fn is_images(name: &[u8]) -> bool {
    // Behind the sign would be an address, which does not count.
    name.split(|byte| *byte == b'@').next() == Some(b"images")
}

impl<'s> Tree<'s> {
    fn has_read(&self, start: u64, end: u64) {
        let mut read = self.read.borrow_mut();
        let is_full = read.len() >= MAX_READ;
        match read.last_mut() {
            // Tokens follow one another.
            Some(last) if (last.0..=last.1.next_multiple_of(4)).contains(&start) => last.1 = last.1.max(end),
            _ if is_full => {}
            _ => read.push((start, end)),
        }
    }

    /// Up to where all of it was read, but for padding and small gaps.
    fn end(&self) -> Result<u64, Reason> {
        let mut read = self.read.borrow().clone();
        read.sort_unstable();
        let mut end = 0;
        for (start, to) in read {
            if start > end + MAX_GAP {
                let count = usize::try_from(start - end).unwrap_or(usize::MAX).min(MAX_PADDING);
                let gap = self.content.up_to(end, count).map_err(|error| failed(&error))?;
                if end + (gap.len() as u64) < start || !gap.iter().all(|byte| matches!(byte, 0 | 0xff)) {
                    break;
                }
            }
            end = end.max(to);
        }
        Ok(end.min(self.content.length()))
    }

    fn number(&self, at: u64) -> Result<u32, Reason> {
        self.content.bytes_at(at, 4).map(|bytes| be32(&bytes, 0)).map_err(|error| failed(&error))
    }

    /// The text at a place, up to its zero.
    fn text(&self, at: u64) -> Result<Vec<u8>, Reason> {
        let mut text = self.content.up_to(at, MAX_NAME).map_err(|error| failed(&error))?;
        let end = memchr::memchr(0, &text).ok_or_else(|| damaged("a name has no end"))?;
        text.truncate(end);
        Ok(text)
    }

    fn walk(&self, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let mut at = self.structure;
        let mut path: Vec<Vec<u8>> = Vec::new();
        let mut image = Image::default();
        loop {
            examiner.meter.entry()?;
            let token = self.number(at)?;
            self.has_read(at, at + 4);
            at += 4;
            match token {
                BEGIN => {
                    let name = self.text(at)?;
                    let next = (at + name.len() as u64 + 1).next_multiple_of(4);
                    self.has_read(at, next);
                    at = next;
                    if path.len() >= MAX_DEPTH {
                        return Err(damaged("its nodes lie too deep in one another"));
                    }
                    path.push(name);
                    match path.as_slice() {
                        [_, images, name] if is_images(images) => {
                            image = Image { name: name.clone(), ..Image::default() };
                        }
                        [_, images, _, inner] if is_images(images) && inner.starts_with(b"cipher") => {
                            image.is_encrypted = true;
                        }
                        _ => {}
                    }
                }
                PROPERTY => {
                    let (length, name) = (u64::from(self.number(at)?), u64::from(self.number(at + 4)?));
                    self.has_read(at, at + 8 + length.min(MAX_GAP));
                    if matches!(path.as_slice(), [_, images, _] if is_images(images)) {
                        self.property(&mut image, &self.text(self.strings + name)?, (at + 8, length))?;
                    }
                    at = (at + 8 + length).next_multiple_of(4);
                }
                END_NODE => {
                    if matches!(path.as_slice(), [_, images, _] if is_images(images)) {
                        self.image(&image, examiner)?;
                    }
                    path.pop();
                }
                NOTHING => {}
                END => return Ok(()),
                _ => return Err(damaged("its structure has a token that is none")),
            }
        }
    }

    fn property(&self, image: &mut Image, name: &[u8], (at, length): (u64, u64)) -> Result<(), Reason> {
        match name {
            b"data" => image.data = Some((at, length)),
            b"data-offset" => image.offset = Some(self.number(at)?.into()),
            b"data-position" => image.position = Some(self.number(at)?.into()),
            b"data-size" => image.size = Some(self.number(at)?.into()),
            b"compression" => image.is_lzma = self.text(at)? == b"lzma",
            _ => {}
        }
        Ok(())
    }

    /// One image; what is wrong with it is said of it.
    fn image(&self, image: &Image, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let name = String::from_utf8_lossy(&image.name).into_owned();
        if image.is_encrypted {
            return examiner
                .not_scanned(&name, Reason::Unsupported("an encrypted image of U-Boot".to_owned()));
        }
        let start = image.position.or(image.offset.map(|offset| self.behind + offset));
        let parts = [start.zip(image.size), image.data];
        if parts == [None, None] {
            return examiner.not_scanned(&name, damaged("an image has no data"));
        }
        // U-Boot takes what stands behind the tree; where there is more, all of it is looked at.
        for (at, length) in parts.into_iter().flatten() {
            if at + length > self.content.length() {
                examiner.not_scanned(&name, damaged("an image reaches beyond the end"))?;
            }
            self.has_read(at, at + length);
            let data = self.content.window(at, length);
            if image.is_lzma {
                examiner.enter(&name, |examiner| compressed::lzma(&mut data.reader(), examiner))?;
            } else {
                examiner.entry(&image.name, &mut Window::new(data))?;
            }
        }
        Ok(())
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
