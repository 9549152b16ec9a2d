//! Writing: the transaction that a change of an organisation runs in, with its audit entry.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_model::ids::{AccountId, AuditId, OrgId};
use jiff::Timestamp;
use sea_orm::{AccessMode, DbBackend, IsolationLevel, TransactionTrait as _};
use uuid::Uuid;

use crate::audit::{self, EntryRow};
use crate::idempotency::{self, Mark};
use crate::personal::{self, Commitment};
use crate::sql::{get, micros, values};
use crate::view::without_nul;
use crate::{Error, Store, View};

/// Who does what, when: the head of the audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who: `admin`.
    pub actor: String,
    /// By which way: `web`.
    pub via: &'static str,
    /// The account, for a person: the name and the address are then kept apart from the entry.
    pub account: Option<AccountId>,
    /// The network address that the request came from, where it came over the network.
    pub address: Option<String>,
    /// What: `sbom.add`.
    pub action: &'static str,
    /// The idempotency key of the request that makes it.
    pub key: Option<Arc<Mark>>,
}

/// A change of one organisation. Store functions that write an organisation's tables take one; nothing that they
/// wrote stays unless [`Change::commit`] writes the audit entry with it.
#[derive(Debug)]
pub struct Change {
    view: View,
    /// The number of this change in its organisation: the audit entry's sequence, and `changed` on every row written.
    pub(crate) number: i64,
    stamp: Stamp,
    /// Who, and by which way: `admin (web)`.
    acting: String,
    /// The personal values that this change may hold marks of.
    known: Mutex<Vec<Commitment>>,
}

impl Deref for Change {
    type Target = View;
    fn deref(&self) -> &View {
        &self.view
    }
}

/// Takes the organisation's next number and with it the lock that serialises its changes.
const NEXT_NUMBER: &str = "UPDATE organisation SET changes = changes + 1 WHERE id = $1 RETURNING changes";
const NEXT_MENTION: &str =
    "UPDATE organisation SET changes = changes + 1, mentions = mentions + 1 WHERE id = $1 RETURNING changes";
const PREVIOUS_HASH: &str = "SELECT hash FROM audit_entry WHERE org_id = $1 AND sequence = $2";
const INSERT_ENTRY: &str = "INSERT INTO audit_entry
    (org_id, sequence, id, at, actor, address, action, subject, detail, before, after, format, previous_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
/// Takes the next number of re-judgements and with it the lock that serialises them.
const NEXT_REFERENCE: &str =
    "UPDATE reference_state SET changes = changes + 1 WHERE id = 1 RETURNING changes";
pub(crate) const STATEMENTS: &[&str] =
    &[NEXT_NUMBER, NEXT_MENTION, PREVIOUS_HASH, INSERT_ENTRY, NEXT_REFERENCE];

impl Change {
    /// When the change happens.
    pub fn at(&self) -> Timestamp {
        self.stamp.at
    }

    /// Who makes it, and by which way: `admin (web)`. Not for the audit entry, which has it.
    pub fn actor(&self) -> &str {
        &self.acting
    }

    /// Keeps a value that names somebody apart from the audit entry, and gives the mark that stands in it in its place.
    /// `about` is the account, or the invitation, that the value is erased with. Nothing has no mark.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn personal(&self, about: Uuid, value: &str) -> Result<String, Error> {
        let value = without_nul(value);
        if value.is_empty() {
            return Ok(value);
        }
        let commitment = personal::keep(&self.view, about, &value).await?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(commitment);
        Ok(personal::mark(&commitment))
    }

    /// Who makes the change, as the audit entry may name them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn actor_mark(&self) -> Result<String, Error> {
        match self.stamp.account {
            Some(account) => self.personal(account.uuid(), &self.stamp.actor).await,
            None => Ok(self.stamp.actor.clone()),
        }
    }

    /// Keeps everything written, together with the audit entry.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit(self, subject: &str, detail: &str) -> Result<(), Error> {
        self.commit_with(subject, detail, None, None).await
    }

    /// As [`Change::commit`], with what was before and after, in words or JSON.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit_with(
        self,
        subject: &str,
        detail: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<(), Error> {
        let org = self.org();
        if let Some(key) = self.stamp.key.as_deref().filter(|key| key.org == org)
            && !idempotency::mark(&self.view, key).await?
        {
            return Err(Error::Overtaken);
        }
        let actor = format!("{} ({})", self.actor_mark().await?, self.stamp.via);
        let address = match (self.stamp.account, &self.stamp.address) {
            (Some(account), Some(address)) => Some(self.personal(account.uuid(), address).await?),
            (_, address) => address.clone(),
        };
        let known = std::mem::take(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner));
        let previous = self.view.one(PREVIOUS_HASH, values![org.uuid(), self.number - 1]).await?;
        // The hash covers what every database can hold, and what a person typed is no mark.
        let clean = |text: &str| personal::only_marks_of(&without_nul(text), &known);
        let mut entry = EntryRow {
            sequence: self.number,
            id: AuditId::generate(),
            at: self.stamp.at,
            actor: clean(&actor),
            address: address.as_deref().map(clean),
            action: self.stamp.action.to_owned(),
            subject: clean(subject),
            detail: clean(detail),
            before: before.as_deref().map(clean),
            after: after.as_deref().map(clean),
            format: audit::FORMAT,
            previous: previous.map_or(Ok(vec![0; 32]), |row| get(&row, 0))?,
            hash: Vec::new(),
        };
        entry.hash = audit::hash(org, &entry);
        personal::mention(&self.view, &entry).await?;
        let row = values![
            org.uuid(),
            entry.sequence,
            entry.id.uuid(),
            micros(entry.at),
            entry.actor,
            entry.address,
            entry.action,
            entry.subject,
            entry.detail,
            entry.before,
            entry.after,
            entry.format,
            entry.previous,
            entry.hash
        ];
        self.view.execute(INSERT_ENTRY, row).await?;
        Ok(self.view.transaction.commit().await?)
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
        self.numbered(org, stamp, NEXT_NUMBER).await
    }

    /// Opens what is to leave nothing but its audit entry: that somebody read something. What was worked out from the rows of the
    /// organisation holds behind it ([`crate::organisations::written`]), so nothing else is written in it.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn mention(&self, org: OrgId, stamp: Stamp) -> Result<Change, Error> {
        self.numbered(org, stamp, NEXT_MENTION).await
    }

    async fn numbered(&self, org: OrgId, stamp: Stamp, statement: &'static str) -> Result<Change, Error> {
        let (transaction, _waiting) = self.begin_write().await?;
        let view = View::new(transaction, org, self.statements.clone()).await?;
        let row = view.one(statement, values![org.uuid()]).await?;
        let row = row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: org.to_string() })?;
        let acting = format!("{} ({})", stamp.actor, stamp.via);
        Ok(Change { number: get(&row, 0)?, view, stamp, acting, known: Mutex::default() })
    }

    /// Opens a change of the reference tables.
    ///
    /// # Errors
    /// When the database is busy.
    pub async fn reference(&self) -> Result<Reference, Error> {
        let (transaction, _waiting) = self.begin_write().await?;
        let view = View::new(transaction, NOBODY, self.statements.clone()).await?;
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

    /// A transaction on what in an organisation is no change of it: what a person has read.
    pub(crate) async fn write_in(&self, org: OrgId) -> Result<View, Error> {
        let (transaction, _waiting) = self.begin_write().await?;
        View::new(transaction, org, self.statements.clone()).await
    }

    /// A transaction on accounts and sessions, which belong to no organisation.
    pub(crate) async fn write_view(&self) -> Result<View, Error> {
        let (transaction, _waiting) = self.begin_write().await?;
        View::new(transaction, NOBODY, self.statements.clone()).await
    }
}

/// No organisation: with it the policies of PostgreSQL show no row of any.
const NOBODY: OrgId = OrgId::from_uuid(uuid::Uuid::nil());
