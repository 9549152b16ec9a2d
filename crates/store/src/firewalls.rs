//! Web application firewalls in front of devices. A row is a fact that is taken back, never changed; of ours it also holds how far
//! its words on rule sets were taken.

use bedrail_model::firewall::{Behind, Firewall, Mode, Product, Word};
use bedrail_model::ids::{AlertSourceId, DeviceId, FirewallId, ProofId};
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

const ALL: &str =
    "SELECT id, name, product, mode, rules_on, proof, proof_id, said_by, added, added_by, expires,
        folder, events, source_id, taken, withdrawn, withdrawn_by
    FROM firewall WHERE org_id = $1 ORDER BY name, added DESC, id";
const INSERT: &str =
    "INSERT INTO firewall (org_id, changed, id, name, product, mode, rules_on, proof, proof_id,
        said_by, added, added_by, expires, folder, events, source_id, taken)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const WITHDRAW: &str = "UPDATE firewall SET withdrawn = $3, withdrawn_by = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND withdrawn IS NULL";
const TAKE: &str = "UPDATE firewall SET taken = $3, changed = $5
    WHERE org_id = $1 AND id = $2 AND taken = $4 AND withdrawn IS NULL";
const DEVICES: &str = "SELECT firewall_id, site, device_id FROM firewall_device
    WHERE org_id = $1 ORDER BY firewall_id, site, device_id";
const ADD_DEVICE: &str = "INSERT INTO firewall_device (org_id, firewall_id, site, device_id)
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const REMOVE_DEVICES: &str =
    "DELETE FROM firewall_device WHERE org_id = $1 AND firewall_id = $2 AND site = $3";
const WORDS: &str = "SELECT number, at, text, alert FROM firewall_word
    WHERE org_id = $1 AND firewall_id = $2 ORDER BY number DESC LIMIT 100";
const ALARMS: &str = "SELECT w.firewall_id, w.number, w.at, w.text, w.alert FROM firewall_word w
    JOIN firewall f ON f.org_id = w.org_id AND f.id = w.firewall_id
    WHERE w.org_id = $1 AND w.alert = 1 AND w.at >= $2 AND f.withdrawn IS NULL
    ORDER BY w.firewall_id, w.number";
const ADD_WORD: &str = "INSERT INTO firewall_word (org_id, firewall_id, number, at, text, alert)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const STATEMENTS: &[&str] =
    &[ALL, INSERT, WITHDRAW, TAKE, DEVICES, ADD_DEVICE, REMOVE_DEVICES, WORDS, ALARMS, ADD_WORD];

fn day(column: &'static str, text: Option<String>) -> Result<Option<Date>, Error> {
    text.map(|text| code(column, &text, |text| text.parse().ok())).transpose()
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: &QueryResult) -> Result<Firewall, Error> {
    let folder: Option<String> = get(row, 11)?;
    let withdrawn = get::<Option<i64>>(row, 15)?.map(time).transpose()?;
    Ok(Firewall {
        id: FirewallId::from_uuid(get(row, 0)?),
        name: get(row, 1)?,
        product: code("firewall.product", &get::<String>(row, 2)?, Product::from_code)?,
        mode: code("firewall.mode", &get::<String>(row, 3)?, Mode::from_code)?,
        rules_on: day("firewall.rules_on", get(row, 4)?)?,
        proof: get(row, 5)?,
        document: get::<Option<uuid::Uuid>>(row, 6)?.map(ProofId::from_uuid),
        said_by: get(row, 7)?,
        added: time(get(row, 8)?)?,
        added_by: get(row, 9)?,
        expires: day("firewall.expires", get(row, 10)?)?,
        files: folder.zip(get::<Option<String>>(row, 12)?),
        source: get::<Option<uuid::Uuid>>(row, 13)?.map(AlertSourceId::from_uuid),
        taken: get::<i64>(row, 14)?.unsigned_abs(),
        withdrawn: withdrawn.zip(get::<Option<String>>(row, 16)?),
    })
}

/// All firewalls, those that were taken back among them, by name, the newest of a name first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Firewall>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a new firewall.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, firewall: &Firewall) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        firewall.id.uuid(),
        firewall.name.as_str(),
        firewall.product.code(),
        firewall.mode.code(),
        firewall.rules_on.map(|day| day.to_string()),
        firewall.proof.as_str(),
        firewall.document.map(ProofId::uuid),
        firewall.said_by.as_str(),
        micros(firewall.added),
        firewall.added_by.as_str(),
        firewall.expires.map(|day| day.to_string()),
        firewall.files.as_ref().map(|(folder, _)| folder.as_str()),
        firewall.files.as_ref().map(|(_, events)| events.as_str()),
        firewall.source.map(AlertSourceId::uuid),
        stored(firewall.taken)
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Takes a firewall back; false where there is none, or it is taken back.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw(change: &Change, id: FirewallId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), change.number];
    Ok(change.execute(WITHDRAW, values).await? > 0)
}

/// Writes down how far the words of a firewall are taken; false where somebody else went on meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn take(change: &Change, id: FirewallId, from: u64, to: u64) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), stored(to), stored(from), change.number];
    Ok(change.execute(TAKE, values).await? > 0)
}

/// The devices behind all firewalls, as somebody said.
///
/// # Errors
/// When the database cannot be used.
pub async fn devices(view: &View) -> Result<Vec<Behind>, Error> {
    let rows = view.all(DEVICES, values![view.org().uuid()]).await?;
    let read = |row: &QueryResult| {
        Ok(Behind {
            firewall: FirewallId::from_uuid(get(row, 0)?),
            site: get(row, 1)?,
            device: DeviceId::from_uuid(get(row, 2)?),
        })
    };
    rows.iter().map(read).collect()
}

/// Puts a device behind a firewall.
///
/// # Errors
/// When the database refuses, as where there is no such firewall or device.
pub async fn add_device(change: &Change, behind: &Behind) -> Result<(), Error> {
    let org = change.org().uuid();
    let values = values![org, behind.firewall.uuid(), behind.site.as_str(), behind.device.uuid()];
    change.execute(ADD_DEVICE, values).await?;
    Ok(())
}

/// Takes all devices of a site away again.
///
/// # Errors
/// When the database refuses.
pub async fn remove_devices(change: &Change, id: FirewallId, site: &str) -> Result<(), Error> {
    change.execute(REMOVE_DEVICES, values![change.org().uuid(), id.uuid(), site]).await?;
    Ok(())
}

fn word(firewall: FirewallId, row: &QueryResult, at: usize) -> Result<Word, Error> {
    Ok(Word {
        firewall,
        number: get::<i64>(row, at)?.unsigned_abs(),
        at: time(get(row, at + 1)?)?,
        text: get(row, at + 2)?,
        alert: get::<i64>(row, at + 3)? != 0,
    })
}

/// The last hundred words of a firewall on its rule sets, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn words(view: &View, id: FirewallId) -> Result<Vec<Word>, Error> {
    let rows = view.all(WORDS, values![view.org().uuid(), id.uuid()]).await?;
    rows.iter().map(|row| word(id, row, 0)).collect()
}

/// Words since a moment for which somebody should look, of all firewalls that are in force.
///
/// # Errors
/// When the database cannot be used.
pub async fn alarms(view: &View, since: jiff::Timestamp) -> Result<Vec<Word>, Error> {
    let rows = view.all(ALARMS, values![view.org().uuid(), micros(since)]).await?;
    rows.iter().map(|row| word(FirewallId::from_uuid(get(row, 0)?), row, 1)).collect()
}

/// Keeps a word.
///
/// # Errors
/// When the database refuses.
pub async fn add_word(change: &Change, word: &Word) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        word.firewall.uuid(),
        stored(word.number),
        micros(word.at),
        word.text.as_str(),
        i64::from(word.alert)
    ];
    change.execute(ADD_WORD, values).await?;
    Ok(())
}
