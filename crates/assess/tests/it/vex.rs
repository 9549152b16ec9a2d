//! Which of our things a statement speaks of.

use bedrail_assess::named_product::{Decision, Decisions};
use bedrail_assess::vex::{
    Contradiction, Opinion, Speaks, Spoken, Thing, Wanted, Why, contradictions, match_release,
};
use bedrail_model::product_advisory::{ProductIdentifiers, VersionText};
use bedrail_model::vex::{Product, Status};

fn with_purl(purl: &str) -> Product {
    let identifiers = ProductIdentifiers { purls: vec![purl.to_owned()], ..ProductIdentifiers::default() };
    Product { reference: purl.to_owned(), identifiers, ..Product::default() }
}

fn with_cpe(cpe: &str) -> Product {
    let identifiers = ProductIdentifiers { cpes: vec![cpe.to_owned()], ..ProductIdentifiers::default() };
    Product { identifiers, ..Product::default() }
}

fn named(maker: &str, name: &str, version: VersionText) -> Product {
    Product { maker: maker.to_owned(), name: name.to_owned(), version, ..Product::default() }
}

fn exact(text: &str) -> VersionText {
    VersionText::Exact(text.to_owned())
}

fn said(product: &Product, thing: &Thing) -> (Speaks, &'static str) {
    let Spoken { speaks, why } = Wanted::new(product).speaks_of(thing, &Decisions::new());
    assert!(!why.sentence().is_empty());
    (speaks, why.code())
}

const YES: Speaks = Speaks::Yes;
const NO: Speaks = Speaks::No;
const OPEN: Speaks = Speaks::CannotTell;

#[test]
fn package_urls_are_compared_with_all_that_they_say() {
    let ours = "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.13";
    #[rustfmt::skip]
    let cases = [
        // A release of the distribution in another exactness must not go unheard, in either direction.
        (ours, "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12", YES, "purl"),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12", "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12.13", YES, "purl"),
        (ours, "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=bookworm", YES, "purl"),
        (ours, "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-11", NO, "other_distribution"),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1", "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12", OPEN, "distribution_unknown"),
        (ours, "pkg:deb/debian/openssl@3.0.15-1~deb12u1", YES, "purl"),
        (ours, "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=arm64", NO, "other_variant"),
        ("pkg:deb/debian/openssl@3.0.15-1~deb12u1", "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=arm64", OPEN, "variant_unknown"),
        (ours, "pkg:deb/debian/openssl", YES, "purl_all_versions"),
        (ours, "pkg:deb/debian/openssl@3.0.16-1", NO, "other_version"),
        (ours, "pkg:deb/debian/libssl3@3.0.15-1~deb12u1", NO, "other_product"),
        ("pkg:deb/debian/openssl", "pkg:deb/debian/openssl@3.0.15", OPEN, "version_doubt"),
        ("pkg:rpm/redhat/openssl@3.0.7-24.el9?epoch=1", "pkg:rpm/redhat/openssl@1:3.0.7-24.el9", YES, "purl"),
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", YES, "purl"),
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?classifier=tests", OPEN, "variant_unknown"),
        ("pkg:npm/%40angular/core@16.0.0", "pkg:npm/@angular/core@16.0.0", YES, "purl"),
        ("pkg:golang/example.com/m@v1.2.0", "pkg:golang/example.com/m@1.2.0", YES, "purl"),
    ];
    for (ours, theirs, speaks, why) in cases {
        let thing = Thing::component("x", "", Some(ours));
        assert_eq!(said(&with_purl(theirs), &thing), (speaks, why), "{theirs} of {ours}");
    }
}

#[test]
fn a_version_or_range_beside_an_identifier_counts() {
    let thing = |version: &str| {
        Thing::component("log4j-core", version, Some(&format!("pkg:maven/g/log4j-core@{version}")))
    };
    let product = |version: VersionText| Product { version, ..with_purl("pkg:maven/g/log4j-core") };
    assert_eq!(said(&product(exact("2.14.1")), &thing("2.14.1")), (YES, "same_version"));
    assert_eq!(said(&product(exact("2.14.1")), &thing("2.17.0")), (NO, "other_version"));
    let range = VersionText::Range("vers:maven/>=2.0|<2.15".to_owned());
    assert_eq!(said(&product(range.clone()), &thing("2.14.1")), (YES, "in_range"));
    assert_eq!(said(&product(range), &thing("2.17.0")), (NO, "other_version"));
}

#[test]
fn cpes_are_compared_by_their_relations() {
    let cpe = |version: &str| format!("cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*");
    let ours = Thing::component("openssl", "3.0.15", None).with_cpe(&cpe("3.0.15"));
    assert_eq!(said(&with_cpe(&cpe("3.0.15")), &ours), (YES, "cpe"));
    assert_eq!(said(&with_cpe(&cpe("*")), &ours), (YES, "cpe"));
    assert_eq!(said(&with_cpe(&cpe("3.0.16")), &ours), (NO, "other_version"));
    assert_eq!(
        said(&with_cpe("cpe:2.3:a:openssl:openssl:3.0.15:*:*:*:*:windows:*:*"), &ours),
        (OPEN, "cpe_vague")
    );
    assert_eq!(said(&with_cpe("cpe:/a:gnu:gnutls:3.0.15"), &ours), (NO, "other_product"));
    let update = Thing::component("ntp", "", None).with_cpe("cpe:2.3:a:ntp:ntp:4.2.8:p8:*:*:*:*:*:*");
    assert_eq!(said(&with_cpe("cpe:2.3:a:ntp:ntp:4.2.8:p9:*:*:*:*:*:*"), &update), (NO, "other_version"));
    let ranged = |text: &str| Product { version: VersionText::Range(text.to_owned()), ..with_cpe(&cpe("*")) };
    assert_eq!(said(&ranged("< 3.0.16"), &ours), (YES, "in_range"));
    assert_eq!(said(&ranged("< 3.0.15"), &ours), (NO, "other_version"));
    let open = Thing::component("openssl", "", None).with_cpe(&cpe("*"));
    assert_eq!(said(&ranged("< 3.0.16"), &open), (OPEN, "version_doubt"), "ours has no version");
    // A component's version stands for that of its name.
    let beside = Thing::component("openssl", "3.0.15", None).with_cpe(&cpe("*")).with_cpe("no name");
    assert_eq!(said(&with_cpe(&cpe("3.0.16")), &beside), (NO, "other_version"));
    let narrowed = Product { version: exact("3.0.16"), ..with_cpe(&cpe("*")) };
    assert_eq!(said(&narrowed, &ours), (NO, "other_version"), "a version beside a CPE that leaves it open");
}

#[test]
fn maker_model_and_version_are_compared_as_names_and_people_are_asked_once() {
    let pump = Thing::release("Maker, Inc.", "Infusion Pump 5000", "4.2");
    assert_eq!(said(&named("MAKER", "Infusion Pump 5000", exact("4.2")), &pump), (YES, "same_version"));
    assert_eq!(
        said(&named("Maker", "Infusion Pump 5000", VersionText::Unstated), &pump),
        (YES, "all_versions")
    );
    assert_eq!(said(&named("Maker", "Infusion Pump 5000", exact("4.3")), &pump), (NO, "other_version"));
    assert_eq!(said(&named("Maker", "Infusion Pump 5000", exact("4.2.1")), &pump), (OPEN, "version_doubt"));
    let range = VersionText::Range("prior to 5.0".to_owned());
    assert_eq!(said(&named("Maker", "Infusion Pump 5000", range), &pump), (YES, "in_range"));
    assert_eq!(said(&named("Maker", "Ventilator", exact("4.2")), &pump), (NO, "other_product"));
    assert_eq!(
        said(&with_purl("pkg:generic/maker/infusion%20pump%205000@4.2"), &pump),
        (YES, "same_version")
    );

    assert_eq!([YES, OPEN, NO].map(Speaks::code), ["yes", "cannot_tell", "no"]);
    // A name that merely shares a word with ours is another product.
    assert_eq!(said(&named("Maker", "Infusion 7000 Tower", exact("4.2")), &pump), (NO, "other_product"));
    let tide = Thing::release("Maker", "Tide 5512", "4.2");
    assert_eq!(said(&named("Maker", "Flow Plus 5512", exact("4.2")), &tide), (NO, "other_product"));

    let alike = named("", "Infusion Pump 5000", exact("4.2"));
    assert_eq!(said(&alike, &pump), (OPEN, "name_alike"), "no maker is named");
    let wanted = Wanted::new(&alike);
    let ours = bedrail_assess::named_product::Name::new("Maker, Inc.", "Infusion Pump 5000");
    let key = (ours.key(), wanted.name().unwrap().key());
    let decided = |decision| wanted.speaks_of(&pump, &Decisions::from([(key.clone(), decision)])).speaks;
    assert_eq!((decided(Decision::Same), decided(Decision::Different)), (YES, NO));

    let unknown = Thing::release("Maker", "Infusion Pump 5000", "");
    assert_eq!(said(&named("Maker", "Infusion Pump 5000", exact("4.2")), &unknown), (OPEN, "version_doubt"));
}

#[test]
fn conditions_serials_and_models_leave_the_answer_open() {
    let pump = Thing::release("Maker", "Infusion Pump 5000", "4.2");
    let product = named("Maker", "Infusion Pump 5000", exact("4.2"));
    let with = |change: &dyn Fn(&mut Product)| {
        let mut product = product.clone();
        change(&mut product);
        said(&product, &pump)
    };
    assert_eq!(with(&|it| it.conditions.push("on Windows".to_owned())), (OPEN, "condition"));
    assert_eq!(with(&|it| it.identifiers.serials.push("A1".to_owned())), (OPEN, "condition"));
    assert_eq!(with(&|it| it.identifiers.models.push("X9".to_owned())), (OPEN, "condition"));
    assert_eq!(with(&|it| it.identifiers.models.push("5000".to_owned())), (YES, "same_version"));
    assert_eq!(with(&|it| it.identifiers.skus.push("4711".to_owned())), (OPEN, "condition"));
    // What is not its model at all stays what it is.
    let other = Thing::release("Maker", "Ventilator", "4.2");
    let mut bound = product.clone();
    bound.conditions.push("on Windows".to_owned());
    assert_eq!(said(&bound, &other), (NO, "other_product"));
}

/// CSAF 2.0, section 3.1.3.3.5: a model number is meant whole, unless wild cards say otherwise.
#[test]
fn a_model_number_is_a_word_of_its_own() {
    for (ours, model, speaks) in [
        ("Infusion Pump 5000", "5000", YES),
        ("Pump AB-500 C", "ab-500", YES),
        ("500 Pump", "500", YES),
        ("Pump (500)", "500", YES),
        ("Infusion Pump 5000", "500", OPEN),
        ("Infusion Pump 1500", "500", OPEN),
        ("Infusion Pump X500", "500", OPEN),
        ("Infusion Pump 1500, 500", "500", YES),
        ("Infusion Pump 5000", "50*", OPEN),
        ("Infusion Pump 5000", "", OPEN),
    ] {
        let mut product = named("Maker", ours, exact("4.2"));
        product.identifiers.models.push(model.to_owned());
        assert_eq!(said(&product, &Thing::release("Maker", ours, "4.2")).0, speaks, "{model} of {ours}");
    }
    // Any of several is enough.
    let mut product = named("Maker", "Pump 500", exact("4.2"));
    product.identifiers.models.extend(["400".to_owned(), "500".to_owned()]);
    assert_eq!(said(&product, &Thing::release("Maker", "Pump 500", "4.2")).0, YES);
}

/// The package URL's qualifiers and subpath (purl-spec, "Rules for each purl component"): what differs is another package,
/// what only the statement says is open, and where a file is from makes no difference.
#[test]
fn qualifiers_and_subpaths_are_compared_one_by_one() {
    #[rustfmt::skip]
    let cases = [
        ("pkg:golang/example.com/m@v1.0.0#api", "pkg:golang/example.com/m@v1.0.0#api", YES, "purl"),
        ("pkg:golang/example.com/m@v1.0.0#api", "pkg:golang/example.com/m@v1.0.0", YES, "purl"),
        ("pkg:golang/example.com/m@v1.0.0", "pkg:golang/example.com/m@v1.0.0#api", OPEN, "variant_unknown"),
        ("pkg:golang/example.com/m@v1.0.0#web", "pkg:golang/example.com/m@v1.0.0#api", NO, "other_variant"),
        ("pkg:npm/x@1?arch=x64", "pkg:npm/x@1?arch=X64", YES, "purl"),
        ("pkg:npm/x@1?arch=x64&os=linux", "pkg:npm/x@1?arch=x64&os=windows", NO, "other_variant"),
        // One that excludes outweighs one that is open.
        ("pkg:npm/x@1?os=linux", "pkg:npm/x@1?arch=x64&os=windows", NO, "other_variant"),
        ("pkg:npm/x@1", "pkg:npm/x@1?vcs_url=git&checksum=sha1:aa&download_url=a", YES, "purl"),
        // What is open of a version stays open, and another version is another one whatever the rest.
        ("pkg:npm/x?arch=x64", "pkg:npm/x@1?arch=x64", OPEN, "version_doubt"),
        ("pkg:npm/x@2", "pkg:npm/x@1?arch=x64", NO, "other_version"),
        // Which release `distro=odd` is nobody knows; the same words are the same release.
        ("pkg:deb/debian/x@1?distro=odd", "pkg:deb/debian/x@1?distro=odd", YES, "purl"),
        ("pkg:deb/debian/x@1?distro=odder", "pkg:deb/debian/x@1?distro=odd", OPEN, "distribution_unknown"),
        ("pkg:deb/debian/x@1?distro=debian-12", "pkg:deb/debian/x@1?distro=odd", OPEN, "distribution_unknown"),
    ];
    for (ours, theirs, speaks, why) in cases {
        let thing = Thing::component("x", "", Some(ours));
        assert_eq!(said(&with_purl(theirs), &thing), (speaks, why), "{theirs} of {ours}");
    }
}

#[test]
fn hashes_links_and_identifiers_that_disagree() {
    let hash = |text: &str| format!("sha256:{text}");
    let ours = Thing::component("x", "1", Some("pkg:npm/x@1")).with_hash(&hash("aa"));
    let mut product = with_purl("pkg:npm/y@1");
    product.identifiers.hashes.push(hash("AA"));
    assert_eq!(said(&product, &ours), (YES, "hash"));
    let mut product = with_purl("pkg:npm/x@1");
    product.identifiers.hashes.push(hash("bb"));
    assert_eq!(said(&product, &ours), (OPEN, "hash_differs"));
    product.identifiers.hashes = vec!["sha1:bb".to_owned()];
    assert_eq!(said(&product, &ours), (YES, "purl"), "hashes of two kinds cannot be compared");

    let both = Thing::component("x", "1", Some("pkg:npm/x@1")).with_cpe("cpe:2.3:a:x:x:1:*:*:*:*:*:*:*");
    let mut product = with_purl("pkg:npm/x@1");
    product.identifiers.cpes.push("cpe:2.3:a:z:z:1:*:*:*:*:*:*:*".to_owned());
    assert_eq!(said(&product, &both), (OPEN, "identifiers_disagree"));

    let link = |reference: &str| Product { reference: reference.to_owned(), ..Product::default() };
    let linked = Thing::component("x", "1", None).with_link("urn:uuid:AB", "x-ref");
    assert_eq!(said(&link("urn:cdx:ab/7#x-ref"), &linked), (YES, "link"));
    assert_eq!(said(&link("urn:cdx:ab/7#other"), &linked), (NO, "other_product"));
    assert_eq!(said(&link("urn:cdx:AB/8#x-ref"), &linked), (YES, "link"), "in any version of the document");
    assert_eq!(said(&link("urn:cdx:ac/7#x-ref"), &linked), (NO, "other_product"));

    let bare = Thing::component("OpenSSL", "3.0", None);
    assert_eq!(said(&named("", "openssl", exact("3.0")), &bare), (OPEN, "name_only"));
    assert_eq!(said(&named("", "openssl", exact("3.1")), &bare), (NO, "other_version"));
    assert_eq!(said(&with_purl("pkg:generic/openssl@3.0"), &bare), (OPEN, "name_only"));
    // A generic URL is a name, and rules out no package of that name; beside another it is compared as it is.
    let package = Thing::component("openssl", "3.0", Some("pkg:npm/openssl@3.0"));
    assert_eq!(said(&with_purl("pkg:generic/openssl@3.0"), &package), (OPEN, "name_only"));
    let generic = Thing::component("", "", Some("pkg:generic/openssl@3.0"));
    assert_eq!(said(&with_purl("pkg:generic/openssl@3.0"), &generic), (YES, "purl"));
    assert_eq!(said(&with_purl("pkg:generic/gnutls@3.0"), &generic), (NO, "other_product"));
    // By the name within an identifier, too, whatever signs stand in it.
    assert_eq!(said(&with_purl("pkg:deb/debian/openssl@3.0"), &bare), (OPEN, "name_only"));
    assert_eq!(said(&with_cpe("cpe:2.3:a:openssl:openssl:3.0:*:*:*:*:*:*:*"), &bare), (OPEN, "name_only"));
    assert_eq!(said(&named("", "Open SSL", exact("3.0")), &bare), (OPEN, "name_only"));
    assert_eq!(said(&named("", "GnuTLS", exact("3.0")), &bare), (NO, "other_product"));
    let range = |text: &str| VersionText::Range(text.to_owned());
    assert_eq!(said(&named("", "openssl", range("< 3.0")), &bare), (NO, "other_version"));
    assert_eq!(said(&named("", "openssl", range("<= 3.0")), &bare), (OPEN, "name_only"));
    let nameless = Thing::component("", "3.0", None);
    assert_eq!(said(&Product::default(), &nameless), (NO, "other_product"), "two that have no name");
}

/// A product of CSAF may have several package URLs (section 3.1.3.3.4 of version 2.1): the statement is on each of them.
#[test]
fn a_statement_with_several_package_urls_is_about_each_version() {
    let mut product = with_purl("pkg:deb/debian/openssl@3.0.1");
    product.identifiers.purls.push("pkg:deb/debian/openssl@3.0.2".to_owned());
    for (version, said_of_name, said_of_url) in
        [("3.0.1", OPEN, YES), ("3.0.2", OPEN, YES), ("3.0.3", NO, NO)]
    {
        assert_eq!(said(&product, &Thing::component("openssl", version, None)).0, said_of_name, "{version}");
        let url = format!("pkg:deb/debian/openssl@{version}");
        assert_eq!(said(&product, &Thing::component("", "", Some(&url))).0, said_of_url, "{version}");
    }
    let wanted = Wanted::new(&product);
    assert_eq!(wanted.paths().collect::<Vec<_>>(), ["deb/debian/openssl"; 2]);
    assert_eq!(wanted.product(), &product);
    assert!(wanted.name().is_none(), "it has identifiers alone");
    let thing = Thing::component("x", "", Some("pkg:npm/%40angular/core@1")).with_purl("no package URL");
    assert_eq!(thing.paths().collect::<Vec<_>>(), ["npm/@angular/core"]);
}

fn spoken(speaks: Speaks) -> Spoken {
    let why = match speaks {
        Speaks::Yes => Why::Url,
        Speaks::CannotTell => Why::NameOnly,
        Speaks::No => Why::OtherProduct,
    };
    Spoken { speaks, why }
}

#[test]
fn a_product_is_the_release_or_components_in_it_and_parts_are_looked_up_in_the_bill() {
    let own = |all: &[(usize, Speaks)]| -> Vec<(usize, Spoken)> {
        all.iter().map(|(at, it)| (*at, spoken(*it))).collect()
    };
    let told = |release, own_: &[(usize, Speaks)], parts: &[&[(usize, Speaks)]], bill| {
        let parts: Vec<_> = parts.iter().map(|it| own(it)).collect();
        match_release(&spoken(release), &own(own_), &parts, bill)
            .map(|it| (it.speaks, it.why.code(), it.components))
    };
    let found = |speaks, why, components: &[usize]| Some((speaks, why, components.to_vec()));
    assert_eq!(told(YES, &[], &[], true), found(YES, "purl", &[]));
    assert_eq!(told(NO, &[(3, YES), (4, OPEN)], &[], true), found(YES, "purl", &[3]));
    assert_eq!(told(NO, &[(4, OPEN)], &[], true), found(OPEN, "name_only", &[4]));
    assert_eq!(told(NO, &[(4, NO)], &[], true), None);
    assert_eq!(told(YES, &[], &[&[(1, YES)], &[(2, NO)]], true), found(YES, "purl", &[1]));
    assert_eq!(told(YES, &[], &[&[(2, NO)]], true), found(OPEN, "part_not_listed", &[]));
    assert_eq!(told(YES, &[], &[&[]], false), found(OPEN, "no_bill", &[]));
    assert_eq!(told(OPEN, &[], &[&[(1, YES)]], true), found(OPEN, "name_only", &[1]));
    assert_eq!(told(NO, &[(9, YES)], &[&[(1, YES)]], true), found(OPEN, "part_elsewhere", &[1]));
    assert_eq!(told(NO, &[], &[&[(1, YES)]], true), None, "the same part in another product");
    assert_eq!(told(NO, &[(9, NO)], &[&[(1, YES)]], true), None);
    // What is certain goes before what may be; components are told once, in order.
    assert_eq!(told(OPEN, &[(3, YES), (4, OPEN)], &[], true), found(YES, "purl", &[3]));
    assert_eq!(told(OPEN, &[(4, OPEN)], &[], true), found(OPEN, "name_only", &[]));
    assert_eq!(told(OPEN, &[], &[], true), found(OPEN, "name_only", &[]));
    let parts: &[&[(usize, Speaks)]] = &[&[(5, YES), (2, OPEN)], &[(1, YES), (5, YES)]];
    assert_eq!(told(YES, &[], parts, true), found(YES, "purl", &[1, 5]));
    assert_eq!(told(YES, &[], &[&[(2, OPEN)], &[(1, OPEN)]], true), found(OPEN, "name_only", &[1, 2]));
    assert_eq!(told(OPEN, &[], &[&[(2, NO)]], true), found(OPEN, "name_only", &[]));
}

#[test]
fn contradictions_are_between_what_stands_and_a_later_word_replaces_the_issuers_own() {
    let at = |day: i64| jiff::Timestamp::from_second(day * 86_400).ok();
    let opinion = |statement, issuer, status, day: Option<i64>| Opinion {
        statement,
        issuer,
        status,
        dated: day.and_then(at),
    };
    let maker = opinion(0, "maker", Status::NotAffected, Some(1));
    let other = opinion(1, "coordinator", Status::Affected, Some(2));
    let pair = Contradiction { affected: 1, other: 0 };
    assert_eq!(contradictions(&[maker.clone(), other.clone()]), [pair]);
    let looking = opinion(2, "third", Status::UnderInvestigation, Some(3));
    assert_eq!(contradictions(&[maker.clone(), looking]), []);
    let later = opinion(3, "maker", Status::Affected, Some(3));
    assert_eq!(contradictions(&[maker.clone(), later.clone(), other.clone()]), []);
    let same_day = opinion(5, "maker", Status::Affected, Some(1));
    let both = [Contradiction { affected: 5, other: 0 }];
    assert_eq!(contradictions(&[maker.clone(), same_day]), both, "of two of one moment both stand");
    let fixed = opinion(6, "distributor", Status::Fixed, Some(1));
    let all = [Contradiction { affected: 1, other: 0 }, Contradiction { affected: 1, other: 6 }];
    assert_eq!(contradictions(&[fixed, other.clone(), maker.clone(), other.clone()]), all);
    let undated = opinion(4, "maker", Status::Affected, None);
    assert_eq!(contradictions(&[maker, undated]), [Contradiction { affected: 4, other: 0 }]);
}

/// Each reason is a clause of its own, with what it is about.
#[test]
fn each_reason_is_a_clause() {
    let what = || "arm64".to_owned();
    for (reason, words) in [
        (Why::Url, "this package and version"),
        (Why::Hash, "by its hash"),
        (Why::OtherVersion, "another version"),
        (Why::OtherVariant(what()), "another variant (`arm64`)"),
        (Why::VariantUnknown(what()), "one variant (`arm64`)"),
        (Why::Condition(what()), "a condition that nobody checked: arm64"),
        (Why::NameAlike, "a person has to say"),
        (Why::NoBill, "no bill of materials is known"),
    ] {
        assert!(reason.sentence().contains(words), "{}", reason.sentence());
    }
}
