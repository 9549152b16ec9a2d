//! Until when a component is supported by who makes it, from a list of release cycles. Three answers: it ended, it ends, or it
//! is not known, with the reason. A component is matched by its package URL or CPE only; packages of distributions are
//! supported by the distribution, of which the list of the maker says nothing.

use std::collections::HashMap;

use bedrail_model::component::Component;
use bedrail_model::cpe::Fields;
use bedrail_model::purl::Purl;
use bedrail_model::support::{ProductName, SupportCycle, SupportEnd, SupportedProduct};
use jiff::civil::Date;

/// Until when a component is supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// It ended, on this day where it is told.
    Ended(Option<Date>, Grounds),
    /// It ends on this day; no end is announced where there is none.
    Ends(Option<Date>, Grounds),
    /// It is not known.
    NotKnown(Unknown),
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// The product, as people call it.
    pub product: String,
    /// The cycle that the version belongs to.
    pub cycle: String,
}

/// Why it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// The component has neither package URL nor CPE.
    NoIdentifier,
    /// It has no version.
    NoVersion,
    /// No product of the list goes by its identifiers.
    NotListed,
    /// Its version belongs to no cycle of the product.
    NoCycle,
    /// Two products of the list say different things.
    Contradiction,
}

impl Unknown {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Unknown::NoIdentifier => "it has neither package URL nor CPE",
            Unknown::NoVersion => "it has no version",
            Unknown::NotListed => "the list has no product of its identifiers",
            Unknown::NoCycle => "its version belongs to no release cycle of the list",
            Unknown::Contradiction => "the list says two things of it",
        }
    }
}

/// The list, ready for asking.
#[derive(Debug, Clone, Default)]
pub struct SupportIndex<'l> {
    by_name: HashMap<&'l ProductName, Vec<&'l SupportedProduct>>,
}

impl<'l> SupportIndex<'l> {
    /// Makes a list ready.
    pub fn of(products: &'l [SupportedProduct]) -> SupportIndex<'l> {
        let mut by_name: HashMap<&ProductName, Vec<&SupportedProduct>> = HashMap::new();
        for product in products {
            for name in &product.names {
                by_name.entry(name).or_default().push(product);
            }
        }
        SupportIndex { by_name }
    }

    /// Until when a component is supported, as of a day.
    pub fn ask(&self, component: &Component, today: Date) -> Support {
        let names = names(component);
        if names.is_empty() {
            return Support::NotKnown(Unknown::NoIdentifier);
        }
        let mut products: Vec<&SupportedProduct> =
            names.iter().filter_map(|name| self.by_name.get(name)).flatten().copied().collect();
        products.sort_by(|a, b| a.id.cmp(&b.id));
        products.dedup_by(|a, b| a.id == b.id);
        if products.is_empty() {
            return Support::NotKnown(Unknown::NotListed);
        }
        let Some(version) = version(component) else { return Support::NotKnown(Unknown::NoVersion) };
        let cycles = products.iter().filter_map(|product| Some((*product, cycle_of(product, &version)?)));
        let cycles: Vec<(&SupportedProduct, &SupportCycle)> = cycles.collect();
        let Some((product, cycle)) = cycles.first() else { return Support::NotKnown(Unknown::NoCycle) };
        if cycles.iter().any(|(_, other)| other.end != cycle.end) {
            return Support::NotKnown(Unknown::Contradiction);
        }
        let grounds = Grounds { product: product.title.clone(), cycle: cycle.name.clone() };
        match cycle.end {
            SupportEnd::On(day) if day < today => Support::Ended(Some(day), grounds),
            SupportEnd::On(day) => Support::Ends(Some(day), grounds),
            SupportEnd::Ended => Support::Ended(None, grounds),
            SupportEnd::NotAnnounced => Support::Ends(None, grounds),
        }
    }
}

/// The names that a component is known by.
fn names(component: &Component) -> Vec<ProductName> {
    let purl = component.purl.as_deref().and_then(|purl| Purl::parse(purl).ok());
    let mut names: Vec<ProductName> =
        purl.iter().map(|purl| ProductName::Purl(purl.without_version())).collect();
    let products = component.cpes.iter().filter_map(|cpe| Fields::read(cpe).ok()?.product());
    names.extend(products.map(ProductName::Cpe));
    names
}

fn version(component: &Component) -> Option<String> {
    let of_purl = || Some(Purl::parse(component.purl.as_deref()?).ok()?.version()?.to_owned());
    let version = component.version.clone().or_else(of_purl)?;
    let version = version.trim().trim_start_matches(['v', 'V']).to_lowercase();
    (!version.is_empty()).then_some(version)
}

/// The cycle that a version belongs to: the longest of which the version is a continuation. `1.1` goes on in `1.1.2` and
/// `1.1k`, not in `1.10`.
fn cycle_of<'p>(product: &'p SupportedProduct, version: &str) -> Option<&'p SupportCycle> {
    let continues = |cycle: &&SupportCycle| {
        let name = cycle.name.to_lowercase();
        let rest = version.strip_prefix(name.as_str());
        rest.is_some_and(|rest| {
            let digit_before = name.ends_with(|letter: char| letter.is_ascii_digit());
            !(digit_before && rest.starts_with(|letter: char| letter.is_ascii_digit()))
        })
    };
    product.cycles.iter().filter(continues).max_by_key(|cycle| cycle.name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products() -> Vec<SupportedProduct> {
        let cycle = |name: &str, end| SupportCycle { name: name.to_owned(), end };
        let openssl = SupportedProduct {
            id: "openssl".to_owned(),
            title: "OpenSSL".to_owned(),
            names: vec![ProductName::Cpe("a:openssl:openssl".to_owned())],
            cycles: vec![
                cycle("3.5", SupportEnd::On("2030-04-08".parse().unwrap())),
                cycle("1.1", SupportEnd::Ended),
                cycle("1.1.1", SupportEnd::On("2023-09-11".parse().unwrap())),
                cycle("4", SupportEnd::NotAnnounced),
            ],
        };
        let other = SupportedProduct {
            id: "other".to_owned(),
            names: vec![ProductName::Purl("npm//x".to_owned()), ProductName::Cpe("a:x:x".to_owned())],
            ..openssl.clone()
        };
        let third = SupportedProduct {
            id: "third".to_owned(),
            names: vec![ProductName::Cpe("a:x:x".to_owned())],
            cycles: vec![cycle("3.5", SupportEnd::Ended)],
            ..openssl.clone()
        };
        vec![openssl, other, third]
    }

    fn ask(version: &str, purl: &str, cpe: &str, today: &str) -> Support {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let component = Component {
            name: "n".to_owned(),
            version: some(version),
            purl: some(purl),
            cpes: some(cpe).into_iter().collect(),
            ..Component::default()
        };
        SupportIndex::of(&products()).ask(&component, today.parse().unwrap())
    }

    const CPE: &str = "cpe:2.3:a:openssl:openssl:1:*:*:*:*:*:*:*";

    #[test]
    fn the_longest_cycle_decides_and_the_last_day_is_still_supported() {
        let ended = |support: &Support| matches!(support, Support::Ended(..));
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        for (version, today, expected, cycle) in [
            ("1.1.1k", "2023-09-12", Support::Ended(day("2023-09-11"), grounds("1.1.1")), true),
            ("1.1.1k", "2023-09-11", Support::Ends(day("2023-09-11"), grounds("1.1.1")), false),
            ("1.1.0", "2020-01-01", Support::Ended(None, grounds("1.1")), true),
            ("v3.5.7", "2026-01-01", Support::Ends(day("2030-04-08"), grounds("3.5")), false),
            ("4.0.1", "2026-01-01", Support::Ends(None, grounds("4")), false),
        ] {
            let answer = ask(version, "", CPE, today);
            assert_eq!((ended(&answer), answer), (cycle, expected), "{version} on {today}");
        }
    }

    fn grounds(cycle: &str) -> Grounds {
        Grounds { product: "OpenSSL".to_owned(), cycle: cycle.to_owned() }
    }

    #[test]
    fn what_is_not_known_is_said_in_words_of_its_own() {
        let all = [
            Unknown::NoIdentifier,
            Unknown::NoVersion,
            Unknown::NotListed,
            Unknown::NoCycle,
            Unknown::Contradiction,
        ];
        let words: std::collections::BTreeSet<&str> = all.map(Unknown::words).into();
        assert!(words.len() == all.len() && words.iter().all(|words| words.contains(' ')), "{words:?}");
    }

    #[test]
    fn what_is_not_known_says_why() {
        for (version, purl, cpe, why) in [
            ("1.10", "", CPE, Unknown::NoCycle),
            ("40.1", "", CPE, Unknown::NoCycle),
            ("", "", CPE, Unknown::NoVersion),
            ("1.1.1", "", "", Unknown::NoIdentifier),
            ("1.1.1", "", "cpe:2.3:a:wolfssl:openssl:1:*:*:*:*:*:*:*", Unknown::NotListed),
            ("1.1.1", "pkg:deb/debian/openssl@1.1.1", "", Unknown::NotListed),
            ("3.5", "", "cpe:/a:x:x:3.5", Unknown::Contradiction),
        ] {
            assert_eq!(
                ask(version, purl, cpe, "2026-01-01"),
                Support::NotKnown(why),
                "{version} {purl} {cpe}"
            );
        }
        assert!(matches!(ask("", "pkg:npm/x@3.5.1", "", "2026-01-01"), Support::Ends(Some(_), _)));
    }
}
