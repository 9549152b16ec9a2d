//! Identifiers proposed for a component that is known by a name alone, from the names of the packages and products in the
//! index. A proposal decides nothing: until a person takes one, the component stays "cannot tell".
//!
//! Packages of distributions are not proposed: which distribution, and which release of it, a name does not say.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::ecosystem::Ecosystem;

use crate::bare_name::{BUNDLES, folded, short, spellings};
use crate::component_name::Identifier;

/// How much speaks for a proposal, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The name is the same, and so is the supplier or the group.
    Strong,
    /// The name is the same; nothing is known of the supplier.
    Fair,
    /// The name is the same but for a publisher's word, a version or the ending of a file; or the product is made of such
    /// packages.
    Weak,
    /// The name is the same, but the supplier that is named is another one: two makers have products of one name.
    OtherSupplier,
}

impl Confidence {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Confidence::Strong => "strong",
            Confidence::Fair => "fair",
            Confidence::Weak => "weak",
            Confidence::OtherSupplier => "other_supplier",
        }
    }

    /// What speaks for it, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Confidence::Strong => "the name is the same, and so is the supplier",
            Confidence::Fair => "the name is the same; of the supplier nothing is known on one side",
            Confidence::Weak => {
                "the name is the same but for a publisher's word, a version or the ending of a file, or the product is made of it"
            }
            Confidence::OtherSupplier => "the name is the same, but the supplier is another one",
        }
    }
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The ecosystem of the index.
    pub ecosystem: Ecosystem,
    /// The package or product in the spelling of the index.
    pub package: String,
    /// The package URL or CPE name, with the component's version.
    pub identifier: String,
    /// How much speaks for it.
    pub confidence: Confidence,
}

impl Proposal {
    /// What a person confirms: the package URL or CPE name without a version; each component keeps its own.
    pub fn unversioned(&self) -> Option<Identifier> {
        identifier(self.ecosystem, &self.package, None)?.parse().ok()
    }
}

/// The one proposal of which nothing but a person's word is wanting: name and supplier are the same, and no second is as
/// good. A package URL goes before a CPE name. Where two makers could be meant there is none.
pub fn exact(proposals: &[Proposal]) -> Option<&Proposal> {
    let strong = || proposals.iter().filter(|it| it.confidence == Confidence::Strong);
    let of = |by_name: bool| strong().filter(move |it| is_cpe(it.ecosystem) == by_name);
    let mut first =
        if of(false).next().is_some() { of(false).collect::<Vec<_>>() } else { of(true).collect() };
    if first.len() == 1 { first.pop() } else { None }
}

/// Whether the supplier that a bill names and the maker that stands in an identifier are two. Where one of them says nothing
/// they are not.
pub fn is_of_another(supplier: Option<&str>, identifier: &Identifier) -> bool {
    let (ours, theirs) = (words_of(supplier.unwrap_or_default()), words_of(&identifier.maker()));
    !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs)
}

/// Proposals for the components of a bill that have neither package URL nor CPE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposals {
    /// Per component of the bill; the best first, at most [`MOST`].
    pub of: Vec<Vec<Proposal>>,
    /// Per component how many there were.
    pub found: Vec<usize>,
}

/// Proposals kept for one component: more than that nobody reads, and a name so common settles nothing.
pub const MOST: usize = 12;

/// The part of a package's or product's name that people say, as names are compared; `None` where it is never proposed.
pub fn spoken(ecosystem: Ecosystem, name: &str) -> Option<Cow<'_, str>> {
    if ecosystem.row().is_distribution() || ecosystem.row().order.is_none() {
        return None;
    }
    Some(folded(last_part(ecosystem, name)))
}

/// The names, as [`spoken`] says them, that [`propose`] looks for; in no order.
pub fn wanted(inventory: &Inventory) -> impl Iterator<Item = String> {
    Wanted::of(inventory).by_name.into_keys()
}

/// Looks through names of the index once: all of them, or at least those that are [`wanted`].
pub fn propose<'n>(inventory: &Inventory, names: impl Iterator<Item = (Ecosystem, &'n str)>) -> Proposals {
    let wanted = Wanted::of(inventory);
    let mut found: Vec<BTreeSet<(Confidence, usize, Ecosystem, String)>> =
        vec![BTreeSet::new(); inventory.components.len()];
    for (ecosystem, name) in names {
        let Some(own) = spoken(ecosystem, name) else { continue };
        for (at, exact) in wanted.by_name.get(own.as_ref()).into_iter().flatten() {
            let component = &inventory.components[*at];
            let confidence = confidence(component, ecosystem, name, *exact);
            found[*at].insert((confidence, name.len(), ecosystem, name.to_owned()));
        }
    }
    let mut proposals = Proposals::default();
    for (component, found) in inventory.components.iter().zip(found) {
        proposals.found.push(found.len());
        let best = found.into_iter().filter_map(|(confidence, _, ecosystem, package)| {
            let identifier = identifier(ecosystem, &package, component.version.as_deref())?;
            Some(Proposal { ecosystem, package, identifier, confidence })
        });
        proposals.of.push(best.take(MOST).collect());
    }
    proposals
}

/// The names that are looked for.
struct Wanted {
    /// Folded names, with the components that may be meant, and whether it is their whole name.
    by_name: HashMap<String, Vec<(usize, bool)>>,
}

impl Wanted {
    fn of(inventory: &Inventory) -> Wanted {
        let mut by_name: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
        for (at, component) in inventory.components.iter().enumerate() {
            let known = component.purl.is_some() || !component.cpes.is_empty();
            if known || component.kind == ComponentKind::Service {
                continue;
            }
            let name = folded(component.name.trim()).into_owned();
            let mut mine: Vec<(String, bool)> = vec![(name.clone(), true), (name.replace(' ', "-"), true)];
            for spelling in spellings(&name) {
                mine.push((spelling.to_owned(), false));
                let bundle = BUNDLES.iter().find(|(bundle, _)| *bundle == spelling);
                let packages = bundle.into_iter().flat_map(|(_, packages)| *packages);
                mine.extend(packages.map(|package| ((*package).to_owned(), false)));
            }
            // The whole name before its spellings.
            mine.sort_by_key(|(_, exact)| Reverse(*exact));
            let mut seen = BTreeSet::new();
            for (name, exact) in mine.into_iter().filter(|(name, _)| !name.is_empty()) {
                if seen.insert(name.clone()) {
                    by_name.entry(name).or_default().push((at, exact));
                }
            }
        }
        Wanted { by_name }
    }
}

/// The part of a name that people say; of a product that a CPE names its product.
fn last_part(ecosystem: Ecosystem, name: &str) -> &str {
    if is_cpe(ecosystem) { name.rsplit(':').next().unwrap_or(name) } else { short(ecosystem, name) }
}

fn is_cpe(ecosystem: Ecosystem) -> bool {
    ecosystem.name() == "CPE"
}

fn confidence(component: &Component, ecosystem: Ecosystem, name: &str, exact: bool) -> Confidence {
    let said = component.supplier.as_deref().or(component.group.as_deref());
    let before = name.len() - last_part(ecosystem, name).len();
    let theirs = words_of(&name[..before]);
    match said.map(words_of) {
        Some(ours) if !ours.is_empty() && !theirs.is_empty() => {
            match (ours.iter().any(|word| theirs.contains(word)), exact) {
                (true, true) => Confidence::Strong,
                (true, false) => Confidence::Weak,
                (false, _) => Confidence::OtherSupplier,
            }
        }
        _ if exact => Confidence::Fair,
        _ => Confidence::Weak,
    }
}

/// Words that name nobody.
const EMPTY_WORDS: &[&str] = &[
    "com",
    "org",
    "net",
    "io",
    "de",
    "github",
    "gitlab",
    "www",
    "inc",
    "ltd",
    "gmbh",
    "corp",
    "corporation",
    "software",
    "foundation",
    "project",
    "the",
    "of",
    "and",
    "a",
    "o",
    "h",
    "co",
    "llc",
    "ag",
    "team",
    "group",
    "community",
];

/// The words of a group, vendor or supplier that name somebody.
fn words_of(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words
        .map(str::to_lowercase)
        .filter(|word| word.len() > 1 && !EMPTY_WORDS.contains(&word.as_str()))
        .collect()
}

/// The package URL or CPE name of a package; `None` where its ecosystem has no type of package URLs.
fn identifier(ecosystem: Ecosystem, package: &str, version: Option<&str>) -> Option<String> {
    if is_cpe(ecosystem) {
        let version = version.map_or_else(|| "*".to_owned(), quoted);
        return Some(format!("cpe:2.3:{package}:{version}:*:*:*:*:*:*:*"));
    }
    let kind = ecosystem.row().purl_types.first()?;
    let path = package.replace(':', "/").replace('@', "%40").replace(' ', "%20");
    let version = version.map_or_else(String::new, |version| format!("@{}", encoded(version)));
    Some(format!("pkg:{kind}/{path}{version}"))
}

/// A version in a formatted string of a CPE: all but letters, digits and `_` is quoted (NISTIR 7695 §6.2).
fn quoted(version: &str) -> String {
    let mut text = String::new();
    for letter in version.to_lowercase().chars() {
        if !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.' | '-') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// A version in a package URL (RFC 3986 §2.1).
pub(crate) fn encoded(version: &str) -> String {
    let mut text = String::new();
    for byte in version.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~+:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecosystem(name: &str) -> Ecosystem {
        Ecosystem::named(name).unwrap()
    }

    fn names() -> Vec<(Ecosystem, &'static str)> {
        [
            ("Maven", "org.apache.logging.log4j:log4j-core"),
            ("Maven", "org.apache.logging.log4j:log4j-api"),
            ("Maven", "com.evil:log4j-core"),
            ("npm", "@scope/openssl"),
            ("npm", "express"),
            ("CPE", "a:openssl:openssl"),
            ("CPE", "a:acme:express"),
            ("CPE", "a:apache:http_server"),
            ("Debian", "openssl"),
        ]
        .map(|(of, name)| (ecosystem(of), name))
        .into()
    }

    fn component(name: &str, version: &str, supplier: &str) -> Component {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Component {
            name: name.to_owned(),
            version: some(version),
            supplier: some(supplier),
            ..Component::default()
        }
    }

    fn told(component: Component) -> Vec<(String, Confidence)> {
        let inventory = Inventory { components: vec![component], ..Inventory::default() };
        let mut proposals = propose(&inventory, names().into_iter());
        proposals.of.remove(0).into_iter().map(|it| (it.identifier, it.confidence)).collect()
    }

    #[test]
    fn the_same_name_of_the_same_supplier_comes_first() {
        use Confidence::{Fair, OtherSupplier, Strong, Weak};
        let purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1".to_owned();
        let other = "pkg:maven/com.evil/log4j-core@2.14.1".to_owned();
        let with = told(component("log4j-core", "2.14.1", "The Apache Software Foundation"));
        assert_eq!(with, [(purl.clone(), Strong), (other.clone(), OtherSupplier)]);
        let without = told(component("log4j-core", "2.14.1", ""));
        assert_eq!(without, [(other, Fair), (purl.clone(), Fair)]);
        let bundle = told(component("Apache log4j", "2.14.1", "Apache"));
        assert!(bundle.contains(&(purl, Weak)), "{bundle:?}");
    }

    #[test]
    fn products_of_two_makers_are_never_taken_for_one() {
        let proposals = told(component("Express", "4.0", "OpenJS"));
        assert!(
            proposals.contains(&(
                "cpe:2.3:a:acme:express:4.0:*:*:*:*:*:*:*".to_owned(),
                Confidence::OtherSupplier
            ))
        );
        // npm's name has no maker in it.
        assert!(proposals.contains(&("pkg:npm/express@4.0".to_owned(), Confidence::Fair)), "{proposals:?}");
    }

    #[test]
    fn a_distribution_is_not_guessed_and_what_has_an_identifier_is_left_alone() {
        let proposals = told(component("OpenSSL", "1.0.2k", "OpenSSL"));
        let expected = [
            ("cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*".to_owned(), Confidence::Strong),
            ("pkg:npm/%40scope/openssl@1.0.2k".to_owned(), Confidence::OtherSupplier),
        ];
        assert_eq!(proposals, expected);
        assert_eq!(told(Component { purl: Some("pkg:x/y".to_owned()), ..component("express", "1", "") }), []);
        assert_eq!(
            told(component("http server", "2.4", "Apache")).first().map(|it| it.1),
            Some(Confidence::Strong)
        );
        assert_eq!(told(component("nothing like it", "", "")), []);
    }

    #[test]
    fn only_one_maker_of_the_same_name_and_supplier_is_exact() {
        let proposed = |component: Component, names: &[(&str, &'static str)]| {
            let inventory = Inventory { components: vec![component], ..Inventory::default() };
            let names: Vec<_> = names.iter().map(|(of, name)| (ecosystem(of), *name)).collect();
            let proposals = propose(&inventory, names.into_iter()).of.remove(0);
            exact(&proposals).map(|it| it.identifier.clone())
        };
        let openssl = ("CPE", "a:openssl:openssl");
        assert!(proposed(component("OpenSSL", "1", "OpenSSL"), &[openssl, ("npm", "openssl")]).is_some());
        assert_eq!(proposed(component("OpenSSL", "1", ""), &[openssl]), None, "nobody is named");
        let (core, product) =
            (("Maven", "org.apache.logging.log4j:log4j-core"), ("CPE", "a:apache:log4j-core"));
        let log4j = || component("log4j-core", "2", "Apache");
        let purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2";
        assert_eq!(proposed(log4j(), &[core, product]).as_deref(), Some(purl), "a package goes first");
        let fork = ("Maven", "com.apache.fork:log4j-core");
        assert_eq!(proposed(log4j(), &[core, fork, product]), None, "two makers");
    }

    #[test]
    fn another_maker_is_noticed() {
        let of = |supplier: &str, text: &str| is_of_another(Some(supplier), &text.parse().unwrap());
        assert!(of("OpenJS", "cpe:2.3:a:acme:express:*:*:*:*:*:*:*:*"));
        assert!(!of("The OpenSSL Project", "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"));
        assert!(!of("OpenJS", "pkg:npm/express"), "the package names no maker");
        assert!(!of("", "cpe:2.3:a:acme:express:*:*:*:*:*:*:*:*"));
        assert!(of("OpenJS", "pkg:maven/com.evil/express"));
    }

    #[test]
    fn how_much_speaks_for_a_proposal_has_a_code_and_words() {
        use Confidence::{Fair, OtherSupplier, Strong, Weak};
        let all = [Strong, Fair, Weak, OtherSupplier];
        assert_eq!(all.map(Confidence::code), ["strong", "fair", "weak", "other_supplier"]);
        let words: BTreeSet<&str> = all.map(Confidence::words).into();
        assert!(words.len() == all.len() && words.iter().all(|words| words.contains("the name")));
    }

    /// Nothing is said of a supplier where one side names nobody; words that name nobody do not count.
    #[test]
    fn a_supplier_that_names_nobody_is_none() {
        use Confidence::{Fair, OtherSupplier, Strong, Weak};
        let (npm, cpe) = ("pkg:npm/express@1", "cpe:2.3:a:acme:express:1:*:*:*:*:*:*:*");
        for (identifier, name, supplier, confidence) in [
            (npm, "express", "", Fair),
            (npm, "express", "The Foundation, Inc.", Fair),
            (npm, "express", "OpenJS", Fair),
            (npm, "express (x)", "OpenJS", Weak),
            (cpe, "express", "", Fair),
            (cpe, "express", "The Foundation, Inc.", Fair),
            (cpe, "express", "Acme", Strong),
            (cpe, "express (x)", "Acme", Weak),
            (cpe, "express", "A B", Fair),
            (cpe, "express", "OpenJS", OtherSupplier),
            (cpe, "express (x)", "", Weak),
        ] {
            let told = told(component(name, "1", supplier));
            let found = told.iter().find(|it| it.0 == identifier).map(|it| it.1);
            assert_eq!(found, Some(confidence), "{identifier} for {name} of {supplier}: {told:?}");
        }
    }

    #[test]
    fn a_proposal_is_confirmed_without_its_version() {
        let inventory = Inventory { components: vec![component("express", "1", "")], ..Inventory::default() };
        let proposals = propose(&inventory, names().into_iter()).of.remove(0);
        let mut texts: Vec<String> =
            proposals.iter().filter_map(|it| Some(it.unversioned()?.to_string())).collect();
        texts.sort();
        assert_eq!(texts, ["cpe:2.3:a:acme:express:*:*:*:*:*:*:*:*", "pkg:npm/express"]);
    }

    #[test]
    fn what_is_proposed_can_be_read() {
        for (of, name) in names() {
            for version in [None, Some("1.0 beta+x/y@é")] {
                let Some(text) = identifier(of, name, version) else { continue };
                if text.starts_with("pkg:") {
                    let purl = bedrail_model::purl::Purl::parse(&text).unwrap();
                    assert_eq!(purl.version(), version, "{text}");
                } else if version.is_none() {
                    text.parse::<bedrail_model::cpe::Cpe>().unwrap();
                }
            }
        }
    }
}
