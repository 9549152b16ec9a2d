//! What the devices involved say of the four factors. Evidence for whoever decides; it decides nothing, and what nobody knows is said
//! as that.

use bedrail_assess::exposure::Outside;
use bedrail_comply::breach::{self, AssetEvidence};
use bedrail_model::incident::Factor;

use super::showing::AlertLine;
use crate::devices::DeviceDetail;

/// A sentence on a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefillLine {
    /// Which factor.
    pub factor: Factor,
    /// The sentence.
    pub text: String,
    /// Where it comes from.
    pub source: String,
}

fn factor(it: breach::Factor) -> Factor {
    match it {
        breach::Factor::Nature => Factor::Nature,
        breach::Factor::Recipient => Factor::Recipient,
        breach::Factor::AcquiredOrViewed => Factor::AcquiredOrViewed,
        breach::Factor::Mitigation => Factor::Mitigation,
    }
}

/// What a device says. A list that does not have it face the outside is no proof that it could not be reached in the window, so that is
/// never said here; the reading of it is.
fn of_device(detail: &DeviceDetail) -> (AssetEvidence, Vec<PrefillLine>) {
    let row = &detail.row;
    let judged = &detail.reach.judged;
    let evidence = AssetEvidence {
        name: row.name.clone(),
        source: "device list, exposure".to_owned(),
        exposed: (judged.outside == Outside::Yes).then_some(true),
        ..AssetEvidence::default()
    };
    let line = |factor: Factor, text: String, source: &str| PrefillLine {
        factor,
        text: format!("{}: {text}", row.name),
        source: source.to_owned(),
    };
    let weaknesses = format!(
        "{} weaknesses affect it, {} of them known exploited; of {} it cannot be told",
        row.affected, row.known_exploited, row.cannot_tell
    );
    let mut lines = vec![
        line(Factor::Recipient, judged.sentence.clone(), "exposure today, not in the window"),
        line(Factor::AcquiredOrViewed, weaknesses, "findings today"),
    ];
    if !row.has_sbom {
        let text = "its software is not known: no bill of materials".to_owned();
        lines.push(line(Factor::AcquiredOrViewed, text, "findings today"));
    }
    (evidence, lines)
}

/// All that is known, by factor.
pub(super) fn lines(devices: &[DeviceDetail], alerts: &[AlertLine], left_out: usize) -> Vec<PrefillLine> {
    let mut lines = Vec::new();
    let mut assets = Vec::new();
    for detail in devices {
        let (asset, more) = of_device(detail);
        assets.push(asset);
        lines.extend(more);
    }
    let told = breach::prefill(&assets);
    lines.extend(told.into_iter().map(|it| PrefillLine {
        factor: factor(it.factor),
        text: it.text,
        source: it.source,
    }));
    for alert in alerts {
        let device = alert.device.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
        lines.push(PrefillLine {
            factor: Factor::AcquiredOrViewed,
            text: format!("{}{device}: {} events, {}", alert.rule, alert.events, alert.outcome),
            source: "alerts".to_owned(),
        });
    }
    if left_out > 0 {
        lines.push(PrefillLine {
            factor: Factor::Nature,
            text: format!("{left_out} more devices are involved that were not looked at here"),
            source: "device list".to_owned(),
        });
    }
    lines.sort_by_key(|line| line.factor);
    lines
}
