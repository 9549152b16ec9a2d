//! The device list: a table, `bedrail.devices/1`, or CSV.

use std::io::{self, Write};

use bedrail_app::devices::DeviceRow;
use bedrail_model::text::csv_safe;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;

const SCHEMA: &str = "bedrail.devices/1";

/// Columns from which on every fact has a column of its own; below, some share one.
const WIDE: u16 = 120;

#[derive(Serialize)]
struct ListView<'a> {
    schema: &'static str,
    total: u64,
    devices: Vec<DeviceView<'a>>,
}

#[derive(Serialize)]
struct DeviceView<'a> {
    id: String,
    name: &'a str,
    maker: Option<&'a str>,
    model: Option<&'a str>,
    version: Option<&'a str>,
    kind: Option<&'a str>,
    site: Option<&'a str>,
    ward: Option<&'a str>,
    owner: Option<&'a str>,
    exposure: &'static str,
    has_sbom: bool,
    affected: u32,
    cannot_tell: u32,
    known_exploited: u32,
}

impl<'a> From<&'a DeviceRow> for DeviceView<'a> {
    fn from(row: &'a DeviceRow) -> Self {
        let facts = &row.facts;
        DeviceView {
            id: row.id.to_string(),
            name: &row.name,
            maker: facts.maker.as_deref(),
            model: facts.model.as_deref(),
            version: facts.version.as_deref(),
            kind: facts.kind.as_deref(),
            site: facts.site.as_deref(),
            ward: facts.ward.as_deref(),
            owner: facts.owner.as_deref(),
            exposure: facts.exposure.code(),
            has_sbom: row.has_sbom,
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            known_exploited: row.known_exploited,
        }
    }
}

/// Writes the JSON shape.
pub(crate) fn write_json(rows: &[DeviceRow], total: u64, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(
        &ListView { schema: SCHEMA, total, devices: rows.iter().map(DeviceView::from).collect() },
        out,
    )
}

/// Writes one line per device.
pub(crate) fn write_csv(rows: &[DeviceRow], out: &mut dyn Write) -> io::Result<()> {
    let mut lines = csv::Writer::from_writer(out);
    lines.write_record([
        "name",
        "maker",
        "model",
        "version",
        "kind",
        "site",
        "ward",
        "owner",
        "exposure",
        "has_sbom",
        "affected",
        "cannot_tell",
        "known_exploited",
    ])?;
    for row in rows {
        let view = DeviceView::from(row);
        let texts = [view.maker, view.model, view.version, view.kind, view.site, view.ward, view.owner];
        let mut cells = vec![view.name.to_owned()];
        cells.extend(texts.into_iter().map(|text| text.unwrap_or_default().to_owned()));
        cells.extend([
            view.exposure.to_owned(),
            if view.has_sbom { "yes" } else { "no" }.to_owned(),
            view.affected.to_string(),
            view.cannot_tell.to_string(),
            view.known_exploited.to_string(),
        ]);
        for cell in &cells {
            lines.write_field(csv_safe(cell).as_bytes())?;
        }
        lines.write_record(None::<&[u8]>)?;
    }
    lines.flush()
}

/// Writes the table; the first line says how many there are.
pub(crate) fn write_text(rows: &[DeviceRow], total: u64, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let devices = words::count(total, "device", "devices");
    if (rows.len() as u64) < total {
        writeln!(out, "{devices}, the first {} of them:", words::thousands(rows.len() as u64))?;
    } else {
        writeln!(out, "{devices}.")?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    let header: &[&str] = if look.width >= WIDE {
        &["Device", "Release", "Place", "Owner", "Exposure", "Affected", "Cannot tell"]
    } else {
        &["Device, release", "Place, owner", "Exposure", "Affected", "Cannot tell"]
    };
    out.write_all(grid(header, rows.iter().map(|row| cells(row, look)), look).as_bytes())
}

/// One row; on a narrow terminal two facts share a cell, one below the other.
fn cells(row: &DeviceRow, look: Look) -> Vec<Text> {
    let facts = &row.facts;
    let device = row.name.clone();
    let release = words::joined(&[&facts.maker, &facts.model, &facts.version], " ");
    let place = words::joined(&[&facts.site, &facts.ward], ", ");
    let owner = facts.owner.as_deref().unwrap_or("nobody").to_owned();
    let affected = if row.has_sbom { words::thousands(row.affected.into()) } else { "no SBOM".to_owned() };
    let mut cells: Vec<Text> = if look.width >= WIDE {
        vec![device.into(), release.into(), place.into(), owner.into()]
    } else {
        vec![Text::lines([device, release], Tone::Plain), Text::lines([place, owner], Tone::Plain)]
    };
    cells.extend([
        facts.exposure.sentence().into(),
        Text::toned(affected, Tone::Number),
        Text::toned(words::thousands(row.cannot_tell.into()), Tone::Number),
    ]);
    cells
}
