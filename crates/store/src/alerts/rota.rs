//! Who has duty, who is away, and the zone that days and shifts are read in.

use bedrail_model::ids::{AccountId, AlertAbsenceId, AlertDutyId};
use sea_orm::QueryResult;

use super::small;
use crate::sql::{get, values};
use crate::{Change, Error, View};

/// A weekly duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyRow {
    /// Id.
    pub id: AlertDutyId,
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u32,
    /// The first minute of the day, and the minute that it ends before; one that is not later is of the day after.
    pub minutes: (u32, u32),
    /// Who has it.
    pub account: AccountId,
    /// Who stands in.
    pub deputy: Option<AccountId>,
    /// For the alerts of devices of this site alone.
    pub site: Option<String>,
    /// For those of this ward alone.
    pub ward: Option<String>,
}

/// An absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceRow {
    /// Id.
    pub id: AlertAbsenceId,
    /// Who is away.
    pub account: AccountId,
    /// From a day to another, both included, as ISO dates.
    pub days: (String, String),
    /// Who stands in.
    pub deputy: Option<AccountId>,
}

const ZONE: &str = "SELECT zone FROM alert_desk WHERE org_id = $1";
const SET_ZONE: &str = "INSERT INTO alert_desk (org_id, zone) VALUES ($1, $2)
    ON CONFLICT (org_id) DO UPDATE SET zone = excluded.zone";
const DUTIES: &str =
    "SELECT id, weekday, from_minute, to_minute, account_id, deputy_id, site, ward FROM alert_duty
    WHERE org_id = $1 ORDER BY weekday, from_minute, to_minute, id";
const ADD_DUTY: &str =
    "INSERT INTO alert_duty (org_id, id, weekday, from_minute, to_minute, account_id, deputy_id, site, ward)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const REMOVE_DUTY: &str = "DELETE FROM alert_duty WHERE org_id = $1 AND id = $2";
const ABSENCES: &str = "SELECT id, account_id, first_day, last_day, deputy_id FROM alert_absence
    WHERE org_id = $1 ORDER BY first_day, last_day, id";
const ADD_ABSENCE: &str = "INSERT INTO alert_absence (org_id, id, account_id, first_day, last_day, deputy_id)
    VALUES ($1, $2, $3, $4, $5, $6)";
const REMOVE_ABSENCE: &str = "DELETE FROM alert_absence WHERE org_id = $1 AND id = $2";
pub(crate) const STATEMENTS: &[&str] =
    &[ZONE, SET_ZONE, DUTIES, ADD_DUTY, REMOVE_DUTY, ABSENCES, ADD_ABSENCE, REMOVE_ABSENCE];

/// The code of the zone; `None` where it was never set.
///
/// # Errors
/// When the database cannot be used.
pub async fn zone(view: &View) -> Result<Option<String>, Error> {
    view.one(ZONE, values![view.org().uuid()]).await?.map(|row| get(&row, 0)).transpose()
}

/// Sets the zone.
///
/// # Errors
/// When the database refuses.
pub async fn set_zone(change: &Change, zone: &str) -> Result<(), Error> {
    change.execute(SET_ZONE, values![change.org().uuid(), zone]).await?;
    Ok(())
}

/// All duties, by day and time.
///
/// # Errors
/// When the database cannot be used.
pub async fn duties(view: &View) -> Result<Vec<DutyRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(DutyRow {
            id: AlertDutyId::from_uuid(get(row, 0)?),
            weekday: small(get(row, 1)?),
            minutes: (small(get(row, 2)?), small(get(row, 3)?)),
            account: AccountId::from_uuid(get(row, 4)?),
            deputy: get::<Option<_>>(row, 5)?.map(AccountId::from_uuid),
            site: get(row, 6)?,
            ward: get(row, 7)?,
        })
    };
    view.all(DUTIES, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Adds a duty.
///
/// # Errors
/// When the database refuses.
pub async fn add_duty(change: &Change, row: &DutyRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.id.uuid(),
        i64::from(row.weekday),
        i64::from(row.minutes.0),
        i64::from(row.minutes.1),
        row.account.uuid(),
        row.deputy.map(AccountId::uuid),
        row.site.clone(),
        row.ward.clone()
    ];
    change.execute(ADD_DUTY, values).await?;
    Ok(())
}

/// Takes a duty away; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove_duty(change: &Change, id: AlertDutyId) -> Result<bool, Error> {
    Ok(change.execute(REMOVE_DUTY, values![change.org().uuid(), id.uuid()]).await? > 0)
}

/// All absences, by day.
///
/// # Errors
/// When the database cannot be used.
pub async fn absences(view: &View) -> Result<Vec<AbsenceRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(AbsenceRow {
            id: AlertAbsenceId::from_uuid(get(row, 0)?),
            account: AccountId::from_uuid(get(row, 1)?),
            days: (get(row, 2)?, get(row, 3)?),
            deputy: get::<Option<_>>(row, 4)?.map(AccountId::from_uuid),
        })
    };
    view.all(ABSENCES, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Adds an absence.
///
/// # Errors
/// When the database refuses.
pub async fn add_absence(change: &Change, row: &AbsenceRow) -> Result<(), Error> {
    let (org, id, account) = (change.org().uuid(), row.id.uuid(), row.account.uuid());
    let (first, last) = (row.days.0.as_str(), row.days.1.as_str());
    let deputy = row.deputy.map(AccountId::uuid);
    change.execute(ADD_ABSENCE, values![org, id, account, first, last, deputy]).await?;
    Ok(())
}

/// Takes an absence away; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove_absence(change: &Change, id: AlertAbsenceId) -> Result<bool, Error> {
    Ok(change.execute(REMOVE_ABSENCE, values![change.org().uuid(), id.uuid()]).await? > 0)
}
