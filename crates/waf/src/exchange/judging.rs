//! The body as far as it is judged, the verdict, and what is done about it.

use std::sync::Arc;

use bedrail_waf_protocol::message::PARTIAL_VARIABLE;
use bedrail_waf_protocol::{Frame, Request, Side};

use super::partial::{FirstPart, first_part};
use super::{Body, Case, Destination, Stop};
use crate::config::{Mode, OnError};
use crate::inflate::{self, Coding};
use crate::judge::{Judge, NoVerdict};
use crate::refusal::Reason;
use crate::routing::Bench;

/// The first part of a body, or all of it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) whole: bool,
}

impl Case<'_> {
    /// Read the part of the body that is judged.
    pub(super) async fn hold<B: Body>(&mut self, body: &mut B) -> Result<Held, Stop> {
        let Some(chosen) = &self.chosen else { return Ok(Held { bytes: Vec::new(), whole: body.is_done() }) };
        let site = &chosen.site.site;
        let most = if chosen.policy.mode == Mode::Off { 0 } else { site.inspect_body };
        let mut bytes = Vec::new();
        while !body.is_done() && bytes.len() < most {
            match body.piece().await.map_err(Stop::Refuse)? {
                Some(piece) => bytes.extend_from_slice(&piece),
                None => break,
            }
            if bytes.len() as u64 > site.body_limit {
                return Err(Stop::Refuse(Reason::BodyTooLarge));
            }
        }
        Ok(Held { bytes, whole: body.is_done() })
    }

    /// Have it judged, and stop where it is to be refused.
    pub(super) async fn judge(&mut self, held: &Held) -> Result<(), Stop> {
        let policy = self.policy();
        if policy.mode == Mode::Off {
            return Ok(());
        }
        let coding = Coding::of(&self.arrival.head.headers);
        let opened = (coding != Coding::Plain && !held.bytes.is_empty())
            .then(|| inflate::open(coding, &held.bytes, held.whole, &self.proxy.config.limits));
        let flaw = opened.as_ref().and_then(|it| it.flaw);
        if let Some(reason) = flaw {
            if policy.mode == Mode::Block {
                return Err(Stop::Refuse(reason));
            }
            self.notes.push(reason);
        }
        let partial = !held.whole || flaw.is_some();
        if partial {
            self.notes.push(Reason::PartlyJudged);
        }
        let inflated = opened.is_some() && flaw.is_none();
        let bytes = opened.map_or_else(|| held.bytes.clone(), |it| it.bytes);
        let body = match partial {
            true => first_part(&self.arrival.head.headers, bytes),
            false => FirstPart { bytes, excused: false },
        };
        match self.ask(body, inflated).await {
            Ok(()) => self.decide(),
            Err(error) => {
                tracing::warn!(%error, id = self.id, "no verdict");
                match policy.on_error {
                    OnError::Open => {
                        self.notes.push(Reason::NotJudged);
                        Ok(())
                    }
                    OnError::Closed => Err(Stop::Refuse(Reason::NoVerdict)),
                }
            }
        }
    }

    fn decide(&self) -> Result<(), Stop> {
        let objection = self.verdict.as_ref().and_then(|it| it.interruption.as_ref());
        match (objection, self.policy().mode) {
            (Some(it), Mode::Block) => Err(Stop::Objected(it.status)),
            _ => Ok(()),
        }
    }

    /// Ask the judge. A body that was inflated goes without the header that says it is packed.
    async fn ask(&mut self, body: FirstPart, inflated: bool) -> Result<(), NoVerdict> {
        let Some(chosen) = &self.chosen else { return Err(NoVerdict::None) };
        let judged_as = &chosen.judged_as.site;
        let bench = self
            .proxy
            .routing
            .load()
            .bench(&chosen.site.site.key, self.client.ip())
            .ok_or(NoVerdict::None)?;
        let answer_follows = chosen.site.site.answers;
        let mut variables = judged_as.variables.clone();
        // Said either way: a rule on a variable that is not there matches nothing.
        variables.push((PARTIAL_VARIABLE.to_owned(), if body.excused { "1" } else { "0" }.to_owned()));
        let head = &self.arrival.head;
        let mut headers = head.headers.clone();
        if inflated {
            headers.remove(b"content-encoding");
        }
        let request = Request {
            variables,
            go_on: chosen.policy.mode == Mode::Detect,
            answer_follows,
            client: Side { address: self.client.ip().to_canonical().to_string(), port: self.client.port() },
            server: Side {
                address: self.arrival.connection.local.ip().to_canonical().to_string(),
                port: self.arrival.connection.local.port(),
            },
            method: head.method.clone(),
            target: head.target.clone(),
            http_version: head.version.as_str().to_owned(),
            headers: headers.0,
            body: body.bytes,
        };
        let frame: Arc<[u8]> = Frame::Request(request).encode()?.into();
        let Bench { deciding, watching } = bench;
        let time = self.proxy.config.limits.judge_time;
        self.rule_set.clone_from(&deciding.rule_set.name);
        let watched = watching.map(|shadow| watch(shadow, Arc::clone(&frame), answer_follows, time));
        let begun = tokio::time::Instant::now();
        let asked = deciding.ask(&frame, answer_follows, time).await;
        if self.destination == Destination::Device {
            chosen.site.counts.added.add(begun.elapsed());
        }
        if let Some(decided) = watched {
            // The shadow's task ends by itself when nobody tells it what was decided.
            let _ = decided.send(asked.as_ref().ok().map(|it| it.verdict.interruption.is_some()));
        }
        let asked = asked?;
        self.verdict = Some(asked.verdict.clone());
        self.asked = answer_follows.then_some(asked);
        Ok(())
    }
}

/// Ask a shadow beside; it is compared with what is decided.
fn watch(
    shadow: Arc<Judge>,
    frame: Arc<[u8]>,
    answer_follows: bool,
    time: std::time::Duration,
) -> tokio::sync::oneshot::Sender<Option<bool>> {
    let (decided, told) = tokio::sync::oneshot::channel::<Option<bool>>();
    tokio::spawn(async move {
        let Ok(asked) = shadow.ask(&frame, answer_follows, time).await else { return };
        let objects = asked.verdict.interruption.is_some();
        asked.abandon().await;
        if let Ok(Some(decided)) = told.await {
            shadow.tally.compared(decided, objects);
        }
    });
    decided
}
