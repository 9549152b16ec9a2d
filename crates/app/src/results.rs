//! What came out of a job for a person to fetch: a file in the data folder under the job's id, given out for a week to who
//! asked for it, or may manage jobs and see what is in it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bedrail_model::ids::{JobId, OrgId};
use bedrail_store::Change;
use bedrail_store::results::{self as rows, ResultRow};
use jiff::{SignedDuration, Timestamp};
use tempfile::NamedTempFile;

use crate::devices::ImportReport;
use crate::jobs::{self, Kind};
use crate::rights::Right;
use crate::sboms::SbomReceipt;
use crate::{Actor, Context, Error, audit, devices, sboms};

/// How long a result is given out.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A file that no row names is removed when it is so much older than it may be: one that is being written is younger.
const ORPHAN: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// The report on an import.
pub(crate) const REPORT: &str = "devices.report";
/// The receipt of a bill of materials.
pub(crate) const RECEIPT: &str = "sbom.receipt";

/// What came out, as listed on its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Produced {
    /// The name of the file, or of the file that it reports on.
    pub name: String,
    /// Whether it is a file to be saved; else a report that is shown.
    pub is_file: bool,
    /// Its length.
    pub bytes: u64,
    /// Until when it can be fetched.
    pub expires: Timestamp,
}

impl From<ResultRow> for Produced {
    fn from(row: ResultRow) -> Produced {
        let is_file = ![REPORT, RECEIPT].contains(&row.kind.as_str());
        Produced { is_file, name: row.name, bytes: row.bytes, expires: row.expires }
    }
}

/// What came out.
#[derive(Debug)]
pub enum Outcome {
    /// The report on a device list: the list's name, and the report.
    Import(String, ImportReport),
    /// The receipt of a bill of materials.
    Receipt(SbomReceipt),
    /// A file to be saved.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its length.
        bytes: u64,
        /// Its content.
        file: File,
    },
}

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("results")
}

fn path(data_dir: &Path, job: JobId) -> PathBuf {
    folder(data_dir).join(job.to_string())
}

/// A result that is being written. Dropped before [`Draft::keep`], nothing of it stays.
pub(crate) struct Draft {
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins a result.
    pub(crate) fn begin(ctx: &Context) -> Result<Draft, Error> {
        let folder = folder(&ctx.data_dir);
        fs::create_dir_all(&folder)?;
        Ok(Draft { file: BufWriter::with_capacity(256 << 10, NamedTempFile::new_in(folder)?) })
    }

    /// Keeps it under the job, by the change that ends the job.
    pub(crate) async fn keep(
        self,
        ctx: &Context,
        change: &Change,
        job: JobId,
        (kind, name): (&str, &str),
    ) -> Result<(), Error> {
        let path = path(&ctx.data_dir, job);
        let keep = move || -> io::Result<u64> {
            let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let bytes = file.as_file().metadata()?.len();
            file.persist(path)?;
            Ok(bytes)
        };
        let kept = tokio::task::spawn_blocking(keep).await;
        let bytes = kept.map_err(|error| Error::Internal(Box::new(error)))??;
        let expires = ctx.clock.now() + KEPT;
        let row = ResultRow { job, kind: kind.to_owned(), name: name.to_owned(), bytes, expires };
        Ok(rows::put(change, &row).await?)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What came out of a job. That it was fetched stands in the audit log.
///
/// # Errors
/// [`Error::NotFound`] where there is nothing, or no longer; [`Error::Denied`] for who neither asked for it nor may
/// manage jobs, or may not see what is in it.
pub async fn get(ctx: &Context, actor: &Actor, id: JobId) -> Result<Outcome, Error> {
    let (view, job) = jobs::seen(ctx, actor, id).await?;
    let right = Kind::of(&job.kind).map_or(Right::ManageJobs, |kind| kind.right);
    actor.need(right)?;
    if !jobs::is_own(actor, &job) {
        actor.need(Right::ManageJobs)?;
    }
    let nothing = || Error::not_found(format!("a result of job {id} (results are kept for a week)"));
    let row = rows::one(&view, id).await?.filter(|row| row.expires > ctx.clock.now()).ok_or_else(nothing)?;
    drop(view);
    let file = File::open(path(&ctx.data_dir, id)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Unavailable {
            message: "the result is listed, but its file is missing in the data folder".into(),
            hint: Some("let the job begin anew, or ask for it again".into()),
        },
        _ => Error::from(error),
    })?;
    audit::note(ctx, actor, right, "job.result", &row.name, &id.to_string()).await?;
    let read = move || -> Result<Outcome, Error> {
        let damaged = |error: serde_json::Error| Error::Internal(Box::new(error));
        Ok(match row.kind.as_str() {
            REPORT => {
                let report = devices::report::read(io::BufReader::new(file)).map_err(damaged)?;
                Outcome::Import(row.name, report)
            }
            RECEIPT => Outcome::Receipt(sboms::receipt::read(io::BufReader::new(file)).map_err(damaged)?),
            _ => Outcome::File { name: row.name, media_type: row.kind, bytes: row.bytes, file },
        })
    };
    tokio::task::spawn_blocking(read).await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// Removes what has expired, and files that no row names. Returns how many.
pub(crate) async fn sweep(ctx: &Context, organisations: &[OrgId]) -> Result<u64, Error> {
    let mut swept = 0;
    for org in organisations {
        for job in rows::sweep(&ctx.inner.store, *org, ctx.clock.now()).await? {
            // A file that stays is an orphan, and goes below another day.
            swept += u64::from(fs::remove_file(path(&ctx.data_dir, job)).is_ok());
        }
    }
    for file in fs::read_dir(folder(&ctx.data_dir)).into_iter().flatten().flatten() {
        let age = file.metadata().and_then(|facts| facts.modified()).ok().and_then(|at| at.elapsed().ok());
        let most =
            if is_draft(&file.file_name().to_string_lossy()) { ORPHAN } else { ORPHAN + KEPT.unsigned_abs() };
        let old = age.is_some_and(|age| age > most);
        swept += u64::from(old && fs::remove_file(file.path()).is_ok());
    }
    Ok(swept)
}

/// Whether a file was never kept under a job's id.
fn is_draft(name: &str) -> bool {
    name.parse::<JobId>().is_err()
}
