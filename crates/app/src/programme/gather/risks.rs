//! What the risk analysis shows: how old the newest signed one is, which share of today's devices it covers, what was found or
//! changed beside it; and which devices hold patient data, as people said.

use std::collections::HashMap;

use bedrail_comply::signal::Value;
use bedrail_model::text::squeezed;

use super::{Known, NO_DEVICES, Told, unless_untold};
use crate::risk_analysis::Covered;

/// The newest signed analysis, where its document is there and is what was signed.
fn signed(known: &Known) -> Result<&Covered, Vec<Told>> {
    match &known.risks {
        None => Err(Told::unknown("no risk analysis was signed (/risk-analysis)")),
        Some(last) if !last.holds => {
            let number = last.signed.number;
            Err(Told::unknown(format!(
                "the document of the signed risk analysis {number} is missing or changed (/risk-analysis)"
            )))
        }
        Some(last) => Ok(last),
    }
}

/// Days since it was signed.
pub(super) fn age(known: &Known) -> Vec<Told> {
    let last = match signed(known) {
        Ok(last) => &last.signed,
        Err(why) => return why,
    };
    let days = known.now.duration_since(last.at).as_hours() / 24;
    let words = format!("number {}, signed by {} (/risk-analysis)", last.number, last.author);
    Told::all(Value::Days(days), words)
}

/// The share of today's devices that it covers.
pub(super) fn coverage(known: &Known) -> Vec<Told> {
    let last = match signed(known) {
        Ok(last) => last,
        Err(why) => return why,
    };
    let (met, of) = last.share;
    if of == 0 {
        return Told::unknown("there are no devices that it could cover");
    }
    let words =
        format!("{} devices joined since number {} (/risk-analysis)", last.joined_total, last.signed.number);
    Told::all(Value::Share { met, of }, words)
}

/// The share of its risks that somebody judged: a list of risks that nobody graded assesses nothing (45 CFR
/// 164.308(a)(1)(ii)(A)).
pub(super) fn judged(known: &Known) -> Vec<Told> {
    let last = match signed(known) {
        Ok(last) => &last.signed,
        Err(why) => return why,
    };
    let (met, of) = (last.lines.saturating_sub(last.unknown), last.lines);
    if of == 0 {
        return Told::unknown(format!("number {} names no risk (/risk-analysis)", last.number));
    }
    let words =
        format!("{met} of {of} risks of number {} were judged by somebody (/risk-analysis)", last.number);
    Told::all(Value::Share { met, of }, words)
}

/// Open findings on devices that joined since it was signed. None is said only where all of these can be judged.
pub(super) fn findings_outside(known: &Known) -> Vec<Told> {
    let last = match signed(known) {
        Ok(last) => last,
        Err(why) => return why,
    };
    let number = last.signed.number;
    let words = format!(
        "{} open findings on {} devices that joined since number {number} (/risk-analysis)",
        last.findings, last.joined_total
    );
    let why = || {
        format!(
            "of {} devices that joined since number {number} it cannot be told of every weakness (/unknowns)",
            last.unclear
        )
    };
    unless_untold(Told::all(Value::Count(last.findings), words), (last.unclear > 0).then(why))
}

/// Devices of which a list wrote something new since it was signed changed; those that joined are among them.
pub(super) fn unchanged(known: &Known) -> Vec<Told> {
    let last = match signed(known) {
        Ok(last) => last,
        Err(why) => return why,
    };
    let of = known.devices();
    if of == 0 {
        return Told::unknown(NO_DEVICES);
    }
    let changed = known.changed_since_signing.max(last.joined_total).min(of);
    let words = format!(
        "of {of} devices {changed} joined or were written anew by a list since number {} (/risk-analysis)",
        last.signed.number
    );
    Told::all(Value::Share { met: of - changed, of }, words)
}

/// Devices of products that hold patient data, by the last word on each product.
pub(super) fn with_patient_data(known: &Known) -> Vec<Told> {
    if known.devices() == 0 {
        return Told::unknown(NO_DEVICES);
    }
    let said: HashMap<&str, bool> =
        known.holdings.iter().map(|row| (row.asset.as_str(), row.holds)).collect();
    if said.is_empty() {
        return Told::unknown(
            "nobody said of a product whether its devices hold patient data (/risk-analysis)",
        );
    }
    let releases = known.fleet.products.releases.iter();
    let holds: Vec<Option<bool>> = releases
        .map(|release| {
            let name = squeezed(&format!("{} {}", release.row.maker, release.row.model));
            said.get(name.as_str()).copied()
        })
        .collect();
    let of_device = |class: u32| {
        let release = known.fleet.products.release_of.get(class as usize)?;
        holds.get(*release as usize).copied().flatten()
    };
    let (mut marked, mut untold) = (0, 0);
    for device in &known.fleet.devices.briefs {
        match of_device(device.class) {
            Some(true) => marked += 1,
            Some(false) => {}
            None => untold += 1,
        }
    }
    let words = format!(
        "{marked} of {} devices are of products that hold patient data; of {untold} nobody said (/risk-analysis)",
        known.devices()
    );
    unless_untold(Told::all(Value::Count(marked), words.clone()), (untold > 0).then_some(words))
}
