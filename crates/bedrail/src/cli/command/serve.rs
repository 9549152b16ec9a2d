//! `bedrail serve`: opens everything, prints where to go and how to get in, then serves until told to stop.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bedrail_app::accounts::{self, FirstAdministrator};
use tokio::net::TcpListener;

use super::{session, worker};
use crate::cli::args::{Place, Serve};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::memory;
use crate::web::net::Door;
use crate::web::net::tls::Certificate;
use crate::web::{self, Options};

/// Characters of a token at least: 128 bits in hexadecimal digits.
const TOKEN_AT_LEAST: usize = 32;

pub(crate) fn run(place: &Place, options: Serve) -> Result<Exit, Failure> {
    session::only_where_uploads_are_bounded()?;
    memory::give_back_soon();
    options.log.begin();
    session::block_on(serve(place, options))
}

async fn serve(place: &Place, options: Serve) -> Result<Exit, Failure> {
    let mut settings = session::settings(place, &options.database, options.as_of.clock());
    settings.parser = std::env::current_exe().ok();
    // The address first: a second server must not touch the database of the first.
    let door = door(&options).await?;
    let web = web_options(&options, &door)?;
    let (ctx, org) = session::open_first(settings).await?;
    announce(&door, accounts::ensure_administrator(&ctx, org).await?.as_ref())?;
    ctx.second_lock().await?;
    if door.certificate.is_none() && !options.behind_tls && !options.listen.ip().is_loopback() {
        tracing::warn!(
            "passwords and records cross the network without TLS; see --tls-cert and --behind-tls"
        );
    }
    web::serve(ctx, door, web)
        .await
        .map_err(|error| Failure::because("the server stopped", error.as_ref()))?;
    Ok(Exit::Success)
}

/// Where people come in: everything that can be wrong about it is found before the database is opened.
async fn door(options: &Serve) -> Result<Door, Failure> {
    let network = &options.network;
    let mut door = Door::new(listen(options.listen).await?);
    door.connections = network.max_connections;
    if let (Some(chain), Some(key)) = (&network.tls_cert, &network.tls_key) {
        let certificate = Certificate::open(chain.clone(), key.clone())
            .map_err(|error| Failure::because("cannot speak TLS", &error))?;
        door.certificate = Some(Arc::new(certificate));
    }
    if let (Some(address), Some(to)) = (network.redirect_http, &options.public.public_url) {
        if !to.text.starts_with("https://") {
            return Err(Failure::usage(
                "--redirect-http leads to an https:// address: name it by --public-url",
            ));
        }
        door.redirect = Some((listen(address).await?, to.text.clone()));
    }
    Ok(door)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::because(&format!("cannot listen on {address}"), &error)
            .hint("another program may be using the port; --listen 127.0.0.1:0 takes a free one")
    })
}

fn web_options(options: &Serve, door: &Door) -> Result<Options, Failure> {
    let mut allowed_hosts = options.allowed_host.clone();
    allowed_hosts.extend(options.public.public_url.iter().map(|url| url.host.clone()));
    let public_url = options.public.public_url.as_ref().map(|url| url.text.clone());
    let loopback = door.listener.local_addr().ok().filter(|address| address.ip().is_loopback());
    Ok(Options {
        allowed_hosts,
        public_url: public_url.or_else(|| loopback.map(|address| format!("{}://{address}", scheme(door)))),
        providers: options.providers.allow_provider.clone(),
        behind_tls: options.behind_tls,
        own_tls: door.certificate.is_some(),
        metrics_token: options.network.metrics_token_file.as_deref().map(token).transpose()?,
        requests: None,
        worker: (!options.no_worker).then(|| worker::options(&options.jobs)),
    })
}

fn scheme(door: &Door) -> &'static str {
    if door.certificate.is_some() { "https" } else { "http" }
}

fn token(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::because(&format!("cannot read {}", file.display()), &error))?;
    let token = text.trim();
    if token.len() < TOKEN_AT_LEAST {
        let message = format!("the token in {} is too short to be no guess", file.display());
        return Err(Failure::new(message).hint("`openssl rand -hex 32` makes one"));
    }
    Ok(token.to_owned())
}

/// Says where to go, and how to get in where nobody ever did.
fn announce(door: &Door, first: Option<&FirstAdministrator>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Bedrail serves on {}://{}", scheme(door), door.listener.local_addr()?)?;
    match first {
        Some(FirstAdministrator { name, one_time_password: Some(password) }) => {
            writeln!(out, "Sign in as {name} with the one-time password {password}")?;
        }
        Some(FirstAdministrator { name, one_time_password: None }) => {
            writeln!(
                out,
                "Nobody signed in yet. {name} was given a one-time password elsewhere; \
                 `bedrail account reset-password {name}` gives another one"
            )?;
        }
        None => {}
    }
    out.flush()
}
