//! What is taken in about firewalls: the same fields from a form, the REST API and the command line.

use bedrail_app::Error;
use bedrail_app::firewall::{Mode, NewFirewall, Product, Wanted};
use serde::Deserialize;
use utoipa::ToSchema;

use super::taken::day;

fn some(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn none_of(what: &str, text: &str, codes: &[&str]) -> Error {
    Error::Invalid {
        message: format!("{what}: “{}” is none", text.chars().take(40).collect::<String>()),
        hint: Some(format!("one of {}", codes.join(", "))),
    }
}

/// A firewall of somebody else, as a fact.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirewallSent {
    /// What people call it. What was said before under this name is taken back.
    pub(crate) name: String,
    /// `f5`, `cloudflare`, `imperva`, `modsecurity`, `coraza`, `other`.
    pub(crate) product: String,
    /// `block`, `detect`, `off`, `unknown`.
    #[serde(default)]
    pub(crate) mode: String,
    /// The day of its rules, an ISO date.
    #[serde(default)]
    pub(crate) rules_on: Option<String>,
    /// How one knows, in a sentence.
    #[serde(default)]
    pub(crate) proof: String,
    /// A document of the programme that shows it, by id.
    #[serde(default)]
    pub(crate) document: Option<String>,
    /// Who says so, and as what.
    pub(crate) said_by: String,
    /// The last day on which it counts, an ISO date; 90 days from today without it.
    #[serde(default)]
    pub(crate) expires: Option<String>,
    /// Devices behind it: ids, names or addresses.
    #[serde(default)]
    pub(crate) devices: Vec<String>,
}

impl FirewallSent {
    pub(crate) fn command(&self) -> Result<NewFirewall, Error> {
        let codes = Product::ALL.map(Product::code);
        let product = Product::from_code(self.product.trim());
        let modes = Mode::ALL.map(Mode::code);
        let mode = some(Some(&self.mode)).map_or(Some(Mode::Unknown), Mode::from_code);
        let document = some(self.document.as_ref()).map(|text| {
            text.parse().map_err(|_| Error::not_found(format!("document {text} of the programme")))
        });
        Ok(NewFirewall {
            name: self.name.clone(),
            product: product.ok_or_else(|| none_of("the product", &self.product, &codes))?,
            mode: mode.ok_or_else(|| none_of("the mode", &self.mode, &modes))?,
            rules_on: some(self.rules_on.as_ref())
                .map(|text| day(text, "the day of the rules"))
                .transpose()?,
            proof: self.proof.clone(),
            document: document.transpose()?,
            said_by: self.said_by.clone(),
            expires: some(self.expires.as_ref()).map(|text| day(text, "the last day")).transpose()?,
            devices: self.devices.clone(),
        })
    }
}

/// The devices behind a site of ours, or behind a firewall as a whole; those said before are replaced.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceSent {
    /// The key of the site; empty for the firewall as a whole.
    #[serde(default)]
    pub(crate) site: String,
    /// Devices: ids, names or addresses.
    pub(crate) devices: Vec<String>,
}

/// An exclusion that is asked for.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExclusionSent {
    /// The key of the site.
    pub(crate) site: String,
    /// The rule.
    pub(crate) rule: u32,
    /// The one place where it does not look: `ARGS:note`.
    pub(crate) place: String,
    /// The path, exactly; every path without it.
    #[serde(default)]
    pub(crate) path: Option<String>,
    /// The method; every method without it.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Why it is harmless there.
    pub(crate) reason: String,
    /// The last day on which it holds, an ISO date; 90 days from today without it.
    #[serde(default)]
    pub(crate) until: Option<String>,
}

impl ExclusionSent {
    pub(crate) fn command(&self) -> Result<Wanted, Error> {
        Ok(Wanted {
            site: self.site.trim().to_owned(),
            rule: self.rule,
            place: self.place.trim().to_owned(),
            path: some(self.path.as_ref()).map(str::to_owned),
            method: some(self.method.as_ref()).map(str::to_owned),
            reason: self.reason.clone(),
            until: some(self.until.as_ref()).map(|text| day(text, "the last day")).transpose()?,
        })
    }
}
