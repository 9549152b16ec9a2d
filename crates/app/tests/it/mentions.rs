//! A distribution's advisory fixes several weaknesses under an id of its own: who asks for one of them hears of its devices.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bedrail_app::affected::{self, Affected, Question, Understood};
use bedrail_app::feeds::change::Received;
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, advisories, devices, rematch, today};
use bedrail_model::answer::Answer;
use bedrail_model::severity::Severity;

use crate::story;

/// Products, each with the package URL of what is inside.
const BILLS: &[(&str, &str)] = &[
    ("Old", "pkg:deb/debian/openssl@1.0.1e-2?distro=debian-7"),
    ("Fixed", "pkg:deb/debian/openssl@1.0.1e-2%2Bdeb7u5?distro=debian-7"),
    ("Unsaid", "pkg:deb/debian/openssl?distro=debian-7"),
    ("Script", "pkg:npm/gate@1.0.0"),
];

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version
O-1,Orbis,Old,1
O-2,Orbis,Old,1
F-1,Orbis,Fixed,1
U-1,Orbis,Unsaid,1
S-1,Orbis,Script,1
";

const KEV: &str = r#"{"dateReleased":"2026-02-01T00:00:00Z","count":1,"vulnerabilities":[
 {"cveID":"CVE-2026-0002","dateAdded":"2026-01-20","dueDate":"2026-02-10","knownRansomwareCampaignUse":"Known"}]}"#;

const GHSA: &str = r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-02-01T00:00:00Z","aliases":["CVE-2026-0001"],"summary":"a flaw in gate",
 "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
 "affected":[{"package":{"ecosystem":"npm","name":"gate"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}"#;

/// The advisory of the distribution with the CVEs that it fixes.
fn dsa(related: &str, day: u32) -> String {
    format!(
        r#"{{"id":"DSA-9001-1","modified":"2026-02-{day:02}T00:00:00Z","related":[{related}],"summary":"openssl - security update",
        "affected":[{{"package":{{"ecosystem":"Debian:7","name":"openssl"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.0.1e-2+deb7u5"}}]}}]}}]}}"#
    )
}

fn write_zip(path: &Path, name: &str, record: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(record.as_bytes()).unwrap();
    zip.finish().unwrap();
}

/// A mirror with the records above.
fn mirror(folder: &Path) -> PathBuf {
    let mirror = folder.join("mirror");
    write_zip(&mirror.join("osv/npm/all.zip"), "GHSA-aaaa-bbbb-cccc.json", GHSA);
    let dsa = dsa(r#""CVE-2026-0001","CVE-2026-0002""#, 1);
    write_zip(&mirror.join("osv/Debian/all.zip"), "DSA-9001-1.json", &dsa);
    fs::create_dir_all(mirror.join("kev")).unwrap();
    fs::write(mirror.join("kev/known_exploited_vulnerabilities.json"), KEV).unwrap();
    mirror
}

async fn filled(folder: &Path, mirror: PathBuf, database: Option<String>) -> (Context, Actor) {
    let data = folder.join("data");
    let now = "2026-02-02T10:00:00Z".parse().unwrap();
    let origin = Origin::Mirror(mirror);
    feeds::update(&DataDir::new(&data), &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
    let ctx = story::open(&data, database).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, story::list("devices.csv", LIST, false)).await.unwrap();
    for (model, purl) in BILLS {
        let bill = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"firmware","bom-ref":"root","name":"{model}","version":"1","supplier":{{"name":"Orbis"}}}}}},
            "components":[{{"type":"library","bom-ref":"c","name":"part of {model}","purl":"{purl}"}}]}}"#
        );
        let command = AddSbom {
            file_name: format!("{model}.json"),
            document: bill.into_bytes().into(),
            maker: None,
            model: None,
            version: None,
        };
        sboms::add(&ctx, &actor, command).await.unwrap();
    }
    (ctx, actor)
}

async fn ask(ctx: &Context, actor: &Actor, text: &str) -> Affected {
    let question = Question { text: text.into(), ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap()
}

/// Device, answer and the first record that says so, by device.
fn said(answer: &Affected) -> Vec<(&str, Answer, &str)> {
    let mut said: Vec<_> = answer
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.answer, row.evidence[0].advisory.as_str()))
        .collect();
    said.sort_unstable();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_for_a_cve_reaches_the_devices_of_the_advisories_that_fix_it() {
    reaches(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        reaches(Some(url)).await;
    }
}

async fn reaches(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(folder.path(), mirror(folder.path()), database).await;
    let by_advisory = [
        ("O-1", Answer::Affected, "DSA-9001-1"),
        ("O-2", Answer::Affected, "DSA-9001-1"),
        ("U-1", Answer::CannotTell, "DSA-9001-1"),
    ];
    assert_eq!(said(&ask(&ctx, &actor, "DSA-9001-1").await), by_advisory);

    // One that another record is about as well: both answer, each with its own evidence.
    let answer = ask(&ctx, &actor, "cve-2026-0001").await;
    let mut both = by_advisory.to_vec();
    both.insert(2, ("S-1", Answer::Affected, "GHSA-aaaa-bbbb-cccc"));
    assert_eq!(said(&answer), both);
    assert_eq!((answer.totals.affected, answer.totals.cannot_tell), (3, 1));
    // By another name of the same weakness, too.
    assert_eq!(said(&ask(&ctx, &actor, "GHSA-aaaa-bbbb-cccc").await), both);

    // One that only the advisory speaks of is known by that, and by CISA's catalogue.
    let answer = ask(&ctx, &actor, "CVE-2026-0002").await;
    assert_eq!(said(&answer), by_advisory);
    let Understood::Weakness(weakness) = answer.understood else { panic!("{:?}", answer.understood) };
    assert!(weakness.id == "CVE-2026-0002" && weakness.kev.is_some());

    let detail = advisories::get(&ctx, &actor, "CVE-2026-0001").await.unwrap();
    let named: Vec<&str> = detail.mentioned_by.iter().map(|mention| mention.weakness.as_str()).collect();
    assert_eq!((named, detail.totals.affected), (vec!["DSA-9001-1"], 3));

    pressing(&ctx, &actor).await;
    lets_go(&ctx, &actor).await;
}

/// The advisory is as pressing as what it fixes, and says whose words those are.
async fn pressing(ctx: &Context, actor: &Actor) {
    let page = PageRequest::default();
    let found = advisories::list(ctx, actor, Some("cve-2026-0002"), &page).await.unwrap().rows;
    let [row] = &found[..] else { panic!("{found:?}") };
    let weakness = &row.weakness;
    assert_eq!((weakness.id.as_str(), weakness.severity), ("DSA-9001-1", Severity::Critical));
    assert_eq!(weakness.mentions, ["CVE-2026-0001", "CVE-2026-0002"]);
    assert!(weakness.kev.as_ref().is_some_and(|kev| kev.ransomware));
    assert_eq!(weakness.borrowed.severity.as_deref(), Some("CVE-2026-0001"));
    assert_eq!(weakness.borrowed.kev.as_deref(), Some("CVE-2026-0002"));
    assert_eq!(exploited_in_old(ctx, actor).await, 1);
    let urgent = today::today(ctx, actor).await.unwrap().urgent;
    assert_eq!(urgent.iter().map(|row| row.weakness.id.as_str()).collect::<Vec<_>>(), ["DSA-9001-1"]);
}

/// Known exploited weaknesses that affect the release `Old`.
async fn exploited_in_old(ctx: &Context, actor: &Actor) -> u32 {
    let filter = ReleaseFilter { text: Some("Orbis Old".into()), ..ReleaseFilter::default() };
    let rows = releases::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().rows;
    rows[0].known_exploited
}

/// A changed advisory that no longer names the exploited weakness takes its devices along.
async fn lets_go(ctx: &Context, actor: &Actor) {
    let changed = dsa(r#""CVE-2026-0001""#, 3);
    let received = [Received { source: "osv/Debian", json: changed.as_bytes() }];
    rematch::receive(ctx, &received).await.unwrap().unwrap();
    let answer = ask(ctx, actor, "CVE-2026-0002").await;
    assert_eq!(answer.understood, Understood::UnknownWeakness("CVE-2026-0002".into()));
    assert_eq!(ask(ctx, actor, "CVE-2026-0001").await.totals.affected, 3);
    let detail = advisories::get(ctx, actor, "DSA-9001-1").await.unwrap();
    assert_eq!((detail.weakness.kev, detail.weakness.borrowed.kev), (None, None));
    assert_eq!(exploited_in_old(ctx, actor).await, 0);
    assert!(today::today(ctx, actor).await.unwrap().urgent.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbleed_by_its_cve_reaches_what_the_advisory_of_debian_reaches() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from).join("data");
    if !shared.join("osv/Debian").is_dir() {
        println!("skipped: no shared data");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    for ecosystem in ["Debian", "Alpine"] {
        fs::create_dir_all(mirror.join("osv").join(ecosystem)).unwrap();
        let feed = Path::new("osv").join(ecosystem).join("all.zip");
        std::os::unix::fs::symlink(shared.join(&feed), mirror.join(&feed)).unwrap();
    }
    std::os::unix::fs::symlink(shared.join("kev"), mirror.join("kev")).unwrap();
    let (ctx, actor) = filled(folder.path(), mirror, None).await;
    let by_advisory = ask(&ctx, &actor, "DSA-2896-1").await;
    let by_cve = ask(&ctx, &actor, "CVE-2014-0160").await;
    assert_eq!((by_cve.totals.affected, by_cve.totals.cannot_tell), (2, 1));
    assert_eq!(by_cve.totals, by_advisory.totals);
    assert_eq!(said(&by_cve), said(&by_advisory));
    let Understood::Weakness(advisory) = by_advisory.understood else { panic!() };
    assert!(advisory.kev.is_some());
    assert_eq!(advisory.borrowed.kev.as_deref(), Some("CVE-2014-0160"));
}
