//! Whether an archive is one release of a library, whole, and nothing besides: then what it lacks it never had, and nothing has to be
//! looked for under other names.

use std::collections::BTreeSet;

use crate::facts::ClassFact;
use crate::library::Forms;

/// The folder that all classes of a container share which were passed over by their names; with its last `/`.
#[derive(Debug, Default)]
pub(crate) struct SharedFolder(Option<Vec<u8>>);

impl SharedFolder {
    /// One more class. The description of a module stands beside all packages.
    pub(crate) fn add(&mut self, path: &[u8]) {
        let folder = path.get(..memchr::memrchr(b'/', path).map_or(0, |at| at + 1)).unwrap_or_default();
        match &mut self.0 {
            Some(shared) if folder.starts_with(shared) => {}
            _ if path.ends_with(b"module-info.class") => {}
            Some(shared) => {
                let same = shared.iter().zip(folder).take_while(|(one, other)| one == other).count();
                let end = memchr::memrchr(b'/', &shared[..same]).map_or(0, |at| at + 1);
                shared.truncate(end);
            }
            none => *none = Some(folder.to_vec()),
        }
    }

    /// Whether all of them are in this package, or below.
    fn is_in(&self, root: &str, package: &str) -> bool {
        let rest = self.0.as_ref().and_then(|shared| shared.strip_prefix(root.as_bytes()));
        rest.and_then(|rest| rest.strip_prefix(package.as_bytes())).is_some_and(|rest| rest.starts_with(b"/"))
    }
}

/// Whether the classes of one package are those of one release, each with its instructions, and the container has no others.
pub(crate) fn is_whole_and_alone(classes: &[&ClassFact], passed_over: &SharedFolder) -> bool {
    let Some((first, others)) = classes.split_first() else { return false };
    if !passed_over.is_in(&first.root, &first.package) {
        return false;
    }
    let forms = Forms::get();
    let there: BTreeSet<&str> = classes.iter().map(|it| it.class).collect();
    let releases = |fact: &ClassFact| -> BTreeSet<(&str, &str)> {
        let of_code = fact.code.into_iter().flat_map(|code| forms.of(fact.class, code));
        of_code.flat_map(|form| form.versions.iter().map(|version| (form.artifact, *version))).collect()
    };
    let mut candidates = releases(first);
    for fact in others {
        let its = releases(fact);
        candidates.retain(|release| its.contains(release));
    }
    candidates.iter().any(|(artifact, version)| forms.classes_in(artifact, version) == there)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(paths: &[&str]) -> SharedFolder {
        let mut shared = SharedFolder::default();
        for path in paths {
            shared.add(path.as_bytes());
        }
        shared
    }

    #[test]
    fn a_folder_is_shared_by_whole_names() {
        let own = ["org/apache/log4j/Level.class", "org/apache/log4j/spi/Filter.class", "module-info.class"];
        assert!(shared(&own).is_in("", "org/apache/log4j"));
        assert!(!shared(&[own[0], "org/apache/log4jx/A.class"]).is_in("", "org/apache/log4j"));
        assert!(!shared(&[own[0], "a/A.class"]).is_in("", "org/apache/log4j"));
        assert!(!shared(&["A.class", own[0]]).is_in("", "org/apache/log4j"));
        assert!(!shared(&[]).is_in("", "org/apache/log4j"), "nothing was seen, so nothing is known");
        assert!(shared(&["app/org/apache/log4j/Level.class"]).is_in("app/", "org/apache/log4j"));
    }
}
