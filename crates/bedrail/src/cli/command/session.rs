//! What commands on the database share: the runtime, the opened context, and who is acting.

use std::future::Future;
use std::mem::ManuallyDrop;

use bedrail_app::clock::Clock;
use bedrail_app::context::{Context, Settings};
use bedrail_app::organisations::{self, Organisation};
use bedrail_app::{Actor, Error, accounts};
use bedrail_model::ids::OrgId;

use crate::cli::args::{Database, Place};
use crate::cli::failure::Failure;

/// The organisation of an installation that nobody has named yet.
const FIRST_ORGANISATION: &str = "Our organisation";

/// Data older than this is stale unless asked otherwise: feeds are published daily, a week covers a holiday.
pub(crate) const MAX_DATA_AGE_DAYS: u32 = 7;

/// Stack of a worker thread, bytes: as much as the main thread has. What is not used takes no memory.
const WORKER_STACK: usize = 8 << 20;

/// Refuses a server on systems on which the process that reads an upload has no limit of memory and time.
///
/// # Errors
/// On Windows.
pub(crate) fn only_where_uploads_are_bounded() -> Result<(), Failure> {
    if cfg!(windows) {
        return Err(Failure::new(
            "the server does not run on Windows: uploads could not be read within limits there",
        )
        .hint("run it on Linux, in WSL or a virtual machine; `bedrail scan` works here"));
    }
    Ok(())
}

/// Runs a command to its end. What still computes beside it then (a fetch of feeds, what is worked out anew) is not waited for and
/// ends with the process: it is written so that a power cut does no harm. To take the threads' clock away under it, as dropping them
/// does, would end it in a panic.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(WORKER_STACK)
        .build()
        .map_err(|error| Failure::because("cannot start worker threads", &error))?;
    ManuallyDrop::new(runtime).block_on(Box::pin(work))
}

/// How to open everything under the data folder.
pub(crate) fn settings(place: &Place, database: &Database, clock: Clock) -> Settings {
    Settings {
        data_dir: place.data_dir(),
        database: database.database.clone(),
        clock,
        parser: None,
        key_file: database.key_file.clone(),
        max_data_age_days: MAX_DATA_AGE_DAYS,
    }
}

/// The context, and the person at the terminal as the one who acts: who can read the data folder may use all of it.
pub(crate) async fn open(settings: Settings, database: &Database) -> Result<(Context, Actor), Error> {
    open_as(settings, database, FIRST_ORGANISATION).await
}

/// As [`open`] for commands over all organisations: with several, the first one is acted in where none is named.
pub(crate) async fn open_all(settings: Settings, database: &Database) -> Result<(Context, Actor), Error> {
    if database.organisation.is_some() {
        return open(settings, database).await;
    }
    let (ctx, org) = open_first(settings).await?;
    Ok((ctx, Actor::at_terminal(org, user())))
}

fn user() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "somebody".to_owned())
}

/// As [`open`], with the name of the organisation where this is the first use of the installation.
pub(crate) async fn open_as(
    settings: Settings,
    database: &Database,
    first: &str,
) -> Result<(Context, Actor), Error> {
    let ctx = Context::open(settings).await?;
    let first = accounts::ensure_organisation(&ctx, first).await?;
    let org = match &database.organisation {
        None => the_only(&ctx, first).await?,
        Some(wanted) => named(&ctx, wanted).await?,
    };
    Ok((ctx, Actor::at_terminal(org, user())))
}

/// The context and the first organisation, made where there is none: for a server, which serves all of them.
pub(crate) async fn open_first(settings: Settings) -> Result<(Context, OrgId), Error> {
    let ctx = Context::open(settings).await?;
    let org = accounts::ensure_organisation(&ctx, FIRST_ORGANISATION).await?;
    Ok((ctx, org))
}

/// The organisation of an installation that has one; with several the person is asked which.
async fn the_only(ctx: &Context, first: OrgId) -> Result<OrgId, Error> {
    let all = organisations::all(ctx).await?;
    if all.len() <= 1 {
        return Ok(first);
    }
    let names: Vec<&str> = all.iter().map(|each| each.name.as_str()).collect();
    let message = format!("there are {} organisations: {}", all.len(), names.join(", "));
    Err(Error::Invalid { message, hint: Some("name one with --organisation".into()) })
}

/// The organisation with a name or an id.
async fn named(ctx: &Context, wanted: &str) -> Result<OrgId, Error> {
    let all = organisations::all(ctx).await?;
    let fits = |each: &&Organisation| {
        each.name.to_lowercase() == wanted.to_lowercase() || each.id.to_string() == wanted
    };
    all.iter()
        .find(fits)
        .map(|each| each.id)
        .ok_or_else(|| Error::not_found(format!("organisation {wanted}")))
}
