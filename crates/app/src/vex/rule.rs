//! Written rules: what an issuer states is accepted without a person where nothing asks for one (design decision 7).
//!
//! A rule takes only away what the issuer says cannot do harm, with a justification in its own word, or is mended; and only
//! where nobody says anything else of it, the issuer at another time included. It never speaks over a person: where somebody
//! decided on the weakness, put a statement of the issuer on it aside, or took back what a rule had accepted, a person decides.

use std::collections::{HashMap, HashSet};

use bedrail_model::decision::{Origin, Scope};
use bedrail_model::ids::{DecisionId, ReleaseId, VexDocumentId};
use bedrail_model::vex::Status;
use bedrail_store::vex::{self as rows, VexIssuerRow};
use bedrail_store::{Change, decisions as decision_rows, weaknesses};

use super::judged::{self, Judged};
use super::{Accept, Speaks, Spoken, Standing, StatementRow, accept};
use crate::jobs;
use crate::rights::Right;
use crate::{Actor, Context, Error, decisions};

/// Who decides by a rule. No person is called so: theirs ends with the way on which they came.
const NAME: &str = "bedrail, by a written rule";
/// The kind of the job that follows the rules of an organisation.
pub(crate) const JOB: &str = "statement.rules";
/// What is accepted on one look at everything; then it is looked again, since people go on meanwhile.
const AT_ONCE: usize = 100;
/// Looks of one run; what is left then waits for the next.
const LOOKS: usize = 50;

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

/// Asks for the rules to be followed after a change; nothing where no issuer has one and nothing stands by one.
pub(crate) async fn ask(change: &Change) -> Result<(), Error> {
    let any_rule = rows::issuers(change).await?.iter().any(|it| it.automatic.is_some());
    let taken = |all: Vec<bedrail_model::decision::Decision>| {
        all.iter().any(|it| it.withdrawn.is_none() && is_by_rule(&it.author))
    };
    if any_rule || taken(decision_rows::all(change).await?) {
        jobs::enqueue_code(change, JOB).await?;
    }
    Ok(())
}

/// Follows the rules of an organisation: takes back what no longer stands by them, then accepts what does, until nothing is left
/// to do. Every change that may matter asks for it; this is for who does not want to wait.
///
/// # Errors
/// [`Error::Denied`] without the rights to take statements and to decide; when the database cannot be used.
pub async fn follow(ctx: &Context, actor: &Actor) -> Result<Ruled, Error> {
    actor.need(Right::TakeStatements)?;
    actor.need(Right::Decide)?;
    let actor = Actor::system(actor.org).called(NAME);
    let _ruling = ctx.ruling().await?;
    let mut ruled = Ruled::default();
    for _ in 0..LOOKS {
        let look = look(ctx, &actor).await?;
        ruled.accepted += look.accepted;
        ruled.taken_back += look.taken_back;
        ruled.left = look.left;
        if look.accepted + look.taken_back == 0 {
            break;
        }
    }
    Ok(ruled)
}

/// One look at everything, and what follows from it.
async fn look(ctx: &Context, actor: &Actor) -> Result<Ruled, Error> {
    let mut ruled = Ruled::default();
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let all = judged.rows();
    let known = Known::of(ctx, actor, &judged, &all).await?;
    let mut standing = HashSet::new();
    for row in &all {
        for spoken in row.spoken.iter().filter(|spoken| known.rule(row, spoken).is_some()) {
            standing.insert((row.id.to_string(), spoken.release));
        }
    }
    for (decision, statement, release) in judged.by_rule() {
        if !standing.contains(&(statement.to_owned(), release)) && take_back(ctx, actor, decision).await? {
            ruled.taken_back += 1;
        }
    }
    for (row, spoken, issuer) in wanted(&all, &known) {
        if ruled.accepted as usize == AT_ONCE {
            break;
        }
        let command = command(row, spoken, issuer);
        match accept::accept_judged(ctx, actor, &command, &judged, row).await {
            Ok(_) => ruled.accepted += 1,
            Err(error @ (Error::Invalid { .. } | Error::Conflict { .. } | Error::NotFound { .. })) => {
                ruled.left.push(format!("{} in {}: {error}", row.weakness, spoken.release_name));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ruled)
}

/// What the rules accept now.
fn wanted<'a>(
    all: &'a [StatementRow],
    known: &'a Known,
) -> Vec<(&'a StatementRow, &'a Spoken, &'a VexIssuerRow)> {
    let mut wanted = Vec::new();
    for row in all {
        for spoken in row.spoken.iter().filter(|it| it.decision.is_none() && it.finding.is_some()) {
            if let Some(issuer) = known.rule(row, spoken).filter(|_| !known.was_told(row, spoken)) {
                wanted.push((row, spoken, issuer));
            }
        }
    }
    wanted
}

/// False where somebody was faster.
async fn take_back(ctx: &Context, actor: &Actor, decision: DecisionId) -> Result<bool, Error> {
    match decisions::take_back(ctx, actor, decision).await {
        Ok(()) => Ok(true),
        Err(Error::Conflict { .. } | Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What decides whether a rule may speak.
struct Known {
    issuers: HashMap<String, VexIssuerRow>,
    /// Documents that somebody took in who may decide: the name of an issuer in a document proves nothing.
    documents: HashSet<VexDocumentId>,
    /// Weaknesses and releases of which anybody says that they are affected or looked into.
    doubted: HashSet<(String, ReleaseId)>,
    /// Weaknesses that somebody decided on, as we call them.
    decided: HashSet<String>,
    /// The issuer, the weakness and the release of what was accepted once and taken back.
    taken_back: HashSet<(String, String, ReleaseId)>,
    /// The issuer and the weakness of what somebody put aside.
    declined: HashSet<(String, String)>,
}

impl Known {
    async fn of(ctx: &Context, actor: &Actor, judged: &Judged, all: &[StatementRow]) -> Result<Known, Error> {
        let view = ctx.view(actor, Right::SeeFleet).await?;
        let issuers = rows::issuers(&view).await?.into_iter().map(|it| (it.key.clone(), it)).collect();
        let decisions = decision_rows::all(&view).await?;
        let ids: Vec<String> = decisions.iter().map(|it| it.weakness.clone()).collect();
        let names = weaknesses::names(&view, &ids).await?;
        let issued: HashMap<String, (&str, &str)> =
            judged.issued().map(|(id, issuer, weakness)| (id.to_string(), (issuer, weakness))).collect();
        let (mut decided, mut taken_back) = (HashSet::new(), HashSet::new());
        for it in decisions {
            if it.withdrawn.is_none() {
                if !is_by_rule(&it.author) {
                    let name = names.get(&it.weakness.to_uppercase()).cloned();
                    decided.insert(name.unwrap_or(it.weakness));
                }
            } else if let (Origin::Statement(id), Scope::Release(release)) = (it.origin, it.scope)
                && let Some((issuer, weakness)) = issued.get(&id)
            {
                taken_back.insert(((*issuer).to_owned(), (*weakness).to_owned(), release));
            }
        }
        let owned = |(issuer, weakness): (&str, &str)| (issuer.to_owned(), weakness.to_owned());
        let declined = judged.declined().map(owned).collect();
        let doubted = doubted(all);
        Ok(Known { issuers, documents: judged.by_deciders(), doubted, decided, taken_back, declined })
    }

    /// The issuer by whose rule what a statement says of a release may stand; `None` where a person has to say so.
    fn rule(&self, row: &StatementRow, spoken: &Spoken) -> Option<&VexIssuerRow> {
        let said = &row.statement;
        let takes_away = match said.status {
            Status::NotAffected => said.justification.is_some(),
            Status::Fixed => true,
            Status::Affected | Status::UnderInvestigation => false,
        };
        let counts = matches!(row.standing, Standing::Proposed | Standing::InForce)
            && spoken.pinned
            && spoken.devices > 0
            && spoken.speaks == Speaks::Yes
            && spoken.needs.is_empty();
        let silent = !self.doubted.contains(&(row.weakness.clone(), spoken.release))
            && !self.decided.contains(&row.weakness)
            && !self.declined.contains(&(row.issuer_key.clone(), row.weakness.clone()));
        let ruled = self.issuers.get(&row.issuer_key)?;
        // What its key did not sign is not pinned, and was left out above.
        let trusted = ruled.signing_key.is_some() || self.documents.contains(&row.document);
        (takes_away && counts && silent && trusted && ruled.automatic.is_some()).then_some(ruled)
    }

    /// Whether the same was accepted once and taken back, by whomever.
    fn was_told(&self, row: &StatementRow, spoken: &Spoken) -> bool {
        self.taken_back.contains(&(row.issuer_key.clone(), row.weakness.clone(), spoken.release))
    }
}

/// Where anybody says that something is affected or looked into, perhaps or for certain, earlier or later.
fn doubted(all: &[StatementRow]) -> HashSet<(String, ReleaseId)> {
    let counts = |row: &&StatementRow| {
        let stands = !matches!(row.standing, Standing::Replaced | Standing::Declined | Standing::Lapsed);
        stands && matches!(row.statement.status, Status::Affected | Status::UnderInvestigation)
    };
    let spoken = all.iter().filter(counts).flat_map(|row| row.spoken.iter().map(move |it| (row, it)));
    spoken.map(|(row, it)| (row.weakness.clone(), it.release)).collect()
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
