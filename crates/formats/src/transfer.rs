//! An inventory as bytes between two of our own processes: an upload is parsed in a child process with limits, and the
//! result comes back this way. Lines of JSON, so that neither side holds it twice; not a format for anyone else.
//!
//! The reader trusts nothing: the child has handled a hostile document. Indices are checked, and a stream without its
//! last line is refused.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;

use bedrail_model::component::{
    Component, ComponentIndex, ComponentKind, Inventory, KnownGap, Relation, RelationKind, Warning,
};
use serde::{Deserialize, Serialize};

use crate::limits::{LimitError, Limits};

/// The version of the lines; both sides are the same program, so another version means a mixed installation.
const VERSION: u32 = 1;

/// Relations per line.
const RELATIONS_PER_LINE: usize = 4096;

/// A transfer that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The pipe broke.
    #[error("what was read of the document could not be passed on: {0}")]
    Io(#[from] io::Error),
    /// A line is not one of ours.
    #[error("line {line} of what was read of the document is broken: {source}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The stream ends early, or says something impossible.
    #[error("what was read of the document is not whole: {0}")]
    NotWhole(&'static str),
    /// Too much of something.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

#[derive(Serialize, Deserialize)]
enum Line<'a> {
    #[serde(borrow)]
    Head(Head<'a>),
    #[serde(borrow)]
    Component(Box<ComponentLine<'a>>),
    Relations(Vec<(u32, u8, u32)>),
    Gap(Option<u32>, Cow<'a, str>),
    #[serde(borrow)]
    Statement(Cow<'a, str>),
    Warning(Cow<'a, str>, Cow<'a, str>, bool),
    End,
}

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    transfer: u32,
    #[serde(borrow)]
    format: Cow<'a, str>,
    #[serde(borrow)]
    format_version: Cow<'a, str>,
    #[serde(borrow)]
    encoding: Cow<'a, str>,
    document_name: Option<Cow<'a, str>>,
    created: Option<Cow<'a, str>>,
    authors: Cow<'a, [String]>,
    subject: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct ComponentLine<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    reference: Cow<'a, str>,
    group: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    version: Option<Cow<'a, str>>,
    purl: Option<Cow<'a, str>>,
    cpes: Cow<'a, [String]>,
    other_identifiers: Cow<'a, [(String, String)]>,
    hashes: Cow<'a, [(String, String)]>,
    licences: Cow<'a, [String]>,
    supplier: Option<Cow<'a, str>>,
    locations: Cow<'a, [String]>,
    parent: Option<u32>,
    #[serde(borrow)]
    place: Cow<'a, str>,
}

/// Write an inventory.
pub fn write(inventory: &Inventory, out: impl Write) -> Result<(), TransferError> {
    let mut out = io::BufWriter::new(out);
    put(&mut out, &Line::Head(head(inventory)))?;
    for component in &inventory.components {
        put(&mut out, &Line::Component(Box::new(ComponentLine::from(component))))?;
    }
    for relations in inventory.relations.chunks(RELATIONS_PER_LINE) {
        let rows = relations.iter().map(|it| (it.from.0, relation_code(it.kind), it.to.0)).collect();
        put(&mut out, &Line::Relations(rows))?;
    }
    for gap in &inventory.known_gaps {
        put(&mut out, &Line::Gap(gap.component.map(|it| it.0), Cow::Borrowed(&gap.statement)))?;
    }
    for statement in &inventory.statements {
        put(&mut out, &Line::Statement(Cow::Borrowed(statement)))?;
    }
    for it in &inventory.warnings {
        put(&mut out, &Line::Warning(Cow::Borrowed(&it.place), Cow::Borrowed(&it.message), it.lost))?;
    }
    put(&mut out, &Line::End)?;
    Ok(out.flush()?)
}

/// Writes one line.
pub(crate) fn put(out: &mut impl Write, line: &impl Serialize) -> Result<(), TransferError> {
    serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

/// Read an inventory that [`write()`] wrote, with the limits on components and relations.
pub fn read(input: impl Read, limits: &Limits) -> Result<Inventory, TransferError> {
    let mut inventory = None;
    each_line(input, limits, |number, bytes| {
        let line =
            serde_json::from_slice(bytes).map_err(|source| TransferError::Line { line: number, source })?;
        match (line, &mut inventory) {
            (Line::Head(head), None) => inventory = Some(begin(head)?),
            (Line::End, Some(_)) => return Ok(ControlFlow::Break(())),
            (line, Some(inventory)) => take(line, inventory, limits)?,
            (_, None) => return Err(TransferError::NotWhole("it does not begin with its head")),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let inventory = inventory.unwrap_or_default();
    check_indices(&inventory)?;
    Ok(inventory)
}

/// Hands over line by line, with its number from 1, until one is said to be the last.
pub(crate) fn each_line(
    input: impl Read,
    limits: &Limits,
    mut take: impl FnMut(usize, &[u8]) -> Result<ControlFlow<()>, TransferError>,
) -> Result<(), TransferError> {
    let mut input = BufReader::new(input).take(limits.bytes_expanded.saturating_mul(4));
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            return Err(TransferError::NotWhole("it ends before its last line"));
        }
        if take(number, &bytes)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn begin(head: Head<'_>) -> Result<Inventory, TransferError> {
    if head.transfer != VERSION {
        return Err(TransferError::NotWhole("it was written by another version of the program"));
    }
    Ok(Inventory {
        format: head.format.into_owned(),
        format_version: head.format_version.into_owned(),
        encoding: head.encoding.into_owned(),
        document_name: head.document_name.map(Cow::into_owned),
        created: head.created.map(Cow::into_owned),
        authors: head.authors.into_owned(),
        subject: head.subject.map(ComponentIndex),
        ..Inventory::default()
    })
}

fn take(line: Line<'_>, inventory: &mut Inventory, limits: &Limits) -> Result<(), TransferError> {
    match line {
        Line::Component(component) => {
            if inventory.components.len() >= limits.components {
                return Err(LimitError::TooMany { what: "components", limit: limits.components }.into());
            }
            inventory.components.push(Component::try_from(*component)?);
        }
        Line::Relations(rows) => {
            if inventory.relations.len() + rows.len() > limits.relations {
                return Err(LimitError::TooMany { what: "relations", limit: limits.relations }.into());
            }
            for (from, kind, to) in rows {
                let kind =
                    relation_kind(kind).ok_or(TransferError::NotWhole("a relation of no known kind"))?;
                inventory.relations.push(Relation {
                    from: ComponentIndex(from),
                    kind,
                    to: ComponentIndex(to),
                });
            }
        }
        Line::Gap(component, statement) => inventory
            .known_gaps
            .push(KnownGap { component: component.map(ComponentIndex), statement: statement.into_owned() }),
        Line::Statement(statement) => inventory.statements.push(statement.into_owned()),
        Line::Warning(place, message, lost) => {
            inventory.warnings.push(Warning {
                place: place.into_owned(),
                message: message.into_owned(),
                lost,
            });
        }
        Line::Head(_) | Line::End => return Err(TransferError::NotWhole("a second head")),
    }
    Ok(())
}

/// Every index must lead to a component, and a parent must stand before its child so that no chain is endless.
fn check_indices(inventory: &Inventory) -> Result<(), TransferError> {
    let count = inventory.components.len();
    let inside = |index: ComponentIndex| (index.0 as usize) < count;
    let whole = inventory.subject.is_none_or(inside)
        && inventory.relations.iter().all(|it| inside(it.from) && inside(it.to))
        && inventory.known_gaps.iter().all(|gap| gap.component.is_none_or(inside))
        && inventory
            .components
            .iter()
            .enumerate()
            .all(|(at, it)| it.parent.is_none_or(|up| (up.0 as usize) < at));
    if whole { Ok(()) } else { Err(TransferError::NotWhole("an index leads nowhere")) }
}

fn head(inventory: &Inventory) -> Head<'_> {
    Head {
        transfer: VERSION,
        format: Cow::Borrowed(&inventory.format),
        format_version: Cow::Borrowed(&inventory.format_version),
        encoding: Cow::Borrowed(&inventory.encoding),
        document_name: borrowed(&inventory.document_name),
        created: borrowed(&inventory.created),
        authors: Cow::Borrowed(&inventory.authors),
        subject: inventory.subject.map(|it| it.0),
    }
}

impl<'a> From<&'a Component> for ComponentLine<'a> {
    fn from(component: &'a Component) -> Self {
        ComponentLine {
            kind: Cow::Borrowed(component.kind.code()),
            reference: Cow::Borrowed(&component.reference),
            group: borrowed(&component.group),
            name: Cow::Borrowed(&component.name),
            version: borrowed(&component.version),
            purl: borrowed(&component.purl),
            cpes: Cow::Borrowed(&component.cpes),
            other_identifiers: Cow::Borrowed(&component.other_identifiers),
            hashes: Cow::Borrowed(&component.hashes),
            licences: Cow::Borrowed(&component.licences),
            supplier: borrowed(&component.supplier),
            locations: Cow::Borrowed(&component.locations),
            parent: component.parent.map(|it| it.0),
            place: Cow::Borrowed(&component.place),
        }
    }
}

impl TryFrom<ComponentLine<'_>> for Component {
    type Error = TransferError;

    fn try_from(line: ComponentLine<'_>) -> Result<Self, TransferError> {
        Ok(Component {
            kind: ComponentKind::from_code(&line.kind)
                .ok_or(TransferError::NotWhole("a component of no known kind"))?,
            reference: line.reference.into_owned(),
            group: line.group.map(Cow::into_owned),
            name: line.name.into_owned(),
            version: line.version.map(Cow::into_owned),
            purl: line.purl.map(Cow::into_owned),
            cpes: line.cpes.into_owned(),
            other_identifiers: line.other_identifiers.into_owned(),
            hashes: line.hashes.into_owned(),
            licences: line.licences.into_owned(),
            supplier: line.supplier.map(Cow::into_owned),
            locations: line.locations.into_owned(),
            parent: line.parent.map(ComponentIndex),
            place: line.place.into_owned(),
        })
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

const RELATION_KINDS: [RelationKind; 5] = [
    RelationKind::DependsOn,
    RelationKind::Contains,
    RelationKind::Describes,
    RelationKind::GeneratedFrom,
    RelationKind::Other,
];

fn relation_code(kind: RelationKind) -> u8 {
    RELATION_KINDS.iter().position(|it| *it == kind).map_or(u8::MAX, |at| at as u8)
}

fn relation_kind(code: u8) -> Option<RelationKind> {
    RELATION_KINDS.get(usize::from(code)).copied()
}
