//! Opening the database: SQLite with one writer and several readers, or a PostgreSQL pool.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::{self, Connection as _, SqliteConnection};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::figures::Counted;
use crate::lock::Inside;
use crate::{Error, migrations, statistics};

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file, made where missing.
    File(PathBuf),
    /// A `postgres://` address, with its password.
    Postgres(String),
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::File(path) => f.debug_tuple("File").field(path).finish(),
            Address::Postgres(_) => f.write_str("Postgres(<address with password>)"),
        }
    }
}

/// How long a statement waits for another process that writes, before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a request waits for a connection to PostgreSQL before it is told to come back: who waits longer has given up.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers on SQLite; WAL lets them run beside the writer. More than the cores of a small server gains nothing.
const READERS: u32 = 8;

/// Page cache of a connection in negative KiB. The writer's holds what one change of a re-judgement touches. The file is
/// not mapped: the operating system caches it once for all, while what is mapped counts for each connection again.
const WRITER_CACHE: &str = "-32768";
const READER_CACHE: &str = "-4096";
/// Bytes of the write-ahead log from which on it is folded back into the database, beside the writer: a commit that did it
/// would wait for two syncs of the disk, and everybody who wants to write with it.
const FOLD_FROM: u64 = 32 << 20;
/// How often the log is looked at.
const FOLD_EVERY: Duration = Duration::from_millis(250);
/// Pages in the log (256 MiB) from which on a commit folds them back all the same.
const CHECKPOINT_PAGES: &str = "65536";
/// Bytes that the file of the log keeps once it was folded back. It is written over from its begin; to cut it short at every turn made
/// writers wait up to 170 ms where the file system tells its disk of each block that is let go.
const LOG_KEPT: &str = "268435456";

/// The open database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
    pub(crate) statements: Arc<AtomicU64>,
    /// Shared by all programs that have an embedded database open, so that a move is alone with it.
    pub(crate) _in_use: Option<Arc<File>>,
    /// How changes waited to begin.
    pub(crate) counted: Arc<Counted>,
    /// The file of an embedded database.
    pub(crate) file: Option<PathBuf>,
    /// Who waits for a [`crate::Lock`] or has it, in this process.
    pub(crate) inside: Arc<Inside>,
    /// Changes of this process that wait for their turn to write.
    pub(crate) waiting: Arc<AtomicU32>,
    /// Folds the log of an embedded database back, as long as the store is used.
    folding: Option<Arc<Folding>>,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be reached, or a newer program wrote its schema.
    pub async fn open(address: &Address) -> Result<Store, Error> {
        let in_use = match address {
            Address::File(path) => Some(Arc::new(shared(path)?)),
            Address::Postgres(_) => None,
        };
        Store::open_with(address, in_use, Check::Mark).await
    }

    /// Opens the target of a move before its mark is taken away, by who moves it.
    pub(crate) async fn open_marked(address: &Address) -> Result<Store, Error> {
        Store::open_with(address, None, Check::Nothing).await
    }

    async fn open_with(address: &Address, in_use: Option<Arc<File>>, check: Check) -> Result<Store, Error> {
        let mut folding = None;
        let (write, read) = match address {
            Address::File(path) => {
                let path =
                    path.to_str().ok_or_else(|| Error::Open(format!("{} is not Unicode", path.display())))?;
                let writer = connect(sqlite(path, 1)).await?;
                check.run(&writer).await?;
                statistics::fix(&writer).await?;
                folding = Some(Arc::new(Folding::begin(path).await?));
                (writer, connect(sqlite(path, READERS)).await?)
            }
            Address::Postgres(url) => {
                let pool = connect_within(ConnectOptions::new(url.clone()), CONNECTION_TIMEOUT).await?;
                check.run(&pool).await?;
                (pool.clone(), pool)
            }
        };
        let file = match address {
            Address::File(path) => Some(path.clone()),
            Address::Postgres(_) => None,
        };
        Ok(Store {
            write,
            read,
            _in_use: in_use,
            statements: Arc::default(),
            counted: Arc::default(),
            file,
            inside: Arc::default(),
            waiting: Arc::default(),
            folding,
        })
    }

    /// Whether several machines may share the database: it is PostgreSQL.
    pub fn is_shared(&self) -> bool {
        self.file.is_none()
    }

    /// Whether another change of this process waits for its turn to write. Long work asks between two statements, and
    /// commits what it has: people's changes jump the queue.
    pub fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Statements run so far, for tests that count the queries of a page.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The plan of a statement, for tests that refuse scans of fleet tables. Parameters stay unbound.
    ///
    /// # Errors
    /// When the statement does not prepare.
    pub async fn plan(&self, sql: &str) -> Result<Vec<String>, Error> {
        let backend = self.read.get_database_backend();
        let (text, column) = match backend {
            DbBackend::Postgres => (format!("EXPLAIN (GENERIC_PLAN) {sql}"), 0),
            _ => (format!("EXPLAIN QUERY PLAN {sql}"), 3),
        };
        let rows = self.read.query_all_raw(Statement::from_string(backend, text)).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(column)?)).collect()
    }

    /// Prepares a statement without running it, for the test that checks every statement on the migrated schema.
    ///
    /// # Errors
    /// When the statement does not prepare.
    pub async fn prepare(&self, sql: &str) -> Result<(), Error> {
        let text = match self.read.get_database_backend() {
            DbBackend::Postgres => format!("PREPARE checked AS {sql}; DEALLOCATE checked"),
            _ => format!("EXPLAIN {sql}"),
        };
        self.write.execute_unprepared(&text).await?;
        Ok(())
    }

    /// Writes the embedded database anew and empties its log, so that what was erased is in neither: rows that were deleted
    /// or overwritten leave their bytes in the file until then. Other changes wait meanwhile, seconds for a large fleet.
    /// PostgreSQL vacuums by itself.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn write_anew(&self) -> Result<(), Error> {
        if self.write.get_database_backend() == DbBackend::Sqlite {
            self.write.execute_unprepared("VACUUM").await?;
            self.write.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// When the last writes cannot be folded back.
    pub async fn close(&self) -> Result<(), Error> {
        if let Some(folding) = &self.folding {
            folding.end().await?;
        }
        self.read.close_by_ref().await?;
        Ok(self.write.close_by_ref().await?)
    }
}

/// What folds the write-ahead log back, on a connection of its own.
#[derive(Debug)]
struct Folding {
    connection: DatabaseConnection,
    work: tokio::task::JoinHandle<()>,
}

impl Folding {
    async fn begin(database: &str) -> Result<Folding, Error> {
        let connection = connect(sqlite(database, 1)).await?;
        let (log, own) = (PathBuf::from(format!("{database}-wal")), connection.clone());
        let work = tokio::spawn(async move {
            let mut looks = tokio::time::interval(FOLD_EVERY);
            looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut seen = None;
            loop {
                looks.tick().await;
                let Ok(facts) = std::fs::metadata(&log) else { continue };
                let now = facts.modified().ok();
                if facts.len() > FOLD_FROM && now != seen {
                    seen = now;
                    // Whatever it cannot fold back now stays in the log, where it is as safe.
                    let _ = own.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await;
                }
            }
        });
        Ok(Folding { connection, work })
    }

    async fn end(&self) -> Result<(), Error> {
        self.work.abort();
        Ok(self.connection.close_by_ref().await?)
    }
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// What is done before a database is used.
#[derive(Debug, Clone, Copy)]
enum Check {
    /// The schema is brought up to date, which refuses a database with the mark of a move.
    Mark,
    /// Nothing: who moves it has done so.
    Nothing,
}

impl Check {
    async fn run(self, connection: &DatabaseConnection) -> Result<(), Error> {
        match self {
            Check::Mark => migrations::run(connection).await,
            Check::Nothing => Ok(()),
        }
    }
}

/// Where the lock of an embedded database lies.
pub(crate) fn lock_path(database: &Path) -> PathBuf {
    database.with_extension("lock")
}

/// A part of the lock that all programs share which have the database open. The operating system takes it back when the
/// program ends, however it ends.
fn shared(database: &Path) -> Result<File, Error> {
    let file = File::options().create(true).truncate(false).write(true).open(lock_path(database));
    let file = file.map_err(|error| Error::Open(error.to_string()))?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(error)) => Err(Error::Open(error.to_string())),
    }
}

/// What connections of [`one`] are called on PostgreSQL, so that a move tells its own from those of others.
pub(crate) const MOVING: &str = "bedrail-move";

/// One connection to a database, which stays as it is.
pub(crate) async fn one(address: &Address) -> Result<DatabaseConnection, Error> {
    match address {
        Address::File(path) => {
            let path =
                path.to_str().ok_or_else(|| Error::Open(format!("{} is not Unicode", path.display())))?;
            connect(sqlite(path, 1)).await
        }
        Address::Postgres(url) => {
            let mut options = ConnectOptions::new(url.clone());
            // A move holds its locks in one and reads in the other.
            options.max_connections(2).map_sqlx_postgres_opts(|options| options.application_name(MOVING));
            connect(options).await
        }
    }
}

pub(crate) async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, Error> {
    connect_within(options, BUSY_TIMEOUT).await
}

async fn connect_within(mut options: ConnectOptions, wait: Duration) -> Result<DatabaseConnection, Error> {
    options.sqlx_logging(false).acquire_timeout(wait);
    Ok(Database::connect(options).await?)
}

/// Whether a connection that is given back has no transaction left; one that has is closed, and with it what it left. A commit
/// that fails for want of room takes the transaction back by itself: the driver's own `ROLLBACK` then fails, it goes on counting
/// one transaction, and sooner or later everything is written into a savepoint that nobody ever releases.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What was queued, a rollback above all, is done before the answer comes.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Write-ahead log, so that readers and the writer do not wait for each other. `synchronous = NORMAL`: a crash of
/// the program loses nothing that was committed; a power cut can lose the last commits, whole and in order, and never
/// tears one. That is enough for lists and judgements, which can be made again. Original documents are synced to disk
/// by themselves before the row that names them is written, and the audit chain shows by its numbers what was kept.
pub(crate) fn sqlite(path: &str, connections: u32) -> ConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let file = path.to_owned();
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.map_sqlx_sqlite_pool_opts(|options| {
        options.after_release(|connection, _| Box::pin(is_clean(connection)))
    });
    options.max_connections(connections).min_connections(1).map_sqlx_sqlite_opts(move |options| {
        options
            .filename(&file)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(256)
            .pragma("cache_size", if connections == 1 { WRITER_CACHE } else { READER_CACHE })
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", LOG_KEPT)
            .pragma("temp_store", "MEMORY")
    });
    options
}
