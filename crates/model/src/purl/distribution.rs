//! Packages of Linux distributions: which distribution and release, which source package, which version.

use crate::ecosystem::Ecosystem;

use super::{Coordinates, NoCoordinates, PackageName, Purl};

/// A distribution as package URLs name it.
struct Distribution {
    /// The type of its packages.
    kind: &'static str,
    /// What its namespace, and the word in front of the release in `distro`, may be; without `-`, `_` and spaces.
    names: &'static [&'static str],
    /// OSV's name for it.
    ecosystem: &'static str,
    /// From the release in `distro` to OSV's spelling; `None` where that says nothing.
    release: fn(&str) -> Option<String>,
}

#[rustfmt::skip]
const DISTRIBUTIONS: &[Distribution] = &[
    Distribution { kind: "deb", names: &["debian"], ecosystem: "Debian", release: debian_release },
    Distribution { kind: "deb", names: &["ubuntu"], ecosystem: "Ubuntu", release: ubuntu_release },
    Distribution { kind: "deb", names: &["echo"], ecosystem: "Echo", release: no_release },
    Distribution { kind: "apk", names: &["alpine"], ecosystem: "Alpine", release: alpine_release },
    Distribution { kind: "apk", names: &["wolfi"], ecosystem: "Wolfi", release: no_release },
    Distribution { kind: "apk", names: &["chainguard"], ecosystem: "Chainguard", release: no_release },
    Distribution { kind: "apk", names: &["minimos"], ecosystem: "MinimOS", release: no_release },
    Distribution { kind: "apk", names: &["alpaquita"], ecosystem: "Alpaquita", release: as_given },
    Distribution { kind: "rpm", names: &["almalinux", "alma"], ecosystem: "AlmaLinux", release: major },
    Distribution { kind: "rpm", names: &["rockylinux", "rocky"], ecosystem: "Rocky Linux", release: major },
    Distribution { kind: "rpm", names: &["redhat", "rhel"], ecosystem: "Red Hat", release: red_hat_release },
    Distribution { kind: "rpm", names: &["opensuse", "opensuseleap", "opensusetumbleweed"], ecosystem: "openSUSE", release: opensuse_release },
    Distribution { kind: "rpm", names: &["suse", "sles"], ecosystem: "SUSE", release: suse_release },
    Distribution { kind: "rpm", names: &["mageia"], ecosystem: "Mageia", release: major },
    Distribution { kind: "rpm", names: &["openeuler"], ecosystem: "openEuler", release: as_given },
    Distribution { kind: "rpm", names: &["photon", "photonos"], ecosystem: "Photon OS", release: as_given },
    Distribution { kind: "rpm", names: &["azurelinux"], ecosystem: "Azure Linux", release: major },
];

pub(super) fn coordinates(purl: &Purl) -> Result<Coordinates, NoCoordinates> {
    let distro = purl.qualifier("distro");
    let distribution = find(purl, distro)?;
    let unknown = || NoCoordinates::EcosystemUnknown {
        kind: purl.kind().to_owned(),
        namespace: purl.namespace().map(str::to_owned),
    };
    let ecosystem = Ecosystem::named(distribution.ecosystem).ok_or_else(unknown)?;
    let release = distro.and_then(|distro| (distribution.release)(release_text(distribution, distro)));
    let named = |name: &str, version: Option<String>| PackageName {
        ecosystem,
        release: release.clone(),
        name: ecosystem.normalise_name(name).into_owned(),
        version: version.map(|version| with_epoch(purl, version)),
    };
    let own_version = purl.version().map(str::to_owned);
    let mut packages = vec![named(purl.name(), own_version.clone())];
    let by_source = ecosystem.row().source_packages;
    let source = source_package(purl).filter(|_| by_source);
    let source_unknown = by_source && source.is_none();
    if let Some((name, version)) = source {
        let source = named(&name, version.or(own_version));
        if source != packages[0] {
            packages.insert(0, source);
        }
    }
    Ok(Coordinates { packages, source_unknown })
}

/// The namespace says which distribution it is; without one, the word in `distro` does.
fn find(purl: &Purl, distro: Option<&str>) -> Result<&'static Distribution, NoCoordinates> {
    // Older makers of bills of materials have a type `alpine`, from before `apk` was agreed on.
    let (kind, namespace) = match purl.kind() {
        "alpine" => ("apk", Some("alpine")),
        kind => (kind, purl.namespace()),
    };
    let of_kind = || DISTRIBUTIONS.iter().filter(|distribution| distribution.kind == kind);
    let by_name = |name: &str| {
        let name = squeezed(name);
        of_kind().find(|distribution| distribution.names.contains(&name.as_str()))
    };
    if let Some(namespace) = namespace {
        return by_name(namespace).ok_or_else(|| NoCoordinates::EcosystemUnknown {
            kind: kind.to_owned(),
            namespace: Some(namespace.to_owned()),
        });
    }
    let distro = distro.unwrap_or_default();
    let word = distro.find(|c: char| c.is_ascii_digit()).map_or(distro, |place| &distro[..place]);
    by_name(word)
        .or_else(|| by_name(distro.split('-').next().unwrap_or_default()))
        .or_else(|| of_kind().find(|distribution| !codename(distribution, distro).is_empty()))
        .ok_or_else(|| NoCoordinates::DistributionUnknown { kind: kind.to_owned() })
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

/// `debian-12.13` is `12.13`: what follows the distribution's name, where that stands in front.
fn release_text<'a>(distribution: &Distribution, distro: &'a str) -> &'a str {
    let distro = distro.trim();
    let named = |end: usize| distribution.names.contains(&squeezed(&distro[..end]).as_str());
    let hyphens = distro.rmatch_indices('-').map(|(place, _)| place);
    match hyphens.into_iter().find(|&place| named(place)) {
        Some(place) => &distro[place + 1..],
        None => distro,
    }
}

/// The epoch of a package URL may stand in the version or in a qualifier of its own (purl-spec, `rpm`).
fn with_epoch(purl: &Purl, version: String) -> String {
    let in_version =
        version.split_once(':').is_some_and(|(epoch, _)| epoch.bytes().all(|b| b.is_ascii_digit()));
    match purl.qualifier("epoch") {
        Some(epoch) if !in_version && matches!(purl.kind(), "deb" | "rpm") => format!("{epoch}:{version}"),
        _ => version,
    }
}

/// The source package and, where it is given, its own version.
fn source_package(purl: &Purl) -> Option<(String, Option<String>)> {
    let source = ["upstream", "source", "origin"].iter().find_map(|key| purl.qualifier(key))?;
    if purl.kind() == "rpm" {
        return Some(source_rpm(source));
    }
    match source.split_once('@') {
        Some((name, version)) if !version.is_empty() => Some((name.to_owned(), Some(version.to_owned()))),
        _ => Some((source.trim_end_matches('@').to_owned(), None)),
    }
}

/// `openssl-3.0.7-24.el9.src.rpm` is `openssl`, `3.0.7-24.el9`.
fn source_rpm(source: &str) -> (String, Option<String>) {
    let Some(stem) = source.strip_suffix(".src.rpm").or_else(|| source.strip_suffix(".nosrc.rpm")) else {
        return (source.to_owned(), None);
    };
    let mut parts = stem.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(release), Some(version), Some(name)) => (name.to_owned(), Some(format!("{version}-{release}"))),
        _ => (stem.to_owned(), None),
    }
}

/// Code names and the releases they are for (<https://www.debian.org/releases/>, <https://wiki.ubuntu.com/Releases>).
const DEBIAN_CODENAMES: &[(&str, &str)] = &[
    ("forky", "14"),
    ("trixie", "13"),
    ("bookworm", "12"),
    ("bullseye", "11"),
    ("buster", "10"),
    ("stretch", "9"),
    ("jessie", "8"),
    ("wheezy", "7"),
    ("squeeze", "6.0"),
    ("lenny", "5.0"),
    ("etch", "4.0"),
    ("sarge", "3.1"),
    ("woody", "3.0"),
];
const UBUNTU_CODENAMES: &[(&str, &str)] = &[
    ("resolute", "26.04"),
    ("questing", "25.10"),
    ("plucky", "25.04"),
    ("oracular", "24.10"),
    ("noble", "24.04"),
    ("mantic", "23.10"),
    ("lunar", "23.04"),
    ("kinetic", "22.10"),
    ("jammy", "22.04"),
    ("impish", "21.10"),
    ("hirsute", "21.04"),
    ("groovy", "20.10"),
    ("focal", "20.04"),
    ("eoan", "19.10"),
    ("disco", "19.04"),
    ("cosmic", "18.10"),
    ("bionic", "18.04"),
    ("xenial", "16.04"),
    ("trusty", "14.04"),
];

/// The release that a code name of the distribution means; empty where it means none.
fn codename(distribution: &Distribution, word: &str) -> &'static str {
    let table = match distribution.ecosystem {
        "Debian" => DEBIAN_CODENAMES,
        "Ubuntu" => UBUNTU_CODENAMES,
        _ => return "",
    };
    let found = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map_or("", |(_, release)| release)
}

fn debian_release(text: &str) -> Option<String> {
    if let Some((_, release)) = DEBIAN_CODENAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Some((*release).to_owned());
    }
    // Up to 6.0 the second number was part of the release; since 7 it is a point release.
    let mut numbers = leading_numbers(text)?.split('.');
    let first = numbers.next()?;
    match first.parse::<u32>().ok()? {
        ..=6 => Some(format!("{first}.{}", numbers.next().unwrap_or("0"))),
        _ => Some(first.to_owned()),
    }
}

/// Long-term releases are those of April in even years, and OSV says so: `22.04:LTS`.
fn ubuntu_release(text: &str) -> Option<String> {
    let by_codename = UBUNTU_CODENAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    let text = by_codename.map_or(text, |(_, release)| release);
    let mut numbers = leading_numbers(text)?.split('.');
    let (year, month) = (numbers.next()?, numbers.next()?);
    let long_term = month == "04" && year.parse::<u32>().ok()? % 2 == 0;
    Some(format!("{year}.{month}{}", if long_term { ":LTS" } else { "" }))
}

fn alpine_release(text: &str) -> Option<String> {
    let numbers = leading_numbers(text.strip_prefix('v').unwrap_or(text))?;
    let mut parts = numbers.split('.');
    Some(format!("v{}.{}", parts.next()?, parts.next()?))
}

fn major(text: &str) -> Option<String> {
    leading_numbers(text)?.split('.').next().map(str::to_owned)
}

/// OSV names Red Hat's releases by the parts of their CPE; this is the one of the main product.
fn red_hat_release(text: &str) -> Option<String> {
    major(text).map(|major| format!("enterprise_linux:{major}"))
}

fn suse_release(text: &str) -> Option<String> {
    let leading = leading_numbers(text)?;
    let mut numbers = leading.split('.');
    let major = numbers.next()?;
    // `15-SP5`, as the system calls itself in words.
    let behind = text[leading.len()..].trim_start_matches(['-', ' ', '_']);
    let in_words = behind.strip_prefix("SP").or_else(|| behind.strip_prefix("sp")).and_then(leading_numbers);
    Some(match numbers.next().or(in_words).filter(|pack| *pack != "0") {
        Some(pack) => format!("Linux Enterprise Server {major} SP{pack}"),
        None => format!("Linux Enterprise Server {major}"),
    })
}

fn opensuse_release(text: &str) -> Option<String> {
    if squeezed(text).contains("tumbleweed") {
        return Some("Tumbleweed".to_owned());
    }
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let numbers = leading_numbers(&text[start..])?;
    // Tumbleweed calls its releases by date.
    if numbers.len() == 8 && !numbers.contains('.') {
        return Some("Tumbleweed".to_owned());
    }
    Some(format!("Leap {numbers}"))
}

fn as_given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn no_release(_: &str) -> Option<String> {
    None
}

/// The digits and dots in front, at least one digit.
fn leading_numbers(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let numbers = text[..end].trim_end_matches('.');
    numbers.starts_with(|c: char| c.is_ascii_digit()).then_some(numbers)
}
