//! Firewalls in front of devices: ours is followed by its files, those of others are facts with an age, and what probes show is
//! shielded, not fixed.

use std::path::Path;

use bedrail_app::actions::{self, ActionFilter, NewAction, Step};
use bedrail_app::affected::{self, Affected, Question};
use bedrail_app::alerts::{self, own, tail};
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::clock::Clock;
use bedrail_app::devices::{self, DeviceFilter};
use bedrail_app::firewall::{self, Mode, NewFirewall, NewOwn, PlacedBy, Product, ShieldState, State, Wanted};
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, Error, campaigns, priority, programme};
use bedrail_model::action::{Kind, Stage};
use bedrail_model::answer::Answer;
use bedrail_model::ids::FirewallId;
use jiff::civil::date;
use serde_json::{Value as Json, json};

use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward,Exposure,IP address
P-1,Orbis,Flow 300,2.1,North,ICU,outside,10.20.1.7
P-2,Orbis,Flow 300,2.1,North,ICU,outside,10.20.1.8
P-3,Orbis,Flow 300,2.1,North,ER,flat,10.20.1.9
";
const BILL: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
 "metadata":{"component":{"type":"firmware","bom-ref":"root","name":"Flow 300","version":"2.1","supplier":{"name":"Orbis"}}},
 "components":[{"type":"library","bom-ref":"log","group":"org.apache.logging.log4j","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
 "dependencies":[{"ref":"root","dependsOn":["log"]}]}"#;
const LOG4SHELL: &str = "CVE-2021-44228";
const NOW: &str = "2026-03-03T10:00:00Z";

/// Two organisations with the same devices, on each database.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_on_each(async |ctx, one, two| {
        for actor in [&one, &two] {
            devices::import(&ctx, actor, story::list("devices.csv", LIST, false)).await.unwrap();
            let bill = AddSbom {
                file_name: "flow.json".into(),
                document: BILL.into(),
                maker: None,
                model: None,
                version: None,
            };
            sboms::add(&ctx, actor, bill).await.unwrap();
        }
        story(ctx, one, two).await;
    })
    .await;
}

fn at(ctx: &Context, moment: &str) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(moment.parse().unwrap());
    later
}

fn probes() -> usize {
    firewall::families().iter().find(|it| it.key == "log4shell").unwrap().probes().len()
}

/// A report as our firewall writes it, with one site before the first pump.
fn report(words: &Json) -> Json {
    json!({
        "format": 1, "at": NOW,
        "status": {
            "since": NOW, "pid": 7, "events_written": 5, "events_lost": 0,
            "judges": [{"rule_set": "4.28.0-a", "roles": ["current"], "judged": 5, "p50_micros": 1300, "p99_micros": 4000}],
            "sites": [{"key": "pump", "hosts": ["pump"], "path": "/", "upstream": "10.20.1.7:443", "never_block": ["/therapy"],
                "mode": "block", "approved_by": "A. Person", "on_error": "open", "device_up": true, "requests": 9, "blocked": 2}],
        },
        "rules": {"current": {"id": "4.28.0-a", "version": "4.28.0", "origin": "release", "signed_at": "2026-02-21T00:00:00Z",
            "age_days": 10, "stale": false, "rules": 700}, "current_since": NOW, "previous": null, "candidate": null, "rejected": []},
        "shields": [{"site": "pump", "family": "log4shell", "rule_set": "4.28.0-a", "mode": "block", "at": NOW,
            "probes": probes(), "stopped": probes(), "objected": probes(), "missed": []}],
        "words": words,
    })
}

fn put(folder: &Path, report: &Json) {
    std::fs::write(folder.join("report.json"), report.to_string()).unwrap();
}

async fn follow(ctx: &Context, actor: &Actor, folder: &Path) -> FirewallId {
    let new = NewOwn {
        name: "Pumps".into(),
        folder: folder.display().to_string(),
        events: "events.jsonl".into(),
        said_by: "biomed".into(),
    };
    let id = firewall::add_own(ctx, actor, &new).await.unwrap();
    assert_eq!(firewall::add_own(ctx, actor, &new).await.unwrap(), id, "again changes nothing");
    id
}

async fn entries(ctx: &Context, actor: &Actor, action: &str) -> Vec<String> {
    let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    let page = audit::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap();
    page.rows.into_iter().map(|row| row.detail).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_is_followed_and_its_words_come_once() {
    on_both(async |ctx, one, two| {
        let folder = tempfile::tempdir().unwrap();
        let events = include_str!("../../../waf/fixtures/events.jsonl");
        std::fs::write(folder.path().join("events.jsonl"), events).unwrap();
        let word = |number: u64, text: &str, alert: bool| {
            json!({"number": number, "at": format!("2026-03-03T09:0{number}:00Z"), "text": text, "alert": alert})
        };
        let mut words =
            vec![word(1, "4.28.0 is trusted", false), word(2, "4.28.0 is rejected: \u{1b}[2J it stops /", true)];
        put(folder.path(), &report(&json!(words)));
        let id = follow(&ctx, &one, folder.path()).await;
        assert_eq!(alerts::sources(&ctx, &one).await.unwrap().len(), 1, "one source, whatever the tries");
        assert_eq!(tail::follow_all(&ctx, &one).await.unwrap().events, 5);

        assert_eq!(firewall::follow_all(&ctx, &one).await.unwrap(), 2);
        assert_eq!(firewall::follow_all(&ctx, &one).await.unwrap(), 0, "each once");
        words.push(word(4, "back to 4.27.0", true));
        put(folder.path(), &report(&json!(words)));
        assert_eq!(firewall::follow_all(&ctx, &one).await.unwrap(), 1);
        let said = entries(&ctx, &one, "firewall.rules").await;
        assert_eq!(said.len(), 3);
        assert!(said[0].contains("words 3 to 3 were not seen"), "{said:?}");
        assert!(said[1].starts_with("to be looked at: ") && !said[1].contains('\u{1b}'), "{said:?}");
        // What is harmful is work of the ledger, once.
        let before = own::look(&ctx, &one).await.unwrap().events;
        assert!(before >= 2, "{before}");
        assert_eq!(own::look(&ctx, &one).await.unwrap().events, 0);
        // A log that was begun anew is taken from its begin.
        let anew = json!([{"number": 1, "at": "2026-03-03T09:30:00Z", "text": "4.28.0 is trusted", "alert": true}]);
        put(folder.path(), &report(&anew));
        assert_eq!(firewall::follow_all(&ctx, &one).await.unwrap(), 1);
        assert_eq!(firewall::follow_all(&ctx, &one).await.unwrap(), 0);
        assert_eq!(own::look(&ctx, &one).await.unwrap().events, 1);

        let detail = firewall::get(&ctx, &one, id).await.unwrap();
        assert_eq!((detail.row.state, detail.row.devices, detail.row.rule_days), (State::Fresh, 1, Some(10)));
        assert_eq!((detail.kept.events, detail.words.len()), (5, 4));
        let site = &detail.sites[0];
        assert_eq!(site.rules.iter().map(|row| row.rule).collect::<Vec<_>>(), [920_350, 944_150, 70_009, 70_041, 951_110]);
        assert_eq!(site.paths[0].class, "/login");
        // It falls silent: told once, and said everywhere.
        let later = at(&ctx, "2026-03-03T11:00:00Z");
        assert_eq!(firewall::get(&later, &one, id).await.unwrap().row.state, State::Silent);
        assert_eq!(own::look(&later, &one).await.unwrap().events, 1);
        for broken in ["{", "{\"format\": 2}", ""] {
            std::fs::write(folder.path().join("report.json"), broken).unwrap();
            assert_eq!(firewall::get(&ctx, &one, id).await.unwrap().row.state, State::Unread, "{broken}");
        }

        // Nothing of it is seen from elsewhere.
        assert!(firewall::list(&ctx, &two).await.unwrap().is_empty());
        for refused in [
            firewall::get(&ctx, &two, id).await.map(drop),
            firewall::place(&ctx, &two, id, "pump", &[]).await.map(drop),
            firewall::withdraw(&ctx, &two, id).await,
        ] {
            assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
        }
        assert_eq!(firewall::follow_all(&ctx, &two).await.unwrap(), 0);
        for (folder, events) in [("relative", "events.jsonl"), ("/x", "../events.jsonl"), ("/x", "")] {
            let new = NewOwn {
                name: "x".into(),
                folder: folder.into(),
                events: events.into(),
                said_by: "x".into(),
            };
            let refused = firewall::add_own(&ctx, &one, &new).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{folder} {events}");
        }
    })
    .await;
}

async fn ask(ctx: &Context, actor: &Actor) -> Affected {
    let question = Question { text: LOG4SHELL.into(), ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shield_is_shown_by_probes_and_never_changes_an_answer() {
    on_both(async |ctx, one, two| {
        let without = ask(&ctx, &one).await;
        assert_eq!((without.totals.affected, without.rows[0].between.len()), (3, 0));
        let folder = tempfile::tempdir().unwrap();
        let good = report(&json!([]));
        put(folder.path(), &good);
        let id = follow(&ctx, &one, folder.path()).await;

        let told = ask(&ctx, &one).await;
        assert_eq!(told.totals, without.totals, "shielded is affected");
        let row = |name: &str| told.rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(row("P-1").answer, Answer::Affected);
        let [between] = row("P-1").between.as_slice() else { panic!("{:?}", row("P-1").between) };
        assert_eq!((between.by, between.mode), (PlacedBy::Address, Mode::Block));
        assert!(between.holds() && between.shields[0].sentence().contains("shielded, not fixed"));
        assert!(row("P-2").between.is_empty());
        let device = row("P-1").device;
        let shown = devices::get(&ctx, &one, device).await.unwrap().between;
        let shields: Vec<_> = shown[0].shields.iter().filter(|it| it.weakness == LOG4SHELL).collect();
        assert_eq!(shields.len(), 1);
        assert_eq!(shields[0].state, ShieldState::Holds);
        let first = priority::list(&ctx, &one, &Default::default(), &PageRequest::default()).await.unwrap();
        let log4shell = first.page.rows.iter().find(|row| row.weakness.id == LOG4SHELL).unwrap();
        assert_eq!((log4shell.devices, log4shell.shielded), (3, 1));

        // Whatever is not shown now, with the mode and the rules that decide now, is no shield.
        let variants: [(&str, Json, ShieldState); 8] = [
            ("/status/sites/0/mode", json!("detect"), ShieldState::NotShown),
            ("/shields/0/stopped", json!(probes() - 1), ShieldState::Leaks),
            ("/shields/0/objected", json!(probes() - 1), ShieldState::Leaks),
            ("/shields/0/probes", json!(1), ShieldState::NotShown),
            ("/shields/0/rule_set", json!("4.27.0-b"), ShieldState::NotShown),
            ("/shields/0/at", json!("2026-03-02T09:00:00Z"), ShieldState::NotShown),
            ("/shields/0/site", json!("other"), ShieldState::NotShown),
            ("/at", json!("2026-03-03T09:00:00Z"), ShieldState::NotShown),
        ];
        for (pointer, value, state) in variants {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            put(folder.path(), &bad);
            let told = ask(&ctx, &one).await;
            let between = &told.rows.iter().find(|row| row.name == "P-1").unwrap().between[0];
            assert_eq!((between.shields[0].state, between.holds()), (state, false), "{pointer}");
        }
        let mut detects = good.clone();
        *detects.pointer_mut("/status/sites/0/mode").unwrap() = json!("detect");
        *detects.pointer_mut("/shields/0/mode").unwrap() = json!("detect");
        *detects.pointer_mut("/shields/0/stopped").unwrap() = json!(0);
        put(folder.path(), &detects);
        let told = ask(&ctx, &one).await;
        assert_eq!(told.rows[0].between[0].shields[0].state, ShieldState::DetectsOnly);
        // An address that two devices have says of neither that it stands behind the site.
        put(folder.path(), &good);
        let double = LIST.replace("10.20.1.8", "10.20.1.7");
        devices::import(&ctx, &one, story::list("again.csv", &double, false)).await.unwrap();
        assert!(ask(&ctx, &one).await.rows.iter().all(|row| row.between.is_empty()));
        assert_eq!(firewall::place(&ctx, &one, id, "pump", &["P-1".into()]).await.unwrap(), 1);
        let told = ask(&ctx, &one).await;
        let by: Vec<_> = told.rows.iter().flat_map(|row| row.between.iter().map(|it| it.by)).collect();
        assert_eq!(by, [PlacedBy::Said]);
        assert!(ask(&ctx, &two).await.rows.iter().all(|row| row.between.is_empty()), "not theirs");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_shields_closes_by_what_probes_show_on_every_device() {
    on_both(async |ctx, one, _| {
        let folder = tempfile::tempdir().unwrap();
        let good = report(&json!([]));
        put(folder.path(), &good);
        let id = follow(&ctx, &one, folder.path()).await;
        let new = NewAction {
            what: "Put the firewall in front of them".into(),
            kind: Kind::Shield,
            owner: "biomed".into(),
            due: date(2026, 4, 1),
            ..NewAction::default()
        };
        let action = actions::add(&ctx, &one, &new, Some(LOG4SHELL)).await.unwrap();
        actions::step(&ctx, &one, action, &Step::Done("the firewall is up".into())).await.unwrap();
        let row = async || {
            let all = ["not_shown", "closed"].map(|state| Some(state.to_owned()));
            for state in all {
                let filter = ActionFilter { state, ..ActionFilter::default() };
                let page = actions::list(&ctx, &one, &filter, &PageRequest::default()).await.unwrap();
                if let Some(row) = page.rows.into_iter().next() {
                    return row;
                }
            }
            panic!("no action")
        };
        let check = row().await.check.unwrap();
        assert_eq!((check.devices, check.met, check.open), (3, 1, 2), "two stand behind nothing");
        assert!(!check.shows());
        let all = ["P-1", "P-2", "P-3"].map(str::to_owned);
        firewall::place(&ctx, &one, id, "pump", &all).await.unwrap();
        let check = row().await.check.unwrap();
        assert!(check.shows(), "{check:?}");
        assert!(check.evidence().contains("shielded, not fixed"), "{}", check.evidence());
        assert_eq!(campaigns::look(&ctx, &one).await.unwrap().shown, 1);
        let closed = row().await;
        assert_eq!(closed.action.stage(), Stage::Closed);
        assert_eq!(ask(&ctx, &one).await.totals.affected, 3, "it is affected all the same");
    })
    .await;
}

fn foreign(devices: &[&str]) -> NewFirewall {
    NewFirewall {
        name: "Border".into(),
        product: Product::F5,
        mode: Mode::Block,
        rules_on: Some(date(2026, 2, 28)),
        proof: "its console, <script>alert(1)</script>".into(),
        document: None,
        said_by: "network group".into(),
        expires: Some(date(2026, 3, 31)),
        devices: devices.iter().map(|it| (*it).to_owned()).collect(),
    }
}

/// The values of the two signals, as the programme holds them.
async fn signals(ctx: &Context, actor: &Actor) -> [Option<String>; 2] {
    let detail = programme::get(ctx, actor, "C3-waf-autoupdate").await.unwrap();
    ["waf.coverage_pct", "waf.rules_age_days"].map(|id| {
        let signal = detail.signals.iter().find(|it| it.id == id).unwrap();
        signal.facts.first().map(|fact| fact.value.clone())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_of_somebody_else_has_an_age_and_counts_until_its_day() {
    on_both(async |ctx, one, two| {
        assert_eq!(signals(&ctx, &one).await, [None, None], "none registered is nothing known");
        let first = firewall::add(&ctx, &one, &foreign(&["P-1"])).await.unwrap();
        assert_eq!(signals(&ctx, &one).await, [Some("1/2".to_owned()), Some("3".to_owned())]);
        // Said anew: the first is taken back with it.
        let again = foreign(&["P-1", "10.20.1.8"]);
        let second = firewall::add(&ctx, &one, &again).await.unwrap();
        let rows = firewall::list(&ctx, &one).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.firewall.id).collect::<Vec<_>>(), [second]);
        assert!(matches!(firewall::get(&ctx, &one, first).await, Err(Error::NotFound { .. })));
        assert_eq!((rows[0].devices, rows[0].rule_days, rows[0].state), (2, Some(3), State::Fresh));
        assert_eq!(signals(&ctx, &one).await[0].as_deref(), Some("2/2"));
        let between = ask(&ctx, &one).await.rows[0].between.clone();
        assert!(between[0].blocks() && !between[0].holds(), "a word shields nothing");
        // Past its day it stands there as stale, and counts for nothing.
        let later = at(&ctx, "2026-04-01T00:00:00Z");
        assert_eq!(firewall::list(&later, &one).await.unwrap()[0].state, State::Expired);
        assert_eq!(signals(&later, &one).await, [Some("0/2".to_owned()), None]);
        // One that does not say of when its rules are leaves the age unknown.
        let unsaid = NewFirewall { rules_on: None, ..foreign(&["P-1"]) };
        firewall::add(&ctx, &one, &unsaid).await.unwrap();
        assert_eq!(signals(&ctx, &one).await, [Some("1/2".to_owned()), None]);

        let base = foreign(&[]);
        for (bad, why) in [
            (NewFirewall { product: Product::Own, ..base.clone() }, "command line"),
            (NewFirewall { proof: " ".into(), ..base.clone() }, "nothing shows"),
            (NewFirewall { name: " ".into(), ..base.clone() }, "the name is missing"),
            (NewFirewall { said_by: "".into(), ..base.clone() }, "who says so is missing"),
            (NewFirewall { expires: Some(date(2026, 3, 2)), ..base.clone() }, "it counts from today"),
            (NewFirewall { expires: Some(date(2027, 6, 1)), ..base.clone() }, "at most 366 days"),
            (NewFirewall { rules_on: Some(date(2026, 3, 4)), ..base.clone() }, "still to come"),
            (NewFirewall { devices: vec!["P-9".into()], ..base.clone() }, "device P-9"),
        ] {
            let refused = firewall::add(&ctx, &one, &bad).await.unwrap_err().to_string();
            assert!(refused.contains(why), "{why}: {refused}");
        }
        let theirs =
            devices::list(&ctx, &two, &DeviceFilter::default(), &PageRequest::default()).await.unwrap();
        let theirs = theirs.rows[0].id.to_string();
        assert!(firewall::add(&ctx, &one, &foreign(&[&theirs])).await.is_err(), "not our device");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exclusion_is_proposed_with_what_it_would_have_let_through() {
    on_both(async |ctx, one, two| {
        let folder = tempfile::tempdir().unwrap();
        let event = |client: u32, rules: &[u32]| {
            let messages: Vec<Json> = rules
                .iter()
                .map(|rule| json!({"message": "SQL", "details": {"ruleId": rule.to_string(), "reference": "ARGS:note"}}))
                .collect();
            json!({"transaction": {"client_ip": format!("10.0.0.{client}"), "unix_timestamp": 1_772_500_000_000_000_000_i64,
                "server_id": "pump", "request": {"method": "POST", "uri": "/notes/save"},
                "bedrail": {"outcome": "would-block", "probe": false}, "messages": messages}})
            .to_string()
        };
        let mut lines: Vec<String> = (0..12).map(|it| event(it % 3, &[942_100, 949_110])).collect();
        lines.push(event(9, &[942_100, 942_190, 930_100, 932_100]));
        lines.push("{broken".into());
        std::fs::write(folder.path().join("events.jsonl"), lines.join("\n")).unwrap();
        put(folder.path(), &report(&json!([])));
        let id = follow(&ctx, &one, folder.path()).await;
        let detail = firewall::get(&ctx, &one, id).await.unwrap();
        assert_eq!((detail.kept.events, detail.kept.other), (13, 1));
        let (suspect, _) = &detail.sites[0].suspects[0];
        assert_eq!((suspect.rule, suspect.requests, suspect.others), (942_100, 12, 1));
        let wanted = Wanted {
            site: "pump".into(),
            rule: suspect.rule,
            place: suspect.place.clone(),
            path: suspect.path.clone(),
            method: suspect.method.clone(),
            reason: "nurses write select in notes".into(),
            until: None,
        };
        let proposal = firewall::propose(&ctx, &one, id, &wanted).await.unwrap();
        assert_eq!((proposal.preview.through, proposal.preview.perhaps), (12, 1));
        let text: Json = serde_json::from_str(&proposal.text).unwrap();
        assert_eq!((&text["target"], &text["rules"]), (&json!("ARGS:note"), &json!([942_100])));
        assert_eq!(entries(&ctx, &one, "firewall.propose").await.len(), 1);
        for (bad, why) in [
            (Wanted { rule: 78_100, ..wanted.clone() }, "virtual patch"),
            (Wanted { place: "ARGS".into(), ..wanted.clone() }, "no single place"),
            (Wanted { reason: "so".into(), ..wanted.clone() }, "reason"),
            (Wanted { site: "other".into(), ..wanted.clone() }, "that site"),
            (Wanted { until: Some(date(2030, 1, 1)), ..wanted.clone() }, "at most 366 days"),
            (Wanted { path: Some("/a\"".into()), ..wanted.clone() }, "no path"),
        ] {
            let refused = firewall::propose(&ctx, &one, id, &bad).await.unwrap_err().to_string();
            assert!(refused.contains(why), "{why}: {refused}");
        }
        assert!(matches!(firewall::propose(&ctx, &two, id, &wanted).await, Err(Error::NotFound { .. })));
    })
    .await;
}
