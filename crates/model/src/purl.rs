//! Package URLs (<https://github.com/package-url/purl-spec>) and what an advisory database may know them by.

use std::str::FromStr;

use packageurl::PackageUrl;

mod distribution;
mod golang;
mod parts;

pub use parts::Parts;

use crate::ecosystem::Ecosystem;

/// A package URL, parsed and normalised by the rules of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl(PackageUrl<'static>);

/// Text that is not a package URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a package URL: {reason} (expected pkg:type/namespace/name@version)", text.escape_debug())]
pub struct InvalidPurl {
    /// The text as given, cut to its first 200 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why no advisory can name a package URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCoordinates {
    /// Advisories of no ecosystem are about this type of package, or this distribution.
    #[error("no ecosystem has packages of type `{kind}`{}", of_namespace(namespace))]
    EcosystemUnknown {
        /// The type: `generic`, `rpm`…
        kind: String,
        /// The namespace, where it would decide: the distribution.
        namespace: Option<String>,
    },
    /// The package of a distribution, but neither the namespace nor the qualifier `distro` says of which.
    #[error("a package of type `{kind}` without a namespace or `distro` that names the distribution")]
    DistributionUnknown {
        /// The type: `deb`, `rpm` or `apk`.
        kind: String,
    },
    /// The type of package has a group, vendor or owner, and it is missing.
    #[error("a package URL of type `{kind}` needs a namespace: pkg:{kind}/namespace/name")]
    NamespaceMissing {
        /// The type: `maven`, `composer`…
        kind: String,
    },
}

fn of_namespace(namespace: &Option<String>) -> String {
    namespace
        .as_ref()
        .map(|namespace| format!(" and namespace `{}`", namespace.escape_debug()))
        .unwrap_or_default()
}

/// A package as advisories name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The release of the distribution as OSV spells it (`12`, `v3.18`, `22.04:LTS`); `None` where it is not known, or
    /// the ecosystem has none.
    pub release: Option<String>,
    /// The name in OSV's spelling, normalised by [`Ecosystem::normalise_name`].
    pub name: String,
    /// The version of this package: of a source package its own, where the package URL gives it.
    pub version: Option<String>,
}

/// The packages that a component may be known by, the likeliest first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordinates {
    /// The packages. An advisory about any of them is about the component.
    pub packages: Vec<PackageName>,
    /// Whether advisories name source packages there, and the package URL does not say from which this one was built. It may be
    /// one that bears its own name.
    pub source_unknown: bool,
}

impl Purl {
    /// Reads a package URL. The scheme may be in upper case, which the specification's own parsing steps allow.
    ///
    /// # Errors
    /// The text is not a package URL.
    pub fn parse(text: &str) -> Result<Purl, InvalidPurl> {
        let invalid = |reason: &dyn std::fmt::Display| InvalidPurl {
            text: text.chars().take(200).collect(),
            reason: reason.to_string(),
        };
        let trimmed = text.trim();
        let parsed = match trimmed.split_once(':') {
            Some((scheme, rest)) if scheme != "pkg" && scheme.eq_ignore_ascii_case("pkg") => {
                PackageUrl::from_str(&format!("pkg:{rest}"))
            }
            _ => PackageUrl::from_str(trimmed),
        };
        parsed.map(Purl).map_err(|error| invalid(&error))
    }

    /// The type: `maven`, `deb`… in lower case.
    pub fn kind(&self) -> &str {
        self.0.ty()
    }

    /// The namespace: a group, scope, vendor, owner or distribution, decoded.
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace()
    }

    /// The name, decoded.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The version, decoded; `None` where there is none or it is empty.
    pub fn version(&self) -> Option<&str> {
        self.0.version().map(str::trim).filter(|version| !version.is_empty())
    }

    /// The value of a qualifier, decoded; `None` where there is none or it is empty. `key` is in lower case.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.0.qualifiers().get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// All qualifiers that have a value, decoded.
    pub fn qualifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.qualifiers().iter().map(|(key, value)| (key.as_ref(), value.trim()));
        all.filter(|(_, value)| !value.is_empty())
    }

    /// The subpath, decoded.
    pub fn subpath(&self) -> Option<&str> {
        self.0.subpath()
    }

    /// Type, namespace and name, decoded, without version, qualifiers and subpath: `maven/org.example/name`, `npm//name`.
    pub fn without_version(&self) -> String {
        format!("{}/{}/{}", self.kind(), self.namespace().unwrap_or_default(), self.name())
    }

    /// What an advisory database may know this component by.
    ///
    /// # Errors
    /// There is no ecosystem for it, or the package URL does not say which.
    pub fn coordinates(&self) -> Result<Coordinates, NoCoordinates> {
        let kind = self.kind();
        if matches!(kind, "deb" | "rpm" | "apk" | "alpine") {
            return distribution::coordinates(self);
        }
        let ecosystem = Ecosystem::all()
            .find(|ecosystem| ecosystem.row().purl_types.contains(&kind))
            .ok_or_else(|| NoCoordinates::EcosystemUnknown { kind: kind.to_owned(), namespace: None })?;
        if kind == "golang" {
            return Ok(golang::coordinates(self, ecosystem));
        }
        let name =
            self.osv_name().ok_or_else(|| NoCoordinates::NamespaceMissing { kind: kind.to_owned() })?;
        Ok(Coordinates { packages: vec![self.package(ecosystem, &name)], source_unknown: false })
    }

    /// Namespace and name in OSV's spelling; `None` where a namespace is needed and missing.
    fn osv_name(&self) -> Option<String> {
        let separator = match self.kind() {
            "maven" => ":",
            "vscode-extension" => ".",
            _ => "/",
        };
        match self.namespace() {
            Some(namespace) => Some(format!("{namespace}{separator}{}", self.name())),
            None if matches!(self.kind(), "maven" | "composer" | "swift") => None,
            None => Some(self.name().to_owned()),
        }
    }

    fn package(&self, ecosystem: Ecosystem, name: &str) -> PackageName {
        PackageName {
            ecosystem,
            release: None,
            name: ecosystem.normalise_name(name).into_owned(),
            version: self.version().map(str::to_owned),
        }
    }
}

impl std::fmt::Display for Purl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
