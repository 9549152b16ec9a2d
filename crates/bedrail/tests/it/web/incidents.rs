//! Incidents by pages and API: from opening to a decision and a letter, and who sees what is privileged.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use bedrail_app::clock::Clock;
use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};
use super::people::member;
use super::walk::administrator_elsewhere;

on_each_database! {
    an_incident_goes_from_the_form_to_a_letter_and_no_text_acts,
    what_is_privileged_is_seen_by_counsel_alone_on_page_api_and_audit_log,
    an_alert_opens_an_incident_of_its_device,
    what_cannot_be_is_refused_in_words,
}

const HOSTILE: &str = "<script>alert(1)</script>";

fn days_ago(days: i64) -> String {
    let today = Clock::System.now().to_zoned(TimeZone::UTC).date();
    today.checked_sub(days.days()).unwrap().to_string()
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        let safe = value
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>();
        out.push_str(&format!("&{name}={safe}"));
    }
    out
}

async fn opened(app: &TestApp) -> String {
    let body = json!({ "title": format!("Laptop {HOSTILE}"), "kind": "lost_device", "harm": "none",
        "discovered": days_ago(10), "from": days_ago(12), "note": HOSTILE, "owner": HOSTILE });
    let answer = app.json(Method::POST, "/api/v1/incidents", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn fields() -> Value {
    let mut fields = serde_json::Map::new();
    for name in [
        "what_happened",
        "kinds_of_phi",
        "what_to_do",
        "what_we_do",
        "toll_free",
        "email",
        "postal_address",
        "signer",
    ] {
        fields.insert(name.to_owned(), Value::String(format!("{HOSTILE} {name}")));
    }
    Value::Object(fields)
}

/// What people say of an incident in its course, each text of it hostile.
fn hostile_steps() -> [(&'static str, String); 6] {
    [
        ("event", form(&[("kind", "counted"), ("total", "120"), ("by_state", "OH 120"), ("note", HOSTILE)])),
        (
            "event",
            form(&[("kind", "state_checked"), ("state", "oh"), ("until", &days_ago(-30)), ("note", HOSTILE)]),
        ),
        ("event", form(&[("kind", "note"), ("privileged", "true"), ("note", HOSTILE)])),
        ("step", form(&[("step", "police"), ("note", HOSTILE)])),
        (
            "assess",
            form(&[
                ("seen", "0"),
                ("answer-nature", HOSTILE),
                ("evidence-nature", HOSTILE),
                ("answer-recipient", HOSTILE),
                ("answer-acquired_or_viewed", HOSTILE),
                ("answer-mitigation", HOSTILE),
                ("weighed", "not_low"),
                ("reason", HOSTILE),
            ]),
        ),
        ("decide", form(&[("version", "1")])),
    ]
}

async fn an_incident_goes_from_the_form_to_a_letter_and_no_text_acts(database: Database) {
    let admin = TestApp::with_devices(database).await;
    let counsel = member(&admin, "carol", json!({ "roles": ["counsel"] })).await;
    let token = format!("token={}", counsel.token);
    let page = counsel.get("/incidents").await.text;
    assert!(page.contains("Did somebody die, or was somebody seriously injured?"), "{page}");
    let sent = form(&[
        ("title", &format!("Laptop {HOSTILE}")),
        ("kind", "lost_device"),
        ("harm", "none"),
        ("discovered", &days_ago(10)),
        ("known_by", "workforce"),
        ("from", &days_ago(12)),
        ("owner", HOSTILE),
        ("note", HOSTILE),
    ]);
    let done = counsel.form("/incidents/open", &format!("{token}{sent}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let place = done.header(header::LOCATION).to_owned();
    let api = format!("/api/v1{place}");
    for (what, sent) in hostile_steps() {
        let done = counsel.form(&format!("{place}/{what}"), &format!("{token}{sent}")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{what}: {}", done.text);
    }
    let letter = json!({ "kind": "individual", "fields": fields() });
    let written = counsel.json(Method::POST, &format!("{api}/letters"), &letter).await;
    assert_eq!(written.json()["number"], 1, "{}", written.text);
    let sent = form(&[("number", "1"), ("on", &days_ago(0)), ("how", HOSTILE), ("proof", HOSTILE)]);
    let done = counsel.form(&format!("{place}/sent"), &format!("{token}{sent}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let page = counsel.get(&place).await.text;
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;"), "{page}");
    for words in [
        "people are told",
        "OH, 120 residents: until",
        "went out on",
        "45 CFR 164.408(c)",
        "«recipient_name»",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let view = counsel.get(&api).await.json();
    assert_eq!((&view["decision"]["notifiable"], &view["presumed"]), (&json!(true), &json!(true)));
    let individuals = view["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["recipient"] == "individuals")
        .unwrap()
        .clone();
    assert_eq!((&individuals["days_left"], &individuals["done"]), (&json!(50), &json!(days_ago(0))));
    // HHS is told with the yearly log, which is due still: it does not close.
    let done =
        counsel.form(&format!("{place}/close"), &format!("{token}{}", form(&[("sentence", "done")]))).await;
    assert_eq!(done.status, StatusCode::CONFLICT);
    assert!(done.text.contains("the Secretary of HHS"), "{}", done.text);

    let list = counsel.get("/incidents").await.text;
    assert!(!list.contains("<script>alert") && list.contains("The Secretary of HHS"), "{list}");
    let other = administrator_elsewhere(&admin).await;
    assert_eq!(other.get("/api/v1/incidents").await.json(), json!([]));
    assert_eq!(other.get(&api).await.status, StatusCode::NOT_FOUND);
}

async fn what_is_privileged_is_seen_by_counsel_alone_on_page_api_and_audit_log(database: Database) {
    let admin = TestApp::with_devices(database).await;
    let counsel = member(&admin, "carol", json!({ "roles": ["counsel"] })).await;
    let analyst = member(&admin, "anna", json!({ "roles": ["analyst"] })).await;
    let compliance = member(&admin, "cora", json!({ "roles": ["compliance"] })).await;
    let id = opened(&analyst).await;
    let (page, api) = (format!("/incidents/{id}"), format!("/api/v1/incidents/{id}"));
    let secret = "SECRET-advice";
    let assessment = json!({ "reason": secret, "weighed": "low_probability",
        "factors": { "nature": { "answer": secret, "evidence": secret } } });
    let refused = analyst.json(Method::POST, &format!("{api}/assessments"), &assessment).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let answer = counsel.json(Method::POST, &format!("{api}/assessments"), &assessment).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let note = json!({ "kind": "note", "note": secret, "privileged": true });
    assert_eq!(
        analyst.json(Method::POST, &format!("{api}/events"), &note).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(counsel.json(Method::POST, &format!("{api}/events"), &note).await.status, StatusCode::CREATED);

    for other in [&admin, &analyst] {
        for path in [&page, &api] {
            let seen = other.get(path).await;
            assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
            assert!(!seen.text.contains(secret), "{path}");
        }
        let view = other.get(&api).await.json();
        assert_eq!((&view["withheld"], &view["penalties"]), (&json!(true), &Value::Null));
        assert!(other.get(&page).await.text.contains("privileged and is not shown"));
    }
    for seer in [&counsel, &compliance] {
        assert!(seer.get(&page).await.text.contains(secret) && seer.get(&api).await.text.contains(secret));
    }
    let log = admin.get("/api/v1/audit?limit=200").await.text;
    assert!(log.contains("incident.read_privileged") && log.contains("incident.assess"), "{log}");
    assert!(!log.contains(secret) && !log.contains("script>"), "{log}");
}

async fn an_alert_opens_an_incident_of_its_device(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = app.json(Method::POST, "/api/v1/alerts/sources", &json!({ "name": "border" })).await;
    assert_eq!(source.status, StatusCode::CREATED, "{}", source.text);
    let source = source.json()["id"].as_str().unwrap().to_owned();
    let line = json!({ "timestamp": format!("{}T09:00:00.000000+0000", days_ago(20)), "event_type": "alert",
        "host": "s1", "src_ip": "198.18.0.9", "src_port": 4444, "dest_ip": "203.0.113.77", "dest_port": 80,
        "alert": { "action": "allowed", "gid": 1, "signature_id": 7, "signature": format!("Rule {HOSTILE}"),
            "category": "x", "severity": 1 } });
    let pushed = app.post(&format!("/api/v1/alerts/sources/{source}/events"), format!("{line}\n")).await;
    assert!(pushed.status.is_success(), "{}", pushed.text);
    let items = app.get("/api/v1/alerts").await.json();
    let item = items["rows"][0]["id"].as_str().unwrap().to_owned();
    let page = app.get(&format!("/alerts/{item}")).await.text;
    assert!(page.contains("Open an incident of this alert"), "{page}");
    let sent = form(&[("alert", &item), ("kind", "device_compromise"), ("harm", "not_known")]);
    let done = app.form("/incidents/open", &format!("token={}{sent}", app.token)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let place = done.header(header::LOCATION).to_owned();
    let page = app.get(&place).await.text;
    assert!(page.contains("Incident 1: Rule") && !page.contains("<script>alert"), "{page}");
    assert!(page.contains("before the day of discovery"), "an older alert is pointed out: {page}");
    assert!(app.get(&format!("/alerts/{item}")).await.text.contains(&place), "the alert leads there");
    let none = format!("token={}&alert={item}&kind=&harm=none", app.token);
    let none = app.form("/incidents/open", &none).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody said of what kind: {}", none.text);
    a_refused_form_leads_back(&app, &place).await;
}

/// To the page that the browser names, as a path of our own.
async fn a_refused_form_leads_back(app: &TestApp, place: &str) {
    let refused = async |from: &str| {
        let request = app
            .request(Method::POST, &format!("{place}/attach"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::REFERER, from);
        let body = format!("token={}&alert=12", app.token);
        let answer = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        answer.text
    };
    let page = refused(&format!("https://bedrail.example{place}")).await;
    assert!(page.contains(&format!("href=\"{place}\"")), "{page}");
    assert!(page.contains("Going back in the browser"), "{page}");
    for odd in ["https://bedrail.example//evil.example", "javascript:alert(1)", "nowhere"] {
        let page = refused(odd).await;
        assert!(!page.contains("evil") && !page.contains("Open the page of the form"), "{odd}: {page}");
    }
}

async fn what_cannot_be_is_refused_in_words(database: Database) {
    let app = TestApp::with_devices(database).await;
    let api = format!("/api/v1/incidents/{}", opened(&app).await);
    let bad = [
        (json!({ "kind": "known", "code": "entity", "on": days_ago(-2) }), "lies ahead"),
        (json!({ "kind": "known", "code": "entity", "on": days_ago(20) }), "before it happened"),
        (json!({ "kind": "counted", "total": 3, "by_state": { "OH": 4 } }), "more than the 3 people"),
        (json!({ "kind": "counted", "total": 3, "by_state": { "ZZ": 1 } }), "no State"),
        (json!({ "kind": "known", "code": "nobody", "on": days_ago(3) }), "Who knew"),
        (json!({ "kind": "law_enforcement", "on": days_ago(1), "written": true }), "lacks its time"),
        (json!({ "kind": "something" }), "no kind of event"),
        (json!({ "kind": "withdrawn", "corrects": 99, "note": "x" }), "no event 99"),
        (json!({ "kind": "note", "note": "x".repeat(4_001) }), "too long"),
    ];
    for (sent, words) in bad {
        let refused = app.json(Method::POST, &format!("{api}/events"), &sent).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent}: {}", refused.text);
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    for (body, status) in [
        (json!({ "kind": "nothing" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "kind": "other", "title": "x", "devices": ["x"] }), StatusCode::NOT_FOUND),
        (
            json!({ "kind": "other", "title": "x", "discovered": "tomorrow" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        assert_eq!(app.json(Method::POST, "/api/v1/incidents", &body).await.status, status, "{body}");
    }
}
