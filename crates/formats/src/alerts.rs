//! Alerts of other programs, line by line: what is read, and what is kept of it.
//!
//! A [`Splitter`] makes lines of bytes, a [`LineReader`] makes exactly one [`Reading`] of each line: an event, counters of the
//! source itself, something that is no alert, or something not understood with the reason. Nothing is dropped, so whoever
//! counts lines and readings counts the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bedrail_model::alert::{Counters, Event, Networks, SourceKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

mod cef;
mod clean;
mod draft;
mod eve;
pub mod mapping;
mod shape;
mod split;
mod syslog;
mod time;
mod wazuh;
mod web_audit;
mod why;
mod wire;
mod words;

pub use clean::Flaws;
pub use mapping::{Mapping, MappingError};
pub use split::{Counts, Framing, LINE_LIMIT, Line, LineState, Splitter};
pub use why::Why;

use draft::Context;
use shape::Shape;

/// A format of alerts. A new one is a row, a file and its tests.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The kind of source.
    pub kind: SourceKind,
    /// Its name.
    pub name: &'static str,
    /// Where it is described.
    pub spec: &'static str,
    /// Whether a line is of this format, by its content.
    recognise: fn(&Shape) -> bool,
    /// Read a line that is.
    read: for<'l> fn(&'l str, &Context<'_>) -> Reading<'l>,
}

/// Every format that is read. The first that recognises a line reads it, where the kind of the source is not set.
pub const FORMATS: &[Format] = &[
    Format {
        kind: SourceKind::Eve,
        name: "Suricata EVE JSON",
        spec: "https://docs.suricata.io/en/latest/output/eve/eve-json-format.html",
        recognise: |shape| matches!(shape, Shape::Json(keys) if keys.event_type),
        read: eve::read,
    },
    Format {
        kind: SourceKind::ModSecurity,
        name: "ModSecurity v3 audit log, JSON",
        spec: "https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-(v3.x) SecAuditLogFormat",
        recognise: |shape| matches!(shape, Shape::Json(keys) if keys.time_stamp),
        read: web_audit::read_modsecurity,
    },
    Format {
        kind: SourceKind::Firewall,
        name: "events of our own firewall, as ModSecurity v3 writes them",
        spec: "docs/waf.md",
        // Only where the source is set to it: line by line it is told as ModSecurity's.
        recognise: |_| false,
        read: web_audit::read_firewall,
    },
    Format {
        kind: SourceKind::Coraza,
        name: "Coraza audit log, JSON",
        spec: "https://coraza.io/docs/reference/logging/",
        recognise: |shape| matches!(shape, Shape::Json(keys) if keys.unix_timestamp),
        read: web_audit::read_coraza,
    },
    Format {
        kind: SourceKind::Wazuh,
        name: "Wazuh alerts.json",
        spec: "https://documentation.wazuh.com/current/user-manual/manager/alert-management.html",
        recognise: |shape| matches!(shape, Shape::Json(keys) if keys.rule && keys.agent),
        read: wazuh::read,
    },
    Format {
        kind: SourceKind::Cef,
        name: "Common Event Format",
        spec: "ArcSight Common Event Format, Implementation Standard, versions 0.1 and 1",
        recognise: |shape| matches!(shape, Shape::Cef),
        read: cef::read,
    },
    Format {
        kind: SourceKind::Mapped,
        name: "JSON by a mapping file",
        spec: "docs/alerts.md",
        // Only where the source is set to it: a mapping names no mark of its own.
        recognise: |_| false,
        read: mapping::read,
    },
    Format {
        kind: SourceKind::Syslog,
        name: "syslog, RFC 3164 and RFC 5424",
        spec: "https://www.rfc-editor.org/rfc/rfc5424 https://www.rfc-editor.org/rfc/rfc3164",
        recognise: |shape| matches!(shape, Shape::Text),
        read: syslog::read_plain,
    },
];

/// How the lines of a source are to be read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The format; `None` tells it line by line. [`SourceKind::Syslog`] takes whatever stands inside of syslog.
    pub kind: Option<SourceKind>,
    /// The addresses that are ours.
    pub own: Networks,
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// The highest severity number of plain syslog that counts as an alert (RFC 5424 §6.2.1: 0 emergency to 7 debug).
    pub syslog_severity: u8,
    /// The mapping of [`SourceKind::Mapped`].
    pub mapping: Option<Mapping>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            kind: None,
            own: Networks::default(),
            zone: TimeZone::UTC,
            // Warnings and worse.
            syslog_severity: 4,
            mapping: None,
        }
    }
}

/// What one line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<'l> {
    /// An alert.
    Event(Event<'l>),
    /// What the source counts of itself.
    Counters(Counters<'l>),
    /// Well understood, and no alert: its type in the source's words, such as `flow`.
    NotAnAlert(Cow<'l, str>),
    /// Not understood.
    NotUnderstood(Why),
}

/// What was made of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<'l> {
    /// What it is.
    pub reading: Reading<'l>,
    /// SHA-256 of the line as received.
    pub original: [u8; 32],
    /// What was cleaned before it was read.
    pub flaws: Flaws,
    /// The number that its sender gave it: a gap is a loss on the way.
    pub sequence: Option<Sequence<'l>>,
}

/// The number of a message among all that its sender sent (RFC 5424 §7.3.1, `sequenceId`): from 1 to 2147483647, then from 1
/// on again, and from 1 on whenever the sender starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequence<'l> {
    /// The sender.
    pub host: Option<&'l str>,
    /// The number.
    pub number: u32,
}

/// Reads lines of one source.
#[derive(Debug)]
pub struct LineReader {
    settings: Settings,
    scratch: String,
}

impl LineReader {
    /// A reader by the settings of a source.
    pub fn new(settings: Settings) -> LineReader {
        LineReader { settings, scratch: String::new() }
    }

    /// Read one line, received at a moment.
    pub fn read<'r>(&'r mut self, line: &Line<'r>, received: Timestamp) -> Read<'r> {
        let original = line.digest.unwrap_or_else(|| Sha256::digest(line.bytes).into());
        let (text, flaws) = clean::clean(line.bytes, &mut self.scratch);
        let mut read = Read { reading: Reading::NotUnderstood(Why::Half), original, flaws, sequence: None };
        let settings = &self.settings;
        match line.state {
            // What is cut off can end within an address or a number and would tell of another device. JSON says itself
            // where it ends, so a last line without a line end is read if it is whole.
            LineState::Cut { bytes } => read.reading = Reading::NotUnderstood(Why::Cut { bytes }),
            LineState::Half if !text.starts_with('{') => {}
            LineState::Half | LineState::Whole => {
                let context =
                    Context { settings, received, original, host: None, time: None, severity: None };
                let (reading, sequence) = read_text(text, context);
                let is_half = line.state == LineState::Half;
                read.sequence = sequence;
                read.reading = match reading {
                    Reading::NotUnderstood(Why::BrokenJson { .. }) if is_half => {
                        Reading::NotUnderstood(Why::Half)
                    }
                    reading => reading,
                };
            }
        }
        read
    }
}

/// Take a line out of syslog, if it is in it, and read what is inside.
fn read_text<'l>(text: &'l str, mut context: Context<'l>) -> (Reading<'l>, Option<Sequence<'l>>) {
    // EVE from a file is what there is most of.
    if text.starts_with('{') {
        return (read_content(text, &context), None);
    }
    match syslog::open(text, &context) {
        Some(envelope) => {
            context.host = envelope.host;
            context.time = Some(envelope.time);
            context.severity = envelope.severity;
            let content = syslog::payload(envelope.content);
            let sequence = envelope.sequence.map(|number| Sequence { host: envelope.host, number });
            (read_content(content, &context), sequence)
        }
        None => (read_content(text, &context), None),
    }
}

/// Read by the kind that is set, or by the one that recognises it.
fn read_content<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let by_kind = |kind| FORMATS.iter().find(|format| format.kind == kind);
    match context.settings.kind {
        Some(kind) if kind != SourceKind::Syslog => match by_kind(kind) {
            Some(format) => (format.read)(text, context),
            None => Reading::NotUnderstood(Why::NoReader(kind)),
        },
        _ => {
            // EVE is what there is most of, and its reader sees in the same pass whether it is: the others are asked after it.
            if text.starts_with('{') {
                match eve::read(text, context) {
                    Reading::NotUnderstood(Why::Missing("event_type") | Why::BrokenJson { .. }) => {}
                    reading => return reading,
                }
            }
            let shape = match Shape::of(text) {
                Ok(shape) => shape,
                Err(why) => return Reading::NotUnderstood(why),
            };
            match FORMATS.iter().find(|format| (format.recognise)(&shape)) {
                Some(format) => (format.read)(text, context),
                None => Reading::NotUnderstood(Why::UnknownShape),
            }
        }
    }
}

/// How many lines became what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Events.
    pub events: u64,
    /// Counters of sources.
    pub counters: u64,
    /// No alerts, by type.
    pub not_alerts: BTreeMap<String, u64>,
    /// Not understood, by the code of the reason.
    pub not_understood: BTreeMap<&'static str, u64>,
}

/// Types of lines that an account names; a source that invents more has them counted as `other`.
const TYPES: usize = 100;

impl Account {
    /// Take one line in.
    pub fn add(&mut self, read: &Read<'_>) {
        match &read.reading {
            Reading::Event(_) => self.events += 1,
            Reading::Counters(_) => self.counters += 1,
            Reading::NotAnAlert(kind) => match self.not_alerts.get_mut(&**kind) {
                Some(count) => *count += 1,
                None => {
                    let kind = if self.not_alerts.len() < TYPES { &**kind } else { "other" };
                    *self.not_alerts.entry(kind.to_owned()).or_default() += 1;
                }
            },
            Reading::NotUnderstood(why) => *self.not_understood.entry(why.code()).or_default() += 1,
        }
    }

    /// All lines.
    pub fn lines(&self) -> u64 {
        let no_alerts: u64 = self.not_alerts.values().sum();
        let not_understood: u64 = self.not_understood.values().sum();
        self.events + self.counters + no_alerts + not_understood
    }
}
