//! The schema's shapes, as far as they are read. Private: nothing outside the parent sees them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// Text that borrows from the document unless it has escapes (`Cow` inside `Vec` and `Option` does not by itself).
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

#[derive(Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) aliases: Option<Vec<Text<'a>>>,
    pub(super) upstream: Option<Vec<Text<'a>>>,
    pub(super) related: Option<Vec<Text<'a>>>,
    pub(super) summary: Option<Text<'a>>,
    /// Long, and only looked at where there is no summary: kept as it stands.
    pub(super) details: Option<&'a serde_json::value::RawValue>,
    pub(super) published: Option<Text<'a>>,
    pub(super) modified: Option<Text<'a>>,
    pub(super) withdrawn: Option<Text<'a>>,
    pub(super) severity: Option<Vec<Rating<'a>>>,
    pub(super) affected: Option<Vec<Affected<'a>>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) database_specific: Option<RecordSpecific<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Rating<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) score: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct RecordSpecific<'a> {
    #[serde(borrow)]
    pub(super) severity: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Affected<'a> {
    #[serde(borrow)]
    pub(super) package: Option<Package<'a>>,
    pub(super) ranges: Option<Vec<Range<'a>>>,
    pub(super) versions: Option<Vec<Text<'a>>>,
    pub(super) severity: Option<Vec<Rating<'a>>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) database_specific: Option<AffectedSpecific<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Package<'a> {
    #[serde(borrow)]
    pub(super) ecosystem: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct AffectedSpecific<'a> {
    #[serde(borrow)]
    pub(super) last_known_affected_version_range: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Range<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub(super) introduced: Option<Text<'a>>,
    pub(super) fixed: Option<Text<'a>>,
    pub(super) last_affected: Option<Text<'a>>,
    pub(super) limit: Option<Text<'a>>,
}

/// What a page about a record shows and the index leaves out.
#[derive(Deserialize)]
pub(super) struct Prose<'a> {
    #[serde(borrow)]
    pub(super) details: Option<Text<'a>>,
    pub(super) references: Option<Vec<Link<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Link<'a> {
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
}

/// A text that was kept as it stands; none where it is no text.
pub(super) fn text(raw: &serde_json::value::RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(raw.get()).ok().map(|text| text.0)
}

/// `database_specific` is free for each source: what has another shape than the fields we know is passed over.
fn lenient<'de: 'a, 'a, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'a>,
    D: Deserializer<'de>,
{
    let raw: Option<&'de serde_json::value::RawValue> = Option::deserialize(deserializer)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}
