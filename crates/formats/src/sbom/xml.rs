//! XML documents, record by record, each as the [`Value`] that the JSON of the same document would give, so that a format
//! has one reading. No document type declaration is read, hence no entity but the five of XML itself (XML 1.0 §4.6).

use std::borrow::Cow;

use bedrail_model::text::harmless;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::ReadError;
use super::json::Document;
use crate::value::{Object, Place, Value, Warnings};

/// How the XML of a format differs from its JSON.
pub(crate) struct Shape {
    /// Whether a namespace is the format's own; elements of others are extensions and skipped.
    pub(crate) owns: fn(&str) -> bool,
    /// Elements that stand for a list, and the name of their items.
    pub(crate) lists: &'static [(&'static str, &'static str)],
    /// Elements whose children are a list in which each item is an object named after the child (a choice).
    pub(crate) choices: &'static [&'static str],
    /// Elements that may stand several times inside one, and the list they form: (parent, child, list).
    pub(crate) repeated: &'static [(&'static str, &'static str, &'static str)],
    /// Elements that are objects even where they hold nothing or only text.
    pub(crate) records: &'static [&'static str],
}

/// The first element of an XML document: its local name and namespace. Declarations and comments before it are passed over.
pub(crate) fn root_element(text: &str) -> Option<(String, String)> {
    let mut reader = NsReader::from_str(text);
    loop {
        match reader.read_resolved_event().ok()? {
            (namespace, Event::Start(start) | Event::Empty(start)) => {
                let name = start.local_name().into_inner().to_owned();
                return Some((name, namespace_text(&namespace).unwrap_or_default().to_owned()));
            }
            (_, Event::Eof) => return None,
            (_, Event::Text(text)) if !text.trim().is_empty() => return None,
            _ => {}
        }
    }
}

/// Hand an XML document over: attributes and children of its root, and the items of its top-level lists.
pub(crate) fn read<'a, D: Document<'a>>(
    text: &'a str,
    shape: &'static Shape,
    depth: usize,
    document: &mut D,
) -> Result<(), ReadError> {
    let mut source = Source { reader: NsReader::from_str(text), text, shape, depth, counted: 0, line: 1 };
    let (root, empty) = loop {
        match source.next()? {
            Piece::Start { start, empty, .. } => break (start, empty),
            Piece::Text(text) if !text.trim().is_empty() => {
                return Err(source.error("text before the first element"));
            }
            Piece::End | Piece::DocumentEnd => return Err(source.error("the document has no element")),
            Piece::Text(_) => {}
        }
    };
    for (name, value) in source.attributes(&root, document.warnings())? {
        document.field(&name, Value::Text(value))?;
    }
    if !empty {
        while let Some(child) = source.child(document.warnings())? {
            source.top(&child, document)?;
        }
    }
    Ok(())
}

struct Source<'a> {
    reader: NsReader<&'a [u8]>,
    text: &'a str,
    shape: &'static Shape,
    depth: usize,
    /// Bytes whose lines are counted, and the line that they end on.
    counted: usize,
    line: u32,
}

/// What an event means to us.
enum Piece<'a> {
    Start { start: BytesStart<'a>, empty: bool, own: bool, offset: usize },
    Text(Cow<'a, str>),
    End,
    DocumentEnd,
}

/// An element that has begun.
struct Element<'a> {
    name: String,
    start: BytesStart<'a>,
    empty: bool,
    line: u32,
    offset: usize,
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Result<Piece<'a>, ReadError> {
        loop {
            let offset = self.reader.buffer_position() as usize;
            let (namespace, event) = match self.reader.read_resolved_event() {
                Ok((namespace, event)) => (namespace_text(&namespace).map(self.shape.owns), event),
                Err(error) => return Err(self.parser_error(&error)),
            };
            let own = namespace.unwrap_or(true);
            match event {
                Event::Start(start) => return Ok(Piece::Start { start, empty: false, own, offset }),
                Event::Empty(start) => return Ok(Piece::Start { start, empty: true, own, offset }),
                Event::Text(text) => return Ok(Piece::Text(text.xml10_content())),
                Event::CData(text) => return Ok(Piece::Text(text.xml10_content())),
                Event::GeneralRef(reference) => return Ok(Piece::Text(self.resolve(&reference)?)),
                Event::DocType(_) => {
                    return Err(ReadError::DocumentType { place: format!("line {}", self.line_at(offset)) });
                }
                Event::End(_) => return Ok(Piece::End),
                Event::Eof => return Ok(Piece::DocumentEnd),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<Cow<'a, str>, ReadError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => return Ok(Cow::Owned(character.to_string())),
            Err(error) => return Err(self.error(&error.to_string())),
            Ok(None) => {}
        }
        let name = reference.xml10_content();
        let resolved = quick_xml::escape::resolve_predefined_entity(&name);
        resolved
            .map(Cow::Borrowed)
            .ok_or_else(|| self.error(&format!("the entity `&{name};` is not declared")))
    }

    /// The next child of the element that is open, or `None` at its end. Text between children has no meaning.
    fn child(&mut self, warnings: &mut Warnings) -> Result<Option<Element<'a>>, ReadError> {
        loop {
            match self.next()? {
                Piece::End => return Ok(None),
                Piece::DocumentEnd => return Err(self.error("the document is cut off")),
                Piece::Text(_) => {}
                Piece::Start { start, empty, own, offset } => {
                    if let Some(element) = self.own(start, empty, own, offset, warnings)? {
                        return Ok(Some(element));
                    }
                }
            }
        }
    }

    fn own(
        &mut self,
        start: BytesStart<'a>,
        empty: bool,
        own: bool,
        offset: usize,
        warnings: &mut Warnings,
    ) -> Result<Option<Element<'a>>, ReadError> {
        let line = self.line_at(offset);
        if own {
            let name = start.local_name().into_inner().to_owned();
            return Ok(Some(Element { name, start, empty, line, offset }));
        }
        let name = start.name().into_inner();
        warnings.mended(Place::Line(line), format!("the element `{name}` belongs to an extension: not read"));
        if !empty {
            self.skip(&start)?;
        }
        Ok(None)
    }

    fn skip(&mut self, start: &BytesStart<'a>) -> Result<(), ReadError> {
        match self.reader.read_to_end(start.name()) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.parser_error(&error)),
        }
    }

    /// A child of the root.
    fn top<D: Document<'a>>(&mut self, element: &Element<'a>, document: &mut D) -> Result<(), ReadError> {
        let known = |lists: &[&'static str]| lists.iter().copied().find(|list| *list == element.name);
        if let Some(list) = known(D::LISTS) {
            let mut index = 0;
            while !element.empty
                && let Some(item) = self.child(document.warnings())?
            {
                let known = self.shape.lists.iter().any(|(name, it)| *name == list && *it == item.name);
                let value = self.value(&item, 2, document.warnings())?;
                if known {
                    document.item(list, index, value)?;
                    index += 1;
                } else {
                    let message = format!("`{}` inside `{list}`: not read", item.name);
                    document.warnings().lost(Place::Line(item.line), message);
                }
            }
        } else if known(D::RAW_LISTS).is_some() {
            while !element.empty
                && let Some(item) = self.child(document.warnings())?
            {
                if !item.empty {
                    self.skip(&item.start)?;
                }
                let end = self.reader.buffer_position() as usize;
                document.raw_item(self.text.get(item.offset..end).unwrap_or_default());
            }
        } else {
            let value = self.value(element, 1, document.warnings())?;
            document.field(&element.name, value)?;
        }
        Ok(())
    }

    /// A whole element.
    fn value(
        &mut self,
        element: &Element<'a>,
        depth: usize,
        warnings: &mut Warnings,
    ) -> Result<Value<'a>, ReadError> {
        if depth > self.depth {
            return Err(ReadError::TooDeep { place: format!("line {}", element.line), limit: self.depth });
        }
        let attributes = self.attributes(&element.start, warnings)?;
        let (text, children) =
            if element.empty { Default::default() } else { self.content(depth, warnings)? };
        Ok(self.assemble(element, attributes, text, children, warnings))
    }

    /// Text and children of an element, up to its end.
    #[expect(clippy::type_complexity, reason = "the two parts of mixed content")]
    fn content(
        &mut self,
        depth: usize,
        warnings: &mut Warnings,
    ) -> Result<(Cow<'a, str>, Vec<(String, Value<'a>)>), ReadError> {
        let mut text = Cow::Borrowed("");
        let mut children = Vec::new();
        loop {
            match self.next()? {
                Piece::End => return Ok((text, children)),
                Piece::DocumentEnd => return Err(self.error("the document is cut off")),
                Piece::Text(more) if text.is_empty() => text = more,
                Piece::Text(more) => text.to_mut().push_str(&more),
                Piece::Start { start, empty, own, offset } => {
                    if let Some(child) = self.own(start, empty, own, offset, warnings)? {
                        let value = self.value(&child, depth + 1, warnings)?;
                        children.push((child.name, value));
                    }
                }
            }
        }
    }

    /// The value that the JSON of the same document would have.
    fn assemble(
        &self,
        element: &Element<'a>,
        attributes: Vec<(String, Cow<'a, str>)>,
        text: Cow<'a, str>,
        children: Vec<(String, Value<'a>)>,
        warnings: &mut Warnings,
    ) -> Value<'a> {
        let shape = self.shape;
        let name = element.name.as_str();
        if shape.choices.contains(&name) {
            let item = |(name, value)| object(element.line, vec![(Cow::Owned(name), value)]);
            return Value::List(children.into_iter().map(item).collect());
        }
        if let Some((_, item)) = shape.lists.iter().find(|(list, _)| *list == name)
            && (children.is_empty() || children.iter().any(|(name, _)| name == item))
        {
            return Value::List(items(children, item, element, warnings));
        }
        if attributes.is_empty() && children.is_empty() && !shape.records.contains(&name) {
            return Value::Text(text);
        }
        let mut fields: Vec<(Cow<'a, str>, Value<'a>)> =
            attributes.into_iter().map(|(name, value)| (Cow::Owned(name), Value::Text(value))).collect();
        if children.is_empty() && !text.trim().is_empty() {
            fields.push((Cow::Borrowed("content"), Value::Text(text)));
        }
        for (child, value) in children {
            let list = shape.repeated.iter().find(|(parent, it, _)| *parent == name && *it == child);
            match list {
                Some((_, _, list)) => append(&mut fields, Cow::Borrowed(list), value, true),
                None => append(&mut fields, Cow::Owned(child), value, false),
            }
        }
        object(element.line, fields)
    }

    fn attributes(
        &mut self,
        start: &BytesStart<'a>,
        warnings: &mut Warnings,
    ) -> Result<Vec<(String, Cow<'a, str>)>, ReadError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => {
                    let line = self.line_at(self.reader.buffer_position() as usize);
                    warnings.lost(Place::Line(line), format!("an attribute is broken: {error}"));
                    continue;
                }
            };
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
                Ok(value) => value.into_owned(),
                Err(error) => return Err(self.error(&error.to_string())),
            };
            attributes.push((attribute.key.local_name().into_inner().to_owned(), Cow::Owned(value)));
        }
        Ok(attributes)
    }

    fn line_at(&mut self, offset: usize) -> u32 {
        let offset = offset.min(self.text.len());
        if offset > self.counted {
            let lines = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.counted..offset]).count();
            self.line += lines as u32;
            self.counted = offset;
        }
        self.line
    }

    /// An error of ours, at the last byte that was read.
    fn error(&mut self, detail: &str) -> ReadError {
        self.error_at(self.reader.buffer_position(), detail)
    }

    /// An error of the parser, where it says that it is.
    fn parser_error(&mut self, error: &quick_xml::Error) -> ReadError {
        self.error_at(self.reader.error_position(), &error.to_string())
    }

    fn error_at(&self, position: u64, detail: &str) -> ReadError {
        let at = (position as usize).min(self.text.len());
        let before = &self.text.as_bytes()[..at];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = at - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1;
        let place = format!("line {line} column {column}");
        ReadError::Syntax { encoding: "XML", place, detail: harmless(detail).into_owned() }
    }
}

fn object<'a>(line: u32, fields: Vec<(Cow<'a, str>, Value<'a>)>) -> Value<'a> {
    Value::Object(Object { fields, line })
}

/// The items of a list; what is no item is a warning.
fn items<'a>(
    children: Vec<(String, Value<'a>)>,
    item: &str,
    element: &Element<'_>,
    warnings: &mut Warnings,
) -> Vec<Value<'a>> {
    let mut items = Vec::with_capacity(children.len());
    for (name, value) in children {
        if name == item {
            items.push(value);
        } else {
            let message = format!("`{name}` inside `{}`: not read", element.name);
            warnings.lost(Place::Line(element.line), message);
        }
    }
    items
}

/// Add a field; a name that comes again becomes a list.
fn append<'a>(fields: &mut Vec<(Cow<'a, str>, Value<'a>)>, name: Cow<'a, str>, value: Value<'a>, list: bool) {
    // The same name comes in a row, so the last field is the one to look at; this keeps long elements linear.
    match fields.last_mut() {
        Some((last, Value::List(values))) if *last == name => values.push(value),
        Some((last, first)) if *last == name => {
            let first = std::mem::replace(first, Value::Null);
            fields.pop();
            fields.push((name, Value::List(vec![first, value])));
        }
        _ if list => fields.push((name, Value::List(vec![value]))),
        _ => fields.push((name, value)),
    }
}

fn namespace_text<'n>(namespace: &ResolveResult<'n>) -> Option<&'n str> {
    match namespace {
        ResolveResult::Bound(namespace) => Some(namespace.into_inner()),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
    }
}
