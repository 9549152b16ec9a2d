//! `package.json` of an installed npm package: one below `node_modules`, or in a packed package.

use serde_json::Value;

use super::package;
use crate::examine::Examiner;

pub(super) fn package_json(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    // A project's own file says what it wants, not what is there.
    if !path.contains("node_modules/") && path != "package/package.json" {
        return;
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(bytes) else { return };
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
