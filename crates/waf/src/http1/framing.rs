//! Where a message ends (RFC 9112 §6), and which of its headers belong to one connection only (RFC 9110 §7.6.1).

use super::head::{AnswerHead, Headers, RequestHead, Version};
use crate::refusal::Reason;

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// None.
    Empty,
    /// So many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
    /// Until the connection ends (answers only).
    UntilClose,
}

/// Headers that belong to one connection.
const OF_ONE_CONNECTION: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "http2-settings",
];

/// Headers that `Connection` may not name, and that no other name may look like: they frame, route or identify.
const MATTER: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "content-type",
    "content-encoding",
    "authorization",
    "cookie",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
];

/// How long the body of a request is.
///
/// # Errors
/// The reason to refuse it: two lengths, one that is no number, a coding that is not understood.
pub fn of_request(head: &RequestHead) -> Result<Framing, Reason> {
    match (of_headers(&head.headers)?, head.version) {
        (Framing::Chunked, Version::Http10) => Err(Reason::Coding),
        (Framing::UntilClose, _) => Ok(Framing::Empty),
        (framing, _) => Ok(framing),
    }
}

/// How long the body of an answer is; `method` is the request's.
///
/// # Errors
/// As [`of_request`].
pub fn of_answer(head: &AnswerHead, method: &[u8]) -> Result<Framing, Reason> {
    let framing = of_headers(&head.headers).map_err(|_| Reason::Answer)?;
    if method == b"HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
        return Ok(Framing::Empty);
    }
    match (framing, head.version) {
        (Framing::Chunked, Version::Http10) => Err(Reason::Answer),
        (framing, _) => Ok(framing),
    }
}

fn of_headers(headers: &Headers) -> Result<Framing, Reason> {
    let mut lengths = headers.all("content-length");
    let mut codings = headers.all("transfer-encoding");
    match (lengths.next(), codings.next()) {
        (Some(_), Some(_)) => Err(Reason::BothLengths),
        (Some(length), None) if lengths.next().is_none() => number(length).map(Framing::Length),
        (Some(_), None) => Err(Reason::Length),
        (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") && codings.next().is_none() => {
            Ok(Framing::Chunked)
        }
        (None, Some(_)) => Err(Reason::Coding),
        (None, None) => Ok(Framing::UntilClose),
    }
}

/// Digits and nothing else: no sign, no list, not beyond what can be counted.
fn number(text: &[u8]) -> Result<u64, Reason> {
    if text.is_empty() || text.len() > 18 || !text.iter().all(u8::is_ascii_digit) {
        return Err(Reason::Length);
    }
    std::str::from_utf8(text).ok().and_then(|it| it.parse().ok()).ok_or(Reason::Length)
}

/// Whether headers of a request can be taken for others.
///
/// # Errors
/// [`Reason::ConnectionNames`], [`Reason::Lookalike`].
pub fn check_names(headers: &Headers) -> Result<(), Reason> {
    if MATTER.iter().any(|name| headers.lists("connection", name)) {
        return Err(Reason::ConnectionNames);
    }
    let looks_like = |name: &[u8]| {
        name.contains(&b'_') && {
            let dashed: Vec<u8> = name.iter().map(|it| if *it == b'_' { b'-' } else { *it }).collect();
            MATTER.iter().any(|it| dashed.eq_ignore_ascii_case(it.as_bytes()))
        }
    };
    if headers.0.iter().any(|(name, _)| looks_like(name)) { Err(Reason::Lookalike) } else { Ok(()) }
}

/// Remove what belongs to one connection: the headers of the list and those that `Connection` names.
pub fn drop_of_one_connection(headers: &mut Headers) {
    let named: Vec<Vec<u8>> = headers
        .all("connection")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(|it| it.trim_ascii().to_vec())
        .collect();
    for name in OF_ONE_CONNECTION {
        headers.remove(name.as_bytes());
    }
    for name in named {
        headers.remove(&name);
    }
}

/// Whether the connection stays open after this message.
pub fn keeps_open(version: Version, headers: &Headers) -> bool {
    match version {
        Version::Http10 => headers.lists("connection", "keep-alive"),
        Version::Http11 | Version::Http2 => !headers.lists("connection", "close"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, check_names, drop_of_one_connection, of_answer, of_request};
    use crate::http1::head::{AnswerHead, RequestHead};
    use crate::refusal::Reason;

    fn request(headers: &str) -> RequestHead {
        RequestHead::parse(format!("POST / HTTP/1.1\r\n{headers}\r\n").as_bytes(), 100).unwrap()
    }

    /// RFC 9112 §6.3 and the ways known from request smuggling.
    #[test]
    fn a_body_has_one_length() {
        for (headers, framing) in [
            ("", Ok(Framing::Empty)),
            ("Content-Length: 7\r\n", Ok(Framing::Length(7))),
            ("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked)),
            ("Content-Length: 7\r\nTransfer-Encoding: chunked\r\n", Err(Reason::BothLengths)),
            ("Transfer-Encoding: chunked\r\ncontent-length: 7\r\n", Err(Reason::BothLengths)),
            ("Content-Length: 7\r\nContent-Length: 7\r\n", Err(Reason::Length)),
            ("Content-Length: 7, 7\r\n", Err(Reason::Length)),
            ("Content-Length: +7\r\n", Err(Reason::Length)),
            ("Content-Length: 0x7\r\n", Err(Reason::Length)),
            ("Content-Length: 7 \x08\r\n".trim_end_matches("\x08\r\n"), Ok(Framing::Length(7))),
            ("Content-Length: \r\n", Err(Reason::Length)),
            ("Content-Length: 9999999999999999999\r\n", Err(Reason::Length)),
            ("Transfer-Encoding: gzip, chunked\r\n", Err(Reason::Coding)),
            ("Transfer-Encoding: xchunked\r\n", Err(Reason::Coding)),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", Err(Reason::Coding)),
            ("Transfer-Encoding: identity\r\n", Err(Reason::Coding)),
            ("Transfer-Encoding: chunked;q=1\r\n", Err(Reason::Coding)),
        ] {
            let headers = if headers.ends_with("\r\n") || headers.is_empty() {
                headers.to_owned()
            } else {
                format!("{headers}\r\n")
            };
            assert_eq!(of_request(&request(&headers)), framing, "{headers:?}");
        }
        let old = RequestHead::parse(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 9).unwrap();
        assert_eq!(of_request(&old), Err(Reason::Coding));
    }

    #[test]
    fn an_answer_has_one_length() {
        for (head, method, framing) in [
            ("HTTP/1.1 200 OK\r\n\r\n", "GET", Ok(Framing::UntilClose)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", Ok(Framing::Empty)),
            ("HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", "GET", Ok(Framing::Empty)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "GET", Err(Reason::Answer)),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET",
                Err(Reason::Answer),
            ),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", Err(Reason::Answer)),
        ] {
            let parsed = AnswerHead::parse(head.as_bytes(), 9).unwrap();
            assert_eq!(of_answer(&parsed, method.as_bytes()), framing, "{head}");
        }
    }

    #[test]
    fn what_belongs_to_one_connection_does_not_travel() {
        let mut headers =
            request("Host: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nAccept: b\r\n")
                .headers;
        assert_eq!(check_names(&headers), Ok(()));
        drop_of_one_connection(&mut headers);
        let names: Vec<_> =
            headers.0.iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
        assert_eq!(names, ["Host", "Accept"]);
        for (header, reason) in [
            ("Connection: Content-Length\r\n", Reason::ConnectionNames),
            ("Connection: close,host\r\n", Reason::ConnectionNames),
            ("Transfer_Encoding: chunked\r\n", Reason::Lookalike),
            ("X_Forwarded-For: 10.0.0.1\r\n", Reason::Lookalike),
        ] {
            assert_eq!(check_names(&request(header).headers), Err(reason), "{header}");
        }
    }
}
