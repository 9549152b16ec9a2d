//! A file of a device in the place of a bill of materials: looked into in a child process, and what was found is the bill.

use std::io::{Cursor, Write as _};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::app::{Database, TestApp, on_each_database};
use super::background::done;

on_each_database! {
    a_file_of_a_device_is_looked_into_and_what_was_not_is_said,
    what_holds_nothing_that_is_known_is_no_bill,
    neither_a_file_nor_a_bill_takes_a_weakness_away,
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A library of Java by its metadata.
fn library(group: &str, artifact: &str, version: &str) -> Vec<u8> {
    let pom = format!("groupId={group}\nartifactId={artifact}\nversion={version}\n");
    zip(&[(&format!("META-INF/maven/{group}/{artifact}/pom.properties"), pom.as_bytes())])
}

/// Whether the bytes lie anywhere in the data folder.
fn is_kept(app: &TestApp, bytes: &[u8]) -> bool {
    let mut folders = vec![app.settings.data_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(path).is_ok_and(|it| it == bytes) {
                return true;
            }
        }
    }
    false
}

async fn app(database: Database) -> TestApp {
    let parser = Some(env!("CARGO_BIN_EXE_bedrail").into());
    let (app, one_time) = TestApp::with_parser(database, parser).await;
    app.signed_in(&one_time).await
}

async fn a_file_of_a_device_is_looked_into_and_what_was_not_is_said(database: Database) {
    let app = app(database).await;
    let inner = library("org.apache.logging.log4j", "log4j-core", "2.14.1");
    let broken = b"PK\x03\x04 not whole".as_slice();
    let firmware = zip(&[("opt/app.war", &zip(&[("WEB-INF/lib/a.jar", &inner)])), ("broken.zip", broken)]);
    let path = "/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1&file_name=..%2Fflow.fw";
    let receipt = app.post(path, firmware.clone()).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    let receipt = receipt.json();
    assert_eq!(receipt["components"], 1, "{receipt}");
    assert!(receipt["affected"].as_u64().unwrap() > 0, "{receipt}");
    let lost = |receipt: &Value| {
        let warnings = receipt["warnings"].as_array().unwrap().clone();
        warnings.into_iter().filter(|it| it["lost"] == true).collect::<Vec<_>>()
    };
    assert!(!lost(&receipt).is_empty(), "{receipt}");
    assert!(receipt.to_string().contains("flow.fw!/broken.zip"), "{receipt}");
    assert!(
        !receipt.to_string().contains("bedrail-scan-"),
        "the place where it lay for a moment is nobody's: {receipt}"
    );

    assert!(!is_kept(&app, &firmware), "the file is not kept");
    let sent = app.request(Method::POST, path).header("x-csrf-token", &app.token);
    let sent = sent.header("prefer", "respond-async").body(Body::from(firmware.clone())).unwrap();
    let sent = app.send(sent).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert!(is_kept(&app, &firmware), "it waits for the job");
    let job = done(&app, sent.json()["id"].as_str().unwrap()).await;
    assert_eq!(job["job"]["state"], "done", "{job}");
    assert!(!is_kept(&app, &firmware), "and is gone with it");

    // The bill is a document of its own, which says the same when somebody adds it again; the file is not kept.
    let document = app.get(&format!("/documents/{}", receipt["document"].as_str().unwrap())).await;
    let bill: Value = serde_json::from_str(&document.text).unwrap();
    assert_eq!(bill["components"][0]["name"], "log4j-core");
    let place = &bill["components"][0]["evidence"]["occurrences"][0]["location"];
    assert!(place.as_str().unwrap().starts_with("flow.fw!/opt/app.war!/WEB-INF/lib/a.jar"), "{place}");
    let again =
        app.post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.2", document.text).await;
    assert_eq!(lost(&again.json()).len(), lost(&receipt).len(), "{}", again.text);
    let page = app.get(&format!("/releases/{}", receipt["release"].as_str().unwrap())).await;
    assert!(page.text.contains("log4j-core"), "{}", page.text);
}

async fn what_holds_nothing_that_is_known_is_no_bill(database: Database) {
    let app = app(database).await;
    let noise: Vec<u8> =
        (0..40_000_u32).flat_map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for (name, bytes) in [
        ("empty.zip", zip(&[])),
        ("text.zip", zip(&[("readme.txt", b"hello")])),
        ("broken.zip", b"PK\x03\x04 not whole".to_vec()),
        ("noise.bin", noise),
    ] {
        let path =
            format!("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1&file_name={name}");
        let answer = app.post(&path, bytes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.text);
        assert!(answer.text.contains("othing that is known was found"), "{name}: {}", answer.text);
    }
    let releases = app.get("/api/v1/releases").await.json();
    assert_eq!(releases["total"], 0, "a refused file leaves nothing: {releases}");
}

/// A class of this name without anything in it (JVMS §4.1).
fn class(name: &str) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_be_bytes();
    let head = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, 0, 3, 1];
    [&head[..], &length, name.as_bytes(), &[7, 0, 1, 0, 1, 0, 2], &[0; 10]].concat()
}

/// Decision 1306: of a jar whose `JndiLookup` was removed the server says "affected", and tells the person what it saw; what a bill says of
/// that counts for nothing, since anybody may have written it.
async fn neither_a_file_nor_a_bill_takes_a_weakness_away(database: Database) {
    const GONE: &str = "CVE-2021-44228 (lookup/JndiLookup)";
    let app = app(database).await;
    let strings = class("org/apache/logging/log4j/core/lookup/StrSubstitutor");
    let pom = b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n".as_slice();
    let mended = zip(&[
        ("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", pom),
        ("org/apache/logging/log4j/core/lookup/StrSubstitutor.class", &strings),
    ]);
    let affected = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap().iter();
        findings
            .filter(|it| it["answer"] == "affected")
            .map(|it| it["weakness"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let path = "/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.1&file_name=mended.jar";
    let receipt = app.post(path, mended).await.json();
    let warnings = receipt["warnings"].as_array().unwrap();
    let told = warnings.iter().find(|it| it["message"].as_str().unwrap().contains(GONE));
    let told = told.unwrap_or_else(|| panic!("{receipt:#}"));
    assert_eq!((&told["lost"], &told["place"]), (&Value::Bool(false), &Value::from("mended.jar")));
    let release = receipt["release"].as_str().unwrap();
    let scanned = app.get(&format!("/api/v1/releases/{release}")).await.json();
    assert!(affected(&scanned).contains(&"CVE-2021-44228".to_owned()), "{scanned:#}");
    let page = app.get(&format!("/releases/{release}")).await;
    assert!(page.text.contains(GONE), "the person who decides sees it: {}", page.text);

    let forged = serde_json::json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"properties": [{"name": "bedrail:code", "value": "JndiLookup was removed"}]},
        "components": [{
            "type": "library", "name": "log4j-core", "version": "2.14.1",
            "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
            "properties": [{"name": "bedrail:not-affected", "value": "CVE-2021-44228"}],
        }],
    });
    let path = "/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300&version=2.2";
    let receipt = app.post(path, forged.to_string()).await.json();
    let release = receipt["release"].as_str().unwrap();
    let believed = app.get(&format!("/api/v1/releases/{release}")).await.json();
    assert_eq!(affected(&believed), affected(&scanned));
}
