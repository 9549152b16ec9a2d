//! Who said what a component is that its bill gives without an identifier: part of the evidence of every answer on it.

use bedrail_model::text::squeezed;
use bedrail_store::View;
use bedrail_store::component_names::{self, NameRow};
use bedrail_store::software::SoftwareFacts;
use jiff::Timestamp;

use super::is_same;
use crate::Error;

/// Who said what a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The package URL or CPE name, without a version.
    pub identifier: String,
    /// Who said so, and by which way.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The decisions that components may be known by.
#[derive(Debug, Default)]
pub(crate) struct Deciders(Vec<NameRow>);

impl Deciders {
    /// Those of the organisation, where any of these components is known by one.
    pub(crate) async fn of<'s>(
        view: &View,
        mut shown: impl Iterator<Item = &'s SoftwareFacts> + Send,
    ) -> Result<Deciders, Error> {
        let any = shown.any(|facts| facts.confirmed);
        Ok(Deciders(if any { component_names::all(view).await? } else { Vec::new() }))
    }

    /// The decision that a component is known by, the newest where two suppliers' names lead to the same.
    pub(crate) fn on(&self, facts: &SoftwareFacts) -> Option<Identified> {
        if !facts.confirmed {
            return None;
        }
        // A group stands before the name.
        let name = squeezed(&facts.name).to_lowercase();
        let called = |row: &&NameRow| {
            let before = name.strip_suffix(row.name_key.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let means = |row: &&NameRow| {
            row.identifier.as_deref().is_some_and(|it| is_same(it, facts.purl.as_deref(), &facts.names))
        };
        let row = self.0.iter().filter(called).filter(means).max_by_key(|row| row.decided)?;
        let identifier = row.identifier.clone().unwrap_or_default();
        Some(Identified { identifier, by: row.author.clone(), at: row.decided })
    }
}
