//! What is to be done.

use bedrail_app::actions::ActionRow;
use bedrail_model::action::State;
use bedrail_model::clock::Standing;
use serde::Serialize;
use utoipa::ToSchema;

/// An action.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionView {
    /// Id.
    id: String,
    /// The decision that it carries out, by id.
    decision: Option<String>,
    /// The weakness that it is about, by id.
    weakness: Option<String>,
    /// What is to be done.
    what: String,
    /// The person or team who does it.
    owner: String,
    /// By the end of which day: the house's own target, as an ISO date.
    due: String,
    /// The outer limit, as an ISO date.
    limit_on: Option<String>,
    /// Who set the limit.
    limit_source: Option<String>,
    /// What will show that it is done.
    proof_needed: Option<String>,
    /// The risk that remains.
    remaining_risk: Option<String>,
    /// What it costs.
    cost: Option<String>,
    /// `open`, `done`, `dropped`.
    state: &'static str,
    /// When it ended, RFC 3339.
    ended: Option<String>,
    /// Who ended it.
    ended_by: Option<String>,
    /// What shows that it is done, or why it was dropped.
    ended_note: Option<String>,
    /// `running`, `held`, `late`, `over`, `in_time`, `stopped_late`, `stopped_over`.
    standing: &'static str,
    /// When it was put down, RFC 3339.
    created: String,
    /// By whom, and by which way.
    author: String,
}

/// The stable code of how a clock stands.
pub(crate) fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Running => "running",
        Standing::Held => "held",
        Standing::Late => "late",
        Standing::Over => "over",
        Standing::InTime => "in_time",
        Standing::StoppedLate => "stopped_late",
        Standing::StoppedOver => "stopped_over",
    }
}

impl From<&ActionRow> for ActionView {
    fn from(row: &ActionRow) -> ActionView {
        let it = &row.action;
        let (ended, ended_by, ended_note) = match &it.state {
            State::Open => (None, None, None),
            State::Done { at, by, proof: note } | State::Dropped { at, by, reason: note } => {
                (Some(at.to_string()), Some(by.clone()), Some(note.clone()))
            }
        };
        let (limit_on, limit_source) =
            it.limit.as_ref().map(|(day, source)| (day.to_string(), source.clone())).unzip();
        ActionView {
            id: it.id.to_string(),
            decision: it.decision.map(|id| id.to_string()),
            weakness: it.weakness.clone(),
            what: it.what.clone(),
            owner: it.owner.clone(),
            due: it.due.to_string(),
            limit_on,
            limit_source,
            proof_needed: it.proof_needed.clone(),
            remaining_risk: it.remaining_risk.clone(),
            cost: it.cost.clone(),
            state: it.state.code(),
            ended,
            ended_by,
            ended_note,
            standing: standing_code(row.standing),
            created: it.created.to_string(),
            author: it.author.clone(),
        }
    }
}
