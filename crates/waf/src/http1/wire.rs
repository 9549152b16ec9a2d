//! Reading from a connection, within limits of size and time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::{Instant, timeout_at};

use super::chunked::Decoder;
use super::framing::Framing;
use crate::refusal::Reason;

/// Bytes read at once.
const PIECE: usize = 16 * 1024;

/// The reading side of a connection.
#[derive(Debug)]
pub(crate) struct Wire<R> {
    stream: R,
    buffer: Vec<u8>,
}

/// How reading a head ended.
#[derive(Debug)]
pub(crate) enum HeadRead {
    /// A whole head, with its empty line.
    Head(Vec<u8>),
    /// The other side ended before the first byte.
    Closed,
    /// The other side ended, or failed, within it.
    Cut,
    /// The other side sent nothing in time.
    Late,
    /// Refused, with what was read of it.
    Refused(Reason, Vec<u8>),
}

/// What a head may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadLimits {
    /// Bytes.
    pub(crate) bytes: usize,
    /// Time until the first byte.
    pub(crate) idle: Duration,
    /// Time from the first byte to the last.
    pub(crate) whole: Duration,
}

impl<R: AsyncRead + Unpin> Wire<R> {
    pub(crate) const fn new(stream: R) -> Wire<R> {
        Wire { stream, buffer: Vec::new() }
    }

    /// The connection and what was read beyond the last message.
    pub(crate) fn into_parts(self) -> (R, Vec<u8>) {
        (self.stream, self.buffer)
    }

    /// The connection, for who reads on without messages.
    pub(crate) fn stream(&mut self) -> &mut R {
        &mut self.stream
    }

    /// Whether bytes wait that no message took.
    pub(crate) fn has_rest(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Read a head. `mixed` is what LF without CR among CRLF is refused as; a head of LF alone is left to the parser.
    pub(crate) async fn head(&mut self, limits: HeadLimits) -> HeadRead {
        let mut deadline = Instant::now() + limits.idle;
        let mut begun = false;
        let mut line_start = 0;
        let mut at = 0;
        loop {
            while let Some(offset) = self.buffer[at..].iter().position(|byte| *byte == b'\n') {
                let line = &self.buffer[line_start..at + offset];
                at += offset + 1;
                if line.is_empty() || line == b"\r" {
                    if line_start == 0 {
                        // RFC 9112 §2.2: one empty line before a request is let pass.
                        if line == b"\r" && at == 2 && !begun_twice(&self.buffer) {
                            self.buffer.drain(..2);
                            at = 0;
                            continue;
                        }
                        return HeadRead::Refused(Reason::RequestLine, self.buffer.clone());
                    }
                    if at > limits.bytes {
                        break;
                    }
                    return HeadRead::Head(self.buffer.drain(..at).collect());
                }
                line_start = at;
            }
            at = self.buffer.len();
            if self.buffer.len() > limits.bytes {
                return HeadRead::Refused(Reason::HeadTooLarge, std::mem::take(&mut self.buffer));
            }
            if !begun && !self.buffer.is_empty() {
                begun = true;
                deadline = Instant::now() + limits.whole;
            }
            match timeout_at(deadline, self.fill()).await {
                Err(_) if self.buffer.is_empty() => return HeadRead::Late,
                Err(_) => return HeadRead::Refused(Reason::SlowHead, std::mem::take(&mut self.buffer)),
                Ok(Ok(0) | Err(_)) if self.buffer.is_empty() => return HeadRead::Closed,
                Ok(Ok(0) | Err(_)) => return HeadRead::Cut,
                Ok(Ok(_)) => {}
            }
        }
    }

    pub(crate) async fn fill(&mut self) -> std::io::Result<usize> {
        self.buffer.reserve(PIECE);
        self.stream.read_buf(&mut self.buffer).await
    }
}

/// Whether the buffer begins with two empty lines.
fn begun_twice(buffer: &[u8]) -> bool {
    buffer.starts_with(b"\r\n\r\n")
}

/// How far a body was read.
#[derive(Debug)]
pub(crate) struct BodyReader {
    framing: Framing,
    left: u64,
    chunks: Decoder,
    waited: Duration,
    received: u64,
    pace: Pace,
    done: bool,
}

/// How slow a body may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The longest time without a byte.
    pub(crate) pause: Duration,
    /// Bytes a second on the whole, once `pause` has been waited.
    pub(crate) bytes_per_second: u64,
}

impl BodyReader {
    pub(crate) const fn new(framing: Framing, pace: Pace) -> BodyReader {
        let left = match framing {
            Framing::Length(length) => length,
            Framing::Empty | Framing::Chunked | Framing::UntilClose => 0,
        };
        let done = matches!(framing, Framing::Empty | Framing::Length(0));
        BodyReader { framing, left, chunks: Decoder::new(), waited: Duration::ZERO, received: 0, pace, done }
    }

    /// Whether the body was read to its end.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next<R: AsyncRead + Unpin>(
        &mut self,
        wire: &mut Wire<R>,
    ) -> Result<Option<Vec<u8>>, Reason> {
        while !self.done {
            if wire.buffer.is_empty() && !self.fill(wire).await? {
                break;
            }
            let piece = self.take(wire)?;
            self.received += piece.len() as u64;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// Wait for bytes; whether there are any.
    async fn fill<R: AsyncRead + Unpin>(&mut self, wire: &mut Wire<R>) -> Result<bool, Reason> {
        let start = Instant::now();
        let read = timeout_at(start + self.pace.pause, wire.fill()).await.map_err(|_| Reason::SlowBody)?;
        self.waited += start.elapsed();
        let due = self.waited.saturating_sub(self.pace.pause).as_secs() * self.pace.bytes_per_second;
        if self.received < due {
            return Err(Reason::SlowBody);
        }
        match (read, self.framing) {
            (Ok(1..), _) => Ok(true),
            (Ok(0), Framing::UntilClose) => {
                self.done = true;
                Ok(false)
            }
            (Ok(0) | Err(_), _) => Err(Reason::BodyCut),
        }
    }

    fn take<R>(&mut self, wire: &mut Wire<R>) -> Result<Vec<u8>, Reason> {
        match self.framing {
            Framing::Chunked => {
                let mut piece = Vec::with_capacity(wire.buffer.len());
                let used = self.chunks.feed(&wire.buffer, &mut piece)?;
                wire.buffer.drain(..used);
                self.done = self.chunks.is_done();
                Ok(piece)
            }
            Framing::Length(_) => {
                let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(wire.buffer.len());
                self.left -= take as u64;
                self.done = self.left == 0;
                Ok(wire.buffer.drain(..take).collect())
            }
            Framing::UntilClose => Ok(std::mem::take(&mut wire.buffer)),
            Framing::Empty => Ok(Vec::new()),
        }
    }
}
