//! A server without a socket: the real router over a fresh embedded database, with an administrator signed in.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use bedrail::web::{self, Options};
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::{Context, accounts};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// Where a test keeps its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Database {
    /// The embedded one.
    Embedded,
    /// A PostgreSQL of our own.
    Postgres,
}

/// Runs tests on each database: `mod embedded` and `mod postgres` hold one test for each name. Where PostgreSQL is not
/// installed its half says so and passes.
macro_rules! on_each_database {
    ($($name:ident,)+) => {
        mod embedded {
            $(#[tokio::test] async fn $name() { super::$name(super::Database::Embedded).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                if bedrail_testkit::postgres::installed() {
                    super::$name(super::Database::Postgres).await;
                }
            })+
        }
    };
}
pub(crate) use on_each_database;

/// The password that the administrator chooses.
pub(crate) const PASSWORD: &str = "a quiet lighthouse keeper";

/// How the servers of tests are reached, and whom they may ask.
fn options() -> Options {
    let providers = vec!["127.0.0.1".to_owned()];
    Options { public_url: Some("http://localhost:8080".into()), providers, ..Options::default() }
}

/// A server and somebody signed in on it.
pub(crate) struct TestApp {
    router: Router,
    cookie: String,
    /// The token that changes carry.
    pub(crate) token: String,
    pub(crate) settings: Settings,
    /// The use cases behind the server.
    pub(crate) ctx: Context,
    _folder: Arc<TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: axum::http::HeaderMap,
    /// Body as text.
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header as text.
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl TestApp {
    /// A server on which nobody signed in yet, with the one-time password.
    pub(crate) async fn fresh(database: Database) -> (TestApp, String) {
        TestApp::with_parser(database, None).await
    }

    /// The same, reading uploads in a child process of this program.
    pub(crate) async fn with_parser(database: Database, parser: Option<PathBuf>) -> (TestApp, String) {
        let folder = tempfile::tempdir().unwrap();
        let database = match database {
            Database::Embedded => None,
            Database::Postgres => bedrail_testkit::postgres::database(),
        };
        TestApp::in_folder(folder, database, parser).await
    }

    /// The same with a data folder and a database of the test's own.
    pub(crate) async fn in_folder(
        folder: TempDir,
        database: Option<String>,
        parser: Option<PathBuf>,
    ) -> (TestApp, String) {
        let settings = Settings {
            data_dir: folder.path().to_owned(),
            database,
            clock: Clock::System,
            parser,
            key_file: None,
            max_data_age_days: 7,
        };
        let ctx = Context::open(settings.clone()).await.unwrap();
        let org = accounts::ensure_organisation(&ctx, "Test Clinic").await.unwrap();
        let first = accounts::ensure_administrator(&ctx, org).await.unwrap().unwrap();
        let router = web::app(ctx.clone(), options());
        let (cookie, token) = (String::new(), String::new());
        let app = TestApp { router, cookie, token, settings, ctx, _folder: Arc::new(folder) };
        (app, first.one_time_password.unwrap())
    }

    /// Another browser on the same server, on which nobody is signed in.
    pub(crate) fn stranger(&self) -> TestApp {
        TestApp {
            router: self.router.clone(),
            cookie: String::new(),
            token: String::new(),
            settings: self.settings.clone(),
            ctx: self.ctx.clone(),
            _folder: self._folder.clone(),
        }
    }

    /// The same browser on a server that is reached otherwise.
    pub(crate) fn with_options(&self, options: Options) -> TestApp {
        TestApp {
            router: web::app(self.ctx.clone(), options),
            cookie: self.cookie.clone(),
            token: self.token.clone(),
            ..self.stranger()
        }
    }

    /// The same browser on another server process of the same database.
    pub(crate) async fn on_another_process(&self) -> TestApp {
        self.at(Clock::System).await
    }

    /// The same browser on another server process, whose clock shows another moment.
    pub(crate) async fn at(&self, clock: Clock) -> TestApp {
        let ctx = Context::open(Settings { clock, ..self.settings.clone() }).await.unwrap();
        TestApp {
            router: web::app(ctx.clone(), options()),
            cookie: self.cookie.clone(),
            token: self.token.clone(),
            ctx,
            ..self.stranger()
        }
    }

    /// A server with the administrator signed in.
    pub(crate) async fn start(database: Database) -> TestApp {
        let (app, one_time) = TestApp::fresh(database).await;
        app.signed_in(&one_time).await
    }

    /// The administrator signed in, with a password of their own.
    pub(crate) async fn signed_in(self, one_time: &str) -> TestApp {
        let mut app = self;
        app.sign_in(one_time).await;
        let form = format!("token={}&present={one_time}&new={PASSWORD}&again={PASSWORD}", app.token)
            .replace(' ', "+");
        let answer = app.form("/password", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        app.sign_in(PASSWORD).await;
        app
    }

    /// Signs the administrator in and remembers cookie and token.
    pub(crate) async fn sign_in(&mut self, password: &str) {
        let answer = self.credentials(&serde_json::json!({ "name": "admin", "password": password })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        self.take_session(&answer);
    }

    /// Sends credentials to the API.
    pub(crate) async fn credentials(&self, credentials: &Value) -> Answer {
        let request = Request::post("/api/v1/session").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(credentials.to_string())).unwrap()).await
    }

    /// Remembers the session that an answer of the API begins.
    pub(crate) fn take_session(&mut self, answer: &Answer) {
        self.take_cookie(answer);
        self.token = answer.json()["csrf_token"].as_str().unwrap().to_owned();
    }

    /// Remembers the cookie that an answer sets.
    pub(crate) fn take_cookie(&mut self, answer: &Answer) {
        self.cookie = answer.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
    }

    /// Sends JSON to the API as whoever is signed in, with the token of changes, over whatever state is there.
    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.json_seen(method, path, Some("*"), body).await
    }

    /// Sends JSON to the API as [`TestApp::json`] does, from a state that was seen (`If-Match`).
    pub(crate) async fn json_seen(
        &self,
        method: Method,
        path: &str,
        seen: Option<&str>,
        body: &Value,
    ) -> Answer {
        let mut request = self.request(method, path).header("x-csrf-token", &self.token);
        if let Some(seen) = seen {
            request = request.header(header::IF_MATCH, seen);
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Gets a path of the API with a program's token and no cookie.
    pub(crate) async fn get_by_token(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts the form of the sign-in page as a browser does that was there before.
    pub(crate) async fn sign_in_by_form(&self, form: &str) -> Answer {
        let page = self.send(Request::get("/sign-in").body(Body::empty()).unwrap()).await;
        let cookie = page.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        let token = cookie.split_once('=').unwrap().1;
        let request = Request::post("/sign-in")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(format!("{form}&token={token}"))).unwrap()).await
    }

    /// Sends a request as it is, to the host that is ours unless it names another. The body has not been read yet.
    pub(crate) async fn begin(&self, mut request: Request<Body>) -> Response<Body> {
        request
            .headers_mut()
            .entry(header::HOST)
            .or_insert(header::HeaderValue::from_static("localhost:8080"));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request as [`TestApp::begin`] does, and reads the whole answer. Who has asked more than is allowed in a while
    /// asks again when told to: how fast the machine is decides no test.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 256 << 20).await.unwrap();
        loop {
            let answer = self.send_once(Request::from_parts(parts.clone(), Body::from(body.clone()))).await;
            // What is tried too often, such as a password or a link, is refused without a time to come back.
            let wait = answer.headers.get(header::RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
            let Some(wait) = wait.filter(|_| answer.status == StatusCode::TOO_MANY_REQUESTS) else {
                return answer;
            };
            tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
        }
    }

    /// Sends a request once, and reads the whole answer.
    pub(crate) async fn send_once(&self, request: Request<Body>) -> Answer {
        let response = self.begin(request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 256 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The cookie of the session.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A request of the administrator.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie)
    }

    /// Gets a path as the administrator.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form as the administrator.
    pub(crate) async fn form(&self, path: &str, body: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Posts a body to the API as the administrator, with the token.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = self.request(Method::POST, path).header("x-csrf-token", &self.token);
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Posts a form with a file as the administrator.
    pub(crate) async fn upload(&self, path: &str, token: &str, file: &[u8]) -> Answer {
        let fields =
            [("token", token), ("maker", "Orbis Medical"), ("model", "Flow 300"), ("version", "2.1")];
        self.upload_with(path, &fields, file).await
    }

    /// A form with fields and a file; to the API, which has no field for it, the token goes in the head.
    pub(crate) async fn upload_with(&self, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let part = |(name, value): &(&str, &str)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut body: String = fields.iter().map(part).collect();
        body.push_str("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n");
        let mut body = body.into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let mut request =
            self.request(Method::POST, path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        if path.starts_with("/api/") {
            request = request.header("x-csrf-token", &self.token);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// A few devices: one that faces the outside, one with a hostile name, one with a formula, one that is offline.
pub(crate) const DEVICES: &str = "\
Asset tag,Serial,Maker,Model,Version,Kind,Site,Ward,Owner,Exposure
T-1,S-1,Orbis Medical,Flow 300,2.1,infusion pump,Main,Surgery,Team A,outside
T-2,S-2,Orbis Medical,Flow 300,2.1,infusion pump,Main,<b>ICU</b>,,isolated
=HYPERLINK(1),S-3,Orbis Medical,Flow 300,2.1,infusion pump,Lakeside,Surgery,Team B,flat
T-4,S-4,Kestrel,Vista,8.4,patient monitor,Lakeside,Surgery,<script>alert(1)</script>,offline
";

/// A bill of materials with Log4j three levels down.
pub(crate) const SBOM: &str = r#"{
 "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "metadata": {"component": {"type": "device", "bom-ref": "top", "name": "Flow 300", "version": "2.1"}},
 "components": [
  {"type": "library", "bom-ref": "gateway", "name": "flow-gateway", "version": "2.1"},
  {"type": "library", "bom-ref": "log4j", "group": "org.apache.logging.log4j", "name": "log4j-core", "version": "2.14.1",
   "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"},
  {"type": "library", "bom-ref": "evil", "name": "<img src=x onerror=alert(1)>", "version": "1"}
 ],
 "dependencies": [
  {"ref": "top", "dependsOn": ["gateway", "evil"]},
  {"ref": "gateway", "dependsOn": ["log4j"]}
 ]}"#;

impl TestApp {
    /// A server with the few devices and the bill of materials.
    pub(crate) async fn with_devices(database: Database) -> TestApp {
        let app = TestApp::start(database).await;
        app.add_devices().await;
        app
    }

    /// Adds the few devices and the bill of materials.
    pub(crate) async fn add_devices(&self) {
        let app = self;
        let report = app.post("/api/v1/devices/import", DEVICES).await;
        assert_eq!(report.status, StatusCode::OK, "{}", report.text);
        assert_eq!(report.json()["added"], 4, "{}", report.text);
        let receipt =
            app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", SBOM).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    }
}
