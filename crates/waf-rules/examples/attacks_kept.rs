//! Prints what the hospital profile keeps of CRS's own attacks: `attacks_kept`, with the engine built and the shared data at
//! hand. First CRS's tests as they are, in blocking mode at paranoia level 1; then the values of their parameters, moved into
//! the body types of a hospital.
#![expect(clippy::print_stdout, reason = "this is what it is for")]

#[path = "../tests/it/judge.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bedrail_waf_rules::assemble::{Profile, assemble};
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::suite::places;
use bedrail_waf_rules::tree::Limits;
use serde_json::Value;

fn main() {
    let (Some(engine), Some(crs)) = (judge::engine(), judge::core_rule_set("4.28.0")) else { return };
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let mut files = Vec::new();
    gather(&shared.join("data/crs-regression/v4.28.0"), &mut files);
    let tests: Vec<(u32, Request)> = files.iter().flat_map(|file| read(file)).collect();
    let hospital = assemble(Some(&crs), Profile::Hospital, "", &BTreeSet::new(), &Limits::default());
    let stock = judge::Judge::start(&engine, &crs);
    let hospital = judge::Judge::start(&engine, &hospital.expect("assembled"));

    let requests: Vec<Request> = tests.iter().map(|(_, request)| request.clone()).collect();
    let stopped = |judge: &judge::Judge, requests: &[Request]| -> Vec<bool> {
        judge.judge("test", requests).iter().map(|outcome| outcome.stopped == Some(true)).collect()
    };
    let (before, now) = (stopped(&stock, &requests), stopped(&hospital, &requests));
    let count = |all: &[bool]| all.iter().filter(|stopped| **stopped).count();
    let lost: Vec<&str> = before
        .iter()
        .zip(&now)
        .zip(&requests)
        .filter(|((before, now), _)| **before && !**now)
        .map(|(_, r)| r.name.as_str())
        .collect();
    println!(
        "CRS's tests: {}; stopped by stock: {}, by the hospital profile: {}; lost: {lost:?}",
        requests.len(),
        count(&before),
        count(&now)
    );

    let values: BTreeSet<String> = tests
        .iter()
        .filter(|(rule, _)| (930_000..945_000).contains(rule))
        .flat_map(|(_, request)| values(request))
        .collect();
    let values: Vec<String> = values.into_iter().collect();
    let as_json = |value: &String| {
        Request::new("", "POST", "/").body("application/json", serde_json::json!({"x": value}).to_string())
    };
    let known = stopped(&stock, &values.iter().map(as_json).collect::<Vec<_>>());
    let attacks: Vec<&String> =
        values.iter().zip(known).filter(|(_, stopped)| *stopped).map(|(value, _)| value).collect();
    let mut by_place: BTreeMap<String, Vec<Request>> = BTreeMap::new();
    for (index, request) in attacks.iter().flat_map(|attack| places("attack", attack)).enumerate() {
        by_place.entry(format!("{:02} {}", index % 13, request.name)).or_default().push(request);
    }
    println!(
        "\n| place | attacks that stock stops as a parameter in JSON | stopped by the hospital profile |\n|---|---|---|"
    );
    for (place, requests) in by_place {
        println!("| {} | {} | {} |", &place[13..], requests.len(), count(&stopped(&hospital, &requests)));
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

/// The requests of one file of tests; those given as raw bytes need a front of their own and are left out.
fn read(path: &Path) -> Vec<(u32, Request)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Ok(file) = serde_saphyr::from_str::<Value>(&text) else { return Vec::new() };
    let rule = file["rule_id"].as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    let mut all = Vec::new();
    for test in file["tests"].as_array().into_iter().flatten() {
        for stage in test["stages"].as_array().into_iter().flatten() {
            let input = if stage["stage"].is_object() { &stage["stage"]["input"] } else { &stage["input"] };
            if input["encoded_request"].is_null() {
                all.push((rule, request(&format!("{rule}-{}", test["test_id"]), input)));
            }
        }
    }
    all
}

fn request(name: &str, input: &Value) -> Request {
    let text = |value: &Value, otherwise: &str| match value {
        Value::String(text) => text.clone(),
        Value::Null => otherwise.to_owned(),
        other => other.to_string(),
    };
    let headers = input["headers"].as_object().into_iter().flatten();
    let mut request = Request {
        name: name.to_owned(),
        method: text(&input["method"], "GET"),
        target: text(&input["uri"], "/"),
        headers: headers.map(|(name, value)| (name.clone(), text(value, ""))).collect(),
        body: match input["encoded_data"].as_str() {
            Some(encoded) => unbase64(encoded),
            None => text(&input["data"], "").into_bytes(),
        },
    };
    if input["autocomplete_headers"] != Value::Bool(false) && !request.body.is_empty() {
        if request.header("content-length").is_none() && request.header("transfer-encoding").is_none() {
            request.headers.push(("Content-Length".to_owned(), request.body.len().to_string()));
        }
        if request.header("content-type").is_none() {
            request.headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
    }
    request
}

fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default()
}

/// The values of the parameters of a request, decoded.
fn values(request: &Request) -> Vec<String> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query).as_bytes();
    let urlencoded = request.header("content-type").is_some_and(|media| media.contains("urlencoded"));
    let body: &[u8] = if urlencoded { &request.body } else { b"" };
    let pairs = query.split(|byte| *byte == b'&').chain(body.split(|byte| *byte == b'&'));
    let decoded =
        pairs.filter_map(|pair| Some(decode(&pair[pair.iter().position(|byte| *byte == b'=')? + 1..])));
    decoded.filter(|value| value.len() > 3).collect()
}

fn decode(value: &[u8]) -> String {
    let mut out = Vec::new();
    let mut index = 0;
    while index < value.len() {
        let hex = value.get(index + 1..index + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|_| value[index] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(if value[index] == b'+' { b' ' } else { value[index] }));
        index += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}
