//! Connections: accepted, counted, encrypted, timed and ended. HTTP/1.1, and over TLS HTTP/2 as well.
//!
//! A caller that is slow, floods or stays without asking loses its own connection and nobody else's: heads, bodies and
//! reading of answers have their times, heads their size, connections their number. What comes beyond that number is
//! told so at once.

mod body;
mod pace;
mod redirect;
mod refuse;
mod stream;
pub mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use self::pace::{Pace, Paced};
use self::stream::Stream;
use self::tls::{Certificate, TlsError};
use super::meter::Meter;

pub(crate) use self::body::SlowBody;

/// Connections that are open at once, where nobody says another number. Below the 1,024 files that a process may hold
/// open by default on Linux.
pub const CONNECTIONS: usize = 800;
/// Bytes of a request's head at most; what is longer is answered with 431.
const HEAD_BYTES: usize = 64 << 10;
/// Bytes of a head at most in HTTP/2, where every header counts 32 bytes more than it is long.
const HEAD_BYTES_2: u32 = 64 << 10;
/// Requests at once on one connection of HTTP/2.
const STREAMS: u32 = 64;
/// Connections at once that are told that there are too many; what comes beyond that is closed without a word.
const REFUSALS: usize = 64;
/// Connections at once that are sent on to the address with TLS.
const REDIRECTS: usize = 64;
/// How long accepting rests where the machine has no more room for a connection.
const NO_ROOM: Duration = Duration::from_millis(500);
/// The first byte of a TLS connection: a record of the handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// How long a caller may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the handshake of TLS, and for the head of a request from its first byte.
    pub head: Duration,
    /// Without a byte of a body that is awaited, and before its pace is looked at.
    pub body: Duration,
    /// Without taking a byte of an answer.
    pub write: Duration,
    /// Without a request.
    pub idle: Duration,
    /// For all that is under way when the server is told to stop.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            write: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stop: Duration::from_secs(30),
        }
    }
}

/// Where people come in.
#[derive(Debug)]
pub struct Door {
    /// The address that is listened on.
    pub listener: TcpListener,
    /// The certificate; without one it is HTTP without TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// An address without TLS that sends people on to this public address, `https://…` without a path.
    pub redirect: Option<(TcpListener, String)>,
    /// Connections that are open at once.
    pub connections: usize,
    /// How long a caller may take.
    pub patience: Patience,
}

impl Door {
    /// A door without TLS.
    pub fn new(listener: TcpListener) -> Door {
        Door {
            listener,
            certificate: None,
            redirect: None,
            connections: CONNECTIONS,
            patience: Patience::default(),
        }
    }

    /// Lets people in until told to stop, and until what is under way then has ended or its time is over.
    ///
    /// # Errors
    /// When the certificate cannot be used.
    pub(super) async fn open(
        self,
        router: Router,
        meter: Arc<Meter>,
        stop: watch::Receiver<bool>,
    ) -> Result<(), TlsError> {
        let tls = self.certificate.as_ref().map(Acceptors::new).transpose()?;
        let gate = |router, tls, connections| {
            Arc::new(Gate {
                router,
                tls,
                seats: Arc::new(Semaphore::new(connections)),
                connections,
                refusals: Arc::new(Semaphore::new(REFUSALS)),
                patience: self.patience,
                meter: meter.clone(),
                stop: stop.clone(),
            })
        };
        let main = accept(self.listener, gate(router, tls, self.connections));
        let beside = async {
            if let Some((listener, to)) = self.redirect {
                accept(listener, gate(redirect::router(to), None, REDIRECTS)).await;
            }
        };
        tokio::join!(main, beside);
        Ok(())
    }
}

/// TLS as it is spoken with callers, and with those for whom there is no room: these are told so in HTTP/1.1.
struct Acceptors {
    full: TlsAcceptor,
    short: TlsAcceptor,
}

impl Acceptors {
    fn new(certificate: &Arc<Certificate>) -> Result<Acceptors, TlsError> {
        let with =
            |protocols: &[&[u8]]| certificate.config(protocols).map(|tls| TlsAcceptor::from(Arc::new(tls)));
        Ok(Acceptors { full: with(&[b"h2", b"http/1.1"])?, short: with(&[b"http/1.1"])? })
    }
}

/// What every connection needs.
struct Gate {
    router: Router,
    tls: Option<Acceptors>,
    seats: Arc<Semaphore>,
    connections: usize,
    refusals: Arc<Semaphore>,
    patience: Patience,
    meter: Arc<Meter>,
    stop: watch::Receiver<bool>,
}

/// Accepts connections until told to stop, then waits for those that are open.
async fn accept(listener: TcpListener, gate: Arc<Gate>) {
    let mut open = JoinSet::new();
    let mut stop = gate.stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => match gate.seats.clone().try_acquire_owned() {
                Ok(seat) => drop(open.spawn(gate.clone().receive(stream, peer, seat))),
                Err(_) => {
                    gate.meter.turned_away();
                    if let Ok(permit) = gate.refusals.clone().try_acquire_owned() {
                        open.spawn(gate.clone().refuse(stream, permit));
                    }
                }
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted right now");
                time::sleep(NO_ROOM).await;
            }
        }
    }
    drop(listener);
    let all = async { while open.join_next().await.is_some() {} };
    if time::timeout(gate.patience.stop, all).await.is_err() {
        tracing::warn!(
            connections = open.len(),
            "requests under way were ended, their time to finish is over"
        );
    }
    open.shutdown().await;
}

/// Whether accepting failed for the one who came, and the next one may be let in.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

impl Gate {
    /// A connection from its first byte to its last.
    async fn receive(self: Arc<Gate>, stream: TcpStream, peer: SocketAddr, seat: OwnedSemaphorePermit) {
        let _open = self.meter.connection();
        // Answers are written whole; waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        if let Some((stream, http2)) = self.greet(stream, |tls| &tls.full).await {
            self.converse(stream, http2, peer).await;
        }
        drop(seat);
    }

    /// Tells a connection that there are too many.
    async fn refuse(self: Arc<Gate>, stream: TcpStream, permit: OwnedSemaphorePermit) {
        if let Some((mut stream, _)) = self.greet(stream, |tls| &tls.short).await {
            refuse::too_many(&mut stream).await;
        }
        drop(permit);
    }

    /// The handshake, where there is TLS. Gives whether HTTP/2 was agreed on.
    async fn greet(
        &self,
        stream: TcpStream,
        which: impl Fn(&Acceptors) -> &TlsAcceptor,
    ) -> Option<(Box<dyn Stream>, bool)> {
        let Some(tls) = &self.tls else { return Some((Box::new(stream), false)) };
        let greeted = time::timeout(self.patience.head, async {
            let mut first = [0];
            if stream.peek(&mut first).await.ok()? == 0 {
                return None;
            }
            if first[0] != HANDSHAKE {
                refuse::without_tls(stream).await;
                return None;
            }
            let stream = which(tls).accept(stream).await.ok()?;
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Some((Box::new(stream) as Box<dyn Stream>, http2))
        });
        greeted.await.ok().flatten()
    }

    /// Requests and answers, until one side ends it or the caller is too slow.
    async fn converse(&self, stream: Box<dyn Stream>, http2: bool, peer: SocketAddr) {
        let pace = Arc::new(Pace::new(http2));
        let service = service_fn(|request| self.answer(request, peer, &pace));
        let builder = builder(http2);
        let io = TokioIo::new(Paced::new(stream, pace.clone()));
        let mut connection = pin!(builder.serve_connection(io, service));
        let mut stop = self.stop.clone();
        let mut stopping = false;
        loop {
            tokio::select! {
                // What goes wrong on a connection is the caller's, and nothing of it is ours to tell.
                _ = connection.as_mut() => return,
                () = pace.until_over(&self.patience, || self.is_crowded()) => {
                    self.meter.too_slow();
                    return;
                }
                _ = stop.wait_for(|stop| *stop), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Whether more than three quarters of the seats are taken: then who asks nothing leaves sooner.
    fn is_crowded(&self) -> bool {
        self.seats.available_permits() < self.connections / 4
    }

    /// Answers one request.
    fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        pace: &Arc<Pace>,
    ) -> impl Future<Output = Result<Response<body::Counted>, Infallible>> + Send + use<> {
        let under_way = pace.begin();
        let (router, patience) = (self.router.clone(), self.patience);
        let slow = SlowBody::default();
        let mut request = request
            .map(|body| Body::new(body::Steady::new(body, patience.body, slow.clone(), self.meter.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(slow);
        async move {
            let response = router.oneshot(request).await?;
            Ok(response.map(|body| body::Counted::new(body, under_way)))
        }
    }
}

/// How requests are read.
fn builder(http2: bool) -> Builder<TokioExecutor> {
    let builder = Builder::new(TokioExecutor::new());
    // Which of them is known before the first byte: by ALPN over TLS, and without TLS it is HTTP/1.1. Guessing would
    // wait for bytes without a limit of time.
    let mut builder = if http2 { builder.http2_only() } else { builder.http1_only() };
    // The times are ours (`pace`), for both versions and for the time between requests as well.
    builder.http1().header_read_timeout(None).max_buf_size(HEAD_BYTES);
    builder.http2().max_header_list_size(HEAD_BYTES_2).max_concurrent_streams(STREAMS);
    builder
}
