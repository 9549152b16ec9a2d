//! A proxy in front of an application, a throw-away key, rule sets signed with it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrail_waf::{Proxy, Running, config};
use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::life::{Plan, SitePlan};
use bedrail_waf_run::control::Control;
use bedrail_waf_run::desk::{Desk, Settings};
use bedrail_waf_run::key::{self, Key};
use bedrail_waf_run::log::Sentence;
use bedrail_waf_run::update::{Source, Updated, update};
use jiff::{Timestamp, ToSpan as _};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use tempfile::TempDir;

use crate::application::Application;

/// The engine, if it was built with its library: `BEDRAIL_WAF_ENGINE`, or where cargo puts it.
pub(crate) fn engine() -> Option<PathBuf> {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/bedrail-waf-engine");
    let path = std::env::var_os("BEDRAIL_WAF_ENGINE").map_or_else(|| PathBuf::from(built), PathBuf::from);
    let works = std::process::Command::new(&path).arg("--version").output();
    let works = works.is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: no engine at {}", path.display());
    }
    works.then_some(path)
}

/// A tree of the Core Rule Set of the shared data.
pub(crate) fn core_rule_set(version: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(PathBuf::from);
    let found = shared.and_then(|shared| {
        let places = [shared.join("data/crs-rules"), shared.join("crs-rules")];
        places.into_iter().map(|it| it.join(format!("v{version}"))).find(|it| it.is_dir())
    });
    if found.is_none() {
        println!("skipped: no shared rule set {version} (BEDRAIL_SHARED)");
    }
    found
}

/// The moment at which every test begins.
pub(crate) fn start() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    start().checked_add(seconds.seconds()).unwrap()
}

/// Stages of a minute each, and time enough for a machine that does other things too.
pub(crate) fn plan() -> Plan {
    let site = SitePlan {
        shadow: 60,
        shadow_requests: 20,
        canary: 60,
        canary_requests: 5,
        canary_share: 50,
        latency_ms: 10_000,
        ..SitePlan::default()
    };
    Plan { site, compile_ms: 60_000, request_ms: 20_000, ..Plan::default() }
}

pub(crate) struct Kit {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    pub(crate) folder: TempDir,
    pub(crate) application: Application,
    pub(crate) settings: Settings,
    key: Key,
}

impl Kit {
    /// A proxy with one site that blocks, and no rule set yet. `None` where there is no engine.
    pub(crate) fn new(profile: Profile) -> Option<Kit> {
        let engine = engine()?;
        let folder = tempfile::tempdir().unwrap();
        let application = Application::start();
        let text = format!(
            "listen: [{{address: '127.0.0.1:0', tls: false}}]\nstate: state\nengine: {}\ntrusted_proxies: ['127.0.0.1']\nlimits: {{judge_seconds: 30}}\nsites:\n  \
             - key: pump\n    hosts: [pump.example]\n    upstream: http://{}\n    mode: block\n    \
             approved_by: Clinical engineering of the sample hospital\n    approved_on: 2026-11-27\n",
            engine.display(),
            application.address
        );
        let file = folder.path().join("sites.yaml");
        std::fs::write(&file, &text).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = config::read(&file).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let running = runtime.block_on(Proxy::start(config, start)).unwrap();
        let key_file = folder.path().join("audit.key");
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        std::fs::write(&key_file, pair.as_ref()).unwrap();
        let key = Key::read(&key_file).unwrap();
        let state = folder.path().join("state");
        let settings = Settings { state, engine, profile, plan: plan(), own_tests: None };
        Some(Kit { runtime, running: Some(running), folder, application, settings, key })
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk::open(&self.settings).unwrap()
    }

    pub(crate) fn control(&self) -> Control {
        Control::new(&self.settings.state)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().addresses[0]
    }

    /// Signs a copy of a tree, with more rules where there are any, and has it fetched, trusted, compiled and tested.
    pub(crate) fn update(&self, tree: &Path, more: &str, now: Timestamp) -> Updated {
        let name = tree.file_name().unwrap().to_string_lossy().into_owned();
        let copy = self.folder.path().join(format!("{name}-{}", more.len()));
        copy_folder(tree, &copy);
        if !more.is_empty() {
            std::fs::write(copy.join("rules/REQUEST-999-MORE.conf"), more).unwrap();
        }
        key::sign(&copy, &self.key, None, None, now).unwrap();
        let from = Source::Pack { pack: copy, public: self.key.public() };
        let updated = update(&self.desk(), &from, now).unwrap();
        tell(&updated.said);
        updated
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// A request on a connection of its own, for a client; the status of the answer.
    pub(crate) fn get(&self, target: &str, client: u8) -> u16 {
        let mut stream = self.connect();
        ask(&mut stream, target, client)
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.proxy.end());
        }
    }
}

/// A request on a connection that stays open; the status, 0 where there is no answer.
pub(crate) fn ask(stream: &mut TcpStream, target: &str, client: u8) -> u16 {
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nX-Forwarded-For: 10.0.0.{client}\r\n\r\n"
    );
    if stream.write_all(request.as_bytes()).is_err() {
        return 0;
    }
    status_of(&read_answer(stream))
}

pub(crate) fn status_of(answer: &str) -> u16 {
    answer.get(9..12).and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// One answer with a length; empty where the connection ended.
pub(crate) fn read_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).is_err() {
            return String::new();
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |it| it.trim().parse().unwrap())];
    if stream.read_exact(&mut body).is_err() {
        return String::new();
    }
    bytes.extend_from_slice(&body);
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn tell(said: &[Sentence]) {
    for one in said {
        println!("{}{}", if one.alert { "ALERT " } else { "" }, one.text);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
