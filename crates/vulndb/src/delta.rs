//! Deltas: a few changed records as a small index file on top of the others, and which packages a change touches.
//!
//! A delta holds, beside the changed records, every record of the alias groups that they belong to or belonged to, copied
//! from where it is held. So each group is whole in one file, and an alias that a record no longer names lets go of what it
//! held together. A withdrawn record is in the delta without packages: that is its tombstone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bedrail_model::advisory::Advisory;

use crate::build::{Builder, Summary};
use crate::db::{AdvisoryRef, Db, GroupRef, PackageName};
use crate::error::{BuildError, ReadError};
use crate::hash::Hasher;

/// Writes a delta of changed records, each with the name of its source, over what is held.
///
/// # Errors
/// When the file cannot be written or what is held is damaged.
pub fn write(
    path: &Path,
    held: &Db,
    changed: &[(Advisory<'_>, &str)],
    snapshot: &str,
) -> Result<Summary, BuildError> {
    let mut companions = BTreeSet::new();
    for (advisory, _) in changed {
        for id in std::iter::once(&advisory.id).chain(&advisory.aliases) {
            if let Some(group) = held.find_weakness(id)? {
                companions.extend(held.group(group)?.1);
            }
        }
    }
    let mut sources: Vec<String> = changed.iter().map(|(_, source)| (*source).to_owned()).collect();
    for companion in &companions {
        sources.extend(held.place(*companion).0.sources().iter().cloned());
    }
    sources.sort();
    sources.dedup();
    let number = |source: &str| sources.iter().position(|known| known == source).unwrap_or_default() as u16;

    let builder = Builder::new(path, sources.clone())?;
    let mut shard = builder.shard();
    for (advisory, source) in changed {
        shard.add(advisory, number(source))?;
    }
    for companion in companions {
        let view = held.advisory(companion)?;
        if !changed.iter().any(|(advisory, _)| advisory.id == view.id) {
            let (segment, record) = held.place(companion);
            shard.copy(segment, record, number)?;
        }
    }
    shard.flush()?;
    drop(shard);
    builder.finish(snapshot)
}

/// Whether a record is an older copy of what the same source has given before. It came late, and must not take back what is
/// known since. A record without a date says nothing of its age and is never late.
///
/// # Errors
/// When what is held is damaged.
pub fn is_late(held: &Db, advisory: &Advisory<'_>, source: &str) -> Result<bool, ReadError> {
    let Some(known) = held.find_advisory(&advisory.id)? else { return Ok(false) };
    let known = held.advisory(known)?;
    let newer = advisory.modified.zip(known.modified).is_some_and(|(received, held)| received < held);
    Ok(newer && known.source == source)
}

/// The packages whose judgement may differ between two states of the data: those of every record whose alias group differs
/// in ids, members or in what a member says, and of those that mention one of its ids: they may be rated by it. KEV and EPSS
/// have no part in it.
///
/// # Errors
/// When one of the states is damaged.
pub fn touched(before: &Db, after: &Db) -> Result<Vec<PackageName>, ReadError> {
    let only = only_newest(before, after)?;
    let (old, new) = (Signatures::of(before, only.as_ref())?, Signatures::of(after, only.as_ref())?);
    let (mut packages, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for (db, mine, theirs) in [(before, &old, &new), (after, &new, &old)] {
        for (id, (advisory, signature)) in &mine.by_id {
            if theirs.by_id.get(id).map(|(_, signature)| signature) != Some(signature) {
                packages.extend(db.packages_of(*advisory)?);
                changed.extend(db.group(db.group_of(*advisory)?)?.0);
            }
        }
    }
    for id in changed {
        for db in [before, after] {
            for advisory in db.mentioned_by(id)? {
                packages.extend(db.packages_of(advisory)?);
            }
        }
    }
    Ok(packages.into_iter().collect())
}

/// Where `after` is `before` with one delta more, only that delta's records can differ: it holds whole alias groups, old and
/// new.
fn only_newest<'d>(before: &Db, after: &'d Db) -> Result<Option<BTreeSet<&'d str>>, ReadError> {
    let (old, mut new) = (before.segments(), after.segments());
    let Some(newest) = new.next() else { return Ok(None) };
    let one_more = after.segments().count() == before.segments().count() + 1;
    if !one_more || !old.zip(new).all(|(old, new)| Arc::ptr_eq(old, new)) {
        return Ok(None);
    }
    let ids = (0..newest.advisory_count()).map(|number| Ok(newest.advisory(number)?.id));
    ids.collect::<Result<_, _>>().map(Some)
}

/// For each advisory what its whole alias group says, as one number.
struct Signatures<'d> {
    by_id: BTreeMap<&'d str, (AdvisoryRef, u64)>,
}

impl<'d> Signatures<'d> {
    /// Of all advisories, or only of those with these ids.
    fn of(db: &'d Db, only: Option<&BTreeSet<&str>>) -> Result<Signatures<'d>, ReadError> {
        let mut by_group: BTreeMap<GroupRef, u64> = BTreeMap::new();
        let mut by_id = BTreeMap::new();
        let advisories = match only {
            Some(ids) => {
                let found = ids.iter().filter_map(|id| db.find_advisory(id).transpose());
                found.collect::<Result<Vec<_>, _>>()?
            }
            None => db.advisories().collect(),
        };
        for advisory in advisories {
            let group = db.group_of(advisory)?;
            let signature = match by_group.get(&group) {
                Some(signature) => *signature,
                None => {
                    let signature = sign(db, group)?;
                    by_group.insert(group, signature);
                    signature
                }
            };
            by_id.insert(db.advisory(advisory)?.id, (advisory, signature));
        }
        Ok(Signatures { by_id })
    }
}

fn sign(db: &Db, group: GroupRef) -> Result<u64, ReadError> {
    let (ids, records) = db.group(group)?;
    let mut digests = Vec::with_capacity(records.len());
    for record in records {
        digests.push(db.advisory(record)?.digest);
    }
    digests.sort_unstable();
    let hasher = ids.iter().fold(Hasher::new(), |hasher, id| hasher.part(id.as_bytes()));
    Ok(digests.into_iter().fold(hasher, Hasher::number).finish())
}
