//! Background jobs with real processes that are killed at any moment: none is lost, none is done twice.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::devices::{DeviceFilter, ImportDevices};
use bedrail_app::exports::Export;
use bedrail_app::page::PageRequest;
use bedrail_app::results::{self, Outcome};
use bedrail_app::sboms::AddSbom;
use bedrail_app::{Actor, Context, accounts, audit, devices, exports, jobs};
use bedrail_model::job::JobState;
use tempfile::tempdir;

use super::run::program;
use super::scan::PUMP;

/// Milliseconds after the workers began.
const MOMENTS: [u64; 7] = [0, 3, 10, 30, 60, 120, 250];
const JOBS: u32 = 300;

/// A worker that has opened the database.
fn worker(folder: &Path, database: Option<&str>) -> Child {
    let mut command = program();
    command.current_dir(folder).args(["--data", "data", "worker", "--feeds", "off", "--job-lease", "1"]);
    if let Some(database) = database {
        command.args(["--database", database]);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("Bedrail does background jobs"), "{line}");
    child
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(super) async fn open(folder: &Path, database: Option<String>) -> (Context, Actor) {
    let settings = Settings {
        data_dir: folder.join("data"),
        database,
        clock: Clock::System,
        parser: None,
        key_file: None,
        max_data_age_days: 7,
    };
    let ctx = Context::open(settings).await.unwrap();
    let org = accounts::ensure_organisation(&ctx, "Test Clinic").await.unwrap();
    (ctx, Actor::system(org))
}

/// Checks that are not over.
async fn left(ctx: &Context, actor: &Actor) -> usize {
    let page = PageRequest::at(0, 500);
    let mut left = 0;
    for state in [JobState::Waiting, JobState::Running] {
        let found = jobs::list(ctx, actor, Some(state), &page).await.unwrap().rows;
        left += found.iter().filter(|job| job.kind == "check").count();
    }
    left
}

/// Every finished check has left exactly one entry in the audit log.
async fn each_is_done_once(ctx: &Context, actor: &Actor) {
    let mut entries = Vec::new();
    for offset in (0..1500).step_by(500) {
        let page = PageRequest::at(offset, 500);
        entries.extend(audit::list(ctx, actor, &audit::AuditFilter::default(), &page).await.unwrap().rows);
    }
    let done: Vec<String> =
        entries.into_iter().filter(|entry| entry.action == "job.check").map(|entry| entry.detail).collect();
    assert_eq!(done.len(), JOBS as usize);
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), done.len());
}

async fn survive(folder: &Path, database: Option<String>) {
    let (ctx, actor) = open(folder, database.clone()).await;
    jobs::check(&ctx, &actor, JOBS).await.unwrap();
    for moment in MOMENTS {
        let (one, two) = (worker(folder, database.as_deref()), worker(folder, database.as_deref()));
        // The one place where time passing is what is tested.
        sleep(Duration::from_millis(moment));
        end(one);
        sleep(Duration::from_millis(moment));
        end(two);
    }
    let (one, two) = (worker(folder, database.as_deref()), worker(folder, database.as_deref()));
    let begun = Instant::now();
    while left(&ctx, &actor).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} jobs are left", left(&ctx, &actor).await);
        sleep(Duration::from_millis(50));
    }
    end(one);
    end(two);
    let failed = jobs::list(&ctx, &actor, Some(JobState::Failed), &PageRequest::default()).await.unwrap();
    assert_eq!(failed.rows, []);
    each_is_done_once(&ctx, &actor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_no_job_and_do_none_twice_on_the_embedded_database() {
    let folder = tempdir().unwrap();
    survive(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_no_job_and_do_none_twice_on_postgresql() {
    let Some(database) = bedrail_testkit::postgres::database() else { return };
    let folder = tempdir().unwrap();
    survive(folder.path(), Some(database)).await;
}

/// Milliseconds after a worker began a large piece of work; its kind is begun a few times only.
const MOMENTS_OF_LARGE: [u64; 3] = [60, 250, 600];
const DEVICES: u64 = 3_000;

/// An import of devices, one of a bill and an export, killed at moments: each is done once, with what comes of it.
async fn large_ones_survive(folder: &Path, database: Option<String>) {
    let (ctx, actor) = open(folder, database.clone()).await;
    let mut list = "Serial,Maker,Model,Version\n".to_owned();
    list.extend((0..DEVICES).map(|number| format!("SN-{number},Orbis,Flow,2.1\n")));
    let command = ImportDevices {
        file_name: "list.csv".into(),
        document: list.as_str().into(),
        mapping: Vec::new(),
        dry_run: false,
    };
    let bill = AddSbom {
        file_name: "pump.json".into(),
        document: PUMP.into(),
        maker: Some("Orbis".into()),
        model: Some("Flow".into()),
        version: Some("2.1".into()),
    };
    let asked = [
        jobs::imports::ask_devices(&ctx, &actor, command).await.unwrap(),
        jobs::imports::ask_sbom(&ctx, &actor, bill).await.unwrap(),
        exports::ask(&ctx, &actor, &Export::Devices(DeviceFilter::default())).await.unwrap(),
    ];
    for moment in MOMENTS_OF_LARGE {
        let one = worker(folder, database.as_deref());
        sleep(Duration::from_millis(moment));
        end(one);
    }
    let one = worker(folder, database.as_deref());
    let begun = Instant::now();
    for id in asked {
        loop {
            let job = jobs::get(&ctx, &actor, id).await.unwrap().job;
            if job.state == JobState::Done {
                break;
            }
            assert!(!job.state.is_over(), "{job:?}");
            assert!(begun.elapsed() < Duration::from_secs(60), "{job:?}");
            sleep(Duration::from_millis(50));
        }
    }
    end(one);
    let all = devices::list(&ctx, &actor, &DeviceFilter::default(), &PageRequest::at(0, 1)).await.unwrap();
    assert_eq!(all.total, DEVICES);
    for action in ["devices.import", "sbom.add", "devices.export"] {
        let filter = audit::AuditFilter { action: Some(action.into()), ..audit::AuditFilter::default() };
        let entries = audit::list(&ctx, &actor, &filter, &PageRequest::at(0, 10)).await.unwrap();
        assert_eq!(entries.total, 1, "{action}");
    }
    let outcome = results::get(&ctx, &actor, asked[0]).await.unwrap();
    assert!(matches!(outcome, Outcome::Import(_, report) if report.rows.len() as u64 == DEVICES));
    assert!(matches!(results::get(&ctx, &actor, asked[1]).await.unwrap(), Outcome::Receipt(_)));
    assert!(matches!(results::get(&ctx, &actor, asked[2]).await.unwrap(), Outcome::File { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_imports_and_exports_that_are_cut_off_are_done_once_on_the_embedded_database() {
    let folder = tempdir().unwrap();
    large_ones_survive(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_imports_and_exports_that_are_cut_off_are_done_once_on_postgresql() {
    let Some(database) = bedrail_testkit::postgres::database() else { return };
    let folder = tempdir().unwrap();
    large_ones_survive(folder.path(), Some(database)).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_gives_its_jobs_back() {
    let folder = tempdir().unwrap();
    let (ctx, actor) = open(folder.path(), None).await;
    jobs::check(&ctx, &actor, JOBS).await.unwrap();
    let mut one = worker(folder.path(), None);
    let told = std::process::Command::new("kill").arg(one.id().to_string()).status().unwrap();
    assert!(told.success());
    assert!(one.wait().unwrap().success());
    let running = jobs::list(&ctx, &actor, Some(JobState::Running), &PageRequest::default()).await.unwrap();
    assert_eq!(running.rows, []);
}
