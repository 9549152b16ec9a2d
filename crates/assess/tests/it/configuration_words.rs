//! What a configuration says in words, how deep it may be, and what a sieve keeps of it.

use bedrail_assess::configuration::{Sieve, Told, asked_products, evaluate, explain};
use bedrail_assess::operating_systems::names_of;
use bedrail_assess::{Name, Platform};
use bedrail_model::answer::Reason;
use bedrail_model::configuration::{Node, compile};
use bedrail_model::cpe::Origin;

use crate::configurations::{any, cpes, criterion, names};

fn compiled(configurations: &[Node<'_>]) -> Vec<u8> {
    let mut tree = Vec::new();
    compile(configurations, &mut tree);
    tree
}

/// What is told of a part in a device that has others.
fn told(configurations: &[Node<'_>], part: &[&str], others: &[&str]) -> Told {
    let part = names(&cpes(part));
    let device = Platform::new(part.iter().cloned().chain(names(&cpes(others))).collect());
    explain(&compiled(configurations), &part, &device).unwrap()
}

const BILL: &str = "; its CPE is from the bill of materials";

#[test]
fn the_rule_is_that_of_the_criterion_that_decided() {
    let listed = ["v a:acme:viewer:1.0", "v a:acme:viewer:2.0", "v a:acme:viewer:3.0", "v a:acme:codec:2.0"];
    for (criteria, part, rule, fixed_in) in [
        (&listed[..], "a:acme:viewer:2.0", "version 2.0", None),
        (&listed, "a:acme:codec:2.0", "version 2.0", None),
        (&["v a:acme:viewer:* <2.0"], "a:acme:viewer:1.0", "before 2.0", Some("2.0")),
        (&["v a:acme:viewer:* <=2.0"], "a:acme:viewer:1.0", "up to 2.0", None),
        (&["v a:acme:viewer:* >=1.0 <2.0"], "a:acme:viewer:1.0", "from 1.0, before 2.0", Some("2.0")),
        (&["v a:acme:viewer:* >1.0"], "a:acme:viewer:1.5", "after 1.0", None),
        // The range that holds it tells more than that all versions are.
        (&["v a:acme:viewer:*", "v a:acme:viewer:* <2.0"], "a:acme:viewer:1.0", "before 2.0", Some("2.0")),
        (&["v a:acme:viewer:*"], "a:acme:viewer:1.0", "all versions", None),
    ] {
        let told = told(&[any(criteria)], &[part], &[]);
        let fixed_in = fixed_in.map(str::to_owned);
        assert_eq!((told.rule, told.fixed_in), (format!("{rule}{BILL}"), fixed_in), "{criteria:?} {part}");
        assert!(part.starts_with(&told.product) && told.missing.is_none(), "{part}");
    }
}

/// Of several configurations and several names of a part those are cited that say most.
#[test]
fn the_configuration_and_the_name_are_those_that_decided() {
    let configurations = [any(&["v a:acme:viewer:1.0"]), any(&["v a:acme:viewer:* <2.0"])];
    assert_eq!(told(&configurations, &["a:acme:viewer:1.0"], &[]).rule, format!("before 2.0{BILL}"));
    let two = told(&[any(&["v a:acme:codec:* <2.0"])], &["a:acme:viewer:1.0", "a:acme:codec:1.5"], &[]);
    assert_eq!((two.product.as_str(), two.version.as_deref()), ("a:acme:codec", Some("1.5")));
    let none = told(&[any(&["v a:acme:codec:* <1.0"])], &["a:acme:viewer:1.0", "a:acme:codec:1.5"], &[]);
    assert_eq!((none.reason, none.product.as_str()), (Reason::VersionOutside, "a:acme:codec"));
    assert_eq!(none.version.as_deref(), Some("1.5"));
    // Of two products of a part the one is cited of which more is said, of equals the first.
    let both = &["a:acme:codec:1.5", "a:acme:viewer:1.0"][..];
    for (criteria, product) in [
        (&["v a:acme:codec:* <1.0", "v a:acme:viewer:1.0"][..], "a:acme:viewer"),
        (&["v a:acme:codec:1.5", "v a:acme:viewer:* <1.0"], "a:acme:codec"),
        (&["v a:acme:codec:1.5", "v a:acme:viewer:1.0"], "a:acme:codec"),
    ] {
        assert_eq!(told(&[any(criteria)], both, &[]).product, product, "{criteria:?}");
    }
    let equal = ["v a:acme:viewer:1.0", "v a:acme:viewer:2.0"];
    for tree in [vec![any(&equal)], vec![any(&equal[..1]), any(&equal[1..])]] {
        assert_eq!(
            told(&tree, &["a:acme:viewer"], &[]).rule,
            format!("version 1.0{BILL}"),
            "the first of equals"
        );
    }
    // A negated criterion, and one for what the weak part runs on, name no weak part.
    for tree in [Node::Not(Box::new(any(&["v a:acme:viewer:*"]))), any(&["p a:acme:viewer:*"])] {
        let told = told(&[tree], &["a:acme:viewer:1.0"], &[]);
        assert_eq!((told.reason, told.rule.as_str()), (Reason::VersionOutside, ""));
        assert_eq!((told.product.as_str(), told.version.as_deref()), ("a:acme:viewer", Some("1.0")));
    }
    let nobody = told(&[any(&["v a:acme:viewer:*"])], &[], &[]);
    assert_eq!((nobody.reason, nobody.product.as_str(), nobody.version), (Reason::VersionOutside, "", None));
    assert_eq!(told(&[], &["a:acme:viewer:1.0"], &[]).reason, Reason::VersionOutside);
}

#[test]
fn what_a_version_lies_outside_of_is_quoted_and_the_rest_counted() {
    let all: Vec<String> = (1..=5).map(|n| format!("v a:acme:viewer:{n}.0")).collect();
    let rule = |count: usize| {
        let criteria: Vec<&str> = all[..count].iter().map(String::as_str).collect();
        let told = told(&[any(&criteria)], &["a:acme:viewer:9.9"], &[]);
        assert_eq!((told.reason, told.version.as_deref()), (Reason::VersionOutside, Some("9.9")));
        told.rule
    };
    assert_eq!(rule(1), format!("version 1.0{BILL}"));
    assert_eq!(rule(3), format!("version 1.0; version 2.0; version 3.0{BILL}"));
    assert_eq!(rule(4), format!("version 1.0; version 2.0; version 3.0; and 1 more{BILL}"));
    assert_eq!(rule(5), format!("version 1.0; version 2.0; version 3.0; and 2 more{BILL}"));
}

/// What a device would have to be or have, for a person to ask the maker.
#[test]
fn what_is_missing_is_said_in_words() {
    let weak = || any(&["v a:acme:viewer:1.0"]);
    let on = |criteria: &[&str]| Node::All(vec![weak(), any(criteria)]);
    let several: Vec<String> = ('a'..='e').map(|letter| format!("p h:acme:pump_{letter}:-")).collect();
    let several: Vec<&str> = several.iter().map(String::as_str).collect();
    let negated = Node::Not(Box::new(any(&["p a:acme:hardening:*"])));
    let two = Node::All(vec![weak(), any(&["p h:acme:pump:-"]), any(&["v a:acme:codec:2.0"])]);
    let excluded =
        Node::All(vec![Node::Not(Box::new(any(&["p a:acme:hardening:*"]))), any(&["p a:acme:codec:2.0"])]);
    let one_is_excluded = Node::Any(vec![excluded, Node::Criterion(criterion("p h:acme:pump:-"))]);
    #[rustfmt::skip]
    let cases = [
        (on(&["p h:acme:pump:-"]), &[][..], "the hardware is acme pump"),
        (on(&["p o:acme:pump_firmware:2.0"]), &[], "the operating system or firmware is acme pump_firmware (version 2.0)"),
        (on(&["p a:acme:codec:*:*:*:*:*:linux"]), &[], "it has acme codec (all versions, target_sw linux)"),
        (on(&several[..3]), &[], "the hardware is acme pump_a or the hardware is acme pump_b or the hardware is acme pump_c"),
        (on(&several), &[], "the hardware is acme pump_a or the hardware is acme pump_b or the hardware is acme pump_c or one of 2 more"),
        (two, &[], "the hardware is acme pump and it has acme codec (version 2.0)"),
        (Node::All(vec![weak(), negated]), &[], "not (it has acme hardening)"),
        (Node::All(vec![weak(), any(&[])]), &[], "what the record leaves open"),
        // What is met is not asked for, nor what something else rules out.
        (Node::All(vec![weak(), one_is_excluded]), &["a:acme:hardening:1"], "the hardware is acme pump"),
        (Node::All(vec![weak(), any(&["p h:acme:pump:-"]), any(&["p a:acme:codec:2.0"])]), &["h:acme:pump:-"], "it has acme codec (version 2.0)"),
        (on(&["p a:acme:codec:2.0"]), &["a:acme:codec:1.0", "a:acme:codec:1.1", "a:acme:codec:1.2", "a:acme:codec:1.3"],
            "it has acme codec (version 2.0), of which 1.0 and 1.1 and 1.2 is listed"),
        (on(&["p a:acme:codec\\+:2.0"]), &[], "it has acme codec+ (version 2.0)"),
    ];
    for (tree, others, missing) in cases {
        let told = told(std::slice::from_ref(&tree), &["a:acme:viewer:1.0"], others);
        assert_eq!(told.reason, Reason::PlatformUnknown, "{tree:?}");
        assert_eq!(told.missing.as_deref(), Some(missing));
        assert_eq!(told.rule, format!("version 1.0; affected if {missing}: not known{BILL}"));
    }
}

#[test]
fn the_products_that_a_text_asks_for_stand_in_their_order_each_once() {
    for (missing, products) in [
        ("the hardware is acme pump", &["h:acme:pump"][..]),
        ("it has acme codec (version 2.0), of which 1.0 is listed", &["a:acme:codec"]),
        (
            "the operating system or firmware is acme os or the hardware is acme pump or it has acme os",
            &["o:acme:os", "h:acme:pump", "a:acme:os"],
        ),
        ("the hardware is acme pump (version 1) and the hardware is acme pump (version 2)", &["h:acme:pump"]),
        ("not (it has acme hardening)", &["a:acme:hardening"]),
        ("it has acme", &[]),
        ("", &[]),
    ] {
        assert_eq!(asked_products(missing), products, "{missing}");
    }
}

/// NVD's trees have three levels; eight are read, and nine are an error in every reader.
#[test]
fn a_tree_may_be_eight_levels_deep() {
    let part = names(&cpes(&["a:acme:viewer:1.0"]));
    let device = Platform::new(part.clone());
    let nested = |levels: usize, negated: bool| {
        let leaf = Node::Criterion(criterion("v a:acme:viewer:1.0"));
        compiled(&[(0..levels).fold(leaf, |inner, _| match negated {
            true => Node::Not(Box::new(inner)),
            false => Node::All(vec![inner, any(&["v a:acme:viewer:1.0"])]),
        })])
    };
    for negated in [true, false] {
        for (levels, sound) in [(8, true), (9, false)] {
            let tree = nested(levels, negated);
            let said = evaluate(&tree, &part, &device, &mut Vec::new());
            assert_eq!(said.is_ok(), sound, "{levels} levels");
            assert_eq!(explain(&tree, &part, &device).is_ok(), sound);
            assert_eq!(Sieve::default().add(&tree, "a:acme:viewer").is_ok(), sound);
            if let Ok(reason) = said {
                assert_eq!(reason, Reason::VersionListed, "an even number of negations is none");
            }
        }
    }
}

#[test]
fn a_sieve_counts_what_it_keeps() {
    let trees = [
        compiled(&[any(&["v a:acme:viewer:1.0", "v a:acme:viewer:1.1", "v a:acme:viewer:* <2.0"])]),
        compiled(&[any(&["v a:acme:codec:1.0", "p a:acme:viewer:1.0"])]),
        compiled(&[any(&["v a:acme:viewer:1.0"]), any(&["v a:acme:viewer:1.0"])]),
    ];
    let mut sieve = Sieve::default();
    assert_eq!((sieve.is_empty(), sieve.len(), sieve.records()), (true, 0, 0));
    sieve.add(&trees[1], "a:acme:viewer").unwrap();
    assert_eq!((sieve.is_empty(), sieve.len(), sieve.records()), (true, 0, 1), "of another product");
    sieve.add(&trees[0], "a:acme:viewer").unwrap();
    sieve.add(&trees[2], "a:acme:viewer").unwrap();
    assert_eq!((sieve.is_empty(), sieve.len(), sieve.records()), (false, 5, 3));
    let found = |part: &str| -> Vec<(u32, Reason)> {
        let part = names(&cpes(&[part]));
        let device = Platform::new(part.clone());
        let found = sieve.ask(&part[0], &device, &mut Vec::new()).unwrap();
        found.iter().map(|found| (found.record, found.reason)).collect()
    };
    use Reason::{NoVersion, VersionInRange as In, VersionListed as Listed};
    assert_eq!(found("a:acme:viewer:1.0"), [(1, In), (2, Listed)]);
    assert_eq!(found("a:acme:viewer:1.1"), [(1, In)]);
    assert_eq!(found("a:acme:viewer:2.0"), []);
    assert_eq!(found("a:acme:viewer"), [(1, NoVersion), (2, NoVersion)]);
}

/// NVD lists Debian by its first number (CVE-2016-5195: `debian_linux:7.0`, `debian_linux:8.0`), and Red Hat's fifth as `5`.
#[test]
fn a_point_release_of_a_device_list_is_judged_by_its_release() {
    let tree = compiled(&[any(&[
        "v o:debian:debian_linux:7.0",
        "v o:debian:debian_linux:8.0",
        "v o:redhat:enterprise_linux:5",
        "v o:redhat:enterprise_linux:7.0",
        "v o:canonical:ubuntu_linux:16.04",
    ])]);
    for (written, reason) in [
        ("Debian GNU/Linux 8", Reason::VersionListed),
        ("Debian GNU/Linux 8.11", Reason::VersionListed),
        ("Debian GNU/Linux 9.13", Reason::VersionOutside),
        ("RHEL 5.11", Reason::VersionListed),
        ("Red Hat Enterprise Linux Server 7.9", Reason::VersionListed),
        ("RHEL 8.4", Reason::VersionOutside),
        ("Ubuntu 64-bit 16.04.7 LTS", Reason::VersionListed),
        ("Ubuntu 18.04", Reason::VersionOutside),
        ("Ubuntu (64-bit)", Reason::NoVersion),
    ] {
        let part: Vec<Name> =
            names_of(written).into_iter().filter_map(|name| Name::new(name, Origin::Dictionary)).collect();
        let said = evaluate(&tree, &part, &Platform::new(part.clone()), &mut Vec::new()).unwrap();
        assert_eq!(said, reason, "{written}");
    }
}
