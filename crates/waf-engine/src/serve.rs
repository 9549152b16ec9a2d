//! A judge behind its socket: a thread for each connection, one transaction at a time on each.

use std::io::{BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bedrail_waf_protocol::client::{read_frame, write_frame};
use bedrail_waf_protocol::{Failure, Frame, Hello, ProtocolError, VERSION};

use crate::judge::Case;
use crate::modsecurity::Engine;

/// Stack of a thread: the recursion of regular expressions and of parsers is bounded well below it.
const STACK_BYTES: usize = 4 * 1024 * 1024;

/// The socket cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the socket {path} cannot be made")]
pub(crate) struct NoSocket {
    path: std::path::PathBuf,
    source: std::io::Error,
}

/// Serve until the process ends. `connections` is the most at one time; others are closed at once, so that the proxy sees it.
pub(crate) fn serve(
    engine: Engine,
    rule_set: &str,
    socket: &Path,
    connections: usize,
) -> Result<std::convert::Infallible, NoSocket> {
    let listener = bind(socket).map_err(|source| NoSocket { path: socket.to_owned(), source })?;
    let hello = Hello {
        version: VERSION,
        engine: engine.name(),
        rule_set: rule_set.to_owned(),
        rules: engine.rules(),
        pid: std::process::id(),
    };
    let shared = Arc::new(Shared { engine, hello, open: AtomicUsize::new(0) });
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Out of descriptors: the connections that are open go on, and one of them will end.
            std::thread::sleep(std::time::Duration::from_millis(50));
            continue;
        };
        let shared = Arc::clone(&shared);
        if shared.open.fetch_add(1, Ordering::Relaxed) >= connections {
            shared.open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let started = std::thread::Builder::new().stack_size(STACK_BYTES).spawn({
            let shared = Arc::clone(&shared);
            move || {
                // A broken connection is the proxy's to notice; there is nobody else to tell.
                let _ = connection(&shared, stream);
                shared.open.fetch_sub(1, Ordering::Relaxed);
            }
        });
        if started.is_err() {
            shared.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

struct Shared {
    engine: Engine,
    hello: Hello,
    open: AtomicUsize,
}

/// Make the socket for the owner only. What is left of a judge before is removed.
fn bind(path: &Path) -> Result<UnixListener, std::io::Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Nobody else may connect between `bind` and `chmod`: the mask makes it 0600 from the start.
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(path);
    rustix::process::umask(before);
    let listener = listener?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn connection(shared: &Shared, stream: UnixStream) -> Result<(), ProtocolError> {
    let mut stream = BufReader::new(stream);
    write_frame(stream.get_mut(), &Frame::Hello(shared.hello.clone()))?;
    while let Some(frame) = read_frame(&mut stream)? {
        let Frame::Request(request) = frame else { return Err(ProtocolError::Order) };
        match Case::open(&shared.engine, &request) {
            Ok(case) => transaction(&mut stream, case, request.answer_follows)?,
            Err(error) => say_failed(&mut stream, &error)?,
        }
    }
    Ok(())
}

fn transaction(
    stream: &mut BufReader<UnixStream>,
    mut case: Case<'_>,
    answer_follows: bool,
) -> Result<(), ProtocolError> {
    if answer_follows {
        match case.verdict() {
            Ok(verdict) => write_frame(stream.get_mut(), &Frame::Verdict(verdict))?,
            Err(error) => return say_failed(stream, &error),
        }
        match read_frame(stream)? {
            Some(Frame::Answer(answer)) => {
                if let Err(error) = case.answer(&answer) {
                    return say_failed(stream, &error);
                }
            }
            Some(Frame::Abandon) => return Ok(()),
            _ => return Err(ProtocolError::Order),
        }
    }
    match case.close() {
        Ok(verdict) => write_frame(stream.get_mut(), &Frame::Verdict(verdict)),
        Err(error) => say_failed(stream, &error),
    }
}

fn say_failed(
    stream: &mut BufReader<UnixStream>,
    error: &dyn std::error::Error,
) -> Result<(), ProtocolError> {
    write_frame(stream.get_mut(), &Frame::Failure(Failure { reason: error.to_string() }))
}

/// End this process when standard input ends: whoever started it is gone.
pub(crate) fn end_with_standard_input() {
    std::thread::spawn(|| {
        let mut byte = [0; 1];
        while !matches!(std::io::stdin().read(&mut byte), Ok(0) | Err(_)) {}
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM)
    });
}
