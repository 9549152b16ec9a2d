//! What nmap writes with `-oX` (nmap book, "Nmap XML DTD").
//!
//! No document type declaration with entities is read, so none can grow or reach out. A scan that was stopped leaves a file
//! without an end; what stands in it is taken, and that the rest is missing is said.

use std::net::IpAddr;

use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Protocol};
use bedrail_model::text::harmless;
use jiff::Timestamp;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Document, ExposureError, Rows, Vantage};

const FORMAT: &str = "nmap XML";

/// Ports of one host: each number by three protocols.
const PORTS: usize = 3 * 65_536;
/// Addresses of one host: IPv4, IPv6 and some more.
const ADDRESSES: usize = 16;

/// A port that answers or may answer.
struct Port {
    place: String,
    protocol: Protocol,
    number: u16,
    state: State,
    service: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Something answers.
    Open,
    /// No answer: open, or a firewall keeps silent.
    Maybe,
    /// Nothing is there.
    Closed,
}

#[derive(Default)]
struct Host {
    line: usize,
    addresses: Vec<IpAddr>,
    ended: Option<Timestamp>,
    ports: Vec<Port>,
    unread: usize,
}

struct Scan {
    started: Option<Timestamp>,
    host: Option<Host>,
    port: Option<Port>,
    /// Whether the root has ended.
    ended: bool,
}

pub(super) fn read(document: &Document<'_>, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
    let text = document.text;
    let mut reader = Reader::from_str(text);
    let mut lines = Lines { text, counted: 0, line: 1 };
    let mut scan = Scan { started: None, host: None, port: None, ended: false };
    let (mut depth, mut root) = (0_usize, false);
    loop {
        let line = lines.at(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) if !root => return Err(syntax(line, &error.to_string())),
            Err(error) => {
                rows.warnings.lost(format!("line {line}"), format!("broken from here on, not read: {error}"));
                break;
            }
        };
        match event {
            Event::DocType(declaration) if declaration.contains(&['[', '%'][..]) => {
                return Err(syntax(line, "a document type declaration with entities is not read"));
            }
            Event::Start(start) => {
                check_root(&start, &mut root, line)?;
                depth += 1;
                if depth > rows.limits.depth {
                    return Err(syntax(line, "elements inside one another without end"));
                }
                scan.start(&start, line, rows);
            }
            Event::Empty(start) => {
                check_root(&start, &mut root, line)?;
                scan.start(&start, line, rows);
                scan.end(start.name().into_inner(), rows)?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                scan.end(end.name().into_inner(), rows)?;
            }
            Event::Eof => break,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
    if !root {
        return Err(syntax(1, "there is no element"));
    }
    if !scan.ended {
        let place = format!("line {}", lines.at(text.len() as u64));
        rows.warnings.lost(
            place,
            "the file has no end: the scan was stopped or the file cut off; hosts after this are missing",
        );
        // The last host may have more ports, but those that are there were seen.
        scan.end("host", rows)?;
    }
    Ok(())
}

fn check_root(start: &BytesStart<'_>, root: &mut bool, line: usize) -> Result<(), ExposureError> {
    if *root || start.name().into_inner() == "nmaprun" {
        *root = true;
        return Ok(());
    }
    let name = harmless(start.name().into_inner()).into_owned();
    let what = format!("XML with `{name}` at its root (line {line}), not a scan by nmap");
    Err(ExposureError::OtherFormat { what, hint: "bring the file that `nmap -oX FILE` wrote" })
}

fn syntax(line: usize, detail: &str) -> ExposureError {
    let detail = harmless(detail).into_owned();
    ExposureError::Syntax { format: FORMAT, place: format!("line {line}"), detail }
}

impl Scan {
    fn start(&mut self, start: &BytesStart<'_>, line: usize, rows: &mut Rows<'_>) {
        match start.name().into_inner() {
            "nmaprun" => self.started = moment(start, "start"),
            "host" => {
                self.host = Some(Host { line, ended: moment(start, "endtime"), ..Host::default() });
            }
            "address" => {
                let address = attribute(start, "addr").and_then(|text| text.parse::<IpAddr>().ok());
                if let (Some(host), Some(address)) = (&mut self.host, address)
                    && host.addresses.len() < ADDRESSES
                {
                    host.addresses.push(address.to_canonical());
                }
            }
            "port" => {
                let place = format!("line {line}");
                let number = attribute(start, "portid").and_then(|text| text.parse().ok());
                let protocol = attribute(start, "protocol").and_then(|word| Protocol::from_word(&word));
                match number {
                    Some(number) => {
                        let protocol = protocol.unwrap_or(Protocol::Unknown);
                        self.port =
                            Some(Port { place, protocol, number, state: State::Closed, service: None });
                    }
                    None => rows.warnings.lost(place, "a port without a number: not read"),
                }
            }
            "state" => {
                if let Some(port) = &mut self.port {
                    port.state = match attribute(start, "state").as_deref() {
                        Some("open") => State::Open,
                        Some("open|filtered") => State::Maybe,
                        _ => State::Closed,
                    };
                }
            }
            "service" => {
                if let Some(port) = &mut self.port {
                    port.service = service(start, rows.limits.text_length);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
        match name {
            "port" => {
                if let (Some(host), Some(port)) = (&mut self.host, self.port.take())
                    && port.state != State::Closed
                {
                    if host.ports.len() < PORTS { host.ports.push(port) } else { host.unread += 1 }
                }
            }
            "host" => {
                self.port = None;
                if let Some(host) = self.host.take() {
                    self.finish(&host, rows)?;
                }
            }
            "nmaprun" => self.ended = true,
            _ => {}
        }
        Ok(())
    }

    /// One row for each address of a host and port that answers.
    fn finish(&self, host: &Host, rows: &mut Rows<'_>) -> Result<(), ExposureError> {
        let place = format!("line {}", host.line);
        if host.unread > 0 {
            rows.warnings.lost(&place, format!("{} more ports than there are: not read", host.unread));
        }
        if host.addresses.is_empty() && !host.ports.is_empty() {
            let message = format!("a host without an address: its {} ports are not read", host.ports.len());
            rows.warnings.lost(&place, message);
        }
        let seen = rows.seen(&place, host.ended.or(self.started));
        for port in &host.ports {
            for address in &host.addresses {
                let (confidence, why) = confidence(rows.vantage, port.state, *address, seen);
                let evidence = Evidence {
                    address: *address,
                    port: Some(port.number),
                    protocol: port.protocol,
                    service: port.service.clone(),
                    inside: None,
                    source: ExposureSource::Nmap,
                    seen,
                    confidence,
                    why: why.into(),
                };
                rows.push(port.place.clone(), evidence)?;
            }
        }
        Ok(())
    }
}

/// How far a port in a scan carries as evidence that it can be reached from outside.
fn confidence(
    vantage: Vantage,
    state: State,
    address: IpAddr,
    seen: Option<Timestamp>,
) -> (Confidence, &'static str) {
    let inner = bedrail_model::alert::Networks::default().contain(address);
    match (vantage, state) {
        (_, State::Maybe | State::Closed) => {
            (Confidence::Low, "no answer came: open, or a firewall keeps silent")
        }
        (Vantage::Outside, _) if inner => {
            (Confidence::Low, "an address that is not routed outside cannot have been scanned from there")
        }
        (Vantage::Outside, State::Open) if seen.is_some() => {
            (Confidence::High, "it answered a scan from outside")
        }
        (Vantage::Outside, State::Open) => {
            (Confidence::Medium, "it answered a scan from outside, at an unknown time")
        }
        (Vantage::Inside, State::Open) => {
            (Confidence::Low, "it answered a scan from inside, which says nothing of outside")
        }
        (Vantage::Unknown, State::Open) if inner => {
            (Confidence::Low, "it answered on an address that is not routed outside")
        }
        (Vantage::Unknown, State::Open) => {
            (Confidence::Medium, "it answered on a public address, scanned from where nobody says")
        }
    }
}

/// An attribute, its entities resolved; one that is broken is none.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.attributes().flatten().find(|it| it.key.local_name().into_inner() == name)?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).ok()?;
    Some(value.into_owned())
}

/// Seconds since 1970.
fn moment(start: &BytesStart<'_>, name: &str) -> Option<Timestamp> {
    let seconds: i64 = attribute(start, name)?.parse().ok()?;
    Timestamp::from_second(seconds).ok().filter(|at| at.as_second() >= bedrail_model::alert::time::EARLIEST)
}

/// Name, product and version of what answers.
fn service(start: &BytesStart<'_>, limit: usize) -> Option<String> {
    let tunnel = attribute(start, "tunnel").map(|tunnel| format!("{tunnel}/"));
    let name = attribute(start, "name").map(|name| format!("{}{name}", tunnel.unwrap_or_default()));
    let parts = [name, attribute(start, "product"), attribute(start, "version")];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let text = bedrail_model::text::squeezed(&text);
    let end = text.floor_char_boundary(limit);
    (!text.is_empty()).then(|| text[..end].to_owned())
}

/// Lines of a text, counted as one goes on.
struct Lines<'t> {
    text: &'t str,
    counted: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, offset: u64) -> usize {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        if let Some(more) = self.text.as_bytes().get(self.counted..offset) {
            self.line += memchr::memchr_iter(b'\n', more).count();
            self.counted = offset;
        }
        self.line
    }
}
