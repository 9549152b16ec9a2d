//! Accepting connections: limits per client, TLS, which HTTP.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::exchange::{self, Connection};
use crate::proxy::{Proxy, StartError, ended};
use crate::refusal::Reason;
use crate::{serve_http1, serve_http2, tls};

/// Bind all listeners and accept.
pub(crate) fn start(proxy: &Arc<Proxy>) -> Result<Vec<SocketAddr>, StartError> {
    let acceptor = if proxy.config.listeners.iter().any(|it| it.tls) {
        Some(tls::acceptor(&proxy.config.sites)?)
    } else {
        None
    };
    let mut bound = Vec::new();
    for listener in &proxy.config.listeners {
        let failed = |source| StartError::Listen { address: listener.address, source };
        let socket = StdListener::bind(listener.address).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let socket = TcpListener::from_std(socket).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        bound.push((socket, address, acceptor.clone().filter(|_| listener.tls)));
    }
    let addresses = bound.iter().map(|(_, address, _)| *address).collect();
    for (socket, _, acceptor) in bound {
        tokio::spawn(accept(Arc::clone(proxy), socket, acceptor));
    }
    Ok(addresses)
}

async fn accept(proxy: Arc<Proxy>, listener: TcpListener, acceptor: Option<TlsAcceptor>) {
    let mut ending = proxy.ending.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = ended(&mut ending) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(Arc::clone(&proxy), stream, peer, acceptor.clone()));
            }
            Err(error) => {
                // Out of descriptors, mostly: those in use come back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(
    proxy: Arc<Proxy>,
    mut stream: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
) {
    let Some(_admitted) = proxy.admit(peer.ip()) else {
        exchange::tell_unread(&proxy, peer, b"", Reason::Connections);
        // In TLS nobody would understand it.
        if acceptor.is_none() {
            let answer =
                b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
            // So that the client sees the answer and not a reset; it has no more than a moment.
            let _ = timeout(Duration::from_millis(200), stream.read(&mut [0; 4096])).await;
        }
        return;
    };
    let Ok(local) = stream.local_addr() else { return };
    // Small answers should not wait for more; a socket that cannot be told works as well.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        let connection = Connection { peer, local, tls: false, name: None };
        return Box::pin(serve_http1::serve(proxy, stream, connection)).await;
    };
    let Ok(Ok(stream)) = timeout(proxy.config.limits.head_time, acceptor.accept(stream)).await else {
        return;
    };
    let (_, session) = stream.get_ref();
    let name = session.server_name().map(str::to_ascii_lowercase);
    let http2 = session.alpn_protocol() == Some(b"h2");
    let connection = Connection { peer, local, tls: true, name };
    if http2 {
        Box::pin(serve_http2::serve(proxy, stream, connection)).await;
    } else {
        Box::pin(serve_http1::serve(proxy, stream, connection)).await;
    }
}
