//! The error of every store function: the database's own, or a row that does not say what it should.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// What went wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is not there.
    #[error("the database could not carry it out")]
    Database(#[from] DbErr),
    /// A stored value is not one that we write.
    #[error("column {column} holds {value:?}, which is not one of ours")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// What it holds.
        value: String,
    },
    /// The schema was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}")]
    NewerSchema {
        /// In the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database is the target of a move that has not ended.
    #[error("the database is the target of a move that has not ended")]
    HalfMoved,
    /// Another program has the database open, or moves it.
    #[error("another program has the database open")]
    InUse,
    /// The target of a move holds something already.
    #[error("the target holds something already")]
    NotEmpty,
    /// The source of a move has not the schema of this program.
    #[error("the database has not the schema of this program")]
    OtherSchema,
    /// A table did not arrive whole.
    #[error("table {table}: {sent} rows were read, {arrived} have arrived, or they differ")]
    Differs {
        /// Which.
        table: String,
        /// Rows that were read.
        sent: u64,
        /// Rows that are there.
        arrived: u64,
    },
    /// The same request was sent again, and the other one is being carried out in this one's place.
    #[error("the same request is carried out by another attempt")]
    Overtaken,
    /// The data folder's database file cannot be made or opened.
    #[error("cannot open the database: {0}")]
    Open(String),
}

impl Error {
    /// Whether a row like this one is there already.
    pub fn is_conflict(&self) -> bool {
        let Error::Database(error) = self else { return false };
        matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }

    /// What the database's driver says, where it was the driver.
    fn driver(&self) -> Option<&sqlx::Error> {
        match self {
            Error::Database(DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) => match error {
                RuntimeErr::SqlxError(error) => Some(error),
                RuntimeErr::Internal(_) => None,
            },
            _ => None,
        }
    }

    /// The database's own code: five letters of PostgreSQL (its appendix A), a number of SQLite (its `sqlite3.h`).
    fn code(&self) -> Option<String> {
        let sqlx::Error::Database(error) = self.driver()? else { return None };
        error.code().map(std::borrow::Cow::into_owned)
    }

    /// Whether there is no room left for what was to be written.
    pub fn is_full(&self) -> bool {
        // SQLITE_FULL; SQLITE_IOERR with _WRITE, _FSYNC, _TRUNCATE, _SHMSIZE; disk_full, and out of memory for it.
        const FULL: [&str; 6] = ["13", "778", "1034", "1546", "4874", "53100"];
        self.code().is_some_and(|code| FULL.contains(&code.as_str()))
    }

    /// Whether the database is not there: stopped, starting, cut off. It may come back.
    pub fn is_away(&self) -> bool {
        if let Error::Database(DbErr::ConnectionAcquire(_)) = self {
            return true;
        }
        match self.driver() {
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => true,
            // Connection exceptions; shutdown, crash, starting up; too many connections.
            Some(sqlx::Error::Database(_)) => self.code().is_some_and(|code| {
                code.starts_with("08") || ["57P01", "57P02", "57P03", "53300"].contains(&code.as_str())
            }),
            _ => false,
        }
    }

    /// Whether another process or transaction was in the way, so that trying again may help.
    pub fn is_busy(&self) -> bool {
        matches!(self, Error::Database(error) if {
            let text = error.to_string();
            text.contains("database is locked") || text.contains("could not serialize") || text.contains("Connection pool timed out")
        })
    }
}
