//! Signing in with a second factor.

use axum::http::{Method, StatusCode, header};
use bedrail_app::actor::Via;
use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::clock::Clock;
use bedrail_app::page::PageRequest;
use bedrail_app::{accounts, organisations, people};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha1::Sha1;

use super::app::{Database, PASSWORD, TestApp, on_each_database};

on_each_database! {
    a_code_opens_once_whatever_process_is_asked,
    half_a_sign_in_opens_nothing,
    a_recovery_code_opens_once,
    an_organisation_can_ask_every_member_for_one,
}

/// The code of a step, counted from the present one (RFC 6238), as an authenticator app shows it.
pub(crate) fn code(key: &str, steps: i64) -> String {
    let (mut secret, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in key.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            secret.push((held >> bits & 255) as u8);
        }
    }
    let step = Clock::System.now().as_second() / 30 + steps;
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let from = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes(hash[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Sets the second factor up with the code of the step before the present one. Returns its key and the recovery codes.
pub(crate) async fn set_up(app: &TestApp) -> (String, Vec<String>) {
    let page = app.get("/account/second-factor").await;
    let key = page.text.split("Key: <code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(page.text.contains("<svg class=\"qr\""));
    assert_eq!(page.text, app.get("/account/second-factor").await.text, "looking twice changes nothing");
    let wrong = app.form("/account/second-factor/confirm", &format!("token={}&code=000000", app.token)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("token={}&code={}", app.token, code(&key, -1));
    let answer = app.form("/account/second-factor/confirm", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let codes = answer.text.split("<li><code>").skip(1).map(|rest| rest[..14].to_owned()).collect();
    (key, codes)
}

async fn a_code_opens_once_whatever_process_is_asked(database: Database) {
    let app = TestApp::start(database).await;
    let (key, codes) = set_up(&app).await;
    assert_eq!(codes.len(), 10);
    let other = app.on_another_process().await;
    let missing = app.credentials(&json!({ "name": "admin", "password": PASSWORD })).await;
    assert_eq!(missing.json()["code"], "second_factor_needed");
    let with = |code: &str| json!({ "name": "admin", "password": PASSWORD, "code": code });
    assert_eq!(app.credentials(&with("000000")).await.status, StatusCode::UNAUTHORIZED);
    let next = code(&key, 1);
    assert_eq!(app.credentials(&with(&next)).await.status, StatusCode::OK);
    for process in [&app, &other] {
        assert_eq!(process.credentials(&with(&next)).await.status, StatusCode::UNAUTHORIZED, "replayed");
        assert_eq!(
            process.credentials(&with(&code(&key, 0))).await.status,
            StatusCode::UNAUTHORIZED,
            "older"
        );
    }
    assert!(app.get("/account").await.text.contains("10 recovery codes are left"));
    assert!(app.get("/people").await.text.contains("each with a second factor"));
}

async fn half_a_sign_in_opens_nothing(database: Database) {
    let app = TestApp::start(database).await;
    let (key, _) = set_up(&app).await;
    let mut browser = app.stranger();
    let form = format!("name=admin&password={}&next=%2Fdevices", PASSWORD.replace(' ', "+"));
    let answer = browser.sign_in_by_form(&form).await;
    assert_eq!(answer.header(header::LOCATION), "/sign-in/code", "{}", answer.text);
    browser.take_cookie(&answer);
    assert_eq!(browser.get("/devices").await.header(header::LOCATION), "/sign-in?next=%2Fdevices");
    assert_eq!(browser.get("/api/v1/devices").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        browser.form("/account/second-factor/remove", "code=1").await.header(header::LOCATION),
        "/sign-in"
    );
    assert_eq!(browser.get("/sign-in/code").await.status, StatusCode::OK);
    assert_eq!(browser.form("/sign-in/code", "code=000000").await.status, StatusCode::UNAUTHORIZED);
    let before = browser.request(Method::GET, "/");
    let answer = browser.form("/sign-in/code", &format!("code={}", code(&key, 1))).await;
    assert_eq!(answer.header(header::LOCATION), "/devices", "{}", answer.text);
    browser.take_cookie(&answer);
    assert_eq!(browser.get("/devices").await.status, StatusCode::OK);
    let before = browser.send(before.body("".into()).unwrap()).await;
    assert_eq!(before.status, StatusCode::SEE_OTHER, "the half session's id is not the whole one's");
}

async fn a_recovery_code_opens_once(database: Database) {
    let mut app = TestApp::start(database).await;
    let (key, codes) = set_up(&app).await;
    let with = |code: &str| json!({ "name": "admin", "password": PASSWORD, "code": code });
    let typed = codes[3].replace('-', " ").to_uppercase();
    let answer = app.credentials(&with(&typed)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(app.credentials(&with(&codes[3])).await.status, StatusCode::UNAUTHORIZED);
    app.take_session(&answer);
    assert!(app.get("/account").await.text.contains("9 recovery codes are left"));
    let form = format!("token={}&code={}", app.token, code(&key, 1));
    let renewed = app.form("/account/second-factor/codes", &form).await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert_eq!(
        app.credentials(&with(&codes[4])).await.status,
        StatusCode::UNAUTHORIZED,
        "the old ones are gone"
    );
}

async fn an_organisation_can_ask_every_member_for_one(database: Database) {
    let app = TestApp::start(database).await;
    let id = app.get("/api/v1/people").await.json()[0]["id"].as_str().unwrap().parse().unwrap();
    let org = organisations::all(&app.ctx).await.unwrap()[0].id;
    let (_, actor) = accounts::visit(&app.ctx, id, org, Via::Web).await.unwrap();
    let page = app.get("/organisation").await.text;
    let version = super::two_editors::hidden(&page, "/organisation/settings", "version");
    let form = format!("token={}&version={version}&name=Test+Clinic&kind=hybrid&second_factor=1", app.token);
    assert_eq!(app.form("/organisation/settings", &form).await.header(header::LOCATION), "/organisation");
    assert_eq!(app.get("/devices").await.header(header::LOCATION), "/account/second-factor");
    assert_eq!(app.get("/api/v1/devices").await.json()["code"], "must_set_up_second_factor");
    let body = format!("token={}&reason=a+very+good+reason", app.token);
    assert_eq!(
        app.form("/account/emergency", &body).await.header(header::LOCATION),
        "/account/second-factor"
    );
    set_up(&app).await;
    assert_eq!(app.get("/devices").await.status, StatusCode::OK);
    let page = app.get("/organisation").await.text;
    assert!(page.contains("Test Clinic is a hybrid entity and asks every member"), "{page}");

    // An administrator takes it away: the account is led to set it up anew, and its sessions are over.
    people::reset_second_factor(&app.ctx, &actor, id).await.unwrap();
    assert_eq!(app.get("/devices").await.header(header::LOCATION), "/sign-in?next=%2Fdevices");
    let (filter, page) = (AuditFilter::default(), PageRequest::default());
    let log = audit::list(&app.ctx, &actor, &filter, &page).await.unwrap();
    assert!(log.rows.iter().any(|entry| entry.action == "account.reset_second_factor"));
}
