//! Statements of others on pages and in the API: taken in, proposed once their issuer is pinned, put aside, kept apart.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::app::{Database, TestApp, on_each_database};

on_each_database! {
    statements_are_taken_in_by_the_page_and_count_once_their_issuer_is_pinned,
    the_api_says_the_same_and_what_is_no_statement_is_refused,
    an_issuer_is_pinned_by_its_key_and_a_signature_comes_along,
}

fn document() -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://orbis.example/vex/1",
    "author": "Orbis <script>alert(1)</script>", "role": "vendor", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
    "statements": [
        {"vulnerability": {"name": "CVE-2024-99901"}, "status": "not_affected", "justification": "component_not_present",
            "impact_statement": "<script>alert(2)</script>", "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300"}]},
        {"vulnerability": {"name": "CVE-2024-99902"}, "status": "fixed", "products": [{"@id": "pkg:npm/left-pad@1.0.0"}]},
        {"vulnerability": {"name": "CVE-2024-99903"}, "status": "not_affected", "products": [{"@id": "pkg:npm/left-pad@1.0.0"}]},
    ]})
}

const KEY: &str = "orbis%20%3Cscript%3Ealert%281%29%3C%2Fscript%3E";

async fn statements_are_taken_in_by_the_page_and_count_once_their_issuer_is_pinned(database: Database) {
    let app = TestApp::with_devices(database).await;
    assert!(app.get("/vex").await.text.contains("No statement waits for you"));
    let added = app.upload("/vex/add", &app.token, document().to_string().as_bytes()).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    assert!(
        added.text.contains("3 statements of Orbis") && !added.text.contains("<script>alert"),
        "{}",
        added.text
    );
    let page = app.get("/vex").await.text;
    assert!(
        page.contains("1 matched nothing of yours, 1 from issuers whose word does not count yet"),
        "{page}"
    );
    assert!(page.contains("matched nothing") && page.contains("without a justification"), "{page}");

    let forged = app.upload("/vex/add", "wrong", document().to_string().as_bytes()).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let pinned =
        app.form("/vex/pin", &format!("token={}&key={KEY}&makers=Orbis+Medical%2C+Nimbus", app.token)).await;
    assert_eq!(pinned.status, StatusCode::SEE_OTHER, "{}", pinned.text);
    let page = app.get("/vex").await.text;
    assert!(page.contains("1 statement waits for you") && page.contains("Nimbus, Orbis Medical"), "{page}");

    let rows = app.get("/api/v1/vex-statements?standing=proposed").await.json();
    let id = rows["rows"][0]["id"].as_str().unwrap().to_owned();
    let aside = app.form(&format!("/vex/{id}/aside"), &format!("token={}&aside=true", app.token)).await;
    assert_eq!(aside.status, StatusCode::SEE_OTHER, "{}", aside.text);
    assert!(app.get("/vex?standing=declined").await.text.contains("CVE-2024-99901"));
    app.form(&format!("/vex/{id}/aside"), &format!("token={}&aside=false", app.token)).await;
    app.form("/vex/unpin", &format!("token={}&key={KEY}", app.token)).await;
    assert!(app.get("/vex").await.text.contains("No statement waits for you"));

    let refused = app.upload("/vex/add", &app.token, b"no statement").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("no JSON") && refused.text.contains("OpenVEX, CSAF or CycloneDX"),
        "{}",
        refused.text
    );
}

async fn the_api_says_the_same_and_what_is_no_statement_is_refused(database: Database) {
    let app = TestApp::with_devices(database).await;
    let receipt = app.post("/api/v1/vex?file_name=a.json", document().to_string()).await.json();
    assert_eq!(
        (&receipt["statements"], &receipt["pinned"], &receipt["unchanged"]),
        (&json!(3), &json!(false), &json!(false))
    );
    let again = app.post("/api/v1/vex", document().to_string()).await.json();
    assert_eq!((&again["id"], &again["unchanged"]), (&receipt["id"], &json!(true)));
    let unmatched = app.get("/api/v1/vex-statements?standing=unmatched").await.json();
    assert_eq!(
        (&unmatched["total"], &unmatched["rows"][0]["weakness"]),
        (&json!(1), &json!("CVE-2024-99902"))
    );
    let lapsed = app.get("/api/v1/vex-statements?standing=lapsed").await.json();
    assert_eq!(lapsed["rows"][0]["spoken"], json!([]));
    assert!(lapsed["rows"][0]["lapse"].as_str().unwrap().contains("without a justification"));

    let issuer = format!("/api/v1/vex-issuers/{KEY}");
    let refused = app.json(Method::PUT, &issuer, &json!({"makers": [], "automatic": true})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let sent = json!({"makers": ["Orbis Medical"], "automatic": true});
    let pinned = app.json(Method::PUT, &issuer, &sent).await.json();
    assert_eq!((&pinned[0]["documents"], &pinned[0]["makers"]), (&json!(1), &json!(["Orbis Medical"])));
    assert!(pinned[0]["automatic_by"].as_str().unwrap().starts_with("admin"), "{pinned}");
    let proposed = app.get("/api/v1/vex-statements?text=99901").await.json()["rows"][0].clone();
    assert_eq!(
        (&proposed["standing"], &proposed["spoken"][0]["speaks"]),
        (&json!("proposed"), &json!("yes"))
    );
    let id = proposed["id"].as_str().unwrap();
    let aside =
        app.json(Method::PUT, &format!("/api/v1/vex-statements/{id}/aside"), &json!({"aside": true})).await;
    assert_eq!(aside.json()["standing"], "declined");
    let original = app.get(&format!("/api/v1/documents/{}", proposed["original"].as_str().unwrap())).await;
    assert_eq!(original.text, document().to_string(), "kept as received");
    assert_eq!(app.json(Method::DELETE, &issuer, &json!({})).await.status, StatusCode::OK);
    assert_eq!(app.json(Method::DELETE, &issuer, &json!({})).await.status, StatusCode::NOT_FOUND);

    assert_eq!(app.post("/api/v1/vex", "{").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["/api/v1/vex-statements?standing=nonsense", "/api/v1/vex-statements?contradicted=perhaps"] {
        assert_eq!(app.get(path).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    assert_eq!(app.get("/api/v1/vex-statements/nothing").await.status, StatusCode::NOT_FOUND);
}

/// Made up, with a key that was thrown away (`crates/app/tests/fixtures/vex/SOURCE`).
macro_rules! signed {
    ($name:literal) => {
        include_str!(concat!("../../../../app/tests/fixtures/vex/", $name))
    };
}

async fn an_issuer_is_pinned_by_its_key_and_a_signature_comes_along(database: Database) {
    let app = TestApp::with_devices(database).await;
    let issuer = "/api/v1/vex-issuers/orbis%20psirt";
    let refused = app.json(Method::PUT, issuer, &json!({"signing_key": "hello"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("BEGIN PUBLIC KEY"), "{}", refused.text);
    let pinned = app.json(Method::PUT, issuer, &json!({"signing_key": signed!("orbis.asc")})).await.json();
    assert_eq!(pinned[0]["signed_with"].as_str().unwrap().len(), 40 + 9, "{pinned}");

    let unsigned = app.post("/api/v1/vex", signed!("signed.json")).await.json();
    assert_eq!((&unsigned["pinned"], &unsigned["signed_by"]), (&json!(true), &Value::Null));
    let row = app.get("/api/v1/vex-statements").await.json()["rows"][0].clone();
    assert_eq!(row["unsigned"], json!(true), "{row}");
    let page = app.get("/vex").await.text;
    assert!(page.contains("a key that did not sign this document") && page.contains("only what "), "{page}");

    let fields = [("signature", signed!("signed.json.asc"))];
    let signed = app.upload_with("/api/v1/vex", &fields, signed!("signed.json").as_bytes()).await.json();
    assert_eq!((&signed["unchanged"], &signed["signed_by"]), (&json!(true), &pinned[0]["signed_with"]));
    let row = app.get("/api/v1/vex-statements").await.json()["rows"][0].clone();
    assert_eq!(row["unsigned"], json!(false), "{row}");

    // The page takes both, too, and a key that is none leads back with the reason.
    let token = app.token.as_str();
    let fields = [("token", token), ("signature", "hello")];
    let told = app.upload_with("/vex/add", &fields, signed!("signed.json").as_bytes()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let row = app.get("/api/v1/vex-statements").await.json()["rows"][0].clone();
    assert_eq!(row["unsigned"], json!(false), "what is no signature takes the place of none: {row}");
    let refused = app.form("/vex/pin", &format!("token={token}&key=orbis+psirt&signing_key=hello")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("is no public key"), "{}", refused.text);
}
