//! A campaign of the hospital that runs for some days: made up, as all of the sample.

use bedrail_model::action::Kind;
use bedrail_model::campaign::{Counts, Look, Occasion, WardCounts};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use crate::actions::NewAction;
use crate::campaigns::{self, AskWhom};
use crate::{Actor, Context, Error};

const WEAKNESS: &str = "CVE-2021-44228";
/// Days that it runs.
const DAYS: u32 = 12;
/// Who sees to a ward, with what, in how many days, at which cost.
const OWNERS: &[(&str, Kind, i64, Option<u64>)] = &[
    ("Biomedical engineering, North", Kind::Patch, 10, Some(480_000)),
    ("Biomedical engineering, South", Kind::Shield, 3, Some(125_000)),
    ("Network team", Kind::Isolate, 5, None),
    ("Clinical purchasing", Kind::Replace, 75, Some(8_400_000)),
];

/// Starts it, unless there was a campaign before.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if !campaigns::list(ctx, actor).await?.is_empty() {
        return Ok(());
    }
    let id = match campaigns::start(ctx, actor, WEAKNESS, None).await {
        Ok(started) => started.id,
        // Data without the weakness.
        Err(Error::Invalid { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let detail = campaigns::get(ctx, actor, id).await?;
    let now: Vec<WardCounts> =
        detail.wards.iter().map(|row| WardCounts { ward: row.ward.clone(), counts: row.now }).collect();
    campaigns::backdate(ctx, actor, id, history(ctx, &now)).await?;
    let today = ctx.clock.today();
    for (row, (owner, kind, days, cents)) in detail.wards.iter().zip(OWNERS) {
        let new = NewAction {
            kind: *kind,
            owner: (*owner).to_owned(),
            due: today.saturating_add(days.days()),
            ward: Some(row.ward.clone()),
            cents: *cents,
            ..NewAction::default()
        };
        campaigns::assign(ctx, actor, id, new).await?;
    }
    if let Some(question) = detail.questions.iter().find(|question| question.asked.is_none()) {
        let ask = AskWhom {
            fact: question.fact.clone(),
            whom: "product security of the maker".to_owned(),
            owner: "Biomedical engineering, North".to_owned(),
            due: today.saturating_add(7.days()),
        };
        campaigns::ask_whom(ctx, actor, id, &ask).await?;
    }
    Ok(())
}

/// A day's look for each day, from more affected devices to those of today.
fn history(ctx: &Context, now: &[WardCounts]) -> Vec<Look> {
    let day = |ago: u32| {
        let at = ctx.clock.now() - SignedDuration::from_hours(24 * i64::from(ago));
        let wards = now.iter().map(|ward| WardCounts { counts: before(ward.counts, ago), ..ward.clone() });
        Look {
            at,
            day: at.to_zoned(TimeZone::UTC).date(),
            occasion: if ago == DAYS { Occasion::Start } else { Occasion::Day },
            sound: false,
            wards: wards.collect(),
        }
    };
    (1..=DAYS).rev().map(day).collect()
}

/// So many days ago a part of what is not affected today was: the longer ago, the more.
fn before(now: Counts, ago: u32) -> Counts {
    let more = now.not_affected() * u64::from(ago) / 40;
    Counts { affected: now.affected + more, ..now }
}
