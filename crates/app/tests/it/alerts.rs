//! The ledger of alerts: every line is one of four, every event belongs to one item, whatever happens to the files.

use std::collections::BTreeMap;
use std::path::Path;

use bedrail_app::alerts::policy::{self, NewPolicy};
use bedrail_app::alerts::prove::{self, Period, Proof};
use bedrail_app::alerts::receive::{self, Receipt};
use bedrail_app::alerts::work::{self, Item, ItemFilter, Reason};
use bedrail_app::alerts::{self, NewSource, own, tail, upkeep};
use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context, Error, accounts, devices, notices, organisations, programme};
use bedrail_assess::priority::When;
use bedrail_model::alert::{Outcome, SourceKind};
use bedrail_model::ids::AlertSourceId;
use bedrail_model::organisation::OrgKind;
use bedrail_store::alerts::items::Standing;
use bedrail_testkit::traffic::Traffic;
use jiff::{SignedDuration, Timestamp};

use crate::story::{self, databases};

const DEVICES: &str = "\
Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Owner,Exposure,Type,IP address
P-1,S1,Orbis,Flow 300,2.1,North,ICU,Kim,outside,infusion pump,10.20.1.7
P-2,S2,Orbis,Flow 300,2.1,North,ICU,Kim,isolated,infusion pump,10.20.1.8
M-1,S3,Velta,Monitor 7,1.0,North,ICU,Lou,flat,patient monitor,10.20.1.9
M-2,S4,Velta,Monitor 7,1.0,North,ICU,Lou,flat,patient monitor,10.20.1.9
";
const NOW: &str = "2026-03-03T10:00:00Z";

pub(crate) async fn opened(dir: &Path, database: Option<String>) -> (Context, Actor, AlertSourceId) {
    let ctx = story::open(dir, database).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, story::list("devices.csv", DEVICES, false)).await.unwrap();
    let source = alerts::add_source(&ctx, &actor, &NewSource::named("border")).await.unwrap();
    (ctx, actor, source)
}

pub(crate) fn later(ctx: &Context, hours: i64) -> Context {
    let mut later = ctx.clone();
    later.clock = Clock::Fixed(ctx.clock.now() + SignedDuration::from_hours(hours));
    later
}

/// An alert of Suricata.
pub(crate) fn alert(second: u32, rule: u32, name: &str, from: &str, to: &str, action: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-03-03T09:00:{second:02}.000000+0000","event_type":"alert","host":"s1","src_ip":"{from}","src_port":4444,"dest_ip":"{to}","dest_port":80,"alert":{{"action":"{action}","gid":1,"signature_id":{rule},"signature":"{name}","category":"Attempted Administrator Privilege Gain","severity":1}},"http":{{"hostname":"patient-miller.example","url":"/fhir/Patient/8812?name=Miller"}}}}"#
    ) + "\n"
}

fn stats(uptime: u64, alerts: u64) -> String {
    format!(
        r#"{{"timestamp":"2026-03-03T09:30:00.000000+0000","event_type":"stats","host":"s1","stats":{{"uptime":{uptime},"detect":{{"alert":{alerts},"alert_queue_overflow":0}}}}}}"#
    ) + "\n"
}

pub(crate) async fn push(ctx: &Context, actor: &Actor, source: AlertSourceId, text: &str) -> Receipt {
    receive::push(ctx, actor, source, text.as_bytes()).await.unwrap()
}

pub(crate) async fn items(ctx: &Context, actor: &Actor, filter: &ItemFilter) -> Vec<Item> {
    work::list(ctx, actor, filter, &PageRequest::at(0, 500)).await.unwrap().page.rows
}

async fn proof(ctx: &Context, actor: &Actor) -> Proof {
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let proof = prove::prove(ctx, actor, Period { from, to }, None).await.unwrap();
    assert!(proof.holds(), "{proof:#?}");
    proof
}

#[tokio::test(flavor = "multi_thread")]
async fn events_become_items_of_devices_and_every_line_is_accounted_for() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let mut text = stats(100, 5);
        for second in 0..10 {
            text += &alert(second, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked");
        }
        text += &alert(11, 7, "ET SCAN x", "203.0.113.77", "10.20.1.7", "allowed");
        text += &alert(12, 7, "ET SCAN x", "203.0.113.9", "10.20.1.9", "blocked");
        text += "{\"timestamp\":\"2026-03-03T09:00:00.0+0000\",\"event_type\":\"flow\"}\n{broken\n\n";
        text += &stats(200, 18);
        let receipt = push(&ctx, &actor, source, &text).await;
        assert_eq!(
            (receipt.lines, receipt.events, receipt.counters, receipt.no_alerts, receipt.not_understood),
            (16, 12, 2, 1, 1)
        );
        assert_eq!((receipt.opened, receipt.items), (3, 3));
        let mut all = items(&ctx, &actor, &ItemFilter::default()).await;
        assert!(all.windows(2).all(|it| it[0].when >= it[1].when), "the most urgent first");
        all.sort_by_key(|it| (it.device.is_none(), it.outcome == Outcome::Blocked));
        let seen: Vec<(Option<&str>, Outcome, u64, When)> = all
            .iter()
            .map(|it| (it.device.as_ref().map(|(_, name)| name.as_str()), it.outcome, it.events.0, it.when))
            .collect();
        // What got through is an item of its own; of two devices with one address nobody can tell.
        assert_eq!(
            seen,
            [
                (Some("P-1"), Outcome::Allowed, 1, When::OutOfCycle),
                (Some("P-1"), Outcome::Blocked, 10, When::OutOfCycle),
                (None, Outcome::Blocked, 1, When::Scheduled),
            ]
        );
        assert_eq!(all[0].attacker.as_deref(), Some("203.0.113.0/24"));
        assert_eq!(all[0].path, "/fhir/patient/**", "the path is a class");
        let proof = proof(&ctx, &actor).await;
        assert_eq!((proof.events_in, proof.events_accounted, proof.all_lines), (12, 12, 16));
        // The sensor says 13 between its readings, 12 came: one is missing, and it is said.
        let of = &proof.sources[0];
        assert_eq!((of.source_reported, of.compared, of.difference()), (Some(13), 12, Some(1)));
        assert_eq!(proof.reasons.values().sum::<u64>(), 1);
        let detail = work::get(&ctx, &actor, all[1].id).await.unwrap();
        assert_eq!((detail.events.len(), detail.events_missing), (10, false));
        assert_eq!(detail.events[0].sensor.as_deref(), Some("s1"));
        assert_eq!(detail.events[0].original.len(), 64);
        let checked = prove::check(&ctx, &actor, 7).await.unwrap();
        assert_eq!((checked.segments, checked.wrong.len()), (1, 0));
        nothing_of_patients_is_kept(dir.path());
    }
}

/// No file of the data folder holds what stood in the address of a page.
#[expect(clippy::disallowed_methods, reason = "what we packed ourselves")]
fn nothing_of_patients_is_kept(dir: &Path) {
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut bytes = std::fs::read(&path).unwrap();
            if let Ok(unpacked) = zstd::decode_all(bytes.as_slice()) {
                bytes = unpacked;
            }
            for word in ["Miller", "miller", "8812"] {
                let found = bytes.windows(word.len()).any(|part| part == word.as_bytes());
                assert!(!found, "{} holds {word}", path.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_once_whatever_it_is_called_by_then() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let log = tempfile::tempdir().unwrap();
        let path = log.path().join("eve.json");
        let line = |second| alert(second, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked");
        let events = async || proof(&ctx, &actor).await.events_in;
        let followed = NewSource { path: Some(path.display().to_string()), ..NewSource::named("border") };
        alerts::set_source(&ctx, &actor, source, &followed).await.unwrap();

        // Nothing there yet: that is trouble of the source, and hinders nothing.
        tail::follow_all(&ctx, &actor).await.unwrap();
        let trouble = alerts::source(&ctx, &actor, "border").await.unwrap().trouble.unwrap().0;
        assert!(trouble.contains("cannot be read"), "{trouble}");

        // A line that is being written waits for its end.
        let (first, second) = (line(1), line(2));
        std::fs::write(&path, format!("{first}{}", &second[..40])).unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        assert_eq!(events().await, 1);
        assert!(alerts::source(&ctx, &actor, "border").await.unwrap().trouble.is_none());
        std::fs::write(&path, format!("{first}{second}")).unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        assert_eq!(events().await, 2);

        // Renamed, with lines that were not read yet; the new file has begun.
        std::fs::write(&path, format!("{first}{second}{}", line(3))).unwrap();
        std::fs::rename(&path, log.path().join("eve.json.1")).unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        std::fs::write(&path, line(4)).unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        assert_eq!(events().await, 4);

        // Copied and emptied.
        let grown = format!("{}{}", line(4), line(5));
        std::fs::write(log.path().join("eve.json.2026-03-03"), &grown).unwrap();
        std::fs::write(&path, line(6)).unwrap();
        tail::follow_all(&ctx, &actor).await.unwrap();
        assert_eq!(events().await, 6);

        // By hand, what was read already is not read again, whatever its name is; one that was cut is refused.
        let tell = |_| {};
        let old = log.path().join("eve.json.1");
        assert_eq!(tail::import(&ctx, &actor, source, &old, &tell).await.unwrap().lines, 0);
        let other = log.path().join("other.json");
        let long: String = (0..30).map(line).collect();
        std::fs::write(&other, &long).unwrap();
        assert_eq!(tail::import(&ctx, &actor, source, &other, &tell).await.unwrap().events, 30);
        std::fs::write(&other, &long[..5_000]).unwrap();
        let cut = tail::import(&ctx, &actor, source, &other, &tell).await.unwrap_err();
        assert!(matches!(&cut, Error::Conflict { message } if message.contains("was cut")), "{cut}");

        // Rotated away and not to be found: that is said, once, and stays said.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, line(7)).unwrap();
        std::fs::remove_file(log.path().join("eve.json.2026-03-03")).unwrap();
        for _ in 0..3 {
            tail::follow_all(&ctx, &actor).await.unwrap();
        }
        let proof = proof(&ctx, &actor).await;
        assert_eq!((proof.events_in, proof.sources[0].gaps), (37, 1));
        let told = notices::list(&ctx, &actor).await.unwrap();
        assert!(told.iter().any(|(notice, _)| notice.title.contains("rotated away")), "{told:#?}");
    }
}

/// However a file arrives in pieces, what is read of it is the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_traffic_is_accounted_for_and_no_attack_is_lost_in_the_noise() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let until: Timestamp = NOW.parse().unwrap();
        let mut traffic = Traffic::new(17, 40_000, 50, until);
        let (mut bytes, mut whole) = (Vec::new(), Vec::new());
        while traffic.write_next(&mut bytes) {
            whole.append(&mut bytes);
        }
        let path = dir.path().join("day.json");
        std::fs::write(&path, &whole).unwrap();
        let receipt = tail::import(&ctx, &actor, source, &path, &|_| {}).await.unwrap();
        let made = traffic.made();
        assert_eq!(
            (receipt.lines, receipt.events, receipt.counters, receipt.no_alerts, receipt.not_understood),
            (made.lines(), made.events, made.counters, made.no_alerts, made.broken)
        );
        let proof = proof(&ctx, &actor).await;
        assert_eq!(proof.events_in, made.events);
        let mut offset = 0;
        let mut through = Vec::new();
        loop {
            let filter = ItemFilter { outcome: Some(Outcome::Allowed), ..ItemFilter::default() };
            let page = work::list(&ctx, &actor, &filter, &PageRequest::at(offset, 500)).await.unwrap().page;
            offset += page.rows.len() as u64;
            through.extend(page.rows);
            if offset >= page.total {
                break;
            }
        }
        for attack in traffic.planted() {
            let found = through.iter().any(|item| {
                item.rule.0 == attack.rule && item.address == Some(attack.device.into()) && item.events.0 >= 1
            });
            assert!(found, "{attack:?} has no item of its own");
        }
        let checked = prove::check(&ctx, &actor, 7).await.unwrap();
        assert!(checked.segments >= 3 && checked.wrong.is_empty(), "{checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_taken_and_closed_once_and_comes_again() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let line = |second| alert(second, 7, "ET SCAN x", "203.0.113.9", "10.20.1.8", "blocked");
        push(&ctx, &actor, source, &line(1)).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        work::take(&ctx, &actor, &[item.id], Some("Kim"), None).await.unwrap();
        let quicker = work::take(&ctx, &actor, &[item.id], Some("Lou"), None).await.unwrap_err();
        assert!(quicker.to_string().contains("Kim has it"), "{quicker}");
        work::take(&ctx, &actor, &[item.id], Some("Lou"), Some("Kim")).await.unwrap();
        work::comment(&ctx, &actor, item.id, "asked the ward").await.unwrap();

        let close = async |events, sentence: &str| {
            work::close(&ctx, &actor, &[(item.id, events)], Reason::Stopped, sentence).await
        };
        assert!(matches!(close(1, "ok").await, Err(Error::Invalid { .. })), "a sentence says something");
        push(&ctx, &actor, source, &line(2)).await;
        let sentence = "The firewall stopped it; the pump has no web server.";
        let unseen = close(1, sentence).await.unwrap_err();
        assert!(matches!(unseen, Error::Conflict { .. }), "an event came that was not looked at: {unseen}");
        close(2, sentence).await.unwrap();
        assert!(matches!(close(2, sentence).await, Err(Error::Conflict { .. })), "it is closed once");
        assert!(items(&ctx, &actor, &ItemFilter::default()).await.is_empty());
        let closed = proof(&ctx, &actor).await;
        let of = |proof: &Proof| -> Vec<(String, u64)> {
            proof.by_disposition.iter().map(|it| (it.code.clone(), it.events)).collect()
        };
        assert_eq!(of(&closed), [("stopped".to_owned(), 2)]);
        assert_eq!((closed.times.taking.count, closed.times.closing.count), (1, 1));

        let receipt = push(&ctx, &actor, source, &line(3)).await;
        assert_eq!((receipt.opened, receipt.reopened), (0, 1));
        let again = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        assert_eq!((again.id, again.events.0, again.reopened, again.taken), (item.id, 3, 1, None));
        assert_eq!(of(&proof(&ctx, &actor).await), [("open".to_owned(), 3)]);
        let kinds: Vec<String> =
            work::get(&ctx, &actor, item.id).await.unwrap().steps.into_iter().map(|step| step.kind).collect();
        assert_eq!(kinds, ["taken", "handed_over", "comment", "decided", "closed", "reopened"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_policy_closes_what_it_says_and_never_a_success() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let from_ours = |action| alert(1, 7, "ET SCAN x", "10.9.0.5", "10.20.1.8", action);
        let success = alert(2, 7, "ATTACK_RESPONSE root", "10.9.0.5", "10.20.1.8", "allowed");
        push(&ctx, &actor, source, &(from_ours("blocked") + &from_ours("allowed") + &success)).await;
        let mut new = NewPolicy {
            name: "our scanner".into(),
            sentence: "10.9.0.5 is the hospital's own scanner; it scans every night.".into(),
            reason: Reason::Expected,
            rule: "1:7".into(),
            source: None,
            attacker: Some("10.9.0.0/24".into()),
            device: None,
            path: None,
            not_stopped: false,
            days: 30,
        };
        assert_eq!(policy::preview(&ctx, &actor, &new).await.unwrap().len(), 1, "what was blocked alone");
        new.not_stopped = true;
        let (id, closed) = policy::add(&ctx, &actor, &new).await.unwrap();
        assert_eq!(closed.len(), 2);
        let left = items(&ctx, &actor, &ItemFilter::default()).await;
        assert_eq!(left.iter().map(|it| it.outcome).collect::<Vec<_>>(), [Outcome::Success]);

        // It comes again: the policy has it, its name stands at it, and the events are counted.
        let receipt = push(&ctx, &actor, source, &from_ours("blocked")).await;
        assert_eq!((receipt.opened, receipt.reopened), (0, 0));
        let filter = ItemFilter { standing: Standing::Closed, ..ItemFilter::default() };
        let closed = items(&ctx, &actor, &filter).await;
        let blocked = closed.iter().find(|it| it.outcome == Outcome::Blocked).unwrap();
        let closing = blocked.closed.as_ref().unwrap();
        assert_eq!((blocked.events.0, closing.policy), (2, Some(id)));
        assert!(closing.by.contains("our scanner"), "{}", closing.by);

        // After its end what comes is open again.
        let much_later = later(&ctx, 31 * 24);
        let receipt = push(&much_later, &actor, source, &from_ours("blocked")).await;
        assert_eq!(receipt.reopened, 1);
        policy::end(&ctx, &actor, id).await.unwrap();
        assert!(matches!(policy::end(&ctx, &actor, id).await, Err(Error::NotFound { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_belong_to_who_held_the_address_then() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let line = alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.8", "blocked");
        push(&ctx, &actor, source, &line).await;
        // An hour later the address is another pump's.
        let moved = later(&ctx, 1);
        let list = DEVICES.replace("10.20.1.8", "10.20.1.99").replace("10.20.1.7", "10.20.1.8");
        devices::import(&moved, &actor, story::list("devices.csv", &list, false)).await.unwrap();
        let day_after = later(&ctx, 24);
        let new = line.replace("03-03T09:00", "03-03T19:00");
        push(&day_after, &actor, source, &(line + &new)).await;
        let all = items(&day_after, &actor, &ItemFilter::default()).await;
        let by_device: BTreeMap<String, u64> =
            all.into_iter().map(|it| (it.device.unwrap().1, it.events.0)).collect();
        assert_eq!(by_device, BTreeMap::from([("P-1".into(), 1), ("P-2".into(), 2)]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_an_alert_is_told_until_somebody_does() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let success = alert(2, 7, "ATTACK_RESPONSE root", "203.0.113.9", "10.20.1.7", "allowed");
        push(&ctx, &actor, source, &success).await;
        let titles = async |ctx: &Context| -> Vec<String> {
            let told = notices::list(ctx, &actor).await.unwrap().into_iter();
            told.map(|(notice, _)| notice.title).filter(|title| title.contains("alert")).collect()
        };
        assert_eq!(titles(&ctx).await, ["an alert cannot wait: ATTACK_RESPONSE root"]);
        assert_eq!(upkeep::watch(&ctx).await.unwrap().told, 0, "there is an hour for it");
        let late = later(&ctx, 2);
        assert_eq!(upkeep::watch(&late).await.unwrap().told, 1);
        assert_eq!(upkeep::watch(&late).await.unwrap().told, 0, "once an hour");
        assert_eq!(upkeep::watch(&later(&ctx, 4)).await.unwrap().told, 1, "again and again");
        assert_eq!(titles(&ctx).await.len(), 3);
        let item = items(&late, &actor, &ItemFilter { late: true, ..ItemFilter::default() }).await.remove(0);
        assert_eq!(item.told, 2);
        work::take(&late, &actor, &[item.id], Some("Kim"), None).await.unwrap();
        assert_eq!(upkeep::watch(&later(&ctx, 8)).await.unwrap().told, 0);

        // A source that may not be silent for longer than an hour.
        let heard = NewSource { silent_minutes: Some(60), ..NewSource::named("border") };
        alerts::set_source(&ctx, &actor, source, &heard).await.unwrap();
        assert_eq!(upkeep::watch(&later(&ctx, 3)).await.unwrap().silent, 1);
        assert_eq!(upkeep::watch(&later(&ctx, 3)).await.unwrap().silent, 0, "told once");
    }
}

/// What we find ourselves is work of the ledger: the end of support and a silent source here; told once, told again where it
/// comes to be so again.
#[tokio::test(flavor = "multi_thread")]
async fn our_own_findings_are_items_and_are_told_once() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        assert_eq!(own::look(&ctx, &actor).await.unwrap(), Receipt::default(), "nothing is wrong yet");
        let list = "asset_tag,maker,model,version,ip,support_ends\nS-1,Acme,Scanner,2,10.20.2.1,2026-03-01\nS-2,Acme,Scanner,2,10.20.2.2,2026-03-01\nS-3,Acme,Scanner,2,10.20.2.3,2027-01-01\n";
        devices::import(&ctx, &actor, story::list("more.csv", list, false)).await.unwrap();
        let watched = NewSource { silent_minutes: Some(60), ..NewSource::named("border") };
        alerts::set_source(&ctx, &actor, source, &watched).await.unwrap();
        let silent = later(&ctx, 3);
        let receipt = own::look(&silent, &actor).await.unwrap();
        assert_eq!((receipt.events, receipt.opened), (2, 2));
        assert_eq!(own::look(&silent, &actor).await.unwrap().events, 0, "told once");
        let alone = proof(&silent, &actor).await;
        assert_eq!(
            (alone.events_in, alone.verdict()),
            (2, prove::Verdict::NothingCame),
            "only we ourselves spoke"
        );
        let all = items(&silent, &actor, &ItemFilter::default()).await;
        let mut names: Vec<&str> = all.iter().map(|it| it.rule.1.as_deref().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Acme Scanner 2 has no support of its maker since 2026-03-01 (2 devices)",
                "nothing has come from border since 2026-03-03T10:00:00Z",
            ]
        );
        assert!(all.iter().all(|it| it.is_own && it.device.is_none() && it.source.1 == own::NAME));
        let about = all.iter().map(|it| own::page_of(&it.rule.0).unwrap());
        assert!(about.into_iter().any(|page| page == "/alerts/sources"));

        // The source is heard again; when it falls silent once more the item comes again.
        let back = later(&ctx, 4);
        push(&back, &actor, source, &alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked")).await;
        assert_eq!(own::look(&back, &actor).await.unwrap().events, 0);
        let item = all.iter().find(|it| it.rule.0.starts_with(own::SILENT.code)).unwrap();
        let close = [(item.id, item.events.0)];
        work::close(&back, &actor, &close, Reason::Mended, "The cable was put back.").await.unwrap();
        let again = later(&ctx, 8);
        let receipt = own::look(&again, &actor).await.unwrap();
        assert_eq!((receipt.events, receipt.reopened), (1, 1));
        let proof = proof(&again, &actor).await;
        assert_eq!((proof.events_in, proof.events_accounted), (4, 4));
        assert_eq!(proof.verdict(), prove::Verdict::Whole);
        let wards: u64 = proof.wards.iter().map(|ward| ward.events).sum();
        assert_eq!(wards, 4, "each event is somewhere, if only on no known device");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_are_forgotten_and_stay_accounted_for() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        push(&ctx, &actor, source, &alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked")).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        let files = || walk(&dir.path().join("documents"));
        let before = files();
        assert_eq!(upkeep::nightly(&later(&ctx, 24 * 89)).await.unwrap().forgotten, 0);
        let night = upkeep::nightly(&later(&ctx, 24 * 91)).await.unwrap();
        assert_eq!((night.forgotten, night.wrong.len()), (1, 0));
        assert_eq!(files(), before - 1);
        assert_eq!(proof(&ctx, &actor).await.events_accounted, 1);
        let detail = work::get(&ctx, &actor, item.id).await.unwrap();
        assert_eq!((detail.events.len(), detail.events_missing), (0, true));
    }
}

fn walk(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

/// What was written is counted again from the kept events, so that a file that was touched is seen.
#[tokio::test(flavor = "multi_thread")]
async fn damage_to_the_kept_events_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor, source) = opened(dir.path(), None).await;
    push(&ctx, &actor, source, &alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked")).await;
    let mut folder = dir.path().join("documents");
    let mut newest = None;
    for entry in std::fs::read_dir(&folder).unwrap() {
        folder = entry.unwrap().path();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if std::fs::read(&path).unwrap().starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
                newest = Some(path);
            }
        }
    }
    std::fs::write(newest.unwrap(), b"other").unwrap();
    let checked = prove::check(&ctx, &actor, 7).await.unwrap();
    assert_eq!(checked.wrong.len(), 1, "{checked:?}");
    let night = upkeep::nightly(&ctx).await.unwrap();
    assert_eq!(night.wrong.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_between_organisations() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let org = organisations::add(&ctx, "Elsewhere", OrgKind::CoveredEntity).await.unwrap();
        let other = Actor::system(org);
        push(&ctx, &actor, source, &alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked")).await;
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        let missing = |error: Error| assert!(matches!(error, Error::NotFound { .. }), "{error}");
        missing(receive::push(&ctx, &other, source, b"{}").await.unwrap_err());
        missing(work::get(&ctx, &other, item.id).await.unwrap_err());
        missing(work::take(&ctx, &other, &[item.id], None, None).await.unwrap_err());
        let sentence = "not ours to close at all";
        missing(work::close(&ctx, &other, &[(item.id, 1)], Reason::Stopped, sentence).await.unwrap_err());
        missing(work::comment(&ctx, &other, item.id, "hello").await.unwrap_err());
        missing(alerts::set_source(&ctx, &other, source, &NewSource::named("x")).await.unwrap_err());
        assert!(items(&ctx, &other, &ItemFilter::default()).await.is_empty());
        assert!(alerts::sources(&ctx, &other).await.unwrap().is_empty());
        assert_eq!(proof(&ctx, &other).await.events_in, 0);
        // The same name and the same line elsewhere are another source and another item.
        let theirs = alerts::add_source(&ctx, &other, &NewSource::named("border")).await.unwrap();
        push(&ctx, &other, theirs, &alert(1, 7, "ET SCAN x", "203.0.113.9", "10.20.1.7", "blocked")).await;
        let found = items(&ctx, &other, &ItemFilter::default()).await.remove(0);
        assert!(found.device.is_none() && found.id != item.id, "our pump is not theirs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_are_refused_with_a_hint() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor, _) = opened(dir.path(), None).await;
    let named = || NewSource::named("other");
    for (new, expected) in [
        (NewSource::named(" "), "needs a name"),
        (NewSource { kind: Some(SourceKind::Mapped), ..named() }, "needs a mapping file"),
        (NewSource { mapping: Some("{}".into()), ..named() }, "for sources of kind"),
        (
            NewSource { kind: Some(SourceKind::Mapped), mapping: Some("{\"fields\":{}}".into()), ..named() },
            "`/fields/rule` is missing",
        ),
        (NewSource { kind: Some(SourceKind::Own), ..named() }, "of our own making"),
        (NewSource { zone: Some("Middle/Earth".into()), ..named() }, "no time zone"),
        (NewSource { keep_days: 0, ..named() }, "1 to 3650 days"),
    ] {
        let error = alerts::add_source(&ctx, &actor, &new).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let taken = alerts::add_source(&ctx, &actor, &NewSource::named("border")).await.unwrap_err();
    assert!(matches!(taken, Error::Conflict { .. }), "{taken}");
}

/// What did not come was looked at by nobody, so that nothing waits is not known then.
#[tokio::test(flavor = "multi_thread")]
async fn no_requirement_is_met_by_alerts_of_which_some_were_lost() {
    for database in databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor, source) = opened(dir.path(), database).await;
        let waiting = async |ctx: &Context| {
            let detail = programme::get(ctx, &actor, "C2-action-alerts").await.unwrap();
            let signal = detail.signals.into_iter().find(|it| it.id == "alert.undispositioned").unwrap();
            let values: Vec<String> = signal.facts.into_iter().map(|it| it.value).collect();
            (values.join(" "), signal.unknown.iter().map(|(_, reason)| reason.as_str()).collect::<String>())
        };
        push(&ctx, &actor, source, &stats(100, 0)).await;
        push(&ctx, &actor, source, &alert(1, 7, "ET EXPLOIT x", "203.0.113.9", "10.20.1.7", "allowed")).await;
        push(&ctx, &actor, source, &stats(200, 1)).await;
        assert_eq!(waiting(&ctx).await.0, "0");
        push(&ctx, &actor, source, &stats(300, 5)).await;
        assert_eq!(proof(&ctx, &actor).await.verdict(), prove::Verdict::NotAllCame);
        let (values, why) = waiting(&ctx).await;
        assert_eq!(values, "");
        assert!(why.contains("not all came that was sent in the last 30 days: border"), "{why}");
        // What waits, waits all the same; and a month later the loss is another month's.
        assert_eq!(waiting(&later(&ctx, 25)).await.0, "1");
        let item = items(&ctx, &actor, &ItemFilter::default()).await.remove(0);
        let why = "The rule fires on our own scanner.";
        work::close(&ctx, &actor, &[(item.id, item.events.0)], Reason::FalseAlarm, why).await.unwrap();
        assert_eq!(waiting(&later(&ctx, 25)).await.0, "");
        assert_eq!(waiting(&later(&ctx, 24 * 32)).await.0, "0");
    }
}
