//! To the device: the request that was judged.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Duration, timeout};

use super::judging::Held;
use super::{Body, Case, End, Sink, Stop, Tunnel, TunnelOf};
use crate::http1::framing::{Framing, drop_of_one_connection};
use crate::http1::head::{AnswerHead, RequestHead, Version};
use crate::http1::wire::{HeadLimits, HeadRead};
use crate::refusal::Reason;
use crate::site::SiteAtWork;
use crate::upstream::Link;

/// Answers before the answer (RFC 9110 §15.2) that are read over.
const INTERIM_ANSWERS: usize = 8;

/// What a device did with a request.
enum Tried {
    Answered(Link, AnswerHead),
    /// The connection ended before the first byte of an answer.
    Silent,
}

impl Case<'_> {
    pub(super) async fn forward<B: Body, S: Sink>(
        &mut self,
        held: Held,
        body: &mut B,
        sink: &mut S,
    ) -> Result<End, Stop> {
        let Some(chosen) = self.chosen.clone() else { return Err(Stop::Refuse(Reason::OtherName)) };
        let site = Arc::clone(&chosen.site);
        if !site.health.admits(self.proxy.config.limits.unhealthy_after) {
            return Err(Stop::Device(503));
        }
        let upgrade = is_websocket(&self.arrival.head);
        let head = self.for_device(&held, upgrade);
        let answered = self.send(&site, &head, &held, body).await;
        let (link, answer) = match answered {
            Ok(answered) => answered,
            Err(stop) => {
                // The client's fault is not the device's.
                if matches!(stop, Stop::Device(_) | Stop::Refuse(Reason::Answer)) {
                    site.health.ill();
                    site.counts.device_failed.fetch_add(1, Ordering::Relaxed);
                } else {
                    site.health.unknown();
                }
                return Err(stop);
            }
        };
        site.health.well();
        if answer.status == 101 {
            if !upgrade {
                return Err(Stop::Refuse(Reason::Answer));
            }
            return self.upgrade(&site, link, answer, sink).await;
        }
        self.answer(&site, link, answer, body.is_done(), sink).await
    }

    /// The head that the device gets.
    fn for_device(&self, held: &Held, upgrade: bool) -> RequestHead {
        let mut head = self.arrival.head.clone();
        drop_of_one_connection(&mut head.headers);
        let connection = &self.arrival.connection;
        let mut chain = Vec::new();
        if self.proxy.config.trusts(connection.peer.ip()) {
            for value in head.headers.all("x-forwarded-for") {
                chain.extend_from_slice(value);
                chain.extend_from_slice(b", ");
            }
        } else {
            for name in ["forwarded", "x-forwarded-host", "x-real-ip"] {
                head.headers.remove(name.as_bytes());
            }
        }
        chain.extend_from_slice(connection.peer.ip().to_canonical().to_string().as_bytes());
        head.headers.remove(b"x-forwarded-for");
        head.headers.remove(b"x-forwarded-proto");
        head.headers.push("X-Forwarded-For", chain);
        head.headers.push("X-Forwarded-Proto", if connection.tls { "https" } else { "http" });
        if self.arrival.framing == Framing::Chunked {
            if held.whole {
                head.headers.push("Content-Length", held.bytes.len().to_string());
            } else {
                head.headers.push("Transfer-Encoding", "chunked");
            }
        }
        if upgrade {
            head.headers.push("Connection", "Upgrade");
            head.headers.push("Upgrade", "websocket");
        }
        head
    }

    /// Send it and read the head of the answer; a second time where a waiting connection had died and nothing is lost by it.
    async fn send<B: Body>(
        &mut self,
        site: &SiteAtWork,
        head: &RequestHead,
        held: &Held,
        body: &mut B,
    ) -> Result<(Link, AnswerHead), Stop> {
        // RFC 9110 §9.2.1: safe methods may be repeated.
        let repeatable = held.whole && matches!(&*head.method, b"GET" | b"HEAD" | b"OPTIONS");
        if let Some(link) = site.pool.waiting() {
            match self.attempt(site, link, head, held, body).await? {
                Tried::Answered(link, answer) => return Ok((link, answer)),
                Tried::Silent if !repeatable => return Err(Stop::Device(502)),
                Tried::Silent => {}
            }
        }
        let link = site.pool.connect(self.proxy.config.limits.connect_time).await.map_err(|error| {
            tracing::warn!(site = site.site.key, %error, "the device cannot be reached");
            Stop::Device(502)
        })?;
        match self.attempt(site, link, head, held, body).await? {
            Tried::Answered(link, answer) => Ok((link, answer)),
            Tried::Silent => Err(Stop::Device(502)),
        }
    }

    async fn attempt<B: Body>(
        &mut self,
        site: &SiteAtWork,
        mut link: Link,
        head: &RequestHead,
        held: &Held,
        body: &mut B,
    ) -> Result<Tried, Stop> {
        self.device = Some(link.device);
        let limits = self.proxy.config.limits.clone();
        let chunked = self.arrival.framing == Framing::Chunked && !held.whole;
        let mut first = head.write();
        if chunked {
            chunk(&mut first, &held.bytes);
        } else {
            first.extend_from_slice(&held.bytes);
        }
        let written = timeout(limits.answer_time, link.write.write_all(&first)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(_)) if held.whole => return Ok(Tried::Silent),
            Ok(Err(_)) => return Err(Stop::Device(502)),
            Err(_) => return Err(Stop::Device(504)),
        }
        let head_limits =
            HeadLimits { bytes: limits.head_bytes, idle: limits.answer_time, whole: limits.answer_time };
        let mut early = None;
        if !held.whole {
            let most = site.site.body_limit - held.bytes.len() as u64;
            let rest = send_rest(&mut link.write, body, chunked, most, limits.answer_time);
            tokio::select! {
                sent = rest => sent?,
                // An answer before the whole request: the rest is of no use to the device.
                read = link.read.head(HeadLimits { idle: FOREVER, ..head_limits }) => {
                    early = Some(read);
                    link.unfinished = true;
                }
            }
        }
        for _ in 0..INTERIM_ANSWERS {
            let read = match early.take() {
                Some(read) => read,
                None => {
                    // What is written may wait in TLS.
                    link.write.flush().await.map_err(|_| Stop::Device(502))?;
                    link.read.head(head_limits).await
                }
            };
            let bytes = match read {
                HeadRead::Head(bytes) => bytes,
                HeadRead::Closed if held.whole => return Ok(Tried::Silent),
                HeadRead::Closed | HeadRead::Cut => return Err(Stop::Device(502)),
                HeadRead::Late => return Err(Stop::Device(504)),
                HeadRead::Refused(..) => return Err(Stop::Refuse(Reason::Answer)),
            };
            let answer =
                AnswerHead::parse(&bytes, limits.headers).map_err(|_| Stop::Refuse(Reason::Answer))?;
            if !(100..=199).contains(&answer.status) || answer.status == 101 {
                return Ok(Tried::Answered(link, answer));
            }
        }
        Err(Stop::Refuse(Reason::Answer))
    }

    /// The device agrees to a WebSocket.
    async fn upgrade<S: Sink>(
        &mut self,
        site: &Arc<SiteAtWork>,
        link: Link,
        mut answer: AnswerHead,
        sink: &mut S,
    ) -> Result<End, Stop> {
        self.abandon().await;
        self.status = 101;
        site.counts.tunnels.fetch_add(1, Ordering::Relaxed);
        drop_of_one_connection(&mut answer.headers);
        answer.headers.push("Connection", "Upgrade");
        answer.headers.push("Upgrade", "websocket");
        sink.head(answer, Framing::Empty, false, Vec::new()).await?;
        let of = TunnelOf {
            site: Arc::clone(site),
            policy: self.policy(),
            id: self.id.clone(),
            client: self.client,
            target: self.arrival.head.target.clone(),
        };
        Ok(End::Tunnel(Box::new(Tunnel { link, of })))
    }
}

/// A day: as good as no limit beside one that is kept elsewhere.
const FOREVER: Duration = Duration::from_secs(86_400);

/// Whether a request asks for a WebSocket (RFC 6455 §4.1). Other upgrades, such as `h2c`, are not offered to devices.
fn is_websocket(head: &RequestHead) -> bool {
    head.method == b"GET"
        && head.version == Version::Http11
        && head.headers.lists("connection", "upgrade")
        && head.headers.lists("upgrade", "websocket")
}

/// Hand on what was not held, at the pace of both sides.
async fn send_rest<B: Body, W: AsyncWrite + Unpin>(
    write: &mut W,
    body: &mut B,
    chunked: bool,
    most: u64,
    time: Duration,
) -> Result<(), Stop> {
    let mut sent = 0_u64;
    while let Some(piece) = body.piece().await.map_err(Stop::Refuse)? {
        sent += piece.len() as u64;
        if sent > most {
            return Err(Stop::Refuse(Reason::BodyTooLarge));
        }
        let mut bytes = Vec::new();
        let bytes = if chunked {
            chunk(&mut bytes, &piece);
            &bytes
        } else {
            &piece
        };
        put(write, bytes, time).await?;
    }
    if chunked {
        put(write, b"0\r\n\r\n", time).await?;
    }
    Ok(())
}

async fn put<W: AsyncWrite + Unpin>(write: &mut W, bytes: &[u8], time: Duration) -> Result<(), Stop> {
    match timeout(time, write.write_all(bytes)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Stop::Device(502)),
        Err(_) => Err(Stop::Device(504)),
    }
}

/// A chunk; nothing where there are no bytes, since that would be the last one.
pub(crate) fn chunk(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    out.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}
