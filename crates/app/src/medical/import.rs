//! Taking advisories in: from a file, or from a folder that mirrors a publisher's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bedrail_formats::csaf;
use bedrail_formats::limits::Limits;
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_model::product_advisory::{ProductAdvisory, Tlp};
use bedrail_store::product_advisories::{self, ProductAdvisoryRow};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

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
}

/// Takes in a document, or every `.json` of a folder and the folders in it. Files that are no CSAF documents are listed.
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
    let files = files(path)?.into_iter().map(|file| Source::File(shown(&file), file)).collect();
    take_all(ctx, actor, files).await
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
    take_all(ctx, actor, documents.into_iter().map(|(name, bytes)| Source::Bytes(name, bytes)).collect())
        .await
}

/// Where a document comes from, with the name to show.
enum Source {
    File(String, PathBuf),
    Bytes(String, Vec<u8>),
}

async fn take_all(ctx: &Context, actor: &Actor, sources: Vec<Source>) -> Result<ImportReport, Error> {
    let view = ctx.inner.store.reference_view().await?;
    let held: HashMap<ProductAdvisoryId, Vec<u8>> =
        product_advisories::held(&view).await?.into_iter().collect();
    let shelf = ctx.inner.shelves.get(&view).await?;
    drop(view);
    let released: HashMap<ProductAdvisoryId, Option<String>> =
        shelf.held.iter().map(|it| (it.id, it.advisory.released.clone())).collect();
    let now = ctx.clock.now();
    let reading = tokio::task::spawn_blocking(move || read_all(sources, &held, &released, now));
    let (rows, report) = reading.await.map_err(|error| Error::Internal(Box::new(error)))?;
    if !rows.is_empty() {
        let reference = ctx.inner.store.reference().await?;
        for row in &rows {
            product_advisories::set(&reference, row).await?;
        }
        reference.commit().await?;
    }
    let change = ctx.change(actor, Right::UpdateData, "medical.import").await?;
    let detail = format!(
        "{} taken in, {} unchanged, {} not read",
        report.taken,
        report.unchanged,
        report.refused.len()
    );
    change.commit("medical advisories", &detail).await?;
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
            } else if kind.is_file() && entry.path().extension().is_some_and(|it| it == "json") {
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

fn read_all(
    sources: Vec<Source>,
    held: &HashMap<ProductAdvisoryId, Vec<u8>>,
    released: &HashMap<ProductAdvisoryId, Option<String>>,
    now: Timestamp,
) -> (Vec<ProductAdvisoryRow>, ImportReport) {
    let mut report = ImportReport::default();
    let mut newest: HashMap<ProductAdvisoryId, ProductAdvisoryRow> = HashMap::new();
    for source in sources {
        let (shown, read) = match source {
            Source::File(shown, file) => (shown, read_file(&file)),
            Source::Bytes(shown, bytes) => (shown, read(bytes)),
        };
        match read {
            Err(why) => report.refused.push((shown, why)),
            Ok((advisory, content)) => {
                let lost = advisory.warnings.iter().filter(|it| it.lost).count();
                let row = row_of(&advisory, content, now);
                let known = newest.get(&row.id).map(|it| it.released.as_deref());
                let known = known.or_else(|| released.get(&row.id).map(Option::as_deref));
                let same = held.get(&row.id).is_some_and(|digest| *digest == row.sha256);
                if same || known.is_some_and(|known| older(row.released.as_deref(), known)) {
                    report.unchanged += 1;
                    continue;
                }
                if lost > 0 {
                    report.losses.push((advisory.id.clone(), lost));
                }
                newest.insert(row.id, row);
            }
        }
    }
    report.taken = newest.len();
    let mut rows: Vec<ProductAdvisoryRow> = newest.into_values().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    (rows, report)
}

/// Whether a version was released before the one that is known; what has no date that can be read is not.
fn older(this: Option<&str>, known: Option<&str>) -> bool {
    let at = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
    matches!((at(this), at(known)), (Some(this), Some(known)) if this < known)
}

fn read_file(file: &Path) -> Result<(ProductAdvisory, Vec<u8>), String> {
    let size = std::fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > csaf::MAX_BYTES {
        return Err(csaf::CsafError::TooLarge.to_string());
    }
    read(std::fs::read(file).map_err(|error| error.to_string())?)
}

fn read(content: Vec<u8>) -> Result<(ProductAdvisory, Vec<u8>), String> {
    let advisory = csaf::read(&content, &Limits::default()).map_err(|error| error.to_string())?;
    match advisory.tlp {
        Tlp::Clear | Tlp::Unstated | Tlp::Green => Ok((advisory, content)),
        Tlp::Amber | Tlp::AmberStrict | Tlp::Red => Err(format!(
            "it is marked {}, and what is taken in here is shown to every organisation of the installation",
            advisory.tlp
        )),
    }
}

fn row_of(advisory: &ProductAdvisory, content: Vec<u8>, now: Timestamp) -> ProductAdvisoryRow {
    let named = format!("{}\u{1f}{}", advisory.publisher.namespace, advisory.id);
    let digest = Sha256::digest(named.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    ProductAdvisoryRow {
        id: ProductAdvisoryId::from_digest(id),
        name: advisory.id.clone(),
        namespace: advisory.publisher.namespace.clone(),
        version: advisory.version.clone(),
        released: advisory.released.clone(),
        sha256: Sha256::digest(&content).to_vec(),
        content,
        added: now,
    }
}
