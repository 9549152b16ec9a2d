//! What evidence of exposure becomes.

use bedrail_formats::exposure::{ExposureList, Vantage, read, transfer};
use bedrail_formats::limits::Limits;
use bedrail_model::exposure::{Confidence, ExposureSource, Protocol};
use jiff::Timestamp;

fn received() -> Timestamp {
    "2026-11-27T08:00:00Z".parse().unwrap()
}

fn list_from(vantage: Vantage, text: &str) -> ExposureList {
    read(text.as_bytes(), vantage, received(), &Limits::default()).expect("evidence")
}

fn list(text: &str) -> ExposureList {
    list_from(Vantage::Unknown, text)
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes, Vantage::Unknown, received(), &Limits::default()).expect_err("a refusal").to_string()
}

/// Rows as `place address/port protocol service > inside`.
fn shown(list: &ExposureList) -> Vec<String> {
    let row = |row: &bedrail_formats::exposure::ExposureRow| {
        let it = &row.evidence;
        let port = it.port.map_or("*".to_owned(), |port| port.to_string());
        let inside = it.inside.map_or(String::new(), |inside| {
            format!(" > {}:{}", inside.address, inside.port.map_or("*".to_owned(), |port| port.to_string()))
        });
        let service = it.service.as_deref().unwrap_or("-");
        format!("{}: {} {port}/{} {service}{inside}", row.place, it.address, it.protocol.code())
    };
    list.rows.iter().map(row).collect()
}

/// nmap book, "XML Output".
const NMAP: &str = r#"<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" start="1795000000" version="7.93">
<host starttime="1795000100" endtime="1795000200"><status state="up"/>
<address addr="203.0.113.9" addrtype="ipv4"/><address addr="00:11:22:33:44:55" addrtype="mac"/>
<hostnames><hostname name="pacs.example.org"/></hostnames>
<ports><extraports state="closed" count="997"/>
<port protocol="tcp" portid="443"><state state="open"/><service name="http" product="nginx" version="1.18.0 &amp; x" tunnel="ssl"/></port>
<port protocol="udp" portid="161"><state state="open|filtered"/></port>
<port protocol="tcp" portid="22"><state state="closed"/></port>
</ports></host>
<runstats><finished time="1795000300"/></runstats></nmaprun>
"#;

#[test]
fn a_scan_says_how_far_it_carries() {
    let outside = list_from(Vantage::Outside, NMAP);
    assert_eq!(
        shown(&outside),
        ["line 8: 203.0.113.9 443/tcp ssl/http nginx 1.18.0 & x", "line 9: 203.0.113.9 161/udp -"]
    );
    assert!(outside.warnings.is_empty(), "{:?}", outside.warnings);
    let seen = Timestamp::from_second(1_795_000_200).unwrap();
    assert!(outside.rows.iter().all(|row| row.evidence.seen == Some(seen)));
    let confidences =
        |list: &ExposureList| list.rows.iter().map(|it| it.evidence.confidence).collect::<Vec<_>>();
    assert_eq!(confidences(&outside), [Confidence::High, Confidence::Low]);
    assert_eq!(confidences(&list(NMAP))[0], Confidence::Medium);
    assert_eq!(confidences(&list_from(Vantage::Inside, NMAP))[0], Confidence::Low);
    let private = NMAP.replace("203.0.113.9", "10.0.0.9");
    assert_eq!(confidences(&list_from(Vantage::Outside, &private))[0], Confidence::Low);
    // A scan of the future is of no known time.
    let future = list_from(Vantage::Outside, &NMAP.replace("1795000200", "4000000000"));
    assert_eq!((future.rows[0].evidence.seen, confidences(&future)[0]), (None, Confidence::Medium));
    assert_eq!(future.warnings.len(), 1);
}

#[test]
fn a_scan_that_was_stopped_is_read_as_far_as_it_goes() {
    let cut = NMAP.find("<port protocol=\"udp\"").unwrap();
    let list = list_from(Vantage::Outside, &NMAP[..cut]);
    assert_eq!(list.rows.len(), 1);
    assert!(list.warnings.iter().any(|it| it.lost && it.message.contains("no end")), "{:?}", list.warnings);
    for end in 0..NMAP.len() {
        let _ = read(&NMAP.as_bytes()[..end], Vantage::Outside, received(), &Limits::default());
    }
}

#[test]
fn xml_that_means_harm_is_refused() {
    for (xml, said) in [
        (
            "<!DOCTYPE nmaprun [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><nmaprun>&a;</nmaprun>",
            "declaration with entities",
        ),
        ("<html/>", "XML with `html` at its root"),
        ("<", "nmap XML: line 1"),
        ("<!-- x -->", "there is no element"),
    ] {
        let message = refusal(xml.as_bytes());
        assert!(message.contains(said), "{said:?} is not in {message:?}");
    }
    let deep = format!("<nmaprun>{}", "<a>".repeat(100_000));
    assert!(refusal(deep.as_bytes()).contains("without end"));
    let entity = list(
        "<nmaprun><host><address addr=\"&ee;\"/><ports><port portid=\"1\"><state state=\"open\"/></port></ports></host></nmaprun>",
    );
    assert!(entity.rows.is_empty());
    assert!(entity.warnings.iter().any(|it| it.message.contains("without an address")));
    let ports = "<port protocol=\"tcp\" portid=\"99999\"><state state=\"open\"/></port>";
    let odd =
        list(&format!("<nmaprun><host><address addr=\"1.1.1.1\"/><ports>{ports}</ports></host></nmaprun>"));
    assert!(odd.rows.is_empty() && odd.warnings.iter().any(|it| it.message.contains("without a number")));
}

/// Shodan's API, `/shodan/host/{ip}`; banner specification; InternetDB.
#[test]
fn records_of_shodan_are_read() {
    let host = r#"{"ip":3405803785,"ip_str":"203.0.113.9","ports":[443,104],"org":"Example","last_update":"2026-11-20T10:00:00.1","vulns":["CVE-2021-44228"],"data":[{"port":443,"transport":"tcp","product":"nginx","version":"1.18","timestamp":"2026-11-20T10:17:05.123456","data":"HTTP/1.1 200 OK secret","_shodan":{"module":"https"}},{"port":104,"transport":"tcp","_shodan":{"module":"dicom"}},{"transport":"tcp"}]}"#;
    let one = list(host);
    assert_eq!(
        shown(&one),
        ["/data/0: 203.0.113.9 443/tcp https nginx 1.18", "/data/1: 203.0.113.9 104/tcp dicom"]
    );
    assert_eq!(one.rows[0].evidence.seen, Some("2026-11-20T10:17:05.123456Z".parse().unwrap()));
    assert_eq!(one.rows[1].evidence.seen, Some("2026-11-20T10:00:00.1Z".parse().unwrap()));
    assert!(one.rows.iter().all(|it| it.evidence.confidence == Confidence::High));
    assert_eq!(one.warnings.len(), 1, "{:?}", one.warnings);
    assert!(!format!("{one:?}").contains("secret"));
    let banner = r#"{"ip":1,"ip_str":"203.0.113.9","port":21,"transport":"tcp","product":"vsftpd","timestamp":"2026-11-20T10:17:05","data":"220"}"#;
    let lines = list(&format!("{banner}\n\n{banner}\n{{\"x\"\n"));
    assert_eq!(shown(&lines), ["line 1: 203.0.113.9 21/tcp vsftpd", "line 3: 203.0.113.9 21/tcp vsftpd"]);
    assert!(lines.warnings.iter().any(|it| it.place == "line 4" && it.lost));
    let internet_db = r#"{"cpes":["cpe:/a:x"],"hostnames":["a.example.org"],"ip":"2001:db8::9","ports":[80,443],"tags":[],"vulns":["CVE-2021-44228"]}"#;
    let short = list(internet_db);
    assert_eq!(shown(&short), ["/ports/0: 2001:db8::9 80/unknown -", "/ports/1: 2001:db8::9 443/unknown -"]);
    assert!(
        short
            .rows
            .iter()
            .all(|it| it.evidence.source == ExposureSource::InternetDb && it.evidence.seen.is_none())
    );
    let several = list(&format!("[{internet_db},{host},{{\"ports\":[1]}},7]"));
    assert_eq!((several.rows.len(), several.warnings.len()), (4, 3), "{:?}", several.warnings);
    // Nothing known is no evidence of anything.
    let none = list(r#"{"detail":"No information available"}"#);
    assert!(none.rows.is_empty() && none.warnings.len() == 1);
    assert!(refusal(br#"{"a":1}"#).contains("without an address"));
    assert!(refusal(b"{\"a\":").contains("line 1 column"));
}

#[test]
fn a_list_of_translations_names_who_is_inside() {
    let csv = "NAT rules of the border,,,,,\nOutside IP;Outside Port;Inside IP;Inside Port;Proto;Comment;Colour\n203.0.113.9;443;10.20.1.7;8443;TCP;PACS viewer;red\n203.0.113.10;;10.20.1.8;;any;1:1\n203.0.113.11:104;;[2001:db8::7]:11112;;tcp;\n203.0.113.12;8000-8002;10.0.0.1;9000-9002;udp;range\n203.0.113.12;80, 81;10.0.0.1;8080;;\n;80;10.0.0.2;80;tcp;\nfw-outside;80;10.0.0.2;80;tcp;\n203.0.113.13;http;somebody;80;quic;\n";
    let nat = list(csv);
    assert_eq!(
        shown(&nat),
        [
            "line 3: 203.0.113.9 443/tcp PACS viewer > 10.20.1.7:8443",
            "line 4: 203.0.113.10 */unknown 1:1 > 10.20.1.8:*",
            "line 5: 203.0.113.11 104/tcp - > 2001:db8::7:11112",
            "line 6: 203.0.113.12 8000/udp range > 10.0.0.1:9000",
            "line 6: 203.0.113.12 8001/udp range > 10.0.0.1:9001",
            "line 6: 203.0.113.12 8002/udp range > 10.0.0.1:9002",
            "line 7: 203.0.113.12 80/unknown - > 10.0.0.1:8080",
            "line 7: 203.0.113.12 81/unknown - > 10.0.0.1:8080",
            "line 10: 203.0.113.13 */unknown -",
        ]
    );
    let said: Vec<&str> = nat.warnings.iter().map(|it| it.message.as_str()).collect();
    for part in [
        "rows stand above the header",
        "the column `Colour` is not known",
        "a row without an address outside",
        "`fw-outside` is no address",
        "`somebody` is no address",
        "`http` is no port",
        "protocol `quic` is not known",
    ] {
        assert!(said.iter().any(|it| it.contains(part)), "{part:?} is not in {said:?}");
    }
    assert!(
        nat.rows
            .iter()
            .all(|it| it.evidence.source == ExposureSource::Nat
                && it.evidence.confidence == Confidence::Medium)
    );
    let german = list(
        "Öffentliche IP;Externer Port;Interne IP;Innenport;Protokoll;Zweck\n203.0.113.9;443;10.0.0.1;443;tcp;x\n",
    );
    assert_eq!(german.rows[0].evidence.protocol, Protocol::Tcp);
    assert!(refusal(b"a,b\n1,2\n").contains("no columns for addresses"));
    assert!(refusal(b"  \n").contains("empty"));
    assert!(refusal(b"PK\x03\x04....").contains("XLSX is broken"));
    let wide = list("outside ip,outside port\n203.0.113.9,1-65535\n");
    assert_eq!((wide.rows[0].evidence.port, wide.warnings.len()), (None, 1));
}

#[test]
fn what_shodan_says_of_an_inner_address_is_of_another_machine() {
    for text in [
        r#"{"ip_str":"10.0.0.9","port":21,"transport":"tcp","timestamp":"2026-11-20T10:17:05"}"#,
        r#"{"ip":"10.0.0.9","ports":[80]}"#,
    ] {
        let evidence = &list(text).rows[0].evidence;
        assert_eq!(evidence.confidence, Confidence::Low, "{text}");
        assert!(evidence.why.contains("not routed outside"), "{}", evidence.why);
    }
}

#[test]
fn a_list_arrives_as_it_was_sent_and_a_broken_one_does_not() {
    let nat = "outside ip,outside port,inside ip,colour\n203.0.113.9,443,10.20.1.7:8443,red\n203.0.113.9,1-65535,,\n";
    for text in [NMAP, nat, r#"{"ip":"203.0.113.9","ports":[]}"#] {
        let sent = list_from(Vantage::Outside, text);
        let mut bytes = Vec::new();
        transfer::write(&sent, &mut bytes).unwrap();
        assert_eq!(transfer::read(bytes.as_slice(), &Limits::default()).unwrap(), sent);
        let few = Limits { rows: 1, ..Limits::default() };
        assert_eq!(transfer::read(bytes.as_slice(), &few).is_err(), sent.rows.len() > 1);
        let cut = &bytes[..bytes.len() - 6];
        assert!(transfer::read(cut, &Limits::default()).is_err());
    }
    let broken: &[(&str, &str)] = &[
        ("", "not whole"),
        ("\"End\"\n", "does not begin with its head"),
        ("{\"Head\":[9,\"nmap XML\"]}\n", "another version"),
        ("{\"Head\":[1,\"x\"]}\n", "a format that is not known"),
    ];
    for (text, what) in broken {
        let error = transfer::read(text.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    let row = |protocol: &str, seen: &str| {
        format!(
            r#"{{"Row":{{"place":"line 1","address":"203.0.113.9","port":1,"protocol":"{protocol}","service":null,"inside":null,"source":"nmap","seen":{seen},"confidence":"high","why":"x"}}}}"#
        )
    };
    for (row, good) in
        [(row("tcp", "1"), true), (row("x", "1"), false), (row("tcp", "9223372036854775807"), false)]
    {
        let text = format!("{{\"Head\":[1,\"nmap XML\"]}}\n{row}\n\"End\"\n");
        assert_eq!(transfer::read(text.as_bytes(), &Limits::default()).is_ok(), good, "{row}");
    }
}

/// Files that nmap wrote, versions 5 to 7.
#[test]
fn real_scans_are_read() {
    let Some(folder) = crate::shared("captured/libnmap-xml") else { return };
    let (mut scans, mut rows) = (0, 0);
    for file in crate::files_below(&folder) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let result = read(&bytes, Vantage::Unknown, received(), &Limits::default());
        if name.starts_with("defused") {
            assert!(result.is_err(), "{name}");
            continue;
        }
        let list = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        // By another way: how often a port is said to be open.
        let text = String::from_utf8_lossy(&bytes);
        let open = text.matches("<state state=\"open\"").count()
            + text.matches("<state state=\"open|filtered\"").count();
        // One of them has `IP` for an address.
        let nameless =
            list.warnings.iter().any(|it| it.lost && it.message.contains(&format!("its {open} ports")));
        let several = text.contains("addrtype=\"ipv6\"");
        assert!(several || nameless || list.rows.len() == open, "{name}: {} of {open}", list.rows.len());
        assert!(
            list.rows.iter().all(|row| row.evidence.seen.is_some() && row.evidence.port.is_some()),
            "{name}"
        );
        scans += 1;
        rows += list.rows.len();
    }
    assert!(scans >= 20 && rows > 100, "{scans} scans, {rows} rows");
}
