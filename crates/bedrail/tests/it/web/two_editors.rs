//! Two people at one record: who saw an old state of it changes nothing and is told what stands there now.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Answer, Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    of_two_who_change_a_membership_the_second_is_told_what_the_first_did,
    of_two_who_change_the_settings_the_second_is_told_what_the_first_did,
    a_channel_is_changed_only_by_who_saw_it,
    of_two_at_once_one_wins,
    pages_carry_the_version_and_show_both_values,
}

/// Somebody whose roles are changed here, by path.
async fn person(admin: &TestApp) -> String {
    member(admin, "ann", json!({ "roles": ["engineer"] })).await;
    let people = admin.get("/api/v1/people").await.json();
    let ann = people.as_array().unwrap().iter().find(|member| member["name"] == "ann").unwrap();
    format!("/api/v1/people/{}", ann["id"].as_str().unwrap())
}

fn roles(code: &str) -> Value {
    json!({ "roles": [code] })
}

async fn put(app: &TestApp, path: &str, seen: Option<&str>, body: &Value) -> Answer {
    app.json_seen(Method::PUT, path, seen, body).await
}

async fn of_two_who_change_a_membership_the_second_is_told_what_the_first_did(database: Database) {
    let admin = TestApp::start(database).await;
    let path = person(&admin).await;
    let without = put(&admin, &path, None, &roles("analyst")).await;
    assert_eq!(without.status, StatusCode::PRECONDITION_REQUIRED, "{}", without.text);
    assert_eq!(without.json()["code"], "if_match_needed");
    let seen = admin.get(&path).await.header(header::ETAG).to_owned();
    let version = admin.get(&path).await.json()["version"].as_str().unwrap().to_owned();
    assert!(seen.starts_with(&format!("\"{version}.")), "{seen}");

    // Both saw the same; she signs in meanwhile, which is no change of what she may do.
    let first = put(&admin, &path, Some(&seen), &roles("analyst")).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.text);
    let second = put(&admin, &path, Some(&seen), &roles("compliance")).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.text);
    let problem = second.json();
    assert_eq!(problem["code"], "changed_meanwhile");
    let expected = json!([{ "field": "roles", "wanted": "compliance", "present": "analyst" }]);
    assert_eq!(problem["changes"], expected);
    assert!(problem["detail"].as_str().unwrap().contains("the membership of ann"), "{problem}");
    assert_eq!(admin.get(&path).await.json()["grant"]["roles"], json!(["analyst"]));

    // What is wanted is there already: nothing is lost.
    assert_eq!(put(&admin, &path, Some(&seen), &roles("analyst")).await.status, StatusCode::NO_CONTENT);
    // From the state that the problem names, the change goes on top.
    let version = problem["version"].as_str().unwrap();
    let again = put(&admin, &path, Some(&format!("\"{version}\"")), &roles("compliance")).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT, "{}", again.text);
    let given = again.header(header::ETAG).to_owned();
    assert_eq!(put(&admin, &path, Some(&given), &roles("counsel")).await.status, StatusCode::NO_CONTENT);
    for nonsense in ["\"\"", "", "x", "\"x\", W/\"y\""] {
        let answer = put(&admin, &path, Some(nonsense), &roles("engineer")).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{nonsense}");
    }
    assert_eq!(put(&admin, &path, Some("*"), &roles("engineer")).await.status, StatusCode::NO_CONTENT);
}

async fn of_two_who_change_the_settings_the_second_is_told_what_the_first_did(database: Database) {
    let admin = TestApp::start(database).await;
    let path = "/api/v1/organisation";
    let settings =
        |name: &str, factor: bool| json!({ "name": name, "kind": "covered_entity", "second_factor": factor });
    let seen = admin.get(path).await.header(header::ETAG).to_owned();
    assert_eq!(
        put(&admin, path, None, &settings("A", false)).await.status,
        StatusCode::PRECONDITION_REQUIRED
    );
    // A program that may set the organisation up sees the state that it has to name.
    let body = json!({ "name": "setup", "rights": ["organisation.manage", "audit.see"] });
    let token = admin.json(Method::POST, "/api/v1/account/tokens", &body).await.json()["token"].clone();
    let by_token = admin.get_by_token(path, token.as_str().unwrap()).await;
    assert_eq!((by_token.status, by_token.header(header::ETAG)), (StatusCode::OK, seen.as_str()));
    let first = put(&admin, path, Some(&seen), &settings("First", false)).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.text);
    let second = put(&admin, path, Some(&seen), &settings("Second", true)).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.text);
    assert_eq!(
        second.json()["changes"],
        json!([
            { "field": "name", "wanted": "Second", "present": "First" },
            { "field": "second factor", "wanted": "for everybody", "present": "by choice" },
        ])
    );
    assert_eq!(admin.get(path).await.json()["name"], "First");
    let seen = admin.get(path).await.header(header::ETAG).to_owned();
    assert_eq!(
        put(&admin, path, Some(&seen), &settings("Second", false)).await.status,
        StatusCode::NO_CONTENT
    );
}

async fn a_channel_is_changed_only_by_who_saw_it(database: Database) {
    let admin = TestApp::start(database).await;
    let path = "/api/v1/notices/channels/webhook";
    let hook = |url: &str, secret: Option<&str>| match secret {
        Some(secret) => json!({ "webhook": { "url": url, "secret": secret } }),
        None => json!({ "webhook": { "url": url } }),
    };
    assert_eq!(admin.get(path).await.status, StatusCode::NOT_FOUND);
    let made = put(&admin, path, None, &hook("https://one.example/", Some("the first key"))).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert!(!made.text.contains("the first key") && made.json()["has_secret"] == true, "{}", made.text);
    let seen = admin.get(path).await.header(header::ETAG).to_owned();
    let blind = put(&admin, path, None, &hook("https://two.example/", Some("x"))).await;
    assert_eq!(blind.status, StatusCode::CONFLICT, "it is set up already: {}", blind.text);
    // A new key alone is a change, too.
    let rekeyed = put(&admin, path, Some(&seen), &hook("https://one.example/", Some("the second key"))).await;
    assert_eq!(rekeyed.status, StatusCode::OK, "{}", rekeyed.text);
    let late = put(&admin, path, Some(&seen), &hook("https://three.example/", Some("x"))).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    assert!(!late.text.contains("key\""), "{}", late.text);
    let other =
        put(&admin, "/api/v1/notices/channels/mail", None, &hook("https://x.example/", Some("x"))).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
    let nothing =
        put(&admin, "/api/v1/notices/channels/pigeon", None, &hook("https://x.example/", None)).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.json(Method::DELETE, path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.json(Method::DELETE, path, &json!({})).await.status, StatusCode::NOT_FOUND);

    // One's own choices: nobody else changes them, so that nothing need be said; what is said counts.
    let path = "/api/v1/notices/choices";
    let seen = admin.get(path).await.header(header::ETAG).to_owned();
    let choose = |pace: &str| json!([{ "kind": "members", "pace": pace }]);
    assert_eq!(put(&admin, path, Some(&seen), &choose("never")).await.status, StatusCode::OK);
    assert_eq!(put(&admin, path, Some(&seen), &choose("now")).await.status, StatusCode::CONFLICT);
    assert_eq!(put(&admin, path, None, &choose("now")).await.status, StatusCode::OK);
}

async fn of_two_at_once_one_wins(database: Database) {
    let admin = TestApp::start(database).await;
    let path = person(&admin).await;
    let elsewhere = admin.on_another_process().await;
    for _ in 0..5 {
        let seen = admin.get(&path).await.header(header::ETAG).to_owned();
        let now = admin.get(&path).await.json()["grant"]["roles"][0].as_str().unwrap().to_owned();
        let others: Vec<&str> =
            ["engineer", "analyst", "compliance"].into_iter().filter(|code| *code != now).collect();
        let (a, b) = (roles(others[0]), roles(others[1]));
        let (one, two) =
            tokio::join!(put(&admin, &path, Some(&seen), &a), put(&elsewhere, &path, Some(&seen), &b));
        let mut both = [one.status, two.status];
        both.sort_unstable();
        assert_eq!(both, [StatusCode::NO_CONTENT, StatusCode::CONFLICT], "{} {}", one.text, two.text);
        let won = if one.status == StatusCode::NO_CONTENT { others[0] } else { others[1] };
        assert_eq!(admin.get(&path).await.json()["grant"]["roles"], json!([won]));
    }
}

/// The value of a hidden field of the form that goes to a path.
pub(crate) fn hidden(page: &str, action: &str, name: &str) -> String {
    let form =
        page.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| panic!("{action}: {page}"));
    let field = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

async fn pages_carry_the_version_and_show_both_values(database: Database) {
    let admin = TestApp::start(database).await;
    let path = person(&admin).await.replace("/api/v1", "");
    let page = admin.get(&path).await.text;
    let (version, token) = (hidden(&page, &path, "version"), admin.token.clone());
    let first = admin.form(&path, &format!("token={token}&version={version}&role.analyst=1")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let second = admin.form(&path, &format!("token={token}&version={version}&role.compliance=1")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for words in
        ["Somebody else changed the membership of ann meanwhile", "compliance", "analyst", "Look at it"]
    {
        assert!(second.text.contains(words), "{words}: {}", second.text);
    }
    // Its button saves what was wanted on top of what was shown.
    let version = hidden(&second.text, &path, "version");
    assert_eq!(hidden(&second.text, &path, "role.compliance"), "1");
    let third = admin.form(&path, &format!("token={token}&version={version}&role.compliance=1")).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "{}", third.text);

    let form = "/organisation/settings";
    let version = hidden(&admin.get("/organisation").await.text, form, "version");
    let save = async |name: &str| {
        let body = format!("token={token}&version={version}&name={name}&kind=covered_entity");
        admin.form(form, &body).await
    };
    assert_eq!(save("First").await.status, StatusCode::SEE_OTHER);
    let late = save("Second").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("First") && late.text.contains("Second"), "{}", late.text);

    let form = "/notices/channels";
    let send = async |version: &str, host: &str| {
        let body =
            format!("token={token}&version={version}&channel=syslog&host={host}&port=514&protocol=udp");
        admin.form(form, &body).await
    };
    assert_eq!(send("", "one.example").await.status, StatusCode::SEE_OTHER);
    let late = send("", "two.example").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("one.example") && late.text.contains("two.example"), "{}", late.text);
}
