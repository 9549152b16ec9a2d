//! What the proxy says of itself: one JSON object.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::config::OnError;
use crate::judge::Judge;
use crate::proxy::Proxy;
use crate::routing::{Routing, ShareOf};
use crate::serve_http1;
use crate::site::SiteAtWork;
use crate::tally::TallyView;

#[derive(Serialize)]
pub(crate) struct Status {
    since: String,
    pid: u32,
    memory_kib: u64,
    connections: usize,
    /// Requests that could not be read or were for no site.
    unread: u64,
    events_written: u64,
    events_lost: u64,
    judges: Vec<JudgeStatus>,
    sites: Vec<SiteStatus>,
}

#[derive(Serialize)]
struct JudgeStatus {
    rule_set: String,
    /// `current`, `shadow`, `canary 10 % of clients`, `standby`.
    roles: Vec<String>,
    /// Where it answers.
    socket: String,
    /// 0 while it is being restarted.
    pid: u32,
    rules: u32,
    /// How often it was started.
    starts: u32,
    memory_kib: u64,
    #[serde(flatten)]
    tally: TallyView,
}

#[derive(Serialize)]
struct SiteStatus {
    key: String,
    hosts: Vec<String>,
    path: String,
    /// The device: host and port.
    upstream: String,
    never_block: Vec<String>,
    mode: &'static str,
    approved_by: Option<String>,
    on_error: &'static str,
    device_up: bool,
    requests: u64,
    would_block: u64,
    blocked: u64,
    refused: u64,
    not_judged: u64,
    partly_judged: u64,
    device_failed: u64,
    /// Microseconds that a request waits for its verdict: the median.
    added_p50_micros: u64,
    /// As above, one in a hundred waits longer.
    added_p99_micros: u64,
    websockets: u64,
    /// Of these, ended because a client passed a limit.
    websockets_closed: u64,
}

/// The status now.
pub(crate) fn status(proxy: &Proxy) -> Status {
    let (events_written, events_lost) = proxy.events.counts();
    let routing = proxy.routing.load();
    let pid = std::process::id();
    Status {
        since: proxy.since.to_string(),
        pid,
        memory_kib: memory_kib(pid),
        connections: serve_http1::open(proxy),
        unread: proxy.unread.load(Ordering::Relaxed),
        events_written,
        events_lost,
        judges: proxy.supervisor.judges().iter().map(|it| judge(it, &routing)).collect(),
        sites: proxy.sites.0.iter().map(|it| site(it, proxy.config.limits.unhealthy_after)).collect(),
    }
}

fn judge(judge: &Arc<Judge>, routing: &Routing) -> JudgeStatus {
    let is = |other: Option<&Arc<Judge>>| other.is_some_and(|it| Arc::ptr_eq(it, judge));
    let mut roles = Vec::new();
    if is(routing.current.as_ref()) {
        roles.push("current".to_owned());
    }
    if is(routing.shadow.as_ref()) {
        roles.push("shadow".to_owned());
    }
    if let Some(canary) = &routing.canary
        && is(Some(&canary.judge))
    {
        let of = match canary.share.of {
            ShareOf::Clients => "clients",
            ShareOf::Sites => "sites",
        };
        let at = canary.sites.as_ref().map(|it| format!(" at {}", it.join(", "))).unwrap_or_default();
        roles.push(format!("canary {} % of {of}{at}", canary.share.percent));
    }
    if is(routing.standby.as_ref()) {
        roles.push("standby".to_owned());
    }
    let pid = judge.pid.load(Ordering::Relaxed);
    JudgeStatus {
        rule_set: judge.rule_set.name.clone(),
        roles,
        socket: judge.socket.display().to_string(),
        pid,
        rules: judge.rules.load(Ordering::Relaxed),
        starts: judge.starts.load(Ordering::Relaxed),
        memory_kib: memory_kib(pid),
        tally: judge.tally.view(),
    }
}

fn site(it: &SiteAtWork, unhealthy_after: u32) -> SiteStatus {
    let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let stance = it.stance();
    let counts = &it.counts;
    SiteStatus {
        key: it.site.key.clone(),
        hosts: it.site.hosts.clone(),
        path: it.site.path.clone(),
        upstream: format!("{}:{}", it.site.upstream.host, it.site.upstream.port),
        never_block: it.site.never_block.clone(),
        mode: stance.mode.as_str(),
        approved_by: stance.approval.as_ref().map(|it| it.by.clone()),
        on_error: match it.site.on_error {
            OnError::Open => "open",
            OnError::Closed => "closed",
        },
        device_up: it.health.is_up(unhealthy_after),
        requests: get(&counts.requests),
        would_block: get(&counts.would_block),
        blocked: get(&counts.blocked),
        refused: get(&counts.refused),
        not_judged: get(&counts.not_judged),
        partly_judged: get(&counts.partly_judged),
        device_failed: get(&counts.device_failed),
        added_p50_micros: counts.added.quantile(0.5),
        added_p99_micros: counts.added.quantile(0.99),
        websockets: get(&counts.tunnels),
        websockets_closed: get(&counts.tunnels_closed),
    }
}

/// Resident memory of a process in KiB (proc(5), `VmRSS`); 0 where it cannot be told.
pub(crate) fn memory_kib(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.split_whitespace().next()).and_then(|it| it.parse().ok()).unwrap_or(0)
}
