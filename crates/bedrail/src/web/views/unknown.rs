//! What is not known, and what was answered.

use bedrail_app::answered::{Fact, FactRow, Holds, Recorded};
use bedrail_app::unknowns::{Unknown, UnknownDetail, Unknowns};
use bedrail_model::ids::ReleaseId;
use serde::Serialize;
use utoipa::ToSchema;

use super::PageView;
use super::action::ActionView;
use crate::unknown_question::question;

/// A release by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedRelease {
    /// Id.
    id: String,
    /// Maker, model and version.
    name: String,
}

/// One fact that nobody knows here, and what it would settle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownView {
    /// What it is found again by.
    key: String,
    /// `identity`, `release_version`, `bill`, `versions`, `identifiers`, `distribution`, `product_names`, `condition`,
    /// `makers_word`, `data`, `name`, `advisory_condition`, `advisory_word`, `statements`.
    kind: &'static str,
    /// Who knows: `maker`, `ward`, `house`.
    whom: &'static str,
    /// The maker, where there is one.
    maker: Option<String>,
    /// What would settle it.
    fact: String,
    /// Devices that it would settle.
    devices: u64,
    /// Weaknesses that wait for it; `null` where that is every one.
    weaknesses: Option<u64>,
    /// Of those, how many are known to be exploited.
    exploited: u64,
    /// Some of the weaknesses, the exploited ones first.
    some_weaknesses: Vec<String>,
    /// Components that it is about, at most fifty.
    components: Vec<String>,
    /// How many components there are.
    component_count: u64,
    /// Releases concerned, at most twenty.
    releases: Vec<NamedRelease>,
    /// How many releases there are.
    release_count: u64,
    /// Products that are asked for, as names (CPE): one of them answers `has` or `has_not`.
    products: Vec<String>,
    /// A medical advisory that it is about, by the publisher's id.
    advisory: Option<String>,
    /// Who was asked and has not answered yet.
    asked: Option<ActionView>,
}

impl From<&Unknown> for UnknownView {
    fn from(unknown: &Unknown) -> UnknownView {
        let named =
            |(id, name): &(ReleaseId, String)| NamedRelease { id: id.to_string(), name: name.clone() };
        UnknownView {
            key: unknown.key.clone(),
            kind: unknown.kind.code(),
            whom: unknown.kind.whom().code(),
            maker: unknown.maker.clone(),
            fact: unknown.fact.clone(),
            devices: unknown.devices,
            weaknesses: unknown.weaknesses,
            exploited: unknown.exploited,
            some_weaknesses: unknown.some_weaknesses.clone(),
            components: unknown.components.clone(),
            component_count: unknown.component_count,
            releases: unknown.releases.iter().map(named).collect(),
            release_count: unknown.release_count,
            products: unknown.product_names(),
            advisory: unknown.advisory.as_ref().map(|(_, name)| name.clone()),
            asked: unknown.asked.as_ref().map(ActionView::from),
        }
    }
}

/// What is not known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownsView {
    /// A page of the groups, the one with most devices first.
    #[serde(flatten)]
    page: PageView<UnknownView>,
    /// Devices of which something is not known.
    devices: u64,
    /// Devices in the organisation.
    fleet: u64,
    /// Devices that are in one of the first ten groups.
    first_ten: u64,
    /// Of when it is, RFC 3339.
    at: String,
}

impl From<&Unknowns> for UnknownsView {
    fn from(list: &Unknowns) -> UnknownsView {
        UnknownsView {
            page: PageView::of(&list.page),
            devices: list.devices,
            fleet: list.fleet,
            first_ten: list.first_ten,
            at: list.at.to_string(),
        }
    }
}

/// Devices in a ward.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WardCount {
    /// Site; empty where it is not known.
    site: String,
    /// Ward; empty where it is not known.
    ward: String,
    /// Devices.
    devices: u64,
}

/// One of them, with its question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownDetailView {
    /// What is not known.
    #[serde(flatten)]
    unknown: UnknownView,
    /// Where its devices stand, the most first.
    wards: Vec<WardCount>,
    /// The question, ready to be sent.
    question: String,
    /// Everybody who was asked, the last first.
    asked_before: Vec<ActionView>,
}

impl From<&UnknownDetail> for UnknownDetailView {
    fn from(detail: &UnknownDetail) -> UnknownDetailView {
        let ward = |(site, ward, devices): &(String, String, u64)| WardCount {
            site: site.clone(),
            ward: ward.clone(),
            devices: *devices,
        };
        UnknownDetailView {
            unknown: UnknownView::from(&detail.unknown),
            wards: detail.wards.iter().map(ward).collect(),
            question: question(detail),
            asked_before: detail.asked.iter().map(ActionView::from).collect(),
        }
    }
}

/// A fact that somebody was asked for and answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactView {
    /// Id.
    id: String,
    /// What it holds for: maker, model and version; without a version for a model.
    about: String,
    /// The release by id, where it holds for one.
    release: Option<String>,
    /// `runs_on`, `contains`, `has`, `has_not`, `lacks`.
    kind: &'static str,
    /// The operating system, the component, or the product (CPE).
    subject: String,
    /// Of `contains`: the version.
    version: Option<String>,
    /// Of `contains`: the package URL.
    purl: Option<String>,
    /// Of `contains`: the product name (CPE).
    cpe: Option<String>,
    /// In a sentence.
    sentence: String,
    /// Who said so.
    said_by: String,
    /// On which day, as an ISO date.
    said_on: String,
    /// Where it stands.
    source: String,
    /// The document that shows it, by id.
    document: Option<String>,
    /// The question that it answers, by its key.
    question: Option<String>,
    /// When it was recorded, RFC 3339.
    recorded: String,
    /// By whom, and by which way.
    author: String,
    /// When it was taken back, RFC 3339.
    revoked: Option<String>,
    /// By whom.
    revoked_by: Option<String>,
    /// Why.
    revoked_for: Option<String>,
}

impl From<&FactRow> for FactView {
    fn from(row: &FactRow) -> FactView {
        let it = &row.fact;
        let (version, purl, cpe) = match &it.fact {
            Fact::Contains { version, purl, cpe, .. } => (Some(version.clone()), purl.clone(), cpe.clone()),
            _ => (None, None, None),
        };
        let release = match &it.holds {
            Holds::Release(id) => Some(id.to_string()),
            Holds::Model { .. } => None,
        };
        let revoked = it.revoked.clone();
        FactView {
            id: it.id.to_string(),
            about: row.about.clone(),
            release,
            kind: it.fact.code(),
            subject: it.fact.subject().to_owned(),
            version,
            purl,
            cpe,
            sentence: it.fact.sentence(),
            said_by: it.said_by.clone(),
            said_on: it.said_on.to_string(),
            source: it.source.clone(),
            document: it.document.map(|id| id.to_string()),
            question: it.question.clone(),
            recorded: it.recorded.to_string(),
            author: it.author.clone(),
            revoked: revoked.as_ref().map(|(at, ..)| at.to_string()),
            revoked_by: revoked.as_ref().map(|(_, by, _)| by.clone()),
            revoked_for: revoked.map(|(.., reason)| reason),
        }
    }
}

/// What a fact did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordedView {
    /// Ids of the facts, one for each of what they are about.
    ids: Vec<String>,
    /// Releases that it holds for.
    releases: u64,
    /// Devices that run them.
    devices: u64,
    /// Findings that were opened or became others.
    changed: u64,
    /// Findings that no longer hold.
    closed: u64,
}

impl From<&Recorded> for RecordedView {
    fn from(done: &Recorded) -> RecordedView {
        RecordedView {
            ids: done.ids.iter().map(ToString::to_string).collect(),
            releases: done.releases,
            devices: done.devices,
            changed: done.changed,
            closed: done.closed,
        }
    }
}
