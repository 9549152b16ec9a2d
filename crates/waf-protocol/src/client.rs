//! A blocking client, for checks, probes and tests. The proxy has its own.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::frame::{Frame, HEAD_LENGTH, ProtocolError, frame_head};
use crate::message::{Answer, Failure, Hello, Request, VERSION, Verdict};

/// A connection to a judge; one transaction at a time.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    hello: Hello,
}

impl Client {
    /// Connect to the judge behind a socket. `timeout` holds for each read and write.
    ///
    /// # Errors
    /// The socket, or a judge of another version.
    pub fn connect(socket: &Path, timeout: Duration) -> Result<Client, ProtocolError> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        match read_frame(&mut stream)? {
            Some(Frame::Hello(hello)) if hello.version == VERSION => Ok(Client { stream, hello }),
            Some(Frame::Hello(hello)) => Err(ProtocolError::Version(hello.version)),
            _ => Err(ProtocolError::Order),
        }
    }

    /// What the judge said first.
    #[must_use]
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Have a request judged.
    ///
    /// # Errors
    /// [`ProtocolError`]; the inner one is the judge's own word that it cannot.
    pub fn judge(&mut self, request: Request) -> Result<Result<Verdict, Failure>, ProtocolError> {
        self.exchange(&Frame::Request(request))
    }

    /// Have the answer judged; only after a request with `answer_follows`. The verdict is on request and answer together.
    ///
    /// # Errors
    /// As [`Client::judge`].
    pub fn judge_answer(&mut self, answer: Answer) -> Result<Result<Verdict, Failure>, ProtocolError> {
        self.exchange(&Frame::Answer(answer))
    }

    /// Say that no answer will come.
    ///
    /// # Errors
    /// The socket.
    pub fn abandon(&mut self) -> Result<(), ProtocolError> {
        write_frame(&mut self.stream, &Frame::Abandon)
    }

    fn exchange(&mut self, frame: &Frame) -> Result<Result<Verdict, Failure>, ProtocolError> {
        write_frame(&mut self.stream, frame)?;
        match read_frame(&mut self.stream)? {
            Some(Frame::Verdict(verdict)) => Ok(Ok(verdict)),
            Some(Frame::Failure(failure)) => Ok(Err(failure)),
            _ => Err(ProtocolError::Order),
        }
    }
}

/// Read a frame; `None` where the other side is done.
///
/// # Errors
/// [`ProtocolError`].
pub fn read_frame(stream: &mut impl Read) -> Result<Option<Frame>, ProtocolError> {
    let mut head = [0; HEAD_LENGTH];
    let first = stream.read(&mut head)?;
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut head[first..])?;
    let (length, kind) = frame_head(head)?;
    let mut fields = vec![0; length];
    stream.read_exact(&mut fields)?;
    Frame::decode(kind, &fields).map(Some)
}

/// Write a frame.
///
/// # Errors
/// [`ProtocolError`].
pub fn write_frame(stream: &mut impl Write, frame: &Frame) -> Result<(), ProtocolError> {
    stream.write_all(&frame.encode()?)?;
    Ok(())
}
