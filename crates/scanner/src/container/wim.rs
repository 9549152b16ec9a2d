//! Windows images (Microsoft's "Windows Imaging File Format"): what several images hold lies once in one file, found by its SHA-1. Of each
//! image a resource of its own has the folders and names. What is in solid resources, packed by LZMS or spread over several files is
//! not read.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::RandomState;
use std::io;
use std::rc::Rc;

use sha1::{Digest, Sha1};

use super::chunks::{Chunks, Unpacker};
use super::tree;
use crate::budget::Meter;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64, utf16_le};
use crate::report::Reason;

mod image;

use image::Image;

const KIND: &str = "Windows image";
const HEADER: usize = 208;
/// Versions of the format: the usual one, and that of files with solid resources.
const VERSIONS: [u32; 2] = [0x1_0d00, 0xe00];
/// Flags of the header.
const UNFINISHED: u32 = 0x40;
const XPRESS: u32 = 0x2_0000;
const LZX: u32 = 0x4_0000;
const LZMS: u32 = 0x8_0000;
const XPRESS_2: u32 = 0x20_0000;
/// Flags of a resource.
const FREE: u8 = 0x01;
const METADATA: u8 = 0x02;
const PACKED: u8 = 0x04;
const SPANNED: u8 = 0x08;
const SOLID: u8 = 0x10;
/// Bytes of an entry of the table of resources, and how many are read at once.
const ENTRY: usize = 50;
const ENTRIES: usize = 4096;
/// Resources that are known at once, and images: a Windows has 200,000 files, and a file of images ten.
const MAX_RESOURCES: usize = 4 << 20;
const MAX_IMAGES: usize = 4096;
/// Resources whose hashes begin with the same eight bytes: only somebody who wants that has two.
const MAX_ALIKE: usize = 16;
/// Bytes of the text with the names of images.
const MAX_TEXT: u64 = 4 << 20;
/// Bytes of unpacked chunks of folders that are kept.
const KEPT: u64 = 512 << 10;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.bytes_at(0, HEADER).map_err(|error| failed(&error))?;
    let (version, flags) = (le32(&header, 12), le32(&header, 16));
    if !VERSIONS.contains(&version) {
        return Err(Reason::Unsupported(format!("a Windows image of version {version:x}")));
    }
    if le16(&header, 42) > 1 {
        let other = "the other parts that it was split into".to_owned();
        return Err(Reason::NeedsOther { kind: KIND, other });
    }
    if flags & UNFINISHED != 0 {
        examiner.container_not_whole(damaged("it was not written to its end"));
    }
    let wim = Wim::new(content, &header, &examiner.meter)?;
    let names = wim.names(Resource::parse(header.get(72..).unwrap_or_default()));
    if wim.is_overlapping {
        examiner.container_not_whole(damaged("resources lie over one another"));
    }
    let count = le32(&header, 44) as usize;
    if count != wim.images.len() {
        let what = format!("it should have {count} images, and has {}", wim.images.len());
        examiner.container_not_whole(damaged(&what));
    }
    if wim.images.is_empty() && !wim.index.is_empty() {
        let other = "the file with the images that its resources belong to".to_owned();
        examiner.container_not_whole(Reason::NeedsOther { kind: KIND, other });
    }
    for (number, (resource, hash)) in (1..).zip(&wim.images) {
        let name = match names.iter().find(|(it, _)| *it == number) {
            Some((_, name)) => format!("image {number} ({name})"),
            None => format!("image {number}"),
        };
        examiner.meter.entry()?;
        examiner.enter(&name, |examiner| wim.look(*resource, hash, examiner))?;
    }
    Ok(())
}

type Hash = [u8; 20];

/// A part of the file that may be packed.
#[derive(Clone, Copy)]
struct Resource {
    flags: u8,
    at: u64,
    packed: u64,
    size: u64,
}

impl Resource {
    fn parse(entry: &[u8]) -> Resource {
        let first = le64(entry, 0);
        Resource {
            flags: byte(entry, 7),
            packed: first & 0xff_ffff_ffff_ffff,
            at: le64(entry, 8),
            size: le64(entry, 16),
        }
    }
}

/// What a hash leads to.
enum Held {
    /// A resource, and its number in the table.
    Resource(u32, Resource),
    /// A part of a solid resource.
    Solid,
    Nothing,
}

struct Wim<'s> {
    content: Content<'s>,
    /// Where anything is packed.
    unpacker: Option<Rc<Unpacker>>,
    chunk: u64,
    table: Content<'s>,
    /// The first eight bytes of each hash and the number of its entry, in order.
    index: Vec<(u64, u32)>,
    /// The folders of each image, and the hash of that resource.
    images: Vec<(Resource, Hash)>,
    /// Whether two resources have bytes in common, as only wrong numbers have.
    is_overlapping: bool,
    meter: Rc<Meter<'s>>,
    said: Said,
    /// What was looked at: the number of an entry with the name of the file.
    seen: RefCell<HashSet<u64>>,
    hasher: RandomState,
}

/// Files of an image that could not be looked at, by the reason.
#[derive(Default)]
struct Said {
    solid: Cell<u64>,
    missing: Cell<u64>,
    encrypted: Cell<u64>,
    elsewhere: Cell<u64>,
}

impl Said {
    fn report(&self, examiner: &mut Examiner<'_>) {
        let (solid, missing) = (self.solid.take(), self.missing.take());
        let (encrypted, elsewhere) = (self.encrypted.take(), self.elsewhere.take());
        if solid > 0 {
            let what = format!("what {solid} files hold in solid resources (as in .esd files)");
            examiner.container_not_whole(Reason::Unsupported(what));
        }
        if missing > 0 {
            let what = format!("what {missing} files hold is not in it");
            examiner.container_not_whole(damaged(&what));
        }
        if encrypted > 0 {
            examiner.container_not_whole(Reason::Encrypted(encrypted));
        }
        if elsewhere > 0 {
            let what = format!("what {elsewhere} files hold elsewhere (deduplication, CompactOS, WIMBoot)");
            examiner.container_not_whole(Reason::Unsupported(what));
        }
    }
}

/// What unpacks its resources: none where nothing is packed.
fn unpacker(flags: u32, chunk: u32) -> Result<Option<Unpacker>, Reason> {
    const USUAL: u32 = 32 << 10;
    let chunk = if chunk == 0 { USUAL } else { chunk };
    let bits = chunk.trailing_zeros();
    let known = match flags & (XPRESS | LZX | LZMS | XPRESS_2) {
        0 => return Ok(None),
        LZMS => {
            let what = "a Windows image packed by LZMS (as .esd files are)";
            return Err(Reason::Unsupported(what.to_owned()));
        }
        LZX => Unpacker::lzx(bits),
        XPRESS | XPRESS_2 => Unpacker::xpress(bits),
        _ => return Err(damaged("it is packed by no known method")),
    };
    let known = known.filter(|_| chunk.is_power_of_two());
    known.map(Some).ok_or_else(|| damaged("its chunks have a size that none has"))
}

impl<'s> Wim<'s> {
    fn new(content: &Content<'s>, header: &[u8], meter: &Rc<Meter<'s>>) -> Result<Wim<'s>, Reason> {
        let unpacker = unpacker(le32(header, 16), le32(header, 20))?.map(Rc::new);
        let mut wim = Wim {
            content: content.clone(),
            chunk: unpacker.as_ref().map_or(1, |it| it.chunk()),
            unpacker,
            table: content.window(0, 0),
            index: Vec::new(),
            images: Vec::new(),
            is_overlapping: false,
            meter: Rc::clone(meter),
            said: Said::default(),
            seen: RefCell::default(),
            hasher: RandomState::new(),
        };
        let [table, text] = [48, 72].map(|at| Resource::parse(header.get(at..).unwrap_or_default()));
        wim.table = wim.resource(table, 1)?;
        // What is of no file must have no bytes in common with one, either.
        let own = [(0, HEADER as u64), (table.at, table.packed), (text.at, text.packed)];
        wim.index(le16(header, 40), own.to_vec())?;
        Ok(wim)
    }

    /// Reads the table through once; of the places that are taken some are known.
    fn index(&mut self, part: u16, mut places: Vec<(u64, u64)>) -> Result<(), Reason> {
        let mut number = 0_u32;
        let mut at = 0;
        loop {
            let entries = self.table.up_to(at, ENTRY * ENTRIES).map_err(|error| failed(&error))?;
            if entries.is_empty() {
                break;
            }
            at += entries.len() as u64;
            // Looks at the clock, too.
            self.meter.expand(0)?;
            for entry in entries.chunks_exact(ENTRY) {
                let resource = Resource::parse(entry);
                let hash = hash_at(entry, 30);
                if resource.flags & (FREE | SOLID) == 0 && places.len() < MAX_RESOURCES {
                    places.push((resource.at, resource.packed));
                }
                if resource.flags & METADATA != 0 {
                    if self.images.len() >= MAX_IMAGES {
                        return Err(damaged("it has more images than any file"));
                    }
                    self.images.push((resource, hash));
                } else if resource.flags & FREE == 0 && le16(entry, 24) == part {
                    if self.index.len() >= MAX_RESOURCES {
                        return Err(damaged("it has more resources than any file"));
                    }
                    self.index.push((first_of(&hash), number));
                }
                number = number.saturating_add(1);
            }
        }
        self.index.sort_unstable();
        places.sort_unstable();
        let mut pairs = places.iter().zip(places.iter().skip(1));
        self.is_overlapping =
            pairs.any(|((at, length), (next, _))| at.checked_add(*length).is_none_or(|end| end > *next));
        Ok(())
    }

    /// What a hash leads to.
    fn held(&self, hash: &Hash) -> io::Result<Held> {
        let wanted = first_of(hash);
        let from = self.index.partition_point(|(first, _)| *first < wanted);
        let alike = self.index.iter().skip(from).take_while(|(first, _)| *first == wanted);
        for (_, number) in alike.take(MAX_ALIKE) {
            let entry = self.table.bytes_at(u64::from(*number) * ENTRY as u64, ENTRY)?;
            if hash_at(&entry, 30) == *hash {
                let resource = Resource::parse(&entry);
                let is_solid = resource.flags & SOLID != 0;
                return Ok(if is_solid { Held::Solid } else { Held::Resource(*number, resource) });
            }
        }
        Ok(Held::Nothing)
    }

    /// The bytes of a resource, of which so many unpacked chunks are kept.
    fn resource(&self, it: Resource, keep: usize) -> Result<Content<'s>, Reason> {
        if it.flags & SOLID != 0 {
            return Err(Reason::Unsupported("a solid resource of a Windows image".to_owned()));
        }
        if it.flags & SPANNED != 0 {
            return Err(Reason::Unsupported("a part of a resource of a Windows image".to_owned()));
        }
        let is_there = it.at.checked_add(it.packed).is_some_and(|end| end <= self.content.length());
        if !is_there {
            return Err(damaged("a resource reaches beyond its end"));
        }
        let window = self.content.window(it.at, it.packed);
        if it.flags & PACKED == 0 {
            return if it.packed == it.size {
                Ok(window)
            } else {
                Err(damaged("a resource that is not packed has two sizes"))
            };
        }
        let unpacker =
            self.unpacker.as_ref().ok_or_else(|| damaged("a resource is packed by no known method"))?;
        Ok(Content::made(Chunks::new(window, it.size, unpacker, keep), it.size, &self.meter))
    }

    /// The names of images by their numbers, from the text that describes them (UTF-16 XML). Where it cannot be read they have numbers alone.
    fn names(&self, text: Resource) -> Vec<(usize, String)> {
        let bytes = self.resource(text, 1).and_then(|text| {
            let wanted = text.length().min(MAX_TEXT) as usize;
            text.up_to(0, wanted).map_err(|error| failed(&error))
        });
        let text = utf16_le(&bytes.unwrap_or_default());
        let images = text.split("<IMAGE ").skip(1).take(MAX_IMAGES);
        images.filter_map(name_of_image).collect()
    }

    /// Looks at the files of an image.
    fn look(&self, resource: Resource, hash: &Hash, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let folders = self.resource(resource, (KEPT / self.chunk).max(1) as usize)?;
        match sum(&folders) {
            Ok(sum) if sum == *hash => {}
            Ok(_) => examiner.container_not_whole(damaged("its list of files has another checksum")),
            Err(error) => examiner.container_not_whole(failed(&error)),
        }
        let image = Image::new(self, folders);
        let root = image.root()?;
        let walked = tree::walk(&image, root, examiner);
        self.said.report(examiner);
        walked
    }
}

/// The SHA-1 of a resource.
fn sum(content: &Content<'_>) -> io::Result<Hash> {
    const STEP: usize = 64 << 10;
    let mut hasher = Sha1::new();
    let mut at = 0;
    loop {
        let bytes = content.up_to(at, STEP)?;
        if bytes.is_empty() {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&bytes);
        at += bytes.len() as u64;
    }
}

fn hash_at(entry: &[u8], at: usize) -> Hash {
    let hash = entry.get(at..at + 20).and_then(|hash| hash.try_into().ok());
    hash.unwrap_or_default()
}

fn first_of(hash: &Hash) -> u64 {
    le64(hash, 0)
}

/// The number and the name that an element `IMAGE` has, its begin taken off.
fn name_of_image(element: &str) -> Option<(usize, String)> {
    let (_, number) = element.split_once("INDEX=\"")?;
    let number = number.split('"').next()?.parse().ok()?;
    let element = element.split("</IMAGE>").next()?;
    let (_, name) = element.split_once("<NAME>")?;
    let name = name.split("</NAME>").next()?;
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let name = escapes.iter().fold(name.to_owned(), |name, (escape, sign)| name.replace(escape, sign));
    let name: String = name.chars().map(|it| if it == '/' { '_' } else { it }).take(255).collect();
    (!name.is_empty()).then_some((number, name))
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
