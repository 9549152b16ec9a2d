//! What pages and API say about a small hospital.

use axum::http::{StatusCode, header};

use super::app::{DEVICES, Database, TestApp, on_each_database};

on_each_database! {
    an_empty_house_says_what_to_do_next,
    log4j_is_found_with_its_way_down_and_the_outside_first,
    filters_sorting_and_paging_narrow_the_lists,
    hostile_names_are_shown_and_do_not_act,
    exports_hold_the_whole_list_and_no_formula,
    what_is_not_there_is_not_found,
    a_device_list_is_previewed_then_taken_over,
    an_upload_says_what_was_read_and_a_broken_one_why_not,
}

async fn an_empty_house_says_what_to_do_next(database: Database) {
    let app = TestApp::start(database).await;
    for (path, next) in [
        ("/", "/devices/import"),
        ("/devices", "/devices/import"),
        ("/releases", "/releases/upload"),
        ("/affected", "/affected?q="),
    ] {
        let page = app.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert!(page.text.contains(next), "{path}");
    }
}

async fn log4j_is_found_with_its_way_down_and_the_outside_first(database: Database) {
    let app = TestApp::with_devices(database).await;
    let answer = app.get("/api/v1/affected?q=CVE-2021-44228").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let answer = answer.json();
    assert_eq!(answer["totals"]["affected"], 3, "{answer}");
    assert_eq!(answer["totals"]["outside"], 1);
    assert_eq!(answer["rows"][0]["facts"]["exposure"], "outside");
    let path = answer["rows"][0]["path"].as_array().unwrap();
    assert_eq!(path.last().unwrap(), "org.apache.logging.log4j/log4j-core");
    let page = app.get("/affected?q=CVE-2021-44228").await;
    assert!(page.text.contains("3 devices in"), "{}", page.text);
    assert!(page.text.contains("1 faces the outside"), "{}", page.text);
}

async fn filters_sorting_and_paging_narrow_the_lists(database: Database) {
    let app = TestApp::with_devices(database).await;
    let rows = async |query: &str| {
        let list = app.get(&format!("/api/v1/devices?{query}")).await.json();
        let names = list["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["facts"]["serial"].as_str().unwrap().to_owned());
        (list["total"].as_u64().unwrap(), names.collect::<Vec<_>>())
    };
    assert_eq!(rows("exposure=outside").await, (1, vec!["S-1".to_owned()]));
    assert_eq!(rows("owned=false").await, (1, vec!["S-2".to_owned()]));
    assert_eq!(rows("sbom=false").await, (1, vec!["S-4".to_owned()]));
    assert_eq!(rows("site=Lakeside&maker=Kestrel").await, (1, vec!["S-4".to_owned()]));
    assert_eq!(rows("maker=&site=").await.0, 4);
    let (total, first) = rows("sort=maker&limit=1").await;
    assert_eq!((total, first), (4, vec!["S-4".to_owned()]));
    let (total, last) = rows("sort=maker&direction=descending&limit=1&offset=3").await;
    assert_eq!((total, last), (4, vec!["S-4".to_owned()]));
    assert_eq!(app.get("/api/v1/devices?exposure=sideways").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.get("/api/v1/affected?q=log4j&exposure=outside").await.json()["matching"], 1);
    assert!(app.get("/devices?limit=2").await.text.contains("1 to 2 of 4 devices"));
}

async fn hostile_names_are_shown_and_do_not_act(database: Database) {
    let app = TestApp::with_devices(database).await;
    let release =
        app.get("/api/v1/releases?text=Flow").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "/devices",
        "/",
        "/affected?q=log4j",
        "/affected?q=%3Cscript%3Ealert(2)%3C/script%3E",
        &format!("/releases/{release}"),
        "/devices?text=%22%3E%3Cimg%20src=x%3E",
    ] {
        let page = app.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for hostile in ["<script>alert", "<img", "<b>ICU"] {
            assert!(!page.text.contains(hostile), "{path} has {hostile}");
        }
    }
}

async fn exports_hold_the_whole_list_and_no_formula(database: Database) {
    let app = TestApp::with_devices(database).await;
    let export = app.get("/devices.csv?limit=1").await;
    assert_eq!(export.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert_eq!(export.text.lines().count(), 5, "{}", export.text);
    assert!(
        export.text.contains("'=HYPERLINK(1)") && !export.text.contains(",=HYPERLINK"),
        "{}",
        export.text
    );
    let export = app.get("/affected.csv?q=log4j").await;
    assert_eq!(export.text.lines().count(), 5, "{}", export.text);
    assert!(export.text.contains("cannot_tell,no_bill_of_materials"), "{}", export.text);
    assert!(export.text.contains("flow-gateway > org.apache.logging.log4j/log4j-core"), "{}", export.text);
}

async fn what_is_not_there_is_not_found(database: Database) {
    let app = TestApp::start(database).await;
    let id = "0190b6a2-7c1e-7000-8000-000000000000";
    for path in ["devices", "releases", "documents"] {
        for id in [id, "not-an-id", "%00"] {
            assert_eq!(app.get(&format!("/{path}/{id}")).await.status, StatusCode::NOT_FOUND, "/{path}/{id}");
            let answer = app.get(&format!("/api/v1/{path}/{id}")).await;
            assert_eq!(
                (answer.status, answer.json()["code"].as_str()),
                (StatusCode::NOT_FOUND, Some("not_found")),
                "{path}"
            );
        }
    }
    assert_eq!(app.get("/advisories/CVE-1999-99999999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/assets/%2e%2e%2fCargo.toml").await.status, StatusCode::NOT_FOUND);
}

async fn a_device_list_is_previewed_then_taken_over(database: Database) {
    let app = TestApp::start(database).await;
    let preview = app.upload("/devices/import", &app.token.clone(), DEVICES.as_bytes()).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(preview.text.contains("Of 4 rows, 4 would be new devices"), "{}", preview.text);
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 0);
    let taken = app.form("/devices/import", &format!("token={}&take=yes", app.token)).await;
    assert!(taken.text.contains("4 are new devices"), "{}", taken.text);
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 4);
    let again = app.form("/devices/import", &format!("token={}&take=yes", app.token)).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn an_upload_says_what_was_read_and_a_broken_one_why_not(database: Database) {
    let app = TestApp::with_devices(database).await;
    let broken = app.upload("/releases/upload", &app.token.clone(), b"not a bill of materials").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text.contains("What the release had before stays"), "{}", broken.text);
    let read = app.upload("/releases/upload", &app.token.clone(), super::app::SBOM.as_bytes()).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text);
    assert!(app.get("/audit").await.text.contains("sbom.add"));
}
