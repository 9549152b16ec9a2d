//! Evidence as bytes between two of our own processes, as [`crate::transfer`] has it for bills of materials: lines of JSON,
//! checked again by who reads them.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::ops::ControlFlow;

use bedrail_model::component::Warning;
use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Inside, Protocol};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExposureList, ExposureRow, FORMATS};
use crate::limits::{LimitError, Limits};
use crate::transfer::{TransferError, each_line, put};

/// The version of the lines.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
enum Line<'a> {
    /// Version, and the name of the format.
    Head(u32, #[serde(borrow)] Cow<'a, str>),
    #[serde(borrow)]
    Row(Box<Row<'a>>),
    Warning(Cow<'a, str>, Cow<'a, str>, bool),
    End,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    place: Cow<'a, str>,
    address: IpAddr,
    port: Option<u16>,
    #[serde(borrow)]
    protocol: Cow<'a, str>,
    service: Option<Cow<'a, str>>,
    inside: Option<(IpAddr, Option<u16>)>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    /// Microseconds since 1970.
    seen: Option<i64>,
    #[serde(borrow)]
    confidence: Cow<'a, str>,
    #[serde(borrow)]
    why: Cow<'a, str>,
}

/// Write evidence.
pub fn write(list: &ExposureList, out: impl Write) -> Result<(), TransferError> {
    let mut out = io::BufWriter::new(out);
    put(&mut out, &Line::Head(VERSION, Cow::Borrowed(list.format)))?;
    for ExposureRow { place, evidence } in &list.rows {
        let row = Row {
            place: Cow::Borrowed(place),
            address: evidence.address,
            port: evidence.port,
            protocol: Cow::Borrowed(evidence.protocol.code()),
            service: evidence.service.as_deref().map(Cow::Borrowed),
            inside: evidence.inside.map(|inside| (inside.address, inside.port)),
            source: Cow::Borrowed(evidence.source.code()),
            seen: evidence.seen.map(Timestamp::as_microsecond),
            confidence: Cow::Borrowed(evidence.confidence.code()),
            why: Cow::Borrowed(&evidence.why),
        };
        put(&mut out, &Line::Row(Box::new(row)))?;
    }
    for it in &list.warnings {
        put(&mut out, &Line::Warning(Cow::Borrowed(&it.place), Cow::Borrowed(&it.message), it.lost))?;
    }
    put(&mut out, &Line::End)?;
    Ok(out.flush()?)
}

/// Read evidence that [`write()`] wrote, with the limit on rows.
pub fn read(input: impl Read, limits: &Limits) -> Result<ExposureList, TransferError> {
    let mut list: Option<ExposureList> = None;
    each_line(input, limits, |number, bytes| {
        let line =
            serde_json::from_slice(bytes).map_err(|source| TransferError::Line { line: number, source })?;
        match &mut list {
            Some(list) => take(line, list, limits),
            None => {
                list = Some(begin(&line)?);
                Ok(ControlFlow::Continue(()))
            }
        }
    })?;
    list.ok_or(TransferError::NotWhole("it is empty"))
}

fn begin(line: &Line<'_>) -> Result<ExposureList, TransferError> {
    let Line::Head(version, format) = line else {
        return Err(TransferError::NotWhole("it does not begin with its head"));
    };
    if *version != VERSION {
        return Err(TransferError::NotWhole("another version wrote it"));
    }
    let format = FORMATS.iter().find(|it| it.name == format);
    let format = format.ok_or(TransferError::NotWhole("a format that is not known"))?.name;
    Ok(ExposureList { format, rows: Vec::new(), warnings: Vec::new() })
}

/// Takes a line over; the last one ends it.
fn take(line: Line<'_>, list: &mut ExposureList, limits: &Limits) -> Result<ControlFlow<()>, TransferError> {
    match line {
        Line::Head(..) => return Err(TransferError::NotWhole("two heads")),
        Line::End => return Ok(ControlFlow::Break(())),
        Line::Row(_) if list.rows.len() >= limits.rows => {
            return Err(LimitError::TooMany { what: "rows", limit: limits.rows }.into());
        }
        Line::Row(row) => list.rows.push(taken(*row)?),
        Line::Warning(place, message, lost) => {
            list.warnings.push(Warning { place: place.into_owned(), message: message.into_owned(), lost });
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn taken(row: Row<'_>) -> Result<ExposureRow, TransferError> {
    let seen = row.seen.map(Timestamp::from_microsecond).transpose();
    let evidence = Evidence {
        address: row.address,
        port: row.port,
        protocol: Protocol::from_word(&row.protocol)
            .ok_or(TransferError::NotWhole("a protocol that is none"))?,
        service: row.service.map(Cow::into_owned),
        inside: row.inside.map(|(address, port)| Inside { address, port }),
        source: ExposureSource::from_code(&row.source)
            .ok_or(TransferError::NotWhole("a source that is none"))?,
        seen: seen.map_err(|_| TransferError::NotWhole("a time that is none"))?,
        confidence: Confidence::from_code(&row.confidence)
            .ok_or(TransferError::NotWhole("a confidence that is none"))?,
        why: Cow::Owned(row.why.into_owned()),
    };
    Ok(ExposureRow { place: row.place.into_owned(), evidence })
}
