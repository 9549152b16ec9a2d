//! Calls to addresses that a person gave (of webhooks, of providers for single sign-on): to the internet only, unless who
//! runs the server allows more. What is checked is what is connected to, and no redirect leads elsewhere.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Error;

/// What of private networks may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Private {
    /// Nothing.
    None,
    /// Everything.
    All,
    /// The hosts with these names, in small letters.
    Hosts(Vec<String>),
}

impl Private {
    /// Whether a host may be on a private network.
    fn allows(&self, host: &str) -> bool {
        match self {
            Private::None => false,
            Private::All => true,
            Private::Hosts(hosts) => {
                let host = host.trim_matches(['[', ']']).to_lowercase();
                hosts.iter().any(|allowed| allowed.trim_matches(['[', ']']) == host)
            }
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

    /// Looks names up for a client of another kind, within reach.
    pub(crate) fn resolver(&self) -> Arc<impl Resolve + 'static> {
        Arc::new(Within { reach: self.clone(), lookup: system() })
    }

    /// A client that connects within reach, follows no redirect, and gives up after a while.
    ///
    /// # Errors
    /// When the machine has no certificates to check others by.
    pub(crate) fn client(&self, longest: Duration) -> Result<reqwest::Client, String> {
        self.client_by(longest, system())
    }

    /// The same, by any way to look names up.
    fn client_by(&self, longest: Duration, lookup: Lookup) -> Result<reqwest::Client, String> {
        crate::feeds::install_provider();
        reqwest::Client::builder()
            .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
            .timeout(longest)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would look the name up itself.
            .no_proxy()
            .dns_resolver(Arc::new(Within { reach: self.clone(), lookup }))
            .build()
            .map_err(|error| error.to_string())
    }
}

/// A client for a server of the operator's own, wherever it is; it follows no redirect.
///
/// # Errors
/// When the machine has no certificates to check others by.
pub fn client_of_operator(longest: Duration) -> Result<reqwest::Client, Error> {
    crate::feeds::install_provider();
    reqwest::Client::builder()
        .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
        .timeout(longest)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Error::Internal(Box::new(error)))
}

/// Looks names up and gives the addresses that are within reach: what is checked is what is connected to.
struct Within {
    reach: Reach,
    lookup: Lookup,
}

/// Gives the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Looks names up as the machine does.
fn system() -> Lookup {
    Arc::new(|name: String| -> BoxFuture<'static, _> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

impl Resolve for Within {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.reach.private.allows(name.as_str());
        let refusal = self.reach.refusal;
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await?.into_iter();
            let within = found.filter(|address| private || is_public(*address));
            let within: Vec<SocketAddr> = within.map(|address| SocketAddr::new(address, 0)).collect();
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
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    const REFUSAL: &str = "beyond reach";

    fn reach(private: Private) -> Reach {
        Reach { private, refusal: REFUSAL }
    }

    /// A name server of our own: it gives its answers one after the other, the last one from then on.
    fn names(answers: &[&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
        let parse = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        let answers: Vec<Vec<IpAddr>> = answers.iter().map(parse).collect();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let lookup = move |_: String| -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
            let at = counted.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let answer = answers[at].clone();
            Box::pin(async move { Ok(answer) })
        };
        (Arc::new(lookup), asked)
    }

    /// A server that counts who connects.
    async fn counting_server() -> (u16, Arc<AtomicUsize>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                // The request is short and comes in one piece.
                let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1024]).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await;
            }
        });
        (port, connections)
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_never_connected_to() {
        let (port, connections) = counting_server().await;
        for inside in [
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "0.0.0.0",
            "::",
            "10.0.0.7",
            "100.100.100.100",
            "64:ff9b::7f00:1",
            "fd00::7",
        ] {
            let (lookup, asked) = names(&[&[inside]]);
            let client = reach(Private::None).client_by(Duration::from_secs(5), lookup).unwrap();
            let error = client.get(format!("http://hook.example:{port}/")).send().await.unwrap_err();
            assert!(crate::feeds::words_of(&error).contains(REFUSAL), "{inside}: {error:?}");
            assert_eq!(asked.load(Ordering::SeqCst), 1, "{inside}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn what_is_checked_is_what_is_connected_to() {
        // The name is looked up once for a connection: there is no second answer that could lead elsewhere.
        let (port, connections) = counting_server().await;
        let (lookup, asked) = names(&[&["127.0.0.1"], &["203.0.113.7"]]);
        let client = reach(Private::All).client_by(Duration::from_secs(5), lookup).unwrap();
        let answer = client.get(format!("http://hook.example:{port}/")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!((asked.load(Ordering::SeqCst), connections.load(Ordering::SeqCst)), (1, 1));
        // A name that turns from outside to inside is refused when it has turned; of several addresses those outside stay.
        let (lookup, _) = names(&[&["8.8.8.8", "127.0.0.1", "::1"], &["127.0.0.1"]]);
        let within = Within { reach: reach(Private::None), lookup };
        let name = || "hook.example".parse::<Name>().unwrap();
        let first: Vec<SocketAddr> = within.resolve(name()).await.unwrap().collect();
        assert_eq!(first, ["8.8.8.8:0".parse().unwrap()]);
        assert!(within.resolve(name()).await.is_err());
    }

    #[test]
    fn addresses_in_numbers_are_refused_however_they_are_written() {
        for inside in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.1/",
            "http://0/",
            "http://127.0.0.1./",
            "http://\u{2460}\u{2461}\u{2466}.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://[64:ff9b::7f00:1]/",
            "http://2852039166/",
            "http://user@10.0.0.1/",
        ] {
            let url = Url::parse(inside).unwrap();
            assert_eq!(reach(Private::None).check(&url), Err(REFUSAL.to_owned()), "{inside}: {url}");
            assert_eq!(reach(Private::All).check(&url), Ok(()), "{inside}");
        }
        for outside in ["http://8.8.8.8/", "https://hook.example/", "http://[2606:2800:220:1::1]/"] {
            assert_eq!(reach(Private::None).check(&Url::parse(outside).unwrap()), Ok(()), "{outside}");
        }
    }

    #[test]
    fn hosts_that_are_named_may_be_private_and_no_others() {
        let private = Private::Hosts(vec!["10.0.0.7".into(), "mirror".into()]);
        let reach = Reach { private, refusal: "no" };
        for (url, within) in [
            ("http://10.0.0.7/x", true),
            ("http://10.0.0.8/x", false),
            ("http://[::1]/", false),
            ("http://2130706433/", false),
            ("http://0177.0.0.1/", false),
            ("http://mirror/", true),
            ("https://example.org/", true),
        ] {
            assert_eq!(reach.check(&Url::parse(url).unwrap()).is_ok(), within, "{url}");
        }
    }
}
