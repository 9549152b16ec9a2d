//! The tests that a Core Rule Set brings with itself (`tests/regression/tests/**/*.yaml`, the schema of
//! `coreruleset/ftw-tests-schema`): read here, asked of a judge in [`run`].
//!
//! They say which rules fire at paranoia level 4 in detection only, nothing about decisions; those are [`crate::suite`]'s.

#[cfg(unix)]
pub mod run;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde_json::Value;

use crate::request::{Request, form};
use crate::tree::Tree;

/// Where a release has them.
pub const FOLDER: &str = "tests/regression/tests/";
/// Tests that are read of one rule set; v4.28.0 has 4,966.
const MOST: usize = 20_000;
/// Stages of one test.
const MOST_STAGES: usize = 50;

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTest {
    /// `920100-1`: the rule that it is about, and its number.
    pub name: String,
    /// Requests one after the other, each with what it expects.
    pub stages: Vec<OwnStage>,
}

/// A request of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStage {
    /// What is sent.
    pub request: Request,
    /// `1.1`; what stands there in other tests is handed on as it is.
    pub http_version: String,
    /// Rules that have to fire.
    pub expect: Vec<u32>,
    /// Rules that must not.
    pub forbid: Vec<u32>,
    /// What it asks that a judge alone cannot show.
    pub beyond: Option<&'static str>,
}

/// A test that did not pass, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// The test.
    pub test: String,
    /// What was expected and did not happen, or happened and should not have.
    pub reason: String,
}

/// The tests of a rule set's files, in the order of their names, and the files that are none.
///
/// A folder that holds tests alone, without the folders above, is read as well.
pub fn read(files: &Tree) -> (Vec<OwnTest>, Vec<Unmet>) {
    let (mut tests, mut unread) = (Vec::new(), Vec::new());
    let whole = files.files().any(|(path, _)| path.starts_with(FOLDER));
    for (path, bytes) in files.files() {
        let is_test = path.ends_with(".yaml") || path.ends_with(".yml");
        if !is_test || (whole && !path.starts_with(FOLDER)) {
            continue;
        }
        match read_file(&String::from_utf8_lossy(bytes)) {
            Ok(some) => tests.extend(some),
            Err(reason) => unread.push(Unmet { test: path.to_owned(), reason }),
        }
        if tests.len() > MOST {
            tests.truncate(MOST);
            unread.push(Unmet {
                test: path.to_owned(),
                reason: format!("more than {MOST} tests; the rest was not read"),
            });
            break;
        }
    }
    (tests, unread)
}

fn read_file(text: &str) -> Result<Vec<OwnTest>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 100_000, max_events: 400_000, max_aliases: 0, max_anchors: 0 },
    };
    let file: Value = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| format!("this file of tests cannot be read: {error}"))?;
    let rule = as_text(file.get("rule_id"), "");
    let tests = file.get("tests").and_then(Value::as_array).into_iter().flatten();
    Ok(tests.enumerate().map(|(index, test)| one_test(&rule, index, test)).collect())
}

fn one_test(rule: &str, index: usize, test: &Value) -> OwnTest {
    let name = match (test.get("test_id"), test.get("test_title")) {
        (Some(number), _) => format!("{rule}-{}", as_text(Some(number), "")),
        // v4.0.0 names its tests whole.
        (None, Some(title)) => as_text(Some(title), ""),
        (None, None) => format!("{rule}-{}", index + 1),
    };
    let stages = test.get("stages").and_then(Value::as_array).into_iter().flatten().take(MOST_STAGES);
    let stages = stages.map(|stage| one_stage(&name, stage.get("stage").unwrap_or(stage)));
    OwnTest { stages: stages.collect(), name }
}

fn one_stage(name: &str, stage: &Value) -> OwnStage {
    let none = Value::Null;
    let (input, output) = (stage.get("input").unwrap_or(&none), stage.get("output").unwrap_or(&none));
    let log = output.get("log").unwrap_or(&none);
    let ids = |key: &str| -> Vec<u32> {
        let all = log.get(key).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|id| id.as_u64().and_then(|id| u32::try_from(id).ok())).collect()
    };
    let old_style = |key: &str| old_pattern(output.get(key));
    let (mut expect, mut forbid) = (ids("expect_ids"), ids("no_expect_ids"));
    expect.extend(old_style("log_contains"));
    forbid.extend(old_style("no_log_contains"));
    let has = |of: &Value, key: &str| of.get(key).is_some_and(|value| !value.is_null());
    let beyond = if has(input, "encoded_request") {
        Some("its request is raw bytes, which only a server of HTTP reads")
    } else if has(output, "expect_error") || has(output, "status") {
        Some("it expects the answer of a server of HTTP")
    } else if has(log, "match_regex") || has(log, "no_match_regex") {
        Some("it expects the text of a log, which a judge does not write")
    } else if expect.is_empty() && forbid.is_empty() {
        Some("it names no rule")
    } else {
        None
    };
    let version = as_text(input.get("version"), "HTTP/1.1");
    let http_version = version.strip_prefix("HTTP/").unwrap_or(&version).to_owned();
    OwnStage { request: request(name, input), http_version, expect, forbid, beyond }
}

/// `id "920100"`, as v4.0.0 writes what it expects.
fn old_pattern(value: Option<&Value>) -> Option<u32> {
    let (_, after) = value?.as_str()?.split_once("id \"")?;
    after.split('"').next()?.parse().ok()
}

fn as_text(value: Option<&Value>, otherwise: &str) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => otherwise.to_owned(),
        Some(other) => other.to_string(),
    }
}

/// The request of a stage, completed as go-ftw completes it.
fn request(name: &str, input: &Value) -> Request {
    let headers = input.get("headers").and_then(Value::as_object).into_iter().flatten();
    let encoded = input.get("encoded_data").and_then(Value::as_str);
    let mut request = Request {
        name: name.to_owned(),
        method: as_text(input.get("method"), "GET"),
        target: as_text(input.get("uri"), "/"),
        headers: headers.map(|(name, value)| (name.clone(), as_text(Some(value), ""))).collect(),
        body: match encoded {
            Some(encoded) => BASE64.decode(encoded).unwrap_or_default(),
            None => as_text(input.get("data"), "").into_bytes(),
        },
    };
    if input.get("autocomplete_headers") == Some(&Value::Bool(false)) {
        return request;
    }
    let mut complete = |name: &str, value: &str| {
        if request.header(name).is_none() {
            request.headers.push((name.to_owned(), value.to_owned()));
        }
    };
    complete("Connection", "close");
    if request.body.is_empty() {
        return request;
    }
    if request.header("Content-Type").is_none() {
        request.headers.push(("Content-Type".to_owned(), FORM.to_owned()));
    }
    request.body = as_sent(request.header("Content-Type").unwrap_or_default(), request.body.clone());
    let chunked = request.header("Transfer-Encoding").is_some();
    if !chunked && request.header("Content-Length").is_none() {
        request.headers.push(("Content-Length".to_owned(), request.body.len().to_string()));
    }
    request
}

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A body as go-ftw sends it: a form that is not encoded is, and the lines of a multipart message end with CRLF.
fn as_sent(media: &str, body: Vec<u8>) -> Vec<u8> {
    if media.starts_with("multipart/form-data;") {
        return body.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]);
    }
    let text = match String::from_utf8(body) {
        Ok(text) if media == FORM && !text.contains(['%', '+']) => text,
        Ok(text) => return text.into_bytes(),
        Err(bytes) => return bytes.into_bytes(),
    };
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) => format!("{}={}", form(name), form(value)),
        None => form(pair),
    });
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}
