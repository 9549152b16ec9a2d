use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::tables::Format;
use super::*;

/// Changes only when the tables or the writers change on purpose: copy the new value from the message then.
const DIGEST: &str = "6b29197733d761a9d2f6a3203a39642494a7b2203cd6381d13b4e7f12b6d7521";

#[test]
fn every_document_is_the_same_on_every_machine() {
    let mut digest = Sha256::new();
    digest.update(device_list());
    for sbom in of_makers() {
        digest.update(&sbom.file_name);
        digest.update(&sbom.bytes);
    }
    assert_eq!(hex::encode(digest.finalize()), DIGEST);
}

#[test]
fn the_hospital_is_as_large_as_it_says() {
    assert_eq!(TABLES.makers.len(), 40);
    assert_eq!(TABLES.products.len(), 90);
    assert_eq!(TABLES.releases.len(), 150);
    assert_eq!(TABLES.devices(), 2500);
    let sites: BTreeSet<&str> = TABLES.wards.iter().map(|ward| ward.site).collect();
    assert_eq!(sites.len(), 4);
}

#[test]
fn every_product_is_used_whole_and_every_release_has_a_device() {
    for (place, product) in TABLES.products.iter().enumerate() {
        let weights: usize = TABLES
            .releases
            .iter()
            .filter(|release| release.product == place)
            .map(|release| release.weight)
            .sum();
        assert_eq!(weights, 100, "{}", product.model);
        assert!(TABLES.kinds.contains_key(product.kind), "{}", product.kind);
    }
    let list = rows();
    for release in &TABLES.releases {
        let model = TABLES.products[release.product].model;
        let present = list.iter().any(|row| row[4] == model && row[5] == release.version);
        assert!(present, "{model} {} runs on no device", release.version);
    }
}

#[test]
fn sixty_devices_face_the_outside_and_most_but_not_all_have_an_owner() {
    let list = rows();
    assert_eq!(list.len(), 2500);
    assert_eq!(list.iter().filter(|row| row[13] == "outside").count(), 60);
    let owned = list.iter().filter(|row| !row[10].is_empty()).count();
    assert!((2200..2450).contains(&owned), "{owned} devices have an owner");
}

#[test]
fn no_two_devices_share_a_tag_a_serial_or_an_address() {
    let list = rows();
    for column in [0, 1, 11] {
        let mut seen = BTreeSet::new();
        let repeated = list.iter().find(|row| !row[column].is_empty() && !seen.insert(row[column].clone()));
        assert_eq!(repeated, None, "column {column}");
    }
}

#[test]
fn every_udi_has_the_right_check_digit() {
    let udis: Vec<String> =
        rows().into_iter().map(|row| row[2].clone()).filter(|udi| !udi.is_empty()).collect();
    assert!(udis.len() > 1900);
    for udi in udis {
        let (body, check) = (&udi[4..17], &udi[17..18]);
        assert_eq!(udi::check_digit(body).to_string(), check, "{udi}");
    }
}

#[test]
fn bills_come_in_both_formats_and_in_every_encoding_and_some_are_missing() {
    let count = |wanted: fn(&Format) -> bool| {
        TABLES.releases.iter().filter_map(|release| release.format).filter(wanted).count()
    };
    assert!(count(|format| matches!(format, Format::CycloneDxJson(_))) > 60);
    assert!(count(|format| matches!(format, Format::CycloneDxXml(_))) > 10);
    assert!(count(|format| matches!(format, Format::SpdxJson)) > 15);
    assert!(count(|format| matches!(format, Format::SpdxTagValue)) > 8);
    assert_eq!(TABLES.releases.iter().filter(|release| release.format.is_none()).count(), 23);
}

#[test]
fn file_names_are_unique_and_plain() {
    let names: BTreeSet<String> = sboms().map(|sbom| sbom.file_name).collect();
    assert_eq!(names.len(), sboms().count());
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
    assert!(names.iter().all(|name| name.chars().all(plain)), "{names:?}");
}

#[test]
fn writing_the_sample_to_a_folder_gives_every_document() {
    let folder = tempfile::tempdir().unwrap();
    let files = write_to(folder.path()).unwrap();
    assert_eq!(files, sboms().count() + 2 + ADVISORIES.len() + STATEMENTS.len() + EVIDENCE.len());
    assert_eq!(std::fs::read(folder.path().join("devices.csv")).unwrap(), device_list());
}

/// The rows of the device list below its header. No field of it holds a comma.
fn rows() -> Vec<Vec<String>> {
    let text = String::from_utf8(device_list()).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn every_bill_is_read_whole_and_without_a_warning() {
    let limits = bedrail_formats::limits::Limits::default();
    let mut components = 0;
    for sbom in of_makers() {
        let inventory = bedrail_formats::sbom::read(&sbom.bytes, &limits).unwrap();
        assert_eq!(inventory.warnings, [], "{}", sbom.file_name);
        let subject = inventory.component(inventory.subject.unwrap());
        assert_eq!((&subject.name, subject.version.as_deref()), (&sbom.model, Some(&*sbom.version)));
        components += inventory.components.len();
    }
    assert!(components > 4000, "{components}");
}

#[test]
fn what_a_bill_says_of_its_own_gaps_is_read() {
    let limits = bedrail_formats::limits::Limits::default();
    let flawed = |release: &&tables::Release| {
        release.format.is_some()
            && release
                .flaws
                .iter()
                .any(|flaw| matches!(flaw, tables::Flaw::Incomplete | tables::Flaw::Unknown))
    };
    let gaps = of_makers()
        .filter(|sbom| !bedrail_formats::sbom::read(&sbom.bytes, &limits).unwrap().known_gaps.is_empty())
        .count();
    assert_eq!(gaps, TABLES.releases.iter().filter(flawed).count());
}

#[test]
fn the_device_list_is_read_without_a_remark() {
    use bedrail_formats::device_list;
    let limits = bedrail_formats::limits::Limits::default();
    let list = device_list::read(&device_list(), &device_list::Mapping::default(), &limits).unwrap();
    assert_eq!(list.warnings, []);
    assert!(list.columns.iter().all(|column| column.field.is_some()), "{:?}", list.columns);
    assert_eq!(list.rows.len(), 2500);
    let remarked = list.rows.iter().find(|row| !row.problems.is_empty());
    assert_eq!(remarked, None);
}

/// Log4j in all its guises: each stands in some bill as the story tells.
#[test]
fn log4j_comes_in_every_guise() {
    let limits = bedrail_formats::limits::Limits::default();
    let found: BTreeSet<(String, Option<String>, bool)> = sboms()
        .flat_map(|sbom| bedrail_formats::sbom::read(&sbom.bytes, &limits).unwrap().components)
        .filter(|component| component.name.contains("log4j"))
        .map(|component| (component.name, component.version, component.purl.is_some()))
        .collect();
    for (name, version, purl) in [
        ("log4j-core", Some("2.14.1"), true),
        ("log4j-core", Some("2.15.0"), true),
        ("log4j-core", Some("2.17.1"), true),
        ("log4j-core", Some("2.13.2.redhat-00001"), true),
        ("log4j-core", None, true),
        ("log4j-core (shaded)", Some("2.11.1"), false),
        ("log4j", Some("1.2.17"), true),
        ("log4j", None, false),
        ("log4j-api", Some("2.14.1"), true),
        ("liblog4j2-java", Some("2.13.3-1"), true),
    ] {
        assert!(found.contains(&(name.to_owned(), version.map(str::to_owned), purl)), "{name} {version:?}");
    }
}

#[test]
fn every_purl_is_well_formed_and_distributions_say_their_release() {
    use bedrail_model::purl::Purl;
    let limits = bedrail_formats::limits::Limits::default();
    let mut purls = 0;
    for sbom in sboms() {
        let inventory = bedrail_formats::sbom::read(&sbom.bytes, &limits).unwrap();
        for text in inventory.components.iter().filter_map(|component| component.purl.as_deref()) {
            let purl = Purl::parse(text).unwrap();
            purls += 1;
            // Build systems and images give purls that no advisory is written for; that is part of the sample.
            if matches!(purl.kind(), "generic" | "oci") {
                continue;
            }
            let package = &purl.coordinates().unwrap().packages[0];
            assert_eq!(package.release.is_some(), matches!(purl.kind(), "deb" | "apk"), "{text}");
        }
    }
    assert!(purls > 3000, "{purls}");
}

#[test]
fn the_scanned_firmware_is_what_it_was_made_of() {
    let sbom = scanned::sbom(&TABLES).unwrap();
    assert_eq!(scanned::sbom(&TABLES).unwrap(), sbom, "loading twice changes nothing");
    let limits = bedrail_formats::limits::Limits::default();
    let inventory = bedrail_formats::sbom::read(&sbom.bytes, &limits).unwrap();
    assert_eq!(inventory.warnings, []);
    let purls: Vec<&str> = inventory.components.iter().filter_map(|it| it.purl.as_deref()).collect();
    for wanted in ["pkg:deb/debian/busybox@1:1.30.1-4", "pkg:maven/org.yaml/snakeyaml@1.26"] {
        assert!(purls.iter().any(|purl| purl.starts_with(wanted)), "{wanted}: {purls:#?}");
    }
    let java = inventory.components.iter().find(|it| it.name == "snakeyaml").unwrap();
    assert!(java.locations.iter().any(|it| it.starts_with("frl2-1.1.tar")), "{:?}", java.locations);
}
