//! Names of components, as the API shows them.

use bedrail_app::bills::Proposal;
use bedrail_app::names::{ConfirmedName, Exact, Identified, NamedComponent, OfRelease, Rejudged, Unnamed};
use serde::Serialize;
use utoipa::ToSchema;

/// What was said of a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfirmedNameView {
    /// The name.
    name: String,
    /// The supplier; `null` for components whose bill names none.
    supplier: Option<String>,
    /// The package URL or CPE name, without a version; `null` where it is none of those that were proposed.
    identifier: Option<String>,
    /// What was put away as not meant.
    declined: Vec<String>,
    /// RFC 3339; `seen` of a decision that replaces it.
    decided: String,
    /// Who said it.
    author: String,
}

impl From<&ConfirmedName> for ConfirmedNameView {
    fn from(it: &ConfirmedName) -> ConfirmedNameView {
        ConfirmedNameView {
            name: it.name.clone(),
            supplier: it.supplier.clone(),
            identifier: it.identifier.clone(),
            declined: it.declined.clone(),
            decided: it.decided.to_string(),
            author: it.author.clone(),
        }
    }
}

/// What changed by a word on a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejudgedView {
    /// Releases that were judged again.
    releases: u64,
    /// Findings opened or changed.
    opened: u64,
    /// Findings closed.
    closed: u64,
}

impl From<Rejudged> for RejudgedView {
    fn from(it: Rejudged) -> RejudgedView {
        RejudgedView { releases: it.releases, opened: it.opened, closed: it.closed }
    }
}

/// Who said what a component is, where its bill gives a name alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentifiedView {
    /// The package URL or CPE name, without a version.
    identifier: String,
    /// `confirmed`: a person said so.
    confidence: &'static str,
    /// Who said so.
    by: String,
    /// When, RFC 3339.
    at: String,
}

impl From<&Identified> for IdentifiedView {
    fn from(it: &Identified) -> IdentifiedView {
        IdentifiedView {
            identifier: it.identifier.clone(),
            confidence: bedrail_model::cpe::Origin::Confirmed.code(),
            by: it.by.clone(),
            at: it.at.to_string(),
        }
    }
}

/// What a name may be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalView {
    /// The package URL or CPE name, without a version: what is confirmed.
    identifier: String,
    /// The ecosystem.
    ecosystem: &'static str,
    /// `strong`, `fair`, `weak`, `other_supplier`.
    confidence: &'static str,
    /// What speaks for it.
    reason: &'static str,
}

impl From<&Proposal> for ProposalView {
    fn from(it: &Proposal) -> ProposalView {
        ProposalView {
            identifier: it.unversioned().map(|it| it.to_string()).unwrap_or_default(),
            ecosystem: it.ecosystem.name(),
            confidence: it.confidence.code(),
            reason: it.confidence.words(),
        }
    }
}

/// A name in a release that nobody has said yet what it means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnnamedView {
    /// The name.
    name: String,
    /// The supplier, else the group.
    supplier: Option<String>,
    /// Versions in the bill.
    versions: Vec<String>,
    /// Components of the bill.
    components: u64,
    /// What it may be, the likeliest first.
    proposals: Vec<ProposalView>,
    /// How many proposals there were.
    found: usize,
    /// What was put away.
    declined: Vec<String>,
    /// When that was said, RFC 3339: `seen` of a decision that replaces it.
    declined_at: Option<String>,
    /// Where the name stands without an identifier, at most, this release among them.
    reach: ReachView,
}

/// How far a word on a name reaches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReachView {
    /// Releases.
    releases: u64,
    /// Their makers.
    makers: u64,
}

impl From<&Unnamed> for UnnamedView {
    fn from(it: &Unnamed) -> UnnamedView {
        UnnamedView {
            name: it.name.clone(),
            supplier: it.supplier.clone(),
            versions: it.versions.clone(),
            components: it.components,
            proposals: it.proposals.iter().map(ProposalView::from).collect(),
            found: it.found,
            declined: it.declined.as_ref().map(|said| said.declined.clone()).unwrap_or_default(),
            declined_at: it.declined.as_ref().map(|said| said.decided.to_string()),
            reach: ReachView { releases: it.reach.releases, makers: it.reach.makers },
        }
    }
}

/// A name in a release of which somebody said what it means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedView {
    /// Components of the bill.
    components: u64,
    /// What was said.
    said: ConfirmedNameView,
}

impl From<&NamedComponent> for NamedView {
    fn from(it: &NamedComponent) -> NamedView {
        NamedView { components: it.components, said: ConfirmedNameView::from(&it.said) }
    }
}

/// The names of a release that its bill gives without an identifier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamesOfReleaseView {
    /// Maker, model and version.
    release: String,
    /// Those that nobody has said anything of.
    open: Vec<UnnamedView>,
    /// Those that are known.
    named: Vec<NamedView>,
}

impl From<&OfRelease> for NamesOfReleaseView {
    fn from(it: &OfRelease) -> NamesOfReleaseView {
        NamesOfReleaseView {
            release: it.release.clone(),
            open: it.open.iter().map(UnnamedView::from).collect(),
            named: it.named.iter().map(NamedView::from).collect(),
        }
    }
}

/// A proposal of which nothing but a person's word is wanting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExactView {
    /// The name.
    name: String,
    /// The supplier.
    supplier: Option<String>,
    /// The package URL or CPE name, without a version.
    identifier: String,
    /// Components of the bill.
    components: u64,
}

impl From<&Exact> for ExactView {
    fn from(it: &Exact) -> ExactView {
        ExactView {
            name: it.name.clone(),
            supplier: it.supplier.clone(),
            identifier: it.identifier.clone(),
            components: it.components,
        }
    }
}

/// The exact proposals of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExactOfReleaseView {
    /// What would be confirmed.
    names: Vec<ExactView>,
    /// What confirms just these.
    seen: String,
}

impl ExactOfReleaseView {
    pub(crate) fn of(names: &[Exact], seen: String) -> ExactOfReleaseView {
        ExactOfReleaseView { names: names.iter().map(ExactView::from).collect(), seen }
    }
}
