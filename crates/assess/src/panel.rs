//! Every record that names a component's package, with what each says, and the judgement on each weakness.
//!
//! The panel is made to be used again for the next component: on the way to "nothing found" it allocates nothing.

use std::ops::Range;

use bedrail_model::advisory::AffectedView;
use bedrail_model::advisory::pack::Malformed;
use bedrail_model::answer::{Answer, Reason};

use crate::evaluate::{Subject, evaluate, weight};

/// Records and what they say. `G` names a weakness (an alias group), `A` a record.
#[derive(Debug, Clone)]
pub struct Panel<'d, G, A> {
    entries: Vec<(AffectedView<'d>, Reason)>,
    records: Vec<RecordVerdict<G, A>>,
}

/// What one record says of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVerdict<G, A> {
    /// The weakness that it is about.
    pub group: G,
    /// The record.
    pub advisory: A,
    /// Which of the subjects.
    pub subject: usize,
    /// What it says, over all its entries.
    pub reason: Reason,
    /// Whether it speaks of variants of the subject's release alone.
    beside: bool,
    entries: Range<usize>,
}

/// The judgement on one weakness.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'p, G, A> {
    /// The weakness.
    pub group: G,
    /// Why; the reason carries the answer.
    pub reason: Reason,
    /// The records that had a say, the deciding one first.
    pub records: &'p [RecordVerdict<G, A>],
}

impl<'d, G: Copy + Ord, A: Copy + Ord> Panel<'d, G, A> {
    /// An empty panel.
    pub const fn new() -> Self {
        Panel { entries: Vec::new(), records: Vec::new() }
    }

    /// Makes it empty for the next component.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.records.clear();
    }

    /// Hears one entry. The entries of a record come one after the other.
    ///
    /// # Errors
    /// When the entry's bytes are malformed.
    #[inline]
    pub fn hear(
        &mut self,
        group: G,
        advisory: A,
        affected: AffectedView<'d>,
        subject: (usize, &Subject<'_>),
    ) -> Result<(), Malformed> {
        let (subject_number, subject) = subject;
        let Some(reason) = evaluate(&affected, subject)? else { return Ok(()) };
        let beside = subject.is_beside(&affected);
        let last = self.records.last_mut();
        let mut last = last.filter(|last| last.advisory == advisory && last.subject == subject_number);
        // What the record says of a variant of the release counts where it says nothing of the release itself.
        if let Some(last) = last.as_mut().filter(|last| last.beside != beside) {
            if beside {
                return Ok(());
            }
            (last.reason, last.beside, last.entries.start) = (reason, false, self.entries.len());
        }
        let at = self.entries.len();
        self.entries.push((affected, reason));
        match last {
            Some(last) => {
                last.reason = std::cmp::min_by_key(last.reason, reason, |reason| weight(*reason));
                last.entries.end = at + 1;
            }
            None => self.records.push(RecordVerdict {
                group,
                advisory,
                subject: subject_number,
                reason,
                beside,
                entries: at..at + 1,
            }),
        }
        Ok(())
    }

    /// Whether any record says "affected" or "cannot tell".
    pub fn pressing(&self) -> bool {
        self.records.iter().any(|record| record.reason.answer() != Answer::NotAffected)
    }

    /// Whether no record was heard that speaks of the subject.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The judgement on each weakness that a record speaks of.
    pub fn settle(&mut self) -> impl Iterator<Item = Verdict<'_, G, A>> {
        self.records.sort_unstable_by_key(|record| {
            (record.group, weight(record.reason), record.subject, record.advisory)
        });
        self.records.chunk_by(|a, b| a.group == b.group).map(|records| Verdict {
            group: records[0].group,
            reason: records[0].reason,
            records,
        })
    }

    /// The entries of a record, each with what it says.
    pub fn entries(&self, record: &RecordVerdict<G, A>) -> &[(AffectedView<'d>, Reason)] {
        &self.entries[record.entries.clone()]
    }
}

impl<G: Copy + Ord, A: Copy + Ord> Default for Panel<'_, G, A> {
    fn default() -> Self {
        Panel::new()
    }
}
