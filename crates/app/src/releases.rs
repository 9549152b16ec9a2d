//! Products and releases: what is inside a model.

use bedrail_model::answer::Reason;
use bedrail_model::component::Inventory;
use bedrail_model::ids::{DocumentId, ReleaseId};
use jiff::Timestamp;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use bedrail_model::answer::Answer;
use bedrail_model::ids::ContentId;
use bedrail_store::{View, classes::ClassRow, findings, sboms as rows, software};

use crate::decisions::Rulings;
use crate::devices::FindingRow;
use crate::fleet::Fleet;
use crate::page::{Direction, Page, PageRequest};
use crate::rights::Right;
use crate::sboms::packing;
use crate::{Actor, Context, Error, showing};

/// Which releases, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseFilter {
    /// Free text: maker, model, version.
    pub text: Option<String>,
    /// Only releases with (true) or without (false) a bill of materials.
    pub sbom: Option<bool>,
    /// Column to sort by.
    pub sort: ReleaseSort,
    /// Direction.
    pub direction: Direction,
}

/// Columns that the list sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseSort {
    /// Maker, model, version.
    #[default]
    Name,
    /// Number of devices.
    Devices,
    /// Number of weaknesses that affect it.
    Affected,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Id.
    pub id: ReleaseId,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Version.
    pub version: Option<String>,
    /// Devices that run it.
    pub devices: u64,
    /// Components in its bill of materials; `None` where there is none.
    pub components: Option<u64>,
    /// Weaknesses that affect it.
    pub affected: u32,
    /// Weaknesses and components of which it cannot be told.
    pub cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    pub known_exploited: u32,
}

/// The bill of materials of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseSbom {
    /// The document as received.
    pub document: DocumentId,
    /// Its file name.
    pub file_name: String,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// When it was added.
    pub added: Timestamp,
    /// What was understood of it, components with their tree and relations, warnings and losses.
    pub inventory: Inventory,
    /// Per component of the inventory: ids of weaknesses that affect it, and the reason where it cannot be judged.
    pub marks: Vec<ComponentMark>,
}

/// What is said of one component of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComponentMark {
    /// Weaknesses that affect it.
    pub affected: Vec<String>,
    /// Weaknesses of which it cannot be told.
    pub cannot_tell: Vec<String>,
    /// Why it cannot be judged at all, where so.
    pub not_assessed: Option<Reason>,
}

/// One release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseDetail {
    /// The row of the list.
    pub row: ReleaseRow,
    /// Its bill of materials.
    pub sbom: Option<ReleaseSbom>,
    /// Findings, the most pressing first.
    pub findings: Vec<FindingRow>,
}

/// The list of releases.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &ReleaseFilter,
    page: &PageRequest,
) -> Result<Page<ReleaseRow>, Error> {
    let (fleet, _) = ctx.fleet(actor, Right::SeeReleases).await?;
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let wanted = |release: &crate::fleet::Release| {
        actor.sees_maker(&release.row.maker)
            && filter.sbom.is_none_or(|sbom| release.row.content.is_some() == sbom)
            && words.iter().all(|word| release.search.contains(word))
    };
    let counts = counts(&fleet);
    let releases = fleet.products.releases.iter().zip(&counts);
    let mut found: Vec<(&crate::fleet::Release, &Counts)> =
        releases.filter(|(release, _)| wanted(release)).collect();
    found.sort_by(|a, b| a.0.search.cmp(&b.0.search));
    match filter.sort {
        ReleaseSort::Name => {}
        ReleaseSort::Devices => found.sort_by_key(|(_, counts)| counts.devices),
        ReleaseSort::Affected => found.sort_by_key(|(_, counts)| (counts.affected, counts.cannot_tell)),
    }
    if filter.direction == Direction::Descending {
        found.reverse();
    }
    let total = found.len() as u64;
    let offset = page.skip(|after| {
        let after: ReleaseId = after.parse().ok()?;
        found.iter().position(|(release, _)| release.row.id == after).map(|at| at as u64)
    })?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let rows = found.into_iter().skip(skip).take(page.rows());
    let rows = rows.map(|(release, counts)| shown(&fleet, release, *counts)).collect();
    Ok(Page::of(rows, total, offset, |row: &ReleaseRow| row.id.to_string()))
}

/// One release.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn get(ctx: &Context, actor: &Actor, id: ReleaseId) -> Result<ReleaseDetail, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeReleases).await?;
    let missing = || Error::not_found(format!("release {id}"));
    let at = *fleet.products.release_index.get(&id).ok_or_else(missing)?;
    let release = &fleet.products.releases[at as usize];
    if !actor.sees_maker(&release.row.maker) {
        return Err(missing());
    }
    let row = shown(&fleet, release, counts(&fleet)[at as usize]);
    let classes = (0..).zip(&fleet.products.release_of).filter(|(_, release)| **release == at);
    let classes: Vec<&ClassRow> =
        classes.map(|(class, _): (usize, _)| &fleet.products.classes[class]).collect();
    // Findings differ between classes only where configuration decides; the widest class speaks for the release.
    let widest = classes.iter().max_by_key(|class| (class.affected, class.cannot_tell, Reverse(class.id)));
    let widest = widest.and_then(|class| Some((class.id, *fleet.products.class_index.get(&class.id)?)));
    let findings = match widest {
        Some((id, class)) => {
            let standing = findings::of_class(&view, id).await?;
            let rulings = Rulings::of(ctx, &view).await?;
            let mut shown =
                showing::findings(&fleet, &view, (class, &rulings, BTreeMap::new()), standing).await?;
            // Whose decision it is and why is the house's own; a supplier learns the answer alone.
            if !actor.may(Right::SeeFleet) {
                shown.iter_mut().for_each(|finding| (finding.decision, finding.identified) = (None, None));
            }
            shown
        }
        None => Vec::new(),
    };
    let judged_by = widest.and_then(|(_, class)| fleet.content_of(class));
    let sbom = match release.row.content {
        Some(content) => sbom(&fleet, &view, id, (content, judged_by.unwrap_or(content))).await?,
        None => None,
    };
    Ok(ReleaseDetail { row, sbom, findings })
}

/// What is counted of a release.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    devices: u64,
    affected: u32,
    cannot_tell: u32,
    known_exploited: u32,
    /// Components of the bill that cannot be judged at all, where something is known beside it.
    unassessed: Option<u32>,
}

/// Devices are the sum of a release's classes; weaknesses those of its widest class.
fn counts(fleet: &Fleet) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); fleet.products.releases.len()];
    for (at, (class, release)) in (0..).zip(fleet.products.classes.iter().zip(&fleet.products.release_of)) {
        let count = &mut counts[*release as usize];
        // Classes that are judged by the bill alone are the rule, and its components are counted where they are shown.
        let bill = fleet.release_of(at).row.content.and_then(|bill| fleet.bills.bill(bill));
        if let (Some(content), Some(bill)) = (class.content, bill) {
            let blind = fleet.bills.unassessed_of(content, bill.parts.len());
            count.unassessed = Some(count.unassessed.map_or(blind, |known| known.max(blind)));
        }
        count.devices += class.devices;
        count.affected = count.affected.max(class.affected);
        count.cannot_tell = count.cannot_tell.max(class.cannot_tell);
        count.known_exploited = count.known_exploited.max(class.known_exploited);
    }
    counts
}

fn shown(fleet: &Fleet, release: &crate::fleet::Release, counts: Counts) -> ReleaseRow {
    let bill = release.row.content.and_then(|content| fleet.bills.bill(content));
    let of_bill = || release.row.content.map_or(0, |content| fleet.bills.unassessed(content));
    let unassessed = counts.unassessed.unwrap_or_else(of_bill);
    ReleaseRow {
        id: release.row.id,
        maker: release.row.maker.clone(),
        model: release.row.model.clone(),
        version: release.row.version.clone(),
        devices: counts.devices,
        components: bill.map(|bill| bill.counts.components),
        affected: counts.affected,
        cannot_tell: counts.cannot_tell + unassessed,
        known_exploited: counts.known_exploited,
    }
}

async fn sbom(
    fleet: &Fleet,
    view: &View,
    release: ReleaseId,
    (content, judged_by): (ContentId, ContentId),
) -> Result<Option<ReleaseSbom>, Error> {
    let Some(present) = rows::present(view, release).await? else { return Ok(None) };
    let Some(packed) = rows::inventory(view, content).await? else { return Ok(None) };
    let unpack = tokio::task::spawn_blocking(move || packing::unpack(&packed)).await;
    let inventory = unpack.map_err(|error| Error::Internal(Box::new(error)))??;
    // What was answered stands behind the components of the bill.
    let mut marks = marks(fleet, view, judged_by).await?;
    marks.truncate(inventory.components.len());
    Ok(Some(ReleaseSbom {
        document: present.document,
        file_name: present.file_name,
        sha256: hex::encode(&present.sha256),
        added: present.added,
        marks,
        inventory,
    }))
}

/// What is said of each component, in document order.
async fn marks(fleet: &Fleet, view: &View, content: ContentId) -> Result<Vec<ComponentMark>, Error> {
    let Some(bill) = fleet.bills.bill(content) else { return Ok(Vec::new()) };
    let software_of = |at: u32| fleet.bills.software.get(at as usize);
    let mut ids: Vec<_> =
        bill.parts.iter().filter_map(|part| software_of(part.software)).map(|one| one.row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut said: HashMap<_, ComponentMark> = HashMap::new();
    for row in software::judgements(view, &ids).await? {
        let mark = said.entry(row.software).or_default();
        match row.answer {
            Answer::Affected => mark.affected.push(row.weakness),
            Answer::CannotTell => mark.cannot_tell.push(row.weakness),
            Answer::NotAffected => {}
        }
    }
    for mark in said.values_mut() {
        mark.affected.sort_unstable();
        mark.cannot_tell.sort_unstable();
    }
    let mark = |part: &crate::fleet::bills::Part| {
        let Some(software) = software_of(part.software) else { return ComponentMark::default() };
        let mark = said.get(&software.row.id).cloned().unwrap_or_default();
        ComponentMark { not_assessed: software.row.standing.unassessed, ..mark }
    };
    Ok(bill.parts.iter().map(mark).collect())
}
