//! Incidents and vendors, from both sides: which vendors an incident concerns, when each told us against the days it has, and which
//! incidents a vendor has.

use bedrail_comply::agreement::{Notice, notice};
use bedrail_model::ids::{IncidentId, VendorId};
use bedrail_store::{incidents as incident_rows, vendors as rows};
use jiff::civil::Date;

use super::{Book, OwnIncidentRow, VendorRow, maker_key, one};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A vendor that an incident concerns, with the clock of its notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorNotice {
    /// Which.
    pub vendor: VendorId,
    /// Its name.
    pub name: String,
    /// Days within which it agreed to tell; nothing where none are on record.
    pub agreed_days: Option<u32>,
    /// When it discovered it, by its own word; nothing where nobody knows.
    pub discovered: Option<Date>,
    /// When it told us.
    pub told: Option<Date>,
    /// The days by which it must tell; nothing where nobody knows when it found out.
    pub notice: Option<Notice>,
    /// Whether it told late, or is late.
    pub late: bool,
}

/// The vendors of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concerned {
    /// Of whom somebody said that it is theirs, those that are late first.
    pub joined: Vec<VendorNotice>,
    /// Makers of devices that are involved, of whom nobody said so: it may be theirs.
    pub perhaps: Vec<(VendorId, String)>,
    /// The others of the register, by name.
    pub others: Vec<(VendorId, String)>,
}

/// The clock of a vendor's own incident on a day, and whether the vendor told late or is late.
pub(super) fn clock(row: &OwnIncidentRow, agreed_days: Option<u32>, today: Date) -> (Option<Notice>, bool) {
    let notice = row.discovered.map(|day| notice(day, agreed_days));
    let late = notice.is_some_and(|notice| row.told.unwrap_or(today) > notice.due());
    (notice, late)
}

/// The vendors that an incident concerns; `makers` are those of the devices that are involved.
pub(crate) async fn concerned(
    ctx: &Context,
    actor: &Actor,
    incident: IncidentId,
    makers: &[String],
) -> Result<Concerned, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let (book, own) = (Book::whole(&view).await?, rows::incidents(&view).await?);
    let (today, mut concerned) = (ctx.clock.today(), Concerned::default());
    let makers: Vec<String> = makers.iter().map(|maker| maker_key(maker)).collect();
    let made = |row: &VendorRow| !row.maker.is_empty() && makers.contains(&maker_key(&row.maker));
    for vendor in &book.vendors {
        let named = (vendor.id, vendor.name.clone());
        match own.iter().find(|row| row.incident == incident && row.vendor == vendor.id) {
            Some(row) => concerned.joined.push(told(&book, vendor, row, today)),
            None if made(vendor) => concerned.perhaps.push(named),
            None => concerned.others.push(named),
        }
    }
    concerned.joined.sort_by_key(|line| !line.late);
    Ok(concerned)
}

fn told(book: &Book, vendor: &VendorRow, row: &OwnIncidentRow, today: Date) -> VendorNotice {
    let agreed_days = book.agreed_days(vendor, row.discovered.unwrap_or(today));
    let (notice, late) = clock(row, agreed_days, today);
    VendorNotice {
        vendor: vendor.id,
        name: vendor.name.clone(),
        agreed_days,
        discovered: row.discovered,
        told: row.told,
        notice,
        late,
    }
}

/// Notes that an incident is a vendor's own, when the vendor discovered it and when it told.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for days that cannot be.
pub async fn own_incident(ctx: &Context, actor: &Actor, row: &OwnIncidentRow) -> Result<(), Error> {
    let today = ctx.clock.today();
    if row.discovered.into_iter().chain(row.told).any(|day| day > today) {
        return Err(Error::invalid("a day lies ahead; write the day on which it happened"));
    }
    if row.discovered.zip(row.told).is_some_and(|(discovered, told)| told < discovered) {
        return Err(Error::invalid("the vendor told before it discovered; one of the two days is wrong"));
    }
    let change = ctx.change(actor, Right::HandleIncidents, "vendor.incident").await?;
    let vendor = one(&change, row.vendor).await?;
    let incident = incident_rows::one(&change, row.incident).await?;
    let incident = incident.ok_or_else(|| Error::not_found(format!("incident {}", row.incident)))?;
    rows::put_incident(&change, row).await?;
    Ok(change.commit(&vendor.name, &format!("incident {} is its own", incident.number)).await?)
}
