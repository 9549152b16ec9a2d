//! One entrance for each reader, for bytes that mean harm: `make fuzz` goes in by them, and so do the tests of what it found.

use std::collections::HashSet;
use std::time::Duration;

use crate::binary;
use crate::budget::{Limits, Meter, Shared};
use crate::class_file::ClassFile;
use crate::container::{self, CONTAINERS, Container};
use crate::content::{Content, Window};
use crate::detect::{self, DETECTORS, Examine};
use crate::examine::{Depth, Examiner};
use crate::java;
use crate::report::{Reason, Report};
use crate::resolve;

/// What a reader may cost here: little, so that many files are tried.
const LIMITS: Limits = Limits {
    depth: 8,
    entries: 20_000,
    expanded_bytes: 64 << 20,
    ratio: 500,
    name_length: 4096,
    class_bytes: 2 << 20,
    text_bytes: 4 << 20,
    directory_bytes: 4 << 20,
    memory: 64 << 20,
    time: Duration::from_secs(5),
};

type Take = for<'s> fn(&Content<'s>, &mut Examiner<'s>) -> Result<(), Reason>;

/// Readers that are no containers.
const OTHERS: &[(&str, Take)] = &[
    ("class-file", class_file),
    ("program", program),
    ("firmware", firmware),
    ("installed", installed),
    ("any-file", any_file),
];

/// The name of a container's target: `iso-9660`.
fn name_of(container: &Container) -> String {
    container.name.to_ascii_lowercase().replace(' ', "-").replace('+', "-plus")
}

fn opened() -> impl Iterator<Item = &'static Container> {
    CONTAINERS.iter().filter(|it| it.open.is_read())
}

/// The names of all targets: each kind of container that is opened, class files, programs, firmware, files that say what is installed,
/// and any file.
pub fn names() -> impl Iterator<Item = String> {
    // A kind whose marks are looked for at two times has two rows.
    let mut seen = HashSet::new();
    let containers = opened().filter(move |it| seen.insert(it.name)).map(name_of);
    containers.chain(OTHERS.iter().map(|(name, _)| (*name).to_owned()))
}

/// The target that a file is for, by its content; none where nothing reads it.
pub fn of(bytes: &[u8]) -> Option<String> {
    if java::is_class(bytes) {
        return Some("class-file".to_owned());
    }
    let shared = Shared::default();
    let content = Content::of_bytes(bytes.to_vec(), &shared);
    let head = content.up_to(0, 512).ok()?;
    let container =
        container::by_head(&head).or_else(|| Some(container::by_content(&content, &head).ok()??.0));
    match container {
        _ if binary::is_program(&head) => Some("program".to_owned()),
        Some(container) if container.open.is_read() => Some(name_of(container)),
        _ => None,
    }
}

/// Lets one reader read these bytes, whatever they are. Its limits are those of a hundredth of a scan.
///
/// # Errors
/// Where there is no such target.
pub fn read(target: &str, bytes: &[u8]) -> Result<Report, String> {
    let shared = Shared::default();
    let meter = Meter::new(&LIMITS, &shared, bytes.len() as u64);
    let mut examiner = Examiner::new(meter, Depth::Usual, true);
    let content = Content::of_bytes(bytes.to_vec(), &shared);
    let name = "file";
    let outcome = if let Some(container) = opened().find(|it| name_of(it) == target) {
        // A reader holds without its check, too: a sum that must be right would keep everything else out.
        drop(container.check.map(|check| check(&content)));
        examiner.open(name, container.open, &content)
    } else if let Some((_, take)) = OTHERS.iter().find(|(name, _)| *name == target) {
        take(&content, &mut examiner)
    } else {
        return Err(format!("no target {target}; there are: {}", names().collect::<Vec<_>>().join(", ")));
    };
    // What ends a file ends this one.
    drop(outcome);
    let (found, hidden, not_scanned) = resolve::put_together(examiner.facts, false);
    Ok(Report { found, hidden, not_scanned, ..Report::default() })
}

fn class_file<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let bytes = content.up_to(0, LIMITS.class_bytes).unwrap_or_default();
    drop(ClassFile::parse(&bytes));
    if let Some(identified) = java::class(&bytes) {
        java::found("org/apache/logging/log4j/core/lookup/JndiLookup.class", &identified, examiner);
    }
    Ok(())
}

/// ELF and PE, and what stands behind them.
fn program<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    binary::examine("file", content, examiner)?;
    let head = content.up_to(0, 512).unwrap_or_default();
    if let Ok(Some((container, at))) = container::by_content(content, &head) {
        examiner.open("file", container.open, &content.window(at, u64::MAX))?;
    }
    Ok(())
}

fn firmware<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    binary::look_into_firmware("file", content, examiner).map(drop)
}

/// The first byte says which of the readers of such files it is for.
fn installed<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let first = content.up_to(0, 1).unwrap_or_default();
    let Some(detector) = DETECTORS.get(usize::from(first.first().copied().unwrap_or(0)) % DETECTORS.len())
    else {
        return Ok(());
    };
    let content = content.window(1, u64::MAX);
    let path = format!("a/b/{}", detector.name);
    match detector.examine {
        Examine::Text(examine) => {
            examine(&path, &content.up_to(0, LIMITS.text_bytes).unwrap_or_default(), examiner);
            Ok(())
        }
        Examine::Database(examine) => examine(&path, &content, examiner),
    }
}

fn any_file<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    examiner.entry(b"file.bin", &mut Window::new(content.clone()))
}

/// The number by which the target `installed` knows the reader of a path.
pub fn installed_number(path: &str) -> Option<u8> {
    let detector = detect::by_path(path)?;
    DETECTORS.iter().position(|it| std::ptr::eq(it, detector)).and_then(|at| u8::try_from(at).ok())
}
