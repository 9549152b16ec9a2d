//! Looking at campaigns by the clock and after changes, and at actions that wait for something that shows them.

use bedrail_model::action::Stage;
use bedrail_model::campaign::{Look, Occasion};
use bedrail_model::ids::CampaignId;
use bedrail_store::{actions as action_rows, campaigns as rows};

use super::looked;
use crate::actions::{ActionRow, proof};
use crate::rights::Right;
use crate::{Actor, Context, Error, affected};

/// What a look did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Open campaigns.
    pub campaigns: u64,
    /// Of them, those that stood otherwise than at the last look of the day.
    pub noted: u64,
    /// Done actions that something shows now.
    pub shown: u64,
}

impl Looked {
    /// Takes another one in.
    pub(crate) fn add(&mut self, other: Looked) {
        self.campaigns += other.campaigns;
        self.noted += other.noted;
        self.shown += other.shown;
    }

    /// In words.
    pub fn words(&self) -> String {
        format!(
            "{} open campaigns, {} noted, {} actions shown to be done",
            self.campaigns, self.noted, self.shown
        )
    }
}

/// Whether a look says nothing that the one before did not say.
fn is_told(before: Option<&Look>, now: &Look) -> bool {
    before
        .is_some_and(|before| before.day == now.day && before.sound == now.sound && before.wards == now.wards)
}

/// Notes how the open campaigns of an organisation stand, and which done actions something shows now. Nothing is written where
/// nothing moved since the last look of the day.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn look(ctx: &Context, actor: &Actor) -> Result<Looked, Error> {
    actor.need(Right::Decide)?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let mut done = Looked::default();
    let mut looks: Vec<(CampaignId, String, Look)> = Vec::new();
    for campaign in rows::all(&view).await?.into_iter().filter(|one| one.closed.is_none()) {
        done.campaigns += 1;
        let wards = affected::standing(ctx, &fleet, &view, &campaign.weakness).await?.wards;
        let look = looked(ctx, ctx.clock.now(), Occasion::Day, wards);
        if !is_told(rows::last_look(&view, campaign.id).await?.as_ref(), &look) {
            looks.push((campaign.id, campaign.weakness, look));
        }
    }
    let now = ctx.clock.now();
    let waiting = action_rows::all(&view).await?.into_iter().filter(|it| it.stage() == Stage::NotShown);
    let mut waiting: Vec<ActionRow> = waiting.map(|action| ActionRow::of(action, now)).collect();
    proof::look(ctx, (&fleet, &view), &mut waiting, proof::Known::all()).await?;
    waiting.retain(|row| row.check.as_ref().is_some_and(proof::Check::shows));
    for check in waiting.iter_mut().filter_map(|row| row.check.as_mut()) {
        check.date(&view).await?;
    }
    drop(view);
    if looks.is_empty() && waiting.is_empty() {
        return Ok(done);
    }
    let change = ctx.change(actor, Right::Decide, "campaign.look").await?;
    let mut subjects = Vec::new();
    for (id, weakness, look) in &looks {
        rows::add_look(&change, *id, look).await?;
        subjects.push(format!("{weakness}: {}", super::in_words(look)));
    }
    for row in &waiting {
        let Some(check) = &row.check else { continue };
        if action_rows::see(&change, row.action.id, &check.evidence()).await? {
            done.shown += 1;
            subjects.push(format!("shown: {} ({})", row.action.what, row.action.id));
        }
    }
    done.noted = looks.len() as u64;
    change.commit("campaigns", &subjects.join("; ")).await?;
    Ok(done)
}
