//! What is written is valid by the makers' schemas where they are at hand, and our own reader reads it the same.

use std::path::Path;

use bedrail_formats::sbom::export::{self, Stamp, Target};
use bedrail_formats::sbom::list;
use bedrail_model::component::{Component, ComponentKind, Inventory, Relation, RelationKind};

use crate::{fixtures, read, shared};

fn stamp() -> Stamp<'static> {
    Stamp { at: "2026-11-26T12:00:00.5Z".parse().unwrap(), program_version: "0.1.0" }
}

fn written(inventory: &Inventory, target: Target) -> (Inventory, Vec<u8>, Vec<String>) {
    let written = export::write(inventory, &[], target, &stamp()).unwrap();
    let again = read(&written.bytes).unwrap();
    // What could not be read of the original is not read of the copy either, and the copy says so where it has a place for it.
    assert!(again.complete() || !inventory.complete(), "{:?}", again.warnings);
    (again, written.bytes, written.notes)
}

/// The good and the odd fixtures of every format, and a list.
fn inventories() -> Vec<(String, Inventory)> {
    let mut all = Vec::new();
    for folder in ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx-json-ld"] {
        for kind in ["good", "odd"] {
            for file in fixtures(&format!("{folder}/{kind}")) {
                let inventory = read(&std::fs::read(&file).unwrap()).unwrap();
                all.push((file.display().to_string(), inventory));
            }
        }
    }
    let list = "Name,Version,License,purl,CPE\nOpenSSL 1.0.2k-fips,,Apache License 2.0,,cpe:/a:openssl:openssl:1.0.2k cpe:2.3:a:x:y:1:*:*:*:*:*:*:*\nzlib,1.2.11,Zlib OR MIT,pkg:generic/zlib@1.2.11,\n";
    all.push(("list.csv".to_owned(), read(list.as_bytes()).unwrap()));
    all
}

type Facts<'c> = (&'c str, Option<&'c str>, Option<&'c str>, Option<&'c str>, &'c [(String, String)]);

fn facts(component: &Component) -> Facts<'_> {
    let Component { name, version, purl, supplier, hashes, .. } = component;
    (name, version.as_deref(), purl.as_deref(), supplier.as_deref(), hashes)
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values
}

/// Relations by the references of their ends.
fn edges(inventory: &Inventory, kinds: &[RelationKind]) -> Vec<(String, String)> {
    let end = |index| inventory.component(index).name.clone();
    let chosen = inventory.relations.iter().filter(|relation| kinds.contains(&relation.kind));
    sorted(chosen.map(|relation| (end(relation.from), end(relation.to))))
}

#[test]
fn cyclonedx_says_the_same_of_every_component() {
    for (file, inventory) in inventories() {
        let (again, bytes, _) = written(&inventory, Target::CycloneDx);
        let known = |it: &&(String, String)| again.components.iter().any(|other| other.hashes.contains(it));
        for component in &inventory.components {
            let found = again.components.iter().find(|it| it.reference == component.reference);
            let found = found.unwrap_or_else(|| panic!("{file}: {} is missing", component.reference));
            let hashes: Vec<_> = component.hashes.iter().filter(known).cloned().collect();
            let component = Component { hashes, ..component.clone() };
            if component.kind != ComponentKind::Service {
                assert_eq!(facts(found), facts(&component), "{file}");
                assert_eq!(sorted(found.cpes.iter()), sorted(component.cpes.iter()), "{file}");
                assert_eq!(
                    sorted(found.other_identifiers.iter()),
                    sorted(component.other_identifiers.iter())
                );
                assert_eq!((found.kind, &found.group), (component.kind, &component.group), "{file}");
                assert_eq!(found.licences, component.licences, "{file}");
                assert_eq!(found.locations, component.locations, "{file}");
            }
            let parent = |inventory: &Inventory, it: &Component| {
                it.parent.map(|parent| inventory.component(parent).reference.clone())
            };
            assert_eq!(parent(&again, found), parent(&inventory, &component), "{file}");
        }
        let subject = |it: &Inventory| it.subject.map(|subject| it.component(subject).reference.clone());
        assert_eq!(subject(&again), subject(&inventory), "{file}");
        let both = [RelationKind::DependsOn, RelationKind::Contains];
        let mut before = edges(&inventory, &both);
        before.dedup();
        assert_eq!(edges(&again, &[RelationKind::DependsOn]), before, "{file}");
        assert_eq!(again.known_gaps.len(), inventory.known_gaps.len(), "{file}");
        assert_eq!(bytes, written(&inventory, Target::CycloneDx).1, "the same twice");
    }
}

#[test]
fn spdx_says_the_same_of_every_component_but_for_what_it_has_no_field_for() {
    for (file, inventory) in inventories() {
        let (again, _, _) = written(&inventory, Target::Spdx);
        assert_eq!(again.components.len(), inventory.components.len(), "{file}");
        for (found, component) in again.components.iter().zip(&inventory.components) {
            let mut component = component.clone();
            if let Some(group) =
                component.group.take().filter(|group| !component.name.starts_with(group.as_str()))
            {
                component.name = format!("{group}/{}", component.name);
            }
            component.hashes.retain(|hash| found.hashes.contains(hash));
            assert_eq!(facts(found), facts(&component), "{file}");
            assert_eq!(sorted(found.cpes.iter()), sorted(component.cpes.iter()), "{file}");
        }
        let kinds = [RelationKind::DependsOn];
        assert_eq!(edges(&again, &kinds).len(), edges(&inventory, &kinds).len(), "{file}");
        if inventory.subject.is_some() {
            assert_eq!(again.subject, inventory.subject, "{file}");
        }
    }
}

#[test]
fn what_a_format_has_no_place_for_is_noted() {
    let mut inventory = Inventory::default();
    for name in ["a", "b"] {
        let hashes = vec![("WHIRLPOOL".to_owned(), "ab".to_owned())];
        let other_identifiers = vec![(list::AS_WRITTEN.to_owned(), name.to_owned())];
        let reference = name.to_owned();
        let component =
            Component { name: name.to_owned(), reference, hashes, other_identifiers, ..Component::default() };
        inventory.components.push(component);
    }
    let [a, b] = [0, 1].map(bedrail_model::component::ComponentIndex);
    inventory.relations.push(Relation { from: a, kind: RelationKind::GeneratedFrom, to: b });
    inventory.statements.push("{}".to_owned());
    let (again, _, notes) = written(&inventory, Target::CycloneDx);
    assert_eq!(again.components[0].other_identifiers, inventory.components[0].other_identifiers);
    assert_eq!(notes.len(), 3, "{notes:?}");
    let (again, _, notes) = written(&inventory, Target::Spdx);
    assert_eq!(again.relations, inventory.relations);
    assert_eq!(notes.len(), 3, "{notes:?}");
}

/// Who sends a bill back with what people said of names does not make that the bill's own word.
#[test]
fn what_an_organisation_confirmed_is_marked_and_set_aside_when_it_is_read() {
    let component = |name: &str| Component {
        name: name.to_owned(),
        reference: name.to_owned(),
        purl: Some(format!("pkg:npm/{name}@1")),
        cpes: vec![format!("cpe:2.3:a:acme:{name}:1:*:*:*:*:*:*:*")],
        ..Component::default()
    };
    let components = vec![component("own"), component("said")];
    let inventory = Inventory { components, ..Inventory::default() };
    for target in Target::ALL {
        let written = export::write(&inventory, &[1], target, &stamp()).unwrap();
        let text = String::from_utf8(written.bytes.clone()).unwrap();
        assert!(text.contains(export::CONFIRMED) && text.contains("pkg:npm/said@1"), "{text}");
        let again = read(&written.bytes).unwrap();
        let (own, said) = (&again.components[0], &again.components[1]);
        assert_eq!((own.purl.as_deref(), own.cpes.len()), (Some("pkg:npm/own@1"), 1), "{target:?}");
        assert_eq!((&said.purl, said.cpes.len()), (&None, 0), "{target:?}");
        let aside: Vec<&str> = said.other_identifiers.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(aside, ["pkg:npm/said@1", "cpe:2.3:a:acme:said:1:*:*:*:*:*:*:*"], "{target:?}");
        assert!(said.other_identifiers.iter().all(|(scheme, _)| scheme == export::CONFIRMED_ELSEWHERE));
        assert!(again.warnings.iter().any(|it| it.message.contains("set aside")), "{:?}", again.warnings);
    }
}

/// The validator of the makers of CycloneDX, and the schema of SPDX, where the tests' tools have them.
#[test]
fn what_is_written_is_valid() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = std::env::var_os("BEDRAIL_SCHEMA_TOOLS").map(std::path::PathBuf::from);
    let tools = tools.unwrap_or_else(|| workspace.join("target/schema-tools"));
    if !tools.join("ready").exists() {
        println!("skipped: no validators (scripts/install-schema-tools.sh installs them)");
        return;
    }
    let spdx_schema =
        shared("sbom/spdx-java-jackson-testdata/testResources").map(|it| it.join("spdx-schema.json"));
    let folder = tempfile::tempdir().unwrap();
    let script = workspace.join("crates/bedrail/tests/it/cli/validate.py");
    let check = |form: &str, schema: &Path, bytes: &[u8]| {
        let file = folder.path().join("document.json");
        std::fs::write(&file, bytes).unwrap();
        let output = std::process::Command::new(tools.join("bin/python"))
            .args([script.as_os_str(), form.as_ref(), file.as_os_str(), schema.as_os_str()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let chosen = inventories().into_iter().filter(|(file, _)| !file.contains("/odd/"));
    for (file, inventory) in chosen {
        let (_, bytes, _) = written(&inventory, Target::CycloneDx);
        assert_eq!(check("cyclonedx", Path::new("none"), &bytes), "", "{file}");
        let Some(schema) = spdx_schema.as_ref().filter(|schema| schema.exists()) else { continue };
        let (_, bytes, _) = written(&inventory, Target::Spdx);
        assert_eq!(check("json", schema, &bytes), "", "{file}");
    }
    let component = Component {
        name: "said".into(),
        reference: "said".into(),
        purl: Some("pkg:npm/said@1".into()),
        ..Component::default()
    };
    let said = Inventory { components: vec![component], ..Inventory::default() };
    let marked = |target| export::write(&said, &[0], target, &stamp()).unwrap().bytes;
    assert_eq!(check("cyclonedx", Path::new("none"), &marked(Target::CycloneDx)), "");
    if let Some(schema) = spdx_schema.as_ref().filter(|schema| schema.exists()) {
        assert_eq!(check("json", schema, &marked(Target::Spdx)), "");
    }
    // The validators are such that find faults.
    assert_ne!(
        check("cyclonedx", Path::new("none"), br#"{"bomFormat":"CycloneDX","specVersion":"1.6","x":1}"#),
        ""
    );
    if let Some(schema) = spdx_schema.filter(|schema| schema.exists()) {
        assert_ne!(check("json", &schema, b"{}"), "");
    }
}

#[test]
fn what_was_not_looked_into_travels_with_the_bill() {
    use bedrail_model::component::Warning;
    let lost =
        |place: &str, message: &str| Warning { place: place.into(), message: message.into(), lost: true };
    let mended = Warning { place: "a.jar".into(), message: "renamed".into(), lost: false };
    let part = Component { name: "zlib".into(), reference: "found-1".into(), ..Component::default() };
    let inventory = Inventory {
        format: "Files".into(),
        components: vec![part],
        warnings: vec![lost("fw.img!/data.ubi", "not scanned: UBI"), mended, lost("", "stopped")],
        ..Inventory::default()
    };
    let (again, ..) = written(&inventory, Target::CycloneDx);
    assert_eq!(again.warnings, [lost("fw.img!/data.ubi", "not scanned: UBI"), lost("", "stopped")]);
    assert!(!again.complete());
    // And once more, without growing.
    assert_eq!(written(&again, Target::CycloneDx).0.warnings, again.warnings);
}
