//! What a CycloneDX document becomes.

use bedrail_formats::limits::Limits;
use bedrail_formats::{sbom, transfer};
use bedrail_model::component::{ComponentKind, RelationKind};
use bedrail_model::purl::Purl;

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

/// Properties of Trivy and of Syft; in the package URL stands what the specification calls `upstream`.
#[test]
fn the_source_package_in_properties_stands_in_the_package_url() {
    let trivy = "aquasecurity:trivy:";
    let rows = [
        (
            "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12",
            vec![("SrcName", "openssl"), ("SrcVersion", "3.0.11"), ("SrcRelease", "1~deb12u2")],
            trivy,
            Some("openssl@3.0.11-1~deb12u2"),
        ),
        (
            "pkg:deb/debian/libx@2.0-1?distro=debian-12&epoch=1",
            vec![("SrcName", "x"), ("SrcVersion", "2.0"), ("SrcRelease", "1")],
            trivy,
            Some("x@0:2.0-1"),
        ),
        (
            "pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?distro=rocky-9.3",
            vec![
                ("SrcName", "openssl"),
                ("SrcVersion", "3.0.7"),
                ("SrcRelease", "24.el9"),
                ("SrcEpoch", "1"),
            ],
            trivy,
            Some("openssl-1:3.0.7-24.el9.src.rpm"),
        ),
        (
            "pkg:deb/debian/libgcc-s1@12.2.0-14",
            vec![("source", "gcc-12"), ("sourceVersion", "12.2.0-13+b1")],
            "syft:metadata:",
            Some("gcc-12@12.2.0-13+b1"),
        ),
        (
            "pkg:apk/alpine/libcrypto3@3.1.4-r1#x",
            vec![("originPackage", "openssl")],
            "syft:metadata:",
            Some("openssl"),
        ),
        (
            "pkg:rpm/rocky/libs@1-1",
            vec![("sourceRpm", "openssl-3.0.7-24.el9.src.rpm")],
            "syft:metadata:",
            Some("openssl-3.0.7-24.el9.src.rpm"),
        ),
        // Syft leaves out a source of the same name.
        (
            "pkg:deb/debian/adduser@3.134",
            vec![("metadataType", "dpkg-db-entry")],
            "syft:package:",
            Some("adduser"),
        ),
        // What the package URL says itself counts.
        ("pkg:deb/debian/libssl3@3?upstream=openssl", vec![("SrcName", "other")], trivy, Some("openssl")),
        ("pkg:npm/a@1", vec![("SrcName", "other")], trivy, None),
    ];
    for (purl, properties, prefix, upstream) in rows {
        let properties: Vec<String> = properties
            .iter()
            .map(|(name, value)| format!(r#"{{"name": "{prefix}{name}", "value": "{value}"}}"#))
            .collect();
        let json = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{{"type": "library", "name": "n", "purl": "{purl}", "properties": [{}]}}]}}"#,
            properties.join(",")
        );
        let inventory = sbom::read(json.as_bytes(), &Limits::default()).unwrap();
        let read = Purl::parse(inventory.components[0].purl.as_deref().unwrap()).unwrap();
        assert_eq!(read.qualifier("upstream"), upstream, "{purl}");
        let given = Purl::parse(purl).unwrap();
        assert_eq!(
            (read.without_version(), read.version(), read.subpath()),
            (given.without_version(), given.version(), given.subpath())
        );
    }
}
