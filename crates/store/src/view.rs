//! Reading: a transaction that sees one organisation at one moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bedrail_model::ids::OrgId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Statement, Value};

use crate::Error;
use crate::sql::{Batches, get, unnamed, values};

/// With more parameters than this their names cost more than taking them away.
const NAMED: usize = 24;

/// Rows of a long answer that are held at once.
pub(crate) const PAGE: i64 = 4096;

/// A consistent look at one organisation. Every query on an organisation's table takes one and binds its id; on
/// PostgreSQL the row-level security of the transaction is set to it as the second lock.
#[derive(Debug)]
pub struct View {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) org: OrgId,
    pub(crate) statements: Arc<AtomicU64>,
}

/// Tells PostgreSQL's policies whose rows this transaction may see and write.
const SET_ORGANISATION: &str = "SELECT set_config('bedrail.org', $1, true)";

impl View {
    pub(crate) async fn new(
        transaction: DatabaseTransaction,
        org: OrgId,
        statements: Arc<AtomicU64>,
    ) -> Result<View, Error> {
        let view = View { transaction, org, statements };
        if view.backend() == DbBackend::Postgres {
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                SET_ORGANISATION,
                [org.to_string().into()],
            );
            view.transaction.query_one_raw(statement).await?;
        }
        Ok(view)
    }

    /// The organisation that is looked at.
    pub fn org(&self) -> OrgId {
        self.org
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let values = match self.backend() {
            DbBackend::Postgres => values.into_iter().map(storable).collect(),
            _ => values,
        };
        if self.backend() == DbBackend::Sqlite && values.len() > NAMED {
            let (text, values) = unnamed(sql, values);
            return Statement::from_sql_and_values(DbBackend::Sqlite, text, values);
        }
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    pub(crate) async fn all(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, Error> {
        Ok(self.transaction.query_all_raw(self.statement(sql, values)).await?)
    }

    /// Reads a long answer along the organisation's key, [`PAGE`] rows at a time, so that it is never held whole as the
    /// database gives it: that takes ten times as much. The statement has the organisation as `$1`, the last id as `$2`, the
    /// rows wanted as `$3`, and the id in its first column. The next page is read while this one is made out.
    pub(crate) async fn read_along<T>(
        &self,
        sql: &str,
        read: fn(&QueryResult) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let page = |last: uuid::Uuid| self.all(sql, values![self.org.uuid(), last, PAGE]);
        let mut found = Vec::new();
        let mut rows = page(uuid::Uuid::nil()).await?;
        loop {
            let make = |found: &mut Vec<T>, rows: &[QueryResult]| -> Result<(), Error> {
                for row in rows {
                    found.push(read(row)?);
                }
                Ok(())
            };
            let Some(last) = rows.last().filter(|_| rows.len() as i64 == PAGE) else {
                make(&mut found, &rows)?;
                return Ok(found);
            };
            let reading = page(get(last, 0)?);
            let (next, made) = tokio::join!(biased; reading, async { make(&mut found, &rows) });
            made?;
            rows = next?;
        }
    }

    pub(crate) async fn one(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>, Error> {
        Ok(self.transaction.query_one_raw(self.statement(sql, values)).await?)
    }

    pub(crate) async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, Error> {
        Ok(self.transaction.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    /// Runs statements one after the other; the next is made while the database is busy with the one before.
    pub(crate) async fn execute_batches(&self, mut batches: Batches<'_>) -> Result<u64, Error> {
        let mut make = || batches.next().map(|(text, values)| self.statement(&text, values));
        let mut next = make();
        let mut rows = 0;
        while let Some(statement) = next {
            let running = self.transaction.execute_raw(statement);
            let (ran, made) = tokio::join!(biased; running, async { make() });
            rows += ran?.rows_affected();
            next = made;
        }
        Ok(rows)
    }

    pub(crate) async fn all_batches(&self, batches: Batches<'_>) -> Result<Vec<QueryResult>, Error> {
        let mut rows = Vec::new();
        for (text, values) in batches {
            rows.extend(self.all(&text, values).await?);
        }
        Ok(rows)
    }
}

/// PostgreSQL's texts cannot hold U+0000, which documents and addresses may: the sign for what is unreadable stands
/// in its place.
fn storable(value: Value) -> Value {
    match value {
        Value::String(Some(text)) if text.contains('\0') => Value::String(Some(without_nul(&text))),
        other => other,
    }
}

/// A text with U+FFFD for every U+0000.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests;
