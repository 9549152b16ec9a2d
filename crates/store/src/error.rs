//! The error of every store function: the database's own, or a row that does not say what it should.

/// What went wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is not there.
    #[error("the database could not carry it out")]
    Database(#[from] sea_orm::DbErr),
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

    /// Whether another process or transaction was in the way, so that trying again may help.
    pub fn is_busy(&self) -> bool {
        matches!(self, Error::Database(error) if {
            let text = error.to_string();
            text.contains("database is locked") || text.contains("could not serialize") || text.contains("Connection pool timed out")
        })
    }
}
