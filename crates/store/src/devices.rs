//! Devices: what the lists say of each.

use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::ids::{ClassId, DeviceId, SiteId};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A device as stored. Maker, model and version are the release's, the site's name is the site's; they are `None` in
/// `facts` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Id.
    pub id: DeviceId,
    /// Its class.
    pub class: ClassId,
    /// Its site.
    pub site: Option<SiteId>,
    /// What the lists say, without what the release and the site say.
    pub facts: DeviceFacts,
    /// Which list said which of the facts; text that `app` writes and reads.
    pub sources: String,
    /// When it was first listed.
    pub created: Timestamp,
    /// When a list changed it last.
    pub updated: Timestamp,
}

/// By what a device is known again. Each is unique in an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceKeys {
    /// Asset tag, normalised.
    pub asset: Option<String>,
    /// Maker and serial, normalised.
    pub serial: Option<String>,
    /// UDI, normalised.
    pub udi: Option<String>,
}

/// Columns in the order of [`read`].
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, class_id, site_id, asset_tag, serial, udi, kind, ward, owner, address, host_name, ",
            "operating_system, exposure, support_ends, sources, created, updated FROM device ",
            $rest
        )
    };
}

const CHANGED: &str = columns!("WHERE org_id = $1 AND changed > $2");
const BY_ID: &str = columns!("WHERE org_id = $1 AND id = $2");
const BY_IDS: &str = columns!("WHERE org_id = $1 AND id IN ({ids})");
const KEYS: &str = "SELECT id, asset_key, serial_key, udi_key FROM device WHERE org_id = $1";
const CLEAR_KEYS: &str = "UPDATE device SET asset_key = NULL, serial_key = NULL, udi_key = NULL
    WHERE org_id = $1 AND id IN ({ids})";
const UPSERT: &str = "INSERT INTO device (org_id, changed, updated, id, class_id, site_id, asset_tag, serial, udi, kind,
        ward, owner, address, host_name, operating_system, exposure, support_ends, sources, created, asset_key,
        serial_key, udi_key)
    SELECT $1, $2, $3, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8,
        v.column9, v.column10, v.column11, v.column12, v.column13, v.column14, v.column15, v.column16, v.column17,
        v.column18, v.column19
    FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, id) DO UPDATE SET changed = excluded.changed, updated = excluded.updated,
        class_id = excluded.class_id, site_id = excluded.site_id, asset_tag = excluded.asset_tag,
        serial = excluded.serial, udi = excluded.udi, kind = excluded.kind, ward = excluded.ward,
        owner = excluded.owner, address = excluded.address, host_name = excluded.host_name,
        operating_system = excluded.operating_system, exposure = excluded.exposure,
        support_ends = excluded.support_ends, sources = excluded.sources, asset_key = excluded.asset_key,
        serial_key = excluded.serial_key, udi_key = excluded.udi_key";
pub(crate) const STATEMENTS: &[&str] = &[CHANGED, BY_ID, KEYS];

fn read(row: &QueryResult) -> Result<DeviceRow, Error> {
    let facts = DeviceFacts {
        asset_tag: get(row, 3)?,
        serial: get(row, 4)?,
        udi: get(row, 5)?,
        kind: get(row, 6)?,
        ward: get(row, 7)?,
        owner: get(row, 8)?,
        address: get(row, 9)?,
        host_name: get(row, 10)?,
        operating_system: get(row, 11)?,
        exposure: code("device.exposure", &get::<String>(row, 12)?, Exposure::from_code)?,
        support_ends: get(row, 13)?,
        ..DeviceFacts::default()
    };
    Ok(DeviceRow {
        id: DeviceId::from_uuid(get(row, 0)?),
        class: ClassId::from_uuid(get(row, 1)?),
        site: get::<Option<_>>(row, 2)?.map(SiteId::from_uuid),
        facts,
        sources: get(row, 14)?,
        created: time(get(row, 15)?)?,
        updated: time(get(row, 16)?)?,
    })
}

/// Devices written after a change.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<DeviceRow>, Error> {
    view.all(CHANGED, values![view.org().uuid(), change]).await?.iter().map(read).collect()
}

/// One device of the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn get_one(view: &View, id: DeviceId) -> Result<Option<DeviceRow>, Error> {
    view.one(BY_ID, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Devices of the organisation by id, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[DeviceId]) -> Result<Vec<DeviceRow>, Error> {
    let ids = ids.iter().map(|id| Value::from(id.uuid()));
    let rows = view.all_batches(id_batches(BY_IDS, &[view.org().uuid().into()], ids)).await?;
    rows.iter().map(read).collect()
}

/// By what each device of the organisation is known again.
///
/// # Errors
/// When the database cannot be used.
pub async fn keys(view: &View) -> Result<Vec<(DeviceId, DeviceKeys)>, Error> {
    let rows = view.all(KEYS, values![view.org().uuid()]).await?;
    rows.iter()
        .map(|row| {
            let keys = DeviceKeys { asset: get(row, 1)?, serial: get(row, 2)?, udi: get(row, 3)? };
            Ok((DeviceId::from_uuid(get(row, 0)?), keys))
        })
        .collect()
}

/// Takes their identities from devices that are about to be written anew, so that two that swap an asset tag do not
/// collide half-way.
///
/// # Errors
/// When the database cannot be used.
pub async fn clear_keys(
    change: &Change,
    ids: impl IntoIterator<Item = DeviceId, IntoIter: Send>,
) -> Result<(), Error> {
    let ids = ids.into_iter().map(|id| Value::from(id.uuid()));
    change.execute_batches(id_batches(CLEAR_KEYS, &[change.org().uuid().into()], ids)).await?;
    Ok(())
}

/// Adds devices and replaces known ones. `updated` is the time of the change, `created` counts for new ones only.
///
/// # Errors
/// When an identity is another device's or the database cannot be used.
pub async fn put(change: &Change, devices: &[(DeviceRow, DeviceKeys)]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number, micros(change.at())];
    let rows = devices.iter().map(|(device, keys)| {
        let facts = &device.facts;
        [
            device.id.uuid().into(),
            device.class.uuid().into(),
            device.site.map(SiteId::uuid).into(),
            facts.asset_tag.clone().into(),
            facts.serial.clone().into(),
            facts.udi.clone().into(),
            facts.kind.clone().into(),
            facts.ward.clone().into(),
            facts.owner.clone().into(),
            facts.address.clone().into(),
            facts.host_name.clone().into(),
            facts.operating_system.clone().into(),
            facts.exposure.code().into(),
            facts.support_ends.clone().into(),
            device.sources.as_str().into(),
            micros(device.created).into(),
            keys.asset.clone().into(),
            keys.serial.clone().into(),
            keys.udi.clone().into(),
        ]
    });
    change.execute_batches(batches(UPSERT, &shared, rows)).await?;
    Ok(())
}
