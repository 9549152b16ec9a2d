//! `bedrail scan --to-server` against a server of this machine: what was found is the bill of a release or of a device's release.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use tempfile::tempdir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::http::send;
use super::run::program;
use super::several::{first_session, server};

const DEVICES: &str = "Asset tag,Serial,Maker,Model,Version\nP-1,S1,Orbis Medical,Flow 300,2.1\nP-2,S2,Nimbus,Cloud 9,1.0\nP-20,S2,Other,Thing,1\n";

fn archive() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let inner = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties";
    zip.start_file(inner, SimpleFileOptions::default()).unwrap();
    zip.write_all(b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n").unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_a_scan_finds_goes_to_a_device_and_to_a_release() {
    let folder = tempdir().unwrap();
    let (_process, address, one_time) = server(folder.path(), None, true);
    let session = first_session(&address, &one_time);
    let cookie = ("Cookie", session.cookie.as_str());
    let mark = ("X-CSRF-Token", session.token.as_str());
    let ask = |what, body: &[u8]| {
        send(&address, what, &[cookie, mark, ("Content-Type", "application/json")], body).unwrap()
    };
    let token = |rights: Value| {
        let body = json!({ "name": "scanner", "rights": rights }).to_string();
        ask(("POST", "/api/v1/account/tokens"), body.as_bytes()).json()["token"].as_str().unwrap().to_owned()
    };
    let list = send(
        &address,
        ("POST", "/api/v1/devices/import"),
        &[cookie, mark, ("Content-Type", "application/octet-stream")],
        DEVICES.as_bytes(),
    );
    assert_eq!(list.unwrap().json()["added"], 3);
    std::fs::write(folder.path().join("gateway.jar"), archive()).unwrap();

    let scan = |words: &[&str], token: Option<&str>| {
        let mut command = program();
        command
            .current_dir(folder.path())
            .args(["scan", "gateway.jar"])
            .args(words)
            .env_remove("BEDRAIL_TOKEN");
        if let Some(token) = token {
            command.env("BEDRAIL_TOKEN", token);
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let whole = token(json!(["fleet.see", "releases.see", "releases.change"]));
    let to = ["--to-server", address.as_str()];
    let (code, out, err) = scan(&[&to[..], &["--device", "p-1"]].concat(), Some(&whole));
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("Orbis Medical Flow 300 2.1")
            && out.contains("1 components")
            && out.contains("1 devices"),
        "{out}"
    );
    let names = ["--maker", "Nimbus", "--model", "Cloud 9", "--version", "1.0"];
    std::fs::write(folder.path().join("token"), format!("{whole}\n")).unwrap();
    let (code, out, err) = scan(&[&to[..], &names, &["--token-file", "token"]].concat(), None);
    assert_eq!(code, Some(0), "{out}{err}");
    let answer = ask(("GET", "/api/v1/affected?q=CVE-2021-44228"), b"").json();
    assert_eq!(answer["totals"]["affected"], 2, "{answer}");

    for (words, token, said) in [
        (&["--device", "P-9"][..], Some(whole.as_str()), "knows no device P-9"),
        (&["--device", "S2"], Some(&whole), "several devices are called S2"),
        (&names, Some("bedrail_nonsense"), "401"),
        (&names, None, "wants a token"),
        (&names, Some(&token(json!(["fleet.see"]))), "403"),
    ] {
        let (code, out, err) = scan(&[&to[..], words].concat(), token);
        assert_eq!(code, Some(1), "{words:?}: {out}{err}");
        assert!(err.contains(said), "{words:?}: {err}");
    }
    let (code, _, err) = scan(&["--to-server", "http://hospital.example"], Some(&whole));
    assert!(code == Some(1) && err.contains("in the open"), "{err}");
}
