//! Moving an installation between the embedded database and PostgreSQL. Documents, keys and vulnerability data stay in
//! the data folder; only the database moves.

use bedrail_model::ids::OrgId;
use bedrail_store::transfer::{self, TableSum};
use bedrail_store::{Address, Store, audit as entries, organisations, personal};

use crate::audit::chain::Chain;
use crate::context::{DATABASE_FILE, Settings};
use crate::{Error, context};

pub use bedrail_store::transfer::Step;

/// Which way an installation moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// From the embedded database of the data folder to the PostgreSQL at this address.
    To(String),
    /// From the PostgreSQL at this address to an embedded database in the data folder.
    From(String),
}

/// What was moved, and how it was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Every table with its rows and the sum of their hashes, the same on both sides.
    pub tables: Vec<TableSum>,
    /// Organisations whose audit chain was checked in the target, with their entries.
    pub chains: Vec<(String, u64)>,
}

impl Moved {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Texts with U+0000, which PostgreSQL cannot hold.
    pub fn replaced(&self) -> u64 {
        self.tables.iter().map(|table| table.replaced).sum()
    }
}

/// Entries read from the database at once.
const BATCH: u32 = 2_000;

/// Copies everything into an empty database, compares both, and checks every audit chain in the target. The source is
/// not changed, and not written by anybody meanwhile.
///
/// # Errors
/// [`Error::Conflict`] where a program has the source open, the target holds something, or something did not arrive;
/// [`Error::Unavailable`] where a database cannot be reached.
pub async fn run(settings: &Settings, way: &Way, tell: &(dyn Fn(Step) + Sync)) -> Result<Moved, Error> {
    let embedded = Address::File(settings.data_dir.join(DATABASE_FILE));
    let (from, to) = match way {
        Way::To(url) => (embedded, Address::Postgres(url.clone())),
        Way::From(url) => {
            context::make_folder(&settings.data_dir).map_err(|error| Error::Unavailable {
                message: format!("the data folder cannot be used: {error}"),
                hint: Some("name another one with `--data DIR` or BEDRAIL_DATA".into()),
            })?;
            (Address::Postgres(url.clone()), embedded)
        }
    };
    let copied = transfer::copy(&from, &to, tell).await.map_err(|error| told(&error))?;
    let chains = chains(copied.store()).await?;
    let tables = copied.finish().await.map_err(|error| told(&error))?;
    Ok(Moved { tables, chains })
}

/// What happened, for the person at the terminal.
fn told(error: &bedrail_store::Error) -> Error {
    use bedrail_store::Error::{Differs, HalfMoved, InUse, NotEmpty, OtherSchema};
    let conflict = |words: &str| Error::Conflict { message: words.to_owned() };
    match error {
        InUse => conflict(
            "a server, a worker or another command has the source open: stop them all, then move again",
        ),
        NotEmpty => conflict("the target holds something already: give an empty database"),
        OtherSchema => conflict(
            "the source has not the schema of this program: start `bedrail serve` on it once, stop it, then move",
        ),
        HalfMoved => conflict("the source is itself the target of a move that has not ended"),
        Differs { table, sent, arrived } => Error::Conflict {
            message: format!(
                "table {table} did not arrive whole: {sent} rows were read, {arrived} are there; nothing was changed in the source"
            ),
        },
        error => context::unavailable(error),
    }
}

/// Checks the chain of every organisation.
async fn chains(store: &Store) -> Result<Vec<(String, u64)>, Error> {
    let mut checked = Vec::new();
    for organisation in organisations::list(store).await? {
        checked.push((organisation.name, whole(store, organisation.id).await?));
    }
    Ok(checked)
}

async fn whole(store: &Store, org: OrgId) -> Result<u64, Error> {
    let view = store.view(org).await?;
    let mut chain = Chain::of(org);
    loop {
        let batch = entries::chain(&view, chain.last(), BATCH).await?;
        let values = personal::of_entries(&view, &batch).await?;
        for entry in &batch {
            chain.add(entry, &values).map_err(|broken| Error::Conflict { message: broken.to_string() })?;
        }
        if batch.len() < BATCH as usize {
            break;
        }
    }
    let verified = chain.end(entries::head(&view).await?);
    Ok(verified.map_err(|broken| Error::Conflict { message: broken.to_string() })?.entries)
}
