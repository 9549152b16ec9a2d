//! Our tables, checked against themselves; exclusions, differences, redaction, sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bedrail_waf_rules::assemble::{Profile, assemble, new_rules};
use bedrail_waf_rules::conf::{self, Rule};
use bedrail_waf_rules::difference::{Outcome, difference};
use bedrail_waf_rules::exclusion::{Event, ExclusionError, Found, SiteExclusion, generate, preview, propose};
use bedrail_waf_rules::hospital;
use bedrail_waf_rules::life::SiteId;
use bedrail_waf_rules::own::{self, OWN_IDS};
use bedrail_waf_rules::patches::{FAMILIES, covering};
use bedrail_waf_rules::redact::redact;
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::source::{self, Get, SourceError};
use bedrail_waf_rules::suite;
use bedrail_waf_rules::traffic::{Half, generate as traffic};
use bedrail_waf_rules::tree::{Limits, Tree};
use bedrail_waf_rules::version::{Channel, RulesVersion};

use crate::kit::{at, now, release, small, small_with};

#[test]
fn our_rules_have_ids_of_their_own_and_name_what_they_cover() {
    let rules = own::rules().expect("readable");
    let ids: BTreeSet<u32> = rules.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules.len(), "an id twice");
    assert!(ids.iter().all(|id| OWN_IDS.contains(id)), "{ids:?}");
    let tree = assemble(None, Profile::Plain, "", &BTreeSet::new(), &Limits::default()).expect("assembled");
    conf::vet(&tree).expect("they keep to what rule sets may do");
    for family in FAMILIES {
        let tagged = |rule: &&Rule| rule.tags().any(|tag| tag == format!("bedrail/family/{}", family.key));
        let of_family: Vec<&Rule> = rules.iter().filter(tagged).collect();
        let ids: BTreeSet<u32> = of_family.iter().map(|rule| rule.id).collect();
        assert_eq!(ids, family.rules.iter().copied().collect(), "{}", family.key);
        let named: BTreeSet<&str> =
            of_family.iter().flat_map(|rule| rule.tags()).filter(|tag| tag.starts_with("CVE-")).collect();
        assert_eq!(named, family.weaknesses.iter().copied().collect(), "{}", family.key);
        assert!(!family.probes().is_empty());
    }
    let keys: BTreeSet<&str> = FAMILIES.iter().map(|family| family.key).collect();
    assert_eq!(keys.len(), FAMILIES.len());
}

#[test]
fn a_weakness_leads_to_its_rules_by_any_of_its_names() {
    let keys =
        |names: &[&str]| covering(names.iter().copied()).iter().map(|family| family.key).collect::<Vec<_>>();
    assert_eq!(keys(&["GHSA-jfh8-c2jp-5v3q", "cve-2021-44228"]), ["log4shell"]);
    assert_eq!(keys(&["CVE-2017-5638"]), ["ognl"]);
    assert_eq!(keys(&["CVE-1999-0001"]), Vec::<&str>::new());
}

#[test]
fn the_exclusions_name_rules_places_guards_and_reasons() {
    let ours: BTreeSet<u32> = own::rules().expect("readable").iter().map(|rule| rule.id).collect();
    let rows = hospital::exclusions().expect("the table");
    assert!(rows.len() >= 10);
    for row in &rows {
        assert!(
            !row.rules.is_empty() && row.rules.iter().all(|rule| (910_000..949_000).contains(rule)),
            "{row:?}"
        );
        assert!(row.reason.len() > 40, "{}", row.reason);
        assert!(row.guards.iter().chain(&row.made_by).all(|rule| ours.contains(rule)), "{row:?}");
        for target in row.target.split('|') {
            // Never a whole collection, but for the one rule whose guard looks at the same collection.
            let whole = matches!(target, "ARGS" | "ARGS_NAMES" | "REQUEST_BODY" | "REQUEST_HEADERS");
            assert!(!whole || (row.rules == [941_310] && row.guards == [78_063]), "{target}");
        }
    }
    let made = hospital::directives(&rows);
    assert!(made.contains("SecRuleUpdateTargetById 920120 \"!FILES\""));
    assert!(made.contains("!XML://@*|XML://*[not(namespace-uri()='http://hl7.org/fhir')]/@*"));
    assert!(!made.contains("920470"), "what holds for some requests only is made by a rule");
}

#[test]
fn an_assembled_rule_set_has_ours_beside_the_core_rule_set() {
    let crs = small("4.28.0");
    let built = |profile| {
        assemble(Some(&crs), profile, "# sites\n", &BTreeSet::new(), &Limits::default()).expect("assembled")
    };
    let plain = built(Profile::Plain);
    for (path, bytes) in crs.files() {
        assert_eq!(plain.get(path), Some(bytes), "{path}");
    }
    let plugins = |tree: &Tree| tree.files().filter(|(path, _)| path.starts_with("plugins/")).count();
    assert_eq!(plugins(&plain), own::ATTACKS.len() + 1);
    assert_eq!(plain.text("plugins/bedrail-000-sites-before.conf").as_deref(), Some("# sites\n"));
    conf::vet(&plain).expect("a rule set");

    // The profile changes where CRS's rules look, and nothing else of them.
    let hospital = built(Profile::Hospital);
    assert_eq!(plugins(&hospital), own::ATTACKS.len() + own::HOSPITAL_BEFORE.len() + 1);
    conf::vet(&hospital).expect("a rule set");
    let path = "rules/REQUEST-901-INITIALIZATION.conf";
    let (before, after) = (crs.text(path).expect("rules"), hospital.text(path).expect("rules"));
    let added = "|TX:bedrail_text|TX:bedrail_hl7|TX:bedrail_graphql|TX:bedrail_part|!ARGS:filter";
    assert!(!after.contains(added), "what holds for some requests only is made by a rule");
    let added = "ARGS|TX:bedrail_text|TX:bedrail_hl7|TX:bedrail_graphql|TX:bedrail_part \"@rx attack\"";
    assert!(after.contains(added), "{after}");
    assert_eq!(
        after.replace("|TX:bedrail_text|TX:bedrail_hl7|TX:bedrail_graphql|TX:bedrail_part", ""),
        before
    );
}

#[test]
fn a_rule_file_that_knows_no_attributes_of_xml_looks_at_them_with_the_profile() {
    let rule = |targets: &str, id: u32| {
        format!("SecRule {targets} \"@rx attack\" \"id:{id},phase:2,block,msg:'x',tag:'attack-sqli'\"\n")
    };
    let hospital = |rules: &str| {
        let tree = small_with("4.27.0", rules);
        let built = assemble(Some(&tree), Profile::Hospital, "", &BTreeSet::new(), &Limits::default());
        built.expect("assembled").text("rules/REQUEST-901-INITIALIZATION.conf").expect("rules")
    };
    let text = "|TX:bedrail_text|TX:bedrail_hl7|TX:bedrail_graphql|TX:bedrail_part";
    let old = hospital(&[rule("ARGS|XML:/*", 942_999), rule("ARGS", 942_998)].concat());
    assert!(old.contains(&format!("SecRule ARGS|XML:/*|XML://@*{text} \"@rx")), "{old}");
    assert!(old.contains(&format!("SecRule ARGS{text} \"@rx")), "{old}");
    // Where the file knows them, what it leaves out it leaves out on purpose.
    let new = hospital(&[rule("XML:/*|XML://@*", 942_999), rule("ARGS|XML:/*", 942_998)].concat());
    assert!(new.contains(&format!("SecRule ARGS|XML:/*{text} \"@rx")), "{new}");
    assert_eq!(new.matches("XML://@*").count(), 1, "{new}");
}

#[test]
fn new_rules_are_those_that_were_not_there() {
    let rule = |id: u32| Rule { id, ..Rule::default() };
    assert_eq!(new_rules(&[rule(1), rule(2)], &[rule(2), rule(3)]), BTreeSet::from([3]));
}

fn exclusion() -> SiteExclusion {
    SiteExclusion {
        site: SiteId::new("ct-1").expect("a site"),
        rules: vec![942_100],
        target: "ARGS:note".to_owned(),
        path: Some("/notes".to_owned()),
        method: Some("POST".to_owned()),
        reason: "notes have quotes in them".to_owned(),
        author: "Ada".to_owned(),
        expires: at("2027-01-01T00:00:00Z"),
    }
}

#[test]
fn nothing_that_people_or_requests_write_becomes_a_rule_unchecked() {
    let hostile = "x\"\nSecRuleEngine Off\n#";
    type Change<'a> = &'a dyn Fn(&mut SiteExclusion);
    let refused: [(&str, Change<'_>); 14] = [
        ("target", &|one| one.target = format!("ARGS:{hostile}")),
        ("comma", &|one| one.target = "ARGS:a,ctl:ruleEngine=Off".to_owned()),
        ("two places", &|one| one.target = "ARGS:a|ARGS:b".to_owned()),
        ("an expression", &|one| one.target = "ARGS:/.*/".to_owned()),
        ("a whole collection", &|one| one.target = "ARGS".to_owned()),
        ("the body", &|one| one.target = "REQUEST_BODY:x".to_owned()),
        ("path", &|one| one.path = Some(format!("/{hostile}"))),
        ("no path", &|one| one.path = Some("notes".to_owned())),
        ("method", &|one| one.method = Some(hostile.to_owned())),
        ("a virtual patch", &|one| one.rules = vec![78_100]),
        ("the score", &|one| one.rules = vec![949_110]),
        ("no rule", &|one| one.rules.clear()),
        ("no reason", &|one| one.reason = "because".to_owned()),
        ("for ever", &|one| one.expires = at("2030-01-01T00:00:00Z")),
    ];
    exclusion().check(now()).expect("this one is fine");
    for (name, change) in refused {
        let mut one = exclusion();
        change(&mut one);
        assert!(one.check(now()).is_err(), "{name}");
        let made = generate(&[one], now()).expect("rules");
        assert!(!made.text.contains("SecRule") && made.left_out.len() == 1, "{name}: {}", made.text);
    }
    assert!(SiteId::new("a\" \"id:1").is_none() && SiteId::new("").is_none());
}

#[test]
fn what_ran_out_is_not_made_and_is_said() {
    let old = SiteExclusion { expires: now(), ..exclusion() };
    let made = generate(&[old, exclusion()], now()).expect("rules");
    assert_eq!(made.text.matches("ruleRemoveTargetById=942100;ARGS:note").count(), 1);
    assert_eq!(made.left_out, ["the exclusion of ARGS:note at ct-1 (Ada) ran out on 2026-11-27T12:00:00Z"]);
    let directives = conf::directives("sites", &made.text).expect("readable");
    assert_eq!(directives.len(), 3);
    assert_eq!(Rule::read(&directives[0]).map(|rule| rule.id), Some(79_000));
    let many = vec![exclusion(); 21_001];
    assert!(matches!(generate(&many, now()), Err(ExclusionError::TooMany(21_000))));
}

fn event(path: &str, found: &[(u32, &str, u32)]) -> Event {
    let found = found.iter().map(|(rule, variable, score)| Found {
        rule: *rule,
        variable: (*variable).to_owned(),
        score: *score,
    });
    Event {
        site: SiteId::new("ct-1").expect("a site"),
        method: "POST".to_owned(),
        path: path.to_owned(),
        found: found.collect(),
    }
}

#[test]
fn a_false_positive_leads_to_the_narrowest_exclusion_and_a_preview() {
    let expires = at("2027-01-01T00:00:00Z");
    let this = event(
        "/notes",
        &[
            (942_100, "ARGS:note", 5),
            (942_190, "MATCHED_VARS:ARGS:note", 5),
            (941_100, "ARGS:title", 5),
            (949_110, "TX:score", 0),
        ],
    );
    let proposed = propose(&this, "a note of the ward", "Ada", expires).expect("exclusions");
    assert_eq!(proposed.len(), 2);
    assert_eq!(
        (proposed[0].target.as_str(), proposed[0].rules.as_slice()),
        ("ARGS:note", &[942_100, 942_190][..])
    );
    assert!(proposed.iter().all(|one| one.path.as_deref() == Some("/notes") && one.check(now()).is_ok()));

    let events = [
        this,
        event("/notes", &[(942_100, "ARGS:note", 5)]),
        event("/notes", &[(942_100, "ARGS:note", 5), (932_160, "ARGS:note", 5)]),
        event("/other", &[(942_100, "ARGS:note", 5)]),
        event("/notes", &[(942_100, "ARGS:note", 3)]),
    ];
    assert_eq!(preview(&proposed, &events, 5), [0, 1]);

    for (found, expected) in [
        (&[(78_100, "ARGS:note", 5)][..], "virtual patch"),
        (&[(942_100, "REQUEST_BODY", 5)][..], "no single place"),
        (&[(942_100, "ARGS:a\"b", 5)][..], "no single place"),
        (&[(942_100, "ARGS:note", 0)][..], "nothing to exclude"),
    ] {
        let refused =
            propose(&event("/notes", found), "a note of the ward", "Ada", expires).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn the_difference_names_new_and_lost_blocks_rule_by_rule() {
    let outcome =
        |stopped: Option<bool>, rules: &[u32], micros| Outcome { stopped, rules: rules.to_vec(), micros };
    let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    let old = [
        outcome(Some(false), &[], 10),
        outcome(Some(true), &[1, 2], 10),
        outcome(Some(true), &[1], 10),
        outcome(None, &[], 0),
    ];
    let new = [
        outcome(Some(true), &[3], 30),
        outcome(Some(false), &[2], 10),
        outcome(Some(true), &[1], 20),
        outcome(Some(true), &[3], 9),
    ];
    let found = difference(&names, &old, &new);
    assert_eq!((found.judged, found.unjudged), (3, 2));
    assert_eq!((found.new_blocks[0].request.as_str(), found.new_blocks[0].rules.as_slice()), ("a", &[3][..]));
    assert_eq!(
        (found.lost_blocks[0].request.as_str(), found.lost_blocks[0].rules.as_slice()),
        ("b", &[1][..])
    );
    assert_eq!(found.per_rule, BTreeMap::from([(1, (2, 1)), (3, (0, 1))]));
    assert_eq!((found.slow_micros, found.middle_micros), ((10, 30), (10, 20)));
}

#[test]
fn redacted_traffic_says_nothing_of_anybody_and_keeps_its_shape() {
    let body =
        "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"O'Brien <Müller>\"}],\"n\":42,\"ok\":true}";
    let request =
        Request::new("GET Anna", "PUT", "/fhir/Patient/4711/%41nna-9?name=O%27Brien&birthdate=ge1970-01-01")
            .with("Cookie", "session=abc123")
            .with("X-User", "anna")
            .body("application/fhir+json", body);
    let redacted = redact(&request);
    assert_eq!(
        redacted.target,
        "/fhir/Patient/0000/Xxxx-0?name=x%27Xxxxx&birthdate=xx0000-00-00".replace("=x%27", "=X%27")
    );
    let text = String::from_utf8(redacted.body.clone()).expect("text");
    assert_eq!(
        text,
        "{\"resourceType\":\"Xxxxxxx\",\"name\":[{\"family\":\"X'Xxxxx <Xäxxxx>\"}],\"n\":0,\"ok\":true}"
    );
    assert_eq!(redacted.header("cookie"), Some("xxxxxxx=xxx000"));
    assert_eq!(redacted.header("content-type"), Some("application/fhir+json"));
    let all = redacted.to_line();
    for secret in ["Brien", "anna", "4711", "1970", "abc123", "Anna"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let form = redact(
        &Request::new("", "POST", "/")
            .body("application/x-www-form-urlencoded", "user=anna&pw=S%C3%BC%C3%9Fes%26"),
    );
    assert_eq!(form.body, b"user=xxxx&pw=X%C3%A4%C3%A4xx%26");
    let image = redact(&Request::new("", "POST", "/").body("image/jpeg", vec![0xff; 300]));
    assert_eq!(image.body, vec![b'x'; 300]);
}

#[test]
fn traffic_is_the_same_for_the_same_seed_and_different_by_half() {
    let lines = |seed, half| traffic(seed, half, 180).iter().map(Request::to_line).collect::<Vec<_>>();
    assert_eq!(lines(7, Half::Tuning), lines(7, Half::Tuning));
    let (tuning, held) = (lines(7, Half::Tuning), lines(7, Half::HeldBack));
    assert!(tuning.iter().zip(&held).all(|(one, other)| one != other));
    assert_ne!(tuning, lines(8, Half::Tuning));
    for line in tuning.iter().chain(&held) {
        let request = Request::from_line(line).expect("a request");
        assert_eq!(&request.to_line(), line);
        let length =
            request.header("content-length").map_or(0, |length| length.parse::<usize>().expect("a length"));
        assert_eq!(length, request.body.len(), "{}", request.name);
        assert!(request.target.is_ascii() && !request.target.contains([' ', '"', '<']), "{}", request.target);
    }
    assert!(suite::attacks().len() > 800, "{}", suite::attacks().len());
}

/// A mirror in memory.
struct Mirror(BTreeMap<String, Vec<u8>>);

impl Get for Mirror {
    fn get(&mut self, url: &str, _: u64) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(url).cloned())
    }
}

fn version(text: &str) -> RulesVersion {
    text.parse().expect("a version")
}

#[test]
fn the_newest_of_a_channel_is_fetched_from_a_url_a_folder_and_a_file() {
    let limits = Limits::default();
    let archive = release(&small("4.28.0"));
    let base = "https://mirror.example/crs";
    let at_version = |version: &str| format!("{base}/v{version}/coreruleset-{version}.tar.gz");
    let mut mirror = Mirror(BTreeMap::from([
        (format!("{base}/VERSIONS"), b"4.25.1\nv4.28.0\n4.29.0-dev\nhello\n4.25.3\n4.9.0\n".to_vec()),
        (at_version("4.28.0"), archive.clone()),
        (format!("{}.asc", at_version("4.28.0")), b"signature".to_vec()),
        (at_version("4.25.3"), b"long support".to_vec()),
    ]));
    let mut fetch =
        |channel, held: Option<&RulesVersion>| source::from_url(base, channel, held, &limits, &mut mirror);
    let newest = fetch(Channel::Newest, None).expect("fetched").expect("a bundle");
    assert_eq!((newest.offered, newest.archive), (Some(version("4.28.0")), archive.clone()));
    assert_eq!(newest.signature.as_deref(), Some(&b"signature"[..]));
    let long = fetch(Channel::LongSupport, Some(&version("4.25.1"))).expect("fetched").expect("a bundle");
    assert_eq!((long.offered, long.signature), (Some(version("4.25.3")), None));
    assert_eq!(fetch(Channel::Newest, Some(&version("4.28.0"))).expect("fetched"), None);
    assert!(matches!(
        source::from_url("http://mirror.example", Channel::Newest, None, &limits, &mut mirror),
        Err(SourceError::Unreadable { .. })
    ));

    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("v4.28.0")).expect("made");
    let file = folder.path().join("v4.28.0/coreruleset-4.28.0.tar.gz");
    fs::write(&file, &archive).expect("written");
    let found =
        source::from_folder(folder.path(), Channel::Newest, None, &limits).expect("read").expect("a bundle");
    assert_eq!((found.archive, found.signature), (archive, None));
    let none = source::from_folder(folder.path(), Channel::LongSupport, None, &limits);
    assert!(matches!(none, Err(SourceError::NoVersion { offered: 1, .. })), "{none:?}");
    let tiny = Limits { bytes_in: 10, ..limits };
    assert!(matches!(source::from_file(&file, &tiny), Err(SourceError::TooLarge { limit: 10, .. })));
}

#[test]
fn versions_are_read_and_ordered() {
    let ordered = ["3.3.4", "4.0.0", "4.9.1", "4.10.0", "4.29.0-dev", "4.29.0"].map(version);
    assert!(ordered.windows(2).all(|pair| pair[0] < pair[1]));
    for wrong in ["", "4", "4.28", "4.28.0.1", "4.x.0", "4.28.0-", "4.28.0-a/b", "-4.0.0", "4.28.9999999"] {
        assert!(wrong.parse::<RulesVersion>().is_err(), "{wrong}");
    }
    assert_eq!(version("v4.28.0").to_string(), "4.28.0");
}

#[test]
fn looks_are_spread_and_old_rules_are_called_old() {
    let day = 24 * 3600;
    let next =
        |installation: &str| source::next_look(now(), day, installation).as_second() - now().as_second();
    let all: BTreeSet<i64> = (0..50).map(|index| next(&format!("hospital {index}"))).collect();
    assert!(
        all.len() > 40
            && all.iter().all(|after| (i64::from(day) * 4 / 5..=i64::from(day) * 6 / 5).contains(after))
    );
    assert_eq!(next("a"), next("a"));
    let days_ago =
        |days: i64| jiff::Timestamp::from_second(now().as_second() - days * 24 * 3600).expect("a time");
    for (signed, asked, stale) in
        [(75, Some(14), false), (76, Some(0), true), (1, Some(15), true), (1, None, true)]
    {
        let found = source::staleness(days_ago(signed), asked.map(days_ago), now());
        assert_eq!((found.signed_days, found.asked_days, found.stale), (signed, asked, stale));
    }
}
