//! Common Platform Enumeration 2.3: names of products as NVD gives them, and how two of them stand to each other.
//!
//! A [`Cpe`] is a well-formed name: eleven attributes, each with any value, none, or a text. `binding` reads and writes
//! the formatted string (`cpe:2.3:a:…`) and the older URI (`cpe:/a:…`); `relation` is the comparison. Sources: NISTIR
//! 7695 (naming) and NISTIR 7696 (name matching). Where they are silent, what we do stands beside it with the reason.

mod binding;
mod fields;
mod relation;
mod release;

use std::fmt;

pub use binding::Unreadable;
pub use fields::Fields;
pub use relation::{Comparison, Coverage, Relation};
pub use release::{compare_release, compare_written, relation_written};

/// The longest name that is read, in bytes. The longest in NVD's feeds has a few hundred.
pub const MAX_CPE_BYTES: usize = 4096;

/// An attribute of a name, in the order that the formatted string has them (NISTIR 7695, 5.2 and 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Application, operating system or hardware.
    Part,
    /// Who makes it.
    Vendor,
    /// What it is called.
    Product,
    /// Which version.
    Version,
    /// Which update, service pack or patch level of the version.
    Update,
    /// The edition as CPE 2.2 had it; deprecated in 2.3.
    Edition,
    /// The language of the user interface, as RFC 5646 writes it.
    Language,
    /// The edition for a market or class of users.
    SoftwareEdition,
    /// The software that it runs on.
    TargetSoftware,
    /// The hardware that it runs on.
    TargetHardware,
    /// Whatever else tells it apart.
    Other,
}

impl Attribute {
    /// All attributes, in order.
    pub const ALL: [Attribute; 11] = [
        Attribute::Part,
        Attribute::Vendor,
        Attribute::Product,
        Attribute::Version,
        Attribute::Update,
        Attribute::Edition,
        Attribute::Language,
        Attribute::SoftwareEdition,
        Attribute::TargetSoftware,
        Attribute::TargetHardware,
        Attribute::Other,
    ];

    /// The name in the specification: `sw_edition`.
    pub const fn name(self) -> &'static str {
        match self {
            Attribute::Part => "part",
            Attribute::Vendor => "vendor",
            Attribute::Product => "product",
            Attribute::Version => "version",
            Attribute::Update => "update",
            Attribute::Edition => "edition",
            Attribute::Language => "language",
            Attribute::SoftwareEdition => "sw_edition",
            Attribute::TargetSoftware => "target_sw",
            Attribute::TargetHardware => "target_hw",
            Attribute::Other => "other",
        }
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Value {
    /// Any value: nothing is said of the attribute.
    #[default]
    Any,
    /// No value: the attribute does not apply. A version that is not applicable is *no version*, never all versions.
    NotApplicable,
    /// A text, perhaps open at its ends.
    Text(Text),
}

impl Value {
    /// A text without wild cards; none where it is something else.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Value::Text(text) if text.is_plain() => Some(&text.middle),
            Value::Text(_) | Value::Any | Value::NotApplicable => None,
        }
    }
}

/// A text in lower case and without quoting, and how far it is open at each end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    middle: Box<str>,
    before: Open,
    after: Open,
}

impl Text {
    /// Whether it has no wild card.
    pub fn is_plain(&self) -> bool {
        (self.before, self.after) == (Open::No, Open::No)
    }

    fn plain(text: &str) -> Text {
        Text { middle: text.into(), before: Open::No, after: Open::No }
    }
}

/// What may stand at an end of a text beside what is written (NISTIR 7695, 5.3.2; NISTIR 7696, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Open {
    /// Nothing.
    No,
    /// Up to this many characters: a row of `?`.
    UpTo(u8),
    /// Any number of characters: `*`.
    Any,
}

impl Open {
    fn takes(self, characters: usize) -> bool {
        match self {
            Open::No => characters == 0,
            Open::UpTo(most) => characters <= usize::from(most),
            Open::Any => true,
        }
    }
}

/// A well-formed name (NISTIR 7695, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Cpe([Value; 11]);

impl Cpe {
    /// The value of an attribute.
    pub fn get(&self, attribute: Attribute) -> &Value {
        &self.0[attribute as usize]
    }

    /// The name with a version that stands beside it, where it leaves its own open, or says that it has none (`-`): a bill that
    /// gives a version beside the name knows one. Hardware has none, and a Windows has its release in its name: of those, `-` stays.
    #[must_use]
    pub fn or_version(mut self, version: &str) -> Cpe {
        let versionless = self.literal(Attribute::Part) == Some("h")
            || self.literal(Attribute::Product).is_some_and(|product| product.starts_with("windows"));
        let (own, version) = (&mut self.0[Attribute::Version as usize], version.trim());
        let open = *own == Value::Any || (*own == Value::NotApplicable && !versionless);
        if open && !version.is_empty() {
            *own = Value::Text(Text::plain(&version.to_lowercase()));
        }
        self
    }

    /// The text of an attribute where it has one without wild cards.
    pub fn literal(&self, attribute: Attribute) -> Option<&str> {
        self.get(attribute).literal()
    }
}

impl fmt::Display for Cpe {
    /// The formatted string (NISTIR 7695, 6.2.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cpe:2.3")?;
        self.0.iter().try_for_each(|value| {
            f.write_str(":")?;
            binding::write_value(value, f)
        })
    }
}

/// Where the CPE of a component is from: how far it is to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The bill of materials names it, and no program is known to have made it up.
    Supplier,
    /// It was looked up by name among those of NVD.
    Dictionary,
    /// A program made it up from a package's name.
    Guessed,
    /// The bill of materials gives a name alone; a person said which product that is.
    Confirmed,
}

impl Origin {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Origin::Supplier => "supplier",
            Origin::Dictionary => "dictionary",
            Origin::Guessed => "guessed",
            Origin::Confirmed => "confirmed",
        }
    }

    /// The origin that a stable code names.
    pub fn from_code(code: &str) -> Option<Origin> {
        [Origin::Supplier, Origin::Dictionary, Origin::Guessed, Origin::Confirmed]
            .into_iter()
            .find(|origin| origin.code() == code)
    }

    /// The origin in words, behind "its CPE".
    pub const fn words(self) -> &'static str {
        match self {
            Origin::Supplier => "is from the bill of materials",
            Origin::Dictionary => "was looked up by name",
            Origin::Guessed => "was guessed by a program",
            Origin::Confirmed => "was confirmed by a person",
        }
    }
}
