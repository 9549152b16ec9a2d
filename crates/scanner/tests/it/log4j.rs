//! Log4j and its kin by made-up classes: what is there, what is missing, what was moved, what lies.

use bedrail_scanner::report::{Confidence, Found};

use crate::made::*;

fn core_path(class: &str) -> String {
    format!("{CORE}/{class}.class")
}

fn only(report: &bedrail_scanner::report::Report) -> &Found {
    assert_eq!(report.found.len(), 1, "{:?}", report.found);
    &report.found[0]
}

const POM: &str = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties";

fn pom(version: &str) -> Vec<u8> {
    format!("groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion={version}\n").into_bytes()
}

#[test]
fn a_rebuilt_library_is_told_by_what_its_classes_do() {
    let manager = class(
        &format!("{CORE}/net/JndiManager"),
        &["(Ljava/lang/String;Ljavax/naming/Context;)V", "isJndiEnabled", "isJndiLookupEnabled"],
    );
    let lookup = jndi_lookup_with_switch(CORE);
    let jar = zip(&[(&core_path("net/JndiManager"), &manager), (&core_path("lookup/JndiLookup"), &lookup)]);
    let (_folder, report) = scan_bytes("rebuilt.jar", &jar);
    let found = only(&report);
    // 2.3.1 and 2.12.3 behave alike; neither is 2.17.0, which has no such constructor.
    assert_eq!(found.versions, ["2.3.1", "2.12.3"]);
    assert_eq!(found.confidence, Confidence::Fair);
    assert!(found.remarks.iter().any(|it| it.contains("no published jar")), "{:?}", found.remarks);
}

#[test]
fn a_missing_class_is_missing_only_where_the_archive_was_read_to_its_end() {
    let manager = class(&format!("{CORE}/net/JndiManager"), &["(Ljava/lang/String;Ljavax/naming/Context;)V"]);
    let jar = zip(&[(&core_path("net/JndiManager"), &manager), ("z.txt", b"z")]);
    let (_folder, report) = scan_bytes("x.jar", &jar);
    assert!(only(&report).code.as_ref().unwrap().lacks("lookup/JndiLookup"));
    let (_folder, report) = scan_bytes("x.jar", &jar[..jar.len() - 30]);
    assert!(!only(&report).code.as_ref().unwrap().lacks("lookup/JndiLookup"));
    assert!(!report.not_scanned.is_empty());
}

#[test]
fn a_class_under_another_name_is_not_missing() {
    let manager = class(&format!("{CORE}/net/JndiManager"), &["(Ljava/lang/String;Ljavax/naming/Context;)V"]);
    let manager_path = core_path("net/JndiManager");
    let plugin = ["jndi", "Lookup", "Lorg/apache/logging/log4j/core/config/plugins/Plugin;"];
    let rebuilt = class("a/b/X", &plugin);
    let others: [(&str, &str, Vec<u8>); 5] = [
        ("the file alone", "a/b/X.class", jndi_lookup(CORE)),
        ("as a picture", "logo.png", jndi_lookup(CORE)),
        ("as a text", "META-INF/notes.txt", jndi_lookup(CORE)),
        ("the class as well", "a/b/X.class", rebuilt.clone()),
        ("the class as well, as a page", "index.html", rebuilt.clone()),
    ];
    for (what, path, bytes) in others {
        let entries: [(&str, &[u8]); 2] = [(&manager_path, &manager), (path, &bytes)];
        let containers =
            [("x.jar", zip(&entries)), ("x.tar", tar(&entries)), ("x.jar.gz", gzip(&zip(&entries)))];
        for (name, container) in containers {
            let (_folder, report) = scan_bytes(name, &container);
            let found = only(&report);
            let code = found.code.as_ref().unwrap();
            assert!(code.present.contains_key("lookup/JndiLookup"), "{what} in {name}: {found:?}");
            let remark = format!("its class lookup/JndiLookup is here by another name ({path})");
            assert!(found.remarks.contains(&remark), "{what} in {name}: {:?}", found.remarks);
        }
        let folder =
            Folder::new().with(&format!("app/{manager_path}"), &manager).with(&format!("app/{path}"), &bytes);
        let report = folder.scan();
        assert!(!only(&report).code.as_ref().unwrap().lacks("lookup/JndiLookup"), "{what} in a folder");
    }
    // Beside a class of its own name it changes nothing.
    let lookup_path = core_path("lookup/JndiLookup");
    let both =
        zip(&[(&manager_path, &manager), (&lookup_path, &jndi_lookup(CORE)), ("a/b/X.class", &rebuilt)]);
    let (_folder, report) = scan_bytes("x.jar", &both);
    assert_eq!(
        report.found.iter().flat_map(|it| &it.remarks).filter(|it| it.contains("another name")).count(),
        0
    );
}

#[test]
fn what_cannot_be_looked_at_again_is_not_missing() {
    // The rest holds an entry that is damaged: whether it is the class nobody can tell.
    let manager = class(&format!("{CORE}/net/JndiManager"), &["(Ljava/lang/String;Ljavax/naming/Context;)V"]);
    let mut jar = zip(&[(&core_path("net/JndiManager"), &manager), ("a/B.class", &jndi_lookup(CORE))]);
    let at = memchr::memmem::find(&jar, b"a/B.class").unwrap() + 9;
    jar[at] = 7; // a block of a kind that deflate does not have
    let (_folder, report) = scan_bytes("x.jar", &jar);
    assert!(!only(&report).code.as_ref().unwrap().lacks("lookup/JndiLookup"));
    assert!(!report.not_scanned.is_empty());
}

#[test]
fn moved_renamed_and_exploded_classes_are_found() {
    let moved = "com/example/shaded/log4j/core";
    let class = jndi_lookup(moved);
    let folder = Folder::new()
        .with("fat.jar", &zip(&[(&format!("{moved}/lookup/JndiLookup.class"), &class)]))
        .with("agent.jar", &zip(&[(&format!("agent/{moved}/lookup/JndiLookup.esclazz"), &class)]))
        .with("agent2.jar", &zip(&[(&format!("inst/{moved}/lookup/JndiLookup.classdata"), &class)]))
        .with("odd.jar", &zip(&[("data/0001.bin", &class)]))
        .with(&format!("exploded/WEB-INF/classes/{moved}/lookup/JndiLookup.class"), &class);
    let report = folder.scan();
    assert_eq!(
        cores(&folder, &report),
        ["agent.jar", "agent2.jar", "exploded/WEB-INF/classes", "fat.jar", "odd.jar"]
    );
    assert!(
        report
            .found
            .iter()
            .all(|it| it.remarks[0] == "its classes were moved to com.example.shaded.log4j.core")
    );
}

#[test]
fn classes_that_only_bear_the_name_are_not_it() {
    let own = "com/example/lookup/JndiLookup";
    let folder = Folder::new()
        .with("a.jar", &zip(&[("com/example/lookup/JndiLookup.class", &class(own, &["jndi"]))]))
        .with("b.jar", &zip(&[("org/apache/logging/log4j/core/lookup/JndiLookup.class", b"not a class")]))
        .with("c.jar", &zip(&[("org/apache/logging/log4j/core/lookup/JndiLookup.class", &class(own, &[]))]))
        // log4j-over-slf4j imitates the package of Log4j 1.
        .with("d.jar", &zip(&[("org/apache/log4j/Category.class", &class("org/apache/log4j/Category", &[]))]))
        .with("JndiLookup.class", b"#!/bin/sh\n");
    let report = folder.scan();
    assert_eq!(folder.found(&report), Vec::<String>::new());
}

#[test]
fn two_in_one_archive_are_two() {
    let (one, two) = ("a/log4j/core", "b/log4j/core");
    let jar = zip(&[
        (&format!("{one}/lookup/JndiLookup.class"), &jndi_lookup(one)),
        (&format!("{two}/lookup/JndiLookup.class"), &jndi_lookup_with_switch(two)),
    ]);
    let (folder, report) = scan_bytes("both.jar", &jar);
    assert_eq!(cores(&folder, &report), ["both.jar", "both.jar"]);
}

#[test]
fn pom_properties_is_believed_only_where_the_code_agrees() {
    let jar =
        |version: &str| zip(&[(POM, &pom(version)), (&core_path("lookup/JndiLookup"), &jndi_lookup(CORE))]);
    let (_folder, report) = scan_bytes("honest.jar", &jar("2.14.1"));
    let found = only(&report);
    assert_eq!((found.version.as_deref(), found.declared.as_deref()), (Some("2.14.1"), None));
    assert_eq!((found.versions.as_slice(), found.confidence), (&["2.14.1".to_owned()][..], Confidence::Fair));
    let (_folder, report) = scan_bytes("liar.jar", &jar("2.17.1"));
    let found = only(&report);
    assert_eq!(found.declared.as_deref(), Some("2.17.1"));
    assert!(found.versions.contains(&"2.14.1".to_owned()) && !found.versions.contains(&"2.17.1".to_owned()));
    assert!(
        found.remarks[0].starts_with("pom.properties says 2.17.1, but its code is that of"),
        "{:?}",
        found.remarks
    );
    // A version that does not exist yet, and code that behaves like an old one.
    let (_folder, report) = scan_bytes("future.jar", &jar("9.9.9"));
    assert_eq!(only(&report).declared.as_deref(), Some("9.9.9"));
}

#[test]
fn a_version_that_the_table_does_not_know_is_believed_where_the_code_is_like_the_newest() {
    let jar =
        zip(&[(POM, &pom("2.99.0")), (&core_path("lookup/JndiLookup"), &jndi_lookup_with_switch(CORE))]);
    let (_folder, report) = scan_bytes("new.jar", &jar);
    let found = only(&report);
    assert_eq!((found.version.as_deref(), found.declared.as_deref()), (Some("2.99.0"), None));
}

#[test]
fn metadata_without_any_class_is_reported_as_that() {
    let (_folder, report) = scan_bytes("empty.jar", &zip(&[(POM, &pom("2.14.1"))]));
    let found = only(&report);
    assert_eq!(found.version.as_deref(), Some("2.14.1"));
    assert!(found.code.as_ref().unwrap().present.is_empty());
    assert!(found.remarks[0].starts_with("none of the classes"));
}
