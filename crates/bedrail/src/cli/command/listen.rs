//! `bedrail alerts listen`: syslog over UDP, TCP and TLS.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bedrail_app::alerts::listen::{self, Feed};
use bedrail_app::{Actor, Context};
use bedrail_model::ids::AlertSourceId;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::stop;
use crate::web::net::tls::Certificate;

/// Connections at once; the next one waits.
const CONNECTIONS: usize = 800;
/// The longest datagram (RFC 768).
const DATAGRAM: usize = 65_535;
/// How long a sender may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A pause after a connection that could not be taken: the machine is short of something.
const PAUSE: Duration = Duration::from_millis(100);

/// Where it listens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doors {
    pub(super) udp: Option<SocketAddr>,
    pub(super) tcp: Option<SocketAddr>,
    pub(super) tls: Option<SocketAddr>,
}

/// Listens until told to stop; what has come by then is stored.
pub(super) async fn run(
    ctx: &Context,
    actor: &Actor,
    source: AlertSourceId,
    doors: Doors,
    certificate: Option<(PathBuf, PathBuf)>,
) -> Result<Exit, Failure> {
    let (feed, writer) = listen::queue(source);
    let mut told = stop::signal();
    let mut tasks = Vec::new();
    if let Some(address) = doors.udp {
        let socket = UdpSocket::bind(address).await.map_err(|error| cannot(address, &error))?;
        say("udp", socket.local_addr())?;
        tasks.push(tokio::spawn(datagrams(socket, feed.clone())));
    }
    if let Some(address) = doors.tcp {
        let listener = bind(address).await?;
        say("tcp", listener.local_addr())?;
        tasks.push(tokio::spawn(connections(listener, feed.clone(), None)));
    }
    if let (Some(address), Some((chain, key))) = (doors.tls, certificate) {
        let certificate = Certificate::open(chain, key);
        let certificate =
            Arc::new(certificate.map_err(|error| Failure::because("cannot speak TLS", &error))?);
        let config = certificate.config(&[]);
        let config = config.map_err(|error| Failure::because("cannot speak TLS", &error))?;
        let listener = bind(address).await?;
        say("tls", listener.local_addr())?;
        tasks.push(tokio::spawn(certificate.follow(told.clone())));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tasks.push(tokio::spawn(connections(listener, feed.clone(), Some(acceptor))));
    }
    if tasks.is_empty() {
        return Err(Failure::usage("name where to listen: --udp, --tcp or --tls"));
    }
    // The writer ends when the last who feeds it is gone.
    drop(feed);
    let stopping = async {
        let _ = told.wait_for(|stop| *stop).await;
        for task in &tasks {
            task.abort();
        }
        std::future::pending::<()>().await;
    };
    let tell = |receipt: &bedrail_app::alerts::receive::Receipt| {
        tracing::debug!(lines = receipt.lines, events = receipt.events, "alerts stored");
    };
    let receipt = tokio::select! {
        receipt = writer.run(ctx, actor, &tell) => receipt?,
        () = stopping => return Ok(Exit::Success),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} lines received, {} events", receipt.lines, receipt.events)?;
    Ok(Exit::Success)
}

fn cannot(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::because(&format!("cannot listen on {address}"), error)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| cannot(address, &error))
}

fn say(what: &str, address: std::io::Result<SocketAddr>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening for syslog on {what}://{}", address?)?;
    Ok(out.flush()?)
}

async fn datagrams(socket: UdpSocket, feed: Feed) {
    let mut part = vec![0; DATAGRAM];
    loop {
        match socket.recv(&mut part).await {
            Ok(length) => feed.datagram(part.get(..length).unwrap_or_default()).await,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn connections(listener: TcpListener, feed: Feed, tls: Option<TlsAcceptor>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = tokio::task::JoinSet::new();
    loop {
        let Ok(seat) = seats.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (feed, tls) = (feed.clone(), tls.clone());
        open.spawn(async move {
            let _seat = seat;
            match tls {
                None => feed.connection(stream).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        feed.connection(stream).await;
                    }
                }
            }
        });
        while open.try_join_next().is_some() {}
    }
}
