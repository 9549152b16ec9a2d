//! Every source of vulnerability data that we know, as a table.

/// What a source delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A zip of OSV records.
    Osv,
    /// A feed of NVD: the CVEs of one year, or those that changed in the last days.
    Nvd,
    /// A zip of configurations for CVEs that NVD has not looked at.
    NvdOverrides,
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
pub const PUBLIC: [(SourceKind, &str, &str); 5] = [
    (SourceKind::Osv, "BEDRAIL_OSV_URL", "https://osv-vulnerabilities.storage.googleapis.com"),
    (SourceKind::Nvd, "BEDRAIL_NVD_URL", "https://nvd.nist.gov/feeds/json/cve/2.0"),
    (
        SourceKind::NvdOverrides,
        "BEDRAIL_NVD_OVERRIDES_URL",
        "https://codeload.github.com/anchore/nvd-data-overrides",
    ),
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
    nvd("nvd/2002", "nvdcve-2.0-2002.json.gz"),
    nvd("nvd/2003", "nvdcve-2.0-2003.json.gz"),
    nvd("nvd/2004", "nvdcve-2.0-2004.json.gz"),
    nvd("nvd/2005", "nvdcve-2.0-2005.json.gz"),
    nvd("nvd/2006", "nvdcve-2.0-2006.json.gz"),
    nvd("nvd/2007", "nvdcve-2.0-2007.json.gz"),
    nvd("nvd/2008", "nvdcve-2.0-2008.json.gz"),
    nvd("nvd/2009", "nvdcve-2.0-2009.json.gz"),
    nvd("nvd/2010", "nvdcve-2.0-2010.json.gz"),
    nvd("nvd/2011", "nvdcve-2.0-2011.json.gz"),
    nvd("nvd/2012", "nvdcve-2.0-2012.json.gz"),
    nvd("nvd/2013", "nvdcve-2.0-2013.json.gz"),
    nvd("nvd/2014", "nvdcve-2.0-2014.json.gz"),
    nvd("nvd/2015", "nvdcve-2.0-2015.json.gz"),
    nvd("nvd/2016", "nvdcve-2.0-2016.json.gz"),
    nvd("nvd/2017", "nvdcve-2.0-2017.json.gz"),
    nvd("nvd/2018", "nvdcve-2.0-2018.json.gz"),
    nvd("nvd/2019", "nvdcve-2.0-2019.json.gz"),
    nvd("nvd/2020", "nvdcve-2.0-2020.json.gz"),
    nvd("nvd/2021", "nvdcve-2.0-2021.json.gz"),
    nvd("nvd/2022", "nvdcve-2.0-2022.json.gz"),
    nvd("nvd/2023", "nvdcve-2.0-2023.json.gz"),
    nvd("nvd/2024", "nvdcve-2.0-2024.json.gz"),
    nvd("nvd/2025", "nvdcve-2.0-2025.json.gz"),
    nvd("nvd/2026", "nvdcve-2.0-2026.json.gz"),
    nvd("nvd/modified", "nvdcve-2.0-modified.json.gz"),
    Source { name: "anchore/nvd-overrides", kind: SourceKind::NvdOverrides, need: Need::Welcome, path: "zip/refs/heads/main" },
    Source { name: "kev", kind: SourceKind::Kev, need: Need::Expected, path: "known_exploited_vulnerabilities.json" },
    Source { name: "epss", kind: SourceKind::Epss, need: Need::Expected, path: "epss_scores-current.csv.gz" },
];

const fn expected(name: &'static str, path: &'static str) -> Source {
    Source { name, kind: SourceKind::Osv, need: Need::Expected, path }
}

const fn welcome(name: &'static str, path: &'static str) -> Source {
    Source { name, kind: SourceKind::Osv, need: Need::Welcome, path }
}

/// NVD is asked about what no ecosystem has: without it, components that only a CPE names are answered "cannot tell".
const fn nvd(name: &'static str, path: &'static str) -> Source {
    Source { name, kind: SourceKind::Nvd, need: Need::Welcome, path }
}

impl Source {
    /// The source of a name.
    pub fn named(name: &str) -> Option<&'static Source> {
        SOURCES.iter().find(|source| source.name == name)
    }

    /// Whether it delivers advisories.
    pub const fn has_advisories(&self) -> bool {
        matches!(self.kind, SourceKind::Osv | SourceKind::Nvd | SourceKind::NvdOverrides)
    }

    /// The ending of its files, as they are kept.
    pub(crate) const fn ending(&self) -> &'static str {
        match self.kind {
            SourceKind::Osv | SourceKind::NvdOverrides => "zip",
            SourceKind::Nvd => "json.gz",
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
            if let Some(year) = source.name.strip_prefix("nvd/") {
                assert_eq!(source.path, format!("nvdcve-2.0-{year}.json.gz"));
            }
        }
    }
}
