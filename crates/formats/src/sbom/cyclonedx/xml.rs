//! CycloneDX as XML.

use bedrail_model::component::Inventory;

use super::Reader;
use crate::limits::Limits;
use crate::sbom::json::Document as _;
use crate::sbom::xml::{self, Shape};
use crate::sbom::{Confidence, ReadError};
use crate::value::Value;

const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";
/// The extension that gave dependencies to version 1.1, before 1.2 took them in.
const DEPENDENCY_GRAPH: &str = "http://cyclonedx.org/schema/ext/dependency-graph/";

const SHAPE: Shape = Shape {
    owns: |namespace| namespace.starts_with(NAMESPACE) || namespace.starts_with(DEPENDENCY_GRAPH),
    lists: &[
        ("components", "component"),
        ("services", "service"),
        ("hashes", "hash"),
        ("compositions", "composition"),
        ("assemblies", "assembly"),
        ("dependencies", "dependency"),
        ("occurrences", "occurrence"),
        ("authors", "author"),
        ("tools", "tool"),
        ("endpoints", "endpoint"),
        ("properties", "property"),
    ],
    choices: &["licenses"],
    repeated: &[
        ("dependency", "dependency", "dependsOn"),
        ("dependency", "provides", "provides"),
        ("component", "omniborId", "omniborId"),
        ("component", "swhid", "swhid"),
    ],
    records: &["component", "service", "dependency", "composition", "hash", "metadata"],
};

/// Certain by the namespace; likely by the name of the root alone.
pub(crate) fn sniff(text: &str) -> Confidence {
    if !text.trim_start().starts_with('<') {
        return Confidence::No;
    }
    match xml::root_element(text) {
        Some((name, namespace)) if name == "bom" && namespace.starts_with(NAMESPACE) => Confidence::Certain,
        Some((name, namespace)) if name == "bom" && namespace.is_empty() => Confidence::Likely,
        _ => Confidence::No,
    }
}

pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Inventory, ReadError> {
    let mut reader = Reader::new("XML", limits);
    let namespace = xml::root_element(text).map(|(_, namespace)| namespace).unwrap_or_default();
    if let Some(version) = namespace.strip_prefix(NAMESPACE) {
        reader.field("specVersion", Value::Text(version.into()))?;
    }
    xml::read(text, &SHAPE, limits.depth, &mut reader)?;
    Ok(reader.finish())
}
