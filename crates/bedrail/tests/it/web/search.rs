//! The search: what it finds, for whom, in which order, and where it leads.

use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    every_kind_is_found_by_its_names_with_exact_totals,
    the_best_hit_comes_first_and_one_right_hit_is_gone_to,
    a_role_finds_what_it_may_see_and_a_supplier_its_own_makers,
    another_organisation_finds_nothing,
    text_that_means_harm_is_looked_for_and_nothing_else,
    a_search_reads_no_more_for_a_larger_fleet,
    times_are_written_in_the_chosen_zone,
}

/// Groups of an answer by kind: the total, and the names of the hits.
fn groups(answer: &Value) -> Vec<(String, u64, Vec<String>)> {
    let group = |group: &Value| {
        let names =
            group["hits"].as_array().unwrap().iter().map(|hit| hit["name"].as_str().unwrap().to_owned());
        (group["kind"].as_str().unwrap().to_owned(), group["total"].as_u64().unwrap(), names.collect())
    };
    answer["groups"].as_array().unwrap().iter().map(group).collect()
}

async fn found(app: &TestApp, text: &str) -> Vec<(String, u64, Vec<String>)> {
    let answer = app.get(&format!("/api/v1/search?q={text}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{text}: {}", answer.text);
    groups(&answer.json())
}

fn one(kind: &str, names: &[&str]) -> (String, u64, Vec<String>) {
    (kind.to_owned(), names.len() as u64, names.iter().map(|name| (*name).to_owned()).collect())
}

async fn every_kind_is_found_by_its_names_with_exact_totals(database: Database) {
    let app = TestApp::with_devices(database).await;
    assert_eq!(found(&app, "T-1").await, [one("device", &["T-1"])]);
    assert_eq!(found(&app, "s-2").await, [one("device", &["T-2"])]);
    assert_eq!(found(&app, "Log4J").await, [one("component", &["org.apache.logging.log4j/log4j-core"])]);
    assert_eq!(found(&app, "admin").await, [one("person", &["admin"])]);
    let kestrel = found(&app, "kestrel").await;
    assert_eq!(
        kestrel,
        [one("device", &["T-4"]), one("maker", &["Kestrel"]), one("release", &["Kestrel Vista 8.4"])]
    );
    let surgery = app.get("/api/v1/search?q=surgery&limit=1").await.json();
    assert_eq!(surgery["groups"][0]["total"], 3, "{surgery}");
    assert_eq!(surgery["groups"][0]["hits"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/api/v1/devices?text=surgery").await.json()["total"], 3);
    for id in ["CVE-2021-44228", "cve-2021-4422", "GHSA-jfh8-c2jp-5v3q"] {
        let groups = found(&app, id).await;
        let hits = &groups.iter().find(|(kind, ..)| kind == "weakness").unwrap_or_else(|| panic!("{id}")).2;
        assert!(hits.contains(&"CVE-2021-44228".to_owned()), "{id}: {hits:?}");
    }
    assert_eq!(found(&app, "nobody-bears-this").await, []);
    let empty = app.get("/api/v1/search?q=%20").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.text);
    let page = app.get("/search").await;
    assert!(page.text.contains("What are you looking for?"), "{}", page.text);
    let page = app.get("/search?q=nobody-bears-this").await;
    assert!(page.text.contains("Nothing here is called “nobody-bears-this”"), "{}", page.text);
}

async fn the_best_hit_comes_first_and_one_right_hit_is_gone_to(database: Database) {
    let app = TestApp::with_devices(database).await;
    let list = "Asset tag,Serial,Maker,Model,Version\nXT-10,A-1,Orbis Medical,Flow 300,2.1\nT-10,A-2,Orbis Medical,Flow 300,2.1\n";
    assert_eq!(app.post("/api/v1/devices/import", list).await.status, StatusCode::OK);
    // `T-1` is a whole name; `T-10` begins so; `XT-10` has it inside.
    assert_eq!(found(&app, "t-1").await[0].2, ["T-1", "T-10", "XT-10"]);
    let leads = async |text: &str| {
        let answer = app.get(&format!("/search?q={text}")).await;
        (answer.status, answer.header(header::LOCATION).to_owned())
    };
    let (status, to) = leads("t-1").await;
    assert!(status == StatusCode::SEE_OTHER && to.starts_with("/devices/"), "{status} {to}");
    let device = app.get(&to).await;
    assert!(device.text.contains("T-1"), "{to}");
    assert_eq!(leads("CVE-2021-44228").await.1, "/affected?q=CVE-2021-44228");
    assert_eq!(leads("log4shell").await.1, "/affected?q=log4shell");
    assert_eq!(leads("pkg%3Amaven%2Fa%2Fb").await.1, "/affected?q=pkg%3Amaven%2Fa%2Fb");
    assert_eq!(leads("log4j").await.1, "/affected?q=org.apache.logging.log4j%2Flog4j-core");
    let (status, to) = leads("orbis").await;
    assert_eq!((status, to.as_str()), (StatusCode::OK, ""), "several are shown, none is gone to");
    let page = app.get("/search?q=orbis").await;
    assert!(page.text.contains("“orbis” is the name, or a part of it, of 5 devices"), "{}", page.text);
    assert!(page.text.contains("href=\"/affected?q=orbis\""), "{}", page.text);
    let part = app.get("/search/suggestions?q=orbis").await;
    assert!(part.text.contains("role=\"option\"") && !part.text.contains("<html"), "{}", part.text);
    assert!(part.text.contains("href=\"/search?q=orbis\""), "{}", part.text);
    assert_eq!(app.get("/search/suggestions?q=").await.text, "");
}

async fn a_role_finds_what_it_may_see_and_a_supplier_its_own_makers(database: Database) {
    let admin = TestApp::with_devices(database).await;
    let engineer = member(&admin, "eve.engineer", json!({ "roles": ["engineer"] })).await;
    assert_eq!(found(&engineer, "eve.engineer").await, [], "an engineer does not see who is a member");
    assert_eq!(found(&admin, "eve.engineer").await, [one("person", &["eve.engineer"])]);
    let supplier =
        member(&admin, "sue.supplier", json!({ "roles": ["supplier"], "makers": ["Kestrel"] })).await;
    assert_eq!(
        found(&supplier, "kestrel").await,
        [one("maker", &["Kestrel"]), one("release", &["Kestrel Vista 8.4"])]
    );
    for text in ["orbis", "T-1", "log4j", "CVE-2021-44228", "sue.supplier"] {
        assert_eq!(found(&supplier, text).await, [], "{text}");
        let part = supplier.get(&format!("/search/suggestions?q={text}")).await;
        assert!(!part.text.contains("/affected"), "{text}: {}", part.text);
    }
    let page = supplier.get("/search?q=log4j").await;
    assert!(page.status == StatusCode::OK && !page.text.contains("/affected"), "{}", page.text);
    let body = json!({ "name": "people only", "rights": ["people.see"], "days": 1 });
    let token = admin.json(Method::POST, "/api/v1/account/tokens", &body).await.json();
    let request = Request::get("/api/v1/search?q=admin")
        .header(header::AUTHORIZATION, format!("Bearer {}", token["token"].as_str().unwrap()));
    let answer = admin.stranger().send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
}

async fn another_organisation_finds_nothing(database: Database) {
    let app = TestApp::with_devices(database).await;
    let other = super::walk::administrator_elsewhere(&app).await;
    for text in ["orbis", "T-1", "S-1", "log4j", "kestrel", "surgery", "admin"] {
        assert_eq!(found(&other, text).await, [], "{text}");
    }
    let weakness = other.get("/api/v1/search?q=CVE-2021-44228").await.json();
    let detail = weakness["groups"][0]["hits"][0]["state"].as_str().unwrap();
    assert!(detail.contains("touches none of your devices"), "{weakness}");
}

async fn text_that_means_harm_is_looked_for_and_nothing_else(database: Database) {
    let app = TestApp::with_devices(database).await;
    for text in
        ["%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%00", "%25", "_", "%27--", "%E2%80%AE", "cve-%25", "%3Cb"]
    {
        for path in ["/search", "/search/suggestions"] {
            let page = app.get(&format!("{path}?q={text}")).await;
            assert!(page.status.as_u16() < 400, "{path} {text}: {}", page.status);
            assert!(!page.text.contains("<script>alert") && !page.text.contains("<b>ICU"), "{path} {text}");
        }
        assert_eq!(app.get(&format!("/api/v1/search?q={text}")).await.status, StatusCode::OK, "{text}");
    }
    // The signs of SQL's patterns are letters like others.
    assert_eq!(found(&app, "cve-%25").await, []);
    let long = "a".repeat(3_000);
    assert_eq!(app.get(&format!("/search?q={long}")).await.status, StatusCode::SEE_OTHER);
}

async fn a_search_reads_no_more_for_a_larger_fleet(database: Database) {
    let app = TestApp::with_devices(database).await;
    let searches = ["pump", "orbis", "log4j", "zzz"];
    let count = async || {
        let mut counts = Vec::new();
        for text in searches {
            app.get(&format!("/api/v1/search?q={text}")).await;
            let before = app.ctx.statements();
            let answer = app.get(&format!("/api/v1/search?q={text}")).await;
            assert_eq!(answer.status, StatusCode::OK);
            counts.push(app.ctx.statements() - before);
        }
        counts
    };
    let before = count().await;
    let mut list = "Asset tag,Serial,Maker,Model,Version,Kind\n".to_owned();
    for at in 0..2_000 {
        list += &format!("B-{at},BS-{at},Orbis Medical,Flow {},1,infusion pump\n", at % 40);
    }
    assert_eq!(app.post("/api/v1/devices/import", list).await.json()["added"], 2_000);
    assert_eq!(count().await, before);
    assert_eq!(found(&app, "pump").await[0].1, 2_003);
}

async fn times_are_written_in_the_chosen_zone(database: Database) {
    let app = TestApp::start(database).await;
    let page = app.get("/audit").await;
    assert!(page.text.contains("<time datetime=\"") && page.text.contains(" UTC</time>"), "{}", page.text);
    let chosen = app.form("/zone", &format!("token={}&zone=hawaii", app.token)).await;
    assert!(chosen.header(header::SET_COOKIE).starts_with("zone=hawaii;"), "{chosen:?}");
    let with = async |cookie: &str| {
        let request = app.request(Method::GET, "/audit").header(header::COOKIE, cookie);
        app.send(request.body(axum::body::Body::empty()).unwrap()).await.text
    };
    let page = with("zone=hawaii").await;
    assert!(page.contains(" HST</time>") && page.contains("data-zone=\"hawaii\""), "{page}");
    assert!(with("zone=%22%3E%3Cscript%3E").await.contains(" UTC</time>"));
    let gone = app.form("/zone", &format!("token={}&zone=", app.token)).await;
    assert!(gone.header(header::SET_COOKIE).contains("Max-Age=0"), "{gone:?}");
}
