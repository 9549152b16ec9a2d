//! The file as it is written.

use serde::Deserialize;
use serde_saphyr::Spanned;

pub(super) type Place<T> = Spanned<T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: Vec<Listen>,
    pub(super) sites: Vec<Site>,
    #[serde(default)]
    pub(super) rule_sets: Vec<RuleSet>,
    pub(super) current: Option<Place<String>>,
    pub(super) engine: Option<String>,
    pub(super) state: String,
    pub(super) events: Option<String>,
    pub(super) event_scope: Option<Place<String>>,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Place<String>>,
    pub(super) limits: Option<Limits>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listen {
    pub(super) address: Place<String>,
    #[serde(default)]
    pub(super) tls: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSet {
    pub(super) name: Place<String>,
    pub(super) rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) key: Place<String>,
    pub(super) hosts: Vec<Place<String>>,
    pub(super) path: Option<Place<String>>,
    pub(super) certificates: Option<String>,
    pub(super) private_key: Option<String>,
    pub(super) upstream: Place<String>,
    pub(super) upstream_authorities: Option<String>,
    pub(super) upstream_pin: Option<Place<String>>,
    pub(super) clinical: Option<bool>,
    pub(super) mode: Option<Place<String>>,
    pub(super) approved_by: Option<String>,
    pub(super) approved_on: Option<String>,
    pub(super) on_error: Option<Place<String>>,
    #[serde(default)]
    pub(super) never_block: Vec<Place<String>>,
    pub(super) paranoia_level: Option<Place<u8>>,
    pub(super) inbound_threshold: Option<Place<u32>>,
    pub(super) outbound_threshold: Option<Place<u32>>,
    pub(super) answers: Option<bool>,
    pub(super) inspect_body: Option<Place<usize>>,
    pub(super) body_limit: Option<u64>,
    pub(super) websocket: Option<Place<WebSocket>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebSocket {
    pub(super) message_bytes: Option<u64>,
    pub(super) messages_per_second: Option<u32>,
    pub(super) idle_seconds: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) head_bytes: Option<usize>,
    pub(super) headers: Option<usize>,
    pub(super) expanded_bytes: Option<usize>,
    pub(super) expand_ratio: Option<usize>,
    pub(super) head_seconds: Option<f64>,
    pub(super) idle_seconds: Option<f64>,
    pub(super) body_pause_seconds: Option<f64>,
    pub(super) body_bytes_per_second: Option<u64>,
    pub(super) connect_seconds: Option<f64>,
    pub(super) answer_seconds: Option<f64>,
    pub(super) tunnel_idle_seconds: Option<f64>,
    pub(super) judge_seconds: Option<f64>,
    pub(super) connections_per_client: Option<usize>,
    pub(super) connections: Option<usize>,
    pub(super) streams: Option<u32>,
    pub(super) unhealthy_after: Option<u32>,
    pub(super) drain_seconds: Option<f64>,
}
