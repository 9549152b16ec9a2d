//! Heads of requests and answers.

use crate::refusal::Reason;

/// The longest method.
const METHOD_LIMIT: usize = 32;

/// Which HTTP a request came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
}

impl Version {
    /// As rules know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::Http10 => "1.0",
            Version::Http11 => "1.1",
            Version::Http2 => "2.0",
        }
    }
}

/// Headers in their order and spelling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(pub Vec<(Vec<u8>, Vec<u8>)>);

impl Headers {
    /// All values of a name, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |(it, _)| it.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| &**value)
    }

    /// The first value of a name.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// Whether a list (`Connection`, `Upgrade`) has an entry, whatever its case.
    pub fn lists(&self, name: &str, entry: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|it| it.trim_ascii().eq_ignore_ascii_case(entry.as_bytes()))
    }

    /// Add one at the end.
    pub fn push(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push((name.as_bytes().to_vec(), value.into()));
    }

    /// Remove all of a name.
    pub fn remove(&mut self, name: &[u8]) {
        self.0.retain(|(it, _)| !it.eq_ignore_ascii_case(name));
    }

    fn write(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.0 {
            out.extend_from_slice(name);
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// Head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// Method.
    pub method: Vec<u8>,
    /// Target as written, query included.
    pub target: Vec<u8>,
    /// Version.
    pub version: Version,
    /// Headers.
    pub headers: Headers,
}

/// Head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerHead {
    /// Status code.
    pub status: u16,
    /// The words after it.
    pub phrase: Vec<u8>,
    /// Whether the device speaks HTTP/1.1.
    pub version: Version,
    /// Headers.
    pub headers: Headers,
}

impl RequestHead {
    /// Read a head: everything up to and with the empty line.
    ///
    /// # Errors
    /// The reason to refuse it.
    pub fn parse(bytes: &[u8], most_headers: usize) -> Result<RequestHead, Reason> {
        let (line, rest) = line(bytes)?;
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Reason::RequestLine);
        };
        let version = match version {
            b"HTTP/1.1" => Version::Http11,
            b"HTTP/1.0" => Version::Http10,
            it if it.starts_with(b"HTTP/") => return Err(Reason::Version),
            _ => return Err(Reason::RequestLine),
        };
        if !is_token(method) || method.len() > METHOD_LIMIT || target.is_empty() {
            return Err(Reason::RequestLine);
        }
        if method == b"CONNECT" {
            return Err(Reason::Method);
        }
        if target.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return Err(Reason::RequestLine);
        }
        Ok(RequestHead {
            method: method.to_vec(),
            target: target.to_vec(),
            version,
            headers: headers(rest, most_headers)?,
        })
    }

    /// The head for the device, always HTTP/1.1.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(&self.method);
        out.push(b' ');
        out.extend_from_slice(&self.target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        self.headers.write(&mut out);
        out
    }
}

impl AnswerHead {
    /// Read a head, as [`RequestHead::parse`] does. A device that ends every line with LF alone has a way of its own, but one.
    ///
    /// # Errors
    /// The reason not to hand it on.
    pub fn parse(bytes: &[u8], most_headers: usize) -> Result<AnswerHead, Reason> {
        let mended;
        let bytes = if bytes.contains(&b'\r') {
            bytes
        } else {
            mended = bytes.split_inclusive(|it| *it == b'\n').fold(Vec::new(), |mut all: Vec<u8>, line| {
                all.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
                all.extend_from_slice(b"\r\n");
                all
            });
            &mended
        };
        let (line, rest) = line(bytes)?;
        let (version, rest_of_line) = line.split_at_checked(9).ok_or(Reason::Answer)?;
        let version = match version {
            b"HTTP/1.1 " => Version::Http11,
            b"HTTP/1.0 " => Version::Http10,
            _ => return Err(Reason::Answer),
        };
        let (status, phrase) = rest_of_line.split_at_checked(3).ok_or(Reason::Answer)?;
        let phrase = match phrase {
            [] => phrase,
            [b' ', phrase @ ..] => phrase,
            _ => return Err(Reason::Answer),
        };
        let status = std::str::from_utf8(status).ok().and_then(|it| it.parse().ok()).ok_or(Reason::Answer)?;
        if !(100..=599).contains(&status) || !phrase.iter().all(|byte| is_text(*byte)) {
            return Err(Reason::Answer);
        }
        Ok(AnswerHead { status, phrase: phrase.to_vec(), version, headers: headers(rest, most_headers)? })
    }

    /// The head for a client of HTTP/1.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(format!("HTTP/1.1 {} ", self.status).as_bytes());
        out.extend_from_slice(&self.phrase);
        out.extend_from_slice(b"\r\n");
        self.headers.write(&mut out);
        out
    }
}

/// The first line without its end, and the rest.
fn line(bytes: &[u8]) -> Result<(&[u8], &[u8]), Reason> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Reason::RequestLine)?;
    let line = bytes[..end].strip_suffix(b"\r").ok_or(Reason::BareLf)?;
    if line.contains(&b'\r') { Err(Reason::BareCr) } else { Ok((line, &bytes[end + 1..])) }
}

fn headers(mut bytes: &[u8], most: usize) -> Result<Headers, Reason> {
    let mut found = Headers::default();
    loop {
        let (this, rest) = line(bytes)?;
        bytes = rest;
        if this.is_empty() {
            return if rest.is_empty() { Ok(found) } else { Err(Reason::RequestLine) };
        }
        if matches!(this[0], b' ' | b'\t') {
            return Err(Reason::ObsFold);
        }
        if found.0.len() >= most {
            return Err(Reason::TooManyHeaders);
        }
        let colon = this.iter().position(|byte| *byte == b':').ok_or(Reason::HeaderName)?;
        let (name, value) = (&this[..colon], without_spaces(&this[colon + 1..]));
        if !is_token(name) {
            return Err(Reason::HeaderName);
        }
        if !value.iter().all(|byte| is_text(*byte)) {
            return Err(Reason::HeaderValue);
        }
        found.0.push((name.to_vec(), value.to_vec()));
    }
}

/// A value without the optional white space around it: spaces and tabs, nothing else (RFC 9110 §5.6.3).
fn without_spaces(value: &[u8]) -> &[u8] {
    let stays = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let begin = value.iter().position(stays).unwrap_or(value.len());
    let end = value.iter().rposition(stays).map_or(begin, |at| at + 1);
    &value[begin..end]
}

/// Bytes of a value: text, tabs, and whatever is above ASCII (RFC 9110 §5.5).
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// RFC 9110 §5.6.2.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    let sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(sign)
}

#[cfg(test)]
mod tests {
    use super::{AnswerHead, RequestHead};
    use crate::refusal::Reason;

    #[test]
    fn a_head_is_written_as_it_was_read() {
        let bytes = b"POST /a%2Fb?x=\"<>|{}\xff HTTP/1.1\r\nHost: pump\r\nx-Odd:  a\tb \r\nX-ODD:\r\n\r\n";
        let head = RequestHead::parse(bytes, 100).unwrap();
        assert_eq!(
            head.write(),
            b"POST /a%2Fb?x=\"<>|{}\xff HTTP/1.1\r\nHost: pump\r\nx-Odd: a\tb\r\nX-ODD: \r\n\r\n"
        );
        assert_eq!(head.headers.all("x-odd").collect::<Vec<_>>(), [&b"a\tb"[..], b""]);
    }

    #[test]
    fn a_head_with_two_readings_is_refused() {
        for (bytes, reason) in [
            (&b"GET / HTTP/1.1\nHost: a\r\n\r\n"[..], Reason::BareLf),
            (b"GET / HTTP/1.1\r\nHost: a\n\r\n", Reason::BareLf),
            (b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", Reason::BareCr),
            (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Reason::ObsFold),
            (b"GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", Reason::ObsFold),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Reason::HeaderName),
            (b"GET / HTTP/1.1\r\n: a\r\n\r\n", Reason::HeaderName),
            (b"GET / HTTP/1.1\r\nHost\r\n\r\n", Reason::HeaderName),
            (b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", Reason::HeaderValue),
            (b"GET /a b HTTP/1.1\r\n\r\n", Reason::RequestLine),
            (b"GET  / HTTP/1.1\r\n\r\n", Reason::RequestLine),
            (b"GET /\x01 HTTP/1.1\r\n\r\n", Reason::RequestLine),
            (b"G\xe9T / HTTP/1.1\r\n\r\n", Reason::RequestLine),
            (b"GET /\r\n\r\n", Reason::RequestLine),
            (b"GET / HTTP/1.2\r\n\r\n", Reason::Version),
            (b"GET / http/1.1\r\n\r\n", Reason::RequestLine),
            (b"CONNECT a:1 HTTP/1.1\r\n\r\n", Reason::Method),
            (b"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", Reason::TooManyHeaders),
        ] {
            let text = String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(RequestHead::parse(bytes, 3).unwrap_err(), reason, "{text:?}");
        }
    }

    #[test]
    fn an_answer_is_read_as_strictly_but_for_a_way_of_its_own() {
        let head = AnswerHead::parse(b"HTTP/1.0 200\nServer: old\n\n", 10).unwrap();
        assert_eq!(head.write(), b"HTTP/1.1 200 \r\nServer: old\r\n\r\n");
        for (bytes, reason) in [
            (&b"HTTP/1.1 200 OK\r\nA: b\nSet-Cookie: x\r\n\r\n"[..], Reason::BareLf),
            (b"HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: x\r\n\r\n", Reason::BareCr),
            (b"HTTP/1.1 99 OK\r\n\r\n", Reason::Answer),
            (b"HTTP/1.1 2000 OK\r\n\r\n", Reason::Answer),
            (b"HTTP/2 200 OK\r\n\r\n", Reason::Answer),
            (b"HTTP/1.1 200 OK\x00\r\n\r\n", Reason::Answer),
        ] {
            assert_eq!(AnswerHead::parse(bytes, 10).unwrap_err(), reason, "{bytes:?}");
        }
    }
}
