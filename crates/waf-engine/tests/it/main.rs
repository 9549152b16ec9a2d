//! The firewall as a whole: proxy, judges with the real library, devices that record what reaches them. Loopback only.
//!
//! Without libmodsecurity there is nothing to try: each test then ends at once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod answers;
mod attacks;
mod device;
mod engine;
mod failures;
mod http2;
mod limits;
mod probe;
mod smuggling;
mod stage;
mod swaps;
mod websocket;

/// The judge's program.
const ENGINE: &str = env!("CARGO_BIN_EXE_bedrail-waf-engine");

/// Whether this build has an engine.
fn has_engine() -> bool {
    std::process::Command::new(ENGINE).arg("--version").output().unwrap().status.success()
}

/// A version of the Core Rule Set, where the shared files are there.
fn core_rule_set(version: &str) -> Option<std::path::PathBuf> {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(std::path::PathBuf::from)?;
    [shared.join("data/crs-rules").join(version), shared.join("crs-rules").join(version)]
        .into_iter()
        .find(|it| it.is_dir())
}
