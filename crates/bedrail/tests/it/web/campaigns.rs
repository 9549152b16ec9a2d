//! Campaigns, and actions on board, in calendars and as files.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};
use super::people::member;
use super::walk::administrator_elsewhere;

on_each_database! {
    a_campaign_is_started_by_one_button_and_ends_with_a_report,
    a_campaign_by_the_api_has_its_history_and_refuses_what_is_no_step,
    a_calendar_link_reads_the_calendar_and_nothing_else_until_it_is_ended,
    lists_are_harmless_files_and_costs_are_in_the_currency_of_the_house,
}

const LOG4SHELL: &str = "CVE-2021-44228";

async fn started(app: &TestApp) -> String {
    let answer = app.json(Method::POST, "/api/v1/campaigns", &json!({ "weakness": "log4shell" })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn a_campaign_is_started_by_one_button_and_ends_with_a_report(database: Database) {
    let app = TestApp::with_devices(database).await;
    let page = app.get(&format!("/advisories/{LOG4SHELL}")).await.text;
    assert!(page.contains("action=\"/campaigns/start\"") && page.contains("Make this a campaign"), "{page}");
    let token = format!("token={}", app.token);
    let done = app.form("/campaigns/start", &format!("{token}&weakness={LOG4SHELL}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let place = done.header(header::LOCATION).to_owned();
    assert!(app.get(&format!("/advisories/{LOG4SHELL}")).await.text.contains("Go to the campaign"));
    let again = app.form("/campaigns/start", &format!("{token}&weakness={LOG4SHELL}")).await;
    assert_eq!(again.header(header::LOCATION), place, "the one that is open");

    let page = app.get(&place).await.text;
    assert!(page.contains("Log4Shell: 3 devices in 3 wards are affected"), "{page}");
    assert!(page.contains("&#60;b&#62;ICU") && !page.contains("<b>ICU"), "{page}");
    let form = format!("{token}&site=Main&ward=Surgery&kind=shield&owner=net&due=2030-01-31&amount=12.50");
    let put = app.form(&format!("{place}/assign"), &form).await;
    assert_eq!(put.status, StatusCode::SEE_OTHER, "{}", put.text);
    let page = app.get(&place).await.text;
    assert!(page.contains("net: shield"), "{page}");
    assert!(app.get("/actions").await.text.contains("12.50 USD"));
    assert!(app.get("/actions/board").await.text.contains("Log4Shell: shield in Surgery, Main"));
    assert!(app.get("/actions/calendar?month=2030-01").await.text.contains("Log4Shell: shield"));
    assert_eq!(app.get("/actions/calendar?month=soon").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let no_word = app.form(&format!("{place}/close"), &format!("{token}&sentence=+")).await;
    assert_eq!(no_word.status, StatusCode::UNPROCESSABLE_ENTITY);
    let closed =
        app.form(&format!("{place}/close"), &format!("{token}&sentence=%3Cb%3Ethe+rest+waits")).await;
    assert_eq!(closed.header(header::LOCATION), format!("{place}/report"), "{}", closed.text);
    let report = app.get(&format!("{place}/report")).await.text;
    assert!(report.contains("from 3 devices to 3 affected") && report.contains("the rest waits"), "{report}");
    assert!(!report.contains("<b>the rest") && report.contains("1 action open, or done and not shown"));
    let csv = app.get(&format!("{place}/report.csv")).await;
    assert_eq!(csv.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert!(csv.text.contains("Log4Shell,CVE-2021-44228,") && csv.text.contains(",end,"), "{}", csv.text);
    let reopened = app.form(&format!("{place}/reopen"), &token).await;
    assert_eq!(reopened.status, StatusCode::SEE_OTHER, "{}", reopened.text);
}

async fn a_campaign_by_the_api_has_its_history_and_refuses_what_is_no_step(database: Database) {
    let app = TestApp::with_devices(database).await;
    let id = started(&app).await;
    let path = format!("/api/v1/campaigns/{id}");
    let again = app.json(Method::POST, "/api/v1/campaigns", &json!({ "weakness": LOG4SHELL })).await;
    assert_eq!((again.status, again.json()["new"].clone()), (StatusCode::OK, json!(false)));
    for what in ["Orbis Medical", "log4j-core", "CVE-2021-44228 CVE-2021-45046"] {
        let refused = app.json(Method::POST, "/api/v1/campaigns", &json!({ "weakness": what })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {}", refused.text);
    }
    // An hour after it was published no data knows it: of no device it can be told.
    let unknown = app.json(Method::POST, "/api/v1/campaigns", &json!({ "weakness": "CVE-2031-12345" })).await;
    assert_eq!(unknown.status, StatusCode::CREATED, "{}", unknown.text);
    let unknown =
        app.get(&format!("/api/v1/campaigns/{}", unknown.json()["id"].as_str().unwrap())).await.json();
    assert_eq!((&unknown["known"], &unknown["cannot_tell"]), (&json!(false), &json!(4)));

    let action = json!({ "action": { "what": "", "owner": "biomed", "due": "2030-01-31", "kind": "patch",
        "ward": { "site": "Main", "ward": "Surgery" },
        "window_from": "2030-01-30T20:00:00Z", "window_to": "2030-01-31T02:00:00Z" } });
    let put = app.json(Method::POST, &format!("{path}/actions"), &action).await;
    assert_eq!(put.status, StatusCode::CREATED, "{}", put.text);
    for (key, value, words) in [
        ("kind", "dance", "an action is one of"),
        ("amount", "1250,50", "an amount is written"),
        ("window_from", "soon", "is no moment"),
        ("due", "soon", "is no day"),
    ] {
        let mut sent = action.clone();
        sent["action"][key] = json!(value);
        let refused = app.json(Method::POST, &format!("{path}/actions"), &sent).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
        let told = refused.json()["detail"].as_str().unwrap().to_lowercase();
        assert!(told.contains(words), "{}", refused.text);
    }
    let shown = app.get(&path).await.json();
    let ward = shown["wards"].as_array().unwrap().iter().find(|row| row["on_it"].is_object()).unwrap();
    assert_eq!((&ward["ward"], &ward["on_it"]["owner"]), (&json!("Surgery"), &json!("biomed")));
    assert_eq!(ward["on_it"]["check"]["open"], 1);
    let occasions: Vec<&str> =
        shown["looks"].as_array().unwrap().iter().map(|look| look["occasion"].as_str().unwrap()).collect();
    assert_eq!(occasions, ["start", "step", "day"], "the last is of now");
    assert_eq!(shown["steps"].as_array().unwrap().len(), 6);

    let question = shown["questions"][0]["fact"].clone();
    let ask = json!({ "fact": question, "whom": "Kestrel", "owner": "biomed", "due": "2030-01-31" });
    let asked = app.json(Method::POST, &format!("{path}/questions"), &ask).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    let elsewhere = json!({ "fact": "the meaning of it", "whom": "x", "owner": "x", "due": "2030-01-31" });
    let refused = app.json(Method::POST, &format!("{path}/questions"), &elsewhere).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);

    let close = app.json(Method::POST, &format!("{path}/close"), &json!({ "sentence": "done" })).await;
    assert_eq!(close.status, StatusCode::NO_CONTENT, "{}", close.text);
    let twice = app.json(Method::POST, &format!("{path}/close"), &json!({ "sentence": "done" })).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let rows = app.get("/api/v1/campaigns").await.json();
    let row = rows.as_array().unwrap().iter().find(|row| row["id"] == json!(id)).unwrap();
    assert_eq!((&row["closed_for"], &row["start"]["affected"]), (&json!("done"), &json!(3)));

    let other = administrator_elsewhere(&app).await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/api/v1/campaigns").await.json(), json!([]));
}

/// The address on the page that shows a new link.
fn link_of(page: &str) -> String {
    let from = page.find("/calendar/brt_").unwrap_or_else(|| panic!("{page}"));
    page[from..].split('<').next().unwrap().to_owned()
}

async fn a_calendar_link_reads_the_calendar_and_nothing_else_until_it_is_ended(database: Database) {
    let app = TestApp::with_devices(database).await;
    let action = json!({ "weakness": LOG4SHELL,
        "action": { "what": "install, then look", "owner": "biomed", "due": "2030-01-31" } });
    assert_eq!(app.json(Method::POST, "/api/v1/actions", &action).await.status, StatusCode::CREATED);
    let made = app.form("/actions/calendar/link", &format!("token={}", app.token)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert_eq!(made.header(header::CACHE_CONTROL), "no-store");
    let link = link_of(&made.text);

    let stranger = app.stranger();
    let feed = stranger.get(&link).await;
    assert_eq!(feed.status, StatusCode::OK, "{}", feed.text);
    assert_eq!(feed.header(header::CONTENT_TYPE), "text/calendar; charset=utf-8");
    assert!(
        feed.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
            && feed.text.ends_with("END:VCALENDAR\r\n")
    );
    assert!(feed.text.contains("SUMMARY:due: install\\, then look\r\n"), "{}", feed.text);
    for device in ["T-1", "T-2", "S-1", "Flow 300"] {
        assert!(!feed.text.contains(device), "{device}: {}", feed.text);
    }
    // What is in the address opens nothing else.
    let secret = link.trim_start_matches("/calendar/").trim_end_matches(".ics");
    let ask = |path: &str| {
        let request = stranger.request(Method::GET, path);
        request
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(stranger.send(ask("/api/v1/devices")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stranger.send(ask("/api/v1/actions")).await.status, StatusCode::FORBIDDEN);
    let same =
        |text: &str| text.lines().filter(|line| !line.starts_with("DTSTAMP")).collect::<Vec<_>>().join("\n");
    assert_eq!(same(&stranger.send(ask("/api/v1/actions/calendar")).await.text), same(&feed.text));
    for wrong in ["/calendar/nothing.ics", "/calendar/brt_x_y.ics", &format!("{link}0")] {
        assert_eq!(stranger.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }

    // A token that may more is no link.
    let wide = json!({ "name": "wide", "rights": ["fleet.see", "actions.calendar"], "days": 1 });
    let wide = app.json(Method::POST, "/api/v1/account/tokens", &wide).await;
    assert!(wide.status.is_success(), "{}", wide.text);
    let wide = wide.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(stranger.get(&format!("/calendar/{wide}.ics")).await.status, StatusCode::NOT_FOUND);

    let own = app.get("/api/v1/account/tokens").await.json();
    let row = own.as_array().unwrap().iter().find(|row| row["name"] == "calendar").unwrap();
    let end = format!("/api/v1/account/tokens/{}", row["id"].as_str().unwrap());
    assert!(app.json(Method::DELETE, &end, &json!(null)).await.status.is_success());
    assert_eq!(stranger.get(&link).await.status, StatusCode::NOT_FOUND, "ended");

    let other = administrator_elsewhere(&app).await;
    let made = other.form("/actions/calendar/link", &format!("token={}", other.token)).await;
    let theirs = stranger.get(&link_of(&made.text)).await;
    assert!(theirs.status.is_success() && !theirs.text.contains("VEVENT"), "{}", theirs.text);
    let supplier = member(&app, "sue", json!({"roles": ["supplier"], "makers": ["Orbis Medical"]})).await;
    let refused = supplier.form("/actions/calendar/link", &format!("token={}", supplier.token)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
}

async fn lists_are_harmless_files_and_costs_are_in_the_currency_of_the_house(database: Database) {
    let app = TestApp::with_devices(database).await;
    let token = format!("token={}", app.token);
    let form =
        format!("{token}&what=%3DHYPERLINK(1)&owner=%2Bbiomed&due=2030-05-31&kind=replace&amount=1%2C250.50");
    assert_eq!(app.form("/actions", &form).await.status, StatusCode::SEE_OTHER);
    let settings =
        json!({"name": "Test Clinic", "kind": "covered_entity", "second_factor": false, "currency": "eur"});
    let put = app.request(Method::PUT, "/api/v1/organisation").header("x-csrf-token", &app.token);
    let put = put.header(header::IF_MATCH, "*").header(header::CONTENT_TYPE, "application/json");
    let put = app.send(put.body(axum::body::Body::from(settings.to_string())).unwrap()).await;
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
    let form = format!("{token}&what=buy&owner=x&due=2030-06-30&amount=7");
    assert_eq!(app.form("/actions", &form).await.status, StatusCode::SEE_OTHER);
    let half = app.form("/actions", &format!("{form}&window_from=2030-06-01T20%3A00")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);

    let csv = app.get("/actions.csv").await.text;
    assert!(csv.contains("'=HYPERLINK(1)") && csv.contains("'+biomed"), "{csv}");
    assert!(csv.contains(",1250.50,USD,") && csv.contains(",7.00,EUR,"), "{csv}");
    let budget = app.get("/actions/budget").await.text;
    assert!(
        budget.contains("2030, quarter 2") && budget.contains("1,250.50 USD") && budget.contains("7.00 EUR")
    );
    let rows = app.get("/api/v1/actions?kind=replace").await.json();
    assert_eq!((&rows["total"], &rows["rows"][0]["cost_cents"]), (&json!(1), &json!(125_050)));
    assert_eq!(app.get("/actions?kind=dance").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let plan = json!({"step": "planned", "plan": {"kind": "isolate", "amount": "9"}});
    let step = format!("/api/v1/actions/{}/step", rows["rows"][0]["id"].as_str().unwrap());
    assert_eq!(app.json(Method::POST, &step, &plan).await.status, StatusCode::NO_CONTENT);
    let rows = app.get("/api/v1/actions?kind=isolate").await.json();
    assert_eq!(rows["rows"][0]["cost_currency"], "EUR");
}
