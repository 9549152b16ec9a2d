//! The reading of foreign documents, tried from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers of tests too")]

use std::path::{Path, PathBuf};

use bedrail_formats::limits::Limits;
use bedrail_formats::sbom::{self, ReadError};
use bedrail_model::component::Inventory;

mod alerts;
mod corpus;
mod csaf;
mod cyclonedx;
mod device_list;
mod endoflife;
mod export;
mod exposure;
mod feed;
mod formats;
mod hostile;
mod list;
mod nvd;
mod product_list;
mod properties;
mod sra_tool;
mod vex;

/// Read with the ordinary limits.
fn read(bytes: &[u8]) -> Result<Inventory, ReadError> {
    sbom::read(bytes, &Limits::default())
}

/// The message of a refusal.
fn refusal(bytes: &[u8]) -> String {
    match read(bytes) {
        Ok(inventory) => panic!("was read: {} components", inventory.components.len()),
        Err(error) => error.to_string(),
    }
}

/// The files of a fixture folder, such as `cyclonedx-json/good`, in order.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder))
}

/// A folder of the shared data, by `BEDRAIL_SHARED` or beside the workspace.
#[expect(clippy::print_stdout, reason = "a test that was skipped says so")]
fn shared(folder: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("data").join(folder);
    if !folder.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(folder)
}

/// All files below a folder, in order; none where there is no such folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
