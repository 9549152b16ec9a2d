//! Notices.

use bedrail_app::notices::{Kind, Notice, Pace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// Id.
    id: String,
    /// The stable code of its kind.
    kind: String,
    /// In one line.
    title: String,
    /// In a few sentences.
    detail: String,
    /// The page that says more.
    link: String,
    /// When, RFC 3339.
    created: String,
    /// Whether the visitor has not seen it yet.
    new: bool,
}

impl NoticeView {
    /// The view of a notice.
    pub(crate) fn of(notice: &Notice, new: bool) -> NoticeView {
        NoticeView {
            id: notice.id.to_string(),
            kind: notice.kind.clone(),
            title: notice.title.clone(),
            detail: notice.detail.clone(),
            link: notice.link.clone(),
            created: notice.created.to_string(),
            new,
        }
    }
}

/// How often the visitor hears of a kind of notice by mail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoiceView {
    /// The stable code of the kind.
    kind: &'static str,
    /// What it tells of.
    words: &'static str,
    /// `now`, `daily`, `never`.
    pace: &'static str,
}

impl ChoiceView {
    /// The view of a choice.
    pub(crate) fn of(kind: &'static Kind, pace: Pace) -> ChoiceView {
        ChoiceView { kind: kind.code, words: kind.words, pace: pace.code() }
    }
}

/// How often to hear of a kind of notice by mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choose {
    /// The stable code of the kind.
    pub(crate) kind: String,
    /// `now`, `daily`, `never`.
    pub(crate) pace: String,
}

/// Up to when the visitor has seen the notices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// The `created` of the newest notice seen, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) until: String,
}
