//! SCIM with the examples of RFC 7643 §8 and RFC 7644 §3, and what directories really send.

use bedrail_model::ids::WorkerId;
use bedrail_model::workforce::{RosterSource, Worker, WorkerKind};
use bedrail_workforce::scim::{self, ENTERPRISE, Filter, Meta, PATCH, USER, User};
use jiff::civil::date;
use serde_json::{Value, json};

/// The full user of RFC 7643 §8.2, shortened where we keep nothing.
fn example() -> Value {
    json!({
        "schemas": [USER],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "701984",
        "userName": "bjensen@example.com",
        "name": { "formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
            "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III" },
        "displayName": "Babs Jensen", "nickName": "Babs", "profileUrl": "https://login.example.com/bjensen",
        "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home" }],
        "userType": "Employee", "title": "Tour Guide", "active": true, "password": "t1meMa$heen",
        "groups": [{ "value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides" }],
        ENTERPRISE: { "employeeNumber": "701984", "costCenter": "4130", "division": "Theme Park", "department": "Tour Operations" },
        "meta": { "resourceType": "User", "version": "W/\"a330bc54f0671c9\"" }
    })
}

#[test]
fn the_example_of_the_specification_is_read() {
    let user = User::read(&example()).unwrap();
    assert_eq!(
        user,
        User {
            user_name: "bjensen@example.com".into(),
            external: Some("701984".into()),
            name: "Ms. Barbara J Jensen, III".into(),
            mail: Some("bjensen@example.com".into()),
            active: true,
            kind: WorkerKind::Staff,
            roles: vec!["tour guide".into()],
            site: "Theme Park".into(),
            ward: "Tour Operations".into(),
        }
    );
    let small =
        User::read(&json!({ "schemas": [USER], "userName": "bjensen", "USERTYPE": "Student" })).unwrap();
    assert_eq!((small.name.as_str(), small.active, small.kind), ("bjensen", true, WorkerKind::Student));
}

#[test]
fn what_is_no_user_is_said_in_the_words_of_scim() {
    for (value, kind) in [
        (json!([]), "invalidSyntax"),
        (json!({ "schemas": [USER] }), "invalidValue"),
        (json!({ "schemas": ["urn:x"], "userName": "a" }), "invalidValue"),
        (json!({ "userName": 4711 }), "invalidValue"),
        (json!({ "userName": "a\u{0}b" }), "invalidValue"),
        (json!({ "userName": "x".repeat(401) }), "invalidValue"),
        (json!({ "userName": "a", "emails": "a@b.example" }), "invalidValue"),
        (json!({ "userName": "a", "emails": [{ "value": "no address" }] }), "invalidValue"),
        (json!({ "userName": "a", "active": "perhaps" }), "invalidValue"),
    ] {
        let fault = User::read(&value).unwrap_err();
        assert_eq!((fault.status, fault.kind), (400, Some(kind)), "{value}");
        let body = fault.body();
        assert_eq!((&body["schemas"][0], &body["status"]), (&json!(scim::ERROR), &json!("400")));
    }
}

fn worker() -> Worker {
    Worker {
        id: WorkerId::generate(),
        name: "Barbara Jensen".into(),
        user_name: Some("bjensen".into()),
        external: Some("701984".into()),
        mail: Some("bjensen@example.com".into()),
        kind: WorkerKind::Contractor,
        roles: vec!["nurse".into()],
        site: "North".into(),
        ward: "ICU".into(),
        starts: date(2026, 3, 1),
        until: None,
        source: RosterSource::Scim,
    }
}

fn shown() -> Value {
    let at = "2026-03-03T10:00:00Z".parse().unwrap();
    scim::user(&worker(), true, Meta { created: at, modified: at, version: 7 }, "https://b.example/scim/v2")
}

fn patched(operations: &Value) -> Result<User, scim::Fault> {
    let patch = json!({ "schemas": [PATCH], "Operations": operations });
    User::read(&scim::patch(&shown(), &patch)?)
}

#[test]
fn a_user_comes_back_as_it_was_shown() {
    let user = User::read(&shown()).unwrap();
    let worker = worker();
    assert_eq!((user.name, user.mail, user.roles), (worker.name, worker.mail, worker.roles));
    assert_eq!((user.kind, user.site, user.ward), (worker.kind, worker.site, worker.ward));
    assert_eq!(shown()["meta"]["version"], "W/\"7\"");
}

#[test]
fn patches_do_what_directories_mean_by_them() {
    let base = User::read(&shown()).unwrap();
    let off = |operations: Value| assert!(!patched(&operations).unwrap().active, "{operations}");
    off(json!([{ "op": "replace", "path": "active", "value": false }]));
    off(json!([{ "op": "Replace", "value": { "active": false } }]));
    off(json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    off(json!([{ "op": "replace", "path": format!("{USER}:active"), "value": false }]));
    for (operations, expected) in [
        (
            json!([{ "op": "replace", "path": "name.familyName", "value": "Hall" }]),
            User { name: "Barbara Hall".into(), ..base.clone() },
        ),
        (
            json!([{ "op": "replace", "value": { "name": { "givenName": "Ann" } } }]),
            User { name: "Ann Jensen".into(), ..base.clone() },
        ),
        (
            json!([{ "op": "replace", "path": "displayName", "value": "Babs" }]),
            User { name: "Babs".into(), ..base.clone() },
        ),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "B@x.example" }]),
            User { mail: Some("b@x.example".into()), ..base.clone() },
        ),
        (
            json!([{ "op": "add", "path": "roles", "value": [{ "value": "Manager" }] }]),
            User { roles: vec!["manager".into(), "nurse".into()], ..base.clone() },
        ),
        (json!([{ "op": "remove", "path": "roles" }]), User { roles: vec![], ..base.clone() }),
        (
            json!([{ "op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "ER" }]),
            User { ward: "ER".into(), ..base.clone() },
        ),
        (json!([{ "op": "remove", "path": "externalId" }]), User { external: None, ..base.clone() }),
        // RFC 7644 section 3.5.2.2: a filter takes away what it names and leaves the others.
        (json!([{ "op": "remove", "path": "roles[value eq \"manager\"]" }]), base.clone()),
        (
            json!([
                { "op": "add", "value": { "roles": [{ "value": "Manager" }] } },
                { "op": "remove", "path": "roles[value eq \"nurse\"]" }
            ]),
            User { roles: vec!["manager".into()], ..base.clone() },
        ),
        // We keep the address of the work and no other.
        (
            json!([{ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "b@home.example" }]),
            base.clone(),
        ),
        (json!([{ "op": "add", "path": "nickName", "value": "Babs" }]), base),
    ] {
        assert_eq!(patched(&operations).unwrap(), expected, "{operations}");
    }
}

#[test]
fn what_is_no_patch_is_refused() {
    for (patch, kind) in [
        (json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH], "Operations": [] }), "invalidSyntax"),
        (
            json!({ "schemas": [PATCH], "Operations": vec![json!({ "op": "replace", "path": "active", "value": false }); 101] }),
            "invalidSyntax",
        ),
        (json!({ "schemas": [PATCH], "Operations": [{ "op": "burn", "path": "active" }] }), "invalidSyntax"),
        (json!({ "schemas": [PATCH], "Operations": [{ "op": "remove" }] }), "noTarget"),
        (
            json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "emails[type eq", "value": "x" }] }),
            "invalidPath",
        ),
        (
            json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "a b/c", "value": "x" }] }),
            "invalidPath",
        ),
        (
            json!({ "schemas": [PATCH], "Operations": [{ "op": "remove", "path": "roles[value co \"n\"]" }] }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active" }] }),
            "invalidValue",
        ),
    ] {
        assert_eq!(scim::patch(&shown(), &patch).unwrap_err().kind, Some(kind), "{patch}");
    }
    assert!(patched(&json!([{ "op": "remove", "path": "userName" }])).is_err());
}

#[test]
fn filters_for_equality_are_read_and_others_are_refused() {
    for (text, filter) in [
        ("userName eq \"bJensen\"", Filter::UserName("bjensen".into())),
        ("USERNAME EQ \"b \\\"j\"", Filter::UserName("b \"j".into())),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"b\"", Filter::UserName("b".into())),
        ("externalId eq \"Ab\"", Filter::External("Ab".into())),
        ("emails.value eq \"B@x.example\"", Filter::Mail("b@x.example".into())),
        ("active eq true", Filter::Active(true)),
        ("id eq \"x\"", Filter::Id("x".into())),
    ] {
        assert_eq!(scim::filter(text), Ok(filter), "{text}");
    }
    for text in [
        "",
        "userName",
        "userName eq",
        "userName sw \"b\"",
        "userName eq \"b\" and active eq true",
        "userName eq b",
        "title pr",
    ] {
        assert_eq!(scim::filter(text).unwrap_err().kind, Some("invalidFilter"), "{text}");
    }
}
