//! Component lists: CSV with any separator, and spreadsheets made here entry by entry.

use std::io::{Cursor, Write as _};

use bedrail_formats::limits::Limits;
use bedrail_formats::sbom::{self, list};
use bedrail_model::component::{ComponentKind, Inventory};

use crate::{read, refusal};

type Facts<'i> = (&'i str, Option<&'i str>);

fn facts(inventory: &Inventory) -> Vec<Facts<'_>> {
    inventory.components.iter().map(|it| (it.name.as_str(), it.version.as_deref())).collect()
}

fn said(inventory: &Inventory, words: &str) -> bool {
    inventory.warnings.iter().any(|warning| format!("{}: {}", warning.place, warning.message).contains(words))
}

#[track_caller]
fn assert_said(inventory: &Inventory, words: &str) {
    assert!(said(inventory, words), "{words:?} is not in {:#?}", inventory.warnings);
}

#[test]
fn columns_are_known_in_any_order_language_and_separator() {
    let table = [
        ["Component", "Version", "Vendor", "License", "PURL", "CPE", "SHA-256"],
        [
            "openssl",
            "1.0.2k",
            "OpenSSL",
            "OpenSSL",
            "pkg:generic/openssl@1.0.2k",
            "cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*",
            "",
        ],
    ];
    let hash = "ab".repeat(32);
    for separator in [",", ";", "\t", "|"] {
        let text: Vec<String> = table.iter().map(|row| row.join(separator)).collect();
        let text = format!("{}{hash}\r\n", text.join("\r\n"));
        let inventory = read(text.as_bytes()).unwrap();
        let it = &inventory.components[0];
        assert_eq!((it.name.as_str(), it.version.as_deref()), ("openssl", Some("1.0.2k")), "{separator:?}");
        assert_eq!(it.supplier.as_deref(), Some("OpenSSL"));
        assert_eq!(it.licences, ["OpenSSL"]);
        assert_eq!(it.purl.as_deref(), Some("pkg:generic/openssl@1.0.2k"));
        assert_eq!((it.cpes.len(), it.hashes[0].0.as_str()), (1, "SHA-256"));
        assert_eq!((it.place.as_str(), it.reference.as_str()), ("line 2", "row-2"));
        assert!(inventory.complete(), "{:?}", inventory.warnings);
        assert_said(&inventory, "line 1: the column `Vendor` was taken for the supplier");
        assert_eq!(inventory.format, list::NAME);
        assert_eq!(inventory.encoding, if separator == "\t" { "TSV" } else { "CSV" });
    }
    let german = "Komponente;Versionsnummer;Hersteller;Lizenz\nzlib;1.2.11;zlib;Zlib\n";
    assert_eq!(facts(&read(german.as_bytes()).unwrap()), [("zlib", Some("1.2.11"))]);
}

#[test]
fn the_header_may_stand_below_a_title_and_come_again() {
    let text = "Infusion pump IP-5,,\nSoftware list,as of 3 May 2026,\n,,\nName,Version,Remark\nzlib,1.2.11,x\nName,Version,Remark\ncurl,7.1.0,\n";
    let inventory = read(text.as_bytes()).unwrap();
    assert_eq!(facts(&inventory), [("zlib", Some("1.2.11")), ("curl", Some("7.1.0"))]);
    assert_said(&inventory, "2 rows stand above the header");
    assert_said(&inventory, "`Remark` is not known");
    assert_said(&inventory, "1 rows repeat the header");
    assert_eq!(inventory.components[0].place, "line 5");
    assert!(!inventory.complete());
}

#[test]
fn names_with_versions_behind_them_are_taken_apart_and_what_was_written_is_kept() {
    let text = "Name\nOpenSSL 1.0.2k-fips\nWindows 10\n\"zlib 1.2.11\nexpat 2.2.0\"\n";
    let inventory = read(text.as_bytes()).unwrap();
    let expected = [
        ("OpenSSL", Some("1.0.2k")),
        ("Windows 10", None),
        ("zlib", Some("1.2.11")),
        ("expat", Some("2.2.0")),
    ];
    assert_eq!(facts(&inventory), expected);
    let written = (list::AS_WRITTEN.to_owned(), "OpenSSL 1.0.2k-fips".to_owned());
    assert_eq!(inventory.components[0].other_identifiers, [written]);
    assert_said(&inventory, "`OpenSSL 1.0.2k-fips` as `OpenSSL`, version `1.0.2k`, the rest `fips`");
    assert_said(&inventory, "1 cells name several components");
    assert_eq!(inventory.components[3].reference, "row-4.2");
}

#[test]
fn a_version_or_identifier_beside_several_names_is_given_to_none_of_them() {
    let text = "Name,Version,purl\n\"a\nb\",\"1.1\n2.2\",\n\"c;d\",3.3,pkg:npm/c@3.3\n";
    let inventory = read(text.as_bytes()).unwrap();
    assert_eq!(facts(&inventory), [("a", Some("1.1")), ("b", Some("2.2")), ("c", None), ("d", None)]);
    assert!(inventory.components.iter().all(|it| it.purl.is_none()));
    assert_said(&inventory, "`3.3` stands beside 2 names");
    assert_said(&inventory, "nothing says of which");
}

#[test]
fn dates_in_place_of_versions_are_said_and_not_taken() {
    let inventory = read(b"Name,Version\npython,3-Nov\nca-certificates,2021-04-13\nqt,n/a\n").unwrap();
    assert_eq!(facts(&inventory), [("python", None), ("ca-certificates", Some("2021-04-13")), ("qt", None)]);
    assert_said(&inventory, "1 versions are dates");
    assert!(!inventory.complete());
}

#[test]
fn what_is_no_component_list_is_named() {
    let message = refusal(b"Serial number,Manufacturer,Model,Version\n1,A,B,C\n");
    assert!(message.contains("a list of devices") && message.contains("bedrail devices import"), "{message}");
    assert!(refusal(b"hello,world\n1,2\n").contains("nor a table with a column"));
    assert!(refusal(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]).contains("old or protected spreadsheet"));
    let odd = read(b"Name,Version,purl,CPE,hash\n,1.0,,,\nx,1.0,npm/x,a:b,zz\n").unwrap();
    assert_eq!(facts(&odd), [("x", Some("1.0"))]);
    for words in [
        "line 2: the row names no component",
        "is not a package URL",
        "`a:b` is no CPE name",
        "`zz` is no hash",
    ] {
        assert_said(&odd, words);
    }
}

#[test]
fn sheets_with_merged_cells_formulas_numbers_and_dates_are_read_as_far_as_they_are_certain() {
    let rows = r#"
        <row r="1"><c r="A1" t="inlineStr"><is><t>Pump IP-5</t></is></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t>Supplier</t></is></c><c r="B3" t="inlineStr"><is><t>Component</t></is></c><c r="C3" t="inlineStr"><is><t>Version</t></is></c><c r="D3" t="inlineStr"><is><t>Type</t></is></c></row>
        <row r="4"><c r="A4" t="inlineStr"><is><t>Apache</t></is></c><c r="B4" t="inlineStr"><is><t>log4j-core</t></is></c><c r="C4" t="str"><f>CONCAT(2,".14.1")</f><v>2.14.1</v></c></row>
        <row r="5"><c r="B5" t="inlineStr"><is><t>tomcat</t></is></c><c r="C5"><v>9.1</v></c></row>
        <row r="6"><c r="B6" t="inlineStr"><is><t>httpd</t></is></c><c r="C6" s="1"><v>45000</v></c></row>
        <row r="7"><c r="B7" t="inlineStr"><is><t>Windows 10</t></is></c><c r="C7"><v>1809</v></c><c r="D7" t="inlineStr"><is><t>OS</t></is></c></row>
        <row r="8"><c r="B8" t="inlineStr"><is><t>curl</t></is></c><c r="C8"><f>A1</f></c></row>
        <row r="9"><c r="B9" t="inlineStr"><is><t>expat</t></is></c><c r="C9" t="e"><v>#REF!</v></c></row>
        <row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>stray</t></is></c></row>"#;
    let merged = r#"<mergeCells count="2"><mergeCell ref="A1:D1"/><mergeCell ref="A4:A6"/></mergeCells>"#;
    let book = Book::new().sheet("Pump", rows, merged).sheet("Notes", NOTE, "").macros();
    let inventory = read(&book.bytes()).unwrap();
    let expected = [
        ("log4j-core", Some("2.14.1")),
        ("tomcat", None),
        ("httpd", None),
        ("Windows 10", Some("1809")),
        ("curl", None),
        ("expat", None),
    ];
    assert_eq!(facts(&inventory), expected);
    let suppliers: Vec<_> = inventory.components.iter().map(|it| it.supplier.as_deref()).collect();
    assert_eq!(suppliers, [Some("Apache"), Some("Apache"), Some("Apache"), None, None, None]);
    assert_eq!(inventory.components[3].kind, ComponentKind::OperatingSystem);
    assert_eq!(inventory.components[0].place, "sheet Pump, row 4");
    for words in [
        "2 cells are formulas: the values stored with them are taken",
        "1 formulas have no value",
        "1 cells are errors of the spreadsheet",
        "2 groups of cells are merged",
        "1 versions are numbers in the spreadsheet",
        "1 versions are dates",
        "1 versions are whole numbers",
        "the workbook has macros",
        "sheet Notes: no row near its top",
        "1 cells stand beyond column 500",
    ] {
        assert_said(&inventory, words);
    }
}

const NOTE: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>nothing here</t></is></c></row>"#;

#[test]
fn many_empty_rows_cost_nothing() {
    let header = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>"#;
    let empty: String = (2..200_002).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"/></row>")).collect();
    let last = r#"<row r="200002"><c r="A200002" t="inlineStr"><is><t>zlib</t></is></c></row>"#;
    let book = Book::new().sheet("S", &format!("{header}{empty}{last}"), "");
    let inventory = read(&book.bytes()).unwrap();
    assert_eq!(facts(&inventory), [("zlib", None)]);
    assert_eq!(inventory.components[0].place, "sheet S, row 200002");
}

#[test]
fn archives_that_are_no_spreadsheet_or_grow_too_far_are_refused() {
    let zip = |entries: &[(&str, &[u8])]| pack(entries);
    let refuse = |bytes: &[u8]| refusal(bytes);
    assert!(refuse(&zip(&[("bom.json", b"{}")])).contains("no spreadsheet"));
    assert!(refuse(&zip(&[("xl/workbook.bin", b"")])).contains("XLSB"));
    assert!(refuse(&zip(&[("mimetype", b"x"), ("content.xml", b"")])).contains("OpenDocument"));
    assert!(refuse(&zip(&[("xl/workbook.xml", b"<not closed")])).contains("XLSX is broken"));
    assert!(refuse(b"PK\x03\x04....").contains("XLSX is broken"));
    let zeros = vec![b' '; 64 << 20];
    let bomb = Book::new().sheet("S", NOTE, "").with("xl/media/image1.png", &zeros).bytes();
    assert!(refuse(&bomb).contains("decompression bomb"), "{}", refuse(&bomb));
    let book = Book::new().sheet("S", NOTE, "").sheet("T", NOTE, "").bytes();
    let few = Limits { sheets: 1, ..Limits::default() };
    assert!(sbom::read(&book, &few).unwrap_err().to_string().contains("more than 1 sheets"));
    let rows: String = (1..50)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>Name</t></is></c></row>"))
        .collect();
    let book = Book::new().sheet("S", &rows, "").bytes();
    for (limits, what) in [
        (Limits { rows: 40, ..Limits::default() }, "40 rows"),
        (Limits { cells: 40, ..Limits::default() }, "40 cells"),
        (Limits { bytes_expanded: 400, ..Limits::default() }, "400 bytes"),
    ] {
        let message = sbom::read(&book, &limits).unwrap_err().to_string();
        assert!(message.contains(what), "{what}: {message}");
    }
}

#[test]
fn a_spreadsheet_cut_off_or_changed_anywhere_is_no_panic() {
    let book = Book::new().sheet("S", NOTE, "").bytes();
    for end in (0..book.len()).step_by(7) {
        assert!(read(&book[..end]).is_err(), "{end} bytes");
    }
    for at in (0..book.len()).step_by(3) {
        let mut bytes = book.clone();
        bytes[at] ^= 0x55;
        let _ = read(&bytes);
    }
}

#[test]
fn hidden_sheets_are_said() {
    let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>zlib</t></is></c></row>"#;
    let book = Book::new().sheet("S", rows, "").sheet("Old", rows, "").hide_last().bytes();
    let inventory = read(&book).unwrap();
    assert_eq!(facts(&inventory), [("zlib", None)]);
    assert_said(&inventory, "sheet Old: the sheet is hidden");
}

/// A workbook in the making.
#[derive(Default)]
pub(crate) struct Book {
    sheets: Vec<(String, String, bool)>,
    others: Vec<(String, Vec<u8>)>,
}

impl Book {
    pub(crate) fn new() -> Book {
        Book::default()
    }

    pub(crate) fn sheet(mut self, name: &str, rows: &str, behind: &str) -> Book {
        let xml = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{behind}</worksheet>"#
        );
        self.sheets.push((name.to_owned(), xml, false));
        self
    }

    pub(crate) fn hide_last(mut self) -> Book {
        self.sheets.last_mut().unwrap().2 = true;
        self
    }

    pub(crate) fn macros(self) -> Book {
        self.with("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    }

    pub(crate) fn with(mut self, name: &str, bytes: &[u8]) -> Book {
        self.others.push((name.to_owned(), bytes.to_vec()));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (mut sheets, mut links) = (String::new(), String::new());
        for (at, (name, _, hidden)) in self.sheets.iter().enumerate() {
            let id = at + 1;
            let state = if *hidden { r#" state="hidden""# } else { "" };
            sheets.push_str(&format!(r#"<sheet name="{name}" sheetId="{id}"{state} r:id="rId{id}"/>"#));
            links.push_str(&format!(
                r#"<Relationship Id="rId{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{id}.xml"/>"#
            ));
        }
        let workbook = format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
        );
        let links = format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>"#
        );
        let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
        let root = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        let mut entries: Vec<(String, Vec<u8>)> = vec![
            ("_rels/.rels".into(), root.as_bytes().to_vec()),
            ("xl/workbook.xml".into(), workbook.into_bytes()),
            ("xl/_rels/workbook.xml.rels".into(), links.into_bytes()),
            ("xl/styles.xml".into(), styles.as_bytes().to_vec()),
        ];
        for (at, (_, xml, _)) in self.sheets.iter().enumerate() {
            entries.push((format!("xl/worksheets/sheet{}.xml", at + 1), xml.clone().into_bytes()));
        }
        entries.extend(self.others.iter().cloned());
        let entries: Vec<(&str, &[u8])> =
            entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        pack(&entries)
    }
}

fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
