//! What the firewall says of itself in a file: `report.json`, beside its events, for a server that has no way into this process.
//!
//! The report holds the status of the proxy, its rule sets, the last words on them with their numbers, and what probes of each
//! family of weaknesses showed at each site. Probes are harmless requests that are judged as any other and end in a sink: the
//! device receives nothing. They are sent anew when the rule set or the mode of a site changes, and every six hours.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrail_waf_rules::disk::Shelf;
use bedrail_waf_rules::patches::{FAMILIES, Family};
use bedrail_waf_rules::request::Request;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::control::{Control, ProxyStatus, SiteStatus};
use crate::log;
use crate::look::Looked;
use crate::overview::{Overview, overview};
use crate::{RulesError, io, put};

/// The file beside the events.
pub const FILE: &str = "report.json";
/// The format of the file.
const FORMAT: u32 = 1;
/// Between two reports.
const PAUSE: Duration = Duration::from_secs(10);
/// Seconds after which a site is probed anew.
const AGAIN: i64 = 6 * 3600;
/// Families that are probed between two reports.
const AT_ONCE: usize = 3;
/// Requests of one probe.
const REQUESTS: usize = 100;
/// Words kept in the report.
const WORDS: usize = 200;
/// Names of requests that nothing objected to.
const MISSED: usize = 5;

/// What probes showed of a family of weaknesses at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shield {
    /// The key of the site.
    pub site: String,
    /// The key of the family.
    pub family: &'static str,
    /// The rule set that decided.
    pub rule_set: String,
    /// The mode of the site.
    pub mode: String,
    /// When.
    pub at: Timestamp,
    /// Requests.
    pub probes: u64,
    /// Of these, refused.
    pub stopped: u64,
    /// Of these, rules object, whatever the mode does about it.
    pub objected: u64,
    /// Names of some that nothing objected to.
    pub missed: Vec<String>,
}

/// A word on rule sets with its number.
#[derive(Debug, Clone, Serialize)]
struct Numbered {
    number: u64,
    #[serde(flatten)]
    sentence: log::Sentence,
}

#[derive(Serialize)]
struct Report<'r> {
    format: u32,
    at: Timestamp,
    status: Value,
    rules: Overview,
    shields: Vec<&'r Shield>,
    words: &'r VecDeque<Numbered>,
}

/// What is remembered between two reports.
#[derive(Debug, Default)]
pub struct Reporter {
    shields: BTreeMap<(String, &'static str), Shield>,
    words: VecDeque<Numbered>,
    /// Words so far, and the bytes that they take.
    read: (u64, u64),
}

impl Reporter {
    /// Writes a report of a proxy that runs into a folder.
    ///
    /// # Errors
    /// [`RulesError::Proxy`] when it is not there, [`RulesError::Io`], [`RulesError::Disk`].
    pub fn write(&mut self, state: &Path, folder: &Path, now: Timestamp) -> Result<(), RulesError> {
        let proxy = Control::new(state);
        let raw = proxy.raw_status()?;
        let status = proxy.status()?;
        self.probe(&proxy, &status, now)?;
        self.follow_words(state)?;
        let rules = overview(&Shelf::open(state)?.state()?, Looked::read(state)?, now);
        let shields = self.shields.values().collect();
        let report = Report { format: FORMAT, at: now, status: raw, rules, shields, words: &self.words };
        let path = folder.join(FILE);
        let text =
            serde_json::to_vec(&report).map_err(|error| io("write", &path)(std::io::Error::other(error)))?;
        // Readable by the owner's group: the server takes it from there.
        put(&path, &text, 0o640)
    }

    /// Probes some of the sites and families that are due.
    fn probe(&mut self, proxy: &Control, status: &ProxyStatus, now: Timestamp) -> Result<(), RulesError> {
        self.shields.retain(|(site, _), _| status.sites.iter().any(|it| it.key == *site));
        let decides = status.judges.iter().find(|it| it.roles.iter().any(|role| role == "current"));
        let Some(decides) = decides.filter(|it| it.pid != 0) else {
            // Nobody judges: what was shown holds no more.
            self.shields.clear();
            return Ok(());
        };
        let is_due = |site: &SiteStatus, family: &Family| {
            let known = self.shields.get(&(site.key.clone(), family.key));
            known.is_none_or(|it| {
                it.rule_set != decides.rule_set
                    || it.mode != site.mode
                    || now.as_second() - it.at.as_second() >= AGAIN
            })
        };
        let pairs = status.sites.iter().flat_map(|site| FAMILIES.iter().map(move |family| (site, family)));
        let due: Vec<_> = pairs.filter(|(site, family)| is_due(site, family)).take(AT_ONCE).collect();
        for (site, family) in due {
            let shield = shield(proxy, site, family, &decides.rule_set, now)?;
            self.shields.insert((site.key.clone(), family.key), shield);
        }
        Ok(())
    }

    /// Reads what was said since the last report. A file that was cut is read anew, its words numbered on.
    fn follow_words(&mut self, state: &Path) -> Result<(), RulesError> {
        let path = state.join(log::FILE);
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(io("read", &path))?,
        };
        let length = file.metadata().map_err(io("read", &path))?.len();
        if length < self.read.1 {
            self.read.1 = 0;
        }
        file.seek(SeekFrom::Start(self.read.1)).map_err(io("read", &path))?;
        let mut lines = BufReader::new(file);
        let mut line = String::new();
        loop {
            line.clear();
            let bytes = lines.read_line(&mut line).map_err(io("read", &path))?;
            // A line without its end is still being written.
            if bytes == 0 || !line.ends_with('\n') {
                return Ok(());
            }
            self.read = (self.read.0 + 1, self.read.1 + bytes as u64);
            if let Ok(sentence) = serde_json::from_str(&line) {
                self.words.push_back(Numbered { number: self.read.0, sentence });
            }
            if self.words.len() > WORDS {
                self.words.pop_front();
            }
        }
    }
}

/// Sends the probes of a family to a site.
fn shield(
    proxy: &Control,
    site: &SiteStatus,
    family: &'static Family,
    rule_set: &str,
    now: Timestamp,
) -> Result<Shield, RulesError> {
    let mut shield = Shield {
        site: site.key.clone(),
        family: family.key,
        rule_set: rule_set.to_owned(),
        mode: site.mode.clone(),
        at: now,
        probes: 0,
        stopped: 0,
        objected: 0,
        missed: Vec::new(),
    };
    let requests: Vec<Request> = family.probes().into_iter().map(|it| below(it, &site.path)).collect();
    for some in requests.chunks(REQUESTS) {
        for (request, (stopped, objected)) in some.iter().zip(proxy.probe(&site.key, some)?) {
            shield.probes += 1;
            shield.stopped += u64::from(stopped);
            shield.objected += u64::from(objected);
            if !objected && shield.missed.len() < MISSED {
                shield.missed.push(request.name.clone());
            }
        }
    }
    Ok(shield)
}

/// A request for a site that has paths of its own only.
fn below(mut request: Request, path: &str) -> Request {
    let path = path.trim_end_matches('/');
    if !path.is_empty() {
        request.target = format!("{path}{}", request.target);
    }
    // The proxy puts the name of the site there.
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
    request
}

/// Writes a report every ten seconds, in a thread of its own, until the program ends. What goes wrong is said once, until it goes
/// well again.
pub fn in_background(
    state: PathBuf,
    folder: PathBuf,
    clock: impl Fn() -> Timestamp + Send + 'static,
    tell: impl Fn(&str) + Send + 'static,
) {
    std::thread::spawn(move || {
        let mut reporter = Reporter::default();
        let mut trouble = String::new();
        loop {
            std::thread::sleep(PAUSE);
            match reporter.write(&state, &folder, clock()) {
                Ok(()) => trouble.clear(),
                Err(error) => {
                    let text = error.to_string();
                    if text != trouble {
                        tell(&format!("report: {text}"));
                        trouble = text;
                    }
                }
            }
        }
    });
}
