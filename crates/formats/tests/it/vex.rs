//! VEX: each format's shapes, slips and wrappings, and every public document that is at hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrail_formats::limits::Limits;
use bedrail_formats::vex::{self, MAX_ITEMS, VexError};
use bedrail_model::product_advisory::{Tlp, VersionText};
use bedrail_model::vex::{Document, Justification, Lapse, Product, Status};
use serde_json::{Value, json};

use crate::{files_below, shared};

mod round_trip;

fn read(bytes: &[u8]) -> Result<Document, VexError> {
    vex::read(bytes, &Limits::default())
}

fn read_json(document: &Value) -> Document {
    read(document.to_string().as_bytes()).unwrap()
}

fn refusal(document: &Value) -> String {
    read(document.to_string().as_bytes()).unwrap_err().to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "a call reads like the document")]
fn openvex(statements: Value) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://maker.example/vex/1", "author": "Maker PSIRT",
        "role": "vendor", "timestamp": "2026-11-01T00:00:00Z", "version": 1, "statements": statements})
}

const PURL: &str = "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12";

#[test]
fn both_shapes_of_openvex_say_the_same() {
    let newer =
        read_json(&openvex(json!([{"vulnerability": {"name": "CVE-2024-0001", "aliases": ["GHSA-x"]},
        "products": [{"@id": "pkg:oci/pump@sha256%3Aaa", "subcomponents": [{"@id": PURL}]}],
        "status": "not_affected", "justification": "vulnerable_code_not_present"}])));
    let older = read_json(
        &json!({"@context": "https://openvex.dev/ns", "@id": "https://maker.example/vex/1",
        "author": "Maker PSIRT", "role": "vendor", "timestamp": "2026-11-01T00:00:00Z", "version": "1",
        "statements": [{"vulnerability": "CVE-2024-0001", "products": ["pkg:oci/pump@sha256%3Aaa"],
        "subcomponents": [PURL], "status": "not_affected", "justification": "vulnerable_code_not_present"}]}),
    );
    assert_eq!((newer.format.as_str(), older.format.as_str()), ("OpenVEX 0.2.0", "OpenVEX 0.0.1"));
    assert_eq!(newer.statements[0].weaknesses, ["CVE-2024-0001", "GHSA-x"]);
    let (mut newer, older) = (newer.statements[0].clone(), older.statements[0].clone());
    newer.weaknesses.pop();
    assert_eq!(newer, older);
    assert_eq!(newer.products[0].parts[0].identifiers.purls, [PURL]);
    assert_eq!(newer.lapse(), None);
}

#[test]
fn a_wrapped_document_is_opened_and_its_subject_is_the_product_of_statements_without_one() {
    let inner = openvex(json!([{"vulnerability": {"name": "CVE-2024-0001"}, "status": "fixed"}]));
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://openvex.dev/ns/v0.2.0",
        "subject": [{"name": "pkg:oci/pump", "digest": {"sha256": "AB12"}}], "predicate": inner});
    let envelope = json!({"payloadType": "application/vnd.in-toto+json",
        "payload": STANDARD.encode(statement.to_string()), "signatures": [{"sig": "AA=="}]});
    let bundle =
        json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope});
    for document in [&statement, &envelope, &bundle] {
        let found = read_json(document);
        let product = &found.statements[0].products[0];
        assert_eq!(product.identifiers.purls, ["pkg:oci/pump"]);
        assert_eq!(product.identifiers.hashes, ["sha256:ab12"]);
        assert_eq!(found.statements[0].lapse(), None);
    }
    let said = read_json(&envelope).warnings;
    assert!(said.iter().any(|it| it.message.contains("the document is signed")), "{said:?}");

    let mut deep = inner_of(&statement);
    for _ in 0..6 {
        deep = json!({"predicate": deep});
    }
    assert!(refusal(&deep).contains("wrapped more than"), "{}", refusal(&deep));
    let broken = json!({"payloadType": "x", "payload": "%%%"});
    assert!(refusal(&broken).contains("base64"), "{}", refusal(&broken));
}

fn inner_of(statement: &Value) -> Value {
    statement["predicate"].clone()
}

#[test]
fn not_affected_without_a_word_of_why_is_kept_and_marked() {
    let document = read_json(&openvex(json!([
        {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": PURL}], "status": "not_affected"},
        {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": PURL}], "status": "not_affected", "justification": "because"},
        {"vulnerability": {"name": "CVE-1"}, "status": "affected", "action_statement": "Upgrade"},
        {"products": [{"@id": PURL}], "status": "fixed"},
        {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": PURL}], "status": "Not affected"},
    ])));
    let lapses: Vec<_> = document.statements.iter().map(|it| it.lapse()).collect();
    let ground = Some(Lapse::NoGround);
    assert_eq!(lapses, [ground, ground, Some(Lapse::NoProduct), Some(Lapse::NoWeakness)]);
    let lost: Vec<&str> = document.warnings.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(lost, ["/statements/1/justification", "/statements/4/status"]);
}

/// A CSAF document about a pump with OpenSSL in it.
#[expect(clippy::needless_pass_by_value, reason = "a call reads like the document")]
fn csaf(vulnerability: Value) -> Value {
    json!({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "Pump",
            "publisher": {"category": "vendor", "name": "Maker", "namespace": "https://maker.example"},
            "distribution": {"tlp": {"label": "AMBER"}},
            "tracking": {"id": "M-1", "version": "2", "status": "final", "initial_release_date": "2026-01-01T00:00:00Z",
                "current_release_date": "2026-02-01T00:00:00Z"}},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Maker", "branches": [{"category": "product_name", "name": "Pump",
                "branches": [
                    {"category": "product_version", "name": "4.2", "product": {"product_id": "P42", "name": "Maker Pump 4.2"}},
                    {"category": "product_version_range", "name": "vers:generic/<4", "product": {"product_id": "POLD", "name": "Maker Pump before 4"}}]}]}],
            "full_product_names": [
                {"product_id": "SSL", "name": "OpenSSL", "product_identification_helper": {"purl": PURL}},
                {"product_id": "WIN", "name": "Windows 10"}],
            "relationships": [
                {"category": "default_component_of", "product_reference": "SSL", "relates_to_product_reference": "P42",
                    "full_product_name": {"product_id": "SSL-P42", "name": "OpenSSL in Maker Pump 4.2"}},
                {"category": "installed_on", "product_reference": "P42", "relates_to_product_reference": "WIN",
                    "full_product_name": {"product_id": "P42-WIN", "name": "Maker Pump 4.2 on Windows 10"}}]},
        "vulnerabilities": [vulnerability],
    })
}

#[test]
fn csaf_is_read_by_product_with_what_flags_threats_and_remediations_say_of_each() {
    let document = read_json(&csaf(json!({"cve": "CVE-2024-0001",
        "product_status": {"known_not_affected": ["SSL-P42", "P42-WIN"], "known_affected": ["POLD"], "recommended": ["P42"]},
        "flags": [{"label": "vulnerable_code_not_in_execute_path", "product_ids": ["SSL-P42"]}],
        "threats": [{"category": "impact", "details": "No way in.", "product_ids": ["P42-WIN"]},
            {"category": "exploit_status", "details": "In the wild."}],
        "remediations": [{"category": "vendor_fix", "details": "Go to 4.2.", "product_ids": ["POLD"]}]})));
    assert_eq!((document.tlp, document.issuer.key().as_str()), (Tlp::Amber, "maker.example"));
    let [affected, by_flag, by_text] = document.statements.as_slice() else {
        panic!("{:?}", document.statements)
    };
    assert_eq!((affected.status, affected.action.as_deref()), (Status::Affected, Some("Go to 4.2.")));
    assert_eq!(affected.products[0].version, VersionText::Range("vers:generic/<4".to_owned()));
    assert_eq!(affected.responses, ["vendor_fix"]);
    assert_eq!(by_flag.justification, Some(Justification::VulnerableCodeNotInExecutePath));
    let pump = &by_flag.products[0];
    assert_eq!((pump.maker.as_str(), pump.name.as_str(), pump.version.text()), ("Maker", "Pump", "4.2"));
    assert_eq!((pump.parts[0].name.as_str(), pump.parts[0].identifiers.purls[0].as_str()), ("OpenSSL", PURL));
    assert_eq!(by_text.impact.as_deref(), Some("No way in."));
    assert_eq!(by_text.products[0].conditions, ["installed on Windows 10"]);
    assert!(by_text.products[0].parts.is_empty());
}

/// A threat that names no product at all is about all of them; one whose products the tree does not have is about none of it.
#[test]
fn a_ground_for_products_that_the_tree_does_not_have_is_nobodys() {
    let document = read_json(&csaf(json!({"cve": "CVE-2024-0001",
        "product_status": {"known_not_affected": ["P42"], "known_affected": ["POLD"]},
        "threats": [{"category": "impact", "details": "Not in it.", "product_ids": ["P43"]},
            {"category": "impact", "details": "Of a group.", "group_ids": ["G1"]},
            {"category": "impact", "details": "Behind a wall."}],
        "remediations": [{"category": "vendor_fix", "details": "Go to 4.3.", "product_ids": ["P43"]}]})));
    let [affected, spared] = document.statements.as_slice() else { panic!("{:?}", document.statements) };
    assert_eq!(affected.action, None);
    assert_eq!(spared.impact.as_deref(), Some("Behind a wall."));
    assert!(
        document.warnings.iter().any(|it| it.lost && it.message.contains("`P43`")),
        "{:?}",
        document.warnings
    );
}

#[test]
fn what_csaf_says_to_be_unknown_is_no_statement() {
    let document = read_json(&csaf(json!({"cve": "CVE-2024-0001", "product_status": {"unknown": ["P42"]}})));
    assert!(document.statements.is_empty());
    assert!(
        document.warnings.iter().any(|it| it.message.contains("nobody knows")),
        "{:?}",
        document.warnings
    );
}

/// A CycloneDX document about a pump with a part.
#[expect(clippy::needless_pass_by_value, reason = "a call reads like the document")]
fn cyclonedx(vulnerability: Value) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": "urn:uuid:5f0f0da9-c03d-47d8-b38d-009e6df67094",
        "metadata": {"timestamp": "2026-01-01T00:00:00Z", "supplier": {"name": "Maker", "url": ["https://maker.example"]},
            "component": {"type": "device", "bom-ref": "pump", "name": "Pump", "version": "4.2"}},
        "components": [{"type": "library", "bom-ref": "ssl", "name": "openssl", "version": "3.0", "purl": "pkg:generic/openssl@3.0"}],
        "vulnerabilities": [vulnerability]})
}

#[test]
fn cyclonedx_states_and_the_words_of_versions_are_read_and_the_careful_one_counts() {
    let said = |state: &str, versions: Value| {
        let document = read_json(&cyclonedx(json!({"id": "CVE-2024-0001", "analysis": {"state": state,
            "justification": "code_not_reachable", "detail": "Seen."}, "affects": [{"ref": "pump", "versions": versions}]})));
        document
            .statements
            .into_iter()
            .flat_map(|it| it.products.clone().into_iter().map(move |p| (it.status, it.lapse(), p.version)))
            .collect::<Vec<_>>()
    };
    let exact = |text: &str| VersionText::Exact(text.to_owned());
    let found = said(
        "not_affected",
        json!([{"version": "1", "status": "unaffected"}, {"version": "2"},
        {"range": "vers:generic/>=3", "status": "affected"}]),
    );
    assert_eq!(
        found,
        [
            (Status::NotAffected, None, exact("1")),
            (Status::NotAffected, None, exact("2")),
            (Status::Affected, None, VersionText::Range("vers:generic/>=3".to_owned()))
        ]
    );
    // "Unaffected" beside an analysis that says "exploitable" has no reason of its own.
    let found = said(
        "exploitable",
        json!([{"version": "1", "status": "affected"}, {"version": "2", "status": "unaffected"}]),
    );
    assert_eq!(
        found,
        [(Status::Affected, None, exact("1")), (Status::NotAffected, Some(Lapse::NoGround), exact("2"))]
    );
    assert_eq!(
        said("in_triage", json!([{"version": "1", "status": "affected"}])),
        [(Status::UnderInvestigation, None, exact("1"))]
    );
    assert_eq!(
        said("resolved", json!([{"version": "1", "status": "affected"}])),
        [(Status::Affected, None, exact("1"))]
    );
    assert_eq!(said("harmless", json!([{"version": "1"}])), []);
}

#[test]
fn a_reference_of_cyclonedx_is_a_component_a_part_a_link_or_an_identifier() {
    let product = |reference: &str| -> Product {
        let document =
            read_json(&cyclonedx(json!({"id": "CVE-2024-0001", "analysis": {"state": "resolved"},
            "affects": [{"ref": reference}]})));
        document.statements[0].products[0].clone()
    };
    let pump = product("pump");
    assert_eq!((pump.words().as_str(), pump.parts.len()), ("Pump 4.2", 0));
    let part = product("ssl");
    assert_eq!((part.words().as_str(), part.parts[0].words().as_str()), ("Pump 4.2", "openssl 3.0"));
    assert_eq!(product("urn:cdx:5f0f0da9-c03d-47d8-b38d-009e6df67094/1#ssl"), part);
    let link = product("urn:cdx:00000000-0000-4000-8000-000000000000/1#x");
    assert!(!link.is_findable() && link.reference.ends_with("#x"));
    assert_eq!(product(PURL).identifiers.purls, [PURL]);
}

#[test]
fn a_false_positive_says_what_it_is_and_not_why() {
    let document = read_json(&cyclonedx(json!({"id": "CVE-1", "analysis": {"state": "false_positive"},
        "affects": [{"ref": "pump"}]})));
    assert_eq!(document.statements[0].lapse(), Some(Lapse::NoGround));
    let listed = read_json(&cyclonedx(json!({"id": "CVE-1", "affects": [{"ref": "pump"}]})));
    assert!(listed.statements.is_empty(), "no analysis is no status");
    assert!(!listed.warnings.is_empty());
}

#[test]
fn other_documents_are_refused_by_what_they_are() {
    let cases = [
        (br#"{"bomFormat": "CycloneDX", "specVersion": "1.6"}"#.as_slice(), "says nothing of weaknesses"),
        (b"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>", "CycloneDX as XML"),
        (b"# A page", "no JSON"),
        (b"", "empty"),
        (b"[]", "no JSON object"),
        (br#"{"spdxVersion": "SPDX-2.3"}"#, "`spdxVersion`"),
        (br#"{"@context": "https://openvex.dev/ns", "#, "cut off"),
    ];
    for (bytes, words) in cases {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn more_statements_than_the_limit_are_refused_and_deep_nesting_too() {
    let one =
        json!({"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:a/b"}], "status": "fixed"})
            .to_string();
    let many = openvex(json!("ALL"))
        .to_string()
        .replace("\"ALL\"", &format!("[{}]", vec![one; MAX_ITEMS + 1].join(",")));
    let error = read(many.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("100000 statements"), "{error}");
    let products = format!("[{}]", vec![r#"{"@id":"pkg:a/b"}"#; MAX_ITEMS + 1].join(","));
    let wide = openvex(json!([{"vulnerability": "CVE-1", "status": "fixed", "products": "ALL"}])).to_string();
    let error = read(wide.replace("\"ALL\"", &products).as_bytes()).unwrap_err().to_string();
    assert!(error.contains("100000 products"), "{error}");
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    assert!(read(deep.as_bytes()).unwrap_err().to_string().contains("128 levels"));
}

/// The patterns of the table in `docs/vex.md`; `*` stands for anything.
fn not_read() -> Vec<String> {
    let page = include_str!("../../../../docs/vex.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(pattern, _)| pattern.to_owned()).filter(|it| it.contains('/')).collect()
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut rest = path;
    let mut pieces = pattern.split('*');
    let Some(start) = pieces.next().and_then(|it| rest.strip_prefix(it)) else { return false };
    rest = start;
    for piece in pieces {
        match rest.find(piece) {
            Some(_) if piece.is_empty() => return true,
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

#[test]
fn every_public_document_is_read_or_stands_on_the_page() {
    let (Some(first), Some(second)) = (shared("vex"), shared("sbom/sbom-utility-vex")) else { return };
    let patterns = not_read();
    let mut used = vec![false; patterns.len()];
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<String, (usize, usize)>::new());
    for (folder, name) in [(first, "vex"), (second, "sbom-utility-vex")] {
        for file in files_below(&folder) {
            let path = format!("{name}/{}", file.strip_prefix(&folder).unwrap().display());
            let listed = patterns.iter().position(|it| fits(it, &path));
            if let Some(row) = listed {
                used[row] = true;
            }
            match (read(&std::fs::read(&file).unwrap()), listed) {
                (Ok(document), None) => {
                    let entry = counts.entry(document.format).or_default();
                    *entry = (entry.0 + 1, entry.1 + document.statements.len());
                }
                (Err(_), Some(_)) => {}
                (Ok(_), Some(_)) => wrong.push(format!("{path} is read, but listed")),
                (Err(error), None) => wrong.push(format!("{path} is not read: {error}")),
            }
        }
    }
    wrong.extend(
        patterns.iter().zip(used).filter(|(_, used)| !used).map(|(it, _)| format!("nothing fits {it}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut text = String::new();
    for (format, (documents, statements)) in counts {
        let _ = writeln!(text, "{format}: {documents} documents, {statements} statements");
    }
    insta::assert_snapshot!("vex_corpus", text);
}
