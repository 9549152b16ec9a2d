//! The elements of bills of materials.

use bedrail_model::component::{KnownGap, Relation, RelationKind};

use super::*;

fn whole(name: &str) -> Component {
    Component {
        name: name.to_owned(),
        reference: format!("ref-{name}"),
        version: Some("1".to_owned()),
        purl: Some(format!("pkg:generic/{name}@1")),
        supplier: Some("Acme".to_owned()),
        licences: vec!["MIT".to_owned()],
        hashes: vec![("MD5".to_owned(), "ab".to_owned())],
        ..Component::default()
    }
}

fn document() -> Inventory {
    let (from, to) = (ComponentIndex(0), ComponentIndex(1));
    Inventory {
        components: vec![whole("a"), whole("b")],
        relations: vec![Relation { from, kind: RelationKind::DependsOn, to }],
        authors: vec!["Acme".to_owned()],
        created: Some("2026-01-01T00:00:00Z".to_owned()),
        ..Inventory::default()
    }
}

fn judge(inventory: &Inventory) -> QualityReport {
    assess(inventory, |text| text == "MIT")
}

#[test]
fn a_whole_document_lacks_nothing_and_what_no_format_can_say_is_not_told() {
    let report = judge(&document());
    assert_eq!(report.counts(&SETS[0]), SetCounts { whole: 7, lacking: 0, cannot_tell: 0 });
    assert_eq!(report.counts(&SETS[1]), SetCounts { whole: 9, lacking: 0, cannot_tell: 3 });
    assert_eq!(report.counts(&SETS[2]), SetCounts { whole: 7, lacking: 0, cannot_tell: 3 });
    assert!(report.odd_licences.is_empty() && report.having(Element::Hash) == Some(2));
}

#[test]
fn each_element_that_is_missing_is_named_on_its_component() {
    type Break = fn(&mut Component);
    let breaks: [(Element, Break); 6] = [
        (Element::Supplier, |it| it.supplier = None),
        (Element::Name, |it| it.name.clone_from(&it.reference)),
        (Element::Version, |it| it.version = None),
        (Element::Identifier, |it| {
            it.purl = None;
            it.other_identifiers.push((AS_WRITTEN.to_owned(), "b 1".to_owned()));
        }),
        (Element::Hash, |it| it.hashes.clear()),
        (Element::Licence, |it| it.licences.clear()),
    ];
    for (element, take_away) in breaks {
        let mut inventory = document();
        take_away(&mut inventory.components[1]);
        let report = judge(&inventory);
        for other in Element::ALL.into_iter().filter(|it| is_of_components(*it)) {
            let lacking = Standing::LackingOn(vec![ComponentIndex(1)]);
            let expected = if other == element { lacking } else { Standing::Whole };
            assert_eq!(*report.of(other), expected, "{element:?}: {other:?}");
        }
        assert_eq!(report.having(element), Some(1));
    }
}

#[test]
fn what_the_document_lacks_is_told_apart() {
    let mut inventory = document();
    inventory.relations.clear();
    inventory.authors.clear();
    inventory.created = None;
    inventory.known_gaps.push(KnownGap { component: None, statement: "incomplete".to_owned() });
    inventory.components[0].licences = vec!["BSD".to_owned()];
    let report = judge(&inventory);
    assert_eq!(
        *report.of(Element::Relation),
        Standing::LackingOn(vec![ComponentIndex(0), ComponentIndex(1)])
    );
    for element in [Element::Author, Element::Timestamp, Element::Tool, Element::Coverage] {
        assert_eq!(*report.of(element), Standing::Lacking, "{element:?}");
    }
    assert_eq!(report.odd_licences, [("BSD".to_owned(), vec![ComponentIndex(0)])]);
    assert!(report.asks_for_something());
}

#[test]
fn services_do_not_count_and_sets_are_told_apart() {
    let mut inventory = document();
    let service = Component { kind: ComponentKind::Service, ..whole("s") };
    inventory.components.push(Component { version: None, ..service });
    let report = judge(&inventory);
    assert_eq!((report.components, report.of(Element::Version)), (2, &Standing::Whole));
    for (at, set) in SETS.iter().enumerate() {
        assert!(set.url.starts_with("https://") && !set.citation.is_empty());
        assert!(SETS[at + 1..].iter().all(|other| other.code != set.code));
        let mut elements: Vec<Element> = set.elements.iter().map(|(element, _)| *element).collect();
        elements.sort_unstable();
        elements.dedup();
        assert_eq!(elements.len(), set.elements.len(), "{}", set.code);
    }
}

#[test]
fn a_part_stands_to_what_it_is_part_of_and_a_component_alone_to_nothing() {
    let mut inventory = document();
    inventory.components.push(whole("c"));
    assert_eq!(*judge(&inventory).of(Element::Relation), Standing::LackingOn(vec![ComponentIndex(2)]));
    inventory.components[2].parent = Some(ComponentIndex(0));
    assert_eq!(*judge(&inventory).of(Element::Relation), Standing::Whole);
    inventory.relations.clear();
    assert_eq!(*judge(&inventory).of(Element::Relation), Standing::LackingOn(vec![ComponentIndex(1)]));
    inventory.components.truncate(1);
    assert_eq!(*judge(&inventory).of(Element::Relation), Standing::Whole);
}

#[test]
fn what_was_lost_or_left_out_and_what_identifies_is_counted() {
    let mut inventory = document();
    let warning =
        |lost| bedrail_model::component::Warning { place: "/x".to_owned(), message: "x".to_owned(), lost };
    inventory.warnings = vec![warning(true), warning(false), warning(true)];
    inventory.known_gaps.push(KnownGap { component: Some(ComponentIndex(1)), statement: "half".to_owned() });
    let report = judge(&inventory);
    assert_eq!(report.losses, 2);
    assert_eq!(report.gaps, [(Some(ComponentIndex(1)), "half".to_owned())]);
    let counts = report.counts(&SETS[1]);
    assert_eq!(counts, SetCounts { whole: 9, lacking: 1, cannot_tell: 2 });
    assert_eq!(report.having(Element::Coverage), None);
    assert_eq!(judge(&document()).having(Element::Author), None, "of the document, and no component");
    type Give = fn(&mut Component);
    let gives: [Give; 2] = [
        |it| it.cpes.push("cpe:/a:acme:a".to_owned()),
        |it| it.other_identifiers.push(("swid".to_owned(), "a".to_owned())),
    ];
    for give in gives {
        let mut inventory = document();
        inventory.components[0].purl = None;
        give(&mut inventory.components[0]);
        assert_eq!(*judge(&inventory).of(Element::Identifier), Standing::Whole);
    }
}

#[test]
fn codes_are_stable() {
    assert_eq!(
        Element::ALL.map(Element::code).join(" "),
        "supplier name version identifier relation hash licence support_level support_ends known_weaknesses author \
         timestamp tool generation_context coverage"
    );
}
