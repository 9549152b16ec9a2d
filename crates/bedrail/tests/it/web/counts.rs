//! How many statements a page costs, instead of how long it takes: the number does not grow with what is listed.

use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};
use super::routes::{Guard, WAYS};
use super::walk::{filled, path};

on_each_database! {
    no_page_and_no_route_asks_more_of_the_database_as_the_fleet_grows,
}

/// Statements that a page or a route may cost: the session, the account and its memberships, what is shown.
const AT_MOST: u64 = 30;
/// What judges the whole programme reads everything that shows something of it: devices, alerts, incidents, people, vendors, registers.
/// It is more, and no more on a larger fleet.
const OF_THE_PROGRAMME: (&[&str], u64) = (&["/programme", "/guide", "/clients", "/reports"], 75);
/// What a page with all its fifty rows may cost more than one with a few: ids are asked for in statements of 32, 16 and
/// so on, so that each stays prepared.
const MORE_FOR_A_FULL_PAGE: u64 = 6;

/// A fleet of 300 devices in 60 releases with a bill of materials each.
async fn grow(app: &TestApp) {
    let mut list = "Asset tag,Serial,Maker,Model,Version,Kind,Site,Ward,Owner,Exposure\n".to_owned();
    for at in 0..300 {
        let (release, ward) = (at % 60, at % 17);
        let _ = writeln!(
            list,
            "G-{at},GS-{at},Kestrel,Vista {release},8.4,monitor,Lakeside,Ward {ward},Team,flat"
        );
    }
    let report = app.post("/api/v1/devices/import", list).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    for release in 0..60 {
        let bill = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
                {{"type": "library", "name": "part-{release}", "version": "1"}},
                {{"type": "library", "group": "org.apache.logging.log4j", "name": "log4j-core", "version": "2.{}.0",
                  "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.{}.0"}}]}}"#,
            release % 14,
            release % 14
        );
        let path = format!("/api/v1/sboms?maker=Kestrel&model=Vista%20{release}&version=8.4");
        let receipt = app.post(&path, bill).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    }
    for _ in 0..20 {
        app.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await;
    }
}

/// Statements of each page and route that reads, asked for the second time: the first one brings the summary up to date.
async fn costs(app: &TestApp, paths: &[String]) -> Vec<u64> {
    let mut costs = Vec::new();
    for path in paths {
        app.get(path).await;
        let before = app.ctx.statements();
        let answer = app.get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
        costs.push(app.ctx.statements() - before);
    }
    costs
}

async fn no_page_and_no_route_asks_more_of_the_database_as_the_fleet_grows(database: Database) {
    let (app, ids) = filled(database).await;
    let reads = WAYS.iter().filter(|way| way.method == "GET" && way.guard != Guard::Nobody);
    // A stream has no end, an export and a check of the whole log are as long as what they are of.
    let pages = reads.filter(|way| {
        !way.path.contains("events") && !way.path.contains(".csv") && !way.path.contains("/check")
    });
    let paths: Vec<String> = pages.map(|way| path(way, &ids)).collect();
    let few = costs(&app, &paths).await;
    grow(&app).await;
    let many = costs(&app, &paths).await;
    let mut wrong = Vec::new();
    for ((path, few), many) in paths.iter().zip(few).zip(many) {
        let (places, more) = OF_THE_PROGRAMME;
        let place = path.strip_prefix("/api/v1").unwrap_or(path);
        let at_most = if places.iter().any(|it| place.starts_with(it)) { more } else { AT_MOST };
        if many > at_most {
            wrong.push(format!("{path} costs {many} statements"));
        }
        if many > few + MORE_FOR_A_FULL_PAGE {
            wrong.push(format!("{path} cost {few} statements, and {many} on a larger fleet"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
