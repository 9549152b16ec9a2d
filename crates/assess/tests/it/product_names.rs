//! Whether two names are one product: `docs/medical-advisories.md`, "Names", a row for each rule. Makers and products are invented,
//! so that the rules are held without the real advisories, too.

use std::collections::BTreeSet;

use bedrail_assess::named_product::{Context, Likeness, Name, compare};

/// How near two names are, in the words of the page.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Near {
    Same,
    /// One holds the telling words of the other.
    Contained,
    /// They share something.
    Alike,
    Different,
}

pub(crate) fn near(likeness: Likeness) -> Near {
    match likeness {
        Likeness::Same => Near::Same,
        Likeness::Maybe(60..) => Near::Contained,
        Likeness::Maybe(_) => Near::Alike,
        Likeness::Different => Near::Different,
    }
}

/// A name of ours beside one of an advisory that names nothing else.
pub(crate) fn beside(ours: (&str, &str), theirs: (&str, &str)) -> Near {
    let context = Context::new("", [theirs.1]);
    near(compare(&Name::new(ours.0, ours.1), "", &Name::new(theirs.0, theirs.1), &context))
}

#[test]
fn ways_to_write_one_name_are_the_same() {
    let flow = ("Orbis", "Flow 300");
    for ours in [
        ("ORBIS", "FLOW 300"),
        ("Orbis GmbH & Co. KG", "Flow-300"),
        ("Orbis Medical Systems, Inc.", "Flow300"),
        ("Orbis", "300 Flow"),
        ("Orbis", "Orbis Flow 300"),
        ("Orbis", "Model Flow 300"),
        ("Orbis", "The Flow 300 System"),
        ("Orbis", "Flow\u{ae} 300\u{2122}"),
        ("Orbis", "Fl\u{f6}w 300"),
        ("Orbis", "F'low 300"),
        ("Velta / Orbis", "Flow 300"),
        ("Velta and Orbis", "Flow 300"),
        ("Velta (Orbis)", "Flow 300"),
        ("Velta, Orbis", "Flow 300"),
    ] {
        assert_eq!(beside(ours, flow), Near::Same, "{ours:?}");
        assert_eq!(beside(flow, ours), Near::Same, "the other way round: {ours:?}");
        let keys = [Name::new(ours.0, ours.1).key(), Name::new(flow.0, flow.1).key()];
        let order_and_makers = ours.0.contains("Velta") || ours.1.starts_with("300");
        let filler = ours.1.contains("odel") || ours.1.contains("System");
        assert!(keys[0] == keys[1] || order_and_makers || filler, "{keys:?}");
    }
    for (ours, theirs) in [
        ("Patient Data Exchange", "Patient Data Exchange (PDX)"),
        ("PDX", "Patient Data Exchange (PDX)"),
        ("Battery Modules 17", "Battery Module 17"),
        ("Tide", "Tide, not including Tide 100 Pro"),
        ("Tide", "Tide except Pro"),
        // A version in the name is none of its words.
        ("Xenon 3.1", "Xenon"),
        ("Xenon 8.0.x", "Xenon 7.1"),
        ("Scanner MR 3.0T", "Scanner MR 3T"),
        ("Remote Controller", "Remote Controller"),
        ("\u{c0}\u{e7}\u{e8}\u{ec}\u{f1}\u{f2}\u{f9}\u{fd}ra 300", "Aceinouyra 300"),
    ] {
        assert_eq!(beside(("Orbis", ours), ("Orbis", theirs)), Near::Same, "{ours} and {theirs}");
    }
}

#[test]
fn names_that_may_be_one_are_asked_about_and_others_are_not() {
    use Near::{Alike, Contained, Different};
    let rows = [
        // One holds the telling words of the other.
        ("Flow", "Flow 300", Contained),
        ("Flow 300 Central Station", "Flow 300", Contained),
        ("Flow 300, 2nd generation", "Flow 300", Contained),
        ("Orla 2090W", "Orla 2090", Contained),
        ("2090", "Programmer 2090", Contained),
        // One model may be a variant of the other, also where nothing else is common.
        ("2090W", "Programmer 2090", Alike),
        ("2090", "Programmer 2090W", Alike),
        ("X2090", "Programmer 2090", Alike),
        ("2090", "Programmer X2090", Alike),
        ("X2090", "Y2090", Different),
        ("2091W", "Programmer 2090", Different),
        // Both have model numbers, and none is common.
        ("Flow 300", "Flow 400", Different),
        ("Tide 7 Plus", "Tide 8 Plus", Different),
        ("MX-209", "MX-2090", Different),
        // They share a model number, two words, or one that is more than the brand in front.
        ("Tide 5512", "Flow Plus 5512", Alike),
        ("Nova Cardiology Archive", "Nova Cardiology Reporting", Alike),
        ("Portable Xenon Lamp", "Xenon Gateway", Alike),
        ("NovaSpace Portal", "NovaSpace PACS", Different),
        ("NovaSpace Portal", "NovaSpace Battery", Alike),
        ("Information Portal", "Data Portal", Different),
        // One is short for words of the other, with the maker's.
        ("OPDE", "Patient Data Exchange", Contained),
        ("PDiX", "Patient Data iX", Contained),
        // The number that a family lacks; a span of models; one letter more.
        ("CX50", "Ultrasound CX", Alike),
        ("C50", "Ultrasound C", Different),
        ("MX450", "Monitor MX400-550", Alike),
        ("MX400", "Monitor MX400-550", Contained),
        ("MX550", "Monitor MX400-550", Contained),
        ("MX399", "Monitor MX400-550", Different),
        ("MX551", "Monitor MX400-550", Different),
        ("EF450", "Monitor MX400-550", Different),
        ("Efra CM12", "Efra CM10 Series", Contained),
        ("Efra CM12", "Efra CM10", Different),
        ("Scanner MRI", "Scanner MR", Contained),
        ("Millenium", "Millennium", Contained),
        ("Milenium", "Millennium", Different),
        // Nothing in common.
        ("Flow 300", "Tide", Different),
        ("Ventilator", "Dialysis Machine", Different),
        // What is said of a whole kind, and of a system below, may be said of any product of the maker.
        ("Flow 300", "Imaging and Ultrasound Products", Alike),
        ("Flow 300", "Windows Server 2003 R2", Alike),
        ("Flow 300", "Windows Viewer", Different),
        ("Flow 300", "Imaging Archive Products", Different),
    ];
    let wrong = rows.map(|(ours, theirs, expected)| {
        let said = beside(("Orbis", ours), ("Orbis", theirs));
        (said != expected).then(|| format!("{ours} beside {theirs}: {said:?}, not {expected:?}"))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of a maker that the advisory does not name, an equal and distinct name may be a successor's or a seller's.
#[test]
fn makers_are_the_same_near_or_others() {
    use Near::{Alike, Contained, Different, Same};
    for (ours, theirs, expected) in [
        (("Velta", "Flow 300"), ("Orbis", "Flow 300"), Alike),
        (("Velta", "Flow"), ("Orbis", "Flow"), Different),
        (("Velta", "Ventora"), ("Orbis", "Ventora"), Alike),
        (("Velta", "Flow 400"), ("Orbis", "Flow 300"), Different),
        // A slip, a word in common, or no maker at all: a person looks.
        (("Orbiss", "Flow 300"), ("Orbis", "Flow 300"), Contained),
        (("Orbis Imaging", "Flow 300"), ("Orbis", "Flow 300"), Contained),
        (("", "Flow 300"), ("Orbis", "Flow 300"), Contained),
        (("Orbis", "Flow 300"), ("", "Flow 300"), Contained),
        (("Orbis Healthcare", "Flow 300"), ("Orbis", "Flow 300"), Same),
        (("Medical Systems", "Flow 300"), ("Medical Systems", "Flow 300"), Same),
        (("Velta Healthcare", "Flow 300"), ("Orbis Healthcare", "Flow 300"), Alike),
        // A word in common behind the first, which is more than a letter; and the same written together.
        (("Nova Orbis", "Flow 300"), ("Velta Orbis", "Flow 300"), Contained),
        (("Nova X", "Flow 300"), ("Velta X", "Flow 300"), Alike),
        (("Orbi Ssa", "Flow 300"), ("Orbissaa", "Flow 300"), Contained),
        // The maker stands in the product's name.
        (("Velta", "Flow 300"), ("Orbis", "Velta Flow 300"), Contained),
    ] {
        assert_eq!(beside(ours, theirs), expected, "{ours:?} beside {theirs:?}");
    }
}

/// The title, the other names and the short forms that a document explains in brackets.
#[test]
fn the_rest_of_an_advisory_may_name_a_product() {
    let near = |ours: &str, version: &str, title: &str, names: &[&str]| {
        let context = Context::new(title, names.iter().copied());
        let (ours, theirs) = (Name::new("Orbis", ours), Name::new("Orbis", names[0]));
        near(compare(&ours, version, &theirs, &context))
    };
    for (ours, version, title, names, expected) in [
        ("Tower Gateway", "", "", &["Tide 7"][..], Near::Different),
        // The title has a word of it that no name of a product has.
        ("Tower Gateway", "", "Orbis Tower", &["Tide 7"], Near::Alike),
        ("Tower Gateway", "", "Orbis Gateway", &["Tide 7"], Near::Different),
        ("Tower 5", "", "Orbis Tower", &["Tide 7"], Near::Different),
        ("Tower 55", "", "Orbis Tower", &["Tide 77"], Near::Different),
        ("Tower 55", "", "", &["Tide 77", "Tower 55 Kit"], Near::Different),
        // All its words stand in names together.
        ("Tower Gateway", "", "", &["Tide", "Tower", "Gateway"], Near::Alike),
        ("Tower Gateway", "", "", &["Tide", "Tower"], Near::Different),
        // The document explains a short form.
        ("Flow 300 CDU", "", "Central Display Unit (CDU)", &["Central Display Unit"], Near::Contained),
        ("Flow 300 CDU", "", "", &["Central Display Unit"], Near::Contained),
        ("Flow 300 XYU", "", "Central Display Unit (XYU)", &["Central Display Unit"], Near::Different),
        ("CDSU", "", "Central Display Unit (CDSU)", &["Central Display Unit"], Near::Contained),
        ("CDSU", "", "", &["Central Display Unit"], Near::Different),
        // A model may stand in the place of our version.
        ("Flow", "300", "", &["Flow 300"], Near::Contained),
    ] {
        assert_eq!(near(ours, version, title, names), expected, "{ours} in {title:?} with {names:?}");
    }
}

#[test]
fn a_name_keeps_what_was_written_and_the_words_of_its_maker() {
    let name = Name::new("Orbis Imaging GmbH (Velta)", "Xenon 3.1");
    assert_eq!((name.maker(), name.product()), ("Orbis Imaging GmbH (Velta)", "Xenon 3.1"));
    let keys: BTreeSet<&str> = name.maker_keys().collect();
    assert_eq!(keys, ["imaging", "orbis", "orbisimaging", "velta"].into());
    assert_eq!(Name::new("Orbis", "Xenon 3.1").key(), "orbis|xenon3.1");
    assert_eq!(Name::new("Orbis Ltd", "Flow-300").key(), Name::new("ORBIS", "flow300").key());
    assert_ne!(Name::new("Orbis", "Xenon 3.1").key(), Name::new("Orbis", "Xenon 3.2").key());
}
