//! What is in the database: schema, locks, logs, documents, jobs.

use std::time::Duration;

use bedrail_model::ids::OrgId;
use bedrail_model::job::JobState;
use bedrail_store::audit::{self as entries, EntryFilter};
use bedrail_store::{Address, Store, View, documents, jobs, notices, organisations, personal};
use jiff::{SignedDuration, Timestamp};
use tokio::time;

use super::{Check, Depth, Looking, causes};
use crate::audit::chain::Chain;
use crate::{Error, vault};

/// Entries looked at of each log.
const ENTRIES: i64 = 1_000;
/// Documents looked at of each organisation.
const DOCUMENTS: u32 = 20;
/// Rows read at once.
const BATCH: u32 = 2_000;
/// A job that is due for so long shows that no worker takes any.
const DUE_TOO_LONG: SignedDuration = SignedDuration::from_mins(10);
/// Clocks of machines may differ by this much.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(2);
/// How long the database may take to let us in.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything in the database.
pub(super) async fn examine(looking: &Looking) -> Vec<Check> {
    let address = match &looking.database {
        Some(url) => Address::Postgres(url.clone()),
        None => Address::File(looking.embedded()),
    };
    let mut checks = Vec::new();
    let Some(store) = open(&address, &mut checks).await else { return checks };
    if let Err(error) = rest(looking, &store, &mut checks).await {
        checks.push(Check::broken("database", causes(&error), "see what the database's own log says"));
    }
    // Nothing was written.
    let _ = store.close().await;
    checks
}

/// The schema first: a database of another version is not opened, since that would bring it up to date.
async fn open(address: &Address, checks: &mut Vec<Check>) -> Option<Store> {
    const PART: &str = "database";
    if let Address::File(path) = address
        && !path.exists()
    {
        let mend = "`bedrail serve` makes it; if there was one, bring it back from a backup";
        checks.push(Check::broken(PART, format!("there is no {}", path.display()), mend));
        return None;
    }
    let schema = match time::timeout(PATIENCE, Store::look(address)).await {
        Ok(Ok(schema)) => schema,
        Ok(Err(error)) => {
            let mend = match error {
                bedrail_store::Error::HalfMoved => "run `bedrail db move` again; it starts over",
                _ => "check that it runs, its address, the name and the password",
            };
            checks.push(Check::broken(PART, causes(&error), mend));
            return None;
        }
        Err(_) => {
            let mend = "check that it runs, its address, and the firewall between";
            checks.push(Check::broken(PART, "it does not answer", mend));
            return None;
        }
    };
    let words = format!("schema {}, this program knows {}", schema.found, schema.known);
    if schema.found != schema.known {
        checks.push(if schema.found > schema.known {
            Check::broken("schema", words, "use the newer program that wrote it")
        } else {
            Check::warning(
                "schema",
                words,
                "make a backup, then start `bedrail serve`: it brings it up to date",
            )
        });
        return None;
    }
    match Store::open(address).await {
        Ok(store) => {
            checks.push(Check::fine("schema", words));
            Some(store)
        }
        Err(error) => {
            checks.push(Check::broken(PART, causes(&error), "check its rights and its free space"));
            None
        }
    }
}

async fn rest(looking: &Looking, store: &Store, checks: &mut Vec<Check>) -> Result<(), Error> {
    if let Some(guards) = store.guards().await? {
        checks.extend(guarded(&guards));
    }
    if looking.depth == Depth::Deep
        && let Some(wrong) = store.quick_check().await?
    {
        checks.push(match wrong.first() {
            None => Check::fine("integrity", "the file is whole"),
            Some(first) => Check::broken("integrity", first, "bring the database back from a backup"),
        });
    }
    let all = organisations::list(store).await?;
    let mut newest = None;
    for organisation in &all {
        let view = store.view(organisation.id).await?;
        checks.push(chain(looking, &view, organisation.id, &organisation.name).await?);
        let (found, _) = entries::page(&view, &EntryFilter::default(), 1, 0).await?;
        newest = newest.max(found.first().map(|entry| entry.at));
        checks.push(documents_of(looking, &view, &organisation.name).await?);
        checks.push(told(&view, &organisation.name).await?);
    }
    checks.push(clock(looking.now, newest));
    checks.extend(queue(looking, store).await?);
    Ok(())
}

fn guarded(guards: &bedrail_store::Guards) -> Vec<Check> {
    let role = if guards.role_passes {
        let mend = "connect as a role of its own: ALTER ROLE bedrail NOSUPERUSER NOBYPASSRLS";
        Check::broken("database_role", "the role passes by row-level security", mend)
    } else {
        Check::fine("database_role", "no superuser, and bound by row-level security")
    };
    let policies = if guards.unguarded.is_empty() {
        Check::fine("row_level_security", "in force on every table of organisations")
    } else {
        let words = format!("not in force on {}", guards.unguarded.join(", "));
        Check::broken("row_level_security", words, "bring the policies back from a backup of the schema")
    };
    vec![role, policies]
}

/// The log of an organisation: its newest entries, or all.
async fn chain(looking: &Looking, view: &View, org: OrgId, name: &str) -> Result<Check, Error> {
    const PART: &str = "audit_chain";
    let head = entries::head(view).await?;
    let from = if looking.depth == Depth::Deep { 0 } else { (head - ENTRIES).max(0) };
    // The entry before the first that is looked at gives the hash that this one must carry.
    let before = if from == 0 { None } else { entries::chain(view, from - 1, 1).await?.pop() };
    let mut chain = match before {
        Some(entry) => Chain::after(org, &entry),
        None => Chain::of(org),
    };
    let broken = |error: &dyn std::fmt::Display| {
        let mend = "somebody wrote the database by hand, or a backup is mixed: compare with an export or a noted head";
        Check::broken(PART, format!("{name}: {error}"), mend)
    };
    loop {
        let batch = entries::chain(view, chain.last(), BATCH).await?;
        let values = personal::of_entries(view, &batch).await?;
        for entry in &batch {
            if let Err(error) = chain.add(entry, &values) {
                return Ok(broken(&error));
            }
        }
        if batch.len() < BATCH as usize {
            break;
        }
    }
    Ok(match chain.end(head) {
        Ok(_) => Check::fine(PART, format!("{name}: {} of {head} entries hold together", head - from)),
        Err(error) => broken(&error),
    })
}

/// The documents of an organisation: the newest, or all.
async fn documents_of(looking: &Looking, view: &View, name: &str) -> Result<Check, Error> {
    const PART: &str = "documents";
    let limit = if looking.depth == Depth::Deep { u32::MAX } else { DOCUMENTS };
    let hashes = documents::newest(view, limit).await?;
    let (total, dir) = (hashes.len(), looking.dir.clone());
    let looked = tokio::task::spawn_blocking(move || {
        hashes.into_iter().filter(|sha256| !is_whole(&dir, sha256)).count()
    });
    let bad = looked.await.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(if bad == 0 {
        Check::fine(PART, format!("{name}: {total} looked at, all there and unchanged"))
    } else {
        let words = format!("{name}: {bad} of {total} are missing or changed");
        Check::broken(PART, words, "bring documents/ of the data folder back from a backup")
    })
}

fn is_whole(dir: &std::path::Path, sha256: &[u8]) -> bool {
    let file = std::fs::File::open(vault::path(dir, sha256));
    file.and_then(vault::digest).is_ok_and(|digest| digest[..] == *sha256)
}

/// Whether anything leads outside.
async fn told(view: &View, name: &str) -> Result<Check, Error> {
    let channels = notices::channels(view).await?;
    let names: Vec<&str> = channels.iter().map(|channel| channel.channel.as_str()).collect();
    Ok(if names.is_empty() {
        let words = format!("{name}: nobody hears of anything who does not look at the page");
        Check::warning("notices", words, "set up mail, a webhook or a log host under Notices")
    } else {
        Check::fine("notices", format!("{name}: {}", names.join(", ")))
    })
}

fn clock(now: Timestamp, newest: Option<Timestamp>) -> Check {
    const PART: &str = "clock";
    match newest.map(|newest| (newest, newest.duration_since(now))) {
        Some((newest, ahead)) if ahead > CLOCKS_DIFFER => Check::broken(
            PART,
            format!("this machine says {now:.0}, and the newest entry of the audit log is of {newest:.0}"),
            "set the clock right (chrony or systemd-timesyncd) on every machine",
        ),
        _ => Check::fine(PART, format!("{now:.0}, not before the newest entry of the audit log")),
    }
}

async fn queue(looking: &Looking, store: &Store) -> Result<Vec<Check>, Error> {
    let depths = jobs::depth(store).await?;
    let of = |state| depths.iter().filter(move |depth| depth.state == state);
    let mut checks = Vec::new();
    let oldest = of(JobState::Waiting).map(|depth| depth.oldest).min();
    checks.push(match oldest.map(|oldest| looking.now.duration_since(oldest)) {
        Some(due) if due > DUE_TOO_LONG => Check::warning(
            "workers",
            format!("a background job has been due for {} minutes: no worker takes it", due.as_mins()),
            "start `bedrail worker`, or `bedrail serve` without --no-worker",
        ),
        _ => Check::fine("workers", "no background job waits longer than it should"),
    });
    let stuck = jobs::abandoned(store, looking.now - DUE_TOO_LONG).await?;
    let failed: u64 = of(JobState::Failed).map(|depth| depth.jobs).sum();
    checks.push(if stuck > 0 {
        let words = format!("{stuck} background jobs were left by a worker and taken up by none");
        Check::warning("jobs", words, "start `bedrail worker`, or `bedrail serve` without --no-worker")
    } else if failed > 0 {
        let kinds: Vec<&str> = of(JobState::Failed).map(|depth| depth.kind.as_str()).collect();
        let words = format!("{failed} background jobs failed: {}", kinds.join(", "));
        Check::warning("jobs", words, "the page Background jobs says why; begin them anew there")
    } else {
        Check::fine("jobs", "none failed, none is stuck")
    });
    Ok(checks)
}
