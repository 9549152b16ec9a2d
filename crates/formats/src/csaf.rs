//! Security advisories in the Common Security Advisory Framework, CSAF 2.0 and 2.1, as JSON.
//!
//! The reading is lenient: what cannot be understood is skipped and listed with its place (a JSON pointer), so that one
//! slip of a publisher does not hide a warning. What is skipped is never read as "not affected".
//! Specification: <https://docs.oasis-open.org/csaf/csaf/v2.1/csaf-v2.1.html>.

use std::borrow::Cow;

use bedrail_model::product_advisory::{Link, Note, ProductAdvisory, Publisher, Tlp};

use crate::decode::{Decoded, decode};
use crate::limits::{LimitError, Limits, expand};
use crate::value::{Node, Place, Value, Warnings, text_of};

pub mod provider;
mod tree;
mod weakness;

/// Versions of the specification that are read.
pub const VERSIONS: &[&str] = &["2.0", "2.1"];

/// Bytes of one document: CSAF 2.1 appendix C.1 asks programs to take 15 MB, which this doubles.
pub const MAX_BYTES: u64 = 32 << 20;

/// Products and relations of one document, and items of any of its lists: CSAF 2.1 appendix C.2 allows 100,000 of each.
pub const MAX_ITEMS: usize = 100_000;

/// A document that is not read, and why.
#[derive(Debug, thiserror::Error)]
pub enum CsafError {
    /// It is larger than any advisory.
    #[error("the document has more than {MAX_BYTES} bytes, as no CSAF document has; it was not read")]
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
    #[error(
        "this is no CSAF document: {missing}; hint: a CSAF document is JSON with `/document/csaf_version`"
    )]
    NotCsaf {
        /// What it lacks.
        missing: &'static str,
    },
    /// It is CSAF of a version that is not known here.
    #[error("this is CSAF {version}, which is not read; hint: CSAF 2.0 and 2.1 are")]
    UnknownVersion {
        /// As written.
        version: String,
    },
    /// It has no id, by which it could be told from others.
    #[error("the CSAF document has no `/document/tracking/id`; hint: ask its publisher for a complete one")]
    NoId,
    /// Too many of something.
    #[error("the document has more than {MAX_ITEMS} {what}; it was not read further")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
}

/// Read a CSAF document, compressed or not.
///
/// # Errors
/// It is no CSAF document, or none that can be read; see [`CsafError`].
pub fn read(bytes: &[u8], limits: &Limits) -> Result<ProductAdvisory, CsafError> {
    let limits = &Limits { bytes_expanded: limits.bytes_expanded.min(MAX_BYTES), ..*limits };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(CsafError::TooLarge);
    }
    let expanded = expand(bytes, limits)?;
    let Decoded { text, note } = decode(&expanded, None);
    let mut warnings = Warnings::new(limits);
    if let Some(note) = note {
        warnings.push("", note.message, note.lost);
    }
    let root: Value<'_> = serde_json::from_str(&text).map_err(|error| syntax_error(&error))?;
    let root = Node::of(&root, Place::Root, &mut warnings)
        .ok_or(CsafError::NotCsaf { missing: "it is no JSON object" })?;
    let mut advisory = read_root(&root, &mut warnings)?;
    advisory.warnings = warnings.finish();
    Ok(advisory)
}

/// Read a document that is parsed; its warnings stay with the caller.
pub(crate) fn read_root(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<ProductAdvisory, CsafError> {
    let mut advisory = read_head(root, warnings)?;
    let mut tree = tree::read(root, warnings)?;
    advisory.weaknesses = weakness::read(root, &tree, warnings)?;
    advisory.products = std::mem::take(&mut tree.products);
    Ok(advisory)
}

/// Whether a text looks like a CSAF document: JSON that names the field which only CSAF has.
pub fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"csaf_version\"")
}

pub(crate) fn syntax_error(error: &serde_json::Error) -> CsafError {
    let message = error.to_string();
    let detail = message.split(" at line ").next().unwrap_or_default();
    let detail = match (error.is_eof(), detail) {
        (true, _) => format!("{detail}; the document is cut off"),
        (false, "recursion limit exceeded") => {
            "it nests deeper than 128 levels, as no advisory needs".to_owned()
        }
        (false, _) => detail.to_owned(),
    };
    CsafError::Syntax { line: error.line(), column: error.column(), detail }
}

/// Everything of `/document`: CSAF 2.1 §3.2.2.
fn read_head(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<ProductAdvisory, CsafError> {
    let document =
        root.object("document", warnings).ok_or(CsafError::NotCsaf { missing: "it has no `/document`" })?;
    let version = document
        .text("csaf_version", warnings)
        .ok_or(CsafError::NotCsaf { missing: "it has no `/document/csaf_version`" })?;
    if !VERSIONS.contains(&&*version) {
        return Err(CsafError::UnknownVersion { version: version.chars().take(40).collect() });
    }
    let tracking = document.object("tracking", warnings).ok_or(CsafError::NoId)?;
    let id = tracking.text("id", warnings).ok_or(CsafError::NoId)?;
    let tlp = read_tlp(&document, warnings);
    let mut advisory = ProductAdvisory {
        id: id.into_owned(),
        title: owned(document.text("title", warnings)),
        format: format!("CSAF {version}"),
        profile: owned(document.text("category", warnings)),
        publisher: read_publisher(&document, warnings),
        status: owned(tracking.text("status", warnings)),
        version: owned(tracking.text("version", warnings)),
        first_released: tracking.text("initial_release_date", warnings).map(Cow::into_owned),
        released: tracking.text("current_release_date", warnings).map(Cow::into_owned),
        tlp,
        severity_text: document
            .object("aggregate_severity", warnings)
            .and_then(|it| it.text("text", warnings).map(Cow::into_owned)),
        notes: read_notes(&document, warnings)?,
        links: read_links(&document, warnings)?,
        ..ProductAdvisory::default()
    };
    if advisory.title.is_empty() {
        warnings.mended("/document/title", "the document has no title: its id is taken");
        advisory.title.clone_from(&advisory.id);
    }
    Ok(advisory)
}

fn read_publisher(document: &Node<'_, '_>, warnings: &mut Warnings) -> Publisher {
    let Some(publisher) = document.object("publisher", warnings) else {
        warnings.lost("/document/publisher", "the document does not say who publishes it");
        return Publisher::default();
    };
    Publisher {
        name: owned(publisher.text("name", warnings)),
        category: owned(publisher.text("category", warnings)),
        namespace: owned(publisher.text("namespace", warnings)),
        contact: publisher.text("contact_details", warnings).map(Cow::into_owned),
    }
}

/// The mark of `/document/distribution/tlp`. One that is not known counts as the strictest: it cannot do harm.
fn read_tlp(document: &Node<'_, '_>, warnings: &mut Warnings) -> Tlp {
    let Some(distribution) = document.object("distribution", warnings) else { return Tlp::Unstated };
    let Some(tlp) = distribution.object("tlp", warnings) else { return Tlp::Unstated };
    let Some(label) = tlp.text("label", warnings) else { return Tlp::Unstated };
    Tlp::from_word(&label).unwrap_or_else(|| {
        let message = format!("`{label}` is no TLP mark: the document is treated as TLP:RED");
        warnings.mended(tlp.place.field("label"), message);
        Tlp::Red
    })
}

/// The notes of the document or of a weakness.
fn read_notes(parent: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Vec<Note>, CsafError> {
    let mut notes = Vec::new();
    each(parent, "notes", warnings, |note, warnings| {
        if let Some(text) = note.text("text", warnings) {
            notes.push(Note {
                category: owned(note.text("category", warnings)),
                title: note.text("title", warnings).map(Cow::into_owned),
                text: text.into_owned(),
            });
        }
        Ok(())
    })?;
    Ok(notes)
}

fn read_links(document: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Vec<Link>, CsafError> {
    let mut links = Vec::new();
    each(document, "references", warnings, |link, warnings| {
        if let Some(url) = link.text("url", warnings) {
            links.push(Link { summary: owned(link.text("summary", warnings)), url: url.into_owned() });
        }
        Ok(())
    })?;
    Ok(links)
}

/// Call `visit` with each object of a list, up to the limit.
fn each<'a>(
    parent: &Node<'_, 'a>,
    name: &'static str,
    warnings: &mut Warnings,
    visit: impl FnMut(Node<'_, 'a>, &mut Warnings) -> Result<(), CsafError>,
) -> Result<(), CsafError> {
    if matches!(parent.object.get(name), Some(Value::List(items)) if items.len() > MAX_ITEMS) {
        return Err(CsafError::TooMany { what: name });
    }
    parent.each(name, warnings, visit)
}

/// The texts of a list in an object, owned.
fn texts(parent: &Node<'_, '_>, name: &str, warnings: &mut Warnings) -> Vec<String> {
    parent.texts(name, warnings).into_iter().map(Cow::into_owned).collect()
}

fn owned(text: Option<Cow<'_, str>>) -> String {
    text.map_or_else(String::new, Cow::into_owned)
}

/// The text of a value of a list.
fn text_at(value: &Value<'_>, place: Place<'_>, warnings: &mut Warnings) -> Option<String> {
    text_of(value, place, warnings).map(Cow::into_owned)
}
