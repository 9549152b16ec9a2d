//! How an incident is shown: everything with its source, and what is privileged to those alone who may see it.

use std::collections::BTreeMap;

use bedrail_comply::breach::{FACTORS, Presumption, Route};
use bedrail_model::ids::{AlertItemId, DeviceId, IncidentId};
use bedrail_model::incident::{Assessment, Event, Harm, Incident, Letter, Reader, StepDone, What};
use bedrail_store::incidents as rows;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clocks::{self, ClockLine, MovedLine, Penalty, ReportLine, StateLine};
use super::prefill::{self, PrefillLine};
use super::record::Record;
use super::{ChecklistRow, checklist, missing, name_of, readers};
use crate::rights::Right;
use crate::vendors::Concerned;
use crate::{Actor, Context, Error, alerts, audit, devices, vendors};

/// Devices whose facts are looked at for the factors; the others are named as not looked at.
const LOOKED_AT: usize = 50;

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// The incident.
    pub incident: Incident,
    /// People affected, where somebody counted.
    pub affected: Option<u64>,
    /// Whether people are to be told, as far as it is decided.
    pub decided: Option<bool>,
    /// What is due next.
    pub next: Option<ClockLine>,
    /// The next report on a device.
    pub report: Option<ReportLine>,
    /// States whose clock nobody knows.
    pub states_unknown: u64,
}

/// An event of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// The event.
    pub event: Event,
    /// The event that took its place.
    pub corrected_by: Option<u64>,
    /// What it says, in words.
    pub words: String,
    /// What it moved.
    pub moved: Vec<MovedLine>,
}

/// A device that is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Id.
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// Maker and model.
    pub product: String,
    /// Site and ward.
    pub place: String,
}

/// An alert item that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertLine {
    /// Id.
    pub id: AlertItemId,
    /// The rule.
    pub rule: String,
    /// The device.
    pub device: Option<String>,
    /// Events.
    pub events: u64,
    /// How it ended, by its code.
    pub outcome: String,
    /// The first event.
    pub first: Timestamp,
}

/// A step of the checklist.
#[derive(Debug, Clone)]
pub struct StepLine {
    /// The step.
    pub row: &'static ChecklistRow,
    /// That it was done.
    pub done: Option<StepDone>,
}

/// An incident with everything that the actor may see.
#[derive(Debug, Clone)]
pub struct IncidentDetail {
    /// The incident.
    pub incident: Incident,
    /// The timeline, in the order in which it was recorded.
    pub events: Vec<EventLine>,
    /// Devices.
    pub devices: Vec<DeviceLine>,
    /// Alert items.
    pub alerts: Vec<AlertLine>,
    /// Vendors that it concerns, with the clocks of their notice.
    pub vendors: Concerned,
    /// The checklist of its kind.
    pub steps: Vec<StepLine>,
    /// The answer to what is asked first.
    pub harm: Option<(Harm, Date)>,
    /// Reports on devices that are due.
    pub reports: Vec<ReportLine>,
    /// Whether counsel has checked the rows of those reports.
    pub reports_checked: String,
    /// When it counts as discovered, and where that comes from.
    pub discovered: Option<(Date, &'static str)>,
    /// The first event of its alerts, where that was before the discovery: with reasonable diligence it may have been known then.
    pub earlier_sign: Option<Date>,
    /// When it happened.
    pub occurred: Option<(Date, Option<Date>)>,
    /// People affected, where somebody counted.
    pub affected: Option<u64>,
    /// Of them, those without a State.
    pub without_state: u64,
    /// Whether a breach is presumed; else nobody has to be told.
    pub presumed: bool,
    /// How HHS is told, where somebody counted: at once, or with the yearly log.
    pub hhs_at_once: Option<bool>,
    /// Whom the law wants told.
    pub clocks: Vec<ClockLine>,
    /// Clocks of affected States.
    pub states: Vec<StateLine>,
    /// No notice before this day, for law enforcement.
    pub hold_until: Option<Date>,
    /// The four factors with their questions.
    pub questions: Vec<(bedrail_model::incident::Factor, &'static str)>,
    /// What the devices say of the factors.
    pub prefilled: Vec<PrefillLine>,
    /// The decision in force.
    pub decision: Option<Assessment>,
    /// All versions of the assessment; empty for who does not see what is privileged.
    pub assessments: Vec<Assessment>,
    /// Letters that went out, and drafts for who sees what is privileged.
    pub letters: Vec<Letter>,
    /// What one violation could cost; for counsel alone.
    pub penalties: Option<Result<Vec<Penalty>, String>>,
    /// What keeps it open.
    pub open_ends: Vec<String>,
    /// Who may read what is privileged in it because counsel named them, those included who read it no more; for those alone who see
    /// privileged records.
    pub readers: Vec<Reader>,
    /// Whether something of it is not shown.
    pub withheld: bool,
    /// Whether the actor sees what is privileged.
    pub privileged: bool,
    /// Of when it is.
    pub at: Timestamp,
}

/// An event in words.
pub(super) fn words_of(what: &What) -> String {
    let of_state = |state: &Option<String>| state.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    match what {
        What::Note => "note".to_owned(),
        What::Withdrawn => "an earlier entry is taken back".to_owned(),
        What::Occurred { from, to: None } => format!("it happened on {from}"),
        What::Occurred { from, to: Some(to) } => format!("it happened from {from} to {to}"),
        What::Known { by, on } => format!("known on {on} to {}", by.words()),
        What::AssociateDiscovered { on, agent: true } => {
            format!("a business associate that acts as our agent discovered it on {on}")
        }
        What::AssociateDiscovered { on, agent: false } => {
            format!("a business associate discovered it on {on}")
        }
        What::AssociateTold { on } => format!("a business associate told us on {on}"),
        What::Counted { total, by_state } => {
            let states: Vec<String> =
                by_state.iter().map(|(state, count)| format!("{state} {count}")).collect();
            match states.is_empty() {
                true => format!("{total} people are affected; their States are not known"),
                false => format!("{total} people are affected: {}", states.join(", ")),
            }
        }
        What::LawEnforcement { written, on, until, documented } => {
            let until = until.map(|day| format!(", until {day}")).unwrap_or_default();
            let form = match (written, documented) {
                (true, _) => "in writing",
                (false, true) => "by word of mouth, documented",
                (false, false) => "by word of mouth, not documented: that delays nothing",
            };
            format!("law enforcement asked for a delay on {on}, {form}{until}")
        }
        What::Harm { harm, on } => format!("{}, as of {on}", harm.words()),
        What::StateChecked { state, due: Some(due) } => format!("{state} asks for notice until {due}"),
        What::StateChecked { state, due: None } => format!("{state} asks for no notice"),
        What::Notified { kind, state, on } => format!("sent on {on}: {}{}", kind.words(), of_state(state)),
    }
}

/// All incidents, the open ones first, each kind with the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<IncidentRow>, Error> {
    let side = clocks::side(ctx, actor).await?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let today = ctx.clock.today();
    let mut all = Vec::new();
    for incident in rows::all(&view).await? {
        let record = Record::read(&view, incident, side).await?;
        all.push(row_of(record, today)?);
    }
    all.sort_by_key(|row: &IncidentRow| row.incident.closed.is_some());
    Ok(all)
}

fn row_of(record: Record, today: Date) -> Result<IncidentRow, Error> {
    let (reports, _) =
        clocks::reports(&record.events, record.side, today).map_err(|bad| Error::Internal(bad.into()))?;
    let decided = record.decision().and_then(|it| it.approved.as_ref()).map(|it| it.notifiable);
    let states = clocks::state_lines(&record.clocks, &record.events);
    let unknown = |line: &&StateLine| line.answer == clocks::StateAnswer::CannotTell;
    Ok(IncidentRow {
        affected: record.clocks.affected,
        decided,
        next: clocks::lines(&record.clocks, today).into_iter().find(|line| line.done.is_none()),
        report: reports.into_iter().next(),
        states_unknown: states.iter().filter(unknown).count() as u64,
        incident: record.incident,
    })
}

/// The incidents that an alert item is part of.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_alert(ctx: &Context, actor: &Actor, item: AlertItemId) -> Result<Vec<Incident>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let mut found = Vec::new();
    for id in rows::of_alert(&view, item).await? {
        found.extend(rows::one(&view, id).await?);
    }
    Ok(found)
}

/// One incident. That somebody reads what is privileged is noted first; who may not is handed the rest.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(ctx: &Context, actor: &Actor, id: IncidentId) -> Result<IncidentDetail, Error> {
    let side = clocks::side(ctx, actor).await?;
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let incident = rows::one(&view, id).await?.ok_or_else(|| missing(id))?;
    let record = Record::read(&view, incident, side).await?;
    let named = readers::named(&view, actor, id).await?;
    drop(view);
    let privileged = actor.may(Right::SeePrivileged) || named;
    let guarded = record.has_privileged();
    if privileged && guarded {
        let subject = name_of(&record.incident);
        let action = "incident.read_privileged";
        let right = if named { Right::SeeFleet } else { Right::SeePrivileged };
        audit::note(ctx, actor, right, action, &subject, "privileged parts were shown").await?;
    }
    let mut alerts = Vec::new();
    for item in &record.about.alerts {
        // An item of another time may be gone; the incident stays.
        if let Ok(item) = alerts::work::one(ctx, actor, *item).await {
            alerts.push(AlertLine {
                id: item.id,
                rule: item.rule.1.unwrap_or(item.rule.0),
                device: item.device.map(|(_, name)| name),
                events: item.events.0,
                outcome: item.outcome.code().to_owned(),
                first: item.span.0,
            });
        }
    }
    let mut looked = Vec::new();
    for device in record.about.devices.iter().take(LOOKED_AT) {
        looked.push(devices::get(ctx, actor, *device).await?);
    }
    let left_out = record.about.devices.len().saturating_sub(LOOKED_AT);
    let prefilled = prefill::lines(&looked, &alerts, left_out);
    let devices = looked.iter().map(device_line).collect();
    let makers: Vec<String> = looked.iter().filter_map(|it| it.row.facts.maker.clone()).collect();
    let vendors = vendors::concerned(ctx, actor, id, &makers).await?;
    detail(ctx, record, (privileged, guarded), (alerts, devices, prefilled, vendors))
}

fn device_line(detail: &devices::DeviceDetail) -> DeviceLine {
    let facts = &detail.row.facts;
    let said = |parts: [Option<&str>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    DeviceLine {
        id: detail.row.id,
        name: detail.row.name.clone(),
        product: said([facts.maker.as_deref(), facts.model.as_deref()]),
        place: said([facts.ward.as_deref(), facts.site.as_deref()]),
    }
}

impl Record {
    fn has_privileged(&self) -> bool {
        self.events.iter().any(|it| it.privileged)
            || self.assessments.iter().any(|it| it.approved.is_none())
            || self.letters.iter().any(|it| it.sent.is_none())
    }
}

type Gathered = (Vec<AlertLine>, Vec<DeviceLine>, Vec<PrefillLine>, Concerned);

fn detail(
    ctx: &Context,
    record: Record,
    (privileged, guarded): (bool, bool),
    (alerts, devices, prefilled, vendors): Gathered,
) -> Result<IncidentDetail, Error> {
    let today = ctx.clock.today();
    let fault = |bad: String| Error::Internal(bad.into());
    let (reports, reports_checked) = clocks::reports(&record.events, record.side, today).map_err(fault)?;
    let discovered = record.clocks.discovered;
    let first = alerts.iter().map(|it| it.first).min().map(|at| at.to_zoned(TimeZone::UTC).date());
    let earlier_sign = first.filter(|first| discovered.is_some_and(|(on, _)| *first < on));
    let questions = FACTORS.iter().zip(bedrail_model::incident::Factor::ALL);
    Ok(IncidentDetail {
        events: timeline(&record, privileged),
        steps: steps(&record),
        harm: clocks::harm(&record.events),
        reports,
        reports_checked,
        discovered,
        earlier_sign,
        occurred: clocks::occurred(&record.events),
        affected: record.clocks.affected,
        without_state: record.clocks.without_state,
        presumed: record.clocks.presumption == Presumption::Presumed,
        hhs_at_once: record.clocks.route.map(|route| route == Route::Immediate),
        clocks: clocks::lines(&record.clocks, today),
        states: clocks::state_lines(&record.clocks, &record.events),
        hold_until: record.clocks.hold_until,
        questions: questions.map(|((_, question), factor)| (*factor, *question)).collect(),
        decision: record.decision().cloned(),
        assessments: if privileged { record.assessments.clone() } else { Vec::new() },
        letters: record.letters.iter().filter(|it| privileged || it.sent.is_some()).cloned().collect(),
        penalties: privileged.then(|| clocks::penalties(&record.events, today)),
        open_ends: match record.incident.closed {
            None => record.open_ends(),
            Some(_) => Vec::new(),
        },
        withheld: guarded && !privileged,
        readers: if privileged { record.readers.clone() } else { Vec::new() },
        privileged,
        alerts,
        devices,
        vendors,
        prefilled,
        at: ctx.clock.now(),
        incident: record.incident,
    })
}

fn timeline(record: &Record, privileged: bool) -> Vec<EventLine> {
    let by: BTreeMap<u64, u64> =
        record.events.iter().filter_map(|it| Some((it.corrects?, it.number))).collect();
    let mut moves = clocks::moves(&record.incident, &record.events, record.side);
    let shown = record.events.iter().filter(|it| privileged || !it.privileged);
    let line = |event: &Event| EventLine {
        corrected_by: by.get(&event.number).copied(),
        words: words_of(&event.what),
        moved: moves.remove(&event.number).unwrap_or_default(),
        event: event.clone(),
    };
    shown.map(line).collect()
}

fn steps(record: &Record) -> Vec<StepLine> {
    let line = |row: &'static ChecklistRow| StepLine {
        row,
        done: record.steps.iter().find(|done| done.step == row.code).cloned(),
    };
    checklist::of(record.incident.kind).map(line).collect()
}
