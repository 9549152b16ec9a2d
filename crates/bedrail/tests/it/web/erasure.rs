//! A person is erased: nothing names them any more, and the audit log and every copy of it hold as before.

use axum::http::{Method, StatusCode};
use bedrail_app::audit::file::{Noted, VerifiedFile, verify};
use serde_json::json;

use super::app::{Answer, Database, TestApp, on_each_database};
use super::people::{PASSWORD, member};
use super::walk::administrator_elsewhere;

on_each_database! {
    an_erased_person_is_named_nowhere_and_every_chain_holds,
    who_was_invited_and_never_joined_is_erased_here_and_nowhere_else,
    nobody_is_erased_who_must_stay,
    what_a_person_types_never_passes_for_a_mark,
    the_last_administrator_of_another_organisation_is_not_closed,
}

/// What names her, in any text.
const NAMING: [&str; 6] = [
    "erika.planted",
    "Erika Planted",
    "erika@planted.example",
    "+49 30 5550100",
    "planted-token",
    "198.51.100.77",
];

async fn exported(app: &TestApp) -> String {
    let answer = app.post("/api/v1/audit/export", "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.text
}

fn checked(text: &str) -> VerifiedFile {
    verify(text.as_bytes(), &Noted::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn names(text: &str) -> Vec<&'static str> {
    NAMING.into_iter().filter(|word| text.contains(word)).collect()
}

/// She joins, works, and leaves traces in as many places as there are.
async fn erika(admin: &TestApp) -> TestApp {
    let body = json!({
        "full_name": "Erika Planted", "mail": "erika@planted.example", "grant": { "roles": ["engineer"] }
    });
    let code = admin.json(Method::POST, "/api/v1/invitations", &body).await.json()["code"].clone();
    let mut erika = admin.stranger();
    let password = PASSWORD.replace(' ', "+");
    let code = code.as_str().unwrap();
    let form = format!("code={code}&name=erika.planted&new={password}&again={password}");
    assert_eq!(erika.form("/invitation", &form).await.status, StatusCode::SEE_OTHER);
    let answer = erika.credentials(&json!({ "name": "erika.planted", "password": PASSWORD })).await;
    erika.take_session(&answer);
    let token = erika
        .json(
            Method::POST,
            "/api/v1/account/tokens",
            &json!({ "name": "planted-token", "rights": ["fleet.see", "devices.change", "releases.change"] }),
        )
        .await;
    let token = token.json()["token"].as_str().unwrap().to_owned();
    erika.add_devices().await;
    let more = "Asset tag,Maker,Model\nP-9,Orbis Medical,Flow 300\n";
    let request = axum::http::Request::post("/api/v1/devices/import")
        .header("authorization", format!("Bearer {token}"))
        .body(more.into());
    assert_eq!(erika.send(request.unwrap()).await.status, StatusCode::OK);
    let reason = "call+%2B49+30+5550100+of+Erika+Planted";
    let form = format!("token={}&reason={reason}", erika.token);
    assert_eq!(erika.form("/account/emergency", &form).await.status, StatusCode::SEE_OTHER);
    let from: std::net::SocketAddr = "198.51.100.77:4711".parse().unwrap();
    let path = "/devices.csv?text=Erika%20Planted";
    let request = erika.request(Method::GET, path).extension(axum::extract::ConnectInfo(from));
    assert_eq!(erika.send(request.body("".into()).unwrap()).await.status, StatusCode::OK);
    erika
}

/// Everything that people are shown, and that is carried away.
async fn everything(app: &TestApp) -> Vec<(String, Answer)> {
    let mut seen = Vec::new();
    for path in [
        "/",
        "/people",
        "/audit?limit=500",
        "/audit?text=erika&limit=500",
        "/notices",
        "/jobs",
        "/account",
        "/devices?limit=500",
        "/releases",
        "/api/v1/people",
        "/api/v1/invitations",
        "/api/v1/notices",
        "/api/v1/audit?limit=500",
        "/api/v1/jobs",
        "/api/v1/audit/check",
    ] {
        seen.push((path.to_owned(), app.get(path).await));
    }
    let releases = app.get("/api/v1/releases?sbom=true").await.json();
    for row in releases["rows"].as_array().unwrap() {
        let path = format!("/releases/{}", row["id"].as_str().unwrap());
        seen.push((path.clone(), app.get(&path).await));
        let path = format!("/api/v1{path}");
        seen.push((path.clone(), app.get(&path).await));
    }
    seen
}

async fn an_erased_person_is_named_nowhere_and_every_chain_holds(database: Database) {
    let admin = TestApp::start(database).await;
    let erika = erika(&admin).await;
    // She works for another organisation, too.
    let other = administrator_elsewhere(&admin).await;
    let body = json!({ "full_name": "Erika Planted", "grant": { "roles": ["analyst"] } });
    let code = other.json(Method::POST, "/api/v1/invitations", &body).await.json()["code"].clone();
    let form = format!("token={}&code={}", erika.token, code.as_str().unwrap());
    assert_eq!(erika.form("/invitation/join", &form).await.status, StatusCode::SEE_OTHER);

    let id = {
        let people = admin.get("/api/v1/people").await.json();
        let her =
            people.as_array().unwrap().iter().find(|each| each["name"] == "erika.planted").unwrap().clone();
        her["id"].as_str().unwrap().to_owned()
    };
    let found = admin.get("/api/v1/audit?text=ERIKA&limit=500").await.json();
    assert!(found["total"].as_u64().unwrap() >= 8, "{found}");
    let (before, elsewhere) = (exported(&admin).await, exported(&other).await);
    assert_eq!((checked(&before).chain.erased, checked(&elsewhere).chain.erased), (0, 0));
    // All but the address for mail, which an entry names only where there is no name.
    assert_eq!(names(&before).len(), NAMING.len() - 1, "{:?}", names(&before));
    let entries = checked(&before).chain.entries;

    // Nobody but an administrator, and by the page only for who types the name.
    let engineer = member(&admin, "ann", json!({ "roles": ["engineer", "compliance"] })).await;
    let path = format!("/api/v1/people/{id}/erase");
    assert_eq!(engineer.json(Method::POST, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        other.json(Method::POST, &path, &json!({})).await.status,
        StatusCode::FORBIDDEN,
        "not her home"
    );
    let page = format!("/people/{id}/erase");
    let mistyped = admin.form(&page, &format!("token={}&confirm=erika", admin.token)).await;
    assert_eq!(mistyped.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", mistyped.text);
    assert_eq!(admin.get(&format!("/api/v1/people/{id}")).await.status, StatusCode::OK);

    let erased = admin.json(Method::POST, &path, &json!({})).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text);
    let erased = erased.json();
    assert!(erased["values"].as_u64().unwrap() >= 5 && erased["older_entries"] == 0, "{erased}");
    assert_eq!(erika.get("/api/v1/devices").await.status, StatusCode::UNAUTHORIZED);
    for app in [&admin, &other] {
        for (path, answer) in everything(app).await {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(names(&answer.text), Vec::<&str>::new(), "{path}");
        }
        assert!(app.get("/audit?limit=500").await.text.contains("(erased)"));
        assert_eq!(app.get("/api/v1/audit?text=planted").await.json()["total"], 0);
        let after = exported(app).await;
        assert_eq!(names(&after), Vec::<&str>::new());
        assert!(checked(&after).chain.erased >= 1, "{:?}", checked(&after));
    }
    // What was carried away before holds as before, and the chain went on from there.
    assert_eq!(checked(&before).chain.entries, entries);
    let head = (checked(&before).chain.sequence, checked(&before).chain.hash);
    let noted = Noted { head: Some(head), key: None };
    assert!(verify(exported(&admin).await.as_bytes(), &noted).is_ok());
    // Once more changes nothing that is left.
    let again = admin.json(Method::POST, &path, &json!({})).await;
    assert_eq!(again.json()["values"], 0, "{}", again.text);
    nothing_is_left_in_the_file(&admin, database);
}

/// The embedded database's own bytes.
fn nothing_is_left_in_the_file(app: &TestApp, database: Database) {
    if matches!(database, Database::Postgres) {
        return;
    }
    for entry in std::fs::read_dir(&app.ctx.data_dir).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for word in NAMING {
            let found = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!found, "{word} is left in {}", path.display());
        }
    }
}

async fn who_was_invited_and_never_joined_is_erased_here_and_nowhere_else(database: Database) {
    let admin = TestApp::start(database).await;
    let other = administrator_elsewhere(&admin).await;
    let body = json!({
        "full_name": "Erika Planted", "mail": "erika@planted.example", "grant": { "roles": ["engineer"] }
    });
    let mut made = Vec::new();
    for app in [&admin, &admin, &other] {
        made.push(app.json(Method::POST, "/api/v1/invitations", &body).await.json());
    }
    // One was taken back long ago: the log still says who it was for.
    let path = format!("/api/v1/invitations/{}", made[0]["id"].as_str().unwrap());
    assert_eq!(admin.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert!(exported(&admin).await.contains("Erika Planted"));
    // Whoever joined under the same name is somebody else: their account is erased by itself.
    erika(&admin).await;
    let erase = async |app: &TestApp, named: &str| {
        app.json(Method::POST, "/api/v1/invitations/erase", &json!({ "named": named })).await
    };
    for nobody in ["", " ", "Erika", "erika.planted", "admin", "%"] {
        assert_eq!(erase(&admin, nobody).await.status, StatusCode::NOT_FOUND, "{nobody:?}");
    }
    let analyst = member(&admin, "ann", json!({ "roles": ["analyst"] })).await;
    assert_eq!(erase(&analyst, "Erika Planted").await.status, StatusCode::FORBIDDEN);

    let erased = erase(&admin, " Erika Planted ").await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text);
    assert_eq!(erased.json(), json!({ "invitations": 1, "values": 2, "older_entries": 0 }));
    assert_eq!(admin.get("/api/v1/invitations").await.json(), json!([]));
    let code = made[1]["code"].as_str().unwrap();
    let gone = admin.stranger().get(&format!("/invitation?code={code}")).await;
    assert!(gone.text.contains("This code opens nothing"), "{}", gone.text);
    let log = admin.get("/api/v1/audit?action=people.invite&limit=50").await.text;
    assert_eq!(log.matches("(erased)").count(), 2, "{log}");
    assert_eq!(log.matches("\"subject\":\"Erika Planted\"").count(), 1, "who joined stays: {log}");
    let chain = checked(&exported(&admin).await).chain;
    assert_eq!(chain.erased, 2);
    assert_eq!(erase(&admin, "Erika Planted").await.status, StatusCode::NOT_FOUND, "once");

    // The other organisation keeps its own, and erases by the address on the page.
    assert_eq!(other.get("/api/v1/invitations").await.json().as_array().unwrap().len(), 1);
    assert!(exported(&other).await.contains("Erika Planted"));
    let form = format!("token={}&named=ERIKA@planted.example", other.token);
    let page = other.form("/people/erase-invited", &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("Erased 1 value from the audit log, and took 1 open invitation back."),
        "{}",
        page.text
    );
    assert!(names(&exported(&other).await).is_empty());
    assert_eq!(other.form("/people/erase-invited", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn nobody_is_erased_who_must_stay(database: Database) {
    let admin = TestApp::start(database).await;
    let people = admin.get("/api/v1/people").await.json();
    let own = people[0]["id"].as_str().unwrap().to_owned();
    let erase = async |app: &TestApp, id: &str| {
        app.json(Method::POST, &format!("/api/v1/people/{id}/erase"), &json!({})).await
    };
    let refused = erase(&admin, &own).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    for nothing in ["0190b6a2-7c1e-7000-8000-000000000000", "x"] {
        assert_eq!(erase(&admin, nothing).await.status, StatusCode::NOT_FOUND);
    }
    let other = administrator_elsewhere(&admin).await;
    assert_eq!(erase(&other, &own).await.status, StatusCode::NOT_FOUND, "of another organisation");
    assert_eq!(admin.get("/account").await.status, StatusCode::OK);
}

async fn what_a_person_types_never_passes_for_a_mark(database: Database) {
    let admin = TestApp::start(database).await;
    let text = exported(&admin).await;
    let mark = text.split("\"mark\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = format!("/api/v1/devices/import?file_name={}", urlencoded(&format!("{mark}.csv")));
    let ann = member(&admin, "ann", json!({ "roles": ["engineer"] })).await;
    let answer = ann.post(&file, "Asset tag,Maker,Model\nP-1,Orbis,Flow 300\n").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let newest = admin.get("/api/v1/audit?action=devices.import").await.json()["rows"][0].clone();
    let subject = newest["subject"].as_str().unwrap();
    assert!(!subject.contains("admin") && subject.ends_with(".csv"), "{subject}");
    assert_eq!(checked(&exported(&admin).await).chain.erased, 0);
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn the_last_administrator_of_another_organisation_is_not_closed(database: Database) {
    let admin = TestApp::start(database).await;
    let adviser = member(&admin, "adviser", json!({ "roles": ["adviser"] })).await;
    let other = administrator_elsewhere(&admin).await;
    let code = other
        .json(Method::POST, "/api/v1/invitations", &json!({ "grant": { "roles": ["administrator"] } }))
        .await
        .json()["code"]
        .clone();
    let form = format!("token={}&code={}", adviser.token, code.as_str().unwrap());
    assert_eq!(adviser.form("/invitation/join", &form).await.status, StatusCode::SEE_OTHER);
    let id = {
        let people = admin.get("/api/v1/people").await.json();
        let found = people.as_array().unwrap().iter().find(|each| each["name"] == "adviser").unwrap().clone();
        found["id"].as_str().unwrap().to_owned()
    };
    // The other administrator leaves; the adviser is the last one there now.
    let people = other.get("/api/v1/people").await.json();
    let own = people.as_array().unwrap().iter().find(|each| each["name"] == "other").unwrap().clone();
    let path = format!("/api/v1/people/{}", own["id"].as_str().unwrap());
    assert_eq!(other.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    for deed in ["close", "erase"] {
        let refused = admin.json(Method::POST, &format!("/api/v1/people/{id}/{deed}"), &json!({})).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{deed}: {}", refused.text);
        assert!(refused.text.contains("end the membership here instead"), "{}", refused.text);
        assert!(!refused.text.contains("Elsewhere"), "{}", refused.text);
    }
    // Out of here at once all the same.
    let ended = admin.json(Method::DELETE, &format!("/api/v1/people/{id}"), &json!({})).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
}
