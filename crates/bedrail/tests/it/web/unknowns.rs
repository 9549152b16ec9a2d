//! What is not known, on its page and in the API: asked, answered, taken back.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    what_is_not_known_is_asked_answered_and_taken_back_on_its_page,
    the_api_records_answers_and_a_supplier_sees_none,
}

/// The key and the release of the first release without a bill of materials.
async fn bill(app: &TestApp) -> (String, String) {
    let list = app.get("/api/v1/unknowns?kind=bill").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text);
    let row = list.json()["rows"][0].clone();
    let text = |at: &serde_json::Value| at.as_str().unwrap().to_owned();
    (text(&row["key"]), text(&row["releases"][0]["id"]))
}

async fn what_is_not_known_is_asked_answered_and_taken_back_on_its_page(database: Database) {
    let app = TestApp::with_devices(database).await;
    let (key, release) = bill(&app).await;
    let list = app.get("/unknowns").await.text;
    assert!(list.contains(&format!("/unknowns/{key}")) && list.contains("every weakness"), "{list}");
    let page = app.get(&format!("/unknowns/{key}")).await.text;
    assert!(page.contains("mailto:?subject=") && page.contains("/releases/upload?maker="), "{page}");

    let token = format!("token={}", app.token);
    let form = format!("{token}&whom=Orbis+Medical&owner=biomed&due=2030-01-31");
    assert_eq!(app.form(&format!("/unknowns/{key}/ask"), &form).await.status, StatusCode::SEE_OTHER);
    assert!(app.get("/unknowns").await.text.contains("Orbis Medical, answer expected"));
    assert!(app.get("/actions").await.text.contains("Ask Orbis Medical for the bill of materials"));
    let nobody = app.form(&format!("/unknowns/{key}/ask"), &format!("{token}&owner=a&due=2030-01-31")).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);

    let answer =
        format!("{token}&about={release}&subject=log4j&said_on=2020-01-05&source=%3Cscript%3Ealert(1)");
    let place = format!("/unknowns/{key}/answer");
    for lacking in ["&said_by=the+maker", "&kind=lacks"] {
        let refused = app.form(&place, &format!("{answer}{lacking}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{lacking}");
        assert!(!refused.text.contains("<script>alert"));
    }
    let done = app.form(&place, &format!("{answer}&kind=lacks&said_by=the+maker")).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(done.text.contains("Recorded for 1 release"), "{}", done.text);
    let list = app.get("/unknowns").await.text;
    assert!(list.contains("does not contain log4j") && !list.contains("<script>alert"), "{list}");
    assert!(app.get(&format!("/releases/{release}")).await.text.contains("does not contain log4j"));
    assert!(list.contains("answer expected"), "the bill itself is still waited for");

    let id = app.get("/api/v1/facts").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    let back = app.form("/unknowns/take-back", &format!("{token}&id={id}&reason=another+model")).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    assert!(app.get("/unknowns").await.text.contains("another model"));
    assert!(!app.get(&format!("/releases/{release}")).await.text.contains("does not contain log4j"));
}

async fn the_api_records_answers_and_a_supplier_sees_none(database: Database) {
    let app = TestApp::with_devices(database).await;
    let (key, release) = bill(&app).await;
    let one = app.get(&format!("/api/v1/unknowns/{key}")).await.json();
    assert!(one["question"].as_str().unwrap().contains("Please send us the bill of materials"), "{one}");
    assert!(one["devices"].as_u64().unwrap() > 0 && one["weaknesses"].is_null(), "{one}");
    assert_eq!(app.get("/api/v1/unknowns/bill-nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/api/v1/unknowns?kind=odd").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let sent = json!({
        "releases": [release], "kind": "has", "subject": "cpe:2.3:h:orbis:flow_300:-:*:*:*:*:*:*:*",
        "said_by": "the maker", "said_on": "2020-01-05", "source": "manual",
    });
    let done = app.json(Method::POST, "/api/v1/facts", &sent).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    assert_eq!(done.json()["releases"], 1);
    let odd = json!({
        "releases": [release], "kind": "has", "subject": "windows", "said_by": "a", "said_on": "2020-01-05",
        "source": "b",
    });
    let odd = app.json(Method::POST, "/api/v1/facts", &odd).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.text.contains("is no product name (CPE)"), "{}", odd.text);
    let supplier = member(&app, "sue", json!({"roles": ["supplier"], "makers": ["Orbis Medical"]})).await;
    for path in ["/api/v1/unknowns", "/api/v1/facts", "/unknowns"] {
        assert_eq!(supplier.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
