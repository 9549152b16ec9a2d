//! The first part of a body that goes on beyond what is judged, made so that a parser reads all of that part. A parser that gives up at
//! the end of the part, or before, would leave the rules nothing to look at.

use serde::de::IgnoredAny;

use crate::http1::head::Headers;

mod xml;

/// What a judge is given of such a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FirstPart {
    pub(super) bytes: Vec<u8>,
    /// Whether a parser may complain: the part does not end, and that alone is wrong with it.
    pub(super) excused: bool,
}

/// Closes a multipart body (RFC 2046 §5.1.1) after the last part whose head is whole, and XML behind what is there of it. JSON (RFC
/// 8259) that is wrong before its end is not excused: the error would hide what follows it.
pub(super) fn first_part(headers: &Headers, bytes: Vec<u8>) -> FirstPart {
    let kind = headers.first("content-type").unwrap_or_default();
    let essence =
        kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    if essence.starts_with(b"multipart/") {
        let bytes = match boundary(kind) {
            Some(boundary) => closed(bytes, &boundary),
            None => bytes,
        };
        return FirstPart { bytes, excused: false };
    }
    if essence.ends_with(b"/json") || essence.ends_with(b"+json") {
        let excused = only_lacks_its_end(&bytes);
        return FirstPart { bytes, excused };
    }
    if essence.ends_with(b"/xml") || essence.ends_with(b"+xml") {
        return FirstPart { bytes: xml::closed(bytes), excused: false };
    }
    FirstPart { bytes, excused: true }
}

/// Whether JSON is right as far as it goes.
fn only_lacks_its_end(bytes: &[u8]) -> bool {
    let first = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>().next();
    matches!(first, Some(Err(error)) if error.is_eof())
}

/// The boundary of a multipart body, as written or in quotes.
fn boundary(kind: &[u8]) -> Option<Vec<u8>> {
    let at = kind.to_ascii_lowercase().windows(9).position(|it| it == b"boundary=")? + 9;
    let value = &kind[at..];
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|byte| *byte == b'"').next()?,
        None => value.split(|byte| *byte == b';').next()?.trim_ascii(),
    };
    (!value.is_empty()).then(|| value.to_vec())
}

/// A head of a part that is longer is not left out where it is cut, so that nothing hides in it: the parser's error refuses it.
const HEAD_BYTES: usize = 4_096;

/// Ends a multipart body with its closing delimiter; a part of whose head the end is not there is left out. A delimiter has a line of
/// its own (RFC 2046 §5.1.1): what only looks like one within a part leaves nothing out.
fn closed(mut bytes: Vec<u8>, boundary: &[u8]) -> Vec<u8> {
    let delimiter = [b"--", boundary].concat();
    let is_line = |at: usize| {
        let behind = bytes[at + delimiter.len()..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        (at == 0 || bytes[at - 1] == b'\n') && matches!(behind, None | Some(b'\r' | b'\n'))
    };
    let places = bytes.windows(delimiter.len()).enumerate().rev().filter(|(_, it)| *it == delimiter);
    let last = places.map(|(at, _)| at).find(|at| is_line(*at));
    let has_head = |at: usize| {
        let rest = &bytes[at..];
        rest.windows(4).any(|it| it == b"\r\n\r\n") || rest.windows(2).any(|it| it == b"\n\n")
    };
    match last {
        Some(at) if bytes.len() - at <= HEAD_BYTES && !has_head(at) => bytes.truncate(at),
        _ => bytes.extend_from_slice(b"\r\n"),
    }
    bytes.extend_from_slice(&delimiter);
    bytes.extend_from_slice(b"--\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use super::first_part;
    use crate::http1::head::Headers;

    fn of(kind: &str, body: &str) -> (String, bool) {
        let headers = Headers(vec![(b"Content-Type".to_vec(), kind.into())]);
        let part = first_part(&headers, body.into());
        (String::from_utf8(part.bytes).unwrap(), part.excused)
    }

    #[test]
    fn a_multipart_body_is_closed_after_its_last_whole_head() {
        let whole = "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n";
        let long = format!("{whole}--b\r\nContent-Disposition: form-data; name=\"g\"\r\n\r\nAAAA");
        for kind in ["multipart/form-data; boundary=b", "Multipart/Form-Data; Boundary=\"b\"; charset=utf-8"]
        {
            assert_eq!(of(kind, &long), (format!("{long}\r\n--b--\r\n"), false), "{kind}");
        }
        let cut = format!("{whole}--b\r\nContent-Disp");
        assert_eq!(of("multipart/form-data; boundary=b", &cut), (format!("{whole}--b--\r\n"), false));
        // What only looks like a delimiter leaves nothing out, nor does a head that is too long to be one.
        for hidden in [
            "zz--b' UNION SELECT",
            "zz\r\n--bX' UNION SELECT",
            &format!("zz\r\n--b\r\nX: ' UNION {}", "A".repeat(5_000)),
        ] {
            let body = format!("--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n{hidden}");
            let judged = of("multipart/form-data; boundary=b", &body);
            assert_eq!(judged, (format!("{body}\r\n--b--\r\n"), false), "{hidden}");
        }
        assert_eq!(
            of("multipart/form-data", &long),
            (long.clone(), false),
            "without a boundary nothing is excused"
        );
    }

    #[test]
    fn json_is_excused_only_for_its_end() {
        for (body, excused) in [
            (r#"{"id":"x","p":"AAA"#, true),
            (r#"[1,2,{"a":tru"#, true),
            (r#"{"z":01,"id":"x","p":"AAA"#, false),
            (r#"{"z":NaN,"id":"x","p":"AAA"#, false),
            ("\u{feff}{\"id\":\"x\",\"p\":\"AAA", false),
            (r#"{"a":1} {"b":"AAA"#, false),
        ] {
            for kind in ["application/json", "application/fhir+json; charset=utf-8"] {
                assert_eq!(of(kind, body), (body.to_owned(), excused), "{kind} {body}");
            }
        }
        assert_eq!(of("text/plain", "AAA"), ("AAA".to_owned(), true));
        for kind in ["text/xml", "application/fhir+xml; charset=utf-8"] {
            assert_eq!(of(kind, "<a><b>AAA"), ("<a><b>AAA</b></a>".to_owned(), false), "{kind}");
        }
    }
}
