//! Which products somebody rightly said are not there: none that a part of the device may be, whatever it is known by.

use bedrail_assess::operating_systems::names_of;
use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::purl::Purl;

use super::Beside;

/// The shortest name that is looked for within another.
const SHORTEST: usize = 4;

/// Those of the products that are said to be missing (as part, vendor and product) which nothing of the device speaks against.
/// What bears a product name (CPE) is compared where the device is put together (`Platform::lacking`).
pub(super) fn believed(beside: &Beside, inventory: &Inventory) -> Vec<String> {
    if beside.lacking.is_empty() {
        return Vec::new();
    }
    let unread = beside.has_unread_system || inventory.components.iter().any(is_unread_system);
    let speaks_against = |product: &String| {
        (unread && product.starts_with("o:"))
            || inventory.components.iter().any(|component| may_be(component, product))
    };
    beside.lacking.iter().filter(|product| !speaks_against(product)).cloned().collect()
}

/// Whether a component is an operating system of which it is not certain what NVD calls it.
fn is_unread_system(component: &Component) -> bool {
    component.kind == ComponentKind::OperatingSystem
        && component.cpes.is_empty()
        && names_of(&component.name).is_empty()
}

/// Whether a component may be a product by its name: the one's letters and digits hold the other's.
fn may_be(component: &Component, product: &str) -> bool {
    let product = folded(product.rsplit(':').next().unwrap_or_default());
    let in_purl = component.purl.as_deref().and_then(|purl| Some(folded(Purl::parse(purl).ok()?.name())));
    [Some(folded(&component.name)), in_purl].into_iter().flatten().any(|name| {
        let holds = |long: &str, short: &str| short.len() >= SHORTEST && long.contains(short);
        name == product || holds(&name, &product) || holds(&product, &name)
    })
}

fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_part_may_be_is_believed_to_be_missing() {
        let component = |kind, name: &str, purl: Option<&str>| Component {
            kind,
            name: name.into(),
            purl: purl.map(str::to_owned),
            ..Component::default()
        };
        let library = |name, purl| component(ComponentKind::Library, name, purl);
        let system = |name| component(ComponentKind::OperatingSystem, name, None);
        for (part, product, believed_) in [
            (library("zlib", None), "a:apache:tomcat", true),
            (library("tomcat", None), "a:apache:tomcat", false),
            (library("Apache Tomcat 9", None), "a:apache:tomcat", false),
            (
                library("core", Some("pkg:maven/org.apache.tomcat/tomcat-catalina@9.0.1")),
                "a:apache:tomcat",
                false,
            ),
            (library("node", None), "a:nodejs:node.js", false),
            (system("Windows 10"), "o:microsoft:windows_10_1809", false),
            (system("Windows 10"), "o:windriver:vxworks", true),
            (system("Embedded OS"), "o:windriver:vxworks", false),
            (system("Embedded OS"), "a:apache:tomcat", true),
        ] {
            let beside = Beside { lacking: vec![product.to_owned()], ..Beside::default() };
            let inventory = Inventory { components: vec![part.clone()], ..Inventory::default() };
            assert_eq!(believed(&beside, &inventory).len(), usize::from(believed_), "{product} {part:?}");
        }
        let beside = Beside {
            lacking: vec!["o:windriver:vxworks".into()],
            has_unread_system: true,
            ..Beside::default()
        };
        assert!(believed(&beside, &Inventory::default()).is_empty());
    }
}
