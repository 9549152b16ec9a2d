//! Links within the house: a path and its query, so that filters, sorting and paging keep one another.

use std::fmt::{self, Write};

/// A path with query parameters, percent-encoded when shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    path: String,
    parameters: Vec<(&'static str, String)>,
}

impl Link {
    /// A link without parameters.
    pub(crate) fn to(path: impl Into<String>) -> Link {
        Link { path: path.into(), parameters: Vec::new() }
    }

    /// The same link with a parameter set to a value; an empty value removes it.
    pub(crate) fn with(&self, key: &'static str, value: impl fmt::Display) -> Link {
        let mut link = self.clone();
        link.parameters.retain(|(present, _)| *present != key);
        let value = value.to_string();
        if !value.is_empty() {
            link.parameters.push((key, value));
        }
        link
    }

    /// The same link with a parameter where there is a value.
    pub(crate) fn with_some(&self, key: &'static str, value: Option<impl fmt::Display>) -> Link {
        match value {
            Some(value) => self.with(key, value),
            None => self.without(key),
        }
    }

    /// The same link without a parameter.
    pub(crate) fn without(&self, key: &'static str) -> Link {
        self.with(key, "")
    }

    /// The same parameters under another path.
    pub(crate) fn at(&self, path: &str) -> Link {
        Link { path: path.to_owned(), parameters: self.parameters.clone() }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (index, (key, value)) in self.parameters.iter().enumerate() {
            f.write_char(if index == 0 { '?' } else { '&' })?;
            write!(f, "{key}={}", Encoded(value))?;
        }
        Ok(())
    }
}

/// A text percent-encoded as one part of a URL (RFC 3986 §2.3: only unreserved characters stay).
pub(crate) struct Encoded<'a>(pub(crate) &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    f.write_char(byte as char)?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// A place to go to after sign-in: only a path of our own, else the first page.
pub(crate) fn own_path(wanted: Option<&str>) -> &str {
    wanted
        .filter(|path| path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"))
        .filter(|path| path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'))
        .filter(|path| !path.starts_with("/api/") && !path.starts_with("/sign-"))
        .unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_their_parameters_and_encode_them() {
        let link = Link::to("/affected").with("q", "a&b c").with("offset", 50).with("q", "ü");
        assert_eq!(link.to_string(), "/affected?offset=50&q=%C3%BC");
        assert_eq!(link.without("q").without("offset").to_string(), "/affected");
        assert_eq!(link.at("/affected.csv").to_string(), "/affected.csv?offset=50&q=%C3%BC");
    }

    #[test]
    fn only_own_paths_are_followed_after_sign_in() {
        assert_eq!(own_path(Some("/devices?q=a%20b")), "/devices?q=a%20b");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "/a\r\nb",
            "/\tx",
            "/a\\b",
        ] {
            assert_eq!(own_path(Some(foreign)), "/", "{foreign:?}");
        }
        assert_eq!(own_path(None), "/");
        assert_eq!(own_path(Some("/api/v1/session")), "/");
    }
}
