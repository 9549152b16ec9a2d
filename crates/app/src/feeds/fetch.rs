//! Fetches feeds from their public addresses, or from internal mirrors of them.
//!
//! A feed is asked for only if it changed since (`ETag`, `Last-Modified`). It is written aside and counts only when it has the
//! length that the server stated; a connection that breaks is taken up again where it broke, while the server still has the
//! same file. Nothing here touches what is held.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Response, StatusCode};

use super::error::FeedError;
use super::folder::{DataDir, digest_of};
use super::manifest::{Held, Manifest};
use super::sources::{Need, PUBLIC, SOURCES, Source, SourceKind};
use super::update::{Candidate, Fetched, Progress};

/// Sources fetched at the same time: they are on different servers, or on one made for much more.
const AT_ONCE: usize = 4;
/// How often a broken connection is taken up again.
const RETRIES: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest silence in the middle of a download.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest OSV zip has 250 MB today.
const OSV_LIMIT: u64 = 4 << 30;
/// KEV has 2 MB and EPSS 3 MB today.
const SIDE_LIMIT: u64 = 256 << 20;

/// Where the public sources are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// OSV: below it are `Maven/all.zip` and so on.
    pub osv: String,
    /// KEV: below it is `known_exploited_vulnerabilities.json`.
    pub kev: String,
    /// EPSS: below it is `epss_scores-current.csv.gz`.
    pub epss: String,
}

impl Addresses {
    /// The public addresses, each replaced by what its environment variable names ([`PUBLIC`]).
    pub fn from_env() -> Addresses {
        let of = |wanted: SourceKind| {
            let row = PUBLIC.iter().find(|(kind, ..)| *kind == wanted);
            row.map_or_else(String::new, |(_, variable, public)| {
                std::env::var(variable)
                    .ok()
                    .filter(|address| !address.is_empty())
                    .unwrap_or_else(|| (*public).to_owned())
            })
        };
        Addresses { osv: of(SourceKind::Osv), kev: of(SourceKind::Kev), epss: of(SourceKind::Epss) }
    }

    fn url(&self, source: &Source) -> String {
        let base = match source.kind {
            SourceKind::Osv => &self.osv,
            SourceKind::Kev => &self.kev,
            SourceKind::Epss => &self.epss,
        };
        format!("{}/{}", base.trim_end_matches('/'), source.path)
    }
}

/// Fetches all sources.
pub(crate) async fn from_public(
    dir: &DataDir,
    held: &Manifest,
    addresses: &Addresses,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Fetched, FeedError> {
    let client = client()?;
    let fetches = SOURCES.iter().map(|source| {
        let job = Fetch { client: &client, dir, source, held: held.sources.get(source.name), progress };
        let url = addresses.url(source);
        async move { (source, job.run(&url).await) }
    });
    // Boxed one by one: the futures borrow, and a stream of them would otherwise not be `Send`.
    let fetches: Vec<futures_util::future::BoxFuture<'_, _>> =
        fetches.map(|fetch| Box::pin(fetch) as futures_util::future::BoxFuture<'_, _>).collect();
    let results: Vec<(&'static Source, Result<Option<Candidate>, String>)> =
        stream::iter(fetches).buffer_unordered(AT_ONCE).collect().await;
    let mut fetched = Fetched::default();
    for (source, result) in results {
        match result {
            Ok(Some(candidate)) => fetched.candidates.push(candidate),
            Ok(None) => fetched.unchanged.push(source),
            Err(why) => fetched.failed.push((source, why)),
        }
    }
    Ok(fetched)
}

/// Names the one library that TLS computes with.
pub(crate) fn install_provider() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another part of the program may have installed it already; it is the same one.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn client() -> Result<Client, FeedError> {
    install_provider();
    let client = Client::builder()
        .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .redirect(reqwest::redirect::Policy::limited(5))
        .build();
    client.map_err(|error| FeedError::NothingFetched(words(&error)))
}

struct Fetch<'f> {
    client: &'f Client,
    dir: &'f DataDir,
    source: &'static Source,
    held: Option<&'f Held>,
    progress: &'f (dyn Fn(Progress) + Send + Sync),
}

/// A download under way.
struct Part {
    path: PathBuf,
    file: File,
    bytes: u64,
    total: Option<u64>,
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Fetch<'_> {
    /// `None` where the server has what is held.
    async fn run(&self, url: &str) -> Result<Option<Candidate>, String> {
        let response = self.ask(url).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        if !response.status().is_success() {
            let kind =
                if self.source.need == Need::Welcome { " (not every installation has it)" } else { "" };
            return Err(format!("{url} answered {}{kind}", response.status()));
        }
        let mut part = self.begin(&response)?;
        let mut outcome = self.receive(response, &mut part).await;
        for _ in 0..RETRIES {
            if outcome.is_ok() || !part.resumable() {
                break;
            }
            outcome = self.resume(url, &mut part).await;
        }
        outcome?;
        part.file.sync_all().map_err(|error| error.to_string())?;
        let (sha256, bytes) = digest_of(&part.path).map_err(|error| error.to_string())?;
        let Part { path, etag, last_modified, .. } = part;
        Ok(Some(Candidate { source: self.source, path, sha256, bytes, etag, last_modified }))
    }

    async fn ask(&self, url: &str) -> Result<Response, String> {
        let mut request = self.client.get(url);
        if let Some(held) = self.held {
            if let Some(etag) = &held.etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            } else if let Some(date) = &held.last_modified {
                request = request.header(header::IF_MODIFIED_SINCE, date);
            }
        }
        request.send().await.map_err(|error| words(&error))
    }

    fn begin(&self, response: &Response) -> Result<Part, String> {
        let limit = self.limit();
        let total = response.content_length();
        if total.is_some_and(|total| total > limit) {
            return Err(format!("it has more than {limit} bytes and was not fetched"));
        }
        let name = self.source.name.replace('/', "-");
        let path = self.dir.incoming().join(format!("{name}.part"));
        fs::create_dir_all(self.dir.incoming()).map_err(|error| error.to_string())?;
        let file = File::create(&path).map_err(|error| error.to_string())?;
        let etag = text(response.headers(), header::ETAG);
        let last_modified = text(response.headers(), header::LAST_MODIFIED);
        Ok(Part { path, file, bytes: 0, total, etag, last_modified })
    }

    /// Writes what comes; an error where the stream breaks off or ends too early.
    async fn receive(&self, response: Response, part: &mut Part) -> Result<(), String> {
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| words(&error))?;
            part.bytes += chunk.len() as u64;
            if part.bytes > self.limit() {
                part.etag = None;
                return Err(format!("it has more than {} bytes; fetching was stopped", self.limit()));
            }
            part.file.write_all(&chunk).map_err(|error| error.to_string())?;
            let source = self.source.name.to_owned();
            (self.progress)(Progress::Fetching { source, bytes: part.bytes, total: part.total });
        }
        match part.total {
            Some(total) if total != part.bytes => {
                Err(format!("the download was cut off: {} of {total} bytes came", part.bytes))
            }
            _ => Ok(()),
        }
    }

    /// Goes on where the download broke, if the server still has the same file.
    async fn resume(&self, url: &str, part: &mut Part) -> Result<(), String> {
        let etag = part.etag.clone().unwrap_or_default();
        let range = format!("bytes={}-", part.bytes);
        let request = self.client.get(url).header(header::RANGE, range).header(header::IF_RANGE, etag);
        let response = request.send().await.map_err(|error| words(&error))?;
        if response.status() != StatusCode::PARTIAL_CONTENT {
            part.etag = None;
            return Err(format!("the download was cut off after {} bytes", part.bytes));
        }
        self.receive(response, part).await
    }

    const fn limit(&self) -> u64 {
        if self.source.is_osv() { OSV_LIMIT } else { SIDE_LIMIT }
    }
}

impl Part {
    /// Whether going on can be told from starting with another file: only by a strong tag (RFC 9110 §13.1.5).
    fn resumable(&self) -> bool {
        self.total.is_some_and(|total| self.bytes < total)
            && self.etag.as_deref().is_some_and(|etag| etag.starts_with('"'))
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// An error with its causes on one line, without the address, which may hold a password.
pub(crate) fn words(error: &reqwest::Error) -> String {
    let mut words = match error.status() {
        Some(status) => format!("the server answered {status}"),
        None if error.is_timeout() => "the server did not answer in time".to_owned(),
        None if error.is_connect() => "the server cannot be reached".to_owned(),
        None => "the connection broke".to_owned(),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}
