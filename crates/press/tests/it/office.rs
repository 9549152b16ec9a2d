//! DOCX and XLSX, opened with other people's readers.

use std::io::{Cursor, Read as _};

use bedrail_press::{Document, docx, xlsx};
use calamine::{Data, Reader as _, Xlsx};

use crate::full;

fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut content = String::new();
            file.read_to_string(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// Each element that begins ends, and nothing else is in it that XML does not have.
fn well_formed(name: &str, content: &str) {
    let mut reader = quick_xml::Reader::from_str(content);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(_)) => depth += 1,
            Ok(quick_xml::events::Event::End(_)) => depth -= 1,
            Ok(quick_xml::events::Event::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert_eq!(depth, 0, "{name}");
}

#[test]
fn a_docx_has_its_parts_and_its_merge_fields() {
    let bytes = docx(&full()).unwrap();
    assert_eq!(bytes, docx(&full()).unwrap());
    let parts = parts(&bytes);
    for (name, content) in &parts {
        well_formed(name, content);
        assert!(!content.contains("<script") && !content.contains('\u{1}'), "{name}");
    }
    // Every part that a relation names is there, and every part has a type.
    let content = |name: &str| &parts.iter().find(|(it, _)| it == name).unwrap_or_else(|| panic!("{name}")).1;
    for target in ["styles.xml", "header1.xml", "footer1.xml"] {
        assert!(content("word/_rels/document.xml.rels").contains(target));
        assert!(content("[Content_Types].xml").contains(target));
        content(&format!("word/{target}"));
    }
    let body = content("word/document.xml");
    assert!(body.contains("<w:fldSimple w:instr=\" MERGEFIELD recipient_name \">"), "{body}");
    assert!(body.contains("漢") && body.contains("אב"), "DOCX leaves letters to the fonts of the reader");
    assert_eq!(body.matches("<w:tblHeader/>").count(), 3, "bars and days are tables there");
    assert!(content("word/header1.xml").contains("2026-03-01 08:00 UTC"));
    assert!(content("docProps/core.xml").contains("2026-03-01T08:00:00Z"));
    let letter = docx(&Document { letter: true, ..full() }).unwrap();
    assert!(!self::parts(&letter).iter().any(|(name, it)| name.contains("header") && it.contains("2026")));
}

#[test]
fn an_xlsx_has_a_sheet_for_each_table_and_no_formula() {
    let bytes = xlsx(&full()).unwrap();
    assert_eq!(bytes, xlsx(&full()).unwrap());
    for (name, content) in parts(&bytes).iter().filter(|(name, _)| name.ends_with(".xml")) {
        well_formed(name, content);
        assert!(!content.contains("<f>"), "{name} has a formula");
    }
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["Document", "Asset management has a g", "ICU has most", "Devices"]);
    let devices = book.worksheet_range("Devices").unwrap();
    assert_eq!(devices.height(), 71);
    assert_eq!(devices.get((70, 1)), Some(&Data::Float(70.0)), "numbers are numbers");
    let ward = devices.get((1, 2)).unwrap().to_string();
    assert!(ward.starts_with("Ward of <script>alert(1)</script> =1+1"), "{ward}");
    let first = book.worksheet_range("Document").unwrap();
    assert!(first.rows().any(|row| row[0] == "Nothing: there is none"));
}
