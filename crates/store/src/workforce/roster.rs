//! The roster.

use std::collections::HashMap;

use bedrail_model::ids::WorkerId;
use bedrail_model::workforce::{RosterSource, Worker, WorkerKind};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{count, day, some_day};
use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A row of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerRow {
    /// The person.
    pub worker: Worker,
    /// Whether a directory deleted the person.
    pub gone: bool,
    /// When the row was added.
    pub added: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The number of the change that changed it last.
    pub version: i64,
}

/// What is looked for in the roster. Empty texts are no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// Part of a name, an address or a number.
    pub text: String,
    /// The site.
    pub site: String,
    /// The ward.
    pub ward: String,
    /// A role.
    pub role: String,
    /// Who is there (`here`), who left (`left`), who is still to come (`coming`); all without it.
    pub stage: String,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.name, w.user_name, w.external, w.mail, w.kind, w.site, w.ward, w.starts, w.until, w.source, w.gone,
             w.added, w.modified, w.changed FROM worker w ",
            $rest
        )
    };
}
macro_rules! looked {
    ($begin:literal, $rest:literal) => {
        concat!(
            $begin,
            " WHERE w.org_id = $1
            AND ($2 = '' OR w.name_key LIKE $2 ESCAPE '!' OR w.mail LIKE $2 ESCAPE '!' OR lower(w.external) LIKE $2 ESCAPE '!')
            AND ($3 = '' OR w.site = $3) AND ($4 = '' OR w.ward = $4)
            AND ($5 = '' OR EXISTS (SELECT 1 FROM worker_role r WHERE r.org_id = $1 AND r.worker_id = w.id AND r.role = $5))
            AND ($6 = '' OR ($6 = 'here' AND w.starts <= $7 AND (w.until IS NULL OR w.until > $7))
                OR ($6 = 'left' AND w.until IS NOT NULL AND w.until <= $7) OR ($6 = 'coming' AND w.starts > $7)) ",
            $rest
        )
    };
}

const LIST: &str = concat!(
    "SELECT w.id, w.name, w.user_name, w.external, w.mail, w.kind, w.site, w.ward, w.starts, w.until, w.source, w.gone,
     w.added, w.modified, w.changed FROM worker w",
    looked!("", "ORDER BY w.name_key, w.id LIMIT $8 OFFSET $9")
);
const COUNT: &str = looked!("SELECT COUNT(*) FROM worker w", "");
const ONE: &str = columns!("WHERE w.org_id = $1 AND w.id = $2");
const BY_USER: &str = columns!(
    "WHERE w.org_id = $1 AND (w.user_key = $2 OR (w.user_key IS NULL AND w.mail = $2)) ORDER BY w.gone, w.id LIMIT 2"
);
const BY_EXTERNAL: &str = columns!("WHERE w.org_id = $1 AND w.external = $2");
const BY_MAIL: &str = columns!("WHERE w.org_id = $1 AND w.mail = $2 ORDER BY w.gone, w.added, w.id");
const SERVED: &str = columns!("WHERE w.org_id = $1 AND w.gone = 0 ORDER BY w.id LIMIT $2 OFFSET $3");
const SERVED_COUNT: &str = "SELECT COUNT(*) FROM worker WHERE org_id = $1 AND gone = 0";
const ALONG: &str = columns!("WHERE w.org_id = $1 AND w.id > $2 ORDER BY w.id LIMIT $3");
const ROLES: &str =
    "SELECT worker_id, role FROM worker_role WHERE org_id = $1 AND worker_id IN ({ids}) ORDER BY role";
const ALL_ROLES: &str = "SELECT worker_id, role FROM worker_role WHERE org_id = $1 ORDER BY worker_id, role";
const ROLE_NAMES: &str =
    "SELECT role, COUNT(*) FROM worker_role WHERE org_id = $1 GROUP BY role ORDER BY role LIMIT 500";
const PLACES: &str = "SELECT site, ward, COUNT(*) FROM worker WHERE org_id = $1 AND starts <= $2
    AND (until IS NULL OR until > $2) GROUP BY site, ward ORDER BY site, ward LIMIT 2000";
const PUT: &str = "INSERT INTO worker (org_id, changed, id, name, name_key, user_name, user_key, external, mail, kind, site, ward,
    starts, until, source, gone, added, added_by, modified) VALUES {rows}
    ON CONFLICT (org_id, id) DO UPDATE SET changed = excluded.changed, name = excluded.name, name_key = excluded.name_key,
    user_name = excluded.user_name, user_key = excluded.user_key, external = excluded.external, mail = excluded.mail,
    kind = excluded.kind, site = excluded.site, ward = excluded.ward, starts = excluded.starts, until = excluded.until,
    source = excluded.source, gone = excluded.gone, modified = excluded.modified";
const DROP_ROLES: &str = "DELETE FROM worker_role WHERE org_id = $1 AND worker_id IN ({ids})";
const PUT_ROLES: &str = "INSERT INTO worker_role (org_id, worker_id, role) VALUES {rows}";
pub(crate) const STATEMENTS: &[&str] = &[
    LIST,
    COUNT,
    ONE,
    BY_USER,
    BY_EXTERNAL,
    BY_MAIL,
    SERVED,
    SERVED_COUNT,
    ALONG,
    ALL_ROLES,
    ROLE_NAMES,
    PLACES,
];

fn read(row: &QueryResult) -> Result<WorkerRow, Error> {
    let kind = code("worker.kind", &get::<String>(row, 5)?, WorkerKind::from_code)?;
    let source = code("worker.source", &get::<String>(row, 10)?, RosterSource::from_code)?;
    Ok(WorkerRow {
        worker: Worker {
            id: WorkerId::from_uuid(get(row, 0)?),
            name: get(row, 1)?,
            user_name: get(row, 2)?,
            external: get(row, 3)?,
            mail: get(row, 4)?,
            kind,
            roles: Vec::new(),
            site: get(row, 6)?,
            ward: get(row, 7)?,
            starts: day(row, 8)?,
            until: some_day(row, 9)?,
            source,
        },
        gone: get::<i64>(row, 11)? != 0,
        added: time(get(row, 12)?)?,
        modified: time(get(row, 13)?)?,
        version: get(row, 14)?,
    })
}

/// Rows with their roles.
async fn with_roles(view: &View, rows: &[QueryResult]) -> Result<Vec<WorkerRow>, Error> {
    let mut found: Vec<WorkerRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let shared = values![view.org().uuid()];
    let ids: Vec<sea_orm::Value> = found.iter().map(|row| row.worker.id.uuid().into()).collect();
    let roles = view.all_batches(id_batches(ROLES, &shared, ids)).await?;
    put_roles(&mut found, &roles)?;
    Ok(found)
}

fn put_roles(found: &mut [WorkerRow], roles: &[QueryResult]) -> Result<(), Error> {
    let mut places: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in roles {
        places.entry(get(row, 0)?).or_default().push(get(row, 1)?);
    }
    for row in found {
        row.worker.roles = places.remove(&row.worker.id.uuid()).unwrap_or_default();
    }
    Ok(())
}

/// `LIKE` text for "contains", with its signs taken literally.
pub(super) fn contains(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return String::new();
    }
    format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}

/// A part of the roster by name, and how many rows there are in all.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    view: &View,
    looked: &Looked,
    today: Date,
    limit: u32,
    offset: u64,
) -> Result<(Vec<WorkerRow>, u64), Error> {
    let mut values = values![
        view.org().uuid(),
        contains(&looked.text),
        looked.site.as_str(),
        looked.ward.as_str(),
        looked.role.as_str(),
        looked.stage.as_str(),
        today.to_string()
    ];
    let total = view.one(COUNT, values.clone()).await?.map_or(Ok(0), |row| count(&row, 0))?;
    values.extend(values![i64::from(limit), i64::try_from(offset).unwrap_or(i64::MAX)]);
    let rows = view.all(LIST, values).await?;
    Ok((with_roles(view, &rows).await?, total))
}

async fn first(view: &View, sql: &str, values: Vec<sea_orm::Value>) -> Result<Option<WorkerRow>, Error> {
    let rows = view.all(sql, values).await?;
    Ok(with_roles(view, rows.get(..1).unwrap_or_default()).await?.pop())
}

/// One person.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: WorkerId) -> Result<Option<WorkerRow>, Error> {
    first(view, ONE, values![view.org().uuid(), id.uuid()]).await
}

/// The person whom a directory calls so, in small letters; who was never named by one is found by the address.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_user(view: &View, user: &str) -> Result<Option<WorkerRow>, Error> {
    first(view, BY_USER, values![view.org().uuid(), user]).await
}

/// The person with a number of another system.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_external(view: &View, external: &str) -> Result<Option<WorkerRow>, Error> {
    first(view, BY_EXTERNAL, values![view.org().uuid(), external]).await
}

/// The people with an address, in small letters.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_mail(view: &View, mail: &str) -> Result<Vec<WorkerRow>, Error> {
    let rows = view.all(BY_MAIL, values![view.org().uuid(), mail]).await?;
    with_roles(view, &rows).await
}

/// People as a directory lists them, without those it deleted, and how many there are.
///
/// # Errors
/// When the database cannot be used.
pub async fn served(view: &View, limit: u64, offset: u64) -> Result<(Vec<WorkerRow>, u64), Error> {
    let total =
        view.one(SERVED_COUNT, values![view.org().uuid()]).await?.map_or(Ok(0), |row| count(&row, 0))?;
    let values = values![view.org().uuid(), super::stored(limit), super::stored(offset)];
    let rows = view.all(SERVED, values).await?;
    Ok((with_roles(view, &rows).await?, total))
}

/// Everybody, by id.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<WorkerRow>, Error> {
    let mut found = view.read_along(ALONG, read).await?;
    let roles = view.all(ALL_ROLES, values![view.org().uuid()]).await?;
    put_roles(&mut found, &roles)?;
    Ok(found)
}

/// The roles that people have, with how many have each.
///
/// # Errors
/// When the database cannot be used.
pub async fn roles(view: &View) -> Result<Vec<(String, u64)>, Error> {
    let rows = view.all(ROLE_NAMES, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, count(row, 1)?))).collect()
}

/// Sites and wards with how many people are there on a day.
///
/// # Errors
/// When the database cannot be used.
pub async fn places(view: &View, today: Date) -> Result<Vec<(String, String, u64)>, Error> {
    let rows = view.all(PLACES, values![view.org().uuid(), today.to_string()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, count(row, 2)?))).collect()
}

/// Keeps people: new ones, and others as they are now. The flag says whether a directory deleted them.
///
/// # Errors
/// When the database refuses, as where a name of a directory or a number is another person's.
pub async fn put(change: &Change, people: &[(Worker, bool)]) -> Result<(), Error> {
    let row = |(worker, gone): &(Worker, bool)| -> [sea_orm::Value; 19] {
        let at = micros(change.at());
        [
            change.org().uuid().into(),
            change.number.into(),
            worker.id.uuid().into(),
            worker.name.as_str().into(),
            worker.name.to_lowercase().into(),
            worker.user_name.clone().into(),
            worker.user_name.as_ref().map(|name| name.to_lowercase()).into(),
            worker.external.clone().into(),
            worker.mail.clone().into(),
            worker.kind.code().into(),
            worker.site.as_str().into(),
            worker.ward.as_str().into(),
            worker.starts.to_string().into(),
            worker.until.map(|day| day.to_string()).into(),
            worker.source.code().into(),
            i64::from(*gone).into(),
            at.into(),
            change.actor().into(),
            at.into(),
        ]
    };
    let rows: Vec<_> = people.iter().map(row).collect();
    change.execute_batches(batches(PUT, &[], rows)).await?;
    let shared = values![change.org().uuid()];
    let ids: Vec<sea_orm::Value> = people.iter().map(|(worker, _)| worker.id.uuid().into()).collect();
    change.execute_batches(id_batches(DROP_ROLES, &shared, ids)).await?;
    let role = |worker: &Worker, role: &String| -> [sea_orm::Value; 3] {
        [change.org().uuid().into(), worker.id.uuid().into(), role.as_str().into()]
    };
    let roles: Vec<_> = people
        .iter()
        .flat_map(|(worker, _)| worker.roles.iter().map(move |name| (worker, name)))
        .map(|(worker, name)| role(worker, name))
        .collect();
    change.execute_batches(batches(PUT_ROLES, &[], roles)).await?;
    Ok(())
}
