//! An event in the making: what every reader fills, and how it becomes what is kept.

use std::borrow::Cow;
use std::net::IpAddr;

use bedrail_model::alert::{
    Endpoint, Event, EventTime, Outcome, PathClass, Rule, Side, SourceKind, attacker_by_direction,
};
use bedrail_model::severity::Severity;
use bedrail_model::text::harmless;
use jiff::Timestamp;

use super::time::Said;
use super::{Reading, Settings, Why};

/// What is known of a line beside its text.
pub(super) struct Context<'c> {
    pub(super) settings: &'c Settings,
    pub(super) received: Timestamp,
    pub(super) original: [u8; 32],
    /// The host that syslog names around it.
    pub(super) host: Option<&'c str>,
    /// The time that syslog gives around it.
    pub(super) time: Option<Said>,
    /// The severity that syslog gives it, 0 to 7.
    pub(super) severity: Option<u8>,
}

impl Context<'_> {
    /// The time of an event by what it says itself, else by what syslog says around it.
    pub(super) fn time(&self, said: Option<Said>) -> EventTime {
        match said.or(self.time) {
            Some(said) => EventTime::judge(said.at, said.assumed, self.received),
            None => EventTime::judge(Err(bedrail_model::alert::TimeFlaw::Missing), None, self.received),
        }
    }

    /// The sensor by what the event says itself, else the host that syslog names.
    pub(super) fn sensor<'l>(&self, said: Option<Cow<'l, str>>) -> Option<Cow<'l, str>> {
        let host = || self.host.map(|host| Cow::Owned(host.to_owned()));
        said.or_else(host).and_then(keep)
    }
}

/// An event in the making.
pub(super) struct Draft<'l> {
    pub(super) kind: SourceKind,
    pub(super) sensor: Option<Cow<'l, str>>,
    pub(super) time: Option<Said>,
    pub(super) rule: Cow<'l, str>,
    pub(super) name: Option<Cow<'l, str>>,
    pub(super) severity: Severity,
    pub(super) also: u32,
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    /// The attacker's side, where the source says.
    pub(super) attacker: Option<Side>,
    pub(super) path: PathClass,
    pub(super) outcome: Outcome,
    pub(super) count: u64,
}

impl<'l> Draft<'l> {
    /// A draft of a rule that fired, with nothing else known.
    pub(super) fn new(kind: SourceKind, rule: Cow<'l, str>) -> Draft<'l> {
        Draft {
            kind,
            sensor: None,
            time: None,
            rule,
            name: None,
            severity: Severity::Unknown,
            also: 0,
            from: Endpoint::default(),
            to: Endpoint::default(),
            attacker: None,
            path: PathClass::none(),
            outcome: Outcome::Unknown,
            count: 1,
        }
    }

    /// The event.
    pub(super) fn finish(self, context: &Context<'_>) -> Reading<'l> {
        let Some(id) = keep(self.rule) else {
            return Reading::NotUnderstood(Why::Missing("the id of a rule"));
        };
        let direction = context.settings.own.direction(self.from.address, self.to.address);
        Reading::Event(Event {
            source: self.kind,
            sensor: context.sensor(self.sensor),
            time: context.time(self.time),
            rule: Rule { id, name: self.name.and_then(keep), severity: self.severity, also: self.also },
            from: self.from,
            to: self.to,
            direction,
            attacker: self.attacker.unwrap_or_else(|| attacker_by_direction(direction)),
            path: self.path,
            outcome: self.outcome,
            count: self.count.max(1),
            original: context.original,
        })
    }
}

/// Bytes of a text that is kept: names of rules are shorter as a rule, the longest of Emerging Threats has 240.
const KEPT: usize = 256;

/// A text as it is kept: trimmed, short, harmless to show; `None` where nothing is left.
pub(super) fn keep(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let plain = text.len() <= KEPT && text.bytes().all(|byte| (0x21..0x7f).contains(&byte) || byte == b' ');
    if plain && !text.starts_with(' ') && !text.ends_with(' ') {
        return if text.is_empty() { None } else { Some(text) };
    }
    let trimmed = text.trim();
    let cut = &trimmed[..trimmed.floor_char_boundary(KEPT)];
    if cut.is_empty() { None } else { Some(Cow::Owned(harmless(cut).into_owned())) }
}

/// One side of a connection, of what is written.
pub(super) fn endpoint(address: Option<&str>, port: Option<u16>) -> Endpoint {
    Endpoint::new(address.and_then(read_address), port)
}

/// An address as written: without brackets and without the zone of an interface (RFC 4007 §11).
pub(super) fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    bare.split('%').next()?.parse().ok()
}
