//! Lists of what makers say of Log4j: our own small ones in full, the real ones row for row.

use std::fmt::Write as _;
use std::path::PathBuf;

use bedrail_formats::limits::Limits;
use bedrail_formats::product_list::{self, LISTS, ListError, ProductList};
use bedrail_model::product_advisory::{ProductStatus, Word};

fn fixture(name: &str) -> ProductList {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/product_list").join(name);
    product_list::read(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

/// A list as text: a line for each statement, each piece of advice and each warning.
fn told(list: &ProductList) -> String {
    let mut text = format!("{}: {} rows, {:?}\n", list.name, list.rows, list.released);
    for advisory in &list.advisories {
        assert_eq!(advisory.word, Word::Repeated, "{}", advisory.id);
        writeln!(text, "{} ({:?})", advisory.id, advisory.released).unwrap();
        for weakness in &advisory.weaknesses {
            for (status, index) in &weakness.statuses {
                let product = &advisory.products[*index];
                let all = if product.all_of_maker { " (all of the maker)" } else { "" };
                let links: Vec<&str> = product.links.iter().map(|it| it.url.as_str()).collect();
                let (name, place) = (&product.product, &product.place);
                let versions = product.version.text();
                writeln!(text, "  {place} {name}{all}: {} “{versions}” {links:?}", status.code()).unwrap();
            }
            for it in &weakness.remediations {
                writeln!(text, "  {} {:?}: {}", it.category, it.products, it.details).unwrap();
            }
        }
    }
    for warning in &list.warnings {
        let kind = if warning.lost { "lost" } else { "mended" };
        writeln!(text, "{kind} {}: {}", warning.place, warning.message).unwrap();
    }
    text
}

#[test]
fn every_row_is_a_statement_for_each_weakness_or_is_listed_as_not_understood() {
    insta::assert_snapshot!("cisa_yaml", told(&fixture("cisa.yml")));
    insta::assert_snapshot!("cisa_table", told(&fixture("cisa.md")));
    insta::assert_snapshot!("ncsc_nl_table", told(&fixture("ncsc-nl.md")));
    insta::assert_snapshot!("ncsc_nl_csv", told(&fixture("ncsc-nl.csv")));
}

#[test]
fn what_is_no_list_is_refused_with_what_the_lists_are() {
    for text in
        ["", "# Read me\n\n| Status | Description |\n|--|--|\n| Fix | x |\n", "{}", "software:\n  - 1\n"]
    {
        let error = product_list::read(text.as_bytes(), &Limits::default()).unwrap_err();
        assert!(matches!(error, ListError::Unknown), "{text}: {error}");
        assert!(LISTS.iter().all(|it| error.to_string().contains(it.name)), "{error}");
        assert!(!product_list::looks_like(text), "{text}");
    }
    let broken = "software:\n  - vendor: a\n    cves: [\n";
    let error = product_list::read(broken.as_bytes(), &Limits::default()).unwrap_err();
    assert!(matches!(error, ListError::Syntax { .. }), "{error}");
}

#[test]
fn yaml_that_grows_by_references_is_refused() {
    let mut text = "software:\n  - vendor: &a [x, x, x, x, x, x, x, x]\n    cves:\n".to_owned();
    for level in 0..20 {
        let before = if level == 0 { "a".to_owned() } else { format!("b{}", level - 1) };
        writeln!(text, "      c{level}: &b{level} [*{before}, *{before}, *{before}]").unwrap();
    }
    let error = product_list::read(text.as_bytes(), &Limits::default()).unwrap_err();
    assert!(matches!(error, ListError::Syntax { .. }), "{error}");
}

#[test]
fn each_list_is_known_as_itself_alone() {
    let files = [("cisa.yml", 0), ("cisa.md", 1), ("ncsc-nl.md", 2), ("ncsc-nl.csv", 2)];
    for (file, row) in files {
        assert_eq!(fixture(file).name, LISTS[row].name, "{file}");
    }
}

/// The real lists, where they are there: rows counted beside a plain count of lines, nothing lost but what is named here.
#[test]
fn real_lists_are_read_row_for_row() {
    let Some(folder) = crate::shared("log4j") else { return };
    let read = |path: &str| {
        let text = std::fs::read_to_string(folder.join(path)).unwrap();
        let list = product_list::read(text.as_bytes(), &Limits::default()).unwrap();
        (text, list)
    };
    let (text, whole) = read("cisagov-log4j-affected-db/data/cisagov.yml");
    assert_eq!(whole.rows, text.lines().filter(|it| it.starts_with("  - vendor:")).count());
    assert!(whole.warnings.iter().all(|it| !it.lost), "{:#?}", whole.warnings);

    let mut lost = Vec::new();
    for (folder_of, begins) in [
        ("cisagov-log4j-affected-db/software_lists", "| Vendor | Product |"),
        ("ncsc-nl-log4shell/software", "| Supplier | Product |"),
    ] {
        let mut rows = 0;
        for entry in std::fs::read_dir(folder.join(folder_of)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let text = std::fs::read_to_string(folder.join(folder_of).join(&name)).unwrap();
            if !product_list::looks_like(&text) {
                assert!(!text.contains(begins), "{name}");
                continue;
            }
            let (_, list) = read(&format!("{folder_of}/{name}"));
            let lines = text.lines().skip_while(|it| !it.starts_with(begins)).skip(2);
            let lines = lines.filter(|it| it.starts_with('|')).count();
            let gone = list.warnings.iter().filter(|it| it.message.contains("cells where")).count();
            assert_eq!(list.rows + gone, lines, "{name}");
            rows += list.rows;
            lost.extend(list.warnings.into_iter().filter(|it| it.lost).map(|it| format!("{name} {it:?}")));
        }
        assert!(rows > 4_000, "{folder_of}: {rows}");
    }
    // A row of ten columns with eleven cells, and a status `x` in two rows.
    assert!(lost.len() < 10, "{lost:#?}");
    let statuses = whole.advisories.iter().flat_map(|it| &it.weaknesses).flat_map(|it| &it.statuses);
    assert!(statuses.clone().any(|(it, _)| *it == ProductStatus::Unknown));
}
