//! Fetches feeds from their public addresses, or from internal mirrors of them.
//!
//! A feed is asked for only if it changed since (`ETag`, `Last-Modified`). It is written aside and counts only when it has the
//! length that the server stated. A download that breaks is taken up again where it broke, by this run or a later one, while
//! the server still has the same file. A server that is busy is asked again later and later, and not before it says. Nothing
//! here touches what is held.

mod part;
mod polite;
pub(crate) mod single;

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};

use self::part::{Part, Place};
use super::error::FeedError;
use super::folder::{DataDir, digest_of};
use super::manifest::Manifest;
use super::sources::{Need, PUBLIC, SOURCES, Source, SourceKind};
use super::update::{Candidate, Fetched, Progress};
use crate::outside::{Private, Reach};

/// Sources fetched at the same time: they are on different servers, or on one made for much more.
const AT_ONCE: usize = 4;
/// How often a source is asked in one run, where the connection breaks or the server is busy.
const TRIES: u32 = 5;
/// The longest that a run waits before it asks again; a server that wants more is asked by a later run.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest silence in the middle of a download.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How often an address may lead on to another.
const REDIRECTS: usize = 5;
/// The largest OSV zip has 250 MB today, the largest year of NVD 20 MB.
const FEED_LIMIT: u64 = 4 << 30;
/// KEV has 2 MB and EPSS 3 MB today.
const SIDE_LIMIT: u64 = 256 << 20;
/// What is said of a private address that nobody named.
const PRIVATE: &str = "the address is on a private network; a mirror in the house is named by BEDRAIL_OSV_URL, BEDRAIL_NVD_URL, BEDRAIL_KEV_URL and BEDRAIL_EPSS_URL";

/// Where the public sources are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// OSV: below it are `Maven/all.zip` and so on.
    pub osv: String,
    /// NVD: below it are `nvdcve-2.0-2024.json.gz` and so on.
    pub nvd: String,
    /// Configurations for what NVD has not looked at: below it is `zip/refs/heads/main`.
    pub nvd_overrides: String,
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
        Addresses {
            osv: of(SourceKind::Osv),
            nvd: of(SourceKind::Nvd),
            nvd_overrides: of(SourceKind::NvdOverrides),
            kev: of(SourceKind::Kev),
            epss: of(SourceKind::Epss),
        }
    }

    /// Hosts that whoever runs the installation named: these may be in the house.
    fn own_hosts(&self) -> Vec<String> {
        let rows = [
            (SourceKind::Osv, &self.osv),
            (SourceKind::Nvd, &self.nvd),
            (SourceKind::NvdOverrides, &self.nvd_overrides),
            (SourceKind::Kev, &self.kev),
            (SourceKind::Epss, &self.epss),
        ];
        let named = rows
            .into_iter()
            .filter(|(kind, address)| !PUBLIC.iter().any(|(of, _, public)| of == kind && public == address));
        named.filter_map(|(_, address)| host_of(address)).collect()
    }

    fn url(&self, source: &Source) -> String {
        let base = match source.kind {
            SourceKind::Osv => &self.osv,
            SourceKind::Nvd => &self.nvd,
            SourceKind::NvdOverrides => &self.nvd_overrides,
            SourceKind::Kev => &self.kev,
            SourceKind::Epss => &self.epss,
        };
        format!("{}/{}", base.trim_end_matches('/'), source.path)
    }
}

/// How sources are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// When the run began.
    pub(crate) now: Timestamp,
    /// The first pause before a source is asked again.
    pub(crate) pause: Duration,
}

/// Fetches all sources.
pub(crate) async fn from_public(
    dir: &DataDir,
    held: &Manifest,
    addresses: &Addresses,
    manner: Manner,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Fetched, FeedError> {
    let client = client(addresses)?;
    let fetches = SOURCES.iter().map(|source| {
        let held = held.sources.get(source.name);
        let place = Place::of(dir, source.name);
        let held = held.map_or_else(Tags::default, |it| Tags::of(&it.etag, &it.last_modified));
        let limit = if source.has_advisories() { FEED_LIMIT } else { SIDE_LIMIT };
        let welcome = source.need == Need::Welcome;
        let fetch =
            Fetch { client: &client, place, name: source.name, limit, welcome, held, manner, progress };
        let url = addresses.url(source);
        let candidate = move |it: Got| {
            let Got { path, sha256, bytes, tags: Tags { etag, last_modified } } = it;
            Candidate { source, path, sha256, bytes, etag, last_modified }
        };
        // Boxed one by one: the futures borrow, and a stream of them would otherwise not be `Send`.
        async move { (source, fetch.run(&url).await.map(|it| it.map(candidate))) }.boxed()
    });
    let fetches: Vec<_> = fetches.collect();
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

fn client(addresses: &Addresses) -> Result<Client, FeedError> {
    let mut spared = addresses.own_hosts();
    spared.extend(proxies());
    client_within(&Reach { private: Private::Hosts(spared), refusal: PRIVATE })
}

/// Hosts of proxies: they look names up by themselves, and are in the house as a rule.
fn proxies() -> impl Iterator<Item = String> {
    let named = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].into_iter();
    let variables = named.flat_map(|name| [name.to_owned(), name.to_lowercase()]);
    variables.filter_map(|name| std::env::var(name).ok()).filter_map(|address| host_of(&address))
}

fn client_within(reach: &Reach) -> Result<Client, FeedError> {
    install_provider();
    let (on_the_way, resolver) = (reach.clone(), reach.resolver());
    let client = Client::builder()
        .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .redirect(Policy::custom(move |attempt| follow(&on_the_way, attempt)))
        .dns_resolver(resolver)
        .build();
    client.map_err(|error| FeedError::NothingFetched(words(&error)))
}

/// Goes where an address leads on to: a few times, never from TLS to none, never into the house.
fn follow(reach: &Reach, attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let from_tls = attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > REDIRECTS {
        attempt.error("it leads on from one address to the next without end")
    } else if from_tls && attempt.url().scheme() != "https" {
        attempt.error("it leads on to an address without TLS")
    } else if let Err(refusal) = reach.check(attempt.url()) {
        attempt.error(refusal)
    } else {
        attempt.follow()
    }
}

fn host_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
}

/// What a server gave to know a file again by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Tags {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Tags {
    fn of(etag: &Option<String>, last_modified: &Option<String>) -> Tags {
        Tags { etag: etag.clone(), last_modified: last_modified.clone() }
    }

    const fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// A file as it came.
struct Got {
    path: PathBuf,
    sha256: String,
    bytes: u64,
    tags: Tags,
}

struct Fetch<'f> {
    client: &'f Client,
    place: Place,
    /// What it is called while it comes.
    name: &'f str,
    /// Bytes at most.
    limit: u64,
    /// Whether many installations do without it.
    welcome: bool,
    /// Of what is held already.
    held: Tags,
    manner: Manner,
    progress: &'f (dyn Fn(Progress) + Send + Sync),
}

/// Why a source was not had this time.
enum Trouble {
    /// Asking again cannot help.
    Final(String),
    /// It may help, not before a while where the server says so.
    Later(String, Option<SignedDuration>),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Trouble {
        Trouble::Final(error.to_string())
    }
}

impl Fetch<'_> {
    /// `None` where the server has what is held.
    async fn run(&self, url: &str) -> Result<Option<Got>, String> {
        if let Some(until) = self.place.not_before().filter(|until| *until > self.manner.now) {
            return Err(format!("the server asked to be left alone until {}", polite::minute(until)));
        }
        let mut tries = 1;
        loop {
            let (why, wait) = match self.attempt(url).await {
                Ok(got) => return Ok(got),
                Err(Trouble::Final(why)) => return Err(why),
                Err(Trouble::Later(why, wait)) => (why, wait),
            };
            if let Some(wait) = wait.filter(|wait| *wait > PATIENCE) {
                let until = self.manner.now + wait;
                self.place.leave_alone(until).map_err(|error| error.to_string())?;
                let until = polite::minute(until);
                return Err(format!("{why}; the server asks to be left alone until {until}"));
            }
            if tries == TRIES {
                return Err(why);
            }
            tokio::time::sleep(polite::pause(tries, self.manner.pause, wait)).await;
            tries += 1;
        }
    }

    async fn attempt(&self, url: &str) -> Result<Option<Got>, Trouble> {
        let mut part = self.place.left(url)?;
        let mut request = self.client.get(url);
        let held = Some(&self.held).filter(|held| part.is_none() && !held.is_empty());
        // Without having been asked for what changed, a server that says that nothing did means something else.
        let asked = held.is_some();
        if let Some(part) = &part {
            request = request
                .header(header::RANGE, format!("bytes={}-", part.bytes))
                .header(header::IF_RANGE, part.tag());
        } else if let Some(etag) = held.and_then(|held| held.etag.as_ref()) {
            request = request.header(header::IF_NONE_MATCH, etag);
        } else if let Some(date) = held.and_then(|held| held.last_modified.as_ref()) {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        let response = request.send().await.map_err(|error| broken(&error))?;
        match response.status() {
            StatusCode::OK => part = None,
            StatusCode::PARTIAL_CONTENT if part.as_ref().is_some_and(|part| part.goes_on(&response)) => {}
            StatusCode::NOT_MODIFIED if asked => return Ok(None),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if part.is_some() => {
                self.place.forget();
                let why = "the server did not go on where the download broke";
                return Err(Trouble::Later(why.to_owned(), None));
            }
            status => return Err(self.refused(url, status, response.headers())),
        }
        let part = match part {
            Some(part) => part,
            None => self.begin(url, &response)?,
        };
        self.receive(response, part).await.map(Some)
    }

    /// An answer without the file.
    fn refused(&self, url: &str, status: StatusCode, headers: &HeaderMap) -> Trouble {
        let url = url.split_once('@').map_or(url, |(_, after)| after);
        let kind = if self.welcome { " (not every installation has it)" } else { "" };
        let why = format!("{url} answered {status}{kind}");
        match status.as_u16() {
            408 | 425 | 429 | 500..=599 => Trouble::Later(why, polite::retry_after(headers, self.manner.now)),
            _ => Trouble::Final(why),
        }
    }

    fn begin(&self, url: &str, response: &Response) -> Result<Part, Trouble> {
        let limit = self.limit;
        let total = response.content_length();
        if total.is_some_and(|total| total > limit) {
            return Err(Trouble::Final(format!("it has more than {limit} bytes and was not fetched")));
        }
        let etag = text(response.headers(), header::ETAG);
        let last_modified = text(response.headers(), header::LAST_MODIFIED);
        Ok(self.place.begin(url, total, etag, last_modified)?)
    }

    /// Writes what comes, up to the end that the server stated.
    async fn receive(&self, response: Response, mut part: Part) -> Result<Got, Trouble> {
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| broken(&error))?;
            if part.bytes + chunk.len() as u64 > part.total.unwrap_or(self.limit) {
                self.place.forget();
                let stated = if part.total.is_some() { "the server stated" } else { "are fetched at most" };
                let limit = part.total.unwrap_or(self.limit);
                return Err(Trouble::Final(format!("more bytes came than the {limit} that {stated}")));
            }
            part.take(&chunk)?;
            let source = self.name.to_owned();
            (self.progress)(Progress::Fetching { source, bytes: part.bytes, total: part.total });
        }
        if let Some(total) = part.total.filter(|total| *total != part.bytes) {
            let why = format!("the download was cut off: {} of {total} bytes came", part.bytes);
            return Err(Trouble::Later(why, None));
        }
        part.file.sync_all()?;
        let path = self.place.path().to_owned();
        let (sha256, bytes) = digest_of(&path).map_err(|error| Trouble::Final(error.to_string()))?;
        let Part { etag, last_modified, .. } = part;
        Ok(Got { path, sha256, bytes, tags: Tags { etag, last_modified } })
    }
}

fn broken(error: &reqwest::Error) -> Trouble {
    let why = words(error);
    // What is refused on our side, or makes no sense, stays so.
    if error.is_redirect() || error.is_builder() || why.contains(PRIVATE) || why.contains(single::PRIVATE) {
        return Trouble::Final(why);
    }
    Trouble::Later(why, None)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// An error with its causes on one line, without the address, which may hold a password.
pub(crate) fn words(error: &reqwest::Error) -> String {
    let mut words = match error.status() {
        Some(status) => format!("the server answered {status}"),
        None if error.is_redirect() => "it is not fetched from where it leads to".to_owned(),
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
