//! From the device to the client, judged where the site wants it.

use std::sync::atomic::Ordering;

use bedrail_waf_protocol::{Answer, Frame};

use super::{Case, End, Sink, Stop};
use crate::config::Mode;
use crate::http1::framing::{Framing, drop_of_one_connection, keeps_open, of_answer};
use crate::http1::head::{AnswerHead, Headers};
use crate::http1::wire::{BodyReader, Pace};
use crate::refusal::Reason;
use crate::site::SiteAtWork;
use crate::upstream::Link;

/// Types whose bodies rules look at: leaks of errors, sources and listings are text.
const TEXTS: &[&str] =
    &["text/html", "text/plain", "text/xml", "application/xml", "application/json", "application/fhir+json"];

impl Case<'_> {
    pub(super) async fn answer<S: Sink>(
        &mut self,
        site: &SiteAtWork,
        mut link: Link,
        head: AnswerHead,
        body_done: bool,
        sink: &mut S,
    ) -> Result<End, Stop> {
        let method = self.arrival.head.method.clone();
        let framing = of_answer(&head, &method).map_err(Stop::Refuse)?;
        let pace = Pace { pause: self.proxy.config.limits.answer_time, bytes_per_second: 0 };
        let mut body = BodyReader::new(framing, pace);
        let most = self.judged_bytes(site, &head.headers);
        let mut kept = Vec::new();
        let mut waiting = Vec::new();
        if self.policy().mode == Mode::Block && self.asked.is_some() {
            while waiting.len() < most {
                match body.next(&mut link.read).await.map_err(answer_failed)? {
                    Some(piece) => waiting.extend_from_slice(&piece),
                    None => break,
                }
            }
            kept.clone_from(&waiting);
            kept.truncate(most);
            self.judge_answer(&head, std::mem::take(&mut kept)).await;
            if let Some(it) = self.objection_to_answer() {
                return Err(Stop::Objected(it));
            }
        }
        if waiting.is_empty()
            && link.read.has_rest()
            && let Some(piece) = body.next(&mut link.read).await.map_err(|reason| {
                site.counts.device_failed.fetch_add(1, Ordering::Relaxed);
                answer_failed(reason)
            })?
        {
            // It came with the head, and goes with it.
            kept.extend_from_slice(&piece[..piece.len().min(most)]);
            waiting = piece;
        }
        self.status = head.status;
        let device_keeps = keeps_open(head.version, &head.headers) && framing != Framing::UntilClose;
        let keep = body_done && keeps_open(self.arrival.head.version, &self.arrival.head.headers);
        let mut for_client = head.clone();
        drop_of_one_connection(&mut for_client.headers);
        if head.status == 204 {
            // RFC 9110 §8.6: such an answer has none.
            for_client.headers.remove(b"content-length");
        }
        sink.head(for_client, framing, !keep, waiting).await?;
        while let Some(piece) = body.next(&mut link.read).await.map_err(|_| {
            site.counts.device_failed.fetch_add(1, Ordering::Relaxed);
            Stop::AnswerCut(Reason::AnswerLength)
        })? {
            if self.asked.is_some() && kept.len() < most {
                kept.extend_from_slice(&piece[..piece.len().min(most - kept.len())]);
            }
            sink.piece(piece).await?;
        }
        sink.end().await?;
        if device_keeps && body.is_done() && body_done {
            site.pool.keep(link);
        }
        if self.asked.is_some() {
            self.judge_answer(&head, kept).await;
        }
        Ok(if keep { End::Keep } else { End::Close })
    }

    /// How many bytes of this answer's body rules look at.
    fn judged_bytes(&self, site: &SiteAtWork, headers: &Headers) -> usize {
        let kind = headers.first("content-type").unwrap_or_default();
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let text = TEXTS.iter().any(|it| kind.eq_ignore_ascii_case(it.as_bytes()));
        if self.asked.is_some() && text && headers.first("content-encoding").is_none() {
            site.site.inspect_body
        } else {
            0
        }
    }

    /// Have the answer judged; without a verdict, that on the request stays.
    async fn judge_answer(&mut self, head: &AnswerHead, body: Vec<u8>) {
        let Some(asked) = self.asked.take() else { return };
        let answer = Answer {
            status: head.status,
            protocol: "HTTP/1.1".to_owned(),
            headers: head.headers.0.clone(),
            body,
        };
        let Ok(frame) = Frame::Answer(answer).encode() else { return };
        match asked.answer(&frame, self.proxy.config.limits.judge_time).await {
            Ok(verdict) => self.verdict = Some(verdict),
            Err(error) => tracing::warn!(%error, id = self.id, "no verdict on an answer"),
        }
    }

    fn objection_to_answer(&self) -> Option<u16> {
        let interruption = self.verdict.as_ref().and_then(|it| it.interruption.as_ref())?;
        (interruption.phase >= 3).then_some(interruption.status)
    }
}

/// Before the head was handed on, the client can be told.
const fn answer_failed(reason: Reason) -> Stop {
    match reason {
        Reason::SlowBody => Stop::Device(504),
        Reason::BodyCut | Reason::Chunk => Stop::Refuse(Reason::AnswerLength),
        _ => Stop::Refuse(Reason::Answer),
    }
}
