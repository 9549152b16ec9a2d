//! How long records are kept. Each record class has a floor as data (`catalogs/retention.yaml`); of all that apply the longest
//! wins, and a legal hold stops every deletion, that of backups too.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::{Fault, text, yaml};

/// From when the years count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// From creation.
    Created,
    /// From creation or from the last day in effect, whichever is later (164.316(b)(2)(i)).
    LastInEffect,
}

/// A record class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordClass {
    /// The stable id.
    pub id: String,
    /// What belongs to it.
    pub title: String,
    /// Where it stands written.
    pub citation: String,
    /// How many years; a floor.
    pub years: i16,
    /// From when.
    pub from: From,
}

/// The classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// By id.
    pub classes: BTreeMap<String, RecordClass>,
}

/// Until when a record was in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InEffect {
    /// It never was, beyond its creation: a log entry, a letter.
    Created,
    /// Until this day, inclusive.
    Until(Date),
    /// It still is.
    Still,
}

/// A record, as far as its keeping goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its classes, by id.
    pub classes: Vec<String>,
    /// When it was made.
    pub created: Date,
    /// Until when it was in effect.
    pub in_effect: InEffect,
    /// A day that the house, a contract or a State sets, where there is one.
    pub at_least_until: Option<Date>,
}

/// Until when a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// To this day, inclusive.
    Day(Date),
    /// Open: it is still in effect.
    Open,
}

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Which matter.
    pub matter: String,
    /// The first day, inclusive.
    pub from: Date,
    /// When it was lifted; `None` while it stands.
    pub lifted: Option<Date>,
    /// Which records; `None` for all.
    pub classes: Option<Vec<String>>,
}

/// Whether a record may be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayDelete {
    /// It may.
    Yes,
    /// It may not, and these are all reasons, for people.
    No(Vec<String>),
}

#[derive(Deserialize)]
struct File {
    classes: Vec<serde_saphyr::Spanned<Row>>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    title: String,
    citation: String,
    years: i16,
    from: String,
}

/// So many years after a day. 29 February rounds up to 1 March, so that nothing is deleted early.
pub fn years_after(day: Date, years: i16) -> Date {
    let Ok(year) = i16::try_from(i32::from(day.year()) + i32::from(years)) else { return Date::MAX };
    Date::new(year, day.month(), day.day()).or_else(|_| Date::new(year, 3, 1)).unwrap_or(Date::MAX)
}

impl Retention {
    /// The classes in the program.
    ///
    /// # Errors
    /// The fault; a test sees to it that ours have none.
    pub fn embedded() -> Result<Retention, Fault> {
        Retention::read("retention.yaml", text("retention.yaml"))
    }

    /// The classes of a file.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(name: &str, text: &str) -> Result<Retention, Fault> {
        let file: File = yaml(name, text)?;
        let mut classes = BTreeMap::new();
        for row in file.classes {
            let line = row.referenced.line();
            let row = row.value;
            let fault = |message: String| Fault { file: name.to_owned(), line, message };
            let from = match row.from.as_str() {
                "created" => From::Created,
                "last_in_effect" => From::LastInEffect,
                _ => return Err(fault(format!("{}: `from` is created or last_in_effect", row.id))),
            };
            if row.citation.trim().is_empty() || !(1..=200).contains(&row.years) {
                return Err(fault(format!("{}: a class has its citation and 1 to 200 years", row.id)));
            }
            let class = RecordClass {
                id: row.id.clone(),
                title: row.title,
                citation: row.citation,
                years: row.years,
                from,
            };
            if classes.insert(row.id.clone(), class).is_some() {
                return Err(fault(format!("{} stands there twice", row.id)));
            }
        }
        Ok(Retention { classes })
    }

    /// Until when a record is kept: the longest of its classes and of what else is set. A record without a known class is
    /// kept open, for nobody said how long.
    pub fn until(&self, record: &Record) -> Until {
        let known: Option<Vec<&RecordClass>> = record.classes.iter().map(|id| self.classes.get(id)).collect();
        let Some(known) = known.filter(|classes| !classes.is_empty()) else { return Until::Open };
        let floors = known.iter().map(|class| {
            let start = match (class.from, record.in_effect) {
                (From::LastInEffect, InEffect::Still) => return Until::Open,
                (From::LastInEffect, InEffect::Until(day)) => day.max(record.created),
                (From::Created, _) | (From::LastInEffect, InEffect::Created) => record.created,
            };
            Until::Day(years_after(start, class.years))
        });
        floors.chain(record.at_least_until.map(Until::Day)).max().unwrap_or(Until::Open)
    }

    /// Whether a record may be deleted on a day: after its last day, and while no legal hold stands.
    pub fn may_delete(&self, record: &Record, holds: &[LegalHold], today: Date) -> MayDelete {
        let mut reasons = Vec::new();
        for hold in holds {
            let stands = hold.from <= today && hold.lifted.is_none_or(|lifted| today < lifted);
            let covers = hold.classes.as_ref().is_none_or(|classes| {
                record.classes.is_empty() || record.classes.iter().any(|it| classes.contains(it))
            });
            if stands && covers {
                reasons.push(format!("legal hold since {}: {}", hold.from, hold.matter));
            }
        }
        for unknown in record.classes.iter().filter(|id| !self.classes.contains_key(*id)) {
            reasons.push(format!("how long {unknown:?} is kept is not known"));
        }
        match self.until(record) {
            Until::Open if record.classes.is_empty() => reasons.push("it has no record class".to_owned()),
            Until::Open if record.in_effect == InEffect::Still => {
                reasons.push("it is still in effect".to_owned())
            }
            Until::Open => {}
            Until::Day(day) if today <= day => reasons.push(format!("kept until {day}")),
            Until::Day(_) => {}
        }
        if reasons.is_empty() { MayDelete::Yes } else { MayDelete::No(reasons) }
    }
}
