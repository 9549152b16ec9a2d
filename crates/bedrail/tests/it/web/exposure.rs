//! What was seen from outside, on its page, on the device's and in the API: taken in, followed, taken away.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};

on_each_database! {
    what_was_seen_is_shown_with_its_evidence_and_taken_away,
    the_api_says_what_is_judged_and_on_what,
}

/// The address of the device that a list calls isolated.
const ADDRESS: &str =
    "Asset tag,Serial,Maker,Model,Version,IP address\nT-2,S-2,Orbis Medical,Flow 300,2.1,10.0.0.2\n";

const NAT: &str = "Outside IP,Outside port,Inside IP,Comment\n\
    203.0.113.1,443,10.0.0.2,<b>remote service</b>\n203.0.113.1,444,10.0.0.77,nobody knows\n";

/// A server with the few devices, and the page of the isolated one.
async fn started(database: Database) -> (TestApp, String) {
    let app = TestApp::with_devices(database).await;
    let report = app.post("/api/v1/devices/import", ADDRESS).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    let row = app.get("/api/v1/devices?text=T-2").await.json()["rows"][0].clone();
    let device = row["id"].as_str().unwrap().to_owned();
    (app, device)
}

async fn outside(app: &TestApp) -> u64 {
    let answer = app.get("/api/v1/affected?q=CVE-2021-44228&exposure=outside").await.json();
    assert_eq!(answer["matching"], answer["totals"]["affected_outside"]);
    answer["matching"].as_u64().unwrap()
}

async fn what_was_seen_is_shown_with_its_evidence_and_taken_away(database: Database) {
    let (app, device) = started(database).await;
    let page = app.get("/exposure").await.text;
    assert!(page.contains("1 device faces the outside; so far it is only said"), "{page}");
    assert_eq!(outside(&app).await, 1);

    let refused = app.upload("/exposure/import", &app.token, b"hello").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let done = app.upload("/exposure/import", &app.token, NAT.as_bytes()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    for words in [
        "2 devices face the outside; 1 were seen there, 1 of them although the list says otherwise.",
        "of 1 the list says otherwise",
        "10.0.0.77",
        "NAT list: 203.0.113.1 port 443 (&#60;b&#62;remote service",
        "on a network of its own",
    ] {
        assert!(done.text.contains(words), "{words}: {}", done.text);
    }
    assert_eq!(outside(&app).await, 2);
    let shown = app.get(&format!("/devices/{device}")).await.text;
    for words in
        ["seen from outside, and the list says otherwise", "put the list right", "no time said; received"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(app.get("/").await.text.contains("was seen from outside, and your list says otherwise"));
    assert!(app.get("/affected?q=CVE-2021-44228").await.text.contains("NAT list, today"));

    let id = app.get("/api/v1/exposure").await.json()["imports"][0]["id"].as_str().unwrap().to_owned();
    let form = format!("token={}", app.token);
    let gone = app.form(&format!("/exposure/imports/{id}/remove"), &form).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    assert_eq!(outside(&app).await, 1);
    assert!(app.get("/exposure").await.text.contains("taken away "));
}

async fn the_api_says_what_is_judged_and_on_what(database: Database) {
    let (app, device) = started(database).await;
    let dry = app.post("/api/v1/exposure/imports?dry_run=true&from=outside", NAT).await.json();
    assert!(dry["import"].is_null(), "{dry}");
    assert_eq!(
        (&dry["newly_outside"], &dry["contradicted"], &dry["from"]),
        (&1.into(), &1.into(), &"outside".into())
    );
    let nowhere = app.post("/api/v1/exposure/imports?from=the%20moon", NAT).await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", nowhere.text);
    let report = app.post("/api/v1/exposure/imports?file_name=nat.csv", NAT).await.json();
    let id = report["import"].as_str().unwrap().to_owned();
    assert_eq!(report["unknown"][0]["inside"], "10.0.0.77");

    let one = app.get(&format!("/api/v1/devices/{device}/exposure")).await.json();
    let judged = &one["judged"];
    assert_eq!(
        (&judged["outside"], &judged["declared"], &judged["source"], &judged["confidence"]),
        (&"yes".into(), &"isolated".into(), &"nat".into(), &"medium".into())
    );
    assert_eq!(
        (&one["evidence"][0]["import"], &one["evidence"][0]["place"]),
        (&id.as_str().into(), &"line 2".into())
    );
    let detail = app.get(&format!("/api/v1/devices/{device}")).await.json();
    assert_eq!(
        (&detail["device"]["facts"]["exposure"], &detail["device"]["declared_exposure"]),
        (&"outside".into(), &"isolated".into())
    );
    // A list that is carried away and comes back declares what it declared.
    let csv = app.get("/devices.csv").await.text;
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    assert!(at("declared_exposure") < at("exposure"));
    let report = app.post("/api/v1/devices/import", csv).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    let detail = app.get(&format!("/api/v1/devices/{device}")).await.json();
    assert_eq!(detail["device"]["declared_exposure"], "isolated", "{}", report.text);

    let removed = app.json(Method::DELETE, &format!("/api/v1/exposure/imports/{id}"), &json!({})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
    let gone = app.json(Method::DELETE, &format!("/api/v1/exposure/imports/{id}"), &json!({})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(outside(&app).await, 1);
}
