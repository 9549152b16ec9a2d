//! SPDX 2 as JSON.

use bedrail_model::component::Inventory;

use super::Reader;
use crate::limits::Limits;
use crate::sbom::sniff::{JsonKind, json_kind};
use crate::sbom::{Confidence, ReadError, json};

/// Certain by `spdxVersion` or the document's `SPDXID`.
pub(crate) fn sniff(text: &str) -> Confidence {
    json_kind(text).confidence(JsonKind::Spdx2)
}

pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Inventory, ReadError> {
    let mut reader = Reader::new("JSON", limits);
    json::read(text, &mut reader)?;
    reader.finish()
}
