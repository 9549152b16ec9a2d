//! The device list: a table, `bedrail.devices/1`, or CSV.

use std::io::{self, Write};
use std::iter;

use bedrail_app::devices::DeviceRow;
use bedrail_app::exports::{self, LineEnd};
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
    declared_exposure: &'static str,
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
            declared_exposure: row.declared.code(),
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
    let rows = rows.iter().map(exports::device_row);
    exports::write(iter::once(exports::head(exports::DEVICES_HEADER)).chain(rows), LineEnd::Lf, out)
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
