//! Makers of devices as suppliers: what each was asked for (bills of materials, MDS2), how long it took, and how much of what we run
//! is covered.

use std::collections::BTreeMap;

use bedrail_model::ids::{VendorId, VendorRequestId};
use bedrail_store::{View, vendors as rows};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Book, RequestRow, maker_key, one};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::typed::{choice, needed_line};
use crate::{Actor, Context, Error};

/// What a maker is asked for: code and words.
pub const KINDS_ASKED: &[(&str, &str)] =
    &[("sbom", "bill of materials (SBOM)"), ("mds2", "security form of the maker (MDS2)")];
/// Days that a maker has where nobody says. The house's own.
const DAYS: i64 = 30;
/// Requests to one vendor at most.
const MOST: usize = 1_000;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewRequest {
    /// `sbom`, `mds2`.
    pub kind: String,
    /// Of which model.
    pub about: String,
    /// The last day; 30 days from today where it is not said.
    pub due: Option<Date>,
}

/// A maker with its score.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MakerLine {
    /// Its name, as the device list has it first.
    pub maker: String,
    /// The vendor in the register that says it is this maker.
    pub vendor: Option<VendorId>,
    /// Devices of it.
    pub devices: u64,
    /// Releases of it in use or known.
    pub releases: u64,
    /// Of these, those with a bill of materials.
    pub with_bill: u64,
    /// Requests in all, answered ones, and those that are late.
    pub asked: u64,
    /// Answered.
    pub answered: u64,
    /// Waiting past their day.
    pub late: u64,
    /// Days to an answer, in the middle (the lower of two).
    pub days: Option<i64>,
}

/// Asks a maker for something.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`].
pub async fn ask(
    ctx: &Context,
    actor: &Actor,
    vendor: VendorId,
    new: &NewRequest,
) -> Result<VendorRequestId, Error> {
    let codes: Vec<&str> = KINDS_ASKED.iter().map(|(code, _)| *code).collect();
    let kind = choice("what is asked for", &new.kind, &codes, "sbom")?;
    let about = needed_line("the model", &new.about)?;
    let today = ctx.clock.today();
    let due = new.due.unwrap_or_else(|| today.saturating_add(DAYS.days()));
    if due < today {
        return Err(Error::invalid("the day of the answer has passed already"));
    }
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.ask").await?;
    let name = one(&change, vendor).await?.name;
    let there = rows::requests(&change).await?.iter().filter(|row| row.vendor == vendor).count();
    if there >= MOST {
        return Err(Error::invalid(format!("a vendor has at most {MOST} requests")));
    }
    let asked_by = change.actor().to_owned();
    let id = VendorRequestId::generate();
    let row = RequestRow { id, vendor, kind, about, asked: today, asked_by, due, answered: None };
    rows::add_request(&change, &row).await?;
    change.commit(&name, &format!("{} of {}, by {due}", row.kind, row.about)).await?;
    Ok(id)
}

/// Notes that a request was answered.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it was answered, [`Error::Invalid`] for a day that cannot be.
pub async fn answered(
    ctx: &Context,
    actor: &Actor,
    (vendor, id): (VendorId, VendorRequestId),
    on: Option<Date>,
    answer: &str,
) -> Result<(), Error> {
    let answer = needed_line("what was answered", answer)?;
    let today = ctx.clock.today();
    let on = on.unwrap_or(today);
    let change = ctx.change(actor, Right::KeepProgramme, "vendor.answered").await?;
    let name = one(&change, vendor).await?.name;
    let row = rows::requests(&change).await?.into_iter().find(|row| row.id == id && row.vendor == vendor);
    let row = row.ok_or_else(|| Error::not_found(format!("request {id}")))?;
    if on > today || on < row.asked {
        return Err(Error::invalid("the day of the answer lies ahead, or before it was asked"));
    }
    if !rows::answer_request(&change, id, on, &answer).await? {
        return Err(Error::Conflict { message: "it was answered already".into() });
    }
    Ok(change.commit(&name, &format!("answered {} of {}", row.kind, row.about)).await?)
}

/// Every maker of devices with its score, those with most devices first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn makers(ctx: &Context, actor: &Actor) -> Result<Vec<MakerLine>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    score(&fleet, &view, ctx.clock.today()).await
}

async fn score(fleet: &Fleet, view: &View, today: Date) -> Result<Vec<MakerLine>, Error> {
    let book = Book::read(view).await?;
    let mut lines: BTreeMap<String, MakerLine> = BTreeMap::new();
    for release in &fleet.products.releases {
        let line = lines.entry(maker_key(&release.row.maker)).or_default();
        if line.maker.is_empty() {
            line.maker.clone_from(&release.row.maker);
        }
        line.releases += 1;
        line.with_bill += u64::from(release.row.content.is_some());
    }
    for device in &fleet.devices.briefs {
        let release = fleet.products.release_of[device.class as usize] as usize;
        let key = maker_key(&fleet.products.releases[release].row.maker);
        lines.entry(key).or_default().devices += 1;
    }
    for vendor in book.vendors.iter().filter(|row| !row.maker.is_empty()) {
        let Some(line) = lines.get_mut(&maker_key(&vendor.maker)) else { continue };
        line.vendor = Some(vendor.id);
        let requests = book.requests.get(&vendor.id).map_or(&[][..], Vec::as_slice);
        let took =
            |row: &RequestRow| row.answered.as_ref().map(|(on, _)| i64::from((*on - row.asked).get_days()));
        let mut days: Vec<i64> = requests.iter().filter_map(took).collect();
        days.sort_unstable();
        line.asked = requests.len() as u64;
        line.answered = days.len() as u64;
        line.late = requests.iter().filter(|row| row.answered.is_none() && row.due < today).count() as u64;
        line.days = days.get(days.len().saturating_sub(1) / 2).copied();
    }
    let mut lines: Vec<MakerLine> = lines.into_values().collect();
    lines.sort_by(|a, b| b.devices.cmp(&a.devices).then_with(|| a.maker.cmp(&b.maker)));
    Ok(lines)
}
