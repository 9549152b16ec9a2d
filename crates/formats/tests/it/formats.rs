//! Every row of the table of formats, and every fixture.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use bedrail_formats::device_list::{self, Mapping};
use bedrail_formats::limits::Limits;
use bedrail_formats::sbom::{Confidence, FORMATS, Format};
use bedrail_model::component::Inventory;

use crate::{fixtures, read};

/// `CycloneDX` as `JSON` has its fixtures in `cyclonedx-json`.
fn folder(format: &Format) -> String {
    format!("{}-{}", format.name, format.encoding).to_lowercase()
}

fn fixtures_of(format: &Format, kind: &str) -> Vec<PathBuf> {
    fixtures(&format!("{}/{kind}", folder(format)))
}

#[test]
fn every_row_is_unique_cites_its_specification_and_has_fixtures() {
    let mut seen = HashSet::new();
    for format in FORMATS {
        assert!(seen.insert(folder(format)), "{} twice", folder(format));
        assert!(format.spec.starts_with("https://") && !format.versions.is_empty());
        for kind in ["good", "odd", "hostile"] {
            assert!(!fixtures_of(format, kind).is_empty(), "{} has no {kind} fixture", folder(format));
        }
    }
}

#[test]
fn no_format_claims_a_fixture_of_another() {
    for owner in FORMATS {
        let files = fixtures_of(owner, "good").into_iter().chain(fixtures_of(owner, "odd"));
        for file in files.filter(|file| !file.ends_with("prefix-and-latin.xml")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for format in FORMATS {
                let own = folder(format) == folder(owner);
                let claims = (format.sniff)(&text) > Confidence::No;
                assert_eq!(claims, own, "{} on {}", folder(format), file.display());
            }
        }
    }
    for file in fixtures("device-list/good") {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(FORMATS.iter().all(|format| (format.sniff)(&text) == Confidence::No), "{}", file.display());
    }
}

#[test]
fn good_documents_are_read_without_loss() {
    for format in FORMATS {
        for file in fixtures_of(format, "good") {
            let inventory = read(&std::fs::read(&file).unwrap()).unwrap();
            assert_eq!(
                (inventory.format.as_str(), inventory.encoding.as_str()),
                (format.name, format.encoding)
            );
            assert!(inventory.complete(), "{:?}", inventory.warnings);
            insta::assert_snapshot!(folder(format), summary(&inventory));
        }
    }
}

#[test]
fn a_second_package_url_is_said() {
    let second = r#"{
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "d", "dataLicense": "CC0-1.0",
        "documentNamespace": "https://example.org/d", "creationInfo": {"created": "2024-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [{"name": "pump", "SPDXID": "SPDXRef-p", "versionInfo": "1", "downloadLocation": "NOASSERTION", "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/pump@1"},
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/pump@1"},
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/valve@2"}]}]
    }"#;
    let third = r#"{
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2024-01-01T00:00:00Z", "createdBy": ["urn:a"]},
            {"type": "SpdxDocument", "spdxId": "urn:d", "creationInfo": "_:c", "rootElement": ["urn:p"]},
            {"type": "software_Package", "spdxId": "urn:p", "creationInfo": "_:c", "name": "pump", "software_packageVersion": "1",
             "software_packageUrl": "pkg:npm/pump@1", "externalIdentifier": [
                {"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": "pkg:npm/pump@1"},
                {"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": "pkg:pypi/valve@2"}]}
        ]
    }"#;
    for text in [second, third] {
        let inventory = read(text.as_bytes()).unwrap();
        assert_eq!(inventory.components[0].purl.as_deref(), Some("pkg:npm/pump@1"));
        let lost: Vec<&str> =
            inventory.warnings.iter().filter(|it| it.lost).map(|it| it.message.as_str()).collect();
        assert!(
            lost.len() == 1 && lost[0].contains("`pump`") && lost[0].contains("pkg:pypi/valve@2"),
            "{lost:?}"
        );
    }
}

#[test]
fn the_same_product_is_known_by_the_same_names_in_every_format() {
    let named = |format: &Format| {
        let inventory = read(&std::fs::read(&fixtures_of(format, "good")[0]).unwrap()).unwrap();
        let packages = inventory
            .components
            .iter()
            .filter(|it| it.kind != bedrail_model::component::ComponentKind::Service);
        let facts = packages.map(|it| {
            (
                it.kind,
                it.name.clone(),
                it.version.clone(),
                it.purl.clone(),
                it.cpes.clone(),
                it.hashes.clone(),
                it.licences.clone(),
            )
        });
        let mut facts: Vec<_> = facts.collect();
        facts.sort();
        (facts, inventory.subject.map(|it| inventory.component(it).supplier.clone()), inventory.created)
    };
    let first = named(&FORMATS[0]);
    for format in &FORMATS[1..] {
        assert_eq!(named(format), first, "{}", folder(format));
    }
}

#[test]
fn odd_documents_are_read_with_a_warning_for_each_oddity() {
    let mut all = String::new();
    for format in FORMATS {
        for file in fixtures_of(format, "odd") {
            let inventory = read(&std::fs::read(&file).unwrap()).unwrap();
            assert!(!inventory.warnings.is_empty(), "{}", file.display());
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let _ = writeln!(all, "## {name}\n{}", summary(&inventory));
        }
    }
    insta::assert_snapshot!("odd", all);
}

#[test]
fn hostile_documents_do_no_harm_and_get_a_clear_message() {
    let mut all = String::new();
    for format in FORMATS {
        for file in fixtures_of(format, "hostile") {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let said = match read(&std::fs::read(&file).unwrap()) {
                Ok(inventory) => summary(&inventory),
                Err(error) => format!("refused: {error}\n"),
            };
            let _ = writeln!(all, "## {name}\n{}", bedrail_model::text::harmless_lines(&said));
        }
    }
    insta::assert_snapshot!("hostile", all);
}

#[test]
fn a_device_list_says_the_same_in_every_language() {
    let read = |file: &PathBuf| {
        device_list::read(&std::fs::read(file).unwrap(), &Mapping::default(), &Limits::default())
    };
    let lists: Vec<_> = fixtures("device-list/good").iter().map(|file| read(file).unwrap()).collect();
    assert_eq!(lists.len(), 3);
    for list in &lists {
        assert_eq!(list.rows, lists[0].rows);
        assert!(
            list.warnings.is_empty() && list.rows.iter().all(|row| row.problems.is_empty()),
            "{:?}",
            list.warnings
        );
    }
}

/// An inventory in a few lines.
fn summary(inventory: &Inventory) -> String {
    let mut text = format!(
        "{} {} {} name={:?} created={:?} authors={:?} subject={:?}\n",
        inventory.format,
        inventory.format_version,
        inventory.encoding,
        inventory.document_name.as_deref().unwrap_or_default(),
        inventory.created.as_deref().unwrap_or_default(),
        inventory.authors,
        inventory.subject.map(|it| it.0),
    );
    for it in &inventory.components {
        let _ = writeln!(
            text,
            "- {} {:?} {:?} {} purl={:?} cpes={} hashes={} licences={:?} supplier={:?} at={:?} in={:?} {}",
            it.kind.code(),
            it.name,
            it.version.as_deref().unwrap_or_default(),
            it.reference,
            it.purl.as_deref().unwrap_or_default(),
            it.cpes.len(),
            it.hashes.len(),
            it.licences,
            it.supplier.as_deref().unwrap_or_default(),
            it.locations,
            it.parent.map(|it| it.0),
            it.place,
        );
    }
    for it in &inventory.relations {
        let _ = writeln!(text, "  {} {:?} {}", it.from.0, it.kind, it.to.0);
    }
    for it in &inventory.known_gaps {
        let _ = writeln!(text, "  gap {:?} {}", it.component.map(|it| it.0), it.statement);
    }
    for it in &inventory.statements {
        let _ = writeln!(text, "  statement {it}");
    }
    for it in &inventory.warnings {
        let _ = writeln!(text, "  {} {}: {}", if it.lost { "lost" } else { "mended" }, it.place, it.message);
    }
    text
}
