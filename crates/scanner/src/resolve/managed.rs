//! Programs that a package manager put there. A distribution mends without changing the version that the program prints, so the
//! package tells more than the string: where both are the same thing, the package alone counts.

use crate::report::Found;

/// Databases of packages, below the root of their system.
const DATABASES: &[&str] = &["var/lib/dpkg/", "lib/apk/db/", "usr/lib/sysimage/rpm/", "var/lib/rpm/"];
/// Where packages put programs. What is in `usr/local`, `opt` and `srv` somebody else put there.
const FOLDERS: &[&str] = &["usr/bin/", "usr/sbin/", "usr/lib", "bin/", "sbin/", "lib", "boot/"];
/// Packages that are called otherwise than the component that a rule names.
const OTHERWISE: &[(&str, &str)] = &[("wpa_supplicant", "wpa"), ("musl", "musl"), ("glibc", "libc6")];

/// A package of a database.
pub(super) struct Package<'f> {
    around: &'f [String],
    root: &'f str,
    name: &'f str,
    /// The name of its source package.
    upstream: &'f str,
    version: &'f str,
}

impl<'f> Package<'f> {
    pub(super) fn of(found: &'f Found) -> Option<Package<'f>> {
        if !matches!(found.kind, "deb" | "apk" | "rpm") {
            return None;
        }
        let path = found.place.name();
        let at = DATABASES.iter().find_map(|database| path.find(database))?;
        let upstream = found.qualifiers.iter().find(|(key, _)| *key == "upstream");
        let upstream =
            upstream.map_or(found.name.as_str(), |(_, name)| name.split('@').next().unwrap_or(name));
        let (around, root) = (found.place.around(), &path[..at]);
        Some(Package { around, root, name: &found.name, upstream, version: found.version.as_deref()? })
    }
}

/// Whether something that is told by a string is a file of a package, and of the same version.
pub(super) fn is_of_package(found: &Found, packages: &[Package<'_>]) -> bool {
    let Some(version) = found.version.as_ref().filter(|_| !found.cpes.is_empty()) else { return false };
    let numbers: &str = version.split(['-', '+', '~', '_']).next().unwrap_or(version);
    let other = OTHERWISE.iter().find(|(component, _)| *component == found.name).map(|(_, other)| *other);
    packages.iter().any(|package| {
        let is_named = [Some(found.name.as_str()), other].into_iter().flatten().any(|name| {
            package.name == name || package.upstream.starts_with(name) || package.name.starts_with(name)
        });
        let place = (package.around == found.place.around())
            .then(|| found.place.name().strip_prefix(package.root))
            .flatten();
        let is_there = place.is_some_and(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)));
        is_named && is_there && package.version.contains(numbers)
    })
}
