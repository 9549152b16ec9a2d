//! Bytes on a socket, as a caller sends them who does not play by the rules.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time;

/// Longer than anything here may take, shorter than a person waits for a test that hangs.
const LONGEST: Duration = Duration::from_secs(20);

/// A connection.
pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Everything that still comes, until the other side closes.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = time::timeout(LONGEST, stream.read_to_end(&mut bytes)).await;
    // A reset after the answer is an end as well.
    let _ = read.expect("the connection is closed in the end");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends bytes and reads everything that comes back.
pub(crate) async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &str) -> String {
    // What the other side has no patience for cannot be sent to its end.
    let _ = stream.write_all(bytes.as_bytes()).await;
    rest(stream).await
}

/// The whole text of a request that asks to close afterwards.
pub(crate) fn request(line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// The value of a header of an answer.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}
