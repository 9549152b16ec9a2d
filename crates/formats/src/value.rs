//! One record of a document (a component, a relation) as a small tree, whatever it was written in, and the lenient
//! reading of its fields. JSON, XML and tag-value all become this, so that each format's meaning is written once.

use std::borrow::Cow;
use std::fmt;

use bedrail_model::component::Warning;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::limits::Limits;

/// A value as the document gives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number as text. `exact` is false where digits may have been lost (`1.10` reads as `1.1`).
    Number {
        text: String,
        exact: bool,
    },
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Object<'a>),
}

/// The named fields of a value, in document order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Object<'a> {
    pub(crate) fields: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The line it starts at; 0 in JSON, where the place is a pointer.
    pub(crate) line: u32,
}

impl<'a> Object<'a> {
    /// The last field of this name: what most JSON readers take where a name is repeated (RFC 8259 §4).
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// A name given twice. Looked for in objects of ordinary size only, since it compares each field with each.
    fn repeated_field(&self) -> Option<&str> {
        let fields = self.fields.get(..self.fields.len().min(64))?;
        (1..fields.len())
            .find(|&later| fields[..later].iter().any(|(name, _)| *name == fields[later].0))
            .map(|later| &*fields[later].0)
    }
}

impl Value<'_> {
    /// What it is, for warnings.
    fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number { .. } => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// Where a value stands: a JSON pointer (RFC 6901) or a line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    Root,
    Line(u32),
    Field(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) fn field(&'p self, name: &'p str) -> Place<'p> {
        match self {
            Place::Line(line) => Place::Line(*line),
            Place::Root | Place::Field(..) | Place::Item(..) => Place::Field(self, name),
        }
    }

    pub(crate) fn item(&'p self, index: usize) -> Place<'p> {
        match self {
            Place::Line(line) => Place::Line(*line),
            Place::Root | Place::Field(..) | Place::Item(..) => Place::Item(self, index),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root => Ok(()),
            Place::Line(line) => write!(f, "line {line}"),
            Place::Item(parent, index) => write!(f, "{parent}/{index}"),
            Place::Field(parent, name) if name.contains(['~', '/']) => {
                write!(f, "{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Place::Field(parent, name) => write!(f, "{parent}/{name}"),
        }
    }
}

/// Warnings up to a limit, and a count of the rest.
#[derive(Debug)]
pub(crate) struct Warnings {
    list: Vec<Warning>,
    kept: usize,
    more: usize,
    more_lost: bool,
    text_length: usize,
}

impl Warnings {
    pub(crate) fn new(limits: &Limits) -> Self {
        Warnings {
            list: Vec::new(),
            kept: limits.warnings,
            more: 0,
            more_lost: false,
            text_length: limits.text_length,
        }
    }

    /// Something was put right; the inventory holds all that the document says.
    pub(crate) fn mended(&mut self, place: impl fmt::Display, message: impl Into<String>) {
        self.push(place, message.into(), false);
    }

    /// Something the document says is missing from the inventory.
    pub(crate) fn lost(&mut self, place: impl fmt::Display, message: impl Into<String>) {
        self.push(place, message.into(), true);
    }

    pub(crate) fn push(&mut self, place: impl fmt::Display, message: String, lost: bool) {
        if self.list.len() < self.kept {
            self.list.push(Warning { place: place.to_string(), message, lost });
        } else {
            self.more += 1;
            self.more_lost |= lost;
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Warning> {
        if self.more > 0 {
            let message = format!("{} more warnings of this document are not listed", self.more);
            self.list.push(Warning { place: String::new(), message, lost: self.more_lost });
        }
        self.list
    }
}

/// An object together with its place, ready to be read field by field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'n, 'a> {
    pub(crate) object: &'n Object<'a>,
    pub(crate) place: Place<'n>,
}

impl<'n, 'a> Node<'n, 'a> {
    /// The value as an object; anything else is a warning.
    pub(crate) fn of(value: &'n Value<'a>, place: Place<'n>, warnings: &mut Warnings) -> Option<Self> {
        match value {
            Value::Object(object) => {
                if let Some(name) = object.repeated_field() {
                    warnings.mended(
                        place,
                        format!("the field `{name}` is given more than once; the last one is taken"),
                    );
                }
                let place = if object.line > 0 { Place::Line(object.line) } else { place };
                Some(Node { object, place })
            }
            Value::Null => None,
            // An empty XML element.
            Value::Text(text) if text.trim().is_empty() => None,
            other => {
                warnings.lost(place, format!("{} where an object is expected: not read", other.type_name()));
                None
            }
        }
    }

    /// Whether a field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| *value != Value::Null)
    }

    /// A text, trimmed; `None` where it is absent or empty. Numbers and booleans are taken by their digits, with a warning.
    pub(crate) fn text(&self, name: &str, warnings: &mut Warnings) -> Option<Cow<'a, str>> {
        let value = self.object.get(name)?;
        text_of(value, self.place.field(name), warnings)
    }

    /// An object inside this one.
    pub(crate) fn object(&'n self, name: &'n str, warnings: &mut Warnings) -> Option<Node<'n, 'a>> {
        let value = self.object.get(name)?;
        Node::of(value, self.place.field(name), warnings)
    }

    /// The text of a field of an object inside this one: `supplier.name`. A plain text in the object's stead is taken.
    pub(crate) fn text_in(&self, name: &str, inner: &str, warnings: &mut Warnings) -> Option<Cow<'a, str>> {
        match self.object.get(name)? {
            text @ Value::Text(_) => text_of(text, self.place.field(name), warnings),
            value => Node::of(value, self.place.field(name), warnings)?.text(inner, warnings),
        }
    }

    /// The values of a list; a single value in the list's stead is taken as a list of one, with a warning.
    pub(crate) fn list(&self, name: &str, warnings: &mut Warnings) -> &'n [Value<'a>] {
        match self.object.get(name) {
            None | Some(Value::Null) => &[],
            Some(Value::List(values)) => values,
            Some(single) => {
                // An empty XML element or a blank text stands for an empty list.
                if matches!(single, Value::Text(text) if text.trim().is_empty()) {
                    return &[];
                }
                let message =
                    format!("{} where a list is expected: taken as a list of one", single.type_name());
                warnings.mended(self.place.field(name), message);
                std::slice::from_ref(single)
            }
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, name: &str, warnings: &mut Warnings) -> Vec<Cow<'a, str>> {
        let place = self.place.field(name);
        let values = self.list(name, warnings).iter().enumerate();
        values.filter_map(|(index, value)| text_of(value, place.item(index), warnings)).collect()
    }

    /// Call `visit` with each object of a list; what is no object is a warning.
    pub(crate) fn each<E>(
        &self,
        name: &str,
        warnings: &mut Warnings,
        mut visit: impl FnMut(Node<'_, 'a>, &mut Warnings) -> Result<(), E>,
    ) -> Result<(), E> {
        let place = self.place.field(name);
        for (index, value) in self.list(name, warnings).iter().enumerate() {
            if let Some(node) = Node::of(value, place.item(index), warnings) {
                visit(node, warnings)?;
            }
        }
        Ok(())
    }
}

/// A text of any scalar; see [`Node::text`].
pub(crate) fn text_of<'a>(
    value: &Value<'a>,
    place: Place<'_>,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    let text = match value {
        Value::Null => return None,
        Value::Text(text) => text.clone(),
        Value::Number { text, exact: true } => {
            warnings.mended(place, format!("a number where a text is expected: taken as `{text}`"));
            Cow::Owned(text.clone())
        }
        Value::Number { text, exact: false } => {
            // 1.10 and 1.1 are different versions, and the wrong one would give a wrong answer.
            let message = format!(
                "a number where a text is expected: `{text}` may have had zeros at its end, so it is not read"
            );
            warnings.lost(place, message);
            return None;
        }
        Value::Bool(truth) => {
            warnings.mended(place, format!("{truth} where a text is expected: taken as a text"));
            Cow::Borrowed(if *truth { "true" } else { "false" })
        }
        // An XML element with attributes and text.
        Value::Object(object) if object.line > 0 && object.get("content").is_some() => {
            return object.get("content").and_then(|content| text_of(content, place, warnings));
        }
        Value::List(_) | Value::Object(_) => {
            warnings.lost(place, format!("{} where a text is expected: not read", value.type_name()));
            return None;
        }
    };
    let text = trim(text);
    if text.is_empty() { None } else { Some(cut(text, place, warnings)) }
}

fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn cut<'a>(text: Cow<'a, str>, place: Place<'_>, warnings: &mut Warnings) -> Cow<'a, str> {
    if text.len() <= warnings.text_length {
        return text;
    }
    let end = text.floor_char_boundary(warnings.text_length);
    warnings.lost(place, format!("a text of {} bytes: cut after {end}", text.len()));
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// A record as JSON again, for statements that are kept as they are written.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Number { text, .. } => match text.parse::<i64>() {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.serialize_f64(text.parse().unwrap_or(f64::NAN)),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Object(object) => {
                serializer.collect_map(object.fields.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

pub(crate) struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number { text: number.to_string(), exact: true })
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number { text: number.to_string(), exact: true })
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number { text: number.to_string(), exact: false })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value<'de>, A::Error> {
        let mut object = Object::default();
        while let Some(Key(name)) = entries.next_key()? {
            object.fields.push((name, entries.next_value()?));
        }
        Ok(Value::Object(object))
    }
}

/// A field's name, borrowed from the document where it has no escapes.
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
