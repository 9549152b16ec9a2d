//! English: the report of a scan.

use crate::web::texts::keys::ScanReport;

pub(super) const SCAN_REPORT: ScanReport = ScanReport {
    file: "File",
    document: "Document",
    judged: "Judged as of",
    pressing: "Pressing",
    version: "Version",
    unjudged: |components| format!("Cannot be judged ({components})"),
    accepted: |by| format!("(accepted: {by})"),
    data: "Data",
    has_a_say: "Has a say here",
    note: "Note",
    yes: "yes",
    no: "no",
    remarks: |count| format!("Remarks on the document ({count})"),
    lost: "lost",
    mended: "mended",
    credits: |names| format!("What is said of weaknesses is the work of: {names}."),
};
