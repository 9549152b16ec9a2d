//! Facts out of the registers of the office: vendors, requests, complaints, sanctions. Nothing is said of what nobody keeps.

use bedrail_comply::agreement::{Standing, standing};
use bedrail_comply::signal::Value;
use bedrail_store::View;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::gather::Said;
use crate::Error;
use crate::registers::{self, EntryLine};
use crate::vendors::{self, Book};

/// What is known of vendors and registers on a day.
#[derive(Debug, Default)]
pub(crate) struct Office {
    pub(crate) today: Date,
    pub(crate) vendors: Book,
    pub(crate) entries: Vec<EntryLine>,
    pub(crate) reviews: std::collections::BTreeMap<String, (Timestamp, String)>,
}

/// Days for which a look at an empty register shows that it is empty.
const LOOKED_AT_FOR: i32 = 365;
/// An agreement that ends within so many days is one that expires soon.
const SOON: i64 = 90;

impl Office {
    /// Reads it, in statements whose number does not grow.
    pub(crate) async fn read(view: &View, now: Timestamp) -> Result<Office, Error> {
        let today = now.to_zoned(TimeZone::UTC).date();
        Ok(Office {
            today,
            vendors: Book::read(view).await?,
            entries: registers::lines(view, today).await?,
            reviews: registers::reviews(view).await?,
        })
    }

    /// Vendors that hold ePHI, as far as is known, without an agreement in force.
    pub(crate) fn bare(&self) -> u64 {
        let book = &self.vendors;
        book.vendors.iter().filter(|row| book.line(row, self.today).bare).count() as u64
    }

    /// Entries past their last day.
    pub(crate) fn late_entries(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.left.is_some_and(|left| left < 0)).count() as u64
    }

    fn looked_at(&self, kind: &str) -> Option<i32> {
        let (at, _) = self.reviews.get(kind)?;
        Some((self.today - at.to_zoned(TimeZone::UTC).date()).get_days())
    }

    /// None late is said where the registers are kept: with an entry, or looked at within a year.
    fn late(&self, kinds: &[&str], link: &str) -> Said {
        let of = || self.entries.iter().filter(|line| kinds.contains(&line.kind.code));
        let late = of().filter(|line| line.left.is_some_and(|left| left < 0)).count() as u64;
        let kept = |kind: &str| {
            of().any(|line| line.kind.code == kind)
                || self.looked_at(kind).is_some_and(|days| days <= LOOKED_AT_FOR)
        };
        let whole = kinds.iter().all(|kind| kept(kind));
        (late > 0 || whole).then(|| {
            (
                Value::Count(late),
                format!("{late} of {} entries are past their last day ({link})", of().count()),
            )
        })
    }

    /// How many agreements in force have a clause; nothing where there is none in force.
    fn clause(&self, clause: &str) -> Said {
        let (mut met, mut of) = (0, 0);
        for (_, row) in self.vendors.in_force(self.today) {
            of += 1;
            met += u64::from(row.clauses.iter().any(|it| it.clause == clause));
        }
        (of > 0).then(|| {
            (Value::Share { met, of }, format!("{met} of {of} agreements in force have it (/vendors)"))
        })
    }
}

/// None is said only where of every vendor it is known whether it holds ePHI.
pub(super) fn without_agreement(office: &Office) -> Said {
    let book = &office.vendors;
    let bare = office.bare();
    let untold = book.vendors.iter().any(|row| row.ephi == "unknown" || row.associate == "unknown");
    let all = book.vendors.len();
    (bare > 0 || all > 0 && !untold).then(|| {
        (
            Value::Count(bare),
            format!("{bare} of {all} vendors hold ePHI without an agreement in force (/vendors)"),
        )
    })
}

pub(super) fn ending_soon(office: &Office) -> Said {
    let book = &office.vendors;
    let signed = book
        .vendors
        .iter()
        .map(|row| book.line(row, office.today))
        .filter(|line| matches!(line.standing, Standing::Signed | Standing::Expired));
    let (mut soon, mut all) = (0, 0);
    for line in signed {
        all += 1;
        let ends = line.ends.is_some_and(|(_, left)| left <= SOON);
        soon += u64::from(ends || line.standing == Standing::Expired);
    }
    (all > 0).then(|| {
        (
            Value::Count(soon),
            format!("{soon} of {all} agreements end within {SOON} days or have ended (/vendors)"),
        )
    })
}

/// Who names no subcontractor may have none, or said nothing: only vendors that hold ePHI and name one are counted.
pub(super) fn subcontractors_unattested(office: &Office) -> Said {
    let with = |row: &&vendors::VendorRow| row.ephi == "yes" && !row.subcontractors.is_empty();
    let all = office.vendors.vendors.iter().filter(with).count();
    let open = office.vendors.vendors.iter().filter(with).filter(|row| row.attested.is_none()).count() as u64;
    (all > 0).then(|| {
        (
            Value::Count(open),
            format!("{open} of {all} vendors with subcontractors have not confirmed (/vendors)"),
        )
    })
}

/// That none is without an agreement is said where every vendor with ePHI that names subcontractors confirmed theirs; how many of the
/// others have none, nobody here can know.
pub(super) fn subcontractors_without_agreement(office: &Office) -> Said {
    let with = |row: &&vendors::VendorRow| row.ephi == "yes" && !row.subcontractors.is_empty();
    let named = || office.vendors.vendors.iter().filter(with);
    let all: usize = named().map(|row| row.subcontractors.len()).sum();
    (all > 0 && named().all(|row| row.attested.is_some())).then(|| {
        (
            Value::Count(0),
            format!("the vendors of all {all} subcontractors confirmed their agreements (/vendors)"),
        )
    })
}

/// Clauses that agreements lack: those in force, and drafts of vendors that hold ePHI already.
pub(super) fn clause_gaps(office: &Office) -> Said {
    let book = &office.vendors;
    let (mut gaps, mut all) = (0, 0);
    for vendor in &book.vendors {
        let bare = book.line(vendor, office.today).bare;
        for row in book.of(vendor.id) {
            let stands = standing(&vendors::days(row), office.today);
            if stands == Standing::Signed || (bare && stands == Standing::Draft) {
                all += 1;
                gaps += vendors::gaps(row).len() as u64;
            }
        }
    }
    (all > 0)
        .then(|| (Value::Count(gaps), format!("{gaps} clauses are missing in {all} agreements (/vendors)")))
}

pub(super) fn clause_comply(office: &Office) -> Said {
    office.clause("safeguards")
}

pub(super) fn clause_flowdown(office: &Office) -> Said {
    office.clause("subcontractors")
}

pub(super) fn clause_report(office: &Office) -> Said {
    office.clause("report")
}

/// Said only where every vendor with an agreement in force has its days on record.
pub(super) fn notice_days(office: &Office) -> Said {
    // A vendor without an agreement has agreed to no days at all.
    if office.bare() > 0 {
        return None;
    }
    let mut longest = None;
    for (vendor, _) in office.vendors.in_force(office.today) {
        longest = longest.max(Some(i64::from(vendor.notice_days?)));
    }
    let longest: i64 = longest?;
    Some((
        Value::Days(longest),
        format!("the longest of all agreements in force is {longest} days (/vendors)"),
    ))
}

pub(super) fn complaints_late(office: &Office) -> Said {
    office.late(&["complaint"], "/registers/complaint")
}

pub(super) fn requests_late(office: &Office) -> Said {
    office.late(&["access", "amendment", "accounting"], "/registers")
}

pub(super) fn sanctions_looked_at(office: &Office) -> Said {
    let days = office.looked_at("sanction")?;
    Some((
        Value::Days(i64::from(days)),
        format!("{days} days ago the log of sanctions was looked at (/registers/sanction)"),
    ))
}
