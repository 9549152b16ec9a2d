//! A judge started for a test or a measurement, where the engine was built: `BEDRAIL_WAF_ENGINE`, or beside this program.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bedrail_waf_rules::difference::Outcome;
use bedrail_waf_rules::replay::replay;
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::tree::{self, Limits, Tree};

/// A running judge; ended when dropped.
pub(crate) struct Judge {
    child: Child,
    folder: tempfile::TempDir,
}

/// The engine, if it was built with its library.
pub(crate) fn engine() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/bedrail-waf-engine");
    let path = std::env::var_os("BEDRAIL_WAF_ENGINE").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let works = Command::new(&path).arg("--version").output().is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: no engine at {}", path.display());
    }
    works.then_some(path)
}

/// A Core Rule Set of the shared data.
pub(crate) fn core_rule_set(version: &str) -> Option<Tree> {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(PathBuf::from);
    let shared =
        shared.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")));
    let folder = shared.join(format!("data/crs-rules/v{version}"));
    if !folder.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(tree::open_folder(&folder, &Limits::default()).expect("a rule set"))
}

/// The Core Rule Set 3.3 of Debian's package `modsecurity-crs`, the stated fallback.
pub(crate) fn debian_rule_set() -> Option<Tree> {
    let (rules, setup) =
        (Path::new("/usr/share/modsecurity-crs/rules"), Path::new("/etc/modsecurity/crs/crs-setup.conf"));
    if !rules.is_dir() || !setup.is_file() {
        println!("skipped: modsecurity-crs is not installed");
        return None;
    }
    let mut files = vec![("crs-setup.conf".to_owned(), std::fs::read(setup).expect("the setup"))];
    for entry in std::fs::read_dir(rules).expect("rules") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.push((format!("rules/{name}"), std::fs::read(&path).expect("a file")));
    }
    Some(Tree::from_files(files, &Limits::default()).expect("a rule set"))
}

impl Judge {
    /// Starts a judge of a rule set.
    pub(crate) fn start(engine: &Path, rules: &Tree) -> Judge {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = folder.path().join("rules");
        for (name, bytes) in rules.files() {
            let path = tree.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, bytes).expect("written");
        }
        let mut child = Command::new(engine)
            .arg("--serve")
            .arg(folder.path().join("judge"))
            .arg("--rules")
            .arg(&tree)
            .arg("--until-stdin-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a judge");
        let begun = Instant::now();
        // The file is there a moment before anybody listens behind it.
        while std::os::unix::net::UnixStream::connect(folder.path().join("judge")).is_err() {
            if child.try_wait().expect("a child").is_some() || begun.elapsed() > Duration::from_secs(60) {
                let said = BufReader::new(child.stderr.take().expect("stderr")).lines().map_while(Result::ok);
                panic!("the judge did not start: {}", said.collect::<Vec<_>>().join("\n"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Judge { child, folder }
    }

    /// What it says of requests.
    pub(crate) fn judge(&self, site: &str, requests: &[Request]) -> Vec<Outcome> {
        replay(&self.socket(), site, requests, Duration::from_secs(30)).expect("verdicts")
    }

    /// Where it answers.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("judge")
    }

    /// The names of the requests that it stops, and of those that it lets through.
    pub(crate) fn sort(&self, requests: &[Request]) -> (Vec<String>, Vec<String>) {
        let outcomes = self.judge("test", requests);
        let (stopped, passed): (Vec<_>, Vec<_>) =
            requests.iter().zip(outcomes).partition(|(request, outcome)| {
                outcome.stopped.unwrap_or_else(|| panic!("no verdict on {}", request.name))
            });
        let names = |all: Vec<(&Request, Outcome)>| {
            all.into_iter().map(|(request, _)| request.name.clone()).collect()
        };
        (names(stopped), names(passed))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
