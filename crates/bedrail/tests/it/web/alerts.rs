//! Alerts over the API and on pages.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    what_is_pushed_is_acknowledged_once_and_becomes_work,
    the_pages_take_close_and_write_policies,
    who_only_looks_changes_nothing,
    the_desk_decides_waits_links_and_prints,
    the_desk_of_the_api,
}

fn line(rule: u32, action: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-03-03T09:00:00.0+0000","event_type":"alert","src_ip":"203.0.113.9","dest_ip":"10.20.1.7","alert":{{"action":"{action}","gid":1,"signature_id":{rule},"signature":"ET <b>thing</b> {rule}","severity":2}}}}"#
    ) + "\n"
}

async fn source(app: &TestApp) -> String {
    let made = app.json(Method::POST, "/api/v1/alerts/sources", &json!({ "name": "border" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn push(app: &TestApp, source: &str, text: &str) -> Value {
    let answer = app.post(&format!("/api/v1/alerts/sources/{source}/events"), text.to_owned()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn rows(app: &TestApp) -> Vec<Value> {
    app.get("/api/v1/alerts").await.json()["rows"].as_array().unwrap().clone()
}

async fn what_is_pushed_is_acknowledged_once_and_becomes_work(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = source(&app).await;
    // A program that got no answer sends the same again with the same key: it is received once.
    for _ in 0..2 {
        let request = app
            .request(Method::POST, &format!("/api/v1/alerts/sources/{source}/events"))
            .header("x-csrf-token", &app.token)
            .header("idempotency-key", "batch-1")
            .header(header::CONTENT_TYPE, "application/x-ndjson");
        let body = [line(7, "blocked").repeat(3), line(7, "allowed")].concat();
        let answer = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((answer.status, &answer.json()["events"]), (StatusCode::OK, &json!(4)), "{}", answer.text);
    }
    let all = rows(&app).await;
    assert_eq!(all.iter().map(|row| row["events"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3]);
    let id = all[1]["id"].as_str().unwrap();
    push(&app, &source, &line(7, "blocked")).await;
    let close = async |events: u64| {
        let body = json!({
            "items": [{ "id": id, "events": events }], "reason": "stopped",
            "sentence": "The border stops this every time."
        });
        app.json(Method::POST, "/api/v1/alerts/close", &body).await
    };
    assert_eq!(close(3).await.status, StatusCode::CONFLICT, "an event came that was not looked at");
    assert_eq!(close(4).await.status, StatusCode::NO_CONTENT);
    let detail = app.get(&format!("/api/v1/alerts/{id}")).await.json();
    assert_eq!(detail["item"]["closed"]["reason"], "stopped");
    assert_eq!(detail["newest_events"].as_array().unwrap().len(), 4);
    let other = all[0]["id"].as_str().unwrap();
    let closings = json!([{
        "id": other, "system": "Sentinel", "person": "Ana", "sentence": "Looked at in the SIEM, a test."
    }]);
    let told = app.json(Method::POST, "/api/v1/alerts/closings", &closings).await;
    assert_eq!(told.json()["closed"], 1, "{}", told.text);
    let account = app.get("/api/v1/alerts/account").await.json();
    assert_eq!((&account["events_in"], &account["holds"]), (&json!(5), &json!(true)), "{account}");
    let wrong = app.get("/api/v1/alerts/account?from=2026-03-03&to=2026-03-01").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for query in ["state=shut", "when=soon", "outcome=maybe", "source=x"] {
        let answer = app.get(&format!("/api/v1/alerts?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

async fn the_pages_take_close_and_write_policies(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = source(&app).await;
    push(&app, &source, &[line(7, "blocked"), line(8, "blocked"), line(9, "allowed")].concat()).await;
    let page = app.get("/alerts").await;
    assert!(page.text.contains("ET &#60;b&#62;thing&#60;/b&#62; 7"), "{}", page.text);
    let all = rows(&app).await;
    let item = |rule: &str| {
        let row = all.iter().find(|row| row["rule"] == rule).unwrap();
        format!("{}+{}", row["id"].as_str().unwrap(), row["events"])
    };
    let token = &app.token;
    let form = format!("token={token}&item={}&item={}", item("1:7"), item("1:8"));
    assert_eq!(app.form("/alerts/take", &form).await.status, StatusCode::SEE_OTHER);
    let sentence = "sentence=The+border+stops+this+every+time.";
    let form = format!("token={token}&item={}&reason=stopped&{sentence}", item("1:8"));
    assert_eq!(app.form("/alerts/close", &form).await.status, StatusCode::SEE_OTHER);
    let nothing = app.form("/alerts/close", &format!("token={token}&reason=stopped&{sentence}")).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = item("1:9").split('+').next().unwrap().to_owned();
    let page = app.get(&format!("/alerts/{id}")).await;
    assert!(page.text.contains("let through") && page.text.contains("/alerts/close"), "{}", page.text);
    let said =
        app.form(&format!("/alerts/{id}/comment"), &format!("token={token}&text=asked+the+ward")).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER);
    let policy = format!("token={token}&name=ours&reason=expected&{sentence}&not_stopped=true&days=30");
    let made = app.form(&format!("/alerts/{id}/policy"), &policy).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = app.get(&format!("/alerts/{id}")).await;
    assert!(page.text.contains("asked the ward") && page.text.contains("policy “ours”"), "{}", page.text);
    let policies = app.get("/api/v1/alerts/policies").await.json();
    let end = format!("/alerts/policies/{}/end", policies[0]["id"].as_str().unwrap());
    assert!(app.get("/alerts/policies").await.text.contains(&end));
    assert_eq!(app.form(&end, &format!("token={token}")).await.status, StatusCode::SEE_OTHER);
    let again = format!("token={token}&text=It+was+closed+too+early.");
    assert_eq!(app.form(&format!("/alerts/{id}/reopen"), &again).await.status, StatusCode::SEE_OTHER);
    let account = app.get("/alerts/account").await;
    assert!(account.text.contains("3 events received, 3 accounted for."), "{}", account.text);
    let form = format!("token={token}&name=second&kind=wazuh&silent_minutes=60");
    assert_eq!(app.form("/alerts/sources", &form).await.status, StatusCode::SEE_OTHER);
    assert!(app.get("/alerts/sources").await.text.contains("wazuh"));
}

async fn who_only_looks_changes_nothing(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = source(&app).await;
    push(&app, &source, &line(7, "blocked")).await;
    let until = "2999-01-01T00:00:00Z";
    let auditor = member(&app, "auditor", json!({ "roles": ["auditor"], "valid_until": until })).await;
    let page = auditor.get("/alerts").await;
    assert!(page.text.contains("thing") && !page.text.contains("action=\"/alerts/close\""), "{}", page.text);
    let id = rows(&auditor).await[0]["id"].clone();
    let taken = auditor.json(Method::POST, "/api/v1/alerts/take", &json!({ "ids": [id] })).await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN);
}

async fn the_desk_decides_waits_links_and_prints(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = source(&app).await;
    push(&app, &source, &line(9, "allowed")).await;
    let row = rows(&app).await.remove(0);
    let (id, number) = (row["id"].as_str().unwrap(), row["number"].as_str().unwrap());
    let token = &app.token;
    let sentence = "sentence=We+take+it+off+the+net.";
    let page = app.get(&format!("/alerts/{id}")).await;
    let why = &app.get(&format!("/api/v1/alerts/{id}")).await.json()["why"];
    assert_eq!((&why["when"], &why["outcome"]), (&row["when"], &json!("allowed")), "{why}");
    assert!(why["sentence"].as_str().unwrap().starts_with("it was not stopped; "), "{why}");
    assert!(page.text.contains("<dt>Why ") && page.text.contains("it was not stopped; "), "{}", page.text);
    assert!(!page.text.contains(&format!("/alerts/{id}/pause")), "nobody has it: {}", page.text);
    let form = format!("token={token}&item={id}+1&back=item&verdict=attack&{sentence}");
    assert_eq!(app.form("/alerts/decide", &form).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&format!("/alerts/{id}")).await;
    assert!(page.text.contains("an attack. We take it off the net."), "{}", page.text);
    let pause = format!("/alerts/{id}/pause");
    assert!(page.text.contains(&pause), "{}", page.text);
    let form = |hours: u32| format!("token={token}&wait=ward&hours={hours}&{sentence}");
    assert_eq!(app.form(&pause, &form(9_999)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.form(&pause, &form(2)).await.status, StatusCode::SEE_OTHER);
    let page = app.get("/alerts?paused=true").await;
    assert!(page.text.contains("they stand still until"), "{}", page.text);
    let plain = format!("token={token}");
    assert_eq!(app.form(&format!("/alerts/{id}/resume"), &plain).await.status, StatusCode::SEE_OTHER);
    let link = format!("token={token}&kind=incident&target=I+7");
    assert_eq!(app.form(&format!("/alerts/{id}/link"), &link).await.status, StatusCode::SEE_OTHER);
    let action = format!("token={token}&what=Look+at+it&owner=biomed&due=2026-12-24");
    assert_eq!(app.form(&format!("/alerts/{id}/action"), &action).await.status, StatusCode::SEE_OTHER);
    let page = app.get(&format!("/alerts/{id}")).await;
    assert!(page.text.contains("incident: I 7") && page.text.contains("Look at it"), "{}", page.text);
    assert_eq!(app.form(&format!("/alerts/{id}/unlink"), &link).await.status, StatusCode::SEE_OTHER);
    assert!(!app.get(&format!("/alerts/{id}")).await.text.contains("value=\"I 7\""));

    let printed = app.get("/alerts/printed").await;
    assert!(printed.text.contains(number) && printed.text.contains('☐'), "{}", printed.text);
    let typed = app.get(&format!("/alerts/number?number={}", number.replace(' ', ""))).await;
    assert_eq!(typed.status, StatusCode::SEE_OTHER);
    assert_eq!(typed.header(header::LOCATION), format!("/alerts/{id}"));
    assert_eq!(app.get("/alerts/number?number=1").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let rota = app.get("/alerts/rota").await;
    assert!(rota.text.contains("There is no rota"), "{}", rota.text);
    let who = app.get("/api/v1/people").await.json()[0]["name"].as_str().unwrap().to_owned();
    let duty = format!("token={token}&days=mon-sun&from=00:00&to=24:00&person={who}");
    assert_eq!(app.form("/alerts/rota/duties", &duty).await.status, StatusCode::SEE_OTHER);
    let rota = app.get("/alerts/rota").await;
    assert!(rota.text.contains(&format!("{who} has duty now.")), "{}", rota.text);
    let zone = format!("token={token}&zone=eastern");
    assert_eq!(app.form("/alerts/rota/zone", &zone).await.status, StatusCode::SEE_OTHER);
    let account = app.get("/alerts/account").await;
    assert!(account.text.contains("Until somebody said what it is"), "{}", account.text);
    assert!(account.text.contains("the ward was asked"), "{}", account.text);

    // Nobody is signed in, and the link is none: nothing is told.
    let gone = app.get("/alerts/answer/nothing").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text.contains("This link opens nothing any more."), "{}", gone.text);
    let sent = app.form("/alerts/answer/nothing", "form=x&comment=y").await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
}

async fn the_desk_of_the_api(database: Database) {
    let app = TestApp::with_devices(database).await;
    let source = source(&app).await;
    push(&app, &source, &line(9, "allowed")).await;
    let row = rows(&app).await.remove(0);
    let id = row["id"].as_str().unwrap();
    let post = async |path: &str, body: Value| {
        app.json(Method::POST, &format!("/api/v1/alerts/{path}"), &body).await
    };
    let sentence = "It is looked at.";
    let decided = json!({ "items": [{ "id": id, "events": 1 }], "verdict": "breach", "sentence": sentence });
    assert_eq!(post("decide", decided).await.status, StatusCode::NO_CONTENT);
    let wrong = json!({ "items": [{ "id": id, "events": 1 }], "verdict": "evil", "sentence": sentence });
    assert_eq!(post("decide", wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let old = json!({ "items": [{ "id": id, "events": 7 }], "verdict": "breach", "sentence": sentence });
    assert_eq!(post("decide", old).await.status, StatusCode::CONFLICT);
    let pause = |until: &str| json!({ "wait": "maker", "sentence": sentence, "until": until });
    assert_eq!(post(&format!("{id}/pause"), pause("soon")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&format!("{id}/resume"), json!({})).await.status, StatusCode::CONFLICT);
    let link = || json!({ "kind": "incident", "target": "I-7" });
    assert_eq!(post(&format!("{id}/links"), link()).await.status, StatusCode::NO_CONTENT);
    let detail = app.get(&format!("/api/v1/alerts/{id}")).await.json();
    assert_eq!(detail["item"]["decision"]["verdict"], "breach", "{detail}");
    assert_eq!(detail["links"][0]["target"], "I-7");
    assert_eq!(post(&format!("{id}/links/remove"), link()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(post(&format!("{id}/links/remove"), link()).await.status, StatusCode::NOT_FOUND);
    let action = json!({ "what": "look", "owner": "biomed", "due": "2026-12-24" });
    assert_eq!(post(&format!("{id}/action"), action).await.status, StatusCode::CREATED);
    let who = app.get("/api/v1/people").await.json()[0]["name"].clone();
    let duty = json!({ "days": "mon-sun", "from": "00:00", "to": "24:00", "person": who });
    let made = post("rota/duties", duty).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.json()["ids"].as_array().unwrap().len(), 7);
    let away = json!({ "person": who, "first": "2020-01-01", "last": "2999-01-01" });
    let absence = post("rota/absences", away).await.json()["id"].as_str().unwrap().to_owned();
    let rota = app.get("/api/v1/alerts/rota").await.json();
    assert_eq!((&rota["on_duty"], rota["absences"].as_array().unwrap().len()), (&Value::Null, 1), "{rota}");
    let path = format!("/api/v1/alerts/rota/absences/{absence}");
    assert_eq!(app.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    let rota = app.get("/api/v1/alerts/rota").await.json();
    assert_eq!(rota["on_duty"], who, "{rota}");
    let account = app.get("/api/v1/alerts/account").await.json();
    assert_eq!(account["time_to_decide"]["count"], 1, "{account}");
}
