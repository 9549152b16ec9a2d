//! What a line looks like, so that its format can be told.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::why::Why;

/// What a line looks like.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// JSON with these fields.
    Json(Keys),
    /// It begins as CEF does.
    Cef,
    /// Something else.
    Text,
}

/// Fields by which formats of JSON are told apart. They are keys of the document itself: what stands inside of a text,
/// which an attacker may have written, is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) event_type: bool,
    pub(super) time_stamp: bool,
    pub(super) unix_timestamp: bool,
    pub(super) rule: bool,
    pub(super) agent: bool,
}

#[derive(Deserialize)]
struct Root {
    event_type: Option<IgnoredAny>,
    transaction: Option<Transaction>,
    rule: Option<IgnoredAny>,
    agent: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Transaction {
    time_stamp: Option<IgnoredAny>,
    unix_timestamp: Option<IgnoredAny>,
}

impl Shape {
    /// What a line looks like; JSON that is broken is known for it here.
    pub(super) fn of(text: &str) -> Result<Shape, Why> {
        if text.starts_with("CEF:") {
            return Ok(Shape::Cef);
        }
        if !text.starts_with('{') {
            return Ok(Shape::Text);
        }
        let root: Root = serde_json::from_str(text).map_err(|error| Why::json(&error))?;
        let (time_stamp, unix_timestamp) = root
            .transaction
            .map_or((false, false), |it| (it.time_stamp.is_some(), it.unix_timestamp.is_some()));
        Ok(Shape::Json(Keys {
            event_type: root.event_type.is_some(),
            time_stamp,
            unix_timestamp,
            rule: root.rule.is_some(),
            agent: root.agent.is_some(),
        }))
    }
}
