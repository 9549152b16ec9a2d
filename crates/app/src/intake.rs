//! Documents on their way in, without a database: reading one here, and the child process that reads uploads.

use std::io::{BufRead, Read, Write};
use std::path::PathBuf;

use bedrail_formats::device_list::{self, DeviceListError, Mapping, MappingError};
use bedrail_formats::exposure::{self, ExposureError};
use bedrail_formats::limits::{LimitError, Limits, read_capped};
use bedrail_formats::sbom::{self, ReadError};
use bedrail_formats::sra_tool;
use bedrail_formats::transfer::{self, TransferError};
use bedrail_formats::vex::transfer::BrokenText;
use bedrail_formats::vex::{self, VexError};
use bedrail_model::component::Inventory;
use bedrail_model::exposure::Vantage;
use jiff::Timestamp;

use crate::scan::upload;

/// Bytes of the line that says how columns are mapped: all columns that a list may have, each renamed.
const ORDER_BYTES: u64 = 1 << 20;

/// A document that could not be read, or whose content could not be passed on.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// It is larger than allowed, or standard input broke.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It is not a bill of materials that is read here.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not a device list that is read here.
    #[error(transparent)]
    Devices(#[from] DeviceListError),
    /// A column is mapped to what is no field.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What stands before a device list is not how its columns are mapped, or before a file not its name.
    #[error("what stands before the document cannot be read: {0}")]
    Order(#[from] serde_json::Error),
    /// It is no VEX document that is read here.
    #[error(transparent)]
    Vex(#[from] VexError),
    /// It is no evidence of exposure that is read here.
    #[error(transparent)]
    Exposure(#[from] ExposureError),
    /// Its words cannot be read.
    #[error(transparent)]
    Words(#[from] bedrail_words::WordsError),
    /// Its content could not be passed on.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// Its statements could not be passed on.
    #[error(transparent)]
    VexTransfer(#[from] BrokenText),
}

impl IntakeError {
    /// The message and what to do about it, taken apart: the readers write both in one line.
    pub fn message_and_hint(&self) -> (String, Option<String>) {
        crate::error::message_and_hint(&self.to_string())
    }
}

/// Reads a bill of materials of any format, compressed or not.
///
/// # Errors
/// [`IntakeError`] when it cannot be read at all; what is wrong in parts is among the inventory's warnings.
pub fn read_sbom(bytes: &[u8]) -> Result<Inventory, IntakeError> {
    Ok(sbom::read(bytes, &Limits::default())?)
}

/// Reads one bill of materials and passes its content on: what the child process of the server does. The parent sets the
/// limits on memory and time before it hands over the first byte.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_upload(input: impl Read, output: impl Write) -> Result<(), IntakeError> {
    let bytes = read_capped(input, &Limits::default())?;
    let inventory = read_sbom(&bytes)?;
    drop(bytes);
    Ok(transfer::write(&inventory, output)?)
}

/// Reads one device list and passes its content on, as [`parse_upload`] does. On the line before the list stands how its
/// columns are mapped: a JSON array of texts `HEADER=FIELD`.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_devices(mut input: impl BufRead, output: impl Write) -> Result<(), IntakeError> {
    let limits = Limits::default();
    let mut order = Vec::new();
    input.by_ref().take(ORDER_BYTES).read_until(b'\n', &mut order).map_err(LimitError::from)?;
    let pairs: Vec<String> = serde_json::from_slice(&order)?;
    let mapping = mapping(&pairs)?;
    let bytes = read_capped(input, &limits)?;
    let list = device_list::read(&bytes, &mapping, &limits)?;
    drop(bytes);
    Ok(device_list::transfer::write(&list, output)?)
}

/// Scans one file and passes what is inside of it on, as [`parse_upload`] does. On the line before the file stand its name
/// and a folder to put it into, as two JSON texts in a list.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn scan_upload(mut input: impl BufRead, output: impl Write) -> Result<(), IntakeError> {
    let mut order = Vec::new();
    input.by_ref().take(ORDER_BYTES).read_until(b'\n', &mut order).map_err(LimitError::from)?;
    let (name, folder): (String, PathBuf) = serde_json::from_slice(&order)?;
    let inventory = upload::scan(&name, &folder, input).map_err(LimitError::from)?;
    Ok(transfer::write(&inventory, output)?)
}

/// Reads one VEX document and passes it on, as [`parse_upload`] does.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_vex(input: impl Read, mut output: impl Write) -> Result<(), IntakeError> {
    let limits = Limits::default();
    let bytes = read_capped(input, &limits)?;
    let document = vex::read(&bytes, &limits)?;
    drop(bytes);
    let text = vex::transfer::document_text(&document)?;
    Ok(output.write_all(text.as_bytes()).map_err(LimitError::from)?)
}

/// Reads the words of one PDF or DOCX and passes them on, as [`parse_upload`] does: a JSON array of the text and of what is not in it.
///
/// # Errors
/// [`IntakeError`] when they cannot be read or passed on.
pub fn parse_words(input: impl Read, mut output: impl Write) -> Result<(), IntakeError> {
    let bytes = read_capped(input, &Limits::default())?;
    let words = bedrail_words::read(&bytes)?;
    drop(bytes);
    let text = serde_json::to_vec(&(words.text, words.left_out))?;
    Ok(output.write_all(&text).map_err(LimitError::from)?)
}

/// Limits on evidence of exposure.
pub(crate) fn evidence_limits() -> Limits {
    Limits { rows: crate::exposure::MOST_PIECES, ..Limits::default() }
}

/// Reads one file with evidence of exposure and passes it on, as [`parse_upload`] does. On the line before the file stand from
/// where somebody looked and when it was received, as two JSON texts in a list.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_exposure(mut input: impl BufRead, output: impl Write) -> Result<(), IntakeError> {
    let limits = evidence_limits();
    let mut order = Vec::new();
    input.by_ref().take(ORDER_BYTES).read_until(b'\n', &mut order).map_err(LimitError::from)?;
    let (vantage, received): (String, String) = serde_json::from_slice(&order)?;
    let vantage = Vantage::from_code(&vantage).unwrap_or_default();
    // Only the server writes it; what is no time makes every time in the file unknown.
    let received = received.parse().unwrap_or(Timestamp::MIN);
    let bytes = read_capped(input, &limits)?;
    let list = exposure::read(&bytes, vantage, received, &limits)?;
    drop(bytes);
    Ok(exposure::transfer::write(&list, output)?)
}

/// Reads one workbook of the SRA tool and passes its content on: what the child process of the server does.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_sra(input: impl Read, output: impl Write) -> Result<(), IntakeError> {
    let bytes = read_capped(input, &sra_tool::LIMITS)?;
    let book = sra_tool::read(&bytes, &sra_tool::LIMITS)?;
    drop(bytes);
    Ok(sra_tool::transfer::write(&book, output)?)
}

/// How columns are mapped, from texts `HEADER=FIELD`.
pub(crate) fn mapping(pairs: &[String]) -> Result<Mapping, MappingError> {
    let mut mapping = Mapping::default();
    for pair in pairs {
        mapping.add(pair)?;
    }
    Ok(mapping)
}
