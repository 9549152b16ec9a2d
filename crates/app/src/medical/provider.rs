//! Publishers whose advisories are fetched: by their provider metadata, then ROLIE feeds and directories (CSAF section 7.1).
//!
//! What a provider offers under TLP:AMBER or stricter is not asked for. A document counts only if it has the hash that the
//! provider gives for it, the name that its id makes, and the namespace of the provider; and a provider has that namespace only
//! if its host belongs to it, or if whoever added it confirmed it. OpenPGP signatures are not checked, and that is said wherever a
//! provider is shown. Whom to ask is of the whole installation, and so is the right to say.

use std::path::PathBuf;
use std::time::Duration;

use bedrail_store::advisory_providers as rows;
pub use bedrail_store::advisory_providers::ProviderRow;
use bedrail_store::organisations;
use reqwest::Url;

use crate::actor::Via;
use crate::rights::Right;
use crate::{Actor, Context, Error};

mod document;
mod run;
mod walk;
mod way;

pub(crate) use run::update_all;
pub use run::{ProviderReport, update};

/// Providers of an installation.
const PROVIDERS: usize = 500;
/// Where a provider's metadata is on its own domain (CSAF section 7.1.9).
const WELL_KNOWN: &str = "/.well-known/csaf/provider-metadata.json";
/// The longest that one provider is asked in one run.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Where advisories come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The addresses of the providers.
    Net {
        /// Hosts that may be in the house, and may speak without TLS.
        hosts: Vec<String>,
        /// The first pause before a server is asked again.
        pause: Duration,
        /// The longest that one provider is asked; the rest is left for the next run.
        patience: Duration,
    },
    /// A folder that mirrors them: `HOST/PATH` for each address, as `wget --mirror` writes it.
    Mirror(PathBuf),
}

impl Origin {
    /// The net, with the hosts that the environment names (`BEDRAIL_CSAF_HOSTS`, separated by commas).
    pub fn from_env() -> Origin {
        let hosts = std::env::var("BEDRAIL_CSAF_HOSTS").unwrap_or_default();
        let hosts = hosts.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_lowercase);
        Origin::Net { hosts: hosts.collect(), pause: Duration::from_secs(2), patience: PATIENCE }
    }
}

/// All providers, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<ProviderRow>, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    Ok(rows::all(&view).await?)
}

/// Adds a provider by the address of its metadata, or by its domain, with the namespace that its documents may have where the
/// host does not show it; empty asks the host to. Returns the address.
///
/// # Errors
/// [`Error::Invalid`] for what is no address; [`Error::Conflict`] where it is there already; [`Error::Denied`] for who may not
/// say what the whole installation takes in.
pub async fn add(ctx: &Context, actor: &Actor, text: &str, namespace: &str) -> Result<String, Error> {
    need_installation(ctx, actor).await?;
    let url = address(text)?;
    let namespace = confirmed(namespace)?;
    let change = ctx.change(actor, Right::ManageOrganisation, "medical.provider.add").await?;
    let known = rows::all(&change).await?;
    if known.iter().any(|it| it.url == url) {
        return Err(Error::Conflict { message: format!("{url} is a provider already") });
    }
    if known.len() >= PROVIDERS {
        return Err(Error::invalid(format!("an installation has {PROVIDERS} providers at most")));
    }
    let row = ProviderRow {
        url: url.clone(),
        namespace: namespace.clone(),
        name: String::new(),
        added: change.at(),
        fetched: None,
        outcome: String::new(),
        whole: true,
    };
    rows::add(&change, &row).await?;
    let detail = match namespace.as_str() {
        "" => "advisories are fetched from it".to_owned(),
        _ => format!("advisories of {namespace} are fetched from it"),
    };
    change.commit(&url, &detail).await?;
    Ok(url)
}

/// Takes a provider away; what was fetched from it stays.
///
/// # Errors
/// [`Error::NotFound`] when it is not there; [`Error::Denied`] for who may not say what the whole installation takes in.
pub async fn remove(ctx: &Context, actor: &Actor, url: &str) -> Result<(), Error> {
    need_installation(ctx, actor).await?;
    let change = ctx.change(actor, Right::ManageOrganisation, "medical.provider.remove").await?;
    if !rows::remove(&change, url.trim()).await? {
        return Err(Error::not_found(format!("provider {url}")));
    }
    Ok(change.commit(url.trim(), "advisories are not fetched from it any more").await?)
}

/// Whether the actor may say whom the installation asks.
///
/// # Errors
/// When the database cannot be used.
pub async fn may_change(ctx: &Context, actor: &Actor) -> Result<bool, Error> {
    match need_installation(ctx, actor).await {
        Ok(()) => Ok(true),
        Err(Error::Denied { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What all organisations share is changed at the machine's own terminal; where there is one organisation alone, by its
/// administrators too.
async fn need_installation(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    actor.need(Right::ManageOrganisation)?;
    if matches!(actor.via, Via::CommandLine | Via::System)
        || organisations::all(&ctx.inner.store).await?.len() <= 1
    {
        return Ok(());
    }
    let action =
        "change what all organisations of the installation share (at its terminal: `bedrail advisories`)";
    Err(Error::Denied { actor: actor.name.clone(), action: action.to_owned() })
}

/// A namespace as somebody confirmed it; empty where none was given.
fn confirmed(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || host_of(text).is_some_and(|host| host.contains('.')) {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    Err(Error::Invalid {
        message: format!("`{text}` is no namespace of a publisher"),
        hint: Some("it is the address in the publisher's own documents: https://www.example.com".into()),
    })
}

/// Whether a provider may speak in the name of a namespace. One that was confirmed is that one and no other. Else the host of the
/// provider is that of the namespace, without `www.`, or either is below the other: `psirt.example.com` and
/// `https://www.example.com`. There is no list of registries here, so siblings (`psirt.` and `security.`) are to be confirmed.
fn belongs(url: &str, pinned: &str, namespace: &str) -> bool {
    if !pinned.is_empty() {
        return plain(pinned) == plain(namespace);
    }
    let (Some(host), Some(named)) = (host_of(url), host_of(namespace)) else { return false };
    let below = |one: &str, other: &str| {
        one.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_name = |host: &str| host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    is_name(&host) && is_name(&named) && (below(&host, &named) || below(&named, &host))
}

/// A namespace as two are compared: neither case nor a slash at the end counts.
fn plain(namespace: &str) -> String {
    namespace.trim().trim_end_matches('/').to_lowercase()
}

/// The host of an address, without `www.`.
fn host_of(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "https" | "http"))?;
    let host = url.host_str()?.trim_end_matches('.').to_lowercase();
    Some(host.strip_prefix("www.").map_or_else(|| host.clone(), str::to_owned))
}

/// The address of provider metadata that a person means: an address, or a domain.
fn address(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let hint =
        "name the address of a provider-metadata.json, or the domain of a publisher: psirt.example.com";
    let wrong = |message: String| Error::Invalid { message, hint: Some(hint.into()) };
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&full).map_err(|error| wrong(format!("`{text}` is no address: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong(format!("`{text}` is no address on the web")));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong("the address of a provider has neither password nor question mark".to_owned()));
    }
    url.set_fragment(None);
    match url.path() {
        "" | "/" => url.set_path(WELL_KNOWN),
        path if path.ends_with(".json") => {}
        _ => return Err(wrong(format!("`{text}` is not the address of a provider-metadata.json"))),
    }
    Ok(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_or_an_address_names_a_provider() {
        let own = "https://psirt.example.com/.well-known/csaf/provider-metadata.json";
        for text in ["psirt.example.com", " https://psirt.example.com/ ", own, "https://PSIRT.example.com"] {
            assert_eq!(address(text).unwrap(), own, "{text}");
        }
        assert_eq!(address("https://a.example/x/y.json#z").unwrap(), "https://a.example/x/y.json");
        for text in
            ["", "ftp://a.example/x.json", "https://user:secret@a.example/", "https://a.example/page", "a b"]
        {
            let error = address(text).unwrap_err();
            assert!(matches!(error, Error::Invalid { hint: Some(_), .. }), "{text}: {error}");
        }
    }

    #[test]
    fn a_provider_speaks_for_its_own_host_or_for_what_was_confirmed() {
        let own = |url: &str, namespace: &str| belongs(url, "", namespace);
        for (url, namespace) in [
            ("https://www.cisa.gov/sites/default/files/csaf/provider-metadata.json", "https://www.cisa.gov/"),
            ("https://cert-portal.siemens.com/x.json", "https://www.siemens.com"),
            ("https://security.access.redhat.com/x.json", "https://www.redhat.com"),
            ("https://orbis.example/x.json", "https://psirt.orbis.example/advisories"),
        ] {
            assert!(own(url, namespace), "{url} {namespace}");
        }
        for (url, namespace) in [
            ("https://velta.example/x.json", "https://orbis.example"),
            ("https://notorbis.example/x.json", "https://orbis.example"),
            ("https://orbis.example.evil.test/x.json", "https://orbis.example"),
            ("https://evil.example/x.json", "https://example"),
            ("https://evil.example/x.json", "example"),
            ("https://evil.example/x.json", ""),
            ("https://evil.example/x.json", "urn:orbis"),
            ("http://10.0.0.1/x.json", "http://0.0.1"),
            // Siblings, and a provider that publishes for others: somebody has to say so.
            ("https://psirt.orbis.example/x.json", "https://security.orbis.example"),
            ("https://orbis.csaf-tp.certvde.example/x.json", "https://www.orbis.example"),
        ] {
            assert!(!own(url, namespace), "{url} {namespace}");
        }
        let pinned = "https://www.orbis.example";
        assert!(belongs("https://certvde.example/x.json", pinned, "https://www.Orbis.example/"));
        assert!(!belongs("https://certvde.example/x.json", pinned, "https://certvde.example"));
        assert!(confirmed("orbis").is_err() && confirmed("https://orbis").is_err());
    }
}
