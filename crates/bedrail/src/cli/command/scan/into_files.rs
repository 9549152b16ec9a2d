//! `bedrail scan` of files, folders, archives and images: progress while it goes on, Ctrl-C ends it with what was found so far.

use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use bedrail_app::bills::{self, Target};
use bedrail_app::scan::files::{self, Depth, Inside, Progress, Scanning, Walk};
use bedrail_app::scan::{ScanOptions, ScanReport};

use super::{failure, to_server};
use crate::cli::args::{ExportFormat, Place, Scan};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::json_text;
use crate::cli::output_file;
use crate::cli::progress::Steps;

/// How often progress is drawn.
const TICK: Duration = Duration::from_millis(200);

/// What came of it.
pub(super) enum Into {
    /// It was judged.
    Judged(Box<ScanReport>),
    /// It was written as a bill of materials.
    Written(Exit),
}

pub(super) fn run(place: &Place, options: &Scan, judging: &ScanOptions) -> Result<Into, Failure> {
    let name = names(&options.paths);
    let missing = options.paths.iter().find(|path| !path.exists());
    if let Some(missing) = missing {
        return Err(Failure::new(format!("{} does not exist", missing.display())));
    }
    let server = to_server::server(&options.into.server)?;
    let inside = look(&options.paths, &scanning(options))?;
    if let Some(server) = server {
        let inside = inside.for_a_bill();
        return to_server::send(&server, &options.into.server, &name, &inside, judging).map(Into::Written);
    }
    if let Some(format) = options.into.inventory {
        return write(&inside.for_a_bill(), format, options, judging).map(Into::Written);
    }
    let report = files::judge_files(&place.data_dir(), &name, inside, judging);
    report.map(|report| Into::Judged(Box::new(report))).map_err(|error| failure(&name, &error))
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn scanning(options: &Scan) -> Scanning {
    let into = &options.into;
    Scanning {
        walk: Walk { one_file_system: into.one_file_system, exclude: into.exclude.clone() },
        depth: if into.thorough { Depth::Thorough } else { Depth::Usual },
        ..Scanning::default()
    }
}

/// Looks into the files in a thread of its own, so that this one can draw and be told to stop.
fn look(paths: &[PathBuf], scanning: &Scanning) -> Result<Inside, Failure> {
    let progress = Progress::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot wait for Ctrl-C", &error))?;
    let stop = runtime.block_on(async { crate::stop::signal() });
    let steps = Steps::new();
    thread::scope(|scope| {
        let (send, receive) = channel();
        let progress = &progress;
        // Whoever waited has gone where nothing can be sent.
        scope.spawn(move || {
            let inside = files::look_into(paths, scanning, progress);
            progress.ended.store(true, Ordering::Relaxed);
            _ = send.send(inside);
        });
        // How much is left is for whoever looks on.
        if stderr().is_terminal() {
            scope.spawn(move || files::count(paths, &scanning.walk, progress));
        }
        loop {
            match receive.recv_timeout(TICK) {
                Ok(inside) => return Ok(inside),
                Err(RecvTimeoutError::Disconnected) => {
                    progress.ended.store(true, Ordering::Relaxed);
                    return Err(Failure::new("the scan broke".to_owned()));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            // The runtime's own tasks, the handler of signals among them, run only while it is given time.
            runtime.block_on(async { tokio::task::yield_now().await });
            if *stop.borrow() {
                progress.stop.store(true, Ordering::Relaxed);
            }
            draw(&steps, progress);
        }
    })
}

/// How far it is, and, once that was counted, how much there is.
fn draw(steps: &Steps, progress: &Progress) {
    let now = |of: &AtomicU64| of.load(Ordering::Relaxed);
    let (files, bytes, all_files) = (now(&progress.files), now(&progress.bytes), now(&progress.all_files));
    // Something may have been added since it was counted.
    let of_all = |done: u64, all: u64| (all_files > 0).then(|| all.max(done));
    steps.show_bytes_left("looked into", bytes, of_all(bytes, now(&progress.all_bytes)));
    steps.show_things("files", files, of_all(files, all_files));
}

/// What is inside, as a bill of materials. What was not looked into makes it incomplete.
fn write(
    inside: &Inside,
    format: ExportFormat,
    options: &Scan,
    judging: &ScanOptions,
) -> Result<Exit, Failure> {
    let target = match format {
        ExportFormat::Cyclonedx => Target::CycloneDx,
        ExportFormat::Spdx => Target::Spdx,
    };
    let written = bills::write(&inside.inventory, target, judging.now)?;
    let document: serde_json::Value = serde_json::from_slice(&written.bytes)
        .map_err(|error| Failure::because("cannot write the document", &error))?;
    output_file::write_to(options.output.as_deref(), |out| json_text::write(&document, out))?;
    super::tell_warnings(&inside.inventory);
    Ok(if inside.inventory.complete() { Exit::Success } else { Exit::Incomplete })
}
