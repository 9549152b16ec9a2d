//! Wazuh's `alerts.json` (Wazuh documentation, "Alert management").
//!
//! `full_log` and `data` hold whatever the agent read. Of `data` only addresses, ports, actions and what Suricata said are
//! looked at, and a rule's description, into which Wazuh writes values of `data`, is freed of names and addresses of pages.

use std::borrow::Cow;

use bedrail_model::alert::{Outcome, PathClass, SourceKind};
use bedrail_model::severity::Severity;
use serde::Deserialize;
use serde_json::Value;

use super::draft::{Context, Draft, endpoint, read_address};
use super::time::{self, Clock};
use super::wire::{Number, Text, Texts};
use super::words::{is_success, outcome_of};
use super::{Reading, Why};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    rule: Option<Rule<'a>>,
    #[serde(borrow)]
    agent: Option<Agent<'a>>,
    data: Option<Value>,
}

#[derive(Deserialize)]
struct Rule<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(default)]
    level: Number,
    #[serde(borrow, default)]
    description: Text<'a>,
    #[serde(borrow, default)]
    groups: Texts<'a>,
}

#[derive(Deserialize)]
struct Agent<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    ip: Text<'a>,
}

/// Rules of Wazuh's own set that say an attack came through: a web attack answered with 200, a login after many failures.
const SUCCESS_RULES: &[&str] = &["31106", "40112", "31168"];

/// Read an alert.
pub(super) fn read<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let record: Record<'l> = match serde_json::from_str(text) {
        Ok(record) => record,
        Err(error) => return Reading::NotUnderstood(Why::json(&error)),
    };
    let Some(rule) = record.rule else { return Reading::NotUnderstood(Why::Missing("rule")) };
    let Some(id) = rule.id.0 else { return Reading::NotUnderstood(Why::Missing("rule.id")) };
    let data = record.data.unwrap_or(Value::Null);
    let outcome = outcome(&id, &rule.groups, &data);
    // One rule of Wazuh stands for all of Suricata's: that would make one item of everything.
    let signature = scalar(&data, &["/alert/signature_id"]);
    let rule_id = match &signature {
        Some(signature) => Cow::Owned(format!("{id}/{signature}")),
        None => id,
    };
    let mut draft = Draft::new(SourceKind::Wazuh, rule_id);
    draft.name = match scalar(&data, &["/alert/signature"]) {
        Some(name) => Some(Cow::Owned(name.into_owned())),
        None => rule.description.0.map(|text| without_values(text, &data)),
    };
    draft.severity = severity(rule.level);
    draft.outcome = outcome;
    let (from, to) = (scalar(&data, FROM), scalar(&data, TO));
    draft.from = endpoint(from.as_deref(), port(&data, &["/srcport", "/src_port"]));
    draft.to = endpoint(to.as_deref(), port(&data, &["/dstport", "/dest_port"]));
    if draft.to.address.is_none() {
        // The agent's machine is what it happened to.
        let agent = record.agent.as_ref().and_then(|agent| agent.ip.as_str()).and_then(read_address);
        draft.to.address =
            agent.filter(|address| !address.is_loopback() && Some(*address) != draft.from.address);
    }
    let url = scalar(&data, &["/url", "/http/url"]);
    draft.path = url.map_or(PathClass::none(), |url| PathClass::of(&url));
    let clock = Clock { zone: &context.settings.zone, received: context.received };
    draft.time = record.timestamp.as_str().map(|text| time::read(text, clock));
    draft.sensor = record.agent.and_then(|agent| agent.name.0);
    draft.finish(context)
}

/// Where Wazuh's decoders put the address of who did something, and of whom it was done to.
const FROM: &[&str] = &["/srcip", "/src_ip", "/win/eventdata/ipAddress", "/aws/sourceIPAddress"];
const TO: &[&str] = &["/dstip", "/dest_ip"];

/// The bands of Wazuh's sixteen levels that its dashboard uses.
fn severity(level: Number) -> Severity {
    match level.0 {
        None | Some(17..) => Severity::Unknown,
        Some(0..=6) => Severity::Low,
        Some(7..=11) => Severity::Medium,
        Some(12..=14) => Severity::High,
        Some(15 | 16) => Severity::Critical,
    }
}

fn outcome(rule: &str, groups: &Texts<'_>, data: &Value) -> Outcome {
    let category = scalar(data, &["/alert/category"]);
    let signature = scalar(data, &["/alert/signature"]);
    let successful = groups.0.iter().any(|group| group == "attack_success");
    if SUCCESS_RULES.contains(&rule) || successful || is_success(category.as_deref(), signature.as_deref()) {
        return Outcome::Success;
    }
    let action = scalar(data, &["/alert/action", "/action"]);
    // `success` as an action of a log is a login, not an attack.
    match action.as_deref().and_then(outcome_of) {
        Some(outcome @ (Outcome::Blocked | Outcome::Allowed)) => outcome,
        Some(Outcome::Success | Outcome::Unknown) | None => Outcome::Unknown,
    }
}

/// The first of some places that holds a text or a number.
fn scalar<'v>(data: &'v Value, pointers: &[&str]) -> Option<Cow<'v, str>> {
    pointers.iter().find_map(|pointer| match data.pointer(pointer)? {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

fn port(data: &Value, pointers: &[&str]) -> Option<u16> {
    scalar(data, pointers).and_then(|text| text.trim().parse().ok())
}

/// Words in the name of a field by which its value is a person's name or something that a person wrote.
const PERSONAL: &[&str] = &[
    "user", "account", "login", "mail", "url", "uri", "path", "file", "command", "cmdline", "query", "title",
];
/// What takes the place of such a value.
const TAKEN_OUT: &str = "…";

/// A description without the values that Wazuh wrote into it.
fn without_values<'l>(text: Cow<'l, str>, data: &Value) -> Cow<'l, str> {
    let mut values = Vec::new();
    gather(data, false, &mut values);
    // The longest first, so that none is left in part.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(text, |text, value| match text.contains(value) {
        true => Cow::Owned(text.replace(value, TAKEN_OUT)),
        false => text,
    })
}

fn gather<'v>(value: &'v Value, personal: bool, values: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if personal && text.len() > 1 => values.push(text),
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_ascii_lowercase();
                gather(value, personal || PERSONAL.iter().any(|word| name.contains(word)), values);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, personal, values)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
