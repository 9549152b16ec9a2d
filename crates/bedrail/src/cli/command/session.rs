//! What commands on the database share: the runtime, the opened context, and who is acting.

use std::future::Future;

use bedrail_app::actor::{Actor, Via};
use bedrail_app::clock::Clock;
use bedrail_app::context::{Context, Settings};
use bedrail_app::{Error, accounts};

use crate::cli::args::{Database, Place};
use crate::cli::failure::Failure;

/// The organisation of an installation that nobody has named yet.
const FIRST_ORGANISATION: &str = "Our organisation";

/// Data older than this is stale unless asked otherwise: feeds are published daily, a week covers a holiday.
pub(crate) const MAX_DATA_AGE_DAYS: u32 = 7;

/// Runs a command to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::because("cannot start worker threads", &error))?;
    runtime.block_on(work)
}

/// How to open everything under the data folder.
pub(crate) fn settings(place: &Place, database: &Database, clock: Clock) -> Settings {
    Settings {
        data_dir: place.data_dir(),
        database: database.database.clone(),
        clock,
        parser: None,
        max_data_age_days: MAX_DATA_AGE_DAYS,
    }
}

/// The context, and the person at the terminal as the one who acts: who can read the data folder may use all of it.
pub(crate) async fn open(settings: Settings) -> Result<(Context, Actor), Error> {
    open_as(settings, FIRST_ORGANISATION).await
}

/// As [`open`], with the name of the organisation where this is the first use of the installation.
pub(crate) async fn open_as(settings: Settings, organisation: &str) -> Result<(Context, Actor), Error> {
    let ctx = Context::open(settings).await?;
    let org = accounts::ensure_organisation(&ctx, organisation).await?;
    let name =
        std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "somebody".to_owned());
    Ok((ctx, Actor { org, account: None, name, via: Via::CommandLine }))
}
