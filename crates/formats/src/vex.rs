//! Statements on weaknesses in products (VEX): OpenVEX, CSAF and CycloneDX, read into one document and written from it.
//!
//! The reading is lenient: what cannot be understood is skipped and listed with its place, and never read as "not
//! affected". Wrappings (a DSSE envelope, an in-toto attestation, a Sigstore bundle) are opened; signatures are not
//! checked here, and that is said. `docs/vex.md` has the mapping of the words.

use bedrail_model::product_advisory::ProductIdentifiers;
use bedrail_model::vex::{Document, Product};

use crate::csaf::{CsafError, syntax_error};
use crate::decode::{Decoded, decode};
use crate::limits::{LimitError, Limits, expand};
use crate::value::{Node, Object, Place, Value, Warnings};

mod csaf;
mod cyclonedx;
mod openvex;
pub mod transfer;
mod words;
mod wrapping;
mod write;

pub use write::{WriteError, Written, write};

/// Bytes of one document: as many as an advisory in CSAF may have.
pub const MAX_BYTES: u64 = crate::csaf::MAX_BYTES;

/// Statements of one document, and products of all of them together.
pub const MAX_ITEMS: usize = 100_000;

/// A format of VEX, for reading and writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// OpenVEX: statements alone.
    OpenVex,
    /// The VEX profile of CSAF.
    Csaf,
    /// The vulnerabilities of a CycloneDX document.
    CycloneDx,
}

/// What is known of a format.
#[derive(Debug)]
pub struct FormatRow {
    /// Which.
    pub format: Format,
    /// Its name.
    pub name: &'static str,
    /// The word for it on the command line and in addresses.
    pub code: &'static str,
    /// Versions that are read.
    pub reads: &'static [&'static str],
    /// The version that is written.
    pub writes: &'static str,
    recognises: fn(&Object<'_>) -> bool,
}

/// All formats, in the order in which they are tried.
pub const FORMATS: [FormatRow; 3] = [
    FormatRow {
        format: Format::Csaf,
        name: "CSAF",
        code: "csaf",
        reads: crate::csaf::VERSIONS,
        writes: "2.0",
        recognises: |root| matches!(root.get("document"), Some(Value::Object(it)) if it.get("csaf_version").is_some()),
    },
    FormatRow {
        format: Format::CycloneDx,
        name: "CycloneDX",
        code: "cyclonedx",
        reads: &["1.4", "1.5", "1.6", "1.7"],
        writes: "1.6",
        recognises: |root| matches!(root.get("bomFormat"), Some(Value::Text(it)) if it.eq_ignore_ascii_case("CycloneDX")),
    },
    FormatRow {
        format: Format::OpenVex,
        name: "OpenVEX",
        code: "openvex",
        reads: &["0.0.1", "0.0.2", "0.2.0"],
        writes: "0.2.0",
        recognises: openvex::recognises,
    },
];

impl Format {
    /// What is known of it.
    pub fn row(self) -> &'static FormatRow {
        let at = match self {
            Format::Csaf => 0,
            Format::CycloneDx => 1,
            Format::OpenVex => 2,
        };
        &FORMATS[at]
    }

    /// The format of a code.
    pub fn from_code(code: &str) -> Option<Format> {
        FORMATS.iter().find(|row| row.code == code).map(|row| row.format)
    }
}

/// A document that is not read, and why.
#[derive(Debug, thiserror::Error)]
pub enum VexError {
    /// It is larger than any.
    #[error("the document has more than {MAX_BYTES} bytes, as no VEX document has; it was not read")]
    TooLarge,
    /// Its compression is broken, or a bomb.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Its JSON is broken.
    #[error("the JSON is broken at line {line} column {column}: {detail}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        detail: String,
    },
    /// It is something else.
    #[error("{what}; hint: VEX is read as OpenVEX, CSAF or CycloneDX, in JSON")]
    NotVex {
        /// What it is, or what it lacks.
        what: String,
    },
    /// Too many of something.
    #[error("the document has more than {MAX_ITEMS} {what}; it was not read further")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
    /// It is CSAF, and not as it should be.
    #[error(transparent)]
    Csaf(#[from] CsafError),
}

/// Read a document, compressed, wrapped or plain.
///
/// # Errors
/// It is no VEX document, or none that can be read; see [`VexError`].
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Document, VexError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(VexError::TooLarge);
    }
    let limits = &Limits { bytes_expanded: limits.bytes_expanded.min(MAX_BYTES), ..*limits };
    let expanded = expand(bytes, limits)?;
    let Decoded { text, note } = decode(&expanded, None);
    let mut warnings = Warnings::new(limits);
    if let Some(note) = note {
        warnings.push("", note.message, note.lost);
    }
    let mut document = read_text(&text, &[], 0, &mut warnings)?;
    document.warnings = warnings.finish();
    Ok(document)
}

/// Read a text; `subjects` are what a wrapping says it is about, for statements that name no product themselves.
fn read_text(
    text: &str,
    subjects: &[Product],
    wrapped: usize,
    warnings: &mut Warnings,
) -> Result<Document, VexError> {
    if let Some(what) = no_json(text) {
        return Err(VexError::NotVex { what: what.to_owned() });
    }
    let root: Value<'_> = serde_json::from_str(text).map_err(|error| match syntax_error(&error) {
        CsafError::Syntax { line, column, detail } => VexError::Syntax { line, column, detail },
        other => other.into(),
    })?;
    read_value(&root, subjects, wrapped, warnings)
}

fn read_value(
    root: &Value<'_>,
    subjects: &[Product],
    wrapped: usize,
    warnings: &mut Warnings,
) -> Result<Document, VexError> {
    let root = Node::of(root, Place::Root, warnings)
        .ok_or_else(|| VexError::NotVex { what: "this is no JSON object".to_owned() })?;
    if let Some(found) = wrapping::open(&root, subjects, wrapped, warnings) {
        return found;
    }
    let row = FORMATS.iter().find(|row| (row.recognises)(root.object));
    let row = row.ok_or_else(|| VexError::NotVex { what: unknown(&root) })?;
    let mut document = match row.format {
        Format::Csaf => csaf::read(&root, warnings)?,
        Format::CycloneDx => cyclonedx::read(&root, warnings)?,
        Format::OpenVex => openvex::read(&root, warnings)?,
    };
    for statement in document.statements.iter_mut().filter(|it| it.products.is_empty()) {
        statement.products.extend_from_slice(subjects);
    }
    Ok(document)
}

/// What a text is that cannot be JSON.
fn no_json(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    match start.chars().next() {
        None => Some("the document is empty"),
        Some('{' | '[') => None,
        Some('<') if start.contains("cyclonedx.org") => {
            Some("this is CycloneDX as XML, which is not read as VEX")
        }
        Some('<') => Some("this is XML"),
        Some(_) => Some("this is no JSON"),
    }
}

fn unknown(root: &Node<'_, '_>) -> String {
    let names: Vec<String> = root
        .object
        .fields
        .iter()
        .take(8)
        .map(|(name, _)| format!("`{}`", bedrail_model::text::harmless(name.get(..60).unwrap_or(name))))
        .collect();
    format!("this is no VEX document: a JSON object with {}", names.join(", "))
}

/// Keep count of something that is read.
fn count(items: usize, what: &'static str) -> Result<(), VexError> {
    if items > MAX_ITEMS { Err(VexError::TooMany { what }) } else { Ok(()) }
}

/// A hash in one spelling for all formats: `sha256:…`, `sha3-256:…`, in lower case.
fn hash(algorithm: &str, value: &str) -> String {
    let algorithm = algorithm.trim().to_ascii_lowercase();
    let algorithm = match algorithm.strip_prefix("sha-") {
        Some(bits) => format!("sha{bits}"),
        None => algorithm,
    };
    format!("{algorithm}:{}", value.trim().to_ascii_lowercase())
}

/// Identifiers that a text is by itself: a package URL or a CPE.
fn identifiers_of(text: &str) -> ProductIdentifiers {
    let mut found = ProductIdentifiers::default();
    if text.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("pkg:")) {
        found.purls.push(text.to_owned());
    } else if text.starts_with("cpe:") {
        found.cpes.push(text.to_owned());
    }
    found
}
