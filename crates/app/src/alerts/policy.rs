//! Written policies: items of a kind that are closed without anybody looking at each, by a person's word that ends some day and
//! stands at every item that it closes. None closes a sign of success.

use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AlertItemId, AlertPolicyId, AlertSourceId, DeviceId};
use bedrail_store::alerts::items::{self as item_rows, Closed, Filter, ItemRow, StepRow};
use bedrail_store::alerts::policies::{self as rows, PolicyRow};
use bedrail_store::alerts::segments::Ruled;
use jiff::{SignedDuration, Timestamp};

use super::batch::Gathered;
use super::work::{self, Reason};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A policy runs for so long at most; then somebody looks at it again.
pub const LONGEST_DAYS: u32 = 366;
/// Items that one policy closes when it is made, at most.
const AT_ONCE: usize = 100_000;
/// The longest text, in characters.
const LONGEST: usize = 1_000;

/// A policy to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicy {
    /// What people call it.
    pub name: String,
    /// Why such items may be closed.
    pub sentence: String,
    /// The reason that stands at them.
    pub reason: Reason,
    /// The id of the rule, as the source has it.
    pub rule: String,
    /// Of this source only.
    pub source: Option<AlertSourceId>,
    /// From this network only, as items show it.
    pub attacker: Option<String>,
    /// On this device only.
    pub device: Option<DeviceId>,
    /// Of this class of path only.
    pub path: Option<String>,
    /// Whether it closes what was let through or not said to be stopped, too; else what was blocked alone.
    pub not_stopped: bool,
    /// For how many days, 1 to [`LONGEST_DAYS`].
    pub days: u32,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Id.
    pub id: AlertPolicyId,
    /// What it says.
    pub new: NewPolicy,
    /// When it was approved, and by whom.
    pub approved: (Timestamp, String),
    /// When it ends by itself.
    pub expires: Timestamp,
    /// When it was ended.
    pub ended: Option<Timestamp>,
    /// Whether it closes anything now.
    pub in_force: bool,
}

impl Policy {
    fn of(row: PolicyRow, now: Timestamp) -> Policy {
        let in_force = in_force(&row, now);
        let days = row.expires.duration_since(row.approved).as_hours() / 24;
        Policy {
            id: row.id,
            new: NewPolicy {
                name: row.name,
                sentence: row.sentence,
                reason: Reason::from_code(&row.reason).unwrap_or(Reason::Expected),
                rule: row.rule,
                source: row.source,
                attacker: row.attacker,
                device: row.device,
                path: row.path,
                not_stopped: row.outcome != Outcome::Blocked.code(),
                days: u32::try_from(days).unwrap_or_default(),
            },
            approved: (row.approved, row.approver),
            expires: row.expires,
            ended: row.ended,
            in_force,
        }
    }
}

fn in_force(row: &PolicyRow, now: Timestamp) -> bool {
    row.ended.is_none() && now < row.expires
}

/// Whether a policy is about an item.
fn is_about(
    row: &PolicyRow,
    source: AlertSourceId,
    (rule, attacker, device, path): (&str, Option<&str>, Option<DeviceId>, &str),
    outcome: Outcome,
) -> bool {
    let outcome_fits = match outcome {
        Outcome::Success => false,
        Outcome::Blocked => true,
        Outcome::Allowed | Outcome::Unknown => row.outcome != Outcome::Blocked.code(),
    };
    outcome_fits
        && row.rule == rule
        && row.source.is_none_or(|wanted| wanted == source)
        && row.attacker.as_deref().is_none_or(|wanted| Some(wanted) == attacker)
        && row.device.is_none_or(|wanted| Some(wanted) == device)
        && row.path.as_deref().is_none_or(|wanted| wanted == path)
}

/// The policy that closes what was gathered, if one does.
pub(super) fn that_closes(
    policies: &[PolicyRow],
    source: AlertSourceId,
    it: &Gathered,
    now: Timestamp,
) -> Option<Ruled> {
    let said = (it.rule.as_str(), it.attacker.as_deref(), it.device, it.path.as_str());
    let row = policies.iter().find(|row| in_force(row, now) && is_about(row, source, said, it.outcome))?;
    Some(ruled(row))
}

fn ruled(row: &PolicyRow) -> Ruled {
    Ruled {
        policy: row.id,
        reason: row.reason.clone(),
        sentence: row.sentence.clone(),
        by: format!("policy “{}”", row.name),
    }
}

/// All policies, the newest first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<Policy>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    Ok(rows::all(&view).await?.into_iter().map(|row| Policy::of(row, now)).collect())
}

fn check(new: &NewPolicy) -> Result<(), Error> {
    let invalid =
        |message: &str, hint: &str| Err(Error::Invalid { message: message.into(), hint: Some(hint.into()) });
    for (what, text) in [("a name", &new.name), ("the id of a rule", &new.rule)] {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return invalid(&format!("a policy needs {what} of one line"), "see an item that it is to close");
        }
    }
    work::check_sentence(&new.sentence)?;
    if new.reason == Reason::Elsewhere || new.reason == Reason::Incident {
        return invalid(
            "a policy closes what is no incident and is looked at nowhere else",
            "choose another reason",
        );
    }
    if !(1..=LONGEST_DAYS).contains(&new.days) {
        return invalid("a policy is for 1 to 366 days", "it can be made again then");
    }
    Ok(())
}

/// Which open items a policy would close now; what somebody has taken stays theirs.
///
/// # Errors
/// [`Error::Invalid`] for a policy that cannot be.
pub async fn preview(ctx: &Context, actor: &Actor, new: &NewPolicy) -> Result<Vec<ItemRow>, Error> {
    check(new)?;
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    touched(&view, &row_of(new, ctx.clock.now(), &actor.name)).await
}

async fn touched(view: &bedrail_store::View, row: &PolicyRow) -> Result<Vec<ItemRow>, Error> {
    let mut filter = Filter { rule: Some(row.rule.clone()), untaken: true, ..Filter::default() };
    (filter.source, filter.device, filter.attacker) = (row.source, row.device, row.attacker.clone());
    let mut found = Vec::new();
    loop {
        let part = item_rows::list(view, &filter, 1_000, found.len() as u64).await?;
        let last = part.len() < 1_000;
        found.extend(part);
        if last || found.len() >= AT_ONCE {
            break;
        }
    }
    found.retain(|item| {
        let about = &item.about;
        let said = (about.rule.as_str(), about.attacker.as_deref(), about.device, about.path.as_str());
        let outcome = Outcome::from_code(&about.outcome).unwrap_or(Outcome::Success);
        is_about(row, item.source, said, outcome)
    });
    Ok(found)
}

fn row_of(new: &NewPolicy, now: Timestamp, approver: &str) -> PolicyRow {
    let outcome = if new.not_stopped { Outcome::Unknown } else { Outcome::Blocked };
    PolicyRow {
        id: AlertPolicyId::generate(),
        name: new.name.trim().to_owned(),
        sentence: new.sentence.trim().to_owned(),
        reason: new.reason.code().to_owned(),
        source: new.source,
        rule: new.rule.trim().to_owned(),
        attacker: new.attacker.clone(),
        device: new.device,
        path: new.path.clone(),
        outcome: outcome.code().to_owned(),
        approved: now,
        approver: approver.to_owned(),
        expires: now + SignedDuration::from_hours(24 * i64::from(new.days)),
        ended: None,
    }
}

/// Makes a policy, and closes what it is about and nobody has taken. The policy, and how many items it closed.
///
/// # Errors
/// [`Error::Invalid`] for a policy that cannot be; [`Error::Denied`] without the rights to decide and to handle alerts.
pub async fn add(
    ctx: &Context,
    actor: &Actor,
    new: &NewPolicy,
) -> Result<(AlertPolicyId, Vec<AlertItemId>), Error> {
    actor.need(Right::Decide)?;
    check(new)?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.add_policy").await?;
    let row = row_of(new, change.at(), &actor.name);
    rows::add(&change, &row).await?;
    let ruled = ruled(&row);
    let mut closed_items = Vec::new();
    for item in touched(&change, &row).await? {
        let closed = Closed {
            reason: ruled.reason.clone(),
            sentence: ruled.sentence.clone(),
            at: change.at(),
            by: ruled.by.clone(),
            policy: Some(row.id),
        };
        if item_rows::close(&change, item.id, &closed, item.events).await? {
            let step = StepRow {
                at: change.at(),
                kind: "closed".into(),
                who: ruled.by.clone(),
                text: format!("{}: {}", ruled.reason, ruled.sentence),
                opened: item.opened,
                due: Some(item.due[2]),
                events: item.events,
            };
            item_rows::add_step(&change, item.id, &step).await?;
            closed_items.push(item.id);
        }
    }
    let words = format!(
        "rule {}: {} ({}); until {}; {} items closed by it",
        row.rule,
        row.sentence,
        row.reason,
        row.expires,
        closed_items.len()
    );
    change.commit(&format!("policy “{}”", row.name), &words).await?;
    Ok((row.id, closed_items))
}

/// Ends a policy. What it closed stays closed until it comes again.
///
/// # Errors
/// [`Error::NotFound`] where it is ended already or was never there.
pub async fn end(ctx: &Context, actor: &Actor, id: AlertPolicyId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.end_policy").await?;
    let name = rows::all(&change).await?.into_iter().find(|row| row.id == id).map(|row| row.name);
    let missing = || Error::not_found(format!("a policy in force with the id {id}"));
    let name = name.ok_or_else(missing)?;
    if !rows::end(&change, id).await? {
        return Err(missing());
    }
    change.commit(&format!("policy “{name}”"), "ended").await?;
    Ok(())
}
