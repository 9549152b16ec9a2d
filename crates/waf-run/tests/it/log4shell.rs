//! A vulnerable application behind the firewall: not a byte of an attempt reaches it, ordinary traffic does.

use std::io::{Read as _, Write as _};

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::patches::FAMILIES;
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::suite;
use bedrail_waf_run::follow::Follow;
use bedrail_waf_run::update::{Promotion, promote};

use crate::kit::{Kit, core_rule_set, start, status_of};

/// Sends a request as it is, and reads to the end.
fn send(kit: &Kit, request: &Request) -> u16 {
    let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        let value = if name.eq_ignore_ascii_case("host") { "pump.example" } else { value };
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    let mut stream = kit.connect();
    // Whoever was refused in the middle of sending has an answer as well.
    let _ = stream.write_all(&[head.as_bytes(), &request.body].concat());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    status_of(&String::from_utf8_lossy(&answer))
}

#[test]
fn no_attempt_reaches_the_application_and_ordinary_traffic_does() {
    let (Some(kit), Some(tree)) = (Kit::new(Profile::Hospital), core_rule_set("4.28.0")) else { return };
    assert!(kit.update(&tree, "", start()).candidate.is_some());
    let desk = kit.desk();
    promote(&desk, &Promotion::Current, "A. Person, clinical engineering", start()).unwrap();
    Follow::default().tick(&desk, &kit.control(), start()).unwrap();
    let log4shell = FAMILIES.iter().find(|it| it.key.contains("log4")).unwrap();
    let attempts = log4shell.probes();
    let before = kit.application.received().len();
    let through: Vec<(String, u16)> = attempts
        .iter()
        .map(|it| (it.name.clone(), send(&kit, it)))
        .filter(|(_, status)| !matches!(status, 400 | 403))
        .collect();
    assert!(through.is_empty(), "{through:#?}");
    assert_eq!(kit.application.received().len() - before, 0, "bytes of attempts reached the application");
    println!("{} attempts stopped, 0 bytes reached the application", attempts.len());
    let refused: Vec<(String, u16)> = suite::plain()
        .iter()
        .map(|it| (it.name.clone(), send(&kit, it)))
        .filter(|(_, status)| *status != 200)
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(kit.application.received().len() > before);
}
