//! The main question: which of my devices are affected?
//!
//! What a row's answer means depends on what was asked.
//! * A **weakness**: what the findings say of the device's class. A release without a bill of materials, and a
//!   component that cannot be judged but bears the name of a package that the records speak of, cannot be told.
//! * A **package or a component name**: every device that contains it is listed, and the answer is what is known of the
//!   component: affected where any weakness affects it, cannot tell where that is all that can be said, not affected
//!   where nothing held speaks against it. `totals.affected` counts devices that contain it, whatever the answer.
//!   Releases without a bill of materials cannot be told here either: they may contain it.
//! * A **maker**: all its devices, each with the worst that is known of it.
//!
//! Totals, wards and unknowns speak of the whole question; the filters narrow `rows` and `matching` only.

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::data_status::DataStatus;
use bedrail_model::device::{DeviceFacts, Exposure};
use bedrail_model::finding::{Evidence, Weakness};
use bedrail_model::ids::{DeviceId, ReleaseId};

use bedrail_store::View;
use bedrail_store::devices::{self, DeviceRow};
use bedrail_store::software::{self, JudgementDetail};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::fleet::Fleet;
use crate::page::PageRequest;
use crate::{Actor, Context, Error};

mod marks;
mod selection;
mod understand;

use marks::{Mark, Marks};
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
    /// As a weakness id that the data held does not know: nothing can be said, and zero devices is no all-clear.
    UnknownWeakness(String),
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

/// Totals over all devices that match, exact, whatever the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Devices that are affected (or contain the component, for a package or a name).
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Affected or cannot-tell devices that face the outside.
    pub outside: u64,
    /// Affected or cannot-tell devices without an owner.
    pub without_owner: u64,
    /// Wards with at least one of them.
    pub wards: u64,
    /// Sites with at least one of them.
    pub sites: u64,
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
    /// What the lists say: place, owner, exposure, maker, model, version.
    pub facts: DeviceFacts,
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
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// How the question was understood.
    pub understood: Understood,
    /// Exact totals.
    pub totals: Totals,
    /// Every ward of the organisation with its share, for the map.
    pub wards: Vec<WardBlock>,
    /// This page of devices: the most exposed first, then affected before cannot tell, then by place and name.
    pub rows: Vec<AffectedDevice>,
    /// Devices that match the filters, exactly: the length of the whole list.
    pub matching: u64,
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
    let (fleet, view) = ctx.fleet(actor.org).await?;
    let asked = understand::read(ctx, &fleet, &view, &question.text).await?;
    let marks = match &asked {
        Asked::Weakness(weakness) => marks::weakness(ctx, &fleet, &view, &weakness.id).await?,
        Asked::UnknownWeakness(_) => Marks::nothing_known(&fleet),
        Asked::Software { software, .. } => marks::software(&fleet, software),
        Asked::Maker { releases, .. } => marks::maker(&fleet, releases),
    };
    let selection = Selection::of(&fleet, &marks, question);
    let shown = selection.page(page);
    let weakness = match &asked {
        Asked::Weakness(weakness) => Some(weakness.id.as_str()),
        Asked::UnknownWeakness(_) | Asked::Software { .. } | Asked::Maker { .. } => None,
    };
    let rows = rows(&fleet, &view, &marks, &shown, weakness).await?;
    Ok(Affected {
        understood: asked.understood(),
        totals: selection.totals,
        matching: selection.matching(),
        wards: selection.wards(&fleet),
        unknowns: marks.unknowns(&fleet),
        rows,
        data: ctx.inner.judge.status(ctx.clock.now()),
    })
}

/// The totals of one weakness, and how many affected devices face the outside.
pub(crate) async fn totals(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    weakness: &str,
) -> Result<(Totals, u64), Error> {
    let marks = marks::weakness(ctx, fleet, view, weakness).await?;
    let selection = Selection::of(fleet, &marks, &Question::default());
    Ok((selection.totals, selection.affected_outside))
}

/// The devices shown, with place, component, path and evidence.
async fn rows(
    fleet: &Fleet,
    view: &View,
    marks: &Marks,
    shown: &[DeviceId],
    weakness: Option<&str>,
) -> Result<Vec<AffectedDevice>, Error> {
    let stored = devices::by_ids(view, shown).await?;
    let mut stored: HashMap<DeviceId, DeviceRow> = stored.into_iter().map(|row| (row.id, row)).collect();
    let class_of = |row: &DeviceRow| fleet.products.class_index.get(&row.class).copied();
    let mut used: HashSet<bedrail_model::ids::SoftwareId> = HashSet::new();
    for row in stored.values() {
        let mark = class_of(row).and_then(|class| marks.of(class));
        let software = mark.and_then(|mark| mark.component).map(|hit| hit.software);
        used.extend(software.and_then(|at| fleet.bills.software.get(at as usize)).map(|one| one.row.id));
    }
    let used: Vec<_> = used.into_iter().collect();
    let details = match weakness {
        Some(weakness) => software::details_on(view, weakness, &used).await?,
        None => Vec::new(),
    };
    let details: HashMap<_, Arc<JudgementDetail>> =
        details.into_iter().map(|detail| (detail.software, Arc::new(detail))).collect();
    let row = |id: &DeviceId| {
        let row = stored.remove(id)?;
        let class = class_of(&row)?;
        let mark = marks.of(class)?;
        device(fleet, &row, class, mark, |software| details.get(&software).cloned())
    };
    Ok(shown.iter().filter_map(row).collect())
}

fn device(
    fleet: &Fleet,
    row: &DeviceRow,
    class: u32,
    mark: Mark,
    detail: impl Fn(bedrail_model::ids::SoftwareId) -> Option<Arc<JudgementDetail>>,
) -> Option<AffectedDevice> {
    let facts = crate::devices::shown(fleet, row)?;
    let release = &fleet.release_of(class).row;
    let software = mark.component.and_then(|hit| fleet.bills.software.get(hit.software as usize));
    let path =
        mark.component.zip(release.content).map(|(hit, content)| fleet.bills.path(content, hit.component));
    let detail = software.and_then(|software| detail(software.row.id));
    let named = software.map(|software| &software.row.facts);
    Some(AffectedDevice {
        device: row.id,
        name: crate::fleet::device_name(&facts).to_owned(),
        facts,
        release: release.id,
        answer: mark.answer,
        reason: mark.reason,
        component: named.map(|facts| facts.name.clone()),
        version: named.and_then(|facts| facts.version.clone()),
        purl: named.and_then(|facts| facts.purl.clone()),
        path: path.unwrap_or_default(),
        fixed_in: detail.as_ref().map_or_else(Vec::new, |detail| detail.fixed_in.clone()),
        evidence: detail.as_ref().map_or_else(Vec::new, |detail| detail.evidence.clone()),
    })
}
