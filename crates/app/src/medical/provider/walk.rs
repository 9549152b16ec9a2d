//! The way through what a provider offers, from its metadata to the list of its documents.

use std::collections::{HashMap, HashSet, VecDeque};

use bedrail_formats::csaf::provider::{self, Distribution, Provider};
use bedrail_formats::limits::Limits;
use bedrail_model::product_advisory::Tlp;
use reqwest::Url;

use super::way::Way;

pub(super) use bedrail_formats::csaf::provider::Entry;

/// Metadata of a provider is a few kilobytes.
const METADATA: u64 = 1 << 20;
/// A page of a feed with tens of thousands of entries.
const PAGE: u64 = 64 << 20;
/// Pages of all feeds together.
const PAGES: usize = 500;
/// Documents of one provider.
const ENTRIES: usize = 100_000;

/// A walk under way.
pub(super) struct Walk<'w> {
    way: &'w Way,
    pub(super) provider: Provider,
    /// What was not read, with the reason.
    pub(super) problems: Vec<(String, String)>,
    found: HashMap<String, Entry>,
}

impl<'w> Walk<'w> {
    /// Reads the metadata.
    ///
    /// # Errors
    /// In words: it is not to be had, or cannot be read.
    pub(super) async fn begin(way: &'w Way, url: &str) -> Result<Walk<'w>, String> {
        let bytes = way.get(url, METADATA).await?;
        let provider =
            provider::read_provider(&bytes, &Limits::default()).map_err(|error| error.to_string())?;
        let lost = provider.warnings.iter().filter(|it| it.lost);
        let problems = lost.map(|it| (url.to_owned(), format!("{}: {}", it.place, it.message))).collect();
        Ok(Walk { way, provider, problems, found: HashMap::new() })
    }

    /// All documents that may be read by everybody here, each once.
    pub(super) async fn entries(&mut self) -> Vec<Entry> {
        let mut feeds = std::mem::take(&mut self.provider.feeds);
        for url in std::mem::take(&mut self.provider.services) {
            match self.read(&url, |bytes| provider::read_services(bytes, &Limits::default())).await {
                // A service lists the feeds that the metadata has, as a rule.
                Some(listed) => feeds.extend(listed),
                None => continue,
            }
        }
        self.read_feeds(feeds).await;
        for directory in std::mem::take(&mut self.provider.directories) {
            if self.may_read(&directory) {
                self.read_directory(&directory.url).await;
            }
        }
        let mut entries: Vec<Entry> = std::mem::take(&mut self.found).into_values().collect();
        // The newest first: what a run does not come to is the oldest.
        entries.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.url.cmp(&b.url)));
        entries
    }

    fn may_read(&mut self, place: &Distribution) -> bool {
        let free = matches!(place.tlp, Tlp::Clear | Tlp::Unstated | Tlp::Green);
        if !free {
            let why = format!("it is marked {}, and is not read", place.tlp);
            self.problems.push((place.url.clone(), why));
        }
        free
    }

    /// The pages of feeds, each once, wherever they lead.
    async fn read_feeds(&mut self, feeds: Vec<Distribution>) {
        let mut marks: HashMap<String, Tlp> = HashMap::new();
        // A feed that one place marks and another does not is marked.
        for feed in &feeds {
            let mark = marks.entry(feed.url.clone()).or_default();
            *mark = (*mark).max(feed.tlp);
        }
        let mut seen: HashSet<String> = HashSet::new();
        let first = feeds.into_iter().map(|it| it.url).filter(|url| seen.insert(url.clone()));
        let mut waiting: VecDeque<String> = first.collect();
        let mut read = 0;
        while let Some(url) = waiting.pop_front() {
            let tlp = marks.get(&url).copied().unwrap_or_default();
            if !self.may_read(&Distribution { url: url.clone(), tlp }) {
                continue;
            }
            if read == PAGES {
                self.problems
                    .push((url, format!("feeds have more than {PAGES} pages; the rest was not read")));
                return;
            }
            read += 1;
            let page = self.read(&url, |bytes| provider::read_feed(bytes, &Limits::default())).await;
            let Some(page) = page else { continue };
            let lost = page.warnings.iter().filter(|it| it.lost);
            self.problems.extend(lost.map(|it| (url.clone(), format!("{}: {}", it.place, it.message))));
            if !self.take(&url, page.entries) {
                return;
            }
            match page.next.and_then(|next| joined(&url, &next)) {
                Some(next) if seen.insert(next.clone()) => waiting.push_back(next),
                Some(next) => {
                    let why = format!("the feed leads back to {next}, which was read; it was not followed");
                    self.problems.push((url, why));
                }
                None => {}
            }
        }
    }

    async fn read_directory(&mut self, directory: &str) {
        let changes = format!("{directory}changes.csv");
        let entries = match self.way.get(&changes, PAGE).await {
            Ok(bytes) => provider::read_changes(&String::from_utf8_lossy(&bytes), directory),
            Err(first) => match self.way.get(&format!("{directory}index.txt"), PAGE).await {
                Ok(bytes) => provider::read_index(&String::from_utf8_lossy(&bytes), directory),
                Err(second) => {
                    let why = format!("neither changes.csv ({first}) nor index.txt ({second}) is to be had");
                    self.problems.push((directory.to_owned(), why));
                    return;
                }
            },
        };
        self.take(directory, entries);
    }

    /// Takes entries; `false` where there are too many.
    fn take(&mut self, from: &str, entries: Vec<Entry>) -> bool {
        for entry in entries {
            let Some(url) = joined(from, &entry.url) else {
                self.problems.push((from.to_owned(), format!("`{}` is no address", entry.url)));
                continue;
            };
            if self.found.len() == ENTRIES && !self.found.contains_key(&url) {
                self.problems.push((from.to_owned(), format!("more than {ENTRIES} documents are listed")));
                return false;
            }
            let hashes = entry.hashes.iter().filter_map(|it| joined(from, it)).collect();
            let entry = Entry { url: url.clone(), hashes, ..entry };
            // Of two lists, the one with a time says more.
            let known = self.found.entry(url).or_insert_with(|| entry.clone());
            if known.updated < entry.updated {
                *known = entry;
            }
        }
        true
    }

    async fn read<T>(
        &mut self,
        url: &str,
        read: impl FnOnce(&[u8]) -> Result<T, bedrail_formats::csaf::CsafError>,
    ) -> Option<T> {
        let found = match self.way.get(url, PAGE).await {
            Ok(bytes) => read(&bytes).map_err(|error| error.to_string()),
            Err(why) => Err(why),
        };
        found.inspect_err(|why| self.problems.push((url.to_owned(), why.clone()))).ok()
    }
}

/// An address as seen from another.
fn joined(from: &str, to: &str) -> Option<String> {
    let url = Url::parse(from).ok()?.join(to).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.to_string())
}
