//! What is taken in for the risk analysis and the plan for incidents: the same fields from a form, the REST API and the command line.

use bedrail_app::Error;
use bedrail_app::response::{EntryKind, NewEntry, NewFollowUp};
use bedrail_app::risk_analysis::{Declare, Grade, Judge, Treatment};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::taken::day;

fn some(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn one_of<T>(text: &str, what: &str, read: fn(&str) -> Option<T>, codes: &[&str]) -> Result<T, Error> {
    read(text.trim()).ok_or_else(|| Error::Invalid {
        message: format!("{what}: “{}” is none", text.chars().take(40).collect::<String>()),
        hint: Some(format!("one of {}", codes.join(", "))),
    })
}

/// Whether a product holds patient data, as a form and the command line say it.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, Error> {
    let read = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    one_of(text, "whether it holds patient data", read, &["yes", "no"])
}

fn grade(text: &str, what: &str) -> Result<Grade, Error> {
    one_of(text, what, Grade::from_code, &Grade::ALL.map(Grade::code))
}

fn day_of(text: Option<&String>, of: &str) -> Result<Option<Date>, Error> {
    some(text).map(|text| day(text, of)).transpose()
}

/// A judgement of a risk.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JudgeSent {
    /// The product, as the analysis names it.
    pub(crate) asset: String,
    /// The threat's code.
    pub(crate) threat: String,
    /// `low`, `moderate`, `high`.
    pub(crate) likelihood: String,
    /// The same.
    pub(crate) impact: String,
    /// `reduce`, `accept`, `avoid`, `transfer`, `undecided`.
    pub(crate) treatment: String,
    /// Measures in place, one on a line.
    #[serde(default)]
    pub(crate) measures: String,
    /// How likely with them.
    #[serde(default)]
    pub(crate) likelihood_after: Option<String>,
    /// How bad with them.
    #[serde(default)]
    pub(crate) impact_after: Option<String>,
    /// Who sees to it.
    #[serde(default)]
    pub(crate) owner: String,
    /// Until when, as an ISO date.
    #[serde(default)]
    pub(crate) due: Option<String>,
    /// The action that carries it out, by id.
    #[serde(default)]
    pub(crate) action: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

impl JudgeSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<Judge, Error> {
        let after = |text: Option<&String>, what: &str| some(text).map(|text| grade(text, what)).transpose();
        let action = some(self.action.as_ref())
            .map(|id| id.parse().map_err(|_| Error::not_found(format!("action {id}"))))
            .transpose()?;
        Ok(Judge {
            asset: self.asset.clone(),
            threat: self.threat.clone(),
            likelihood: grade(&self.likelihood, "likelihood")?,
            impact: grade(&self.impact, "impact")?,
            treatment: one_of(
                &self.treatment,
                "treatment",
                Treatment::from_code,
                &Treatment::ALL.map(Treatment::code),
            )?,
            measures: self.measures.clone(),
            likelihood_after: after(self.likelihood_after.as_ref(), "likelihood with measures")?,
            impact_after: after(self.impact_after.as_ref(), "impact with measures")?,
            owner: self.owner.clone(),
            due: day_of(self.due.as_ref(), "the day until which it is done")?,
            action,
            reason: self.reason.clone(),
        })
    }
}

/// What a product holds.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldingSent {
    /// The product, as the analysis names it.
    pub(crate) asset: String,
    /// Whether its devices hold patient data.
    pub(crate) holds: bool,
    /// What they hold.
    #[serde(default)]
    pub(crate) what: String,
    /// Where that is known from.
    pub(crate) source: String,
}

impl HoldingSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Declare {
        Declare {
            asset: self.asset.clone(),
            holds: self.holds,
            what: self.what.clone(),
            source: self.source.clone(),
        }
    }
}

/// An entry of the plan for incidents.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntrySent {
    /// `contact`, `downtime`, `disconnect`, `exercise`.
    pub(crate) kind: String,
    /// The role, the ward, what is disconnected, the exercise.
    pub(crate) name: String,
    /// Where it holds; empty for everywhere.
    #[serde(default)]
    pub(crate) place: String,
    /// Its place in the order, the least first.
    #[serde(default)]
    pub(crate) rank: u64,
    /// Who.
    #[serde(default)]
    pub(crate) person: String,
    /// How they are reached.
    #[serde(default)]
    pub(crate) reach: String,
    /// Steps, conditions, notes: one on a line.
    #[serde(default)]
    pub(crate) body: String,
    /// What follows from an exercise, one on a line.
    #[serde(default)]
    pub(crate) follow_ups: String,
    /// The day of an exercise, as an ISO date.
    #[serde(default)]
    pub(crate) day: Option<String>,
    /// Whether it ends what was said before of this name and place.
    #[serde(default)]
    pub(crate) withdrawn: bool,
}

impl EntrySent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewEntry, Error> {
        Ok(NewEntry {
            kind: one_of(&self.kind, "kind", EntryKind::from_code, &EntryKind::ALL.map(EntryKind::code))?,
            name: self.name.clone(),
            place: self.place.clone(),
            rank: self.rank,
            person: self.person.clone(),
            reach: self.reach.clone(),
            body: self.body.clone(),
            follow_ups: self.follow_ups.clone(),
            day: day_of(self.day.as_ref(), "the day of the exercise")?,
            withdrawn: self.withdrawn,
        })
    }
}

/// A line of an exercise that is to become an action.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FollowUpSent {
    /// The exercise, by its name in the plan.
    pub(crate) exercise: String,
    /// Its place in the plan; empty for everywhere.
    #[serde(default)]
    pub(crate) place: String,
    /// The line of what follows, as the exercise has it.
    pub(crate) what: String,
    /// Who does it.
    pub(crate) owner: String,
    /// By the end of which day, as an ISO date.
    pub(crate) due: String,
    /// What will show that it is done.
    #[serde(default)]
    pub(crate) proof_needed: Option<String>,
}

impl FollowUpSent {
    /// As the use case takes it.
    pub(crate) fn command(&self) -> Result<NewFollowUp, Error> {
        Ok(NewFollowUp {
            exercise: self.exercise.clone(),
            place: self.place.clone(),
            what: self.what.clone(),
            owner: self.owner.clone(),
            due: day(&self.due, "the day until which it is done")?,
            proof_needed: self.proof_needed.clone(),
        })
    }
}
