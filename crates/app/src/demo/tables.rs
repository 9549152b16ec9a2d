//! The committed tables under `demo/`, read into rows. They are ours and part of the program: a fault in them is a bug, found
//! by the tests of this module, and the readers panic with the table's name and the line.

use std::collections::HashMap;

const MAKERS: &str = include_str!("../../../../demo/makers.csv");
const PRODUCTS: &str = include_str!("../../../../demo/products.csv");
const RELEASES: &str = include_str!("../../../../demo/releases.csv");
const STACKS: &str = include_str!("../../../../demo/stacks.csv");
const WARDS: &str = include_str!("../../../../demo/wards.csv");
const KINDS: &str = include_str!("../../../../demo/kinds.csv");

/// All tables.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) makers: Vec<Maker>,
    pub(super) products: Vec<Product>,
    pub(super) releases: Vec<Release>,
    pub(super) wards: Vec<Ward>,
    pub(super) kinds: HashMap<&'static str, Kind>,
    stacks: HashMap<&'static str, Vec<Item>>,
}

/// An invented maker.
#[derive(Debug)]
pub(super) struct Maker {
    pub(super) code: &'static str,
    /// The four digits after GS1's example prefix.
    pub(super) number: &'static str,
    pub(super) name: &'static str,
}

/// An invented product, and how many the hospital has.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) code: &'static str,
    pub(super) maker: usize,
    pub(super) model: &'static str,
    pub(super) kind: &'static str,
    pub(super) devices: usize,
    /// How many of the devices face the outside.
    pub(super) outside: usize,
}

/// A release of a product.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) product: usize,
    pub(super) version: &'static str,
    /// Its part of the product's devices, in hundredths.
    pub(super) weight: usize,
    pub(super) operating_system: &'static str,
    pub(super) support_ends: &'static str,
    /// How the maker writes the bill of materials; `None` where there is none.
    pub(super) format: Option<Format>,
    pub(super) stacks: Vec<&'static str>,
    pub(super) flaws: Vec<Flaw>,
}

/// How a bill of materials is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// CycloneDX JSON of a version.
    CycloneDxJson(&'static str),
    /// CycloneDX XML of a version.
    CycloneDxXml(&'static str),
    /// SPDX 2.3 JSON.
    SpdxJson,
    /// SPDX 2.2 tag-value.
    SpdxTagValue,
}

impl Format {
    fn from_code(code: &str) -> Option<Option<Format>> {
        Some(match code {
            "none" => None,
            "cdx-1.4-json" => Some(Format::CycloneDxJson("1.4")),
            "cdx-1.5-xml" => Some(Format::CycloneDxXml("1.5")),
            "cdx-1.6-json" => Some(Format::CycloneDxJson("1.6")),
            "spdx-2.3-json" => Some(Format::SpdxJson),
            "spdx-2.2-tv" => Some(Format::SpdxTagValue),
            _ => return None,
        })
    }

    /// The usual end of the file's name.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Format::CycloneDxJson(_) => "cdx.json",
            Format::CycloneDxXml(_) => "cdx.xml",
            Format::SpdxJson => "spdx.json",
            Format::SpdxTagValue => "spdx",
        }
    }
}

/// What is wrong with a bill of materials, as in life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// About a quarter of the components has lost its version.
    NoVersions,
    /// About a third has lost its identifiers.
    NoPurls,
    /// Nothing but names and versions.
    Bare,
    /// No tree: everything hangs on the product.
    Flat,
    /// The bill says of itself that it is incomplete.
    Incomplete,
    /// The bill says of itself that nobody knows whether it is complete.
    Unknown,
}

impl Flaw {
    fn from_code(code: &str) -> Option<Flaw> {
        Some(match code {
            "no-versions" => Flaw::NoVersions,
            "no-purls" => Flaw::NoPurls,
            "bare" => Flaw::Bare,
            "flat" => Flaw::Flat,
            "incomplete" => Flaw::Incomplete,
            "unknown" => Flaw::Unknown,
            _ => return None,
        })
    }
}

/// One piece of software in a stack. Empty texts are "not said".
#[derive(Debug)]
pub(super) struct Item {
    /// CycloneDX's word for what it is.
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// Where the purl comes from: `maven:GROUP`, `deb:debian-11:openssl`…
    pub(super) id: &'static str,
    /// `vendor:product`, or `o:vendor:product`.
    pub(super) cpe: &'static str,
    /// The name of the component that it stands inside of.
    pub(super) parent: &'static str,
    pub(super) licence: &'static str,
}

/// A ward at a site.
#[derive(Debug)]
pub(super) struct Ward {
    pub(super) site: &'static str,
    pub(super) site_code: &'static str,
    /// The first two numbers of its addresses.
    pub(super) network: &'static str,
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) weight: u64,
    /// Who answers for its devices; empty is nobody.
    pub(super) owner: &'static str,
}

/// A kind of device: where it stands and how far it can be reached from.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) code: &'static str,
    /// Codes of the wards that have such devices.
    pub(super) wards: Vec<&'static str>,
    /// Hundredths on the open inner network, on a network of their own, and not connected.
    pub(super) exposure: [u64; 3],
}

impl Tables {
    /// Reads all tables.
    pub(super) fn read() -> Tables {
        let makers: Vec<Maker> =
            rows("makers.csv", MAKERS).map(|[code, number, name]| Maker { code, number, name }).collect();
        let products: Vec<Product> =
            rows("products.csv", PRODUCTS).map(|row| product(row, &makers)).collect();
        let releases = rows("releases.csv", RELEASES).map(|row| release(row, &products)).collect();
        let mut stacks: HashMap<&'static str, Vec<Item>> = HashMap::new();
        for [stack, kind, name, version, id, cpe, parent, licence] in rows("stacks.csv", STACKS) {
            let kind = if kind.is_empty() { "library" } else { kind };
            stacks.entry(stack).or_default().push(Item { kind, name, version, id, cpe, parent, licence });
        }
        let wards = rows("wards.csv", WARDS)
            .map(|[site, site_code, network, name, code, weight, owner]| Ward {
                site,
                site_code,
                network,
                name,
                code,
                weight: number("wards.csv", weight) as u64,
                owner,
            })
            .collect();
        let kinds = rows("kinds.csv", KINDS).map(kind).collect();
        Tables { makers, products, releases, wards, kinds, stacks }
    }

    /// The software of a stack.
    pub(super) fn stack(&self, name: &str) -> &[Item] {
        self.stacks.get(name).unwrap_or_else(|| panic!("stacks.csv has no stack {name}"))
    }

    /// How many devices the hospital has.
    pub(super) fn devices(&self) -> usize {
        self.products.iter().map(|product| product.devices).sum()
    }
}

fn product(row: [&'static str; 6], makers: &[Maker]) -> Product {
    let [code, maker, model, kind, devices, outside] = row;
    Product {
        code,
        maker: position("makers.csv", maker, makers.iter().map(|maker| maker.code)),
        model,
        kind,
        devices: number("products.csv", devices),
        outside: number("products.csv", outside),
    }
}

fn release(row: [&'static str; 8], products: &[Product]) -> Release {
    let [product, version, weight, operating_system, support_ends, format, stacks, flaws] = row;
    Release {
        product: position("products.csv", product, products.iter().map(|product| product.code)),
        version,
        weight: number("releases.csv", weight),
        operating_system,
        support_ends,
        format: Format::from_code(format)
            .unwrap_or_else(|| panic!("releases.csv has an unknown format {format}")),
        stacks: stacks.split_whitespace().collect(),
        flaws: flaws
            .split_whitespace()
            .map(|flaw| {
                Flaw::from_code(flaw).unwrap_or_else(|| panic!("releases.csv has an unknown flaw {flaw}"))
            })
            .collect(),
    }
}

fn kind(row: [&'static str; 6]) -> (&'static str, Kind) {
    let [kind, code, wards, flat, isolated, offline] = row;
    let exposure = [flat, isolated, offline].map(|part| number("kinds.csv", part) as u64);
    (kind, Kind { code, wards: wards.split_whitespace().collect(), exposure })
}

/// The rows of a table below its comments and its header. Our tables need no quotes.
fn rows<const N: usize>(table: &'static str, text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).skip(1).map(move |(line, row)| {
        let fields: Vec<&'static str> = row.split(',').collect();
        fields
            .try_into()
            .unwrap_or_else(|_| panic!("{table}, line {}: expected {N} fields in `{row}`", line + 1))
    })
}

fn number(table: &str, text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("{table}: `{text}` is not a number"))
}

fn position<'a>(table: &str, code: &str, mut codes: impl Iterator<Item = &'a str>) -> usize {
    codes.position(|known| known == code).unwrap_or_else(|| panic!("{table} has no row {code}"))
}
