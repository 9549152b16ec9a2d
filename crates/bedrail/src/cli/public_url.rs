//! The address that people reach the pages by, as it is typed.

/// Where people reach the pages: scheme, host and perhaps a port, nothing after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    /// Without a slash at its end.
    pub(crate) text: String,
    /// The host name alone.
    pub(crate) host: String,
}

/// Reads one.
pub(crate) fn parse(text: &str) -> Result<PublicUrl, String> {
    let text = text.trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let host = match rest.split_once(']') {
        Some((host, _)) => format!("{host}]"),
        None => rest.split(':').next().unwrap_or_default().to_owned(),
    };
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "-._:[]".contains(sign);
    if !["https", "http"].contains(&scheme) || host.is_empty() || !rest.chars().all(plain) {
        return Err("expected scheme and host only, such as https://bedrail.hospital.example".to_owned());
    }
    Ok(PublicUrl { text: text.to_owned(), host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_scheme_host_and_port() {
        for (text, host) in [
            ("https://bedrail.hospital.example", "bedrail.hospital.example"),
            ("https://bedrail.hospital.example:8443/", "bedrail.hospital.example"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            let read = parse(text).unwrap();
            assert_eq!((read.text.as_str(), read.host.as_str()), (text.trim_end_matches('/'), host));
        }
        for wrong in
            ["", "bedrail.hospital.example", "ftp://x", "https://", "https://x/bedrail", "https://a@x"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
