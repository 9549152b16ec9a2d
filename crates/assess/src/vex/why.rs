//! Why a statement speaks of a thing, or does not.

use bedrail_model::cpe::Attribute;
use bedrail_model::product_advisory::range_text::Doubt;

/// The reason of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It names the package URL with its version.
    Url,
    /// It names the package URL with all its versions.
    UrlAllVersions,
    /// It names the product (CPE).
    Cpe,
    /// It names this very file by its hash.
    Hash,
    /// It points to the component in our bill of materials.
    Link,
    /// It names maker, product and version.
    SameVersion,
    /// The version lies in the range that it names.
    InRange,
    /// It names the product with all its versions.
    AllVersions,
    /// It is about another product.
    OtherProduct,
    /// It is about another version.
    OtherVersion,
    /// It is about another release of the distribution.
    OtherDistribution,
    /// It is about a variant that ours is not: the qualifier that differs.
    OtherVariant(String),
    /// Whether it is our version cannot be told.
    Version(Doubt),
    /// It does not say enough of itself, or ours does not: the attribute of the CPE.
    CpeVague(Attribute),
    /// It is about one release of a distribution; of ours it is not known.
    DistributionUnknown,
    /// It is about a variant; of ours it is not known: the qualifier.
    VariantUnknown(String),
    /// It holds under a condition that nobody checked.
    Condition(String),
    /// One of its identifiers is ours and another is not.
    IdentifiersDisagree,
    /// The name is ours; the file has another hash.
    HashDiffers,
    /// The names are alike; a person has to say whether they are one product.
    NameAlike,
    /// The name is the same, and nothing else identifies both.
    NameOnly,
    /// It is about a component of the product that our bill of materials does not list.
    PartNotListed,
    /// The product has no bill of materials, so that its parts cannot be looked up.
    NoBill,
    /// It is about a component inside of another; where ours stands is not known.
    PartElsewhere,
}

impl Why {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Why::Url => "purl",
            Why::UrlAllVersions => "purl_all_versions",
            Why::Cpe => "cpe",
            Why::Hash => "hash",
            Why::Link => "link",
            Why::SameVersion => "same_version",
            Why::InRange => "in_range",
            Why::AllVersions => "all_versions",
            Why::OtherProduct => "other_product",
            Why::OtherVersion => "other_version",
            Why::OtherDistribution => "other_distribution",
            Why::OtherVariant(_) => "other_variant",
            Why::Version(_) => "version_doubt",
            Why::CpeVague(_) => "cpe_vague",
            Why::DistributionUnknown => "distribution_unknown",
            Why::VariantUnknown(_) => "variant_unknown",
            Why::Condition(_) => "condition",
            Why::IdentifiersDisagree => "identifiers_disagree",
            Why::HashDiffers => "hash_differs",
            Why::NameAlike => "name_alike",
            Why::NameOnly => "name_only",
            Why::PartNotListed => "part_not_listed",
            Why::NoBill => "no_bill",
            Why::PartElsewhere => "part_elsewhere",
        }
    }

    /// The reason as a clause.
    pub fn sentence(&self) -> String {
        let text = match self {
            Why::Url => "it names this package and version",
            Why::UrlAllVersions => "it names this package with all its versions",
            Why::Cpe => "it names this product by its CPE",
            Why::Hash => "it names this very file by its hash",
            Why::Link => "it points to this component in our bill of materials",
            Why::SameVersion => "it names this maker, product and version",
            Why::InRange => "the version lies in the range that it names",
            Why::AllVersions => "it names this product with all its versions",
            Why::OtherProduct => "it is about another product",
            Why::OtherVersion => "it is about another version",
            Why::OtherDistribution => "it is about another release of the distribution",
            Why::OtherVariant(what) => return format!("it is about another variant (`{what}`)"),
            Why::Version(doubt) => doubt.sentence(),
            Why::CpeVague(attribute) => {
                return format!("the CPE of ours does not say enough of its {}", attribute.name());
            }
            Why::DistributionUnknown => {
                "it is about one release of a distribution, and it is not known which one ours is from"
            }
            Why::VariantUnknown(what) => {
                return format!("it is about one variant (`{what}`), which ours does not say");
            }
            Why::Condition(what) => return format!("it holds under a condition that nobody checked: {what}"),
            Why::IdentifiersDisagree => "one of its identifiers is ours, and another is not",
            Why::HashDiffers => "the name is ours, and the file has another hash",
            Why::NameAlike => "the names are alike; a person has to say whether they are one product",
            Why::NameOnly => "the name is the same, and no identifier says that it is this",
            Why::PartNotListed => "it is about a component that our bill of materials does not list",
            Why::NoBill => "it is about a component, and no bill of materials is known",
            Why::PartElsewhere => {
                "it is about a component inside of another, and where ours stands is not known"
            }
        };
        text.to_owned()
    }
}
