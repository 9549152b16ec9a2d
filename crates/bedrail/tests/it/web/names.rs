//! Names of components on pages and in the API: what a list calls so is said once, judged by, told as evidence, and undone.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    what_is_exact_is_confirmed_with_one_button_and_told_as_evidence,
    a_name_is_said_by_the_api_and_what_is_no_identifier_is_refused,
    what_reaches_several_makers_or_stands_already_is_asked_for_first,
    what_the_house_said_goes_out_marked_and_to_no_supplier,
}

const LOG4J: &str = "pkg:maven/org.apache.logging.log4j/log4j-core";

/// A server with a bill that gives names alone; the id of its release.
async fn with_list(database: Database) -> (TestApp, String) {
    let app = TestApp::with_devices(database).await;
    let bill = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": "log4j-core", "version": "2.14.1", "supplier": {"name": "Apache"}},
        {"type": "library", "name": "<b>log4j-core</b>", "version": "1"}]}"#;
    let receipt = app.post("/api/v1/sboms?maker=Kestrel&model=Vista&version=8.4", bill).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    let release = receipt.json()["release"].as_str().unwrap().to_owned();
    (app, release)
}

/// What is said of Log4Shell in the release.
async fn said(app: &TestApp, release: &str) -> Option<Value> {
    let detail = app.get(&format!("/api/v1/releases/{release}")).await.json();
    let findings = detail["findings"].as_array().unwrap();
    findings.iter().find(|it| it["weakness"]["id"] == "CVE-2021-44228").cloned()
}

async fn what_is_exact_is_confirmed_with_one_button_and_told_as_evidence(database: Database) {
    let (app, release) = with_list(database).await;
    let page = app.get(&format!("/releases/{release}")).await.text;
    assert!(page.contains("2 components without an identifier"), "{page}");
    let page = app.get(&format!("/releases/{release}/names")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(LOG4J) && page.text.contains("It is this"), "{}", page.text);
    assert!(!page.text.contains("<b>log4j-core"), "{}", page.text);
    assert!(said(&app, &release).await.is_none());
    let seen = app.get(&format!("/api/v1/releases/{release}/names/exact")).await.json();
    assert_eq!(seen["names"][0]["identifier"], LOG4J);
    let seen = seen["seen"].as_str().unwrap();
    let path = format!("/releases/{release}/names/exact");
    assert_eq!(app.form(&path, &format!("seen={seen}")).await.status, StatusCode::FORBIDDEN);
    let other = app.form(&path, &format!("token={}&seen=other", app.token)).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text);
    let done = app.form(&path, &format!("token={}&seen={seen}", app.token)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let finding = said(&app, &release).await.unwrap();
    assert_eq!(
        (&finding["answer"], &finding["identified"]["confidence"]),
        (&json!("affected"), &json!("confirmed"))
    );
    let page = app.get(&format!("/releases/{release}")).await.text;
    assert!(page.contains("The bill gives a name alone; it is pkg:maven/"), "{page}");
    let list = app.get("/names").await.text;
    assert!(list.contains("Of 1 name it is said what they mean.") && list.contains(LOG4J), "{list}");
    let form = format!("token={}&name=log4j-core&supplier=Apache&release={release}", app.token);
    assert_eq!(app.form("/names/take-back", &form).await.status, StatusCode::SEE_OTHER);
    assert!(said(&app, &release).await.is_none());
}

async fn a_name_is_said_by_the_api_and_what_is_no_identifier_is_refused(database: Database) {
    let (app, release) = with_list(database).await;
    let put = async |body: Value| app.json(Method::PUT, "/api/v1/component-names", &body).await;
    for identifier in ["log4j", "pkg:maven/nobody/nothing", "pkg:npm/express@4"] {
        let refused = put(json!({"name": "log4j-core", "identifier": identifier})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    }
    let body = json!({"name": "log4j-core", "supplier": "Acme", "identifier": LOG4J});
    assert_eq!(put(body).await.status, StatusCode::CONFLICT, "two makers");
    let done = put(json!({"name": "LOG4J-CORE", "supplier": "apache", "identifier": LOG4J})).await;
    assert_eq!((done.status, &done.json()["releases"]), (StatusCode::OK, &json!(1)), "{}", done.text);
    assert_eq!(said(&app, &release).await.unwrap()["answer"], "affected");
    let known = app.get(&format!("/api/v1/releases/{release}/names")).await.json();
    assert_eq!(known["named"][0]["said"]["identifier"], LOG4J);
    let none = app.json(Method::DELETE, "/api/v1/component-names?name=unheard", &json!({})).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let path = "/api/v1/component-names?name=log4j-core&supplier=Apache";
    assert_eq!(app.json(Method::DELETE, path, &json!({})).await.status, StatusCode::OK);
    let none = put(json!({"name": "log4j-core", "supplier": "Apache", "identifier": null})).await;
    assert_eq!(none.status, StatusCode::OK, "{}", none.text);
    let known = app.get(&format!("/api/v1/releases/{release}/names")).await.json();
    let open = known["open"].as_array().unwrap();
    let row = open.iter().find(|it| it["name"] == "log4j-core").unwrap();
    assert_eq!((&row["proposals"], &row["declined"][0]), (&json!([]), &json!(LOG4J)));
}

async fn what_reaches_several_makers_or_stands_already_is_asked_for_first(database: Database) {
    let (app, _) = with_list(database).await;
    let bill = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [{"type": "library", "name": "log4j-core", "version": "2.14.1"}]}"#;
    for (maker, model) in [("Velta", "Monitor"), ("Kestrel", "Vista%202")] {
        let receipt = app.post(&format!("/api/v1/sboms?maker={maker}&model={model}&version=1"), bill).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    }
    let other =
        app.get("/api/v1/releases?text=Monitor").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    let page = app.get(&format!("/releases/{other}/names")).await.text;
    assert!(page.contains("in at most 3 releases of 2 makers"), "{page}");
    assert!(
        page.contains("name=\"everywhere\"") && page.contains("I mean it in the bills of up to 2 makers"),
        "{page}"
    );
    let form = format!("token={}&name=log4j-core&identifier={LOG4J}&release={other}", app.token);
    let refused = app.form("/names", &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("2 makers (Kestrel, Velta)"), "{}", refused.text);
    let done = app.form("/names", &format!("{form}&everywhere=1")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    // It stands: who did not see it does not replace it.
    let put = async |body: Value| app.json(Method::PUT, "/api/v1/component-names", &body).await;
    let again = json!({"name": "log4j-core", "identifier": null});
    let refused = put(again.clone()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(
        refused.text.contains("is decided on already") && refused.text.contains(LOG4J),
        "{}",
        refused.text
    );
    let standing = app.get("/api/v1/component-names").await.json();
    let with = |seen: &Value| {
        let mut body = again.clone();
        body["seen"] = seen.clone();
        body
    };
    assert_eq!(put(with(&json!("yesterday"))).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = put(with(&standing[0]["decided"])).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    // What was said it is not stands in the form that says what it is.
    let page = app.get(&format!("/releases/{other}/names")).await.text;
    let standing = app.get("/api/v1/component-names").await.json();
    let seen = format!("name=\"seen\" value=\"{}\"", standing[0]["decided"].as_str().unwrap());
    assert!(page.contains(&seen), "{page}");
}

async fn what_the_house_said_goes_out_marked_and_to_no_supplier(database: Database) {
    let (app, release) = with_list(database).await;
    let body = json!({"name": "log4j-core", "supplier": "Apache", "identifier": LOG4J});
    assert_eq!(app.json(Method::PUT, "/api/v1/component-names", &body).await.status, StatusCode::OK);
    let grant = json!({ "roles": ["supplier"], "makers": ["Kestrel"] });
    let supplier = member(&app, "kestrel.person", grant).await;
    for format in ["cyclonedx", "spdx"] {
        let path = format!("/api/v1/releases/{release}/sbom?format={format}");
        let ours = app.get(&path).await;
        assert!(
            ours.text.contains(LOG4J) && ours.text.contains("confirmed by the organisation"),
            "{}",
            ours.text
        );
        let theirs = supplier.get(&path).await;
        assert_eq!(theirs.status, StatusCode::OK, "{}", theirs.text);
        assert!(!theirs.text.contains(LOG4J) && !theirs.text.contains("confirmed"), "{}", theirs.text);
    }
}
