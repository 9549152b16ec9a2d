//! Rule sets come and go while requests are served and a WebSocket is held.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::device::{Device, Reply, page};
use crate::stage::{RULES, Script, Stage, read_answer, status_of, wait_until};
use crate::websocket::frame;

fn socket_device() -> Device {
    Device::new(|request| if request.starts_with(b"GET /socket") { Reply::Echo } else { page("ok") })
}

/// Open a WebSocket and say something through it.
fn open_socket(stage: &Stage) -> TcpStream {
    let mut stream = stage.connect();
    stream
        .write_all(b"GET /socket HTTP/1.1\r\nHost: pump.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85\0\0\0\0first")
        .unwrap();
    let head = read_answer(&mut stream);
    assert_eq!(status_of(&head), 101, "{head}");
    let mut echo = [0; 11];
    stream.read_exact(&mut echo).unwrap();
    assert!(echo.ends_with(b"first"), "what came with the request belongs to the tunnel");
    stream
}

fn echo(stream: &mut TcpStream, text: &str) {
    let text = frame(0x81, text.as_bytes());
    stream.write_all(&text).unwrap();
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(back, text);
}

/// Requests on connections that stay open, until told to stop: how many, and what went wrong.
fn load<'s>(
    scope: &'s std::thread::Scope<'s, '_>,
    stage: &'s Stage,
    stop: &'s AtomicBool,
    wrong: &'s Mutex<Vec<String>>,
) -> Arc<AtomicU64> {
    let served = Arc::new(AtomicU64::new(0));
    for _ in 0..3 {
        let served = Arc::clone(&served);
        scope.spawn(move || {
            let mut stream = stage.connect();
            while !stop.load(Ordering::Relaxed) {
                for (target, due) in [("/?a=b", 200), ("/?q=${jndi:x}", 403)] {
                    let request = format!("GET {target} HTTP/1.1\r\nHost: pump.example\r\n\r\n");
                    stream.write_all(request.as_bytes()).unwrap();
                    let status = status_of(&read_answer(&mut stream));
                    if status != due {
                        wrong.lock().unwrap().push(format!("{target} {status}"));
                    }
                    served.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    served
}

#[test]
fn swaps_lose_no_request_and_no_socket() {
    let Some(stage) = Stage::set(socket_device(), &Script::default()) else { return };
    let rules: Vec<PathBuf> = (0..2)
        .map(|number| {
            let path = stage.folder.path().join(format!("set{number}.conf"));
            std::fs::write(
                &path,
                format!("{RULES}\nSecAction \"id:{},phase:1,pass,nolog\"\n", 5000 + number),
            )
            .unwrap();
            path
        })
        .collect();
    let mut socket = open_socket(&stage);
    let (stop, wrong) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let served = load(scope, &stage, &stop, &wrong);
        for number in 0..12 {
            let name = format!("set-{number}");
            let loaded = stage.say(&json!({"command": "load", "name": name, "rules": [&rules[number % 2]]}));
            assert_eq!(loaded["loaded"], name, "{loaded}");
            // First a shadow, then a share, then all.
            stage.say(&json!({"command": "route", "shadow": name}));
            echo(&mut socket, &format!("shadow {number}"));
            stage.say(&json!({"command": "route", "canary": {"rule_set": name, "percent": 50}}));
            let routed = stage.say(&json!({"command": "route", "current": name}));
            assert_eq!(routed["in_use"][0], name, "{routed}");
            echo(&mut socket, &format!("current {number}"));
        }
        let before = served.load(Ordering::Relaxed);
        wait_until(|| served.load(Ordering::Relaxed) > before + 10);
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(*wrong.lock().unwrap(), Vec::<String>::new());
    echo(&mut socket, "still here");
    // The current one and the one to go back to; all others have ended.
    let judges = || stage.status_now()["judges"].as_array().unwrap().len();
    wait_until(|| judges() == 2);
    let me = std::process::id();
    wait_until(|| children(me, &stage) == 2);
    let roles = stage.status_now()["judges"].clone();
    assert_eq!(roles[0]["roles"], json!(["standby"]), "{roles}");
    assert_eq!(roles[1]["roles"], json!(["current"]), "{roles}");
}

/// Judges of a stage that are processes, zombies included.
fn children(parent: u32, stage: &Stage) -> usize {
    let folder = stage.folder.path().display().to_string();
    let is_ours = |entry: &std::fs::DirEntry| {
        let read = |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let child = read("status")
            .lines()
            .any(|it| it.strip_prefix("PPid:").is_some_and(|it| it.trim() == parent.to_string()));
        child && (read("cmdline").contains(&folder) || read("status").contains("(zombie)"))
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(is_ours).count()
}

#[test]
fn a_shadow_is_compared_and_decides_nothing() {
    let Some(stage) = Stage::plain() else { return };
    let path = stage.folder.path().join("strict.conf");
    std::fs::write(
        &path,
        "SecRule REQUEST_URI \"@contains /note\" \"id:6001,phase:1,deny,status:403,log,msg:'note'\"\n",
    )
    .unwrap();
    stage.say(&json!({"command": "load", "name": "strict", "rules": [path]}));
    stage.say(&json!({"command": "route", "shadow": "strict"}));
    assert_eq!(stage.status("GET /note", "", b""), 200, "the shadow objects and is not asked");
    assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 403);
    assert_eq!(stage.status("GET /plain", "", b""), 200);
    let shadow = || stage.status_now()["judges"].as_array().unwrap()[1].clone();
    wait_until(|| {
        shadow()["agreed"] == 1 && shadow()["new_objections"] == 1 && shadow()["lost_objections"] == 1
    });
}

#[test]
fn what_does_not_compile_changes_nothing() {
    let Some(stage) = Stage::plain() else { return };
    let path = stage.folder.path().join("bad.conf");
    std::fs::write(&path, "SecRule ARGS \"@rx x\" \"id:1,nosuchaction\"\n").unwrap();
    let said = stage.say(&json!({"command": "load", "name": "bad", "rules": [path]}));
    assert!(said["error"].as_str().unwrap().contains("bad.conf"), "{said}");
    let said = stage.say(&json!({"command": "route", "current": "bad"}));
    assert!(said["error"].as_str().unwrap().contains("not loaded"), "{said}");
    let said = stage.say(&json!({"command": "unload", "name": "first"}));
    assert!(said["error"].as_str().unwrap().contains("in use"), "{said}");
    assert!(stage.say(&json!({"command": "rout"}))["error"].is_string());
    assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 403);
}

#[test]
fn routing_and_modes_are_kept_over_a_restart() {
    let Some(mut stage) = Stage::plain() else { return };
    let path = stage.folder.path().join("second.conf");
    std::fs::write(&path, RULES).unwrap();
    stage.say(&json!({"command": "load", "name": "second", "rules": [path]}));
    stage.say(&json!({"command": "route", "current": "second"}));
    let said = stage.say(&json!({"command": "mode", "site": "pump", "mode": "detect"}));
    assert_eq!(said["mode"], "detect", "{said}");
    let said = stage.say(&json!({"command": "mode", "site": "quiet", "mode": "block"}));
    assert!(said["error"].as_str().unwrap().contains("approved_by"), "{said}");
    stage.end();
    stage.start_again();
    let status = stage.status_now();
    assert_eq!(status["judges"][0]["rule_set"], "second", "{status}");
    assert_eq!(status["sites"][0]["mode"], "detect", "{status}");
    assert_eq!(stage.status("GET /?q=${jndi:x}", "", b""), 200);
}
