//! What `bedrail waf run` leaves in a folder for the server: its report (`report.json`) and its events. The process stands between
//! clients and devices, so what it writes is read as anything from outside: under limits, and nothing in it is a path or a command.

use bedrail_model::firewall::{Fired, Mode, Told};
use jiff::Timestamp;
use serde::Deserialize;

/// The name of the report.
pub const REPORT: &str = "report.json";
/// Bytes of a report.
pub const MOST_REPORT: u64 = 16 << 20;
/// Bytes that are read from the end of the events.
pub const MOST_EVENTS: u64 = 8 << 20;
/// Bytes of one event; our firewall writes far less.
const MOST_LINE: usize = 256 << 10;
/// Rules of one event.
const MOST_FIRED: usize = 100;
/// The format of the report that is read here.
const FORMAT: u32 = 1;

/// Why a report is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Too large.
    #[error("the report has more than {MOST_REPORT} bytes")]
    TooLarge,
    /// No JSON, or not of this shape.
    #[error("the report is not understood: {0}")]
    Shape(String),
    /// Of a later program.
    #[error("the report is of format {0}, and this program reads {FORMAT}; hint: update the server first")]
    Format(u32),
}

/// What a firewall of ours says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Report {
    format: u32,
    /// When it was written.
    pub at: Timestamp,
    /// The proxy.
    pub status: Status,
    /// Its rule sets.
    pub rules: Rules,
    /// What probes showed, a row for each site and family of weaknesses.
    #[serde(default)]
    pub shields: Vec<Shield>,
    /// The last words on rule sets, in order, without a gap.
    #[serde(default)]
    pub words: Vec<ReportWord>,
}

/// The proxy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// Since when it runs.
    pub since: Timestamp,
    /// Events that were lost.
    #[serde(default)]
    pub events_lost: u64,
    /// Its judges.
    #[serde(default)]
    pub judges: Vec<Judge>,
    /// Its sites.
    #[serde(default)]
    pub sites: Vec<Site>,
}

/// A judge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Judge {
    /// Its rule set.
    pub rule_set: String,
    /// `current`, `shadow`, ...
    #[serde(default)]
    pub roles: Vec<String>,
    /// Requests that it judged.
    #[serde(default)]
    pub judged: u64,
    /// Requests without a verdict.
    #[serde(default)]
    pub failed: u64,
    /// Microseconds that a verdict takes, as the proxy sees it: the median.
    #[serde(default)]
    pub p50_micros: u64,
    /// As above, one in a hundred takes longer.
    #[serde(default)]
    pub p99_micros: u64,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Site {
    /// Its key.
    pub key: String,
    /// Host names.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The beginning of its paths.
    #[serde(default)]
    pub path: String,
    /// The device: host and port.
    #[serde(default)]
    pub upstream: String,
    /// Beginnings of paths that are never blocked.
    #[serde(default)]
    pub never_block: Vec<String>,
    /// `off`, `detect`, `block`.
    pub mode: String,
    /// Who approved blocking.
    pub approved_by: Option<String>,
    /// `open`, `closed`.
    pub on_error: String,
    /// Whether the device answers.
    #[serde(default)]
    pub device_up: bool,
    /// Requests since the proxy runs.
    #[serde(default)]
    pub requests: u64,
    /// Of these, those that passed although rules objected.
    #[serde(default)]
    pub would_block: u64,
    /// Refused because rules objected.
    #[serde(default)]
    pub blocked: u64,
    /// Refused because they cannot be read in one way.
    #[serde(default)]
    pub refused: u64,
    /// Passed without a verdict.
    #[serde(default)]
    pub not_judged: u64,
    /// Judged by the first part of their bodies.
    #[serde(default)]
    pub partly_judged: u64,
    /// Microseconds that a request waits for its verdict: the median; 0 where none waited yet.
    #[serde(default)]
    pub added_p50_micros: u64,
    /// As above, one in a hundred waits longer.
    #[serde(default)]
    pub added_p99_micros: u64,
    /// WebSockets that were ended since a client passed a limit.
    #[serde(default)]
    pub websockets_closed: u64,
}

impl Site {
    /// What it does.
    pub fn mode(&self) -> Mode {
        Mode::from_code(&self.mode).unwrap_or_default()
    }

    /// The host of the device, where it is an address.
    pub fn device_address(&self) -> Option<std::net::IpAddr> {
        let (host, _) = self.upstream.rsplit_once(':')?;
        host.trim_matches(['[', ']']).parse().ok()
    }
}

/// Rule sets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rules {
    /// The one that decides, as far as it came by `bedrail waf rules`.
    pub current: Option<RuleSet>,
    /// Since when.
    pub current_since: Option<Timestamp>,
    /// The one on its way.
    pub candidate: Option<Candidate>,
}

/// A rule set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RuleSet {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// `release`, `local`.
    pub origin: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Whether it is old.
    #[serde(default)]
    pub stale: bool,
    /// Rules in it.
    #[serde(default)]
    pub rules: u64,
}

/// A rule set on its way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// `trusted`, `compiled`, `on-sites`.
    pub stage: String,
    /// Since when.
    pub since: Timestamp,
    /// Where it is at each site.
    #[serde(default)]
    pub sites: Vec<CandidateSite>,
}

/// A rule set on its way, at a site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CandidateSite {
    /// The key of the site.
    pub site: String,
    /// `shadow`, `canary`, `ready`.
    pub stage: String,
    /// Since when.
    pub since: Timestamp,
}

/// What probes showed of one family of weaknesses at one site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shield {
    /// The key of the site.
    pub site: String,
    /// The key of the family.
    pub family: String,
    /// The rule set that decided.
    pub rule_set: String,
    /// The mode of the site then.
    pub mode: String,
    /// When.
    pub at: Timestamp,
    /// Requests that were tried; each ended in a sink, none at the device.
    pub probes: u64,
    /// Of these, those that were refused.
    pub stopped: u64,
    /// Of these, those that rules object to, whatever the mode does about it.
    pub objected: u64,
    /// Names of some that nothing objected to.
    #[serde(default)]
    pub missed: Vec<String>,
}

/// A word on rule sets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReportWord {
    /// Its number among all that this firewall said, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// The sentence.
    pub text: String,
    /// Whether somebody should look.
    #[serde(default)]
    pub alert: bool,
}

/// Reads a report.
///
/// # Errors
/// [`ReportError`].
pub fn report(bytes: &[u8]) -> Result<Report, ReportError> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    if bytes.len() as u64 > MOST_REPORT {
        return Err(ReportError::TooLarge);
    }
    let shape = |error: serde_json::Error| ReportError::Shape(error.to_string());
    let Format { format } = serde_json::from_slice(bytes).map_err(shape)?;
    if format != FORMAT {
        return Err(ReportError::Format(format));
    }
    serde_json::from_slice(bytes).map_err(shape)
}

/// Events from the end of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events {
    /// In the order of the file.
    pub told: Vec<Told>,
    /// Lines that are no event, or cannot be read.
    pub other: u64,
}

#[derive(Deserialize)]
struct Line {
    transaction: Transaction,
}

#[derive(Deserialize)]
struct Transaction {
    #[serde(default)]
    client_ip: String,
    #[serde(default)]
    unix_timestamp: i64,
    #[serde(default)]
    server_id: String,
    #[serde(default)]
    request: Request,
    #[serde(default)]
    bedrail: Own,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Default, Deserialize)]
struct Request {
    #[serde(default)]
    method: String,
    #[serde(default)]
    uri: String,
}

#[derive(Default, Deserialize)]
struct Own {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    probe: bool,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    message: String,
    details: Details,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "ruleId", default)]
    rule: String,
    #[serde(default)]
    reference: String,
}

/// Reads events from the end of a file; `whole` says whether its first line is whole. Probes are left out.
pub fn events(bytes: &[u8], whole: bool) -> Events {
    let mut found = Events::default();
    let mut lines = bytes.split(|byte| *byte == b'\n');
    if !whole {
        lines.next();
    }
    for line in lines.filter(|line| !line.is_empty()) {
        let read = (line.len() <= MOST_LINE).then(|| serde_json::from_slice::<Line>(line).ok()).flatten();
        match read {
            Some(line) if line.transaction.bedrail.probe => {}
            Some(line) => found.told.push(told(line.transaction)),
            None => found.other += 1,
        }
    }
    found
}

fn told(it: Transaction) -> Told {
    let fired = |message: Message| {
        let rule = message.details.rule.parse().ok()?;
        Some(Fired { rule, message: message.message, place: message.details.reference })
    };
    Told {
        at: Timestamp::from_nanosecond(i128::from(it.unix_timestamp)).ok().filter(|_| it.unix_timestamp > 0),
        site: it.server_id,
        client: it.client_ip,
        method: it.request.method,
        path: it.request.uri,
        blocked: it.bedrail.outcome == "block",
        would_block: it.bedrail.outcome == "would-block",
        fired: it.messages.into_iter().take(MOST_FIRED).filter_map(fired).collect(),
    }
}
