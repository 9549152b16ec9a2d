//! CISA's catalogue of known exploited vulnerabilities (<https://www.cisa.gov/known-exploited-vulnerabilities-catalog>).

use bedrail_model::component::Warning;
use bedrail_model::finding::KnownExploited;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

/// The catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// When it was released.
    pub released: Option<Timestamp>,
    /// How many entries it says to have.
    pub count: Option<u64>,
    /// Its entries by CVE id, as given.
    pub entries: Vec<(String, KnownExploited)>,
    /// Entries that could not be read, with their place.
    pub warnings: Vec<Warning>,
}

/// A document that is not the catalogue.
#[derive(Debug, thiserror::Error)]
#[error("not a catalogue of known exploited vulnerabilities: {0}")]
pub struct KevError(#[from] serde_json::Error);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    date_released: Option<String>,
    count: Option<u64>,
    vulnerabilities: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEntry {
    #[serde(rename = "cveID")]
    cve_id: String,
    date_added: String,
    due_date: Option<String>,
    known_ransomware_campaign_use: Option<String>,
}

/// Reads the catalogue's JSON. An entry that cannot be read is a warning.
///
/// # Errors
/// [`KevError`] when the document as a whole is something else.
pub fn parse(json: &[u8]) -> Result<Catalogue, KevError> {
    let wire: Wire = serde_json::from_slice(json)?;
    let mut catalogue = Catalogue {
        released: wire.date_released.and_then(|text| text.parse().ok()),
        count: wire.count,
        entries: Vec::with_capacity(wire.vulnerabilities.len()),
        warnings: Vec::new(),
    };
    for (index, value) in wire.vulnerabilities.into_iter().enumerate() {
        match read_entry(value) {
            Ok(entry) => catalogue.entries.push(entry),
            Err(message) => catalogue.warnings.push(Warning {
                place: format!("/vulnerabilities/{index}"),
                message: format!("the entry was left out: {message}"),
                lost: true,
            }),
        }
    }
    Ok(catalogue)
}

fn read_entry(value: serde_json::Value) -> Result<(String, KnownExploited), String> {
    let entry: WireEntry = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let added: Date =
        entry.date_added.parse().map_err(|_| format!("`{}` is not a date", entry.date_added))?;
    let known = KnownExploited {
        added,
        due: entry.due_date.and_then(|text| text.parse().ok()),
        ransomware: entry
            .known_ransomware_campaign_use
            .is_some_and(|word| word.eq_ignore_ascii_case("known")),
    };
    Ok((entry.cve_id, known))
}
