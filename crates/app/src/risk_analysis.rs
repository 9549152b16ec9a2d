//! The risk analysis (45 CFR 164.308(a)(1)(ii)(A)) on the inventory of today: products, what they hold, threats, the weaknesses that
//! findings show, and how people judge them. Signing freezes all of it as one document, known by its SHA-256.
//!
//! Lines are proposed by facts; nobody's judgement is filled in. A line that nobody graded is unknown, and stands first.

use std::collections::BTreeMap;

use bedrail_comply::risk as core;
use bedrail_model::device::Exposure;
use bedrail_model::ids::ActionId;
use bedrail_model::text::squeezed;
use bedrail_store::actions;
use bedrail_store::risk::{self as rows, HoldingRow, LineRow};
use jiff::Timestamp;
use jiff::civil::Date;

pub use bedrail_comply::risk::{Grade, Level, Treatment};
pub use bedrail_store::risk::{BroughtRow, SignedRow};
pub use covered::Covered;
pub(crate) use covered::newest;
pub use sign::{document, sign};

use crate::fleet::Fleet;
use crate::rights::Right;
use crate::typed::text_within;
use crate::{Actor, Context, Error};

mod covered;
mod sign;

/// The longest name of a product, an owner, a scope, in characters.
const LONGEST_NAME: usize = 240;
/// The longest text.
const LONGEST_TEXT: usize = 4_000;

/// A product of the inventory: all devices of one maker and model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asset {
    /// Maker and model.
    pub name: String,
    /// Its devices.
    pub devices: u64,
    /// Whether they hold patient data; nothing where nobody said.
    pub holds: Option<bool>,
    /// What they hold, and where that is known from.
    pub holds_what: String,
    /// Devices that face the outside, as declared or seen.
    pub outside: u64,
    /// Devices in a flat network.
    pub flat: u64,
    /// Devices of which nobody says how far they can be reached from.
    pub reach_unknown: u64,
    /// Devices with a weakness that affects them.
    pub affected: u64,
    /// Devices with one that is known to be exploited.
    pub known_exploited: u64,
    /// Devices without a bill of materials, or with findings of which it cannot be told.
    pub unclear: u64,
}

/// A threat, and when the inventory points to it.
#[derive(Debug, Clone, Copy)]
pub struct Threat {
    /// The stable code.
    pub code: &'static str,
    /// In words.
    pub words: &'static str,
    /// Why a line of it is proposed for a product; nothing where no fact points to it.
    points: fn(&Asset) -> Option<String>,
}

fn of(count: u64, asset: &Asset, words: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} of {} devices {words}", asset.devices))
}

fn may_hold(asset: &Asset, words: &str) -> Option<String> {
    match asset.holds {
        Some(true) => Some(format!("they hold patient data{}; {words}", with(&asset.holds_what))),
        Some(false) => None,
        None => Some(format!("nobody said whether they hold patient data; {words}")),
    }
}

fn with(what: &str) -> String {
    if what.is_empty() { String::new() } else { format!(" ({what})") }
}

/// The threats that are looked at. Ours; a house adds lines of its own by judging any of them for any product.
pub const THREATS: &[Threat] = &[
    Threat {
        code: "exploited_weakness",
        words: "A known weakness is exploited",
        points: |asset| {
            of(asset.known_exploited, asset, "have a weakness that is known to be exploited")
                .or_else(|| of(asset.affected, asset, "have a weakness that affects them"))
        },
    },
    Threat {
        code: "unknown_software",
        words: "A weakness that nobody can see, for the software is not known",
        points: |asset| {
            of(asset.unclear, asset, "have no bill of materials, or findings that cannot be told")
        },
    },
    Threat {
        code: "outside_access",
        words: "Somebody comes in from outside, a vendor's remote access included",
        points: |asset| of(asset.outside, asset, "face the outside"),
    },
    Threat {
        code: "ransomware",
        words: "Malware spreads through the network, ransomware above all",
        points: |asset| {
            of(asset.flat, asset, "stand in a flat network")
                .or_else(|| of(asset.reach_unknown, asset, "are reached from nobody knows where"))
        },
    },
    Threat {
        code: "loss_or_theft",
        words: "A device or its storage is lost or stolen",
        points: |asset| may_hold(asset, "it goes with the device"),
    },
    Threat {
        code: "disposal",
        words: "It is given away or reused with data on it",
        points: |asset| may_hold(asset, "it stays on media"),
    },
    Threat {
        code: "insider",
        words: "Somebody inside looks at or takes what is not theirs",
        points: |_| None,
    },
    Threat {
        code: "failure",
        words: "It fails when it is needed: power, network, server, update",
        points: |_| None,
    },
];

impl Threat {
    /// The threat that a code names.
    pub fn from_code(code: &str) -> Option<&'static Threat> {
        THREATS.iter().find(|row| row.code == code)
    }
}

/// How somebody judged a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Likelihood, impact, treatment, measures, plan.
    pub line: core::Line,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// A line: a threat to a product.
#[derive(Debug, Clone)]
pub struct RiskLine {
    /// The product.
    pub asset: String,
    /// Whether the product holds patient data; nothing where nobody said.
    pub holds: Option<bool>,
    /// The threat.
    pub threat: &'static Threat,
    /// What the inventory shows; empty where a person added the line.
    pub shows: String,
    /// The judgement, where there is one.
    pub judged: Option<Judged>,
    /// The level before measures.
    pub inherent: Level,
    /// What stays.
    pub residual: Level,
    /// Whether its day is past.
    pub overdue: bool,
}

/// The analysis as it stands.
#[derive(Debug, Clone)]
pub struct RiskAnalysis {
    /// Products, those with most devices first.
    pub assets: Vec<Asset>,
    /// Lines: unknown ones first, then the worst.
    pub lines: Vec<RiskLine>,
    /// Lines by the level that stays: low, moderate, high, critical, unknown.
    pub counts: [u64; 5],
    /// All signed analyses, the newest first.
    pub signed: Vec<SignedRow>,
    /// How the newest stands.
    pub covered: Option<Covered>,
    /// Threats of the newest workbook that was brought from elsewhere, with the level before measures.
    pub brought: Vec<(BroughtRow, Level)>,
    /// What is signed by who signs it as it stands here: the SHA-256 of products and lines, in hexadecimal. Another judgement, a
    /// finding or a device more make it another one.
    pub seen: String,
    /// When it was looked at.
    pub at: Timestamp,
}

const LEVELS: [Level; 5] = [Level::Low, Level::Moderate, Level::High, Level::Critical, Level::Unknown];

impl Asset {
    /// The devices of another release of the same product.
    const fn add(&mut self, more: &Asset) {
        self.devices += more.devices;
        self.outside += more.outside;
        self.flat += more.flat;
        self.reach_unknown += more.reach_unknown;
        self.affected += more.affected;
        self.known_exploited += more.known_exploited;
        self.unclear += more.unclear;
    }
}

fn assets(fleet: &Fleet, holdings: &[HoldingRow]) -> Vec<Asset> {
    // Counted by release first: thousands of releases, a hundred thousand devices.
    let mut counted = vec![Asset::default(); fleet.products.releases.len()];
    for brief in &fleet.devices.briefs {
        let asset = &mut counted[fleet.products.release_of[brief.class as usize] as usize];
        let class = fleet.class(brief);
        asset.devices += 1;
        asset.outside += u64::from(brief.exposure == Exposure::Outside);
        asset.flat += u64::from(brief.exposure == Exposure::Flat);
        asset.reach_unknown += u64::from(brief.exposure == Exposure::Unknown);
        asset.affected += u64::from(class.affected > 0);
        asset.known_exploited += u64::from(class.known_exploited > 0);
        asset.unclear += u64::from(fleet.is_blind(brief.class) || class.cannot_tell > 0);
    }
    let mut all: BTreeMap<String, Asset> = BTreeMap::new();
    let releases = fleet.products.releases.iter().zip(counted);
    for (release, of_release) in releases.filter(|(_, counted)| counted.devices > 0) {
        let name = squeezed(&format!("{} {}", release.row.maker, release.row.model));
        let asset =
            all.entry(name.clone()).or_insert_with(|| Asset { name: name.clone(), ..Asset::default() });
        asset.add(&of_release);
    }
    for said in holdings {
        if let Some(asset) = all.get_mut(&said.asset) {
            asset.holds = Some(said.holds);
            let parts = [said.what.as_str(), said.source.as_str()];
            asset.holds_what = parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ");
        }
    }
    let mut all: Vec<Asset> = all.into_values().collect();
    all.sort_by(|a, b| b.devices.cmp(&a.devices).then_with(|| a.name.cmp(&b.name)));
    all
}

fn judged(row: &LineRow, asset: &Asset, threat: &'static Threat, shows: &str) -> Judged {
    let grade = |code: &Option<String>| code.as_deref().and_then(Grade::from_code);
    let line = core::Line {
        asset: asset.name.clone(),
        holds_ephi: asset.holds,
        threat: threat.words.to_owned(),
        vulnerability: shows.to_owned(),
        likelihood: grade(&row.likelihood),
        impact: grade(&row.impact),
        treatment: Treatment::from_code(&row.treatment).unwrap_or(Treatment::Undecided),
        measures: row.measures.lines().map(str::to_owned).collect(),
        likelihood_after: grade(&row.likelihood_after),
        impact_after: grade(&row.impact_after),
        plan: (!row.owner.is_empty()).then(|| core::Plan {
            owner: row.owner.clone(),
            due: row.due.map(|day| day.to_string()),
            action: row.action.map(|id| id.to_string()),
            reason: row.reason.clone(),
        }),
    };
    Judged { line, at: row.at, by: row.author.clone() }
}

fn lines(assets: &[Asset], said: &[LineRow], today: Date) -> Vec<RiskLine> {
    let newest: BTreeMap<(&str, &str), &LineRow> =
        said.iter().map(|row| ((row.asset.as_str(), row.threat.as_str()), row)).collect();
    let mut all = Vec::new();
    for asset in assets {
        for threat in THREATS {
            let shows = (threat.points)(asset);
            let row = newest.get(&(asset.name.as_str(), threat.code));
            if shows.is_none() && row.is_none() {
                continue;
            }
            let shows = shows.unwrap_or_default();
            let it = row.map(|row| judged(row, asset, threat, &shows));
            all.push(RiskLine {
                asset: asset.name.clone(),
                holds: asset.holds,
                threat,
                inherent: it.as_ref().map_or(Level::Unknown, |it| it.line.inherent()),
                residual: it.as_ref().map_or(Level::Unknown, |it| it.line.residual()),
                overdue: row.and_then(|row| row.due).is_some_and(|due| due < today),
                judged: it,
                shows,
            });
        }
    }
    // Assets come with the most devices first, and the order among equals stays.
    all.sort_by_key(|line| std::cmp::Reverse(line.residual));
    all
}

/// The analysis as it stands.
///
/// # Errors
/// When the database cannot be used.
pub async fn get(ctx: &Context, actor: &Actor) -> Result<RiskAnalysis, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let assets = assets(&fleet, &rows::holdings(&view).await?);
    let lines = lines(&assets, &rows::lines(&view).await?, ctx.clock.today());
    let signed = rows::signed(&view).await?;
    let brought = rows::brought(&view).await?;
    drop(view);
    let covered = match signed.last() {
        None => None,
        Some(row) => Some(covered::beside(ctx, &fleet, row).await?),
    };
    let brought: Vec<(BroughtRow, Level)> = brought
        .into_iter()
        .map(|row| (sign::brought_line(&row).inherent(), row))
        .map(|(level, row)| (row, level))
        .collect();
    let count = |level: &Level| lines.iter().filter(|line| line.residual == *level).count() as u64;
    Ok(RiskAnalysis {
        counts: LEVELS.each_ref().map(count),
        signed: signed.into_iter().rev().collect(),
        covered,
        seen: sign::seen(&assets, &lines, &brought)?,
        brought,
        assets,
        lines,
        at: ctx.clock.now(),
    })
}

/// What somebody says of what a product holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declare {
    /// The product, as the analysis names it.
    pub asset: String,
    /// Whether its devices hold patient data.
    pub holds: bool,
    /// What they hold.
    pub what: String,
    /// Where that is known from: a maker's form, a manual, a look at the device.
    pub source: String,
}

/// A judgement of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judge {
    /// The product, as the analysis names it.
    pub asset: String,
    /// The threat's code.
    pub threat: String,
    /// How likely.
    pub likelihood: Grade,
    /// How bad.
    pub impact: Grade,
    /// What is done.
    pub treatment: Treatment,
    /// Measures in place, one on a line.
    pub measures: String,
    /// How likely with them.
    pub likelihood_after: Option<Grade>,
    /// How bad with them.
    pub impact_after: Option<Grade>,
    /// Who sees to it.
    pub owner: String,
    /// Until when it is done, or an accepted risk looked at again.
    pub due: Option<Date>,
    /// The action that carries it out.
    pub action: Option<ActionId>,
    /// Why.
    pub reason: String,
}

fn needed(what: &str, given: &str, most: usize) -> Result<String, Error> {
    match text_within(what, given, most)? {
        text if text.is_empty() => Err(Error::invalid(format!("{what} is missing"))),
        text => Ok(text),
    }
}

async fn known_asset(ctx: &Context, actor: &Actor, name: &str) -> Result<String, Error> {
    actor.need(Right::KeepProgramme)?;
    let name = needed("the product", name, LONGEST_NAME)?;
    let (fleet, _) = ctx.fleet(actor, Right::SeeFleet).await?;
    let there = assets(&fleet, &[]).into_iter().any(|asset| asset.name == name);
    if there { Ok(name) } else { Err(Error::not_found(format!("product {name:?}"))) }
}

/// Says whether the devices of a product hold patient data. The newest word counts; earlier ones stay.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for a product that no device is of, [`Error::Invalid`] without a source.
pub async fn declare(ctx: &Context, actor: &Actor, new: &Declare) -> Result<(), Error> {
    let asset = known_asset(ctx, actor, &new.asset).await?;
    let what = text_within("what it holds", &new.what, LONGEST_NAME)?;
    let source = needed("where that is known from", &new.source, LONGEST_NAME)?;
    let change = ctx.change(actor, Right::KeepProgramme, "risk.declare").await?;
    let row = HoldingRow {
        asset: asset.clone(),
        holds: new.holds,
        what,
        source,
        at: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add_holding(&change, &row).await?;
    let said = if row.holds { "holds patient data" } else { "holds no patient data" };
    Ok(change.commit(&asset, &format!("{said}: {}", row.source)).await?)
}

/// Judges a line. The newest judgement counts; earlier ones stay.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for a product, threat or action that is not there, [`Error::Invalid`] for a treatment that nobody
/// sees to, or a lower risk without a measure.
pub async fn judge(ctx: &Context, actor: &Actor, new: &Judge) -> Result<(), Error> {
    let asset = known_asset(ctx, actor, &new.asset).await?;
    let threat = Threat::from_code(new.threat.trim())
        .ok_or_else(|| Error::not_found(format!("threat {:?}", new.threat)))?;
    let measures = text_within("the measures", &new.measures, LONGEST_TEXT)?;
    let owner = text_within("who sees to it", &new.owner, LONGEST_NAME)?;
    let reason = needed("the reason", &new.reason, LONGEST_TEXT)?;
    if new.treatment != Treatment::Undecided && (owner.is_empty() || new.due.is_none()) {
        return Err(Error::Invalid {
            message: "a treatment has somebody who sees to it, and a day".to_owned(),
            hint: Some("an accepted risk is looked at again on its day".into()),
        });
    }
    if measures.is_empty() && (new.likelihood_after.is_some() || new.impact_after.is_some()) {
        return Err(Error::invalid("a risk that was lowered names the measure that lowers it"));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "risk.judge").await?;
    if let Some(id) = new.action
        && actions::one(&change, id).await?.is_none()
    {
        return Err(Error::not_found(format!("action {id}")));
    }
    let row = LineRow {
        asset: asset.clone(),
        threat: threat.code.to_owned(),
        likelihood: Some(new.likelihood.code().to_owned()),
        impact: Some(new.impact.code().to_owned()),
        treatment: new.treatment.code().to_owned(),
        measures,
        likelihood_after: new.likelihood_after.map(|it| it.code().to_owned()),
        impact_after: new.impact_after.map(|it| it.code().to_owned()),
        owner,
        due: new.due,
        action: new.action,
        reason,
        at: change.at(),
        author: change.actor().to_owned(),
    };
    rows::add_line(&change, &row).await?;
    let detail = format!(
        "{}: likelihood {}, impact {}, {}",
        threat.code,
        new.likelihood.code(),
        new.impact.code(),
        new.treatment.code()
    );
    Ok(change.commit(&asset, &detail).await?)
}
