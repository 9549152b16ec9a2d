//! What a scan may cost, in one object that every reader is handed: how deep, how many, how large, how long, how much memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::java;
use crate::report::Reason;

/// How much the scan of one file may cost. Every number has its reason beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Containers inside one another. Installers in images in archives reach ten; a quine has no end.
    pub depth: usize,
    /// Entries of all containers in one file. A Windows image has a million files, a whole hospital server ten.
    pub entries: u64,
    /// Bytes expanded from one file, whatever its size: the largest disk images that are carried about.
    pub expanded_bytes: u64,
    /// Expanded bytes per byte of the file, judged from [`Limits::RATIO_FROM`] on. Deflate ends at 1,032, and real images
    /// that were packed twice stay below 200.
    pub ratio: u64,
    /// Bytes of one name; longer ones are cut, and it is said.
    pub name_length: usize,
    /// Bytes of a class file that is read; the format allows 64 KiB a method, and real ones stay far below.
    pub class_bytes: usize,
    /// Bytes of a text file that is read: a package database of a whole distribution.
    pub text_bytes: usize,
    /// Bytes of a zip's central directory: a million entries of 250 bytes.
    pub directory_bytes: u64,
    /// Bytes of nested content held in memory, by all threads together; what does not fit goes to a temporary file.
    pub memory: u64,
    /// Time for one file.
    pub time: Duration,
}

impl Limits {
    /// Expanded bytes below which no ratio is judged.
    pub const RATIO_FROM: u64 = 1 << 30;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 32,
            entries: 20_000_000,
            expanded_bytes: 1 << 40,
            ratio: 500,
            name_length: 4096,
            class_bytes: 2 << 20,
            text_bytes: 64 << 20,
            directory_bytes: 256 << 20,
            memory: 64 << 20,
            time: Duration::from_secs(3600),
        }
    }
}

/// What all threads of one scan share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Set from outside to end the scan: what was found so far is the answer, marked as stopped.
    pub stop: AtomicBool,
    /// Files that were looked at.
    pub files: AtomicU64,
    /// Bytes of those files, and as far as they were read of those that are being looked at.
    pub bytes: AtomicU64,
    /// Files that there are, once [`crate::count`] has counted them; 0 before.
    pub all_files: AtomicU64,
    /// Their bytes.
    pub all_bytes: AtomicU64,
    /// Set from outside when the scan has ended, so that a count that goes on beside it ends, too.
    pub ended: AtomicBool,
    /// Bytes of nested content held in memory.
    memory: AtomicU64,
    /// Class files that were looked at.
    pub(crate) classes: java::Seen,
}

impl Shared {
    /// Takes memory from the common share, if there is enough.
    pub(crate) fn take_memory(&self, bytes: u64, limit: u64) -> bool {
        let taken = self.memory.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            held.checked_add(bytes).filter(|sum| *sum <= limit)
        });
        taken.is_ok()
    }

    pub(crate) fn return_memory(&self, bytes: u64) {
        self.memory.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What one file has cost so far. Readers inside one another share it, so its counters are cells.
pub(crate) struct Meter<'s> {
    pub(crate) limits: &'s Limits,
    pub(crate) shared: &'s Shared,
    size: u64,
    entries: Cell<u64>,
    expanded: Cell<u64>,
    /// Bytes of the file that the others were told of.
    told: Cell<u64>,
    until: Instant,
}

/// Whatever was read of it, a file that was looked at counts whole.
impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.read(u64::MAX);
    }
}

impl<'s> Meter<'s> {
    pub(crate) fn new(limits: &'s Limits, shared: &'s Shared, size: u64) -> Rc<Meter<'s>> {
        let (entries, expanded, told) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Rc::new(Meter { limits, shared, size, entries, expanded, told, until: Instant::now() + limits.time })
    }

    /// So many bytes of the file itself were read, again or for the first time: whoever waits sees that it goes on.
    pub(crate) fn read(&self, bytes: u64) {
        let told = self.told.get();
        let now = told.saturating_add(bytes).min(self.size);
        if now > told {
            self.told.set(now);
            self.shared.bytes.fetch_add(now - told, Ordering::Relaxed);
        }
    }

    /// One more entry of a container.
    pub(crate) fn entry(&self) -> Result<(), Reason> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries {
            return Err(Reason::TooMany(self.limits.entries));
        }
        // A look at the clock costs more than most entries do.
        if self.entries.get().is_multiple_of(64) { self.check_end() } else { Ok(()) }
    }

    /// So many bytes more came out of a container.
    pub(crate) fn expand(&self, bytes: u64) -> Result<(), Reason> {
        let expanded = self.expanded.get().saturating_add(bytes);
        self.expanded.set(expanded);
        if expanded > self.limits.expanded_bytes {
            return Err(Reason::ExpandsTooFar(self.limits.expanded_bytes));
        }
        if expanded > self.size.saturating_mul(self.limits.ratio).max(Limits::RATIO_FROM) {
            return Err(Reason::Bomb(self.limits.ratio));
        }
        self.check_end()
    }

    pub(crate) fn check_end(&self) -> Result<(), Reason> {
        if self.shared.stopped() {
            return Err(Reason::Stopped);
        }
        if Instant::now() > self.until {
            return Err(Reason::TooLong(self.limits.time.as_secs()));
        }
        Ok(())
    }
}

/// A reader of expanded bytes that asks the meter about each piece. Once it failed it fails: decoders that are asked on behind an
/// error are in a state that nobody thought of, and that of bzip2 ends the whole program then.
pub(crate) struct Metered<'s, R> {
    inner: R,
    meter: Rc<Meter<'s>>,
    failed: Option<Failed>,
}

/// How it failed, since errors of reading cannot be copied.
enum Failed {
    Limit(Reason),
    System(i32),
    Other(io::ErrorKind, String),
}

impl Failed {
    fn of(error: &io::Error) -> Failed {
        let limit = error.get_ref().and_then(|inner| inner.downcast_ref::<Reason>());
        match (limit, error.raw_os_error()) {
            (Some(reason), _) => Failed::Limit(reason.clone()),
            (None, Some(code)) => Failed::System(code),
            (None, None) => Failed::Other(error.kind(), error.to_string()),
        }
    }

    fn error(&self) -> io::Error {
        match self {
            Failed::Limit(reason) => io::Error::other(reason.clone()),
            Failed::System(code) => io::Error::from_raw_os_error(*code),
            Failed::Other(kind, text) => io::Error::new(*kind, text.clone()),
        }
    }
}

impl<'s, R> Metered<'s, R> {
    pub(crate) fn new(inner: R, meter: &Rc<Meter<'s>>) -> Metered<'s, R> {
        Metered { inner, meter: Rc::clone(meter), failed: None }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failed) = &self.failed {
            return Err(failed.error());
        }
        let read = self.inner.read(buffer).and_then(|read| {
            self.meter.expand(read as u64).map_err(io::Error::other)?;
            Ok(read)
        });
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some(Failed::of(error));
        }
        read
    }
}
