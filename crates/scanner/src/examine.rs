//! One file and everything inside of it: each entry is looked at by its name, then by its first bytes; what is a container
//! is gone into.

use std::borrow::Cow;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;

use crate::binary;
use crate::budget::Meter;
use crate::container::{self, Open};
use crate::content::{Bytes, Content};
use crate::detect::{self, Detector, Examine};
use crate::document;
use crate::facts::Facts;
use crate::java::{self, SharedFolder};
use crate::layers::{self, Layer, LayerLink};
use crate::report::{NotScanned, Place, Reason};

/// How far a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// In zip archives, entries that bear the name of a class are read where the name is one that is looked for, and files whose names
    /// end like pictures or texts are not looked at; where a library has no class of a name that matters, they are.
    #[default]
    Usual,
    /// Every entry is read: this finds a library of which nothing has its name any more.
    Thorough,
}

/// Which entries of a container are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// All.
    All,
    /// Those whose names leave open what they are; the container can be gone through again.
    ByName,
    /// Those that were passed over before, and only whether they are classes.
    Rest,
}

/// Bytes by which it is told what something is; the mark of a tar archive ends at 262.
pub(crate) const HEAD: usize = 512;
/// Bytes of a manifest of an image (OCI Distribution Specification, "Pushing Manifests").
const MAX_MANIFEST: usize = 4 << 20;

/// The scan of one file. `'s` is the life of the whole scan.
pub(crate) struct Examiner<'s> {
    pub(crate) meter: Rc<Meter<'s>>,
    pub(crate) facts: Facts,
    depth: Depth,
    /// The containers around what is looked at, outermost first.
    around: Vec<String>,
    /// What is looked at in the innermost of them.
    look: Look,
    /// The folder of the classes that were passed over in it.
    passed_over: SharedFolder,
    /// Whether a person named this very file.
    is_asked_for: bool,
}

impl<'s> Examiner<'s> {
    pub(crate) fn new(meter: Rc<Meter<'s>>, depth: Depth, is_asked_for: bool) -> Examiner<'s> {
        Examiner {
            meter,
            facts: Facts::default(),
            depth,
            around: Vec::new(),
            look: Look::All,
            passed_over: SharedFolder::default(),
            is_asked_for,
        }
    }

    /// The place of something in the container that is looked at.
    pub(crate) fn place(&self, name: &str) -> Place {
        Place::of(&self.around).inside(name)
    }

    /// Says that something was not looked into. What ends the whole file is said once, by whoever began it.
    pub(crate) fn not_scanned(&mut self, name: &str, reason: Reason) -> Result<(), Reason> {
        if reason.ends_file() {
            return Err(reason);
        }
        let place = self.place(name);
        self.facts.not_scanned.push(NotScanned { place, reason });
        Ok(())
    }

    /// The layer of an image that the archive which is looked at may be.
    pub(crate) fn layer(&self) -> Option<Layer> {
        Layer::of(&self.around)
    }

    /// A symbolic link in an archive: only those to layers of an image matter.
    pub(crate) fn layer_link(&mut self, name: &[u8], target: &[u8]) {
        let (name, target) = (String::from_utf8_lossy(name), String::from_utf8_lossy(target));
        self.facts.layer_links.extend(LayerLink::of(&self.around, &name, &target));
    }

    /// The place of the container that is looked at.
    pub(crate) fn container_place(&self) -> Place {
        Place::of(&self.around)
    }

    /// The name of the container that is looked at.
    pub(crate) fn container_name(&self) -> &str {
        self.around.last().map_or("", String::as_str)
    }

    /// Whether the container that is looked at, or what it was packed as, has such an ending.
    pub(crate) fn is_packed_as(&self, ending: &str) -> bool {
        self.around.iter().rev().take(2).any(|it| it.ends_with(ending))
    }

    /// Whether a container of such an ending is around what is looked at.
    pub(crate) fn is_within(&self, ending: &str) -> bool {
        self.around.iter().any(|it| it.ends_with(ending))
    }

    /// Says that the container itself was not looked into to its end.
    pub(crate) fn container_not_whole(&mut self, reason: Reason) {
        let place = self.container_place();
        self.facts.not_scanned.push(NotScanned { place, reason });
    }

    /// One entry of a container, or a file. Its bytes are asked for only when they matter.
    ///
    /// # Errors
    /// Only what ends the scan of the whole file.
    pub(crate) fn entry(&mut self, name: &[u8], bytes: &mut dyn Bytes<'s>) -> Result<(), Reason> {
        self.meter.entry()?;
        // What the lines below would say of nine entries in ten.
        if self.look == Look::ByName
            && name.len() <= self.meter.limits.name_length
            && java::is_other_class(name)
        {
            self.passed_over.add(name);
            return Ok(());
        }
        let name = self.readable(name)?;
        match self.look {
            Look::All => {}
            Look::ByName if is_passed_over(&name) => return Ok(()),
            Look::ByName => {}
            Look::Rest if is_passed_over(&name) => return self.rest(&name, bytes),
            Look::Rest => return Ok(()),
        }
        if let Some(detector) = detect::by_path(&name) {
            return self.detector(detector, &name, bytes);
        }
        if java::is_class_of_interest(&name) {
            return self.class(&name, &[], bytes);
        }
        let mut head = [0; HEAD];
        let filled = match fill(bytes, &mut head) {
            Ok(filled) => filled,
            Err(error) => return self.not_scanned(&name, Reason::of_read("entry", &error)),
        };
        self.by_head(&name, &head[..filled], bytes)
    }

    /// A file that says what is installed.
    fn detector(&mut self, detector: &Detector, name: &str, bytes: &mut dyn Bytes<'s>) -> Result<(), Reason> {
        let outcome = match detector.examine {
            Examine::Text(examine) => self.read_text(bytes).map(|text| examine(name, &text, self)),
            Examine::Database(examine) => bytes
                .window()
                .map_or_else(|| self.collect(&[], bytes), Ok)
                .and_then(|content| examine(name, &content, self)),
        };
        outcome.or_else(|reason| self.not_scanned(name, reason))
    }

    /// An entry that was passed over: whether it is a class of which nobody would think by its name.
    fn rest(&mut self, name: &str, bytes: &mut dyn Bytes<'s>) -> Result<(), Reason> {
        // What bears the name of a class mostly is one, and is read at once.
        if name.ends_with(".class") && bytes.room() <= self.meter.limits.class_bytes {
            return self.class(name, &[], bytes);
        }
        let mut head = [0; 8];
        match fill(bytes, &mut head) {
            Ok(filled) if java::is_class(&head[..filled]) => self.class(name, &head[..filled], bytes),
            Ok(_) => Ok(()),
            Err(error) => self.not_scanned(name, Reason::of_read("entry", &error)),
        }
    }

    /// Goes through a container whose entries can be had again: first those whose names leave open what they are, then, where a class
    /// that matters was not among them, the others.
    pub(crate) fn twice(
        &mut self,
        mut each: impl FnMut(&mut Examiner<'s>) -> Result<bool, Reason>,
    ) -> Result<(), Reason> {
        let (classes, declared) = (self.facts.classes.len(), self.facts.declared.len());
        if self.depth == Depth::Thorough {
            return each(self).map(drop);
        }
        self.look = Look::ByName;
        let outer = std::mem::take(&mut self.passed_over);
        let is_whole = each(self);
        let passed_over = std::mem::replace(&mut self.passed_over, outer);
        let is_whole = is_whole?;
        let (classes, declared) = (self.facts.classes.get(classes..), self.facts.declared.get(declared..));
        let (classes, declared) = (classes.unwrap_or_default(), declared.unwrap_or_default());
        if is_whole && java::is_something_missed(classes, declared, &self.around, &passed_over) {
            self.look = Look::Rest;
            each(self)?;
        }
        Ok(())
    }

    /// What its first bytes say.
    fn by_head(&mut self, name: &str, head: &[u8], bytes: &mut dyn Bytes<'s>) -> Result<(), Reason> {
        if java::is_class(head) {
            return self.class(name, head, bytes);
        }
        if layers::may_be_manifest(name, head) {
            return match read_capped(head, bytes, MAX_MANIFEST, "manifest of an image") {
                Ok(manifest) => {
                    layers::oci_manifest(name, &manifest, self);
                    Ok(())
                }
                Err(reason) => self.not_scanned(name, reason),
            };
        }
        if let Some(container) = container::by_head(head) {
            return self.nested(name, container.open, head, bytes);
        }
        if let Some(open) = container::by_name(name, head) {
            return self.nested(name, open, head, bytes);
        }
        // Marks that stand further in, or at the end, need random access: a file has it, an entry where it may be worth it.
        let is_program = binary::is_program(head);
        let content = match bytes.window() {
            Some(window) => window,
            None if is_program
                || container::may_be_image(name)
                || container::may_be_checked(head)
                || binary::may_be_firmware(name, head, None) =>
            {
                match self.collect(head, bytes) {
                    Ok(content) => content,
                    Err(reason) => return self.not_scanned(name, reason),
                }
            }
            None => return Ok(()),
        };
        if is_program && let Err(reason) = binary::examine(name, &content, self) {
            self.not_scanned(name, reason)?;
        }
        match container::by_content(&content, head) {
            Ok(Some((container, at))) => self.open(name, container.open, &content.window(at, u64::MAX)),
            Ok(None) if is_program => Ok(()),
            Ok(None) => self.unknown(name, head, &content),
            Err(error) => self.not_scanned(name, Reason::of_read("file", &error)),
        }
    }

    /// Something of no known kind. Where somebody asked for this very file, that it is not known is the answer.
    fn unknown(&mut self, name: &str, head: &[u8], content: &Content<'s>) -> Result<(), Reason> {
        let is_asked_for = self.is_asked_for && self.around.is_empty() && !document::is_surely_text(head);
        let is_worth_it = is_asked_for || binary::may_be_firmware(name, head, Some(content.length()));
        let is_told = is_worth_it && self.look_through(name, content)?;
        if is_told || !is_asked_for {
            return Ok(());
        }
        self.not_scanned(
            name,
            Reason::Unsupported("a file of a kind that this program does not know".to_owned()),
        )
    }

    /// Looks through something of bearable size as through firmware. Returns whether anything was told of it: what is known of it, or why it
    /// cannot be read.
    fn look_through(&mut self, name: &str, content: &Content<'s>) -> Result<bool, Reason> {
        if content.length() > binary::MAX_FIRMWARE {
            return Ok(false);
        }
        binary::look_into_firmware(name, content, self)
            .or_else(|reason| self.not_scanned(name, reason).map(|()| true))
    }

    /// A partition, or the disk in a disk image. Unlike a file it is nothing by itself: where it is of no known kind, that is said.
    pub(crate) fn volume(&mut self, name: &[u8], content: &Content<'s>) -> Result<(), Reason> {
        self.meter.entry()?;
        let name = self.readable(name)?;
        let known = content.up_to(0, HEAD).and_then(|head| match container::by_head(&head) {
            Some(container) => Ok(Some((container, 0))),
            None => container::by_content(content, &head),
        });
        match known {
            Ok(Some((container, at))) => self.open(&name, container.open, &content.window(at, u64::MAX)),
            Ok(None) if is_empty(content) || container::is_swap(content).unwrap_or(false) => Ok(()),
            Ok(None) => {
                self.look_through(&name, content)?;
                let what = "a partition or disk that holds no file system this program knows".to_owned();
                self.not_scanned(&name, Reason::Unsupported(what))
            }
            Err(error) => self.not_scanned(&name, Reason::of_read("partition", &error)),
        }
    }

    fn nested(
        &mut self,
        name: &str,
        open: Open,
        head: &[u8],
        bytes: &mut dyn Bytes<'s>,
    ) -> Result<(), Reason> {
        if let Open::Stream(stream) = open {
            let mut whole = head.chain(bytes);
            return self.enter(name, |examiner| stream(&mut whole, examiner));
        }
        match bytes.window().map_or_else(|| self.collect(head, bytes), Ok) {
            Ok(content) => self.open(name, open, &content),
            Err(reason) => self.not_scanned(name, reason),
        }
    }

    pub(crate) fn open(&mut self, name: &str, open: Open, content: &Content<'s>) -> Result<(), Reason> {
        match open {
            Open::Random(random) => self.enter(name, |examiner| random(content, examiner)),
            Open::Stream(stream) => self.enter(name, |examiner| stream(&mut content.reader(), examiner)),
            Open::Never(what) => self.not_scanned(name, Reason::Unsupported(what.to_owned())),
            Open::Searched(what) => {
                self.look_through(name, content)?;
                self.not_scanned(name, Reason::Unsupported(what.to_owned()))
            }
        }
    }

    /// Goes into a container. What is wrong with it is said, and what is beside it goes on.
    pub(crate) fn enter(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Examiner<'s>) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        if self.around.len() >= self.meter.limits.depth {
            return self.not_scanned(name, Reason::TooDeep(self.meter.limits.depth));
        }
        self.around.push(name.to_owned());
        let look = std::mem::replace(&mut self.look, Look::All);
        let read = read(self);
        self.look = look;
        self.around.pop();
        match read {
            Ok(()) => Ok(()),
            Err(reason) => self.not_scanned(name, reason),
        }
    }

    fn collect(&self, head: &[u8], bytes: &mut dyn Bytes<'s>) -> Result<Content<'s>, Reason> {
        let (limits, shared) = (self.meter.limits, self.meter.shared);
        Content::collect(head.chain(bytes), limits.memory, shared)
            .map_err(|error| Reason::of_read("entry", &error))
    }

    /// A class file that may be one of those looked for. What was looked at before, in this archive or another, is known.
    fn class(&mut self, name: &str, head: &[u8], bytes: &mut dyn Bytes<'s>) -> Result<(), Reason> {
        let (shared, limits) = (self.meter.shared, self.meter.limits);
        let fingerprint = if head.is_empty() { bytes.fingerprint() } else { None };
        let identified = match fingerprint.and_then(|it| shared.classes.get(&it)) {
            Some(known) => known,
            None => {
                let whole = match read_capped(head, bytes, limits.class_bytes, "class file") {
                    Ok(whole) => whole,
                    Err(reason) => return self.not_scanned(name, reason),
                };
                let identified = java::class(&whole).map(Arc::new);
                if let Some(fingerprint) = fingerprint.filter(|_| bytes.is_sound()) {
                    shared.classes.keep(fingerprint, identified.clone());
                }
                identified
            }
        };
        if let Some(identified) = identified {
            java::found(name, &identified, self);
        }
        Ok(())
    }

    fn read_text(&self, bytes: &mut dyn Bytes<'s>) -> Result<Vec<u8>, Reason> {
        read_capped(&[], bytes, self.meter.limits.text_bytes, "file of this kind")
    }

    /// The name as text: bytes that are no UTF-8 are replaced, a name that is too long is cut, and it is said.
    fn readable<'n>(&mut self, name: &'n [u8]) -> Result<Cow<'n, str>, Reason> {
        let limit = self.meter.limits.name_length;
        if name.len() <= limit {
            let text = std::str::from_utf8(name);
            return Ok(text.map_or_else(|_| String::from_utf8_lossy(name), Cow::Borrowed));
        }
        let cut = String::from_utf8_lossy(&name[..limit]).into_owned();
        let what = format!("a name of {} bytes was cut", name.len());
        self.not_scanned(&cut, Reason::Damaged { kind: "entry", what })?;
        Ok(Cow::Owned(cut))
    }

    /// Whether it is something inside of a container.
    pub(crate) fn is_inside(&self) -> bool {
        !self.around.is_empty()
    }
}

/// Whether a volume was never written to: its first megabyte is of one value, 0 or, as flash is when it is erased, 255.
fn is_empty(content: &Content<'_>) -> bool {
    let first = content.up_to(0, 1 << 20).unwrap_or_else(|_| vec![1, 2]);
    first.iter().all(|byte| *byte == 0) || first.iter().all(|byte| *byte == 0xff)
}

/// All bytes of an entry of which the first were read already, if they are no more than a limit.
fn read_capped<'s>(
    head: &[u8],
    bytes: &mut dyn Bytes<'s>,
    limit: usize,
    kind: &'static str,
) -> Result<Vec<u8>, Reason> {
    if head.is_empty()
        && bytes.room() <= limit
        && let Some(whole) = bytes.whole()
    {
        return whole.map_err(|error| Reason::of_read("entry", &error));
    }
    // One byte more shows the end without room being made for more, and one read gives all that there is.
    let mut whole = vec![0; bytes.room().min(limit).saturating_add(1).max(head.len())];
    whole[..head.len()].copy_from_slice(head);
    let mut filled = head.len();
    loop {
        if filled == whole.len() {
            if filled > limit {
                return Err(Reason::TooLarge { kind, limit: limit as u64 });
            }
            whole.resize(filled.saturating_mul(2).max(256).min(limit.saturating_add(1)), 0);
        }
        match bytes.read(&mut whole[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Reason::of_read("entry", &error)),
        }
    }
    whole.truncate(filled);
    Ok(whole)
}

/// Fills a buffer as far as there are bytes.
pub(crate) fn fill(from: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether an entry is not looked at at first: nobody packs anything into what is called so.
fn is_passed_over(name: &str) -> bool {
    is_leaf(name) && detect::by_path(name).is_none() && !java::is_class_of_interest(name)
}

/// Ends of such names. On a disk, in an image, and in an archive that is read from its first byte to its last every file is looked at.
const LEAVES: &[&str] = &[
    "class",
    "java",
    "kt",
    "scala",
    "groovy",
    "properties",
    "xml",
    "xsd",
    "html",
    "htm",
    "css",
    "js",
    "mjs",
    "ts",
    "map",
    "json",
    "yml",
    "yaml",
    "txt",
    "md",
    "mf",
    "sf",
    "rsa",
    "dsa",
    "png",
    "gif",
    "jpg",
    "jpeg",
    "svg",
    "ico",
    "ttf",
    "woff",
    "woff2",
    "h",
    "c",
    "py",
    "pyi",
    "po",
    "mo",
    "list",
    "md5sums",
];

fn is_leaf(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| LEAVES.iter().any(|leaf| ending.eq_ignore_ascii_case(leaf)))
}
