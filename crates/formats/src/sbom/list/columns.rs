//! Which column of a component list is which fact, by a table of headers.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A fact that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The component's name, perhaps with its version behind it.
    Name,
    /// Its version.
    Version,
    /// Its group or name space.
    Group,
    /// Who makes or supplies it.
    Supplier,
    /// Its licence.
    Licence,
    /// Its package URL.
    Purl,
    /// Its CPE name.
    Cpe,
    /// Its hash; the header or the length says by which algorithm.
    Hash,
    /// What it is: library, operating system…
    Kind,
}

impl Column {
    /// All columns that are read.
    pub const ALL: [Column; 9] = [
        Column::Name,
        Column::Version,
        Column::Group,
        Column::Supplier,
        Column::Licence,
        Column::Purl,
        Column::Cpe,
        Column::Hash,
        Column::Kind,
    ];

    /// In words, for what is said about a column.
    pub const fn words(self) -> &'static str {
        match self {
            Column::Name => "the name",
            Column::Version => "the version",
            Column::Group => "the group",
            Column::Supplier => "the supplier",
            Column::Licence => "the licence",
            Column::Purl => "the package URL",
            Column::Cpe => "the CPE name",
            Column::Hash => "the hash",
            Column::Kind => "the kind",
        }
    }
}

/// Headers by which a column is known, in English, German, French and Spanish. Compared without case, spaces and signs. A
/// header is listed once (a test says so).
pub const SYNONYMS: &[(Column, &[&str])] = &[
    (
        Column::Name,
        &[
            "name",
            "component",
            "components",
            "component name",
            "package",
            "package name",
            "software",
            "software name",
            "software component",
            "library",
            "library name",
            "module",
            "module name",
            "artifact",
            "artifact id",
            "title",
            "product",
            "product name",
            "program",
            "application",
            "third party component",
            "third party software",
            "open source component",
            "OSS",
            "OSS name",
            "OTS software",
            "SOUP",
            "SOUP name",
            "SOUP item",
            "item name",
            "component and version",
            "name and version",
            "Komponente",
            "Komponenten",
            "Komponentenname",
            "Bezeichnung",
            "Softwarekomponente",
            "Paket",
            "Bibliothek",
            "Produkt",
            "composant",
            "nom",
            "nom du composant",
            "logiciel",
            "paquet",
            "bibliothèque",
            "componente",
            "nombre",
            "nombre del componente",
            "paquete",
            "biblioteca",
        ],
    ),
    (
        Column::Version,
        &[
            "version",
            "versions",
            "component version",
            "package version",
            "software version",
            "library version",
            "version number",
            "version string",
            "version no",
            "ver",
            "release",
            "revision",
            "rev",
            "installed version",
            "version used",
            "SOUP version",
            "Versionsnummer",
            "Komponentenversion",
            "Stand",
            "numéro de version",
            "versión",
            "número de versión",
        ],
    ),
    (Column::Group, &["group", "group id", "namespace", "name space", "organisation id", "scope"]),
    (
        Column::Supplier,
        &[
            "supplier",
            "supplier name",
            "component supplier",
            "vendor",
            "vendor name",
            "manufacturer",
            "maker",
            "publisher",
            "author",
            "company",
            "developer",
            "provider",
            "originator",
            "SOUP manufacturer",
            "Hersteller",
            "Anbieter",
            "Lieferant",
            "Herausgeber",
            "fournisseur",
            "éditeur",
            "fabricant",
            "proveedor",
            "fabricante",
            "editor",
        ],
    ),
    (
        Column::Licence,
        &[
            "licence",
            "license",
            "licences",
            "licenses",
            "license name",
            "licence name",
            "license type",
            "license id",
            "SPDX license",
            "SPDX identifier",
            "license expression",
            "license concluded",
            "license declared",
            "Lizenz",
            "Lizenzen",
            "licencia",
        ],
    ),
    (Column::Purl, &["purl", "package url", "packageurl", "purls"]),
    (Column::Cpe, &["cpe", "cpe name", "cpe 2.3", "cpe23", "cpe uri", "cpes", "cpe id"]),
    (
        Column::Hash,
        &[
            "hash",
            "hash value",
            "component hash",
            "checksum",
            "check sum",
            "digest",
            "md5",
            "sha1",
            "sha-1",
            "sha256",
            "sha-256",
            "sha384",
            "sha512",
            "sha-512",
            "Prüfsumme",
            "somme de contrôle",
            "suma de comprobación",
        ],
    ),
    (
        Column::Kind,
        &["kind", "type", "component type", "package type", "category", "Typ", "Art", "Kategorie", "tipo"],
    ),
];

/// What a header stands for.
pub(super) fn column_of(header: &str) -> Option<Column> {
    KNOWN.get(&bare(header)).copied()
}

static KNOWN: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
    let each = |(column, names): &(Column, &'static [&'static str])| {
        let column = *column;
        names.iter().map(move |name| (bare(name), column))
    };
    SYNONYMS.iter().flat_map(each).collect()
});

fn bare(header: &str) -> String {
    // What stands in brackets explains: `Version (if known)`.
    let header = match header.split_once(['(', '[']) {
        Some((before, _)) if !before.trim().is_empty() => before,
        _ => header,
    };
    header.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_stands_for_two_columns_and_every_column_has_one() {
        let mut seen: HashMap<String, Column> = HashMap::new();
        for (column, names) in SYNONYMS {
            for name in *names {
                let before = seen.insert(bare(name), *column);
                assert!(before.is_none_or(|before| before == *column), "{name}: {before:?} and {column:?}");
            }
        }
        for column in Column::ALL {
            assert!(seen.values().any(|it| *it == column), "{column:?}");
        }
    }

    #[test]
    fn what_stands_in_brackets_is_no_part_of_a_header() {
        assert_eq!(column_of("Version (if known)"), Some(Column::Version));
        assert_eq!(column_of("SHA-256"), Some(Column::Hash));
        assert_eq!(column_of("Remarks"), None);
    }
}
