//! Taking advisories in: from a file, or from a folder that mirrors a publisher's.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use bedrail_formats::csaf;
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_store::product_advisories::{self, HeldRow, ProductAdvisoryRow};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::alarm::Alarm;
use super::document::{self, Document};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Files of a folder that are looked at; CISA's whole collection has a few thousand.
const MAX_FILES: usize = 50_000;
/// Folders inside one another that are walked.
const MAX_DEPTH: usize = 8;

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// New, or in a newer version.
    pub taken: usize,
    /// Held already, or in a newer version.
    pub unchanged: usize,
    /// Files that were not taken, with the reason.
    pub refused: Vec<(String, String)>,
    /// Advisories of which something could not be read, with how much.
    pub losses: Vec<(String, usize)>,
    /// Lists of what makers say that were taken in.
    pub lists: Vec<ListReport>,
    /// Texts of a folder that are no lists, such as its README.
    pub other_texts: usize,
}

/// What became of a list of what makers say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListReport {
    /// The file.
    pub name: String,
    /// Rows that were read.
    pub rows: usize,
    /// Advisories that they make: one for each maker and weakness.
    pub advisories: usize,
    /// Rows that were not understood: where, and why.
    pub not_understood: Vec<(String, String)>,
}

/// Takes in a document, or every `.json`, `.yml`, `.md` and `.csv` of a folder and the folders in it. JSON that is no CSAF
/// document is listed; other texts that are no lists are counted.
///
/// # Errors
/// [`Error::Invalid`] when the path cannot be read; a file that cannot be taken is in the report.
pub async fn import(ctx: &Context, actor: &Actor, path: &Path) -> Result<ImportReport, Error> {
    actor.need(Right::UpdateData)?;
    let root = path.to_owned();
    let shown = move |file: &Path| {
        let below = file.strip_prefix(&root).ok().filter(|it| !it.as_os_str().is_empty());
        below.unwrap_or(file).display().to_string()
    };
    let alone = path.is_file();
    let files = files(path)?.into_iter().map(|file| Source::File(shown(&file), file)).collect();
    take_all(ctx, actor, files, alone).await
}

/// Takes in documents by name and bytes.
///
/// # Errors
/// When the database refuses; a document that cannot be taken is in the report.
pub async fn take(
    ctx: &Context,
    actor: &Actor,
    documents: Vec<(String, Vec<u8>)>,
) -> Result<ImportReport, Error> {
    actor.need(Right::UpdateData)?;
    let sources = documents.into_iter().map(|(name, bytes)| Source::Bytes(name, bytes)).collect();
    take_all(ctx, actor, sources, true).await
}

/// Where a document comes from, with the name to show.
pub(super) enum Source {
    File(String, PathBuf),
    Bytes(String, Vec<u8>),
}

async fn take_all(
    ctx: &Context,
    actor: &Actor,
    sources: Vec<Source>,
    asked_for: bool,
) -> Result<ImportReport, Error> {
    let mut alarm = Alarm::default();
    let report = store_all(ctx, sources, asked_for, None, &mut alarm).await?;
    let change = ctx.change(actor, Right::UpdateData, "medical.import").await?;
    let detail = format!(
        "{} taken in, {} unchanged, {} not read",
        report.taken,
        report.unchanged,
        report.refused.len()
    );
    change.commit("medical advisories", &detail).await?;
    alarm.tell(ctx).await?;
    Ok(report)
}

/// The provider that documents are fetched from, and all that there are.
#[derive(Debug, Clone)]
pub(super) struct Provided {
    pub(super) url: String,
    pub(super) all: HashSet<String>,
}

/// Takes all of them in; `asked_for` says whether each was named by a person, so that one that is no document is told.
pub(super) async fn store_all(
    ctx: &Context,
    sources: Vec<Source>,
    asked_for: bool,
    from: Option<Provided>,
    alarm: &mut Alarm,
) -> Result<ImportReport, Error> {
    let view = ctx.inner.store.reference_view().await?;
    let held = product_advisories::held(&view).await?;
    drop(view);
    let held: Known = held.into_iter().map(|it| (it.id, it)).collect();
    let now = ctx.clock.now();
    let reading =
        tokio::task::spawn_blocking(move || read_all(sources, &held, (asked_for, from.as_ref()), now));
    let (rows, report) = reading.await.map_err(|error| Error::Internal(Box::new(error)))?;
    if !rows.is_empty() {
        alarm.remember(ctx).await?;
        let reference = ctx.inner.store.reference().await?;
        for row in &rows {
            product_advisories::set(&reference, row).await?;
        }
        reference.commit().await?;
    }
    Ok(report)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: &std::io::Error| Error::Invalid {
        message: format!("`{}` cannot be read: {error}", path.display()),
        hint: Some("name a CSAF document, or a folder with some".into()),
    };
    let kind = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !kind.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&error))? {
            let entry = entry.map_err(|error| unreadable(&error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&error))?;
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && is_document(&entry.path()) {
                found.push(entry.path());
            }
        }
        if found.len() > MAX_FILES {
            return Err(Error::Invalid {
                message: format!("`{}` has more than {MAX_FILES} files", path.display()),
                hint: Some("take it in folder by folder".into()),
            });
        }
    }
    found.sort();
    Ok(found)
}

fn is_document(path: &Path) -> bool {
    path.extension().and_then(|it| it.to_str()).is_some_and(|it| document::may_be(&it.to_ascii_lowercase()))
}

/// What is held.
type Known = HashMap<ProductAdvisoryId, HeldRow>;

fn read_all(
    sources: Vec<Source>,
    held: &Known,
    (asked_for, from): (bool, Option<&Provided>),
    now: Timestamp,
) -> (Vec<ProductAdvisoryRow>, ImportReport) {
    let mut report = ImportReport::default();
    let mut newest: HashMap<ProductAdvisoryId, ProductAdvisoryRow> = HashMap::new();
    for source in sources {
        let (shown, content) = match source {
            Source::File(shown, file) => (shown, read_file(&file)),
            Source::Bytes(shown, bytes) => (shown, Ok(bytes)),
        };
        let read = content.map(|content| (document::read(&shown, &content), content));
        match read {
            Ok((Err(_), content)) if !asked_for && document::is_other_text(&shown, &content) => {
                report.other_texts += 1;
            }
            Err(why) | Ok((Err(why), _)) => report.refused.push((shown, why)),
            Ok((Ok(document), content)) => {
                let row = ProductAdvisoryRow {
                    provider: from.map(|it| it.url.clone()),
                    ..row_of(&document, content, now)
                };
                let present = held.get(&row.id);
                let known = newest.get(&row.id).map(|it| it.released.as_deref());
                let known = known.or_else(|| present.map(|it| it.released.as_deref()));
                let same = present.is_some_and(|it| it.sha256 == row.sha256);
                if let Some(other) = present.and_then(|it| of_another(it, from)).filter(|_| !same) {
                    let why =
                        format!("{} is held from {other}; another provider does not replace it", row.name);
                    report.refused.push((shown, why));
                    continue;
                }
                if same || known.is_some_and(|known| older(row.released.as_deref(), known)) {
                    report.unchanged += 1;
                    continue;
                }
                tell(&mut report, &document);
                newest.insert(row.id, row);
            }
        }
    }
    report.taken = newest.len();
    let mut rows: Vec<ProductAdvisoryRow> = newest.into_values().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    (rows, report)
}

/// The provider that a document is held from, where that is another one, which is still asked.
fn of_another<'h>(held: &'h HeldRow, from: Option<&Provided>) -> Option<&'h str> {
    let (by, from) = (held.provider.as_deref()?, from?);
    (by != from.url && from.all.contains(by)).then_some(by)
}

/// What of a document could not be read, and what a list is made of.
fn tell(report: &mut ImportReport, document: &Document) {
    match document.rows {
        Some(rows) => report.lists.push(ListReport {
            name: document.name.clone(),
            rows,
            advisories: document.advisories.len(),
            not_understood: document.lost.iter().map(|it| (it.place.clone(), it.message.clone())).collect(),
        }),
        None if document.lost.is_empty() => {}
        None => report.losses.push((document.name.clone(), document.lost.len())),
    }
}

/// Whether a version was released before the one that is known; what has no date that can be read is not.
fn older(this: Option<&str>, known: Option<&str>) -> bool {
    let at = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
    matches!((at(this), at(known)), (Some(this), Some(known)) if this < known)
}

fn read_file(file: &Path) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > csaf::MAX_BYTES {
        return Err(csaf::CsafError::TooLarge.to_string());
    }
    std::fs::read(file).map_err(|error| error.to_string())
}

fn row_of(document: &Document, content: Vec<u8>, now: Timestamp) -> ProductAdvisoryRow {
    ProductAdvisoryRow {
        id: document::id_of(&document.namespace, &document.name),
        name: document.name.clone(),
        namespace: document.namespace.clone(),
        version: document.version.clone(),
        released: document.released.clone(),
        sha256: Sha256::digest(&content).to_vec(),
        content,
        added: now,
        provider: None,
    }
}
