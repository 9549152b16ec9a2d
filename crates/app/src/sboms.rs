//! Bills of materials: adding one to a release, and the original documents.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::component_name::Book;
use bedrail_model::component::{Inventory, Warning};
use bedrail_model::ids::{ClassId, ContentId, DocumentId, ReleaseId, SoftwareId};
use bedrail_store::releases::ReleaseRow;
use bedrail_store::sboms::{Bone, ContentCounts, ContentRow};
use bedrail_store::{Change, Held, View, classes, documents, releases, sboms as rows, software, weaknesses};

use crate::configured::{self, Bills, Configured, Known};
use crate::fleet::answers::Answers;
use crate::fleet::{Fleet, release_name};
use crate::matching::{self, Target};
use crate::products::Beside;
use crate::rights::Right;
use crate::scan::upload;
use crate::vault::Kept;
use crate::{Actor, Context, Document, Error, audit, names, parse, vault};

pub(crate) mod fresh;
pub(crate) mod outline;
pub(crate) mod packing;
pub(crate) mod receipt;

use fresh::Fresh;
use outline::Outline;

/// A bill of materials for a release.
#[derive(Debug, Clone)]
pub struct AddSbom {
    /// The file's name, for the record.
    pub file_name: String,
    /// The document as received.
    pub document: Document,
    /// Maker; the document's subject where `None`.
    pub maker: Option<String>,
    /// Model; the document's subject where `None`.
    pub model: Option<String>,
    /// Version; the document's subject where `None`.
    pub version: Option<String>,
}

/// What was read, what was lost, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbomReceipt {
    /// The document as kept.
    pub document: DocumentId,
    /// The release it was added to.
    pub release: ReleaseId,
    /// `maker model version`, as stored.
    pub release_name: String,
    /// Whether the release is new.
    pub new_release: bool,
    /// Whether this very document was on this release already.
    pub unchanged: bool,
    /// Format and version: `CycloneDX 1.6 JSON`.
    pub format: String,
    /// Components without services.
    pub components: u64,
    /// Services.
    pub services: u64,
    /// Relations.
    pub relations: u64,
    /// Components that have no usable identifier.
    pub without_identifier: u64,
    /// What was mended or lost.
    pub warnings: Vec<Warning>,
    /// Weaknesses that affect the release.
    pub affected: u32,
    /// Weaknesses and components of which it cannot be told.
    pub cannot_tell: u32,
    /// Devices that run the release.
    pub devices: u64,
}

/// Keeps the document, reads it in a child process under limits, stores its content, judges it.
///
/// # Errors
/// [`Error::Invalid`] when it cannot be read, with the place and a hint; what the release had before stays.
pub async fn add(ctx: &Context, actor: &Actor, command: AddSbom) -> Result<SbomReceipt, Error> {
    let ready = prepare(ctx, actor, command, &|_| {}).await?;
    if ready.leaves_a_trace {
        ready.change.commit(&ready.subject, &ready.detail).await?;
    }
    Ok(ready.receipt)
}

/// A bill of materials that is stored and not yet committed.
pub(crate) struct Ready {
    pub(crate) change: Change,
    pub(crate) receipt: SbomReceipt,
    /// For the audit entry.
    pub(crate) subject: String,
    pub(crate) detail: String,
    /// False where nothing was written: dropping the change leaves no trace of it.
    leaves_a_trace: bool,
    /// Held until the change is committed.
    _matching: Option<Held>,
}

/// Refuses whoever is there for other makers alone.
fn may_add(actor: &Actor, maker: &str) -> Result<(), Error> {
    if actor.sees_maker(maker) {
        return Ok(());
    }
    let action = format!("add a bill of materials of {maker}");
    Err(Error::Denied { actor: actor.name.clone(), action })
}

/// Whether a file may be looked into for a release: that takes longer than reading a document, and a file says nothing of its
/// maker.
pub(crate) fn may_scan(actor: &Actor, command: &AddSbom) -> Result<(), Error> {
    let said = |text: &Option<String>| text.as_deref().is_some_and(|it| !it.trim().is_empty());
    if !said(&command.maker) || !said(&command.model) {
        return Err(Error::Invalid {
            message: "this is no bill of materials but a file; which release is it of?".into(),
            hint: Some("name maker and model, and the version where there is one: a file is looked into and does not say".into()),
        });
    }
    may_add(actor, command.maker.as_deref().unwrap_or_default().trim())
}

/// Keeps the document, reads it, judges it and stores all of it; `tell` hears at what it is.
pub(crate) async fn prepare(
    ctx: &Context,
    actor: &Actor,
    command: AddSbom,
    tell: &(dyn Fn(&'static str) + Send + Sync),
) -> Result<Ready, Error> {
    actor.need(Right::ChangeReleases)?;
    let (command, scanned) = match upload::is_file(&command.document) {
        true => {
            may_scan(actor, &command)?;
            tell("looking into the file");
            let (command, inventory) = upload::opened(ctx, command).await?;
            (command, Some(inventory))
        }
        false => (command, None),
    };
    let kept = vault::keep(ctx, &command.document).await?;
    let size = usize::try_from(command.document.length()).unwrap_or(usize::MAX);
    tell("reading the document");
    let inventory = match scanned {
        Some(inventory) => inventory,
        None => parse::inventory(ctx, command.document).await?,
    };
    let name = ReleaseName::of(&inventory, command.maker, command.model, command.version)?;
    may_add(actor, &name.maker)?;
    let names = names::book(&ctx.view(actor, Right::ChangeReleases).await?).await?;
    let (by, mut inventory) = (names.clone(), inventory);
    let outline = tokio::task::spawn_blocking(move || {
        (Outline::of(&by, &mut inventory, &Beside::default()), inventory)
    });
    let (mut outline, inventory) = outline.await.map_err(internal)?;
    let packing =
        tokio::task::spawn_blocking(|| packing::pack(&inventory).map(|packed| (packed, inventory.warnings)));
    let document = Received { file_name: command.file_name, kept, size };
    tell("waiting for other changes");
    let matching = ctx.matching().await?;
    tell("judging its software");
    let (packed, warnings) = packing.await.map_err(internal)??;
    let latest = names::book(&ctx.view(actor, Right::ChangeReleases).await?).await?;
    if latest != names {
        // Somebody said meanwhile what a name means.
        outline = Outline::of(&latest, &mut packing::unpack(&packed)?, &Beside::default());
    }
    let Outline { counts, skeleton, software, platform } = outline;
    let mut fresh = fresh::judge_new(ctx, software, platform).await?;
    let parts: Arc<[SoftwareId]> = skeleton.iter().map(|bone| bone.software).collect();
    let (place, mut configured) = beside(ctx, actor, &name, (&document, &packed, parts), &latest).await?;
    fresh.join(std::mem::take(&mut configured.fresh));
    let read = Digested { counts, skeleton, packed, warnings };
    tell("storing it");
    let change = ctx.change(actor, Right::ChangeReleases, "sbom.add").await?;
    crate::vex::rule::ask(&change).await?;
    let ready = store((ctx, change), &document, place, read, (fresh, configured)).await?;
    Ok(Ready { _matching: Some(matching), ..ready })
}

/// A release that gets a bill, as it is or will be, with its classes.
struct Place {
    release: ReleaseRow,
    is_new: bool,
    classes: Vec<ClassId>,
    /// The class that is to be made, where there is none: a release without devices gets a bare one, so that its findings
    /// have a place.
    bare: Option<ClassId>,
}

/// Where a bill goes, and what the classes there are judged by with it, where more is known of their devices. Only who holds the
/// lock on matching adds releases and classes, so that these are all that there will be.
async fn beside(
    ctx: &Context,
    actor: &Actor,
    name: &ReleaseName,
    (document, packed, parts): (&Received, &[u8], Arc<[SoftwareId]>),
    names: &Book,
) -> Result<(Place, Configured), Error> {
    let view = ctx.view(actor, Right::ChangeReleases).await?;
    let ReleaseName { maker, model, version } = name;
    let old = releases::by_name(&view, maker, model, version.as_deref()).await?;
    let is_new = old.is_none();
    let release = old.unwrap_or_else(|| ReleaseRow {
        id: ReleaseId::generate(),
        maker: maker.clone(),
        model: model.clone(),
        version: version.clone(),
        content: None,
    });
    let rows = if is_new { Vec::new() } else { classes::of_release(&view, release.id).await? };
    let bill = content_id(document);
    let answers = Answers::read(&view).await?;
    let mut known: Vec<Known> =
        rows.iter().map(|class| Known::of(&answers, &release, class, Some(bill))).collect();
    let bare = rows.is_empty().then(ClassId::generate);
    known.extend(bare.map(|class| Known::bare(&answers, &release, class, Some(bill))));
    let classes = known.iter().map(|one| one.class).collect();
    let mut bills = Bills::new(names);
    bills.bring(bill, parts, Some(packed));
    let configured = configured::prepare(ctx, &view, known, bills).await?;
    Ok((Place { release, is_new, classes, bare }, configured))
}

/// Equal documents share their content.
fn content_id(document: &Received) -> ContentId {
    ContentId::from_digest(first_16(&document.kept.sha256))
}

/// An original document: file name and bytes.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn document(ctx: &Context, actor: &Actor, id: DocumentId) -> Result<(String, Vec<u8>), Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeReleases).await?;
    let row = documents::get_one(&view, id).await?;
    let row = match row {
        // Who signed a sheet is for those who may see the workforce.
        Some(row) if row.kind == "sheet" && !actor.may(Right::SeeWorkforce) => {
            return Err(Error::not_found(format!("document {id}")));
        }
        Some(row) if seen(actor, &fleet, &view, id).await? => row,
        _ => return Err(Error::not_found(format!("document {id}"))),
    };
    drop(view);
    audit::note(ctx, actor, Right::SeeReleases, "document.read", &row.name, &id.to_string()).await?;
    Ok((row.name, vault::read(ctx, &row.sha256).await?))
}

/// Whether the actor sees a document: members all of them, suppliers the bills of their own makers' releases.
async fn seen(actor: &Actor, fleet: &Fleet, view: &View, document: DocumentId) -> Result<bool, Error> {
    if actor.may(Right::SeeFleet) {
        return Ok(true);
    }
    let own = fleet.products.releases.iter().filter(|release| actor.sees_maker(&release.row.maker));
    for release in own {
        if rows::history(view, release.row.id).await?.iter().any(|bill| bill.document == document) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The document as it came.
struct Received {
    file_name: String,
    kept: Kept,
    size: usize,
}

/// Which release the bill is of.
struct ReleaseName {
    maker: String,
    model: String,
    version: Option<String>,
}

impl ReleaseName {
    /// What a person said, else what the document says of its subject.
    fn of(
        inventory: &Inventory,
        maker: Option<String>,
        model: Option<String>,
        version: Option<String>,
    ) -> Result<ReleaseName, Error> {
        let said =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let (maker, model, version) = (said(maker), said(model), said(version));
        // The subject's version counts only for the subject's own name: a person who names another model means it.
        let subject = inventory.subject.map(|subject| inventory.component(subject));
        let version = version.or_else(|| {
            let named = model.is_some();
            subject.filter(|_| !named).and_then(|subject| said(subject.version.clone()))
        });
        let maker = maker.or_else(|| {
            subject.and_then(|subject| said(subject.supplier.clone()).or_else(|| said(subject.group.clone())))
        });
        let model = model.or_else(|| subject.and_then(|subject| said(Some(subject.name.clone()))));
        match (maker, model) {
            (Some(maker), Some(model)) => Ok(ReleaseName { maker, model, version }),
            (maker, _) => Err(Error::Invalid {
                message: format!(
                    "the document does not say of which {} it is",
                    if maker.is_none() { "maker" } else { "model" }
                ),
                hint: Some("name maker, model and version of the product along with the file".into()),
            }),
        }
    }
}

/// What is stored of an inventory. The inventory itself is let go early: that of a large document takes as much memory
/// as all that follows.
struct Digested {
    counts: ContentCounts,
    skeleton: Vec<Bone>,
    packed: Vec<u8>,
    warnings: Vec<Warning>,
}

/// Stores everything in one change: the document, the content, the release, the bill, the findings.
async fn store(
    (ctx, change): (&Context, Change),
    document: &Received,
    place: Place,
    read: Digested,
    (fresh, mut configured): (Fresh, Configured),
) -> Result<Ready, Error> {
    let Digested { counts, skeleton, packed, warnings } = read;
    let parts: Arc<[SoftwareId]> = skeleton.iter().map(|bone| bone.software).collect();
    let content = content_id(document);
    let release = place.release.id;
    if place.is_new {
        releases::add(&change, std::slice::from_ref(&place.release)).await?;
    }
    let present = rows::present(&change, release).await?;
    let same = present.as_ref().filter(|present| present.sha256 == document.kept.sha256);
    let unchanged = same.is_some();
    let id = match same {
        Some(present) => present.document,
        None => {
            let Received { file_name, kept, size } = document;
            let id = documents::add(&change, &kept.sha256, "sbom", file_name, *size).await?;
            if rows::has_content(&change, content).await? {
                // A bill that no release had meanwhile did not follow what people said of names.
                rows::set_skeleton(&change, content, &skeleton, counts.without_identifier).await?;
            } else {
                let row = ContentRow { id: content, counts: counts.clone(), skeleton };
                rows::add_content(&change, &row, packed).await?;
            }
            rows::add(&change, release, id, content).await?;
            id
        }
    };
    if let Some(bare) = place.bare {
        classes::add(&change, &[(bare, release, None)]).await?;
    }
    let blind = blind(&change, &parts, &fresh).await?;
    configured.write(&change).await?;
    let more: HashMap<ClassId, Arc<[SoftwareId]>> =
        configured.targets.into_iter().map(|target| (target.class, target.software)).collect();
    let target = |class: ClassId| Target { class, software: more.get(&class).unwrap_or(&parts).clone() };
    let targets: Vec<Target> = place.classes.into_iter().map(target).collect();
    let moved = matching::follow(ctx, &change, &targets, fresh.judgements).await?;
    weaknesses::shift_counts(&change, &moved.shifts).await?;
    let counted = classes::of_release(&change, release).await?;
    let receipt = SbomReceipt {
        document: id,
        release,
        release_name: release_name(
            &place.release.maker,
            &place.release.model,
            place.release.version.as_deref(),
        ),
        new_release: place.is_new,
        unchanged,
        format: counts.format,
        components: counts.components,
        services: counts.services,
        relations: counts.relations,
        without_identifier: counts.without_identifier,
        warnings,
        affected: counted.iter().map(|class| class.affected).max().unwrap_or(0),
        cannot_tell: counted.iter().map(|class| class.cannot_tell).max().unwrap_or(0) + blind,
        devices: counted.iter().map(|class| class.devices).sum(),
    };
    let detail =
        format!("SHA-256 {}, {} components, {}", document.kept.hex(), receipt.components, moved.words());
    let subject = format!("{} of {}", document.file_name, receipt.release_name);
    let leaves_a_trace = !unchanged || moved != matching::Moved::default();
    Ok(Ready { change, receipt, subject, detail, leaves_a_trace, _matching: None })
}

fn internal(error: tokio::task::JoinError) -> Error {
    Error::Internal(Box::new(error))
}

fn first_16(digest: &[u8; 32]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    first
}

/// How many components cannot be judged at all.
async fn blind(change: &Change, parts: &[SoftwareId], fresh: &Fresh) -> Result<u32, Error> {
    let known: HashSet<SoftwareId> =
        parts.iter().copied().filter(|id| !fresh.judgements.contains_key(id)).collect();
    let known: Vec<SoftwareId> = known.into_iter().collect();
    let known = software::unassessed(change, &known).await?;
    let count = parts.iter().filter(|id| known.contains(id) || fresh.unassessed.contains(id)).count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
