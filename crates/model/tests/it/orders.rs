//! What each order says, as tables: each row is a chain that ascends, with `=` between versions that are equal. The
//! rows are facts of the ecosystem's own documentation, tests or tool.

use std::cmp::Ordering;

use bedrail_model::version::Order;

/// Checks every pair of a chain such as `1.0-rc < 1.0 = 1 < 1.1`, both ways round.
pub(crate) fn ascends(order: Order, chain: &str) {
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    let mut rank = 0;
    for word in chain.split_whitespace() {
        match word {
            "<" => rank += 1,
            "=" => {}
            version => ranked.push((rank, version)),
        }
    }
    for (left_rank, left) in &ranked {
        for (right_rank, right) in &ranked {
            let expected = left_rank.cmp(right_rank);
            let found = order.compare(left, right).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found, expected, "{order}: {left} to {right}");
            let by_key = order.key(left).unwrap().cmp(&order.key(right).unwrap());
            assert_eq!(by_key, expected, "{order}: keys of {left} and {right}");
        }
    }
}

pub(crate) fn refuses(order: Order, versions: &[&str]) {
    for version in versions {
        let answer = order.key(version);
        assert!(answer.is_err(), "{order} takes {version:?} for {answer:?}");
        assert_eq!(order.compare(version, "1.0.0").unwrap_err().order, order);
    }
}

/// <https://github.com/bitnami/go-version>, README; what is no number behind the hyphen is read as SemVer does.
#[test]
fn a_number_behind_a_hyphen_is_a_revision_to_bitnami() {
    ascends(
        Order::Bitnami,
        "2.4.58-rc.1 < 2.4.58 = 2.4.58+b < 2.4.58-0 < 2.4.58-1 = 2.4.58-1+b < 2.4.58-2 < 2.4.58-10 < 2.4.59-1.2 \
         < 2.4.59-alpha < 2.4.59-beta < 2.4.59 < 2.4.59-7 < 2.5.0",
    );
    refuses(Order::Bitnami, &["2.4", "2.4.58-", "2.4.58-01", "v2.4.58", "2.4.58-1+", "2.4.58.1-1"]);
    let release = |version| Order::Bitnami.without_local(version);
    assert_eq!(release("2.4.58-1"), Some("2.4.58"));
    assert_eq!(release(" 2.4.58-1+b "), Some("2.4.58"));
    for version in ["2.4.58", "2.4.58-rc.1", "2.4.58-1-1"] {
        assert_eq!(release(version), None, "{version}");
    }
    assert_eq!(Order::SemVer.without_local("2.4.58-1"), None);
}

/// <https://semver.org/#spec-item-11>
#[test]
fn semver_follows_the_specification() {
    for order in [Order::SemVer, Order::Npm, Order::Go, Order::Hex, Order::Pub] {
        ascends(
            order,
            "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 \
             < 1.0.0-rc.1 < 1.0.0 < 1.0.1 < 1.2.0 < 1.10.0 < 2.0.0 < 10.0.0",
        );
        ascends(
            order,
            "1.0.0-0 < 1.0.0-9 < 1.0.0-10 < 1.0.0--1-x < 1.0.0-A < 1.0.0-a < 1.0.0-a.0 < 1.0.0-a-",
        );
    }
    for order in [Order::SemVer, Order::Npm, Order::Go, Order::Hex] {
        ascends(order, "1.0.0-rc.1+b = 1.0.0-rc.1 < 1.0.0+a = 1.0.0 = 1.0.0+b.7");
    }
    for order in [Order::SemVer, Order::Hex] {
        ascends(
            order,
            "99999999999999999999998.0.0 < 99999999999999999999999.0.0 < 1099999999999999999999999.0.0",
        );
        refuses(
            order,
            &["1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.3-a..b"],
        );
        refuses(order, &["", " ", "abc", "1.2.x", "1.2.3-ä", "1.2.3 4", "*", "-1.2.3", "1..3"]);
    }
}

/// <https://github.com/npm/node-semver>, `classes/semver.js`, `internal/identifiers.js`
#[test]
fn npm_reads_as_javascript_does() {
    ascends(Order::Npm, "v1.2.3 = 1.2.3 = =1.2.3 < 1.2.4");
    ascends(Order::Npm, "1.0.0-9007199254740992 = 1.0.0-9007199254740993 < 1.0.0-9007199254740994");
    ascends(Order::Npm, "9007199254740990.0.0 < 9007199254740991.0.0");
    refuses(Order::Npm, &["9007199254740992.0.0", "1.2", "1", "1.2.3-01", "latest", &"1".repeat(257)]);
}

/// <https://go.dev/ref/mod#versions> and <https://pkg.go.dev/golang.org/x/mod/semver>
#[test]
fn go_orders_pseudo_versions_and_incompatible_ones() {
    ascends(
        Order::Go,
        "v0.0.0-20190101000000-aaaaaaaaaaaa < v0.0.0-20200101000000-aaaaaaaaaaaa < v0.0.0 < v1.2.3-pre \
         < v1.2.3-pre.0.20191109021931-daa7c04131f5 < v1.2.3 < v1.2.4-0.20191109021931-daa7c04131f5 < v1.2.4",
    );
    ascends(Order::Go, "2.0.0 = v2.0.0+incompatible = v2 = 2.0 < 2.0.1+incompatible");
    refuses(
        Order::Go,
        &["v1.2-pre", "v1+incompatible", "go1.21", "vv1.2.3", "v01.2.3", "v1.2.3.4", "v", "v1."],
    );
}

/// `ComparableVersionTest` of maven-artifact and <https://maven.apache.org/pom.html#version-order-specification>
#[test]
fn maven_follows_comparable_version() {
    ascends(
        Order::Maven,
        "1-alpha2snapshot < 1-alpha2 < 1-alpha-123 < 1-beta-2 < 1-beta123 < 1-m2 < 1-m11 < 1-rc = 1-cr < 1-cr2 \
         < 1-rc123 < 1-SNAPSHOT < 1 < 1-sp < 1-sp2 < 1-sp123 < 1-abc < 1-def < 1-pom-1 < 1-1-snapshot < 1-1 < 1-2 < 1-123",
    );
    ascends(
        Order::Maven,
        "2.0 < 2.0.a < 2-1 < 2.0.2 < 2.0.123 < 2.1.0 < 2.1-a < 2.1b < 2.1-c < 2.1-1 < 2.1.0.1 < 2.2 < 2.123 < 11.a2 < 11.a",
    );
    for equal in [
        "1 = 1.0 = 1.0.0 = 1-0 = 1.0-0 = 1-ga = 1.0.0-final = 1.RELEASE = 1-release = 1.Final",
        "1x = 1.0.0-x = 1.0.0x = 1-x = 1.0.0-X",
        "1-alpha-1 = 1alpha1 = 1a1 = 1.0.a1 = 1-a1",
        "1-beta-1 = 1b1 = 1.b1 < 1-milestone-1 = 1m1 < 1-rc-1 = 1cr1",
        "0 = 0.0.0 = final = ga",
        "1.0.0.RELEASE = 1.0.0 < 1.0.0.SP1",
    ] {
        ascends(Order::Maven, equal);
    }
    ascends(Order::Maven, "1.0-a < 1.0-b");
    ascends(Order::Maven, "6.1.0rc3 < 6.1.0 < 6.1H.5-beta < 6.1.0.1");
    ascends(Order::Maven, "2.0.1.Final < 2.0.1.Final-redhat-1 < 2.0.1.Final-redhat-2 < 2.0.2");
    ascends(
        Order::Maven,
        "20190126.230843 < 1234567890.12345 < 123456789012345.1 < 1234567890123456789012.0",
    );
    ascends(Order::Maven, "31.1-android < 31.1-jre < 32");
    ascends(Order::Maven, "1.0é < 1.0.1");
    refuses(Order::Maven, &["", "1.0É", "1.٣"]);
}

/// Maven's answers run in a circle here; a pair gets Maven's answer, the keys keep one line.
#[test]
fn maven_circles_get_maven_answers_for_pairs() {
    for (a, b, expected) in [
        ("1", "1-sp", Ordering::Less),
        ("1-sp", "1.0.alpha.1", Ordering::Less),
        ("1.0.alpha.1", "1", Ordering::Less),
        ("2.7.1.redhat-1", "2.7.1", Ordering::Greater),
        ("2.7.1.redhat-1", "2.7.1.Beta1", Ordering::Less),
    ] {
        assert_eq!(Order::Maven.compare(a, b), Ok(expected), "{a} to {b}");
        assert_eq!(Order::Maven.compare(b, a), Ok(expected.reverse()), "{b} to {a}");
    }
    let key = |version| Order::Maven.key(version).unwrap();
    assert!(key("1.0.alpha.1") < key("1") && key("1") < key("1-sp"));
    assert!(key("2.7.1.Beta1") < key("2.7.1") && key("2.7.1") < key("2.7.1.redhat-1"));
}

/// PEP 440, "Summary of permitted suffixes and relative ordering"; `packaging`'s `tests/test_version.py`
#[test]
fn pypi_follows_pep_440() {
    ascends(
        Order::Pep440,
        "1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 \
         < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 \
         < 1.0.post456 < 1.1.dev1 < 1!0.1",
    );
    for equal in [
        "1 = 1.0 = 1.0.0 = v1.0 = V1.0.0 = 01.0 = 0!1",
        "1.0a = 1.0a0 = 1.0.alpha = 1.0-ALPHA_0 = 1.0alpha-0",
        "1.0b1 = 1.0-beta.1 < 1.0c1 = 1.0rc1 = 1.0pre1 = 1.0.PREVIEW1",
        "1.0-1 = 1.0.post1 = 1.0rev1 = 1.0-r1 = 1.0_post_1 < 1.0.post2",
        "1.0.dev = 1.0dev0 = 1.0-dev < 1.0",
        "1.0+ubuntu.1 = 1.0+UBUNTU-1 = 1.0+ubuntu_1",
        "1.0+a < 1.0+a.b < 1.0+a.1 < 1.0+1 < 1.0+1.a",
    ] {
        ascends(Order::Pep440, equal);
    }
}

/// `packaging` 21, `LegacyVersion`
#[test]
fn pypi_puts_legacy_versions_before_all_others() {
    ascends(Order::Pep440, "foo < 0.7-x < 0.7.x < 2004d < 0.dev0 < 1!0.dev0");
    ascends(Order::Pep440, "0.0.1a.dev.z < 1.0-x-dev < 1.0-x");
}

/// NuGet.Versioning, <https://learn.microsoft.com/nuget/concepts/package-versioning>
#[test]
fn nuget_has_four_numbers_and_labels_without_case() {
    ascends(Order::NuGet, "1 = 1.0 = 1.0.0 = 1.0.0.0 = 01.00 < 1.0.0.1 < 1.0.1");
    ascends(
        Order::NuGet,
        "1.0.1-aaa < 1.0.1-alpha = 1.0.1-ALPHA < 1.0.1-beta < 1.0.1-open < 1.0.1-rc = 1.0.1-RC+meta < 1.0.1",
    );
    ascends(Order::NuGet, "1.0-rc.2 < 1.0-rc.10 < 1.0-rc.a < 1.0-rc10 < 1.0-rc2");
    ascends(Order::NuGet, "1.0--5 < 1.0-0 = 1.0--0 < 1.0-3 < 1.0-2147483647 < 1.0-2147483648 < 1.0-3a");
    refuses(
        Order::NuGet,
        &[
            "1.0.0.0.0",
            "1.0.",
            "v1.0",
            "1.0-",
            "1.0-a..b",
            "2147483648",
            "1.0-ä",
            "1.0_1",
            "1.0-00",
            "1.0-01",
        ],
    );
}

/// `test/rubygems/test_gem_version.rb` of RubyGems
#[test]
fn rubygems_puts_words_below_numbers() {
    ascends(Order::RubyGems, "1.0 = 1 = 1.0.0 < 1.0.1");
    // A platform is no pre-release.
    ascends(
        Order::RubyGems,
        "5.0.0 = 5.0.0-java = 5.0.0-x86_64-linux = 5.0.0-aarch64-linux-gnu = 5.0.0-arm64-darwin",
    );
    ascends(Order::RubyGems, "5.0.0-rc1 < 5.0.0-x64-mingw32 = 5.0.0-universal-darwin = 5.0.0-x86-mswin32-60");
    ascends(Order::RubyGems, "1.8.2.a < 1.8.2.a9 < 1.8.2.a10 < 1.8.2.b < 1.8.2 < 1.8.2.1");
    ascends(Order::RubyGems, "0.beta.1 = 0.0.beta.1 < 0.0.0");
    ascends(Order::RubyGems, "5.0.0-rc2 < 5.0.0.rc2 < 5.x");
    ascends(Order::RubyGems, "1.9.3.alpha.5 < 1.9.3");
    ascends(Order::RubyGems, "1.a.0.b < 1.a.0 = 1.a = 1.a.0.0 < 1.a.0.1 < 1.a.1");
    ascends(Order::RubyGems, "1.A < 1.a");
    refuses(Order::RubyGems, &["junk", "1.", "1..2", ".1", "1.2_3", "v1", "1.2 3", "1-", "1.é"]);
}

/// `VersionParserTest` of composer/semver and the manual of PHP's `version_compare`
#[test]
fn packagist_normalises_and_compares_as_php_does() {
    ascends(
        Order::Packagist,
        "1.0.0-dev < 1.0.0-alpha = 1.0a < 1.0.0-alpha1 = 1.0.0.a1 < 1.0.0-alpha2 < 1.0.0-beta < 1.0.0-b2 < 1.0.0-beta10 \
         < 1.0.0-RC1-dev < 1.0.0-RC1 = 1.0.0rc1 = 1.0.0_rc1 < 1.0.0 = v1.0 = V1 = 1.0.0-stable = 1.0.0.0 = 1.0+build \
         < 1.0.0-patch1 = 1.0.0-pl1 = 1.0p1 < 1.0.0.1 < 1.0.1",
    );
    ascends(Order::Packagist, "1.0.x-dev < 1.x-dev = 1.*.dev < 2.0");
    ascends(Order::Packagist, "20100102 < 20100102.1 < 20100103 < 201001021500");
    ascends(Order::Packagist, "2010-01-02 < 2010.1.2 < 2010-01-02.5");
    refuses(
        Order::Packagist,
        &["dev-master", "dev-feature/x", "master", "feature-dev", "1.0.0.0.0", "1.0-foo", "a"],
    );
}

/// Debian Policy 5.6.12, deb-version(7), and `scripts/t/Dpkg_Version.t` of dpkg
#[test]
fn dpkg_sorts_tildes_first_and_letters_before_the_rest() {
    ascends(
        Order::Dpkg,
        "1.0~~ < 1.0~~a < 1.0~ < 1.0 = 1.0-0 = 0:1.0 = 1.00 < 1.0-0a < 1.0-1 < 1.0a < 1.0+ < 1.0. = 1.0.0",
    );
    ascends(Order::Dpkg, "1.2.3-1 < 1.2.3-1+b1 < 1.2.3-1.1 < 1.2.3-10 < 1:0.1");
    ascends(Order::Dpkg, "3.0.11-1~deb12u1 < 3.0.11-1~deb12u2 < 3.0.11-1");
    ascends(Order::Dpkg, "2.36-9 < 2.36-9+deb12u4 < 2.36-9+deb12u10");
    ascends(Order::Dpkg, "1-2-3 < 1-2-4 < 1-3-1");
    refuses(Order::Dpkg, &["", "1:", "a:1", ":1", "1-", "-1", "1 2", "-1:1", "2147483648:1", "1.0ä"]);
}

/// `tests/rpmvercmp.at` of RPM and rpm-version(7)
#[test]
fn rpm_follows_rpmvercmp() {
    ascends(
        Order::Rpm,
        "1.0~rc1~git123 < 1.0~rc1 = 1.0~rc.1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 < 1.0^git1 = 1.0^git.1 < 1.0^git2 < 1.0.1 < 1.01.1 = 1.1.1",
    );
    ascends(Order::Rpm, "10xyz < 10.1xyz < 10.1.0");
    ascends(Order::Rpm, "5.5p1 < 5.5p2 < 5.5p10 < 5.6p1");
    ascends(Order::Rpm, "xyz10 < xyz10.1");
    ascends(Order::Rpm, "2a < 2.0 = 2_0 = 2+0 = 2..0 = 2.0.");
    ascends(Order::Rpm, "A < Z < a < b < 0 = 00");
    ascends(Order::Rpm, "1.0 < 1.0-1.el9 < 1.0-1.el9_1 < 1.0-2.el9 < 0:1.1-1 = 1.1-1 < 1:0.1-1");
    refuses(Order::Rpm, &["", "1 0"]);
}

/// `test/version.data` of apk-tools
#[test]
fn apk_follows_apk_tools() {
    ascends(
        Order::Apk,
        "1.0_alpha < 1.0_alpha2 < 1.0_beta < 1.0_pre1 < 1.0_rc1 < 1.0 < 1.0-r0 < 1.0-r1 < 1.0-r10 < 1.0_cvs < 1.0_svn < 1.0_git \
         < 1.0_hg < 1.0_p < 1.0_p1 < 1.0_p2 < 1.0_p10 < 1.0a < 1.0b < 1.0.1 < 1.1",
    );
    ascends(Order::Apk, "2.05 < 2.051 < 2.06 < 2.1 < 2.10");
    ascends(Order::Apk, "1.0_p1_alpha < 1.0_p1 < 1.0_p1-r1 < 1.0_p1_p1 < 1.0_p10");
    ascends(Order::Apk, "9.10.2_p4-r0 < 9.11.0-r0 < 9.11.0.1-r0 < 10-r0 = 010-r0");
    ascends(Order::Apk, "1.0~0f < 1.0~1a < 1.0~1a-r1");
    ascends(
        Order::Apk,
        "0.1.0_alpha_pre2 < 0.1.0_alpha < 1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0 < 1.0.0",
    );
    ascends(Order::Apk, "1.2.07.8 < 1.2.12.04 < 1.2.12.05 < 02.08.01b < 4.77 < 006 < 021109-r3 < 20060512");
    ascends(Order::Apk, "5.1p-r0 < 5.1p1-r0 < 5.1p2-r0 < 5.1p10 < 5.1q");
    refuses(
        Order::Apk,
        &[
            "",
            "a",
            "1.0_foo",
            "1.0-1",
            "1.0-r",
            "1.0ab",
            "1.0a.1",
            "1..0",
            "1.0.",
            "v1.0",
            "1.0-r1-r2",
            "1.0_p~",
            "1. 0",
        ],
    );
}

/// <https://hexdocs.pm/elixir/Version.html> and `pub_semver`'s `test/version_test.dart`
#[test]
fn pub_counts_build_metadata() {
    ascends(
        Order::Pub,
        "1.0.0-rc.1+build.1 < 1.0.0 < 1.0.0+0.3.7 < 1.3.7+build < 1.3.7+build.2.b8f12d7 < 1.3.7+build.11.e0f985a",
    );
    ascends(Order::Pub, "1.0.0+1 < 1.0.0+2 < 1.0.0+10 < 1.0.0+a");
    ascends(Order::Pub, "1.0.0 = 01.00.000");
    ascends(Order::Pub, "1.0.0--5 < 1.0.0--1 < 1.0.0-0 < 1.0.0-01x");
    refuses(Order::Pub, &["1.0", "v1.0.0", "1.0.0-", "9223372036854775808.0.0"]);
}

/// R's `compareVersion`; the Haskell package versioning policy
#[test]
fn lists_of_numbers_sort_shorter_ones_first() {
    ascends(Order::Cran, "1 < 1.0 = 1-0 < 1.0.0 < 1.0-1 < 1.2-3 = 1.2.3 < 1.10");
    ascends(Order::Hackage, "1 < 1.0 < 1.0.0 < 1.0.1 < 1.2 < 1.10 < 20090101");
    refuses(Order::Cran, &["1.a", "1.", "", "1..2"]);
    refuses(Order::Hackage, &["1-2", "1.0-alpha", "1.", "1.02", "1.1234567890"]);
}

#[test]
fn a_refused_version_leaves_the_buffer_as_it_was() {
    let mut out = vec![7, 7];
    for order in Order::ALL {
        for version in ["", "1.2.3 4 \u{0} ä", "1:", &"1.".repeat(3000)] {
            if order.write_key(version, &mut out).is_err() {
                assert_eq!(out, [7, 7], "{order} {version:?}");
            }
            out.truncate(2);
        }
    }
    let refusal = Order::SemVer.key("1.\u{1b}[31m").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`1.\\u{1b}[31m` has no place in the order of SemVer versions: expected MAJOR.MINOR.PATCH, optionally -PRERELEASE and +BUILD"
    );
}

/// PEP 440 (zeros, pre-releases), OpenSSL's release strategy (letters), NTP and OpenSSH (`p`), Java (`u`, `_45`),
/// ImageMagick (`-8`): what they have in common.
#[test]
fn generic_places_what_all_conventions_agree_on() {
    ascends(
        Order::Generic,
        "1.0alpha = 1.0-alpha0 < 1.0.alpha.2 < 1.0-alpha10 < 1.0beta < 1.0-rc1 = 1.0rc_1 < 1.0-rc2 < v1 = 1.0 = 1.0.00 \
         < 1.0.1 < 1.2 < 1.10 < 10",
    );
    ascends(
        Order::Generic,
        "0.9.8 < 0.9.8a < 0.9.8z < 0.9.8za < 0.9.8zh < 1.0.0 < 1.0.0a < 1.0.2k < 1.0.2p < 1.1",
    );
    ascends(
        Order::Generic,
        "4.2.8 < 4.2.8p1 < 4.2.8p2 = 4.2.8_p2 = 4.2.8-patch2 = 4.2.8pl2 < 4.2.8P18 < 4.2.8.1",
    );
    ascends(Order::Generic, "1.6.0 < 1.6.0_4 = 1.6.0_04 < 1.6.0_45 < 1.7");
    ascends(Order::Generic, "6.9.9 < 6.9.9-8 < 6.9.9-10 < 6.9.10-0");
    ascends(Order::Generic, "9.0 < 9.0-sp1 < 9.0sp2 < 9.0_sp10 < 9.0.1");
    ascends(Order::Generic, "8 < 8u45 = 8update45 = 8-update_45 < 8u151 < 9");
    refuses(
        Order::Generic,
        &[
            "",
            ".",
            "-",
            "*",
            "1.",
            "1..0",
            "1.05",
            "03.1",
            "1.0b2",
            "1.0a1",
            "12.2(33)sxi",
            "15.1x49-d10",
            "1.0.x",
            "1.0x",
            "2018-04-05",
            "2019.04.01",
            "7.x-1.2",
            "1.0-dev",
            "1.0.2k-fips",
            "1.0-rc1-p2",
            "r27",
            "1.0.p",
            "1.0zz9",
            "1.0ab",
            "1234567890123456789",
        ],
    );
}

/// Each has its place, so that keys sort; which of two kinds of patches of one release came first, nobody knows.
#[test]
fn generic_does_not_compare_patches_of_two_kinds() {
    for (a, b) in [("1.0sp1", "1.0p3"), ("1.0-3", "1.0u3"), ("1.0c", "1.0sp1"), ("1.0_45", "1.0update45")] {
        assert!(Order::Generic.compare(a, b).is_err(), "{a} {b}");
        assert!(Order::Generic.compare(b, a).is_err(), "{b} {a}");
        let (left, right) = (Order::Generic.key(a).unwrap(), Order::Generic.key(b).unwrap());
        assert_eq!(Order::Generic.compare_keys(left.as_bytes(), right.as_bytes()), None);
    }
    assert_eq!(Order::Generic.compare("1.0sp1", "1.1p3"), Ok(Ordering::Less));
    assert_eq!(Order::Generic.compare("1.0-rc1", "1.0p3"), Ok(Ordering::Less));
}
