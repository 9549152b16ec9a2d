//! Versions of one document: which takes the place of which.

use std::collections::HashMap;

use bedrail_model::ids::VexDocumentId;
use bedrail_store::Change;
use bedrail_store::vex::{self as rows, VexDocumentRow};
use jiff::Timestamp;

use crate::Error;

/// Says of every document of an issuer which one takes its place, after one came or is seen to be signed.
///
/// # Errors
/// When the database cannot be used.
pub(super) async fn arrange(change: &Change, issuer_key: &str) -> Result<(), Error> {
    let documents = rows::documents(change).await?;
    let mut versions: HashMap<&str, Vec<&VexDocumentRow>> = HashMap::new();
    for row in documents.iter().filter(|it| it.issuer_key == issuer_key) {
        versions.entry(&row.name).or_default().push(row);
    }
    for all in versions.values() {
        for (at, row) in all.iter().enumerate() {
            let by = taker(at, all);
            if by != row.replaced_by {
                rows::replace(change, row.id, by).await?;
            }
        }
    }
    Ok(())
}

/// The version that takes the place of one, of all in the order in which they came: the one that it was, where that still does, else the first.
fn taker(at: usize, all: &[&VexDocumentRow]) -> Option<VexDocumentId> {
    let row = all[at];
    let takes = |(other_at, other): &(usize, &&VexDocumentRow)| {
        *other_at != at && takes_place(other, row, *other_at > at)
    };
    let takers = || all.iter().enumerate().filter(takes).map(|(_, other)| other.id);
    takers().find(|id| row.replaced_by == Some(*id)).or_else(|| takers().next())
}

/// Whether one version takes the place of another. What its issuer did not sign takes the place of nothing that it did: whoever sends a later version
/// in its name would silence it.
fn takes_place(one: &VexDocumentRow, other: &VexDocumentRow, came_later: bool) -> bool {
    let may = one.signed_by.is_some() || other.signed_by.is_none();
    may && (is_older(other, one) || came_later && !is_older(one, other))
}

/// Whether a version comes before another: by its number, else by its date; one of which neither can be read does not.
fn is_older(this: &VexDocumentRow, other: &VexDocumentRow) -> bool {
    let number = |row: &VexDocumentRow| row.version.parse::<u64>().ok();
    if let (Some(this), Some(other)) = (number(this), number(other))
        && this != other
    {
        return this < other;
    }
    let dated = |row: &VexDocumentRow| -> Option<Timestamp> {
        row.updated.as_ref().or(row.issued.as_ref())?.parse().ok()
    };
    matches!((dated(this), dated(other)), (Some(this), Some(other)) if this < other)
}
