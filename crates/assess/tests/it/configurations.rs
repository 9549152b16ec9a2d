//! Configurations of NVD against devices: tables of what is meant, and properties over random trees.

use bedrail_assess::configuration::{Sieve, asked_products, evaluate, explain};
use bedrail_assess::{Name, Platform, reference};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::configuration::{Bound, Criterion, Node, compile};
use bedrail_model::cpe::{Cpe, Fields, Origin};
use proptest::prelude::*;

/// A criterion written `v o:acme:pump_firmware:*:* >=1.0 <2.0`: `v` vulnerable, `p` what it runs on; version and update behind
/// the product, then further attributes, then bounds.
pub(crate) fn criterion(text: &str) -> Criterion<'static> {
    let mut words = text.split(' ');
    let vulnerable = words.next() == Some("v");
    let name = Fields::read(&long(words.next().unwrap())).unwrap().into_owned();
    let mut criterion = Criterion { vulnerable, name, start: None, end: None };
    for word in words {
        let signs = word.chars().take_while(|c| matches!(c, '<' | '>' | '=')).count();
        let bound = Some(Bound { version: word[signs..].to_owned().into(), inclusive: word.contains('=') });
        if word.starts_with('>') { criterion.start = bound } else { criterion.end = bound }
    }
    criterion
}

/// A short name with all attributes.
fn long(short: &str) -> String {
    let stars = 11 - short.split(':').count();
    format!("cpe:2.3:{short}{}", ":*".repeat(stars))
}

pub(crate) fn any(criteria: &[&str]) -> Node<'static> {
    Node::Any(criteria.iter().map(|text| Node::Criterion(criterion(text))).collect())
}

pub(crate) fn cpes(names: &[&str]) -> Vec<Cpe> {
    names.iter().map(|name| long(name).parse().unwrap()).collect()
}

pub(crate) fn names(cpes: &[Cpe]) -> Vec<Name> {
    cpes.iter().filter_map(|cpe| Name::new(cpe.clone(), Origin::Supplier)).collect()
}

/// What both evaluators say; they must say the same, and so must the explanation.
fn judge(configurations: &[Node<'_>], part: &[Cpe], others: &[Cpe]) -> Reason {
    judge_lacking(configurations, part, others, &[])
}

/// The same of a device of which somebody said that it does not have some products.
fn judge_lacking(configurations: &[Node<'_>], part: &[Cpe], others: &[Cpe], lacking: &[&str]) -> Reason {
    let device: Vec<Cpe> = part.iter().chain(others).cloned().collect();
    let slow = reference::configuration::judge_lacking(configurations, part, &device, lacking);
    let mut tree = Vec::new();
    compile(configurations, &mut tree);
    let lacking = lacking.iter().map(|product| (*product).to_owned());
    let (part, device) = (names(part), Platform::new(names(&device)).lacking(lacking));
    let fast = evaluate(&tree, &part, &device, &mut Vec::new()).unwrap();
    assert_eq!(fast, slow, "{configurations:#?} {part:#?} {device:#?}");
    assert_eq!(explain(&tree, &part, &device).unwrap().reason, fast);
    fast
}

fn said(configurations: &[Node<'_>], part: &str, others: &[&str]) -> Reason {
    judge(configurations, &cpes(&[part]), &cpes(others))
}

/// "Firmware and hardware" is how NVD writes devices (CVE-2020-13595, CVE-2023-24256): the firmware is weak on that hardware.
#[test]
fn firmware_is_judged_with_the_hardware() {
    let pump = [Node::All(vec![
        any(&["v o:acme:pump_firmware:* <3.2"]),
        any(&["p h:acme:pump:-", "p h:acme:pump_xl:-"]),
    ])];
    for (firmware, hardware, reason) in [
        ("o:acme:pump_firmware:3.1", &["h:acme:pump:-"][..], Reason::VersionInRange),
        ("o:acme:pump_firmware:3.1", &["h:acme:pump"], Reason::VersionInRange),
        ("o:acme:pump_firmware:3.1", &["h:acme:pump_xl:b"], Reason::VersionInRange),
        ("o:acme:pump_firmware:3.1", &[], Reason::PlatformUnknown),
        ("o:acme:pump_firmware:3.1", &["h:other:scanner:-"], Reason::PlatformUnknown),
        ("o:acme:pump_firmware:3.2", &["h:acme:pump:-"], Reason::VersionOutside),
        ("o:acme:pump_firmware:3.2", &[], Reason::VersionOutside),
        ("o:acme:pump_firmware", &["h:acme:pump:-"], Reason::NoVersion),
        ("o:acme:pump_firmware:b7", &["h:acme:pump:-"], Reason::VersionUnreadable),
        // What the weak part runs on is not what is weak.
        ("h:acme:pump:-", &["o:acme:pump_firmware:3.1"], Reason::VersionOutside),
    ] {
        assert_eq!(said(&pump, firmware, hardware), reason, "{firmware} with {hardware:?}");
    }
}

/// NVD names a product of a maker that nobody knows with `-` (CVE-2017-11632), and a standard with neither (CVE-2017-13091).
#[test]
fn a_maker_that_does_not_apply_is_that_of_the_same_name_and_no_product_covers_nothing() {
    for (criteria, name, reason) in [
        ("v h:-:ip_camera_360:-", "h:-:ip_camera_360:-", Reason::VersionListed),
        ("v h:-:ip_camera_360:*", "h:-:ip_camera_360:1.0", Reason::AllVersions),
        // NISTIR 7696, table 6-2: "does not apply" and a value are disjoint.
        ("v h:-:ip_camera_360:-", "h:acme:ip_camera_360:-", Reason::VersionOutside),
        ("v h:acme:ip_camera_360:-", "h:-:ip_camera_360:-", Reason::VersionOutside),
        ("v o:-:-:-", "o:acme:pump_firmware:1.0", Reason::VersionOutside),
        ("v o:-:-:*", "o:-:pump_firmware:1.0", Reason::VersionOutside),
    ] {
        assert_eq!(said(&[any(&[criteria])], name, &[]), reason, "{criteria} against {name}");
    }
}

#[test]
fn a_condition_on_the_operating_system_is_met_or_named() {
    let on = |criteria: &[&str]| [Node::All(vec![any(&["v a:acme:viewer:* <=2.0"]), any(criteria)])];
    let (any_windows, seven) = (on(&["p o:microsoft:windows:-"]), on(&["p o:microsoft:windows_7:-"]));
    let linux = on(&["p o:linux:linux_kernel:-"]);
    for (tree, system, reason) in [
        (&any_windows, &[][..], Reason::PlatformUnknown),
        (&any_windows, &["o:microsoft:windows_7:-:sp1"], Reason::VersionInRange),
        (&any_windows, &["o:canonical:ubuntu_linux:18.04"], Reason::PlatformUnknown),
        (&any_windows, &["o:acme:viewer_firmware:1.0"], Reason::PlatformUnknown),
        // Only on "any Windows" it is enough that one is there.
        (&on(&["p o:microsoft:windows:5.0"]), &["o:microsoft:windows_7"], Reason::PlatformUnknown),
        (&on(&["p o:microsoft:windows:-:sp1"]), &["o:microsoft:windows_7"], Reason::PlatformUnknown),
        (&on(&["p o:microsoft:windows:* >=5.0"]), &["o:microsoft:windows_7"], Reason::PlatformUnknown),
        (&on(&["p o:microsoft:windows:* <5.0"]), &["o:microsoft:windows_7"], Reason::PlatformUnknown),
        (&on(&["p o:microsoft:windows:*:*:*:*:ltsc"]), &["o:microsoft:windows_7"], Reason::PlatformUnknown),
        (&seven, &["o:microsoft:windows_7:6.1.7601"], Reason::VersionInRange),
        (&seven, &["o:microsoft:windows_10:1809"], Reason::PlatformUnknown),
        (&seven, &["o:microsoft:windows:-"], Reason::PlatformUnknown),
        (&seven, &["o:microsoft:windows_10:1809", "o:microsoft:windows_7"], Reason::VersionInRange),
        (&linux, &["o:debian:debian_linux:9.0"], Reason::VersionInRange),
        (&linux, &["o:windriver:vxworks:7"], Reason::PlatformUnknown),
    ] {
        assert_eq!(said(tree, "a:acme:viewer:2.0", system), reason, "{tree:?} on {system:?}");
    }
    let mut tree = Vec::new();
    compile(&on(&["p o:microsoft:windows_7:-", "p o:microsoft:windows_10:1809"]), &mut tree);
    let part = names(&cpes(&["a:acme:viewer:1.9"]));
    let told = explain(&tree, &part, &Platform::new(part.clone())).unwrap();
    assert_eq!(
        told.rule,
        "up to 2.0; affected if the operating system or firmware is microsoft windows_10 (version 1809) or the operating \
         system or firmware is microsoft windows_7: not known; its CPE is from the bill of materials"
    );
    assert_eq!((told.version.as_deref(), told.product.as_str()), (Some("1.9"), "a:acme:viewer"));
}

/// `-` is "no version" and never "all versions" (NISTIR 7696, table 6-2); patch levels stand in either attribute.
#[test]
fn versions_and_updates_are_compared_as_one_and_a_hyphen_is_no_version() {
    for (criteria, name, reason) in [
        (&["v a:apache:http_server:-"][..], "a:apache:http_server:2.4.1", Reason::VersionUnreadable),
        (&["v a:apache:http_server:-"], "a:apache:http_server:-", Reason::VersionListed),
        (&["v a:apache:http_server:-"], "a:apache:http_server", Reason::NoVersion),
        (&["v o:microsoft:windows_7:-:sp1"], "o:microsoft:windows_7:-:sp1", Reason::VersionListed),
        (&["v o:microsoft:windows_7:-:sp1"], "o:microsoft:windows_7:-:sp2", Reason::VersionOutside),
        (&["v o:microsoft:windows_7:-:sp1"], "o:microsoft:windows_7:6.1.7601:sp1", Reason::VersionUnreadable),
        (&["v a:ntp:ntp:4.2.8:p8", "v a:ntp:ntp:4.2.8:p9"], "a:ntp:ntp:4.2.8p9", Reason::VersionListed),
        (&["v a:ntp:ntp:4.2.8:p8"], "a:ntp:ntp:4.2.8:p18", Reason::VersionOutside),
        (&["v a:ntp:ntp:* <4.2.8p18"], "a:ntp:ntp:4.2.8:p17", Reason::VersionInRange),
        (&["v a:ntp:ntp:* <4.2.8p18"], "a:ntp:ntp:4.2.8:p18", Reason::VersionOutside),
        (&["v a:ntp:ntp:* <4.2.8p18"], "a:ntp:ntp:4.2.8:sp1", Reason::VersionUnreadable),
        (&["v a:ntp:ntp:* <4.2.8p18"], "a:ntp:ntp:4.2.7:odd", Reason::VersionInRange),
        (&["v a:ntp:ntp:* <4.2.8p18"], "a:ntp:ntp:4.2.8:odd", Reason::VersionUnreadable),
        (&["v a:openssl:openssl:* >=1.0.2 <1.0.2k"], "a:openssl:openssl:1.0.2j", Reason::VersionInRange),
        (&["v a:openssl:openssl:* >=1.0.2 <1.0.2k"], "a:openssl:openssl:1.0.2k", Reason::VersionOutside),
        (&["v a:openssl:openssl:* >=1.0.2 <1.0.2k"], "a:openssl:openssl:1.0.2-beta1", Reason::VersionOutside),
        (&["v a:oracle:jdk:*:update45 <=1.6.0"], "a:oracle:jdk:1.5.0:update22", Reason::VersionInRange),
        (&["v a:oracle:jdk:*:update45 <=1.6.0"], "a:oracle:jdk:1.6.0:update40", Reason::VersionUnreadable),
        (&["v a:oracle:jdk:*:update45 <=1.6.0"], "a:oracle:jdk:1.7.0", Reason::VersionOutside),
        (&["v o:cisco:ios:* <=12.2(33)"], "o:cisco:ios:12.2(40)", Reason::RangeUnreadable),
        (&["v o:acme:pump_firmware:-"], "o:acme:pump_firmware", Reason::NoVersion),
        (&["v a:acme:viewer:*:- <2.0"], "a:acme:viewer:1.0:p1", Reason::NameVague),
        (&["v a:acme:viewer:*:- <2.0"], "a:acme:viewer:1.0", Reason::VersionInRange),
        (&["v a:acme:viewer:1.0"], "a:acme:viewer:-", Reason::NoVersion),
        // Of several attributes that are not said the first is told.
        (&["v a:acme:viewer:1.0:*:*:*:*:wordpress"], "a:acme:viewer", Reason::NoVersion),
        (&["v a:acme:viewer:*"], "a:acme:viewer", Reason::AllVersions),
        (&["v a:acme:viewer:*:*:*:*:*:wordpress"], "a:acme:viewer:1.0", Reason::NameVague),
        (&["v a:acme:viewer:*:*:*:*:*:wordpress <2.0"], "a:acme:viewer:1.0", Reason::NameVague),
        (&["v a:acme:viewer:*:*:*:*:*:wordpress <2.0"], "a:acme:viewer:2.0", Reason::VersionOutside),
        (
            &["v a:acme:viewer:*:*:*:*:*:wordpress"],
            "a:acme:viewer:1.0:*:*:*:*:joomla",
            Reason::VersionOutside,
        ),
        (&["v a:acme:viewer:*", "v a:acme:viewer:* <2.0"], "a:acme:viewer:1.0", Reason::VersionInRange),
        (&["v a:acme:viewer:1.0"], "a:other:viewer:1.0", Reason::VersionOutside),
    ] {
        assert_eq!(said(&[any(criteria)], name, &[]), reason, "{criteria:?} {name}");
    }
}

/// NISTIR 7696, table 6-2: a wild card of the criterion covers what it stands for; one of the name says too little.
/// NVD writes `-` where it knows no version, and bills write it where nobody filled one in.
#[test]
fn no_version_on_one_side_leaves_it_open() {
    for (criterion, part, reason) in [
        ("v a:acme:viewer:-", "a:acme:viewer:1.2", Reason::VersionUnreadable),
        ("v a:acme:viewer:-", "a:acme:viewer:-", Reason::VersionListed),
        ("v a:acme:viewer:-", "a:acme:viewer", Reason::NoVersion),
        ("v a:acme:viewer:1.2", "a:acme:viewer:-", Reason::NoVersion),
        ("v o:acme:pump_firmware:1.2", "o:acme:pump_firmware:-", Reason::NoVersion),
        ("v a:acme:viewer:* <2.0", "a:acme:viewer:-", Reason::NoVersion),
    ] {
        assert_eq!(said(&[any(&[criterion])], part, &[]), reason, "{criterion} {part}");
    }
}

/// What a distribution adds when it packages a release, and versions that are the same to every convention.
#[test]
fn another_spelling_of_the_very_version_leaves_it_open() {
    use Reason::{
        VersionInRange as In, VersionListed as Listed, VersionOutside as Out, VersionUnreadable as Open,
    };
    for (criterion, part, reason) in [
        ("v a:busybox:busybox:* <=1.30.1", "a:busybox:busybox:1.30.1-6", Open),
        ("v a:busybox:busybox:* <=1.30.1", "a:busybox:busybox:1.30.1u1", Open),
        ("v a:busybox:busybox:* <=1.30.1", "a:busybox:busybox:1.30.1-r2", Open),
        ("v a:busybox:busybox:* <1.30.1", "a:busybox:busybox:1.30.1-6", Out),
        ("v a:busybox:busybox:* >=1.30.1", "a:busybox:busybox:1.30.1-6", In),
        ("v a:busybox:busybox:* <=1.30.2", "a:busybox:busybox:1.30.1-6", In),
        ("v a:busybox:busybox:1.30.1", "a:busybox:busybox:1.30.1-6", Open),
        ("v a:busybox:busybox:1.30.1", "a:busybox:busybox:1.30.1+dfsg-6+deb11u1", Open),
        ("v a:busybox:busybox:1.30.1", "a:busybox:busybox:1.30.2-6", Out),
        ("v a:busybox:busybox:1.30.1:-", "a:busybox:busybox:1.30.1-rc1", Out),
        // Builds of the maker's own are in order.
        ("v a:imagemagick:imagemagick:* <6.9.9-12", "a:imagemagick:imagemagick:6.9.9-8", In),
        ("v a:imagemagick:imagemagick:* <=6.9.9-8", "a:imagemagick:imagemagick:6.9.9-12", Out),
        ("v a:acme:viewer:2.0", "a:acme:viewer:2.0.0", Open),
        ("v a:acme:viewer:2.0", "a:acme:viewer:2", Open),
        ("v a:acme:viewer:2.0", "a:acme:viewer:v2.0", Open),
        ("v a:acme:viewer:2.0", "a:acme:viewer:2.0.1", Out),
        ("v a:acme:viewer:2.0:-", "a:acme:viewer:2.0:ga", Listed),
        ("v a:acme:viewer:2.0:-", "a:acme:viewer:2.0:gold", Listed),
        ("v a:acme:viewer:2.0:-", "a:acme:viewer:2.0:sp1", Out),
    ] {
        assert_eq!(said(&[any(&[criterion])], part, &[]), reason, "{criterion} {part}");
    }
}

#[test]
fn wild_cards_cover_what_they_stand_for() {
    for (criteria, name, reason) in [
        ("v a:acme:viewer:1.*", "a:acme:viewer:1.5", Reason::VersionListed),
        ("v a:acme:viewer:1.?", "a:acme:viewer:1.5", Reason::VersionListed),
        ("v a:acme:viewer:1.*", "a:acme:viewer:2.5", Reason::VersionOutside),
        ("v a:acme:viewer:1.5", "a:acme:viewer:1.*", Reason::NoVersion),
        ("v a:acme:viewer:1.5", "a:acme:viewer:1.?", Reason::NoVersion),
    ] {
        let part = names(&cpes(&[name]));
        let mut tree = Vec::new();
        compile(&[any(&[criteria])], &mut tree);
        let device = Platform::new(part.clone());
        let mut sieve = Sieve::default();
        sieve.add(&tree, "a:acme:viewer").unwrap();
        let found = sieve.ask(&part[0], &device, &mut Vec::new()).unwrap();
        let found: Vec<Reason> = found.iter().map(|found| found.reason).collect();
        assert_eq!(said(&[any(&[criteria])], name, &[]), reason, "{criteria} against {name}");
        let expected = if reason == Reason::VersionOutside { vec![] } else { vec![reason] };
        assert_eq!(found, expected, "{criteria} against {name} by the sieve");
    }
}

#[test]
fn a_negated_criterion_counts_for_the_device_and_names_no_weak_part() {
    let tree =
        [Node::All(vec![any(&["v a:acme:viewer:*"]), Node::Not(Box::new(any(&["p a:acme:hardening:*"])))])];
    assert_eq!(said(&tree, "a:acme:viewer:1", &[]), Reason::PlatformUnknown);
    assert_eq!(said(&tree, "a:acme:viewer:1", &["a:acme:hardening:1"]), Reason::VersionOutside);
    assert_eq!(
        said(&[Node::Not(Box::new(any(&["v a:acme:viewer:*"])))], "a:acme:viewer:1", &[]),
        Reason::VersionOutside
    );
}

#[test]
fn two_weak_parts_are_both_needed() {
    let tree = [Node::All(vec![any(&["v a:acme:viewer:1.0"]), any(&["v a:acme:codec:2.0"])])];
    assert_eq!(said(&tree, "a:acme:viewer:1.0", &["a:acme:codec:2.0"]), Reason::VersionListed);
    assert_eq!(said(&tree, "a:acme:viewer:1.0", &["a:acme:codec:2.1"]), Reason::PlatformUnknown);
    assert_eq!(said(&tree, "a:acme:viewer:1.0", &[]), Reason::PlatformUnknown);
}

/// A bill that names a product in another version does not say that the one asked for is missing.
#[test]
fn a_condition_is_never_ruled_out_by_another_version() {
    let on = [Node::All(vec![any(&["v a:acme:viewer:* <=2.0"]), any(&["p o:microsoft:windows_10:1809"])])];
    assert_eq!(said(&on, "a:acme:viewer:2.0", &["o:microsoft:windows_10:1909"]), Reason::PlatformUnknown);
    assert_eq!(
        said(&on, "a:acme:viewer:2.0", &["o:microsoft:windows_10:1909", "o:microsoft:windows_10"]),
        Reason::PlatformUnknown
    );
    let mut tree = Vec::new();
    compile(&on, &mut tree);
    let all = cpes(&["a:acme:viewer:2.0", "o:microsoft:windows_10:1909"]);
    let told = explain(&tree, &names(&all[..1]), &Platform::new(names(&all))).unwrap();
    assert_eq!(
        told.rule,
        "up to 2.0; affected if the operating system or firmware is microsoft windows_10 (version 1809), of which 1909 is \
         listed: not known; its CPE is from the bill of materials"
    );
    let unsaid = [Node::All(vec![any(&["v a:acme:viewer:1.0"]), any(&[])])];
    assert_eq!(said(&unsaid, "a:acme:viewer:1.0", &[]), Reason::PlatformUnknown);
}

/// Somebody who was asked can say that a product is not there; what a list says is there counts more.
#[test]
fn a_condition_is_ruled_out_by_who_was_asked_unless_a_list_says_otherwise() {
    let on = [Node::All(vec![any(&["v a:acme:viewer:* <=2.0"]), any(&["p o:microsoft:windows_7:-"])])];
    let viewer = cpes(&["a:acme:viewer:2.0"]);
    for (listed, lacking, reason) in [
        (&[][..], &[][..], Reason::PlatformUnknown),
        (&[], &["o:microsoft:windows_7"], Reason::VersionOutside),
        (&[], &["o:microsoft:windows"], Reason::VersionOutside),
        (&[], &["o:microsoft:windows_10", "h:acme:pump"], Reason::PlatformUnknown),
        (&["o:microsoft:windows_7:-"], &["o:microsoft:windows_7"], Reason::VersionInRange),
        (&["o:microsoft:windows_7:-"], &["o:microsoft:windows"], Reason::VersionInRange),
        // A Windows is there: which, nobody said, and "no Windows at all" is not believed.
        (&["o:microsoft:windows_10:1809"], &["o:microsoft:windows"], Reason::PlatformUnknown),
        (&["o:microsoft:windows:*"], &["o:microsoft:windows_7"], Reason::VersionOutside),
        // One system in NVD's two spellings.
        (&["o:microsoft:windows_7_sp1:*"], &["o:microsoft:windows_7"], Reason::PlatformUnknown),
    ] {
        assert_eq!(judge_lacking(&on, &viewer, &cpes(listed), lacking), reason, "{listed:?} {lacking:?}");
    }
}

#[test]
fn what_is_not_known_names_the_products_that_are_asked_for() {
    let on = [Node::All(vec![
        any(&["v a:acme:viewer:* <=2.0"]),
        any(&["p o:microsoft:windows_7:-", "p h:acme:pump:2.0"]),
    ])];
    let mut tree = Vec::new();
    compile(&on, &mut tree);
    let part = names(&cpes(&["a:acme:viewer:2.0"]));
    let missing = explain(&tree, &part, &Platform::new(part.clone())).unwrap().missing.unwrap();
    let mut asked = asked_products(&missing);
    asked.sort();
    assert_eq!(asked, ["h:acme:pump", "o:microsoft:windows_7"], "{missing}");
    assert!(asked_products("what the record leaves open").is_empty());
}

#[test]
fn bytes_that_are_no_tree_are_an_error() {
    let part = names(&cpes(&["a:acme:viewer:1.0"]));
    let device = Platform::new(part.clone());
    let mut tree = Vec::new();
    compile(&[Node::All(vec![any(&["v a:acme:viewer:1.0 <2"]), any(&["p o:acme:os:-"])])], &mut tree);
    for length in 1..tree.len() {
        assert!(evaluate(&tree[..length], &part, &device, &mut Vec::new()).is_err(), "cut to {length}");
    }
    assert!(evaluate(&[2; 64], &part, &device, &mut Vec::new()).is_err(), "deeper than any tree");
}

const PRODUCTS: [&str; 7] = [
    "a:acme:viewer",
    "a:acme:codec",
    "o:acme:pump_firmware",
    "h:acme:pump",
    "o:microsoft:windows",
    "o:microsoft:windows_7",
    "o:linux:linux_kernel",
];
const VERSIONS: [&str; 12] =
    ["*", "-", "1.0", "1.0p1", "1.0sp1", "1.0-rc1", "1.0b2", "1.1", "2.0", "2.0a", "10", "r3"];
const UPDATES: [&str; 6] = ["*", "*", "-", "p1", "sp1", "odd"];
const TARGETS: [&str; 4] = ["*", "*", "wordpress", "-"];

fn name() -> impl Strategy<Value = String> {
    let select = |of: &'static [&'static str]| prop::sample::select(of);
    (select(&PRODUCTS), select(&VERSIONS), select(&UPDATES), select(&TARGETS))
        .prop_map(|(product, version, update, target)| format!("{product}:{version}:{update}:*:*:*:{target}"))
}

fn leaf() -> impl Strategy<Value = Node<'static>> {
    let bound = || prop::option::weighted(0.4, (prop::sample::select(&VERSIONS[2..]), any_bool()));
    (name(), any_bool(), bound(), bound()).prop_map(|(name, vulnerable, start, end)| {
        let mut text = format!("{} {name}", if vulnerable { "v" } else { "p" });
        if start.is_some() || end.is_some() {
            let mut parts: Vec<&str> = name.split(':').collect();
            parts[3] = "*";
            text = format!("{} {}", if vulnerable { "v" } else { "p" }, parts.join(":"));
        }
        for (sign, bound) in [(">", start), ("<", end)] {
            if let Some((version, inclusive)) = bound {
                text.push_str(&format!(" {sign}{}{version}", if inclusive { "=" } else { "" }));
            }
        }
        Node::Criterion(criterion(&text))
    })
}

fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::ANY
}

fn tree(negations: bool) -> impl Strategy<Value = Node<'static>> {
    leaf().prop_recursive(3, 12, 4, move |inner| {
        let several = prop::collection::vec(inner.clone(), 0..4);
        let kinds = if negations { 0..5 } else { 0..4 };
        (kinds, several, inner).prop_map(|(kind, several, one)| match kind {
            0 | 1 => Node::Any(several),
            2 | 3 => Node::All(several),
            _ => Node::Not(Box::new(one)),
        })
    })
}

fn device() -> impl Strategy<Value = Vec<Cpe>> {
    prop::collection::vec(name(), 0..4)
        .prop_map(|names| cpes(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_evaluator_says_what_the_slow_one_says(
        configurations in prop::collection::vec(tree(true), 0..3), part in name(), others in device(),
    ) {
        judge(&configurations, &cpes(&[&part]), &others);
    }

    /// Asked all at once, records say what each says by itself.
    #[test]
    fn a_sieve_says_what_its_records_say(
        records in prop::collection::vec(prop::collection::vec(tree(true), 0..3), 1..5), part in name(), others in device(),
    ) {
        let part = names(&cpes(&[&part]));
        let device = Platform::new(names(&others).into_iter().chain(part.clone()).collect());
        let trees: Vec<Vec<u8>> = records.iter().map(|record| {
            let mut tree = Vec::new();
            compile(record, &mut tree);
            tree
        }).collect();
        let mut sieve = Sieve::default();
        trees.iter().for_each(|tree| sieve.add(tree, part[0].product()).unwrap());
        let found = sieve.ask(&part[0], &device, &mut Vec::new()).unwrap();
        for (number, tree) in (0..).zip(&trees) {
            let alone = explain(tree, &part, &device).unwrap();
            let said: Vec<_> = found.iter().filter(|found| found.record == number).collect();
            match said[..] {
                [] => prop_assert_eq!(alone.reason, Reason::VersionOutside),
                [said] => {
                    let told = said.tell(&part[0], &device).unwrap();
                    prop_assert_eq!((told.reason, &told.product, &told.missing.is_some()), (alone.reason, &alone.product, &alone.missing.is_some()));
                }
                _ => prop_assert!(false, "a record is found once"),
            }
        }
    }

    /// Only a negated criterion that is met excludes: there the record itself says which listed product does.
    #[test]
    fn a_name_more_in_the_device_never_turns_an_answer_into_silence(
        configurations in prop::collection::vec(tree(false), 1..3), part in name(), others in device(), more in name(),
    ) {
        let part = cpes(&[&part]);
        let before = judge(&configurations, &part, &others);
        let after = judge(&configurations, &part, &[others, cpes(&[&more])].concat());
        prop_assert!(before.answer() == Answer::NotAffected || after.answer() != Answer::NotAffected, "{} {}", before.code(), after.code());
    }

    /// What is not there may rule out what could not be told, and never what is known to be affected.
    #[test]
    fn that_something_is_not_there_never_turns_affected_into_silence(
        configurations in prop::collection::vec(tree(true), 1..3), part in name(), others in device(),
        lacking in prop::collection::vec(prop::sample::select(&PRODUCTS[..]), 1..3),
    ) {
        let part = cpes(&[&part]);
        let (before, after) = (judge(&configurations, &part, &others), judge_lacking(&configurations, &part, &others, &lacking));
        prop_assert!(before.answer() != Answer::Affected || after.answer() == Answer::Affected, "{} {}", before.code(), after.code());
    }

    /// Whatever is added to a device, even where a negated criterion excludes.
    #[test]
    fn a_name_more_never_turns_affected_into_another_answer(
        configurations in prop::collection::vec(tree(true), 1..3), part in name(), others in device(), more in name(),
    ) {
        let part = cpes(&[&part]);
        let before = judge(&configurations, &part, &others);
        let after = judge(&configurations, &part, &[others, cpes(&[&more])].concat());
        prop_assert!(before.answer() != Answer::Affected || after.answer() == Answer::Affected, "{} {}", before.code(), after.code());
    }

    #[test]
    fn a_name_forgotten_never_turns_an_answer_into_silence(
        configurations in prop::collection::vec(tree(true), 1..3), part in name(), others in device(), at in 0_usize..4,
    ) {
        let part = cpes(&[&part]);
        let mut fewer = others.clone();
        if at < fewer.len() {
            fewer.remove(at);
        }
        let (before, after) = (judge(&configurations, &part, &others), judge(&configurations, &part, &fewer));
        prop_assert!(before.answer() == Answer::NotAffected || after.answer() != Answer::NotAffected, "{} {}", before.code(), after.code());
    }

    /// Whatever else the device has: without negations the versions of the part itself are all that says "not affected".
    #[test]
    fn without_negations_only_the_part_itself_says_not_affected(
        configurations in prop::collection::vec(tree(false), 1..3), part in name(), others in device(),
    ) {
        let part = cpes(&[&part]);
        let (alone, among) = (judge(&configurations, &part, &[]), judge(&configurations, &part, &others));
        prop_assert_eq!(alone.answer() == Answer::NotAffected, among.answer() == Answer::NotAffected);
    }
}
