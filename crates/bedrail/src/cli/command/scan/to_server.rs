//! `bedrail scan … --to-server`: what was found goes to a release or a device on a server. The files stay where they are.

use std::io::{self, Write};
use std::time::Duration;

use bedrail_app::bills::{self, Target};
use bedrail_app::scan::ScanOptions;
use bedrail_app::scan::files::Inside;
use bedrail_model::text::harmless;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;

use crate::cli::args::ToServer;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::input;

/// A bill of a large disk takes a server this long.
const LONGEST: Duration = Duration::from_secs(300);
/// Devices of one answer at most.
const MOST: usize = 200;
/// Letters of an answer that nobody expected.
const SHOWN: usize = 300;

/// Where it goes.
pub(super) struct Server {
    address: Url,
    token: String,
    client: Client,
}

/// The names of a release.
#[derive(Debug, Default, Clone)]
struct Release {
    maker: Option<String>,
    model: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Devices {
    rows: Vec<Device>,
}

#[derive(Deserialize)]
struct Device {
    id: String,
    name: String,
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    asset_tag: Option<String>,
    serial: Option<String>,
    maker: Option<String>,
    model: Option<String>,
    version: Option<String>,
}

/// Checks the address and reads the token before anything is scanned.
///
/// # Errors
/// Where a token would go over the net in the open, or there is none.
pub(super) fn server(options: &ToServer) -> Result<Option<Server>, Failure> {
    let Some(text) = &options.to_server else { return Ok(None) };
    let address: Url = text.parse().map_err(|error| Failure::because("the server's address", &error))?;
    let host = address.host_str().unwrap_or_default();
    let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if address.scheme() != "https" && !(address.scheme() == "http" && here) {
        return Err(
            Failure::new("the token would travel in the open").hint("give the server's https address")
        );
    }
    let token = match (&options.token_file, std::env::var("BEDRAIL_TOKEN")) {
        (Some(file), _) => String::from_utf8_lossy(&input::read(file)?).trim().to_owned(),
        (None, Ok(token)) => token.trim().to_owned(),
        (None, Err(_)) => String::new(),
    };
    if token.is_empty() {
        return Err(Failure::new("the server wants a token").hint(
            "make one on its page Account with the right to change releases; name its file by --token-file, or put it into BEDRAIL_TOKEN",
        ));
    }
    let client = bedrail_app::client_of_operator(LONGEST)
        .map_err(|error| Failure::because("cannot call a server", &error))?;
    Ok(Some(Server { address, token, client }))
}

/// Sends what was found, and says what the server made of it.
///
/// # Errors
/// When the server refuses it, or does not know the device.
pub(super) fn send(
    server: &Server,
    options: &ToServer,
    name: &str,
    inside: &Inside,
    judging: &ScanOptions,
) -> Result<Exit, Failure> {
    let bill = bills::write(&inside.inventory, Target::CycloneDx, judging.now)?.bytes;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot call a server", &error))?;
    let answer = runtime.block_on(async {
        let release = server.release(options).await?;
        server.add(&release, name, bill).await
    })?;
    tell(&answer, inside, &mut io::stdout().lock())?;
    super::tell_warnings(&inside.inventory);
    Ok(if inside.inventory.complete() { Exit::Success } else { Exit::Incomplete })
}

fn tell(answer: &Value, inside: &Inside, out: &mut dyn Write) -> io::Result<()> {
    let text = |field: &str| harmless(answer[field].as_str().unwrap_or_default()).into_owned();
    let number = |field: &str| answer[field].as_u64().unwrap_or_default();
    if let Some(job) = answer["id"].as_str().filter(|_| answer.get("release").is_none()) {
        return writeln!(out, "Sent; the server adds it in the background, as job {}.", harmless(job));
    }
    writeln!(
        out,
        "{}: {} components of {} files; {} weaknesses affect it, of {} it cannot be told; {} devices run it.",
        text("release_name"),
        number("components"),
        inside.files,
        number("affected"),
        number("cannot_tell"),
        number("devices")
    )
}

impl Server {
    /// The release that is meant: as named, or that of a device.
    async fn release(&self, options: &ToServer) -> Result<Release, Failure> {
        let Some(wanted) = &options.device else {
            let (maker, model) = (options.maker.clone(), options.model.clone());
            return Ok(Release { maker, model, version: options.release_version.clone() });
        };
        let list = self.at("devices", &[("text", wanted.as_str()), ("limit", &MOST.to_string())])?;
        let found: Devices = serde_json::from_value(self.ask(self.client.get(list)).await?)
            .map_err(|error| Failure::because("the server's list of devices", &error))?;
        if found.rows.len() == MOST {
            return Err(Failure::new(format!("more devices are found by {wanted} than one answer has"))
                .hint("name the id of one"));
        }
        let is = |text: &Option<String>| text.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(wanted));
        let mut named = found.rows.into_iter().filter(|it| {
            it.id == *wanted || it.name == *wanted || is(&it.facts.asset_tag) || is(&it.facts.serial)
        });
        let (first, second) = (named.next(), named.next());
        match (first, second) {
            (Some(device), None) => {
                let Facts { maker, model, version, .. } = device.facts;
                Ok(Release { maker, model, version })
            }
            (None, _) => Err(Failure::new(format!("the server knows no device {wanted}"))
                .hint("name its asset tag, serial number or id as the server shows it")),
            (Some(_), Some(_)) => {
                Err(Failure::new(format!("several devices are called {wanted}")).hint("name the id of one"))
            }
        }
    }

    async fn add(&self, release: &Release, name: &str, bill: Vec<u8>) -> Result<Value, Failure> {
        let file_name = format!("{name}, scanned.cdx.json");
        let names = [("maker", &release.maker), ("model", &release.model), ("version", &release.version)];
        let mut query: Vec<(&str, &str)> =
            names.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect();
        query.push(("file_name", &file_name));
        let asked = self.client.post(self.at("sboms", &query)?);
        self.ask(asked.header("content-type", "application/octet-stream").body(bill)).await
    }

    fn at(&self, part: &str, query: &[(&str, &str)]) -> Result<Url, Failure> {
        let base = self.address.as_str().trim_end_matches('/');
        Url::parse_with_params(&format!("{base}/api/v1/{part}"), query)
            .map_err(|error| Failure::because("the server's address", &error))
    }

    /// Sends a request; what the server refuses is told in its own words.
    async fn ask(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let failed = |error: reqwest::Error| Failure::because("the server", &error.without_url());
        let answer = request.bearer_auth(&self.token).send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        if status.is_success() {
            return json.ok_or_else(|| Failure::new("the server's answer is not of Bedrail"));
        }
        let said = json.as_ref().and_then(|it| it["detail"].as_str().or(it["title"].as_str()));
        let said = said.map_or_else(|| text.chars().take(SHOWN).collect(), str::to_owned);
        let failure = Failure::new(format!("the server refused it ({status}): {}", harmless(&said)));
        Err(match status {
            StatusCode::UNAUTHORIZED => failure.hint("is the token right, and not expired?"),
            StatusCode::FORBIDDEN => failure.hint("the token needs the right to change releases"),
            _ => failure,
        })
    }
}
