//! Components that are known by a name alone.

use bedrail_assess::{PackageNames, reference};
use bedrail_model::ecosystem::Ecosystem;
use proptest::prelude::*;

/// Whether a component may be a package; both matchers must say the same.
fn may_be(component: &str, ecosystem: &str, package: &str) -> bool {
    let (ecosystem, _) = Ecosystem::parse_osv(ecosystem).unwrap();
    let fast = PackageNames::of([(ecosystem, package)]).meet(component);
    assert_eq!(
        fast,
        reference::bears_name(component, ecosystem, package),
        "{component:?} {ecosystem} {package:?}"
    );
    fast
}

#[test]
fn a_component_bears_a_package_name_with_its_group_its_file_or_a_remark() {
    let core = |component| may_be(component, "Maven", "org.apache.logging.log4j:log4j-core");
    for name in [
        "log4j-core",
        "Log4j_Core",
        "org.apache.logging.log4j:log4j-core",
        "log4j-core-2.11.1.jar",
        "log4j-core.jar",
        "log4j-core (shaded)",
        "log4j",
        "Log4j 2.14",
        "Apache Log4j 2",
        "log4j-1.2.17.jar",
    ] {
        assert!(core(name), "{name}");
    }
    for name in
        ["log4j-core-test", "my-log4j-core", "log4j-slf4j-impl", "apache", "Apache Tomcat", "", "core"]
    {
        assert!(!core(name), "{name}");
    }
}

#[test]
fn the_part_of_a_package_name_that_people_say_depends_on_the_ecosystem() {
    assert!(may_be("core", "npm", "@angular/core"));
    assert!(may_be("yaml", "Go", "gopkg.in/yaml.v2"));
    assert!(may_be("jwt", "Go", "github.com/golang-jwt/jwt/v4"));
    assert!(!may_be("v4", "Go", "github.com/golang-jwt/jwt/v4"));
    assert!(may_be("Newtonsoft.Json", "NuGet", "newtonsoft.json"));
    assert!(!may_be("json", "NuGet", "newtonsoft.json"));
    assert!(may_be("libssl", "Debian:12", "openssl"));
    assert!(may_be("CURL", "Debian:12", "curl") && may_be("curl", "Debian:12", "CURL"));
    assert!(may_be("_", "npm", "-") && may_be("-", "npm", "_"));
    // A mark of a major version behind nothing is the name itself.
    assert!(may_be(".v2", "Go", "gopkg.in/.v2"));
    assert!(may_be("yaml.v", "Go", "gopkg.in/yaml.v") && may_be("yaml.vx", "Go", "gopkg.in/yaml.vx"));
    let (npm, _) = Ecosystem::parse_osv("npm").unwrap();
    assert!(PackageNames::default().is_empty() && !PackageNames::of([(npm, "x")]).is_empty());
}

proptest! {
    #[test]
    fn the_fast_rule_says_what_the_slow_one_says(
        component in "(apache |gnu-|org\\.a:)?(log4j|xz|a|v2|_)?(-core|-1|\\.v2|/v3)?( 2| \\(x\\))?(\\.jar|\\.so)?",
        package in "(a/|g:|@s/)?(log4j|xz|a|v2)?(-core|-utils|-1|\\.v2|/v3)?",
        ecosystem in prop::sample::select(vec!["Maven", "npm", "Go", "PyPI"]),
    ) {
        may_be(&component, ecosystem, &package);
    }
}
