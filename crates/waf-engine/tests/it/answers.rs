//! What devices answer: split, judged, handed on.

use crate::device::{Device, Reply, page};
use crate::stage::{BLOCK, Script, Stage, status_of};

fn by_path(request: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(request);
    let bytes: &[u8] = match text.split(' ').nth(1).unwrap_or_default() {
        "/split-lf" => b"HTTP/1.1 302 Found\r\nLocation: /a\nSet-Cookie: admin=1\r\nContent-Length: 0\r\n\r\n",
        "/split-cr" => b"HTTP/1.1 302 Found\r\nLocation: /a\rSet-Cookie: admin=1\r\nContent-Length: 0\r\n\r\n",
        "/nul" => b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "/two-lengths" => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
        "/both" => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "/fold" => b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "/switch" => b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "/no-http" => b"SSH-2.0-OpenSSH_9\r\n\r\n",
        "/leak" => return page("You have an error: SQL syntax error near 'x'"),
        "/hop" => b"HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Keep: 1\r\nKeep-Alive: 5\r\nContent-Length: 2\r\n\r\nok",
        "/chunks" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
        _ => return page("ok"),
    };
    Reply::Last(bytes.to_vec())
}

#[test]
fn an_answer_with_two_readings_is_not_handed_on() {
    let script =
        Script { site: "    mode: detect\n", file: "limits: {unhealthy_after: 1000}\n", ..Script::default() };
    let Some(stage) = Stage::set(Device::new(by_path), &script) else { return };
    for path in ["/split-lf", "/split-cr", "/nul", "/two-lengths", "/both", "/fold", "/switch", "/no-http"] {
        let answer = stage.send(
            format!("GET {path} HTTP/1.1\r\nHost: pump.example\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        assert_eq!(status_of(&answer), 502, "{path} {answer}");
        assert!(!answer.contains("admin=1"), "{answer}");
    }
    let events = stage.events(8);
    assert!(
        events.iter().all(|it| it["transaction"]["messages"][0]["details"]["ruleId"] == "70030"),
        "{events:#?}"
    );
}

#[test]
fn an_answer_is_handed_on_without_what_belongs_to_its_connection() {
    let Some(stage) = Stage::set(Device::new(by_path), &Script::default()) else { return };
    let get = |version: &str, path: &str| {
        stage.send(
            format!("GET {path} HTTP/{version}\r\nHost: pump.example\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
    };
    assert_eq!(
        get("1.1", "/hop"),
        "HTTP/1.1 200 OK\r\nX-Keep: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    );
    let chunks = get("1.1", "/chunks");
    assert!(chunks.contains("Transfer-Encoding: chunked") && chunks.ends_with("\r\n0\r\n\r\n"), "{chunks}");
    let old = get("1.0", "/chunks");
    assert!(!old.contains("hunked") && old.ends_with("\r\n\r\nabcdef"), "HTTP/1.0 has no chunks: {old}");
}

/// Rules on answers: stopped in block, told in detect, and in both a sign that the attack had reached the device.
#[test]
fn answers_are_judged() {
    for (site, status) in [(BLOCK, 403), ("    mode: detect\n", 200)] {
        let Some(stage) = Stage::set(Device::new(by_path), &Script { site, ..Script::default() }) else {
            return;
        };
        assert_eq!(stage.status("GET /leak", "", b""), status);
        let transaction = &stage.events(1)[0]["transaction"];
        assert_eq!(transaction["messages"][0]["details"]["ruleId"], "951999", "{transaction}");
        assert_eq!(transaction["is_interrupted"], status == 403);
        assert_eq!(stage.status("GET /fine", "", b""), 200);
    }
}
