//! rpm's databases of installed packages: SQLite (rpm 4.16 and newer), ndb (SUSE), Berkeley DB (older). In each a package is a
//! header as in its file, without the mark in front.

use super::super::container::rpm;
use crate::content::Content;
use crate::examine::Examiner;
use crate::report::Reason;

mod bdb;
mod ndb;
mod sqlite;

const KIND: &str = "database of rpm packages";
/// Bytes of one header (rpm itself: 256 MiB); real ones stay below this.
const MAX_HEADER: u64 = 64 << 20;

/// Looks at a database, whatever its file is called.
pub(super) fn installed<'s>(
    path: &str,
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let head = content.up_to(0, 512).map_err(|error| Reason::of_read(KIND, &error))?;
    let mut count = 0;
    let mut take = |header: &[u8], examiner: &mut Examiner<'s>| {
        examiner.meter.expand(header.len() as u64)?;
        let place = examiner.place(path);
        if let Some(mut found) = rpm::installed(header, place) {
            if let Some(evidence) = found.evidence.first_mut() {
                "the database of rpm packages".clone_into(&mut evidence.shows);
            }
            count += 1;
            examiner.facts.packages.push(found);
        }
        Ok(())
    };
    if head.starts_with(b"SQLite format 3\0") {
        sqlite::each(content, examiner, &mut take)?;
    } else if head.starts_with(b"RpmP") {
        ndb::each(content, examiner, &mut take)?;
    } else if bdb::is_one(&head) {
        bdb::each(content, examiner, &mut take)?;
    } else if content.length() > 0 {
        return Err(damaged("it is of no known kind"));
    }
    if count == 0 && content.length() > 0 {
        return Err(damaged("no package is in it"));
    }
    Ok(())
}

/// Takes one header.
type Take<'t, 's> = &'t mut dyn FnMut(&[u8], &mut Examiner<'s>) -> Result<(), Reason>;

fn failed(error: &std::io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
