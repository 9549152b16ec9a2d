//! People by pages, API and SCIM: hostile text, who gets in, a link without an account, failures in the form of SCIM.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Answer, Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    hostile_people_and_policies_are_words_on_every_page,
    somebody_without_an_account_signs_by_a_link,
    who_signs_in_after_a_link_was_opened_is_not_the_person_of_the_link,
    a_directory_speaks_scim_with_a_token_of_its_own,
    who_wrote_a_policy_does_not_approve_it_where_somebody_else_may,
}

const HOSTILE: &str = "<script>alert(1)</script>";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn made(app: &TestApp, path: &str, body: Value) -> String {
    let answer = app.json(Method::POST, path, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn hostile_people_and_policies_are_words_on_every_page(database: Database) {
    let app = TestApp::start(database).await;
    let token = &app.token;
    let worker = made(
        &app,
        "/api/v1/roster",
        json!({ "name": HOSTILE, "roles": ["nurse"], "ward": HOSTILE, "site": HOSTILE }),
    )
    .await;
    let body = format!("# Head\n\n{HOSTILE} [x](javascript:alert(1))");
    let policy =
        made(&app, "/api/v1/policies", json!({ "title": HOSTILE, "body": body, "roles": "nurse" })).await;
    for step in ["approve", "publish"] {
        let done = app.form(&format!("/policies/{policy}/{step}"), &format!("token={token}&version=1")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{step}: {}", done.text);
    }
    let written =
        format!("token={token}&seen=1&body={}&note={}", encoded(&format!("{body} more")), encoded(HOSTILE));
    let done = app.form(&format!("/policies/{policy}/write"), &written).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let duty =
        made(&app, "/api/v1/attestations", json!({ "title": HOSTILE, "body": body, "roles": "nurse" })).await;
    let pages = [
        "/roster".to_owned(),
        format!("/roster/{worker}"),
        "/policies".to_owned(),
        format!("/policies/{policy}"),
        format!("/policies/{policy}/versions/2"),
        format!("/policies/{policy}/compare/2"),
        "/training".to_owned(),
        "/attestations".to_owned(),
        format!("/attestations/{duty}"),
        format!("/attestations/{duty}/sheet"),
    ];
    for path in pages {
        let page = app.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert!(
            !page.text.contains("<script>alert") && !page.text.contains("href=\"javascript:"),
            "{path}: {}",
            page.text
        );
    }
    let list = app
        .upload("/roster/import", token, format!("Name,Mail\n{HOSTILE},\n=1+1,x@y.example\n").as_bytes())
        .await;
    assert!(list.text.contains("1 refused") && !list.text.contains("<script>alert"), "{}", list.text);
    // What was looked through is taken over by a form that names it; another list is not.
    let taken = app.form("/roster/import", &format!("token={token}&take=yes&seen=b.csv")).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", taken.text);
    let stale = app.form(&format!("/policies/{policy}/write"), &written).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.text.contains("meanwhile"), "{}", stale.text);
}

/// Sends a form as a browser that keeps one cookie.
async fn send(app: &TestApp, method: Method, path: &str, cookie: &str, form: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn hidden(html: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = html.split(&begin).nth(1).unwrap_or_else(|| panic!("no {name}: {html}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn somebody_without_an_account_signs_by_a_link(database: Database) {
    let app = TestApp::start(database).await;
    let worker = made(&app, "/api/v1/roster", json!({ "name": "Bram Hall", "roles": ["nurse"] })).await;
    let duty = made(
        &app,
        "/api/v1/attestations",
        json!({ "title": "Risks", "body": "I know them.", "roles": "nurse" }),
    )
    .await;
    let link = app.json(Method::POST, &format!("/api/v1/roster/{worker}/link"), &json!({})).await;
    let link = link.json()["path"].as_str().unwrap().to_owned();
    let door = send(&app, Method::GET, &link, "", "").await;
    assert!(
        door.text.contains("Test Clinic") && !door.text.contains("Bram"),
        "nothing of the person: {}",
        door.text
    );
    let wrong = send(&app, Method::POST, &link, "", "name=Ada+Quill").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.text.contains("Bram"), "{}", wrong.text);
    let opened = send(&app, Method::POST, &link, "", "name=bram+hall").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text);
    let line = opened.header(header::SET_COOKIE);
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/me"),
        "{line}"
    );
    let cookie = line.split(';').next().unwrap().to_owned();
    let again = send(&app, Method::POST, &link, "", "name=bram+hall").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "once");
    assert!(!again.text.contains("Bram"));
    let list = send(&app, Method::GET, "/me", &cookie, "").await;
    assert!(list.text.contains("Bram Hall, 1 thing open"), "{}", list.text);
    let page = send(&app, Method::GET, &format!("/me/{duty}"), &cookie, "").await;
    let (token, sha256) = (hidden(&page.text, "token"), hidden(&page.text, "sha256"));
    let path = format!("/me/{duty}/sign");
    let forged = send(&app, Method::POST, &path, &cookie, &format!("token=x&sha256={sha256}")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let other = send(&app, Method::POST, &path, &cookie, &format!("token={token}&sha256=00")).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let signed = send(&app, Method::POST, &path, &cookie, &format!("token={token}&sha256={sha256}")).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
    // The link opens nothing but what is asked of the person.
    for path in ["/roster", "/policies", "/api/v1/roster"] {
        let refused = send(&app, Method::GET, path, &cookie, "").await;
        assert!([StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED].contains(&refused.status), "{path}");
    }
    let detail = app.get(&format!("/api/v1/roster/{worker}")).await.json();
    assert_eq!((&detail["asked"][0]["stage"], &detail["asked"][0]["how"]), (&json!("done"), &json!("link")));
    assert_eq!(detail["asked"][0]["sha256"], json!(sha256));
    // An account that is on no roster is told so, and sees nobody.
    let own = app.get("/me").await;
    assert_eq!(own.status, StatusCode::NOT_FOUND);
    assert!(own.text.contains("not on the roster"), "{}", own.text);
}

async fn who_signs_in_after_a_link_was_opened_is_not_the_person_of_the_link(database: Database) {
    let app = TestApp::start(database).await;
    let worker = made(&app, "/api/v1/roster", json!({ "name": "Bram Hall", "roles": ["nurse"] })).await;
    let link = app.json(Method::POST, &format!("/api/v1/roster/{worker}/link"), &json!({})).await;
    let link = link.json()["path"].as_str().unwrap().to_owned();
    let opened = send(&app, Method::POST, &link, "", "name=bram+hall").await;
    let own = opened.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
    // Who was signed in before opened the link to be its person.
    let before = send(&app, Method::GET, "/me", &format!("{}; {own}", app.cookie()), "").await;
    assert!(before.text.contains("Bram Hall"), "{}", before.text);
    // Sessions begin at a second.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let next = member(&app, "cleo", json!({ "roles": ["engineer"] })).await;
    let after = send(&app, Method::GET, "/me", &format!("{}; {own}", next.cookie()), "").await;
    assert_eq!(after.status, StatusCode::NOT_FOUND, "{}", after.text);
    assert!(after.text.contains("not on the roster") && !after.text.contains("Bram"), "{}", after.text);
}

async fn by_token(app: &TestApp, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/scim+json");
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn a_directory_speaks_scim_with_a_token_of_its_own(database: Database) {
    let app = TestApp::start(database).await;
    let token = async |rights: &[&str]| {
        let made = json!({ "name": "directory", "rights": rights, "days": 30 });
        let answer = app.json(Method::POST, "/api/v1/account/tokens", &made).await;
        answer.json()["token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
    };
    let (own, other) = (token(&["roster.provision"]).await, token(&["fleet.see"]).await);
    let user = json!({ "schemas": [USER], "userName": "bjensen@example.com", "name": { "formatted": "Barbara Jensen" } });
    for (token, status) in [("", 401), ("brt_nothing", 401), (other.as_str(), 403)] {
        let refused = by_token(&app, token, Method::POST, "/scim/v2/Users", &user).await;
        let body = refused.json();
        assert_eq!(refused.status.as_u16(), status, "{}", refused.text);
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{body}");
        assert_eq!(body["status"], status.to_string());
    }
    let made = by_token(&app, &own, Method::POST, "/scim/v2/Users", &user).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.header(header::CONTENT_TYPE), "application/scim+json");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header(header::LOCATION), format!("http://localhost:8080/scim/v2/Users/{id}"));
    let one = format!("/scim/v2/Users/{id}");
    let nothing = json!(null);
    for path in ["/scim/v2/ServiceProviderConfig", "/scim/v2/ResourceTypes", "/scim/v2/Schemas", one.as_str()]
    {
        let answer = by_token(&app, &own, Method::GET, path, &nothing).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    let filter = "/scim/v2/Users?filter=userName%20eq%20%22BJENSEN@example.com%22&startIndex=1&count=1";
    assert_eq!(by_token(&app, &own, Method::GET, filter, &nothing).await.json()["totalResults"], 1);
    let bad =
        by_token(&app, &own, Method::GET, "/scim/v2/Users?filter=userName%20co%20%22b%22", &nothing).await;
    assert_eq!((bad.status, &bad.json()["scimType"]), (StatusCode::BAD_REQUEST, &json!("invalidFilter")));
    let off = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert_eq!(by_token(&app, &own, Method::PATCH, &one, &off).await.json()["active"], false);
    assert_eq!(by_token(&app, &own, Method::PUT, &one, &user).await.json()["active"], true);
    assert_eq!(by_token(&app, &own, Method::DELETE, &one, &nothing).await.status, StatusCode::NO_CONTENT);
    let gone = by_token(&app, &own, Method::GET, &one, &nothing).await;
    assert_eq!((gone.status, &gone.json()["status"]), (StatusCode::NOT_FOUND, &json!("404")));
    // The token opens nothing else.
    assert_eq!(app.get_by_token("/api/v1/roster", &own).await.status, StatusCode::FORBIDDEN);
    assert!(app.get("/roster?stage=left").await.text.contains("Barbara Jensen"), "nobody is erased");
}

async fn who_wrote_a_policy_does_not_approve_it_where_somebody_else_may(database: Database) {
    let app = TestApp::start(database).await;
    let alone = made(&app, "/api/v1/policies", json!({ "title": "Alone", "body": "y" })).await;
    let chosen = json!({ "version": 1 });
    let done = app.json(Method::POST, &format!("/api/v1/policies/{alone}/approve"), &chosen).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "who is alone approves: {}", done.text);
    let second = member(&app, "carol", json!({ "roles": ["compliance"] })).await;
    let two = made(&app, "/api/v1/policies", json!({ "title": "Two", "body": "y" })).await;
    let path = format!("/api/v1/policies/{two}/approve");
    assert_eq!(app.json(Method::POST, &path, &chosen).await.status, StatusCode::CONFLICT);
    assert!(app.get(&format!("/policies/{two}")).await.text.contains("somebody else here may"));
    assert_eq!(second.json(Method::POST, &path, &chosen).await.status, StatusCode::NO_CONTENT);
    let nurse = member(&app, "dan", json!({ "roles": ["engineer"] })).await;
    assert_eq!(nurse.json(Method::POST, &path, &chosen).await.status, StatusCode::FORBIDDEN);
    assert_eq!(nurse.get("/policies").await.status, StatusCode::OK, "everybody reads policies");
    assert_eq!(nurse.get("/roster").await.status, StatusCode::FORBIDDEN);
}
