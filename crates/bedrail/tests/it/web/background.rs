//! What takes long is done in the background: long lists and bills come in as jobs, long exports go out as jobs, and what comes
//! of them is for who asked.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use bedrail_app::jobs::{self, Options};
use serde_json::{Value, json};

use super::app::{Answer, DEVICES, Database, SBOM, TestApp, on_each_database};
use super::people::member;
use super::walk::administrator_elsewhere;

on_each_database! {
    a_device_list_is_taken_over_in_the_background_and_the_report_is_fetched,
    a_bill_of_materials_is_added_in_the_background_and_the_receipt_is_fetched,
    what_is_long_becomes_a_job_by_itself,
    lists_are_written_as_files_and_fetched_by_who_asked,
    a_job_of_who_has_left_does_nothing,
    a_job_that_waits_is_stopped_by_who_asked,
    a_document_that_cannot_be_read_fails_in_words_and_changes_nothing,
    how_often_data_is_fetched_is_chosen_and_moves_what_waits,
    a_request_sent_twice_with_one_key_makes_one_job,
}

/// The id of the job that an answer names, which is 202 and says where it is.
fn accepted(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header(header::LOCATION), format!("/api/v1/jobs/{id}"));
    id
}

/// Sends a file that need not be taken over at once.
async fn post_async(app: &TestApp, path: &str, body: impl Into<Body>) -> Answer {
    let request = app.request(Method::POST, path).header("x-csrf-token", &app.token);
    app.send(request.header("prefer", "respond-async, wait=5").body(body.into()).unwrap()).await
}

/// Has a worker work until a job is over; the job as it then is.
pub(super) async fn done(app: &TestApp, id: &str) -> Value {
    let (tell, stop) = tokio::sync::watch::channel(false);
    let look = Duration::from_millis(10);
    let options = Options { look, feeds: false, ..Options::default() };
    let worker = tokio::spawn(jobs::work(app.ctx.clone(), options, stop));
    let path = format!("/api/v1/jobs/{id}");
    let mut detail = Value::Null;
    for _ in 0..3_000 {
        detail = app.get(&path).await.json();
        if ["done", "failed", "cancelled"].contains(&detail["job"]["state"].as_str().unwrap()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tell.send(true).unwrap();
    worker.await.unwrap();
    detail
}

fn state(detail: &Value) -> &str {
    detail["job"]["state"].as_str().unwrap()
}

async fn a_device_list_is_taken_over_in_the_background_and_the_report_is_fetched(database: Database) {
    let app = TestApp::start(database).await;
    let list = format!("{DEVICES},,Orbis Medical,Flow 300,2.1,,,,,\n");
    let answer = post_async(&app, "/api/v1/devices/import?file_name=march.csv", list).await;
    assert_eq!(answer.headers["preference-applied"], "respond-async");
    let id = accepted(&answer);
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 0);
    assert_eq!(app.get(&format!("/api/v1/jobs/{id}/result")).await.status, StatusCode::NOT_FOUND);
    let detail = done(&app, &id).await;
    assert_eq!(state(&detail), "done", "{detail}");
    assert_eq!(detail["result"]["name"], "march.csv");
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 4);
    let report = app.get(&format!("/api/v1/jobs/{id}/result")).await.json();
    assert_eq!((&report["added"], &report["refused"]), (&json!(4), &json!(1)), "{report}");
    assert_eq!(report["rows"].as_array().unwrap().len(), 5);
    let page = app.get(&format!("/jobs/{id}")).await;
    assert!(page.text.contains("Open the report"), "{}", page.text);
    let page = app.get(&format!("/jobs/{id}/result")).await;
    assert!(page.text.contains("4 are new devices") && page.text.contains("march.csv"), "{}", page.text);
    // Asked for, taken over, read: each by an entry, and the taking over by who asked.
    let log = app.get("/api/v1/audit?limit=20").await.json();
    let actor_of = |action: &str| {
        let entries = log["rows"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["action"] == action);
        entry.unwrap_or_else(|| panic!("{action}: {log}"))["actor"].as_str().unwrap().to_owned()
    };
    for action in ["ask.devices.import", "devices.import"] {
        assert_eq!(actor_of(action), "admin (API)");
    }
    assert_eq!(actor_of("job.result"), "admin (web)");
}

async fn a_bill_of_materials_is_added_in_the_background_and_the_receipt_is_fetched(database: Database) {
    let app = TestApp::start(database).await;
    app.post("/api/v1/devices/import", DEVICES).await;
    let path = "/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1";
    for unchanged in [false, true] {
        let id = accepted(&post_async(&app, path, SBOM).await);
        let detail = done(&app, &id).await;
        assert_eq!(state(&detail), "done", "{detail}");
        let receipt = app.get(&format!("/api/v1/jobs/{id}/result")).await.json();
        assert_eq!(receipt["unchanged"], unchanged, "{receipt}");
        assert_eq!(receipt["release_name"], "Orbis Medical Flow 300 2.1");
        let page = app.get(&format!("/jobs/{id}/result")).await;
        assert!(page.text.contains("Orbis Medical Flow 300 2.1"), "{}", page.text);
    }
    assert_eq!(app.get("/api/v1/affected?q=CVE-2021-44228").await.json()["totals"]["affected"], 3);
}

async fn what_is_long_becomes_a_job_by_itself(database: Database) {
    let app = TestApp::start(database).await;
    let mut list = String::from("Serial,Maker,Model,Ward\n");
    for number in 0..2_000 {
        list.push_str(&format!("L-{number},Orbis Medical,Flow 300,{}\n", "w".repeat(1_100)));
    }
    // The page previews it at once, and takes it over by a job.
    let preview = app.upload("/devices/import", &app.token.clone(), list.as_bytes()).await;
    assert!(preview.text.contains("Of 2,000 rows"), "{}", preview.text.len());
    let taken = app.form("/devices/import", &format!("token={}&take=yes", app.token)).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    let id = taken.header(header::LOCATION).strip_prefix("/jobs/").unwrap().to_owned();
    assert_eq!(state(&done(&app, &id).await), "done");
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 2_000);
    // So does the API; a preview never becomes a job.
    let dry = app.post("/api/v1/devices/import?dry_run=true", list.clone()).await;
    assert_eq!(dry.json()["unchanged"], 2_000);
    let id = accepted(&app.post("/api/v1/devices/import", list).await);
    assert!(state(&done(&app, &id).await) == "done");
    let filler = format!("\"x\": \"{}\", \"bomFormat\"", " ".repeat(8 << 20));
    let bill = SBOM.replacen("\"bomFormat\"", &filler, 1);
    let answer = app.upload("/releases/upload", &app.token.clone(), bill.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let id = answer.header(header::LOCATION).strip_prefix("/jobs/").unwrap().to_owned();
    let detail = done(&app, &id).await;
    assert_eq!(state(&detail), "done", "{detail}");
}

async fn lists_are_written_as_files_and_fetched_by_who_asked(database: Database) {
    let app = TestApp::with_devices(database).await;
    let auditor = member(&app, "audrey", json!({ "roles": ["compliance"] })).await;
    let engineer = member(&app, "edgar", json!({ "roles": ["engineer"] })).await;
    let ask = async |app: &TestApp, of: &str| {
        accepted(&app.json(Method::POST, "/api/v1/exports", &json!({ "of": of })).await)
    };
    let devices = ask(&app, "/devices?site=Main").await;
    let affected = ask(&auditor, "/api/v1/affected?q=CVE-2021-44228").await;
    let log = ask(&auditor, "/audit").await;
    for (id, who) in [(&devices, &app), (&affected, &auditor), (&log, &auditor)] {
        let detail = done(who, id).await;
        assert_eq!(state(&detail), "done", "{detail}");
        assert_eq!(detail["result"]["is_file"], true);
    }
    let file = app.get(&format!("/jobs/{devices}/result")).await;
    assert_eq!(file.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"devices.csv\"");
    assert_eq!(file.text, app.get("/devices.csv?site=Main").await.text);
    let file = auditor.get(&format!("/api/v1/jobs/{affected}/result")).await;
    assert_eq!(file.text, app.get("/affected.csv?q=CVE-2021-44228").await.text);
    let file = auditor.get(&format!("/jobs/{log}/result")).await;
    let noted = bedrail_app::audit::file::Noted { head: None, key: None };
    assert!(bedrail_app::audit::file::verify(file.text.as_bytes(), &noted).is_ok(), "{}", file.text);
    // Compliance sees its own jobs without the right to see jobs, and no others.
    assert_eq!(auditor.get(&format!("/jobs/{log}")).await.status, StatusCode::OK);
    assert_eq!(auditor.get(&format!("/jobs/{devices}")).await.status, StatusCode::FORBIDDEN);
    // An engineer sees that there are jobs, and fetches nobody else's.
    assert_eq!(engineer.get(&format!("/jobs/{log}")).await.status, StatusCode::OK);
    for id in [&devices, &affected, &log] {
        let answer = engineer.get(&format!("/api/v1/jobs/{id}/result")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    }
    assert_eq!(app.get(&format!("/api/v1/jobs/{log}/result")).await.status, StatusCode::OK);
    // Where there is nothing to write, or one may not see it, there is no job.
    let refused = app.json(Method::POST, "/api/v1/exports", &json!({ "of": "/people" })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let refused = engineer.json(Method::POST, "/api/v1/exports", &json!({ "of": "/audit?x=%" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let form = format!("token={}&of=%2Fdevices.csv%3Fsite%3DMain", app.token);
    assert_eq!(app.form("/exports", &form).await.status, StatusCode::SEE_OTHER);
}

async fn a_job_of_who_has_left_does_nothing(database: Database) {
    let app = TestApp::start(database).await;
    let engineer = member(&app, "edgar", json!({ "roles": ["engineer"] })).await;
    let id = accepted(&post_async(&engineer, "/api/v1/devices/import", DEVICES).await);
    let people = app.get("/api/v1/people").await.json();
    let edgar = people.as_array().unwrap().iter().find(|member| member["name"] == "edgar").unwrap();
    let path = format!("/api/v1/people/{}", edgar["id"].as_str().unwrap());
    let left = app.json(Method::DELETE, &path, &json!({})).await;
    assert!(left.status.is_success(), "{}", left.text);
    let detail = done(&app, &id).await;
    assert_eq!(state(&detail), "failed", "{detail}");
    assert!(detail["job"]["words"].as_str().unwrap().contains("member no more"), "{detail}");
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 0);
}

async fn a_job_that_waits_is_stopped_by_who_asked(database: Database) {
    let app = TestApp::start(database).await;
    let engineer = member(&app, "edgar", json!({ "roles": ["engineer"] })).await;
    let own = accepted(&post_async(&engineer, "/api/v1/devices/import", DEVICES).await);
    let other = accepted(&post_async(&app, "/api/v1/devices/import", DEVICES).await);
    let cancel =
        async |id: &str| engineer.json(Method::POST, &format!("/api/v1/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!(cancel(&other).await.status, StatusCode::FORBIDDEN);
    let stopped = cancel(&own).await;
    assert_eq!(stopped.json()["job"]["state"], "cancelled", "{}", stopped.text);
}

async fn a_document_that_cannot_be_read_fails_in_words_and_changes_nothing(database: Database) {
    let app = TestApp::start(database).await;
    let id = accepted(&post_async(&app, "/api/v1/devices/import", "%PDF-1.7 and so on").await);
    let detail = done(&app, &id).await;
    assert_eq!(state(&detail), "failed", "{detail}");
    assert!(detail["job"]["words"].as_str().unwrap().contains("PDF document"), "{detail}");
    assert_eq!((&detail["job"]["attempt"], &detail["result"]), (&json!(1), &Value::Null));
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 0);
}

async fn how_often_data_is_fetched_is_chosen_and_moves_what_waits(database: Database) {
    let app = TestApp::start(database).await;
    let start = app.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await;
    // A worker that runs enqueues the regular jobs.
    let (tell, stop) = tokio::sync::watch::channel(false);
    let options = Options { look: Duration::from_millis(10), ..Options::default() };
    let worker = tokio::spawn(jobs::work(app.ctx.clone(), options, stop));
    let fetch = async || {
        let rows = app.get("/api/v1/regular-jobs").await.json();
        rows.as_array().unwrap().iter().find(|row| row["kind"] == "feed.update").unwrap().clone()
    };
    while fetch().await["next"].is_null() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tell.send(true).unwrap();
    worker.await.unwrap();
    assert!(start.status.is_success());
    let before = fetch().await;
    assert_eq!((&before["minutes"], &before["chosen"]), (&json!(360), &json!(false)));
    let put = async |minutes: Value| {
        let path = "/api/v1/regular-jobs/feed.update";
        app.json(Method::PUT, path, &json!({ "minutes": minutes })).await
    };
    assert_eq!(put(json!(1)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let set = put(json!(60)).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let after = fetch().await;
    assert_eq!((&after["minutes"], &after["chosen"]), (&json!(60), &json!(true)));
    let page = app.get("/jobs").await;
    assert!(page.text.contains("every hour") && page.text.contains("Done by the clock"), "{}", page.text);
    assert!(page.text.contains("action=\"/jobs/pace\""), "{}", page.text);
    // Another organisation sees how often, and is offered no choice, which would be refused.
    let other = administrator_elsewhere(&app).await;
    let theirs = other.get("/jobs").await;
    assert!(theirs.text.contains("every hour") && !theirs.text.contains("/jobs/pace"), "{}", theirs.text);
    let form = format!("token={}&kind=feed.update&minutes=15", other.token);
    assert_eq!(other.form("/jobs/pace", &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(fetch().await["minutes"], 60);
    let nightly = app.json(Method::PUT, "/api/v1/regular-jobs/nightly", &json!({ "minutes": 60 })).await;
    assert_eq!(nightly.status, StatusCode::NOT_FOUND, "{}", nightly.text);
    let log = app.get("/api/v1/audit?limit=5").await.json();
    assert_eq!(log["rows"][0]["after"], "every 60 minutes", "{log}");
    assert_eq!(put(Value::Null).await.status, StatusCode::OK);
    assert_eq!(fetch().await["minutes"], 360);
}

async fn a_request_sent_twice_with_one_key_makes_one_job(database: Database) {
    let app = TestApp::start(database).await;
    let send = async || {
        let request = app.request(Method::POST, "/api/v1/devices/import").header("x-csrf-token", &app.token);
        let request: Request<Body> = request
            .header("prefer", "respond-async")
            .header("idempotency-key", "march")
            .body(Body::from(DEVICES))
            .unwrap();
        app.send(request).await
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    assert_eq!(first.json(), second.json());
    assert_eq!(first.header(header::LOCATION), second.header(header::LOCATION));
    assert_eq!(app.get("/api/v1/jobs").await.json()["total"], 1);
}
