//! `conda-meta/NAME-VERSION-BUILD.json` of an environment of conda ("Managing environments").

use serde_json::Value;

use super::{json, package};
use crate::examine::Examiner;

pub(super) fn installed(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let Some(about) = json("package of conda", path, bytes, examiner) else { return };
    let text = |key: &str| about.get(key).and_then(Value::as_str).filter(|it| !it.is_empty());
    let (Some(name), Some(version)) = (text("name"), text("version")) else { return };
    let shows = "conda's list of what is installed";
    let mut found = package("conda", name, Some(version), examiner.place(path), shows);
    let keys = ["build", "subdir"].into_iter();
    found.qualifiers.extend(keys.filter_map(|key| Some((key, text(key)?.to_owned()))));
    examiner.facts.packages.push(found);
}
