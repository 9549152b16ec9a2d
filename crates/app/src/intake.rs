//! Documents on their way in, without a database: reading one here, and the child process that reads uploads.

use std::io::{Read, Write};

use bedrail_formats::limits::{LimitError, Limits, read_capped};
use bedrail_formats::sbom::{self, ReadError};
use bedrail_formats::transfer::{self, TransferError};
use bedrail_model::component::Inventory;

/// A document that could not be read, or whose content could not be passed on.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// It is larger than allowed, or standard input broke.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It is not a bill of materials that is read here.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its content could not be passed on.
    #[error(transparent)]
    Transfer(#[from] TransferError),
}

impl IntakeError {
    /// The message and what to do about it, taken apart: the readers write both in one line.
    pub fn message_and_hint(&self) -> (String, Option<String>) {
        let text = self.to_string();
        match text.split_once("; hint: ") {
            Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
            None => (text, None),
        }
    }
}

/// Reads a bill of materials of any format, compressed or not.
///
/// # Errors
/// [`IntakeError`] when it cannot be read at all; what is wrong in parts is among the inventory's warnings.
pub fn read_sbom(bytes: &[u8]) -> Result<Inventory, IntakeError> {
    Ok(sbom::read(bytes, &Limits::default())?)
}

/// Reads one upload and passes its content on: what the child process of the server does. The parent sets the limits
/// on memory and time before it hands over the first byte.
///
/// # Errors
/// [`IntakeError`] when it cannot be read or passed on.
pub fn parse_upload(input: impl Read, output: impl Write) -> Result<(), IntakeError> {
    let bytes = read_capped(input, &Limits::default())?;
    let inventory = read_sbom(&bytes)?;
    drop(bytes);
    Ok(transfer::write(&inventory, output)?)
}
