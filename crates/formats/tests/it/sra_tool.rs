//! Workbooks of the SRA tool, made here sheet by sheet after its sections: questions with responses, threats with their grades; and hostile ones.

use bedrail_formats::limits::Limits;
use bedrail_formats::sra_tool::{self, LIMITS, Workbook, transfer};

use crate::list::Book;

/// Rows of a sheet as its XML.
fn rows(rows: &[&[&str]]) -> String {
    let mut xml = String::new();
    for (at, row) in rows.iter().enumerate() {
        let number = at + 1;
        xml.push_str(&format!("<row r=\"{number}\">"));
        for (column, text) in (b'A'..).zip(*row) {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            let place = char::from(column);
            xml.push_str(&format!("<c r=\"{place}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"));
        }
        xml.push_str("</row>");
    }
    xml
}

fn section() -> String {
    rows(&[
        &["Section 1: SRA Basics"],
        &[
            "#",
            "Section Questions",
            "Your Response",
            "HIPAA Reference",
            "Notes",
            "Threats & Vulnerabilities",
            "Likelihood",
            "Impact",
        ],
        &["Q1", "Has an SRA been done?", "Yes.", "\u{a7}164.308(a)(1)(ii)(A)", "in spring", "", "", ""],
        &["", "", "", "", "", "Insider <script>", "High", "Medium"],
        &["Q2", "Is it renewed?", "", "\u{a7}164.316", "", "", "", ""],
    ])
}

fn refused(bytes: &[u8], limits: &Limits) -> String {
    sra_tool::read(bytes, limits).unwrap_err().to_string()
}

#[test]
fn questions_and_threats_are_known_by_their_headings_and_other_sheets_are_named() {
    let vendors = rows(&[&["Vendor", "BAA"], &["Billing", "yes"]]);
    let ratings =
        rows(&[&["Vulnerability", "Threat likelihood", "Impact rating"], &["No lock", "low", "low"]]);
    let book = Book::new()
        .sheet("Section 1", &section(), "")
        .sheet("Vendors", &vendors, "")
        .sheet("Ratings", &ratings, "");
    let read = sra_tool::read(&book.bytes(), &LIMITS).unwrap();
    assert_eq!(read.unknown, ["Vendors"]);
    let answers: Vec<[&str; 5]> = read
        .answers
        .iter()
        .map(|it| [&*it.place, &*it.question, &*it.response, &*it.reference, &*it.note])
        .collect();
    assert_eq!(
        answers,
        [
            [
                "sheet Section 1, row 3",
                "Has an SRA been done?",
                "Yes.",
                "\u{a7}164.308(a)(1)(ii)(A)",
                "in spring"
            ],
            ["sheet Section 1, row 5", "Is it renewed?", "", "\u{a7}164.316", ""],
        ]
    );
    let threats: Vec<[&str; 4]> = read
        .threats
        .iter()
        .map(|it| [&*it.threat, &*it.vulnerability, &*it.likelihood, &*it.impact])
        .collect();
    assert_eq!(threats, [["Insider <script>", "", "High", "Medium"], ["", "No lock", "low", "low"]]);
    // The child process hands over the same.
    let mut bytes = Vec::new();
    transfer::write(&read, &mut bytes).unwrap();
    assert_eq!(transfer::read(&bytes).unwrap(), read);
    for broken in [&b"{}"[..], b"", b"[1]", &bytes[..bytes.len() - 1]] {
        assert!(transfer::read(broken).is_err());
    }
}

#[test]
fn a_question_over_several_rows_is_one() {
    let text = rows(&[
        &["Question", "Response", "Threat", "Likelihood", "Impact"],
        &["Are rooms locked?", "No", "Theft", "high", "high"],
        &["", "", "Loss", "low", "high"],
    ]);
    let merged = "<mergeCells count=\"1\"><mergeCell ref=\"A2:A3\"/></mergeCells>";
    let read = sra_tool::read(&Book::new().sheet("S", &text, merged).bytes(), &LIMITS).unwrap();
    assert_eq!((read.answers.len(), read.threats.len()), (1, 2), "{read:?}");
}

#[test]
fn what_is_no_workbook_of_the_tool_is_refused_and_its_sheets_named() {
    let other = Book::new().sheet("Budget", &rows(&[&["Item", "Cost"], &["Lock", "4"]]), "").bytes();
    assert!(refused(&other, &LIMITS).contains("Budget"), "{}", refused(&other, &LIMITS));
    for bytes in [
        &b""[..],
        b"Question,Response\nA,Yes\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"PK\x03\x04 and no more",
    ] {
        refused(bytes, &LIMITS);
    }
    let whole = Book::new().sheet("S", &section(), "").bytes();
    for cut in (0..whole.len()).step_by(37) {
        refused(&whole[..cut], &LIMITS);
    }
}

#[test]
fn macros_are_not_read_links_not_followed_and_bombs_not_opened() {
    let said = |book: &Workbook, words: &str| book.warnings.iter().any(|it| it.message.contains(words));
    let macros = Book::new().sheet("S", &section(), "").macros().bytes();
    let read = sra_tool::read(&macros, &LIMITS).unwrap();
    assert!(said(&read, "macros") && read.answers.len() == 2, "{read:?}");
    let link = br#"<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>"#;
    let linked =
        Book::new().sheet("S", &section(), "").with("xl/externalLinks/externalLink1.xml", link).bytes();
    assert!(said(&sra_tool::read(&linked, &LIMITS).unwrap(), "links to other files"));
    let zeros = vec![0; 80 << 20];
    let bomb = Book::new().sheet("S", &section(), "").with("xl/media/image1.png", &zeros).bytes();
    assert!(bomb.len() < 1 << 20);
    refused(&bomb, &LIMITS);
    let hidden = Book::new().sheet("S", &section(), "").sheet("Old", &section(), "").hide_last().bytes();
    let read = sra_tool::read(&hidden, &LIMITS).unwrap();
    assert!(said(&read, "hidden") && read.answers.len() == 2);
    let few = Limits { cells: 5, ..LIMITS };
    assert!(refused(&macros, &few).contains("cells"), "{}", refused(&macros, &few));
    let sheets = Limits { sheets: 1, ..LIMITS };
    assert!(refused(&hidden, &sheets).contains("sheets"));
}
