//! The answer to the main question.

use bedrail_app::affected::{Affected, AffectedDevice, OneOfSeveral, Totals, Understood, WardBlock};
use serde::Serialize;
use utoipa::ToSchema;

use super::data::DataStatusView;
use super::decision::BriefView;
use super::device::FactsView;
use super::exposure::JudgedView;
use super::firewall::BetweenView;
use super::names::IdentifiedView;
use super::weakness::{EvidenceView, WeaknessView};

/// Exact totals over all devices that match.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalsView {
    /// Devices that are affected (or contain the component, for a package or a name).
    affected: u64,
    /// Devices of which it cannot be told.
    cannot_tell: u64,
    /// Affected devices that face the outside.
    affected_outside: u64,
    /// Affected devices without an owner, and without anybody whose open action about the weakness covers them.
    affected_without_owner: u64,
    /// Wards with at least one affected device.
    affected_wards: u64,
    /// Affected and cannot tell together: those that face the outside.
    outside: u64,
    /// Affected and cannot tell together: those without either.
    without_owner: u64,
    /// Wards with at least one of either.
    wards: u64,
    /// Sites with at least one.
    sites: u64,
    /// Affected devices for which it is decided what is done, or that the risk is accepted.
    handled: u64,
    /// Devices that would be affected, or cannot tell, but for a decision that says otherwise.
    ruled_out: u64,
    /// Devices in the organisation.
    fleet: u64,
}

impl From<&Totals> for TotalsView {
    fn from(totals: &Totals) -> TotalsView {
        TotalsView {
            affected: totals.affected,
            cannot_tell: totals.cannot_tell,
            affected_outside: totals.affected_outside,
            affected_without_owner: totals.affected_without_owner,
            affected_wards: totals.affected_wards,
            outside: totals.outside,
            without_owner: totals.without_owner,
            wards: totals.wards,
            sites: totals.sites,
            handled: totals.handled,
            ruled_out: totals.ruled_out,
            fleet: totals.fleet,
        }
    }
}

/// How the question was understood.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct UnderstoodView {
    /// `weakness`, `unknown_weakness`, `several`, `package`, `component_name`, `maker`.
    #[serde(rename = "as")]
    kind: &'static str,
    /// The id, purl, name or maker looked for.
    text: String,
    /// The weakness, where it is one.
    weakness: Option<WeaknessView>,
    /// Component names met, the most frequent first, at most 20.
    names: Vec<String>,
    /// Different component names met in all.
    name_count: Option<u64>,
    /// Each of several weaknesses, at most 50.
    each: Vec<OneView>,
    /// Ids in the text beyond those, which were not looked at.
    left_out: Option<u64>,
}

/// One of several weaknesses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneView {
    /// Its id.
    id: String,
    /// What it is; `null` where the data held does not know it.
    weakness: Option<WeaknessView>,
    /// Its own totals.
    totals: TotalsView,
}

impl From<&OneOfSeveral> for OneView {
    fn from(one: &OneOfSeveral) -> OneView {
        OneView {
            id: one.id.clone(),
            weakness: one.weakness.as_ref().map(WeaknessView::from),
            totals: TotalsView::from(&one.totals),
        }
    }
}

impl From<&Understood> for UnderstoodView {
    fn from(understood: &Understood) -> UnderstoodView {
        let of =
            |kind, text: &str| UnderstoodView { kind, text: text.to_owned(), ..UnderstoodView::default() };
        match understood {
            Understood::Weakness(weakness) => UnderstoodView {
                weakness: Some(WeaknessView::from(weakness.as_ref())),
                ..of("weakness", &weakness.id)
            },
            Understood::UnknownWeakness(id) => of("unknown_weakness", id),
            Understood::Several { each, left_out } => {
                let ids: Vec<&str> = each.iter().map(|one| one.id.as_str()).collect();
                UnderstoodView {
                    each: each.iter().map(OneView::from).collect(),
                    left_out: Some(*left_out),
                    ..of("several", &ids.join(" "))
                }
            }
            Understood::Package(purl) => of("package", purl),
            Understood::ComponentName { text, names, count } => UnderstoodView {
                names: names.clone(),
                name_count: Some(*count),
                ..of("component_name", text)
            },
            Understood::Maker(maker) => of("maker", maker),
        }
    }
}

/// One ward.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WardView {
    /// Site.
    site: String,
    /// Ward.
    ward: String,
    /// Devices in it.
    devices: u64,
    /// Affected ones.
    affected: u64,
    /// Ones of which it cannot be told.
    cannot_tell: u64,
    /// Of both, those that face the outside.
    outside: u64,
}

impl From<&WardBlock> for WardView {
    fn from(ward: &WardBlock) -> WardView {
        WardView {
            site: ward.site.clone(),
            ward: ward.ward.clone(),
            devices: ward.devices,
            affected: ward.affected,
            cannot_tell: ward.cannot_tell,
            outside: ward.outside,
        }
    }
}

/// One device of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AffectedDeviceView {
    /// Device id.
    id: String,
    /// What people call it.
    name: String,
    /// What the lists say.
    facts: FactsView,
    /// How far it can be reached from, as declared or seen.
    exposure: JudgedView,
    /// Its release by id.
    release: String,
    /// `affected`, `cannot_tell`, `not_affected`.
    answer: &'static str,
    /// Why: a stable code.
    reason: &'static str,
    /// The component; `null` where there is no bill of materials.
    component: Option<String>,
    /// Its version.
    version: Option<String>,
    /// Its package URL.
    purl: Option<String>,
    /// Names from the release down to the component.
    path: Vec<String>,
    /// Versions that fix it.
    fixed_in: Vec<String>,
    /// Records that had a say.
    evidence: Vec<EvidenceView>,
    /// Of the weaknesses asked for, those that affect the device.
    affected_by: Vec<String>,
    /// What was decided for it.
    decision: Option<BriefView>,
    /// Who said what the component is, where its bill gives a name alone.
    identified: Option<IdentifiedView>,
    /// Firewalls that stand in front of it. They change no answer.
    between: Vec<BetweenView>,
}

impl From<&AffectedDevice> for AffectedDeviceView {
    fn from(row: &AffectedDevice) -> AffectedDeviceView {
        AffectedDeviceView {
            id: row.device.to_string(),
            name: row.name.clone(),
            facts: FactsView::from(&row.facts),
            exposure: JudgedView::from(&row.reach),
            release: row.release.to_string(),
            answer: row.answer.code(),
            reason: row.reason.code(),
            component: row.component.clone(),
            version: row.version.clone(),
            purl: row.purl.clone(),
            path: row.path.clone(),
            fixed_in: row.fixed_in.clone(),
            evidence: row.evidence.iter().map(EvidenceView::from).collect(),
            affected_by: row.affected_by.clone(),
            decision: row.decision.as_ref().map(BriefView::from),
            identified: row.identified.as_ref().map(IdentifiedView::from),
            between: row.between.iter().map(BetweenView::from).collect(),
        }
    }
}

/// Devices of which it cannot be told for want of one fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownView {
    /// Why: a stable code.
    reason: &'static str,
    /// What would settle it.
    settle: String,
    /// Devices.
    devices: u64,
}

/// The answer to the main question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AffectedView {
    /// The answer in one or two sentences.
    answer: String,
    /// How the question was understood.
    understood: UnderstoodView,
    /// What of the question was read otherwise than it was written, and what that means, in sentences.
    remarks: Vec<String>,
    /// Exact totals, whatever the page.
    totals: TotalsView,
    /// Every ward of the organisation with its share.
    wards: Vec<WardView>,
    /// This page of devices, the most exposed first.
    rows: Vec<AffectedDeviceView>,
    /// Devices that match the filters: the length of the whole list.
    matching: u64,
    /// Rows skipped before the first of these.
    offset: u64,
    /// The `cursor` of the page after this one; `null` at the end.
    next_cursor: Option<String>,
    /// What would settle the ones that cannot be told.
    unknowns: Vec<UnknownView>,
    /// How old and whole the data behind this is.
    data: DataStatusView,
}

impl AffectedView {
    /// The view of an answer.
    pub(crate) fn of(answer: &Affected) -> AffectedView {
        let unknown = |(reason, settle, devices): &(bedrail_model::answer::Reason, String, u64)| {
            UnknownView { reason: reason.code(), settle: settle.clone(), devices: *devices }
        };
        AffectedView {
            answer: crate::answer::headline(answer),
            remarks: crate::answer::remarks(answer),
            understood: UnderstoodView::from(&answer.understood),
            totals: TotalsView::from(&answer.totals),
            wards: answer.wards.iter().map(WardView::from).collect(),
            rows: answer.rows.iter().map(AffectedDeviceView::from).collect(),
            matching: answer.matching,
            offset: answer.offset,
            next_cursor: answer.next.clone(),
            unknowns: answer.unknowns.iter().map(unknown).collect(),
            data: DataStatusView::from(&answer.data),
        }
    }
}
