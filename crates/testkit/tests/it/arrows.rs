//! The arrows between the crates of the workspace, compared with what `cargo metadata` says.

use std::collections::BTreeSet;
use std::process::Command;

/// Who may use whom. A new arrow is a decision: change ARCHITECTURE.md with this list.
const ARROWS: &[(&str, &str)] = &[
    ("bedrail", "bedrail-app"),
    ("bedrail", "bedrail-model"),
    // The firewall needs no database: its commands go past `app`, into the crates that run it.
    ("bedrail", "bedrail-waf"),
    ("bedrail", "bedrail-waf-rules"),
    ("bedrail", "bedrail-waf-run"),
    ("bedrail-app", "bedrail-assess"),
    // The evidence binder: what it writes is read by auditors without us, so its format is a crate of its own.
    ("bedrail-app", "bedrail-binder"),
    ("bedrail-app", "bedrail-comply"),
    ("bedrail-app", "bedrail-formats"),
    ("bedrail-app", "bedrail-model"),
    ("bedrail-app", "bedrail-press"),
    ("bedrail-app", "bedrail-scanner"),
    // Whether one named key signed some bytes; OpenPGP is heavy, and is there alone.
    ("bedrail-app", "bedrail-signature"),
    ("bedrail-app", "bedrail-store"),
    ("bedrail-app", "bedrail-vulndb"),
    ("bedrail-app", "bedrail-workforce"),
    // Documents of others are unpacked there and nowhere else.
    ("bedrail-app", "bedrail-words"),
    // Which rules cover which weakness, and what an exclusion may say: tables and checks, no engine.
    ("bedrail-app", "bedrail-waf-rules"),
    ("bedrail-assess", "bedrail-model"),
    ("bedrail-comply", "bedrail-model"),
    ("bedrail-formats", "bedrail-model"),
    ("bedrail-scanner", "bedrail-model"),
    ("bedrail-store", "bedrail-model"),
    ("bedrail-testkit", "bedrail-model"),
    ("bedrail-vulndb", "bedrail-model"),
    ("bedrail-workforce", "bedrail-model"),
    ("bedrail-waf", "bedrail-model"),
    ("bedrail-waf", "bedrail-waf-protocol"),
    // The judge stands alone: what it is told comes by the protocol.
    ("bedrail-waf-engine", "bedrail-waf-protocol"),
    ("bedrail-waf-rules", "bedrail-signature"),
    ("bedrail-waf-rules", "bedrail-waf-protocol"),
    // The joint of its siblings: rules know no proxy and the proxy no stages, so one crate above both drives one by the other.
    ("bedrail-waf-run", "bedrail-waf"),
    ("bedrail-waf-run", "bedrail-waf-rules"),
];

/// Crates whose weight (build time, a C library, a server) must stay in one crate of ours.
const HEAVY: &[(&str, &[&str])] = &[
    ("axum", &["bedrail"]),
    ("clap", &["bedrail"]),
    ("hayro-syntax", &["bedrail-words"]),
    ("krilla", &["bedrail-press"]),
    ("memmap2", &["bedrail-vulndb"]),
    // The command line sends what a scan found to a server, with the client that `app` makes.
    ("reqwest", &["bedrail", "bedrail-app"]),
    ("rust_xlsxwriter", &["bedrail-press"]),
    ("sea-orm", &["bedrail-store"]),
    ("sea-orm-migration", &["bedrail-store"]),
    ("sqlx", &["bedrail-store"]),
];

/// `(crate, dependency, is it for tests only)` of every crate of ours.
fn dependencies() -> Vec<(String, String, bool)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("cargo runs, it runs this test");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("packages are an array");
    packages
        .iter()
        .flat_map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies are an array");
            dependencies
                .iter()
                .map(|dependency| {
                    (text(&package["name"]), text(&dependency["name"]), dependency["kind"] == "dev")
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn arrows_are_those_of_the_list() {
    let ours = |name: &str| name == "bedrail" || name.starts_with("bedrail-");
    let found: BTreeSet<(String, String)> = dependencies()
        .into_iter()
        .filter(|(_, dependency, dev)| ours(dependency) && !dev)
        .map(|(package, dependency, _)| (package, dependency))
        .collect();
    let allowed: BTreeSet<(String, String)> =
        ARROWS.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(found, allowed);
}

#[test]
fn tests_lean_on_the_testkit_only() {
    for (package, dependency, dev) in dependencies() {
        if dev && dependency.starts_with("bedrail-") {
            let allowed = dependency == "bedrail-testkit"
                // The firewall as a whole is tried where its judge is built.
                || (package == "bedrail-waf-engine" && dependency == "bedrail-waf")
                || (package == "bedrail-assess"
                    && matches!(dependency.as_str(), "bedrail-vulndb" | "bedrail-formats"));
            assert!(allowed, "{package} tests use {dependency}");
        }
    }
}

#[test]
fn heavy_libraries_stay_in_their_crate() {
    let all = dependencies();
    for (heavy, homes) in HEAVY {
        // What only tests use is not in the program: those of the web call a server as another program would.
        for (package, dependency, dev) in &all {
            assert!(
                *dev || dependency != heavy || homes.contains(&package.as_str()),
                "{package} must not depend on {heavy}"
            );
        }
    }
}
