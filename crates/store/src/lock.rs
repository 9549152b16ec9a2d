//! Locks that hold between processes, for work that is more than one transaction.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement, TransactionTrait as _};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{Error, Store};

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Judging software and letting findings follow: no bill of materials may be judged by data that a re-judgement is
    /// just leaving behind, in whichever process either runs.
    Matching,
    /// Judging everything again by newer data, in steps that let go of [`Lock::Matching`] in between: one at a time.
    Rejudging,
    /// Following written rules on statements: one at a time. Whoever takes [`Lock::Matching`], too, takes this one first.
    Ruling,
}

/// Who waits for locks or has them, in this process.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    locks: [Arc<Mutex<()>>; 3],
    waiting: [AtomicU32; 3],
}

/// Counts one who waits, as long as it lives: whoever gives up waiting is no longer counted.
pub(crate) struct Waiting<'s>(&'s AtomicU32);

impl Waiting<'_> {
    pub(crate) fn begin(count: &AtomicU32) -> Waiting<'_> {
        count.fetch_add(1, Ordering::Relaxed);
        Waiting(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lock {
    /// The key of PostgreSQL's advisory lock; the migrations have the number before.
    const fn number(self) -> i64 {
        match self {
            Lock::Matching => 4_202_113,
            Lock::Rejudging => 4_202_114,
            Lock::Ruling => 4_202_115,
        }
    }

    /// The file that is locked beside an embedded database.
    fn file(self, database: &Path) -> PathBuf {
        let name = match self {
            Lock::Matching => "matching.lock",
            Lock::Rejudging => "rejudging.lock",
            Lock::Ruling => "ruling.lock",
        };
        database.with_file_name(name)
    }
}

/// A lock that is held until this is dropped, or the process ends however it ends.
#[derive(Debug)]
pub struct Held {
    // The order counts: the lock between processes goes before the one inside this one.
    _between: Between,
    _inside: OwnedMutexGuard<()>,
}

#[derive(Debug)]
enum Between {
    /// The operating system gives the lock back when the file is closed.
    File { _file: File },
    /// The lock belongs to a transaction that does nothing else.
    Transaction { _transaction: DatabaseTransaction },
}

const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock($1)";

impl Store {
    /// Waits for a lock and takes it.
    ///
    /// # Errors
    /// When the database or its folder cannot be used.
    pub async fn lock(&self, lock: Lock) -> Result<Held, Error> {
        // First among ourselves, so that a process never waits for a lock with more than one connection.
        let waiting = Waiting::begin(&self.inside.waiting[lock as usize]);
        let inside = self.inside.locks[lock as usize].clone().lock_owned().await;
        drop(waiting);
        let between = match &self.file {
            Some(database) => lock_file(lock.file(database)).await?,
            None => {
                let transaction = self.write.begin().await?;
                let statement = Statement::from_sql_and_values(
                    DbBackend::Postgres,
                    LOCK_POSTGRES,
                    [lock.number().into()],
                );
                transaction.query_one_raw(statement).await?;
                Between::Transaction { _transaction: transaction }
            }
        };
        Ok(Held { _between: between, _inside: inside })
    }
}

impl Store {
    /// Whether somebody in this process waits for a lock.
    pub fn is_lock_wanted(&self, lock: Lock) -> bool {
        self.inside.waiting[lock as usize].load(Ordering::Relaxed) > 0
    }
}

async fn lock_file(path: PathBuf) -> Result<Between, Error> {
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock().map(|()| file)
    });
    match locked.await {
        Ok(Ok(file)) => Ok(Between::File { _file: file }),
        Ok(Err(error)) => Err(Error::Open(error.to_string())),
        Err(error) => Err(Error::Open(error.to_string())),
    }
}
