//! The real program in a real browser: Debian's Chromium, headless, with the sample hospital. [`walk`] goes to every page,
//! [`journeys`] does what people do.

mod campaign;
mod incident;
mod journeys;
mod keyboard;
mod office;
mod walk;
mod workforce;

mod single_sign_on;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};

use super::app::PASSWORD;

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
    let said = tempfile::NamedTempFile::new().unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(said.reopen().unwrap()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.by_ref().find_map(|line| find(&line.unwrap()));
    // The pipe stays open and is emptied, so that the program never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    let process = Process(child);
    let found = found.unwrap_or_else(|| {
        let said = std::fs::read_to_string(said.path()).unwrap_or_default();
        panic!("{command:?} ended before it said so: {said}")
    });
    (process, found)
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
    folders: [TempDir; 2],
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
        let visit = Visit { driver, address, _processes: [server, driver_process], folders: [data, profile] };
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
        self.at(css, async |it| it.send_keys(text).await).await;
    }

    async fn press(&self, css: &str) {
        self.at(css, async |it| it.click().await).await;
    }

    /// Does something to an element; again, as long as its page is still coming or going.
    async fn at(&self, css: &str, act: impl AsyncFn(WebElement) -> WebDriverResult<()>) {
        for _ in 0..100 {
            match act(self.element(css).await).await {
                Err(error) if went_away(&error) => tokio::time::sleep(Duration::from_millis(50)).await,
                done => return done.unwrap_or_else(|error| panic!("{css}: {error}")),
            }
        }
        panic!("{css} never stands still");
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

    /// Runs the program on the same data folder and returns what it prints.
    fn run(&self, arguments: &[&str]) -> String {
        let output = bedrail(self.folders[0].path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a script and returns what it returns.
    async fn script<T: serde::de::DeserializeOwned>(&self, script: &str) -> T {
        self.driver.execute(script, Vec::new()).await.unwrap().convert().unwrap()
    }

    /// Opens the parts of the page that are folded, once an element is there, until it is seen: the page that a button leads to
    /// may still be coming.
    async fn unfold(&self, css: &str) {
        let script = format!(
            "document.querySelectorAll(\"details:has({css})\").forEach(it => it.open = true);
             return document.querySelector(\"{css}\")?.checkVisibility() === true"
        );
        self.until("it is unfolded", &script).await;
    }

    /// Sends keys to whatever has the focus.
    async fn keys(&self, keys: impl AsRef<str>) {
        self.driver.action_chain().send_keys(keys.as_ref()).perform().await.unwrap();
    }

    /// Waits until a script returns true. While the next page is coming, what a script looks for may not be there: that is not yet.
    async fn until(&self, what: &str, script: &str) {
        let mut why = String::new();
        for _ in 0..400 {
            match self.driver.execute(script, Vec::new()).await.and_then(|it| it.convert::<bool>()) {
                Ok(true) => return,
                Ok(false) => why.clear(),
                Err(error) => why = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never: {what} ({script}); at {}: {why}", self.driver.current_url().await.unwrap());
    }

    /// Somebody invited with roles comes in: the browser is theirs afterwards.
    async fn come_in_as(&self, name: &str, roles: &[&str]) {
        self.open("/people/invite").await;
        self.fill("#full_name", "Ann Example").await;
        for role in roles {
            self.press(&format!("input[name='role.{role}']")).await;
        }
        self.press("main .sheet button.first").await;
        let invitation = self.element(".handed").await.text().await.unwrap();
        self.sign_out().await;
        self.open("/invitation").await;
        self.fill("#code", &invitation).await;
        self.press("button.first").await;
        for (field, value) in [("#name", name), ("#new", PASSWORD), ("#again", PASSWORD)] {
            self.fill(field, value).await;
        }
        self.press("button.first").await;
        self.element("nav[aria-label=Places]").await;
    }

    async fn sign_out(&self) {
        self.press("form[action='/sign-out'] button").await;
        self.element("#password").await;
    }

    /// The places that the rail shows.
    async fn places(&self) -> Vec<String> {
        self.script("return [...document.querySelectorAll('nav[aria-label=Places] a')].map(a => a.getAttribute('href'))").await
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

/// Whether the page of an element was left between finding it and using it, or it is not drawn yet: nothing was done then.
fn went_away(error: &WebDriverError) -> bool {
    use WebDriverErrorInner::{ElementNotInteractable, StaleElementReference};
    matches!(error.as_inner(), StaleElementReference(_) | ElementNotInteractable(_))
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
