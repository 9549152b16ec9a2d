//! One row for each rule. "Evaluation" and the field names are those of the OSV schema,
//! <https://ossf.github.io/osv-schema/#evaluation>.

use bedrail_assess::Subject;
use bedrail_model::advisory::{Advisory, Affected};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;

use crate::build::{commits, entry, judge, range, record};

fn with_ranges(ecosystem: &str, ranges: &[&str]) -> Affected<'static> {
    Affected { ranges: ranges.iter().map(|events| range(events)).collect(), ..entry(ecosystem) }
}

fn with_list(ecosystem: &str, ranges: &[&str], versions: &[&str]) -> Affected<'static> {
    let versions = versions.iter().map(|version| (*version).to_owned().into()).collect();
    Affected { versions, ..with_ranges(ecosystem, ranges) }
}

/// Judges `version` of package `p` in an ecosystem, `Debian:12` with its release.
fn say(advisory: &Advisory<'_>, ecosystem: &str, version: Option<&str>) -> Option<Reason> {
    let (ecosystem, release) = Ecosystem::parse_osv(ecosystem).unwrap();
    judge(advisory, &Subject::new(ecosystem, release, "p", version))
}

#[test]
fn each_range_is_walked_as_the_schema_says() {
    use Reason::{VersionInRange as In, VersionOutside as Out};
    #[rustfmt::skip]
    let rows: &[(&str, &[&str], &str, Reason)] = &[
        // "introduced: the earliest version, inclusive" · "fixed: exclusive"
        ("npm", &["introduced 1.0.0, fixed 2.0.0"], "0.9.9", Out),
        ("npm", &["introduced 1.0.0, fixed 2.0.0"], "1.0.0", In),
        ("npm", &["introduced 1.0.0, fixed 2.0.0"], "2.0.0", Out),
        // A pre-release sorts before its release (SemVer 2.0.0 §11), so it is not fixed yet.
        ("npm", &["introduced 1.0.0, fixed 2.0.0"], "2.0.0-rc.1", In),
        // "introduced 0" is before every version, pre-releases too.
        ("npm", &["introduced 0, fixed 2.0.0"], "0.0.0-0", In),
        // "last_affected: inclusive"
        ("npm", &["introduced 0, last_affected 1.5.0"], "1.5.0", In),
        ("npm", &["introduced 0, last_affected 1.5.0"], "1.5.1", Out),
        // "limit": only versions before at least one limit are spoken of.
        ("npm", &["introduced 0, limit 1.5.0"], "1.4.0", In),
        ("npm", &["introduced 0, limit 1.5.0"], "1.5.0", Out),
        ("npm", &["introduced 0, limit 1.5.0, limit 3.0.0"], "2.0.0", In),
        ("npm", &["introduced 0, limit 1.5.0, limit 3.0.0"], "3.0.0", Out),
        ("npm", &["introduced 0, fixed 1.0.0, limit *"], "0.5.0", In),
        // Several pairs in one range.
        ("npm", &["introduced 1.0.0, fixed 1.2.0, introduced 2.0.0, fixed 2.2.0"], "1.5.0", Out),
        ("npm", &["introduced 1.0.0, fixed 1.2.0, introduced 2.0.0, fixed 2.2.0"], "2.1.0", In),
        // Events may stand in any order; they are sorted by version.
        ("npm", &["fixed 2.2.0, introduced 2.0.0, fixed 1.2.0, introduced 1.0.0"], "1.1.0", In),
        ("npm", &["fixed 2.2.0, introduced 2.0.0, fixed 1.2.0, introduced 1.0.0"], "1.2.0", Out),
        // Fixed and introduced at once: the order of the record decides.
        ("npm", &["introduced 0, fixed 1.0.0, introduced 1.0.0, fixed 2.0.0"], "1.0.0", In),
        ("npm", &["introduced 1.0.0, fixed 1.0.0"], "1.0.0", Out),
        // Several fixes of one introduction: the first one ends it.
        ("npm", &["introduced 0, fixed 1.0.0, fixed 2.0.0"], "1.5.0", Out),
        // Any range is enough.
        ("npm", &["introduced 1.0.0, fixed 1.2.0", "introduced 2.0.0, fixed 2.2.0"], "2.1.0", In),
        // Each ecosystem by its own order: dpkg's tilde, RPM's epoch, Maven's qualifiers, PEP 440.
        ("Debian:12", &["introduced 0, fixed 3.0.11-1~deb12u2"], "3.0.11-1~deb12u1", In),
        ("Debian:12", &["introduced 0, fixed 3.0.11-1~deb12u2"], "3.0.11-1", Out),
        ("AlmaLinux:9", &["introduced 0, fixed 1:3.0.7-18.el9"], "3.0.8-1.el9", In),
        ("Maven", &["introduced 2.0-beta9, fixed 2.15.0"], "2.0-rc1", In),
        ("Maven", &["introduced 2.0-beta9, fixed 2.15.0"], "2.0-beta8", Out),
        ("PyPI", &["introduced 0, fixed 1.10"], "1.9.post1", In),
        ("Go", &["introduced 0, fixed 1.2.3"], "v1.2.3-0.20200101000000-abcdefabcdef", In),
        ("Alpine:v3.18", &["introduced 0, fixed 1.36.1-r2"], "1.36.1-r1", In),
    ];
    for (ecosystem, ranges, version, expected) in rows {
        let advisory = record("GHSA-x", vec![with_ranges(ecosystem, ranges)]);
        assert_eq!(
            say(&advisory, ecosystem, Some(version)),
            Some(*expected),
            "{ecosystem} {ranges:?} {version}"
        );
    }
}

#[test]
fn a_listed_version_is_affected_whatever_the_ranges_say() {
    let advisory =
        record("GHSA-x", vec![with_list("PyPI", &["introduced 1.0, fixed 2.0"], &["1.5", "3.0", "latest?"])]);
    assert_eq!(say(&advisory, "PyPI", Some("3.0")), Some(Reason::VersionListed));
    // "versions" are compared as the ecosystem holds them equal (PEP 440: 3.0 is 3).
    assert_eq!(say(&advisory, "PyPI", Some("3")), Some(Reason::VersionListed));
    assert_eq!(say(&advisory, "PyPI", Some("3.1")), Some(Reason::VersionOutside));
    let unreadable =
        record("GHSA-x", vec![with_list("npm", &["introduced 1.0.0, fixed 2.0.0"], &["git-abc"])]);
    assert_eq!(say(&unreadable, "npm", Some("git-abc")), Some(Reason::VersionListed));
    assert_eq!(say(&unreadable, "npm", Some("git-def")), Some(Reason::VersionUnreadable));
}

#[test]
fn what_is_unknown_is_cannot_tell_with_its_reason() {
    let ranged = record("GHSA-x", vec![with_ranges("npm", &["introduced 1.0.0, fixed 2.0.0"])]);
    assert_eq!(say(&ranged, "npm", None), Some(Reason::NoVersion));
    assert_eq!(say(&ranged, "npm", Some("  ")), Some(Reason::NoVersion));
    assert_eq!(say(&ranged, "npm", Some("latest")), Some(Reason::VersionUnreadable));
    let broken = record("GHSA-x", vec![with_ranges("npm", &["introduced 1.0.0, fixed soon"])]);
    assert_eq!(say(&broken, "npm", Some("1.5.0")), Some(Reason::RangeUnreadable));
    let unordered = record("GHSA-x", vec![with_list("GitHub Actions", &["introduced 1, fixed 2"], &["v9"])]);
    assert_eq!(say(&unordered, "GitHub Actions", Some("v1")), Some(Reason::NoOrder));
    assert_eq!(say(&unordered, "GitHub Actions", Some("v9")), Some(Reason::VersionListed));
    let by_commit = record("CVE-x", vec![Affected { ranges: vec![commits()], ..entry("PyPI") }]);
    assert_eq!(say(&by_commit, "PyPI", Some("1.0")), Some(Reason::CommitsOnly));
}

#[test]
fn commit_ranges_beside_versions_are_passed_over() {
    let mut affected = with_ranges("PyPI", &["introduced 0, fixed 2.0"]);
    affected.ranges.insert(0, commits());
    let advisory = record("PYSEC-x", vec![affected]);
    assert_eq!(say(&advisory, "PyPI", Some("1.0")), Some(Reason::VersionInRange));
    assert_eq!(say(&advisory, "PyPI", Some("2.0")), Some(Reason::VersionOutside));
}

#[test]
fn all_versions_need_no_version() {
    let advisory = record("GHSA-x", vec![with_ranges("npm", &["introduced 0"])]);
    for version in [None, Some("latest"), Some("1.0.0")] {
        assert_eq!(say(&advisory, "npm", version), Some(Reason::AllVersions), "{version:?}");
    }
}

#[test]
fn githubs_last_known_version_bounds_an_open_range_only() {
    let open = |hint: &str| {
        let affected =
            Affected { last_known: Some(hint.to_owned().into()), ..with_ranges("npm", &["introduced 0"]) };
        record("GHSA-x", vec![affected])
    };
    assert_eq!(say(&open("<= 1.2.0"), "npm", Some("1.2.0")), Some(Reason::VersionInRange));
    assert_eq!(say(&open("<= 1.2.0"), "npm", Some("1.2.1")), Some(Reason::VersionOutside));
    assert_eq!(say(&open("< 1.2.0"), "npm", Some("1.2.0")), Some(Reason::VersionOutside));
    assert_eq!(say(&open("about 1.2"), "npm", Some("9.0.0")), Some(Reason::AllVersions));
    let bounded = Affected {
        last_known: Some("<= 1.2.0".into()),
        ..with_ranges("npm", &["introduced 0, fixed 1.4.0"])
    };
    assert_eq!(say(&record("GHSA-x", vec![bounded]), "npm", Some("1.3.0")), Some(Reason::VersionInRange));
}

#[test]
fn malicious_packages_go_by_their_list_where_they_have_one() {
    let listed = record("MAL-2024-1", vec![with_list("npm", &["introduced 0"], &["2.0.5"])]);
    assert_eq!(say(&listed, "npm", Some("2.0.5")), Some(Reason::VersionListed));
    assert_eq!(say(&listed, "npm", Some("2.0.6")), Some(Reason::VersionOutside));
    assert_eq!(say(&listed, "npm", None), Some(Reason::NoVersion));
    let whole = record("MAL-2024-2", vec![with_ranges("npm", &["introduced 0"])]);
    assert_eq!(say(&whole, "npm", Some("1.0.0")), Some(Reason::AllVersions));
}

#[test]
fn a_release_is_spoken_of_alone_and_no_suffix_speaks_of_all() {
    let twelve = record("DSA-x", vec![with_ranges("Debian:12", &["introduced 0, fixed 2-1"])]);
    assert_eq!(say(&twelve, "Debian:12", Some("1-1")), Some(Reason::VersionInRange));
    assert_eq!(say(&twelve, "Debian:11", Some("1-1")), None);
    // Which release the package is from is not known: it would be affected in one of them.
    assert_eq!(say(&twelve, "Debian", Some("1-1")), Some(Reason::DistributionUnknown));
    // Outside in all of them.
    assert_eq!(say(&twelve, "Debian", Some("2-1")), Some(Reason::VersionOutside));
    let all = record("DSA-x", vec![with_ranges("Debian", &["introduced 0, fixed 2-1"])]);
    assert_eq!(say(&all, "Debian:11", Some("1-1")), Some(Reason::VersionInRange));
    let rocky = record("RLSA-x", vec![with_ranges("Rocky Linux:9", &["introduced 0, fixed 0:2-1.el9"])]);
    assert_eq!(say(&rocky, "Rocky Linux:9", Some("1-1.el9")), Some(Reason::VersionInRange));
}

#[test]
fn withdrawn_records_match_nothing_and_empty_entries_leave_it_open() {
    let mut withdrawn = record("GHSA-x", vec![with_ranges("npm", &["introduced 0"])]);
    withdrawn.withdrawn = Some("2024-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(say(&withdrawn, "npm", Some("1.0.0")), None);
    let empty = record("GHSA-x", vec![entry("npm")]);
    // It names the package and says nothing of its versions: whatever it means, it is not "none".
    assert_eq!(say(&empty, "npm", Some("1.0.0")), Some(Reason::RangeUnreadable));
    assert_eq!(say(&empty, "npm", None), Some(Reason::RangeUnreadable));
}

#[test]
fn in_one_record_affected_wins_over_cannot_tell_over_not_affected() {
    let advisory = record(
        "GHSA-x",
        vec![
            with_ranges("npm", &["introduced 1.0.0, fixed 1.1.0"]),
            with_ranges("npm", &["introduced 2.0.0, fixed soon"]),
            with_ranges("npm", &["introduced 3.0.0, fixed 3.1.0"]),
        ],
    );
    assert_eq!(say(&advisory, "npm", Some("3.0.5")), Some(Reason::VersionInRange));
    assert_eq!(say(&advisory, "npm", Some("4.0.0")), Some(Reason::RangeUnreadable));
    for reason in Reason::ALL {
        assert!(
            reason.answer() != Answer::Affected
                || bedrail_assess::evaluate::weight(reason)
                    < bedrail_assess::evaluate::weight(Reason::NoVersion)
        );
    }
}

/// Where several entries say the same answer, the reason that tells most is shown: where the version lies, before that it
/// is listed, before that all versions are.
#[test]
fn among_equal_answers_the_more_telling_reason_stands() {
    use bedrail_assess::evaluate::weight;
    #[rustfmt::skip]
    let ranked = [
        vec![Reason::VersionInRange],
        vec![Reason::VersionListed],
        vec![Reason::AllVersions],
        vec![Reason::DistributionUnknown, Reason::PlatformUnknown],
        vec![Reason::NoVersion],
        vec![Reason::VersionUnreadable],
        vec![Reason::RangeUnreadable, Reason::CommitsOnly, Reason::NoOrder],
        vec![Reason::VersionOutside],
    ];
    for pair in ranked.windows(2) {
        for (more, less) in pair[0].iter().flat_map(|more| pair[1].iter().map(move |less| (*more, *less))) {
            assert!(weight(more) < weight(less), "{more:?} before {less:?}");
        }
    }
    let both = record(
        "GHSA-x",
        vec![with_list("npm", &[], &["1.5.0"]), with_ranges("npm", &["introduced 1.0.0, fixed 2.0.0"])],
    );
    assert_eq!(say(&both, "npm", Some("1.5.0")), Some(Reason::VersionInRange));
}

/// Releases, and in which version each is mended.
type Entries<'t> = &'t [(&'t str, &'t str)];

/// Variants of a release in the spellings of OSV's feeds: what one says is never silence, and never certain.
#[test]
fn a_variant_of_the_release_is_cannot_tell_where_the_record_says_nothing_of_the_release() {
    use Reason::{DistributionUnknown as Unknown, VersionInRange as In, VersionOutside as Out};
    let fixed =
        |release: &str, version: &str| with_ranges(release, &[&format!("introduced 0, fixed {version}")]);
    #[rustfmt::skip]
    let rows: &[(Entries<'_>, &str, &str, Option<Reason>)] = &[
        (&[("Ubuntu:Pro:18.04:LTS", "2-1+esm1")], "Ubuntu:18.04:LTS", "1-1", Some(Unknown)),
        (&[("Ubuntu:Pro:18.04:LTS", "2-1+esm1")], "Ubuntu:18.04:LTS", "3-1", Some(Out)),
        (&[("Ubuntu:Pro:18.04:LTS", "2-1+esm1")], "Ubuntu:20.04:LTS", "1-1", None),
        (&[("Red Hat:enterprise_linux:9::baseos", "2-1.el9")], "Red Hat:enterprise_linux:9", "1-1.el9", Some(In)),
        (&[("Red Hat:rhel_eus:9.2::appstream", "2-1.el9_2")], "Red Hat:enterprise_linux:9", "1-1.el9", Some(Unknown)),
        (&[("SUSE:Linux Enterprise Server 15 SP5-LTSS", "2-1")], "SUSE:Linux Enterprise Server 15 SP5", "1-1", Some(Unknown)),
        // The record says of the release itself that it is mended, before or behind the variant.
        (&[("Ubuntu:18.04:LTS", "2-1"), ("Ubuntu:Pro:18.04:LTS", "3-1+esm1")], "Ubuntu:18.04:LTS", "2-1", Some(Out)),
        (&[("Ubuntu:Pro:18.04:LTS", "3-1+esm1"), ("Ubuntu:18.04:LTS", "2-1")], "Ubuntu:18.04:LTS", "2-1", Some(Out)),
        // Ours is a variant's own build.
        (&[("Ubuntu:18.04:LTS", "2-1"), ("Ubuntu:Pro:FIPS:18.04:LTS", "2-1.fips.9")], "Ubuntu:18.04:LTS", "2-1.fips.3", Some(Unknown)),
    ];
    for (entries, ecosystem, version, expected) in rows {
        let advisory =
            record("X-1", entries.iter().map(|(release, version)| fixed(release, version)).collect());
        assert_eq!(say(&advisory, ecosystem, Some(version)), *expected, "{entries:?} {ecosystem} {version}");
    }
}

/// PEP 440, "Version matching" and "Inclusive ordered comparison": a specifier without a local label passes over that of a version.
#[test]
fn a_local_build_is_the_version_that_it_is_a_build_of() {
    let last = record("GHSA-x", vec![with_ranges("PyPI", &["introduced 0, last_affected 2.5.1"])]);
    assert_eq!(say(&last, "PyPI", Some("2.5.1+cu121")), Some(Reason::VersionInRange));
    assert_eq!(say(&last, "PyPI", Some("2.5.1.post1+cu121")), Some(Reason::VersionOutside));
    let listed = record("GHSA-x", vec![with_list("PyPI", &[], &["2.5.1"])]);
    assert_eq!(say(&listed, "PyPI", Some("2.5.1+cu121")), Some(Reason::VersionListed));
    let fixed = record("GHSA-x", vec![with_ranges("PyPI", &["introduced 0, fixed 2.5.1"])]);
    assert_eq!(say(&fixed, "PyPI", Some("2.5.1+cu121")), Some(Reason::VersionOutside));
    // A label of the record's own is compared.
    let labelled = record("GHSA-x", vec![with_ranges("PyPI", &["introduced 0, fixed 2.5.1+cu121"])]);
    assert_eq!(say(&labelled, "PyPI", Some("2.5.1+cu120")), Some(Reason::VersionInRange));
    assert_eq!(say(&labelled, "PyPI", Some("2.5.1+cu121")), Some(Reason::VersionOutside));
}

/// <https://github.com/bitnami/go-version>: a revision comes after its release, and is made of it.
#[test]
fn a_revision_of_bitnami_is_the_release_that_it_is_made_of() {
    let rows = [
        ("introduced 0, fixed 2.4.58", "2.4.57-3", Reason::VersionInRange),
        // By SemVer this would be before 2.4.58, and vulnerable.
        ("introduced 0, fixed 2.4.58", "2.4.58-1", Reason::VersionOutside),
        ("introduced 0, fixed 2.4.58-2", "2.4.58-1", Reason::VersionInRange),
        ("introduced 0, fixed 2.4.58-2", "2.4.58-2", Reason::VersionOutside),
        // By SemVer this would be before 2.4.58, and not vulnerable.
        ("introduced 2.4.58, fixed 2.4.60", "2.4.58-1", Reason::VersionInRange),
        ("introduced 0, last_affected 2.4.58", "2.4.58-1", Reason::VersionInRange),
        ("introduced 0, last_affected 2.4.58", "2.4.59-0", Reason::VersionOutside),
        ("introduced 0, last_affected 2.4.58-1", "2.4.58-2", Reason::VersionOutside),
        ("introduced 0, fixed 2.4.58", "2.4.58-rc.1", Reason::VersionInRange),
    ];
    for (range, version, expected) in rows {
        let advisory = record("BIT-x", vec![with_ranges("Bitnami", &[range])]);
        assert_eq!(say(&advisory, "Bitnami", Some(version)), Some(expected), "{range}: {version}");
    }
    let listed = record("BIT-x", vec![with_list("Bitnami", &[], &["2.4.58"])]);
    assert_eq!(say(&listed, "Bitnami", Some("2.4.58-1")), Some(Reason::VersionListed));
}

/// Old setuptools sorted what PEP 440 cannot read below everything; of a component that says nothing.
#[test]
fn a_version_that_pep_440_cannot_read_is_unreadable() {
    let advisory =
        record("GHSA-x", vec![with_list("PyPI", &["introduced 2.3.0, fixed 2.31.0"], &["2.25.1-vendor4"])]);
    assert_eq!(say(&advisory, "PyPI", Some("2.25.1-vendor3")), Some(Reason::VersionUnreadable));
    assert_eq!(say(&advisory, "PyPI", Some("2.25.1-vendor4")), Some(Reason::VersionListed));
    // As a boundary it has the place that it had.
    let old = record("GHSA-x", vec![with_ranges("PyPI", &["introduced 2004d, fixed 2.0"])]);
    assert_eq!(say(&old, "PyPI", Some("1.0")), Some(Reason::VersionInRange));
}
