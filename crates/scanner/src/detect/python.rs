//! Python's core metadata (`METADATA`, `PKG-INFO`): `Name: value` up to an empty line.

use super::package;
use crate::examine::Examiner;
use crate::fields::text_of;

pub(super) fn metadata(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let value = |key: &str| {
        let head = text.lines().take_while(|line| !line.is_empty());
        head.filter_map(|line| line.split_once(':'))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.trim())
    };
    let (Some(name), Some(version)) = (value("Name"), value("Version")) else { return };
    let found = package("pypi", &plain(name), Some(version), examiner.place(path), "the package's metadata");
    examiner.facts.packages.push(found);
}

/// `NAME-VERSION/PKG-INFO` in a packed source (source distribution format).
pub(super) fn source_metadata(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let folder = path.strip_suffix("/PKG-INFO").map(|it| it.trim_start_matches("./"));
    if examiner.is_inside() && folder.is_some_and(|it| !it.contains('/') && it.contains('-')) {
        metadata(path, bytes, examiner);
    }
}

/// The package URL's own rule for PyPI: lower case, `_` and `.` as `-`.
pub(super) fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}
