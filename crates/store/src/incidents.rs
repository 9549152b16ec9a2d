//! Incidents: the record, its timeline, the devices and alert items it is about, and the checklist. Timelines are only added to.

mod breach;
mod readers;
mod whole;

use std::collections::BTreeMap;

use bedrail_model::ids::{AlertItemId, DeviceId, IncidentId};
use bedrail_model::incident::{
    About, Closed, Event, Harm, Incident, IncidentKind, KnownBy, LetterKind, StepDone, What,
};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

pub(crate) use breach::STATEMENTS as BREACH_STATEMENTS;
pub use breach::{add_assessment, add_letter, approve, assessments, letters, send};
pub(crate) use readers::STATEMENTS as READER_STATEMENTS;
pub use readers::{add_reader, end_reader, readers};
pub(crate) use whole::STATEMENTS as WHOLE_STATEMENTS;
pub use whole::{Whole, whole};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, title, kind, opened, author, owner, closed, closed_by, closed_for FROM incident ",
            $rest
        )
    };
}

const ALL: &str = columns!("WHERE org_id = $1 ORDER BY number DESC");
const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const OF_ALERT: &str = "SELECT i.id FROM incident i
    JOIN incident_alert a ON a.org_id = i.org_id AND a.incident_id = i.id
    WHERE i.org_id = $1 AND a.item_id = $2 ORDER BY i.number";
const NEXT: &str = "SELECT COALESCE(MAX(number), 0) + 1 FROM incident WHERE org_id = $1";
const INSERT: &str = "INSERT INTO incident (org_id, changed, id, number, title, kind, opened, author, owner)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CLOSE: &str = "UPDATE incident SET closed = $3, closed_by = $4, closed_for = $5, changed = $6
    WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const REOPEN: &str = "UPDATE incident SET closed = NULL, closed_by = NULL, closed_for = NULL, changed = $3
    WHERE org_id = $1 AND id = $2 AND closed IS NOT NULL";
const SET_OWNER: &str = "UPDATE incident SET owner = $3, changed = $4 WHERE org_id = $1 AND id = $2";
const EVENTS: &str =
    "SELECT number, at, author, kind, on_day, to_day, code, state, flag, documented, total, note,
        corrects, privileged
    FROM incident_event WHERE org_id = $1 AND incident_id = $2 ORDER BY number";
const RESIDENTS: &str = "SELECT number, state, residents FROM incident_resident
    WHERE org_id = $1 AND incident_id = $2 ORDER BY number, state";
const INSERT_EVENT: &str =
    "INSERT INTO incident_event (org_id, incident_id, number, at, author, kind, on_day, to_day,
        code, state, flag, documented, total, note, corrects, privileged)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const INSERT_RESIDENT: &str = "INSERT INTO incident_resident (org_id, incident_id, number, state, residents)
    VALUES ($1, $2, $3, $4, $5)";
const DEVICES: &str =
    "SELECT device_id FROM incident_device WHERE org_id = $1 AND incident_id = $2 ORDER BY at, device_id";
const ALERTS: &str =
    "SELECT item_id FROM incident_alert WHERE org_id = $1 AND incident_id = $2 ORDER BY at, item_id";
const ADD_DEVICE: &str = "INSERT INTO incident_device (org_id, incident_id, device_id, at)
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const ADD_ALERT: &str = "INSERT INTO incident_alert (org_id, incident_id, item_id, at)
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const STEPS: &str = "SELECT step, at, author, note FROM incident_step
    WHERE org_id = $1 AND incident_id = $2 ORDER BY at, step";
const ADD_STEP: &str = "INSERT INTO incident_step (org_id, incident_id, step, at, author, note)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    ONE,
    OF_ALERT,
    NEXT,
    INSERT,
    CLOSE,
    REOPEN,
    SET_OWNER,
    EVENTS,
    RESIDENTS,
    INSERT_EVENT,
    INSERT_RESIDENT,
    DEVICES,
    ALERTS,
    ADD_DEVICE,
    ADD_ALERT,
    STEPS,
    ADD_STEP,
];

fn count(row: &QueryResult, index: usize) -> Result<u64, Error> {
    Ok(u64::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn day(column: &'static str, text: Option<String>) -> Result<Option<Date>, Error> {
    text.map(|text| code(column, &text, |text| text.parse().ok())).transpose()
}

fn read(row: &QueryResult) -> Result<Incident, Error> {
    let closed = match get::<Option<i64>>(row, 7)? {
        None => None,
        Some(at) => Some(Closed {
            at: time(at)?,
            by: get::<Option<String>>(row, 8)?.unwrap_or_default(),
            sentence: get::<Option<String>>(row, 9)?.unwrap_or_default(),
        }),
    };
    Ok(Incident {
        id: IncidentId::from_uuid(get(row, 0)?),
        number: count(row, 1)?,
        title: get(row, 2)?,
        kind: code("incident.kind", &get::<String>(row, 3)?, IncidentKind::from_code)?,
        opened: time(get(row, 4)?)?,
        author: get(row, 5)?,
        owner: get(row, 6)?,
        closed,
    })
}

/// All incidents, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Incident>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// One incident.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: IncidentId) -> Result<Option<Incident>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// The incidents that an alert item is part of, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_alert(view: &View, item: AlertItemId) -> Result<Vec<IncidentId>, Error> {
    let rows = view.all(OF_ALERT, values![view.org().uuid(), item.uuid()]).await?;
    rows.iter().map(|row| Ok(IncidentId::from_uuid(get(row, 0)?))).collect()
}

/// The number that the next incident of the organisation gets.
///
/// # Errors
/// When the database cannot be used.
pub async fn next_number(view: &View) -> Result<u64, Error> {
    let row = view.one(NEXT, values![view.org().uuid()]).await?;
    row.map_or(Ok(1), |row| count(&row, 0))
}

/// Keeps a new, open incident.
///
/// # Errors
/// When the database refuses, as where its number is taken.
pub async fn add(change: &Change, incident: &Incident) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        incident.id.uuid(),
        stored(incident.number),
        incident.title.as_str(),
        incident.kind.code(),
        micros(incident.opened),
        incident.author.as_str(),
        incident.owner.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Closes an open incident; false where it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn close(change: &Change, id: IncidentId, sentence: &str) -> Result<bool, Error> {
    let values =
        values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), sentence, change.number];
    Ok(change.execute(CLOSE, values).await? > 0)
}

/// Opens a closed incident again; false where it is open.
///
/// # Errors
/// When the database refuses.
pub async fn reopen(change: &Change, id: IncidentId) -> Result<bool, Error> {
    Ok(change.execute(REOPEN, values![change.org().uuid(), id.uuid(), change.number]).await? > 0)
}

/// Says who sees to an incident; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn set_owner(change: &Change, id: IncidentId, owner: &str) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), owner, change.number];
    Ok(change.execute(SET_OWNER, values).await? > 0)
}

/// An event in columns.
#[derive(Default)]
struct Columns {
    kind: &'static str,
    on: Option<Date>,
    to: Option<Date>,
    code: Option<&'static str>,
    state: Option<String>,
    flag: Option<i64>,
    documented: Option<i64>,
    total: Option<i64>,
}

fn columns_of(what: &What) -> Columns {
    let of = |kind: &'static str, on: Option<Date>| Columns { kind, on, ..Columns::default() };
    match what {
        What::Note => of("note", None),
        What::Withdrawn => of("withdrawn", None),
        What::Occurred { from, to } => Columns { to: *to, ..of("occurred", Some(*from)) },
        What::Known { by, on } => Columns { code: Some(by.code()), ..of("known", Some(*on)) },
        What::AssociateDiscovered { on, agent } => {
            Columns { flag: Some(i64::from(*agent)), ..of("associate_discovered", Some(*on)) }
        }
        What::AssociateTold { on } => of("associate_told", Some(*on)),
        What::Counted { total, .. } => Columns { total: Some(stored(*total)), ..of("counted", None) },
        What::LawEnforcement { written, on, until, documented } => Columns {
            flag: Some(i64::from(*written)),
            to: *until,
            documented: Some(i64::from(*documented)),
            ..of("law_enforcement", Some(*on))
        },
        What::Harm { harm, on } => Columns { code: Some(harm.code()), ..of("harm", Some(*on)) },
        What::StateChecked { state, due } => {
            Columns { state: Some(state.clone()), to: *due, ..of("state_checked", None) }
        }
        What::Notified { kind, state, on } => {
            Columns { code: Some(kind.code()), state: state.clone(), ..of("notified", Some(*on)) }
        }
    }
}

fn read_what(row: &QueryResult, by_state: BTreeMap<String, u64>) -> Result<What, Error> {
    let kind: String = get(row, 3)?;
    let corrupt = || Error::Corrupt { column: "incident_event.kind", value: kind.clone() };
    let on = day("incident_event.on_day", get(row, 4)?)?;
    let to = day("incident_event.to_day", get(row, 5)?)?;
    let coded: String = get::<Option<String>>(row, 6)?.unwrap_or_default();
    let state: Option<String> = get(row, 7)?;
    let flag = |index| Ok::<bool, Error>(get::<Option<i64>>(row, index)?.unwrap_or_default() != 0);
    let on = || on.ok_or_else(corrupt);
    Ok(match kind.as_str() {
        "note" => What::Note,
        "withdrawn" => What::Withdrawn,
        "occurred" => What::Occurred { from: on()?, to },
        "known" => What::Known { by: code("incident_event.code", &coded, KnownBy::from_code)?, on: on()? },
        "associate_discovered" => What::AssociateDiscovered { on: on()?, agent: flag(8)? },
        "associate_told" => What::AssociateTold { on: on()? },
        "counted" => {
            let total = get::<Option<i64>>(row, 10)?.unwrap_or_default();
            What::Counted { total: u64::try_from(total).unwrap_or_default(), by_state }
        }
        "law_enforcement" => {
            What::LawEnforcement { written: flag(8)?, on: on()?, until: to, documented: flag(9)? }
        }
        "harm" => What::Harm { harm: code("incident_event.code", &coded, Harm::from_code)?, on: on()? },
        "state_checked" => What::StateChecked { state: state.unwrap_or_default(), due: to },
        "notified" => What::Notified {
            kind: code("incident_event.code", &coded, LetterKind::from_code)?,
            state,
            on: on()?,
        },
        _ => return Err(corrupt()),
    })
}

/// The timeline of an incident, in the order in which it was recorded.
///
/// # Errors
/// When the database cannot be used.
pub async fn events(view: &View, id: IncidentId) -> Result<Vec<Event>, Error> {
    let key = || values![view.org().uuid(), id.uuid()];
    let mut residents: BTreeMap<u64, BTreeMap<String, u64>> = BTreeMap::new();
    for row in view.all(RESIDENTS, key()).await? {
        residents.entry(count(&row, 0)?).or_default().insert(get(&row, 1)?, count(&row, 2)?);
    }
    let mut events = Vec::new();
    for row in view.all(EVENTS, key()).await? {
        let by_state = residents.remove(&count(&row, 0)?).unwrap_or_default();
        events.push(read_event(&row, by_state)?);
    }
    Ok(events)
}

fn read_event(row: &QueryResult, by_state: BTreeMap<String, u64>) -> Result<Event, Error> {
    Ok(Event {
        number: count(row, 0)?,
        at: time(get(row, 1)?)?,
        author: get(row, 2)?,
        what: read_what(row, by_state)?,
        note: get(row, 11)?,
        corrects: get::<Option<i64>>(row, 12)?.map(i64::unsigned_abs),
        privileged: get::<i64>(row, 13)? != 0,
    })
}

/// Adds an event at the end of a timeline.
///
/// # Errors
/// When the database refuses, as where the incident is not of the organisation.
pub async fn add_event(change: &Change, id: IncidentId, event: &Event) -> Result<(), Error> {
    let (org, id, number) = (change.org().uuid(), id.uuid(), stored(event.number));
    let it = columns_of(&event.what);
    let values = values![
        org,
        id,
        number,
        micros(event.at),
        event.author.as_str(),
        it.kind,
        it.on.map(|day| day.to_string()),
        it.to.map(|day| day.to_string()),
        it.code,
        it.state,
        it.flag,
        it.documented,
        it.total,
        event.note.as_str(),
        event.corrects.map(stored),
        i64::from(event.privileged)
    ];
    change.execute(INSERT_EVENT, values).await?;
    if let What::Counted { by_state, .. } = &event.what {
        for (state, residents) in by_state {
            change
                .execute(INSERT_RESIDENT, values![org, id, number, state.as_str(), stored(*residents)])
                .await?;
        }
    }
    Ok(())
}

/// What an incident is about.
///
/// # Errors
/// When the database cannot be used.
pub async fn about(view: &View, id: IncidentId) -> Result<About, Error> {
    let key = || values![view.org().uuid(), id.uuid()];
    let mut about = About::default();
    for row in view.all(DEVICES, key()).await? {
        about.devices.push(DeviceId::from_uuid(get(&row, 0)?));
    }
    for row in view.all(ALERTS, key()).await? {
        about.alerts.push(AlertItemId::from_uuid(get(&row, 0)?));
    }
    Ok(about)
}

/// Adds a device; false where it is there already.
///
/// # Errors
/// When the database refuses, as where the device is not of the organisation.
pub async fn add_device(change: &Change, id: IncidentId, device: DeviceId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), device.uuid(), micros(change.at())];
    Ok(change.execute(ADD_DEVICE, values).await? > 0)
}

/// Adds an alert item; false where it is there already.
///
/// # Errors
/// When the database refuses.
pub async fn add_alert(change: &Change, id: IncidentId, item: AlertItemId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), item.uuid(), micros(change.at())];
    Ok(change.execute(ADD_ALERT, values).await? > 0)
}

/// The steps of the checklist that were done, in that order.
///
/// # Errors
/// When the database cannot be used.
pub async fn steps(view: &View, id: IncidentId) -> Result<Vec<StepDone>, Error> {
    let rows = view.all(STEPS, values![view.org().uuid(), id.uuid()]).await?;
    rows.iter().map(read_step).collect()
}

fn read_step(row: &QueryResult) -> Result<StepDone, Error> {
    let at: Timestamp = time(get(row, 1)?)?;
    Ok(StepDone { step: get(row, 0)?, at, by: get(row, 2)?, note: get(row, 3)? })
}

/// Notes that a step was done; false where it was noted before.
///
/// # Errors
/// When the database refuses.
pub async fn add_step(change: &Change, id: IncidentId, step: &str, note: &str) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), step, micros(change.at()), change.actor(), note];
    Ok(change.execute(ADD_STEP, values).await? > 0)
}
