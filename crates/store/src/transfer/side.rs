//! One side of a move: a database with the statements that both sides need, in its own dialect.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _, Value,
};
use uuid::Uuid;

use super::PATIENCE;
use super::schema::Table;
use crate::database::{Address, MOVING, lock_path, one};
use crate::sql::get;
use crate::{Error, migrations};

/// The table whose presence says that a database is the target of a move that has not ended.
const MARK: &str = "CREATE TABLE moving (since bigint NOT NULL)";
const UNMARK: &str = "DROP TABLE moving";
const MARKED_SQLITE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'moving'";
const MARKED_POSTGRES: &str =
    "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'moving'";
const TABLES_POSTGRES: &str = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
const NAMES_POSTGRES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
const OTHERS_POSTGRES: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name <> $1";
const ORGANISATIONS: &str = "SELECT count(*) FROM organisation";
const SET_ORGANISATION: &str = "SELECT set_config('bedrail.org', $1, true)";

/// One side of a move.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) connection: DatabaseConnection,
    /// Locks that last as long as the move.
    held: tokio::sync::Mutex<Option<DatabaseTransaction>>,
    /// Held while nobody else may have the file open.
    _file: Option<File>,
}

/// Whether a database is the target of a move that has not ended.
pub(crate) async fn marked(connection: &impl ConnectionTrait) -> Result<bool, Error> {
    let backend = connection.get_database_backend();
    let text = if backend == DbBackend::Postgres { MARKED_POSTGRES } else { MARKED_SQLITE };
    let row = connection.query_one_raw(Statement::from_string(backend, text)).await?;
    row.map_or(Ok(false), |row| Ok(get::<i64>(&row, 0)? > 0))
}

/// Whether a database that has tables may be cleared away: it has the mark of a move, or our schema and no organisation.
async fn is_free(connection: &DatabaseConnection) -> Result<bool, Error> {
    if marked(connection).await? {
        return Ok(true);
    }
    // Whoever's tables these are: without ours among them the question fails.
    let statement = Statement::from_string(connection.get_database_backend(), ORGANISATIONS);
    match connection.query_one_raw(statement).await {
        Ok(Some(row)) => Ok(get::<i64>(&row, 0)? == 0),
        _ => Ok(false),
    }
}

impl Side {
    async fn new(address: &Address, file: Option<File>) -> Result<Side, Error> {
        let connection = one(address).await?;
        Ok(Side { connection, held: tokio::sync::Mutex::default(), _file: file })
    }

    /// The side that is read: an installation that nobody has open, with the schema of this program.
    pub(crate) async fn source(address: &Address) -> Result<Side, Error> {
        let file = match address {
            Address::File(path) if !path.exists() => {
                return Err(Error::Open(format!("there is no {}", path.display())));
            }
            Address::File(path) => Some(exclusive(path)?),
            Address::Postgres(_) => None,
        };
        let side = Side::new(address, file).await?;
        if marked(&side.connection).await? {
            return Err(Error::HalfMoved);
        }
        side.wait_for_others().await?;
        let found = migrations::steps(&side.connection).await?;
        if found != migrations::known() {
            return Err(Error::OtherSchema);
        }
        Ok(side)
    }

    /// The side that is written: an empty database, brought to today's schema and marked. One that an earlier move left
    /// marked is cleared away before.
    pub(crate) async fn target(address: &Address) -> Result<Side, Error> {
        let file = match address {
            Address::File(path) => {
                let file = exclusive(path)?;
                if path.exists() {
                    let connection = one(address).await?;
                    let free = is_free(&connection).await;
                    // Before the file goes: closing takes away what lies beside it, by its name.
                    connection.close().await?;
                    if !free? {
                        return Err(Error::NotEmpty);
                    }
                    remove(path)?;
                }
                Some(file)
            }
            Address::Postgres(_) => None,
        };
        let side = Side::new(address, file).await?;
        if side.is_postgres() && side.count(TABLES_POSTGRES).await? > 0 {
            if !is_free(&side.connection).await? {
                return Err(Error::NotEmpty);
            }
            side.drop_all().await?;
        }
        // The schema first: it refuses a database that is marked. One with the schema alone is free for the next try.
        migrations::run(&side.connection).await?;
        side.connection.execute_unprepared(MARK).await?;
        Ok(side)
    }

    async fn others(&self) -> Result<i64, Error> {
        let statement = self.statement(OTHERS_POSTGRES, vec![MOVING.into()]);
        self.connection.query_one_raw(statement).await?.map_or(Ok(0), |row| get(&row, 0))
    }

    /// Waits until nobody else is connected: a command that has just ended is on the list for a moment longer.
    async fn wait_for_others(&self) -> Result<(), Error> {
        let until = Instant::now() + PATIENCE;
        while self.is_postgres() && self.others().await? > 0 {
            if Instant::now() > until {
                return Err(Error::InUse);
            }
            tokio::time::sleep(PATIENCE / 20).await;
        }
        Ok(())
    }

    async fn drop_all(&self) -> Result<(), Error> {
        let rows = self.connection.query_all_raw(self.statement(NAMES_POSTGRES, vec![])).await?;
        let names: Vec<String> = rows.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
        // The mark goes last, with all the others in one statement.
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        self.connection.execute_unprepared(&format!("DROP TABLE {} CASCADE", names.join(", "))).await?;
        Ok(())
    }

    fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    /// This side, where it is an embedded database.
    pub(crate) fn embedded(&self) -> Option<&Side> {
        (!self.is_postgres()).then_some(self)
    }

    async fn count(&self, text: &str) -> Result<i64, Error> {
        let row = self.connection.query_one_raw(self.statement(text, vec![])).await?;
        row.map_or(Ok(0), |row| get(&row, 0))
    }

    pub(crate) fn statement(&self, text: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.connection.get_database_backend(), text, values)
    }

    /// Keeps others from writing until this side is dropped. An embedded database needs nothing more: nobody else has
    /// the file.
    pub(crate) async fn lock(&self, tables: &[Table]) -> Result<(), Error> {
        if !self.is_postgres() {
            return Ok(());
        }
        let names: Vec<String> = tables.iter().map(|table| quoted(&table.name)).collect();
        let transaction = self.connection.begin().await?;
        let patience = format!("SET LOCAL lock_timeout = '{}s'", PATIENCE.as_secs());
        transaction.execute_unprepared(&patience).await?;
        let text = format!("LOCK TABLE {} IN SHARE MODE", names.join(", "));
        transaction.execute_unprepared(&text).await.map_err(|_| Error::InUse)?;
        *self.held.lock().await = Some(transaction);
        Ok(())
    }

    /// A look at one moment.
    pub(crate) async fn read(&self) -> Result<DatabaseTransaction, Error> {
        Ok(if self.is_postgres() {
            let isolation = Some(IsolationLevel::RepeatableRead);
            self.connection.begin_with_config(isolation, Some(AccessMode::ReadOnly)).await?
        } else {
            self.connection.begin().await?
        })
    }

    /// A transaction that writes rows of an organisation, or of none.
    pub(crate) async fn begin(&self, org: Option<Uuid>) -> Result<DatabaseTransaction, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        self.enter(&transaction, org).await?;
        Ok(transaction)
    }

    /// Lets a transaction see an organisation's rows.
    pub(crate) async fn enter(
        &self,
        transaction: &DatabaseTransaction,
        org: Option<Uuid>,
    ) -> Result<(), Error> {
        if let Some(org) = org.filter(|_| self.is_postgres()) {
            transaction.query_one_raw(self.statement(SET_ORGANISATION, vec![org.to_string().into()])).await?;
        }
        Ok(())
    }

    /// Takes away what the migrations themselves put in.
    pub(crate) async fn empty(&self, tables: &[Table]) -> Result<(), Error> {
        for table in tables.iter().rev() {
            let text = format!("DELETE FROM {}", quoted(&table.name));
            self.connection.execute_unprepared(&text).await?;
        }
        Ok(())
    }

    /// Takes the mark away.
    pub(crate) async fn unmark(&self) -> Result<(), Error> {
        self.connection.execute_unprepared(UNMARK).await?;
        Ok(())
    }

    /// The next rows of a table along its primary key.
    pub(crate) fn select(
        &self,
        table: &Table,
        org: Option<Uuid>,
        after: Option<&[Value]>,
        rows: u64,
    ) -> Statement {
        let names = |indexes: &mut dyn Iterator<Item = usize>| {
            indexes.map(|index| quoted(&table.columns[index].name)).collect::<Vec<_>>().join(", ")
        };
        let key = names(&mut table.key.iter().copied());
        let mut values: Vec<Value> = org.map(Value::from).into_iter().collect();
        let mut wanted: Vec<String> = org.iter().map(|_| "org_id = $1".to_owned()).collect();
        if let Some(after) = after {
            let places: Vec<String> =
                (1..=after.len()).map(|place| format!("${}", values.len() + place)).collect();
            wanted.push(format!("({key}) > ({})", places.join(", ")));
            values.extend(after.iter().cloned());
        }
        let wanted =
            if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
        let columns = names(&mut (0..table.columns.len()));
        let text =
            format!("SELECT {columns} FROM {} {wanted} ORDER BY {key} LIMIT {rows}", quoted(&table.name));
        self.statement(&text, values)
    }

    /// Writes rows of a table.
    pub(crate) fn insert(&self, table: &Table, rows: Vec<Vec<Value>>) -> Statement {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let mut place = 0;
        let mut next = || {
            place += 1;
            if self.is_postgres() { format!("${place}") } else { "?".to_owned() }
        };
        let groups: Vec<String> = rows
            .iter()
            .map(|row| format!("({})", row.iter().map(|_| next()).collect::<Vec<_>>().join(", ")))
            .collect();
        let text = format!(
            "INSERT INTO {} ({}) VALUES {}",
            quoted(&table.name),
            columns.join(", "),
            groups.join(", ")
        );
        self.statement(&text, rows.into_iter().flatten().collect())
    }
}

/// A name of ours, as a statement takes it whatever it is called.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The lock that every program holds a part of that has the file open; all of it only where there is none.
fn exclusive(database: &Path) -> Result<File, Error> {
    let file = File::options().create(true).truncate(false).write(true).open(lock_path(database));
    let file = file.map_err(|error| Error::Open(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(error)) => Err(Error::Open(error.to_string())),
    }
}

/// Removes an embedded database with what lies beside it.
fn remove(database: &Path) -> Result<(), Error> {
    for end in ["-wal", "-shm", ""] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Open(error.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}
