//! Writing: the transaction that a change of an organisation runs in, with its audit entry.

use std::ops::Deref;

use bedrail_model::ids::{AuditId, OrgId};
use jiff::Timestamp;
use sea_orm::{AccessMode, DbBackend, IsolationLevel, TransactionTrait as _};
use sha2::{Digest as _, Sha256};

use crate::sql::{get, micros, values};
use crate::{Error, Store, View};

/// Who does what, when: the head of the audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who, and by which way: `admin (web)`.
    pub actor: String,
    /// What: `sbom.add`.
    pub action: &'static str,
}

/// A change of one organisation. Store functions that write an organisation's tables take one; nothing that they
/// wrote stays unless [`Change::commit`] writes the audit entry with it.
#[derive(Debug)]
pub struct Change {
    view: View,
    /// The number of this change in its organisation: the audit entry's sequence, and `changed` on every row written.
    pub(crate) number: i64,
    stamp: Stamp,
}

impl Deref for Change {
    type Target = View;
    fn deref(&self) -> &View {
        &self.view
    }
}

/// Takes the organisation's next number and with it the lock that serialises its changes.
const NEXT_NUMBER: &str = "UPDATE organisation SET changes = changes + 1 WHERE id = $1 RETURNING changes";
const PREVIOUS_HASH: &str = "SELECT hash FROM audit_entry WHERE org_id = $1 AND sequence = $2";
const INSERT_ENTRY: &str = "INSERT INTO audit_entry
    (org_id, sequence, id, at, actor, action, subject, detail, previous_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// Takes the next number of re-judgements and with it the lock that serialises them.
const NEXT_REFERENCE: &str =
    "UPDATE reference_state SET changes = changes + 1 WHERE id = 1 RETURNING changes";
pub(crate) const STATEMENTS: &[&str] = &[NEXT_NUMBER, PREVIOUS_HASH, INSERT_ENTRY, NEXT_REFERENCE];

impl Change {
    /// When the change happens.
    pub fn at(&self) -> Timestamp {
        self.stamp.at
    }

    /// Who makes it.
    pub fn actor(&self) -> &str {
        &self.stamp.actor
    }

    /// Keeps everything written, together with the audit entry.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit(self, subject: &str, detail: &str) -> Result<(), Error> {
        let org = self.org().uuid();
        let previous = self.view.one(PREVIOUS_HASH, values![org, self.number - 1]).await?;
        let previous: Vec<u8> = previous.map_or(Ok(vec![0; 32]), |row| get(&row, 0))?;
        let hash = self.entry_hash(&previous, subject, detail);
        let entry = values![
            org,
            self.number,
            AuditId::generate().uuid(),
            micros(self.stamp.at),
            self.stamp.actor.as_str(),
            self.stamp.action,
            subject,
            detail,
            previous,
            hash
        ];
        self.view.execute(INSERT_ENTRY, entry).await?;
        Ok(self.view.transaction.commit().await?)
    }

    /// SHA-256 over the previous hash and every field, each with its length, so that none can flow into the next.
    fn entry_hash(&self, previous: &[u8], subject: &str, detail: &str) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        let at = micros(self.stamp.at).to_be_bytes();
        let org = self.org().uuid().into_bytes();
        let fields: [&[u8]; 8] = [
            previous,
            &org,
            &number,
            &at,
            self.stamp.actor.as_bytes(),
            self.stamp.action.as_bytes(),
            subject.as_bytes(),
            detail.as_bytes(),
        ];
        let mut digest = Sha256::new();
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().to_vec()
    }
}

/// A change of the tables that belong to no organisation and are computed from public data: software identities,
/// judgements, facts on weaknesses. They hold no decision of a person, so there is no audit entry.
#[derive(Debug)]
pub struct Reference {
    pub(crate) view: View,
    /// The number of this change; `software.changed` carries it.
    pub(crate) number: i64,
}

impl Deref for Reference {
    type Target = View;
    fn deref(&self) -> &View {
        &self.view
    }
}

impl Reference {
    /// Keeps everything written.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.view.transaction.commit().await?)
    }
}

impl Store {
    /// Opens a change of an organisation. Only `app::Context::change` calls this: it is behind the permission check.
    ///
    /// # Errors
    /// When the database is busy or the organisation is not there.
    pub async fn change(&self, org: OrgId, stamp: Stamp) -> Result<Change, Error> {
        let view = View::new(self.write.begin().await?, org, self.statements.clone()).await?;
        let row = view.one(NEXT_NUMBER, values![org.uuid()]).await?;
        let row = row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: org.to_string() })?;
        Ok(Change { number: get(&row, 0)?, view, stamp })
    }

    /// Opens a change of the reference tables.
    ///
    /// # Errors
    /// When the database is busy.
    pub async fn reference(&self) -> Result<Reference, Error> {
        let view = View::new(self.write.begin().await?, NOBODY, self.statements.clone()).await?;
        let row = view.one(NEXT_REFERENCE, vec![]).await?;
        let row = row.ok_or_else(|| Error::Corrupt { column: "reference_state.id", value: "none".into() })?;
        Ok(Reference { number: get(&row, 0)?, view })
    }

    /// A look at one organisation at this moment.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn view(&self, org: OrgId) -> Result<View, Error> {
        let transaction = match self.read.get_database_backend() {
            // SQLite's transactions see one moment by nature; PostgreSQL's only when asked to.
            DbBackend::Postgres => {
                let isolation = Some(IsolationLevel::RepeatableRead);
                self.read.begin_with_config(isolation, Some(AccessMode::ReadOnly)).await?
            }
            _ => self.read.begin().await?,
        };
        View::new(transaction, org, self.statements.clone()).await
    }

    /// A look at the tables that belong to no organisation.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn reference_view(&self) -> Result<View, Error> {
        self.view(NOBODY).await
    }

    /// A transaction on accounts and sessions, which belong to no organisation.
    pub(crate) async fn write_view(&self) -> Result<View, Error> {
        View::new(self.write.begin().await?, NOBODY, self.statements.clone()).await
    }
}

/// No organisation: with it the policies of PostgreSQL show no row of any.
const NOBODY: OrgId = OrgId::from_uuid(uuid::Uuid::nil());
