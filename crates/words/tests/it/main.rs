//! Words of documents: real ones, and those that somebody built to hurt.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

mod docx;
mod pdf;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
