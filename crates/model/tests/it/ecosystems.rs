use bedrail_model::ecosystem::{ECOSYSTEMS, Ecosystem};

#[test]
fn osv_names_are_read_whatever_their_case_and_with_their_suffix() {
    for (text, name, suffix) in [
        ("Maven", "Maven", None),
        ("maven", "Maven", None),
        ("CRATES.IO", "crates.io", None),
        ("Debian:12", "Debian", Some("12")),
        ("Ubuntu:22.04:LTS", "Ubuntu", Some("22.04:LTS")),
        ("Alpine:v3.18", "Alpine", Some("v3.18")),
        ("Alpine:", "Alpine", None),
        ("Red Hat:rhel_aus:8.4::appstream", "Red Hat", Some("rhel_aus:8.4::appstream")),
    ] {
        let (ecosystem, found) = Ecosystem::parse_osv(text).unwrap();
        assert_eq!((ecosystem.name(), found), (name, suffix), "{text}");
    }
    assert_eq!(Ecosystem::parse_osv("Elsewhere"), None);
    assert_eq!(Ecosystem::parse_osv(""), None);
    // Products of NVD are ours to name, not for a record of another feed.
    assert_eq!(Ecosystem::CPE.name(), "CPE");
    assert_eq!(Ecosystem::parse_osv("CPE"), None);
}

#[test]
fn every_row_is_found_by_its_own_name_and_index() {
    for ecosystem in Ecosystem::all() {
        assert_eq!(Ecosystem::named(ecosystem.name()), Some(ecosystem));
        assert_eq!(Ecosystem::from_index(ecosystem.index()), Some(ecosystem));
        assert!(ecosystem.row().citation.starts_with("https://"));
    }
    assert_eq!(Ecosystem::from_index(ECOSYSTEMS.len() as u8), None);
}

#[test]
fn names_are_compared_as_the_ecosystem_compares_them() {
    for (ecosystem, name, normal) in [
        ("PyPI", "Zope.Interface", "zope-interface"),
        ("PyPI", "a__b-._c", "a-b-c"),
        ("PyPI", "requests", "requests"),
        ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
        ("Packagist", "Symfony/Yaml", "symfony/yaml"),
        ("crates.io", "Serde_Json", "serde-json"),
        ("Go", "github.com/Masterminds/goutils", "github.com/masterminds/goutils"),
        ("npm", "JSONStream", "JSONStream"),
        ("Maven", "org.A:B", "org.A:B"),
        ("RubyGems", "RedCloth", "RedCloth"),
    ] {
        let (ecosystem, _) = Ecosystem::parse_osv(ecosystem).unwrap();
        assert_eq!(ecosystem.normalise_name(name), normal);
    }
}
