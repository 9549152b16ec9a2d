//! A client's connection in HTTP/1.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::time::timeout;

use crate::exchange::{self, Arrival, Body, Connection, Destination, End, Gone, Sink, forward_chunk, phrase};
use crate::http1::framing::{Framing, of_request};
use crate::http1::head::{AnswerHead, RequestHead, Version};
use crate::http1::wire::{BodyReader, HeadLimits, HeadRead, Pace, Wire};
use crate::proxy::{Proxy, ended};
use crate::refusal::Reason;
use crate::upstream::Stream;
use crate::websocket::Breach;

/// Bytes and time that are read over after a refusal, so that the client sees the answer and not a reset.
const READ_OVER: usize = 256 * 1024;
const READ_OVER_TIME: Duration = Duration::from_secs(1);

/// The longest time for a client to take a piece of an answer.
pub(crate) const TAKE_TIME: Duration = Duration::from_secs(60);

/// Serve a connection until it ends.
pub(crate) async fn serve<T: Stream>(proxy: Arc<Proxy>, stream: T, connection: Connection) {
    let (read, write) = split(stream);
    let mut wire = Wire::new(read);
    let mut write = write;
    let mut first = true;
    let mut ending = proxy.ending.subscribe();
    loop {
        let limits = &proxy.config.limits;
        let idle = if first { limits.head_time } else { limits.idle_time };
        first = false;
        let head_limits = HeadLimits { bytes: limits.head_bytes, idle, whole: limits.head_time };
        let read = tokio::select! {
            read = wire.head(head_limits) => read,
            () = ended(&mut ending) => return,
        };
        let bytes = match read {
            HeadRead::Head(bytes) => bytes,
            HeadRead::Closed | HeadRead::Cut | HeadRead::Late => return,
            HeadRead::Refused(reason, read) => {
                return refuse(&proxy, &connection, &mut wire, &mut write, reason, &read).await;
            }
        };
        let read = RequestHead::parse(&bytes, limits.headers).and_then(|head| Ok((of_request(&head)?, head)));
        let (framing, head) = match read {
            Ok(read) => read,
            Err(reason) => return refuse(&proxy, &connection, &mut wire, &mut write, reason, &bytes).await,
        };
        let end =
            one(&proxy, Arrival { head, framing, connection: connection.clone() }, &mut wire, &mut write)
                .await;
        match end {
            End::Keep => {}
            End::Close => return close(&mut wire, &mut write).await,
            End::Cut => return,
            End::Tunnel(tunnel) => return Box::pin(websocket(&proxy, (wire, write), *tunnel)).await,
        }
    }
}

async fn websocket<T: Stream>(
    proxy: &Proxy,
    client: (Wire<ReadHalf<T>>, WriteHalf<T>),
    tunnel: exchange::Tunnel,
) {
    let exchange::Tunnel { link, of } = tunnel;
    let (device, limits, closes) = (link.device, of.site.site.websocket, !of.policy.never_block);
    let tell = |breach: Breach| {
        if let Some(reason) = breach.reason() {
            of.tell(proxy, device, reason);
        }
    };
    crate::websocket::tunnel(client, link, limits, closes, tell).await;
}

async fn one<T: Stream>(
    proxy: &Arc<Proxy>,
    arrival: Arrival,
    wire: &mut Wire<ReadHalf<T>>,
    write: &mut WriteHalf<T>,
) -> End {
    let limits = &proxy.config.limits;
    let pace = Pace { pause: limits.body_pause, bytes_per_second: limits.body_bytes_per_second };
    let mut body = FromWire { reader: BodyReader::new(arrival.framing, pace), wire };
    let mut sink = ToWire { write, version: arrival.head.version, chunked: false };
    let (end, _) = Box::pin(exchange::serve(proxy, arrival, Destination::Device, &mut body, &mut sink)).await;
    match end {
        // What is left of a body would be read as the next request.
        End::Keep if !body.is_done() => End::Close,
        end => end,
    }
}

/// Refuse what could not be read as a request.
async fn refuse<T: Stream>(
    proxy: &Proxy,
    connection: &Connection,
    wire: &mut Wire<ReadHalf<T>>,
    write: &mut WriteHalf<T>,
    reason: Reason,
    read: &[u8],
) {
    exchange::tell_unread(proxy, connection.peer, read, reason);
    let row = reason.row();
    let text = format!("{}.\n", row.message);
    let answer = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        row.status,
        phrase(row.status),
        text.len(),
    );
    if put(write, answer.as_bytes()).await.is_ok() {
        close(wire, write).await;
    }
}

/// End a connection so that the last answer arrives.
async fn close<T: Stream>(wire: &mut Wire<ReadHalf<T>>, write: &mut WriteHalf<T>) {
    if write.shutdown().await.is_err() {
        return;
    }
    let read_over = async {
        let mut left = READ_OVER;
        let mut piece = vec![0; 8 * 1024];
        while left > 0 {
            match wire.stream().read(&mut piece).await {
                Ok(length @ 1..) => left = left.saturating_sub(length),
                Ok(0) | Err(_) => break,
            }
        }
    };
    // Whoever sends on and on has had his answer.
    let _ = timeout(READ_OVER_TIME, read_over).await;
}

struct FromWire<'w, R> {
    wire: &'w mut Wire<R>,
    reader: BodyReader,
}

impl<R: tokio::io::AsyncRead + Unpin + Send> Body for FromWire<'_, R> {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, Reason> {
        self.reader.next(self.wire).await
    }

    fn is_done(&self) -> bool {
        self.reader.is_done()
    }
}

struct ToWire<'w, W> {
    write: &'w mut W,
    version: Version,
    chunked: bool,
}

impl<W: AsyncWrite + Unpin + Send> Sink for ToWire<'_, W> {
    async fn go_on(&mut self) -> Result<(), Gone> {
        put(self.write, b"HTTP/1.1 100 Continue\r\n\r\n").await
    }

    async fn head(
        &mut self,
        mut head: AnswerHead,
        framing: Framing,
        close: bool,
        first: Vec<u8>,
    ) -> Result<(), Gone> {
        let unknown = matches!(framing, Framing::Chunked | Framing::UntilClose);
        self.chunked = unknown && self.version == Version::Http11;
        if self.chunked {
            head.headers.push("Transfer-Encoding", "chunked");
        }
        let old = self.version == Version::Http10;
        if close || (unknown && old) {
            head.headers.push("Connection", "close");
        } else if old {
            head.headers.push("Connection", "keep-alive");
        }
        let mut out = head.write();
        if self.chunked {
            forward_chunk(&mut out, &first);
        } else {
            out.extend_from_slice(&first);
        }
        put(self.write, &out).await
    }

    async fn piece(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        if self.chunked {
            let mut out = Vec::with_capacity(bytes.len() + 16);
            forward_chunk(&mut out, &bytes);
            return put(self.write, &out).await;
        }
        put(self.write, &bytes).await
    }

    async fn end(&mut self) -> Result<(), Gone> {
        if self.chunked {
            put(self.write, b"0\r\n\r\n").await?;
        }
        self.write.flush().await.map_err(|_| Gone)
    }
}

async fn put<W: AsyncWrite + Unpin>(write: &mut W, bytes: &[u8]) -> Result<(), Gone> {
    let written = timeout(TAKE_TIME, async {
        write.write_all(bytes).await?;
        write.flush().await
    });
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}

/// Connections that are open.
pub(crate) fn open(proxy: &Proxy) -> usize {
    proxy.open.load(Ordering::Relaxed)
}
