//! The web pages and the REST API: routes, sessions, views. Every answer comes from a use case of `bedrail_app`;
//! nothing here decides anything about devices or weaknesses.

mod api;
mod assets;
mod draw;
mod error;
pub(crate) mod escape;
mod export;
mod form;
mod frame;
mod guard;
mod link;
mod pages;
mod parts;
mod query;
mod router;
#[cfg(test)]
mod sample;
mod session;
mod state;
mod tone;
mod views;
pub(crate) mod words;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use bedrail_app::{Context, rematch};
use tokio::net::TcpListener;
use tokio::time::{self, MissedTickBehavior};

/// How often the server looks for newer vulnerability data that another program fetched.
const LOOK_FOR_DATA: Duration = Duration::from_secs(10);

/// How the web is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Host names (without port) that requests may name beside `localhost`, `127.0.0.1` and `[::1]`. Any other `Host`
    /// is refused, so that a foreign name that points here (DNS rebinding) reaches nothing.
    pub allowed_hosts: Vec<String>,
    /// Whether people reach us over TLS (by a proxy in front): the cookie is then `__Host-` and `Secure`.
    pub behind_tls: bool,
}

/// Serves pages and API on a bound listener until the process is told to stop (Ctrl-C or SIGTERM); requests under way
/// are finished first.
///
/// # Errors
/// When the organisation cannot be read or the listener fails.
pub async fn serve(ctx: Context, listener: TcpListener, options: Options) -> anyhow::Result<()> {
    let following = tokio::spawn(follow_data(ctx.clone()));
    let app = app(ctx, options).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(told_to_stop()).await;
    // A re-judgement that this cuts off leaves a note in the database; the next start finishes it.
    following.abort();
    Ok(served?)
}

/// Takes over newer vulnerability data while the server runs, so that `bedrail db update` needs no restart. A failure
/// is logged and tried again; the data in use stays until then.
async fn follow_data(ctx: Context) {
    let mut ticks = time::interval(LOOK_FOR_DATA);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match rematch::refresh(&ctx).await {
            Ok(None) => {}
            Ok(Some(done)) => tracing::info!(
                software = done.software,
                changed = done.changed,
                opened = done.opened,
                closed = done.closed,
                "judged again by newer vulnerability data"
            ),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "the newer vulnerability data could not be taken over"
            ),
        }
    }
}

/// Everything that is served, for [`serve`] and for tests that call it without a socket.
pub fn app(ctx: Context, options: Options) -> Router {
    router::router(state::State::new(ctx, options))
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a handler there is nothing to wait for; the process ends by the signal itself.
    let _ = interrupted.await;
}

/// The OpenAPI document of the REST API as pretty JSON, ending in a line feed: what `bedrail openapi` prints and
/// `docs/openapi.json` holds.
pub fn openapi() -> String {
    api::document()
}
