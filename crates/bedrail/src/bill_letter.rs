//! The letter that asks a supplier for what is missing from a bill of materials, the same on the command line, in the API
//! and on the page. It asks for exactly that, grouped, in the words of who gets it.

use std::fmt::Write as _;

use bedrail_app::bills::{Element, QualityReport, Standing};
use bedrail_model::component::{ComponentIndex, Inventory};
use bedrail_model::text::harmless;

use crate::web::words::{count, number};

/// Components named for one thing that is missing; the rest is counted.
const NAMED: usize = 200;

/// What a component is called in a list of them.
pub(crate) fn title(inventory: &Inventory, at: ComponentIndex) -> String {
    let component = inventory.component(at);
    let version = component.version.as_deref().unwrap_or_default();
    harmless(format!("{} {version}", component.name).trim_end()).into_owned()
}

/// The letter; `None` where nothing is to be asked for.
pub(crate) fn letter(product: &str, inventory: &Inventory, report: &QualityReport) -> Option<String> {
    if !report.asks_for_something() {
        return None;
    }
    let mut letter = format!(
        "Dear product security team,\n\nthank you for the list of software components of {}. It names {}. To tell which published \
         weaknesses touch the devices that our patients depend on, we need the following as well.\n",
        harmless(product),
        count(report.components as u64, "component"),
    );
    let mut point = 0;
    for (element, ask) in COMPONENT_ASKS {
        let Standing::LackingOn(lacking) = report.of(*element) else { continue };
        if lacking.len() == report.components {
            // Their names would say nothing that the list itself does not say.
            point += 1;
            let all = number(report.components as u64);
            let _ = writeln!(letter, "\n{point}. {ask} (missing from all {all})");
            continue;
        }
        let of =
            format!("missing from {} of {}", number(lacking.len() as u64), number(report.components as u64));
        ask_for(&mut letter, &mut point, &format!("{ask} ({of})"), inventory, lacking);
    }
    for (licence, bearers) in &report.odd_licences {
        let licence: String = licence.chars().take(200).collect();
        let ask =
            format!("Which licence of the SPDX list \u{201c}{}\u{201d} is, or its text", harmless(&licence));
        ask_for(&mut letter, &mut point, &ask, inventory, bearers);
    }
    ask_of_document(&mut letter, &mut point, inventory, report);
    letter.push_str(
        "\nA corrected list of exactly this release is enough, as CycloneDX or SPDX if you can. What you do not know yourselves, please \
         say so: that helps us, too.\n\nThank you.\n",
    );
    Some(letter)
}

/// What is asked for of components, the most useful first.
const COMPONENT_ASKS: &[(Element, &str)] = &[
    (Element::Name, "The name"),
    (Element::Version, "The exact version"),
    (Element::Identifier, "An identifier: package URL, CPE or SWID tag"),
    (Element::Supplier, "Who supplies it"),
    (Element::Relation, "What it is a part of, or which other component needs it"),
    (Element::Hash, "A hash of the file as delivered, with its algorithm"),
    (Element::Licence, "The licence"),
];

fn ask_for(
    letter: &mut String,
    point: &mut usize,
    ask: &str,
    inventory: &Inventory,
    components: &[ComponentIndex],
) {
    *point += 1;
    let _ = writeln!(letter, "\n{point}. {ask}:");
    for at in components.iter().take(NAMED) {
        let _ = writeln!(letter, "   - {}", title(inventory, *at));
    }
    let left = components.len().saturating_sub(NAMED);
    if left > 0 {
        let _ = writeln!(letter, "   and {} more", number(left as u64));
    }
}

/// What is asked for of the document as a whole, and what comes in a document of its own.
fn ask_of_document(letter: &mut String, point: &mut usize, inventory: &Inventory, report: &QualityReport) {
    let mut ask = |text: &str| {
        *point += 1;
        let _ = writeln!(letter, "\n{point}. {text}");
    };
    let lacks = |element| *report.of(element) == Standing::Lacking;
    if lacks(Element::Author) {
        ask("Who made the list, and with which tool.");
    }
    if lacks(Element::Timestamp) {
        ask("When the list was made.");
    }
    if report.gaps.is_empty() {
        ask("Whether the list is complete, down to the components that your suppliers' components contain.");
    }
    for (component, statement) in &report.gaps {
        let of = component.map_or("the whole product".to_owned(), |at| title(inventory, at));
        ask(&format!(
            "The list says itself that it does not name everything in {of} (\u{201c}{}\u{201d}): what is missing there.",
            harmless(statement)
        ));
    }
    if report.losses > 0 {
        let things = report.losses as u64;
        ask(&format!(
            "{} in the document could not be read; please check it with a validator.",
            count(things, "thing")
        ));
    }
    ask(
        "For each component, in a document of your own choice: whether it is still maintained, until when, and which known weaknesses it \
         has with your assessment. Neither CycloneDX nor SPDX has a field for it.",
    );
}

#[cfg(test)]
mod tests {
    use bedrail_model::component::{Component, KnownGap};

    use super::*;

    #[test]
    fn the_letter_asks_for_exactly_what_is_missing_and_nothing_acts_in_it() {
        let hostile = "a\u{1b}[31m\u{202e}";
        let component = |name: &str, version: Option<&str>| Component {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            purl: Some("pkg:generic/a".to_owned()),
            supplier: Some("Acme".to_owned()),
            licences: vec!["BSD".to_owned()],
            ..Component::default()
        };
        let inventory = Inventory {
            components: vec![component("zlib", Some("1.2.11")), component(hostile, None)],
            authors: vec!["Acme".to_owned()],
            known_gaps: vec![KnownGap { component: None, statement: "incomplete".to_owned() }],
            ..Inventory::default()
        };
        let report = bedrail_app::bills::assess(&inventory);
        let letter = letter("Orbis Flow 2.1", &inventory, &report).unwrap();
        for words in [
            "1. The exact version (missing from 1 of 2):\n   - a",
            "A hash of the file as delivered, with its algorithm (missing from all 2)\n",
            "Which licence of the SPDX list “BSD” is",
            "When the list was made.",
            "everything in the whole product (“incomplete”)",
            "until when",
        ] {
            assert!(letter.contains(words), "{words:?} is not in {letter}");
        }
        for words in [
            "Who supplies it",
            "An identifier",
            "Who made the list",
            "Whether the list is complete",
            "\u{1b}",
            "\u{202e}",
        ] {
            assert!(!letter.contains(words), "{words:?} is in {letter}");
        }
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let component = |at: usize| Component { name: format!("c{at}"), ..Component::default() };
        let mut inventory =
            Inventory { components: (0..301).map(component).collect(), ..Inventory::default() };
        inventory.components[300].version = Some("1".to_owned());
        let report = bedrail_app::bills::assess(&inventory);
        let letter = letter("x", &inventory, &report).unwrap();
        assert!(letter.contains("   - c199\n   and 100 more") && !letter.contains("c200\n"), "{letter}");
    }
}
