//! Written rules: what an issuer states is accepted without a person where nothing asks for one (design decision 7).
//!
//! A rule takes only away what the issuer says cannot do harm, with a justification in its own word, or is mended. It never
//! speaks over a person: where somebody decided on the weakness, or took back what a rule had accepted, a person decides.

use std::collections::{HashMap, HashSet};

use bedrail_model::decision::Origin;
use bedrail_model::ids::{OrgId, ReleaseId};
use bedrail_model::vex::Status;
use bedrail_store::vex::{self as rows, VexIssuerRow};
use bedrail_store::{Change, decisions as decision_rows, weaknesses};

use super::judged::{self, Judged};
use super::{Accept, Speaks, Spoken, Standing, StatementRow, accept};
use crate::jobs::{self, kinds};
use crate::rights::Right;
use crate::{Actor, Context, Error, decisions};

/// Who decides by a rule. No person is called so: theirs ends with the way on which they came.
const NAME: &str = "bedrail, by a written rule";

/// What was done by the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruled {
    /// Statements that were accepted on a release.
    pub accepted: u64,
    /// Decisions that were taken back, since what they stood on is gone.
    pub taken_back: u64,
    /// What could not be accepted, with why: the weakness first.
    pub left: Vec<String>,
}

/// Whether a decision was taken by a rule.
pub(super) fn is_by_rule(author: &str) -> bool {
    author.strip_prefix(NAME).is_some_and(|way| way == " (by itself)")
}

/// Asks for the rules to be followed after a change; nothing where no issuer has one.
pub(crate) async fn ask(change: &Change) -> Result<(), Error> {
    if rows::issuers(change).await?.iter().any(|it| it.automatic.is_some()) {
        let empty = serde_json::Map::new();
        jobs::enqueue(change, &kinds::STATEMENT_RULES, &empty, Some("rules")).await?;
    }
    Ok(())
}

/// Follows the rules of an organisation: takes back what no longer stands by them, then accepts what does.
pub(crate) async fn follow(ctx: &Context, org: OrgId) -> Result<Ruled, Error> {
    let actor = Actor::system(org).called(NAME);
    let view = ctx.view(&actor, Right::SeeFleet).await?;
    let issuers: HashMap<String, VexIssuerRow> =
        rows::issuers(&view).await?.into_iter().map(|it| (it.key.clone(), it)).collect();
    drop(view);
    let mut ruled = Ruled::default();
    let any_rule = issuers.values().any(|it| it.automatic.is_some());
    if !any_rule && !has_taken(ctx, &actor).await? {
        return Ok(ruled);
    }
    let judged = judged::get(ctx, &actor, Right::SeeFleet).await?;
    let all = judged.rows();
    take_back(ctx, &actor, (&judged, &all), &issuers, &mut ruled).await?;
    let persons = of_persons(ctx, &actor).await?;
    for row in &all {
        for spoken in row.spoken.iter().filter(|it| it.decision.is_none() && it.finding.is_some()) {
            let Some(issuer) = stands(row, spoken, &issuers) else { continue };
            let told_before = persons.withdrawn.contains(&(row.id.to_string(), spoken.release));
            if told_before || persons.decided.contains(&row.weakness) {
                continue;
            }
            let command = command(row, spoken, issuer);
            match accept::accept_judged(ctx, &actor, &command, &judged, row).await {
                Ok(_) => ruled.accepted += 1,
                Err(error @ (Error::Invalid { .. } | Error::Conflict { .. } | Error::NotFound { .. })) => {
                    ruled.left.push(format!("{} in {}: {error}", row.weakness, spoken.release_name));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(ruled)
}

async fn has_taken(ctx: &Context, actor: &Actor) -> Result<bool, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let all = decision_rows::all(&view).await?;
    Ok(all.iter().any(|it| it.withdrawn.is_none() && is_by_rule(&it.author)))
}

/// The issuer by whose rule a statement on a release is accepted; `None` where a person has to.
fn stands<'i>(
    row: &StatementRow,
    spoken: &Spoken,
    issuers: &'i HashMap<String, VexIssuerRow>,
) -> Option<&'i VexIssuerRow> {
    let said = &row.statement;
    let takes_away = match said.status {
        Status::NotAffected => said.justification.is_some(),
        Status::Fixed => true,
        Status::Affected | Status::UnderInvestigation => false,
    };
    let counts = matches!(row.standing, Standing::Proposed | Standing::InForce)
        && spoken.pinned
        && spoken.speaks == Speaks::Yes
        && spoken.needs.is_empty();
    issuers.get(&row.issuer_key).filter(|it| takes_away && counts && it.automatic.is_some())
}

fn command(row: &StatementRow, spoken: &Spoken, issuer: &VexIssuerRow) -> Accept {
    let said = &row.statement;
    let words = [&said.impact, &said.notes].into_iter().flatten().next();
    let rule = issuer.automatic.as_ref().map_or_else(String::new, |(at, by)| {
        format!("by the rule of {by} of {} for {}", at.strftime("%Y-%m-%d"), issuer.name)
    });
    Accept {
        statement: row.id,
        release: spoken.release,
        justification: None,
        reason: Some(words.map_or_else(|| rule.clone(), |words| format!("{rule}: {words}"))),
        action: None,
    }
}

/// Takes back decisions of rules that would not be taken today.
async fn take_back(
    ctx: &Context,
    actor: &Actor,
    (judged, all): (&Judged, &[StatementRow]),
    issuers: &HashMap<String, VexIssuerRow>,
    ruled: &mut Ruled,
) -> Result<(), Error> {
    let mut standing = HashSet::new();
    for row in all {
        for spoken in &row.spoken {
            if let Some(decision) = spoken.decision.filter(|_| stands(row, spoken, issuers).is_some()) {
                standing.insert(decision);
            }
        }
    }
    for decision in judged.by_rule().filter(|it| !standing.contains(it)) {
        match decisions::take_back(ctx, actor, decision).await {
            Ok(()) => ruled.taken_back += 1,
            // Somebody was faster.
            Err(Error::Conflict { .. } | Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Where people have had their say.
struct Persons {
    /// What was accepted of a statement on a release once, and taken back.
    withdrawn: HashSet<(String, ReleaseId)>,
    /// Weaknesses that somebody decided on, as we call them.
    decided: HashSet<String>,
}

async fn of_persons(ctx: &Context, actor: &Actor) -> Result<Persons, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let all = decision_rows::all(&view).await?;
    let ids: Vec<String> = all.iter().map(|it| it.weakness.clone()).collect();
    let names = weaknesses::names(&view, &ids).await?;
    let mut persons = Persons { withdrawn: HashSet::new(), decided: HashSet::new() };
    for it in all {
        if it.withdrawn.is_none() {
            if !is_by_rule(&it.author) {
                let name = names.get(&it.weakness.to_uppercase()).cloned();
                persons.decided.insert(name.unwrap_or(it.weakness));
            }
        } else if let (Origin::Statement(id), bedrail_model::decision::Scope::Release(release)) =
            (it.origin, it.scope)
        {
            persons.withdrawn.insert((id, release));
        }
    }
    Ok(persons)
}
