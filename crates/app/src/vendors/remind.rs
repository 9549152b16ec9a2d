//! Reminders: agreements that end, relations to be looked at anew, and makers that have not answered. Each is told once at each step.

use bedrail_comply::agreement::{Standing, reminder, standing};
use bedrail_store::Change;
use jiff::civil::Date;

use super::{Book, days};
use crate::Error;
use crate::notices::{self, Kind, Pace, Tidings};
use crate::rights::Right;

/// Something with a vendor is due.
pub(crate) const KIND: Kind = Kind {
    code: "vendor",
    words: "an agreement with a vendor ends, or a maker has not answered in time",
    right: Right::SeeFleet,
    pace: Pace::Daily,
};

/// Tells what is due on a day.
pub(crate) async fn remind(change: &Change, today: Date) -> Result<(), Error> {
    let book = Book::read(change).await?;
    for vendor in &book.vendors {
        let link = format!("/vendors/{}", vendor.id);
        // What was followed by a longer one is no news.
        let line = book.line(vendor, today);
        let agreements = book.of(vendor.id).iter().filter(|row| row.ended.is_none() && row.signed.is_some());
        let last = agreements.filter_map(|row| row.expires.map(|end| (end, row))).max_by_key(|(end, _)| *end);
        let endless = line.standing == Standing::Signed && line.ends.is_none();
        if let Some((end, row)) = last.filter(|_| !endless)
            && standing(&days(row), today) != Standing::Draft
            && let Some(step) = reminder(end, today)
        {
            let title = format!("The agreement with {} ends on {end}", vendor.name);
            let detail = "Renew it, or end it with what becomes of the data.";
            let unique = format!("agreement {} {end} {step}", row.id);
            tell(change, &title, detail, &link, &unique).await?;
        }
        if let Some(day) = vendor.renewal
            && let Some(step) = reminder(day, today)
        {
            let title = format!("{} is to be looked at anew by {day}", vendor.name);
            let detail = "What it holds, its agreement, its answers, its subcontractors.";
            tell(change, &title, detail, &link, &format!("renewal {} {day} {step}", vendor.id)).await?;
        }
        for row in book.requests.get(&vendor.id).into_iter().flatten() {
            if row.answered.is_none() && row.due < today {
                let title = format!("{} has not answered by {}", vendor.name, row.due);
                let detail = "Ask again, and note the answer.";
                tell(change, &title, detail, &link, &format!("request {}", row.id)).await?;
            }
        }
    }
    Ok(())
}

async fn tell(change: &Change, title: &str, detail: &str, link: &str, unique: &str) -> Result<(), Error> {
    notices::tell(change, &KIND, &Tidings { title, detail, link, unique }).await
}
