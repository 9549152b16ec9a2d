//! Incidents: from an alert, or by hand, through the timeline and the assessment as a breach to the letters.
//!
//! What is known stands in events that are only added to; `clocks` computes from them, each time anew, whom the law wants told and
//! by when. Drafts of assessments and letters, notes of counsel and amounts of penalties are privileged: they are handed to those alone who
//! may see them, here and not in the pages.

use bedrail_model::ids::{AlertItemId, DeviceId, IncidentId};
use bedrail_model::incident::{Event, Harm, Incident, IncidentKind, KnownBy, What};
use bedrail_model::text::squeezed;
use bedrail_store::alerts::items as alert_rows;
use bedrail_store::{Change, View, devices as device_rows, incidents as rows};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::alerts::short;
use crate::rights::Right;
use crate::{Actor, Context, Error, firewall};

mod breach;
mod checklist;
mod clocks;
mod letter_file;
mod letters;
mod prefill;
mod readers;
mod record;
mod showing;

pub use breach::{Decided, NewAssessment, assess, decide};
pub use checklist::{CHECKLIST, ChecklistRow};
pub use clocks::{ClockLine, MovedLine, Penalty, ReportLine, StateAnswer, StateLine};
pub(crate) use clocks::{Side, lines as notice_lines, side, standing};
pub use letter_file::{LetterFile, LetterFormat, letter_file};
pub use letters::{FIELDS, Field, NewLetter, NewSending, sent, write};
pub use prefill::PrefillLine;
pub use readers::{end_reader, name_reader};
pub(crate) use record::Record;
pub use showing::{
    AlertLine, DeviceLine, EventLine, IncidentDetail, IncidentRow, StepLine, get, list, of_alert,
};

/// The longest title or name, in characters.
const LONGEST_NAME: usize = 120;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 4_000;
/// Events of one incident.
const MOST_EVENTS: usize = 1_000;
/// Devices of one incident.
const MOST_DEVICES: usize = 1_000;
/// No record of a person reaches further back.
const EARLIEST: Date = jiff::civil::date(1990, 1, 1);

/// What is said when an incident is opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Open {
    /// What people call it; the rule of the first alert item where it is empty.
    pub title: String,
    /// What kind.
    pub kind: Option<IncidentKind>,
    /// Who sees to it; who opens it where it is empty.
    pub owner: String,
    /// Alert items that it begins with.
    pub alerts: Vec<AlertItemId>,
    /// Devices.
    pub devices: Vec<DeviceId>,
    /// Whether somebody died or was seriously injured.
    pub harm: Option<Harm>,
    /// Who knew of it first, and on which day; today by the workforce where it is not said.
    pub discovered: Option<(KnownBy, Date)>,
    /// When it happened: first and last day.
    pub occurred: Option<(Date, Option<Date>)>,
    /// What is known so far.
    pub note: String,
}

/// What is put down in a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What.
    pub what: What,
    /// Said with it.
    pub note: String,
    /// The event in whose place it stands.
    pub corrects: Option<u64>,
    /// Whether it is for those alone who see privileged records.
    pub privileged: bool,
}

fn missing(id: IncidentId) -> Error {
    Error::not_found(format!("incident {id}"))
}

fn unclosed(incident: Incident) -> Result<Incident, Error> {
    match incident.closed {
        None => Ok(incident),
        Some(_) => Err(Error::Conflict { message: "the incident is closed; open it again first".into() }),
    }
}

async fn open_one(view: &View, id: IncidentId) -> Result<Incident, Error> {
    unclosed(rows::one(view, id).await?.ok_or_else(|| missing(id))?)
}

/// What the audit log calls an incident. Its title may say more than everybody may read, so it is not in there.
fn name_of(incident: &Incident) -> String {
    format!("incident {}", incident.number)
}

/// A name of one line.
fn name(what: &str, text: &str) -> Result<String, Error> {
    let text = squeezed(text);
    match text.chars().count() {
        0 => Err(Error::invalid(format!("{what} is missing"))),
        1..=LONGEST_NAME => Ok(text),
        _ => Err(Error::invalid(format!("{what} is too long ({LONGEST_NAME} characters)"))),
    }
}

/// A text of several lines, which may be empty.
fn text(what: &str, text: &str) -> Result<String, Error> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::invalid(format!("{what} is too long ({LONGEST_TEXT} characters)")));
    }
    if text.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\t')) {
        return Err(Error::invalid(format!("{what} has a control character in it")));
    }
    Ok(text)
}

/// A text that must be there.
fn needed(what: &str, given: &str) -> Result<String, Error> {
    match text(what, given)? {
        text if text.is_empty() => Err(Error::invalid(format!("{what} is missing"))),
        text => Ok(text),
    }
}

/// Opens an incident.
///
/// # Errors
/// [`Error::Invalid`] for a title, kind or date that cannot be, [`Error::NotFound`] for an alert item or a device that is not there.
pub async fn open(ctx: &Context, actor: &Actor, new: &Open) -> Result<IncidentId, Error> {
    let kind = new.kind.ok_or_else(|| Error::invalid("it does not say what kind of incident it is"))?;
    let note = text("the note", &new.note)?;
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.open").await?;
    let mut devices = new.devices.clone();
    let mut rules = Vec::new();
    for item in &new.alerts {
        let row = alert_rows::one(&change, *item).await?;
        let row = row.ok_or_else(|| Error::not_found(format!("work item {item}")))?;
        rules.push(row.about.rule_name.clone().unwrap_or_else(|| row.about.rule.clone()));
        devices.extend(row.about.device);
    }
    let title = match (new.title.trim(), rules.first()) {
        ("", Some(rule)) => squeezed(rule).chars().take(LONGEST_NAME).collect(),
        (title, _) => name("the title", title)?,
    };
    let owner = if new.owner.trim().is_empty() { actor.name.clone() } else { name("the owner", &new.owner)? };
    let id = IncidentId::generate();
    let incident = Incident {
        id,
        number: rows::next_number(&change).await?,
        title,
        kind,
        opened: change.at(),
        author: change.actor().to_owned(),
        owner,
        closed: None,
    };
    rows::add(&change, &incident).await?;
    put_about(&change, id, &devices, &new.alerts).await?;
    let today = ctx.clock.today();
    let (by, on) = new.discovered.unwrap_or((KnownBy::Workforce, today));
    let mut first = Vec::new();
    if let Some(harm) = new.harm {
        first.push(What::Harm { harm, on: on.max(EARLIEST) });
    }
    if let Some((from, to)) = new.occurred {
        first.push(What::Occurred { from, to });
    }
    first.push(What::Known { by, on });
    let mut events = Vec::new();
    for what in first {
        let event = NewEvent { what, note: String::new(), corrects: None, privileged: false };
        put_event(&change, &incident, &mut events, event, side).await?;
    }
    if !note.is_empty() {
        let event = NewEvent { what: What::Note, note, corrects: None, privileged: false };
        put_event(&change, &incident, &mut events, event, side).await?;
    }
    let detail = format!("{}, {} devices, {} alert items", kind.words(), devices.len(), new.alerts.len());
    change.commit(&name_of(&incident), &detail).await?;
    Ok(id)
}

/// Adds an event behind others, in a change that is open.
async fn put_event(
    change: &Change,
    incident: &Incident,
    events: &mut Vec<Event>,
    new: NewEvent,
    side: clocks::Side,
) -> Result<u64, Error> {
    if events.len() >= MOST_EVENTS {
        return Err(Error::invalid(format!("an incident has at most {MOST_EVENTS} events")));
    }
    if let Some(number) = new.corrects {
        let there = clocks::standing(events).any(|it| it.number == number);
        if !there {
            return Err(Error::Invalid {
                message: format!("there is no event {number} that stands"),
                hint: Some("an event is corrected once; correct what took its place".into()),
            });
        }
    } else if new.what == What::Withdrawn {
        return Err(Error::invalid("it does not say which event is withdrawn"));
    }
    check_days(&new.what, change.at().to_zoned(TimeZone::UTC).date())?;
    let number = events.last().map_or(1, |last| last.number + 1);
    let (at, author) = (change.at(), change.actor().to_owned());
    let NewEvent { what, note, corrects, privileged } = new;
    events.push(Event { number, at, author, what, note, corrects, privileged });
    // What cannot be is refused before it is kept: a day ahead, discovery before occurrence, States above the sum.
    clocks::compute(incident, events, &[], side).map_err(|bad| Error::Invalid {
        message: bad,
        hint: Some("correct the event that is wrong; it stays in the history".into()),
    })?;
    if let Some(event) = events.last() {
        rows::add_event(change, incident.id, event).await?;
    }
    Ok(number)
}

/// Days that no event has, and States that there are not.
fn check_days(what: &What, today: Date) -> Result<(), Error> {
    let day = |day: Date| match day < EARLIEST {
        true => Err(Error::invalid(format!("{day} is too long ago; days begin with {EARLIEST}"))),
        false => Ok(()),
    };
    match what {
        What::Occurred { to: Some(ahead), .. } | What::Harm { on: ahead, .. } if *ahead > today => {
            Err(Error::invalid(format!("{ahead} lies ahead of {today}; write the day on which it happened")))
        }
        What::Occurred { from, to } => {
            day(*from)?;
            if to.is_some_and(|to| to < *from) {
                return Err(Error::invalid("it ends before it begins"));
            }
            Ok(())
        }
        What::Known { on, .. }
        | What::AssociateDiscovered { on, .. }
        | What::AssociateTold { on }
        | What::LawEnforcement { on, .. }
        | What::Harm { on, .. } => day(*on),
        What::Notified { on, state, .. } => {
            day(*on)?;
            state.iter().try_for_each(|state| clocks::jurisdiction(state))
        }
        What::Counted { by_state, .. } => by_state.keys().try_for_each(|state| clocks::jurisdiction(state)),
        What::StateChecked { state, .. } => clocks::jurisdiction(state),
        What::Note | What::Withdrawn => Ok(()),
    }
}

/// Puts an event down in the timeline. Nothing is ever changed: to correct one, put another in its place.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed, [`Error::Invalid`] for what cannot be, [`Error::Denied`] for a
/// privileged note or a State's clock without the right to privileged records.
pub async fn add_event(ctx: &Context, actor: &Actor, id: IncidentId, new: NewEvent) -> Result<u64, Error> {
    if new.privileged || moves_a_limit(&new.what) {
        actor.need(Right::SeePrivileged)?;
    }
    // A fact that everybody's clocks are computed from cannot be kept from them.
    if new.privileged && !matches!(new.what, What::Note | What::Withdrawn) {
        return Err(Error::invalid("only a note can be privileged: days and counts show in the clocks"));
    }
    let note = text("the note", &new.note)?;
    if note.is_empty() && matches!(new.what, What::Note | What::Withdrawn | What::StateChecked { .. }) {
        return Err(Error::Invalid {
            message: "it does not say anything".into(),
            hint: Some("write why, and for the clock of a State the citation".into()),
        });
    }
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.event").await?;
    let incident = open_one(&change, id).await?;
    let mut events = rows::events(&change, id).await?;
    let corrected = events.iter().find(|it| Some(it.number) == new.corrects);
    if corrected.is_some_and(|it| moves_a_limit(&it.what)) {
        actor.need(Right::SeePrivileged)?;
    }
    let hidden = corrected.is_some_and(|it| it.privileged);
    if hidden && !actor.may(Right::SeePrivileged) {
        return Err(Error::invalid(format!("there is no event {} that stands", new.corrects.unwrap_or(0))));
    }
    // What takes the place of a privileged event is privileged.
    let new = NewEvent { note, privileged: new.privileged || hidden, ..new };
    let said = match new.privileged {
        true => "privileged".to_owned(),
        false => showing::words_of(&new.what),
    };
    if let What::Notified { on, .. } = new.what {
        let clocks =
            clocks::compute(&incident, &events, &[], side).map_err(|bad| Error::Internal(bad.into()))?;
        clocks::not_held(&clocks, on)?;
    }
    let number = put_event(&change, &incident, &mut events, new, side).await?;
    change.commit(&name_of(&incident), &format!("event {number}: {said}")).await?;
    Ok(number)
}

/// Whether it stops a clock, moves a limit, or says that counsel looked.
const fn moves_a_limit(what: &What) -> bool {
    matches!(what, What::StateChecked { .. } | What::Notified { .. } | What::LawEnforcement { .. })
}

async fn put_about(
    change: &Change,
    id: IncidentId,
    devices: &[DeviceId],
    alerts: &[AlertItemId],
) -> Result<(u64, u64), Error> {
    let there = rows::about(change, id).await?;
    if there.devices.len() + devices.len() > MOST_DEVICES || there.alerts.len() + alerts.len() > MOST_DEVICES
    {
        return Err(Error::invalid(format!("an incident is about at most {MOST_DEVICES} devices and items")));
    }
    let mut added = (0, 0);
    for device in devices {
        if device_rows::get_one(change, *device).await?.is_none() {
            return Err(Error::not_found(format!("device {device}")));
        }
        added.0 += u64::from(rows::add_device(change, id, *device).await?);
    }
    for item in alerts {
        added.1 += u64::from(rows::add_alert(change, id, *item).await?);
    }
    Ok(added)
}

/// Adds devices and alert items to an incident; the devices of the items too.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed.
pub async fn attach(
    ctx: &Context,
    actor: &Actor,
    id: IncidentId,
    devices: &[DeviceId],
    alerts: &[AlertItemId],
) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleIncidents, "incident.attach").await?;
    let incident = open_one(&change, id).await?;
    let mut devices = devices.to_vec();
    for item in alerts {
        let row = alert_rows::one(&change, *item).await?;
        devices.extend(row.ok_or_else(|| Error::not_found(format!("work item {item}")))?.about.device);
    }
    let (added, items) = put_about(&change, id, &devices, alerts).await?;
    if added + items == 0 {
        return Ok(());
    }
    Ok(change.commit(&name_of(&incident), &format!("{added} devices, {items} alert items added")).await?)
}

/// As [`attach`], with what people call them: devices by id, name or address, alert items by id or, while they are open, by number.
///
/// # Errors
/// As [`attach`]; [`Error::Invalid`] for a name that several devices have and for what is no number.
pub async fn attach_named(
    ctx: &Context,
    actor: &Actor,
    id: IncidentId,
    devices: &[String],
    alerts: &[String],
) -> Result<(), Error> {
    if devices.len() > MOST_DEVICES || alerts.len() > MOST_DEVICES {
        return Err(Error::invalid(format!("an incident is about at most {MOST_DEVICES} devices and items")));
    }
    let by_id: Result<Vec<DeviceId>, _> = devices.iter().map(|it| it.trim().parse::<DeviceId>()).collect();
    let devices = if let Ok(devices) = by_id {
        devices
    } else {
        let (fleet, view) = ctx.fleet(actor, Right::HandleIncidents).await?;
        drop(view);
        firewall::devices_called(&fleet, devices)?
    };
    let mut items = Vec::with_capacity(alerts.len());
    for text in alerts {
        items.push(short::find(ctx, actor, text).await?);
    }
    attach(ctx, actor, id, &devices, &items).await
}

/// Notes that a step of the checklist was done.
///
/// # Errors
/// [`Error::NotFound`] for no such incident or step, [`Error::Conflict`] when the incident is closed or the step was done.
pub async fn tick(ctx: &Context, actor: &Actor, id: IncidentId, step: &str, note: &str) -> Result<(), Error> {
    let note = text("the note", note)?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.step").await?;
    let incident = open_one(&change, id).await?;
    let row = checklist::of(incident.kind).find(|row| row.code == step);
    let row = row.ok_or_else(|| Error::not_found(format!("a step {step} of this kind of incident")))?;
    if !rows::add_step(&change, id, row.code, &note).await? {
        return Err(Error::Conflict { message: format!("“{}” was done before", row.words) });
    }
    Ok(change.commit(&name_of(&incident), row.words).await?)
}

/// Hands an incident over.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is closed, [`Error::Invalid`] without a name.
pub async fn hand_over(ctx: &Context, actor: &Actor, id: IncidentId, owner: &str) -> Result<(), Error> {
    let owner = name("the owner", owner)?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.owner").await?;
    let incident = open_one(&change, id).await?;
    rows::set_owner(&change, id, &owner).await?;
    let (before, after) = (Some(incident.owner.clone()), Some(owner));
    Ok(change.commit_with(&name_of(&incident), "handed over", before, after).await?)
}

/// Closes an incident with a sentence. What the law still wants done keeps it open.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is closed already, or something is missing: the answer on harm, an approved
/// assessment, a notice that is due; [`Error::Invalid`] without a sentence.
pub async fn close(ctx: &Context, actor: &Actor, id: IncidentId, sentence: &str) -> Result<(), Error> {
    let sentence = needed("the sentence", sentence)?;
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.close").await?;
    let incident = open_one(&change, id).await?;
    let record = record::Record::read(&change, incident, side).await?;
    let open = record.open_ends();
    if !open.is_empty() {
        return Err(Error::Conflict { message: format!("it cannot be closed yet: {}", open.join("; ")) });
    }
    if !rows::close(&change, id, &sentence).await? {
        return Err(Error::Conflict { message: "the incident is closed".into() });
    }
    Ok(change.commit_with(&name_of(&record.incident), "closed", None, Some(sentence)).await?)
}

/// Opens a closed incident again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is open, [`Error::Invalid`] without a reason.
pub async fn reopen(ctx: &Context, actor: &Actor, id: IncidentId, why: &str) -> Result<(), Error> {
    let why = needed("the reason", why)?;
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::HandleIncidents, "incident.reopen").await?;
    let incident = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    if !rows::reopen(&change, id).await? {
        return Err(Error::Conflict { message: "the incident is open".into() });
    }
    let mut events = rows::events(&change, id).await?;
    let event = NewEvent {
        what: What::Note,
        note: format!("opened again: {why}"),
        corrects: None,
        privileged: false,
    };
    put_event(&change, &incident, &mut events, event, side).await?;
    let before = incident.closed.as_ref().map(|closed| closed.sentence.clone());
    Ok(change.commit_with(&name_of(&incident), "opened again", before, Some(why)).await?)
}
