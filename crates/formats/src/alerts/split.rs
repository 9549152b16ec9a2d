//! Bytes to lines: of a file that grows, of a connection, of datagrams.
//!
//! Wherever the bytes are cut when they arrive, the lines are the same. Memory is bounded by the limit of one line.

use memchr::memchr;
use sha2::{Digest as _, Sha256};

/// Bytes of the longest line that is read. Suricata's records with packet and payload stay below 100 KB, an audit record of
/// ModSecurity with the bodies that its defaults allow below 400 KB.
pub const LINE_LIMIT: usize = 512 << 10;

/// How lines are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By line feeds: files, HTTP bodies.
    Lines,
    /// Syslog over TCP or TLS: octet counting (RFC 6587 §3.4.1, RFC 5425 §4.3) where a frame begins with a number, else up to
    /// the line feed (RFC 6587 §3.4.2). Told for each frame, since senders mix them.
    Syslog,
    /// Each chunk of bytes is one message (RFC 5426 §3.1).
    Datagrams,
}

/// Whether a line is as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// It is.
    Whole,
    /// It was longer than the limit; the bytes at hand are its beginning.
    Cut {
        /// Bytes of all of it.
        bytes: u64,
    },
    /// The stream ended in its middle.
    Half,
}

/// A line, without its line feed. A carriage return before it is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it begins in the stream, framing included.
    pub offset: u64,
    /// Bytes from there to where the next one begins.
    pub length: u64,
    /// The line.
    pub bytes: &'a [u8],
    /// Whether it is whole.
    pub state: LineState,
    /// SHA-256 of all of it, where the bytes at hand are not all.
    pub(super) digest: Option<[u8; 32]>,
}

impl<'a> Line<'a> {
    /// A line by itself, at offset 0.
    pub fn whole(bytes: &'a [u8]) -> Line<'a> {
        Line { offset: 0, length: bytes.len() as u64, bytes, state: LineState::Whole, digest: None }
    }
}

/// What a stream consisted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Lines handed out.
    pub lines: u64,
    /// Lines with nothing but blanks, which are not handed out.
    pub blank: u64,
    /// Lines that were cut.
    pub cut: u64,
    /// Lines that the stream ended in the middle of.
    pub half: u64,
    /// Frames that begin with a number which is no count of octets; they were taken up to the line feed.
    pub framing_errors: u64,
}

/// Digits of the longest count of octets that is believed: 99,999,999 bytes.
const COUNT_DIGITS: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between lines.
    Start,
    /// Within a number that may be a count of octets.
    Count(u64),
    /// So many octets are still to come.
    Octets(u64),
    /// Up to the line feed.
    Line,
}

/// Makes lines of chunks.
#[derive(Debug)]
pub struct Splitter {
    framing: Framing,
    limit: usize,
    /// Where the line that is being read begins.
    offset: u64,
    /// Bytes of it that have come, framing included.
    length: u64,
    /// Bytes of its content that have come.
    content: u64,
    /// Its beginning, up to the limit.
    buffer: Vec<u8>,
    /// Of all of its content, from where the buffer is full on.
    hasher: Option<Sha256>,
    state: State,
    counts: Counts,
}

impl Splitter {
    /// A splitter of a stream from an offset on, which must be where a line begins.
    pub fn new(framing: Framing, offset: u64) -> Splitter {
        Splitter::with_limit(framing, offset, LINE_LIMIT)
    }

    /// The same with another limit of bytes.
    pub fn with_limit(framing: Framing, offset: u64, limit: usize) -> Splitter {
        Splitter {
            framing,
            limit,
            offset,
            length: 0,
            content: 0,
            buffer: Vec::new(),
            hasher: None,
            state: State::Start,
            counts: Counts::default(),
        }
    }

    /// Where to go on after a restart: the beginning of the first line that was not handed out.
    pub fn resume_at(&self) -> u64 {
        self.offset
    }

    /// What the stream consisted of so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Take a chunk; `each` gets every line that ends in it.
    pub fn feed(&mut self, mut chunk: &[u8], mut each: impl FnMut(Line<'_>)) {
        if self.framing == Framing::Datagrams {
            self.take(chunk);
            self.length = chunk.len() as u64;
            self.finish(None, false, &mut each);
            return;
        }
        while let Some(first) = chunk.first().copied() {
            match self.state {
                State::Start if self.framing == Framing::Syslog && matches!(first, b'1'..=b'9') => {
                    self.state = State::Count(0);
                }
                State::Start => self.state = State::Line,
                State::Count(count) => chunk = self.count(count, first, chunk),
                State::Octets(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
                    let (mine, rest) = chunk.split_at(here);
                    chunk = rest;
                    self.octets(left, mine, &mut each);
                }
                State::Line => match memchr(b'\n', chunk) {
                    Some(end) => {
                        let (mine, rest) = chunk.split_at(end);
                        chunk = rest.get(1..).unwrap_or_default();
                        self.length += end as u64 + 1;
                        self.complete(mine, &mut each);
                    }
                    None => {
                        self.length += chunk.len() as u64;
                        self.take(chunk);
                        return;
                    }
                },
            }
        }
    }

    /// The stream has ended: a file was rotated away, a connection closed. What waits is half a line.
    pub fn end(&mut self, mut each: impl FnMut(Line<'_>)) {
        if self.state != State::Start {
            self.finish(None, true, &mut each);
        }
    }

    /// One sign of a number at the beginning of a frame.
    fn count<'c>(&mut self, count: u64, sign: u8, chunk: &'c [u8]) -> &'c [u8] {
        match sign {
            b'0'..=b'9' if self.buffer.len() < COUNT_DIGITS => {
                self.state = State::Count(count * 10 + u64::from(sign - b'0'));
                self.buffer.push(sign);
            }
            b' ' => {
                self.state = State::Octets(count);
                self.buffer.clear();
            }
            // No count of octets: it is part of the line. Such a sign is looked at again.
            _ => {
                self.counts.framing_errors += 1;
                self.content = self.buffer.len() as u64;
                self.state = State::Line;
                return chunk;
            }
        }
        self.length += 1;
        chunk.get(1..).unwrap_or_default()
    }

    fn octets(&mut self, left: u64, mine: &[u8], each: &mut impl FnMut(Line<'_>)) {
        self.length += mine.len() as u64;
        let left = left.saturating_sub(mine.len() as u64);
        if left == 0 {
            self.complete(mine, each);
        } else {
            self.take(mine);
            self.state = State::Octets(left);
        }
    }

    /// The last bytes of a line: it is handed out without a copy where they are all of it.
    fn complete(&mut self, last: &[u8], each: &mut impl FnMut(Line<'_>)) {
        if self.buffer.is_empty() && self.hasher.is_none() && last.len() <= self.limit {
            self.finish(Some(last), false, each);
        } else {
            self.take(last);
            self.finish(None, false, each);
        }
    }

    /// Keep bytes of a line whose end has not come yet.
    fn take(&mut self, bytes: &[u8]) {
        self.content += bytes.len() as u64;
        let room = self.limit.saturating_sub(self.buffer.len()).min(bytes.len());
        let (kept, beyond) = bytes.split_at(room);
        self.buffer.extend_from_slice(kept);
        if !beyond.is_empty() {
            let buffer = &self.buffer;
            self.hasher.get_or_insert_with(|| Sha256::new_with_prefix(buffer)).update(beyond);
        }
    }

    /// Hand a line out, from the chunk or from the buffer, and begin the next.
    fn finish(&mut self, borrowed: Option<&[u8]>, ended: bool, each: &mut impl FnMut(Line<'_>)) {
        let bytes = borrowed.unwrap_or(&self.buffer);
        let digest: Option<[u8; 32]> = self.hasher.take().map(|hasher| hasher.finalize().into());
        let state = match (ended, digest) {
            (true, _) => LineState::Half,
            (false, Some(_)) => LineState::Cut { bytes: self.content },
            (false, None) => LineState::Whole,
        };
        if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) && digest.is_none() {
            self.counts.blank += 1;
        } else {
            self.counts.lines += 1;
            self.counts.cut += u64::from(matches!(state, LineState::Cut { .. }));
            self.counts.half += u64::from(ended);
            each(Line { offset: self.offset, length: self.length, bytes, state, digest });
        }
        self.offset += self.length;
        self.length = 0;
        self.content = 0;
        self.buffer.clear();
        // One long line is no reason to hold its memory for ever.
        self.buffer.shrink_to(64 << 10);
        self.state = State::Start;
    }
}
