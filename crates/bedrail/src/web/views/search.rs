//! What the search found.

use bedrail_app::search::{Found, Hit};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::found::{GroupWords, HitWords};

/// What was found for a text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundView {
    /// The text looked for.
    text: String,
    /// All hits of all kinds, exactly.
    total: u64,
    /// Whether the text names weaknesses or a package, so that `GET /affected` answers it.
    question: bool,
    /// The one right hit, where there is one: the only one, or the only one of that whole name.
    only: Option<HitView>,
    /// Kinds of which something was found.
    groups: Vec<GroupView>,
}

/// What was found of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    /// `device`, `weakness`, `component`, `maker`, `release`, `person`.
    kind: &'static str,
    /// All of it, exactly.
    total: u64,
    /// The best of it, the best first.
    hits: Vec<HitView>,
}

/// One hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// `device`, `weakness`, `component`, `maker`, `release`, `person`.
    kind: &'static str,
    /// Its id: of a device, a release, a person; of a weakness its own; of a component and a maker the name.
    id: String,
    /// Its name.
    name: String,
    /// What it is and where it stands, in words.
    detail: String,
    /// How it stands in words, where that asks for anything.
    state: Option<String>,
    /// Its page, on the same server.
    page: String,
}

impl HitView {
    fn of(hit: &Hit) -> HitView {
        let (kind, id) = match hit {
            Hit::Device { row, .. } => ("device", row.id.to_string()),
            Hit::Weakness { weakness, .. } => ("weakness", weakness.id.clone()),
            Hit::Component { name, .. } => ("component", name.clone()),
            Hit::Maker { name, .. } => ("maker", name.clone()),
            Hit::Release { id, .. } => ("release", id.to_string()),
            Hit::Person(member) => ("person", member.id.to_string()),
        };
        let words = HitWords::of(hit);
        let state = words.mark.map(|(_, word)| word);
        HitView { kind, id, name: words.title, detail: words.detail, state, page: words.link }
    }
}

impl FoundView {
    /// The view of what was found.
    pub(crate) fn of(found: &Found) -> FoundView {
        let groups = found.groups.iter().map(|group| {
            let words = GroupWords::of(group, &found.text);
            GroupView {
                kind: words.code,
                total: words.total,
                hits: group.hits.iter().map(HitView::of).collect(),
            }
        });
        FoundView {
            text: found.text.clone(),
            total: found.total(),
            question: found.question,
            only: found.only().map(HitView::of),
            groups: groups.collect(),
        }
    }
}
