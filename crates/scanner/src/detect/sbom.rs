//! Inventories (SBOM) that somebody left: they say what was once thought to be here, so that it is said where one lies, and no more.

use crate::examine::Examiner;
use crate::report::{NotScanned, Reason};

/// Texts that stand in each of them.
const MARKS: [&str; 4] = ["CycloneDX", "cyclonedx.org", "SPDXID", "spdx.org"];

pub(super) fn inventory(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    if MARKS.iter().any(|mark| memchr::memmem::find(bytes, mark.as_bytes()).is_some()) {
        let place = examiner.place(path);
        examiner.facts.not_scanned.push(NotScanned { place, reason: Reason::Inventory });
    }
}
