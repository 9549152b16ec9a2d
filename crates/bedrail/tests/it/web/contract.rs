//! What programs rely on: cursors, entity tags, keys that make a change happen once, and the limit on requests.

use axum::body::Body;
use axum::http::{HeaderName, Method, StatusCode, header};

use super::app::{DEVICES, Database, TestApp, on_each_database};

on_each_database! {
    a_cursor_goes_on_behind_its_row_whatever_happened_before_it,
    an_answer_that_the_caller_has_is_not_sent_again,
    a_change_sent_twice_with_one_key_happens_once,
    an_answer_that_is_kept_shows_its_secret_to_nobody_else,
    who_asks_too_often_is_told_when_to_come_back,
}

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

async fn a_cursor_goes_on_behind_its_row_whatever_happened_before_it(database: Database) {
    let app = TestApp::with_devices(database).await;
    for list in [
        "/api/v1/devices?sort=name",
        "/api/v1/affected?q=log4j",
        "/api/v1/releases?",
        "/api/v1/audit?",
        "/api/v1/advisories?",
    ] {
        let whole = app.get(&format!("{list}&limit=500")).await.json();
        assert!(whole["next_cursor"].is_null(), "{list}");
        let whole = whole["rows"].as_array().unwrap().clone();
        assert!(whole.len() > 1, "{list}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("{list}&limit=1{cursor}")).await.json();
            assert_eq!(page["offset"], seen.len(), "{list}");
            seen.extend(page["rows"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, whole, "{list}");
    }
    // A device that comes in front of the next page does not show twice what was shown.
    let first = app.get("/api/v1/devices?sort=name&limit=2").await.json();
    let more = "Asset tag,Serial,Maker,Model\n0-first,S-0,Orbis Medical,Flow 300\n";
    assert_eq!(app.post("/api/v1/devices/import", more).await.status, StatusCode::OK);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.get(&format!("/api/v1/devices?sort=name&limit=2&cursor={cursor}")).await.json();
    assert_eq!((second["offset"].as_u64(), second["total"].as_u64()), (Some(3), Some(5)));
    let shown = |page: &serde_json::Value| page["rows"].as_array().unwrap().clone();
    assert!(shown(&second).iter().all(|row| !shown(&first).contains(row)));
    let gone = app.get("/api/v1/devices?cursor=0190b6a2-7c1e-7000-8000-000000000000").await;
    assert_eq!(gone.status, StatusCode::CONFLICT, "{}", gone.text);
}

async fn an_answer_that_the_caller_has_is_not_sent_again(database: Database) {
    let app = TestApp::with_devices(database).await;
    let ask = async |tag: &str| {
        let request = app.request(Method::GET, "/api/v1/devices").header(header::IF_NONE_MATCH, tag);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let first = ask("\"other\"").await;
    assert_eq!(first.status, StatusCode::OK);
    let tag = first.header(header::ETAG).to_owned();
    let again = ask(&format!("\"other\", W/{tag}")).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let more = "Asset tag,Maker,Model\nT-9,Orbis Medical,Flow 300\n";
    assert_eq!(app.post("/api/v1/devices/import", more).await.status, StatusCode::OK);
    assert_eq!(ask(&tag).await.status, StatusCode::OK);
}

async fn a_change_sent_twice_with_one_key_happens_once(database: Database) {
    let app = TestApp::start(database).await;
    let send = async |key: &str, path: &str| {
        let request = app.request(Method::POST, path).header("x-csrf-token", &app.token).header(KEY, key);
        app.send(request.body(Body::from(DEVICES)).unwrap()).await
    };
    let first = send("one", "/api/v1/devices/import").await;
    assert_eq!((first.status, first.json()["added"].as_u64()), (StatusCode::OK, Some(4)));
    let again = send("one", "/api/v1/devices/import").await;
    assert_eq!(again.text, first.text, "the same answer, though the devices are there now");
    assert_eq!(again.header(HeaderName::from_static("idempotency-replayed")), "true");
    let other = send("one", "/api/v1/devices/import?dry_run=true").await;
    assert_eq!(
        (other.status, other.json()["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("key_reused"))
    );
    assert_eq!(send("two", "/api/v1/devices/import").await.json()["added"], 0);
    let imports = app.get("/api/v1/audit?action=devices.import").await.json();
    assert_eq!(imports["total"], 2);
    // What was refused can be sent again with the same key, mended.
    let forged = app.request(Method::POST, "/api/v1/devices/import").header(KEY, "three");
    assert_eq!(app.send(forged.body(Body::from(DEVICES)).unwrap()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send("three", "/api/v1/devices/import").await.status, StatusCode::OK);
    assert_eq!(
        send(&"x".repeat(300), "/api/v1/devices/import").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

async fn an_answer_that_is_kept_shows_its_secret_to_nobody_else(database: Database) {
    let app = TestApp::start(database).await;
    let make = async || {
        let request = app.request(Method::POST, "/api/v1/account/tokens").header(KEY, "one");
        let request =
            request.header("x-csrf-token", &app.token).header(header::CONTENT_TYPE, "application/json");
        let wanted = r#"{"name":"a program","rights":["releases.see"],"days":1}"#;
        app.send(request.body(Body::from(wanted)).unwrap()).await
    };
    let first = make().await;
    assert!(first.status.is_success(), "{}", first.text);
    assert_eq!(make().await.text, first.text, "the same token, and no second one");
    let text = first.text.as_str();
    let token = &text[text.find("brt_").unwrap()..];
    let token = token.split('"').next().unwrap();
    let secret = token.rsplit('_').next().unwrap();
    assert!(secret.len() > 20, "{token}");
    for entry in std::fs::read_dir(&app.ctx.data_dir).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
    }
}

async fn who_asks_too_often_is_told_when_to_come_back(database: Database) {
    let app = TestApp::start(database).await;
    let left = HeaderName::from_static("ratelimit-remaining");
    let ask = async || {
        let request = app.request(Method::GET, "/healthz").header(header::AUTHORIZATION, "Bearer made-up");
        app.send_once(request.body(Body::empty()).unwrap()).await
    };
    let first = ask().await;
    let allowed: u32 = first.header(left.clone()).parse().unwrap();
    assert!(allowed >= 1_000, "a program may walk a fleet");
    let mut refused = first;
    for _ in 0..allowed + 1_000 {
        refused = ask().await;
        if refused.status != StatusCode::OK {
            break;
        }
    }
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header(header::RETRY_AFTER).parse::<u32>().unwrap() >= 1);
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK, "another caller is not slowed");
}
