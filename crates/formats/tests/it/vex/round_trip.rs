//! What is written is read back as it was, for all that the format can say, and holds by its maker's schema.

use std::path::{Path, PathBuf};
use std::process::Command;

use bedrail_formats::vex::{Format, Written, write};
use bedrail_model::product_advisory::{ProductIdentifiers, Tlp, VersionText};
use bedrail_model::vex::{Document, Issuer, Justification, Product, Statement, Status};

use super::{PURL, read};
use crate::shared;

fn exact(version: &str) -> VersionText {
    VersionText::Exact(version.to_owned())
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn said(status: Status, weakness: &str, products: Vec<Product>) -> Statement {
    Statement { weaknesses: vec![weakness.to_owned()], products, ..Statement::new(status) }
}

fn library() -> Product {
    Product {
        reference: "lib".to_owned(),
        name: "openssl".to_owned(),
        version: exact("3.0.15-1~deb12u1"),
        identifiers: ProductIdentifiers {
            purls: vec![PURL.to_owned()],
            hashes: vec![format!("sha256:{}", "ab".repeat(32))],
            ..ProductIdentifiers::default()
        },
        ..Product::default()
    }
}

fn pump() -> Product {
    Product {
        reference: "pump".to_owned(),
        maker: "Maker, Inc.".to_owned(),
        name: "Infusion Pump".to_owned(),
        version: exact("4.2"),
        identifiers: ProductIdentifiers {
            cpes: vec!["cpe:2.3:h:maker:infusion_pump:4.2:*:*:*:*:*:*:*".to_owned()],
            ..ProductIdentifiers::default()
        },
        ..Product::default()
    }
}

/// A document that says all that the model can, with the statements given.
fn document(id: &str, statements: Vec<Statement>) -> Document {
    Document {
        id: id.to_owned(),
        issuer: Issuer { name: "Clinic".to_owned(), role: text("user"), namespace: None },
        version: "1".to_owned(),
        issued: text("2026-11-26T18:00:00Z"),
        statements,
        ..Document::default()
    }
}

/// Each status, each justification.
fn statements() -> Vec<Statement> {
    let with_part =
        |reference: &str| Product { reference: reference.to_owned(), parts: vec![library()], ..pump() };
    let mut all = vec![
        Statement {
            action: text("Upgrade to 5.0."),
            ..said(Status::Affected, "CVE-2024-0001", vec![with_part("pump")])
        },
        said(Status::Fixed, "CVE-2024-0002", vec![pump()]),
        said(Status::UnderInvestigation, "CVE-2024-0003", vec![pump()]),
    ];
    for (number, justification) in Justification::ALL.into_iter().enumerate() {
        all.push(Statement {
            justification: Some(justification),
            impact: text("Seen in the code."),
            ..said(
                Status::NotAffected,
                &format!("CVE-2024-001{number}"),
                vec![pump(), with_part("second pump")],
            )
        });
    }
    all.push(Statement {
        impact: text("Only by words."),
        ..said(Status::NotAffected, "CVE-2024-0020", vec![pump()])
    });
    all
}

fn read_back(written: &Written) -> Document {
    let mut found = read(written.text.as_bytes()).unwrap();
    assert!(found.warnings.iter().all(|it| !it.lost), "{:?}", found.warnings);
    found.format.clear();
    found.statements.iter_mut().for_each(|it| it.place.clear());
    found
}

/// What the validators of the formats' makers say; empty where they are not there, which is printed.
#[expect(clippy::print_stdout, reason = "a test that was skipped says so")]
fn faults(format: &str, schema: &str, written: &Written) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = std::env::var_os("BEDRAIL_SCHEMA_TOOLS").map(PathBuf::from);
    let tools = tools.unwrap_or_else(|| workspace.join("target/schema-tools"));
    let Some(vex) = shared("vex") else { return String::new() };
    if !tools.join("ready").exists() {
        println!("skipped: no validators (scripts/install-schema-tools.sh installs them)");
        return String::new();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.json");
    std::fs::write(&file, &written.text).unwrap();
    let script = workspace.join("crates/bedrail/tests/it/cli/validate.py");
    let output = Command::new(tools.join("bin/python"))
        .args([&script, Path::new(format), &file, &vex.join(schema)])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const OPENVEX: &str = "openvex-spec/openvex_json_schema.json";
const CSAF: &str = "oasis-csaf/csaf_2.0/json_schema/csaf_json_schema.json";

#[test]
fn openvex_is_read_back_as_it_was() {
    let mut original = document("https://clinic.example/vex/1", statements());
    original.updated = text("2026-11-26T19:00:00Z");
    original.version = "3".to_owned();
    for statement in &mut original.statements {
        statement.notes = text("By the maker's letter.");
        statement.dated = text("2026-11-26T17:00:00Z");
        statement.weaknesses.push(format!("GHSA-{}", statement.weakness()));
        for product in &mut statement.products {
            // It has identifiers and no names: the product's own is what it is called by.
            product.identifiers.purls = vec!["pkg:generic/maker/pump@4.2".to_owned()];
            product.reference = product.identifiers.purls[0].clone();
            product.identifiers.cpes.clear();
            nameless(product);
            for part in &mut product.parts {
                part.reference = PURL.to_owned();
                nameless(part);
            }
        }
    }
    let written = write(&original, Format::OpenVex).unwrap();
    assert_eq!(written.unsaid, Vec::<String>::new());
    assert_eq!(read_back(&written), original);
    assert_eq!(faults("json", OPENVEX, &written), "");
}

fn nameless(product: &mut Product) {
    product.maker.clear();
    product.name.clear();
    product.version = VersionText::Unstated;
}

#[test]
fn csaf_is_read_back_as_it_was() {
    let mut original = document("CLINIC-2026-1", statements());
    original.title = text("Decisions of the clinic");
    original.issuer.namespace = text("https://clinic.example");
    original.tlp = Tlp::Amber;
    original.updated = text("2026-11-26T19:00:00Z");
    original.version = "2".to_owned();
    original.statements[0].responses = vec!["vendor_fix".to_owned()];
    for statement in &mut original.statements {
        statement.notes = text("By the maker's letter.");
        for product in &mut statement.products {
            product.conditions = vec!["with the network module".to_owned()];
            product.identifiers.serials = vec!["AB12*".to_owned()];
        }
    }
    original.statements[1].products[0].version = VersionText::Range("vers:generic/<4.2".to_owned());
    original.statements[1].products[0].reference = "older pumps".to_owned();
    let written = write(&original, Format::Csaf).unwrap();
    assert_eq!(written.unsaid, Vec::<String>::new());
    assert_eq!(read_back(&written), original);
    assert_eq!(faults("json", CSAF, &written), "");
}

#[test]
fn cyclonedx_is_read_back_as_it_was() {
    let mut original = document("urn:uuid:5f0f0da9-c03d-47d8-b38d-009e6df67094", statements());
    original.issuer.role = None;
    original.issuer.namespace = text("https://clinic.example");
    original.statements[0].responses = vec!["update".to_owned(), "workaround_available".to_owned()];
    original.statements[1].products[0].version = VersionText::Range("vers:generic/<4.2".to_owned());
    original.statements[1].products[0].reference = "older pumps".to_owned();
    for (reason, justification) in [
        ("requires_environment", None),
        ("protected_by_compiler", Some(Justification::InlineMitigationsAlreadyExist)),
        ("false_positive", None),
    ] {
        let weakness = format!("CVE-2024-{reason}");
        original.statements.push(Statement {
            reason: text(reason),
            justification,
            impact: text("Why."),
            dated: text("2026-11-26T17:00:00Z"),
            ..said(Status::NotAffected, &weakness, vec![pump()])
        });
    }
    for statement in &mut original.statements {
        statement.weaknesses.push(format!("GHSA-{}", statement.weakness()));
        for part in statement.products.iter_mut().flat_map(|it| &mut it.parts) {
            part.reference = "lib".to_owned();
        }
    }
    let written = write(&original, Format::CycloneDx).unwrap();
    // Two justifications of the five have no word in CycloneDX that is read back as theirs.
    let own = |word: &str| format!("the justification `{word}`, other than in a property of our own");
    assert_eq!(
        written.unsaid,
        [own("component_not_present"), own("vulnerable_code_cannot_be_controlled_by_adversary")]
    );
    let mut found = read_back(&written);
    // A part stands under each product that has it, and a reference stands once in a document.
    for part in found.statements.iter_mut().flat_map(|it| &mut it.products).flat_map(|it| &mut it.parts) {
        part.reference = "lib".to_owned();
    }
    assert_eq!(found, original);
    assert_eq!(faults("cyclonedx", CSAF, &written), "");
}

#[test]
fn what_a_format_cannot_say_is_listed_and_nothing_is_made_wider() {
    let range = Product { version: VersionText::Range("<4".to_owned()), ..pump() };
    let condition = Product { conditions: vec!["on Windows".to_owned()], ..pump() };
    let serial = Product {
        identifiers: ProductIdentifiers { serials: vec!["1".to_owned()], ..ProductIdentifiers::default() },
        ..pump()
    };
    let narrow = said(Status::Fixed, "CVE-2024-0001", vec![range, condition, serial]);
    let plain = said(Status::Fixed, "CVE-2024-0002", vec![pump()]);
    let baseless = said(Status::NotAffected, "CVE-2024-0003", vec![pump()]);
    let original = document("https://clinic.example/vex/2", vec![narrow, plain, baseless]);
    let written = write(&original, Format::OpenVex).unwrap();
    let found = read(written.text.as_bytes()).unwrap();
    let weaknesses: Vec<&str> = found.statements.iter().map(Statement::weakness).collect();
    assert_eq!(weaknesses, ["CVE-2024-0002"]);
    insta::assert_snapshot!("vex_unsaid", written.unsaid.join("\n"));
    let only = document("https://clinic.example/vex/3", vec![original.statements[2].clone()]);
    assert!(write(&only, Format::Csaf).unwrap_err().to_string().contains("CSAF"));
}

#[test]
fn a_version_beside_an_identifier_without_one_is_written_into_it() {
    let mut product = library();
    product.identifiers.purls = vec!["pkg:deb/debian/openssl?distro=debian-12".to_owned()];
    product.identifiers.cpes = vec!["cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*".to_owned()];
    let original =
        document("https://clinic.example/vex/4", vec![said(Status::Fixed, "CVE-1", vec![product])]);
    let written = write(&original, Format::OpenVex).unwrap();
    let found = read(written.text.as_bytes()).unwrap();
    let ids = &found.statements[0].products[0].identifiers;
    assert_eq!(ids.purls, ["pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12"]);
    assert!(ids.cpes.is_empty(), "a CPE for all versions would say more: {:?}", ids.cpes);
}

#[test]
fn a_document_says_what_it_lacks() {
    let whole = document("M-1", vec![said(Status::Fixed, "CVE-1", vec![pump()])]);
    let lacks = |change: &dyn Fn(&mut Document), format: Format| {
        let mut document = whole.clone();
        change(&mut document);
        write(&document, format).unwrap_err().to_string()
    };
    assert!(lacks(&|it| it.issuer.name.clear(), Format::OpenVex).contains("no issuer"));
    assert!(lacks(&|it| it.issued = None, Format::OpenVex).contains("no time"));
    assert!(lacks(&|it| it.id.clear(), Format::OpenVex).contains("no id"));
    assert!(lacks(&|_| (), Format::Csaf).contains("no namespace"));
    assert!(lacks(&|it| it.statements.clear(), Format::CycloneDx).contains("no statement"));
}
