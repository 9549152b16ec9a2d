//! Fresh judges, which decide nothing: one that compiles under a budget and ends, one that stays for the tests.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bedrail_waf_rules::difference::Outcome;
use bedrail_waf_rules::life::Plan;
use bedrail_waf_rules::own_tests::OwnTest;
use bedrail_waf_rules::own_tests::run::{self, OwnRun};
use bedrail_waf_rules::replay;
use bedrail_waf_rules::request::Request;
use serde::Deserialize;

use crate::RulesError;

/// Bytes kept of what a judge says.
const WORDS: u64 = 64 << 10;

/// What `bedrail-waf-engine --check` prints, as far as it is used here.
#[derive(Debug, Deserialize)]
struct Report {
    compile_ms: u64,
}

fn command(engine: &Path) -> Command {
    let mut command = Command::new(engine);
    let path = std::env::var_os("PATH");
    command.env_clear().envs(path.map(|it| ("PATH", it))).env("MALLOC_ARENA_MAX", "2");
    command
}

fn failed(engine: &Path, reason: impl Into<String>) -> RulesError {
    RulesError::Engine { engine: engine.display().to_string(), reason: reason.into() }
}

/// Compiles a folder in a process of its own under the plan's budget. `Ok(Err(words))`: it does not compile.
///
/// # Errors
/// [`RulesError::Engine`] when there is no engine to ask.
pub fn check(engine: &Path, rules: &Path, plan: &Plan) -> Result<Result<u64, String>, RulesError> {
    let version = command(engine).arg("--version").output();
    if !version.is_ok_and(|it| it.status.success()) {
        let reason =
            "it cannot be started, or has no libmodsecurity; hint: `bedrail-waf-engine --version` says why";
        return Err(failed(engine, reason));
    }
    let seconds = plan.compile_ms.div_ceil(1_000) + 20;
    let output = command(engine)
        .args(["--check", "--memory", &(plan.compile_bytes >> 20).to_string()])
        .args(["--seconds", &seconds.to_string(), "--rules"])
        .arg(rules)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(engine, error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let ended = format!("the judge ended with {}; it used up its budget, or failed", output.status);
        return Ok(Err(if words.is_empty() { ended } else { words }));
    }
    let report: Report = serde_json::from_slice(&output.stdout)
        .map_err(|error| failed(engine, format!("its report is not understood: {error}")))?;
    Ok(Ok(report.compile_ms))
}

/// A judge for the tests; it ends when dropped.
#[derive(Debug)]
pub struct Fresh {
    child: Child,
    socket: PathBuf,
}

impl Fresh {
    /// Starts one. `folder` takes its socket.
    ///
    /// # Errors
    /// [`RulesError::Engine`] with its words.
    pub fn start(engine: &Path, rules: &Path, folder: &Path, within: Duration) -> Result<Fresh, RulesError> {
        Fresh::start_with(engine, &[rules], folder, within)
    }

    /// Starts one with several files or folders of rules, loaded in this order.
    ///
    /// # Errors
    /// As [`Fresh::start`].
    pub fn start_with(
        engine: &Path,
        rules: &[&Path],
        folder: &Path,
        within: Duration,
    ) -> Result<Fresh, RulesError> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let (process, number) = (std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let socket = folder.join(format!("t{process}-{number}.sock"));
        let child = command(engine)
            .arg("--serve")
            .arg(&socket)
            .args(rules.iter().flat_map(|path| [Path::new("--rules"), path]))
            .arg("--until-stdin-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(engine, error.to_string()))?;
        let mut fresh = Fresh { child, socket };
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(&fresh.socket).is_err() {
            if fresh.child.try_wait().is_ok_and(|it| it.is_some()) {
                return Err(failed(engine, fresh.words()));
            }
            if begun.elapsed() > within {
                return Err(failed(engine, format!("it was not ready within {within:?}")));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(fresh)
    }

    fn words(&mut self) -> String {
        let mut words = Vec::new();
        if let Some(errors) = self.child.stderr.take() {
            // What cannot be read is not said.
            let _ = errors.take(WORDS).read_to_end(&mut words);
        }
        String::from_utf8_lossy(&words).trim().to_owned()
    }

    /// What it says of requests to a site.
    ///
    /// # Errors
    /// [`RulesError::Engine`] when it is gone.
    pub fn judge(
        &self,
        site: &str,
        requests: &[Request],
        each: Duration,
    ) -> Result<Vec<Outcome>, RulesError> {
        replay::replay(&self.socket, site, requests, each)
            .map_err(|error| failed(&self.socket, error.to_string()))
    }

    /// How a rule set's own tests end before it, which was started with their settings.
    ///
    /// # Errors
    /// [`RulesError::Engine`] when it is gone.
    pub fn own_tests(
        &self,
        tests: &[OwnTest],
        budget: Duration,
        each: Duration,
    ) -> Result<OwnRun, RulesError> {
        run::run(&self.socket, tests, budget, each).map_err(|error| failed(&self.socket, error.to_string()))
    }

    /// Resident memory in bytes (proc(5), `VmRSS`); 0 where it cannot be told.
    pub fn memory(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let kib: u64 =
            line.and_then(|it| it.split_whitespace().next()).and_then(|it| it.parse().ok()).unwrap_or(0);
        kib << 10
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(mut input) = self.child.stdin.take() {
            // It ends when its input does; what is left of it is killed below.
            let _ = input.flush();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The socket may be gone already.
        let _ = std::fs::remove_file(&self.socket);
    }
}
