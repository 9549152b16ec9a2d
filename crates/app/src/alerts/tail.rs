//! Files of alerts: read from where they were read to, known again by their first bytes, whatever they are called by then.
//!
//! A log is rotated by renaming it or by copying and emptying it. Either way the old content goes on under another name beside
//! it; what was not read of it yet is read there before the new file begins.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bedrail_formats::alerts::{Framing, Splitter};
use bedrail_model::ids::{AlertFileId, AlertSourceId};
use bedrail_store::alerts::{self as rows, FileRow};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::batch::{Batch, Gatherer};
use super::receive::{self, Receipt, Way};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Bytes at the beginning of a file by which it is known again.
const HEAD: u64 = 4 << 10;
/// Bytes read at once.
const CHUNK: usize = 256 << 10;
/// Names looked at beside a file that was rotated.
const BESIDE: usize = 2_000;

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub read: u64,
    /// Bytes in all.
    pub total: u64,
    /// Lines so far in this run.
    pub lines: u64,
}

/// What is to be done with a last line that has no line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// More may come: it waits.
    Grows,
    /// Nothing comes any more: it is what it is.
    Over,
}

/// Reads what is new in a file, to its end. What was read of it before, under any name, is not read again.
///
/// # Errors
/// [`Error::NotFound`] without the source, [`Error::Unavailable`] when the file cannot be read, [`Error::Conflict`] when it is
/// shorter than what was read of it.
pub async fn import(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
    path: &Path,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Receipt, Error> {
    actor.need(Right::HandleAlerts)?;
    let file = open(path)?;
    read_on(ctx, actor, source, file, End::Over, tell).await
}

/// Reads what is new in the files that sources follow, the rotated ones first. What is wrong with one stands at its source and
/// hinders no other.
///
/// # Errors
/// When the database cannot be used.
pub async fn follow_all(ctx: &Context, actor: &Actor) -> Result<Receipt, Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let sources = rows::sources(&view).await?;
    drop(view);
    let mut all = Receipt::default();
    for source in sources {
        let Some(path) = &source.path else { continue };
        match follow(ctx, actor, source.id, Path::new(path)).await {
            Ok(receipt) => all.add(receipt),
            Err(error @ (Error::Internal(_) | Error::Denied { .. })) => return Err(error),
            Err(error) => trouble(ctx, actor, source.id, &source.name, &error.to_string()).await?,
        }
    }
    Ok(all)
}

/// Writes down what is wrong with a source, once.
async fn trouble(
    ctx: &Context,
    actor: &Actor,
    id: AlertSourceId,
    name: &str,
    text: &str,
) -> Result<(), Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let row = rows::source(&view, id).await?;
    drop(view);
    if row.and_then(|row| row.trouble).is_some_and(|(known, _)| known == text) {
        return Ok(());
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.trouble").await?;
    if rows::trouble(&change, id, text).await? {
        change.commit(name, text).await?;
    }
    Ok(())
}

/// Reads what is new in one followed file.
async fn follow(ctx: &Context, actor: &Actor, source: AlertSourceId, path: &Path) -> Result<Receipt, Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let files = rows::files(&view, source).await?;
    drop(view);
    let mut all = Receipt::default();
    if let Some(last) = files.iter().find(|row| row.followed) {
        let now = File::open(path).ok();
        let same = now.as_ref().is_some_and(|file| is_same(file, last).unwrap_or(false));
        let begun = now.and_then(|file| file.metadata().ok()).is_some_and(|file| file.len() > 0);
        if !same {
            match beside(path, last) {
                Some(old) => all.add(read_on(ctx, actor, source, old, End::Over, &|_| {}).await?),
                // Told once: from now on the new file is the one that is followed.
                None if begun => receive::gap(ctx, actor, source, last).await?,
                None => {}
            }
        }
    }
    let file = open(path)?;
    all.add(read_on(ctx, actor, source, file, End::Grows, &|_| {}).await?);
    Ok(all)
}

/// The file beside a path that begins as a known one, other than what the path itself names.
fn beside(path: &Path, known: &FileRow) -> Option<File> {
    let folder = path.parent()?;
    let name = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(folder).ok()?;
    let mut names: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|each| {
            let other = each.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
            let stem = name.split('.').next().unwrap_or(name);
            each != path && !stem.is_empty() && other.starts_with(stem)
        })
        .take(BESIDE)
        .collect();
    names.sort();
    names.into_iter().find_map(|each| {
        let file = open(&each).ok()?;
        is_same(&file, known).ok()?.then_some(file)
    })
}

/// What goes wrong is told to all members, so that only the name of the file is said, not where it lies on the server.
fn open(path: &Path) -> Result<File, Error> {
    let failed = |what: String| Error::Unavailable { message: what, hint: None };
    let shown = path.file_name().unwrap_or_default().to_string_lossy();
    // A pipe would block for ever, a device is no log.
    let metadata =
        std::fs::metadata(path).map_err(|error| failed(format!("{shown} cannot be read: {error}")))?;
    if !metadata.is_file() {
        return Err(failed(format!("{shown} is no file")));
    }
    File::open(path).map_err(|error| failed(format!("{shown} cannot be read: {error}")))
}

/// The digest of the first bytes of a file.
fn head(file: &File, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = file;
    file.seek(SeekFrom::Start(0))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 == length { Sha256::digest(&bytes).to_vec() } else { Vec::new() })
}

fn is_same(file: &File, known: &FileRow) -> std::io::Result<bool> {
    Ok(known.head_length > 0 && head(file, known.head_length)? == known.head)
}

/// The row of a file: the one by which it is known, or a new one. `None` while it is empty.
fn known(file: &File, files: &[FileRow]) -> std::io::Result<Option<(FileRow, bool)>> {
    let length = file.metadata()?.len();
    let head_length = length.min(HEAD);
    if head_length == 0 {
        return Ok(None);
    }
    for row in files {
        if is_same(file, row)? {
            // A short head grows with its file, so that a file is told from others that begin alike.
            let mut row = row.clone();
            if row.head_length < head_length {
                row.head = head(file, head_length)?;
                row.head_length = head_length;
            }
            return Ok(Some((row, false)));
        }
    }
    let row = FileRow {
        id: AlertFileId::generate(),
        head: head(file, head_length)?,
        head_length,
        read_to: 0,
        read: Timestamp::UNIX_EPOCH,
        followed: false,
    };
    Ok(Some((row, true)))
}

/// Reads a file from where it was read to.
async fn read_on(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
    file: File,
    end: End,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Receipt, Error> {
    let (source, gatherer) = receive::gatherer(ctx, actor, source).await?;
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let files = rows::files(&view, source.id).await?;
    drop(view);
    let mut all = Receipt::default();
    let Some((mut row, mut is_new)) = known(&file, &files)? else { return Ok(all) };
    let total = file.metadata()?.len();
    if total < row.read_to {
        let message = format!(
            "the file has {total} bytes, of which {} were read before: it was cut, and what it says now is not read",
            row.read_to
        );
        return Err(Error::Conflict { message });
    }
    row.followed |= end == End::Grows;
    let mut reading = Reader::new(file, gatherer, row.read_to, end)?.ahead(ctx.clock.now());
    loop {
        let (reader, batch) = reading.await.map_err(|error| Error::Internal(Box::new(error)))?;
        let Some((batch, to)) = batch? else { return Ok(all) };
        // The next part is read while this one is stored.
        reading = reader.ahead(ctx.clock.now());
        let from = row.read_to;
        row.read_to = to;
        let way = Way::File { row: row.clone(), from, is_new };
        is_new = false;
        let began = Instant::now();
        match receive::store(ctx, actor, &source, batch, &way).await? {
            Some(receipt) => all.add(receipt),
            // Another process reads the same file; it goes on from there.
            None => return Ok(all),
        }
        tell(Progress { read: to, total, lines: all.lines });
        // Another process that wants to write to the embedded database has no queue to stand in: it comes in while nobody writes.
        if !ctx.inner.store.is_shared() {
            sleep(began.elapsed() / 4).await;
        }
    }
}

/// A batch, and how far the file is read with it; `None` at its end.
type Read = std::io::Result<Option<(Batch, u64)>>;

/// Reads a file batch by batch.
struct Reader {
    file: File,
    splitter: Splitter,
    gatherer: Gatherer,
    /// Where it is to be read on.
    at: u64,
    part: Vec<u8>,
    end: End,
    over: bool,
}

impl Reader {
    fn new(mut file: File, gatherer: Gatherer, from: u64, end: End) -> std::io::Result<Reader> {
        file.seek(SeekFrom::Start(from))?;
        let splitter = Splitter::new(Framing::Lines, from);
        Ok(Reader { file, splitter, gatherer, at: from, part: vec![0; CHUNK], end, over: false })
    }

    /// Reads the next batch beside whoever asks, and hands itself back with it.
    fn ahead(mut self, received: Timestamp) -> JoinHandle<(Reader, Read)> {
        tokio::task::spawn_blocking(move || {
            let batch = self.next(received);
            (self, batch)
        })
    }

    /// The next batch, and how far the file is read with it; `None` where there is none.
    fn next(&mut self, received: Timestamp) -> Read {
        let Reader { file, splitter, gatherer, part, .. } = self;
        while !self.over && !gatherer.is_full() {
            let length = file.read(part)?;
            let chunk = part.get(..length).unwrap_or_default();
            self.at += length as u64;
            if length == 0 {
                self.over = true;
                if self.end == End::Over {
                    splitter.end(|line| gatherer.take(&line, received));
                }
            }
            splitter.feed(chunk, |line| gatherer.take(&line, received));
        }
        let to = splitter.resume_at();
        let batch = gatherer.finish();
        Ok(if batch.is_empty() { None } else { Some((batch, to)) })
    }
}
