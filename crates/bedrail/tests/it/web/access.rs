//! Who gets in, and what is refused at the door.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;

use super::app::{Database, PASSWORD, TestApp, on_each_database};

on_each_database! {
    nobody_reaches_a_page_without_signing_in,
    nobody_reaches_the_api_without_signing_in,
    the_one_time_password_opens_nothing_but_its_own_change,
    a_wrong_password_is_told_without_saying_which_part_was_wrong,
    the_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out,
    sign_in_leads_only_to_our_own_pages,
    sign_in_takes_only_our_own_form,
    changes_without_the_token_are_refused,
    changes_from_another_site_are_refused_even_with_the_token,
    a_foreign_host_name_reaches_nothing,
    bodies_beyond_the_limit_are_refused,
    every_response_carries_its_id_and_the_security_headers,
}

/// Pages that need nobody to be signed in.
const OPEN: &[&str] = &["/sign-in", "/invitation", "/healthz", "/api/docs/", "/api/v1/openapi.json"];

/// Pages that need somebody. The API's paths come from its own description.
const PAGES: &[&str] = &[
    "/",
    "/affected",
    "/affected?q=log4j",
    "/affected.csv?q=log4j",
    "/devices",
    "/devices.csv",
    "/devices/import",
    "/devices/0190b6a2-7c1e-7000-8000-000000000000",
    "/devices/0190b6a2-7c1e-7000-8000-000000000000/sheet",
    "/releases",
    "/releases/upload",
    "/releases/0190b6a2-7c1e-7000-8000-000000000000",
    "/releases/0190b6a2-7c1e-7000-8000-000000000000/components/1",
    "/documents/0190b6a2-7c1e-7000-8000-000000000000",
    "/advisories",
    "/advisories/CVE-2021-44228",
    "/search?q=log4j",
    "/search/suggestions?q=log4j",
    "/data",
    "/audit",
    "/jobs",
    "/notices",
    "/jobs/0190b6a2-7c1e-7000-8000-000000000000",
    "/password",
    "/organisation",
    "/people",
    "/people/invite",
    "/people/0190b6a2-7c1e-7000-8000-000000000000",
    "/account",
    "/account/second-factor",
    "/account/tokens",
];

fn anonymous(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

async fn nobody_reaches_a_page_without_signing_in(database: Database) {
    let (app, _) = TestApp::fresh(database).await;
    for path in PAGES {
        let answer = app.send(anonymous("GET", path)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            answer.header(header::LOCATION).starts_with("/sign-in"),
            "{path}: {}",
            answer.header(header::LOCATION)
        );
    }
    for path in [
        "/sign-out",
        "/password",
        "/theme",
        "/zone",
        "/devices/import",
        "/releases/upload",
        "/organisation/settings",
        "/people/invite",
        "/people/erase-invited",
        "/people/0190b6a2-7c1e-7000-8000-000000000000",
        "/people/0190b6a2-7c1e-7000-8000-000000000000/end",
        "/people/invitations/0190b6a2-7c1e-7000-8000-000000000000/take-back",
        "/invitation/join",
        "/account/sessions/end",
        "/account/sessions/end-others",
        "/account/second-factor/confirm",
        "/account/second-factor/codes",
        "/account/second-factor/remove",
        "/account/tokens",
        "/account/tokens/0190b6a2-7c1e-7000-8000-000000000000/end",
        "/account/emergency",
        "/account/emergency/end",
    ] {
        let answer = app.send(anonymous("POST", path)).await;
        assert_eq!(answer.header(header::LOCATION), "/sign-in", "{path}");
    }
    for path in OPEN {
        assert_eq!(app.send(anonymous("GET", path)).await.status, StatusCode::OK, "{path}");
    }
}

async fn nobody_reaches_the_api_without_signing_in(database: Database) {
    let (app, _) = TestApp::fresh(database).await;
    let document: Value = serde_json::from_str(&bedrail::web::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if (path.as_str(), method.as_str()) == ("/api/v1/session", "post") {
                continue;
            }
            let path = path.replace("{id}", "0190b6a2-7c1e-7000-8000-000000000000");
            let answer = app.send(anonymous(&method.to_uppercase(), &path)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
            assert_eq!(answer.json()["code"], "not_signed_in");
        }
    }
}

async fn the_one_time_password_opens_nothing_but_its_own_change(database: Database) {
    let (mut app, one_time) = TestApp::fresh(database).await;
    app.sign_in(&one_time).await;
    assert_eq!(app.get("/devices").await.header(header::LOCATION), "/password");
    let answer = app.get("/api/v1/devices").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("must_change_password"))
    );
    assert_eq!(app.get("/password").await.status, StatusCode::OK);
}

async fn a_wrong_password_is_told_without_saying_which_part_was_wrong(database: Database) {
    let (app, _) = TestApp::fresh(database).await;
    let mut texts = Vec::new();
    for name in ["admin", "nobody"] {
        let answer = app.sign_in_by_form(&format!("name={name}&password=wrong")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let cookie = answer.header(header::SET_COOKIE).split([';', '=']).nth(1).unwrap();
        texts.push(answer.text.replace(&format!("value=\"{name}\""), "").replace(cookie, ""));
    }
    assert_eq!(texts[0], texts[1]);
}

async fn the_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out(database: Database) {
    let mut app = TestApp::start(database).await;
    let before = app.token.clone();
    app.sign_in(PASSWORD).await;
    assert_ne!(before, app.token);
    let answer = app.form("/sign-out", &format!("token={}", app.token)).await;
    assert_eq!(answer.header(header::LOCATION), "/sign-in");
    assert_eq!(app.get("/").await.status, StatusCode::SEE_OTHER);
}

async fn sign_in_leads_only_to_our_own_pages(database: Database) {
    let app = TestApp::start(database).await;
    for (wanted, given) in [
        ("%2Fdevices", "/devices"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
    ] {
        let form = format!("name=admin&password={}&next={wanted}", PASSWORD.replace(' ', "+"));
        let answer = app.sign_in_by_form(&form).await;
        assert_eq!(
            (answer.status, answer.header(header::LOCATION)),
            (StatusCode::SEE_OTHER, given),
            "{wanted}"
        );
        let cookie = answer.header(header::SET_COOKIE);
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
}

async fn sign_in_takes_only_our_own_form(database: Database) {
    let app = TestApp::start(database).await;
    let form = format!("name=admin&password={}", PASSWORD.replace(' ', "+"));
    let token = "0123456789abcdef0123456789abcdef";
    for (cookie, field) in
        [("", ""), ("", token), (token, ""), ("fedcba9876543210fedcba9876543210", token), ("x", "x")]
    {
        let request = Request::post("/sign-in")
            .header(header::COOKIE, format!("bedrail-door={cookie}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = app.send(request.body(Body::from(format!("{form}&token={field}"))).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cookie} {field}");
        assert!(answer.text.contains("Please try again"), "{}", answer.text);
    }
}

async fn changes_without_the_token_are_refused(database: Database) {
    let app = TestApp::start(database).await;
    for (path, body) in [
        ("/theme", "theme=dark"),
        ("/sign-out", ""),
        ("/password", "present=a&new=b&again=b"),
        ("/theme", "token=wrong&theme=dark"),
    ] {
        assert_eq!(app.form(path, body).await.status, StatusCode::FORBIDDEN, "{path} {body}");
    }
    for path in ["/devices/import", "/releases/upload"] {
        assert_eq!(app.upload(path, "wrong", b"a,b\n").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/api/v1/sboms"),
        (Method::POST, "/api/v1/devices/import"),
        (Method::DELETE, "/api/v1/session"),
    ] {
        let answer = app.send(app.request(method, path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("forged_request")),
            "{path}"
        );
    }
}

async fn changes_from_another_site_are_refused_even_with_the_token(database: Database) {
    let app = TestApp::start(database).await;
    for (name, value) in
        [("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let request = app
            .request(Method::POST, "/theme")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(format!("token={}&theme=dark", app.token));
        assert_eq!(
            app.send(request.body(body).unwrap()).await.status,
            StatusCode::FORBIDDEN,
            "{name}: {value}"
        );
    }
}

async fn a_foreign_host_name_reaches_nothing(database: Database) {
    let app = TestApp::start(database).await;
    for path in ["/", "/api/v1/today", "/healthz"] {
        let request =
            app.request(Method::GET, path).header(header::HOST, "evil.example").body(Body::empty()).unwrap();
        assert_eq!(app.send(request).await.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
}

async fn bodies_beyond_the_limit_are_refused(database: Database) {
    let app = TestApp::start(database).await;
    let large = "x".repeat(65 << 20);
    let answer = app.post("/api/v1/sboms", large.clone()).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, Some("too_large"))
    );
    let answer = app.upload("/releases/upload", &app.token.clone(), large.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("64 MB"), "{}", answer.text);
    let answer = app.form("/theme", &"x".repeat(100 << 10)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

async fn every_response_carries_its_id_and_the_security_headers(database: Database) {
    let app = TestApp::start(database).await;
    for path in ["/", "/nothing-here", "/api/v1/today", "/assets/app.css"] {
        let answer = app.get(path).await;
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        assert_eq!(answer.header(header::X_FRAME_OPTIONS), "DENY", "{path}");
    }
    assert_eq!(app.get("/").await.header(header::CACHE_CONTROL), "no-store");
}
