//! The real program in a real browser: Debian's Chromium, headless, with the sample hospital. Every route is walked
//! wide and narrow with a screenshot (`target/screenshots`) and axe-core; then a person signs in, uploads, searches.

mod single_sign_on;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bedrail::web;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};

use super::app::{PASSWORD, SBOM};
use super::second_factor::code;

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and reads its output until a line says what is looked for.
fn start<T>(command: &mut Command, mut find: impl FnMut(&str) -> Option<T>) -> (Process, T) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.by_ref().find_map(|line| find(&line.unwrap()));
    // The pipe stays open and is emptied, so that the program never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    let process = Process(child);
    (process, found.expect("the program ended before it said so"))
}

fn bedrail(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrail"));
    command.arg("--data").arg(folder).env_remove("BEDRAIL_DATA").env("BEDRAIL_ALLOW_PROVIDER", "127.0.0.1");
    command
}

/// The program with the sample hospital, a browser, and somebody signed in.
struct Visit {
    driver: WebDriver,
    address: String,
    _processes: [Process; 2],
    _folders: [TempDir; 2],
}

/// Whether a browser is there.
fn chromedriver() -> Option<PathBuf> {
    let path = Path::new("/usr/bin/chromedriver");
    if !path.exists() {
        println!("skipped: no chromedriver (scripts/install-browser-tools.sh installs it)");
        return None;
    }
    Some(path.to_owned())
}

impl Visit {
    async fn start(chromedriver: &Path) -> Visit {
        // Two TLS stacks are in the program's tree; the browser is spoken to without TLS, but the client wants one named.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (data, profile) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let loaded = bedrail(data.path()).args(["demo", "load"]).stdout(Stdio::null()).status().unwrap();
        assert!(loaded.success());
        let mut address = String::new();
        let (server, one_time) =
            start(bedrail(data.path()).args(["serve", "--listen", "127.0.0.1:0"]), |line| {
                if let Some((_, found)) = line.split_once("serves on ") {
                    address = found.trim().to_owned();
                }
                line.rsplit_once("one-time password ").map(|(_, password)| password.trim().to_owned())
            });
        let (driver_process, port) = start(Command::new(chromedriver).arg("--port=0"), |line| {
            line.rsplit_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let driver =
            WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities(profile.path())).await.unwrap();
        let visit =
            Visit { driver, address, _processes: [server, driver_process], _folders: [data, profile] };
        visit.sign_in(&one_time).await;
        visit
    }

    async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.address)).await.unwrap();
    }

    async fn element(&self, css: &str) -> WebElement {
        let query = self.driver.query(By::Css(css)).wait(Duration::from_secs(20), Duration::from_millis(50));
        query.first().await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    async fn fill(&self, css: &str, text: &str) {
        self.element(css).await.send_keys(text).await.unwrap();
    }

    async fn press(&self, css: &str) {
        self.element(css).await.click().await.unwrap();
    }

    async fn headline(&self) -> String {
        self.element("h1").await.text().await.unwrap()
    }

    async fn sign_in(&self, one_time: &str) {
        self.open("/").await;
        self.fill("#name", "admin").await;
        self.fill("#password", one_time).await;
        self.press("button.first").await;
        self.fill("#present", one_time).await;
        self.fill("#new", PASSWORD).await;
        self.fill("#again", PASSWORD).await;
        self.press("button.first").await;
        self.element("nav[aria-label=Places]").await;
    }

    /// Takes a screenshot and lets axe-core look for what keeps people out.
    async fn look(&self, name: &str, axe: Option<&str>) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        self.driver.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
        let Some(axe) = axe else { return Vec::new() };
        self.driver.execute(axe, Vec::new()).await.unwrap();
        let script = "const done = arguments[arguments.length - 1];
            axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
               .then(found => done(found.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')
                   + ' ' + n.any.concat(n.all).map(c => c.message).slice(0, 1)).join(' | '))));";
        let found = self.driver.execute_async(script, Vec::new()).await.unwrap();
        let found: Vec<String> = found.convert().unwrap();
        found.into_iter().map(|violation| format!("{name}: {violation}")).collect()
    }

    /// The address that the first link matching a selector leads to.
    async fn link(&self, page: &str, css: &str) -> String {
        self.open(page).await;
        let link = self.element(css).await.prop("href").await.unwrap().unwrap();
        link.strip_prefix(&self.address).unwrap_or(&link).to_owned()
    }

    async fn end(self) {
        self.driver.quit().await.unwrap();
    }
}

fn capabilities(profile: &Path) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let folder = format!("--user-data-dir={}", profile.display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        &folder,
    ];
    for flag in flags {
        capabilities.add_arg(flag).unwrap();
    }
    capabilities
}

fn axe() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/axe-core/axe.min.js");
    let script = std::fs::read_to_string(path).ok();
    if script.is_none() {
        println!("skipped in part: no axe-core (scripts/install-browser-tools.sh installs it)");
    }
    script
}

/// Every kind of page, as a name and an address; the ones of a single thing are found by their list.
async fn routes(visit: &Visit) -> Vec<(&'static str, String)> {
    let device = visit.link("/affected?q=CVE-2021-44228", "tbody th a").await;
    let release = visit.link("/releases?sbom=true&sort=affected&direction=descending", "tbody th a").await;
    let bare = visit.link("/releases?sbom=false", "tbody th a").await;
    let advisory = visit.link("/advisories", "tbody th a").await;
    let fixed = [
        ("today", "/"),
        ("affected-empty", "/affected"),
        ("affected", "/affected?q=CVE-2021-44228"),
        ("affected-name", "/affected?q=log4j"),
        ("affected-unknown", "/affected?q=CVE-2031-99999"),
        ("devices", "/devices"),
        ("import", "/devices/import"),
        ("releases", "/releases"),
        ("upload", "/releases/upload"),
        ("advisories", "/advisories"),
        ("data", "/data"),
        ("audit", "/audit"),
        ("people", "/people"),
        ("invite", "/people/invite"),
        ("organisation", "/organisation"),
        ("account", "/account"),
        ("second-factor", "/account/second-factor"),
        ("tokens", "/account/tokens"),
        ("invitation", "/invitation"),
        ("password", "/password"),
        ("nothing", "/nothing-here"),
    ];
    let person = visit.link("/people", "tbody th a").await;
    let sheet = format!("{device}/sheet");
    let found = [
        ("person", person),
        ("device", device),
        ("sheet", sheet),
        ("release", release),
        ("release-bare", bare),
        ("advisory", advisory),
    ];
    fixed.into_iter().map(|(name, path)| (name, path.to_owned())).chain(found).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_walked_wide_and_narrow_and_keeps_nobody_out() {
    let Some(chromedriver) = chromedriver() else { return };
    let (visit, axe) = (Visit::start(&chromedriver).await, axe());
    let mut violations = Vec::new();
    let routes = routes(&visit).await;
    for (look, theme, width, height) in
        [("wide", "light", 1366, 768), ("narrow", "light", 390, 844), ("dark", "dark", 1366, 768)]
    {
        visit.driver.set_window_rect(0, 0, width, height).await.unwrap();
        visit.open("/").await;
        visit.driver.execute(format!("document.cookie = 'theme={theme}; path=/'"), Vec::new()).await.unwrap();
        for (name, path) in &routes {
            visit.open(path).await;
            violations.extend(visit.look(&format!("{name}-{look}"), axe.as_deref()).await);
            let wider = visit
                .driver
                .execute("return document.documentElement.scrollWidth > innerWidth", Vec::new())
                .await;
            if wider.unwrap().convert::<bool>().unwrap() {
                violations.push(format!("{name}-{look}: wider than the window"));
            }
        }
    }
    visit.end().await;
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_uploads_searches_and_comes_to_the_device() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.cdx.json");
    std::fs::write(&file, SBOM).unwrap();

    visit.open("/releases/upload").await;
    for (field, value) in [("#maker", "Browser Works"), ("#model", "Flow 300"), ("#version", "2.1")] {
        visit.fill(field, value).await;
    }
    visit.fill("#file", file.to_str().unwrap()).await;
    visit.press("main .sheet button.first").await;
    visit.element("#means").await;
    assert!(visit.headline().await.contains("Browser Works Flow 300 2.1"), "{}", visit.headline().await);

    visit.fill("#q", "CVE-2021-44228\n").await;
    visit.element("#list").await;
    assert!(visit.headline().await.contains("CVE-2021-44228"), "{}", visit.headline().await);
    // The keyboard: down one row, why, then through the link to the device.
    visit.element("body").await.send_keys("").await.unwrap();
    visit.driver.execute("document.activeElement.blur()", Vec::new()).await.unwrap();
    visit.driver.action_chain().send_keys("jx").perform().await.unwrap();
    visit.element("tr.here details[open] .chain").await;
    visit.press("tr.here th a").await;
    visit.element("#facts").await;
    assert!(visit.driver.current_url().await.unwrap().path().starts_with("/devices/"));
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_comes_in_by_invitation_and_signs_in_with_a_second_factor() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/people/invite").await;
    visit.fill("#full_name", "Ann Example").await;
    visit.press("input[name='role.engineer']").await;
    visit.press("main .sheet button.first").await;
    let invitation = visit.element(".handed").await.text().await.unwrap();
    visit.press("form[action='/sign-out'] button").await;
    visit.element("#password").await;

    visit.open("/invitation").await;
    visit.fill("#code", &invitation).await;
    visit.press("button.first").await;
    for (field, value) in [("#name", "ann"), ("#new", PASSWORD), ("#again", PASSWORD)] {
        visit.fill(field, value).await;
    }
    visit.press("button.first").await;
    visit.element("nav[aria-label=Places]").await;

    visit.open("/account/second-factor").await;
    let key = visit.element("p code").await.text().await.unwrap();
    visit.fill("#code", &code(&key, -1)).await;
    visit.press("button.first").await;
    visit.element("ol.steps code").await;
    visit.press("a.first").await;
    visit.press("form[action='/sign-out'] button").await;
    visit.fill("#name", "ann").await;
    visit.fill("#password", PASSWORD).await;
    visit.press("button.first").await;
    visit.fill("#code", &code(&key, 1)).await;
    visit.press("button.first").await;
    visit.element("nav[aria-label=Places]").await;
    visit.open("/account").await;
    assert!(visit.headline().await.contains("ann, signed in at 1 place, with a second factor"));
    visit.open("/people/invite").await;
    assert!(visit.headline().await.contains("do not let you invite people"), "{}", visit.headline().await);
    visit.end().await;
}

#[test]
fn the_description_of_the_api_names_every_way_in() {
    let document = web::openapi();
    for path in ["/api/v1/affected", "/api/v1/devices/import", "/api/v1/sboms", "/api/v1/session"] {
        assert!(document.contains(path), "{path}");
    }
}
