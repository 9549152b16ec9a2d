//! Letters bring what the rule wants, and name nobody.

use std::collections::BTreeMap;

use bedrail_comply::letter::{
    ELEMENTS, HHS, INDIVIDUAL, LetterError, MEDIA, OUTSIDE, Style, check, fields, fill, paragraphs,
};

fn values() -> BTreeMap<String, String> {
    let all = [INDIVIDUAL, MEDIA, HHS].into_iter().flat_map(|template| fields(template).expect("as written"));
    all.filter(|field| !OUTSIDE.contains(field))
        .map(|field| (field.to_owned(), format!("<{field}>")))
        .collect()
}

#[test]
fn each_template_has_all_elements_and_says_which_is_missing() {
    for template in [INDIVIDUAL, MEDIA, HHS] {
        check(template).unwrap();
        for (element, needed, _, citation) in ELEMENTS {
            let mut without = template.to_owned();
            for field in *needed {
                without = without.replace(&format!("{{{{{field}}}}}"), "");
            }
            let error = check(&without).unwrap_err();
            assert!(matches!(&error, LetterError::Element { element: it, .. } if it == element), "{error}");
            assert!(error.to_string().contains(citation), "{error}");
        }
    }
}

#[test]
fn a_letter_keeps_the_fields_that_name_people_and_escapes_the_rest() {
    let letter = fill(INDIVIDUAL, &values()).unwrap();
    let text = letter.to_text();
    assert!(text.contains("«recipient_name»") && text.contains("<what_happened>"), "{text}");
    assert!(!text.contains("{{"));
    let html = letter.to_html();
    assert!(html.contains("<h2>What happened</h2>") && html.contains("&lt;what_happened&gt;"), "{html}");
    assert!(!html.contains("<what_happened>"));
}

#[test]
fn what_has_no_value_is_said_not_left_out() {
    for empty in ["", "   "] {
        let mut values = values();
        values.insert("breach_date".to_owned(), empty.to_owned());
        assert_eq!(fill(INDIVIDUAL, &values), Err(LetterError::Value(vec!["breach_date".to_owned()])));
    }
    // All of them are named at once, in words.
    let mut lacking = values();
    lacking.remove("what_happened");
    lacking.remove("kinds_of_phi");
    let error = fill(INDIVIDUAL, &lacking).unwrap_err().to_string();
    assert!(error.contains("what happened") && error.contains("kinds of phi"), "{error}");
    assert!(!error.contains(['{', '_']), "{error}");
    // A value is data: its braces are no field.
    let mut hostile = values();
    hostile.insert("what_happened".to_owned(), "{{email}} \u{1b}[31m".to_owned());
    assert!(fill(INDIVIDUAL, &hostile).unwrap().to_text().contains("{{email}}"));
    assert!(matches!(check("{{open"), Err(LetterError::Open(_))));
}

#[test]
fn headings_are_told_from_text_by_the_template() {
    let mut values = values();
    // Typed text that looks like a later heading is text.
    values.insert("what_happened".to_owned(), "We lost it.\n\nHow to reach us\n\nSoon.".to_owned());
    let letter = fill(INDIVIDUAL, &values).unwrap();
    let again = paragraphs(INDIVIDUAL, &letter.to_text());
    let headings: Vec<&str> =
        again.iter().filter(|it| it.style == Style::Heading).map(|it| it.text.as_str()).collect();
    assert_eq!(
        headings,
        [
            "Notice about your health information",
            "What happened",
            "What information was involved",
            "What you can do",
            "What we are doing",
            "How to reach us"
        ]
    );
    assert!(again.iter().any(|it| it.style == Style::Text && it.text == "How to reach us"));
}
