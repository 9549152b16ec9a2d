//! What others put behind a version, and what a key says beside the comparison: `docs/versions.md`.

use bedrail_model::version::Order;

/// Debian Policy 5.6.12 (revisions), `~bpo`, `+dfsg`; `-rN` of Alpine. A word of a pre-release is none of a packager's.
#[test]
fn what_a_packager_adds_stands_behind_the_release() {
    for (version, release) in [
        ("1.30.1-6", Some("1.30.1")),
        ("1.30.1-6+deb11u1", Some("1.30.1")),
        ("1.30.1-r2", Some("1.30.1")),
        ("1.30.1+dfsg", Some("1.30.1")),
        ("1.30.1~bpo12", Some("1.30.1")),
        ("1.30.1u1", Some("1.30.1")),
        ("1-6", Some("1")),
        ("1u2", Some("1")),
        // Not there, or a word that means something else.
        ("1.30.1", None),
        ("1.30.1-rc1", None),
        ("1.30.1-r", None),
        ("1.30.1-x2", None),
        ("1.30.1-", None),
        ("1.30.1~rc1", None),
        ("1.30.1u", None),
        ("1.30.au1", None),
        ("1.30.1-6~rc1", Some("1.30.1")),
        ("-6", None),
        ("", None),
    ] {
        assert_eq!(Order::Generic.without_packaging(version), release, "{version}");
        assert_eq!(Order::Dpkg.without_packaging(version), None, "{version}");
    }
}

/// PEP 440, "Local version identifiers"; Bitnami's revisions. What PEP 440 cannot read has a place, which says nothing.
#[test]
fn a_local_label_and_a_revision_are_no_part_of_the_public_version() {
    for (order, version, public) in [
        (Order::Pep440, "2.5.1+cu121", Some("2.5.1")),
        (Order::Pep440, "2.5.1", None),
        (Order::Pep440, "2.5.1+", None),
        (Order::Pep440, "winter+cu121", None),
        (Order::Bitnami, "2.4.58-1", Some("2.4.58")),
        (Order::Bitnami, "2.4.58", None),
        (Order::SemVer, "2.4.58+build", None),
    ] {
        assert_eq!(order.without_local(version), public, "{order} {version}");
    }
    for (order, version, places) in [
        (Order::Pep440, "1.0", true),
        (Order::Pep440, " 1.0 ", true),
        (Order::Pep440, "winter", false),
        (Order::SemVer, "winter", true),
    ] {
        assert_eq!(order.places(version), places, "{order} {version}");
    }
}

/// "What Maven holds below nothing" is so in the keys as well: qualifiers before the release, service packs and words behind.
#[test]
fn keys_of_maven_stand_in_the_order_of_qualifiers() {
    let behind_hyphens = [
        "1-alpha",
        "1-beta",
        "1-milestone",
        "1-rc",
        "1-snapshot",
        "1",
        "1-sp",
        "1-abc",
        "1-xyz",
        "1-1",
        "1.1",
    ];
    let behind_dots = ["1.alpha", "1.beta", "1.milestone", "1.rc", "1.snapshot", "1", "1.sp", "1.abc"];
    let alone = ["alpha", "beta", "milestone", "rc", "snapshot", "0", "sp", "abc", "1"];
    for versions in [&behind_hyphens[..], &behind_dots, &alone] {
        for pair in versions.windows(2) {
            let [lower, higher] = [pair[0], pair[1]].map(|version| Order::Maven.key(version).unwrap());
            assert!(lower < higher, "{pair:?}");
        }
    }
}
