//! Taking a decision: what it will touch, and doing it.

use std::collections::{BTreeSet, HashMap, HashSet};

use bedrail_assess::decisions::holds_for;
use bedrail_model::answer::Answer;
use bedrail_model::decision::{Decision, Scope, Verdict};
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{DecisionId, DeviceId};
use bedrail_model::text::squeezed;
use bedrail_store::{Change, View, decisions as rows, software, weaknesses};

use super::rulings::{Rulings, key_of};
use super::{Decide, Preview, ScopeChoice, Touched, basis, names_of, place, weakness};
use crate::actions::proof;
use crate::affected::{self, weakness_marks};
use crate::fleet::Fleet;
use crate::matching::Moved;
use crate::rematch::follow as following;
use crate::rights::Right;
use crate::{Actor, Context, Error, actions, campaigns};

/// Weaknesses that are decided on at once.
const MOST: usize = 500;
/// The longest sentence, in characters.
const LONGEST_REASON: usize = 2_000;
/// The longest name of who answers for a risk.
const LONGEST_NAME: usize = 200;
/// A risk is accepted for two years at most, then somebody looks again.
const LONGEST_RISK_DAYS: i32 = 731;

/// What a decision would touch, without taking it.
///
/// # Errors
/// [`Error::Invalid`] when it cannot be taken as it stands, [`Error::NotFound`] when a weakness or a release is not known.
pub async fn preview(ctx: &Context, actor: &Actor, command: &Decide) -> Result<Preview, Error> {
    actor.need(Right::Decide)?;
    let scope = resolve(ctx, actor, &command.scope).await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    check_scope(&fleet, &scope)?;
    let known = known(ctx, &view, &command.weaknesses).await?;
    let here = in_scope(&fleet, &scope);
    let touched = touched(ctx, &fleet, &view, known, &here).await?;
    let warnings = warnings(command, &touched);
    Ok(Preview { touched, devices: here.len() as u64, warnings })
}

/// Takes a decision on each weakness, all in one change: findings that it takes away are closed with it.
///
/// # Errors
/// As [`preview`], and [`Error::Invalid`] where a word is missing that the decision needs.
pub async fn decide(ctx: &Context, actor: &Actor, command: &Decide) -> Result<Vec<DecisionId>, Error> {
    actor.need(Right::Decide)?;
    check(ctx, command)?;
    let scope = resolve(ctx, actor, &command.scope).await?;
    let _matching = ctx.matching().await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    check_scope(&fleet, &scope)?;
    let known = known(ctx, &view, &command.weaknesses).await?;
    let here = in_scope(&fleet, &scope);
    let touched = touched(ctx, &fleet, &view, known, &here).await?;
    let mut concerned: HashMap<String, Vec<DeviceId>> = HashMap::new();
    for one in touched.iter().filter(|_| command.action.is_some()) {
        let marks = weakness_marks(ctx, &fleet, &view, &one.weakness.id).await?;
        let devices = proof::concerned(&fleet, &marks, here.iter().copied());
        concerned.insert(one.weakness.id.clone(), devices);
    }
    drop(view);
    let change = ctx.change(actor, Right::Decide, "decision.take").await?;
    let mut taken = Vec::new();
    for one in &touched {
        let decision = Decision {
            id: DecisionId::generate(),
            weakness: one.weakness.id.clone(),
            scope: scope.clone(),
            verdict: command.verdict.clone(),
            components: one.keys.clone(),
            reason: command.reason.trim().to_owned(),
            author: change.actor().to_owned(),
            decided: change.at(),
            review_on: command.review_on,
            origin: command.origin.clone(),
            basis: basis(&one.weakness),
            withdrawn: None,
        };
        rows::add(&change, &decision).await?;
        if let Some(action) = &command.action {
            let about = actions::About {
                decision: Some(decision.id),
                weakness: Some(&one.weakness),
                devices: concerned.get(&one.weakness.id).map_or(&[], Vec::as_slice),
                ..actions::About::default()
            };
            actions::put(&change, action, about).await?;
        }
        taken.push(decision);
    }
    // Where a person decides, a rule has nothing to say.
    crate::vex::rule::ask(&change).await?;
    campaigns::ask(&change).await?;
    let ids: Vec<String> = taken.iter().map(|decision| decision.weakness.clone()).collect();
    let moved = follow_all(ctx, &change, &fleet, &ids).await?;
    let subject = if let [one] = ids.as_slice() { one.clone() } else { format!("{} weaknesses", ids.len()) };
    let devices = here.len();
    let detail = format!(
        "{} for {} ({devices} devices); {}",
        command.verdict.code(),
        place(&fleet, &scope, &names_of(&fleet, std::iter::once(&scope))),
        moved.words()
    );
    let after = format!("{}: {} [{}]", command.verdict.code(), command.reason.trim(), ids.join(" "));
    change.commit_with(&subject, &detail, None, Some(after)).await?;
    Ok(taken.into_iter().map(|decision| decision.id).collect())
}

/// Lets the findings of one weakness follow what is decided inside a change.
pub(super) async fn follow(
    ctx: &Context,
    change: &Change,
    fleet: &Fleet,
    weakness: &str,
) -> Result<Moved, Error> {
    follow_all(ctx, change, fleet, &[weakness.to_owned()]).await
}

/// The caller holds the lock on matching.
async fn follow_all(ctx: &Context, change: &Change, fleet: &Fleet, ids: &[String]) -> Result<Moved, Error> {
    let rulings = Rulings::within(ctx, change).await?;
    let names = weaknesses::names(change, ids).await?;
    let name = |id: &String| names.get(&id.to_uppercase()).unwrap_or(id).clone();
    let ids: Vec<String> = ids.iter().map(name).collect();
    following::decided(change, fleet, rulings, &ids).await
}

/// Refuses what lacks a word that it needs.
fn check(ctx: &Context, command: &Decide) -> Result<(), Error> {
    let invalid = |message: &str, hint: &str| {
        Err(Error::Invalid { message: message.to_owned(), hint: Some(hint.to_owned()) })
    };
    let reason = command.reason.trim();
    if reason.is_empty() {
        return invalid(
            "the decision has no reason",
            "say in a sentence why: whoever reads it in a year was not there",
        );
    }
    if reason.chars().count() > LONGEST_REASON {
        return invalid("the reason is too long", "2,000 characters at most; put the rest into a document");
    }
    if let Verdict::RiskAccepted { until, approver } = &command.verdict {
        let today = ctx.clock.today();
        if approver.trim().is_empty() || approver.chars().count() > LONGEST_NAME {
            return invalid("nobody answers for the risk", "name who accepts it, by name or office");
        }
        if *until < today {
            return invalid("the risk would be accepted until a day that has passed", "choose a day to come");
        }
        if today.until(*until).is_ok_and(|span| span.get_days() > LONGEST_RISK_DAYS) {
            return invalid(
                "a risk is accepted for two years at most",
                "choose an earlier day; it can be accepted again then",
            );
        }
    }
    if command.verdict == Verdict::Affected && command.action.is_none() {
        return invalid(
            "“affected” says that something is done, and nothing is",
            "say what is to be done, by whom and until when",
        );
    }
    command.action.as_ref().map_or(Ok(()), actions::check)
}

/// The weaknesses, each once.
async fn known(ctx: &Context, view: &View, ids: &[String]) -> Result<Vec<Weakness>, Error> {
    if ids.is_empty() {
        return Err(Error::invalid("no weakness is named"));
    }
    if ids.len() > MOST {
        return Err(Error::invalid(format!("{MOST} weaknesses are decided on at once at most")));
    }
    let mut known: Vec<Weakness> = Vec::new();
    for id in ids {
        let one = weakness(ctx, view, id).await?;
        if known.iter().all(|other| other.id != one.id) {
            known.push(one);
        }
    }
    Ok(known)
}

async fn resolve(ctx: &Context, actor: &Actor, choice: &ScopeChoice) -> Result<Scope, Error> {
    let text = |what: &str, text: &str| match squeezed(text) {
        text if text.is_empty() => Err(Error::invalid(format!("the {what} is missing"))),
        text => Ok(text),
    };
    let devices = |mut devices: Vec<DeviceId>| {
        devices.sort_unstable();
        devices.dedup();
        if devices.is_empty() { Err(Error::invalid("no device is in scope")) } else { Ok(devices) }
    };
    Ok(match choice {
        ScopeChoice::Devices(some) => Scope::Devices(devices(some.clone())?),
        ScopeChoice::Found(question) => {
            Scope::Devices(devices(affected::devices_found(ctx, actor, question).await?)?)
        }
        ScopeChoice::Release(id) => Scope::Release(*id),
        ScopeChoice::Model { maker, model, up_to } => Scope::Model {
            maker: text("maker", maker)?,
            model: text("model", model)?,
            up_to: up_to.as_deref().map(str::trim).filter(|last| !last.is_empty()).map(str::to_owned),
        },
        ScopeChoice::Organisation => Scope::Organisation,
    })
}

/// Refuses a scope with something in it that is not the organisation's.
fn check_scope(fleet: &Fleet, scope: &Scope) -> Result<(), Error> {
    match scope {
        Scope::Devices(devices) => {
            let mut wanted: HashSet<DeviceId> = devices.iter().copied().collect();
            for device in &fleet.devices.list {
                wanted.remove(&device.id);
            }
            match wanted.into_iter().next() {
                Some(missing) => Err(Error::not_found(format!("device {missing}"))),
                None => Ok(()),
            }
        }
        Scope::Release(id) if !fleet.products.release_index.contains_key(id) => {
            Err(Error::not_found(format!("release {id}")))
        }
        Scope::Release(_) | Scope::Model { .. } | Scope::Organisation => Ok(()),
    }
}

/// The devices in a scope, by their places in the fleet's list.
fn in_scope(fleet: &Fleet, scope: &Scope) -> Vec<u32> {
    let all = 0..crate::fleet::index(fleet.devices.list.len());
    if let Scope::Devices(devices) = scope {
        let wanted: HashSet<DeviceId> = devices.iter().copied().collect();
        return all.filter(|at| wanted.contains(&fleet.devices.list[*at as usize].id)).collect();
    }
    let releases = 0..crate::fleet::index(fleet.products.releases.len());
    let holds: Vec<bool> =
        releases.map(|release| holds_for(scope, fleet.place_of_release(release))).collect();
    let class_of = |at: &u32| fleet.devices.briefs[*at as usize].class as usize;
    all.filter(|at| holds[fleet.products.release_of[class_of(at)] as usize]).collect()
}

/// What is said now, of each weakness, of the devices in scope.
async fn touched(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    known: Vec<Weakness>,
    here: &[u32],
) -> Result<Vec<Touched>, Error> {
    let classes: HashSet<u32> = here.iter().map(|at| fleet.devices.briefs[*at as usize].class).collect();
    let mut found = Vec::new();
    for weakness in known {
        let marks = weakness_marks(ctx, fleet, view, &weakness.id).await?;
        let (components, keys) = components(ctx, fleet, view, &weakness.id, &classes).await?;
        let mut one = Touched {
            weakness,
            affected: 0,
            cannot_tell: 0,
            decided: 0,
            outside: 0,
            releases: 0,
            components,
            keys,
        };
        let mut releases = HashSet::new();
        for at in here {
            let brief = &fleet.devices.briefs[*at as usize];
            let Some(mark) = marks.of_device(fleet.devices.list[*at as usize].id, brief.class) else {
                continue;
            };
            one.decided += u64::from(mark.decision.is_some());
            match mark.answer {
                Answer::Affected => one.affected += 1,
                Answer::CannotTell => one.cannot_tell += 1,
                Answer::NotAffected => continue,
            }
            one.outside += u64::from(brief.exposure == Exposure::Outside);
            releases.insert(fleet.products.release_of[brief.class as usize]);
        }
        one.releases = releases.len() as u64;
        found.push(one);
    }
    Ok(found)
}

/// What in these classes has the weakness, or an advisory that mentions it: names for people, and keys.
async fn components(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    weakness: &str,
    classes: &HashSet<u32>,
) -> Result<(Vec<String>, Vec<String>), Error> {
    let mentions = ctx.inner.judge.mentioned_by(weakness).into_iter().map(|mention| mention.weakness);
    let ids: BTreeSet<String> = mentions.chain([weakness.to_owned()]).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let classes_of = fleet.classes_by_bill();
    let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for row in software::judgements_on(view, &ids).await? {
        let Some(at) = fleet.bills.software_at(row.software) else { continue };
        let uses = fleet.bills.uses(at);
        let is_here =
            uses.iter().any(|one| classes_of[one.bill as usize].iter().any(|it| classes.contains(it)));
        if row.answer != Answer::NotAffected && is_here {
            let facts = &fleet.bills.software[at as usize].row.facts;
            let version = facts.version.as_deref().unwrap_or_default();
            names.insert(format!("{} {version}", facts.name).trim_end().to_owned());
            keys.insert(key_of(facts));
        }
    }
    Ok((names.into_iter().collect(), keys.into_iter().collect()))
}

/// What to think of before deciding.
fn warnings(command: &Decide, touched: &[Touched]) -> Vec<String> {
    let mut found = Vec::new();
    let mut by_what: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in touched {
        let id = one.weakness.id.as_str();
        if command.verdict.rules_out() && one.weakness.kev.is_some() {
            by_what.entry("is known to be exploited").or_default().push(id);
        }
        if command.verdict.rules_out() && one.outside > 0 {
            by_what.entry("is on devices that face the outside").or_default().push(id);
        }
        if one.affected + one.cannot_tell == 0 {
            by_what.entry("touches nothing in this scope").or_default().push(id);
        }
    }
    for (what, ids) in by_what {
        found.push(match ids.as_slice() {
            [one] => format!("{one} {what}."),
            [first, rest @ ..] => format!("{first}, as {} others, {what}.", rest.len()),
            [] => continue,
        });
    }
    found.sort();
    found
}
