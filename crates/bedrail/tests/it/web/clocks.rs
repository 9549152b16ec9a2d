//! Clocks: what has expired opens nothing, and a clock that goes back extends nothing for ever, loses nothing, and breaks
//! nothing.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use bedrail_app::clock::Clock;
use jiff::SignedDuration;
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};
use super::people::{PASSWORD, member};
use super::second_factor::set_up;

on_each_database! {
    what_has_expired_opens_nothing,
    cookies_and_cursors_that_were_changed_open_nothing,
    a_clock_that_goes_back_breaks_nothing,
}

fn in_hours(hours: i64) -> Clock {
    Clock::Fixed(Clock::System.now() + SignedDuration::from_hours(hours))
}

async fn what_has_expired_opens_nothing(database: Database) {
    let app = TestApp::start(database).await;
    let make = async |days: u32| {
        let body = json!({ "name": "p", "rights": ["fleet.see"], "days": days });
        let made = app.json(Method::POST, "/api/v1/account/tokens", &body).await.json();
        made["token"].as_str().unwrap().to_owned()
    };
    let (short, long) = (make(1).await, make(365).await);
    for (hours, token, opens) in
        [(23, &short, true), (24, &short, false), (24 * 364, &long, true), (24 * 365 + 1, &long, false)]
    {
        let status = app.at(in_hours(hours)).await.get_by_token("/api/v1/devices", token).await.status;
        let wanted = if opens { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(status, wanted, "after {hours} hours");
    }
    // A session: two hours without a request, twelve in all.
    assert_eq!(app.at(in_hours(3)).await.get("/api/v1/devices").await.status, StatusCode::UNAUTHORIZED);
    for hours in 1..=11 {
        assert_eq!(
            app.at(in_hours(hours)).await.get("/api/v1/devices").await.status,
            StatusCode::OK,
            "{hours}"
        );
    }
    assert_eq!(app.at(in_hours(13)).await.get("/api/v1/devices").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        app.at(in_hours(24 * 400)).await.get("/api/v1/devices").await.status,
        StatusCode::UNAUTHORIZED
    );
    // An invitation: a week.
    let app = TestApp::start(database).await;
    let body = json!({ "grant": { "roles": ["engineer"] } });
    let code = app.json(Method::POST, "/api/v1/invitations", &body).await.json()["code"].clone();
    let password = PASSWORD.replace(' ', "+");
    let form = format!("code={}&name=late&new={password}&again={password}", code.as_str().unwrap());
    let late = app.at(in_hours(24 * 7 + 1)).await.stranger();
    assert_eq!(late.form("/invitation", &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.stranger().form("/invitation", &form).await.status, StatusCode::SEE_OTHER);
}

async fn cookies_and_cursors_that_were_changed_open_nothing(database: Database) {
    let app = TestApp::with_devices(database).await;
    let (name, id) = app.cookie().split_once('=').unwrap();
    let mut odd =
        vec![String::new(), "x".into(), id[..id.len() - 1].to_owned(), format!("{id}A"), id.to_lowercase()];
    for at in [0, id.len() / 2] {
        let other = if id.as_bytes()[at] == b'A' { "B" } else { "A" };
        odd.push(format!("{}{other}{}", &id[..at], &id[at + 1..]));
    }
    for tampered in odd.iter().filter(|tampered| tampered.as_str() != id) {
        let request = Request::get("/api/v1/devices").header(header::COOKIE, format!("{name}={tampered}"));
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{tampered}");
    }
    for list in ["devices?sort=name", "releases?", "audit?", "advisories?", "jobs?", "affected?q=log4j"] {
        let page = app.get(&format!("/api/v1/{list}&limit=1")).await.json();
        let cursor = page["next_cursor"].as_str().unwrap_or("1").to_owned();
        for tampered in [format!("{cursor}0"), format!("-{cursor}"), "x".into(), "%00".into(), "9".repeat(40)]
        {
            let answer = app.get(&format!("/api/v1/{list}&limit=1&cursor={tampered}")).await;
            // A cursor is a place in a list that one may see, and no secret: another place is another page, or refused.
            let page = answer.status == StatusCode::OK && answer.json()["rows"].is_array();
            let page = page || answer.status == StatusCode::OK && list.starts_with("affected");
            assert!(answer.status.is_client_error() || page, "{list} {tampered}: {}", answer.status);
        }
    }
}

async fn a_clock_that_goes_back_breaks_nothing(database: Database) {
    // The clock was a day ahead while somebody signed in and worked; then it was put right.
    let mut now = TestApp::start(database).await;
    let mut ahead = now.at(in_hours(24)).await;
    ahead.sign_in(super::app::PASSWORD).await;
    ahead.add_devices().await;
    let person = member(&ahead, "ann", json!({ "roles": ["engineer"] })).await;
    let body = json!({ "name": "p", "rights": ["fleet.see"], "days": 1 });
    let token = person.json(Method::POST, "/api/v1/account/tokens", &body).await.json()["token"].clone();
    let token = token.as_str().unwrap().to_owned();
    let job = ahead.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await;
    assert_eq!(job.status, StatusCode::ACCEPTED, "{}", job.text);

    let person = person.at(Clock::System).await;
    // The session goes on, and ends when it was to end at the latest.
    assert_eq!(person.get("/devices").await.status, StatusCode::OK);
    assert_eq!(person.at(in_hours(24 + 13)).await.get("/devices").await.status, StatusCode::SEE_OTHER);
    assert_eq!(person.get_by_token("/api/v1/devices", &token).await.status, StatusCode::OK);
    assert_eq!(
        person.at(in_hours(24 + 25)).await.get_by_token("/api/v1/devices", &token).await.status,
        StatusCode::UNAUTHORIZED
    );
    // Changes go on behind what was written; the log holds and keeps its order by number. Sessions that had ended by the
    // clock that was ahead are gone: people sign in again.
    now.sign_in(super::app::PASSWORD).await;
    assert_eq!(
        now.post("/api/v1/devices/import", "Asset tag,Maker,Model\nP-7,Orbis,Flow 300\n").await.status,
        StatusCode::OK
    );
    let log = now.get("/api/v1/audit?limit=500").await.json();
    let numbers: Vec<i64> =
        log["rows"].as_array().unwrap().iter().map(|row| row["sequence"].as_i64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "{numbers:?}");
    assert_eq!(log["rows"][0]["action"], "devices.import");
    assert_eq!(now.get("/api/v1/audit/check").await.status, StatusCode::OK);
    assert_eq!(now.get("/api/v1/devices").await.json()["total"], 5);
    // A job that was asked for then is there, waits, and can be begun by hand.
    let id = job.json()["id"].as_str().unwrap().to_owned();
    let kept = now.get(&format!("/api/v1/jobs/{id}")).await.json();
    assert_eq!(kept["job"]["state"], "waiting", "{kept}");
    assert_eq!(
        now.json(Method::POST, &format!("/api/v1/jobs/{id}/retry"), &json!({})).await.status,
        StatusCode::OK
    );
    // No code of the second factor counts twice, whatever the clock says; a recovery code opens meanwhile.
    let (_, codes) = set_up(&person).await;
    let again = person.at(in_hours(-48)).await.stranger();
    let with = |code: &str| json!({ "name": "ann", "password": PASSWORD, "code": code });
    assert_eq!(again.credentials(&with("000000")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(again.credentials(&with(&codes[0])).await.status, StatusCode::OK);
    assert_eq!(again.credentials(&with(&codes[0])).await.status, StatusCode::UNAUTHORIZED, "used up");
    // Tries to sign in are not given back by a clock that jumps.
    let stranger = now.stranger();
    let mut refused = StatusCode::OK;
    for _ in 0..20 {
        refused = stranger.credentials(&json!({ "name": "nobody", "password": "x" })).await.status;
    }
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
}
