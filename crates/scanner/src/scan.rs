//! A whole scan: one thread walks, the others look at what it finds.

use std::fs::File;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::budget::{Limits, Meter, Shared};
use crate::content::{Content, Window};
use crate::examine::{Depth, Examiner};
use crate::facts::Facts;
use crate::report::{NotScanned, Place, Reason, Report};
use crate::resolve;
use crate::walk::{Step, Walk, walk};

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

/// Files handed to a thread at once: few, so that large ones are spread, and more than one, so that small ones cost little.
const BATCH: usize = 16;
/// Bytes of such files, so that one thread does not wait for what another has still before it.
const BATCH_BYTES: u64 = 1 << 20;
/// Readers inside one another stand on the stack: 32 containers deep, with room.
const STACK_BYTES: usize = 16 << 20;

type Batch = Vec<(PathBuf, u64)>;

/// Looks at everything below some paths. Whoever holds `shared` sees how far it is, and can end it.
pub fn scan(paths: &[PathBuf], options: &Options, shared: &Shared) -> Report {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (send, receive) = sync_channel::<Batch>(threads * 4);
    let receive = Mutex::new(receive);
    let mut facts = Facts::default();
    let mut passed_over = 0;
    thread::scope(|scope| {
        let worker = || {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            builder.spawn_scoped(scope, || work(&receive, paths, options, shared))
        };
        let workers: Vec<_> = (0..threads).map(|_| worker()).collect();
        // Where the system gives no thread at all, nothing would take the batches.
        if workers.iter().any(Result::is_ok) {
            walk_all(paths, options, shared, &send, &mut facts.not_scanned, &mut passed_over);
        }
        drop(send);
        for worker in workers {
            match worker.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(more)) => facts.append(more),
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
    send: &SyncSender<Batch>,
    not_scanned: &mut Vec<NotScanned>,
    passed_over: &mut u64,
) {
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH), 0_u64);
    for path in paths {
        walk(path, &options.walk, &mut |step| {
            match step {
                Step::File(path, size) => {
                    bytes = bytes.saturating_add(size);
                    batch.push((path, size));
                }
                Step::NotScanned(it) => not_scanned.push(it),
                Step::PassedOver => *passed_over += 1,
            }
            // Nobody takes the batch any more where all threads broke; then the walk has no use either.
            let is_full = batch.len() >= BATCH || bytes >= BATCH_BYTES;
            if is_full {
                bytes = 0;
            }
            let taken = !is_full || send.send(std::mem::take(&mut batch)).is_ok();
            taken && !shared.stopped()
        });
    }
    // As above.
    let _ = send.send(batch);
}

/// What one thread does until there are no more batches.
fn work(receive: &Mutex<Receiver<Batch>>, named: &[PathBuf], options: &Options, shared: &Shared) -> Facts {
    let mut facts = Facts::default();
    loop {
        let batch = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return facts };
        for (path, size) in batch {
            if !shared.stopped() {
                facts.append(guarded((&path, size), named.contains(&path), options, shared));
                shared.files.fetch_add(1, Ordering::Relaxed);
                shared.bytes.fetch_add(size, Ordering::Relaxed);
            }
        }
    }
}

/// One file; where the scanner itself breaks over it, that is said of this file, and all others go on.
fn guarded((path, size): (&Path, u64), is_named: bool, options: &Options, shared: &Shared) -> Facts {
    let facts = std::panic::catch_unwind(|| file((path, size), is_named, options, shared));
    facts.unwrap_or_else(|_| {
        let place = Place::file(path.display().to_string());
        let reason = Reason::Unreadable("the scanner broke over it; please report this file".to_owned());
        Facts { not_scanned: vec![NotScanned { place, reason }], ..Facts::default() }
    })
}

/// One file and all that is in it.
fn file<'s>((path, size): (&Path, u64), is_named: bool, options: &'s Options, shared: &'s Shared) -> Facts {
    let meter = Meter::new(&options.limits, shared, size);
    let mut examiner = Examiner::new(meter, options.depth, is_named);
    let name = path.display().to_string();
    let place = Place::file(&name);
    let outcome = File::open(path).map_err(|error| Reason::Unreadable(error.to_string())).and_then(|file| {
        let content = Content::of_file(file, size);
        examiner.entry(name.as_bytes(), &mut Window::new(content))
    });
    if let Err(reason) = outcome {
        examiner.facts.not_scanned.push(NotScanned { place, reason });
    }
    examiner.facts
}
