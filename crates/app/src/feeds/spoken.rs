//! The names of packages and products as people say them, made ready for looking up. Every state of the data has them once, made
//! on first use: reading all names anew for everybody who looks at a list would be a second of work each time.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use bedrail_assess::name_proposal;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_vulndb::Db;

use super::error::FeedError;

/// Where each name stands: eight bytes for a name, so a million names are 8 MB.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// The first half of a name's hash with where its package stands, in order.
    places: Vec<(u32, u32)>,
    /// For each file of the data the place of its first package.
    files: Vec<u32>,
}

impl Spoken {
    /// Reads all names of the data once.
    ///
    /// # Errors
    /// When the data is damaged.
    pub(crate) fn of(db: &Db) -> Result<Spoken, FeedError> {
        let mut spoken = Spoken::default();
        let mut place = 0_u32;
        for segment in db.segments() {
            spoken.files.push(place);
            for (ecosystem, name) in segment.package_names()? {
                if let Some(name) = name_proposal::spoken(ecosystem, name) {
                    spoken.places.push((hash(&name), place));
                }
                place = place.saturating_add(1);
            }
        }
        spoken.places.sort_unstable();
        spoken.places.shrink_to_fit();
        Ok(spoken)
    }

    /// The packages and products that are called so; perhaps others, too, whose names only look alike to us.
    ///
    /// # Errors
    /// When the data is damaged.
    pub(crate) fn called<'d>(&self, db: &'d Db, name: &str) -> Result<Vec<(Ecosystem, &'d str)>, FeedError> {
        let wanted = hash(name);
        let first = self.places.partition_point(|(hash, _)| *hash < wanted);
        let mut found = Vec::new();
        for (_, place) in self.places[first..].iter().take_while(|(hash, _)| *hash == wanted) {
            let file = self.files.partition_point(|start| start <= place).saturating_sub(1);
            let start = self.files.get(file).copied().unwrap_or_default();
            if let Some(segment) = db.segments().nth(file) {
                let package = segment.package(place - start)?;
                found.push((package.ecosystem, package.name));
            }
        }
        Ok(found)
    }
}

fn hash(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::Data;

    #[test]
    fn what_is_looked_up_is_what_a_walk_over_all_names_finds() {
        let dir = tempfile::tempdir().unwrap();
        let current = Data::open(&crate::feeds::DataDir::new(dir.path())).unwrap().current();
        let db = current.db();
        let spoken = Spoken::of(db).unwrap();
        let mut all = 0;
        for segment in db.segments() {
            for (ecosystem, name) in segment.package_names().unwrap() {
                let Some(said) = name_proposal::spoken(ecosystem, name) else { continue };
                assert!(spoken.called(db, &said).unwrap().contains(&(ecosystem, name)), "{name}");
                all += 1;
            }
        }
        assert!(all > 10, "the starter advisories name packages: {all}");
        assert_eq!(spoken.called(db, "nothing is called so").unwrap(), []);
    }
}
