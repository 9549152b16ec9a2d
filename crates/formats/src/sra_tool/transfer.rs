//! A workbook as bytes between two of our own processes: one object of JSON, checked by who reads it.

use std::io::Write;

use bedrail_model::component::Warning;
use serde::{Deserialize, Serialize};

use super::{Answer, Threat, Workbook};
use crate::transfer::TransferError;

/// The version of the object.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Whole {
    version: u32,
    answers: Vec<[String; 5]>,
    threats: Vec<[String; 5]>,
    unknown: Vec<String>,
    warnings: Vec<(String, String, bool)>,
}

/// Writes a workbook.
///
/// # Errors
/// When the pipe breaks.
pub fn write(book: &Workbook, mut out: impl Write) -> Result<(), TransferError> {
    let answer =
        |it: &Answer| [&it.place, &it.question, &it.response, &it.reference, &it.note].map(String::clone);
    let threat = |it: &Threat| {
        [&it.place, &it.threat, &it.vulnerability, &it.likelihood, &it.impact].map(String::clone)
    };
    let whole = Whole {
        version: VERSION,
        answers: book.answers.iter().map(answer).collect(),
        threats: book.threats.iter().map(threat).collect(),
        unknown: book.unknown.clone(),
        warnings: book.warnings.iter().map(|it| (it.place.clone(), it.message.clone(), it.lost)).collect(),
    };
    let text = serde_json::to_vec(&whole).map_err(|source| TransferError::Line { line: 1, source })?;
    out.write_all(&text)?;
    Ok(out.flush()?)
}

/// Reads a workbook that the other process wrote.
///
/// # Errors
/// [`TransferError`] for anything but that.
pub fn read(bytes: &[u8]) -> Result<Workbook, TransferError> {
    let whole: Whole =
        serde_json::from_slice(bytes).map_err(|source| TransferError::Line { line: 1, source })?;
    if whole.version != VERSION {
        return Err(TransferError::NotWhole("another version of the program wrote it"));
    }
    let answer = |[place, question, response, reference, note]: [String; 5]| Answer {
        place,
        question,
        response,
        reference,
        note,
    };
    let threat = |[place, threat, vulnerability, likelihood, impact]: [String; 5]| Threat {
        place,
        threat,
        vulnerability,
        likelihood,
        impact,
    };
    Ok(Workbook {
        answers: whole.answers.into_iter().map(answer).collect(),
        threats: whole.threats.into_iter().map(threat).collect(),
        unknown: whole.unknown,
        warnings: whole
            .warnings
            .into_iter()
            .map(|(place, message, lost)| Warning { place, message, lost })
            .collect(),
    })
}
