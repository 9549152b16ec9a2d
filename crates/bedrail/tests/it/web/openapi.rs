//! The description of the API, committed so that a change of it is seen in review.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_committed_description_of_the_api_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == bedrail::web::openapi(),
        "docs/openapi.json is not current; write it anew: cargo run -p bedrail -- openapi > docs/openapi.json"
    );
}

/// The codes of failures that the source of the web gives: the first text behind `Failure::new(…` and behind a status in
/// `error.rs`.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let texts = text.split("(StatusCode::").chain(text.split("Failure::new("));
            for rest in texts.filter(|rest| !rest.is_empty()) {
                let begin: String = rest.chars().take(120).collect();
                let Some(code) = begin.split('"').nth(1) else { continue };
                let before = begin.split('"').next().unwrap_or_default();
                let plain = before
                    .chars()
                    .all(|letter| letter.is_ascii_uppercase() || "_:, \nStatusCode".contains(letter));
                if plain
                    && !code.is_empty()
                    && code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
                {
                    codes.insert(code.to_owned());
                }
            }
        }
    }
    codes
}

#[test]
fn the_page_on_the_api_lists_every_code() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    let page = std::fs::read_to_string(page).unwrap();
    let listed: BTreeSet<String> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| Some(line.split('|').nth(2)?.trim().trim_matches('`').to_owned()))
        .collect();
    let codes = codes();
    for known in [
        "not_found",
        "too_many_requests",
        "if_match_needed",
        "changed_meanwhile",
        "key_reused",
        "forged_request",
    ] {
        assert!(codes.contains(known), "{known} is found in the source: {codes:?}");
    }
    let missing: Vec<_> = codes.difference(&listed).collect();
    assert!(missing.is_empty(), "docs/api.md does not list {missing:?}");
}

#[test]
fn every_route_of_the_description_says_how_it_fails() {
    let document: serde_json::Value = serde_json::from_str(&bedrail::web::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            for status in ["421", "429", "503"] {
                assert!(answers.contains_key(status), "{method} {path} {status}");
            }
            let guarded = operation["security"].is_array();
            assert_eq!(answers.contains_key("401"), guarded || path.ends_with("/session"), "{method} {path}");
            assert!(!path.contains('{') || answers.contains_key("404"), "{method} {path}");
            let body = operation["requestBody"].is_object();
            assert!(
                !body || ["400", "413", "422"].iter().all(|status| answers.contains_key(*status)),
                "{method} {path}"
            );
        }
    }
}
