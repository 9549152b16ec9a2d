//! The list of release cycles of endoflife.date.

use bedrail_formats::feed::endoflife::parse;
use bedrail_model::support::{ProductName, SupportEnd};

use crate::shared;

const CYCLES: &str = r#"{"openssl": [{"releaseCycle": "1.0.2", "eol": "2019-12-31"}, {"releaseCycle": "9", "eol": false},
    {"releaseCycle": "8", "eol": true}, {"releaseCycle": "7", "eol": "soon"}, {"releaseCycle": "6"}], "lost": []}"#;
const PRODUCTS: &str = r#"{"openssl": {"title": "OpenSSL", "identifiers": [{"repology": "openssl"}, {"cpe": "cpe:/a:OpenSSL:openssl"},
    {"cpe": "cpe:2.3:a:openssl:openssl"}, {"cpe": "cpe:2.3:a"}, {"purl": "pkg:deb/debian/openssl"}, {"purl": "pkg:npm/%40a/b@1?x=y"}, {"purl": 4}]},
    "unused": {}}"#;

#[test]
fn cycles_and_names_are_read_and_what_is_odd_is_said() {
    let list = parse(CYCLES.as_bytes(), PRODUCTS.as_bytes()).unwrap();
    let openssl = &list.products[0];
    assert_eq!((list.products.len(), openssl.title.as_str()), (1, "OpenSSL"));
    let purl = ProductName::Purl("npm/@a/b".to_owned());
    assert_eq!(openssl.names, [purl, ProductName::Cpe("a:openssl:openssl".to_owned())]);
    let ends: Vec<SupportEnd> = openssl.cycles.iter().map(|cycle| cycle.end).collect();
    let on = SupportEnd::On("2019-12-31".parse().unwrap());
    assert_eq!(ends, [on, SupportEnd::NotAnnounced, SupportEnd::Ended]);
    let places: Vec<&str> = list.warnings.iter().map(|warning| warning.place.as_str()).collect();
    assert_eq!(places, ["/lost", "/openssl/3", "/openssl/4"]);
    for (cycles, products) in [("[]", "{}"), ("{}", "[]"), ("{", "{}"), ("", "")] {
        assert!(parse(cycles.as_bytes(), products.as_bytes()).is_err(), "{cycles:?} {products:?}");
    }
}

#[test]
fn the_real_list_is_read_whole() {
    let Some(folder) = shared("endoflife") else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let list = parse(&read("endoflife.json"), &read("endoflife-products-meta.json")).unwrap();
    assert_eq!(list.warnings, []);
    assert!(list.products.len() > 400, "{}", list.products.len());
    let named = list.products.iter().filter(|product| !product.names.is_empty()).count();
    assert!(named > 250, "{named}");
}
