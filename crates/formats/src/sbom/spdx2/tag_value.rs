//! SPDX 2 as tag-value: one `Tag: value` a line, texts of several lines between `<text>` and `</text>` (SPDX 2.3 §6, annex B).
//! Each package, file and relationship becomes the record that the JSON of the same document would have.

use std::borrow::Cow;

use bedrail_model::component::Inventory;

use super::Reader;
use crate::limits::Limits;
use crate::sbom::json::Document as _;
use crate::sbom::{Confidence, ReadError};
use crate::value::{Object, Place, Value};

/// What a tag's value is made into.
#[derive(Clone, Copy)]
enum Form {
    /// A text field.
    Text(&'static str),
    /// `SHA256: 0a1b`, an item of `checksums`.
    Checksum,
    /// `CATEGORY type locator`, an item of `externalRefs`.
    ExternalReference,
    /// It begins a record and names it.
    Begin(Kind, &'static str),
    /// It says nothing about which components there are.
    Immaterial,
    /// It begins a part that is not kept; the tags of that part all have names of their own.
    NotRead(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Document,
    Package,
    File,
}

/// Every tag that is looked at.
const TAGS: &[(&str, Form)] = &[
    ("SPDXVersion", Form::Text("spdxVersion")),
    ("DocumentName", Form::Text("name")),
    ("SPDXID", Form::Text("SPDXID")),
    ("PackageName", Form::Begin(Kind::Package, "name")),
    ("PackageVersion", Form::Text("versionInfo")),
    ("PackageSupplier", Form::Text("supplier")),
    ("PackageOriginator", Form::Text("originator")),
    ("PackageFileName", Form::Text("packageFileName")),
    ("PackageLicenseDeclared", Form::Text("licenseDeclared")),
    ("PackageLicenseConcluded", Form::Text("licenseConcluded")),
    ("PrimaryPackagePurpose", Form::Text("primaryPackagePurpose")),
    ("PackageChecksum", Form::Checksum),
    ("ExternalRef", Form::ExternalReference),
    ("FileName", Form::Begin(Kind::File, "fileName")),
    ("FileChecksum", Form::Checksum),
    ("LicenseConcluded", Form::Text("licenseConcluded")),
    ("SnippetSPDXID", Form::NotRead("snippets")),
    ("Annotator", Form::NotRead("annotations")),
    ("DataLicense", Form::Immaterial),
    ("DocumentNamespace", Form::Immaterial),
    ("DocumentComment", Form::Immaterial),
    ("CreatorComment", Form::Immaterial),
    ("ExternalDocumentRef", Form::Immaterial),
    ("LicenseListVersion", Form::Immaterial),
];

/// Beginnings of the tags that describe a package, file, snippet, licence or annotation further than is kept.
const IMMATERIAL: &[&str] = &[
    "Package",
    "File",
    "License",
    "Snippet",
    "Annotation",
    "Review",
    "Relationship",
    "ExternalRef",
    "Files",
    "Attribution",
    "Artifact",
    "Built",
    "Release",
    "Valid",
    "Extracted",
    "Copyright",
    "Notice",
    "SPDXREF",
    "SPDXCrossReference",
];

/// Certain by the tag of the version near the start, likely by a package's name.
pub(crate) fn sniff(text: &str) -> Confidence {
    let mut lines =
        text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some(line) if line.starts_with("SPDXVersion:") => Confidence::Certain,
        Some(line) if !line.starts_with(['{', '[', '<']) && line.contains(':') => {
            let mut near = lines.take(40);
            if near.any(|line| line.starts_with("SPDXVersion:")) {
                Confidence::Certain
            } else {
                Confidence::No
            }
        }
        _ => Confidence::No,
    }
}

pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Inventory, ReadError> {
    let mut lines = Lines {
        reader: Reader::new("tag-value", limits),
        kind: Kind::Document,
        record: Object::default(),
        creation: Object::default(),
        counts: [0; 3],
    };
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let (tag, value, taken) = tag_and_value(rest);
        lines.take(tag, value, line)?;
        line += memchr::memchr_iter(b'\n', &rest.as_bytes()[..taken]).count() as u32;
        rest = &rest[taken..];
    }
    lines.close()?;
    lines.reader.field("creationInfo", Value::Object(lines.creation))?;
    lines.reader.finish()
}

/// The next line's tag and value, and the bytes taken: several lines where the value is a `<text>`. The tag is empty for a
/// blank line or comment, and the value is `None` for a line without a tag.
fn tag_and_value(rest: &str) -> (&str, Option<&str>, usize) {
    let end = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |newline| newline + 1);
    let line = rest[..end].trim();
    if line.is_empty() || line.starts_with('#') {
        return ("", Some(""), end);
    }
    let Some((tag, value)) = line.split_once(':') else { return (line, None, end) };
    let value = value.trim();
    let Some(text) = value.strip_prefix("<text>") else { return (tag.trim_end(), Some(value), end) };
    if let Some(text) = text.strip_suffix("</text>") {
        return (tag.trim_end(), Some(text), end);
    }
    let start = text.as_ptr() as usize - rest.as_ptr() as usize;
    let Some(length) = memchr::memmem::find(&rest.as_bytes()[start..], b"</text>") else {
        return (tag.trim_end(), Some(text), end);
    };
    let after = start + length;
    let end =
        memchr::memchr(b'\n', &rest.as_bytes()[after..]).map_or(rest.len(), |newline| after + newline + 1);
    (tag.trim_end(), Some(&rest[start..after]), end)
}

/// Lines on their way to records.
struct Lines<'a> {
    reader: Reader<'a>,
    kind: Kind,
    record: Object<'a>,
    creation: Object<'a>,
    /// Packages, files and relationships so far.
    counts: [u32; 3],
}

impl<'a> Lines<'a> {
    fn take(&mut self, tag: &'a str, value: Option<&'a str>, line: u32) -> Result<(), ReadError> {
        let Some(value) = value else {
            self.reader.builder.warnings.lost(Place::Line(line), "no `Tag: value`: not read");
            return Ok(());
        };
        match tag {
            "" => return Ok(()),
            "Creator" => append(&mut self.creation, "creators", Value::Text(value.into())),
            "Created" => self.creation.fields.push((Cow::Borrowed("created"), Value::Text(value.into()))),
            "Relationship" => return self.relationship(value, line),
            "RelationshipComment" => {}
            _ => {
                let form = TAGS.iter().find(|(name, _)| *name == tag).map(|(_, form)| *form);
                match form {
                    Some(form) => return self.shape(form, value, line),
                    None if IMMATERIAL.iter().any(|start| tag.starts_with(start)) => {}
                    None => {
                        let message = "not a tag of SPDX 2: not read";
                        self.reader.builder.warnings.lost(Place::Line(line), message);
                    }
                }
            }
        }
        Ok(())
    }

    fn shape(&mut self, form: Form, value: &'a str, line: u32) -> Result<(), ReadError> {
        match form {
            Form::Begin(kind, field) => {
                self.close()?;
                self.kind = kind;
                self.record.line = line;
                self.record.fields.push((Cow::Borrowed(field), Value::Text(value.into())));
            }
            Form::NotRead(what) => {
                self.reader.not_read.insert(what.to_owned());
            }
            Form::Immaterial => {}
            Form::Text(field) if self.kind == Kind::Document => {
                self.reader.field(field, Value::Text(value.into()))?;
            }
            Form::Text(field) => self.record.fields.push((Cow::Borrowed(field), Value::Text(value.into()))),
            Form::Checksum => {
                let (algorithm, digest) = value.split_once(':').unwrap_or((value, ""));
                let item = record(line, [("algorithm", algorithm), ("checksumValue", digest.trim())]);
                append(&mut self.record, "checksums", item);
            }
            Form::ExternalReference => {
                let mut words = value.split_whitespace().skip(1);
                let (kind, locator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let item = record(line, [("referenceType", kind), ("referenceLocator", locator)]);
                append(&mut self.record, "externalRefs", item);
            }
        }
        Ok(())
    }

    fn relationship(&mut self, value: &'a str, line: u32) -> Result<(), ReadError> {
        let mut words = value.split_whitespace();
        let mut word = || words.next().unwrap_or_default();
        let (from, kind, to) = (word(), word(), word());
        let fields = [("spdxElementId", from), ("relationshipType", kind), ("relatedSpdxElement", to)];
        self.hand_over("relationships", 2, record(line, fields))
    }

    /// Hand the record over that is open.
    fn close(&mut self) -> Result<(), ReadError> {
        let record = Value::Object(std::mem::take(&mut self.record));
        match self.kind {
            Kind::Package => self.hand_over("packages", 0, record),
            Kind::File => self.hand_over("files", 1, record),
            Kind::Document => Ok(()),
        }
    }

    fn hand_over(&mut self, list: &'static str, count: usize, record: Value<'a>) -> Result<(), ReadError> {
        let index = self.counts[count];
        self.counts[count] += 1;
        self.reader.item(list, index, record)
    }
}

fn record<'a, const N: usize>(line: u32, fields: [(&'static str, &'a str); N]) -> Value<'a> {
    let fields = fields.map(|(name, value)| (Cow::Borrowed(name), Value::Text(value.into())));
    Value::Object(Object { fields: fields.into(), line })
}

/// Add an item to a list of a record.
fn append<'a>(object: &mut Object<'a>, list: &'static str, item: Value<'a>) {
    let known = object.fields.iter_mut().find(|(name, _)| name == list);
    match known {
        Some((_, Value::List(items))) => items.push(item),
        _ => object.fields.push((Cow::Borrowed(list), Value::List(vec![item]))),
    }
}
