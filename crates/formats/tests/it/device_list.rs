//! What a device list becomes.

use bedrail_formats::device_list::{DeviceList, DeviceListError, Field, Mapping, read};
use bedrail_formats::limits::Limits;
use bedrail_model::device::Exposure;

fn list(text: &str) -> DeviceList {
    read(text.as_bytes(), &Mapping::default(), &Limits::default()).expect("a list that is read")
}

#[test]
fn a_german_list_with_semicolons_is_read_like_an_english_one() {
    let english = list(
        "Asset Tag,Serial No.,Manufacturer,Model,Firmware,Ward,Internet facing,End of support\nA1,S1,Meditron,P-200,1.2,ICU,no,2026-12-31\n",
    );
    let german = list(
        "Inventar-Nr.;Seriennummer;Hersteller;Modell;Firmware-Stand;Station;Internetzugang;Supportende\nA1;S1;Meditron;P-200;1.2;ICU;nein;31.12.2026\n",
    );
    assert_eq!(english.rows, german.rows);
    let facts = &english.rows[0].facts;
    assert_eq!(facts.serial.as_deref(), Some("S1"));
    assert_eq!(facts.exposure, Exposure::Flat);
    assert_eq!(facts.support_ends.as_deref(), Some("2026-12-31"));
    assert!(english.warnings.is_empty() && english.rows[0].problems.is_empty());
}

/// Excel ends lines with carriage return and line feed, old programs with a carriage return alone.
#[test]
fn every_row_is_read_and_has_its_line_however_lines_end() {
    let text = "Serial,Maker,Model,Ward\nS1,Orbis,Flow,\"two\nlines\"\nS2,Orbis,Flow,\n\nS3,Orbis,Flow,ICU\n";
    let plain = list(text);
    let lines: Vec<u64> = plain.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 4, 6]);
    for end in ["\r\n", "\r"] {
        assert_eq!(list(&text.replace('\n', end)).rows, plain.rows, "{end:?}");
    }
}

#[test]
fn every_flaw_of_a_row_is_said_and_no_row_is_lost() {
    let list = list(concat!(
        "serial,maker,model,exposure,colour,eol\n",
        "1,Acme,X,blue,red,soon\n",
        ",Acme,X,yes,,\n",
        "\n,,,,,\n",
        "1,ACME,Y,offline,,31/12/2026,more\n",
        "n/a,Acme,\"two\nlines\",VLAN,,12/31/2026\n",
        "2,Acme,Z,,,03/04/2026\n",
    ));
    let lines: Vec<u64> = list.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 6, 7, 9]);
    let exposures: Vec<Exposure> = list.rows.iter().map(|row| row.facts.exposure).collect();
    let expected =
        [Exposure::Unknown, Exposure::Outside, Exposure::Offline, Exposure::Isolated, Exposure::Unknown];
    assert_eq!(exposures, expected);
    insta::assert_snapshot!(
        list.rows
            .iter()
            .map(|row| format!("{}: {}\n", row.line, row.problems.join(" | ")))
            .collect::<String>()
    );
    insta::assert_snapshot!(
        "warnings",
        list.warnings
            .iter()
            .map(|it| format!("{}: {} ({})\n", it.place, it.message, it.lost))
            .collect::<String>()
    );
    assert_eq!(list.columns[4].field, None);
}

#[test]
fn titles_above_the_header_separators_and_encodings_are_found() {
    let excel = b"sep=;\r\nSeriennummer;Hersteller\r\n1;M\xfcller\r\n";
    let latin = read(excel, &Mapping::default(), &Limits::default()).unwrap();
    assert_eq!(latin.rows[0].facts.maker.as_deref(), Some("Müller"));
    assert!(latin.warnings[0].message.contains("windows-1252"));
    let utf16: Vec<u8> =
        "\u{feff}Serial\tMaker\n1\tMüller\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = read(&utf16, &Mapping::default(), &Limits::default()).unwrap();
    assert_eq!(utf16.rows[0].facts.maker.as_deref(), Some("Müller"));
    let titled = list("Device inventory,,\nexported 2026-01-01,,\nserial,maker,model\n1,Acme,X\n");
    assert_eq!((titled.rows.len(), titled.rows[0].line), (1, 4));
    assert!(titled.warnings[0].lost);
}

#[test]
fn a_mapping_by_hand_overrules_the_synonyms() {
    let mut mapping = Mapping::default();
    mapping.add("Gerät=model").unwrap();
    mapping.add("Type=ignore").unwrap();
    let list =
        read("serial,Gerät,Type,Model\n1,Pump,big,other\n".as_bytes(), &mapping, &Limits::default()).unwrap();
    assert_eq!(list.rows[0].facts.model.as_deref(), Some("Pump"));
    assert_eq!(
        list.columns.iter().map(|it| it.field).collect::<Vec<_>>(),
        [Some(Field::Serial), Some(Field::Model), None, None]
    );
    assert_eq!(list.warnings.len(), 1);
    mapping.add("Nowhere=site").unwrap();
    let error = read(b"serial\n1\n", &mapping, &Limits::default()).unwrap_err();
    assert!(matches!(error, DeviceListError::NoSuchColumn { .. }), "{error}");
}

#[test]
fn what_is_no_device_list_is_refused_with_a_hint() {
    for (bytes, said) in [
        (&b"PK\x03\x04rest"[..], "save the sheet as CSV"),
        (b"{\"a\": 1}", "JSON"),
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"a,b\n1,2\n", "--map"),
    ] {
        let error = read(bytes, &Mapping::default(), &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn rows_and_columns_have_limits() {
    let limits = Limits { rows: 2, columns: 3, text_length: 4, ..Limits::default() };
    let read = |text: &str| read(text.as_bytes(), &Mapping::default(), &limits);
    assert!(read("serial\n1\n2\n3\n").unwrap_err().to_string().contains("more than 2 rows"));
    assert!(read("serial,a,b,c\n1\n").unwrap_err().to_string().contains("more than 3 columns"));
    assert!(read("serial\n123456\n").unwrap().rows[0].problems[0].contains("cut after 4"));
}
