//! `package.json` of an installed npm package: one below `node_modules`, or in a packed package.

use serde_json::Value;

use super::{json, package, without_mark};
use crate::examine::Examiner;

pub(super) fn package_json(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    // A project's own file says what it wants, not what is there.
    // npm takes away the first folder of what it unpacks, whatever it is called.
    let is_packed = path == "package/package.json"
        || examiner.is_packed_as(".tgz") && path.trim_start_matches("./").split('/').count() == 2;
    if !path.contains("node_modules/") && !is_packed {
        return;
    }
    // Deeper in a package lie files of its tests that are wrong on purpose.
    let read = if is_own(path) {
        json("package.json", path, bytes, examiner)
    } else {
        serde_json::from_slice(without_mark(bytes)).ok()
    };
    let Some(Value::Object(object)) = read else { return };
    let text = |key: &str| object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(name), Some(version)) = (text("name"), text("version")) else { return };
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, name),
    };
    let mut found = package("npm", name, Some(version), examiner.place(path), "package.json");
    found.namespace = namespace;
    examiner.facts.packages.push(found);
}

/// Whether it is the package's own file: `node_modules/NAME/package.json`, or with a name space before the name.
fn is_own(path: &str) -> bool {
    let inside = path.rsplit_once("node_modules/").map_or(path, |(_, inside)| inside);
    inside.split('/').count() == if inside.starts_with('@') { 3 } else { 2 }
}
