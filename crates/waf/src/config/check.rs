//! From what is written to what it means. All flaws are reported together, each with its line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::wire::{self, Place};
use super::{
    Approval, Config, EventScope, Limits, Listener, Mode, OnError, RuleSet, Site, TlsFiles, Upstream,
    UpstreamTls, WebSocketLimits,
};

/// The largest file of sites: thousands of sites.
const FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// A file of sites that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{path}: cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{0}: larger than {FILE_LIMIT} bytes")]
    TooLarge(PathBuf),
    /// It is not as files of sites are.
    #[error("{path}: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        message: String,
    },
    /// It says something that cannot be.
    #[error("{path}: {}", lines(.flaws))]
    Flaws {
        /// The file.
        path: PathBuf,
        /// Each of them.
        flaws: Vec<Flaw>,
    },
}

/// Something that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1; 0 where it is the whole file.
    pub line: u64,
    /// What, and a hint.
    pub message: String,
}

fn lines(flaws: &[Flaw]) -> String {
    let each = |it: &Flaw| match it.line {
        0 => it.message.clone(),
        line => format!("line {line}: {}", it.message),
    };
    flaws.iter().map(each).collect::<Vec<_>>().join("\n")
}

/// Read a file of sites. Paths in it are relative to it.
///
/// # Errors
/// [`ConfigError`], all flaws together.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_LIMIT {
        return Err(ConfigError::TooLarge(path.to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let file: wire::File = serde_saphyr::from_str(&text)
        .map_err(|error| ConfigError::Syntax { path: path.to_owned(), message: error.to_string() })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut checker = Checker { folder, flaws: Vec::new() };
    let config = checker.file(file);
    if checker.flaws.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Flaws { path: path.to_owned(), flaws: checker.flaws })
    }
}

struct Checker<'a> {
    folder: &'a Path,
    flaws: Vec<Flaw>,
}

impl Checker<'_> {
    fn flaw<T>(&mut self, place: &Place<T>, message: impl Into<String>) {
        self.flaws.push(Flaw { line: place.referenced.line(), message: message.into() });
    }

    fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    fn file(&mut self, file: wire::File) -> Config {
        let limits = limits(&file.limits.unwrap_or_default());
        let idle = limits.tunnel_idle;
        let listeners = file.listen.into_iter().filter_map(|it| self.listener(&it)).collect();
        let mut keys = BTreeSet::new();
        let sites: Vec<Site> = file.sites.into_iter().map(|site| self.site(site, &mut keys, idle)).collect();
        let rule_sets: Vec<RuleSet> = file
            .rule_sets
            .into_iter()
            .map(|it| {
                if !is_key(&it.name.value) {
                    self.flaw(&it.name, "a name of a rule set has letters, digits and `-_.` only");
                }
                let rules = it.rules.iter().map(|rule| self.path(rule)).collect();
                RuleSet { name: it.name.value, rules }
            })
            .collect();
        if let Some(current) = &file.current
            && !rule_sets.iter().any(|it| it.name == current.value)
        {
            self.flaw(current, format!("no rule set is called {}", current.value));
        }
        let trusted_proxies = file
            .trusted_proxies
            .iter()
            .filter_map(|it| match it.value.parse() {
                Ok(network) => Some(network),
                Err(error) => {
                    self.flaw(it, format!("{error}"));
                    None
                }
            })
            .collect();
        let event_scope = match file.event_scope {
            None => EventScope::Objections,
            Some(it) if it.value == "objections" => EventScope::Objections,
            Some(it) if it.value == "matches" => EventScope::Matches,
            Some(it) => {
                self.flaw(&it, "event_scope is `objections` or `matches`");
                EventScope::Objections
            }
        };
        let state = self.path(&file.state);
        Config {
            listeners,
            sites,
            current: file.current.map(|it| it.value).or_else(|| rule_sets.first().map(|it| it.name.clone())),
            rule_sets,
            engine: file.engine.map_or_else(|| PathBuf::from("bedrail-waf-engine"), |it| self.engine(&it)),
            events: file.events.map_or_else(|| state.join("events.jsonl"), |it| self.path(&it)),
            state,
            event_scope,
            trusted_proxies,
            limits,
        }
    }

    /// A name alone is looked for in `PATH`.
    fn engine(&self, text: &str) -> PathBuf {
        if text.contains('/') { self.path(text) } else { PathBuf::from(text) }
    }

    fn listener(&mut self, listen: &wire::Listen) -> Option<Listener> {
        match listen.address.value.parse() {
            Ok(address) => Some(Listener { address, tls: listen.tls }),
            Err(_) => {
                self.flaw(&listen.address, "no address with a port; hint: 0.0.0.0:443 or [::]:443");
                None
            }
        }
    }

    fn site(&mut self, site: wire::Site, keys: &mut BTreeSet<String>, idle: Duration) -> Site {
        if !is_key(&site.key.value) {
            self.flaw(&site.key, "a site's key has letters, digits and `-_.` only, 64 at most");
        }
        if !keys.insert(site.key.value.clone()) {
            self.flaw(&site.key, format!("the key {} is used twice", site.key.value));
        }
        for host in &site.hosts {
            let plain = |it: char| it.is_ascii_alphanumeric() || "-._:[]".contains(it);
            if host.value != "*" && (host.value.is_empty() || !host.value.chars().all(plain)) {
                self.flaw(host, "a host is a name without scheme and path, or `*`");
            }
        }
        let (mode, on_error) = (self.mode(site.mode.as_ref()), self.on_error(site.on_error.as_ref()));
        let clinical = site.clinical.unwrap_or(true);
        let approval = match (site.approved_by.clone(), site.approved_on.clone()) {
            (Some(by), Some(on)) if !by.trim().is_empty() => Some(Approval { by, on }),
            _ => None,
        };
        if mode == Mode::Block && approval.is_none() {
            self.flaw(
                &site.key,
                "mode block needs approved_by (name and role of who answers for it) and approved_on; hint: mode detect",
            );
        }
        let paths: Vec<_> = site.path.iter().chain(&site.never_block).collect();
        for path in paths {
            if !path.value.starts_with('/')
                || path.value.contains(['?', '%', '\\'])
                || path.value.contains("//")
            {
                self.flaw(path, "a path begins with `/` and has no query and no escapes");
            }
        }
        let tls = self.tls_files(&site);
        let upstream = self.upstream(&site);
        let variables = self.variables(&site);
        let websocket = self.websocket(site.websocket.as_ref(), idle);
        let inspect_body = site.inspect_body.as_ref().map_or(256 * 1024, |it| it.value);
        if inspect_body > 8 * 1024 * 1024
            && let Some(place) = &site.inspect_body
        {
            self.flaw(place, "inspect_body is 8388608 at most: the rest is streamed");
        }
        Site {
            hosts: site.hosts.into_iter().map(|it| it.value.to_ascii_lowercase()).collect(),
            path: site.path.map_or_else(|| "/".to_owned(), |it| it.value),
            tls,
            upstream,
            mode,
            approval,
            on_error: on_error.unwrap_or(if clinical { OnError::Open } else { OnError::Closed }),
            never_block: site.never_block.into_iter().map(|it| it.value).collect(),
            variables,
            answers: site.answers.unwrap_or(true),
            inspect_body,
            // A study of a thousand slices; DICOMweb stores whole studies in one request.
            body_limit: site.body_limit.unwrap_or(4 << 30),
            websocket,
            key: site.key.value,
        }
    }

    fn mode(&mut self, mode: Option<&Place<String>>) -> Mode {
        let Some(mode) = mode else { return Mode::Detect };
        Mode::parse(&mode.value).unwrap_or_else(|| {
            self.flaw(mode, "mode is `off`, `detect` or `block`; hint: put off in quotes");
            Mode::Detect
        })
    }

    fn on_error(&mut self, on_error: Option<&Place<String>>) -> Option<OnError> {
        match on_error {
            None => None,
            Some(it) if it.value == "open" => Some(OnError::Open),
            Some(it) if it.value == "closed" => Some(OnError::Closed),
            Some(it) => {
                self.flaw(it, "on_error is `open` or `closed`");
                None
            }
        }
    }

    fn tls_files(&mut self, site: &wire::Site) -> Option<TlsFiles> {
        match (&site.certificates, &site.private_key) {
            (Some(certificates), Some(key)) => {
                Some(TlsFiles { certificates: self.path(certificates), key: self.path(key) })
            }
            (None, None) => None,
            _ => {
                self.flaw(&site.key, "certificates and private_key go together");
                None
            }
        }
    }

    fn upstream(&mut self, site: &wire::Site) -> Upstream {
        let text = site.upstream.value.as_str();
        let (tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => {
                self.flaw(&site.upstream, "an upstream is http://HOST:PORT or https://HOST:PORT");
                (false, text)
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let default = if tls { 443 } else { 80 };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') && (!host.contains(':') || host.ends_with(']')) => {
                (host, port.parse().ok())
            }
            _ => (rest, Some(default)),
        };
        if port.is_none() || host.is_empty() || host.contains('/') {
            self.flaw(&site.upstream, "an upstream is http://HOST:PORT or https://HOST:PORT, without a path");
        }
        let tls = if tls { self.upstream_tls(site) } else { None };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Upstream { host, port: port.unwrap_or(default), tls }
    }

    fn upstream_tls(&mut self, site: &wire::Site) -> Option<UpstreamTls> {
        match (&site.upstream_authorities, &site.upstream_pin) {
            (Some(file), None) => Some(UpstreamTls::Authorities(self.path(file))),
            (None, Some(pin)) => {
                let digits: String = pin.value.chars().filter(|it| *it != ':').collect();
                let bytes: Option<Vec<u8>> = (0..digits.len())
                    .step_by(2)
                    .map(|at| digits.get(at..at + 2).and_then(|it| u8::from_str_radix(it, 16).ok()))
                    .collect();
                let pin_bytes = bytes.and_then(|it| <[u8; 32]>::try_from(it).ok());
                if pin_bytes.is_none() {
                    self.flaw(pin, "upstream_pin is the SHA-256 of the certificate, 64 hexadecimal digits");
                }
                pin_bytes.map(UpstreamTls::Pin)
            }
            _ => {
                self.flaw(
                    &site.upstream,
                    "https to a device needs upstream_authorities (a file) or upstream_pin (SHA-256 of its certificate)",
                );
                None
            }
        }
    }

    fn websocket(&mut self, given: Option<&Place<wire::WebSocket>>, idle: Duration) -> WebSocketLimits {
        // A picture of a study in one message; a wave of four leads, sample by sample.
        let mut limits = WebSocketLimits { message_bytes: 16 << 20, messages_per_second: 1_000, idle };
        let Some(place) = given else { return limits };
        if let Some(bytes) = place.value.message_bytes {
            limits.message_bytes = bytes;
        }
        if let Some(messages) = place.value.messages_per_second {
            limits.messages_per_second = messages;
        }
        if let Some(seconds) = place.value.idle_seconds {
            limits.idle = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        }
        if limits.message_bytes == 0 || limits.messages_per_second == 0 || limits.idle.is_zero() {
            self.flaw(
                place,
                "a limit of 0 lets no WebSocket live; hint: leave it out, or put the path behind no site",
            );
        }
        limits
    }

    fn variables(&mut self, site: &wire::Site) -> Vec<(String, String)> {
        let mut variables =
            vec![(bedrail_waf_protocol::message::SITE_VARIABLE.to_owned(), site.key.value.clone())];
        let mut set = |name: &str, value: u32| variables.push((name.to_owned(), value.to_string()));
        if let Some(level) = &site.paranoia_level {
            if !(1..=4).contains(&level.value) {
                self.flaw(level, "paranoia_level is 1 to 4");
            }
            set("blocking_paranoia_level", u32::from(level.value));
            set("detection_paranoia_level", u32::from(level.value));
        }
        for (name, threshold) in [
            ("inbound_anomaly_score_threshold", &site.inbound_threshold),
            ("outbound_anomaly_score_threshold", &site.outbound_threshold),
        ] {
            if let Some(threshold) = threshold {
                if threshold.value == 0 {
                    self.flaw(threshold, "a threshold of 0 objects to everything");
                }
                set(name, threshold.value);
            }
        }
        variables
    }
}

/// A key of a site, a name of a rule set.
pub(crate) fn is_key(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    !text.is_empty() && text.len() <= 64 && !text.starts_with('.') && text.chars().all(plain)
}

fn limits(given: &wire::Limits) -> Limits {
    let default = Limits::default();
    let time = |given: Option<f64>, default: Duration| {
        given.and_then(|it| Duration::try_from_secs_f64(it).ok()).unwrap_or(default)
    };
    Limits {
        head_bytes: given.head_bytes.unwrap_or(default.head_bytes),
        headers: given.headers.unwrap_or(default.headers),
        expanded_bytes: given.expanded_bytes.unwrap_or(default.expanded_bytes),
        expand_ratio: given.expand_ratio.unwrap_or(default.expand_ratio),
        head_time: time(given.head_seconds, default.head_time),
        idle_time: time(given.idle_seconds, default.idle_time),
        body_pause: time(given.body_pause_seconds, default.body_pause),
        body_bytes_per_second: given.body_bytes_per_second.unwrap_or(default.body_bytes_per_second),
        connect_time: time(given.connect_seconds, default.connect_time),
        answer_time: time(given.answer_seconds, default.answer_time),
        tunnel_idle: time(given.tunnel_idle_seconds, default.tunnel_idle),
        judge_time: time(given.judge_seconds, default.judge_time),
        connections_per_client: given.connections_per_client.unwrap_or(default.connections_per_client),
        connections: given.connections.unwrap_or(default.connections),
        streams: given.streams.unwrap_or(default.streams),
        unhealthy_after: given.unhealthy_after.unwrap_or(default.unhealthy_after),
        drain: time(given.drain_seconds, default.drain),
    }
}
