//! CycloneDX as JSON.

use bedrail_model::component::Inventory;

use super::Reader;
use crate::limits::Limits;
use crate::sbom::sniff::{JsonKind, json_kind};
use crate::sbom::{Confidence, ReadError, json};

/// Certain by `bomFormat`, likely by the schema's address or the names at the root.
pub(crate) fn sniff(text: &str) -> Confidence {
    json_kind(text).confidence(JsonKind::CycloneDx)
}

pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Inventory, ReadError> {
    let mut reader = Reader::new("JSON", limits);
    json::read(text, &mut reader)?;
    Ok(reader.finish())
}
