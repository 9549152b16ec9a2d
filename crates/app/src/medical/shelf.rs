//! The advisories of the installation in memory, read once and made ready to be compared. They follow the database by the
//! numbers of reference changes, whichever process took them in.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bedrail_assess::named_product::{Name, Prepared};
use bedrail_model::ids::ProductAdvisoryId;
use bedrail_model::product_advisory::{ProductAdvisory, Word};
use bedrail_store::View;
use bedrail_store::product_advisories::{self, ProductAdvisoryRow};
use jiff::Timestamp;

use super::document::{self, Document};
use crate::Error;
use crate::fleet::Fleet;

mod merge;

/// An advisory as it is held.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) id: ProductAdvisoryId,
    /// The document that it is in.
    document: ProductAdvisoryId,
    /// What the document is called.
    document_name: String,
    /// The provider that it was fetched from.
    pub(crate) provider: Option<String>,
    pub(crate) advisory: Arc<ProductAdvisory>,
    pub(crate) prepared: Prepared,
    pub(crate) sha256: Vec<u8>,
    pub(crate) added: Timestamp,
    /// Id, title, publisher, makers and products in lower case.
    pub(crate) search: String,
}

/// All of them at one change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) state: i64,
    pub(crate) held: Vec<Arc<Held>>,
    /// What they are made of, document by document: a list has several files.
    parts: Vec<Arc<Held>>,
    /// Indices of those that speak for themselves: each is compared with every name.
    own: Vec<usize>,
    /// Indices of those that repeat what makers say, by the names and words of the maker: a list has many.
    repeated: HashMap<String, Vec<usize>>,
    /// Indices by the keys of the products that they name: a person may have said that one is ours, whatever it is called.
    by_product: HashMap<String, Vec<usize>>,
    /// Indices by the ids of weaknesses, and by their own: who asks for one that is both asks for both.
    by_weakness: HashMap<String, Vec<usize>>,
}

impl Shelf {
    fn new(state: i64, mut parts: Vec<Arc<Held>>) -> Shelf {
        // The newest statements first.
        parts.sort_by(|a, b| {
            let key = |it: &Arc<Held>| (it.id, std::cmp::Reverse(it.advisory.released.clone()));
            key(a).cmp(&key(b)).then_with(|| a.document_name.cmp(&b.document_name))
        });
        let held = parts.chunk_by(|a, b| a.id == b.id).filter_map(together).collect();
        let mut shelf = Shelf { state, held, parts, ..Shelf::default() };
        for (index, held) in shelf.held.iter().enumerate() {
            for id in held.advisory.weaknesses.iter().flat_map(|it| &it.ids) {
                shelf.by_weakness.entry(id.clone()).or_default().push(index);
            }
            shelf.by_weakness.entry(held.advisory.id.to_uppercase()).or_default().push(index);
            for key in held.prepared.groups.iter().map(|group| group.name.key()).collect::<HashSet<_>>() {
                shelf.by_product.entry(key).or_default().push(index);
            }
            if held.advisory.word == Word::Own {
                shelf.own.push(index);
                continue;
            }
            let names = held.prepared.groups.iter().flat_map(|group| group.name.maker_keys());
            for key in names.collect::<HashSet<_>>() {
                shelf.repeated.entry(key.to_owned()).or_default().push(index);
            }
        }
        for indices in shelf.by_weakness.values_mut() {
            indices.dedup();
        }
        shelf
    }

    /// Indices of those that may be about a name, or name one of the products that a person said are the same; sorted.
    pub(super) fn concerning(&self, name: &Name, same: &[&str]) -> Vec<usize> {
        let concerned = |index: &&usize| self.held[**index].prepared.may_concern(name);
        let repeated = name.maker_keys().filter_map(|key| self.repeated.get(key)).flatten();
        let decided = same.iter().filter_map(|key| self.by_product.get(*key)).flatten();
        let alike = self.own.iter().chain(repeated).filter(concerned);
        let mut found: Vec<usize> = alike.chain(decided).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Indices of those that speak of any of these weaknesses; sorted.
    pub(super) fn on_weaknesses(&self, ids: &[String]) -> Vec<usize> {
        let mut found: Vec<usize> =
            ids.iter().filter_map(|id| self.by_weakness.get(id)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The one with an id, ours or the publisher's.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.called(id).first().copied()
    }

    /// Those with an id, ours or the publisher's: publishers number by themselves, and two may have the same.
    pub(super) fn called(&self, id: &str) -> Vec<usize> {
        let wanted = id.trim();
        let by_id: Option<ProductAdvisoryId> = wanted.parse().ok();
        let is = |held: &Arc<Held>| by_id == Some(held.id) || held.advisory.id.eq_ignore_ascii_case(wanted);
        (0..self.held.len()).filter(|index| is(&self.held[*index])).collect()
    }
}

/// The shelf of the installation, and the reference change that it was compared with last.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<(Arc<Shelf>, i64)>);

impl Shelves {
    /// The shelf as of a fleet and its view, or a little later: nothing is asked where the fleet has seen nothing newer.
    pub(super) async fn of(&self, fleet: &Fleet, view: &View) -> Result<Arc<Shelf>, Error> {
        let (present, seen) = self.lock().clone();
        if seen >= fleet.reference_change() {
            return Ok(present);
        }
        let wanted = product_advisories::state(view).await?;
        if present.state >= wanted {
            return Ok(self.put(present, fleet.reference_change()));
        }
        let rows = product_advisories::changed_since(view, present.state).await?;
        let renewing = tokio::task::spawn_blocking(move || {
            let renewed: HashSet<ProductAdvisoryId> = rows.iter().map(|row| row.id).collect();
            let kept = present.parts.iter().filter(|part| !renewed.contains(&part.document)).cloned();
            Shelf::new(wanted, kept.chain(rows.iter().flat_map(read)).collect())
        });
        let shelf = Arc::new(renewing.await.map_err(|error| Error::Internal(Box::new(error)))?);
        Ok(self.put(shelf, fleet.reference_change()))
    }

    /// Keeps a shelf that was compared with a reference change, unless a newer one was put there meanwhile: whichever is kept has all
    /// that was seen. Returns the one that is kept.
    fn put(&self, shelf: Arc<Shelf>, seen: i64) -> Arc<Shelf> {
        let mut slot = self.lock();
        if shelf.state >= slot.0.state {
            slot.0 = shelf;
        }
        slot.1 = slot.1.max(seen);
        slot.0.clone()
    }

    fn lock(&self) -> MutexGuard<'_, (Arc<Shelf>, i64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stored document; it was read before it was stored, so one that cannot be read now is a fault of ours.
fn read(row: &ProductAdvisoryRow) -> Vec<Arc<Held>> {
    let Document { advisories, .. } = match document::read(&row.name, &row.content) {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(advisory = row.name, error, "a stored advisory cannot be read any more");
            return Vec::new();
        }
    };
    advisories.into_iter().map(|advisory| held(row, advisory)).collect()
}

fn held(row: &ProductAdvisoryRow, advisory: ProductAdvisory) -> Arc<Held> {
    Arc::new(Held {
        id: document::id_of(&advisory.publisher.namespace, &advisory.id),
        document: row.id,
        document_name: row.name.clone(),
        provider: row.provider.clone(),
        prepared: Prepared::new(&advisory),
        search: search_text(&advisory),
        advisory: Arc::new(advisory),
        sha256: row.sha256.clone(),
        added: row.added,
    })
}

/// What several files say under one id, the newest first.
fn together(parts: &[Arc<Held>]) -> Option<Arc<Held>> {
    let (newest, older) = parts.split_first()?;
    if older.is_empty() {
        return Some(newest.clone());
    }
    let mut advisory = (*newest.advisory).clone();
    for part in older {
        merge::add(&mut advisory, &part.advisory);
    }
    Some(Arc::new(Held {
        id: newest.id,
        document: newest.document,
        document_name: newest.document_name.clone(),
        provider: newest.provider.clone(),
        prepared: Prepared::new(&advisory),
        search: search_text(&advisory),
        advisory: Arc::new(advisory),
        sha256: newest.sha256.clone(),
        added: newest.added,
    }))
}

fn search_text(advisory: &ProductAdvisory) -> String {
    let names = advisory.products.iter().flat_map(|it| [it.maker.as_str(), it.product.as_str()]);
    let head = [advisory.id.as_str(), advisory.title.as_str(), advisory.publisher.name.as_str()];
    let ids = advisory.weaknesses.iter().flat_map(|it| &it.ids).map(String::as_str);
    head.into_iter().chain(names).chain(ids).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_shelf_never_takes_the_place_of_a_newer_one() {
        let shelves = Shelves::default();
        let shelf = |state| Arc::new(Shelf { state, ..Shelf::default() });
        // Two looks at once: the one that saw more ends first.
        assert_eq!(shelves.put(shelf(7), 9).state, 7);
        assert_eq!(shelves.put(shelf(5), 6).state, 7, "who comes late gets the newer one");
        let (kept, seen) = shelves.lock().clone();
        assert_eq!((kept.state, seen), (7, 9));
        // One that has nothing newer in it may have been compared with more.
        shelves.put(kept, 12);
        assert_eq!(shelves.lock().1, 12);
    }
}
