//! The files of `catalogs/`, as they were when the program was built.

/// Name and text of each, by name.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("breach-notification.yaml", include_str!("../../../../catalogs/breach-notification.yaml")),
    ("ciso-questions.yaml", include_str!("../../../../catalogs/ciso-questions.yaml")),
    ("csf2.yaml", include_str!("../../../../catalogs/csf2.yaml")),
    ("device-reports.yaml", include_str!("../../../../catalogs/device-reports.yaml")),
    ("fda.yaml", include_str!("../../../../catalogs/fda.yaml")),
    ("hicp-405d.yaml", include_str!("../../../../catalogs/hicp-405d.yaml")),
    ("hipaa-security-rule.yaml", include_str!("../../../../catalogs/hipaa-security-rule.yaml")),
    ("hph-performance-goals.yaml", include_str!("../../../../catalogs/hph-performance-goals.yaml")),
    ("mds2.yaml", include_str!("../../../../catalogs/mds2.yaml")),
    ("playbooks.yaml", include_str!("../../../../catalogs/playbooks.yaml")),
    ("privacy-and-admin.yaml", include_str!("../../../../catalogs/privacy-and-admin.yaml")),
    ("retention.yaml", include_str!("../../../../catalogs/retention.yaml")),
    ("sp800-53r5.yaml", include_str!("../../../../catalogs/sp800-53r5.yaml")),
    ("state-clocks.yaml", include_str!("../../../../catalogs/state-clocks.yaml")),
];

/// The text of a file.
pub(crate) fn text(name: &str) -> &'static str {
    // The names are written in this crate alone; the tests read every one of them.
    EMBEDDED.iter().find(|(file, _)| *file == name).map_or("", |(_, text)| text)
}
