//! Judges and devices that fail.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::device::{Device, Reply, page};
use crate::stage::{BLOCK, Script, Stage, read_to_end, status_of, wait_until};

const CLOSED: &str = "    mode: block\n    approved_by: Clinical engineering\n    approved_on: 2026-11-27\n    on_error: closed\n";

/// Kill the judge as the system does, and do not let it come back for a moment.
fn kill_judge(stage: &Stage) -> u64 {
    let pid = stage.status_now()["judges"][0]["pid"].as_u64().unwrap();
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    pid
}

#[test]
fn a_killed_judge_is_an_open_door_or_a_closed_one_and_comes_back() {
    for (site, without) in [(BLOCK, 200), (CLOSED, 503)] {
        let Some(stage) = Stage::set(Device::plain(), &Script { site, ..Script::default() }) else { return };
        assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 403);
        let before = kill_judge(&stage);
        // While it is away: every answer is one of the two, never a hang and never a wrong one.
        let mut seen = Vec::new();
        let start = Instant::now();
        loop {
            let status = stage.status("GET /plain", "", b"");
            seen.push(status);
            let judge = stage.status_now()["judges"][0].clone();
            if judge["pid"].as_u64().is_some_and(|it| it != 0 && it != before) {
                assert_eq!(judge["starts"], 2, "{judge}");
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "it did not come back");
        }
        assert!(seen.contains(&without), "{seen:?}");
        assert!(seen.iter().all(|it| [200, without].contains(it)), "{seen:?}");
        assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 403, "as before");
        let (rule, interrupted) = if without == 200 { ("70042", false) } else { ("70040", true) };
        let told = stage.events(3).into_iter().any(|it| {
            let transaction = &it["transaction"];
            transaction["is_interrupted"] == interrupted
                && transaction["messages"][0]["details"]["ruleId"] == rule
        });
        assert!(told, "forwarded or refused without a verdict is an event");
    }
}

/// A judge that is stopped does not answer: the time for a verdict counts.
#[test]
fn a_hung_judge_is_one_without_a_verdict() {
    let script = Script { file: "limits: {judge_seconds: 0.3}\n", ..Script::default() };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let pid = stage.status_now()["judges"][0]["pid"].as_u64().unwrap().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    signal("-STOP");
    let start = Instant::now();
    assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 200, "open");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    signal("-CONT");
    wait_until(|| stage.status("GET /?q=${jndi:x}", "", b"") == 403);
}

#[test]
fn without_any_rules_the_policy_counts() {
    for (site, status) in [(BLOCK, 200), (CLOSED, 503)] {
        let script = Script { site, engine: "/none/such", ..Script::default() };
        let Some(stage) = Stage::set(Device::plain(), &script) else { return };
        assert_eq!(stage.running().not_loaded.len(), 1);
        assert_eq!(stage.status("GET /", "", b""), status);
        assert_eq!(stage.status_now()["judges"], serde_json::json!([]));
    }
}

#[test]
fn a_device_that_fails_is_told_from_a_firewall_that_refuses() {
    let device = Device::new(|request| {
        let text = String::from_utf8_lossy(request);
        match text.split(' ').nth(1).unwrap_or_default() {
            "/close" => Reply::Last(Vec::new()),
            "/half" => Reply::Last(b"HTTP/1.1 200 O".to_vec()),
            "/hang" => Reply::Hang,
            "/short" => Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".to_vec()),
            "/short-chunks" => Reply::Last(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec()),
            "/long" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother".to_vec()),
            "/old" => Reply::Last(b"HTTP/1.0 200 OK\nServer: old\n\nuntil the end".to_vec()),
            "/interim" => Reply::Bytes(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()),
            _ => page("fine"),
        }
    });
    let script = Script {
        site: "    mode: detect\n",
        file: "limits: {answer_seconds: 1, unhealthy_after: 100}\n",
        ..Script::default()
    };
    let Some(stage) = Stage::set(device, &script) else { return };
    let get = |path: &str| {
        stage.send(
            format!("GET {path} HTTP/1.1\r\nHost: pump.example\r\nConnection: close\r\n\r\n").as_bytes(),
        )
    };
    for (path, status) in [("/close", 502), ("/half", 502), ("/hang", 504), ("/interim", 200), ("/fine", 200)]
    {
        let answer = get(path);
        assert_eq!(status_of(&answer), status, "{path} {answer}");
    }
    let short = get("/short");
    assert!(
        short.contains("Content-Length: 100") && short.ends_with("only this"),
        "cut, so that nobody takes it for whole: {short}"
    );
    let chunks = get("/short-chunks");
    assert!(!chunks.ends_with("0\r\n\r\n"), "{chunks}");
    let old = get("/old");
    assert!(status_of(&old) == 200 && old.contains("until the end"), "{old}");
    // What came beyond its length is nobody's answer.
    for _ in 0..3 {
        let long = get("/long");
        assert!(long.ends_with("ok") && !long.contains("other"), "{long}");
        assert!(get("/fine").ends_with("fine"));
    }
}

#[test]
fn a_device_that_is_down_is_tried_by_one_at_a_time() {
    // A port that nobody listens on; not of the address where other tests find theirs.
    let address = TcpListener::bind("127.0.0.9:0").unwrap().local_addr().unwrap();
    let mut device = Device::plain();
    device.address = address;
    let script =
        Script { site: "    mode: detect\n", file: "limits: {unhealthy_after: 2}\n", ..Script::default() };
    let Some(stage) = Stage::set(device, &script) else { return };
    assert_eq!((stage.status("GET /", "", b""), stage.status("GET /", "", b"")), (502, 502));
    assert_eq!(stage.status_now()["sites"][0]["device_up"], false);
    assert_eq!(stage.status("GET /", "", b""), 502, "the one trial");
    // It comes back.
    let listener = TcpListener::bind(address).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut piece = [0; 4096];
            let _ = stream.read(&mut piece);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    assert_eq!(stage.status("GET /", "", b""), 200);
    assert_eq!(stage.status_now()["sites"][0]["device_up"], true);
}

/// A request of a client that goes away in the middle is not sent on as if it were whole.
#[test]
fn a_client_that_goes_away_sends_nothing_whole() {
    let Some(stage) = Stage::plain() else { return };
    let mut stream = stage.connect();
    stream
        .write_all(b"POST /dose HTTP/1.1\r\nHost: pump.example\r\nContent-Length: 100\r\n\r\nhalf")
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(status_of(&read_to_end(&mut stream)), 400);
    assert_eq!(stage.device.received(), Vec::<Vec<u8>>::new());
}
