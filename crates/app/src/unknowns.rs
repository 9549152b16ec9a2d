//! What we do not know: every answer "cannot tell" of an organisation, grouped by the one fact that would settle it, the group
//! that most devices are in first.
//!
//! Each group says what is to be asked and whom; the answer goes where a door for it is (a bill of materials, a decision on a
//! name, a device list), else it is recorded as a fact ([`crate::answered`]) and settles all of them at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bedrail_model::action::{Asked, Kind as ActionKind, State};
use bedrail_model::cpe::Cpe;
use bedrail_model::ids::{ActionId, ReleaseId};
use bedrail_store::{View, actions as rows};
use jiff::Timestamp;

use crate::actions::{self, ActionRow, NewAction};
use crate::fleet::Fleet;
use crate::kept::{self, Kept, Worked};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod gather;

pub(crate) use gather::Gathered;
use gather::Group;

/// What kind of fact is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Kind {
    /// What devices are: a list gives no maker or no model.
    Identity,
    /// Which version of its software a release is: a list does not say.
    ReleaseVersion,
    /// The bill of materials of a release.
    #[default]
    Bill,
    /// The versions of components.
    Versions,
    /// The identifiers of components.
    Identifiers,
    /// The distribution that packages are from.
    Distribution,
    /// The maker's own product names (CPE) of components.
    ProductNames,
    /// Whether a device has or runs something.
    Condition,
    /// The maker's word on weaknesses that no version can be compared with.
    MakersWord,
    /// Vulnerability data that covers a kind of packages.
    Data,
    /// Which product of medical advisories a model is.
    Name,
    /// Whether what a medical advisory asks for holds.
    AdvisoryCondition,
    /// What a medical advisory means.
    AdvisoryWord,
    /// Statements of others that a person has to look at.
    Statements,
}

/// Who knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// The maker.
    Maker,
    /// Who has the devices in hand: the wards, and whoever looks after them.
    Ward,
    /// Whoever works with this program.
    House,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 14] = [
        Kind::Identity,
        Kind::ReleaseVersion,
        Kind::Bill,
        Kind::Versions,
        Kind::Identifiers,
        Kind::Distribution,
        Kind::ProductNames,
        Kind::Condition,
        Kind::MakersWord,
        Kind::Data,
        Kind::Name,
        Kind::AdvisoryCondition,
        Kind::AdvisoryWord,
        Kind::Statements,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::ReleaseVersion => "release_version",
            Kind::Bill => "bill",
            Kind::Versions => "versions",
            Kind::Identifiers => "identifiers",
            Kind::Distribution => "distribution",
            Kind::ProductNames => "product_names",
            Kind::Condition => "condition",
            Kind::MakersWord => "makers_word",
            Kind::Data => "data",
            Kind::Name => "name",
            Kind::AdvisoryCondition => "advisory_condition",
            Kind::AdvisoryWord => "advisory_word",
            Kind::Statements => "statements",
        }
    }

    /// The kind that a code names.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Who knows.
    pub const fn whom(self) -> Whom {
        match self {
            Kind::Identity | Kind::ReleaseVersion | Kind::AdvisoryCondition => Whom::Ward,
            Kind::Bill
            | Kind::Versions
            | Kind::Identifiers
            | Kind::Distribution
            | Kind::ProductNames
            | Kind::Condition
            | Kind::MakersWord
            | Kind::AdvisoryWord => Whom::Maker,
            Kind::Data | Kind::Name | Kind::Statements => Whom::House,
        }
    }
}

impl Whom {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Whom::Maker => "maker",
            Whom::Ward => "ward",
            Whom::House => "house",
        }
    }
}

/// Which groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownFilter {
    /// Words of what is asked and of the releases, all of them.
    pub text: Option<String>,
    /// Only of a kind.
    pub kind: Option<Kind>,
}

/// A group: one fact that nobody knows here.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// What it is found again by.
    pub key: String,
    /// What kind of fact it is.
    pub kind: Kind,
    /// What would settle it: "the bill of materials of Orbis Flow 300 2.1".
    pub fact: String,
    /// The maker, where all of its releases are of one.
    pub maker: Option<String>,
    /// The releases concerned, those with the most devices first, at most twenty.
    pub releases: Vec<(ReleaseId, String)>,
    /// How many releases there are.
    pub release_count: u64,
    /// Maker, model and version, where there is one release.
    pub only: Option<(String, String, Option<String>)>,
    /// Their models: maker and model.
    pub models: Vec<(String, String)>,
    /// Devices that it would settle.
    pub devices: u64,
    /// Weaknesses of which it cannot be told for want of it; `None` where that is every one.
    pub weaknesses: Option<u64>,
    /// Of those, how many are known to be exploited.
    pub exploited: u64,
    /// Some of the weaknesses, the exploited ones first.
    pub some_weaknesses: Vec<String>,
    /// Components that it is about, at most fifty.
    pub components: Vec<String>,
    /// How many components there are.
    pub component_count: u64,
    /// Products that are asked for, as part, vendor and product.
    pub products: Vec<String>,
    /// A medical advisory that it is about, by its id here, and the publisher's.
    pub advisory: Option<(String, String)>,
    /// Who was asked, where somebody was.
    pub asked: Option<ActionRow>,
}

impl Unknown {
    /// The products that are asked for, as names (CPE) of any version.
    pub fn product_names(&self) -> Vec<String> {
        let name = |product: &String| {
            let mut parts = product.splitn(3, ':');
            let (part, vendor, name) = (parts.next()?, parts.next()?, parts.next()?);
            let quoted = |text: &str| {
                let quote = |letter: char| match letter {
                    letter if letter.is_ascii_alphanumeric() || "_.-".contains(letter) => letter.to_string(),
                    letter => format!("\\{letter}"),
                };
                text.chars().map(quote).collect::<String>()
            };
            let name = format!("cpe:2.3:{part}:{}:{}:*:*:*:*:*:*:*:*", quoted(vendor), quoted(name));
            Some(name.parse::<Cpe>().ok()?.to_string())
        };
        self.products.iter().filter_map(name).collect()
    }
}

/// The groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknowns {
    /// A page of them, the group that most devices are in first.
    pub page: Page<Unknown>,
    /// Devices of which something is not known.
    pub devices: u64,
    /// Devices in the organisation.
    pub fleet: u64,
    /// Devices that the first ten groups would settle at least one question of.
    pub first_ten: u64,
    /// Of when it is.
    pub at: Timestamp,
}

/// One group, with where its devices stand.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownDetail {
    /// The group.
    pub unknown: Unknown,
    /// Site, ward and devices, the most devices first; unsaid ones are empty.
    pub wards: Vec<(String, String, u64)>,
    /// Everybody who was asked, the last first.
    pub asked: Vec<ActionRow>,
    /// Every release concerned.
    pub every_release: Vec<ReleaseId>,
}

/// Somebody is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The group's key.
    pub key: String,
    /// Who is asked.
    pub whom: String,
    /// Who follows it up, and until when an answer is expected; the rest of the action is made of the group.
    pub owner: String,
    /// By the end of which day.
    pub due: jiff::civil::Date,
}

impl Worked for Gathered {
    const WHAT: &'static str = "what is not known";

    fn kept(ctx: &Context) -> &Kept<Gathered> {
        &ctx.inner.unknowns
    }

    fn is_small(&self) -> bool {
        self.looked_at <= SMALL
    }

    async fn make(ctx: &Context, fleet: Arc<Fleet>, view: &View) -> Result<Gathered, Error> {
        Gathered::make(ctx, fleet, view).await
    }
}

/// Findings and components that are gathered within some hundred milliseconds.
const SMALL: u64 = 40_000;
/// Groups of the list's first page, which the headline speaks of.
const FIRST: usize = 10;

/// What is not known, the group that most devices are in first.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &UnknownFilter,
    page: &PageRequest,
) -> Result<Unknowns, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let made = kept::get::<Gathered>(ctx, &fleet, &view).await?;
    let asked = asked(ctx, &view).await?;
    let gathered = &made.value;
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let wanted = |group: &&Group| {
        filter.kind.is_none_or(|kind| group.kind == kind)
            && (words.is_empty() || {
                let searched = group.searched(&fleet);
                words.iter().all(|word| searched.contains(word))
            })
    };
    let total = gathered.groups.iter().filter(wanted).count() as u64;
    let offset = page.skip_counted()?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let shown = gathered.groups.iter().filter(wanted).skip(skip).take(page.rows());
    let rows: Vec<Unknown> = shown.map(|group| unknown(&fleet, group, &asked)).collect();
    Ok(Unknowns {
        page: Page::counted(rows, total, offset),
        devices: gathered.devices,
        fleet: fleet.devices.list.len() as u64,
        first_ten: gather::devices_of(&fleet, gathered.groups.iter().take(FIRST)),
        at: made.at,
    })
}

/// One group, by its key.
///
/// # Errors
/// [`Error::NotFound`] when nothing is unknown by this key, or no longer.
pub async fn get(ctx: &Context, actor: &Actor, key: &str) -> Result<UnknownDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let made = kept::get::<Gathered>(ctx, &fleet, &view).await?;
    let mut asked = asked(ctx, &view).await?;
    let found = made.value.groups.iter().find(|group| group.key == key);
    let group = found.ok_or_else(|| Error::not_found(format!("something unknown by the key {key}")))?;
    let unknown = unknown(&fleet, group, &asked);
    let release = |(at, _): (u32, _)| fleet.products.releases[at as usize].row.id;
    Ok(UnknownDetail {
        wards: wards(&fleet, group),
        asked: asked.remove(key).unwrap_or_default(),
        every_release: group.releases(&fleet).into_iter().map(release).collect(),
        unknown,
    })
}

/// Notes that somebody was asked: an action that waits for the answer.
///
/// # Errors
/// [`Error::NotFound`] when nothing is unknown by this key, [`Error::Invalid`] when a word is missing.
pub async fn ask(ctx: &Context, actor: &Actor, command: &Ask) -> Result<ActionId, Error> {
    actor.need(Right::Decide)?;
    let whom = command.whom.trim();
    if whom.is_empty() || whom.chars().count() > 200 {
        return Err(Error::Invalid {
            message: "it does not say who is asked".into(),
            hint: Some("the maker, the ward, a person's office; up to 200 characters".into()),
        });
    }
    let detail = get(ctx, actor, &command.key).await?;
    let new = NewAction {
        what: format!("Ask {whom} for {}", detail.unknown.fact),
        owner: command.owner.clone(),
        due: command.due,
        proof_needed: Some("the answer, recorded where it belongs".into()),
        kind: ActionKind::Ask,
        ..NewAction::default()
    };
    actions::check(&new)?;
    let change = ctx.change(actor, Right::Decide, "unknown.ask").await?;
    let asked = Asked { question: command.key.clone(), whom: whom.to_owned() };
    let id = actions::put(&change, &new, actions::About { asked: Some(asked), ..Default::default() }).await?;
    let words = format!("{whom} was asked by {} until {}", new.owner.trim(), new.due);
    change.commit(&detail.unknown.fact, &words).await?;
    Ok(id)
}

/// Actions that wait or waited for an answer, by the question's key, the last first.
async fn asked(ctx: &Context, view: &View) -> Result<HashMap<String, Vec<ActionRow>>, Error> {
    let now = ctx.clock.now();
    let mut found: HashMap<String, Vec<ActionRow>> = HashMap::new();
    for action in rows::all(view).await? {
        let Some(asked) = &action.asked else { continue };
        found.entry(asked.question.clone()).or_default().push(ActionRow::of(action, now));
    }
    found.values_mut().for_each(|rows| rows.sort_by_key(|row| std::cmp::Reverse(row.action.id)));
    Ok(found)
}

fn unknown(fleet: &Fleet, group: &Group, asked: &HashMap<String, Vec<ActionRow>>) -> Unknown {
    let releases = group.releases(fleet);
    let row = |at: u32| &fleet.products.releases[at as usize];
    let mut models: Vec<(String, String)> =
        releases.iter().map(|(at, _)| (row(*at).row.maker.clone(), row(*at).row.model.clone())).collect();
    models.sort();
    models.dedup();
    let mut makers = releases.iter().map(|(at, _)| row(*at).row.maker.as_str());
    let maker = makers.next().filter(|first| makers.all(|maker| maker.eq_ignore_ascii_case(first)));
    let open = asked.get(&group.key).and_then(|rows| rows.iter().find(|row| row.action.state == State::Open));
    Unknown {
        key: group.key.clone(),
        kind: group.kind,
        fact: group.fact.clone(),
        maker: maker.map(str::to_owned),
        release_count: releases.len() as u64,
        only: match releases.as_slice() {
            [(at, _)] => {
                let row = &row(*at).row;
                Some((row.maker.clone(), row.model.clone(), row.version.clone()))
            }
            _ => None,
        },
        models,
        releases: releases
            .iter()
            .take(gather::RELEASES)
            .map(|(at, _)| (row(*at).row.id, row(*at).name.clone()))
            .collect(),
        devices: group.devices,
        weaknesses: (!group.is_about_all()).then_some(group.weaknesses),
        exploited: group.exploited,
        some_weaknesses: group.some_weaknesses.clone(),
        components: group.components.clone(),
        component_count: group.component_count,
        products: group.products.clone(),
        advisory: group.advisory.clone(),
        asked: open.cloned(),
    }
}

/// Where the devices of a group stand.
fn wards(fleet: &Fleet, group: &Group) -> Vec<(String, String, u64)> {
    let mut places: BTreeMap<u32, u64> = BTreeMap::new();
    for device in &fleet.devices.briefs {
        if group.classes.binary_search(&device.class).is_ok() {
            *places.entry(device.place).or_default() += 1;
        }
    }
    let named = |(place, devices): (u32, u64)| {
        let place = &fleet.devices.places[place as usize];
        (place.site.to_string(), place.ward.to_string(), devices)
    };
    let mut wards: Vec<(String, String, u64)> = places.into_iter().map(named).collect();
    wards.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    wards
}
