//! A few decisions of each kind, as people of the hospital might have taken them.

use bedrail_model::action::Kind;
use bedrail_model::answer::Answer;
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::device::Exposure;
use bedrail_model::vex::Justification;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::actions::NewAction;
use crate::affected::{self, Question};
use crate::decisions::{self, Decide, DecisionFilter, DecisionState, ScopeChoice};
use crate::page::PageRequest;
use crate::{Actor, Context, Error};

/// Takes them, unless the hospital has decided on anything before.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let one = PageRequest::at(0, 1);
    for state in [DecisionState::InForce, DecisionState::TakenBack] {
        let filter = DecisionFilter { state, ..DecisionFilter::default() };
        if decisions::list(ctx, actor, &filter, &one).await?.total > 0 {
            return Ok(());
        }
    }
    let today = ctx.clock.today();
    let in_days = |days: i64| today.saturating_add(days.days());
    for command in [
        model(ctx, actor).await?,
        outside(ctx, actor, in_days(14)).await?,
        accepted(ctx, actor, in_days(90)).await?,
        looked_into(ctx, actor).await?,
    ]
    .into_iter()
    .flatten()
    {
        decisions::decide(ctx, actor, &command).await?;
    }
    Ok(())
}

fn command(weakness: &str, scope: ScopeChoice, verdict: Verdict, reason: &str) -> Decide {
    Decide {
        weaknesses: vec![weakness.to_owned()],
        scope,
        verdict,
        reason: reason.to_owned(),
        review_on: None,
        action: None,
        origin: Origin::Person,
    }
}

/// The first device that a weakness affects.
async fn first(
    ctx: &Context,
    actor: &Actor,
    weakness: &str,
    exposure: Option<Exposure>,
) -> Result<Option<affected::AffectedDevice>, Error> {
    let answer = Some(Answer::Affected);
    let question = Question { text: weakness.to_owned(), exposure, answer, ..Question::default() };
    Ok(affected::ask(ctx, actor, &question, &PageRequest::at(0, 1)).await?.rows.pop())
}

/// A maker showed that the weak code never runs in a model.
async fn model(ctx: &Context, actor: &Actor) -> Result<Option<Decide>, Error> {
    let weakness = "CVE-2022-42889";
    let Some(facts) = first(ctx, actor, weakness, None).await?.map(|row| row.facts) else { return Ok(None) };
    let Some((maker, model)) = facts.maker.zip(facts.model) else { return Ok(None) };
    let scope = ScopeChoice::Model { maker, model, up_to: facts.version };
    let verdict = Verdict::NotAffected(Justification::VulnerableCodeNotInExecutePath);
    let reason = "The maker showed us the call graph: string interpolation is never reached.";
    Ok(Some(command(weakness, scope, verdict, reason)))
}

/// What faces the outside is mended first.
async fn outside(ctx: &Context, actor: &Actor, due: Date) -> Result<Option<Decide>, Error> {
    let weakness = "CVE-2021-44228";
    let exposure = Some(Exposure::Outside);
    if first(ctx, actor, weakness, exposure).await?.is_none() {
        return Ok(None);
    }
    let answer = Some(Answer::Affected);
    let question = Question { text: weakness.to_owned(), exposure, answer, ..Question::default() };
    let action = NewAction {
        what: "Take the gateways off the public address and install the maker's fixed release".to_owned(),
        owner: "Biomedical engineering, North".to_owned(),
        due,
        proof_needed: Some("version screen of each device, and a scan from outside".to_owned()),
        remaining_risk: Some(
            "the devices stay reachable from inside until the fixed release is on".to_owned(),
        ),
        cost: Some("two nights of two people".to_owned()),
        kind: Kind::Isolate,
        ..NewAction::default()
    };
    let scope = ScopeChoice::Found(Box::new(question));
    let reason = "They face the outside, and the weakness is exploited.";
    Ok(Some(Decide { action: Some(action), ..command(weakness, scope, Verdict::Affected, reason) }))
}

/// A risk that is carried until the devices are replaced.
async fn accepted(ctx: &Context, actor: &Actor, until: Date) -> Result<Option<Decide>, Error> {
    let weakness = "CVE-2016-2107";
    let Some(row) = first(ctx, actor, weakness, None).await? else { return Ok(None) };
    let approver = "Chief information security officer".to_owned();
    let verdict = Verdict::RiskAccepted { until, approver };
    let reason = "The devices are replaced this spring and stand on a network of their own until then.";
    Ok(Some(command(weakness, ScopeChoice::Release(row.release), verdict, reason)))
}

/// Somebody asks the makers.
async fn looked_into(ctx: &Context, actor: &Actor) -> Result<Option<Decide>, Error> {
    let weakness = "CVE-2023-44487";
    if first(ctx, actor, weakness, None).await?.is_none() {
        return Ok(None);
    }
    let reason = "We asked the makers whether their web pages speak HTTP/2 at all.";
    Ok(Some(command(weakness, ScopeChoice::Organisation, Verdict::UnderInvestigation, reason)))
}
