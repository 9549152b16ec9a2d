//! Questions about alerts.

use bedrail_app::Error;
use bedrail_app::alerts::prove::Period;
use bedrail_app::alerts::work::ItemFilter;
use bedrail_app::priority::When;
use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AlertSourceId, DeviceId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Paging, code};
use crate::web::form::blank;
use crate::web::link::Link;

/// Which work items.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AlertsQuery {
    /// `open`, `closed`, `all`; open ones without it.
    #[serde(deserialize_with = "blank")]
    pub(crate) state: Option<String>,
    /// When to act: `immediate`, `out-of-cycle`, `scheduled`, `defer`.
    #[serde(deserialize_with = "blank")]
    pub(crate) when: Option<String>,
    /// `blocked`, `allowed`, `unknown`, `success`.
    #[serde(deserialize_with = "blank")]
    pub(crate) outcome: Option<String>,
    /// Of a source, by id.
    #[serde(deserialize_with = "blank")]
    pub(crate) source: Option<String>,
    /// On a device, by id.
    #[serde(deserialize_with = "blank")]
    pub(crate) device: Option<String>,
    /// That this person has.
    #[serde(deserialize_with = "blank")]
    pub(crate) owner: Option<String>,
    /// By the id of a rule.
    #[serde(deserialize_with = "blank")]
    pub(crate) rule: Option<String>,
    /// From a network.
    #[serde(deserialize_with = "blank")]
    pub(crate) attacker: Option<String>,
    /// Only those that nobody has.
    #[serde(deserialize_with = "blank")]
    pub(crate) untaken: Option<bool>,
    /// Only those past the time of their next step.
    #[serde(deserialize_with = "blank")]
    pub(crate) late: Option<bool>,
    /// Only those on which nobody has decided.
    #[serde(deserialize_with = "blank")]
    pub(crate) undecided: Option<bool>,
    /// Only those whose clocks stand still.
    #[serde(deserialize_with = "blank")]
    pub(crate) paused: Option<bool>,
    /// Only those on no device that is known: work for the inventory.
    #[serde(deserialize_with = "blank")]
    pub(crate) no_device: Option<bool>,
    /// Free text: rule, name, address, network, path.
    #[serde(deserialize_with = "blank")]
    pub(crate) text: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) paging: Paging,
}

impl AlertsQuery {
    /// The filter.
    pub(crate) fn filter(&self) -> Result<ItemFilter, Error> {
        use bedrail_app::alerts::work::Standing;
        let standing = code(self.state.as_deref(), "state", |text| match text {
            "open" => Some(Standing::Open),
            "closed" => Some(Standing::Closed),
            "all" => Some(Standing::All),
            _ => None,
        })?;
        Ok(ItemFilter {
            standing: standing.unwrap_or_default(),
            when: code(self.when.as_deref(), "when", When::from_code)?,
            outcome: code(self.outcome.as_deref(), "outcome", Outcome::from_code)?,
            source: code(self.source.as_deref(), "source", |text| text.parse::<AlertSourceId>().ok())?,
            device: code(self.device.as_deref(), "device", |text| text.parse::<DeviceId>().ok())?,
            owner: self.owner.clone(),
            rule: self.rule.clone(),
            attacker: self.attacker.clone(),
            untaken: self.untaken.unwrap_or_default(),
            late: self.late.unwrap_or_default(),
            undecided: self.undecided.unwrap_or_default(),
            paused: self.paused.unwrap_or_default(),
            no_device: self.no_device.unwrap_or_default(),
            text: self.text.clone(),
        })
    }

    /// Whether anything is asked but all open ones.
    pub(crate) fn is_active(&self) -> bool {
        self.link().to_string() != "/alerts"
    }

    /// The address that asks this.
    pub(crate) fn link(&self) -> Link {
        Link::to("/alerts")
            .with_some("state", self.state.as_deref())
            .with_some("when", self.when.as_deref())
            .with_some("outcome", self.outcome.as_deref())
            .with_some("source", self.source.as_deref())
            .with_some("device", self.device.as_deref())
            .with_some("owner", self.owner.as_deref())
            .with_some("rule", self.rule.as_deref())
            .with_some("attacker", self.attacker.as_deref())
            .with_some("untaken", self.untaken)
            .with_some("late", self.late)
            .with_some("undecided", self.undecided)
            .with_some("paused", self.paused)
            .with_some("no_device", self.no_device)
            .with_some("text", self.text.as_deref())
            .with_some("limit", self.paging.limit)
    }
}

/// Days that the account is asked for unless it is said otherwise.
const DAYS: i32 = 30;

/// Which days of the account.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AccountQuery {
    /// The first day of receipt, in UTC, as an ISO date; a month ago without it.
    #[serde(deserialize_with = "blank")]
    pub(crate) from: Option<String>,
    /// The last day; today without it.
    #[serde(deserialize_with = "blank")]
    pub(crate) to: Option<String>,
    /// Only one device, by id.
    #[serde(deserialize_with = "blank")]
    pub(crate) device: Option<String>,
}

impl AccountQuery {
    /// The days, and the device.
    pub(crate) fn period(&self, now: Timestamp) -> Result<(Period, Option<DeviceId>), Error> {
        let day = |text: &Option<String>, name| code(text.as_deref(), name, |text| text.parse::<Date>().ok());
        let today = now.to_zoned(TimeZone::UTC).date();
        let to = day(&self.to, "to")?.unwrap_or(today);
        let month_before = to.saturating_sub(jiff::Span::new().days(DAYS));
        let from = day(&self.from, "from")?.unwrap_or(month_before);
        let device = code(self.device.as_deref(), "device", |text| text.parse::<DeviceId>().ok())?;
        Ok((Period { from, to }, device))
    }
}
