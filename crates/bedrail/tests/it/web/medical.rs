//! Medical advisories on pages and in the API: what is alike waits for a person, one click decides, and it can be undone.

use axum::http::{Method, StatusCode};
use bedrail_app::{Actor, accounts, medical, organisations};
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};

on_each_database! {
    a_candidate_is_confirmed_on_the_page_and_shows_on_release_and_device,
    a_decision_by_the_api_is_the_same_and_what_is_no_decision_is_refused,
    providers_are_added_and_taken_away_on_page_and_api,
    where_several_organisations_share_an_installation_none_changes_its_providers,
    an_advisory_is_asked_about_by_its_id_and_has_a_paper,
}

/// An advisory on `Flow 300` by a longer name, and text that means harm.
fn advisory() -> Value {
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0",
            "title": "Flow <script>alert(1)</script>",
            "publisher": {"category": "vendor", "name": "Orbis Medical", "namespace": "https://orbis.example",
                "contact_details": "psirt@orbis.example"},
            "tracking": {"id": "OM-1", "status": "final", "version": "1",
                "current_release_date": "2024-03-08T09:00:00Z"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Orbis Medical GmbH", "branches": [
            {"category": "product_name", "name": "Flow 300 Workstation", "branches": [
                {"category": "product_version_range", "name": "<= 2.4", "product": {"product_id": "P", "name": "F"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-99901", "product_status": {"known_affected": ["P"]},
            "remediations": [{"category": "workaround", "details": "Close the port.", "product_ids": ["P"]}]}],
    })
}

/// A server with devices and the advisory; the path of its page.
async fn with_advisory(database: Database) -> (TestApp, String) {
    let app = TestApp::with_devices(database).await;
    let org = accounts::ensure_organisation(&app.ctx, "Test Clinic").await.unwrap();
    let documents = vec![("om-1.json".to_owned(), advisory().to_string().into_bytes())];
    let report = medical::take(&app.ctx, &Actor::system(org), documents).await.unwrap();
    assert_eq!(report.taken, 1, "{report:?}");
    let row = app.get("/api/v1/medical-advisories").await.json()["rows"][0].clone();
    assert_eq!((&row["standing"], &row["questions"]), (&json!("undecided"), &json!(1)));
    (app, row["id"].as_str().unwrap().to_owned())
}

async fn said(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/api/v1/medical-advisories/{id}")).await.json()["said"][0].clone()
}

async fn a_candidate_is_confirmed_on_the_page_and_shows_on_release_and_device(database: Database) {
    let (app, id) = with_advisory(database).await;
    let page = app.get(&format!("/medical/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("It cannot be told whether OM-1 affects 3 devices."), "{}", page.text);
    assert!(page.text.contains("The same product") && page.text.contains("Close the port."));
    assert!(!page.text.contains("<script>alert"));
    assert!(app.get("/medical").await.text.contains("1 name to confirm"));

    let waiting = said(&app, &id).await;
    let (release, key) =
        (waiting["release"].as_str().unwrap(), waiting["candidates"][0]["key"].as_str().unwrap());
    let key = key.replace('|', "%7C");
    let forged = app
        .form(&format!("/medical/{id}/decide"), &format!("release={release}&key={key}&decision=same"))
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "a form without its token");
    let form = format!("token={}&release={release}&key={key}&decision=same", app.token);
    let done = app.form(&format!("/medical/{id}/decide"), &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = app.get(&format!("/medical/{id}")).await.text;
    assert!(page.contains("OM-1 affects 3 devices."), "{page}");

    let device = app.get("/api/v1/devices").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    for path in [format!("/releases/{release}"), format!("/devices/{device}")] {
        let page = app.get(&path).await.text;
        assert!(page.contains("What medical advisories say") && page.contains("OM-1"), "{path}: {page}");
        assert!(page.contains("Close the port."), "{path}");
    }

    let decisions = app.get("/medical").await.text;
    assert!(decisions.contains("Names that you decided on"), "{decisions}");
    let own = decisions.split("name=\"own\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let their = decisions.split("name=\"their\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("token={}&own={own}&their={their}", app.token).replace('|', "%7C");
    assert_eq!(app.form("/medical/take-back", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(said(&app, &id).await["answer"], "cannot_tell");
}

async fn a_decision_by_the_api_is_the_same_and_what_is_no_decision_is_refused(database: Database) {
    let (app, id) = with_advisory(database).await;
    let waiting = said(&app, &id).await;
    let path = format!("/api/v1/medical-advisories/{id}/decision");
    let put = async |release: &Value, key: &Value, decision: Value| {
        let body = json!({"release": release, "key": key, "decision": decision});
        app.json(Method::PUT, &path, &body).await
    };
    let (release, key) = (&waiting["release"], &waiting["candidates"][0]["key"]);
    assert_eq!(put(release, key, json!("perhaps")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put(release, &json!("another|name"), json!("same")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(put(&json!("no id"), key, json!("same")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(put(release, key, Value::Null).await.status, StatusCode::NOT_FOUND, "nothing to take back");

    let done = put(release, key, json!("different")).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["standing"], "foreign");
    assert_eq!(app.get("/api/v1/name-decisions").await.json()[0]["decision"], "different");
    assert_eq!(put(release, key, json!("same")).await.json()["said"][0]["answer"], "affected");
    let of_release =
        app.get(&format!("/api/v1/releases/{}/medical-advisories", release.as_str().unwrap())).await;
    assert_eq!(of_release.json()[0]["advice"][0]["details"], "Close the port.");
    assert_eq!(
        app.get("/api/v1/medical-advisories?standing=nonsense").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        app.get("/api/v1/medical-advisories/om-1").await.status,
        StatusCode::OK,
        "the publisher's id too"
    );
    assert_eq!(app.get("/api/v1/medical-advisories/nothing").await.status, StatusCode::NOT_FOUND);
}

async fn providers_are_added_and_taken_away_on_page_and_api(database: Database) {
    let app = TestApp::with_devices(database).await;
    let page = app.get("/medical").await.text;
    assert!(
        page.contains("No publisher has been added") && page.contains("who wrote it is not proved"),
        "{page}"
    );
    let add = async |url: &str| {
        let form = format!("token={}&url={url}", app.token);
        app.form("/medical/providers/add", &form).await
    };
    assert_eq!(add("psirt.orbis.example").await.status, StatusCode::SEE_OTHER);
    assert_eq!(add("psirt.orbis.example").await.status, StatusCode::CONFLICT);
    assert_eq!(add("ftp%3A%2F%2Forbis.example").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = app.get("/medical").await.text;
    let url = "https://psirt.orbis.example/.well-known/csaf/provider-metadata.json";
    assert!(page.contains(url) && page.contains("not asked yet"), "{page}");

    let listed = app.get("/api/v1/advisory-providers").await.json();
    assert_eq!((&listed[0]["url"], &listed[0]["signatures"]), (&json!(url), &json!("not_checked")));
    let another =
        app.json(Method::POST, "/api/v1/advisory-providers", &json!({"url": "velta.example"})).await;
    assert_eq!(another.json().as_array().unwrap().len(), 2, "{}", another.text);
    let form = format!("token={}&url={url}", app.token);
    assert_eq!(app.form("/medical/providers/remove", &form).await.status, StatusCode::SEE_OTHER);
    let left = app.get("/api/v1/advisory-providers").await.json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    // With a namespace that the address does not show.
    let confirmed = json!({"url": "csaf.orbis.example", "namespace": "https://www.orbis.example"});
    let added = app.json(Method::POST, "/api/v1/advisory-providers", &confirmed).await.json();
    assert_eq!(added[0]["namespace"], "https://www.orbis.example", "{added}");
    assert!(app.get("/medical").await.text.contains("https://www.orbis.example"));
    let wrong = json!({"url": "csaf2.orbis.example", "namespace": "Orbis"});
    let wrong = app.json(Method::POST, "/api/v1/advisory-providers", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    let key = "https%3A%2F%2Fvelta.example%2F.well-known%2Fcsaf%2Fprovider-metadata.json";
    let path = format!("/api/v1/advisory-providers/{key}");
    let gone = app.json(Method::DELETE, &path, &json!({})).await;
    assert_eq!((gone.status, gone.json().as_array().unwrap().len()), (StatusCode::OK, 1), "{}", gone.text);
    assert_eq!(app.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NOT_FOUND);
}

async fn where_several_organisations_share_an_installation_none_changes_its_providers(database: Database) {
    let app = TestApp::with_devices(database).await;
    let form = format!("token={}&url=orbis.example", app.token);
    assert_eq!(app.form("/medical/providers/add", &form).await.status, StatusCode::SEE_OTHER);
    organisations::add(&app.ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
    let page = app.get("/medical").await.text;
    assert!(page.contains("All organisations of this installation rely on this list"), "{page}");
    assert!(!page.contains("/medical/providers/"), "{page}");
    let url = "https://orbis.example/.well-known/csaf/provider-metadata.json";
    let remove = format!("token={}&url={url}", app.token);
    for (path, form) in [("/medical/providers/add", &form), ("/medical/providers/remove", &remove)] {
        assert_eq!(app.form(path, form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let sent = json!({"url": "velta.example"});
    let refused = app.json(Method::POST, "/api/v1/advisory-providers", &sent).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert_eq!(app.get("/api/v1/advisory-providers").await.json()[0]["url"], url);
}

async fn an_advisory_is_asked_about_by_its_id_and_has_a_paper(database: Database) {
    let (app, id) = with_advisory(database).await;
    let answer = app.get("/api/v1/affected?q=om-1").await.json();
    assert_eq!(answer["totals"]["cannot_tell"], 3, "{answer}");
    assert_eq!(answer["rows"][0]["evidence"][0]["advisory"], "OM-1", "{answer}");
    let paper = app.get(&format!("/medical/{id}/wards")).await;
    assert_eq!(paper.status, StatusCode::OK, "{}", paper.text);
    assert!(paper.text.contains("whether Orbis Medical Flow 300"), "{}", paper.text);
    assert!(paper.text.contains("OM-1 is an advisory: listed is what it says"), "{}", paper.text);
    let lead = app.get("/advisories/OM-1").await;
    assert_eq!(lead.status, StatusCode::SEE_OTHER, "{}", lead.text);
}
