//! Bills of materials: adding one to a release, and the original documents.

use bedrail_model::component::Warning;
use bedrail_model::ids::{DocumentId, ReleaseId};

use crate::{Actor, Context, Error};

/// A bill of materials for a release.
#[derive(Debug, Clone)]
pub struct AddSbom {
    /// The file's name, for the record.
    pub file_name: String,
    /// The document as received.
    pub bytes: Vec<u8>,
    /// Maker; the document's subject where `None`.
    pub maker: Option<String>,
    /// Model; the document's subject where `None`.
    pub model: Option<String>,
    /// Version; the document's subject where `None`.
    pub version: Option<String>,
}

/// What was read, what was lost, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbomReceipt {
    /// The document as kept.
    pub document: DocumentId,
    /// The release it was added to.
    pub release: ReleaseId,
    /// `maker model version`, as stored.
    pub release_name: String,
    /// Whether the release is new.
    pub new_release: bool,
    /// Whether this very document was on this release already.
    pub unchanged: bool,
    /// Format and version: `CycloneDX 1.6 JSON`.
    pub format: String,
    /// Components without services.
    pub components: u64,
    /// Services.
    pub services: u64,
    /// Relations.
    pub relations: u64,
    /// Components that have no usable identifier.
    pub without_identifier: u64,
    /// What was mended or lost.
    pub warnings: Vec<Warning>,
    /// Weaknesses that affect the release.
    pub affected: u32,
    /// Weaknesses and components of which it cannot be told.
    pub cannot_tell: u32,
    /// Devices that run the release.
    pub devices: u64,
}

/// Keeps the document, reads it in a child process under limits, stores its content, judges it.
///
/// # Errors
/// [`Error::Invalid`] when it cannot be read, with the place and a hint; what the release had before stays.
pub async fn add(_ctx: &Context, _actor: &Actor, _command: AddSbom) -> Result<SbomReceipt, Error> {
    Err(Error::not_found("this"))
}

/// An original document: file name and bytes.
///
/// # Errors
/// [`Error::NotFound`] when there is none in the actor's organisation.
pub async fn document(_ctx: &Context, _actor: &Actor, _id: DocumentId) -> Result<(String, Vec<u8>), Error> {
    Err(Error::not_found("this"))
}
