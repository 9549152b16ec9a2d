//! A mirror of the firewall's rule sets over HTTPS: who runs the firewall named it, so it may be in the house; nothing else is
//! connected to, and no redirect is followed.

use std::path::Path;
use std::time::Duration;

use bedrail_waf_rules::source::Get;
use reqwest::{Certificate, StatusCode, Url};

use crate::feeds::{install_provider, words_of};
use crate::outside::{Private, Reach};

/// What is said of an address other than the mirror's own.
const BEYOND: &str = "the address is on a private network and is not the mirror's own";
/// Time to connect.
const CONNECT_TIME: Duration = Duration::from_secs(20);
/// Time without a byte.
const PAUSE: Duration = Duration::from_secs(30);
/// The longest that one file may take, however slowly it drips.
const LONGEST: Duration = Duration::from_secs(600);
/// Bytes of a file of certificates.
const MOST_CERTIFICATES: u64 = 1 << 20;

/// A mirror. It is asked outside of any runtime: it has its own.
#[derive(Debug)]
pub struct RulesMirror {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    host: String,
}

impl RulesMirror {
    /// The mirror behind an address. `authorities`: certificates (PEM) that alone are believed; without them, those of the system.
    ///
    /// # Errors
    /// In words for people: it is no address of a mirror, the file holds no certificates.
    pub fn new(base: &str, authorities: Option<&Path>) -> Result<RulesMirror, String> {
        install_provider();
        let url = Url::parse(base).map_err(|error| format!("`{base}` is no address: {error}"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
        if url.scheme() != "https" || host.is_empty() {
            return Err(format!("`{base}` is no address of a mirror; hint: https://HOST/PATH, or a folder"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err("the address of a mirror has no name, password or query in it".to_owned());
        }
        let reach = Reach { private: Private::Hosts(vec![host.clone()]), refusal: BEYOND };
        let mut client = reqwest::Client::builder()
            .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
            .https_only(true)
            .connect_timeout(CONNECT_TIME)
            .read_timeout(PAUSE)
            .timeout(LONGEST)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(reach.resolver());
        if let Some(file) = authorities {
            client = client.tls_certs_only(certificates(file)?);
        }
        let client = client.build().map_err(|error| words_of(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(RulesMirror { runtime: runtime.map_err(|error| error.to_string())?, client, host })
    }

    async fn fetch(&self, url: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let parsed = Url::parse(url).map_err(|error| format!("it is no address: {error}"))?;
        if parsed.host_str().map(|it| it.trim_matches(['[', ']']).to_lowercase()) != Some(self.host.clone()) {
            return Err(format!("it is not on {}", self.host));
        }
        let mut answer = self.client.get(parsed).send().await.map_err(|error| words_of(&error))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status if status.is_redirection() => {
                return Err(format!(
                    "the mirror leads on to another address ({status}), which is not followed"
                ));
            }
            status => return Err(format!("the mirror answers {status}")),
        }
        let too_large = || format!("it has more than {limit} bytes; it was not read to its end");
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| words_of(&error))? {
            if bytes.len() as u64 + piece.len() as u64 > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }
}

impl Get for RulesMirror {
    fn get(&mut self, url: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
        self.runtime.block_on(self.fetch(url, limit))
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, String> {
    let shown = file.display();
    let length = std::fs::metadata(file).map_err(|error| format!("{shown}: {error}"))?.len();
    if length > MOST_CERTIFICATES {
        return Err(format!("{shown}: it has more than {MOST_CERTIFICATES} bytes; certificates have not"));
    }
    let bytes = std::fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    let found =
        Certificate::from_pem_bundle(&bytes).map_err(|error| format!("{shown}: {}", words_of(&error)))?;
    if found.is_empty() { Err(format!("{shown}: there is no certificate (PEM) in it")) } else { Ok(found) }
}
