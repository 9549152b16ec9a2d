//! The product tree (CSAF 2.1 §3.2.3) as a flat list: branches, full product names, groups, and what is made of others.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use bedrail_model::product_advisory::{NamedProduct, ProductIdentifiers, VersionText};

use super::{CsafError, MAX_ITEMS, each, owned, text_at, texts};
use crate::value::{Node, Warnings};

/// The flat products, and how the document refers to them.
pub(super) struct Tree {
    pub(super) products: Vec<NamedProduct>,
    by_id: HashMap<String, usize>,
    groups: HashMap<String, Vec<String>>,
}

impl Tree {
    /// The products that a list of ids names; an id that does not exist is a warning.
    pub(super) fn resolve(&self, node: &Node<'_, '_>, field: &str, warnings: &mut Warnings) -> Vec<usize> {
        let place = node.place.field(field);
        let mut found = Vec::new();
        for (index, value) in node.list(field, warnings).iter().enumerate() {
            let Some(id) = text_at(value, place.item(index), warnings) else { continue };
            match self.by_id.get(&id) {
                Some(product) => found.push(*product),
                None => warnings.lost(place.item(index), format!("there is no product `{id}` in the tree")),
            }
        }
        found
    }

    /// The products of `product_ids` and `group_ids` together, each once.
    pub(super) fn products_of(&self, node: &Node<'_, '_>, warnings: &mut Warnings) -> Vec<usize> {
        let mut found = self.resolve(node, "product_ids", warnings);
        let place = node.place.field("group_ids");
        for (index, value) in node.list("group_ids", warnings).iter().enumerate() {
            let Some(id) = text_at(value, place.item(index), warnings) else { continue };
            match self.groups.get(&id) {
                Some(members) => found.extend(members.iter().filter_map(|it| self.by_id.get(it))),
                None => warnings.lost(place.item(index), format!("there is no product group `{id}`")),
            }
        }
        let mut seen = HashSet::new();
        found.retain(|it| seen.insert(*it));
        found
    }

    fn add(&mut self, product: NamedProduct, warnings: &mut Warnings) -> Result<(), CsafError> {
        if self.products.len() >= MAX_ITEMS {
            return Err(CsafError::TooMany { what: "products" });
        }
        // A second product of the same id stands beside the first: what is said of the id is said of the first.
        if let Some(first) = self.by_id.get(&product.id) {
            let message = format!("the product id `{}` is given more than once", product.id);
            warnings.lost(&product.place, message);
            let first = *first;
            if self.products[first].full_name == product.full_name {
                return Ok(());
            }
        } else {
            self.by_id.insert(product.id.clone(), self.products.len());
        }
        self.products.push(product);
        Ok(())
    }
}

/// Read `/product_tree`.
pub(super) fn read(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Tree, CsafError> {
    let mut tree = Tree { products: Vec::new(), by_id: HashMap::new(), groups: HashMap::new() };
    let Some(node) = root.object("product_tree", warnings) else { return Ok(tree) };
    let mut path = Vec::new();
    read_branches(&node, &mut path, &mut tree, warnings)?;
    each(&node, "full_product_names", warnings, |name, warnings| match read_product(&name, &[], warnings) {
        Some(product) => tree.add(product, warnings),
        None => Ok(()),
    })?;
    let mut composed = Vec::new();
    each(&node, "relationships", warnings, |relation, warnings| {
        read_relation(&relation, &mut composed, warnings);
        Ok(())
    })?;
    each(&node, "product_paths", warnings, |chain, warnings| read_path(&chain, &mut composed, warnings))?;
    compose(composed, &mut tree, warnings)?;
    each(&node, "product_groups", warnings, |group, warnings| {
        if let Some(id) = group.text("group_id", warnings) {
            tree.groups.insert(id.into_owned(), texts(&group, "product_ids", warnings));
        }
        Ok(())
    })?;
    Ok(tree)
}

/// Branches inside branches; the parser's own limit of 128 levels keeps the depth in bounds.
fn read_branches(
    parent: &Node<'_, '_>,
    path: &mut Vec<(String, String)>,
    tree: &mut Tree,
    warnings: &mut Warnings,
) -> Result<(), CsafError> {
    each(parent, "branches", warnings, |branch, warnings| {
        let category = owned(branch.text("category", warnings));
        path.push((category, owned(branch.text("name", warnings))));
        let leaf = branch.object("product", warnings);
        if let Some(product) = leaf.and_then(|leaf| read_product(&leaf, path, warnings)) {
            tree.add(product, warnings)?;
        }
        read_branches(&branch, path, tree, warnings)?;
        path.pop();
        Ok(())
    })
}

/// A full product name (CSAF 2.1 §3.1.3) at the end of its branches.
fn read_product(
    node: &Node<'_, '_>,
    path: &[(String, String)],
    warnings: &mut Warnings,
) -> Option<NamedProduct> {
    let place = node.place.to_string();
    let Some(id) = node.text("product_id", warnings) else {
        warnings.lost(&place, "a product without `product_id`: nothing can be said of it");
        return None;
    };
    let full_name = owned(node.text("name", warnings));
    let mut product = NamedProduct { id: id.into_owned(), path: path.to_vec(), place, ..Default::default() };
    for (category, name) in path {
        take_branch(&mut product, category, name);
    }
    if product.product.is_empty() {
        product.product.clone_from(&full_name);
    }
    product.full_name = if full_name.is_empty() { product.product.clone() } else { full_name };
    if let Some(helper) = node.object("product_identification_helper", warnings) {
        product.identifiers = read_identifiers(&helper, warnings);
    }
    Some(product)
}

/// What a branch says of the product at its end: the categories of CSAF 2.1 §3.1.2.2.
fn take_branch(product: &mut NamedProduct, category: &str, name: &str) {
    match category {
        "vendor" => name.clone_into(&mut product.maker),
        "product_name" => name.clone_into(&mut product.product),
        // A family names the product only until its name comes.
        "product_family" if product.product.is_empty() => name.clone_into(&mut product.product),
        "product_family" => {}
        "product_version" => product.version = VersionText::Exact(name.to_owned()),
        "product_version_range" => product.version = VersionText::Range(name.to_owned()),
        "service_pack" | "patch_level" => {
            if let VersionText::Exact(version) = &mut product.version {
                version.push(' ');
                version.push_str(name);
            } else {
                product.conditions.push(name.to_owned());
            }
        }
        // Architecture, host name, language, platform, specification, and what later versions may add.
        _ => product.conditions.push(name.to_owned()),
    }
}

fn read_identifiers(helper: &Node<'_, '_>, warnings: &mut Warnings) -> ProductIdentifiers {
    let mut hashes = Vec::new();
    // The visitor gives no error, so the walk has none to give.
    let _: Result<(), CsafError> = helper.each("hashes", warnings, |file, warnings| {
        file.each("file_hashes", warnings, |hash, warnings| {
            let algorithm = owned(hash.text("algorithm", warnings));
            if let Some(value) = hash.text("value", warnings) {
                hashes.push(format!("{algorithm}:{value}"));
            }
            Ok(())
        })
    });
    let mut purls = texts(helper, "purls", warnings);
    purls.extend(helper.text("purl", warnings).map(Cow::into_owned));
    ProductIdentifiers {
        cpes: helper.text("cpe", warnings).map(Cow::into_owned).into_iter().collect(),
        purls,
        hashes,
        models: texts(helper, "model_numbers", warnings),
        serials: texts(helper, "serial_numbers", warnings),
        skus: texts(helper, "skus", warnings),
    }
}

/// A product made of others: CSAF 2.0's relationships and 2.1's product paths.
struct Composed {
    product: NamedProduct,
    /// The ids of what it is made of: what it is of first.
    parts: Vec<(String, String)>,
}

fn read_relation(relation: &Node<'_, '_>, composed: &mut Vec<Composed>, warnings: &mut Warnings) {
    let category = owned(relation.text("category", warnings));
    let Some(product) =
        relation.object("full_product_name", warnings).and_then(|it| read_product(&it, &[], warnings))
    else {
        warnings.lost(relation.place, "a relationship without the product that it makes");
        return;
    };
    let first = owned(relation.text("product_reference", warnings));
    let second = owned(relation.text("relates_to_product_reference", warnings));
    composed.push(Composed { product, parts: vec![(String::new(), first), (category, second)] });
}

fn read_path(
    chain: &Node<'_, '_>,
    composed: &mut Vec<Composed>,
    warnings: &mut Warnings,
) -> Result<(), CsafError> {
    let Some(product) =
        chain.object("full_product_name", warnings).and_then(|it| read_product(&it, &[], warnings))
    else {
        warnings.lost(chain.place, "a product path without the product that it makes");
        return Ok(());
    };
    let mut parts = vec![(String::new(), owned(chain.text("beginning_product_reference", warnings)))];
    each(chain, "subpaths", warnings, |step, warnings| {
        let category = owned(step.text("category", warnings));
        parts.push((category, owned(step.text("next_product_reference", warnings))));
        Ok(())
    })?;
    composed.push(Composed { product, parts });
    Ok(())
}

/// Give each composed product the maker, product and version of its first part, and the others as conditions.
fn compose(mut waiting: Vec<Composed>, tree: &mut Tree, warnings: &mut Warnings) -> Result<(), CsafError> {
    // Each round settles what is made of settled products alone; a round that settles none leaves circles and
    // ids that do not exist. The rounds are as many as the longest chain, which real documents keep below five.
    for _ in 0..32 {
        let (ready, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|it| it.parts.iter().all(|(_, id)| tree.by_id.contains_key(id)));
        waiting = later;
        if ready.is_empty() {
            break;
        }
        for it in ready {
            let product = made_of(it, tree);
            tree.add(product, warnings)?;
        }
    }
    for it in &waiting {
        let missing = it.parts.iter().find(|(_, id)| !tree.by_id.contains_key(id));
        let message = format!(
            "the product `{}` is made of `{}`, which does not exist or is made of it: only its full name is read",
            it.product.id,
            missing.map_or("", |(_, id)| id)
        );
        warnings.lost(&it.product.place, message);
    }
    for it in waiting {
        tree.add(it.product, warnings)?;
    }
    Ok(())
}

fn made_of(it: Composed, tree: &Tree) -> NamedProduct {
    let mut product = it.product;
    for (index, (category, id)) in it.parts.iter().enumerate() {
        let at = tree.by_id[id];
        let part = &tree.products[at];
        product.made_of.push((category.clone(), at));
        if index == 0 {
            product.maker.clone_from(&part.maker);
            product.product.clone_from(&part.product);
            product.version.clone_from(&part.version);
            product.path.clone_from(&part.path);
            product.conditions.splice(0..0, part.conditions.iter().cloned());
        } else {
            let relation = category.replace('_', " ");
            product.conditions.push(format!("{relation} {}", part.full_name).trim().to_owned());
        }
    }
    product
}
