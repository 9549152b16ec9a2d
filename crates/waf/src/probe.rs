//! Probes: harmless requests that are admitted and judged as any other, and end in a sink. Nothing is sent to a device.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::exchange::{self, Arrival, Body, Connection, Destination, Gone, Sink};
use crate::http1::framing::{Framing, of_request};
use crate::http1::head::{AnswerHead, RequestHead};
use crate::proxy::Proxy;
use crate::refusal::Reason;
use crate::site::SiteAtWork;

/// Requests of one probe.
const REQUESTS: usize = 1_000;

/// A request of a probe. Texts, since what is sent is written by people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeRequest {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
}

/// How one ended.
#[derive(Debug, Serialize)]
pub(crate) struct ProbeAnswer {
    /// `pass`: it would have reached the device; `would-block`: as it is set now, too; `block`: it would not.
    outcome: &'static str,
    status: u16,
    /// Rules that fired, the proxy's own among them.
    rules: Vec<u32>,
    inbound_score: u32,
    /// Whether rules object, whatever the mode does about it.
    objected: bool,
}

/// Judge requests to a site. Quiet ones are neither counted nor events.
pub(crate) async fn probe(
    proxy: &Arc<Proxy>,
    site: &SiteAtWork,
    requests: &[ProbeRequest],
    quiet: bool,
) -> Result<Vec<ProbeAnswer>, String> {
    if requests.len() > REQUESTS {
        return Err(format!("more than {REQUESTS} requests in one probe"));
    }
    let mut answers = Vec::new();
    for (number, request) in requests.iter().enumerate() {
        let answer = one(proxy, site, request, quiet)
            .await
            .map_err(|reason| format!("request {}: {}", number + 1, reason.row().message))?;
        answers.push(answer);
    }
    Ok(answers)
}

async fn one(
    proxy: &Arc<Proxy>,
    site: &SiteAtWork,
    request: &ProbeRequest,
    quiet: bool,
) -> Result<ProbeAnswer, Reason> {
    // It is read as a request from outside is, so that a probe cannot show what no client could send.
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    let named = |name: &str| request.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
    if !named("host") {
        let host = site.site.hosts.first().map_or("probe", |it| if it == "*" { "probe" } else { it });
        text.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.body.is_empty() && !named("content-length") {
        text.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
    }
    text.push_str("\r\n");
    let head = RequestHead::parse(text.as_bytes(), proxy.config.limits.headers)?;
    let framing = match of_request(&head)? {
        Framing::Empty => Framing::Empty,
        _ => Framing::Length(request.body.len() as u64),
    };
    let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let connection = Connection { peer: here, local: here, tls: false, name: None };
    let mut body = Ready(Some(request.body.clone().into_bytes()).filter(|it| !it.is_empty()));
    let arrival = Arrival { head, framing, connection };
    let (_, ended) =
        Box::pin(exchange::serve(proxy, arrival, Destination::Sink { quiet }, &mut body, &mut Nowhere)).await;
    let notes = ended.notes.iter().map(|it| it.row().rule);
    let verdict = ended.verdict.unwrap_or_default();
    Ok(ProbeAnswer {
        outcome: ended.outcome.as_str(),
        status: ended.status,
        rules: notes.chain(verdict.matches.iter().map(|it| it.id)).collect(),
        inbound_score: verdict.inbound_score,
        objected: verdict.interruption.is_some() || ended.outcome != crate::event::Outcome::Pass,
    })
}

struct Ready(Option<Vec<u8>>);

impl Body for Ready {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, Reason> {
        Ok(self.0.take())
    }

    fn is_done(&self) -> bool {
        self.0.is_none()
    }
}

struct Nowhere;

impl Sink for Nowhere {
    async fn go_on(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    async fn head(&mut self, _: AnswerHead, _: Framing, _: bool, _: Vec<u8>) -> Result<(), Gone> {
        Ok(())
    }

    async fn piece(&mut self, _: Vec<u8>) -> Result<(), Gone> {
        Ok(())
    }

    async fn end(&mut self) -> Result<(), Gone> {
        Ok(())
    }
}
