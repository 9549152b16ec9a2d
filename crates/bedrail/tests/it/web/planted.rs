//! Secrets that can be told from everything else are given to every use case that takes one. Then every output is searched
//! for them: pages, API, exports, the audit log, the logs, and the files of the data folder.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode, header};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::app::{Database, TestApp, on_each_database};
use super::second_factor::{code, set_up};

on_each_database! {
    no_secret_is_found_in_any_output,
}

/// What the server logs in this test.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        self.clone()
    }
}

const TOKEN_OF_FORMS: &str = "token of a session's forms";
const OLD: &str = "planted old passphrase 41";
const NEW: &str = "planted new passphrase 42";
const WRONG: &str = "planted wrong passphrase 43";

/// Secrets as they were given or shown, by what they are.
type Secrets = Vec<(&'static str, String)>;

/// Somebody joins with a planted password, changes it, sets a second factor up, makes a token; an administrator sets
/// channels up with planted secrets.
async fn plant(admin: &TestApp) -> Secrets {
    let mut secrets: Secrets = [("old password", OLD), ("new password", NEW), ("wrong password", WRONG)]
        .map(|(w, s)| (w, s.into()))
        .into();
    let body = json!({ "full_name": "Somebody", "grant": { "roles": ["administrator"] } });
    let invitation = admin.json(Method::POST, "/api/v1/invitations", &body).await.json()["code"].clone();
    secrets.push(("code of an invitation", invitation.as_str().unwrap().to_owned()));
    let mut person = admin.stranger();
    let form = |text: &str| text.replace(' ', "+");
    let body =
        format!("code={}&name=planter&new={}&again={}", invitation.as_str().unwrap(), form(OLD), form(OLD));
    assert_eq!(person.form("/invitation", &body).await.status, StatusCode::SEE_OTHER);
    for (password, status) in [(WRONG, StatusCode::UNAUTHORIZED), (OLD, StatusCode::OK)] {
        let answer = person.credentials(&json!({ "name": "planter", "password": password })).await;
        assert_eq!(answer.status, status);
        if status == StatusCode::OK {
            person.take_session(&answer);
        }
    }
    let body = format!("token={}&present={}&new={}&again={}", person.token, form(OLD), form(NEW), form(NEW));
    assert_eq!(person.form("/password", &body).await.status, StatusCode::SEE_OTHER);
    let answer = person.credentials(&json!({ "name": "planter", "password": NEW })).await;
    person.take_session(&answer);
    secrets.push(("session", answer.header(header::SET_COOKIE).split(['=', ';']).nth(1).unwrap().to_owned()));
    secrets.push((TOKEN_OF_FORMS, person.token.clone()));
    let (key, codes) = set_up(&person).await;
    secrets.push(("secret of the second factor", key.clone()));
    secrets.push(("secret of the second factor without blanks", key.replace(' ', "")));
    secrets.extend(codes.iter().map(|code| ("recovery code", code.clone())));
    for second in [codes[0].clone(), code(&key, 0)] {
        let credentials = json!({ "name": "planter", "password": NEW, "code": second });
        let answer = person.stranger().credentials(&credentials).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let body = json!({ "name": "a program", "rights": ["fleet.see"] });
    let made = person.json(Method::POST, "/api/v1/account/tokens", &body).await.json()["token"].clone();
    let made = made.as_str().unwrap().to_owned();
    assert_eq!(person.get_by_token("/api/v1/devices", &made).await.status, StatusCode::OK);
    secrets.push(("secret of a token", made.rsplit('_').next().unwrap().to_owned()));
    plant_channels(&person, &mut secrets).await;
    // A password in the wrong place.
    let body = json!({ "name": WRONG, "rights": [WRONG], "days": WRONG });
    assert!(person.json(Method::POST, "/api/v1/account/tokens", &body).await.status.is_client_error());
    secrets
}

async fn plant_channels(admin: &TestApp, secrets: &mut Secrets) {
    for (channel, secret, body) in [
        (
            "mail",
            "planted-mail-password-44",
            json!({ "mail": { "host": "127.0.0.1", "port": 9, "tls": "none", "from": "bedrail@clinic.example",
                "user": "relay", "secret": "planted-mail-password-44" } }),
        ),
        (
            "webhook",
            "planted-webhook-key-45",
            json!({ "webhook": { "url": "http://127.0.0.1:9/hook", "secret": "planted-webhook-key-45" } }),
        ),
    ] {
        let path = format!("/api/v1/notices/channels/{channel}");
        let answer = admin.json(Method::PUT, &path, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        secrets.push(("secret of a channel", secret.to_owned()));
    }
    // Sent with a key, so that the answers are kept; and by the page, which refuses it.
    let request = admin
        .request(Method::PUT, "/api/v1/notices/channels/webhook")
        .header("x-csrf-token", &admin.token)
        .header("idempotency-key", "once")
        .header(header::IF_MATCH, "*")
        .header(header::CONTENT_TYPE, "application/json");
    let body = r#"{"webhook":{"url":"http://127.0.0.1:9/other","secret":"planted-second-key-46"}}"#;
    let answer = admin.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let form = format!(
        "token={}&channel=webhook&url=http%3A%2F%2F127.0.0.1%2Fthird&secret=planted-third-key-47",
        admin.token
    );
    let late = admin.form("/notices/channels", &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(!late.text.contains("planted-third-key-47"), "{}", late.text);
    secrets.push(("second key", "planted-second-key-46".into()));
    secrets.push(("refused key", "planted-third-key-47".into()));
    assert_eq!(
        admin.json(Method::POST, "/api/v1/notices/test", &json!({})).await.status,
        StatusCode::ACCEPTED
    );
}

async fn no_secret_is_found_in_any_output(database: Database) {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (app, one_time) = TestApp::fresh(database).await;
    let admin = app.signed_in(&one_time).await;
    let mut secrets = plant(&admin).await;
    secrets.push(("one-time password", one_time));
    admin.add_devices().await;
    let mut outputs = Vec::new();
    for path in [
        "/",
        "/people",
        "/notices",
        "/jobs",
        "/account",
        "/audit?limit=500",
        "/organisation",
        "/devices.csv",
        "/api/v1/people",
        "/api/v1/invitations",
        "/api/v1/audit?limit=500",
        "/api/v1/notices",
        "/api/v1/notices/channels",
        "/api/v1/jobs",
        "/api/v1/account/tokens",
        "/api/v1/account/sessions",
        "/api/v1/organisation",
        "/api/v1/today",
        "/account/tokens",
        "/nothing-here",
    ] {
        // One's own page shows the token that its forms carry; nobody else's.
        let text = admin.get(path).await.text.replace(&admin.token, "");
        outputs.push((path.to_owned(), text.into_bytes()));
    }
    let jobs = admin.get("/api/v1/jobs").await.json();
    for row in jobs["rows"].as_array().unwrap() {
        let path = format!("/api/v1/jobs/{}", row["id"].as_str().unwrap());
        outputs.push((path.clone(), admin.get(&path).await.text.into_bytes()));
    }
    outputs.push(("export".into(), admin.post("/api/v1/audit/export", "").await.text.into_bytes()));
    drop(guard);
    let logged = log.0.lock().unwrap().clone();
    assert!(logged.len() > 1_000, "the log is listened to");
    outputs.push(("the log".into(), logged));
    // Everything is on disk by then, in the database or in its log.
    for entry in std::fs::read_dir(&admin.ctx.data_dir).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(bytes) = std::fs::read(&path) {
            outputs.push((path.display().to_string(), bytes));
        }
    }
    let folder = admin.ctx.data_dir.display().to_string();
    for (what, secret) in &secrets {
        assert!(secret.len() >= 9, "{what} is long enough to be told from chance");
        for (place, bytes) in &outputs {
            // The token that a session's forms carry opens nothing without its cookie, of which only a digest is kept.
            if *what == TOKEN_OF_FORMS && place.starts_with(&folder) {
                continue;
            }
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "a {what} stands in {place}");
        }
    }
}
