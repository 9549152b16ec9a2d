//! Accepting what a statement says of a release: it becomes a decision of the organisation, with the statement as its origin.

use std::collections::HashSet;

use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::ids::{DecisionId, ReleaseId, VexStatementId};
use bedrail_model::vex::{Justification, Status};

use super::judged::{self, Judged};
use super::{Speaks, Spoken, Standing, StatementRow};
use crate::actions::NewAction;
use crate::decisions::{self, Decide, ScopeChoice};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The statement.
    pub statement: VexStatementId,
    /// The release of which it is accepted.
    pub release: ReleaseId,
    /// The justification that is meant, where the statement gives its reason in free text only.
    pub justification: Option<Justification>,
    /// Why it is accepted; the statement's own words where nothing is said.
    pub reason: Option<String>,
    /// What is done about it. "Affected" needs one; where it does not say what, the statement's own words are taken.
    pub action: Option<NewAction>,
}

/// Takes what a statement says of a release for a decision of the organisation.
///
/// # Errors
/// [`Error::NotFound`] when there is no such statement or release, [`Error::Invalid`] when it cannot be accepted as it
/// stands, with what a person can do instead.
pub async fn accept(ctx: &Context, actor: &Actor, command: &Accept) -> Result<DecisionId, Error> {
    actor.need(Right::Decide)?;
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let row = judged.rows().into_iter().find(|row| row.id == command.statement);
    let row = row.ok_or_else(|| Error::not_found(format!("statement {}", command.statement)))?;
    accept_judged(ctx, actor, command, &judged, &row).await
}

/// The same, where it is known how the statement stands.
pub(super) async fn accept_judged(
    ctx: &Context,
    actor: &Actor,
    command: &Accept,
    judged: &Judged,
    row: &StatementRow,
) -> Result<DecisionId, Error> {
    let spoken = row.spoken.iter().find(|it| it.release == command.release);
    let spoken = spoken.ok_or_else(|| Error::not_found(format!("release {}", command.release)))?;
    may_be_accepted(row, spoken)?;
    if row.statement.status == Status::Affected && command.action.is_none() {
        return Err(refused(
            "what is accepted as “affected” needs an action".to_owned(),
            "say who does it and until when; what is done is the statement's own advice, if you say nothing else",
        ));
    }
    let decide = Decide {
        weaknesses: vec![row.weakness.clone()],
        scope: ScopeChoice::Release(command.release),
        verdict: verdict(row, command.justification)?,
        reason: reason(row, command.reason.as_deref()),
        review_on: None,
        action: command.action.clone().map(|it| with_their_words(it, row)),
        origin: Origin::Statement(row.id.to_string()),
    };
    let keys = judged.keys(command.statement, command.release);
    covers(ctx, actor, &decide, &keys).await?;
    let taken = decisions::decide(ctx, actor, &decide).await?;
    taken.first().copied().ok_or_else(|| Error::invalid("nothing was decided"))
}

/// Letters of an issuer's advice that an action takes over; the whole of it stands in the statement.
const LONGEST_ADVICE: usize = 1000;

fn refused(message: String, hint: &str) -> Error {
    Error::Invalid { message, hint: Some(hint.to_owned()) }
}

fn may_be_accepted(row: &StatementRow, spoken: &Spoken) -> Result<(), Error> {
    let hint = "decide on the weakness yourself, with your own reason";
    if let Some(decision) = spoken.decision {
        return Err(Error::Conflict { message: format!("it is accepted already, as decision {decision}") });
    }
    if row.unsigned {
        let message = format!("{} is pinned by a key, and that key did not sign the document", row.issuer);
        return Err(refused(message, "bring the document with its signature"));
    }
    if !matches!(row.standing, Standing::Proposed | Standing::InForce) {
        return Err(refused(format!("the statement stands as “{}”", row.standing.words()), hint));
    }
    if !spoken.pinned {
        let message = format!("the word of {} does not count for this maker", row.issuer);
        return Err(refused(message, "pin the issuer for the maker first, if you trust it so far"));
    }
    if spoken.speaks != Speaks::Yes {
        return Err(refused(
            format!(
                "it cannot be told whether it speaks of {}: {}",
                spoken.release_name,
                spoken.why.sentence()
            ),
            hint,
        ));
    }
    Ok(())
}

/// What the statement says, as a decision says it.
fn verdict(row: &StatementRow, meant: Option<Justification>) -> Result<Verdict, Error> {
    Ok(match row.statement.status {
        Status::UnderInvestigation => Verdict::UnderInvestigation,
        Status::Affected => Verdict::Affected,
        Status::Fixed => Verdict::Fixed,
        Status::NotAffected => {
            let justification = row.statement.justification.or(meant);
            Verdict::NotAffected(justification.ok_or_else(|| {
                refused(
                    "the statement gives its reason in free text only".to_owned(),
                    "say which justification it means",
                )
            })?)
        }
    })
}

/// The action with the statement's own advice, where the person says nothing else.
fn with_their_words(action: NewAction, row: &StatementRow) -> NewAction {
    if !action.what.trim().is_empty() {
        return action;
    }
    let what = row.statement.action.as_deref().unwrap_or_default();
    NewAction { what: what.trim().chars().take(LONGEST_ADVICE).collect(), ..action }
}

/// The person's words, else the statement's, with whose they are.
fn reason(row: &StatementRow, said: Option<&str>) -> String {
    let said = said.map(str::trim).filter(|it| !it.is_empty());
    let theirs = [&row.statement.impact, &row.statement.notes, &row.statement.action];
    let words = said.or_else(|| theirs.into_iter().flatten().map(String::as_str).next());
    let source = format!("{} in {}", row.issuer, row.document_name);
    let text = match words {
        Some(words) => format!("{words} ({source})"),
        None => format!("as stated by {source}"),
    };
    text.chars().take(2_000).collect()
}

/// Refuses to take away more than the statement speaks of: other components of the release that have the weakness too.
async fn covers(ctx: &Context, actor: &Actor, decide: &Decide, keys: &[String]) -> Result<(), Error> {
    if keys.is_empty() || !decide.verdict.rules_out() {
        return Ok(());
    }
    let preview = decisions::preview(ctx, actor, decide).await?;
    let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
    let others = preview.touched.iter().flat_map(|it| &it.keys).filter(|key| !keys.contains(key.as_str()));
    let others: Vec<&str> = others.map(String::as_str).collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(refused(
        format!("other components of the release have the weakness too: {}", others.join(", ")),
        "the statement does not speak of them; decide on the weakness yourself, or ask the issuer",
    ))
}
