//! JSON documents, top-level list by top-level list: each item becomes a [`Value`] of its own and is let go before the
//! next one is read, so that a document of a million components never stands in memory as a tree.

use std::borrow::Cow;
use std::fmt;

use bedrail_model::text::harmless;
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::ReadError;
use crate::value::{Key, Value, ValueVisitor, Warnings};

/// How a format takes a document: fields of the root and items of its top-level lists, in document order.
pub(crate) trait Document<'a> {
    /// The top-level lists that are handed over item by item.
    const LISTS: &'static [&'static str];
    /// The top-level lists whose items are kept as they are written.
    const RAW_LISTS: &'static [&'static str];

    /// One item of a list of [`Document::LISTS`].
    fn item(&mut self, list: &'static str, index: u32, value: Value<'a>) -> Result<(), ReadError>;

    /// One item of a list of [`Document::RAW_LISTS`].
    fn raw_item(&mut self, text: &str);

    /// Where the encoding itself leaves its warnings.
    fn warnings(&mut self) -> &mut Warnings;

    /// Any other field of the root.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), ReadError>;
}

/// Hand a JSON document over.
pub(crate) fn read<'a, D: Document<'a>>(text: &'a str, document: &mut D) -> Result<(), ReadError> {
    let mut walk = Walk { document, at: None, stopped: None };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = deserializer.deserialize_map(Root(&mut walk)).and_then(|()| deserializer.end());
    let (at, stopped) = (walk.at, walk.stopped);
    match (result, stopped) {
        (_, Some(error)) => Err(error),
        (Ok(()), None) => Ok(()),
        (Err(error), None) => Err(syntax_error(&error, at)),
    }
}

/// What went wrong, where: line and column, and the item that was being read.
pub(super) fn syntax_error(
    error: &serde_json::Error,
    at: Option<(Cow<'static, str>, Option<u32>)>,
) -> ReadError {
    let pointer = match at {
        None => String::new(),
        Some((name, None)) => format!("/{}", harmless(&name)),
        Some((name, Some(index))) => format!("/{name}/{index}"),
    };
    let place = format!("line {} column {}", error.line(), error.column());
    let place = if pointer.is_empty() { place } else { format!("{place} (in {pointer})") };
    let message = error.to_string();
    if message.starts_with("recursion limit exceeded") {
        return ReadError::TooDeep { place, limit: 128 };
    }
    let detail = message.split(" at line ").next().unwrap_or_default().to_owned();
    let detail = if error.is_eof() { format!("{detail}; the document is cut off") } else { detail };
    ReadError::Syntax { encoding: "JSON", place, detail }
}

struct Walk<'w, D> {
    document: &'w mut D,
    at: Option<(Cow<'static, str>, Option<u32>)>,
    stopped: Option<ReadError>,
}

impl<D> Walk<'_, D> {
    /// Carry an error of the document out through the parser.
    fn check<E: serde::de::Error>(&mut self, result: Result<(), ReadError>) -> Result<(), E> {
        result.map_err(|error| {
            self.stopped = Some(error);
            E::custom("stopped")
        })
    }
}

struct Root<'r, 'w, D>(&'r mut Walk<'w, D>);

impl<'de, D: Document<'de>> Visitor<'de> for Root<'_, '_, D> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let walk = self.0;
        while let Some(Key(name)) = entries.next_key()? {
            let known = |lists: &[&'static str]| lists.iter().copied().find(|list| *list == name);
            walk.at = Some((Cow::Owned(name.to_string()), None));
            if let Some(list) = known(D::LISTS) {
                entries.next_value_seed(List { walk, list })?;
            } else if known(D::RAW_LISTS).is_some() {
                let raw: &'de RawValue = entries.next_value()?;
                match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
                    Ok(items) => items.iter().for_each(|item| walk.document.raw_item(item.get())),
                    Err(_) => walk.document.raw_item(raw.get()),
                }
            } else {
                let value = entries.next_value()?;
                let taken = walk.document.field(&name, value);
                walk.check(taken)?;
            }
            walk.at = None;
        }
        Ok(())
    }
}

/// A top-level list; whatever else stands in its place is handed over as a plain field.
struct List<'l, 'w, D> {
    walk: &'l mut Walk<'w, D>,
    list: &'static str,
}

impl<'de, D: Document<'de>> List<'_, '_, D> {
    fn field<E: serde::de::Error>(self, value: Value<'de>) -> Result<(), E> {
        let taken = self.walk.document.field(self.list, value);
        self.walk.check(taken)
    }
}

impl<'de, D: Document<'de>> DeserializeSeed<'de> for List<'_, '_, D> {
    type Value = ();

    fn deserialize<S: serde::Deserializer<'de>>(self, deserializer: S) -> Result<(), S::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, D: Document<'de>> Visitor<'de> for List<'_, '_, D> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            self.walk.at = Some((Cow::Borrowed(self.list), Some(index)));
            let Some(value) = items.next_element()? else { break };
            let taken = self.walk.document.item(self.list, index, value);
            self.walk.check(taken)?;
            index = index.checked_add(1).ok_or_else(|| A::Error::custom("too many items"))?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        let value = ValueVisitor.visit_map(entries)?;
        self.field(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.field(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<(), E> {
        self.field(Value::Bool(truth))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.field(Value::Number { text: number.to_string(), exact: true })
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.field(Value::Number { text: number.to_string(), exact: true })
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.field(Value::Number { text: number.to_string(), exact: false })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.field(Value::Text(text.to_owned().into()))
    }
}
