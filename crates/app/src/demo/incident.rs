//! A drill of the hospital: a monitor that was lost with what it stores, counted, drafted, and not decided. Made up, as all of the
//! sample; its days are counted from today, so that its clocks run.

use std::collections::BTreeMap;

use bedrail_model::incident::{Factor, Harm, IncidentKind, KnownBy, Weighed, What};
use jiff::ToSpan as _;

use crate::devices::{self, DeviceFilter};
use crate::incidents::{self, NewAssessment, NewEvent, Open};
use crate::page::PageRequest;
use crate::{Actor, Context, Error};

/// How many days ago somebody knew of it.
const KNOWN_AGO: i64 = 12;
/// How many days ago it was lost.
const LOST_AGO: i64 = 15;
/// Who is affected, by State; some live where nobody wrote down.
const PEOPLE: (u64, [(&str, u64); 2]) = (734, [("OH", 618), ("PA", 104)]);
const ANSWERS: [(Factor, &str, &str); 4] = [
    (
        Factor::Nature,
        "Names, dates of birth and trends of vital signs; a person is recognised by them.",
        "drill: the maker's manual",
    ),
    (Factor::Recipient, "Nobody knows who has it.", "drill: the security desk's log"),
    (
        Factor::AcquiredOrViewed,
        "Nothing shows that it was looked at, and nothing shows that it was not.",
        "drill: it keeps no log",
    ),
    (
        Factor::Mitigation,
        "It was not found again, and cannot be wiped from afar.",
        "drill: biomedical engineering",
    ),
];

/// Opens it, unless there was an incident before.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if !incidents::list(ctx, actor).await?.is_empty() {
        return Ok(());
    }
    let today = ctx.clock.today();
    let page = PageRequest::at(0, 1);
    let monitors = DeviceFilter { kind: Some("patient monitor".to_owned()), ..DeviceFilter::default() };
    let lost = devices::list(ctx, actor, &monitors, &page).await?.rows;
    let occurred = today.saturating_sub(LOST_AGO.days());
    let open = Open {
        title: "Drill: a monitor is gone from the loading dock".to_owned(),
        kind: Some(IncidentKind::LostDevice),
        owner: "Privacy office".to_owned(),
        devices: lost.iter().map(|row| row.id).collect(),
        harm: Some(Harm::None),
        discovered: Some((KnownBy::Workforce, today.saturating_sub(KNOWN_AGO.days()))),
        occurred: Some((occurred, None)),
        note: "This is a drill of the sample hospital; nothing of it happened.".to_owned(),
        ..Open::default()
    };
    let id = incidents::open(ctx, actor, &open).await?;
    incidents::tick(ctx, actor, id, "patients", "It was in repair; no patient was on it.").await?;
    let (total, by_state) = PEOPLE;
    let by_state: BTreeMap<String, u64> =
        by_state.into_iter().map(|(state, count)| (state.to_owned(), count)).collect();
    let event = NewEvent {
        what: What::Counted { total, by_state },
        note: "counted from the central station's list of admissions".to_owned(),
        corrects: None,
        privileged: false,
    };
    incidents::add_event(ctx, actor, id, event).await?;
    let answers =
        ANSWERS.map(|(factor, answer, evidence)| (factor, (answer.to_owned(), evidence.to_owned())));
    let draft = NewAssessment {
        factors: answers.into_iter().collect(),
        weighed: Some(Weighed::NotLow),
        reason: "What it stores is not encrypted, and nobody knows where it is.".to_owned(),
        ..NewAssessment::default()
    };
    incidents::assess(ctx, actor, id, draft).await?;
    Ok(())
}
