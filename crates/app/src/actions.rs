//! What is to be done about weaknesses: put down with a decision or alone, handed over, ended with a proof or a reason.

use bedrail_model::action::{Action, Asked, State};
use bedrail_model::clock::Standing;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{ActionId, DecisionId};
use bedrail_store::{Change, actions as rows};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, decisions};

/// The longest text of an action, in characters.
const LONGEST: usize = 1_000;
/// Who sets the outer limit where a weakness is known to be exploited.
const EXPLOITED_LIMIT: &str = "CISA's catalogue of known exploited vulnerabilities (BOD 22-01)";

/// An action to be put down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// What is to be done.
    pub what: String,
    /// The person or team who does it.
    pub owner: String,
    /// By the end of which day.
    pub due: Date,
    /// What will show that it is done.
    pub proof_needed: Option<String>,
    /// The risk that remains.
    pub remaining_risk: Option<String>,
    /// What it costs.
    pub cost: Option<String>,
}

/// How an action ends, or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is done; this shows it.
    Done(String),
    /// It will not be done, for this reason.
    Dropped(String),
    /// It is open again.
    Reopened,
    /// Somebody else does it, or by another day.
    HandedOver {
        /// Who.
        owner: String,
        /// By the end of which day.
        due: Date,
    },
}

/// Which actions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionFilter {
    /// In this state: `open`, `done` or `dropped`; open ones without it.
    pub state: Option<String>,
    /// Words of the action, the owner and the weakness, all of them.
    pub text: Option<String>,
    /// Only open ones past their day.
    pub late: bool,
}

/// An action as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRow {
    /// The action.
    pub action: Action,
    /// How its clock stands.
    pub standing: Standing,
}

/// Refuses an action that lacks a word.
pub(crate) fn check(action: &NewAction) -> Result<(), Error> {
    let texts = [
        ("what is to be done", Some(&action.what)),
        ("who does it", Some(&action.owner)),
        ("the proof", action.proof_needed.as_ref()),
        ("the remaining risk", action.remaining_risk.as_ref()),
        ("the cost", action.cost.as_ref()),
    ];
    for (what, text) in texts {
        let Some(text) = text else { continue };
        if text.trim().is_empty() {
            return Err(Error::Invalid {
                message: format!("the action does not say {what}"),
                hint: Some("an action says what is to be done, by whom and until when".into()),
            });
        }
        if text.chars().count() > LONGEST {
            return Err(Error::invalid(format!(
                "the action's text on {what} is too long (1,000 characters)"
            )));
        }
    }
    Ok(())
}

/// Puts an action down, inside the change of the decision that it carries out, where there is one.
pub(crate) async fn put(
    change: &Change,
    new: &NewAction,
    decision: Option<DecisionId>,
    weakness: Option<&Weakness>,
) -> Result<ActionId, Error> {
    put_asking(change, new, (decision, weakness), None).await
}

/// Puts an action down that waits for an answer.
pub(crate) async fn put_asking(
    change: &Change,
    new: &NewAction,
    (decision, weakness): (Option<DecisionId>, Option<&Weakness>),
    asked: Option<Asked>,
) -> Result<ActionId, Error> {
    let limit = weakness.and_then(|weakness| weakness.kev.as_ref()).and_then(|kev| kev.due);
    let plain = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
    let action = Action {
        id: ActionId::generate(),
        decision,
        weakness: weakness.map(|weakness| weakness.id.clone()),
        asked,
        what: new.what.trim().to_owned(),
        owner: new.owner.trim().to_owned(),
        due: new.due,
        limit: limit.map(|due| (due, EXPLOITED_LIMIT.to_owned())),
        proof_needed: plain(&new.proof_needed),
        remaining_risk: plain(&new.remaining_risk),
        cost: plain(&new.cost),
        state: State::Open,
        created: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add(change, &action).await?;
    Ok(action.id)
}

/// Puts an action down by itself, about a weakness or about none.
///
/// # Errors
/// [`Error::Invalid`] when a word is missing, [`Error::NotFound`] when the weakness is not known.
pub async fn add(
    ctx: &Context,
    actor: &Actor,
    new: &NewAction,
    weakness: Option<&str>,
) -> Result<ActionId, Error> {
    actor.need(Right::Decide)?;
    check(new)?;
    let weakness = match weakness {
        Some(id) => Some(decisions::weakness(ctx, &ctx.view(actor, Right::SeeFleet).await?, id).await?),
        None => None,
    };
    let change = ctx.change(actor, Right::Decide, "action.add").await?;
    let id = put(&change, new, None, weakness.as_ref()).await?;
    let detail = format!("{} by {} until {}", new.what.trim(), new.owner.trim(), new.due);
    change.commit(weakness.as_ref().map_or("action", |one| one.id.as_str()), &detail).await?;
    Ok(id)
}

/// Takes a step with an action.
///
/// # Errors
/// [`Error::NotFound`] when there is none, [`Error::Invalid`] when the step lacks a word, [`Error::Conflict`] when it is in
/// another state.
pub async fn step(ctx: &Context, actor: &Actor, id: ActionId, step: &Step) -> Result<(), Error> {
    actor.need(Right::Decide)?;
    let said = |text: &str, what: &str| match text.trim() {
        "" => Err(Error::invalid(format!("{what} is missing"))),
        text if text.chars().count() > LONGEST => Err(Error::invalid(format!("{what} is too long"))),
        text => Ok(text.to_owned()),
    };
    let name = match step {
        Step::Done(_) => "action.done",
        Step::Dropped(_) => "action.drop",
        Step::Reopened => "action.reopen",
        Step::HandedOver { .. } => "action.hand_over",
    };
    let change = ctx.change(actor, Right::Decide, name).await?;
    let before = rows::one(&change, id).await?.ok_or_else(|| Error::not_found(format!("action {id}")))?;
    let (taken, after) = match step {
        Step::Done(proof) => {
            let proof = said(proof, "what shows that it is done")?;
            (rows::end(&change, id, true, &proof).await?, proof)
        }
        Step::Dropped(reason) => {
            let reason = said(reason, "the reason")?;
            (rows::end(&change, id, false, &reason).await?, reason)
        }
        Step::Reopened => (rows::reopen(&change, id).await?, "open".to_owned()),
        Step::HandedOver { owner, due } => {
            let owner = said(owner, "who does it")?;
            (rows::hand_over(&change, id, &owner, *due).await?, format!("{owner} until {due}"))
        }
    };
    if !taken {
        let message = format!("the action is {} already", before.state.code());
        return Err(Error::Conflict { message });
    }
    let was = format!("{}, {} until {}", before.state.code(), before.owner, before.due);
    let subject = before.weakness.unwrap_or_else(|| "action".to_owned());
    Ok(change.commit_with(&subject, &before.what, Some(was), Some(after)).await?)
}

/// Actions by their day, the first first; ended ones by their end, the last first.
///
/// # Errors
/// [`Error::Invalid`] for a state that there is not.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &ActionFilter,
    page: &PageRequest,
) -> Result<Page<ActionRow>, Error> {
    let wanted = filter.state.as_deref().unwrap_or("open");
    if !State::CODES.contains(&wanted) {
        return Err(Error::invalid(format!("an action is {}", State::CODES.join(", "))));
    }
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let now = ctx.clock.now();
    let mut found: Vec<ActionRow> = rows::all(&view)
        .await?
        .into_iter()
        .filter(|action| action.state.code() == wanted)
        .filter(|action| {
            let weakness = action.weakness.as_deref().unwrap_or_default();
            let text = format!("{} {} {weakness}", action.what, action.owner).to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
        .map(|action| ActionRow { standing: action.clock().standing(now, &TimeZone::UTC, &[]), action })
        .filter(|row| !filter.late || matches!(row.standing, Standing::Late | Standing::Over))
        .collect();
    match wanted {
        "open" => found.sort_by_key(|row| (row.action.due, row.action.id)),
        _ => found.sort_by_key(|row| std::cmp::Reverse(row.action.clock().stopped)),
    }
    Page::cut(found, page, |row| row.action.id.to_string())
}
