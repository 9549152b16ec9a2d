//! The main question: which of my devices are affected?
//!
//! What a row's answer means depends on what was asked.
//! * A **weakness**: what the findings say of the device's class, those of the weakness itself and those of the advisories
//!   that mention it (a distribution's advisory fixes several CVEs under an id of its own). A release without a bill of
//!   materials, and a component that cannot be judged but bears the name of a package that the records speak of, cannot
//!   be told.
//!   A medical advisory or a list that names the product itself has its say: that it is affected counts at once, what it
//!   leaves open is asked, and that it is not affected stands beside the answer as evidence.
//! * A **medical advisory** by its own id, where nothing else goes by it: what it says of the releases that it names.
//!   Where the id means something here or to other records, that is answered, and the advisory has its say beside it.
//! * A **package or a component name**: every device that contains it is listed, and the answer is what is known of the
//!   component: affected where any weakness affects it, cannot tell where that is all that can be said, not affected
//!   where nothing held speaks against it. `totals.affected` counts devices that contain it, whatever the answer.
//!   Releases without a bill of materials cannot be told here either: they may contain it.
//! * A **maker**: all its devices, each with the worst that is known of it.
//! * **Several weaknesses**, in a pasted text or by a name that the press gave them: the most pressing of what the known
//!   ones say, and each by itself. Of a weakness that the data does not know only what advisories say of products counts
//!   beside them; it would make every device "cannot tell".
//!
//! Totals, wards and unknowns speak of the whole question; the filters narrow `rows` and `matching` only.

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::campaign::WardCounts;
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::finding::{Evidence, Weakness};
use bedrail_model::ids::{DeviceId, ReleaseId, SoftwareId};
use jiff::Timestamp;

use bedrail_store::View;
use bedrail_store::devices::{self, DeviceRow};
use bedrail_store::software::{self, JudgementDetail};
use std::collections::{HashMap, HashSet};

use crate::decisions::Brief;
use crate::exposure::{DeviceReach, reach};
use crate::firewall::{self, Between};
use crate::fleet::Fleet;
use crate::names::{Deciders, Identified};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

pub(crate) mod ids;
pub(crate) mod marks;
pub mod nicknames;
mod on_it;
mod selection;
mod several;
mod understand;

pub(crate) use marks::{Mark, Marks, weakness as weakness_marks};
use nicknames::Nickname;
use selection::Selection;
use understand::Asked;

/// What was asked, as a person typed it: a weakness id, a purl (with or without version), a component name, a maker,
/// or pasted text that holds weakness ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// The text.
    pub text: String,
    /// Only devices with this exposure.
    pub exposure: Option<Exposure>,
    /// Only this answer; `None` is affected and cannot tell.
    pub answer: Option<Answer>,
    /// Only this site.
    pub site: Option<String>,
    /// Only this ward.
    pub ward: Option<String>,
    /// Only devices with (true) or without (false) an owner.
    pub owned: Option<bool>,
}

/// How the question was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Understood {
    /// As a weakness that the data knows (or that findings are held for).
    Weakness(Box<Weakness>),
    /// As a weakness id that the data held does not know: of no device can it be told.
    UnknownWeakness(String),
    /// As several weaknesses.
    Several {
        /// Each, in the order of the text.
        each: Vec<OneOfSeveral>,
        /// Ids in the text beyond those, which were not looked at.
        left_out: u64,
    },
    /// As a package by purl: everything that contains it, whatever the version unless the purl has one.
    Package(String),
    /// As a component name, or part of one: how many different names it met, and some of them.
    ComponentName {
        /// The text looked for.
        text: String,
        /// Names met, the most frequent first, at most 20.
        names: Vec<String>,
        /// How many names were met in all.
        count: u64,
    },
    /// As a maker: all devices of it.
    Maker(String),
}

/// One of several weaknesses.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOfSeveral {
    /// Its id.
    pub id: String,
    /// What it is; `None` where the data held does not know it.
    pub weakness: Option<Weakness>,
    /// Its own totals.
    pub totals: Totals,
}

/// Weaknesses named in one reading.
const READING: usize = 5;

/// How a part of the question was read, where that needs saying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A name that the press gave to weaknesses.
    Nickname(&'static Nickname),
    /// A name of weaknesses that something here bears, too; it was read as the latter.
    AlsoNickname(&'static Nickname),
    /// The id of an advisory that names products.
    Advisory {
        /// Its id.
        id: String,
        /// Weaknesses that it speaks of.
        weaknesses: Vec<String>,
    },
    /// The id of an advisory that means something else here, too; it was read as the latter.
    AlsoAdvisory(String),
    /// Something that is not written as ids are.
    Mended {
        /// As it was typed.
        typed: String,
        /// As it was read.
        id: String,
    },
}

impl Reading {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Reading::Nickname(nickname) => nickname.sentence(),
            Reading::AlsoNickname(nickname) => {
                format!("As the name of a weakness: {} Ask for it by its id.", nickname.sentence())
            }
            Reading::Advisory { id, weaknesses } => {
                let mut told =
                    format!("{id} is an advisory: listed is what it says of the products that it names");
                match weaknesses.as_slice() {
                    [] => told.push('.'),
                    some => {
                        let shown =
                            some.iter().take(READING).map(String::as_str).collect::<Vec<_>>().join(", ");
                        let more = some.len().saturating_sub(READING);
                        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                        told.push_str(&format!(
                            "; whether something else contains the weakness is another question: {shown}{more}."
                        ));
                    }
                }
                told
            }
            Reading::AlsoAdvisory(id) => {
                format!(
                    "An advisory goes by the name {id}, too; what it says is among the medical advisories."
                )
            }
            Reading::Mended { typed, id } => format!("“{typed}” was read as {id}."),
        }
    }
}

/// Totals over all devices that match, exact, whatever the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Devices that are affected (or contain the component, for a package or a name).
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Affected devices that face the outside.
    pub affected_outside: u64,
    /// Affected devices without an owner, and without anybody who has an open action about the weakness that covers them.
    pub affected_without_owner: u64,
    /// Wards with at least one affected device.
    pub affected_wards: u64,
    /// Affected or cannot-tell devices that face the outside.
    pub outside: u64,
    /// Affected or cannot-tell devices without either.
    pub without_owner: u64,
    /// Wards with at least one of them.
    pub wards: u64,
    /// Sites with at least one of them.
    pub sites: u64,
    /// Affected devices for which it is decided what is done, or that the risk is accepted.
    pub handled: u64,
    /// Devices that would be affected, or cannot tell, but for a decision that says otherwise.
    pub ruled_out: u64,
    /// Devices in the whole organisation.
    pub fleet: u64,
}

/// One ward on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WardBlock {
    /// Site.
    pub site: String,
    /// Ward.
    pub ward: String,
    /// Devices in the ward.
    pub devices: u64,
    /// Affected ones.
    pub affected: u64,
    /// Cannot tell.
    pub cannot_tell: u64,
    /// Affected or cannot tell, and facing the outside.
    pub outside: u64,
}

/// One device of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedDevice {
    /// Id.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// What the lists say: place, owner, maker, model, version; exposure as declared or seen.
    pub facts: DeviceFacts,
    /// How far it can be reached from, and who says so since when.
    pub reach: DeviceReach,
    /// Its release.
    pub release: ReleaseId,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// The component; `None` where the release has no bill of materials.
    pub component: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its purl.
    pub purl: Option<String>,
    /// Names on the way from the release down to the component, the component last.
    pub path: Vec<String>,
    /// Versions that fix it.
    pub fixed_in: Vec<String>,
    /// Records that had a say.
    pub evidence: Vec<Evidence>,
    /// Of the weaknesses asked for, those that affect the device.
    pub affected_by: Vec<String>,
    /// What was decided for it.
    pub decision: Option<Brief>,
    /// Who said what the component is, where its bill gives a name alone.
    pub identified: Option<Identified>,
    /// Firewalls that stand in front of it, and whether they shield what it is affected by. They change no answer.
    pub between: Vec<Between>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// How the question was understood.
    pub understood: Understood,
    /// How parts of it were read, where that needs saying.
    pub readings: Vec<Reading>,
    /// Exact totals.
    pub totals: Totals,
    /// Every ward of the organisation with its share, for the map.
    pub wards: Vec<WardBlock>,
    /// This page of devices: the most exposed first, then affected before cannot tell, then by place and name.
    pub rows: Vec<AffectedDevice>,
    /// Devices that match the filters, exactly: the length of the whole list.
    pub matching: u64,
    /// Rows skipped before the first of these.
    pub offset: u64,
    /// What asks for the page after this one; `None` at the end.
    pub next: Option<String>,
    /// Why it cannot be told, grouped by the one fact that would settle most devices: reason, what would settle it
    /// ("the bill of materials of Orbis Flow 300 2.1"), devices.
    pub unknowns: Vec<(Reason, String, u64)>,
    /// How old and whole the data behind this is.
    pub data: DataStatus,
}

/// Answers the main question.
///
/// # Errors
/// [`Error::Invalid`] for an empty question.
pub async fn ask(
    ctx: &Context,
    actor: &Actor,
    question: &Question,
    page: &PageRequest,
) -> Result<Affected, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let (asked, readings) = understand::read(ctx, &fleet, &view, &question.text).await?;
    let told = tell(ctx, &fleet, &view, asked).await?;
    let selection = Selection::of(&fleet, &told.marks, question);
    let (offset, shown) = selection.page(&fleet, page)?;
    let mut rows = rows(&fleet, &view, &told, &shown, ctx.clock.now()).await?;
    stand_between(ctx, &fleet, &view, &told, &mut rows).await?;
    let rows = Page::of(rows, selection.matching(), offset, |row: &AffectedDevice| row.device.to_string());
    let unknowns = unknowns(&fleet, &view, &told, selection.totals.cannot_tell).await?;
    Ok(Affected {
        totals: selection.totals,
        matching: rows.total,
        offset: rows.offset,
        next: rows.next,
        wards: selection.wards(&fleet),
        understood: told.understood,
        readings,
        unknowns,
        rows: rows.rows,
        data: ctx.inner.judge.status(ctx.clock.now()),
    })
}

/// What a question finds of one device, whatever its answer; `None` where nothing is said of it.
///
/// # Errors
/// [`Error::Invalid`] for an empty question.
pub async fn of_device(
    ctx: &Context,
    actor: &Actor,
    text: &str,
    device: DeviceId,
) -> Result<(Understood, Option<AffectedDevice>), Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let (asked, _) = understand::read(ctx, &fleet, &view, text).await?;
    let told = tell(ctx, &fleet, &view, asked).await?;
    let mut found = rows(&fleet, &view, &told, &[device], ctx.clock.now()).await?;
    stand_between(ctx, &fleet, &view, &told, &mut found).await?;
    Ok((told.understood, found.pop()))
}

/// Says what stands in front of the devices shown. A shield is one against what was asked for.
async fn stand_between(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    told: &Told,
    rows: &mut [AffectedDevice],
) -> Result<(), Error> {
    let standing = firewall::standing(ctx, view, fleet).await?;
    if standing.is_empty() {
        return Ok(());
    }
    let names: Vec<(String, Vec<String>)> = match &told.understood {
        Understood::Weakness(weakness) => vec![(weakness.id.clone(), weakness.aliases.clone())],
        Understood::UnknownWeakness(id) => vec![(id.clone(), Vec::new())],
        Understood::Several { each, .. } => {
            let aliases = |one: &OneOfSeveral| one.weakness.as_ref().map(|it| it.aliases.clone());
            each.iter().map(|one| (one.id.clone(), aliases(one).unwrap_or_default())).collect()
        }
        _ => Vec::new(),
    };
    for row in rows {
        let affects = |id: &String| row.affected_by.is_empty() || row.affected_by.contains(id);
        let here = names.iter().filter(|(id, _)| affects(id));
        let here: Vec<(&str, &[String])> =
            here.map(|(id, aliases)| (id.as_str(), aliases.as_slice())).collect();
        row.between = standing.before(row.device, &here);
    }
    Ok(())
}

/// What is said of each class, and by which weakness.
struct Told {
    understood: Understood,
    marks: Marks,
    /// What each weakness says; empty where things were asked for.
    by_weakness: Vec<(String, Marks)>,
}

async fn tell(ctx: &Context, fleet: &Fleet, view: &View, asked: Asked) -> Result<Told, Error> {
    let of = |understood, marks| Told { understood, marks, by_weakness: Vec::new() };
    Ok(match asked {
        Asked::Weakness(weakness) => {
            let marks = marks::weakness(ctx, fleet, view, &weakness.id).await?;
            let by_weakness = vec![(weakness.id.clone(), marks.clone())];
            Told { understood: Understood::Weakness(weakness), marks, by_weakness }
        }
        Asked::UnknownWeakness(id) => {
            let marks = marks::unknown_weakness(ctx, fleet, view, &id).await?;
            of(Understood::UnknownWeakness(id), marks)
        }
        Asked::Advisory(advisory, said) => of(Understood::Weakness(advisory), marks::advisory(fleet, said)),
        Asked::Several { weaknesses, left_out } => {
            several::tell(ctx, fleet, view, weaknesses, left_out).await?
        }
        Asked::Software { understood, software } => {
            let marks = marks::software(fleet, &software, &name_asked(&understood));
            of(understood, marks)
        }
        Asked::Maker { name, releases } => of(Understood::Maker(name), marks::maker(fleet, &releases)),
    })
}

/// The name of the component that was asked for.
fn name_asked(understood: &Understood) -> String {
    match understood {
        Understood::Package(purl) => {
            let path = purl.split(['@', '?', '#']).next().unwrap_or_default();
            path.rsplit('/').next().unwrap_or_default().to_owned()
        }
        Understood::ComponentName { text, .. } => text.clone(),
        _ => String::new(),
    }
}

/// The devices that a question finds, its filters applied, whatever the page.
pub(crate) async fn devices_found(
    ctx: &Context,
    actor: &Actor,
    question: &Question,
) -> Result<Vec<DeviceId>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let (asked, _) = understand::read(ctx, &fleet, &view, &question.text).await?;
    let told = tell(ctx, &fleet, &view, asked).await?;
    Ok(Selection::of(&fleet, &told.marks, question).all(&fleet))
}

/// The totals of one weakness.
pub(crate) async fn totals(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    weakness: &str,
) -> Result<Totals, Error> {
    let marks = marks::weakness(ctx, fleet, view, weakness).await?;
    Ok(Selection::of(fleet, &marks, &Question::default()).totals)
}

/// What is said of each class by one weakness, whether the data knows it or not.
pub(crate) async fn marks_of(ctx: &Context, fleet: &Fleet, view: &View, id: &str) -> Result<Marks, Error> {
    match ctx.weakness(view, id).await? {
        Some(weakness) => marks::weakness(ctx, fleet, view, &weakness.id).await,
        None => marks::unknown_weakness(ctx, fleet, view, id).await,
    }
}

/// How one weakness stands.
pub(crate) struct Standing {
    /// The weakness, where the data knows it.
    pub(crate) weakness: Option<Weakness>,
    pub(crate) marks: Marks,
    pub(crate) totals: Totals,
    /// Wards with a device that is affected, cannot be told of, or is ruled out.
    pub(crate) wards: Vec<WardCounts>,
    /// Why it cannot be told, as in [`Affected::unknowns`].
    pub(crate) unknowns: Vec<(Reason, String, u64)>,
}

/// How a weakness stands, known or not, by its id.
pub(crate) async fn standing(ctx: &Context, fleet: &Fleet, view: &View, id: &str) -> Result<Standing, Error> {
    let weakness = ctx.weakness(view, id).await?;
    let asked = match &weakness {
        Some(weakness) => Asked::Weakness(Box::new(weakness.clone())),
        None => Asked::UnknownWeakness(id.to_owned()),
    };
    let told = tell(ctx, fleet, view, asked).await?;
    let selection = Selection::of(fleet, &told.marks, &Question::default());
    let unknowns = unknowns(fleet, view, &told, selection.totals.cannot_tell).await?;
    let wards = selection.touched_wards(fleet);
    Ok(Standing { weakness, totals: selection.totals, wards, unknowns, marks: told.marks })
}

/// The one weakness that a text names, by its id: known, or of which nothing is known.
pub(crate) async fn one_weakness(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    text: &str,
) -> Result<Option<String>, Error> {
    Ok(match understand::read(ctx, fleet, view, text).await?.0 {
        Asked::Weakness(weakness) => Some(weakness.id),
        Asked::UnknownWeakness(id) => Some(id),
        _ => None,
    })
}

/// The devices shown, with place, component, path and evidence.
async fn rows(
    fleet: &Fleet,
    view: &View,
    told: &Told,
    shown: &[DeviceId],
    now: Timestamp,
) -> Result<Vec<AffectedDevice>, Error> {
    let stored = devices::by_ids(view, shown).await?;
    let mut reaches = reach::of_devices(fleet, view, &stored.iter().collect::<Vec<_>>(), now).await?;
    let mut stored: HashMap<DeviceId, DeviceRow> = stored.into_iter().map(|row| (row.id, row)).collect();
    let class_of = |row: &DeviceRow| fleet.products.class_index.get(&row.class).copied();
    let deciding = stored.values().filter_map(|row| {
        let class = class_of(row)?;
        let mark = told.marks.of_device(row.id, class)?;
        Some((told.decider(Some(row.id), class, mark)?, software_of(fleet, mark)?))
    });
    let details = details(view, deciding.collect::<Vec<_>>()).await?;
    let marks = stored.values().filter_map(|row| told.marks.of_device(row.id, class_of(row)?));
    let named = marks.filter_map(|mark| fleet.bills.software.get(mark.component?.software as usize));
    let named: Vec<_> = named.map(|software| &software.row.facts).collect();
    let deciders = Deciders::of(view, named.into_iter()).await?;
    let row = |id: &DeviceId| {
        let row = stored.remove(id)?;
        let class = class_of(&row)?;
        let mark = told.marks.of_device(*id, class)?;
        let detail = told.decider(Some(*id), class, mark).zip(software_of(fleet, mark));
        let detail = detail.and_then(|decider| details.get(&decider));
        let reach = reaches.remove(id)?;
        let row = device(fleet, (&row, reach), (class, mark), told, detail)?;
        let software = mark.component.and_then(|hit| fleet.bills.software.get(hit.software as usize));
        let identified = software.and_then(|software| deciders.on(&software.row.facts));
        Some(AffectedDevice { identified, ..row })
    };
    Ok(shown.iter().filter_map(row).collect())
}

impl Told {
    /// The weakness whose finding decides for a device, or for a class: one that was asked for, or an advisory that mentions it.
    fn decider(&self, device: Option<DeviceId>, class: u32, mark: Mark) -> Option<&str> {
        let of = |marks: &Marks| match device {
            Some(device) => marks.of_device(device, class),
            None => marks.of(class),
        };
        let (_, marks) = self.by_weakness.iter().find(|(_, marks)| of(marks) == Some(mark))?;
        marks.finding_of(mark)
    }

    /// What advisories say of the release of a class itself, each once.
    fn said_of(&self, fleet: &Fleet, class: u32) -> Vec<Evidence> {
        let marks = std::iter::once(&self.marks).chain(self.by_weakness.iter().map(|(_, marks)| marks));
        let mut found: Vec<Evidence> = Vec::new();
        for said in marks.flat_map(|marks| marks.said_of(fleet, class)) {
            if !found.contains(&said.evidence) {
                found.push(said.evidence.clone());
            }
        }
        found
    }

    /// The weaknesses that affect a device.
    fn affecting(&self, device: DeviceId, class: u32) -> Vec<String> {
        let affecting = self.by_weakness.iter().filter(|(_, marks)| {
            marks.of_device(device, class).is_some_and(|mark| mark.answer == Answer::Affected)
        });
        affecting.map(|(id, _)| id.clone()).collect()
    }
}

/// Why it cannot be told, grouped by the one fact that would settle most devices.
async fn unknowns(
    fleet: &Fleet,
    view: &View,
    told: &Told,
    cannot_tell: u64,
) -> Result<Vec<(Reason, String, u64)>, Error> {
    if let Understood::UnknownWeakness(id) = &told.understood {
        let fact = format!("a record of {id} in the vulnerability data");
        return Ok(vec![(Reason::NoRecord, fact, cannot_tell)]);
    }
    let conditions = conditions(fleet, view, told).await?;
    Ok(told.marks.unknowns(fleet, |class| conditions.get(&class).map(String::as_str)))
}

fn software_of(fleet: &Fleet, mark: Mark) -> Option<SoftwareId> {
    Some(fleet.bills.software.get(mark.component?.software as usize)?.row.id)
}

/// Evidence by its weakness and its software.
type Details<'t> = HashMap<(&'t str, SoftwareId), JudgementDetail>;

/// What stands behind these answers: one query for each weakness that decides for any.
async fn details<'t>(
    view: &View,
    deciding: impl IntoIterator<Item = (&'t str, SoftwareId)>,
) -> Result<Details<'t>, Error> {
    let mut used: HashMap<&str, HashSet<SoftwareId>> = HashMap::new();
    for (weakness, software) in deciding {
        used.entry(weakness).or_default().insert(software);
    }
    let mut details = Details::new();
    for (weakness, software) in used {
        let software: Vec<SoftwareId> = software.into_iter().collect();
        let read = software::details_on(view, weakness, &software).await?;
        details.extend(read.into_iter().map(|detail| ((weakness, detail.software), detail)));
    }
    Ok(details)
}

/// What is not known of the devices of a class, where the answer on them depends on that.
async fn conditions(fleet: &Fleet, view: &View, told: &Told) -> Result<HashMap<u32, String>, Error> {
    let classes = (0..crate::fleet::index(fleet.products.classes.len())).filter_map(|class| {
        let mark = told.marks.of(class).filter(|mark| mark.reason == Reason::PlatformUnknown)?;
        Some((class, mark))
    });
    let deciding = classes.filter_map(|(class, mark)| {
        Some((class, (told.decider(None, class, mark)?, software_of(fleet, mark)?)))
    });
    let deciding: HashMap<u32, (&str, SoftwareId)> = deciding.collect();
    let details = details(view, deciding.values().copied()).await?;
    let missing = deciding.into_iter().filter_map(|(class, decider)| {
        let detail = details.get(&decider)?;
        Some((class, detail.evidence.iter().find_map(|one| one.missing.clone())?))
    });
    Ok(missing.collect())
}

fn device(
    fleet: &Fleet,
    (row, reach): (&DeviceRow, DeviceReach),
    (class, mark): (u32, Mark),
    told: &Told,
    detail: Option<&JudgementDetail>,
) -> Option<AffectedDevice> {
    let facts = crate::devices::shown(fleet, row)?;
    let release = &fleet.release_of(class).row;
    let software = mark.component.and_then(|hit| fleet.bills.software.get(hit.software as usize));
    let path = mark
        .component
        .zip(fleet.content_of(class))
        .map(|(hit, content)| fleet.bills.path(content, hit.component));
    let named = software.map(|software| &software.row.facts);
    Some(AffectedDevice {
        device: row.id,
        name: crate::fleet::device_name(&facts).to_owned(),
        facts,
        reach,
        release: release.id,
        answer: mark.answer,
        reason: mark.reason,
        component: named.map(|facts| facts.name.clone()),
        version: named.and_then(|facts| facts.version.clone()),
        purl: named.and_then(|facts| facts.purl.clone()),
        path: path.unwrap_or_default(),
        fixed_in: detail.map_or_else(Vec::new, |detail| detail.fixed_in.clone()),
        evidence: detail
            .map_or_else(Vec::new, |detail| detail.evidence.clone())
            .into_iter()
            .chain(told.said_of(fleet, class))
            .collect(),
        affected_by: told.affecting(row.id, class),
        decision: mark.decision.and_then(|decision| told.marks.rulings.brief(decision.id)),
        identified: None,
        between: Vec::new(),
    })
}
