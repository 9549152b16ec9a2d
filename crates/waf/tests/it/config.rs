//! The file of sites: what is understood, and what is said of the rest.

use bedrail_waf::config::{Mode, OnError, read};

const GOOD: &str = "\
listen:
  - {address: '0.0.0.0:443', tls: true}
state: state
trusted_proxies: [10.0.0.0/8]
rule_sets:
  - {name: crs-4.28.0, rules: [rules/profile.conf, rules/crs]}
sites:
  - key: pump
    hosts: [Pump.example]
    upstream: http://10.20.0.5:8080
    certificates: pump.pem
    private_key: pump.key
  - key: viewer
    hosts: ['*']
    path: /viewer
    upstream: https://[2001:db8::5]
    upstream_pin: 'AB:AB:abababababababababababababababababababababababababababababab'
    clinical: false
    mode: block
    approved_by: Dr. No One, radiology
    approved_on: 2026-11-27
    never_block: [/therapy]
    paranoia_level: 2
    inbound_threshold: 10
";

fn said(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sites.yaml");
    std::fs::write(&file, text).unwrap();
    read(&file).unwrap_err().to_string()
}

#[test]
fn a_clinical_site_detects_and_is_open_unless_it_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sites.yaml");
    std::fs::write(&file, GOOD).unwrap();
    let config = read(&file).unwrap();
    let (pump, viewer) = (&config.sites[0], &config.sites[1]);
    assert_eq!((pump.mode, pump.on_error), (Mode::Detect, OnError::Open));
    assert_eq!((viewer.mode, viewer.on_error), (Mode::Block, OnError::Closed));
    assert_eq!((pump.hosts[0].as_str(), pump.upstream.port), ("pump.example", 8080));
    assert_eq!((viewer.upstream.host.as_str(), viewer.upstream.port), ("2001:db8::5", 443));
    assert_eq!(config.current.as_deref(), Some("crs-4.28.0"));
    assert_eq!(config.rule_sets[0].rules[0], folder.path().join("rules/profile.conf"));
    let variable = |name: &str| viewer.variables.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    assert_eq!(variable("bedrail_site"), Some("viewer"));
    assert_eq!(variable("blocking_paranoia_level"), Some("2"));
    assert_eq!(variable("inbound_anomaly_score_threshold"), Some("10"));
    assert!(config.trusts("10.1.2.3".parse().unwrap()) && !config.trusts("192.0.2.1".parse().unwrap()));
}

#[test]
fn flaws_are_told_with_their_lines() {
    for (from, to, due) in [
        ("approved_by: Dr. No One, radiology", "approved_by: ''", "line 13: mode block needs approved_by"),
        ("    approved_by: Dr. No One, radiology\n", "", "line 13: mode block needs approved_by"),
        ("mode: block", "mode: blok", "line 19: mode is `off`, `detect` or `block`"),
        ("key: viewer", "key: pump", "line 13: the key pump is used twice"),
        ("0.0.0.0:443", "somewhere", "line 2: no address with a port"),
        ("http://10.20.0.5:8080", "10.20.0.5:8080", "line 10: an upstream is http://HOST:PORT"),
        ("10.0.0.0/8", "10.0.0.0/99", "line 4: `10.0.0.0/99` is no network"),
        ("paranoia_level: 2", "paranoia_level: 5", "line 23: paranoia_level is 1 to 4"),
        ("inbound_threshold: 10", "inbound_threshold: 0", "line 24: a threshold of 0"),
        (
            "inbound_threshold: 10",
            "inbound_threshold: 10\n    websocket: {messages_per_second: 0}",
            "line 25: a limit of 0",
        ),
        ("path: /viewer", "path: viewer", "line 15: a path begins with `/`"),
        ("[/therapy]", "['/therapy?x']", "line 22: a path begins with `/`"),
        ("    private_key: pump.key\n", "", "line 8: certificates and private_key go together"),
        ("'AB:AB:abab", "'AB:AB:ab", "line 17: upstream_pin is the SHA-256"),
        ("name: crs-4.28.0", "name: ../crs", "line 6: a name of a rule set"),
        ("state: state", "state: state\ncurrent: other", "line 4: no rule set is called other"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let said = said(&GOOD.replacen(from, to, 1));
        assert!(said.contains(due), "{to}: {said}");
    }
    let two =
        said(&GOOD.replace("paranoia_level: 2", "paranoia_level: 5").replace("mode: block", "mode: blok"));
    assert!(two.contains("line 19") && two.contains("line 23"), "all of them: {two}");
}

#[test]
fn what_is_no_file_of_sites_is_told_where() {
    let unknown = said(&GOOD.replace("hosts: [Pump.example]", "host: Pump.example"));
    assert!(unknown.contains("host") && unknown.contains('9'), "{unknown}");
    assert!(said("listen: [").contains("line"), "{}", said("listen: ["));
    assert!(said("").contains("sites.yaml"));
    assert!(
        read(std::path::Path::new("/none/sites.yaml")).unwrap_err().to_string().contains("/none/sites.yaml")
    );
}
