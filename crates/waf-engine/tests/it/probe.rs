//! Probes end in a sink.

use serde_json::json;

use crate::device::Device;
use crate::stage::{BLOCK, Script, Stage};

#[test]
fn a_probe_sends_the_device_nothing() {
    for (site, outcome, status) in [(BLOCK, "block", 403), ("    mode: detect\n", "would-block", 204)] {
        let Some(stage) = Stage::set(Device::plain(), &Script { site, ..Script::default() }) else { return };
        let said = stage.say(&json!({"command": "probe", "site": "pump", "requests": [
            {"method": "GET", "target": "/?q=${jndi:ldap://127.0.0.1/a}"},
            {"method": "POST", "target": "/login", "headers": [["Content-Type", "application/x-www-form-urlencoded"]],
             "body": "user=%24%7Bjndi%3Aldap%3A%2F%2F127.0.0.1%2Fa%7D"},
            {"method": "GET", "target": "/", "headers": [["X-Api-Version", "${jndi:ldap://127.0.0.1/a}"]]},
            {"method": "GET", "target": "/plain"},
        ]}));
        let answers = said["answers"].as_array().unwrap();
        for answer in &answers[..3] {
            assert_eq!((&answer["outcome"], &answer["status"]), (&json!(outcome), &json!(status)), "{said}");
            assert_eq!((&answer["objected"], &answer["rules"]), (&json!(true), &json!([1001])), "{said}");
        }
        assert_eq!((&answers[3]["outcome"], &answers[3]["status"]), (&json!("pass"), &json!(204)));
        // Not a byte, not even a connection that was closed again.
        assert_eq!(stage.device.received(), Vec::<Vec<u8>>::new());
        let events = stage.events(3);
        assert!(events.iter().all(|it| it["transaction"]["bedrail"]["probe"] == true), "{events:?}");
        // One that the firewall sends to look after itself leaves no trace.
        let counts = |stage: &Stage| {
            let status = stage.say(&json!({"command": "status"}));
            (status["sites"][0]["blocked"].clone(), status["sites"][0]["would_block"].clone())
        };
        let before = counts(&stage);
        let quiet = stage.say(&json!({"command": "probe", "site": "pump", "quiet": true, "requests": [
            {"method": "GET", "target": "/?q=${jndi:ldap://127.0.0.1/a}"},
        ]}));
        assert_eq!(quiet["answers"][0]["outcome"], outcome);
        assert_eq!((counts(&stage), stage.events(3).len()), (before, 3));
        // A probe cannot show what no client could send.
        let odd = stage.say(&json!({"command": "probe", "site": "pump", "requests": [
            {"method": "GET", "target": "/", "headers": [["X", "a\r\nY: b\nZ: c"]]},
        ]}));
        assert!(odd["error"].as_str().unwrap().contains("request 1"), "{odd}");
        assert!(stage.say(&json!({"command": "probe", "site": "none", "requests": []}))["error"].is_string());
    }
}
