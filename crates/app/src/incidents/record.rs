//! All that is kept of one incident, read together, and what follows from it.

use bedrail_comply::breach::{Clocks, Missing, Presumption, ready_for_sign_off};
use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{About, Assessment, Event, Incident, Letter, Reader, StepDone};
use bedrail_store::{View, incidents as rows};

use super::clocks::{self, ClockLine, Side};
use crate::Error;

/// What is kept of an incident.
pub(crate) struct Record {
    pub(crate) incident: Incident,
    pub(crate) events: Vec<Event>,
    pub(super) about: About,
    pub(crate) steps: Vec<StepDone>,
    pub(super) assessments: Vec<Assessment>,
    pub(crate) letters: Vec<Letter>,
    pub(super) readers: Vec<Reader>,
    pub(super) side: Side,
    pub(crate) clocks: Clocks,
}

impl Record {
    pub(super) async fn read(view: &View, incident: Incident, side: Side) -> Result<Record, Error> {
        let id: IncidentId = incident.id;
        let events = rows::events(view, id).await?;
        let assessments = rows::assessments(view, id).await?;
        let clocks = clocks::compute(&incident, &events, &assessments, side)
            .map_err(|bad| Error::Internal(bad.into()))?;
        Ok(Record {
            about: rows::about(view, id).await?,
            steps: rows::steps(view, id).await?,
            letters: rows::letters(view, id).await?,
            readers: rows::readers(view, id).await?,
            incident,
            events,
            assessments,
            side,
            clocks,
        })
    }

    /// Refuses another side for an organisation whose incidents could not be read from there: what is written down of them
    /// would contradict itself.
    pub(crate) async fn fit(view: &View, side: Side) -> Result<(), Error> {
        for it in rows::whole(view).await? {
            clocks::compute(&it.incident, &it.events, &it.assessments, side).map_err(|bad| {
                Error::Conflict {
                    message: format!(
                        "the organisation cannot become of that kind: what is written down of incident {} would contradict \
                         itself ({bad})",
                        it.incident.number
                    ),
                }
            })?;
        }
        Ok(())
    }

    /// All incidents, without what they are about and who may read them, in a handful of statements.
    pub(crate) async fn read_all(view: &View, side: Side) -> Result<Vec<Record>, Error> {
        let of = |it: rows::Whole| {
            let clocks = clocks::compute(&it.incident, &it.events, &it.assessments, side)
                .map_err(|bad| Error::Internal(bad.into()))?;
            Ok(Record {
                about: About::default(),
                readers: Vec::new(),
                steps: it.steps,
                letters: it.letters,
                incident: it.incident,
                events: it.events,
                assessments: it.assessments,
                side,
                clocks,
            })
        };
        rows::whole(view).await?.into_iter().map(of).collect()
    }

    /// The decision in force: the newest approved assessment.
    pub(crate) fn decision(&self) -> Option<&Assessment> {
        self.assessments.iter().rev().find(|it| it.approved.is_some())
    }

    /// What an approval of this assessment lacks, in words; empty where it can be approved.
    pub(super) fn lacks(&self, draft: &Assessment, clocks: &Clocks) -> Vec<String> {
        let harm = clocks::harm(&self.events).map(|(harm, _)| harm);
        let assessed = clocks::assessment(draft, harm);
        let mut lacks: Vec<String> = ready_for_sign_off(clocks, Some(&assessed)).iter().map(words).collect();
        lacks.retain(|it| !it.is_empty());
        lacks
    }

    /// What keeps the incident open, in words.
    pub(super) fn open_ends(&self) -> Vec<String> {
        let mut open = Vec::new();
        match self.decision() {
            None => open.push("no assessment is approved, and until then a breach is presumed".to_owned()),
            Some(decision) => open.extend(self.lacks(decision, &self.clocks)),
        }
        if self.clocks.presumption == Presumption::Presumed {
            let due = clocks::lines(&self.clocks, jiff::civil::Date::MIN);
            for line in due.iter().filter(|line| line.done.is_none()) {
                let by = line.limit.strftime("%a %-d %b %Y");
                open.push(format!("the notice to {} is due by {by}", whom(line)));
            }
        }
        open
    }
}

/// Whom a notice is for, in words.
fn whom(line: &ClockLine) -> String {
    let state = line.state.as_deref().unwrap_or_default();
    match line.recipient {
        "individuals" => "the people affected".to_owned(),
        "media" => format!("the media of {state}"),
        "secretary" => "the Secretary of HHS".to_owned(),
        "covered_entity" => "the covered entity".to_owned(),
        "state" => state.to_owned(),
        other => other.replace('_', " "),
    }
}

/// Something that is missing, in words.
fn words(missing: &Missing) -> String {
    match missing {
        Missing::DeathOrInjury => "nobody said whether somebody died or was seriously injured".to_owned(),
        Missing::Discovery => "nobody said when it was discovered".to_owned(),
        Missing::Count => "nobody counted who is affected".to_owned(),
        Missing::StateSplit { without } => format!("{without} affected people have no State on record"),
        Missing::State(state) => {
            format!("by when {state} asks for notice cannot be told: counsel has to look it up")
        }
        // Whoever approves is not there yet.
        Missing::Approver => String::new(),
    }
}
