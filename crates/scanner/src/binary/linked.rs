//! cargo-auditable (PARSING.md): crates that a Rust program was linked with, as compressed JSON in a section of their own.

use std::io::Read;
use std::rc::Rc;

use serde_json::Value;

use super::Layout;
use crate::budget::Metered;
use crate::content::Content;
use crate::detect::package;
use crate::examine::Examiner;
use crate::report::Confidence;

/// Bytes of the section, and of what is in it: cargo-auditable's own limit is 8 MiB.
const MAX_BYTES: u64 = 8 << 20;

pub(super) fn cargo<'s>(name: &str, content: &Content<'s>, layout: &Layout, examiner: &mut Examiner<'s>) {
    let Some(section) = layout.section(".dep-v0") else { return };
    let Ok(packed) = content.up_to(section.offset, section.length.min(MAX_BYTES) as usize) else { return };
    let meter = Rc::clone(&examiner.meter);
    let unpacked = Metered::new(flate2::bufread::ZlibDecoder::new(packed.as_slice()), &meter);
    let mut text = Vec::new();
    // What is cut off is no JSON, and tells nothing.
    let _ = unpacked.take(MAX_BYTES).read_to_end(&mut text);
    let Ok(audit) = serde_json::from_slice::<Value>(&text) else { return };
    for one in audit.get("packages").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        // Those that only built it are not in it; those from elsewhere than the registry have no name there.
        let is_in_it =
            text("kind") != Some("build") && matches!(text("source"), Some("crates.io" | "registry"));
        if let (Some(crate_name), Some(version), true) = (text("name"), text("version"), is_in_it) {
            let shows = "linked into the program (cargo-auditable)";
            let mut found = package("cargo", crate_name, Some(version), examiner.place(name), shows);
            found.confidence = Confidence::High;
            examiner.facts.packages.push(found);
        }
    }
}
