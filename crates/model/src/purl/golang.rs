//! Go modules (<https://go.dev/ref/mod>): the path of the module, whichever way the package URL splits it, and the
//! standard library.

use crate::ecosystem::Ecosystem;

use super::{Coordinates, PackageName, Purl};

/// The standard library and the toolchain, as package URLs and as advisories name them. They carry the version of Go:
/// advisories write `1.21.0-rc.1` for `go1.21rc1`.
const OF_GO_ITSELF: [(&str, &str); 3] = [("stdlib", "stdlib"), ("std", "stdlib"), ("toolchain", "toolchain")];

pub(super) fn coordinates(purl: &Purl, ecosystem: Ecosystem) -> Coordinates {
    let module = match purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", purl.name()),
        None => purl.name().to_owned(),
    };
    if let Some((_, name)) = OF_GO_ITSELF.iter().find(|(name, _)| *name == module) {
        let version = purl.version().map(go_release);
        let packages = vec![PackageName { version, ..purl.package(ecosystem, name) }];
        return Coordinates { packages, source_unknown: false };
    }
    let paths = module_paths(&module, purl.subpath(), purl.version());
    let packages = paths.iter().map(|path| purl.package(ecosystem, path)).collect();
    Coordinates { packages, source_unknown: false }
}

/// The subpath is that of a package inside the module by the specification, but some makers of bills of materials cut
/// a module's path after the third part and put the rest there. From version 2 on, the path ends in the major version
/// (Go modules reference, "Major version suffixes"), which settles it where a part is that; else, both are possible.
fn module_paths(module: &str, subpath: Option<&str>, version: Option<&str>) -> Vec<String> {
    let Some(subpath) = subpath else { return vec![module.to_owned()] };
    let whole = format!("{module}/{subpath}");
    let version = version.unwrap_or_default();
    let major = version.strip_prefix('v').unwrap_or(version).split('.').next().unwrap_or_default();
    // A hash of a commit is no major version.
    let numbered = !major.is_empty() && major.bytes().all(|byte| byte.is_ascii_digit());
    if numbered && !matches!(major, "0" | "1") && !module.starts_with("gopkg.in/") {
        let suffix = format!("v{major}");
        let parts: Vec<&str> = whole.split('/').collect();
        if let Some(place) = parts.iter().position(|part| *part == suffix) {
            return vec![parts[..=place].join("/")];
        }
    }
    vec![whole, module.to_owned()]
}

/// `go1.21rc1` is `1.21.0-rc.1`, `go1.21` is `1.21.0`, as the Go vulnerability database converts them; anything behind
/// a space or hyphen (`go1.21.3 X:boringcrypto`, `1.21.3-X`) is a build of that release, unless it is SemVer already.
fn go_release(version: &str) -> String {
    let Some(release) = version.strip_prefix("go") else {
        return version.to_owned();
    };
    let release = release.split([' ', '-']).next().unwrap_or_default();
    let numbers = release.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(release.len());
    let (numbers, pre) = release.split_at(numbers);
    let dots = numbers.matches('.').count();
    let mut semver = format!("{numbers}{}", ".0".repeat(2_usize.saturating_sub(dots)));
    if let Some(digit) = pre.find(|c: char| c.is_ascii_digit()) {
        semver.push_str(&format!("-{}.{}", &pre[..digit], &pre[digit..]));
    }
    semver
}
