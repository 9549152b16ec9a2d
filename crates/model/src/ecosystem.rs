//! The ecosystems that advisories are written for: the names that OSV gives them, the package URL types that mean them,
//! how they spell package names and which [`Order`] sorts their versions.

use std::borrow::Cow;

use crate::version::Order;

/// How an ecosystem tells package names apart. Names of a package URL and of an advisory are both brought to this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// As it is written.
    AsIs,
    /// Whatever its case.
    LowerCase,
    /// Python's PEP 503: whatever its case; any run of `-`, `_` and `.` is one hyphen.
    Pep503,
    /// crates.io: whatever its case, and `_` is `-`.
    CratesIo,
}

/// What is known of an ecosystem.
#[derive(Debug)]
pub struct EcosystemRow {
    /// OSV's spelling.
    pub name: &'static str,
    /// The types of package URLs that may mean it; for the packages of distributions the namespace decides.
    pub purl_types: &'static [&'static str],
    /// The rule for its versions; `None` where there is no exact one here.
    pub order: Option<Order>,
    /// Whether advisories are for one release of it, which a suffix names: `Debian:12`, `Alpine:v3.18`.
    pub releases: bool,
    /// Whether advisories name source packages, from which packages of other names may be built.
    pub source_packages: bool,
    /// How names are compared.
    pub name_rule: NameRule,
    /// Where the rules for names and versions are written down.
    pub citation: &'static str,
}

const OSV: &str = "https://ossf.github.io/osv-schema/#defined-ecosystems";

impl EcosystemRow {
    /// Whether it is a distribution of packages that others write; its advisories are about the weaknesses of those.
    pub const fn is_distribution(&self) -> bool {
        self.releases || self.source_packages
    }
}

/// Every ecosystem that OSV defines, and last the products that only a CPE names. The place of a row is its index in stored data, so new rows go to the end.
#[rustfmt::skip]
pub const ECOSYSTEMS: &[EcosystemRow] = &[
    language("Maven", &["maven"], Order::Maven, NameRule::AsIs, "https://maven.apache.org/pom.html#version-order-specification"),
    language("npm", &["npm"], Order::Npm, NameRule::AsIs, "https://github.com/npm/node-semver"),
    language("PyPI", &["pypi"], Order::Pep440, NameRule::Pep503, "https://peps.python.org/pep-0440/"),
    language("crates.io", &["cargo"], Order::SemVer, NameRule::CratesIo, "https://doc.rust-lang.org/cargo/reference/manifest.html#the-version-field"),
    language("Go", &["golang"], Order::Go, NameRule::LowerCase, "https://go.dev/ref/mod#versions"),
    language("NuGet", &["nuget"], Order::NuGet, NameRule::LowerCase, "https://learn.microsoft.com/nuget/concepts/package-versioning"),
    language("RubyGems", &["gem"], Order::RubyGems, NameRule::AsIs, "https://docs.ruby-lang.org/en/master/Gem/Version.html"),
    language("Packagist", &["composer"], Order::Packagist, NameRule::LowerCase, "https://getcomposer.org/doc/articles/versions.md"),
    language("Hex", &["hex"], Order::Hex, NameRule::LowerCase, "https://hexdocs.pm/elixir/Version.html"),
    language("Pub", &["pub"], Order::Pub, NameRule::AsIs, "https://dart.dev/tools/pub/versioning"),
    language("CRAN", &["cran"], Order::Cran, NameRule::AsIs, "https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html"),
    language("Hackage", &["hackage"], Order::Hackage, NameRule::AsIs, "https://pvp.haskell.org/"),
    language("SwiftURL", &["swift"], Order::SemVer, NameRule::LowerCase, "https://github.com/apple/swift-package-manager/blob/main/Documentation/PackageDescription.md#version"),
    by_source("Debian", &["deb"], Order::Dpkg, "https://www.debian.org/doc/debian-policy/ch-controlfields.html#version"),
    by_source("Ubuntu", &["deb"], Order::Dpkg, "https://www.debian.org/doc/debian-policy/ch-controlfields.html#version"),
    by_source("Alpine", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    by_binary("AlmaLinux", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("Rocky Linux", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_binary("Red Hat", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("SUSE", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("openSUSE", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("Mageia", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("openEuler", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("Photon OS", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    by_source("Azure Linux", &["rpm"], Order::Rpm, "https://rpm-software-management.github.io/rpm/man/rpm-version.7"),
    rolling("Wolfi", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    rolling("Chainguard", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    rolling("MinimOS", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    by_source("Alpaquita", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    by_source("BellSoft Hardened Containers", &["apk"], Order::Apk, "https://man.archlinux.org/man/apk-package.5"),
    rolling("Echo", &["deb"], Order::Dpkg, "https://www.debian.org/doc/debian-policy/ch-controlfields.html#version"),
    language("Bioconductor", &["bioconductor"], Order::Cran, NameRule::AsIs, "https://contributions.bioconductor.org/versionnum.html"),
    language("GHC", &[], Order::Hackage, NameRule::AsIs, "https://pvp.haskell.org/"),
    language("Bitnami", &["bitnami"], Order::Bitnami, NameRule::AsIs, "https://github.com/bitnami/go-version"),
    language("Kubernetes", &[], Order::SemVer, NameRule::AsIs, "https://kubernetes.io/releases/version-skew-policy/"),
    language("VSCode", &["vscode-extension"], Order::SemVer, NameRule::LowerCase, "https://code.visualstudio.com/api/working-with-extensions/publishing-extension"),
    unordered("Android", &[]),
    unordered("CleanStart", &[]),
    unordered("ConanCenter", &["conan"]),
    unordered("Docker Hardened Images", &[]),
    unordered("FreeBSD", &[]),
    unordered("GIT", &[]),
    unordered("GitHub Actions", &["githubactions"]),
    unordered("Julia", &["julia"]),
    unordered("Linux", &[]),
    unordered("OSS-Fuzz", &[]),
    unordered("opam", &["opam"]),
    unordered("Root", &[]),
    language("CPE", &[], Order::Generic, NameRule::AsIs, "https://nvd.nist.gov/products/cpe"),
];

const fn language(
    name: &'static str,
    purl_types: &'static [&'static str],
    order: Order,
    name_rule: NameRule,
    citation: &'static str,
) -> EcosystemRow {
    let order = Some(order);
    EcosystemRow { name, purl_types, order, releases: false, source_packages: false, name_rule, citation }
}

/// A distribution whose advisories are per release and name source packages.
const fn by_source(
    name: &'static str,
    purl_types: &'static [&'static str],
    order: Order,
    citation: &'static str,
) -> EcosystemRow {
    let row = language(name, purl_types, order, NameRule::AsIs, citation);
    EcosystemRow { releases: true, source_packages: true, ..row }
}

/// A distribution whose advisories are per release and name the packages that one installs.
const fn by_binary(
    name: &'static str,
    purl_types: &'static [&'static str],
    order: Order,
    citation: &'static str,
) -> EcosystemRow {
    EcosystemRow { source_packages: false, ..by_source(name, purl_types, order, citation) }
}

/// A distribution without releases, whose advisories name source packages.
const fn rolling(
    name: &'static str,
    purl_types: &'static [&'static str],
    order: Order,
    citation: &'static str,
) -> EcosystemRow {
    EcosystemRow { releases: false, ..by_source(name, purl_types, order, citation) }
}

/// An ecosystem without an exact order here: whether a version lies in a range cannot be told.
const fn unordered(name: &'static str, purl_types: &'static [&'static str]) -> EcosystemRow {
    EcosystemRow {
        name,
        purl_types,
        order: None,
        releases: false,
        source_packages: false,
        name_rule: NameRule::AsIs,
        citation: OSV,
    }
}

/// One of the [`ECOSYSTEMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecosystem(u8);

impl Ecosystem {
    /// The products that a CPE names, as `part:vendor:product`. No OSV record and no package URL speaks of it.
    pub const CPE: Ecosystem = Ecosystem(ECOSYSTEMS.len() as u8 - 1);

    /// All ecosystems.
    pub fn all() -> impl Iterator<Item = Ecosystem> {
        (0..ECOSYSTEMS.len() as u8).map(Ecosystem)
    }

    /// What is known of it.
    pub fn row(self) -> &'static EcosystemRow {
        &ECOSYSTEMS[usize::from(self.0)]
    }

    /// OSV's name for it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The rule for its versions; `None` where there is no exact one here.
    pub fn order(self) -> Option<Order> {
        self.row().order
    }

    /// Its place in [`ECOSYSTEMS`], for stored data.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The ecosystem at a place in [`ECOSYSTEMS`].
    pub fn from_index(index: u8) -> Option<Self> {
        (usize::from(index) < ECOSYSTEMS.len()).then_some(Self(index))
    }

    /// The ecosystem of this name, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        let place = ECOSYSTEMS.iter().position(|row| row.name.eq_ignore_ascii_case(name))?;
        u8::try_from(place).ok().map(Self)
    }

    /// Reads OSV's `affected[].package.ecosystem`: the name, whatever its case, and what follows the first colon:
    /// `Debian:12` is Debian and `12`, `Ubuntu:22.04:LTS` is Ubuntu and `22.04:LTS`.
    pub fn parse_osv(text: &str) -> Option<(Ecosystem, Option<&str>)> {
        let (name, suffix) = match text.split_once(':') {
            Some((name, suffix)) => (name, Some(suffix).filter(|suffix| !suffix.is_empty())),
            None => (text, None),
        };
        Self::named(name.trim_ascii()).filter(|named| *named != Self::CPE).map(|named| (named, suffix))
    }

    /// The name in the form that its ecosystem tells names apart by. Advisories and package URLs both go through this.
    pub fn normalise_name(self, name: &str) -> Cow<'_, str> {
        match self.row().name_rule {
            NameRule::AsIs => Cow::Borrowed(name),
            NameRule::LowerCase if !name.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Borrowed(name),
            NameRule::LowerCase => Cow::Owned(name.to_ascii_lowercase()),
            NameRule::CratesIo if !name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_') => {
                Cow::Borrowed(name)
            }
            NameRule::CratesIo => Cow::Owned(name.to_ascii_lowercase().replace('_', "-")),
            NameRule::Pep503 => pep503(name),
        }
    }
}

impl std::fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

fn pep503(name: &str) -> Cow<'_, str> {
    let separates = |c: char| matches!(c, '-' | '_' | '.');
    let plain =
        !name.contains("--") && !name.contains(|c: char| c == '_' || c == '.' || c.is_ascii_uppercase());
    if plain {
        return Cow::Borrowed(name);
    }
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        if !separates(c) {
            normal.push(c.to_ascii_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    Cow::Owned(normal)
}
