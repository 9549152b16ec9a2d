//! Devices: what the lists say of each.

use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::ids::{ClassId, DeviceId, SiteId};
use jiff::Timestamp;
use sea_orm::{DbBackend, QueryResult, Value};
use serde::Deserialize;

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::view::PAGE;
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

/// What lists and searches need of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceBrief {
    /// Id.
    pub id: DeviceId,
    /// Its class.
    pub class: ClassId,
    /// Its site.
    pub site: Option<SiteId>,
    /// What it is.
    pub kind: Option<String>,
    /// The ward that it stands in.
    pub ward: Option<String>,
    /// Whether somebody answers for it.
    pub owned: bool,
    /// Who can reach it.
    pub exposure: Exposure,
    /// The day that its maker's support ends.
    pub support_ends: Option<String>,
    /// What people call it: asset tag, else serial, else UDI, else host name.
    pub name: Option<String>,
    /// Its address, as written.
    pub address: Option<String>,
    /// Every text that is said of it, one a line.
    pub texts: String,
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

/// Put together by the database: a hundred thousand rows of few columns are read in half the time of many.
macro_rules! briefs {
    ($rest:literal) => {
        concat!(
            "SELECT id, class_id, site_id, kind, ward, owner, exposure, support_ends,
    COALESCE(asset_tag, serial, udi, host_name),
    COALESCE(asset_tag, '') || '\n' || COALESCE(serial, '') || '\n' || COALESCE(udi, '') || '\n' ||
    COALESCE(kind, '') || '\n' || COALESCE(ward, '') || '\n' || COALESCE(owner, '') || '\n' ||
    COALESCE(address, '') || '\n' || COALESCE(host_name, '') || '\n' || COALESCE(operating_system, ''), address
    FROM device WHERE org_id = $1 AND ",
            $rest
        )
    };
}
/// On SQLite a page of devices is one row, a list of lists: to hand a hundred thousand rows one by one from its thread to
/// ours takes longer than to find them.
const BRIEFS_PACKED: &str =
    "SELECT json_group_array(json_array(hex(id), hex(class_id), hex(site_id), kind, ward, owner,
        exposure, support_ends, asset_tag, serial, udi, address, host_name, operating_system))
    FROM (SELECT * FROM device WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3)";
const BRIEFS: &str = briefs!("changed > $2");
const ALL_BRIEFS: &str = briefs!("id > $2 ORDER BY id LIMIT $3");
const BY_ID: &str = columns!("WHERE org_id = $1 AND id = $2");
const BY_IDS: &str = columns!("WHERE org_id = $1 AND id IN ({ids})");
const KEYS: &str = "SELECT id, asset_key, serial_key, udi_key FROM device WHERE org_id = $1";
const BY_ASSET: &str = "SELECT id, asset_key, serial_key, udi_key FROM device
    WHERE org_id = $1 AND asset_key IN ({ids})";
const BY_SERIAL: &str = "SELECT id, asset_key, serial_key, udi_key FROM device
    WHERE org_id = $1 AND serial_key IN ({ids})";
const BY_UDI: &str = "SELECT id, asset_key, serial_key, udi_key FROM device
    WHERE org_id = $1 AND udi_key IN ({ids})";
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
pub(crate) const STATEMENTS: &[&str] =
    &[BRIEFS, ALL_BRIEFS, BY_ID, BY_IDS, KEYS, BY_ASSET, BY_SERIAL, BY_UDI, CLEAR_KEYS];

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

fn read_brief(row: &QueryResult) -> Result<DeviceBrief, Error> {
    Ok(DeviceBrief {
        id: DeviceId::from_uuid(get(row, 0)?),
        class: ClassId::from_uuid(get(row, 1)?),
        site: get::<Option<_>>(row, 2)?.map(SiteId::from_uuid),
        kind: get(row, 3)?,
        ward: get(row, 4)?,
        owned: get::<Option<String>>(row, 5)?.is_some(),
        exposure: code("device.exposure", &get::<String>(row, 6)?, Exposure::from_code)?,
        support_ends: get(row, 7)?,
        name: get(row, 8)?,
        texts: get(row, 9)?,
        address: get(row, 10)?,
    })
}

/// A device of [`BRIEFS_PACKED`].
#[derive(Deserialize)]
struct Packed(
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl Packed {
    fn brief(self) -> Result<DeviceBrief, Error> {
        let Packed(
            id,
            class,
            site,
            kind,
            ward,
            owner,
            exposure,
            ends,
            asset,
            serial,
            udi,
            address,
            host,
            system,
        ) = self;
        let uuid = |text: &str| {
            uuid::Uuid::try_parse(text)
                .map_err(|_| Error::Corrupt { column: "device.id", value: text.to_owned() })
        };
        let texts = [&asset, &serial, &udi, &kind, &ward, &owner, &address, &host, &system];
        let texts = texts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n");
        Ok(DeviceBrief {
            id: DeviceId::from_uuid(uuid(&id)?),
            class: ClassId::from_uuid(uuid(&class)?),
            site: if site.is_empty() { None } else { Some(SiteId::from_uuid(uuid(&site)?)) },
            owned: owner.is_some(),
            exposure: code("device.exposure", &exposure, Exposure::from_code)?,
            support_ends: ends,
            name: asset.or(serial).or(udi).or(host),
            kind,
            ward,
            address,
            texts,
        })
    }
}

/// All devices, read from SQLite a page a row; the next page is read while this one is made out.
async fn all_packed(view: &View) -> Result<Vec<DeviceBrief>, Error> {
    let page = |last: uuid::Uuid| view.one(BRIEFS_PACKED, values![view.org().uuid(), last, PAGE]);
    let mut found: Vec<DeviceBrief> = Vec::new();
    let mut row = page(uuid::Uuid::nil()).await?;
    while let Some(packed) = row.take() {
        let text: String = get(&packed, 0)?;
        let devices: Vec<Packed> = serde_json::from_str(&text)
            .map_err(|error| Error::Corrupt { column: "device", value: error.to_string() })?;
        let last = devices.last().filter(|_| devices.len() as i64 == PAGE);
        let last = last.and_then(|last| uuid::Uuid::try_parse(&last.0).ok());
        let make = |found: &mut Vec<DeviceBrief>| -> Result<(), Error> {
            for one in devices {
                found.push(one.brief()?);
            }
            Ok(())
        };
        match last {
            Some(last) => {
                let (next, made) = tokio::join!(biased; page(last), async { make(&mut found) });
                made?;
                row = next?;
            }
            None => make(&mut found)?,
        }
    }
    Ok(found)
}

/// Devices written after a change, in brief; after 0, all.
///
/// # Errors
/// When the database cannot be used.
pub async fn briefs_changed_since(view: &View, change: i64) -> Result<Vec<DeviceBrief>, Error> {
    match (change, view.backend()) {
        (0, DbBackend::Sqlite) => return all_packed(view).await,
        (0, _) => return view.read_along(ALL_BRIEFS, read_brief).await,
        _ => {}
    }
    view.all(BRIEFS, values![view.org().uuid(), change]).await?.iter().map(read_brief).collect()
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
    view.all(KEYS, values![view.org().uuid()]).await?.iter().map(read_keys).collect()
}

fn read_keys(row: &QueryResult) -> Result<(DeviceId, DeviceKeys), Error> {
    let keys = DeviceKeys { asset: get(row, 1)?, serial: get(row, 2)?, udi: get(row, 3)? };
    Ok((DeviceId::from_uuid(get(row, 0)?), keys))
}

/// The devices that are known by any of these; one that is known by several of them comes as often.
///
/// # Errors
/// When the database cannot be used.
pub async fn keys_among(view: &View, wanted: &[DeviceKeys]) -> Result<Vec<(DeviceId, DeviceKeys)>, Error> {
    let shared = [Value::from(view.org().uuid())];
    let keys_of = |key: fn(&DeviceKeys) -> Option<&String>| -> Vec<Value> {
        wanted.iter().filter_map(key).map(|key| key.as_str().into()).collect()
    };
    let ways = [
        (BY_ASSET, keys_of(|keys| keys.asset.as_ref())),
        (BY_SERIAL, keys_of(|keys| keys.serial.as_ref())),
        (BY_UDI, keys_of(|keys| keys.udi.as_ref())),
    ];
    let mut rows = Vec::new();
    for (sql, keys) in ways {
        rows.extend(view.all_batches(id_batches(sql, &shared, keys)).await?);
    }
    rows.iter().map(read_keys).collect()
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
