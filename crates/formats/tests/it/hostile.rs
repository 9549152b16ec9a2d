//! Bad input, made here: what it costs and what is said of it.

use std::io::Write as _;

use bedrail_formats::limits::{LimitError, Limits, expand, read_capped};
use bedrail_formats::sbom::{self, FORMATS, ReadError};

use crate::{fixtures, read, refusal};

const SMALL: &str =
    r#"{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"é"}]}"#;

#[test]
fn what_is_no_bill_of_materials_is_named() {
    for (bytes, said) in [
        (&b""[..], "empty"),
        (b"  \n ", "empty"),
        (b"hello", "neither JSON nor XML"),
        (b"\x00\x01\x02\x03", "neither JSON nor XML"),
        (b"{}", "no fields"),
        (b"[]", "a JSON list"),
        (b"{\"a\": 1, \"b\\u001b\": 2}", "`a`, `b\\u{1b}`"),
        (b"{\"a\": ", "line 1 column 6"),
        (b"<a/>", "XML of another kind"),
        (b"PK\x03\x04....", "the XLSX is broken"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<SoftwareIdentity xmlns=\"x\"/>", "a SWID tag"),
        (b"<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\"/>", "SPDX as RDF/XML"),
        (b"SPDXID: \"SPDXRef-DOCUMENT\"\nspdxVersion: \"SPDX-2.3\"\n", "SPDX as YAML"),
        (b"bomFormat: CycloneDX\nspecVersion: 1.4\n", "CycloneDX as YAML"),
        (b"spec_version: \"1.5\"\n", "CycloneDX as protocol-buffer text"),
        (b"{\"document\": {}, \"vulnerabilities\": []}", "a CSAF security advisory"),
    ] {
        let message = refusal(bytes);
        assert!(message.contains(said), "{said:?} is not in {message:?}");
        assert!(!message.contains(char::is_control), "{message:?}");
    }
}

#[test]
fn every_encoding_of_text_reads_the_same() {
    let utf16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = if mark { format!("\u{feff}{SMALL}") } else { SMALL.to_owned() };
        marked.encode_utf16().flat_map(bytes).collect()
    };
    let latin: Vec<u8> = SMALL.chars().map(|it| it as u8).collect();
    let marked = format!("\u{feff}{SMALL}").into_bytes();
    for (name, bytes, warned) in [
        ("UTF-8", SMALL.as_bytes().to_vec(), false),
        ("UTF-8 with mark", marked, false),
        ("UTF-16 LE with mark", utf16(true, u16::to_le_bytes), true),
        ("UTF-16 BE with mark", utf16(true, u16::to_be_bytes), true),
        ("UTF-16 LE", utf16(false, u16::to_le_bytes), true),
        ("UTF-16 BE", utf16(false, u16::to_be_bytes), true),
        ("Latin-1", latin, true),
    ] {
        let inventory = read(&bytes).unwrap();
        assert_eq!(inventory.components[0].name, "é", "{name}");
        assert_eq!(inventory.warnings.iter().any(|it| it.message.starts_with("read as")), warned, "{name}");
    }
}

#[test]
fn a_document_cut_off_anywhere_is_refused_or_read_but_never_a_panic() {
    for format in FORMATS {
        let folder = format!("{}-{}/good", format.name, format.encoding).to_lowercase();
        for file in fixtures(&folder) {
            let bytes = std::fs::read(file).unwrap();
            for end in (0..bytes.len()).step_by(7) {
                let result = read(&bytes[..end]);
                // What is nested must be closed; lines of tags and values may end anywhere.
                assert!(result.is_err() || format.encoding == "tag-value", "{end} bytes of {folder}");
            }
        }
    }
    let cut = refusal(&SMALL.as_bytes()[..70]);
    assert!(cut.contains("line 1 column 70 (in /components/0)") && cut.contains("cut off"), "{cut}");
}

#[test]
fn deep_nesting_is_refused_with_a_place() {
    let deep = |levels: usize| {
        let open = r#"{"type":"library","name":"n","components":["#.repeat(levels);
        let close = "]}".repeat(levels);
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{open}{close}]}}"#)
    };
    assert_eq!(read(deep(50).as_bytes()).unwrap().components.len(), 50);
    for levels in [100, 200, 100_000] {
        let error = read(deep(levels).as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::TooDeep { .. }), "{error}");
        assert!(error.to_string().contains("/components/0"), "{error}");
    }
    let open = "<component type=\"library\"><name>n</name><components>".repeat(200);
    let xml = format!("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>{open}");
    let error = read(xml.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::TooDeep { .. }), "{error}");
}

#[test]
fn compressed_documents_are_read() {
    for (name, packed) in [
        ("gzip", gzip(SMALL.as_bytes())),
        ("xz", xz(SMALL.as_bytes())),
        ("zstd", zstd(SMALL.as_bytes())),
        ("bzip2", bzip2(SMALL.as_bytes())),
    ] {
        assert_eq!(read(&packed).unwrap().components.len(), 1, "{name}");
        let cut = expand(&packed[..packed.len() - 6], &Limits::default());
        assert!(matches!(cut, Err(LimitError::Damaged { .. })), "{name} cut off");
    }
    assert_eq!(read(&gzip(&xz(SMALL.as_bytes()))).unwrap().components.len(), 1);
    let packed = gzip(&gzip(&gzip(SMALL.as_bytes())));
    let thrice = expand(&packed, &Limits::default());
    assert!(matches!(thrice, Err(LimitError::NestedTooDeep { .. })));
}

#[test]
fn a_gigabyte_out_of_a_megabyte_is_refused_before_it_is_made() {
    // 64 MiB of zeros: with the ratio judged from 16 MiB on, little of it is ever expanded.
    let zeros = vec![0; 64 << 20];
    for packed in [gzip(&zeros), zstd(&zeros), bzip2(&zeros)] {
        let error = expand(&packed, &Limits::default()).unwrap_err();
        assert!(matches!(error, LimitError::Bomb { .. }), "{error}");
    }
    let tight = Limits { bytes_expanded: 1 << 20, ..Limits::default() };
    let error = expand(&gzip(&zeros), &tight).unwrap_err();
    assert!(matches!(error, LimitError::ExpandsTooFar { .. }), "{error}");
    let received = read_capped(&zeros[..], &Limits { bytes_in: 1 << 20, ..Limits::default() });
    assert!(matches!(received, Err(LimitError::TooLarge { .. })));
}

#[test]
fn document_types_are_not_read_so_no_entity_can_grow_or_reach_out() {
    for name in ["entity-bomb.xml", "external-entity.xml"] {
        let path = fixtures("cyclonedx-xml/hostile").into_iter().find(|path| path.ends_with(name)).unwrap();
        let message = refusal(&std::fs::read(path).unwrap());
        assert!(message.contains("document type declarations are not read"), "{message}");
        assert!(!message.contains("root:"), "{message}");
    }
    let other = refusal(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>");
    assert!(other.contains("document type declarations are not read"), "{other}");
}

#[test]
fn limits_on_components_relations_and_texts_hold() {
    let limits = Limits { components: 2, relations: 1, text_length: 3, warnings: 1, ..Limits::default() };
    let component = r#"{"type":"library","bom-ref":"a","name":"longer"}"#;
    let document = |components: &str, dependencies: &str| {
        let text = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{components}],"dependencies":[{dependencies}]}}"#
        );
        sbom::read(text.as_bytes(), &limits)
    };
    let two = document(&[component; 2].join(","), "").unwrap();
    assert_eq!(two.components[0].name, "lon");
    assert_eq!(two.warnings.len(), 2, "{:?}", two.warnings);
    assert!(two.warnings[1].message.contains("more warnings") && two.warnings[1].lost);
    let three = document(&[component; 3].join(","), "").unwrap_err().to_string();
    assert!(three.contains("more than 2 components"), "{three}");
    let relations = document(component, r#"{"ref":"a","dependsOn":["b","c"]}"#).unwrap_err().to_string();
    assert!(relations.contains("more than 1 relations"), "{relations}");
}

#[test]
fn a_million_components_are_read() {
    let mut text = String::from(r#"{"bomFormat":"CycloneDX","specVersion":"1.5","components":["#);
    for number in 0..1_000_000 {
        let comma = if number == 0 { "" } else { "," };
        text.push_str(comma);
        text.push_str(r#"{"type":"library","name":"n"}"#);
    }
    text.push_str("]}");
    assert_eq!(read(text.as_bytes()).unwrap().components.len(), 1_000_000);
}

#[test]
fn a_document_of_nothing_but_mistakes_stays_cheap() {
    let mistakes = "7,".repeat(200_000);
    let text = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{mistakes}7]}}"#);
    let inventory = read(text.as_bytes()).unwrap();
    assert_eq!(inventory.warnings.len(), Limits::default().warnings + 1);
    let minified = format!(
        r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>{}</components></bom>"#,
        "<component type=\"library\"><name>n</name></component>".repeat(50_000)
    );
    let inventory = read(minified.as_bytes()).unwrap();
    let references: std::collections::HashSet<&str> =
        inventory.components.iter().map(|it| it.reference.as_str()).collect();
    assert_eq!(references.len(), 50_000);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).expect("memory takes all")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}
