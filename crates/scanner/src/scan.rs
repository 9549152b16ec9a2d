//! A whole scan: one thread walks, the others look at what it finds.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;

use crate::budget::{Limits, Meter, Shared};
use crate::content::{Content, Window};
use crate::examine::{Depth, Examiner};
use crate::facts::Facts;
use crate::opened::{Opened, Opener};
use crate::queue::{BATCH, Batch, Queue};
use crate::report::{NotScanned, Place, Reason, Report};
use crate::resolve;
use crate::walk::{Step, Walk, name_of, place_of, walk};

/// How to scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Where not to go.
    pub walk: Walk,
    /// How far to go.
    pub depth: Depth,
    /// What one file may cost.
    pub limits: Limits,
}

/// Bytes of a file that takes long: whoever begins one gives back what else it took, so that nobody waits for it at the end.
const LARGE: u64 = 256 << 10;
/// Readers inside one another stand on the stack: 32 containers deep, with room.
const STACK_BYTES: usize = 16 << 20;

/// Looks at everything below some paths. Whoever holds `shared` sees how far it is, and can end it.
pub fn scan(paths: &[PathBuf], options: &Options, shared: &Shared) -> Report {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let queue = Queue::default();
    let mut facts = Facts::default();
    let mut passed_over = 0;
    thread::scope(|scope| {
        let worker = || {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            builder.spawn_scoped(scope, || Worker { queue: &queue, named: paths, options, shared }.work())
        };
        let workers: Vec<_> = (0..threads).map(|_| worker()).collect();
        // Where the system gives no thread at all, nothing would take the batches.
        if workers.iter().any(Result::is_ok) {
            walk_all(paths, options, shared, &queue, (&mut facts.not_scanned, &mut passed_over));
        }
        queue.close();
        for worker in workers {
            match worker.map(thread::ScopedJoinHandle::join) {
                Ok(Ok((more, specials))) => {
                    facts.append(more);
                    passed_over += specials;
                }
                Ok(Err(_)) => facts.not_scanned.push(broken("a part of the scanner broke")),
                Err(error) => facts.not_scanned.push(broken(&format!("no thread could be started: {error}"))),
            }
        }
    });
    let stopped = shared.stopped();
    let (found, hidden, not_scanned) = resolve::put_together(facts, stopped);
    let (files, bytes) = (shared.files.load(Ordering::Relaxed), shared.bytes.load(Ordering::Relaxed));
    Report { found, hidden, not_scanned, files, bytes, passed_over, stopped }
}

fn broken(what: &str) -> NotScanned {
    NotScanned { place: Place::file("(everything)"), reason: Reason::Unreadable(what.to_owned()) }
}

fn walk_all(
    paths: &[PathBuf],
    options: &Options,
    shared: &Shared,
    queue: &Queue,
    (not_scanned, passed_over): (&mut Vec<NotScanned>, &mut u64),
) {
    let mut batch = Batch::with_capacity(BATCH);
    for path in paths {
        walk(path, &options.walk, &mut |step| {
            match step {
                Step::File(path) => batch.push(path),
                Step::NotScanned(it) => not_scanned.push(it),
                Step::PassedOver => *passed_over += 1,
            }
            if batch.len() >= BATCH && !queue.put(std::mem::replace(&mut batch, Batch::with_capacity(BATCH)))
            {
                return false;
            }
            !shared.stopped()
        });
    }
    queue.put(batch);
}

/// Counts files and their bytes as [`scan`] will find them, for whoever wants to say how much is left; far faster than a scan. Ends with it.
pub fn count(paths: &[PathBuf], options: &Walk, shared: &Shared) {
    let is_on = || !shared.stopped() && !shared.ended.load(Ordering::Relaxed);
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for path in paths {
        walk(path, options, &mut |step| {
            if let Step::File(path) = step {
                files += 1;
                bytes = bytes.saturating_add(path.symlink_metadata().map_or(0, |it| it.len()));
            }
            is_on()
        });
    }
    if is_on() {
        shared.all_bytes.store(bytes, Ordering::Relaxed);
        shared.all_files.store(files.max(1), Ordering::Relaxed);
    }
}

/// What one thread needs.
struct Worker<'s> {
    queue: &'s Queue,
    /// The paths that a person named.
    named: &'s [PathBuf],
    options: &'s Options,
    shared: &'s Shared,
}

impl Worker<'_> {
    /// Takes batches until there are no more. Returns what was seen, and how many were no files when they were opened.
    fn work(&self) -> (Facts, u64) {
        let _leaving = Leaving(self.queue);
        let (mut facts, mut specials) = (Facts::default(), 0);
        let mut opener = Opener::new();
        while let Some(batch) = self.queue.take() {
            let mut files = batch.into_iter();
            while let Some(path) = files.next() {
                if self.shared.stopped() {
                    continue;
                }
                match opener.open(&path) {
                    Ok(None) => specials += 1,
                    Ok(Some(opened)) => {
                        if opened.size > LARGE {
                            self.queue.give_back(files.by_ref().collect());
                        }
                        facts.append(self.guarded(&path, opened));
                    }
                    Err(error) => {
                        facts.not_scanned.push(not_scanned(&path, Reason::Unreadable(error.to_string())));
                    }
                }
                self.shared.files.fetch_add(1, Ordering::Relaxed);
            }
        }
        (facts, specials)
    }

    /// One file and all that is in it; where the scanner itself breaks over it, that is said of this file, and all others go on.
    fn guarded(&self, path: &Path, opened: Opened) -> Facts {
        let looked = std::panic::AssertUnwindSafe(|| self.look(path, opened));
        std::panic::catch_unwind(looked).unwrap_or_else(|_| {
            let reason = "the scanner broke over it; please report this file".to_owned();
            Facts { not_scanned: vec![not_scanned(path, Reason::Unreadable(reason))], ..Facts::default() }
        })
    }

    fn look(&self, path: &Path, opened: Opened) -> Facts {
        let meter = Meter::new(&self.options.limits, self.shared, opened.size);
        let content = Content::of_file(opened, &meter);
        let is_named = self.named.iter().any(|it| it.as_os_str() == path.as_os_str());
        let mut examiner = Examiner::new(meter, self.options.depth, is_named);
        if let Err(reason) = examiner.entry(&name_of(path), &mut Window::new(content)) {
            examiner.facts.not_scanned.push(not_scanned(path, reason));
        }
        examiner.facts
    }
}

/// Where a thread breaks, the walk must not wait for it to take something.
struct Leaving<'q>(&'q Queue);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

fn not_scanned(path: &Path, reason: Reason) -> NotScanned {
    NotScanned { place: place_of(path), reason }
}
