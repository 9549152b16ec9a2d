//! Until when a component is supported by who makes it, from a list of release cycles. Three answers: it ended, it ends, or it
//! is not known, with the reason. A component is matched by its package URL or CPE only; packages of distributions are
//! supported by the distribution, of which the list of the maker says nothing.

use std::collections::HashMap;

use bedrail_model::component::Component;
use bedrail_model::cpe::{Attribute, Fields};
use bedrail_model::purl::Purl;
use bedrail_model::support::{ProductName, SupportCycle, SupportEnd, SupportedProduct};
use jiff::civil::Date;

use crate::operating_systems;

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
    /// Editions of it end on different days, and which one this is is not said.
    Editions,
    /// The text names no system that is certain.
    NoSystem,
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
            Unknown::Editions => "its editions end on different days, and it is not said which one this is",
            Unknown::NoSystem => "the words name no operating system for certain",
        }
    }
}

/// The list, ready for asking.
#[derive(Debug, Clone, Default)]
pub struct SupportIndex<'l> {
    by_name: HashMap<&'l ProductName, Vec<&'l SupportedProduct>>,
    /// Products that the list gives no identifier.
    unnamed: Vec<&'l SupportedProduct>,
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
        let unnamed = products.iter().filter(|product| product.names.is_empty()).collect();
        SupportIndex { by_name, unnamed }
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

impl SupportIndex<'_> {
    /// Until when an operating system is supported, by how people write it in a device list. Of a Windows without its edition all
    /// editions count: where some have ended and others have not, it is not known.
    pub fn ask_system(&self, text: &str, today: Date) -> Support {
        let names = operating_systems::names_of(text);
        if names.is_empty() {
            return Support::NotKnown(Unknown::NoSystem);
        }
        let windows = names
            .iter()
            .find_map(|name| windows_cycle(&name.fields().product()?, name.literal(Attribute::Version)));
        if let Some((product, cycle)) = windows {
            return self.ask_windows(product, &cycle, today);
        }
        // The first that says something: a release is known by several names ("7.9" and "7.0").
        let asked = names.iter().map(|name| {
            let version = name.literal(Attribute::Version).map(str::to_owned);
            let component = Component { cpes: vec![name.to_string()], version, ..Component::default() };
            self.ask(&component, today)
        });
        asked
            .min_by_key(|said| matches!(said, Support::NotKnown(_)))
            .unwrap_or(Support::NotKnown(Unknown::NotListed))
    }

    /// A Windows by the cycles that its name begins.
    fn ask_windows(&self, product: &str, cycle: &str, today: Date) -> Support {
        let mut products = self.by_name.values().flatten().chain(&self.unnamed);
        let Some(product) = products.find(|it| it.id == product) else {
            return Support::NotKnown(Unknown::NotListed);
        };
        let begins =
            |name: &str| name.strip_prefix(cycle).is_some_and(|it| it.is_empty() || it.starts_with('-'));
        let cycles: Vec<&SupportCycle> = product.cycles.iter().filter(|it| begins(&it.name)).collect();
        let grounds = Grounds { product: product.title.clone(), cycle: cycle.to_owned() };
        let has_ended = |it: &&SupportCycle| match it.end {
            SupportEnd::On(day) => day < today,
            SupportEnd::Ended => true,
            SupportEnd::NotAnnounced => false,
        };
        let days = cycles.iter().filter_map(|it| match it.end {
            SupportEnd::On(day) => Some(day),
            SupportEnd::Ended | SupportEnd::NotAnnounced => None,
        });
        match cycles.iter().filter(|it| has_ended(it)).count() {
            _ if cycles.is_empty() => Support::NotKnown(Unknown::NoCycle),
            ended if ended == cycles.len() => Support::Ended(days.max(), grounds),
            // Until the first of its editions ends.
            0 => Support::Ends(days.min(), grounds),
            _ => Support::NotKnown(Unknown::Editions),
        }
    }
}

/// The product of the list and the beginning of its cycles that a product of NVD is: `microsoft:windows_server_2008` of version
/// `r2` is `2008-r2` of `windows-server`. The list counts Windows XP and Vista by the number that they call themselves.
fn windows_cycle(product: &str, version: Option<&str>) -> Option<(&'static str, String)> {
    let name = product.strip_prefix("o:microsoft:windows_")?;
    let client = |cycle: &str| Some(("windows", cycle.to_owned()));
    if let Some(year) = name.strip_prefix("server_") {
        let cycle = if version == Some("r2") { format!("{year}-r2") } else { year.to_owned() };
        return Some(("windows-server", cycle));
    }
    match name {
        "xp" => client("5"),
        "vista" => client("6"),
        "7" | "8" | "8.1" => client(name),
        "10" | "11" => {
            Some(("windows", version.map_or(name.to_owned(), |feature| format!("{name}-{feature}"))))
        }
        "2000" => Some(("windows-server", name.to_owned())),
        _ => None,
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

    /// The cycles and days are those of endoflife.date (windows, windows-server, debian), as of 2026.
    #[test]
    fn operating_systems_are_asked_for_as_people_write_them() {
        let day = |text: &str| SupportEnd::On(text.parse().unwrap());
        let cycle = |(name, end): (&str, SupportEnd)| SupportCycle { name: name.to_owned(), end };
        let product = |id: &str, cpe: Option<&str>, cycles: Vec<(&str, SupportEnd)>| SupportedProduct {
            id: id.to_owned(),
            title: id.to_owned(),
            names: cpe.map(|cpe| ProductName::Cpe(cpe.to_owned())).into_iter().collect(),
            cycles: cycles.into_iter().map(cycle).collect(),
        };
        let products = [
            product(
                "windows",
                Some("o:microsoft:windows"),
                vec![
                    ("11-24h2-iot-lts", day("2034-10-10")),
                    ("11-24h2-w", day("2026-10-13")),
                    ("10-1809-e-lts", day("2029-01-09")),
                    ("10-1809-w", day("2020-11-10")),
                    ("10-1507", day("2017-05-09")),
                    ("8.1", day("2023-01-10")),
                    ("8", day("2016-01-12")),
                    ("7-sp1", day("2020-01-14")),
                    ("5-sp3", day("2014-04-08")),
                ],
            ),
            product(
                "windows-server",
                None,
                vec![
                    ("2022", day("2026-03-01")),
                    ("2019", day("2029-01-09")),
                    ("2000", day("2010-07-13")),
                    ("2008-r2-sp1", day("2020-01-14")),
                    ("2008-sp2", day("2019-01-14")),
                ],
            ),
            product(
                "debian",
                Some("o:debian:debian_linux"),
                vec![("11", day("2024-08-14")), ("1.1", day("1997-06-05"))],
            ),
        ];
        let index = SupportIndex::of(&products);
        let said = |text: &str| match index.ask_system(text, "2026-03-01".parse().unwrap()) {
            Support::Ended(day, _) => format!("ended {}", day.unwrap()),
            Support::Ends(day, _) => format!("ends {}", day.unwrap()),
            Support::NotKnown(why) => format!("{why:?}"),
        };
        for (text, expected) in [
            ("Windows XP SP3", "ended 2014-04-08"),
            ("Microsoft Windows 7 Professional SP1", "ended 2020-01-14"),
            ("Windows 8", "ended 2016-01-12"),
            ("Windows 8.1 Pro", "ended 2023-01-10"),
            ("Windows 10 1507", "ended 2017-05-09"),
            ("Windows 10 1809", "Editions"),
            ("Windows 10", "Editions"),
            ("Windows 11 24H2", "ends 2026-10-13"),
            ("Windows 11 23H2", "NoCycle"),
            ("Windows Vista", "NoCycle"),
            ("Windows Server 2008 R2", "ended 2020-01-14"),
            ("Windows Server 2019", "ends 2029-01-09"),
            // It ends with the day.
            ("Windows Server 2022", "ends 2026-03-01"),
            ("Windows 2000 SP4", "ended 2010-07-13"),
            ("Windows CE 6.0", "NotListed"),
            ("Debian 11.3", "ended 2024-08-14"),
            ("Ubuntu 22.04", "NotListed"),
            ("Linux", "NotListed"),
            ("something", "NoSystem"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
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
