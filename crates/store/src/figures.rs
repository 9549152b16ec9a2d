//! How the database gets on, for those who run it: the schema, how long changes wait, the connections.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement, TransactionTrait as _};

use crate::lock::Waiting;
use crate::{Error, Store, migrations};

/// The schema in the database, and the one that this program brings it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The newest step in the database.
    pub found: i64,
    /// The newest step that this program knows.
    pub known: i64,
}

/// Changes that waited to begin, since this process opened the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    /// Changes that began.
    pub begun: u64,
    /// How long they waited, all together.
    pub waited: Duration,
    /// How many wait right now.
    pub waiting: u64,
}

/// Connections of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// `read`, `write`, or `all` where both are one.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
}

/// What [`Waits`] is counted in.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    begun: AtomicU64,
    microseconds: AtomicU64,
}

const NEWEST: &str = "SELECT COALESCE(MAX(number), 0) FROM migration";

impl Store {
    /// A transaction that writes. How long it waited for its turn is counted; it waits ([`Store::is_wanted`]) for as long as
    /// the caller keeps the second value: SQLite's writer is had now, PostgreSQL's row with the first statement on it.
    pub(crate) async fn begin_write(&self) -> Result<(DatabaseTransaction, Waiting<'_>), Error> {
        let counted: &Counted = &self.counted;
        let waiting = Waiting::begin(&self.waiting);
        let since = Instant::now();
        let transaction = self.write.begin().await?;
        let waited = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        counted.begun.fetch_add(1, Ordering::Relaxed);
        counted.microseconds.fetch_add(waited, Ordering::Relaxed);
        Ok((transaction, waiting))
    }

    /// The schema as it stands. Asks the database, so that its answer says that it is there.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn schema(&self) -> Result<Schema, Error> {
        let backend: DbBackend = self.read.get_database_backend();
        let row = self.read.query_one_raw(Statement::from_string(backend, NEWEST)).await?;
        let found = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(Schema { found, known: migrations::newest() })
    }

    /// How changes waited.
    pub fn waits(&self) -> Waits {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Waits {
            begun: load(&self.counted.begun),
            waited: Duration::from_micros(load(&self.counted.microseconds)),
            waiting: self.waiting.load(Ordering::Relaxed).into(),
        }
    }

    /// The connections.
    pub fn pools(&self) -> Vec<Pool> {
        let idle = |idle: usize| u32::try_from(idle).unwrap_or(u32::MAX);
        match self.read.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.read.get_postgres_connection_pool();
                vec![Pool { name: "all", open: pool.size(), idle: idle(pool.num_idle()) }]
            }
            _ => [("read", &self.read), ("write", &self.write)]
                .map(|(name, connection)| {
                    let pool = connection.get_sqlite_connection_pool();
                    Pool { name, open: pool.size(), idle: idle(pool.num_idle()) }
                })
                .to_vec(),
        }
    }
}
