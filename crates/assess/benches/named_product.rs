//! How long the releases of a large hospital take against the medical advisories of a folder: `cargo bench -p bedrail-assess`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bedrail_assess::named_product::{Decisions, Name, Prepared, Why};
use bedrail_formats::csaf;
use bedrail_formats::limits::Limits;

/// Releases of the hospital, and advisories that they are judged against.
const RELEASES: usize = 2_000;
const ADVISORIES: usize = 150;

fn main() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("data/csaf/cisa-icsma")) else {
        println!("skipped: no shared data");
        return;
    };
    let documents: Vec<Vec<u8>> = folder.map(|it| std::fs::read(it.unwrap().path()).unwrap()).collect();
    let begin = Instant::now();
    let advisories: Vec<_> = documents.iter().map(|it| csaf::read(it, &Limits::default()).unwrap()).collect();
    println!("read {} documents in {:?}", documents.len(), begin.elapsed());
    let begin = Instant::now();
    let prepared: Vec<Prepared> = advisories.iter().cycle().take(ADVISORIES).map(Prepared::new).collect();
    println!("made {} ready in {:?}", prepared.len(), begin.elapsed());

    // A fleet by the names of the advisories themselves is the worst case: nearly every maker is met often.
    let products: Vec<_> = advisories.iter().flat_map(|it| &it.products).collect();
    let releases: Vec<(Name, String)> = (0..RELEASES)
        .map(|at| {
            let product = products[at * 7 % products.len()];
            (Name::new(&product.maker, &product.product), format!("{}.{}", at % 9, at % 13))
        })
        .collect();
    // Releases of one product share its name, which is looked for once in each advisory.
    let mut named: BTreeMap<(&str, &str), (&Name, Vec<&str>)> = BTreeMap::new();
    for (name, version) in &releases {
        named.entry((name.maker(), name.product())).or_insert_with(|| (name, Vec::new())).1.push(version);
    }
    let begin = Instant::now();
    let decisions = Decisions::new();
    let (mut alike, mut judged) = (0, 0);
    for advisory in &prepared {
        for (name, versions) in named.values().filter(|(name, _)| advisory.may_concern(name)) {
            for version in versions {
                judged += 1;
                alike += usize::from(advisory.judge(name, version, &decisions).why != Why::OtherProduct);
            }
        }
    }
    println!(
        "{RELEASES} releases ({} names) against {} advisories in {:?}: {judged} of {} pairs compared, {alike} alike",
        named.len(),
        prepared.len(),
        begin.elapsed(),
        RELEASES * prepared.len()
    );
}
