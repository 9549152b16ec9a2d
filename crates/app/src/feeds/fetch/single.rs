//! Single small files from servers that are named by an administrator, not by our table of sources: the same care in asking, the
//! same limits, and nothing in the house but what whoever runs the installation named.

use std::fs;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Url};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::part::{Place, rest_until};
use super::{Fetch, Got, Manner, Tags, client_within, proxies};
use crate::feeds::error::FeedError;
use crate::feeds::folder::DataDir;
use crate::outside::{Private, Reach};

/// What is said of a private address that nobody named.
pub(super) const PRIVATE: &str =
    "the address is on a private network; a provider in the house is named by BEDRAIL_CSAF_HOSTS";
/// What the names of these files begin with while they come.
pub(crate) const PREFIX: &str = "csaf-";
/// The longest that one file may take, however slowly it drips.
const LONGEST: Duration = Duration::from_secs(600);
/// What is older than this is of a run that died: no run takes so long.
const LEFT_OVER: SignedDuration = SignedDuration::from_hours(2);

/// A file as it came.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) content: Vec<u8>,
    /// By which the server knows it again; empty where it gave nothing.
    pub(crate) tag: String,
}

/// Fetches files one by one.
#[derive(Debug)]
pub(crate) struct Single {
    client: Client,
    dir: DataDir,
    hosts: Vec<String>,
    manner: Manner,
    /// What the files of this run are called by.
    run: String,
}

impl Single {
    /// `hosts` may be in the house, and may speak without TLS.
    pub(crate) fn new(
        dir: DataDir,
        hosts: Vec<String>,
        now: Timestamp,
        pause: Duration,
    ) -> Result<Single, FeedError> {
        let spared = hosts.iter().cloned().chain(proxies()).collect();
        let client = client_within(&Reach { private: Private::Hosts(spared), refusal: PRIVATE })?;
        let single = Single {
            client,
            dir,
            hosts,
            manner: Manner { now, pause },
            run: Uuid::now_v7().simple().to_string(),
        };
        single.clean(|name, age| {
            // What a server asked for is kept as long as it holds.
            if name.ends_with(".rest") { age.is_some() } else { age.is_some_and(|age| age > LEFT_OVER) }
        });
        Ok(single)
    }

    /// Removes files of providers by their name and their age in the time of this run; none for a rest that still holds.
    fn clean(&self, goes: impl Fn(&str, Option<SignedDuration>) -> bool) {
        let folder = self.dir.incoming();
        let Ok(listed) = fs::read_dir(&folder) else { return };
        for entry in listed.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with(PREFIX) {
                continue;
            }
            let changed = || Timestamp::try_from(entry.metadata().ok()?.modified().ok()?).ok();
            let holds = name.ends_with(".rest")
                && rest_until(&entry.path()).is_some_and(|until| until > self.manner.now);
            let age = if holds { None } else { changed().map(|at| self.manner.now.duration_since(at)) };
            if goes(&name, age) {
                // What cannot be removed now is removed by a later run.
                _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The bytes at an address, at most so many, with the tag by which the server knows them again; `None` where the server
    /// says that it has what `tag` was given for.
    ///
    /// # Errors
    /// In words for people: it is not to be had, is too large, or is not asked for.
    pub(crate) async fn get(
        &self,
        url: &str,
        limit: u64,
        tag: Option<&str>,
    ) -> Result<Option<Answered>, String> {
        self.check(url)?;
        // The name of what is under way; neither two addresses nor two runs share one.
        let name = format!("{PREFIX}{}", &hex::encode(Sha256::digest(url.as_bytes()))[..24]);
        let place = Place::of_run(&self.dir, &name, &self.run);
        let fetch = Fetch {
            client: &self.client,
            place,
            name: url,
            limit,
            welcome: false,
            held: tag.map_or_else(Tags::default, tags_of),
            manner: self.manner,
            progress: &|_| (),
        };
        let got = tokio::time::timeout(LONGEST, fetch.run(url)).await;
        let got = got.map_err(|_| format!("it did not come within {} minutes", LONGEST.as_secs() / 60))??;
        let Some(Got { path, tags, .. }) = got else { return Ok(None) };
        let content = fs::read(&path).map_err(|error| error.to_string())?;
        fetch.place.forget();
        Ok(Some(Answered { content, tag: tag_of(&tags) }))
    }

    /// Refuses an address that may not be asked for, before it is.
    fn check(&self, url: &str) -> Result<(), String> {
        let parsed = Url::parse(url).map_err(|error| format!("`{url}` is no address: {error}"))?;
        let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
        let named = self.hosts.iter().any(|it| it.eq_ignore_ascii_case(&host));
        match parsed.scheme() {
            "https" => {}
            "http" if named => {}
            _ => return Err(format!("`{url}` is not asked for: it has no TLS")),
        }
        let reach = Reach { private: Private::Hosts(self.hosts.clone()), refusal: PRIVATE };
        reach.check(&parsed)
    }
}

impl Drop for Single {
    /// What broke off is not gone on with by another run.
    fn drop(&mut self) {
        self.clean(|name, _| name.contains(&self.run));
    }
}

/// What a server gave, in one text: `ETag` and its value, else `Last-Modified` and the date.
fn tag_of(tags: &Tags) -> String {
    match (&tags.etag, &tags.last_modified) {
        (Some(etag), _) => format!("etag {etag}"),
        (None, Some(date)) => format!("date {date}"),
        (None, None) => String::new(),
    }
}

fn tags_of(tag: &str) -> Tags {
    let value = |kind: &str| tag.strip_prefix(kind).map(str::to_owned);
    Tags { etag: value("etag "), last_modified: value("date ") }
}
