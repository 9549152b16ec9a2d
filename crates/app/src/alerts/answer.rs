//! Answers by mail: a reminder carries a link for each item, by which the person it was sent to takes the item from a phone,
//! without signing in. The link is theirs, for one item, for a week, and works once; only its hash is kept. The page behind it
//! says no more than what the mail said.

use std::collections::HashMap;
use std::net::IpAddr;

use bedrail_model::ids::{AccountId, AlertItemId, NoticeId, OrgId};
use bedrail_store::alerts::answers::{self as rows, AnswerRow};
use bedrail_store::alerts::items::{self as item_rows, ItemRow};
use bedrail_store::devices;
use bedrail_store::notices::NoticeRow;
use bedrail_store::{Change, View};
use jiff::SignedDuration;

use super::{rank, work};
use crate::accounts::{self, Proof};
use crate::actor::Via;
use crate::link_code::{self, digest, gone, org_of};
use crate::notices::ALERT;
use crate::priority::When;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Days until a link expires.
pub const DAYS: i64 = 7;
/// Items of one notice that get a link each; the page has all.
const MOST: u32 = 10;
/// The longest comment, in characters.
const LONGEST: usize = 2_000;

/// What stands at an item, in a mail and on the page behind its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the rule is called.
    pub rule: String,
    /// What people call the device; `None` where it is not known.
    pub device: Option<String>,
    /// When to act.
    pub when: When,
    /// The token of the form: nobody sends it who has not seen the page.
    pub form: String,
}

/// A line of a mail: what is asked, and the path that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) asked: Asked,
    pub(crate) path: String,
}

/// Makes links for what some notices ask a person to take.
pub(crate) async fn offers(
    ctx: &Context,
    org: OrgId,
    account: AccountId,
    notices: &[NoticeRow],
) -> Result<HashMap<NoticeId, Vec<Offer>>, Error> {
    let now = ctx.clock.now();
    let view = ctx.inner.store.view(org).await?;
    let mut offers: HashMap<NoticeId, Vec<Offer>> = HashMap::new();
    let mut links = Vec::new();
    for notice in notices.iter().filter(|notice| notice.kind == ALERT.code) {
        for item in rows::of_notice(&view, notice.id, MOST).await? {
            let Some(row) = item_rows::one(&view, item).await? else { continue };
            let code = link_code::made(org);
            let expires = now + SignedDuration::from_hours(24 * DAYS);
            links.push((digest(&code), AnswerRow { account, item, expires, used: None }));
            let asked = asked(&view, &row, &code).await?;
            offers
                .entry(notice.id)
                .or_default()
                .push(Offer { asked, path: format!("/alerts/answer/{code}") });
        }
    }
    drop(view);
    if !links.is_empty() {
        // What expired a week ago is not asked for any more, not even to be told that it was used.
        rows::add(&ctx.inner.store, org, &links, now - SignedDuration::from_hours(24 * DAYS)).await?;
    }
    Ok(offers)
}

async fn asked(view: &View, item: &ItemRow, code: &str) -> Result<Asked, Error> {
    let device = match item.about.device {
        Some(id) => devices::by_ids(view, &[id]).await?.first().map(|row| work::called(id, Some(row))),
        None => None,
    };
    Ok(Asked {
        rule: item.about.rule_name.clone().unwrap_or_else(|| item.about.rule.clone()),
        device,
        when: rank::when_of(item.urgency),
        form: form(code),
    })
}

/// The token of the form behind a link. It follows from the secret, and does not give it away.
fn form(code: &str) -> String {
    link_code::form("form of the answer", code)
}

/// What a link asks for, and whose it is.
///
/// # Errors
/// [`Error::NotFound`] for a link that opens nothing, or nothing any more: it is wrong, expired, used, its owner may not handle
/// alerts. [`Error::Conflict`] where somebody has the item, or it is closed.
pub async fn look(ctx: &Context, code: &str) -> Result<Asked, Error> {
    let (_, item, asked) = opened(ctx, code).await?;
    is_free(&item)?;
    Ok(asked)
}

fn is_free(item: &ItemRow) -> Result<(), Error> {
    // Who has it is told to who signs in.
    match (&item.closed, &item.taken) {
        (Some(_), _) => Err(Error::Conflict { message: "it is closed already".into() }),
        (None, Some(_)) => Err(Error::Conflict { message: "somebody has it already".into() }),
        (None, None) => Ok(()),
    }
}

async fn opened(ctx: &Context, code: &str) -> Result<(Actor, ItemRow, Asked), Error> {
    let org = org_of(code)?;
    let view = ctx.inner.store.view(org).await?;
    let row = rows::one(&view, &digest(code)).await?.ok_or_else(gone)?;
    if row.used.is_some() || row.expires <= ctx.clock.now() {
        return Err(gone());
    }
    let item = item_rows::one(&view, row.item).await?.ok_or_else(gone)?;
    let asked = asked(&view, &item, code).await?;
    drop(view);
    let visited = accounts::visit_by(ctx, row.account, org, Via::Web, Proof::Trusted).await;
    let (_, actor) = visited.map_err(|error| match error {
        Error::NotFound { .. } => gone(),
        other => other,
    })?;
    if !actor.may(Right::HandleAlerts) {
        return Err(gone());
    }
    Ok((actor, item, asked))
}

/// Takes the item of a link, in the name of whoever the link was sent to, with a comment where there is one.
///
/// # Errors
/// As [`look`]; [`Error::NotFound`] where the token of the form is not the link's. The link stands then, as it does where the
/// item cannot be taken.
pub async fn take(
    ctx: &Context,
    code: &str,
    token: &str,
    comment: &str,
    address: Option<IpAddr>,
) -> Result<Asked, Error> {
    if form(code) != token {
        return Err(gone());
    }
    let comment = comment.trim();
    if comment.chars().count() > LONGEST {
        return Err(Error::invalid("a comment has up to 2,000 characters"));
    }
    let (actor, item, asked) = opened(ctx, code).await?;
    is_free(&item)?;
    let actor = actor.at(address);
    let change = ctx.change(&actor, Right::HandleAlerts, "alerts.answer").await?;
    // Of two who send the form at once, one finds the link used.
    if !rows::take(&change, &digest(code)).await? {
        return Err(gone());
    }
    take_item(&change, item.id, &actor, comment).await?;
    change.commit(&work::name_of(&item), "taken by the link in a mail").await?;
    Ok(asked)
}

async fn take_item(change: &Change, id: AlertItemId, actor: &Actor, comment: &str) -> Result<(), Error> {
    let item = item_rows::one(change, id).await?.ok_or_else(gone)?;
    is_free(&item)?;
    if !item_rows::take(change, id, &actor.name, None).await? {
        return Err(Error::Conflict { message: "somebody else was quicker".into() });
    }
    let step = work::step(change, &item, "taken", &actor.name, "by the link in a mail");
    item_rows::add_step(change, id, &step).await?;
    if !comment.is_empty() {
        let step = work::step(change, &item, "comment", &actor.name, comment);
        item_rows::add_step(change, id, &step).await?;
    }
    Ok(())
}
