//! For those who run the server: is it alive, is it ready, and how does it get on. None of it says anything of an
//! organisation.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State as Extract};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bedrail_app::health;
use sha2::{Digest as _, Sha256};

use super::error::{Failure, OwnPage};
use super::prometheus::{Kind, Text};
use super::state::{State, UPLOADS_AT_ONCE};

/// The form of [`metrics`].
const FORM: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// Headers that a proxy in front adds: then the connection's address is the proxy's, not the caller's.
const OF_PROXIES: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Whether the process answers at all.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether requests can be answered, part by part: 200 when all can, else 503. What is wrong with a part stands in the log.
pub(crate) async fn ready(Extract(state): Extract<State>) -> Response {
    let parts = health::ready(&state.ctx).await;
    let words: String = parts
        .iter()
        .map(|(part, works)| format!("{part}: {}\n", if *works { "ok" } else { "not ready" }))
        .collect();
    if parts.iter().all(|(_, works)| *works) {
        return words.into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], OwnPage, words).into_response()
}

/// How the server gets on, as Prometheus reads it: for this machine, or with the token for it.
pub(crate) async fn metrics(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, Failure> {
    if !may_see(&state, &headers, extensions.get::<ConnectInfo<SocketAddr>>()) {
        return Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "metrics_token_needed",
            "Metrics are shown on the server's own machine, or with their token.",
        )
        .hint("Send the token of --metrics-token-file as Authorization: Bearer."));
    }
    let mut text = Text::default();
    state.meter.write(&mut text);
    text.family("bedrail_uploads", Kind::Gauge, "Uploads that are being read");
    text.count("bedrail_uploads", &[], (UPLOADS_AT_ONCE - state.uploads_left()) as u64);
    write(&health::figures(&state.ctx).await?, &mut text);
    if let Some(bytes) = resident_bytes() {
        text.family("process_resident_memory_bytes", Kind::Gauge, "Memory of this process");
        text.count("process_resident_memory_bytes", &[], bytes);
    }
    text.family("bedrail_build_info", Kind::Gauge, "The program's version");
    text.count("bedrail_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    Ok(([(header::CONTENT_TYPE, FORM)], text.into_string()).into_response())
}

fn may_see(state: &State, headers: &HeaderMap, peer: Option<&ConnectInfo<SocketAddr>>) -> bool {
    if let Some(wanted) = &state.options.metrics_token {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        // Digests are compared, so that the time taken says nothing of the token.
        return Sha256::digest(shown.trim()) == Sha256::digest(wanted);
    }
    let proxied = state.options.behind_tls || OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    !proxied && peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
}

fn write(figures: &health::Figures, text: &mut Text) {
    text.family("bedrail_jobs", Kind::Gauge, "Background jobs by kind and state");
    for (kind, state, jobs) in &figures.jobs {
        text.count("bedrail_jobs", &[("kind", kind), ("state", state.code())], *jobs);
    }
    let help = "For how long the job that is due longest has waited";
    text.family("bedrail_jobs_oldest_due_seconds", Kind::Gauge, help);
    text.sample("bedrail_jobs_oldest_due_seconds", &[], figures.oldest_due.as_secs_f64());
    let help = "Age of the newest date in a source of vulnerability data";
    text.family("bedrail_feed_age_seconds", Kind::Gauge, help);
    for (source, age) in &figures.feeds {
        if let Some(age) = age {
            text.sample("bedrail_feed_age_seconds", &[("source", source)], age.as_secs_f64());
        }
    }
    text.family("bedrail_feed_missing", Kind::Gauge, "1 for a source that was never fetched");
    for (source, age) in &figures.feeds {
        text.count("bedrail_feed_missing", &[("source", source)], u64::from(age.is_none()));
    }
    text.family("bedrail_data_complete", Kind::Gauge, "1 where all vulnerability data is whole and fresh");
    text.count("bedrail_data_complete", &[], u64::from(figures.data_complete));
    let waits = figures.waits;
    text.family("bedrail_database_write_waits_total", Kind::Counter, "Changes that were begun");
    text.count("bedrail_database_write_waits_total", &[], waits.begun);
    let help = "Time that changes waited for the database to let them begin";
    text.family("bedrail_database_write_wait_seconds_total", Kind::Counter, help);
    text.sample("bedrail_database_write_wait_seconds_total", &[], waits.waited.as_secs_f64());
    text.family("bedrail_database_writers_waiting", Kind::Gauge, "Changes that wait to begin right now");
    text.count("bedrail_database_writers_waiting", &[], waits.waiting);
    text.family("bedrail_database_connections", Kind::Gauge, "Connections to the database");
    for pool in &figures.pools {
        let count = |use_, value| (use_, u64::from(value));
        for (use_, value) in [count("busy", pool.open.saturating_sub(pool.idle)), count("idle", pool.idle)] {
            text.count("bedrail_database_connections", &[("pool", pool.name), ("use", use_)], value);
        }
    }
}

/// Memory that this process holds, where the system says so.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
