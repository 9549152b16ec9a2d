//! Bills of materials: adding one to a release, and the original documents.

use std::collections::HashSet;
use std::sync::Arc;

use bedrail_model::component::{Inventory, Warning};
use bedrail_model::ids::{ClassId, ContentId, DocumentId, ReleaseId, SoftwareId};
use bedrail_store::releases::ReleaseRow;
use bedrail_store::sboms::{Bone, ContentRow};
use bedrail_store::software::{SoftwareFacts, SoftwareRow};
use bedrail_store::{Change, View, classes, documents, releases, sboms as rows, software, weaknesses};

use crate::fleet::{Fleet, release_name};
use crate::judge::{self, Verdict};
use crate::matching::{self, Target};
use crate::rights::Right;
use crate::vault::Kept;
use crate::{Actor, Context, Document, Error, audit, parse, vault};

mod outline;
pub(crate) mod packing;

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
    actor.need(Right::ChangeReleases)?;
    let kept = vault::keep(ctx, &command.document).await?;
    let size = usize::try_from(command.document.length()).unwrap_or(usize::MAX);
    let inventory = parse::inventory(ctx, command.document).await?;
    let name = ReleaseName::of(&inventory, command.maker, command.model, command.version)?;
    if !actor.sees_maker(&name.maker) {
        let action = format!("add a bill of materials of {}", name.maker);
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    let read = tokio::task::spawn_blocking(|| Digested::of(inventory)).await;
    let read = read.map_err(|error| Error::Internal(Box::new(error)))??;
    let document = Received { file_name: command.file_name, kept, size };
    let _matching = ctx.matching().await?;
    judge_new(ctx, &read.outline).await?;
    let change = ctx.change(actor, Right::ChangeReleases, "sbom.add").await?;
    store(change, &document, &name, read).await
}

/// An original document: file name and bytes.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn document(ctx: &Context, actor: &Actor, id: DocumentId) -> Result<(String, Vec<u8>), Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeReleases).await?;
    let row = documents::get_one(&view, id).await?;
    let row = match row {
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

    fn words(&self) -> String {
        release_name(&self.maker, &self.model, self.version.as_deref())
    }
}

/// What is stored of an inventory. The inventory itself is let go early: that of a large document takes as much memory
/// as all that follows.
struct Digested {
    outline: Outline,
    packed: Vec<u8>,
    warnings: Vec<Warning>,
}

impl Digested {
    fn of(inventory: Inventory) -> Result<Digested, Error> {
        let outline = Outline::of(&inventory);
        Ok(Digested { outline, packed: packing::pack(&inventory)?, warnings: inventory.warnings })
    }
}

/// Software judged at once: the next are judged while these are stored.
const AT_ONCE: usize = 4096;

/// Judges software that was never seen and stores what the data says of it.
async fn judge_new(ctx: &Context, outline: &Outline) -> Result<(), Error> {
    let ids: Vec<SoftwareId> = outline.software.keys().copied().collect();
    let view = ctx.inner.store.reference_view().await?;
    let known = software::known(&view, &ids).await?;
    drop(view);
    // In the order of the key, so that neighbours in the tree are written together.
    let new: Vec<(SoftwareId, SoftwareFacts)> = outline
        .software
        .iter()
        .filter(|(id, _)| !known.contains(id))
        .map(|(id, facts)| (*id, facts.clone()))
        .collect();
    let session = Arc::new(ctx.inner.judge.session());
    let mut parts = new.chunks(AT_ONCE).map(|part| {
        let (session, part) = (session.clone(), part.to_vec());
        tokio::task::spawn_blocking(move || session.judge(part, |(_, facts)| facts))
    });
    let mut stored = HashSet::new();
    let mut next = parts.next();
    while let Some(part) = next {
        let judged = part.await.map_err(|error| Error::Internal(Box::new(error)))?;
        next = parts.next();
        store_new(ctx, judged, &mut stored).await?;
    }
    Ok(())
}

/// Stores judged software; facts on weaknesses that are `stored` by this very work are not written again.
async fn store_new(
    ctx: &Context,
    judged: Vec<((SoftwareId, SoftwareFacts), Verdict)>,
    stored: &mut HashSet<String>,
) -> Result<(), Error> {
    let reference = ctx.inner.store.reference().await?;
    let all = judged.iter().flat_map(|(_, verdict)| &verdict.judgements).map(|judgement| &judgement.weakness);
    let new: Vec<_> = all.filter(|weakness| !stored.contains(&weakness.id)).collect();
    weaknesses::put(&reference, new.iter().copied()).await?;
    stored.extend(new.into_iter().map(|weakness| weakness.id.clone()));
    let rows: Vec<SoftwareRow> = judged
        .iter()
        .map(|((id, facts), verdict)| SoftwareRow {
            id: *id,
            facts: facts.clone(),
            standing: verdict.standing(),
        })
        .collect();
    software::add(&reference, &rows).await?;
    let mut packages: Vec<(String, SoftwareId)> = rows
        .iter()
        .flat_map(|row| {
            let purl = row.facts.purl.as_deref().unwrap_or_default();
            let packages = judge::packages_of(purl, row.facts.version.as_deref());
            packages.into_iter().map(|package| (package, row.id))
        })
        .collect();
    packages.sort_unstable();
    software::add_packages(&reference, &packages).await?;
    let judgements: Vec<_> = judged
        .iter()
        .flat_map(|((id, _), verdict)| verdict.judgements.iter().map(move |judgement| (*id, judgement)))
        .collect();
    software::add_judgements(&reference, &judgements).await?;
    Ok(reference.commit().await?)
}

/// Stores everything in one change: the document, the content, the release, the bill, the findings.
async fn store(
    change: Change,
    document: &Received,
    name: &ReleaseName,
    read: Digested,
) -> Result<SbomReceipt, Error> {
    let Digested { outline, packed, warnings } = read;
    let content = ContentId::from_digest(first_16(&document.kept.sha256));
    let (release, new_release) = ensure_release(&change, name).await?;
    let present = rows::present(&change, release).await?;
    let same = present.as_ref().filter(|present| present.sha256 == document.kept.sha256);
    let unchanged = same.is_some();
    let id = match same {
        Some(present) => present.document,
        None => {
            let Received { file_name, kept, size } = document;
            let id = documents::add(&change, &kept.sha256, "sbom", file_name, *size).await?;
            if !rows::has_content(&change, content).await? {
                let skeleton: Vec<Bone> = outline.skeleton.clone();
                let row = ContentRow { id: content, counts: outline.counts.clone(), skeleton };
                rows::add_content(&change, &row, packed).await?;
            }
            rows::add(&change, release, id, content).await?;
            id
        }
    };
    let classes = ensure_class(&change, release).await?;
    let parts: Arc<[SoftwareId]> = outline.skeleton.iter().map(|bone| bone.software).collect();
    let targets: Vec<Target> =
        classes.iter().map(|class| Target { class: *class, software: parts.clone() }).collect();
    let moved = matching::follow(&change, &targets, None).await?;
    weaknesses::shift_counts(&change, &moved.shifts).await?;
    let counted = classes::of_release(&change, release).await?;
    let receipt = SbomReceipt {
        document: id,
        release,
        release_name: name.words(),
        new_release,
        unchanged,
        format: outline.counts.format.clone(),
        components: outline.counts.components,
        services: outline.counts.services,
        relations: outline.counts.relations,
        without_identifier: outline.counts.without_identifier,
        warnings,
        affected: counted.iter().map(|class| class.affected).max().unwrap_or(0),
        cannot_tell: counted.iter().map(|class| class.cannot_tell).max().unwrap_or(0)
            + unassessed_count(&change, &parts).await?,
        devices: counted.iter().map(|class| class.devices).sum(),
    };
    if unchanged && moved == matching::Moved::default() {
        // Nothing was written; dropping the change leaves no trace of it.
        return Ok(receipt);
    }
    let detail =
        format!("SHA-256 {}, {} components, {}", document.kept.hex(), receipt.components, moved.words());
    change.commit(&format!("{} of {}", document.file_name, receipt.release_name), &detail).await?;
    Ok(receipt)
}

fn first_16(digest: &[u8; 32]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    first
}

async fn ensure_release(change: &Change, name: &ReleaseName) -> Result<(ReleaseId, bool), Error> {
    let known = releases::by_name(change, &name.maker, &name.model, name.version.as_deref()).await?;
    if let Some(row) = known {
        return Ok((row.id, false));
    }
    let row = ReleaseRow {
        id: ReleaseId::generate(),
        maker: name.maker.clone(),
        model: name.model.clone(),
        version: name.version.clone(),
        content: None,
    };
    releases::add(change, std::slice::from_ref(&row)).await?;
    Ok((row.id, true))
}

/// The classes of a release; a release without devices gets a bare one, so that its findings have a place.
async fn ensure_class(change: &Change, release: ReleaseId) -> Result<Vec<ClassId>, Error> {
    let rows = classes::of_release(change, release).await?;
    if !rows.is_empty() {
        return Ok(rows.into_iter().map(|row| row.id).collect());
    }
    let id = ClassId::generate();
    classes::add(change, &[(id, release, None)]).await?;
    Ok(vec![id])
}

/// Components that cannot be judged at all.
async fn unassessed_count(change: &Change, parts: &[SoftwareId]) -> Result<u32, Error> {
    let ids: HashSet<SoftwareId> = parts.iter().copied().collect();
    let ids: Vec<SoftwareId> = ids.into_iter().collect();
    let blind = software::unassessed(change, &ids).await?;
    let count = parts.iter().filter(|id| blind.contains(id)).count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
