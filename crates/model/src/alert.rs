//! Alerts: what another program saw happen, as it is kept, and the key by which events become one piece of work.
//!
//! An [`Event`] holds an allow-list and nothing else: no address of a page with its query, no cookie, no body, no name of a
//! user, no message that a person or program wrote freely. The hash of the line as received stays (design decisions 8 and 16).

use std::borrow::Cow;
use std::net::IpAddr;

use crate::severity::Severity;

pub mod counters;
pub mod key;
pub mod network;
pub mod path;
pub mod time;

pub use counters::{Counters, Progress};
pub use key::{ItemKey, Subject};
pub use network::{Direction, Network, Networks};
pub use path::PathClass;
pub use time::{EventTime, TimeFlaw};

/// What kind of program an alert comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Suricata's EVE JSON.
    Eve,
    /// The audit log of ModSecurity v3 as JSON.
    ModSecurity,
    /// The audit log of Coraza as JSON.
    Coraza,
    /// Wazuh's `alerts.json`.
    Wazuh,
    /// ArcSight's Common Event Format.
    Cef,
    /// Plain syslog.
    Syslog,
    /// JSON of any other program, by a mapping file.
    Mapped,
    /// Our own judgement: newly known to be exploited, end of support, a medical advisory.
    Own,
    /// Our own firewall.
    Firewall,
    /// A source that has gone silent.
    Silence,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [SourceKind; 10] = [
        SourceKind::Eve,
        SourceKind::ModSecurity,
        SourceKind::Coraza,
        SourceKind::Wazuh,
        SourceKind::Cef,
        SourceKind::Syslog,
        SourceKind::Mapped,
        SourceKind::Own,
        SourceKind::Firewall,
        SourceKind::Silence,
    ];

    /// The stable code used in JSON, forms and the database.
    pub const fn code(self) -> &'static str {
        match self {
            SourceKind::Eve => "eve",
            SourceKind::ModSecurity => "modsecurity",
            SourceKind::Coraza => "coraza",
            SourceKind::Wazuh => "wazuh",
            SourceKind::Cef => "cef",
            SourceKind::Syslog => "syslog",
            SourceKind::Mapped => "mapped",
            SourceKind::Own => "own",
            SourceKind::Firewall => "firewall",
            SourceKind::Silence => "silence",
        }
    }

    /// The kind that a stable code names.
    pub fn from_code(code: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How it ended, as far as the source says. Ordered by what a person looks at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Something was stopped.
    Blocked,
    /// It was seen and let through.
    Allowed,
    /// The source does not say.
    Unknown,
    /// There is a sign that an attack succeeded: an answer that only a successful one gives, data that leaks, a call home.
    Success,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 4] = [Outcome::Blocked, Outcome::Allowed, Outcome::Unknown, Outcome::Success];

    /// The stable code used in JSON, keys and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Blocked => "blocked",
            Outcome::Allowed => "allowed",
            Outcome::Unknown => "unknown",
            Outcome::Success => "success",
        }
    }

    /// The outcome that a stable code names.
    pub fn from_code(code: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// The rule that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Its id as the source has it; `gid:sid` for Suricata. Revisions of a rule share it.
    pub id: Cow<'a, str>,
    /// What the rules' author calls it.
    pub name: Option<Cow<'a, str>>,
    /// How severe its author finds it.
    pub severity: Severity,
    /// Further rules that fired on the same record, which is one event all the same.
    pub also: u32,
}

/// One side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Endpoint {
    /// Its address, in its shortest form: an IPv4 address inside an IPv6 one (RFC 4291 §2.5.5.2) is the IPv4 address.
    pub address: Option<IpAddr>,
    /// Its port; 0 is none.
    pub port: Option<u16>,
}

impl Endpoint {
    /// A side, its address in canonical form.
    pub fn new(address: Option<IpAddr>, port: Option<u16>) -> Endpoint {
        Endpoint {
            address: address.map(|address| address.to_canonical()),
            port: port.filter(|port| *port != 0),
        }
    }
}

/// Which side of an event is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Where it came from.
    From,
    /// Where it went to.
    To,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// The kind of its source.
    pub source: SourceKind,
    /// The sensor, host or agent that saw it, where the source says.
    pub sensor: Option<Cow<'a, str>>,
    /// When it happened.
    pub time: EventTime,
    /// The rule that fired.
    pub rule: Rule<'a>,
    /// Where it came from.
    pub from: Endpoint,
    /// Where it went to.
    pub to: Endpoint,
    /// Across our border, or not.
    pub direction: Direction,
    /// The side of the attacker; the other one is the device's.
    pub attacker: Side,
    /// What was asked for, reduced to a class.
    pub path: PathClass,
    /// How it ended.
    pub outcome: Outcome,
    /// How often it happened, as the source counts it; 1 where it does not.
    pub count: u64,
    /// SHA-256 of the line as received, all of it, before anything was cleaned or cut.
    pub original: [u8; 32],
}

impl Event<'_> {
    /// The side of the device.
    pub fn device(&self) -> Endpoint {
        match self.attacker {
            Side::From => self.to,
            Side::To => self.from,
        }
    }

    /// The side of the attacker.
    pub fn attacker(&self) -> Endpoint {
        match self.attacker {
            Side::From => self.from,
            Side::To => self.to,
        }
    }

    /// The event with texts of its own.
    pub fn into_owned(self) -> Event<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Event {
            source: self.source,
            sensor: self.sensor.map(owned),
            time: self.time,
            rule: Rule {
                id: owned(self.rule.id),
                name: self.rule.name.map(owned),
                severity: self.rule.severity,
                also: self.rule.also,
            },
            from: self.from,
            to: self.to,
            direction: self.direction,
            attacker: self.attacker,
            path: self.path,
            outcome: self.outcome,
            count: self.count,
            original: self.original,
        }
    }
}

/// Which side the attacker is on, where the source does not say: the one outside, whoever opened the connection, so that a
/// call home is held against the device that calls. With both inside or both outside it is the side that opened it.
pub fn attacker_by_direction(direction: Direction) -> Side {
    match direction {
        Direction::Outbound => Side::To,
        Direction::Inbound | Direction::Inside | Direction::Outside | Direction::Unknown => Side::From,
    }
}
