//! Where the rules on names end: `docs/medical-advisories.md`, "Names", with a row beside each rule that just misses it.

use bedrail_assess::named_product::{Context, Decisions, Name, Prepared, compare};
use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory};

use super::product_names::Near::{self, Alike, Contained, Different, Same};
use super::product_names::{beside, near};

fn assert_beside(rows: &[(&str, &str, Near)]) {
    let wrong = rows.iter().filter_map(|(ours, theirs, expected)| {
        let said = beside(("Orbis", ours), ("Orbis", theirs));
        (said != *expected).then(|| format!("{ours} beside {theirs}: {said:?}, not {expected:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// "Order of the words, plural, model, system", where something is left that tells.
#[test]
fn fillers_order_and_plural_make_no_difference_where_a_word_is_left_that_tells() {
    assert_beside(&[
        ("Model Ventora", "Ventora", Same),
        ("Model CX", "CX", Contained),
        ("The Monitor System", "Monitor", Contained),
        ("Monitor Remote", "Remote Monitor", Same),
        ("Kestrel Lids", "Kestrel Lid", Contained),
        // A decimal that says nothing is one before the letters of a unit.
        ("Scanner 35T", "Scanner 3.05T", Different),
        // A single letter is compared as a word.
        ("H", "Kestrel H", Contained),
    ]);
}

/// "A short form in brackets": few letters, in the order of the words before, from the first letter of one on.
#[test]
fn what_stands_in_brackets_is_a_short_form_or_something_else() {
    assert_beside(&[
        ("Ultra Station", "Ultra Station (USB)", Contained),
        ("Flow Kit", "Flow Kit (LOW)", Contained),
        ("Patient Data 2", "Patient Data 2 (PD2)", Contained),
        ("Alpha Beta Gamma Delta Zeta Eta", "Alpha Beta Gamma Delta Zeta Eta (ABGDZE)", Same),
        ("Alpha Beta Gamma Delta Zeta Eta Iota", "Alpha Beta Gamma Delta Zeta Eta Iota (ABGDZEI)", Contained),
    ]);
}

/// "One is short for words of the other": by first letters, by capitals, with the last word or the first one whole.
#[test]
fn short_forms_are_made_of_letters_that_words_give() {
    assert_beside(&[
        ("PDlamp", "Patient Data Lamp", Contained),
        ("NSPD", "NovaSpace Portal Data", Contained),
        ("PEXD", "Portal EcoX Data", Contained),
        ("PAIRD", "Portal Air Data", Different),
        // What is shortened is held, and nothing else.
        ("Protea Xenon Exchange Kestrel", "Ventora PXE", Alike),
    ]);
}

/// "But for a single letter": in the middle of a longer word, at the end of a shorter one; never of a number.
#[test]
fn words_that_differ_by_a_letter_may_be_one() {
    assert_beside(&[
        ("Kestrul", "Kestrel", Contained),
        ("Kestre1", "Kestrel", Different),
        ("Flew", "Flow", Different),
        ("Scanner MRI", "Scanner MR Kestrel", Contained),
        ("Scanner MR", "Scanner MRI Kestrel", Contained),
        ("Scanner M", "Scanner MR Kestrel", Different),
        ("Scanner MR Kestrel", "Scanner M", Different),
    ]);
}

/// "Shares a model number": of three digits or letters and more, written together or apart, in a span, in a series.
#[test]
fn models_are_shared_or_variants_or_others() {
    assert_beside(&[
        ("X5 Kestrel", "X5 Ventora", Different),
        ("CX 50", "CX50 Kestrel", Contained),
        ("CX 50 Lamp", "CX50 Kestrel", Alike),
        ("CX50 Lamp", "CX 50 Kestrel", Alike),
        ("Programmer X55W", "Programmer X55B", Different),
        ("X2090W", "Programmer X2090B", Alike),
        ("X2090W", "Programmer 2090B", Alike),
        ("2090B", "Programmer X2090W", Alike),
        ("CM12", "CM10 Series", Alike),
        ("Lamp C50", "Lamp C", Different),
        ("MX512", "Monitor MX400-550", Alike),
        ("MX450", "Monitor MX400-MX550", Alike),
        ("MX450", "Monitor MX400-EF550", Different),
        ("MX450", "Monitor 400-550", Different),
        // Of two words written apart, both have to stand in the one.
        ("SupplyRoller Kestrel", "Supply Roller Ventora", Different),
    ]);
}

/// Of another maker only a distinct name is looked at; a word of the maker's may stand in the product's name.
#[test]
fn names_of_other_makers_are_looked_at_where_they_are_distinct() {
    for (ours, theirs, expected) in [
        (("Velta", "Xenon"), ("Orbis", "Xenon"), Different),
        (("Velta", "Xenons"), ("Orbis", "Xenons"), Alike),
        (("Velta", "Nova Flow"), ("Orbis", "Nova Flow"), Alike),
        (("Velta", "Flow 300 Kestrel"), ("Orbis", "Velta Flow 300"), Contained),
    ] {
        assert_eq!(beside(ours, theirs), expected, "{ours:?} beside {theirs:?}");
    }
}

/// "The title, the other names or a text name it."
#[test]
fn a_title_and_other_names_explain_all_words_or_none() {
    let near = |ours: &str, title: &str, names: &[&str]| {
        let context = Context::new(title, names.iter().copied());
        near(compare(&Name::new("Orbis", ours), "", &Name::new("Orbis", names[0]), &context))
    };
    for (ours, title, names, expected) in [
        ("Tower Gateway", "", &["Tide 77", "Tower", "Gateway"][..], Alike),
        ("Tower Gatewey", "", &["Tide", "Tower", "Gateway"], Alike),
        ("Tower SupplyRoller", "", &["Tide", "Tower", "Supply Roller"], Alike),
        ("Tower Gatekeeper", "", &["Tide", "Tower", "Gateway"], Different),
        ("Windows XP", "", &["Tide 77", "Windows XP Viewer"], Different),
        // Two names with letters in common, and nothing else.
        ("Tower Gateway", "Orbis Tower", &["Stowage"], Alike),
        // The title has our model, or all of our name.
        ("Tower 5512", "Orbis Tower 5512", &["Tide 77"], Alike),
        ("Tower 5512", "Orbis Tower 5512", &["Stowage 77"], Alike),
        ("Tower 5", "Orbis Tower 5", &["Tide 77"], Alike),
        ("Tower 5", "Orbis Tower 5", &["Stowage 77"], Alike),
        ("Tower Gateway 5512", "Orbis Tower 5512", &["Tide 77"], Alike),
        ("Tower Gateway 5512", "Orbis Tower 5512", &["Stowage 77"], Alike),
        ("Tower Gateway 55", "Orbis Tower 55", &["Tide 77"], Different),
        ("Tower Gateway 55", "Orbis Tower 55", &["Stowage 77"], Different),
        ("Tower Gateway 5512", "Orbis Tower", &["Stowage 77"], Different),
        // What a document explains in brackets: the words before, from the first letter on.
        ("Flow 300 CDU", "Central Display Unit (CDU)", &["Central Display"], Contained),
        ("Flow 300 CDU", "Central Camera (CDU)", &["Camera"], Different),
        ("CDU Kestrel", "Central Display Unit (CDU)", &["Central Kestrel"], Alike),
        ("CDU Nova", "Central Display Unit (CDU)", &["Central Display Kestrel"], Different),
    ] {
        assert_eq!(near(ours, title, names), expected, "{ours} in {title:?} with {names:?}");
    }
}

/// "The likeliest first": more words in common, and fewer that one of the two lacks.
#[test]
fn candidates_stand_in_the_order_of_likeness() {
    let order = |ours: &str, title: &str, names: &[&str]| {
        let product = |name: &&str| NamedProduct {
            maker: "Orbis".to_owned(),
            product: (*name).to_owned(),
            ..NamedProduct::default()
        };
        let products = names.iter().map(product).collect();
        let advisory = ProductAdvisory { title: title.to_owned(), products, ..ProductAdvisory::default() };
        let said = Prepared::new(&advisory).judge(&Name::new("Orbis", ours), "", &Decisions::new());
        said.candidates
    };
    let lamp = "Nova Cardiology Kestrel Lamp";
    for (ours, title, names, expected) in [
        (lamp, "", ["Nova Cardiology Ventora", "Nova Cardiology Kestrel Bolero"], [1, 0]),
        (
            lamp,
            "",
            ["Nova Cardiology Ventora Bolero", "Nova Cardiology Kestrel Ventora Bolero Avano Protea"],
            [0, 1],
        ),
        ("Tower Kestrel", "Tower Kestrel", ["Stowage", "Kestrel Lamp Xenon Nova Bolero"], [1, 0]),
        ("Tower Kestrel", "Tower Kestrel", ["Stowage", "Tower Lamp Xenon Nova Bolero"], [1, 0]),
    ] {
        assert_eq!(order(ours, title, &names), expected, "{ours} beside {names:?}");
    }
}
