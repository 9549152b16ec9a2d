//! What an organisation is in the eyes of the law.

/// The kind of an organisation. It decides which duties apply; an organisation may be asked by a customer to prove
/// the duties of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OrgKind {
    /// A provider, plan or clearing house that handles health information in its own right (45 CFR 160.103).
    #[default]
    CoveredEntity,
    /// Somebody who handles it for a covered entity (45 CFR 160.103): an adviser, a service company.
    BusinessAssociate,
    /// A maker of devices (21 CFR 803.3(l)).
    Maker,
    /// One legal entity with covered and other functions that has named its covered parts (45 CFR 164.103).
    Hybrid,
}

impl OrgKind {
    /// All kinds, in the order they are offered.
    pub const ALL: [OrgKind; 4] =
        [OrgKind::CoveredEntity, OrgKind::BusinessAssociate, OrgKind::Maker, OrgKind::Hybrid];

    /// The stable code used in JSON, URLs and the database.
    pub const fn code(self) -> &'static str {
        match self {
            OrgKind::CoveredEntity => "covered_entity",
            OrgKind::BusinessAssociate => "business_associate",
            OrgKind::Maker => "maker",
            OrgKind::Hybrid => "hybrid",
        }
    }

    /// The kind that a stable code names.
    pub fn from_code(code: &str) -> Option<OrgKind> {
        OrgKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            OrgKind::CoveredEntity => "covered entity",
            OrgKind::BusinessAssociate => "business associate",
            OrgKind::Maker => "device maker",
            OrgKind::Hybrid => "hybrid entity",
        }
    }
}
