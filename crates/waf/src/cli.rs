//! What the command line calls.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, ConfigError};
use crate::proxy::{Clock, Proxy, StartError};
use crate::supervisor::LoadError;

/// The control socket has this long to answer: loading a rule set takes the longest.
const ANSWER_TIME: Duration = Duration::from_secs(90);

/// `bedrail waf run` that ends with an error.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The file of sites.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The runtime or signals.
    #[error("the system does not let it run")]
    System(#[from] std::io::Error),
}

/// What is said when the proxy listens.
#[derive(Debug)]
pub struct Started<'a> {
    /// Where it listens.
    pub addresses: &'a [std::net::SocketAddr],
    /// Rule sets that are not in use, each with the reason. The sites go by their policy without a verdict.
    pub not_loaded: &'a [(String, LoadError)],
    /// The control socket.
    pub control: PathBuf,
}

/// Run the proxy until SIGTERM or SIGINT.
///
/// # Errors
/// [`RunError`].
pub fn run(file: &Path, clock: Clock, started: impl FnOnce(&Started<'_>)) -> Result<(), RunError> {
    let config = config::read(file)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let running = Proxy::start(config, clock).await?;
        started(&Started {
            addresses: &running.addresses,
            not_loaded: &running.not_loaded,
            control: running.proxy.control_socket(),
        });
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        running.proxy.end().await;
        Ok(())
    })
}

/// Say one line of JSON to a proxy that runs, and hear its answer. `state` is its state folder.
///
/// # Errors
/// The socket: nobody runs there, or not for this user.
pub fn say(state: &Path, line: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(state.join("control.sock"))?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    stream.write_all(line.trim_end().as_bytes())?;
    stream.write_all(b"\n")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}

/// The status of a proxy that runs, as JSON.
///
/// # Errors
/// As [`say`].
pub fn status(state: &Path) -> std::io::Result<String> {
    say(state, r#"{"command":"status"}"#)
}
