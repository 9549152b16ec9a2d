//! What an advisory as a whole says, and whom it may concern: `docs/medical-advisories.md`, "Lists of what makers say", "Versions" and
//! "The answer for a device", with a row beside each rule that just misses it.

use bedrail_assess::named_product::{Decision, Decisions, Match, Name, Prepared, Why};
use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::range_text::Doubt;
use bedrail_model::product_advisory::{
    NamedProduct, Note, ProductAdvisory, ProductStatus, ProductWeakness, VersionText, Word,
};

use super::product_versions::{AFFECTED, NOT, OPEN, advisory, exact, judge, product, range, remedied, said};

fn by_maker(document: &ProductAdvisory, maker: &str, product: &str) -> (Answer, &'static str) {
    let said = Prepared::new(document).judge(&Name::new(maker, product), "2.0", &Decisions::new());
    (said.answer, said.why.code())
}

/// "Several: affected before cannot tell before not affected"; of equal answers the first is cited.
#[test]
fn of_several_names_that_are_the_same_the_most_pressing_counts() {
    let spelt = |first: &str, second: &str| {
        advisory(vec![product("Flow 300", range(first)), product("Flow-300", range(second))], &[])
    };
    for (first, second, expected, group) in [
        ("<= 3.0", "<= 5.0", AFFECTED, 1),
        ("<= 5.0", "<= 3.0", AFFECTED, 0),
        ("<= 5.0", "<= 6.0", AFFECTED, 0),
        ("<= 3.0", "<= 2.0", NOT, 0),
    ] {
        let Match { answer, group: by, .. } = judge(&spelt(first, second), "Flow 300", "4.0");
        let by = by.unwrap_or_default();
        assert_eq!((answer, by), (expected, group), "{first} {second}");
    }
}

/// "A person says once whether two names are the same": in every advisory that has the name, also in one that alone would not ask.
#[test]
fn names_that_a_person_called_the_same_are_so_in_every_advisory() {
    let named = advisory(vec![product("Tide 7", range("<= 3.0"))], &[]);
    let titled = ProductAdvisory { title: "Orbis Tower".to_owned(), ..named.clone() };
    let ours = Name::new("Orbis", "Tower Gateway");
    let theirs = Name::new("Orbis", "Tide 7").key();
    let same = Decisions::from([((ours.key(), theirs), Decision::Same)]);
    for (document, before) in [(&titled, OPEN), (&named, NOT)] {
        let prepared = Prepared::new(document);
        assert_eq!(prepared.judge(&ours, "2.0", &Decisions::new()).answer, before);
        assert_eq!(prepared.judge(&ours, "2.0", &same).answer, AFFECTED);
        assert_eq!(prepared.judge(&ours, "4.0", &same).answer, NOT);
    }
}

/// A list clears nothing, and asks about what it clears only where the names are close.
#[test]
fn what_a_list_clears_is_asked_about_only_where_names_are_close() {
    use ProductStatus::{Fixed, KnownAffected};
    let document = |word: Word, status: ProductStatus| ProductAdvisory {
        word,
        ..advisory(vec![product("Flow Plus 5512", range("<= 3.0"))], &[(status, 0)])
    };
    let (asked, outside) = ((OPEN, "name_unconfirmed"), (NOT, "version_outside"));
    for (word, status, ours, version, expected) in [
        (Word::Own, Fixed, "Tide 5512", "2.0", asked),
        (Word::Repeated, Fixed, "Tide 5512", "2.0", outside),
        (Word::Repeated, KnownAffected, "Tide 5512", "4.0", outside),
        (Word::Repeated, KnownAffected, "Tide 5512", "2.0", asked),
        (Word::Repeated, Fixed, "Flow Plus 5512 Central", "2.0", asked),
        (Word::Repeated, KnownAffected, "Flow Plus 5512 Central", "4.0", asked),
    ] {
        assert_eq!(
            said(&document(word, status), ours, version),
            expected,
            "{word:?} {status:?} {ours} {version}"
        );
    }
}

/// "All products" of a maker: of that maker all, of one that shares a word a person says.
#[test]
fn a_statement_on_all_products_of_a_maker() {
    let all = NamedProduct { all_of_maker: true, ..product("All products", range("vers:all/*")) };
    let document = ProductAdvisory { word: Word::Repeated, ..advisory(vec![all], &[]) };
    for (maker, expected) in [
        ("Orbis", (AFFECTED, "all_versions")),
        ("Orbis GmbH", (AFFECTED, "all_versions")),
        ("Orbis Imaging", (OPEN, "name_unconfirmed")),
        ("Velta", (NOT, "other_product")),
    ] {
        assert_eq!(by_maker(&document, maker, "Kestrel"), expected, "{maker}");
    }
}

/// Whom a document may concern: who shares a maker or a form of a name, or whom a name, the title or a text mentions.
#[test]
fn an_advisory_may_concern_whom_it_names() {
    let of = |maker: &str, name: &str, word: Word| {
        let named = NamedProduct { maker: maker.to_owned(), ..product(name, range("<= 3.0")) };
        let note = Note { text: "It is in the Velta Ventora, too.".to_owned(), ..Note::default() };
        Prepared::new(&ProductAdvisory { word, notes: vec![note], ..advisory(vec![named], &[]) })
    };
    let (flow, roller) = (of("Orbis", "Flow 300", Word::Own), of("Orbis", "Supply Roller", Word::Own));
    let list = of("Nova Orbis", "Flow 300", Word::Repeated);
    for (prepared, maker, name, concerns) in [
        (&flow, "Velta", "Ventora", true),
        (&flow, "Nimbus", "Ventora", false),
        (&flow, "Nimbus", "Flowing", false),
        (&flow, "Nimbus", "Low", false),
        (&flow, "Nimbus", "Abc", false),
        (&flow, "Nimbus", "Flow Kestrel", true),
        (&roller, "Nimbus", "SupplyRoller Kestrel", true),
        (&list, "NovaOrbis", "Kestrel", true),
        (&list, "Orbis", "Kestrel", true),
        (&list, "Velta", "Ventora", false),
    ] {
        assert_eq!(prepared.may_concern(&Name::new(maker, name)), concerns, "{maker} {name}");
    }
}

/// "A text names it": by its name, or by what its name is shortened to.
#[test]
fn a_text_may_name_a_product_by_its_short_form() {
    let document = |text: &str| {
        let note = Note { text: text.to_owned(), ..Note::default() };
        ProductAdvisory { notes: vec![note], ..advisory(vec![product("Tide 7", range("<= 3.0"))], &[]) }
    };
    let (open, other) = ((OPEN, "name_unconfirmed"), (NOT, "other_product"));
    for (text, ours, expected) in [
        ("It is in the PDE, too.", "Patient Data Exchange", open),
        ("It is in the pde, too.", "Patient Data Exchange", other),
        ("It is in the PDF, too.", "Patient Data Exchange", other),
        // With a number, or of one word alone, it may be anything.
        ("It is in the F3D, too.", "Flow 300 Data", other),
        ("It is in the OrbisV, too.", "Ventora", other),
    ] {
        assert_eq!(by_maker(&document(text), "Orbis", ours), expected, "{text} and {ours}");
    }
    // Of another maker: two words of a name, and the title has the rest.
    let mut titled = advisory(vec![product("Flow Nova Ventora", range("<= 3.0"))], &[]);
    assert_eq!(by_maker(&titled, "Velta", "Tide Nova Ventora"), other);
    titled.title = "Tide vulnerability".to_owned();
    assert_eq!(by_maker(&titled, "Velta", "Tide Nova Ventora"), open);
}

/// Rule 6, where it ends: what a long text lists, what is cleared, numbers that are no models.
#[test]
fn a_text_makes_wider_what_is_affected_and_nothing_else() {
    let written = |text: &str, version: VersionText| NamedProduct {
        full_name: format!("Flow 300: {text}"),
        ..product("Flow 300", version)
    };
    let listed = |text: &str| advisory(vec![written(text, exact("2.2"))], &[]);
    assert_eq!(said(&listed("2.20 | 2.21 | 2.22 | 2.23"), "Flow 300", "2.23").0, AFFECTED);
    assert_eq!(said(&listed("2.20 | 2.21 | 2.22 | 2.23 | 2.24"), "Flow 300", "2.23").0, OPEN, "a long text");
    // What is cleared is not made wider.
    let products =
        vec![written("Versions 3.65 and prior", exact("3.64")), product("Flow 300", range("<= 3.0"))];
    let both = advisory(products, &[(ProductStatus::Fixed, 0), (ProductStatus::KnownAffected, 1)]);
    assert_eq!(said(&both, "Flow 300", "2.0"), (AFFECTED, "version_in_range"));
    // Of "all versions" nothing is wider, and a fix is one, whatever ends the text has.
    let mut all = remedied(range("vers:all/*"), &[("vendor_fix", "Update to version 4.80.")]);
    all.products[0].full_name = "Flow 300: Versions 4.80 and prior".to_owned();
    assert_eq!(said(&all, "Flow 300", "4.80"), (OPEN, "named_as_fix"));

    for (name, text, expected) in [
        ("CMS8000", "This is across all CMS8000 devices.", AFFECTED),
        ("Flow", "This is across all Flow devices.", OPEN),
        ("CM8", "This is across all CM8 devices.", OPEN),
    ] {
        let mut document = advisory(vec![product(name, exact("2.0"))], &[]);
        document.weaknesses[0].notes = vec![Note { text: text.to_owned(), ..Note::default() }];
        assert_eq!(said(&document, name, "9.0").0, expected, "{text}");
    }
    // A word that long is no version.
    let long = |zeros: usize| format!("4.8{}", "0".repeat(zeros));
    for (version, expected) in [(long(29), "named_as_fix"), (long(30), "all_versions")] {
        let document = remedied(range("vers:all/*"), &[("vendor_fix", &format!("Update to {version} now"))]);
        assert_eq!(said(&document, "Flow 300", &version).1, expected, "{version}");
    }
}

/// "Included in Capsule DTS all versions", "with Wireless Battery Modules v17", "used with Windows XP": where the names end.
#[test]
fn names_inside_of_names_end_where_they_say() {
    let carried = |name: &str, text: &str| NamedProduct {
        full_name: format!("{name} 4.01 (included in {text})"),
        ..product(name, range("<= 4.01"))
    };
    let one = |text: &str| advisory(vec![carried("Nanoserver", text)], &[]);
    let seven = "Cabin North East South West Upper Lower";
    assert_eq!(said(&one(&format!("{seven} all versions")), seven, "5.0"), (AFFECTED, "all_versions"));
    let eight = "Cabin DTS North East South West Upper Lower";
    assert_eq!(
        said(&one(&format!("{eight} all versions")), eight, "5.0"),
        (OPEN, "name_unconfirmed"),
        "a sentence"
    );
    // Two statements on one carrier.
    let two = advisory(
        vec![carried("Nanoserver", "Cabin DTS"), carried("Microserver", "Cabin DTS all versions")],
        &[],
    );
    assert_eq!(said(&one("Cabin DTS"), "Cabin DTS", "5.0").0, OPEN);
    assert_eq!(said(&two, "Cabin DTS", "5.0"), (AFFECTED, "all_versions"));

    let bound = advisory(vec![product("Sigma Pump", exact("8.x (with Wireless Battery v17)"))], &[]);
    assert_eq!(said(&bound, "Wireless Battery", "17"), (AFFECTED, "version_in_range"));
    let on_demand = advisory(vec![product("Flow on Demand", range("<= 3.0"))], &[]);
    assert_eq!(said(&on_demand, "Flow on Demand", "2.0"), (AFFECTED, "version_in_range"), "no system");
    // A number of the full name in front of a version may be a version itself.
    let full_name = "Orbis EarlyView 300".to_owned();
    let view = NamedProduct { full_name, ..product("EarlyView", range("<= A.07.107")) };
    assert_eq!(said(&advisory(vec![view], &[]), "EarlyView", "300 A.06").0, OPEN);
}

/// "Of several weaknesses in one document each is judged in its own products."
#[test]
fn a_product_that_only_other_weaknesses_speak_of_is_left_out() {
    let mut document = advisory(
        vec![product("Flow 300", range("<= 3.0")), product("Tide 7", range("<= 3.0"))],
        &[(ProductStatus::KnownAffected, 0)],
    );
    let statuses = vec![(ProductStatus::KnownAffected, 1)];
    document.weaknesses.push(ProductWeakness { statuses, ..ProductWeakness::default() });
    let of = |weakness, ours: &str| {
        Prepared::on_weakness(&document, weakness)
            .judge(&Name::new("Orbis", ours), "2.0", &Decisions::new())
            .answer
    };
    assert_eq!([of(0, "Flow 300"), of(1, "Flow 300")], [AFFECTED, NOT]);
    assert_eq!([of(0, "Tide 7"), of(1, "Tide 7")], [NOT, AFFECTED]);
}

/// Each reason has a sentence of its own, which says what it is by.
#[test]
fn each_reason_is_a_sentence() {
    let text = || "these words".to_owned();
    let reasons = [
        (Why::Version, "in this version"),
        (Why::AllVersions, "all versions"),
        (Why::Outside, "outside"),
        (Why::Cleared, "mended or not affected"),
        (Why::OtherProduct, "other products"),
        (Why::Unconfirmed(1), "one product"),
        (Why::Unconfirmed(7), "7 products"),
        (Why::Condition(text()), "only where this holds, which is not known here: these words"),
        (Why::VersionDoubt(Doubt::NoVersion), Doubt::NoVersion.sentence()),
        (Why::BeforeFix, "before the version that the remedy names"),
        (Why::NamedAsFix, "the remedy names it"),
        (Why::WeaknessLeft(text()), "leaves these words"),
        (Why::WeaknessMayBeLeft(text()), "mends these words"),
        (Why::Contradiction, "affected and not affected"),
        (Why::UnderInvestigation, "does not know yet"),
        (Why::WithoutVersions, "names no versions"),
        (Why::Claimed, "once a person here decides so"),
        (Why::OtherVersions, "in other versions"),
    ];
    for (reason, words) in reasons {
        assert!(reason.sentence().contains(words), "{}", reason.sentence());
    }
}
