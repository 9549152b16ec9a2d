//! What is done first, by kind of incident. A new step is a row.

use bedrail_model::incident::IncidentKind as Kind;

/// A row of the checklist.
#[derive(Debug, Clone, Copy)]
pub struct ChecklistRow {
    /// The stable code.
    pub code: &'static str,
    /// What is done.
    pub words: &'static str,
    /// For which kinds; empty is all.
    pub kinds: &'static [Kind],
}

const fn row(code: &'static str, words: &'static str, kinds: &'static [Kind]) -> ChecklistRow {
    ChecklistRow { code, words, kinds }
}

/// All steps, in the order in which they are done. Patients come first: nothing is cut off that somebody hangs on.
pub const CHECKLIST: &[ChecklistRow] = &[
    row(
        "patients",
        "Ask the ward: is a patient on a device that is involved, and what takes its place?",
        &[],
    ),
    row("downtime", "Wards work by their downtime procedures", &[Kind::Ransomware, Kind::DeviceCompromise]),
    row(
        "contain",
        "Isolate what is involved, after the ward agreed",
        &[Kind::Ransomware, Kind::DeviceCompromise, Kind::Other],
    ),
    row(
        "evidence",
        "Keep logs, images and devices as they are, before anything is rebuilt",
        &[Kind::Ransomware, Kind::DeviceCompromise, Kind::VendorBreach, Kind::Other],
    ),
    row("backups", "See that backups are whole and out of reach", &[Kind::Ransomware]),
    row(
        "credentials",
        "Change credentials and keys that were on it",
        &[Kind::Ransomware, Kind::DeviceCompromise, Kind::LostDevice, Kind::VendorBreach],
    ),
    row("wipe", "Lock or wipe it from afar, and keep what confirms it", &[Kind::LostDevice]),
    row(
        "retrieve",
        "Ask for return or destruction, and keep the answer in writing",
        &[Kind::MisdirectedRecord],
    ),
    row("police", "Report the theft to the police, and note the number", &[Kind::LostDevice]),
    row("contract", "Read what the contract asks of the vendor, and ask in writing", &[Kind::VendorBreach]),
    row("maker", "Tell the maker of the device what happened", &[Kind::DeviceCompromise]),
    row("insurer", "Tell the insurer and outside counsel", &[]),
    row("count", "Count who is affected, and where they live", &[]),
];

/// The steps of a kind.
pub(super) fn of(kind: Kind) -> impl Iterator<Item = &'static ChecklistRow> {
    CHECKLIST.iter().filter(move |row| row.kinds.is_empty() || row.kinds.contains(&kind))
}
