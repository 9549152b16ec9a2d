//! Files of devices on their way through: they lie in the data folder until they were looked into, and no longer.

use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Context, Document, Error};

/// What is older was left by a process that died.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("spool")
}

fn path(data_dir: &Path, name: &str) -> PathBuf {
    // Names are ours; one that is not leads nowhere.
    folder(data_dir).join(name.parse::<Uuid>().unwrap_or_default().to_string())
}

/// Keeps a file until a job has looked into it; its name.
pub(crate) async fn keep(ctx: &Context, document: &Document) -> Result<String, Error> {
    let (document, data_dir) = (document.clone(), ctx.data_dir.clone());
    let write = move || -> std::io::Result<String> {
        let name = Uuid::now_v7().to_string();
        std::fs::create_dir_all(folder(&data_dir))?;
        let mut file = tempfile::NamedTempFile::new_in(folder(&data_dir))?;
        std::io::copy(&mut document.open(), &mut file)?;
        file.as_file().sync_all()?;
        file.persist(path(&data_dir, &name))?;
        Ok(name)
    };
    let written = tokio::task::spawn_blocking(write).await;
    Ok(written.map_err(|error| Error::Internal(Box::new(error)))??)
}

/// A file that was kept.
pub(crate) fn open(ctx: &Context, name: &str) -> Result<Document, Error> {
    let file = File::open(path(&ctx.data_dir, name)).and_then(Document::of_file);
    file.map_err(|_| Error::Invalid {
        message: "the file that was sent is no longer there".into(),
        hint: Some("send it again".into()),
    })
}

/// Takes a file away; one that is gone is gone.
pub(crate) fn remove(ctx: &Context, name: &str) {
    _ = std::fs::remove_file(path(&ctx.data_dir, name));
}

/// A folder for one scan, gone when it is dropped.
pub(crate) fn scratch(ctx: &Context) -> std::io::Result<TempDir> {
    std::fs::create_dir_all(folder(&ctx.data_dir))?;
    tempfile::Builder::new().prefix("scan-").tempdir_in(folder(&ctx.data_dir))
}

/// Takes away what dead processes left. Returns how much it was.
pub(crate) fn sweep(ctx: &Context) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder(&ctx.data_dir)) else { return 0 };
    let now = ctx.clock.now();
    let is_old = |path: &Path| {
        let changed = path.metadata().and_then(|it| it.modified()).ok();
        let changed = changed.and_then(|it| Timestamp::try_from(it).ok());
        changed.is_some_and(|changed| now.duration_since(changed) > KEPT)
    };
    let mut gone = 0;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| is_old(path)) {
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone += u64::from(removed.is_ok());
    }
    gone
}
