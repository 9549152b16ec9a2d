//! An inventory as it is stored: the lines of `formats::transfer`, compressed.

use std::io::{Read as _, Write as _};

use bedrail_formats::limits::Limits;
use bedrail_formats::transfer;
use bedrail_model::component::Inventory;

use crate::Error;

/// Packs an inventory for the database.
pub(crate) fn pack(inventory: &Inventory) -> Result<Vec<u8>, Error> {
    let internal = |error: std::io::Error| Error::Internal(Box::new(error));
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    transfer::write(inventory, &mut packer).map_err(|error| Error::Internal(Box::new(error)))?;
    packer.flush().map_err(internal)?;
    packer.finish().map_err(internal)
}

/// Unpacks an inventory from the database. We packed it ourselves, but its size is bounded all the same.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Inventory, Error> {
    let limits = Limits::default();
    let unpacker = flate2::read::ZlibDecoder::new(bytes).take(limits.bytes_expanded.saturating_mul(4));
    transfer::read(unpacker, &limits).map_err(|error| Error::Internal(Box::new(error)))
}
