//! Frames: length, kind, fields.

use thiserror::Error;

use crate::message::{Answer, Failure, Hello, Request, Verdict};
use crate::wire::{Fields, Writer};

/// The longest frame in bytes, its head not counted: a request's inspected body and 1 MiB of head fit.
pub const FRAME_LIMIT: usize = 16 * 1024 * 1024;

/// Bytes before the fields: the length of the fields (u32, little endian) and the kind.
pub const HEAD_LENGTH: usize = 5;

/// What is wrong with bytes of the other side.
#[derive(Debug, Error)]
pub enum ProtocolError {
    /// A frame announces more than [`FRAME_LIMIT`].
    #[error("a frame of {0} bytes is longer than allowed")]
    TooLong(usize),
    /// A frame ends within a field.
    #[error("a frame ends within a field")]
    Short,
    /// Bytes after the last field.
    #[error("a frame has {0} bytes after its last field")]
    Rest(usize),
    /// A kind that is not known.
    #[error("frames of kind {0} are not known")]
    Kind(u8),
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
    /// A list with an absurd number of entries.
    #[error("a list announces {0} entries")]
    Entries(u32),
    /// A frame that does not belong here.
    #[error("the other side sent something else than was due")]
    Order,
    /// The judge speaks another version.
    #[error("the judge speaks version {0} of the protocol")]
    Version(u32),
    /// The socket.
    #[error("the socket failed")]
    Socket(#[from] std::io::Error),
}

/// Everything that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Judge, first.
    Hello(Hello),
    /// Proxy: judge this.
    Request(Request),
    /// Proxy: the answer to the request before.
    Answer(Answer),
    /// Proxy: no answer will come.
    Abandon,
    /// Judge: the rules' word.
    Verdict(Verdict),
    /// Judge: no verdict.
    Failure(Failure),
}

impl Frame {
    const fn kind(&self) -> u8 {
        match self {
            Frame::Hello(_) => 1,
            Frame::Request(_) => 2,
            Frame::Answer(_) => 3,
            Frame::Abandon => 4,
            Frame::Verdict(_) => 5,
            Frame::Failure(_) => 6,
        }
    }

    /// The frame's bytes.
    ///
    /// # Errors
    /// [`ProtocolError::TooLong`] when it does not fit.
    pub fn encode(&self) -> Result<Vec<u8>, ProtocolError> {
        let mut writer = Writer::new(self.kind());
        match self {
            Frame::Hello(it) => writer.hello(it),
            Frame::Request(it) => writer.request(it),
            Frame::Answer(it) => writer.answer(it),
            Frame::Abandon => {}
            Frame::Verdict(it) => writer.verdict(it),
            Frame::Failure(it) => writer.text(&it.reason),
        }
        writer.finish()
    }

    /// Read the fields of a frame whose head was read by [`frame_head`].
    ///
    /// # Errors
    /// [`ProtocolError`] of its fields.
    pub fn decode(kind: u8, fields: &[u8]) -> Result<Frame, ProtocolError> {
        let mut fields = Fields::new(fields);
        let frame = match kind {
            1 => Frame::Hello(fields.hello()?),
            2 => Frame::Request(fields.request()?),
            3 => Frame::Answer(fields.answer()?),
            4 => Frame::Abandon,
            5 => Frame::Verdict(fields.verdict()?),
            6 => Frame::Failure(Failure { reason: fields.text()? }),
            other => return Err(ProtocolError::Kind(other)),
        };
        fields.end()?;
        Ok(frame)
    }
}

/// The length of the fields and the kind.
///
/// # Errors
/// [`ProtocolError::TooLong`].
pub fn frame_head(head: [u8; HEAD_LENGTH]) -> Result<(usize, u8), ProtocolError> {
    let [a, b, c, d, kind] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > FRAME_LIMIT {
        return Err(ProtocolError::TooLong(length));
    }
    Ok((length, kind))
}
