//! Writes a bill of the sample as SPDX: 2.3 in JSON, 2.2 in tag-value.

use std::fmt::Write as _;

use serde::Serialize;

use super::bill::{Bill, Part};

/// The id of the document and of the product.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const PRODUCT: &str = "SPDXRef-Product";
const NO_ASSERTION: &str = "NOASSERTION";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    document_namespace: String,
    creation_info: CreationInfo,
    packages: Vec<Package<'a>>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct CreationInfo {
    created: String,
    creators: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package<'a> {
    #[serde(rename = "SPDXID")]
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    download_location: &'static str,
    files_analyzed: bool,
    license_concluded: &'static str,
    license_declared: &'a str,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalReference<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalReference<'a> {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: String,
    relationship_type: &'static str,
    related_spdx_element: String,
}

/// The bill as SPDX 2.3 JSON.
pub(super) fn json(bill: &Bill) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(&document(bill, "SPDX-2.3"))
        .expect("the document has only texts and lists");
    bytes.push(b'\n');
    bytes
}

fn document<'a>(bill: &'a Bill, version: &'static str) -> Document<'a> {
    let mut packages = vec![product(bill)];
    packages.extend((0..bill.parts.len()).map(|part| package(bill, part)));
    Document {
        spdx_version: version,
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: format!("{} {} {}", bill.maker, bill.model, bill.version),
        document_namespace: format!("https://sbom.example/{}/{}", bill.file_stem(), bill.serial),
        creation_info: CreationInfo {
            created: bill.created(),
            creators: vec![format!("Organization: {}", bill.maker), "Tool: made-up-by-bedrail".to_owned()],
        },
        packages,
        relationships: relationships(bill),
    }
}

fn product(bill: &Bill) -> Package<'_> {
    Package {
        id: PRODUCT.to_owned(),
        name: bill.model.to_owned(),
        version_info: Some(bill.version),
        supplier: Some(format!("Organization: {}", bill.maker)),
        download_location: NO_ASSERTION,
        files_analyzed: false,
        license_concluded: NO_ASSERTION,
        license_declared: NO_ASSERTION,
        copyright_text: NO_ASSERTION,
        primary_package_purpose: Some("DEVICE"),
        external_refs: Vec::new(),
    }
}

fn package(bill: &Bill, place: usize) -> Package<'_> {
    let part = &bill.parts[place];
    let purl = part.purl.as_deref().map(|purl| ("PACKAGE-MANAGER", "purl", purl));
    let cpe = part.cpe.as_deref().map(|cpe| ("SECURITY", "cpe23Type", cpe));
    Package {
        id: id(bill, place),
        name: full_name(part),
        version_info: part.version,
        supplier: None,
        download_location: NO_ASSERTION,
        files_analyzed: false,
        license_concluded: NO_ASSERTION,
        license_declared: part.licence.unwrap_or(NO_ASSERTION),
        copyright_text: NO_ASSERTION,
        primary_package_purpose: Some(purpose(part.kind)),
        external_refs: purl
            .into_iter()
            .chain(cpe)
            .map(|(reference_category, reference_type, reference_locator)| ExternalReference {
                reference_category,
                reference_type,
                reference_locator,
            })
            .collect(),
    }
}

/// SPDX has no group: npm scopes become part of the name; Maven groups live in the purl.
fn full_name(part: &Part) -> String {
    match &part.group {
        Some(group) if group.starts_with('@') => format!("{group}/{}", part.name),
        Some(_) | None => part.name.clone(),
    }
}

fn id(bill: &Bill, part: usize) -> String {
    format!("SPDXRef-{}", bill.reference(part))
}

/// SPDX's word for what a part is (2.3, clause 7.24).
fn purpose(kind: &str) -> &'static str {
    match kind {
        "application" | "service" => "APPLICATION",
        "framework" => "FRAMEWORK",
        "container" => "CONTAINER",
        "operating-system" => "OPERATING-SYSTEM",
        "device" => "DEVICE",
        "firmware" => "FIRMWARE",
        "file" | "data" => "FILE",
        "library" => "LIBRARY",
        _ => "OTHER",
    }
}

fn relationships(bill: &Bill) -> Vec<Relationship> {
    let relation = |from: String, kind: &'static str, to: String| Relationship {
        spdx_element_id: from,
        relationship_type: kind,
        related_spdx_element: to,
    };
    let mut relations = vec![relation(DOCUMENT.to_owned(), "DESCRIBES", PRODUCT.to_owned())];
    relations.extend(bill.parts.iter().enumerate().map(|(place, part)| {
        let holder = part.parent.map_or_else(|| PRODUCT.to_owned(), |parent| id(bill, parent));
        relation(holder, "CONTAINS", id(bill, place))
    }));
    if bill.composition.is_some() {
        relations.push(relation(PRODUCT.to_owned(), "CONTAINS", NO_ASSERTION.to_owned()));
    }
    relations
}

/// The bill as SPDX 2.2 tag-value.
pub(super) fn tag_value(bill: &Bill) -> Vec<u8> {
    let document = document(bill, "SPDX-2.2");
    let mut out = String::new();
    let mut line = |tag: &str, value: &str| {
        // Writing to a text cannot fail.
        let _ = writeln!(out, "{tag}: {value}");
    };
    line("SPDXVersion", document.spdx_version);
    line("DataLicense", document.data_license);
    line("SPDXID", document.id);
    line("DocumentName", &document.name);
    line("DocumentNamespace", &document.document_namespace);
    for creator in &document.creation_info.creators {
        line("Creator", creator);
    }
    line("Created", &document.creation_info.created);
    for package in &document.packages {
        line("\nPackageName", &package.name);
        line("SPDXID", &package.id);
        package.version_info.iter().for_each(|version| line("PackageVersion", version));
        package.supplier.iter().for_each(|supplier| line("PackageSupplier", supplier));
        line("PackageDownloadLocation", package.download_location);
        line("FilesAnalyzed", "false");
        line("PackageLicenseConcluded", package.license_concluded);
        line("PackageLicenseDeclared", package.license_declared);
        line("PackageCopyrightText", package.copyright_text);
        for reference in &package.external_refs {
            let kind = reference.reference_category;
            line(
                "ExternalRef",
                &format!("{kind} {} {}", reference.reference_type, reference.reference_locator),
            );
        }
    }
    line("\nRelationship", &relation_text(&document.relationships[0]));
    document.relationships[1..].iter().for_each(|relation| line("Relationship", &relation_text(relation)));
    out.into_bytes()
}

fn relation_text(relation: &Relationship) -> String {
    format!("{} {} {}", relation.spdx_element_id, relation.relationship_type, relation.related_spdx_element)
}
