//! How a connection gets on: when a head began, how many requests are under way, since when the other side takes
//! nothing. Out of these comes the moment at which it is over.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{self, Instant};

use super::Patience;
use super::stream::Stream;

/// How long one who asks nothing may stay while there is little room.
const IDLE_IN_A_CROWD: Duration = Duration::from_secs(5);
/// How often it is looked whether times have changed: whether it has become crowded, whether a request has ended.
const LOOK: Duration = Duration::from_secs(5);

/// How one connection gets on.
#[derive(Debug)]
pub(super) struct Pace {
    http2: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Requests that came and whose answers are not written yet.
    under_way: usize,
    /// Since when there is none; or since when the head of the next is coming.
    since: Instant,
    /// Whether bytes of a head have come.
    head: bool,
    /// Since when the other side takes nothing of what is written.
    stuck: Option<Instant>,
    /// Answers of which a part is on its way, and since when: the next part is asked for when the other side has taken it.
    /// In HTTP/2 each answer is taken for itself, while the connection moves.
    parts: BTreeMap<u64, Instant>,
    /// The number of the next request.
    next: u64,
}

impl Pace {
    /// A connection that has just been opened.
    pub(super) fn new(http2: bool) -> Pace {
        let state = State {
            under_way: 0,
            since: Instant::now(),
            head: false,
            stuck: None,
            parts: BTreeMap::new(),
            next: 0,
        };
        Pace { http2, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come; it is under way until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Pace>) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.head = false;
        state.next += 1;
        UnderWay { pace: self.clone(), number: state.next }
    }

    /// Bytes have come. In HTTP/2 they need not be those of a request; there the time without one counts.
    fn read(&self) {
        let mut state = self.state();
        if !self.http2 && state.under_way == 0 && !state.head {
            state.head = true;
            state.since = Instant::now();
        }
    }

    /// Bytes were written: the end of an answer may still be on its way when nothing more is asked of us.
    fn wrote(&self, poll: &Poll<io::Result<usize>>) {
        self.took(poll);
        let mut state = self.state();
        if matches!(poll, Poll::Ready(Ok(1..))) && state.under_way == 0 && !state.head {
            state.since = Instant::now();
        }
    }

    /// Whether the other side takes what is written.
    fn took<T>(&self, poll: &Poll<T>) {
        let mut state = self.state();
        match poll {
            Poll::Ready(_) => state.stuck = None,
            Poll::Pending => _ = state.stuck.get_or_insert_with(Instant::now),
        }
    }

    /// When it is over, as things stand.
    fn deadline(&self, patience: &Patience, crowded: bool) -> Option<Instant> {
        let state = self.state();
        let idle = if crowded { patience.idle.min(IDLE_IN_A_CROWD) } else { patience.idle };
        let asks = match (state.under_way, state.head) {
            (0, true) => Some(state.since + patience.head),
            (0, false) => Some(state.since + idle),
            _ => None,
        };
        let takes = state.stuck.iter().chain(state.parts.values()).min().map(|since| *since + patience.write);
        asks.into_iter().chain(takes).min()
    }

    /// Returns when the caller has been too slow.
    pub(super) async fn until_over(&self, patience: &Patience, crowded: impl Fn() -> bool) {
        let look = LOOK.min(patience.head);
        loop {
            let now = Instant::now();
            let next = match self.deadline(patience, crowded()) {
                Some(deadline) if deadline <= now => return,
                Some(deadline) => deadline.min(now + look),
                None => now + look,
            };
            time::sleep_until(next).await;
        }
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    pace: Arc<Pace>,
    number: u64,
}

impl UnderWay {
    /// The next part of the answer is asked for: the one before was taken.
    pub(super) fn asked(&self) {
        self.pace.state().parts.remove(&self.number);
    }

    /// A part of the answer is on its way.
    pub(super) fn sent(&self) {
        self.pace.state().parts.insert(self.number, Instant::now());
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        state.parts.remove(&self.number);
        state.under_way -= 1;
        state.since = Instant::now();
        state.head = false;
    }
}

/// A connection whose bytes are noticed.
pub(super) struct Paced {
    stream: Box<dyn Stream>,
    pace: Arc<Pace>,
}

impl Paced {
    /// Notices the bytes of a connection.
    pub(super) fn new(stream: Box<dyn Stream>, pace: Arc<Pace>) -> Paced {
        Paced { stream, pace }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.pace.read();
        }
        poll
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pace.wrote(&poll);
        poll
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.pace.wrote(&poll);
        poll
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.pace.took(&poll);
        poll
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(context);
        self.pace.took(&poll);
        poll
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_a_connection_has_its_time() {
        let patience = Patience::default();
        let (head, write, idle) =
            (patience.head.as_secs(), patience.write.as_secs(), patience.idle.as_secs());
        let left = |pace: &Pace, crowded| {
            let deadline = pace.deadline(&patience, crowded)?;
            Some(deadline.duration_since(Instant::now()).as_secs_f64().round() as u64)
        };
        let pace = Arc::new(Pace::new(false));
        assert_eq!(left(&pace, false), Some(idle));
        assert_eq!(left(&pace, true), Some(IDLE_IN_A_CROWD.as_secs()));
        pace.read();
        assert_eq!(left(&pace, true), Some(head));
        pace.state().since -= Duration::from_secs(3);
        pace.read();
        assert_eq!(left(&pace, false), Some(head - 3), "a drip gains no time");
        let request = pace.begin();
        assert_eq!(left(&pace, false), None, "an answer takes the time that it takes");
        pace.wrote(&Poll::Pending);
        let before = pace.state().stuck;
        pace.wrote(&Poll::Pending);
        assert_eq!(pace.state().stuck, before);
        assert_eq!(left(&pace, false), Some(write));
        pace.took(&Poll::Ready(()));
        assert_eq!(left(&pace, false), None);
        request.sent();
        assert_eq!(left(&pace, false), Some(write), "a part that nobody takes");
        request.asked();
        assert_eq!(left(&pace, false), None);
        drop(request);
        assert_eq!(left(&pace, false), Some(idle));
        pace.state().since -= Duration::from_secs(9);
        pace.took(&Poll::Ready(()));
        assert_eq!(left(&pace, false), Some(idle - 9), "a flush says nothing");
        pace.wrote(&Poll::Ready(Ok(1)));
        assert_eq!(left(&pace, false), Some(idle), "the end of an answer is taken slowly");
        let second = Arc::new(Pace::new(true));
        second.read();
        assert_eq!(left(&second, false), Some(idle), "a frame of HTTP/2 is no head");
    }
}
