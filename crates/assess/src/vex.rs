//! Which of our releases and components a statement (VEX) speaks of.
//!
//! Three answers, each with its reason. A statement speaks of a thing only where something that identifies both says so;
//! what is merely likely (a name without a package URL, a condition nobody checked, a release of a distribution that is
//! not known) is "cannot tell", and a person has to look. `docs/vex.md` has the rules in words.

use bedrail_model::cpe::{Attribute, Coverage, Cpe};
use bedrail_model::product_advisory::VersionText;
use bedrail_model::product_advisory::range_text::{Doubt, Held, LooseVersion, RangeText, Standing};
use bedrail_model::purl::Parts;
use bedrail_model::vex::Product;

use crate::named_product::{Context, Decision, Decisions, Likeness, Name, compare};

mod contradiction;
mod release;
mod url;
mod why;

pub use contradiction::{Contradiction, Opinion, contradictions};
pub use release::{Match, match_release};
pub use why::Why;

use url::Url;

/// Whether a statement speaks of a thing. The firmer, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaks {
    /// Of something else.
    No,
    /// It cannot be told; the reason says what is missing.
    CannotTell,
    /// Of this.
    Yes,
}

impl Speaks {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Speaks::No => "no",
            Speaks::CannotTell => "cannot_tell",
            Speaks::Yes => "yes",
        }
    }
}

/// The answer for one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The answer.
    pub speaks: Speaks,
    /// Its reason.
    pub why: Why,
}

impl Spoken {
    fn yes(why: Why) -> Spoken {
        Spoken { speaks: Speaks::Yes, why }
    }

    fn no(why: Why) -> Spoken {
        Spoken { speaks: Speaks::No, why }
    }

    fn cannot_tell(why: Why) -> Spoken {
        Spoken { speaks: Speaks::CannotTell, why }
    }
}

/// A release or a component of ours, by all that identifies it.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    /// Of a release: maker and model. A component has only a name.
    name: Option<Name>,
    plain: String,
    version: String,
    urls: Vec<Url>,
    cpes: Vec<Cpe>,
    hashes: Vec<String>,
    links: Vec<String>,
}

impl Thing {
    /// A release; an empty version is one that is not known.
    pub fn release(maker: &str, model: &str, version: &str) -> Thing {
        Thing {
            name: Some(Name::new(maker, model)),
            plain: model.to_lowercase(),
            version: version.trim().to_owned(),
            ..Thing::default()
        }
    }

    /// A component of a bill of materials.
    pub fn component(name: &str, version: &str, purl: Option<&str>) -> Thing {
        let plain = name.trim().to_lowercase();
        let thing = Thing { plain, version: version.trim().to_owned(), ..Thing::default() };
        match purl {
            Some(purl) => thing.with_purl(purl),
            None => thing,
        }
    }

    /// Adds a package URL; one that cannot be read identifies nothing.
    #[must_use]
    pub fn with_purl(mut self, purl: &str) -> Thing {
        self.urls.extend(Url::read(purl));
        self
    }

    /// Adds a CPE; one that cannot be read identifies nothing.
    #[must_use]
    pub fn with_cpe(mut self, cpe: &str) -> Thing {
        self.cpes.extend(cpe.parse::<Cpe>().ok().map(|it| it.or_version(&self.version)));
        self
    }

    /// Adds a hash as `algorithm:value`, as `model::vex` has them.
    #[must_use]
    pub fn with_hash(mut self, hash: &str) -> Thing {
        self.hashes.push(hash.to_lowercase());
        self
    }

    /// Adds its place in a CycloneDX document: the serial number, and its `bom-ref` there.
    #[must_use]
    pub fn with_link(mut self, serial: &str, reference: &str) -> Thing {
        let serial = serial.trim().trim_start_matches("urn:uuid:").to_lowercase();
        self.links.push(format!("{serial}#{reference}"));
        self
    }

    /// Type and path of its package URLs: what statements can be looked up by.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.urls.iter().map(Url::path)
    }
}

/// A product of a statement, made ready to be compared with many things.
#[derive(Debug, Clone)]
pub struct Wanted {
    product: Product,
    name: Option<Name>,
    plain: String,
    version: VersionText,
    range: Option<RangeText>,
    urls: Vec<Url>,
    cpes: Vec<Cpe>,
    hashes: Vec<String>,
    link: Option<String>,
    context: Context,
}

impl Wanted {
    /// Make a product ready; its parts are not looked at ([`match_release`] does).
    pub fn new(product: &Product) -> Wanted {
        let ids = &product.identifiers;
        let mut version = product.version.clone();
        let (mut maker, mut name) = (product.maker.clone(), product.name.clone());
        // What has a name alone is written as `pkg:generic/maker/name@version` where a format knows package URLs only.
        let generic = ids.purls.iter().filter_map(|it| Parts::read(it)).find(|it| it.kind == "generic");
        if let Some(parts) = generic.filter(|_| name.is_empty()) {
            let (first, last) = parts.path.rsplit_once('/').unwrap_or(("", &parts.path));
            (maker, name) = (first.to_owned(), last.to_owned());
            if let (VersionText::Unstated, Some(own)) = (&version, parts.version) {
                version = VersionText::Exact(own);
            }
        }
        let exact = match &version {
            VersionText::Exact(text) => text.as_str(),
            VersionText::Unstated | VersionText::Range(_) => "",
        };
        let cpes = ids.cpes.iter().filter_map(|it| it.parse::<Cpe>().ok());
        Wanted {
            cpes: cpes.map(|it| it.or_version(exact)).collect(),
            urls: ids.purls.iter().filter_map(|it| Url::read(it)).collect(),
            hashes: ids.hashes.iter().map(|it| it.to_lowercase()).collect(),
            link: link(&product.reference),
            range: match &version {
                VersionText::Range(text) => Some(RangeText::parse(text)),
                VersionText::Exact(_) | VersionText::Unstated => None,
            },
            context: Context::new("", [name.as_str()]),
            plain: name.trim().to_lowercase(),
            name: (!name.is_empty()).then(|| Name::new(&maker, &name)),
            version,
            product: product.clone(),
        }
    }

    /// The product as it was given.
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// Type and path of its package URLs.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.urls.iter().map(Url::path)
    }

    /// The name that a decision on two names is kept by; `None` for what has identifiers alone.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// Whether the product is the thing, its parts apart. `names` are what people said of two names.
    pub fn speaks_of(&self, thing: &Thing, names: &Decisions) -> Spoken {
        let found = self.by_identity(thing, names);
        if found.speaks != Speaks::Yes {
            return found;
        }
        let ids = &self.product.identifiers;
        let model = |it: &String| names_model(&thing.plain, it);
        if let Some(condition) = self.product.conditions.first() {
            return Spoken::cannot_tell(Why::Condition(condition.clone()));
        }
        if !ids.serials.is_empty() {
            return Spoken::cannot_tell(Why::Condition(format!("serial number {}", ids.serials.join(", "))));
        }
        if !ids.skus.is_empty() || (!ids.models.is_empty() && !ids.models.iter().any(model)) {
            let all: Vec<&str> = ids.models.iter().chain(&ids.skus).map(String::as_str).collect();
            return Spoken::cannot_tell(Why::Condition(format!("model {}", all.join(", "))));
        }
        found
    }

    /// Each kind of identifier by itself, then together: one that excludes outweighs what is not known, and where two
    /// disagree a person has to look.
    fn by_identity(&self, thing: &Thing, names: &Decisions) -> Spoken {
        if let Some(link) = &self.link {
            return match thing.links.contains(link) {
                true => Spoken::yes(Why::Link),
                false => Spoken::no(Why::OtherProduct),
            };
        }
        let equal = self.hashes.iter().any(|it| thing.hashes.contains(it));
        if equal {
            return Spoken::yes(Why::Hash);
        }
        let mut kinds: Vec<Spoken> = Vec::new();
        kinds.extend(self.by_url(thing));
        kinds.extend(self.by_cpe(thing));
        kinds.extend(self.by_name(thing, names));
        let firmest = |speaks: Speaks| kinds.iter().find(|it| it.speaks == speaks).cloned();
        let (yes, unknown, no) = (firmest(Speaks::Yes), firmest(Speaks::CannotTell), firmest(Speaks::No));
        match (yes, unknown, no) {
            (Some(_), _, Some(_)) => Spoken::cannot_tell(Why::IdentifiersDisagree),
            (Some(_), _, None) if self.hash_differs(thing) => Spoken::cannot_tell(Why::HashDiffers),
            (Some(yes), _, None) => yes,
            (None, _, Some(no)) => no,
            (None, Some(unknown), None) => unknown,
            (None, None, None) => self.by_bare_name(thing),
        }
    }

    /// Both have a hash of the same kind, and none is equal.
    fn hash_differs(&self, thing: &Thing) -> bool {
        let kind = |it: &str| it.split(':').next().unwrap_or_default().to_owned();
        self.hashes.iter().any(|it| thing.hashes.iter().any(|other| kind(it) == kind(other)))
    }

    fn by_url(&self, thing: &Thing) -> Option<Spoken> {
        let pairs = self.urls.iter().flat_map(|it| thing.urls.iter().map(move |other| (it, other)));
        // A generic URL without a like beside it is a name, which is compared as one.
        let pairs = pairs.filter(|(it, other)| !it.is_generic() || other.is_generic());
        pairs
            .map(|(it, other)| it.compare(other, &|version| self.version_is(version)))
            .max_by_key(|it| it.speaks)
    }

    fn by_cpe(&self, thing: &Thing) -> Option<Spoken> {
        let pairs = self.cpes.iter().flat_map(|it| thing.cpes.iter().map(move |other| (it, other)));
        let judge = |(it, other): (&Cpe, &Cpe)| match it.compare(other).coverage() {
            Coverage::Match => match (&self.range, other.literal(Attribute::Version)) {
                (None, _) => Spoken::yes(Why::Cpe),
                (Some(_), version) => self.version_is(version.unwrap_or_default()),
            },
            Coverage::No(Attribute::Version | Attribute::Update) => Spoken::no(Why::OtherVersion),
            Coverage::No(_) => Spoken::no(Why::OtherProduct),
            Coverage::Unknown(attribute) => Spoken::cannot_tell(Why::CpeVague(attribute)),
        };
        pairs.map(judge).max_by_key(|it| it.speaks)
    }

    /// Maker and product against maker and model, by what people decided on them first.
    fn by_name(&self, thing: &Thing, names: &Decisions) -> Option<Spoken> {
        let (theirs, ours) = (self.name.as_ref()?, thing.name.as_ref()?);
        let likeness = match names.get(&(ours.key(), theirs.key())) {
            Some(Decision::Same) => Likeness::Same,
            Some(Decision::Different) => Likeness::Different,
            None => compare(ours, &thing.version, theirs, &self.context),
        };
        match likeness {
            Likeness::Same => Some(self.version_is(&thing.version)),
            Likeness::Maybe(points) if points >= Likeness::CONTAINED => {
                Some(match self.version_is(&thing.version).speaks {
                    Speaks::No => Spoken::no(Why::OtherVersion),
                    Speaks::CannotTell | Speaks::Yes => Spoken::cannot_tell(Why::NameAlike),
                })
            }
            Likeness::Maybe(_) | Likeness::Different => Some(Spoken::no(Why::OtherProduct)),
        }
    }

    /// Nothing identifies both; the names may be the same all the same.
    fn by_bare_name(&self, thing: &Thing) -> Spoken {
        let last = |it: &Url| it.name().to_owned();
        let mut theirs: Vec<String> = self.urls.iter().map(last).collect();
        theirs.extend(self.cpes.iter().filter_map(|it| it.literal(Attribute::Product)).map(str::to_owned));
        theirs.push(self.plain.clone());
        let mut ours: Vec<String> = thing.urls.iter().map(last).collect();
        ours.extend(thing.cpes.iter().filter_map(|it| it.literal(Attribute::Product)).map(str::to_owned));
        ours.push(thing.plain.clone());
        let same = ours
            .iter()
            .any(|it| !it.is_empty() && theirs.iter().any(|other| squeezed(it) == squeezed(other)));
        if !same {
            return Spoken::no(Why::OtherProduct);
        }
        let is_other = |said: &Spoken| said.speaks == Speaks::No;
        let mut versions = self.urls.iter().filter_map(Url::version).peekable();
        // One with several package URLs is about each of their versions.
        let other = match versions.peek() {
            Some(_) => versions.all(|it| is_other(&equal_versions(it, &thing.version))),
            None => is_other(&self.version_is(&thing.version)),
        };
        if other { Spoken::no(Why::OtherVersion) } else { Spoken::cannot_tell(Why::NameOnly) }
    }

    /// Whether a version is one that the product's own words name, apart from its identifiers.
    fn version_is(&self, version: &str) -> Spoken {
        match (&self.version, &self.range) {
            (VersionText::Unstated, _) => Spoken::yes(Why::AllVersions),
            (VersionText::Exact(exact), _) => equal_versions(exact, version),
            (VersionText::Range(_), Some(range)) => match range.contains(version) {
                Held::Inside => Spoken::yes(Why::InRange),
                Held::InsideIf(words) => Spoken::cannot_tell(Why::Condition(words)),
                Held::Outside => Spoken::no(Why::OtherVersion),
                Held::CannotTell(doubt) => Spoken::cannot_tell(Why::Version(doubt)),
            },
            (VersionText::Range(_), None) => Spoken::cannot_tell(Why::Version(Doubt::Unread)),
        }
    }
}

/// Whether two versions are one. `4.2` and `4.2.1` may be: who says the one may mean the other.
fn equal_versions(theirs: &str, ours: &str) -> Spoken {
    let (theirs, ours) = (theirs.trim(), ours.trim());
    if ours.is_empty() {
        return Spoken::cannot_tell(Why::Version(Doubt::NoVersion));
    }
    if theirs.eq_ignore_ascii_case(ours) {
        return Spoken::yes(Why::SameVersion);
    }
    match LooseVersion::parse(ours).stand_to(&LooseVersion::parse(theirs)) {
        Standing::Equal => Spoken::yes(Why::SameVersion),
        Standing::Finer => Spoken::cannot_tell(Why::Version(Doubt::Finer)),
        Standing::Coarser => Spoken::cannot_tell(Why::Version(Doubt::Coarser)),
        Standing::Unlike => Spoken::cannot_tell(Why::Version(Doubt::Unlike)),
        Standing::Before | Standing::After => Spoken::no(Why::OtherVersion),
    }
}

/// Whether a name has a model number, as a word of its own: a 5000 is no 500.
fn names_model(name: &str, model: &str) -> bool {
    let model = model.trim().to_lowercase();
    let goes_on = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    !model.is_empty()
        && name.match_indices(&model).any(|(at, _)| {
            !goes_on(name[..at].chars().next_back()) && !goes_on(name[at + model.len()..].chars().next())
        })
}

/// `urn:cdx:serial/version#ref`: the version of the document is that of its numbering, not of what it describes.
fn link(reference: &str) -> Option<String> {
    let (document, reference) = reference.strip_prefix("urn:cdx:")?.split_once('#')?;
    let serial = document.split('/').next()?.to_lowercase();
    Some(format!("{serial}#{reference}"))
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
