//! The list of release cycles that endoflife.date publishes (<https://endoflife.date/docs/api>; MIT), as two files: cycles by
//! product, and what is known of each product.

use std::collections::BTreeMap;

use bedrail_model::component::Warning;
use bedrail_model::purl::Purl;
use bedrail_model::support::{ProductName, SupportCycle, SupportEnd, SupportedProduct};
use serde::Deserialize;
use serde_json::Value;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SupportList {
    /// Its products by id.
    pub products: Vec<SupportedProduct>,
    /// What could not be read, with its place.
    pub warnings: Vec<Warning>,
}

/// A document that is no such list.
#[derive(Debug, thiserror::Error)]
#[error("not a list of release cycles ({which}): {source}")]
pub struct SupportListError {
    /// Which of the two files.
    which: &'static str,
    /// What is wrong with it.
    source: serde_json::Error,
}

#[derive(Deserialize)]
struct WireProduct {
    title: Option<String>,
    #[serde(default)]
    identifiers: Vec<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCycle {
    release_cycle: String,
    eol: Value,
}

/// Types of package URLs of distributions: those support what they package themselves, whatever its maker does.
const DISTRIBUTIONS: [&str; 4] = ["deb", "rpm", "apk", "alpm"];

/// Reads the list. A cycle or a product that cannot be read is a warning.
///
/// # Errors
/// [`SupportListError`] when one of the documents as a whole is something else.
pub fn parse(cycles: &[u8], products: &[u8]) -> Result<SupportList, SupportListError> {
    let cycles: BTreeMap<String, Vec<Value>> =
        serde_json::from_slice(cycles).map_err(|source| SupportListError { which: "cycles", source })?;
    let mut known: BTreeMap<String, Value> =
        serde_json::from_slice(products).map_err(|source| SupportListError { which: "products", source })?;
    let mut list = SupportList::default();
    for (id, values) in cycles {
        let product = known.remove(&id).map(serde_json::from_value::<WireProduct>);
        let product = match product {
            Some(Ok(product)) => product,
            Some(Err(error)) => {
                list.lose(format!("/{id}"), format!("what is known of the product was left out: {error}"));
                continue;
            }
            // Without the names it is known by nothing can be matched with it.
            None => {
                list.lose(format!("/{id}"), "nothing is known of the product: left out".to_owned());
                continue;
            }
        };
        let mut read = Vec::with_capacity(values.len());
        for (at, value) in values.into_iter().enumerate() {
            match cycle(value) {
                Ok(cycle) => read.push(cycle),
                Err(message) => {
                    list.lose(format!("/{id}/{at}"), format!("the cycle was left out: {message}"));
                }
            }
        }
        let mut names: Vec<ProductName> = product.identifiers.iter().flatten().filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        let title = product.title.unwrap_or_else(|| id.clone());
        list.products.push(SupportedProduct { id, title, names, cycles: read });
    }
    Ok(list)
}

impl SupportList {
    fn lose(&mut self, place: String, message: String) {
        self.warnings.push(Warning { place, message, lost: true });
    }
}

fn cycle(value: Value) -> Result<SupportCycle, String> {
    let wire: WireCycle = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let end = match &wire.eol {
        Value::Bool(true) => SupportEnd::Ended,
        Value::Bool(false) => SupportEnd::NotAnnounced,
        Value::String(text) => {
            SupportEnd::On(text.parse().map_err(|_| format!("`eol` is no date: `{}`", text.escape_debug()))?)
        }
        other => return Err(format!("`eol` is neither a date nor true or false: {other}")),
    };
    let name = wire.release_cycle.trim().to_owned();
    if name.is_empty() { Err("it has no name".to_owned()) } else { Ok(SupportCycle { name, end }) }
}

/// A name by which components are matched; `repology` and others are none.
fn name((scheme, value): (&String, &Value)) -> Option<ProductName> {
    let text = value.as_str()?.trim();
    match scheme.as_str() {
        "purl" => {
            let purl = Purl::parse(text).ok()?;
            let of_distribution = DISTRIBUTIONS.contains(&purl.kind());
            (!of_distribution).then(|| ProductName::Purl(purl.without_version()))
        }
        "cpe" => {
            // Both bindings, cut off behind the product.
            let rest = text.strip_prefix("cpe:2.3:").or_else(|| text.strip_prefix("cpe:/"))?;
            let parts: Vec<&str> = rest.split(':').take(3).collect();
            (parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && *part != "*"))
                .then(|| ProductName::Cpe(parts.join(":").to_lowercase()))
        }
        _ => None,
    }
}
