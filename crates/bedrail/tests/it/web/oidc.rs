//! A real OpenID Connect provider (the npm package `oidc-provider`) and a browser's way through its pages.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::http::{StatusCode, header};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};

on_each_database! {
    people_come_in_by_a_real_provider,
}

/// A provider that runs until it is dropped.
pub(crate) struct RealProvider {
    process: Child,
    /// Its address.
    pub(crate) issuer: String,
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl RealProvider {
    /// Starts one that sends people back to an address. `None`, and a word about it, where it is not installed.
    pub(crate) fn start(back: &str) -> Option<RealProvider> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = here.join("../../target/test-tools");
        if !modules.join("node_modules/oidc-provider").exists() {
            println!("skipped: no oidc-provider (scripts/install-test-tools.sh installs it)");
            return None;
        }
        let mut command = Command::new("node");
        let script = here.join("tests/oidc/provider.mjs");
        command.arg(script).arg(modules.canonicalize().unwrap()).arg(back);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut lines = BufReader::new(process.stdout.take()?).lines().map_while(Result::ok);
        let issuer = lines.find_map(|line| Some(line.strip_prefix("provider at ")?.to_owned()));
        // The pipe stays open and is emptied, so that the provider never fails to write.
        std::thread::spawn(move || lines.for_each(drop));
        Some(RealProvider { process, issuer: issuer.expect("the provider says where it is") })
    }
}

/// A browser at the provider: keeps cookies, follows redirects there, stops at the one that leads elsewhere.
struct Visitor {
    client: reqwest::Client,
    cookies: Vec<(String, String)>,
    issuer: String,
}

impl Visitor {
    fn at(provider: &RealProvider) -> Visitor {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Visitor { client: client.unwrap(), cookies: Vec::new(), issuer: provider.issuer.clone() }
    }

    /// Asks for a page, sending a form where one is given; the page, or where it leads to outside.
    async fn ask(&mut self, address: &str, form: Option<String>) -> Result<(String, String), String> {
        let (mut address, mut form) = (address.to_owned(), form);
        loop {
            let request = match form.take() {
                None => self.client.get(&address),
                Some(body) => self.client.post(&address).body(body),
            };
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = request.header("cookie", cookies.join("; "));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let response = request.send().await.unwrap();
            for line in response.headers().get_all("set-cookie") {
                let pair = line.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.retain(|(held, _)| held != name);
                if !value.is_empty() {
                    self.cookies.push((name.to_owned(), value.to_owned()));
                }
            }
            if !response.status().is_redirection() {
                assert_eq!(response.status(), 200, "{address}");
                return Ok((address, response.text().await.unwrap()));
            }
            let to = response.headers()["location"].to_str().unwrap();
            address = if to.starts_with('/') { format!("{}{to}", self.issuer) } else { to.to_owned() };
            if !address.starts_with(&self.issuer) {
                return Err(address);
            }
        }
    }

    /// Signs in at the provider and agrees to everything; where the provider then sends the browser.
    async fn sign_in(&mut self, address: &str, name: &str) -> String {
        let mut asked = self.ask(address, None).await;
        loop {
            let (at, page) = match asked {
                Ok(page) => page,
                Err(back) => return back,
            };
            let form = if page.contains("name=\"password\"") {
                format!("prompt=login&login={name}&password=x")
            } else {
                "prompt=consent".to_owned()
            };
            asked = self.ask(&at, Some(form)).await;
        }
    }
}

async fn people_come_in_by_a_real_provider(database: Database) {
    let Some(provider) = RealProvider::start("http://localhost:8080/sign-in/clinic/return") else { return };
    let admin = TestApp::start(database).await;
    let wanted = json!({
        "active": true, "slug": "clinic", "name": "Clinic Login", "issuer": provider.issuer, "client_id": "bedrail",
        "client_secret": "a made-up secret of the tests", "scopes": ["profile", "email"], "claim": "groups",
        "mapping": [{ "value": "it-security", "roles": ["analyst"] }, { "value": "ward-it", "roles": ["engineer"] }],
        "newcomers": "welcome", "passwords": true
    });
    let path = "/api/v1/organisation/single-sign-on";
    let answer = admin.json(axum::http::Method::PUT, path, &wanted).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    for (name, role) in
        [("ann", Some("analyst")), ("bob", Some("engineer")), ("carol", None), ("ann", Some("analyst"))]
    {
        let mut browser = admin.stranger();
        let begun = browser.get("/sign-in/clinic/begin?next=%2Fdevices").await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
        browser.take_cookie(&begun);
        let back = Visitor::at(&provider).sign_in(begun.header(header::LOCATION), name).await;
        let back = back.strip_prefix("http://localhost:8080").unwrap_or_else(|| panic!("{back}"));
        let answer = browser.get(back).await;
        let Some(role) = role else {
            assert!(answer.text.contains("<code>no_role</code>"), "{}", answer.text);
            continue;
        };
        assert_eq!(answer.header(header::LOCATION), "/devices", "{}", answer.text);
        browser.take_cookie(&answer);
        assert_eq!(browser.get("/devices").await.status, StatusCode::OK);
        let people = admin.get("/api/v1/people").await.json();
        let person = people.as_array().unwrap().iter().find(|person| person["name"] == name).unwrap().clone();
        assert_eq!(
            (&person["grant"]["roles"], &person["mail"]),
            (&json!([role]), &json!(format!("{name}@clinic.example")))
        );
        // The provider takes a code once; so do we.
        assert!(browser.get(back).await.text.contains("sign_in_not_begun"));
    }
    assert_eq!(admin.get("/api/v1/people").await.json().as_array().unwrap().len(), 3);
}
