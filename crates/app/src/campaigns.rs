//! Campaigns: one page for everything that is done about one weakness, from "am I affected?" through questions to makers, owners,
//! shields and fixes to the end, with how each ward stood from day to day.
//!
//! What is done are actions ([`crate::actions`]) that are about the weakness or were put down in the campaign; how it stands are
//! the answers of [`crate::affected`]; a campaign adds its begin, its end and the looks in between.

use bedrail_model::action::{Asked, Stage};
use bedrail_model::campaign::{Campaign, Counts, Look, Occasion, Ward, WardCounts};
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{ActionId, CampaignId};
use bedrail_model::text::squeezed;
use bedrail_store::{Change, View, campaigns as rows};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::actions::{self, NewAction, proof};
use crate::affected::{self, nicknames};
use crate::alerts::grouping;
use crate::rights::Right;
use crate::{Actor, Context, Error, jobs};

mod looking;
mod showing;

pub use looking::{Looked, look};
pub use showing::{
    CampaignDetail, CampaignRow, CampaignWard, OpenQuestion, Step, StepRow, get, list, open_on,
};

/// The code of the job that looks at the campaigns of an organisation.
pub(crate) const JOB: &str = "campaign.look";
/// The longest name, in characters.
const LONGEST_NAME: usize = 120;
/// The longest sentence at the end, in characters.
const LONGEST_SENTENCE: usize = 2_000;

/// A campaign that was started, or was open already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// Its id.
    pub id: CampaignId,
    /// Whether it was started now.
    pub new: bool,
}

/// Somebody is asked in a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskWhom {
    /// The fact that nobody knows, as the campaign lists it.
    pub fact: String,
    /// Who is asked.
    pub whom: String,
    /// Who follows it up.
    pub owner: String,
    /// By the end of which day an answer is expected.
    pub due: Date,
}

/// Starts a campaign on one weakness, by an id or a name of the press; one that is open on it is handed back as it is.
///
/// # Errors
/// [`Error::Invalid`] where the text does not name one weakness, or the name is too long.
pub async fn start(ctx: &Context, actor: &Actor, text: &str, name: Option<&str>) -> Result<Started, Error> {
    actor.need(Right::Decide)?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let weakness = affected::one_weakness(ctx, &fleet, &view, text).await?.ok_or_else(|| Error::Invalid {
        message: "a campaign is about one weakness".into(),
        hint: Some("name it by its id, such as CVE-2021-44228".into()),
    })?;
    let name = match name.map(squeezed).filter(|name| !name.is_empty()) {
        Some(name) if name.chars().count() > LONGEST_NAME => {
            return Err(Error::invalid(format!("the name is too long ({LONGEST_NAME} characters)")));
        }
        Some(name) => name,
        None => usual_name(&weakness),
    };
    let wards = affected::standing(ctx, &fleet, &view, &weakness).await?.wards;
    drop(view);
    let change = ctx.change(actor, Right::Decide, "campaign.start").await?;
    let open = |one: &Campaign| one.closed.is_none() && one.weakness.eq_ignore_ascii_case(&weakness);
    if let Some(open) = rows::all(&change).await?.into_iter().find(open) {
        return Ok(Started { id: open.id, new: false });
    }
    let id = CampaignId::generate();
    let author = change.actor().to_owned();
    let campaign = Campaign { id, weakness, name, started: change.at(), author, closed: None };
    rows::add(&change, &campaign).await?;
    let look = looked(ctx, change.at(), Occasion::Start, wards);
    rows::add_look(&change, id, &look).await?;
    let alerts = grouping::gather(&change, id, &campaign.weakness).await?;
    let detail = format!("{}: {}; {alerts} open alerts", campaign.name, in_words(&look));
    change.commit(&campaign.weakness, &detail).await?;
    Ok(Started { id, new: true })
}

/// What the press calls a weakness, where a name means it alone; else its id.
fn usual_name(weakness: &str) -> String {
    let named = nicknames::NICKNAMES.iter().find(|row| row.ids == [weakness] && !row.more);
    named.map_or(weakness, |row| row.name).to_owned()
}

/// Puts an action down in a campaign: for a ward, whose owner it names, or for all devices.
///
/// # Errors
/// [`Error::NotFound`] when there is no such campaign, [`Error::Conflict`] when it is closed, [`Error::Invalid`] when a word is
/// missing or nothing stands in the ward that the campaign is about.
pub async fn assign(ctx: &Context, actor: &Actor, id: CampaignId, new: NewAction) -> Result<ActionId, Error> {
    actor.need(Right::Decide)?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let campaign = open_one(&view, id).await?;
    let new = NewAction { campaign: Some(id), what: words_of(&new, &campaign), ..new };
    actions::check(&new)?;
    let stands = affected::standing(ctx, &fleet, &view, &campaign.weakness).await?;
    let here = proof::places(&fleet, new.ward.as_ref());
    let devices = proof::concerned(&fleet, &stands.marks, here.into_iter());
    if let Some(ward) = new.ward.as_ref().filter(|_| devices.is_empty()) {
        return Err(Error::invalid(format!("nothing in {} is left to see to", place_words(ward))));
    }
    let weakness = known_or_named(stands.weakness, &campaign.weakness);
    drop(view);
    let change = ctx.change(actor, Right::Decide, "campaign.assign").await?;
    let about = actions::About { weakness: Some(&weakness), devices: &devices, ..actions::About::default() };
    let action = actions::put(&change, &new, about).await?;
    rows::add_look(&change, id, &looked(ctx, change.at(), Occasion::Step, stands.wards)).await?;
    let place = new.ward.as_ref().map_or_else(|| "everywhere".to_owned(), place_words);
    let detail = format!("{} until {}: {} ({} devices)", new.owner.trim(), new.due, place, devices.len());
    change.commit(&campaign.weakness, &detail).await?;
    Ok(action)
}

/// What is to be done, where nobody said it in words.
fn words_of(new: &NewAction, campaign: &Campaign) -> String {
    match (new.what.trim(), &new.ward) {
        ("", Some(ward)) => {
            format!("{}: {} in {}", campaign.name, new.kind.row().name, place_words(ward))
        }
        ("", None) => format!("{}: {}", campaign.name, new.kind.row().name),
        (what, _) => what.to_owned(),
    }
}

/// A ward with its site, in words.
pub fn place_words(ward: &Ward) -> String {
    match (ward.ward.as_str(), ward.site.as_str()) {
        ("", "") => "no ward".to_owned(),
        ("", site) => format!("no ward of {site}"),
        (ward, "") => ward.to_owned(),
        (ward, site) => format!("{ward}, {site}"),
    }
}

/// Notes in a campaign that somebody was asked for a fact: an action that waits for the answer.
///
/// # Errors
/// As [`assign`]; [`Error::NotFound`] when the campaign does not ask for the fact, or no longer.
pub async fn ask_whom(
    ctx: &Context,
    actor: &Actor,
    id: CampaignId,
    command: &AskWhom,
) -> Result<ActionId, Error> {
    actor.need(Right::Decide)?;
    let whom = squeezed(&command.whom);
    if whom.is_empty() || whom.chars().count() > LONGEST_NAME {
        return Err(Error::Invalid {
            message: "it does not say who is asked".into(),
            hint: Some("the maker, the ward, a person's office; up to 120 characters".into()),
        });
    }
    let detail = get(ctx, actor, id).await?;
    if detail.campaign.closed.is_some() {
        return Err(is_closed());
    }
    let asked = detail.questions.into_iter().find(|question| question.fact == command.fact);
    let question = asked.ok_or_else(|| Error::not_found("a question of the campaign for this fact"))?;
    let new = NewAction {
        kind: bedrail_model::action::Kind::Ask,
        what: format!("Ask {whom} for {}", question.fact),
        owner: command.owner.clone(),
        due: command.due,
        proof_needed: Some("the answer, recorded where it belongs".into()),
        campaign: Some(id),
        ..NewAction::default()
    };
    actions::check(&new)?;
    let change = ctx.change(actor, Right::Decide, "campaign.ask").await?;
    let asked = Asked { question: question.key.unwrap_or(question.fact.clone()), whom: whom.clone() };
    let about = actions::About { asked: Some(asked), ..actions::About::default() };
    let action = actions::put(&change, &new, about).await?;
    let words = format!("{whom} was asked by {} until {}: {}", new.owner.trim(), new.due, question.fact);
    change.commit(&detail.campaign.weakness, &words).await?;
    Ok(action)
}

/// Ends a campaign with a sentence. What is still open goes on, and is told with the end.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is closed already, [`Error::Invalid`] without a sentence.
pub async fn close(ctx: &Context, actor: &Actor, id: CampaignId, sentence: &str) -> Result<(), Error> {
    actor.need(Right::Decide)?;
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.chars().count() > LONGEST_SENTENCE {
        return Err(Error::Invalid {
            message: "a campaign ends with a sentence of up to 2,000 characters".into(),
            hint: Some("say why it ends, and what becomes of what is still open".into()),
        });
    }
    let detail = get(ctx, actor, id).await?;
    let waits = |stage: Stage| matches!(stage, Stage::Open | Stage::NotShown);
    let open = detail.actions.iter().filter(|row| waits(row.action.stage())).count() as u64;
    let wards =
        detail.wards.iter().map(|row| WardCounts { ward: row.ward.clone(), counts: row.now }).collect();
    let change = ctx.change(actor, Right::Decide, "campaign.close").await?;
    if !rows::close(&change, id, sentence, open).await? {
        return Err(is_closed());
    }
    let look = looked(ctx, change.at(), Occasion::End, wards);
    rows::add_look(&change, id, &look).await?;
    let words = format!("{}; {open} actions still open", in_words(&look));
    change.commit_with(&detail.campaign.weakness, &words, None, Some(sentence.to_owned())).await?;
    Ok(())
}

/// Opens a closed campaign again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is open, or another on the weakness is.
pub async fn reopen(ctx: &Context, actor: &Actor, id: CampaignId) -> Result<(), Error> {
    actor.need(Right::Decide)?;
    let change = ctx.change(actor, Right::Decide, "campaign.reopen").await?;
    let campaign = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    let other = |one: &Campaign| one.closed.is_none() && one.weakness == campaign.weakness;
    if rows::all(&change).await?.iter().any(other) || !rows::reopen(&change, id).await? {
        return Err(Error::Conflict { message: "a campaign on this weakness is open already".into() });
    }
    grouping::gather(&change, id, &campaign.weakness).await?;
    let before = campaign.closed.map(|closed| closed.sentence);
    change.commit_with(&campaign.weakness, &campaign.name, before, Some("open".into())).await?;
    Ok(())
}

/// Lets a campaign have begun earlier, with a history: for the sample hospital alone, which makes one up.
pub(crate) async fn backdate(
    ctx: &Context,
    actor: &Actor,
    id: CampaignId,
    looks: Vec<Look>,
) -> Result<(), Error> {
    let change = ctx.change(actor, Right::Decide, "campaign.backdate").await?;
    let campaign = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    if let Some(first) = looks.first() {
        rows::set_started(&change, id, first.at).await?;
    }
    for look in &looks {
        rows::add_look(&change, id, look).await?;
    }
    let words = format!("a made-up history of {} days, of the sample", looks.len());
    Ok(change.commit(&campaign.weakness, &words).await?)
}

/// Asks for a look after a change that may have moved how campaigns stand; nothing where none is open.
pub(crate) async fn ask(change: &Change) -> Result<(), Error> {
    if rows::is_any_open(change).await? {
        jobs::enqueue_code(change, JOB).await?;
    }
    Ok(())
}

fn missing(id: CampaignId) -> Error {
    Error::not_found(format!("campaign {id}"))
}

fn is_closed() -> Error {
    Error::Conflict { message: "the campaign is closed; open it again first".into() }
}

async fn open_one(view: &View, id: CampaignId) -> Result<Campaign, Error> {
    let campaign = rows::one(view, id).await?.ok_or_else(|| missing(id))?;
    if campaign.closed.is_some() { Err(is_closed()) } else { Ok(campaign) }
}

/// The weakness of a campaign; one that the data does not know has its id and nothing else.
fn known_or_named(known: Option<Weakness>, id: &str) -> Weakness {
    known.unwrap_or_else(|| Weakness { id: id.to_owned(), ..Weakness::default() })
}

/// A look at a moment.
fn looked(ctx: &Context, at: Timestamp, occasion: Occasion, wards: Vec<WardCounts>) -> Look {
    let data = ctx.data_status();
    let day = at.to_zoned(TimeZone::UTC).date();
    // The database keeps microseconds.
    let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
    Look { at, day, occasion, sound: data.complete && !data.starter_only, wards }
}

/// How it stands, for the audit log.
fn in_words(look: &Look) -> String {
    let Counts { affected, cannot_tell, .. } = look.total();
    let data = if look.sound { "" } else { ", vulnerability data not whole" };
    format!("{affected} affected, {cannot_tell} cannot tell{data}")
}
