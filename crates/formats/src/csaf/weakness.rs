//! The vulnerabilities of a CSAF document: CSAF 2.1 §3.2.4, and where 2.0 differs, its own fields.

use std::borrow::Cow;

use bedrail_model::product_advisory::{ProductStatus, ProductWeakness, Remediation, Threat};
use bedrail_model::severity::Cvss;

use super::tree::Tree;
use super::{CsafError, each, owned, read_notes};
use crate::value::{Node, Warnings};

/// Read `/vulnerabilities`.
pub(super) fn read(
    root: &Node<'_, '_>,
    tree: &Tree,
    warnings: &mut Warnings,
) -> Result<Vec<ProductWeakness>, CsafError> {
    let mut weaknesses = Vec::new();
    each(root, "vulnerabilities", warnings, |node, warnings| {
        weaknesses.push(read_one(&node, tree, warnings)?);
        Ok(())
    })?;
    Ok(weaknesses)
}

fn read_one(node: &Node<'_, '_>, tree: &Tree, warnings: &mut Warnings) -> Result<ProductWeakness, CsafError> {
    let mut weakness = ProductWeakness {
        ids: node.text("cve", warnings).map(Cow::into_owned).into_iter().collect(),
        title: node.text("title", warnings).map(Cow::into_owned),
        notes: read_notes(node, warnings)?,
        statuses: read_statuses(node, tree, warnings),
        ..ProductWeakness::default()
    };
    each(node, "ids", warnings, |id, warnings| {
        weakness.ids.extend(id.text("text", warnings).map(Cow::into_owned));
        Ok(())
    })?;
    read_cwes(node, &mut weakness, warnings)?;
    read_scores(node, tree, &mut weakness, warnings)?;
    each(node, "flags", warnings, |flag, warnings| {
        if let Some(label) = flag.text("label", warnings) {
            let products = tree.products_of(&flag, warnings);
            weakness.flags.push((label.into_owned(), products));
        }
        Ok(())
    })?;
    each(node, "remediations", warnings, |it, warnings| {
        let Some(products) = products_about(&it, tree, warnings) else { return Ok(()) };
        weakness.remediations.push(Remediation {
            category: owned(it.text("category", warnings)),
            details: owned(it.text("details", warnings)),
            url: it.text("url", warnings).map(Cow::into_owned),
            products,
        });
        Ok(())
    })?;
    each(node, "threats", warnings, |it, warnings| {
        let Some(products) = products_about(&it, tree, warnings) else { return Ok(()) };
        if let Some(details) = it.text("details", warnings) {
            weakness.threats.push(Threat {
                category: owned(it.text("category", warnings)),
                details: details.into_owned(),
                products,
            });
        }
        Ok(())
    })?;
    Ok(weakness)
}

/// The products that a threat or remediation is about; empty where it names none at all, and with that is about all of them
/// (CSAF 2.1 §3.2.4.15, §3.2.4.17). None where it names some, and the tree has none of them: it is about nobody known.
fn products_about(it: &Node<'_, '_>, tree: &Tree, warnings: &mut Warnings) -> Option<Vec<usize>> {
    let products = tree.products_of(it, warnings);
    let about_all = !it.has("product_ids") && !it.has("group_ids");
    (about_all || !products.is_empty()).then_some(products)
}

fn read_statuses(node: &Node<'_, '_>, tree: &Tree, warnings: &mut Warnings) -> Vec<(ProductStatus, usize)> {
    let Some(status) = node.object("product_status", warnings) else { return Vec::new() };
    let mut statuses = Vec::new();
    for kind in ProductStatus::ALL {
        let products = tree.resolve(&status, kind.code(), warnings);
        statuses.extend(products.into_iter().map(|product| (kind, product)));
    }
    for (name, _) in &status.object.fields {
        if !ProductStatus::ALL.iter().any(|kind| kind.code() == name) {
            warnings.lost(status.place.field(name), format!("`{name}` is no product status: not read"));
        }
    }
    statuses
}

/// 2.0 has one `cwe`, 2.1 a list of `cwes`.
fn read_cwes(
    node: &Node<'_, '_>,
    weakness: &mut ProductWeakness,
    warnings: &mut Warnings,
) -> Result<(), CsafError> {
    let one = node.object("cwe", warnings);
    weakness.cwes.extend(one.and_then(|it| it.text("id", warnings).map(Cow::into_owned)));
    each(node, "cwes", warnings, |it, warnings| {
        weakness.cwes.extend(it.text("id", warnings).map(Cow::into_owned));
        Ok(())
    })
}

/// 2.0 has `scores` with the ratings, 2.1 `metrics` with them in `content`.
fn read_scores(
    node: &Node<'_, '_>,
    tree: &Tree,
    weakness: &mut ProductWeakness,
    warnings: &mut Warnings,
) -> Result<(), CsafError> {
    each(node, "scores", warnings, |score, warnings| {
        read_ratings(&score, &tree.resolve(&score, "products", warnings), weakness, warnings);
        Ok(())
    })?;
    each(node, "metrics", warnings, |metric, warnings| {
        let products = tree.resolve(&metric, "products", warnings);
        if let Some(content) = metric.object("content", warnings) {
            read_ratings(&content, &products, weakness, warnings);
        }
        Ok(())
    })
}

fn read_ratings(
    node: &Node<'_, '_>,
    products: &[usize],
    weakness: &mut ProductWeakness,
    warnings: &mut Warnings,
) {
    for kind in ["cvss_v4", "cvss_v3", "cvss_v2"] {
        let Some(rating) = node.object(kind, warnings) else { continue };
        let Some(vector) = rating.text("vectorString", warnings) else { continue };
        match Cvss::parse(&vector) {
            Ok(cvss) => weakness.scores.push((cvss, products.to_vec())),
            Err(error) => warnings.lost(rating.place.field("vectorString"), error.to_string()),
        }
    }
}
