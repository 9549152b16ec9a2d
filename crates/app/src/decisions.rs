//! Decisions on weaknesses: taken once, with a scope, and kept to until something moves.
//!
//! A decision that takes findings away closes those that it covers, in the change that decides; whatever is judged later
//! follows it (`rematch::follow`, `matching`). What was decided on single devices is applied where it is asked for. Which of
//! several counts is `assess::decisions`; the laws are `model::decision`. See `docs/decisions/1101-decisions-close-findings.md`.

use std::collections::{HashMap, HashSet};

use bedrail_model::decision::{Basis, Decision, Origin, Review, Scope, Verdict};
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{DecisionId, DeviceId, ReleaseId};
use bedrail_store::{View, decisions as rows, weaknesses};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::actions::NewAction;
use crate::affected::Question;
use crate::fleet::Fleet;
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod review;
mod rulings;
pub(crate) mod single;
mod taking;

pub(crate) use review::count as to_review;
pub(crate) use rulings::{Books, Rulings, key_of};
pub use taking::{decide, preview};

/// Where a decision is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeChoice {
    /// On these devices.
    Devices(Vec<DeviceId>),
    /// On the devices that a question finds now, its filters applied.
    Found(Box<Question>),
    /// On every device of a release.
    Release(ReleaseId),
    /// On every release of a model, or up to a version.
    Model {
        /// Maker.
        maker: String,
        /// Model.
        model: String,
        /// The last version, inclusive.
        up_to: Option<String>,
    },
    /// Everywhere.
    Organisation,
}

/// A decision to be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Decide {
    /// The weaknesses, by any of their ids; a decision is taken on each.
    pub weaknesses: Vec<String>,
    /// Where it is to hold.
    pub scope: ScopeChoice,
    /// What is decided.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// The day on which it is to be looked at again, whatever happens.
    pub review_on: Option<Date>,
    /// What is to be done. "Affected" needs one.
    pub action: Option<NewAction>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a decision on one weakness will touch, or touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// The weakness.
    pub weakness: Weakness,
    /// Devices in scope that are affected.
    pub affected: u64,
    /// Devices in scope of which it cannot be told.
    pub cannot_tell: u64,
    /// Devices in scope for which it was decided otherwise before, or the same.
    pub decided: u64,
    /// Devices among the affected and unclear ones that face the outside.
    pub outside: u64,
    /// Releases with such devices.
    pub releases: u64,
    /// The components that have the weakness, each with its version.
    pub components: Vec<String>,
    /// What decisions know them by.
    pub keys: Vec<String>,
}

/// What a decision will touch.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// On each weakness.
    pub touched: Vec<Touched>,
    /// Devices in scope, whatever is said of them.
    pub devices: u64,
    /// What to think of before.
    pub warnings: Vec<String>,
}

/// A decision in short, beside an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Id.
    pub id: DecisionId,
    /// What is decided.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Who, and by which way.
    pub author: String,
    /// When.
    pub decided: Timestamp,
}

impl Brief {
    pub(crate) fn of(decision: &Decision) -> Brief {
        Brief {
            id: decision.id,
            verdict: decision.verdict.clone(),
            reason: decision.reason.clone(),
            author: decision.author.clone(),
            decided: decision.decided,
        }
    }
}

/// Which decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecisionState {
    /// Those in force.
    #[default]
    InForce,
    /// Those in force that are to be looked at again, and accepted risks that have run out.
    ToReview,
    /// Those that were taken back.
    TakenBack,
}

impl DecisionState {
    /// All of them.
    pub const ALL: [DecisionState; 3] =
        [DecisionState::InForce, DecisionState::ToReview, DecisionState::TakenBack];

    /// The stable code used in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            DecisionState::InForce => "in_force",
            DecisionState::ToReview => "to_review",
            DecisionState::TakenBack => "taken_back",
        }
    }

    /// The state that a code names.
    pub fn from_code(code: &str) -> Option<DecisionState> {
        DecisionState::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Which decisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecisionFilter {
    /// In which state.
    pub state: DecisionState,
    /// On this weakness, by any of its ids.
    pub weakness: Option<String>,
    /// Words of the id, the reason, the maker and the model, all of them.
    pub text: Option<String>,
}

/// A decision as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    /// The decision.
    pub decision: Decision,
    /// The weakness as it is known now; `None` where nothing is held of it.
    pub weakness: Option<Weakness>,
    /// Where it holds, in words: "Orbis Flow 300 2.1", "12 devices".
    pub place: String,
    /// Why it is to be looked at again.
    pub reviews: Vec<Review>,
}

/// What is known of a weakness, as a decision stands on it.
pub(crate) fn basis(weakness: &Weakness) -> Basis {
    let mut records: Vec<String> = std::iter::once(&weakness.id).chain(&weakness.aliases).cloned().collect();
    records.sort_unstable();
    records.dedup();
    Basis { records, severity: weakness.severity, exploited: weakness.kev.is_some() }
}

/// The weakness that any id names.
pub(crate) async fn weakness(ctx: &Context, view: &View, id: &str) -> Result<Weakness, Error> {
    let known = ctx.weakness(view, id.trim()).await?;
    known.ok_or_else(|| Error::not_found(format!("weakness {}", id.trim())))
}

/// Decisions, the last first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &DecisionFilter,
    page: &PageRequest,
) -> Result<Page<DecisionRow>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let mut found = rows::all(&view).await?;
    found.retain(|decision| decision.withdrawn.is_some() == (filter.state == DecisionState::TakenBack));
    if let Some(id) = &filter.weakness {
        let names = weaknesses::names(&view, &[vec![id.clone()], ids(&found)].concat()).await?;
        let name = |id: &str| names.get(&id.to_uppercase()).cloned().unwrap_or_else(|| id.to_uppercase());
        found.retain(|decision| name(&decision.weakness) == name(id.trim()));
    }
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut shown = review::rows(ctx, &fleet, &view, found).await?;
    shown.retain(|row| {
        let text = format!("{} {} {}", row.decision.weakness, row.decision.reason, row.place).to_lowercase();
        words.iter().all(|word| text.contains(word))
    });
    if filter.state == DecisionState::ToReview {
        shown.retain(|row| !row.reviews.is_empty());
    }
    shown.sort_by_key(|row| std::cmp::Reverse((row.decision.decided, row.decision.id)));
    Page::cut(shown, page, |row| row.decision.id.to_string())
}

/// One decision.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn get(ctx: &Context, actor: &Actor, id: DecisionId) -> Result<DecisionRow, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let missing = || Error::not_found(format!("decision {id}"));
    let decision = rows::one(&view, id).await?.ok_or_else(missing)?;
    review::rows(ctx, &fleet, &view, vec![decision]).await?.pop().ok_or_else(missing)
}

/// Takes a decision back: what it took away stands again.
///
/// # Errors
/// [`Error::NotFound`] when there is none; [`Error::Conflict`] when it was taken back already.
pub async fn take_back(ctx: &Context, actor: &Actor, id: DecisionId) -> Result<(), Error> {
    actor.need(Right::Decide)?;
    let _matching = ctx.matching().await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    drop(view);
    let change = ctx.change(actor, Right::Decide, "decision.take_back").await?;
    let missing = || Error::not_found(format!("decision {id}"));
    let decision = rows::one(&change, id).await?.ok_or_else(missing)?;
    if !rows::withdraw(&change, id).await? {
        return Err(Error::Conflict { message: "the decision was taken back already".into() });
    }
    let moved = taking::follow(ctx, &change, &fleet, &decision.weakness).await?;
    let detail = format!("{} {}; {}", decision.verdict.code(), decision.scope.code(), moved.words());
    let before = format!("{}: {}", decision.verdict.code(), decision.reason);
    Ok(change.commit_with(&decision.weakness, &detail, Some(before), None).await?)
}

fn ids(decisions: &[Decision]) -> Vec<String> {
    decisions.iter().map(|decision| decision.weakness.clone()).collect()
}

/// What people call the devices that decisions on one device hold on.
pub(crate) fn names_of<'s>(
    fleet: &Fleet,
    scopes: impl Iterator<Item = &'s Scope>,
) -> HashMap<DeviceId, String> {
    let ones = scopes.filter_map(|scope| match scope {
        Scope::Devices(devices) if devices.len() == 1 => devices.first().copied(),
        _ => None,
    });
    let ones: HashSet<DeviceId> = ones.collect();
    if ones.is_empty() {
        return HashMap::new();
    }
    let devices = fleet.devices.list.iter().filter(|device| ones.contains(&device.id));
    devices.map(|device| (device.id, device.name.to_string())).collect()
}

/// What a person reads of where a decision holds; `names` are those of [`names_of`].
pub(crate) fn place(fleet: &Fleet, scope: &Scope, names: &HashMap<DeviceId, String>) -> String {
    match scope {
        Scope::Devices(devices) => match devices.as_slice() {
            [one] => names.get(one).cloned().unwrap_or_else(|| "one device".to_owned()),
            some => format!("{} devices", some.len()),
        },
        Scope::Release(id) => {
            let at = fleet.products.release_index.get(id);
            let name = at.map(|at| fleet.products.releases[*at as usize].name.clone());
            name.unwrap_or_else(|| "a release".to_owned())
        }
        Scope::Model { maker, model, up_to: None } => format!("{maker} {model}, every version"),
        Scope::Model { maker, model, up_to: Some(last) } => format!("{maker} {model} up to {last}"),
        Scope::Organisation => "everywhere".to_owned(),
    }
}
