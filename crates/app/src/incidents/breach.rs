//! Whether an incident is a breach that people are told of: drafts of the assessment, and their approval.

use std::collections::BTreeMap;

use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{Approval, Assessment, Exception, Factor, FactorAnswer, Weighed};
use bedrail_store::incidents as rows;

use super::record::Record;
use super::{clocks, name_of, needed, open_one, text};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A new version of an assessment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAssessment {
    /// The version that the writer saw last; 0 for none.
    pub seen: u64,
    /// By which method of the guidance of HHS the data was secured, and whether the key was apart and is not exposed.
    pub secured: Option<(String, bool)>,
    /// An exception that is claimed, and why it applies.
    pub exception: Option<(Exception, String)>,
    /// Answers to the factors, and what each rests on.
    pub factors: BTreeMap<Factor, (String, String)>,
    /// How they weigh together.
    pub weighed: Option<Weighed>,
    /// Why.
    pub reason: String,
}

/// What an approval came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Whether people are told.
    pub notifiable: bool,
}

/// Writes a new version of the assessment; a draft, until somebody approves it. Privileged.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed or somebody wrote another version meanwhile, [`Error::Invalid`] for
/// a text that is too long.
pub async fn assess(ctx: &Context, actor: &Actor, id: IncidentId, new: NewAssessment) -> Result<u64, Error> {
    let reason = text("the reason", &new.reason)?;
    let secured = match new.secured {
        Some((method, apart)) => Some((needed("the method by which it was secured", &method)?, apart)),
        None => None,
    };
    let exception = match new.exception {
        Some((exception, why)) => Some((exception, needed("why the exception applies", &why)?)),
        None => None,
    };
    let mut factors = Vec::new();
    for (factor, (answer, evidence)) in &new.factors {
        let answer = text(factor.words(), answer)?;
        let evidence = text("the evidence", evidence)?;
        if !answer.is_empty() || !evidence.is_empty() {
            factors.push(FactorAnswer { factor: *factor, answer, evidence });
        }
    }
    let change = ctx.change(actor, Right::SeePrivileged, "incident.assess").await?;
    let incident = open_one(&change, id).await?;
    let newest = rows::assessments(&change, id).await?.last().map_or(0, |last| last.version);
    if newest != new.seen {
        return Err(Error::Conflict {
            message: format!("version {newest} of the assessment is newer than version {}", new.seen),
        });
    }
    let it = Assessment {
        version: newest + 1,
        at: change.at(),
        author: change.actor().to_owned(),
        secured,
        exception,
        factors,
        weighed: new.weighed,
        reason,
        approved: None,
    };
    rows::add_assessment(&change, id, &it).await?;
    // What it says is privileged, and the audit log is read by others.
    change
        .commit(&name_of(&incident), &format!("version {} of the assessment, privileged", it.version))
        .await?;
    Ok(it.version)
}

/// Approves a version of the assessment: from then on it is the decision. Without one a breach is presumed; an assessment that does not
/// get around the presumption is the decision that people are told.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the incident is closed, when the version is not the newest, or when somebody approved
/// first, [`Error::Invalid`] with all that is missing.
pub async fn decide(ctx: &Context, actor: &Actor, id: IncidentId, version: u64) -> Result<Decided, Error> {
    let side = clocks::side(ctx, actor).await?;
    let change = ctx.change(actor, Right::SeePrivileged, "incident.decide").await?;
    let incident = open_one(&change, id).await?;
    let record = Record::read(&change, incident, side).await?;
    let newest = record.assessments.last().ok_or_else(|| Error::not_found("an assessment of it"))?;
    if newest.version != version {
        let message = format!("version {} of the assessment is the newest, not {version}", newest.version);
        return Err(Error::Conflict { message });
    }
    if let Some(approved) = &newest.approved {
        return Err(Error::Conflict { message: format!("{} approved it before", approved.by) });
    }
    let mut draft = newest.clone();
    // Both answers are tried with the approval in place; it says what is then.
    let by = change.actor().to_owned();
    draft.approved = Some(Approval { at: change.at(), by, notifiable: true });
    let mut assessments = record.assessments.clone();
    if let Some(last) = assessments.last_mut() {
        *last = draft.clone();
    }
    let after = clocks::compute(&record.incident, &record.events, &assessments, side)
        .map_err(|bad| Error::Internal(bad.into()))?;
    let mut lacks: Vec<String> = after.judgement.lacks.iter().map(|it| (*it).to_owned()).collect();
    if draft.reason.is_empty() && !lacks.iter().any(|it| it == "a written reason") {
        lacks.push("a written reason".to_owned());
    }
    lacks.extend(record.lacks(&draft, &after));
    if !lacks.is_empty() {
        return Err(Error::Invalid {
            message: format!("it cannot be approved yet; missing: {}", lacks.join("; ")),
            hint: Some("a breach is presumed until then, and its clocks run".into()),
        });
    }
    let notifiable = after.judgement.notifiable;
    if !rows::approve(&change, id, version, notifiable).await? {
        return Err(Error::Conflict { message: "somebody else approved it first".into() });
    }
    let outcome = if notifiable { "people are told" } else { "nobody has to be told" };
    change.commit(&name_of(&record.incident), &format!("version {version} approved: {outcome}")).await?;
    Ok(Decided { notifiable })
}
