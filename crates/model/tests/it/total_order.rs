//! Every order is one: any three versions are consistent, keys and comparisons say the same, and equal keys mean equal
//! versions. The versions are put together from pieces that make near collisions.

use std::cmp::Ordering;

use bedrail_model::version::{Order, VersionKey};
use proptest::prelude::*;

/// Pieces that mean something to some order, and a few that mean nothing to any.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "9",
    "10",
    "00",
    "01",
    "99999999999",
    "18446744073709551616",
    ".",
    ".",
    ".",
    "-",
    "_",
    "+",
    "~",
    "^",
    ":",
    "!",
    "a",
    "b",
    "m",
    "p",
    "r",
    "v",
    "x",
    "A",
    "Z",
    "alpha",
    "beta",
    "rc",
    "cr",
    "pre",
    "dev",
    "post",
    "final",
    "ga",
    "sp",
    "SNAPSHOT",
    "patch",
    "_p",
    "_rc",
    "_alpha1",
    "-r1",
    "-r0",
    "~ab",
    "1.0",
    "1.0.0",
    ".0",
    ".x-dev",
    "-0",
    "--",
    "1:",
    "@beta",
];

/// Mostly versions that look like one, since a random string is refused by most orders.
fn version() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    let start = prop::sample::select(&["", "", "v", "1:", "1!", "0."][..]);
    let numbers = prop::sample::select(
        &["1", "1.0", "1.0.0", "1.0.0", "1.0.0", "1.2.0", "1.0.1", "1.0.0.0", "01.0", "2024.01.02"][..],
    );
    (start, numbers, prop::collection::vec(piece, 0..5))
        .prop_map(|(start, numbers, pieces)| format!("{start}{numbers}{}", pieces.concat()))
}

fn compare(order: Order, a: &str, b: &str) -> Option<Ordering> {
    order.compare(a, b).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_and_comparisons_agree(a in version(), b in version()) {
        for order in Order::ALL {
            let keys = (order.key(&a), order.key(&b));
            let (Ok(left), Ok(right)) = keys else {
                prop_assert_eq!(compare(order, &a, &b), None, "{} {} {}", order, a, b);
                continue;
            };
            prop_assert_eq!(compare(order, &a, &b), compare(order, &b, &a).map(Ordering::reverse), "{} {} {}", order, a, b);
            prop_assert_eq!(compare(order, &a, &a), Some(Ordering::Equal));
            // Patches of two kinds on one release have places; which came first, nobody says.
            if order.compare_keys(left.as_bytes(), right.as_bytes()).is_none() {
                prop_assert_eq!((order, compare(order, &a, &b)), (Order::Generic, None), "{} {}", a, b);
                continue;
            }
            prop_assert_eq!(VersionKey::from_bytes(left.as_bytes()), left.clone());
            // Maven's own answers may run in a circle (docs/versions.md); whether two are equal is never in doubt.
            if order != Order::Maven {
                prop_assert_eq!(compare(order, &a, &b), Some(left.cmp(&right)), "{} {} {}", order, a, b);
            }
            prop_assert_eq!(compare(order, &a, &b) == Some(Ordering::Equal), left == right, "{} {} {}", order, a, b);
        }
    }

    #[test]
    fn three_versions_never_run_in_a_circle(a in version(), b in version(), c in version()) {
        for order in Order::ALL.into_iter().filter(|order| *order != Order::Maven) {
            let mut sorted = [&a, &b, &c].map(|version| (order.key(version), version));
            if sorted.iter().any(|(key, _)| key.is_err()) {
                continue;
            }
            sorted.sort_by(|left, right| left.0.as_ref().unwrap().cmp(right.0.as_ref().unwrap()));
            let [first, second, third] = sorted.map(|(_, version)| version);
            for (low, high) in [(first, second), (second, third), (first, third)] {
                prop_assert_ne!(compare(order, low, high), Some(Ordering::Greater), "{} {} {}", order, low, high);
            }
        }
    }

    #[test]
    fn any_text_is_placed_or_refused_without_a_panic(text in "\\PC{0,40}", ascii in "[ -~]{0,40}") {
        for order in Order::ALL {
            for version in [&text, &ascii] {
                let first = order.key(version);
                prop_assert_eq!(&first, &order.key(version));
                if let Err(refusal) = first {
                    prop_assert_eq!(refusal.order, order);
                }
            }
        }
    }
}
