//! As much of an HTTP client as a program needs that sends a request again elsewhere when a server dies under it.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use serde_json::Value;

/// What came back, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Status.
    pub(crate) status: u16,
    /// The lines of the head, in lower case up to the colon.
    head: Vec<(String, String)>,
    /// The body as text.
    pub(crate) body: String,
}

impl Reply {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.iter().find(|(each, _)| each == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends one request over a connection of its own. An answer that is cut off is an error.
pub(crate) fn send(
    address: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Reply> {
    let place = address.trim_start_matches("http://");
    let socket = place.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&socket, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    stream.write_all(body)?;
    let mut whole = Vec::new();
    stream.read_to_end(&mut whole)?;
    parse(&String::from_utf8_lossy(&whole)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn parse(whole: &str) -> Option<Reply> {
    let (head, rest) = whole.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let head: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut reply = Reply { status, head, body: String::new() };
    reply.body = match reply.header("content-length") {
        "" if reply.header("transfer-encoding") == "chunked" => dechunked(rest)?,
        "" => rest.to_owned(),
        length if length.parse() == Ok(rest.len()) => rest.to_owned(),
        _ => return None,
    };
    Some(reply)
}

fn dechunked(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (length, more) = rest.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.push_str(more.get(..length)?);
        rest = more.get(length..)?.strip_prefix("\r\n")?;
    }
}
