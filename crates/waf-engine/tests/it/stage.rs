//! A proxy with its judges in front of a device, for one test.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bedrail_waf::{Proxy, Running, cli, config};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::ENGINE;
use crate::device::Device;

/// Rules that need nothing else.
pub(crate) const RULES: &str = r#"
SecRule REQUEST_LINE|ARGS|ARGS_NAMES|REQUEST_COOKIES|REQUEST_HEADERS|REQUEST_BODY|XML:/*|MULTIPART_PART_HEADERS|FILES|FILES_NAMES "@rx (?i)\$\{[^}]{0,30}(?:\$\{|jndi)" \
    "id:1001,phase:2,deny,status:403,log,msg:'Log4Shell',severity:2,t:none,t:urlDecodeUni,t:htmlEntityDecode"
SecRule TX:bedrail_site "@streq quiet" "id:1002,phase:1,pass,nolog,ctl:ruleRemoveById=1001"
SecRule RESPONSE_BODY "@contains SQL syntax error" "id:951999,phase:4,deny,status:403,log,msg:'An error of the database leaks',severity:3"
"#;

/// What stands on the stage.
pub(crate) struct Stage {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    pub(crate) folder: TempDir,
    pub(crate) device: Device,
}

/// What a test wants.
pub(crate) struct Script {
    pub(crate) rules: Vec<PathBuf>,
    /// Lines of the site, indented by four blanks.
    pub(crate) site: &'static str,
    /// Lines of the file, its limits for example.
    pub(crate) file: &'static str,
    pub(crate) engine: &'static str,
    pub(crate) tls: bool,
}

impl Default for Script {
    fn default() -> Script {
        Script { rules: Vec::new(), site: BLOCK, file: "", engine: ENGINE, tls: false }
    }
}

/// A site that blocks.
pub(crate) const BLOCK: &str = "    mode: block\n    approved_by: Clinical engineering of the sample hospital\n    approved_on: 2026-11-27\n";

/// The moment of every event.
fn clock() -> Timestamp {
    "2026-11-27T07:41:26Z".parse().unwrap()
}

impl Stage {
    /// Set it up; `None` where there is no engine.
    pub(crate) fn set(device: Device, script: &Script) -> Option<Stage> {
        if !crate::has_engine() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("own.conf"), RULES).unwrap();
        let rules =
            if script.rules.is_empty() { vec![folder.path().join("own.conf")] } else { script.rules.clone() };
        let rules: Vec<String> = rules.iter().map(|it| it.display().to_string()).collect();
        let certificates = if script.tls { certificate(folder.path()) } else { "" };
        let text = format!(
            "listen: [{{address: '127.0.0.1:0', tls: {}}}]\nstate: state\nengine: {}\nrule_sets: [{{name: first, rules: {rules:?}}}]\n\
             {}\nsites:\n  - key: pump\n    hosts: [pump.example]\n    upstream: http://{}\n{certificates}{}\n\
             \x20 - key: quiet\n    hosts: [quiet.example]\n    upstream: http://{}\n{certificates}{}\n",
            script.tls, script.engine, script.file, device.address, script.site, device.address, script.site,
        );
        let file = folder.path().join("sites.yaml");
        std::fs::write(&file, &text).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = config::read(&file).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let running = runtime.block_on(Proxy::start(config, clock)).unwrap();
        Some(Stage { runtime, running: Some(running), folder, device })
    }

    /// With the rules of its own, in front of a plain device.
    pub(crate) fn plain() -> Option<Stage> {
        Stage::set(Device::plain(), &Script::default())
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running().addresses[0]
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Send bytes on a new connection and read until the other side ends.
    pub(crate) fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // Whoever was refused in the middle of sending has an answer as well.
        let _ = stream.write_all(bytes);
        read_to_end(&mut stream)
    }

    /// A request with `Connection: close`; the status of its answer.
    pub(crate) fn status(&self, request_line: &str, headers: &str, body: &[u8]) -> u16 {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!(
            "{request_line} HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nConnection: close\r\n{headers}{length}\r\n"
        );
        status_of(&self.send(&[head.as_bytes(), body].concat()))
    }

    /// Say something to the control socket.
    pub(crate) fn say(&self, line: &Value) -> Value {
        serde_json::from_str(&cli::say(&self.folder.path().join("state"), &line.to_string()).unwrap())
            .unwrap()
    }

    /// The status.
    pub(crate) fn status_now(&self) -> Value {
        self.say(&serde_json::json!({ "command": "status" }))
    }

    /// Events so far, once there are as many.
    pub(crate) fn events(&self, many: usize) -> Vec<Value> {
        let path = self.folder.path().join("state/events.jsonl");
        let read = || -> Vec<Value> {
            let text = std::fs::read_to_string(&path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        wait_until(|| read().len() >= many);
        read()
    }

    /// End the proxy, keeping the folder.
    pub(crate) fn end(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.proxy.end());
        }
    }

    /// Start it again with the same file.
    pub(crate) fn start_again(&mut self) {
        let config = config::read(&self.folder.path().join("sites.yaml")).unwrap();
        self.running = Some(self.runtime.block_on(Proxy::start(config, clock)).unwrap());
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.end();
    }
}

/// A certificate for the site, signed by itself.
fn certificate(folder: &Path) -> &'static str {
    let made = rcgen::generate_simple_self_signed(["pump.example".to_owned()]).unwrap();
    std::fs::write(folder.join("site.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("site.key"), made.signing_key.serialize_pem()).unwrap();
    "    certificates: site.pem\n    private_key: site.key\n"
}

pub(crate) fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(length @ 1..) => bytes.extend_from_slice(&piece[..length]),
            // A judge that ends is told of by a signal, to whatever thread it meets.
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Read one answer with a length from a connection that stays open.
pub(crate) fn read_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |it| it.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    bytes.extend_from_slice(&body);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The status of an answer; 0 where there is none.
pub(crate) fn status_of(answer: &str) -> u16 {
    answer.get(9..12).and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// Wait for something that has to come.
pub(crate) fn wait_until(mut come: impl FnMut() -> bool) {
    let start = Instant::now();
    while !come() {
        assert!(start.elapsed() < Duration::from_secs(30), "it did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}
