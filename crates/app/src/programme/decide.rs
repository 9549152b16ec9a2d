//! Decisions on addressable specifications (45 CFR 164.306(d)(3)): done, an equivalent measure, or not reasonable, with reason,
//! approver and the day on which they are looked at again. One holds for all systems, or for those that it names.

use bedrail_comply::decision::{Choice, Decision, Scope};
use bedrail_comply::fact::Subject;
use bedrail_comply::signal::About;
use bedrail_model::ids::{ProgrammeDecisionId, ProofId};
use bedrail_store::programme::{self as rows, DecisionRow};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{FIRST_DAY, requirement};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The outcomes, with words for people.
pub const OUTCOMES: &[(&str, &str)] = &[
    ("implement", "implemented as the specification says"),
    ("alternative", "an equivalent measure stands in its place"),
    ("not_reasonable", "not reasonable and appropriate here"),
];

/// The longest text of a decision, in bytes.
const MOST_TEXT: usize = 4_000;
/// The most systems that one decision names.
const MOST_SYSTEMS: usize = 500;

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The requirement's id.
    pub requirement: String,
    /// `implement`, `alternative`, `not_reasonable`.
    pub outcome: String,
    /// The measure that stands in its place.
    pub measure: Option<String>,
    /// Names of the systems; none for all.
    pub systems: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
    /// The day of the decision; today where it is not said.
    pub decided: Option<Date>,
    /// The last day on which it holds without a new look.
    pub review_by: Date,
    /// A document that shows the measure or the assessment.
    pub proof: Option<ProofId>,
}

/// Writes a decision down. An older one for the same systems counts no more.
///
/// # Errors
/// [`Error::Invalid`] where the specification leaves no choice, or something is missing; [`Error::NotFound`] for an unknown
/// requirement or document; [`Error::Denied`] without the right.
pub async fn decide(ctx: &Context, actor: &Actor, command: &Decide) -> Result<ProgrammeDecisionId, Error> {
    actor.need(Right::KeepProgramme)?;
    let wanted = requirement(&command.requirement)?;
    let today = ctx.clock.now().to_zoned(TimeZone::UTC).date();
    let decided = command.decided.unwrap_or(today);
    if decided > today || decided < FIRST_DAY {
        return Err(Error::invalid(format!("{decided} is no day on which something can have been decided")));
    }
    let choice = match command.outcome.as_str() {
        "implement" => Choice::Implement,
        "alternative" => Choice::Alternative { measure: command.measure.clone().unwrap_or_default() },
        "not_reasonable" => Choice::NotReasonable,
        other => {
            return Err(Error::Invalid {
                message: format!("{} is no outcome", other.escape_debug()),
                hint: Some("implement, alternative or not_reasonable".into()),
            });
        }
    };
    let mut systems: Vec<String> =
        command.systems.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    systems.sort();
    systems.dedup();
    let texts = [Some(&command.reason), Some(&command.approver), command.measure.as_ref()];
    let long =
        texts.into_iter().flatten().chain(&systems).any(|text| text.len() > MOST_TEXT || text.contains('\0'));
    if long || systems.len() > MOST_SYSTEMS {
        return Err(Error::invalid(format!(
            "a decision has texts of at most {MOST_TEXT} bytes and names at most {MOST_SYSTEMS} systems"
        )));
    }
    let named = |name: &String| Subject { about: About::RecordSystem, name: name.clone() };
    let scope =
        if systems.is_empty() { Scope::All } else { Scope::Subjects(systems.iter().map(named).collect()) };
    let check = Decision {
        requirement: wanted.id.clone(),
        scope,
        choice,
        reason: command.reason.clone(),
        approver: command.approver.clone(),
        decided_on: decided,
        review_by: command.review_by,
        proof: None,
    };
    check.check(wanted).map_err(|error| Error::invalid(error.to_string()))?;
    if wanted.designation != bedrail_comply::catalog::Designation::Addressable {
        return Err(Error::invalid(format!(
            "{} is {}: only an addressable specification leaves a choice (45 CFR 164.306(d))",
            wanted.citation,
            wanted.designation.code()
        )));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "programme.decide").await?;
    if let Some(id) = command.proof {
        let there = rows::proofs(&change).await?.iter().any(|row| row.id == id && row.withdrawn.is_none());
        if !there {
            return Err(Error::not_found(format!("proof {id}")));
        }
    }
    let row = DecisionRow {
        id: ProgrammeDecisionId::generate(),
        requirement: wanted.id.clone(),
        outcome: command.outcome.clone(),
        measure: command.measure.clone().filter(|_| command.outcome == "alternative"),
        systems,
        reason: command.reason.trim().to_owned(),
        approver: command.approver.trim().to_owned(),
        decided,
        review_by: command.review_by,
        proof: command.proof,
        added: change.at(),
        added_by: change.actor().to_owned(),
    };
    rows::add_decision(&change, &row).await?;
    let detail = format!("{}, to be looked at again by {}", row.outcome, row.review_by);
    change.commit(&format!("{} ({})", wanted.citation, wanted.id), &detail).await?;
    Ok(row.id)
}
