//! Anchore's configurations for CVEs that NVD has not looked at (<https://github.com/anchore/nvd-data-overrides>): a file for
//! each CVE, in the shape of NVD's records.

use std::borrow::Cow;

use bedrail_model::advisory::Advisory;

use super::{NvdError, configurations, moment, opening, wire};
use crate::feed::osv::Prose;

/// What stands before the ids: another document than NVD's own on the same CVE, which it joins by its alias.
pub const OVERRIDE_PREFIX: &str = "ANCHORE-";

/// Reads a record, `{"_annotation": {…}, "cve": {"configurations": […]}}`. One without configurations is a record that calls
/// nothing weak.
///
/// # Errors
/// [`NvdError`] when the record breaks the schema.
pub fn parse_override(json: &[u8]) -> Result<Advisory<'_>, NvdError> {
    let wire::Override { annotation, cve } = serde_json::from_slice(json)?;
    if !annotation.cve_id.0.starts_with("CVE-") {
        return Err(NvdError::Id(annotation.cve_id.0.chars().take(60).collect()));
    }
    let summary = annotation.description.map_or(Cow::Borrowed(""), |text| opening(&text.0));
    Ok(Advisory {
        id: Cow::Owned(format!("{OVERRIDE_PREFIX}{}", annotation.cve_id.0)),
        summary,
        published: moment("published", annotation.published)?,
        modified: moment("modified", annotation.modified)?,
        aliases: vec![annotation.cve_id.0],
        configurations: configurations(cve.configurations.unwrap_or_default())?,
        ..Advisory::default()
    })
}

/// The text of a record and its links, for a page about it.
///
/// # Errors
/// [`NvdError::Shape`] when it is no record.
pub fn parse_override_prose(json: &[u8]) -> Result<Prose, NvdError> {
    let wire::OverrideProse { annotation } = serde_json::from_slice(json)?;
    let text = |text: Option<wire::Text<'_>>| text.map(|it| it.0.into_owned()).filter(|it| !it.is_empty());
    let parts = [text(annotation.description), text(annotation.reason)];
    let details: Vec<String> = parts.into_iter().flatten().collect();
    let mut references: Vec<String> =
        annotation.references.unwrap_or_default().into_iter().map(|url| url.0.into_owned()).collect();
    references.dedup();
    Ok(Prose { details: Some(details.join("\n\n")).filter(|text| !text.is_empty()), references })
}
