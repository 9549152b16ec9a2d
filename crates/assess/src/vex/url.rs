//! Package URLs of statements and of our components, compared with all that they say.
//!
//! Tools that compare them as texts miss what `distro=debian-12` says of a package of `debian-12.13`, and take
//! `arch=amd64` for no difference or for every difference. Here each qualifier has its answer.

use bedrail_model::purl::{Parts, Purl};

use super::{Speaks, Spoken, Why, equal_versions};

/// Qualifiers that tell where a file is from, or what is told elsewhere: no difference between packages.
const IMMATERIAL: &[&str] = &[
    "type",
    "extension",
    "upstream",
    "source",
    "origin",
    "epoch",
    "vcs_url",
    "download_url",
    "file_name",
    "checksum",
    "checksums",
    "hashes",
    "vers",
    "ext",
];

/// A package URL, read once.
#[derive(Debug, Clone)]
pub(super) struct Url {
    purl: Purl,
    parts: Parts,
    path: String,
    /// The release of the distribution as OSV spells it; `None` for packages of no distribution.
    distribution: Option<Option<String>>,
    /// The version, with its epoch where that stands in a qualifier.
    version: Option<String>,
}

impl Url {
    pub(super) fn read(text: &str) -> Option<Url> {
        let purl = Purl::parse(text).ok()?;
        let parts = Parts::read(text)?;
        let distributed = matches!(purl.kind(), "deb" | "rpm" | "apk" | "alpine");
        let known = purl.coordinates().ok().filter(|_| distributed);
        let own = |it: &bedrail_model::purl::Coordinates| it.packages.last().cloned();
        let own = known.as_ref().and_then(own);
        Some(Url {
            path: format!("{}/{}", parts.kind, parts.path),
            distribution: distributed.then(|| own.as_ref().and_then(|it| it.release.clone())),
            version: own.and_then(|it| it.version).or_else(|| purl.version().map(str::to_owned)),
            parts,
            purl,
        })
    }

    /// Type, namespace and name in lower case.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn name(&self) -> &str {
        self.parts.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(super) fn is_generic(&self) -> bool {
        self.parts.kind == "generic"
    }

    /// Compares a statement's URL (this) with one of ours; `beside` judges by the version that stands beside it.
    pub(super) fn compare(&self, ours: &Url, beside: &dyn Fn(&str) -> Spoken) -> Spoken {
        if self.path != ours.path {
            return Spoken::no(Why::OtherProduct);
        }
        let version = match (&self.version, &ours.version) {
            (Some(theirs), Some(ours)) if theirs == ours => Spoken::yes(Why::Url),
            (Some(theirs), ours) => self.versions(theirs, ours.as_deref()),
            (None, ours) => match beside(ours.as_deref().unwrap_or_default()) {
                Spoken { why: Why::AllVersions, .. } => Spoken::yes(Why::UrlAllVersions),
                other => other,
            },
        };
        if version.speaks == Speaks::No {
            return version;
        }
        let mut doubt = None;
        for spoken in [self.distributions(ours), self.subpaths(ours)].into_iter().chain(self.qualifiers(ours))
        {
            match spoken {
                Some(Spoken { speaks: Speaks::No, why }) => return Spoken::no(why),
                Some(Spoken { speaks: Speaks::CannotTell, why }) => doubt = doubt.or(Some(why)),
                Some(_) | None => {}
            }
        }
        match (version.speaks, doubt) {
            (Speaks::Yes, Some(why)) => Spoken::cannot_tell(why),
            _ => version,
        }
    }

    /// Versions of packages are written by machines: two texts are two versions, but for a "v" in front.
    fn versions(&self, theirs: &str, ours: Option<&str>) -> Spoken {
        let Some(ours) = ours else { return equal_versions(theirs, "") };
        let plain = |it: &str| it.trim_start_matches('v').to_owned();
        if plain(theirs).eq_ignore_ascii_case(&plain(ours)) {
            Spoken::yes(Why::Url)
        } else {
            Spoken::no(Why::OtherVersion)
        }
    }

    /// The release of the distribution, in the exactness of its advisories: 12 and 12.13 are one.
    fn distributions(&self, ours: &Url) -> Option<Spoken> {
        let (theirs, ours_) = (self.distribution.as_ref()?, ours.distribution.as_ref()?);
        match (self.purl.qualifier("distro"), theirs, ours_) {
            (None, _, _) => None,
            (Some(_), Some(theirs), Some(ours)) if theirs == ours => None,
            (Some(_), Some(_), Some(_)) => Some(Spoken::no(Why::OtherDistribution)),
            (Some(theirs), None, _) if Some(theirs) == ours.purl.qualifier("distro") => None,
            (Some(_), _, _) => Some(Spoken::cannot_tell(Why::DistributionUnknown)),
        }
    }

    fn subpaths(&self, ours: &Url) -> Option<Spoken> {
        let theirs = self.purl.subpath()?;
        match ours.purl.subpath() {
            Some(ours) if ours == theirs => None,
            Some(_) => Some(Spoken::no(Why::OtherVariant("subpath".to_owned()))),
            None => Some(Spoken::cannot_tell(Why::VariantUnknown(format!("subpath {theirs}")))),
        }
    }

    /// Every other qualifier that the statement has. What ours has beyond it makes ours a case of it.
    fn qualifiers<'u>(&'u self, ours: &'u Url) -> impl Iterator<Item = Option<Spoken>> + 'u {
        self.purl.qualifiers().filter(|(key, _)| *key != "distro" && !IMMATERIAL.contains(key)).map(
            |(key, theirs)| match ours.purl.qualifier(key) {
                Some(ours) if ours.eq_ignore_ascii_case(theirs) => None,
                Some(_) => Some(Spoken::no(Why::OtherVariant(key.to_owned()))),
                None => Some(Spoken::cannot_tell(Why::VariantUnknown(format!("{key}={theirs}")))),
            },
        )
    }
}
