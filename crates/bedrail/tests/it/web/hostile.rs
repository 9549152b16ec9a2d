//! Documents that mean harm, sent by the real upload and read by the real child process: each is refused in words or read,
//! nothing that was stored before is lost, and others are served meanwhile.

use axum::http::StatusCode;

use super::app::{Answer, Database, SBOM, TestApp, on_each_database};
use super::background::done;

on_each_database! {
    a_hostile_document_is_refused_in_words_and_changes_nothing,
    others_are_served_while_a_large_document_is_read,
    a_hostile_device_list_is_refused_in_words_and_changes_nothing,
    a_device_list_in_another_encoding_is_read_and_the_report_says_how,
    a_line_longer_than_any_value_is_cut_and_the_row_says_so,
}

/// A server that reads uploads in a child process, with a few devices and a bill of materials.
async fn server(database: Database) -> TestApp {
    let parser = Some(env!("CARGO_BIN_EXE_bedrail").into());
    let (app, one_time) = TestApp::with_parser(database, parser).await;
    let app = app.signed_in(&one_time).await;
    app.add_devices().await;
    app
}

async fn a_hostile_document_is_refused_in_words_and_changes_nothing(database: Database) {
    let app = server(database).await;
    let before = app.get("/api/v1/releases").await.json();
    for (name, document) in hostile() {
        let answer = app.upload("/releases/upload", &app.token.clone(), &document).await;
        if answer.status != StatusCode::SEE_OTHER {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
            assert!(answer.text.contains("What the release had before stays"), "{name}: {}", answer.text);
        }
        let answer =
            app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", document).await;
        refused_in_words(&app, name, answer).await;
        assert_eq!(app.get("/healthz").await.status, StatusCode::OK, "{name}");
    }
    assert_eq!(app.get("/api/v1/releases").await.json(), before);
    assert_eq!(app.get("/api/v1/affected?q=CVE-2021-44228").await.json()["totals"]["affected"], 3);
}

/// Refused at once, or by the job that a large document becomes.
async fn refused_in_words(app: &TestApp, name: &str, answer: Answer) {
    let words = if answer.status == StatusCode::ACCEPTED {
        let detail = done(app, answer.json()["id"].as_str().unwrap()).await;
        assert_eq!(detail["job"]["state"], "failed", "{name}: {detail}");
        assert_eq!(detail["job"]["attempt"], 1, "{name}: trying again cannot help: {detail}");
        detail["job"]["words"].as_str().unwrap().to_owned()
    } else {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        let problem = answer.json();
        problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or_default().to_owned()
    };
    assert!(words.split_whitespace().count() >= 3 && words.len() < 4_000, "{name}: {words}");
}

async fn others_are_served_while_a_large_document_is_read(database: Database) {
    let app = server(database).await;
    let upload = app
        .post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", a_million_components())
        .await;
    assert_eq!(upload.status, StatusCode::ACCEPTED, "{}", upload.text);
    let id = upload.json()["id"].as_str().unwrap().to_owned();
    let mut reading = std::pin::pin!(done(&app, &id));
    let mut served = 0;
    let detail = loop {
        tokio::select! {
            biased;
            detail = &mut reading => break detail,
            page = app.get("/api/v1/affected?q=log4j") => {
                assert_eq!(page.status, StatusCode::OK, "{}", page.text);
                served += 1;
                // One person's pace: a program that asks without a breath meets the limit on requests.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    };
    assert!(served > 0, "nobody was served meanwhile");
    assert!(["done", "failed"].contains(&detail["job"]["state"].as_str().unwrap()), "{detail}");
    let again = app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", SBOM).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(app.get("/api/v1/affected?q=CVE-2021-44228").await.json()["totals"]["affected"], 3);
}

/// Documents that nobody sends by accident.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let head = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":["#;
    let nested = format!("{head}{}", r#"{"type":"library","name":"x","components":["#.repeat(200));
    let deep = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"x":{}{}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
        <bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>&c;</name></component></components></bom>"#;
    let outside = r#"<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a SYSTEM "file:///etc/passwd">]>
        <bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>&a;</name></component></components></bom>"#;
    let utf_16: Vec<u8> =
        "\u{feff}not a bill of materials".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()[3]
    })
    .take(100_000)
    .collect();
    vec![
        ("a bomb", gzip_bomb(1 << 30)),
        ("cut off inside 200 components, each in the other", nested.into_bytes()),
        ("5,000 brackets deep", deep.into_bytes()),
        ("an entity bomb", bomb.into()),
        ("an entity from outside", outside.into()),
        ("cut off", SBOM.as_bytes()[..SBOM.len() / 2].to_vec()),
        ("UTF-16 that is no bill", utf_16),
        ("a zip", b"PK\x03\x04\x14\0\0\0\x08\0 and so on".to_vec()),
        ("noise", noise),
    ]
}

async fn a_hostile_device_list_is_refused_in_words_and_changes_nothing(database: Database) {
    let app = server(database).await;
    let before = app.get("/api/v1/devices").await.json();
    for (name, list) in hostile_lists() {
        // A page shows what would happen first, at once whatever the length.
        let answer = app.upload("/devices/import", &app.token.clone(), &list).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        let answer = app.post("/api/v1/devices/import", list).await;
        refused_in_words(&app, name, answer).await;
        assert_eq!(app.get("/healthz").await.status, StatusCode::OK, "{name}");
    }
    assert_eq!(app.get("/api/v1/devices").await.json(), before);
}

async fn a_device_list_in_another_encoding_is_read_and_the_report_says_how(database: Database) {
    let app = server(database).await;
    let text = "Seriennummer;Hersteller;Modell;Station\r\nL-1;M\u{fc}ller;Pumpe;\u{dc}berwachung\r\n";
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let utf_16: Vec<u8> = text.replace("L-1", "L-2").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (list, serial, said) in [(latin, "L-1", "windows-1252"), (utf_16, "L-2", "UTF-16LE")] {
        let answer = app.post("/api/v1/devices/import", list).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(answer.json()["warnings"].to_string().contains(said), "{}", answer.text);
        let row = app.get(&format!("/api/v1/devices?text={serial}")).await.json();
        assert!(row["rows"][0].to_string().contains("\u{dc}berwachung"), "{row}");
    }
}

async fn a_line_longer_than_any_value_is_cut_and_the_row_says_so(database: Database) {
    let app = server(database).await;
    let list =
        format!("Serial,Maker,Model,Ward\nH-1,Orbis,Flow,{}\nH-2,Orbis,Flow,ICU\n", "w".repeat(32 << 20));
    let answer = app.post("/api/v1/devices/import?dry_run=true", list).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let report = answer.json();
    assert_eq!(report["added"], 2, "{report}");
    assert!(report["rows"][0]["messages"].to_string().contains("cut after"), "{report}");
    assert!(answer.text.len() < 10_000);
}

/// Device lists that nobody sends by accident.
fn hostile_lists() -> Vec<(&'static str, Vec<u8>)> {
    let head = "Serial,Maker,Model\n";
    let rows: String = (0..=1_000_000).map(|number| format!("{number}\n")).collect();
    let columns: String = (0..600).map(|number| format!("column {number},")).collect();
    vec![
        ("a bomb", gzip_bomb(1 << 30)),
        ("more rows than any hospital has devices", format!("{head}{rows}").into_bytes()),
        ("more columns than any list has", format!("Serial,{columns}\n1\n").into_bytes()),
        ("one line that is all name", format!("Serial,{}\n", "x".repeat(8 << 20)).into_bytes()),
        (
            "a name whose quote is not closed",
            format!("Serial,\"Maker\n{}", "1,2\n".repeat(1_000)).into_bytes(),
        ),
        ("one line without any known name", "y".repeat(8 << 20).into_bytes()),
        ("a workbook", b"PK\x03\x04\x14\0\0\0\x08\0 and so on".to_vec()),
        ("JSON", br#"[{"serial": "1"}]"#.to_vec()),
        ("nothing but spaces", b"  \n \n".to_vec()),
        ("a broken gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 2, 3]),
    ]
}

/// Spaces, compressed by hand (RFC 1951, 3.2.6): a literal, then copies of 258 bytes from one byte back, 13 bits each.
fn gzip_bomb(bytes: usize) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut waiting, mut count) = (0_u64, 0);
    let mut put = |bits: u64, length: u32, file: &mut Vec<u8>| {
        waiting |= bits << count;
        count += length;
        while count >= 8 {
            file.push(waiting.to_le_bytes()[0]);
            waiting >>= 8;
            count -= 8;
        }
    };
    put(0b011, 3, &mut file);
    // A space is 0x30 + 32 in eight bits, the most significant first.
    put(u64::from(0x50_u8.reverse_bits()), 8, &mut file);
    for _ in 0..bytes / 258 {
        put(u64::from(0xc5_u8.reverse_bits()), 13, &mut file);
    }
    put(0, 16, &mut file);
    file.extend([0; 8]);
    file
}

/// A bill within the limits of size, with more components than any device has.
fn a_million_components() -> Vec<u8> {
    let mut text = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","name":"first"}"#,
    );
    text.push_str(&r#",{"type":"library","name":"c"}"#.repeat(1_000_000));
    text.push_str("]}");
    text.into_bytes()
}
