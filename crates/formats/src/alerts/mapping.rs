//! JSON of any program, by a mapping file: where each fact stands, as JSON pointers (RFC 6901).

use std::borrow::Cow;
use std::collections::BTreeMap;

use bedrail_model::alert::{Outcome, PathClass, SourceKind};
use bedrail_model::severity::Severity;
use bedrail_model::text::harmless;
use serde::Deserialize;
use serde_json::Value;

use super::draft::{Context, Draft, endpoint};
use super::time::{self, Clock};
use super::words::{outcome_of, severity_of};
use super::{Reading, Why};

/// A fact that can be mapped. There is none for texts that may hold persons or contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// When.
    Time,
    /// The sensor.
    Sensor,
    /// The id of the rule; the one that must be there.
    Rule,
    /// The name of the rule.
    Name,
    /// The severity.
    Severity,
    /// The address that it came from.
    FromAddress,
    /// The port that it came from.
    FromPort,
    /// The address that it went to.
    ToAddress,
    /// The port that it went to.
    ToPort,
    /// A path or an address of a page, of which the class is kept.
    Path,
    /// How it ended.
    Outcome,
    /// How often.
    Count,
}

impl Fact {
    /// All facts.
    pub const ALL: [Fact; 12] = [
        Fact::Time,
        Fact::Sensor,
        Fact::Rule,
        Fact::Name,
        Fact::Severity,
        Fact::FromAddress,
        Fact::FromPort,
        Fact::ToAddress,
        Fact::ToPort,
        Fact::Path,
        Fact::Outcome,
        Fact::Count,
    ];

    /// Its name in a mapping file.
    pub const fn code(self) -> &'static str {
        match self {
            Fact::Time => "time",
            Fact::Sensor => "sensor",
            Fact::Rule => "rule",
            Fact::Name => "name",
            Fact::Severity => "severity",
            Fact::FromAddress => "from_address",
            Fact::FromPort => "from_port",
            Fact::ToAddress => "to_address",
            Fact::ToPort => "to_port",
            Fact::Path => "path",
            Fact::Outcome => "outcome",
            Fact::Count => "count",
        }
    }
}

/// A mapping, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    fields: Vec<(Fact, String)>,
    /// A line is an alert where each of these places holds one of the values.
    only: Vec<(String, Vec<String>)>,
    severities: BTreeMap<String, Severity>,
    outcomes: BTreeMap<String, Outcome>,
}

/// A mapping file that cannot be taken. All that is wrong with it is said at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// It is no JSON of this form.
    #[error("the mapping file is not readable: {0}; hint: docs/alerts.md has one to start from")]
    Syntax(String),
    /// It says something that cannot be.
    #[error("the mapping file: {}", .0.join("; "))]
    Wrong(Vec<String>),
}

/// The file. Unknown fields are errors: they are misspelt ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fields: BTreeMap<String, String>,
    #[serde(default)]
    only: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    severities: BTreeMap<String, String>,
    #[serde(default)]
    outcomes: BTreeMap<String, String>,
}

/// Bytes of a mapping file: a page of it has two thousand.
const FILE_LIMIT: usize = 256 << 10;

impl Mapping {
    /// Read a mapping file.
    ///
    /// # Errors
    /// [`MappingError`], with the place of each mistake.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        if text.len() > FILE_LIMIT {
            return Err(MappingError::Syntax(format!("it has more than {FILE_LIMIT} bytes")));
        }
        let file: File = serde_json::from_str(text)
            .map_err(|error| MappingError::Syntax(harmless(&error.to_string()).into_owned()))?;
        let mut wrong = Vec::new();
        let mut fields = Vec::new();
        for (name, pointer) in file.fields {
            let place = format!("`/fields/{}`", harmless(&name));
            match Fact::ALL.into_iter().find(|fact| fact.code() == name) {
                None => {
                    let known = Fact::ALL.map(Fact::code).join(", ");
                    wrong.push(format!("{place} is no field; hint: the fields are {known}"));
                }
                Some(fact) => {
                    check_pointer(&place, &pointer, &mut wrong);
                    fields.push((fact, pointer));
                }
            }
        }
        if !fields.iter().any(|(fact, _)| *fact == Fact::Rule) {
            wrong.push(
                "`/fields/rule` is missing; hint: without the id of a rule nothing can be counted".to_owned(),
            );
        }
        for pointer in file.only.keys() {
            check_pointer("a place in `/only`", pointer, &mut wrong);
        }
        let severities = words("severities", file.severities, Severity::from_word, &mut wrong);
        let outcomes = words("outcomes", file.outcomes, Outcome::from_code, &mut wrong);
        if wrong.is_empty() {
            Ok(Mapping { fields, only: file.only.into_iter().collect(), severities, outcomes })
        } else {
            Err(MappingError::Wrong(wrong))
        }
    }

    /// What a sample line lacks, pointer by pointer: to be asked before a mapping is taken. A line that is no JSON lacks all.
    pub fn missing(&self, line: &str) -> Vec<Why> {
        let document: Value = serde_json::from_str(line).unwrap_or(Value::Null);
        let missing =
            self.fields.iter().filter_map(|(fact, pointer)| lookup(&document, *fact, pointer).err());
        missing.collect()
    }

    fn pointer(&self, fact: Fact) -> Option<&str> {
        self.fields.iter().find(|(it, _)| *it == fact).map(|(_, pointer)| pointer.as_str())
    }

    fn text<'v>(&self, fact: Fact, document: &'v Value) -> Option<Cow<'v, str>> {
        scalar(document.pointer(self.pointer(fact)?)?)
    }
}

fn words<T>(
    what: &str,
    given: BTreeMap<String, String>,
    known: impl Fn(&str) -> Option<T>,
    wrong: &mut Vec<String>,
) -> BTreeMap<String, T> {
    let mut words = BTreeMap::new();
    for (word, meaning) in given {
        match known(&meaning) {
            Some(meaning) => {
                words.insert(word.to_lowercase(), meaning);
            }
            None => {
                let (word, meaning) = (harmless(&word), harmless(&meaning));
                wrong.push(format!("`/{what}/{word}`: `{meaning}` is not known"));
            }
        }
    }
    words
}

/// RFC 6901 §3: empty, or each step behind a `/`; `~` only as `~0` or `~1`.
fn check_pointer(place: &str, pointer: &str, wrong: &mut Vec<String>) {
    let shown = harmless(pointer);
    if !pointer.starts_with('/') {
        wrong.push(format!("{place}: `{shown}` is no JSON pointer; hint: write /a/b, not a.b"));
    } else if pointer.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        wrong.push(format!("{place}: `{shown}`: a `~` is written ~0, a `/` within a name ~1"));
    }
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Names that a message lists of those that there are.
const LISTED: usize = 8;

/// A value, or what there is on the way to it.
fn lookup<'v>(document: &'v Value, fact: Fact, pointer: &str) -> Result<Cow<'v, str>, Why> {
    if let Some(value) = document.pointer(pointer) {
        let found = match value {
            Value::Null => "it is null",
            Value::Array(_) => "it is a list",
            Value::Object(_) => "it is an object",
            Value::Bool(_) | Value::Number(_) | Value::String(_) => "",
        };
        let missing =
            || Why::NoPointer { field: fact.code(), pointer: harmless(pointer).into(), found: found.into() };
        return scalar(value).ok_or_else(missing);
    }
    // The deepest step that is there.
    let mut reached = document;
    let mut way = "";
    for (at, _) in pointer.match_indices('/').skip(1).chain([(pointer.len(), "")]) {
        let Some(prefix) = pointer.get(..at) else { break };
        match document.pointer(prefix) {
            Some(value) => (reached, way) = (value, prefix),
            None => break,
        }
    }
    let at = if way.is_empty() { "the line".to_owned() } else { format!("`{}`", harmless(way)) };
    let found = match reached {
        Value::Object(fields) => {
            let names = fields.keys().take(LISTED).map(|name| format!("`{}`", harmless(short(name))));
            format!("{at} has {}", names.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("{at} is a list of {}", items.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            format!("{at} is a single value")
        }
    };
    Err(Why::NoPointer { field: fact.code(), pointer: harmless(pointer).into_owned(), found })
}

fn short(name: &str) -> &str {
    &name[..name.floor_char_boundary(40)]
}

/// Read a line by the mapping of its source.
pub(super) fn read<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let Some(mapping) = &context.settings.mapping else {
        return Reading::NotUnderstood(Why::Missing("mapping file of the source"));
    };
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => return Reading::NotUnderstood(Why::json(&error)),
    };
    let holds = |(pointer, values): &(String, Vec<String>)| {
        let value = document.pointer(pointer).and_then(scalar);
        value.is_some_and(|value| values.iter().any(|it| *it == value))
    };
    if !mapping.only.iter().all(holds) {
        return Reading::NotAnAlert(Cow::Borrowed("outside of the mapping's `only`"));
    }
    let rule = match lookup(&document, Fact::Rule, mapping.pointer(Fact::Rule).unwrap_or_default()) {
        Ok(rule) => rule.into_owned(),
        Err(why) => return Reading::NotUnderstood(why),
    };
    let text = |fact| mapping.text(fact, &document);
    let number = |fact| text(fact).and_then(|it| it.trim().parse::<u64>().ok());
    let port = |fact| number(fact).and_then(|port| u16::try_from(port).ok());
    let mut draft: Draft<'l> = Draft::new(SourceKind::Mapped, Cow::Owned(rule));
    draft.name = text(Fact::Name).map(|it| Cow::Owned(it.into_owned()));
    draft.sensor = text(Fact::Sensor).map(|it| Cow::Owned(it.into_owned()));
    draft.severity = text(Fact::Severity).map_or(Severity::Unknown, |word| {
        mapping.severities.get(&word.to_lowercase()).copied().unwrap_or_else(|| severity_of(&word))
    });
    draft.outcome = text(Fact::Outcome).map_or(Outcome::Unknown, |word| {
        mapping
            .outcomes
            .get(&word.to_lowercase())
            .copied()
            .or_else(|| outcome_of(&word))
            .unwrap_or(Outcome::Unknown)
    });
    draft.from = endpoint(text(Fact::FromAddress).as_deref(), port(Fact::FromPort));
    draft.to = endpoint(text(Fact::ToAddress).as_deref(), port(Fact::ToPort));
    draft.path = text(Fact::Path).map_or(PathClass::none(), |path| PathClass::of(&path));
    draft.count = number(Fact::Count).unwrap_or(1);
    let clock = Clock { zone: &context.settings.zone, received: context.received };
    draft.time = text(Fact::Time).map(|text| time::read(&text, clock));
    draft.finish(context)
}
