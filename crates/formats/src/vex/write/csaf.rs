//! The VEX profile of CSAF 2.0 (section 4.5).

use bedrail_model::product_advisory::{ProductIdentifiers, Tlp, VersionText};
use bedrail_model::vex::{Document, Product, Statement, Status};
use serde_json::{Map, Value, json};

use super::{References, Unsaid, WriteError};
use crate::vex::csaf::NOTES_TITLE;
use crate::vex::words;

/// What stands where a format asks for an action and the statement has none.
pub(super) const NO_ACTION: &str = "The issuer states no action.";

pub(super) fn write(
    document: &Document,
    statements: &[Statement],
    unsaid: &mut Unsaid,
) -> Result<Value, WriteError> {
    let mut tree = Tree::default();
    let mut weaknesses: Vec<(&str, Vec<&Statement>)> = Vec::new();
    for said in statements {
        match weaknesses.iter_mut().find(|(id, _)| *id == said.weakness()) {
            Some((_, all)) => all.push(said),
            None => weaknesses.push((said.weakness(), vec![said])),
        }
        unsaid.add_if(said.dated.is_some(), "the times of single statements");
    }
    let vulnerabilities: Vec<Value> =
        weaknesses.iter().map(|(_, all)| vulnerability(all, &mut tree, unsaid)).collect();
    Ok(json!({
        "document": head(document, unsaid)?,
        "product_tree": tree.finish(),
        "vulnerabilities": vulnerabilities,
    }))
}

fn head(document: &Document, unsaid: &mut Unsaid) -> Result<Value, WriteError> {
    let namespace = document.issuer.namespace.as_deref().ok_or(WriteError::NoNamespace)?;
    let role = document.issuer.role.as_deref().unwrap_or("other");
    let known = ["coordinator", "discoverer", "other", "translator", "user", "vendor"];
    let category = if known.contains(&role) { role } else { "other" };
    unsaid.add_if(category != role, "the role of the issuer in its own words");
    let version: u32 = document.version.parse().unwrap_or(1).max(1);
    unsaid.add_if(version.to_string() != document.version, "the version of the document as it is written");
    let issued = document.issued.as_deref().unwrap_or_default();
    let updated = document.updated.as_deref().unwrap_or(issued);
    let revision = |number: u32| {
        let date = if number == version { updated } else { issued };
        json!({"date": date, "number": number.to_string(), "summary": format!("Version {number}")})
    };
    // Each version has its line (CSAF 2.0, 6.1.21); a document of thousands of versions gets its last hundred.
    let revisions: Vec<Value> = (version.saturating_sub(99).max(1)..=version).map(revision).collect();
    let mut head = json!({
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "publisher": {"category": category, "name": document.issuer.name, "namespace": namespace},
        "title": document.title.as_deref().unwrap_or(&document.id),
        "tracking": {
            "id": document.id,
            "initial_release_date": issued,
            "current_release_date": updated,
            "status": "final",
            "version": version.to_string(),
            "revision_history": revisions,
        },
    });
    let label = match document.tlp {
        Tlp::Unstated => None,
        Tlp::Clear => Some("WHITE"),
        Tlp::Green => Some("GREEN"),
        Tlp::Amber => Some("AMBER"),
        Tlp::AmberStrict | Tlp::Red => Some("RED"),
    };
    unsaid
        .add_if(document.tlp == Tlp::AmberStrict, "TLP:AMBER+STRICT, for which the stricter TLP:RED stands");
    if let Some(label) = label {
        head["distribution"] = json!({"tlp": {"label": label}});
    }
    Ok(head)
}

/// All that is said of one weakness; it stands in the document once (CSAF 2.0, 6.1.23).
fn vulnerability(all: &[&Statement], tree: &mut Tree, unsaid: &mut Unsaid) -> Value {
    let mut map = Map::new();
    let mut ids: Vec<&str> = Vec::new();
    for id in all.iter().flat_map(|it| &it.weaknesses) {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    let cve = ids.iter().position(|it| it.starts_with("CVE-")).map(|at| ids.remove(at));
    if let Some(cve) = cve {
        map.insert("cve".to_owned(), json!(cve));
    }
    if !ids.is_empty() {
        let system = |id: &str| if id.starts_with("GHSA-") { "GitHub Security Advisory" } else { "other" };
        let ids: Vec<Value> = ids.iter().map(|id| json!({"system_name": system(id), "text": id})).collect();
        map.insert("ids".to_owned(), Value::Array(ids));
    }
    map.insert("notes".to_owned(), notes(all, cve.unwrap_or_default(), unsaid));
    let mut status: Map<String, Value> = Map::new();
    let (mut flags, mut threats, mut remedies) = (Vec::new(), Vec::new(), Vec::new());
    let mut known: Vec<String> = Vec::new();
    for said in all {
        let mut products = Vec::new();
        let ids: Vec<String> = said.products.iter().flat_map(|it| tree.ids(it, unsaid)).collect();
        for id in ids {
            if known.contains(&id) {
                unsaid.add(format!("a second statement on `{}` in one product", said.weakness()));
            } else {
                known.push(id.clone());
                products.push(id);
            }
        }
        if products.is_empty() {
            continue;
        }
        let field = status.entry(words::csaf_field(said.status)).or_insert_with(|| json!([]));
        if let Value::Array(list) = field {
            list.extend(products.iter().map(|it| json!(it)));
        }
        reasons(said, &products, &mut flags, &mut threats, unsaid);
        remediations(said, &products, &mut remedies, unsaid);
    }
    map.insert("product_status".to_owned(), Value::Object(status));
    for (name, list) in [("flags", flags), ("threats", threats), ("remediations", remedies)] {
        if !list.is_empty() {
            map.insert(name.to_owned(), Value::Array(list));
        }
    }
    Value::Object(map)
}

/// Every weakness has a note; the way to a status has one of its own where it is the same for all products.
fn notes(all: &[&Statement], cve: &str, unsaid: &mut Unsaid) -> Value {
    let id = if cve.is_empty() { all[0].weakness() } else { cve };
    let mut notes = vec![json!({"category": "summary", "text": format!("Statements on {id}.")})];
    let said: Vec<Option<&str>> = all.iter().map(|it| it.notes.as_deref()).collect();
    let same = said.iter().all(|it| it == &said[0]);
    unsaid.add_if(!same, "the way to a status, where it differs between products");
    if let Some(text) = said[0].filter(|_| same) {
        notes.push(json!({"category": "details", "title": NOTES_TITLE, "text": text}));
    }
    Value::Array(notes)
}

fn reasons(
    said: &Statement,
    products: &[String],
    flags: &mut Vec<Value>,
    threats: &mut Vec<Value>,
    unsaid: &mut Unsaid,
) {
    if let Some(justification) = said.justification {
        flags.push(json!({"label": justification.name(), "product_ids": products}));
    }
    unsaid.add_if(said.reason.is_some(), "a reason in CycloneDX's words, other than in free text");
    let bare = said.status == Status::NotAffected && said.justification.is_none();
    let reason = said.reason.as_deref().filter(|_| bare);
    if let Some(details) = said.impact.as_deref().or(reason) {
        threats.push(json!({"category": "impact", "details": details, "product_ids": products}));
    }
}

fn remediations(said: &Statement, products: &[String], remedies: &mut Vec<Value>, unsaid: &mut Unsaid) {
    let offers: Vec<&str> = said.responses.iter().filter_map(|it| words::remediation(it)).collect();
    let changed = said.responses.iter().any(|it| words::remediation(it) != Some(it.as_str()));
    unsaid.add_if(changed, "what the issuer offers, in the words of another format");
    let none = (said.status == Status::Affected).then_some(NO_ACTION);
    unsaid.add_if(none.is_some() && said.action.is_none(), "\"affected\" without what to do");
    let Some(details) = said.action.as_deref().or(none) else {
        unsaid.add_if(!offers.is_empty(), "what the issuer offers, without a text");
        return;
    };
    let category = offers.first().copied().unwrap_or(if said.action.is_some() {
        "mitigation"
    } else {
        "none_available"
    });
    unsaid.add_if(offers.is_empty(), "an action of no kind");
    unsaid.add_if(offers.len() > 1, "more than one kind of action with one text");
    remedies.push(json!({"category": category, "details": details, "product_ids": products}));
}

/// The product tree as it grows.
#[derive(Default)]
struct Tree {
    references: References,
    branches: Vec<Branch>,
    names: Vec<Value>,
    relations: Vec<Value>,
}

struct Branch {
    category: &'static str,
    name: String,
    branches: Vec<Branch>,
    product: Option<Value>,
}

impl Tree {
    /// The ids that a product has: its own, or one for each of its parts.
    fn ids(&mut self, product: &Product, unsaid: &mut Unsaid) -> Vec<String> {
        let whole = self.id(product, unsaid);
        if product.parts.is_empty() {
            return vec![whole];
        }
        product.parts.iter().map(|part| self.part(&whole, product, part, unsaid)).collect()
    }

    fn part(&mut self, whole: &str, product: &Product, part: &Product, unsaid: &mut Unsaid) -> String {
        let id = self.id(part, unsaid);
        let composed = Product { reference: format!("{id}:{whole}"), ..Product::default() };
        let (reference, new) = self.references.of(&composed, whole);
        if new {
            let name = format!("{} as a component of {}", part.words(), product.words());
            self.relations.push(json!({
                "category": "default_component_of",
                "product_reference": id,
                "relates_to_product_reference": whole,
                "full_product_name": {"name": name, "product_id": reference},
            }));
        }
        reference
    }

    fn id(&mut self, product: &Product, unsaid: &mut Unsaid) -> String {
        let (reference, new) = self.references.of(product, "");
        if new {
            self.add(product, &reference, unsaid);
        }
        reference
    }

    fn add(&mut self, product: &Product, reference: &str, unsaid: &mut Unsaid) {
        let name = product.words();
        let mut leaf = json!({"name": name, "product_id": reference});
        if let Some(helper) = helper(&product.identifiers, unsaid) {
            leaf["product_identification_helper"] = helper;
        }
        let mut path: Vec<(&'static str, String)> = Vec::new();
        if !product.maker.is_empty() {
            path.push(("vendor", product.maker.clone()));
        }
        let own = if product.name.is_empty() { name } else { product.name.clone() };
        path.push(("product_name", own));
        match &product.version {
            VersionText::Unstated => {}
            VersionText::Exact(version) => path.push(("product_version", version.clone())),
            VersionText::Range(range) => path.push(("product_version_range", range.clone())),
        }
        path.extend(product.conditions.iter().map(|it| ("specification", it.clone())));
        if path.len() == 1 {
            self.names.push(leaf);
        } else {
            put(&mut self.branches, &path, leaf);
        }
    }

    fn finish(self) -> Value {
        let mut map = Map::new();
        let branches: Vec<Value> = self.branches.into_iter().map(Branch::finish).collect();
        for (name, list) in
            [("branches", branches), ("full_product_names", self.names), ("relationships", self.relations)]
        {
            if !list.is_empty() {
                map.insert(name.to_owned(), Value::Array(list));
            }
        }
        Value::Object(map)
    }
}

impl Branch {
    fn finish(self) -> Value {
        let mut value = json!({"category": self.category, "name": self.name});
        if let Some(product) = self.product {
            value["product"] = product;
        } else {
            value["branches"] = Value::Array(self.branches.into_iter().map(Branch::finish).collect());
        }
        value
    }
}

/// Put a leaf at the end of a path. A branch has either branches or a product, never both.
fn put(branches: &mut Vec<Branch>, path: &[(&'static str, String)], leaf: Value) {
    let [(category, name), rest @ ..] = path else { return };
    let new = || Branch { category, name: name.clone(), branches: Vec::new(), product: None };
    if rest.is_empty() {
        branches.push(Branch { product: Some(leaf), ..new() });
        return;
    }
    let known =
        branches.iter().position(|it| it.product.is_none() && it.category == *category && it.name == *name);
    let at = known.unwrap_or_else(|| {
        branches.push(new());
        branches.len() - 1
    });
    put(&mut branches[at].branches, rest, leaf);
}

/// CSAF 2.0 has one purl and one CPE for a product.
fn helper(ids: &ProductIdentifiers, unsaid: &mut Unsaid) -> Option<Value> {
    let mut map = Map::new();
    unsaid.add_if(ids.purls.len() > 1, "more than one package URL of a product");
    unsaid.add_if(ids.cpes.len() > 1, "more than one CPE of a product");
    for (name, first) in [("purl", ids.purls.first()), ("cpe", ids.cpes.first())] {
        if let Some(first) = first {
            map.insert(name.to_owned(), json!(first));
        }
    }
    let hashes: Vec<Value> = ids
        .hashes
        .iter()
        .filter_map(|it| it.split_once(':'))
        .map(|(algorithm, value)| json!({"algorithm": algorithm, "value": value}))
        .collect();
    if !hashes.is_empty() {
        map.insert("hashes".to_owned(), json!([{"file_hashes": hashes, "filename": "unnamed"}]));
    }
    let lists = [("model_numbers", &ids.models), ("serial_numbers", &ids.serials), ("skus", &ids.skus)];
    for (name, list) in lists {
        if !list.is_empty() {
            map.insert(name.to_owned(), json!(list));
        }
    }
    (!map.is_empty()).then(|| Value::Object(map))
}
