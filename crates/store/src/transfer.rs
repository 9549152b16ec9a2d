//! Moving an installation from one database to the other: all rows in batches, in an order that foreign keys allow, and
//! the proof that they arrived: for each table the number of rows and a sum of their hashes, taken on both sides.
//!
//! The source is held for reading alone while this goes on, and nothing in it changes. The target is marked before its
//! first row and until [`Copied::finish`]: no program opens it meanwhile, and the next try clears it away.

mod schema;
mod side;

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};
use sha2::{Digest as _, Sha256};

pub(crate) use self::schema::Kind;
use self::schema::Table;
pub(crate) use self::side::Side;
use crate::database::Address;
use crate::{Error, Store};

#[cfg(test)]
pub(crate) use self::schema::tables;
pub(crate) use self::side::marked;

/// Bytes that a batch should hold, so that memory stays small whatever the rows hold.
const BATCH_BYTES: u64 = 8 << 20;
/// Rows of a batch at most.
const BATCH_ROWS: u64 = 1_000;
/// Values of a batch at most: SQLite takes 32,766 parameters in a statement.
const BATCH_VALUES: u64 = 32_766;
/// Rows of the first batch of a table, of which nobody knows yet how large they are.
const FIRST_ROWS: u64 = 8;
/// Batches in one transaction of the target.
const BATCHES_A_COMMIT: u32 = 40;

/// A table that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// The sum, modulo 2²⁵⁶, of the SHA-256 of each row: the same whatever the order of rows.
    pub sum: [u8; 32],
    /// Texts with U+0000, which PostgreSQL cannot hold: U+FFFD stands there now.
    pub replaced: u64,
}

/// Where a move is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Rows of a table were written.
    Copied {
        /// The table.
        table: String,
        /// Rows so far.
        rows: u64,
    },
    /// Rows of a table were read back.
    Checked {
        /// The table.
        table: String,
        /// Rows so far.
        rows: u64,
    },
}

/// An installation that was copied and compared, and whose target is still marked.
#[derive(Debug)]
pub struct Copied {
    target: Side,
    /// Held until the end, so that nothing is written to what is left behind.
    _source: Side,
    store: Store,
    /// What was copied, in the order in which it was.
    pub tables: Vec<TableSum>,
}

impl Copied {
    /// The target, to look at it once more.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes the mark away: from now on the target is an installation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish(self) -> Result<Vec<TableSum>, Error> {
        self.target.unmark().await?;
        self.store.close().await?;
        Ok(self.tables)
    }
}

/// Copies an installation into an empty database and compares both.
///
/// # Errors
/// [`Error::InUse`] where a program has the source open, [`Error::NotEmpty`] where the target holds something,
/// [`Error::OtherSchema`] where the source has not the schema of this program, [`Error::Differs`] where something did
/// not arrive.
pub async fn copy(from: &Address, to: &Address, tell: &(dyn Fn(Step) + Sync)) -> Result<Copied, Error> {
    let source = Side::source(from).await?;
    let target = Side::target(to).await?;
    let tables = schema::tables(source.embedded().unwrap_or(&target)).await?;
    source.lock(&tables).await?;
    let reading = source.read().await?;
    let orgs = organisations(&source, &reading).await?;
    let mut sums = Vec::new();
    target.empty(&tables).await?;
    for table in &tables {
        sums.push(copy_table((&source, &reading), &target, table, &orgs, tell).await?);
    }
    drop(reading);
    for (table, sent) in tables.iter().zip(&sums) {
        let arrived = sum_table(&target, table, &orgs, tell).await?;
        if (arrived.rows, arrived.sum) != (sent.rows, sent.sum) {
            return Err(Error::Differs { table: table.name.clone(), sent: sent.rows, arrived: arrived.rows });
        }
    }
    let store = Store::open_marked(to).await?;
    Ok(Copied { target, _source: source, store, tables: sums })
}

async fn organisations(side: &Side, reading: &DatabaseTransaction) -> Result<Vec<uuid::Uuid>, Error> {
    let rows =
        reading.query_all_raw(side.statement("SELECT id FROM organisation ORDER BY id", vec![])).await?;
    rows.iter().map(|row| crate::sql::get(row, 0)).collect()
}

/// Whose rows a walk along a table sees: all, or one organisation's after the other where the table is guarded.
fn parts(table: &Table, orgs: &[uuid::Uuid]) -> Vec<Option<uuid::Uuid>> {
    if table.guarded { orgs.iter().copied().map(Some).collect() } else { vec![None] }
}

async fn copy_table(
    (source, reading): (&Side, &DatabaseTransaction),
    target: &Side,
    table: &Table,
    orgs: &[uuid::Uuid],
    tell: &(dyn Fn(Step) + Sync),
) -> Result<TableSum, Error> {
    let mut sum = Sum::default();
    for org in parts(table, orgs) {
        source.enter(reading, org).await?;
        let mut walk = Walk::new(table, org);
        let mut writing = target.begin(org).await?;
        let mut batches = 0;
        while let Some(rows) = walk.next(source, reading, &mut sum).await? {
            writing.execute_raw(target.insert(table, rows)).await?;
            batches += 1;
            if batches % BATCHES_A_COMMIT == 0 {
                writing.commit().await?;
                writing = target.begin(org).await?;
            }
            tell(Step::Copied { table: table.name.clone(), rows: sum.rows });
        }
        writing.commit().await?;
    }
    Ok(sum.of(table))
}

async fn sum_table(
    side: &Side,
    table: &Table,
    orgs: &[uuid::Uuid],
    tell: &(dyn Fn(Step) + Sync),
) -> Result<TableSum, Error> {
    let mut sum = Sum::default();
    for org in parts(table, orgs) {
        let reading = side.read().await?;
        side.enter(&reading, org).await?;
        let mut walk = Walk::new(table, org);
        while walk.next(side, &reading, &mut sum).await?.is_some() {
            tell(Step::Checked { table: table.name.clone(), rows: sum.rows });
        }
    }
    Ok(sum.of(table))
}

/// A walk along a table by its primary key.
struct Walk<'t> {
    table: &'t Table,
    org: Option<uuid::Uuid>,
    after: Option<Vec<Value>>,
    rows: u64,
}

impl<'t> Walk<'t> {
    fn new(table: &'t Table, org: Option<uuid::Uuid>) -> Walk<'t> {
        Walk { table, org, after: None, rows: FIRST_ROWS }
    }

    /// The next batch, added to a sum; none at the end.
    async fn next(
        &mut self,
        side: &Side,
        reading: &DatabaseTransaction,
        sum: &mut Sum,
    ) -> Result<Option<Vec<Vec<Value>>>, Error> {
        let statement = side.select(self.table, self.org, self.after.as_deref(), self.rows);
        let found = reading.query_all_raw(statement).await?;
        let mut bytes = 0;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let mut values = Vec::with_capacity(self.table.columns.len());
            for (index, column) in self.table.columns.iter().enumerate() {
                let (value, replaced) = column.kind.read(row, index)?;
                sum.replaced += u64::from(replaced);
                values.push(value);
            }
            bytes +=
                sum.add(&self.table.columns.iter().map(|column| column.kind).collect::<Vec<_>>(), &values);
            rows.push(values);
        }
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = Some(self.table.key.iter().map(|index| last[*index].clone()).collect());
        let each = (bytes / rows.len() as u64).max(1);
        let columns = (self.table.columns.len() as u64).max(1);
        self.rows = (BATCH_BYTES / each).clamp(1, BATCH_ROWS.min(BATCH_VALUES / columns));
        Ok(Some(rows))
    }
}

/// Rows counted, and their hashes added up.
#[derive(Debug, Default)]
struct Sum {
    rows: u64,
    sum: [u8; 32],
    replaced: u64,
}

impl Sum {
    /// Adds a row. Returns how many bytes it holds.
    fn add(&mut self, kinds: &[Kind], row: &[Value]) -> u64 {
        let mut digest = Sha256::new();
        let mut bytes = 0;
        for (kind, value) in kinds.iter().zip(row) {
            let held = kind.bytes(value);
            digest.update([u8::from(held.is_some())]);
            let held = held.unwrap_or_default();
            digest.update((held.len() as u64).to_be_bytes());
            digest.update(&held);
            bytes += held.len() as u64;
        }
        let mut carry = 0;
        for (byte, more) in self.sum.iter_mut().zip(digest.finalize()).rev() {
            let total = u16::from(*byte) + u16::from(more) + carry;
            *byte = (total & 0xff) as u8;
            carry = total >> 8;
        }
        self.rows += 1;
        bytes
    }

    fn of(self, table: &Table) -> TableSum {
        TableSum { name: table.name.clone(), rows: self.rows, sum: self.sum, replaced: self.replaced }
    }
}

/// How long a move waits for a lock that somebody holds.
const PATIENCE: Duration = Duration::from_secs(2);
