//! Firmware of no known kind: images and archives that stand somewhere in it, told by their marks and by what must be right behind
//! these (`signs.rs`); and version strings.

use super::signs::{self, Found};
use super::{Layout, linux_boot_header, strings};
use crate::content::Content;
use crate::examine::Examiner;
use crate::report::Reason;

/// Places of one file that are opened, and those that are kept in mind: most stand inside of others.
const MAX_PLACES: usize = 4096;
const MAX_KEPT: usize = 128 << 10;

/// Looks into a file; returns whether anything in it is known.
///
/// # Errors
/// Where its bytes cannot be had, and what ends the scan.
pub(crate) fn look<'s>(
    name: &str,
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
) -> Result<bool, Reason> {
    let is_kernel = linux_boot_header(name, content, examiner);
    let (mut places, mut is_full) = (Vec::new(), false);
    let seen = strings::search(content, examiner, &mut |start, bytes, is_new| {
        signs::each(start, bytes, is_new, &mut |found| {
            if places.len() < MAX_KEPT {
                places.push(found);
            } else {
                is_full = true;
            }
        });
    })?;
    strings::report(name, content, &seen, &Layout::default(), examiner)?;
    if places.is_empty() {
        return Ok(is_kernel || seen.is_any());
    }
    let mut is_opened = true;
    examiner.enter(name, |examiner| {
        is_opened = each(content, places, examiner)?;
        Ok(())
    })?;
    if is_full || !is_opened {
        let what = format!("more than {MAX_PLACES} places in it look like something packed");
        examiner.not_scanned(name, Reason::Damaged { kind: "firmware", what })?;
    }
    Ok(true)
}

/// Opens what was found, the outer before what is in it. Returns whether all was.
fn each<'s>(
    content: &Content<'s>,
    mut places: Vec<Found>,
    examiner: &mut Examiner<'s>,
) -> Result<bool, Reason> {
    places.sort_by_key(|found| (found.at, std::cmp::Reverse(found.length)));
    let (mut until, mut opened) = (0, 0);
    for Found { at, length, sign } in places {
        // What stands inside of what was opened belongs to that.
        if at < until {
            continue;
        }
        if opened == MAX_PLACES {
            return Ok(false);
        }
        opened += 1;
        examiner.meter.entry()?;
        let name = format!("{} at byte {at}", sign.name);
        let window = content.window(at, length.unwrap_or(u64::MAX));
        until = at.saturating_add(sign.open.open(&name, &window, examiner)?);
    }
    Ok(true)
}
