//! Every public document that is at hand: none panics, and which are not read stands in `docs/sbom-corpus.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bedrail_formats::sbom::ReadError;
use bedrail_model::component::Inventory;
use serde_json::Value;

use crate::{files_below, read, shared};

/// The folder of public documents.
fn corpus() -> Option<PathBuf> {
    shared("sbom")
}

/// The patterns in the first column of the table; `*` stands for anything.
fn not_read() -> Vec<String> {
    let page = include_str!("../../../../docs/sbom-corpus.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(pattern, _)| pattern.to_owned()).collect()
}

fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, end)) => {
            path.len() >= pattern.len() - 1 && path.starts_with(start) && path.ends_with(end)
        }
    }
}

#[test]
fn what_is_not_read_is_exactly_what_the_page_lists() {
    let Some(corpus) = corpus() else { return };
    let patterns = not_read();
    let mut used = vec![false; patterns.len()];
    let mut wrong = Vec::new();
    for file in files_below(&corpus) {
        let path = file.strip_prefix(&corpus).unwrap().to_string_lossy().into_owned();
        let listed = patterns.iter().position(|pattern| fits(pattern, &path));
        if let Some(row) = listed {
            used[row] = true;
        }
        match (read(&std::fs::read(&file).unwrap()), listed) {
            (Err(error), None) => wrong.push(format!("{path} is not read: {error}")),
            (Ok(_), Some(_)) => wrong.push(format!("{path} is read, but listed")),
            _ => {}
        }
    }
    wrong.extend(
        patterns.iter().zip(used).filter(|(_, used)| !used).map(|(it, _)| format!("nothing fits {it}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn valid_documents_of_the_specification_lose_nothing_that_is_not_known() {
    let Some(corpus) = corpus() else { return };
    let mut losses: BTreeMap<String, usize> = BTreeMap::new();
    for file in files_below(&corpus.join("cyclonedx-spec-testdata")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("valid-") || name.ends_with(".textproto") {
            continue;
        }
        let inventory =
            read(&std::fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for warning in inventory.warnings.iter().filter(|it| it.lost) {
            *losses.entry(warning.message.clone()).or_default() += 1;
        }
    }
    let kinds: Vec<&str> = losses.keys().map(String::as_str).collect();
    insta::assert_snapshot!("losses_of_valid_documents", kinds.join("\n"));
}

#[test]
fn invalid_documents_are_read_with_warnings_or_refused_with_a_message() {
    let Some(corpus) = corpus() else { return };
    for file in files_below(&corpus.join("cyclonedx-spec-testdata")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if !name.contains("invalid-") {
            continue;
        }
        if let Err(error) = read(&std::fs::read(&file).unwrap()) {
            let clear = matches!(
                error,
                ReadError::Unknown { .. } | ReadError::NotRead { .. } | ReadError::Syntax { .. }
            );
            assert!(clear && error.to_string().len() > 40, "{name}: {error}");
        }
    }
}

/// The counts are taken from the JSON by a way of their own, which shares nothing with the readers.
#[test]
fn components_are_as_many_as_a_plain_count_says() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for file in files_below(&corpus) {
        let bytes = std::fs::read(&file).unwrap();
        let (Ok(inventory), Ok(document)) = (read(&bytes), serde_json::from_slice::<Value>(&bytes)) else {
            continue;
        };
        let counted = match inventory.encoding.as_str() {
            "JSON" if inventory.format == "CycloneDX" => count_cyclonedx(&document),
            "JSON" => objects(&document["packages"]).count(),
            _ => objects(&document["@graph"]).filter(|it| is_package(it)).count(),
        };
        assert_eq!(comparable(&inventory, &document), counted, "{}", file.display());
        compared += 1;
    }
    assert!(compared > 300, "only {compared} documents compared");
}

/// Components without the files of SPDX, of which not all become components. Each place must lead into the document.
fn comparable(inventory: &Inventory, document: &Value) -> usize {
    let element = |place: &str| document.pointer(place).unwrap_or_else(|| panic!("{place} leads nowhere"));
    let counted = inventory.components.iter().map(|it| (it, element(&it.place)));
    counted
        .filter(|(it, element)| {
            !it.place.starts_with("/files/") && (is_package(element) || !it.place.starts_with("/@graph/"))
        })
        .count()
}

fn objects(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten().filter(|it| it.is_object())
}

fn count_cyclonedx(document: &Value) -> usize {
    let subject = &document["metadata"]["component"];
    count_nested(document) + if subject.is_object() { 1 + count_nested(subject) } else { 0 }
}

fn count_nested(value: &Value) -> usize {
    ["components", "services"]
        .iter()
        .flat_map(|list| objects(&value[list]))
        .map(|it| 1 + count_nested(it))
        .sum()
}

fn is_package(element: &Value) -> bool {
    element["type"].as_str().is_some_and(|it| it.ends_with("Package") || it.ends_with("SoftwareArtifact"))
}
