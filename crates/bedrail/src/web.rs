//! The web pages and the REST API: routes, sessions, views. Every answer comes from a use case of `bedrail_app`;
//! nothing here decides anything about devices or weaknesses.

mod api;
mod assets;
mod caller;
mod draw;
mod error;
pub(crate) mod escape;
mod etag;
mod events;
mod export;
mod form;
mod found;
mod frame;
mod guard;
mod health;
mod later;
mod limits;
mod link;
mod meanwhile;
mod meter;
pub mod needs;
pub mod net;
mod once;
mod pages;
pub(crate) mod parts;
mod prometheus;
mod qr;
mod query;
mod router;
#[cfg(test)]
pub(crate) mod sample;
mod scim;
mod sent;
mod session;
mod state;
mod taken;
pub(crate) mod taken_firewall;
pub(crate) mod taken_incident;
pub(crate) mod taken_response;
pub(crate) mod texts;
mod tone;
mod viewer;
pub(crate) mod views;
pub(crate) mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bedrail_app::{Context, jobs};
use tokio::sync::watch;
use tokio::time::{self, MissedTickBehavior};

use self::meter::Meter;
use self::net::Door;
use crate::stop;

/// How often the server looks for newer vulnerability data that another program fetched.
const LOOK_FOR_DATA: Duration = Duration::from_secs(10);

/// How the web is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Host names (without port) that requests may name beside `localhost`, `127.0.0.1` and `[::1]`. Any other `Host`
    /// is refused, so that a foreign name that points here (DNS rebinding) reaches nothing.
    pub allowed_hosts: Vec<String>,
    /// The address that people reach the pages by, without a slash at its end. What is sent elsewhere leads back to it,
    /// never to what a request names as host.
    pub public_url: Option<String>,
    /// Providers for single sign-on on private networks that may be asked: host names, or whole origins.
    pub providers: Vec<String>,
    /// Whether people reach us over TLS (by a proxy in front): the cookie is then `__Host-` and `Secure`.
    pub behind_tls: bool,
    /// Whether this server speaks TLS itself: the same holds for the cookie, and no proxy is believed.
    pub own_tls: bool,
    /// What a program must show to see the metrics; without it they are shown to this machine only.
    pub metrics_token: Option<String>,
    /// Requests at once whose answer is being made; beyond them callers are told to come back. `None` is the usual number.
    pub requests: Option<usize>,
    /// The worker that runs beside; none leaves background jobs to other processes.
    pub worker: Option<jobs::Options>,
}

impl Options {
    /// Whether people reach us over TLS, by whichever way.
    pub(crate) fn over_tls(&self) -> bool {
        self.behind_tls || self.own_tls
    }
}

/// Serves pages and API until the process is told to stop (Ctrl-C or SIGTERM); requests under way are finished first,
/// and background jobs are ended or given back.
///
/// # Errors
/// When the certificate cannot be used, or the database does not close.
pub async fn serve(ctx: Context, door: Door, options: Options) -> anyhow::Result<()> {
    serve_until(ctx, door, options, stop::signal()).await
}

/// As [`serve`], until the sign that is given turns true.
///
/// # Errors
/// As [`serve`].
pub async fn serve_until(
    ctx: Context,
    door: Door,
    options: Options,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let (early, mut ends) = (ctx.clone(), stop.clone());
    bedrail_app::beside(async move {
        let warmed = tokio::select! {
            warmed = early.warm_up() => warmed,
            _ = ends.wait_for(|stop| *stop) => return,
        };
        if let Err(error) = warmed {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the fleets could not be read at the start"
            );
        }
    });
    let beside = match options.worker.clone() {
        Some(worker) => tokio::spawn(jobs::work(ctx.clone(), worker, stop.clone())),
        None => tokio::spawn(follow_data(ctx.clone(), stop.clone())),
    };
    if let Some(certificate) = door.certificate.clone() {
        tokio::spawn(certificate.follow(stop.clone()));
    }
    let meter = Arc::new(Meter::default());
    let state = state::State::new(ctx.clone(), options, meter.clone(), stop.clone());
    door.open(router::router(state), meter, stop).await?;
    beside.await?;
    Ok(ctx.close().await?)
}

/// Takes newer vulnerability data into use while a server without a worker runs. A failure is logged and tried again;
/// the data in use stays until then.
async fn follow_data(ctx: Context, mut stop: watch::Receiver<bool>) {
    let mut ticks = time::interval(LOOK_FOR_DATA);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = jobs::follow(&ctx).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the newer vulnerability data could not be taken over"
            );
        }
    }
}

/// Everything that is served, for [`serve`] and for tests that call it without a socket.
pub fn app(ctx: Context, options: Options) -> Router {
    let (_, stop) = watch::channel(false);
    router::router(state::State::new(ctx, options, Arc::default(), stop))
}

/// The OpenAPI document of the REST API as pretty JSON, ending in a line feed: what `bedrail openapi` prints and
/// `docs/openapi.json` holds.
pub fn openapi() -> String {
    api::document()
}
