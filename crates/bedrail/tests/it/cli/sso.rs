//! Single sign-on from the server's terminal, as a house uses it that set it up or is locked out.

use std::fs;

use tempfile::tempdir;

use super::run::{json, run, stderr, text};

const SET: &[&str] = &["organisation", "sso", "set"];

#[test]
fn a_provider_is_set_shown_and_turned_off() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("secret"), "a made-up secret of the tests\n").unwrap();
    let missing = run(at, &["organisation", "sso", "show"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("was not found"), "{}", stderr(&missing));
    let mut words = SET.to_vec();
    words.extend(["--name", "Clinic Login", "--issuer", "https://login.hospital.example/realms/staff"]);
    words.extend([
        "--client-id",
        "bedrail",
        "--slug",
        "lindenhof",
        "--map",
        "cn=sec,ou=x=analyst,compliance",
    ]);
    let without = run(at, &words);
    assert!(stderr(&without).contains("the client's secret is missing"), "{}", stderr(&without));
    words.extend(["--secret-file", "secret", "--newcomers", "welcome"]);
    let told = text(at, 0, &words);
    assert!(told.contains("people sign in with Clinic Login at /sign-in/lindenhof"), "{told}");

    let shown = text(at, 0, &["organisation", "sso", "show"]);
    assert!(
        shown.contains("cn=sec,ou=x = analyst, compliance") && shown.contains("/sign-in/lindenhof/return"),
        "{shown}"
    );
    let file = text(at, 0, &["organisation", "sso", "show", "--format", "json"]);
    assert!(!shown.contains("made-up secret") && !file.contains("made-up secret"), "{file}");
    fs::write(at.join("sso.json"), &file).unwrap();
    // Passwords cannot be closed where no administrator has one.
    let closing = run(at, &[SET, &["--passwords", "off"]].concat());
    assert!(stderr(&closing).contains("no administrator has a password"), "{}", stderr(&closing));

    text(at, 0, &["organisation", "sso", "off"]);
    assert_eq!(json(at, 0, &["organisation", "sso", "show", "--format", "json"])["active"], false);
    text(at, 0, &[SET, &["--file", "sso.json"]].concat());
    let back = json(at, 0, &["organisation", "sso", "show", "--format", "json"]);
    assert_eq!(
        (&back["active"], &back["mapping"][0]["roles"][0]),
        (&true.into(), &"analyst".into()),
        "{back}"
    );
    let wrong = run(at, &[SET, &["--map", "x=root"]].concat());
    assert!(stderr(&wrong).contains("there is no role \"root\""), "{}", stderr(&wrong));
    let asked = run(at, &["organisation", "sso", "check"]);
    assert_eq!(asked.status.code(), Some(1), "nothing answers at a made-up name");
}
