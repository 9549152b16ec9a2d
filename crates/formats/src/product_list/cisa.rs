//! CISA's list: YAML with three lists of versions for each weakness, and Markdown tables made from it, which speak of
//! CVE-2021-44228 alone. What the fields mean stands in `README.md` and above the tables of the list.

use std::collections::BTreeMap;
use std::fmt;

use bedrail_model::product_advisory::{Link, ProductStatus};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::table::{Table, has_header, links};
use super::{Claim, ListError, MAX_ROWS, Row, day, nothing_said, product_name};
use crate::value::Warnings;

/// The list as its YAML has it.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    software: Vec<Software>,
}

#[derive(Deserialize)]
struct Software {
    #[serde(default)]
    vendor: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    cves: BTreeMap<String, Said>,
    #[serde(default)]
    vendor_links: Texts,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    references: Texts,
    #[serde(default)]
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    /// `true`, `false`, or nothing.
    #[serde(default)]
    investigated: Option<String>,
    #[serde(default)]
    affected_versions: Texts,
    #[serde(default)]
    fixed_versions: Texts,
    #[serde(default)]
    unaffected_versions: Texts,
}

/// A list of texts; some rows have one text in its place, or nothing.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn list(&self) -> Vec<&str> {
        self.0.iter().map(|it| it.trim()).collect()
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A number alone would come without the zeros at its end, and be another version.
        formatter.write_str("a list of texts, or a text in quotes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        // As texts, so that `3.10` stays what it is.
        while let Some(text) = items.next_element::<Option<String>>()? {
            texts.push(text.unwrap_or_default());
        }
        Ok(Texts(texts))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(Some(text.to_owned()).filter(|it| !it.trim().is_empty()).into_iter().collect()))
    }

    fn visit_unit<E: Error>(self) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_none<E: Error>(self) -> Result<Texts, E> {
        Ok(Texts::default())
    }
}

pub(super) fn looks_like_yaml(text: &str) -> bool {
    let has = |name: &str| text.lines().take(2_000).any(|line| line.trim_start().starts_with(name));
    has("software:") && has("cves:") && (has("- vendor:") || has("vendor:"))
}

/// Nodes of a document: each row has some sixty.
const MAX_NODES: usize = 60 * MAX_ROWS;

pub(super) fn read_yaml(text: &str, warnings: &mut Warnings) -> Result<Vec<Row>, ListError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: 0,
            max_anchors: 0,
        },
    };
    let file: File = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let detail = error.to_string();
        ListError::Syntax { detail: detail.lines().next().unwrap_or_default().to_owned() }
    })?;
    if file.software.len() > MAX_ROWS {
        return Err(ListError::TooMany);
    }
    Ok(file.software.iter().enumerate().map(|(index, it)| row_of(index, it, warnings)).collect())
}

fn row_of(index: usize, it: &Software, warnings: &mut Warnings) -> Row {
    let place = format!("/software/{index}");
    let mut claims = Vec::new();
    for (weakness, said) in &it.cves {
        let before = claims.len();
        let weakness = weakness.to_uppercase();
        let lists = [
            (&said.affected_versions, ProductStatus::KnownAffected, "note"),
            (&said.fixed_versions, ProductStatus::Fixed, "vendor_fix"),
            (&said.unaffected_versions, ProductStatus::KnownNotAffected, "note"),
        ];
        for (texts, status, advice) in lists {
            let texts = texts.list();
            if !texts.is_empty() {
                let versions = versions(&texts, &place, warnings);
                claims.push(Claim { weakness: weakness.clone(), status, versions, advice });
            }
        }
        if claims.len() == before && said.investigated.as_deref() == Some("true") {
            let status = ProductStatus::UnderInvestigation;
            claims.push(Claim { weakness, status, versions: String::new(), advice: "note" });
        }
    }
    if claims.is_empty() {
        claims.push(nothing_said());
    }
    let addresses = it.vendor_links.list().into_iter().chain(it.references.list());
    Row {
        maker: it.vendor.trim().to_owned(),
        product: product_name(&it.product),
        claims,
        note: it.notes.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
        links: addresses.flat_map(links).collect::<Vec<Link>>(),
        updated: it.last_updated.as_deref().and_then(day),
        place,
    }
}

/// The versions of a list as alternatives. A text that was taken apart into its letters is put together again.
fn versions(texts: &[&str], place: &str, warnings: &mut Warnings) -> String {
    if texts.len() > 3 && texts.iter().all(|it| it.chars().count() < 2) {
        // A blank was cut to nothing.
        let whole: String = texts.iter().map(|it| if it.is_empty() { " " } else { it }).collect();
        warnings.mended(place, format!("a text that was taken apart into letters is read as `{whole}`"));
        return whole;
    }
    texts.iter().copied().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" | ")
}

const HEADER: &[&str] = &["Vendor", "Product", "Affected Versions", "Patched Versions", "Status"];

pub(super) fn looks_like_table(text: &str) -> bool {
    has_header(text, HEADER)
}

/// The statuses of the tables, and the column that has the versions.
const STATUSES: &[(&str, ProductStatus, &str, &str)] = &[
    ("affected", ProductStatus::KnownAffected, "Affected Versions", "note"),
    ("fixed", ProductStatus::Fixed, "Patched Versions", "vendor_fix"),
    ("not affected", ProductStatus::KnownNotAffected, "", "note"),
    ("under investigation", ProductStatus::UnderInvestigation, "", "note"),
    ("unknown", ProductStatus::Unknown, "", "note"),
];

pub(super) fn read_table(text: &str, warnings: &mut Warnings) -> Result<Vec<Row>, ListError> {
    let Some(table) = Table::read(text, HEADER, warnings)? else { return Ok(Vec::new()) };
    let row = |(line, cells): &(usize, Vec<String>)| {
        let place = format!("line {line}");
        let cell = |name: &str| table.cell(cells, name);
        let word = cell("Status").to_lowercase();
        let known = STATUSES.iter().find(|(it, ..)| *it == word);
        let mut claims = Vec::new();
        match known {
            Some((_, status, column, advice)) => claims.push(Claim {
                status: *status,
                versions: cell(column).to_owned(),
                advice,
                ..nothing_said()
            }),
            None => {
                warnings.lost(&place, format!("`{}` is no status of this list", cell("Status")));
                claims.push(nothing_said());
            }
        }
        // A fixed product may have versions that are not.
        let affected = cell("Affected Versions");
        if !affected.is_empty() && word != "affected" {
            let status = ProductStatus::KnownAffected;
            claims.push(Claim { status, versions: affected.to_owned(), ..nothing_said() });
        }
        Row {
            maker: cell("Vendor").to_owned(),
            product: product_name(cell("Product")),
            claims,
            note: cell("Notes").to_owned(),
            links: ["Vendor Links", "References"].into_iter().flat_map(|it| links(cell(it))).collect(),
            updated: day(cell("Last Updated")),
            place,
        }
    };
    Ok(table.rows.iter().map(row).collect())
}
