//! Calls to addresses that a person gave (of webhooks, of providers for single sign-on): to the internet only, unless who
//! runs the server allows more. What is checked is what is connected to, and no redirect leads elsewhere.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What of private networks may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Private {
    /// Nothing.
    None,
    /// Everything.
    All,
}

impl Private {
    /// Whether a host may be on a private network.
    fn allows(&self, _host: &str) -> bool {
        match self {
            Private::None => false,
            Private::All => true,
        }
    }
}

/// How far calls reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// What of private networks may be reached.
    pub(crate) private: Private,
    /// What is said of an address beyond it, with the option that allows it.
    pub(crate) refusal: &'static str,
}

impl Reach {
    /// Refuses an address that is written in numbers and lies beyond: it is never looked up, so [`Reach::client`] would not
    /// see it.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) fn check(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let beyond = |address: IpAddr| !is_public(address) && !self.private.allows(host);
        if host.parse().is_ok_and(beyond) { Err(self.refusal.to_owned()) } else { Ok(()) }
    }

    /// A client that connects within reach, follows no redirect, and gives up after a while.
    ///
    /// # Errors
    /// When the machine has no certificates to check others by.
    pub(crate) fn client(&self, longest: Duration) -> Result<reqwest::Client, String> {
        crate::feeds::install_provider();
        reqwest::Client::builder()
            .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
            .timeout(longest)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would look the name up itself.
            .no_proxy()
            .dns_resolver(Arc::new(Within(self.clone())))
            .build()
            .map_err(|error| error.to_string())
    }
}

/// Looks names up and gives the addresses that are within reach: what is checked is what is connected to.
struct Within(Reach);

impl Resolve for Within {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0.private.allows(name.as_str());
        let refusal = self.0.refusal;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let within: Vec<SocketAddr> =
                found.filter(|address| private || is_public(address.ip())).collect();
            if within.is_empty() {
                return Err(std::io::Error::other(refusal).into());
            }
            Ok(Box::new(within.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is reached over the internet: not loopback, private, link-local, shared, multicast, reserved, or one
/// of these inside an IPv6 address (RFC 6890, RFC 4193, RFC 6052).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special =
                a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && matches!(b, 18 | 19));
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || shared
                || special)
        }
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4() {
        return is_public(IpAddr::V4(v4));
    }
    let parts = v6.segments();
    let last = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::from([a, b, c, d])
    };
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public(last(high, low)),
        [0x2002, high, low, ..] => is_public(last(high, low)),
        // Only 2000::/3 is given out; documentation and Teredo lie in it.
        [first, second, ..] => {
            first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0xdb8) && (first, second) != (0x2001, 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones_however_they_are_wrapped() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "2a00::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
