//! Invitations, roles, leavers, tokens, sessions, emergency access: as people and programs use them.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Answer, Database, TestApp, on_each_database};

on_each_database! {
    an_invitation_works_once_and_gives_what_it_says,
    an_invitation_that_was_taken_back_opens_nothing,
    a_leaver_is_out_at_once_on_every_process,
    the_last_administrator_cannot_be_taken_away,
    a_token_does_what_it_says_and_no_more,
    sessions_are_listed_and_ended,
    emergency_access_is_loud_and_ends,
    fields_that_are_not_asked_for_are_refused,
}

/// The password that people choose here.
pub(crate) const PASSWORD: &str = "three red lamps over there";

fn encoded(text: &str) -> String {
    text.replace(' ', "+")
}

async fn invite(admin: &TestApp, grant: Value) -> Answer {
    let body = json!({ "full_name": "Somebody New", "grant": grant });
    admin.json(Method::POST, "/api/v1/invitations", &body).await
}

fn acceptance(code: &str, name: &str) -> String {
    let password = encoded(PASSWORD);
    format!("code={code}&name={name}&new={password}&again={password}")
}

/// Somebody who came in by an invitation and is signed in.
pub(crate) async fn member(admin: &TestApp, name: &str, grant: Value) -> TestApp {
    let invited = invite(admin, grant).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.text);
    let mut browser = admin.stranger();
    let code = invited.json()["code"].as_str().unwrap().to_owned();
    let answer = browser.form("/invitation", &acceptance(&code, name)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let answer = browser.credentials(&json!({ "name": name, "password": PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    browser.take_session(&answer);
    browser
}

async fn id_of(admin: &TestApp, name: &str) -> String {
    let people = admin.get("/api/v1/people").await.json();
    let member = people.as_array().unwrap().iter().find(|member| member["name"] == name).unwrap();
    member["id"].as_str().unwrap().to_owned()
}

async fn an_invitation_works_once_and_gives_what_it_says(database: Database) {
    let admin = TestApp::start(database).await;
    let code =
        invite(&admin, json!({ "roles": ["engineer"] })).await.json()["code"].as_str().unwrap().to_owned();
    let browser = admin.stranger();
    assert_eq!(browser.get("/invitation?code=abcd-efgh-jkmn-pqrs-tuvw").await.status, StatusCode::NOT_FOUND);
    let page = browser.get(&format!("/invitation?code={}", code.to_uppercase().replace('-', "+"))).await;
    assert!(
        page.text.contains("Test Clinic invites you") && page.text.contains("clinical engineer"),
        "{}",
        page.text
    );
    let weak = format!("code={code}&name=ann&new=password12345&again=password12345");
    assert_eq!(browser.form("/invitation", &weak).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let taken = browser.form("/invitation", &acceptance(&code, "Admin")).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", taken.text);

    // Two at once: one gets in.
    let (one, two) =
        tokio::join!(async { browser.form("/invitation", &acceptance(&code, "ann")).await.status }, async {
            browser.form("/invitation", &acceptance(&code, "bob")).await.status
        },);
    let mut both = [one, two];
    both.sort_unstable();
    assert_eq!(both, [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND]);
    assert_eq!(browser.form("/invitation", &acceptance(&code, "eve")).await.status, StatusCode::NOT_FOUND);

    let people = admin.get("/api/v1/people").await.json();
    assert_eq!(people.as_array().unwrap().len(), 2, "{people}");
    let name = if one == StatusCode::SEE_OTHER { "ann" } else { "bob" };
    let mut engineer = admin.stranger();
    let answer = engineer.credentials(&json!({ "name": name, "password": PASSWORD })).await;
    engineer.take_session(&answer);
    assert!(!engineer.get("/devices").await.text.contains("href=\"/people\""));
    assert_eq!(engineer.get("/people").await.status, StatusCode::FORBIDDEN);
    assert_eq!(invite(&engineer, json!({ "roles": ["administrator"] })).await.status, StatusCode::FORBIDDEN);
    let own = id_of(&admin, name).await;
    let path = format!("/api/v1/people/{own}");
    let answer = engineer.json(Method::PUT, &path, &json!({ "roles": ["administrator"] })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

async fn an_invitation_that_was_taken_back_opens_nothing(database: Database) {
    let admin = TestApp::start(database).await;
    let invited = invite(&admin, json!({ "roles": ["analyst"] })).await.json();
    let (id, code) = (invited["id"].as_str().unwrap(), invited["code"].as_str().unwrap());
    let open = admin.get("/api/v1/invitations").await;
    assert!(open.text.contains(id) && !open.text.contains(code), "{}", open.text);
    let answer = admin.json(Method::DELETE, &format!("/api/v1/invitations/{id}"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let browser = admin.stranger();
    assert_eq!(browser.form("/invitation", &acceptance(code, "ann")).await.status, StatusCode::NOT_FOUND);
    for grant in [
        json!({ "roles": [] }),
        json!({ "roles": ["root"] }),
        json!({ "roles": ["auditor"] }),
        json!({ "roles": ["auditor", "analyst"], "valid_until": "2999-01-01T00:00:00Z" }),
        json!({ "roles": ["supplier"] }),
    ] {
        assert_eq!(invite(&admin, grant.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{grant}");
    }
}

async fn a_leaver_is_out_at_once_on_every_process(database: Database) {
    let admin = TestApp::start(database).await;
    for how in ["end", "close"] {
        let name = format!("leaver.{how}");
        let leaver = member(&admin, &name, json!({ "roles": ["engineer"] })).await;
        let made = leaver
            .json(Method::POST, "/api/v1/account/tokens", &json!({ "name": "ward", "rights": ["fleet.see"] }))
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let token = made.json()["token"].as_str().unwrap().to_owned();
        let elsewhere = leaver.on_another_process().await;
        for process in [&leaver, &elsewhere] {
            assert_eq!(process.get("/api/v1/devices").await.status, StatusCode::OK);
            assert_eq!(process.get_by_token("/api/v1/devices", &token).await.status, StatusCode::OK);
        }
        let id = id_of(&admin, &name).await;
        let gone = match how {
            "end" => admin.json(Method::DELETE, &format!("/api/v1/people/{id}"), &json!({})).await,
            _ => admin.json(Method::POST, &format!("/api/v1/people/{id}/close"), &json!({})).await,
        };
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
        for process in [&leaver, &elsewhere] {
            assert_eq!(process.get("/api/v1/devices").await.status, StatusCode::UNAUTHORIZED, "{how}");
            assert_eq!(
                process.get_by_token("/api/v1/devices", &token).await.status,
                StatusCode::UNAUTHORIZED,
                "{how}"
            );
            assert_eq!(process.get("/").await.status, StatusCode::SEE_OTHER, "{how}");
        }
        let again = leaver.credentials(&json!({ "name": name, "password": PASSWORD })).await;
        assert_eq!(again.status, StatusCode::UNAUTHORIZED, "{how}: {}", again.text);
    }
}

async fn the_last_administrator_cannot_be_taken_away(database: Database) {
    let admin = TestApp::start(database).await;
    let id = id_of(&admin, "admin").await;
    let path = format!("/api/v1/people/{id}");
    let grant = json!({ "roles": ["analyst"] });
    assert_eq!(admin.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.json(Method::PUT, &path, &grant).await.status, StatusCode::CONFLICT);
    assert_eq!(
        admin.json(Method::POST, &format!("{path}/close"), &json!({})).await.status,
        StatusCode::CONFLICT
    );
    let second = member(&admin, "second", json!({ "roles": ["administrator"] })).await;
    assert_eq!(admin.json(Method::PUT, &path, &grant).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get("/people").await.status, StatusCode::FORBIDDEN, "from the very next request");
    let id = id_of(&second, "second").await;
    let answer = second.json(Method::DELETE, &format!("/api/v1/people/{id}"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

async fn a_token_does_what_it_says_and_no_more(database: Database) {
    let admin = TestApp::start(database).await;
    let engineer = member(&admin, "ann", json!({ "roles": ["engineer"] })).await;
    let make = async |rights: Value, days: u32| {
        let body = json!({ "name": "nightly import", "rights": rights, "days": days });
        engineer.json(Method::POST, "/api/v1/account/tokens", &body).await
    };
    for (rights, days) in [
        (json!(["people.manage"]), 90),
        (json!(["own_account"]), 90),
        (json!(["tokens.use"]), 90),
        (json!(["nonsense"]), 90),
        (json!([]), 90),
        (json!(["fleet.see"]), 366),
        (json!(["fleet.see"]), 0),
    ] {
        assert_eq!(
            make(rights.clone(), days).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{rights} {days}"
        );
    }
    let made = make(json!(["fleet.see", "devices.change"]), 365).await.json();
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert!(token.starts_with("brt_") && token.len() > 100, "{token}");
    assert_eq!(engineer.get_by_token("/api/v1/devices", token).await.status, StatusCode::OK);
    assert_eq!(engineer.get_by_token("/api/v1/releases", token).await.status, StatusCode::FORBIDDEN);
    assert_eq!(engineer.get_by_token("/api/v1/account/tokens", token).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        engineer.get_by_token("/devices", token).await.status,
        StatusCode::SEE_OTHER,
        "no page by a token"
    );
    let listed = engineer.get("/api/v1/account/tokens").await;
    assert!(!listed.text.contains(&token[40..]) && listed.json()[0]["used"].is_string(), "{}", listed.text);

    // A change needs no other token, and the cookie of somebody else does not count beside it.
    let request = admin
        .request(Method::POST, "/api/v1/devices/import")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = admin.send(request.body("Asset tag,Maker,Model\nP-1,Orbis,Flow\n".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let request =
        admin.request(Method::GET, "/api/v1/people").header(header::AUTHORIZATION, format!("Bearer {token}"));
    assert_eq!(admin.send(request.body("".into()).unwrap()).await.status, StatusCode::FORBIDDEN);

    for at in [5, 20, 38, token.len() - 1] {
        let other = if token.as_bytes()[at] == b'0' { "1" } else { "0" };
        let tampered = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        let answer = engineer.get_by_token("/api/v1/devices", &tampered).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("wrong_token"))
        );
    }
    for odd in ["", "brt_", "brt__", "x", &token[..token.len() - 2], &format!("{token}00")] {
        assert_eq!(
            engineer.get_by_token("/api/v1/devices", odd).await.status,
            StatusCode::UNAUTHORIZED,
            "{odd}"
        );
    }

    // What its owner may no longer do, the token may not either.
    let path = format!("/api/v1/people/{}", id_of(&admin, "ann").await);
    let answer = admin.json(Method::PUT, &path, &json!({ "roles": ["compliance"] })).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let request = admin.stranger().request(Method::POST, "/api/v1/devices/import");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = admin.send(request.body("Asset tag,Maker,Model\nP-2,Orbis,Flow\n".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    let answer = admin.json(Method::PUT, &path, &json!({ "roles": ["engineer"] })).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let ended = engineer.json(Method::DELETE, &format!("/api/v1/account/tokens/{id}"), &json!({})).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(engineer.get_by_token("/api/v1/devices", token).await.status, StatusCode::UNAUTHORIZED);
}

async fn sessions_are_listed_and_ended(database: Database) {
    let one = TestApp::start(database).await;
    let mut two = one.stranger();
    two.sign_in(super::app::PASSWORD).await;
    let listed = one.get("/api/v1/account/sessions").await.json();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.iter().filter(|session| session["present"] == true).count(), 1, "{listed:?}");
    let others = one.form("/account/sessions/end-others", &format!("token={}", one.token)).await;
    assert_eq!(others.status, StatusCode::SEE_OTHER);
    assert_eq!(two.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(one.get("/account").await.status, StatusCode::OK);
    two.sign_in(super::app::PASSWORD).await;
    let listed = one.get("/api/v1/account/sessions").await.json();
    let other =
        listed.as_array().unwrap().iter().find(|session| session["present"] == false).unwrap().clone();
    let path = format!("/api/v1/account/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(one.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(two.get("/").await.status, StatusCode::SEE_OTHER);
    // Nobody ends a session of somebody else.
    let stranger = member(&one, "ann", json!({ "roles": ["engineer"] })).await;
    let listed = one.get("/api/v1/account/sessions").await.json();
    let path = format!("/api/v1/account/sessions/{}", listed[0]["id"].as_str().unwrap());
    assert_eq!(stranger.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NOT_FOUND);
}

async fn emergency_access_is_loud_and_ends(database: Database) {
    let admin = TestApp::start(database).await;
    let engineer = member(&admin, "ann", json!({ "roles": ["engineer"] })).await;
    let page = engineer.get("/account").await;
    assert!(page.text.contains("Take emergency access"), "{}", page.text);
    let token = &engineer.token;
    let short = engineer.form("/account/emergency", &format!("token={token}&reason=now")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = "pumps+on+ward+3+stopped+<b>now</b>";
    let taken = engineer.form("/account/emergency", &format!("token={token}&reason={reason}")).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    let seen = admin.get("/devices").await.text;
    assert!(seen.contains("ann has emergency access until") && !seen.contains("<b>now</b>"), "{seen}");
    assert!(admin.get("/api/v1/audit").await.text.contains("emergency.begin"));
    let ended = engineer.form("/account/emergency/end", &format!("token={token}")).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert!(!admin.get("/devices").await.text.contains("emergency access"));
    let supplier = member(&admin, "sue", json!({ "roles": ["supplier"], "makers": ["Orbis"] })).await;
    let refused =
        supplier.form("/account/emergency", &format!("token={}&reason={reason}", supplier.token)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

async fn fields_that_are_not_asked_for_are_refused(database: Database) {
    let admin = TestApp::start(database).await;
    let id = id_of(&admin, "admin").await;
    for (method, path, body) in [
        (Method::PUT, format!("/api/v1/people/{id}"), json!({ "roles": ["administrator"], "org_id": "x" })),
        (
            Method::POST,
            "/api/v1/invitations".into(),
            json!({ "grant": { "roles": ["analyst"] }, "expires": "2999" }),
        ),
        (
            Method::POST,
            "/api/v1/account/tokens".into(),
            json!({ "name": "x", "rights": ["fleet.see"], "account": id }),
        ),
    ] {
        let answer = admin.json(method, &path, &body).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
    }
    let answer =
        admin.stranger().credentials(&json!({ "name": "admin", "password": "x", "role": "x" })).await;
    assert!(answer.status.is_client_error());
}
