//! The receipt of a bill of materials as it is kept with its job.

use std::io::{self, Read, Write};

use bedrail_model::component::Warning;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use super::SbomReceipt;

#[derive(Serialize, Deserialize)]
struct Wire {
    document: String,
    release: String,
    release_name: String,
    new_release: bool,
    unchanged: bool,
    format: String,
    components: u64,
    services: u64,
    relations: u64,
    without_identifier: u64,
    /// Place, message, whether something was lost.
    warnings: Vec<(String, String, bool)>,
    affected: u32,
    cannot_tell: u32,
    devices: u64,
}

/// Writes a receipt.
pub(crate) fn write(receipt: &SbomReceipt, out: impl Write) -> io::Result<()> {
    let receipt = receipt.clone();
    let wire = Wire {
        document: receipt.document.to_string(),
        release: receipt.release.to_string(),
        release_name: receipt.release_name,
        new_release: receipt.new_release,
        unchanged: receipt.unchanged,
        format: receipt.format,
        components: receipt.components,
        services: receipt.services,
        relations: receipt.relations,
        without_identifier: receipt.without_identifier,
        warnings: receipt.warnings.into_iter().map(|it| (it.place, it.message, it.lost)).collect(),
        affected: receipt.affected,
        cannot_tell: receipt.cannot_tell,
        devices: receipt.devices,
    };
    Ok(serde_json::to_writer(out, &wire)?)
}

/// Reads a receipt that [`write()`] wrote.
pub(crate) fn read(input: impl Read) -> serde_json::Result<SbomReceipt> {
    let wire: Wire = serde_json::from_reader(input)?;
    let warning = |(place, message, lost)| Warning { place, message, lost };
    Ok(SbomReceipt {
        document: wire.document.parse().map_err(serde_json::Error::custom)?,
        release: wire.release.parse().map_err(serde_json::Error::custom)?,
        release_name: wire.release_name,
        new_release: wire.new_release,
        unchanged: wire.unchanged,
        format: wire.format,
        components: wire.components,
        services: wire.services,
        relations: wire.relations,
        without_identifier: wire.without_identifier,
        warnings: wire.warnings.into_iter().map(warning).collect(),
        affected: wire.affected,
        cannot_tell: wire.cannot_tell,
        devices: wire.devices,
    })
}
