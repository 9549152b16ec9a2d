//! Speaks with providers behind the browser's back: what they say of themselves and their keys, and the exchange of codes.
//! Where calls may go is the operator's word; how long they last and how much comes back is bounded; what comes back is never
//! logged.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::CoreProviderMetadata;
use openidconnect::http::{Response, Uri};
use openidconnect::{AsyncHttpClient, DiscoveryError, HttpRequest, HttpResponse, IssuerUrl};
use reqwest::Url;

use crate::outside::{Private, Reach};

/// How long one call may take.
const LONGEST: Duration = Duration::from_secs(10);
/// The largest answer, in bytes: descriptions and key sets have a few thousand.
const LARGEST: usize = 256 << 10;
/// How long a provider's description and keys are believed. A key that is not among them is looked for anew at once.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);
/// Providers remembered at most.
const REMEMBERED: usize = 500;

const BEYOND: &str = "the provider is on a private network; `--allow-provider` on the server allows that";

/// What who runs the server says of single sign-on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct House {
    /// The address that people reach the pages by, without a slash at its end: where providers send browsers back to.
    pub public_url: Option<String>,
    /// Providers on private networks that may be asked: host names (`login.hospital.example`), or whole origins where one
    /// speaks plain HTTP (`http://login.hospital.example:8080`).
    pub providers: Vec<String>,
}

impl House {
    fn names(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.providers.iter().any(|named| named.eq_ignore_ascii_case(host)) || self.names_origin(url)
    }

    fn names_origin(&self, url: &Url) -> bool {
        let origin = url.origin().ascii_serialization();
        self.providers.iter().any(|named| named.trim_end_matches('/').eq_ignore_ascii_case(&origin))
    }

    /// Refuses an address that must not be called, nor a browser be sent to.
    pub(super) fn permits(&self, url: &Url) -> Result<(), Trouble> {
        let host = url.host_str().unwrap_or_default();
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.names_origin(url) || (loopback && self.names(url)) => Ok(()),
            _ => Err(Trouble::Address("the provider's address does not begin with https://")),
        }
    }

    fn reach(&self) -> Reach {
        let host = |named: &String| match Url::parse(named) {
            Ok(url) if named.contains("://") => url.host_str().unwrap_or_default().to_lowercase(),
            _ => named.to_lowercase(),
        };
        Reach { private: Private::Hosts(self.providers.iter().map(host).collect()), refusal: BEYOND }
    }
}

/// Why a provider cannot be spoken with. No address and nothing that it said is in the words.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It must not be called there.
    #[error("{0}")]
    Address(&'static str),
    /// It did not answer.
    #[error("{0}")]
    Unreachable(String),
    /// It answered with an error or a redirect.
    #[error("the provider answered {0}{hint}", hint = if (300..400).contains(.0) { "; redirects are not followed" } else { "" })]
    Answered(u16),
    /// What it answered is not what the standard says.
    #[error("{0}")]
    Odd(&'static str),
}

/// Calls within the operator's reach.
pub(super) struct Backchannel<'h> {
    house: &'h House,
    reach: Reach,
    client: reqwest::Client,
}

impl<'h> Backchannel<'h> {
    /// A client for a few calls.
    pub(super) fn new(house: &'h House) -> Result<Backchannel<'h>, Trouble> {
        let reach = house.reach();
        let client = reach.client(LONGEST).map_err(Trouble::Unreachable)?;
        Ok(Backchannel { house, reach, client })
    }

    /// One call.
    pub(super) async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, Trouble> {
        let (parts, body) = request.into_parts();
        let url = address(&parts.uri)?;
        self.house.permits(&url)?;
        self.reach.check(&url).map_err(|_| Trouble::Address(BEYOND))?;
        let request = self.client.request(parts.method, url).headers(parts.headers).body(body);
        let broken = |error: reqwest::Error| Trouble::Unreachable(crate::feeds::words_of(&error));
        let mut response = request.send().await.map_err(broken)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Trouble::Odd("the provider's answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

fn address(uri: &Uri) -> Result<Url, Trouble> {
    Url::parse(&uri.to_string()).map_err(|_| Trouble::Address("the provider names an address that is none"))
}

impl<'c> AsyncHttpClient<'c> for Backchannel<'_> {
    type Error = Trouble;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Trouble>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}

/// Descriptions of providers with their keys, as long as they are believed.
#[derive(Debug, Default)]
pub(crate) struct Providers(Mutex<HashMap<String, (Timestamp, Arc<CoreProviderMetadata>)>>);

impl Providers {
    /// What a provider says of itself, and its keys.
    pub(super) async fn describe(
        &self,
        backchannel: &Backchannel<'_>,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned();
        // A clock that went back makes nothing believed for longer.
        let believed = |at: Timestamp| at <= now && now < at + BELIEVED;
        if let Some((_, found)) = held.filter(|(at, _)| believed(*at)) {
            return Ok(found);
        }
        self.describe_anew(backchannel, issuer, now).await
    }

    /// The same, asked now: for a key that is not among those that are held.
    pub(super) async fn describe_anew(
        &self,
        backchannel: &Backchannel<'_>,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        let named = IssuerUrl::new(issuer.to_owned())
            .map_err(|_| Trouble::Address("the issuer is not an address"))?;
        let found =
            CoreProviderMetadata::discover_async(named, backchannel).await.map_err(discovery_trouble)?;
        let found = Arc::new(found);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= REMEMBERED {
            held.clear();
        }
        held.insert(issuer.to_owned(), (now, found.clone()));
        Ok(found)
    }
}

fn discovery_trouble(error: DiscoveryError<Trouble>) -> Trouble {
    match error {
        DiscoveryError::Request(trouble) => trouble,
        DiscoveryError::Response(status, ..) if !status.is_success() => Trouble::Answered(status.as_u16()),
        DiscoveryError::Validation(_) => Trouble::Odd("the provider calls itself by another issuer"),
        _ => Trouble::Odd("what the provider says of itself cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_what_the_operator_names_is_called() {
        let house = |named: &[&str]| House {
            public_url: None,
            providers: named.iter().map(|named| (*named).to_owned()).collect(),
        };
        for (named, url, permitted) in [
            (vec![], "https://login.example/x", true),
            (vec![], "http://login.example/x", false),
            (vec![], "http://127.0.0.1:9/x", false),
            (vec!["127.0.0.1"], "http://127.0.0.1:9/x", true),
            (vec!["login.example"], "http://login.example/x", false),
            (vec!["http://login.example"], "http://login.example/x", true),
            (vec!["http://login.example"], "http://login.example:81/x", false),
            (vec!["http://login.example:81/"], "http://login.example:81/x", true),
            (vec!["login.example"], "javascript:alert(1)", false),
            (vec!["login.example"], "file:///etc/passwd", false),
        ] {
            let house = house(&named);
            assert_eq!(house.permits(&Url::parse(url).unwrap()).is_ok(), permitted, "{named:?} {url}");
        }
    }

    #[tokio::test]
    async fn private_addresses_are_reached_only_where_the_operator_names_them() {
        let ask = async |house: &House, url: &str| {
            let request = openidconnect::http::Request::get(url).body(Vec::new()).unwrap();
            Backchannel::new(house).unwrap().fetch(request).await.map(|_| ()).unwrap_err().to_string()
        };
        let open = House::default();
        for url in [
            "https://127.0.0.1:1/",
            "https://10.0.0.1/",
            "https://[::1]:1/",
            "https://169.254.169.254/",
            "https://2130706433:1/",
        ] {
            assert_eq!(ask(&open, url).await, BEYOND, "{url}");
        }
        assert!(ask(&open, "https://localhost:1/").await.contains("private network"));
        let named = House { public_url: None, providers: vec!["localhost".into()] };
        assert!(!ask(&named, "https://localhost:1/").await.contains("private network"));
        assert_eq!(
            ask(&named, "https://127.0.0.1:1/").await,
            BEYOND,
            "the name was allowed, not the address"
        );
    }
}
