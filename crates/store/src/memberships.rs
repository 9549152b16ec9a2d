//! Memberships: which account works in which organisation, with which roles. Like accounts they are read before it is
//! known whose request it is, so row-level security does not guard them; every list binds the organisation.

use bedrail_model::ids::{AccountId, OrgId};
use bedrail_model::organisation::OrgKind;
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, Store, View};

/// A membership as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The organisation's kind.
    pub org_kind: OrgKind,
    /// Whether the organisation asks every member for a second factor.
    pub second_factor: bool,
    /// The codes of its roles, parted by blanks.
    pub roles: String,
    /// The makers that a supplier speaks for.
    pub makers: Vec<String>,
    /// From when on it counts no more, exclusive.
    pub valid_until: Option<Timestamp>,
    /// The period that an auditor looks at: from (inclusive), to (exclusive).
    pub about: (Option<Timestamp>, Option<Timestamp>),
    /// Since when.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// What is given to a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given<'a> {
    /// The codes of the roles, parted by blanks.
    pub roles: &'a str,
    /// The makers that a supplier speaks for; names without line breaks.
    pub makers: &'a [String],
    /// From when on it counts no more, exclusive.
    pub valid_until: Option<Timestamp>,
    /// The period that an auditor looks at: from (inclusive), to (exclusive).
    pub about: (Option<Timestamp>, Option<Timestamp>),
}

/// A member as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The sign-in name.
    pub name: String,
    /// The person's name; empty where nobody gave one.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// The organisation that looks after the account.
    pub home: OrgId,
    /// When somebody last signed in.
    pub signed_in: Option<Timestamp>,
    /// When the account was closed.
    pub closed: Option<Timestamp>,
    /// The membership.
    pub membership: MembershipRow,
}

macro_rules! columns {
    () => {
        "m.account_id, m.org_id, o.name, o.kind, o.second_factor, m.roles, m.makers, m.valid_until, m.about_from,
         m.about_to, m.created, m.created_by"
    };
}

const OF_ACCOUNT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM membership m JOIN organisation o ON o.id = m.org_id WHERE m.account_id = $1 ORDER BY o.name, o.id"
);
const OF_ORGANISATION: &str = concat!(
    "SELECT ",
    columns!(),
    ", a.name, a.full_name, a.mail, a.org_id, a.signed_in, a.closed
    FROM membership m JOIN organisation o ON o.id = m.org_id JOIN account a ON a.id = m.account_id
    WHERE m.org_id = $1 ORDER BY a.name_key LIMIT $2"
);
const PUT: &str = "INSERT INTO membership
    (account_id, org_id, roles, makers, valid_until, about_from, about_to, created, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (account_id, org_id) DO UPDATE SET roles = excluded.roles, makers = excluded.makers,
    valid_until = excluded.valid_until, about_from = excluded.about_from, about_to = excluded.about_to";
const REMOVE: &str = "DELETE FROM membership WHERE account_id = $1 AND org_id = $2";
pub(crate) const STATEMENTS: &[&str] = &[OF_ACCOUNT, OF_ORGANISATION, PUT, REMOVE];

fn read(row: &QueryResult) -> Result<MembershipRow, Error> {
    let moment = |index| get::<Option<i64>>(row, index)?.map(time).transpose();
    Ok(MembershipRow {
        account: AccountId::from_uuid(get(row, 0)?),
        org: OrgId::from_uuid(get(row, 1)?),
        org_name: get(row, 2)?,
        org_kind: code("organisation.kind", &get::<String>(row, 3)?, OrgKind::from_code)?,
        second_factor: get::<i64>(row, 4)? != 0,
        roles: get(row, 5)?,
        makers: get::<String>(row, 6)?.lines().map(str::to_owned).collect(),
        valid_until: moment(7)?,
        about: (moment(8)?, moment(9)?),
        created: time(get(row, 10)?)?,
        created_by: get(row, 11)?,
    })
}

/// The memberships of an account, by the organisations' names.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_account(store: &Store, account: AccountId) -> Result<Vec<MembershipRow>, Error> {
    let rows = store.reference_view().await?.all(OF_ACCOUNT, values![account.uuid()]).await?;
    rows.iter().map(read).collect()
}

/// The members of an organisation by sign-in name, `limit` at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_organisation(view: &View, limit: u32) -> Result<Vec<MemberRow>, Error> {
    let rows = view.all(OF_ORGANISATION, values![view.org().uuid(), i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(MemberRow {
                membership: read(row)?,
                name: get(row, 12)?,
                full_name: get(row, 13)?,
                mail: get(row, 14)?,
                home: OrgId::from_uuid(get(row, 15)?),
                signed_in: get::<Option<i64>>(row, 16)?.map(time).transpose()?,
                closed: get::<Option<i64>>(row, 17)?.map(time).transpose()?,
            })
        })
        .collect()
}

/// Makes an account a member of the changed organisation, or changes what its membership gives.
///
/// # Errors
/// When the database refuses.
pub async fn put(change: &Change, account: AccountId, given: &Given<'_>) -> Result<(), Error> {
    let row = values![
        account.uuid(),
        change.org().uuid(),
        given.roles,
        given.makers.join("\n"),
        given.valid_until.map(micros),
        given.about.0.map(micros),
        given.about.1.map(micros),
        micros(change.at()),
        change.actor()
    ];
    change.execute(PUT, row).await?;
    Ok(())
}

/// Ends the membership of an account in the changed organisation. False where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, account: AccountId) -> Result<bool, Error> {
    Ok(change.execute(REMOVE, values![account.uuid(), change.org().uuid()]).await? > 0)
}
