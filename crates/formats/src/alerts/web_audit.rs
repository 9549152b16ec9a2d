//! Audit logs of web application firewalls as JSON: ModSecurity v3 and Coraza. They differ in names, not in meaning.
//!
//! One record is one transaction and one event, whatever number of rules fired: the most severe of them names it.

use std::borrow::Cow;

use bedrail_model::alert::{Outcome, PathClass, SourceKind};
use bedrail_model::severity::Severity;
use serde::Deserialize;

use super::draft::{Context, Draft, endpoint};
use super::time::{self, Clock};
use super::wire::{Number, Text};
use super::words::{severity_of, severity_of_syslog};
use super::{Reading, Why};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    transaction: Option<Transaction<'a>>,
    /// Coraza writes them beside the transaction, ModSecurity within.
    #[serde(borrow, default)]
    messages: Option<Vec<Message<'a>>>,
}

#[derive(Deserialize)]
struct Transaction<'a> {
    /// ModSecurity.
    #[serde(borrow, default)]
    time_stamp: Text<'a>,
    /// Coraza, in nanoseconds by now, in seconds by its documentation.
    #[serde(borrow, default)]
    unix_timestamp: Text<'a>,
    #[serde(borrow, default)]
    timestamp: Text<'a>,
    #[serde(borrow, default)]
    server_id: Text<'a>,
    #[serde(borrow, default)]
    client_ip: Text<'a>,
    #[serde(default)]
    client_port: Number,
    #[serde(borrow, default)]
    host_ip: Text<'a>,
    #[serde(default)]
    host_port: Number,
    is_interrupted: Option<bool>,
    #[serde(borrow)]
    request: Option<Request<'a>>,
    response: Option<Response>,
    #[serde(borrow)]
    producer: Option<Producer<'a>>,
    #[serde(borrow, default)]
    messages: Option<Vec<Message<'a>>>,
    /// What our own firewall adds.
    bedrail: Option<Own>,
}

#[derive(Deserialize)]
struct Own {
    /// A harmless request that we sent ourselves, which ended in a sink.
    #[serde(default)]
    probe: bool,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    uri: Text<'a>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    http_code: Number,
    #[serde(default)]
    status: Number,
}

#[derive(Deserialize)]
struct Producer<'a> {
    /// ModSecurity: `Enabled`, `DetectionOnly`, `Disabled`.
    #[serde(borrow, default)]
    secrules_engine: Text<'a>,
    /// Coraza: `On`, `DetectionOnly`.
    #[serde(borrow, default)]
    rule_engine: Text<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    /// ModSecurity: the message of the rule.
    #[serde(borrow, default)]
    message: Text<'a>,
    #[serde(borrow)]
    details: Option<Details<'a>>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

/// ModSecurity's. `match` and `data` hold what the client sent and are not read.
#[derive(Deserialize)]
struct Details<'a> {
    #[serde(rename = "ruleId", borrow, default)]
    rule_id: Text<'a>,
    #[serde(borrow, default)]
    severity: Text<'a>,
}

/// Coraza's; `data` and `raw` are not read.
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    msg: Text<'a>,
    #[serde(borrow, default)]
    severity: Text<'a>,
}

/// A rule that fired.
struct Fired<'a> {
    id: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    severity: Severity,
}

impl<'a> Fired<'a> {
    fn of(message: Message<'a>) -> Option<Fired<'a>> {
        let (id, name, severity) = match (message.details, message.data) {
            (Some(it), _) => (it.rule_id, message.message, it.severity),
            (None, Some(it)) => (it.id, it.msg, it.severity),
            (None, None) => return None,
        };
        let number = severity.as_str().and_then(|text| text.parse().ok());
        let severity = match number {
            Some(number) => severity_of_syslog(number),
            None => severity.as_str().map_or(Severity::Unknown, severity_of),
        };
        Some(Fired { id: id.0?, name: name.0, severity })
    }

    fn number(&self) -> u32 {
        self.id.parse().unwrap_or(0)
    }

    /// Whether it only adds up what others found (Core Rule Set, files 949, 959 and 980).
    fn adds_up(&self) -> bool {
        matches!(self.number() / 1_000, 949 | 959 | 980)
    }

    /// Whether it looks at answers (Core Rule Set, files 950 to 956: leaks of data and of errors, web shells). By then the
    /// attack had reached what is behind.
    fn is_of_answers(&self) -> bool {
        matches!(self.number() / 1_000, 950..=958)
    }
}

/// Read a record of ModSecurity.
pub(super) fn read_modsecurity<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    read(text, SourceKind::ModSecurity, context)
}

/// Read a record of our own firewall, which writes as ModSecurity does.
pub(super) fn read_firewall<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    read(text, SourceKind::Firewall, context)
}

/// Read a record of Coraza.
pub(super) fn read_coraza<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    read(text, SourceKind::Coraza, context)
}

fn read<'l>(text: &'l str, kind: SourceKind, context: &Context<'_>) -> Reading<'l> {
    let record: Record<'l> = match serde_json::from_str(text) {
        Ok(record) => record,
        Err(error) => return Reading::NotUnderstood(Why::json(&error)),
    };
    let Some(mut transaction) = record.transaction else {
        return Reading::NotUnderstood(Why::Missing("transaction"));
    };
    let probe = transaction.bedrail.as_ref().is_some_and(|it| it.probe);
    if kind == SourceKind::Firewall && probe {
        return Reading::NotAnAlert(Cow::Borrowed("a probe of our own"));
    }
    let messages = transaction.messages.take().or(record.messages).unwrap_or_default();
    let any = !messages.is_empty();
    let fired: Vec<Fired<'l>> = messages.into_iter().filter_map(Fired::of).collect();
    let outcome = outcome(&transaction, &fired);
    let also = u32::try_from(fired.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let Some(first) = most_telling(fired) else {
        return if any {
            Reading::NotUnderstood(Why::Missing("the id of a rule"))
        } else {
            Reading::NotAnAlert(Cow::Borrowed("transaction without a rule"))
        };
    };
    let mut draft = Draft::new(kind, first.id);
    draft.name = first.name;
    draft.severity = first.severity;
    draft.also = also;
    draft.outcome = outcome;
    draft.from = endpoint(transaction.client_ip.as_str(), transaction.client_port.port());
    draft.to = endpoint(transaction.host_ip.as_str(), transaction.host_port.port());
    let uri = transaction.request.as_ref().and_then(|request| request.uri.as_str());
    draft.path = uri.map_or(PathClass::none(), PathClass::of);
    let clock = Clock { zone: &context.settings.zone, received: context.received };
    let time = [&transaction.unix_timestamp, &transaction.time_stamp, &transaction.timestamp];
    draft.time = time.iter().find_map(|text| text.as_str()).map(|text| time::read(text, clock));
    draft.sensor = transaction.server_id.0;
    draft.finish(context)
}

/// The rule that names the event: one that finds something before one that adds up, the most severe, the first of equals.
fn most_telling(fired: Vec<Fired<'_>>) -> Option<Fired<'_>> {
    fired.into_iter().rev().max_by_key(|rule| (!rule.adds_up(), rule.is_of_answers(), rule.severity))
}

/// How the transaction ended. A status of 403 alone proves nothing, since applications answer so, too: without
/// `is_interrupted`, which older versions do not write, only a rule that adds up, an enforcing engine and an error together count.
fn outcome(transaction: &Transaction<'_>, fired: &[Fired<'_>]) -> Outcome {
    if fired.iter().any(Fired::is_of_answers) {
        return Outcome::Success;
    }
    let producer = transaction.producer.as_ref();
    let engine = producer.and_then(|it| it.secrules_engine.as_str().or_else(|| it.rule_engine.as_str()));
    let enforces = engine.map(|it| it.eq_ignore_ascii_case("Enabled") || it.eq_ignore_ascii_case("On"));
    let detects = engine.is_some_and(|it| it.eq_ignore_ascii_case("DetectionOnly"));
    let status = transaction.response.as_ref().and_then(|it| it.http_code.0.or(it.status.0));
    match (transaction.is_interrupted, status) {
        (Some(true), _) if !detects => Outcome::Blocked,
        (Some(_), _) => Outcome::Allowed,
        (None, _) if detects => Outcome::Allowed,
        (None, Some(100..=399)) => Outcome::Allowed,
        (None, Some(400..)) if enforces == Some(true) && fired.iter().any(Fired::adds_up) => Outcome::Blocked,
        (None, _) => Outcome::Unknown,
    }
}
