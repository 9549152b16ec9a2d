//! PDF and HTML.

use std::process::Command;

use bedrail_press::{Block, Document, PressError, fragment, html, pdf, text};

use crate::full;

/// What `pdftotext` (poppler) reads. `None` where the machine does not have it.
fn read(bytes: &[u8]) -> Option<String> {
    let dir = std::env::temp_dir().join(format!("press-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("it.pdf");
    std::fs::write(&file, bytes).unwrap();
    let output = Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(&file).arg("-").output();
    let read = output.ok().map(|output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    });
    if let Some(keep) = std::env::var_os("PRESS_KEEP") {
        std::fs::copy(&file, keep).unwrap();
    }
    std::fs::remove_dir_all(&dir).unwrap();
    read
}

#[test]
fn a_pdf_is_the_same_bytes_each_time_and_says_what_it_cannot_show() {
    let (one, two) = (pdf(&full()).unwrap(), pdf(&full()).unwrap());
    assert_eq!(one, two);
    assert!(one.bytes.starts_with(b"%PDF-"));
    assert_eq!(one.not_shown.iter().collect::<String>(), "אב漢", "no letter is left out without a word");
    assert!(one.pages >= 4, "{} pages", one.pages);
    let other = Document { at: "2026-03-02T08:00:00Z".parse().unwrap(), ..full() };
    assert_ne!(pdf(&other).unwrap().bytes, one.bytes, "the day is the caller's");
}

#[test]
fn what_is_in_the_tree_is_on_the_paper() {
    let made = pdf(&full()).unwrap();
    let Some(read) = read(&made.bytes) else { return };
    for wanted in [
        "Clínica Señor Müller · Ωμέγα · Больница · 2026-03-01 08:00 UTC",
        "Zażółć gęślą jaźń, Ελληνικά, Українська",
        "«recipient_name»",
        "[U+6F22]",
        "cannot be shown by the font",
        "Device 70",
        "12 devices",
        "Emergency department of the",
        "second floor",
        "there is none",
        "SHA-256 0123456789abcdef",
    ] {
        assert!(read.contains(wanted), "{wanted}\n{read}");
    }
    // Whether blanks are kept around a stroke is up to the reader.
    let dense = read.replace(' ', "");
    for page in 1..=made.pages {
        assert!(dense.contains(&format!("{page}/{}", made.pages)), "page {page}");
    }
    assert!(read.matches("Findings").count() >= 3, "the head of a table stands on each of its pages");
    assert!(!read.contains('\u{202e}'));
}

#[test]
fn html_is_one_file_without_anything_from_outside_and_escaped() {
    let made = html(&full()).unwrap();
    assert_eq!(made, html(&full()).unwrap());
    for refused in ["<script", "http", "src=", "\u{1}"] {
        assert!(!made.contains(refused), "{refused}");
    }
    for wanted in ["<h1>Report &lt;script&gt;", "漢", "<svg", "<caption>Devices</caption>", "@media print"] {
        assert!(made.contains(wanted), "{wanted}");
    }
    assert!(!fragment(&full()).unwrap().contains("<style"));
}

#[test]
fn what_would_take_minutes_is_refused() {
    let huge = Document { blocks: vec![text("x".repeat(bedrail_press::MOST_CHARACTERS + 1))], ..full() };
    for error in [pdf(&huge).unwrap_err(), html(&huge).unwrap_err()] {
        assert!(matches!(error, PressError::TooMuch { what: "characters", .. }), "{error}");
    }
    let rows = vec![String::new(); bedrail_press::MOST_ROWS + 1];
    let long = Document { blocks: vec![Block::List(rows)], ..full() };
    assert!(matches!(pdf(&long), Err(PressError::TooMuch { what: "rows", .. })));
    assert!(pdf(&Document { blocks: Vec::new(), title: String::new(), ..full() }).unwrap().pages == 1);
}
