//! The log of a busy session with the real program: what people do stands in it, who they are and what they typed does
//! not.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::wire::{connect, exchange, header, request, status};
use crate::cli::run::program;

/// Planted where people and programs write: none of it may stand in the log.
const PLANTED: &[&str] = &[
    "Marguerite",
    "marguerite.q@clinic.example",
    "555-0142",
    "planted-password-one",
    "planted-password-two",
    "planted-token",
    "planted-query",
    "planted-file-name",
    "planted-browser",
    "planted-path",
    "planted-referrer",
    "192.0.2.77",
];

/// A server that ends with the test.
struct Server {
    child: Child,
    address: SocketAddr,
    one_time: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(folder: &std::path::Path, words: &[&str]) -> Server {
    let mut command = program();
    command.current_dir(folder).args([
        "--data",
        "data",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--log",
        "debug",
    ]);
    let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    let address = line().rsplit_once("//").unwrap().1.parse().unwrap();
    let one_time = line().rsplit_once(' ').unwrap().1.to_owned();
    Server { child, address, one_time }
}

impl Server {
    async fn ask(&self, line: &str, headers: &str, body: &str) -> String {
        let headers = format!(
            "{headers}User-Agent: planted-browser\r\nReferer: http://localhost/planted-referrer\r\n\
             X-Forwarded-For: 192.0.2.77\r\nX-Request-Id: marguerite.q@clinic.example\r\n"
        );
        exchange(&mut connect(self.address).await, &request(line, &headers, body)).await
    }

    async fn json(&self, line: &str, headers: &str, body: &str) -> (u16, Value, String) {
        let headers = format!("{headers}Content-Type: application/json\r\n");
        let answer = self.ask(line, &headers, body).await;
        let text = answer.split_once("\r\n\r\n").unwrap().1;
        (status(&answer), serde_json::from_str(text).unwrap_or_default(), answer.clone())
    }

    /// Everything that it logged, after it was told to stop.
    fn log(mut self) -> String {
        let told = std::process::Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(self.child.wait().unwrap().success());
        text
    }
}

/// Signs in, chooses a password, looks for somebody, invites, uploads, errs. Returns the id of a request that failed.
async fn busy(server: &Server) -> String {
    let wrong = r#"{"name":"Marguerite","password":"planted-password-one"}"#;
    assert_eq!(server.json("POST /api/v1/session", "", wrong).await.0, 401);
    let right = format!(r#"{{"name":"admin","password":"{}"}}"#, server.one_time);
    let (code, session, answer) = server.json("POST /api/v1/session", "", &right).await;
    assert_eq!(code, 200, "{answer}");
    let signed_in = |session: &Value, answer: &str| {
        let cookie = header(answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
        format!("Cookie: {cookie}\r\nX-CSRF-Token: {}\r\n", session["csrf_token"].as_str().unwrap())
    };
    let own = signed_in(&session, &answer);
    let form = format!(
        "token={}&present={}&new=planted-password-two&again=planted-password-two",
        session["csrf_token"].as_str().unwrap(),
        server.one_time
    );
    let headers = format!("{own}Content-Type: application/x-www-form-urlencoded\r\n");
    assert_eq!(status(&server.ask("POST /password", &headers, &form).await), 303);
    let right = r#"{"name":"admin","password":"planted-password-two"}"#;
    let (_, session, answer) = server.json("POST /api/v1/session", "", right).await;
    let own = signed_in(&session, &answer);
    for path in
        ["/affected?q=planted-query", "/devices?q=Marguerite", "/planted-path", "/releases/planted-path"]
    {
        server.ask(&format!("GET {path}"), &own, "").await;
    }
    let grant =
        r#"{"full_name":"Marguerite Q","mail":"marguerite.q@clinic.example","grant":{"roles":["engineer"]}}"#;
    assert_eq!(server.json("POST /api/v1/invitations", &own, grant).await.0, 201);
    let list = "Serial,Maker,Model,Owner\nS-1,Orbis,Flow,\"Marguerite Q, 555-0142\"\n";
    assert_eq!(status(&server.ask("POST /api/v1/devices/import", &own, list).await), 200);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"planted-file-name\"\r\n\r\n\
        Marguerite is no bill of materials\r\n--x--\r\n";
    let headers = format!("{own}Content-Type: multipart/form-data; boundary=x\r\n");
    let refused = server.ask("POST /api/v1/sboms?maker=Marguerite&model=x", &headers, multipart).await;
    assert!((400..500).contains(&status(&refused)), "{refused}");
    server.ask("GET /api/v1/devices", "Authorization: Bearer planted-token\r\n", "").await;
    let failed = server.ask("GET /api/v1/devices/planted-path", &own, "").await;
    header(&failed, "x-request-id").unwrap().to_owned()
}

fn holds_nothing_planted(log: &str, one_time: &str) {
    for word in PLANTED.iter().copied().chain([one_time]) {
        assert!(!log.contains(word), "{word}:\n{log}");
    }
}

#[tokio::test]
async fn the_log_says_what_was_done_and_nothing_of_whom() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &["--log-format", "json"]);
    let one_time = server.one_time.clone();
    let failed = busy(&server).await;
    sleep(Duration::from_millis(100)).await;
    let log = server.log();
    holds_nothing_planted(&log, &one_time);
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let of = lines.iter().find(|line| line["span"]["id"] == failed.as_str() && line["message"] == "answered");
    let of = of.unwrap_or_else(|| panic!("{failed}:\n{log}"));
    assert_eq!((&of["route"], &of["method"]), (&"/api/v1/devices/{id}".into(), &"GET".into()), "{of}");
    assert!(of["status"].as_u64() >= Some(400) && of["milliseconds"].is_u64(), "{of}");
    assert!(
        lines.iter().any(|line| line["route"] == "/affected" && line["bytes"].as_u64() > Some(100)),
        "{log}"
    );
}

#[tokio::test]
async fn the_log_for_people_holds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let one_time = server.one_time.clone();
    let failed = busy(&server).await;
    sleep(Duration::from_millis(100)).await;
    let log = server.log();
    holds_nothing_planted(&log, &one_time);
    let line = log.lines().find(|line| line.contains(&failed) && line.contains("answered"));
    assert!(line.is_some_and(|line| line.contains("route=\"/api/v1/devices/{id}\"")), "{log}");
}
