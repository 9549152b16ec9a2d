//! What Shodan writes: a host with its banners (`/shodan/host/{ip}`), banners line by line (`shodan download`), and the
//! short records of InternetDB.

use std::net::IpAddr;

use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Protocol};
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Document, ExposureError, Rows};
use crate::limits::LimitError;

const FORMAT: &str = "Shodan JSON";

/// A host, a banner or a record of InternetDB: told apart by which fields there are.
#[derive(Deserialize)]
struct Record {
    ip_str: Option<String>,
    ip: Option<Address>,
    /// Of a banner one number; of a host there is none.
    port: Option<u16>,
    ports: Option<Vec<u16>>,
    transport: Option<String>,
    product: Option<String>,
    version: Option<String>,
    timestamp: Option<String>,
    last_update: Option<String>,
    data: Option<Banners>,
    /// What the service says where it knows nothing of an address, or refuses.
    detail: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    #[serde(rename = "_shodan")]
    shodan: Option<Module>,
}

/// InternetDB writes an address, Shodan its number, beside `ip_str`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Address {
    Text(String),
    Number(IgnoredAny),
}

/// Banners of a host; of a banner it is its text, which is not kept.
#[derive(Deserialize)]
#[serde(untagged)]
enum Banners {
    List(Vec<Banner>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Banner {
    port: Option<u16>,
    transport: Option<String>,
    product: Option<String>,
    version: Option<String>,
    timestamp: Option<String>,
    #[serde(rename = "_shodan")]
    shodan: Option<Module>,
}

#[derive(Deserialize)]
struct Module {
    module: Option<String>,
}

/// Records of one file.
const RECORDS: usize = 1_000_000;

pub(super) fn read(document: &Document<'_>, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    let text = document.text.trim_start();
    if text.starts_with('[') {
        let records: Vec<&serde_json::value::RawValue> = parse(text, "")?;
        if records.len() > RECORDS {
            return Err(LimitError::TooMany { what: "records", limit: RECORDS }.into());
        }
        for (at, record) in records.iter().enumerate() {
            one(record.get(), &format!("/{at}"), rows)?;
        }
        return Ok(());
    }
    // One document over all lines, or one on each.
    if let Ok(record) = serde_json::from_str::<Record>(text) {
        return take(record, "", rows);
    }
    let lines: Vec<(usize, &str)> =
        document.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.len() < 2 || !lines.iter().take(2).all(|(_, line)| line.trim_start().starts_with('{')) {
        let record: Record = parse(text, "")?;
        return take(record, "", rows);
    }
    if lines.len() > RECORDS {
        return Err(LimitError::TooMany { what: "records", limit: RECORDS }.into());
    }
    for (at, line) in lines {
        let place = format!("line {}", at + 1);
        match serde_json::from_str::<Record>(line) {
            Ok(record) => take(record, &place, rows)?,
            Err(error) => rows.warnings.lost(place, format!("no JSON of Shodan: {error}; not read")),
        }
    }
    Ok(())
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str, at: &str) -> Result<T, ExposureError> {
    serde_json::from_str(text).map_err(|error| ExposureError::Syntax {
        format: FORMAT,
        place: format!("{at}line {} column {}", error.line(), error.column()),
        detail: harmless(&error.to_string()).into_owned(),
    })
}

fn one(text: &str, place: &str, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    match serde_json::from_str::<Record>(text) {
        Ok(record) => take(record, place, rows),
        Err(error) => {
            rows.warnings.lost(place, format!("no record of Shodan: {error}; not read"));
            Ok(())
        }
    }
}

fn take(record: Record, place: &str, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    let internet_db = record.ip_str.is_none();
    let text = match (&record.ip_str, &record.ip) {
        (Some(text), _) | (None, Some(Address::Text(text))) => Some(text.as_str()),
        (None, Some(Address::Number(_)) | None) => None,
    };
    let Some(address) = text.and_then(|text| text.trim().parse::<IpAddr>().ok()) else {
        if record.detail.is_some() || record.error.is_some() {
            rows.warnings
                .mended(place, "Shodan knows nothing of this address, or refused: no evidence of either");
            return Ok(());
        }
        if place.is_empty() {
            let what = "JSON without an address (`ip_str` or `ip`)".to_owned();
            return Err(ExposureError::OtherFormat {
                what,
                hint: "bring a host of Shodan or a record of InternetDB",
            });
        }
        rows.warnings.lost(place, "a record without an address: not read");
        return Ok(());
    };
    let address = address.to_canonical();
    if internet_db {
        return take_ports(address, record.ports.as_deref().unwrap_or_default(), place, rows);
    }
    match record.data {
        Some(Banners::List(banners)) => {
            for (at, banner) in banners.into_iter().enumerate() {
                take_banner(
                    address,
                    banner,
                    record.last_update.as_deref(),
                    &format!("{place}/data/{at}"),
                    rows,
                )?;
            }
            Ok(())
        }
        Some(Banners::Other(_)) | None if record.port.is_some() => {
            let banner = Banner {
                port: record.port,
                transport: record.transport,
                product: record.product,
                version: record.version,
                timestamp: record.timestamp,
                shodan: record.shodan,
            };
            take_banner(address, banner, None, place, rows)
        }
        Some(Banners::Other(_)) | None => {
            let ports = record.ports.unwrap_or_default();
            take_ports(address, &ports, place, rows)
        }
    }
}

fn take_banner(
    address: IpAddr,
    banner: Banner,
    updated: Option<&str>,
    place: &str,
    rows: &mut Rows<'_>,
) -> Result<(), ExposureError> {
    let Some(port) = banner.port.filter(|port| *port != 0) else {
        rows.warnings.lost(place, "a banner without a port: not read");
        return Ok(());
    };
    let seen = banner.timestamp.as_deref().or(updated).and_then(read_time);
    let seen = rows.seen(place, seen);
    let module = banner.shodan.and_then(|it| it.module);
    let service =
        [module, banner.product, banner.version].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let service = bedrail_model::text::squeezed(&service);
    let end = service.floor_char_boundary(rows.limits.text_length);
    let (confidence, why) = match seen {
        _ if is_inner(address) => (Confidence::Low, INNER),
        Some(_) => (Confidence::High, "it answered Shodan from outside"),
        None => (Confidence::Medium, "it answered Shodan from outside, at an unknown time"),
    };
    let evidence = Evidence {
        address,
        port: Some(port),
        protocol: banner.transport.and_then(|it| Protocol::from_word(&it)).unwrap_or(Protocol::Unknown),
        service: (!service.is_empty()).then(|| service[..end].to_owned()),
        inside: None,
        source: ExposureSource::Shodan,
        seen,
        confidence,
        why: why.into(),
    };
    rows.push(place.to_owned(), evidence)
}

/// InternetDB, and hosts without their banners: ports and nothing else.
fn take_ports(address: IpAddr, ports: &[u16], place: &str, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    if ports.is_empty() {
        rows.warnings.mended(place, "no port of this address is known: no evidence of either");
    }
    let (confidence, why) = match is_inner(address) {
        true => (Confidence::Low, INNER),
        false => (
            Confidence::Medium,
            "it answered Shodan from outside; InternetDB is renewed once a week and says no time",
        ),
    };
    for (at, port) in ports.iter().enumerate() {
        let evidence = Evidence {
            address,
            port: Some(*port),
            protocol: Protocol::Unknown,
            service: None,
            inside: None,
            source: ExposureSource::InternetDb,
            seen: None,
            confidence,
            why: why.into(),
        };
        rows.push(format!("{place}/ports/{at}"), evidence)?;
    }
    Ok(())
}

/// Why a record of an address that is not routed outside carries no further.
const INNER: &str = "an address that is not routed outside: whoever answered Shodan there is not this device";

fn is_inner(address: IpAddr) -> bool {
    bedrail_model::alert::Networks::default().contain(address)
}

/// `2026-11-20T10:17:05.123456`, without a zone and in UTC (Shodan's banner specification).
fn read_time(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: DateTime = text.parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp())
}
