//! How a campaign is shown: how each ward stands, who is on it, what is asked, what is done, and the time that each step took.

use std::collections::BTreeMap;

use bedrail_model::action::{Action, Kind, Stage, State};
use bedrail_model::answer::Reason;
use bedrail_model::campaign::{Campaign, Counts, Look, Occasion, Ward, WardCounts};
use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::CampaignId;
use bedrail_store::{actions as action_rows, campaigns as rows, weaknesses};
use jiff::Timestamp;

use super::{known_or_named, looked, missing};
use crate::actions::{ActionRow, proof};
use crate::affected::{self, Totals};
use crate::kept;
use crate::rights::Right;
use crate::unknowns::Gathered;
use crate::{Actor, Context, Error};

/// A campaign in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRow {
    /// The campaign.
    pub campaign: Campaign,
    /// How it stood when it was started.
    pub start: Counts,
    /// How it stands now, or stood at its end.
    pub now: Counts,
    /// Its actions that are open or not shown.
    pub open_actions: u64,
}

/// A ward of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignWard {
    /// The ward.
    pub ward: Ward,
    /// How it stood at the start.
    pub start: Counts,
    /// How it stands now, or stood at the end.
    pub now: Counts,
    /// Who is on it: the action of this ward that was put down last, open ones first.
    pub on_it: Option<ActionRow>,
}

/// A fact that nobody knows, and that would settle some of what cannot be told.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenQuestion {
    /// Why it cannot be told without it.
    pub reason: Reason,
    /// The fact.
    pub fact: String,
    /// Devices that it would settle.
    pub devices: u64,
    /// What the same question is found by among all that is not known, where it is there.
    pub key: Option<String>,
    /// Who was asked and has not answered.
    pub asked: Option<ActionRow>,
}

/// A step of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From the first record to the first finding here.
    Known,
    /// Somebody was asked for what is not known; answered.
    Questions,
    /// Each ward has somebody on it.
    Owners,
    /// Something stands in front, or the devices are isolated.
    Shields,
    /// Fixes are installed, or the devices replaced, and it is seen.
    Fixes,
    /// From the start to the end.
    Whole,
}

impl Step {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Step::Known => "known",
            Step::Questions => "questions",
            Step::Owners => "owners",
            Step::Shields => "shields",
            Step::Fixes => "fixes",
            Step::Whole => "whole",
        }
    }
}

/// A step with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    /// Which.
    pub step: Step,
    /// How many parts of it are done: questions, wards, actions.
    pub done: u64,
    /// How many parts it has; none where it has not begun.
    pub all: u64,
    /// When its first part was put down.
    pub begun: Option<Timestamp>,
    /// When its last part was done; none while one is open.
    pub ended: Option<Timestamp>,
}

/// A campaign as its page shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignDetail {
    /// The campaign.
    pub campaign: Campaign,
    /// What it is about.
    pub weakness: Weakness,
    /// Whether the data knows the weakness.
    pub known: bool,
    /// Totals now, whatever became of the campaign.
    pub totals: Totals,
    /// Wards that had, or have, a device that is affected or unclear, those with most now first.
    pub wards: Vec<CampaignWard>,
    /// What nobody knows, while it is open.
    pub questions: Vec<OpenQuestion>,
    /// Its actions: open ones by their day, then the others.
    pub actions: Vec<ActionRow>,
    /// How it stood, the first look first; where it is open, the last is of now.
    pub looks: Vec<Look>,
    /// What took how long.
    pub steps: Vec<StepRow>,
    /// How old and whole the data is.
    pub data: DataStatus,
    /// Of when it is.
    pub at: Timestamp,
}

impl CampaignDetail {
    /// Its actions that are open or that nothing shows yet.
    pub fn waiting(&self) -> impl Iterator<Item = &ActionRow> {
        self.actions.iter().filter(|row| matches!(row.action.stage(), Stage::Open | Stage::NotShown))
    }

    /// How it stood at the start.
    pub fn start(&self) -> Counts {
        self.looks.first().map_or(Counts::default(), Look::total)
    }

    /// How it stands now, or stood at the end.
    pub fn now(&self) -> Counts {
        self.looks.last().map_or(Counts::default(), Look::total)
    }
}

/// Whether an action is one of a campaign: put down in it, or about its weakness.
fn is_of(campaign: &Campaign, action: &Action) -> bool {
    let about = action.weakness.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&campaign.weakness));
    // What ended before it was started, or was put down after its end, is not its work.
    let before = action.clock().stopped.is_some_and(|stopped| stopped < campaign.started);
    let after = campaign.closed.as_ref().is_some_and(|closed| action.created > closed.at);
    action.campaign == Some(campaign.id) || (about && !before && !after)
}

/// The campaign that is open on a weakness.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_on(ctx: &Context, actor: &Actor, weakness: &str) -> Result<Option<Campaign>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let open = |one: &Campaign| one.closed.is_none() && one.weakness.eq_ignore_ascii_case(weakness);
    Ok(rows::all(&view).await?.into_iter().find(open))
}

/// All campaigns: the open ones first, each kind with the last first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<CampaignRow>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let actions = action_rows::all(&view).await?;
    let mut found = Vec::new();
    for campaign in rows::all(&view).await? {
        let looks = rows::looks(&view, campaign.id).await?;
        let now = match campaign.closed {
            None => sum(&affected::standing(ctx, &fleet, &view, &campaign.weakness).await?.wards),
            Some(_) => looks.last().map_or(Counts::default(), Look::total),
        };
        let waits = |it: &&Action| matches!(it.stage(), Stage::Open | Stage::NotShown);
        let open = actions.iter().filter(|it| is_of(&campaign, it)).filter(waits).count() as u64;
        let start = looks.first().map_or(Counts::default(), Look::total);
        found.push(CampaignRow { campaign, start, now, open_actions: open });
    }
    found.sort_by_key(|row| row.campaign.closed.is_some());
    Ok(found)
}

fn sum(wards: &[WardCounts]) -> Counts {
    wards.iter().fold(Counts::default(), |sum, ward| sum.and(ward.counts))
}

/// One campaign.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(ctx: &Context, actor: &Actor, id: CampaignId) -> Result<CampaignDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let campaign = rows::one(&view, id).await?.ok_or_else(|| missing(id))?;
    let now = ctx.clock.now();
    let mut looks = rows::looks(&view, id).await?;
    let stands = affected::standing(ctx, &fleet, &view, &campaign.weakness).await?;
    if campaign.closed.is_none() {
        looks.push(looked(ctx, now, Occasion::Day, stands.wards));
    }
    let all = action_rows::all(&view).await?.into_iter().map(|action| ActionRow::of(action, now));
    let (mut actions, others): (Vec<ActionRow>, Vec<ActionRow>) =
        all.partition(|row| is_of(&campaign, &row.action));
    actions.sort_by_key(|row| (row.action.stage(), row.action.due, row.action.id));
    let known = proof::Known::of(&campaign.weakness, stands.marks);
    proof::look(ctx, (&fleet, &view), &mut actions, known).await?;
    let questions = match campaign.closed {
        None => {
            let gathered = kept::get::<Gathered>(ctx, &fleet, &view).await?;
            questions(stands.unknowns, &gathered.value, actions.iter().chain(&others))
        }
        Some(_) => Vec::new(),
    };
    let found = weaknesses::first_found(&view, &campaign.weakness).await?;
    let wards = by_ward(&looks, &actions);
    let steps = steps(ctx, &campaign, (&wards, &questions), &actions, found);
    Ok(CampaignDetail {
        known: stands.weakness.is_some(),
        weakness: known_or_named(stands.weakness, &campaign.weakness),
        totals: stands.totals,
        wards,
        questions,
        actions,
        looks,
        steps,
        data: ctx.data_status(),
        at: now,
        campaign,
    })
}

/// What would settle what cannot be told, and who was asked for it, in whichever place.
fn questions<'a>(
    unknowns: Vec<(Reason, String, u64)>,
    gathered: &Gathered,
    actions: impl Iterator<Item = &'a ActionRow>,
) -> Vec<OpenQuestion> {
    let waiting: Vec<&ActionRow> =
        actions.filter(|row| row.action.asked.is_some() && row.action.state == State::Open).collect();
    let question = |(reason, fact, devices): (Reason, String, u64)| {
        let key = gathered.key_of_fact(&fact).map(str::to_owned);
        let is = |row: &&&ActionRow| {
            let asked = row.action.asked.as_ref().map(|asked| asked.question.as_str());
            asked == Some(fact.as_str()) || (asked.is_some() && asked == key.as_deref())
        };
        let asked = waiting.iter().find(is).map(|row| (*row).clone());
        OpenQuestion { reason, devices, asked, key, fact }
    };
    unknowns.into_iter().map(question).collect()
}

/// How each ward stood and stands, those with most left first.
fn by_ward(looks: &[Look], actions: &[ActionRow]) -> Vec<CampaignWard> {
    let (first, last) = (looks.first(), looks.last());
    let mut wards: BTreeMap<Ward, CampaignWard> = BTreeMap::new();
    for ward in looks.iter().flat_map(|look| &look.wards).map(|one| &one.ward) {
        if wards.contains_key(ward) {
            continue;
        }
        let of = |look: Option<&Look>| look.map_or(Counts::default(), |look| look.of(ward));
        let on_it = actions.iter().filter(|row| row.action.ward.as_ref() == Some(ward));
        let on_it = on_it.filter(|row| row.action.stage() != Stage::Dropped);
        let on_it = on_it.max_by_key(|row| (row.action.stage() == Stage::Open, row.action.id)).cloned();
        let row = CampaignWard { ward: ward.clone(), start: of(first), now: of(last), on_it };
        wards.insert(ward.clone(), row);
    }
    let mut wards: Vec<CampaignWard> = wards.into_values().collect();
    wards.retain(|row| row.start.open() + row.now.open() > 0 || row.on_it.is_some());
    wards.sort_by_key(|row| std::cmp::Reverse((row.now.affected, row.now.cannot_tell, row.start.affected)));
    wards
}

/// What took how long.
fn steps(
    ctx: &Context,
    campaign: &Campaign,
    (wards, questions): (&[CampaignWard], &[OpenQuestion]),
    actions: &[ActionRow],
    found: Option<Timestamp>,
) -> Vec<StepRow> {
    let records = ctx.inner.judge.records(&campaign.weakness);
    let published = records.iter().filter_map(|record| record.published).min();
    let known = StepRow {
        step: Step::Known,
        done: u64::from(found.is_some()),
        all: 1,
        begun: published,
        ended: found.filter(|found| published.is_none_or(|published| *found >= published)),
    };
    let closed = campaign.closed.as_ref().map(|closed| closed.at);
    let whole = StepRow {
        step: Step::Whole,
        done: u64::from(closed.is_some()),
        all: 1,
        begun: Some(campaign.started),
        ended: closed,
    };
    let not_asked = questions.iter().filter(|question| question.asked.is_none()).count() as u64;
    let mut asked = of_kinds(actions, Step::Questions, &[Kind::Ask]);
    asked.all += not_asked;
    asked.ended = asked.ended.filter(|_| not_asked == 0);
    vec![
        known,
        asked,
        owners(campaign, wards, actions),
        of_kinds(actions, Step::Shields, &[Kind::Shield, Kind::Isolate]),
        of_kinds(actions, Step::Fixes, &[Kind::Patch, Kind::Replace, Kind::Other]),
        whole,
    ]
}

/// The actions of some kinds as a step: done where something shows it.
fn of_kinds(actions: &[ActionRow], step: Step, kinds: &[Kind]) -> StepRow {
    let counts = |row: &&ActionRow| kinds.contains(&row.action.kind) && row.action.stage() != Stage::Dropped;
    let these: Vec<&Action> = actions.iter().filter(counts).map(|row| &row.action).collect();
    let closed = |action: &&&Action| action.stage() == Stage::Closed;
    let ends = |action: &&Action| match &action.seen {
        Some(seen) => Some(seen.at),
        None => action.clock().stopped,
    };
    let done = these.iter().filter(closed).count() as u64;
    let all = these.len() as u64;
    StepRow {
        step,
        done,
        all,
        begun: these.iter().map(|action| action.created).min(),
        ended: if all > 0 && done == all { these.iter().filter_map(ends).max() } else { None },
    }
}

/// The wards with affected devices, and those of them that somebody is on.
fn owners(campaign: &Campaign, wards: &[CampaignWard], actions: &[ActionRow]) -> StepRow {
    let counted: Vec<&CampaignWard> =
        wards.iter().filter(|row| row.start.affected + row.now.affected > 0).collect();
    let first = |ward: &&CampaignWard| {
        let of_ward = actions.iter().filter(|row| row.action.ward.as_ref() == Some(&ward.ward));
        of_ward.filter(|row| row.action.stage() != Stage::Dropped).map(|row| row.action.created).min()
    };
    let taken: Vec<Timestamp> = counted.iter().filter_map(first).collect();
    let (done, all) = (taken.len() as u64, counted.len() as u64);
    StepRow {
        step: Step::Owners,
        done,
        all,
        begun: (all > 0).then_some(campaign.started),
        ended: if all > 0 && done == all { taken.into_iter().max() } else { None },
    }
}
