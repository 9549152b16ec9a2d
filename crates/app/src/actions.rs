//! What is to be done about weaknesses: put down with a decision or alone, handed over, ended with a proof or a reason.

use bedrail_model::action::{Action, Asked, Kind, Stage, State, Window};
use bedrail_model::campaign::Ward;
use bedrail_model::clock::Standing;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{ActionId, AlertItemId, CampaignId, DecisionId, DeviceId};
use bedrail_model::money::{Currency, MOST_CENTS, Money};
use bedrail_store::{Change, actions as rows, organisations};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, affected, decisions};

pub mod board;
pub mod calendar;
pub mod proof;

use proof::Check;

/// The longest text of an action, in characters.
const LONGEST: usize = 1_000;
/// Who sets the outer limit where a weakness is known to be exploited.
const EXPLOITED_LIMIT: &str = "CISA's catalogue of known exploited vulnerabilities (BOD 22-01)";

/// An action to be put down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAction {
    /// What kind it is.
    pub kind: Kind,
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
    /// What it costs, in words.
    pub cost: Option<String>,
    /// What it costs, in cents of the organisation's currency.
    pub cents: Option<u64>,
    /// When the devices may be worked on.
    pub window: Option<Window>,
    /// The campaign that it is put down in.
    pub campaign: Option<CampaignId>,
    /// The ward whose devices it is about.
    pub ward: Option<Ward>,
}

/// What an action is about, as the one who puts it down knows it.
#[derive(Debug, Default)]
pub(crate) struct About<'a> {
    /// The decision that it carries out.
    pub(crate) decision: Option<DecisionId>,
    /// The weakness.
    pub(crate) weakness: Option<&'a Weakness>,
    /// The devices that have it, or may have it.
    pub(crate) devices: &'a [DeviceId],
    /// The question that it waits for the answer of.
    pub(crate) asked: Option<Asked>,
}

/// Kind, window and amount of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What kind it is.
    pub kind: Kind,
    /// When the devices may be worked on.
    pub window: Option<Window>,
    /// What it costs, in cents of the organisation's currency.
    pub cents: Option<u64>,
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
    /// It is another kind, in another window, at another cost.
    Planned(Plan),
}

/// Which actions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionFilter {
    /// In this state: `open`, `done` or `dropped`; of the done ones `closed` or `not_shown`; open ones without it.
    pub state: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
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
    /// What the program sees of the devices that it is about, where it looks for that and the action waits for it.
    pub check: Option<Check>,
    /// The alerts that ask for it, those linked last first, with what their rules are called; on the board only.
    pub alerts: Vec<(AlertItemId, String)>,
}

impl ActionRow {
    /// An action at a moment, not looked into.
    pub(crate) fn of(action: Action, now: Timestamp) -> ActionRow {
        let standing = action.clock().standing(now, &TimeZone::UTC, &[]);
        ActionRow { action, standing, check: None, alerts: Vec::new() }
    }
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
    check_plan(action.window, action.cents)
}

/// Refuses a window that ends before it begins, and an amount beyond all measure.
fn check_plan(window: Option<Window>, cents: Option<u64>) -> Result<(), Error> {
    if window.is_some_and(|window| window.to <= window.from) {
        return Err(Error::Invalid {
            message: "the maintenance window ends before it begins".into(),
            hint: Some("give its begin and its end, the end later".into()),
        });
    }
    if cents.is_some_and(|cents| cents > MOST_CENTS) {
        return Err(Error::invalid("the cost is too large"));
    }
    Ok(())
}

/// What the actor's organisation counts costs in.
///
/// # Errors
/// When the database cannot be used.
pub async fn currency(ctx: &Context, actor: &Actor) -> Result<Currency, Error> {
    Ok(organisations::one(&ctx.view(actor, Right::SeeFleet).await?).await?.currency)
}

/// Cents as an amount in what the organisation counts in.
async fn amount(change: &Change, cents: Option<u64>) -> Result<Option<Money>, Error> {
    let Some(cents) = cents else { return Ok(None) };
    let currency = organisations::one(change).await?.currency;
    Ok(Some(Money { cents, currency }))
}

/// Puts an action down, inside the change of whatever asks for it.
pub(crate) async fn put(change: &Change, new: &NewAction, about: About<'_>) -> Result<ActionId, Error> {
    let weakness = about.weakness;
    let limit = weakness.and_then(|weakness| weakness.kev.as_ref()).and_then(|kev| kev.due);
    let plain = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
    let action = Action {
        id: ActionId::generate(),
        kind: new.kind,
        decision: about.decision,
        campaign: new.campaign,
        ward: new.ward.clone(),
        weakness: weakness.map(|weakness| weakness.id.clone()),
        asked: about.asked,
        what: new.what.trim().to_owned(),
        owner: new.owner.trim().to_owned(),
        due: new.due,
        window: new.window,
        limit: limit.map(|due| (due, EXPLOITED_LIMIT.to_owned())),
        proof_needed: plain(&new.proof_needed),
        remaining_risk: plain(&new.remaining_risk),
        cost: plain(&new.cost),
        amount: amount(change, new.cents).await?,
        state: State::Open,
        seen: None,
        created: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add(change, &action, about.devices).await?;
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
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let (weakness, devices) = match weakness {
        Some(id) => {
            let weakness = decisions::weakness(ctx, &view, id).await?;
            let marks = affected::weakness_marks(ctx, &fleet, &view, &weakness.id).await?;
            let here = proof::places(&fleet, new.ward.as_ref());
            (Some(weakness), proof::concerned(&fleet, &marks, here.into_iter()))
        }
        None => (None, Vec::new()),
    };
    drop(view);
    let change = ctx.change(actor, Right::Decide, "action.add").await?;
    let about = About { weakness: weakness.as_ref(), devices: &devices, ..About::default() };
    let id = put(&change, new, about).await?;
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
        Step::Planned(_) => "action.plan",
    };
    let check = match step {
        Step::Done(_) => proof::of_one(ctx, actor, id).await?,
        _ => None,
    };
    let change = ctx.change(actor, Right::Decide, name).await?;
    let before = rows::one(&change, id).await?.ok_or_else(|| Error::not_found(format!("action {id}")))?;
    let (taken, after) = match step {
        Step::Done(proof) => {
            let proof = said(proof, "what shows that it is done")?;
            let taken = rows::end(&change, id, true, &proof).await?;
            let seen = check.filter(|check| taken && check.shows());
            match seen.map(|check| check.evidence()) {
                Some(evidence) => {
                    rows::see(&change, id, &evidence).await?;
                    (taken, format!("{proof}; seen: {evidence}"))
                }
                None if before.is_checked() => (taken, format!("{proof}; nothing here shows it yet")),
                None => (taken, proof),
            }
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
        Step::Planned(plan) => {
            check_plan(plan.window, plan.cents)?;
            let amount = amount(&change, plan.cents).await?;
            let taken = rows::plan(&change, id, plan.kind, plan.window, amount).await?;
            let window = plan.window.map(|window| format!(", {} to {}", window.from, window.to));
            let cost = amount.map(|amount| format!(", {amount}"));
            (taken, format!("{}{}{}", plan.kind.code(), window.unwrap_or_default(), cost.unwrap_or_default()))
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
    let is = |action: &Action| action.state.code() == wanted || action.stage().code() == wanted;
    if !State::CODES.contains(&wanted) && Stage::ALL.iter().all(|stage| stage.code() != wanted) {
        return Err(Error::invalid(format!("an action is {}, closed, not_shown", State::CODES.join(", "))));
    }
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let now = ctx.clock.now();
    let mut found: Vec<ActionRow> = rows::all(&view)
        .await?
        .into_iter()
        .filter(|action| is(action) && filter.kind.is_none_or(|kind| action.kind == kind))
        .filter(|action| {
            let weakness = action.weakness.as_deref().unwrap_or_default();
            let text = format!("{} {} {weakness}", action.what, action.owner).to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
        .map(|action| ActionRow::of(action, now))
        .filter(|row| !filter.late || matches!(row.standing, Standing::Late | Standing::Over))
        .collect();
    match wanted {
        "open" => found.sort_by_key(|row| (row.action.due, row.action.id)),
        _ => found.sort_by_key(|row| std::cmp::Reverse(row.action.clock().stopped)),
    }
    let mut page = Page::cut(found, page, |row| row.action.id.to_string())?;
    proof::look(ctx, (&fleet, &view), &mut page.rows, proof::Known::for_page()).await?;
    Ok(page)
}
