//! What was seen from outside: joined with devices by address, judged beside what is declared, followed by every list.

use bedrail_app::affected::{self, Question};
use bedrail_app::devices::{self, DeviceFilter, DeviceRow};
use bedrail_app::exposure::{self, ExposureReport, ImportExposure, Outside, ReachRow};
use bedrail_app::page::PageRequest;
use bedrail_app::priority::{self, PriorityFilter};
use bedrail_app::today::Task;
use bedrail_app::{Actor, Context, Error, audit, organisations, today};
use bedrail_model::device::Exposure;
use bedrail_model::exposure::{Confidence, ExposureSource, Vantage};
use bedrail_model::organisation::OrgKind;

use crate::follow::filled;
use crate::story;

/// Addresses of the devices; F-2 and P-2 have one together, S-1 has none.
const ADDRESSES: &str = "\
Asset tag,Manufacturer,Model,Version,IP address,Exposure
F-1,Orbis,Flow,1,10.0.0.1,isolated
F-2,Orbis,Flow,1,10.0.0.2,isolated
P-1,Orbis,Pulse,1,203.0.113.7,
P-2,Orbis,Pulse,1,10.0.0.2,isolated
S-1,Orbis,Scan,1,,flat
";

/// What answered on 1 March 2026: a device, a border, somebody unknown; and who keeps silent.
const SCAN: &str = r#"<?xml version="1.0"?>
<nmaprun scanner="nmap" start="1772323200" version="7.93">
<host starttime="1772323200" endtime="1772323200"><status state="up"/><address addr="203.0.113.7" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="443"><state state="open"/><service name="https"/></port>
<port protocol="udp" portid="161"><state state="open|filtered"/></port></ports></host>
<host starttime="1772323200" endtime="1772323200"><status state="up"/><address addr="203.0.113.1" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="8443"><state state="open"/></port>
<port protocol="tcp" portid="22"><state state="open"/></port></ports></host>
<host starttime="1772323200" endtime="1772323200"><status state="up"/><address addr="203.0.113.99" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="80"><state state="open"/></port></ports></host>
<runstats><finished time="1772323200"/></runstats></nmaprun>
"#;

/// What the border hands on: to a device of its own, to an address of two devices, to nobody we know.
const NAT: &str = "\
Outside IP,Outside port,Inside IP,Inside port,Protocol
203.0.113.1,8443,10.0.0.1,443,tcp
203.0.113.1,9443,10.0.0.2,443,tcp
203.0.113.1,7443,10.0.0.77,443,tcp
";

fn command(file_name: &str, text: &str, dry_run: bool) -> ImportExposure {
    let vantage = if text.starts_with('<') { Vantage::Outside } else { Vantage::Unknown };
    ImportExposure { file_name: file_name.to_owned(), document: text.into(), vantage, dry_run }
}

async fn import(ctx: &Context, actor: &Actor, text: &str) -> ExposureReport {
    exposure::import(ctx, actor, command("evidence", text, false)).await.unwrap()
}

async fn device(ctx: &Context, actor: &Actor, tag: &str) -> DeviceRow {
    let filter = DeviceFilter { text: Some(tag.to_owned()), ..DeviceFilter::default() };
    devices::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().rows.remove(0)
}

async fn reach(ctx: &Context, actor: &Actor, tag: &str) -> ReachRow {
    let id = device(ctx, actor, tag).await.id;
    exposure::of_device(ctx, actor, id).await.unwrap()
}

/// Devices that face the outside by the main question, by the list, by the first page, and by the order of what to do first.
async fn outside(ctx: &Context, actor: &Actor) -> [u64; 4] {
    let page = PageRequest::default();
    let question =
        Question { text: "CVE-2026-0001".into(), exposure: Some(Exposure::Outside), ..Question::default() };
    let answer = affected::ask(ctx, actor, &question, &page).await.unwrap();
    assert_eq!(answer.matching, answer.totals.affected_outside);
    assert!(answer.rows.iter().all(|row| row.reach.judged.outside == Outside::Yes));
    let filter = DeviceFilter { exposure: Some(Exposure::Outside), ..DeviceFilter::default() };
    let listed = devices::list(ctx, actor, &filter, &page).await.unwrap();
    assert!(listed.rows.iter().all(|row| row.facts.exposure == Exposure::Outside));
    let today = today::today(ctx, actor).await.unwrap().exposure;
    let first = today.iter().filter(|(exposure, ..)| *exposure == Exposure::Outside).map(|it| it.2).sum();
    let order = priority::list(ctx, actor, &PriorityFilter::default(), &page).await.unwrap();
    let order = order.page.rows.iter().map(|row| row.outside).sum();
    [answer.matching, listed.total, first, order]
}

async fn on_both(story: impl AsyncFn(Context, Actor)) {
    for database in story::databases() {
        let dir = tempfile::tempdir().unwrap();
        let (ctx, actor) = filled(dir.path(), database).await;
        devices::import(&ctx, &actor, story::list("addresses.csv", ADDRESSES, false)).await.unwrap();
        story(ctx, actor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_is_followed_by_every_list_and_goes_with_its_file() {
    on_both(async |ctx, actor| {
        assert_eq!(outside(&ctx, &actor).await, [0; 4]);
        let dry = exposure::import(&ctx, &actor, command("scan.xml", SCAN, true)).await.unwrap();
        assert_eq!((dry.import, dry.pieces, dry.newly_outside()), (None, 5, 1));
        assert_eq!(outside(&ctx, &actor).await, [0; 4], "nothing was stored");

        let scan = import(&ctx, &actor, SCAN).await;
        assert_eq!((scan.joined.len(), scan.several.len(), scan.unknown.len()), (1, 0, 2));
        let joined = &scan.joined[0];
        assert_eq!((joined.name.as_str(), joined.pieces, joined.firm, joined.is_new), ("P-1", 2, 1, true));
        assert_eq!(outside(&ctx, &actor).await, [1; 4]);
        let seen = reach(&ctx, &actor, "P-1").await.reach;
        assert_eq!((seen.judged.outside, seen.judged.contradicted), (Outside::Yes, false));
        assert_eq!(
            (seen.judged.source, seen.judged.confidence, seen.judged.hints),
            (Some(ExposureSource::Nmap), Some(Confidence::High), 1)
        );
        let first = &seen.evidence[0];
        assert_eq!(
            (first.place.as_str(), first.file_name.as_str(), first.decides),
            ("line 4", "evidence", true)
        );
        assert_eq!((seen.evidence.len(), seen.evidence[1].decides), (2, false));
        assert!(
            import(&ctx, &actor, SCAN).await.unchanged,
            "the same file looked at from the same place is one"
        );

        exposure::remove(&ctx, &actor, scan.import.unwrap()).await.unwrap();
        assert_eq!(outside(&ctx, &actor).await, [0; 4]);
        assert_eq!(reach(&ctx, &actor, "P-1").await.reach.judged.outside, Outside::CannotTell);
        let gone = exposure::remove(&ctx, &actor, scan.import.unwrap()).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })));
        let log =
            audit::list(&ctx, &actor, &audit::AuditFilter::default(), &PageRequest::default()).await.unwrap();
        let actions: Vec<&str> = log.rows.iter().take(2).map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["exposure.remove", "exposure.import"], "one entry each");
        assert!(!import(&ctx, &actor, SCAN).await.unchanged, "what was removed can come again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_border_hands_on_and_seen_beats_said() {
    on_both(async |ctx, actor| {
        let nat = import(&ctx, &actor, NAT).await;
        assert_eq!(nat.joined.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["F-1"]);
        assert_eq!((nat.contradicted(), nat.newly_outside()), (1, 1));
        let names: Vec<&str> = nat.several[0].devices.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!((nat.several.len(), names), (1, vec!["F-2", "P-2"]), "an address of two is nobody's");
        assert_eq!(nat.unknown.len(), 1);
        let said = reach(&ctx, &actor, "F-1").await.reach;
        assert!(said.judged.contradicted && said.judged.source == Some(ExposureSource::Nat), "{said:#?}");
        assert_eq!((said.judged.confidence, said.declared), (Some(Confidence::Medium), Exposure::Isolated));
        assert_eq!(said.declared_by.as_deref(), Some("list addresses.csv, line 2, 3 March 2026"));

        // What answers at the border is the device's where the list hands it on, and nobody's at another port.
        let scan = import(&ctx, &actor, SCAN).await;
        assert_eq!((scan.unknown.len(), scan.handed_on.len()), (1, 1));
        let seen = reach(&ctx, &actor, "F-1").await.reach;
        assert_eq!(
            (seen.judged.source, seen.judged.confidence),
            (Some(ExposureSource::Nmap), Some(Confidence::High))
        );
        let ports: Vec<Option<u16>> = seen.evidence.iter().map(|it| it.evidence.port).collect();
        assert_eq!((ports, seen.evidence[0].via), (vec![Some(8443); 2], Some("10.0.0.1".parse().unwrap())));
        assert!(seen.judged.sentence.contains("The device list says otherwise: on a network of its own"));

        let list = exposure::list(&ctx, &actor, &PageRequest::default()).await.unwrap();
        let names: Vec<&str> = list.devices.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["F-1", "P-1"], "contradictions first");
        let totals = list.totals;
        assert_eq!((totals.outside, totals.seen, totals.contradicted), (2, 2, 1));
        assert_eq!((totals.cannot_tell, totals.inside), (0, 3));
        assert_eq!((list.several.len(), list.unknown.len(), list.files.len()), (1, 2, 2));
        let tasks = today::today(&ctx, &actor).await.unwrap().tasks;
        assert!(tasks.contains(&Task::SeenOutside { devices: 1 }), "{tasks:?}");
        assert_eq!(outside(&ctx, &actor).await, [2; 4]);

        // The list is put right: what was nobody's is a device's, and what is declared is a contradiction no more.
        let mended = "Asset tag,Manufacturer,Model,Version,IP address,Exposure\n\
            P-2,Orbis,Pulse,1,10.0.0.3,isolated\nF-1,Orbis,Flow,1,10.0.0.1,outside\n";
        devices::import(&ctx, &actor, story::list("mended.csv", mended, false)).await.unwrap();
        let list = exposure::list(&ctx, &actor, &PageRequest::default()).await.unwrap();
        assert_eq!((list.totals.contradicted, list.several.len()), (1, 0));
        assert!(reach(&ctx, &actor, "F-2").await.reach.judged.contradicted);
        assert!(!reach(&ctx, &actor, "F-1").await.reach.judged.contradicted);
        assert_eq!(outside(&ctx, &actor).await, [3; 4]);
        // The device moves: its evidence stays with the address.
        let moved = "Asset tag,Manufacturer,Model,Version,IP address\nP-1,Orbis,Pulse,1,203.0.113.8\n";
        devices::import(&ctx, &actor, story::list("moved.csv", moved, false)).await.unwrap();
        assert_eq!(outside(&ctx, &actor).await, [2; 4]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisation_has_nothing_of_it() {
    on_both(async |ctx, actor| {
        let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let elsewhere = Actor::system(other);
        devices::import(&ctx, &elsewhere, story::list("addresses.csv", ADDRESSES, false)).await.unwrap();
        let scan = import(&ctx, &actor, SCAN).await;
        assert_eq!(reach(&ctx, &elsewhere, "P-1").await.reach.judged.outside, Outside::CannotTell);
        let list = exposure::list(&ctx, &elsewhere, &PageRequest::default()).await.unwrap();
        assert_eq!((list.totals.outside, list.devices.total, list.files.len()), (0, 0, 0));
        let here = device(&ctx, &actor, "P-1").await.id;
        let found = exposure::of_device(&ctx, &elsewhere, here).await;
        assert!(matches!(found, Err(Error::NotFound { .. })));
        let gone = exposure::remove(&ctx, &elsewhere, scan.import.unwrap()).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })));
        assert_eq!(outside(&ctx, &actor).await, [1; 4]);
        assert!(
            !import(&ctx, &elsewhere, SCAN).await.unchanged,
            "the same bytes elsewhere are another matter"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_evidence_is_refused_and_silence_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), None).await;
    let list =
        "Asset tag,Manufacturer,Model,Version,IP address,Exposure\nP-1,Orbis,Pulse,1,203.0.113.7,outside\n";
    devices::import(&ctx, &actor, story::list("outside.csv", list, false)).await.unwrap();
    let refused = exposure::import(&ctx, &actor, command("a.txt", "hello", false)).await;
    assert!(matches!(&refused, Err(Error::Invalid { hint: Some(_), .. })), "{refused:?}");
    // Nobody answers, and Shodan knows nothing: what is declared stands.
    for text in [
        "<nmaprun scanner=\"nmap\" start=\"1772323200\"><host><address addr=\"203.0.113.7\" addrtype=\"ipv4\"/></host></nmaprun>",
        r#"{"ip":"203.0.113.7","ports":[]}"#,
    ] {
        let report = import(&ctx, &actor, text).await;
        assert_eq!((report.pieces, report.joined.len()), (0, 0));
    }
    let declared = reach(&ctx, &actor, "P-1").await.reach.judged;
    assert_eq!((declared.outside, declared.source), (Outside::Yes, Some(ExposureSource::Declared)));
}
