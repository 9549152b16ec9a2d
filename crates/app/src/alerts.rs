//! The ledger of alerts: what other programs saw happen becomes work that somebody does, and every event that was received is
//! accounted for.
//!
//! Events come in batches ([`receive`]): what is read of one is stored in one transaction, together with how far its file was
//! read, so that after any end of the process received and accounted are the same, and nothing is there twice. Events of one
//! key are one item ([`work`]); [`prove`] adds both sides up.

use bedrail_formats::alerts::Mapping;
use bedrail_model::alert::{Network, SourceKind};
use bedrail_model::ids::AlertSourceId;
use bedrail_store::alerts::{self as rows, SourceRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::rights::Right;
use crate::{Actor, Context, Error};

pub(crate) mod address;
pub mod answer;
mod batch;
pub mod closings;
mod counters;
pub mod decide;
mod escalate;
pub(crate) mod grouping;
pub mod kept;
pub mod links;
pub mod listen;
pub mod own;
pub mod pause;
pub mod policy;
pub mod prove;
mod rank;
pub mod receive;
mod remembered;
pub mod rota;
mod shifts;
pub mod short;
pub mod tail;
pub(crate) mod tickets;
pub mod upkeep;
pub mod work;

pub(crate) use address::Book;
pub(crate) use remembered::Remembered;

/// Days that events are kept unless it is said otherwise.
pub const KEEP_DAYS: u32 = 90;
/// The longest name of a source, in bytes.
const LONGEST_NAME: usize = 200;
/// The highest severity number of plain syslog that is an alert unless it is said otherwise: warning (RFC 5424 §6.2.1).
pub const SYSLOG_SEVERITY: u8 = 4;

/// A source of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Id.
    pub id: AlertSourceId,
    /// What it is like.
    pub settings: NewSource,
    /// When it was added.
    pub added: Timestamp,
    /// When something last came.
    pub heard: Option<Timestamp>,
    /// Whether nothing has come for longer than it may be silent.
    pub silent: bool,
    /// What was wrong with it last, and since when.
    pub trouble: Option<(String, Timestamp)>,
}

/// A source to be added, or set up anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// What people call it.
    pub name: String,
    /// The kind of its lines; `None` tells it line by line.
    pub kind: Option<SourceKind>,
    /// The text of the mapping file, for [`SourceKind::Mapped`].
    pub mapping: Option<String>,
    /// The zone of times that name none, such as `Europe/Berlin`; UTC without it.
    pub zone: Option<String>,
    /// Our own addresses, beside those that are never routed outside.
    pub own: Vec<Network>,
    /// The highest severity number of plain syslog that is an alert (RFC 5424 §6.2.1: 0 emergency to 7 debug).
    pub syslog_severity: u8,
    /// The file that is followed. Whoever sets it has the machine in hand.
    pub path: Option<String>,
    /// Days that events are kept. Their numbers stay.
    pub keep_days: u32,
    /// Minutes without anything after which it counts as silent.
    pub silent_minutes: Option<u32>,
}

impl NewSource {
    /// A source with the settings that most have.
    pub fn named(name: impl Into<String>) -> NewSource {
        NewSource {
            name: name.into(),
            kind: None,
            mapping: None,
            zone: None,
            own: Vec::new(),
            syslog_severity: SYSLOG_SEVERITY,
            path: None,
            keep_days: KEEP_DAYS,
            silent_minutes: None,
        }
    }

    fn row(&self, id: AlertSourceId, added: Timestamp) -> SourceRow {
        let own = self.own.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        SourceRow {
            id,
            name: self.name.trim().to_owned(),
            kind: self.kind.map_or_else(String::new, |kind| kind.code().to_owned()),
            mapping: self.mapping.clone(),
            zone: self.zone.clone(),
            own,
            syslog_severity: self.syslog_severity,
            path: self.path.clone(),
            keep_days: self.keep_days,
            silent_minutes: self.silent_minutes,
            added,
            heard: None,
            trouble: None,
        }
    }

    /// The row of our own source: [`own`].
    fn own_row(&self, id: AlertSourceId, added: Timestamp) -> SourceRow {
        SourceRow { kind: SourceKind::Own.code().to_owned(), ..self.row(id, added) }
    }

    fn check(&self) -> Result<(), Error> {
        let invalid = |message: String, hint: &str| Err(Error::Invalid { message, hint: Some(hint.into()) });
        let name = self.name.trim();
        if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
            return invalid("the source needs a name of one line".into(), "such as `Suricata, border`");
        }
        let mapped = self.kind == Some(SourceKind::Mapped);
        match (&self.mapping, mapped) {
            (None, true) => {
                let message = "a source of other JSON needs a mapping file".into();
                return invalid(message, "docs/alerts.md has one to start from");
            }
            (Some(_), false) => {
                return invalid("a mapping file is for sources of kind `mapped`".into(), "leave it away");
            }
            (Some(text), true) => {
                Mapping::parse(text).map_err(|error| Error::invalid(error.to_string()))?;
            }
            (None, false) => {}
        }
        let readable = self.kind.is_none_or(|kind| FOREIGN.contains(&kind));
        if !readable {
            return invalid("that kind is of our own making".into(), "choose one that a file can have");
        }
        if let Some(zone) = &self.zone
            && TimeZone::get(zone).is_err()
        {
            return invalid(format!("`{zone}` is no time zone"), "such as Europe/Berlin or America/Chicago");
        }
        if self.syslog_severity > 7 {
            return invalid("severities of syslog go from 0 to 7".into(), "4 is a warning");
        }
        if !(1..=3_650).contains(&self.keep_days) {
            return invalid("events are kept from 1 to 3650 days".into(), "90 is usual");
        }
        if self.silent_minutes.is_some_and(|minutes| !(1..=525_600).contains(&minutes)) {
            return invalid("a source may be silent from a minute to a year".into(), "leave it away");
        }
        Ok(())
    }
}

/// Kinds of sources that people add: those of other programs, and our firewall, which is a process of its own.
pub const FOREIGN: [SourceKind; 8] = [
    SourceKind::Firewall,
    SourceKind::Eve,
    SourceKind::ModSecurity,
    SourceKind::Coraza,
    SourceKind::Wazuh,
    SourceKind::Cef,
    SourceKind::Syslog,
    SourceKind::Mapped,
];

/// The kind of a source that people add, by its code.
///
/// # Errors
/// [`Error::Invalid`] with the kinds that there are.
pub fn kind_named(code: &str) -> Result<SourceKind, Error> {
    let kind = SourceKind::from_code(code).filter(|kind| FOREIGN.contains(kind));
    kind.ok_or_else(|| {
        let known = FOREIGN.map(SourceKind::code).join(", ");
        Error::Invalid {
            message: "there is no such kind of source".into(),
            hint: Some(format!("the kinds are {known}")),
        }
    })
}

impl Source {
    /// Whether it is seen when nothing comes any more: ours is asked each minute, others only where it is said how long they
    /// may be silent.
    pub fn is_watched(&self) -> bool {
        self.settings.silent_minutes.is_some() || self.settings.kind == Some(SourceKind::Own)
    }

    fn of(row: SourceRow, now: Timestamp) -> Source {
        let silent = is_silent(&row, now);
        Source {
            id: row.id,
            settings: NewSource {
                kind: SourceKind::from_code(&row.kind),
                // What was stored was checked.
                own: row.own.split_whitespace().filter_map(|text| text.parse().ok()).collect(),
                name: row.name,
                mapping: row.mapping,
                zone: row.zone,
                syslog_severity: row.syslog_severity,
                path: row.path,
                keep_days: row.keep_days,
                silent_minutes: row.silent_minutes,
            },
            added: row.added,
            heard: row.heard,
            silent,
            trouble: row.trouble,
        }
    }
}

/// Whether nothing has come from a source for longer than it may be silent.
pub(crate) fn is_silent(row: &SourceRow, now: Timestamp) -> bool {
    let last = row.heard.unwrap_or(row.added);
    row.silent_minutes
        .is_some_and(|minutes| now.duration_since(last) > jiff::SignedDuration::from_mins(i64::from(minutes)))
}

/// All sources, by name.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn sources(ctx: &Context, actor: &Actor) -> Result<Vec<Source>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    Ok(rows::sources(&view).await?.into_iter().map(|row| Source::of(row, now)).collect())
}

/// The source of an id or a name.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn source(ctx: &Context, actor: &Actor, which: &str) -> Result<Source, Error> {
    let all = sources(ctx, actor).await?;
    let which = which.trim();
    let found = all.into_iter().find(|it| it.settings.name == which || it.id.to_string() == which);
    found.ok_or_else(|| Error::not_found(format!("a source of alerts called `{which}`")))
}

/// Adds a source. The name is given once.
///
/// # Errors
/// [`Error::Invalid`] for settings that cannot be, [`Error::Conflict`] where the name is taken.
pub async fn add_source(ctx: &Context, actor: &Actor, new: &NewSource) -> Result<AlertSourceId, Error> {
    actor.need(Right::HandleAlerts)?;
    new.check()?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.add_source").await?;
    is_free(&rows::sources(&change).await?, new, None)?;
    let row = new.row(AlertSourceId::generate(), change.at());
    rows::add_source(&change, &row).await?;
    let kind = if row.kind.is_empty() { "told line by line" } else { &row.kind };
    change.commit(&row.name, &format!("source of alerts: {kind}, kept {} days", row.keep_days)).await?;
    Ok(row.id)
}

/// Sets a source up anew.
///
/// # Errors
/// As [`add_source`]; [`Error::NotFound`] where there is none.
pub async fn set_source(
    ctx: &Context,
    actor: &Actor,
    id: AlertSourceId,
    new: &NewSource,
) -> Result<(), Error> {
    actor.need(Right::HandleAlerts)?;
    new.check()?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.set_source").await?;
    let all = rows::sources(&change).await?;
    let old = all.iter().find(|row| row.id == id);
    let old = old.ok_or_else(|| Error::not_found(format!("source of alerts {id}")))?;
    is_free(&all, new, Some(id))?;
    let row = new.row(id, old.added);
    rows::set_source(&change, &row).await?;
    let words = |row: &SourceRow| {
        let path = row.path.as_deref().unwrap_or("no file");
        let silent = row.silent_minutes.map_or("ever".to_owned(), |minutes| format!("{minutes} minutes"));
        format!("{}: {}; {path}; kept {} days; silent for {silent}", row.name, row.kind, row.keep_days)
    };
    let (before, after) = (words(old), words(&row));
    change.commit_with(&row.name, "source of alerts set up anew", Some(before), Some(after)).await?;
    Ok(())
}

fn is_free(all: &[SourceRow], new: &NewSource, but: Option<AlertSourceId>) -> Result<(), Error> {
    let name = new.name.trim();
    if all.iter().any(|row| row.name == name && Some(row.id) != but) {
        return Err(Error::Conflict { message: format!("there is a source called `{name}` already") });
    }
    Ok(())
}
