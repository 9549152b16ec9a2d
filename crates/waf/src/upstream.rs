//! Connections to devices.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::config::Upstream;
use crate::http1::wire::Wire;

/// A connection that was idle this long is not used again: common devices close after five seconds, and a request that meets
/// the close cannot be repeated.
const IDLE_LIMIT: Duration = Duration::from_secs(4);

/// Idle connections of one site.
const IDLE_CONNECTIONS: usize = 16;

/// A stream of bytes, TLS or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection to a device.
pub(crate) struct Link {
    pub(crate) read: Wire<ReadHalf<Box<dyn Stream>>>,
    pub(crate) write: WriteHalf<Box<dyn Stream>>,
    pub(crate) device: SocketAddr,
    /// The device answered before it had the whole request: what is sent next would be taken for the rest.
    pub(crate) unfinished: bool,
}

/// Connections of one site.
pub(crate) struct Pool {
    upstream: Upstream,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    idle: Mutex<Vec<(Link, Instant)>>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({}:{})", self.upstream.host, self.upstream.port)
    }
}

/// A device that cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoLink {
    /// Not in time.
    #[error("not in time")]
    Late,
    /// The name, the network or TLS.
    #[error("cannot connect")]
    Socket(#[from] std::io::Error),
}

impl Pool {
    pub(crate) fn new(upstream: Upstream, tls: Option<(TlsConnector, ServerName<'static>)>) -> Pool {
        Pool { upstream, tls, idle: Mutex::new(Vec::new()) }
    }

    /// A connection that waits and is alive.
    pub(crate) fn waiting(&self) -> Option<Link> {
        loop {
            let (mut link, since) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            // Bytes or an end that came while nothing was asked: not to be trusted.
            if since.elapsed() < IDLE_LIMIT && link.read.fill().now_or_never().is_none() {
                return Some(link);
            }
        }
    }

    /// A new connection.
    pub(crate) async fn connect(&self, within: Duration) -> Result<Link, NoLink> {
        timeout(within, self.open()).await.map_err(|_| NoLink::Late)?
    }

    async fn open(&self) -> Result<Link, NoLink> {
        let stream = TcpStream::connect((self.upstream.host.as_str(), self.upstream.port)).await?;
        stream.set_nodelay(true)?;
        let device = stream.peer_addr()?;
        let stream: Box<dyn Stream> = match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        };
        let (read, write) = split(stream);
        Ok(Link { read: Wire::new(read), write, device, unfinished: false })
    }

    /// Keep a connection for the next request.
    pub(crate) fn keep(&self, link: Link) {
        if link.read.has_rest() || link.unfinished {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE_LIMIT);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push((link, Instant::now()));
        }
    }

    /// The device's address where it is written as one.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.upstream.host.parse().ok().map(|ip| SocketAddr::new(ip, self.upstream.port))
    }
}
