//! DOCX as programs write them, and those that somebody built to hurt.

use std::io::{Cursor, Write as _};

use bedrail_words::{WordsError, read};

use crate::fixture;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A DOCX with a body.
fn of(body: &str) -> Vec<u8> {
    let main = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", main.as_bytes())])
}

#[test]
fn headings_lists_and_tables_become_markdown() {
    let words = read(&fixture("word.docx")).unwrap();
    let expected = "\
# Clean desk policy

# What to do

Lock your screen whenever you leave it; “always” means always.

- Paper with names goes into the drawer.
- Keys stay with you.
1. Call the help desk.
2. Write down what happened.

| Who | Answers for |
| --- | --- |
| Officer | this policy \\| all of it |";
    assert_eq!(words.text, expected);
    assert_eq!(
        words.left_out,
        [
            "Headers and footers of the pages are not taken over.",
            "Numbers of lists are counted anew, as 1, 2, 3."
        ]
    );
}

#[test]
fn what_is_not_taken_over_is_named() {
    let words = read(&of("<w:p><w:r><w:t>Signed</w:t><w:footnoteReference w:id=\"2\"/></w:r>\
        <w:ins><w:r><w:t xml:space=\"preserve\"> &amp; &#233;</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>\
        <w:r><w:drawing><a:blip/></w:drawing></w:r></w:p><w:p><w:r><w:t>two</w:t><w:br/><w:t>lines</w:t></w:r></w:p>"))
    .unwrap();
    assert_eq!(words.text, "Signed & é\n\ntwo  \nlines");
    let said = words.left_out.join(" ");
    for what in ["1 picture", "1 footnote", "Tracked changes"] {
        assert!(said.contains(what), "{what}: {said}");
    }
    // A box with text beside it for older programs is taken once.
    let boxed = of(
        "<w:p><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
        <mc:Fallback><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent>\
        <w:r><w:t>around</w:t></w:r></w:p>",
    );
    assert_eq!(read(&boxed).unwrap().text, "box\n\naround");
    assert_eq!(read(&of("<w:p/>")).unwrap().text, "");
}

#[test]
fn bombs_deep_trees_and_entities_are_refused() {
    let bomb = vec![b' '; 49 << 20];
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    let parts: [(&str, &[u8]); 1] = [("word/document.xml", &bomb)];
    assert!(matches!(refused(&zipped(&parts)), WordsError::TooMuch(_)));
    let deep = format!("{}{}", "<w:r>".repeat(100_000), "</w:r>".repeat(100_000));
    assert!(refused(&of(&deep)).to_string().contains("within one another"));
    let laughs = "<!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><w:document/>";
    let parts: [(&str, &[u8]); 1] = [("word/document.xml", laughs.as_bytes())];
    assert!(refused(&zipped(&parts)).to_string().contains("document type declaration"));
    assert!(refused(&of("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")).to_string().contains("entity"));
    let styles: [(&str, &[u8]); 2] =
        [("word/document.xml", b"<w/>"), ("word/styles.xml", b"<!DOCTYPE s><s/>")];
    assert!(refused(&zipped(&styles)).to_string().contains("document type declaration"));
    let long = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "x".repeat(5 << 20));
    assert!(matches!(refused(&of(&long)), WordsError::TooMuch(_)));
}

#[test]
fn what_is_cut_off_or_no_docx_says_so() {
    let whole = fixture("word.docx");
    assert!(matches!(read(&whole[..whole.len() / 2]), Err(WordsError::Broken(_))));
    let parts: [(&str, &[u8]); 1] = [("other.xml", b"<x/>")];
    assert!(read(&zipped(&parts)).unwrap_err().to_string().contains("no main part"));
    let parts: [(&str, &[u8]); 1] = [("word/document.xml", b"<w:document><w:body>")];
    assert!(read(&zipped(&parts)).unwrap_err().to_string().contains("cut off"));
    let parts: [(&str, &[u8]); 1] = [("word/document.xml", b"\xff\xfe<\0")];
    assert!(read(&zipped(&parts)).unwrap_err().to_string().contains("UTF-8"));
    for at in (0..whole.len()).step_by(997) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let _ = read(&broken);
    }
}
