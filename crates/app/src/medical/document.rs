//! A document with advisories: one in CSAF, or a list of what makers say.

use bedrail_formats::csaf::{self, CsafError};
use bedrail_formats::limits::Limits;
use bedrail_formats::product_list::{self, ListError};
use bedrail_model::component::Warning;
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_model::product_advisory::{ProductAdvisory, Tlp};
use sha2::{Digest as _, Sha256};

/// Endings of files that may be a list.
const LIST_ENDINGS: &[&str] = &["yml", "yaml", "md", "csv"];

/// A document, read.
#[derive(Debug)]
pub(super) struct Document {
    /// The publisher's id; the name of the file for a list, which has none.
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) version: String,
    /// When it was released, as written.
    pub(super) released: Option<String>,
    pub(super) advisories: Vec<ProductAdvisory>,
    /// Rows of a list.
    pub(super) rows: Option<usize>,
    /// What could not be read of it.
    pub(super) lost: Vec<Warning>,
}

/// Whether a file may have advisories, by its ending.
pub(super) fn may_be(ending: &str) -> bool {
    ending == "json" || LIST_ENDINGS.contains(&ending)
}

/// Whether a name is one that lists have.
pub(super) fn may_be_list(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    LIST_ENDINGS.contains(&ending.as_str())
}

/// Reads a document. Its name says which of the two it may be.
///
/// # Errors
/// In words: it is neither, cannot be read, or may not be shown to everybody here.
pub(super) fn read(name: &str, content: &[u8]) -> Result<Document, String> {
    let limits = Limits::default();
    if may_be_list(name) {
        match product_list::read(content, &limits) {
            Ok(list) => return Ok(list_document(name, list)),
            Err(ListError::Unknown) if !csaf::looks_like(&String::from_utf8_lossy(content)) => {
                return Err(ListError::Unknown.to_string());
            }
            Err(ListError::Unknown) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let advisory = csaf::read(content, &limits).map_err(|error: CsafError| error.to_string())?;
    match advisory.tlp {
        Tlp::Clear | Tlp::Unstated | Tlp::Green => Ok(csaf_document(advisory)),
        Tlp::Amber | Tlp::AmberStrict | Tlp::Red => Err(format!(
            "it is marked {}, and what is taken in here is shown to every organisation of the installation",
            advisory.tlp
        )),
    }
}

/// Whether a file is no list at all: text that happens to stand in the same folder.
pub(super) fn is_other_text(name: &str, content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    may_be_list(name) && !product_list::looks_like(&text) && !csaf::looks_like(&text)
}

fn csaf_document(advisory: ProductAdvisory) -> Document {
    Document {
        name: advisory.id.clone(),
        namespace: advisory.publisher.namespace.clone(),
        version: advisory.version.clone(),
        released: advisory.released.clone(),
        rows: None,
        lost: advisory.warnings.iter().filter(|it| it.lost).cloned().collect(),
        advisories: vec![advisory],
    }
}

fn list_document(name: &str, list: product_list::ProductList) -> Document {
    // Its parts have no names of their own: that of the file tells them apart.
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    Document {
        name: file.to_owned(),
        namespace: list.namespace.to_owned(),
        version: String::new(),
        released: list.released,
        rows: Some(list.rows),
        lost: list.warnings.into_iter().filter(|it| it.lost).collect(),
        advisories: list.advisories,
    }
}

/// The id of what a publisher gave an id.
pub(super) fn id_of(namespace: &str, name: &str) -> ProductAdvisoryId {
    let digest = Sha256::digest(format!("{namespace}\u{1f}{name}").as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    ProductAdvisoryId::from_digest(id)
}
