//! `bedrail serve`: opens everything, prints where to go and how to get in, then serves until told to stop.

use std::io::{self, Write};

use bedrail_app::accounts::{self, FirstAdministrator};
use tokio::net::TcpListener;

use super::{session, worker};
use crate::cli::args::{Place, Serve};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::web;

pub(crate) fn run(place: &Place, options: Serve) -> Result<Exit, Failure> {
    session::block_on(serve(place, options))
}

async fn serve(place: &Place, options: Serve) -> Result<Exit, Failure> {
    let mut settings = session::settings(place, &options.database, options.as_of.clock());
    settings.parser = std::env::current_exe().ok();
    // The address first: a second server must not touch the database of the first.
    let listener = TcpListener::bind(options.listen).await.map_err(|error| {
        Failure::because(&format!("cannot listen on {}", options.listen), &error)
            .hint("another program may be using the port; --listen 127.0.0.1:0 takes a free one")
    })?;
    let (ctx, org) = session::open_first(settings).await?;
    announce(&listener, accounts::ensure_administrator(&ctx, org).await?.as_ref())?;
    let mut allowed_hosts = options.allowed_host;
    allowed_hosts.extend(options.public_url.iter().map(|url| url.host.clone()));
    let loopback = listener.local_addr().ok().filter(|address| address.ip().is_loopback());
    let public_url = options.public_url.map(|url| url.text);
    let options = web::Options {
        allowed_hosts,
        public_url: public_url.or_else(|| loopback.map(|address| format!("http://{address}"))),
        behind_tls: options.behind_tls,
        worker: (!options.no_worker).then(|| worker::options(&options.jobs)),
    };
    web::serve(ctx, listener, options)
        .await
        .map_err(|error| Failure::because("the server stopped", error.as_ref()))?;
    Ok(Exit::Success)
}

/// Says where to go, and how to get in where nobody ever did.
fn announce(listener: &TcpListener, first: Option<&FirstAdministrator>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Bedrail serves on http://{}", listener.local_addr()?)?;
    if let Some(FirstAdministrator { name, one_time_password: Some(password) }) = first {
        writeln!(out, "Sign in as {name} with the one-time password {password}")?;
    }
    out.flush()
}
