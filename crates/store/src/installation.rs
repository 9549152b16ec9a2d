//! What `bedrail doctor` asks of the database: whether it is whole, and whether its locks are in force.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::database::Address;
use crate::migrations::ORGANISATION_TABLES;
use crate::sql::get;
use crate::transfer::marked;
use crate::{Error, Schema, Store, migrations};

/// The second lock of PostgreSQL, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guards {
    /// Whether the role that the program connects as walks past row-level security.
    pub role_passes: bool,
    /// Tables with rows of organisations that are not guarded.
    pub unguarded: Vec<String>,
}

const ROLE: &str = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
const GUARDED: &str = "SELECT c.relname::text FROM pg_class c
    JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'one_organisation'
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity";
const QUICK_CHECK: &str = "PRAGMA quick_check(20)";

impl Store {
    /// The schema of a database that is there, without bringing it up to date.
    ///
    /// # Errors
    /// When it cannot be reached, or is the target of a move that has not ended.
    pub async fn look(address: &Address) -> Result<Schema, Error> {
        let connection = crate::database::one(address).await?;
        if marked(&connection).await? {
            return Err(Error::HalfMoved);
        }
        let found = migrations::steps(&connection).await?.last().copied().unwrap_or(0);
        connection.close().await?;
        Ok(Schema { found, known: migrations::newest() })
    }

    /// What is wrong with the file of an embedded database, in SQLite's words; nothing where it is whole, and none on
    /// PostgreSQL. Reads all of it.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub async fn quick_check(&self) -> Result<Option<Vec<String>>, Error> {
        if self.read.get_database_backend() == DbBackend::Postgres {
            return Ok(None);
        }
        let rows = self.read.query_all_raw(Statement::from_string(DbBackend::Sqlite, QUICK_CHECK)).await?;
        let lines: Vec<String> = rows.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
        Ok(Some(if lines == ["ok"] { Vec::new() } else { lines }))
    }

    /// How row-level security stands; none for an embedded database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guards(&self) -> Result<Option<Guards>, Error> {
        if self.read.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let ask = |text| Statement::from_string(DbBackend::Postgres, text);
        let role = self.read.query_one_raw(ask(ROLE)).await?;
        let role_passes = role.map_or(Ok(true), |row| get(&row, 0))?;
        let rows = self.read.query_all_raw(ask(GUARDED)).await?;
        let guarded: Vec<String> = rows.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
        let unguarded = ORGANISATION_TABLES.iter().filter(|table| !guarded.iter().any(|name| name == *table));
        Ok(Some(Guards { role_passes, unguarded: unguarded.map(|table| (*table).to_owned()).collect() }))
    }
}
