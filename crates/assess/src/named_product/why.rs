//! The reasons of answers about named products, as codes and as clauses.

use bedrail_model::product_advisory::range_text::Doubt;

/// Why an advisory does or does not speak of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The version is inside what the advisory names.
    Version,
    /// The advisory names all versions.
    AllVersions,
    /// The version is outside.
    Outside,
    /// The advisory calls this version mended or not affected.
    Cleared,
    /// It names other products.
    OtherProduct,
    /// Its names are like ours, and nobody has confirmed or refused them; how many there are.
    Unconfirmed(usize),
    /// It names the product under a condition that the device's name does not settle.
    Condition(String),
    /// The version cannot be compared.
    VersionDoubt(Doubt),
    /// The version lies after the range, but before the one that the remediation names.
    BeforeFix,
    /// The version lies inside the range, and the remediation names it.
    NamedAsFix,
    /// The remediation names this version, and these weaknesses that it leaves.
    WeaknessLeft(String),
    /// The version comes after one that leaves these weaknesses, or they have to be mended by hand in it.
    WeaknessMayBeLeft(String),
    /// The advisory says both affected and not affected of it.
    Contradiction,
    /// The publisher does not know yet.
    UnderInvestigation,
    /// A list repeats that its maker calls the product affected, and names no versions.
    WithoutVersions,
    /// A list repeats that its maker calls it mended or not affected: hearsay, until a person accepts it.
    Claimed,
    /// A list names the product in other versions, which clears none.
    OtherVersions,
}

impl Why {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Why::Version => "version_in_range",
            Why::AllVersions => "all_versions",
            Why::Outside => "version_outside",
            Why::Cleared => "called_not_affected",
            Why::OtherProduct => "other_product",
            Why::Unconfirmed(_) => "name_unconfirmed",
            Why::Condition(_) => "condition",
            Why::VersionDoubt(Doubt::NoVersion) => "no_version",
            Why::VersionDoubt(_) => "version_not_comparable",
            Why::BeforeFix => "before_the_fix",
            Why::NamedAsFix => "named_as_fix",
            Why::WeaknessLeft(_) => "weakness_left",
            Why::WeaknessMayBeLeft(_) => "weakness_may_be_left",
            Why::Contradiction => "contradiction",
            Why::UnderInvestigation => "under_investigation",
            Why::WithoutVersions => "without_versions",
            Why::Claimed => "claimed_not_affected",
            Why::OtherVersions => "named_in_other_versions",
        }
    }

    /// The reason as a clause that a clinician can read.
    pub fn sentence(&self) -> String {
        match self {
            Why::Version => "the advisory names this product in this version".to_owned(),
            Why::AllVersions => "the advisory names all versions of this product".to_owned(),
            Why::Outside => "the version lies outside everything the advisory names".to_owned(),
            Why::Cleared => "the advisory says that this version is mended or not affected".to_owned(),
            Why::OtherProduct => "the advisory names other products".to_owned(),
            Why::Unconfirmed(1) => {
                "one product of the advisory has a name like this one; nobody has said whether it is the same"
                    .to_owned()
            }
            Why::Unconfirmed(count) => format!(
                "{count} products of the advisory have names like this one; nobody has said which is the same, if any"
            ),
            Why::Condition(words) => format!("only where this holds, which is not known here: {words}"),
            Why::VersionDoubt(doubt) => doubt.sentence().to_owned(),
            Why::BeforeFix => {
                "the version lies after the affected range, but before the version that the remedy names"
                    .to_owned()
            }
            Why::NamedAsFix => {
                "the version lies inside the affected range, and the remedy names it".to_owned()
            }
            Why::WeaknessLeft(ids) => format!("the remedy names this version, which leaves {ids}"),
            Why::WeaknessMayBeLeft(ids) => {
                format!("the remedy does not say that this version as it is mends {ids}")
            }
            Why::Contradiction => "the advisory calls this version affected and not affected".to_owned(),
            Why::UnderInvestigation => "the publisher does not know yet".to_owned(),
            Why::WithoutVersions => {
                "the list says that this product is affected, and names no versions".to_owned()
            }
            Why::Claimed => {
                "the list says that its maker calls it mended or not affected; that counts once a person here decides so"
                    .to_owned()
            }
            Why::OtherVersions => {
                "the list names this product in other versions, and what it does not name it does not clear"
                    .to_owned()
            }
        }
    }
}
