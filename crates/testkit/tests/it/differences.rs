//! The table by which differences from another scanner are judged, and the page that shows it, say the same.

const RULES: &str = include_str!("../../../../bench/differences/rules.toml");
const PAGE: &str = include_str!("../../../../docs/differences.md");

/// The texts of a field, in the order of the table.
fn texts(field: &str) -> Vec<String> {
    let start = format!("{field} = \"");
    let lines = RULES.lines().filter_map(|line| line.strip_prefix(&start)?.strip_suffix('"'));
    lines.map(|text| text.replace("\\\"", "\"")).collect()
}

#[test]
fn every_category_of_differences_stands_in_the_page_with_its_authority() {
    let (categories, authorities) = (texts("category"), texts("authority"));
    assert_eq!(categories.len(), RULES.matches("[[rule]]").count());
    assert_eq!(categories.len(), authorities.len(), "one authority for each");
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| ")).collect();
    for (category, authority) in categories.iter().zip(&authorities) {
        let row = rows.iter().find(|row| row.starts_with(&format!("| {category} | ")));
        let row = row.unwrap_or_else(|| panic!("`{category}` is not in docs/differences.md"));
        assert!(
            authority.contains("](https://") && row.contains(authority.as_str()),
            "{category}: {authority}"
        );
    }
    let kinds = categories.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(kinds, categories.len(), "a category has one rule");
}
