//! What an advisory says of a product in a version: `docs/medical-advisories.md`, "Reading", "Versions" and "The answer for a device",
//! with the rules of `tests/icsma/README.md` that the comments name. Products are invented, so that the rules are held without the
//! real advisories, too.

use bedrail_assess::named_product::{Decision, Decisions, Match, Name, Prepared, Why};
use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::{
    NamedProduct, Note, ProductAdvisory, ProductStatus, ProductWeakness, Remediation, VersionText, Word,
};

pub(crate) const AFFECTED: Answer = Answer::Affected;
pub(crate) const OPEN: Answer = Answer::CannotTell;
pub(crate) const NOT: Answer = Answer::NotAffected;

pub(crate) fn exact(text: &str) -> VersionText {
    VersionText::Exact(text.to_owned())
}

pub(crate) fn range(text: &str) -> VersionText {
    VersionText::Range(text.to_owned())
}

pub(crate) fn product(name: &str, version: VersionText) -> NamedProduct {
    NamedProduct {
        maker: "Orbis".to_owned(),
        product: name.to_owned(),
        full_name: format!("Orbis {name}"),
        version,
        ..NamedProduct::default()
    }
}

/// An advisory of one weakness that says this of its products.
pub(crate) fn advisory(products: Vec<NamedProduct>, statuses: &[(ProductStatus, usize)]) -> ProductAdvisory {
    let weakness = ProductWeakness {
        ids: vec!["CVE-2024-99901".to_owned()],
        statuses: statuses.to_vec(),
        ..ProductWeakness::default()
    };
    ProductAdvisory { products, weaknesses: vec![weakness], ..ProductAdvisory::default() }
}

/// An advisory on one product, with remediations as category and text.
pub(crate) fn remedied(version: VersionText, remedies: &[(&str, &str)]) -> ProductAdvisory {
    let mut advisory = advisory(vec![product("Flow 300", version)], &[(ProductStatus::KnownAffected, 0)]);
    let remedy = |(category, details): &(&str, &str)| Remediation {
        category: (*category).to_owned(),
        details: (*details).to_owned(),
        ..Remediation::default()
    };
    advisory.weaknesses[0].remediations = remedies.iter().map(remedy).collect();
    advisory
}

pub(crate) fn judge(advisory: &ProductAdvisory, ours: &str, version: &str) -> Match {
    Prepared::new(advisory).judge(&Name::new("Orbis", ours), version, &Decisions::new())
}

pub(crate) fn said(advisory: &ProductAdvisory, ours: &str, version: &str) -> (Answer, &'static str) {
    let Match { answer, why, .. } = judge(advisory, ours, version);
    assert!(!why.sentence().is_empty());
    (answer, why.code())
}

/// CSAF 2.0, section 3.2.3.9, and `docs/medical-advisories.md`, "Reading".
#[test]
fn a_product_is_affected_undecided_or_cleared() {
    use ProductStatus::{
        FirstFixed, Fixed, KnownAffected, KnownNotAffected, Recommended, UnderInvestigation, Unknown,
    };
    let (inside, cleared) = ((AFFECTED, "version_in_range"), (NOT, "called_not_affected"));
    let undecided = (OPEN, "under_investigation");
    for (statuses, expected) in [
        // The tree lists what is affected.
        (&[][..], inside),
        (&[KnownAffected], inside),
        (&[Fixed], cleared),
        (&[FirstFixed], cleared),
        (&[KnownNotAffected], cleared),
        (&[Recommended], cleared),
        (&[UnderInvestigation], undecided),
        (&[Unknown], undecided),
        (&[Fixed, KnownAffected], inside),
        (&[Fixed, UnderInvestigation], undecided),
        (&[Fixed, Recommended], cleared),
    ] {
        let statuses: Vec<_> = statuses.iter().map(|status| (*status, 0)).collect();
        let advisory = advisory(vec![product("Flow 300", range("<= 3.64"))], &statuses);
        assert_eq!(said(&advisory, "Flow 300", "3.0"), expected, "{statuses:?}");
    }
}

#[test]
fn the_first_and_the_last_affected_are_a_range() {
    use ProductStatus::{FirstAffected as First, LastAffected as Last};
    let of = |versions: &[(&str, ProductStatus)]| {
        let products = versions.iter().map(|(version, _)| product("Flow 300", exact(version))).collect();
        let statuses: Vec<_> = versions.iter().enumerate().map(|(at, (_, status))| (*status, at)).collect();
        advisory(products, &statuses)
    };
    for (versions, asked, expected) in [
        (&[("2.0", First), ("3.0", Last)][..], "2.5", AFFECTED),
        (&[("2.0", First), ("3.0", Last)], "2.0", AFFECTED),
        (&[("2.0", First), ("3.0", Last)], "3.0", AFFECTED),
        (&[("2.0", First), ("3.0", Last)], "1.9", NOT),
        (&[("2.0", First), ("3.0", Last)], "3.1", NOT),
        (&[("2.0", First)], "9.0", AFFECTED),
        (&[("2.0", First)], "1.9", NOT),
        (&[("3.0", Last)], "1.0", AFFECTED),
        (&[("3.0", Last)], "3.1", NOT),
        // Of several, nobody can tell which belong together.
        (&[("2.0", First), ("4.0", First), ("3.0", Last)], "4.0", AFFECTED),
        (&[("2.0", First), ("4.0", First), ("3.0", Last)], "2.5", OPEN),
        (&[("2.0", First), ("2.5", Last), ("3.0", Last)], "3.0", AFFECTED),
        (&[("2.0", First), ("2.5", Last), ("3.0", Last)], "9.0", OPEN),
    ] {
        assert_eq!(said(&of(versions), "Flow 300", asked).0, expected, "{versions:?} {asked}");
    }
}

#[test]
fn what_is_called_both_is_a_contradiction_and_affected_counts_where_it_is_alone() {
    let products = vec![product("Flow 300", range("<= 3.0")), product("Flow 300", exact("3.0"))];
    let both = advisory(products, &[(ProductStatus::KnownAffected, 0), (ProductStatus::Fixed, 1)]);
    assert_eq!(said(&both, "Flow 300", "3.0"), (OPEN, "contradiction"));
    assert_eq!(said(&both, "Flow 300", "2.0"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&both, "Flow 300", "4.0"), (NOT, "version_outside"));
    assert_eq!(said(&both, "Flow 300", ""), (OPEN, "no_version"));
}

/// Rules 4 and 7: between a range and a later fix, and inside of a range but named as the fix.
#[test]
fn versions_that_remediations_name_make_the_answer_more_careful() {
    let (fix, workaround) = ("vendor_fix", "workaround");
    let (all, inside) = ((AFFECTED, "all_versions"), (AFFECTED, "version_in_range"));
    let (outside, named, before) =
        ((NOT, "version_outside"), (OPEN, "named_as_fix"), (OPEN, "before_the_fix"));
    let everything = || range("vers:all/*");
    for (version, remedies, asked, expected) in [
        (everything(), &[(fix, "Update to version 4.80.")][..], "4.80", named),
        (everything(), &[(fix, "Update to version 4.80.")], "4.70", all),
        (everything(), &[(fix, "Update to version 4.80.")], "4.90", all),
        (everything(), &[(workaround, "Version 4.80 has a switch.")], "4.80", all),
        // Of several, each but the last mends only a part.
        (everything(), &[(fix, "Update to 4.80, or to 5.0.")], "4.80", all),
        (everything(), &[(fix, "Update to 4.80, or to 5.0.")], "5.0", named),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "CVE-2024-2 will be mended.")], "4.80", all),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "CVE-2024-2 is planned.")], "4.80", all),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "CVE-2024-1 is known.")], "4.80", named),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "Call us. It will help.")], "4.80", named),
        (
            everything(),
            &[(fix, "4.80 mends CVE-2024-1."), (fix, "CVE-2024-1 will be mended in full.")],
            "4.80",
            all,
        ),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "4.70 mends CVE-2024-2.")], "4.80", named),
        (everything(), &[(fix, "4.80 mends CVE-2024-1."), (fix, "4.90 mends CVE-2024-2.")], "4.90", named),
        // What is no version of a fix.
        (everything(), &[(fix, "Update to 4801.")], "4801", all),
        (everything(), &[(fix, "This is CVE-2024-48012.")], "CVE-2024-48012", all),
        (everything(), &[(fix, "Affected are 4.80 or prior.")], "4.80", all),
        (everything(), &[(fix, "Affected are 4.80 and earlier.")], "4.80", all),
        (everything(), &[(fix, "Anything less than 4.80 is affected.")], "4.80", all),
        (everything(), &[(fix, "It has a CVSS base score of 4.80.")], "4.80", all),
        (everything(), &[(fix, "See leaflet 4.80/12.")], "4.80", all),
        (everything(), &[(fix, "Update to 12 units.")], "12", all),
        (everything(), &[(fix, "Update to 12 or later.")], "12", named),
        (everything(), &[(fix, "Update to 480123.")], "480123", named),
        // The range names it as its end, or the list as one of its own.
        (range("<= 4.80"), &[(fix, "Update to 4.80.")], "4.80", inside),
        (exact("4.70 | 4.80"), &[(fix, "Update to 4.80.")], "4.80", inside),
        // After the range, and before the fix.
        (range("<= 2.0"), &[(fix, "Update to 2.4.1.")], "2.4.0", before),
        (range("<= 2.0"), &[(fix, "Update to 2.4.1.")], "2.4.1", outside),
        (range("<= 2.0"), &[(fix, "Update to 2.4.1.")], "2.5", outside),
        (range("<= 2.0"), &[(fix, "Update to 2.4.1, or to 2.3.5.")], "2.4.0", outside),
        (range("<= 2.0"), &[(fix, "Update to 2.4.1, or to 2.3.5.")], "2.3.0", before),
        (range("<= 2.0"), &[(fix, "Update to 1.9.")], "2.4.0", outside),
        (range("<= 2.0"), &[(workaround, "2.4.1 has a switch.")], "2.4.0", before),
        (range(">= 3.0"), &[(fix, "Update to 2.4.1.")], "2.4.0", outside),
    ] {
        let advisory = remedied(version.clone(), remedies);
        assert_eq!(said(&advisory, "Flow 300", asked), expected, "{version:?} {remedies:?} {asked}");
    }
    // A remediation for another product says nothing of this one.
    let mut other = remedied(everything(), &[(fix, "Update to version 4.80.")]);
    other.products.push(product("Tide", everything()));
    other.weaknesses[0].remediations[0].products = vec![1];
    assert_eq!(said(&other, "Flow 300", "4.80"), all);
    assert_eq!(said(&other, "Tide", "4.80"), named);
}

/// Rule 7: a weakness that the document says is left.
#[test]
fn a_weakness_that_a_version_leaves_is_said() {
    let left = |details: &str| remedied(range("< 7.2.5.7"), &[("vendor_fix", details)]);
    let (affected, open) = ((AFFECTED, "weakness_left"), (OPEN, "weakness_may_be_left"));
    let except = "7.2.5.7 fixes all of these, except CVE-2024-99901.";
    let by_hand = "7.2.5.7 needs manual intervention to remediate CVE-2024-99901.";
    for (details, asked, expected) in [
        (except, "7.2.5.7", affected),
        (except, "7.3", open),
        (except, "7.2.5.7.1", open),
        (except, "7.2.5.6", (AFFECTED, "version_in_range")),
        (by_hand, "7.2.5.7", open),
        (by_hand, "7.3", open),
        ("7.2.5.7 does not address CWE-757.", "7.2.5.7", affected),
        // The id of what it mends is no version.
        ("7.2.5.7 fixes CVE-2024-11111, but not CVE-2024-99901.", "7.2.5.7", affected),
        ("See ICSMA-24-088-01: 7.2.5.7 fixes all, except CVE-2024-99901.", "7.2.5.7", affected),
        ("7.2.5.7 fixes all, except some.", "7.2.5.7", (NOT, "version_outside")),
        ("CVE-2024-99901 apart, all are fixed in 7.2.5.7.", "7.2.5.7", (NOT, "version_outside")),
    ] {
        assert_eq!(said(&left(details), "Flow 300", asked), expected, "{details} {asked}");
    }
    let told = judge(&left("7.2.5.7 fixes all, except CVE-2024-1 and CWE-757."), "Flow 300", "7.2.5.7");
    assert_eq!(told.why, Why::WeaknessLeft("CVE-2024-1, CWE-757".to_owned()));
    // Asked for one weakness, another that is left does not count.
    let document = left("7.2.5.7 fixes all, except CVE-2024-99901.");
    let mut two = document.clone();
    two.weaknesses.push(ProductWeakness { ids: vec!["CVE-2024-1".into()], ..document.weaknesses[0].clone() });
    let of = |weakness| {
        Prepared::on_weakness(&two, weakness)
            .judge(&Name::new("Orbis", "Flow 300"), "7.2.5.7", &Decisions::new())
            .answer
    };
    assert_eq!((of(0), of(1)), (AFFECTED, NOT));
}

/// Rule 11: what decides stands in our name, is contradicted by it, or is not known.
#[test]
fn a_condition_is_settled_by_the_words_of_the_device() {
    let (affected, open, not) =
        ((AFFECTED, "version_in_range"), (OPEN, "condition"), (NOT, "version_outside"));
    let xp = || product("Flow 300 used with Windows XP", range("<= 3.0"));
    let option = || NamedProduct {
        conditions: vec!["with the optional telemetry unit".to_owned()],
        ..product("Flow 300", range("<= 3.0"))
    };
    for (product, ours, version, expected) in [
        (xp(), "Flow 300", "2.0", open),
        (xp(), "Flow 300", "2.0 Windows XP", affected),
        (xp(), "Flow 300 Windows XP", "2.0", affected),
        (xp(), "Flow 300", "2.0 Windows 7", not),
        (xp(), "Flow 300", "2.0 Windows", open),
        (xp(), "Flow 300", "4.0", not),
        (option(), "Flow 300", "2.0", open),
        (option(), "Flow 300", "2.0 optional telemetry", affected),
        (option(), "Flow 300", "2.0 telemetry", open),
    ] {
        let advisory = advisory(vec![product.clone()], &[]);
        let said = match judge(&advisory, ours, version) {
            // A name with more words is confirmed by a person.
            Match { why: Why::Unconfirmed(_), .. } => {
                let name = Name::new("Orbis", ours);
                let prepared = Prepared::new(&advisory);
                let theirs = prepared.groups[0].name.key();
                prepared.judge(&name, version, &Decisions::from([((name.key(), theirs), Decision::Same)]))
            }
            told => told,
        };
        assert_eq!((said.answer, said.why.code()), expected, "{} and {ours} {version}", product.product);
    }
}

/// Rule 6: the wider one of structure and text; all devices of a model.
#[test]
fn where_structure_and_text_disagree_the_wider_counts() {
    let prose = |full_name: &str, version: VersionText| {
        let product = NamedProduct { full_name: full_name.to_owned(), ..product("Flow 300", version) };
        advisory(vec![product], &[])
    };
    let wider = prose("Flow 300: Versions 3.65 and prior", range("<= 3.64"));
    assert_eq!(said(&wider, "Flow 300", "3.65"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&wider, "Flow 300", "3.66"), (NOT, "version_outside"));
    let single = prose("Flow 300: 2.20", exact("2.2"));
    assert_eq!(said(&single, "Flow 300", "2.20"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&single, "Flow 300", "2.2"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&prose("Flow 300", exact("2.2")), "Flow 300", "2.20").0, OPEN);
    // What is cleared is not made wider by a text.
    let product = NamedProduct {
        full_name: "Flow 300: Versions 3.65 and prior".to_owned(),
        ..product("Flow 300", exact("3.64"))
    };
    let cleared = advisory(vec![product], &[(ProductStatus::Fixed, 0)]);
    assert_eq!(said(&cleared, "Flow 300", "3.64"), (NOT, "called_not_affected"));
    assert_eq!(said(&cleared, "Flow 300", "3.0").0, NOT, "nothing calls it affected");

    let of_all = |name: &str, text: &str| {
        let mut advisory = advisory(vec![self::product(name, exact("2.0"))], &[]);
        advisory.weaknesses[0].notes = vec![Note { text: text.to_owned(), ..Note::default() }];
        said(&advisory, name, "9.0")
    };
    assert_eq!(of_all("CMS8000", "This is across all CMS8000 devices."), (AFFECTED, "all_versions"));
    assert_eq!(of_all("CMS8000", "This is in some CMS8000 devices.").0, OPEN);
    assert_eq!(of_all("CMS", "This is across all CMS devices.").0, OPEN, "no model");
}

#[test]
fn a_version_in_a_name_and_a_slip_in_the_tree_are_read_as_meant() {
    let unstated = advisory(vec![product("Xenon 3.1", VersionText::Unstated)], &[]);
    let all = advisory(vec![product("Xenon 3.1", range("vers:all/*"))], &[]);
    for advisory in [&unstated, &all] {
        assert_eq!(said(advisory, "Xenon", "3.1"), (AFFECTED, "version_in_range"));
        assert_eq!(said(advisory, "Xenon", "3.1.4"), (AFFECTED, "version_in_range"), "all of 3.1");
        assert_eq!(said(advisory, "Xenon", "3.2"), (OPEN, "version_not_comparable"));
        assert_eq!(said(advisory, "Xenon 3.1", ""), (AFFECTED, "version_in_range"), "in our name");
    }
    let nothing = advisory(vec![product("Xenon", VersionText::Unstated)], &[]);
    assert_eq!(said(&nothing, "Xenon", "3.1").0, OPEN);
    // Rule 17.
    let mut slip = advisory(vec![product("Version", range("<= 3.0"))], &[]);
    slip.title = "Orbis Flow 300 Vulnerabilities (Update B)".to_owned();
    assert_eq!(said(&slip, "Flow 300", "2.0"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&slip, "Flow 300", "4.0"), (NOT, "version_outside"));
}

/// Models in the place of versions, what goes with a product, what carries it, and what it is bound to.
#[test]
fn models_carriers_and_accessories() {
    let listed = |name: &str, version: &str| advisory(vec![product(name, exact(version))], &[]);
    // A number that no version has, and the model beside the name of the list.
    let scanners = listed("Scanner", "882410 Gemini GXL 16 Slice | 882412 Allegro");
    assert_eq!(said(&scanners, "Scanner", "882410"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&scanners, "Scanner", "882499").0, OPEN);
    let carts = listed("Protea Carestation", "Aespero | Avano");
    assert_eq!(said(&carts, "Protea Carestation", "Avano"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&carts, "Protea Carestation", "Bolero").0, OPEN);
    // The models that a product with such a number goes with say nothing of its versions.
    let companions = listed("MMT-503 Remote", "MMT-511 | MMT-712");
    assert_eq!(said(&companions, "MMT-503 Remote", "7"), (AFFECTED, "all_versions"));
    assert_eq!(said(&listed("Remote", "MMT-511 | MMT-712"), "Remote", "7").0, OPEN);
    assert_eq!(said(&listed("MMT-503 Remote", "1.0 | 2.0"), "MMT-503 Remote", "7").0, OPEN);

    let full_name = "Nanoserver 4.01 (included in Cabin DTS all versions)".to_owned();
    let carried = NamedProduct { full_name, ..product("Nanoserver", range("<= 4.01")) };
    let carried = advisory(vec![carried], &[]);
    assert_eq!(said(&carried, "Cabin DTS", "5.0"), (AFFECTED, "all_versions"));
    assert_eq!(said(&carried, "Nanoserver", "5.0"), (NOT, "version_outside"));
    assert_eq!(said(&carried, "Tide 7", "1.0"), (OPEN, "name_unconfirmed"), "any product may carry it");

    for version in
        ["8.x (with Battery v17)", "8.x (with wireless battery v17)", "8.x (with Wireless Battery)"]
    {
        let (bound, ours) = (listed("Sigma Pump", version), "Wireless Battery");
        assert_ne!(said(&bound, ours, "17").0, AFFECTED, "{version} is no name of an accessory");
        assert_ne!(said(&bound, "Battery", "17").0, AFFECTED, "{version}");
    }
    let bound = listed("Sigma Pump", "8.x (with Wireless Battery Modules v17 | v17D19)");
    assert_eq!(said(&bound, "Wireless Battery Module", "17D19"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&bound, "Wireless Battery Module", "22D30").0, OPEN, "it clears none");
    assert_eq!(said(&bound, "Sigma Pump", "8.1"), (OPEN, "condition"));
}

/// A word of the full name may stand in front of our version: "VS4 A.07.107".
#[test]
fn a_word_of_the_full_name_in_front_of_a_version_is_none_of_it() {
    let full_name = "Orbis EarlyView VS4 and VS30".to_owned();
    let document =
        advisory(vec![NamedProduct { full_name, ..product("EarlyView", range("<= A.07.107")) }], &[]);
    for (version, expected) in [
        ("A.07.107", AFFECTED),
        ("VS4 A.07.107", AFFECTED),
        ("vs30 A.06", AFFECTED),
        ("VS5 A.06", OPEN),
        ("VS4 B.01", OPEN),
    ] {
        assert_eq!(said(&document, "EarlyView", version).0, expected, "{version}");
    }
}

/// Of another maker a product is asked about where a text names both, and where it is an equal, distinct name.
#[test]
fn products_of_other_makers_are_asked_about_where_the_document_names_them() {
    let judge = |document: &ProductAdvisory, maker: &str, product: &str, version: &str| {
        let said = Prepared::new(document).judge(&Name::new(maker, product), version, &Decisions::new());
        (said.answer, said.why.code())
    };
    let with_note = |category: &str, text: &str| {
        let note = Note { category: category.to_owned(), text: text.to_owned(), ..Note::default() };
        ProductAdvisory { notes: vec![note], ..advisory(vec![product("Tide 7", range("<= 3.0"))], &[]) }
    };
    let (open, other) = ((OPEN, "name_unconfirmed"), (NOT, "other_product"));
    for (category, text, maker, product, expected) in [
        ("summary", "It is in the Velta Ventora, too.", "Velta", "Ventora", open),
        ("summary", "It is in the Velta Ventora, too.", "Nimbus", "Ventora", other),
        ("summary", "It is in the Velta Ventora, too.", "Velta", "Kestrel", other),
        ("summary", "It is in the velta ventora, too.", "Velta", "Ventora", other),
        ("summary", "It is in Ventora.", "Velta", "Ventora", other),
        ("legal_disclaimer", "It is in the Velta Ventora, too.", "Velta", "Ventora", other),
        ("summary", "The N'Ventora of Velta-Nova is one.", "Velta Nova", "NVentora", open),
        // What is no distinct name, even where it is mentioned.
        ("summary", "Velta Vent has it.", "Velta", "Vent", other),
        // A product of the same maker that a text alone mentions.
        ("summary", "It is in the Ventora, too.", "Orbis", "Ventora", open),
        ("summary", "It is in the ventora, too.", "Orbis", "Ventora", other),
        ("summary", "It is in the VNTR, too.", "Orbis", "VNTR", open),
        ("summary", "It is in the VNT, too.", "Orbis", "VNT", other),
    ] {
        let document = with_note(category, text);
        assert_eq!(judge(&document, maker, product, "1.0"), expected, "{text} and {maker} {product}");
    }
    let mut of_weakness = with_note("summary", "");
    of_weakness.weaknesses[0].notes =
        vec![Note { text: "It is in the Velta Ventora.".to_owned(), ..Note::default() }];
    assert_eq!(judge(&of_weakness, "Velta", "Ventora", "1.0"), open);
    let mut of_remedy = remedied(range("<= 3.0"), &[("vendor_fix", "Mend the Velta Ventora.")]);
    assert_eq!(judge(&of_remedy, "Velta", "Ventora", "1.0"), open);
    of_remedy.word = Word::Repeated;
    assert_eq!(judge(&of_remedy, "Velta", "Ventora", "1.0"), other, "a list explains no name");

    let document = advisory(vec![product("Flow 300", range("<= 3.0"))], &[]);
    assert_eq!(judge(&document, "Velta", "Flow 300", "2.0"), open, "a successor, a seller");
    assert_eq!(judge(&document, "Velta", "Flow 300", "6.0").0, NOT, "its version is the product's");
    let mut titled = advisory(vec![product("Flow Plus 5512", range("<= 3.0"))], &[]);
    assert_eq!(judge(&titled, "Velta", "Tide 5512", "2.0"), other);
    titled.title = "Tide vulnerability".to_owned();
    assert_eq!(judge(&titled, "Velta", "Tide 5512", "2.0"), open, "a model and the title");
}

/// "The answer for a device", 1 to 3.
#[test]
fn names_that_may_be_the_same_are_candidates_unless_the_version_lies_outside() {
    let document = advisory(
        vec![
            product("Flow 300", range("<= 3.0")),
            product("Flow 300 Central", range("<= 5.0")),
            product("Tide", range("<= 1.0")),
        ],
        &[],
    );
    // The same name decides, and the other counts only where its version does.
    assert_eq!(said(&document, "Flow 300", "2.0"), (AFFECTED, "version_in_range"));
    assert_eq!(said(&document, "Flow 300", "6.0"), (NOT, "version_outside"));
    let between = judge(&document, "Flow 300", "4.0");
    assert_eq!((between.answer, between.why, between.group), (OPEN, Why::Unconfirmed(1), Some(0)));
    assert_eq!(between.candidates, [1]);
    let open = judge(&document, "Flow", "2.0");
    assert_eq!((open.answer, open.why.code(), open.candidates), (OPEN, "name_unconfirmed", vec![0, 1]));
    assert_eq!(said(&document, "Flow", "6.0"), (NOT, "version_outside"), "outside for each of them");
    assert_eq!(said(&document, "Ventilator", "1.0"), (NOT, "other_product"));

    let prepared = Prepared::new(&document);
    let ours = Name::new("Orbis", "Flow");
    let decided = |decisions: &[(usize, Decision)]| {
        let decisions: Decisions = decisions
            .iter()
            .map(|(at, decision)| ((ours.key(), prepared.groups[*at].name.key()), *decision))
            .collect();
        let said = prepared.judge(&ours, "2.0", &decisions);
        (said.answer, said.candidates)
    };
    assert_eq!(decided(&[(0, Decision::Same)]), (AFFECTED, vec![1]));
    assert_eq!(decided(&[(0, Decision::Different)]), (OPEN, vec![1]));
    // The document has the word all the same; what it says of other products is not settled.
    let two = [(0, Decision::Different), (1, Decision::Different)];
    assert_eq!(decided(&two), (OPEN, vec![2]));
    assert_eq!(decided(&[two[0], two[1], (2, Decision::Different)]), (NOT, vec![]));

    for (maker, name, concerns) in [
        ("Orbis", "Ventilator", true),
        ("Velta", "Ventilator", false),
        ("Velta", "Flow 300", true),
        ("Velta", "Tide", true),
        ("", "Ventilator", true),
    ] {
        assert_eq!(prepared.may_concern(&Name::new(maker, name)), concerns, "{maker} {name}");
    }
}

/// "Lists of what makers say": hearsay warns and clears nothing.
#[test]
fn what_is_repeated_warns_and_never_clears() {
    use ProductStatus::{Fixed, KnownAffected, UnderInvestigation};
    let list = |version: VersionText, status: ProductStatus| ProductAdvisory {
        word: Word::Repeated,
        ..advisory(vec![product("Flow 300", version)], &[(status, 0)])
    };
    for (version, status, asked, expected, may_affect) in [
        (range("<= 3.0"), KnownAffected, "2.0", (AFFECTED, "version_in_range"), true),
        (range("<= 3.0"), KnownAffected, "4.0", (OPEN, "named_in_other_versions"), false),
        (VersionText::Unstated, KnownAffected, "4.0", (AFFECTED, "without_versions"), true),
        (range("vers:all/*"), KnownAffected, "4.0", (AFFECTED, "all_versions"), true),
        (range("<= 3.0"), Fixed, "2.0", (OPEN, "claimed_not_affected"), false),
        (range("<= 3.0"), Fixed, "4.0", (OPEN, "named_in_other_versions"), false),
        (range("<= 3.0"), UnderInvestigation, "2.0", (OPEN, "under_investigation"), false),
        (range("<= 3.0"), KnownAffected, "", (OPEN, "no_version"), true),
    ] {
        let list = list(version.clone(), status);
        assert_eq!(said(&list, "Flow 300", asked), expected, "{version:?} {status:?} {asked}");
        let (prepared, ours) = (Prepared::new(&list), Name::new("Orbis", "Flow 300"));
        let told = prepared.judge(&ours, asked, &Decisions::new());
        assert_eq!(
            prepared.may_affect(&told.why, &told.candidates, &ours, asked),
            may_affect,
            "{expected:?}"
        );
        // A name that is merely alike says what its product says.
        let ours = Name::new("Orbis", "Flow 300 Central");
        let told = prepared.judge(&ours, asked, &Decisions::new());
        if matches!(told.why, Why::Unconfirmed(_)) {
            assert_eq!(prepared.may_affect(&told.why, &told.candidates, &ours, asked), may_affect);
        }
    }
    let named = Prepared::new(&list(range("<= 3.0"), KnownAffected));
    assert!(named.may_concern(&Name::new("Orbis Imaging", "Anything")));
    assert!(!named.may_concern(&Name::new("Velta", "Flow 300")), "makers have to share a word");
}
