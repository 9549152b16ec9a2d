//! Security advisories: fixtures, the medical advisories of CISA, and the examples and tests of the specification.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use bedrail_formats::csaf::{self, CsafError};
use bedrail_formats::limits::Limits;
use bedrail_model::product_advisory::{ProductAdvisory, ProductStatus, Tlp};
use bedrail_model::text::harmless_lines;
use serde_json::{Value, json};

use crate::{files_below, fixtures, shared};

fn read(bytes: &[u8]) -> Result<ProductAdvisory, CsafError> {
    csaf::read(bytes, &Limits::default())
}

fn read_json(document: &Value) -> ProductAdvisory {
    read(document.to_string().as_bytes()).unwrap()
}

fn name_of(file: &std::path::Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_good_document_is_read_whole_and_says_the_same_in_both_versions() {
    let read = |name: &str| {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/csaf/good").join(name);
        read(&std::fs::read(file).unwrap()).unwrap()
    };
    let (older, newer) = (read("pump.json"), read("pump-2.1.json"));
    assert!(older.warnings.is_empty() && newer.warnings.is_empty(), "{:?}", newer.warnings);
    insta::assert_snapshot!("csaf", summary(&older));
    let same = ProductAdvisory { format: older.format.clone(), products: Vec::new(), ..newer.clone() };
    assert_eq!(same, ProductAdvisory { products: Vec::new(), ..older.clone() });
    let without_place = |advisory: &ProductAdvisory| {
        let mut products = advisory.products.clone();
        products.iter_mut().for_each(|it| it.place.clear());
        products
    };
    assert_eq!(without_place(&older), without_place(&newer));
}

#[test]
fn odd_and_hostile_documents_get_a_message_for_each_slip() {
    let mut all = String::new();
    for file in fixtures("csaf/odd").into_iter().chain(fixtures("csaf/hostile")) {
        let said = match read(&std::fs::read(&file).unwrap()) {
            Ok(advisory) => summary(&advisory),
            Err(error) => format!("refused: {error}\n"),
        };
        let _ = writeln!(all, "## {}\n{}", name_of(&file), harmless_lines(&said));
    }
    insta::assert_snapshot!("csaf_odd_and_hostile", all);
}

/// A document with this product tree, in which everything named is affected.
fn document(tree: &Value, affected: &[&str]) -> Value {
    json!({
        "document": {"csaf_version": "2.0", "title": "T", "tracking": {"id": "T-1"},
            "publisher": {"name": "P", "category": "vendor", "namespace": "https://p.example"}},
        "product_tree": tree,
        "vulnerabilities": [{"cve": "CVE-2024-99902", "product_status": {"known_affected": affected}}],
    })
}

#[test]
fn a_tree_deeper_than_the_parser_goes_is_refused_and_a_deep_one_is_read() {
    let nested = |depth: usize| {
        let leaf = r#"{"category":"product_name","name":"leaf","product":{"product_id":"P","name":"leaf"}}"#;
        let open = r#"{"category":"product_family","name":"f","branches":["#.repeat(depth);
        let tree = format!(r#"{{"branches":[{open}{leaf}{}]}}"#, "]}".repeat(depth));
        document(&json!("TREE"), &["P"]).to_string().replace("\"TREE\"", &tree)
    };
    let deep = read(nested(50).as_bytes()).unwrap();
    assert_eq!((deep.products.len(), deep.products[0].path.len()), (1, 51));
    let error = read(nested(100_000).as_bytes()).unwrap_err().to_string();
    assert!(error.contains("128 levels"), "{error}");
}

#[test]
fn a_tree_of_several_megabytes_is_read_and_one_beyond_the_limit_is_refused() {
    let names = |count: usize| {
        let name =
            |index: usize| json!({"product_id": format!("P{index}"), "name": format!("Product {index}")});
        json!({"full_product_names": (0..count).map(name).collect::<Vec<_>>()})
    };
    let large = document(&names(50_000), &["P0", "P49999"]);
    assert!(large.to_string().len() > 2 << 20);
    let advisory = read_json(&large);
    assert_eq!(advisory.products.len(), 50_000);
    assert_eq!(advisory.weaknesses[0].statuses[1], (ProductStatus::KnownAffected, 49_999));
    let error = read(document(&names(100_001), &[]).to_string().as_bytes()).unwrap_err();
    assert!(matches!(error, CsafError::TooMany { .. }), "{error}");
}

#[test]
fn a_long_chain_of_products_made_of_others_is_settled_whatever_its_order() {
    let relation = |index: usize| {
        json!({"category": "installed_on", "product_reference": format!("P{index}"),
            "relates_to_product_reference": "P0",
            "full_product_name": {"product_id": format!("P{}", index + 1), "name": format!("N{}", index + 1)}})
    };
    let relations: Vec<Value> = (0..20).rev().map(relation).collect();
    let tree = json!({"relationships": relations, "branches": [{"category": "vendor", "name": "Maker",
        "branches": [{"category": "product_name", "name": "Pump", "product": {"product_id": "P0", "name": "Pump"}}]}]});
    let advisory = read_json(&document(&tree, &["P20"]));
    assert!(advisory.warnings.iter().all(|it| !it.lost), "{:?}", advisory.warnings);
    let last = advisory.products.iter().find(|it| it.id == "P20").unwrap();
    assert_eq!((last.maker.as_str(), last.product.as_str(), last.conditions.len()), ("Maker", "Pump", 20));
}

#[test]
fn a_mark_of_confidentiality_that_is_not_known_is_the_strictest() {
    let marked = |label: &str| {
        let mut document = document(&json!({}), &[]);
        document["document"]["distribution"] = json!({"tlp": {"label": label}});
        read_json(&document).tlp
    };
    assert_eq!(marked("WHITE"), Tlp::Clear);
    assert_eq!(marked("AMBER+STRICT"), Tlp::AmberStrict);
    assert_eq!(marked("purple"), Tlp::Red);
    assert_eq!(read_json(&document(&json!({}), &[])).tlp, Tlp::Unstated);
}

/// Counted by a way of its own, which shares nothing with the reader.
fn count_products(value: &Value) -> usize {
    match value {
        Value::Object(fields) => {
            usize::from(fields.contains_key("product_id"))
                + fields.values().map(count_products).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(count_products).sum(),
        _ => 0,
    }
}

#[test]
fn every_medical_advisory_is_read_without_loss_and_as_many_products_as_it_has() {
    let Some(folder) = shared("csaf/cisa-icsma") else { return };
    let files = files_below(&folder);
    assert!(files.len() >= 129);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let name = name_of(&file);
        let advisory = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let lost: Vec<_> = advisory.warnings.iter().filter(|it| it.lost).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(advisory.products.len(), count_products(&document["product_tree"]), "{name}");
        for product in &advisory.products {
            assert_eq!(document.pointer(&product.place).unwrap()["product_id"], product.id, "{name}");
            assert!(!product.maker.is_empty() && !product.product.is_empty(), "{name}: {product:?}");
        }
        let statuses = |it: &Value| it["product_status"]["known_affected"].as_array().map_or(0, Vec::len);
        let counted: usize = document["vulnerabilities"].as_array().unwrap().iter().map(statuses).sum();
        let read: usize = advisory.weaknesses.iter().map(|it| it.statuses.len()).sum();
        assert_eq!(read, counted, "{name}");
    }
}

#[test]
fn the_documents_of_the_specification_are_read_and_what_is_lost_of_them_is_known() {
    let Some(folder) = shared("vex/oasis-csaf") else { return };
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut lost: BTreeMap<String, usize> = BTreeMap::new();
    let mut documents = 0;
    for file in files_below(&folder) {
        let bytes = std::fs::read(&file).unwrap();
        match read(&bytes) {
            Ok(advisory) => {
                documents += 1;
                for warning in advisory.warnings.iter().filter(|it| it.lost) {
                    *lost.entry(without_names(&warning.message)).or_default() += 1;
                }
            }
            Err(error) => {
                let is_csaf = serde_json::from_slice::<Value>(&bytes)
                    .is_ok_and(|it| it["document"]["csaf_version"].is_string());
                assert!(!is_csaf, "{}: {error}", file.display());
                *refused.entry(error.to_string()).or_default() += 1;
            }
        }
    }
    assert!(documents > 1100, "{documents}");
    insta::assert_snapshot!("csaf_specification", format!("refused {refused:#?}\nlost {lost:#?}"));
}

/// A message with what it names left out, so that equal slips count together.
fn without_names(message: &str) -> String {
    message.split('`').step_by(2).collect::<Vec<_>>().join("…")
}

/// An advisory in a few lines.
fn summary(it: &ProductAdvisory) -> String {
    let mut text = format!(
        "{} {:?} {} {} {} v{} {:?} to {:?} {} severity={:?} by {:?} ({}) {} notes, {} links\n",
        it.id,
        it.title,
        it.format,
        it.profile,
        it.status,
        it.version,
        it.first_released.as_deref().unwrap_or_default(),
        it.released.as_deref().unwrap_or_default(),
        it.tlp,
        it.severity_text.as_deref().unwrap_or_default(),
        it.publisher.name,
        it.publisher.category,
        it.notes.len(),
        it.links.len(),
    );
    for it in &it.products {
        let _ = writeln!(
            text,
            "- {}: {:?} / {:?} / {:?} if {:?}; {:?} {:?}",
            it.id, it.maker, it.product, it.version, it.conditions, it.full_name, it.identifiers
        );
    }
    for it in &it.weaknesses {
        let _ = writeln!(text, "  {:?} {:?} {:?} {:?}", it.ids, it.title, it.cwes, it.statuses);
        for (cvss, products) in &it.scores {
            let _ = writeln!(text, "    {} {} {products:?}", cvss.score, cvss.vector);
        }
        let threats: Vec<_> = it.threats.iter().map(|it| (&it.category, &it.details)).collect();
        let _ = writeln!(text, "    {:?} {threats:?}", it.flags);
        for it in &it.remediations {
            let _ = writeln!(text, "    {} {:?} {:?} {:?}", it.category, it.details, it.url, it.products);
        }
    }
    for it in &it.warnings {
        let _ = writeln!(text, "  {} {}: {}", if it.lost { "lost" } else { "mended" }, it.place, it.message);
    }
    text
}
