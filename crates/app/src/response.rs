//! The plan for incidents (45 CFR 164.308(a)(6), (a)(7)): who is called, how wards work without the network, who may disconnect what,
//! playbooks, exercises; and a pack of all that for print and a USB stick, for the day on which Bedrail is down, too.

use std::collections::BTreeMap;

use bedrail_comply::playbook::{self, Playbook};
use bedrail_model::text::squeezed;
use bedrail_store::response as rows;
use jiff::Timestamp;
use jiff::civil::Date;

pub use bedrail_store::response::EntryRow;
pub use follow::{FollowUp, NewFollowUp, follow};
pub use pack::{Pack, PackFile, pack};
pub(crate) use pack::{Packed, refresh_all};

use crate::rights::Right;
use crate::typed::text_within;
use crate::{Actor, Context, Error};

mod follow;
mod pack;

/// The longest name, in characters.
const LONGEST_NAME: usize = 160;
/// The longest text.
const LONGEST_TEXT: usize = 8_000;
/// Rows that the plan holds, withdrawn ones and earlier ones included.
const MOST: usize = 10_000;

/// A kind of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// Somebody who is called.
    Contact,
    /// How a ward works without devices and network.
    Downtime,
    /// Who may disconnect what.
    Disconnect,
    /// An exercise that was held.
    Exercise,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [EntryKind; 4] =
        [EntryKind::Contact, EntryKind::Downtime, EntryKind::Disconnect, EntryKind::Exercise];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            EntryKind::Contact => "contact",
            EntryKind::Downtime => "downtime",
            EntryKind::Disconnect => "disconnect",
            EntryKind::Exercise => "exercise",
        }
    }

    /// The kind that a code names.
    pub fn from_code(code: &str) -> Option<EntryKind> {
        EntryKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What somebody puts into the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Which kind.
    pub kind: EntryKind,
    /// The role, the ward, what is disconnected, the exercise.
    pub name: String,
    /// Where it holds; empty for everywhere.
    pub place: String,
    /// Its place in the order, the least first: who is called first.
    pub rank: u64,
    /// Who.
    pub person: String,
    /// How they are reached, by telephone above all.
    pub reach: String,
    /// Steps, conditions, notes: one on a line.
    pub body: String,
    /// What follows from an exercise, one on a line.
    pub follow_ups: String,
    /// The day of an exercise.
    pub day: Option<Date>,
    /// Whether it ends what was said before of this name and place.
    pub withdrawn: bool,
}

/// The plan as it stands.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Entries in force, by kind, order and name; exercises the newest first.
    pub entries: Vec<EntryRow>,
    /// What follows from exercises, with the actions that carry it out.
    pub follow_ups: Vec<FollowUp>,
    /// Playbooks.
    pub playbooks: Vec<Playbook>,
    /// Wards of the inventory without downtime steps.
    pub wards_without: Vec<String>,
    /// Wards of the inventory.
    pub wards: u64,
    /// When it was looked at.
    pub at: Timestamp,
}

impl Plan {
    /// The entries of a kind.
    pub fn of(&self, kind: EntryKind) -> impl Iterator<Item = &EntryRow> {
        self.entries.iter().filter(move |row| row.kind == kind.code())
    }
}

fn in_force(all: Vec<EntryRow>) -> Vec<EntryRow> {
    let mut newest: BTreeMap<(String, String, String), EntryRow> = BTreeMap::new();
    for row in all {
        newest.insert((row.kind.clone(), row.name.to_lowercase(), row.place.to_lowercase()), row);
    }
    let mut all: Vec<EntryRow> = newest.into_values().filter(|row| !row.withdrawn).collect();
    // By kind as listed; exercises the newest first, others by their order.
    let kind = |row: &EntryRow| EntryKind::from_code(&row.kind);
    all.sort_by(|a, b| {
        let order = kind(a).cmp(&kind(b)).then(b.day.cmp(&a.day)).then(a.rank.cmp(&b.rank));
        order.then_with(|| (&a.place, &a.name).cmp(&(&b.place, &b.name)))
    });
    all
}

/// The entries in force.
pub(crate) async fn entries(view: &bedrail_store::View) -> Result<Vec<EntryRow>, Error> {
    Ok(in_force(rows::all(view).await?))
}

/// A ward as the plan names it: `site / ward`.
pub(crate) fn ward_name(site: &str, ward: &str) -> String {
    match (site.is_empty(), ward.is_empty()) {
        (_, true) => site.to_owned(),
        (true, false) => ward.to_owned(),
        (false, false) => format!("{site} / {ward}"),
    }
}

/// The plan.
///
/// # Errors
/// When the database cannot be used.
pub async fn get(ctx: &Context, actor: &Actor) -> Result<Plan, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let entries = entries(&view).await?;
    let follow_ups = follow::follow_ups(&view, &entries).await?;
    let wards: Vec<String> = fleet
        .devices
        .places
        .iter()
        .filter(|place| !place.ward.is_empty())
        .map(|place| ward_name(&place.site, &place.ward))
        .collect();
    let planned = |ward: &String| {
        let is = |row: &EntryRow| {
            row.kind == EntryKind::Downtime.code()
                && (row.name.eq_ignore_ascii_case(ward)
                    || ward_name(&row.place, &row.name).eq_ignore_ascii_case(ward))
        };
        entries.iter().any(is)
    };
    let wards_without = wards.iter().filter(|ward| !planned(ward)).cloned().collect();
    let playbooks = playbook::playbooks().map_err(|faults| {
        let first = faults.into_iter().next().map(|fault| fault.to_string()).unwrap_or_default();
        Error::Internal(first.into())
    })?;
    let at = ctx.clock.now();
    Ok(Plan { wards: wards.len() as u64, wards_without, entries, follow_ups, playbooks, at })
}

/// Puts an entry into the plan; one of the same kind, name and place takes the place of the one before, which stays on record.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for an entry that says nothing: a contact without a way to reach them, steps without a step, an
/// exercise without its day or with one ahead.
pub async fn put(ctx: &Context, actor: &Actor, new: &NewEntry) -> Result<(), Error> {
    let line = |what: &str, given: &str| text_within(what, &squeezed(given), LONGEST_NAME);
    let change = ctx.change(actor, Right::HandleIncidents, "response.put").await?;
    let row = EntryRow {
        kind: new.kind.code().to_owned(),
        name: line("the name", &new.name)?,
        place: line("the place", &new.place)?,
        rank: new.rank,
        person: line("who", &new.person)?,
        reach: line("how they are reached", &new.reach)?,
        body: text_within("the text", &new.body, LONGEST_TEXT)?,
        follow_ups: text_within("what follows", &new.follow_ups, LONGEST_TEXT)?,
        day: new.day,
        withdrawn: new.withdrawn,
        at: change.at(),
        author: change.actor().to_owned(),
    };
    if row.name.is_empty() {
        return Err(Error::invalid("the name is missing"));
    }
    if !row.withdrawn {
        let lacks = match new.kind {
            EntryKind::Contact if row.reach.is_empty() => Some("a contact says how they are reached"),
            EntryKind::Downtime if row.body.is_empty() => Some("downtime steps have at least one step"),
            EntryKind::Disconnect if row.person.is_empty() => Some("somebody may disconnect it: say who"),
            EntryKind::Exercise if row.day.is_none() => Some("an exercise has its day"),
            EntryKind::Exercise if row.body.is_empty() => {
                Some("an exercise has notes: what was tried, what came of it")
            }
            _ => None,
        };
        if let Some(lacks) = lacks {
            return Err(Error::invalid(lacks));
        }
        if row.day.is_some_and(|day| day > ctx.clock.today()) {
            return Err(Error::invalid("an exercise was held; its day is not ahead"));
        }
    }
    if rows::all(&change).await?.len() >= MOST {
        return Err(Error::invalid(format!("the plan has {MOST} entries, earlier ones included")));
    }
    rows::add(&change, &row).await?;
    let what = if row.withdrawn { "withdrawn" } else { "put down" };
    let detail = format!("{} {what}", row.kind);
    Ok(change.commit(&format!("response plan: {}", row.name), &detail).await?)
}
