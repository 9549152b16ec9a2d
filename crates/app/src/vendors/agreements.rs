//! Agreements: a draft with its text, the clauses found in it one by one, the signature, and the end.

use std::collections::BTreeMap;

use bedrail_comply::agreement::{CLAUSES, Clause};
use bedrail_model::ids::{AgreementId, VendorId};
use bedrail_store::{View, documents, vendors as rows};
use jiff::civil::Date;

use super::{AgreementRow, gaps, one};
use crate::programme::told;
use crate::rights::Right;
use crate::typed::{choice, needed_line, needed_text};
use crate::{Actor, Context, Document, Error, vault};

/// Agreements of one vendor at most.
const MOST: usize = 100;
/// What became of PHI at the end: code and words.
pub const HOW_ENDED: &[(&str, &str)] = &[
    ("returned", "returned"),
    ("destroyed", "destroyed"),
    ("kept", "kept, protected as before: neither can be done"),
];

/// That an agreement was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignature {
    /// The day.
    pub on: Date,
    /// Who signed for the vendor.
    pub signer: String,
    /// From when on it holds; from the signature on where it is not said.
    pub effective: Option<Date>,
    /// The last day on which it holds; no end where it is not said.
    pub expires: Option<Date>,
}

/// That an agreement ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnd {
    /// From this day on it does not hold.
    pub on: Date,
    /// What became of PHI, by its code.
    pub how: String,
    /// What shows it.
    pub note: String,
}

async fn of_vendor(view: &View, vendor: VendorId, id: AgreementId) -> Result<(String, AgreementRow), Error> {
    let name = one(view, vendor).await?.name;
    let row = rows::agreements(view).await?.into_iter().find(|row| row.id == id && row.vendor == vendor);
    Ok((name, row.ok_or_else(|| Error::not_found(format!("agreement {id}")))?))
}

fn is_draft(row: &AgreementRow) -> Result<(), Error> {
    if row.signed.is_some() || row.ended.is_some() {
        let message = "it is no draft any more; begin a new agreement instead".into();
        return Err(Error::Conflict { message });
    }
    Ok(())
}

/// Begins a draft.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] without a title.
pub async fn draft(
    ctx: &Context,
    actor: &Actor,
    vendor: VendorId,
    title: &str,
) -> Result<AgreementId, Error> {
    let title = needed_line("the title", title)?;
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.draft").await?;
    let name = one(&change, vendor).await?.name;
    let there = rows::agreements(&change).await?.iter().filter(|row| row.vendor == vendor).count();
    if there >= MOST {
        return Err(Error::invalid(format!("a vendor has at most {MOST} agreements")));
    }
    let id = AgreementId::generate();
    rows::add_agreement(&change, id, vendor, &title).await?;
    change.commit(&name, &title).await?;
    Ok(id)
}

/// Puts the text of a draft. Clauses that were found in an earlier text are to be found again.
///
/// # Errors
/// [`Error::Invalid`] for a document of another type or too large, [`Error::Conflict`] for one that is signed.
pub async fn document(
    ctx: &Context,
    actor: &Actor,
    (vendor, id): (VendorId, AgreementId),
    file_name: &str,
    document: &Document,
) -> Result<(), Error> {
    actor.need(Right::KeepProgramme)?;
    let (name, _) = told(file_name, document).await?;
    let kept = vault::keep(ctx, document).await?;
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.document").await?;
    let (vendor, row) = of_vendor(&change, vendor, id).await?;
    is_draft(&row)?;
    if row.document.as_ref().is_some_and(|(_, sha256, _)| sha256[..] == kept.sha256) {
        return Ok(());
    }
    let size = usize::try_from(document.length()).unwrap_or(usize::MAX);
    let added = documents::add(&change, &kept.sha256, "agreement", &name, size).await?;
    rows::set_document(&change, id, added, &kept.sha256, &name).await?;
    let detail = format!("{}: {name}, sha256 {}", row.title, kept.hex());
    Ok(change.commit(&vendor, &detail).await?)
}

/// Notes where a clause stands in the text of a draft; with an empty place, that it was not found after all.
///
/// # Errors
/// As [`check_all`].
pub async fn check(
    ctx: &Context,
    actor: &Actor,
    key: (VendorId, AgreementId),
    clause: &str,
    place: &str,
) -> Result<(), Error> {
    check_all(ctx, actor, key, &[(clause.to_owned(), place.to_owned())].into()).await
}

/// Notes of several clauses where each stands in the text of a draft, by id; with an empty place, that it was not found. What stands there
/// as it was is not checked anew.
///
/// # Errors
/// [`Error::Invalid`] for no such clause, or without a text to find it in; [`Error::NotFound`]; [`Error::Conflict`] for one that is
/// signed. Then nothing is noted.
pub async fn check_all(
    ctx: &Context,
    actor: &Actor,
    (vendor, id): (VendorId, AgreementId),
    places: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut wanted = Vec::new();
    for (clause, place) in places {
        let clause = Clause::of(clause).ok_or_else(|| Error::Invalid {
            message: format!("there is no clause {}", clause.escape_debug()),
            hint: Some(CLAUSES.iter().map(|it| it.id).collect::<Vec<_>>().join(", ")),
        })?;
        wanted.push((clause, crate::typed::line("where it stands", place)?));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.clause").await?;
    let (vendor, row) = of_vendor(&change, vendor, id).await?;
    is_draft(&row)?;
    if row.document.is_none() {
        return Err(Error::Invalid {
            message: "there is no text yet in which a clause could be found".into(),
            hint: Some("upload the agreement first".into()),
        });
    }
    let before =
        |clause: &Clause| row.clauses.iter().find(|it| it.clause == clause.id).map(|it| it.place.as_str());
    wanted.retain(|(clause, place)| before(clause).unwrap_or_default() != place);
    let mut said = Vec::new();
    for (clause, place) in &wanted {
        let place = Some(place.as_str()).filter(|place| !place.is_empty());
        rows::set_clause(&change, id, clause.id, place).await?;
        said.push(match place {
            Some(place) => format!("{} stands at {place}", clause.id),
            None => format!("{} was not found", clause.id),
        });
    }
    if said.is_empty() {
        // Nothing is said otherwise; what was written is nothing.
        return Ok(());
    }
    Ok(change.commit(&vendor, &format!("{}: {}", row.title, said.join(", "))).await?)
}

/// Marks a draft as complete and signed.
///
/// # Errors
/// [`Error::Invalid`] where a clause is missing, with all that are; without a text; for days that cannot be. [`Error::Conflict`] for
/// one that is signed.
pub async fn sign(
    ctx: &Context,
    actor: &Actor,
    (vendor, id): (VendorId, AgreementId),
    new: &NewSignature,
) -> Result<(), Error> {
    let signer = needed_line("who signed for the vendor", &new.signer)?;
    if new.on > ctx.clock.today() {
        return Err(Error::invalid("the day of the signature lies ahead"));
    }
    if new.expires.is_some_and(|end| end < new.effective.unwrap_or(new.on)) {
        return Err(Error::invalid("it ends before it begins"));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.sign").await?;
    let (vendor, row) = of_vendor(&change, vendor, id).await?;
    is_draft(&row)?;
    if row.document.is_none() {
        return Err(Error::invalid("there is no text yet; upload the signed agreement first"));
    }
    let missing = gaps(&row);
    if !missing.is_empty() {
        return Err(Error::Invalid {
            message: format!("{} of the 12 clauses are missing: {}", missing.len(), missing.join(", ")),
            hint: Some("find each in the text and say where it stands, or have the vendor add it".into()),
        });
    }
    rows::sign(&change, id, (new.on, &signer), new.effective, new.expires).await?;
    let until = new.expires.map_or_else(|| "without an end".to_owned(), |day| format!("until {day}"));
    Ok(change.commit(&vendor, &format!("{}: signed {} {until}", row.title, new.on)).await?)
}

/// Ends an agreement, with what became of PHI.
///
/// # Errors
/// [`Error::Invalid`] without what shows it, [`Error::Conflict`] for one that was ended.
pub async fn end(
    ctx: &Context,
    actor: &Actor,
    (vendor, id): (VendorId, AgreementId),
    new: &NewEnd,
) -> Result<(), Error> {
    let codes: Vec<&str> = HOW_ENDED.iter().map(|(code, _)| *code).collect();
    let how = choice("what became of the data", &new.how, &codes, "")?;
    if how.is_empty() {
        return Err(Error::invalid("say what became of the data of patients"));
    }
    let note = needed_text("what shows it", &new.note)?;
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.end").await?;
    let (vendor, row) = of_vendor(&change, vendor, id).await?;
    if row.signed.as_ref().is_some_and(|(signed, _)| new.on < *signed) {
        return Err(Error::invalid("it ends before it was signed"));
    }
    if !rows::end(&change, id, new.on, &how, &note).await? {
        return Err(Error::Conflict { message: "it was ended already".into() });
    }
    Ok(change.commit(&vendor, &format!("{}: ended {}, PHI {how}", row.title, new.on)).await?)
}
