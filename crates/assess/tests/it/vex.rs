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

    let both = Thing::component("x", "1", Some("pkg:npm/x@1")).with_cpe("cpe:2.3:a:x:x:1:*:*:*:*:*:*:*");
    let mut product = with_purl("pkg:npm/x@1");
    product.identifiers.cpes.push("cpe:2.3:a:z:z:1:*:*:*:*:*:*:*".to_owned());
    assert_eq!(said(&product, &both), (OPEN, "identifiers_disagree"));

    let link = |reference: &str| Product { reference: reference.to_owned(), ..Product::default() };
    let linked = Thing::component("x", "1", None).with_link("urn:uuid:AB", "x-ref");
    assert_eq!(said(&link("urn:cdx:ab/7#x-ref"), &linked), (YES, "link"));
    assert_eq!(said(&link("urn:cdx:ab/7#other"), &linked), (NO, "other_product"));

    let bare = Thing::component("OpenSSL", "3.0", None);
    assert_eq!(said(&named("", "openssl", exact("3.0")), &bare), (OPEN, "name_only"));
    assert_eq!(said(&named("", "openssl", exact("3.1")), &bare), (NO, "other_version"));
    assert_eq!(said(&with_purl("pkg:generic/openssl@3.0"), &bare), (OPEN, "name_only"));
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
    let undated = opinion(4, "maker", Status::Affected, None);
    assert_eq!(contradictions(&[maker, undated]), [Contradiction { affected: 4, other: 0 }]);
}
