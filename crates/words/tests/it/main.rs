//! Words of documents: real ones, and those that somebody built to hurt.

mod docx;
mod pdf;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
