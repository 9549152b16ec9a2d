//! Where a request comes from, as far as it is known: the address, and the browser in words.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::state::State;

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Caller {
    /// The address: of the connection, or, behind a proxy that ends TLS, the one that the proxy names last.
    pub(crate) address: Option<IpAddr>,
    /// The browser in words: "Firefox on Windows".
    pub(crate) browser: String,
}

impl Caller {
    /// Where a request comes from. `behind_proxy`: the proxy in front is ours, and what it adds is believed.
    pub(crate) fn of(parts: &Parts, behind_proxy: bool) -> Caller {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = if behind_proxy { forwarded(&parts.headers).or(connection) } else { connection };
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Caller {
            address: address.map(|address| address.to_canonical()),
            browser: browser(agent.unwrap_or_default()),
        }
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Caller, Infallible> {
        Ok(Caller::of(parts, state.options.behind_tls))
    }
}

/// The last address of `X-Forwarded-For`: the one that our own proxy added; all before it are the caller's word.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next()?.trim().parse().ok()
}

/// A browser's own name for itself, in words; made of our words only, whatever it says.
fn browser(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let name = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrom", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("python", "a Python program"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(system)) => format!("a browser on {system}"),
        (None, None) => "a program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_in_our_own_words() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "curl"),
            ("<script>alert(1)</script>", "a program"),
        ] {
            assert_eq!(browser(agent), words);
        }
    }

    #[test]
    fn only_the_word_of_our_own_proxy_is_believed() {
        let mut request = axum::http::Request::builder();
        for line in ["203.0.113.9, 198.51.100.7", "192.0.2.1, 2001:db8::7"] {
            request = request.header("x-forwarded-for", line);
        }
        let (mut parts, ()) = request.body(()).unwrap_or_default().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 80))));
        assert_eq!(Caller::of(&parts, true).address, "2001:db8::7".parse().ok());
        assert_eq!(Caller::of(&parts, false).address, "127.0.0.1".parse().ok());
    }
}
