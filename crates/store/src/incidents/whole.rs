//! All incidents with everything that is kept of them, in a handful of statements, for whoever counts them.

use std::collections::HashMap;

use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{Assessment, Event, Incident, Letter, StepDone};

use super::{breach, read_event, read_step};
use crate::sql::{get, values};
use crate::{Error, View};

const EVENTS: &str =
    "SELECT number, at, author, kind, on_day, to_day, code, state, flag, documented, total, note,
        corrects, privileged, incident_id
    FROM incident_event WHERE org_id = $1 ORDER BY incident_id, number";
const RESIDENTS: &str =
    "SELECT number, state, residents, incident_id FROM incident_resident WHERE org_id = $1";
const STEPS: &str = "SELECT step, at, author, note, incident_id FROM incident_step
    WHERE org_id = $1 ORDER BY incident_id, at, step";
pub(crate) const STATEMENTS: &[&str] = &[EVENTS, RESIDENTS, STEPS];

/// An incident with what is kept of it.
#[derive(Debug)]
pub struct Whole {
    /// The incident.
    pub incident: Incident,
    /// Its timeline.
    pub events: Vec<Event>,
    /// Versions of its assessment, the first one first.
    pub assessments: Vec<Assessment>,
    /// Its letters.
    pub letters: Vec<Letter>,
    /// Steps of the checklist that were done.
    pub steps: Vec<StepDone>,
}

/// All incidents, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn whole(view: &View) -> Result<Vec<Whole>, Error> {
    let incidents = super::all(view).await?;
    if incidents.is_empty() {
        return Ok(Vec::new());
    }
    let key = || values![view.org().uuid()];
    let mut residents: HashMap<(uuid::Uuid, u64), std::collections::BTreeMap<String, u64>> = HashMap::new();
    for row in view.all(RESIDENTS, key()).await? {
        let place = residents.entry((get(&row, 3)?, super::count(&row, 0)?)).or_default();
        place.insert(get(&row, 1)?, super::count(&row, 2)?);
    }
    let mut events: HashMap<IncidentId, Vec<Event>> = HashMap::new();
    for row in view.all(EVENTS, key()).await? {
        let id: uuid::Uuid = get(&row, 14)?;
        let by_state = residents.remove(&(id, super::count(&row, 0)?)).unwrap_or_default();
        events.entry(IncidentId::from_uuid(id)).or_default().push(read_event(&row, by_state)?);
    }
    let mut steps: HashMap<IncidentId, Vec<StepDone>> = HashMap::new();
    for row in view.all(STEPS, key()).await? {
        steps.entry(IncidentId::from_uuid(get(&row, 4)?)).or_default().push(read_step(&row)?);
    }
    let mut assessments = breach::all_assessments(view).await?;
    let mut letters = breach::all_letters(view).await?;
    Ok(incidents
        .into_iter()
        .map(|incident| Whole {
            events: events.remove(&incident.id).unwrap_or_default(),
            assessments: assessments.remove(&incident.id).unwrap_or_default(),
            letters: letters.remove(&incident.id).unwrap_or_default(),
            steps: steps.remove(&incident.id).unwrap_or_default(),
            incident,
        })
        .collect())
}
