//! One request and its answer, whatever HTTP it came by: admitted, judged, forwarded, told of.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bedrail_waf_protocol::Verdict;

use crate::config::{EventScope, Mode, OnError};
use crate::event::{Event, Outcome};
use crate::http1::framing::{Framing, check_names, keeps_open};
use crate::http1::head::{AnswerHead, Headers, RequestHead, Version};
use crate::judge::Asked;
use crate::proxy::Proxy;
use crate::refusal::Reason;
use crate::site::{Chosen, Policy, SiteAtWork};
use crate::upstream::Link;
use target::{host, path};

mod answer;
mod forward;
mod judging;
mod partial;
mod target;

pub(crate) use forward::chunk as forward_chunk;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) head: RequestHead,
    pub(crate) framing: Framing,
    pub(crate) connection: Connection,
}

/// The connection that it arrived by.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) tls: bool,
    /// The name that TLS was opened for.
    pub(crate) name: Option<String>,
}

/// The client is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gone;

/// Where the body of a request comes from.
pub(crate) trait Body: Send {
    /// The next piece; `None` at the end.
    fn piece(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Reason>> + Send;
    /// Whether it was read to its end.
    fn is_done(&self) -> bool;
}

/// Where the answer goes.
pub(crate) trait Sink: Send {
    /// `100 Continue`.
    fn go_on(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;
    /// The head, and what there is of the body already, which may be nothing. `close`: the connection ends after this answer.
    fn head(
        &mut self,
        head: AnswerHead,
        framing: Framing,
        close: bool,
        first: Vec<u8>,
    ) -> impl Future<Output = Result<(), Gone>> + Send;
    /// A piece of the body.
    fn piece(&mut self, bytes: Vec<u8>) -> impl Future<Output = Result<(), Gone>> + Send;
    /// The body is whole.
    fn end(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;
}

/// What becomes of the client's connection.
pub(crate) enum End {
    /// Another request may follow.
    Keep,
    /// It ends, properly.
    Close,
    /// It ends at once: the answer is not whole.
    Cut,
    /// It goes on as a tunnel.
    Tunnel(Box<Tunnel>),
}

/// A WebSocket that was agreed to.
pub(crate) struct Tunnel {
    pub(crate) link: Link,
    pub(crate) of: TunnelOf,
}

/// What is known of a WebSocket while it lasts.
pub(crate) struct TunnelOf {
    pub(crate) site: Arc<SiteAtWork>,
    pub(crate) policy: Policy,
    id: String,
    client: SocketAddr,
    target: Vec<u8>,
}

impl TunnelOf {
    /// Tell that the client passed a limit of the site.
    pub(crate) fn tell(&self, proxy: &Proxy, device: SocketAddr, reason: Reason) {
        let closed = !self.policy.never_block;
        if closed {
            self.site.counts.tunnels_closed.fetch_add(1, Ordering::Relaxed);
        }
        proxy.events.put(
            Event {
                at: (proxy.clock)(),
                id: &self.id,
                site: &self.site.site.key,
                mode: self.policy.mode,
                outcome: if closed { Outcome::Blocked } else { Outcome::WouldBlock },
                client: self.client,
                device: Some(device),
                method: b"GET",
                target: &self.target,
                version: "1.1",
                status: reason.row().status,
                verdict: None,
                rule_set: "",
                notes: &[reason],
                probe: false,
            }
            .line(),
        );
    }
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    Device,
    /// A probe: whatever would be forwarded ends here.
    Sink {
        /// Whether it is neither counted nor an event: the firewall looks after itself.
        quiet: bool,
    },
}

/// Why an exchange does not take its usual way.
#[derive(Debug)]
enum Stop {
    /// Refused by the proxy itself.
    Refuse(Reason),
    /// Refused because rules object.
    Objected(u16),
    /// The device failed: the status for the client.
    Device(u16),
    /// The answer broke off after its head was handed on.
    AnswerCut(Reason),
    /// The client is gone.
    Gone,
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Stop {
        Stop::Gone
    }
}

/// What is known of a request while it is served.
struct Case<'p> {
    proxy: &'p Arc<Proxy>,
    arrival: Arrival,
    id: String,
    client: SocketAddr,
    destination: Destination,
    chosen: Option<Chosen>,
    verdict: Option<Verdict>,
    rule_set: String,
    asked: Option<Asked>,
    device: Option<SocketAddr>,
    notes: Vec<Reason>,
    status: u16,
}

/// How a probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) status: u16,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) notes: Vec<Reason>,
}

/// Serve a request.
pub(crate) async fn serve<B: Body, S: Sink>(
    proxy: &Arc<Proxy>,
    arrival: Arrival,
    destination: Destination,
    body: &mut B,
    sink: &mut S,
) -> (End, Ended) {
    let client = client_of(proxy, &arrival);
    let mut case = Case {
        proxy,
        arrival,
        id: proxy.next_id(),
        client,
        destination,
        chosen: None,
        verdict: None,
        rule_set: String::new(),
        asked: None,
        device: None,
        notes: Vec::new(),
        status: 0,
    };
    let ran = case.run(body, sink).await;
    let (end, outcome) = case.conclude(ran, body.is_done(), sink).await;
    case.tell(outcome);
    (end, Ended { outcome, status: case.status, verdict: case.verdict, notes: case.notes })
}

/// Tell of a request that could not be read: there is no site and no head.
pub(crate) fn tell_unread(proxy: &Proxy, peer: SocketAddr, read: &[u8], reason: Reason) {
    proxy.unread.fetch_add(1, Ordering::Relaxed);
    let line = read.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    proxy.events.put(
        Event {
            at: (proxy.clock)(),
            id: &proxy.next_id(),
            site: "",
            mode: Mode::Block,
            outcome: Outcome::Blocked,
            client: peer,
            device: None,
            method,
            target,
            version: "1.1",
            status: reason.row().status,
            verdict: None,
            rule_set: "",
            notes: &[reason],
            probe: false,
        }
        .line(),
    );
}

/// Whose request it is: the peer, or whom trusted proxies name, the last one that is not trusted itself.
fn client_of(proxy: &Proxy, arrival: &Arrival) -> SocketAddr {
    let peer = arrival.connection.peer;
    if !proxy.config.trusts(peer.ip()) {
        return peer;
    }
    let named: Vec<&[u8]> =
        arrival.head.headers.all("x-forwarded-for").flat_map(|it| it.split(|byte| *byte == b',')).collect();
    let mut client = peer.ip();
    for name in named.iter().rev() {
        let Some(address) = std::str::from_utf8(name).ok().and_then(|it| it.trim().parse::<IpAddr>().ok())
        else {
            break;
        };
        client = address;
        if !proxy.config.trusts(address) {
            break;
        }
    }
    SocketAddr::new(client, if client == peer.ip() { peer.port() } else { 0 })
}

impl Case<'_> {
    async fn run<B: Body, S: Sink>(&mut self, body: &mut B, sink: &mut S) -> Result<End, Stop> {
        self.admit()?;
        if self.arrival.head.headers.lists("expect", "100-continue") && !body.is_done() {
            sink.go_on().await?;
        }
        let held = self.hold(body).await?;
        self.judge(&held).await?;
        if matches!(self.destination, Destination::Sink { .. }) {
            return self.end_in_sink(sink).await;
        }
        self.forward(held, body, sink).await
    }

    /// Is it for a site of ours, and can it be read in one way only?
    fn admit(&mut self) -> Result<(), Stop> {
        check_names(&self.arrival.head.headers).map_err(Stop::Refuse)?;
        let host = host(&self.arrival.head).map_err(Stop::Refuse)?;
        let chosen = self
            .proxy
            .sites
            .choose(&host, path(&self.arrival.head.target))
            .ok_or(Stop::Refuse(Reason::OtherName))?;
        let serves = |name: &str| chosen.site.site.hosts.iter().any(|it| it == name || it == "*");
        if let Some(name) = &self.arrival.connection.name
            && *name != host
            && !serves(name)
        {
            return Err(Stop::Refuse(Reason::OtherName));
        }
        chosen.site.counts.requests.fetch_add(1, Ordering::Relaxed);
        self.device = chosen.site.pool.address();
        if let Framing::Length(length) = self.arrival.framing
            && length > chosen.site.site.body_limit
        {
            self.chosen = Some(chosen);
            return Err(Stop::Refuse(Reason::BodyTooLarge));
        }
        self.chosen = Some(chosen);
        Ok(())
    }

    /// What holds; before a site is known, the strictest.
    fn policy(&self) -> Policy {
        self.chosen
            .as_ref()
            .map_or(Policy { mode: Mode::Block, on_error: OnError::Closed, never_block: false }, |it| {
                it.policy
            })
    }

    /// A probe ends here: nothing is sent to a device.
    async fn end_in_sink<S: Sink>(&mut self, sink: &mut S) -> Result<End, Stop> {
        self.abandon().await;
        self.answer_plainly(sink, 204, "", false).await?;
        Ok(End::Close)
    }

    /// Answer where nothing was answered yet; whatever stopped it.
    async fn conclude<S: Sink>(
        &mut self,
        ran: Result<End, Stop>,
        body_done: bool,
        sink: &mut S,
    ) -> (End, Outcome) {
        let objected = self.verdict.as_ref().is_some_and(|it| it.interruption.is_some());
        let would = self.notes.iter().any(|it| matches!(it, Reason::Expands | Reason::BodyCoding));
        let stop = match ran {
            Ok(end) => return (end, if objected || would { Outcome::WouldBlock } else { Outcome::Pass }),
            Err(stop) => stop,
        };
        self.abandon().await;
        // After a refusal of ours nothing more is read: what comes next may be part of what was refused.
        let refused = matches!(stop, Stop::Refuse(_));
        let close =
            refused || !body_done || !keeps_open(self.arrival.head.version, &self.arrival.head.headers);
        let (status, words, outcome) = match stop {
            Stop::Refuse(reason) => {
                self.notes.push(reason);
                (reason.row().status, reason.row().message, Outcome::Blocked)
            }
            Stop::Objected(status) => {
                (status, "The rules in front of this device refuse this request", Outcome::Blocked)
            }
            Stop::Device(status) => {
                let words = if status == 504 {
                    "The device did not answer in time"
                } else {
                    "The device cannot be reached"
                };
                (status, words, if objected { Outcome::WouldBlock } else { Outcome::Pass })
            }
            Stop::AnswerCut(reason) => {
                self.notes.push(reason);
                return (End::Cut, if objected { Outcome::WouldBlock } else { Outcome::Pass });
            }
            Stop::Gone => return (End::Cut, if objected { Outcome::WouldBlock } else { Outcome::Pass }),
        };
        let text = format!("{words}.\nReference: {}\n", self.id);
        match self.answer_plainly(sink, status, &text, close).await {
            Ok(()) if !close => (End::Keep, outcome),
            Ok(()) => (End::Close, outcome),
            Err(Gone) => (End::Cut, outcome),
        }
    }

    async fn answer_plainly<S: Sink>(
        &mut self,
        sink: &mut S,
        status: u16,
        text: &str,
        close: bool,
    ) -> Result<(), Gone> {
        self.status = status;
        let mut headers = Headers::default();
        if status != 204 {
            headers.push("Content-Type", "text/plain; charset=utf-8");
            headers.push("Content-Length", text.len().to_string());
        }
        if status == 405 {
            headers.push("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
        }
        headers.push("Cache-Control", "no-store");
        let head = AnswerHead { status, phrase: phrase(status).into(), version: Version::Http11, headers };
        let empty = status == 204 || self.arrival.head.method == b"HEAD";
        let framing = if empty { Framing::Empty } else { Framing::Length(text.len() as u64) };
        let first = if empty { Vec::new() } else { text.as_bytes().to_vec() };
        sink.head(head, framing, close, first).await?;
        sink.end().await
    }

    async fn abandon(&mut self) {
        if let Some(asked) = self.asked.take() {
            asked.abandon().await;
        }
    }

    /// Count it, and write an event where it is one.
    fn tell(&self, outcome: Outcome) {
        if self.destination == (Destination::Sink { quiet: true }) {
            return;
        }
        let Some(chosen) = &self.chosen else {
            self.proxy.unread.fetch_add(1, Ordering::Relaxed);
            self.proxy.events.put(self.event("", outcome).line());
            return;
        };
        let counts = &chosen.site.counts;
        let by_proxy = self.notes.iter().any(|it| it.row().status != 200);
        match outcome {
            Outcome::Blocked if by_proxy => counts.refused.fetch_add(1, Ordering::Relaxed),
            Outcome::Blocked => counts.blocked.fetch_add(1, Ordering::Relaxed),
            Outcome::WouldBlock => counts.would_block.fetch_add(1, Ordering::Relaxed),
            Outcome::Pass => 0,
        };
        for (reason, count) in
            [(Reason::NotJudged, &counts.not_judged), (Reason::PartlyJudged, &counts.partly_judged)]
        {
            if self.notes.contains(&reason) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        let noted = self.notes.iter().any(|it| *it != Reason::PartlyJudged);
        let matched = self.proxy.config.event_scope == EventScope::Matches
            && self.verdict.as_ref().is_some_and(|it| !it.matches.is_empty());
        if outcome != Outcome::Pass || noted || matched {
            self.proxy.events.put(self.event(&chosen.site.site.key, outcome).line());
        }
    }

    fn event<'a>(&'a self, site: &'a str, outcome: Outcome) -> Event<'a> {
        Event {
            at: (self.proxy.clock)(),
            id: &self.id,
            site,
            mode: self.policy().mode,
            outcome,
            client: self.client,
            device: self.device,
            method: &self.arrival.head.method,
            target: &self.arrival.head.target,
            version: self.arrival.head.version.as_str(),
            status: self.status,
            verdict: self.verdict.as_ref(),
            rule_set: &self.rule_set,
            notes: &self.notes,
            probe: matches!(self.destination, Destination::Sink { .. }),
        }
    }
}

/// The words of a status (RFC 9110 §15).
pub(crate) const fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Refused",
    }
}
