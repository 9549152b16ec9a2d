//! PDFs as programs write them, and broken ones.

use bedrail_words::{WordsError, read};

use crate::fixture;

const PAGE: &str = "Clean desk policy

1. Lock your screen whenever you leave it; “always” means always.
2. Paper with names of patients goes into the locked drawer.

- Call the help desk at 555-0100 — day and night.
";

#[test]
fn lines_and_paragraphs_are_those_of_the_page_whatever_the_font() {
    let expected = format!("{PAGE}Page 1 of 2\n\n{PAGE}Page 2 of 2");
    // Of one byte in the letters of Windows; of two bytes with a map of its own; behind a password that only the owner needs.
    for name in ["latin.pdf", "unicode.pdf", "owner-password.pdf"] {
        let words = read(&fixture(name)).unwrap();
        assert_eq!(words.text, expected, "{name}");
        assert!(!words.left_out.iter().any(|it| it.contains("pictures") || it.contains('�')), "{words:?}");
    }
}

#[test]
fn a_browsers_print_reads_as_it_was_typed() {
    let words = read(&fixture("browser.pdf")).unwrap();
    for line in ["Clean desk policy", "Lock your screen whenever you leave it.", "Officer"] {
        assert!(words.text.contains(line), "{line}: {}", words.text);
    }
    assert!(!words.text.contains('�'), "{}", words.text);
}

#[test]
fn pages_that_are_pictures_say_so() {
    let words = read(&fixture("picture.pdf")).unwrap();
    assert_eq!(words.text, "");
    assert_eq!(
        words.left_out,
        ["The pages are pictures: there are no words to edit, to compare or to find."]
    );
}

#[test]
fn a_password_a_cut_and_rubbish_are_refused_by_name() {
    assert_eq!(read(&fixture("password.pdf")), Err(WordsError::Locked));
    let whole = fixture("latin.pdf");
    assert_eq!(read(&whole[..whole.len() / 2]), Err(WordsError::CutOff));
    let end = b"%PDF-1.7 rubbish\n%%EOF";
    assert!(matches!(read(end), Err(WordsError::Broken(_))), "{:?}", read(end));
    assert_eq!(read(b"MZ"), Err(WordsError::Other));
    assert_eq!(read(b""), Err(WordsError::Other));
}

/// A PDF of these objects, the first of which is the catalogue.
fn of(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    out
}

/// One page with a content, its resources, and further objects from number 5 on.
fn page(content: &str, resources: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<{resources}>>>>"),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ];
    objects.extend(more.iter().map(|it| (*it).to_owned()));
    of(&objects)
}

const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

#[test]
fn gaps_are_blanks_kerning_is_none_and_a_turned_page_reads_along() {
    let resources = format!("/Font<</F {FONT}>>");
    for (content, expected) in [
        ("BT /F 10 Tf 50 700 Td [(Ke) 40 (rned) -600 (apart)] TJ ET", "Kerned apart"),
        ("BT /F 10 Tf 50 700 Td (one) Tj 0 -12 Td (two) Tj 0 -40 Td (three) Tj ET", "one\ntwo\n\nthree"),
        ("BT /F 10 Tf 12 TL 50 700 Td (one) Tj (two) ' T* (three) Tj ET", "one\ntwo\nthree"),
        ("BT /F 10 Tf 0 1 -1 0 100 50 Tm (up) Tj 0 1 -1 0 112 50 Tm (next) Tj ET", "up\nnext"),
        (
            "q 2 0 0 2 0 0 cm BT /F 10 Tf 5 300 Td (large) Tj ET Q BT /F 10 Tf 5 300 Td (small) Tj ET",
            "large\n\nsmall",
        ),
        ("BT /F 10 Tf 5 9 Td (# no heading, \\* no list) Tj ET", "\\# no heading, \\* no list"),
    ] {
        assert_eq!(read(&page(content, &resources, &[])).unwrap().text, expected, "{content}");
    }
}

#[test]
fn letters_without_a_meaning_are_shown_as_unknown_and_counted() {
    let font = "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/DW 500>>]>>";
    let words =
        read(&page("BT /F 10 Tf 5 9 Td <00010002> Tj ET", &format!("/Font<</F {font}>>"), &[])).unwrap();
    assert_eq!(words.text, "��");
    assert!(words.left_out.iter().any(|it| it.starts_with("2 letters")), "{words:?}");
    let named = "<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</Differences[1/fi/uni00A7/eacute/g7]>>>>";
    let words =
        read(&page("BT /F 10 Tf 5 9 Td <01020304> Tj ET", &format!("/Font<</F {named}>>"), &[])).unwrap();
    assert_eq!(words.text, "fi§é�");
}

#[test]
fn forms_are_read_and_one_within_itself_ends() {
    let form = |resources: &str, content: &str| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<{resources}/Font<</F {FONT}>>>>/Length {}>>\nstream\n{content}\nendstream",
            content.len()
        )
    };
    let itself = form("/XObject<</X 5 0 R>>", "BT /F 10 Tf 5 9 Td (inside) Tj ET /X Do /X Do");
    let words = read(&page("/X Do", "/XObject<</X 5 0 R>>", &[&itself])).unwrap();
    assert_eq!(words.text, "inside");
    // Each of twenty forms shows the next one twice: a million times the last one, were there no end to it.
    let forms: Vec<String> = (5..25)
        .map(|at| form(&format!("/XObject<</X {} 0 R>>", at + 1), "BT /F 10 Tf 5 9 Td (x) Tj ET /X Do /X Do"))
        .collect();
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    let begun = std::time::Instant::now();
    assert!(read(&page("/X Do", "/XObject<</X 5 0 R>>", &forms)).is_ok());
    assert!(begun.elapsed().as_secs() < 20);
}

#[test]
fn whatever_is_broken_ends_in_an_answer() {
    let whole = fixture("latin.pdf");
    for at in (0..whole.len()).step_by(37) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let _ = read(&broken);
    }
    let deep = "[".repeat(100_000);
    assert!(read(&page(&format!("BT {deep} TJ ET"), &format!("/Font<</F {FONT}>>"), &[])).is_ok());
    let pages_of_itself =
        of(&["<</Type/Catalog/Pages 2 0 R>>".to_owned(), "<</Type/Pages/Kids[2 0 R]/Count 9>>".to_owned()]);
    assert!(read(&pages_of_itself).is_err());
}
