//! The tests of a rule set before a judge.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use bedrail_waf_protocol::{Client, ProtocolError, Side, message};
use serde::Serialize;
use serde_json::Value;

use super::{OwnStage, OwnTest, Unmet};

/// The rules that a judge of these tests has beside its rule set: detection only, and the limits of the project's own CI.
/// Last of all files, so that they hold.
pub const SETTINGS: &str = "SecRuleEngine DetectionOnly\n";

/// Variables of every request: what the project's CI sets in `crs-setup.conf`.
const VARIABLES: &[(&str, &str)] = &[
    ("blocking_paranoia_level", "4"),
    ("detection_paranoia_level", "4"),
    ("crs_validate_utf8_encoding", "1"),
    ("arg_name_length", "100"),
    ("arg_length", "400"),
    ("total_arg_length", "64000"),
    ("max_num_args", "255"),
    ("max_file_size", "64100"),
    ("combined_file_sizes", "65535"),
];

/// How the tests ended. Every test is in one of the four.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OwnRun {
    /// Passed, by name.
    #[serde(skip)]
    pub passed: BTreeSet<String>,
    /// Failed, each with its reason.
    pub failed: Vec<Unmet>,
    /// Tests that ask what a judge alone cannot show, each with what that is.
    pub beyond: Vec<Unmet>,
    /// Tests that the time did not suffice for.
    pub not_run: u32,
    /// The slowest judgement of one request, microseconds.
    pub slowest_micros: u64,
}

impl OwnRun {
    /// Passed, and all that a judge can be asked and that were asked.
    pub fn share(&self) -> (u32, u32) {
        let passed = u32::try_from(self.passed.len()).unwrap_or(u32::MAX);
        (passed, passed.saturating_add(u32::try_from(self.failed.len()).unwrap_or(u32::MAX)))
    }
}

/// Asks a judge that was started with [`SETTINGS`], for as long as the budget lasts.
///
/// # Errors
/// [`ProtocolError`] when there is no judge, or it is gone while it is asked.
pub fn run(
    socket: &Path,
    tests: &[OwnTest],
    budget: Duration,
    each: Duration,
) -> Result<OwnRun, ProtocolError> {
    let begun = Instant::now();
    let mut client = Client::connect(socket, each)?;
    let mut ran = OwnRun::default();
    for (index, test) in tests.iter().enumerate() {
        if begun.elapsed() > budget {
            ran.not_run = u32::try_from(tests.len() - index).unwrap_or(u32::MAX);
            break;
        }
        if let Some(what) = test.stages.iter().find_map(|stage| stage.beyond) {
            ran.beyond.push(Unmet { test: test.name.clone(), reason: what.to_owned() });
            continue;
        }
        match problem(&mut client, test, &mut ran.slowest_micros)? {
            Some(reason) => ran.failed.push(Unmet { test: test.name.clone(), reason }),
            None => {
                ran.passed.insert(test.name.clone());
            }
        }
    }
    Ok(ran)
}

/// What went otherwise than a test expects.
fn problem(client: &mut Client, test: &OwnTest, slowest: &mut u64) -> Result<Option<String>, ProtocolError> {
    for stage in &test.stages {
        if let Err(failure) = client.judge(to_judge(stage))? {
            return Ok(Some(format!("the judge gave no verdict: {}", failure.reason)));
        }
        let verdict = match client.judge_answer(answer(stage))? {
            Ok(verdict) => verdict,
            Err(failure) => return Ok(Some(format!("the judge gave no verdict: {}", failure.reason))),
        };
        *slowest = (*slowest).max(verdict.micros);
        let fired: BTreeSet<u32> = verdict.matches.iter().map(|found| found.id).collect();
        let list = |ids: &[&u32]| ids.iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
        let missing: Vec<&u32> = stage.expect.iter().filter(|id| !fired.contains(id)).collect();
        if !missing.is_empty() {
            return Ok(Some(format!("{} did not fire", list(&missing))));
        }
        let too_much: Vec<&u32> = stage.forbid.iter().filter(|id| fired.contains(id)).collect();
        if !too_much.is_empty() {
            return Ok(Some(format!("{} fired and should not", list(&too_much))));
        }
    }
    Ok(None)
}

fn to_judge(stage: &OwnStage) -> message::Request {
    let request = &stage.request;
    let mut variables: Vec<(String, String)> =
        VARIABLES.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.push((message::SITE_VARIABLE.to_owned(), "own-tests".to_owned()));
    variables.push((message::PARTIAL_VARIABLE.to_owned(), "0".to_owned()));
    let bytes = |text: &String| text.clone().into_bytes();
    message::Request {
        variables,
        go_on: true,
        answer_follows: true,
        client: Side { address: "127.0.0.1".to_owned(), port: 40_000 },
        server: Side { address: "127.0.0.1".to_owned(), port: 80 },
        method: bytes(&request.method),
        target: bytes(&request.target),
        http_version: stage.http_version.clone(),
        headers: request.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
        body: request.body.clone(),
    }
}

/// What the server behind these tests answers: what the request asks for at `/reflect`, a plain page elsewhere.
fn answer(stage: &OwnStage) -> message::Answer {
    let mut answer = message::Answer {
        status: 200,
        protocol: "HTTP/1.1".to_owned(),
        headers: vec![(b"Content-Type".to_vec(), b"text/plain".to_vec())],
        body: b"Hello, World!".to_vec(),
    };
    if !stage.request.target.starts_with("/reflect") {
        return answer;
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&stage.request.body) else { return answer };
    if let Some(status) = asked.get("status").and_then(Value::as_u64) {
        answer.status = u16::try_from(status).unwrap_or(200);
    }
    if let Some(headers) = asked.get("headers").and_then(Value::as_object).filter(|it| !it.is_empty()) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = headers.iter().map(|(name, value)| (name.clone().into_bytes(), text(value).into_bytes()));
        answer.headers = pairs.collect();
    }
    if let Some(body) = asked.get("body").and_then(Value::as_str) {
        answer.body = body.as_bytes().to_vec();
    } else if let Some(encoded) = asked.get("encodedBody").and_then(Value::as_str) {
        use base64::Engine as _;
        answer.body = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
    }
    answer
}

/// The same tests before the rule set that decides and before a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OwnDifference {
    /// Pass with the old one and fail with the new one, each with its reason.
    pub lost: Vec<Unmet>,
    /// Fail with the old one and pass with the new one, by name.
    pub gained: Vec<String>,
}

/// Compares two runs of the same tests.
pub fn difference(old: &OwnRun, new: &OwnRun) -> OwnDifference {
    let lost = new.failed.iter().filter(|it| old.passed.contains(&it.test)).cloned();
    let gained = old.failed.iter().filter(|it| new.passed.contains(&it.test)).map(|it| it.test.clone());
    OwnDifference { lost: lost.collect(), gained: gained.collect() }
}
