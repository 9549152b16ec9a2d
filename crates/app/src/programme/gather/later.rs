//! Signals that the program is to compute and whose facts it does not hold yet: unknown, each for its reason. Whoever brings the
//! facts takes the row away here and puts one into the table of what is fed.

/// A signal, and why nothing is said of it. The reason is shown where the signal is.
pub const LATER: &[(&str, &str)] = &[
    ("asset.count_with_ephi", MARKED),
    (
        "finding.open_without_risk",
        "which findings and assets a signed risk analysis judges is not told one by one yet",
    ),
    (
        "asset_change_since_review",
        "which findings and assets a signed risk analysis judges is not told one by one yet",
    ),
    ("org.hipaa_role_set", ROLES),
    ("org.is_clearinghouse", ROLES),
    ("org.group_health_plan", ROLES),
    ("reminder.days_since_last", REGISTERS),
    ("log_review.overdue", REGISTERS),
    (
        "log_source.coverage_pct",
        "sources of alerts are sensors; which record system logs where is not kept here yet",
    ),
    ("role.security_official.filled", OFFICES),
    ("role.privacy_official.filled", OFFICES),
    ("role.privacy_contact.filled", OFFICES),
    (
        "device.no_av_no_compensation",
        "which devices have malware protection comes with the import of its console",
    ),
    ("ir_plan.age_days", "no incident plan is kept here yet"),
    ("vendor.subcontractor_without_baa", VENDORS),
    ("sbom.supplier_pct", "who handed a bill of materials over, its supplier or we, is not kept with it yet"),
    ("purchase.tested_pct", "no purchases are kept here yet"),
    ("retention.violations", "retention by class of record is not carried out here yet: nothing is deleted"),
];

const MARKED: &str = "which devices hold patient data comes with the import of makers' MDS2 forms";
const ROLES: &str = "the roles of the organisation under HIPAA are not asked for in its settings yet";
const REGISTERS: &str = "no register of the programme is kept for it yet";
const OFFICES: &str = "who holds which office is not kept here yet";
const VENDORS: &str = "no vendors and agreements are kept here yet";
