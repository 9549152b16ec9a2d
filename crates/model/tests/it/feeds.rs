//! Pairs of versions to compare: neighbours and strangers from the real feeds where they are there, else from a small
//! list of ours, and odd ones made from both.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

/// A deterministic source of choices (SplitMix64), so that a failure comes again.
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`, which is above zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    pub(crate) fn of<'a, T: ?Sized>(&mut self, items: &'a [&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// How many records of one feed are read: spread evenly, enough to meet its odd versions.
const MOST_RECORDS: usize = 800;

fn shared_data() -> Option<PathBuf> {
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let shared = std::env::var_os("BEDRAIL_SHARED").map(PathBuf::from);
    let folder = shared.unwrap_or_else(|| PathBuf::from(workspace).join("../shared")).join("data/osv");
    folder.is_dir().then_some(folder)
}

/// The versions that a feed gives for each package; empty, with a word, where the feed is not there.
pub(crate) fn versions_by_package(ecosystem: &str) -> Vec<Vec<String>> {
    let Some(feed) =
        shared_data().map(|folder| folder.join(ecosystem).join("all.zip")).filter(|zip| zip.is_file())
    else {
        println!("skipped: no shared data for {ecosystem}");
        return Vec::new();
    };
    let mut archive = zip::ZipArchive::new(File::open(feed).unwrap()).unwrap();
    let step = archive.len().div_ceil(MOST_RECORDS).max(1);
    let mut packages = Vec::new();
    for place in (0..archive.len()).step_by(step) {
        let record: serde_json::Value = serde_json::from_reader(archive.by_index(place).unwrap()).unwrap();
        for affected in record["affected"].as_array().into_iter().flatten() {
            let of_ecosystem = affected["package"]["ecosystem"].as_str().unwrap_or_default();
            if of_ecosystem.split(':').next() == Some(ecosystem) {
                packages.push(versions_of(affected));
            }
        }
    }
    packages
}

fn versions_of(affected: &serde_json::Value) -> Vec<String> {
    let listed = affected["versions"].as_array().into_iter().flatten();
    let ranges = affected["ranges"].as_array().into_iter().flatten().filter(|range| range["type"] != "GIT");
    let events = ranges.flat_map(|range| range["events"].as_array().into_iter().flatten());
    let bounds = events.flat_map(|event| event.as_object().into_iter().flat_map(|event| event.values()));
    listed.chain(bounds).filter_map(|version| version.as_str()).map(str::to_owned).collect()
}

/// Pairs to compare, without duplicates and without characters that a line-based tool cannot take: up to `count` from
/// the feeds, half as many made odd with the pieces of `odd` (none without pieces), and all pairs of `own`.
pub(crate) fn pairs(ecosystems: &[&str], own: &[&str], odd: &[&str], count: usize) -> Vec<(String, String)> {
    let mut choices = Choices::new(20_250_214);
    let packages: Vec<Vec<String>> = ecosystems
        .iter()
        .flat_map(|ecosystem| versions_by_package(ecosystem))
        .filter(|list| !list.is_empty())
        .collect();
    let mut pairs = BTreeSet::new();
    for left in own {
        pairs.extend(own.iter().map(|right| ((*left).to_owned(), (*right).to_owned())));
    }
    let mut pool: Vec<String> = own.iter().map(|version| (*version).to_owned()).collect();
    if !packages.is_empty() {
        for _ in 0..count {
            let package = &packages[choices.below(packages.len())];
            let place = choices.below(package.len());
            let near = package.get(place + 1).unwrap_or(&package[0]);
            let far = &package[choices.below(package.len())];
            let stranger = &packages[choices.below(packages.len())][0];
            let right = [near, near, far, stranger][choices.below(4)];
            pairs.insert((package[place].clone(), right.clone()));
            pool.push(package[place].clone());
        }
    }
    for _ in 0..if odd.is_empty() { 0 } else { count / 2 } {
        let base = pool[choices.below(pool.len())].clone();
        let other = match choices.below(3) {
            0 => pool[choices.below(pool.len())].clone(),
            _ => base.clone(),
        };
        pairs.insert((made_odd(&base, odd, &mut choices), made_odd(&other, odd, &mut choices)));
    }
    pairs.retain(|(left, right)| {
        [left, right].iter().all(|version| version.trim() == *version && !version.is_empty())
    });
    pairs.into_iter().collect()
}

/// One to three small changes: something odd put in, a character dropped or doubled, the end cut off.
fn made_odd(version: &str, odd: &[&str], choices: &mut Choices) -> String {
    let mut characters: Vec<char> = version.chars().collect();
    for _ in 0..=choices.below(3) {
        let place = choices.below(characters.len() + 1);
        match choices.below(5) {
            0 | 1 => {
                let inserted: Vec<char> = choices.of(odd).chars().collect();
                characters.splice(place..place, inserted);
            }
            2 if place < characters.len() => {
                characters.remove(place);
            }
            3 if place < characters.len() => characters.insert(place, characters[place]),
            4 if place > 0 => characters.truncate(place),
            _ => {}
        }
    }
    characters.into_iter().collect()
}
