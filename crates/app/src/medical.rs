//! Medical advisories: documents that name maker, product and version, taken in for the whole installation, and judged for
//! the releases of each organisation. Names that are merely alike wait for a person, who decides once.

use std::sync::Arc;

use bedrail_assess::named_product::Prepared;
pub use bedrail_assess::named_product::{Decision, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{ProductAdvisoryId, ReleaseId};
use bedrail_model::product_advisory::{ProductAdvisory, Remediation, Word};
use bedrail_store::product_aliases::{self, AliasRow};
use jiff::Timestamp;

use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod alarm;
mod document;
mod explain;
mod import;
pub(crate) mod judged;
pub mod provider;
pub(crate) mod shelf;
pub(crate) mod statements;

pub use explain::{Explained, HeldFor, NameHeld, explain};
pub use import::{ImportReport, ListReport, import, take};
pub(crate) use judged::Judgements;
use judged::{Hit, Judged};
use shelf::Held;
pub(crate) use shelf::Shelves;

/// What an advisory is to an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A release is affected.
    Matched,
    /// For no release it is known, for some it cannot be told.
    Undecided,
    /// Names like ours are in it, and each is ruled out.
    RuledOut,
    /// It names nothing of ours.
    Foreign,
}

impl Standing {
    /// All of them, the pressing first.
    pub const ALL: [Standing; 4] =
        [Standing::Matched, Standing::Undecided, Standing::RuledOut, Standing::Foreign];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Standing::Matched => "matched",
            Standing::Undecided => "undecided",
            Standing::RuledOut => "ruled_out",
            Standing::Foreign => "foreign",
        }
    }

    /// The standing that a code names.
    pub fn from_code(code: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// Which advisories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MedicalFilter {
    /// Words of the title, the id, the makers and products, all of them.
    pub text: Option<String>,
    /// Only those of a standing; without one, all but the foreign.
    pub standing: Option<Standing>,
    /// Without a standing, the foreign too.
    pub foreign: bool,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct MedicalRow {
    /// Id.
    pub id: ProductAdvisoryId,
    /// The publisher's id.
    pub name: String,
    /// Title.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// When this version was released, as written.
    pub released: Option<String>,
    /// The highest score of its weaknesses.
    pub score: Option<f64>,
    /// What it is to the organisation.
    pub standing: Standing,
    /// Devices that are affected.
    pub affected: u64,
    /// Devices of which it cannot be told.
    pub cannot_tell: u64,
    /// Names that wait for a person.
    pub questions: usize,
}

/// A name of the advisory that may be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What a decision on it is kept by.
    pub key: String,
    /// Maker and product as the advisory writes them.
    pub maker: String,
    /// Product.
    pub product: String,
    /// Versions, in the words of the advisory.
    pub versions: Vec<String>,
}

/// What an advisory says of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The release.
    pub release: ReleaseId,
    /// Maker, model and version.
    pub release_name: String,
    /// Devices that run it.
    pub devices: u64,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub why: Why,
    /// The name of the advisory that it is by.
    pub by: Option<Candidate>,
    /// Names that a person has to look at, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// An advisory, and what it says of our releases.
#[derive(Debug, Clone, PartialEq)]
pub struct MedicalDetail {
    /// The row of the list.
    pub row: MedicalRow,
    /// The document as read.
    pub advisory: Arc<ProductAdvisory>,
    /// SHA-256 of the document, lower-case hex.
    pub sha256: String,
    /// When it was taken in.
    pub added: Timestamp,
    /// The provider that it was fetched from; none for a file that somebody took in.
    pub provider: Option<String>,
    /// Releases that it is about, that it may be about, or that were ruled out.
    pub said: Vec<Said>,
    /// What the publisher advises for what is affected or may be; each advice once.
    pub advice: Vec<Remediation>,
}

/// What one advisory says of a release, for the release's own page.
#[derive(Debug, Clone, PartialEq)]
pub struct OfRelease {
    /// The advisory, with what it is to this release alone.
    pub row: MedicalRow,
    /// What it says.
    pub said: Said,
    /// What the publisher advises for it.
    pub advice: Vec<Remediation>,
}

/// A decision that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameDecision {
    /// Our name, with what makes no difference left out.
    pub own_key: String,
    /// The advisory's, likewise.
    pub their_key: String,
    /// Our name as it was written.
    pub own_name: String,
    /// The advisory's.
    pub their_name: String,
    /// What they are.
    pub decision: Decision,
    /// When it was taken.
    pub decided: Timestamp,
}

/// A decision on two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The advisory that has the one name.
    pub advisory: ProductAdvisoryId,
    /// The release that has the other.
    pub release: ReleaseId,
    /// [`Candidate::key`].
    pub key: String,
    /// What they are; `None` takes an earlier decision back.
    pub decision: Option<Decision>,
}

/// Advisories, those that touch us first, then the newest.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &MedicalFilter,
    page: &PageRequest,
) -> Result<Page<MedicalRow>, Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut rows: Vec<MedicalRow> = judged
        .advisories()
        .filter(|(held, _)| words.iter().all(|word| held.search.contains(word)))
        .map(|(held, hits)| row(&judged, held, hits))
        .filter(|row| match filter.standing {
            Some(standing) => row.standing == standing,
            None => filter.foreign || row.standing != Standing::Foreign,
        })
        .collect();
    rows.sort_by(|a, b| {
        let key = |row: &MedicalRow| (row.standing, std::cmp::Reverse(row.released.clone()));
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    let total = rows.len() as u64;
    let offset = page.skip_counted()?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let rows: Vec<MedicalRow> = rows.into_iter().skip(skip).take(page.rows()).collect();
    Ok(Page::counted(rows, total, offset))
}

/// One advisory, by its id here or the publisher's.
///
/// # Errors
/// [`Error::NotFound`] when it is not held.
pub async fn get(ctx: &Context, actor: &Actor, id: &str) -> Result<MedicalDetail, Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let missing = || Error::not_found(format!("medical advisory {id}"));
    let (held, hits) = judged.advisory(judged.shelf.find(id).ok_or_else(missing)?);
    let mut said: Vec<Said> = hits.iter().map(|hit| said_of(&judged, held, hit)).collect();
    said.sort_by(|a, b| (a.answer, &a.release_name).cmp(&(b.answer, &b.release_name)));
    Ok(MedicalDetail {
        row: row(&judged, held, hits),
        advisory: held.advisory.clone(),
        sha256: hex::encode(&held.sha256),
        added: held.added,
        provider: held.provider.clone(),
        advice: advice(held, hits.iter()),
        said,
    })
}

/// What the advisories say of a release, but for those that rule it out; the pressing first.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release in the actor's organisation.
pub async fn of_release(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<Vec<OfRelease>, Error> {
    let judged = judged::get(ctx, actor, Right::SeeReleases).await?;
    let missing = || Error::not_found(format!("release {release}"));
    let at = judged.release(release).ok_or_else(missing)?;
    if !actor.sees_maker(&judged.products.releases[at as usize].row.maker) {
        return Err(missing());
    }
    let mut found = Vec::new();
    for (held, hits) in judged.advisories() {
        for hit in hits.iter().filter(|hit| hit.release == at && hit.answer != Answer::NotAffected) {
            found.push(OfRelease {
                // Of this release alone: a supplier learns nothing of what others have of other makers.
                row: row(&judged, held, std::slice::from_ref(hit)),
                said: said_of(&judged, held, hit),
                advice: advice(held, [hit].into_iter()),
            });
        }
    }
    found.sort_by(|a, b| {
        let key = |it: &OfRelease| (it.said.answer, std::cmp::Reverse(it.row.released.clone()));
        key(a).cmp(&key(b)).then_with(|| a.row.name.cmp(&b.row.name))
    });
    Ok(found)
}

/// Says once for the organisation that two names are one product, or two; everything is judged by it from then on.
///
/// # Errors
/// [`Error::NotFound`] when release, advisory or name are not there.
pub async fn decide(ctx: &Context, actor: &Actor, command: &Decide) -> Result<(), Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let missing = |what: String| Error::not_found(what);
    let at =
        judged.release(command.release).ok_or_else(|| missing(format!("release {}", command.release)))?;
    let (held, _) = judged
        .advisories()
        .find(|(held, _)| held.id == command.advisory)
        .ok_or_else(|| missing(format!("medical advisory {}", command.advisory)))?;
    let group = held.prepared.groups.iter().find(|group| group.name.key() == command.key);
    let theirs = &group.ok_or_else(|| missing("that product of the advisory".to_owned()))?.name;
    let ours = judged.name(at);
    let (own_name, their_name) =
        (format!("{} {}", ours.maker(), ours.product()), format!("{} {}", theirs.maker(), theirs.product()));
    let change = ctx.change(actor, Right::DecideNames, "medical.decide").await?;
    let said = match command.decision {
        Some(decision) => {
            let same = decision == Decision::Same;
            let row = AliasRow {
                own_key: ours.key(),
                their_key: theirs.key(),
                own_name: own_name.clone(),
                their_name: their_name.clone(),
                same,
                decided: change.at(),
            };
            product_aliases::set(&change, &row).await?;
            if same { "the same product" } else { "two products" }
        }
        None => {
            if !product_aliases::unset(&change, &ours.key(), &theirs.key()).await? {
                return Err(missing("a decision on these names".to_owned()));
            }
            "open again"
        }
    };
    change
        .commit(&own_name, &format!("“{own_name}” and “{their_name}” of {}: {said}", held.advisory.id))
        .await?;
    Ok(())
}

/// Decisions that people of the organisation took.
///
/// # Errors
/// When the database cannot be used.
pub async fn decisions(ctx: &Context, actor: &Actor) -> Result<Vec<NameDecision>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let decision = |row: AliasRow| NameDecision {
        decision: decision_of(&row),
        own_key: row.own_key,
        their_key: row.their_key,
        own_name: row.own_name,
        their_name: row.their_name,
        decided: row.decided,
    };
    Ok(product_aliases::all(&view).await?.into_iter().map(decision).collect())
}

/// What was decided, as it is stored.
fn decision_of(row: &AliasRow) -> Decision {
    if row.same { Decision::Same } else { Decision::Different }
}

/// Takes a decision back; the names are open again.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn take_back(ctx: &Context, actor: &Actor, own_key: &str, their_key: &str) -> Result<(), Error> {
    let change = ctx.change(actor, Right::DecideNames, "medical.take_back").await?;
    let row = product_aliases::all(&change).await?;
    let row = row.into_iter().find(|row| row.own_key == own_key && row.their_key == their_key);
    let row = row.ok_or_else(|| Error::not_found("a decision on these names"))?;
    product_aliases::unset(&change, own_key, their_key).await?;
    let detail = format!("“{}” and “{}”: open again", row.own_name, row.their_name);
    change.commit(&row.own_name, &detail).await?;
    Ok(())
}

fn row(judged: &Judged, held: &Held, hits: &[Hit]) -> MedicalRow {
    let devices = |answer: Answer| -> u64 {
        hits.iter().filter(|hit| hit.answer == answer).map(|hit| judged.devices(hit.release)).sum()
    };
    let has = |answer: Answer| hits.iter().any(|hit| hit.answer == answer);
    let standing = if has(Answer::Affected) {
        Standing::Matched
    } else if has(Answer::CannotTell) {
        Standing::Undecided
    } else if hits.is_empty() {
        Standing::Foreign
    } else {
        Standing::RuledOut
    };
    let scores = held.advisory.weaknesses.iter().flat_map(|it| &it.scores).map(|(cvss, _)| cvss.score);
    MedicalRow {
        id: held.id,
        name: held.advisory.id.clone(),
        title: held.advisory.title.clone(),
        publisher: held.advisory.publisher.name.clone(),
        released: held.advisory.released.clone(),
        score: scores.max_by(f64::total_cmp),
        standing,
        affected: devices(Answer::Affected),
        cannot_tell: devices(Answer::CannotTell),
        questions: hits.iter().filter(|hit| !hit.candidates.is_empty()).count(),
    }
}

fn said_of(judged: &Judged, held: &Held, hit: &Hit) -> Said {
    let release = &judged.products.releases[hit.release as usize];
    let candidate = |index: &usize| candidate(&held.advisory, &held.prepared, *index);
    Said {
        release: release.row.id,
        release_name: release.name.clone(),
        devices: judged.devices(hit.release),
        answer: hit.answer,
        why: hit.why.clone(),
        by: hit.group.as_ref().map(candidate),
        candidates: hit.candidates.iter().map(candidate).collect(),
    }
}

fn candidate(advisory: &ProductAdvisory, prepared: &Prepared, index: usize) -> Candidate {
    let group = &prepared.groups[index];
    let versions = group.products.iter().map(|index| {
        let product = &advisory.products[*index];
        match (advisory.word, product.version.text()) {
            (Word::Own, "") => product.full_name.clone(),
            (Word::Own, text) => text.to_owned(),
            (Word::Repeated, text) => in_words(advisory, *index, text),
        }
    });
    Candidate {
        key: group.name.key(),
        maker: group.name.maker().to_owned(),
        product: group.name.product().to_owned(),
        versions: versions.collect(),
    }
}

/// What a list says of a product, in a few words: "affected: 3.5 | 3.6".
fn in_words(advisory: &ProductAdvisory, product: usize, versions: &str) -> String {
    let statuses = advisory.weaknesses.iter().flat_map(|it| &it.statuses);
    let said = statuses.filter(|(_, it)| *it == product).map(|(status, _)| status.code().replace('_', " "));
    let said = said.collect::<Vec<_>>().join(", ");
    if versions.is_empty() { format!("{said}, no versions given") } else { format!("{said}: {versions}") }
}

/// Remediations for what is affected or may be; each text once, the maker's fixes first.
fn advice<'h>(held: &Held, hits: impl Iterator<Item = &'h Hit>) -> Vec<Remediation> {
    let mut products: Vec<usize> = Vec::new();
    for hit in hits.filter(|hit| hit.answer != Answer::NotAffected) {
        for group in hit.group.iter().chain(&hit.candidates) {
            products.extend(&held.prepared.groups[*group].products);
        }
    }
    let mut found: Vec<Remediation> = Vec::new();
    for remediation in held.advisory.weaknesses.iter().flat_map(|it| &it.remediations) {
        let meant = remediation.products.is_empty()
            || remediation.products.iter().any(|product| products.contains(product));
        if !products.is_empty() && meant && found.iter().all(|it| it.details != remediation.details) {
            found.push(remediation.clone());
        }
    }
    found.sort_by_key(|it| it.category != "vendor_fix");
    found
}
