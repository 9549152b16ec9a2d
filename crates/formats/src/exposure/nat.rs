//! Lists of what a border translates: which outside address and port is handed on to whom inside. CSV or XLSX, columns by
//! their names, as in device lists.

use std::net::IpAddr;

use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Inside, Protocol};
use bedrail_model::text::harmless;

use super::{Document, ExposureError, Rows};
use crate::device_list::columns::says_nothing;
use crate::sbom::list::grid::{self, Grid, HEADER_SEARCH, Row};
use crate::sbom::list::xlsx;

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The address outside, perhaps with a port.
    OutsideAddress,
    /// The port outside.
    OutsidePort,
    /// The address inside, perhaps with a port.
    InsideAddress,
    /// The port inside.
    InsidePort,
    /// TCP, UDP.
    Protocol,
    /// What for.
    Note,
}

/// Headers by which a column is known, in English and German. Compared without case, blanks and signs.
pub const NAT_COLUMNS: &[(Column, &[&str])] = &[
    (
        Column::OutsideAddress,
        &[
            "outside address",
            "outside ip",
            "outside",
            "external address",
            "external ip",
            "external",
            "public ip",
            "public address",
            "wan ip",
            "wan address",
            "global ip",
            "global address",
            "mapped ip",
            "destination address",
            "original destination",
            "äußere Adresse",
            "externe IP",
            "externe Adresse",
            "öffentliche IP",
            "öffentliche Adresse",
            "Außenadresse",
        ],
    ),
    (
        Column::OutsidePort,
        &[
            "outside port",
            "external port",
            "public port",
            "wan port",
            "global port",
            "mapped port",
            "destination port",
            "original port",
            "äußerer Port",
            "externer Port",
            "öffentlicher Port",
            "Außenport",
        ],
    ),
    (
        Column::InsideAddress,
        &[
            "inside address",
            "inside ip",
            "inside",
            "internal address",
            "internal ip",
            "internal",
            "private ip",
            "private address",
            "lan ip",
            "lan address",
            "local ip",
            "local address",
            "real ip",
            "target",
            "target ip",
            "translated address",
            "translated destination",
            "forward to",
            "nat to",
            "innere Adresse",
            "interne IP",
            "interne Adresse",
            "private Adresse",
            "Innenadresse",
            "Ziel",
            "Ziel-IP",
        ],
    ),
    (
        Column::InsidePort,
        &[
            "inside port",
            "internal port",
            "private port",
            "lan port",
            "local port",
            "real port",
            "target port",
            "translated port",
            "innerer Port",
            "interner Port",
            "Innenport",
            "Zielport",
        ],
    ),
    (Column::Protocol, &["protocol", "proto", "transport", "service protocol", "Protokoll"]),
    (
        Column::Note,
        &[
            "note",
            "notes",
            "comment",
            "description",
            "name",
            "rule name",
            "purpose",
            "service",
            "Bemerkung",
            "Beschreibung",
            "Zweck",
            "Kommentar",
            "Dienst",
        ],
    ),
];

fn bare(header: &str) -> String {
    header.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn column_of(header: &str) -> Option<Column> {
    let header = bare(header);
    let known = NAT_COLUMNS.iter().find(|(_, names)| names.iter().any(|name| bare(name) == header));
    known.map(|(column, _)| *column)
}

pub(super) fn read(document: &Document<'_>, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    let (grids, warnings) = if document.bytes.starts_with(b"PK\x03\x04") {
        xlsx::read(document.bytes, rows.limits)?
    } else {
        (vec![read_csv(document, rows)?], Vec::new())
    };
    for warning in warnings {
        rows.warnings.push(warning.place, warning.message, warning.lost);
    }
    let mut any = false;
    for grid in &grids {
        any |= take(grid, rows)?;
    }
    if any {
        return Ok(());
    }
    let what = "a table in whose first fifteen rows no columns for addresses outside and inside are found"
        .to_owned();
    let hint = "name the columns, for example `Outside address`, `Outside port`, `Inside address`, `Inside port`, `Protocol`, `Note`";
    Err(ExposureError::OtherFormat { what, hint })
}

fn read_csv(document: &Document<'_>, rows: &Rows<'_>) -> Result<Grid, ExposureError> {
    let known = |cells: &[String]| cells.iter().filter(|cell| column_of(cell).is_some()).count();
    let best = grid::heads(document.text)
        .map(|(separator, heads)| (heads.iter().map(|cells| known(cells)).max().unwrap_or(0), separator));
    // The first of equals: a comma goes before the separators that are rarer.
    let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let separator = best.map_or(b',', |(_, separator)| separator);
    Ok(grid::read(document.text, separator, rows.limits)?)
}

/// Take a table in; false where it is none of translations.
fn take(grid: &Grid, rows: &mut Rows<'_>) -> Result<bool, ExposureError> {
    let header =
        |row: &Row| -> Vec<Option<Column>> { row.cells.iter().map(|cell| column_of(&cell.text)).collect() };
    let heads = grid.rows.iter().take(HEADER_SEARCH).map(header).enumerate();
    let usable = heads.filter(|(_, columns)| columns.contains(&Some(Column::OutsideAddress)));
    let best = usable.max_by_key(|(at, columns)| (columns.iter().flatten().count(), std::cmp::Reverse(*at)));
    let Some((at, columns)) = best else { return Ok(false) };
    for warning in &grid.warnings {
        rows.warnings.push(&warning.place, warning.message.clone(), warning.lost);
    }
    if let (Some(row), true) = (grid.rows.get(at), at > 0) {
        rows.warnings
            .lost(grid.place(row.number), format!("{at} rows stand above the header and are not read"));
    }
    if let Some(row) = grid.rows.get(at) {
        for (cell, _) in
            row.cells.iter().zip(&columns).filter(|(cell, column)| column.is_none() && !cell.text.is_empty())
        {
            let message = format!("the column `{}` is not known and not read", harmless(&cell.text));
            rows.warnings.lost(grid.place(row.number), message);
        }
    }
    for row in grid.rows.iter().skip(at + 1) {
        take_row(grid, &columns, row, rows)?;
    }
    Ok(true)
}

fn take_row(
    grid: &Grid,
    columns: &[Option<Column>],
    row: &Row,
    rows: &mut Rows<'_>,
) -> Result<(), ExposureError> {
    let place = grid.place(row.number);
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == Some(wanted))?;
        Some(row.text(at)).filter(|text| !says_nothing(text))
    };
    let Some(outside) = cell(Column::OutsideAddress) else {
        rows.warnings.lost(place, "a row without an address outside: not read");
        return Ok(());
    };
    let Some((address, port)) = address_and_port(outside) else {
        let message = format!(
            "`{}` is no address: the row is not read; hint: one address in a row",
            harmless(short(outside))
        );
        rows.warnings.lost(place, message);
        return Ok(());
    };
    let (mut protocol, note) = (None, cell(Column::Note));
    if let Some(word) = cell(Column::Protocol) {
        protocol = Protocol::from_word(word);
        let all = ["any", "all", "ip", "tcp/udp", "both", "*"].iter().any(|it| it.eq_ignore_ascii_case(word));
        if protocol.is_none() && !all {
            rows.warnings.lost(
                &place,
                format!("protocol `{}` is not known: taken as not said", harmless(short(word))),
            );
        }
    }
    let inside = cell(Column::InsideAddress).and_then(|text| {
        let found = address_and_port(text);
        if found.is_none() {
            rows.warnings
                .lost(&place, format!("`{}` is no address: nobody inside is known", harmless(short(text))));
        }
        found
    });
    let outside_ports = ports(cell(Column::OutsidePort), port, &place, rows);
    let inside_ports = ports(cell(Column::InsidePort), inside.and_then(|it| it.1), &place, rows);
    for (at, port) in outside_ports.iter().enumerate() {
        // A range is handed on to a range of the same length; to one port or none otherwise.
        let inner = if inside_ports.len() == outside_ports.len() {
            inside_ports.get(at)
        } else {
            inside_ports.first()
        };
        let evidence = Evidence {
            address,
            port: *port,
            protocol: protocol.unwrap_or(Protocol::Unknown),
            service: note.map(|note| short(note).to_owned()),
            inside: inside.map(|(address, _)| Inside { address, port: inner.copied().flatten().or(*port) }),
            source: ExposureSource::Nat,
            seen: None,
            confidence: Confidence::Medium,
            why: "a border is set up to hand it on; nobody has looked from outside".into(),
        };
        rows.push(place.clone(), evidence)?;
    }
    Ok(())
}

/// Bytes of a note that are kept.
fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(200)]
}

/// `203.0.113.4`, `203.0.113.4:443`, `[2001:db8::1]:443`, `203.0.113.4/32`.
fn address_and_port(text: &str) -> Option<(IpAddr, Option<u16>)> {
    let text = text.trim();
    let whole = text.strip_suffix("/32").or_else(|| text.strip_suffix("/128")).unwrap_or(text);
    if let Ok(address) = whole.parse::<IpAddr>() {
        return Some((address.to_canonical(), None));
    }
    let socket: std::net::SocketAddr = text.parse().ok()?;
    Some((socket.ip().to_canonical(), Some(socket.port()).filter(|port| *port != 0)))
}

/// Ports of one row: a hundred services behind one rule are a range that is all.
const RANGE: u16 = 1_024;

/// `443`, `80, 443`, `8000-8010`, `any`; a port that stands behind the address counts where no column has one.
fn ports(cell: Option<&str>, at_address: Option<u16>, place: &str, rows: &mut Rows<'_>) -> Vec<Option<u16>> {
    let Some(cell) = cell else { return vec![at_address] };
    if ["any", "all", "*"].iter().any(|word| word.eq_ignore_ascii_case(cell)) {
        return vec![None];
    }
    let mut ports = Vec::new();
    for part in cell.split([',', ';', ' ', '/']).map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once(['-', ':', '–']).unwrap_or((part, part));
        // A number of a spreadsheet is written with `.0` by some programs.
        let number =
            |text: &str| text.trim().trim_end_matches(".0").parse::<u16>().ok().filter(|port| *port != 0);
        match (number(first), number(last)) {
            (Some(first), Some(last))
                if last >= first && last - first < RANGE && ports.len() < usize::from(RANGE) =>
            {
                ports.extend((first..=last).map(Some));
            }
            (Some(first), Some(last)) if last >= first => {
                rows.warnings.lost(place, format!("{} ports in one row: taken as all ports", last - first));
                return vec![None];
            }
            _ => {
                let message = format!("`{}` is no port: taken as all ports", harmless(short(part)));
                rows.warnings.lost(place, message);
                return vec![None];
            }
        }
    }
    if ports.is_empty() { vec![at_address] } else { ports }
}
