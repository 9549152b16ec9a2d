//! What is to be done.

use bedrail_app::actions::ActionRow;
use bedrail_app::actions::proof::Check;
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
    /// What it costs, in words.
    cost: Option<String>,
    /// What it costs, in hundredths of the currency.
    cost_cents: Option<u64>,
    /// The currency of that, by its code (ISO 4217).
    cost_currency: Option<String>,
    /// `patch`, `isolate`, `replace`, `shield`, `accept`, `ask`, `other`.
    kind: &'static str,
    /// The campaign that it was put down in, by id.
    campaign: Option<String>,
    /// The site of the ward that it is about.
    site: Option<String>,
    /// The ward that it is about.
    ward: Option<String>,
    /// From when the devices may be worked on, RFC 3339.
    window_from: Option<String>,
    /// Until when, RFC 3339.
    window_to: Option<String>,
    /// `open`, `done`, `dropped`.
    state: &'static str,
    /// `open`, `not_shown`, `closed`, `dropped`: a done action about a weakness is closed once the program saw it done.
    stage: &'static str,
    /// When the program saw it done, RFC 3339.
    seen: Option<String>,
    /// What it saw.
    seen_what: Option<String>,
    /// How its devices stand, where the program looks for that.
    check: Option<CheckView>,
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

/// How the devices of an action stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// Devices that had the weakness, or might have it, when the action was put down.
    devices: u64,
    /// Those on which it is no longer found.
    gone: u64,
    /// Those on which it stands, but for which what the action was for is there.
    met: u64,
    /// Those that are still affected.
    open: u64,
    /// Those of which it cannot be told.
    unclear: u64,
    /// Those that are not affected by a decision alone.
    by_word: u64,
    /// Whether the vulnerability data is whole, and still knows the weakness.
    data_whole: bool,
    /// Whether this shows the action to be done.
    shows: bool,
    /// What is seen, in words.
    evidence: String,
}

impl From<&Check> for CheckView {
    fn from(check: &Check) -> CheckView {
        CheckView {
            devices: check.devices,
            gone: check.gone,
            met: check.met,
            open: check.open,
            unclear: check.unclear,
            by_word: check.by_word,
            data_whole: check.sound && check.recorded,
            shows: check.shows(),
            evidence: check.evidence(),
        }
    }
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
            cost_cents: it.amount.map(|amount| amount.cents),
            cost_currency: it.amount.map(|amount| amount.currency.to_string()),
            kind: it.kind.code(),
            campaign: it.campaign.map(|id| id.to_string()),
            site: it.ward.as_ref().map(|ward| ward.site.clone()),
            ward: it.ward.as_ref().map(|ward| ward.ward.clone()),
            window_from: it.window.map(|window| window.from.to_string()),
            window_to: it.window.map(|window| window.to.to_string()),
            state: it.state.code(),
            stage: it.stage().code(),
            seen: it.seen.as_ref().map(|seen| seen.at.to_string()),
            seen_what: it.seen.as_ref().map(|seen| seen.evidence.clone()),
            check: row.check.as_ref().map(CheckView::from),
            ended,
            ended_by,
            ended_note,
            standing: standing_code(row.standing),
            created: it.created.to_string(),
            author: it.author.clone(),
        }
    }
}
