//! What was read of weaknesses and sources, for the next component: bills lead to the same ones again and again.

use std::collections::HashMap;
use std::sync::Arc;

use bedrail_model::finding::Weakness;
use bedrail_vulndb::{GroupRef, ReadError, SourceRef};

use super::data::Current;
use super::error::FeedError;

/// Weaknesses and sources of one state of the data.
#[derive(Debug, Default)]
pub(super) struct Known {
    weaknesses: HashMap<GroupRef, Arc<Weakness>>,
    sources: HashMap<SourceRef, Arc<str>>,
}

impl Known {
    /// Weaknesses kept at a time, some 600 bytes each.
    const WEAKNESSES: usize = 16_384;

    /// What is known of a weakness.
    pub(super) fn weakness(
        &mut self,
        current: &Current,
        group: GroupRef,
    ) -> Result<Arc<Weakness>, FeedError> {
        if let Some(known) = self.weaknesses.get(&group) {
            return Ok(Arc::clone(known));
        }
        if self.weaknesses.len() >= Self::WEAKNESSES {
            self.weaknesses.clear();
        }
        let weakness = Arc::new(current.weakness(group)?);
        self.weaknesses.insert(group, Arc::clone(&weakness));
        Ok(weakness)
    }

    /// The name of a source.
    pub(super) fn source(&mut self, current: &Current, source: SourceRef) -> Result<Arc<str>, ReadError> {
        if let Some(known) = self.sources.get(&source) {
            return Ok(Arc::clone(known));
        }
        let name: Arc<str> = current.db.source(source)?.into();
        self.sources.insert(source, Arc::clone(&name));
        Ok(name)
    }
}
