//! Bills of materials looked at: how good one is, what changed from one to another, one written in another format, and the
//! release that a name means.

use std::collections::BTreeMap;

use bedrail_assess::{bill_change, name_proposal, quality};
use bedrail_formats::sbom::export;
use bedrail_model::answer::Answer;
use bedrail_model::component::Inventory;
use bedrail_model::ids::ReleaseId;
use bedrail_model::text::squeezed;

pub use bedrail_assess::bill_change::{BillChange, Change, Direction};
pub use bedrail_assess::name_proposal::{Confidence, Proposal, Proposals};
pub use bedrail_assess::quality::{Element, ElementSet, QualityReport, SETS, Standing};
pub use bedrail_formats::sbom::export::{LicenceFault, Target, Written, fault_of};

use crate::feeds::data::Current;
use crate::feeds::{Data, DataDir, FeedError};
use crate::fleet::release_name;
use crate::releases::ReleaseDetail;
use crate::rights::Right;
use crate::scan::ScanReport;
use crate::support::{self, SupportOf};
use crate::{Actor, Context, Error, audit, names, releases};

/// How good a bill of materials is, with what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct BillQuality {
    /// `maker model version`.
    pub release: String,
    /// What was understood of it.
    pub inventory: Inventory,
    /// What it lacks.
    pub report: QualityReport,
    /// Until when its components are supported.
    pub support: SupportOf,
}

/// How good an inventory is.
pub fn assess(inventory: &Inventory) -> QualityReport {
    quality::assess(inventory, |licence| fault_of(licence).is_none())
}

/// How good the present bill of materials of a release is.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release in the actor's organisation or it has no bill of materials.
pub async fn quality(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<BillQuality, Error> {
    let detail = releases::get(ctx, actor, release).await?;
    let release = name_of(&detail);
    let inventory = inventory_of(detail)?;
    let (dir, today) = (DataDir::new(&ctx.data_dir), ctx.clock.today());
    let judging = tokio::task::spawn_blocking(move || {
        (assess(&inventory), support::of(&dir, &inventory, today), inventory)
    });
    let (report, support, inventory) = judging.await.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(BillQuality { release, inventory, report, support })
}

/// One of two bills that are compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// The release, or the file.
    pub name: String,
    /// What was understood of it.
    pub inventory: Inventory,
    /// What is said of weaknesses in it: affected or cannot tell, by id. `None` where nothing could be judged.
    pub weaknesses: Option<BTreeMap<String, Answer>>,
}

/// What changed from one bill of materials to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The earlier.
    pub before: Compared,
    /// The later.
    pub after: Compared,
    /// Its components.
    pub bill: BillChange,
    /// Weaknesses that are said only of the later, by id.
    pub new: Vec<(String, Answer)>,
    /// Weaknesses that are said only of the earlier, by id.
    pub gone: Vec<(String, Answer)>,
    /// Weaknesses of which another thing is said, by id: before and after.
    pub changed: Vec<(String, Answer, Answer)>,
}

impl Comparison {
    /// Whether weaknesses of both are known, so that what is new and what is gone says something.
    pub fn judged(&self) -> bool {
        self.before.weaknesses.is_some() && self.after.weaknesses.is_some()
    }
}

/// Compares two bills, without a database.
pub fn compare(before: Compared, after: Compared) -> Comparison {
    let bill = bill_change::compare(&before.inventory, &after.inventory);
    let (mut new, mut gone, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    if let (Some(old), Some(later)) = (&before.weaknesses, &after.weaknesses) {
        for (id, answer) in later {
            match old.get(id) {
                None => new.push((id.clone(), *answer)),
                Some(earlier) if earlier != answer => changed.push((id.clone(), *earlier, *answer)),
                Some(_) => {}
            }
        }
        let only_old = old.iter().filter(|(id, _)| !later.contains_key(*id));
        gone.extend(only_old.map(|(id, answer)| (id.clone(), *answer)));
    }
    Comparison { before, after, bill, new, gone, changed }
}

/// A file as it was scanned, to be compared. Without any data nothing was judged.
pub fn scanned(report: ScanReport) -> Compared {
    let has_data = report.data.sources.iter().any(|source| source.records > 0);
    let said = report.findings.iter().map(|finding| {
        let judgement = &finding.judgement;
        (judgement.weakness.id.clone(), judgement.answer)
    });
    let weaknesses = has_data.then(|| strongest(said));
    Compared { name: report.target.name, inventory: report.inventory, weaknesses }
}

/// What is said of each weakness: one component that it affects decides.
fn strongest(said: impl Iterator<Item = (String, Answer)>) -> BTreeMap<String, Answer> {
    let mut strongest = BTreeMap::new();
    for (id, answer) in said.filter(|(_, answer)| *answer != Answer::NotAffected) {
        let slot = strongest.entry(id).or_insert(answer);
        if answer == Answer::Affected {
            *slot = answer;
        }
    }
    strongest
}

/// Compares the present bills of materials of two releases.
///
/// # Errors
/// [`Error::NotFound`] when one of them is not in the actor's organisation or has no bill of materials.
pub async fn compare_releases(
    ctx: &Context,
    actor: &Actor,
    before: ReleaseId,
    after: ReleaseId,
) -> Result<Comparison, Error> {
    let (before, after) = (of_release(ctx, actor, before).await?, of_release(ctx, actor, after).await?);
    let comparing = tokio::task::spawn_blocking(move || compare(before, after)).await;
    comparing.map_err(|error| Error::Internal(Box::new(error)))
}

/// A release, to be compared.
///
/// # Errors
/// [`Error::NotFound`] when it is not in the actor's organisation or has no bill of materials.
pub async fn of_release(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<Compared, Error> {
    let detail = releases::get(ctx, actor, release).await?;
    let name = name_of(&detail);
    let said = detail.findings.iter().map(|finding| (finding.weakness.id.clone(), finding.answer));
    let weaknesses = Some(strongest(said));
    Ok(Compared { name, weaknesses, inventory: inventory_of(detail)? })
}

fn inventory_of(detail: ReleaseDetail) -> Result<Inventory, Error> {
    let name = name_of(&detail);
    let sbom = detail.sbom.ok_or_else(|| Error::not_found(format!("a bill of materials of {name}")))?;
    Ok(sbom.inventory)
}

/// A bill of materials in another format, as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// A name for the file.
    pub file_name: String,
    /// The document, and what its format has no place for.
    pub document: Written,
}

/// Writes an inventory in a format, without a database.
///
/// # Errors
/// When it cannot be written.
pub fn write(inventory: &Inventory, target: Target, at: jiff::Timestamp) -> Result<Written, Error> {
    write_with(inventory, &[], target, at)
}

/// `confirmed`: components, in order, whose identifiers are from people of the organisation and not from the bill.
fn write_with(
    inventory: &Inventory,
    confirmed: &[usize],
    target: Target,
    at: jiff::Timestamp,
) -> Result<Written, Error> {
    let stamp = export::Stamp { at, program_version: env!("CARGO_PKG_VERSION") };
    export::write(inventory, confirmed, target, &stamp).map_err(|error| Error::Internal(Box::new(error)))
}

/// The present bill of materials of a release in a format, to send on or back. For who sees the fleet it has the identifiers that
/// people confirmed, too, marked as such; what the house says of names is no matter of a supplier. The audit log says so.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release in the actor's organisation or it has no bill of materials.
pub async fn export(
    ctx: &Context,
    actor: &Actor,
    release: ReleaseId,
    target: Target,
) -> Result<Exported, Error> {
    let (name, mut inventory) = named_inventory(ctx, actor, release).await?;
    let confirmed = match actor.may(Right::SeeFleet) {
        true => names::book(&ctx.view(actor, Right::SeeFleet).await?).await?.identify(&mut inventory),
        false => Vec::new(),
    };
    let at = ctx.clock.now();
    let writing = tokio::task::spawn_blocking(move || write_with(&inventory, &confirmed, target, at)).await;
    let document = writing.map_err(|error| Error::Internal(Box::new(error)))??;
    audit::note(ctx, actor, Right::SeeReleases, "sbom.export", &name, target.code()).await?;
    let plain = |letter: char| if letter.is_alphanumeric() || letter == '.' { letter } else { '-' };
    let file_name = format!("{}{}", name.chars().map(plain).collect::<String>(), target.ending());
    Ok(Exported { file_name, document })
}

fn name_of(detail: &ReleaseDetail) -> String {
    release_name(&detail.row.maker, &detail.row.model, detail.row.version.as_deref())
}

/// Identifiers proposed for components that are known by a name alone, from the names in the index of a data folder. Nothing
/// is decided by it.
///
/// # Errors
/// When the data held is damaged.
pub fn propose(data_dir: &std::path::Path, inventory: &Inventory) -> Result<Proposals, FeedError> {
    propose_by(&Data::open(&DataDir::new(data_dir))?.current(), inventory)
}

/// Identifiers proposed by one state of the data.
pub(crate) fn propose_by(current: &Current, inventory: &Inventory) -> Result<Proposals, FeedError> {
    let spoken = current.spoken()?;
    let mut names = Vec::new();
    for wanted in name_proposal::wanted(inventory) {
        names.extend(spoken.called(current.db(), &wanted)?);
    }
    // Two names that are looked for may look alike.
    names.sort_unstable();
    names.dedup();
    Ok(name_proposal::propose(inventory, names.into_iter()))
}

/// The inventory of the present bill of materials of a release.
///
/// # Errors
/// [`Error::NotFound`] when it is not in the actor's organisation or has no bill of materials.
pub async fn inventory(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<Inventory, Error> {
    Ok(named_inventory(ctx, actor, release).await?.1)
}

/// The name of a release and the inventory of its present bill of materials.
pub(crate) async fn named_inventory(
    ctx: &Context,
    actor: &Actor,
    release: ReleaseId,
) -> Result<(String, Inventory), Error> {
    let detail = releases::get(ctx, actor, release).await?;
    Ok((name_of(&detail), inventory_of(detail)?))
}

/// The release that a text names: its id, or maker, model and version without case and outer space.
///
/// # Errors
/// [`Error::NotFound`] when none is named so, with the names that begin alike; [`Error::Invalid`] when several are.
pub async fn find(ctx: &Context, actor: &Actor, text: &str) -> Result<ReleaseId, Error> {
    if let Ok(id) = text.trim().parse::<ReleaseId>() {
        return Ok(id);
    }
    let (fleet, _) = ctx.fleet(actor, Right::SeeReleases).await?;
    let plain = |text: &str| squeezed(text).to_lowercase();
    let wanted = plain(text);
    let seen = fleet.products.releases.iter().filter(|release| actor.sees_maker(&release.row.maker));
    let named = seen.map(|release| {
        let row = &release.row;
        (row.id, release_name(&row.maker, &row.model, row.version.as_deref()))
    });
    let named: Vec<(ReleaseId, String)> = named.collect();
    let same: Vec<&(ReleaseId, String)> = named.iter().filter(|(_, name)| plain(name) == wanted).collect();
    match same.as_slice() {
        [(id, _)] => Ok(*id),
        [] => {
            let alike = named.iter().filter(|(_, name)| plain(name).contains(&wanted));
            let alike: Vec<&str> = alike.map(|(_, name)| name.as_str()).take(5).collect();
            let hint = match alike.as_slice() {
                [] => "name it as `bedrail affected` and the page Products and releases do".to_owned(),
                alike => format!("there is {}", alike.join("; ")),
            };
            Err(Error::Invalid { message: format!("no release is named `{text}`"), hint: Some(hint) })
        }
        _ => Err(Error::Invalid {
            message: format!("several releases are named `{text}`"),
            hint: Some("name it by its id".into()),
        }),
    }
}
