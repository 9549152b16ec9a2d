//! The tables against what the documentation says.

#[test]
fn every_kind_is_in_the_documentation_with_what_is_done_about_it() {
    let text = include_str!("../../../../docs/scanner.md");
    for (name, opened) in bedrail_scanner::containers() {
        let row = format!("| {name} | {} |", if opened { "yes" } else { "no" });
        assert!(text.contains(&row), "docs/scanner.md lacks `{row}`");
    }
    for name in bedrail_scanner::detectors() {
        assert!(text.contains(&format!("| {name} |")), "docs/scanner.md lacks `{name}`");
    }
}
