//! The products that make up a device, as bills of materials name them: what a configuration of NVD is judged against.

use bedrail_model::ids::PlatformId;
use sea_orm::Value;

use crate::sql::{batches, get, id_batches};
use crate::{Error, Reference, View};

const BY_IDS: &str = "SELECT id, names FROM platform WHERE id IN ({ids})";
const INSERT: &str = "INSERT INTO platform (id, names) VALUES {rows} ON CONFLICT (id) DO NOTHING";
pub(crate) const STATEMENTS: &[&str] = &[BY_IDS];

/// The CPE names of these platforms, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[PlatformId]) -> Result<Vec<(PlatformId, Vec<String>)>, Error> {
    let ids = ids.iter().map(|id| Value::from(id.uuid()));
    let rows = view.all_batches(id_batches(BY_IDS, &[], ids)).await?;
    let read = |row| {
        let text: String = get(row, 1)?;
        let names = serde_json::from_str(&text)
            .map_err(|_| Error::Corrupt { column: "platform.names", value: text.clone() })?;
        Ok((PlatformId::from_uuid(get(row, 0)?), names))
    };
    rows.iter().map(read).collect()
}

/// Adds a platform; a known one stays as it is.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(reference: &Reference, id: PlatformId, names: &[String]) -> Result<(), Error> {
    let text = serde_json::to_string(names).unwrap_or_else(|_| "[]".into());
    let rows = [[id.uuid().into(), text.into()]].into_iter();
    reference.execute_batches(batches(INSERT, &[], rows)).await?;
    Ok(())
}
