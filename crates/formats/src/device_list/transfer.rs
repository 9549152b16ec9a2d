//! A device list as bytes between two of our own processes, as [`crate::transfer`] has it for bills of materials: lines of
//! JSON, checked again by who reads them.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use bedrail_model::component::Warning;
use bedrail_model::device::{DeviceFacts, Exposure};
use serde::{Deserialize, Serialize};

use super::{ColumnUse, DeviceList, DeviceRow, Field};
use crate::limits::{LimitError, Limits};
use crate::transfer::{TransferError, each_line, put};

/// The version of the lines.
const VERSION: u32 = 1;

/// Texts of a row, in the order of [`texts`].
const TEXTS: usize = 14;

#[derive(Serialize, Deserialize)]
enum Line<'a> {
    Head(u32),
    /// Header and code of the field.
    Column(#[serde(borrow)] Cow<'a, str>, Option<Cow<'a, str>>),
    #[serde(borrow)]
    Row(Box<Row<'a>>),
    Warning(Cow<'a, str>, Cow<'a, str>, bool),
    End,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    line: u64,
    #[serde(borrow)]
    texts: [Option<Cow<'a, str>>; TEXTS],
    #[serde(borrow)]
    exposure: Cow<'a, str>,
    problems: Cow<'a, [String]>,
}

/// The texts of a row.
fn texts(facts: &DeviceFacts) -> [&Option<String>; TEXTS] {
    let DeviceFacts { asset_tag, serial, udi, maker, model, version, operating_system, kind, .. } = facts;
    let DeviceFacts { site, ward, owner, address, host_name, exposure: _, support_ends, .. } = facts;
    [
        asset_tag,
        serial,
        udi,
        maker,
        model,
        version,
        operating_system,
        kind,
        site,
        ward,
        owner,
        address,
        host_name,
        support_ends,
    ]
}

/// The other way round.
fn facts(texts: [Option<Cow<'_, str>>; TEXTS], exposure: Exposure) -> DeviceFacts {
    let [
        asset_tag,
        serial,
        udi,
        maker,
        model,
        version,
        operating_system,
        kind,
        site,
        ward,
        owner,
        address,
        host_name,
        support_ends,
    ] = texts.map(|text| text.map(Cow::into_owned));
    DeviceFacts {
        asset_tag,
        serial,
        udi,
        maker,
        model,
        version,
        operating_system,
        kind,
        site,
        ward,
        owner,
        address,
        host_name,
        exposure,
        support_ends,
    }
}

/// Write a device list.
pub fn write(list: &DeviceList, out: impl Write) -> Result<(), TransferError> {
    let mut out = io::BufWriter::new(out);
    put(&mut out, &Line::Head(VERSION))?;
    for column in &list.columns {
        let field = column.field.map(|field| Cow::Borrowed(field.code()));
        put(&mut out, &Line::Column(Cow::Borrowed(&column.header), field))?;
    }
    for row in &list.rows {
        let line = Row {
            line: row.line,
            texts: texts(&row.facts).map(|text| text.as_deref().map(Cow::Borrowed)),
            exposure: Cow::Borrowed(row.facts.exposure.code()),
            problems: Cow::Borrowed(&row.problems),
        };
        put(&mut out, &Line::Row(Box::new(line)))?;
    }
    for it in &list.warnings {
        put(&mut out, &Line::Warning(Cow::Borrowed(&it.place), Cow::Borrowed(&it.message), it.lost))?;
    }
    put(&mut out, &Line::End)?;
    Ok(out.flush()?)
}

/// Read a device list that [`write()`] wrote, with the limits on rows and columns.
pub fn read(input: impl Read, limits: &Limits) -> Result<DeviceList, TransferError> {
    let mut list = DeviceList { rows: Vec::new(), columns: Vec::new(), warnings: Vec::new() };
    let mut begun = false;
    each_line(input, limits, |number, bytes| {
        let line =
            serde_json::from_slice(bytes).map_err(|source| TransferError::Line { line: number, source })?;
        match line {
            Line::Head(VERSION) if !begun => begun = true,
            Line::Head(_) => return Err(TransferError::NotWhole("another version wrote it, or two heads")),
            _ if !begun => return Err(TransferError::NotWhole("it does not begin with its head")),
            Line::End => return Ok(ControlFlow::Break(())),
            line => take(line, &mut list, limits)?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(list)
}

fn take(line: Line<'_>, list: &mut DeviceList, limits: &Limits) -> Result<(), TransferError> {
    match line {
        Line::Column(header, field) => {
            if list.columns.len() >= limits.columns {
                return Err(LimitError::TooMany { what: "columns", limit: limits.columns }.into());
            }
            let known = |code: Cow<'_, str>| {
                Field::from_code(&code).ok_or(TransferError::NotWhole("a column of no known field"))
            };
            let field = field.map(known).transpose()?;
            list.columns.push(ColumnUse { header: header.into_owned(), field });
        }
        Line::Row(row) => {
            if list.rows.len() >= limits.rows {
                return Err(LimitError::TooMany { what: "rows", limit: limits.rows }.into());
            }
            let exposure = Exposure::from_code(&row.exposure)
                .ok_or(TransferError::NotWhole("an exposure that is none"))?;
            let facts = facts(row.texts, exposure);
            list.rows.push(DeviceRow { line: row.line, facts, problems: row.problems.into_owned() });
        }
        Line::Warning(place, message, lost) => {
            let (place, message) = (place.into_owned(), message.into_owned());
            list.warnings.push(Warning { place, message, lost });
        }
        Line::Head(_) | Line::End => {}
    }
    Ok(())
}
