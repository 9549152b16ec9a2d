//! The fleet of a large hospital group: 100,000 devices, 2,000 releases of 300 components. How long it takes to match and
//! store everything, to follow one changed advisory, to answer the main question and to show the lists.
//!
//! `cargo bench -p bedrail-app --bench fleet`; `BEDRAIL_FLEET_DIR` keeps the data folder, so that a server can be started
//! on it (`bench/serve.py`), and a second run measures changes, questions and lists alone. Everything goes the ways of the product: the device list is imported, each bill of materials is read and judged,
//! the advisories come from a mirror of feeds.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops; it prints its table"
)]

mod made;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bedrail_app::advisories;
use bedrail_app::affected::{self, Question};
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::devices::{self, DeviceFilter, ImportDevices, RowOutcome};
use bedrail_app::feeds::{self, DataDir, Origin};
use bedrail_app::page::PageRequest;
use bedrail_app::releases::{self, ReleaseFilter};
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, rematch};

/// Changed advisories measured.
const CHANGES: usize = 15;
/// Questions asked.
const QUESTIONS: usize = 2_000;
/// Pages of each list.
const PAGES: usize = 100;

fn main() {
    let kept = std::env::var_os("BEDRAIL_FLEET_DIR").filter(|it| !it.is_empty()).map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let dir = kept.unwrap_or_else(|| temporary.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(&dir));
}

async fn run(dir: &Path) {
    println!("| what | figure |\n| --- | --- |");
    let names = dir.join("widest.txt");
    let filled = names.exists();
    if !filled {
        update(dir, 0, 1).await;
    }
    let ctx = open(dir).await;
    let org = accounts::ensure_organisation(&ctx, "Fleet").await.unwrap();
    let actor = Actor::system(org);
    if !filled {
        fill(&ctx, &actor).await;
        update(dir, 2, 2).await;
        match_everything(&ctx).await;
        std::fs::write(names, made::widest(50).join("\n")).unwrap();
    }
    first_question(&ctx, &actor).await;
    let news = news(dir);
    replace_bills(&ctx, &actor, news).await;
    changes(&ctx, news).await;
    questions(&ctx, &actor).await;
    lists(&ctx, &actor).await;
    row("peak memory of the process", &peak_memory());
    ctx.close().await.unwrap();
}

fn row(what: &str, figure: &str) {
    println!("| {what} | {figure} |");
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Median and 99th percentile.
fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    format!("median {:.1} ms, p99 {:.1} ms ({} calls)", at(50), at(99), times.len())
}

async fn open(dir: &Path) -> Context {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database: std::env::var("BEDRAIL_FLEET_DATABASE").ok(),
        clock: Clock::Fixed("2026-03-03T10:00:00Z".parse().unwrap()),
        parser: None,
        key_file: None,
        max_data_age_days: 30,
    };
    Context::open(settings).await.unwrap()
}

/// Fetches the advisories from a mirror.
async fn update(dir: &Path, per_package: usize, day: u32) {
    let mirror = tempfile::tempdir().unwrap();
    made::mirror(mirror.path(), per_package, day);
    let now = format!("2026-02-{day:02}T10:00:00Z").parse().unwrap();
    let origin = Origin::Mirror(mirror.path().to_owned());
    let start = Instant::now();
    let report =
        feeds::update(&DataDir::new(dir), &origin, feeds::Options::default(), now, &|_| {}).await.unwrap();
    row(&format!("update to {} advisories", report.advisories), &seconds(start.elapsed()));
}

/// Devices and bills of materials, while no advisory speaks of them.
async fn fill(ctx: &Context, actor: &Actor) {
    let document = made::list().into_bytes().into();
    let start = Instant::now();
    let command =
        ImportDevices { file_name: "fleet.csv".into(), document, mapping: Vec::new(), dry_run: false };
    let report = devices::import(ctx, actor, command).await.unwrap();
    assert_eq!(report.count(RowOutcome::Added), made::DEVICES);
    row(&format!("import a list of {} devices", made::DEVICES), &seconds(start.elapsed()));
    let start = Instant::now();
    for at in 0..made::RELEASES {
        add(ctx, actor, at, made::bill(at)).await;
    }
    row(
        &format!("add {} bills of {} components", made::RELEASES, made::COMPONENTS),
        &seconds(start.elapsed()),
    );
}

async fn add(ctx: &Context, actor: &Actor, at: usize, bill: String) {
    let command = AddSbom {
        file_name: format!("{at}.cdx.json"),
        document: bill.into_bytes().into(),
        maker: None,
        model: None,
        version: None,
    };
    sboms::add(ctx, actor, command).await.unwrap();
}

/// The advisories that the update brought, for all software and all devices.
async fn match_everything(ctx: &Context) {
    let start = Instant::now();
    let done = rematch::refresh(ctx).await.unwrap().unwrap();
    row("match and store everything", &seconds(start.elapsed()));
    row("software identities judged", &done.software.to_string());
    row("findings stored", &done.opened.to_string());
}

/// The question that loads the summary of the fleet, where none was asked since the start.
async fn first_question(ctx: &Context, actor: &Actor) {
    let question = Question { text: made::package(0), ..Question::default() };
    let start = Instant::now();
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap();
    row("the first question", &seconds(start.elapsed()));
}

/// A number that no earlier run on this folder took: each changed advisory leaves a file.
fn news(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("vulndb")).unwrap().count()
}

/// Bills that replace others, in the full fleet.
async fn replace_bills(ctx: &Context, actor: &Actor, news: usize) {
    let mut times = Vec::new();
    for at in 0..CHANGES {
        let [maker, model, version] = made::release(at);
        let command = AddSbom {
            file_name: "newer.cdx.json".into(),
            document: made::bill(made::RELEASES + news + at).into_bytes().into(),
            maker: Some(maker),
            model: Some(model),
            version: Some(version),
        };
        let start = Instant::now();
        sboms::add(ctx, actor, command).await.unwrap();
        times.push(start.elapsed());
    }
    row("replace a bill in the full fleet", &percentiles(times));
}

/// New advisories on the widest packages, from the record's bytes to the stored findings.
async fn changes(ctx: &Context, news: usize) {
    let (mut times, mut findings) = (Vec::new(), 0);
    for at in 0..CHANGES {
        let id = format!("CVE-2026-{:05}", 50_000 + news + at);
        let record = made::advisory(&id, at, 4, 3, false);
        let source = made::source(at);
        let start = Instant::now();
        let received = [feeds::change::Received { source: &source, json: record.as_bytes() }];
        let done = rematch::receive(ctx, &received).await.unwrap().unwrap();
        times.push(start.elapsed());
        findings += done.opened;
        assert!(done.opened > 0);
    }
    row("one new advisory, from receipt to stored findings", &percentiles(times));
    row("findings opened by each, on average", &(findings / CHANGES as u64).to_string());
}

async fn questions(ctx: &Context, actor: &Actor) {
    let names = made::widest(50);
    let page = PageRequest::default();
    let mut times = Vec::new();
    let mut devices = 0;
    for number in 0..QUESTIONS {
        let question = Question { text: names[number % names.len()].clone(), ..Question::default() };
        let start = Instant::now();
        let answer = affected::ask(ctx, actor, &question, &page).await.unwrap();
        times.push(start.elapsed());
        devices += answer.matching;
    }
    row("ask who is affected, the 50 widest names", &percentiles(times));
    row("devices in each answer, on average", &(devices / QUESTIONS as u64).to_string());
    let inbox = advisories::list(ctx, actor, None, &page).await.unwrap();
    let mut times = Vec::new();
    for number in 0..QUESTIONS {
        let text = inbox.rows[number % inbox.rows.len()].weakness.id.clone();
        let start = Instant::now();
        affected::ask(ctx, actor, &Question { text, ..Question::default() }, &page).await.unwrap();
        times.push(start.elapsed());
    }
    row("ask who is affected, the 50 first weaknesses", &percentiles(times));
}

async fn lists(ctx: &Context, actor: &Actor) {
    let pages = (0..PAGES).map(|page| PageRequest::at(page as u64 * 50, 50));
    let (mut of_devices, mut of_releases, mut of_advisories) = (Vec::new(), Vec::new(), Vec::new());
    for (number, page) in pages.enumerate() {
        let text = (number % 2 == 1).then(|| "part".to_owned());
        let start = Instant::now();
        devices::list(ctx, actor, &DeviceFilter { text, ..DeviceFilter::default() }, &page).await.unwrap();
        of_devices.push(start.elapsed());
        let start = Instant::now();
        releases::list(ctx, actor, &ReleaseFilter::default(), &page).await.unwrap();
        of_releases.push(start.elapsed());
        let start = Instant::now();
        advisories::list(ctx, actor, None, &page).await.unwrap();
        of_advisories.push(start.elapsed());
    }
    row("a page of devices", &percentiles(of_devices));
    row("a page of releases", &percentiles(of_releases));
    row("a page of advisories", &percentiles(of_advisories));
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let start = Instant::now();
        bedrail_app::today::today(ctx, actor).await.unwrap();
        times.push(start.elapsed());
    }
    row("the first page", &percentiles(times));
}

/// The high-water mark of resident memory, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
