//! Attacks by requests, each carried out through the real router. What stands at the door (`access`), the rights (`walk`) and
//! documents (`hostile`) are attacked beside this.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Answer, Database, PASSWORD, SBOM, TestApp, on_each_database};
use super::people::member;
use super::routes::{Sent, WAYS};

on_each_database! {
    a_session_that_was_planted_before_signing_in_opens_nothing_after,
    headers_that_name_another_host_are_not_believed,
    no_way_after_signing_in_leads_outside,
    tricks_with_paths_reach_no_file,
    no_json_is_too_large_too_deep_or_too_odd_to_be_refused,
    fields_that_nobody_asks_for_change_nothing,
    no_filter_order_cursor_or_id_is_read_as_sql,
    text_that_people_and_files_supply_is_never_run,
    what_was_uploaded_is_carried_away_and_never_shown,
}

async fn a_session_that_was_planted_before_signing_in_opens_nothing_after(database: Database) {
    let app = TestApp::start(database).await;
    // The attacker's own session, and one that was never given out, planted in the victim's browser.
    let attacker = member(&app, "eve", json!({ "roles": ["engineer"] })).await;
    for planted in [attacker.cookie().to_owned(), "bedrail=AAAAAAAAAAAAAAAAAAAAAA".to_owned()] {
        let request = Request::post("/api/v1/session")
            .header(header::COOKIE, &planted)
            .header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "name": "admin", "password": PASSWORD }).to_string();
        let answer = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let given = answer.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        assert!(given.starts_with("bedrail=") && given != planted, "{given}");
        let request = Request::get("/api/v1/people").header(header::COOKIE, &planted);
        let by_planted = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(by_planted.status, StatusCode::UNAUTHORIZED, "{}", by_planted.text);
    }
}

async fn headers_that_name_another_host_are_not_believed(database: Database) {
    let app = TestApp::start(database).await;
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "http://evil.example/"),
        ("x-rewrite-url", "/audit"),
        ("x-forwarded-proto", "https"),
    ] {
        let request = app
            .request(Method::POST, "/people/invite")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = format!("token={}&full_name=x&role.engineer=1", app.token);
        let page = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("http://localhost:8080/invitation"), "{name}");
        assert!(!page.text.contains("evil.example"), "{name}");
    }
    for host in [
        "localhost.evil.example",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost:80@evil.example",
        "",
    ] {
        let request = app.request(Method::GET, "/").header(header::HOST, host);
        let Ok(request) = request.body(Body::empty()) else { continue };
        assert_eq!(app.send(request).await.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    // In the request's own line it counts before any header.
    let request = app.request(Method::GET, "http://evil.example/").header(header::HOST, "localhost");
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::MISDIRECTED_REQUEST);
}

async fn no_way_after_signing_in_leads_outside(database: Database) {
    let app = TestApp::start(database).await;
    let outside = [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%2F/evil.example",
        "/..//evil.example",
        " //evil.example",
        "/\u{2028}/evil.example",
        "evil.example",
        "@evil.example",
        "/@evil.example/..//",
    ];
    let ours = |to: &str| {
        let plain = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
        plain && !to.chars().any(|letter| letter.is_ascii_control())
    };
    for wanted in outside {
        let encoded: String = wanted.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let form = format!("name=admin&password={}&next={encoded}", PASSWORD.replace(' ', "+"));
        let answer = app.sign_in_by_form(&form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{wanted}: {}", answer.text);
        let to = answer.header(header::LOCATION);
        assert!(ours(to), "{wanted:?} leads to {to:?}");
        let page = app.stranger().get(&format!("/sign-in?next={encoded}")).await;
        assert!(!page.text.contains("href=\"https://evil") && page.status == StatusCode::OK, "{wanted}");
        let body = format!("token={}&theme=dark&back={encoded}", app.token);
        let themed = app.form("/theme", &body).await;
        assert!(ours(themed.header(header::LOCATION)), "{wanted:?}: {:?}", themed.header(header::LOCATION));
    }
}

async fn tricks_with_paths_reach_no_file(database: Database) {
    let app = TestApp::with_devices(database).await;
    let secret = std::fs::read_to_string(app.ctx.data_dir.join("secret.key")).unwrap_or_default();
    let climbs = [
        "..%2F..%2F..%2FCargo.toml",
        "..%2f..%2fsecret.key",
        "%2e%2e%2f%2e%2e%2fsecret.key",
        "..\\..\\secret.key",
        "..%5c..%5csecret.key",
        "....//secret.key",
        "..%252f..%252fsecret.key",
        "%2Fetc%2Fpasswd",
        "/etc/passwd",
        "app.css%00",
        "app.css%00.svg",
        "app.css/",
        "app.css/..",
        ".",
        "..",
        "%2e",
        "~root",
        "C:%5Cwindows%5Cwin.ini",
        "app.css::$DATA",
        "%c0%ae%c0%ae%c0%afsecret.key",
        "..;/secret.key",
    ];
    for base in ["/assets/", "/documents/", "/api/v1/documents/", "/assets//", "//assets/", "/./assets/"] {
        for climb in climbs {
            let path = format!("{base}{climb}").replace('\\', "%5C");
            let Ok(request) = app.request(Method::GET, &path).body(Body::empty()) else { continue };
            let answer = app.send(request).await;
            let refused = [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST].contains(&answer.status);
            assert!(refused, "{} {path}", answer.status);
            let leaked = ["[package]", "[workspace]", "root:", "[fonts]"]
                .into_iter()
                .any(|text| answer.text.contains(text));
            assert!(!leaked && (secret.is_empty() || !answer.text.contains(secret.trim())), "{path}");
        }
    }
    assert_eq!(app.get("/assets/app.css").await.status, StatusCode::OK);
}

/// The ways of the API that take JSON, and what each takes.
fn json_ways() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    WAYS.iter().filter_map(|way| match way.sent {
        Sent::Json(text) => Some((way.method, way.path, text)),
        _ => None,
    })
}

async fn send_json(app: &TestApp, method: &str, path: &str, body: String) -> super::app::Answer {
    let path = path.replace("{id}", "0190b6a2-7c1e-7000-8000-000000000000").replace("{channel}", "syslog");
    let request = app.request(method.parse().unwrap(), &path).header("x-csrf-token", &app.token);
    let request = request.header(header::CONTENT_TYPE, "application/json").header(header::IF_MATCH, "*");
    app.send(request.body(Body::from(body)).unwrap()).await
}

/// Somebody whom every way is open to.
async fn may_do_all(database: Database) -> TestApp {
    let admin = TestApp::start(database).await;
    super::people::member(&admin, "carol", json!({ "roles": ["administrator", "counsel"] })).await
}

async fn no_json_is_too_large_too_deep_or_too_odd_to_be_refused(database: Database) {
    let app = may_do_all(database).await;
    let before = app.get("/api/v1/audit?limit=1").await.json()["total"].clone();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let odd = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        "[".repeat(10_000),
        format!("{{\"name\":\"{}\"}}", "a".repeat(70 << 10)),
        format!("{}1", "-".repeat(1_000)),
        "1e999999".into(),
        "{\"name\":1,\"name\":2}".into(),
        "\u{feff}{}".into(),
        "{\"name\":\"\\ud800\"}".into(),
        "{\"name\":\"\\u0000\"}".into(),
        "null".into(),
        String::new(),
        "nan".into(),
    ];
    for (method, path, good) in json_ways() {
        for body in &odd {
            let answer = send_json(&app, method, path, body.clone()).await;
            let short = &body[..body.len().min(40)];
            assert!(answer.status.is_client_error(), "{} {method} {path}: {short}", answer.status);
            // RFC 7644, section 3.12: errors of SCIM have a form of their own.
            let form =
                if path.starts_with("/scim/") { "application/scim+json" } else { "application/problem+json" };
            assert_eq!(answer.header(header::CONTENT_TYPE), form, "{path}: {short}");
            assert!(answer.text.len() < 2_000, "{path}: {short}");
        }
        let request = app
            .request(method.parse().unwrap(), &path.replace("{id}", "x").replace("{channel}", "mail"))
            .header("x-csrf-token", &app.token);
        let request = request.header(header::CONTENT_TYPE, "text/html");
        let answer = app.send(request.body(Body::from(good)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method} {path}");
    }
    assert_eq!(app.get("/api/v1/audit?limit=1").await.json()["total"], before, "nothing was changed");
}

/// The same body with a field more, in itself and in every object within.
fn with_field(body: &Value, name: &str, value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match body {
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.insert(name.to_owned(), value.clone());
            found.push(Value::Object(more));
            for (key, inner) in fields {
                for changed in with_field(inner, name, value) {
                    let mut whole = fields.clone();
                    whole.insert(key.clone(), changed);
                    found.push(Value::Object(whole));
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                found.extend(with_field(item, name, value).into_iter().map(|changed| json!([changed])));
            }
        }
        _ => {}
    }
    found
}

async fn fields_that_nobody_asks_for_change_nothing(database: Database) {
    let app = may_do_all(database).await;
    let before = app.get("/api/v1/audit?limit=1").await.json()["total"].clone();
    let mut tried = 0;
    // Directories send attributes that we do not keep; they are passed over (RFC 7643, section 2.1), and rights are none of them.
    for (method, path, good) in json_ways().filter(|(_, path, _)| !path.starts_with("/scim/")) {
        let good: Value = match path {
            "/api/v1/notices/choices" => json!([{ "kind": "members", "pace": "now" }]),
            _ => serde_json::from_str(good).unwrap(),
        };
        for (name, value) in [
            ("role", json!("administrator")),
            ("is_admin", json!(true)),
            ("org_id", json!("0190b6a2-7c1e-7000-8000-000000000000")),
            ("account", json!("admin")),
            ("id", json!("0190b6a2-7c1e-7000-8000-000000000000")),
            ("created_by", json!("somebody else")),
            ("__proto__", json!({ "is_admin": true })),
        ] {
            for body in with_field(&good, name, &value) {
                let answer = send_json(&app, method, path, body.to_string()).await;
                let refused =
                    [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::BAD_REQUEST].contains(&answer.status);
                assert!(refused, "{} {method} {path} {body}: {}", answer.status, answer.text);
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(app.get("/api/v1/audit?limit=1").await.json()["total"], before, "nothing was changed");
    // By a form: what is not asked for is not read.
    let form = format!("token={}&theme=dark&role.administrator=1&is_admin=1&org_id=x", app.token);
    assert_eq!(app.form("/theme", &form).await.status, StatusCode::SEE_OTHER);
}

/// The parameters of the lists of the API, from its description.
fn list_parameters() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&bedrail::web::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let listed = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in listed.iter().filter(|each| each["in"] == "query") {
            found.push((path.clone(), parameter["name"].as_str().unwrap().to_owned()));
        }
    }
    found
}

/// An answer to the question itself and how long it took, the waits of who asks too much left out.
async fn patient(app: &TestApp, address: &str) -> (Answer, std::time::Duration) {
    loop {
        let begun = std::time::Instant::now();
        let request = app.request(Method::GET, address).body(Body::empty()).unwrap();
        let answer = app.send_once(request).await;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            return (answer, begun.elapsed());
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

async fn no_filter_order_cursor_or_id_is_read_as_sql(database: Database) {
    let app = TestApp::with_devices(database).await;
    let count = async || {
        let mut totals = Vec::new();
        for list in ["devices", "releases", "audit", "people"] {
            let (answer, _) = patient(&app, &format!("/api/v1/{list}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{list}: {}", answer.text);
            let all = answer.json();
            totals.push(all["total"].as_u64().unwrap_or_else(|| all.as_array().unwrap().len() as u64));
        }
        totals
    };
    let tables = count().await;
    let always_true = [
        "x' OR '1'='1",
        "x\" OR \"1\"=\"1",
        "x') OR ('1'='1",
        "x' OR 1=1 --",
        "%' OR '%'='",
        "%",
        "_",
        "!%",
        "\\%",
    ];
    let sleeps_or_drops = [
        "1; DROP TABLE device; --",
        "x'; DELETE FROM audit_entry; --",
        "1 UNION SELECT password FROM account",
        "x'||(SELECT pg_sleep(5))||'",
        "1/(SELECT 0)",
        "CASE WHEN 1=1 THEN 1 ELSE 0 END",
        "name DESC, (SELECT 1)",
        "$1",
        "?",
        ":1",
        "@@version",
        "/* */",
        "load_extension('x')",
        "0x414243",
        "1e1000",
        "\u{2019} OR 1=1",
    ];
    let mut tried = 0;
    for (path, parameter) in list_parameters() {
        for text in always_true.iter().chain(&sleeps_or_drops) {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let asked = if path.ends_with("/affected") && parameter != "q" { "q=log4j&" } else { "" };
            let address = format!("{}?{asked}{parameter}={encoded}", path.replace("{id}", "CVE-2021-44228"));
            let (mut answer, mut took) = patient(&app, &address).await;
            // A busy machine is slow now and then; what sleeps by command sleeps every time.
            for _ in 0..3 {
                if took.as_secs() < 4 {
                    break;
                }
                (answer, took) = patient(&app, &address).await;
            }
            assert!(answer.status.as_u16() < 500, "{} {address}: {}", answer.status, answer.text);
            assert!(took.as_secs() < 4, "{address} sleeps: {took:?}");
            let body = answer.text.to_lowercase();
            assert!(
                !body.contains("sqlite") && !body.contains("syntax error") && !body.contains("argon2id"),
                "{address}"
            );
            // A filter by what nothing holds finds nothing; were it read as SQL, it would find everything.
            let narrows =
                !["q", "offset", "limit", "cursor", "sort", "direction"].contains(&parameter.as_str());
            if answer.status == StatusCode::OK && narrows && always_true.contains(text) {
                assert_eq!(answer.json()["total"].as_u64().unwrap_or(0), 0, "{address}: {}", answer.text);
            }
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
    for list in ["devices", "releases", "advisories", "jobs", "people", "documents", "invitations"] {
        for id in ["1' OR '1'='1", "1 OR 1=1", "'; DROP TABLE device; --"] {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let (answer, _) = patient(&app, &format!("/api/v1/{list}/{encoded}")).await;
            assert!(answer.status.is_client_error(), "{list} {id}: {}", answer.status);
        }
    }
    assert_eq!(count().await, tables, "every table is as it was");
}

const SCRIPT: &str = "<script>planted()</script>";
const IMAGE: &str = "\"><img src=x onerror=planted()>";

async fn text_that_people_and_files_supply_is_never_run(database: Database) {
    let app = TestApp::start(database).await;
    let token = app.token.clone();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    // People: names, mail, reasons, settings, tokens.
    for (full_name, maker) in [(SCRIPT, IMAGE), (IMAGE, SCRIPT)] {
        let grant = json!({ "roles": ["supplier"], "makers": [maker] });
        let invited = app
            .json(Method::POST, "/api/v1/invitations", &json!({ "full_name": full_name, "grant": grant }))
            .await;
        assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.text);
        let page = app.get(&format!("/invitation?code={}", invited.json()["code"].as_str().unwrap())).await;
        never_run("/invitation", &page.text);
    }
    let settings = json!({ "name": IMAGE, "kind": "covered_entity", "second_factor": false });
    assert_eq!(app.json(Method::PUT, "/api/v1/organisation", &settings).await.status, StatusCode::NO_CONTENT);
    for name in [SCRIPT, IMAGE] {
        let body = json!({ "name": name, "rights": ["fleet.see"] });
        assert_eq!(app.json(Method::POST, "/api/v1/account/tokens", &body).await.status, StatusCode::CREATED);
    }
    let engineer = member(&app, "ann", json!({ "roles": ["engineer"] })).await;
    let reason =
        format!("token={}&reason={}", engineer.token, encoded(&format!("a reason {SCRIPT} {IMAGE}")));
    assert_eq!(engineer.form("/account/emergency", &reason).await.status, StatusCode::SEE_OTHER);
    let channel = format!(
        "token={token}&version=&channel=syslog&host={}&port=514",
        encoded("\"><img/onerror=planted()>")
    );
    assert_eq!(app.form("/notices/channels", &channel).await.status, StatusCode::SEE_OTHER);
    // Files: every column of a device list, every text of a bill of materials, both names of files.
    let columns = "Asset tag,Serial,Maker,Model,Version,Kind,Site,Ward,Owner,Exposure,IP address,Host name,Operating system";
    let row = |value: &str| {
        vec![format!("\"{}\"", value.replace('"', "\"\"")); columns.split(',').count()].join(",")
    };
    let list = format!("{columns}\n{}\n{}\n", row(SCRIPT), row(IMAGE));
    let answer =
        app.post(&format!("/api/v1/devices/import?file_name={}", encoded(IMAGE)), list.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let preview = app.upload("/devices/import", &token, list.as_bytes()).await;
    never_run("/devices/import", &preview.text);
    for text in [SCRIPT, IMAGE] {
        let quoted = text.replace('"', "\\\"");
        let bill =
            SBOM.replace("flow-gateway", &quoted).replace("log4j-core\", \"version\": \"2.14.1", &quoted);
        let path = format!("/api/v1/sboms?maker={0}&model={0}&version={0}&file_name={0}", encoded(text));
        let answer = app.post(&path, bill).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    // Evidence of exposure: the note of a rule, on a device that it is joined with, and the file's name.
    let device = "Asset tag,Maker,Model,Version,IP address\nX-1,M,N,1,10.0.0.9\n";
    let answer = app.post("/api/v1/devices/import", device).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    for text in [SCRIPT, IMAGE] {
        let note = format!("\"{}\"", text.replace('"', "\"\""));
        let nat = format!("Outside IP,Outside port,Inside IP,Comment\n203.0.113.1,443,10.0.0.9,{note}\n");
        let answer = app.post(&format!("/api/v1/exposure/imports?file_name={}", encoded(text)), nat).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let mut seen = 0;
    for who in [&app, &engineer] {
        for path in pages(who).await {
            let answer = who.get(&path).await;
            if answer.header(header::CONTENT_TYPE).starts_with("text/html") {
                never_run(&path, &answer.text);
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// All pages, those of single things too.
async fn pages(app: &TestApp) -> Vec<String> {
    let mut pages: Vec<String> = WAYS
        .iter()
        .filter(|way| way.method == "GET" && !way.is_api() && !way.path.contains('{'))
        .map(|way| way.path.to_owned())
        .collect();
    let reflected: String = IMAGE.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for (list, sheet) in [("devices", true), ("releases", false), ("people", false), ("jobs", false)] {
        let answer = app.get(&format!("/api/v1/{list}?limit=50")).await;
        let Ok(answer) = serde_json::from_str::<Value>(&answer.text) else { continue };
        let rows = answer["rows"].as_array().or(answer.as_array()).cloned().unwrap_or_default();
        for row in rows {
            let id = row["id"].as_str().unwrap_or_default();
            pages.push(format!("/{list}/{id}"));
            if sheet {
                pages.push(format!("/{list}/{id}/sheet"));
            }
        }
        pages.push(format!("/{list}?text={reflected}&q={reflected}"));
    }
    pages.extend(["/affected", "/audit", "/advisories", "/sign-in", "/invitation", "/releases/upload"].map(|path| {
        format!("{path}?q={reflected}&text={reflected}&next={reflected}&code={reflected}&maker={reflected}&ward={reflected}")
    }));
    pages
}

fn never_run(path: &str, html: &str) {
    for text in [SCRIPT, IMAGE, "<img src=x onerror", "<img/onerror", "<script>planted"] {
        assert!(!html.contains(text), "{path} runs {text}");
    }
}

async fn what_was_uploaded_is_carried_away_and_never_shown(database: Database) {
    let app = TestApp::with_devices(database).await;
    let page = "<!doctype html><script>planted()</script>";
    let drawing =
        r#"<svg xmlns="http://www.w3.org/2000/svg" onload="planted()"><script>planted()</script></svg>"#;
    for (name, content) in [("a.html", page), ("a.svg", drawing), ("a.htm\r\nX-Planted: 1", page)] {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = app.post(&format!("/api/v1/sboms?maker=M&model=N&file_name={encoded}"), content).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        // A bill of materials by a name that a browser would open, with a page inside.
        let bill = SBOM.replace("flow-gateway", "<script>planted()</script>");
        let answer = app.post(&format!("/api/v1/sboms?maker=M&model=N&file_name={encoded}"), bill).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
        let release = answer.json()["release"].as_str().map(str::to_owned);
        let release = match release {
            Some(release) => release,
            None => app.get("/api/v1/releases?text=N&sbom=true").await.json()["rows"][0]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let detail = app.get(&format!("/api/v1/releases/{release}")).await.json();
        let document = detail["sbom"]["document"].as_str().unwrap().to_owned();
        for path in [format!("/documents/{document}"), format!("/api/v1/documents/{document}")] {
            let answer = app.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            carried_away(&answer.headers, &path);
        }
    }
    for path in ["/devices.csv", "/affected.csv?q=log4j"] {
        let answer = app.get(path).await;
        assert!(answer.header(header::CONTENT_TYPE).starts_with("text/csv"), "{path}");
        assert!(answer.header(header::CONTENT_DISPOSITION).starts_with("attachment"), "{path}");
        assert!(!answer.text.contains("\n=HYPERLINK") && !answer.text.contains(",=HYPERLINK"), "{path}");
    }
}

fn carried_away(headers: &HeaderMap, path: &str) {
    let value =
        |name| headers.get(name).map_or("", |value: &axum::http::HeaderValue| value.to_str().unwrap());
    assert_eq!(value(header::CONTENT_TYPE), "application/octet-stream", "{path}");
    assert!(value(header::CONTENT_DISPOSITION).starts_with("attachment; filename=\""), "{path}");
    assert_eq!(value(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
    assert!(value(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"), "{path}");
    assert!(!headers.contains_key("x-planted"), "{path}");
}
