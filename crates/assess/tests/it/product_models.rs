//! Models and names in the place of versions: `docs/medical-advisories.md`, "Versions", with a row beside each rule that just misses it.

use bedrail_assess::named_product::{Decision, Decisions, Name, Prepared};
use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::VersionText;

use super::product_names::Near::{self, Alike, Contained, Different};
use super::product_names::near;
use super::product_versions::{AFFECTED, NOT, OPEN, advisory, exact, product, said};

/// What is said of our product once a person called it the first one of the advisory.
fn confirmed(maker: &str, listed: (&str, &str), ours: &str, version: &str) -> Answer {
    let document = advisory(vec![product(listed.0, exact(listed.1))], &[]);
    let (prepared, ours) = (Prepared::new(&document), Name::new(maker, ours));
    let decisions = Decisions::from([((ours.key(), prepared.groups[0].name.key()), Decision::Same)]);
    prepared.judge(&ours, version, &decisions).answer
}

#[test]
fn a_model_beside_our_name_is_the_one_that_is_listed() {
    let carts = ("Aespero", "Protea Carestation View | Bolero");
    let (spaced, numbers) = (("Kestrel h", "h 232 POC | Bolero"), ("Kestrel", "3005 | 3007"));
    for (maker, listed, ours, version, expected) in [
        ("Orbis", carts, "Aespero View", "", AFFECTED),
        ("Orbis", carts, "Aespero Nova", "", OPEN),
        // The maker's words are none of the product's.
        ("Orbis Imaging", carts, "Orbis Aespero View", "", AFFECTED),
        // A number that stands apart in the list.
        ("Orbis", spaced, "Kestrel h232", "", AFFECTED),
        ("Orbis", spaced, "Kestrel h999", "", OPEN),
        ("Orbis", spaced, "Kestrel Nova", "", OPEN),
        ("Orbis", spaced, "Kestrel h2", "", OPEN),
        // A model among other words of our name, or of the version.
        ("Orbis", numbers, "Kestrel Nova 3005", "", AFFECTED),
        ("Orbis", numbers, "Kestrel Nova 3009", "", OPEN),
        ("Orbis", numbers, "Kestrel Nova", "Ruby 3005", AFFECTED),
        ("Orbis", numbers, "Kestrel Nova", "Ruby 3009", OPEN),
        ("Orbis", ("Kestrel", "GXL 882 B | GXL 884 B"), "Kestrel GXL Nova B 882", "", AFFECTED),
        ("Orbis", ("Kestrel", "GXL 882 B | GXL 884 B"), "Kestrel GXL Nova B", "Ruby 882", AFFECTED),
        ("Orbis", ("Kestrel", "GXL 882 B | GXL 884 B"), "Kestrel GXL Nova 882", "", OPEN),
        ("Orbis", ("Kestrel", "GXL 88 B | GXL 89 B"), "Kestrel GXL Nova B 88", "", OPEN),
        // What may be a version as well.
        ("Orbis", ("Kestrel", "16 | 17"), "Kestrel 16", "", OPEN),
        ("Orbis", ("Kestrel", "h | k"), "Kestrel h", "", AFFECTED),
    ] {
        assert_eq!(confirmed(maker, listed, ours, version), expected, "{listed:?} and {ours} {version:?}");
    }
}

#[test]
fn a_number_that_no_version_has_names_a_model() {
    let scanners = "882410 Gemini GXL 16 Slice | 882412 Allegro";
    for (listed, version, expected) in [
        (scanners, "882410 X", AFFECTED),
        (scanners, "Gemini X", OPEN),
        (scanners, "Slice X", OPEN),
        ("8824 Gemini GXL | 8826 Allegro", "8824 X", OPEN),
        ("AB123 Gemini GXL | AB124 Allegro", "AB123 X", OPEN),
    ] {
        let document = advisory(vec![product("Scanner", exact(listed))], &[]);
        assert_eq!(said(&document, "Scanner", version).0, expected, "{listed} and {version}");
    }
}

/// MMT-503: "MMT-512, MMT-712" are what it goes with. The series is letters before a number of three digits.
#[test]
fn the_models_that_a_product_goes_with_are_of_its_series() {
    let all = (AFFECTED, "all_versions");
    for (name, listed, expected) in [
        ("Remote MMT-503", "MMT-511 | MMT-712", all),
        ("MMT-503 Remote", "MMT-511 | 712", (OPEN, "version_not_comparable")),
        ("MMT Remote", "MMT-511 | MMT-712", (OPEN, "version_not_comparable")),
        ("MMT-50 Remote", "MMT-51 | MMT-71", (OPEN, "version_not_comparable")),
        ("M-503 Remote", "M-511 | M-712", (OPEN, "version_not_comparable")),
    ] {
        let document = advisory(vec![product(name, exact(listed))], &[]);
        assert_eq!(said(&document, name, "7"), expected, "{name} and {listed}");
    }
}

/// A list of names in the place of versions names products; what has digits names models, which other names may share.
#[test]
fn names_and_models_in_the_place_of_versions_are_names_of_products() {
    let near = |listed: &str, ours: &str| -> Near {
        let document = advisory(vec![product("Kestrel", exact(listed))], &[]);
        let prepared = Prepared::new(&document);
        near(prepared.likenesses(&Name::new("Orbis", ours), "", &Decisions::new())[0])
    };
    for (listed, ours, expected) in [
        ("Bolero Lamp | Avano", "Bolero Lamp", Contained),
        ("Bolero One Two Red Green Blue Grey | Avano", "Bolero One Two Red Green Blue Grey", Contained),
        ("Bolero One Two Red Green Blue Grey Dun | Avano", "Bolero One Two Red Green Blue Grey Dun", Alike),
        ("Abc | Def", "Abc", Alike),
        ("X3402 | X3403", "Nova X3402", Alike),
        ("X3402 | X3403", "Nova X3404", Different),
        ("4801X | 4802X", "4801X", Alike),
        ("ABC | DEF", "Nova ABC", Different),
        ("12 | 14", "Nova 12", Different),
        ("2.05 | 2.06", "Nova 2.05 Lamp", Different),
    ] {
        assert_eq!(near(listed, ours), expected, "{listed} and {ours}");
    }
    let document = advisory(vec![product("Kestrel", exact("X3402 | X3403"))], &[]);
    assert_eq!(said(&document, "Nova X3402", ""), (OPEN, "name_unconfirmed"));
    assert_eq!(said(&document, "Nova X3404", ""), (NOT, "other_product"));
    let unstated = advisory(vec![product("Kestrel", VersionText::Unstated)], &[]);
    assert_eq!(said(&unstated, "Nova X3402", ""), (NOT, "other_product"));
}
