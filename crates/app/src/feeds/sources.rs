//! Every source of vulnerability data that we know, as a table. A source of NVD comes here as one more kind.

/// What a source delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A zip of OSV records.
    Osv,
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev,
    /// FIRST's scores of one day.
    Epss,
}

/// Whether data without a source can be called complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It belongs to every installation: where it is missing, the data is incomplete and says so.
    Expected,
    /// It is taken where it can be had; without it, components of its ecosystem are answered "cannot tell".
    Welcome,
}

/// A source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its name in evidence and status: `osv/Maven`.
    pub name: &'static str,
    /// What it delivers.
    pub kind: SourceKind,
    /// Whether data without it is complete.
    pub need: Need,
    /// Where it is below its public address, and the file below a mirror folder.
    pub path: &'static str,
}

/// The public addresses, each with the environment variable that replaces it (for an internal mirror).
pub const PUBLIC: [(SourceKind, &str, &str); 3] = [
    (SourceKind::Osv, "BEDRAIL_OSV_URL", "https://osv-vulnerabilities.storage.googleapis.com"),
    (SourceKind::Kev, "BEDRAIL_KEV_URL", "https://www.cisa.gov/sites/default/files/feeds"),
    (SourceKind::Epss, "BEDRAIL_EPSS_URL", "https://epss.empiricalsecurity.com"),
];

/// All sources, in the order in which they are shown.
#[rustfmt::skip]
pub const SOURCES: &[Source] = &[
    expected("osv/AlmaLinux", "AlmaLinux/all.zip"),
    expected("osv/Alpine", "Alpine/all.zip"),
    expected("osv/Debian", "Debian/all.zip"),
    expected("osv/Go", "Go/all.zip"),
    expected("osv/Hex", "Hex/all.zip"),
    expected("osv/Maven", "Maven/all.zip"),
    expected("osv/NuGet", "NuGet/all.zip"),
    expected("osv/Packagist", "Packagist/all.zip"),
    expected("osv/Pub", "Pub/all.zip"),
    expected("osv/PyPI", "PyPI/all.zip"),
    expected("osv/RubyGems", "RubyGems/all.zip"),
    expected("osv/crates.io", "crates.io/all.zip"),
    expected("osv/npm", "npm/all.zip"),
    welcome("osv/CRAN", "CRAN/all.zip"),
    welcome("osv/Chainguard", "Chainguard/all.zip"),
    welcome("osv/Hackage", "Hackage/all.zip"),
    welcome("osv/Mageia", "Mageia/all.zip"),
    welcome("osv/Photon OS", "Photon%20OS/all.zip"),
    welcome("osv/Red Hat", "Red%20Hat/all.zip"),
    welcome("osv/Rocky Linux", "Rocky%20Linux/all.zip"),
    welcome("osv/SUSE", "SUSE/all.zip"),
    welcome("osv/SwiftURL", "SwiftURL/all.zip"),
    welcome("osv/Ubuntu", "Ubuntu/all.zip"),
    welcome("osv/Wolfi", "Wolfi/all.zip"),
    welcome("osv/openEuler", "openEuler/all.zip"),
    welcome("osv/openSUSE", "openSUSE/all.zip"),
    Source { name: "kev", kind: SourceKind::Kev, need: Need::Expected, path: "known_exploited_vulnerabilities.json" },
    Source { name: "epss", kind: SourceKind::Epss, need: Need::Expected, path: "epss_scores-current.csv.gz" },
];

const fn expected(name: &'static str, path: &'static str) -> Source {
    Source { name, kind: SourceKind::Osv, need: Need::Expected, path }
}

const fn welcome(name: &'static str, path: &'static str) -> Source {
    Source { name, kind: SourceKind::Osv, need: Need::Welcome, path }
}

impl Source {
    /// The source of a name.
    pub fn named(name: &str) -> Option<&'static Source> {
        SOURCES.iter().find(|source| source.name == name)
    }

    /// Whether it delivers advisories.
    pub const fn is_osv(&self) -> bool {
        matches!(self.kind, SourceKind::Osv)
    }

    /// The ending of its files, as they are kept.
    pub(crate) const fn ending(&self) -> &'static str {
        match self.kind {
            SourceKind::Osv => "zip",
            SourceKind::Kev => "json",
            SourceKind::Epss => "csv.gz",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_osv_names_are_ecosystems() {
        for (index, source) in SOURCES.iter().enumerate() {
            assert!(SOURCES[..index].iter().all(|other| other.name != source.name), "{}", source.name);
            if let Some(ecosystem) = source.name.strip_prefix("osv/") {
                assert!(bedrail_model::ecosystem::Ecosystem::parse_osv(ecosystem).is_some(), "{ecosystem}");
                assert_eq!(source.path.replace("%20", " "), format!("{ecosystem}/all.zip"));
            }
        }
    }
}
