//! A request as the suites, the generator and the recorded traffic have it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

/// One request. Its headers are complete, `Host` and `Content-Length` among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it is, for reports: `fhir search Patient/12`.
    pub name: String,
    /// `GET`.
    pub method: String,
    /// The target as sent, encoded.
    pub target: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// A request without a body.
    pub fn new(name: impl Into<String>, method: &str, target: impl Into<String>) -> Request {
        let headers = [
            ("Host", "device.hospital.example"),
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("Accept", "*/*"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Request {
            name: name.into(),
            method: method.to_owned(),
            target: target.into(),
            headers,
            body: Vec::new(),
        }
    }

    /// With a header in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Request {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a body of a media type.
    #[must_use]
    pub fn body(self, media: &str, body: impl Into<Vec<u8>>) -> Request {
        let body = body.into();
        let length = body.len().to_string();
        Request { body, ..self.with("Content-Type", media).with("Content-Length", length) }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// One line of JSON, the body in Base64.
    pub fn to_line(&self) -> String {
        let line = Line {
            name: self.name.clone(),
            method: self.method.clone(),
            target: self.target.clone(),
            headers: self.headers.clone(),
            body: BASE64.encode(&self.body),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// What [`Request::to_line`] wrote.
    ///
    /// # Errors
    /// A sentence for a line that is no request.
    pub fn from_line(line: &str) -> Result<Request, String> {
        let line: Line =
            serde_json::from_str(line).map_err(|error| format!("this line is no request: {error}"))?;
        let body = BASE64.decode(&line.body).map_err(|_| "the body of this line is no Base64".to_owned())?;
        Ok(Request { name: line.name, method: line.method, target: line.target, headers: line.headers, body })
    }
}

/// Text for a query or a form (WHATWG URL, application/x-www-form-urlencoded): letters, digits and `*-._` stay, a blank
/// becomes `+`.
pub fn form(text: &str) -> String {
    encode(text, b"*-._", true)
}

/// Text for a part of a path (RFC 3986, 2.3: unreserved characters stay).
pub fn percent(text: &str) -> String {
    encode(text, b"-._~", false)
}

fn encode(text: &str, stay: &[u8], plus: bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b' ' if plus => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || stay.contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Bytes in Base64 (RFC 4648, 4).
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}
