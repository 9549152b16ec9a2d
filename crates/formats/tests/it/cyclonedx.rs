//! What a CycloneDX document becomes.

use bedrail_formats::limits::Limits;
use bedrail_formats::{sbom, transfer};
use bedrail_model::component::{ComponentKind, RelationKind};

const PUMP: &str = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1",
  "metadata": {"timestamp": "2026-01-01T00:00:00Z", "tools": [{"name": "maker", "version": "2"}],
    "component": {"type": "device", "bom-ref": "pump", "name": "Pump", "version": "4"}},
  "components": [
    {"type": "application", "bom-ref": "app", "name": "app", "version": 7,
     "components": [{"type": "library", "bom-ref": "log4j", "group": "org.apache.logging.log4j", "name": "log4j-core",
       "version": "2.14.1", "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
       "hashes": [{"alg": "SHA-1", "content": "ABCDEF"}], "licenses": [{"license": {"id": "Apache-2.0"}}]}]},
    "not a component",
    {"type": "library", "bom-ref": "app", "name": "twin"}
  ],
  "services": [{"bom-ref": "cloud", "name": "cloud", "endpoints": ["https://example.org"]}],
  "dependencies": [{"ref": "pump", "dependsOn": ["app", "nowhere"]}, {"ref": "app", "dependsOn": ["log4j", "pump"]}],
  "compositions": [{"aggregate": "incomplete", "assemblies": ["app"]}, {"aggregate": "complete", "assemblies": ["pump"]}],
  "vulnerabilities": [{"id": "CVE-2021-44228"}]
}"#;

#[test]
fn a_document_becomes_an_inventory_with_a_warning_for_each_flaw() {
    let inventory = sbom::read(PUMP.as_bytes(), &Limits::default()).unwrap();
    let names: Vec<&str> = inventory.components.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Pump", "app", "log4j-core", "twin", "cloud"]);
    assert_eq!(inventory.component(inventory.subject.unwrap()).kind, ComponentKind::Device);
    assert_eq!(inventory.components[1].version.as_deref(), Some("7"));
    assert_eq!(inventory.components[2].parent.unwrap().0, 1);
    assert_eq!(inventory.components[2].hashes, [("SHA-1".to_owned(), "abcdef".to_owned())]);
    assert_eq!(inventory.components[4].kind, ComponentKind::Service);
    assert_eq!(inventory.relations.iter().filter(|it| it.kind == RelationKind::DependsOn).count(), 3);
    assert_eq!(inventory.known_gaps.len(), 1);
    assert_eq!(inventory.statements, [r#"{"id": "CVE-2021-44228"}"#]);
    let places: Vec<(&str, bool)> =
        inventory.warnings.iter().map(|it| (it.place.as_str(), it.lost)).collect();
    assert_eq!(
        places,
        [
            ("/components/0/version", false),
            ("/components/1", true),
            ("/components/2", false),
            ("/dependencies/0", true)
        ]
    );
}

#[test]
fn an_inventory_survives_the_way_between_processes() {
    let inventory = sbom::read(PUMP.as_bytes(), &Limits::default()).unwrap();
    let mut bytes = Vec::new();
    transfer::write(&inventory, &mut bytes).unwrap();
    assert_eq!(transfer::read(bytes.as_slice(), &Limits::default()).unwrap(), inventory);
    let cut = &bytes[..bytes.len() - 4];
    assert!(transfer::read(cut, &Limits::default()).is_err());
}

#[test]
fn a_document_inside_an_envelope_is_found() {
    for envelope in [
        format!(r#"{{"sbom": {PUMP}}}"#),
        format!(
            r#"{{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://cyclonedx.org/bom", "predicate": {PUMP}}}"#
        ),
    ] {
        let inventory = sbom::read(envelope.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(inventory.components.len(), 5);
        assert!(inventory.warnings[0].message.contains("stands inside"));
    }
    let other = sbom::read(br#"{"sbom": {"a": 1}}"#, &Limits::default()).unwrap_err().to_string();
    assert!(other.contains("`sbom`"), "{other}");
}
