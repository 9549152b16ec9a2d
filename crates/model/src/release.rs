//! How the release that a record speaks of stands to the release that a package is from.
//!
//! Some distributions sell variants of a release: longer support, certified builds, modules. Records name them by spellings of
//! their own beside the plain release (OSV's own feeds; <https://ossf.github.io/osv-schema/#defined-ecosystems>):
//! `Ubuntu:Pro:18.04:LTS`, `Red Hat:rhel_eus:9.2::appstream`, `SUSE:Linux Enterprise Server 15 SP5-LTSS`.

use crate::ecosystem::Ecosystem;

/// How one release stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinship {
    /// The same release, however it is written.
    Same,
    /// A variant of the release, or one of which nobody can say what it is a variant of.
    Variant,
    /// Another release.
    Other,
}

/// A release taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Release<'a> {
    /// The number of the plain release, and of its service pack; empty where it has none.
    base: (&'a str, &'a str),
    /// Whether it is the plain release, or a part that every system of it may have.
    plain: bool,
}

/// How the release that a record speaks of stands to ours; both as OSV writes what is behind the distribution's name.
pub fn kinship(ecosystem: Ecosystem, spoken_of: &str, ours: &str) -> Kinship {
    if spoken_of == ours {
        return Kinship::Same;
    }
    let (theirs, ours) = match ecosystem.name() {
        "Ubuntu" => (ubuntu(spoken_of), ubuntu(ours)),
        "Red Hat" => (red_hat(spoken_of), red_hat(ours)),
        "SUSE" => (suse(spoken_of), suse(ours)),
        _ => return Kinship::Other,
    };
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs.base != ours.base => Kinship::Other,
        (Some(theirs), Some(ours)) if theirs.plain && ours.plain => Kinship::Same,
        _ => Kinship::Variant,
    }
}

/// Whether a version says itself that it is a variant's build: Ubuntu's extended maintenance and certified modules
/// (`1.1.1-1ubuntu2.1~18.04.23+esm4`, `1.1.1f-1ubuntu2.fips.22`).
pub fn is_variant_build(ecosystem: Ecosystem, version: &str) -> bool {
    ecosystem.name() == "Ubuntu" && (version.contains("esm") || version.contains("fips"))
}

/// `18.04:LTS`, `Pro:18.04:LTS`, `Pro:FIPS-updates:20.04:LTS`, `24.10`.
fn ubuntu(text: &str) -> Option<Release<'_>> {
    let number = text.split(':').find(|part| starts_with_digit(part))?;
    let plain = text.split(':').all(|part| part == number || part == "LTS");
    Some(Release { base: (number, ""), plain })
}

/// Parts of a CPE: product, version, edition. `enterprise_linux:9::baseos` is a repository of the plain release 9;
/// `rhel_eus:9.2::appstream` is a variant of it; `openshift:4.14::el9` is something else that is built for it.
fn red_hat(text: &str) -> Option<Release<'_>> {
    let mut parts = text.split(':');
    let (product, version) = (parts.next()?, parts.next().unwrap_or_default());
    let built_for = parts.find_map(|part| part.strip_prefix("el").filter(|number| starts_with_digit(number)));
    let of_system = product.starts_with("enterprise_linux") || product.starts_with("rhel_");
    let number = built_for.or_else(|| Some(version).filter(|_| of_system))?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let plain = product == "enterprise_linux";
    (end > 0).then_some(Release { base: (&number[..end], ""), plain })
}

/// `Linux Enterprise Server 15 SP5`; behind a module's name stands the release that it belongs to, and behind a hyphen the
/// variant: `Linux Enterprise Server 15 SP5-LTSS`.
fn suse(text: &str) -> Option<Release<'_>> {
    let mut words = text.split(' ');
    let number = words.find(|word| starts_with_digit(word))?;
    let start = text.find(number)?;
    let pack = words.next().filter(|word| word.starts_with("SP")).unwrap_or_default();
    let uncut = |word: &'_ str| !word.contains('-');
    let product = text[..start].trim_end();
    let plain = (product == "Linux Enterprise Server" || product.starts_with("Linux Enterprise Module for"))
        && uncut(number)
        && uncut(pack);
    Some(Release { base: (before_hyphen(number), before_hyphen(pack)), plain })
}

fn before_hyphen(word: &str) -> &str {
    word.split('-').next().unwrap_or_default()
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
