//! Signals that the program is to compute and whose facts it does not hold yet: unknown, each for its reason. Whoever brings the
//! facts takes the row away here and puts one into the table of what is fed.

/// A signal, and why nothing is said of it. The reason is shown where the signal is.
pub const LATER: &[(&str, &str)] = &[
    (
        "log_source.coverage_pct",
        "sources of alerts are sensors; which record system logs where is not kept here yet",
    ),
    (
        "device.no_av_no_compensation",
        "which devices have malware protection comes with the import of its console",
    ),
    ("sbom.supplier_pct", "who handed a bill of materials over, its supplier or we, is not kept with it yet"),
    ("purchase.tested_pct", "no purchases are kept here yet"),
    ("retention.violations", "retention by class of record is not carried out here yet: nothing is deleted"),
];
