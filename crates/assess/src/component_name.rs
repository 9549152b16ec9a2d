//! What people said once of components that a bill knows by a name alone: this name, from this supplier, is that package or
//! product. An identifier that the bill itself gives is never replaced.

use std::collections::HashMap;
use std::str::FromStr;

use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::cpe::{Attribute, Cpe, Value};
use bedrail_model::purl::Purl;
use bedrail_model::text::squeezed;

/// The longest name or supplier that can be decided on, in bytes: a database keeps it in a key.
const LONGEST: usize = 500;

/// What a decision on a name is kept by: name and supplier without case and outer blanks. Two suppliers are two names; no
/// supplier is a name of its own, so that a word on one maker's product never speaks of another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The name; never empty.
    pub name: String,
    /// The supplier, else the group; empty where the bill names neither.
    pub supplier: String,
}

impl Key {
    /// The key of a name; `None` where it is blank, or so long that it is no name.
    pub fn new(name: &str, supplier: Option<&str>) -> Option<Key> {
        let plain = |text: &str| squeezed(&text.replace('\0', "")).to_lowercase();
        let key = Key { name: plain(name), supplier: plain(supplier.unwrap_or_default()) };
        let is_name = !key.name.is_empty() && key.name.len().max(key.supplier.len()) <= LONGEST;
        is_name.then_some(key)
    }

    /// The key of a component that has neither package URL nor CPE. Services run elsewhere and are no packages.
    pub fn of(component: &Component) -> Option<Key> {
        let known = component.purl.is_some() || !component.cpes.is_empty();
        if known || component.kind == ComponentKind::Service {
            return None;
        }
        Key::new(&component.name, supplier_of(component))
    }
}

/// Who a component is from, as far as its bill says.
pub fn supplier_of(component: &Component) -> Option<&str> {
    let said = |text: &'_ Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    if said(&component.supplier) { component.supplier.as_deref() } else { component.group.as_deref() }
}

/// A package URL or a CPE name without a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A package URL of an ecosystem that advisories speak of, as written.
    Purl(String),
    /// A CPE name with part, vendor and product.
    Cpe(Box<Cpe>),
}

/// Why a text is no identifier to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is neither.
    #[error("it is neither a package URL (pkg:…) nor a CPE name (cpe:…)")]
    Neither,
    /// It begins like one and cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It has a version; each component has its own.
    #[error("it has a version; each component keeps the version that its bill gives")]
    Versioned,
    /// It leaves open what it names.
    #[error("it leaves part, vendor or product open")]
    Open,
    /// No ecosystem that advisories speak of.
    #[error("no advisories are read for it: {0}")]
    NoEcosystem(String),
}

impl FromStr for Identifier {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Identifier, Unusable> {
        let text = text.trim();
        let begins = |with: &str| text.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
        if begins("pkg:") {
            let purl = Purl::parse(text).map_err(|error| Unusable::Unreadable(error.to_string()))?;
            if purl.version().is_some() {
                return Err(Unusable::Versioned);
            }
            purl.coordinates().map_err(|error| Unusable::NoEcosystem(error.to_string()))?;
            return Ok(Identifier::Purl(text.to_owned()));
        }
        if !begins("cpe:") {
            return Err(Unusable::Neither);
        }
        let cpe: Cpe = text.parse().map_err(|error| Unusable::Unreadable(format!("{error}")))?;
        if *cpe.get(Attribute::Version) != Value::Any || *cpe.get(Attribute::Update) != Value::Any {
            return Err(Unusable::Versioned);
        }
        if cpe.fields().product().is_none() {
            return Err(Unusable::Open);
        }
        Ok(Identifier::Cpe(Box::new(cpe)))
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Identifier::Purl(text) => f.write_str(text),
            Identifier::Cpe(cpe) => cpe.fmt(f),
        }
    }
}

impl Identifier {
    /// Who makes it: the namespace of a package URL, the vendor of a CPE name.
    pub fn maker(&self) -> String {
        match self {
            Identifier::Purl(text) => {
                let purl = Purl::parse(text).ok();
                purl.and_then(|purl| purl.namespace().map(str::to_owned)).unwrap_or_default()
            }
            Identifier::Cpe(cpe) => cpe.literal(Attribute::Vendor).unwrap_or_default().to_owned(),
        }
    }

    /// The identifier with a component's own version; as it is where the component has none.
    pub fn versioned(&self, version: Option<&str>) -> String {
        let version = version.map(str::trim).filter(|version| !version.is_empty());
        match (self, version) {
            (Identifier::Purl(text), Some(version)) => {
                let end = text.find(['?', '#']).unwrap_or(text.len());
                let (before, behind) = text.split_at(end);
                format!("{before}@{}{behind}", crate::name_proposal::encoded(version))
            }
            (Identifier::Cpe(cpe), Some(version)) => cpe.as_ref().clone().or_version(version).to_string(),
            (identifier, None) => identifier.to_string(),
        }
    }
}

/// What an organisation's people said of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book(HashMap<Key, Identifier>);

impl FromIterator<(Key, Identifier)> for Book {
    fn from_iter<T: IntoIterator<Item = (Key, Identifier)>>(all: T) -> Book {
        Book(all.into_iter().collect())
    }
}

impl Book {
    /// The book with more in it; what is said later counts.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = (Key, Identifier)>) -> Book {
        self.0.extend(more);
        self
    }

    /// What a component is by it.
    pub fn of(&self, component: &Component) -> Option<&Identifier> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&Key::of(component)?)
    }

    /// Gives the components that are known by a name alone their identifiers, with their own versions. Answers which, in
    /// order; [`forget`] takes them away again.
    pub fn identify(&self, inventory: &mut Inventory) -> Vec<usize> {
        let mut named = Vec::new();
        for (at, component) in inventory.components.iter_mut().enumerate() {
            let Some(identifier) = self.of(component) else { continue };
            let text = identifier.versioned(component.version.as_deref());
            match identifier {
                Identifier::Purl(_) => component.purl = Some(text),
                Identifier::Cpe(_) => component.cpes.push(text),
            }
            named.push(at);
        }
        named
    }
}

/// Takes away what [`Book::identify`] gave: the inventory is what the bill says again.
pub fn forget(inventory: &mut Inventory, named: &[usize]) {
    for at in named {
        if let Some(component) = inventory.components.get_mut(*at) {
            component.purl = None;
            component.cpes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(name: &str, version: &str, supplier: &str) -> Component {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Component {
            name: name.to_owned(),
            version: some(version),
            supplier: some(supplier),
            ..Component::default()
        }
    }

    fn book(rows: &[(&str, &str, &str)]) -> Book {
        let row = |(name, supplier, identifier): &(&str, &str, &str)| {
            (Key::new(name, Some(supplier)).unwrap(), identifier.parse().unwrap())
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn a_name_of_one_supplier_says_nothing_of_another() {
        let book = book(&[("OpenSSL", "", "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*")]);
        assert!(book.of(&component(" openssl ", "1.0.2k", "")).is_some());
        assert!(book.of(&component("OpenSSL", "1.0.2k", "Acme")).is_none());
        assert!(book.of(&component("Open SSL", "1.0.2k", "")).is_none());
        let group = Component { group: Some("acme".to_owned()), ..component("openssl", "1", "") };
        assert!(book.of(&group).is_none(), "a group is who it is from");
        let service = Component { kind: ComponentKind::Service, ..component("openssl", "1", "") };
        assert!(book.of(&service).is_none());
    }

    #[test]
    fn what_is_said_later_counts() {
        let (npm, pypi) = ("pkg:npm/x", "pkg:pypi/x");
        let said = |book: &Book| book.of(&component("x", "1", "")).map(Identifier::to_string);
        let more = |identifier: &str| [(Key::new("x", None).unwrap(), identifier.parse().unwrap())];
        assert_eq!(said(&book(&[]).with(more(npm))).as_deref(), Some(npm));
        assert_eq!(said(&book(&[("x", "", npm)]).with(more(pypi))).as_deref(), Some(pypi));
        assert_eq!(said(&book(&[("x", "", npm)]).with([])).as_deref(), Some(npm));
    }

    #[test]
    fn what_the_bill_gives_stays_and_what_was_given_can_be_taken_away() {
        let book = book(&[
            ("log4j", "apache", "pkg:maven/org.apache.logging.log4j/log4j-core?type=jar"),
            ("openssl", "", "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"),
        ]);
        let own = Component { purl: Some("pkg:npm/log4j@1".to_owned()), ..component("log4j", "1", "Apache") };
        let cpe = Component { cpes: vec!["unreadable".to_owned()], ..component("openssl", "1", "") };
        let components = vec![
            own,
            component("Log4J", "2.14.1 beta+1", "APACHE"),
            cpe,
            component("OpenSSL", "1.0.2K", ""),
            component("openssl", "", ""),
        ];
        let mut inventory = Inventory { components, ..Inventory::default() };
        let before = inventory.clone();
        let named = book.identify(&mut inventory);
        assert_eq!(named, [1, 3, 4]);
        assert_eq!(inventory.components[0], before.components[0]);
        assert_eq!(inventory.components[2], before.components[2]);
        let purl = inventory.components[1].purl.as_deref().unwrap();
        assert_eq!(Purl::parse(purl).unwrap().version(), Some("2.14.1 beta+1"));
        assert_eq!(inventory.components[3].cpes, ["cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*"]);
        assert_eq!(inventory.components[4].cpes, ["cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"]);
        forget(&mut inventory, &named);
        assert_eq!(inventory, before);
    }

    #[test]
    fn what_is_no_identifier_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<Identifier>().unwrap_err();
        assert_eq!(refused("openssl"), Unusable::Neither);
        assert_eq!(refused(""), Unusable::Neither);
        assert!(matches!(refused("pkg:"), Unusable::Unreadable(_)));
        assert_eq!(refused("pkg:npm/express@4"), Unusable::Versioned);
        assert_eq!(refused("cpe:2.3:a:openssl:openssl:1.0:*:*:*:*:*:*:*"), Unusable::Versioned);
        assert_eq!(refused("cpe:2.3:a:openssl:*:*:*:*:*:*:*:*:*"), Unusable::Open);
        assert_eq!(refused("cpe:2.3:a"), Unusable::Open);
        assert!(matches!(refused("cpe:2.3:x:openssl:openssl"), Unusable::Unreadable(_)));
        assert!(matches!(refused("pkg:generic/openssl"), Unusable::NoEcosystem(_)));
        assert!("PKG:npm/express".parse::<Identifier>().is_ok());
        assert!("cpe:/a:openssl:openssl".parse::<Identifier>().is_ok());
    }
}
