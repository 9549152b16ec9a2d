//! Ways to write the names that the medical advisories give: none of them clears a device.

use std::collections::BTreeSet;

use bedrail_assess::named_product::{Decisions, Name, Prepared};
use bedrail_formats::csaf;
use bedrail_formats::limits::Limits;
use bedrail_model::answer::Answer;
use bedrail_model::product_advisory::range_text::{RangeText, Span};
use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, VersionText};

/// Other ways to write a product, as lists of devices have them.
fn ways(product: &str) -> BTreeSet<String> {
    let without_brackets: String = {
        let mut depth = 0_u32;
        let outside = |it: &char| {
            match it {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        };
        product.chars().filter(outside).collect()
    };
    let words: Vec<&str> = product.split_whitespace().collect();
    let mut turned = words.clone();
    turned.rotate_left(1);
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut ways: BTreeSet<String> = [
        product.to_uppercase(),
        product.to_lowercase(),
        product.replace('-', " "),
        product.replace(' ', "-"),
        product.replace("Ultrasound ", ""),
        spaced(&without_brackets),
        turned.join(" "),
        words[1..].join(" "),
        words[..words.len() - 1].join(" "),
        format!("{product} system"),
        format!("{product}, 2nd generation"),
        format!("{product} software"),
        format!("{product} client"),
        format!("Model {product}"),
    ]
    .into();
    ways.retain(|it| it.chars().any(char::is_alphanumeric));
    ways
}

fn documents() -> Option<Vec<ProductAdvisory>> {
    let advisories = super::medical::documents()?;
    Some(advisories.iter().map(|it| csaf::read(it, &Limits::default()).unwrap()).collect())
}

/// Names that are slips: the document calls the product "Version", or a Windows.
fn is_slip(product: &NamedProduct) -> bool {
    product.product == "Version"
}

#[test]
fn no_way_to_write_a_name_clears_it() {
    let Some(advisories) = documents() else { return };
    let mut cleared = Vec::new();
    for advisory in &advisories {
        let prepared = Prepared::new(advisory);
        for product in advisory.products.iter().filter(|it| !is_slip(it)) {
            for way in ways(&product.product) {
                let said = prepared.judge(&Name::new(&product.maker, &way), "", &Decisions::new());
                if said.answer == Answer::NotAffected {
                    cleared.push(format!("{} {way}: {}", advisory.id, said.why.code()));
                }
            }
        }
    }
    assert!(cleared.is_empty(), "{} cleared: {cleared:#?}", cleared.len());
}

/// What the structured form states word for word is never outside of itself.
#[test]
fn the_words_of_a_version_are_never_outside() {
    let Some(advisories) = documents() else { return };
    let mut cleared = Vec::new();
    for advisory in &advisories {
        let prepared = Prepared::new(advisory);
        for product in &advisory.products {
            let (VersionText::Exact(text) | VersionText::Range(text)) = &product.version else { continue };
            let ends =
                text.split('|').map(str::trim).filter(|it| !it.starts_with(['<', '>']) || it.contains('='));
            for end in ends.map(|it| it.trim_start_matches(['<', '>', '=', ' '])) {
                // "A10 < A11" has a sign inside.
                if end.contains(['<', '>']) {
                    continue;
                }
                let said =
                    prepared.judge(&Name::new(&product.maker, &product.product), end, &Decisions::new());
                if said.answer == Answer::NotAffected {
                    cleared.push(format!("{} {} {end}: {}", advisory.id, product.product, said.why.code()));
                }
            }
        }
    }
    assert!(cleared.is_empty(), "{} cleared: {cleared:#?}", cleared.len());
}

/// Each row is a general case, with the advisory that has it.
#[test]
fn names_are_read_as_a_person_reads_them() {
    let Some(advisories) = documents() else { return };
    let unconfirmed = (Answer::CannotTell, "name_unconfirmed");
    let other = (Answer::NotAffected, "other_product");
    for (id, maker, product, version, expected) in [
        // Short forms: of maker and product together, and as the document explains them.
        ("ICSMA-18-233-01", "Philips", "PIIC iX", "B.02", unconfirmed),
        ("ICSMA-21-322-02", "Philips", "PICiX", "C.02", (Answer::Affected, "version_in_range")),
        // A family by its letters alone: "Ultrasound CX". A model of another family is another one.
        ("ICSMA-20-177-01", "Philips", "CX50", "5.0.2", unconfirmed),
        ("ICSMA-20-343-01", "Hitachi", "Optima CT520", "", unconfirmed),
        // "MRI 3T" is "MR 3.0T".
        ("ICSMA-21-313-01", "Philips", "MR 3.0T", "5.6.1", unconfirmed),
        // Named in a text alone: "NeuroWorks/SleepWorks 8", "MX8000 Dual EXP has been out of support".
        ("ICSMA-18-165-01", "Natus", "SleepWorks", "8.4", unconfirmed),
        ("ICSMA-18-123-01", "Philips", "MX8000 Dual EXP", "", unconfirmed),
        // A part of what the title names, an entry for a whole kind, a system below.
        ("ICSMA-17-082-01", "BD", "Kiestra TLA", "", unconfirmed),
        ("ICSMA-20-343-01", "GE Healthcare", "Vscan Air", "", unconfirmed),
        ("ICSMA-20-049-01", "Spacelabs", "Xhibit Central Station 96102", "1.3", unconfirmed),
        // Of a maker that the document does not name.
        ("ICSMA-17-009-01A", "Abbott", "Merlin@home EX1150", "8.1.0", unconfirmed),
        // The brand alone is common, or each has its own model number: plainly another.
        ("ICSMA-18-312-01", "Philips", "IntelliSpace Portal", "8.0", other),
        ("ICSMA-20-233-01", "Philips", "EarlyVue VS30", "A.02", other),
        ("ICSMA-18-037-02", "GE Healthcare", "Optima 660", "1.0", other),
        // Order, plural, "model" and "system" make no difference.
        (
            "ICSMA-17-017-02",
            "Becton Dickinson",
            "Alaris PC Unit Model 8015",
            "9.5",
            (Answer::Affected, "version_in_range"),
        ),
        (
            "ICSMA-23-180-01",
            "Medtronic",
            "Paceart Optima System",
            "1.11",
            (Answer::Affected, "version_in_range"),
        ),
    ] {
        let advisory = advisories.iter().find(|it| it.id == id).unwrap();
        let said = Prepared::new(advisory).judge(&Name::new(maker, product), version, &Decisions::new());
        assert_eq!((said.answer, said.why.code()), expected, "{id} {maker} {product}: {:?}", said.candidates);
    }
}

#[test]
fn what_texts_say_of_versions_makes_the_answer_more_careful() {
    let Some(advisories) = documents() else { return };
    let doubt = "version_not_comparable";
    for (id, maker, product, version, expected) in [
        // "7.2.5.7 is reported to fix all vulnerabilities above except CVE-2021-37160", and nothing is said of 7.3.
        (
            "ICSMA-21-215-01",
            "Swisslog Healthcare",
            "Nexus Control Panel",
            "7.2.5.7",
            (Answer::Affected, "weakness_left"),
        ),
        (
            "ICSMA-21-215-01",
            "Swisslog Healthcare",
            "Nexus Control Panel",
            "7.3.0",
            (Answer::CannotTell, "weakness_may_be_left"),
        ),
        // "Philips requires manual intervention to remediate CWE-757" in 12.2.5.
        (
            "ICSMA-20-261-01",
            "Philips",
            "Clinical Collaboration Platform",
            "12.2.5",
            (Answer::CannotTell, "weakness_may_be_left"),
        ),
        // 12.2.8.100 "remediates CWE-79, …", and "will release a fix … CWE-522 … in Q3 2023".
        ("ICSMA-21-187-01", "Philips", "Vue PACS", "12.2.8.100", (Answer::Affected, "version_in_range")),
        // All versions are affected, and "VF10.1" is called the release with the fixes.
        ("ICSMA-19-022-01", "Dräger", "Infinity Delta", "VF10.1", (Answer::CannotTell, "named_as_fix")),
        ("ICSMA-19-022-01", "Dräger", "Infinity Delta", "VF9.0", (Answer::Affected, "all_versions")),
        // "8.5 GMA 3" is one version, and comes after 8.5.
        ("ICSMA-18-165-01", "Natus", "Xltek NeuroWorks", "8.5", (Answer::Affected, "version_in_range")),
        ("ICSMA-18-165-01", "Natus", "Xltek NeuroWorks", "8.5 GMA 3", (Answer::CannotTell, "named_as_fix")),
        // "included in Capsule DTS all versions affected", and the range is that of the web server in it.
        ("ICSMA-18-240-01", "Qualcomm Life", "Capsule DTS", "5.0", (Answer::Affected, "all_versions")),
        // "with Wireless Battery Modules v17 | … | >= v20D29 | <= v20D32"; outside, the sentence clears nothing.
        (
            "ICSMA-22-251-01",
            "Baxter",
            "Wireless Battery Module",
            "20D30",
            (Answer::Affected, "version_in_range"),
        ),
        ("ICSMA-22-251-01", "Baxter", "Wireless Battery Module", "22D30", (Answer::CannotTell, doubt)),
        // "used with Windows XP systems" is a condition, which another Windows does not meet.
        (
            "ICSMA-18-037-01",
            "Vyaire Medical",
            "CareFusion Upgrade Utility",
            "2.0.2.2",
            (Answer::CannotTell, "condition"),
        ),
        // Models that go with MMT-503 are no versions of it; other models are versions.
        ("ICSMA-18-219-02", "Medtronic", "MMT-503 Remote Controller", "", (Answer::Affected, "all_versions")),
        ("ICSMA-22-263-01", "Medtronic", "MiniMed 670G", "", (Answer::CannotTell, "no_version")),
    ] {
        let advisory = advisories.iter().find(|it| it.id == id).unwrap();
        let said = Prepared::new(advisory).judge(&Name::new(maker, product), version, &Decisions::new());
        assert_eq!((said.answer, said.why.code()), expected, "{id} {maker} {product} {version}");
    }
}

/// Texts in the place of versions that are read as names or not at all: dates, models, operating systems. Whoever changes the
/// reader looks at what it loses or gains.
#[test]
fn texts_that_are_no_versions_are_few() {
    let Some(advisories) = documents() else { return };
    let is_unread = |span: &Span| match span {
        Span::Named(_) | Span::Unread(_) => true,
        Span::If(inner, _) => matches!(inner.as_ref(), Span::Named(_) | Span::Unread(_)),
        Span::All | Span::Listed(_) | Span::Range { .. } => false,
    };
    let texts: BTreeSet<&str> =
        advisories.iter().flat_map(|it| &it.products).map(|it| it.version.text()).collect();
    let unread: Vec<&&str> =
        texts.iter().filter(|it| RangeText::parse(it).spans.iter().any(is_unread)).collect();
    assert!(unread.len() <= 23 && texts.len() > 200, "{} of {}: {unread:#?}", unread.len(), texts.len());
}
