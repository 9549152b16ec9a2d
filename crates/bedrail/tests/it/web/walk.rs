//! Every way in is walked: as nobody, in every role, from another organisation, and with text that means harm.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bedrail_app::rights::{ROLES, Rights, Role};
use bedrail_app::{accounts, organisations};
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use super::app::{DEVICES, Database, PASSWORD, SBOM, TestApp, on_each_database};
use super::people::member;
use super::routes::{Guard, Sent, WAYS, Way};

on_each_database! {
    nobody_reaches_more_than_the_door,
    each_role_gets_in_where_it_may_and_nowhere_else,
    the_right_is_asked_for_before_anything_of_the_request_is_looked_at,
    nothing_of_one_organisation_is_reached_from_another,
    work_of_the_whole_installation_is_stopped_by_who_runs_it,
    text_that_means_harm_never_breaks_a_page_and_is_never_run,
}

/// An id that nothing has.
const NOTHING: &str = "0190b6a2-7c1e-7000-8000-000000000000";

/// Ids of what the first organisation has, by the first word of the path.
pub(crate) type Ids = BTreeMap<&'static str, String>;

/// A line of Suricata's EVE.
const ALERT: &str = r#"{"timestamp":"2026-03-03T09:00:00.0+0000","event_type":"alert","src_ip":"203.0.113.9","dest_ip":"10.20.1.7","alert":{"action":"blocked","gid":1,"signature_id":7,"signature":"ET SCAN x","severity":2}}"#;

/// A server with a few devices, and the ids of one of each thing.
pub(crate) async fn filled(database: Database) -> (TestApp, Ids) {
    let app = TestApp::with_devices(database).await;
    let first = async |path: &str| app.get(path).await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    let release =
        app.get("/api/v1/releases?sbom=true").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    let document = app.get(&format!("/api/v1/releases/{release}")).await.json();
    let document = document["sbom"]["document"].as_str().unwrap().to_owned();
    let job = app.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = app.get("/api/v1/people").await.json()[0]["id"].as_str().unwrap().to_owned();
    let source = app.json(Method::POST, "/api/v1/alerts/sources", &json!({ "name": "walk" })).await.json();
    let source = source["id"].as_str().unwrap().to_owned();
    let received = app.post(&format!("/api/v1/alerts/sources/{source}/events"), ALERT).await;
    assert_eq!(received.json()["events"], 1, "{}", received.text);
    let started = json!({ "weakness": "CVE-2021-44228" });
    let campaign =
        app.json(Method::POST, "/api/v1/campaigns", &started).await.json()["id"].as_str().unwrap().to_owned();
    let opened = json!({ "title": "x", "kind": "other", "harm": "none" });
    let incident =
        app.json(Method::POST, "/api/v1/incidents", &opened).await.json()["id"].as_str().unwrap().to_owned();
    let made = async |path: &str, body: Value| {
        app.json(Method::POST, path, &body).await.json()["id"].as_str().unwrap().to_owned()
    };
    let worker = made("/api/v1/roster", json!({ "name": "Walk Er", "roles": ["nurse"] })).await;
    let policy = made("/api/v1/policies", json!({ "title": "x", "body": "y", "roles": "nurse" })).await;
    let duty = made("/api/v1/attestations", json!({ "title": "x", "body": "y", "roles": "nurse" })).await;
    let vendor = json!({ "name": "Lakeside Billing" });
    let vendor =
        app.json(Method::POST, "/api/v1/vendors", &vendor).await.json()["id"].as_str().unwrap().to_owned();
    let client = app.get("/api/v1/clients").await.json()[0]["id"].as_str().unwrap().to_owned();
    let said = json!({ "name": "Border", "product": "f5", "mode": "block", "proof": "its console", "said_by": "network" });
    let firewall =
        app.json(Method::POST, "/api/v1/firewalls", &said).await.json()["id"].as_str().unwrap().to_owned();
    let ids = [
        ("roster", worker),
        ("policies", policy),
        ("attestations", duty),
        ("vendors", vendor),
        ("clients", client),
        ("firewall", firewall.clone()),
        ("firewalls", firewall),
        ("incidents", incident),
        ("alerts", first("/api/v1/alerts").await),
        ("devices", first("/api/v1/devices").await),
        ("releases", release),
        ("documents", document),
        ("advisories", "CVE-2021-44228".to_owned()),
        ("jobs", job),
        ("people", person),
        ("campaigns", campaign),
    ];
    let ids = ids.into();
    (app, ids)
}

/// The path with real ids; those of people only where nothing is done to them.
pub(crate) fn path(way: &Way, ids: &Ids) -> String {
    let area = way.route().trim_start_matches("/api/v1").split('/').nth(1).unwrap_or_default();
    let spared = area == "people" && way.method != "GET";
    let id = ids.get(area).filter(|_| !spared).map_or(NOTHING, String::as_str);
    way.path
        .replace("{id}", id)
        .replace("{index}", "1")
        .replace("{number}", "1")
        .replace("{report}", "board")
        .replace("{format}", "pdf")
        .replace("{deed}", "close")
        .replace("{slug}", "nowhere")
        .replace("{kind}", "feed.update")
        .replace("{name}", "app.css")
        .replace("{channel}", "syslog")
        .replace("{key}", "maker.example")
        .replace("{secret}", "nothing.ics")
}

/// What came back, without a body that may never end.
struct Came {
    status: StatusCode,
    headers: HeaderMap,
}

impl Came {
    fn leads_to_the_door(&self) -> bool {
        let to = self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        to.starts_with("/sign-in") || to == "/password"
    }
}

/// Goes one way as whoever is signed in.
async fn go(app: &TestApp, way: &Way, path: &str) -> Came {
    let request = app.request(way.method.parse().unwrap(), path);
    let request = if way.is_api() {
        request.header("x-csrf-token", &app.token).header(header::IF_MATCH, "*")
    } else {
        request
    };
    let file = if path.contains("devices") { DEVICES } else { SBOM };
    let token = &app.token;
    let (kind, body) = match way.sent {
        Sent::Nothing => ("text/plain", String::new()),
        Sent::Json(text) => ("application/json", text.to_owned()),
        Sent::Form(fields) => ("application/x-www-form-urlencoded", format!("token={token}&{fields}")),
        Sent::File if way.is_api() => ("application/octet-stream", file.to_owned()),
        Sent::File => ("multipart/form-data; boundary=x", form_with_file(token, file)),
    };
    let request = request.header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
    let response = app.begin(request).await;
    Came { status: response.status(), headers: response.headers().clone() }
}

fn form_with_file(token: &str, file: &str) -> String {
    let part = |(name, value): (&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = [("token", token), ("maker", "Orbis Medical"), ("model", "Flow 300")].map(part).concat();
    format!(
        "{fields}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{file}\r\n--x--\r\n"
    )
}

async fn nobody_reaches_more_than_the_door(database: Database) {
    let (app, ids) = filled(database).await;
    let nobody = app.stranger();
    for way in WAYS {
        let (path, came) = (path(way, &ids), go(&nobody, way, &path(way, &ids)).await);
        match way.guard {
            Guard::Nobody => assert!(came.status.as_u16() < 500, "{} {path}: {}", way.method, came.status),
            _ if way.is_api() => assert_eq!(came.status, StatusCode::UNAUTHORIZED, "{} {path}", way.method),
            _ => {
                let door = came.status == StatusCode::SEE_OTHER && came.leads_to_the_door();
                assert!(door, "{} {path}: {}", way.method, came.status);
            }
        }
    }
}

/// What a membership of a role gives in this test.
fn grant(role: Role) -> Value {
    match role {
        Role::Supplier => json!({ "roles": [role.code()], "makers": ["Orbis Medical"] }),
        Role::Auditor => json!({ "roles": [role.code()], "valid_until": "2999-01-01T00:00:00Z" }),
        _ => json!({ "roles": [role.code()] }),
    }
}

async fn each_role_gets_in_where_it_may_and_nowhere_else(database: Database) {
    let (admin, ids) = filled(database).await;
    for row in ROLES {
        let name = format!("{}.person", row.code);
        let mut app = member(&admin, &name, grant(row.role)).await;
        let rights = Rights::of_roles(&[row.role]);
        for way in WAYS.iter().filter(|way| way.guard != Guard::Nobody) {
            let path = path(way, &ids);
            let came = go(&app, way, &path).await;
            let what = format!("{} as {}: {} {path}", came.status, row.name, way.method);
            match way.guard {
                Guard::Needs(right) if !rights.has(right) => {
                    assert_eq!(came.status, StatusCode::FORBIDDEN, "{what}");
                }
                _ => {
                    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&came.status);
                    assert!(!refused && came.status.as_u16() < 500, "{what}");
                    let ends = ["/sign-out", "/api/v1/session"].contains(&way.route());
                    assert!(ends || !came.leads_to_the_door(), "{what}");
                    if ends {
                        app = signed_in_again(&app, &name).await;
                    }
                }
            }
        }
    }
}

async fn the_right_is_asked_for_before_anything_of_the_request_is_looked_at(database: Database) {
    let (admin, ids) = filled(database).await;
    for row in ROLES {
        let app = member(&admin, &format!("{}.person", row.code), grant(row.role)).await;
        let rights = Rights::of_roles(&[row.role]);
        for way in WAYS {
            let Guard::Needs(right) = way.guard else { continue };
            if rights.has(right) {
                continue;
            }
            let route = way.route();
            // A route without a place for an id is one path, not three.
            let odd: BTreeSet<String> = ["no id", "%00", NOTHING]
                .map(|id| {
                    let path = route.replace("{id}", id).replace("{index}", "x").replace("{deed}", "nothing");
                    path.replace(' ', "%20").replace("{channel}", "nothing").replace("{kind}", "nothing")
                })
                .into();
            let queries = ["", "?limit=x&sort=x&from=x&owned=x&dry_run=x&state=x&release=x&answer=x"];
            for path in odd.iter().flat_map(|path| queries.map(|query| format!("{path}{query}"))) {
                for (kind, body) in [
                    ("application/json", "{\"nonsense\":"),
                    ("application/x-www-form-urlencoded", "nonsense"),
                    ("text/plain", "x"),
                    ("multipart/form-data; boundary=x", "nonsense"),
                ] {
                    let request = app.request(way.method.parse().unwrap(), &path);
                    let request =
                        request.header("x-csrf-token", &app.token).header(header::CONTENT_TYPE, kind);
                    let answer = app.send(request.body(Body::from(body)).unwrap()).await;
                    let what =
                        format!("{} as {}: {} {path} with {kind}", answer.status, row.name, way.method);
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
                    if way.method == "GET" {
                        break;
                    }
                }
            }
        }
    }
    let _ = ids;
}

/// The same person in a new session.
async fn signed_in_again(app: &TestApp, name: &str) -> TestApp {
    let mut app = app.stranger();
    let credentials = json!({ "name": name, "password": super::people::PASSWORD });
    let answer = app.credentials(&credentials).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    app.take_session(&answer);
    app
}

/// The administrator of another organisation on the same server.
pub(crate) async fn administrator_elsewhere(app: &TestApp) -> TestApp {
    let org = organisations::add(&app.ctx, "Elsewhere", OrgKind::BusinessAssociate).await.unwrap();
    let given = accounts::give_administrator(&app.ctx, org, "other").await.unwrap();
    let one_time = given.one_time_password.unwrap();
    let mut other = app.stranger();
    for (password, new) in [(one_time.as_str(), Some(PASSWORD)), (PASSWORD, None)] {
        let answer = other.credentials(&json!({ "name": "other", "password": password })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        other.take_session(&answer);
        if let Some(new) = new {
            let form = format!("token={}&present={password}&new={new}&again={new}", other.token);
            let answer = other.form("/password", &form.replace(' ', "+")).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        }
    }
    other
}

async fn nothing_of_one_organisation_is_reached_from_another(database: Database) {
    let (app, ids) = filled(database).await;
    // Somebody whom every way is open to, there.
    let there = administrator_elsewhere(&app).await;
    let other =
        super::people::member(&there, "quill", json!({ "roles": ["administrator", "counsel"] })).await;
    let theirs =
        ["Orbis Medical", "Flow 300", "Kestrel", "Lakeside", "log4j-core", "Test Clinic", &ids["devices"]];
    for way in WAYS.iter().filter(|way| way.path != "/sign-out" && way.route() != "/api/v1/session") {
        let path = path(way, &ids);
        let ours = path != way.path && !path.contains(NOTHING);
        // A file of ours, a report, a kind of channel, a kind of work and the name of an issuer are the same in every organisation.
        let common = ["{name}", "{channel}", "{kind}", "{key}", "{report}"];
        let ours = ours && !common.iter().any(|part| way.path.contains(part));
        // What is public of a weakness is told to everybody; whom it touches is not.
        if ours && !path.contains("CVE-") {
            assert_eq!(go(&other, way, &path).await.status, StatusCode::NOT_FOUND, "{} {path}", way.method);
        }
        if way.method == "GET" && way.route() != "/api/v1/events" && !path.contains("CVE-") {
            let text = other.get(&path).await.text;
            for word in theirs {
                // Which families of rules cover which component of the world stands on a page of everybody's.
                let common = word == "log4j-core" && way.route() == "/firewall";
                assert!(!text.contains(word) || path.contains(word) || common, "{path} tells {word}");
            }
        }
    }
    let answer = other.get("/api/v1/affected?q=CVE-2021-44228").await.json();
    assert_eq!(
        (answer["totals"]["affected"].as_u64(), answer["totals"]["fleet"].as_u64()),
        (Some(0), Some(0))
    );
    let advisory = other.get("/api/v1/advisories/CVE-2021-44228").await.json();
    assert_eq!(advisory["totals"]["affected"], 0, "{advisory}");
    assert_eq!(app.get("/api/v1/devices").await.json()["total"], 4);
}

async fn work_of_the_whole_installation_is_stopped_by_who_runs_it(database: Database) {
    let app = TestApp::start(database).await;
    let other = administrator_elsewhere(&app).await;
    let start = |app: &TestApp| {
        let request = app.request(Method::POST, "/api/v1/jobs").header("x-csrf-token", &app.token);
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"kind":"feed.update"}"#))
            .unwrap()
    };
    let started = app.send(start(&app)).await;
    assert_eq!(started.status, StatusCode::ACCEPTED, "{}", started.text);
    let path = format!("/api/v1/jobs/{}", started.json()["id"].as_str().unwrap());
    let again = other.send(start(&other)).await;
    assert!(again.json()["id"].is_null(), "the same work, once: {}", again.text);
    let seen = other.get(&path).await;
    let job = seen.json()["job"].clone();
    assert_eq!(job["state"], "waiting", "{}", seen.text);
    assert!(!seen.text.contains("admin") && job["foreign"] == true, "{}", seen.text);
    for deed in ["cancel", "retry"] {
        let refused = other.json(Method::POST, &format!("{path}/{deed}"), &json!({})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{deed}: {}", refused.text);
    }
    let pace = other.json(Method::PUT, "/api/v1/regular-jobs/feed.update", &json!({ "minutes": 60 })).await;
    assert_eq!(pace.status, StatusCode::FORBIDDEN, "{}", pace.text);
    let page = other.get(&path.replace("/api/v1", "")).await;
    assert!(!page.text.contains("/cancel\""), "{}", page.text);
    assert!(app.get(&path).await.text.contains("admin"));
    assert_eq!(app.json(Method::POST, &format!("{path}/cancel"), &json!({})).await.status, StatusCode::OK);
    // What an organisation asks for itself is its own.
    let own = other.json(Method::POST, "/api/v1/jobs", &json!({ "kind": "check" })).await.json();
    let path = format!("/api/v1/jobs/{}", own["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.json(Method::POST, &format!("{path}/cancel"), &json!({})).await.status, StatusCode::OK);
}

/// Text that means harm, as it stands in a path or a query.
fn harmful() -> Vec<String> {
    let long = "a".repeat(5_000);
    let texts = [
        "..%2F..%2F..%2Fetc%2Fpasswd",
        "..%5C..%5Cwindows",
        "%00",
        "a%00b",
        "%FF%FE",
        "%27%20OR%20%271%27%3D%271",
        "%22%3B%20DROP%20TABLE%20device%3B--",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%22%20onmouseover%3D%22alert(1)",
        "%25%5F%5C",
        "-1",
        "99999999999999999999999999",
        "%F0%9F%92%89%E2%80%AE",
        long.as_str(),
    ];
    texts.map(str::to_owned).to_vec()
}

/// The names of the query's parts of each route of the API; the pages take the same.
fn parameters() -> BTreeMap<String, Vec<String>> {
    let document: Value = serde_json::from_str(&bedrail::web::openapi()).unwrap();
    let mut parameters = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let listed = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let query = listed.iter().filter(|each| each["in"] == "query");
        let names = query.map(|each| each["name"].as_str().unwrap().to_owned()).collect();
        parameters.insert(path.trim_start_matches("/api/v1").to_owned(), names);
    }
    parameters
}

async fn text_that_means_harm_never_breaks_a_page_and_is_never_run(database: Database) {
    let (app, ids) = filled(database).await;
    let (parameters, harmful) = (parameters(), harmful());
    let mut tried = 0;
    for way in WAYS.iter().filter(|way| way.method == "GET" && way.route() != "/api/v1/events") {
        let mut paths = Vec::new();
        if way.path.contains('{') {
            let filled = harmful.iter().map(|text| {
                way.path
                    .replace("{id}", text)
                    .replace("{index}", text)
                    .replace("{name}", text)
                    .replace("{channel}", text)
                    .replace("{slug}", text)
            });
            paths.extend(filled);
        }
        let list = way.route().trim_start_matches("/api/v1").trim_end_matches(".csv");
        let own = ["q", "code", "next", "back", "theme"].map(str::to_owned);
        for name in parameters.get(list).into_iter().flatten().chain(&own) {
            let route = path(&Way { path: way.route(), ..*way }, &ids);
            paths.extend(harmful.iter().map(|text| format!("{route}?{name}={text}")));
        }
        for path in paths {
            let answer = app.get(&path).await;
            let short = &path[..path.len().min(120)];
            assert!(answer.status.as_u16() < 500, "{} {short}", answer.status);
            let html = answer.header(header::CONTENT_TYPE).starts_with("text/html");
            let run =
                answer.text.contains("<script>alert(1)") || answer.text.contains("\" onmouseover=\"alert");
            assert!(!(html && run), "{short} is run");
            tried += 1;
        }
    }
    assert!(tried > 1_000, "{tried}");
    let signed_out = Request::get("/sign-in?next=%00").body(Body::empty()).unwrap();
    assert!(app.send(signed_out).await.status.as_u16() < 500);
}
