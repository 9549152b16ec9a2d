//! Lists as CSV (RFC 4180), streamed page by page, with formulas made harmless for spreadsheets.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bedrail_app::Error;
use bedrail_app::affected::AffectedDevice;
use bedrail_app::devices::DeviceRow;
use bedrail_model::device::DeviceFacts;
use bedrail_model::text::csv_safe;
use futures_util::stream;

use super::error::Failure;

/// Columns of the answer to the main question.
pub(crate) const AFFECTED_HEADER: &[&str] = &[
    "device",
    "asset_tag",
    "serial",
    "kind",
    "site",
    "ward",
    "owner",
    "exposure",
    "maker",
    "model",
    "version",
    "component",
    "component_version",
    "purl",
    "path",
    "answer",
    "reason",
    "fixed_in",
    "records",
    "id",
];

/// Columns of the device list.
pub(crate) const DEVICES_HEADER: &[&str] = &[
    "device",
    "asset_tag",
    "serial",
    "udi",
    "kind",
    "site",
    "ward",
    "owner",
    "exposure",
    "maker",
    "model",
    "version",
    "operating_system",
    "address",
    "host_name",
    "support_ends",
    "has_sbom",
    "affected",
    "known_exploited",
    "cannot_tell",
    "id",
];

/// A row of the answer to the main question.
pub(crate) fn affected_row(row: &AffectedDevice) -> Vec<String> {
    let facts = &row.facts;
    let records: Vec<&str> = row.evidence.iter().map(|evidence| evidence.advisory.as_str()).collect();
    vec![
        row.name.clone(),
        text(facts.asset_tag.as_deref()),
        text(facts.serial.as_deref()),
        text(facts.kind.as_deref()),
        text(facts.site.as_deref()),
        text(facts.ward.as_deref()),
        text(facts.owner.as_deref()),
        facts.exposure.code().to_owned(),
        text(facts.maker.as_deref()),
        text(facts.model.as_deref()),
        text(facts.version.as_deref()),
        text(row.component.as_deref()),
        text(row.version.as_deref()),
        text(row.purl.as_deref()),
        row.path.join(" > "),
        row.answer.code().to_owned(),
        row.reason.code().to_owned(),
        row.fixed_in.join(" "),
        records.join(" "),
        row.device.to_string(),
    ]
}

/// A row of the device list.
pub(crate) fn device_row(row: &DeviceRow) -> Vec<String> {
    let facts: &DeviceFacts = &row.facts;
    vec![
        row.name.clone(),
        text(facts.asset_tag.as_deref()),
        text(facts.serial.as_deref()),
        text(facts.udi.as_deref()),
        text(facts.kind.as_deref()),
        text(facts.site.as_deref()),
        text(facts.ward.as_deref()),
        text(facts.owner.as_deref()),
        facts.exposure.code().to_owned(),
        text(facts.maker.as_deref()),
        text(facts.model.as_deref()),
        text(facts.version.as_deref()),
        text(facts.operating_system.as_deref()),
        text(facts.address.as_deref()),
        text(facts.host_name.as_deref()),
        text(facts.support_ends.as_deref()),
        row.has_sbom.to_string(),
        row.affected.to_string(),
        row.known_exploited.to_string(),
        row.cannot_tell.to_string(),
        row.id.to_string(),
    ]
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// Rows of one page of a list, and the length of the whole list.
type Rows = (Vec<Vec<String>>, u64);

/// Streams a whole list, asking for one page after the other. The first page is asked for before anything is sent, so
/// that a refusal is still an error and not half a file.
pub(crate) async fn stream<F, P>(
    name: &str,
    header: &'static [&'static str],
    fetch: F,
) -> Result<Response, Failure>
where
    F: Fn(u64) -> P + Send + 'static,
    P: Future<Output = Result<Rows, Error>> + Send,
{
    let (rows, total) = fetch(0).await?;
    let first_line = std::iter::once(header.iter().map(ToString::to_string).collect());
    let begun = Bytes::from(lines(first_line.chain(rows.iter().cloned())));
    let sent = rows.len() as u64;
    let rest = stream::try_unfold((fetch, sent, total), |(fetch, sent, total)| async move {
        if sent >= total {
            return Ok(None);
        }
        let (rows, total) = fetch(sent).await.map_err(std::io::Error::other)?;
        let next = if rows.is_empty() { total } else { sent + rows.len() as u64 };
        Ok::<_, std::io::Error>(Some((Bytes::from(lines(rows.into_iter())), (fetch, next, total))))
    });
    let body = futures_util::StreamExt::chain(stream::iter([Ok(begun)]), rest);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory fails only for rows of unequal length, which the fixed headers rule out.
        let _ = writer.write_record(row.iter().map(|field| csv_safe(field).as_bytes().to_vec()));
    }
    writer.into_inner().unwrap_or_default()
}
