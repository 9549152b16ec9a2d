//! `os-release(5)`: which operating system it is.

use super::package;
use crate::examine::Examiner;
use crate::facts::System;
use crate::fields::text_of;
use crate::report::Confidence;

pub(super) fn os_release(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let value = |key: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once('='));
        let value =
            pairs.find(|(name, _)| *name == key).map(|(_, value)| value.trim().trim_matches(['"', '\'']));
        value.filter(|value| !value.is_empty())
    };
    let Some(id) = value("ID") else { return };
    let place = examiner.place(path);
    let mut found = package("generic", id, value("VERSION_ID"), place.clone(), "os-release");
    found.confidence = Confidence::High;
    found.is_system = true;
    let version = value("VERSION_ID").map(str::to_owned);
    examiner.facts.systems.push(System { place, id: id.to_owned(), version });
    examiner.facts.packages.push(found);
}
