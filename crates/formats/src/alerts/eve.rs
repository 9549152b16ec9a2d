//! Suricata's EVE JSON (Suricata user guide, "Eve JSON Format"). This is the path that must be fast: one pass, borrowed.

use std::borrow::Cow;

use bedrail_model::alert::{Counters, Outcome, PathClass, Side, SourceKind};
use bedrail_model::severity::Severity;
use serde::Deserialize;

use super::draft::{Context, Draft, endpoint, keep, read_address};
use super::time::{self, Clock};
use super::wire::{Number, Text, Texts};
use super::words::{is_success, outcome_of, severity_of};
use super::{Reading, Why};

/// A record. What is not named here is passed over unread: payloads, packets, bodies, names of hosts and users.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    timestamp: Text<'a>,
    #[serde(borrow, default)]
    event_type: Text<'a>,
    /// The name of the sensor, by Suricata's `sensor-name`.
    #[serde(borrow, default)]
    host: Text<'a>,
    #[serde(borrow, default)]
    src_ip: Text<'a>,
    #[serde(default)]
    src_port: Number,
    #[serde(borrow, default)]
    dest_ip: Text<'a>,
    #[serde(default)]
    dest_port: Number,
    #[serde(borrow)]
    alert: Option<Alert<'a>>,
    #[serde(borrow)]
    http: Option<Http<'a>>,
    #[serde(borrow)]
    verdict: Option<Verdict<'a>>,
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Alert<'a> {
    #[serde(borrow, default)]
    action: Text<'a>,
    #[serde(default)]
    gid: Number,
    #[serde(default)]
    signature_id: Number,
    #[serde(borrow, default)]
    signature: Text<'a>,
    #[serde(borrow, default)]
    category: Text<'a>,
    #[serde(default)]
    severity: Number,
    #[serde(borrow)]
    source: Option<Party<'a>>,
    #[serde(borrow)]
    target: Option<Party<'a>>,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
}

/// Attacker and victim, where the rule has the keyword `target`.
#[derive(Deserialize)]
struct Party<'a> {
    #[serde(borrow, default)]
    ip: Text<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    signature_severity: Texts<'a>,
}

#[derive(Deserialize)]
struct Http<'a> {
    #[serde(borrow, default)]
    url: Text<'a>,
}

#[derive(Deserialize)]
struct Verdict<'a> {
    #[serde(borrow, default)]
    action: Text<'a>,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default)]
    uptime: Number,
    capture: Option<Capture>,
    decoder: Option<Decoder>,
    detect: Option<Detect>,
}

#[derive(Deserialize)]
struct Capture {
    #[serde(default)]
    kernel_packets: Number,
    #[serde(default)]
    kernel_drops: Number,
}

#[derive(Deserialize)]
struct Decoder {
    #[serde(default)]
    pkts: Number,
}

#[derive(Deserialize)]
struct Detect {
    #[serde(default)]
    alert: Number,
    #[serde(default)]
    alert_queue_overflow: Number,
    #[serde(default)]
    alerts_suppressed: Number,
}

/// Types of records that are no alerts (user guide, "Event types", versions 6 to 8).
const NO_ALERTS: &[&str] = &[
    "anomaly",
    "arp",
    "bittorrent_dht",
    "dcerpc",
    "dhcp",
    "dnp3",
    "dns",
    "doh2",
    "drop",
    "enip",
    "engine",
    "file",
    "fileinfo",
    "firewall",
    "flow",
    "frame",
    "ftp",
    "ftp_data",
    "http",
    "http2",
    "ike",
    "ikev2",
    "krb5",
    "ldap",
    "mdns",
    "metadata",
    "modbus",
    "mqtt",
    "netflow",
    "nfs",
    "packet",
    "pgsql",
    "pop3",
    "quic",
    "rdp",
    "rfb",
    "sip",
    "smb",
    "smtp",
    "snmp",
    "ssh",
    "template",
    "tftp",
    "tls",
    "vlan",
    "vxlan",
    "websocket",
];

/// Read a record.
pub(super) fn read<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let record: Record<'l> = match serde_json::from_str(text) {
        Ok(record) => record,
        Err(error) => return Reading::NotUnderstood(Why::json(&error)),
    };
    match record.event_type.as_str() {
        None => Reading::NotUnderstood(Why::Missing("event_type")),
        Some("alert") => read_alert(record, context),
        Some("stats") => read_stats(record, context),
        Some(kind) => match NO_ALERTS.iter().find(|known| **known == kind) {
            Some(known) => Reading::NotAnAlert(Cow::Borrowed(known)),
            None => {
                let kind = kind.get(..kind.floor_char_boundary(40)).unwrap_or_default();
                let kind = keep(Cow::Borrowed(kind)).unwrap_or_default().into_owned();
                Reading::NotUnderstood(Why::UnknownType(kind))
            }
        },
    }
}

fn read_alert<'l>(record: Record<'l>, context: &Context<'_>) -> Reading<'l> {
    let Some(alert) = record.alert else { return Reading::NotUnderstood(Why::Missing("alert")) };
    let Some(signature) = alert.signature_id.0 else {
        return Reading::NotUnderstood(Why::Missing("alert.signature_id"));
    };
    // Generator 1 is Suricata's own rules, and what is meant where none is given.
    let mut draft = Draft::new(SourceKind::Eve, Cow::Owned(rule_id(alert.gid.0.unwrap_or(1), signature)));
    draft.from = endpoint(record.src_ip.as_str(), record.src_port.port());
    draft.to = endpoint(record.dest_ip.as_str(), record.dest_port.port());
    draft.attacker = attacker(&alert, &draft);
    draft.severity = severity(&alert);
    draft.outcome = outcome(&alert, record.verdict.as_ref());
    let url = record.http.as_ref().and_then(|http| http.url.as_str());
    draft.path = url.map_or(PathClass::none(), PathClass::of);
    draft.time = record.timestamp.as_str().map(|text| read_time(text, context));
    draft.name = alert.signature.0;
    draft.sensor = record.host.0;
    draft.finish(context)
}

/// `gid:signature_id`. By hand, as the machinery of formatting costs more than all of the event's other texts.
fn rule_id(generator: u64, signature: u64) -> String {
    let mut id = String::with_capacity(24);
    for (number, end) in [(generator, ":"), (signature, "")] {
        let from = id.len();
        let mut rest = number;
        loop {
            id.insert(from, char::from(b'0' + (rest % 10) as u8));
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        id.push_str(end);
    }
    id
}

/// The side of the attacker, where the rule names it and the address is one of the two.
fn attacker(alert: &Alert<'_>, draft: &Draft<'_>) -> Option<Side> {
    let party = |party: &Option<Party<'_>>| {
        let address = party.as_ref().and_then(|it| it.ip.as_str()).and_then(read_address);
        address.map(|address| address.to_canonical())
    };
    if alert.source.is_none() && alert.target.is_none() {
        return None;
    }
    let (source, target) = (party(&alert.source), party(&alert.target));
    if source.is_some() && source == draft.from.address || target.is_some() && target == draft.to.address {
        Some(Side::From)
    } else if source.is_some() && source == draft.to.address
        || target.is_some() && target == draft.from.address
    {
        Some(Side::To)
    } else {
        None
    }
}

/// The rule's `signature_severity` where it has one, else its priority: 1 is the highest.
fn severity(alert: &Alert<'_>) -> Severity {
    let said = alert.metadata.as_ref().and_then(|it| it.signature_severity.0.first());
    match said.map(|word| severity_of(word)).filter(|severity| *severity != Severity::Unknown) {
        Some(severity) => severity,
        None => match alert.severity.0 {
            Some(1) => Severity::High,
            Some(2) => Severity::Medium,
            Some(3 | 4) => Severity::Low,
            Some(_) | None => Severity::Unknown,
        },
    }
}

/// A sign of success counts even where the answer that shows it was blocked: the attack had come through by then.
fn outcome(alert: &Alert<'_>, verdict: Option<&Verdict<'_>>) -> Outcome {
    if is_success(alert.category.as_str(), alert.signature.as_str()) {
        return Outcome::Success;
    }
    let verdict = verdict.and_then(|it| it.action.as_str()).and_then(outcome_of);
    let action = alert.action.as_str().and_then(outcome_of);
    match (verdict, action) {
        (Some(Outcome::Blocked), _) | (_, Some(Outcome::Blocked)) => Outcome::Blocked,
        (Some(outcome), _) | (None, Some(outcome)) => outcome,
        (None, None) => Outcome::Unknown,
    }
}

fn read_stats<'l>(record: Record<'l>, context: &Context<'_>) -> Reading<'l> {
    let Some(stats) = record.stats else { return Reading::NotUnderstood(Why::Missing("stats")) };
    let capture = stats.capture.as_ref();
    let detect = stats.detect.as_ref();
    let decoded = stats.decoder.as_ref().and_then(|it| it.pkts.0);
    Reading::Counters(Counters {
        sensor: context.sensor(record.host.0),
        time: context.time(record.timestamp.as_str().map(|text| read_time(text, context))),
        uptime: stats.uptime.0,
        alerts: detect.and_then(|it| it.alert.0),
        alerts_lost: detect.and_then(|it| it.alert_queue_overflow.0),
        alerts_suppressed: detect.and_then(|it| it.alerts_suppressed.0),
        packets: capture.and_then(|it| it.kernel_packets.0).or(decoded),
        packets_lost: capture.and_then(|it| it.kernel_drops.0),
    })
}

fn read_time(text: &str, context: &Context<'_>) -> time::Said {
    time::read(text, Clock { zone: &context.settings.zone, received: context.received })
}
