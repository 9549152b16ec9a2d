//! Exact version orders. Each turns a version into a key whose bytes sort as the ecosystem's own tool sorts versions.
//!
//! A key is made once, when an index is built or a component is read; from then on a comparison is one `memcmp`. A
//! version that an order cannot place is refused, never guessed at. `docs/versions.md` has the rule and the source of
//! each order, and what each refuses.

use std::cmp::Ordering;

mod apk;
mod digits;
mod dpkg;
mod generic;
mod integers;
mod maven;
mod nuget;
mod packagist;
mod pep440;
mod rpm;
mod rubygems;
mod semver;

/// The longest version that is read, in bytes. The longest in the public feeds has 69; npm itself stops at 256.
pub const MAX_VERSION_BYTES: usize = 4096;

/// A rule that puts the versions of an ecosystem in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// Semantic Versioning 2.0.0, strict; build metadata has no say.
    SemVer,
    /// Bitnami's `go-version`: as [`Order::SemVer`], but a number behind the hyphen is the revision of the package, and comes after.
    Bitnami,
    /// npm's `semver`: as [`Order::SemVer`], with `v` or `=` in front and JavaScript's idea of a number.
    Npm,
    /// Go's `golang.org/x/mod/semver`: `v` in front or not, `1.2` short for `1.2.0`, `+incompatible` without a say.
    Go,
    /// Maven's `ComparableVersion`, as in Maven 3.9.
    Maven,
    /// Python's PEP 440; whatever does not follow it sorts before, by the rule of old setuptools. That is for what records write:
    /// see [`Order::places`].
    Pep440,
    /// NuGet: up to four numbers, labels whatever their case.
    NuGet,
    /// `Gem::Version`.
    RubyGems,
    /// Composer's normalisation, then PHP's `version_compare`. Branches (`dev-main`) have no place.
    Packagist,
    /// Debian's `dpkg`.
    Dpkg,
    /// RPM: epoch, version, release by `rpmvercmp`.
    Rpm,
    /// Alpine's apk-tools.
    Apk,
    /// Elixir's `Version`.
    Hex,
    /// Dart's `pub_semver`, where build metadata has a say.
    Pub,
    /// R's `package_version`.
    Cran,
    /// Haskell's `Distribution.Version`.
    Hackage,
    /// What all conventions agree on, for products that only a CPE names.
    Generic,
}

/// The place of a version in its order: keys of one order compare, as bytes, as the versions do. Versions that the
/// ecosystem holds equal (`1.0` and `1.0.0` in Maven) have equal keys. Keys of different orders do not compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionKey(Box<[u8]>);

impl VersionKey {
    /// The bytes, to be stored and compared with `memcmp`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key that these bytes are, as [`VersionKey::as_bytes`] gave them.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

/// A version that its order cannot place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` has no place in the order of {order} versions: expected {expected}", version.escape_debug())]
pub struct Unordered {
    /// The version as given, cut to its first 120 characters.
    pub version: String,
    /// The order that refused it.
    pub order: Order,
    /// What the order wants, in words.
    pub expected: &'static str,
}

/// What a rule says of a version that it cannot place: what was expected.
type Refusal = &'static str;

impl Order {
    /// All orders.
    pub const ALL: [Order; 17] = [
        Order::SemVer,
        Order::Bitnami,
        Order::Npm,
        Order::Go,
        Order::Maven,
        Order::Pep440,
        Order::NuGet,
        Order::RubyGems,
        Order::Packagist,
        Order::Dpkg,
        Order::Rpm,
        Order::Apk,
        Order::Hex,
        Order::Pub,
        Order::Cran,
        Order::Hackage,
        Order::Generic,
    ];

    /// The name shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Order::SemVer => "SemVer",
            Order::Bitnami => "Bitnami",
            Order::Npm => "npm",
            Order::Go => "Go",
            Order::Maven => "Maven",
            Order::Pep440 => "PEP 440",
            Order::NuGet => "NuGet",
            Order::RubyGems => "RubyGems",
            Order::Packagist => "Packagist",
            Order::Dpkg => "dpkg",
            Order::Rpm => "RPM",
            Order::Apk => "apk",
            Order::Hex => "Hex",
            Order::Pub => "Pub",
            Order::Cran => "CRAN",
            Order::Hackage => "Hackage",
            Order::Generic => "generic",
        }
    }

    /// The key of a version.
    ///
    /// # Errors
    /// The version has no place in this order.
    pub fn key(self, version: &str) -> Result<VersionKey, Unordered> {
        let mut bytes = Vec::with_capacity(2 * version.len() + 8);
        self.write_key(version, &mut bytes)?;
        Ok(VersionKey(bytes.into_boxed_slice()))
    }

    /// Appends the key of a version to `out`; on refusal `out` is as before.
    ///
    /// # Errors
    /// The version has no place in this order.
    pub fn write_key(self, version: &str, out: &mut Vec<u8>) -> Result<(), Unordered> {
        let start = out.len();
        self.write(version, out).map_err(|expected| {
            out.truncate(start);
            Unordered { version: version.chars().take(120).collect(), order: self, expected }
        })
    }

    /// How `a` stands to `b`, as the ecosystem's own tool answers. It is the order of their keys, except for Maven,
    /// whose own answers run in circles for a few odd versions; there this gives Maven's answer for the pair.
    ///
    /// # Errors
    /// One of them has no place in this order.
    pub fn compare(self, a: &str, b: &str) -> Result<Ordering, Unordered> {
        let mut keys = Vec::with_capacity(2 * (a.len() + b.len()) + 16);
        self.write_key(a, &mut keys)?;
        let end = keys.len();
        self.write_key(b, &mut keys)?;
        if self == Order::Maven {
            return Ok(maven::compare(a.trim_ascii(), b.trim_ascii()));
        }
        self.compare_keys(&keys[..end], &keys[end..]).ok_or_else(|| Unordered {
            version: b.chars().take(120).collect(),
            order: self,
            expected: "a suffix of the same kind as the other's",
        })
    }

    /// How two keys of this order stand to each other. `None` where each has its place and yet nobody can say which came
    /// first: of the same release, [`Order::Generic`] cannot compare a service pack with a patch level.
    pub fn compare_keys(self, a: &[u8], b: &[u8]) -> Option<Ordering> {
        (self != Order::Generic || generic::is_certain(a, b)).then(|| a.cmp(b))
    }

    /// Whether two keys of [`Order::Generic`] are of one release, whatever suffix each has: `1.0-rc1` and `1.0p3`.
    pub fn is_same_release(self, a: &[u8], b: &[u8]) -> bool {
        self == Order::Generic && generic::is_same_release(a, b)
    }

    /// Whether the place of a version that a component has says something. A key that is made for whatever a record writes says
    /// nothing of a component: old setuptools sorted what PEP 440 cannot read below everything.
    pub fn places(self, version: &str) -> bool {
        self != Order::Pep440 || pep440::is_readable(version)
    }

    /// The version without what others put behind it, where it has that: its local label (PEP 440, "Local version identifiers"),
    /// `2.5.1` of `2.5.1+cu121`; the revision of Bitnami's package, `2.4.58` of `2.4.58-1`.
    pub fn without_local(self, version: &str) -> Option<&str> {
        let public = match self {
            Order::Pep440 => version.split_once('+')?.0,
            Order::Bitnami => semver::without_revision(version.trim_ascii())?,
            _ => return None,
        };
        self.places(version).then_some(public)
    }

    /// The release that a packager's suffix stands behind, where one does, for [`Order::Generic`]: `1.30.1` of `1.30.1-6`. Such a
    /// version may be that very release, or a later one.
    pub fn without_packaging(self, version: &str) -> Option<&str> {
        if self == Order::Generic { generic::without_packaging(version) } else { None }
    }

    fn write(self, version: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let version = version.trim_ascii();
        if version.is_empty() {
            return Err("a version");
        }
        if version.len() > MAX_VERSION_BYTES {
            return Err("at most 4096 bytes");
        }
        let text = version.as_bytes();
        match self {
            Order::SemVer => semver::write(text, &semver::STRICT, out),
            Order::Bitnami => semver::write_bitnami(version, out),
            Order::Npm => semver::write_npm(text, out),
            Order::Go => semver::write_go(text, out),
            Order::Hex => semver::write(text, &semver::STRICT, out),
            Order::Pub => semver::write(text, &semver::PUB, out),
            Order::Maven => maven::write(version, out),
            Order::Pep440 => pep440::write(version, out),
            Order::NuGet => nuget::write(text, out),
            Order::RubyGems => rubygems::write(text, out),
            Order::Packagist => packagist::write(text, out),
            Order::Dpkg => dpkg::write(text, out),
            Order::Rpm => rpm::write(text, out),
            Order::Apk => apk::write(text, out),
            Order::Cran => integers::write_cran(text, out),
            Order::Hackage => integers::write_hackage(text, out),
            Order::Generic => generic::write(text, out),
        }
    }
}

impl std::fmt::Display for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
