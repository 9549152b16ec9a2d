//! Flattened device trees (Devicetree Specification 0.4, §5), and the images that U-Boot keeps in them (Flat Image Tree: doc/usage/fit
//! of U-Boot). A tree that only describes hardware has nothing inside.

use std::io;

use super::compressed;
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
/// Nodes inside one another.
const MAX_DEPTH: usize = 64;

/// Where the parts of a tree lie (§5.2).
struct Tree<'s> {
    content: Content<'s>,
    structure: u64,
    strings: u64,
    /// Behind the tree, where images may lie that are not in it.
    behind: u64,
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
    header.len() >= 40 && is_inside(structure) && strings <= size && (16..=17).contains(&be32(header, 20))
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.bytes_at(0, 40).map_err(|error| failed(&error))?;
    let size = u64::from(be32(&header, 4));
    if size > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let tree = Tree {
        content: content.clone(),
        structure: be32(&header, 8).into(),
        strings: be32(&header, 12).into(),
        behind: size.next_multiple_of(4),
    };
    tree.walk(examiner)
}

impl<'s> Tree<'s> {
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
            at += 4;
            match token {
                BEGIN => {
                    let name = self.text(at)?;
                    at = (at + name.len() as u64 + 1).next_multiple_of(4);
                    if path.len() >= MAX_DEPTH {
                        return Err(damaged("its nodes lie too deep in one another"));
                    }
                    path.push(name);
                    match path.as_slice() {
                        [_, images, name] if images == b"images" => {
                            image = Image { name: name.clone(), ..Image::default() };
                        }
                        [_, images, _, inner] if images == b"images" && inner.starts_with(b"cipher") => {
                            image.is_encrypted = true;
                        }
                        _ => {}
                    }
                }
                PROPERTY => {
                    let (length, name) = (u64::from(self.number(at)?), u64::from(self.number(at + 4)?));
                    if matches!(path.as_slice(), [_, images, _] if images == b"images") {
                        self.property(&mut image, &self.text(self.strings + name)?, (at + 8, length))?;
                    }
                    at = (at + 8 + length).next_multiple_of(4);
                }
                END_NODE => {
                    if matches!(path.as_slice(), [_, images, _] if images == b"images") {
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
        let Some((at, length)) = image.data.or(start.zip(image.size)) else {
            return examiner.not_scanned(&name, damaged("an image has no data"));
        };
        if at + length > self.content.length() {
            examiner.not_scanned(&name, damaged("an image reaches beyond the end"))?;
        }
        let data = self.content.window(at, length);
        if image.is_lzma {
            return examiner.enter(&name, |examiner| compressed::lzma(&mut data.reader(), examiner));
        }
        examiner.entry(&image.name, &mut Window::new(data))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
