//! Decisions and actions on pages and in the API.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    a_decision_is_taken_on_its_page_shown_where_it_counts_and_taken_back,
    a_decision_by_the_api_is_previewed_taken_and_its_action_is_ended,
    what_is_no_decision_is_refused_with_its_reason,
    a_supplier_reads_no_reason_of_the_house,
}

const LOG4SHELL: &str = "CVE-2021-44228";

async fn totals(app: &TestApp) -> Value {
    app.get(&format!("/api/v1/affected?q={LOG4SHELL}")).await.json()["totals"].clone()
}

async fn release(app: &TestApp) -> String {
    let rows = app.get("/api/v1/affected?q=CVE-2021-44228&answer=affected").await.json();
    rows["rows"][0]["release"].as_str().unwrap().to_owned()
}

async fn a_decision_is_taken_on_its_page_shown_where_it_counts_and_taken_back(database: Database) {
    let app = TestApp::with_devices(database).await;
    let before = totals(&app).await;
    let affected = before["affected"].as_u64().unwrap();
    assert!(affected > 0, "{before}");
    let release = release(&app).await;

    let asked = app.get(&format!("/releases/{release}")).await;
    let link = format!("/decisions/new?release={release}&#38;weakness={LOG4SHELL}");
    assert!(asked.text.contains(&link), "{}", asked.text);
    let page = app.get(&format!("/decisions/new?release={release}&weakness={LOG4SHELL}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Every device of this release") && page.text.contains("log4j-core"));

    let form = format!(
        "token={}&weakness={LOG4SHELL}&scope=release&release={release}&verdict=not_affected",
        app.token
    );
    let lacking = app.form("/decisions", &format!("{form}&reason=%3Cscript%3Ealert(1)")).await;
    assert_eq!(lacking.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lacking.text.contains("needs a justification") && !lacking.text.contains("<script>alert"));
    assert_eq!(totals(&app).await, before);

    let why = "reason=%3Cb%3Ethe+maker+showed+it&justification=vulnerable_code_not_in_execute_path";
    let done = app.form("/decisions", &format!("{form}&{why}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let place = done.header(header::LOCATION).to_owned();
    let page = app.get(&place).await.text;
    assert!(page.contains("not affected: the weak code never runs") && !page.contains("<b>the maker"));
    let token = format!("token={}", app.token);
    let now = totals(&app).await;
    assert_eq!((&now["affected"], &now["ruled_out"]), (&json!(0), &json!(affected)));
    let answer = app.get(&format!("/affected?q={LOG4SHELL}&answer=not_affected")).await.text;
    assert!(answer.contains("more would count, but for a decision") && answer.contains(&place));
    assert!(app.get(&format!("/releases/{release}")).await.text.contains(&place));
    assert!(app.get("/decisions").await.text.contains("1 decision in force."));

    assert_eq!(app.form(&format!("{place}/take-back"), &token).await.status, StatusCode::SEE_OTHER);
    assert_eq!(totals(&app).await, before);
    assert_eq!(app.form(&format!("{place}/take-back"), &token).await.status, StatusCode::CONFLICT);
    assert!(app.get("/decisions?state=taken_back").await.text.contains("1 decision was taken back."));
}

async fn a_decision_by_the_api_is_previewed_taken_and_its_action_is_ended(database: Database) {
    let app = TestApp::with_devices(database).await;
    let sent = json!({
        "weaknesses": [LOG4SHELL], "scope": "found", "found": {"q": LOG4SHELL, "answer": "affected"},
        "verdict": "affected", "reason": "it is there",
        "action": {"what": "install 2.17.1", "owner": "biomed", "due": "2030-01-31", "remaining_risk": "none"},
    });
    let found = app.json(Method::POST, "/api/v1/decisions/preview", &sent).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    let affected = totals(&app).await["affected"].clone();
    assert_eq!(found.json()["touched"][0]["affected"], affected);
    assert_eq!(app.get("/api/v1/decisions").await.json()["total"], 0);

    let done = app.json(Method::POST, "/api/v1/decisions", &sent).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let decision = done.json()[0].clone();
    assert_eq!((&decision["scope"], &decision["devices"]), (&json!("devices"), &affected));
    assert_eq!(totals(&app).await["handled"], affected);
    let id = decision["id"].as_str().unwrap();
    assert_eq!(app.get(&format!("/api/v1/decisions/{id}")).await.json(), decision);

    let action = app.get("/api/v1/actions").await.json()["rows"][0].clone();
    assert_eq!(
        (&action["decision"], &action["standing"]),
        (&json!(id), &json!("over")),
        "CISA's day has passed"
    );
    assert!(action["limit_source"].as_str().unwrap().contains("CISA"), "{action}");
    assert!(app.get("/actions").await.text.contains("install 2.17.1"));
    let step = format!("/api/v1/actions/{}/step", action["id"].as_str().unwrap());
    let no_proof = app.json(Method::POST, &step, &json!({"step": "done"})).await;
    assert_eq!(no_proof.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = app.json(Method::POST, &step, &json!({"step": "done", "note": "photo 7"})).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    assert!(app.get("/actions?state=done").await.text.contains("photo 7"));

    let gone = app.json(Method::DELETE, &format!("/api/v1/decisions/{id}"), &json!(null)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(totals(&app).await["handled"], 0);
}

async fn a_supplier_reads_no_reason_of_the_house(database: Database) {
    let app = TestApp::with_devices(database).await;
    let release = release(&app).await;
    let sent = json!({
        "weaknesses": [LOG4SHELL], "scope": "release", "release": release, "verdict": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path", "reason": "word of the house",
    });
    let done = app.json(Method::POST, "/api/v1/decisions", &sent).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let supplier = member(&app, "sue", json!({"roles": ["supplier"], "makers": ["Orbis Medical"]})).await;
    for path in [format!("/releases/{release}"), format!("/api/v1/releases/{release}")] {
        assert!(app.get(&path).await.text.contains("word of the house"), "{path}");
        let seen = supplier.get(&path).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(seen.text.contains(LOG4SHELL) && !seen.text.contains("word of the house"), "{}", seen.text);
    }
}

async fn what_is_no_decision_is_refused_with_its_reason(database: Database) {
    let app = TestApp::with_devices(database).await;
    for (change, words) in [
        (json!({"verdict": "perhaps"}), "a decision is one of"),
        (json!({"scope": "planet"}), "a scope is"),
        (json!({"scope": "release"}), "lacks `release`"),
        (json!({"verdict": "not_affected", "justification": "because"}), "needs a justification"),
        (json!({"verdict": "risk_accepted"}), "until a day"),
        (json!({"verdict": "risk_accepted", "until": "soon"}), "is no day"),
        (json!({"reason": ""}), "no reason"),
        (json!({"weaknesses": []}), "no weakness"),
    ] {
        let mut sent =
            json!({"weaknesses": [LOG4SHELL], "scope": "organisation", "verdict": "fixed", "reason": "x"});
        sent.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = app.json(Method::POST, "/api/v1/decisions", &sent).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
        assert!(
            refused.json()["detail"].as_str().unwrap().to_lowercase().contains(words),
            "{}",
            refused.text
        );
    }
    let nothing = "/api/v1/decisions/0190b6a2-7c1e-7000-8000-000000000000";
    assert_eq!(app.get(nothing).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/api/v1/decisions?state=nonsense").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
