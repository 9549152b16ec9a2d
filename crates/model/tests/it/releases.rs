//! Releases of distributions and their variants, in the spellings of OSV's own feeds
//! (<https://ossf.github.io/osv-schema/#defined-ecosystems>).

use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::release::Kinship::{self, Other, Same, Variant};
use bedrail_model::release::kinship;

#[test]
fn a_variant_of_a_release_is_neither_the_release_nor_another() {
    #[rustfmt::skip]
    let rows: &[(&str, &str, &str, Kinship)] = &[
        ("Debian", "12", "12", Same),
        ("Debian", "12", "11", Other),
        ("Ubuntu", "22.04:LTS", "22.04:LTS", Same),
        ("Ubuntu", "22.04", "22.04:LTS", Same),
        ("Ubuntu", "Pro:18.04:LTS", "18.04:LTS", Variant),
        ("Ubuntu", "Pro:FIPS-updates:20.04:LTS", "20.04:LTS", Variant),
        ("Ubuntu", "Nvidia-BlueField:22.04:LTS", "22.04:LTS", Variant),
        ("Ubuntu", "Pro:18.04:LTS", "20.04:LTS", Other),
        ("Ubuntu", "24.10", "24.04:LTS", Other),
        // A repository of the plain release.
        ("Red Hat", "enterprise_linux:9::baseos", "enterprise_linux:9", Same),
        ("Red Hat", "enterprise_linux:9::appstream", "enterprise_linux:9", Same),
        ("Red Hat", "enterprise_linux:10.0", "enterprise_linux:10", Same),
        ("Red Hat", "enterprise_linux:8::baseos", "enterprise_linux:9", Other),
        // Support beyond a minor release.
        ("Red Hat", "rhel_eus:9.2::appstream", "enterprise_linux:9", Variant),
        ("Red Hat", "rhel_aus:8.2::baseos", "enterprise_linux:8", Variant),
        ("Red Hat", "rhel_e4s:9.0::appstream", "enterprise_linux:9", Variant),
        ("Red Hat", "rhel_tus:8.6::baseos", "enterprise_linux:9", Other),
        // Other products, which say what they are built for; where one does not, nobody knows.
        ("Red Hat", "openshift:4.14::el9", "enterprise_linux:9", Variant),
        ("Red Hat", "openshift:4.14::el9", "enterprise_linux:8", Other),
        ("Red Hat", "ceph_storage:3", "enterprise_linux:9", Variant),
        ("SUSE", "Linux Enterprise Server 15 SP5", "Linux Enterprise Server 15 SP5", Same),
        // Since 15, what a server installs is in modules of the same service pack.
        ("SUSE", "Linux Enterprise Module for Basesystem 15 SP5", "Linux Enterprise Server 15 SP5", Same),
        ("SUSE", "Linux Enterprise Module for Basesystem 15 SP4", "Linux Enterprise Server 15 SP5", Other),
        ("SUSE", "Linux Enterprise Server 15 SP5-LTSS", "Linux Enterprise Server 15 SP5", Variant),
        ("SUSE", "Linux Enterprise Server 15-LTSS", "Linux Enterprise Server 15", Variant),
        ("SUSE", "Linux Enterprise Server 15-LTSS", "Linux Enterprise Server 15 SP5", Other),
        ("SUSE", "Linux Enterprise Server for SAP Applications 15 SP5", "Linux Enterprise Server 15 SP5", Variant),
        ("SUSE", "Manager Server 4.3", "Linux Enterprise Server 15 SP4", Other),
    ];
    for (ecosystem, spoken_of, ours, expected) in rows {
        let ecosystem = Ecosystem::named(ecosystem).unwrap();
        assert_eq!(kinship(ecosystem, spoken_of, ours), *expected, "{ecosystem}: {spoken_of} to {ours}");
    }
}
