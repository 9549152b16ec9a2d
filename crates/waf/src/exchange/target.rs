//! Whom a request is for, and which path.

use crate::http1::head::{RequestHead, Version};
use crate::refusal::Reason;

/// The host that a request is for, lower case, without its port (RFC 9112 §3.2).
pub(super) fn host(head: &RequestHead) -> Result<String, Reason> {
    let mut hosts = head.headers.all("host");
    let host = match (hosts.next(), hosts.next(), head.version) {
        (Some(host), None, _) => host,
        (None, _, Version::Http10) => b"",
        _ => return Err(Reason::Host),
    };
    let text = std::str::from_utf8(host).map_err(|_| Reason::Host)?.to_ascii_lowercase();
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._:[]".contains(it);
    if !text.chars().all(plain) || (text.is_empty() && head.version != Version::Http10) {
        return Err(Reason::Host);
    }
    if let Some(authority) = authority(&head.target) {
        if !authority.eq_ignore_ascii_case(host) {
            return Err(Reason::OtherHost);
        }
    } else if !head.target.starts_with(b"/") && head.target != b"*" {
        return Err(Reason::RequestLine);
    }
    // A fragment is no part of a target (RFC 9112 §3.2); devices differ in where the path ends then.
    if head.target.contains(&b'#') {
        return Err(Reason::RequestLine);
    }
    let name = match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) && !name.ends_with(':') => {
            name.to_owned()
        }
        _ => text,
    };
    Ok(name)
}

/// The authority of a target in absolute form.
fn authority(target: &[u8]) -> Option<&[u8]> {
    let rest = target.strip_prefix(b"http://").or_else(|| target.strip_prefix(b"https://"))?;
    rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next()
}

/// The path of a target.
pub(super) fn path(target: &[u8]) -> &[u8] {
    let rest = match authority(target) {
        // `http://` and what follows up to the path.
        Some(authority) => {
            let start =
                target.windows(3).position(|it| it == b"://").map_or(0, |it| it + 3 + authority.len());
            &target[start..]
        }
        None => target,
    };
    let end = rest.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(rest.len());
    if end == 0 { b"/" } else { &rest[..end] }
}

#[cfg(test)]
mod tests {
    use super::{host, path};
    use crate::http1::head::RequestHead;
    use crate::refusal::Reason;

    #[test]
    fn a_request_is_for_one_host() {
        let parse = |text: &str| RequestHead::parse(text.as_bytes(), 100).unwrap();
        for (head, found) in [
            ("GET / HTTP/1.1\r\nHost: Pump.Example:8080\r\n\r\n", Ok("pump.example")),
            ("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", Ok("[2001:db8::1]")),
            ("GET http://pump/a HTTP/1.1\r\nHost: PUMP\r\n\r\n", Ok("pump")),
            ("GET http://pump/a HTTP/1.1\r\nHost: other\r\n\r\n", Err(Reason::OtherHost)),
            ("GET / HTTP/1.1\r\n\r\n", Err(Reason::Host)),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", Err(Reason::Host)),
            ("GET / HTTP/1.0\r\n\r\n", Ok("")),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Err(Reason::Host)),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Err(Reason::Host)),
            ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", Err(Reason::Host)),
            ("GET pump HTTP/1.1\r\nHost: a\r\n\r\n", Err(Reason::RequestLine)),
            ("GET /therapy#/../admin HTTP/1.1\r\nHost: a\r\n\r\n", Err(Reason::RequestLine)),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", Ok("a")),
        ] {
            assert_eq!(host(&parse(head)), found.map(str::to_owned), "{head:?}");
        }
    }

    #[test]
    fn a_path_is_what_stands_before_the_query() {
        for (target, found) in [
            ("/a/b?c=/d", "/a/b"),
            ("/a#b", "/a"),
            ("http://pump:80/a?b", "/a"),
            ("http://pump", "/"),
            ("http://pump?x", "/"),
            ("*", "*"),
        ] {
            assert_eq!(path(target.as_bytes()), found.as_bytes(), "{target}");
        }
    }
}
