//! The file of sites: what is written (`wire`) and what it means (here).

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use bedrail_model::alert::Network;

mod check;
mod wire;

pub(crate) use check::is_key;
pub use check::{ConfigError, Flaw, read};

/// Everything that the proxy is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens.
    pub listeners: Vec<Listener>,
    /// What it stands in front of.
    pub sites: Vec<Site>,
    /// Rule sets that are loaded at the start, by name.
    pub rule_sets: Vec<RuleSet>,
    /// The one that decides at the start.
    pub current: Option<String>,
    /// The program of the judges.
    pub engine: PathBuf,
    /// Sockets of the judges, the control socket, routing and modes.
    pub state: PathBuf,
    /// The events file.
    pub events: PathBuf,
    /// What is an event.
    pub event_scope: EventScope,
    /// Who may say for whom they speak (`X-Forwarded-For`).
    pub trusted_proxies: Vec<Network>,
    /// Limits.
    pub limits: Limits,
}

/// Where the proxy listens.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Address and port.
    pub address: SocketAddr,
    /// Whether TLS is spoken.
    pub tls: bool,
}

/// A rule set: a name and its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Its name.
    pub name: String,
    /// Files and folders, in the order of loading.
    pub rules: Vec<PathBuf>,
}

/// What is written to the events file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventScope {
    /// Requests that were, or would have been, refused; and what could not be judged.
    Objections,
    /// Every request that a rule fired on.
    Matches,
}

/// What a site does with what the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Not judged.
    Off,
    /// Judged and forwarded.
    Detect,
    /// Judged, and refused where rules object.
    Block,
}

impl Mode {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Detect => "detect",
            Mode::Block => "block",
        }
    }

    /// Read it.
    pub fn parse(text: &str) -> Option<Mode> {
        [Mode::Off, Mode::Detect, Mode::Block].into_iter().find(|it| it.as_str() == text)
    }
}

/// What happens when there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// The request is forwarded.
    Open,
    /// The request is refused.
    Closed,
}

/// Who approved that a site blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Name and role.
    pub by: String,
    /// The day, as written.
    pub on: String,
}

/// A web page of a device.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its key: letters, digits, `-`, `_`, `.`.
    pub key: String,
    /// Host names; `*` is any.
    pub hosts: Vec<String>,
    /// The beginning of the paths, at whole segments.
    pub path: String,
    /// Certificate chain and key, where TLS is spoken.
    pub tls: Option<TlsFiles>,
    /// The device.
    pub upstream: Upstream,
    /// Mode at the start.
    pub mode: Mode,
    /// Who approved blocking.
    pub approval: Option<Approval>,
    /// Without a verdict.
    pub on_error: OnError,
    /// Beginnings of paths (therapy, alarms) that are in detect and open whatever the site is.
    pub never_block: Vec<String>,
    /// Variables of the transactions: paranoia level, thresholds.
    pub variables: Vec<(String, String)>,
    /// Whether answers are judged.
    pub answers: bool,
    /// Bytes of a body that are judged.
    pub inspect_body: usize,
    /// The longest body.
    pub body_limit: u64,
    /// What a client may send through a WebSocket.
    pub websocket: WebSocketLimits,
}

/// What a client may send through a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebSocketLimits {
    /// Bytes of a message.
    pub message_bytes: u64,
    /// Messages a second; those of one second may come at once.
    pub messages_per_second: u32,
    /// Time without a byte in either direction.
    pub idle: Duration,
}

/// Files of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificates as PEM, the site's first.
    pub certificates: PathBuf,
    /// Key as PEM.
    pub key: PathBuf,
}

/// The device behind a site.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS to the device.
    pub tls: Option<UpstreamTls>,
}

/// How the device's certificate is checked.
#[derive(Debug, Clone)]
pub enum UpstreamTls {
    /// Against these authorities.
    Authorities(PathBuf),
    /// By the SHA-256 of the certificate itself, which devices with a certificate of their own need.
    Pin([u8; 32]),
}

/// What connections may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a head.
    pub head_bytes: usize,
    /// Headers of a message.
    pub headers: usize,
    /// Bytes that a coded body may become for the judge.
    pub expanded_bytes: usize,
    /// Times that a coded body may grow.
    pub expand_ratio: usize,
    /// Time for a head.
    pub head_time: Duration,
    /// Time between requests.
    pub idle_time: Duration,
    /// Time without a byte of a body.
    pub body_pause: Duration,
    /// Bytes a second of a body.
    pub body_bytes_per_second: u64,
    /// Time to connect to a device.
    pub connect_time: Duration,
    /// Time until a device begins to answer, and between pieces of its answer.
    pub answer_time: Duration,
    /// Time without a byte in either direction of a WebSocket, where the site says none of its own.
    pub tunnel_idle: Duration,
    /// Time for a verdict.
    pub judge_time: Duration,
    /// Connections of one client.
    pub connections_per_client: usize,
    /// Connections of all.
    pub connections: usize,
    /// Requests at one time on a connection of HTTP/2.
    pub streams: u32,
    /// Failures after which a device counts as down.
    pub unhealthy_after: u32,
    /// Time for connections to finish at the end.
    pub drain: Duration,
}

impl Default for Limits {
    /// Each with its reason.
    fn default() -> Limits {
        let seconds = Duration::from_secs;
        Limits {
            // Kerberos tickets and large cookies reach 16 KB; twice that.
            head_bytes: 32 * 1024,
            // Browsers send 20, chains of proxies 40.
            headers: 100,
            // FHIR bundles; beyond, the first part is judged.
            expanded_bytes: 4 * 1024 * 1024,
            // Text packs to a twentieth at best, a bomb to a thousandth.
            expand_ratio: 100,
            head_time: seconds(15),
            idle_time: seconds(75),
            body_pause: seconds(30),
            // A GPRS modem is ten times faster.
            body_bytes_per_second: 300,
            connect_time: seconds(5),
            // Queries to an archive take a minute.
            answer_time: seconds(120),
            tunnel_idle: seconds(3_600),
            // A thousand times the usual verdict.
            judge_time: seconds(2),
            connections_per_client: 200,
            connections: 4_000,
            streams: 64,
            unhealthy_after: 3,
            drain: seconds(10),
        }
    }
}

impl Config {
    /// Whether an address may speak for others.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|it| it.contains(address))
    }
}
