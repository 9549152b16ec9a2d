//! Physical and media facts that no scanner sees: written down by people on the spot or brought as a list, taken back with a
//! reason, and asked for again when their period has passed. Which kinds there are stands in `bedrail_comply::written`.

use std::collections::{BTreeMap, HashSet};

use bedrail_comply::written::{self, Written, system_key};
pub use bedrail_comply::written::{Field, Form, KINDS, Kind, Mapping, New};
use bedrail_model::ids::WrittenFactId;
pub use bedrail_store::written::WrittenRow;
use bedrail_store::{Change, View, written as rows};
use jiff::civil::Date;

use crate::notices::{self, Tidings};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error};

/// The largest list, in bytes.
pub const MOST_BYTES: u64 = 8 << 20;
/// The longest reason, in characters.
const LONGEST: usize = 1_000;
/// Lines of a list that are named in its report.
const MOST_NAMED: usize = 50;

/// Something that is to be written down anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its kind.
    pub kind: &'static Kind,
    /// The system.
    pub system: String,
    /// When it was last.
    pub last: Date,
    /// The last day by which it is to come again.
    pub by: Date,
    /// Whether that day is past.
    pub late: bool,
}

/// Facts as they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Facts, those of the newest day first.
    pub rows: Vec<WrittenRow>,
    /// How many there are in all that fit.
    pub total: usize,
    /// What is to come again, the next first.
    pub due: Vec<Due>,
}

/// Which facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// About this system, however it is spelt.
    pub system: Option<String>,
}

/// Facts on one page.
const MOST_SHOWN: usize = 200;

/// The report on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Facts that were taken, or would be.
    pub taken: usize,
    /// Facts that are held already, or stand twice in the list, by line.
    pub known: Vec<usize>,
    /// Lines that are no facts, with the reason; the first of them.
    pub refused: Vec<(usize, String)>,
    /// How many lines are no facts.
    pub refused_in_all: usize,
    /// Columns of which nothing was taken.
    pub unused: Vec<String>,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
}

/// The kind of a code.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub fn kind_of(code: &str) -> Result<&'static Kind, Error> {
    Kind::of(code).ok_or_else(|| Error::not_found(format!("kind of fact {}", code.escape_debug())))
}

/// Facts, and what is due.
///
/// # Errors
/// [`Error::NotFound`] for an unknown kind; [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor, filter: &Filter) -> Result<Listed, Error> {
    let kind = filter.kind.as_deref().map(kind_of).transpose()?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let mut all = rows::all(&view).await?;
    let due = due(&all, ctx.clock.today());
    let system = filter.system.as_deref().map(system_key).filter(|it| !it.is_empty());
    all.retain(|row| kind.is_none_or(|kind| kind.code == row.kind));
    all.retain(|row| system.as_ref().is_none_or(|system| *system == system_key(&row.system)));
    let total = all.len();
    all.truncate(MOST_SHOWN);
    Ok(Listed { rows: all, total, due })
}

/// What is to come again, by kind and system; the next first.
pub(crate) fn due(all: &[WrittenRow], today: Date) -> Vec<Due> {
    let mut last: BTreeMap<(&str, String), &WrittenRow> = BTreeMap::new();
    // Those of the newest day come first.
    for row in all.iter().filter(|row| row.withdrawn.is_none()) {
        last.entry((&row.kind, system_key(&row.system))).or_insert(row);
    }
    let of = |row: &WrittenRow| {
        let kind = Kind::of(&row.kind)?;
        let by = kind.next(row.day)?;
        Some(Due { kind, system: row.system.clone(), last: row.day, by, late: by < today })
    };
    let mut due: Vec<Due> = last.into_values().filter_map(of).collect();
    due.sort_by(|a, b| (a.by, a.kind.code, &a.system).cmp(&(b.by, b.kind.code, &b.system)));
    due
}

fn row_of(change: &Change, fact: Written) -> WrittenRow {
    WrittenRow {
        id: WrittenFactId::generate(),
        kind: fact.kind.code.to_owned(),
        day: fact.day,
        digest: fact.digest().to_vec(),
        system: fact.system,
        fields: fact.fields,
        added: change.at(),
        added_by: change.actor().to_owned(),
        withdrawn: None,
    }
}

/// Writes a fact down.
///
/// # Errors
/// [`Error::Invalid`] with the field and what is wrong with it; [`Error::Conflict`] where the same fact is held;
/// [`Error::NotFound`] for an unknown kind; [`Error::Denied`] without the right.
pub async fn write(ctx: &Context, actor: &Actor, kind: &str, new: &New) -> Result<WrittenFactId, Error> {
    actor.need(Right::KeepProgramme)?;
    let kind = kind_of(kind)?;
    let fact = new.check(kind, ctx.clock.today()).map_err(|error| Error::invalid(error.to_string()))?;
    let change = ctx.change(actor, Right::KeepProgramme, "fact.write").await?;
    if !rows::held(&change, &[fact.digest()]).await?.is_empty() {
        return Err(Error::Conflict {
            message: format!(
                "the same is written down already: {} of {} on {}",
                kind.name, fact.system, fact.day
            ),
        });
    }
    let row = row_of(&change, fact);
    rows::add(&change, std::slice::from_ref(&row)).await?;
    change.commit(&row.system, &format!("{} on {}", kind.name, row.day)).await?;
    Ok(row.id)
}

/// Takes a fact back: it shows nothing from now on, and stays in the list with the reason.
///
/// # Errors
/// [`Error::Invalid`] without a reason; [`Error::NotFound`] where there is none in force; [`Error::Denied`] without the right.
pub async fn withdraw(ctx: &Context, actor: &Actor, id: WrittenFactId, why: &str) -> Result<(), Error> {
    actor.need(Right::KeepProgramme)?;
    let why = why.trim();
    if why.is_empty() || why.chars().count() > LONGEST || why.chars().any(char::is_control) {
        return Err(Error::invalid("say in a line why it is taken back"));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "fact.withdraw").await?;
    if !rows::withdraw(&change, id, why).await? {
        return Err(Error::not_found(format!("fact {id}")));
    }
    change.commit(&format!("fact {id}"), why).await?;
    Ok(())
}

/// Takes a list of facts of one kind in. Rows with a fault are told and left out; rows that are held already are told and
/// counted once.
///
/// # Errors
/// [`Error::Invalid`] where the list as a whole cannot be read by the mapping; [`Error::Denied`] without the right.
pub async fn import(
    ctx: &Context,
    actor: &Actor,
    kind: &str,
    list: (&Document, &str),
    dry_run: bool,
) -> Result<Imported, Error> {
    actor.need(Right::KeepProgramme)?;
    let kind = kind_of(kind)?;
    let (document, mapping) = list;
    if document.length() > MOST_BYTES {
        return Err(Error::invalid(format!(
            "the list has {} bytes, at most 8 MiB are taken",
            document.length()
        )));
    }
    let mapping = Mapping::parse(mapping).map_err(|error| Error::invalid(error.to_string()))?;
    let (document, today) = (document.clone(), ctx.clock.today());
    let read = tokio::task::spawn_blocking(move || {
        let bytes = document.bytes()?;
        written::read_csv(kind, &bytes, &mapping, today).map_err(|error| Error::invalid(error.to_string()))
    });
    let read = read.await.map_err(|error| Error::Internal(Box::new(error)))??;
    let change = ctx.change(actor, Right::KeepProgramme, "fact.import").await?;
    let digests: Vec<[u8; 32]> = read.facts.iter().map(|(_, fact)| fact.digest()).collect();
    let mut met: HashSet<Vec<u8>> = rows::held(&change, &digests).await?;
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for (line, fact) in read.facts {
        if met.insert(fact.digest().to_vec()) {
            new.push(row_of(&change, fact));
        } else {
            known.push(line);
        }
    }
    let report = Imported {
        taken: new.len(),
        known,
        refused_in_all: read.refused.len(),
        refused: read.refused.into_iter().take(MOST_NAMED).collect(),
        unused: read.unused,
        dry_run,
    };
    if !dry_run && !new.is_empty() {
        rows::add(&change, &new).await?;
        let detail = format!(
            "{} taken, {} held already, {} refused",
            report.taken,
            report.known.len(),
            report.refused_in_all
        );
        change.commit(kind.name, &detail).await?;
    }
    Ok(report)
}

/// Tells of what is past its period, each once.
pub(crate) async fn remind(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let view: View = ctx.view(actor, Right::SeeFleet).await?;
    let late: Vec<Due> =
        due(&rows::all(&view).await?, ctx.clock.today()).into_iter().filter(|it| it.late).collect();
    drop(view);
    if late.is_empty() {
        return Ok(());
    }
    let change = ctx.change(actor, Right::KeepProgramme, "fact.remind").await?;
    let mut told = 0;
    for it in &late {
        let title = format!("{} of {} is due again", it.kind.name, it.system);
        let words = it.kind.period.map_or("", |period| period.words);
        let detail = format!("It was last on {}; it is to come {words}, by {}.", it.last, it.by);
        let unique = format!("{} {} {}", it.kind.code, system_key(&it.system), it.by);
        let tidings = Tidings { title: &title, detail: &detail, link: "/facts", unique: &unique };
        told += u64::from(notices::tell_new(&change, &notices::FACT_DUE, &tidings).await?);
    }
    if told > 0 {
        change.commit("physical and media facts", &format!("{told} are due again")).await?;
    }
    Ok(())
}
