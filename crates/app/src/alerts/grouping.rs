//! Items group into campaigns by themselves: one whose rule names the weakness of an open campaign belongs to it, from the moment
//! that either begins. What a person took away is not put back while the item stays open.

use std::collections::HashMap;

use bedrail_model::ids::CampaignId;
use bedrail_store::alerts::items;
use bedrail_store::alerts::links::{self as rows, LinkRow};
use bedrail_store::{Change, campaigns};

use super::links::Kind;
use super::rank::weaknesses_in;
use crate::Error;

/// Who says that an item belongs to a campaign, where no person does.
const BY: &str = "bedrail";

/// The open campaigns, by the weaknesses that they are about.
#[derive(Debug, Default)]
pub(super) struct Grouping(HashMap<String, CampaignId>);

impl Grouping {
    /// Those of an organisation.
    pub(super) async fn of(change: &Change) -> Result<Grouping, Error> {
        let open = campaigns::all(change).await?.into_iter().filter(|one| one.closed.is_none());
        Ok(Grouping(open.map(|one| (one.weakness.to_ascii_uppercase(), one.id)).collect()))
    }

    /// The campaigns that an item belongs to by the texts of its rule, each once.
    pub(super) fn campaigns(&self, rule: &str, rule_name: Option<&str>) -> Vec<CampaignId> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<CampaignId> =
            weaknesses_in(rule, rule_name).filter_map(|weakness| self.0.get(&weakness).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// What says that something belongs to a campaign.
pub(super) fn link(change: &Change, campaign: CampaignId) -> LinkRow {
    let kind = Kind::Campaign.code().to_owned();
    LinkRow { kind, target: campaign.to_string(), added: change.at(), by: BY.to_owned() }
}

/// Takes the open items into a campaign whose weakness their rules name; how many were added.
pub(crate) async fn gather(change: &Change, campaign: CampaignId, weakness: &str) -> Result<u64, Error> {
    let (mut added, link) = (0, link(change, campaign));
    for (item, rule, rule_name) in items::open_naming(change, weakness).await? {
        let names = |named: String| named.eq_ignore_ascii_case(weakness);
        if weaknesses_in(&rule, rule_name.as_deref()).any(names) {
            added += u64::from(rows::add(change, item, &link).await?);
        }
    }
    Ok(added)
}
