//! How the installation gets on, for those who run it: whether it is ready, and figures that say nothing of any
//! organisation.

use std::time::Duration;

use bedrail_model::job::JobState;
use bedrail_store::{Pool, Waits, jobs};
use jiff::Timestamp;
use tokio::time;

use crate::{Context, Error};

/// The database is not ready when it takes longer than this to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// Figures of the installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Background jobs that wait, run or failed: kind, state, how many.
    pub jobs: Vec<(String, JobState, u64)>,
    /// For how long the waiting job has been due that is due longest.
    pub oldest_due: Duration,
    /// Sources of vulnerability data with the age of the newest date inside; none where never fetched.
    pub feeds: Vec<(String, Option<Duration>)>,
    /// Whether all vulnerability data is whole and fresh.
    pub data_complete: bool,
    /// Changes that waited for the database.
    pub waits: Waits,
    /// Connections to the database.
    pub pools: Vec<Pool>,
}

/// Whether each part that a request may need works. What is wrong goes to the log.
pub async fn ready(ctx: &Context) -> Vec<(&'static str, bool)> {
    let schema = match time::timeout(PATIENCE, ctx.inner.store.schema()).await {
        Ok(Ok(schema)) => Some(schema),
        Ok(Err(error)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "not ready: the database does not answer"
            );
            None
        }
        Err(_) => {
            tracing::error!("not ready: the database does not answer in time");
            None
        }
    };
    let current = schema.is_some_and(|schema| schema.found == schema.known);
    if schema.is_some() && !current {
        tracing::error!(?schema, "not ready: the database has another schema than this program");
    }
    let data = ctx.inner.judge.data.readable();
    if let Err(error) = &data {
        tracing::error!(error = error as &dyn std::error::Error, "not ready: vulnerability data");
    }
    let key = ctx.inner.secrets.readable();
    if let Err(error) = &key {
        tracing::error!(error = error as &dyn std::error::Error, "not ready: the key for stored secrets");
    }
    vec![
        ("database", schema.is_some()),
        ("schema", current),
        ("vulnerability data", data.is_ok()),
        ("key", key.is_ok()),
    ]
}

/// The figures as of now.
///
/// # Errors
/// When the database does not answer.
pub async fn figures(ctx: &Context) -> Result<Figures, Error> {
    let depths = jobs::depth(&ctx.inner.store).await?;
    let now = ctx.clock.now();
    let since = |then: Timestamp| Duration::try_from(now.duration_since(then)).unwrap_or_default();
    let waiting = depths.iter().filter(|depth| depth.state == JobState::Waiting);
    let oldest_due = waiting.map(|depth| since(depth.oldest)).max().unwrap_or_default();
    let data = ctx.data_status();
    Ok(Figures {
        jobs: depths.into_iter().map(|depth| (depth.kind, depth.state, depth.jobs)).collect(),
        oldest_due,
        feeds: data.sources.iter().map(|source| (source.name.clone(), source.as_of.map(since))).collect(),
        data_complete: data.complete,
        waits: ctx.inner.store.waits(),
        pools: ctx.inner.store.pools(),
    })
}
