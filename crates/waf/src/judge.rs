//! A judge as the proxy sees it: a socket, connections to it, what it has said so far.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bedrail_waf_protocol::{Frame, HEAD_LENGTH, Hello, ProtocolError, VERSION, Verdict, frame_head};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout_at};

use crate::config::RuleSet;
use crate::tally::Tally;

/// Connections kept open to a judge while nothing is asked. Each is a thread over there.
const IDLE_CONNECTIONS: usize = 64;

/// A connection to a judge. What it says is read with few calls.
pub(crate) type Line = BufReader<UnixStream>;

/// No verdict.
#[derive(Debug, thiserror::Error)]
pub enum NoVerdict {
    /// Not in time.
    #[error("the judge did not answer in time")]
    Late,
    /// The judge says that it cannot.
    #[error("the judge cannot: {0}")]
    Cannot(String),
    /// The connection.
    #[error("the judge cannot be reached")]
    Unreachable(#[from] ProtocolError),
    /// There is none.
    #[error("no rule set is in use")]
    None,
}

/// A judge process and what is known of it.
#[derive(Debug)]
pub struct Judge {
    /// Its rule set.
    pub rule_set: RuleSet,
    pub(crate) socket: PathBuf,
    idle: Mutex<Vec<Line>>,
    /// What it said.
    pub tally: Tally,
    pub(crate) pid: AtomicU32,
    pub(crate) rules: AtomicU32,
    pub(crate) starts: AtomicU32,
    pub(crate) stopping: AtomicBool,
    pub(crate) stop: tokio::sync::Notify,
}

/// A verdict, and the connection on which the answer can follow.
#[derive(Debug)]
pub struct Asked {
    /// The rules' word on the request.
    pub verdict: Verdict,
    judge: Arc<Judge>,
    connection: Option<Line>,
}

impl Judge {
    pub(crate) fn new(rule_set: RuleSet, socket: PathBuf) -> Judge {
        Judge {
            rule_set,
            socket,
            idle: Mutex::new(Vec::new()),
            tally: Tally::default(),
            pid: AtomicU32::new(0),
            rules: AtomicU32::new(0),
            starts: AtomicU32::new(0),
            stopping: AtomicBool::new(false),
            stop: tokio::sync::Notify::new(),
        }
    }

    /// Ask it to end; the supervisor does.
    pub(crate) fn end(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stop.notify_one();
        self.forget_connections();
    }

    /// Forget connections to a process that has ended.
    pub(crate) fn forget_connections(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Connect and hear what it says first.
    pub(crate) async fn connect(&self) -> Result<(Line, Hello), ProtocolError> {
        let mut stream = BufReader::new(UnixStream::connect(&self.socket).await?);
        match read_frame(&mut stream).await? {
            Frame::Hello(hello) if hello.version == VERSION => Ok((stream, hello)),
            Frame::Hello(hello) => Err(ProtocolError::Version(hello.version)),
            _ => Err(ProtocolError::Order),
        }
    }

    /// Have a request judged. `frame` is the encoded request; `answer_follows` as in it.
    ///
    /// # Errors
    /// [`NoVerdict`]; counted.
    pub async fn ask(
        self: &Arc<Judge>,
        frame: &[u8],
        answer_follows: bool,
        time: Duration,
    ) -> Result<Asked, NoVerdict> {
        let start = Instant::now();
        let asked = match timeout_at(start + time, self.exchange(frame)).await {
            Ok(asked) => asked,
            Err(_) => Err(NoVerdict::Late),
        };
        let (verdict, connection) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                self.tally.failed();
                return Err(error);
            }
        };
        self.tally.judged(start.elapsed(), &verdict);
        let mut asked = Asked { verdict, judge: Arc::clone(self), connection: Some(connection) };
        if !answer_follows {
            asked.give_back();
        }
        Ok(asked)
    }

    async fn exchange(&self, frame: &[u8]) -> Result<(Verdict, Line), NoVerdict> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut stream) = idle {
            // A connection that was idle may be one to a process that is no more. To judge again harms nobody.
            match talk(&mut stream, frame).await {
                Err(NoVerdict::Unreachable(ProtocolError::Socket(_))) => self.forget_connections(),
                said => return said.map(|verdict| (verdict, stream)),
            }
        }
        let (mut stream, _) = self.connect().await?;
        let verdict = talk(&mut stream, frame).await?;
        Ok((verdict, stream))
    }
}

impl Asked {
    /// Have the answer judged; the verdict is on request and answer.
    ///
    /// # Errors
    /// [`NoVerdict`]; counted.
    pub async fn answer(mut self, frame: &[u8], time: Duration) -> Result<Verdict, NoVerdict> {
        let Some(mut connection) = self.connection.take() else { return Err(NoVerdict::None) };
        let start = Instant::now();
        let said = match timeout_at(start + time, talk(&mut connection, frame)).await {
            Ok(said) => said,
            Err(_) => Err(NoVerdict::Late),
        };
        match &said {
            Ok(_) => {
                self.judge.tally.answer_judged(start.elapsed());
                self.connection = Some(connection);
                self.give_back();
            }
            Err(_) => self.judge.tally.failed(),
        }
        said
    }

    /// No answer will come.
    pub async fn abandon(mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if let Ok(frame) = Frame::Abandon.encode()
            && connection.write_all(&frame).await.is_ok()
        {
            self.connection = Some(connection);
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.judge.stopping.load(Ordering::Acquire) {
            return;
        }
        let mut idle = self.judge.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(connection);
        }
    }
}

async fn talk(stream: &mut Line, frame: &[u8]) -> Result<Verdict, NoVerdict> {
    stream.write_all(frame).await.map_err(ProtocolError::from)?;
    match read_frame(stream).await? {
        Frame::Verdict(verdict) => Ok(verdict),
        Frame::Failure(failure) => Err(NoVerdict::Cannot(failure.reason)),
        _ => Err(ProtocolError::Order.into()),
    }
}

async fn read_frame(stream: &mut Line) -> Result<Frame, ProtocolError> {
    let mut head = [0; HEAD_LENGTH];
    stream.read_exact(&mut head).await?;
    let (length, kind) = frame_head(head)?;
    let mut fields = vec![0; length];
    stream.read_exact(&mut fields).await?;
    Frame::decode(kind, &fields)
}
