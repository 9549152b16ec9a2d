//! As much of a package URL as a search needs: the type, the path of name space and name, the version. Lenient where
//! [`super::Purl`] is strict, since people type it and documents bend it; and quick, since a search looks at all of a fleet.

/// The parts of a purl that identify a package, without qualifiers and sub-path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The type, in lower case.
    pub kind: String,
    /// Name space and name, decoded, in lower case.
    pub path: String,
    /// The version, decoded.
    pub version: Option<String>,
}

impl Parts {
    /// Reads `pkg:type/namespace/name@version?qualifiers#subpath` (purl specification, "how to parse").
    pub fn read(text: &str) -> Option<Parts> {
        let scheme = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:"))?;
        let rest = text[scheme.len()..].trim_start_matches('/');
        let rest = rest.split('#').next()?.split('?').next()?;
        let (kind, path) = rest.split_once('/')?;
        let path = path.trim_matches('/');
        let (path, version) = match path.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !version.contains('/') => {
                (path, Some(decode(version)))
            }
            _ => (path, None),
        };
        let valid = !kind.is_empty() && !path.is_empty();
        valid.then(|| Parts { kind: kind.to_lowercase(), path: decode(path).to_lowercase(), version })
    }
}

/// Undoes percent-encoding; what is no code stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_purls() {
        for (text, parts) in [
            (
                "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
                Some(("maven", "org.apache.logging.log4j/log4j-core", Some("2.14.1"))),
            ),
            ("PKG:npm/%40Angular/core@1.0.0", Some(("npm", "@angular/core", Some("1.0.0")))),
            ("pkg:npm/@angular/core", Some(("npm", "@angular/core", None))),
            ("pkg:deb/debian/openssl@1%3A1.1.1#x", Some(("deb", "debian/openssl", Some("1:1.1.1")))),
            ("log4j", None),
            ("pkg:", None),
            ("pkg:maven/", None),
        ] {
            let expected = parts.map(|(kind, path, version)| Parts {
                kind: kind.into(),
                path: path.into(),
                version: version.map(Into::into),
            });
            assert_eq!(Parts::read(text), expected, "{text}");
        }
    }
}
