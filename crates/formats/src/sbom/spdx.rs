//! What SPDX 2 and SPDX 3 share: words for kinds, hashes, relations, and for saying nothing.

use std::borrow::Cow;

use bedrail_model::component::{Component, ComponentKind, RelationKind};

use crate::value::{Place, Warnings};

/// A text, unless it says that nothing is said (SPDX 2.3 §3.4: `NOASSERTION`, `NONE`).
pub(super) fn asserted(text: Cow<'_, str>) -> Option<String> {
    let says_nothing = matches!(&*text, "NOASSERTION" | "NONE" | "NoAssertion" | "None");
    (!says_nothing).then(|| text.into_owned())
}

/// Keeps a package URL of a component that has one already. A component is judged by one alone, so that another one is said.
pub(super) fn another_purl(
    component: &mut Component,
    purl: String,
    place: Place<'_>,
    warnings: &mut Warnings,
) {
    if component.purl.as_ref() != Some(&purl) {
        let name = &component.name;
        let message =
            format!("`{name}` has more than one package URL: `{purl}` is kept as it stands, and not judged");
        warnings.lost(place, message);
    }
    component.other_identifiers.push(("purl".to_owned(), purl));
}

/// A name out of `Organization: Name (mail)`, `Person: Name ()` or `Tool: name` (SPDX 2.3 §7.5).
pub(super) fn agent(text: Cow<'_, str>) -> Option<String> {
    let text = asserted(text)?;
    let name = ["Organization:", "Person:", "Tool:"]
        .iter()
        .find_map(|role| text.strip_prefix(role))
        .unwrap_or(&text);
    let name = match name.rsplit_once('(') {
        Some((name, mail))
            if mail.trim_end().ends_with(')') && (mail.contains('@') || mail.trim() == ")") =>
        {
            name
        }
        _ => name,
    };
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A word without its case and signs: `DEPENDS_ON` and `dependsOn` are one.
fn bare(word: &str) -> String {
    word.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Purposes (SPDX 2.3 §7.24, SPDX 3.0.1 `SoftwarePurpose`) that are kinds of their own; any other is a library's.
const PURPOSES: &[(&str, ComponentKind)] = &[
    ("application", ComponentKind::Application),
    ("executable", ComponentKind::Application),
    ("install", ComponentKind::Application),
    ("framework", ComponentKind::Framework),
    ("library", ComponentKind::Library),
    ("module", ComponentKind::Library),
    ("container", ComponentKind::Container),
    ("platform", ComponentKind::Platform),
    ("operatingsystem", ComponentKind::OperatingSystem),
    ("device", ComponentKind::Device),
    ("devicedriver", ComponentKind::DeviceDriver),
    ("firmware", ComponentKind::Firmware),
    ("file", ComponentKind::File),
    ("model", ComponentKind::MachineLearningModel),
    ("data", ComponentKind::Data),
    ("configuration", ComponentKind::Data),
];

/// The kind of a purpose.
pub(super) fn kind_of_purpose(purpose: &str) -> Option<ComponentKind> {
    let purpose = bare(purpose);
    PURPOSES.iter().find(|(word, _)| *word == purpose).map(|(_, kind)| *kind)
}

/// Hash algorithms in the model's spelling, which is CycloneDX's (1.7, `hash-alg`); SPDX writes `SHA256` and `sha3_256`.
const ALGORITHMS: &[&str] = &[
    "MD5",
    "SHA-1",
    "SHA-224",
    "SHA-256",
    "SHA-384",
    "SHA-512",
    "SHA3-224",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
];

/// An algorithm in the model's spelling; one that is not known stays as it is.
pub(super) fn hash_algorithm(name: &str) -> String {
    let name = name.rsplit(['#', '/']).next().unwrap_or(name);
    let wanted = bare(name.strip_prefix("checksumAlgorithm_").unwrap_or(name));
    ALGORITHMS
        .iter()
        .find(|known| bare(known) == wanted)
        .map_or_else(|| name.to_owned(), |known| (*known).to_owned())
}

/// Which way a relation's word points.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    /// `A DEPENDENCY_OF B` means that B depends on A.
    Reversed,
}

/// Relations (SPDX 2.3 §11.1, SPDX 3.0.1 `RelationshipType`) that are kinds of their own; any other is [`RelationKind::Other`].
/// Links, prerequisites and dependencies of every phase count as "depends on": they are paths by which a weakness gets in.
const RELATIONS: &[(&str, RelationKind, Direction)] = &[
    ("describes", RelationKind::Describes, Direction::Forward),
    ("describedby", RelationKind::Describes, Direction::Reversed),
    ("contains", RelationKind::Contains, Direction::Forward),
    ("containedby", RelationKind::Contains, Direction::Reversed),
    ("packageof", RelationKind::Contains, Direction::Reversed),
    ("packagedby", RelationKind::Contains, Direction::Reversed),
    ("expandsto", RelationKind::Contains, Direction::Forward),
    ("hasoptionalcomponent", RelationKind::Contains, Direction::Forward),
    ("optionalcomponentof", RelationKind::Contains, Direction::Reversed),
    ("dependson", RelationKind::DependsOn, Direction::Forward),
    ("dependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("builddependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("devdependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("optionaldependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("provideddependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("runtimedependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("testdependencyof", RelationKind::DependsOn, Direction::Reversed),
    ("hasoptionaldependency", RelationKind::DependsOn, Direction::Forward),
    ("hasprovideddependency", RelationKind::DependsOn, Direction::Forward),
    ("hasprerequisite", RelationKind::DependsOn, Direction::Forward),
    ("prerequisitefor", RelationKind::DependsOn, Direction::Reversed),
    ("staticlink", RelationKind::DependsOn, Direction::Forward),
    ("dynamiclink", RelationKind::DependsOn, Direction::Forward),
    ("hasstaticlink", RelationKind::DependsOn, Direction::Forward),
    ("hasdynamiclink", RelationKind::DependsOn, Direction::Forward),
    ("generatedfrom", RelationKind::GeneratedFrom, Direction::Forward),
    ("generates", RelationKind::GeneratedFrom, Direction::Reversed),
];

/// The kind and direction of a relation's word.
pub(super) fn relation_kind(word: &str) -> (RelationKind, Direction) {
    let word = bare(word);
    let known = RELATIONS.iter().find(|(name, _, _)| *name == word);
    known.map_or((RelationKind::Other, Direction::Forward), |(_, kind, direction)| (*kind, *direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_generations_mean_the_same() {
        assert!(relation_kind("DEPENDS_ON") == relation_kind("dependsOn"));
        assert!(relation_kind("DEPENDENCY_OF") == (RelationKind::DependsOn, Direction::Reversed));
        assert!(relation_kind("BUILD_TOOL_OF") == (RelationKind::Other, Direction::Forward));
        assert_eq!(kind_of_purpose("OPERATING-SYSTEM"), kind_of_purpose("operatingSystem"));
        for (name, spelled) in
            [("SHA256", "SHA-256"), ("sha3_256", "SHA3-256"), ("SHA1", "SHA-1"), ("ADLER32", "ADLER32")]
        {
            assert_eq!(hash_algorithm(name), spelled);
        }
    }

    #[test]
    fn agents_are_known_by_their_names() {
        for (text, name) in [
            ("Organization: Acme (info@acme.example)", Some("Acme")),
            ("Person: Jane Doe ()", Some("Jane Doe")),
            ("Organization: Acme (Deutschland)", Some("Acme (Deutschland)")),
            ("NOASSERTION", None),
            ("Acme", Some("Acme")),
        ] {
            assert_eq!(agent(text.into()).as_deref(), name, "{text}");
        }
    }
}
