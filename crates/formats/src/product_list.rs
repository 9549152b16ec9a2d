//! Lists of what makers say of their products and a weakness, gathered by a national centre: one row for each product, with
//! versions as people write them. For a sealed device such a row is often the only answer there is.
//!
//! A list becomes one [`ProductAdvisory`] for each maker and weakness, so that it is matched, asked and shown like any other.
//! It is hearsay ([`Word::Repeated`]). Every row is read, or a warning says where it stands and why it was not understood.

use std::collections::BTreeMap;

use bedrail_model::component::Warning;
use bedrail_model::product_advisory::{
    Link, NamedProduct, ProductAdvisory, ProductStatus, ProductWeakness, Publisher, Remediation, VersionText,
    Word,
};

use crate::decode::{Decoded, decode};
use crate::limits::{LimitError, Limits, expand};
use crate::value::Warnings;

mod cisa;
mod ncsc_nl;
mod table;

/// Bytes of one list: CISA's has 4 MB, which is doubled and doubled again.
pub const MAX_BYTES: u64 = 16 << 20;

/// Rows of one list: CISA's has 4,472, NCSC-NL's 5,763 in all of its files.
pub const MAX_ROWS: usize = 100_000;

/// A list that we can read.
#[derive(Debug, Clone, Copy)]
pub struct ListFormat {
    /// What it is called.
    pub name: &'static str,
    /// What its ids begin with.
    pub list: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// Where it is published, with what its columns mean.
    pub spec: &'static str,
    looks_like: fn(&str) -> bool,
    read: fn(&str, &mut Warnings) -> Result<Vec<Row>, ListError>,
}

const CISA: &str = "CISA (list of statements of makers)";
const CISA_SPEC: &str = "https://github.com/cisagov/log4j-affected-db";

/// All lists that are read. A new one is a row here and a file beside the others.
pub const LISTS: &[ListFormat] = &[
    ListFormat {
        name: "cisagov/log4j-affected-db (YAML)",
        list: "cisa-log4j",
        publisher: CISA,
        spec: CISA_SPEC,
        looks_like: cisa::looks_like_yaml,
        read: cisa::read_yaml,
    },
    ListFormat {
        name: "cisagov/log4j-affected-db (table)",
        list: "cisa-log4j",
        publisher: CISA,
        spec: CISA_SPEC,
        looks_like: cisa::looks_like_table,
        read: cisa::read_table,
    },
    ListFormat {
        name: "NCSC-NL/log4shell (table)",
        list: "ncsc-nl-log4shell",
        publisher: "NCSC-NL (list of statements of makers)",
        spec: "https://github.com/NCSC-NL/log4shell",
        looks_like: ncsc_nl::looks_like,
        read: ncsc_nl::read,
    },
];

/// A list that is not read, and why.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is larger than any list.
    #[error("the list has more than {MAX_BYTES} bytes; it was not read")]
    TooLarge,
    /// Its compression is broken, or a bomb.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It is no list that is known here.
    #[error("this is none of the lists that are read; hint: they are {}", known())]
    Unknown,
    /// Its YAML is broken.
    #[error("the YAML is broken: {detail}")]
    Syntax {
        /// What is wrong, and where.
        detail: String,
    },
    /// Its CSV is broken.
    #[error("the table is broken: {0}")]
    Table(#[from] csv::Error),
    /// Too many rows.
    #[error("the list has more than {MAX_ROWS} rows; it was not read")]
    TooMany,
}

fn known() -> String {
    LISTS.iter().map(|it| it.name).collect::<Vec<_>>().join(", ")
}

/// A list as read.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductList {
    /// What it is called.
    pub name: &'static str,
    /// Where it is published.
    pub namespace: &'static str,
    /// When its newest row was changed, where it says so: RFC 3339.
    pub released: Option<String>,
    /// Rows that were read.
    pub rows: usize,
    /// What it says: one for each maker and weakness, sorted by both.
    pub advisories: Vec<ProductAdvisory>,
    /// Rows that were mended or not understood, each with its place.
    pub warnings: Vec<Warning>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Row {
    /// Where it stands.
    place: String,
    maker: String,
    /// Empty for all products of the maker.
    product: String,
    claims: Vec<Claim>,
    note: String,
    links: Vec<Link>,
    /// RFC 3339.
    updated: Option<String>,
}

/// What a row says of one weakness.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    weakness: String,
    status: ProductStatus,
    /// As written; empty where it says nothing of versions.
    versions: String,
    /// What the note beside it is, in the words of CSAF.
    advice: &'static str,
}

/// Whether a text looks like one of the lists.
pub fn looks_like(text: &str) -> bool {
    LISTS.iter().any(|it| (it.looks_like)(text))
}

/// Read a list, compressed or not.
///
/// # Errors
/// It is none of [`LISTS`], or cannot be read; see [`ListError`].
pub fn read(bytes: &[u8], limits: &Limits) -> Result<ProductList, ListError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ListError::TooLarge);
    }
    let limits = &Limits { bytes_expanded: limits.bytes_expanded.min(MAX_BYTES), ..*limits };
    let expanded = expand(bytes, limits)?;
    let Decoded { text, note } = decode(&expanded, None);
    let format = LISTS.iter().find(|it| (it.looks_like)(&text)).ok_or(ListError::Unknown)?;
    let mut warnings = Warnings::new(limits);
    if let Some(note) = note {
        warnings.push("", note.message, note.lost);
    }
    let rows = (format.read)(&text, &mut warnings)?;
    if rows.len() > MAX_ROWS {
        return Err(ListError::TooMany);
    }
    Ok(ProductList {
        name: format.name,
        namespace: format.spec,
        released: rows.iter().filter_map(|row| row.updated.clone()).max(),
        rows: rows.len(),
        advisories: advisories(format, &rows),
        warnings: warnings.finish(),
    })
}

/// One advisory for each maker and weakness.
fn advisories(format: &ListFormat, rows: &[Row]) -> Vec<ProductAdvisory> {
    let mut gathered: BTreeMap<(&str, &str), Vec<(&Row, &Claim)>> = BTreeMap::new();
    for row in rows {
        for claim in &row.claims {
            gathered.entry((&row.maker, &claim.weakness)).or_default().push((row, claim));
        }
    }
    gathered.into_iter().map(|((maker, weakness), said)| advisory(format, maker, weakness, &said)).collect()
}

fn advisory(format: &ListFormat, maker: &str, weakness: &str, said: &[(&Row, &Claim)]) -> ProductAdvisory {
    let mut found = ProductWeakness { ids: vec![weakness.to_owned()], ..ProductWeakness::default() };
    let mut products = Vec::new();
    for (index, (row, claim)) in said.iter().enumerate() {
        found.statuses.push((claim.status, index));
        if !row.note.is_empty() {
            let same = |it: &&mut Remediation| it.details == row.note && it.category == claim.advice;
            match found.remediations.iter_mut().find(same) {
                Some(known) => known.products.push(index),
                None => found.remediations.push(Remediation {
                    category: claim.advice.to_owned(),
                    details: row.note.clone(),
                    url: row.links.first().map(|it| it.url.clone()),
                    products: vec![index],
                }),
            }
        }
        products.push(product(row, claim));
    }
    ProductAdvisory {
        id: format!("{}/{weakness}/{maker}", format.list),
        title: format!("{maker}: {weakness}"),
        format: format.name.to_owned(),
        publisher: Publisher {
            name: format.publisher.to_owned(),
            category: "coordinator".to_owned(),
            namespace: format.spec.to_owned(),
            contact: None,
        },
        word: Word::Repeated,
        status: "final".to_owned(),
        released: products.iter().filter_map(|it| it.updated.clone()).max(),
        products,
        weaknesses: vec![found],
        ..ProductAdvisory::default()
    }
}

fn product(row: &Row, claim: &Claim) -> NamedProduct {
    let all_of_maker = row.product.is_empty();
    let name = if all_of_maker { "all products" } else { row.product.as_str() };
    NamedProduct {
        id: row.place.clone(),
        full_name: format!("{} {name}", row.maker),
        maker: row.maker.clone(),
        product: name.to_owned(),
        version: match claim.versions.as_str() {
            "" => VersionText::Unstated,
            text => VersionText::Exact(text.to_owned()),
        },
        place: row.place.clone(),
        all_of_maker,
        updated: row.updated.clone(),
        links: row.links.clone(),
        ..NamedProduct::default()
    }
}

/// The product that a cell names; empty where it means all of the maker's.
fn product_name(cell: &str) -> String {
    let cell = cell.trim();
    let all = ["all", "all products", "all product", "all versions", "*"];
    if all.contains(&cell.to_lowercase().as_str()) { String::new() } else { cell.to_owned() }
}

/// The day of a date or moment, as the first moment of it: the lists give days.
fn day(text: &str) -> Option<String> {
    let day: jiff::civil::Date = text.trim().get(..10)?.parse().ok()?;
    Some(format!("{day}T00:00:00Z"))
}

/// What a row says where it says nothing of any weakness: that its product is in the list, and nothing is known.
fn nothing_said() -> Claim {
    Claim {
        weakness: LOG4SHELL.to_owned(),
        status: ProductStatus::Unknown,
        versions: String::new(),
        advice: "note",
    }
}

/// The weakness that the lists were begun for.
const LOG4SHELL: &str = "CVE-2021-44228";
