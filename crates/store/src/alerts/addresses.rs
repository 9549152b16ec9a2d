//! Which device held an address when.

use bedrail_model::ids::DeviceId;
use jiff::Timestamp;
use sea_orm::Value;

use crate::sql::{batches, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// That a device held an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The address in its shortest form.
    pub address: String,
    /// The device.
    pub device: DeviceId,
    /// From when (inclusive); the beginning of time where it is the first that is known of the address.
    pub since: Timestamp,
    /// Until when (exclusive); still where it is not said.
    pub until: Option<Timestamp>,
}

const SEEN: &str = "SELECT addresses_to FROM alert_state WHERE org_id = $1";
const SET_SEEN: &str = "INSERT INTO alert_state (org_id, addresses_to) VALUES ($1, $2)
    ON CONFLICT (org_id) DO UPDATE SET addresses_to = excluded.addresses_to";
const CHANGED: &str = "SELECT id, address, updated FROM device WHERE org_id = $1 AND changed > $2";
const HELD: &str = "SELECT address, device_id, since, until FROM alert_address WHERE org_id = $1";
const HELD_BY: &str = "SELECT address, device_id, since, until FROM alert_address
    WHERE org_id = $1 AND until IS NULL AND device_id IN ({ids})";
const ADD: &str = "INSERT INTO alert_address (org_id, address, device_id, since)
    SELECT $1, v.column1, v.column2, v.column3 FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, address, device_id, since) DO UPDATE SET until = NULL";
const END: &str = "UPDATE alert_address SET until = $4
    WHERE org_id = $1 AND address = $2 AND device_id = $3 AND until IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[SEEN, SET_SEEN, CHANGED, HELD, END];

/// Up to which change of the organisation its devices were looked at.
///
/// # Errors
/// When the database cannot be used.
pub async fn seen(view: &View) -> Result<i64, Error> {
    let row = view.one(SEEN, values![view.org().uuid()]).await?;
    row.map_or(Ok(0), |row| get(&row, 0))
}

/// Devices that were changed after a change: id, address as it was written, when.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed(view: &View, after: i64) -> Result<Vec<(DeviceId, Option<String>, Timestamp)>, Error> {
    let rows = view.all(CHANGED, values![view.org().uuid(), after]).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok((DeviceId::from_uuid(get(row, 0)?), get(row, 1)?, time(get(row, 2)?)?))
    };
    rows.iter().map(read).collect()
}

fn read(row: &sea_orm::QueryResult) -> Result<Held, Error> {
    Ok(Held {
        address: get(row, 0)?,
        device: DeviceId::from_uuid(get(row, 1)?),
        since: time(get(row, 2)?)?,
        until: get::<Option<i64>>(row, 3)?.map(time).transpose()?,
    })
}

/// All that is known.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Held>, Error> {
    view.all(HELD, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// What devices still hold.
///
/// # Errors
/// When the database cannot be used.
pub async fn held_by(view: &View, devices: &[DeviceId]) -> Result<Vec<Held>, Error> {
    let org = [Value::from(view.org().uuid())];
    let ids = devices.iter().map(|id| Value::from(id.uuid()));
    view.all_batches(id_batches(HELD_BY, &org, ids)).await?.iter().map(read).collect()
}

/// Writes down what is new and what has ended, and that the devices were looked at up to a change.
///
/// # Errors
/// When the database refuses.
pub async fn follow(change: &Change, new: &[Held], ended: &[Held], seen: i64) -> Result<(), Error> {
    for held in ended {
        let until = held.until.unwrap_or_else(|| change.at());
        let values = values![change.org().uuid(), held.address.as_str(), held.device.uuid(), micros(until)];
        change.execute(END, values).await?;
    }
    let shared = values![change.org().uuid()];
    let rows = new.iter().map(|held| {
        [Value::from(held.address.as_str()), Value::from(held.device.uuid()), Value::from(micros(held.since))]
    });
    change.execute_batches(batches(ADD, &shared, rows)).await?;
    change.execute(SET_SEEN, values![change.org().uuid(), seen]).await?;
    Ok(())
}
