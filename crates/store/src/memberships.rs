//! Memberships: which account works in which organisation, with which roles. Like accounts they are read before it is
//! known whose request it is, so row-level security does not guard them; every list binds the organisation.

use bedrail_model::engagement::Scope;
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
    /// What an auditor looks at.
    pub scope: Scope,
    /// Since when.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Until when, exclusive, emergency access was taken, and why.
    pub emergency: Option<(Timestamp, String)>,
    /// Whether the organisation lets members sign in by a password. Administrators always may.
    pub passwords: bool,
}

/// Somebody's emergency access in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyRow {
    /// The sign-in name.
    pub name: String,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
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
    /// What an auditor looks at.
    pub scope: Scope,
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
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// Whether the account has a password.
    pub password: bool,
    /// Whether an identity at the organisation's provider is linked to the account.
    pub linked: bool,
    /// The code of the zone that the person reads times in; empty is UTC.
    pub zone: String,
    /// The membership.
    pub membership: MembershipRow,
}

macro_rules! columns {
    () => {
        "m.account_id, m.org_id, o.name, o.kind, o.second_factor, m.roles, m.makers, m.valid_until, m.about_from,
         m.about_to, m.created, m.created_by, m.emergency_until, m.emergency_reason,
         COALESCE((SELECT s.passwords FROM single_sign_on s WHERE s.org_id = m.org_id AND s.active = 1), 1),
         m.about_requirements, m.about_sites"
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
    ", a.name, a.full_name, a.mail, a.org_id, a.signed_in, a.closed,
    (SELECT COUNT(*) FROM second_factor f WHERE f.account_id = a.id AND f.confirmed IS NOT NULL),
    CAST(CASE WHEN a.password = '' THEN 0 ELSE 1 END AS bigint),
    (SELECT COUNT(*) FROM identity i WHERE i.org_id = m.org_id AND i.account_id = a.id), a.zone
    FROM membership m JOIN organisation o ON o.id = m.org_id JOIN account a ON a.id = m.account_id
    WHERE m.org_id = $1 ORDER BY a.name_key LIMIT $2"
);
const EMERGENCIES: &str = "SELECT a.name, m.emergency_until, m.emergency_reason
    FROM membership m JOIN account a ON a.id = m.account_id
    WHERE m.org_id = $1 AND m.emergency_until > $2 ORDER BY m.emergency_until LIMIT 20";
const SET_EMERGENCY: &str = "UPDATE membership SET emergency_until = $3, emergency_reason = $4
    WHERE account_id = $1 AND org_id = $2";
const END_SESSIONS: &str = "DELETE FROM session WHERE account_id = $1 AND org_id = $2";
const END_TOKENS: &str = "DELETE FROM token WHERE account_id = $1 AND org_id = $2";
const PUT: &str = "INSERT INTO membership
    (account_id, org_id, roles, makers, valid_until, about_from, about_to, created, created_by, about_requirements, about_sites)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (account_id, org_id) DO UPDATE SET roles = excluded.roles, makers = excluded.makers,
    valid_until = excluded.valid_until, about_from = excluded.about_from, about_to = excluded.about_to,
    about_requirements = excluded.about_requirements, about_sites = excluded.about_sites";
const REMOVE: &str = "DELETE FROM membership WHERE account_id = $1 AND org_id = $2";
/// Serialises with every change of the organisations that an account is a member of.
const LOCK_ALL: &str = "UPDATE organisation SET changes = changes
    WHERE id IN (SELECT org_id FROM membership WHERE account_id = $1)";
const ALONE: &str = "SELECT m.org_id FROM membership m JOIN account own ON own.id = m.account_id
    WHERE m.account_id = $1 AND m.org_id <> $2 AND own.closed IS NULL
        AND ' ' || m.roles || ' ' LIKE '% administrator %'
        AND NOT EXISTS (SELECT 1 FROM membership o JOIN account a ON a.id = o.account_id
            WHERE o.org_id = m.org_id AND o.account_id <> $1 AND a.closed IS NULL
                AND (o.valid_until IS NULL OR o.valid_until > $3)
                AND ' ' || o.roles || ' ' LIKE '% administrator %')
    LIMIT 1";
pub(crate) const STATEMENTS: &[&str] = &[
    OF_ACCOUNT,
    OF_ORGANISATION,
    EMERGENCIES,
    SET_EMERGENCY,
    END_SESSIONS,
    END_TOKENS,
    PUT,
    REMOVE,
    LOCK_ALL,
    ALONE,
];

/// A scope out of two columns, one name a line each.
pub(crate) fn scope(row: &QueryResult, at: usize) -> Result<Scope, Error> {
    let lines = |text: Option<String>| text.unwrap_or_default().lines().map(str::to_owned).collect();
    Ok(Scope { requirements: lines(get(row, at)?), sites: lines(get(row, at + 1)?) })
}

/// Names as a column has them; nothing where there are none.
pub(crate) fn named(all: &[String]) -> Option<String> {
    (!all.is_empty()).then(|| all.join("\n"))
}

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
        emergency: moment(12)?.map(|until| Ok::<_, Error>((until, get(row, 13)?))).transpose()?,
        passwords: get::<i64>(row, 14)? != 0,
        scope: scope(row, 15)?,
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
                name: get(row, 17)?,
                full_name: get(row, 18)?,
                mail: get(row, 19)?,
                home: OrgId::from_uuid(get(row, 20)?),
                signed_in: get::<Option<i64>>(row, 21)?.map(time).transpose()?,
                closed: get::<Option<i64>>(row, 22)?.map(time).transpose()?,
                second_factor: get::<i64>(row, 23)? != 0,
                password: get::<i64>(row, 24)? != 0,
                linked: get::<i64>(row, 25)? != 0,
                zone: get(row, 26)?,
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
        change.actor(),
        named(&given.scope.requirements),
        named(&given.scope.sites)
    ];
    change.execute(PUT, row).await?;
    Ok(())
}

/// Whether an account is the only administrator of an organisation other than the changed one.
///
/// # Errors
/// When the database refuses.
pub async fn administers_alone_elsewhere(change: &Change, account: AccountId) -> Result<bool, Error> {
    change.execute(LOCK_ALL, values![account.uuid()]).await?;
    let row = values![account.uuid(), change.org().uuid(), micros(change.at())];
    Ok(change.one(ALONE, row).await?.is_some())
}

/// Emergency access in the organisation that is looked at, as far as it lasts beyond a moment.
///
/// # Errors
/// When the database cannot be used.
pub async fn emergencies(view: &View, now: Timestamp) -> Result<Vec<EmergencyRow>, Error> {
    let rows = view.all(EMERGENCIES, values![view.org().uuid(), micros(now)]).await?;
    rows.iter()
        .map(|row| Ok(EmergencyRow { name: get(row, 0)?, until: time(get(row, 1)?)?, reason: get(row, 2)? }))
        .collect()
}

/// Begins a member's emergency access in the changed organisation, or ends it.
///
/// # Errors
/// When the database refuses.
pub async fn set_emergency(
    change: &Change,
    account: AccountId,
    until: Option<Timestamp>,
    reason: &str,
) -> Result<(), Error> {
    let row = values![account.uuid(), change.org().uuid(), until.map(micros), reason];
    change.execute(SET_EMERGENCY, row).await?;
    Ok(())
}

/// Ends the sessions and tokens of an account in the changed organisation.
///
/// # Errors
/// When the database refuses.
pub async fn end_visits(change: &Change, account: AccountId) -> Result<(), Error> {
    let key = || values![account.uuid(), change.org().uuid()];
    change.execute(END_SESSIONS, key()).await?;
    change.execute(END_TOKENS, key()).await?;
    Ok(())
}

/// Ends the membership of an account in the changed organisation, with its sessions and tokens there. False where there
/// was none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, account: AccountId) -> Result<bool, Error> {
    end_visits(change, account).await?;
    Ok(change.execute(REMOVE, values![account.uuid(), change.org().uuid()]).await? > 0)
}
