//! The source package that a package of a distribution was built from, where a bill says it beside the package URL.
//!
//! Advisories of most distributions name source packages. By the package URL specification the source stands in the qualifier
//! `upstream`; Trivy writes it into properties alone
//! (<https://trivy.dev/latest/docs/supply-chain/sbom/>), and so do some versions of Syft
//! (<https://github.com/anchore/syft>, `syft:metadata:…`). It is put where it belongs.

use bedrail_model::purl::Purl;

const TRIVY: &str = "aquasecurity:trivy:";
const SYFT: &str = "syft:metadata:";
const SYFT_PACKAGE: &str = "syft:package:";

/// The package URL with the source package that the properties give, where it is one of a distribution and gives none itself.
pub(super) fn added<'n, P>(purl: &str, properties: impl Fn() -> P) -> String
where
    P: Iterator<Item = (&'n str, &'n str)>,
{
    let value = |prefix: &str, key: &str| {
        let found = properties().find(|(name, _)| name.strip_prefix(prefix) == Some(key));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let has =
        |parsed: &Purl| ["upstream", "source", "origin"].iter().any(|key| parsed.qualifier(key).is_some());
    let of_distribution = |parsed: &Purl| matches!(parsed.kind(), "deb" | "rpm" | "apk" | "alpine");
    let parsed = Purl::parse(purl).ok().filter(|parsed| of_distribution(parsed) && !has(parsed));
    match parsed.and_then(|parsed| source(&parsed, value)) {
        Some(source) => with_qualifier(purl, &source),
        None => purl.to_owned(),
    }
}

/// The source package as the qualifier has it: `openssl@1:3.0.11-1`, of an RPM `openssl-3.0.7-24.el9.src.rpm`.
fn source<'n>(purl: &Purl, value: impl Fn(&str, &str) -> Option<&'n str>) -> Option<String> {
    let Some(name) = value(TRIVY, "SrcName") else {
        if let Some(file) = value(SYFT, "sourceRpm") {
            return Some(file.to_owned());
        }
        // Syft says the source only where its name is another than the package's.
        let own = value(SYFT_PACKAGE, "metadataType").filter(|_| purl.kind() != "rpm").map(|_| purl.name());
        let Some(name) = value(SYFT, "source").or_else(|| value(SYFT, "originPackage")) else {
            return own.map(str::to_owned);
        };
        let version = value(SYFT, "sourceVersion").map(|version| with_epoch(purl, None, version));
        return Some(version.map_or_else(|| name.to_owned(), |version| format!("{name}@{version}")));
    };
    let Some(version) = value(TRIVY, "SrcVersion") else { return Some(name.to_owned()) };
    let version = with_epoch(purl, value(TRIVY, "SrcEpoch"), version);
    let release = value(TRIVY, "SrcRelease");
    Some(match (purl.kind(), release) {
        ("rpm", Some(release)) => format!("{name}-{version}-{release}.src.rpm"),
        ("rpm", None) => name.to_owned(),
        (_, Some(release)) => format!("{name}@{version}-{release}"),
        (_, None) => format!("{name}@{version}"),
    })
}

/// The version with its epoch. The epoch of the package is not that of its source: where only the package has one, the source has 0.
fn with_epoch(purl: &Purl, epoch: Option<&str>, version: &str) -> String {
    match epoch.or_else(|| purl.qualifier("epoch").map(|_| "0")) {
        Some(epoch) if !version.contains(':') => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    }
}

/// The package URL with the qualifier `upstream`, percent-encoded as its specification says.
fn with_qualifier(purl: &str, upstream: &str) -> String {
    let (before, subpath) = match purl.split_once('#') {
        Some((before, subpath)) => (before, Some(subpath)),
        None => (purl, None),
    };
    let mut text = format!("{before}{}upstream=", if before.contains('?') { '&' } else { '?' });
    for byte in upstream.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    if let Some(subpath) = subpath {
        text.push('#');
        text.push_str(subpath);
    }
    text
}
