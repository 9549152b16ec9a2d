//! Proof and decisions of the sample's programme: a plan that counts, a report that lapsed, and what was decided on an
//! addressable item.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::programme::{self, Decide, Prove, Reply};
use crate::{Actor, Context, Error};

const OFFICER: &str = "Quillhaven compliance office";

const PLAN: &str = "Contingency plan of Quillhaven Hospitals (sample)\n\
    Approved by the board. Wards work on paper for 72 hours; pumps are set by hand.\n";
const REPORT: &str = "Evaluation of the safeguards of Quillhaven Hospitals (sample)\n\
    Technical and non-technical part; 14 findings, all with owner and date.\n";

/// Takes proof in and decides, once; what was taken back is not overruled by loading again.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let known = programme::get(ctx, actor, "sr-164-308-a-7-i").await?;
    if !known.proofs.is_empty() {
        return Ok(());
    }
    let today = ctx.clock.now().to_zoned(TimeZone::UTC).date();
    let ago = |days: i64| today.saturating_sub(days.days());
    let documents = [
        ("sr-164-308-a-7-i", "contingency_plan.age_days", "contingency-plan.txt", PLAN, 40, None),
        ("sr-164-308-a-8", "evaluation.age_days", "evaluation.txt", REPORT, 420, Some(ago(54))),
    ];
    for (requirement, signal, name, text, days, expires) in documents {
        let command = Prove {
            requirement: requirement.to_owned(),
            signal: Some(signal.to_owned()),
            system: None,
            shows: "0".to_owned(),
            about_from: ago(days),
            about_to: None,
            collected: Some(ago(days)),
            collector: OFFICER.to_owned(),
            expires,
            file_name: name.to_owned(),
            document: text.into(),
        };
        programme::prove(ctx, actor, command).await?;
    }
    // Automatic logoff: 45 CFR 164.312(a)(2)(iii).
    let decision = Decide {
        requirement: "sr-164-312-a-2-iii".to_owned(),
        outcome: "alternative".to_owned(),
        measure: Some("A charge nurse signs devices out and in on each shift".to_owned()),
        systems: Vec::new(),
        reason: "The devices have no accounts of their own, so that nothing can be set on them".to_owned(),
        approver: OFFICER.to_owned(),
        decided: Some(ago(30)),
        review_by: today.saturating_add(335.days()),
        proof: None,
    };
    programme::decide(ctx, actor, &decision).await?;
    let says = |requirement: &str, answer: &str, note: &str| Reply {
        requirement: requirement.to_owned(),
        answer: answer.to_owned(),
        note: Some(note.to_owned()),
        owner: Some(OFFICER.to_owned()),
        due: Some(today.saturating_add(60.days())),
        ..Reply::default()
    };
    for reply in [
        says("sr-164-310-b", "not_sure", "Nobody has the list at hand (sample)"),
        says("sr-164-308-a-2", "yes", "Signed by the board, in the safe of the office (sample)"),
        says("sr-164-312-c-1", "no", "Only the record system checks (sample)"),
    ] {
        programme::reply(ctx, actor, reply).await?;
    }
    programme::note(ctx, actor).await?;
    Ok(())
}
