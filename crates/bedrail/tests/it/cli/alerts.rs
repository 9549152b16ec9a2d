//! Alerts from the command line: from a file to work to the account, over syslog, and through being killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bedrail_testkit::traffic::{Made, Traffic};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::tempdir;

use super::run::{json, program, run, stderr, text};

const DEVICES: &str =
    "serial,maker,model,version,address,type\nSN-1,Orbis,Flow,2.1,10.20.1.7,infusion pump\n";

fn alert(rule: u32, action: &str, to: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-03-03T09:00:00.0+0000","event_type":"alert","src_ip":"203.0.113.9","dest_ip":"{to}","alert":{{"action":"{action}","gid":1,"signature_id":{rule},"signature":"ET EXPLOIT thing {rule}","severity":1}}}}"#
    ) + "\n"
}

#[test]
fn the_desk_decides_waits_and_prints() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("devices.csv"), DEVICES).unwrap();
    text(at, 0, &["devices", "import", "devices.csv"]);
    std::fs::write(at.join("eve.json"), alert(7, "allowed", "10.20.1.7")).unwrap();
    text(at, 0, &["alerts", "add-source", "--name", "border"]);
    text(at, 0, &["alerts", "import", "eve.json", "--source", "border"]);
    let paper = text(at, 0, &["alerts", "list", "--format", "text"]);
    let line = paper.lines().find(|line| line.starts_with("[ ] ")).unwrap();
    let number = &line[4..15];
    assert!(
        line.contains("ET EXPLOIT thing 7") && paper.contains("SN-1; allowed; nobody; take by"),
        "{paper}"
    );
    assert!(paper.lines().all(|line| line.chars().count() <= 80), "it fits paper: {paper}");
    let why = "The pump is taken off the network today.";
    let decide = ["alerts", "decide", number, "--as", "attack", "--because"];
    assert!(stderr(&run(at, &[&decide[..], &["yes"]].concat())).contains("needs a sentence"));
    assert!(text(at, 0, &[&decide[..], &[why]].concat()).contains("an attack: 1"));
    let wrong = number.replace(number.chars().last().unwrap(), if number.ends_with('0') { "1" } else { "0" });
    assert!(stderr(&run(at, &["alerts", "show", &wrong])).contains("digits"));
    let pause = ["alerts", "pause", number, "--for", "ward", "--because", why, "--hours"];
    assert!(stderr(&run(at, &[&pause[..], &["2000"]].concat())).contains("at the latest"));
    assert!(text(at, 0, &[&pause[..], &["2"]].concat()).contains("stand still until"));
    text(at, 0, &["alerts", "resume", number]);
    text(at, 0, &["alerts", "link", number, "--kind", "incident", "--to", "I-7"]);
    text(
        at,
        0,
        &[
            "alerts",
            "make-action",
            number,
            "--what",
            "look at it",
            "--owner",
            "biomed",
            "--due",
            "2026-12-24",
        ],
    );
    let shown = text(at, 0, &["alerts", "show", number]);
    for part in [
        "why today: it was not stopped; ",
        "an attack. The pump",
        "belongs to incident: I-7",
        "belongs to action: look at it",
        "resumed",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    text(at, 0, &["alerts", "unlink", number, "--kind", "incident", "--to", "I-7"]);
    let rota = text(at, 0, &["alerts", "rota"]);
    assert!(rota.contains("There is no rota") && rota.contains("minutes before"), "{rota}");
    let duty = run(
        at,
        &["alerts", "add-duty", "--days", "mon-fri", "--from", "8:00", "--to", "16:00", "--person", "x"],
    );
    assert!(stderr(&duty).contains("nobody of that name"), "{}", stderr(&duty));
    text(at, 0, &["alerts", "rota-zone", "eastern"]);
    assert_eq!(json(at, 0, &["alerts", "rota", "--format", "json"])["zone"], "eastern");
    let proof = text(at, 0, &["alerts", "prove", "--from", "2020-01-01"]);
    assert!(proof.contains("decided: 1 times") && proof.contains("clocks stood still for ward"), "{proof}");
}

#[test]
fn a_file_becomes_work_that_is_taken_closed_and_proved() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("devices.csv"), DEVICES).unwrap();
    text(at, 0, &["devices", "import", "devices.csv"]);
    let noise = alert(7, "blocked", "10.20.1.7").repeat(3);
    let (through, unknown) = (alert(7, "allowed", "10.20.1.7"), alert(8, "blocked", "10.20.1.99"));
    let lines = [noise.as_str(), &through, &unknown, "half a line {\n"].concat();
    std::fs::write(at.join("eve.json"), lines).unwrap();
    text(at, 0, &["alerts", "add-source", "--name", "border", "--kind", "eve"]);
    let twice = run(at, &["alerts", "add-source", "--name", "border"]);
    assert!(stderr(&twice).contains("called `border` already"), "{}", stderr(&twice));
    let receipt = json(at, 0, &["alerts", "import", "eve.json", "--source", "border", "--format", "json"]);
    assert_eq!((&receipt["events"], &receipt["not_understood"]), (&5.into(), &1.into()), "{receipt}");
    let again = json(at, 0, &["alerts", "import", "eve.json", "--source", "border", "--format", "json"]);
    assert_eq!(again["lines"], 0, "what was read is not read again");

    let queue = json(at, 0, &["alerts", "list", "--format", "json"]);
    let rows = queue["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["outcome"], "allowed", "what got through comes first: {queue}");
    assert_eq!(rows[0]["device_name"], "SN-1");
    let of = |outcome: &str, events: u64| {
        let row = rows.iter().find(|row| row["outcome"] == outcome && row["events"] == events).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let (through, noise, unknown) = (of("allowed", 1), of("blocked", 3), of("blocked", 1));
    let shown = text(at, 0, &["alerts", "list"]);
    assert!(shown.contains("10.20.1.99") && shown.contains("unknown device"), "{shown}");

    text(at, 0, &["alerts", "take", &through, "--owner", "Kim"]);
    let taken = run(at, &["alerts", "take", &through, "--owner", "Lou"]);
    assert!(stderr(&taken).contains("Kim has it"), "{}", stderr(&taken));
    let close = |id: &str, because: &str| {
        run(at, &["alerts", "close", id, "--reason", "mended", "--because", because])
    };
    assert!(stderr(&close(&through, "ok")).contains("needs a sentence"));
    assert!(close(&through, "The pump was taken off the network and updated.").status.success());
    let detail = text(at, 0, &["alerts", "show", &through]);
    assert!(detail.contains("closed by") && detail.contains("taken off the network"), "{detail}");
    assert!(detail.contains("sha256 "), "{detail}");

    let policy = [
        "alerts",
        "add-policy",
        "--name",
        "scans",
        "--rule",
        "1:7",
        "--reason",
        "stopped",
        "--because",
        "The border stops this scan every time.",
        "--days",
        "30",
    ];
    assert!(text(at, 0, &policy).contains("would close 1"));
    assert!(text(at, 0, &[&policy[..], &["--yes"]].concat()).contains("1 closed by it"));
    assert!(text(at, 0, &["alerts", "show", &noise]).contains("policy “scans”"));

    let table = format!("id,person,sentence\n{unknown},Ana,A test of the new sensor.\n");
    std::fs::write(at.join("closed.csv"), table).unwrap();
    let closings = ["alerts", "closings", "closed.csv", "--system", "ServiceNow"];
    assert!(text(at, 0, &closings).starts_with("1 closed by the word of ServiceNow"));
    assert!(text(at, 0, &closings).starts_with("0 closed"), "told twice");
    assert!(text(at, 0, &["alerts", "show", &unknown]).contains("Ana in ServiceNow"));

    let proof = json(at, 0, &["alerts", "prove", "--format", "json"]);
    assert_eq!((&proof["events_in"], &proof["events_accounted"]), (&5.into(), &5.into()), "{proof}");
    let mut became: Vec<(&str, u64)> = proof["by_disposition"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["disposition"].as_str().unwrap(), it["events"].as_u64().unwrap()))
        .collect();
    became.sort_unstable();
    assert_eq!(became, [("elsewhere", 1), ("mended", 1), ("stopped", 3)]);
    assert!(text(at, 0, &["alerts", "prove"]).contains("5 accounted for: all of them."));
}

/// A listener and where it listens, stopped when dropped.
struct Listener {
    child: Child,
    addresses: Vec<String>,
}

impl Listener {
    fn start(folder: &Path) -> Listener {
        Listener::start_at(folder, &["--udp", "127.0.0.1:0", "--tcp", "127.0.0.1:0"])
    }

    fn start_at(folder: &Path, doors: &[&str]) -> Listener {
        let mut command = program();
        command.current_dir(folder).args(["--data", "data", "alerts", "listen", "--source", "logs"]);
        let mut child = command.args(doors).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let number = doors.iter().filter(|word| word.starts_with("127.")).count();
        let lines: Vec<String> = out.lines().take(number).map(Result::unwrap).collect();
        let address = |line: &String| line.split("://").nth(1).unwrap().to_owned();
        Listener { addresses: lines.iter().map(address).collect(), child }
    }

    /// Stops it as an administrator does, and waits until what came is stored.
    fn stop(mut self) {
        let told = std::process::Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success() && self.child.wait().unwrap().success());
    }
}

#[test]
fn syslog_is_taken_by_datagrams_and_connections_without_a_loss() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    text(at, 0, &["alerts", "add-source", "--name", "logs", "--kind", "syslog"]);
    let listener = Listener::start(at);
    let line = |number: u32| format!("<34>Mar  3 09:00:00 gate{} sshd[1]: refused {number}", number % 5);
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    for number in 0..20 {
        datagrams.send_to(line(number).as_bytes(), &listener.addresses[0]).unwrap();
    }
    let mut plain = TcpStream::connect(&listener.addresses[1]).unwrap();
    let mut counted = TcpStream::connect(&listener.addresses[1]).unwrap();
    for number in 0..5_000 {
        let line = line(number);
        writeln!(plain, "{line}").unwrap();
        write!(counted, "{} {line}", line.len()).unwrap();
    }
    // With a NUL, an escape of a terminal, wrong UTF-8 and no end.
    plain.write_all(b"<34>Mar  3 09:00:00 gate sshd: a\0b\x1b[31m\xff\n<34>Mar  3 half").unwrap();
    drop((plain, counted));
    // What was sent is read before anybody is told to stop: the sockets are drained within moments.
    let events = || {
        let proof = json(at, 0, &["alerts", "prove", "--format", "json"]);
        proof["lines"].as_u64().unwrap()
    };
    let mut patience = 200;
    while events() < 10_022 && patience > 0 {
        sleep(Duration::from_millis(100));
        patience -= 1;
    }
    listener.stop();
    let proof = json(at, 0, &["alerts", "prove", "--format", "json"]);
    assert_eq!(proof["lines"], 10_022, "{proof}");
    assert_eq!(proof["events_in"], 10_021);
    assert_eq!(proof["events_in"], proof["events_accounted"]);
    let shown = text(at, 0, &["alerts", "list", "--limit", "500"]);
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

/// Over TLS a sender that knows the certificate is heard, one that speaks plainly is not and holds nobody up; and messages
/// that their sender numbered are missed where they did not come (RFC 5425; RFC 5424 §7.3.1).
#[test]
fn syslog_over_tls_is_taken_and_gaps_in_its_numbers_are_told() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    text(at, 0, &["alerts", "add-source", "--name", "logs", "--kind", "syslog"]);
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(at.join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(at.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let doors = ["--tls", "127.0.0.1:0", "--tls-cert", "chain.pem", "--tls-key", "key.pem"];
    let listener = Listener::start_at(at, &doors);
    let address = &listener.addresses[0];

    let mut plain = TcpStream::connect(address).unwrap();
    plain.write_all(b"<34>Mar  3 09:00:00 gate sshd[1]: in the clear\n").unwrap();

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(std::sync::Arc::new(config), name).unwrap();
    let mut sender = rustls::StreamOwned::new(session, TcpStream::connect(address).unwrap());
    for number in [1, 2, 3, 7, 6, 8] {
        let line = format!(
            "<34>1 2026-03-03T09:00:00Z gate sshd 1 - [meta sequenceId=\"{number}\"] refused {number}"
        );
        write!(sender, "{} {line}", line.len()).unwrap();
    }
    sender.conn.send_close_notify();
    sender.flush().unwrap();
    // Who closes with something unread takes back what is still on its way: the tickets of the session are read first.
    sender.sock.shutdown(std::net::Shutdown::Write).unwrap();
    sender.sock.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = std::io::copy(&mut sender, &mut std::io::sink());
    drop(sender);
    let proof = || json(at, 0, &["alerts", "prove", "--format", "json"]);
    let mut patience = 100;
    while proof()["lines"].as_u64().unwrap() < 6 && patience > 0 {
        sleep(Duration::from_millis(100));
        patience -= 1;
    }
    listener.stop();
    let proof = proof();
    assert_eq!((&proof["lines"], &proof["events_in"]), (&6.into(), &6.into()), "{proof}");
    // 4 and 5 did not come; 6 came late.
    assert_eq!(proof["sources"][0]["numbers_missed"], 2, "{proof}");
    assert_eq!(proof["verdict"], "not_all_came");
    let told = text(at, 0, &["alerts", "prove"]);
    assert!(told.contains("NOT ALL CAME") && told.contains("missing by their numbers: 2"), "{told}");
    drop(plain);
}

/// A day of traffic in a file; its size and the moments come from the environment for the long test (`make check-long`).
fn traffic(path: &Path, seed: u64, lines: u64) -> (Made, Vec<(String, String)>) {
    let until: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
    let mut traffic = Traffic::new(seed, lines, 50, until);
    let (mut out, mut line) = (std::io::BufWriter::new(std::fs::File::create(path).unwrap()), Vec::new());
    while traffic.write_next(&mut line) {
        out.write_all(&line).unwrap();
        line.clear();
    }
    out.flush().unwrap();
    let planted = traffic.planted().iter().map(|it| (it.rule.clone(), it.device.to_string()));
    (traffic.made(), planted.collect())
}

#[test]
fn a_replay_that_is_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    let long = std::env::var_os("BEDRAIL_LONG").is_some();
    let (lines, moments) = if long { (1_000_000, 20) } else { (60_000, 4) };
    let seed = std::env::var("BEDRAIL_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    for database in [None, bedrail_testkit::postgres::database()] {
        let folder = tempdir().unwrap();
        let at = folder.path();
        let (made, planted) = traffic(&at.join("eve.json"), seed, lines);
        let database: Vec<&str> = database.as_deref().map_or_else(Vec::new, |url| vec!["--database", url]);
        let with = |words: &[&'static str]| -> Vec<String> {
            words.iter().chain(&database).map(|word| (*word).to_owned()).collect()
        };
        let said = |words: &[&'static str]| -> Value {
            let words = with(words);
            json(at, 0, &words.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let words = with(&["alerts", "add-source", "--name", "border", "--kind", "eve"]);
        text(at, 0, &words.iter().map(String::as_str).collect::<Vec<_>>());
        let mut state = seed;
        let mut last = 0;
        for _ in 0..moments {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut command = program();
            command.current_dir(at).args(["--data", "data"]);
            command.args(with(&["alerts", "import", "eve.json", "--source", "border"]));
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // The one place where time passing is what is tested.
            sleep(Duration::from_millis(60 + (state >> 33) % if long { 2_500 } else { 900 }));
            child.kill().unwrap();
            child.wait().unwrap();
            let proof = said(&["alerts", "prove", "--format", "json"]);
            assert_eq!(proof["holds"], true, "seed {seed}: {proof}");
            let received = proof["lines"].as_u64().unwrap();
            assert!(received >= last, "seed {seed}: what was stored stays");
            last = received;
        }
        said(&["alerts", "import", "eve.json", "--source", "border", "--format", "json"]);
        let proof = said(&["alerts", "prove", "--format", "json"]);
        assert_eq!(proof["lines"], made.lines(), "seed {seed}");
        assert_eq!(proof["events_in"], made.events, "seed {seed}");
        assert_eq!(proof["events_accounted"], made.events, "seed {seed}");
        let items = proof["items"].as_u64().unwrap();
        assert!(made.events >= 20 * items || !long, "seed {seed}: {} events, {items} items", made.events);
        let queue = said(&["alerts", "list", "--outcome", "allowed", "--limit", "500", "--format", "json"]);
        let rows = queue["rows"].as_array().unwrap();
        for (rule, device) in planted {
            let found =
                rows.iter().any(|row| row["rule"] == rule.as_str() && row["address"] == device.as_str());
            assert!(
                found || queue["total"].as_u64() > Some(500),
                "seed {seed}: {rule} on {device} is lost in the noise"
            );
        }
    }
}
