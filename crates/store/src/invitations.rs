//! Invitations: a code that makes whoever has it a member, once. Read by the code before anybody is known, so row-level
//! security does not guard them; every list binds the organisation.

use bedrail_model::engagement::Scope;
use bedrail_model::ids::{InvitationId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::memberships::{Given, named, scope};
use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store, View};

/// An invitation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Id.
    pub id: InvitationId,
    /// Into which organisation.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The invited person's name; empty where nobody gave one.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// The codes of the roles, parted by blanks.
    pub roles: String,
    /// The makers that a supplier speaks for.
    pub makers: Vec<String>,
    /// From when on the membership counts no more, exclusive.
    pub valid_until: Option<Timestamp>,
    /// The period that an auditor looks at: from (inclusive), to (exclusive).
    pub about: (Option<Timestamp>, Option<Timestamp>),
    /// What an auditor looks at.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.org_id, o.name, i.full_name, i.mail, i.roles, i.makers, i.valid_until, i.about_from,
             i.about_to, i.created, i.created_by, i.expires, i.about_requirements, i.about_sites
             FROM invitation i JOIN organisation o ON o.id = i.org_id ",
            $rest
        )
    };
}

const BY_CODE: &str = select!("WHERE i.code = $1 AND i.expires > $2");
const OF_ORGANISATION: &str = select!("WHERE i.org_id = $1 ORDER BY i.created DESC, i.id LIMIT 1000");
const INSERT: &str = "INSERT INTO invitation
    (id, org_id, code, full_name, mail, roles, makers, valid_until, about_from, about_to, created, created_by, expires,
        about_requirements, about_sites)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const TAKE: &str = "DELETE FROM invitation WHERE org_id = $1 AND id = $2 AND expires > $3";
const REMOVE: &str = "DELETE FROM invitation WHERE org_id = $1 AND id = $2";
pub(crate) const STATEMENTS: &[&str] = &[BY_CODE, OF_ORGANISATION, INSERT, TAKE, REMOVE];

fn read(row: &QueryResult) -> Result<InvitationRow, Error> {
    let moment = |index| get::<Option<i64>>(row, index)?.map(time).transpose();
    Ok(InvitationRow {
        id: InvitationId::from_uuid(get(row, 0)?),
        org: OrgId::from_uuid(get(row, 1)?),
        org_name: get(row, 2)?,
        full_name: get(row, 3)?,
        mail: get(row, 4)?,
        roles: get(row, 5)?,
        makers: get::<String>(row, 6)?.lines().map(str::to_owned).collect(),
        valid_until: moment(7)?,
        about: (moment(8)?, moment(9)?),
        created: time(get(row, 10)?)?,
        created_by: get(row, 11)?,
        expires: time(get(row, 12)?)?,
        scope: scope(row, 13)?,
    })
}

/// The invitation with a code, by the code's SHA-256, if it has not expired.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_code(store: &Store, code: &[u8; 32], now: Timestamp) -> Result<Option<InvitationRow>, Error> {
    let view = store.reference_view().await?;
    view.one(BY_CODE, values![code.to_vec(), micros(now)]).await?.as_ref().map(read).transpose()
}

/// The invitations of an organisation that were neither accepted nor taken back, newest first, a thousand at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_organisation(view: &View) -> Result<Vec<InvitationRow>, Error> {
    view.all(OF_ORGANISATION, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Adds an invitation into the changed organisation.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    change: &Change,
    code: &[u8; 32],
    (full_name, mail): (&str, Option<&str>),
    given: &Given<'_>,
    expires: Timestamp,
) -> Result<InvitationId, Error> {
    let id = InvitationId::generate();
    let row = values![
        id.uuid(),
        change.org().uuid(),
        code.to_vec(),
        full_name,
        mail,
        given.roles,
        given.makers.join("\n"),
        given.valid_until.map(micros),
        given.about.0.map(micros),
        given.about.1.map(micros),
        micros(change.at()),
        change.actor(),
        micros(expires),
        named(&given.scope.requirements),
        named(&given.scope.sites)
    ];
    change.execute(INSERT, row).await?;
    Ok(id)
}

/// Takes an invitation of the changed organisation: true for one caller only, and only before it expires.
///
/// # Errors
/// When the database refuses.
pub async fn take(change: &Change, id: InvitationId) -> Result<bool, Error> {
    let row = values![change.org().uuid(), id.uuid(), micros(change.at())];
    Ok(change.execute(TAKE, row).await? > 0)
}

/// Takes an invitation of the changed organisation back. False where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, id: InvitationId) -> Result<bool, Error> {
    Ok(change.execute(REMOVE, values![change.org().uuid(), id.uuid()]).await? > 0)
}
