//! What comes out of jobs for people to fetch. The files lie in the data folder under the job's id.

use bedrail_model::ids::{JobId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store, View};

/// What came out of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// The job.
    pub job: JobId,
    /// What it is: `devices.report`, `sbom.receipt`, or the media type of a file to be saved.
    pub kind: String,
    /// The name of the file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// It is not given out from then on.
    pub expires: Timestamp,
}

const PUT: &str = "INSERT INTO job_result (org_id, job_id, kind, name, size_bytes, expires)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id, job_id) DO UPDATE SET kind = $3, name = $4, size_bytes = $5, expires = $6";
const ONE: &str = "SELECT job_id, kind, name, size_bytes, expires FROM job_result
    WHERE org_id = $1 AND job_id = $2";
const SWEEP: &str = "DELETE FROM job_result WHERE org_id = $1 AND expires <= $2 RETURNING job_id";
pub(crate) const STATEMENTS: &[&str] = &[PUT, ONE, SWEEP];

fn read(row: &QueryResult) -> Result<ResultRow, Error> {
    Ok(ResultRow {
        job: JobId::from_uuid(get(row, 0)?),
        kind: get(row, 1)?,
        name: get(row, 2)?,
        bytes: get::<i64>(row, 3)?.unsigned_abs(),
        expires: time(get(row, 4)?)?,
    })
}

/// Notes what came out of a job of the changed organisation, together with the change that did it.
///
/// # Errors
/// When the database refuses.
pub async fn put(change: &Change, result: &ResultRow) -> Result<(), Error> {
    let row = values![
        change.org().uuid(),
        result.job.uuid(),
        result.kind.as_str(),
        result.name.as_str(),
        i64::try_from(result.bytes).unwrap_or(i64::MAX),
        micros(result.expires)
    ];
    change.execute(PUT, row).await?;
    Ok(())
}

/// What came out of a job of the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, job: JobId) -> Result<Option<ResultRow>, Error> {
    view.one(ONE, values![view.org().uuid(), job.uuid()]).await?.as_ref().map(read).transpose()
}

/// Forgets what has expired in an organisation. Returns the jobs, whose files are to be removed.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep(store: &Store, org: OrgId, now: Timestamp) -> Result<Vec<JobId>, Error> {
    let view = store.write_in(org).await?;
    let rows = view.all(SWEEP, values![org.uuid(), micros(now)]).await?;
    let swept = rows.iter().map(|row| Ok(JobId::from_uuid(get(row, 0)?))).collect::<Result<_, Error>>()?;
    view.transaction.commit().await?;
    Ok(swept)
}
