//! What the newest signed risk analysis shows: how old it is, and which share of today's devices it covers.

use bedrail_comply::signal::Value;

use super::{Known, Told};
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
