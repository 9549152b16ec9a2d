use bedrail_model::purl::{NoCoordinates, Purl};

/// What a package URL may be known by: `ecosystem[:release] name version`, one each.
fn known_as(purl: &str) -> Vec<String> {
    let coordinates = Purl::parse(purl).unwrap().coordinates().unwrap();
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    coordinates
        .packages
        .iter()
        .map(|package| {
            format!(
                "{}:{} {} {}",
                package.ecosystem,
                word(&package.release),
                package.name,
                word(&package.version)
            )
        })
        .collect()
}

#[test]
fn language_packages_take_the_spelling_of_osv() {
    for (purl, known) in [
        (
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
            "Maven:- org.apache.logging.log4j:log4j-core 2.14.1",
        ),
        (
            "PKG:Maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
            "Maven:- org.apache.logging.log4j:log4j-core 2.14.1",
        ),
        ("pkg:npm/%40angular/core@1.2.3", "npm:- @angular/core 1.2.3"),
        ("pkg:npm/@angular/core@1.2.3", "npm:- @angular/core 1.2.3"),
        ("pkg:npm/lodash", "npm:- lodash -"),
        ("pkg:pypi/Zope_Interface@1.0%2Blocal", "PyPI:- zope-interface 1.0+local"),
        ("pkg:cargo/serde_json@1.0.0", "crates.io:- serde-json 1.0.0"),
        ("pkg:nuget/Newtonsoft.Json@9.0.1", "NuGet:- newtonsoft.json 9.0.1"),
        ("pkg:gem/rails@5.0.0.rc1?platform=java", "RubyGems:- rails 5.0.0.rc1"),
        ("pkg:composer/Symfony/Yaml@v4.0", "Packagist:- symfony/yaml v4.0"),
        ("pkg:hex/plug@1.0.0", "Hex:- plug 1.0.0"),
        ("pkg:pub/http@0.13.3", "Pub:- http 0.13.3"),
        ("pkg:cran/readxl@1.3-1", "CRAN:- readxl 1.3-1"),
        ("pkg:hackage/aeson@1.0.0", "Hackage:- aeson 1.0.0"),
        ("pkg:swift/github.com/Apple/swift-nio@1.0.0", "SwiftURL:- github.com/apple/swift-nio 1.0.0"),
        ("pkg:conan/openssl@3.0.3", "ConanCenter:- openssl 3.0.3"),
    ] {
        assert_eq!(known_as(purl), [known], "{purl}");
    }
}

#[test]
fn go_modules_keep_their_path_and_the_standard_library_its_version() {
    for (purl, known) in [
        (
            "pkg:golang/github.com/Masterminds/goutils@v1.1.0",
            vec!["Go:- github.com/masterminds/goutils v1.1.0"],
        ),
        ("pkg:golang/github.com/foo/bar@v2.1.0#v2/pkg", vec!["Go:- github.com/foo/bar/v2 v2.1.0"]),
        ("pkg:golang/github.com/foo/bar/v2@v2.1.0#pkg", vec!["Go:- github.com/foo/bar/v2 v2.1.0"]),
        (
            "pkg:golang/github.com/foo/bar@v1.1.0#sub/pkg",
            vec!["Go:- github.com/foo/bar/sub/pkg v1.1.0", "Go:- github.com/foo/bar v1.1.0"],
        ),
        // No part is the major version: the module is below 2 or has no `go.mod`, and either may be meant.
        (
            "pkg:golang/github.com/docker/distribution@v2.8.1#registry",
            vec![
                "Go:- github.com/docker/distribution/registry v2.8.1",
                "Go:- github.com/docker/distribution v2.8.1",
            ],
        ),
        // A commit is no major version.
        (
            "pkg:golang/github.com/foo/bar@244fd47e07d1004#sub",
            vec!["Go:- github.com/foo/bar/sub 244fd47e07d1004", "Go:- github.com/foo/bar 244fd47e07d1004"],
        ),
        ("pkg:golang/stdlib@1.21.3", vec!["Go:- stdlib 1.21.3"]),
        ("pkg:golang/std@go1.20.4?type=module", vec!["Go:- stdlib 1.20.4"]),
        ("pkg:golang/stdlib@go1.21", vec!["Go:- stdlib 1.21.0"]),
        ("pkg:golang/stdlib@go1.21rc2", vec!["Go:- stdlib 1.21.0-rc.2"]),
        ("pkg:golang/toolchain@go1.20.4", vec!["Go:- toolchain 1.20.4"]),
        (
            "pkg:golang/github.com/docker/docker@v20.10.7%2Bincompatible",
            vec!["Go:- github.com/docker/docker v20.10.7+incompatible"],
        ),
    ] {
        assert_eq!(known_as(purl), known, "{purl}");
    }
}

#[test]
fn debian_packages_are_known_by_their_source_and_release() {
    for (purl, known) in [
        (
            "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl&distro=debian-12",
            vec!["Debian:12 openssl 3.0.11-1~deb12u2", "Debian:12 libssl3 3.0.11-1~deb12u2"],
        ),
        (
            "pkg:deb/debian/libgcc-s1@12.2.0-14?upstream=gcc-12%4012.2.0-13&distro=debian-12.13",
            vec!["Debian:12 gcc-12 12.2.0-13", "Debian:12 libgcc-s1 12.2.0-14"],
        ),
        ("pkg:deb/debian/curl@7.88.1?distro=bookworm", vec!["Debian:12 curl 7.88.1"]),
        ("pkg:deb/debian/curl@7.88.1?distro=debian-bullseye", vec!["Debian:11 curl 7.88.1"]),
        ("pkg:deb/debian/curl@7.88.1?distro=6.0.3", vec!["Debian:6.0 curl 7.88.1"]),
        ("pkg:deb/debian/curl@7.88.1?distro=sid", vec!["Debian:- curl 7.88.1"]),
        ("pkg:deb/debian/curl@7.88.1", vec!["Debian:- curl 7.88.1"]),
        ("pkg:deb/curl@7.88.1?distro=debian-12", vec!["Debian:12 curl 7.88.1"]),
        ("pkg:deb/curl@7.88.1?distro=bookworm", vec!["Debian:12 curl 7.88.1"]),
        ("pkg:deb/debian/bind9@9.18?epoch=1&distro=debian-12", vec!["Debian:12 bind9 1:9.18"]),
        ("pkg:deb/debian/bind9@1:9.18?epoch=1&distro=debian-12", vec!["Debian:12 bind9 1:9.18"]),
        ("pkg:deb/debian/curl@7.88.1?upstream=curl&distro=debian-12", vec!["Debian:12 curl 7.88.1"]),
        ("pkg:deb/ubuntu/curl@7.81.0-1?distro=ubuntu-22.04", vec!["Ubuntu:22.04:LTS curl 7.81.0-1"]),
        ("pkg:deb/ubuntu/curl@7.81.0-1?distro=jammy", vec!["Ubuntu:22.04:LTS curl 7.81.0-1"]),
        ("pkg:deb/ubuntu/curl@8.2?distro=ubuntu-23.10", vec!["Ubuntu:23.10 curl 8.2"]),
    ] {
        assert_eq!(known_as(purl), known, "{purl}");
    }
}

#[test]
fn alpine_and_rpm_packages_take_release_and_epoch_from_qualifiers() {
    for (purl, known) in [
        (
            "pkg:apk/alpine/libcrypto3@3.1.4-r1?arch=x86_64&upstream=openssl&distro=alpine-3.18.4",
            vec!["Alpine:v3.18 openssl 3.1.4-r1", "Alpine:v3.18 libcrypto3 3.1.4-r1"],
        ),
        (
            "pkg:alpine/libacl@2.3.1-r0?arch=x86_64&upstream=acl&distro=alpine-3.16.2",
            vec!["Alpine:v3.16 acl 2.3.1-r0", "Alpine:v3.16 libacl 2.3.1-r0"],
        ),
        ("pkg:apk/alpine/zlib@1.3-r0?distro=3.19.1", vec!["Alpine:v3.19 zlib 1.3-r0"]),
        ("pkg:apk/alpine/zlib@1.3-r0?distro=alpine-edge", vec!["Alpine:- zlib 1.3-r0"]),
        ("pkg:apk/wolfi/zlib@1.3-r0?distro=wolfi-20230201", vec!["Wolfi:- zlib 1.3-r0"]),
        (
            "pkg:rpm/almalinux/openssl-libs@3.0.7-24.el9?epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm&distro=almalinux-9.3",
            vec!["AlmaLinux:9 openssl-libs 1:3.0.7-24.el9"],
        ),
        (
            "pkg:rpm/rocky-linux/openssl-libs@3.0.7-24.el9?epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm&distro=rocky-9.3",
            vec!["Rocky Linux:9 openssl 1:3.0.7-24.el9", "Rocky Linux:9 openssl-libs 1:3.0.7-24.el9"],
        ),
        ("pkg:rpm/redhat/bash@5.1-1.el9?distro=rhel-9.4", vec!["Red Hat:enterprise_linux:9 bash 5.1-1.el9"]),
        ("pkg:rpm/opensuse/bash@5.1-1?distro=opensuse-leap-15.4", vec!["openSUSE:Leap 15.4 bash 5.1-1"]),
        (
            "pkg:rpm/opensuse/bash@5.1-1?distro=opensuse-tumbleweed-20240101",
            vec!["openSUSE:Tumbleweed bash 5.1-1"],
        ),
        ("pkg:rpm/suse/bash@5.1-1?distro=sles-15.5", vec!["SUSE:Linux Enterprise Server 15 SP5 bash 5.1-1"]),
        ("pkg:rpm/bash@5.1-1?distro=almalinux-8", vec!["AlmaLinux:8 bash 5.1-1"]),
    ] {
        assert_eq!(known_as(purl), known, "{purl}");
    }
}

#[test]
fn what_no_advisory_can_name_says_why() {
    let why = |purl: &str| Purl::parse(purl).unwrap().coordinates().unwrap_err();
    assert!(matches!(why("pkg:generic/openssl@1.0"), NoCoordinates::EcosystemUnknown { .. }));
    assert!(matches!(why("pkg:rpm/fedora/bash@5"), NoCoordinates::EcosystemUnknown { .. }));
    assert!(matches!(why("pkg:deb/bash@5"), NoCoordinates::DistributionUnknown { .. }));
    assert!(matches!(why("pkg:maven/log4j@1"), NoCoordinates::NamespaceMissing { .. }));
    assert_eq!(
        why("pkg:rpm/fedora/bash@5").to_string(),
        "no ecosystem has packages of type `rpm` and namespace `fedora`"
    );
}

#[test]
fn text_that_is_no_package_url_is_refused_with_its_reason() {
    for text in ["", "log4j", "pkg:", "pkg:npm", "pkg:npm/", "http://x/y", "pkg:npm/a@%ff"] {
        assert!(Purl::parse(text).is_err(), "{text}");
    }
    assert_eq!(
        Purl::parse("log4j").unwrap_err().to_string(),
        "`log4j` is not a package URL: missing scheme (expected pkg:type/namespace/name@version)"
    );
}

#[test]
fn a_package_without_its_source_says_so_where_advisories_name_sources() {
    for (purl, unknown) in [
        ("pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12", true),
        ("pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12&upstream=openssl", false),
        ("pkg:deb/debian/bash@5.2?distro=debian-12&upstream=bash", false),
        ("pkg:apk/alpine/libcrypto3@3.1.4-r1?distro=alpine-3.18.4", true),
        // Advisories of AlmaLinux and Red Hat name what one installs.
        ("pkg:rpm/redhat/openssl-libs@3.0.7-24.el9?distro=rhel-9.2", false),
        ("pkg:npm/lodash@4.17.0", false),
    ] {
        assert_eq!(Purl::parse(purl).unwrap().coordinates().unwrap().source_unknown, unknown, "{purl}");
    }
}

#[test]
fn service_packs_of_suse_are_read_in_both_spellings() {
    for distro in ["sles-15.5", "sles-15-SP5", "15.5"] {
        let purl = format!("pkg:rpm/suse/openssl@3.0.8-150500.5.1?distro={distro}");
        assert_eq!(
            known_as(&purl),
            ["SUSE:Linux Enterprise Server 15 SP5 openssl 3.0.8-150500.5.1"],
            "{distro}"
        );
    }
}
