//! One reading of a request: what has two is refused, what has one reaches the device as it was sent.

use std::io::Write as _;

use crate::device::Device;
use crate::stage::{Script, Stage, read_answer, status_of};

/// `(name, bytes, status)`. RFC 9112, and the ways known from request smuggling.
const ROWS: &[(&str, &str, u16)] = &[
    (
        "CL.TE",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        400,
    ),
    (
        "TE.CL",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n",
        400,
    ),
    (
        "TE.TE",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: x\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "CL.CL",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        400,
    ),
    ("CL list", "POST / HTTP/1.1\r\nHost: pump.example\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
    ("CL sign", "POST / HTTP/1.1\r\nHost: pump.example\r\nContent-Length: +3\r\n\r\nabc", 400),
    (
        "TE space",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "TE tab",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "TE underscore",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        400,
    ),
    (
        "TE in 1.0",
        "POST / HTTP/1.0\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "obs-fold",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    ("bare LF", "GET / HTTP/1.1\r\nHost: pump.example\nX: y\r\n\r\n", 400),
    ("bare LF alone", "GET / HTTP/1.1\nHost: pump.example\n\n", 400),
    ("bare CR", "GET / HTTP/1.1\r\nHost: pump.example\rX: y\r\n\r\n", 400),
    ("NUL", "GET / HTTP/1.1\r\nHost: pump.example\r\nX: a\0b\r\n\r\n", 400),
    (
        "chunk size",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "chunk extension",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "chunk end",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        400,
    ),
    (
        "chunk LF",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "trailer",
        "POST / HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
        400,
    ),
    ("two hosts", "GET / HTTP/1.1\r\nHost: pump.example\r\nHost: other\r\n\r\n", 400),
    ("other host", "GET http://other/ HTTP/1.1\r\nHost: pump.example\r\n\r\n", 400),
    ("no host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400),
    ("unknown host", "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n", 421),
    ("connection names", "GET / HTTP/1.1\r\nHost: pump.example\r\nConnection: close, Host\r\n\r\n", 400),
    ("version", "GET / HTTP/1.9\r\nHost: pump.example\r\n\r\n", 505),
    ("no version", "GET /\r\n\r\n", 400),
    ("connect", "CONNECT pump.example:22 HTTP/1.1\r\nHost: pump.example\r\n\r\n", 405),
    ("h2c preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
];

/// Each row is followed by a request that must never reach the device.
#[test]
fn what_has_two_readings_is_refused_and_nothing_of_it_reaches_the_device() {
    let Some(stage) = Stage::plain() else { return };
    let hidden = "GET /hidden HTTP/1.1\r\nHost: pump.example\r\n\r\n";
    for (name, bytes, status) in ROWS {
        let answer = stage.send(format!("{bytes}{hidden}").as_bytes());
        assert_eq!(status_of(&answer), *status, "{name}: {answer}");
    }
    assert_eq!(stage.device.received(), Vec::<Vec<u8>>::new(), "not a byte");
    let events = stage.events(ROWS.len());
    let with_rule = |event: &serde_json::Value| {
        let id =
            event["transaction"]["messages"][0]["details"]["ruleId"].as_str().unwrap_or_default().to_owned();
        id.starts_with("70")
    };
    assert!(events.iter().all(with_rule), "{events:#?}");
}

#[test]
fn a_request_reaches_the_device_as_it_was_judged() {
    let Some(stage) = Stage::plain() else { return };
    let mut stream = stage.connect();
    let bodies: &[(&str, &str)] = &[
        (
            "POST /a%2Fb/../c;x=1?q=\"<|>{}`^\\&r=%00%ff HTTP/1.1\r\nhOsT: pump.example\r\nX-Odd:   a\tb  \r\nx-odd: 2\r\nContent-Length: 3\r\n\r\nabc",
            "POST /a%2Fb/../c;x=1?q=\"<|>{}`^\\&r=%00%ff HTTP/1.1\r\nhOsT: pump.example\r\nX-Odd: a\tb\r\nx-odd: 2\r\nContent-Length: 3\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n\r\nabc",
        ),
        (
            "PUT /chunks HTTP/1.1\r\nHost: pump.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
            "PUT /chunks HTTP/1.1\r\nHost: pump.example\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nContent-Length: 7\r\n\r\nabc\r\n\r\n",
        ),
        (
            "GET /hop HTTP/1.1\r\nHost: pump.example\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nX-Forwarded-For: 10.9.9.9\r\nX-Real-IP: 10.9.9.9\r\n\r\n",
            "GET /hop HTTP/1.1\r\nHost: pump.example\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n\r\n",
        ),
    ];
    for (number, (sent, due)) in bodies.iter().enumerate() {
        stream.write_all(sent.as_bytes()).unwrap();
        assert_eq!(status_of(&read_answer(&mut stream)), 200, "{sent}");
        let reached = stage.device.received();
        assert_eq!(String::from_utf8_lossy(&reached[number]), *due);
    }
    assert_eq!(stage.device.received().len(), bodies.len());
}

/// Two requests at once on a connection are two, in their order.
#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let device = Device::new(|request| crate::device::page(&String::from_utf8_lossy(&request[..6])));
    let Some(stage) = Stage::set(device, &Script::default()) else { return };
    let mut stream = stage.connect();
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: pump.example\r\n\r\n");
    stream.write_all(format!("{}{}{}", one("/1"), one("/2"), one("/3")).as_bytes()).unwrap();
    for number in 1..=3 {
        assert!(read_answer(&mut stream).ends_with(&format!("GET /{number}")));
    }
}

/// A path that can be read in two ways is judged by the stricter site.
#[test]
fn therapy_is_left_alone_and_is_no_way_around() {
    let script = Script {
        site: "    mode: block\n    approved_by: Clinical engineering\n    approved_on: 2026-11-27\n    never_block: [/therapy]\n",
        ..Script::default()
    };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let attack = "?q=${jndi:ldap://x/a}";
    for (path, status) in [
        ("/admin", 403),
        ("/therapy", 200),
        ("/therapy/rate", 200),
        ("/therapyx", 403),
        ("/therapy/../admin", 403),
        ("/therapy/%2e%2e/admin", 403),
        ("/therapy%2f..%2fadmin", 403),
        ("/therapy\\..\\admin", 403),
        ("/admin/../therapy", 403),
    ] {
        assert_eq!(stage.status(&format!("GET {path}{attack}"), "", b""), status, "{path}");
    }
}
