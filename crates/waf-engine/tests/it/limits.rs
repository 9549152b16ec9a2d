//! Sizes, counts and times.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::device::Device;
use crate::stage::{BLOCK, Script, Stage, read_answer, read_to_end, status_of};

#[test]
fn heads_and_bodies_have_a_size() {
    let script = Script {
        site: "    mode: block\n    approved_by: Clinical engineering\n    approved_on: 2026-11-27\n    body_limit: 100000\n    inspect_body: 4096\n",
        ..Script::default()
    };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(stage.status("GET /", &many, b""), 431);
    assert_eq!(stage.status("GET /", &format!("X: {}\r\n", "y".repeat(40_000)), b""), 431);
    assert_eq!(stage.status(&format!("GET /{}", "y".repeat(40_000)), "", b""), 431);
    assert_eq!(stage.device.received().len(), 0);
    assert_eq!(stage.status("POST /", "", &vec![b'x'; 100_001]), 413);
    assert_eq!(stage.status("POST /", "", &vec![b'x'; 100_000]), 200, "beyond what is judged it is streamed");
    assert_eq!(stage.device.received().len(), 1);
    assert!(stage.device.received()[0].ends_with(&vec![b'x'; 100_000]));
    // In chunks nobody knows before.
    let mut chunks =
        b"POST / HTTP/1.1\r\nHost: pump.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_vec();
    for _ in 0..120 {
        chunks.extend_from_slice(format!("3e8\r\n{}\r\n", "x".repeat(1_000)).as_bytes());
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(status_of(&stage.send(&chunks)), 413);
    // The attack stands in the part that is judged, or after it: that is what `inspect_body` means.
    let attack = b"q=${jndi:ldap://x/a}&note=".to_vec();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(stage.status("POST /", form, &[&attack[..], &b"x".repeat(20_000)].concat()), 403);
    let site = &stage.status_now()["sites"][0];
    assert!(site["partly_judged"].as_u64().unwrap() >= 1, "{site}");
}

/// What stands in the part that is judged is looked at field by field, though the body goes on beyond it.
#[test]
fn the_first_part_of_a_long_body_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("args.conf");
    // As most rules do, it looks at fields alone and not at the bytes of the body.
    let rule = |target: &str, id: u32| {
        format!("SecRule {target} \"@contains jndi\" \"id:{id},phase:2,deny,status:403,log\"\n")
    };
    std::fs::write(&rules, rule("ARGS", 1001) + &rule("XML:/*|XML://@*", 1002)).unwrap();
    let script = Script {
        rules: vec![rules],
        site: "    mode: block\n    approved_by: Clinical engineering\n    approved_on: 2026-11-27\n    inspect_body: 4096\n",
        ..Script::default()
    };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let multipart = "Content-Type: multipart/form-data; boundary=b\r\n";
    let upload = |value: &str, end: &str| {
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        [field("id", value), field("scan", &"A".repeat(20_000)), end.to_owned()].concat()
    };
    let attack = "${jndi:ldap://x/a}";
    assert_eq!(stage.status("POST /", multipart, upload(attack, "--b--\r\n").as_bytes()), 403);
    let json = "Content-Type: application/json\r\n";
    let long = |begin: &str| format!("{begin}\"id\":\"{attack}\",\"p\":\"{}\"}}", "A".repeat(20_000));
    for begin in ["{", "{\"z\":01,", "{\"z\":NaN,", "\u{feff}{"] {
        let status = stage.status("POST /", json, long(begin).as_bytes());
        assert!([400, 403].contains(&status), "{begin}: {status}");
    }
    let xml = "Content-Type: text/xml\r\n";
    let long_a = "A".repeat(20_000);
    for body in [
        format!("<a><b>{attack}</b><p>{long_a}</p></a>"),
        format!("<a><b x=\"{attack}\"/><p x='{long_a}'/></a>"),
        format!("<a><p>{attack}{long_a}</p></a>"),
        format!("<a><p x='{attack}{long_a}'/></a>"),
        format!("<a><p><![CDATA[{attack}{long_a}]]></p></a>"),
        format!("<a><b y><c>{attack}</c></b><p>{long_a}</p></a>"),
        format!("<a>&<c>{attack}</c><p>{long_a}</p></a>"),
        format!("<a></b><c>{attack}</c><p>{long_a}</p></a>"),
        format!("<!DOCTYPE a [<!ENTITY e '{long_a}'>]><a>{attack}</a>"),
    ] {
        let status = stage.status("POST /", xml, body.as_bytes());
        assert!([400, 403].contains(&status), "{}: {status}", &body[..60]);
    }
    assert_eq!(stage.device.received().len(), 0, "the device saw nothing of it");
    for body in [
        format!("<a><b>a note</b><p>{long_a}</p></a>"),
        format!("<?xml version='1.0'?><!-- {long_a} --><a/>"),
        format!("<a><b/><p x='{long_a}'/></a>"),
        format!("<a><p><![CDATA[{long_a}]]></p></a>"),
        format!("<a><p>{}</p></a>", "&amp;é<br/>".repeat(2_000)),
        format!("<a>{}</a>", "<obs code='1'>x</obs>".repeat(2_000)),
    ] {
        let status = stage.status("POST /", xml, body.as_bytes());
        // Of what has no element in the part that is judged, nothing can be said.
        let expected = if body.starts_with("<?xml") { 400 } else { 200 };
        assert_eq!(status, expected, "{}", &body[..60]);
    }
    let before = stage.device.received().len();
    assert_eq!(stage.status("POST /", multipart, upload("a note", "--b--\r\n").as_bytes()), 200);
    let fine = format!("{{\"id\":\"a note\",\"p\":\"{}\"}}", "A".repeat(20_000));
    assert_eq!(stage.status("POST /", json, fine.as_bytes()), 200);
    assert!(stage.device.received()[before + 1].ends_with(fine.as_bytes()), "as it was sent");
}

#[test]
fn a_bomb_is_refused_and_a_packed_body_is_judged() {
    let Some(stage) = Stage::plain() else { return };
    let pack = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let headers = "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n";
    assert_eq!(stage.status("POST /", headers, &pack(&vec![0; 20_000_000])), 413);
    assert_eq!(stage.status("POST /", headers, b"not packed"), 415);
    assert_eq!(stage.status("POST /", "Content-Encoding: br\r\n", b"\x0b\x02\x80hello\x03"), 415);
    assert_eq!(stage.status("POST /", headers, &pack(b"a note ${jndi:ldap://x/a}")), 403);
    assert_eq!(stage.device.received().len(), 0);
    let fine = pack(b"a note of today");
    assert_eq!(stage.status("POST /", headers, &fine), 200);
    assert!(stage.device.received()[0].ends_with(&fine), "the device gets it as it was sent");
}

#[test]
fn slow_clients_are_ended() {
    let script = Script {
        site: BLOCK,
        file: "limits: {head_seconds: 1, idle_seconds: 1, body_pause_seconds: 1, body_bytes_per_second: 1000}\n",
        ..Script::default()
    };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    // A head, byte by byte.
    let start = Instant::now();
    let mut stream = stage.connect();
    for byte in b"GET / HTTP/1.1\r\nHost: pump.example\r\nX: slow" {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(60));
    }
    let answer = read_to_end(&mut stream);
    assert!(status_of(&answer) == 408 || answer.is_empty(), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    // Nothing at all.
    let start = Instant::now();
    assert_eq!(read_to_end(&mut stage.connect()), "");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    // A body that stops, and one that trickles.
    let head = b"POST / HTTP/1.1\r\nHost: pump.example\r\nContent-Length: 9000\r\n\r\n";
    let mut stream = stage.connect();
    stream.write_all(head).unwrap();
    assert_eq!(status_of(&read_to_end(&mut stream)), 408);
    let mut stream = stage.connect();
    stream.write_all(head).unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(6) && stream.write_all(b"xx").is_ok() {
        std::thread::sleep(Duration::from_millis(100));
    }
    let answer = read_to_end(&mut stream);
    assert!(status_of(&answer) == 408 || answer.is_empty(), "{answer}");
    assert_eq!(stage.device.received(), Vec::<Vec<u8>>::new());
    let slow = stage.events(3).iter().filter(|it| it["transaction"]["response"]["http_code"] == 408).count();
    assert!(slow >= 3, "{slow}");
}

#[test]
fn one_client_has_so_many_connections() {
    let script = Script { file: "limits: {connections_per_client: 5}\n", ..Script::default() };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let get = b"GET / HTTP/1.1\r\nHost: pump.example\r\n\r\n";
    let mut held: Vec<_> = (0..5).map(|_| stage.connect()).collect();
    for stream in &mut held {
        stream.write_all(get).unwrap();
        assert_eq!(status_of(&read_answer(stream)), 200);
    }
    assert_eq!(status_of(&stage.send(get)), 503);
    held.pop();
    crate::stage::wait_until(|| stage.status("GET /", "", b"") == 200);
}

/// `Expect: 100-continue` is answered here, and the device gets a whole request.
#[test]
fn who_asks_first_is_told_to_go_on() {
    let Some(stage) = Stage::plain() else { return };
    let mut stream = stage.connect();
    stream
        .write_all(b"POST /big HTTP/1.1\r\nHost: pump.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
        .unwrap();
    assert_eq!(status_of(&read_answer(&mut stream)), 100);
    stream.write_all(b"body").unwrap();
    assert_eq!(status_of(&read_to_end(&mut stream)), 200);
    assert!(!stage.device.text().contains("xpect"));
}
