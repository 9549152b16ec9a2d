//! Letters from templates with merge fields, and that they went out. Drafts are privileged; what went out is not.

use std::collections::BTreeMap;

use bedrail_comply::letter::{self, HHS, INDIVIDUAL, LetterError, MEDIA, OUTSIDE};
use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{IncidentKind, Letter, LetterKind, Sending, What};
use bedrail_store::incidents as rows;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::record::Record;
use super::{NewEvent, clocks, missing, name_of, needed, open_one, put_event, text, unclosed};
use crate::rights::Right;
use crate::{Actor, Context, Error, organisations};

/// A merge field that somebody fills in.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the template.
    pub name: &'static str,
    /// What it is, in words.
    pub words: &'static str,
    /// Whether it is a text of several lines.
    pub long: bool,
}

const fn field(name: &'static str, words: &'static str, long: bool) -> Field {
    Field { name, words, long }
}

/// All merge fields that somebody fills in. The others come from the record: the entity, the days, the counts.
pub const FIELDS: &[Field] = &[
    field("what_happened", "What happened", true),
    field("kinds_of_phi", "Kinds of information involved", true),
    field("what_to_do", "What people should do", true),
    field("what_we_do", "What we do about it", true),
    field("toll_free", "Toll-free number", false),
    field("email", "E-mail address", false),
    field("website", "Website", false),
    field("postal_address", "Postal address", false),
    field("signer", "Who signs", false),
    field("breach_type", "Type of breach (HHS)", false),
    field("location_of_phi", "Where the information was (HHS)", false),
    field("safeguards_before", "Safeguards before (HHS)", true),
];

/// A letter to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// For whom.
    pub kind: LetterKind,
    /// Of which State, for media.
    pub state: Option<String>,
    /// Values of merge fields.
    pub fields: BTreeMap<String, String>,
}

/// That a letter went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSending {
    /// On which day.
    pub on: Date,
    /// How.
    pub how: String,
    /// What shows it.
    pub proof: String,
}

pub(super) fn template(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Individual => INDIVIDUAL,
        LetterKind::Media => MEDIA,
        LetterKind::Hhs => HHS,
    }
}

/// What the record says for merge fields. What is not known is said as that.
fn known(record: &Record, entity: &str, state: Option<&str>, today: Date) -> BTreeMap<String, String> {
    let unknown = || "a day that we do not know yet".to_owned();
    let long = |day: Date| day.strftime("%-d %B %Y").to_string();
    let happened = match clocks::occurred(&record.events) {
        Some((from, Some(to))) if to != from => format!("{} to {}", long(from), long(to)),
        Some((from, _)) => long(from),
        None => unknown(),
    };
    let count = clocks::count(&record.events);
    let in_state = count.and_then(|(_, by_state)| by_state.get(state?)).map(u64::to_string);
    let route = record.clocks.to(&bedrail_comply::breach::Recipient::Secretary).map(|due| due.citation);
    let how = match record.incident.kind {
        IncidentKind::Ransomware | IncidentKind::DeviceCompromise => "Hacking/IT incident",
        IncidentKind::LostDevice => "Loss or theft",
        IncidentKind::MisdirectedRecord => "Unauthorized access/disclosure",
        IncidentKind::VendorBreach | IncidentKind::Other => "",
    };
    let pairs = [
        ("date", long(today)),
        ("entity", entity.to_owned()),
        ("breach_date", happened),
        ("discovery_date", record.clocks.discovered.map_or_else(unknown, |(on, _)| long(on))),
        (
            "affected_total",
            count.map_or_else(|| "an unknown number of".to_owned(), |(total, _)| total.to_string()),
        ),
        ("affected_in_state", in_state.unwrap_or_else(|| "an unknown number of".to_owned())),
        ("state", state.unwrap_or_default().to_owned()),
        ("hhs_route", route.unwrap_or("not known yet").to_owned()),
        ("breach_type", how.to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Values that somebody typed: fields that there are, of a length that can be, without a field inside.
fn given(fields: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let mut values = BTreeMap::new();
    for (name, value) in fields {
        let row = FIELDS.iter().find(|row| row.name == name);
        let row = row.ok_or_else(|| Error::Invalid {
            message: format!("there is no field {name:?} that is filled in by hand"),
            hint: Some(match OUTSIDE.contains(&name.as_str()) {
                true => {
                    "names of people stay out of the record; that field is filled when it is mailed".into()
                }
                false => format!(
                    "the fields are {}",
                    FIELDS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ")
                ),
            }),
        })?;
        let value = text(row.words, value)?;
        if !value.is_empty() {
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

/// Why no letter came of it, with the fields as their form calls them.
fn unfilled(error: &LetterError) -> Error {
    let words = |name: &String| match FIELDS.iter().find(|row| row.name == name) {
        Some(row) => format!("“{}”", row.words),
        None => format!("“{}”", name.replace('_', " ")),
    };
    let message = match error {
        LetterError::Value(names) => {
            format!("the letter lacks {}", names.iter().map(words).collect::<Vec<_>>().join(", "))
        }
        error => error.to_string(),
    };
    Error::Invalid { message, hint: Some("fill that in; what is not known yet is said in words".into()) }
}

/// Writes a letter from its template: a new version where there is one of the kind. A draft, until it went out. Privileged.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed, [`Error::Invalid`] for a field that is missing: what the rule wants
/// inside (45 CFR 164.404(c)) is in every letter.
pub async fn write(ctx: &Context, actor: &Actor, id: IncidentId, new: &NewLetter) -> Result<u64, Error> {
    let state = match (new.kind, new.state.as_deref().map(str::trim).filter(|state| !state.is_empty())) {
        (LetterKind::Media, None) => return Err(Error::invalid("a notice to media names its State")),
        (LetterKind::Media, Some(state)) => {
            clocks::jurisdiction(state)?;
            Some(state.to_owned())
        }
        (_, Some(_)) => return Err(Error::invalid("only a notice to media names a State")),
        (_, None) => None,
    };
    let typed = given(&new.fields)?;
    let side = clocks::side(ctx, actor).await?;
    let entity = organisations::present(ctx, actor).await?.name;
    let change = ctx.change(actor, Right::SeePrivileged, "incident.letter").await?;
    let record = Record::read(&change, open_one(&change, id).await?, side).await?;
    let mut values = known(&record, &entity, state.as_deref(), ctx.clock.today());
    values.extend(typed);
    let filled = letter::fill(template(new.kind), &values).map_err(|error| unfilled(&error))?;
    let same = record.letters.iter().filter(|it| it.kind == new.kind && it.state == state);
    let version = same.map(|it| it.version).max().unwrap_or_default() + 1;
    let number = record.letters.last().map_or(1, |last| last.number + 1);
    let it = Letter {
        number,
        kind: new.kind,
        state,
        version,
        text: filled.to_text(),
        at: change.at(),
        author: change.actor().to_owned(),
        sent: None,
    };
    rows::add_letter(&change, id, &it).await?;
    let detail = format!("letter {number}: {}, version {version}", new.kind.words());
    change.commit(&name_of(&record.incident), &detail).await?;
    Ok(number)
}

/// Notes that a letter went out, with what shows it. That stops its clock.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed or the letter went out before, [`Error::Invalid`] without proof,
/// for a day ahead, or one before law enforcement allows notices.
pub async fn sent(
    ctx: &Context,
    actor: &Actor,
    id: IncidentId,
    number: u64,
    new: &NewSending,
) -> Result<(), Error> {
    let (how, proof) = (needed("how it went out", &new.how)?, needed("the proof", &new.proof)?);
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::SeePrivileged, "incident.sent").await?;
    let incident = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    let record = Record::read(&change, unclosed(incident)?, side).await?;
    let there = record.letters.iter().find(|it| it.number == number);
    let it = there.ok_or_else(|| Error::not_found(format!("letter {number}")))?;
    clocks::not_held(&record.clocks, new.on)?;
    // A day of slack: the clock of the server and the post office's calendar may be of two zones.
    let written = it.at.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(1.day());
    if new.on < written {
        return Err(Error::Invalid {
            message: format!(
                "letter {number} was written on {written} or later; it did not go out on {}",
                new.on
            ),
            hint: Some("a letter that went out before is its own letter: write it down with its text".into()),
        });
    }
    let sending = Sending { on: new.on, how, proof, by: change.actor().to_owned(), at: change.at() };
    if !rows::send(&change, id, number, &sending).await? {
        return Err(Error::Conflict { message: format!("letter {number} went out before") });
    }
    let what = What::Notified { kind: it.kind, state: it.state.clone(), on: new.on };
    let note = format!("letter {number}, version {}", it.version);
    let mut events = record.events.clone();
    let event = NewEvent { what, note, corrects: None, privileged: false };
    put_event(&change, &record.incident, &mut events, event, side).await?;
    let detail = format!("letter {number} went out on {}", new.on);
    Ok(change.commit(&name_of(&record.incident), &detail).await?)
}
