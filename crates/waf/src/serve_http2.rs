//! A client's connection in HTTP/2: frames are hyper's, what they say goes the same way as HTTP/1.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HyperBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, timeout};

use crate::exchange::{self, Arrival, Body, Connection, Destination, Gone, Sink};
use crate::http1::framing::Framing;
use crate::http1::head::{AnswerHead, Headers, RequestHead, Version};
use crate::proxy::{Proxy, ended};
use crate::refusal::Reason;
use crate::serve_http1::TAKE_TIME;
use crate::upstream::Stream;

/// Pieces of an answer that wait for the client.
const WAITING: usize = 4;

/// Serve a connection until it ends.
pub(crate) async fn serve<T: Stream + 'static>(proxy: Arc<Proxy>, stream: T, connection: Connection) {
    let limits = &proxy.config.limits;
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        // Streams that are opened and reset at once (CVE-2023-44487) are counted by the library.
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(limits.idle_time)
        .keep_alive_timeout(Duration::from_secs(20));
    let mut ending = proxy.ending.subscribe();
    let service = service_fn({
        let proxy = Arc::clone(&proxy);
        move |request| one(Arc::clone(&proxy), connection.clone(), request)
    });
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // An error of a connection is the client's; there is nobody to tell.
        _ = served.as_mut() => {}
        () = ended(&mut ending) => {
            served.as_mut().graceful_shutdown();
            let _ = timeout(proxy.config.limits.drain, served).await;
        }
    }
}

/// A request that cannot be answered: its stream is reset.
#[derive(Debug, thiserror::Error)]
#[error("the answer is not whole")]
pub(crate) struct Cut;

async fn one(
    proxy: Arc<Proxy>,
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Pieces>, Cut> {
    let (parts, incoming) = request.into_parts();
    let framing = match (incoming.is_end_stream(), incoming.size_hint().exact()) {
        (true, _) => Framing::Empty,
        (false, Some(length)) => Framing::Length(length),
        (false, None) => Framing::Chunked,
    };
    let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let target = if parts.uri.scheme().is_none() && parts.method == "OPTIONS" { "*" } else { target };
    let head = RequestHead {
        method: parts.method.as_str().as_bytes().to_vec(),
        target: target.as_bytes().to_vec(),
        version: Version::Http2,
        headers: headers(parts.uri.authority().map(|it| it.as_str()), &parts.headers),
    };
    let (answer, answered) = oneshot::channel();
    tokio::spawn(async move {
        let too_many = head.headers.0.len() > proxy.config.limits.headers;
        let mut body = FromStream {
            incoming,
            pause: proxy.config.limits.body_pause,
            bytes_per_second: proxy.config.limits.body_bytes_per_second,
            waited: Duration::ZERO,
            received: 0,
            done: framing == Framing::Empty,
        };
        let mut sink = ToStream { answer: Some(answer), pieces: None };
        if too_many || head.method == b"CONNECT" {
            let reason = if too_many { Reason::TooManyHeaders } else { Reason::Method };
            exchange::tell_unread(&proxy, connection.peer, b"", reason);
            let row = reason.row();
            let head = AnswerHead {
                status: row.status,
                phrase: Vec::new(),
                version: Version::Http2,
                headers: Headers::default(),
            };
            // A client that is gone needs no answer.
            let _ = sink.head(head, Framing::Empty, true, Vec::new()).await;
            let _ = sink.end().await;
            return;
        }
        let arrival = Arrival { head, framing, connection };
        Box::pin(exchange::serve(&proxy, arrival, Destination::Device, &mut body, &mut sink)).await;
    });
    answered.await.map_err(|_| Cut)
}

/// Headers as HTTP/1 has them: the authority is the host, cookies are one (RFC 9113 §8.2.3, §8.3.1).
fn headers(authority: Option<&str>, map: &HeaderMap) -> Headers {
    let mut headers = Headers::default();
    if let Some(authority) = authority {
        headers.push("host", authority);
    }
    let cookies: Vec<&[u8]> = map.get_all("cookie").iter().map(|it| it.as_bytes()).collect();
    for (name, value) in map {
        match name.as_str() {
            "cookie" => {}
            // Where both are given they must agree; the library sees to it that one is there.
            "host" if authority.is_some_and(|it| it.as_bytes() == value.as_bytes()) => {}
            name => headers.push(name, value.as_bytes()),
        }
    }
    if !cookies.is_empty() {
        headers.push("cookie", cookies.join(&b"; "[..]));
    }
    headers
}

struct FromStream {
    incoming: Incoming,
    pause: Duration,
    bytes_per_second: u64,
    waited: Duration,
    received: u64,
    done: bool,
}

impl Body for FromStream {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, Reason> {
        while !self.done {
            let start = Instant::now();
            let frame = timeout(self.pause, self.incoming.frame()).await;
            self.waited += start.elapsed();
            if self.received < self.waited.saturating_sub(self.pause).as_secs() * self.bytes_per_second {
                return Err(Reason::SlowBody);
            }
            match frame {
                Err(_) => return Err(Reason::SlowBody),
                Ok(None) => self.done = true,
                Ok(Some(Err(_))) => return Err(Reason::BodyCut),
                Ok(Some(Ok(frame))) => {
                    // Trailers are read over: devices of HTTP/1 do not get any.
                    if let Ok(bytes) = frame.into_data() {
                        self.done = self.incoming.is_end_stream();
                        self.received += bytes.len() as u64;
                        return Ok(Some(bytes.to_vec()));
                    }
                }
            }
        }
        Ok(None)
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

/// What is sent to the task of the stream.
enum Piece {
    Bytes(Bytes),
    End,
}

struct ToStream {
    answer: Option<oneshot::Sender<Response<Pieces>>>,
    pieces: Option<mpsc::Sender<Piece>>,
}

impl Sink for ToStream {
    async fn go_on(&mut self) -> Result<(), Gone> {
        // The library has said so when the body is first read.
        Ok(())
    }

    async fn head(&mut self, head: AnswerHead, _: Framing, _: bool, first: Vec<u8>) -> Result<(), Gone> {
        let (pieces, waiting) = mpsc::channel(WAITING);
        let mut response = Response::new(Pieces { waiting, ended: false });
        *response.status_mut() = StatusCode::from_u16(head.status).map_err(|_| Gone)?;
        for (name, value) in head.headers.0 {
            let name = hyper::header::HeaderName::from_bytes(&name).map_err(|_| Gone)?;
            let value = hyper::header::HeaderValue::from_bytes(&value).map_err(|_| Gone)?;
            response.headers_mut().append(name, value);
        }
        self.pieces = Some(pieces);
        self.answer.take().ok_or(Gone)?.send(response).map_err(|_| Gone)?;
        if first.is_empty() { Ok(()) } else { self.piece(first).await }
    }

    async fn piece(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        let pieces = self.pieces.as_ref().ok_or(Gone)?;
        match timeout(TAKE_TIME, pieces.send(Piece::Bytes(bytes.into()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn end(&mut self) -> Result<(), Gone> {
        let pieces = self.pieces.take().ok_or(Gone)?;
        // A client that needs no body has gone already, and has its answer.
        let _ = timeout(TAKE_TIME, pieces.send(Piece::End)).await;
        Ok(())
    }
}

/// The body of an answer. Where it stops without an end, the stream is reset.
pub(crate) struct Pieces {
    waiting: mpsc::Receiver<Piece>,
    ended: bool,
}

impl HyperBody for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.waiting.poll_recv(context).map(|piece| match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::End) => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(Cut))
            }
        })
    }
}
