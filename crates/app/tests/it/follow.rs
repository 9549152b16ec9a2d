//! Findings follow the vulnerability data: a changed advisory opens, closes and opens again, and what is counted stays right.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write as _;

use bedrail_app::affected::{self, Question};
use bedrail_app::devices::{self, DeviceFilter};
use bedrail_app::feeds::change::Received;
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, advisories, audit, rematch};
use bedrail_model::answer::Answer;

use crate::story;

/// Products with what is inside each: name and version of npm packages.
pub(crate) const BILLS: &[(&str, &[(&str, &str)])] = &[
    ("Flow", &[("gate", "1.0.0"), ("left", "1.2.0"), ("odd", "")]),
    ("Pulse", &[("gate", "2.0.0"), ("left", "1.2.0"), ("gate", "1.1.0")]),
    ("Scan", &[("left", "1.4.0")]),
];

pub(crate) const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Operating system
F-1,Orbis,Flow,1,Linux
F-2,Orbis,Flow,1,Windows 10
P-1,Orbis,Pulse,1,Linux
P-2,Orbis,Pulse,1,Linux
S-1,Orbis,Scan,1,
";

pub(crate) fn bill(model: &str, parts: &[(&str, &str)]) -> String {
    let part = |(at, (name, version)): (usize, &(&str, &str))| {
        let at_version = if version.is_empty() { String::new() } else { format!("@{version}") };
        format!(
            r#"{{"type":"library","bom-ref":"c{at}","name":"{name}","version":"{version}","purl":"pkg:npm/{name}{at_version}"}}"#
        )
    };
    let parts: Vec<String> = parts.iter().enumerate().map(part).collect();
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"firmware","bom-ref":"root","name":"{model}","version":"1","supplier":{{"name":"Orbis"}}}}}},"components":[{}]}}"#,
        parts.join(",")
    )
}

/// A record that says: all versions of the package before `fixed` are affected.
pub(crate) fn record(id: &str, package: &str, fixed: &str, day: u32, withdrawn: bool) -> String {
    let withdrawn = if withdrawn { r#""withdrawn":"2026-02-20T00:00:00Z","# } else { "" };
    format!(
        r#"{{"schema_version":"1.6.0","id":"{id}","modified":"2026-02-{day:02}T00:00:00Z",{withdrawn}"summary":"a flaw in {package}","affected":[{{"package":{{"ecosystem":"npm","name":"{package}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
    )
}

/// Fetches records from a mirror that has these alone.
pub(crate) async fn update(dir: &std::path::Path, records: &[String], day: u32) {
    let mirror = tempfile::tempdir().unwrap();
    let folder = mirror.path().join("osv/npm");
    fs::create_dir_all(&folder).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(folder.join("all.zip")).unwrap());
    for (at, record) in records.iter().enumerate() {
        zip.start_file(format!("{at}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(record.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let origin = Origin::Mirror(mirror.path().to_owned());
    let now = format!("2026-02-{day:02}T10:00:00Z").parse().unwrap();
    feeds::update(&DataDir::new(dir), &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
}

pub(crate) async fn filled(dir: &std::path::Path, database: Option<String>) -> (Context, Actor) {
    update(dir, &[record("CVE-2026-0001", "left", "1.3.0", 1, false)], 1).await;
    let ctx = story::open(dir, database).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, story::list("devices.csv", LIST, false)).await.unwrap();
    for (model, parts) in BILLS {
        let command = AddSbom {
            file_name: format!("{model}.json"),
            document: bill(model, parts).into_bytes().into(),
            maker: None,
            model: None,
            version: None,
        };
        sboms::add(&ctx, &actor, command).await.unwrap();
    }
    (ctx, actor)
}

pub(crate) async fn receive(ctx: &Context, record: &str) -> rematch::Rematched {
    let received = [Received { source: "osv/npm", json: record.as_bytes() }];
    rematch::receive(ctx, &received).await.unwrap().unwrap()
}

/// Affected devices and those of which it cannot be told.
pub(crate) async fn touched(ctx: &Context, actor: &Actor, weakness: &str) -> (u64, u64) {
    let question = Question { text: weakness.to_owned(), ..Question::default() };
    let totals = affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap().totals;
    (totals.affected, totals.cannot_tell)
}

/// Every number that is kept, against a count of the findings themselves.
pub(crate) async fn numbers_are_right(ctx: &Context, actor: &Actor) {
    let page = PageRequest::default();
    let mut seen = HashSet::new();
    for row in releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows {
        let releases::ReleaseDetail { findings, sbom, .. } = releases::get(ctx, actor, row.id).await.unwrap();
        let blind = sbom.unwrap().marks.into_iter().filter(|mark| mark.not_assessed.is_some()).count();
        let count = |answer| findings.iter().filter(|finding| finding.answer == answer).count();
        assert_eq!(row.affected as usize, count(Answer::Affected), "{}", row.model);
        assert_eq!(row.cannot_tell as usize, count(Answer::CannotTell) + blind, "{}", row.model);
        let filter = DeviceFilter { release: Some(row.id), ..DeviceFilter::default() };
        assert_eq!(row.devices, devices::list(ctx, actor, &filter, &page).await.unwrap().total);
        let standing = findings.into_iter().filter(|finding| finding.answer != Answer::NotAffected);
        seen.extend(standing.map(|finding| finding.weakness.id));
    }
    let inbox = advisories::list(ctx, actor, None, &page).await.unwrap();
    let listed: HashSet<String> = inbox.rows.iter().map(|row| row.weakness.id.clone()).collect();
    assert_eq!(listed, seen);
    for row in inbox.rows {
        let counted = touched(ctx, actor, &row.weakness.id).await;
        assert_eq!((row.affected, row.cannot_tell), counted, "{}", row.weakness.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_advisory_opens_closes_and_opens_again() {
    opens_and_closes(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        opens_and_closes(Some(url)).await;
    }
}

async fn opens_and_closes(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), database).await;
    assert_eq!(touched(&ctx, &actor, "CVE-2026-0001").await, (4, 0));
    numbers_are_right(&ctx, &actor).await;
    assert_eq!(rematch::refresh(&ctx).await.unwrap(), None);

    // Two classes of Flow and one of Pulse contain a version before the fix; Scan has no such package.
    let before = ctx.statements();
    let done = receive(&ctx, &record("CVE-2026-0002", "gate", "1.5.0", 2, false)).await;
    assert!(ctx.statements() - before <= 48, "{} statements", ctx.statements() - before);
    assert_eq!((done.software, done.changed, done.opened, done.closed), (3, 2, 3, 0));
    assert_eq!(touched(&ctx, &actor, "CVE-2026-0002").await, (4, 0));
    numbers_are_right(&ctx, &actor).await;
    let first_seen = first_seen_of(&ctx, &actor, "CVE-2026-0002").await;
    assert!(first_seen.is_some());

    let done = receive(&ctx, &record("CVE-2026-0002", "gate", "1.5.0", 3, true)).await;
    assert_eq!((done.opened, done.closed), (0, 3));
    assert_eq!(touched(&ctx, &actor, "CVE-2026-0002").await, (0, 0));
    assert_eq!(first_seen_of(&ctx, &actor, "CVE-2026-0002").await, None);
    numbers_are_right(&ctx, &actor).await;

    // What was found once keeps the day of it.
    let done = receive(&ctx, &record("CVE-2026-0002", "gate", "3.0.0", 4, false)).await;
    assert_eq!((done.opened, done.closed), (3, 0));
    assert_eq!(first_seen_of(&ctx, &actor, "CVE-2026-0002").await, first_seen);
    numbers_are_right(&ctx, &actor).await;

    let log =
        audit::list(&ctx, &actor, &audit::AuditFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!((log.rows[0].action.as_str(), log.rows[0].subject.as_str()), ("rematch", "CVE-2026-0002"));
}

/// When a weakness was first found on the first device that has it.
async fn first_seen_of(ctx: &Context, actor: &Actor, weakness: &str) -> Option<jiff::Timestamp> {
    let page = PageRequest::default();
    for row in releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap().rows {
        let findings = releases::get(ctx, actor, row.id).await.unwrap().findings;
        let found = findings.into_iter().find(|finding| finding.weakness.id == weakness);
        if let Some(found) = found {
            return Some(found.first_seen);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_notices_an_update_by_another_program() {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), None).await;
    let records = [
        record("CVE-2026-0001", "left", "1.1.0", 5, false),
        record("CVE-2026-0003", "gate", "9.0.0", 5, false),
    ];
    update(dir.path(), &records, 6).await;
    let done = rematch::refresh(&ctx).await.unwrap().unwrap();
    assert_eq!((done.opened, done.closed), (3, 3));
    assert_eq!(touched(&ctx, &actor, "CVE-2026-0001").await, (0, 0));
    assert_eq!(touched(&ctx, &actor, "CVE-2026-0003").await, (4, 0));
    numbers_are_right(&ctx, &actor).await;
    assert_eq!(rematch::refresh(&ctx).await.unwrap(), None);
}

/// Records by which other versions are affected in every round.
fn round(at: u32) -> [String; 2] {
    let (left, gate) = if at.is_multiple_of(2) { ("1.3.0", "1.5.0") } else { ("9.0.0", "2.5.0") };
    let day = 2 + at;
    [
        record("CVE-2026-0001", "left", left, day, false),
        record("CVE-2026-0002", "gate", gate, day, at % 3 == 2),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejudgement_that_is_cut_off_anywhere_is_finished_by_the_next() {
    cut_off_and_finished(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        cut_off_and_finished(Some(url)).await;
    }
}

async fn cut_off_and_finished(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), database).await;
    for at in 0..12 {
        update(dir.path(), &round(at), 3 + at).await;
        let again = ctx.clone();
        let work = tokio::spawn(async move { rematch::refresh(&again).await });
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(at) * 2)).await;
        work.abort();
        let _ = work.await;
        rematch::refresh(&ctx).await.unwrap();
        assert_eq!(rematch::refresh(&ctx).await.unwrap(), None);
        numbers_are_right(&ctx, &actor).await;
        // Left, at 1.2.0 and 1.4.0, is in all five devices; Flow and Pulse have it at 1.2.0.
        let left = if at.is_multiple_of(2) { 4 } else { 5 };
        assert_eq!(touched(&ctx, &actor, "CVE-2026-0001").await, (left, 0), "round {at}");
        let gate = if at % 3 == 2 { 0 } else { 4 };
        assert_eq!(touched(&ctx, &actor, "CVE-2026-0002").await, (gate, 0), "round {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_everything_is_judged_again_is_judged_by_the_newer_data() {
    come_while_judging(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        come_while_judging(Some(url)).await;
    }
}

async fn come_while_judging(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), database).await;
    for at in 0..4_u32 {
        update(dir.path(), &round(at), 3 + at).await;
        let (one, two, acting) = (ctx.clone(), ctx.clone(), actor.clone());
        let judging = tokio::spawn(async move { rematch::refresh(&one).await });
        let coming = tokio::spawn(async move {
            let parts = [("left", "1.2.0"), ("gate", "1.0.0"), ("gate", "2.0.0")];
            for (number, part) in parts.into_iter().enumerate() {
                let model = format!("New {at} {number}");
                let document = bill(&model, &[part]).into_bytes().into();
                let file_name = format!("{model}.json");
                let command = AddSbom { file_name, document, maker: None, model: None, version: None };
                sboms::add(&two, &acting, command).await.unwrap();
                let list = format!("Asset tag,Manufacturer,Model,Version\nN-{at}-{number},Orbis,{model},1\n");
                devices::import(&two, &acting, story::list("more.csv", &list, false)).await.unwrap();
            }
        });
        judging.await.unwrap().unwrap();
        coming.await.unwrap();
        rematch::refresh(&ctx).await.unwrap();
        numbers_are_right(&ctx, &actor).await;
        let (new, even) = (u64::from(at) + 1, at.is_multiple_of(2));
        let left = if even { 4 } else { 5 };
        assert_eq!(touched(&ctx, &actor, "CVE-2026-0001").await, (left + new, 0), "round {at}");
        // Gate at 1.0.0 always, at 2.0.0 every other round; none where the record is withdrawn.
        let gate = if at % 3 == 2 {
            0
        } else if even {
            4 + new
        } else {
            4 + 2 * new
        };
        assert_eq!(touched(&ctx, &actor, "CVE-2026-0002").await, (gate, 0), "round {at}");
    }
}

/// Records on one package, so many that findings follow them in many steps.
const MANY: usize = 6_000;

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_devices_and_who_judges_everything_again_never_wait_for_each_other() {
    come_in_between(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        come_in_between(Some(url)).await;
    }
}

/// Whoever changes devices takes the lock on matching, then waits for the turn to write: were that held by a re-judgement
/// that waits for the lock, both would wait until the database gives one of them up.
async fn come_in_between(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (ctx, actor) = filled(dir.path(), database).await;
    for at in 0..2_u32 {
        // Of two packages in turn, so that each round opens and closes thousands of findings.
        let package = if at.is_multiple_of(2) { "left" } else { "gate" };
        // And of thousands that nobody has, so that everything is judged again.
        let name = |number: usize| match number < MANY {
            true => package.to_owned(),
            false => format!("other-{at}-{number}"),
        };
        let records: Vec<String> = (0..MANY + 3_000)
            .map(|number| (format!("CVE-2026-{:05}", 10_000 + number), name(number)))
            .map(|(id, package)| record(&id, &package, "9.0.0", 3 + at, false))
            .collect();
        update(dir.path(), &records, 3 + at).await;
        let one = ctx.clone();
        let judging = tokio::spawn(async move { rematch::refresh(&one).await });
        let mut number = 0;
        while !judging.is_finished() {
            let list = format!("Asset tag,Manufacturer,Model,Version\nN-{at}-{number},Orbis,Flow,1\n");
            devices::import(&ctx, &actor, story::list("more.csv", &list, false)).await.unwrap();
            number += 1;
            tokio::time::sleep(std::time::Duration::from_micros(number * 137 % 5_000)).await;
        }
        judging.await.unwrap().unwrap();
        assert!(number > 3, "{number} changes came in between");
        let (affected, _) = touched(&ctx, &actor, "CVE-2026-10007").await;
        assert!(affected >= 4 + number, "{affected} devices after {number} came in round {at}");
    }
}
