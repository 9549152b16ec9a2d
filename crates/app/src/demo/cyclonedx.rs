//! Writes a bill of the sample as CycloneDX, JSON or XML (specification 1.4 to 1.6).

use std::fmt::Write as _;

use serde::Serialize;

use super::bill::{Bill, Part};

/// The reference of the product itself.
const PRODUCT: &str = "product";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    bom_format: &'static str,
    spec_version: &'a str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Vec<Service<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compositions: Vec<Composition>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    component: Component<'a>,
    supplier: Organisation<'a>,
}

#[derive(Serialize)]
struct Organisation<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Component<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Organisation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenceChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct LicenceChoice<'a> {
    license: Licence<'a>,
}

#[derive(Serialize)]
struct Licence<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Service<'a> {
    #[serde(rename = "bom-ref")]
    reference: String,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    r#ref: String,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    assemblies: Vec<&'static str>,
}

/// The bill as CycloneDX JSON of a version.
pub(super) fn json(bill: &Bill, version: &'static str) -> Vec<u8> {
    let document = document(bill, version);
    let mut bytes = serde_json::to_vec_pretty(&document).expect("the document has only texts and lists");
    bytes.push(b'\n');
    bytes
}

fn document<'a>(bill: &'a Bill, version: &'static str) -> Document<'a> {
    let is_service = |part: &usize| bill.parts[*part].kind == "service";
    Document {
        bom_format: "CycloneDX",
        spec_version: version,
        serial_number: format!("urn:uuid:{}", bill.serial),
        version: 1,
        metadata: Metadata {
            timestamp: bill.created(),
            component: product(bill),
            supplier: Organisation { name: bill.maker },
        },
        components: components(bill, None, version),
        services: bill
            .children(None)
            .filter(is_service)
            .map(|part| Service { reference: bill.reference(part), name: &bill.parts[part].name })
            .collect(),
        dependencies: dependencies(bill),
        compositions: bill
            .composition
            .map(|aggregate| Composition { aggregate, assemblies: vec![PRODUCT] })
            .into_iter()
            .collect(),
    }
}

fn product(bill: &Bill) -> Component<'_> {
    Component {
        r#type: "device",
        reference: PRODUCT.to_owned(),
        supplier: Some(Organisation { name: bill.maker }),
        group: None,
        name: bill.model,
        version: Some(bill.version),
        licenses: Vec::new(),
        cpe: None,
        purl: None,
        components: Vec::new(),
    }
}

fn components<'a>(bill: &'a Bill, parent: Option<usize>, version: &'static str) -> Vec<Component<'a>> {
    bill.children(parent)
        .filter(|part| bill.parts[*part].kind != "service")
        .map(|place| {
            let part = &bill.parts[place];
            Component {
                r#type: kind(part, version),
                reference: bill.reference(place),
                supplier: None,
                group: part.group.as_deref(),
                name: &part.name,
                version: part.version,
                licenses: part
                    .licence
                    .map(|id| LicenceChoice { license: Licence { id } })
                    .into_iter()
                    .collect(),
                cpe: part.cpe.as_deref(),
                purl: part.purl.as_deref(),
                components: components(bill, Some(place), version),
            }
        })
        .collect()
}

/// The word for what a part is, as far as the version of the format knows it.
fn kind(part: &Part, version: &str) -> &'static str {
    match (part.kind, version) {
        ("platform" | "machine-learning-model", "1.4") => "application",
        ("data", "1.4") => "file",
        (kind, _) => kind,
    }
}

/// The product depends on what stands directly in it, and everything on what stands inside it.
fn dependencies(bill: &Bill) -> Vec<Dependency> {
    let holders = std::iter::once(None).chain((0..bill.parts.len()).map(Some));
    holders
        .filter_map(|holder| {
            let depends_on: Vec<String> = bill.children(holder).map(|part| bill.reference(part)).collect();
            let r#ref = holder.map_or_else(|| PRODUCT.to_owned(), |part| bill.reference(part));
            (!depends_on.is_empty()).then_some(Dependency { r#ref, depends_on })
        })
        .collect()
}

/// The bill as CycloneDX XML of a version.
pub(super) fn xml(bill: &Bill, version: &'static str) -> Vec<u8> {
    let document = document(bill, version);
    let mut out = Xml::default();
    out.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let root = format!(
        "bom xmlns=\"http://cyclonedx.org/schema/bom/{version}\" serialNumber=\"{}\" version=\"1\"",
        document.serial_number
    );
    out.element(&root, |out| {
        out.element("metadata", |out| {
            out.leaf("timestamp", &document.metadata.timestamp);
            xml_component(out, &document.metadata.component);
            out.element("supplier", |out| out.leaf("name", document.metadata.supplier.name));
        });
        out.element("components", |out| {
            document.components.iter().for_each(|component| xml_component(out, component));
        });
        if !document.services.is_empty() {
            out.element("services", |out| {
                for service in &document.services {
                    out.element(&format!("service bom-ref=\"{}\"", escaped(&service.reference)), |out| {
                        out.leaf("name", service.name);
                    });
                }
            });
        }
        xml_dependencies(out, &document.dependencies);
        xml_compositions(out, &document.compositions);
    });
    out.text.into_bytes()
}

fn xml_component(out: &mut Xml, component: &Component<'_>) {
    let start =
        format!("component type=\"{}\" bom-ref=\"{}\"", component.r#type, escaped(&component.reference));
    out.element(&start, |out| {
        if let Some(supplier) = &component.supplier {
            out.element("supplier", |out| out.leaf("name", supplier.name));
        }
        out.optional("group", component.group);
        out.leaf("name", component.name);
        out.optional("version", component.version);
        if let Some(choice) = component.licenses.first() {
            out.element("licenses", |out| out.element("license", |out| out.leaf("id", choice.license.id)));
        }
        out.optional("cpe", component.cpe);
        out.optional("purl", component.purl);
        if !component.components.is_empty() {
            out.element("components", |out| {
                component.components.iter().for_each(|inner| xml_component(out, inner));
            });
        }
    });
}

fn xml_dependencies(out: &mut Xml, dependencies: &[Dependency]) {
    out.element("dependencies", |out| {
        for dependency in dependencies {
            out.element(&format!("dependency ref=\"{}\"", escaped(&dependency.r#ref)), |out| {
                for target in &dependency.depends_on {
                    out.line(&format!("<dependency ref=\"{}\"/>", escaped(target)));
                }
            });
        }
    });
}

fn xml_compositions(out: &mut Xml, compositions: &[Composition]) {
    if compositions.is_empty() {
        return;
    }
    out.element("compositions", |out| {
        for composition in compositions {
            out.element("composition", |out| {
                out.leaf("aggregate", composition.aggregate);
                out.element("assemblies", |out| {
                    for reference in &composition.assemblies {
                        out.line(&format!("<assembly ref=\"{reference}\"/>"));
                    }
                });
            });
        }
    });
}

/// An XML text that grows, indented.
#[derive(Default)]
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn line(&mut self, line: &str) {
        let depth = self.depth * 2;
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{:depth$}{line}", "");
    }

    /// An element with content; `start` is its name and attributes.
    fn element(&mut self, start: &str, content: impl FnOnce(&mut Xml)) {
        self.line(&format!("<{start}>"));
        self.depth += 1;
        content(self);
        self.depth -= 1;
        let name = start.split(' ').next().unwrap_or(start);
        self.line(&format!("</{name}>"));
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.line(&format!("<{name}>{}</{name}>", escaped(text)));
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
