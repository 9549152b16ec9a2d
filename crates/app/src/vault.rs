//! The original documents as files: content-addressed, written whole or not at all, before anything reads them.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{Context, Document, Error};

/// A document that is safe on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// SHA-256 of the bytes.
    pub(crate) sha256: [u8; 32],
}

impl Kept {
    /// The digest as people compare it.
    pub(crate) fn hex(&self) -> String {
        hex::encode(self.sha256)
    }
}

/// Where the bytes of a digest lie.
pub(crate) fn path(data_dir: &Path, sha256: &[u8]) -> PathBuf {
    let hex = hex::encode(sha256);
    data_dir.join("documents").join(&hex[..2]).join(&hex)
}

/// Writes the bytes beside their place, syncs them, and moves them there in one step; then syncs the folder, so that the
/// name survives a power cut too. The same bytes are kept once. A cut-off write leaves a file that no row names.
pub(crate) async fn keep(ctx: &Context, document: &Document) -> Result<Kept, Error> {
    let (document, data_dir) = (document.clone(), ctx.data_dir.clone());
    let write = move || -> std::io::Result<Kept> {
        let sha256 = digest(document.open())?;
        let path = path(&data_dir, &sha256);
        let folder = path.parent().unwrap_or(Path::new("."));
        if path.metadata().is_ok_and(|file| file.len() == document.length()) {
            return Ok(Kept { sha256 });
        }
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        std::io::copy(&mut document.open(), &mut file)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        crate::feeds::sync(folder)?;
        Ok(Kept { sha256 })
    };
    let done = tokio::task::spawn_blocking(write).await.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(done?)
}

/// A kept document, checked against its digest, without holding it in memory.
pub(crate) async fn document(ctx: &Context, sha256: &str) -> Result<Document, Error> {
    let wanted = hex::decode(sha256).map_err(|error| Error::Internal(Box::new(error)))?;
    let path = path(&ctx.data_dir, &wanted);
    let open = move || -> std::io::Result<Option<Document>> {
        let document = Document::of_file(std::fs::File::open(path)?)?;
        Ok((digest(document.open())?[..] == wanted).then_some(document))
    };
    let opened = tokio::task::spawn_blocking(open).await.map_err(|error| Error::Internal(Box::new(error)))?;
    opened.ok().flatten().ok_or_else(missing)
}

fn missing() -> Error {
    Error::Unavailable {
        message: "the document is listed, but its file is missing or damaged in the data folder".into(),
        hint: Some("bring `documents/` back from a backup".into()),
    }
}

/// The SHA-256 of everything that a reader still gives.
pub(crate) fn digest(mut reader: impl std::io::Read) -> std::io::Result<[u8; 32]> {
    let (mut digest, mut part) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        match reader.read(&mut part)? {
            0 => return Ok(digest.finalize().into()),
            length => digest.update(&part[..length]),
        }
    }
}

/// The bytes of a kept document, checked against their digest.
pub(crate) async fn read(ctx: &Context, sha256: &[u8]) -> Result<Vec<u8>, Error> {
    let path = path(&ctx.data_dir, sha256);
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    let bytes = read.map_err(|error| Error::Internal(Box::new(error)))?;
    let bytes = bytes.map_err(|_| missing())?;
    if Sha256::digest(&bytes)[..] == *sha256 { Ok(bytes) } else { Err(missing()) }
}
