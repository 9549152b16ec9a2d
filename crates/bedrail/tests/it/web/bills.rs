//! Bills of materials looked at, on pages and in the API: what one lacks, what changed between two, one in another format.

use axum::http::{StatusCode, header};
use bedrail_app::{Actor, bills, organisations};
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use super::app::{Database, SBOM, TestApp, on_each_database};

on_each_database! {
    what_is_missing_is_named_by_element_set_with_a_letter,
    two_releases_are_compared_by_id_or_name,
    a_bill_is_carried_away_in_another_format_and_the_log_says_so,
    another_organisation_finds_nothing_by_name,
}

async fn release(app: &TestApp, text: &str) -> String {
    let path = format!("/api/v1/releases?sbom=true&text={text}");
    app.get(&path).await.json()["rows"][0]["id"].as_str().unwrap().to_owned()
}

/// The element of a set, as the API tells it.
fn element<'v>(quality: &'v Value, set: &str, code: &str) -> &'v Value {
    let sets = quality["sets"].as_array().unwrap();
    let set = sets.iter().find(|it| it["code"] == set).unwrap();
    set["elements"].as_array().unwrap().iter().find(|it| it["element"] == code).unwrap()
}

async fn what_is_missing_is_named_by_element_set_with_a_letter(database: Database) {
    let app = TestApp::with_devices(database).await;
    let id = release(&app, "Flow").await;
    let quality = app.get(&format!("/api/v1/releases/{id}/quality")).await.json();
    assert_eq!(quality["components"], 4);
    let identifier = element(&quality, "ntia_2021", "identifier");
    assert_eq!((&identifier["standing"], &identifier["having"]), (&json!("lacking"), &json!(1)), "{quality}");
    assert_eq!(element(&quality, "ntia_2021", "version")["standing"], "whole");
    assert_eq!(element(&quality, "fda_premarket", "support_ends")["standing"], "cannot_tell");
    let letter = quality["letter"].as_str().unwrap();
    assert!(letter.contains("An identifier: package URL, CPE or SWID tag (missing from 3 of 4)"), "{letter}");
    assert!(!letter.contains("The exact version"), "{letter}");

    let page = app.get(&format!("/releases/{id}/quality")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("This bill of materials lacks 4 of 7 elements by NTIA minimum elements, 2021"),
        "{}",
        page.text
    );
    assert!(page.text.contains("flow-gateway") && !page.text.contains("<img src=x"), "{}", page.text);
    let page = app.get(&format!("/releases/{id}")).await;
    assert!(page.text.contains("/quality") && page.text.contains("missing from 3 of 4"), "{}", page.text);
    let bare =
        app.get("/api/v1/releases?sbom=false").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    for path in [format!("/api/v1/releases/{bare}/quality"), format!("/api/v1/releases/{bare}/sbom")] {
        assert_eq!(app.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn two_releases_are_compared_by_id_or_name(database: Database) {
    let app = TestApp::with_devices(database).await;
    let later = SBOM.replace("2.14.1", "2.17.1").replace("\"2.1\"", "\"2.2\"");
    let later = later.replace("<img src=x onerror=alert(1)>", "zlib");
    let receipt = app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.2", later).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    let (old, new) = (release(&app, "2.1").await, release(&app, "2.2").await);
    let by_id = app.get(&format!("/api/v1/releases/compare?before={old}&after={new}")).await.json();
    let names = "before=orbis%20medical%20flow%20300%202.1&after=Orbis%20Medical%20Flow%20300%202.2";
    let by_name = app.get(&format!("/api/v1/releases/compare?{names}")).await.json();
    assert_eq!(by_id, by_name);
    let versions: Vec<(&Value, &Value)> =
        by_id["versions"].as_array().unwrap().iter().map(|it| (&it["name"], &it["direction"])).collect();
    assert_eq!(versions, [(&json!("flow-gateway"), &json!("up")), (&json!("log4j-core"), &json!("up"))]);
    assert_eq!((&by_id["added"][0]["name"], &by_id["removed"][0]["version"]), (&json!("zlib"), &json!("1")));
    let gone: Vec<&str> =
        by_id["gone"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert!(gone.contains(&"CVE-2021-44228"), "{by_id}");
    assert!(by_id["judged"] == true && by_id["gone"][0]["after"].is_null(), "{by_id}");

    let page = app.get(&format!("/releases/compare?before={old}&after={new}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("1 component came, 1 went, 2 changed version;"), "{}", page.text);
    assert!(page.text.contains("/advisories/CVE-2021-44228") && !page.text.contains("<img src=x"));
    let choose = app.get(&format!("/releases/compare?after={new}")).await;
    assert!(choose.text.contains(&format!("before={old}&#38;after={new}")), "{}", choose.text);
    let unknown = app.get("/api/v1/releases/compare?before=Flow&after=Flow").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unknown.text);
    assert!(unknown.text.contains("Orbis Medical Flow 300 2.1"), "{}", unknown.text);
}

async fn a_bill_is_carried_away_in_another_format_and_the_log_says_so(database: Database) {
    let app = TestApp::with_devices(database).await;
    let id = release(&app, "Flow").await;
    for (path, key, version) in [
        (format!("/releases/{id}/sbom?format=spdx"), "spdxVersion", "SPDX-2.3"),
        (format!("/api/v1/releases/{id}/sbom"), "specVersion", "1.6"),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(
            answer
                .header(header::CONTENT_DISPOSITION)
                .starts_with("attachment; filename=\"Orbis-Medical-Flow-300-2.1.")
        );
        let document: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(document[key], version);
        assert!(answer.text.contains("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"));
    }
    let entries = app.get("/api/v1/audit?limit=3").await.text;
    assert!(entries.contains("sbom.export"), "{entries}");
    let odd = app.get(&format!("/api/v1/releases/{id}/sbom?format=word")).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", odd.text);
}

async fn another_organisation_finds_nothing_by_name(database: Database) {
    let app = TestApp::with_devices(database).await;
    let id = release(&app, "Flow").await;
    let org = organisations::add(&app.ctx, "Elsewhere", OrgKind::BusinessAssociate).await.unwrap();
    let stranger = Actor::system(org);
    let error = bills::find(&app.ctx, &stranger, "Orbis Medical Flow 300 2.1").await.unwrap_err();
    assert_eq!(error.to_string(), "no release is named `Orbis Medical Flow 300 2.1`");
    let id = bills::find(&app.ctx, &stranger, &id).await.unwrap();
    assert!(bills::quality(&app.ctx, &stranger, id).await.is_err());
    assert!(bills::compare_releases(&app.ctx, &stranger, id, id).await.is_err());
    assert!(bills::export(&app.ctx, &stranger, id, bills::Target::Spdx).await.is_err());
}
