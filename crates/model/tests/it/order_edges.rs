//! Where numbers end: the longest and largest that an order takes, and what lies one beyond.

use bedrail_model::version::{MAX_VERSION_BYTES, Order, VersionKey};

use crate::orders::{ascends, refuses};

/// Keys write the length of a number in one byte up to thirty digits and in more bytes beyond; SemVer (item 2), RPM, dpkg,
/// PEP 440, Maven, RubyGems, apk-tools and R compare numbers of any length.
#[test]
fn numbers_of_any_length_compare_by_value() {
    let numbers: Vec<String> = [1, 29, 30, 31, 32, 63, 64, 255, 256, 300]
        .iter()
        .flat_map(|digits| [format!("1{}", "0".repeat(digits - 1)), "9".repeat(*digits)])
        .collect();
    for order in [Order::SemVer, Order::Go, Order::Hex] {
        let versions: Vec<String> = numbers.iter().map(|number| format!("1.{number}.0")).collect();
        ascends(order, &versions.join(" < "));
        let versions: Vec<String> = numbers.iter().map(|number| format!("1.0.0-a.{number}")).collect();
        ascends(order, &format!("{} < 1.0.0-a.b", versions.join(" < ")));
    }
    let orders =
        [Order::Rpm, Order::Dpkg, Order::Pep440, Order::Maven, Order::RubyGems, Order::Apk, Order::Cran];
    for order in orders {
        let versions: Vec<String> = numbers.iter().map(|number| format!("1.{number}")).collect();
        ascends(order, &versions.join(" < "));
        // What stands behind a long number counts, too.
        let behind: Vec<String> =
            numbers.iter().map(|number| format!("1.{number}.1 < 1.{number}.2")).collect();
        ascends(order, &behind.join(" < "));
    }
}

/// NuGet: `Int32.MaxValue`. dpkg: an epoch is an `int` (deb-version(7)). Dart: 64-bit integers. npm: `MAX_SAFE_INTEGER` and
/// `MAX_LENGTH` of `internal/constants.js`. The rest are limits of this program.
#[test]
fn the_largest_number_of_an_order_has_a_place_and_the_next_has_none() {
    ascends(Order::NuGet, "2147483646 < 2147483647 = 02147483647.0.0.0");
    refuses(Order::NuGet, &["2147483648", "1.2147483648", "1.0.0.10000000000"]);
    ascends(Order::Dpkg, "2147483646:1 < 2147483647:1 = 02147483647:1");
    refuses(Order::Dpkg, &["2147483648:1", "10000000000:1"]);
    ascends(Order::Pub, "9223372036854775806.0.0 < 9223372036854775807.0.0");
    refuses(Order::Pub, &["9223372036854775808.0.0", "0.10000000000000000000.0"]);
    ascends(Order::Npm, "9007199254740990.0.0 < 9007199254740991.0.0");
    refuses(Order::Npm, &["9007199254740992.0.0", "1.0.10000000000000000"]);
    // Beyond 2^53 JavaScript compares the nearest doubles, which are sixteen apart here.
    ascends(Order::Npm, "1.0.0-90071992547409920 = 1.0.0-90071992547409921 < 1.0.0-90071992547409936");
    // Java compares UTF-16; its surrogates begin behind U+D7FF.
    assert!(Order::Maven.key("1.0\u{D7FF}").is_ok() && Order::Maven.key("1.0\u{E000}").is_err());
    let long = |length: usize| format!("1.0.0-{}", "a".repeat(length - 6));
    assert!(Order::Npm.key(&long(256)).is_ok() && Order::Npm.key(&long(257)).is_err());
    for order in [Order::SemVer, Order::Rpm, Order::Go] {
        assert!(
            order.key(&long(MAX_VERSION_BYTES)).is_ok() && order.key(&long(MAX_VERSION_BYTES + 1)).is_err()
        );
    }
    ascends(Order::Hackage, "1.99999999 < 1.100000000 < 1.999999999");
    refuses(Order::Hackage, &["1.1000000000"]);
    let eighteen = "123456789012345678";
    ascends(
        Order::Generic,
        &format!("1.{eighteen} < 1.123456789012345679 < 2-{eighteen} < 3p{eighteen} < {eighteen}"),
    );
    for version in ["1.1234567890123456789", "2-1234567890123456789", "3p1234567890123456789"] {
        refuses(Order::Generic, &[version]);
    }
}

/// `pub_semver`: identifiers are what `int.tryParse` reads, a sign and `0x` included.
#[test]
fn dart_reads_signs_and_hexadecimal_numbers() {
    ascends(
        Order::Pub,
        "1.0.0--1000 < 1.0.0--999 < 1.0.0--100 < 1.0.0--99 < 1.0.0--10 < 1.0.0--9 < 1.0.0--1 < 1.0.0-0 = 1.0.0--0 < 1.0.0-9",
    );
    ascends(
        Order::Pub,
        "1.0.0--0x10 = 1.0.0--16 < 1.0.0-0x0f = 1.0.0-15 < 1.0.0-0x10 = 1.0.0-0X10 = 1.0.0-16",
    );
    ascends(Order::Pub, "1.0.0-9223372036854775807 < 1.0.0-9223372036854775808 < 1.0.0-x");
    let powers: Vec<String> = (0..19).rev().map(|zeros| format!("1.0.0--1{}", "0".repeat(zeros))).collect();
    ascends(Order::Pub, &format!("1.0.0--9223372036854775807 < {} < 1.0.0-0", powers.join(" < ")));
    refuses(Order::Pub, &["1.0.0-0xffffffffffffffff"]);
    ascends(Order::Pub, "1.0.0-1 < 1.0.0-0x");
}

/// PEP 440: epochs come first, whatever stands behind. setuptools' `LegacyVersion` fills numbers up to eight digits and
/// compares them as text.
#[test]
fn pypi_epochs_and_legacy_numbers() {
    ascends(Order::Pep440, "9999 < 1!0 < 1!1 < 2!0 < 10!0 < 10!0.0.1");
    ascends(Order::Pep440, "x.9 < x.10 < x.123456789 < x.99999999");
    // What the grammar of appendix B does not take is a legacy version: an epoch without a number, a local part that is empty
    // or has other signs.
    for legacy in ["!1.0", "1.0+", "1.0+a..b", "1.0+a b", "1.0+ä", "1.0+a+b", "v", "1.0.", "1.0rc1x"] {
        ascends(Order::Pep440, &format!("{} < 0.dev0", legacy.replace(' ', "$")));
    }
    ascends(Order::Pep440, "1.0 = 1.0.0.0 < 1.0.0.0.1 < 1.0.0.1 < 1.0.1");
    // `_legacy_cmpkey`: zeros before a word have no say, a hyphen before none that comes before "final"; other signs are words.
    ascends(Order::Pep440, "x = x.0 = x.00 < x- < x.000000000 < x.1");
    ascends(Order::Pep440, "a_9 < a_10 < b");
}

/// rpmvercmp passes over separators: the release begins behind the last hyphen, whatever the version ends with.
#[test]
fn rpm_releases_begin_behind_the_last_hyphen() {
    ascends(Order::Rpm, "2.0-1 = 2.0.-1 = 2_0_-1 < 2.0-2 = 2.0.-2 < 2.0-2.1 < 2.0.1-1");
    // `tests/rpmvercmp.at`: behind a caret comes what is later than the version and earlier than the next.
    ascends(Order::Rpm, "1.0 < 1.0^ < 1.0^20160101 < 1.0^20160101^git1 < 1.0^20160102 < 1.0.1");
}

/// composer/semver reads up to five digits as the first number of a version, and more as a date, which has no four parts.
#[test]
fn packagist_first_numbers_have_five_digits() {
    ascends(Order::Packagist, "9999.1.2.3 < 10000 < 99999.1.2.3 < 99999.1.2.4");
    refuses(Order::Packagist, &["100000.1.2.3"]);
}

/// `VersionParser::normalize`: a stability flag behind `@` and build metadata behind `+` are cut off, but not what only looks so;
/// separators of dates and of the numbers behind a stability need not be there; a branch has numbers and `x` alone.
#[test]
fn packagist_cuts_off_flags_and_builds_and_nothing_else() {
    ascends(
        Order::Packagist,
        "1.0-beta = 1.0-beta@dev < 1.0 = 1.0@stable = 1.0@BETA = 1.0@dev = 1.0+a-b.1 < 1.0.1",
    );
    refuses(
        Order::Packagist,
        &["1.0@foo", "1.0@", "@dev", "1.0+", "+1.0", "1.0+a b", "1.x dev+b", "1,x dev+b"],
    );
    ascends(
        Order::Packagist,
        "1.0-beta1 < 1.0-beta2 = 1.0-beta.2 = 1.0beta-2 < 1.0-beta2.1 = 1.0-beta.2-1 < 1.0",
    );
    ascends(Order::Packagist, "20100102 = 20100102- < 20100102-5");
    refuses(Order::Packagist, &["1a.x-dev", ".x-dev", "1.q.x-dev", "1.2.3.4.x-dev", "x-dev"]);
}

/// A version begins with a number; a letter behind `z` is a letter.
#[test]
fn generic_versions_begin_with_a_number() {
    refuses(Order::Generic, &["rc1", "p1", "a", "-1", "beta", "v", "vp1", "1.0z9", "1.0z-"]);
}

/// `Gem::Version::VERSION_PATTERN`: behind the first hyphen further hyphens may stand.
#[test]
fn rubygems_takes_hyphens_behind_the_first() {
    ascends(Order::RubyGems, "1.0-a-b < 1.0-a < 1.0");
    refuses(Order::RubyGems, &["1.0-a_b", "1.0-a..b", "1.0-a."]);
}

/// apk-tools: a fraction is compared as text, a whole number by value; hash, suffixes and revision in this order.
#[test]
fn apk_fractions_hashes_and_revisions() {
    ascends(Order::Apk, "1.0 < 1.00 < 1.01 < 1.010 < 1.02 < 1.1 < 1.2 < 1.10");
    ascends(Order::Apk, "1.1 < 1.1-r1 < 1.1-r2 < 1.1~ab < 1.1_p < 1.1a");
    ascends(Order::Apk, "1_alpha < 1_beta < 1_pre < 1_rc < 1 < 1_cvs < 1_svn < 1_git < 1_hg < 1_p");
    ascends(
        Order::Apk,
        "1_alpha9 < 1_beta1 < 1_beta9 < 1_pre1 < 1_pre9 < 1_rc1 < 1_cvs9 < 1_svn1 < 1_svn9 < 1_git1 < 1_git9 < 1_hg1 < 1_hg9 < 1_p1",
    );
    // A revision of any length comes before a hash.
    ascends(Order::Apk, &format!("1.1 < 1.1-r1{} < 1.1-r1{} < 1.1~0", "0".repeat(29), "0".repeat(31)));
    refuses(Order::Apk, &["1.1~", "1.1~g", "1.1-r1~ab", "1.1-r1_p1", "1.1_p1.2", "1.1A"]);
}

/// Of [`Order::Generic`] alone it can be said that two versions are of one release.
#[test]
fn versions_of_one_release() {
    for (a, b, same) in [
        ("1.0-rc1", "1.0p3", true),
        ("1.0", "1.0.0", true),
        ("1.0a", "1.0", true),
        ("1.0", "1.0.1", false),
        ("1.10p1", "1.1p1", false),
        ("12", "1.2", false),
        ("12", "13", false),
        ("1.12-rc1", "1.13", false),
        ("0", "0.0-rc1", true),
        ("0", "0.1", false),
        ("1", "1.1-rc1", false),
    ] {
        let (left, right) = (Order::Generic.key(a).unwrap(), Order::Generic.key(b).unwrap());
        assert_eq!(Order::Generic.is_same_release(left.as_bytes(), right.as_bytes()), same, "{a} {b}");
        assert_eq!(Order::Generic.is_same_release(right.as_bytes(), left.as_bytes()), same, "{b} {a}");
    }
    let key = Order::SemVer.key("1.0.0").unwrap();
    assert!(!Order::SemVer.is_same_release(key.as_bytes(), key.as_bytes()));
    assert_eq!(VersionKey::from_bytes(key.as_bytes()), key);
    let names: std::collections::BTreeSet<String> = Order::ALL.iter().map(Order::to_string).collect();
    assert_eq!(names.len(), Order::ALL.len());
    let refusal = Order::Generic.compare("1.0sp1", "1.0p3").unwrap_err();
    assert_eq!((refusal.version.as_str(), refusal.order), ("1.0p3", Order::Generic));
}
