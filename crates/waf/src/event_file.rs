//! The events file: lines are appended by a thread of its own, so that a full or slow disk holds no request up.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Lines that wait for the disk.
const WAITING: usize = 20_000;

/// Bytes of a file before it gets a number and a new one begins.
const FILE_BYTES: u64 = 200 * 1024 * 1024;

/// Files with numbers that are kept.
const FILES: u32 = 9;

/// Where events go.
#[derive(Debug, Clone)]
pub(crate) struct EventFile {
    lines: SyncSender<String>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    written: AtomicU64,
    lost: AtomicU64,
}

impl EventFile {
    /// Open it for appending, readable by the owner's group.
    pub(crate) fn open(path: &Path) -> std::io::Result<EventFile> {
        let writer = Writer::open(path)?;
        let (lines, waiting) = sync_channel(WAITING);
        let counts = Arc::new(Counts::default());
        std::thread::Builder::new().name("events".to_owned()).spawn({
            let counts = Arc::clone(&counts);
            move || write_all(writer, &waiting, &counts)
        })?;
        Ok(EventFile { lines, counts })
    }

    /// Hand a line over. Where too many wait, it is lost, and counted.
    pub(crate) fn put(&self, line: String) {
        if self.lines.try_send(line).is_err() {
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lines written and lost.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.counts.written.load(Ordering::Relaxed), self.counts.lost.load(Ordering::Relaxed))
    }
}

fn write_all(mut writer: Writer, waiting: &Receiver<String>, counts: &Counts) {
    let mut told = 0;
    while let Ok(line) = waiting.recv() {
        let lost = counts.lost.load(Ordering::Relaxed);
        let note =
            (lost > told).then(|| format!("{{\"bedrail_waf\":{{\"events_lost\":{}}}}}\n", lost - told));
        let done = note.as_ref().map_or(Ok(()), |note| writer.write(note)).and_then(|()| {
            told = lost;
            writer.write(&line)
        });
        match done {
            Ok(()) => counts.written.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                counts.lost.fetch_add(1, Ordering::Relaxed)
            }
        };
    }
}

struct Writer {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Writer {
    fn open(path: &Path) -> std::io::Result<Writer> {
        let file = OpenOptions::new().create(true).append(true).mode(0o640).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Writer { path: path.to_owned(), file, bytes })
    }

    fn write(&mut self, line: &str) -> std::io::Result<()> {
        if self.bytes > FILE_BYTES {
            self.turn()?;
        }
        self.file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// `events.jsonl` becomes `events.jsonl.1`, that one `.2`, and so on.
    fn turn(&mut self) -> std::io::Result<()> {
        let numbered = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..FILES).rev() {
            match std::fs::rename(numbered(number), numbered(number + 1)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::rename(&self.path, numbered(1))?;
        *self = Writer::open(&self.path)?;
        Ok(())
    }
}
