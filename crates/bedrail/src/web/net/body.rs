//! Bodies: of requests, which must come on, and of answers, which end a request when they end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{self, Instant, Sleep};

use super::pace::UnderWay;
use crate::web::meter::{Meter, Resting};

/// Bytes a second that a body must come at, on average over the time that we wait for it: less than the slowest line
/// that a hospital has, and more than a drip that holds a place. Looked at when the first [`super::Patience::body`] is
/// over.
const BYTES_A_SECOND: f64 = 500.0;

/// Whether the body of a request was ended because it did not come on. Beside every request.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowBody(Arc<AtomicBool>);

impl SlowBody {
    /// Whether it was.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body did not come on.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come on")]
struct TooSlow;

/// A time in which we wait for the caller.
struct Wait {
    since: Instant,
    ends: Pin<Box<Sleep>>,
    _resting: Resting,
}

/// The body of a request, which must come on.
pub(super) struct Steady {
    inner: Incoming,
    patience: Duration,
    slow: SlowBody,
    meter: Arc<Meter>,
    /// Runs while we wait for the caller.
    waits: Option<Wait>,
    waited: Duration,
    bytes: u64,
}

impl Steady {
    /// A body that may rest for so long.
    pub(super) fn new(inner: Incoming, patience: Duration, slow: SlowBody, meter: Arc<Meter>) -> Steady {
        Steady { inner, patience, slow, meter, waits: None, waited: Duration::ZERO, bytes: 0 }
    }

    fn is_a_drip(&self) -> bool {
        let enough = self.bytes as f64 >= self.waited.as_secs_f64() * BYTES_A_SECOND;
        self.waited > self.patience && !enough
    }

    fn ended(&self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.slow.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(TooSlow.into())))
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            if let Some(wait) = self.waits.take() {
                self.waited += wait.since.elapsed();
            }
            if let Some(Ok(frame)) = &frame {
                self.bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
                if self.is_a_drip() {
                    return self.ended();
                }
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let (patience, meter) = (self.patience, self.meter.clone());
        let wait = self.waits.get_or_insert_with(|| Wait {
            since: Instant::now(),
            ends: Box::pin(time::sleep(patience)),
            _resting: meter.rest(),
        });
        if wait.ends.as_mut().poll(context).is_ready() {
            return self.ended();
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer; the request is over when it is.
pub(super) struct Counted {
    inner: Body,
    under_way: UnderWay,
}

impl Counted {
    /// The body of the answer to a request.
    pub(super) fn new(inner: Body, under_way: UnderWay) -> Counted {
        Counted { inner, under_way }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.under_way.asked();
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if let Poll::Ready(Some(Ok(_))) = &frame {
            self.under_way.sent();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
