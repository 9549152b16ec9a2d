//! What items belong to: a weakness on the device, an action, a campaign, an incident by whatever it is called elsewhere.

use bedrail_model::ids::{ActionId, AlertItemId, CampaignId};
use bedrail_store::alerts::items as item_rows;
use bedrail_store::alerts::links::{self as rows, LinkRow};
use bedrail_store::{View, actions as action_rows, campaigns as campaign_rows};
use jiff::Timestamp;

use super::work;
use crate::actions::{self, About, NewAction};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What kind of thing a link leads to. A new one is a variant and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A weakness, with what was found of it.
    Finding,
    /// An action.
    Action,
    /// A campaign.
    Campaign,
    /// An incident, by its name or number elsewhere.
    Incident,
}

/// All kinds: the stable code, and what it is called.
pub const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Finding, "finding", "weakness"),
    (Kind::Action, "action", "action"),
    (Kind::Campaign, "campaign", "campaign"),
    (Kind::Incident, "incident", "incident"),
];
/// The longest name of an incident, in characters.
const LONGEST: usize = 100;
/// Links of one item at most.
const MOST: usize = 100;

impl Kind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, code, _)| code)
    }

    /// What it is called.
    pub fn words(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., words)| words)
    }

    /// The kind that a person or a program names by its code.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the kinds that there are.
    pub fn named(code: &str) -> Result<Kind, Error> {
        KINDS.iter().find(|(_, known, _)| *known == code).map(|(kind, ..)| *kind).ok_or_else(|| {
            Error::Invalid {
                message: "an alert belongs to nothing of that kind".into(),
                hint: Some(format!("the kinds are {}", KINDS.map(|(_, code, _)| code).join(", "))),
            }
        })
    }
}

/// A link, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What kind of thing.
    pub kind: Kind,
    /// Its id, or what it is called.
    pub target: String,
    /// In words.
    pub text: String,
    /// When it was added.
    pub added: Timestamp,
    /// By whom.
    pub by: String,
}

/// The links of an item.
pub(super) async fn of(view: &View, item: AlertItemId) -> Result<Vec<Link>, Error> {
    let mut links = Vec::new();
    for row in rows::of(view, item).await? {
        let Ok(kind) = Kind::named(&row.kind) else { continue };
        let text = words(view, kind, &row.target).await?.unwrap_or_else(|| row.target.clone());
        links.push(Link { kind, target: row.target, text, added: row.added, by: row.by });
    }
    Ok(links)
}

/// What something is called here; `None` where it is not there.
async fn words(view: &View, kind: Kind, target: &str) -> Result<Option<String>, Error> {
    Ok(match kind {
        Kind::Finding | Kind::Incident => Some(target.to_owned()),
        Kind::Action => match target.parse::<ActionId>() {
            Ok(id) => action_rows::one(view, id).await?.map(|action| action.what),
            Err(_) => None,
        },
        Kind::Campaign => match target.parse::<CampaignId>() {
            Ok(id) => campaign_rows::one(view, id).await?.map(|campaign| campaign.name),
            Err(_) => None,
        },
    })
}

/// Says what an item belongs to. Saying it twice says it once.
///
/// # Errors
/// [`Error::NotFound`] where there is no such weakness, action or campaign; [`Error::Invalid`] for an incident without a name.
pub async fn add(
    ctx: &Context,
    actor: &Actor,
    id: AlertItemId,
    kind: Kind,
    target: &str,
) -> Result<(), Error> {
    let mut target = target.trim().to_owned();
    if target.is_empty() || target.chars().count() > LONGEST || target.chars().any(char::is_control) {
        return Err(Error::invalid("what an alert belongs to is named in one line of 100 characters"));
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.link").await?;
    let item = item_rows::one(&change, id).await?.ok_or_else(|| work::not_found(id))?;
    let missing = |target: &str| Error::not_found(format!("the {} `{target}`", kind.words()));
    if kind == Kind::Finding {
        target = ctx.weakness(&change, &target).await?.ok_or_else(|| missing(&target))?.id;
    }
    let text = words(&change, kind, &target).await?.ok_or_else(|| missing(&target))?;
    if rows::of(&change, id).await?.len() >= MOST {
        return Err(Error::Conflict { message: "it belongs to a hundred things already".into() });
    }
    let row = LinkRow { kind: kind.code().into(), target, added: change.at(), by: actor.name.clone() };
    if !rows::add(&change, id, &row).await? {
        return Ok(());
    }
    let text = format!("{}: {text}", kind.words());
    item_rows::add_step(&change, id, &work::step(&change, &item, "linked", &actor.name, &text)).await?;
    change.commit(&work::name_of(&item), &format!("belongs to {text}")).await?;
    Ok(())
}

/// Says that an item does not belong to something.
///
/// # Errors
/// [`Error::NotFound`] where nobody said so.
pub async fn remove(
    ctx: &Context,
    actor: &Actor,
    id: AlertItemId,
    kind: Kind,
    target: &str,
) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.unlink").await?;
    let item = item_rows::one(&change, id).await?.ok_or_else(|| work::not_found(id))?;
    if !rows::remove(&change, id, kind.code(), target).await? {
        return Err(Error::not_found("this link"));
    }
    let text = words(&change, kind, target).await?.unwrap_or_else(|| target.to_owned());
    let text = format!("{}: {text}", kind.words());
    item_rows::add_step(&change, id, &work::step(&change, &item, "unlinked", &actor.name, &text)).await?;
    change.commit(&work::name_of(&item), &format!("does not belong to {text}")).await?;
    Ok(())
}

/// Puts an action down that an item asks for, about its device, and links both.
///
/// # Errors
/// [`Error::Invalid`] when a word of the action is missing; [`Error::Denied`] without the rights to decide and to handle alerts.
pub async fn make_action(
    ctx: &Context,
    actor: &Actor,
    id: AlertItemId,
    new: &NewAction,
) -> Result<ActionId, Error> {
    actor.need(Right::HandleAlerts)?;
    actions::check(new)?;
    let change = ctx.change(actor, Right::Decide, "alerts.action").await?;
    let item = item_rows::one(&change, id).await?.ok_or_else(|| work::not_found(id))?;
    let devices: Vec<_> = item.about.device.into_iter().collect();
    let action = actions::put(&change, new, About { devices: &devices, ..About::default() }).await?;
    let (kind, by) = (Kind::Action.code().to_owned(), actor.name.clone());
    let row = LinkRow { kind, target: action.to_string(), added: change.at(), by };
    rows::add(&change, id, &row).await?;
    let text = format!("action: {} by {} until {}", new.what.trim(), new.owner.trim(), new.due);
    item_rows::add_step(&change, id, &work::step(&change, &item, "linked", &actor.name, &text)).await?;
    change.commit(&work::name_of(&item), &text).await?;
    Ok(action)
}

/// The items that lead to something, those linked last first: ids and what their rules are called.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn to(
    ctx: &Context,
    actor: &Actor,
    kind: Kind,
    target: &str,
) -> Result<Vec<(AlertItemId, String)>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    Ok(rows::to(&view, kind.code(), target).await?)
}
