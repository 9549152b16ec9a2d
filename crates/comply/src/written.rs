//! Physical and media facts that no scanner sees, written down by people: media that were destroyed, devices that changed hands,
//! visits, reviews of access, drills. One table of kinds with their fields; a further kind is a row.
//!
//! Nothing is edited: what was wrong is taken back with a reason, and written anew.

mod csv;
mod table;

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use sha2::{Digest as _, Sha256};

use crate::signal::About;

pub use csv::{MOST_ROWS, Mapping, MappingError, Taken, headings, read as read_csv};
pub use table::KINDS;

/// The longest line of a fact, in bytes.
pub const MOST_LINE: usize = 400;
/// The longest text of a fact, in bytes.
pub const MOST_TEXT: usize = 4_000;
/// The first day that is taken: that of the statute (Pub. L. 104-191).
const FIRST_DAY: Date = jiff::civil::date(1996, 8, 21);

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line.
    Line,
    /// Several lines.
    Text,
    /// A time of the day, as 14:30.
    Time,
    /// How many.
    Number,
    /// One of these: code and words.
    Choice(&'static [(&'static str, &'static str)]),
}

/// A field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The stable code.
    pub code: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// How it is filled in.
    pub form: Form,
    /// Whether it has to be.
    pub required: bool,
}

/// How often something has to be written down anew for each system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Days from one to the next, inclusive. The house's own; the law names none.
    pub days: i64,
    /// In words.
    pub words: &'static str,
}

/// A kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The stable code.
    pub code: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// When it is written down, in a line.
    pub what: &'static str,
    /// Where the rule asks for it.
    pub citation: &'static str,
    /// What kind of system it is about.
    pub about: About,
    /// What the system is called in the form: a serial number, a site.
    pub system: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// How often, where it is to come again.
    pub period: Option<Period>,
}

impl Kind {
    /// The kind of a code.
    pub fn of(code: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// The last day by which it is to come again; `None` where it is not.
    pub fn next(&self, last: Date) -> Option<Date> {
        self.period.map(|period| last.saturating_add(period.days.days()))
    }
}

/// A fact as somebody brings it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct New {
    /// The day on which it was.
    pub day: String,
    /// The system.
    pub system: String,
    /// The fields by code; empty ones are as if they were not there.
    pub fields: BTreeMap<String, String>,
}

/// A fact that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its kind.
    pub kind: &'static Kind,
    /// The day on which it was.
    pub day: Date,
    /// The system.
    pub system: String,
    /// The fields that are filled in, by code.
    pub fields: BTreeMap<String, String>,
}

/// Why something is no fact of a kind: the place and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Invalid {
    /// The field, by its name.
    pub place: &'static str,
    /// What is wrong.
    pub message: String,
}

fn invalid(place: &'static str, message: impl Into<String>) -> Invalid {
    Invalid { place, message: message.into() }
}

/// Marks that turn the direction of writing or cannot be seen make one text look like another.
fn hidden(it: char) -> bool {
    matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn text(place: &'static str, sent: &str, lines: bool) -> Result<String, Invalid> {
    let most = if lines { MOST_TEXT } else { MOST_LINE };
    let sent = sent.trim();
    if sent.len() > most {
        return Err(invalid(place, format!("it has {} bytes, at most {most} are taken", sent.len())));
    }
    let bad = |it: char| hidden(it) || (it.is_control() && !(lines && matches!(it, '\n' | '\r' | '\t')));
    if let Some(bad) = sent.chars().find(|it| bad(*it)) {
        return Err(invalid(
            place,
            format!("it has the sign U+{:04X}, which cannot be seen", u32::from(bad)),
        ));
    }
    Ok(sent.to_owned())
}

fn field(field: &Field, sent: &str) -> Result<Option<String>, Invalid> {
    let sent = text(field.name, sent, field.form == Form::Text)?;
    if sent.is_empty() {
        return if field.required { Err(invalid(field.name, "it is missing")) } else { Ok(None) };
    }
    let wrong = |wanted: &str| {
        invalid(field.name, format!("{:?} is not {wanted}", sent.chars().take(40).collect::<String>()))
    };
    match field.form {
        Form::Line | Form::Text => {}
        Form::Time => {
            let well = sent.len() == 5 && format!("{sent}:00").parse::<Time>().is_ok();
            if !well {
                return Err(wrong("a time as 14:30"));
            }
        }
        Form::Number => {
            if sent.parse::<u32>().is_err() {
                return Err(wrong("a number as 3"));
            }
        }
        Form::Choice(choices) => {
            let plain = sent.to_lowercase();
            let found = choices.iter().find(|(code, words)| *code == plain || words.to_lowercase() == plain);
            let Some((code, _)) = found else {
                let codes: Vec<&str> = choices.iter().map(|(code, _)| *code).collect();
                return Err(wrong(&format!("one of {}", codes.join(", "))));
            };
            return Ok(Some((*code).to_owned()));
        }
    }
    Ok(Some(sent))
}

impl New {
    /// Looks at it.
    ///
    /// # Errors
    /// [`Invalid`]: the first thing that is wrong, a day that has not come and fields that the kind does not have among them.
    pub fn check(&self, kind: &'static Kind, today: Date) -> Result<Written, Invalid> {
        const DAY: &str = "Day";
        let day: Date =
            self.day.trim().parse().map_err(|_| invalid(DAY, "a day is written as 2026-03-01"))?;
        if day > today {
            return Err(invalid(DAY, format!("{day} has not come yet")));
        }
        if day < FIRST_DAY {
            return Err(invalid(DAY, format!("{day} is before {FIRST_DAY}, when the law began")));
        }
        let system = text(kind.system, &self.system, false)?;
        if system.is_empty() {
            return Err(invalid(kind.system, "it is missing"));
        }
        if let Some(strange) = self.fields.keys().find(|code| kind.fields.iter().all(|it| it.code != *code)) {
            let known: Vec<&str> = kind.fields.iter().map(|it| it.code).collect();
            return Err(invalid(
                "fields",
                format!("there is no field {:?}; the fields are {}", strange, known.join(", ")),
            ));
        }
        let mut fields = BTreeMap::new();
        for it in kind.fields {
            let sent = self.fields.get(it.code).map(String::as_str).unwrap_or_default();
            if let Some(value) = field(it, sent)? {
                fields.insert(it.code.to_owned(), value);
            }
        }
        Ok(Written { kind, day, system, fields })
    }
}

/// How systems are compared: without case and outer blanks.
pub fn system_key(system: &str) -> String {
    system.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Written {
    /// What tells it from others of its kind: the same day, system and fields are the same fact, however the system is spelt.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        part(self.kind.code);
        part(&self.day.to_string());
        part(&system_key(&self.system));
        for (code, value) in &self.fields {
            part(code);
            part(value);
        }
        hash.finalize().into()
    }

    /// A field, empty where it is not filled in.
    pub fn field(&self, code: &str) -> &str {
        self.fields.get(code).map(String::as_str).unwrap_or_default()
    }
}
