//! The description of the API, committed so that a change of it is seen in review.

use std::path::Path;

#[test]
fn the_committed_description_of_the_api_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == bedrail::web::openapi(),
        "docs/openapi.json is not current; write it anew: cargo run -p bedrail -- openapi > docs/openapi.json"
    );
}
