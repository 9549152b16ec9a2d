//! What to act on first.

use bedrail_app::priority::{Counts, Priorities, PriorityRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageView;
use super::weakness::WeaknessView;
use crate::rank::sentence;

/// One place where a weakness is, and how it ranks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriorityView {
    /// The weakness.
    weakness: WeaknessView,
    /// The release by id.
    release: String,
    /// Maker, model and version.
    release_name: String,
    /// Devices that run it.
    devices: u64,
    /// Of those, how many face the outside.
    outside: u64,
    /// Of those, how many a firewall of ours shields from it; they rank as they do.
    shielded: u64,
    /// When to act, by SSVC's table for deployers: `immediate`, `out_of_cycle`, `scheduled`, `defer`.
    when: &'static str,
    /// FDA's question, with our cells: `uncontrolled`, `assess` (a person has to say), `controlled`.
    risk: &'static str,
    /// `active`, `expected`, `none`.
    exploitation: &'static str,
    /// The most exposed of the devices.
    exposure: &'static str,
    /// Whether a machine can carry the attack out from afar.
    automatable: bool,
    /// What a failure of such a device can do to a patient, by our table: FDA's five words.
    harm: &'static str,
    /// Whether the kind of device is known; where it is not, `critical` is taken.
    harm_known: bool,
    /// The severity where the devices stand.
    severity: &'static str,
    /// The CVSS score where they stand.
    score: Option<f64>,
    /// The rank in a sentence.
    because: String,
}

impl From<&PriorityRow> for PriorityView {
    fn from(row: &PriorityRow) -> PriorityView {
        let rank = &row.rank;
        PriorityView {
            weakness: WeaknessView::from(&*row.weakness),
            release: row.release.to_string(),
            release_name: row.release_name.clone(),
            devices: row.devices,
            outside: row.outside,
            shielded: row.shielded,
            when: rank.when.code(),
            risk: rank.risk.code(),
            exploitation: rank.exploitation.code(),
            exposure: rank.exposure.code(),
            automatable: rank.automatable,
            harm: rank.harm.code(),
            harm_known: rank.harm_known,
            severity: rank.severity.code(),
            score: rank.score,
            because: sentence(row),
        }
    }
}

/// Places by when to act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// Now.
    immediate: u64,
    /// Before the next maintenance.
    out_of_cycle: u64,
    /// With the next maintenance.
    scheduled: u64,
    /// Not now.
    defer: u64,
}

impl From<&Counts> for CountsView {
    fn from([immediate, out_of_cycle, scheduled, defer]: &Counts) -> CountsView {
        CountsView {
            immediate: *immediate,
            out_of_cycle: *out_of_cycle,
            scheduled: *scheduled,
            defer: *defer,
        }
    }
}

/// The list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrioritiesView {
    /// A page of it.
    #[serde(flatten)]
    page: PageView<PriorityView>,
    /// Places by when to act, all of them.
    counts: CountsView,
    /// Where devices are thought of as isolated: how many.
    isolated: Option<u64>,
    /// And the counts as they are without that.
    without: Option<CountsView>,
    /// Places that are left out, since it is decided what is done there.
    handled: u64,
    /// Of when it is, RFC 3339.
    at: String,
}

impl From<&Priorities> for PrioritiesView {
    fn from(list: &Priorities) -> PrioritiesView {
        PrioritiesView {
            page: PageView::of(&list.page),
            counts: CountsView::from(&list.counts),
            isolated: list.what_if.map(|(devices, _)| devices),
            without: list.what_if.map(|(_, counts)| CountsView::from(&counts)),
            handled: list.handled,
            at: list.at.to_string(),
        }
    }
}
