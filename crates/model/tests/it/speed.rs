//! How long a key takes: `cargo test -p bedrail-model --test it speed -- --ignored --nocapture`, best with
//! `CARGO_PROFILE_DEV_OPT_LEVEL=3`.

use std::time::Instant;

use bedrail_model::version::Order;

use crate::feeds;

#[test]
#[ignore = "a measurement, not a check"]
fn a_key_takes_nanoseconds() {
    let feeds = [
        (Order::SemVer, "crates.io"),
        (Order::Npm, "npm"),
        (Order::Go, "Go"),
        (Order::Maven, "Maven"),
        (Order::Pep440, "PyPI"),
        (Order::NuGet, "NuGet"),
        (Order::RubyGems, "RubyGems"),
        (Order::Packagist, "Packagist"),
        (Order::Dpkg, "Debian"),
        (Order::Rpm, "AlmaLinux"),
        (Order::Apk, "Alpine"),
        (Order::Pub, "Pub"),
        (Order::Hex, "Hex"),
    ];
    for (order, ecosystem) in feeds {
        let versions: Vec<String> =
            feeds::versions_by_package(ecosystem).into_iter().flatten().take(20_000).collect();
        let mut bytes = Vec::with_capacity(1 << 20);
        // The quickest round counts: the others were disturbed.
        let rounds = (0..60).map(|_| {
            let started = Instant::now();
            let mut written = 0;
            for version in &versions {
                bytes.clear();
                if order.write_key(version, &mut bytes).is_ok() {
                    written += bytes.len();
                }
            }
            (started.elapsed().as_nanos() / versions.len().max(1) as u128, written)
        });
        let Some((nanoseconds, written)) = rounds.min() else { continue };
        let mut refused: Vec<&String> =
            versions.iter().filter(|version| order.key(version).is_err()).collect();
        refused.sort();
        refused.dedup();
        refused.truncate(12);
        let size = written / versions.len().max(1);
        println!("{order:10} {nanoseconds:4} ns a key of {size:2} bytes; refused: {refused:?}");
    }
}
