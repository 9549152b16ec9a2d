//! Everything a device is, by the names (CPE) of its parts.

use std::sync::Arc;

use bedrail_model::cpe::{Attribute, Cpe, Fields, Origin, Value};
use bedrail_model::version::{Order, VersionKey};

use crate::operating_systems::is_of;

/// A name of a part, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub(crate) cpe: Cpe,
    pub(crate) fields: Fields<'static>,
    /// Part, vendor and product: `a:openssl:openssl`.
    pub(crate) product: String,
    /// Whether an attribute behind the update has wild cards.
    pub(crate) has_wild_others: bool,
    /// Where the name is from.
    pub origin: Origin,
    /// Version and update in words.
    version: Option<Arc<str>>,
    /// The key of version and update together, else of the version alone.
    pub(crate) key: Option<Key>,
}

/// The place of a version in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Of the version alone.
    pub(crate) version: Option<VersionKey>,
    /// Of version and update; `None` where there is an update that has no place.
    pub(crate) whole: Option<VersionKey>,
    /// Of the version without a packager's suffix, where it has one and no update stands beside it.
    pub(crate) packaged: Option<VersionKey>,
}

impl Name {
    /// A name; `None` where it leaves part, vendor or product open, so that nothing can be looked up by it.
    pub fn new(cpe: Cpe, origin: Origin) -> Option<Name> {
        let fields = cpe.fields();
        let product = fields.product()?;
        let key = cpe.literal(Attribute::Version).map(|version| Key::of(version, cpe.get(Attribute::Update)));
        let wild =
            |attribute: &Attribute| matches!(cpe.get(*attribute), Value::Text(text) if !text.is_plain());
        let has_wild_others = Attribute::ALL[5..].iter().any(wild);
        let version = in_words(&cpe);
        Some(Name { cpe, fields, product, has_wild_others, origin, version, key })
    }

    /// Part, vendor and product, as the index looks them up.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// Whether it is of an operating system, firmware or hardware.
    pub fn is_platform(&self) -> bool {
        matches!(self.fields.get(Attribute::Part), "o" | "h")
    }

    /// The version in words; `None` where it has none.
    pub fn version(&self) -> Option<Arc<str>> {
        self.version.clone()
    }
}

/// Whether two products may be one in two spellings: `o:microsoft:windows_10` and `o:microsoft:windows_10_1809`. A family is no
/// spelling of its systems: who says "Windows" and "not Windows 7" says two things that agree.
fn are_kin(one: &str, other: &str) -> bool {
    let goes_on = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_')) && !is_of(long, short)
    };
    one == other || goes_on(one, other) || goes_on(other, one)
}

fn in_words(cpe: &Cpe) -> Option<Arc<str>> {
    let version = cpe.literal(Attribute::Version)?;
    Some(match cpe.literal(Attribute::Update) {
        Some(update) => format!("{version} {update}").into(),
        None => version.into(),
    })
}

impl Key {
    fn of(version: &str, update: &Value) -> Key {
        let key = |text: &str| Order::Generic.key(text).ok();
        let whole = match update.literal() {
            Some(update) => key(&format!("{version}-{update}")),
            None if matches!(update, Value::Text(_)) => None,
            None => key(version),
        };
        let packaged = match update {
            Value::Any | Value::NotApplicable => Order::Generic.without_packaging(version).and_then(key),
            Value::Text(_) => None,
        };
        Key { version: key(version), whole, packaged }
    }
}

/// A device: the names of all of its parts.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    names: Vec<Name>,
    /// Products that it is known not to have, sorted.
    lacking: Vec<String>,
}

impl Platform {
    /// A device with parts of these names.
    pub fn new(mut names: Vec<Name>) -> Platform {
        names.sort_by(|a, b| a.product.cmp(&b.product));
        Platform { names, lacking: Vec::new() }
    }

    /// The device, of which somebody said that it has none of these products. What a list says is there counts more: of a
    /// product that a part is of, or is of the family of, nothing is believed.
    #[must_use]
    pub fn lacking(mut self, products: impl IntoIterator<Item = String>) -> Platform {
        let listed = |product: &String| {
            self.runs_any(product) || self.names.iter().any(|name| are_kin(&name.product, product))
        };
        let mut lacking: Vec<String> = products.into_iter().filter(|product| !listed(product)).collect();
        lacking.sort_unstable();
        self.lacking = lacking;
        self
    }

    /// Whether it is known to have no such product: itself, or no system of its family.
    pub(crate) fn lacks(&self, product: &str) -> bool {
        self.lacking.iter().any(|lacked| lacked == product || is_of(product, lacked))
    }

    /// The parts of a product.
    pub(crate) fn of(&self, product: &str) -> &[Name] {
        let start = self.names.partition_point(|name| name.product.as_str() < product);
        let count = self.names[start..].iter().take_while(|name| name.product == product).count();
        &self.names[start..start + count]
    }

    /// Whether it is known to run a system of the family that this product stands for.
    pub(crate) fn runs_any(&self, product: &str) -> bool {
        self.names.iter().any(|name| is_of(&name.product, product))
    }
}
