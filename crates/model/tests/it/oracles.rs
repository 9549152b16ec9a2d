//! Orders against crates that others keep, in the same process: SemVer, PEP 440, dpkg and RPM.

use std::cmp::Ordering;

use bedrail_model::version::Order;

use crate::feeds;

const PAIRS: usize = 12_000;

/// Where the crate reads both versions, it and the order must agree.
fn agrees<V>(
    order: Order,
    pairs: &[(String, String)],
    parse: impl Fn(&str) -> Option<V>,
    compare: impl Fn(&V, &V) -> Ordering,
) {
    let mut compared = 0;
    for (left, right) in pairs {
        if let (Some(a), Some(b)) = (parse(left), parse(right)) {
            compared += 1;
            assert_eq!(order.compare(left, right), Ok(compare(&a, &b)), "{order}: {left} to {right}");
        }
    }
    assert!(compared > 20, "{order}: only {compared} of {} pairs could be compared", pairs.len());
}

#[test]
fn crates_io_agrees_with_the_semver_crate() {
    let own = ["1.0.0", "1.0.0-a", "1.0.0-a.1", "1.0.0-1", "1.0.0+b", "1.0.0-0", "0.0.0"];
    let pairs = feeds::pairs(&["crates.io"], &own, &["-", ".", "0", "-rc.1", "1", "a", "+b"], PAIRS);
    agrees(
        Order::SemVer,
        &pairs,
        |version| semver::Version::parse(version).ok(),
        semver::Version::cmp_precedence,
    );
    for (left, right) in &pairs {
        for version in [left, right] {
            let theirs = semver::Version::parse(version);
            let too_large = theirs.as_ref().is_err_and(|error| error.to_string().contains("too large"));
            assert!(too_large || theirs.is_ok() == Order::SemVer.key(version).is_ok(), "{version}");
        }
    }
}

#[test]
fn pypi_agrees_with_the_pep440_crate() {
    let own =
        ["1.0", "1.0a1", "1.0.dev1", "1.0.post1", "1!1.0", "1.0+local.1", "1.0-1", "v1", "1.0rc1.post2.dev3"];
    let pairs =
        feeds::pairs(&["PyPI"], &own, &["-", ".", "0", "a", "rc", "dev", "post", "+b", "!", "_", "1"], PAIRS);
    agrees(Order::Pep440, &pairs, |version| version.parse::<pep440_rs::Version>().ok(), Ord::cmp);
}

/// No odd versions here: the crate holds `1.0Z` below `1.0Z0`, which dpkg holds equal.
#[test]
fn debian_agrees_with_the_debversion_crate() {
    let own = ["1.0", "1.0-1", "0:1.0", "1:1.0", "1.0~rc1", "1.0+b1", "1.0-0", "1.0-1~bpo1"];
    let pairs = feeds::pairs(&["Debian"], &own, &[], PAIRS);
    agrees(Order::Dpkg, &pairs, |version| version.parse::<debversion::Version>().ok(), Ord::cmp);
}

#[test]
fn rpm_agrees_with_the_rpm_version_crate() {
    let own = ["1.0-1", "0:1.0-1", "1:1.0-1", "1.0~rc1-1", "1.0^git1-1", "1.0.-1"];
    let pairs = feeds::pairs(&["AlmaLinux"], &own, &[".", "0", "~", "^", "a", "Z", "_", "~1"], PAIRS);
    let with_release = |version: &str| {
        (sound_epoch(version) && version.matches('-').count() == 1).then(|| version.to_owned())
    };
    agrees(Order::Rpm, &pairs, with_release, |a, b| {
        rpm_version::Evr::parse(a).cmp(&rpm_version::Evr::parse(b))
    });
}

/// What stands before a colon is a number: the crates read the rest in ways of their own, unlike the tools.
fn sound_epoch(version: &str) -> bool {
    version
        .split_once(':')
        .is_none_or(|(epoch, _)| !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()))
}
