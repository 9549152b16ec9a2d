//! Documents that mean harm, sent by the real upload and read by the real child process: each is refused in words or read,
//! nothing that was stored before is lost, and others are served meanwhile.

use axum::http::StatusCode;

use super::app::{Database, SBOM, TestApp, on_each_database};

on_each_database! {
    a_hostile_document_is_refused_in_words_and_changes_nothing,
    others_are_served_while_a_large_document_is_read,
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
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        assert!(answer.text.contains("What the release had before stays"), "{name}: {}", answer.text);
        let answer =
            app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", document).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        let problem = answer.json();
        let words = problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or_default();
        assert!(words.split_whitespace().count() >= 3, "{name}: {problem}");
        assert_eq!(app.get("/healthz").await.status, StatusCode::OK, "{name}");
    }
    assert_eq!(app.get("/api/v1/releases").await.json(), before);
    assert_eq!(app.get("/api/v1/affected?q=CVE-2021-44228").await.json()["totals"]["affected"], 3);
}

async fn others_are_served_while_a_large_document_is_read(database: Database) {
    let app = server(database).await;
    let upload =
        app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1", a_million_components());
    let mut upload = std::pin::pin!(upload);
    let mut served = 0;
    let answer = loop {
        tokio::select! {
            biased;
            answer = &mut upload => break answer,
            page = app.get("/api/v1/affected?q=log4j") => {
                assert_eq!(page.status, StatusCode::OK, "{}", page.text);
                served += 1;
                // One person's pace: a program that asks without a breath meets the limit on requests.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    };
    assert!(served > 0, "nobody was served meanwhile");
    assert!([StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status), "{}", answer.text);
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
