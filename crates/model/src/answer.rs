//! The three answers. Unknown is a result: it is never folded into "not affected".

use std::fmt;

/// What we say when asked whether a weakness touches something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The evidence says that it is affected.
    Affected,
    /// It cannot be told from what is known; the reason says which fact is missing.
    CannotTell,
    /// The evidence says that it is not affected.
    NotAffected,
}

impl Answer {
    /// All answers, the most pressing first.
    pub const ALL: [Answer; 3] = [Answer::Affected, Answer::CannotTell, Answer::NotAffected];

    /// The stable code used in JSON, CSV, URLs and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Answer::Affected => "affected",
            Answer::CannotTell => "cannot_tell",
            Answer::NotAffected => "not_affected",
        }
    }

    /// The answer that a stable code names.
    pub fn from_code(code: &str) -> Option<Answer> {
        Answer::ALL.into_iter().find(|answer| answer.code() == code)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Affected => "affected",
            Answer::CannotTell => "cannot tell",
            Answer::NotAffected => "not affected",
        })
    }
}

/// Why an answer is what it is. Each has a stable code and a sentence; the evidence carries the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The version is one of those that the advisory lists by name.
    VersionListed,
    /// The version lies inside an affected range of the advisory.
    VersionInRange,
    /// The advisory names the package with all its versions.
    AllVersions,
    /// An advisory names the product itself, by maker, model and version.
    Stated,
    /// The version lies outside every affected range and list.
    VersionOutside,
    /// The component has no version.
    NoVersion,
    /// The version cannot be placed in its ecosystem's order.
    VersionUnreadable,
    /// A boundary of the advisory's range cannot be placed in the ecosystem's order.
    RangeUnreadable,
    /// The ecosystem has no exact version order here.
    NoOrder,
    /// The advisory gives its range in commits only, which a version cannot be compared with.
    CommitsOnly,
    /// The advisory speaks of one release of a distribution; the component does not say which one it is from.
    DistributionUnknown,
    /// The component has no identifier (purl) that an advisory could name.
    NoIdentifier,
    /// The identifier's type belongs to no ecosystem that has advisories here.
    EcosystemUnknown,
    /// No data is held for the ecosystem.
    NoData,
    /// An advisory or a statement of a maker may be about the product, and leaves it open.
    StatementUnclear,
    /// The release has no bill of materials.
    NoBillOfMaterials,
    /// Nothing names the component's package: the data held has no advisory for it.
    NoAdvisory,
    /// The component bears the name of a package that the advisory names; nothing else identifies it.
    NameOnly,
    /// The data held has no record of the weakness that was asked about.
    NoRecord,
    /// Affected where the device has or runs something that is not known of it; the evidence says what.
    PlatformUnknown,
    /// The component's CPE does not say enough (edition, language, what it runs on) to be told apart.
    NameVague,
    /// No record in the data held names the product that the component's CPE names.
    ProductUnknown,
    /// Nothing speaks against the component, but its CPE was guessed by a program.
    NameGuessed,
    /// A person of the organisation decided so; the decision says why.
    Decided,
    /// The files were looked into: the code that holds the weakness is not in them, or is mended there.
    CodeNotPresent,
    /// What was found in the files fits several versions, and not all of them are affected.
    VersionUncertain,
    /// The files hold what the component says of itself, but none of its code was found in them.
    CodeNotSeen,
    /// Advisories of the distribution name source packages; from which this package was built is not known.
    SourceUnknown,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 28] = [
        Reason::VersionListed,
        Reason::VersionInRange,
        Reason::AllVersions,
        Reason::Stated,
        Reason::VersionOutside,
        Reason::NoVersion,
        Reason::VersionUnreadable,
        Reason::RangeUnreadable,
        Reason::NoOrder,
        Reason::CommitsOnly,
        Reason::DistributionUnknown,
        Reason::NoIdentifier,
        Reason::EcosystemUnknown,
        Reason::NoData,
        Reason::StatementUnclear,
        Reason::NoBillOfMaterials,
        Reason::NoAdvisory,
        Reason::NameOnly,
        Reason::NoRecord,
        Reason::PlatformUnknown,
        Reason::NameVague,
        Reason::ProductUnknown,
        Reason::NameGuessed,
        Reason::Decided,
        Reason::CodeNotPresent,
        Reason::VersionUncertain,
        Reason::CodeNotSeen,
        Reason::SourceUnknown,
    ];

    /// The stable code used in JSON, CSV and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::VersionListed => "version_listed",
            Reason::VersionInRange => "version_in_range",
            Reason::AllVersions => "all_versions",
            Reason::Stated => "stated",
            Reason::VersionOutside => "version_outside",
            Reason::NoVersion => "no_version",
            Reason::VersionUnreadable => "version_unreadable",
            Reason::RangeUnreadable => "range_unreadable",
            Reason::NoOrder => "no_order",
            Reason::CommitsOnly => "commits_only",
            Reason::DistributionUnknown => "distribution_unknown",
            Reason::NoIdentifier => "no_identifier",
            Reason::EcosystemUnknown => "ecosystem_unknown",
            Reason::NoData => "no_data",
            Reason::StatementUnclear => "statement_unclear",
            Reason::NoBillOfMaterials => "no_bill_of_materials",
            Reason::NoAdvisory => "no_advisory",
            Reason::NameOnly => "name_only",
            Reason::NoRecord => "no_record",
            Reason::PlatformUnknown => "platform_unknown",
            Reason::NameVague => "name_vague",
            Reason::ProductUnknown => "product_unknown",
            Reason::NameGuessed => "name_guessed",
            Reason::Decided => "decided",
            Reason::CodeNotPresent => "code_not_present",
            Reason::VersionUncertain => "version_uncertain",
            Reason::CodeNotSeen => "code_not_seen",
            Reason::SourceUnknown => "source_unknown",
        }
    }

    /// The reason that a stable code names.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The reason as a short clause that a clinician can read, without the details.
    pub const fn sentence(self) -> &'static str {
        match self {
            Reason::VersionListed => "the advisory lists this version by name",
            Reason::VersionInRange => "the version lies inside the affected range",
            Reason::AllVersions => "the advisory names all versions of this package",
            Reason::Stated => "an advisory names the product itself in this version",
            Reason::VersionOutside => "the version lies outside everything the advisory names",
            Reason::NoVersion => "the bill of materials gives no version",
            Reason::VersionUnreadable => "the version cannot be read by the rules of its ecosystem",
            Reason::RangeUnreadable => {
                "a version in the advisory cannot be read by the rules of its ecosystem"
            }
            Reason::NoOrder => "there is no exact rule to compare versions of this ecosystem",
            Reason::CommitsOnly => "the advisory names source commits, not versions",
            Reason::DistributionUnknown => {
                "it is not known which release of the distribution this package is from"
            }
            Reason::NoIdentifier => "the component has no identifier that an advisory could name",
            Reason::EcosystemUnknown => "the kind of package is not one that advisories are held for",
            Reason::NoData => "no vulnerability data is held for this ecosystem",
            Reason::StatementUnclear => {
                "an advisory or a statement of its maker may be about it, and leaves it open"
            }
            Reason::NoBillOfMaterials => "no bill of materials is known for this release",
            Reason::NoAdvisory => "no advisory in the data held names this package",
            Reason::NameOnly => {
                "its name is that of an affected package, but it has no identifier by which its version could be judged"
            }
            Reason::NoRecord => "the data held has no record of this weakness",
            Reason::PlatformUnknown => {
                "it is affected together with something that is not known of the device"
            }
            Reason::NameVague => "its product name (CPE) does not say enough to tell it apart",
            Reason::ProductUnknown => "no record in the data held knows a product of this name (CPE)",
            Reason::NameGuessed => {
                "its product name (CPE) was guessed by a program, so that nothing is found says little"
            }
            Reason::Decided => "a person decided so, and the decision says why",
            Reason::CodeNotPresent => {
                "the files were looked into, and the code that holds this weakness is not in them or is mended"
            }
            Reason::VersionUncertain => {
                "what was found in the files fits several versions, and not all of them are affected"
            }
            Reason::CodeNotSeen => "the files name it, but none of its code was found in them",
            Reason::SourceUnknown => {
                "advisories of its distribution name source packages, and it is not known from which it was built"
            }
        }
    }

    /// The answer that this reason leads to.
    pub const fn answer(self) -> Answer {
        match self {
            Reason::VersionListed | Reason::VersionInRange | Reason::AllVersions | Reason::Stated => {
                Answer::Affected
            }
            Reason::VersionOutside | Reason::NoAdvisory | Reason::Decided | Reason::CodeNotPresent => {
                Answer::NotAffected
            }
            Reason::NoVersion
            | Reason::VersionUnreadable
            | Reason::RangeUnreadable
            | Reason::NoOrder
            | Reason::CommitsOnly
            | Reason::DistributionUnknown
            | Reason::NoIdentifier
            | Reason::EcosystemUnknown
            | Reason::NoData
            | Reason::StatementUnclear
            | Reason::NoBillOfMaterials
            | Reason::NameOnly
            | Reason::NoRecord
            | Reason::PlatformUnknown
            | Reason::NameVague
            | Reason::ProductUnknown
            | Reason::NameGuessed
            | Reason::VersionUncertain
            | Reason::CodeNotSeen
            | Reason::SourceUnknown => Answer::CannotTell,
        }
    }
}
