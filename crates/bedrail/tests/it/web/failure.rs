//! A full disk and a lost database: what is asked for is refused in words, nothing is half done, and all goes on by itself
//! when there is room again, or the database is back.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode, header};
use bedrail_app::jobs::{self, Options};
use bedrail_testkit::postgres::Own;
use bedrail_testkit::small_disk::SmallDisk;
use serde_json::json;
use tokio::sync::watch;

use super::app::{Answer, TestApp};

/// A list of so many devices.
fn list(begin: u32, devices: u32) -> String {
    let rows = (begin..begin + devices).map(|number| {
        format!("N-{number},Orbis Medical,Flow 300,2.1,Ward {number},a note that takes room\n")
    });
    std::iter::once("Serial,Maker,Model,Version,Ward,Owner\n".to_owned()).chain(rows).collect()
}

async fn devices(app: &TestApp) -> u64 {
    app.get("/api/v1/devices").await.json()["total"].as_u64().unwrap()
}

/// An answer that says in words what is not there, and when to come back.
fn told(answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert!(answer.text.contains(words), "{}", answer.text);
    assert_eq!(answer.header(header::RETRY_AFTER), "5");
}

/// Works beside the test until told to stop.
fn worker(app: &TestApp) -> watch::Sender<bool> {
    let (tell, stop) = watch::channel(false);
    let (look, lease) = (Duration::from_millis(50), Duration::from_secs(2));
    let options = Options { look, lease, feeds: false, ..Options::default() };
    tokio::spawn(jobs::work(app.ctx.clone(), options, stop));
    tell
}

/// Waits until something is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "{what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn start_job(app: &TestApp) -> Answer {
    app.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_in_words_and_all_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(192) else { return };
    let folder = tempfile::tempdir_in(disk.path()).unwrap();
    let (app, one_time) = TestApp::in_folder(folder, None, None).await;
    let app = app.signed_in(&one_time).await;
    app.add_devices().await;
    let before = devices(&app).await;

    // No room for the file that comes in.
    disk.fill_but(0);
    told(&app.post("/api/v1/devices/import", list(0, 20_000)).await, "no room left");
    let page = app.upload("/devices/import", &app.token.clone(), list(0, 20_000).as_bytes()).await;
    told(&page, "no room left");
    assert!(page.text.contains("<h1>") && page.text.contains("Make room"), "{}", page.text);
    told(&app.upload("/releases/upload", &app.token.clone(), &vec![b' '; 1 << 20]).await, "no room left");
    // Who only reads is served.
    for path in ["/", "/devices", "/affected?q=log4j", "/healthz"] {
        assert_eq!(app.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(devices(&app).await, before);

    // Room for the file, none for the database.
    disk.make_room();
    disk.fill_but(900 << 10);
    let longer = list(0, 6_000);
    let refused = app.post("/api/v1/devices/import", longer.clone()).await;
    told(&refused, "no room left");
    assert_eq!(devices(&app).await, before, "nothing is half done");

    // The same by a job, which waits for room and is then done by itself.
    disk.make_room();
    disk.fill_but(900 << 10);
    let request = app.request(Method::POST, "/api/v1/devices/import").header("x-csrf-token", &app.token);
    let request = request.header("prefer", "respond-async").body(list(50_000, 5_000).into()).unwrap();
    let asked = app.send(request).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let stop = worker(&app);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(devices(&app).await, before);
    disk.make_room();
    let taken = app.post("/api/v1/devices/import", longer).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    app.json(Method::POST, &format!("/api/v1/jobs/{id}/retry"), &json!({})).await;
    let path = format!("/api/v1/jobs/{id}");
    until("the job is done", async || {
        let detail = app.get(&path).await.json();
        assert_ne!(detail["job"]["state"], "failed", "{detail}");
        detail["job"]["state"] == "done"
    })
    .await;
    assert_eq!(devices(&app).await, before + 11_000);
    stop.send(true).unwrap();
    assert_eq!(app.get("/api/v1/audit/check").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_told_in_words_and_all_goes_on_when_it_is_back() {
    let Some(database) = Own::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (app, one_time) = TestApp::in_folder(folder, Some(database.address()), None).await;
    let app = app.signed_in(&one_time).await;
    app.add_devices().await;
    let before = devices(&app).await;
    let stop = worker(&app);

    // Connections that are cut are made anew; whoever is in the middle is told to come back.
    for _ in 0..3 {
        database.cut_connections();
        let begun = Instant::now();
        loop {
            let answer = app.get("/api/v1/devices").await;
            if answer.status == StatusCode::OK {
                break;
            }
            told(&answer, "cannot be reached");
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        let added = app.post("/api/v1/devices/import", list(0, 5)).await;
        assert!([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&added.status), "{}", added.text);
    }
    assert_eq!(app.post("/api/v1/devices/import", list(0, 5)).await.status, StatusCode::OK);

    database.stop();
    let page = app.get("/devices").await;
    told(&page, "cannot be reached");
    assert!(page.text.contains("<h1>") && page.text.contains("Try again in a moment"), "{}", page.text);
    let problem = app.post("/api/v1/devices/import", list(100, 5)).await;
    told(&problem, "cannot be reached");
    assert_eq!(problem.json()["code"], "unavailable");
    told(&app.credentials(&json!({ "name": "admin", "password": "whatever" })).await, "cannot be reached");
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK);

    database.start_again();
    until("the database is found again", async || app.get("/devices").await.status == StatusCode::OK).await;
    assert_eq!(devices(&app).await, before + 5, "the session is good still, and nothing was half done");
    assert_eq!(app.post("/api/v1/devices/import", list(100, 5)).await.status, StatusCode::OK);
    // The worker goes on as if nothing had been.
    let id = start_job(&app).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/jobs/{id}");
    until("a job is done", async || app.get(&path).await.json()["job"]["state"] == "done").await;
    stop.send(true).unwrap();
    assert_eq!(app.get("/api/v1/audit/check").await.status, StatusCode::OK);
}
