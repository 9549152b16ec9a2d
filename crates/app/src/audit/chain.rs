//! The law of the chain: entries are numbered without a gap, each carries the hash of the one before, and its own hash
//! covers all that it says. Whoever changes, drops or inserts an entry breaks a link that everybody can find.

use std::collections::BTreeSet;

use bedrail_model::ids::OrgId;
use bedrail_store::audit::{EntryRow, hash};
use bedrail_store::personal::{self, Commitment, Kept, Values};

/// A chain that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose.
    pub org: OrgId,
    /// Entries seen.
    pub entries: u64,
    /// Number of the newest entry; 0 where there is none.
    pub sequence: i64,
    /// Hash of the newest entry; 32 zeros where there is none.
    pub hash: Vec<u8>,
    /// Values naming somebody that entries held and that were erased since.
    pub erased: u64,
}

/// The first thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is missing, or stands twice.
    #[error("the chain breaks at entry {found}: entry {expected} should stand there")]
    Gap {
        /// The number that should stand there.
        expected: i64,
        /// The number that stands there.
        found: i64,
    },
    /// An entry does not carry the hash of the one before.
    #[error("the chain breaks at entry {sequence} ({what}): it does not follow the entry before it")]
    Link {
        /// Its number.
        sequence: i64,
        /// When, what and by whom.
        what: String,
    },
    /// An entry says something else than when it was written.
    #[error("the chain breaks at entry {sequence} ({what}): its content is not what was written")]
    Content {
        /// Its number.
        sequence: i64,
        /// When, what and by whom.
        what: String,
    },
    /// A value that names somebody is not the one that was written, or is gone without having been erased.
    #[error("entry {sequence} ({what}): a name or an address in it {wrong}")]
    Value {
        /// Its number.
        sequence: i64,
        /// When and what.
        what: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// The newest entries are missing.
    #[error("the chain ends at entry {found}, but {expected} were written")]
    End {
        /// The number that the newest should have.
        expected: i64,
        /// The number that it has.
        found: i64,
    },
    /// A head that was noted elsewhere is not part of the chain.
    #[error("entry {sequence} is not the one that was noted: the log was written anew")]
    Anchor {
        /// The number of the noted head.
        sequence: i64,
    },
}

/// A chain on the way from its first entry to its newest.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    seen: Verified,
    /// A head that was noted outside: number and hash.
    anchor: Option<(i64, Vec<u8>)>,
    erased: BTreeSet<Commitment>,
}

impl Chain {
    /// The chain of an organisation, before its first entry.
    pub(crate) fn of(org: OrgId) -> Chain {
        let seen = Verified { org, entries: 0, sequence: 0, hash: vec![0; 32], erased: 0 };
        Chain { seen, anchor: None, erased: BTreeSet::new() }
    }

    /// A chain from the middle: what follows an entry that is believed.
    pub(crate) fn after(org: OrgId, entry: &EntryRow) -> Chain {
        let (sequence, hash) = (entry.sequence, entry.hash.clone());
        let seen = Verified { org, entries: 0, sequence, hash, erased: 0 };
        Chain { seen, anchor: None, erased: BTreeSet::new() }
    }

    /// The same, which must come by a head that was noted elsewhere.
    pub(crate) fn past(self, anchor: Option<(i64, Vec<u8>)>) -> Chain {
        Chain { anchor, ..self }
    }

    /// Number of the newest entry so far.
    pub(crate) fn last(&self) -> i64 {
        self.seen.sequence
    }

    /// Takes the next entry, with the values that it holds.
    pub(crate) fn add(&mut self, entry: &EntryRow, values: &Values) -> Result<(), Broken> {
        let sequence = entry.sequence;
        let expected = self.seen.sequence + 1;
        if sequence != expected {
            return Err(Broken::Gap { expected, found: sequence });
        }
        let what = || format!("{}, {} by {}", entry.at, entry.action, personal::shown(&entry.actor, values));
        if entry.previous != self.seen.hash {
            return Err(Broken::Link { sequence, what: what() });
        }
        if entry.hash != hash(self.seen.org, entry) {
            return Err(Broken::Content { sequence, what: what() });
        }
        self.check_values(entry, values)?;
        if self.anchor.as_ref().is_some_and(|(number, noted)| *number == sequence && *noted != entry.hash) {
            return Err(Broken::Anchor { sequence });
        }
        self.seen = Verified {
            org: self.seen.org,
            entries: self.seen.entries + 1,
            sequence,
            hash: entry.hash.clone(),
            erased: self.erased.len() as u64,
        };
        Ok(())
    }

    /// The commitments in the texts are covered by the hash; here each value is held against its commitment.
    fn check_values(&mut self, entry: &EntryRow, values: &Values) -> Result<(), Broken> {
        for commitment in personal::of_entry(entry) {
            let wrong = match values.get(&commitment) {
                Some(Kept::Value(salt, value)) => {
                    if personal::commitment(self.seen.org, salt, value) == commitment {
                        continue;
                    }
                    "is not what was written"
                }
                Some(Kept::Erased) => {
                    self.erased.insert(commitment);
                    continue;
                }
                None => "is gone, and was not erased",
            };
            let what = format!("{}, {}", entry.at, entry.action);
            return Err(Broken::Value { sequence: entry.sequence, what, wrong });
        }
        Ok(())
    }

    /// The end: the newest entry must have a number, and a noted head must have been passed.
    pub(crate) fn end(self, expected: i64) -> Result<Verified, Broken> {
        if self.seen.sequence != expected {
            return Err(Broken::End { expected, found: self.seen.sequence });
        }
        match self.anchor {
            Some((sequence, _)) if sequence > expected || sequence < 1 => Err(Broken::Anchor { sequence }),
            _ => Ok(self.seen),
        }
    }
}
