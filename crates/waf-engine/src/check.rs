//! Does a rule set compile and answer, within a budget? Printed as one JSON object.

use std::time::{Duration, Instant};

use bedrail_waf_protocol::{Request, Side};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;

use crate::judge::Case;
use crate::modsecurity::{Engine, EngineFailed};

/// The libraries alone take up this much address space; with less nothing could be said about a rule set.
const LEAST_MIB: u64 = 192;

/// What a check may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Address space, in MiB.
    pub(crate) memory_mib: u64,
    /// Processor time and time of the clock, in seconds.
    pub(crate) seconds: u64,
}

/// Limit this process. Beyond the memory the library fails to get more; beyond the processor time the system ends the process;
/// beyond the time of the clock it ends itself with `exit_code`.
pub(crate) fn limit(budget: Budget, exit_code: i32) -> std::io::Result<()> {
    // Before the memory is limited: it needs a stack.
    std::thread::Builder::new().stack_size(64 * 1024).spawn(move || {
        std::thread::sleep(Duration::from_secs(budget.seconds));
        #[expect(clippy::exit, reason = "the budget is used up while another thread is within the library")]
        std::process::exit(exit_code);
    })?;
    set(Resource::As, budget.memory_mib.max(LEAST_MIB) * 1024 * 1024)?;
    set(Resource::Cpu, budget.seconds.max(1))
}

fn set(resource: Resource, most: u64) -> std::io::Result<()> {
    let hard = getrlimit(resource).maximum.map_or(most, |it| it.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(hard), maximum: Some(hard) })?)
}

/// What a check found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    engine: String,
    rules: u32,
    compile_ms: u64,
    trials: Vec<Trial>,
}

/// A harmless request that was judged.
#[derive(Debug, Serialize)]
struct Trial {
    name: &'static str,
    micros: u64,
    /// The status that a rule wanted, if any did.
    interrupted: Option<u16>,
    rules: Vec<u32>,
}

/// Requests that every rule set must answer quickly. What they are interrupted by is for the reader to judge.
const TRIALS: &[(&str, &str, &str, &str, &str, usize)] = &[
    // name, method, target, content type, what the body repeats, its bytes
    ("plain page", "GET", "/", "", "", 0),
    ("query", "GET", "/patients?name=garcia&page=2", "", "", 0),
    ("form of 10 KB", "POST", "/note", "application/x-www-form-urlencoded", "seen today, well ", 10_000),
    // What expressions that try every split of a run of letters never come to an end with.
    ("one long word", "POST", "/note", "application/x-www-form-urlencoded", "a", 10_000),
    ("text of 100 KB", "POST", "/note", "text/plain", "seen today, well ", 100_000),
];

/// Judge the trials.
pub(crate) fn try_out(engine: &Engine, compiled_in: Duration) -> Result<Report, EngineFailed> {
    let trials = TRIALS.iter().map(|trial| try_one(engine, trial)).collect::<Result<_, _>>()?;
    Ok(Report {
        engine: engine.name(),
        rules: engine.rules(),
        compile_ms: u64::try_from(compiled_in.as_millis()).unwrap_or(u64::MAX),
        trials,
    })
}

fn try_one(
    engine: &Engine,
    &(name, method, target, kind, text, length): &(&'static str, &str, &str, &str, &str, usize),
) -> Result<Trial, EngineFailed> {
    let body: Vec<u8> = b"note="
        .iter()
        .chain(text.as_bytes().iter().cycle())
        .copied()
        .take(length)
        .chain((length > 0).then_some(b'!'))
        .collect();
    let mut headers: Vec<(Vec<u8>, Vec<u8>)> =
        [("Host", "device.example"), ("User-Agent", "bedrail"), ("Accept", "*/*")]
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .to_vec();
    if length > 0 {
        headers.push((b"Content-Type".to_vec(), kind.as_bytes().to_vec()));
        headers.push((b"Content-Length".to_vec(), body.len().to_string().into_bytes()));
    }
    let side = |address: &str, port| Side { address: address.to_owned(), port };
    let request = Request {
        variables: Vec::new(),
        go_on: true,
        answer_follows: false,
        client: side("192.0.2.1", 40_000),
        server: side("192.0.2.2", 80),
        method: method.as_bytes().to_vec(),
        target: target.as_bytes().to_vec(),
        http_version: "1.1".to_owned(),
        headers,
        body,
    };
    let start = Instant::now();
    let verdict = Case::open(engine, &request)?.close()?;
    Ok(Trial {
        name,
        micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        interrupted: verdict.interruption.map(|it| it.status),
        rules: verdict.matches.iter().map(|it| it.id).collect(),
    })
}
